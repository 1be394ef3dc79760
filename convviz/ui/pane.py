"""Pane: a widget that shows one part of the scene, and tells where the mouse is."""

from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QEnterEvent,
    QFocusEvent,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from convviz.model import transitions
from convviz.model.scene import Scene
from convviz.model.session import FITTED, Cell, PaneName, Target
from convviz.model.transitions import Transition
from convviz.render.frame import HINTS
from convviz.render.geometry import GridGeometry, panned, zoomed_at
from convviz.render.grid_painter import outline
from convviz.render.pane_painter import LARGEST_CELL, RADIUS, paint_card
from convviz.render.pictures import Pictures
from convviz.render.theme import DARK, Theme
from convviz.ui.plain_text import show_tip
from convviz.ui.store import Store

DRAG_FROM = 4  # pixels
ZOOM_PER_NOTCH = 1.25


@dataclass(frozen=True)
class Pick:
    """A small picture under the mouse: what it is of, and what a click on it does."""

    tip: str
    transition: Transition
    arguments: tuple[Any, ...]


class Pane(QWidget):
    """Hover, click to pin, wheel to zoom; what is painted is up to each pane."""

    name: PaneName
    title = ""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(parent)
        self._store = store
        self._scene: Scene | None = None
        self._theme: Theme = DARK
        self._pictures = Pictures()
        self._pressed: QPointF | None = None
        self._dragging = False
        self.footer = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setAccessibleName(self.title)
        self.installEventFilter(self)

    def render_scene(self, scene: Scene, theme: Theme) -> None:
        """Show `scene`, repainting only what differs."""
        old, self._scene = self._scene, scene
        if old is None or theme is not self._theme:
            self._theme = theme
            self.update()
            return
        for rect in self.changes(old, scene):
            self.update(rect)

    def changes(self, _old: Scene, _new: Scene) -> list[QRect]:
        """Return the pixels that differ between two scenes: all, unless a pane knows better."""
        return [self.rect()]

    def paint(self, painter: QPainter, rect: QRect, _scene: Scene, theme: Theme) -> None:
        """Paint this pane's part of the scene above its card."""
        paint_card(painter, rect, theme)

    def geometries(self, _scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        """Return the grids that can be pointed at."""
        return []

    def pick_at(self, _point: QPointF) -> Pick | None:
        """Return the small picture under a point."""
        return None

    def tip_at(self, point: QPointF) -> str:
        """Return what a small picture is of."""
        pick = self.pick_at(point)
        return pick.tip if pick else ""

    @property
    def painted(self) -> QRect:
        """What the painters get: all but the footer, where the window shows more than a frame."""
        return self.rect().adjusted(0, 0, 0, -self.footer)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._scene is None:
            return
        with QPainter(self) as painter:
            painter.setRenderHints(HINTS)
            self.paint(painter, self.painted, self._scene, self._theme)
            self._paint_footer(painter)
            if self.hasFocus():
                painter.setClipping(False)
                ring = QRectF(self.rect()).adjusted(2, 2, -2, -2)
                outline(painter, ring, self._theme.input, glow=False)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _paint_footer(self, painter: QPainter) -> None:
        """Close the card below what a frame shows, where the histogram stands."""
        if self.footer:
            below = QRect(
                0, self.height() - self.footer - RADIUS, self.width(), self.footer + RADIUS
            )
            painter.setClipRect(below)
            paint_card(painter, self.rect(), self._theme)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.update()

    def target_at(self, point: QPointF) -> Target | None:
        """Return the cell under `point`."""
        if self._scene is None:
            return None
        for name, geometry in self.geometries(self._scene):
            if (cell := geometry.cell_at(point)) is not None:
                return self.target(name, cell)
        return None

    def target(self, name: PaneName, cell: Cell) -> Target | None:
        """Return what a cell on the screen stands for."""
        return Target(name, cell)

    def geometry_of(self, name: PaneName) -> GridGeometry | None:
        """Return where a grid lies."""
        found = dict(self.geometries(self._scene)) if self._scene else {}
        return found.get(name)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        if self._pressed is not None:
            far = (point - self._pressed).manhattanLength() >= DRAG_FROM
            if far or self._dragging:
                self._dragging = True
                self.drag(self._pressed, point)
            return
        self.setCursor(self.cursor_at(point))
        self._look(point)

    def cursor_at(self, point: QPointF) -> QCursor:
        """Return the shape of the mouse at a point."""
        hand = self.pick_at(point) is not None
        return QCursor(Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor)

    def _look(self, point: QPointF | None) -> None:
        """Look at the cell under the mouse, or at none."""
        self._store.when_shown(partial(self._hover, point))

    def _hover(self, point: QPointF | None) -> None:
        self._store.apply(transitions.hover, self.target_at(point) if point else None)

    def drag(self, start: QPointF, point: QPointF) -> None:
        """Follow the mouse with the button held: move a grid that is larger than its pane."""
        geometry = self.geometry_of(self.name)
        zoom = self._store.session.view.zooms.get(self.name)
        if geometry and zoom:
            moved = panned(geometry, zoom, point - start)
            self._pressed = point
            self._store.apply(transitions.zoom, self.name, moved)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed, self._dragging = event.position(), False

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        clicked, self._pressed = not self._dragging, None
        if not clicked:
            return
        if pick := self.pick_at(event.position()):
            self._store.apply(pick.transition, *pick.arguments)
        else:
            self.click(self.target_at(event.position()))

    def click(self, target: Target | None) -> None:
        """Hold the view on the cell, or let go."""
        self._store.apply(transitions.pin, target)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Say what is under the mouse where it needs words.

        WORKAROUND in place of `event`: what fails in C below an overridden `event`, an index out
        of range in NumPy, crashes PySide6 6.11 (Shiboken::Errors::storePythonOverrideErrorOrPrint).
        """
        if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
            return False
        show_tip(event.globalPos(), self.tip_at(QPointF(event.pos())), self)
        return True

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._look(None)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._look(event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = event.angleDelta().y() / 120
        if notches:
            self.zoom_by(ZOOM_PER_NOTCH**notches, event.position())
        event.accept()

    def zoom_by(self, times: float, point: QPointF | None = None) -> None:
        """Draw the grid larger or smaller around `point`, or around its middle."""
        geometry = self.geometry_of(self.name)
        if geometry is None or self.name not in LARGEST_CELL:
            return
        zoom = self._store.session.view.zooms.get(self.name, FITTED)
        at = point or QPointF(geometry.area.center())
        zoomed = zoomed_at(geometry, zoom, at, times, LARGEST_CELL[self.name])
        self._store.apply(transitions.zoom, self.name, zoomed)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu_for = getattr(self.window(), "pane_menu", None)
        if menu_for is not None:
            menu_for(self).popup(event.globalPos())

"""The channel rows: hovering a cell lights its term, a click on another row shows its channel."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QWidget

from convviz.model import transitions
from convviz.model.scene import ChannelRow, Scene
from convviz.model.session import Cell, PaneName, Target
from convviz.render.geometry import GridGeometry
from convviz.render.pictures import Pictures
from convviz.render.rows_layout import RowsPlaces, rows_places
from convviz.render.rows_painter import paint_rows, rows_changes
from convviz.render.theme import Theme
from convviz.ui.pane import Pane
from convviz.ui.plain_text import show_tip
from convviz.ui.store import Store

KEPT_PICTURES = 96  # images and kernels of channels that were in view lately
ARROWS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}


class RowsPane(Pane):
    """Per input channel its image, window ⊙ kernel, and what it adds to the sum."""

    name: PaneName = "window"
    title = "Channels"

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(store, parent)
        self._pictures = Pictures(KEPT_PICTURES)
        self.installEventFilter(self)

    @property
    def places(self) -> RowsPlaces | None:
        """Where the rows lie."""
        shown = self._scene is not None and self._scene.rows
        return rows_places(self.painted, self._scene) if self._scene and shown else None

    def render_scene(self, scene: Scene, theme: Theme) -> None:
        super().render_scene(scene, theme)
        playing = self._store.session.playback.playing
        if not playing and scene.sentence != self.accessibleDescription():
            self.setAccessibleDescription(scene.sentence)

    def changes(self, old: Scene, new: Scene) -> list[QRect]:
        return rows_changes(old, new, self.painted)

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        paint_rows(painter, rect, scene, theme, self._pictures)

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        """Return the grids of the row that is shown."""
        if not scene.rows:
            return []
        number = next((n for n, row in enumerate(scene.rows) if row.lit), 0)
        place = rows_places(self.painted, scene).rows[number]
        found: list[tuple[PaneName, GridGeometry]] = [("window", place.window)]
        if place.weight:
            found.append(("weight", place.weight))
        if place.stamp:
            found.append(("products", place.stamp))
        return [*found, ("input", place.image)]

    def target(self, name: PaneName, cell: Cell) -> Target | None:
        """Padding is no cell of the input."""
        if name != "input" or self._scene is None:
            return Target(name, cell)
        own = self._scene.rows[0].image.cells.image_cell(cell)
        return None if own is None else Target(name, own)

    def row_at(self, point: QPointF) -> ChannelRow | None:
        """Return the row under a point."""
        places, scene = self.places, self._scene
        if places is None or scene is None:
            return None
        at = point.toPoint()
        rows = zip(places.rows, scene.rows, strict=True)
        return next((row for place, row in rows if place.band.contains(at)), None)

    def _another(self, point: QPointF) -> ChannelRow | None:
        """Return the row under a point when it is another than the one that is shown."""
        row = self.row_at(point)
        several = self._scene is not None and self._scene.row_count > 1
        return row if row and several and not row.lit else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        hand = self._another(event.position()) is not None
        shape = Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        row = self._another(event.position())
        left = event.button() == Qt.MouseButton.LeftButton
        if row is None or not left or self._pressed is None or self._dragging:
            super().mouseReleaseEvent(event)
            return
        self._pressed = None
        self._store.apply(transitions.choose_source, row.source)

    def drag(self, start: QPointF, point: QPointF) -> None:
        """There is nothing to drag."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        notches = round(event.angleDelta().y() / 120)
        if notches:
            self._choose(-notches)
        event.accept()

    def _choose(self, further: int) -> None:
        session = self._store.session
        if len(session.sources) > 1:
            self._store.apply(transitions.choose_source, session.shown_source + further)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep Up and Down, which choose a channel, from being shortcuts; and show tips."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if self._is_own(event):
                event.accept()
                return True
        elif isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            row = self._another(QPointF(event.pos()))
            text = f"Show channel {row.label}" if row else ""
            show_tip(event.globalPos(), text, self)
            return True
        return False

    def _is_own(self, event: QKeyEvent) -> bool:
        several = len(self._store.session.sources) > 1
        return several and event.key() in ARROWS and not event.modifiers()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_own(event):
            self._choose(ARROWS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

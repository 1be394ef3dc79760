"""Stage: the panes of a workspace in the layout of a frame, with gaps that can be dragged."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QRegion, QResizeEvent
from PySide6.QtWidgets import QWidget

from convviz.model import transitions
from convviz.model.repainting import follows
from convviz.model.scene import Scene
from convviz.model.session import Session, View
from convviz.render.frame import HINTS, is_wide, layers_of, scene_link
from convviz.render.geometry import GAP, StageLayout, stage_layout
from convviz.render.learn_layout import learn_layout
from convviz.render.link_painter import Link, link_region, paint_link
from convviz.render.pane_painter import legend_bar
from convviz.render.signal_layout import signals_layout
from convviz.render.theme import DARK, Theme, qcolor
from convviz.ui.dot_product_pane import DotProductPane
from convviz.ui.grid_pane import InputPane, KernelPane, OutputPane
from convviz.ui.learn_panes import learn_panes
from convviz.ui.map_pane import MapPane
from convviz.ui.pane import Pane
from convviz.ui.rows_pane import RowsPane
from convviz.ui.signal_panes import StemsPane, SumPane, WaysPane
from convviz.ui.stack_pane import StackPane
from convviz.ui.store import Store

if TYPE_CHECKING:
    from convviz.ui.histogram import Histogram

HISTOGRAM_HEIGHT = 30
LEAST_SIZE = QSize(480, 200)
LEAST_SHARE, MOST_SHARE = 0.08, 0.75


class Stage(QWidget):
    """The panes of the workspace that is shown.

    "convolve" has input, kernel and feature map above the dot product, "layers" the stack above
    the channel rows and the feature map.
    """

    def __init__(self, store: Store, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._scene: Scene | None = None
        self._theme: Theme = DARK
        self._view: View | None = None
        self._dragged: str | None = None
        self._histograms: dict[str, Histogram] = {}
        self._drawn: tuple[object, ...] = ()
        self._painting = False
        self._painted = False
        self.input = InputPane(store, self)
        self.kernel = KernelPane(store, self)
        self.output = OutputPane(store, self)
        self.dot = DotProductPane(store, self)
        self.stack = StackPane(store, self)
        self.rows = RowsPane(store, self)
        self.map = MapPane(store, self)
        self.stems = StemsPane(store, self)
        self.sum = SumPane(store, self)
        self.ways = WaysPane(store, self)
        self.learn = learn_panes(store, self)
        self._link = LinkOverlay(self)
        self.setMouseTracking(True)
        self.setMinimumSize(LEAST_SIZE)
        self.setAccessibleName("Scene")

    @property
    def panes(self) -> tuple[Pane, ...]:
        """The panes of the workspace that is shown, in reading order."""
        return self._panes_of(self._workspace)

    def _panes_of(self, workspace: str) -> tuple[Pane, ...]:
        if workspace == "layers":
            return self.stack, self.rows, self.map
        if workspace == "signals":
            return self.stems, self.sum, self.ways
        if workspace == "learn":
            return self.learn
        return self.input, self.kernel, self.output, self.dot

    @property
    def zoomed(self) -> tuple[Pane, ...]:
        """The panes whose grids can be drawn larger, the one that is meant by default first."""
        if self._workspace == "layers":
            return (self.map,)
        if self._workspace == "signals":
            return (self.stems,)
        if self._workspace == "learn":
            return self.learn[:4]
        return self.input, self.kernel, self.output

    @property
    def teller(self) -> Pane:
        """The pane that says the present step in words."""
        tellers: dict[str, Pane] = {
            "layers": self.rows,
            "signals": self.stems,
            "learn": self.learn[4],
        }
        return tellers.get(self._workspace, self.dot)

    @property
    def _workspace(self) -> str:
        return self._view.workspace if self._view else View().workspace

    @property
    def footer(self) -> int:
        """Pixels below each pane that the histograms take."""
        shown = self._view is not None and self._view.histograms
        return HISTOGRAM_HEIGHT if shown and self._workspace == "convolve" else 0

    @property
    def layout_now(self) -> StageLayout:
        """Where the panes of "convolve" lie, as a frame of this size has them."""
        view = self._view or View()
        return stage_layout(self.width(), self.height(), view.columns, view.strip, self.footer)

    def render_scene(self, session: Session, scene: Scene, theme: Theme) -> None:
        """Show `scene`."""
        old, was = self._view, self._scene
        self._view, self._scene = session.view, scene
        self._painting = session.stroke is not None and follows(session.document)
        if old is None or old.workspace != session.view.workspace:
            self._show_workspace(old.workspace if old else None)
        if theme is not self._theme or _arranged(session.view, old) or _wide(scene) != _wide(was):
            self._theme = theme
            self._arrange()
            self.update()
        for pane in self.panes:
            pane.render_scene(scene, theme)
        self._render_link()
        self._render_histograms()

    def _show_workspace(self, old: str | None) -> None:
        """Show the panes of the workspace; the keyboard stays where it is on the screen."""
        before = self._panes_of(old) if old else ()
        focused = next((n for n, pane in enumerate(before) if pane.hasFocus()), None)
        for pane in self.findChildren(Pane):
            pane.setVisible(pane in self.panes)
        self._link.setVisible(self._workspace == "convolve")
        if focused is not None:
            shown = self.panes[min(focused, len(self.panes) - 1)]
            shown.setFocus(Qt.FocusReason.OtherFocusReason)

    def _render_link(self) -> None:
        if self._scene is not None and self._workspace == "convolve":
            self._link.render_link(scene_link(self._scene, self.layout_now), self._theme)

    @property
    def has_histograms(self) -> bool:
        """Whether the histograms are loaded."""
        return bool(self._histograms)

    def load_histograms(self) -> None:
        """Make the histograms: after the first paint, since their library takes its time."""
        from convviz.ui.histogram import Histogram

        for pane in (self.input, self.kernel, self.output):
            self._histograms[pane.name] = Histogram(pane.title.lower(), pane)
        self._render_histograms()

    def _render_histograms(self) -> None:
        if self._scene is None or not self._histograms or self._workspace != "convolve":
            return
        if self._painting:
            return  # they follow when the stroke ends: counting takes longer than all else
        grids = (self._scene.input, self._scene.kernel.grid, self._scene.output)
        state = (
            *(grid.cells for grid in grids),
            self._theme,
            self.footer,
            self.size(),
            self._view and self._view.columns,
            self._view and self._view.strip,
        )
        if state == self._drawn:
            return
        self._drawn = state
        for pane, grid in zip((self.input, self.kernel, self.output), grids, strict=True):
            histogram = self._histograms.get(pane.name)
            if histogram is None:
                continue
            meant = pane is not self.kernel or self._scene.kernel.weighted
            histogram.setVisible(self.footer > 0 and meant)
            if self.footer and meant:
                bar = legend_bar(pane.painted, grid.cells.scale)
                top = pane.painted.bottom() - 2
                place = QRect(round(bar.left()), top, round(bar.width()), self.footer - 6)
                histogram.show_cells(grid.cells, self._theme, place)

    def _arrange(self) -> None:
        if self._workspace == "convolve":
            self._arrange_convolve()
        elif self._workspace == "signals":
            places = signals_layout(self.width(), self.height())
            self.stems.setGeometry(places.stems)
            self.sum.setGeometry(places.sum)
            self.ways.setGeometry(places.ways)
        elif self._workspace == "learn":
            rects = learn_layout(self.width(), self.height()).rects
            for pane, rect in zip(self.learn, rects, strict=True):
                pane.setGeometry(rect)
        elif self._scene is not None:
            layers = layers_of(self._scene, self.size())
            self.stack.setGeometry(layers.stack)
            self.rows.setGeometry(layers.rows)
            self.map.setGeometry(layers.map)

    def _arrange_convolve(self) -> None:
        layout, footer = self.layout_now, self.footer
        for pane, rect in (
            (self.input, layout.input),
            (self.kernel, layout.kernel),
            (self.output, layout.output),
        ):
            pane.footer = footer
            pane.setGeometry(rect.adjusted(0, 0, 0, footer))
        self.dot.setGeometry(layout.dot)
        self._link.setGeometry(self.rect())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        self._render_link()
        self._render_histograms()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), qcolor(self._theme.background))
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self.load_histograms)

    def _gap_at(self, point: QPointF) -> str | None:
        if self._workspace != "convolve":
            return None
        layout, y = self.layout_now, point.y()
        if layout.input.bottom() + self.footer < y < layout.dot.top():
            return "strip"
        if y < layout.dot.top():
            for gap, left in (("first", layout.input.right()), ("second", layout.kernel.right())):
                if left < point.x() <= left + GAP:
                    return gap
        return None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._dragged:
            self._drag(event.position())
            return
        gap = self._gap_at(event.position())
        shapes = {"strip": Qt.CursorShape.SplitVCursor, None: Qt.CursorShape.ArrowCursor}
        self.setCursor(shapes.get(gap, Qt.CursorShape.SplitHCursor))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._dragged = self._gap_at(event.position())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._dragged = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click on a gap brings the first layout back."""
        if self._gap_at(event.position()):
            self._store.apply(transitions.set_layout, View().columns, View().strip)

    def _drag(self, point: QPointF) -> None:
        view = self._store.session.view
        first, second, third = view.columns
        total, strip = sum(view.columns), view.strip
        at = point.x() / self.width() * total
        if self._dragged == "strip":
            strip = _share(1 - point.y() / self.height())
        elif self._dragged == "first":
            both = first + second
            first = min(max(at, LEAST_SHARE), both - LEAST_SHARE)
            second = both - first
        else:
            both = second + third
            second = min(max(at - first, LEAST_SHARE), both - LEAST_SHARE)
            third = both - second
        self._store.apply(transitions.set_layout, (first, second, third), strip)


def _share(value: float) -> float:
    return min(max(value, LEAST_SHARE), MOST_SHARE)


def _arranged(new: View, old: View | None) -> bool:
    """Return whether the panes lie elsewhere."""
    return old is None or any(
        getattr(new, name) != getattr(old, name)
        for name in ("workspace", "columns", "strip", "histograms")
    )


def _wide(scene: Scene | None) -> bool:
    return scene is not None and is_wide(scene)


class LinkOverlay(QWidget):
    """The curve from the window to the output cell, above the panes and deaf to the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._link: Link = []
        self._region = QRegion()
        self._theme: Theme = DARK
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Curve from the window to the output cell")

    def render_link(self, link: Link, theme: Theme) -> None:
        """Show the curve, repainting along the old and the new one."""
        if link == self._link and theme is self._theme:
            return
        old, self._region = self._region, link_region(link)
        self._link, self._theme = link, theme
        self.update(old + self._region)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHints(HINTS)
            paint_link(painter, self._link, self._theme)

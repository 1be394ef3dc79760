"""BiasRow: the biases of all feature maps as cells of a row, typed into and pasted as such."""

from PySide6.QtCore import QPointF, QRect, QSize, Qt
from PySide6.QtGui import QPainter, QWheelEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from convviz.model import transitions
from convviz.model.scene import GridScene, Scene
from convviz.model.session import Cell, PaneName, Target
from convviz.render.cell_painter import paint_cells
from convviz.render.geometry import GridGeometry
from convviz.render.grid_painter import paint_marks
from convviz.render.theme import Theme, qcolor
from convviz.ui.editable_pane import EditablePane
from convviz.ui.fields import dim_label
from convviz.ui.store import Store

CELL = 28  # pixels
EDGE = 2  # pixels around the cells, for their marks
BAR = 10  # pixels that the scroll bar takes


class BiasPane(EditablePane):
    """One cell for each feature map; the map that is shown is marked."""

    name: PaneName = "bias"
    title = "Bias of every map"

    @property
    def grid(self) -> GridScene | None:
        return self._scene.kernel.bias if self._scene else None

    @property
    def shape(self) -> Cell:
        return self.grid.cells.shape if self.grid else (1, 1)

    def value_at(self, cell: Cell) -> float:
        return float(self.grid.cells.values[cell]) if self.grid else 0.0

    def make_room(self, count: int) -> None:
        """Become as wide as so many cells."""
        size = QSize(count * CELL + 2 * EDGE, CELL + 2 * EDGE)
        if size != self.size():
            self.setFixedSize(size)

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        if scene.kernel.bias is None:
            return []
        rows, columns = scene.kernel.bias.cells.shape
        area = self.rect()
        return [("bias", GridGeometry(rows, columns, float(CELL), EDGE, EDGE, area))]

    def changes(self, old: Scene, new: Scene) -> list[QRect]:
        before, after = old.kernel.bias, new.kernel.bias
        if before is None or after is None:
            return [self.rect()]
        looks = [(g.cells, g.current, g.selected) for g in (before, after)]
        return [] if looks[0] == looks[1] else [self.rect()]

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        painter.fillRect(rect, qcolor(theme.card))
        geometry = self.geometry_of("bias")
        if geometry is not None and scene.kernel.bias is not None:
            paint_cells(painter, scene.kernel.bias.cells, geometry, theme)
            paint_marks(painter, scene.kernel.bias, geometry, theme)

    def click(self, target: Target | None) -> None:
        """Put the cursor there; there is no view to be held."""
        self._store.apply(transitions.select, target)

    def tip_at(self, point: QPointF) -> str:
        target = self.target_at(point)
        tip = f"Bias of map {target.cell[1] + 1}: type a number, or paste a row" if target else ""
        return super().tip_at(point) or tip

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll, as the panel does."""
        event.ignore()


class BiasRow(QWidget):
    """The label and the row, which scrolls where there are many maps."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.setAccessibleName("Biases")
        self._cursor: Cell | None = None
        self.pane = BiasPane(store, self)
        self._area = QScrollArea()
        self._area.setObjectName("panel")
        self._area.setAccessibleName("Biases")
        self._area.setFrameShape(QScrollArea.Shape.NoFrame)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self.pane)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(dim_label("Bias of every map"))
        column.addWidget(self._area)
        self.hide()

    def render_scene(self, scene: Scene, theme: Theme) -> None:
        """Show the biases of `scene`, the cell cursor among them."""
        if scene.kernel.bias is None:
            return
        count = scene.kernel.bias.cells.shape[1]
        self.pane.make_room(count)
        scrolls = self.pane.width() > self._area.width()
        self._area.setFixedHeight(self.pane.height() + (BAR if scrolls else 0))
        self.pane.render_scene(scene, theme)
        cursor = self.pane.selected
        if cursor != self._cursor:
            self._cursor = cursor
            if cursor is not None:
                place = self.pane.place_of(cursor).center()
                self._area.ensureVisible(place.x(), place.y(), CELL, 0)

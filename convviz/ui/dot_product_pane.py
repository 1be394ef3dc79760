"""The strip with the dot product of the present step."""

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter

from convviz.model.scene import Scene
from convviz.model.session import PaneName
from convviz.render.dot_painter import dot_geometry, paint_dot_product
from convviz.render.geometry import GridGeometry
from convviz.render.theme import Theme
from convviz.ui.pane import Pane


class DotProductPane(Pane):
    """Window ⊙ kernel = products, and the equation; hovering a cell lights its term."""

    name: PaneName = "products"
    title = "Dot product"

    def changes(self, old: Scene, new: Scene) -> list[QRect]:
        return [] if old.dot is new.dot else [self.rect()]

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        paint_dot_product(painter, rect, scene.dot, theme, self._pictures)

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        places = dot_geometry(self.painted, scene.dot)
        found: list[tuple[PaneName, GridGeometry]] = [("window", places.window)]
        if places.weight and places.products:
            found += [("weight", places.weight), ("products", places.products)]
        return found

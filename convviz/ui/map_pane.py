"""The feature map of the workspace "layers", with all kernels and all feature maps beside it."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from convviz.model import transitions
from convviz.model.scene import Scene
from convviz.model.session import PaneName
from convviz.render.geometry import GridGeometry
from convviz.render.map_painter import map_changes, map_places, paint_map
from convviz.render.pictures import Pictures
from convviz.render.theme import Theme
from convviz.ui.pane import Pane
from convviz.ui.plain_text import show_tip
from convviz.ui.store import Store

KEPT_PICTURES = 64


class MapPane(Pane):
    """A feature map; a click on a small picture shows its kernel or its map."""

    name: PaneName = "output"
    title = "Feature map"

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(store, parent)
        self._pictures = Pictures(KEPT_PICTURES)
        self.installEventFilter(self)

    def changes(self, old: Scene, new: Scene) -> list[QRect]:
        return map_changes(old, new, self.painted)

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        paint_map(painter, rect, scene, theme, self._pictures)

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        return [("output", map_places(self.painted, scene).grid)]

    def kernel_at(self, point: QPointF) -> tuple[int, int] | None:
        """Return the feature map and the input channel whose kernel lies under a point."""
        if self._scene is None:
            return None
        number = map_places(self.painted, self._scene).kernel_at(self._scene, point)
        if number is None:
            return None
        item = self._scene.kernel.thumbnails.items[number]
        return item.channel, item.source

    def map_at(self, point: QPointF) -> int | None:
        """Return the feature map whose small picture lies under a point."""
        if self._scene is None:
            return None
        number = map_places(self.painted, self._scene).map_at(self._scene, point)
        return None if number is None else self._scene.outputs.items[number].channel

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        point = event.position()
        hand = self.kernel_at(point) is not None or self.map_at(point) is not None
        shape = Qt.CursorShape.PointingHandCursor if hand else Qt.CursorShape.ArrowCursor
        self.setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed = self._pressed is not None and not self._dragging
        if event.button() == Qt.MouseButton.LeftButton and pressed:
            if (kernel := self.kernel_at(event.position())) is not None:
                self._pressed = None
                self._store.apply(transitions.choose_kernel, *kernel)
                return
            if (channel := self.map_at(event.position())) is not None:
                self._pressed = None
                self._store.apply(transitions.choose_channel, channel)
                return
        super().mouseReleaseEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Show what a small picture is of."""
        if not isinstance(event, QHelpEvent) or event.type() != QEvent.Type.ToolTip:
            return False
        show_tip(event.globalPos(), self._tip(QPointF(event.pos())), self)
        return True

    def _tip(self, point: QPointF) -> str:
        scene = self._scene
        if scene is None:
            return ""
        number = map_places(self.painted, scene).kernel_at(scene, point)
        if number is not None:
            return f"Kernel {scene.kernel.thumbnails.items[number].label}"
        channel = self.map_at(point)
        return "" if channel is None else f"Feature map {channel + 1}"

"""Frames: a scene painted on any paint device by the painters of the window."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QImage, QPainter, QRegion

from convviz.model.scene import Scene
from convviz.model.session import View
from convviz.render.dot_painter import paint_dot_product
from convviz.render.fonts import ensure_application
from convviz.render.geometry import StageLayout, stage_layout
from convviz.render.grid_painter import moved
from convviz.render.link_painter import Link, link_dashes, link_region, paint_link
from convviz.render.pane_painter import grid_geometry, paint_grid_pane, paint_kernel_pane
from convviz.render.pictures import Pictures
from convviz.render.theme import Theme, qcolor

MARGIN = 14  # pixels around a frame
HINTS = QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing


def scene_link(scene: Scene, layout: StageLayout) -> Link:
    """Return the curve from the window to the output cell, across the panes between them."""
    places = (
        grid_geometry(layout.input, scene.input),
        grid_geometry(layout.output, scene.output),
    )
    return link_dashes(scene.input, scene.output, places)


def changed_region(old: Scene, new: Scene, layout: StageLayout) -> QRegion:
    """Return the pixels of a frame that differ between two scenes, the curve left aside."""
    region = QRegion(layout.dot) if old.dot is not new.dot else QRegion()
    for rect, before, after in (
        (layout.input, old.input, new.input),
        (layout.output, old.output, new.output),
    ):
        parts = moved(before, after, grid_geometry(rect, after))
        for part in [rect] if parts is None else parts:
            region += part
    if _other_kernel(old, new):
        region += layout.kernel
    return region


def _other_kernel(old: Scene, new: Scene) -> bool:
    before, after = old.kernel, new.kernel
    looks = [
        (kernel.grid.lit, kernel.grid.selected, kernel.grid.zoom) for kernel in (before, after)
    ]
    return before.grid.cells is not after.grid.cells or looks[0] != looks[1]


class FramePainter:
    """Paints the frames of a film: of each scene only what differs from the one before."""

    def __init__(self, view: View, size: QSize, scale: float, theme: Theme) -> None:
        ensure_application()
        self._theme, self._size = theme, size
        self._by_parts = scale == int(scale)  # else edges of parts fall between pixels, and show
        self._image = QImage(size * scale, QImage.Format.Format_RGB32)
        self._image.setDevicePixelRatio(scale)
        inner = stage_layout(
            size.width() - 2 * MARGIN, size.height() - 2 * MARGIN, view.columns, view.strip
        )
        self._layout = StageLayout(
            *(
                r.translated(MARGIN, MARGIN)
                for r in (inner.input, inner.kernel, inner.output, inner.dot)
            )
        )
        self._pictures = {pane: Pictures() for pane in ("input", "kernel", "output", "dot")}
        self._last: tuple[Scene, Link] | None = None

    def paint(self, scene: Scene) -> tuple[QImage, QRegion]:
        """Return the frame of `scene`, and what of it was painted anew.

        The next frame is painted over the image.
        """
        link = scene_link(scene, self._layout)
        region = QRegion(QRect(QPoint(), self._size))
        if not self._by_parts:
            self._image.fill(qcolor(self._theme.background))
        with QPainter(self._image) as painter:
            painter.setRenderHints(HINTS)
            if self._last is not None and self._by_parts:
                old, old_link = self._last
                region &= changed_region(old, scene, self._layout)
                region += link_region(old_link) + link_region(link)
                painter.setClipRegion(region)
            painter.fillRect(region.boundingRect(), qcolor(self._theme.background))
            paint_scene(painter, scene, self._layout, self._theme, self._pictures)
            paint_link(painter, link, self._theme)
        self._last = scene, link
        return self._image, region


def paint_scene(
    painter: QPainter,
    scene: Scene,
    layout: StageLayout,
    theme: Theme,
    pictures: dict[str, Pictures],
) -> None:
    """Paint every pane as if it were alone, as the window does: else text moves by a pixel."""

    def at(rect: QRect, paint: Callable[[QRect], None]) -> None:
        painter.save()
        painter.translate(rect.topLeft())
        paint(QRect(QPoint(), rect.size()))
        painter.restore()

    at(
        layout.input,
        lambda rect: paint_grid_pane(painter, rect, scene.input, theme, pictures["input"]),
    )
    at(
        layout.kernel,
        lambda rect: paint_kernel_pane(painter, rect, scene.kernel, theme, pictures["kernel"]),
    )
    at(
        layout.output,
        lambda rect: paint_grid_pane(painter, rect, scene.output, theme, pictures["output"]),
    )
    at(
        layout.dot,
        lambda rect: paint_dot_product(painter, rect, scene.dot, theme, pictures["dot"]),
    )

"""Frames: a scene painted on any paint device by the painters of the window."""

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QRegion

from convviz.model.scene import KernelScene, Scene
from convviz.model.session import View
from convviz.render.dot_painter import paint_dot_product
from convviz.render.fonts import ensure_application
from convviz.render.geometry import LayersLayout, StageLayout, layers_layout, stage_layout
from convviz.render.grid_painter import moved
from convviz.render.kernel_painter import paint_kernel_pane
from convviz.render.learn_frame import LEARN_PANES, learn_changes, learn_parts
from convviz.render.learn_layout import LearnLayout, learn_layout
from convviz.render.link_painter import Link, link_dashes, link_region, paint_link
from convviz.render.map_painter import map_changes, paint_map
from convviz.render.pane_painter import grid_geometry, paint_grid_pane
from convviz.render.pictures import Pictures
from convviz.render.rows_layout import WIDE
from convviz.render.rows_painter import paint_rows, rows_changes
from convviz.render.signal_layout import SignalsLayout, signals_layout
from convviz.render.signal_painter import paint_stems, paint_sum
from convviz.render.stack_painter import paint_stack, stack_changes
from convviz.render.theme import Theme, dressed, qcolor
from convviz.render.ways_painter import paint_ways

MARGIN = 14  # pixels around a frame
HINTS = QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing
PANES = ("input", "kernel", "output", "dot", "stack", "rows", "map", "stems", *LEARN_PANES)
KEPT_PICTURES = {"stack": 64, "rows": 96, "map": 64}  # of which most are small

Layout = StageLayout | LayersLayout | SignalsLayout | LearnLayout
PaintPart = Callable[[QRect], None]


def scene_link(scene: Scene, layout: Layout) -> Link:
    """Return the curve from the window to the output cell, across the panes between them."""
    if not isinstance(layout, StageLayout):
        return []
    places = (
        grid_geometry(layout.input, scene.input),
        grid_geometry(layout.output, scene.output),
    )
    return link_dashes(scene.input, scene.output, places)


def is_wide(scene: Scene) -> bool:
    """Return whether the image is so wide that its cells want the whole width."""
    rows, columns = scene.stack.cards[0].cells.shape if scene.stack else (1, 1)
    return columns >= WIDE * rows


def layers_of(scene: Scene, size: QSize) -> LayersLayout:
    """Return where the panes of the workspace "layers" lie in `size`."""
    return layers_layout(size.width(), size.height(), wide=is_wide(scene))


def stage_of(scene: Scene, view: View, size: QSize) -> Layout:
    """Return where the panes of the scene's workspace lie in `size`."""
    if scene.workspace == "layers":
        return layers_of(scene, size)
    if scene.workspace == "signals":
        return signals_layout(size.width(), size.height())
    if scene.workspace == "learn":
        return learn_layout(size.width(), size.height())
    return stage_layout(size.width(), size.height(), view.columns, view.strip)


def changed_region(old: Scene, new: Scene, layout: Layout) -> QRegion:
    """Return the pixels of a frame that differ between two scenes, the curve left aside."""
    if isinstance(layout, LayersLayout):
        return _changed_layers(old, new, layout)
    if isinstance(layout, SignalsLayout):
        return QRegion(layout.stems) + layout.sum + layout.ways
    if isinstance(layout, LearnLayout):
        return learn_changes(old, new, layout)
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


def _changed_layers(old: Scene, new: Scene, layout: LayersLayout) -> QRegion:
    region = QRegion()
    if old.stack is None or new.stack is None:
        return region + layout.stack + layout.rows + layout.map
    for part in (
        *stack_changes(old.stack, new.stack, layout.stack),
        *rows_changes(old, new, layout.rows),
        *map_changes(old, new, layout.map),
    ):
        region += part
    return region


def _other_kernel(old: Scene, new: Scene) -> bool:
    return new.kernel.curve is not None or _look(old.kernel) != _look(new.kernel)


def _look(kernel: KernelScene) -> tuple[object, ...]:
    """Return what the pane of a kernel shows."""
    flipped = kernel.flipped and (kernel.flipped.cells, kernel.flipped.title)
    return (
        *(kernel.grid.cells, kernel.grid.lit, kernel.grid.selected, kernel.grid.zoom),
        *(kernel.grid.title, kernel.grid.detail),
        *(kernel.thumbnails, kernel.turn, kernel.word, kernel.facts, flipped),
    )


class FramePainter:
    """Paints the frames of a film: of each scene only what differs from the one before."""

    def __init__(self, view: View, size: QSize, scale: float, theme: Theme) -> None:
        ensure_application()
        self._theme = dressed(theme, view.colours, view.numbers)
        self._size, self._view = size, view
        self._by_parts = scale == int(scale)  # else edges of parts fall between pixels, and show
        self._image = QImage(size * scale, QImage.Format.Format_RGB32)
        self._image.setDevicePixelRatio(scale)
        self._pictures = {pane: Pictures(KEPT_PICTURES.get(pane, 8)) for pane in PANES}
        self._last: tuple[Scene, Link] | None = None

    def paint(self, scene: Scene) -> tuple[QImage, QRegion]:
        """Return the frame of `scene`, and what of it was painted anew.

        The next frame is painted over the image.
        """
        layout = stage_of(scene, self._view, self._size - QSize(2 * MARGIN, 2 * MARGIN)).moved(
            MARGIN
        )
        link = scene_link(scene, layout)
        region = QRegion(QRect(QPoint(), self._size))
        if not self._by_parts:
            self._image.fill(qcolor(self._theme.background))
        with QPainter(self._image) as painter:
            painter.setRenderHints(HINTS)
            if self._last is not None and self._by_parts:
                region &= self._changed(*self._last, scene, link, layout)
                painter.setClipRegion(region)
            painter.fillRect(region.boundingRect(), qcolor(self._theme.background))
            paint_scene(painter, scene, layout, self._theme, self._pictures)
            paint_link(painter, link, self._theme)
        self._last = scene, link
        return self._image, region

    def _changed(
        self, old: Scene, old_link: Link, scene: Scene, link: Link, layout: Layout
    ) -> QRegion:
        if old.workspace != scene.workspace:
            return QRegion(QRect(QPoint(), self._size))
        region = changed_region(old, scene, layout)
        return region + link_region(old_link) + link_region(link)


def paint_scene(
    painter: QPainter,
    scene: Scene,
    layout: Layout,
    theme: Theme,
    pictures: dict[str, Pictures],
) -> None:
    """Paint every pane as if it were alone, as the window does: else text moves by a pixel."""
    match layout:
        case LayersLayout():
            parts = _layer_parts(painter, scene, layout, theme, pictures)
        case SignalsLayout():
            parts = _signal_parts(painter, scene, layout, theme, pictures)
        case LearnLayout():
            parts = learn_parts(painter, scene, layout, theme, pictures)
        case _:
            parts = _convolve_parts(painter, scene, layout, theme, pictures)
    for rect, paint in parts:
        painter.save()
        painter.setClipRect(rect, Qt.ClipOperation.IntersectClip)
        painter.translate(rect.topLeft())
        paint(QRect(QPoint(), rect.size()))
        painter.restore()


def _convolve_parts(
    painter: QPainter, scene: Scene, at: StageLayout, theme: Theme, kept: dict[str, Pictures]
) -> tuple[tuple[QRect, PaintPart], ...]:
    return (
        (
            at.input,
            lambda rect: paint_grid_pane(painter, rect, scene.input, theme, kept["input"]),
        ),
        (
            at.kernel,
            lambda rect: paint_kernel_pane(painter, rect, scene.kernel, theme, kept["kernel"]),
        ),
        (
            at.output,
            lambda rect: paint_grid_pane(painter, rect, scene.output, theme, kept["output"]),
        ),
        (at.dot, lambda rect: paint_dot_product(painter, rect, scene.dot, theme, kept["dot"])),
    )


def _layer_parts(
    painter: QPainter, scene: Scene, at: LayersLayout, theme: Theme, kept: dict[str, Pictures]
) -> tuple[tuple[QRect, PaintPart], ...]:
    stack = scene.stack
    strip = (
        ()
        if stack is None
        else ((at.stack, lambda rect: paint_stack(painter, rect, stack, theme, kept["stack"])),)
    )
    return (
        *strip,
        (at.rows, lambda rect: paint_rows(painter, rect, scene, theme, kept["rows"])),
        (at.map, lambda rect: paint_map(painter, rect, scene, theme, kept["map"])),
    )


def _signal_parts(
    painter: QPainter, scene: Scene, at: SignalsLayout, theme: Theme, kept: dict[str, Pictures]
) -> tuple[tuple[QRect, PaintPart], ...]:
    shown = scene.signals
    if shown is None:
        return ()
    return (
        (at.stems, lambda rect: paint_stems(painter, rect, shown, theme, kept["stems"])),
        (at.sum, lambda rect: paint_sum(painter, rect, shown, theme)),
        (at.ways, lambda rect: paint_ways(painter, rect, shown, theme)),
    )

"""The card of a feature map: its cells, beside them all kernels, below all feature maps."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, reduce

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen

from convviz.model.scene import Cells, Scene, Thumbnails
from convviz.model.session import Cell, Zoom
from convviz.render.cell_painter import paint_cells, paint_dots
from convviz.render.fonts import font
from convviz.render.geometry import GridGeometry, fit_grid
from convviz.render.grid_painter import moved, paint_marks, paint_revealed
from convviz.render.pane_painter import (
    HEADER,
    LARGEST_CELL,
    LEGEND,
    MARGIN,
    SMALL_SIZE,
    paint_card,
    paint_legend,
    paint_title,
)
from convviz.render.pictures import Pictures, painted
from convviz.render.theme import Colour, Theme, qcolor
from convviz.render.thumbnails import paint_thumbnails, thumbnail_at, thumbnail_places

CAPTION = 22
REACH = 4  # pixels that outlines reach beyond small pictures
GAP = 16
KERNELS_SHARE = 0.42  # of the width, at most, for the kernels beside the map
MAPS_SHARE = 0.26  # of the height, at most, for all feature maps below it
NUMBERS = 22  # pixels for the numbers of feature maps beside their kernels
LEAST_PITCH, MOST_PITCH, LEAST_KERNELS = 16, 44, 100  # pixels for a kernel, for all of them
LEAST_MAPS, MOST_MAPS = 40, 120
STRIP_SHARE, MOST_STRIP = 0.5, 100  # of the height, for both below a map that is wide
BELOW_FROM, SIDE_SHARE = 150, 0.42
BELOW = 2.2  # cards so much wider than high have kernels and maps below the map


@dataclass(frozen=True)
class MapPlaces:
    """Where the parts of the card lie; `legend` ends with the colour bar."""

    grid: GridGeometry
    legend: QRect
    kernels: QRect | None
    maps: QRect | None

    def kernel_at(self, scene: Scene, point: QPointF) -> int | None:
        """Return which of all kernels lies under a point."""
        if self.kernels is None:
            return None
        return thumbnail_at(pictures_rect(self.kernels), scene.kernel.thumbnails, point)

    def map_at(self, scene: Scene, point: QPointF) -> int | None:
        """Return which of all feature maps lies under a point."""
        if self.maps is None:
            return None
        return thumbnail_at(pictures_rect(self.maps), scene.outputs, point)


def pictures_rect(part: QRect) -> QRect:
    """Return where the small pictures lie, below their caption."""
    return part.adjusted(REACH, CAPTION, -REACH, 0)


def map_places(rect: QRect, scene: Scene) -> MapPlaces:
    """Lay the card out: the map takes what the small pictures leave."""
    kernels, maps = scene.kernel.thumbnails, scene.outputs
    return _laid_out(
        rect.getRect(),
        scene.output.cells.shape,
        scene.output.zoom,
        (len(kernels.items), kernels.columns),
        len(maps.items),
    )


@lru_cache(maxsize=32)
def _laid_out(
    area: tuple[int, int, int, int],
    shape: Cell,
    zoom: Zoom,
    kernels: tuple[int, int],
    maps: int,
) -> MapPlaces:
    rect = QRect(*area)
    inner = rect.adjusted(MARGIN, HEADER, -MARGIN, -12)
    divide = _divided_below if rect.width() > BELOW * rect.height() else _divided
    inner, beside, below = divide(inner, kernels, maps)
    cells = inner.adjusted(0, 0, 0, -LEGEND)
    grid = fit_grid(cells, shape, LARGEST_CELL["output"], zoom, middle=False)
    bottom = round(grid.frame.bottom()) + LEGEND + 5
    width = inner.width() + 2 * MARGIN
    legend = QRect(inner.x() - MARGIN, rect.y(), width, bottom - rect.y())
    return MapPlaces(grid, legend, beside, below)


Parts = tuple[QRect, QRect | None, QRect | None]


def _divided(inner: QRect, kernels: tuple[int, int], maps: int) -> Parts:
    """Return the areas of the map, of the kernels at its right, and of all maps below."""
    beside, below = None, None
    if maps:
        most = min(round(inner.height() * MAPS_SHARE), MOST_MAPS)
        below = _lower(inner, max(most, LEAST_MAPS))
        inner = inner.adjusted(0, 0, 0, -below.height() - 4)
    if kernels[0]:
        wide = _kernels_width(inner, *kernels)
        beside = QRect(inner.right() + 1 - wide, inner.y(), wide, inner.height())
        inner = inner.adjusted(0, 0, -wide - GAP, 0)
    return inner, beside, below


def _kernels_width(inner: QRect, count: int, columns: int) -> int:
    rows = -(-count // max(columns, 1))
    pitch = min(max((inner.height() - CAPTION) / rows, LEAST_PITCH), MOST_PITCH)
    wanted = max(round(columns * pitch) + NUMBERS + 2 * REACH, LEAST_KERNELS)
    return min(wanted, round(inner.width() * KERNELS_SHARE))


def _divided_below(inner: QRect, kernels: tuple[int, int], maps: int) -> Parts:
    """Return the areas of a wide map, and of the kernels and all maps below it.

    Where that is too high they lie at its right.
    """
    if not kernels[0] and not maps:
        return inner, None, None
    if inner.height() >= BELOW_FROM:
        high = min(round(inner.height() * STRIP_SHARE), MOST_STRIP)
        strip, map_ = _lower(inner, high), inner.adjusted(0, 0, 0, -high - 4)
    else:
        wide = round(inner.width() * SIDE_SHARE)
        strip = QRect(inner.right() + 1 - wide, inner.y(), wide, inner.height())
        map_ = inner.adjusted(0, 0, -wide - GAP, 0)
    if not maps or not kernels[0]:
        return map_, strip if kernels[0] else None, strip if maps else None
    share = _kernels_width(strip, *kernels)
    left = QRect(strip.x(), strip.y(), share, strip.height())
    return map_, left, strip.adjusted(share + GAP, 0, 0, 0)


def _lower(inner: QRect, high: int) -> QRect:
    return QRect(inner.x(), inner.bottom() + 1 - high, inner.width(), high)


def map_changes(old: Scene, new: Scene, rect: QRect) -> list[QRect]:
    """Return the pixels of the card that differ between two scenes."""
    places = map_places(rect, new)
    if map_places(rect, old) != places:
        return [rect]
    found = moved(old.output, new.output, places.grid)
    if found is None:
        return [rect]
    for part, before, after in (
        (places.kernels, old.kernel.thumbnails, new.kernel.thumbnails),
        (places.maps, old.outputs, new.outputs),
    ):
        if part and _looks(before) != _looks(after):
            found.append(part.adjusted(-REACH, -REACH, REACH, REACH))
    return found


def _looks(thumbnails: Thumbnails) -> list[tuple[Cells, bool]]:
    return [(item.cells, item.chosen) for item in thumbnails.items]


def paint_map(
    painter: QPainter, rect: QRect, scene: Scene, theme: Theme, pictures: Pictures
) -> None:
    """Paint the card: kept pictures, then what moves."""
    grid, places = scene.output, map_places(rect, scene)
    ratio = painter.device().devicePixelRatioF()

    def still(paint: Callable[[QPainter], None]) -> QImage:
        def paint_pane(painter: QPainter) -> None:
            _paint_still(painter, rect, scene, places, theme)
            painter.setClipRect(places.grid.area)
            paint(painter)

        return painted(rect, ratio, theme.background, paint_pane)

    key = (grid.cells, grid.detail, places, rect.getRect(), theme, ratio)
    whole = pictures.get(
        ("cells", key), lambda: still(lambda p: paint_cells(p, grid.cells, places.grid, theme))
    )
    if grid.revealed is None:
        painter.drawImage(rect.topLeft(), whole)
    else:
        dots = pictures.get(
            ("dots", key), lambda: still(lambda p: paint_dots(p, places.grid, theme))
        )
        painter.drawImage(rect.topLeft(), dots)
        paint_revealed(painter, whole, rect.topLeft(), grid, places.grid)
    paint_marks(painter, grid, places.grid, theme)
    if places.kernels:
        _paint_kernels(painter, pictures_rect(places.kernels), scene, theme, pictures)
    if places.maps:
        area = pictures_rect(places.maps)
        paint_thumbnails(painter, area, scene.outputs, theme, pictures, theme.output)


def _paint_kernels(
    painter: QPainter, rect: QRect, scene: Scene, theme: Theme, pictures: Pictures
) -> None:
    """Paint all kernels: a row for each feature map; that of the present one is framed."""
    kernels = scene.kernel.thumbnails
    paint_thumbnails(painter, rect, kernels, theme, pictures, theme.kernel)
    places = thumbnail_places(rect, kernels)
    shown = [place for place, item in zip(places, kernels.items, strict=True) if item.seen]
    row = reduce(QRectF.united, shown, QRectF())
    if kernels.columns > 1 and not row.isEmpty():
        painter.setPen(QPen(qcolor(theme.kernel, 0.7), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(row.adjusted(-REACH, -REACH, REACH, REACH), 4, 4)


def _paint_still(
    painter: QPainter, rect: QRect, scene: Scene, places: MapPlaces, theme: Theme
) -> None:
    paint_card(painter, rect, theme)
    paint_title(painter, rect, scene.output.title, scene.output.detail, theme.output, theme)
    paint_legend(painter, places.legend, scene.output.cells.scale, theme)
    captions: tuple[tuple[QRect | None, str, Colour], ...] = (
        (places.kernels, "Kernels (out × in)", theme.kernel),
        (places.maps, "All feature maps", theme.output),
    )
    used = font(SMALL_SIZE)
    for part, words, colour in captions:
        if part is None:
            continue
        line = QRectF(part.x(), part.y() - 2, part.width(), CAPTION)
        painter.setFont(used)
        painter.setPen(qcolor(colour))
        elide = Qt.TextElideMode.ElideRight
        metrics = QFontMetricsF(used)
        fits = metrics.horizontalAdvance(words) <= part.width()
        text = metrics.elidedText(words if fits else words.split(" (")[0], elide, part.width())
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter, text)

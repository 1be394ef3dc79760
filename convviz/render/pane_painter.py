"""Panes: a card with a title, a grid with thumbnails of its channels, and a legend."""

from collections.abc import Callable
from functools import lru_cache
from weakref import ref

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QLinearGradient, QPainter, QPen

from convviz.model.numbers import rounded_text, signed
from convviz.model.scene import NO_THUMBNAILS, GridScene, Scale, Thumbnails, share_of
from convviz.model.session import PaneName
from convviz.render.cell_painter import paint_cells, paint_dots
from convviz.render.fonts import font
from convviz.render.geometry import GridGeometry, fit_grid
from convviz.render.grid_painter import paint_marks, paint_revealed
from convviz.render.pictures import Pictures, painted
from convviz.render.theme import Colour, Theme, qcolor, ramp
from convviz.render.thumbnails import paint_thumbnails

MARGIN = 16
HEADER = 38
LEGEND = 28
LARGEST_CELL = {
    "input": 64.0,
    "kernel": 44.0,
    "output": 64.0,
    "target": 64.0,
    "prediction": 64.0,
    "error": 64.0,
}
STRIP_SHARE, LEAST_STRIP, MOST_STRIP = 0.2, 44, 84
TITLE_SIZE, DETAIL_SIZE, SMALL_SIZE = 15, 13, 12
LEGEND_SIZE = 11
ENDS = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)
RADIUS = 8


def pane_colour(pane: PaneName, theme: Theme) -> Colour:
    """Return the colour of what a pane shows."""
    colours = {
        "input": theme.input,
        "kernel": theme.kernel,
        "first": theme.kernel,
        "error": theme.error,
        "gradient": theme.error,
        "weight": theme.text,
    }
    return colours.get(pane, theme.output)


def paint_card(painter: QPainter, rect: QRect, theme: Theme) -> None:
    """Paint the background of a pane."""
    painter.fillRect(rect, qcolor(theme.background))
    painter.setPen(QPen(qcolor(theme.border), 1))
    painter.setBrush(qcolor(theme.card))
    painter.drawRoundedRect(QRectF(rect).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)


def paint_title(
    painter: QPainter, rect: QRect, title: str, detail: str, colour: Colour, theme: Theme
) -> None:
    """Paint a pane's name, and beside it what is to be known of it; what does not fit is elided."""
    place = QRectF(rect.x() + MARGIN, rect.y() + 10, rect.width() - 2 * MARGIN, 22)
    bold = font(TITLE_SIZE, bold=True)
    painter.setFont(bold)
    painter.setPen(qcolor(colour))
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, title)
    if detail:
        used = QFontMetricsF(bold).horizontalAdvance(title) + 10
        small = font(DETAIL_SIZE)
        painter.setFont(small)
        painter.setPen(qcolor(theme.dim))
        rest = place.adjusted(used, 1, 0, 1)
        text = QFontMetricsF(small).elidedText(detail, Qt.TextElideMode.ElideRight, rest.width())
        painter.drawText(rest, Qt.AlignmentFlag.AlignVCenter, text)


def grid_area(rect: QRect, thumbnails: Thumbnails = NO_THUMBNAILS) -> QRect:
    """Return where a pane's grid may lie: between its title, and its thumbnails and legend."""
    area = rect.adjusted(MARGIN, HEADER, -MARGIN, -LEGEND - 8)
    return area.adjusted(0, 0, 0, -_strip_height(area)) if thumbnails.items else area


def thumbnail_area(rect: QRect) -> QRect:
    """Return where the thumbnails of a pane of the input or the feature map lie."""
    area = grid_area(rect)
    height = _strip_height(area)
    return QRect(area.x(), area.bottom() - height + 9, area.width(), height - 12)


def _strip_height(area: QRect) -> int:
    return min(max(round(area.height() * STRIP_SHARE), LEAST_STRIP), MOST_STRIP)


@lru_cache(maxsize=64)
def _fitted(
    area: tuple[int, int, int, int], shape: tuple[int, int], largest: float, zoom: object
) -> GridGeometry:
    return fit_grid(QRect(*area), shape, largest, zoom)  # type: ignore[arg-type]


def grid_geometry(rect: QRect, grid: GridScene) -> GridGeometry:
    """Return where the cells of an input or feature map pane lie."""
    area = grid_area(rect, grid.thumbnails).getRect()
    return _fitted(area, grid.cells.shape, LARGEST_CELL[grid.pane], grid.zoom)


def paint_grid_pane(
    painter: QPainter,
    rect: QRect,
    grid: GridScene,
    theme: Theme,
    pictures: Pictures,
    *,
    numbers: bool = True,
) -> None:
    """Paint the pane of the input or of a map: kept pictures, then what moves.

    Without `numbers` there are none, even where there is room.
    """
    geometry = grid_geometry(rect, grid)
    strip = thumbnail_area(rect)
    ratio = painter.device().devicePixelRatioF()

    def still(paint: Callable[[QPainter], None]) -> QImage:
        def paint_pane(painter: QPainter) -> None:
            paint_card(painter, rect, theme)
            colour = pane_colour(grid.pane, theme)
            paint_title(painter, rect, grid.title, grid.detail, colour, theme)
            paint_legend(painter, rect, grid.cells.scale, theme)
            paint_thumbnails(painter, strip, grid.thumbnails, theme, pictures, colour)
            painter.setClipRect(geometry.area)
            paint(painter)

        return painted(rect, ratio, theme.background, paint_pane)

    key = (
        ref(grid.cells),  # a picture keeps no numbers: those of a large image are many
        grid.title,
        grid.detail,
        ref(grid.thumbnails),
        geometry,
        rect.getRect(),
        theme,
        ratio,
        numbers,
    )
    whole = pictures.get(
        ("cells", key),
        lambda: still(lambda p: paint_cells(p, grid.cells, geometry, theme, numbers=numbers)),
    )
    if grid.revealed is None:
        painter.drawImage(rect.topLeft(), whole)
    else:
        dots = pictures.get(("dots", key), lambda: still(lambda p: paint_dots(p, geometry, theme)))
        painter.drawImage(rect.topLeft(), dots)
        paint_revealed(painter, whole, rect.topLeft(), grid, geometry)
    paint_marks(painter, grid, geometry, theme)


def frame_grid(painter: QPainter, geometry: GridGeometry, colour: Colour) -> None:
    """Frame a grid with the colour of its role."""
    painter.setPen(QPen(qcolor(colour), 1.5))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(geometry.frame.adjusted(-1, -1, 1, 1), 4, 4)


def legend_bar(rect: QRect, scale: Scale) -> QRectF:
    """Return where a pane's colour bar lies: between the numbers at its ends."""
    metrics = QFontMetricsF(font(LEGEND_SIZE, mono=True))
    sides = [MARGIN + metrics.horizontalAdvance(text) + 7 for text in _ends(scale)]
    width = max(rect.width() - sum(sides), 8)
    return QRectF(rect.x() + sides[0], rect.bottom() - LEGEND + 6, width, 9)


def _ends(scale: Scale) -> tuple[str, str]:
    return signed(rounded_text(scale.low, 3)), signed(rounded_text(scale.high, 3))


def paint_legend(painter: QPainter, rect: QRect, scale: Scale, theme: Theme) -> None:
    """Paint the colour bar with the values at its ends; 0 is ticked where it lies between."""
    bar = legend_bar(rect, scale)
    gradient = QLinearGradient(bar.left(), 0, bar.right(), 0)
    for place, colour in ramp(scale, theme):
        gradient.setColorAt(place, qcolor(colour))
    painter.setPen(QPen(qcolor(theme.faint), 1))
    painter.setBrush(gradient)
    painter.drawRoundedRect(bar, 3, 3)
    painter.setFont(font(LEGEND_SIZE, mono=True))
    painter.setPen(qcolor(theme.dim))
    row = QRectF(rect.x() + MARGIN, bar.y() - 4, rect.width() - 2 * MARGIN, bar.height() + 8)
    for text, side in zip(_ends(scale), ENDS, strict=True):
        painter.drawText(row, side | Qt.AlignmentFlag.AlignVCenter, text)
    if scale.low < 0 < scale.high:
        middle = bar.left() + bar.width() * share_of(0.0, scale.low, scale.high)
        painter.drawLine(QPointF(middle, bar.bottom() + 1), QPointF(middle, bar.bottom() + 4))

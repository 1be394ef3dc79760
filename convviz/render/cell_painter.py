"""The cells of a grid as they stay: colours, numbers, padding, and cells that no window reads."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPen

from convviz.model.numbers import ROUNDED_DIGITS, fitting_text, signed
from convviz.model.scene import Cells
from convviz.render.fonts import font
from convviz.render.geometry import GridGeometry
from convviz.render.theme import Theme, cell_colours, dark_text, qcolor

NUMBERS_FROM = 14  # pixels a cell needs for a number
ROUNDED_FROM = 10
GAP_FROM = 4
CELL_MARGIN, LONG_MARGIN = 5, 3  # pixels of a cell that its number leaves free
LONG_FROM = 4
LIGHT_FROM = 240  # cells lighter than this get an edge on light cards
CHARACTER = 0.602  # width of the monospaced font's characters, in its height
LARGEST_NUMBER, SMALLEST_NUMBER = 19, 7
LONGEST_NUMBER = ROUNDED_DIGITS + 1

Mask = NDArray[np.bool_]


def paint_cells(painter: QPainter, cells: Cells, geometry: GridGeometry, theme: Theme) -> None:
    """Paint every cell in view with its value's colour, and its number where there is room."""
    top, bottom, left, right = geometry.visible
    if top == bottom or left == right:
        return
    if geometry.cell < ROUNDED_FROM:
        _paint_pixels(painter, cells, geometry, theme)
        return
    values = cells.values[top:bottom, left:right]
    colours = cell_colours(values, cells.scale, theme)
    padding = _outside(cells)[top:bottom, left:right]
    _paint_tiles(painter, colours, padding, geometry, theme)
    if geometry.cell >= NUMBERS_FROM:
        _paint_numbers(painter, values, colours, padding, geometry, theme)
    _paint_unread(painter, cells, geometry, theme)


def paint_dots(painter: QPainter, geometry: GridGeometry, theme: Theme) -> None:
    """Paint a dot for every cell in view that is not computed yet."""
    top, bottom, left, right = geometry.visible
    if geometry.cell < ROUNDED_FROM:
        painter.setBrushOrigin(QPointF(geometry.left, geometry.top))
        painter.fillRect(
            geometry.frame, QBrush(qcolor(theme.faint, 0.5), Qt.BrushStyle.Dense6Pattern)
        )
        return
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.faint))
    radius = min(geometry.cell / 16, 1.6)
    for row in range(top, bottom):
        for column in range(left, right):
            painter.drawEllipse(geometry.rect(row, column).center(), radius, radius)


def _outside(cells: Cells) -> Mask:
    """Return where cells are padding."""
    (above, below), (before, after) = cells.padding
    rows, columns = cells.shape
    mask = np.ones((rows, columns), bool)
    mask[above : rows - below, before : columns - after] = False
    return mask


def _paint_pixels(painter: QPainter, cells: Cells, geometry: GridGeometry, theme: Theme) -> None:
    """Paint small cells as an image: scaled up hard-edged, scaled down smoothly."""
    top, bottom, left, right = geometry.visible
    values, step = _reduced(cells.values[top:bottom, left:right], geometry.cell)
    colours = cell_colours(values, cells.scale, theme)
    height, width = values.shape
    target = geometry.rect(top, left, height * step, width * step)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, geometry.cell * step < 1)
    painter.save()
    painter.setClipRect(geometry.frame, Qt.ClipOperation.IntersectClip)
    painter.drawImage(target, _image(colours))
    painter.restore()
    if geometry.cell >= GAP_FROM:
        _paint_gaps(painter, geometry, theme)
    _shade_padding(painter, cells, geometry, theme)
    _paint_unread(painter, cells, geometry, theme)


def _reduced(values: NDArray[Any], cell: float) -> tuple[NDArray[Any], int]:
    """Return the mean of blocks of cells where several share a pixel, and the blocks' side."""
    step = int(1 / cell)
    if step < 2:
        return values, 1
    rows, columns = (-(-size // step) for size in values.shape)
    starts = np.arange(rows) * step, np.arange(columns) * step
    sums = np.add.reduceat(np.add.reduceat(values, starts[0], axis=0), starts[1], axis=1)
    counts = [
        np.minimum(size - start, step) for size, start in zip(values.shape, starts, strict=True)
    ]
    return sums / np.outer(*counts), step


def _image(colours: NDArray[np.uint8]) -> QImage:
    height, width, _ = colours.shape
    data = np.ascontiguousarray(colours)
    return QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _paint_gaps(painter: QPainter, geometry: GridGeometry, theme: Theme) -> None:
    top, bottom, left, right = geometry.visible
    frame, card = geometry.frame, qcolor(theme.card)
    for row in range(top, bottom + 1):
        y = geometry.top + row * geometry.cell - 1
        painter.fillRect(QRectF(frame.left(), y, frame.width(), 1), card)
    for column in range(left, right + 1):
        x = geometry.left + column * geometry.cell - 1
        painter.fillRect(QRectF(x, frame.top(), 1, frame.height()), card)


def _paint_tiles(
    painter: QPainter,
    colours: NDArray[np.uint8],
    padding: Mask,
    geometry: GridGeometry,
    theme: Theme,
) -> None:
    top, _, left, _ = geometry.visible
    gap = 1 if geometry.cell < 30 else 1.5
    radius = min(geometry.cell / 10, 3.0)
    outline = QPen(qcolor(theme.faint, 0.55), 1)
    hatch = QBrush(qcolor(theme.faint, 0.3), Qt.BrushStyle.BDiagPattern)
    flat = colours.tolist()
    edge = QPen(qcolor(theme.border), 1) if theme.name == "light" else QPen(Qt.PenStyle.NoPen)
    for row, column in np.ndindex(padding.shape):
        tile = geometry.rect(top + row, left + column).adjusted(gap, gap, -gap, -gap)
        colour = QColor(*flat[row][column])
        if not padding[row, column]:
            painter.setPen(edge if min(flat[row][column]) > LIGHT_FROM else Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(tile, radius, radius)
            continue
        colour.setAlphaF(0.16)
        inner = tile.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(inner, radius, radius)
        painter.setPen(outline)
        painter.setBrush(hatch)
        painter.drawRoundedRect(inner, radius, radius)


def _paint_numbers(
    painter: QPainter,
    values: NDArray[Any],
    colours: NDArray[np.uint8],
    padding: Mask,
    geometry: GridGeometry,
    theme: Theme,
) -> None:
    top, _, left, _ = geometry.visible
    texts, size = cell_texts(values, geometry.cell)
    painter.setFont(font(size, mono=True))
    pens = {
        (on_light, zero): qcolor((0, 0, 0) if on_light else (255, 255, 255), 0.68 if zero else 1)
        for on_light in (False, True)
        for zero in (False, True)
    }
    outside, on_light = (qcolor(theme.dim), qcolor(theme.text)), dark_text(colours)
    unlike_card = on_light == (theme.name == "dark")  # where dim words would be hard to read
    for row, column in np.ndindex(padding.shape):
        plain = pens[bool(on_light[row, column]), values[row, column] == 0]
        painter.setPen(outside[int(unlike_card[row, column])] if padding[row, column] else plain)
        place = geometry.rect(top + row, left + column)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, texts[row][column])


def cell_texts(values: NDArray[Any], cell: float) -> tuple[list[list[str]], int]:
    """Return the number for each cell of `cell` pixels, and the font's height in pixels.

    All numbers of a grid have one size: the largest at which the longest fits.
    """
    found, inverse = np.unique(values, return_inverse=True)
    unique = [float(v) for v in found]
    longest = max(len(_fitting(v, LONGEST_NUMBER)) for v in unique)
    room = cell - (CELL_MARGIN if longest < LONG_FROM else LONG_MARGIN)
    fits = room / (CHARACTER * max(longest, 1))
    size = int(max(min(fits, cell * 0.54, LARGEST_NUMBER), SMALLEST_NUMBER))
    characters = int(room / (CHARACTER * size))
    texts = np.array([signed(_fitting(v, characters)) for v in unique], dtype=object)
    return texts[inverse.reshape(values.shape)].tolist(), size


@lru_cache(maxsize=100_000)
def _fitting(value: float, room: int) -> str:
    return fitting_text(value, room) or _power(value, room)


def _power(value: float, room: int) -> str:
    """Return -0.003 as -3e-3, which is shorter, or "" when that does not fit either."""
    digit, exponent = f"{value:.0e}".split("e")
    text = f"{digit}e{int(exponent)}"
    return text if len(text) <= room else ""


def _shade_padding(painter: QPainter, cells: Cells, geometry: GridGeometry, theme: Theme) -> None:
    """Hatch padding whose cells are too small for a mark of their own."""
    (above, below), (before, after) = cells.padding
    rows, columns = cells.shape
    brush = QBrush(qcolor(theme.faint, 0.6), Qt.BrushStyle.BDiagPattern)
    middle = rows - above - below
    painter.setBrushOrigin(QPointF(geometry.left, geometry.top))
    for row, column, height, width in (
        (0, 0, above, columns),
        (rows - below, 0, below, columns),
        (above, 0, middle, before),
        (above, columns - after, middle, after),
    ):
        if height and width:
            block = geometry.rect(row, column, height, width)
            painter.fillRect(block.intersected(geometry.frame), brush)


def _paint_unread(painter: QPainter, cells: Cells, geometry: GridGeometry, theme: Theme) -> None:
    """Hatch the cells at the ends that no window reaches."""
    rows, columns = cells.shape
    below, after = cells.unread
    brush = QBrush(qcolor(theme.kernel, 0.45), Qt.BrushStyle.BDiagPattern)
    painter.setBrushOrigin(QPointF(geometry.left, geometry.top))
    for block in (
        geometry.rect(rows - below, 0, below, columns),
        geometry.rect(0, columns - after, rows - below, after),
    ):
        painter.fillRect(block.intersected(geometry.frame), brush)

"""The cells of a grid as they stay: colours, numbers, padding, and cells that no window reads."""

import math
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from convviz.model.numbers import (
    AUTOMATIC,
    ROUNDED_DIGITS,
    NumberFormat,
    exact_text,
    fitting_text,
    number_text,
    signed,
)
from convviz.model.scene import Cells
from convviz.render.fonts import font
from convviz.render.geometry import GridGeometry, fit_grid
from convviz.render.picture import colour_image
from convviz.render.theme import Theme, cell_colours, dark_text, qcolor

NUMBERS_FROM = 14  # pixels a cell needs for a number
ROUNDED_FROM = 10
GAP_FROM = 4
PICTURE_GAP_FROM = 12  # pixels of a cell: below, gaps would break a small picture up
VEIL = 0.35  # over zeros between cells that are too small for a dot
CELL_MARGIN, LONG_MARGIN = 5, 3  # pixels of a cell that its number leaves free
LONG_FROM = 4
LIGHT_FROM = 240  # cells lighter than this get an edge on light cards
CHARACTER = 0.602  # width of the monospaced font's characters, in its height
LARGEST_NUMBER, SMALLEST_NUMBER = 19, 7
READABLE_NUMBER = 11  # pixels down to which a number may become smaller, lest it look whole
LONGEST_NUMBER = ROUNDED_DIGITS + 1
INFINITE = "-∞"
SAMPLED = 2_000  # numbers of which the longest is sought
DOTS, LEAST_DOT = 16, 1.2  # how often a dot's radius goes into a cell; pixels
LEAST_SIDE = 0.5  # of a small picture's place, for a signal

Mask = NDArray[np.bool_]


def paint_cells(
    painter: QPainter,
    cells: Cells,
    geometry: GridGeometry,
    theme: Theme,
    *,
    numbers: bool = True,
) -> None:
    """Paint every cell in view with its value's colour, and its number where there is room."""
    top, bottom, left, right = geometry.visible
    if top == bottom or left == right:
        return
    if geometry.cell < ROUNDED_FROM:
        _paint_pixels(painter, cells, geometry, theme)
        return
    values = cells.values[top:bottom, left:right]
    colours = cell_colours(values, cells.scale, theme)
    padding, between = (mask[top:bottom, left:right] for mask in _outside(cells))
    _paint_tiles(painter, colours, padding, between, geometry, theme)
    if numbers and geometry.cell >= NUMBERS_FROM:
        shown = values / 10.0**cells.power if cells.power else values
        _paint_numbers(painter, shown, colours, padding, between, geometry, theme)
    _paint_inserted(painter, between, geometry, theme)
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


def own_values(cells: Cells) -> NDArray[Any]:
    """Return the values of the image itself, without padding and zeros between its cells."""
    if cells.own is None:
        return cells.values
    values = cells.values[_image_block(cells)]
    if cells.spread:
        values = cells.values[np.ix_(*(axis >= 0 for axis in cells.own))]
    return values if values.size else cells.values


def paint_picture(painter: QPainter, place: QRect, cells: Cells, theme: Theme) -> None:
    """Paint the image itself, small and without numbers, in the middle of `place`."""
    values = own_values(cells)
    rows, columns = values.shape
    geometry = fit_grid(place, (rows, columns), float(place.width()))
    reduced, _ = _reduced(values, geometry.cell)
    target = geometry.frame
    if geometry.cell < GAP_FROM:  # a signal would be a hair: a cell is as long as it takes
        target = _no_hair(target, place)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, geometry.cell < 1)
    painter.drawImage(target, colour_image(cell_colours(reduced, cells.scale, theme)))
    if geometry.cell >= PICTURE_GAP_FROM:
        _paint_gaps(painter, geometry, theme)
    painter.setPen(QPen(qcolor(theme.border), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(target.adjusted(-0.5, -0.5, 0.5, 0.5))
    painter.restore()


def _no_hair(target: QRectF, place: QRect) -> QRectF:
    least = place.width() * LEAST_SIDE
    wider, higher = (max(least - side, 0) / 2 for side in (target.width(), target.height()))
    return target.adjusted(-wider, -higher, wider, higher)


def _outside(cells: Cells) -> tuple[Mask, Mask]:
    """Return where cells are padding, and where they are zeros between cells of the image."""
    if cells.own is None:
        return (np.zeros(cells.shape, bool),) * 2
    rows, columns = (own < 0 for own in cells.own)
    outside = np.logical_or.outer(rows, columns)
    padding = np.ones_like(outside)
    padding[_image_block(cells)] = False
    return padding, outside & ~padding


def _image_block(cells: Cells) -> tuple[slice, slice]:
    """Return rows and columns from the first cell of the image to the last."""
    (above, below), (before, after) = cells.padding
    rows, columns = cells.shape
    return slice(above, rows - below), slice(before, columns - after)


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
    painter.drawImage(target, colour_image(colours))
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
    sums = _summed(_summed(values, step).T, step).T
    counts = [np.minimum(size - np.arange(0, size, step), step) for size in values.shape]
    return sums / np.outer(*counts), step


def _summed(values: NDArray[Any], step: int) -> NDArray[Any]:
    """Return the sums of every `step` rows: row by row, 5 times as fast as reduceat.

    >>> _summed(np.array([[1, 2], [3, 4], [5, 6]]), 2)
    array([[4., 6.],
           [5., 6.]])
    """
    sums = values[::step].astype(np.float64)
    for first in range(1, step):
        rows = values[first::step]
        sums[: len(rows)] += rows
    return sums


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
    between: Mask,
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
        if not (padding[row, column] or between[row, column]):
            painter.setPen(edge if min(flat[row][column]) > LIGHT_FROM else Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawRoundedRect(tile, radius, radius)
            continue
        colour.setAlphaF(0.16)
        inner = tile.adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(inner, radius, radius)
        if between[row, column]:
            continue
        painter.setPen(outline)
        painter.setBrush(hatch)
        painter.drawRoundedRect(inner, radius, radius)


def _paint_numbers(
    painter: QPainter,
    values: NDArray[Any],
    colours: NDArray[np.uint8],
    padding: Mask,
    between: Mask,
    geometry: GridGeometry,
    theme: Theme,
) -> None:
    top, _, left, _ = geometry.visible
    texts, size = cell_texts(values, geometry.cell, theme.numbers)
    painter.setFont(font(size, mono=True))
    pens = {
        (on_light, zero): qcolor((0, 0, 0) if on_light else (255, 255, 255), 0.68 if zero else 1)
        for on_light in (False, True)
        for zero in (False, True)
    }
    outside, on_light = (qcolor(theme.dim), qcolor(theme.text)), dark_text(colours)
    unlike_card = on_light == (theme.name == "dark")  # where dim words would be hard to read
    for row, column in np.argwhere(~between).tolist():
        plain = pens[bool(on_light[row, column]), values[row, column] == 0]
        painter.setPen(outside[int(unlike_card[row, column])] if padding[row, column] else plain)
        place = geometry.rect(top + row, left + column)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, texts[row][column])


def _paint_inserted(painter: QPainter, between: Mask, geometry: GridGeometry, theme: Theme) -> None:
    """Paint a dot for every zero that a transposed convolution puts between the cells."""
    top, _, left, _ = geometry.visible
    radius = max(geometry.cell / DOTS, LEAST_DOT)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.dim))
    for row, column in np.argwhere(between).tolist():
        painter.drawEllipse(geometry.rect(top + row, left + column).center(), radius, radius)


def cell_texts(
    values: NDArray[Any], cell: float, style: NumberFormat = AUTOMATIC
) -> tuple[list[list[str]], int]:
    """Return the number for each cell of `cell` pixels, and the font's height in pixels.

    All numbers of a grid have one size: the largest at which the longest fits; and as many
    decimals, where these are fixed.
    """
    found, inverse = np.unique(values, return_inverse=True)
    unique = [float(v) for v in found]
    style, longest = _in_room(unique, cell, style)
    room = cell - (CELL_MARGIN if longest < LONG_FROM else LONG_MARGIN)
    fits = room / (CHARACTER * max(longest, 1))
    size = int(max(min(fits, cell * 0.54, LARGEST_NUMBER), SMALLEST_NUMBER))
    characters = int(room / (CHARACTER * size))
    texts = np.array([signed(_fitting(v, characters, style)) for v in unique], dtype=object)
    return texts[inverse.reshape(values.shape)].tolist(), size


def _in_room(numbers: list[float], cell: float, style: NumberFormat) -> tuple[NumberFormat, int]:
    """Return how numbers are written in cells of `cell` pixels, and how long the longest is."""
    if style.kind != "decimals":
        wide = int((cell - LONG_MARGIN) / (CHARACTER * READABLE_NUMBER))
        return style, max(_length(v, wide, style) for v in numbers)
    most = int((cell - LONG_MARGIN) / (CHARACTER * SMALLEST_NUMBER))
    shown = numbers[:: max(len(numbers) // SAMPLED, 1)]
    for decimals in range(style.decimals, -1, -1):
        style = replace(style, decimals=decimals)
        longest = max(len(number_text(v, style)) for v in shown)
        if longest <= most:
            break
    return style, min(longest, most)


def _length(value: float, wide: int, style: NumberFormat) -> int:
    """Return how many characters a number has: more where it would look whole, and `wide` do."""
    text = _fitting(value, LONGEST_NUMBER, style)
    if style.kind == "automatic" and text.lstrip("-").isdigit() and value != round(value):
        exact = exact_text(value, style) or ""
        return len(exact) if LONGEST_NUMBER < len(exact) <= wide else len(text)
    return len(text)


@lru_cache(maxsize=100_000)
def _fitting(value: float, room: int, style: NumberFormat) -> str:
    if math.isinf(value) and room < len(INFINITE):
        return ""
    return fitting_text(value, room, style) or _power(value, room)


def _power(value: float, room: int) -> str:
    """Return -0.003 as -3e-3, which is shorter, or "" when that does not fit either."""
    digit, exponent = f"{value:.0e}".split("e")
    text = f"{digit}e{int(exponent)}"
    return text if len(text) <= room else ""


def _shade_padding(painter: QPainter, cells: Cells, geometry: GridGeometry, theme: Theme) -> None:
    """Mark cells that are too small for a mark of their own: hatch padding, veil inserted zeros."""
    if cells.own is None:
        return
    hatch = QBrush(qcolor(theme.faint, 0.6), Qt.BrushStyle.BDiagPattern)
    painter.setBrushOrigin(QPointF(geometry.left, geometry.top))
    padding = np.ones(cells.shape[0], bool), np.ones(cells.shape[1], bool)
    for axis, inside in zip(padding, _image_block(cells), strict=True):
        axis[inside] = False
    rows, columns = ((own < 0) & ~axis for own, axis in zip(cells.own, padding, strict=True))
    for block in _blocks((rows, columns), geometry):
        painter.fillRect(block, qcolor(theme.faint, VEIL))
    for block in _blocks(padding, geometry):
        painter.fillRect(block, hatch)


def _blocks(axes: tuple[Mask, Mask], geometry: GridGeometry) -> list[QRectF]:
    """Return the pixels of all cells whose row or column is marked; none twice."""
    rows, columns = axes
    blocks = [geometry.rect(top, 0, high, len(columns)) for top, high in _runs(rows)]
    for top, high in _runs(~rows):
        blocks += [geometry.rect(top, left, high, wide) for left, wide in _runs(columns)]
    return [block.intersected(geometry.frame) for block in blocks]


def _runs(mask: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Return where runs of True begin, and how long they are.

    >>> _runs(np.array([True, True, False, True]))
    [(0, 2), (3, 1)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [
        (int(start), int(end - start)) for start, end in zip(edges[::2], edges[1::2], strict=True)
    ]


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

"""Many samples as a curve above the area that it encloses."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from convviz.engine.padding import Array
from convviz.render.signal_layout import LanePlace
from convviz.render.theme import Colour, qcolor

FILL, LINE = 0.2, 1.3  # how strong the area is, how wide the line


def paint_joined(
    painter: QPainter,
    values: Array,
    place: LanePlace,
    left: float,
    colour: Colour,
    *,
    fill: float = FILL,
    strength: float = 1.0,
) -> None:
    """Paint samples, the first of which begins at `left`, as a curve above a filled area.

    Where they are crowded a column of pixels shows the least and the largest of its samples.
    """
    if not len(values):
        return
    if place.cells.cell > 1:
        _paint_line(painter, values, place, left, colour, fill, strength)
    else:
        _paint_columns(painter, values, place, left, colour, fill, strength)


def _paint_line(
    painter: QPainter,
    values: Array,
    place: LanePlace,
    left: float,
    colour: Colour,
    fill: float,
    strength: float,
) -> None:
    xs = left + (np.arange(len(values)) + 0.5) * place.cells.cell
    heights = (place.y(value) for value in values.tolist())
    points = [QPointF(x, y) for x, y in zip(xs.tolist(), heights, strict=True)]
    zero = place.y(0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(colour, fill))
    painter.drawPolygon(
        QPolygonF([QPointF(points[0].x(), zero), *points, QPointF(points[-1].x(), zero)])
    )
    painter.setPen(QPen(qcolor(colour, strength), LINE))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(points))


def _paint_columns(
    painter: QPainter,
    values: Array,
    place: LanePlace,
    left: float,
    colour: Colour,
    fill: float,
    strength: float,
) -> None:
    """Paint a bar for each column of pixels: Qt takes a quarter of a second for such a zigzag."""
    first, low, high = columns(values, place.cells.cell, left)
    zero = place.y(0)
    area, line = qcolor(colour, fill), qcolor(colour, strength)
    for x, least, largest in zip(
        range(first, first + len(low)), low.tolist(), high.tolist(), strict=True
    ):
        top, bottom = place.y(largest) - LINE / 2, place.y(least) + LINE / 2
        if fill and top > zero:
            painter.fillRect(QRectF(x, zero, 1, top - zero), area)
        elif fill and bottom < zero:
            painter.fillRect(QRectF(x, bottom, 1, zero - bottom), area)
        painter.fillRect(QRectF(x, top, 1, bottom - top), line)


def columns(values: Array, cell: float, left: float) -> tuple[int, Array, Array]:
    """Return the first column of pixels, and the least and the largest value in each from there.

    A sample is `cell` pixels wide, at most one. Neighbours meet, as the ends of a line do.

    >>> columns(np.array([1.0, 5, 2, 8, 9, 7]), 0.5, 10.0)
    (10, array([1., 2., 7.]), array([5., 8., 9.]))
    """
    at = np.floor(left + (np.arange(len(values)) + 0.5) * cell).astype(np.intp)
    starts = np.flatnonzero(np.diff(at, prepend=at[0] - 1))
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    before_low, before_high = low[:-1].copy(), high[:-1].copy()
    low[1:], high[1:] = np.minimum(low[1:], before_high), np.maximum(high[1:], before_low)
    return int(at[0]), low, high

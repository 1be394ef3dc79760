"""The dashed curve from the window to the output cell that it makes."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF
from PySide6.QtGui import QPainter, QPen, QRegion

from convviz.model.scene import GridScene
from convviz.render.geometry import GridGeometry
from convviz.render.grid_painter import GLOW
from convviz.render.theme import Theme, qcolor

DASH = 9.0  # pixels from one dash to the next
TOGETHER = 10  # dashes to a box of the region to be repainted

Link = list[QLineF]


def link_dashes(
    source: GridScene, target: GridScene, places: tuple[GridGeometry, GridGeometry]
) -> Link:
    """Return the dashes from the window of `source` to the current cell of `target`.

    There are none where an end is out of view. Lines instead of a dashed path: a thirtieth of the
    time to draw.
    """
    if source.window is None or target.current is None:
        return []
    window, cell = places[0].bounds(source.window), places[1].rect(*target.current)
    start = QPointF(window.right() + 3, window.center().y())
    end = QPointF(cell.left() - 3, cell.center().y())
    if not (_inside(start, places[0].area) and _inside(end, places[1].area)):
        return []
    length = max(abs(end.x() - start.x()), abs(end.y() - start.y()))
    curve = _curve(start, end, max(2 * int(length / DASH), 2))
    return [QLineF(*ends) for ends in curve[:-1].reshape(-1, 4).tolist()]


def _inside(point: QPointF, area: QRect) -> bool:
    return QRectF(area).adjusted(-GLOW, -GLOW, GLOW, GLOW).contains(point)


def _curve(start: QPointF, end: QPointF, parts: int) -> NDArray[np.float64]:
    """Return points (parts + 1, 2) of the cubic curve that leaves and arrives level.

    A flat one sags a little.
    """
    across, down = end.x() - start.x(), end.y() - start.y()
    sag = 24 if abs(down) < 60 else 0
    both, advance, ease = _shape(parts)
    return np.column_stack((start.x() + across * advance, start.y() + down * ease + sag * both))


@lru_cache(maxsize=128)
def _shape(parts: int) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    t = np.linspace(0, 1, parts + 1)
    both = 3 * t * (1 - t)
    return both, both / 2 + t**3, t * t * (3 - 2 * t)


def link_region(link: Link) -> QRegion:
    """Return the pixels of the curve, as a few boxes along it."""
    region = QRegion()
    for first in range(0, len(link), TOGETHER):
        dashes = link[first : first + TOGETHER]
        left, right = dashes[0].x1(), dashes[-1].x2()
        down = [y for dash in dashes for y in (dash.y1(), dash.y2())]
        box = QRectF(left, min(down), right - left, max(down) - min(down)).normalized()
        region += box.adjusted(-2, -2, 2, 2).toAlignedRect()
    return region


def paint_link(painter: QPainter, link: Link, theme: Theme) -> None:
    """Paint the curve."""
    painter.setPen(QPen(qcolor(theme.kernel, 0.5), 1.5))
    painter.drawLines(link)

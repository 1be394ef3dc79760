"""The dashed curve from the window to the output cell that it makes."""

from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF
from PySide6.QtGui import QPainter, QPen, QPolygonF, QRegion

from convviz.model.scene import GridScene
from convviz.render.geometry import GridGeometry
from convviz.render.grid_painter import GLOW
from convviz.render.theme import Theme, qcolor

DASH = 9.0  # pixels from one dash to the next
TOGETHER = 6  # dashes to a box of the region to be repainted

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
    points = _curve(start, end, max(2 * int(length / DASH), 2))
    return [QLineF(*ends) for number, ends in enumerate(pairwise(points)) if number % 2 == 0]


def _inside(point: QPointF, area: QRect) -> bool:
    return QRectF(area).adjusted(-GLOW, -GLOW, GLOW, GLOW).contains(point)


def _curve(start: QPointF, end: QPointF, parts: int) -> list[QPointF]:
    """Return points of the cubic curve that leaves and arrives level; a flat one sags a little."""
    x, y = start.x(), start.y()
    across, down = end.x() - x, end.y() - y
    sag = 24 if abs(down) < 60 else 0
    points = []
    for number in range(parts + 1):
        t = number / parts
        both = 3 * t * (1 - t)
        ease = t * t * (3 - 2 * t)
        points.append(QPointF(x + across * (both / 2 + t**3), y + down * ease + sag * both))
    return points


def link_region(link: Link) -> QRegion:
    """Return the pixels of the curve, as a few boxes along it."""
    region = QRegion()
    for first in range(0, len(link), TOGETHER):
        ends = [end for dash in link[first : first + TOGETHER] for end in (dash.p1(), dash.p2())]
        box = QPolygonF(ends).boundingRect().adjusted(-2, -2, 2, 2)
        region += QRegion(box.toAlignedRect())
    return region


def paint_link(painter: QPainter, link: Link, theme: Theme) -> None:
    """Paint the curve."""
    painter.setPen(QPen(qcolor(theme.kernel, 0.7), 1.5))
    painter.drawLines(link)

"""Loss and accuracy of a training over its epochs, each on an axis of its own colour."""

import math
from collections.abc import Iterable

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen, QPolygonF

from convviz.model.numbers import number_text
from convviz.model.training_scene import Curves, Point
from convviz.render.fonts import font
from convviz.render.theme import Colour, Theme, qcolor

TEXT_SIZE = 11
LEFT, RIGHT, TOP, BOTTOM = 34, 44, 22, 22  # pixels that numbers and titles need
SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
LEAST_LOSS = 1.0  # the axis does not shrink below
MOST_TICKS = 6
POINT = 3.5


class _Axes:
    """From epochs and a share of the height to pixels."""

    def __init__(self, rect: QRectF, curves: Curves) -> None:
        self.plot = rect.adjusted(LEFT, TOP, -RIGHT, -BOTTOM)
        self.epochs = max(curves.epochs, 1)
        self.most = loss_axis(max((loss for _, loss in curves.losses), default=LEAST_LOSS))

    def point(self, epoch: float, up: float) -> QPointF:
        return QPointF(
            self.plot.left() + self.plot.width() * epoch / self.epochs,
            self.plot.bottom() - self.plot.height() * up,
        )


def loss_axis(most: float) -> float:
    """Return a round number at which an axis ends that begins at 0 and holds `most`.

    >>> loss_axis(2.3), loss_axis(0.02), loss_axis(130.0)
    (3.0, 1.0, 200.0)
    """
    power = 10 ** math.floor(math.log10(max(most, LEAST_LOSS)))
    steps = (factor * power for factor in (1, 2, 3, 5, 10))
    return float(next(step for step in steps if step >= max(most, LEAST_LOSS)))


def paint_progress(painter: QPainter, rect: QRectF, curves: Curves, theme: Theme) -> None:
    """Paint both curves with their axes; loss is numbered at the left, accuracy at the right."""
    axes = _Axes(rect, curves)
    painter.setFont(font(TEXT_SIZE))
    _paint_grid(painter, axes, theme)
    _paint_titles(painter, rect, theme)
    losses = [(epoch, loss / axes.most) for epoch, loss in curves.losses]
    _paint_line(painter, axes, losses, theme.kernel, dashed=False)
    _paint_line(painter, axes, curves.accuracies, theme.output, dashed=True)


def _paint_grid(painter: QPainter, axes: _Axes, theme: Theme) -> None:
    for share in SHARES:
        at = axes.point(0, share)
        painter.setPen(QPen(qcolor(theme.border), 1))
        painter.drawLine(QLineF(axes.plot.left(), at.y(), axes.plot.right(), at.y()))
        left = QRectF(axes.plot.left() - LEFT, at.y() - 8, LEFT - 6, 16)
        right = QRectF(axes.plot.right() + 6, at.y() - 8, RIGHT - 6, 16)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(qcolor(theme.dim))
        loss = number_text(round(share * axes.most, 6))
        painter.drawText(left, Qt.AlignmentFlag.AlignRight | middle, loss)
        text = f"{share:.0%}".replace("%", " %")
        painter.drawText(right, Qt.AlignmentFlag.AlignLeft | middle, text)
    for epoch in _ticks(axes.epochs):
        place = QRectF(axes.point(epoch, 0).x() - 30, axes.plot.bottom() + 5, 60, 14)
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(epoch))


def _ticks(epochs: int) -> range:
    """Return which epochs are numbered: at most some, at even steps.

    >>> list(_ticks(20)), list(_ticks(3))
    ([0, 5, 10, 15, 20], [0, 1, 2, 3])
    """
    power = 10 ** max(len(str(epochs)) - 1, 0)
    steps = (int(power * factor) for factor in (0.1, 0.2, 0.5, 1, 2, 5))
    step = next((s for s in steps if s and epochs / s <= MOST_TICKS), epochs)
    return range(0, epochs + 1, step)


def _paint_titles(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    titles = (
        ("━ loss", theme.kernel, Qt.AlignmentFlag.AlignLeft),
        ("accuracy ┅", theme.output, Qt.AlignmentFlag.AlignRight),
        ("by epochs", theme.dim, Qt.AlignmentFlag.AlignHCenter),
    )
    for text, colour, side in titles:
        painter.setPen(qcolor(colour))
        painter.drawText(QRectF(rect.left(), rect.top(), rect.width(), 14), side, text)


def _paint_line(
    painter: QPainter, axes: _Axes, points: Iterable[Point], colour: Colour, *, dashed: bool
) -> None:
    places = [axes.point(*point) for point in points]
    if not places:
        return
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    painter.setPen(QPen(qcolor(colour), 2, style))
    painter.drawPolyline(QPolygonF(places))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(colour))
    painter.drawEllipse(places[-1], POINT, POINT)

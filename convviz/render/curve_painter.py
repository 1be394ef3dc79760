"""The curve of an activation, and where the present value is on it."""

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from convviz.model.numbers import number_text, signed
from convviz.model.scene import CurveScene, share_of
from convviz.render.fonts import font
from convviz.render.theme import Theme, qcolor

NUMBER_SIZE = 11
AIR = 0.12  # of the range of values, above and below
POINT = 4.5  # pixels from the middle of the present point to its edge
NUMBERS_FROM = 70  # pixels of width and height from which there is room for numbers


class _Axes:
    """From numbers to pixels."""

    def __init__(self, rect: QRectF, curve: CurveScene) -> None:
        self.rect = rect
        self._left, self._right = float(curve.x[0]), float(curve.x[-1])
        low, high = min(float(curve.y.min()), 0.0), max(float(curve.y.max()), 0.0)
        self._low, self._high = low, high if high > low else low + 1.0

    def point(self, x: float, y: float) -> QPointF:
        across = share_of(x, self._left, self._right)
        up = (share_of(y, self._low, self._high) + AIR) / (1 + 2 * AIR)
        return QPointF(
            self.rect.left() + across * self.rect.width(),
            self.rect.bottom() - up * self.rect.height(),
        )


def paint_curve(painter: QPainter, rect: QRectF, curve: CurveScene, theme: Theme) -> None:
    """Paint the curve with its axes in `rect`, and dashed lines from the present point to them."""
    painter.save()
    axes = _Axes(rect, curve)
    origin = axes.point(0, 0)
    painter.setPen(QPen(qcolor(theme.faint), 1))
    painter.drawLine(QLineF(rect.left(), origin.y(), rect.right(), origin.y()))
    painter.drawLine(QLineF(origin.x(), rect.top(), origin.x(), rect.bottom()))
    points = [axes.point(x, y) for x, y in zip(curve.x.tolist(), curve.y.tolist(), strict=True)]
    painter.setPen(QPen(qcolor(theme.kernel), 2))
    painter.drawPolyline(QPolygonF(points))
    _paint_point(painter, axes, curve, theme)
    painter.restore()


def _paint_point(painter: QPainter, axes: _Axes, curve: CurveScene, theme: Theme) -> None:
    x, y = curve.at
    place, origin = axes.point(x, y), axes.point(0, 0)
    painter.setPen(QPen(qcolor(theme.input), 1, Qt.PenStyle.DashLine))
    painter.drawLine(QLineF(place.x(), origin.y(), place.x(), place.y()))
    painter.setPen(QPen(qcolor(theme.output), 1, Qt.PenStyle.DashLine))
    painter.drawLine(QLineF(origin.x(), place.y(), place.x(), place.y()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.output))
    painter.drawEllipse(place, POINT, POINT)
    if min(axes.rect.width(), axes.rect.height()) < NUMBERS_FROM:
        return
    painter.setFont(font(NUMBER_SIZE, mono=True))
    below = origin.y() + 14 if y >= 0 else origin.y() - 4
    beside = 6.0 if x < 0 else -6.0
    _paint_number(painter, axes.rect, QPointF(place.x(), below), x, theme, theme.input, 0.0)
    if abs(place.y() - origin.y()) > NUMBER_SIZE:
        at = QPointF(origin.x() + beside, place.y() + 4)
        _paint_number(painter, axes.rect, at, y, theme, theme.output, beside)


def _paint_number(
    painter: QPainter,
    rect: QRectF,
    at: QPointF,
    value: float,
    theme: Theme,
    colour: tuple[int, int, int],
    beside: float,
) -> None:
    """Write a number centred on `at`, or beginning or ending there, inside `rect`."""
    text = signed(number_text(value, theme.numbers))
    width = QFontMetricsF(painter.font()).horizontalAdvance(text)
    left = at.x() - width / 2 if not beside else at.x() if beside > 0 else at.x() - width
    left = min(max(left, rect.left()), rect.right() - width)
    paper = QRectF(left - 2, at.y() - NUMBER_SIZE, width + 4, NUMBER_SIZE + 3)
    painter.fillRect(paper, qcolor(theme.card, 0.8))
    painter.setPen(qcolor(colour))
    painter.drawText(QPointF(left, at.y()), text)

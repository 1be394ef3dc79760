"""A training, painted: target, prediction, error and loss above, the kernels below."""

from itertools import pairwise

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPen, QPolygonF

from convviz.model.learn_film import LearnCard, LearnFrame, LossCurve, log_losses
from convviz.model.numbers import NumberFormat, rounded_text, signed
from convviz.render.cell_painter import paint_cells, paint_picture
from convviz.render.fonts import ensure_application, font
from convviz.render.frame import HINTS
from convviz.render.geometry import fit_grid
from convviz.render.pane_painter import (
    grid_area,
    paint_card,
    paint_legend,
    paint_title,
)
from convviz.render.theme import Theme, dressed, qcolor

MARGIN, GAP = 14, 12
TITLE = 44  # pixels of the line above the cards
MAPS_SHARE = 0.55  # of the height
COLUMNS = 4
LARGEST = 60.0  # pixels of a cell
NUMBERS_FROM = 28  # pixels of a cell: "−1.25" is read in it
TICKS = 6  # powers of ten with a line, at most
NUMBER_SIZE = 11
LABELS = 46  # pixels at the left of the curve
POINT = 4.5
MOST_POINTS = 600


def learn_image(frame: LearnFrame, size: QSize, scale: float, theme: Theme) -> QImage:
    """Return a frame of a training in `size`, with `scale` pixels for each of the layout."""
    ensure_application()
    image = QImage(size * scale, QImage.Format.Format_RGB888)
    image.setDevicePixelRatio(scale)
    image.fill(qcolor(theme.background))
    with QPainter(image) as painter:
        painter.setRenderHints(HINTS)
        paint_learning(painter, QRect(QRect().topLeft(), size), frame, theme)
    return image


def paint_learning(painter: QPainter, rect: QRect, frame: LearnFrame, theme: Theme) -> None:
    """Paint a frame of a training into `rect`."""
    heading = QRect(rect.x() + MARGIN - 16, rect.y() + 4, rect.width() - 2 * MARGIN + 32, TITLE)
    paint_title(painter, heading, frame.title, frame.detail, theme.text, theme)
    inner = rect.adjusted(MARGIN, TITLE, -MARGIN, -MARGIN)
    high = round((inner.height() - GAP) * MAPS_SHARE)
    maps = _columns(QRect(inner.x(), inner.y(), inner.width(), high))
    below = inner.adjusted(0, high + GAP, 0, 0)
    for place, card in zip(maps, frame.maps, strict=False):
        _paint_grid(painter, place, card, theme)
    _paint_loss(painter, maps[-1], frame.loss, theme)
    for place, card in zip(_columns(below), frame.kernels, strict=False):
        _paint_grid(painter, place, card, theme)


def _columns(row: QRect) -> list[QRect]:
    pitch = (row.width() + GAP) / COLUMNS
    lefts = [round(row.x() + number * pitch) for number in range(COLUMNS + 1)]
    return [
        QRect(left, row.y(), right - left - GAP, row.height()) for left, right in pairwise(lefts)
    ]


def _paint_grid(painter: QPainter, rect: QRect, card: LearnCard, theme: Theme) -> None:
    paint_card(painter, rect, theme)
    paint_title(painter, rect, card.title, card.detail, theme.role(card.role), theme)
    paint_legend(painter, rect, card.cells.scale, theme)
    geometry = fit_grid(grid_area(rect), card.cells.shape, LARGEST)
    if geometry.cell < NUMBERS_FROM:
        paint_picture(painter, grid_area(rect), card.cells, theme)
        return
    painter.save()  # since cells move the origin of brushes
    numbers = NumberFormat("decimals", card.decimals)
    paint_cells(painter, card.cells, geometry, dressed(theme, theme.maps, numbers))
    painter.restore()


def _paint_loss(painter: QPainter, rect: QRect, curve: LossCurve, theme: Theme) -> None:
    paint_card(painter, rect, theme)
    now = signed(rounded_text(float(curve.losses[curve.at]), 3))
    paint_title(painter, rect, "Loss", f"{now}, log scale", theme.text, theme)
    logs, low, high = log_losses(curve)
    plot = QRectF(grid_area(rect)).adjusted(LABELS - 12, 4, -4, 8)
    last = max(len(logs) - 1, 1)

    def place(step: int, log: float) -> QPointF:
        across, up = step / last, (log - low) / (high - low)
        return QPointF(plot.left() + across * plot.width(), plot.bottom() - up * plot.height())

    _paint_powers(painter, plot, low, high, theme)
    step = -(-len(logs) // MOST_POINTS)
    for first, stop, colour in ((0, last, theme.faint), (0, curve.at, theme.kernel)):
        kept = [*range(first, stop, step), stop]
        painter.setPen(QPen(qcolor(colour), 2))
        points = [place(at, float(logs[min(at, len(logs) - 1)])) for at in kept]
        painter.drawPolyline(QPolygonF(points))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.kernel))
    painter.drawEllipse(place(curve.at, float(logs[curve.at])), POINT, POINT)


def _paint_powers(painter: QPainter, plot: QRectF, low: int, high: int, theme: Theme) -> None:
    """Paint a line for some powers of ten, with the power beside it."""
    painter.setFont(font(NUMBER_SIZE, mono=True))
    apart = -(-(high - low) // TICKS)
    for power in range(high, low - 1, -apart):
        y = plot.bottom() - (power - low) / (high - low) * plot.height()
        painter.setPen(QPen(qcolor(theme.border), 1))
        painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
        painter.setPen(qcolor(theme.dim))
        label = QRectF(plot.left() - LABELS, y - 8, LABELS - 6, 16)
        side = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(label, side, signed(f"1e{power}"))

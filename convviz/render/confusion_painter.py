"""A confusion matrix: a row for each class, a column for what it was judged as."""

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter

from convviz.model.session import Cell
from convviz.model.training_scene import Confusion
from convviz.render.fonts import font
from convviz.render.geometry import GridGeometry, fit_grid
from convviz.render.grid_painter import outline
from convviz.render.theme import Colour, Theme, dark_text, qcolor

TITLE = 16  # pixels above and at the left for what rows and columns are
NAME = 18  # pixels for the names of the classes
LARGEST = 36  # pixels of a cell
TEXT_FROM, SIZE, COUNT_SIZE, NAME_SIZE = 14, 12, 11, 13
FAINTEST = 0.3  # the share of colour in a cell that holds a single image


def confusion_geometry(rect: QRect, confusion: Confusion) -> GridGeometry:
    """Return where the cells of the matrix lie in `rect`."""
    inner = rect.adjusted(TITLE + NAME, TITLE + NAME, 0, 0)
    count = len(confusion.names)
    side = min(inner.height(), inner.width())  # it stands at the top
    return fit_grid(QRect(inner.topLeft(), QSize(inner.width(), side)), (count, count), LARGEST)


def confusion_cell(rect: QRect, confusion: Confusion, point: QPointF) -> Cell | None:
    """Return class and judgement under a point, None beside the matrix."""
    return confusion_geometry(rect, confusion).cell_at(point)


def paint_confusion(painter: QPainter, rect: QRect, confusion: Confusion, theme: Theme) -> None:
    """Paint the counts; right ones are green, wrong ones red, and the chosen cell is outlined."""
    geometry = confusion_geometry(rect, confusion)
    _paint_names(painter, geometry, confusion, theme)
    largest = max(map(max, confusion.counts))
    painter.setFont(font(COUNT_SIZE, mono=True))
    for row, counts in enumerate(confusion.counts):
        for column, count in enumerate(counts):
            place = geometry.rect(row, column).adjusted(1, 1, -1, -1)
            colour = _colour(count / max(largest, 1), row == column, theme)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor(colour))
            painter.drawRoundedRect(place, 2, 2)
            if count and geometry.cell >= TEXT_FROM:
                dark = dark_text(np.array(colour, np.uint8))
                painter.setPen(Qt.GlobalColor.black if dark else Qt.GlobalColor.white)
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, str(count))
    outline(painter, geometry.rect(*confusion.chosen), theme.input, glow=False)


def _colour(share: float, is_right: bool, theme: Theme) -> Colour:
    """Return the colour of a cell with this share of the largest count."""
    if not share:
        return theme.control
    full = theme.output if is_right else theme.error
    part = FAINTEST + (1 - FAINTEST) * share**0.5
    red, green, blue = (
        round(low + part * (high - low)) for low, high in zip(theme.control, full, strict=True)
    )
    return red, green, blue


def _paint_names(
    painter: QPainter, geometry: GridGeometry, confusion: Confusion, theme: Theme
) -> None:
    painter.setPen(qcolor(theme.dim))
    painter.setFont(font(NAME_SIZE))
    frame, middle = geometry.frame, Qt.AlignmentFlag.AlignCenter
    for number, name in enumerate(confusion.names):
        cell = geometry.rect(number, number)
        above = QRectF(cell.left(), frame.top() - NAME, cell.width(), NAME)
        before = QRectF(frame.left() - NAME, cell.top(), NAME - 2, cell.height())
        for place in (above, before):
            painter.drawText(place, middle, name)
    painter.setFont(font(SIZE))
    above = QRectF(frame.left(), frame.top() - NAME - TITLE, frame.width(), TITLE)
    painter.drawText(above, middle, "judged as")
    painter.save()
    painter.translate(frame.left() - NAME - TITLE, frame.bottom())
    painter.rotate(-90)
    painter.drawText(QRectF(0, 0, frame.height(), TITLE), middle, "is")
    painter.restore()

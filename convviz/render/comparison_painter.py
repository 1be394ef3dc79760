"""A trained kernel beside the kernels made by hand that are most like it."""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from convviz.model.training_scene import Alike, Comparison, correlation_text
from convviz.render.cell_painter import paint_cells, paint_picture
from convviz.render.fonts import font
from convviz.render.geometry import fit_grid
from convviz.render.theme import Theme, qcolor, with_decimals

LARGEST = 44  # pixels of a cell of the trained kernel
KERNEL_SHARE = 0.4  # of the width
GAP, PICTURE, LEAST_PICTURE = 14, 52, 20
SIZE, BAR = 12, 5


def paint_comparison(painter: QPainter, rect: QRect, comparison: Comparison, theme: Theme) -> None:
    """Paint the kernel with its numbers at the left, and a line for each preset at the right."""
    side = min(rect.height(), int(rect.width() * KERNEL_SHARE))
    area = QRect(rect.left(), rect.top(), side, rect.height())
    geometry = fit_grid(area, comparison.kernel.shape, LARGEST)
    paint_cells(painter, comparison.kernel, geometry, with_decimals(theme))
    right = rect.adjusted(side + GAP, 0, 0, 0)
    count = max(len(comparison.nearest), 1)
    line = min(right.height() // count, PICTURE + GAP)
    top = right.top() + (right.height() - line * count) // 2
    for number, alike in enumerate(comparison.nearest):
        place = QRect(right.left(), top + number * line, right.width(), line)
        _paint_alike(painter, place, alike, theme)


def _paint_alike(painter: QPainter, place: QRect, alike: Alike, theme: Theme) -> None:
    side = max(min(place.height() - 8, PICTURE), LEAST_PICTURE)
    picture = QRect(place.left(), place.center().y() - side // 2, side, side)
    paint_picture(painter, picture, alike.cells, theme)
    text = QRectF(place.adjusted(side + 10, 0, 0, 0))
    middle = text.center().y()
    painter.setFont(font(SIZE))
    painter.setPen(qcolor(theme.text))
    title = QRectF(text.left(), middle - 20, text.width(), 18)
    name = QFontMetricsF(painter.font()).elidedText(
        alike.title, Qt.TextElideMode.ElideRight, title.width()
    )
    painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, name)
    painter.setFont(font(SIZE, mono=True, bold=True))
    number = QRectF(text.left(), middle + 1, 44, 16)
    painter.drawText(number, Qt.AlignmentFlag.AlignVCenter, correlation_text(alike.correlation))
    track = QRectF(number.right() + 4, middle + 9 - BAR / 2, text.right() - number.right() - 6, BAR)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.control))
    painter.drawRoundedRect(track, 2, 2)
    half = track.width() / 2
    painter.fillRect(
        QRectF(track.left() + half - 0.5, track.top() - 3, 1, BAR + 6), qcolor(theme.faint)
    )
    length = half * abs(alike.correlation)
    left = track.left() + half - (length if alike.correlation < 0 else 0)
    painter.setBrush(qcolor(theme.positive if alike.correlation > 0 else theme.negative))
    painter.drawRoundedRect(QRectF(left, track.top(), length, BAR), 2, 2)

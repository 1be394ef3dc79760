"""The probability of each class as bars."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from convviz.model.training_scene import Share, percent
from convviz.render.fonts import font
from convviz.render.theme import Theme, qcolor

NAME, NUMBER = 20, 50  # pixels
LARGEST, LEAST = 24, 12  # pixels of a line
SIZE, NAME_SIZE = 12, 13
MARKS = {(True, True): "✓", (False, True): "✗", (True, False): "◂"}  # of (right, guessed)


def paint_shares(painter: QPainter, rect: QRectF, shares: Sequence[Share], theme: Theme) -> None:
    """Paint a bar for each class; the guess has its colour and its mark, the right class too."""
    if not shares:
        return
    line = min(max(rect.height() / len(shares), LEAST), LARGEST)
    for number, share in enumerate(shares):
        _paint_share(
            painter,
            QRectF(rect.left(), rect.top() + number * line, rect.width(), line),
            share,
            theme,
        )


def _paint_share(painter: QPainter, place: QRectF, share: Share, theme: Theme) -> None:
    middle = Qt.AlignmentFlag.AlignVCenter
    told = share.is_right or share.is_guess
    painter.setFont(font(NAME_SIZE, bold=told))
    painter.setPen(qcolor(theme.text if told else theme.dim))
    name = QRectF(place.left(), place.top(), NAME - 4, place.height())
    painter.drawText(name, middle | Qt.AlignmentFlag.AlignHCenter, share.name)
    track = place.adjusted(NAME, 3, -NUMBER - 16, -3)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.control))
    painter.drawRoundedRect(track, 3, 3)
    guessed = theme.output if share.is_right else theme.error
    painter.setBrush(qcolor(guessed if share.is_guess else theme.faint))
    bar = QRectF(track.left(), track.top(), max(track.width() * share.share, 1), track.height())
    painter.drawRoundedRect(bar, min(3, bar.width() / 2), 3)
    painter.setPen(qcolor(theme.text if told else theme.dim))
    painter.setFont(font(SIZE, mono=True))
    number = QRectF(track.right() + 2, place.top(), NUMBER, place.height())
    painter.drawText(number, middle | Qt.AlignmentFlag.AlignRight, percent(share.share))
    mark = QRectF(number.right() + 2, place.top(), 14, place.height())
    painter.drawText(
        mark, Qt.AlignmentFlag.AlignCenter, MARKS.get((share.is_right, share.is_guess), "")
    )

"""The sum of what the channels add, and what becomes of it, in coloured words."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from convviz.model.equation import Addends, Line, Token
from convviz.model.scene import Scene
from convviz.render.fonts import font
from convviz.render.theme import Colour, Theme, qcolor

SIZES = (18, 17, 16, 15, 14, 13, 12, 11)
LARGER = 1.2  # times the size of the other words has the result
SIGNS = ("+", "=", "≈", "→")
TINTED = ("R", "G", "B")
RED = {"dark": (244, 114, 146), "light": (190, 24, 74)}


def tint(label: str, theme: Theme) -> Colour:
    """Return the colour of a channel: red, green and blue have their own."""
    return dict(zip(TINTED, (RED[theme.name], theme.output, theme.input), strict=True)).get(
        label, theme.text
    )


@dataclass(frozen=True)
class _Word:
    """Tokens that stay together on a line, each with its colour."""

    tokens: tuple[tuple[Token, Colour], ...]

    @property
    def length(self) -> int:
        """How many characters of the plain size they take, with a space after each."""
        return sum(_length(token) + 1 for token, _ in self.tokens)


def _length(token: Token) -> int:
    return ceil(len(token.text) * LARGER) if token.role == "result" else len(token.text)


def _sums(line: Line) -> Line:
    """Part the names of channels that are numbers from what they add."""
    return tuple(
        Token(f"{t.text}:", t.role) if t.text.isdigit() and t.role == "dim" else t for t in line
    )


def paint_sum(painter: QPainter, place: QRectF, scene: Scene, theme: Theme) -> None:
    """Paint what the channels add and what becomes of it, as large as fits."""
    equation = scene.dot.equation
    channels, result = (_words(line, theme) for line in (_sums(equation.channels), equation.result))
    for size in SIZES:
        advance = QFontMetricsF(font(size, mono=True)).horizontalAdvance("0")
        across = max(int(place.width() / advance), 8)
        parts = [_wrapped(words, across) for words in (channels, result)]
        height = round(size * 1.7)
        fits = max(int(place.height() // height), 1)
        if sum(map(len, parts)) <= fits:
            break
    else:
        parts = [_shortened(channels, equation.of_channels, across, fits - 1, theme), parts[1][-1:]]
    for number, line in enumerate(line for lines in parts for line in lines):
        at = QPointF(place.x(), place.y() + number * height + round(size * 1.15))
        _paint_line(painter, at, place.right(), line, size)


def _shortened(
    words: list[_Word], addends: Addends | None, across: int, room: int, theme: Theme
) -> list[list[_Word]]:
    """Return the lines of as many channels as have room, and what the others add."""
    if addends is None or room < 1:
        return _wrapped(words, across)[: max(room, 0)]
    for count in range(len(words) - 1, -1, -1):
        more = Token(f"{'+ ' * bool(count)}{addends.after(count)}", "dim")
        lines = _wrapped([*words[:count], _Word(((more, theme.role("dim")),))], across)
        if len(lines) <= room:
            break
    return lines[:room]


def _words(line: Line, theme: Theme) -> list[_Word]:
    """Break a line before its signs."""
    words: list[_Word] = []
    for token, colour in _coloured(line, theme):
        if words and not token.text.startswith(SIGNS):
            words[-1] = _Word((*words[-1].tokens, (token, colour)))
        else:
            words.append(_Word(((token, colour),)))
    return words


def _coloured(line: Line, theme: Theme) -> Iterator[tuple[Token, Colour]]:
    """Give the number of a red, green or blue channel the colour of its name."""
    before = ""
    for token in line:
        named = before if token.role in ("plain", "input") else token.text
        yield token, tint(named, theme) if named in TINTED else theme.role(token.role)
        before = token.text


def _wrapped(words: list[_Word], across: int) -> list[list[_Word]]:
    lines: list[list[_Word]] = [[]]
    used = 0
    for word in words:
        if lines[-1] and used + word.length > across + 1:
            lines.append([])
            used = 0
        lines[-1].append(word)
        used += word.length
    return lines


def _paint_line(
    painter: QPainter, at: QPointF, right: float, words: list[_Word], size: int
) -> None:
    x = at.x()
    for token, colour in (pair for word in words for pair in word.tokens):
        large = token.role == "result"
        used = font(round(size * LARGER) if large else size, mono=True, bold=large)
        metrics = QFontMetricsF(used)
        painter.setFont(used)
        painter.setPen(qcolor(colour))
        text = metrics.elidedText(token.text, Qt.TextElideMode.ElideRight, right - x)
        painter.drawText(QPointF(x, at.y()), text)
        x += metrics.horizontalAdvance(token.text) + metrics.horizontalAdvance(" ")

"""The dot product: window ⊙ kernel = products, and the equation in coloured words."""

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QRegion

from convviz.model.equation import Addends, Equation, Line, Term, Token
from convviz.model.scene import DotProductScene, GridScene
from convviz.render.cell_painter import paint_cells, paint_dots
from convviz.render.fonts import font
from convviz.render.geometry import GridGeometry, fit_grid
from convviz.render.grid_painter import paint_marks, revealed_blocks
from convviz.render.pane_painter import (
    DETAIL_SIZE,
    HEADER,
    MARGIN,
    SMALL_SIZE,
    frame_grid,
    paint_card,
    paint_title,
)
from convviz.render.pictures import Pictures, painted
from convviz.render.theme import Theme, qcolor

LARGEST_CELL = 52.0
SIGN = 46  # pixels for ⊙, = and Σ
WORD = 60  # the same for max
SIGN_SIZE, WORD_SIZE = 24, 14
LABEL = 22
TITLE_WIDTH = 540  # pixels that the longest title of a dot product takes
EQUATION_SHARE = 0.36  # of the width, at least, for the equation
SIZES = (20, 18, 16, 15, 14, 13, 12, 11)
MARK = 0.08  # how much of the mark's colour lies behind the product that is being formed
RESULT_GROWS = 5  # pixels that the result is larger than the other words


@dataclass(frozen=True)
class DotGeometry:
    """Where the small grids and the equation lie; what is not multiplied has the window alone."""

    window: GridGeometry
    weight: GridGeometry | None
    products: GridGeometry | None
    equation: QRectF


def dot_geometry(rect: QRect, scene: DotProductScene) -> DotGeometry:
    """Lay the strip out from left to right; the equation takes what the grids leave."""
    rows, columns = scene.window.cells.shape
    count = 3 if scene.weight else 1
    inner = rect.adjusted(MARGIN + 4, HEADER + LABEL - 2, -MARGIN, -MARGIN)
    room = inner.width() * (1 - EQUATION_SHARE) - 3 * SIGN
    side = min(room / 3 / columns, inner.height() / rows, LARGEST_CELL)
    width = max(int(side * columns), 1)
    grids = [
        fit_grid(
            QRect(inner.x() + number * (width + SIGN), inner.y(), width, max(inner.height(), 1)),
            (rows, columns),
            LARGEST_CELL,
            middle=False,
        )
        for number in range(count)
    ]
    left = grids[-1].frame.right() + _sign_width(scene.sign)
    equation = QRectF(left, inner.y() - LABEL, rect.right() - MARGIN - left, inner.height() + LABEL)
    weight, products = (grids[1], grids[2]) if count == 3 else (None, None)
    return DotGeometry(grids[0], weight, products, equation)


def _is_word(sign: str) -> bool:
    return len(sign) > 1


def _sign_width(sign: str) -> int:
    return WORD if _is_word(sign) else SIGN


Placed = tuple[GridScene, GridGeometry]


def _placed(scene: DotProductScene, places: DotGeometry) -> list[Placed]:
    """Return the grids that there are, each with its place."""
    pairs = (
        (scene.window, places.window),
        (scene.weight, places.weight),
        (scene.products, places.products),
    )
    return [(grid, geometry) for grid, geometry in pairs if grid and geometry]


def paint_dot_product(
    painter: QPainter, rect: QRect, scene: DotProductScene, theme: Theme, pictures: Pictures
) -> None:
    """Paint the strip: what stays as a kept picture, then numbers and words of this step."""
    places = dot_geometry(rect, scene)
    ratio = painter.device().devicePixelRatioF()
    titles = tuple(grid.title for grid, _ in _placed(scene, places))
    weights = scene.weight and scene.weight.cells
    key = (
        weights,
        titles,
        places.window,
        scene.sign,
        scene.name,
        rect.getRect(),
        theme,
        ratio,
    )
    still = pictures.get(
        key,
        lambda: painted(
            rect, ratio, theme.background, lambda p: _paint_still(p, rect, scene, places, theme)
        ),
    )
    painter.drawImage(rect.topLeft(), still)
    paint_title(painter, rect, scene.title, scene.detail, theme.text, theme)
    paint_cells(painter, scene.window.cells, places.window, theme)
    if scene.products and places.products:
        _paint_products(painter, scene.products, places.products, theme)
    for grid, geometry in _placed(scene, places):
        paint_marks(painter, grid, geometry, theme)
    paint_equation(painter, places.equation, scene.equation, theme)


def _paint_products(
    painter: QPainter, grid: GridScene, geometry: GridGeometry, theme: Theme
) -> None:
    if grid.revealed is None:
        paint_cells(painter, grid.cells, geometry, theme)
        return
    paint_dots(painter, geometry, theme)
    painter.save()
    region = QRegion()
    for block in revealed_blocks(geometry, grid.revealed):
        region += block.toRect()
    painter.setClipRegion(region, Qt.ClipOperation.IntersectClip)
    paint_cells(painter, grid.cells, geometry, theme)
    painter.restore()


def _paint_still(
    painter: QPainter, rect: QRect, scene: DotProductScene, places: DotGeometry, theme: Theme
) -> None:
    paint_card(painter, rect, theme)
    _paint_scene_name(painter, rect, scene.name, theme)
    if scene.weight and places.weight:
        paint_cells(painter, scene.weight.cells, places.weight, theme)
    signs = ("⊙", "=", scene.sign) if scene.weight else (scene.sign,)
    colours = (theme.input, theme.kernel, theme.text)
    for (grid, geometry), colour, sign in zip(_placed(scene, places), colours, signs, strict=False):
        frame = geometry.frame
        painter.setFont(font(SMALL_SIZE))
        painter.setPen(qcolor(colour))
        label = QRectF(frame.left(), frame.top() - LABEL, frame.width() + SIGN - 6, LABEL - 4)
        metrics = QFontMetricsF(font(SMALL_SIZE))
        name = metrics.elidedText(grid.title, Qt.TextElideMode.ElideRight, label.width())
        painter.drawText(label, Qt.AlignmentFlag.AlignVCenter, name)
        frame_grid(painter, geometry, colour)
        is_word = _is_word(sign)
        painter.setPen(qcolor(theme.kernel if is_word else theme.dim))
        painter.setFont(font(WORD_SIZE if is_word else SIGN_SIZE, bold=is_word))
        place = QRectF(frame.right(), frame.top(), _sign_width(sign), frame.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, sign)


def _paint_scene_name(painter: QPainter, rect: QRect, title: str, theme: Theme) -> None:
    small = font(DETAIL_SIZE)
    painter.setFont(small)
    painter.setPen(qcolor(theme.dim))
    place = QRectF(rect).adjusted(TITLE_WIDTH, 11, -MARGIN, 0)
    place.setHeight(22)
    text = QFontMetricsF(small).elidedText(title, Qt.TextElideMode.ElideRight, place.width())
    if len(text) > 1:
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


@dataclass(frozen=True)
class _Word:
    """Tokens that stay together on a line."""

    tokens: Line
    lit: bool = False

    @property
    def length(self) -> int:
        return sum(len(token.text) for token in self.tokens)


_Lines = list[list[_Word]]


@dataclass(frozen=True)
class _Block:
    """Words that are wrapped together, `before` what is added, and what that is."""

    words: list[_Word]
    addends: Addends | None = None
    before: int = 0

    def lines(self, across: int) -> _Lines:
        """Return all words in lines."""
        return _wrapped(self.words, across)

    def cut(self, across: int, room: int) -> _Lines:
        """Return the lines that have room, with what the words that have none add."""
        lines = self.lines(across)
        if len(lines) <= room:
            return lines
        ending = [word for word in self.words[-1:] if word.tokens[-1].text == " + …"]
        for count in range(sum(map(len, lines[:room])), self.before, -1):
            kept = [*self.words[:count], _Word((Token(self._more(count), "dim"),)), *ending]
            lines = _wrapped(kept, across)
            if len(lines) <= room:
                break
        return lines[:room]

    def _more(self, count: int) -> str:
        if self.addends is None:
            return "…"
        joined = self.words[count - 1].tokens[-1].text.endswith(" + ")
        return f"{'' if joined else ' + '}{self.addends.after(count - self.before)}"


def paint_equation(painter: QPainter, rect: QRectF, equation: Equation, theme: Theme) -> None:
    """Paint terms, sum and result, in the largest size in which all lines fit."""
    blocks = _blocks(equation)
    for size in SIZES:
        metrics = QFontMetricsF(font(size, mono=True))
        across = max(int(rect.width() / metrics.horizontalAdvance("0")), 8)
        height = round(size * 1.6)
        fits = int((rect.height() - _result_height(size) - 6 * len(blocks) + 2) // height)
        if sum(len(block.lines(across)) for block in blocks) <= fits:
            break
    y = rect.top()
    for number, lines in enumerate(_shortened(blocks, across, fits)):
        y += 6 if number else 0
        for line in lines:
            _paint_line(painter, QPointF(rect.left(), y + size), line, size, theme, equation.joint)
            y += height
    _paint_result(painter, QPointF(rect.left(), y + 8), rect, equation.result, size, theme)


def _blocks(equation: Equation) -> list[_Block]:
    """Return names, terms, sums and channels, those that there are, from top to bottom."""
    names = _Block(_term_words(equation, equation.names))
    terms = _Block(
        _term_words(equation, equation.terms), equation.of_terms, before=bool(equation.names)
    )
    sums = _Block(_summands(equation.sums), equation.of_sums)
    channels = _Block(_channel_words(equation), equation.of_channels)
    found = [names] * bool(names.words) + [terms, sums]
    return found + [channels] * bool(channels.words)


def _term_words(equation: Equation, terms: tuple[Term, ...]) -> list[_Word]:
    words = []
    for number, term in enumerate(terms):
        more = number < len(terms) - 1
        tokens = (*term.tokens, Token(equation.joint, "dim")) if more else term.tokens
        words.append(_Word(tokens, term.lit))
    if equation.names and words:
        words.insert(0, _Word((Token("= ", "plain"),)))
    return words + (
        [_Word((Token(f" {equation.more}", "dim"),))] if equation.more and terms else []
    )


def _channel_words(equation: Equation) -> list[_Word]:
    """Return the partial sums, each with the sign and the name before it."""
    words: list[_Word] = []
    for token in equation.channels:
        if token.text == "+":
            words.append(_Word((Token(" + ", token.role),)))
            continue
        name = token.role == "dim" and token.text.isdigit()
        spaced = Token(f"{token.text}: " if name else f"{token.text} ", token.role)
        if words and token.role != "dim":
            spaced = Token(token.text, token.role)
        if not words:
            words.append(_Word(()))
        words[-1] = _Word((*words[-1].tokens, spaced))
    return words


def _summands(line: Line) -> list[_Word]:
    """Break a sum before its signs, where it may wrap; words are dim."""
    words: list[_Word] = []
    for token in line:
        text = token.text
        for sign in (" + ", " − "):
            text = text.replace(sign, f"\0{sign}")
        space = " " if words else ""
        words += [_Word((Token(f"{space}{part}", token.role),)) for part in text.split("\0")]
    return words


def _wrapped(words: list[_Word], across: int) -> _Lines:
    lines: list[list[_Word]] = [[]]
    used = 0
    for word in words:
        if lines[-1] and used + word.length > across:
            lines.append([])
            used = 0
        lines[-1].append(word)
        used += word.length
    return lines


def _shortened(blocks: list[_Block], across: int, fits: int) -> list[_Lines]:
    """Drop lines that do not fit even in the smallest size, and say so; each block keeps one."""
    spare = max(fits - len(blocks), 0)
    kept: list[_Lines] = []
    for number, block in reversed(list(enumerate(blocks))):
        extra = min(len(block.lines(across)) - 1, spare if number == 0 else min(spare, 1))
        spare -= extra
        kept.insert(0, block.cut(across, 1 + extra))
    return kept


def _paint_line(
    painter: QPainter, at: QPointF, words: list[_Word], size: int, theme: Theme, joint: str
) -> None:
    painter.setFont(font(size, mono=True))
    step = QFontMetricsF(font(size, mono=True)).horizontalAdvance("0")
    x = at.x()
    for word in words:
        if word.lit:
            painter.setPen(QPen(qcolor(theme.kernel), 1))
            painter.setBrush(qcolor(theme.kernel, MARK))
            length = sum(len(token.text) for token in word.tokens if token.text != joint)
            box = QRectF(x - 3, at.y() - size, length * step + 6, size * 1.35)
            painter.drawRoundedRect(box, 3, 3)
        for token in word.tokens:
            painter.setPen(qcolor(theme.role(token.role)))
            painter.drawText(QPointF(x, at.y()), token.text)
            x += len(token.text) * step


def _result_height(size: int) -> int:
    return size + RESULT_GROWS + 12


def _paint_result(
    painter: QPainter, at: QPointF, rect: QRectF, line: Line, size: int, theme: Theme
) -> None:
    x, baseline = at.x(), at.y() + size + RESULT_GROWS - 2
    for token in line:
        large = token.role == "result"
        used = font(size + RESULT_GROWS if large else size, mono=True, bold=large)
        metrics = QFontMetricsF(used)
        painter.setFont(used)
        painter.setPen(qcolor(theme.role(token.role)))
        text = metrics.elidedText(token.text, Qt.TextElideMode.ElideRight, rect.right() - x)
        painter.drawText(QPointF(x, baseline), text)
        x += metrics.horizontalAdvance(token.text) + 14

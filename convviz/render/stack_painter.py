"""The stack: image and layers as a strip of cards, and what the present cell sees of the image."""

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QImage, QLinearGradient, QPainter, QPen

from convviz.model.scene import CardScene, Cells, StackScene
from convviz.render.cell_painter import NUMBERS_FROM, paint_cells
from convviz.render.fonts import font
from convviz.render.geometry import GridGeometry, fit_grid
from convviz.render.grid_painter import GLOW, outline
from convviz.render.pane_painter import RADIUS, paint_card
from convviz.render.pictures import Pictures, painted
from convviz.render.stack_layout import (
    ARROW,
    FACT_SIZE,
    MORE_WIDTH,
    PICTURE,
    StackPlaces,
    picture_rect,
    stack_places,
)
from convviz.render.theme import Colour, Theme, qcolor

TITLE_SIZE = 13
SIZES = (13, 12, 11, 10)  # of the lines of a card
TITLE_LINE, TEXT_LINE, FACT_LINE = 19, 17, 15
FADE = 20  # pixels over which cards vanish where more of them are
DISABLED = 0.4  # opacity of the picture of a layer that is skipped
VEIL = 0.65  # over the place of a card that is dragged
WIDEST_SIGNAL = 3  # a signal's picture is at most so much wider than high


def stack_changes(
    old: StackScene, new: StackScene, rect: QRect, offset: int | None = None
) -> list[QRect]:
    """Return the pixels of the strip that differ between two scenes."""
    if _still(old) != _still(new):
        return [rect]
    if old.field == new.field:
        return []
    places = stack_places(rect, new, offset)
    return [picture_rect(places.cards[0]).adjusted(-GLOW, -GLOW, GLOW, GLOW)]


def _still(stack: StackScene) -> tuple[object, ...]:
    return stack.cards, stack.lines, stack.totals


def paint_stack(
    painter: QPainter,
    rect: QRect,
    stack: StackScene,
    theme: Theme,
    pictures: Pictures,
    offset: int | None = None,
) -> None:
    """Paint the strip: the cards as a kept picture, above it what the present cell sees."""
    places = stack_places(rect, stack, offset)
    ratio = painter.device().devicePixelRatioF()
    key = (_still(stack), rect.getRect(), places.offset, theme, ratio)
    still = pictures.get(
        key,
        lambda: painted(
            rect,
            ratio,
            theme.background,
            lambda p: _paint_still(p, rect, stack, places, theme, pictures),
        ),
    )
    painter.drawImage(rect.topLeft(), still)
    _paint_field(painter, stack, places, theme)


def _paint_field(painter: QPainter, stack: StackScene, places: StackPlaces, theme: Theme) -> None:
    """Outline what the present cell sees of the image."""
    if stack.field is None or not stack.field.rows or not stack.field.columns:
        return
    cells, geometry = _picture_geometry(stack.cards[0].cells, picture_rect(places.cards[0]))
    bounds = geometry.bounds(stack.field)
    if cells.shape != stack.cards[0].cells.shape:  # a signal, drawn higher than one cell
        bounds.setHeight(geometry.frame.height())
    outline(painter, bounds, theme.kernel, glow=False)


def _picture_geometry(cells: Cells, area: QRect) -> tuple[Cells, GridGeometry]:
    shown = _high_enough(cells)
    return shown, fit_grid(area, shown.shape, NUMBERS_FROM - 1)


@lru_cache(maxsize=64)
def _high_enough(cells: Cells) -> Cells:
    """Repeat the row of a signal, which would be a thin line."""
    rows = cells.shape[1] // WIDEST_SIGNAL
    if cells.shape[0] > 1 or rows < 2:
        return cells
    high = np.broadcast_to(cells.values, (rows, cells.shape[1]))  # which takes no memory
    return Cells(high, cells.scale)


def _paint_still(
    painter: QPainter,
    rect: QRect,
    stack: StackScene,
    places: StackPlaces,
    theme: Theme,
    pictures: Pictures,
) -> None:
    paint_card(painter, rect, theme)
    image = places.cards[0]
    _paint_layer(painter, image, stack.cards[0], theme.input, theme, pictures)
    _paint_arrow(painter, image, theme)
    painter.save()
    painter.setClipRect(places.view)
    for card, place in zip(stack.cards[1:], places.cards[1:], strict=True):
        if place.intersects(places.view):
            _paint_layer(painter, place, card, theme.text, theme, pictures)
            _paint_arrow(painter, place, theme)
    painter.restore()
    _paint_more(painter, places, theme)
    _paint_add(painter, places.add, theme)
    _paint_facts(painter, places.facts, stack, theme)


def _paint_arrow(painter: QPainter, after: QRect, theme: Theme) -> None:
    between = QRectF(after.right() + 1, after.y(), ARROW, after.height())
    _paint_word(painter, between, "→", theme.dim, 15)


def _paint_layer(
    painter: QPainter,
    place: QRect,
    card: CardScene,
    colour: Colour,
    theme: Theme,
    pictures: Pictures,
) -> None:
    box = QRectF(place).adjusted(1, 1, -1, -1)
    edge = theme.error if card.problem else theme.kernel if card.focused else theme.border
    painter.setPen(QPen(qcolor(edge), 2 if card.focused or card.problem else 1))
    painter.setBrush(qcolor(theme.control, 1.0 if card.focused else 0.35))
    painter.drawRoundedRect(box, RADIUS, RADIUS)
    area = picture_rect(place)
    ratio = painter.device().devicePixelRatioF()
    picture = pictures.get(
        ("card", card.cells, theme, ratio), lambda: _picture(card.cells, theme, ratio)
    )
    whole = painter.opacity()
    painter.setOpacity(whole * DISABLED if card.disabled else whole)
    painter.drawImage(area.topLeft(), picture)
    painter.setOpacity(whole)
    _paint_words(painter, place, card, theme.kernel if card.focused else colour, theme)


def _picture(cells: Cells, theme: Theme, ratio: float) -> QImage:
    picture = QImage(QSize(PICTURE, PICTURE) * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_cells(
            painter, *_picture_geometry(cells, QRect(QPoint(), QSize(PICTURE, PICTURE))), theme
        )
    return picture


def _paint_words(
    painter: QPainter, place: QRect, card: CardScene, colour: Colour, theme: Theme
) -> None:
    left = picture_rect(place).right() + 10
    right = place.right() - 5
    top = place.center().y() - (TITLE_LINE + 2 * TEXT_LINE) // 2 + 1
    bold = _struck(TITLE_SIZE) if card.disabled else font(TITLE_SIZE, bold=True)
    width = right - left
    bold = _struck(TITLE_SIZE) if card.disabled else _fitting(card.title, width, bold=True)
    shade = theme.error if card.problem else theme.dim if card.disabled else theme.text
    lines = (
        (card.title, bold, theme.dim if card.disabled else colour, TITLE_LINE),
        (card.shape, _fitting(card.shape, width, mono=True), shade, TEXT_LINE),
        (card.note, font(FACT_SIZE), theme.dim, TEXT_LINE),
    )
    for text, used, ink, height in lines:
        _paint_line(painter, QRectF(left, top, width, height), text, used, ink)
        top += height


def _fitting(text: str, width: float, *, bold: bool = False, mono: bool = False) -> QFont:
    """Return the largest of the sizes in which a card's line fits."""
    for size in SIZES:
        used = font(size, bold=bold, mono=mono)
        if QFontMetricsF(used).horizontalAdvance(text) <= width:
            break
    return used


@lru_cache(maxsize=4)
def _struck(size: int) -> QFont:
    made = QFont(font(size, bold=True))
    made.setStrikeOut(True)
    return made


def _paint_line(painter: QPainter, place: QRectF, text: str, used: QFont, colour: Colour) -> None:
    painter.setFont(used)
    painter.setPen(qcolor(colour))
    shown = QFontMetricsF(used).elidedText(text, Qt.TextElideMode.ElideMiddle, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, shown)


def _paint_word(painter: QPainter, place: QRectF, text: str, colour: Colour, size: int) -> None:
    painter.setFont(font(size))
    painter.setPen(qcolor(colour))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _paint_more(painter: QPainter, places: StackPlaces, theme: Theme) -> None:
    """Let the cards at an edge vanish where there are more, and tell it by a sign."""
    left, right = places.hidden()
    view = QRectF(places.view)
    for count, edge, inwards, sign in (
        (left, view.left(), FADE, "‹"),
        (right, view.right(), -FADE, "›"),
    ):
        if not count:
            continue
        fade = QLinearGradient(edge, 0, edge + 2 * inwards, 0)
        fade.setColorAt(0.35, qcolor(theme.card))
        fade.setColorAt(1, qcolor(theme.card, 0))
        strip = QRectF(min(edge, edge + 2 * inwards), view.top(), abs(2 * inwards), view.height())
        painter.fillRect(strip, fade)
        place = QRectF(
            edge if inwards > 0 else edge - MORE_WIDTH, view.top(), MORE_WIDTH, view.height()
        )
        _paint_word(painter, place, sign, theme.text, 22)


def _paint_add(painter: QPainter, place: QRect, theme: Theme) -> None:
    painter.setPen(QPen(qcolor(theme.faint), 1))
    painter.setBrush(qcolor(theme.control))
    painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)
    _paint_word(painter, QRectF(place), "+ Add layer", theme.text, 13)


def _paint_facts(painter: QPainter, place: QRect, stack: StackScene, theme: Theme) -> None:
    lines = [*stack.lines, *stack.totals]
    top = place.center().y() - len(lines) * FACT_LINE / 2 + 1
    for number, text in enumerate(lines):
        line = QRectF(place.x(), top + number * FACT_LINE, place.width(), FACT_LINE)
        colour = theme.text if number < len(stack.lines) else theme.dim
        _paint_line(painter, line, text, font(FACT_SIZE, mono=True), colour)


def paint_insertion(painter: QPainter, places: StackPlaces, index: int, theme: Theme) -> None:
    """Mark where a card that is dragged will be put."""
    painter.setPen(QPen(qcolor(theme.kernel), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    painter.drawLine(places.insertion_mark(index))


def paint_dragged(
    painter: QPainter,
    taken: QRect,
    place: QRect,
    card: CardScene,
    theme: Theme,
    pictures: Pictures,
) -> None:
    """Paint a card under the mouse that drags it, and a veil where it was taken from."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.card, VEIL))
    painter.drawRoundedRect(QRectF(taken), RADIUS, RADIUS)
    painter.setBrush(qcolor(theme.card))
    painter.drawRoundedRect(QRectF(place), RADIUS, RADIUS)
    _paint_layer(painter, place, card, theme.text, theme, pictures)
    painter.setPen(QPen(qcolor(theme.dim), 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)

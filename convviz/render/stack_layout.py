"""Where the cards of the stack lie in their strip."""

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QLineF, QPointF, QRect, QRectF
from PySide6.QtGui import QFontMetricsF

from convviz.model.scene import StackScene
from convviz.render.fonts import font

EDGE = 11  # pixels between the strip's border and its cards
ARROW = 22  # pixels between two cards
LEAST_CARD, MOST_CARD = 166, 190
ADD_WIDTH, ADD_HEIGHT = 104, 36
FACT_SIZE, FACTS_GAP, MOST_FACTS = 11, 18, 210
PICTURE = 54
INSET = 9  # pixels between a card's border and its picture
MORE_WIDTH = 22  # pixels of the sign that there are more cards


@dataclass(frozen=True)
class StackPlaces:
    """Where the cards lie in the strip: the image's stays, the layers scroll through `view`.

    `offset` is how many pixels they are scrolled, of at most `most`.
    """

    cards: tuple[QRect, ...]
    view: QRect
    add: QRect
    facts: QRect
    offset: int
    most: int

    def card_at(self, point: QPointF) -> int | None:
        """Return which card lies under a point: 0 is the image, 1 the first layer."""
        at = point.toPoint()
        found = next((n for n, card in enumerate(self.cards) if card.contains(at)), None)
        return found if not found or self.view.contains(at) else None

    def hidden(self) -> tuple[int, int]:
        """Return how many layers are cut off at the left and at the right."""
        left = sum(card.left() < self.view.left() for card in self.cards[1:])
        return left, sum(card.right() > self.view.right() for card in self.cards[1:])

    def more_at(self, point: QPointF) -> int:
        """Return -1 or 1 over the sign that there are more layers at that side, else 0."""
        if not QRectF(self.view).contains(point):
            return 0
        left, right = self.hidden()
        if left and point.x() < self.view.left() + MORE_WIDTH:
            return -1
        return 1 if right and point.x() > self.view.right() - MORE_WIDTH else 0

    def insertion_at(self, x: float) -> int:
        """Return before which layer (from 0) something let go at `x` is put."""
        return sum(card.center().x() < x for card in self.cards[1:])

    def insertion_mark(self, index: int) -> QLineF:
        """Return the line that shows where that is."""
        after = self.cards[index] if index else self.cards[1].translated(-self.step, 0)
        x = after.right() + ARROW / 2 + 0.5
        return QLineF(x, after.top(), x, after.bottom())

    @property
    def step(self) -> int:
        """Pixels from one card to the next."""
        return self.cards[0].width() + ARROW


def stack_places(rect: QRect, stack: StackScene, offset: int | None = None) -> StackPlaces:
    """Lay the strip out; without an offset, so that the layer in focus is in view."""
    facts = _facts_width((*stack.lines, *stack.totals))
    inner = rect.adjusted(EDGE, EDGE, -EDGE, -EDGE)
    room = inner.width() - ADD_WIDTH - ARROW - facts - FACTS_GAP
    count = len(stack.cards)
    width = min(max((room + ARROW) // count - ARROW, LEAST_CARD), MOST_CARD)
    step = width + ARROW
    length = (count - 1) * step - ARROW
    shown = min(length, max(room - step, LEAST_CARD))
    view = QRect(inner.x() + step, inner.y(), shown, inner.height())
    if offset is None:
        offset = into_view(0, (wanted(stack) - 1) * step, width, shown)
    offset = min(max(offset, 0), length - shown)
    image = QRect(inner.x(), inner.y(), width, inner.height())
    layers = (image.translated(n * step - offset, 0) for n in range(1, count))
    middle = view.center().y() - ADD_HEIGHT // 2 + 1
    add = QRect(view.right() + 1 + ARROW, middle, ADD_WIDTH, ADD_HEIGHT)
    left = max(add.right() + FACTS_GAP, inner.right() - facts)
    right = QRect(left, inner.y(), max(inner.right() - left, 1), inner.height())
    return StackPlaces((image, *layers), view, add, right, offset, length - shown)


def focused(stack: StackScene) -> int:
    """Return the card of the layer in focus."""
    return next((n for n, card in enumerate(stack.cards) if card.focused), 1)


def wanted(stack: StackScene) -> int:
    """Return the card to be seen: that of the layer at fault, else of the one in focus."""
    return next((n for n, card in enumerate(stack.cards) if card.problem), focused(stack))


def into_view(offset: int, start: int, length: int, room: int) -> int:
    """Return the offset nearest to `offset` at which a card and a little beside it show."""
    beside = min(ARROW + MORE_WIDTH, max((room - length) // 2, 0))
    return min(max(offset, start + length + beside - room), max(start - beside, 0))


@lru_cache(maxsize=64)
def _facts_width(facts: tuple[str, ...]) -> int:
    metrics = QFontMetricsF(font(FACT_SIZE, mono=True))
    widest = max(metrics.horizontalAdvance(fact) for fact in facts)
    return min(int(widest) + 2, MOST_FACTS)


def picture_rect(card: QRect) -> QRect:
    """Return where the picture of a card lies."""
    top = card.center().y() - PICTURE // 2 + 1
    return QRect(card.x() + INSET, top, PICTURE, PICTURE)

"""The strip of the stack: choose, add, move, copy, skip and remove layers."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRect, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from convviz.model import stacking
from convviz.model.scene import Scene, StackScene
from convviz.model.session import PaneName, Session
from convviz.render.stack_layout import StackPlaces, focused, into_view, stack_places, wanted
from convviz.render.stack_painter import (
    paint_dragged,
    paint_insertion,
    paint_stack,
    stack_changes,
)
from convviz.render.theme import Theme
from convviz.ui.pane import Pane
from convviz.ui.plain_text import show_tip
from convviz.ui.stack_menus import AddMenu, CardMenu
from convviz.ui.store import Store

EDGE = 40  # pixels at the ends of the strip where dragging a card scrolls
SCROLL_PER_DRAG, SCROLL_PER_NOTCH = 12, 96
FIELD_TIP = (
    "field: cells of the image, a side, that one cell here depends on\n"
    "jump: cells of the image from what one cell sees to what the next one sees\n"
    "start: where in the image the middle of what the first cell sees lies"
)
ADD_TIP = "Add a layer after the one in focus (Insert)"


def first_layer(session: Session) -> Session:
    """Show the first layer."""
    return stacking.focus_layer(session, 0)


def last_layer(session: Session) -> Session:
    """Show the last layer."""
    return stacking.focus_layer(session, len(session.document.layers) - 1)


ALT = Qt.KeyboardModifier.AltModifier
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
PLAIN = Qt.KeyboardModifier.NoModifier
KEYS: dict[tuple[Qt.KeyboardModifier, Qt.Key], Callable[[Session], Session]] = {
    (PLAIN, Qt.Key.Key_Left): stacking.previous_layer,
    (PLAIN, Qt.Key.Key_Right): stacking.next_layer,
    (PLAIN, Qt.Key.Key_Home): first_layer,
    (PLAIN, Qt.Key.Key_End): last_layer,
    (ALT, Qt.Key.Key_Left): stacking.move_earlier,
    (ALT, Qt.Key.Key_Right): stacking.move_later,
    (CONTROL | SHIFT, Qt.Key.Key_Left): stacking.move_earlier,
    (CONTROL | SHIFT, Qt.Key.Key_Right): stacking.move_later,
    (PLAIN, Qt.Key.Key_Delete): stacking.remove_layer,
    (PLAIN, Qt.Key.Key_Backspace): stacking.remove_layer,
    (CONTROL, Qt.Key.Key_D): stacking.duplicate_layer,
    (PLAIN, Qt.Key.Key_Space): stacking.toggle_layer,
}
OPENING = {(PLAIN, Qt.Key.Key_Insert), (PLAIN, Qt.Key.Key_Plus), (SHIFT, Qt.Key.Key_Plus)}


class StackPane(Pane):
    """The image and every layer as cards: a click shows a layer, a drag moves it."""

    name: PaneName = "products"  # has no grid to point at
    title = "Stack of layers"

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(store, parent)
        self._offset = 0
        self._held: int | None = None
        self._insertion: int | None = None
        self._at = self._grip = 0.0  # where the mouse is in the strip, and on the card it holds
        self.installEventFilter(self)

    # Showing

    @property
    def stack(self) -> StackScene | None:
        """The cards that are shown."""
        return self._scene.stack if self._scene else None

    @property
    def places(self) -> StackPlaces | None:
        """Where the cards lie now."""
        return stack_places(self.rect(), self.stack, self._offset) if self.stack else None

    def render_scene(self, scene: Scene, theme: Theme) -> None:
        before = self.stack
        super().render_scene(scene, theme)
        stack = scene.stack
        if stack is not None and (before is None or before.cards is not stack.cards):
            self._held = self._insertion = None  # who changed the stack had other plans
            self._show_focus()
            description = described(stack)
            if description != self.accessibleDescription():
                self.setAccessibleDescription(description)

    def _show_focus(self) -> None:
        """Scroll as little as needed to see the card in focus."""
        places, stack = self.places, self.stack
        if places is None or stack is None:
            return
        start = (wanted(stack) - 1) * places.step
        width, room = places.cards[0].width(), places.view.width()
        self._scroll_to(into_view(places.offset, start, width, room))

    def _scroll_to(self, offset: int) -> None:
        places = self.places
        if places is None:
            return
        inside = min(max(offset, 0), places.most)
        if inside != self._offset:
            self._offset = inside
            self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._offset = 0
        self._show_focus()

    def changes(self, old: Scene, new: Scene) -> list[QRect]:
        if old.stack is None or new.stack is None:
            return [self.rect()]
        return stack_changes(old.stack, new.stack, self.rect(), self._offset)

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        places = self.places
        if scene.stack is None or places is None:
            super().paint(painter, rect, scene, theme)
            return
        paint_stack(painter, rect, scene.stack, theme, self._pictures, self._offset)
        if self._insertion is not None and self._held is not None:
            card, taken = scene.stack.cards[self._held], places.cards[self._held]
            place = QRect(taken)
            place.moveLeft(round(self._at - self._grip))
            paint_dragged(painter, taken, place, card, theme, self._pictures)
            paint_insertion(painter, places, self._insertion, theme)

    # Mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        places = self.places
        if event.button() != Qt.MouseButton.LeftButton or places is None:
            return
        card = places.card_at(event.position())
        self._held = card if card and not places.more_at(event.position()) else None
        self._grip = event.position().x() - places.cards[card].x() if card else 0.0

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        places, point = self.places, event.position()
        if places is not None and self._pressed is None:
            over = places.card_at(point) is not None or places.add.contains(point.toPoint())
            hand = Qt.CursorShape.PointingHandCursor
            self.setCursor(hand if over else Qt.CursorShape.ArrowCursor)

    def drag(self, start: QPointF, point: QPointF) -> None:
        """Carry a layer's card along the strip; from elsewhere, scroll the strip."""
        places = self.places
        if places is None:
            return
        if self._held is None:
            self._pressed = point
            self._scroll_to(self._offset - round(point.x() - start.x()))
            return
        self._at = point.x()
        if point.x() < places.view.left() + EDGE:
            self._scroll_to(self._offset - SCROLL_PER_DRAG)
        elif point.x() > places.view.right() - EDGE:
            self._scroll_to(self._offset + SCROLL_PER_DRAG)
        self._insertion = places.insertion_at(point.x())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or self._pressed is None:
            return
        dragged, self._pressed = self._dragging, None
        held, insertion = self._held, self._insertion
        self._held = self._insertion = None
        self.update()
        if not dragged:
            self._click(event.position())
        elif held is not None and insertion is not None:
            layer = held - 1
            self._store.apply(
                stacking.move_layer, layer, insertion - 1 if insertion > layer else insertion
            )

    def _click(self, point: QPointF) -> None:
        places = self.places
        if places is None:
            return
        if side := places.more_at(point):
            self._scroll_to(self._offset + side * places.step)
        elif places.add.contains(point.toPoint()):
            self.open_add_menu(last=True)
        elif (card := places.card_at(point)) is not None:
            self._store.apply(stacking.focus_layer, max(card - 1, 0))

    def wheelEvent(self, event: QWheelEvent) -> None:
        turned = event.angleDelta()
        notches = (turned.y() or turned.x()) / 120
        self._scroll_to(self._offset - round(notches * SCROLL_PER_NOTCH))
        event.accept()

    # Keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the strip's keys from being shortcuts while it has the focus, and show tips."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if self._is_own(event):
                event.accept()
                return True
        elif isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._show_tip(event)
            return True
        return False

    def _is_own(self, event: QKeyEvent) -> bool:
        return _pressed(event) in KEYS or _pressed(event) in OPENING

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = _pressed(event)
        if keys in KEYS:
            self._store.apply(KEYS[keys])
        elif keys in OPENING:
            self.open_add_menu()
        elif event.key() == Qt.Key.Key_Escape and self._insertion is not None:
            self._held = self._insertion = self._pressed = None
            self.update()
        else:
            super().keyPressEvent(event)

    # Menus and tips

    def open_add_menu(self, *, last: bool = False) -> None:
        """Offer the kinds of layers that can be added after the one in focus, or at the end."""
        places = self.places
        if places is not None:
            menu = AddMenu(self._store, "Add layer", self, last=last)
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(self.mapToGlobal(places.add.bottomLeft() + QPoint(0, 4)))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        places, stack = self.places, self.stack
        if places is None or stack is None:
            return
        by_keyboard = event.reason() == QContextMenuEvent.Reason.Keyboard
        card = focused(stack) if by_keyboard else places.card_at(QPointF(event.pos()))
        if card is None:
            super().contextMenuEvent(event)
            return
        at = self.mapToGlobal(places.cards[card].bottomLeft()) if by_keyboard else event.globalPos()
        self._store.apply(stacking.focus_layer, max(card - 1, 0))
        CardMenu(self._store, self, image=card == 0).popup(at)

    def _show_tip(self, event: QHelpEvent) -> None:
        places, stack = self.places, self.stack
        if places is None or stack is None:
            return
        text, place = "", QRect()
        card = places.card_at(QPointF(event.pos()))
        if card is not None:
            text, place = stack.cards[card].tip or _image_tip(stack), places.cards[card]
        elif places.add.contains(event.pos()):
            text, place = ADD_TIP, places.add
        elif places.facts.contains(event.pos()):
            text = "\n".join((*stack.lines, *stack.totals, "", FIELD_TIP))
            place = places.facts
        show_tip(event.globalPos(), text, self, place)


def _image_tip(stack: StackScene) -> str:
    image = stack.cards[0]
    seen = ""
    if stack.field is not None:
        rows, columns = len(stack.field.rows), len(stack.field.columns)
        seen = f"\nThe present cell sees {rows} × {columns} cells of it"
    return f"{image.note}, {image.shape}{seen}"


def _pressed(event: QKeyEvent) -> tuple[Qt.KeyboardModifier, Qt.Key]:
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return held, Qt.Key(event.key())


def described(stack: StackScene) -> str:
    """Return the whole stack in words, for those who do not see it."""
    image, *layers = stack.cards
    words = [f"image {image.shape}"]
    words += [f"{card.title}: {'skipped' if card.disabled else card.shape}" for card in layers]
    return f"{', '.join(words)}; layer {focused(stack)} in focus"

"""CellEditor: a field over a cell, for typing a number into a grid."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from convviz.files.literals import LiteralError
from convviz.model.session import Cell
from convviz.ui.typed import parse_typed

LEAST_WIDTH, LEAST_HEIGHT = 64, 30
STAYS = (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason)
TABS = (Qt.Key.Key_Tab, Qt.Key.Key_Backtab)
Move = tuple[int, int]
MOVES: dict[Qt.Key, Move] = {
    Qt.Key.Key_Return: (1, 0),
    Qt.Key.Key_Enter: (1, 0),
    Qt.Key.Key_Tab: (0, 1),
    Qt.Key.Key_Backtab: (0, -1),
}


class CellEditor(QLineEdit):
    """Takes one number; Enter and Tab commit and move on, Esc cancels.

    It is committed without a move where it is to fill all that is selected.
    """

    def __init__(
        self,
        parent: QWidget,
        commit: Callable[[Cell, float, Move | None], None],
        refuse: Callable[[str], None],
    ) -> None:
        super().__init__(parent)
        self._grid = parent
        self._commit = commit
        self._refuse = refuse
        self.cell: Cell = (0, 0)
        self.is_open = False
        self.setAccessibleName("Number for the cell")
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.installEventFilter(self)
        self.hide()

    def open(self, cell: Cell, place: QRect, text: str) -> None:
        """Begin to edit `cell`, which lies at `place`."""
        self.cell, self.is_open = cell, True
        self.place(place)
        self.setText(text)
        self.show()
        self.setFocus()

    def place(self, place: QRect) -> None:
        """Lie over what is seen of `place`, grown to what can be typed into."""
        seen = place.intersected(self._grid.rect())
        place = QRect(place.center(), QSize(1, 1)) if seen.isEmpty() else seen
        grow = max(LEAST_WIDTH - place.width(), 0), max(LEAST_HEIGHT - place.height(), 0)
        box = place.adjusted(-grow[0] // 2, -grow[1] // 2, grow[0] // 2, grow[1] // 2)
        bounds = self._grid.rect()
        box.moveLeft(min(max(box.left(), 0), bounds.width() - box.width()))
        box.moveTop(min(max(box.top(), 0), bounds.height() - box.height()))
        self.setGeometry(box)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.shut()
        elif _fills(event):
            self._take(None)
        elif key in MOVES:
            down, right = MOVES[key]
            back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and down
            self._take((-down, right) if back else (down, right))
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Tab before Qt moves the focus with it, and keys before they are shortcuts."""
        if not isinstance(event, QKeyEvent):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and _keeps(event):
            event.accept()
            return True
        if _is_tab(event):
            self.keyPressEvent(event)
            return True
        return False

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self.is_open and event.reason() not in STAYS:
            self.finish()

    def finish(self) -> None:
        """Take over what was typed, or say why not, and go away."""
        self._take((0, 0), keep_open=False)

    def _take(self, move: Move | None, *, keep_open: bool = True) -> None:
        text = self.text().strip()
        if not text:
            self.shut()
            return
        try:
            value = parse_typed(text)
        except LiteralError as error:
            self._refuse(f"{error}: type a number such as -1, 0.2 or 1/9")
            if not keep_open:
                self.shut()
            return
        self.shut()
        self._commit(self.cell, value, move)

    def shut(self) -> None:
        """Go away, and leave the keyboard to the grid unless another widget has it."""
        self.is_open = False
        if self.hasFocus():
            self._grid.setFocus()
        self.hide()


def _fills(event: QKeyEvent) -> bool:
    """Return whether Ctrl+Enter is pressed: the number goes into all that is selected."""
    held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return held and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def _keeps(event: QKeyEvent) -> bool:
    """Return whether a shortcut of the window must not take a key from the number."""
    held = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    filling = held and event.key() in (Qt.Key.Key_D, Qt.Key.Key_R)
    return filling or _fills(event) or event.key() == Qt.Key.Key_Escape


def _is_tab(event: QKeyEvent) -> bool:
    return event.type() == QEvent.Type.KeyPress and event.key() in TABS

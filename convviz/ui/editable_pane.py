"""EditablePane: a grid with a cell cursor that can be typed into, as in a spreadsheet."""

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from convviz.files.expressions import CONSTANTS, FUNCTIONS
from convviz.model import changes, transitions
from convviz.model.scene import Scene
from convviz.model.session import Cell, Message, Target
from convviz.render.theme import Theme
from convviz.ui.cell_editor import CellEditor, Move
from convviz.ui.commands import COMMANDS
from convviz.ui.pane import Pane
from convviz.ui.store import Store

ARROWS: dict[Qt.Key, Move] = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
OPENING = {Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2}
EMPTYING = {Qt.Key.Key_Delete, Qt.Key.Key_Backspace}
COMMANDING = {key.lower() for command in COMMANDS.values() for key in command.keys}
BEGINNINGS = {name[0] for name in (*CONSTANTS, *FUNCTIONS)} - COMMANDING  # of sqrt, exp, ...


class EditablePane(Pane):
    """A grid with a cell cursor: arrows move it, typing writes a number into its cell."""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(store, parent)
        self._editor = CellEditor(self, self._commit, self._refuse)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def shape(self) -> Cell:
        """Rows and columns that can be typed into."""
        return (1, 1)

    @property
    def read_only(self) -> str:
        """Why no number can be typed here; nothing where one can."""
        return ""

    @property
    def selected(self) -> Cell | None:
        """Where the cell cursor is, None when it is elsewhere."""
        selection = self._store.session.selection
        return selection.cell if selection and selection.pane == self.name else None

    def value_at(self, _cell: Cell) -> float:
        """Return the number in a cell."""
        return 0.0

    def place_of(self, cell: Cell) -> QRect:
        """Return the pixels of a cell."""
        geometry = self.geometry_of(self.name)
        return geometry.rect(*cell).toRect() if geometry else QRect()

    def click(self, target: Target | None) -> None:
        if target and target.pane == self.name:
            self._store.apply(transitions.select, target)
        super().click(target)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        target = self.target_at(event.position())
        if target and target.pane == self.name:
            self._store.apply(transitions.select, target)
            self._edit(number_text_of(self.value_at(target.cell)))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        by_tab = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
        )
        if by_tab:
            self._store.when_shown(self._select_first)

    def _select_first(self) -> None:
        if self.selected is None:
            self._store.apply(transitions.select, Target(self.name, (0, 0)))

    def render_scene(self, scene: Scene, theme: Theme) -> None:
        super().render_scene(scene, theme)
        self._keep_editor()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._keep_editor()

    def _keep_editor(self) -> None:
        """Keep the editor on its cell; when the cell cursor has left that, close it."""
        if not self._editor.is_open:
            return
        if self._editor.cell == self.selected:
            self._editor.place(self.place_of(self._editor.cell))
        else:
            self._editor.shut()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the keys of a spreadsheet from being shortcuts while the cell cursor is here."""
        if isinstance(event, QKeyEvent) and self._overrides(event):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _overrides(self, event: QKeyEvent) -> bool:
        asked = event.type() == QEvent.Type.ShortcutOverride
        return asked and self.selected is not None and self._is_own(event)

    def _is_own(self, event: QKeyEvent) -> bool:
        if event.modifiers() & ~(
            Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.KeypadModifier
        ):
            return False
        key = Qt.Key(event.key())
        return key in ARROWS or key in OPENING or key in EMPTYING or _begins_number(event.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        cell, key = self.selected, Qt.Key(event.key())
        if cell is None or not self._is_own(event):
            super().keyPressEvent(event)
        elif key in ARROWS:
            self._move(cell, ARROWS[key])
        elif self.read_only:
            self._explain()
        elif key in OPENING:
            self._edit(number_text_of(self.value_at(cell)))
        elif key in EMPTYING:
            self._store.apply(changes.set_cell, self.name, cell, 0.0)
        else:
            self._edit(event.text())
            self._editor.end(False)

    def _move(self, cell: Cell, move: Move) -> None:
        rows, columns = self.shape
        row, column = cell[0] + move[0], cell[1] + move[1]
        if not 0 <= column < columns:
            row, column = row + move[1], column % columns
        moved_to = (row, column) if 0 <= row < rows else cell
        self._store.apply(transitions.select, Target(self.name, moved_to))

    def _edit(self, text: str) -> None:
        if self.read_only:
            self._explain()
        elif cell := self.selected:
            self._editor.open(cell, self.place_of(cell), text)

    def _explain(self) -> None:
        """Say why no number can be typed."""
        reason = self.read_only
        self._store.apply(transitions.show_message, Message(reason[:1].upper() + reason[1:]))

    def _commit(self, cell: Cell, value: float, move: Move) -> None:
        if value != self.value_at(cell):
            self._store.apply(changes.set_cell, self.name, cell, value)
        self._move(cell, move)

    def _refuse(self, text: str) -> None:
        self._store.apply(transitions.show_message, Message(text, "error"))


def number_text_of(value: float) -> str:
    """Return a number as it can be typed again, to the last digit."""
    return repr(int(value)) if value == int(value) else repr(value)


def _begins_number(text: str) -> bool:
    return bool(text) and (text.isdigit() or text in "-+.(" or text in BEGINNINGS)

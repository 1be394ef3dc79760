"""EditablePane: a grid with a cell cursor that can be typed into, as in a spreadsheet."""

from typing import Literal

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import QWidget

from convviz.files.expressions import CONSTANTS, FUNCTIONS
from convviz.files.written import number_text_of
from convviz.model import cell_changes, painting, transitions
from convviz.model.scene import GridScene, Scene
from convviz.model.session import FITTED, Cell, Message, Selection, Target
from convviz.render.grid_painter import handle_of, paint_grips
from convviz.render.theme import Theme
from convviz.ui.cell_editor import CellEditor, Move
from convviz.ui.commands import COMMANDS
from convviz.ui.paint_hand import PaintHand
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
GRIP = 3  # pixels around the fill handle that belong to it
HANDLE_TIP = "Drag down or right to fill: numbers in equal steps go on, others are repeated"
Hand = Literal["select", "extend", "fill"]
BEGINNINGS = {name[0] for name in (*CONSTANTS, *FUNCTIONS)} - COMMANDING  # of sqrt, exp, ...


class EditablePane(Pane):
    """A grid with a selection: arrows move its cursor, typing writes a number into that cell."""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(store, parent)
        self._hand: Hand | None = None
        self._brush = PaintHand(self, store)
        self._editor = CellEditor(self, self._commit, self._refuse)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    @property
    def shape(self) -> Cell:
        """Rows and columns that can be typed into."""
        return (1, 1)

    @property
    def read_only(self) -> str:
        """Why no number can be typed here; nothing where one can."""
        return self.grid.read_only if self.grid else ""

    @property
    def grid(self) -> GridScene | None:
        """The grid as it is shown."""
        return None

    @property
    def selection(self) -> Selection | None:
        """What is selected, None when it is elsewhere."""
        selection = self._store.session.selection
        return selection if selection and selection.pane == self.name else None

    @property
    def selected(self) -> Cell | None:
        """Where the cell cursor is, None when it is elsewhere."""
        return self.selection.cursor if self.selection else None

    def value_at(self, _cell: Cell) -> float:
        """Return the number in a cell."""
        return 0.0

    def place_of(self, cell: Cell) -> QRect:
        """Return the pixels of a cell."""
        geometry = self.geometry_of(self.name)
        return geometry.rect(*cell).toRect() if geometry else QRect()

    def cell_near(self, point: QPointF) -> Cell:
        """Return the cell that is nearest to a point."""
        geometry = self.geometry_of(self.name)
        if geometry is None:
            return (0, 0)
        row = (point.y() - geometry.top) // geometry.cell
        return int(row), int((point.x() - geometry.left) // geometry.cell)

    def cell_under(self, point: QPointF) -> Cell:
        """Return the cell under a point, counted on where there are none."""
        return self.cell_near(point)

    def paint_hand(self, painter: QPainter, theme: Theme) -> None:
        """Paint the fill handle, or the brush of a tool."""
        geometry, grid = self.geometry_of(self.name), self.grid
        if geometry and grid:
            paint_grips(painter, grid, geometry, theme, painting=self._store.session.paints)

    # Mouse

    def click(self, target: Target | None) -> None:
        if target and target.pane == self.name:
            self._store.apply(transitions.select, target)
        super().click(target)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._brush.press(event):
            return
        super().mousePressEvent(event)
        if event.button() != Qt.MouseButton.LeftButton:
            return
        point = event.position()
        self._hand = self._hand_at(point, extends=_is_shift(event))
        if self._hand == "extend":
            self._store.apply(transitions.extend, Target(self.name, self.cell_near(point)))

    def _hand_at(self, point: QPointF, *, extends: bool) -> Hand | None:
        """Return what a drag from `point` does to the selection, None where it does other things.

        With Shift it always selects.
        """
        geometry = self.geometry_of(self.name)
        if geometry is None:
            return None
        if self._is_on_handle(point):
            return "fill"
        if not geometry.frame.contains(point):
            return None
        return "extend" if extends else "select" if self.selects_from(point) else None

    def selects_from(self, _point: QPointF) -> bool:
        """Return whether a drag from a point selects: a grid that is zoomed moves instead."""
        return self._store.session.view.zooms.get(self.name, FITTED).factor <= 1

    def _is_on_handle(self, point: QPointF) -> bool:
        geometry, grid = self.geometry_of(self.name), self.grid
        if geometry is None or grid is None or grid.selected is None or grid.read_only:
            return False
        if self._store.session.paints:
            return False
        grip = handle_of(grid.selected, geometry).adjusted(-GRIP, -GRIP, GRIP, GRIP)
        return grip.contains(point)

    def drag(self, start: QPointF, point: QPointF) -> None:
        if self._hand is None:
            super().drag(start, point)
        elif self._hand == "fill":
            self._store.apply(transitions.reach, self.cell_near(point))
        else:
            if self._hand == "select":
                self._store.apply(transitions.select, Target(self.name, self.cell_near(start)))
                self._hand = "extend"
            self._store.apply(transitions.extend, Target(self.name, self.cell_near(point)))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._brush.move(event):
            super().mouseMoveEvent(event)

    def cursor_at(self, point: QPointF) -> QCursor:
        if self._is_on_handle(point):
            return QCursor(Qt.CursorShape.CrossCursor)
        picks = self.pick_at(point) is not None
        return (None if picks else self._brush.cursor(self._theme)) or super().cursor_at(point)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._brush.release(event):
            return
        hand, self._hand = self._hand, None
        if event.button() == Qt.MouseButton.LeftButton and hand in ("fill", "extend"):
            self._pressed = None
            if self.selection and self.selection.reach:
                self._store.apply(cell_changes.fill_to_reach)
            return
        super().mouseReleaseEvent(event)

    def tip_at(self, point: QPointF) -> str:
        return HANDLE_TIP if self._is_on_handle(point) else super().tip_at(point)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Let the menu be about the cell under the mouse, unless that is selected already.

        While a tool is chosen, the right button takes the number of a cell.
        """
        if self._store.session.paints and event.reason() == QContextMenuEvent.Reason.Mouse:
            return
        target = self.target_at(QPointF(event.pos()))
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        cell = target.cell if target and target.pane == self.name else None
        selected = self.selection is not None and cell and self.selection.has(cell)
        if by_mouse and target and cell and not selected:
            self._store.apply(transitions.select, target)
        super().contextMenuEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._brush.press(event):
            return
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
        if self._brush.has_changed():
            self.setCursor(self.cursor_at(QPointF(self.mapFromGlobal(QCursor.pos()))))

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
        if self._brush.uses(event):
            return True
        return key in ARROWS or key in OPENING or key in EMPTYING or _begins_number(event.text())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        cell, key = self.selected, Qt.Key(event.key())
        if cell is None or not self._is_own(event):
            super().keyPressEvent(event)
        elif self._brush.uses(event):
            self._store.apply(painting.press)
        elif key in ARROWS:
            self._follow(ARROWS[key], extends=_is_shift(event))
        elif key in EMPTYING:
            self._store.apply(cell_changes.clear)
        elif self.read_only:
            self._explain()
        elif key in OPENING:
            self._edit(number_text_of(self.value_at(cell)))
        else:
            self._edit(event.text())
            self._editor.end(False)

    def _follow(self, move: Move, *, extends: bool) -> None:
        if extends:
            self._extend(move)
        else:
            painting_now = self._store.session.paints
            self._store.apply(painting.step if painting_now else transitions.step, *move)

    def _extend(self, move: Move) -> None:
        if self.selection:
            row, column = self.selection.end
            end = Target(self.name, (row + move[0], column + move[1]))
            self._store.apply(transitions.extend, end)

    def _edit(self, text: str) -> None:
        if self.read_only:
            self._explain()
        elif cell := self.selected:
            self._editor.open(cell, self.place_of(cell), text)

    def _explain(self) -> None:
        """Say why no number can be typed."""
        reason = self.read_only
        self._store.apply(transitions.show_message, Message(reason[:1].upper() + reason[1:]))

    def _commit(self, cell: Cell, value: float, move: Move | None) -> None:
        if move is None:
            self._store.apply(cell_changes.fill, value)
            return
        if value != self.value_at(cell):
            self._store.apply(cell_changes.type_into, self.name, cell, value)
        if self.selected == cell:
            self._store.apply(transitions.walk, *move)

    def _refuse(self, text: str) -> None:
        self._store.apply(transitions.show_message, Message(text, "error"))


def _is_shift(event: QKeyEvent | QMouseEvent) -> bool:
    return bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)


def _begins_number(text: str) -> bool:
    return bool(text) and (text.isdigit() or text in "=-+.(" or text in BEGINNINGS)

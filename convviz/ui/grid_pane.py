"""The panes with grids: input, kernel, feature map; input and kernel can be typed into."""

from PySide6.QtCore import QEvent, QObject, QPointF, QRect, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from convviz.files.expressions import CONSTANTS, FUNCTIONS
from convviz.model import transitions
from convviz.model.scene import Cells, GridScene, Scene
from convviz.model.session import Cell, Message, PaneName, Target
from convviz.render.geometry import GridGeometry
from convviz.render.grid_painter import moved
from convviz.render.pane_painter import (
    grid_geometry,
    kernel_geometry,
    paint_grid_pane,
    paint_kernel_pane,
)
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


class OutputPane(Pane):
    """The feature map."""

    name: PaneName = "output"
    title = "Feature map"

    def changes(self, old: Scene, new: Scene) -> list[QRect]:
        return _changes(self, old.output, new.output, grid_geometry(self.painted, new.output))

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        paint_grid_pane(painter, rect, scene.output, theme, self._pictures)

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        return [("output", grid_geometry(self.painted, scene.output))]


def _changes(pane: QWidget, old: GridScene, new: GridScene, geometry: GridGeometry) -> list[QRect]:
    found = moved(old, new, geometry)
    return [pane.rect()] if found is None else found


class EditablePane(Pane):
    """A grid with a cell cursor: arrows move it, typing writes a number into its cell."""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(store, parent)
        self._editor = CellEditor(self, self._commit, self._refuse)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.installEventFilter(self)

    @property
    def shape(self) -> Cell:
        """Rows and columns that can be typed into."""
        return (1, 1)

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
        """Keep the keys of a spreadsheet from being shortcuts while the cell cursor is here.

        WORKAROUND in place of `event`: what fails in C below an overridden `event`, an index out
        of range in NumPy, crashes PySide6 6.11 (Shiboken::Errors::storePythonOverrideErrorOrPrint).
        """
        if isinstance(event, QKeyEvent) and self._overrides(event):
            event.accept()
            return True
        return False

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
        elif key in OPENING:
            self._edit(number_text_of(self.value_at(cell)))
        elif key in EMPTYING:
            self._store.apply(transitions.set_cell, self.name, cell, 0.0)
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
        if cell := self.selected:
            self._editor.open(cell, self.place_of(cell), text)

    def _commit(self, cell: Cell, value: float, move: Move) -> None:
        if value != self.value_at(cell):
            self._store.apply(transitions.set_cell, self.name, cell, value)
        self._move(cell, move)

    def _refuse(self, text: str) -> None:
        self._store.apply(transitions.show_message, Message(text, "error"))


def number_text_of(value: float) -> str:
    """Return a number as it can be typed again, to the last digit."""
    return repr(int(value)) if value == int(value) else repr(value)


def _begins_number(text: str) -> bool:
    return bool(text) and (text.isdigit() or text in "-+.(" or text in BEGINNINGS)


class InputPane(EditablePane):
    """The input with its padding; dragging the window scrubs."""

    name: PaneName = "input"
    title = "Input"

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(store, parent)
        self._grip: Cell | None = None

    @property
    def shape(self) -> Cell:
        (above, below), (before, after) = self._padding
        rows, columns = self._scene.input.cells.shape if self._scene else (1, 1)
        return rows - above - below, columns - before - after

    @property
    def _padding(self) -> tuple[tuple[int, int], tuple[int, int]]:
        return self._scene.input.cells.padding if self._scene else ((0, 0), (0, 0))

    def _padded(self, cell: Cell) -> Cell:
        (above, _), (before, _) = self._padding
        return cell[0] + above, cell[1] + before

    def value_at(self, cell: Cell) -> float:
        return float(self._scene.input.cells.values[self._padded(cell)]) if self._scene else 0.0

    def place_of(self, cell: Cell) -> QRect:
        return super().place_of(self._padded(cell))

    def target(self, name: PaneName, cell: Cell) -> Target | None:
        """Padding is no cell of the input."""
        (above, _), (before, _) = self._padding
        row, column = cell[0] - above, cell[1] - before
        rows, columns = self.shape
        inside = 0 <= row < rows and 0 <= column < columns
        return Target(name, (row, column)) if inside else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._grip = self._held(event.position())

    def _held(self, point: QPointF) -> Cell | None:
        """Return which cell of the window the mouse has, None beside the window."""
        geometry, window = self.geometry_of("input"), self._scene and self._scene.input.window
        if geometry is None or not window:
            return None
        cell = geometry.cell_at(point)
        if cell is None or not geometry.bounds(window).contains(point):
            return None
        return cell[0] - window.rows[0], cell[1] - window.columns[0]

    def drag(self, start: QPointF, point: QPointF) -> None:
        """Move the window; beside it, move a grid that is larger than its pane."""
        if self._grip is None:
            super().drag(start, point)
            return
        geometry = self.geometry_of("input")
        if geometry is None:
            return
        column = (point.x() - geometry.left) // geometry.cell - self._grip[1]
        row = (point.y() - geometry.top) // geometry.cell - self._grip[0]
        strides = (1, *self._store.session.conv.stride)[-2:]
        place = round(row / strides[0]), round(column / strides[1])
        self._store.apply(transitions.seek_cell, *place)

    def changes(self, old: Scene, new: Scene) -> list[QRect]:
        return _changes(self, old.input, new.input, grid_geometry(self.painted, new.input))

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        paint_grid_pane(painter, rect, scene.input, theme, self._pictures)

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        return [("input", grid_geometry(self.painted, scene.input))]


def _sliding(scene: Scene) -> Cells | None:
    return scene.kernel.flipped.cells if scene.kernel.flipped else None


class KernelPane(EditablePane):
    """The kernel as set and as it slides."""

    name: PaneName = "kernel"
    title = "Kernel"

    @property
    def shape(self) -> Cell:
        return self._scene.kernel.grid.cells.shape if self._scene else (1, 1)

    def value_at(self, cell: Cell) -> float:
        return float(self._scene.kernel.grid.cells.values[cell]) if self._scene else 0.0

    def target(self, name: PaneName, cell: Cell) -> Target | None:
        """A weight of the flipped kernel is the same weight as set."""
        if name == "weight":
            rows, columns = self.shape
            cell = rows - 1 - cell[0], columns - 1 - cell[1]
        return Target("kernel", cell)

    def changes(self, old: Scene, new: Scene) -> list[QRect]:
        if _sliding(old) is not _sliding(new):
            return [self.rect()]
        places = kernel_geometry(self.painted, new.kernel)
        changed = _changes(self, old.kernel.grid, new.kernel.grid, places.kernel)
        if old.kernel.flipped and new.kernel.flipped and places.flipped:
            changed += _changes(self, old.kernel.flipped, new.kernel.flipped, places.flipped)
        return changed

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        paint_kernel_pane(painter, rect, scene.kernel, theme, self._pictures)

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        places = kernel_geometry(self.painted, scene.kernel)
        found: list[tuple[PaneName, GridGeometry]] = [("kernel", places.kernel)]
        if places.flipped:
            found.append(("weight", places.flipped))
        return found

"""The window that lists every key."""

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from convviz.ui.commands import COMMANDS
from convviz.ui.menus import plain
from convviz.ui.tool_window import ToolWindow

OTHERS = (
    ("0 … 9", "0 % … 90 % of the way"),
    ("Arrows, in a grid", "Move the cell cursor"),
    ("Shift+Arrows, in a grid", "Select more cells"),
    ("Drag, Shift+Click, in a grid", "Select cells; with Shift also on the window"),
    ("Type, Enter or F2, in a grid", "Write a number into the cell"),
    ("Enter, Shift+Enter", "Take the number, go down, up"),
    ("Tab, Shift+Tab", "Take the number, go right, left"),
    ("Ctrl+Enter", "Take the number for all selected cells"),
    ("Delete, in a grid", "Set the selected cells to 0"),
    ("Drag the corner of the selection", "Fill down or right, in equal steps"),
    ("F6", "Next pane"),
    ("Click on a cell", "Hold the view on it; again or Esc to let go"),
    ("Drag the window", "Move it over the input"),
    ("Wheel on a grid", "Zoom at the mouse"),
)


class ShortcutsWindow(ToolWindow):
    """A table of keys and what they do."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Keyboard shortcuts", parent)
        rows = [
            (
                ", ".join(
                    QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
                    for key in command.keys
                ),
                plain(command.text),
            )
            for command in COMMANDS.values()
            if command.keys
        ]
        rows += OTHERS
        table = QTableWidget(len(rows), 2)
        table.setAccessibleName("Keyboard shortcuts")
        table.setHorizontalHeaderLabels(["Key", "What it does"])
        table.verticalHeader().hide()
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        for row, texts in enumerate(rows):
            for column, text in enumerate(texts):
                table.setItem(row, column, QTableWidgetItem(text))
        table.setColumnWidth(0, 210)
        table.horizontalHeader().setStretchLastSection(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(table)
        self.resize(560, 640)
        self.take_closing_keys()

"""ArchivePanel: which of the arrays in an NPZ file is opened."""

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
)

from convviz.files.errors import FileError, one_line
from convviz.files.numpy_files import ArrayEntry
from convviz.files.read import list_arrays
from convviz.ui.message_strip import Strip
from convviz.ui.plain_text import plain_label, set_tip

HEADINGS = ("Array", "Size", "Holds")
ROW_HEIGHT, LEAST_ROWS, MOST_ROWS = 26, 3, 7
OPEN = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
OWN_KEYS = {
    *OPEN,
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Escape,
}


def several_arrays(path: Path) -> tuple[ArrayEntry, ...]:
    """Return the arrays in an NPZ file when it has several; of any other file nothing."""
    if path.suffix.lower() != ".npz":
        return ()
    try:
        entries = list_arrays(path)
    except FileError:  # opening it will say why
        return ()
    return entries if len(entries) > 1 else ()


class ArchivePanel(Strip):
    """A table of arrays; `chosen` has the file and the name of the one to open."""

    chosen = Signal(Path, str)

    def __init__(self) -> None:
        super().__init__()
        self._path = Path()
        self._entries: tuple[ArrayEntry, ...] = ()
        self.setObjectName("message")
        self.setAccessibleName("Choose an array")
        self._text = plain_label()
        self.table = QTableWidget(0, len(HEADINGS))
        self.table.setAccessibleName("Arrays in the file")
        self.open_chosen = QPushButton("Open")
        self.open_chosen.setProperty("accent", True)
        self.open_chosen.setAccessibleName("Open the array")
        set_tip(self.open_chosen, "Open the chosen array (Enter, or a double click)")
        self.cancel = QPushButton("Cancel")
        self.cancel.setAccessibleName("Cancel")
        set_tip(self.cancel, "Open none (Esc)")
        self._prepare_table()
        buttons = QVBoxLayout()
        buttons.addWidget(self.open_chosen)
        buttons.addWidget(self.cancel)
        buttons.addStretch(1)
        row = QHBoxLayout()
        row.addWidget(self.table, 1)
        row.addLayout(buttons)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 8, 12, 10)
        column.addWidget(self._text)
        column.addLayout(row)
        self.open_chosen.clicked.connect(self._choose)
        self.cancel.clicked.connect(self.hide)
        self.table.cellDoubleClicked.connect(self._choose)
        self.hide()

    def _prepare_table(self) -> None:
        table = self.table
        table.setHorizontalHeaderLabels(HEADINGS)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setDragDropMode(QAbstractItemView.DragDropMode.NoDragDrop)
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        modes = QHeaderView.ResizeMode
        for number, mode in enumerate((modes.Interactive, modes.ResizeToContents, modes.Stretch)):
            header.setSectionResizeMode(number, mode)
        table.setColumnWidth(0, 260)
        table.installEventFilter(self)

    def open(self, path: Path, entries: tuple[ArrayEntry, ...]) -> None:
        """Offer the arrays of a file; those that cannot be taken say why."""
        self._path, self._entries = path, entries
        self._text.setText(f"{one_line(path.name)} holds {len(entries):,} arrays. Which one?")
        self.table.setRowCount(len(entries))
        for row, entry in enumerate(entries):
            size = " × ".join(map(str, entry.shape)) or "one number"
            known = (size, entry.kind) if entry.dtype else ("", "")
            reason = entry.problem or known[1]
            for column, text in enumerate((one_line(entry.name), known[0], reason)):
                self.table.setItem(row, column, _cell(text, entry))
        first = next((n for n, entry in enumerate(entries) if not entry.problem), None)
        self.open_chosen.setEnabled(first is not None)
        shown = min(max(len(entries), LEAST_ROWS), MOST_ROWS)
        self.table.setFixedHeight(shown * ROW_HEIGHT + self.table.horizontalHeader().height() + 14)
        self.show()
        self.table.setFocus()
        if first is None:
            self.table.clearSelection()
        else:
            self.table.setCurrentCell(first, 0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the keys that move in the table; Return opens, Esc closes."""
        if not isinstance(event, QKeyEvent) or event.key() not in OWN_KEYS:
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.hide()
            return True
        if event.type() == QEvent.Type.KeyPress and event.key() in OPEN:
            self._choose()
            return True
        return False

    def _choose(self) -> None:
        rows = self.table.selectionModel().selectedRows()
        if rows and not self._entries[rows[0].row()].problem:
            self.hide()
            self.chosen.emit(self._path, self._entries[rows[0].row()].name)


def _cell(text: str, entry: ArrayEntry) -> QTableWidgetItem:
    item = QTableWidgetItem(text)
    set_tip(item, entry.problem or text)
    if entry.problem:
        item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item

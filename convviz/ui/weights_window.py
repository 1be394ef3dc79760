"""WeightsWindow: the layers of a file with their kernels; one is chosen and taken over."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QBrush, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from convviz.engine.layers import KernelLayer
from convviz.files.errors import FileError
from convviz.files.onnx_files import Stack
from convviz.files.weights import Weights
from convviz.model.deriving.layer_kernels import kernel_pictures, shown_of
from convviz.model.scene import NO_THUMBNAILS, Thumbnails
from convviz.model.session import Session
from convviz.render.pictures import Pictures
from convviz.render.theme import DARK, Theme, qcolor
from convviz.render.thumbnails import paint_thumbnails
from convviz.ui.fields import choice, dim_label, labelled, offer
from convviz.ui.own_keys import OwnKeys
from convviz.ui.plain_text import plain_label, set_tip
from convviz.ui.screen_room import fit
from convviz.ui.store import Store
from convviz.ui.style import css
from convviz.ui.weights_rows import (
    COLUMNS,
    Row,
    choices_of,
    fit_sentence,
    row_of,
    stack_sentence,
    summary,
    told,
    too_large,
)

if TYPE_CHECKING:
    from convviz.ui.weights_files import WeightsFiles

WIDTHS = (170, 150, 140, 50)
ROW_HEIGHT = 26


class KernelPictures(QWidget):
    """The kernels of the chosen layer."""

    def __init__(self) -> None:
        super().__init__()
        self._thumbnails: Thumbnails = NO_THUMBNAILS
        self._theme: Theme = DARK
        self._pictures = Pictures(2)
        self.setMinimumSize(260, 200)
        self.setAccessibleName("Kernels of the chosen layer")

    def show_layer(self, layer: KernelLayer | None, theme: Theme) -> None:
        """Show the kernels of `layer`, or nothing."""
        self._thumbnails = NO_THUMBNAILS if layer is None else kernel_pictures(layer)
        self._theme = theme
        self.setAccessibleDescription("" if layer is None else shown_of(layer))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        area = QRect(2, 2, self.width() - 4, self.height() - 4)
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), qcolor(self._theme.card))
            paint_thumbnails(
                painter, area, self._thumbnails, self._theme, self._pictures, self._theme.kernel
            )


class WeightsWindow(QWidget):
    """A list to choose from, the kernels of what is chosen, and what can be done with it."""

    def __init__(self, store: Store, files: "WeightsFiles", parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self._store, self._files = store, files
        self._weights: Weights | None = None
        self._stack: Stack | None = None
        self._rows: tuple[Row, ...] = ()
        self._layer: KernelLayer | None = None
        self._theme: Theme = DARK
        self.setObjectName("centre")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("Weights — convviz")
        self.title = plain_label()
        self.title.setProperty("heading", True)
        self.another = QPushButton("Open another file…")
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter by name or kind, such as layer1 or Conv")
        self.filter.setAccessibleName("Filter the layers")
        self.filter.setClearButtonEnabled(True)
        self.table = _table()
        self.pictures = KernelPictures()
        self.name, self.count, self.told, self.fit = (dim_label() for _ in range(4))
        self.name.setProperty("dim", False)
        self.name.setStyleSheet("font-weight: bold;")
        self.read_as = choice(())
        self.read_as.setAccessibleName("Read as")
        self.read_as_field = labelled("Read as", self.read_as)
        self.stack_note = dim_label()
        self.as_stack = QPushButton("Open as stack")
        self.add = QPushButton("Add to stack")
        self.use = QPushButton("Use as layer")
        self.use.setProperty("accent", True)
        self._lay_out()
        self._connect()
        self.resize(1120, 640)

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.another)
        card = QFrame()
        card.setObjectName("card")
        card.setAccessibleName("The chosen layer")
        column = QVBoxLayout(card)
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(6)
        column.addWidget(self.name)
        column.addWidget(self.count)
        column.addWidget(self.pictures, 1)
        column.addWidget(self.read_as_field)
        column.addWidget(self.told)
        column.addWidget(self.fit)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.addWidget(self.as_stack)
        buttons.addWidget(self.stack_note, 1)
        buttons.addWidget(self.add)
        buttons.addWidget(self.use)
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 12, 16, 14)
        grid.setSpacing(10)
        grid.addLayout(head, 0, 0, 1, 2)
        grid.addWidget(self.filter, 1, 0)
        grid.addWidget(self.table, 2, 0)
        grid.addWidget(card, 1, 1, 2, 1)
        grid.addLayout(buttons, 3, 0, 1, 2)
        grid.setColumnStretch(0, 7)
        grid.setColumnStretch(1, 4)
        grid.setRowStretch(2, 1)

    def _connect(self) -> None:
        self.another.clicked.connect(self._files.ask)
        self.filter.textChanged.connect(self._show_matching)
        self.table.itemSelectionChanged.connect(self._choose_row)
        self.table.itemDoubleClicked.connect(self._use)
        self.read_as.activated.connect(self._choose)
        self.as_stack.clicked.connect(self._take_stack)
        self.add.clicked.connect(self._add)
        self.use.clicked.connect(self._use)
        self._keys = OwnKeys(self)
        self._keys.adopt(self)
        for widget in (self, *self.findChildren(QWidget)):
            widget.installEventFilter(self)

    def open(self, weights: Weights, stack: Stack | None, theme: Theme) -> None:
        """List the layers of a file, with the first that can be taken over chosen."""
        self._weights, self._stack, self._theme = weights, stack, theme
        self._rows = tuple(map(row_of, weights.entries))
        self.title.setText(summary(weights, self._rows))
        self.filter.clear()
        self._fill()
        sentence, count = stack_sentence(weights)
        self.stack_note.setText(sentence)
        self.as_stack.setVisible(count > 0)
        fit(self)
        self.show()
        fit(self)
        self.raise_()
        self.activateWindow()
        self.table.setFocus()
        self._select_first_visible()
        self._choose_row()

    def show_session(self, session: Session, theme: Theme) -> None:
        """Follow the session while the window is open."""
        if not self.isVisible():
            return
        if theme is not self._theme:
            self._theme = theme
            self._fill()
            self._choose()
        self._show_fit(session)

    def _fill(self) -> None:
        """Put a line for each layer into the table; what cannot be taken over is grey."""
        theme = self._theme
        self.table.setStyleSheet(
            "QTableView { outline: 0; } QTableView::item { padding: 0 4px; border: none; } "
            "QTableView::item:selected { "
            f"background: {css(theme.hover)}; color: {css(theme.text)}; }}"
        )
        chosen = self.table.currentRow()
        grey = QBrush(qcolor(self._theme.faint))
        self.table.blockSignals(True)
        self.table.setRowCount(len(self._rows))
        for number, row in enumerate(self._rows):
            for column, text in enumerate(row.texts):
                item = QTableWidgetItem(text)
                set_tip(item, text)
                if row.refusal:
                    item.setForeground(grey)
                self.table.setItem(number, column, item)
        if chosen >= 0:
            self.table.selectRow(min(chosen, len(self._rows) - 1))
        self.table.blockSignals(False)

    def _show_matching(self, text: str) -> None:
        """Hide the layers whose name and kind do not hold `text`."""
        wanted = text.lower().split()
        for number, row in enumerate(self._rows):
            words = " ".join(row.texts[:2]).lower()
            self.table.setRowHidden(number, not all(word in words for word in wanted))
        if self._row is None:
            self._select_first_visible()
            self._choose_row()

    def _select_first_visible(self) -> None:
        """Choose the first layer that is listed and can be taken over, else any, else none."""
        listed = [n for n in range(len(self._rows)) if not self.table.isRowHidden(n)]
        able = (n for n in listed if not self._rows[n].refusal)
        first = next(able, listed[0] if listed else None)
        if first is None:
            self.table.clearSelection()
        else:
            self.table.selectRow(first)

    @property
    def _row(self) -> Row | None:
        """The chosen layer; one that the filter hides is not chosen."""
        chosen = self.table.selectionModel().selectedRows()
        if not chosen or self.table.isRowHidden(chosen[0].row()):
            return None
        return self._rows[chosen[0].row()]

    def _choose_row(self) -> None:
        """Begin with the order of axes that is the likeliest."""
        row = self._row
        offer(self.read_as, () if row is None else choices_of(row.entry))
        self._choose()

    def _choose(self) -> None:
        """Read the chosen layer, and show its kernels."""
        row = self._row
        self._layer, refusal = self._read(row)
        self.name.setText(row.texts[0] if row else "")
        self.count.setText(self._count_text(row))
        self.told.setText(told(row, refusal) if row else "")
        open_ways = row is not None and not row.refusal and self.read_as.count() > 1
        self.read_as_field.setVisible(open_ways)
        for button in (self.use, self.add):
            button.setEnabled(self._layer is not None)
        self.pictures.show_layer(self._layer, self._theme)
        self._show_fit(self._store.session)

    def _read(self, row: Row | None) -> tuple[KernelLayer | None, str]:
        """Return the layer, or why it cannot be taken over."""
        if row is None or self._weights is None or row.refusal:
            return None, "" if row is None else row.refusal
        layout = self.read_as.currentData() or None
        if row.entry.question and layout is None:
            return None, row.entry.question
        try:
            layer = self._weights.layer(row.entry.name, layout=layout)
        except FileError as error:
            return None, error.reason
        large = too_large(layer.kernel_size)
        return (None, large) if large else (layer, "")

    def _count_text(self, row: Row | None) -> str:
        if row is None:
            return ""
        kernels = "" if self._layer is None else f": {shown_of(self._layer)}"
        return f"{row.texts[1]}, {row.texts[2]}{kernels}"

    def _show_fit(self, session: Session) -> None:
        self.fit.setText("" if self._layer is None else fit_sentence(self._layer, session))

    def _use(self) -> None:
        if self._row is not None and self._layer is not None:
            self._files.use(self._row.entry, self._layer)

    def _add(self) -> None:
        if self._row is not None and self._layer is not None:
            self._files.add(self._row.entry, self._layer)

    def _take_stack(self) -> None:
        if self._weights is not None and self._stack is not None:
            self._files.take_stack(self._weights, self._stack)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Esc and Ctrl+W before they reach the main window's commands; Enter uses."""
        if not isinstance(event, QKeyEvent):
            return False
        pressed = event.type() == QEvent.Type.KeyPress
        if watched is self.table and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            if pressed:
                self._use()
            return True
        if event.key() != Qt.Key.Key_Escape and not event.matches(QKeySequence.StandardKey.Close):
            return False
        event.accept()
        if pressed:
            self.close()
        return True


def _table() -> QTableWidget:
    table = QTableWidget(0, len(COLUMNS))
    table.setAccessibleName("Layers of the file")
    table.setHorizontalHeaderLabels(list(COLUMNS))
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(ROW_HEIGHT)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.setShowGrid(False)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
    table.horizontalHeader().setHighlightSections(False)
    for column, width in enumerate(WIDTHS):
        table.setColumnWidth(column, width)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
    table.horizontalHeader().setStretchLastSection(True)
    return table

"""PaddingWindow: what each padding rule does to the layer in focus, and how two of them compare."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from convviz.engine.layers import Conv
from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.model import changes
from convviz.model.padding_rules import (
    OWN,
    RuleRow,
    RuleTable,
    compare_rules,
    edited_conv,
    filled,
    padding_of,
    rule_table,
)
from convviz.model.scene import scale_of
from convviz.model.session import Session
from convviz.render.fonts import MONO
from convviz.render.theme import DARK, Theme
from convviz.ui.fields import choice, dim_label, labelled, show_choice
from convviz.ui.own_keys import OwnKeys
from convviz.ui.plain_text import plain_label, set_tip
from convviz.ui.rule_drawing import MapView, RuleDrawing
from convviz.ui.store import Store
from convviz.ui.style import css
from convviz.ui.tool_window import ToolWindow

NAMES = (*PADDING_RULES, OWN)
CHOOSE = "Choose two rules to see their feature maps side by side."
COLUMNS = ("Here", "Two cells each side", "torch", "numpy.pad", "scipy.ndimage")


def use_rule(session: Session, name: str) -> Session:
    """Pad by a rule, or by the amounts that the present one comes to."""
    found = edited_conv(session)
    if found is None:
        return session
    conv, shape = found
    return changes.set_padding(session, padding_of(conv, name, shape[1:]))


class RuleLine(QWidget):
    """One rule: drawing, names, amounts, output size, and a button that uses it."""

    def __init__(self, store: Store, name: str) -> None:
        super().__init__()
        self._store, self._name = store, name
        self.setAccessibleName(name)
        self.drawing = RuleDrawing()
        title = plain_label(name)
        title.setStyleSheet("font-weight: bold;")
        self.summary, self.used_by = dim_label(), dim_label()
        self.sides, self.output = plain_label(), plain_label()
        self.sides.setStyleSheet(f"font-family: '{MONO}'; font-size: 12px;")
        self.problem = dim_label()
        self.use = QPushButton("Use")
        self.use.setCheckable(True)
        self.use.setFixedWidth(74)
        self.use.clicked.connect(self._use)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addStretch(1)
        for widget in (title, self.summary, self.used_by, self.problem):
            texts.addWidget(widget)
        texts.addStretch(1)
        numbers = QVBoxLayout()
        numbers.setSpacing(3)
        numbers.addStretch(1)
        numbers.addWidget(self.sides)
        numbers.addWidget(self.output)
        numbers.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.drawing)
        row.addLayout(texts, 1)
        row.addLayout(numbers)
        row.addWidget(self.use)

    def show_row(self, row: RuleRow, table: RuleTable, theme: Theme) -> None:
        """Show what the rule does to the layer in focus."""
        self.drawing.show_amounts(row.amounts, table.spatial, theme)
        self.summary.setText(row.summary)
        self.used_by.setText(f"used by {row.used_by}")
        self.used_by.setVisible(not row.problem)
        self.sides.setText(row.sides)
        self.output.setText(row.output or "does not fit")
        colour = theme.error if row.problem else theme.output
        self.output.setStyleSheet(f"color: {css(colour)}; font-weight: bold;")
        self.problem.setText(row.problem)
        self.problem.setVisible(bool(row.problem))
        self.problem.setStyleSheet(f"color: {css(theme.error)};")
        self.use.setText("In use" if row.chosen else "Use")
        self.use.setChecked(row.chosen)
        result = f"output {row.output}" if row.output else f"does not fit: {row.problem}"
        self.use.setAccessibleName(f"{'In use' if row.chosen else 'Use'}: {self._name}")
        self.use.setAccessibleDescription(f"{row.sides}, {result}")

    def _use(self) -> None:
        self.use.setChecked(True)
        self._store.apply(use_rule, self._name)


class PaddingWindow(ToolWindow):
    """Every rule for the layer in focus, two maps to compare, and what the modes fill in."""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__("Padding rules", parent)
        self._store = store
        self._theme: Theme = DARK
        self._shown: tuple[object, ...] = ()
        self.title = plain_label()
        self.title.setProperty("heading", True)
        self.reason = dim_label()
        self.lines = {name: RuleLine(store, name) for name in NAMES}
        entries = [("", "choose…", "")] + [(name, name, "") for name in NAMES]
        self.one, self.other = choice(entries), choice(entries)
        self.maps = MapView("Feature map of the first rule"), MapView("Feature map of the second")
        self.sentence = dim_label(CHOOSE)
        self.fills = _fill_table()
        self._lay_out()
        for combo in (self.one, self.other):
            combo.activated.connect(self._compare)
        self._keys = OwnKeys(self)
        self._keys.adopt(self)
        self.take_closing_keys()
        self.resize(1100, 660)

    def _lay_out(self) -> None:
        self._rules = QVBoxLayout()
        self._rules.setSpacing(8)
        self._rules.addWidget(self.reason)
        for line in self.lines.values():
            self._rules.addWidget(line)
        self._rules.addStretch(1)
        choices = QHBoxLayout()
        choices.addWidget(labelled("First rule", self.one))
        choices.addWidget(labelled("Second rule", self.other))
        maps = QHBoxLayout()
        for view in self.maps:
            maps.addWidget(view)
        compare = QVBoxLayout()
        compare.addLayout(choices)
        compare.addLayout(maps, 1)
        compare.addWidget(self.sentence)
        modes = QVBoxLayout()
        modes.addWidget(self.fills)
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 12, 16, 14)
        grid.setSpacing(12)
        grid.addWidget(self.title, 0, 0, 1, 2)
        grid.addWidget(_card("How many cells", self._rules), 1, 0, 2, 1)
        grid.addWidget(_card("Compare two rules", compare), 1, 1)
        grid.addWidget(_card("What they hold: [1 2 3 4]", modes), 2, 1)
        grid.setColumnStretch(0, 10)
        grid.setColumnStretch(1, 12)
        grid.setRowStretch(1, 1)

    def open(self, theme: Theme) -> None:
        """Show the window for the session as it is."""
        self.come_forward()
        self.show_session(self._store.session, theme)

    def show_session(self, session: Session, theme: Theme) -> None:
        """Follow the session while the window is open."""
        shown = (session.edited, session.layer, session.channel, theme)
        if not self.isVisible() or shown == self._shown:
            return
        self._shown, self._theme = shown, theme
        table = rule_table(session)
        self.title.setText(table.title)
        self.reason.setText(table.reason)
        self.reason.setVisible(bool(table.reason))
        for line in self.lines.values():
            line.setVisible(not table.reason)
        for row in table.rows:
            self.lines[row.name].show_row(row, table, theme)
        self._show_fill(session)
        self._propose(table)
        self._compare()

    def _propose(self, table: RuleTable) -> None:
        """Compare what is in use with another rule, until a person chooses."""
        used = next((row.name for row in table.rows if row.chosen), "")
        if used and not (self.one.currentData() or self.other.currentData()):
            show_choice(self.one, used)
            show_choice(self.other, "valid" if used != "valid" else "same")

    def _show_fill(self, session: Session) -> None:
        """Mark what the layer in focus fills its padding with."""
        layer = session.edited.layers[session.layer]
        used = layer.padding_mode if isinstance(layer, Conv) else ""
        for row, name in enumerate(PADDING_MODES):
            item = self.fills.item(row, 0)
            if item is None:
                continue
            bold = item.font()
            bold.setBold(name == used)
            item.setFont(bold)
            item.setText(f"✓ {name}" if name == used else name)
            set_tip(item, f"{PADDING_MODES[name].summary}{', in use' if name == used else ''}")

    def _compare(self) -> None:
        one, other = str(self.one.currentData()), str(self.other.currentData())
        if not (one and other):
            self.sentence.setText(CHOOSE)
            for view in self.maps:
                view.show_map(None, None, scale_of(np.zeros(1)), self._theme)
            return
        found = compare_rules(self._store.session, one, other)
        self.sentence.setText(found.sentence)
        known = [cells.ravel() for cells in found.maps if cells is not None]
        scale = scale_of(np.concatenate(known)) if known else scale_of(np.zeros(1))
        for view, cells, name in zip(self.maps, found.maps, (one, other), strict=True):
            view.show_map(cells, found.differs, scale, self._theme)
            view.setAccessibleDescription(f"{name}. {found.sentence}")


def _card(title: str, content: QVBoxLayout) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    card.setAccessibleName(title)
    heading = plain_label(title)
    heading.setStyleSheet("font-weight: bold;")
    column = QVBoxLayout(card)
    column.setContentsMargins(14, 10, 14, 12)
    column.addWidget(heading)
    column.addLayout(content, 1)
    return card


def _fill_table() -> QTableWidget:
    """Return the modes with what they fill in, and what others call them."""
    table = QTableWidget(len(PADDING_MODES), len(COLUMNS))
    table.setAccessibleName("What the padding modes fill in")
    table.setHorizontalHeaderLabels(list(COLUMNS))
    table.verticalHeader().hide()
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
    for row, mode in enumerate(PADDING_MODES.values()):
        texts = (mode.name, filled(mode), mode.torch or "–", mode.numpy, mode.ndimage)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(text)
            set_tip(item, mode.summary)
            table.setItem(row, column, item)
        table.setRowHeight(row, 24)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.horizontalHeader().setStretchLastSection(True)
    for scroll in (table.setHorizontalScrollBarPolicy, table.setVerticalScrollBarPolicy):
        scroll(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.setStyleSheet("font-size: 12px;")
    table.horizontalHeader().setFixedHeight(26)
    table.setFixedHeight(24 * len(PADDING_MODES) + 28)
    return table

"""Padding of a convolution: which rule or own amounts, and what it is filled with."""

from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from convviz.engine.layers import Conv, Shape
from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.model import changes, transitions
from convviz.ui.fields import (
    Labelled,
    NumberBox,
    beside,
    choice,
    show_choice,
    show_number,
    show_values,
    whole_number,
)
from convviz.ui.plain_text import set_tip
from convviz.ui.store import Store

LARGEST_PADDING = 512
AMOUNT = "amount"
SIDES = (("↑", "above"), ("↓", "below"), ("←", "left"), ("→", "right"))


class PaddingFields(QWidget):
    """A rule beside the fill; below, amounts for each side and the value, where they matter."""

    def __init__(self, store: Store, spacing: int) -> None:
        super().__init__()
        self._store = store
        self.setAccessibleName("Padding")
        rules = ((r.name, r.name, f"{r.summary} ({r.used_by})") for r in PADDING_RULES.values())
        amount = (AMOUNT, "amount", "your own number of cells on each side")
        self.padding = choice((*rules, amount))
        self.fill = choice((m.name, m.name, m.summary) for m in PADDING_MODES.values())
        self.rules = QPushButton("rules…")
        self.rules.setProperty("link", True)
        self.rules.setAccessibleName("Padding rules")
        set_tip(self.rules, "What each rule does here, and how two of them compare (F4)")
        self.amounts = [
            whole_number(0, LARGEST_PADDING, f"Padding {side}", f"Cells {side} of the input")
            for _, side in SIDES
        ]
        self.fill_value = NumberBox("Fill value", "What padding cells hold")
        self._amounts_field = Labelled("Padding ↑ ↓ ← →", *self.amounts)
        self._value_field = Labelled("Value of the padding", self.fill_value)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(spacing)
        column.addWidget(
            beside(Labelled("Padding", self.padding, link=self.rules), Labelled("Fill", self.fill))
        )
        column.addWidget(self._amounts_field)
        column.addWidget(self._value_field)
        self.padding.activated.connect(self._choose_padding)
        self.fill.activated.connect(self._choose_fill)
        self.fill_value.valueChanged.connect(self._change_fill_value)
        self.fill_value.refused.connect(self._refuse)
        for field in self.amounts:
            field.valueChanged.connect(self._change_amounts)

    def show_conv(self, conv: Conv, shape: Shape) -> None:
        """Show the padding of a layer that reads an image of `shape` (in_channels, *spatial)."""
        own = not isinstance(conv.padding, str)
        show_choice(self.padding, AMOUNT if own else str(conv.padding))
        show_choice(self.fill, conv.padding_mode)
        if len(shape) == conv.rank + 1:
            pairs = conv.amounts(shape[1:])
            show_values(self.amounts, [cells for pair in pairs for cells in pair])
            self._amounts_field.say("Padding ↑ ↓ ← →" if conv.rank == 2 else "Padding ← →")
        show_number(self.fill_value, conv.padding_value)
        self._amounts_field.setVisible(own)
        self._value_field.setVisible(PADDING_MODES[conv.padding_mode].takes_value)

    def _choose_padding(self) -> None:
        chosen = self.padding.currentData()
        if chosen != AMOUNT:
            self._store.apply(changes.set_padding, chosen)
            return
        self._change_amounts()

    def _choose_fill(self) -> None:
        self._store.apply(changes.set_padding_mode, self.fill.currentData())

    def _refuse(self, sentence: str) -> None:
        self._store.apply(transitions.refuse, sentence)

    def _change_fill_value(self) -> None:
        self._store.apply(changes.set_padding_value, self.fill_value.value())

    def _change_amounts(self) -> None:
        cells = [field.value() for field in self.amounts]
        pairs = ((cells[0], cells[1]), (cells[2], cells[3]))
        self._store.apply(changes.set_padding, pairs[-self._store.session.rank :])

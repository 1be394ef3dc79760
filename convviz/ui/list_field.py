"""ListField: a signal as a list of numbers, to be read and typed."""

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from convviz.engine.padding import Array
from convviz.files.errors import LiteralError
from convviz.files.literals import parse_array
from convviz.ui.plain_text import set_tip
from convviz.ui.typed import writes_decimal_commas

MOST = 64  # samples that are written out


class ListField(QLineEdit):
    """Samples as "1, 2, 3"; `entered` says what was typed, `refused` why that is no list."""

    entered = Signal(object)
    refused = Signal(str)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(f"Samples of {name}")
        set_tip(self, f"All samples of {name}: type numbers such as 1, 2, 1/3 and press Enter")
        self._shown = ""
        self._refused: str | None = None  # what is no list, and has yet to be mended
        self.editingFinished.connect(self.finish)

    def show_samples(self, samples: Array) -> None:
        """Write samples out, unless a person is typing, or has yet to mend what is no list."""
        many = len(samples) > MOST
        text = "" if many else ", ".join(map(_written, samples.tolist()))
        unmended = self._refused is not None and text == self._shown
        if unmended or (self.hasFocus() and self.isModified()):
            return
        self._refused = None
        self.setPlaceholderText(f"{len(samples):,} samples: type others" if many else "")
        if text != self.text():
            self.setText(text)
            self.setCursorPosition(0)
        self._shown = text

    def finish(self) -> None:
        """Take over the list that was typed, or say why not; the text stays, to be mended."""
        text = self.text().strip()
        self.setModified(False)
        if text == self._shown:
            self._refused = None
        if text in (self._shown, self._refused):
            return
        try:
            samples = _parsed(text)
        except LiteralError as error:
            self._refused = text
            self.refused.emit(
                f"{self.accessibleName()}: {error.reason}; mend it, with commas between the numbers"
            )
            return
        self._refused = None
        self.entered.emit(samples)


def _written(value: float) -> str:
    return str(np.format_float_positional(value, trim="-"))


def _parsed(text: str) -> Array:
    """Return the samples in a list; raises LiteralError."""
    if not text:
        raise LiteralError("type at least one number, such as 1, 2, 3")
    array = parse_array(text, decimal_comma=writes_decimal_commas())
    if array.size != max(array.shape):
        raise LiteralError("a signal has one row: type numbers with commas between them")
    return array.ravel()

"""Small parts of the panel: headings, labelled fields, controls that are written to in silence."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QPointF, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QValidator
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from convviz.files.literals import LiteralError
from convviz.model.numbers import number_text
from convviz.render.theme import DARK, Colour, Theme, qcolor
from convviz.ui.plain_text import plain_label, set_entry_tip, set_tip, take_entry_tip
from convviz.ui.typed import parse_typed

LARGEST_NUMBER = 1e300
DECIMALS = 323  # none is rounded away


class Dot(QWidget):
    """A disc in the colour of a role."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._colour: Colour = DARK.input
        self.setFixedSize(QSize(11, 11))
        self.setAccessibleName("Colour of the section")

    def show_colour(self, colour: Colour) -> None:
        """Paint the disc in `colour`."""
        self._colour = colour
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor(self._colour))
            painter.drawEllipse(QPointF(5.5, 5.5), 5, 5)


class Heading(QWidget):
    """The name of a section, with the disc of its colour, and what stands beside it."""

    def __init__(self, text: str, colour: Callable[[Theme], Colour], *beside: QWidget) -> None:
        super().__init__()
        self._colour = colour
        self._dot = Dot(self)
        self._label = plain_label(text)
        self._label.setProperty("heading", True)
        self.setAccessibleName(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(9)
        row.addWidget(self._dot)
        row.addWidget(self._label, 1)
        for widget in beside:
            row.addWidget(widget)

    def say(self, text: str) -> None:
        """Call the section something else."""
        self._label.setText(text)
        self.setAccessibleName(text)

    def show_theme(self, theme: Theme) -> None:
        """Take the colour from `theme`."""
        self._dot.show_colour(self._colour(theme))


class Labelled(QWidget):
    """Controls side by side under their label; each takes its name from it.

    `link` is a button that stands beside the label.
    """

    def __init__(self, text: str, *controls: QWidget, link: QWidget | None = None) -> None:
        super().__init__()
        self._label = plain_label(text)
        self._label.setProperty("dim", True)
        self._unnamed = [control for control in controls if not control.accessibleName()]
        above = QHBoxLayout()
        above.addWidget(self._label, 1)
        if link is not None:
            above.addWidget(link)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(above)
        if len(controls) == 1:
            self._label.setBuddy(controls[0])
            column.addWidget(controls[0])
        else:
            column.addWidget(beside(*controls, spacing=6))
        self.say(text)

    def say(self, text: str) -> None:
        """Show another label."""
        self._label.setText(text)
        self.setAccessibleName(text)
        for control in self._unnamed:
            control.setAccessibleName(text)


def labelled(text: str, *controls: QWidget) -> QWidget:
    """Return controls side by side under their label; each takes its name from it."""
    return Labelled(text, *controls)


class Halves(QWidget):
    """Widgets two in a row, in order; those that are not wanted leave no gap."""

    def __init__(self, *widgets: QWidget, spacing: int = 6) -> None:
        super().__init__()
        self._widgets, self._shown = widgets, widgets[:0]
        self.setAccessibleName("Fields")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(spacing)
        for column in (0, 1):
            self._grid.setColumnStretch(column, 1)
        for widget in widgets:
            _narrow(widget)
        self.show_only(*widgets)

    def show_only(self, *wanted: QWidget) -> None:
        """Lay out those that are wanted, in their order."""
        shown = tuple(widget for widget in self._widgets if widget in wanted)
        if shown == self._shown:
            return
        self._shown = shown
        for widget in self._widgets:
            self._grid.removeWidget(widget)
            widget.setVisible(widget in shown)
        for place, widget in enumerate(shown):
            self._grid.addWidget(widget, *divmod(place, 2))
        self.setVisible(bool(shown))


def _narrow(widget: QWidget) -> None:
    """Let a widget take the width that it is given."""
    policy = widget.sizePolicy()
    policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
    widget.setSizePolicy(policy)


def beside(*widgets: QWidget, spacing: int = 8, shares: Sequence[int] = ()) -> QWidget:
    """Return widgets in a row, all as wide, or by their `shares` of the width."""
    box = QWidget()
    box.setAccessibleName("Row")
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(spacing)
    for widget, share in zip(widgets, shares or (1,) * len(widgets), strict=True):
        _narrow(widget)
        row.addWidget(widget, share)
    return box


def dim_label(text: str = "") -> QLabel:
    """Return a small label that wraps."""
    label = plain_label(text)
    label.setProperty("dim", True)
    label.setWordWrap(True)
    return label


def choice(items: Iterable[tuple[str, str, str]]) -> QComboBox:
    """Return a combo box of (key, text, tool tip)."""
    combo = QComboBox()
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(6)
    combo.setMaxVisibleItems(24)
    offer(combo, items)
    return combo


def offer(combo: QComboBox, items: Iterable[tuple[str, str, str]]) -> None:
    """Put other entries (key, text, tool tip) into a combo box, without telling anyone."""
    with QSignalBlocker(combo):
        combo.clear()
        for key, text, tip in items:
            combo.addItem(text, key)
            set_entry_tip(combo, combo.count() - 1, tip)


def show_choice(combo: QComboBox, key: str | None, other: str = "") -> None:
    """Select `key` without telling anyone; what is in no table stands as `other`."""
    with QSignalBlocker(combo):
        index = combo.findData(key) if key is not None else -1
        if index < 0 and other:
            own = combo.findData("")
            if own < 0:
                combo.insertItem(0, other, "")
                own = 0
            combo.setItemText(own, other)
            index = own
        combo.setCurrentIndex(index)
        take_entry_tip(combo, index)


def whole_number(low: int, high: int, name: str, tip: str = "") -> QSpinBox:
    """Return a field for a whole number."""
    box = QSpinBox()
    box.setAlignment(Qt.AlignmentFlag.AlignCenter)
    box.setRange(low, high)
    box.setAccessibleName(name)
    set_tip(box, tip or name)
    box.setKeyboardTracking(False)
    return box


class NumberBox(QDoubleSpinBox):
    """A field for any number, as cells take them: 1/9, sqrt(2)/2, 1e-3; `refused` says why not."""

    refused = Signal(str)

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setRange(-LARGEST_NUMBER, LARGEST_NUMBER)
        self.setDecimals(DECIMALS)
        self.setSingleStep(0.1)
        self.setAccessibleName(name)
        set_tip(self, tip or name)
        self.setKeyboardTracking(False)

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        known = _number_in(text) is not None
        state = QValidator.State.Acceptable if known else QValidator.State.Intermediate
        return state, text, pos

    def valueFromText(self, text: str) -> float:
        """What is shown may be rounded: left as it is, it stays the value."""
        shown = text == self.textFromValue(self.value())
        found = None if shown else _number_in(text)
        return self.value() if found is None else found

    def fixup(self, text: str) -> str:
        """Tell what is no number, and show the one that stands."""
        try:
            parse_typed(text)
        except LiteralError as error:
            reason = str(error) if text.strip() else f"{self.accessibleName()} is empty"
            self.refused.emit(f"{reason}: type a number such as -1, 0.2 or 1/9")
        return self.textFromValue(self.value())

    def textFromValue(self, value: float) -> str:
        return number_text(value)


def _number_in(text: str) -> float | None:
    try:
        return parse_typed(text)
    except LiteralError:
        return None


def show_number(box: QSpinBox | QDoubleSpinBox, value: float) -> None:
    """Write a number into its field without telling anyone, unless a person is typing there."""
    if box.hasFocus() and box.lineEdit().isModified():
        return
    with QSignalBlocker(box):
        if isinstance(box, QSpinBox):
            box.setMaximum(max(box.maximum(), int(value)))
            box.setValue(int(value))
        else:
            box.setValue(value)


def values(fields: Sequence[QSpinBox], rank: int) -> tuple[int, ...]:
    """Return the numbers of the last `rank` fields: a signal has columns alone."""
    return tuple(field.value() for field in fields[-rank:])


def axes_text(rank: int) -> str:
    """Return the arrows that stand for rows and columns; a signal needs none."""
    return " ↓ →" if rank == 2 else ""


def show_values(fields: Sequence[QSpinBox], numbers: Sequence[int]) -> None:
    """Write numbers into the last fields, and hide those before, for which there are none."""
    spare = len(fields) - len(numbers)
    for field in fields[:spare]:
        field.hide()
    for field, number in zip(fields[spare:], numbers, strict=True):
        field.show()
        show_number(field, number)

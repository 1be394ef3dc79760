"""Small parts of the panel: headings, labelled fields, controls that are written to in silence."""

from collections.abc import Callable, Iterable

from PySide6.QtCore import QPointF, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from convviz.model.numbers import number_text
from convviz.render.theme import DARK, Colour, Theme, qcolor


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
    """The name of a section, with the disc of its colour."""

    def __init__(self, text: str, colour: Callable[[Theme], Colour]) -> None:
        super().__init__()
        self._colour = colour
        self._dot = Dot(self)
        label = QLabel(text)
        label.setProperty("heading", True)
        self.setAccessibleName(text)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(9)
        row.addWidget(self._dot)
        row.addWidget(label, 1)

    def show_theme(self, theme: Theme) -> None:
        """Take the colour from `theme`."""
        self._dot.show_colour(self._colour(theme))


def labelled(text: str, *controls: QWidget) -> QWidget:
    """Return controls side by side under their label; each takes its name from it."""
    box = QWidget()
    box.setAccessibleName(text)
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(3)
    label = QLabel(text)
    label.setProperty("dim", True)
    column.addWidget(label)
    if len(controls) == 1:
        label.setBuddy(controls[0])
        column.addWidget(controls[0])
    else:
        column.addWidget(beside(*controls, spacing=6))
    for control in controls:
        if not control.accessibleName():
            control.setAccessibleName(text)
    return box


def beside(*widgets: QWidget, spacing: int = 8) -> QWidget:
    """Return widgets in a row, all as wide."""
    box = QWidget()
    box.setAccessibleName("Row")
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(spacing)
    for widget in widgets:
        policy = widget.sizePolicy()
        policy.setHorizontalPolicy(QSizePolicy.Policy.Ignored)
        widget.setSizePolicy(policy)
        row.addWidget(widget, 1)
    return box


def dim_label(text: str = "") -> QLabel:
    """Return a small label that wraps."""
    label = QLabel(text)
    label.setProperty("dim", True)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def choice(items: Iterable[tuple[str, str, str]]) -> QComboBox:
    """Return a combo box of (key, text, tool tip)."""
    combo = QComboBox()
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.setMinimumContentsLength(6)
    combo.setMaxVisibleItems(24)
    for key, text, tip in items:
        combo.addItem(text, key)
        combo.setItemData(combo.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
    return combo


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
        combo.setToolTip(str(combo.itemData(index, Qt.ItemDataRole.ToolTipRole) or ""))


def whole_number(low: int, high: int, name: str, tip: str = "") -> QSpinBox:
    """Return a field for a whole number."""
    box = QSpinBox()
    box.setAlignment(Qt.AlignmentFlag.AlignCenter)
    box.setRange(low, high)
    box.setAccessibleName(name)
    box.setToolTip(tip or name)
    box.setKeyboardTracking(False)
    return box


class NumberBox(QDoubleSpinBox):
    """A field for any number, shown as short as it is."""

    def __init__(self, name: str, tip: str = "") -> None:
        super().__init__()
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setRange(-1e6, 1e6)
        self.setDecimals(6)
        self.setSingleStep(0.1)
        self.setAccessibleName(name)
        self.setToolTip(tip or name)
        self.setKeyboardTracking(False)

    def textFromValue(self, value: float) -> str:
        text = number_text(round(value, 6))
        return f"{value:g}" if "/" in text else text


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

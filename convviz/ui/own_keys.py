"""Widgets that keep keys which are shortcuts elsewhere, while they have the focus."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QSlider, QWidget

_PRESS = {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter}
_CHOOSE = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Home,
    Qt.Key.Key_End,
}
_SLIDE = _CHOOSE | {Qt.Key.Key_Left, Qt.Key.Key_Right}
LEAVE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
KEPT: tuple[tuple[type[QWidget], set[Qt.Key]], ...] = (
    (QAbstractButton, _PRESS),
    (QComboBox, _PRESS | _CHOOSE),
    (QSlider, _SLIDE),
)


class OwnKeys(QObject):
    """Gives focused controls their keys back; clicking does not focus them, Tab does.

    So Space plays after a click on any button, and presses the button that Tab has reached.
    """

    def adopt(self, widget: QWidget) -> None:
        """Watch `widget` and what it holds."""
        kinds = tuple(kind for kind, _ in KEPT)
        for child in (widget, *widget.findChildren(QWidget)):
            if isinstance(child, kinds):
                child.setFocusPolicy(Qt.FocusPolicy.TabFocus)
                child.installEventFilter(self)
            elif isinstance(child, QAbstractSpinBox):
                child.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim the keys that a focused control uses itself; Return leaves a number field."""
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and _keeps(watched, event):
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and event.key() in LEAVE:
            return _left(watched)
        return False


def _keeps(widget: QWidget, event: QKeyEvent) -> bool:
    """Return whether the focused control uses the key itself."""
    if not widget.hasFocus() or event.modifiers():
        return False
    return any(isinstance(widget, kind) and event.key() in keys for kind, keys in KEPT)


def _left(widget: QWidget) -> bool:
    """Take over what was typed into a number field, and give the keyboard back to the scene."""
    if not isinstance(widget, QAbstractSpinBox):
        return False
    widget.interpretText()
    widget.clearFocus()
    return True

"""Widgets that keep keys which are shortcuts elsewhere, while they have the focus."""

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDoubleSpinBox,
    QListWidget,
    QSlider,
    QSpinBox,
    QTabBar,
    QWidget,
)

from convviz.ui.pane import Pane

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
_FIELD = {
    Qt.Key.Key_Up,
    Qt.Key.Key_Down,
    Qt.Key.Key_PageUp,
    Qt.Key.Key_PageDown,
    Qt.Key.Key_Escape,
}
LEAVE = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape)
KEPT: tuple[tuple[type[QWidget], set[Qt.Key]], ...] = (
    (QAbstractButton, _PRESS),
    (QComboBox, _PRESS | _CHOOSE),
    (QListWidget, _PRESS | _CHOOSE),
    (QSlider, _SLIDE),
    (QTabBar, {Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End}),
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
            elif isinstance(child, (QAbstractSpinBox, Pane)):
                child.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim the keys that a focused control uses itself; Return leaves a number field.

        So does a click elsewhere, which would not take the focus.
        """
        if event.type() == QEvent.Type.MouseButtonPress:
            _leave_for(watched)
        if not isinstance(event, QKeyEvent) or not isinstance(watched, QWidget):
            return False
        if event.type() == QEvent.Type.ShortcutOverride and _keeps(watched, event):
            event.accept()
            return True
        if event.type() == QEvent.Type.KeyPress and event.key() in LEAVE:
            return _left(watched, cancelled=event.key() == Qt.Key.Key_Escape)
        return False


def _keeps(widget: QWidget, event: QKeyEvent) -> bool:
    """Return whether the focused control uses the key itself."""
    if not widget.hasFocus() or event.modifiers():
        return False
    if isinstance(widget, QAbstractSpinBox):
        return event.key() in _FIELD
    return any(isinstance(widget, kind) and event.key() in keys for kind, keys in KEPT)


def _leave_for(clicked: QObject) -> None:
    focused = QApplication.focusWidget()
    if focused is not None and focused is not clicked:
        _left(focused)


def _left(widget: QWidget, *, cancelled: bool = False) -> bool:
    """Take over what was typed into a number field, and give the keyboard back to the scene."""
    if not isinstance(widget, (QSpinBox, QDoubleSpinBox)):
        return False
    if cancelled:
        with QSignalBlocker(widget):
            widget.setValue(widget.value())  # type: ignore[arg-type]
    else:
        widget.interpretText()
    widget.clearFocus()
    return True

"""ToolWindow: a window beside the main one, which Esc and Ctrl+W close."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QWidget

from convviz.ui.screen_room import fit


class ToolWindow(QWidget):
    """Stays above the main window, and never stands in its way."""

    def __init__(self, title: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Tool)
        self.setObjectName("centre")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle(f"{title} — convviz")

    def take_closing_keys(self) -> None:
        """Let Esc and Ctrl+W close it; for when all widgets are there."""
        for widget in (self, *self.findChildren(QWidget)):
            widget.installEventFilter(self)

    def come_forward(self) -> None:
        """Show the window above others and within its screen, with the keyboard."""
        fit(self)
        self.show()
        fit(self)  # its least size is known now
        self.raise_()
        self.activateWindow()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take Esc and Ctrl+W before they reach the main window's commands."""
        if not isinstance(event, QKeyEvent) or not _closes(event):
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self.close()
        return True


def _closes(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_Escape or event.matches(QKeySequence.StandardKey.Close)

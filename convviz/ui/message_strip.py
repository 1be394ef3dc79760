"""Messages and long work: strips in the window, never a box that must be clicked away."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QWidget,
)

from convviz.model import transitions
from convviz.model.session import Choice, Message
from convviz.render.theme import Theme
from convviz.ui.store import Store
from convviz.ui.style import icon


class Strip(QFrame):
    """Gives the keyboard back to the scene when it goes; Qt would give it to the next button."""

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            focused.clearFocus()


class MessageStrip(Strip):
    """Shows the session's message with what can be done about it."""

    def __init__(self, store: Store, run: Callable[[Choice], None]) -> None:
        super().__init__()
        self._store, self._run = store, run
        self._message: Message | None = None
        self._buttons: list[QPushButton] = []
        self.setObjectName("message")
        self.setAccessibleName("Message")
        self._text = QLabel()
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton()
        self._close.setObjectName("plain")
        self._close.setAccessibleName("Close the message")
        self._close.setToolTip("Close (Esc)")
        self._close.clicked.connect(self._dismiss)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(14, 7, 8, 7)
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._close)
        self.hide()

    def show_message(self, message: Message | None, theme: Theme) -> None:
        """Show `message`, or hide."""
        self._close.setIcon(icon("close", theme.dim))
        if message is self._message:
            return
        self._message = message
        self.setVisible(message is not None)
        for button in self._buttons:
            button.deleteLater()
        self._buttons = []
        if message is None:
            return
        self._text.setText(message.text)
        self.setAccessibleDescription(message.text)
        self.setProperty("tone", message.tone)
        self.style().polish(self)
        for number, choice in enumerate(message.choices):
            button = ChoiceButton(choice, self._run, self)
            self._row.insertWidget(1 + number, button)
            self._buttons.append(button)

    def _dismiss(self) -> None:
        self._store.apply(transitions.dismiss)


class ChoiceButton(QPushButton):
    """Runs one choice of a message."""

    def __init__(self, choice: Choice, run: Callable[[Choice], None], parent: QWidget) -> None:
        super().__init__(choice.label, parent)
        self._choice, self._run = choice, run
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(choice.label)
        self.clicked.connect(self._chosen)

    def _chosen(self) -> None:
        self._run(self._choice)


class ProgressStrip(Strip):
    """How far long work has come, how long it will still take, and Cancel."""

    def __init__(self, cancel: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("message")
        self.setAccessibleName("Progress")
        self._text = QLabel()
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setAccessibleName("Progress")
        self.cancel = QPushButton("Cancel")
        self.cancel.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.cancel.clicked.connect(cancel)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 8, 7)
        row.addWidget(self._text)
        row.addWidget(self._bar, 1)
        row.addWidget(self.cancel)
        self.hide()

    def show_progress(self, done: int, total: int, seconds_left: float | None) -> None:
        """Show `done` of `total` frames; None hides the time while it is not known."""
        rest = "" if seconds_left is None else f" · {_time_text(seconds_left)} left"
        self._text.setText(f"Exporting frame {min(done + 1, total):,} of {total:,}{rest}")
        self._bar.setRange(0, total)
        self._bar.setValue(done)


def _time_text(seconds: float) -> str:
    if seconds < 1:
        return "under a second"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"

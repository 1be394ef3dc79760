"""Messages and long work: strips in the window, never a box that must be clicked away."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from convviz.model.session import Choice, Message
from convviz.render.theme import Theme
from convviz.ui.plain_text import ENDLESS, plain_label, set_tip
from convviz.ui.style import icon

SPACE, EDGES = 8, 48  # pixels beside a button, and at both ends of the strip


class Strip(QFrame):
    """Gives the keyboard back to the scene when it goes; Qt would give it to the next button."""

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        focused = QApplication.focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            focused.clearFocus()


class MessageStrip(Strip):
    """Shows the session's message with what can be done about it."""

    def __init__(
        self, run: Callable[[Choice], None], close: Callable[[], None], tip: str = "Close (Esc)"
    ) -> None:
        super().__init__()
        self._run = run
        self._message: Message | None = None
        self._buttons: list[QPushButton] = []
        self.setObjectName("message")
        self.setAccessibleName("Message")
        self._text = plain_label()
        self._text.setWordWrap(True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._close = QToolButton()
        self._close.setObjectName("plain")
        self._close.setAccessibleName("Close the message")
        set_tip(self._close, tip)
        self._close.clicked.connect(close)
        self._choices = QWidget(self)
        self._choices.setAccessibleName("What can be done")
        self._row, self._below = QHBoxLayout(), QHBoxLayout()
        self._row.addWidget(self._text, 1)
        self._row.addWidget(self._close)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(14, 7, 8, 7)
        self._column.addLayout(self._row)
        self._column.addLayout(self._below)
        self._list = QHBoxLayout(self._choices)
        self._list.setContentsMargins(0, 0, 0, 0)
        self.hide()

    def show_message(self, message: Message | None, theme: Theme) -> None:
        """Show `message`, or hide."""
        self._close.setIcon(icon("close", theme.dim))
        if message is self._message:
            return
        self._message = message
        self.setVisible(message is not None)
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = []
        if message is None:
            return
        self._text.setText(message.text)
        set_tip(self._text, message.text if ENDLESS.search(message.text) else "")
        self.setAccessibleDescription(message.text)
        self.setProperty("tone", message.tone)
        self.style().polish(self)
        for choice in message.choices:
            button = ChoiceButton(choice, self._run, self._choices)
            self._list.addWidget(button)
            self._buttons.append(button)
        self._arrange()
        for layout in (self._column, self._list):
            layout.activate()  # so that the buttons are where they will be

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Put the buttons beside the sentence where there is room, else below it."""
        wide = self._text.fontMetrics().horizontalAdvance(self._text.text())
        wide += sum(button.sizeHint().width() + SPACE for button in self._buttons)
        wide += self._close.sizeHint().width() + EDGES
        self._row.removeWidget(self._choices)
        self._below.removeWidget(self._choices)
        self._choices.setVisible(bool(self._buttons))
        if wide <= self.width():
            self._row.insertWidget(1, self._choices)
        else:
            self._below.addWidget(self._choices, 0, Qt.AlignmentFlag.AlignLeft)


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
        self._text = plain_label()
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

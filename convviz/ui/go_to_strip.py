"""GoToStrip: type a step, or row,column, and go there."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton

from convviz.model import transitions
from convviz.model.session import Session
from convviz.ui.message_strip import Strip
from convviz.ui.plain_text import plain_label
from convviz.ui.store import Store


class GoToStrip(Strip):
    """A field for a place in the feature map."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.setObjectName("message")
        self.setAccessibleName("Go to")
        self.field = QLineEdit()
        self.field.setAccessibleName("Step, or row,column")
        self.field.setFixedWidth(150)
        self.field.returnPressed.connect(self._go)
        self._hint = plain_label()
        self._button = QPushButton("Go")
        self._button.clicked.connect(self._go)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 8, 7)
        row.addWidget(plain_label("Go to"))
        row.addWidget(self.field)
        row.addWidget(self._button)
        row.addWidget(self._hint, 1)
        self.hide()

    def open(self) -> None:
        """Show the strip and take the keyboard."""
        self._hint.setText(_places(self._store.session))
        self.field.clear()
        self.show()
        self.field.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _go(self) -> None:
        step = place_in(self._store.session, self.field.text())
        if step is None:
            self._hint.setText(f"There is no such place; {_places(self._store.session)}")
            self.field.selectAll()
            return
        self.hide()
        self._store.apply(transitions.seek, step)


def _places(session: Session) -> str:
    """Return which steps and places there are."""
    if session.learns:
        return f"an update from 0 to {session.step_count - 1:,}"
    rows, columns = session.walked
    several = " of this map" if session.step_count > session.cell_count else ""
    return (
        f"a step from 1 to {session.step_count:,}, "
        f"or row,column up to {rows - 1},{columns - 1}{several}"
    )


def place_in(session: Session, text: str) -> int | None:
    """Return the step, from 0, that "117" or "7,4" names, None where there is none."""
    rows, columns = session.walked
    try:
        numbers = [int(part) for part in text.replace(";", ",").split(",")]
    except ValueError:
        return None
    if session.learns:
        known = len(numbers) == 1 and 0 <= numbers[0] < session.step_count
        return numbers[0] if known else None
    if len(numbers) == 1 and 1 <= numbers[0] <= session.step_count:
        return numbers[0] - 1
    if len(numbers) == 2 and 0 <= numbers[0] < rows and 0 <= numbers[1] < columns:
        return session.step_at((numbers[0], numbers[1]))
    return None

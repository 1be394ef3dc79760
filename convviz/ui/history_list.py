"""HistoryList: every change by name; a click or Enter goes there."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QToolButton,
    QVBoxLayout,
)

from convviz.model import changes, transitions
from convviz.model.history import History
from convviz.model.session import Session
from convviz.render.theme import Theme, qcolor
from convviz.ui.fields import dim_label
from convviz.ui.plain_text import plain_label, set_tip
from convviz.ui.store import Store
from convviz.ui.style import icon

WIDTH = 204
BEGINNING = "As it was at first"
PRESENT, PLAIN = "▸ ", "   "


class HistoryList(QFrame):
    """What was done, oldest first: the present state is marked, what was undone is grey."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._shown: tuple[History, str] | None = None
        self.setObjectName("panel")
        self.setAccessibleName("History")
        self.setFixedWidth(WIDTH)
        title = plain_label("History")
        title.setProperty("heading", True)
        self._close = QToolButton()
        self._close.setObjectName("plain")
        self._close.setAccessibleName("Close the history")
        set_tip(self._close, "Close (Ctrl+Alt+Z)")
        self._close.clicked.connect(self._hide)
        self.list = QListWidget()
        self.list.setAccessibleName("Changes")
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._go)
        self.list.itemActivated.connect(self._go)  # by Enter
        hint = dim_label("Click a line to go there. Steps through the image are no changes.")
        above = QHBoxLayout()
        above.addWidget(title, 1)
        above.addWidget(self._close)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 10, 10, 12)
        column.addLayout(above)
        column.addWidget(self.list, 1)
        column.addWidget(hint)
        self.hide()

    def show_session(self, session: Session, theme: Theme) -> None:
        """Show the changes of `session` where the list is wanted."""
        if self.isHidden() == session.view.history:
            self.setVisible(session.view.history)
        if self.isHidden() or self._shown == (session.history, theme.name):
            return
        self._shown = session.history, theme.name
        self._close.setIcon(icon("close", theme.dim))
        self._fill(session.history, theme)

    def _fill(self, history: History, theme: Theme) -> None:
        present = len(history.past)
        names = (BEGINNING, *history.names)
        while self.list.count() > len(names):
            self.list.takeItem(self.list.count() - 1)
        for count, name in enumerate(names):
            item = self.list.item(count) if count < self.list.count() else None
            if item is None:
                item = QListWidgetItem(self.list)
            item.setText(f"{PRESENT if count == present else PLAIN}{name}")
            set_tip(item, name)
            item.setForeground(qcolor(theme.faint if count > present else theme.text))
            bold = item.font()
            bold.setBold(count == present)
            item.setFont(bold)
        self.list.setCurrentRow(present)

    def _go(self, item: QListWidgetItem) -> None:
        self._store.apply(changes.go_in_history, self.list.row(item))

    def _hide(self) -> None:
        self._store.apply(transitions.set_history, False)

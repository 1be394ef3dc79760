"""WorkspaceTabs: the tabs above the scene, one for each workspace."""

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar

from convviz.model import pages
from convviz.model.session import WORKSPACES, Session
from convviz.ui.commands import COMMANDS, WORKSPACE_TITLES
from convviz.ui.store import Store


class WorkspaceTabs(QTabBar):
    """Shows which workspace is open; a click, or an arrow key, opens another."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.setObjectName("workspaces")
        self.setAccessibleName("Workspace")
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setUsesScrollButtons(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        for place, workspace in enumerate(WORKSPACES):
            self.addTab(WORKSPACE_TITLES[workspace].replace("&", "&&"))
            self.setTabToolTip(place, COMMANDS[f"workspace-{workspace}"].tip)
        self.currentChanged.connect(self._choose)

    def show_session(self, session: Session) -> None:
        """Show the workspace of `session`."""
        with QSignalBlocker(self):
            self.setCurrentIndex(WORKSPACES.index(session.view.workspace))

    def minimumSizeHint(self) -> QSize:
        """Give way to what has no room in a small window: Alt and a digit do the same."""
        return QSize(super().minimumSizeHint().width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.height() >= self.sizeHint().height():  # rather nothing than half a word
            super().paintEvent(event)

    def _choose(self, place: int) -> None:
        self._store.apply(pages.show_workspace, WORKSPACES[place])

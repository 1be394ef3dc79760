"""WorkspaceTabs: the tabs above the scene, one for each workspace."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QTabBar

from convviz.model import pages
from convviz.model.session import WORKSPACES, Session
from convviz.ui.commands import COMMANDS, WORKSPACE_TITLES
from convviz.ui.store import Store

SHORT_TITLES = {"convolve": "2-D", "signals": "1-D", "layers": "Layers", "learn": "Learn"}


class WorkspaceTabs(QTabBar):
    """Shows which workspace is open; a click, or an arrow key, opens another.

    Beside tools that take much room the titles are short.
    """

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._widths: tuple[int, int] | None = None  # with short titles, and with whole ones
        self.setObjectName("workspaces")
        self.setAccessibleName("Workspace")
        self.setDrawBase(False)
        self.setExpanding(False)
        self.setElideMode(Qt.TextElideMode.ElideNone)
        self.setUsesScrollButtons(False)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        for place, workspace in enumerate(WORKSPACES):
            self.addTab("")
            self.setTabToolTip(place, COMMANDS[f"workspace-{workspace}"].tip)
        self._entitle(WORKSPACE_TITLES)
        self.currentChanged.connect(self._choose)

    def show_session(self, session: Session) -> None:
        """Show the workspace of `session`."""
        with QSignalBlocker(self):
            self.setCurrentIndex(WORKSPACES.index(session.view.workspace))

    def minimumSizeHint(self) -> QSize:
        """Give way to what has no room in a small window: Alt and a digit do the same."""
        return QSize(self._measured()[0], 0)

    def sizeHint(self) -> QSize:
        return QSize(self._measured()[1], super().sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        short = self.width() < self._measured()[1]
        self._entitle(SHORT_TITLES if short else WORKSPACE_TITLES)
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.StyleChange, QEvent.Type.FontChange):
            self._widths = None

    def _measured(self) -> tuple[int, int]:
        if self._widths is None:
            shown = [self.tabText(place) for place in range(self.count())]
            found = []
            for titles in (SHORT_TITLES, WORKSPACE_TITLES):
                self._entitle(titles)
                found.append(super().sizeHint().width())
            for place, text in enumerate(shown):
                self.setTabText(place, text)
            self._widths = (found[0], found[1])
        return self._widths

    def _entitle(self, titles: Mapping[str, str]) -> None:
        for place, workspace in enumerate(WORKSPACES):
            self.setTabText(place, titles[workspace].replace("&", "&&"))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.height() >= self.sizeHint().height():  # rather nothing than half a word
            super().paintEvent(event)

    def _choose(self, place: int) -> None:
        self._store.apply(pages.show_workspace, WORKSPACES[place])

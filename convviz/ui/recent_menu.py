"""RecentMenu: the files that were opened or saved last."""

import os
from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from convviz.model.session import Session
from convviz.ui.plain_text import set_tip


class RecentMenu(QMenu):
    """One action for each file, those that are no longer there grey; and one that forgets them."""

    def __init__(
        self, parent: QWidget, open_path: Callable[[Path], None], forget: Callable[[], None]
    ) -> None:
        super().__init__("Open re&cent", parent)
        self._open_path, self._forget = open_path, forget
        self._recent: tuple[Path, ...] = ()
        self.setToolTipsVisible(True)
        self.setEnabled(False)
        self.aboutToShow.connect(self._grey_missing)

    def show_session(self, session: Session) -> None:
        """Show the files of `session`."""
        if session.recent == self._recent:
            return
        self._recent = session.recent
        self.clear()
        for path in session.recent:
            action = self.addAction(path.name.replace("&", "&&"))
            set_tip(action, str(path))
            action.setData(str(path))
            action.triggered.connect(self._chosen)
        if session.recent:
            self.addSeparator()
            self.addAction("C&lear list").triggered.connect(self._forget)
        self.setEnabled(bool(session.recent))

    def _grey_missing(self) -> None:
        for action in self.actions():
            if action.data():
                action.setEnabled(os.path.exists(action.data()))  # noqa: PTH110

    def _chosen(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._open_path(Path(action.data()))

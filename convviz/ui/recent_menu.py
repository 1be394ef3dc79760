"""RecentMenu: the files that were opened or saved last."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from convviz.files.errors import one_line
from convviz.model.session import Message, Session
from convviz.ui.looking import AT_ONCE, Looking
from convviz.ui.plain_text import set_tip, shortened

TITLE = "Open re&cent"
LOOK_EVERY = 50  # milliseconds, while answers are to come


class RecentMenu(QMenu):
    """One action for each file, those that are no longer there grey; and one that forgets them."""

    def __init__(
        self,
        parent: QWidget,
        open_path: Callable[[Path], None],
        forget: Callable[[], None],
        tell: Callable[[Message], None],
    ) -> None:
        super().__init__(TITLE, parent)
        self._open_path, self._forget, self._tell = open_path, forget, tell
        self._recent: tuple[Path, ...] = ()
        self._entries: dict[QAction, Path] = {}
        self._looking = Looking()
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_EVERY)
        self._timer.timeout.connect(self._grey_missing)
        self.setToolTipsVisible(True)
        self.setEnabled(False)
        self.aboutToShow.connect(self._look)
        self.aboutToHide.connect(self._timer.stop)

    def show_session(self, session: Session) -> None:
        """Show the files of `session`."""
        if session.recent == self._recent:
            return
        self._recent = session.recent
        self.clear()
        self._entries = {self._entry(path): path for path in session.recent}
        if session.recent:
            self.addSeparator()
            self.addAction("C&lear list").triggered.connect(self._forget)
        self.setEnabled(bool(session.recent))

    def _entry(self, path: Path) -> QAction:
        action = self.addAction(shortened(one_line(path.name)).replace("&", "&&"))
        set_tip(action, one_line(str(path)))
        action.triggered.connect(self._chosen)
        return action

    def _look(self) -> None:
        self._looking.ask(self._recent)
        self._timer.start()
        self._grey_missing()

    def _grey_missing(self) -> None:
        if not self._looking.is_waiting:
            self._timer.stop()
        for action, path in self._entries.items():
            action.setEnabled(self._looking.found(path) is not False)

    def _chosen(self) -> None:
        action = self.sender()
        if not isinstance(action, QAction):
            return
        path = self._entries[action]
        self._looking.ask((path,))
        if self._looking.found(path, AT_ONCE) is None:
            name = shortened(one_line(path.name))
            text = f"{name}: its disk does not answer; open it again once that is connected"
            self._tell(Message(text, "error"))
        else:
            self._open_path(path)

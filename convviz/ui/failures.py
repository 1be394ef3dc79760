"""Whatever fails anywhere is logged and told once; playback stops, the window stays."""

import faulthandler
import logging
import sys
import threading
from pathlib import Path
from types import TracebackType
from typing import TextIO

from platformdirs import user_log_path
from PySide6.QtCore import QObject, Qt, Signal

from convviz.model import transitions
from convviz.model.session import Message
from convviz.ui.store import Store

LOG = logging.getLogger("convviz")


class Failures(QObject):
    """Receives exceptions that nobody caught: slots, timers, paint events, threads."""

    happened = Signal(str)

    def __init__(self, store: Store, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._told: set[str] = set()
        # Queued: a failure may come while a change is shown or painted, or from a thread.
        self.happened.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take the place of the hooks that print a traceback."""
        sys.excepthook = self._caught
        threading.excepthook = self._caught_in_thread

    def _caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        LOG.error("Not expected", exc_info=(kind, error, trace))
        self.happened.emit(f"{kind.__name__}: {error}")

    def _caught_in_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._caught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _tell(self, what: str) -> None:
        """Show one message for each kind of failure, however often it comes."""
        if what in self._told:
            return
        self._told.add(what)
        self._store.apply(transitions.pause)
        text = f"Something went wrong that should not ({what}). Details are in {log_path()}"
        self._store.apply(transitions.show_message, Message(text, "error"))


def log_path() -> Path:
    """Return where details of failures are written."""
    return user_log_path("convviz", appauthor=False) / "convviz.log"


def start_log() -> TextIO | None:
    """Write failures, crashes of Qt included, to the log; return the file while it must stay open.

    Where no log can be written, they go to standard error.
    """
    try:
        log_path().parent.mkdir(parents=True, exist_ok=True)
        file = log_path().open("a", encoding="utf-8")
    except OSError:
        logging.basicConfig()
        return None
    logging.basicConfig(stream=file, format="%(asctime)s %(levelname)s %(message)s")
    faulthandler.enable(file)
    return file

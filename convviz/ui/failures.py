"""Whatever fails anywhere is reported and told once; the work is kept, playback stops."""

import sys
import threading
from types import TracebackType

from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    qInstallMessageHandler,
)

from convviz.files.errors import one_line
from convviz.files.reports import described, without_names
from convviz.model import transitions
from convviz.model.session import Choice, Message
from convviz.ui.recovery import OWN, Recovery
from convviz.ui.store import Store

SHORT_OF_MEMORY = "There is not enough memory for this. Scale the image down, or take layers out."
# What Qt says before Xlib, or Qt itself, may end the program without giving anybody a turn
SCREEN_IS_GONE = ("The X11 connection broke", "The Wayland connection")
MOST_TOLD = 20  # different failures; more of them say nothing new
GRAVE = {QtMsgType.QtCriticalMsg: "Qt", QtMsgType.QtFatalMsg: "Qt gives up"}


class Failures(QObject):
    """Receives exceptions that nobody caught: slots, timers, paint events, threads."""

    happened = Signal(str)

    def __init__(self, store: Store, recovery: Recovery, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store, self._recovery = store, recovery
        self._seen: set[tuple[object, ...]] = set()
        # Queued: a failure may come while a change is shown or painted, or from a thread.
        self.happened.connect(self._tell, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take the place of the hooks that print a traceback."""
        sys.excepthook = self._caught
        sys.unraisablehook = self._caught_in_passing
        threading.excepthook = self._caught_in_thread
        qInstallMessageHandler(self._told_by_qt)

    def uninstall(self) -> None:
        """Put back what was there: this goes before the program ends."""
        qInstallMessageHandler(None)
        sys.excepthook = sys.__excepthook__
        sys.unraisablehook = sys.__unraisablehook__
        threading.excepthook = threading.__excepthook__

    def _caught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        failure = kind, _origin(trace)
        if failure in self._seen or len(self._seen) >= MOST_TOLD:
            return
        self._seen.add(failure)
        self._recovery.report(described(error))
        self.happened.emit(_sentence(error))

    def _caught_in_thread(self, arguments: threading.ExceptHookArgs) -> None:
        if arguments.exc_value is not None:
            self._caught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _caught_in_passing(self, arguments: "sys.UnraisableHookArgs") -> None:
        """Receive what fails where Python cannot raise it: while something is destroyed."""
        if arguments.exc_value is not None:
            self._caught(arguments.exc_type, arguments.exc_value, arguments.exc_traceback)

    def _told_by_qt(self, kind: QtMsgType, _: QMessageLogContext, text: str) -> None:
        """Pass on what Qt says; what is grave is in the report. Qt may end the program then."""
        if sys.stderr is not None:
            sys.stderr.write(f"{text}\n")
        if kind in GRAVE:
            self._recovery.report(f"{GRAVE[kind]}: {without_names(text)}")
        if kind == QtMsgType.QtFatalMsg or text.startswith(SCREEN_IS_GONE):
            self._recovery.keep_at_last()

    def _tell(self, sentence: str) -> None:
        """Show one message for each place that fails, however often it does."""
        try:
            self._recovery.keep_now()
        finally:
            self._show(sentence)

    def _show(self, sentence: str) -> None:
        self._store.apply(transitions.pause)
        choices = (Choice("Show the report", "recovery", OWN),) if self._recovery.run else ()
        self._store.apply(transitions.show_message, Message(sentence, "error", choices))


def _sentence(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return SHORT_OF_MEMORY
    return f"Something went wrong that should not ({one_line(f'{type(error).__name__}: {error}')})."


def _origin(trace: TracebackType | None) -> object:
    """Return the place in the program where an exception was raised."""
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace and (trace.tb_frame.f_code, trace.tb_lineno)

"""Recovery: no work is lost, even when the program is."""

import faulthandler
import platform
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import QObject, Qt, QTimer, Signal, qVersion
from PySide6.QtGui import QGuiApplication

from convviz import __version__
from convviz.files.atomic import WriteError, atomic_write
from convviz.files.errors import FileError
from convviz.files.recovery import Run, begin_run, keep_work, lost_runs, read_work, work_name
from convviz.files.reports import report_path, without_folders
from convviz.model import filing, transitions
from convviz.model.document import Document
from convviz.model.session import Choice, Message, Session
from convviz.ui.report_window import ReportWindow
from convviz.ui.store import Store
from convviz.ui.verify_badge import garbage_waits

if TYPE_CHECKING:
    from convviz.ui.main_window import MainWindow

KEEP_AFTER = 2.0  # seconds behind the first change that is not kept
KEEP_LATEST = 25.0  # the same, where keeping takes long
RESTING = 10  # times as long as keeping took, it rests

OPEN, DISCARD, SHOW, OWN = "open", "discard", "show", "own"


@dataclass(eq=False)
class Keeping:
    """Work on its way to the disk."""

    document: Document
    write: Callable[[], None]
    is_kept: bool = False
    error: WriteError | None = None
    seconds: float = 0.0
    thread: threading.Thread | None = None

    def run(self) -> None:
        """Write it, and remember how that went."""
        begin = time.perf_counter()
        try:
            with garbage_waits():
                self.write()
            self.is_kept = True
        except WriteError as error:
            self.error = error
        self.seconds = time.perf_counter() - begin


class Recovery(QObject):
    """Keeps the work that no file has, and offers what runs left that did not come to their end.

    Work is written in a thread, some seconds behind the first change; at once when something fails.
    """

    written = Signal(object)  # the Keeping that is done

    def __init__(self, store: Store, window: "MainWindow") -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self.run: Run | None = None
        self._lost: list[Run] = []
        self._kept: Document | None = None
        self._keeping: Keeping | None = None
        self._rest, self._warned, self._left_behind = KEEP_AFTER, False, False
        self._report_window: ReportWindow | None = None
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(self._keep)
        self.written.connect(self._finish, Qt.ConnectionType.QueuedConnection)

    def begin(self, folder: Path) -> None:
        """Begin a run in the folder of the runs, and offer what lost ones left there."""
        self._lost = list(lost_runs(folder))
        try:
            self.run = begin_run(folder, _system())
        except WriteError as error:
            self._warn(error)
        else:
            faulthandler.enable(self.run.report)
        self._store.changed.connect(self._settle)
        self._offer_next()

    def end(self) -> None:
        """Leave nothing behind that the next start would offer, unless it has to."""
        self.timer.stop()
        self._join()
        run, self.run = self.run, None
        if run is not None:
            faulthandler.disable()
            if run.has_failed:
                _write_report(run.text)
            if self._left_behind and run.work.exists():
                run.close()
            else:
                run.remove()
        for lost in self._lost:
            lost.close()
        self._lost = []

    def leave_behind(self) -> None:
        """Keep the work for the next start: the program ends, and nobody is there to ask."""
        self._left_behind = True
        self.keep_now()

    def report(self, text: str) -> None:
        """Write into the report, or where there is none to standard error."""
        text = f"\n{time.strftime('%H:%M:%S')}\n{text}\n"
        if self.run is not None:
            with suppress(OSError):
                self.run.report.write(text.encode())
        elif sys.stderr is not None:
            sys.stderr.write(text)

    # Keeping

    def keep_now(self) -> None:
        """Keep the work before anything else happens."""
        self._join()
        session = self._store.session
        if self.run is not None and session.is_modified and session.document is not self._kept:
            keeping = self._keeping = self._begun(durable=False)  # an end waits for no disk
            try:
                keeping.run()
            finally:
                self._finish(keeping)

    def _settle(self, session: Session) -> None:
        """Keep the work soon where that is needed, and forget what need not be kept."""
        if self.run is None or self._keeping is not None:
            return
        if not session.is_modified:
            self.timer.stop()
            self._forget()
        elif session.document is self._kept:
            self.timer.stop()
        elif not self.timer.isActive():
            self.timer.start(round(1000 * self._rest))

    def _forget(self) -> None:
        if self._kept is not None and self.run is not None:
            self._kept = None
            self.run.forget_work()

    def _begun(self, *, durable: bool) -> Keeping:
        session, run = self._store.session, self.run
        assert run is not None
        file = self._window.scenes.suggested

        def write() -> None:
            keep_work(run.work, session, file, durable=durable)

        return Keeping(session.document, write)

    def _keep(self) -> None:
        """Write the work in a thread: a large image must not hold the window."""
        if self.run is None or self._keeping is not None:
            return
        keeping = self._keeping = self._begun(durable=True)
        keeping.thread = threading.Thread(target=self._run, args=(keeping,), name="keep work")
        keeping.thread.start()

    def _run(self, keeping: Keeping) -> None:
        try:
            keeping.run()
        finally:
            with suppress(RuntimeError):  # the window is gone
                self.written.emit(keeping)

    def _join(self) -> None:
        if self._keeping is not None:
            self._finish(self._keeping)

    def _finish(self, keeping: Keeping) -> None:
        if keeping is not self._keeping:
            return
        self._keeping = None
        if keeping.thread is not None:
            keeping.thread.join()
        self._rest = min(max(KEEP_AFTER, RESTING * keeping.seconds), KEEP_LATEST)
        if keeping.is_kept:
            self._kept, self._warned = keeping.document, False
        elif keeping.error is not None:
            self._warn(keeping.error)
        self._settle(self._store.session)

    def _warn(self, error: WriteError) -> None:
        """Say once that work is not kept, until it is again."""
        if not self._warned:
            self._warned = True
            text = f"Unsaved work would be lost in a crash: {error}"
            self._store.apply(transitions.show_message, Message(text, "error"))

    # What lost runs left

    def answer(self, wish: str) -> None:
        """Do what the person wants with what is offered, or show a report."""
        match wish:
            case "own":
                self._show_report(self.run)
            case "show":
                self._show_report(self._lost[0])
                if not self._lost[0].work.exists():
                    self._answered()
            case "discard":
                self._answered()
            case "open":
                self._open()

    def put_off(self) -> None:
        """Offer the work again at the next start; a report alone is not offered twice."""
        if not self._lost[0].work.exists():
            self._answered()
        else:
            self._lost.pop(0).close()
            self._offer_next()

    def _open(self) -> None:
        lost = self._lost[0]
        try:
            session, file = read_work(lost.work)
        except FileError as error:
            text = f"The work on “{_name(lost)}” is damaged: {_set_aside(lost, error)}"
            self._answered()
            self._store.apply(transitions.show_message, Message(text, "error"))
            return
        if not self._window.scenes.may_leave():
            return
        self._join()
        self._store.apply(filing.recover, session, file)
        self._take_over(lost)
        self._lost.pop(0)
        self._offer_next()

    def _take_over(self, lost: Run) -> None:
        """Let the work that was opened be that of this run."""
        if self.run is None:
            self.run = lost
        else:
            try:
                self.run.adopt_work(lost)
            except WriteError as error:  # it stays where it is, and is offered again
                lost.close()
                self._warn(error)
                return
            lost.remove()
        self._kept = self._store.session.document
        self._settle(self._store.session)

    def _answered(self) -> None:
        self._lost.pop(0).remove()
        self._offer_next()

    def _offer_next(self) -> None:
        offer = offer_of(self._lost[0]) if self._lost else None
        self._store.apply(_offered, offer)

    def _show_report(self, run: Run | None) -> None:
        if run is None:
            return
        if self._report_window is None:
            self._report_window = ReportWindow(self._window)
        text = without_folders(run.text)
        self._report_window.open(text, _write_report(text))


def offer_of(run: Run) -> Message:
    """Return what is said of a lost run, and what can be done; damaged work is set aside."""
    text = f"convviz ended unexpectedly {ago(time.time() - run.ended)}"
    choices: tuple[Choice, ...] = ()
    if run.has_failed:
        choices = (Choice("Show the report", "recovery", SHOW),)
    if not run.work.exists():
        return Message(f"{text}.", choices=choices)
    try:
        name = work_name(run.work).stem
    except FileError as error:
        return Message(
            f"{text}, and what it kept is damaged: {_set_aside(run, error)}", "error", choices
        )
    answers = Choice("Open it", "recovery", OPEN), Choice("Discard", "recovery", DISCARD)
    return Message(f"{text}. Its work on “{name}” was kept:", choices=(*answers, *choices))


def ago(seconds: float) -> str:
    """Return how long ago something was, as one says it.

    >>> ago(40), ago(200), ago(3700), ago(200_000)
    ('just now', '3 minutes ago', '1 hour ago', '2 days ago')
    """
    for length, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length:
            count = int(seconds // length)
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"


def _name(run: Run) -> str:
    return work_name(run.work).stem


def _set_aside(run: Run, error: FileError) -> str:
    return f"{error.reason}; it is set aside as {run.set_work_aside()}"


def _offered(session: Session, offer: Message | None) -> Session:
    return session if offer is session.offer else replace(session, offer=offer)


def _write_report(text: str) -> Path | WriteError:
    """Put a report where it stays, and return where that is."""
    path = report_path()
    try:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, without_folders(text).encode())
    except WriteError as error:
        return error
    return path


def _system() -> str:
    """Return the line that says which program runs on which system."""
    return ", ".join(
        (
            f"convviz {__version__}",
            f"Python {platform.python_version()}",
            f"PySide6 {PySide6.__version__}",
            f"Qt {qVersion()}",
            QGuiApplication.platformName(),
            platform.platform(),
        )
    )

"""Keeper: keeps the work that no file has, so that not even the end of the program takes it."""

import faulthandler
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from convviz.files.atomic import WriteError
from convviz.files.errors import Refusal, one_line
from convviz.files.places import Places
from convviz.files.recovery import Run
from convviz.files.reports import described
from convviz.model import transitions
from convviz.model.document import Document
from convviz.model.session import Message, Session
from convviz.ui.kept_mark import KeptMark
from convviz.ui.store import Store
from convviz.ui.verify_badge import garbage_waits

KEEP_AFTER = 2.0  # seconds behind the first change that is not kept
KEEP_LATEST = 25.0  # the same, where keeping takes long
RESTING = 10  # times as long as keeping took, it rests
LOOK_EVERY = 10.0  # seconds: whether what was kept is still there

LOST = "Unsaved work would be lost in a crash"


@dataclass(eq=False)
class Keeping:
    """Work on its way to the disk; `run` has it in the end, unless there is a `reason`."""

    document: Document
    write: Callable[[], Run]
    run: Run | None = None
    reason: str = "it was stopped"
    seconds: float = 0.0
    thread: threading.Thread | None = None

    def go(self) -> None:
        """Write it, and remember how that went."""
        begin = time.perf_counter()
        try:
            with garbage_waits():
                self.run = self.write()
        except (WriteError, Refusal) as error:
            self.reason = str(error)
        except MemoryError:
            self.reason = "there is not enough memory; close other programs"
        except BaseException as error:
            self.reason = f"{type(error).__name__}: {error}"
            raise
        self.seconds = time.perf_counter() - begin


class Keeper(QObject):
    """Writes unsaved work in a thread, seconds behind the first change; at once when asked to.

    Where that fails, `mark` says so until it succeeds, which is tried again and again.
    """

    written = Signal(object)  # the Keeping that is done

    def __init__(self, store: Store, meant: Callable[[], Path], parent: QObject) -> None:
        super().__init__(parent)
        self._store, self._meant = store, meant
        self._places: Places | None = None
        self.run: Run | None = None
        self._kept: Document | None = None
        self._keeping: Keeping | None = None
        self._rest = KEEP_AFTER
        self._reason: str | None = None
        self._last_words = ""
        self.mark = KeptMark()
        self.mark.clicked.connect(self._try_again)
        self.timer, self.watch = QTimer(self), QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(self._keep)
        self.watch.timeout.connect(self._look)
        self.written.connect(self._finish, Qt.ConnectionType.QueuedConnection)

    def begin(self, places: Places) -> None:
        """Begin to keep what is unsaved."""
        self._places = places
        self._begin_run()
        self._store.changed.connect(self._settle)
        self.watch.start(round(1000 * LOOK_EVERY))

    def end(self, *, by_person: bool) -> Run | None:
        """Keep nothing any more, and return the run, whose work is still there.

        Where no person saved or discarded the work, it is kept first, and standard error says when
        it could not be.
        """
        if self._places is None:
            return None
        if not by_person:
            self.keep_at_last()
        self._places = None
        self.join()
        self.timer.stop()
        self.watch.stop()
        faulthandler.disable()
        run, self.run = self.run, None
        return run

    def report(self, text: str) -> None:
        """Write into the report, or where there is none to standard error."""
        text = f"\n{time.strftime('%H:%M:%S')}\n{text}\n"
        if self.run is not None:
            with suppress(OSError):
                self.run.report.write(text.encode())
        elif sys.stderr is not None:
            sys.stderr.write(text)

    def keep_now(self, *, durable: bool = False) -> None:
        """Keep the work before anything else happens; an end waits for no disk."""
        self.join()
        session = self._store.session
        if self._places and session.is_modified and not self._has(session.document):
            keeping = self._keeping = self._begun(self._places, durable=durable)
            try:
                keeping.go()
            finally:
                self._finish(keeping)

    def keep_at_last(self) -> None:
        """Keep the work though nothing else may work any more."""
        try:
            self.keep_now()
        except Exception as error:  # the end must come; the reason is in the report
            self.report(described(error))
        session = self._store.session
        if self._places and session.is_modified and not self._has(session.document):
            self._say_lost(f"the unsaved work on “{one_line(self._meant().stem)}” is lost")

    def _say_lost(self, what: str) -> None:
        """Say on standard error, where there still is one, and once, that work is lost."""
        text = f"convviz: {what}: {self._reason}\n"
        if text != self._last_words:
            self._last_words = text
            with suppress(OSError, AttributeError):
                sys.stderr.write(text)

    def join(self) -> None:
        """Wait for what is being written."""
        if self._keeping is not None:
            self._finish(self._keeping)

    def has_kept(self) -> bool:
        """Return whether the next start would find the unsaved work."""
        return self._has(self._store.session.document)

    def take_over(self, run: Run) -> None:
        """Let the work of another run, which was opened, be that of this one."""
        if self.run is None:
            self._use(run)
        else:
            self.run.adopt_work(run)
            run.remove()
        self._kept = self._store.session.document
        self._clear()
        self._settle(self._store.session)

    def _has(self, document: Document) -> bool:
        return document is self._kept and self.run is not None and self.run.has_work

    # Runs

    def _begin_run(self) -> None:
        assert self._places is not None
        try:
            run = self._places.begin()
        except WriteError as error:
            self._warn(str(error))
        else:
            self._use(run)
            self._clear()

    def _use(self, run: Run) -> None:
        """Let `run` be this run; the one before is of no use any more."""
        before, self.run = self.run, run
        if run is not before:
            faulthandler.enable(run.report)
            if before is not None:
                before.remove()

    def _look(self) -> None:
        """Look whether what was kept is still there, and make it anew where it is not."""
        if self._keeping is not None or self.timer.isActive():
            return
        session = self._store.session
        if session.is_modified and not self._has(session.document):
            self._keep()
        elif self.run is None or not self.run.is_there:
            self._begin_run()

    def _try_again(self) -> None:
        """Try at once, and say so again if it fails."""
        self._reason = None
        self.timer.stop()
        self._look()

    # Keeping

    def _settle(self, session: Session) -> None:
        """Keep the work soon where that is needed, and forget what need not be kept."""
        if self._places is None or self._keeping is not None:
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
        if self.run is not None and self._reason is not None:
            self._clear()

    def _begun(self, places: Places, *, durable: bool) -> Keeping:
        session, run, file = self._store.session, self.run, self._meant()

        def write() -> Run:
            return places.keep(run, session, file, durable=durable)

        return Keeping(session.document, write)

    def _keep(self) -> None:
        """Write the work in a thread: a large image must not hold the window."""
        if self._places is None or self._keeping is not None:
            return
        keeping = self._keeping = self._begun(self._places, durable=True)
        keeping.thread = threading.Thread(target=self._go, args=(keeping,), name="keep work")
        keeping.thread.start()

    def _go(self, keeping: Keeping) -> None:
        try:
            keeping.go()
        finally:
            with suppress(RuntimeError):  # the window is gone
                self.written.emit(keeping)

    def _finish(self, keeping: Keeping) -> None:
        if keeping is not self._keeping:
            return
        self._keeping = None
        if keeping.thread is not None:
            keeping.thread.join()
        self._rest = min(max(KEEP_AFTER, RESTING * keeping.seconds), KEEP_LATEST)
        if keeping.run is not None:
            self._use(keeping.run)
            self._kept = keeping.document
            self._clear()
        else:
            if self.run is None or not self.run.has_work:
                self._kept = None
            self._warn(keeping.reason)
        self._settle(self._store.session)

    def _clear(self) -> None:
        self._reason = None
        self.mark.show_reason(None)

    def _warn(self, reason: str) -> None:
        """Mark that work is not kept, and say so once, until it is again."""
        is_news, self._reason = self._reason is None, reason
        self.mark.show_reason(f"{LOST}: {reason}")
        if is_news and self._places is not None:
            text = f"{LOST}: {reason}"
            self._store.apply(transitions.show_message, Message(text, "error"))

"""Recovery: no work is lost, even when the program is."""

import platform
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import PySide6
from PySide6.QtCore import QObject, qVersion
from PySide6.QtGui import QGuiApplication

from convviz import __version__
from convviz.files.atomic import WriteError, atomic_write
from convviz.files.errors import FileError, one_line
from convviz.files.places import Places
from convviz.files.recovery import Run, read_work, work_name
from convviz.files.reports import report_path, without_folders
from convviz.model import filing, transitions
from convviz.model.session import Choice, Message, Session
from convviz.ui.keeping import Keeper
from convviz.ui.report_window import ReportWindow
from convviz.ui.store import Store

if TYPE_CHECKING:
    from convviz.ui.main_window import MainWindow

OPEN, DISCARD, BACK, SHOW, OWN = "open", "discard", "back", "show", "own"


class Recovery(QObject):
    """Has the work kept that no file has, and offers what runs left that came to no good end."""

    def __init__(self, store: Store, window: "MainWindow") -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self._lost: list[Run] = []
        self._discarded: Run | None = None  # the last one, as long as it can be brought back
        self._report_window: ReportWindow | None = None
        self.keeper = Keeper(store, lambda: window.scenes.meant, self)

    @property
    def run(self) -> Run | None:
        """What this run of the program has on the disk."""
        return self.keeper.run

    def begin(self, *folders: Path) -> None:
        """Begin a run in one of the folders of the runs, and offer what lost ones left in any."""
        places = Places(folders, _system())
        self._lost = list(places.lost())
        self.keeper.begin(places)
        self._offer_next()

    def end(self, *, by_person: bool) -> None:
        """Leave nothing behind if a person closed the program; else all that is not saved."""
        run = self.keeper.end(by_person=by_person)
        if run is not None:
            if run.has_failed:
                _write_report(run.text)
            if run.work.exists() and not by_person:
                run.close()
            else:
                run.remove()
        if by_person:
            self._forget_discarded()
        for lost in (*self._lost, *([self._discarded] if self._discarded else [])):
            lost.close()
        self._lost, self._discarded = [], None

    def report(self, text: str) -> None:
        """Write into the report, or where there is none to standard error."""
        self.keeper.report(text)

    def keep_now(self) -> None:
        """Keep the work before anything else happens."""
        self.keeper.keep_now()

    def keep_at_last(self) -> None:
        """Keep the work though the program may end any moment."""
        self.keeper.keep_at_last()

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
                self._discard()
            case "back":
                self._bring_back()
            case "open":
                self._open()

    def put_off(self) -> None:
        """Offer the work again at the next start; a report alone is not offered twice."""
        if not self._lost:
            self._forget_discarded()
            self._offer_next()
        elif not self._lost[0].work.exists():
            self._answered()
        else:
            self._lost.pop(0).close()
            self._offer_next()

    def _open(self) -> None:
        lost = self._lost[0]
        try:
            session, file = read_work(lost.work)
        except FileError as error:
            self._tell_damaged(lost, error)
            return
        if not self._window.scenes.may_leave():
            return
        self.keeper.join()
        self._store.apply(filing.recover, session, file)
        self._take_over(lost)
        self._lost.pop(0)
        self._offer_next()

    def _tell_damaged(self, lost: Run, error: FileError) -> None:
        text = "The work that was kept is gone: somebody removed it"
        if lost.work.exists():
            text = f"The work on “{_name(lost)}” is damaged: {_set_aside(lost, error)}"
        self._answered()
        self._store.apply(transitions.show_message, Message(text, "error"))

    def _take_over(self, lost: Run) -> None:
        """Let the work that was opened be that of this run."""
        try:
            self.keeper.take_over(lost)
        except WriteError:  # as it is from one disk to another
            self.keeper.keep_now(durable=True)
            if self.keeper.has_kept():
                lost.remove()
            else:
                lost.close()  # it is offered again

    def _discard(self) -> None:
        """Take an offer away; until the next one, or the end, the work can be brought back."""
        self._forget_discarded()
        self._discarded = self._lost.pop(0)
        self._offer_next()

    def _bring_back(self) -> None:
        if self._discarded is not None:
            self._lost.insert(0, self._discarded)
            self._discarded = None
        self._offer_next()

    def _forget_discarded(self) -> None:
        if self._discarded is not None:
            self._discarded.remove()
            self._discarded = None

    def _answered(self) -> None:
        self._lost.pop(0).remove()
        self._offer_next()

    def _offer_next(self) -> None:
        offer = offer_of(self._lost[0]) if self._lost else None
        if self._discarded is not None:
            offer = _with_discarded(offer, _name(self._discarded))
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
        name = _name(run)
    except FileError as error:
        return Message(
            f"{text}, and what it kept is damaged: {_set_aside(run, error)}", "error", choices
        )
    answers = Choice("Open it", "recovery", OPEN), Choice("Discard", "recovery", DISCARD)
    return Message(f"{text}. Its work on “{name}” was kept:", choices=(*answers, *choices))


def _with_discarded(offer: Message | None, name: str) -> Message:
    """Return what is offered, with the way back of what was discarded last."""
    back = Choice(f"Bring back “{name}”", "recovery", BACK)
    if offer is None:
        return Message(f"The work on “{name}” is discarded.", choices=(back,))
    return replace(offer, choices=(*offer.choices, back))


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
    return one_line(work_name(run.work).stem)


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

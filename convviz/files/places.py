"""Where runs keep their work: in the system's folder for such things, else in a temporary one."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from platformdirs import user_state_path

from convviz.files.atomic import WriteError
from convviz.files.recovery import Run, begin_run, keep_work, lost_runs
from convviz.model.session import Session


def runs_paths() -> tuple[Path, ...]:
    """Return the folders of the runs, the better one first."""
    first = user_state_path("convviz", appauthor=False) / "runs"
    try:
        temporary = Path(tempfile.gettempdir())
    except OSError:  # the system has none
        return (first,)
    owner = "runs" if sys.platform == "win32" else os.geteuid()
    return first, temporary / f"convviz-{owner}"


@dataclass(frozen=True)
class Places:
    """Folders for runs, the better one first; `what` says which program runs on which system."""

    folders: tuple[Path, ...]
    what: str

    def lost(self) -> tuple[Run, ...]:
        """Return the runs that ended without tidying up in any of the folders, newest first."""
        found = [run for folder in self.folders for run in lost_runs(folder)]
        return tuple(sorted(found, key=lambda run: run.ended, reverse=True))

    def begin(self) -> Run:
        """Begin a run in the first folder that takes it; raises WriteError for the first."""
        return _first(partial(begin_run, folder, self.what) for folder in self.folders)

    def keep(self, run: Run | None, session: Session, file: Path, *, durable: bool = True) -> Run:
        """Keep work with `run`, or where that cannot be with a new one; return the one that has it.

        Raises
        ------
        WriteError
            When it can be kept nowhere, with what is wrong with the first place.
        Refusal
            When it could not be opened again.
        """

        def kept(run: Run) -> Run:
            keep_work(run.work, session, file, durable=durable)
            return run

        def anew(folder: Path) -> Run:
            begun = begin_run(folder, self.what)
            try:
                return kept(begun)
            except BaseException:
                begun.remove()
                raise

        known = [partial(kept, run)] if run is not None and run.is_there else []
        return _first([*known, *(partial(anew, folder) for folder in self.folders)])


def _first(ways: Iterable[Callable[[], Run]]) -> Run:
    """Return what the first way that works makes; raise what the very first one raised."""
    failures: list[WriteError] = []
    for way in ways:
        try:
            return way()
        except WriteError as error:
            failures.append(error)
    raise failures[0]

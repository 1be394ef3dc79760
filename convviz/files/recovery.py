"""Runs of the program: what each keeps for the case that it does not come to its end.

A run has a report, into which it writes what fails, and which is locked while the run goes on. Once
there is unsaved work, a file beside the report holds it. Both are removed when the run ends well.
"""

import errno
import os
import secrets
import stat
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path
from typing import Any, BinaryIO

from convviz.files.atomic import atomic_file, remove_leftovers, write_failure
from convviz.files.checked_scenes import checked_beside_arrays
from convviz.files.errors import Refusal
from convviz.files.locks import create_locked, is_at, take_abandoned
from convviz.files.read import boundary
from convviz.files.scene_arrays import in_one_file, label_of, parts_of
from convviz.files.scenes import read_beside_arrays
from convviz.files.source import is_there, open_regular
from convviz.model.session import Session

REPORT, WORK, DAMAGED = ".report", ".work", ".damaged"
FORMAT = "convviz kept work"
PRIVATE, PRIVATE_FOLDER = 0o600, 0o700


@dataclass(frozen=True, eq=False)
class Run:
    """One run: this one, or one that ended without tidying up and is now locked by this one."""

    path: Path
    report: FileIO

    @property
    def work(self) -> Path:
        """The file of its unsaved work, which is there when there is such work."""
        return self.path.with_suffix(WORK)

    @property
    def is_there(self) -> bool:
        """Whether the next run would find it: nobody removed its report."""
        return is_at(str(self.path), self.report.fileno())

    @property
    def has_work(self) -> bool:
        """Whether the next run would find work of it."""
        return self.is_there and self.work.is_file()

    @property
    def ended(self) -> float:
        """When it last wrote something, in seconds as `time.time` has them."""
        found = [path.stat().st_mtime for path in (self.path, self.work) if path.exists()]
        return max(found, default=time.time())

    @property
    def has_failed(self) -> bool:
        """Whether its report holds more than the line that says what ran."""
        return self.text.count("\n") > 1

    @property
    def text(self) -> str:
        """Its report, empty where someone removed it."""
        with suppress(OSError):
            return self.path.read_text(encoding="utf-8", errors="replace")
        return ""

    def close(self) -> None:
        """Let go of it: the next run finds it as it is."""
        self.report.close()

    def remove(self) -> None:
        """Leave nothing of it."""
        self.report.close()
        for path in (self.work, self.path):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def forget_work(self) -> None:
        """Keep its work no longer."""
        with suppress(OSError):
            self.work.unlink(missing_ok=True)

    def adopt_work(self, other: "Run") -> None:
        """Take over the work of another run; this takes no space."""
        try:
            other.work.chmod(PRIVATE)  # earlier versions let others read it
            other.work.replace(self.work)
        except OSError as error:
            raise write_failure(self.work, error) from error

    def set_work_aside(self) -> Path:
        """Keep damaged work where nobody stumbles over it again, and return where that is."""
        aside = self.work.with_suffix(DAMAGED)
        with suppress(OSError):
            self.work.replace(aside)
        return aside


def begin_run(folder: Path, what: str) -> Run:
    """Begin a run; `what` is the line that says which program runs on which system.

    Raises
    ------
    WriteError
        When nothing can be kept there.
    """
    path = folder / f"run-{secrets.token_hex(8)}{REPORT}"
    try:
        _make_private(folder)
        remove_leftovers(folder)
        report = open(path, "xb", buffering=0, opener=_created)  # noqa: SIM115
        try:
            report.write(f"{what}\n".encode())
        except OSError:
            report.close()
            path.unlink()
            raise
    except OSError as error:
        raise write_failure(path, error) from error
    return Run(path, report)


def _make_private(folder: Path) -> None:
    folder.mkdir(PRIVATE_FOLDER, parents=True, exist_ok=True)
    if not is_own(folder):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    with suppress(OSError):  # some foreign disks know no modes
        folder.chmod(PRIVATE_FOLDER)


def is_own(folder: Path) -> bool:
    """Return whether a folder is there, and not one that another user may have put there."""
    try:
        found, above = folder.lstat(), folder.parent.stat()
    except OSError:
        return False
    if sys.platform == "win32" or not above.st_mode & stat.S_IWOTH:
        return True
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _created(path: str, flags: int) -> int:
    return create_locked(path, flags, PRIVATE)


def lost_runs(folder: Path) -> tuple[Run, ...]:
    """Return the runs that ended without tidying up, newest first; other programs do not get them.

    Those that left neither work nor a word of what failed are removed.
    """
    found: list[Run] = []
    if not is_own(folder):
        return ()
    for path in folder.glob(f"*{REPORT}"):
        descriptor = take_abandoned(str(path))
        if descriptor is None:
            continue
        run = Run(path, os.fdopen(descriptor, "ab", buffering=0))
        if is_there(run.work) or run.has_failed:
            found.append(run)
        else:
            run.remove()
    return tuple(sorted(found, key=lambda run: run.ended, reverse=True))


# Work: a line that says what it is, a scene without its large arrays, and then these


def keep_work(path: Path, session: Session, file: Path, *, durable: bool = True) -> None:
    """Write the work of a session, which is to be saved as `file`.

    Raises
    ------
    WriteError
        When it cannot be written.
    Refusal
        When it could not be opened again: an old file stays.
    """
    scene, arrays = checked_beside_arrays(session)
    label = {"format": FORMAT, "file": str(file), "aside": session.aside_is_modified}
    with atomic_file(path, durable=durable, mode=PRIVATE) as stream:
        for piece in in_one_file(label, scene, arrays):
            stream.write(piece)


def work_name(path: Path) -> Path:
    """Return what the work in a file is to be saved as; raises FileError, and nothing else."""
    with boundary(path), _open_kept(path) as stream:
        return _named(_label(stream))


def read_work(path: Path) -> tuple[Session, Path]:
    """Return the work in a file, and what it is to be saved as.

    Raises FileError, and nothing else, whatever the file holds.
    """
    with boundary(path), _open_kept(path) as stream:
        label = _label(stream)
        session = read_beside_arrays(*parts_of(stream, label), str(path))
        return _with_work_aside(session, label.get("aside", True)), _named(label)


def _with_work_aside(session: Session, is_work: bool) -> Session:
    """Let the page aside be work that no file has, where it is."""
    if session.aside is None or not is_work:
        return session
    return replace(session, aside=replace(session.aside, saved=None))


def _open_kept(path: Path) -> BinaryIO:
    """Open kept work, of any size; a pipe in its place must not keep the start waiting."""
    if not path.is_file():
        raise Refusal("it is no ordinary file")
    return open_regular(path, largest=sys.maxsize)


def _label(stream: BinaryIO) -> dict[str, Any]:
    label = label_of(stream)
    if label is None or label.get("format") != FORMAT:
        raise Refusal("it does not begin as kept work does")
    return label


def _named(label: dict[str, Any]) -> Path:
    file = label["file"]
    if not isinstance(file, str) or "\0" in file or not Path(file).name:
        raise Refusal("it does not say what it is called")
    return Path(file)

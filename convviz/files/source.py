"""Files as the readers get them, and what the readers hand back."""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from numpy.typing import NDArray

from convviz.files.errors import Refusal

MAX_FILE_BYTES = 256 * 2**20
MAX_RANK = 4

NOT_REGULAR = (
    (stat.S_ISDIR, "this is a folder; choose a file in it"),
    (stat.S_ISFIFO, "this is a pipe, not a file; the command line reads it as -"),
    (stat.S_ISCHR, "this is a device; choose a file"),
    (stat.S_ISBLK, "this is a device; choose a file"),
    (stat.S_ISSOCK, "this is a socket; choose a file"),
)

FAILURES = {
    errno.ENOENT: "there is no such file; check its name and folder",
    errno.ENOTDIR: "there is no such file; a part of its folder's name is a file",
    errno.EACCES: "you may not read it; ask for permission, or copy it",
    errno.EPERM: "you may not read it; ask for permission, or copy it",
    errno.ELOOP: "this link leads back to itself",
    errno.ENAMETOOLONG: "this name is longer than names of files can be",
    errno.EIO: "the disk cannot read it",
}


@dataclass(frozen=True, eq=False)
class Source:
    """An open file. `array_name` is which of several arrays the person wants, or None."""

    stream: BinaryIO
    array_name: str | None = None

    @property
    def file_name(self) -> str:
        """What a command calls the file by; FILE where it came through a pipe."""
        name = getattr(self.stream, "name", None)
        return name if isinstance(name, str) else "FILE"


@dataclass(frozen=True, eq=False)
class Loaded:
    """An array as it stands in the file, of any numeric type, and what to tell about it.

    `white` is the largest value that a cell of this kind of picture can have, where there is one.
    """

    array: NDArray[Any]
    notices: tuple[str, ...] = ()
    white: int | None = None


Stamp = tuple[int, int, int]


def stamp(path: Path) -> Stamp | None:
    """Return what changes whenever a file is written, None where there is none."""
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def is_there(path: Path) -> bool:
    """Return whether something is at `path`; False where this user may not look."""
    return os.path.exists(path)  # noqa: PTH110  # Path.exists raises where access is denied


def open_regular(path: Path, largest: int = MAX_FILE_BYTES) -> BinaryIO:
    """Open a regular file of at most `largest` bytes for reading; raises Refusal for all else."""
    try:
        status = path.stat()
        for is_kind, reason in NOT_REGULAR:
            if is_kind(status.st_mode):
                raise Refusal(reason)
        if status.st_size > largest:
            size = status.st_size // 2**20
            raise Refusal(f"it has {size:,} MiB; at most {largest // 2**20:,} MiB are read")
        return open(path, "rb", opener=_without_waiting)
    except OSError as error:
        reason = FAILURES.get(error.errno or 0, error.strerror or str(error))
        raise Refusal(reason) from None
    except ValueError as error:
        if isinstance(error, Refusal):
            raise
        raise Refusal("there is no such file; its name holds a zero byte") from None


def _without_waiting(path: str, flags: int) -> int:
    """A pipe that takes the file's place between the look and the opening must not block."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))

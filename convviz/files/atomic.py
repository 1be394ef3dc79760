"""The one way in which convviz writes a file: the old one stays until the new one is whole.

A writer that is killed can only leave a file named like `.convviz-0123456789abcdef.tmp` behind.
It was locked while it was written, and no longer is: so the next writer in the folder knows and
removes it. The new file is a new inode: hard links, access lists and extended attributes of the
old one are not carried over.
"""

import errno
import io
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from convviz.files.errors import one_line
from convviz.files.locks import create_locked, lock_outliving, remove_abandoned

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

LEFTOVER = re.compile(r"\.convviz-[0-9a-f]{16}\.tmp")
NEW_FILE_MODE = 0o666  # what the umask is taken from

_OTHER_FOLDER = "choose another folder"
_ALLOWED_FOLDER = "choose a folder that you may write to"
_MORE_SPACE = "free some space or choose another folder"
_OTHER_NAME = "choose another name"

FAILURES = {
    errno.EACCES: ("permission denied", _ALLOWED_FOLDER),
    errno.EPERM: ("the system does not allow it", _ALLOWED_FOLDER),
    errno.EROFS: ("the disk is read-only", _ALLOWED_FOLDER),
    errno.ENOSPC: ("no space left on the device", _MORE_SPACE),
    errno.EDQUOT: ("your disk quota is used up", _MORE_SPACE),
    errno.EFBIG: ("the file is larger than this disk or a limit allows", _OTHER_FOLDER),
    errno.ENOENT: ("the folder does not exist", "create it or choose another folder"),
    errno.EEXIST: ("a part of the path is not a folder", _OTHER_FOLDER),
    errno.ENOTDIR: ("a part of the path is not a folder", _OTHER_FOLDER),
    errno.ELOOP: ("its symbolic links lead in a circle", _OTHER_NAME),
    errno.ENAMETOOLONG: ("the name is too long", "choose a shorter one"),
    errno.EINVAL: ("the name holds a character that file names cannot hold", _OTHER_NAME),
    errno.EIO: ("the disk reports an error", "check it or choose another folder"),
    errno.EMFILE: ("too many files are open", "close some windows and try again"),
}
NOT_FILES = {
    stat.S_IFDIR: "a folder",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
}


class WriteError(OSError):
    """A file was not written; `str()` is one sentence with the path, the reason and the way out."""

    def __str__(self) -> str:
        return str(self.strerror)


def write_failure(path: Path, error: Exception) -> WriteError:
    """Say in a sentence why `path` was not written."""
    number = (error.errno if isinstance(error, OSError) else errno.EINVAL) or errno.EIO
    unlisted = (os.strerror(number).lower(), _OTHER_FOLDER)
    if number == errno.ENOENT and path.parent.is_dir():  # as in /proc
        return _failure(path, number, "the folder takes no files", _OTHER_FOLDER)
    return _failure(path, number, *FAILURES.get(number, unlisted))


def atomic_write(
    path: Path,
    data: bytes | bytearray | memoryview,
    *,
    follow_links: bool = False,
    durable: bool = True,
) -> None:
    """Put `data` into the file `path`, whole or not at all; the rest is as in `atomic_file`."""
    with atomic_file(path, follow_links=follow_links, durable=durable) as file:
        file.write(data)


@contextmanager
def atomic_file(
    path: Path, *, follow_links: bool = False, durable: bool = True, mode: int = NEW_FILE_MODE
) -> Iterator[BinaryIO]:
    """Open a file that becomes `path` when the block ends, and vanishes when the block raises.

    `file.name` is the path of the temporary file, for programs that write by path.

    Parameters
    ----------
    path
        An existing file keeps its mode. Anything else that exists, a folder or a device, is
        refused, and so is a file that is write-protected.
    follow_links
        Write into the file that a symbolic link names (scenes), instead of replacing the link
        (exports).
    durable
        Wait for the disk. Without it a power cut may leave an empty file, until `make_durable`
        has been called: for films, whose frames are better waited for together.
    mode
        What others may do with a new file, before the umask takes from it.

    Raises
    ------
    WriteError
        When the file cannot be written. What else the block raises passes through as it is.
    """
    target, replaced = _destination(path, follow_links)
    temporary = target.with_name(f".convviz-{secrets.token_hex(8)}.tmp")
    try:
        with ExitStack() as locked:
            with _failing_as(path):
                raw = _TemporaryFile(path, temporary, replaced, mode)
            with raw:  # and not the buffer, which a failed block must not write on leaving
                locked.enter_context(lock_outliving(raw.fileno()))
                file = io.BufferedWriter(raw)
                yield file
                file.flush()
                if durable:
                    raw.sync()
            with _failing_as(path):
                temporary.replace(target)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise
    if durable:
        _sync_folder(target.parent)
        remove_leftovers(target.parent)


def make_durable(paths: Iterable[Path]) -> None:
    """Wait until files written with `durable=False` would survive a power cut."""
    folders = set()
    for path in paths:
        with _failing_as(path), path.open("r+b") as file:
            os.fsync(file.fileno())
        folders.add(path.absolute().parent)
    for folder in folders:
        _sync_folder(folder)
        remove_leftovers(folder)


def remove_leftovers(folder: Path) -> int:
    """Remove the temporary files of killed writers from a folder, and count them."""
    removed = 0
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if LEFTOVER.fullmatch(entry.name):
                removed += remove_abandoned(entry.path)
    return removed


class _TemporaryFile(io.FileIO):
    """A new file whose failures name the file that it is to become."""

    def __init__(
        self, path: Path, temporary: Path, replaced: os.stat_result | None, mode: int
    ) -> None:
        self._path = path
        if replaced:
            mode = replaced.st_mode & 0o777  # no more rights than it has, even for a moment
        opener = partial(create_locked, mode=mode)
        super().__init__(os.fspath(temporary), "xb", opener=opener)
        if replaced:
            _keep_owner_and_mode(temporary, replaced)

    def write(self, data: "ReadableBuffer", /) -> int:
        with _failing_as(self._path):
            return super().write(data)

    def sync(self) -> None:
        with _failing_as(self._path):
            os.fsync(self.fileno())

    def close(self) -> None:
        with _failing_as(self._path):  # a network disk may refuse what it had taken
            super().close()


def _keep_owner_and_mode(temporary: Path, replaced: os.stat_result) -> None:
    if sys.platform != "win32":
        with suppress(OSError):  # only root may give files away
            os.chown(temporary, replaced.st_uid, replaced.st_gid)
    with suppress(OSError):  # some foreign disks know no modes
        temporary.chmod(replaced.st_mode & 0o777)


def _destination(path: Path, follow_links: bool) -> tuple[Path, os.stat_result | None]:
    try:
        target = Path(os.path.realpath(path)) if follow_links else path.absolute()
        return target, _replaced(path, target)
    except WriteError:
        raise
    except (OSError, ValueError) as error:
        raise write_failure(path, error) from error


def _replaced(path: Path, target: Path) -> os.stat_result | None:
    """Return the state of the file that is to be replaced, None for a new file or a link."""
    try:
        found = target.stat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(found.st_mode):
        kind = NOT_FILES.get(stat.S_IFMT(found.st_mode), "no ordinary file")
        raise _failure(path, errno.EEXIST, f"it is {kind}", _OTHER_NAME)
    if target.is_symlink():
        return None
    if not os.access(target, os.W_OK):
        if _is_read_only(target.parent):
            raise _failure(path, errno.EROFS, *FAILURES[errno.EROFS])
        raise _failure(path, errno.EACCES, "the file is write-protected", _OTHER_NAME)
    return found


def _is_read_only(folder: Path) -> bool:
    """Return whether nothing at all can be written to the disk of a folder."""
    return sys.platform != "win32" and bool(os.statvfs(folder).f_flag & os.ST_RDONLY)


def _sync_folder(folder: Path) -> None:
    """Make the new name survive a power cut, where folders can be waited for (not on Windows)."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _failing_as(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise write_failure(path, error) from error


def _failure(path: Path, number: int, reason: str, way_out: str) -> WriteError:
    return WriteError(
        number, f"cannot write {one_line(os.fspath(path))}: {reason}; {way_out}", os.fspath(path)
    )

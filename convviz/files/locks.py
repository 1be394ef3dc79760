"""Locked files tell that someone is at work with them.

The system lets go of the locks of whoever ends or is killed: no number of a process has to be kept,
which another program could have by now. Where a disk knows no locks, nothing counts as abandoned.
"""

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

if sys.platform == "win32":
    import msvcrt

    LOCKED_BYTE = 2**30  # far behind what is written: Windows lets nobody read what is locked

    def _lock(descriptor: int, *, wait: bool) -> None:
        place = os.lseek(descriptor, 0, os.SEEK_CUR)
        os.lseek(descriptor, LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(descriptor, place, os.SEEK_SET)

else:
    import fcntl

    def _lock(descriptor: int, *, wait: bool) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))


def create_locked(path: str, flags: int, mode: int = 0o666) -> int:
    """Create a file, as `os.open` does with O_EXCL, and lock it; return its descriptor."""
    while True:
        descriptor = os.open(path, flags, mode)
        with suppress(OSError):
            _lock(descriptor, wait=True)
        if is_at(path, descriptor):
            return descriptor
        os.close(descriptor)  # taken for abandoned, and removed, before it was locked


def take_abandoned(path: str) -> int | None:
    """Lock a file that nobody is at work with and return its descriptor, None where it is not so.

    Links and what is no ordinary file are left alone.
    """
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags | getattr(os, "O_BINARY", 0))
    except OSError:
        return None
    try:
        _lock(descriptor, wait=False)
    except OSError:
        os.close(descriptor)
        return None
    if stat.S_ISREG(os.fstat(descriptor).st_mode) and is_at(path, descriptor):
        return descriptor
    os.close(descriptor)
    return None


def remove_abandoned(path: str) -> bool:
    """Remove a file that nobody is at work with; return whether it was so."""
    descriptor = take_abandoned(path)
    if descriptor is None:
        return False
    if sys.platform == "win32":  # where open files cannot be removed
        os.close(descriptor)
    try:
        os.unlink(path)  # noqa: PTH108
    except OSError:
        return False
    finally:
        if sys.platform != "win32":
            os.close(descriptor)
    return True


@contextmanager
def lock_outliving(descriptor: int) -> Iterator[None]:
    """Keep the lock of a file until the block ends, even when the file is closed before."""
    if sys.platform == "win32":  # where open files cannot be renamed either
        yield
        return
    other = os.dup(descriptor)
    try:
        yield
    finally:
        os.close(other)


def is_at(path: str, descriptor: int) -> bool:
    """Return whether the open file still has its name."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(descriptor))
    except OSError:
        return False

"""How much memory there is: what would need more is refused before it is begun."""

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

SMALL = 64 * 2**20  # bytes that are not worth a look
KEPT = 32 * 2**20  # bytes that are left to others

MEMINFO = Path("/proc/meminfo")
STATUS = Path("/proc/self/statm")
GROUP = Path("/sys/fs/cgroup")


def free_bytes() -> int | None:
    """Return the bytes that this process may still take; None where that is not known."""
    found = [room for measure in MEASURES for room in measure()]
    return max(min(found) - KEPT, 0) if found else None


def lacking(needed: int) -> str:
    """Say how much memory is needed and how much there is; nothing where there is enough.

    >>> lacking(1000)
    ''
    """
    if needed <= SMALL:
        return ""
    free = free_bytes()
    if free is None or needed <= free:
        return ""
    return f"it needs {_size(needed)} of memory, and {_size(free)} are free"


def _size(count: int) -> str:
    """Return a number of bytes as people say it.

    >>> _size(2_500_000_000), _size(300_000_000)
    ('2.5 GB', '300 MB')
    """
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"


def of_machine() -> Iterator[int]:
    """Yield what Linux says that programs can take without swapping."""
    with suppress(OSError, ValueError, StopIteration):
        lines = MEMINFO.read_text().splitlines()
        line = next(line for line in lines if line.startswith("MemAvailable:"))
        yield int(line.split()[1]) * 1024


def of_limit() -> Iterator[int]:
    """Yield what `ulimit -v` leaves."""
    if sys.platform == "win32":
        return
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return
    with suppress(OSError, ValueError):
        yield limit - int(STATUS.read_text().split()[0]) * resource.getpagesize()


def of_group() -> Iterator[int]:
    """Yield what the limit of a container leaves."""
    with suppress(OSError, ValueError):  # there is none, or it is "max"
        limit = int((GROUP / "memory.max").read_text())
        yield limit - int((GROUP / "memory.current").read_text())


MEASURES: tuple[Callable[[], Iterator[int]], ...] = (of_machine, of_limit, of_group)

"""Ctrl+C and SIGTERM: the program ends as if by an exception, so that whoever writes cleans up."""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn


@contextmanager
def terminated_by_exit() -> Iterator[None]:
    """Let SIGTERM raise SystemExit, as Ctrl+C raises KeyboardInterrupt."""
    with _handling(_exit, signal.SIGTERM):
        yield


@contextmanager
def held_signals() -> Iterator[list[int]]:
    """Collect Ctrl+C and SIGTERM in the list that is yielded, so that work ends where it may."""
    caught: list[int] = []
    with _handling(lambda number, _: caught.append(number), signal.SIGINT, signal.SIGTERM):
        yield caught


@contextmanager
def _handling(
    handle: Callable[[int, FrameType | None], object], *numbers: signal.Signals
) -> Iterator[None]:
    before = {number: signal.signal(number, handle) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)

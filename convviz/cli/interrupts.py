"""Signals that end the program do so as if by an exception, so that whoever writes cleans up."""

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from convviz.cli.streams import note

INTERRUPT = "SIGINT"
ENDINGS: Mapping[str, str] = {"SIGTERM": "terminated", "SIGHUP": "the terminal was closed"}


class Ended(SystemExit):
    """A signal of ENDINGS ended the program; `code` is 128 and its number."""

    def __init__(self, number: int) -> None:
        super().__init__(128 + number)
        self.sentence = ENDINGS[signal.Signals(number).name]


@contextmanager
def terminated_by_exit() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise SystemExit, as Ctrl+C raises KeyboardInterrupt, and say so."""
    with _handling(_exit, *ENDINGS):
        try:
            yield
        except Ended as ended:
            note(ended.sentence)
            raise


@contextmanager
def held_signals() -> Iterator[list[int]]:
    """Collect Ctrl+C and what ENDINGS has in the list that is yielded: work ends where it may."""
    caught: list[int] = []
    with _handling(lambda number, _: caught.append(number), INTERRUPT, *ENDINGS):
        yield caught


@contextmanager
def _handling(handle: Callable[[int, FrameType | None], object], *names: str) -> Iterator[None]:
    """Handle signals, but for SIGHUP where there is none, or where nohup keeps it away."""
    known = [getattr(signal, name) for name in names if hasattr(signal, name)]
    ignored = {n for n in known if n.name == "SIGHUP" and signal.getsignal(n) == signal.SIG_IGN}
    before = {n: signal.signal(n, handle) for n in known if n not in ignored}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _exit(number: int, _: FrameType | None) -> NoReturn:
    raise Ended(number)

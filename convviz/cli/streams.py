"""Data goes to standard output, all else to standard error."""

import errno
import io
import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import TextIO

import click

from convviz.files.errors import one_line

BROKEN_PIPE = 141  # 128 + SIGPIPE, as the shell has it


class ClosedOutput(io.TextIOBase):
    """What stands for a standard output that the program was started without."""

    def write(self, _text: str) -> int:
        """Fail: what is written reaches nobody."""
        raise OSError(errno.EBADF, "it is closed", "standard output")


class Terminal(io.TextIOBase):
    """A terminal on which progress is shown as long as it is there."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def isatty(self) -> bool:
        """Return whether it is a terminal indeed."""
        return self.stream.isatty()

    def write(self, text: str) -> int:
        """Write `text`, or nothing when the terminal was closed."""
        with suppress(OSError):
            self.stream.write(text)
            self.stream.flush()
        return len(text)


def note(sentence: str) -> None:
    """Write one line to standard error, which may be a terminal that was closed."""
    try:
        click.echo(f"convviz: {one_line(sentence)}", err=True)
    except OSError:
        _leave(sys.stderr)


def deliver(text: str | Iterable[str]) -> None:
    """Write `text`, or its parts, and a line break to standard output.

    Whoever reads it may leave early, as `head` does: that ends the program without a word.
    """
    parts = [text] if isinstance(text, str) else text
    try:
        for part in parts:
            click.echo(part, nl=False)
        click.echo()
    except OSError as error:
        _leave(sys.stdout)
        if error.errno == errno.EPIPE:
            raise SystemExit(BROKEN_PIPE) from None
        raise OSError(error.errno, error.strerror, "standard output") from None


def _leave(stream: TextIO) -> None:
    """Point it to nowhere, since Python would try to write the rest once more at the end."""
    with suppress(io.UnsupportedOperation):  # it was closed from the beginning
        target = stream.fileno()
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, target)
        os.close(nowhere)

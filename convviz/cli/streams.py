"""Data goes to standard output, all else to standard error."""

import errno
import os
import sys

import click

from convviz.files.errors import one_line

BROKEN_PIPE = 141  # 128 + SIGPIPE, as the shell has it


def note(sentence: str) -> None:
    """Write one line to standard error."""
    click.echo(f"convviz: {one_line(sentence)}", err=True)


def deliver(text: str) -> None:
    """Write `text` and a line break to standard output.

    Whoever reads it may leave early, as `head` does: that ends the program without a word.
    """
    try:
        click.echo(text)
    except OSError as error:
        _leave_standard_output()
        if error.errno == errno.EPIPE:
            raise SystemExit(BROKEN_PIPE) from None
        raise OSError(error.errno, error.strerror, "standard output") from None


def _leave_standard_output() -> None:
    """Point it to nowhere, since Python would try to write the rest once more at the end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)

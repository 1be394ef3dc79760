"""What can go wrong: an exit code and one line each."""

import os
import traceback
from collections.abc import Callable
from enum import IntEnum

import click

from convviz.cli.streams import note
from convviz.files.errors import FileError, NeedsPackage

DEBUG = "CONVVIZ_DEBUG"


class ExitCode(IntEnum):
    """How convviz ends; 128 and a signal's number when one stopped it."""

    UNEXPECTED = 1
    USAGE = 2
    ENVIRONMENT = 3
    DATA = 4
    INTERRUPTED = 130


class EnvironmentFailure(Exception):
    """Something around convviz is missing: one sentence with the way out."""


class DataFailure(Exception):
    """Data that cannot be taken, a file that cannot be written: one sentence with the way out."""


def _usage(error: Exception) -> str:
    assert isinstance(error, click.ClickException)
    context = error.ctx if isinstance(error, click.UsageError) else None
    message = " ".join(error.format_message().split("\n")).rstrip(".")
    return f"{message} (see {context.command_path if context else 'convviz'} --help)"


def _system(error: Exception) -> str:
    assert isinstance(error, OSError)
    if str(error) == error.strerror or error.filename is None:  # WriteError says it all
        return str(error.strerror or error)
    return f"{error.filename}: {error.strerror}"


def _unexpected(error: Exception) -> str:
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    return f"unexpected {type(error).__name__}: {error} ({DEBUG}=1 shows where; please report it)"


FAILURES: tuple[tuple[type[Exception], ExitCode, Callable[[Exception], str]], ...] = (
    (click.Abort, ExitCode.INTERRUPTED, lambda _: "interrupted"),
    (click.ClickException, ExitCode.USAGE, _usage),
    (EnvironmentFailure, ExitCode.ENVIRONMENT, str),
    (DataFailure, ExitCode.DATA, str),
    (NeedsPackage, ExitCode.ENVIRONMENT, str),
    (FileError, ExitCode.DATA, str),
    (OSError, ExitCode.DATA, _system),
    (MemoryError, ExitCode.DATA, lambda _: "there is not enough memory: take a smaller input"),
    (Exception, ExitCode.UNEXPECTED, _unexpected),
)


def tell_failure(error: Exception) -> int:
    """Say in one line on standard error what went wrong, and return the exit code."""
    code, sentence = next((c, say) for kind, c, say in FAILURES if isinstance(error, kind))
    note(sentence(error))
    return code

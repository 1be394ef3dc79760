"""What can be wrong with data from outside: one line each, with the way out in it."""

import sys
from pathlib import Path

SHOWN_CHARACTERS = 40
TOO_LITTLE = "it needs more memory than there is; take a part of it"
BYTE_IN_NAME = 0xDC00  # added to each byte of a file's name that is no character: PEP 383


def one_line(text: str) -> str:
    r"""`text` with line breaks, control and direction characters written as escapes.

    So are bytes of a file's name that are no text.

    >>> print(one_line("caf" + chr(0xDCE9) + ".csv"))
    caf\xe9.csv
    """
    return "".join(c if c.isprintable() else _escaped(c) for c in text)


def _escaped(character: str) -> str:
    code = ord(character)
    is_byte = BYTE_IN_NAME + 0x80 <= code <= BYTE_IN_NAME + 0xFF
    return f"\\x{code - BYTE_IN_NAME:02x}" if is_byte else ascii(character)[1:-1]


def shown(text: str) -> str:
    """`text` in quotes as a message shows it: in one line, cut short when long."""
    short = text if len(text) <= SHOWN_CHARACTERS else text[:SHOWN_CHARACTERS] + "…"
    return f"'{one_line(short)}'"


class Refusal(ValueError):
    """Why data cannot be taken, and what to do about it; does not know from which file it comes."""


class MissingPackage(Refusal):
    """A package of Python that is not installed, and without which something cannot be done."""

    def __init__(self, package: str, purpose: str) -> None:
        command = f"{sys.executable or 'python'} -m pip install {package}"
        super().__init__(f"{purpose} the package {package} is needed; install it: {command}")


class LiteralError(Refusal):
    """Text that is not an array of numbers; `place` says where, as "line 2, column 3"."""

    def __init__(self, reason: str, place: str = "") -> None:
        super().__init__(reason, place)
        self.reason = reason
        self.place = place

    def __str__(self) -> str:
        return f"{self.place}: {self.reason}" if self.place else self.reason


class FileError(Exception):
    """The one error of every reader: `<file>: <what is wrong>; <the way out>`, in one line."""

    def __init__(self, file: Path | str, reason: str) -> None:
        super().__init__(file, reason)
        self.file = file
        self.reason = one_line(reason)

    def __str__(self) -> str:
        return f"{one_line(str(self.file))}: {self.reason}"


class NeedsPackage(FileError):
    """A file that a package is needed for which is not installed."""

"""The report of a failure: what ran, where it failed and how; nothing of whoever used it."""

import re
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

from platformdirs import user_log_path

from convviz.files.errors import one_line

# Errors of the program text, whose quotes hold names of the program; others may quote a person.
OF_THE_PROGRAM = (AttributeError, ImportError, NameError, TypeError)
QUOTED = re.compile(r"""(?<!\w\w)'.*?'(?!\w)|"[^"]*"|“[^”]*”""")
PATH = re.compile(r"""\S*[/\\]\S*""")
FILE = re.compile(r'File "([^"]*)"')
MOST_LINKED = 10
KEPT_PARTS = ("convviz", "site-packages", f"python3.{sys.version_info.minor}")


def report_path() -> Path:
    """Return where the last report is that somebody looked at."""
    return user_log_path("convviz", appauthor=False) / "convviz.log"


def described(error: BaseException) -> str:
    """Return where an exception comes from, and those that led to it, the first one first."""
    return "\n".join(_lines(error, MOST_LINKED))


def _lines(error: BaseException, most: int) -> Iterator[str]:
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None and most:
        yield from _lines(earlier, most - 1)
        yield "which led to"
    for line in traceback.format_tb(error.__traceback__):
        yield without_folders(line.rstrip())
    yield f"{type(error).__name__}: {_told(error)}"


def _told(error: BaseException) -> str:
    """Return the text of an exception without what may be a person's: names, words, paths."""
    text = one_line(str(error))
    return PATH.sub("…", text) if isinstance(error, OF_THE_PROGRAM) else without_names(text)


def without_names(text: str) -> str:
    """Return a sentence without what is quoted in it, and without paths.

    >>> without_names("cannot read 'Ada' of /home/ada/x.png at (3, 4)")
    'cannot read … of … at (3, 4)'
    >>> without_names("can't read 'Ada's thesis', as b'Ada' is not there")
    "can't read …, as b… is not there"
    """
    return PATH.sub("…", QUOTED.sub("…", text))


def without_folders(text: str) -> str:
    """Return a traceback with the files of the program alone, not where they are installed.

    >>> without_folders('File "/home/ada/.venv/lib/convviz/ui/app.py", line 3 in run')
    'File "convviz/ui/app.py", line 3 in run'
    """
    return FILE.sub(lambda found: f'File "{_from_known(found[1])}"', text)


def _from_known(file: str) -> str:
    parts = Path(file.replace("\\", "/")).parts
    known = [number for number, part in enumerate(parts) if part in KEPT_PARTS]
    return "/".join(parts[known[-1] :] if known else parts[-1:])

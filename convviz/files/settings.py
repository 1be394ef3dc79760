"""What the program remembers from one day to the next: plain values in a JSON file."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from convviz.files.atomic import atomic_write, write_failure
from convviz.files.errors import FileError, Refusal
from convviz.files.read import boundary
from convviz.files.source import open_regular
from convviz.model.session import MOST_RECENT, THEMES

MAX_BYTES = 2**20
BROKEN = ".broken"


@dataclass(frozen=True)
class Settings:
    """The theme, and the files that were opened or saved last, newest first."""

    theme: str = "system"
    recent: tuple[Path, ...] = ()


def settings_path() -> Path:
    """Return where the settings are, as the system has it."""
    return user_config_path("convviz", appauthor=False, roaming=True) / "settings.json"


def read_settings(path: Path) -> tuple[Settings, str | None]:
    """Return the settings in a file, and a sentence when it could not be read.

    A value that cannot be is left out. A file that is no JSON object is set aside.
    """
    if not path.exists():
        return Settings(), None
    try:
        with boundary(path), open_regular(path) as stream:
            return _settings(stream.read(MAX_BYTES + 1)), None
    except FileError as error:
        return Settings(), f"{error}; {_set_aside(path)}"


def merged(mine: Settings, known: Settings, theirs: Settings) -> Settings:
    """Return the settings of two windows: what I changed since they were `known`, else theirs.

    Files that either opened are remembered, mine first where I opened one.
    """
    theme = theirs.theme if mine.theme == known.theme else mine.theme
    newest = () if mine.recent == known.recent else mine.recent[:1]
    recent = dict.fromkeys((*newest, *theirs.recent, *mine.recent))
    return Settings(theme, tuple(recent)[:MOST_RECENT])


def write_settings(path: Path, settings: Settings) -> None:
    """Write the settings; raises WriteError."""
    values = {"theme": settings.theme, "recent": [str(file) for file in settings.recent]}
    text = json.dumps(values, indent=2)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_failure(path, error) from error
    atomic_write(path, f"{text}\n".encode(), follow_links=True)


def _set_aside(path: Path) -> str:
    aside = path.with_name(f"{path.name}{BROKEN}")
    try:
        path.replace(aside)
    except OSError:
        return "the settings begin anew"
    return f"it is now {aside.name}, and the settings begin anew"


def _settings(data: bytes) -> Settings:
    if len(data) > MAX_BYTES:
        raise Refusal("these settings are too large")
    try:
        values = json.loads(data)
    except (ValueError, RecursionError):
        raise Refusal("these settings are no JSON") from None
    if not isinstance(values, dict):
        raise Refusal("these settings are no JSON object")
    read = {name: READERS[name](values[name]) for name in READERS if name in values}
    return Settings(**{name: value for name, value in read.items() if value is not None})


def _theme(value: object) -> str | None:
    return value if isinstance(value, str) and value in THEMES else None


def _recent(value: object) -> tuple[Path, ...] | None:
    if not isinstance(value, list):
        return None
    files = [Path(file) for file in value if isinstance(file, str) and "\0" not in file]
    return tuple(file for file in files if file.is_absolute())[:MOST_RECENT]


# A setting -> what a value of JSON means, None where it cannot be
READERS: dict[str, Callable[[object], Any]] = {"theme": _theme, "recent": _recent}

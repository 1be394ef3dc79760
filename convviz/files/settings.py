"""What the program remembers from one day to the next: plain values in a JSON file."""

import json
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from convviz.files.atomic import atomic_write, write_failure
from convviz.files.errors import FileError, Refusal
from convviz.files.read import boundary
from convviz.files.source import is_there, open_regular
from convviz.model.colours import SIGNED_MAPS, UNSIGNED_MAPS, Colours
from convviz.model.numbers import MOST_DECIMALS, MOST_DIGITS, NUMBER_KINDS, NumberFormat
from convviz.model.session import LIMIT_OF_RECENT, MOST_RECENT, SPEEDS, THEMES, Habits, Session

MAX_BYTES = 2**20
BROKEN = ".broken"


@dataclass(frozen=True)
class Settings:
    """What is remembered, each value by its name in the file.

    `numbers`, `decimals`, `digits` and `fractions` are a NumberFormat, `unsigned` and `signed`
    colour maps; a folder that is None is the last one used; `recent` is newest first.
    """

    theme: str = "system"
    recent: tuple[Path, ...] = ()
    numbers: str = NumberFormat.kind
    decimals: int = NumberFormat.decimals
    digits: int = NumberFormat.digits
    fractions: bool = NumberFormat.fractions
    unsigned: str = Colours.unsigned
    signed: str = Colours.signed
    speed: float = Habits.speed
    open_folder: Path | None = None
    export_folder: Path | None = None
    most_recent: int = MOST_RECENT


def settings_of(session: Session) -> Settings:
    """Return what is to be remembered of a session."""
    view = session.view
    numbers = asdict(view.numbers)
    return Settings(
        view.theme,
        session.recent,
        numbers=numbers.pop("kind"),
        **numbers,
        **asdict(view.colours),
        **asdict(session.habits),
    )


def with_settings(session: Session, settings: Settings) -> Session:
    """Return a session that begins with what was remembered."""
    numbers = NumberFormat(settings.numbers, settings.decimals, settings.digits, settings.fractions)
    colours = Colours(settings.unsigned, settings.signed)
    habits = Habits(
        settings.speed, settings.open_folder, settings.export_folder, settings.most_recent
    )
    return replace(
        session,
        view=replace(session.view, theme=settings.theme, numbers=numbers, colours=colours),
        playback=replace(session.playback, speed=settings.speed),
        habits=habits,
        recent=settings.recent,
    )


def settings_path() -> Path:
    """Return where the settings are, as the system has it."""
    return user_config_path("convviz", appauthor=False, roaming=True) / "settings.json"


def read_settings(path: Path) -> tuple[Settings, str | None]:
    """Return the settings in a file, and a sentence when it could not be read.

    A value that cannot be is left out. A file that is no JSON object is set aside.
    """
    if not is_there(path):
        return Settings(), None
    try:
        with boundary(path), open_regular(path) as stream:
            return _settings(stream.read(MAX_BYTES + 1)), None
    except FileError as error:
        return Settings(), f"{error}; {_set_aside(path)}"


def merged(mine: Settings, known: Settings, theirs: Settings) -> Settings:
    """Return the settings of two windows: what I changed since they were `known`, else theirs.

    Files that either opened are remembered, mine first where I opened one; none where I forgot all.
    """
    names = [field.name for field in fields(Settings)]
    changes = {name: getattr(mine, name) for name in names if _differ(mine, known, name)}
    both = replace(theirs, **changes)
    if "recent" in changes and not mine.recent:
        return both
    newest = mine.recent[:1] if "recent" in changes else ()
    recent = dict.fromkeys((*newest, *theirs.recent, *mine.recent))
    return replace(both, recent=tuple(recent)[: both.most_recent])


def _differ(one: Settings, other: Settings, name: str) -> bool:
    return bool(getattr(one, name) != getattr(other, name))


def write_settings(path: Path, settings: Settings) -> None:
    """Write the settings; raises WriteError."""
    text = json.dumps(asdict(settings), indent=2, default=str)  # paths as text
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
    found = Settings(**{name: value for name, value in read.items() if value is not None})
    return replace(found, recent=found.recent[: found.most_recent])


def _one_of(names: Collection[str]) -> Callable[[object], str | None]:
    return lambda value: value if isinstance(value, str) and value in names else None


def _whole(low: int, high: int) -> Callable[[object], int | None]:
    def read(value: object) -> int | None:
        return value if type(value) is int and low <= value <= high else None

    return read


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _speed(value: object) -> float | None:
    return value if isinstance(value, (int, float)) and value in SPEEDS else None


def _folder(value: object) -> Path | None:
    if not isinstance(value, str) or "\0" in value:
        return None
    return Path(value) if Path(value).is_absolute() else None


def _recent(value: object) -> tuple[Path, ...] | None:
    if not isinstance(value, list):
        return None
    files = [Path(file) for file in value if isinstance(file, str) and "\0" not in file]
    return tuple(file for file in files if file.is_absolute())[:LIMIT_OF_RECENT]


# A setting -> what a value of JSON means, None where it cannot be
READERS: dict[str, Callable[[object], Any]] = {
    "theme": _one_of(THEMES),
    "recent": _recent,
    "numbers": _one_of(NUMBER_KINDS),
    "decimals": _whole(0, MOST_DECIMALS),
    "digits": _whole(1, MOST_DIGITS),
    "fractions": _flag,
    "unsigned": _one_of(UNSIGNED_MAPS),
    "signed": _one_of(SIGNED_MAPS),
    "speed": _speed,
    "open_folder": _folder,
    "export_folder": _folder,
    "most_recent": _whole(0, LIMIT_OF_RECENT),
}
assert list(READERS) == [field.name for field in fields(Settings)]

"""What a person prefers, on this machine: pure functions (Session, ...) -> Session.

None of it is in a scene file: another person's scene changes neither colours that one can tell
apart nor the way that numbers are written.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from convviz.model.session import Habits, Session, View

PREFERRED = ("theme", "numbers", "colours")  # of the view


def set_numbers(session: Session, **changes: Any) -> Session:  # noqa: ANN401
    """Write numbers otherwise: `changes` are fields of NumberFormat."""
    numbers = replace(session.view.numbers, **changes)
    return replace(session, view=replace(session.view, numbers=numbers))


def set_colours(session: Session, **changes: str) -> Session:
    """Show values in other colours: `changes` are fields of Colours."""
    colours = replace(session.view.colours, **changes)
    return replace(session, view=replace(session.view, colours=colours))


def set_first_speed(session: Session, speed: float) -> Session:
    """Play at `speed` steps per second, now and whenever the program starts."""
    playback = replace(session.playback, speed=speed)
    return replace(session, habits=replace(session.habits, speed=speed), playback=playback)


def set_folder(session: Session, name: str, folder: Path | None) -> Session:
    """Begin dialogs in a folder (None: the last one used); `name` is a field of Habits."""
    return replace(session, habits=replace(session.habits, **{name: folder}))


def set_most_recent(session: Session, count: int) -> Session:
    """Remember so many files."""
    habits = replace(session.habits, most_recent=count)
    return replace(session, habits=habits, recent=session.recent[:count])


def clear_recent(session: Session) -> Session:
    """Forget which files were opened or saved."""
    return replace(session, recent=())


def reset_preferences(session: Session) -> Session:
    """Prefer what the program comes with; the files that were opened stay remembered."""
    fresh = View()
    view = replace(session.view, **{name: getattr(fresh, name) for name in PREFERRED})
    habits = Habits()
    kept = session.recent[: habits.most_recent]
    return set_first_speed(replace(session, view=view, habits=habits, recent=kept), habits.speed)

"""What a person prefers, on this machine: pure functions (Session, ...) -> Session.

None of it is in a scene file: another person's scene changes neither colours that one can tell
apart nor the way that numbers are written.
"""

from dataclasses import replace
from pathlib import Path

from convviz.model.colours import Colours
from convviz.model.numbers import NumberFormat
from convviz.model.session import Habits, Session, View

PREFERRED = ("theme", "numbers", "colours")  # of the view


def set_numbers(session: Session, numbers: NumberFormat) -> Session:
    """Write numbers as `numbers` says."""
    return replace(session, view=replace(session.view, numbers=numbers))


def set_colours(session: Session, colours: Colours) -> Session:
    """Show values in other colours."""
    return replace(session, view=replace(session.view, colours=colours))


def set_first_speed(session: Session, speed: float) -> Session:
    """Play at `speed` steps per second, now and whenever the program starts."""
    playback = replace(session.playback, speed=speed)
    return replace(session, habits=replace(session.habits, speed=speed), playback=playback)


def set_open_folder(session: Session, folder: Path | None) -> Session:
    """Begin to look for files in a folder (None: the last one used)."""
    return replace(session, habits=replace(session.habits, open_folder=folder))


def set_export_folder(session: Session, folder: Path | None) -> Session:
    """Begin to export into a folder (None: the last one used)."""
    return replace(session, habits=replace(session.habits, export_folder=folder))


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

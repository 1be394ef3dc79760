"""Targets and images to learn from, out of files."""

from collections.abc import Callable
from pathlib import Path

from convviz.engine.padding import Array
from convviz.files.errors import FileError, one_line
from convviz.files.read import read_array
from convviz.model import learn_changes, transitions
from convviz.model.session import Message, Session
from convviz.ui.open_file import origin_of_file


def open_target(session: Session, path: Path) -> Session:
    """Let the image or array in `path` be the target; when that cannot be, say why."""
    return _with_plane(session, path, "a target", learn_changes.set_target)


def open_another(session: Session, path: Path) -> Session:
    """Learn from the image or array in `path` too; when that cannot be, say why."""
    return _with_plane(session, path, "an image", learn_changes.add_image)


def _with_plane(
    session: Session, path: Path, what: str, change: Callable[[Session, Array, str], Session]
) -> Session:
    try:
        found = read_array(path)
        made = origin_of_file(found, session.document).made
    except FileError as error:
        return transitions.show_message(session, Message(str(error), "error"))
    plane = made if made.ndim == 2 else made.mean(axis=0)
    if plane.ndim != 2:
        text = f"{one_line(path.name)} holds a signal: {what} has rows and columns"
        return transitions.show_message(session, Message(text, "error"))
    return change(session, plane, one_line(path.name))

"""A target from a file."""

from pathlib import Path

from convviz.files.errors import FileError
from convviz.files.read import read_array
from convviz.model import learn_changes, transitions
from convviz.model.session import Message, Session
from convviz.ui.open_file import origin_of_file


def open_target(session: Session, path: Path) -> Session:
    """Let the image or array in `path` be the target; when that cannot be, say why."""
    try:
        found = read_array(path)
        made = origin_of_file(found, session.document).made
    except FileError as error:
        return transitions.show_message(session, Message(str(error), "error"))
    plane = made if made.ndim == 2 else made.mean(axis=0)
    if plane.ndim != 2:
        text = f"{path.name} holds a signal: a target has rows and columns"
        return transitions.show_message(session, Message(text, "error"))
    return learn_changes.set_target(session, plane, path.name)

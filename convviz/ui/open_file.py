"""Files and pictures from outside become the input of the session."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convviz.files.errors import FileError
from convviz.files.images import to_grey
from convviz.files.read import read_array
from convviz.files.resample import scale_down, scaled_size
from convviz.model import transitions
from convviz.model.session import Choice, Message, Session

NUMBERS_UP_TO = 48  # cells a side up to which the window can show numbers
SCALES = (16, 32, 64, 128, 256)


def plane_of(path: Path) -> tuple[NDArray[np.floating], str, tuple[str, ...]]:
    """Return the grid (rows, columns) in a file, its name, and what is to be known of it.

    Raises
    ------
    FileError
        When the file cannot be read, or holds no grid of numbers.
    """
    found = read_array(path)
    array, notices = found.array, list(found.notices)
    if array.ndim == 1:
        array = array[None]
    if array.ndim == 3 and len(array) == 3:
        array = to_grey(array)
        notices.append("shown in grey")
    elif array.ndim == 3 and len(array) == 1:
        array = array[0]
    if array.ndim != 2:
        shape = " × ".join(map(str, array.shape))
        raise FileError(path, f"it holds an array of {shape}; open one with rows and columns")
    return array, found.name, tuple(notices)


def show_file(session: Session, path: Path) -> Session:
    """Show the image or array in `path`; when that fails, say why and keep what is shown."""
    try:
        array, name, notices = plane_of(path)
    except FileError as error:
        return transitions.show_message(session, Message(str(error), "error"))
    opened = transitions.set_image(session, array, name)
    rows, columns = array.shape
    text = f"{path.name}: {rows} × {columns}" + "".join(f" · {notice}" for notice in notices)
    if opened.attempt:
        return opened
    choices = scale_choices(rows, columns) if max(rows, columns) > NUMBERS_UP_TO else ()
    if choices:
        text += ". Numbers show when you zoom in, or scale it to"
    if not (choices or notices):
        return transitions.dismiss(opened)
    return transitions.show_message(opened, Message(text, choices=choices))


def scale_choices(rows: int, columns: int) -> tuple[Choice, ...]:
    """Return the sizes to which a grid can be scaled down, as buttons of a message."""
    longer = max(rows, columns)
    return tuple(
        Choice(_size_text(rows, columns, side), "scale", side) for side in SCALES if side < longer
    )


def _size_text(rows: int, columns: int, side: int) -> str:
    return " × ".join(str(size) for size in scaled_size((rows, columns), side))


def scale_input(session: Session, side: int) -> Session:
    """Scale the input down so that its longer side has `side` cells."""
    scaled = scale_down(session.document.image, side)
    shown = transitions.set_image(session, scaled, session.document.image_name)
    return transitions.dismiss(shown)

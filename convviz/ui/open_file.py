"""Files and pictures from outside become the input of the session."""

from dataclasses import replace
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from convviz.engine.settings import frozen_array
from convviz.files.errors import FileError
from convviz.files.images import to_grey
from convviz.files.read import read_array
from convviz.files.resample import scale_down, scaled_size
from convviz.model import changes, filing, transitions
from convviz.model.document import default_document
from convviz.model.session import Choice, Message, Session

NUMBERS_UP_TO = 48  # cells a side up to which the window can show numbers
SCALES = (16, 32, 64, 128, 256)
COLOURS = 3
GREY = Choice("Show it in grey", "grey")


def image_of(path: Path) -> tuple[NDArray[np.floating], str, tuple[str, ...]]:
    """Return the image (channels, rows, columns) in a file, its name, and what is to be known.

    Raises
    ------
    FileError
        When the file cannot be read, or holds no image.
    """
    found = read_array(path)
    array, notices = found.array, list(found.notices)
    if array.ndim == 4 and len(array) == 1:
        array = array[0]
        notices.append("the only image of a batch")
    if array.ndim < 3:
        array = np.atleast_2d(array)[None]
    elif array.ndim == 3 and _ends_in_channels(array.shape):
        array = np.moveaxis(array, -1, 0)
        notices.append(f"its last axis is taken as {len(array)} channels")
    if array.ndim != 3:
        shape = " × ".join(map(str, array.shape))
        raise FileError(path, f"it holds an array of {shape}; open one with rows and columns")
    return array, found.name, tuple(notices)


def _ends_in_channels(shape: tuple[int, ...]) -> bool:
    """Return whether a shape looks like (rows, columns, channels), as Keras has images."""
    return shape[-1] in (1, COLOURS, 4) and shape[0] not in (1, COLOURS, 4)


def show_file(session: Session, path: Path) -> Session:
    """Show the image or array in `path`; when that fails, say why and keep what is shown."""
    shown = _shown_file(session, path)
    if shown.document is session.document:
        return shown
    return filing.remembered(filing.brought_in(session, shown), path.absolute())


def _shown_file(session: Session, path: Path) -> Session:
    try:
        array, name, notices = image_of(path)
    except FileError as error:
        return transitions.show_message(session, Message(str(error), "error"))
    opened = _with_image(session, array, name)
    if opened.attempt:
        return opened
    shown = array[0].shape if len(array) == 1 else array.shape
    text = f"{path.name}: {' × '.join(map(str, shown))}"
    text += "".join(f" · {notice}" for notice in notices)
    several, choices = opened.message, _choices(array)
    if several is not None:
        text += f". {several.text}"
        choices += several.choices
    scales = scale_choices(array.shape[1:]) if max(array.shape[1:]) > NUMBERS_UP_TO else ()
    if scales:
        text += " Scale it to" if several else ". Numbers show when you zoom in, or scale it to"
    if not (choices or scales or notices):
        return transitions.dismiss(opened)
    return transitions.show_message(opened, Message(text, choices=(*scales, *choices)))


def _choices(image: NDArray[np.floating]) -> tuple[Choice, ...]:
    return (GREY,) if len(image) == COLOURS else ()


def _with_image(session: Session, image: NDArray[np.floating], name: str) -> Session:
    """Show an image (channels, rows, columns); layers of signals make way for those of images."""
    if session.rank == image.ndim - 1:
        return changes.set_image(session, image, name)
    fresh = replace(default_document(), image=frozen_array(image[:1]), image_name=name)
    opened = changes.changed(session, fresh, f"Input {name}")
    return changes.set_image(opened, image, name) if len(image) > 1 else opened


def show_in_grey(session: Session) -> Session:
    """Show a colour image in grey, as if it had been opened so."""
    document = session.document
    if len(document.image) != COLOURS:
        return transitions.dismiss(session)
    return transitions.dismiss(
        changes.set_image(session, to_grey(document.image)[None], document.image_name)
    )


def scale_choices(spatial: tuple[int, ...]) -> tuple[Choice, ...]:
    """Return the sizes to which an image can be scaled down, as buttons of a message."""
    return tuple(
        Choice(_size_text(spatial, side), "scale", side) for side in SCALES if side < max(spatial)
    )


def _size_text(spatial: tuple[int, ...], side: int) -> str:
    height, width = (1, *spatial)[-2:]
    rows, columns = scaled_size((height, width), side)
    return f"{rows} × {columns}" if len(spatial) == 2 else f"{columns}"


def offer_scaling(session: Session) -> Session:
    """Ask to which size the input is to be scaled down."""
    spatial = session.document.image.shape[1:]
    choices = scale_choices(spatial)
    offer = "Scale it to" if choices else "It is small enough to read every number."
    count = " × ".join(map(str, spatial))
    text = f"The input has {count} {'cell' if prod(spatial) == 1 else 'cells'}. {offer}"
    return transitions.show_message(session, Message(text, choices=choices))


def scale_input(session: Session, side: int) -> Session:
    """Scale every channel of the input down so that its longer side has `side` cells."""
    document = session.document
    planes = document.image if session.rank == 2 else document.image[:, None]
    scaled = scale_down(planes, side)
    image = scaled if session.rank == 2 else scaled[:, 0]
    return transitions.dismiss(changes.set_image(session, image, document.image_name))

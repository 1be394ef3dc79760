"""Files and pictures from outside become the input of the session."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from convviz.engine.geometry import counted
from convviz.engine.layers import KernelLayer
from convviz.engine.padding import Array
from convviz.engine.settings import frozen_array
from convviz.files.cropping import taken
from convviz.files.errors import TOO_LITTLE, FileError, one_line
from convviz.files.read import ArrayFile, read_array, read_piped
from convviz.model import changes, filing, pages, transitions
from convviz.model.document import Document
from convviz.model.origin import COLOURS, Origin, Taking, sizes_of, whole, with_side
from convviz.model.session import Choice, Message, Session

NUMBERS_UP_TO = 48  # cells a side up to which the window can show numbers
SCALES = (16, 32, 64, 128, 256)
GREY = Choice("Show it in grey", "channels", "grey")
COLOUR = Choice(f"Take its {COLOURS} channels", "channels", "all")
CROP = Choice("Crop and scale…", "crop")
ANOTHER = Choice("Another image…", "crop")


def show_file(session: Session, path: Path, array: str | None = None) -> Session:
    """Show the image or array in `path`; when that fails, say why and keep what is shown.

    `array` is which one of an NPZ file.
    """
    shown = _shown(session, lambda: read_array(path, name=array), one_line(path.name))
    if shown.document is session.document:
        return shown
    return filing.remembered(shown, path.absolute())


def show_bytes(session: Session, data: bytes, name: str) -> Session:
    """Show a picture that another program hands over: no file has it, so that it is work."""
    return _shown(session, lambda: read_piped(data, name), name, is_work=True)


def _shown(
    session: Session, read: Callable[[], ArrayFile], name: str, *, is_work: bool = False
) -> Session:
    try:
        return _opened(session, read, name, is_work=is_work)
    except FileError as error:
        return transitions.show_message(session, Message(str(error), "error"))
    except MemoryError:
        return transitions.show_message(session, Message(f"{name}: {TOO_LITTLE}", "error"))


def _opened(
    session: Session, read: Callable[[], ArrayFile], name: str, *, is_work: bool
) -> Session:
    found = read()
    page = pages.on_page(session, 1 if found.is_signal else 2)
    origin = origin_of_file(found, page.edited)
    opened = changes.set_image(page, origin.made, origin.name)
    if opened.document is page.document and not opened.attempt:  # it is what is shown already
        origin = replace(origin, opened=session.document.image, made=page.document.image)
    opened = replace(opened, source_array=origin)
    if opened.attempt:
        return transitions.dismiss(opened)  # what was said was of another file
    notices = (*found.notices, *_axes_notices(origin))
    told = _told(opened, origin, f"{name}: {_size_text(origin.made)}", notices)
    same = told.document is page.document
    return told if same or is_work else filing.brought_in(page, told)


def origin_of_file(found: ArrayFile, document: Document) -> Origin:
    """Return what is taken of a file at first: all of it, or the first image of a batch.

    Colours become grey where the first kernel takes one channel, as on the command line.
    """
    array = found.array.ravel() if found.is_signal else found.array
    taking = whole(array.shape)
    if sizes_of(array.shape, taking.axes)[1] == COLOURS and _first_takes_one(document):
        taking = replace(taking, channels="grey")
    image = taken(array, taking)
    made = frozen_array(image[:, 0] if array.ndim == 1 else image)
    return Origin(array, found.name, found.white, taking, made, taking, made)


def _first_takes_one(document: Document) -> bool:
    first = next((layer for layer in document.layers if isinstance(layer, KernelLayer)), None)
    return first is not None and first.in_channels == 1


def _axes_notices(origin: Origin) -> tuple[str, ...]:
    """Say how the axes of an array were understood where it could have been otherwise."""
    axes, notices = origin.taking.axes, []
    images, channels, _, _ = sizes_of(origin.array.shape, axes)
    if axes[0] == "n":
        notices.append(f"image 1 of {images:,}" if images > 1 else "the only image of a batch")
    if axes[-1] == "c":
        notices.append(f"its last axis is taken as {counted(channels, 'channel')}")
    return tuple(notices)


def _told(session: Session, origin: Origin, text: str, notices: tuple[str, ...]) -> Session:
    """Say what was opened, and what can be done with it."""
    text += "".join(f" · {notice}" for notice in notices)
    several, choices = session.message, _choices(origin)
    if origin.taking.channels == "grey":
        text += f". Its {COLOURS} channels are taken as one of grey."
    if several is not None:
        text += f". {several.text}"
        choices += several.choices
    scales = _scales(origin.made.shape[1:])
    if scales:
        end = "" if text.endswith(".") else "."
        text += (
            f"{end} Scale it to" if choices else ". Numbers show when you zoom in, or scale it to"
        )
        scales += (CROP,)
    if not (choices or scales or notices):
        return transitions.dismiss(session)
    return transitions.show_message(session, Message(text, choices=(*scales, *choices)))


def _choices(origin: Origin) -> tuple[Choice, ...]:
    images, channels, _, _ = sizes_of(origin.array.shape, origin.taking.axes)
    another = (ANOTHER,) if images > 1 else ()
    if channels != COLOURS:
        return another
    return (*another, COLOUR if origin.taking.channels == "grey" else GREY)


def _size_text(image: Array) -> str:
    return " × ".join(map(str, image.shape[1:] if len(image) == 1 else image.shape))


def take(session: Session, taking: Taking, change: str = "") -> Session:
    """Let the input be what `taking` makes of that from which it was taken; undo calls it `change`.

    That is "Crop and scale" where nothing else is said.
    """
    origin = session.origin
    try:
        image = taken(origin.array, taking, origin.white)
    except MemoryError:
        return transitions.show_message(session, Message(f"{origin.name}: {TOO_LITTLE}", "error"))
    made = frozen_array(image[:, 0] if session.rank == 1 else image)
    shown = changes.set_image(
        transitions.dismiss(session), made, origin.name, change or f"Crop and scale {origin.name}"
    )
    if made is not shown.edited.image:  # they are the cells that are shown already
        made = shown.document.image
    return replace(shown, source_array=replace(origin, taking=taking, made=made))


def take_channels(session: Session, channels: str, change: str = "") -> Session:
    """Take a colour image in grey, or with all its channels."""
    origin = session.origin
    if sizes_of(origin.array.shape, origin.taking.axes)[1] != COLOURS:
        return transitions.dismiss(session)
    return take(session, replace(origin.taking, channels=channels), change)


def scale_input(session: Session, side: int) -> Session:
    """Scale the input so that its longer side has `side` cells, each the mean of its area."""
    return take(session, replace(with_side(session.origin.taking, side), method="area"))


def _scales(spatial: tuple[int, ...]) -> tuple[Choice, ...]:
    """Return the sizes to which an image can be scaled down, as buttons of a message."""
    longer = max(spatial)
    sides = SCALES if longer > NUMBERS_UP_TO else ()
    return tuple(Choice(_scaled_text(spatial, s), "scale", s) for s in sides if s < longer)


def _scaled_text(spatial: tuple[int, ...], side: int) -> str:
    taking = whole(spatial, "hw" if len(spatial) == 2 else "w")
    rows, columns = with_side(taking, side).size
    return f"{rows} × {columns}" if len(spatial) == 2 else f"{columns}"

"""What other programs hand over, by the clipboard or by dropping it: files, and pictures."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMimeData, QUrl
from PySide6.QtGui import QImage

from convviz.ui.links import SAVE, linked_picture, links_in, local_file, name_of, refusal_of

FORMATS = (
    "image/png",
    "image/tiff",
    "image/webp",
    "image/bmp",
    "image/gif",
    "image/jpeg",
    "image/avif",
)
NAMED = 3  # files, before the rest is counted


def files_in(data: QMimeData) -> list[Path]:
    """Return the files of this computer that are meant, in their order."""
    return [path for link in links_in(data) if (path := local_file(link)) is not None]


def is_of_use(data: QMimeData) -> bool:
    """Return whether it can be shown, or refused by a sentence that helps."""
    return data.hasImage() or any(map(data.hasFormat, FORMATS)) or bool(links_in(data))


def picture_in(data: QMimeData) -> bytes:
    """Return the picture as the bytes of a file, nothing where there is none.

    As another program wrote it, if it did: the reader of files knows about its bits and alpha.
    """
    for name in FORMATS:
        if data.hasFormat(name) and (found := data.data(name).data()):
            return bytes(found)
    image = data.imageData() if data.hasImage() else None
    if isinstance(image, QImage) and not image.isNull():
        return png_bytes(image)
    return next(filter(None, map(linked_picture, links_in(data))), b"")


def refusal_in(data: QMimeData) -> str:
    """Say why nothing of it can be shown, and what to do."""
    return next(map(refusal_of, links_in(data)), f"This holds no picture that can be read: {SAVE}")


def png_bytes(image: QImage) -> bytes:
    """Return the content of a PNG file of an image."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def others_in(data: QMimeData) -> str:
    """Say which files and links beside the first file are not opened; nothing for one alone."""
    links = links_in(data)
    first = next(number for number, link in enumerate(links) if local_file(link) is not None)
    others = links[:first] + links[first + 1 :]
    return left_out(others) if others else ""


def left_out(others: Sequence[QUrl]) -> str:
    """Say which files were not opened, since one at a time is shown.

    >>> left_out([QUrl("file:///b.png"), QUrl("https://example.org/c.png")])
    'One file is shown at a time; not opened: b.png, example.org/c.png'
    """
    names = ", ".join(map(name_of, others[:NAMED]))
    more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    return f"One file is shown at a time; not opened: {names}{more}"

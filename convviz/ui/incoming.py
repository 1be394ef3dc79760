"""What other programs hand over, by the clipboard or by dropping it: files, and pictures."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QMimeData
from PySide6.QtGui import QImage

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
    """Return the files of this machine that are meant, in their order."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def holds_picture(data: QMimeData) -> bool:
    """Return whether there is a picture, or a file."""
    return data.hasImage() or any(map(data.hasFormat, FORMATS)) or bool(files_in(data))


def picture_in(data: QMimeData) -> bytes:
    """Return the picture as the bytes of a file, nothing where there is none.

    As another program wrote it, if it did: the reader of files knows about its bits and alpha.
    """
    for name in FORMATS:
        if data.hasFormat(name) and (found := data.data(name).data()):
            return bytes(found)
    image = data.imageData() if data.hasImage() else None
    return png_bytes(image) if isinstance(image, QImage) and not image.isNull() else b""


def png_bytes(image: QImage) -> bytes:
    """Return the content of a PNG file of an image."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def left_out(others: Sequence[Path]) -> str:
    """Say which files were not opened, since one at a time is shown.

    >>> left_out([Path("b.png"), Path("c.png")])
    'One file is shown at a time; not opened: b.png, c.png'
    """
    names = [path.name for path in others]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"One file is shown at a time; not opened: {', '.join(names[:NAMED])}{more}"

"""Links that other programs hand over: which are files of this computer, and what others are."""

import os
import platform
import re
import sys
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtCore import QByteArray, QMimeData, QUrl

from convviz.files.errors import one_line
from convviz.ui.plain_text import shortened

MOZ_LINK = "text/x-moz-url"  # Firefox: the address and the title, each in a line of UTF-16
WEB = ("http", "https", "ftp", "ftps", "blob")
IMAGE_LINK = re.compile(r"""<img\b[^>]*?\bsrc\s*=\s*["']?([^"'\s>]+)""", re.IGNORECASE)
TYPED_LINK = re.compile(r"[a-z][a-z0-9+.-]+://\S+", re.IGNORECASE)
IMAGE_DATA = re.compile(r"data:image/[\w.+-]+;base64,(.*)", re.IGNORECASE | re.DOTALL)
ENCODED = QUrl.ComponentFormattingOption.FullyEncoded
SAVE = "save the picture first, then drop the file"
COPY = "copy it to a folder of this computer first, then drop the copy"


def links_in(data: QMimeData) -> list[QUrl]:
    """Return what is linked to, in order: by the first kind of data that tells of any."""
    for found in (data.urls(), _of_firefox(data), _images(data), _typed(data)):
        links = [link for link in found if link.scheme()]  # "# a remark" has none
        if links:
            return links
    return []


def _of_firefox(data: QMimeData) -> Iterator[QUrl]:
    text = bytes(data.data(MOZ_LINK).data()).decode("utf-16-le", "replace")
    yield from map(QUrl, text.lstrip("\ufeff").split("\n")[:1])


def _images(data: QMimeData) -> Iterator[QUrl]:
    yield from map(QUrl, IMAGE_LINK.findall(data.html()) if data.hasHtml() else ())


def _typed(data: QMimeData) -> Iterator[QUrl]:
    text = data.text().strip()
    if TYPED_LINK.fullmatch(text):
        yield QUrl(text)


def local_file(link: QUrl) -> Path | None:
    """Return the file of this computer that a link names, whatever the bytes of its name."""
    if link.scheme() != "file" or not link.path():
        return None
    if sys.platform == "win32":
        return Path(link.toLocalFile())  # a host is a share there
    if link.host().lower() not in ("", "localhost", platform.node().lower()):
        return None
    return Path(os.fsdecode(_without_percents(link.path(ENCODED))))


def linked_picture(link: QUrl) -> bytes:
    """Return the picture that a link holds in itself, as pages write small ones, else nothing.

    >>> linked_picture(QUrl("data:image/png;base64,iVBORw=="))[1:], linked_picture(QUrl("file:a"))
    (b'PNG', b'')
    """
    found = IMAGE_DATA.fullmatch(link.toString()) if link.scheme() == "data" else None
    try:
        return b64decode(_without_percents(found[1]), validate=True) if found else b""
    except NotBase64:
        return b""


def _without_percents(text: str) -> bytes:
    return bytes(QByteArray.fromPercentEncoding(text.encode()).data())


def refusal_of(link: QUrl) -> str:
    """Say why what a link names is not opened, and what to do.

    >>> print(refusal_of(QUrl("file://nas/a.png")))
    nas/a.png is on another computer: copy it to a folder of this computer first, then drop the copy
    """
    scheme, name = link.scheme(), name_of(link)
    if scheme in WEB:
        return f"{name} is on the web, and convviz has no network: {SAVE}"
    if scheme == "data":
        return f"This link holds no picture that can be read: {SAVE}"
    if scheme != "file":
        return f"{name} is not a file of this computer: {COPY}"
    if link.host():
        return f"{name} is on another computer: {COPY}"
    return "This link names no file: drop the file itself"


def name_of(link: QUrl) -> str:
    """Return what a link is called in a message: its file, or where it leads."""
    if (path := local_file(link)) is not None:
        return shortened(one_line(path.name))
    place = f"{link.host()}{link.path()}" if link.host() else link.toDisplayString()
    return shortened(one_line(place.rstrip("/")))

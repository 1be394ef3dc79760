"""Pictures and files from the clipboard and by dropping; arrays chosen in an archive."""

import base64
import io
import os
import socket
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from convviz.ui.clipboard import _new_data

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
PIXELS = np.arange(12 * 9, dtype=np.uint8).reshape(12, 9)


def encoded(suffix, pixels=PIXELS, **options):
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, suffix, **options)
    return stream.getvalue()


def in_clipboard(**formats):
    """Another program puts data into the clipboard, by its kinds."""
    data = _new_data()
    for kind, value in formats.items():
        if kind == "urls":
            data.setUrls([QUrl.fromLocalFile(str(path)) for path in value])
        elif kind == "text":
            data.setText(value)
        elif kind == "html":
            data.setHtml(value)
        else:
            data.setData(f"image/{kind}", value)
    QGuiApplication.clipboard().setMimeData(data)


@pytest.fixture(autouse=True)
def empty_clipboard():
    yield
    QGuiApplication.clipboard().clear()


def drop(person, data):
    """Drag something over the window and let go; return whether the window would take it."""
    action = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(500, 300), action, data, LEFT, PLAIN)
    enter.setAccepted(False)
    QApplication.sendEvent(person.window, enter)
    if enter.isAccepted():
        QApplication.sendEvent(
            person.window, QDropEvent(QPointF(500, 300), action, data, LEFT, PLAIN)
        )
    return enter.isAccepted()


def image(person):
    return person.session.document.image[0]


@pytest.mark.parametrize("kind", ["png", "bmp", "tiff", "gif"])
def test_a_picture_is_pasted_as_the_input(person, kind):
    in_clipboard(**{kind: encoded(kind)})
    person.key("Ctrl+V")
    assert (image(person) == PIXELS).all()
    assert person.title.startswith("Pasted picture")
    person.key("Ctrl+Z")
    assert person.title.startswith("Letter H")


def test_a_picture_of_16_bits_keeps_them(person):
    deep = PIXELS.astype(np.uint16) * 257
    in_clipboard(png=encoded("png", deep))
    person.key("Ctrl+V")
    assert (image(person) == deep).all()


def test_what_is_transparent_in_it_lies_on_white(person):
    colours = np.zeros((4, 5, 4), np.uint8)
    in_clipboard(png=encoded("png", colours))
    person.key("Ctrl+V")
    assert (image(person) == 255).all()
    assert "laid over white" in person.message_text


def test_so_is_one_that_qt_holds_as_an_image(person):
    picture = QImage(7, 5, QImage.Format.Format_ARGB32)
    picture.fill(Qt.GlobalColor.transparent)
    picture.setPixel(3, 2, 0xFF102030)
    QGuiApplication.clipboard().setImage(picture)
    person.key("Ctrl+V")
    assert image(person).shape == (5, 7)
    assert image(person)[2, 3] == pytest.approx(0.299 * 16 + 0.587 * 32 + 0.114 * 48)
    assert image(person)[0, 0] == pytest.approx(255)


def test_the_table_of_a_spreadsheet_goes_into_the_cells_though_it_comes_with_a_picture(person):
    in_clipboard(png=encoded("png"), text="7\t8\n9\t6", html="<table><tr><td>7</td></tr></table>")
    person.click(person.stage.input, (1, 1))
    person.key("Ctrl+V")
    assert image(person).shape == (16, 16)
    assert 7 in image(person)


def test_the_picture_of_a_web_page_comes_though_its_address_comes_along(person):
    in_clipboard(png=encoded("png"), html='<img src="https://example.org/a.png">')
    person.key("Ctrl+V")
    assert image(person).shape == (12, 9)


def test_a_picture_that_is_damaged_says_so(person):
    before = person.session.document
    in_clipboard(png=encoded("png")[:60])
    person.key("Ctrl+V")
    assert person.message_text.startswith("Pasted picture: it is damaged")
    assert person.session.document is before


def test_files_copied_in_a_file_manager_are_opened(person, tmp_path):
    for name in ("a.png", "b.png", "c.png"):
        (tmp_path / name).write_bytes(encoded("png"))
    in_clipboard(urls=[tmp_path / "a.png"], text="a.png")
    person.key("Ctrl+V")
    assert (image(person) == PIXELS).all()
    assert person.message_text is None


def test_of_several_files_the_first_is_opened_and_the_others_are_named(person, tmp_path):
    names = [f"{letter}.png" for letter in "abcdefg"]
    for name in names:
        (tmp_path / name).write_bytes(encoded("png"))
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in names[:3]])
    assert drop(person, data)
    assert person.title.startswith("a ")
    assert person.message_text == "One file is shown at a time; not opened: b.png, c.png"
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / name)) for name in names])
    assert drop(person, data)
    assert person.message_text.endswith("not opened: b.png, c.png, d.png and 3 more")


def test_a_dragged_picture_is_opened(person):
    data = QMimeData()
    data.setData("image/png", encoded("png"))
    assert drop(person, data)
    assert (image(person) == PIXELS).all()
    assert person.title.startswith("Dropped picture")


def test_text_that_is_dragged_is_not_taken(person):
    data = QMimeData()
    data.setText("1 2 3")
    assert not drop(person, data)


# Links

WEB = "https://example.org/cats/a%20b.png?size=large"
ON_THE_WEB = (
    "example.org/cats/a b.png is on the web, and convviz has no network: "
    "save the picture first, then drop the file"
)
SAVE = "save the picture first, then drop the file"
COPY = "copy it to a folder of this computer first, then drop the copy"
IMG = f'<meta charset="utf-8"><img alt="x" src="{WEB}">'


def of_firefox(text):
    return text.encode("utf-16-le")


@pytest.mark.parametrize(
    ("formats", "told"),
    [
        ({"text/uri-list": WEB.encode()}, ON_THE_WEB),
        ({"text/uri-list": f"# a remark\r\n{WEB}\r\n".encode()}, ON_THE_WEB),
        ({"text/x-moz-url": of_firefox(f"{WEB}\nCats")}, ON_THE_WEB),
        ({"text/x-moz-url": of_firefox(f"\ufeff{WEB}")}, ON_THE_WEB),
        ({"text/html": IMG.encode()}, ON_THE_WEB),
        ({"text/html": IMG.replace('"', "").encode(), "text/plain": b"x"}, ON_THE_WEB),
        ({"text/plain": f" {WEB}\n".encode()}, ON_THE_WEB),
        ({"text/uri-list": b"HTTPS://example.org/cats/a%20b.png"}, ON_THE_WEB),
        (
            {"text/uri-list": b"file://nas/x%20y.png"},
            f"nas/x y.png is on another computer: {COPY}",
        ),
        (
            {"text/uri-list": b"smb://nas/share/x.png"},
            f"nas/share/x.png is not a file of this computer: {COPY}",
        ),
        (
            {"text/uri-list": b"trash:/x.png"},
            f"trash:/x.png is not a file of this computer: {COPY}",
        ),
        ({"text/uri-list": b"file:"}, "This link names no file: drop the file itself"),
        (
            {"text/html": b'<img src="data:image/png;base64,%%%">'},
            f"This link holds no picture that can be read: {SAVE}",
        ),
    ],
)
def test_a_link_that_cannot_be_followed_is_refused_with_the_way_out(person, formats, told):
    before = person.session.document
    data = QMimeData()
    for kind, value in formats.items():
        data.setData(kind, value)
    assert drop(person, data)
    assert person.message_text == told
    assert person.session.document is before
    data = _new_data()
    for kind, value in formats.items():
        data.setData(kind, value)
    person.key("Escape")
    QGuiApplication.clipboard().setMimeData(data)
    person.key("Ctrl+V")
    assert person.message_text == told


@pytest.mark.parametrize("kind", ["text/uri-list", "text/x-moz-url", "text/html"])
def test_the_picture_that_comes_beside_a_link_is_taken(person, kind):
    data = QMimeData()
    data.setData(kind, {"text/html": IMG.encode(), "text/uri-list": WEB.encode()}.get(
        kind, of_firefox(WEB)))  # fmt: skip
    data.setData("image/png", encoded("png"))
    assert drop(person, data)
    assert (image(person) == PIXELS).all()
    assert person.message_text is None


def test_the_picture_that_is_written_into_a_page_is_taken(person):
    data = QMimeData()
    inline = base64.b64encode(encoded("png")).decode()
    data.setHtml(f'<p>See <img src="data:image/png;base64,{inline}"></p>')
    assert drop(person, data)
    assert (image(person) == PIXELS).all()


@pytest.mark.parametrize("host", ["", "localhost", socket.gethostname()])
@pytest.mark.parametrize(
    "name", [b"a b.png", b"a%20b.png", "gr\u00fcn.png".encode(), b"bad\xff.png"]
)
def test_the_file_of_a_link_is_opened_whatever_its_name(person, tmp_path, host, name):
    path = os.fsencode(tmp_path) + b"/" + name
    Path(os.fsdecode(path)).write_bytes(encoded("png"))
    data = QMimeData()
    data.setData("text/uri-list", f"file://{host}{quote(path)}\r\n".encode())
    assert drop(person, data)
    assert (image(person) == PIXELS).all()


def test_beside_a_file_the_links_are_named(person, tmp_path):
    (tmp_path / "a.png").write_bytes(encoded("png"))
    data = QMimeData()
    data.setUrls([QUrl(WEB), QUrl.fromLocalFile(str(tmp_path / "a.png")), QUrl("file://nas/b.png")])
    assert drop(person, data)
    assert (image(person) == PIXELS).all()
    assert person.message_text == (
        "One file is shown at a time; not opened: example.org/cats/a b.png, nas/b.png"
    )


def test_a_picture_that_cannot_be_read_is_told_of(person):
    class Promised(QMimeData):
        def hasImage(self):
            return True

    assert drop(person, Promised())
    assert person.message_text.startswith("This holds no picture that can be read")


# Archives


@pytest.fixture
def archive(tmp_path):
    path = tmp_path / "several.npz"
    np.savez(
        path,
        names=np.array(["a", "b"]),
        weight=np.ones((5, 6), np.float32),
        image=np.arange(12).reshape(3, 4),
        nothing=np.zeros((0, 3)),
    )
    return path


def table(person):
    cells = person.window.archive.table
    return [
        tuple(cells.item(row, column).text() for column in range(3))
        for row in range(cells.rowCount())
    ]


def can_be_chosen(person):
    cells = person.window.archive.table
    enabled = Qt.ItemFlag.ItemIsEnabled
    return [bool(cells.item(row, 0).flags() & enabled) for row in range(cells.rowCount())]


def test_the_arrays_of_an_archive_are_listed_with_what_they_hold(person, archive):
    person.window.open_path(archive)
    assert person.window.archive.isVisible()
    assert table(person) == [
        ("names", "2", "it holds text; convviz reads whole and real numbers"),
        ("weight", "5 × 6", "real numbers, 32 bits"),
        ("image", "3 × 4", "whole numbers, 64 bits"),
        ("nothing", "0 × 3", "it is empty: its shape is (0, 3)"),
    ]
    assert can_be_chosen(person) == [False, True, True, False]
    assert person.title.startswith("Letter H")


def test_one_is_chosen_with_the_keys(person, archive):
    person.window.open_path(archive)
    step = person.session.playhead.step
    person.key("Down")
    assert person.session.playhead.step == step
    person.key("Return")
    assert image(person).tolist() == np.arange(12).reshape(3, 4).tolist()
    assert not person.window.archive.isVisible()
    assert person.title.startswith("several image")
    assert person.session.recent[0] == archive


def test_one_is_chosen_with_a_double_click(person, archive):
    person.window.open_path(archive)
    cells = person.window.archive.table
    place = cells.visualItemRect(cells.item(1, 0)).center()
    QTest.mouseClick(cells.viewport(), LEFT, PLAIN, place)
    QTest.mouseDClick(cells.viewport(), LEFT, PLAIN, place)
    assert (image(person) == 1).all()


@pytest.mark.parametrize("way", ["key", "button"])
def test_none_may_be_chosen(person, archive, way):
    before = person.session.document
    person.window.open_path(archive)
    if way == "key":
        person.key("Escape")
    else:
        person.press(person.window.archive.cancel)
    assert not person.window.archive.isVisible()
    assert person.session.document is before


def test_an_archive_of_one_array_opens_at_once(person, tmp_path):
    np.savez(tmp_path / "one.npz", np.ones((4, 4)))
    person.window.open_path(tmp_path / "one.npz")
    assert image(person).shape == (4, 4)
    assert not person.window.archive.isVisible()


def test_the_array_can_be_named_at_the_start(person_with, archive):
    person = person_with(f"{archive}:image")
    assert image(person).shape == (3, 4)
    assert person.message_text is None

"""Files become the input: opened, dropped, given at the start; broken ones say why."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from convviz.engine.layers import Pool
from convviz.model import changes, memory
from convviz.model.document import default_document
from convviz.model.examples import EXAMPLES
from convviz.ui import dialogs, open_file
from convviz.ui.open_file import scale_input
from convviz.ui.size_card import FixButton

LEFT, PLAIN = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


@pytest.fixture
def grey(tmp_path):
    """A picture of 20 x 30 greys."""
    path = tmp_path / "a picture ü.png"
    Image.fromarray(np.arange(600, dtype=np.uint8).reshape(20, 30)).save(path)
    return path


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large.png"
    rows, columns = np.mgrid[:512, :512]
    Image.fromarray(((rows + columns) // 4).astype(np.uint8)).save(path)
    return path


def image(person):
    return person.session.document.image[0]


def drop(person, *urls):
    """Drag urls over the window and let go; return whether the window would take them."""
    data = QMimeData()
    data.setUrls(urls)
    action = Qt.DropAction.CopyAction
    enter = QDragEnterEvent(QPoint(500, 300), action, data, LEFT, PLAIN)
    enter.setAccepted(False)
    QApplication.sendEvent(person.window, enter)
    if enter.isAccepted():
        event = QDropEvent(QPointF(500, 300), action, data, LEFT, PLAIN)
        QApplication.sendEvent(person.window, event)
    return enter.isAccepted()


def test_a_picture_is_opened_by_its_path(person, grey):
    person.window.open_path(grey)
    assert image(person).shape == (20, 30)
    assert image(person)[3, 5] == 95
    assert person.title == "a picture ü ∗ Sobel x — convviz"
    assert person.panel.source.currentText() == "a picture ü   20 × 30"
    assert person.message_text is None


def test_a_file_can_be_given_at_the_start(person_with, grey):
    person = person_with(grey)
    assert image(person).shape == (20, 30)


@pytest.mark.parametrize(("name", "shape"), [("count-3x3", (3, 3)), ("letter-h", (16, 16))])
def test_so_can_the_name_of_an_input(person_with, name, shape):
    assert image(person_with(name)).shape == shape


def test_a_file_that_is_not_there_opens_the_window_with_a_sentence(person_with, tmp_path):
    person = person_with(tmp_path / "gone.png")
    assert "gone.png" in person.message_text
    assert image(person).shape == (16, 16)
    assert person.window.message.property("tone") == "error"


def test_open_asks_for_a_file(person, grey, monkeypatch):
    asked = []
    monkeypatch.setattr(dialogs, "ask_open", lambda *given: asked.append(given) or grey)
    person.press(person.panel.open)
    assert image(person).shape == (20, 30)
    person.key("Ctrl+O")
    assert asked[1] == (person.window, grey.parent)


def test_a_file_dialog_that_is_cancelled_changes_nothing(person, monkeypatch):
    monkeypatch.setattr(dialogs, "ask_open", lambda *_: None)
    before = person.session
    person.key("Ctrl+O")
    assert person.session is before


def test_a_dropped_file_is_opened(person, grey):
    assert drop(person, QUrl.fromLocalFile(str(grey)))
    assert image(person).shape == (20, 30)


def test_the_first_of_several_dropped_files_is_opened(person, grey, large):
    drop(person, QUrl.fromLocalFile(str(grey)), QUrl.fromLocalFile(str(large)))
    assert image(person).shape == (20, 30)


def test_what_is_no_file_is_not_taken(person):
    before = person.session
    drop(person, QUrl("https://example.org/picture.png"))
    assert person.session.document is before.document


def test_dropping_while_a_cell_is_edited_opens_the_file_and_forgets_the_edit(person, tmp_path):
    small = tmp_path / "small.csv"
    small.write_text("1,2\n3,4\n")
    person.click(person.stage.input, (16, 16))
    person.type("9")
    drop(person, QUrl.fromLocalFile(str(small)))
    person.key("Return")
    assert image(person).tolist() == [[1, 2], [3, 4]]


def broken_files(folder):
    (folder / "text.csv").write_text("1,2\n3,four\n")
    (folder / "ragged.csv").write_text("1,2\n3\n")
    (folder / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 30)
    (folder / "nothing.npy").write_bytes(b"")
    np.save(folder / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    np.save(folder / "nan.npy", np.array([[np.nan]]))
    np.save(folder / "five axes.npy", np.zeros((2, 2, 2, 2, 2)))
    (folder / "a folder").mkdir()
    names = ("text.csv", "ragged.csv", "torn.png", "nothing.npy", "objects.npy", "nan.npy")
    return [folder / name for name in (*names, "five axes.npy", "a folder", "missing.png")]


def test_a_broken_file_keeps_what_is_shown_and_says_why(person, tmp_path):
    before = person.session.document
    sentences = []
    for path in broken_files(tmp_path):
        person.window.open_path(path)
        assert person.session.document is before
        assert path.name in person.message_text
        assert "Traceback" not in person.message_text
        assert person.window.message.property("tone") == "error"
        sentences.append(person.message_text)
    assert len(set(sentences)) == len(sentences)


def test_a_message_about_a_broken_file_goes_when_another_opens(person, tmp_path, grey):
    person.window.open_path(tmp_path / "missing.png")
    assert person.message_text
    person.window.open_path(grey)
    assert person.message_text is None


def test_an_opened_file_can_be_undone(person, grey):
    person.window.open_path(grey)
    person.key("Ctrl+Z")
    assert person.title.startswith("Letter H")
    assert image(person).shape == (16, 16)


@pytest.mark.parametrize(
    ("array", "shape"),
    [
        (np.arange(6.0).reshape(2, 3), (2, 3)),
        (np.arange(6.0), (6,)),
        (np.arange(4.0).reshape(1, 2, 2), (2, 2)),
        (np.eye(3, dtype=bool), (3, 3)),
        (np.arange(4, dtype=">i2").reshape(2, 2), (2, 2)),
    ],
    ids=lambda value: str(getattr(value, "shape", value)),
)
def test_arrays_are_opened(person, tmp_path, array, shape):
    path = tmp_path / "array.npy"
    np.save(path, array)
    person.apply(changes.set_padding, "same")
    person.window.open_path(path)
    assert image(person).shape == shape


@pytest.fixture
def colour(tmp_path):
    path = tmp_path / "colour.png"
    Image.fromarray(np.full((8, 8, 3), (200, 100, 0), np.uint8)).save(path)
    return path


def message_buttons(person):
    return [button.text() for button in person.window.message._buttons]


def test_a_colour_picture_is_grey_for_a_kernel_of_one_channel(person, colour):
    person.window.open_path(colour)
    assert person.session.document.image.shape == (1, 8, 8)
    assert image(person)[0, 0] == pytest.approx(0.299 * 200 + 0.587 * 100)
    assert person.session.conv.weight.shape == (1, 1, 3, 3)
    assert person.message_text == ("colour.png: 8 × 8. Its 3 channels are taken as one of grey.")
    assert message_buttons(person) == ["Take its 3 channels"]


@pytest.fixture
def coloured(person, colour):
    """The person, once the picture has a channel for each colour."""
    person.window.open_path(colour)
    person.press(person.message_button("Take its 3 channels"))
    return person


def test_one_click_gives_it_a_channel_for_each_colour(coloured):
    assert coloured.session.document.image[:, 0, 0].tolist() == [200, 100, 0]
    assert coloured.session.conv.weight.shape == (1, 3, 3, 3)
    assert coloured.message_text == (
        "The image has 3 channels: the kernel has a copy for each, and they add up."
    )
    assert message_buttons(coloured) == ["One map for each channel (depthwise)", "Undo"]
    assert coloured.panel.source.currentText() == "colour   3 × 8 × 8"
    assert coloured.panel.channels.text() == "3 → 1"


def test_a_colour_picture_stays_so_for_kernels_of_three_channels(coloured, colour):
    coloured.window.open_path(colour.rename(colour.with_name("again.png")))
    assert coloured.session.document.image.shape == (3, 8, 8)
    assert coloured.message_text == "again.png: 3 × 8 × 8"
    coloured.press(coloured.message_button("Show it in grey"))
    assert coloured.session.document.image.shape == (1, 8, 8)
    assert coloured.session.conv.weight.shape == (1, 1, 3, 3)


def test_a_picture_that_is_opened_again_says_the_same_again(person, colour):
    person.window.open_path(colour)
    first, document = person.message_text, person.session.document
    person.key("Escape")
    person.window.open_path(colour)
    assert person.message_text == first
    assert person.session.document is document
    person.press(person.message_button("Take its 3 channels"))
    assert person.session.document.image.shape == (3, 8, 8)


def test_pooling_keeps_the_colours(person, colour):
    pooled = replace(default_document(), layers=(Pool("max", 2),))
    person.apply(changes.open_document, pooled)
    person.window.open_path(colour)
    assert person.session.document.image.shape == (3, 8, 8)


def test_one_click_gives_each_channel_its_own_map(coloured):
    coloured.press(coloured.message_button("One map"))
    assert coloured.session.conv.groups == 3
    assert coloured.session.output_count == 3
    assert coloured.message_text is None


def test_one_click_takes_the_channels_back(coloured):
    coloured.press(coloured.message_button("Undo"))
    assert coloured.session.document.image.shape == (1, 8, 8)
    assert coloured.session.conv.weight.shape == (1, 1, 3, 3)


def test_every_channel_of_a_large_colour_picture_is_scaled(person, tmp_path):
    path = tmp_path / "photo.png"
    rows, columns = np.mgrid[:100, :200]
    colours = np.stack([rows, columns, rows + columns], axis=-1) // 2
    Image.fromarray(colours.astype(np.uint8)).save(path)
    person.window.open_path(path)
    assert message_buttons(person)[:4] == ["8 × 16", "16 × 32", "32 × 64", "64 × 128"]
    QApplication.processEvents()
    strip = person.window.message
    assert all(strip.rect().contains(b.geometry().translated(b.parentWidget().pos()))
               for b in strip._buttons)  # fmt: skip
    person.press(person.message_button("Take its 3 channels"))
    person.apply(scale_input, 32)
    assert person.session.document.image.shape == (3, 16, 32)


@pytest.mark.parametrize(
    ("shape", "opened", "notice"),
    [
        ((5, 8, 9), (5, 8, 9), None),
        ((8, 9, 4), (4, 8, 9), "its last axis is taken as 4 channels"),
        ((1, 2, 8, 9), (2, 8, 9), "the only image of a batch"),
        ((5, 2, 8, 9), (2, 8, 9), "image 1 of 5"),
        ((5, 8, 9, 1), (8, 9), "image 1 of 5 · its last axis is taken as 1 channel"),
        ((100, 8, 9), (8, 9), "image 1 of 100"),
    ],
)
def test_arrays_with_channels_are_opened(person, tmp_path, shape, opened, notice):
    np.save(tmp_path / "maps.npy", np.arange(float(np.prod(shape))).reshape(shape))
    person.window.open_path(tmp_path / "maps.npy")
    image = person.session.document.image
    assert (image[0] if len(image) == 1 else image).shape == opened
    assert (notice or "") in person.message_text


def test_a_picture_opened_over_a_signal_gets_a_kernel_of_rows_and_columns(person_with, grey):
    person = person_with("dilated-causal")
    assert person.session.rank == 1
    person.window.open_path(grey)
    assert person.session.document.image.shape == (1, 20, 30)
    assert person.title == "a picture ü ∗ Sobel x — convviz"
    person.key("Alt+2")
    assert person.session.rank == 1
    assert person.session.document.image_name == EXAMPLES["dilated-causal"].make().image_name


@pytest.mark.parametrize(("name", "layers"), [("lenet", 6), ("cs231n-two-filters", 1)])
def test_so_can_the_name_of_an_example(person_with, name, layers):
    person = person_with(name)
    assert len(person.session.document.layers) == layers
    assert person.message_text is None


def test_an_image_smaller_than_the_kernel_says_why_it_cannot_be_shown(person, tmp_path):
    path = tmp_path / "tiny.csv"
    path.write_text("1,2\n3,4\n")
    person.apply(changes.set_padding, "valid")
    person.window.open_path(path)
    assert person.problem_text == "The kernel spans 3 cells, the padded input has 2."
    assert person.title.startswith("Letter H")
    person.press(person.problem_buttons["Take the setting back"])
    assert person.problem_text is None


# A large picture, whole or scaled down


def test_a_large_picture_is_shown_whole_with_sizes_to_scale_it_to(person, large):
    person.window.open_path(large)
    assert image(person).shape == (512, 512)
    assert person.message_text == (
        "large.png: 512 × 512. Numbers show when you zoom in, or scale it to"
    )
    sizes = [button.text() for button in person.window.message._buttons]
    assert sizes == [
        *("16 × 16", "32 × 32", "64 × 64", "128 × 128", "256 × 256"),
        "Crop and scale…",
    ]
    assert person.stage.input.geometry_of("input").cell < 2


def test_stepping_through_a_large_picture_works(person, large):
    person.window.open_path(large)
    person.key("Home")
    before = person.picture(person.stage)
    person.key("5")
    for _ in range(3):
        person.key("Right")
    assert person.step_text == "step 131,076 / 262,144"
    assert (person.picture(person.stage) != before).any()
    assert person.status_text.startswith("row 256, column 3:")


def test_one_click_scales_a_large_picture_down(person, large):
    person.window.open_path(large)
    person.press(person.message_button("32 × 32"))
    assert image(person).shape == (32, 32)
    assert person.message_text is None
    assert (image(person) == image(person).round()).all()
    assert image(person)[0, 0] == pytest.approx(3.5, abs=1)
    person.key("Ctrl+Z")
    assert image(person).shape == (512, 512)


def test_a_long_picture_keeps_its_shape_when_it_is_scaled(person, tmp_path):
    np.save(tmp_path / "tall.npy", np.ones((300, 100)))
    person.window.open_path(tmp_path / "tall.npy")
    sizes = message_buttons(person)[:-1]
    assert sizes == ["16 × 5", "32 × 11", "64 × 21", "128 × 43", "256 × 85"]
    person.press(person.message_button("64 × 21"))
    assert image(person).shape == (64, 21)


def test_every_number_of_a_large_picture_can_be_read_when_zoomed_in(person, large):
    person.window.open_path(large)
    pane = person.stage.input
    for _ in range(20):
        person.wheel(pane, 1)
    assert pane.geometry_of("input").cell > 30
    point = pane.rect().center()
    cell = pane.geometry_of("input").cell_at(QPointF(point))
    person.hover(pane, cell)
    row, column = person.session.hover.cell
    assert person.status_text.startswith(
        f"input row {row}, column {column} = {(row + column) // 4}"
    )


def test_a_long_name_is_cut_with_dots_and_whole_in_the_tip(person, tmp_path):
    path = tmp_path / "a very long name of a picture from a camera.csv"
    path.write_text("1,2\n3,4\n")
    person.window.open_path(path)
    combo = person.panel.source
    assert combo.currentText().endswith("…   2 × 2")
    assert combo.fontMetrics().horizontalAdvance(combo.currentText()) + 30 <= combo.width()
    assert combo.toolTip() == f"{path.stem}   2 × 2"


def test_names_from_files_are_plain_text(person, tmp_path):
    path = tmp_path / "<b>bold & co<%2fb>.csv"
    path.write_text("1,2,3\n4,5,6\n7,8,9\n")
    person.window.open_path(path)
    assert person.title.startswith("<b>bold & co<%2fb>")
    undo = person.window.actions_by_name["undo"].text()
    assert undo == "&Undo Input <b>bold && co<%2fb>"
    person.window.open_path(tmp_path / "<img src=x>.csv")
    assert "<img src=x>.csv" in person.message_text
    assert person.window.message._text.textFormat() == Qt.TextFormat.PlainText


def no_room(*_arguments, **_options):
    raise MemoryError("Unable to allocate 9 GiB")


TOO_LITTLE = "it needs more memory than there is; take a part of it"


@pytest.mark.parametrize("place", ["read_array", "origin_of_file"])
def test_a_picture_without_room_in_memory_keeps_what_is_shown(person, grey, monkeypatch, place):
    before = person.session.document
    monkeypatch.setattr(open_file, place, no_room)
    person.window.open_path(grey)
    assert person.session.document is before
    assert person.message_text == f"{grey.name}: {TOO_LITTLE}"


def test_a_part_without_room_in_memory_keeps_what_is_shown(person, large, monkeypatch):
    person.window.open_path(large)
    before = person.session.document
    monkeypatch.setattr(open_file, "taken", no_room)
    person.apply(scale_input, 64)
    assert person.session.document is before
    assert person.message_text == f"large: {TOO_LITTLE}"


def test_a_picture_that_could_not_be_painted_is_not_taken(person, large, monkeypatch):
    before = person.session.document
    monkeypatch.setattr(memory, "SMALL", 0)
    monkeypatch.setattr(memory, "MEASURES", (lambda: iter([memory.KEPT + 22_000_000]),))
    person.window.open_path(large)
    assert person.session.document is before
    assert person.session.problem.sentence == (
        "the image is too large for 1 layer: it needs 25 MB of memory, and 22 MB are free; "
        "crop it, or scale it down"
    )
    person.apply(scale_input, 64)
    assert image(person).shape == (64, 64)
    assert person.session.problem is None


def test_a_picture_that_could_not_be_painted_is_scaled_by_a_button(person, large, monkeypatch):
    monkeypatch.setattr(memory, "SMALL", 0)
    monkeypatch.setattr(memory, "MEASURES", (lambda: iter([memory.KEPT + 22_000_000]),))
    person.window.open_path(large)
    buttons = person.window.findChildren(FixButton)
    assert [button.text() for button in buttons] == [
        "Scale it down to 256 × 256",
        "Scale it down to 128 × 128",
    ]
    buttons[0].click()
    assert image(person).shape == (256, 256)
    assert person.session.problem is None

"""A picture is cropped, scaled and made grey with a preview; nothing changes until Apply."""

import numpy as np
import pytest
from person import LEFT, PLAIN, pixels
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest

from convviz.model import changes, transitions
from convviz.ui.open_file import take


@pytest.fixture
def photo(tmp_path):
    """A colour picture of 80 x 120 whose red counts rows and whose green counts columns."""
    rows, columns = np.mgrid[:80, :120]
    colours = np.stack([rows, columns, rows * 0 + 7], axis=-1)
    path = tmp_path / "photo.png"
    Image.fromarray(colours.astype(np.uint8)).save(path)
    return path


@pytest.fixture
def cropping(person, photo):
    """The person, with all three channels of the picture, at the open panel."""
    person.window.open_path(photo)
    person.press(person.message_button("Take its 3 channels"))
    person.press(person.panel.resize_input)
    return person


def image(person):
    return person.session.document.image


def panel(person):
    return person.window.crop


def numbers(*fields):
    return [field.value() for field in fields]


def crop_of(person):
    crop = panel(person)
    return numbers(crop.top, crop.left, crop.rows, crop.columns)


def size_of(person):
    return numbers(panel(person).new_rows, panel(person).new_columns)


def test_the_panel_stands_where_the_scene_was_and_begins_with_all_of_the_picture(cropping):
    assert panel(cropping).isVisible()
    assert not cropping.stage.isVisible()
    assert panel(cropping).source.text() == "photo · 80 × 120 · 3 channels"
    assert crop_of(cropping) == [0, 0, 80, 120]
    assert panel(cropping).summary.text() == "80 × 120 cells, 3 channels"


def test_typed_crop_and_size_are_taken_with_return(cropping):
    for name, text in (("top", "10"), ("left", "20"), ("rows", "40"), ("columns", "60")):
        field = getattr(panel(cropping), name)
        field.setFocus()
        field.selectAll()
        cropping.type(text)
        cropping.key("Tab")
    assert panel(cropping).summary.text() == "40 × 60 cells, 3 channels"
    panel(cropping).new_rows.setFocus()
    panel(cropping).new_rows.selectAll()
    cropping.type("20")
    before = cropping.session.document
    cropping.key("Return")
    assert before.image.shape == (3, 80, 120)
    assert image(cropping).shape == (3, 20, 30)
    assert image(cropping)[0, 0, 0] == round(10.5)  # the mean of rows 10 and 11, whole as before
    assert not panel(cropping).isVisible()
    assert cropping.stage.isVisible()


def test_it_is_one_step_to_undo_by_its_name(cropping):
    cropping.press(panel(cropping).sides[0])
    cropping.press(panel(cropping).apply)
    assert image(cropping).shape == (3, 11, 16)
    undo = cropping.window.actions_by_name["undo"].text()
    assert undo == "&Undo Crop and scale photo"
    cropping.key("Ctrl+Z")
    assert image(cropping).shape == (3, 80, 120)


@pytest.mark.parametrize("way", ["Escape", "cancel", "_close"])
def test_it_can_be_left_without_a_change(cropping, way):
    before = cropping.session.document
    cropping.press(panel(cropping).sides[0])
    if way == "Escape":
        cropping.key(way)
    else:
        cropping.press(getattr(panel(cropping), way))
    assert not panel(cropping).isVisible()
    assert cropping.stage.isVisible()
    assert cropping.session.document is before


def drag(person, start, end):
    """Drag on the picture, between cells (row, column)."""
    view = panel(person).view
    place, (rows, columns) = view.place, view._size
    points = [
        QPoint(
            round(place.left() + place.width() * column / columns),
            round(place.top() + place.height() * row / rows),
        )
        for row, column in (start, end)
    ]
    QTest.mousePress(view, LEFT, PLAIN, points[0])
    QTest.mouseMove(view, points[1])
    QTest.mouseRelease(view, LEFT, PLAIN, points[1])


def test_a_rectangle_is_drawn_moved_and_pulled_with_the_mouse(cropping):
    drag(cropping, (20, 30), (60, 90))
    assert np.allclose(crop_of(cropping), [20, 30, 40, 60], atol=1)
    drag(cropping, (40, 60), (30, 50))
    assert np.allclose(crop_of(cropping), [10, 20, 40, 60], atol=2)
    drag(cropping, (50, 80), (70, 100))
    assert np.allclose(crop_of(cropping), [10, 20, 60, 80], atol=3)
    drag(cropping, (40, 60), (400, 600))
    assert crop_of(cropping)[0] + crop_of(cropping)[2] == 80
    cropping.press(panel(cropping).all)
    assert crop_of(cropping) == [0, 0, 80, 120]


def test_what_is_left_out_is_paler_and_the_preview_shows_the_rest(cropping):
    view, result = panel(cropping).view, panel(cropping).result
    whole = pixels(view.grab().toImage())
    drag(cropping, (8, 60), (80, 120))
    left_half = view.rect_of((5, 5, 70, 50)).toRect()
    after = pixels(view.grab().toImage())
    part = (slice(left_half.top(), left_half.bottom()), slice(left_half.left(), left_half.right()))
    assert (whole[part] != after[part]).any()
    greens = pixels(result.grab(result.place.toRect().adjusted(4, 4, -4, -4)).toImage())[..., 1]
    assert greens.min() > 100  # columns from 60 of 120


def test_rows_and_columns_go_together_unless_the_shape_may_change(cropping):
    cropping.press(panel(cropping).sides[2])
    assert size_of(cropping) == [21, 32]
    panel(cropping).new_columns.setValue(60)
    assert size_of(cropping) == [40, 60]
    panel(cropping).linked.setChecked(False)
    panel(cropping).new_columns.setValue(10)
    assert size_of(cropping) == [40, 10]
    panel(cropping).linked.setChecked(True)
    assert size_of(cropping) == [27, 40]
    cropping.press(panel(cropping).unscaled)
    assert size_of(cropping) == [80, 120]


@pytest.mark.parametrize(
    ("channels", "shape", "first"),
    [
        ("Grey", (1, 80, 120), 0.114 * 7),
        ("Green alone", (1, 80, 120), 0),
        ("Blue alone", (1, 80, 120), 7),
        ("Red, green, blue", (3, 80, 120), 0),
    ],
)
def test_channels_can_be_chosen(cropping, channels, shape, first):
    cropping.choose(panel(cropping).channels, channels)
    cropping.press(panel(cropping).apply)
    assert image(cropping).shape == shape
    assert image(cropping)[0, 0, 0] == pytest.approx(first)


def test_values_can_go_from_0_to_1(cropping):
    assert [panel(cropping).values.itemText(n) for n in (0, 1)] == ["0 to 255", "0 to 1"]
    cropping.choose(panel(cropping).values, "0 to 1")
    cropping.press(panel(cropping).apply)
    assert image(cropping)[2, 0, 0] == 7 / 255


def test_nearest_brings_no_new_value(cropping):
    cropping.choose(panel(cropping).method, "Nearest")
    cropping.press(panel(cropping).sides[0])
    cropping.press(panel(cropping).apply)
    assert set(image(cropping)[0].ravel()) <= set(range(80))
    assert (image(cropping)[2] == 7).all()


def test_it_can_be_done_again_from_the_whole_picture(cropping):
    drag(cropping, (20, 30), (60, 90))
    cropping.press(panel(cropping).sides[0])
    cropping.press(panel(cropping).apply)
    assert max(image(cropping).shape[1:]) == 16
    cropping.press(cropping.panel.resize_input)
    assert panel(cropping).source.text() == "photo · 80 × 120 · 3 channels"
    assert np.allclose(crop_of(cropping), [20, 30, 40, 60], atol=1)
    cropping.press(panel(cropping).all)
    cropping.press(panel(cropping).unscaled)
    cropping.press(panel(cropping).apply)
    assert image(cropping).shape == (3, 80, 120)
    assert image(cropping)[1, 0].tolist() == list(range(120))


def test_undo_while_it_is_open_begins_with_what_is_shown_then(cropping):
    cropping.key("Escape", "Ctrl+Z")
    cropping.press(cropping.panel.resize_input)
    assert panel(cropping).channels.currentText() == "Grey"
    cropping.key("Escape")
    cropping.key("Ctrl+Shift+Z")
    cropping.press(cropping.panel.resize_input)
    assert panel(cropping).channels.currentText() == "Red, green, blue"
    cropping.apply(changes.undo)
    assert panel(cropping).channels.currentText() == "Grey"


def test_another_theme_leaves_what_is_chosen(cropping):
    cropping.press(panel(cropping).sides[0])
    cropping.apply(transitions.set_theme, "light")
    assert size_of(cropping) == [11, 16]


@pytest.mark.parametrize("asked", [("Alt+2",), ("Alt+2", "Alt+1"), ("Space",)], ids=str)
def test_it_makes_way_for_the_scene_when_that_is_asked_for(cropping, asked):
    panel(cropping).new_rows.clearFocus()
    cropping.key(*asked)
    assert not panel(cropping).isVisible()
    assert cropping.stage.isVisible()


def test_an_input_that_was_typed_can_be_cropped_too(person):
    person.apply(changes.set_cell, "input", (2, 3), 5.0)
    person.window.run("crop")
    assert panel(person).source.text() == "Letter H · 16 × 16"
    assert not panel(person)._values.isVisible()
    panel(person).rows.setValue(4)
    panel(person).columns.setValue(6)
    person.press(panel(person).apply)
    assert image(person).shape == (1, 4, 6)
    assert image(person)[0, 2, 3] == 5


def test_a_signal_is_cropped_along_its_samples(person_with):
    person = person_with("dilated-causal")
    samples = image(person)[0].tolist()
    person.window.run("crop")
    panel(person).left.setValue(2)
    panel(person).columns.setValue(5)
    person.press(panel(person).apply)
    assert image(person).tolist() == [samples[2:7]]


def test_an_image_of_a_batch_is_chosen_by_its_number(person, tmp_path):
    np.save(tmp_path / "batch.npy", np.arange(7.0)[:, None, None, None] * np.ones((7, 1, 9, 8)))
    person.window.open_path(tmp_path / "batch.npy")
    assert person.message_text == "batch.npy: 9 × 8 · image 1 of 7"
    person.press(person.message_button("Another image…"))
    assert panel(person).image.hasFocus()
    person.type("5")
    person.key("Return")
    assert (image(person) == 4).all()


def test_axes_that_were_guessed_can_be_read_otherwise(person, tmp_path):
    np.save(tmp_path / "maps.npy", np.arange(6.0 * 9 * 4).reshape(6, 9, 4))
    person.window.open_path(tmp_path / "maps.npy")
    assert image(person).shape == (4, 6, 9)
    person.press(person.panel.resize_input)
    person.choose(panel(person).axes, "channels, rows, columns")
    person.press(panel(person).apply)
    assert image(person).shape == (6, 9, 4)


def test_more_cells_than_can_be_held_are_not_made(cropping):
    panel(cropping).new_columns.setValue(90_000)
    assert panel(cropping).summary.text().endswith("more than 20 million, scale it down")
    assert not panel(cropping).apply.isEnabled()
    cropping.key("Return")
    assert image(cropping).shape == (3, 80, 120)


def test_taking_what_is_shown_changes_nothing(cropping):
    before = cropping.session.document
    cropping.apply(take, cropping.session.origin.taking)
    assert cropping.session.document is before
    assert cropping.session.origin.array.shape == (3, 80, 120)

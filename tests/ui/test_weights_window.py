"""The browser of weights: layers are listed, looked at, and taken over."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QScrollArea
from weight_files import numbers, saved

from convviz.engine.layers import Conv, ConvTranspose
from convviz.engine.network import apply_layer
from convviz.files.read import read_array
from convviz.model import transitions
from convviz.model.document import compute
from convviz.ui import dialogs

NETWORK = {
    "conv1.weight": numbers(4, 3, 5, 5),
    "conv1.bias": numbers(4),
    "conv2.weight": numbers(2, 4, 3, 3),
    "fc.weight": numbers(10, 4),
    "huge.weight": numbers(1, 1, 40, 40),
    "sound.weight": numbers(2, 1, 9),
}


@pytest.fixture
def path(tmp_path):
    (tmp_path / "net.safetensors").write_bytes(saved(NETWORK))
    return tmp_path / "net.safetensors"


@pytest.fixture
def browser(person, path):
    person.window.open_path(path)
    return person.window.runner.weights.browser


def rows(browser):
    table = browser.table
    return [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
        if not table.isRowHidden(row)
    ]


def choose(browser, name):
    names = [browser.table.item(row, 0).text() for row in range(browser.table.rowCount())]
    browser.table.selectRow(names.index(name))


def test_every_layer_is_listed_and_what_cannot_be_taken_over_is_grey_with_its_reason(browser):
    assert rows(browser) == [
        ["conv1", "Conv 2-D", "4 × 3 × 5 × 5", "yes", "not in the file"],
        ["conv2", "Conv 2-D", "2 × 4 × 3 × 3", "no", "not in the file"],
        ["fc", "Linear", "10 × 4", "no", "no kernel slides in it"],
        [
            *("huge", "Conv 2-D", "1 × 1 × 40 × 40", "no"),
            "its kernel has 40 × 40 cells, at most 31 a side are shown",
        ],
        ["sound", "Conv 1-D", "2 × 1 × 9", "no", "not in the file"],
    ]
    assert browser.title.text() == "net.safetensors: 3 layers with kernels, 2 without (grey)"
    grey = browser.table.item(2, 0).foreground().color()
    assert grey != browser.table.item(0, 0).foreground().color()
    choose(browser, "fc")
    assert browser.told.text() == "Cannot be taken over: no kernel slides in it."
    assert not browser.use.isEnabled()
    assert not browser.add.isEnabled()


def test_the_window_leaves_the_main_one_usable_and_esc_closes_it(person, browser):
    assert browser.isVisible()
    assert not browser.isModal()
    QTest.keyClick(browser, Qt.Key.Key_Escape)
    assert not browser.isVisible()
    assert person.window.isVisible()


def test_the_filter_keeps_what_holds_every_word(browser):
    browser.filter.setText("2-D conv2")
    assert [row[0] for row in rows(browser)] == ["conv2"]
    browser.filter.setText("")
    assert len(rows(browser)) == 5


def test_the_kernels_of_the_chosen_layer_are_seen(person, browser):
    browser.pictures.setFixedSize(300, 300)
    before = person.picture(browser.pictures)
    assert browser.count.text() == "Conv 2-D, 4 × 3 × 5 × 5: 12 kernels"
    choose(browser, "conv2")
    assert (person.picture(browser.pictures) != before).any()
    choose(browser, "fc")
    empty = person.picture(browser.pictures)
    assert (empty == empty[0, 0]).all()


def test_a_layer_is_used_after_its_channels_are_settled(person, browser):
    assert browser.fit.text() == "It takes 3 channels, the image has 1: ways out are offered."
    person.press(browser.use)
    assert person.problem_text == "The weight takes 3 input channels, the image has 1."
    person.press(person.problem_buttons["Repeat the image 3 times"])
    assert person.problem_text is None
    layer = person.session.focus
    assert np.array_equal(layer.weight, NETWORK["conv1.weight"])
    assert np.array_equal(layer.bias, NETWORK["conv1.bias"])
    expected = apply_layer(Conv(layer.weight, layer.bias), person.session.document.image)
    assert np.array_equal(compute(person.session.document, 0).sums, expected)
    assert browser.fit.text() == "It takes 3 channels, as many as there are."


@pytest.mark.parametrize("channels", [3, 512])
def test_the_buttons_of_the_card_fit_into_the_panel(person, tmp_path, channels):
    (tmp_path / "net.safetensors").write_bytes(saved({"a.weight": numbers(1, channels, 3, 3)}))
    person.window.open_path(tmp_path / "net.safetensors")
    person.press(person.window.runner.weights.browser.use)
    assert len(person.problem_buttons) == 4
    areas = person.window.findChildren(QScrollArea)
    (scroll,) = [area for area in areas if area.isAncestorOf(person.panel.problem_card)]
    assert scroll.horizontalScrollBar().maximum() == 0


def test_a_second_layer_is_added_to_the_stack(person, browser):
    person.press(browser.use)
    person.press(person.problem_buttons["Repeat the image 3 times"])
    choose(browser, "conv2")
    person.press(browser.add)
    assert [layer.weight.shape for layer in person.session.document.layers] == [
        (4, 3, 5, 5),
        (2, 4, 3, 3),
    ]
    assert (
        person.message_text
        == "conv2: the file tells neither stride nor padding; set them at the left."
    )
    person.press(person.message_button("Undo"))
    assert len(person.session.document.layers) == 1


def test_enter_and_a_double_click_use_the_layer(person, browser):
    person.apply(transitions.set_theme, "light")
    choose(browser, "sound")
    QTest.keyClick(browser.table, Qt.Key.Key_Return)
    assert person.session.rank == 1
    assert person.session.focus.weight.shape == (2, 1, 9)


def test_what_the_file_leaves_open_is_read_as_the_person_says(person, browser):
    choose(browser, "conv2")
    assert browser.read_as_field.isVisible()
    person.choose(browser.read_as, "Transposed")
    assert browser.fit.text() == "It takes 2 channels, the image has 1: ways out are offered."
    person.press(browser.use)
    edited = person.session.edited.layers[0]
    assert isinstance(edited, ConvTranspose)
    assert edited.in_channels == 2
    choose(browser, "conv1")
    assert not browser.read_as_field.isVisible()  # 4 numbers of bias: it makes 4 maps of 3
    choose(browser, "conv2")
    assert browser.read_as.currentText().startswith("Convolution: out, in, rows, columns")


def test_a_file_without_weights_says_so_and_keeps_what_is_shown(person, tmp_path):
    (tmp_path / "dense.safetensors").write_bytes(saved({"fc.weight": numbers(3, 2)}))
    before = person.session.document
    person.window.open_path(tmp_path / "dense.safetensors")
    assert "it holds no convolution weights; its layers are Linear" in person.message_text
    assert person.session.document is before
    assert person.window.runner.weights.browser is None


def test_the_menu_asks_for_a_file_and_it_is_found_among_the_recent_ones(person, path, monkeypatch):
    monkeypatch.setattr(dialogs, "ask_weights", lambda _parent, _folder: path)
    person.window.run("weights")
    assert person.window.runner.weights.browser.isVisible()
    assert person.session.recent[0] == path


def test_the_command_line_opens_the_browser(person_with, path):
    person = person_with(path)
    assert person.window.runner.weights.browser.isVisible()


def test_an_archive_with_weights_opens_the_browser_and_one_with_an_image_does_not(person, tmp_path):
    np.savez(tmp_path / "net.npz", **NETWORK)
    np.savez(tmp_path / "image.npz", image=np.ones((5, 6)))
    person.window.open_path(tmp_path / "image.npz")
    assert person.window.runner.weights.browser is None
    assert person.session.document.image.shape == (1, 5, 6)
    person.window.open_path(tmp_path / "net.npz")
    assert rows(person.window.runner.weights.browser)[0][0] == "conv1"


def test_a_sequential_graph_opens_as_stack(person, tmp_path):
    pytest.importorskip("onnx", reason="onnx is not installed")
    from onnx_models import chain

    conv = ("Conv", {"pads": [1, 1, 1, 1], "strides": [2, 2]}, numbers(4, 1, 3, 3), numbers(4))
    pool = ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2]})
    (tmp_path / "net.onnx").write_bytes(chain(conv, ("Relu", {}), pool, ("Flatten", {})))
    person.window.open_path(tmp_path / "net.onnx")
    browser = person.window.runner.weights.browser
    assert rows(browser) == [
        [
            *("layer0", "Conv 2-D", "4 × 1 × 3 × 3", "yes"),
            "stride 2 · padding 1",
        ]
    ]
    assert not browser.read_as_field.isVisible()
    note = "The first 3 layers make a stack; then Flatten: there is no such layer here."
    assert browser.stack_note.text() == note
    person.press(browser.as_stack)
    assert [type(layer).__name__ for layer in person.session.document.layers] == [
        "Conv",
        "Activation",
        "Pool",
    ]
    assert person.session.document.shapes[-1] == (4, 4, 4)
    assert person.session.document.layers[0].stride == (2, 2)


def test_every_control_has_a_name(browser):
    for control in (browser.filter, browser.table, browser.pictures, browser.read_as):
        assert control.accessibleName()
    for button in (browser.use, browser.add, browser.another, browser.as_stack):
        assert button.text()


def test_names_from_the_file_are_plain_text_and_one_line(person, tmp_path):
    name = "<b>bold</b>\n<img src='/etc/hostname'>" + "x" * 100
    (tmp_path / "odd.safetensors").write_bytes(saved({f"{name}.weight": numbers(2, 1, 3, 3)}))
    person.window.open_path(tmp_path / "odd.safetensors")
    browser = person.window.runner.weights.browser
    assert rows(browser)[0][0].startswith("<b>bold</b>\\n<img")
    assert "&lt;b&gt;" in browser.table.item(0, 0).toolTip()
    person.press(browser.use)
    assert person.session.focus.weight.shape == (2, 1, 3, 3)
    assert person.message_text.startswith("…")
    assert len(person.session.history.past[-1].name) < 80


@pytest.fixture
def photo(tmp_path):
    cells = np.random.default_rng(1).integers(0, 256, (9, 8, 3), np.uint8)
    Image.fromarray(cells).save(tmp_path / "photo.png")
    return tmp_path / "photo.png"


def test_a_picture_shown_in_grey_has_its_colours_for_a_layer_that_takes_three(person, photo, path):
    person.window.open_path(photo)
    assert person.session.document.image.shape == (1, 9, 8)
    person.window.open_path(path)
    browser = person.window.runner.weights.browser
    assert browser.fit.text() == (
        "It takes 3 channels: the colours of the image, which is shown in grey."
    )
    person.press(browser.use)
    assert person.problem_text is None
    assert np.array_equal(person.session.document.image, read_array(photo).array)
    assert np.array_equal(person.session.focus.weight, NETWORK["conv1.weight"])
    assert "the image is taken with its 3 channels" in person.message_text
    assert person.session.history.past[-1].name == "Weights conv1"
    person.press(person.message_button("Undo"))
    assert person.session.document.image.shape == (1, 9, 8)


def test_a_layer_of_numbers_that_are_none_says_so_where_it_was_chosen(person, tmp_path):
    broken = {"a.weight": numbers(1, 1, 3, 3), "b.weight": np.full((1, 1, 2, 2), np.nan)}
    (tmp_path / "net.safetensors").write_bytes(saved(broken))
    person.window.open_path(tmp_path / "net.safetensors")
    browser = person.window.runner.weights.browser
    choose(browser, "b")
    assert browser.told.text() == (
        "Cannot be taken over: 'b.weight': it holds NaN or infinity, first at [0, 0, 0, 0]; "
        "replace these by numbers."
    )
    assert not browser.use.isEnabled()
    choose(browser, "a")
    assert browser.told.text().startswith("The file tells no stride")
    assert browser.count.text() == "Conv 2-D, 1 × 1 × 3 × 3: 1 kernel"


def test_an_old_message_goes_when_a_layer_is_used_that_does_not_fit(person, browser, tmp_path):
    person.window.open_path(tmp_path / "missing.png")
    assert "missing.png" in person.message_text
    person.press(browser.use)
    assert person.problem_text is not None
    assert person.message_text is None


def test_an_old_error_goes_when_a_file_of_weights_is_opened(person, path, tmp_path):
    person.window.open_path(tmp_path / "missing.png")
    assert "missing.png" in person.message_text
    person.window.open_path(path)
    assert person.message_text is None


def test_what_the_filter_hides_cannot_be_taken_over(person, browser):
    assert browser.name.text() == "conv1"
    browser.filter.setText("conv2")
    assert browser.name.text() == "conv2"
    person.press(browser.use)
    taken = person.session.edited.layers[0]
    assert np.array_equal(taken.weight, NETWORK["conv2.weight"])


@pytest.mark.parametrize("way", ["button", "enter", "add"])
def test_where_the_filter_hides_all_layers_none_can_be_taken_over(person, browser, way):
    before = person.session.document
    browser.filter.setText("no such layer")
    assert not browser.use.isEnabled()
    assert not browser.add.isEnabled()
    assert (browser.name.text(), browser.count.text(), browser.fit.text()) == ("", "", "")
    if way == "enter":
        QTest.keyClick(browser.table, Qt.Key.Key_Return)
    else:
        (browser.use if way == "button" else browser.add).click()
    assert person.session.document is before
    browser.filter.setText("")
    assert browser.use.isEnabled()
    assert browser.name.text() == "conv1"


def test_a_chosen_layer_that_the_filter_keeps_stays_chosen(browser):
    choose(browser, "conv2")
    browser.filter.setText("conv")
    assert browser.name.text() == "conv2"


def test_a_filter_for_a_layer_without_kernels_chooses_none_that_can_be_taken(browser):
    browser.filter.setText("linear")
    assert browser.name.text() == "fc"
    assert not browser.use.isEnabled()


def test_an_order_of_axes_that_is_not_known_is_chosen_in_the_window(person, tmp_path):
    stored = numbers(3, 3, 1, 64)
    (tmp_path / "odd.safetensors").write_bytes(saved({"w.weight": stored}, None))
    person.window.open_path(tmp_path / "odd.safetensors")
    browser = person.window.runner.weights.browser
    assert browser.read_as_field.isVisible()
    assert browser.read_as.currentText() == "Choose the order of its axes"
    assert browser.told.text() == "The file does not tell the order of its axes: choose it."
    assert not browser.use.isEnabled()
    person.choose(browser.read_as, "Convolution: rows, columns, in, out")
    assert browser.use.isEnabled()
    person.press(browser.use)
    expected = np.moveaxis(stored, (-1, -2), (0, 1))
    assert np.array_equal(person.session.focus.weight, expected)
    person.choose(browser.read_as, "Convolution: out, in, rows, columns")
    assert "at most 31 a side are shown" in browser.told.text()
    assert not browser.use.isEnabled()


def test_a_graph_of_pools_alone_opens_as_stack(person, tmp_path):
    pytest.importorskip("onnx", reason="onnx is not installed")
    from onnx_models import chain

    pool = ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2]})
    (tmp_path / "pool.onnx").write_bytes(chain(pool))
    person.window.open_path(tmp_path / "pool.onnx")
    browser = person.window.runner.weights.browser
    assert rows(browser) == []
    assert not browser.use.isEnabled()
    person.press(browser.as_stack)
    assert [type(layer).__name__ for layer in person.session.document.layers] == ["Pool"]


def test_what_went_into_a_layer_is_told_where_it_is_chosen(person, tmp_path):
    pytest.importorskip("onnx", reason="onnx is not installed")
    from onnx_models import chain

    conv = ("Conv", {}, numbers(4, 1, 3, 3))
    (tmp_path / "net.onnx").write_bytes(chain(conv, ("Add", {}, numbers(1, 4, 1, 1))))
    person.window.open_path(tmp_path / "net.onnx")
    browser = person.window.runner.weights.browser
    assert browser.told.text() == (
        "The file says: stride 1 · padding 0. Add behind it went into its weight and bias."
    )

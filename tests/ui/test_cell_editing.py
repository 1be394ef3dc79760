"""Grids are spreadsheets: type, commit, move on, cancel."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.model import changes, transitions
from convviz.model.session import Session, Target, Zoom, one_selected


@pytest.fixture
def small(person):
    """1 to 9 under an identity kernel, so that the map shows what is typed."""
    person.apply(changes.set_input_preset, "count-3x3")
    person.apply(changes.set_kernel_preset, "identity")
    person.apply(transitions.set_whole_map, True)
    return person


def select(person, row, column, pane="input"):
    """Click on a cell of the image or the kernel, whatever the padding is."""
    grid = getattr(person.stage, pane)
    border = person.window._scene.input.cells.padding if pane == "input" else ((0, 0), (0, 0))
    person.click(grid, (row + border[0][0], column + border[1][0]))


def image(person):
    return person.session.document.image[0]


def kernel(person):
    return person.session.conv.weight[0, 0]


def selected(person):
    return person.session.selection and person.session.selection.cursor


@pytest.mark.parametrize(
    ("key", "cell"),
    [
        ("Return", (2, 1)),
        ("Enter", (2, 1)),
        ("Shift+Return", (0, 1)),
        ("Tab", (1, 2)),
        ("Backtab", (1, 0)),
    ],
)
def test_a_typed_number_is_taken_and_the_cursor_moves_on(small, key, cell):
    select(small, 1, 1)
    small.type("-12.5")
    small.key(key)
    assert image(small)[1, 1] == -12.5
    assert selected(small) == cell
    assert small.focus is small.stage.input
    assert small.title.startswith("1 to 9, edited")


def test_the_map_the_picture_and_the_panel_follow_at_once(small):
    small.key("End")
    before = small.picture(small.stage)
    select(small, 1, 1)
    small.type("42")
    small.key("Return")
    assert small.window._scene.output.cells.values[1, 1] == 42
    assert small.panel.source.currentText().startswith("1 to 9, edited")
    after = small.picture(small.stage)
    place = small.stage.output.geometry_of("output").rect(1, 1).toRect()
    left, top = place.left() + small.stage.output.x() + 6, place.top() + 6
    inside = np.s_[top : top + 20, left : left + 20]
    assert (before[inside] != after[inside]).any()
    small.leave()
    small.key("Escape", "Escape")
    assert small.status_text.startswith("row 2, column 2:")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/9", 1 / 9),
        ("-2/3", -2 / 3),
        ("sqrt(2)/2", 2**0.5 / 2),
        ("1e3", 1000),
        (".5", 0.5),
        ("0.1+0.2", 0.3),
        ("(1+2)*3", 9),
        ("+4", 4),
        ("2**3", 8),
    ],
)
def test_expressions_are_numbers(small, text, value):
    select(small, 0, 0, "kernel")
    small.type(text)
    small.key("Return")
    assert kernel(small)[0, 0] == pytest.approx(value)
    assert small.message_text is None


@pytest.mark.parametrize(
    "text", ["1/0", "1..2", "4x", "1,234", "--", "__import__('os')", "1e400", "inf", "9" * 400]
)
def test_what_is_no_number_is_refused_with_a_sentence_and_can_be_mended(small, text):
    select(small, 1, 1)
    small.key("F2")
    editor = small.stage.input._editor
    editor.selectAll()
    small.type(text)
    small.key("Return")
    assert small.message_text.endswith("type a number such as -1, 0.2 or 1/9")
    assert "Traceback" not in small.message_text
    assert editor.isVisible()
    assert small.focus is editor
    assert image(small)[1, 1] == 5
    editor.selectAll()
    small.type("6")
    small.key("Return")
    assert image(small)[1, 1] == 6
    assert not editor.isVisible()


def test_a_message_about_a_bad_number_goes_once_it_is_mended_or_closed(small):
    select(small, 1, 1)
    small.type("4x")
    small.key("Return", "Escape", "Escape")
    assert small.message_text is None


def test_escape_cancels_and_leaves_the_cursor_where_it_was(small):
    select(small, 1, 1)
    small.type("77")
    small.key("Escape")
    assert image(small)[1, 1] == 5
    assert not small.stage.input._editor.isVisible()
    assert selected(small) == (1, 1)
    assert small.focus is small.stage.input
    small.type("8")
    assert small.stage.input._editor.isVisible()


def test_escape_while_editing_does_not_let_go_of_what_is_pinned(small):
    select(small, 1, 1)
    assert small.session.pin
    small.type("7")
    small.key("Escape")
    assert small.session.pin == Target("input", (1, 1))


@pytest.mark.parametrize("key", ["Delete", "Backspace"])
def test_delete_writes_zero(small, key):
    select(small, 1, 1)
    small.key(key)
    assert image(small)[1, 1] == 0
    assert selected(small) == (1, 1)


def test_one_edit_is_one_step_of_undo(small):
    select(small, 0, 0)
    small.type("7")
    small.key("Tab")
    small.type("8")
    small.key("Return", "Ctrl+Z")
    assert image(small)[0, :2].tolist() == [7, 2]
    small.key("Ctrl+Z")
    assert image(small)[0, :2].tolist() == [1, 2]
    small.key("Ctrl+Y", "Ctrl+Y")
    assert image(small)[0, :2].tolist() == [7, 8]


def test_the_same_number_again_is_no_change(small):
    document = small.session.document
    select(small, 1, 1)
    small.key("F2", "Return")
    assert small.session.document is document
    assert selected(small) == (2, 1)


def test_arrows_move_the_cursor_and_stop_at_the_ends(small):
    small.key("End")
    select(small, 0, 0)
    small.key("Up", "Left")
    assert selected(small) == (0, 0)
    small.key("Down", "Down", "Down", "Right")
    assert selected(small) == (2, 1)
    assert small.session.playhead.step == small.session.step_count - 1


def test_the_cursor_goes_on_in_the_next_row_after_the_last_column(small):
    select(small, 0, 2)
    small.key("Right")
    assert selected(small) == (1, 0)
    small.type("50")
    small.key("Backtab")
    assert image(small)[1, 0] == 50
    assert selected(small) == (0, 2)


@pytest.mark.parametrize("key", ["Return", "F2", "Enter"])
def test_return_and_f2_open_the_number_that_is_there_to_the_last_digit(small, key):
    small.apply(changes.set_cell, "input", (1, 1), 0.1234567890123)
    select(small, 1, 1)
    small.key(key)
    assert small.stage.input._editor.text() == "0.1234567890123"
    small.key("Return")
    assert image(small)[1, 1] == 0.1234567890123


def test_a_double_click_edits(small):
    small.double_click(small.stage.kernel, (1, 1))
    assert small.stage.kernel._editor.isVisible()
    assert small.stage.kernel._editor.text() == "1"
    small.key("Ctrl+A")
    small.type("3")
    small.key("Return")
    assert kernel(small)[1, 1] == 3
    assert small.panel.preset.currentText() == "Own kernel"


def test_the_field_lies_over_its_cell(small):
    select(small, 2, 2)
    small.type("1")
    pane = small.stage.input
    cell = pane.geometry_of("input").rect(3, 3).toRect()
    assert pane._editor.geometry().center() == cell.center()
    assert pane.rect().contains(pane._editor.geometry())


def test_the_field_follows_its_cell_when_the_grid_is_zoomed_or_the_window_grows(small):
    select(small, 1, 1)
    small.type("4")
    pane = small.stage.input
    small.wheel(pane, 2, small.point(pane, (1, 1)))
    small.window.resize(1400, 900)
    QApplication.processEvents()
    cell = pane.geometry_of("input").rect(2, 2).toRect()
    assert (pane._editor.geometry().center() - cell.center()).manhattanLength() <= 2
    assert pane._editor.text() == "4"


def test_a_field_stays_inside_its_pane_however_far_its_cell_is(small):
    select(small, 2, 2)
    small.type("4")
    small.apply(transitions.zoom, "input", Zoom(20.0, 0.0, 0.0))
    pane = small.stage.input
    assert pane.rect().contains(pane._editor.geometry())


# Leaving the field in other ways


def test_a_click_on_another_cell_takes_the_number(small):
    select(small, 0, 0)
    small.type("7")
    select(small, 2, 2)
    assert image(small)[0, 0] == 7
    assert selected(small) == (2, 2)
    assert not small.stage.input._editor.isVisible()


def test_a_click_into_a_number_field_takes_the_number_and_gets_the_keyboard(small):
    select(small, 0, 0)
    small.type("7")
    small.press(small.panel.bias.lineEdit())
    assert image(small)[0, 0] == 7
    assert small.focus is small.panel.bias
    assert not small.stage.input._editor.isVisible()


def test_another_number_field_with_bad_text_is_left_with_a_message(small):
    select(small, 0, 0)
    small.type("7q")
    small.press(small.panel.bias.lineEdit())
    assert image(small)[0, 0] == 1
    assert "type a number" in small.message_text
    assert not small.stage.input._editor.isVisible()


def test_the_field_goes_with_its_cell(small):
    """A smaller input, a file that is dropped, an undo: the typed number has no cell any more."""
    small.apply(changes.set_input_preset, "letter-h")
    select(small, 15, 15)
    small.type("9")
    small.apply(changes.set_input_preset, "count-3x3")
    assert not small.stage.input._editor.isVisible()
    assert image(small).tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    small.key("Return")
    assert image(small).tolist() == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_the_field_goes_when_the_kernel_loses_its_cell(small):
    select(small, 2, 2, "kernel")
    small.type("9")
    small.apply(changes.set_kernel_size, (1, 1))
    assert not small.stage.kernel._editor.isVisible()
    assert kernel(small).tolist() == [[1]]


def test_numbers_can_be_typed_while_it_plays(small):
    small.apply(changes.set_input_preset, "letter-h")
    small.key("Space")
    select(small, 0, 0)
    small.type("4")
    small.wait(1)
    small.type("2")
    small.key("Return")
    assert image(small)[0, 0] == 42
    assert small.session.playback.playing


# With the keyboard alone


def test_a_grid_reached_by_tab_has_a_cursor_and_can_be_typed_into(small):
    small.tab_to(small.stage.kernel)
    assert small.session.selection == one_selected("kernel", (0, 0))
    small.key("Down", "Right")
    small.type("5")
    small.key("Return")
    assert kernel(small)[1, 1] == 5


def test_closing_a_message_by_keyboard_gives_the_focus_on_without_harm(small):
    small.window.run("about")
    small.tab_to(small.window.message._close)
    small.key("Space")
    assert small.message_text is None
    assert not small.session.playback.playing
    small.key("Tab")
    assert small.focus is not None


def test_the_cell_cursor_is_seen(small):
    before = small.picture(small.stage.kernel)
    small.apply(transitions.select, Target("kernel", (0, 2)))
    after = small.picture(small.stage.kernel)
    place = small.stage.kernel.geometry_of("kernel").rect(0, 2)
    rows, columns = np.nonzero((before != after).any(axis=-1))
    assert len(rows)
    assert place.adjusted(-8, -8, 8, 8).contains(columns.min(), rows.min())
    assert place.adjusted(-8, -8, 8, 8).contains(columns.max(), rows.max())


def test_an_image_of_float32_takes_numbers_too(small):
    small.apply(changes.set_image, np.ones((3, 3), np.float32), "Ones")
    select(small, 1, 1)
    small.type("1/4")
    small.key("Return")
    assert image(small)[1, 1] == 0.25


def test_a_cell_edit_that_makes_values_huge_is_painted(small):
    select(small, 1, 1)
    small.type("1e300")
    small.key("Return")
    assert image(small)[1, 1] == 1e300
    assert small.picture(small.window).any()


# What cannot be typed into says why


def focus_on(session, layer):
    """Look at another layer of a stack."""
    layers = (*session.document.layers, Activation("relu"), Pool("max", 2))
    return Session(replace(session.document, layers=layers), layer=layer)


READ_ONLY = {
    "counts": ("input", (transitions.set_use_counts, True), "These are counts"),
    "a later layer": ("input", (focus_on, 1), "Layers before this one"),
    "a pooling window": ("kernel", (focus_on, 2), "A pooling window has no weights"),
}


@pytest.mark.parametrize("way", ["7", "F2", "Return", "Delete", "double click"])
@pytest.mark.parametrize("name", READ_ONLY)
def test_cells_that_cannot_be_typed_into_say_why(small, name, way):
    pane_name, change, reason = READ_ONLY[name]
    small.apply(*change)
    pane, document = getattr(small.stage, pane_name), small.session.document
    cell = small.window._scene.input.cells.place((1, 1)) if pane_name == "input" else (1, 1)
    if way == "double click":
        small.double_click(pane, cell)
    else:
        small.click(pane, cell)
        small.key(way)
    assert small.message_text.startswith(reason)
    assert not pane._editor.isVisible()
    assert small.session.document is document


def test_a_note_about_typing_goes_with_escape_and_the_arrows_still_move_the_cursor(small):
    small.apply(transitions.set_use_counts, True)
    select(small, 1, 1)
    small.key("Down")
    assert selected(small) == (2, 1)
    assert small.message_text is None
    small.key("Delete")
    assert small.message_text is not None
    small.key("Escape")
    assert small.message_text is None


def test_the_curve_of_an_activation_cannot_be_typed_into(small):
    small.apply(focus_on, 1)
    small.tab_to(small.stage.kernel)
    small.type("7")
    assert small.message_text.startswith("An activation has no weights")


def test_numbers_are_typed_into_the_cells_of_a_spread_image(small):
    up = ConvTranspose(np.ones((1, 1, 2, 2)), stride=2)
    small.apply(lambda session: Session(replace(session.document, layers=(up,))))
    place = small.window._scene.input.cells.place((1, 2))
    assert place == (3, 5)
    small.click(small.stage.input, place)
    assert selected(small) == (1, 2)
    small.type("42")
    field = small.stage.input._editor.geometry().center()
    cell = small.stage.input.geometry_of("input").rect(*place).toRect()
    assert (field - cell.center()).manhattanLength() <= 2
    small.key("Return")
    assert image(small)[1, 2] == 42
    assert selected(small) == (2, 2)


def test_the_weights_of_a_later_layer_can_be_typed(small):
    one = Conv(np.ones((1, 1, 1, 1)))
    small.apply(
        lambda session: Session(
            replace(session.document, layers=(one, *session.document.layers)), layer=1
        )
    )
    small.click(small.stage.kernel, (0, 0))
    small.type("5")
    small.key("Return")
    assert small.session.document.layers[1].weight[0, 0, 0, 0] == 5
    assert small.message_text is None

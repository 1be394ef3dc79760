"""Blocks of cells with mouse, keys and clipboard, as in a spreadsheet."""

import subprocess
import sys

import numpy as np
import pytest
from person import LEFT, MODIFIERS, PLAIN
from PySide6.QtCore import QLocale, QPoint
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from convviz.engine.fills import FILLS
from convviz.model import changes, transitions
from convviz.model.session import Selection, Zoom, one_selected
from convviz.render.grid_painter import handle_of
from convviz.ui.editable_pane import HANDLE_TIP
from convviz.ui.menus import plain

SHIFT = MODIFIERS["Shift"]


@pytest.fixture
def small(person):
    """1 to 9 without padding under an identity kernel, its window in the first corner."""
    person.apply(changes.set_input_preset, "count-3x3")
    person.apply(changes.set_kernel_preset, "identity")
    person.apply(changes.set_padding, "valid")
    person.apply(changes.set_kernel_size, (1, 1))
    return person


@pytest.fixture
def german():
    before = QLocale()
    QLocale.setDefault(QLocale(QLocale.Language.German))
    yield
    QLocale.setDefault(before)


def image(person):
    return person.session.document.image[0].tolist()


def select(person, first, last=None, pane="input"):
    """Click on a cell and, with Shift, on another."""
    grid = getattr(person.stage, pane)
    person.click(grid, first)
    if last:
        QTest.mouseClick(grid, LEFT, SHIFT, person.point(grid, last))


def clipboard(text):
    QGuiApplication.clipboard().setText(text)


def undo_text(person):
    return plain(person.window.actions_by_name["undo"].text())


# Selecting


@pytest.mark.parametrize("first", [(0, 1), (2, 2)])
def test_dragging_over_cells_selects_them(small, first):
    last = (2 - first[0], first[1] - 1)
    pane = small.stage.input
    small.drag(pane, small.point(pane, first), small.point(pane, (1, 1)), small.point(pane, last))
    assert small.session.selection == Selection("input", first, last)
    assert small.session.pin is None
    assert small.session.playhead.step == 0


def test_dragging_the_window_still_scrubs_and_with_shift_selects(small):
    pane = small.stage.input
    start, stop = small.point(pane, (0, 0)), small.point(pane, (1, 1))
    small.drag(pane, start, stop)
    assert small.session.cell_at(small.session.playhead.step) == (1, 1)
    assert small.session.selection is None
    QTest.mousePress(pane, LEFT, SHIFT, stop)
    QTest.mouseMove(pane, small.point(pane, (2, 2)))
    QTest.mouseRelease(pane, LEFT, SHIFT, small.point(pane, (2, 2)))
    assert small.session.selection == Selection("input", (1, 1), (2, 2))
    assert small.session.cell_at(small.session.playhead.step) == (1, 1)


def test_a_drag_that_leaves_the_grid_ends_at_its_edge(small):
    pane = small.stage.input
    small.drag(pane, small.point(pane, (1, 1)), QPoint(3000, 3000))
    assert small.session.selection == Selection("input", (1, 1), (2, 2))


def test_a_grid_that_is_zoomed_is_moved_by_dragging_and_selected_with_shift(person):
    pane = person.stage.input
    person.apply(transitions.zoom, "input", Zoom(3.0, 0.9, 0.9))
    start = person.point(pane, (14, 14))
    person.drag(pane, start, start + QPoint(30, 30))
    assert person.session.selection is None
    assert person.session.view.zooms["input"] != Zoom(3.0, 0.9, 0.9)
    QTest.mouseClick(pane, LEFT, PLAIN, start)
    cell = person.session.selection.cursor
    QTest.mouseClick(pane, LEFT, SHIFT, start - QPoint(90, 90))
    assert person.session.selection.shape != (1, 1)
    assert person.session.selection.cursor == cell


def test_shift_and_a_click_select_all_up_to_there(small):
    select(small, (2, 0), (0, 1))
    assert small.session.selection == Selection("input", (2, 0), (0, 1))
    assert small.status_text.endswith("3 × 2 cells selected: sum = 27, mean = 4.5")
    select(small, (0, 0), None, "kernel")
    QTest.mouseClick(small.stage.input, LEFT, SHIFT, small.point(small.stage.input, (1, 1)))
    assert small.session.selection == one_selected("input", (1, 1))


def test_shift_and_arrows_select_and_arrows_alone_move_on(small):
    select(small, (1, 1))
    small.key("Shift+Down", "Shift+Left", "Shift+Left", "Shift+Left")
    assert small.session.selection == Selection("input", (1, 1), (2, 0))
    small.key("Right")
    assert small.session.selection == one_selected("input", (1, 2))


def test_ctrl_a_selects_all_and_escape_lets_go_in_steps(small):
    select(small, (1, 1))
    small.key("Ctrl+A")
    assert small.session.selection.shape == (3, 3)
    small.leave()
    small.key("Escape")
    assert small.status_text == "3 × 3 cells selected: sum = 45, mean = 5"
    small.key("Escape")
    assert small.session.selection == one_selected("input", (0, 0))
    small.key("Escape")
    assert small.session.selection is None


def test_ctrl_and_arrows_are_steps_where_the_cell_cursor_is(small):
    select(small, (1, 1))
    small.key("Ctrl+Right")
    assert small.session.playhead.step == 1
    assert small.session.selection == one_selected("input", (1, 1))


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_what_is_selected_is_seen_and_its_cursor_differs(small, theme):
    small.apply(transitions.set_theme, theme)
    select(small, (1, 0))
    small.key("Escape")
    small.leave()
    pane = small.stage.input
    before = small.picture(pane)
    small.key("Shift+Down", "Shift+Right", "Shift+Right")
    after = small.picture(pane)
    geometry = pane.geometry_of("input")
    rows, columns = np.nonzero((before != after).any(axis=-1))
    block = geometry.rect(1, 0, 2, 3).adjusted(-8, -8, 8, 8)
    assert block.contains(columns.min(), rows.min())
    assert block.contains(columns.max(), rows.max())

    def is_blue(cell, inset):
        place = geometry.rect(*cell).toRect()
        pixel = after[place.top() + inset, place.center().x()].astype(int)
        return bool(np.abs(pixel - np.array(small.theme.input)).max() < 60)

    selected = [(row, column) for row in (1, 2) for column in range(3)]
    assert all(is_blue(cell, -1) or is_blue(cell, 0) for cell in selected)
    assert [cell for cell in selected if is_blue(cell, 2)] == [(1, 0)]


# Typing into what is selected


def test_ctrl_enter_fills_the_selection_with_what_is_typed(small):
    select(small, (0, 0), (1, 1))
    small.type("1/4")
    small.key("Ctrl+Return")
    assert image(small) == [[0.25, 0.25, 3], [0.25, 0.25, 6], [7, 8, 9]]
    assert small.session.selection == Selection("input", (0, 0), (1, 1))
    assert undo_text(small) == "Undo Fill 2 × 2 cells of the input"
    small.key("Ctrl+Z")
    assert image(small) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_ctrl_enter_without_typing_repeats_the_number_of_the_cursor(small):
    select(small, (1, 1), (0, 0))
    small.key("Ctrl+Return")
    assert image(small)[:2] == [[5, 5, 3], [5, 5, 6]]


def test_typing_goes_to_the_cursor_and_delete_to_all(small):
    select(small, (1, 1), (2, 2))
    small.type("50")
    small.key("Return")
    assert image(small)[1] == [4, 50, 6]
    select(small, (1, 1), (2, 2))
    small.key("Delete")
    assert image(small) == [[1, 2, 3], [4, 0, 0], [7, 0, 0]]
    assert undo_text(small) == "Undo Clear 2 × 2 cells of the input"


def test_ctrl_d_and_ctrl_r_fill_down_and_right(small):
    select(small, (0, 0), (2, 1))
    small.key("Ctrl+D")
    assert image(small) == [[1, 2, 3], [1, 2, 6], [1, 2, 9]]
    select(small, (0, 1), (2, 2))
    small.key("Ctrl+R")
    assert image(small) == [[1, 2, 2]] * 3


def test_ctrl_d_leaves_an_open_field_alone(small):
    select(small, (0, 0), (2, 1))
    small.type("77")
    small.key("Ctrl+D")
    assert image(small) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert small.stage.input._editor.text() == "77"


def test_ctrl_d_still_copies_a_layer_in_the_strip(small):
    select(small, (0, 0), (1, 1))
    small.key("Alt+3")
    small.stage.stack.setFocus()
    small.key("Ctrl+D")
    assert len(small.session.document.layers) == 2
    assert image(small) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


@pytest.mark.parametrize(
    ("language", "second", "value"), [("german", "1.234", 1.234), (None, "1,25", 1.25)]
)
def test_a_comma_in_a_number_is_decimal_in_every_language(request, small, language, second, value):
    if language:
        request.getfixturevalue(language)
    select(small, (0, 0))
    small.type("0,5")
    small.key("Return")
    small.type(second)
    small.key("Return")
    assert [row[0] for row in image(small)] == [0.5, value, 7]


def test_a_comma_that_may_group_thousands_is_not_guessed(small):
    select(small, (0, 0))
    small.type("1,234")
    small.key("Return")
    assert small.message_text.startswith("'1,234' may be 1234 or a decimal number")
    assert image(small)[0][0] == 1


def test_an_equals_sign_begins_a_number_as_in_spreadsheets(small):
    select(small, (0, 0))
    small.type("=pi")
    small.key("Return")
    small.type("=1/4")
    small.key("Return")
    assert [row[0] for row in image(small)] == [np.pi, 0.25, 7]


def test_a_bias_takes_a_decimal_comma_as_cells_do(small):
    small.fill(small.panel.bias, "0,5")
    assert small.session.document.layers[0].bias.tolist() == [0.5]


# The fill handle


def handle(person):
    pane = person.stage.input
    grid, geometry = person.window._scene.input, pane.geometry_of("input")
    return handle_of(grid.selected, geometry).center().toPoint()


def test_the_fill_handle_goes_on_in_equal_steps(person):
    person.apply(changes.set_image, np.array([[1.0, 2, 0, 0], [5, 5, 0, 0], [0, 0, 0, 0]]), "own")
    person.apply(changes.set_padding, "valid")
    person.apply(changes.set_kernel_size, (1, 1))
    select(person, (0, 0), (1, 1))
    pane = person.stage.input
    assert pane.tip_at(handle(person).toPointF()) == HANDLE_TIP
    QTest.mousePress(pane, LEFT, PLAIN, handle(person))
    QTest.mouseMove(pane, person.point(pane, (1, 3)))
    assert person.session.selection.stretched == (range(2), range(4))
    dashed = person.picture(pane)
    QTest.mouseRelease(pane, LEFT, PLAIN, person.point(pane, (1, 3)))
    assert (dashed != person.picture(pane)).any()
    assert image(person) == [[1, 2, 3, 4], [5, 5, 5, 5], [0, 0, 0, 0]]
    assert person.session.selection == Selection("input", (0, 0), (1, 3))
    assert undo_text(person) == "Undo Fill 2 × 2 cells of the input right"


def test_escape_while_the_handle_is_dragged_fills_nothing(small):
    select(small, (0, 0), (0, 1))
    pane = small.stage.input
    QTest.mousePress(pane, LEFT, PLAIN, handle(small))
    QTest.mouseMove(pane, small.point(pane, (2, 1)))
    small.key("Escape")
    QTest.mouseRelease(pane, LEFT, PLAIN, small.point(pane, (2, 1)))
    assert image(small) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert small.session.selection == Selection("input", (0, 0), (0, 1))


# The clipboard


@pytest.mark.parametrize("pane", ["input", "kernel"])
def test_what_is_copied_comes_back_to_the_last_digit(small, pane):
    numbers = np.array([[0.1, 1 / 3], [-2e-9, 5]])
    small.apply(changes.set_image, np.ones((4, 4)), "own")
    small.apply(changes.set_image if pane == "input" else changes.set_kernel, numbers, "own")
    select(small, (0, 0), None, pane)
    small.key("Ctrl+A", "Ctrl+C")
    data = QGuiApplication.clipboard().mimeData()
    assert data.text() == "0.1\t0.3333333333333333\n-2e-09\t5\n"
    assert data.html().startswith("<table><tr><td>0.1</td><td>0.3333333333333333</td></tr>")
    small.key("Delete", "Ctrl+V")
    grid = getattr(small.window._scene, pane)
    assert np.array_equal((grid.grid if pane == "kernel" else grid).cells.values, numbers)
    assert undo_text(small) == f"Undo Paste 2 × 2 into {pane}"
    small.key("Ctrl+Z", "Ctrl+Z")
    grid = getattr(small.window._scene, pane)
    assert np.array_equal((grid.grid if pane == "kernel" else grid).cells.values, numbers)


def test_the_program_ends_well_with_cells_in_the_clipboard():
    """Data that Python made and the clipboard still held at exit crashed it."""
    script = (
        "from PySide6.QtWidgets import QApplication; application = QApplication([]);"
        "from convviz.model import session, transitions;"
        "from convviz.ui.clipboard import copy_cells;"
        "assert copy_cells(transitions.select_all(session.new_session()))"
    )
    assert subprocess.run([sys.executable, "-c", script], timeout=60, check=False).returncode == 0


def test_cut_leaves_zeros(small):
    select(small, (0, 1), (1, 2))
    small.key("Ctrl+X")
    assert QGuiApplication.clipboard().text() == "2\t3\n5\t6\n"
    assert image(small) == [[1, 0, 0], [4, 0, 0], [7, 8, 9]]
    assert undo_text(small) == "Undo Cut 2 × 2 cells of the input"
    select(small, (1, 0))
    small.key("Ctrl+V")
    assert image(small) == [[1, 0, 0], [2, 3, 0], [5, 6, 9]]


def test_without_a_selection_ctrl_c_copies_the_frame(person):
    person.key("Ctrl+C")
    assert not QGuiApplication.clipboard().image().isNull()


def test_without_a_selection_a_pasted_table_is_the_input(person):
    clipboard("0,5\t1,25\t-2\n3\t0\t3,5\n")
    person.key("Ctrl+V")
    assert image(person) == [[0.5, 1.25, -2], [3, 0, 3.5]]
    assert person.message_text.startswith("The 2 × 3 cells of the clipboard are the input")
    assert undo_text(person) == "Undo Paste 2 × 3 as the input"
    person.key("Ctrl+Z")
    assert person.session.document.image.shape == (1, 16, 16)


def test_a_pasted_column_is_the_signal_where_there_is_one(person_with):
    person = person_with("full-signal")
    clipboard("1\n2\n3\n")
    person.key("Ctrl+V")
    assert image(person) == [1, 2, 3]
    clipboard("1\t2\n3\t4\n")
    person.key("Ctrl+V")
    assert person.message_text == "A signal has one row"
    assert image(person) == [1, 2, 3]


def test_one_number_without_a_selection_needs_a_cell(person):
    clipboard("7")
    person.key("Ctrl+V")
    assert person.message_text == "Click on a cell of the input or the kernel first"


def test_an_empty_clipboard_is_no_table(small):
    QGuiApplication.clipboard().clear()
    select(small, (0, 0))
    small.key("Ctrl+V")
    assert small.message_text.startswith("There are no numbers in the clipboard")


def test_a_table_with_words_is_refused_in_one_line(small):
    clipboard("a\tb\nc\td")
    select(small, (0, 0))
    small.key("Ctrl+V")
    assert small.message_text == (
        "What is in the clipboard cannot be pasted: line 1, column 1: 'a' is not a number"
    )
    assert image(small) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_one_pasted_number_fills_the_selection(small):
    clipboard("1/9\n")
    select(small, (0, 0), (0, 2))
    small.key("Ctrl+V")
    assert image(small)[0] == [1 / 9] * 3


@pytest.mark.parametrize(
    ("button", "expected"),
    [
        ("Enlarge the input to 4 × 4", [[1, 2, 3, 0], [4, 5, 6, 0], [7, 8, 1, 2], [0, 0, 3, 4]]),
        ("Paste what fits", [[1, 2, 3], [4, 5, 6], [7, 8, 1]]),
    ],
)
def test_a_block_without_room_is_asked_about(small, button, expected):
    clipboard("1\t2\n3\t4")
    select(small, (2, 2))
    small.key("Ctrl+V")
    assert small.message_text == (
        "The clipboard has 2 × 2 cells, from row 2, column 2 on there is room for 1 × 1."
    )
    small.press(small.message_button(button))
    assert image(small) == expected
    assert small.message_text is None
    small.key("Ctrl+Z")
    assert image(small) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


@pytest.mark.usefixtures("german")
def test_a_german_pastes_decimal_commas_and_points_stay_points(small):
    clipboard("0,5\n1.234")
    select(small, (0, 0))
    small.key("Ctrl+V")
    assert [row[0] for row in image(small)] == [0.5, 1.234, 7]


def test_counts_can_be_copied_but_not_changed(small):
    small.apply(transitions.set_use_counts, True)
    select(small, (0, 0), (0, 1))
    small.key("Ctrl+C")
    assert QGuiApplication.clipboard().text() == "1\t1\n"
    small.key("Ctrl+V")
    assert small.message_text.startswith("These are counts")
    assert not small.window.actions_by_name["cut"].isEnabled()


# Menus


def test_rows_and_columns_go_in_and_out_by_the_menu(small):
    select(small, (0, 0))
    actions = small.window.actions_by_name
    actions["insert-above"].trigger()
    assert image(small) == [[0, 0, 0], [1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert small.window._scene.input.detail.startswith("4 × 3")
    actions["insert-right"].trigger()
    assert image(small)[1] == [1, 0, 2, 3]
    actions["delete-columns"].trigger()
    actions["delete-rows"].trigger()
    small.key("Ctrl+Z", "Ctrl+Z", "Ctrl+Z", "Ctrl+Z")
    assert image(small) == [[1, 2, 3], [4, 5, 6], [7, 8, 9]]


def test_actions_on_cells_rest_where_no_cell_is_selected(person):
    actions = person.window.actions_by_name
    names = ["cut", "fill-down", "insert-above", "delete-columns"]
    fills = [f"fill-{name}" for name in FILLS]  # which take all of the input then
    assert not any(actions[name].isEnabled() for name in names)
    assert all(actions[name].isEnabled() for name in fills)
    person.click(person.stage.kernel, (0, 0))
    assert all(actions[name].isEnabled() for name in (*names, *fills))
    person.key("Alt+3")
    assert not any(actions[name].isEnabled() for name in (*names, *fills))


def test_the_context_menu_is_about_the_cell_under_the_mouse(small, monkeypatch):
    monkeypatch.setattr("PySide6.QtWidgets.QMenu.popup", lambda *_: None)
    pane = small.stage.input

    def ask(cell):
        point = small.point(pane, cell)
        reason = QContextMenuEvent.Reason.Mouse
        QApplication.sendEvent(pane, QContextMenuEvent(reason, point, pane.mapToGlobal(point)))

    select(small, (0, 0), (1, 1))
    ask((1, 0))
    assert small.session.selection.shape == (2, 2)
    ask((2, 2))
    assert small.session.selection == one_selected("input", (2, 2))


def test_a_fill_shows_at_once_and_has_a_name(small):
    select(small, (0, 0))
    small.window.actions_by_name["fill-checkerboard"].trigger()
    assert image(small) == [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    assert undo_text(small) == "Undo Checkerboard: 3 × 3 cells of the input"


def test_empty_cells_that_were_pasted_are_told(small):
    clipboard("7\t\n\t8")
    select(small, (0, 0))
    small.key("Ctrl+V")
    assert image(small) == [[7, 0, 3], [0, 8, 6], [7, 8, 9]]
    assert small.message_text == "2 empty cells of the clipboard became 0"
    clipboard("1\t\t\t4")
    small.key("Ctrl+V")
    assert small.message_text.startswith("2 empty cells of the clipboard became 0. The clipboard")
    assert small.message_button("Enlarge the input")


# Typing through a block


def test_return_and_tab_walk_through_the_block_that_is_selected(small):
    select(small, (0, 0), (1, 1))
    for number, key in (("10", "Return"), ("20", "Return"), ("30", "Return"), ("40", "Tab")):
        small.type(number)
        small.key(key)
    assert image(small) == [[10, 30, 3], [20, 40, 6], [7, 8, 9]]
    selection = small.session.selection
    assert (selection.rows, selection.columns) == (range(2), range(2))
    assert selection.cursor == (0, 0)
    small.type("5")
    small.key("Shift+Return")
    assert small.session.selection.cursor == (1, 1)
    assert small.session.selection.shape == (2, 2)


def test_an_arrow_leaves_the_block_and_shift_selects_anew_from_the_cursor(small):
    select(small, (0, 0), (1, 1))
    small.type("10")
    small.key("Tab", "Shift+Down", "Shift+Down")
    assert small.session.selection.rows == range(3)
    assert small.session.selection.columns == range(1, 2)
    small.key("Right")
    assert small.session.selection == one_selected("input", (0, 2))


@pytest.mark.parametrize(
    ("last", "key", "made"),
    [
        ((0, 2), "Ctrl+Shift+R", [[1, 2, 3], [4, 5, 6], [7, 8, 9]]),
        ((2, 0), "Ctrl+Shift+D", [[1, 2, 9], [4, 5, 6], [7, 8, 9]]),
    ],
)
def test_a_series_goes_on_by_a_key(small, last, key, made):
    small.apply(changes.set_cell, "input", (0, 2), 9.0)
    small.apply(changes.set_cell, "input", (2, 0), 9.0)
    select(small, (0, 0), last)
    small.key(key)
    expected = np.array(made, float)
    expected[2, 0] = 7 if "D" in key else 9
    assert image(small) == expected.tolist()
    assert undo_text(small).startswith("Undo Series of 1 × 3" if "R" in key else "Undo Series of 3")

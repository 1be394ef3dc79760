"""Blocks of cells: every change of a spreadsheet, its name for undo, and what is refused."""

from dataclasses import replace

import numpy as np
import pytest
from small_sessions import at, session

from convviz.engine.fills import FILLS
from convviz.engine.layers import Activation, Conv, Pool
from convviz.model import cell_changes, changes, pages, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document
from convviz.model.session import Selection, Session, one_selected


def counted(rows=3, columns=4):
    """A session with cells 1, 2, 3, ... under a kernel of 2 x 2."""
    image = np.arange(1.0, rows * columns + 1).reshape(1, rows, columns)
    return Session(Document(image, "own", (Conv(np.ones((1, 1, 2, 2)), [0.0]),)))


def selecting(now, first, last, pane="input"):
    return transitions.extend(transitions.select(now, at(pane, *first)), at(pane, *last))


def cells(now, pane="input"):
    return (now.document.image if pane == "input" else now.conv.weight[0])[0].tolist()


def undone(now):
    return now.history.past[-1].name, cells(changes.undo(now))


# Selecting


@pytest.mark.parametrize(
    ("cursor", "end", "rows", "columns"),
    [
        ((1, 1), (2, 3), range(1, 3), range(1, 4)),
        ((2, 3), (1, 1), range(1, 3), range(1, 4)),
        ((0, 2), (2, 2), range(3), range(2, 3)),
    ],
)
def test_a_selection_goes_from_the_cursor_to_any_other_corner(cursor, end, rows, columns):
    selection = selecting(counted(), cursor, end).selection
    assert (selection.cursor, selection.end) == (cursor, end)
    assert (selection.rows, selection.columns) == (rows, columns)


def test_a_selection_ends_with_the_grid():
    assert selecting(counted(), (1, 1), (99, -4)).selection == Selection("input", (1, 1), (2, 0))
    beyond = transitions.select(counted(), at("input", 0, 4))  # as the very edge of a grid is
    assert beyond.selection == one_selected("input", (0, 3))


def test_all_of_the_grid_with_the_cursor_is_selected():
    assert transitions.select_all(counted()).selection.shape == (3, 4)
    now = transitions.select(counted(), at("kernel", 1, 1))
    assert transitions.select_all(now).selection.shape == (2, 2)


def test_escape_leaves_the_cursor_alone_before_it_goes():
    now = transitions.escape(selecting(counted(), (1, 1), (2, 3)))
    assert now.selection == one_selected("input", (1, 1))
    assert transitions.escape(now).selection is None


def test_a_grid_that_shrinks_keeps_what_is_left_of_the_selection():
    now = selecting(counted(), (0, 1), (2, 3))
    smaller = changes.changed(now, replace(now.document, image=np.ones((1, 2, 2))), "smaller")
    assert smaller.selection == Selection("input", (0, 1), (1, 1))


@pytest.mark.parametrize("workspace", ["convolve", "layers"])
def test_size_sum_and_mean_of_what_is_selected_are_told(workspace):
    now = pages.show_workspace(selecting(counted(), (0, 0), (1, 2)), workspace)
    told = "2 × 3 cells selected: sum = 24, mean = 4"
    assert derive_scene(now).status == (told if workspace == "convolve" else "")
    over = transitions.hover(now, at("input", 0, 1))
    assert derive_scene(over).status.startswith("input row 0, column 1 = 2, used")
    one = transitions.select(now, at("input", 0, 0))
    assert derive_scene(one).status == ""


def test_the_places_that_are_marked_take_padding_into_account():
    now = changes.set_padding(selecting(counted(), (0, 1), (1, 2)), ((1, 1), (2, 2)))
    marked = derive_scene(now).input.selected
    assert (marked.cells.rows, marked.cells.columns) == ((1, 2), (3, 4))
    assert marked.cursor == (1, 3)


# Numbers


def test_one_number_fills_what_is_selected_and_nothing_else():
    now = cell_changes.fill(selecting(counted(), (0, 1), (1, 2)), 0.5)
    assert cells(now) == [[1, 0.5, 0.5, 4], [5, 0.5, 0.5, 8], [9, 10, 11, 12]]
    assert undone(now) == ("Fill 2 × 2 cells of the input", cells(counted()))


def test_the_number_of_the_cursor_fills_what_is_selected():
    now = cell_changes.fill_with_cursor(selecting(counted(), (1, 2), (0, 1)))
    assert cells(now)[0] == [1, 7, 7, 4]
    assert cells(now)[1] == [5, 7, 7, 8]


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (cell_changes.clear, "Clear 2 × 2 cells of the kernel"),
        (cell_changes.cut, "Cut 2 × 2 cells of the kernel"),
    ],
)
def test_cells_become_zeros(change, name):
    now = change(selecting(counted(), (0, 0), (1, 1), "kernel"))
    assert cells(now, "kernel") == [[0, 0], [0, 0]]
    assert now.history.past[-1].name == name


def test_one_cell_is_named_by_its_place():
    now = cell_changes.clear(transitions.select(counted(), at("input", 1, 2)))
    assert now.history.past[-1].name == "Clear input cell 1, 2"


@pytest.mark.parametrize(
    ("axis", "first", "last", "expected"),
    [
        (0, (0, 0), (2, 1), [[1, 2, 3, 4], [1, 2, 7, 8], [1, 2, 11, 12]]),
        (1, (0, 1), (1, 3), [[1, 2, 2, 2], [5, 6, 6, 6], [9, 10, 11, 12]]),
        (0, (2, 0), (2, 1), [[1, 2, 3, 4], [5, 6, 7, 8], [5, 6, 11, 12]]),
        (1, (0, 3), (1, 3), [[1, 2, 3, 3], [5, 6, 7, 7], [9, 10, 11, 12]]),
    ],
)
def test_the_first_row_or_column_is_repeated(axis, first, last, expected):
    now = cell_changes.copy_along(selecting(counted(), first, last), axis)
    assert cells(now) == expected
    assert now.history.past[-1].name.endswith(("down", "right")[axis])


def test_there_is_nothing_above_the_first_row_to_repeat():
    now = selecting(counted(), (0, 0), (0, 2))
    assert cell_changes.copy_along(now, 0).document is now.document


@pytest.mark.parametrize(
    ("line", "more"),
    [
        ([1, 2], [3, 4, 5]),
        ([0.1, 0.2, 0.3], [0.4, 0.5, 0.6]),
        ([9, 6, 3], [0, -3, -6]),
        ([5], [5, 5, 5]),
        ([1, 2, 4], [1, 2, 4]),
        ([7, 7], [7, 7, 7]),
    ],
)
def test_numbers_in_equal_steps_go_on_and_others_are_repeated(line, more):
    block = np.array([line], float)
    assert cell_changes.continued(block, len(line) + 3, 1).tolist() == [line + more]
    assert cell_changes.continued(block.T, len(line) + 3, 0).T.tolist() == [line + more]


@pytest.mark.parametrize(
    ("reach", "expected", "selected"),
    [
        ((2, 1), [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]], (3, 2)),
        ((1, 3), [[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12]], (2, 4)),
    ],
)
def test_a_fill_goes_as_far_as_its_handle_is_dragged(reach, expected, selected):
    spoilt = cell_changes.fill(selecting(counted(), (2, 2), (2, 3)), 0.0)
    now = transitions.reach(selecting(spoilt, (0, 0), (1, 1)), reach)
    filled = cell_changes.fill_to_reach(now)
    rows, columns = filled.selection.rows, filled.selection.columns
    block = np.ix_(rows, columns)
    assert np.array(cells(filled))[block].tolist() == np.array(expected)[block].tolist()
    assert filled.selection.shape == selected
    assert filled.selection.reach is None


def test_a_handle_that_comes_back_fills_nothing():
    now = transitions.reach(selecting(counted(), (0, 0), (1, 1)), (0, 1))
    after = cell_changes.fill_to_reach(now)
    assert after.document is now.document
    assert after.selection.reach is None


# Blocks from outside


def test_a_block_goes_where_the_selection_begins_and_is_one_step_of_undo():
    now = cell_changes.paste(selecting(counted(), (2, 3), (1, 2)), np.array([[0.1, 0.2], [3, 4]]))
    assert cells(now) == [[1, 2, 3, 4], [5, 6, 0.1, 0.2], [9, 10, 3, 4]]
    assert undone(now) == ("Paste 2 × 2 into input", cells(counted()))
    assert now.selection == Selection("input", (1, 2), (2, 3))


def test_one_number_is_pasted_into_every_selected_cell():
    now = cell_changes.paste(selecting(counted(), (0, 0), (1, 1)), np.array([[8.0]]))
    assert cells(now)[:2] == [[8, 8, 3, 4], [8, 8, 7, 8]]


def test_a_block_that_is_too_large_is_asked_about():
    now = transitions.select(counted(), at("input", 2, 3))
    asked = cell_changes.paste(now, np.full((3, 2), 7.0))
    assert asked.document is now.document
    assert asked.message.text == (
        "The clipboard has 3 × 2 cells, from row 2, column 3 on there is room for 1 × 1."
    )
    larger, part = asked.message.choices
    assert larger.label == "Enlarge the input to 5 × 5"
    enlarged = cell_changes.paste_enlarging(asked, larger.argument)
    assert enlarged.document.image.shape == (1, 5, 5)
    assert cells(enlarged)[2:] == [[9, 10, 11, 7, 7], [0, 0, 0, 7, 7], [0, 0, 0, 7, 7]]
    assert undone(enlarged) == ("Paste 3 × 2 into input", cells(counted()))
    assert part.label == "Paste what fits"
    fitting = cell_changes.paste_fitting(asked, part.argument)
    assert cells(fitting)[2] == [9, 10, 11, 7]
    assert fitting.history.past[-1].name == "Paste 1 × 1 into input"


def test_a_kernel_is_not_enlarged_beyond_what_its_fields_can_show():
    now = transitions.select(counted(), at("kernel", 0, 0))
    labels = [c.label for c in cell_changes.paste(now, np.ones((32, 1))).message.choices]
    assert labels == ["Paste what fits"]


def test_a_kernel_grows_for_all_pairs_of_channels():
    weight = np.arange(16.0).reshape(2, 2, 2, 2)
    now = Session(Document(np.ones((2, 6, 6)), "own", (Conv(weight),)))
    now = transitions.select(now, at("kernel", 0, 0))
    (larger, _) = cell_changes.paste(now, np.full((3, 3), 9.0)).message.choices
    grown = cell_changes.paste_enlarging(now, larger.argument).conv.weight
    assert grown.shape == (2, 2, 3, 3)
    assert grown[0, 0].tolist() == [[9] * 3] * 3
    assert grown[1, 1].tolist() == [[12, 13, 0], [14, 15, 0], [0, 0, 0]]


def test_a_column_is_pasted_into_a_signal_as_its_row():
    now = transitions.select(session((5,), (2,)), at("input", 0, 1))
    pasted = cell_changes.paste(now, np.array([[7.0], [8.0]]))
    assert pasted.document.image[0, 1:3].tolist() == [7, 8]


def test_a_block_of_rows_is_cut_to_the_one_that_a_signal_has():
    now = transitions.select(session((5,), (2,)), at("input", 0, 0))
    asked = cell_changes.paste(now, np.ones((2, 2)))
    assert [choice.label for choice in asked.message.choices] == ["Paste what fits"]
    pasted = cell_changes.paste_fitting(asked, asked.message.choices[0].argument)
    assert pasted.document.image[0, :2].tolist() == [1, 1]


def test_a_block_for_a_grid_that_is_gone_is_refused_with_a_sentence():
    now = transitions.select(counted(), at("input", 2, 3))
    block = cell_changes.Block("input", (9, 9), np.ones((2, 2)))
    told = cell_changes.paste_fitting(now, block)
    assert told.message.text == "The input has no such cells any more"
    assert told.document is now.document


def test_numbers_that_float32_cannot_hold_are_kept_whole():
    image = np.ones((1, 3, 3), np.float32)
    now = Session(replace(counted().document, image=image))
    now = cell_changes.fill(transitions.select(now, at("input", 0, 0)), 1e300)
    assert now.document.image[0, 0, 0] == 1e300


# Rows and columns


@pytest.mark.parametrize(
    ("axis", "after", "first", "shape", "zeros", "selected"),
    [
        (0, False, (0, 0), (4, 4), np.s_[0], (0, 0)),
        (0, True, (2, 1), (4, 4), np.s_[3], (3, 1)),
        (1, False, (1, 2), (3, 5), np.s_[:, 2], (1, 2)),
        (1, True, (1, 3), (3, 5), np.s_[:, 4], (1, 4)),
    ],
)
def test_a_row_or_column_of_zeros_is_put_in(axis, after, first, shape, zeros, selected):
    now = cell_changes.insert(transitions.select(counted(), at("input", *first)), axis, after)
    image = now.document.image[0]
    assert image.shape == shape
    assert not image[zeros].any()
    assert image.sum() == 78
    assert now.selection.cursor == selected
    assert undone(now) == (f"Insert {('row', 'column')[axis]} into input", cells(counted()))


def test_as_many_rows_are_put_in_as_are_selected():
    now = cell_changes.insert(selecting(counted(6), (0, 0), (1, 1), "kernel"), 0, True)
    assert cells(now, "kernel") == [[1, 1], [1, 1], [0, 0], [0, 0]]
    assert now.history.past[-1].name == "Insert 2 rows into kernel"


def test_rows_and_columns_are_taken_out():
    now = cell_changes.delete(selecting(counted(), (1, 0), (1, 3)), 0)
    assert cells(now) == [[1, 2, 3, 4], [9, 10, 11, 12]]
    now = cell_changes.delete(selecting(counted(), (0, 3), (0, 3)), 1)
    assert cells(now) == [[1, 2, 3], [5, 6, 7], [9, 10, 11]]
    assert now.selection == one_selected("input", (0, 2))
    assert now.history.past[-1].name == "Delete column of input"


@pytest.mark.parametrize(("pane", "last"), [("input", (2, 3)), ("kernel", (1, 1))])
@pytest.mark.parametrize("axis", [0, 1])
def test_the_last_row_or_column_stays(pane, last, axis):
    now = selecting(counted(), (0, 0), last, pane)
    told = cell_changes.delete(now, axis)
    assert told.document is now.document
    assert told.message.text == f"One {('row', 'column')[axis]} of the {pane} must stay"


def test_a_kernel_stops_growing_where_its_fields_do():
    now = changes.set_kernel_size(counted(31, 31), (31, 31))
    told = cell_changes.insert(transitions.select(now, at("kernel", 0, 0)), 0, False)
    assert told.message.text == "A kernel has at most 31 rows"
    assert told.document is now.document


def test_a_signal_has_one_row():
    now = transitions.select(session((5,), (2,)), at("input", 0, 1))
    assert cell_changes.insert(now, 0, False).message.text == "A signal has one row"
    assert cell_changes.insert(now, 1, True).document.image.shape == (1, 6)


def test_an_input_that_has_no_room_for_the_kernel_any_more_is_explained():
    now = cell_changes.delete(selecting(counted(), (1, 0), (2, 0)), 0)
    assert now.problem.sentence.startswith("the kernel spans 2 cells")
    assert cells(now) == cells(counted())


def test_all_channels_get_a_new_row():
    now = Session(Document(np.ones((3, 4, 4)), "own", (Conv(np.ones((1, 3, 2, 2))),)))
    now = cell_changes.insert(transitions.select(now, at("input", 1, 1)), 0, False)
    assert now.document.image.shape == (3, 5, 4)
    assert not now.document.image[:, 1].any()


# Fills


@pytest.mark.parametrize("name", [name for name, fill in FILLS.items() if not fill.turns])
def test_a_fill_changes_what_is_selected_and_undo_brings_it_back(name):
    now = selecting(counted(), (0, 0), (1, 2))
    filled = cell_changes.fill_by(now, name)
    values = filled.document.image[0]
    assert filled.history.past[-1].name == f"{FILLS[name].title}: 2 × 3 cells of the input"
    assert values[2].tolist() == [9, 10, 11, 12]
    assert values[:, 3].tolist() == [4, 8, 12]
    assert (values[:2, :3] != [[1, 2, 3], [5, 6, 7]]).any()
    assert cells(changes.undo(filled)) == cells(counted())


def test_a_fill_takes_all_of_the_grid_where_one_cell_is_selected():
    now = cell_changes.fill_by(transitions.select(counted(), at("input", 1, 1)), "scale")
    assert (now.document.image.min(), now.document.image.max()) == (0, 1)
    assert now.history.past[-1].name == "Scale to 0..1: 3 × 4 cells of the input"


def test_without_a_selection_a_fill_takes_all_of_the_input():
    now = cell_changes.fill_by(counted(), "checkerboard")
    assert now.document.image[0].tolist() == [[1, 0, 1, 0], [0, 1, 0, 1], [1, 0, 1, 0]]
    assert now.selection is None


def test_a_grid_that_is_no_square_is_turned_as_a_whole_and_turned_back():
    now = selecting(counted(), (0, 0), (2, 3))
    turned = cell_changes.fill_by(now, "turn")
    assert turned.document.image[0].tolist() == [[9, 5, 1], [10, 6, 2], [11, 7, 3], [12, 8, 4]]
    assert turned.history.past[-1].name == "Turn by 90°: input"
    for _ in range(3):
        turned = cell_changes.fill_by(replace(turned, selection=None), "turn")
    assert cells(turned) == cells(counted())


def test_a_square_turns_where_it_is_and_other_blocks_say_that_they_cannot():
    square = cell_changes.fill_by(selecting(counted(), (0, 0), (1, 1)), "turn")
    assert square.document.image[0, :2].tolist() == [[5, 1, 3, 4], [6, 2, 7, 8]]
    told = cell_changes.fill_by(selecting(counted(), (0, 0), (1, 2)), "turn")
    assert told.message.text.startswith("2 × 3 cells cannot be turned in place")
    assert told.document is counted().document or cells(told) == cells(counted())


@pytest.mark.parametrize(
    ("axis", "last"),
    [(1, (0, 3)), (0, (2, 0))],
)
def test_a_series_goes_on_with_the_steps_of_its_first_two_numbers(axis, last):
    now = changes.set_cell(counted(), "input", (0, 1), 0.5)
    made = cell_changes.continue_series(selecting(now, (0, 0), last), axis)
    values = made.document.image[0]
    assert values[0].tolist() == ([1, 0.5, 0, -0.5] if axis else [1, 0.5, 3, 4])
    assert values[:, 0].tolist() == [1, 5, 9]
    assert made.selection.shape == (len(range(last[0] + 1)), last[1] + 1)


def test_a_series_of_less_than_three_says_what_it_needs():
    told = cell_changes.continue_series(selecting(counted(), (0, 0), (1, 1)), 1)
    assert told.message.text == "Select three columns or more: the first two begin the series"


def test_random_fills_are_the_same_again_and_differ_from_one_to_the_next():
    now = transitions.select_all(counted())
    first = cell_changes.fill_by(now, "uniform")
    assert cells(first) == cells(cell_changes.fill_by(now, "uniform"))
    assert cells(first) != cells(cell_changes.fill_by(first, "uniform"))


@pytest.mark.parametrize("value", [1e308, -1e308])
def test_a_fill_of_huge_numbers_fails_with_a_sentence(value):
    image = np.array([[[value, -value, 0], [0, 0, 0], [0, 0, 0]]])
    identity = np.array([[[[0.0, 0.0], [0.0, 1e-3]]]])
    now = transitions.select_all(Session(Document(image, "own", (Conv(identity),))))
    told = cell_changes.fill_by(now, "invert")
    assert told.message.text == "The numbers would become too large"
    assert told.document is now.document


# What cannot be changed says why

WAYS = {
    "fill": (cell_changes.fill, 1.0),
    "clear": (cell_changes.clear,),
    "paste": (cell_changes.paste, np.ones((2, 2))),
    "down": (cell_changes.copy_along, 0),
    "insert": (cell_changes.insert, 0, False),
    "delete": (cell_changes.delete, 1),
    "series": (cell_changes.continue_series, 0),
}


@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize(
    ("layer", "pane", "reason"),
    [
        (1, "input", "Layers before this one"),
        (1, "kernel", "An activation has no weights"),
        (2, "kernel", "A pooling window has no weights"),
        (0, None, "Click on a cell"),
    ],
)
def test_read_only_cells_say_why(way, layer, pane, reason):
    stack = (*counted().document.layers, Activation("relu"), Pool("max", 1))
    now = Session(replace(counted().document, layers=stack), layer=layer)
    now = transitions.select(now, at(pane, 0, 0) if pane else None)
    change, *arguments = WAYS[way]
    told = change(now, *arguments)
    assert told.message.text.startswith(reason)
    assert told.document is now.document


def test_a_setting_that_does_not_fit_is_taken_back_by_a_change_of_cells():
    now = changes.set_dilation(transitions.select(counted(), at("kernel", 0, 0)), (9, 9))
    assert now.problem
    now = cell_changes.fill(now, 5.0)
    assert now.problem is None
    assert now.conv.dilation == (1, 1)
    assert cells(now, "kernel") == [[5, 1], [1, 1]]

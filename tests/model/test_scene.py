"""All that is shown of a session, as tables."""

import numpy as np
import pytest
from small_sessions import at, counted, session

from convviz.engine.convolve import conv
from convviz.engine.layers import Conv, Pool
from convviz.model import changes, transitions
from convviz.model.derive import derive_scene
from convviz.model.deriving.facts import kernel_facts
from convviz.model.document import Document, compute
from convviz.model.scene import CellSet, Scale, scale_of
from convviz.model.session import Playhead, Session, Target, new_session


def text(line):
    return "".join(token.text for token in line)


def size_text(size):
    return " ".join(" ".join([*map(text, size.lines), size.result]).split())


def cells(found):
    return None if found is None else {(r, c) for r in found.rows for c in found.columns}


def lit(rows, columns):
    return {(row, column) for row in rows for column in columns}


def test_the_program_opens_with_the_letter_under_sobel():
    scene = derive_scene(new_session())
    assert (scene.title, scene.place) == ("Letter H ∗ Sobel x", "row 7, column 4")
    assert scene.caption.startswith("Left minus right")  # flipped: a convolution
    assert (scene.input.title, scene.input.detail) == ("Input", "16 × 16  +1 padding")
    assert (scene.kernel.grid.title, scene.kernel.grid.detail) == ("Kernel", "3 × 3")
    assert (scene.output.title, scene.output.detail) == ("Feature map", "16 × 16")
    assert scene.dot.title == "Dot product at row 7, column 4"
    assert scene.dot.detail == "step 117 of 256"
    assert (scene.step, scene.step_count, scene.status) == (116, 256, "")
    assert scene.kernel.facts == (
        "Σ weights = 0",
        "flat areas vanish",
        "rank 1: 6 of 9 products",
        "[1 2 1]ᵀ · [−1 0 1]",
    )
    assert size_text(scene.size) == "⌊(16 − 3 + 2·1) / 1⌋ + 1 = 16 feature map 16 × 16"
    assert scene.size.cost == "256 steps · 9 products each"
    assert scene.size.notes == ()


# Where the window is


@pytest.mark.parametrize(
    ("settings", "step", "rows", "columns", "current"),
    [
        ({}, 0, (0, 1), (0, 1, 2), (0, 0)),
        ({}, 5, (1, 2), (1, 2, 3), (1, 1)),
        ({"stride": 2}, 3, (2, 3), (2, 3, 4), (1, 1)),
        ({"dilation": 2}, 1, (0, 2), (1, 3, 5), (0, 1)),
        ({"dilation": (1, 2), "stride": (3, 1)}, 3, (3, 4), (1, 3, 5), (1, 1)),
        ({"padding": 1}, 0, (0, 1), (0, 1, 2), (0, 0)),
        ({"padding": ((0, 0), (2, 1))}, 7, (1, 2), (0, 1, 2), (1, 0)),
    ],
)
def test_the_window_lies_where_the_step_says(settings, step, rows, columns, current):
    scene = derive_scene(session((5, 6), (2, 3), step=step, **settings))
    assert scene.input.window == CellSet(rows, columns)
    assert scene.output.current == current
    window = scene.input.cells.values[np.ix_(rows, columns)]
    assert np.array_equal(scene.dot.window.cells.values, window)
    assert np.array_equal(scene.dot.products.cells.values, window * scene.dot.weight.cells.values)


@pytest.mark.parametrize(
    ("settings", "detail", "padding", "unread"),
    [
        ({}, "5 × 6", ((0, 0), (0, 0)), (0, 0)),
        ({"padding": 2}, "5 × 6  +2 padding", ((2, 2), (2, 2)), (0, 0)),
        ({"padding": ((1, 0), (0, 2))}, "5 × 6  +↑1 →2 padding", ((1, 0), (0, 2)), (0, 0)),
        ({"padding": ((1, 1), (2, 2))}, "5 × 6  +↑1 ↓1 ←2 →2 padding", ((1, 1), (2, 2)), (0, 0)),
        ({"padding": "same"}, "5 × 6  +↓1 ←1 →1 padding", ((0, 1), (1, 1)), (0, 0)),
        ({"padding": "same", "flip": True}, "5 × 6  +↑1 ←1 →1 padding", ((1, 0), (1, 1)), (0, 0)),
        ({"stride": 2}, "5 × 6", ((0, 0), (0, 0)), (1, 1)),
        ({"stride": (3, 2)}, "5 × 6", ((0, 0), (0, 0)), (0, 1)),
    ],
)
def test_padding_and_cells_that_nothing_reads_are_marked(settings, detail, padding, unread):
    scene = derive_scene(session((5, 6), (2, 3), **settings))
    assert scene.input.detail == detail
    assert (scene.input.cells.padding, scene.input.cells.unread) == (padding, unread)
    (above, below), (before, after) = padding
    assert scene.input.cells.shape == (5 + above + below, 6 + before + after)
    inner = scene.input.cells.values[above : above + 5, before : before + 6]
    assert np.array_equal(inner, counted((5, 6)))


@pytest.mark.parametrize(
    ("mode", "first_row"),
    [
        ("zeros", [0, 0, 0, 0, 0]),
        ("reflect", [5, 4, 5, 6, 5]),
        ("symmetric", [1, 1, 2, 3, 3]),
        ("circular", [9, 7, 8, 9, 7]),
        ("replicate", [1, 1, 2, 3, 3]),
        ("constant", [8, 8, 8, 8, 8]),
    ],
)
def test_padding_shows_what_it_holds(mode, first_row):
    now = session((3, 3), (3, 3), padding=1, padding_mode=mode, padding_value=8.0)
    assert derive_scene(now).input.cells.values[0].tolist() == first_row


# What the mouse lights


@pytest.mark.parametrize(
    ("target", "settings", "expected"),
    [
        (at("input", 0, 0), {}, lit([0], [0])),
        (at("input", 2, 2), {}, lit([1, 2], [0, 1, 2])),
        (at("input", 2, 2), {"stride": 2}, lit([1], [0, 1])),
        (at("input", 2, 2), {"padding": 1}, lit([2, 3], [1, 2, 3])),
        (at("input", 0, 0), {"padding": 1, "padding_mode": "circular"},
         lit([0, 1, 5], [0, 1, 5])),
        (at("input", 4, 5), {"stride": 2}, set()),
    ],
)  # fmt: skip
def test_an_input_cell_lights_the_outputs_that_use_it(target, settings, expected):
    now = transitions.hover(session((5, 6), (2, 3), **settings), target)
    scene = derive_scene(now)
    assert cells(scene.output.lit) == expected
    (above, _), (before, _) = scene.input.cells.padding
    assert cells(scene.input.lit) == {(target.cell[0] + above, target.cell[1] + before)}
    changed = changes.set_cell(now, "input", target.cell, 1000.0)
    other = derive_scene(changed).output.cells.values != scene.output.cells.values
    assert set(zip(*map(list, other.nonzero()), strict=True)) == expected


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize(
    ("settings", "rows", "columns"),
    [
        ({}, (0, 1, 2, 3), (2, 3, 4, 5)),
        ({"stride": 2}, (0, 2), (2, 4)),
        ({"padding": 1}, (0, 1, 2, 3, 4, 5), (2, 3, 4, 5, 6, 7)),
    ],
)
def test_a_weight_lights_every_cell_that_it_multiplies(settings, rows, columns, flip):
    """Weight (0, 2) as it slides stands at (1, 0) of a kernel that is flipped."""
    target = at("kernel", 1, 0) if flip else at("kernel", 0, 2)
    now = transitions.hover(session((5, 6), (2, 3), flip=flip, **settings), target)
    scene = derive_scene(now)
    assert cells(scene.input.lit) == lit(rows, columns)
    assert cells(scene.kernel.grid.lit) == {target.cell}
    assert scene.output.lit is None


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("pane", ["window", "weight", "products"])
def test_a_product_lights_its_cell_and_its_weight(pane, flip):
    kernel = counted((2, 3))
    now = session((5, 6), kernel, flip=flip, step=6, dilation=(1, 2))
    scene = derive_scene(transitions.hover(now, at(pane, 1, 0)))
    for grid in (scene.dot.window, scene.dot.weight, scene.dot.products):
        assert cells(grid.lit) == {(1, 0)}
    (place,) = cells(scene.input.lit)
    assert scene.input.cells.values[place] == scene.dot.window.cells.values[1, 0]
    (place,) = cells(scene.kernel.grid.lit)
    assert kernel[place] == scene.dot.weight.cells.values[1, 0]


@pytest.mark.parametrize("term", range(6))
def test_the_product_being_formed_is_lit_in_every_grid(term):
    now = session((5, 6), counted((2, 3)), flip=True, step=1, term=term)
    scene = derive_scene(now)
    assert cells(scene.dot.products.lit) == {divmod(term, 3)}
    assert cells(scene.input.lit) == {(term // 3, 1 + term % 3)}
    assert cells(scene.kernel.grid.lit) == {(1 - term // 3, 2 - term % 3)}
    assert [t.lit for t in scene.dot.equation.terms] == [i == term for i in range(6)]


@pytest.mark.parametrize("term", [6, 7])
def test_bias_and_activation_light_no_product(term):
    now = session((5, 6), (2, 3), bias=[1.0], activation="relu", term=term)
    scene = derive_scene(now)
    assert scene.dot.products.lit is scene.input.lit is scene.kernel.grid.lit is None


@pytest.mark.parametrize(
    ("target", "input_cell", "kernel_cell"),
    [
        (None, None, None),
        (at("input", 1, 2), (2, 3), None),
        (at("kernel", 1, 2), None, (1, 2)),
    ],
)
def test_the_cell_cursor_stands_where_it_was_put(target, input_cell, kernel_cell):
    scene = derive_scene(transitions.select(session((5, 6), (2, 3), padding=1), target))
    grids = (scene.input, scene.kernel.grid)
    cursors = [grid.selected.cursor if grid.selected else None for grid in grids]
    assert cursors == [input_cell, kernel_cell]


# What is known so far


@pytest.mark.parametrize(
    ("step", "term", "revealed", "pending", "detail"),
    [
        (0, None, 1, False, "step 1 of 12"),
        (0, 0, 0, True, "step 1 of 12 · product 1 of 4"),
        (5, None, 6, False, "step 6 of 12"),
        (5, 2, 5, True, "step 6 of 12 · product 3 of 4"),
        (5, 3, 6, False, "step 6 of 12 · product 4 of 4"),
        (11, None, 12, False, "step 12 of 12"),
    ],
)
def test_output_cells_are_dots_until_their_products_are_added(
    step, term, revealed, pending, detail
):
    scene = derive_scene(session((4, 5), (2, 2), step=step, term=term))
    assert (scene.output.revealed, scene.output.pending) == (revealed, pending)
    assert scene.dot.detail == detail
    assert scene.dot.products.revealed == (None if term is None else term + 1)


@pytest.mark.parametrize(("term", "pending"), [(3, True), (4, True), (5, False)])
def test_an_output_cell_waits_for_bias_and_activation(term, pending):
    now = session((4, 5), (2, 2), bias=[1.0], activation="relu", term=term)
    assert derive_scene(now).output.pending is pending


def test_the_whole_map_can_be_shown_at_once():
    now = transitions.set_whole_map(session((4, 5), (2, 2)), True)
    assert derive_scene(now).output.revealed is None


def test_looking_elsewhere_reveals_nothing():
    now = session((4, 5), (2, 2), step=5, term=1)
    assert derive_scene(now).output.revealed == 5
    elsewhere = derive_scene(transitions.hover(now, at("output", 2, 3)))
    assert (elsewhere.output.revealed, elsewhere.output.current) == (5, (2, 3))
    assert elsewhere.output.pending is False


# The output size


@pytest.mark.parametrize(
    ("image", "kernel", "settings", "formula", "notes"),
    [
        ((28, 28), (3, 3), {"stride": 2}, "⌊(28 − 3 + 2·0) / 2⌋ + 1 = 13 feature map 13 × 13",
         ["28 − 3 is no multiple of 2: the last cell is never read"]),
        ((16, 16), (3, 3), {"padding": 1},
         "⌊(16 − 3 + 2·1) / 1⌋ + 1 = 16 feature map 16 × 16", []),
        ((6, 6), (3, 3), {"padding": "same", "stride": 2},
         "⌊(6 − 3 + (0 + 1)) / 2⌋ + 1 = 3 feature map 3 × 3", []),
        ((5, 9), (3, 3), {"stride": (1, 4)},
         "↓ ⌊(5 − 3 + 2·0) / 1⌋ + 1 = 3 → ⌊(9 − 3 + 2·0) / 4⌋ + 1 = 2 feature map 3 × 2",
         ["→ 9 − 3 is no multiple of 4: the last 2 cells are never read"]),
        ((9, 9), (3, 3), {"dilation": 2}, "⌊(9 − 5 + 2·0) / 1⌋ + 1 = 5 feature map 5 × 5",
         ["dilation 2 spreads 3 weights over 2·(3 − 1) + 1 = 5 cells"]),
        ((9, 8), (3, 3), {"dilation": 2, "stride": 2},
         "↓ ⌊(9 − 5 + 2·0) / 2⌋ + 1 = 3 → ⌊(8 − 5 + 2·0) / 2⌋ + 1 = 2 feature map 3 × 2",
         ["↓ dilation 2 spreads 3 weights over 2·(3 − 1) + 1 = 5 cells",
          "→ dilation 2 spreads 3 weights over 2·(3 − 1) + 1 = 5 cells",
          "→ 8 − 5 is no multiple of 2: the last cell is never read"]),
    ],
)  # fmt: skip
def test_the_output_size_is_written_with_its_numbers(image, kernel, settings, formula, notes):
    size = derive_scene(session(image, kernel, **settings)).size
    assert size_text(size) == formula
    assert list(size.notes) == notes


@pytest.mark.parametrize("kernel", [(1, 1), (2, 3), (3, 3), (4, 2)])
@pytest.mark.parametrize("settings", [{}, {"stride": 3}, {"padding": "same", "stride": 2},
                                      {"dilation": 2, "padding": ((1, 3), (0, 2))}])  # fmt: skip
def test_the_written_size_is_right_when_it_is_worked_out(kernel, settings):
    now = session((9, 10), kernel, **settings)
    sizes = now.output_size
    lines = [text(line) for line in derive_scene(now).size.lines]
    assert len(lines) == 2 or sizes[0] == sizes[1]
    for line, size in zip(lines, sizes, strict=False):
        formula, _, shown = line.lstrip("↓→ ").partition(" = ")
        numerator, rest = formula.removeprefix("⌊(").split(") / ")
        stride, one = rest.split("⌋ + ")
        terms = numerator.replace("− ", "+ -").replace("·", "*").split(" + ", 2)
        assert sum(map(worked_out, terms)) // int(stride) + int(one) == size
        assert shown in ("", str(size))


def worked_out(part):
    part = part.strip("()")
    if "*" in part:
        left, right = part.split("*")
        return int(left) * int(right)
    return sum(map(int, part.split(" + ")))


@pytest.mark.parametrize(
    ("image", "kernel", "cost"),
    [
        ((5, 5), (3, 3), "9 steps · 9 products each"),
        ((3, 3), (3, 3), "1 step · 9 products each"),
        ((3, 3), (1, 1), "9 steps · 1 product each"),
        ((40, 40), (4, 4), "1,369 steps · 16 products each"),
    ],
)
def test_what_a_map_costs_is_counted(image, kernel, cost):
    assert derive_scene(session(image, kernel)).size.cost == cost


# What the legends say


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([0, 1], Scale("grey", 0, 1)),
        ([2, 4], Scale("grey", 0, 4)),
        ([-2, 1], Scale("signed", -2, 2)),
        ([-1, 3], Scale("signed", -3, 3)),
        ([0, 0], Scale("grey", 0, 1)),
        ([-5, -1], Scale("signed", -5, 5)),
    ],
)
def test_unsigned_values_are_grey_and_signed_ones_are_centred_on_0(values, scale):
    assert scale_of(np.array(values, float)) == scale


def test_each_grid_has_the_scale_of_its_values():
    scene = derive_scene(new_session())
    assert scene.input.cells.scale == Scale("grey", 0, 1)
    assert scene.kernel.grid.cells.scale == scene.kernel.flipped.cells.scale
    assert scene.kernel.grid.cells.scale == Scale("signed", -2, 2)
    assert scene.output.cells.scale == Scale("signed", -4, 4)
    assert scene.dot.products.cells.scale == Scale("signed", -2, 2)
    assert scene.dot.window.cells.scale == scene.input.cells.scale


def test_scales_do_not_change_while_the_playhead_moves():
    now = new_session()
    scales = set()
    for step in range(0, 256, 15):
        scene = derive_scene(transitions.seek(now, step))
        grids = (scene.dot.window, scene.dot.weight, scene.dot.products, scene.output)
        scales.add(tuple(grid.cells.scale for grid in grids))
        for grid in grids:
            assert np.abs(grid.cells.values).max() <= grid.cells.scale.high
    assert len(scales) == 1


@pytest.mark.parametrize(
    ("kernel", "facts"),
    [
        ([[1, -1]], ("Σ weights = 0", "flat areas vanish")),
        ([[0.5, 0.5]], ("Σ weights = 1", "flat areas stay")),
        ([[1 / 9] * 9], ("Σ weights = 1", "flat areas stay")),
        ([[0.1, 0.2, -0.3]], ("Σ weights = 0", "flat areas vanish")),
        ([[1, 1], [1, 0]], ("Σ weights = 3", "flat areas × 3")),
        ([[-1, -1]], ("Σ weights = −2", "flat areas × −2")),
        ([[np.pi]], ("Σ weights ≈ 3.142", "flat areas × 3.142")),
        ([[1e-13]], ("Σ weights ≈ 1e−13", "flat areas × 1e−13")),
        ([[0]], ("Σ weights = 0", "flat areas vanish")),
    ],
)
def test_the_sum_of_the_weights_says_what_becomes_of_flat_areas(kernel, facts):
    assert kernel_facts(np.array(kernel, float))[:2] == facts


@pytest.mark.parametrize(
    ("kernel", "flip", "caption", "dot"),
    [
        ([[1, 2]], False, None, "kernel"),
        ([[1, 2]], True, "flipped as it slides", "kernel (flipped)"),
        ([[1, 2, 1]], True, "flipped: the same", "kernel (flipped)"),
    ],
)
def test_a_flipped_kernel_is_shown_as_it_slides(kernel, flip, caption, dot):
    scene = derive_scene(session((3, 4), kernel, flip=flip))
    assert (scene.kernel.flipped.title if flip else None) == caption
    assert scene.dot.weight.title == dot
    if flip:
        assert scene.kernel.flipped.cells.values.tolist() == [kernel[0][::-1]]
    assert scene.dot.name == scene.title


# What the status bar says


@pytest.mark.parametrize(
    ("how", "target", "status"),
    [
        ("hover", None, ""),
        ("hover", at("input", 0, 0), "input row 0, column 0 = 1, used once"),
        ("hover", at("input", 2, 3), "input row 2, column 3 = 16, used 6 times"),
        ("pin", at("input", 2, 3), "input row 2, column 3 = 16, used 6 times · pinned"),
        ("hover", at("kernel", 1, 2), "weight row 1, column 2 = −0.5, multiplies 16 cells"),
        ("pin", at("kernel", 0, 0), "weight row 0, column 0 ≈ 3.142, multiplies 16 cells · pinned"),
        ("pin", at("output", 0, 0), "feature map row 0, column 0 ≈ −1.358 · pinned"),
        ("hover", at("products", 1, 2), "products row 1, column 2"),
    ],
)
def test_the_status_bar_says_what_is_under_the_mouse(how, target, status):
    kernel = [[np.pi, 0, 0], [0, 0, -0.5]]
    now = session((5, 6), kernel)
    assert derive_scene(getattr(transitions, how)(now, target)).status == status


def test_a_cell_that_nothing_reads_is_used_0_times():
    now = transitions.hover(session((4, 4), (3, 3), stride=2), at("input", 3, 0))
    assert derive_scene(now).status == "input row 3, column 0 = 13, used 0 times"


# What is computed again


MOVES = ["advance", "next_row", "last", "next_term", "toggle_playing", "tick", "toggle_pin"]


@pytest.mark.parametrize("move", MOVES)
def test_moving_computes_nothing_again(move):
    now = transitions.set_loop(session((6, 6), (3, 3), flip=True), True)
    before, after = derive_scene(now), derive_scene(getattr(transitions, move)(now))
    assert after.input.cells is before.input.cells
    assert after.output.cells is before.output.cells
    assert after.kernel.grid.cells is before.kernel.grid.cells
    assert after.kernel.flipped.cells is before.kernel.flipped.cells
    assert after.dot.weight.cells is before.dot.weight.cells
    assert after.size is before.size


@pytest.mark.parametrize(
    ("transition", "arguments"),
    [
        ("set_cell", ("input", (2, 2), 50.0)),
        ("set_cell", ("kernel", (1, 1), 50.0)),
        ("set_stride", ((2, 2),)),
        ("set_bias", (3.0,)),
        ("set_activation", ("tanh",)),
        ("set_flip", (False,)),
        ("set_padding_mode", ("reflect",)),
    ],
)
def test_a_change_shows_at_once_in_the_map(transition, arguments):
    now = session((6, 6), counted((3, 3)), flip=True, padding=1)
    before = derive_scene(now)
    after = derive_scene(getattr(changes, transition)(now, *arguments))
    assert not np.array_equal(after.output.cells.values, before.output.cells.values)


def test_the_map_is_that_of_the_layer_and_its_activation():
    now = session((6, 6), counted((3, 3)) - 5, bias=[-2.0], activation="relu", padding="same")
    layer = now.conv
    sums = conv(counted((6, 6)), layer.weight[0, 0], layer.bias, padding="same")
    scene = derive_scene(now)
    assert np.array_equal(scene.output.cells.values, np.maximum(sums, 0))
    assert np.array_equal(compute(now.document, 0).sums[0], sums)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("padding", ["valid", "same"])
def test_sums_that_are_only_rounding_are_0(flip, padding):
    kernel = np.array([[-0.1, -0.1, -0.1], [-0.1, 0.8, -0.1], [-0.1, -0.1, -0.1]])
    now = session(np.full((6, 6), 0.7), kernel, flip=flip, padding=padding)
    now = transitions.seek_cell(now, 2, 2)
    scene = derive_scene(now)
    assert scene.output.cells.values[2, 2] == 0
    assert scene.sentence.endswith(" ≈ 0")
    assert scene.dot.equation.result[0].text == "≈ 0"
    assert scene.output.cells.values.min() == 0
    assert compute(now.document, 0).sums[0, 2, 2] != 0
    hovered = transitions.hover(now, Target("output", (2, 2)))
    assert derive_scene(hovered).status.endswith("column 2 ≈ 0")


def test_noise_is_read_as_0_by_the_next_layer_and_shown_with_a_wavy_sign():
    first = Conv(np.ones((1, 1, 1, 3)))
    document = Document(np.array([[[0.1, 0.2, -0.3, 0.5]]]), "tenths", (first, Pool("avg", (1, 1))))
    now = transitions.seek_cell(Session(document, layer=1), 0, 0)
    scene = derive_scene(now)
    assert scene.input.cells.values.tolist() == [[0, pytest.approx(0.4)]]
    assert scene.output.cells.values[0, 0] == 0
    assert "≈ 0" in scene.sentence
    assert compute(document, 1).sums[0, 0, 0] == 0.1 + 0.2 - 0.3


def test_a_whole_number_is_shown_however_much_cancels_out_beside_it():
    scene = derive_scene(session(np.array([[1e15, 1.0, -1e15]]), np.ones((1, 3)), padding="valid"))
    assert scene.output.cells.values.tolist() == [[1]]
    assert scene.sentence.endswith(" 1")


def test_a_small_sum_beside_large_ones_stays():
    image = np.zeros((3, 5))
    image[:, 0], image[:, 3] = 1e20, 1e-3
    scene = derive_scene(session(image, (3, 1)))
    assert scene.output.cells.values[0].tolist() == pytest.approx([3e20, 0, 0, 3e-3, 0])


# A signal


@pytest.fixture
def signal():
    return session([1, 2, 3, 4, 5], [10, 9, 8], padding="full", flip=True, step=4)


def test_a_signal_is_one_row_of_cells(signal):
    scene = derive_scene(signal)
    assert scene.input.cells.values.tolist() == [[0, 0, 1, 2, 3, 4, 5, 0, 0]]
    assert scene.input.cells.padding == ((0, 0), (2, 2))
    assert scene.kernel.grid.cells.values.tolist() == [[10, 9, 8]]
    assert scene.kernel.flipped.cells.values.tolist() == [[8, 9, 10]]
    assert scene.output.cells.values.tolist() == [[10, 29, 56, 83, 110, 77, 40]]
    assert scene.input.window == CellSet((0,), (4, 5, 6))
    assert scene.place == "sample 4"
    assert scene.sentence == "sample 4: 3·8 + 4·9 + 5·10 = 110"
    assert size_text(scene.size) == "⌊(5 − 3 + 2·2) / 1⌋ + 1 = 7 feature map 7"


@pytest.mark.parametrize(
    ("target", "status", "output", "input_"),
    [
        (at("input", 0, 0), "input sample 0 = 1, used 3 times", lit([0], [0, 1, 2]), lit([0], [2])),
        (at("kernel", 0, 0), "weight sample 0 = 10, multiplies 7 cells", None,
         lit([0], [2, 3, 4, 5, 6, 7, 8])),
        (at("output", 0, 6), "feature map sample 6 = 40", None, None),
    ],
)  # fmt: skip
def test_looking_at_a_signal_lights_its_cells(signal, target, status, output, input_):
    scene = derive_scene(transitions.hover(signal, target))
    assert scene.status == status
    assert cells(scene.output.lit) == output
    assert cells(scene.input.lit) == input_


def test_a_signal_is_walked_through_to_its_end(signal):
    now = transitions.first(signal)
    seen = []
    while now.playhead.step < now.step_count - 1:
        now = transitions.advance(now)
        seen.append(derive_scene(now).place)
    assert seen == [f"sample {n}" for n in range(1, 7)]
    assert transitions.next_row(now).playhead == Playhead(6)

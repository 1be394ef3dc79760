"""Tools and strokes without a window: which cells are painted, and what undo knows of it."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_sessions import at, document

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.engine.settings import frozen_array
from convviz.model import changes, painting, repainting, stacking, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document, Results, compute, compute_shown
from convviz.model.invariants import broken_invariants
from convviz.model.painting import TOOLS
from convviz.model.scene import CellSet
from convviz.model.session import Session, new_session, one_selected

PAINTING = [name for name in TOOLS if name not in ("select", "pick")]
cells = st.tuples(st.integers(-9, 9), st.integers(-9, 9))


def blank(rows=6, columns=8, channels=1):
    """Zeros under a kernel of one weight."""
    image = frozen_array(np.zeros((channels, rows, columns)))
    return Session(Document(image, "Blank", (Conv(np.ones((1, channels, 1, 1))),)))


def holding(tool, session=None, *, value=1.0, size=1):
    chosen = painting.choose_tool(session or blank(), tool)
    return painting.set_size(painting.set_value(chosen, value), size)


def stroke(session, *stops, pane="input"):
    """Press at the first cell, move over the others, let go."""
    session = painting.begin(session, pane, stops[0])
    for stop in stops[1:]:
        session = painting.move(session, stop)
    return painting.finish(session)


def drawn(session, channel=0):
    """Return the image as text, a # for each cell that is not 0."""
    image = session.document.image[channel]
    return ["".join("#" if value else "." for value in row) for row in np.atleast_2d(image)]


# Which cells


def test_a_brush_of_even_size_reaches_further_right_and_down():
    assert painting.brush_cells((3, 3), 1).cells() == [(3, 3)]
    assert painting.brush_cells((3, 3), 4).box == (range(2, 6), range(2, 6))
    assert painting.brush_cells((3, 3), 5).box == (range(1, 6), range(1, 6))


@given(start=cells, end=cells)
def test_a_line_has_both_ends_and_no_gap_and_strays_half_a_cell_at_most(start, end):
    found = painting.line_cells(start, end).cells()
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]))
    assert {start, end} <= set(found)
    assert len(found) == steps + 1
    for row, column in found:
        along = [(row - start[0]) * (end[1] - start[1]), (column - start[1]) * (end[0] - start[0])]
        assert abs(along[0] - along[1]) * 2 <= steps


@given(start=cells, end=cells, size=st.integers(1, 5))
def test_a_thick_line_is_the_brush_at_every_cell_of_the_thin_one(start, end, size):
    thin = painting.line_cells(start, end).cells()
    brushed = {cell for at_cell in thin for cell in painting.brush_cells(at_cell, size).cells()}
    assert set(painting.line_cells(start, end, size).cells()) == brushed


@pytest.mark.parametrize(
    ("tool", "size", "stops", "picture"),
    [
        ("pencil", 1, [(0, 0), (0, 3), (2, 5)], ["####....", "....#...", ".....#..", "........"]),
        ("pencil", 2, [(1, 1)], ["........", ".##.....", ".##.....", "........"]),
        ("line", 1, [(0, 0), (3, 0), (0, 7)], ["########", "........", "........", "........"]),
        ("line", 3, [(1, 3), (1, 4)], ["..####..", "..####..", "..####..", "........"]),
        ("rectangle", 1, [(3, 4), (0, 1)], [".####...", ".#..#...", ".#..#...", ".####..."]),
        ("rectangle", 2, [(0, 0), (3, 6)], ["#######.", "#######.", "#######.", "#######."]),
        ("box", 5, [(0, 7), (1, 6)], ["......##", "......##", "........", "........"]),
        ("fill", 1, [(2, 2)], ["########", "########", "########", "########"]),
        ("pencil", 5, [(-3, -3), (-9, 2)], ["........"] * 4),
        ("pencil", 1, [(-2, 2), (1, 2), (9, 2)], ["..#....."] * 4),
    ],
)
def test_each_tool_paints_its_cells(tool, size, stops, picture):
    assert drawn(stroke(holding(tool, blank(4, 8), size=size), *stops)) == picture


def test_the_eraser_paints_zeros_whatever_the_number_is():
    now = stroke(holding("box"), (0, 0), (5, 7))
    erased = stroke(holding("eraser", now, value=9.0), (2, 0), (2, 7))
    assert drawn(erased)[2] == "........"
    assert drawn(erased)[1] == drawn(erased)[3] == "########"


def test_a_fill_stays_within_its_edges_and_does_not_slip_through_corners():
    now = stroke(holding("line", blank(4, 4)), (0, 3), (3, 0))
    filled = stroke(holding("fill", now, value=5.0), (0, 0))
    assert filled.document.image[0].tolist() == [
        [5, 5, 5, 1],
        [5, 5, 1, 0],
        [5, 1, 0, 0],
        [1, 0, 0, 0],
    ]
    assert stroke(filled, (9, 9)).document is filled.document


def test_the_channel_that_is_shown_is_painted_and_no_other():
    now = transitions.choose_source(blank(channels=3), 1)
    painted = stroke(holding("box", now), (0, 0), (5, 7))
    assert painted.document.image.any(axis=(1, 2)).tolist() == [False, True, False]
    assert stroke(holding("fill", painted, value=2.0), (0, 0)).document.image[1].min() == 2


def test_a_kernel_is_painted_between_the_channels_that_are_shown():
    now = Session(document((5, 6), (2, 3)))
    painted = stroke(holding("pencil", now, value=0.5), (0, 0), (0, 2), pane="kernel")
    assert painted.document.layers[0].weight[0, 0, 0].tolist() == [0.5, 0.5, 0.5]
    assert painted.document.image is now.document.image
    assert painted.history.past[-1].name == "Pencil"


def test_a_signal_is_painted_as_a_row():
    now = Session(document((9,), (3,)))
    painted = stroke(holding("pencil", now, value=7.0, size=3), (0, 4))
    changed = np.flatnonzero(painted.document.image[0] != now.document.image[0])
    assert changed.tolist() == [3, 4, 5]


# Undo


@pytest.mark.parametrize("tool", PAINTING)
def test_a_stroke_is_one_step_for_undo_with_its_name(tool):
    first = stroke(holding("box", value=3.0), (0, 0), (5, 7))
    now = stroke(holding(tool, first), (1, 1), (2, 2), (4, 5))
    assert [change.name for change in now.history.past] == [
        "Filled rectangle",
        TOOLS[tool].title,
    ]
    back = changes.undo(now)
    assert np.array_equal(back.document.image, first.document.image)
    assert np.array_equal(changes.redo(back).document.image, now.document.image)


def test_two_strokes_of_a_tool_are_two_steps():
    now = stroke(stroke(holding("pencil"), (0, 0), (0, 3)), (2, 0), (2, 3))
    assert [change.name for change in now.history.past] == ["Pencil", "Pencil"]
    assert drawn(changes.undo(now))[:3] == ["####....", "........", "........"]


def test_what_changes_nothing_leaves_nothing_to_undo():
    now = stroke(holding("pencil", value=0.0), (0, 0), (3, 3))
    assert now.history.past == ()


def test_escape_takes_a_stroke_back_and_then_leaves_the_tool():
    now = holding("line")
    drawing = painting.move(painting.begin(now, "input", (0, 0)), (4, 4))
    assert drawn(drawing) != drawn(now)
    cancelled = painting.escape(drawing)
    assert cancelled.document is now.document
    assert cancelled.history.past == ()
    assert cancelled.view.brush.tool == "line"
    assert painting.move(cancelled, (5, 5)).document is now.document
    assert painting.escape(cancelled).view.brush.tool == "select"


def test_undo_in_the_middle_of_a_stroke_takes_it_back_and_ends_it():
    drawing = painting.move(painting.begin(holding("pencil"), "input", (0, 0)), (0, 4))
    back = changes.undo(drawing)
    assert back.stroke is None
    assert not back.document.image.any()
    assert painting.finish(painting.move(back, (4, 4))).document is back.document


def test_a_number_that_is_too_large_is_refused_in_words():
    session = Session(document((5, 6), (2, 3)))
    now = stroke(holding("pencil", session, value=1e308), (0, 0), (2, 2))
    assert now.message.text == "The numbers would become too large"
    assert now.attempt is None
    assert np.array_equal(now.document.image, session.document.image)


def test_single_precision_grows_only_where_a_number_needs_it():
    session = blank()
    image = frozen_array(session.document.image.astype(np.float32))
    session = replace(session, document=replace(session.document, image=image))
    assert stroke(holding("pencil", session, value=2.0), (0, 0)).document.image.dtype == np.float32
    large = stroke(holding("pencil", session, value=1e50), (0, 0)).document.image
    assert (large.dtype, large[0, 0, 0]) == (np.float64, 1e50)


# Number and size


def test_the_first_number_is_the_largest_of_the_image_and_then_stays():
    session = blank()
    assert painting.value_of(session) == 1
    bright = changes.set_image(session, [[0, 255], [3, 4]], "Bright")
    assert painting.value_of(bright) == 255
    now = stroke(painting.choose_tool(bright, "pencil"), (0, 0))
    assert painting.value_of(changes.set_image(now, [[0, 9]], "Dark")) == 255


def test_the_eyedropper_takes_a_number_and_gives_way_to_the_pencil():
    now = changes.set_cell(blank(), "input", (2, 3), 0.25)
    picked = stroke(painting.choose_tool(now, "pick"), (2, 3))
    assert (painting.value_of(picked), picked.view.brush.tool) == (0.25, "pencil")
    assert picked.document is now.document
    line = painting.pick(painting.choose_tool(now, "line"), "input", (2, 3))
    assert (painting.value_of(line), line.view.brush.tool) == (0.25, "line")
    assert painting.pick(line, "input", (99, 0)) is line


def test_a_brush_is_1_to_5_cells_wide():
    assert painting.set_size(blank(), 99).view.brush.size == 5
    assert painting.grow_brush(blank(), -1).view.brush.size == 1
    assert painting.grow_brush(blank(), 1).view.brush.size == 2


# Keys


def test_at_the_cell_cursor_a_press_paints_with_the_brush():
    now = transitions.select(holding("pencil", size=3), at("input", 2, 2))
    painted = painting.press(painting.step(painting.press(now), 0, 3))
    assert drawn(painted)[:4] == ["........", ".######.", ".######.", ".######."]
    assert len(painted.history.past) == 2


def test_a_first_press_begins_a_shape_that_follows_the_cursor_and_a_second_ends_it():
    now = transitions.select(holding("rectangle"), at("input", 1, 1))
    drawing = painting.press(now)
    for move in ((1, 0), (1, 0), (0, 1), (0, 1), (0, 1)):
        drawing = painting.step(drawing, *move)
    assert drawn(drawing)[:4] == ["........", ".####...", ".#..#...", ".####..."]
    assert drawing.stroke
    done = painting.press(drawing)
    assert done.stroke is None
    assert [change.name for change in done.history.past] == ["Rectangle"]
    assert drawn(painting.escape(drawing)) == drawn(now)


def test_the_cursor_is_where_the_mouse_let_go():
    assert stroke(holding("pencil"), (0, 0), (3, 4)).selection == one_selected("input", (3, 4))
    assert stroke(holding("pencil"), (0, 0), (99, 4)).selection == one_selected("input", (5, 4))


# Elsewhere


def test_the_arrow_paints_nothing_and_a_tool_lets_go_of_what_is_pinned():
    now = transitions.pin(new_session(), at("input", 3, 3))
    assert not now.paints
    assert painting.press(transitions.select(now, at("input", 0, 0))).document is now.document
    assert painting.choose_tool(now, "pencil").pin is None
    assert painting.choose_tool(now, "select").pin == at("input", 3, 3)


def test_cells_that_are_computed_are_not_painted_and_say_why():
    stack = (*blank().document.layers, Pool("max", 2))
    now = Session(replace(blank().document, layers=stack), layer=1)
    for pane, reason in (("input", "Layers before this one"), ("kernel", "A pooling window")):
        told = painting.begin(holding("pencil", now), pane, (0, 0))
        assert told.message.text.startswith(reason)
        assert told.document is now.document
        assert painting.brush_shape(told, pane) is None


def test_the_brush_is_shown_where_the_mouse_is_and_the_map_as_a_whole():
    now = holding("pencil", new_session(), size=3)
    scene = derive_scene(transitions.hover(now, at("input", 0, 7)))
    assert scene.input.brush == CellSet((1, 2), (7, 8, 9))  # the padding is no cell of it
    assert scene.input.lit is None
    assert derive_scene(transitions.hover(now, at("kernel", 1, 1))).input.lit is None
    assert scene.output.revealed is None
    arrow = derive_scene(transitions.hover(new_session(), at("input", 0, 7)))
    assert arrow.input.brush is None
    assert arrow.output.revealed is not None


LAYERS = {
    "plain": lambda weight: Conv(weight),
    "strided": lambda weight: Conv(weight, stride=(2, 3), padding=((3, 1), (2, 2))),
    "reflected": lambda weight: Conv(weight, padding="same", padding_mode="reflect", flip=True),
    "circular": lambda weight: Conv(weight, padding="same", padding_mode="circular"),
    "dilated": lambda weight: Conv(weight, dilation=(2, 1), padding="full", bias=[1.0, -1.0]),
    "transposed": lambda weight: ConvTranspose(weight.swapaxes(0, 1), stride=2, padding=1),
}


@pytest.mark.parametrize(
    ("kind", "activation", "tool"),
    list(product(LAYERS, ("none", "sigmoid"), ("pencil", "line", "rectangle", "eraser"))),
)
def test_on_large_images_the_map_follows_and_is_the_one_that_is_computed_anew(
    kind, activation, tool, monkeypatch
):
    monkeypatch.setattr(repainting, "FOLLOWED_FROM", 0)
    dice = np.random.default_rng(len(kind) + len(tool))
    layers = (LAYERS[kind](dice.normal(size=(2, 3, 3, 3))),)
    if activation != "none":
        layers = (*layers, Activation(activation))
    image = frozen_array(dice.normal(size=(3, 14, 17)).round(1))
    now = transitions.choose_source(Session(Document(image, "Noise", layers)), 2)
    now = holding(tool, now, value=4.0, size=int(dice.integers(1, 6)))
    now = painting.begin(now, "input", (-3, 4))
    for row, column in dice.integers(-4, 20, (6, 2)).tolist():
        now = painting.move(now, (row, column))
        known, anew = compute(now.document, 0), Results(replace(now.document)).of(0)
        assert np.array_equal(known.windows.cells, anew.windows.cells)
        np.testing.assert_allclose(known.maps, anew.maps, rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(known.sums, anew.sums, rtol=1e-12, atol=1e-12)
    done = painting.finish(now)
    assert done.document is not now.document  # so that it is computed as if it had been typed
    assert np.array_equal(done.document.image, now.document.image)


def test_noise_under_a_stroke_is_shown_as_0_and_computed_as_it_is(monkeypatch):
    monkeypatch.setattr(repainting, "FOLLOWED_FROM", 0)
    image = frozen_array(np.ones((1, 6, 9)))
    kernel = np.array([[0.1, 0.2, -0.3]])[None, None]
    now = holding("pencil", Session(Document(image, "Ones", (Conv(kernel), Activation("relu")))))
    now = painting.move(painting.begin(now, "input", (1, 1)), (4, 6))
    fresh, document = Results(replace(now.document)), now.document
    for known, anew in (
        (compute(document, 0), fresh.of(0)),
        (compute_shown(document, 0), fresh.shown(0)),
    ):
        np.testing.assert_allclose(known.sums, anew.sums, rtol=0, atol=1e-16)
        np.testing.assert_allclose(known.maps, anew.maps, rtol=0, atol=1e-16)
    assert compute(document, 0).sums.all()
    assert not compute_shown(document, 0).sums.all()


def test_a_stroke_ends_where_another_layer_comes_into_focus():
    stack = (*blank().document.layers, Pool("max", 2))
    now = holding("pencil", Session(replace(blank().document, layers=stack)))
    drawing = painting.move(painting.begin(now, "input", (0, 0)), (0, 3))
    elsewhere = painting.move(replace(drawing, layer=1), (2, 7))
    assert elsewhere.stroke is None
    assert drawn(elsewhere)[:2] == ["####....", "........"]


def test_a_stroke_stays_in_its_channel_while_others_are_summed():
    now = holding("pencil", blank(channels=3))
    drawing = painting.begin(now, "input", (0, 0))
    summing = transitions.next_term(transitions.next_term(drawing))
    assert summing.shown_source != 0
    done = painting.finish(painting.move(summing, (0, 3)))
    assert done.document.image.sum(axis=(1, 2)).tolist() == [4, 0, 0]


def test_what_is_being_painted_is_done_when_another_layer_is_shown():
    now = stacking.focus_layer(stacking.duplicate_layer(holding("pencil")), 0)
    drawing = painting.move(painting.begin(now, "input", (0, 0)), (0, 4))
    shown = stacking.next_layer(drawing)
    assert shown.stroke is None
    assert shown.document is drawing.document
    assert not broken_invariants(shown)

"""The workspace of signals: stems on one axis, the sum by names, and the same sum three ways."""

import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.model import cell_changes, changes, pages, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document, compute
from convviz.model.image_ways import signal_name
from convviz.model.numbers import NumberFormat
from convviz.model.session import WAYS, Playhead, Session, Target, View, new_session

PLAIN = str.maketrans("₀₁₂₃₄₅₆₇₈₉₋₊ₙᵢⱼ−", "0123456789-+nij-")


def signals(a, b, step=0, term=None, way="slide", first=1, **options):
    """Return the scene of two signals, in full and flipped unless told otherwise."""
    layer = Conv(np.array([[b]], float), **{"padding": "full", "flip": True, **options})
    session = Session(Document(np.array([a], float), "a", (layer,)))
    looked = transitions.seek(session, step, term)
    view = View(workspace="signals", way=way, numbered_from=first)
    return derive_scene(replace(looked, view=view)).signals


def written(line):
    return "".join(token.text for token in line).translate(PLAIN)


def names(scene):
    return " + ".join(written(term.tokens) for term in scene.sum.equation.names)


def lecture(step, **options):
    return signals([1, 2, 3, 4, 5], [10, 9, 8], step, **options)


def test_the_sum_of_the_lecture_has_its_indices():
    scene = lecture(2)
    assert scene.sum.title == "The sum at n = 4"
    assert written(scene.sum.symbols) == "(a ∗ b)n = Σ ai · bn-i"
    assert names(scene) == "a1·b3 + a2·b2 + a3·b1"
    numbers = [written(term.tokens) for term in scene.sum.equation.terms]
    assert numbers == ["1·8", "2·9", "3·10"]
    assert written(scene.sum.equation.sums) == "= 8 + 18 + 30"
    assert written(scene.sum.equation.result) == "= 56→ n = 4"


def test_numbered_from_zero_the_indices_are_those_of_numpy():
    scene = lecture(2, first=0)
    assert scene.sum.title == "The sum at n = 2"
    assert names(scene) == "a0·b2 + a1·b1 + a2·b0"


@pytest.mark.parametrize(("step", "value"), [*enumerate([10, 29, 56, 83, 110, 77, 40])])
def test_the_lecture_s_output_stands_where_b_begins(step, value):
    scene = lecture(step)
    output = scene.lanes[-1]
    assert output.grid.cells.values[0, step] == value
    assert output.start + step == scene.at == step
    assert scene.number == step + 2


def test_terms_outside_of_the_signal_are_dim_and_said_to_be_zero():
    scene = lecture(0)
    assert names(scene) == "a-1·b3 + a0·b2 + a1·b1"
    roles = [term.tokens[0].role for term in scene.sum.equation.names]
    assert roles == ["dim", "dim", "input"]
    assert scene.sum.note.translate(PLAIN) == "a-1, a0 lie outside of a: 0"


def test_mirrored_samples_have_the_name_of_the_one_they_copy():
    scene = lecture(0, padding_mode="reflect", padding=2)
    assert names(scene) == "a3·b3 + a2·b2 + a1·b1"
    assert "copies (reflect)" in scene.sum.note


def test_correlation_slides_b_as_it_is():
    scene = signals([1, 2, 3], [4, 5], 1, flip=False, padding="valid")
    assert scene.sum.title == "The sum at n = 1"
    assert written(scene.sum.symbols) == "(a ⋆ b)n = Σ an+j · bj"
    assert names(scene) == "a2·b1 + a3·b2"
    assert [lane.grid.title for lane in scene.lanes][1] == "b"


def test_stems_lie_where_they_meet():
    signal, other, products, output = lecture(3).lanes
    assert (signal.start, other.start, products.start, output.start) == (-2, 1, 1, 0)
    assert other.grid.cells.values.tolist() == [[8, 9, 10]]
    assert products.grid.cells.values.tolist() == [[16, 27, 40]]


def test_the_flipped_signal_knows_its_own_samples():
    other = lecture(3).lanes[1].grid.cells
    assert [other.image_cell((0, place)) for place in range(3)] == [(0, 2), (0, 1), (0, 0)]


def test_products_appear_one_by_one():
    scene = lecture(3, term=1)
    assert scene.lanes[2].grid.revealed == 2
    assert scene.lit == 2
    lit = [term.lit for term in scene.sum.equation.names]
    assert lit == [False, True, False]
    assert written(scene.sum.equation.result).startswith("= 43")
    assert scene.ways.term == (1, 2)


LAYERS = st.fixed_dictionaries(
    {
        "stride": st.integers(1, 3),
        "dilation": st.integers(1, 3),
        "padding": st.sampled_from(["full", "same", "valid", "causal", 0, 2, 5]),
        "padding_mode": st.sampled_from(["zeros", "replicate"]),
        "flip": st.booleans(),
    }
)
NUMBERS = st.integers(-9, 9)


@settings(max_examples=150, deadline=None)
@given(
    a=st.lists(NUMBERS, min_size=7, max_size=14),
    b=st.lists(NUMBERS, min_size=1, max_size=3),
    options=LAYERS,
    first=st.sampled_from([0, 1]),
    data=st.data(),
)
def test_every_way_adds_up_to_the_output_value(a, b, options, first, data):
    layer = Conv(np.array([[b]], float), **options)
    count = layer.output_shape((1, len(a)))[1]
    step = data.draw(st.integers(0, count - 1))
    shown = {way: signals(a, b, step, way=way, first=first, **options) for way in WAYS}
    scene = shown["slide"]
    value = scene.lanes[-1].grid.cells.values[0, step * layer.stride[0]]
    assert scene.lanes[2].grid.cells.values.sum() == value
    assert by_names(scene, a, b, first) == value
    for way in ("slide", "copies"):
        table = shown[way].ways
        assert sum(table.table.cells.values[cell] for cell in table.lit) == value
    matrix = shown["matrix"].ways
    row = matrix.sums.current[0]
    product = matrix.table.cells.values[row] @ matrix.beside.cells.values[:, 0]
    assert product == value == matrix.sums.cells.values[row, 0]
    copies = shown["copies"].ways
    column = copies.sums.current[1]
    assert copies.table.cells.values[:, column].sum() == value


def by_names(scene, a, b, first):
    """Return the sum by the indices that are written, with 0 for samples that there are not."""
    total = 0
    for one, other in re.findall(r"a(-?\d+)·b(-?\d+)", names(scene)):
        sample, weight = int(one) - first, int(other) - first
        inside = 0 <= sample < len(a)
        total += (a[sample] if inside else 0) * b[weight]
    return total


def test_indices_of_a_convolution_add_up_to_n():
    for step in range(7):
        scene = lecture(step)
        pairs = re.findall(r"a(-?\d+)·b(-?\d+)", names(scene))
        assert {int(one) + int(other) for one, other in pairs} == {scene.number}


def test_a_long_signal_shows_a_table_of_its_surroundings():
    scene = signals(np.arange(500.0), [1, 2, 3], 250, way="matrix", padding="valid")
    assert scene.ways.table.cells.shape[0] <= 48
    row = scene.ways.sums.current[0]
    assert scene.ways.rows[row] == str(scene.number)


def test_many_values_leave_no_room_for_a_table():
    scene = signals(np.arange(500.0), np.ones(60), 250)
    assert scene.ways is None
    assert scene.caption.startswith("b reaches over 60 samples, a table has room for 48.")


def test_pooling_shows_what_the_window_holds():
    session = Session(Document(np.array([[1.0, 5, 2, 3]]), "a", (Pool("max", (2,)),)))
    shown = derive_scene(replace(session, view=View(workspace="signals"))).signals
    assert [lane.grid.pane for lane in shown.lanes] == ["input", "window", "output"]
    assert shown.modes == ()


def test_an_activation_of_signals_can_be_looked_at():
    session = Session(Document(np.array([[1.0, -5, 2]]), "a", (Activation("relu"),)))
    assert derive_scene(replace(session, view=View(workspace="signals"))).signals.ways is None


def test_images_and_signals_keep_what_was_done_to_them():
    session = transitions.seek(new_session(), 40)
    turned = pages.show_workspace(session, "signals")
    assert turned.document.image.tolist() == [[1, 2, 3, 4, 5]]
    moved = transitions.seek(turned, 4)
    back = pages.show_workspace(moved, "convolve")
    assert back.document is session.document
    assert back.playhead == Playhead(40)
    again = pages.show_workspace(back, "signals")
    assert again.playhead == Playhead(4)


def test_layers_show_the_page_that_was_open():
    turned = pages.show_workspace(new_session(), "signals")
    assert pages.show_workspace(turned, "layers").document is turned.document


def test_a_sample_under_the_mouse_lights_in_every_lane():
    session = pages.show_workspace(new_session(), "signals")
    looked = transitions.hover(transitions.seek(session, 3), Target("products", (0, 1)))
    assert derive_scene(looked).signals.lit == 2


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("flip", [True, False])
@pytest.mark.parametrize("sizes", [(5, 3), (6, 4), (3, 4), (2, 5), (4, 4)])
def test_modes_to_choose_are_those_of_numpy(sizes, flip, mode):
    a, b = np.arange(1.0, sizes[0] + 1), np.arange(3.0, sizes[1] + 3)
    offered = next(m for m in signals(a, b, flip=flip).modes if m.name == mode)
    output = signals(a, b, flip=flip, padding=offered.padding).lanes[-1].grid
    expected = (np.convolve if flip else np.correlate)(a, b, mode)
    np.testing.assert_allclose(output.cells.values[0], expected)
    assert offered.count == len(expected)


def test_what_numpy_swaps_is_said_beside_its_mode():
    usual = signals([1, 2, 3], [4, 5, 6])
    assert not any(mode.note for mode in usual.modes)
    swapped = signals([1, 2, 3], [4, 5, 6, 7], padding=((2, 2),))
    assert next(mode for mode in swapped.modes if mode.chosen).name == "same"
    assert swapped.caption.startswith("b is longer than a: NumPy swaps the two")


def test_a_mode_that_a_rule_makes_has_the_name_of_the_rule():
    assert [mode.padding for mode in lecture(2).modes] == ["full", "same", "valid"]


def test_correlation_has_a_sign_and_a_word_of_its_own():
    assert (lecture(2).name, lecture(2).detail) == ("a ∗ b", "convolution")
    slid = lecture(2, flip=False)
    assert (slid.name, slid.detail) == ("a ⋆ b", "correlation")


def test_the_headings_of_a_table_follow_the_style_of_numbers():
    layer = Conv(np.full((1, 1, 3), 1 / 3), padding="full", flip=True)
    session = Session(Document(np.ones((1, 4)), "a", (layer,)), view=View(workspace="signals"))
    plain = NumberFormat("decimals", decimals=2)
    decimal = replace(session, view=replace(session.view, numbers=plain))
    assert derive_scene(session).signals.ways.rows[0] == "1/3"
    assert derive_scene(decimal).signals.ways.rows[0] == "0.33"


def test_signals_are_gathered_where_images_are_stamped():
    kernel = np.array([[[10.0, 9, 8]]])
    image = Session(Document(np.ones((1, 3, 3)), "a", (ConvTranspose(kernel[None]),)), scatter=True)
    assert image.stamping
    layer = ConvTranspose(kernel, stride=2)
    shown = Session(
        Document(np.array([[1.0, 2, 3]]), "a", (layer,)),
        scatter=True,
        view=View(workspace="signals"),
    )
    assert not shown.stamping
    assert derive_scene(transitions.seek(shown, 3)).sentence == "n = 5: 2·9 = 18"


@pytest.mark.parametrize(
    ("stride", "dilation", "formula", "terms"),
    [
        (1, 1, "(a ∗ b)n = Σ ai · bn-i", "a3·b3 + a4·b2 + a5·b1"),
        (2, 1, "(a ∗ b)n = Σ ai · bj   n = 2i + j - 1", "a2·b3 + 0·b2 + a3·b1"),
        (3, 2, "(a ∗ b)n = Σ ai · bj   n = 3i + 2j - 2", "a1·b3 + 0·b2 + 0·b1"),
    ],
)
def test_a_transposed_convolution_names_samples_and_the_zeros_between_them(
    stride, dilation, formula, terms
):
    layer = ConvTranspose(np.array([[[10.0, 9.0, 8.0]]]), stride=stride, dilation=dilation)
    session = Session(Document(np.array([[1.0, 2, 3, 4, 5]]), "a", (layer,)))
    view = View(workspace="signals", way="slide", numbered_from=1)
    scene = derive_scene(replace(transitions.seek(session, 4), view=view)).signals
    assert written(scene.sum.symbols) == formula
    assert names(scene) == terms
    assert scene.sum.note.startswith("zeros lie between the samples") is (stride > 1)


def typed(a, b, *, flip=True, padding="valid", **options):
    """Return the session after b was typed in place of a short one."""
    layer = Conv(np.ones((1, 1, 1)), flip=flip, padding=padding, **options)
    session = Session(Document(np.array([a], float), "a", (layer,)), view=View(workspace="signals"))
    return cell_changes.type_samples(session, "kernel", np.array(b, float))


SHORT_AND_LONG = [
    ([1, 2, 3], [4, 5, 6, 7]),
    ([1], [1, 2, 3]),
    ([2, -1], [1, 0, 0.5, 3, 7, 8]),
    ([0, 0, 1, 0], [1, 2, 3, 4, 5]),
]


@pytest.mark.parametrize(("a", "b"), SHORT_AND_LONG)
@pytest.mark.parametrize("flip", [True, False])
def test_a_longer_b_under_valid_is_swapped_by_a_button_as_numpy_does(a, b, flip):
    session = typed(a, b, flip=flip)
    swap = session.problem.fixes[0]
    assert swap.label.startswith("swap the two, as NumPy does")
    assert ("turns the result round" in swap.label) is not flip
    swapped = changes.apply_fix(session, swap)
    assert swapped.problem is None
    assert swapped.document.image.tolist() == [b]
    assert swapped.document.layers[0].weight.tolist() == [[a]]
    numpys = np.convolve(a, b, "valid") if flip else np.correlate(a, b, "valid")[::-1]
    assert compute(swapped.document, 0).maps[0].tolist() == numpys.tolist()
    assert changes.undo(swapped).document is session.document
    assert swapped.document.image_name == signal_name(np.array(b))


@pytest.mark.parametrize(("a", "b"), SHORT_AND_LONG)
@pytest.mark.parametrize("flip", [True, False])
@pytest.mark.parametrize("mode", ["full", "same", "valid"])
def test_modes_are_those_of_what_was_typed_though_it_does_not_fit(a, b, flip, mode):
    session = typed(a, b, flip=flip)
    shown = {each.name: each for each in derive_scene(session).signals.modes}
    numpys = (np.convolve if flip else np.correlate)(a, b, mode)
    assert shown[mode].count == len(numpys)
    assert not any(each.chosen for each in shown.values())
    chosen = changes.set_padding(session, shown[mode].padding)
    assert chosen.problem is None
    assert compute(chosen.document, 0).maps[0].tolist() == numpys.tolist()


@pytest.mark.parametrize(
    "options", [{"stride": 2}, {"dilation": 2}, {"padding": ((1, 0),)}], ids=str
)
def test_what_numpy_does_not_know_is_not_swapped(options):
    session = typed([1, 2, 3], [4, 5, 6, 7, 8, 9], **options)
    labels = [fix.label for fix in session.problem.fixes]
    assert labels
    assert not any(label.startswith("swap") for label in labels)

"""Changes of the document: what they do, what they are called, how they are taken back."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from small_sessions import at, counted, document, session

from convviz.engine.kernels import KERNELS
from convviz.engine.layers import LayerError
from convviz.model import changes, history, transitions
from convviz.model.cell_changes import type_into
from convviz.model.derive import derive_scene
from convviz.model.document import compute
from convviz.model.examples import EXAMPLES
from convviz.model.history import Change, History
from convviz.model.pages import show_workspace
from convviz.model.session import Session, Target, new_session, one_selected

CHANGES = [
    ("set_input_preset", ("edge",), "Input Upright edge"),
    ("set_image", (np.ones((4, 4)), "photo.png"), "Input photo.png"),
    ("set_kernel_preset", ("blur",), "Kernel Blur (plus)"),
    ("set_kernel", ([[5, 6], [7, 8]],), "Kernel"),
    ("set_kernel_size", ((2, 1),), "Kernel size"),
    ("set_stride", ((2, 1),), "Stride"),
    ("set_dilation", ((1, 2),), "Dilation"),
    ("set_padding", ("full",), "Padding"),
    ("set_padding", (((1, 1), (0, 2)),), "Padding"),
    ("set_padding_mode", ("reflect",), "Fill"),
    ("set_padding_value", (0.5,), "Fill value"),
    ("set_flip", (False,), "Cross-correlation"),
    ("set_bias", (1.5,), "Bias"),
    ("set_activation", ("relu",), "Activation"),
    ("set_cell", ("input", (7, 5), 0.25), "Input cell 7, 5"),
    ("set_cell", ("kernel", (0, 2), 9.0), "Kernel cell 0, 2"),
]
NAMES = [f"{number} {name}" for number, (name, _, _) in enumerate(CHANGES)]


def changed(now, name, arguments):
    return getattr(changes, name)(now, *arguments)


def settings(now):
    conv = now.edited.layers[0]
    return conv.stride, conv.dilation, conv.padding, conv.padding_mode, conv.flip


@pytest.mark.parametrize(("name", "arguments", "title"), CHANGES, ids=NAMES)
def test_a_change_has_a_name_and_can_be_undone_and_done_again(name, arguments, title):
    before = new_session()
    after = changed(before, name, arguments)
    assert after.document is not before.document
    assert [change.name for change in after.history.past] == [title]
    undone = changes.undo(after)
    assert undone.document is before.document
    assert [change.name for change in undone.history.future] == [title]
    again = changes.redo(undone)
    assert again.document is after.document
    assert [change.name for change in again.history.past] == [title]


@pytest.mark.parametrize(("name", "arguments", "_title"), CHANGES, ids=NAMES)
def test_a_change_to_what_is_so_already_is_none(name, arguments, _title):
    once = changes.undo(
        changed(changed(new_session(), name, arguments), "set_input_preset", ("disc",))
    )
    assert once.history.future
    assert changed(once, name, arguments) is once


def test_changes_of_the_scene_are_seen_in_it():
    now = new_session()
    assert changes.set_bias(now, 2.0).conv.bias.tolist() == [2.0]
    assert changes.set_cell(now, "input", (0, 1), 5.0).document.image[0, 0, 1] == 5
    assert changes.set_cell(now, "kernel", (2, 0), 5.0).conv.weight[0, 0, 2, 0] == 5
    assert changes.set_kernel_size(now, (1, 1)).conv.weight.tolist() == [[[[0]]]]
    assert changes.set_image(now, np.ones((4, 6)), "x").output_size == (4, 6)
    relu = changes.set_activation(now, "relu")
    tanh = changes.set_activation(relu, "tanh")
    assert [type(layer).__name__ for layer in tanh.document.layers] == ["Conv", "Activation"]
    assert tanh.document.activation(0).name == "tanh"
    assert len(changes.set_activation(tanh, "none").document.layers) == 1


def test_a_cell_of_a_signal_is_in_its_only_row():
    now = session(np.arange(5.0), np.ones(3))
    assert changes.set_cell(now, "input", (0, 4), 9.0).document.image.tolist() == [[0, 1, 2, 3, 9]]
    assert changes.set_cell(now, "kernel", (0, 1), 7.0).conv.weight.tolist() == [[[1, 7, 1]]]


def test_an_edit_leaves_the_image_before_it_as_it_was():
    before = new_session()
    image = before.document.image.copy()
    changes.set_cell(before, "input", (7, 3), 5.0)
    assert np.array_equal(before.document.image, image)


@pytest.mark.parametrize(
    ("transition", "values", "steps"),
    [
        ("set_stride", [(2, 2), (3, 3), (4, 4)], 1),
        ("set_dilation", [(2, 2), (3, 3)], 1),
        ("set_kernel_size", [(4, 4), (5, 5), (6, 6)], 1),
        ("set_padding", ["valid", "full", ((1, 1), (2, 2))], 1),
        ("set_bias", [0.5, 0.6, 0.7], 1),
        ("set_padding_value", [1.0, 2.0], 1),
        ("set_padding_mode", ["reflect", "circular"], 2),
        ("set_activation", ["relu", "tanh", "none"], 3),
        ("set_kernel_preset", ["blur", "box"], 2),
    ],
)
def test_turning_one_knob_is_one_step_back(transition, values, steps):
    before = new_session()
    now = before
    for value in values:
        now = getattr(changes, transition)(now, value)
    assert len(now.history.past) == steps
    for _ in range(steps):
        now = changes.undo(now)
    assert now.document is before.document


def test_knobs_turned_in_turn_are_steps_of_their_own():
    now = new_session()
    for stride, bias in ((2, 1.0), (3, 2.0)):
        now = changes.set_bias(changes.set_stride(now, (stride, stride)), bias)
    assert [c.name for c in now.history.past] == ["Stride", "Bias", "Stride", "Bias"]


def test_a_knob_turned_after_undo_is_a_step_of_its_own():
    now = changes.set_stride(new_session(), (2, 2))
    two = now.document
    now = changes.undo(changes.set_bias(now, 1.0))
    now = changes.set_stride(now, (3, 3))
    assert not now.history.future
    assert changes.undo(now).document is two


def test_with_nothing_to_undo_nothing_happens():
    now = new_session()
    assert changes.undo(now) is now
    assert changes.redo(now) is now


def test_undo_and_redo_walk_through_all_changes_and_a_new_change_ends_the_way():
    now, documents = new_session(), []
    for name, arguments, _ in CHANGES[:6]:
        documents.append(now.document)
        now = changed(now, name, arguments)
    last = now.document
    for document_before in reversed(documents):
        now = changes.undo(now)
        assert now.document is document_before
    for document_after in [*documents[1:], last]:
        now = changes.redo(now)
        assert now.document is document_after
    now = changes.set_flip(changes.undo(now), False)
    assert changes.redo(now) is now


def test_the_playhead_is_not_undone():
    now = changes.set_flip(new_session(), False)
    now = transitions.seek(now, 200)
    assert changes.undo(now).playhead.step == 200
    assert changes.redo(changes.undo(now)).playhead.step == 200


def test_opening_a_document_begins_anew_and_keeps_the_view():
    now = transitions.set_theme(changes.set_flip(new_session(), False), "light")
    now = transitions.select(transitions.toggle_playing(now), at("input", 3, 3))
    opened = changes.open_document(now, document())
    assert (opened.history.past, opened.selection, opened.playhead.step) == ((), None, 0)
    assert (opened.playback.playing, opened.view.theme) == (False, "light")


# What points into the document stays inside


@pytest.mark.parametrize(
    ("transition", "argument", "step"),
    [
        ("set_stride", (4, 4), 15),
        ("set_padding", "valid", 195),
        ("set_kernel_size", (16, 16), 255),
        ("set_image", np.ones((3, 3)), 0),
    ],
)
def test_the_playhead_stays_inside_a_map_that_shrinks(transition, argument, step):
    more = ("small",) if transition == "set_image" else ()
    now = transitions.last(new_session())
    after = getattr(changes, transition)(now, argument, *more)
    assert after.playhead.step == step
    assert derive_scene(after).step == step


def test_a_product_stays_inside_a_kernel_that_shrinks():
    now = transitions.seek(new_session(), 5, 8)
    assert changes.set_kernel_size(now, (1, 2)).playhead.term == 1
    relu = transitions.seek(changes.set_activation(new_session(), "relu"), 5, 9)
    assert changes.set_activation(relu, "none").playhead.term == 8


PANES = ("input", "kernel", "output", "window", "weight", "products")


@pytest.mark.parametrize("how", ["pin", "hover", "select"])
@pytest.mark.parametrize("pane", PANES)
@pytest.mark.parametrize(
    "shrink",
    [
        lambda now: changes.set_kernel_size(now, (2, 2)),
        lambda now: changes.set_kernel_size(now, (1, 3)),
        lambda now: changes.set_image(now, np.ones((15, 15)), "small"),
        lambda now: changes.set_image(now, np.ones((4, 16)), "flat"),
        lambda now: changes.set_stride(now, (5, 5)),
        lambda now: changes.undo(changes.set_kernel_preset(now, "motion")),
    ],
)
@pytest.mark.parametrize("stride", [(1, 1), (2, 2)])
def test_a_cell_that_is_gone_is_no_longer_looked_at(shrink, pane, how, stride):
    now = changes.set_padding(changes.set_stride(new_session(), stride), "valid")
    shape = {"input": (16, 16), "output": now.output_size}.get(pane, (3, 3))
    now = getattr(transitions, how)(now, at(pane, shape[0] - 1, shape[1] - 1))
    after = shrink(now)
    scene = derive_scene(after)
    assert scene.step < scene.step_count
    selection = after.selection
    cursor = selection and Target(selection.pane, selection.cursor)
    for target in (after.pin, after.hover, cursor):
        assert target is None or inside(scene, target)


def inside(scene, target):
    shape = {
        "input": (scene.input.cells.shape[0], scene.input.cells.shape[1]),
        "output": scene.output.cells.shape,
    }.get(target.pane, scene.kernel.grid.cells.shape)
    return target.cell[0] < shape[0] and target.cell[1] < shape[1]


def test_what_still_is_there_stays_pinned_and_selected():
    now = transitions.select(new_session(), at("kernel", 1, 1))
    now = transitions.pin(now, at("input", 2, 2))
    after = changes.set_flip(now, False)
    assert (after.pin, after.selection) == (at("input", 2, 2), one_selected("kernel", (1, 1)))
    assert changes.set_kernel_size(now, (2, 2)).selection == one_selected("kernel", (1, 1))


# Settings that do not fit


SPAN_17 = "the kernel spans 17 cells after dilation 8, the padded input has 16"
TOO_LARGE = "the padded input would have 324,576,256 cells, 64,000,000 are allowed"
INVALID = [
    ("set_dilation", ((8, 8),), SPAN_17),
    ("set_kernel_size", ((17, 3),), "the kernel spans 17 cells, the padded input has 16"),
    ("set_padding", (((9000, 9000), (9000, 9000)),), TOO_LARGE),
    ("set_image", (np.ones((2, 9)), "thin"), "the kernel spans 3 cells, the padded input has 2"),
]


def test_a_colour_image_gives_the_kernel_a_copy_for_each_channel_and_says_so():
    before = new_session()
    after = changes.set_image(before, np.ones((3, 9, 9)), "colours")
    assert after.conv.weight.shape == (1, 3, 3, 3)
    assert all(np.array_equal(k, before.conv.weight[0, 0]) for k in after.conv.weight[0])
    assert after.message.text.startswith("The image has 3 channels")
    assert [choice.command for choice in after.message.choices] == ["depthwise", "undo"]
    maps = changes.depthwise(after)
    assert (maps.conv.groups, maps.output_count) == (3, 3)
    assert changes.undo(after).document is before.document
    grey = changes.set_image(after, np.ones((9, 9)), "grey")
    assert grey.conv.weight.shape == (1, 1, 3, 3)


@pytest.fixture
def valid():
    return changes.set_padding(new_session(), "valid")


@pytest.mark.parametrize(("name", "arguments", "sentence"), INVALID)
def test_what_does_not_fit_keeps_the_picture_and_says_why(valid, name, arguments, sentence):
    after = changed(valid, name, arguments)
    assert after.problem.sentence == sentence
    assert after.document is valid.document
    assert after.history is valid.history
    before, shown = derive_scene(valid), derive_scene(after)
    assert shown.input.cells is before.input.cells
    assert shown.output.cells is before.output.cells
    assert (shown.sentence, shown.size) == (before.sentence, before.size)


@pytest.mark.parametrize(("name", "arguments", "_sentence"), INVALID)
@pytest.mark.parametrize("way_out", [changes.withdraw, changes.undo])
def test_what_does_not_fit_can_be_taken_back(valid, name, arguments, _sentence, way_out):
    after = way_out(changed(valid, name, arguments))
    assert (after.attempt, after.problem) == (None, None)
    assert after.document is valid.document
    assert after.history is valid.history


def test_playback_pauses_when_a_setting_does_not_fit(valid):
    now = transitions.toggle_playing(valid)
    assert not changes.set_dilation(now, (8, 8)).playback.playing


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("reduce dilation to 7", "Reduce dilation to 7"),
        ("pad by 1", "Pad by 1"),
        ("reduce the kernel to 2 × 2", "Reduce the kernel to 2 × 2"),
    ],
)
def test_each_way_out_mends_the_setting_and_is_one_step_back(valid, label, name):
    now = changes.set_dilation(valid, (8, 8))
    fixes = {fix.label: fix for fix in now.problem.fixes}
    assert list(fixes) == ["reduce dilation to 7", "pad by 1", "reduce the kernel to 2 × 2"]
    mended = changes.apply_fix(now, fixes[label])
    assert mended.attempt is None
    assert mended.history.past[-1].name == name
    assert changes.undo(mended).document is valid.document


def test_settings_add_up_until_they_fit(valid):
    now = changes.set_kernel_size(valid, (20, 20))
    assert now.problem
    now = changes.set_flip(now, False)
    assert now.problem
    assert settings(now)[-1] is False
    now = changes.set_padding(now, "same")
    assert now.problem is None
    assert (now.conv.kernel_size, now.conv.flip, now.conv.padding) == ((20, 20), False, "same")
    assert len(now.history.past) == len(valid.history.past) + 1


def test_a_setting_turned_back_by_hand_leaves_nothing_behind(valid):
    now = changes.set_dilation(valid, (8, 8))
    now = changes.set_dilation(now, (1, 1))
    assert now.attempt is None
    assert now.document is valid.document
    assert now.history is valid.history


def spread_far(now):
    return changes.set_dilation(now, (16, 16))


@pytest.mark.parametrize(
    ("attempt", "pane"),
    [
        (lambda now: changes.set_image(now, np.ones((2, 2)), "small"), "input"),
        (lambda now: changes.set_kernel_size(now, (31, 31)), "kernel"),
        (lambda now: changes.set_kernel_size(spread_far(now), (2, 2)), "kernel"),
    ],
)
def test_a_number_goes_into_the_cell_that_is_shown(valid, attempt, pane):
    now = attempt(valid)
    assert now.problem
    last = (15, 15) if pane == "input" else (2, 2)
    after = changes.set_cell(now, pane, last, 42.0)
    scene = derive_scene(after)
    cells = scene.input.cells if pane == "input" else scene.kernel.grid.cells
    assert cells.values[last] == 42
    assert after.problem is None


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("set_stride", ((0, 1),)),
        ("set_bias", (float("nan"),)),
        ("set_cell", ("input", (0, 0), float("inf"))),
        ("set_padding", ("some",)),
        ("set_activation", ("swish",)),
    ],
)
def test_what_no_layer_can_be_is_refused_before_anything_changes(name, arguments):
    with pytest.raises(LayerError):
        changed(new_session(), name, arguments)


def test_a_document_that_does_not_fit_is_refused_with_its_sentence():
    small = document((2, 2), (3, 3))
    assert small.problem.index == 0
    assert small.problem.problem.sentence == "the kernel spans 3 cells, the padded input has 2"
    fitting = document((3, 3), (3, 3))
    assert fitting.problem is None
    assert fitting.shapes == ((1, 3, 3), (1, 1, 1))


def test_the_first_layer_that_does_not_fit_is_named():
    first, second = document((4, 4), (3, 3)), document((4, 4), (3, 3))
    stack = replace(first, layers=(*first.layers, *second.layers))
    assert stack.problem.index == 1
    assert stack.problem.problem.sentence == "the kernel spans 3 cells, the padded input has 2"


@pytest.mark.parametrize(
    ("image", "kernel", "options", "dtype", "limit"),
    [
        (1e300, 1e10, {}, float, "1.8e308"),
        (1.0, 1e308, {}, float, "1.8e308"),
        (1e308, 1.0, {"bias": [1e308]}, float, "1.8e308"),
        (1.0, 1e10, {"padding": 1, "padding_mode": "constant", "padding_value": 1e300}, float,
         "1.8e308"),
        (1e30, 1e10, {}, np.float32, "3.4e38"),
        (1e300, 1e7, {}, float, None),
        (1e30, 1e7, {}, np.float32, None),
        (0.0, 1e308, {}, float, "1.8e308"),
    ],
)  # fmt: skip
def test_numbers_whose_sums_no_computer_could_hold_are_refused(
    image, kernel, options, dtype, limit
):
    small = document(np.full((3, 3), image), np.full((2, 2), kernel), **options)
    layer = replace(small.layers[0], weight=small.layers[0].weight.astype(dtype))
    small = replace(small, image=small.image.astype(dtype), layers=(layer,))
    found = small.problem and small.problem.problem.sentence
    sentence = f"the numbers are too large: sums of them could pass {limit}"
    assert found == (limit and sentence)
    if limit is None:
        assert np.isfinite(compute(small, 0).maps).all()


def test_a_number_that_is_too_large_changes_nothing_and_says_so():
    now = changes.set_cell(new_session(), "input", (7, 3), 1e300)
    after = changes.set_cell(now, "kernel", (0, 0), 1e300)
    assert after.problem.sentence.startswith("the numbers are too large")
    assert after.document is now.document
    assert changes.withdraw(after).problem is None


def test_a_stack_shows_what_its_layer_reads():
    first, second = document((4, 4), (2, 2), activation="relu"), document((3, 3), (2, 2))
    stack = replace(first, layers=(*first.layers, *second.layers))
    found = compute(stack, 2)
    assert np.array_equal(found.image, compute(first, 0).maps)
    assert found.maps.shape == (1, 2, 2)
    scene = derive_scene(Session(stack, layer=2))
    assert np.array_equal(scene.input.cells.values, found.image[0])


@pytest.mark.parametrize(
    ("image", "title"),
    [(None, "Letter H"), ((0, 0), "Letter H, edited"), ("own", "photo.png")],
)
def test_an_input_that_was_edited_says_so(image, title):
    now = new_session()
    if image == (0, 0):
        now = changes.set_cell(now, "input", image, 1.0)
    elif image:
        now = changes.set_image(now, np.ones((4, 4)), "photo.png")
    assert now.document.image_title == title
    assert derive_scene(now).title.startswith(title)


# How much is kept


def test_the_oldest_changes_go_first():
    now = new_session()
    for number in range(history.DEPTH + 20):
        now = changes.set_cell(now, "kernel", (0, 0), float(number + 1))
    assert len(now.history.past) == history.DEPTH
    for _ in range(history.DEPTH + 5):
        now = changes.undo(now)
    assert now.conv.weight[0, 0, 0, 0] == 20
    for _ in range(history.DEPTH + 5):
        now = changes.redo(now)
    assert now.conv.weight[0, 0, 0, 0] == history.DEPTH + 20


KERNEL = 8  # bytes, which all changes share


def kept_with(limit, monkeypatch, changes):
    monkeypatch.setattr(history, "LARGEST_BYTES", limit)
    now = session((10, 10), (1, 1))
    for change in changes:
        now = change(now)
    return now.history.past


def test_changes_are_kept_up_to_a_number_of_bytes(monkeypatch):
    edits = [partial(edit, number=number) for number in range(10)]
    assert len(kept_with(800 * 4 + KERNEL, monkeypatch, edits)) == 4
    assert len(kept_with(800 * 4 + KERNEL - 1, monkeypatch, edits)) == 3


def edit(now, number):
    return changes.set_cell(now, "input", (0, 0), number + 100.0)


def test_one_change_is_always_kept(monkeypatch):
    assert len(kept_with(1, monkeypatch, [partial(edit, number=1), partial(edit, number=2)])) == 1


def test_an_image_that_changes_share_counts_once(monkeypatch):
    flips = [partial(changes.set_flip, flip=bool(n % 2)) for n in range(1, 21)]
    assert len(kept_with(800 + KERNEL, monkeypatch, flips)) == 20


def test_a_change_of_the_same_kind_joins_only_the_last():
    first, second = document(), document()
    past = History().push("Stride", first, "stride").push("Stride", second, "stride").past
    assert [(change.name, change.document) for change in past] == [("Stride", first)]
    past = History(past, (Change("Fill", second),)).push("Stride", second, "stride").past
    assert len(past) == 2


def test_kernels_are_known_by_their_numbers():
    now = changes.set_kernel(new_session(), KERNELS["blur"].kernel)
    assert derive_scene(now).title == "Letter H ∗ Blur (plus)"
    own = changes.set_cell(now, "kernel", (0, 0), 3.0)
    assert derive_scene(own).title == "Letter H ∗ Own kernel"
    back = changes.set_cell(own, "kernel", (0, 0), 0.0)
    assert derive_scene(changes.set_flip(back, False)).title == "Letter H ⋆ Blur (plus)"


def test_counted_cells_are_what_the_tests_think():
    assert counted((2, 3)).tolist() == [[1, 2, 3], [4, 5, 6]]


LENET = new_session(EXAMPLES["lenet"].make())
COMPUTED = "layer 3 makes the cells that layer 4 reads: choose the first layer to write into the"


@pytest.mark.parametrize(
    ("session", "pane", "cell", "sentence"),
    [
        (replace(LENET, layer=3, source=3), "input", (0, 0), COMPUTED),
        (replace(LENET, layer=3), "input", (0, 0), COMPUTED),
        (LENET, "input", (14, 0),
         "there is no cell 14, 0: the input has 14 × 14 cells, counted from 0"),
        (LENET, "input", (0, -1),
         "there is no cell 0, -1: the input has 14 × 14 cells, counted from 0"),
        (LENET, "kernel", (0, 5), "there is no cell 0, 5: the kernel has 5 × 5 cells, counted"),
        (LENET, "bias", (0, 6), "there is no cell 0, 6: the bias has 1 × 6 cells, counted from 0"),
        (LENET, "output", (0, 0), "output is computed; numbers can be written into input, kernel,"),
        (show_workspace(new_session(), "learn"), "target", (99, 0), "there is no cell 99, 0: the "),
    ],
)  # fmt: skip
def test_a_number_for_a_cell_that_there_is_not_is_refused_in_one_line(
    session, pane, cell, sentence
):
    with pytest.raises(LayerError) as caught:
        type_into(session, pane, cell, 5.0)
    assert str(caught.value).startswith(sentence)

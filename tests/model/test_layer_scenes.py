"""What is shown of every kind of layer: channels, pooling, stamps, curves, the stack."""

import numpy as np
import pytest

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.engine.network import Network
from convviz.model import changes, pages, stacking, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document
from convviz.model.impulse import impulse_test
from convviz.model.session import Session, Target

IMAGE = np.arange(48.0).reshape(3, 4, 4) % 7
EDGES = np.array([[[[1, 0], [0, -1]]] * 3, [[[0, 1], [1, 0]]] * 3])


def opened(*layers, image=IMAGE, focus=0):
    return Session(Document(np.asarray(image, float), "numbers", layers), layer=focus)


def text(line):
    return " ".join(token.text for token in line)


def colours():
    return opened(Conv(EDGES, [1, -1], padding=1), Activation("relu"))


def test_steps_go_through_all_feature_maps_one_after_the_other():
    now = colours()
    assert (now.output_size, now.step_count) == ((5, 5), 50)
    assert [transitions.seek(now, step).channel for step in (0, 24, 25, 49)] == [0, 0, 1, 1]
    assert derive_scene(transitions.seek(now, 25)).output.detail == "2 of 2 · 5 × 5 · after ReLU"
    assert transitions.seek(now, 30).cursor.step == 30
    assert transitions.choose_channel(transitions.seek(now, 7), 1).playhead.step == 32


def test_the_products_are_formed_channel_by_channel_then_summed_then_biased_then_activated():
    now = transitions.seek(colours(), 6)
    assert now.stages == ("channels", "bias", "activation")
    shown = [derive_scene(transitions.seek(now, 6, term)) for term in range(now.stage_count)]
    assert [scene.input.detail[0] for scene in shown[:12]] == list("RRRRGGGGBBBB")
    assert text(shown[3].dot.equation.result) == "= −5 R after 4 of 4 products"
    assert text(shown[3].dot.equation.channels) == "R (−5) + G … + B …"
    assert text(shown[11].dot.equation.channels) == "R (−5) + G 2 + B 2"
    assert text(shown[12].dot.equation.result) == "= −1"
    assert text(shown[13].dot.equation.result) == "= −1 + bias 1 = 0"
    assert text(shown[14].dot.equation.result) == "= −1 + bias 1 = 0 → ReLU → 0 → row 1, column 1"
    assert shown[14].sentence == (
        "row 1, column 1: channel R (-5) + channel G 2 + channel B 2 + bias 1 = 0, ReLU: 0"
    )


def test_every_channel_and_every_kernel_has_a_picture_to_choose():
    scene = derive_scene(colours())
    assert [item.label for item in scene.inputs.items] == ["R", "G", "B"]
    assert [item.label for item in scene.outputs.items] == ["1", "2"]
    kernels = scene.kernel.thumbnails
    assert kernels.columns == 3
    assert [item.label for item in kernels.items] == [
        "R → 1", "G → 1", "B → 1", "R → 2", "G → 2", "B → 2",
    ]  # fmt: skip
    chosen = derive_scene(transitions.choose_kernel(colours(), 1, 2))
    assert [item.chosen for item in chosen.kernel.thumbnails.items] == [False] * 5 + [True]
    assert chosen.kernel.grid.detail == "B → 2"


def test_one_channel_has_no_pictures_to_choose_from():
    scene = derive_scene(opened(Conv(np.ones((1, 1, 2, 2))), image=IMAGE[:1]))
    assert not scene.inputs.items
    assert not scene.outputs.items
    assert not scene.kernel.thumbnails.items


def test_a_grouped_kernel_sees_its_channels_only():
    image = np.ones((4, 3, 3))
    now = opened(Conv(np.ones((4, 2, 1, 1)), groups=2), image=image)
    seen = [item.seen for item in derive_scene(now).inputs.items]
    assert seen == [True, True, False, False]
    second = transitions.choose_channel(now, 3)
    assert [item.seen for item in derive_scene(second).inputs.items] == [False, False, True, True]
    assert derive_scene(second).input.detail.startswith("3 of 4")


def test_the_maximum_of_a_pooling_window_is_marked():
    image = [[[1, 2, 5, 0], [4, 3, 9, 1], [0, 0, 7, 7], [0, 6, 7, 7]]]
    scene = derive_scene(opened(Pool("max", 2), image=image))
    assert (scene.kernel.word, scene.kernel.facts[0]) == ("max", "the largest of 2 × 2")
    assert scene.dot.weight is None
    assert scene.dot.title == "Largest cell at row 0, column 0"
    assert (scene.dot.window.lit.rows, scene.dot.window.lit.columns) == ((1,), (0,))
    assert (scene.input.lit.rows, scene.input.lit.columns) == ((1,), (0,))
    assert text(scene.dot.equation.result) == "= 4 → row 0, column 0"
    assert scene.sentence == "row 0, column 0: the largest of 1, 2, 4, 3 = 4"
    tie = derive_scene(transitions.seek(opened(Pool("max", 2), image=image), 3))
    assert (tie.input.lit.rows, tie.input.lit.columns) == ((2,), (2,))


def test_pooling_forms_its_result_cell_by_cell():
    now = opened(Pool("avg", 2), image=[[[1, 2], [4, 3]]])
    steps = [derive_scene(transitions.seek(now, 0, term)) for term in range(now.stage_count)]
    found = [text(scene.dot.equation.result) for scene in steps]
    assert found == [
        "= 1 after 1 of 4 cells",
        "= 3 after 2 of 4 cells",
        "= 7 after 3 of 4 cells",
        "= 10",
        "= 10 / 4 = 2.5 → row 0, column 0",
    ]


def test_padding_of_max_pooling_is_minus_infinity_and_of_the_mean_nothing():
    largest = derive_scene(opened(Pool("max", 2, padding=1), image=-np.ones((1, 2, 2))))
    assert largest.input.cells.values[0, 0] == -np.inf
    assert largest.sentence == "row 0, column 0: the largest of -∞, -∞, -∞, -1 = -1"
    mean = opened(Pool("avg", 2, padding=1, count_include_pad=False), image=np.ones((1, 2, 2)))
    assert derive_scene(mean).sentence == "row 0, column 0: (0 + 0 + 0 + 1) / 1 = 1"


def test_a_window_that_hangs_over_in_ceil_mode_is_shown_with_padding():
    scene = derive_scene(opened(Pool("max", 2, ceil_mode=True), image=np.ones((1, 3, 3))))
    assert scene.input.cells.shape == (4, 4)
    assert scene.input.cells.padding == ((0, 1), (0, 1))
    assert scene.size.formula.startswith("W_out = ⌈")


def test_an_activation_shows_its_curve_with_the_present_value_on_it():
    scene = derive_scene(opened(Activation("leaky_relu"), image=[[[-2.0, 3.0]]]))
    assert scene.kernel.curve.at == (-2.0, -0.02)
    assert scene.kernel.curve.x[0] == -3.0
    assert scene.kernel.curve.x[-1] == 3.0
    assert scene.sentence == "row 0, column 0: leaky ReLU(-2) = -0.02"
    assert text(scene.dot.equation.terms[0].tokens) == "x =  −2"


def upsampler(**settings):
    weight = np.array([[[[1, 2], [3, 4]]]])
    return opened(ConvTranspose(weight, **settings), image=[[[1, 2], [0, 5]]])


def test_a_transposed_convolution_reads_cells_with_zeros_between_them():
    scene = derive_scene(upsampler(stride=2))
    assert scene.input.cells.spread
    assert scene.input.cells.values.tolist() == [
        [0, 0, 0, 0, 0],
        [0, 1, 0, 2, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 5, 0],
        [0, 0, 0, 0, 0],
    ]
    assert scene.kernel.flipped.cells.values.tolist() == [[4, 3], [2, 1]]
    assert scene.output.cells.values.tolist() == [
        [1, 2, 2, 4], [3, 4, 6, 8], [0, 0, 5, 10], [0, 0, 15, 20],
    ]  # fmt: skip
    assert text(scene.size.lines[0]) == "(2 − 1)· 2  −  2·0  +  2  + 0  = 4"


@pytest.mark.parametrize("settings", [{"stride": 2}, {"padding": 1}, {"stride": 3, "dilation": 2}])
def test_stamps_add_up_to_what_the_gathering_windows_find(settings):
    gathered = derive_scene(upsampler(**settings)).output.cells.values
    now = transitions.set_scatter(upsampler(**settings), True)
    assert now.step_count == 4
    assert np.array_equal(derive_scene(transitions.last(now)).output.cells.values, gathered)
    first = derive_scene(now)
    assert first.dot.title == "Stamp of row 0, column 0"
    assert first.dot.products.cells.values.tolist() == [[1, 2], [3, 4]]
    assert first.output.cells.values.sum() <= 10


def test_a_stamp_lights_the_cells_that_it_adds_to():
    now = transitions.seek(transitions.set_scatter(upsampler(stride=2), True), 1)
    scene = derive_scene(now)
    assert (scene.output.lit.rows, scene.output.lit.columns) == ((0, 1), (2, 3))
    assert scene.input.current == (0, 1)
    assert scene.input.cells.values.tolist() == [[1, 2], [0, 5]]
    assert scene.dot.equation.result[-1].text == "stamps rows 0 to 1, columns 2 to 3"


def test_all_pairs_of_channels_stamp_one_after_the_other():
    weight = np.ones((2, 3, 2, 2))
    now = transitions.set_scatter(opened(ConvTranspose(weight), image=np.ones((2, 3, 3))), True)
    assert now.step_count == 2 * 3 * 9
    seen = [(transitions.seek(now, step).channel, transitions.seek(now, step).shown_source)
            for step in range(0, 54, 9)]  # fmt: skip
    assert seen == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 0), (2, 1)]


def test_use_counts_are_one_in_the_corner_three_at_the_edge_and_nine_inside():
    now = opened(Conv(np.ones((1, 1, 3, 3))), image=np.ones((1, 7, 7)))
    cells = derive_scene(transitions.set_use_counts(now, True)).input.cells.values
    assert (cells[0, 0], cells[0, 3], cells[3, 3]) == (1, 3, 9)


@pytest.mark.parametrize(
    ("layer", "row"),
    [
        (Conv(np.ones((1, 1, 3)), padding=1), [1, 2, 3, 3, 2, 1]),
        (Conv(np.ones((1, 1, 3)), padding="full"), [1, 2, 3, 3, 3, 3, 2, 1]),
        (Conv(np.ones((1, 1, 3)), padding=1, padding_mode="constant", padding_value=7.0),
         [1, 2, 3, 3, 2, 1]),
        (Conv(np.ones((1, 1, 3)), padding=1, padding_mode="reflect"), [1, 2, 4, 4, 2, 1]),
        (Conv(np.ones((1, 1, 2)), padding=1, stride=2), [1, 1, 1, 1, 1, 1]),
        (Conv(np.ones((1, 1, 3)), padding=1, dilation=2), [1, 1, 1, 1, 1, 1]),
        (Pool("avg", (2,), stride=1, padding=1), [1, 2, 2, 2, 2, 1]),
        (Pool("avg", (2,), stride=1, padding=1, count_include_pad=False), [0, 2, 2, 2, 2, 0]),
        (Pool("max", (2,), stride=1, padding=1), [0, 2, 2, 2, 2, 0]),
    ],
    ids=str,
)  # fmt: skip
def test_padding_is_counted_as_often_as_windows_use_it(layer, row):
    now = opened(layer, image=np.arange(1.0, 5)[None])
    shown = derive_scene(transitions.set_use_counts(now, True)).input
    assert shown.cells.values.tolist() == [row]
    copied = getattr(layer, "padding_mode", "zeros") == "reflect"
    assert ("with its copies" in shown.detail) is copied


def test_a_corner_of_padding_is_counted_by_both_axes():
    now = opened(Conv(np.ones((1, 1, 3, 3)), padding=1), image=np.ones((1, 4, 4)))
    cells = derive_scene(transitions.set_use_counts(now, True)).input.cells.values
    assert cells[0].tolist() == [1, 2, 3, 3, 2, 1]
    assert cells[1].tolist() == [2, 4, 6, 6, 4, 2]
    assert cells.sum() == 9 * 16  # nine products for each of the sixteen output cells


def test_the_overlap_of_stamps_is_a_checkerboard():
    now = opened(ConvTranspose(np.ones((1, 1, 3, 3)), stride=2), image=np.ones((1, 3, 3)))
    scene = derive_scene(transitions.set_use_counts(now, True))
    assert scene.output.cells.values[2, 1:6].tolist() == [2, 4, 2, 4, 2]
    assert scene.output.detail.endswith("stamps per cell")


def lenet():
    rng = np.random.default_rng(0)
    layers = (
        Conv(rng.integers(-1, 2, (2, 3, 3, 3)), padding=1),
        Activation("relu"),
        Pool("max", 2),
        Conv(rng.integers(-1, 2, (1, 2, 3, 3))),
    )
    image = rng.integers(0, 9, (3, 12, 12))
    return pages.show_workspace(opened(*layers, image=image, focus=3), "layers")


def test_the_stack_is_cards_with_shapes_and_costs():
    stack = derive_scene(lenet()).stack
    assert [(card.title, card.shape) for card in stack.cards] == [
        ("Image", "3 × 12 × 12"),
        ("Conv 3×3", "2 × 12 × 12"),
        ("ReLU", "2 × 12 × 12"),
        ("MaxPool 2", "2 × 6 × 6"),
        ("Conv 3×3", "1 × 4 × 4"),
    ]
    assert [card.focused for card in stack.cards] == [False] * 4 + [True]
    assert stack.cards[1].note == "54 params"
    assert stack.totals == ("72 parameters", f"{54 * 144 + 18 * 16:,} multiply-adds")


def test_a_late_cell_has_its_receptive_field_on_the_image_with_the_arithmetic():
    now = transitions.seek_cell(lenet(), 1, 2)
    stack = derive_scene(now).stack
    assert stack.lines == ("field 1 + 2 + 1 + 4 = 8", "jump 1 · 2 = 2", "start 0 + 0.5 + 2 = 2.5")
    assert (stack.field.rows, stack.field.columns) == (tuple(range(1, 9)), tuple(range(3, 11)))
    hovered = transitions.hover(now, Target("output", (0, 0)))
    assert derive_scene(hovered).stack.field.rows == tuple(range(7))


def test_a_disabled_layer_is_skipped_and_says_so():
    now = stacking.toggle_layer(stacking.focus_layer(lenet(), 1))
    stack = derive_scene(now).stack
    assert (stack.cards[2].note, stack.cards[2].disabled) == ("skipped", True)
    assert now.history.past[-1].name == "Disable ReLU"
    after = stacking.focus_layer(now, 2)
    layers = [now.document.layers[0], now.document.layers[2]]
    expected = Network(layers)(now.document.image)[0]
    assert np.array_equal(derive_scene(after).output.cells.values, expected)


def test_cells_of_a_late_input_cannot_be_typed_and_the_pane_knows_why():
    assert derive_scene(lenet()).input.read_only.startswith("layers before this one")
    assert derive_scene(colours()).input.read_only == ""
    counts = transitions.set_use_counts(colours(), True)
    assert derive_scene(counts).input.read_only.startswith("these are counts")


def test_layers_are_added_moved_copied_and_removed_by_name():
    now = colours()
    now = stacking.add_layer(now, "max")
    assert (now.layer, now.history.past[-1].name) == (2, "Add MaxPool 2")
    now = stacking.move_later(stacking.move_earlier(now))
    assert [type(layer).__name__ for layer in now.document.layers] == ["Conv", "Activation", "Pool"]
    assert now.layer == 2
    now = stacking.duplicate_layer(now)
    assert (now.layer, len(now.document.layers)) == (3, 4)
    now = stacking.remove_layer(stacking.remove_layer(now))
    assert [type(layer).__name__ for layer in now.document.layers] == ["Conv", "Activation"]
    last = stacking.remove_layer(stacking.remove_layer(now))
    assert len(last.document.layers) == 1
    assert last.message.text.startswith("A stack has at least one layer")


def test_while_something_does_not_fit_the_stack_is_left_alone_and_shows_what_it_is():
    now = stacking.add_layer(stacking.focus_layer(lenet(), 0), "max")
    small = stacking.add_layer(now, "max")
    assert small.problem.sentence == "the kernel spans 3 cells, the padded input has 1"
    cards = derive_scene(small).stack.cards
    assert [(card.shape, card.problem) for card in cards[-2:]] == [
        ("2 × 1 × 1", False),
        ("does not fit", True),
    ]
    for change in (stacking.remove_layer, stacking.move_earlier, stacking.toggle_layer):
        after = change(small)
        assert after.edited is small.edited
        assert after.message.text.startswith("First mend what does not fit")
    assert stacking.focus_layer(small, 0).layer == small.layer
    mended = changes.apply_fix(small, small.problem.fixes[0])
    assert len(mended.document.layers) == len(small.edited.layers)


def test_a_layer_is_added_after_the_activation_that_belongs_to_the_one_in_focus():
    now = stacking.add_layer(colours(), "avg")
    assert [type(layer).__name__ for layer in now.document.layers] == ["Conv", "Activation", "Pool"]
    assert now.layer == 2


def test_a_feature_map_is_added_copied_and_removed_with_its_bias():
    now = stacking.duplicate_output_channel(transitions.choose_channel(colours(), 1))
    assert (now.output_count, now.channel, now.conv.bias.tolist()) == (3, 2, [1, -1, -1])
    assert np.array_equal(now.conv.weight[2], now.conv.weight[1])
    now = stacking.add_output_channel(now)
    assert not now.conv.weight[3].any()
    now = stacking.remove_output_channel(transitions.choose_channel(now, 0))
    assert now.conv.bias.tolist() == [-1, -1, 0]


def test_groups_that_do_not_divide_are_explained_and_mended():
    now = changes.set_groups(opened(Conv(np.ones((4, 4, 1, 1))), image=np.ones((4, 2, 2))), 3)
    assert (
        now.problem.sentence
        == "3 groups do not divide 4 input channels and 4 output channels evenly"
    )
    for fix in now.problem.fixes:
        assert changes.apply_fix(now, fix).problem is None


def test_the_layer_that_does_not_fit_is_mended_even_when_another_is_shown():
    now = stacking.set_output_channels(stacking.focus_layer(lenet(), 0), 5)
    assert now.edited.problem.index == 3
    mended = changes.apply_fix(now, now.problem.fixes[0])
    assert mended.problem is None
    assert mended.document.layers[3].in_channels == 5


def test_a_kernel_survives_becoming_transposed_and_back():
    now = opened(Conv(EDGES, stride=2))
    there = stacking.set_kind(now, "transpose")
    assert there.focus.weight.shape == (3, 2, 2, 2)
    back = stacking.set_kind(there, "conv")
    assert np.array_equal(back.focus.weight, EDGES)


def test_an_impulse_brings_out_the_kernel_or_its_mirror_image():
    kernel = np.array([[1.0, 2], [3, 4]])
    for flip, expected in ((True, kernel), (False, kernel[::-1, ::-1])):
        now = impulse_test(opened(Conv(kernel[None, None], flip=flip), image=IMAGE[:1]))
        found = derive_scene(now).output.cells.values
        rows, columns = np.nonzero(found)
        block = found[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        assert np.array_equal(block, expected)
        mirrored = "its mirror image" in now.message.text
        assert mirrored is not flip

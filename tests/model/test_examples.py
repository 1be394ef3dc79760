"""The scenes of the field: sizes as in their sources, numbers as torch computes them."""

from dataclasses import replace

import numpy as np
import pytest

from convviz.cli import program
from convviz.engine.inputs import INPUTS
from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.engine.network import apply_layer, layer_cost, receptive_field
from convviz.engine.windows import windows_of
from convviz.model.changes import set_stride
from convviz.model.derive import derive_scene
from convviz.model.document import results
from convviz.model.examples import (
    EXAMPLES,
    GROUPS,
    LECTURE,
    SIGNALS_GROUP,
    open_example,
    shows_layers,
)
from convviz.model.pages import RANKS, workspace_of
from convviz.model.session import WORKSPACES, new_session
from convviz.model.stacking import focus_layer
from convviz.model.transitions import seek

# Dumoulin & Visin (2016), chapters 2, 4 and 5, as in github.com/vdumoulin/conv_arithmetic:
# name, cells a side of input, kernel and output, then stride, padding, dilation
CONVOLUTIONS = [
    ("no-padding-no-strides", 4, 3, 2, 1, 0, 1),
    ("arbitrary-padding", 5, 4, 6, 1, 2, 1),
    ("half-padding", 5, 3, 5, 1, 1, 1),
    ("full-padding", 5, 3, 7, 1, 2, 1),
    ("no-padding-strides", 5, 3, 2, 2, 0, 1),
    ("padding-strides", 5, 3, 3, 2, 1, 1),
    ("padding-strides-odd", 6, 3, 3, 2, 1, 1),
    ("dilation", 7, 3, 3, 1, 0, 2),
]
# The same for the transposed; the last number is the output_padding
TRANSPOSED = [
    ("no-padding-no-strides-transposed", 2, 3, 4, 1, 0, 0),
    ("arbitrary-padding-transposed", 6, 4, 5, 1, 2, 0),
    ("half-padding-transposed", 5, 3, 5, 1, 1, 0),
    ("full-padding-transposed", 7, 3, 5, 1, 2, 0),
    ("no-padding-strides-transposed", 2, 3, 5, 2, 0, 0),
    ("padding-strides-transposed", 3, 3, 5, 2, 1, 0),
    ("padding-strides-odd-transposed", 3, 3, 6, 2, 1, 1),
]
OTHERS = {
    "h-sobel": ((1, 16, 16), (1, 16, 16)),
    "h-blur": ((1, 16, 16), (1, 16, 16)),
    "flip-matters": ((1, 3, 3), (1, 2, 2)),
    "full-signal": ((1, 5), (1, 7)),
    "signal-1-2-3": ((1, 3), (1, 5)),
    "average-of-noise": ((1, 64), (1, 64)),
    "echo-of-a-pulse": ((1, 7), (1, 15)),
    "echo-of-a-string": ((1, 2000), (1, 2000)),
    "two-boxes": ((1, 13), (1, 13)),
    "heartbeats": ((1, 200), (1, 200)),
    "guide-numbers": ((1, 5, 5), (1, 3, 3)),
    "guide-numbers-strides": ((1, 5, 5), (1, 3, 3)),
    "average-pooling": ((1, 5, 5), (1, 3, 3)),
    "max-pooling": ((1, 5, 5), (1, 3, 3)),
    "max-pooling-ceil": ((1, 5, 5), (1, 3, 3)),
    "cs231n-two-filters": ((3, 5, 5), (2, 3, 3)),
    "lenet": (
        *((1, 14, 14), (6, 12, 12), (6, 12, 12), (6, 6, 6)),
        *((4, 4, 4), (4, 4, 4), (4, 2, 2)),
    ),
    "depthwise-separable": ((3, 6, 6), (3, 4, 4), (4, 4, 4)),
    "overlaps": ((1, 5, 5), (1, 11, 11)),
    "dilated-context": ((1, 15, 15), (1, 13, 13), (1, 9, 9), (1, 1, 1)),
    "dilated-causal": ((1, 8), (1, 8), (1, 8), (1, 8)),
}


DRAWN = (LECTURE, SIGNALS_GROUP)  # with curves among them


def document(name):
    return EXAMPLES[name].make()


def made_by(name):
    found = document(name)
    return results(found).entering(len(found.layers))


@pytest.mark.parametrize(
    ("name", "image", "kernel", "output", "stride", "padding", "dilation"), CONVOLUTIONS
)
def test_convolutions_are_those_of_the_guide(
    name, image, kernel, output, stride, padding, dilation
):
    found = document(name)
    (layer,) = found.layers
    assert isinstance(layer, Conv)
    assert layer.kernel_size == (kernel, kernel)
    assert (layer.stride, layer.dilation) == ((stride,) * 2, (dilation,) * 2)
    assert layer.amounts((image, image)) == ((padding, padding),) * 2
    assert found.shapes == ((1, image, image), (1, output, output))


@pytest.mark.parametrize(
    ("name", "image", "kernel", "output", "stride", "padding", "output_padding"), TRANSPOSED
)
def test_transposed_convolutions_are_those_of_the_guide(
    name, image, kernel, output, stride, padding, output_padding
):
    found = document(name)
    (layer,) = found.layers
    assert isinstance(layer, ConvTranspose)
    assert layer.kernel_size == (kernel, kernel)
    assert (layer.stride, layer.padding) == ((stride,) * 2, (padding,) * 2)
    assert layer.output_padding == (output_padding,) * 2
    assert found.shapes == ((1, image, image), (1, output, output))


@pytest.mark.parametrize("name", [row[0] for row in CONVOLUTIONS if row[0] != "dilation"])
def test_the_transposed_goes_back_to_the_size_that_the_convolution_came_from(name):
    there, back = document(name), document(f"{name}-transposed")
    assert there.shapes == back.shapes[::-1]


@pytest.mark.parametrize("name", OTHERS)
def test_other_scenes_have_the_sizes_that_they_tell(name):
    assert document(name).shapes == OTHERS[name]


def test_every_example_is_in_a_table_above():
    named = [row[0] for row in (*CONVOLUTIONS, *TRANSPOSED)]
    assert sorted([*named, *OTHERS]) == sorted(EXAMPLES)


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("guide-numbers", [[12, 12, 17], [10, 17, 19], [9, 6, 14]]),
        ("guide-numbers-strides", [[6, 17, 3], [8, 17, 13], [6, 4, 4]]),
        ("average-pooling", [[1.7, 1.7, 1.7], [1.0, 1.2, 1.8], [1.1, 0.8, 1.3]]),
        ("max-pooling", [[3, 3, 3], [3, 3, 3], [3, 2, 3]]),
    ],
)
def test_numbers_are_those_printed_in_the_guide(name, numbers):
    assert made_by(name)[0].round(1).tolist() == numbers


def by_torch(torch, layer, image):
    """Return what torch makes of `image` (channels, *spatial)."""
    functional = torch.nn.functional
    rank = image.ndim - 1
    match layer:
        case Conv():
            weight, amounts = torch.tensor(layer.weight), layer.amounts(tuple(image.shape[1:]))
            weight = weight.flip(tuple(range(2, 2 + rank))) if layer.flip else weight
            padded = functional.pad(image, [cells for pair in amounts[::-1] for cells in pair])
            convolve = functional.conv1d if rank == 1 else functional.conv2d
            bias = None if layer.bias is None else torch.tensor(layer.bias)
            settings = {"dilation": layer.dilation, "groups": layer.groups}
            return convolve(padded[None], weight, bias, layer.stride, **settings)[0]
        case ConvTranspose():
            weight = torch.tensor(layer.weight)
            settings = {"padding": layer.padding, "output_padding": layer.output_padding}
            made = functional.conv_transpose2d(image[None], weight, stride=layer.stride, **settings)
            return made[0]
        case Pool():
            pool = functional.max_pool2d if layer.kind == "max" else functional.avg_pool2d
            settings = {"padding": layer.padding, "ceil_mode": layer.ceil_mode}
            return pool(image, layer.kernel_size, layer.stride, **settings)
        case Activation():
            return getattr(torch, layer.name)(image)


@pytest.mark.parametrize("name", EXAMPLES)
def test_torch_makes_the_same(torch, name):
    found = document(name)
    image = torch.tensor(found.image)
    for index, layer in enumerate(found.layers):
        image = by_torch(torch, layer, image)
        np.testing.assert_allclose(results(found).entering(index + 1), image.numpy(), atol=1e-12)


@pytest.mark.parametrize("workspace", WORKSPACES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_layer_shows_its_first_and_last_step_in_every_workspace(name, workspace):
    opened = open_example(new_session(), name)
    if RANKS.get(workspace, opened.rank) != opened.rank:
        pytest.skip("signals and images have workspaces of their own")
    session = replace(opened, view=replace(opened.view, workspace=workspace))
    for index in range(len(session.document.layers)):
        focused = focus_layer(session, index)
        for step in (0, focused.step_count - 1):
            scene = derive_scene(seek(focused, step))
            assert (scene.step, scene.step_count) == (step, focused.step_count)


@pytest.mark.parametrize("name", EXAMPLES)
def test_opening_begins_anew_in_the_workspace_that_shows_all(name):
    before = set_stride(new_session(), (2, 2))
    opened = open_example(before, name)
    assert not opened.history.past
    assert (opened.layer, opened.playhead.step, opened.scatter) == (0, 0, False)
    several = len(opened.document.layers) > 1 or max(s[0] for s in opened.document.shapes) > 1
    assert opened.view.workspace == ("layers" if several else workspace_of(opened.rank))
    assert opened.view.theme == before.view.theme


def test_one_layer_with_its_activation_needs_no_stack():
    found = document("half-padding")
    (layer,) = found.layers
    assert not shows_layers(replace(found, layers=(layer, Activation("relu"))))
    assert shows_layers(replace(found, layers=(layer, Activation("relu"), layer)))
    assert shows_layers(replace(found, layers=(Activation("relu"), layer)))


@pytest.mark.parametrize("name", [e.name for e in EXAMPLES.values() if e.group not in DRAWN])
def test_numbers_are_small_and_whole(name):
    found = document(name)
    numbers = [found.image, *(layer.weight for layer in found.layers if hasattr(layer, "weight"))]
    for array in numbers:
        assert np.array_equal(array, np.rint(array))
        assert np.abs(array).max() <= 9


def test_an_example_is_the_same_each_time_it_is_made():
    for name in EXAMPLES:
        assert np.array_equal(document(name).image, document(name).image)
        assert np.array_equal(made_by(name), made_by(name))


def test_names_are_those_of_nothing_else():
    assert not EXAMPLES.keys() & {*INPUTS, *program.commands}
    assert all(name == example.name for name, example in EXAMPLES.items())
    assert all(
        example.title and example.summary and example.source for example in EXAMPLES.values()
    )


def test_stamps_overlap_as_often_as_the_checkerboard_says():
    found = document("overlaps")
    (layer,) = found.layers
    counts = windows_of(layer, found.image).overlap_counts()
    assert np.array_equal(apply_layer(layer, found.image)[0], counts)
    assert set(counts.flat) == {1, 2, 4}


def test_dilated_layers_see_what_they_tell():
    layers = document("dilated-context").layers
    sizes = [receptive_field(layers[:count], (15, 15))[0].size for count in (1, 2, 3)]
    assert sizes == [3, 7, 15]
    (field,) = receptive_field(document("dilated-causal").layers, (8,))
    assert field.size == 8
    assert made_by("dilated-causal")[0].tolist() == np.cumsum(range(1, 9)).tolist()


def test_a_separable_convolution_has_the_weights_that_it_tells():
    found = document("depthwise-separable")
    costs = [
        layer_cost(layer, shape) for layer, shape in zip(found.layers, found.shapes, strict=False)
    ]
    assert sum(cost.parameters for cost in costs) == 39
    assert layer_cost(Conv(np.ones((4, 3, 3, 3))), (3, 6, 6)).parameters == 108


def test_the_lectures_numbers_come_out():
    assert made_by("flip-matters").ravel().tolist() == [7, 9, 13, 15]
    assert made_by("full-signal").ravel().tolist() == [10, 29, 56, 83, 110, 77, 40]


# name, what NumPy does, its mode, and which of its values are taken
BY_NUMPY = [
    ("full-signal", np.convolve, "full", slice(None)),
    ("signal-1-2-3", np.convolve, "full", slice(None)),
    ("average-of-noise", np.convolve, "same", slice(None)),
    ("echo-of-a-pulse", np.convolve, "full", slice(None)),
    ("echo-of-a-string", np.convolve, "full", slice(2000)),
    ("two-boxes", np.convolve, "same", slice(None)),
    ("heartbeats", np.correlate, "same", slice(None)),
]


@pytest.mark.parametrize(("name", "numpy_does", "mode", "taken"), BY_NUMPY)
def test_numpy_makes_the_same_of_signals(name, numpy_does, mode, taken):
    found = document(name)
    (layer,) = found.layers
    (pitch,) = layer.dilation
    kernel = np.zeros((layer.weight.size - 1) * pitch + 1)
    kernel[::pitch] = layer.weight.ravel()
    expected = numpy_does(found.image[0], kernel, mode)[taken]
    np.testing.assert_allclose(made_by(name)[0], expected, atol=1e-12)


def test_all_signals_of_one_layer_are_checked_by_numpy():
    signals = {name for name in EXAMPLES if document(name).rank == 1}
    assert signals - {row[0] for row in BY_NUMPY} == {"dilated-causal"}


def test_signals_show_what_their_summaries_tell():
    assert made_by("signal-1-2-3")[0].tolist() == [4, 13, 28, 27, 18]
    echoes = made_by("echo-of-a-pulse")[0]
    assert echoes[[3, 7, 11]].tolist() == [1, 0.5, 0.25]
    assert np.count_nonzero(echoes) == 3
    boxes = made_by("two-boxes")[0]
    assert boxes[boxes > 0].tolist() == [1, 2, 3, 4, 5, 4, 3, 2, 1]
    found = made_by("heartbeats")[0]
    assert sorted(np.argsort(found)[-4:].tolist()) == [20, 70, 120, 170]
    assert np.argmax(document("heartbeats").image[0][:50]) == 20


def test_the_mean_of_five_is_closer_to_the_waves_than_the_noise():
    waves = np.sin(2 * np.pi * np.arange(64) / 32)
    noisy, smooth = document("average-of-noise").image[0], made_by("average-of-noise")[0]
    assert np.std(smooth - waves) < 0.6 * np.std(noisy - waves)


def test_a_string_comes_again_after_a_twentieth_of_a_second():
    tone, made = document("echo-of-a-string").image[0], made_by("echo-of-a-string")[0]
    assert np.array_equal(made[:400], tone[:400])
    np.testing.assert_allclose(made[400:800], tone[400:800] + tone[:400] / 2, atol=1e-12)


def test_every_group_of_the_gallery_has_examples_and_every_example_a_group():
    assert {example.group for example in EXAMPLES.values()} == set(GROUPS)
    assert len(EXAMPLES) >= 12

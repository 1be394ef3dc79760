"""What stands behind an output cell, and what an input cell or a weight takes part in."""

from itertools import product

import numpy as np
import pytest
from conv_cases import MODES, padded_by_formula, source

from convviz.engine.convolve import conv
from convviz.engine.layers import Conv, LayerError
from convviz.engine.trace import trace
from convviz.engine.windows import windows_of

LAYERS = [
    {},
    {"stride": 2},
    {"padding": "same", "flip": True},
    {"padding": "same"},
    {"padding": "full", "flip": True},
    {"padding": "causal"},
    {"dilation": 2, "padding": 1},
    {"stride": 3, "dilation": 2, "padding": ((0, 2),)},
    {"stride": 2, "padding": "same_lower", "flip": True},
    {"stride": 2, "padding": "same_upper", "dilation": 2},
]
MODES_OF = {**{mode: {} for mode in MODES}, "constant": {"padding_value": -1.5}}
THREE_ROWS = "the feature map has 3 × 3 cells, counted from 0"
SPANS_7 = "the kernel spans 7 cells after dilation 3, the padded input has 5"
CHANNELS = [(1, 1, 1), (2, 3, 1), (4, 2, 2), (3, 3, 3)]


def settings_for(rank, layer):
    """Give a rank-2 layer the padding of a rank-1 layer on both axes."""
    padding = layer.get("padding", 0)
    return {**layer, "padding": padding * rank} if isinstance(padding, tuple) else layer


@pytest.mark.parametrize("layer", LAYERS, ids=str)
@pytest.mark.parametrize("rank", [1, 2])
def test_a_trace_adds_up_to_its_output_cell(rank, layer):
    for channels, mode in product(CHANNELS, MODES):
        assert_traces_add_up(rank, layer, channels, mode)


def assert_traces_add_up(rank, layer, channels, mode):
    rng = np.random.default_rng(0)
    inputs, outputs, groups = channels
    image = rng.normal(size=(inputs, 6, 7)[: rank + 1])
    weight = rng.normal(size=(outputs, inputs // groups, 3, 2)[: rank + 2])
    bias = rng.normal(size=outputs)
    settings = settings_for(rank, layer) | {"padding_mode": mode, "groups": groups} | MODES_OF[mode]
    maps = conv(image, weight, bias, **settings)
    for channel, *at in np.ndindex(maps.shape):
        found = trace(image, weight, bias, at=tuple(at), channel=channel, **settings)
        assert found.value == pytest.approx(maps[channel, *at], abs=1e-13)
        assert found.total == pytest.approx(float((found.window * found.weight).sum()), abs=1e-13)
        assert found.partial_sums.flat[-1] == pytest.approx(found.total, abs=1e-13)
        assert (found.at, found.channel, found.bias) == (tuple(at), channel, bias[channel])


@pytest.mark.parametrize("layer", LAYERS, ids=str)
@pytest.mark.parametrize("rank", [1, 2])
@pytest.mark.parametrize("mode", MODES)
def test_a_trace_shows_the_cells_under_the_kernel(rank, layer, mode):
    rng = np.random.default_rng(1)
    image = rng.normal(size=(1, 6, 7)[: rank + 1])
    weight = rng.normal(size=(1, 1, 2, 3)[: rank + 2])
    settings = settings_for(rank, layer) | {"padding_mode": mode} | MODES_OF[mode]
    conv_layer = Conv(weight, **settings)
    amounts, sizes = conv_layer.amounts(image.shape[1:]), image.shape[1:]
    padded = padded_by_formula(image, amounts, mode, settings.get("padding_value", 0.0))[0]
    for at in np.ndindex(*conv_layer.output_shape(image.shape)[1:]):
        found = trace(image, weight, at=at, **settings)
        for offset in np.ndindex(weight.shape[2:]):
            axes = zip(at, offset, conv_layer.stride, conv_layer.dilation, strict=True)
            place = tuple(index * s + tap * d for index, tap, s, d in axes)
            in_image = [p - a[0] for p, a in zip(place, amounts, strict=True)]
            is_inside = all(0 <= p < size for p, size in zip(in_image, sizes, strict=True))
            assert found.window[0][offset] == padded[place]
            assert found.inside[0][offset] == is_inside
            if not any(offset):
                assert tuple(along[0] for along in found.places) == tuple(in_image)
        assert np.array_equal(
            found.weight[0], np.flip(weight[0, 0]) if settings.get("flip") else weight[0, 0]
        )


def test_partial_sums_run_through_the_channels_in_raster_order():
    image = np.arange(1.0, 9).reshape(2, 2, 2)
    found = trace(image, np.ones((1, 2, 2, 2)), at=(0, 0))
    assert found.partial_sums.tolist() == [[[1, 3], [6, 10]], [[15, 21], [28, 36]]]


def test_a_trace_of_float32_is_its_output_cell():
    rng = np.random.default_rng(2)
    image = rng.normal(size=(1, 8, 8)).astype(np.float32)
    weight = rng.normal(size=(1, 1, 3, 3)).astype(np.float32)
    maps = conv(image, weight, padding=1)
    for at in np.ndindex(8, 8):
        assert trace(image, weight, at=at, padding=1).value == pytest.approx(maps[0][at], abs=2e-6)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"at": (3, 0)}, f"there is no output cell 3,0: {THREE_ROWS}"),
        ({"at": (0, -1)}, f"there is no output cell 0,-1: {THREE_ROWS}"),
        ({"at": 5}, f"there is no output cell 5,5: {THREE_ROWS}"),
        ({"at": (1, 2, 0)}, "the place has 3 numbers, the kernel has 2 axes"),
        ({"at": (1.5, 2)}, "the place must be a whole number per axis, not (1.5, 2)"),
        ({"at": (0, 0), "channel": 1}, "there is no output channel 1: they go from 0 to 0"),
        ({"at": (0, 0), "channel": -1}, "there is no output channel -1: they go from 0 to 0"),
        ({"at": (0, 0), "dilation": 3}, SPANS_7),
        ({"at": (0, 0), "stride": 0}, "stride must be 1 or more, not 0"),
    ],
    ids=str,
)
def test_a_place_that_is_not_there_is_named(arguments, sentence):
    with pytest.raises(LayerError) as caught:
        trace(np.ones((5, 5)), np.ones((3, 3)), **arguments)
    assert str(caught.value) == sentence


# What one input cell feeds


@pytest.mark.parametrize("layer", LAYERS, ids=str)
@pytest.mark.parametrize("rank", [1, 2])
@pytest.mark.parametrize("mode", MODES)
def test_a_cell_feeds_the_outputs_that_change_with_it(rank, layer, mode):
    shape, kernel = (1, 5, 6)[: rank + 1], (3, 2)[:rank]
    weight = np.random.default_rng(3).uniform(1, 2, (1, 1, *kernel))
    settings = settings_for(rank, layer) | {"padding_mode": mode}
    conv_layer = Conv(weight, **settings)
    applied = conv_layer.applied_weight()[0, 0]
    for cell in np.ndindex(shape[1:]):
        image = np.zeros(shape)
        image[0, *cell] = 1
        found = windows_of(conv_layer, image).uses(cell)
        expected = conv(image, weight, **settings)[0]
        fed = np.zeros(expected.shape)
        pairs = [
            list(zip(outputs, weights, strict=True))
            for outputs, weights in zip(found.outputs, found.weights, strict=True)
        ]
        for chosen in product(*pairs):
            output, offset = zip(*chosen, strict=True)
            fed[output] += applied[offset]
        assert fed == pytest.approx(expected, abs=1e-14)
        assert set(product(*found.outputs)) == set(zip(*map(list, expected.nonzero()), strict=True))
        assert found.count == len(list(product(*pairs)))


def test_a_cell_that_is_copied_into_the_padding_counts_its_copies():
    layer = Conv(np.ones((1, 1, 3)), padding=2, padding_mode="circular")
    assert [source(place, 4, "circular") for place in range(-2, 6)] == [2, 3, 0, 1, 2, 3, 0, 1]
    found = windows_of(layer, np.ones((1, 4))).uses((0,))
    assert found.outputs == ((0, 1, 2, 4, 5),)
    assert found.weights == ((2, 1, 0, 2, 1),)
    with_zeros = Conv(np.ones((1, 1, 3)), padding=2)
    assert windows_of(with_zeros, np.ones((1, 4))).uses((0,)).count == 3


@pytest.mark.parametrize(
    ("cell", "count"), [((0, 0), 1), ((0, 3), 3), ((3, 3), 9), ((6, 5), 2), ((1, 1), 4)]
)
def test_a_cell_of_7x7_under_3x3_is_used_as_often_as_windows_cover_it(cell, count):
    windows = windows_of(Conv(np.ones((1, 1, 3, 3))), np.ones((1, 7, 7)))
    assert windows.uses(cell).count == count
    assert windows.use_counts()[cell] == count


def test_a_cell_behind_the_last_window_feeds_nothing():
    layer = Conv(np.ones((1, 1, 3, 3)), stride=2)
    assert windows_of(layer, np.ones((1, 28, 28))).uses((27, 4)).count == 0


# What one weight multiplies


@pytest.mark.parametrize("layer", LAYERS, ids=str)
@pytest.mark.parametrize("rank", [1, 2])
def test_a_weight_multiplies_the_cells_whose_sum_it_adds(rank, layer):
    """With one weight of 1 and all others 0, the map holds the cells that this weight meets."""
    rng = np.random.default_rng(4)
    image, kernel = rng.normal(size=(1, 5, 6)[: rank + 1]), (3, 2)[:rank]
    settings = settings_for(rank, layer)
    amounts = Conv(np.ones((1, 1, *kernel)), **settings).amounts(image.shape[1:])
    padded = padded_by_formula(image, amounts, "zeros")[0]
    for offset in np.ndindex(*kernel):
        applied = np.zeros(kernel)
        applied[offset] = 1
        weight = np.flip(applied) if settings.get("flip") else applied
        conv_layer = Conv(weight[None, None], **settings)
        cells = windows_of(conv_layer, image).reached_by(offset)
        assert np.array_equal(padded[np.ix_(*cells)], conv(image[0], weight, **settings))

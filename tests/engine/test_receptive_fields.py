"""What a late cell sees of the image, against trying: change a cell, see which outputs change."""

from fractions import Fraction

import numpy as np
import pytest
from layer_cases import random_layer

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.engine.network import Field, Network, cells_seen, receptive_field
from convviz.engine.windows import windows_of

KINDS = ("conv", "transposed", "max", "avg")  # through which a huge cell shows
HUGE = 2.0**20


def kernel(*size):
    return np.ones((1, 1, *size))


def fitting_stack(rng, kinds, spatial, length):
    """Return layers of one channel whose weights are positive: then nothing cancels out."""
    layers, shape = [], (1, *spatial)
    while len(layers) < length:
        case = random_layer(rng, str(rng.choice(kinds)), (1, *shape[1:]), slip=0)
        layer = case.ours()
        if layer.problem(shape) is None and max(layer.output_shape(shape)) < 60:
            layers.append(positive(rng, layer))
            shape = layer.output_shape(shape)
            shape = (1, *shape[1:])
    return layers


def stages(layers, spatial):
    """Return how each layer reads what the one before it makes."""
    found, image = [], np.ones((1, *spatial))
    for layer in layers:
        found.append(windows_of(layer, image))
        image = np.ones((1, *layer.output_shape(image.shape)[1:]))
    return found


def positive(rng, layer):
    if isinstance(layer, Conv | ConvTranspose):
        weight = rng.uniform(1, 2, (1, 1, *layer.kernel_size))
        settings = {
            name: getattr(layer, name)
            for name in ("stride", "padding", "dilation", "output_padding", "padding_mode")
            if hasattr(layer, name)
        }
        return type(layer)(weight, **settings)
    return layer


def seen_by_trying(layers, size):
    """Return for each output cell of one axis which input cells it changes with."""
    network = Network(layers)
    image = np.random.default_rng(0).uniform(1, 2, size)
    before = network(image[None])[0]
    changes = np.stack([network((image + one)[None])[0] != before for one in HUGE * np.eye(size)])
    return [np.flatnonzero(changed).tolist() for changed in changes.T]


@pytest.mark.parametrize("kinds", [KINDS, ("conv", "max", "avg"), ("transposed", "conv")], ids=str)
def test_the_cells_seen_are_those_whose_change_shows(kinds):
    rng = np.random.default_rng(30)
    for _ in range(150):
        size = int(rng.integers(4, 24))
        layers = fitting_stack(rng, kinds, (size,), int(rng.integers(1, 5)))
        tried = seen_by_trying(layers, size)
        found = [list(cells_seen(stages(layers, (size,)), (n,))[0]) for n in range(len(tried))]
        assert found == tried, layers


def test_the_cells_seen_in_two_dimensions_are_a_row_times_a_column():
    rng = np.random.default_rng(31)
    for _ in range(20):
        spatial = tuple(int(n) for n in rng.integers(3, 8, 2))
        layers = fitting_stack(rng, KINDS, spatial, 2)
        network = Network(layers)
        image = rng.uniform(1, 2, spatial)
        before = network(image)[0]
        changed = np.zeros((*spatial, *before.shape), bool)
        for cell in np.ndindex(spatial):
            one = np.zeros(spatial)
            one[cell] = HUGE
            changed[cell] = network(image + one)[0] != before
        for at in np.ndindex(before.shape):
            rows, columns = cells_seen(stages(layers, spatial), at)
            expected = np.zeros(spatial, bool)
            expected[np.ix_(rows, columns)] = True
            assert np.array_equal(changed[..., *at], expected), layers


def zero_padded(layers):
    return all(getattr(layer, "padding_mode", "zeros") == "zeros" for layer in layers)


def test_a_field_inside_the_image_is_what_trying_shows_and_at_the_border_it_is_cut():
    rng = np.random.default_rng(32)
    inner = 0
    for _ in range(250):
        size = int(rng.integers(12, 40))
        layers = fitting_stack(
            rng, ("conv", "max", "avg", "relu"), (size,), int(rng.integers(1, 5))
        )
        if not zero_padded(layers):
            continue
        (field,) = receptive_field(layers, (size,))
        for number, seen in enumerate(seen_by_trying(layers, size)):
            middle, reach = field.start + number * field.jump, Fraction(field.size - 1, 2)
            first, last = middle - reach, middle + reach
            assert first.denominator == last.denominator == 1
            if first >= 0 and last < size:
                inner += 1
                assert (seen[0], seen[-1]) == (first, last), layers
            else:
                assert all(first <= cell <= last for cell in seen), layers
    assert inner > 300


def test_behind_a_transposed_convolution_no_cell_sees_more_than_the_field():
    rng = np.random.default_rng(33)
    for _ in range(250):
        size = int(rng.integers(6, 16))
        layers = fitting_stack(rng, ("transposed", "conv", "max", "avg"), (size,), 3)
        if zero_padded(layers):
            (field,) = receptive_field(layers, (size,))
            found = [cells for cells in seen_by_trying(layers, size) if cells]
            assert all(cells[-1] - cells[0] < field.size for cells in found), layers


@pytest.mark.parametrize(
    "layers",
    [
        [ConvTranspose(kernel(2), stride=2)],
        [ConvTranspose(kernel(3), stride=2, padding=1, output_padding=1)],
        [ConvTranspose(kernel(4), stride=2, padding=1), ConvTranspose(kernel(5), stride=3)],
        [ConvTranspose(kernel(2), stride=2), Conv(kernel(2))],
        [ConvTranspose(kernel(2), stride=2), ConvTranspose(kernel(2), stride=2), Conv(kernel(4))],
        [Conv(kernel(3), stride=2, padding=1), ConvTranspose(kernel(2), stride=2)],
        [Pool("max", (2,)), Conv(kernel(3)), ConvTranspose(kernel(3), stride=2), Conv(kernel(3))],
    ],
    ids=str,
)
def test_behind_a_transposed_convolution_some_cell_sees_the_field_and_the_mean_is_its_middle(
    layers,
):
    size = 24
    (field,) = receptive_field(layers, (size,))
    seen = seen_by_trying(layers, size)
    period = int(np.prod([layer.stride for layer in layers if isinstance(layer, ConvTranspose)]))
    inner = [n for n, cells in enumerate(seen) if cells[0] > 0 and cells[-1] < size - 1]
    turns = inner[2 * period : 3 * period]
    assert max(seen[n][-1] - seen[n][0] + 1 for n in turns) == field.size
    middles = [Fraction(seen[n][0] + seen[n][-1], 2) - n * field.jump for n in turns]
    assert sum(middles) / period == field.start


@pytest.mark.parametrize(
    ("layers", "size", "jump", "start"),
    [
        ([], 1, 1, 0),
        ([Activation("relu")], 1, 1, 0),
        ([Conv(kernel(3))], 3, 1, 1),
        ([Conv(kernel(3), padding="same")], 3, 1, 0),
        ([Conv(kernel(2), padding="same")], 2, 1, 0.5),
        ([Conv(kernel(2), padding="same", flip=True)], 2, 1, -0.5),
        ([Conv(kernel(3), padding="causal")], 3, 1, -1),
        ([Conv(kernel(3), dilation=4, stride=2)], 9, 2, 4),
        ([Conv(kernel(3))] * 3, 7, 1, 3),
        ([Conv(kernel(5)), Pool("avg", (2,)), Conv(kernel(5)), Pool("avg", (2,))], 16, 4, 7.5),
        ([Pool("max", (3,), stride=2, padding=1)] * 2, 7, 4, 0),
        ([ConvTranspose(kernel(2), stride=2)], 1, 0.5, -0.25),
        ([ConvTranspose(kernel(2), stride=2), Conv(kernel(2))], 2, 0.5, 0),
        ([Conv(kernel(2), stride=2), ConvTranspose(kernel(2), stride=2)], 2, 1, 0),
    ],
    ids=str,
)  # fmt: skip
def test_fields_of_small_stacks_by_hand(layers, size, jump, start):
    assert receptive_field(layers, (32,)) == (Field(size, Fraction(jump), Fraction(start)),)


def test_each_axis_has_its_own_field():
    layers = [Conv(kernel(1, 3), stride=(1, 2)), Pool("max", (2, 1))]
    fields = receptive_field(layers, (9, 9))
    assert [(field.size, field.jump) for field in fields] == [(2, 2), (3, 2)]

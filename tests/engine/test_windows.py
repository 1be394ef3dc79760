"""How layers of every kind read their input: the windows, whose cells they hold, how often."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from layer_cases import KINDS, random_image, random_layer

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.engine.network import apply_layer
from convviz.engine.padding import PADDING_MODES
from convviz.engine.trace import trace_windows
from convviz.engine.transposed import conv_transpose
from convviz.engine.windows import windows_of

ALL_KINDS = (*KINDS, "relu", "sigmoid")


def fitting_layers(kind, count, dtype=float):
    """Yield seeded layers of a kind, each with an image that it fits."""
    rng = np.random.default_rng([40, ALL_KINDS.index(kind)])
    found = 0
    while found < count:
        image = random_image(rng).astype(dtype)
        layer = random_layer(rng, kind, image.shape, slip=0, dtype=dtype).ours()
        if layer.problem(image.shape) is None:
            found += 1
            yield layer, image


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_trace_adds_up_to_its_cell_of_the_map(kind, dtype):
    for layer, image in fitting_layers(kind, 60, dtype):
        maps, windows = apply_layer(layer, image), windows_of(layer, image)
        traced = np.empty(maps.shape, dtype)
        for channel, *at in np.ndindex(maps.shape):
            found = trace_windows(layer, windows, tuple(at), channel)
            assert (found.at, found.channel) == (tuple(at), channel)
            traced[channel, *at] = found.value
        assert traced == pytest.approx(maps, rel=4 * float(np.finfo(dtype).eps)), layer


@pytest.mark.parametrize("kind", KINDS)
def test_a_trace_says_whose_cells_its_window_holds(kind):
    for layer, image in fitting_layers(kind, 30):
        windows = windows_of(layer, image)
        for at in np.ndindex(*windows.sizes):
            found = trace_windows(layer, windows, at)
            window, inside = np.atleast_1d(found.window), found.inside
            for offset in np.ndindex(*map(len, found.places)):
                cell = tuple(found.places[axis][step] for axis, step in enumerate(offset))
                own = all(0 <= n < size for n, size in zip(cell, image.shape[1:], strict=True))
                assert inside[..., *offset].all() == own == inside[..., *offset].any()
                if own and kind in ("max", "avg"):
                    assert window[offset] == image[0, *cell]
                elif own:
                    held = image[found.channels.start : found.channels.stop, *cell]
                    assert np.array_equal(window[:, *offset], held)


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_a_cell_is_where_its_place_says(kind):
    for layer, image in fitting_layers(kind, 40):
        windows = windows_of(layer, image)
        assert windows.image_sizes == image.shape[1:]
        found = set()
        for place in np.ndindex(windows.cells.shape[1:]):
            cell = windows.cell(place)
            if cell is not None:
                found.add(cell)
                assert windows.place(cell) == place
                assert np.array_equal(windows.cells[:, *place], image[:, *cell])
        for cell in np.ndindex(image.shape[1:]):
            assert (windows.place(cell) is None) == (cell not in found)
        assert isinstance(layer, ConvTranspose) or len(found) == image[0].size


def counted_one_by_one(windows):
    """Count the pairs of output cell and weight that each cell of the image feeds."""
    counts = np.zeros(windows.image_sizes, int)
    for at in np.ndindex(*windows.sizes):
        held = [
            [int(sources.cells[place, 0]) for place in axis.reads(index)]
            for axis, sources, index in zip(windows.axes, windows.sources, at, strict=True)
        ]
        for cell in product(*held):
            if min(cell) >= 0:
                counts[cell] += 1
    return counts


@pytest.mark.parametrize("kind", ALL_KINDS)
def test_use_counts_are_those_of_counting_one_by_one(kind):
    for layer, image in fitting_layers(kind, 40):
        windows = windows_of(layer, image)
        counts = windows.use_counts()
        assert np.array_equal(counts, counted_one_by_one(windows)), layer
        for cell in np.ndindex(counts.shape):
            assert windows.uses(cell).count == counts[cell]


@pytest.mark.parametrize("kind", ["conv", "transposed", "avg"])
def test_use_counts_are_what_ones_make_of_a_single_1(kind):
    """With weights of 1 the map of a single 1 adds up to how often its cell is used."""
    for layer, image in fitting_layers(kind, 40):
        if kind == "avg":
            ones, many = replace(layer, ceil_mode=False), np.prod(layer.kernel_size)
            if ones.problem(image.shape):
                continue
            ones = replace(ones, count_include_pad=True)
        else:
            one_kernel = np.ones((1, 1, *layer.kernel_size))
            ones, many = replace(layer, weight=one_kernel, bias=None, groups=1), 1
        counts = windows_of(ones, image[:1]).use_counts()
        for cell in np.ndindex(counts.shape):
            single = np.zeros((1, *counts.shape))
            single[0, *cell] = 1
            assert apply_layer(ones, single).sum() * many == pytest.approx(counts[cell])


@pytest.mark.parametrize(
    ("mode", "counts"),
    [
        ("zeros", [2, 3, 3, 2]),
        ("constant", [2, 3, 3, 2]),
        ("reflect", [2, 4, 4, 2]),
        ("symmetric", [3, 3, 3, 3]),
        ("replicate", [3, 3, 3, 3]),
        ("circular", [3, 3, 3, 3]),
    ],
)
def test_copies_in_the_padding_are_uses_of_the_cell_that_is_copied(mode, counts):
    layer = Conv(np.ones((1, 1, 3)), padding=1, padding_mode=mode)
    assert windows_of(layer, np.ones((1, 4))).use_counts().tolist() == counts
    assert mode in PADDING_MODES


def test_corners_are_used_less_than_edges_and_these_less_than_the_middle():
    counts = windows_of(Conv(np.ones((1, 1, 3, 3))), np.ones((1, 7, 7))).use_counts()
    assert (
        counts.tolist() == np.multiply.outer([1, 2, 3, 3, 3, 2, 1], [1, 2, 3, 3, 3, 2, 1]).tolist()
    )


@pytest.mark.parametrize(
    ("layer", "counts"),
    [
        (ConvTranspose(np.ones((1, 1, 1)), padding=1), [0, 1, 0]),
        (ConvTranspose(np.ones((1, 1, 3)), padding=2, stride=2), [1, 3, 1]),
        (ConvTranspose(np.ones((1, 1, 2)), stride=3, padding=1), [1, 2, 1]),
        (ConvTranspose(np.ones((1, 1, 1)), padding=5, dilation=10, output_padding=9), [0, 0, 0]),
        (Pool("max", (2,)), [1, 1, 0]),
        (Pool("max", (2,), ceil_mode=True), [1, 1, 1]),
        (Activation("tanh"), [1, 1, 1]),
    ],
    ids=str,
)
def test_cells_that_are_cut_off_or_left_over_are_used_0_times(layer, counts):
    assert windows_of(layer, np.ones((1, 3))).use_counts().tolist() == counts


def test_overlap_counts_are_what_ones_stamped_on_ones_add_up_to():
    for layer, image in fitting_layers("transposed", 80):
        settings = {
            name: getattr(layer, name)
            for name in ("stride", "padding", "output_padding", "dilation")
        }
        stamped = conv_transpose(np.ones(image.shape[1:]), np.ones(layer.kernel_size), **settings)
        assert np.array_equal(windows_of(layer, image).overlap_counts(), stamped), layer


def test_a_stride_that_does_not_divide_the_kernel_makes_a_checkerboard():
    layer = ConvTranspose(np.ones((1, 1, 3, 3)), stride=2)
    rows = windows_of(layer, np.ones((1, 3, 3))).overlap_counts().tolist()
    assert rows[2] == [2, 2, 4, 2, 4, 2, 2]
    assert rows[3] == [1, 1, 2, 1, 2, 1, 1]
    even = windows_of(ConvTranspose(np.ones((1, 1, 4)), stride=2), np.ones((1, 4)))
    assert even.overlap_counts().tolist() == [1, 1, 2, 2, 2, 2, 2, 2, 1, 1]


def test_the_largest_cell_of_a_window_is_the_first_of_several():
    pool = Pool("max", 2, padding=1, ceil_mode=True)
    windows = windows_of(pool, np.full((1, 2, 2), 5.0))
    found = trace_windows(pool, windows, (0, 1))
    assert found.window.tolist() == [[-np.inf, -np.inf], [5, -np.inf]]
    assert (found.chosen, found.value) == (2, 5)
    assert found.partial.tolist() == [-np.inf, -np.inf, 5, 5]
    assert found.inside.tolist() == [[False, False], [True, False]]
    assert found.places == ((-1, 0), (1, 2))


def test_a_mean_counts_the_padding_or_not_and_never_what_hangs_over():
    image = np.ones((1, 4))
    pool = Pool("avg", (3,), stride=2, padding=1, ceil_mode=True)
    bare = replace(pool, count_include_pad=False)
    for layer, expected in ((pool, [3, 3, 2]), (bare, [2, 3, 1])):
        windows = windows_of(layer, image)
        assert windows.sizes == (3,)
        found = [trace_windows(layer, windows, (n,)).divisor for n in range(3)]
        assert found == expected
    assert [trace_windows(pool, windows_of(pool, image), (n,)).value for n in range(3)] == [
        pytest.approx(2 / 3), 1, 0.5,
    ]  # fmt: skip

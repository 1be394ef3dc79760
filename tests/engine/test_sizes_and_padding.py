"""The tables of the design, by hand."""

from itertools import product

import numpy as np
import pytest
from scipy import signal

from convviz.engine.convolve import conv
from convviz.engine.geometry import Axis, per_axis
from convviz.engine.layers import Conv
from convviz.engine.padding import PADDING_MODES, PADDING_RULES, pad, padding_sources
from convviz.engine.settings import resized_kernel


@pytest.mark.parametrize(
    ("axis", "out", "unread"),
    [
        (Axis(28, 3, stride=2), 13, 1),
        (Axis(28, 3), 26, 0),
        (Axis(5, 3), 3, 0),
        (Axis(5, 3, before=1, after=1), 5, 0),
        (Axis(5, 3, before=2, after=2), 7, 0),
        (Axis(16, 3, before=1, after=1), 16, 0),
        (Axis(7, 3, stride=3), 2, 1),
        (Axis(9, 3, stride=4), 2, 2),
        (Axis(9, 3, dilation=2), 5, 0),
        (Axis(9, 3, dilation=4), 1, 0),
        (Axis(9, 3, dilation=5), 0, 9),
        (Axis(9, 3, dilation=5, before=1, after=1), 1, 0),
        (Axis(4, 1, stride=3), 2, 0),
        (Axis(4, 1, stride=9), 1, 3),
        (Axis(2, 3), 0, 2),
        (Axis(3, 3), 1, 0),
        (Axis(6, 2, stride=2, after=1), 3, 1),
    ],
    ids=str,
)
def test_output_size_is_the_floor_of_the_formula(axis, out, unread):
    assert (axis.out, axis.unread, axis.fits) == (out, unread, out > 0)


@pytest.mark.parametrize("size", [1, 4, 7, 10])
@pytest.mark.parametrize("padding", [(0, 0), (2, 1)])
def test_windows_counted_one_by_one_are_those_of_the_formula(size, padding):
    for kernel, stride, dilation in product((1, 2, 3), (1, 2, 4), (1, 2, 3)):
        assert_counted(Axis(size, kernel, stride, dilation, *padding))


def assert_counted(axis):
    kernel, stride, dilation = axis.kernel, axis.stride, axis.dilation
    cells = range(axis.padded)
    offsets = [tap * dilation for tap in range(kernel)]
    starts = [start for start in cells[::stride] if start + offsets[-1] in cells]
    windows = [tuple(start + offset for offset in offsets) for start in starts]
    assert axis.out == len(windows)
    assert [axis.reads(index) for index in range(axis.out)] == windows
    for tap in range(kernel):
        assert axis.reached_by(tap) == tuple(window[tap] for window in windows)
    for cell in cells:
        users = {(i, window.index(cell)) for i, window in enumerate(windows) if cell in window}
        assert set(axis.users(cell)) == users
        assert len(axis.users(cell)) == len(users)
    assert axis.unread == axis.padded - max((w[-1] + 1 for w in windows), default=0)


@pytest.mark.parametrize(
    ("rule", "before_2_3_4", "after_2_3_4"),
    [
        ("valid", (0, 0, 0), (0, 0, 0)),
        ("full", (1, 2, 3), (1, 2, 3)),
        ("same_upper", (0, 1, 1), (1, 1, 2)),
        ("same_lower", (1, 1, 2), (0, 1, 1)),
        ("causal", (1, 2, 3), (0, 0, 0)),
    ],
)
@pytest.mark.parametrize("flip", [False, True])
def test_rules_pad_kernels_of_2_3_and_4_cells(rule, before_2_3_4, after_2_3_4, flip):
    amounts = [PADDING_RULES[rule].amounts(Axis(10, k), flip) for k in (2, 3, 4)]
    assert amounts == list(zip(before_2_3_4, after_2_3_4, strict=True))


@pytest.mark.parametrize(("flip", "home"), [(False, "same_upper"), (True, "same_lower")])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_same_is_the_rule_of_the_operations_home(flip, home, kernel, stride):
    axis = Axis(10, kernel, stride)
    assert PADDING_RULES["same"].amounts(axis, flip) == PADDING_RULES[home].amounts(axis, flip)


@pytest.mark.parametrize("stride", [1, 2, 3, 5])
@pytest.mark.parametrize("rule", ["same_upper", "same_lower", "same"])
def test_same_gives_the_input_size_over_the_stride_rounded_up(stride, rule):
    for size, kernel, dilation in product(range(1, 12), range(1, 5), (1, 2)):
        layer = Conv(np.ones((1, 1, kernel)), stride=stride, dilation=dilation, padding=rule)
        assert layer.output_shape((1, size)) == (1, -(-size // stride))


@pytest.mark.parametrize(
    ("padding", "amounts", "expected"),
    [("same", ((0, 1),), [321, 543, 65]), (1, ((1, 1),), [210, 432, 654])],
)
def test_same_with_a_stride_is_not_the_padding_of_one_cell(padding, amounts, expected):
    samples, weights = np.arange(1, 7), [1, 10, 100]
    assert Conv(np.ones((1, 1, 3)), stride=2, padding=padding).amounts((6,)) == amounts
    assert conv(samples, weights, stride=2, padding=padding).tolist() == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("zeros", [0, 0, 1, 2, 3, 4, 0, 0]),
        ("constant", [9, 9, 1, 2, 3, 4, 9, 9]),
        ("reflect", [3, 2, 1, 2, 3, 4, 3, 2]),
        ("symmetric", [2, 1, 1, 2, 3, 4, 4, 3]),
        ("replicate", [1, 1, 1, 2, 3, 4, 4, 4]),
        ("circular", [3, 4, 1, 2, 3, 4, 1, 2]),
    ],
)
def test_modes_fill_two_cells_on_each_side_of_1_2_3_4(mode, expected):
    assert pad(np.array([1, 2, 3, 4]), ((2, 2),), mode, 9).tolist() == expected
    copied = padding_sources(4, (2, 2), mode).cells[:, 0]
    cells = [[1, 2, 3, 4][s] if s >= 0 else (9 if mode == "constant" else 0) for s in copied]
    assert cells == expected


def test_every_mode_of_the_table_is_tested_above():
    assert list(PADDING_MODES) == [
        "zeros", "constant", "reflect", "symmetric", "replicate", "circular",
    ]  # fmt: skip
    assert set(PADDING_RULES) == {"valid", "same", "full", "same_upper", "same_lower", "causal"}


@pytest.mark.parametrize(
    ("mode", "widest_of_4"),
    [("zeros", None), ("constant", None), ("reflect", 3), ("symmetric", 4), ("replicate", None),
     ("circular", 4)],
)  # fmt: skip
def test_mirrors_and_circles_reach_only_as_far_as_the_input(mode, widest_of_4):
    assert PADDING_MODES[mode].widest(4) == widest_of_4


@pytest.mark.parametrize("mode", ["full", "same", "valid"])
@pytest.mark.parametrize("kernel", [[2], [4, 5], [4, 5, 6], [4, 5, 6, 7], [1, 0, 2, 0, 3]])
@pytest.mark.parametrize("samples", [[1, 2, 3, 4, 5], [3, 1, 4, 1, 5, 9]])
def test_flipped_rules_are_those_of_numpy_convolve(samples, kernel, mode):
    found = conv(samples, kernel, padding=mode, flip=True)
    assert found.tolist() == np.convolve(samples, kernel, mode).tolist()


@pytest.mark.parametrize(
    ("padding", "expected"),
    [("full", [4, 13, 28, 27, 18]), ("same", [13, 28, 27]), ("valid", [28])],
)
def test_the_lecture_on_numpy_convolve(padding, expected):
    assert conv([1, 2, 3], [4, 5, 6], padding=padding, flip=True).tolist() == expected


def test_numpy_swaps_a_longer_second_operand_and_conv_does_not():
    short, long = [1, 2, 3], [4, 5, 6, 7]
    assert np.convolve(short, long, "valid").tolist() == [28, 34]
    assert conv(long, short, flip=True).tolist() == [28, 34]
    assert np.convolve(short, long, "same").tolist() == [13, 28, 34, 32]
    assert conv(long, short, padding="same", flip=True).tolist() == [13, 28, 34, 32]
    assert conv(short, long, padding="same", flip=True).shape == (3,)
    assert signal.convolve(short, long, "same").shape == (3,)


def test_the_lecture_on_scipy_convolve2d():
    image, kernel = np.arange(1, 10).reshape(3, 3), [[1, 0], [1, 0]]
    assert conv(image, kernel, flip=True).tolist() == [[7, 9], [13, 15]]
    assert conv(image, kernel).tolist() == [[5, 7], [11, 13]]


def test_the_two_correlations_of_scipy_put_same_in_different_places():
    rng = np.random.default_rng(0)
    for kernel in (2, 3, 4, 5):
        image, weight = rng.normal(size=(8, 9)), rng.normal(size=(kernel, kernel))
        less, more = (kernel - 1) // 2, kernel // 2
        correlate2d = signal.correlate2d(image, weight, "same")
        assert conv(image, weight, padding=((less, more),) * 2) == pytest.approx(correlate2d)
        correlate = signal.correlate(image, weight, "same")
        assert conv(image, weight, padding=((more, less),) * 2) == pytest.approx(correlate)
        assert np.allclose(correlate, correlate2d) == (kernel % 2 == 1)


@pytest.mark.parametrize(("padding", "shape"), [(1, (5, 5)), (2, (7, 7)), (0, (3, 3))])
def test_zero_padding_of_the_lecture_keeps_the_inner_cells(padding, shape):
    image = np.random.RandomState(0).rand(5, 5)
    found = conv(image, np.ones((3, 3)), padding=padding)
    assert found.shape == shape
    inside = slice(padding, padding + 3)
    assert found[inside, inside] == pytest.approx(conv(image, np.ones((3, 3))), abs=1e-15)


@pytest.mark.parametrize(
    ("value", "rank", "expected"),
    [(2, 2, (2, 2)), ((1, 3), 2, (1, 3)), ([4], 1, (4,)), (np.int64(3), 1, (3,))],
)
def test_one_number_is_meant_for_every_axis(value, rank, expected):
    found = per_axis(value, rank, "stride")
    assert found == expected
    assert all(type(number) is int for number in found)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (1, [3]),
        (2, [2, 3]),
        (3, [2, 3, 4]),
        (5, [1, 2, 3, 4, 5]),
        (6, [1, 2, 3, 4, 5, 0]),
        (7, [0, 1, 2, 3, 4, 5, 0]),
    ],
)
def test_a_kernel_keeps_its_middle_when_it_is_resized(size, expected):
    found = resized_kernel(np.array([[[1.0, 2, 3, 4, 5]]]), (size,))
    assert found[0, 0].tolist() == expected


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (3, 3), (5, 4), (9, 1)])
def test_a_resized_kernel_of_several_channels_keeps_them(size):
    weight = np.random.default_rng(0).normal(size=(3, 2, 3, 4))
    found = resized_kernel(weight, size)
    assert found.shape == (3, 2, *size)
    for out, channel in np.ndindex(3, 2):
        alone = resized_kernel(weight[out : out + 1, channel : channel + 1], size)
        assert np.array_equal(found[out, channel], alone[0, 0])

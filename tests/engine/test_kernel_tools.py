"""What menus do to a kernel, and the two vectors it may be made of."""

import numpy as np
import pytest

from convviz.engine.convolve import conv
from convviz.engine.kernel_tools import (
    KERNEL_CHANGES,
    divided,
    kernel_rank,
    normalised,
    random_kernel,
    separated,
)
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import LayerError

WIDE = [[1.0, 2, 3], [4, 5, 0]]


@pytest.mark.parametrize(
    ("name", "kernel", "expected"),
    [
        ("flip-horizontally", WIDE, [[3, 2, 1], [0, 5, 4]]),
        ("flip-vertically", WIDE, [[4, 5, 0], [1, 2, 3]]),
        ("rotate-left", WIDE, [[3, 0], [2, 5], [1, 4]]),
        ("rotate-right", WIDE, [[4, 1], [5, 2], [0, 3]]),
        ("transpose", WIDE, [[1, 4], [2, 5], [3, 0]]),
        ("negate", WIDE, [[-1, -2, -3], [-4, -5, 0]]),
        ("double", WIDE, [[2, 4, 6], [8, 10, 0]]),
        ("halve", WIDE, [[0.5, 1, 1.5], [2, 2.5, 0]]),
        ("normalise", [[1, 2, 1], [2, 4, 2]], [[1 / 12, 1 / 6, 1 / 12], [1 / 6, 1 / 3, 1 / 6]]),
        ("normalise", [[1, 0, -1], [2, 0, -2]], [[1 / 6, 0, -1 / 6], [1 / 3, 0, -1 / 3]]),
        ("normalise", [[0.1, 0.2, -0.3]], [[1 / 6, 1 / 3, -1 / 2]]),
        ("normalise", [[-1, -3]], [[0.25, 0.75]]),
        ("normalise", [[0, 0]], [[0, 0]]),
        ("normalise", [[1e308, 1e308]], [[0.5, 0.5]]),
        ("normalise", [[1e-310, 3e-310]], [[0.25, 0.75]]),
        ("flip-horizontally", [1, 2, 3], [3, 2, 1]),
        ("flip-vertically", [1, 2, 3], [1, 2, 3]),
        ("rotate-left", [1, 2, 3], [1, 2, 3]),
        ("rotate-right", [1, 2, 3], [1, 2, 3]),
        ("transpose", [1, 2, 3], [1, 2, 3]),
        ("negate", [1, 0, -3], [-1, 0, 3]),
        ("normalise", [1, 2, 1], [0.25, 0.5, 0.25]),
    ],
)
def test_a_change_makes_of_a_kernel(name, kernel, expected):
    given = np.array(kernel, float)
    before = given.copy()
    found = KERNEL_CHANGES[name].function(given)
    assert found == pytest.approx(np.array(expected), rel=1e-14)
    assert not np.signbit(found[found == 0]).any()
    assert np.array_equal(given, before)


@pytest.mark.parametrize(
    ("names", "times"),
    [
        (("flip-horizontally",), 2),
        (("flip-vertically",), 2),
        (("rotate-left",), 4),
        (("rotate-left", "rotate-right"), 1),
        (("transpose",), 2),
        (("negate",), 2),
        (("double", "halve"), 1),
        (("transpose", "flip-horizontally", "rotate-left"), 1),
    ],
)
def test_changes_that_undo_each_other(names, times):
    kernel = np.random.default_rng(70).normal(size=(3, 4))
    found = kernel
    for _ in range(times):
        for name in names:
            found = KERNEL_CHANGES[name].function(found)
    assert np.array_equal(found, kernel)


def test_every_change_has_a_name_and_says_what_it_does():
    assert list(KERNEL_CHANGES) == [
        "flip-horizontally", "flip-vertically", "rotate-left", "rotate-right", "transpose",
        "negate", "double", "halve", "normalise",
    ]  # fmt: skip
    for name, change in KERNEL_CHANGES.items():
        assert name == change.name
        assert change.title
        assert change.summary.endswith(".")


def test_a_change_keeps_single_precision():
    kernel = np.ones((2, 2), np.float32)
    for change in KERNEL_CHANGES.values():
        assert change.function(kernel).dtype == np.float32


def test_a_kernel_is_divided():
    assert divided([[2, 4], [-6, 0]], 2).tolist() == [[1, 2], [-3, 0]]
    assert divided([1, 1, 1], 3).tolist() == [1 / 3] * 3


@pytest.mark.parametrize(
    ("divisor", "sentence"),
    [
        (0, "a kernel cannot be divided by 0"),
        (-0.0, "a kernel cannot be divided by 0"),
        (np.nan, "the divisor must be finite, not nan"),
        (np.inf, "the divisor must be finite, not inf"),
        ("x", "the divisor must be a number, not 'x'"),
        (None, "the divisor must be a number, not None"),
        (1e-308, "all numbers must be finite: there is an infinity or a NaN"),
    ],
)
def test_a_divisor_that_cannot_be_is_refused(divisor, sentence):
    with pytest.raises(LayerError) as caught:
        divided([1e9, 2], divisor)
    assert str(caught.value) == sentence


def test_doubling_what_is_largest_is_refused():
    with pytest.raises(LayerError, match="must be finite"):
        KERNEL_CHANGES["double"].function(np.array([1.7e308]))


@pytest.mark.parametrize(
    ("shape", "bound", "decimals"),
    [
        ((3,), 3**-0.5, 2),
        ((3, 3), 1 / 3, 2),
        ((10, 10), 0.1, 2),
        ((4, 1, 3, 3), 1 / 3, 2),
        ((2, 3, 5), 15**-0.5, 2),
        ((64, 64, 3, 3), 1 / 24, 3),
        ((1, 512, 5, 5), 12_800**-0.5, 4),
    ],
)
def test_random_weights_are_as_large_as_torch_draws_them(shape, bound, decimals):
    found = random_kernel(shape, 0)
    assert found.shape == shape
    assert np.abs(found).max() <= bound + 0.5 * 10**-decimals
    assert np.array_equal(found, np.round(found, decimals))
    assert found.any()
    if found.size > 50:
        assert np.abs(found).max() > 0.9 * bound
        assert abs(found.mean()) < 0.3 * bound


def test_random_weights_are_the_same_for_the_same_seed():
    assert np.array_equal(random_kernel((3, 3), 5), random_kernel((3, 3), 5))
    assert not np.array_equal(random_kernel((3, 3), 5), random_kernel((3, 3), 6))
    zeros = [kernel[kernel == 0] for kernel in (random_kernel((3, 3), n) for n in range(200))]
    assert not np.signbit(np.concatenate(zeros)).any()


@pytest.mark.parametrize(
    ("name", "column", "row"),
    [
        ("sobel-x", [1, 2, 1], [-1, 0, 1]),
        ("sobel-y", [-1, 0, 1], [1, 2, 1]),
        ("prewitt-x", [1, 1, 1], [-1, 0, 1]),
        ("prewitt-y", [-1, 0, 1], [1, 1, 1]),
        ("scharr-x", [3, 10, 3], [-1, 0, 1]),
        ("scharr-y", [-1, 0, 1], [3, 10, 3]),
        ("box", [1 / 9] * 3, [1, 1, 1]),
        ("gaussian-3", [1 / 16, 2 / 16, 1 / 16], [1, 2, 1]),
        ("gaussian-5", [1 / 256, 4 / 256, 6 / 256, 4 / 256, 1 / 256], [1, 4, 6, 4, 1]),
        ("identity", [0, 1, 0], [0, 1, 0]),
        ("vertical-line", [1, 1, 1], [0, 1, 0]),
        ("corner-2", [1, 1], [1, 0]),
    ],
)
def test_kernels_that_are_a_column_times_a_row(name, column, row):
    found = separated(KERNELS[name].kernel)
    assert found.column.tolist() == pytest.approx(column, rel=1e-15)
    assert found.row.tolist() == row


@pytest.mark.parametrize(
    ("kernel", "column", "row"),
    [
        ([[2, 2], [2, 2]], [2, 2], [1, 1]),
        ([[1, -1], [-1, 1]], [1, -1], [1, -1]),
        ([[-1, -2], [-2, -4]], [-1, -2], [1, 2]),
        ([[0.5, 0.25], [1, 0.5]], [0.25, 0.5], [2, 1]),
        ([[6, 9, 15]], [3], [2, 3, 5]),
        ([[6], [9]], [6, 9], [1]),
        ([[2**0.5, 0], [2 * 2**0.5, 0]], [2**0.5, 2 * 2**0.5], [1, 0]),
        ([[2**0.5, 1], [2 * 2**0.5, 2]], [1, 2], [2**0.5, 1]),
        ([[0, 0], [0, -7]], [0, -7], [0, 1]),
    ],
)
def test_vectors_are_whole_numbers_where_they_can_be(kernel, column, row):
    found = separated(kernel)
    assert found.column.tolist() == pytest.approx(column, rel=1e-14)
    assert found.row.tolist() == pytest.approx(row, rel=1e-14)
    for vector in found:
        assert not np.signbit(vector[vector == 0]).any()


@pytest.mark.parametrize(
    "name",
    ["blur", "sharpen", "laplacian-4", "laplacian-8", "emboss", "outline", "motion", "cross"],
)
def test_kernels_that_are_no_column_times_a_row(name):
    assert separated(KERNELS[name].kernel) is None
    assert kernel_rank(KERNELS[name].kernel) > 1


@pytest.mark.parametrize("kernel", [np.zeros((3, 3)), [1, 2, 3], np.eye(2)], ids=str)
def test_what_has_no_two_vectors(kernel):
    assert separated(kernel) is None


@pytest.mark.parametrize(
    ("kernel", "rank"),
    [
        (np.zeros((2, 3)), 0),
        ([[0, 0], [0, 5]], 1),
        ([1, 2, 3], 1),
        ([0, 0], 0),
        (np.eye(4), 4),
        ([[1, 2], [2, 4.0000001]], 2),
        ([[1e-200, 2e-200], [2e-200, 4e-200]], 1),
    ],
    ids=str,
)
def test_the_rank_is_how_many_products_make_up_the_kernel(kernel, rank):
    assert kernel_rank(kernel) == rank


def test_the_product_of_the_vectors_is_the_kernel():
    rng = np.random.default_rng(71)
    for _ in range(400):
        rows, columns = rng.integers(1, 8, 2)
        kinds = (rng.integers(-9, 10, rows), rng.normal(size=rows), rng.normal(size=rows) * 1e-9)
        column = kinds[rng.integers(3)]
        kernel = np.outer(column, rng.normal(size=columns) * 10.0 ** rng.integers(-9, 9))
        if not kernel.any():
            continue
        found = separated(kernel)
        assert np.abs(np.outer(*found) - kernel).max() <= 1e-12 * np.abs(kernel).max()


def test_normalising_keeps_flat_areas():
    rng = np.random.default_rng(72)
    for _ in range(50):
        assert normalised(rng.uniform(0, 9, (3, 5))).sum() == pytest.approx(1)


DIRECTIONS = {
    "Right minus left": (0, 1),
    "Left minus right": (0, -1),
    "Below minus above": (1, 0),
    "Above minus below": (-1, 0),
}


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("axis", ["x", "y"])
@pytest.mark.parametrize("family", ["sobel", "prewitt", "scharr"])
def test_what_an_edge_kernel_says_of_directions_is_true(family, axis, flip):
    """A ramp that grows in the direction that is named gives something positive."""
    preset = KERNELS[f"{family}-{axis}"]
    sentence = preset.look_for(flip=flip)
    (down, right) = next(way for text, way in DIRECTIONS.items() if sentence.startswith(text))
    ramp = down * np.arange(5.0)[:, None] + right * np.arange(5.0)
    assert (conv(ramp, preset.kernel, flip=flip) > 0).all()


def test_the_difference_says_which_neighbour_it_takes_away():
    squares = np.arange(5.0) ** 2
    preset = KERNELS["difference"]
    assert "minus the one after" in preset.look_for(flip=False)
    assert np.array_equal(conv(squares, preset.kernel), squares[:-1] - squares[1:])
    assert "since the sample before" in preset.look_for(flip=True)
    assert np.array_equal(conv(squares, preset.kernel, flip=True), squares[1:] - squares[:-1])

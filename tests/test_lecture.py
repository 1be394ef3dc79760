"""Every number of the lecture, on the command line and from Python.

The numbers in the headings are those of the list "The source of the idea" in the design.
"""

import json

import numpy as np
import pytest
from scipy.signal import convolve2d

import convviz
from convviz.cli import main

KERNELS_OF_THE_LECTURE = {
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
    "blur": [[0, 0.2, 0], [0.2, 0.2, 0.2], [0, 0.2, 0]],
    "vertical-line": [[0, 1, 0], [0, 1, 0], [0, 1, 0]],
    "horizontal-line": [[0, 0, 0], [1, 1, 1], [0, 0, 0]],
}


@pytest.fixture
def printed(capsys):
    """Run a command and return what it prints."""

    def run(*arguments):
        assert main(arguments) == 0, capsys.readouterr().err
        return capsys.readouterr().out

    return run


@pytest.fixture
def numbers(printed):
    """Run `compute` and return its values, all digits of them."""

    def run(*arguments):
        found = json.loads(printed("compute", *arguments, "--json"))
        values = np.array(found["values"])
        assert values.shape == tuple(found["shape"])
        return values

    return run


def letter_h():
    """Row 7, columns 3..11, and rows 4..11 of columns 3 and 12, as the lecture sets them."""
    grid = np.zeros((16, 16))
    grid[7, 3:12] = 1
    for row in range(4, 12):
        grid[row, 3] = grid[row, 12] = 1
    return grid


# 1. The animation: a 5 x 5 image, a 3 x 3 kernel, a 3 x 3 feature map


def test_the_animation_ends_with_nine_numbers(printed):
    expected = "[[4 3 4]\n [2 4 3]\n [2 3 4]]\n"
    assert printed("compute", "lecture-5x5", "-k", "cross") == expected


def test_the_animation_starts_with_four_ones_under_the_kernel(printed):
    found = json.loads(printed("trace", "lecture-5x5", "-k", "cross", "--at", "0,0", "--json"))
    assert [term["product"] for term in found["terms"]] == [1, 0, 1, 0, 1, 0, 0, 0, 1]
    assert found["value"] == 4


def test_the_animation_from_python():
    image = [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]]
    cross = [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    assert convviz.conv(image, cross).tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    assert convviz.INPUTS["lecture-5x5"].image.tolist() == image


# 2. (a * b)_n = sum of a_i b_(n-i)


def test_the_convolution_of_two_signals_follows_its_definition(printed):
    a, b = [1, 2, 3, 4, 5], [10, 9, 8]
    by_definition = [
        sum(a[i] * b[n - i] for i in range(5) if 0 <= n - i < 3) for n in range(5 + 3 - 1)
    ]
    assert by_definition == [10, 29, 56, 83, 110, 77, 40]
    arguments = ("compute", "1-to-5", "-k", "10-9-8", "--padding", "full", "--flip")
    assert printed(*arguments) == f"{np.array(by_definition)}\n"
    assert convviz.conv(a, b, padding="full", flip=True).tolist() == by_definition


def test_one_sum_of_the_definition_is_listed_term_by_term(printed):
    arguments = ("1-to-5", "-k", "10-9-8", "--padding", "full", "--flip")
    assert printed("trace", *arguments, "--at", "2").splitlines()[2:6] == [
        "place  cell  weight  product  sum",
        "0         1       8        8    8",
        "1         2       9       18   26",
        "2         3      10       30   56",
    ]


# 3. numpy.convolve

NUMPY_CONVOLVE = [
    ("1,2,3", "4,5,6", "full", "[ 4 13 28 27 18]"),
    ("1,2,3", "4,5,6", "same", "[13 28 27]"),
    ("1,2,3", "4,5,6", "valid", "[28]"),
    ("4,5,6,7", "1,2,3", "valid", "[28 34]"),  # NumPy puts the longer one first
]


@pytest.mark.parametrize(("signal", "kernel", "mode", "expected"), NUMPY_CONVOLVE)
def test_signals_are_convolved_as_numpy_does(printed, signal, kernel, mode, expected):
    arguments = ("compute", signal, "-k", kernel, "--padding", mode, "--flip")
    assert printed(*arguments) == expected + "\n"
    a, b = ([int(cell) for cell in text.split(",")] for text in (signal, kernel))
    assert str(np.convolve(a, b, mode)) == str(np.convolve(b, a, mode)) == expected
    found = convviz.conv(a, b, padding=mode, flip=True)
    assert str(found.astype(int)) == expected


@pytest.mark.parametrize(("mode", "expected"), [case[2:] for case in NUMPY_CONVOLVE[:3]])
def test_the_same_signals_have_names(printed, mode, expected):
    arguments = ("compute", "1-2-3", "-k", "4-5-6", "--padding", mode, "--flip")
    assert printed(*arguments) == expected + "\n"


# 4. scipy.signal.convolve2d, which flips the kernel


def test_an_image_is_convolved_as_scipy_does(printed):
    expected = "[[ 7  9]\n [13 15]]"
    assert printed("compute", "count-3x3", "-k", "corner-2", "--flip") == expected + "\n"
    image, kernel = [[1, 2, 3], [4, 5, 6], [7, 8, 9]], [[1, 0], [1, 0]]
    assert str(convolve2d(image, kernel, mode="valid")) == expected
    assert convviz.conv(image, kernel, flip=True).tolist() == [[7, 9], [13, 15]]


def test_without_the_flip_it_is_a_cross_correlation_with_other_numbers(printed):
    assert printed("compute", "count-3x3", "-k", "corner-2") == "[[ 5  7]\n [11 13]]\n"


# 5. The letter H under four kernels


def test_the_letter_h_is_the_lectures(printed):
    assert np.array_equal(convviz.INPUTS["letter-h"].image, letter_h())
    lines = printed("compute", "letter-h", "-k", "1").splitlines()
    assert lines[7] == " [0 0 0 1 1 1 1 1 1 1 1 1 1 0 0 0]"
    assert lines[4] == " [0 0 0 1 0 0 0 0 0 0 0 0 1 0 0 0]"


@pytest.mark.parametrize("name", KERNELS_OF_THE_LECTURE)
def test_the_four_feature_maps_are_scipys(numbers, name):
    kernel = KERNELS_OF_THE_LECTURE[name]
    assert convviz.KERNELS[name].kernel.tolist() == kernel
    expected = convolve2d(letter_h(), kernel, mode="same")
    from_name = numbers("letter-h", "-k", name, "--padding", "same", "--flip")
    from_python = convviz.conv(letter_h(), kernel, padding="same", flip=True)
    np.testing.assert_allclose(from_name, expected, atol=1e-15)
    np.testing.assert_allclose(from_python, expected, atol=1e-15)


ROWS_BY_HAND = [
    ("identity", 7, "[0 0 0 1 1 1 1 1 1 1 1 1 1 0 0 0]"),
    ("identity", 0, "[0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0]"),
    ("vertical-line", 3, "[0 0 0 1 0 0 0 0 0 0 0 0 1 0 0 0]"),
    ("vertical-line", 6, "[0 0 0 3 1 1 1 1 1 1 1 1 3 0 0 0]"),
    ("horizontal-line", 7, "[0 0 1 2 3 3 3 3 3 3 3 3 2 1 0 0]"),
    ("horizontal-line", 4, "[0 0 1 1 1 0 0 0 0 0 0 1 1 1 0 0]"),
    ("blur", 3, "[0.  0.  0.  0.2 0.  0.  0.  0.  0.  0.  0.  0.  0.2 0.  0.  0. ]"),
    ("blur", 7, "[0.  0.  0.2 0.8 0.6 0.6 0.6 0.6 0.6 0.6 0.6 0.6 0.8 0.2 0.  0. ]"),
]


@pytest.mark.parametrize(("kernel", "row", "expected"), ROWS_BY_HAND)
def test_each_row_of_a_feature_map_is_printed_on_one_line(printed, kernel, row, expected):
    text = printed("compute", "letter-h", "-k", kernel, "--padding", "same", "--flip")
    lines = text.splitlines()
    assert len(lines) == 16
    assert lines[row].strip(" [").rstrip("]") == expected.strip("[]")


def test_a_stroke_of_three_gives_three(printed):
    arguments = ("letter-h", "-k", "vertical-line", "--padding", "same", "--flip", "--at", "7,3")
    found = json.loads(printed("trace", *arguments, "--json"))
    seen = [(*term["place"], term["cell"]) for term in found["terms"] if term["weight"]]
    assert seen == [(6, 3, 1), (7, 3, 1), (8, 3, 1)]
    assert found["value"] == 3


# 9. Strides 1 and 2


@pytest.mark.parametrize(("stride", "side"), [("1", 14), ("2", 7)])
def test_a_stride_skips_cells(numbers, stride, side):
    every = numbers("letter-h", "-k", "vertical-line")
    found = numbers("letter-h", "-k", "vertical-line", "--stride", stride)
    assert found.shape == (side, side)
    assert np.array_equal(found, every[:: int(stride), :: int(stride)])


# 10. Zero padding of numpy.random.seed(0); rand(5, 5)


@pytest.mark.parametrize("cells", [1, 2])
def test_zero_padding_puts_a_ring_of_zeros_around_the_array(numbers, cells):
    array = np.random.RandomState(0).rand(5, 5)
    padded = numbers("random-5x5", "-k", "1", "--padding", str(cells))
    assert padded.shape == (5 + 2 * cells, 5 + 2 * cells)
    assert np.array_equal(padded, np.pad(array, cells))
    assert padded[cells, cells] == 0.5488135039273248
    assert not padded[:cells].any()
    assert not padded[:, -cells:].any()


@pytest.mark.parametrize(("cells", "side"), [(0, 3), (1, 5), (2, 7)])
def test_zero_padding_makes_the_feature_map_larger(numbers, cells, side):
    array = np.random.RandomState(0).rand(5, 5)
    kernel = convviz.KERNELS["box"].kernel
    found = numbers("random-5x5", "-k", "box", "--padding", str(cells))
    assert found.shape == convviz.conv(array, kernel, padding=cells).shape == (side, side)
    expected = convolve2d(np.pad(array, cells), kernel, mode="valid")
    np.testing.assert_allclose(found, expected, atol=1e-15)


# 11. An activation after the layer


def test_relu_cuts_what_is_negative_and_sigmoid_squashes(numbers):
    sums = numbers("letter-h", "-k", "sobel-x")
    relu = numbers("letter-h", "-k", "sobel-x", "--activation", "relu")
    sigmoid = numbers("letter-h", "-k", "sobel-x", "--activation", "sigmoid")
    assert sums.min() == -4
    assert np.array_equal(relu, np.where(sums > 0, sums, 0))
    np.testing.assert_allclose(sigmoid, 1 / (1 + np.exp(-sums)), rtol=1e-15)


# 12. W_out = (W_in - F + 2 P) / S + 1

SIZES = [
    # W_in, F, P, S, W_out
    (5, 3, 0, 1, 3),
    (16, 3, 0, 1, 14),
    (16, 3, 1, 1, 16),
    (7, 3, 0, 2, 3),
    (7, 3, 1, 2, 4),
    (7, 3, 0, 3, 2),  # 4 / 3 is rounded down
    (28, 3, 0, 2, 13),
    (28, 5, 2, 1, 28),
    (32, 5, 0, 1, 28),
    (227, 11, 0, 4, 55),
]


@pytest.mark.parametrize(("width", "kernel", "padding", "stride", "expected"), SIZES)
def test_the_output_size_follows_the_formula(
    printed, tmp_path, width, kernel, padding, stride, expected
):
    assert (width - kernel + 2 * padding) // stride + 1 == expected
    image, weight = np.ones((width, width)), np.ones((kernel, kernel))
    np.save(tmp_path / "image.npy", image)
    np.save(tmp_path / "kernel.npy", weight)
    files = (str(tmp_path / "image.npy"), "-k", str(tmp_path / "kernel.npy"))
    options = ("--padding", str(padding), "--stride", str(stride))
    found = json.loads(printed("compute", *files, *options, "--json"))
    assert found["shape"] == [expected, expected]
    assert convviz.conv(image, weight, padding=padding, stride=stride).shape == (expected,) * 2

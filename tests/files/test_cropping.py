"""What is taken of an array has the cells that it says, and the preview looks like it."""

from dataclasses import replace

import numpy as np
import pytest

from convviz.engine.resample import scale_to
from convviz.files.cropping import PREVIEW_CELLS, preview, taken
from convviz.files.images import to_grey
from convviz.files.read import list_arrays, read_array
from convviz.model.origin import (
    AXES,
    Grip,
    dragged,
    grip_at,
    guessed_axes,
    result_text,
    whole,
    with_crop,
    with_side,
    with_size,
)

COLOURS = np.random.default_rng(0).integers(0, 256, (3, 40, 60)).astype(float)
WHOLE = whole(COLOURS.shape)


def test_all_of_an_array_is_the_array_itself():
    assert np.shares_memory(taken(COLOURS, WHOLE), COLOURS)
    np.testing.assert_array_equal(taken(COLOURS, WHOLE), COLOURS)


@pytest.mark.parametrize("axes", [axes for axes in AXES if "h" in axes])
def test_every_order_of_axes_gives_the_same_image(axes):
    numbers = np.arange(2.0 * 3 * 4 * 5).reshape(2, 3, 4, 5)
    kept = {"n": 1, "c": 0}
    index = tuple(slice(None) if letter in axes else kept[letter] for letter in "nchw")
    present = [letter for letter in "nchw" if letter in axes]
    array = numbers[index].transpose([present.index(letter) for letter in axes])
    expected = numbers[1] if "c" in axes else numbers[1, :1]
    made = taken(array, replace(whole(array.shape, axes), image=int("n" in axes)))
    np.testing.assert_array_equal(made, expected)


def test_crop_grey_scale_and_values_come_one_after_the_other():
    taking = replace(WHOLE, crop=(4, 6, 20, 30), size=(5, 6), channels="grey", unit=True)
    expected = scale_to(to_grey(COLOURS[:, 4:24, 6:36]), 5, 6) / 255
    np.testing.assert_allclose(taken(COLOURS, taking, 255)[0], expected)


@pytest.mark.parametrize(("white", "least"), [(255, 1 / 255), (65535, 1 / 65535), (None, 1)])
def test_the_largest_value_that_there_can_be_becomes_1(white, least):
    assert taken(np.ones((2, 2)), replace(whole((2, 2)), unit=True), white)[0, 0, 0] == least


def test_whole_numbers_stay_whole_and_those_of_0_and_1_become_parts():
    small = with_side(WHOLE, 16)
    assert (taken(COLOURS, small) == taken(COLOURS, small).round()).all()
    bits = (COLOURS > 100).astype(float)
    assert not (taken(bits, small) == taken(bits, small).round()).all()


@pytest.mark.parametrize("method", ["area", "nearest"])
def test_the_preview_of_a_large_picture_looks_like_what_is_taken(method):
    rows, columns = np.mgrid[:1500, :2000]
    image = (np.hypot(rows - 700, columns - 900) / 8)[None]
    taking = replace(whole(image.shape), crop=(100, 200, 1200, 1600), size=(30, 40), method=method)
    seen, made = preview(image, taking), taken(image, taking)
    assert seen.shape == made.shape
    assert abs(seen - made).max() < 4
    assert preview(image, replace(taking, size=(1200, 1600))).size <= PREVIEW_CELLS


@pytest.mark.parametrize(
    ("shape", "axes"),
    [
        ((9,), "w"),
        ((8, 9), "hw"),
        ((3, 8, 9), "chw"),
        ((8, 9, 3), "hwc"),
        ((3, 8, 3), "chw"),
        ((64, 7, 7), "chw"),
        ((60000, 28, 28), "nhw"),
        ((10, 3, 32, 32), "nchw"),
        ((10, 32, 32, 3), "nhwc"),
    ],
)
def test_axes_are_guessed_as_they_mostly_are(shape, axes):
    assert guessed_axes(shape) == axes


@pytest.mark.parametrize(
    ("crop", "expected"),
    [
        ((5, 6, 7, 8), (5, 6, 7, 8)),
        ((-5, -6, 7, 8), (0, 0, 7, 8)),
        ((35, 6, 70, 80), (35, 6, 5, 54)),
        ((99, 99, 0, 0), (39, 59, 1, 1)),
    ],
)
def test_a_crop_stays_inside_the_picture(crop, expected):
    taking = with_crop(WHOLE, crop, (40, 60))
    assert taking.crop == expected
    assert taking.size == expected[2:]


def test_a_scaled_picture_stays_as_long_when_it_is_cropped():
    assert with_crop(with_side(WHOLE, 30), (0, 0, 40, 20), (40, 60)).size == (30, 15)


def test_sizes_that_are_linked_keep_the_shape_of_the_crop():
    assert with_size(WHOLE, (20, 60), linked=True).size == (20, 30)
    assert with_size(WHOLE, (40, 6), linked=True).size == (4, 6)
    assert with_size(WHOLE, (40, 0), linked=False).size == (40, 1)


BLOCK = (10, 20, 10, 20)  # rows 10..20, columns 20..40
GRIPS = {
    "the middle": ((15, 30), Grip(inside=True), (18, 25), (13, 15, 10, 20)),
    "the middle, far out": ((15, 30), Grip(inside=True), (40, 60), (30, 40, 10, 20)),
    "the upper edge": ((10, 30), Grip(-1, 0), (4, 30), (4, 20, 16, 20)),
    "the lower edge, past the upper": ((20, 30), Grip(1, 0), (4, 30), (10, 20, 1, 20)),
    "a corner": ((20, 40), Grip(1, 1), (30, 50), (10, 20, 20, 30)),
    "elsewhere": ((30, 50), Grip(), (25, 10), (25, 10, 5, 40)),
}


@pytest.mark.parametrize(("at", "grip", "to", "expected"), GRIPS.values(), ids=GRIPS)
def test_what_is_held_of_a_crop_follows_the_mouse(at, grip, to, expected):
    assert grip_at(BLOCK, (40, 60), at, 1) == grip
    assert dragged(BLOCK, grip, at, to, (40, 60)) == expected


def test_a_whole_picture_cannot_be_moved_so_that_a_crop_is_drawn():
    assert grip_at((0, 0, 40, 60), (40, 60), (20, 30), 1) == Grip()


def test_the_result_is_told_in_cells_and_channels():
    assert result_text(with_side(WHOLE, 12), 3) == "8 × 12 cells, 3 channels"
    assert result_text(replace(WHOLE, channels="2"), 3) == "40 × 60 cells, 1 channel"


def test_arrays_that_cannot_be_taken_are_listed_with_the_reason(tmp_path):
    path = tmp_path / "several.npz"
    np.savez(path, words=np.array(["a"]), complex=np.ones(2, complex), one=np.float32(3), good=[1])
    assert [(e.name, e.kind, e.problem.split(";")[0]) for e in list_arrays(path)] == [
        ("words", "text", "it holds text"),
        ("complex", "complex numbers", "it holds complex numbers"),
        ("one", "real numbers, 32 bits", "it has 0 dimensions"),
        ("good", "whole numbers, 64 bits", ""),
    ]


@pytest.mark.parametrize(
    ("dtype", "white"), [("u1", 255), ("u2", 65535), ("i4", None), ("f4", None), ("?", None)]
)
def test_arrays_of_8_and_16_bits_know_their_white(tmp_path, dtype, white):
    np.save(tmp_path / "a.npy", np.ones((2, 2), dtype))
    assert read_array(tmp_path / "a.npy").white == white

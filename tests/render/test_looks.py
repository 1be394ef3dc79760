"""The comparison with goldens: blind to what no eye sees, and to nothing else."""

import numpy as np
import pytest
from looks import keep, unlike

GREY = np.full((100, 100, 3), 100, np.uint8)


def with_pixels(count, level):
    changed = GREY.copy()
    changed.reshape(-1, 3)[:count] = level
    return changed


@pytest.mark.parametrize(
    ("picture", "sentence"),
    [
        (GREY, ""),
        (with_pixels(50, 101), ""),
        (with_pixels(51, 101), "0.51% of the pixels are one level off"),
        (
            with_pixels(1, 102),
            "1 pixels differ, by up to 2 levels, in columns 0 to 0 of rows 0 to 0",
        ),
        (GREY[:50], "100 × 50 instead of (100, 100)"),
    ],
)
def test_two_pictures_are_alike_when_few_pixels_are_one_level_off(picture, sentence):
    assert unlike(picture, GREY) == sentence


def test_pictures_that_differ_are_kept_with_their_difference(tmp_path):
    keep(tmp_path, "scene", with_pixels(10, 0), GREY)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["scene-actual.png", "scene-difference.png", "scene-expected.png"]

"""Colour maps: the frame of a scene has the colours and the numbers of its view."""

import numpy as np
import pytest

from convviz.export.frames import FrameOptions, frame_image
from convviz.model.colours import SIGNED_MAPS, UNSIGNED_MAPS, Colours
from convviz.model.numbers import AUTOMATIC, NumberFormat
from convviz.model.preferences import set_colours, set_numbers
from convviz.model.scene import Scale
from convviz.model.session import new_session
from convviz.render.cell_painter import cell_texts
from convviz.render.theme import DARK, LIGHT, THEMES, cell_colours, dressed, luminance

SIGNED, GREY = Scale("signed", -2, 2), Scale("grey", 0, 2)


def look(theme=DARK, numbers=AUTOMATIC, **maps):
    return dressed(theme, Colours(**maps), numbers)


@pytest.mark.parametrize("name", SIGNED_MAPS)
@pytest.mark.parametrize("theme", THEMES)
def test_signed_maps_tell_signs_apart_without_red_and_green(name, theme):
    ends = cell_colours(np.array([-2.0, 2.0]), SIGNED, look(THEMES[theme], signed=name))
    below, above = ends.astype(int)
    blue = below[2] - above[2]
    assert abs(blue) > 60  # what all but one person in 10,000 sees


@pytest.mark.parametrize("name", SIGNED_MAPS)
def test_zero_is_in_the_middle_of_a_signed_map(name):
    values = np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    bright = luminance(cell_colours(values, SIGNED, look(LIGHT, signed=name)))
    assert (np.argmax(bright) == 2) != (np.argmin(bright) == 2)


@pytest.mark.parametrize("name", UNSIGNED_MAPS)
def test_unsigned_maps_grow_lighter_all_the_way(name):
    bright = luminance(cell_colours(np.linspace(0, 2, 64), GREY, look(unsigned=name)))
    assert (np.diff(bright) > -0.006).all()
    assert bright[-1] - bright[0] > 0.4


def test_the_usual_look_is_the_theme_itself():
    assert look() == DARK


def test_infinite_padding_has_the_lowest_colour():
    made = cell_colours(np.array([-np.inf, -2.0]), SIGNED, look(signed="coolwarm"))
    assert (made[0] == made[1]).all()


def test_a_frame_has_the_colours_and_numbers_of_its_view_whoever_paints_it():
    session, options = new_session(), FrameOptions(640, 480, 1, LIGHT)
    plain = frame_image(session, options)
    assert frame_image(set_colours(session, Colours(unsigned="viridis")), options) != plain
    assert frame_image(set_numbers(session, NumberFormat("decimals", 1)), options) != plain
    assert frame_image(session, options) == plain


@pytest.mark.parametrize(
    ("style", "cell", "expected"),
    [
        (NumberFormat("decimals", 2), 60, ["0.00", "−1.50", "0.33"]),
        (NumberFormat("decimals", 4), 200, ["0.0000", "−1.5000", "0.3333"]),
        (NumberFormat("decimals", 4), 24, ["0.0", "−1.5", "0.3"]),  # all as far as all fit
        (NumberFormat("decimals", 0), 60, ["0", "−2", "0"]),
        (NumberFormat("digits", digits=2), 60, ["0", "−1.5", "0.33"]),
        (NumberFormat(fractions=False), 60, ["0", "−1.5", "0.333"]),
        (AUTOMATIC, 60, ["0", "−1.5", "1/3"]),
    ],
)
def test_cells_write_numbers_as_the_style_says(style, cell, expected):
    texts, _ = cell_texts(np.array([[0.0, -1.5, 1 / 3]]), cell, style)
    assert texts == [expected]

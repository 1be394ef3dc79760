"""A sum that has no room is shortened, and what is shown still adds up to its result."""

import re

import numpy as np
import pytest

from convviz.engine.layers import Activation
from convviz.engine.trace import trace
from convviz.model.equation import Addends, Shown, equation
from convviz.render import dot_painter, sum_painter
from convviz.render.theme import DARK

NUMBER = re.compile(r"[−-]?\d+(?:\.\d+)?")


def channels_of(count, term=None):
    rng = np.random.default_rng(count)
    image = rng.integers(-9, 10, (count, 3, 3)).astype(float)
    weight = rng.integers(-2, 3, (1, count, 3, 3)) / 2
    behind = trace(image, weight, at=(0, 0))
    names = tuple(str(number + 1) for number in range(count))
    made = equation(behind, Activation("none"), term, "here", Shown(0, names))
    return made, behind.value


def texts(lines):
    return "".join(token.text for line in lines for word in line for token in word.tokens)


def added(text):
    """Add up what a line of sums by channel says."""
    values = re.findall(r": \(?([−-]?[\d.]+)\)?", text)
    return sum(float(value.replace("−", "-")) for value in values)


@pytest.mark.parametrize("room", [1, 2, 3])
@pytest.mark.parametrize("across", [30, 60, 110])
@pytest.mark.parametrize("count", [2, 7, 12, 13, 64])
def test_channels_that_have_no_room_are_told_by_their_sum(count, across, room):
    made, value = channels_of(count)
    lines = dot_painter._blocks(made)[-1].cut(across, room)
    assert len(lines) <= room
    assert all(sum(word.length for word in line) <= across for line in lines)
    assert added(texts(lines)) == pytest.approx(value)


@pytest.mark.parametrize("across", [24, 60, 110])
def test_so_they_are_below_the_rows_of_channels(across):
    made, value = channels_of(64)
    words = sum_painter._words(sum_painter._sums(made.channels), DARK)
    lines = sum_painter._shortened(words, made.of_channels, across, 1, DARK)
    (line,) = lines
    text = " ".join(token.text for word in line for token, _ in word.tokens)
    assert added(text) == pytest.approx(value)


@pytest.mark.parametrize("term", [0, 3, 8, 30, 80, None])
@pytest.mark.parametrize("room", [1, 2])
def test_products_that_have_no_room_are_told_by_their_sum(room, term):
    rng = np.random.default_rng(1)
    behind = trace(rng.integers(1, 9, (9, 9)), rng.integers(1, 9, (9, 9)), at=(0, 0))
    made = equation(behind, Activation("none"), term, "here")
    formed = behind.products.sum() if term is None else behind.products.ravel()[: term + 1].sum()
    _, sums = dot_painter._blocks(made)
    text = texts(sums.cut(70, room))
    shown = re.sub(r"\d+ more: ", "", text.replace("…", ""))
    assert sum(map(float, NUMBER.findall(shown))) == formed
    assert text.endswith("…") == (term not in (80, None))


def test_terms_that_are_still_to_come_add_nothing_yet():
    assert Addends((1.0, 2.0), pending=3).after(1) == "4 more: 2"
    assert Addends((), pending=3).after(0) == "3 more"


def test_what_a_mean_has_no_room_for_is_told_too():
    from convviz.engine.layers import Pool
    from convviz.engine.trace import trace_windows
    from convviz.engine.windows import windows_of
    from convviz.model.layer_equations import pool_equation, pool_sentence

    pool = Pool("avg", 8)
    behind = trace_windows(pool, windows_of(pool, np.arange(64.0).reshape(1, 8, 8)), (0, 0))
    made = pool_equation(behind, Activation("none"), None, "here")
    assert made.more == f"+ 15 more: {sum(range(49, 64))}"
    assert f"(15 more: {sum(range(49, 64))})" in pool_sentence(behind, Activation("none"), "here")

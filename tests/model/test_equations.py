"""The dot product as it is written: it reads well, it adds up, and it says what was rounded."""

import math
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_sessions import session

from convviz.engine.layers import Activation, Conv
from convviz.engine.trace import trace
from convviz.model.changes import set_activation, set_bias, set_cell
from convviz.model.derive import derive_scene
from convviz.model.equation import MOST_TERMS, equation, place_text, sentence
from convviz.model.session import new_session
from convviz.model.transitions import seek

NONE = Activation("none")


def found(image, weight, bias=None):
    return trace(image, weight, bias, at=(0,) * np.ndim(weight))


def written(equation):
    """Return the terms, the sums and the result as three texts."""
    terms = " + ".join("".join(token.text for token in term.tokens) for term in equation.terms)
    sums, result = (
        " ".join(token.text for token in line) for line in (equation.sums, equation.result)
    )
    return terms, sums, result


def test_the_default_session_says_what_the_design_says():
    assert derive_scene(new_session()).sentence == "row 7, column 4: 1·1 + 1·2 + 1·(-2) + 1·1 = 2"
    assert written(derive_scene(new_session()).dot.equation) == (
        "1·1 + 0·0 + 0·(−1) + 1·2 + 1·0 + 1·(−2) + 1·1 + 0·0 + 0·(−1)",
        "= 1 + 2 − 2 + 1",
        "= 2 → row 7, column 4",
    )


@pytest.mark.parametrize(
    ("image", "weight", "bias", "activation", "expected"),
    [
        ([[1, 2]], [[3, 4]], None, "none", "here: 1·3 + 2·4 = 11"),
        ([[1, 0]], [[3, 4]], None, "none", "here: 1·3 = 3"),
        ([[0, 0]], [[3, 4]], None, "none", "here: 0 = 0"),
        ([[1, 2]], [[3, -4]], None, "none", "here: 1·3 + 2·(-4) = -5"),
        ([[1, 2]], [[3, -4]], [1.5], "none", "here: 1·3 + 2·(-4) + bias 1.5 = -3.5"),
        ([[1, 2]], [[3, -4]], [-1.5], "none", "here: 1·3 + 2·(-4) + bias (-1.5) = -6.5"),
        ([[1, 2]], [[3, -4]], [0.0], "none", "here: 1·3 + 2·(-4) = -5"),
        ([[1, 2]], [[3, -4]], None, "relu", "here: 1·3 + 2·(-4) = -5, ReLU: 0"),
        ([[1, 2]], [[3, 4]], [1], "leaky_relu", "here: 1·3 + 2·4 + bias 1 = 12, leaky ReLU: 12"),
        ([[0, 0]], [[3, 4]], None, "sigmoid", "here: 0 = 0, sigmoid: 0.5"),
        ([[1, 1]], [[1, 1]], None, "sigmoid", "here: 1·1 + 1·1 = 2, sigmoid: ≈ 0.8808"),
        ([[1, 1]], [[1 / 9, 0.2]], None, "none", "here: 1·(1/9) + 1·0.2 = 14/45"),
        ([[1, 1]], [[math.pi, 1]], None, "none", "here: 1·3.142 + 1·1 ≈ 4.142"),
        ([[1, 1]], [[math.pi, -math.pi]], None, "none", "here: 1·3.142 + 1·(-3.142) ≈ 0"),
        ([1, 2, 3], [1, 0, 1], None, "none", "here: 1·1 + 3·1 = 4"),
    ],
)
def test_a_dot_product_is_one_sentence_without_its_zeros(image, weight, bias, activation, expected):
    assert sentence(found(image, weight, bias), Activation(activation), "here") == expected


@pytest.mark.parametrize(
    ("term", "shown"),
    [
        (0, ("= 3 + …", "= 3 after 1 of 3 products")),
        (1, ("= 3 − 8 + …", "= −5 after 2 of 3 products")),
        (2, ("= 3 − 8 + 5", "= 0 after all 3 products")),
        (3, ("= 3 − 8 + 5", "= 0 + bias −2 = −2")),
        (4, ("= 3 − 8 + 5", "= 0 + bias −2 = −2 → ReLU → 0 → here")),
        (None, ("= 3 − 8 + 5", "= 0 + bias −2 = −2 → ReLU → 0 → here")),
    ],
)
def test_terms_sum_bias_and_activation_come_one_after_the_other(term, shown):
    behind = found([[1.0, 2, 1]], [[3, -4, 5]], [-2.0])
    made = equation(behind, Activation("relu"), term, "here")
    assert written(made)[0] == "1·3 + 2·(−4) + 1·5"
    assert written(made)[1:] == shown
    formed = 3 if term is None else min(term + 1, 3)
    assert [t.pending for t in made.terms] == [index >= formed for index in range(3)]
    assert [t.lit for t in made.terms] == [index == term for index in range(3)]


@pytest.mark.parametrize(
    ("bias", "activation", "term", "result"),
    [
        (None, "none", None, "= 3 → here"),
        (None, "none", 1, "= 3 → here"),
        (None, "relu", 2, "= 3 → ReLU → 3 → here"),
        ([1.0], "none", 2, "= 3 + bias 1 = 4 → here"),
        ([1.0], "sigmoid", 2, "= 3 + bias 1 = 4"),
        ([1.0], "sigmoid", 3, "= 3 + bias 1 = 4 → sigmoid → ≈ 0.982 → here"),
        ([math.e], "relu", 3, "= 3 + bias 2.718 ≈ 5.718 → ReLU → ≈ 5.718 → here"),
    ],
)
def test_the_result_goes_on_to_its_cell(bias, activation, term, result):
    behind = found([[1.0, 1]], [[1, 2]], bias)
    assert written(equation(behind, Activation(activation), term, "here"))[2] == result


def test_zeros_and_what_is_still_to_come_are_dim():
    made = equation(found([[1.0, 0, 2]], [[3, 4, 5]]), NONE, 1, "here")
    roles = [[token.role for token in term.tokens] for term in made.terms]
    assert roles == [["input", "dim", "kernel"], ["dim"] * 3, ["dim"] * 3]


@pytest.mark.parametrize(
    ("size", "shown", "more"),
    [(7, 49, ""), (8, 49, "+ 15 more: 15"), (31, 49, "+ 912 more: 912")],
)
def test_a_large_kernel_shows_some_of_its_terms_and_the_sum_of_the_others(size, shown, more):
    behind = found(np.ones((size, size)), np.ones((size, size)))
    made = equation(behind, NONE, None, "here")
    assert (len(made.terms), made.more) == (shown, more)
    assert made.result[0].text == f"= {size * size}"
    text = sentence(behind, NONE, "here")
    assert text.count("·") == min(size * size, MOST_TERMS)
    rest = size * size - MOST_TERMS
    assert (f"({rest} more: {rest})" in text) == (rest > 0)


@pytest.mark.parametrize("term", [0, 20, 48, 49, 50, 62, 63])
def test_in_a_large_kernel_the_term_being_formed_is_among_those_shown(term):
    made = equation(found(np.ones((8, 8)), np.ones((8, 8))), NONE, term, "here")
    assert len(made.terms) == MOST_TERMS
    assert sum(t.lit for t in made.terms) == 1


@pytest.mark.parametrize(
    ("cell", "rank", "text"), [((7, 4), 2, "row 7, column 4"), ((0, 4), 1, "sample 4")]
)
def test_a_signal_has_no_rows(cell, rank, text):
    assert place_text(cell, rank) == text


def test_bias_and_activation_show_in_the_scene():
    now = set_activation(set_bias(new_session(), -3.0), "relu")
    assert derive_scene(now).sentence == (
        "row 7, column 4: 1·1 + 1·2 + 1·(-2) + 1·1 + bias (-3) = -1, ReLU: 0"
    )


# What is shown adds up

EXACT = st.one_of(
    st.integers(-99, 99).map(float),
    st.integers(-999, 999).map(lambda n: n / 10),
    st.integers(-999, 999).map(lambda n: n / 100),
    st.integers(-99, 99).map(lambda n: n / 9),
    st.integers(-255, 255).map(lambda n: n / 16),
    st.sampled_from([0.0, 0.0, 1e8, -1e8, 1e8 + 1e-4, 1e-4, 1 / 3, -2 / 3, 1 / 255]),
)
ANY = st.one_of(EXACT, st.floats(-1e6, 1e6), st.floats(-1e-3, 1e-3))
many = settings(max_examples=600, deadline=None, derandomize=True, database=None)


def windows(cell):
    sizes = st.sampled_from([(1, 1), (1, 3), (2, 2), (3, 3)])
    return sizes.flatmap(
        lambda size: st.tuples(
            *[st.lists(cell, min_size=size[0] * size[1], max_size=size[0] * size[1])] * 2,
            st.one_of(st.none(), cell),
        )
    )


def number(text):
    return Fraction(text.replace("−", "-").strip(" ()"))


def summands(text):
    """Return the numbers of a sum like 1 + 2 − 5/9."""
    signs = re.findall(r"(?:^|\s)([+−])?\s*(\S+)", text)
    return [-number(n) if sign == "−" else number(n) for sign, n in signs]


def is_the_number(text, value):
    return math.isclose(number(text), value, rel_tol=1e-9, abs_tol=0)


def assert_adds_up(image, weight, bias):
    behind = found(image, weight, None if bias is None else [bias])
    terms, sums, result = written(equation(behind, NONE, None, "here"))
    products = [math.prod(number(side) for side in term.split("·")) for term in terms.split(" + ")]
    if sums.startswith("= "):
        assert summands(sums[2:]) == ([p for p in products if p] or [0])
    parts = re.split(r"\s(?=[=≈])|^(?=[=≈])|\s→ here|\s\+ bias ", result)
    total, *later = [part for part in parts if part]
    if total.startswith("="):
        assert sums.startswith("=")
        assert sum(summands(sums[2:])) == number(total[2:])
    if later and later[-1].startswith("="):
        assert number(total[2:]) + number(later[0]) == number(later[-1][2:])
    return behind


def assert_sentence_adds_up(behind):
    text = sentence(behind, NONE, "here")
    left, sign, value = re.fullmatch(r"here: (.*) ([=≈]) (\S+)", text).groups()
    if sign == "=":
        parts = [part.removeprefix("bias ") for part in left.split(" + ")]
        whole = sum(math.prod(number(side) for side in part.split("·")) for part in parts)
        assert whole == number(value)


@many
@given(windows(EXACT))
def test_what_is_shown_as_equal_is_equal(window):
    cells, weights, bias = window
    assert_sentence_adds_up(assert_adds_up([cells], [weights], bias))


@many
@given(windows(ANY))
def test_what_had_to_be_rounded_has_a_wavy_sign(window):
    cells, weights, bias = window
    behind = assert_adds_up([cells], [weights], bias)
    assert_sentence_adds_up(behind)
    shown = [(number(t), v) for t, v in shown_numbers(behind)]
    if not all(math.isclose(text, value, rel_tol=1e-11) for text, value in shown):
        assert "≈" in sentence(behind, NONE, "here")


def shown_numbers(behind):
    """Return each number of the sentence with the value that it stands for."""
    text = sentence(behind, NONE, "here").removeprefix("here: ")
    pairs = zip(behind.window.ravel().tolist(), behind.weight.ravel().tolist(), strict=True)
    values = [value for pair in pairs if all(pair) for value in pair] or [0.0]
    values += [behind.bias] * bool(behind.bias) + [behind.value]
    return list(zip(re.split(r"·| \+ bias | \+ | [=≈] ", text), values, strict=True))


@many
@given(windows(st.integers(-999, 999).map(float)))
def test_whole_numbers_are_never_wavy(window):
    cells, weights, bias = window
    behind = found([cells], [weights], None if bias is None else [bias])
    assert "≈" not in " ".join(written(equation(behind, NONE, None, "here")))
    assert "≈" not in sentence(behind, NONE, "here")


@pytest.mark.parametrize("step", range(0, 25, 3))
def test_the_random_image_of_the_lecture_is_wavy_where_it_is_rounded(step):
    now = session(np.random.RandomState(0).rand(5, 5), np.ones((3, 3)), padding="same", step=step)
    scene = derive_scene(now)
    assert "≈" in scene.sentence
    assert "=" not in scene.sentence
    assert scene.dot.equation.result[0].text.startswith("≈")


def test_hidden_terms_of_a_dot_product_count_in_its_sum():
    weight = np.full((8, 8), 0.5)
    now = seek(session(np.ones((8, 8)), weight), 0)
    now = set_cell(now, "kernel", (7, 7), 100.0)
    assert derive_scene(now).sentence.endswith("+ (15 more: 107) = 131.5")


def test_float32_values_are_shown_as_what_they_are():
    image = np.full((1, 1, 2), 0.1, np.float32)
    layer = Conv(np.ones((1, 1, 1, 2), np.float32))
    behind = trace(image, layer.weight, at=(0, 0))
    assert sentence(behind, NONE, "here") == "here: 0.1·1 + 0.1·1 ≈ 0.2"

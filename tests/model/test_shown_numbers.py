import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convviz.model.numbers import (
    LARGEST_DENOMINATOR,
    equals_text,
    exact_text,
    factor,
    fitting_text,
    number_text,
    rounded_text,
    signed,
)

many = settings(max_examples=1000, deadline=None, derandomize=True, database=None)
finite = st.floats(allow_nan=False, allow_infinity=False, width=64)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (-2.0, "-2"),
        (123456789.0, "123456789"),
        (0.2, "0.2"),
        (0.1 + 0.2, "0.3"),
        (-0.75, "-0.75"),
        (0.001, "0.001"),
        (1 / 9, "1/9"),
        (5 / 9, "5/9"),
        (-2 / 3, "-2/3"),
        (16 / 3, "16/3"),
        (1 / 16, "0.0625"),
        (36 / 256, "9/64"),
        (128 / 255, "128/255"),
        (2.5, "2.5"),
        (10.125, "10.125"),
        (123.4375, "123.4375"),
        (1234.56, "1234.56"),
        (123456.5, "123456.5"),
        (0.4375, "7/16"),
        (0.12345, "0.12345"),
        (1e9, None),
        (1e-6, None),
        (math.pi, None),
        (0.123456, None),
        (1e6 + 1 / 3, None),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
        (math.nan, None),
        (0.33333333, None),
    ],
)
def test_short_numbers_are_written_exactly(value, text):
    assert exact_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.pi, "3.142"),
        (-math.pi, "-3.142"),
        (0.123456, "0.1235"),
        (1e9, "1e9"),
        (1234567.8, "1.235e6"),
        (0.00001234, "1.234e-5"),
        (-6.02e23, "-6.02e23"),
        (1e6 + 1 / 3, "1e6"),
    ],
)
def test_long_numbers_are_rounded_to_four_digits(value, text):
    assert rounded_text(value) == text
    assert number_text(value) == (exact_text(value) or text)


@pytest.mark.parametrize(
    ("value", "room", "text"),
    [
        (0.2, 3, "0.2"),
        (1 / 9, 3, "1/9"),
        (1 / 9, 2, ""),
        (-0.866025, 8, "-0.866"),
        (-0.866025, 6, "-0.866"),
        (-0.866025, 5, "-0.87"),
        (-0.866025, 4, "-0.9"),
        (-0.866025, 3, ""),
        (123456.0, 6, "123456"),
        (123456.0, 5, "1.2e5"),
        (-123456.0, 3, ""),
        (7.0, 1, "7"),
        (-7.0, 1, ""),
        (3.14159, 1, ""),
        (0.0, 1, "0"),
    ],
)
def test_in_a_small_cell_a_number_loses_digits_before_it_goes(value, room, text):
    assert fitting_text(value, room) == text


@pytest.mark.parametrize(
    ("value", "text"), [(2.0, "= 2"), (-2.0, "= −2"), (0.2, "= 0.2"), (math.pi, "≈ 3.142")]
)
def test_a_rounded_number_has_a_wavy_sign(value, text):
    assert equals_text(value) == text


@pytest.mark.parametrize(
    ("text", "written"),
    [("2", "2"), ("-2", "(-2)"), ("1/9", "(1/9)"), ("-1/9", "(-1/9)"), ("0.5", "0.5")],
)
def test_negative_numbers_and_fractions_stand_in_brackets_as_factors(text, written):
    assert factor(text) == written


def test_minus_signs_are_real_ones():
    assert signed("-1.5e-7") == "−1.5e−7"


@many
@given(finite)
def test_what_is_written_exactly_is_the_number(value):
    text = exact_text(value)
    if text is not None:
        assert math.isclose(float(Fraction(text)), value, rel_tol=1e-12)
        assert len(text) <= 10


@many
@given(st.integers(-999, 999), st.integers(1, LARGEST_DENOMINATOR))
def test_every_fraction_with_a_small_denominator_is_written_exactly(numerator, denominator):
    value = numerator / denominator
    assert Fraction(exact_text(value)) == Fraction(numerator, denominator)


@many
@given(st.integers(-99999, 99999), st.integers(0, 4))
def test_every_decimal_of_five_digits_is_written_exactly(digits, places):
    value = digits / 10**places
    if value == 0 or abs(value) >= 1e-4:
        assert Fraction(exact_text(value)) == Fraction(digits, 10**places)


@many
@given(finite.filter(bool))
def test_a_rounded_number_is_off_by_less_than_half_of_its_last_digit(value):
    assert abs(Fraction(rounded_text(value)) / Fraction(value) - 1) <= Fraction(1, 1999)


@many
@given(finite, st.integers(0, 12))
def test_a_fitting_number_fits_and_has_the_right_sign(value, room):
    text = fitting_text(value, room)
    assert len(text) <= room
    if text:
        assert text.startswith("-") == (value < 0)
        assert abs(Fraction(text) - Fraction(value)) <= abs(Fraction(value)) / 2

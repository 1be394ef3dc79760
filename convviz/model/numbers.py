"""Numbers as people read them: exact where that is short, otherwise rounded and said to be so."""

import math
from fractions import Fraction

SHORT_DIGITS = 3  # significant digits up to which a decimal below 1 is preferred to a fraction
LONG_DIGITS = 5  # significant digits up to which a decimal below 1 counts as short
LARGE_DIGITS = 7  # the same from 1 on, where 1975/16 tells less than 123.4375
LONGEST_FRACTION = 7  # characters without the sign
ROUNDED_DIGITS = 4
LARGEST_DENOMINATOR = 256
SMALL = 10  # below it a number without its fraction would be another one
NOISE = 5e-14  # relative: what summing floats in another order changes


def exact_text(value: float) -> str | None:
    """Return the short decimal or fraction that `value` is, or None when it has none.

    >>> exact_text(0.2 + 0.1), exact_text(5 / 9), exact_text(123.4375), exact_text(math.pi)
    ('0.3', '5/9', '123.4375', None)
    """
    if value == 0:
        return "0"
    if math.isinf(value):  # padding of max pooling
        return "-∞" if value < 0 else "∞"
    if not math.isfinite(value) or not 1e-5 <= abs(value) < 1e9:
        return None
    if math.isclose(value, round(value), rel_tol=NOISE):
        return str(round(value))
    decimals = SHORT_DIGITS if abs(value) < 1 else LARGE_DIGITS
    return _decimal(value, decimals) or _fraction(value) or _decimal(value, LONG_DIGITS)


def _decimal(value: float, digits: int) -> str | None:
    text = f"{value:.{digits}g}"
    same = "e" not in text and math.isclose(float(text), value, rel_tol=NOISE)
    return text if same else None


def _fraction(value: float) -> str | None:
    fraction = Fraction(value).limit_denominator(LARGEST_DENOMINATOR)
    text, same = str(fraction), math.isclose(float(fraction), value, rel_tol=NOISE)
    return text if same and len(text.lstrip("-")) <= LONGEST_FRACTION else None


def rounded_text(value: float, digits: int = ROUNDED_DIGITS) -> str:
    """Return `value` with `digits` significant digits, without needless zeros.

    >>> rounded_text(math.pi), rounded_text(1234567.8), rounded_text(0.00001234)
    ('3.142', '1.235e6', '1.234e-5')
    """
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    return f"{mantissa}e{int(exponent)}"


def number_text(value: float) -> str:
    """Return how `value` is shown where there is room.

    >>> number_text(-2.0), number_text(1 / 3), number_text(math.pi)
    ('-2', '1/3', '3.142')
    """
    return exact_text(value) or rounded_text(value)


def fitting_text(value: float, room: int) -> str:
    """Return the most telling text for `value` in `room` characters, or "" when none fits.

    >>> fitting_text(-0.866025, 8), fitting_text(-0.866025, 4), fitting_text(-123456, 3)
    ('-0.866', '-0.9', '')
    """
    fraction = _fraction(value) if value and math.isfinite(value) else None
    for exact in (exact_text(value), fraction):
        if exact is not None and len(exact) <= room:
            return exact
    for digits in range(ROUNDED_DIGITS, 0, -1) if math.isfinite(value) else ():
        text = rounded_text(value, digits)
        looks_whole = abs(value) < SMALL and not set(text) & {".", "e"}
        if len(text) <= room and not looks_whole:
            return text
    return ""


def signed(text: str) -> str:
    """Return `text` with a real minus sign.

    >>> signed("-2")
    '−2'
    """
    return text.replace("-", "−")


def equals_text(value: float) -> str:
    """Return `value` after an equals sign, a wavy one when it had to be rounded.

    >>> equals_text(-2), equals_text(math.pi)
    ('= −2', '≈ 3.142')
    """
    return f"{'≈' if exact_text(value) is None else '='} {signed(number_text(value))}"


def factor(text: str) -> str:
    """Return `text` in brackets when it is negative or a fraction, as a factor is written.

    >>> factor("-2"), factor("3")
    ('(-2)', '3')
    """
    return f"({text})" if text.startswith("-") or "/" in text else text

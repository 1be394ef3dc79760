"""Numbers as people read them: exact where that is short, otherwise rounded and said to be so."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

SHORT_DIGITS = 3  # significant digits up to which a decimal below 1 is preferred to a fraction
LONG_DIGITS = 5  # significant digits up to which a decimal below 1 counts as short
LARGE_DIGITS = 7  # the same from 1 on, where 1975/16 tells less than 123.4375
LONGEST_FRACTION = 7  # characters without the sign
ROUNDED_DIGITS = 4
LARGEST_DENOMINATOR = 256
SMALL = 10  # below it a number without its fraction would be another one
NOISE = 5e-14  # relative: what summing floats in another order changes
LEAST_PLAIN, MOST_PLAIN = 1e-5, 1e9  # sizes of numbers that are written without a power of ten
MOST_DECIMALS, MOST_DIGITS = 6, 8

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LEAST_UNIT, MOST_UNIT = 0.1, 1e4  # sizes between which numbers are written as they are

NUMBER_KINDS = {
    "automatic": "Exact where that is short",
    "decimals": "Fixed decimals",
    "digits": "Significant digits",
}


@dataclass(frozen=True)
class NumberFormat:
    """How numbers are written: one of NUMBER_KINDS, and what belongs to each.

    `decimals` after the point, `digits` in all; `fractions` lets "automatic" write 1/9.
    """

    kind: str = "automatic"
    decimals: int = 2
    digits: int = 4
    fractions: bool = True


AUTOMATIC = NumberFormat()
INFINITE = ("∞", "-∞")


def exact_text(value: float, style: NumberFormat = AUTOMATIC) -> str | None:
    """Return the short decimal or fraction that `value` is, or None when it has none.

    >>> exact_text(0.2 + 0.1), exact_text(5 / 9), exact_text(123.4375), exact_text(math.pi)
    ('0.3', '5/9', '123.4375', None)
    >>> exact_text(2, NumberFormat("decimals")), exact_text(2.125, NumberFormat("decimals"))
    ('2.00', None)
    """
    if style.kind != "automatic":
        text = _styled(value, style)
        same = text in INFINITE or math.isclose(float(text), value, rel_tol=NOISE)
        return text if same else None
    if value == 0:
        return "0"
    if math.isinf(value):  # padding of max pooling
        return "-∞" if value < 0 else "∞"
    if not math.isfinite(value) or not LEAST_PLAIN <= abs(value) < MOST_PLAIN:
        return None
    if math.isclose(value, round(value), rel_tol=NOISE):
        return str(round(value))
    decimals = SHORT_DIGITS if abs(value) < 1 else LARGE_DIGITS
    fraction = _fraction(value) if style.fractions else None
    return _decimal(value, decimals) or fraction or _decimal(value, LONG_DIGITS)


def _decimal(value: float, digits: int) -> str | None:
    text = f"{value:.{digits}g}"
    same = "e" not in text and math.isclose(float(text), value, rel_tol=NOISE)
    return text if same else None


def _fraction(value: float) -> str | None:
    fraction = Fraction(value).limit_denominator(LARGEST_DENOMINATOR)
    text, same = str(fraction), math.isclose(float(fraction), value, rel_tol=NOISE)
    return text if same and len(text.lstrip("-")) <= LONGEST_FRACTION else None


def _styled(value: float, style: NumberFormat) -> str:
    """Return `value` with the decimals or digits that `style` asks for."""
    if not math.isfinite(value):
        return "-∞" if value < 0 else "∞"
    if abs(value) >= MOST_PLAIN:
        return rounded_text(value, max(style.digits if style.kind == "digits" else 1, 4))
    places = style.decimals
    if style.kind == "digits":
        if 0 < abs(value) < LEAST_PLAIN:
            return rounded_text(value, style.digits)
        places = style.digits - 1 - (math.floor(math.log10(abs(value))) if value else 0)
    text = f"{round(value, places):.{max(places, 0)}f}"
    if style.kind == "digits" and "." in text:
        text = text.rstrip("0").rstrip(".")
    return text if text.strip("-0.") else text.lstrip("-")  # nothing is -0.00


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


def number_text(value: float, style: NumberFormat = AUTOMATIC) -> str:
    """Return how `value` is shown where there is room.

    >>> number_text(-2.0), number_text(1 / 3), number_text(math.pi)
    ('-2', '1/3', '3.142')
    >>> number_text(1 / 3, NumberFormat("decimals", decimals=2))
    '0.33'
    >>> number_text(1234, NumberFormat("digits", digits=3))
    '1230'
    """
    if style.kind != "automatic":
        return _styled(value, style)
    return exact_text(value, style) or rounded_text(value)


def fitting_text(value: float, room: int, style: NumberFormat = AUTOMATIC) -> str:
    """Return the most telling text for `value` in `room` characters, or "" when none fits.

    >>> fitting_text(-0.866025, 8), fitting_text(-0.866025, 4), fitting_text(-123456, 3)
    ('-0.866', '-0.9', '')
    """
    for text, asked in _shorter_and_shorter(value, style):
        looks_whole = abs(value) < SMALL and not set(text) & {".", "e"}
        if len(text) <= room and (asked or not looks_whole):
            return text
    return ""


def _shorter_and_shorter(value: float, style: NumberFormat) -> Iterator[tuple[str, bool]]:
    """Yield texts for `value`, and whether each is as good as `style` asks for."""
    if not math.isfinite(value):
        yield _styled(value, style), True
    elif style.kind == "automatic":
        exact = exact_text(value, style)
        if exact is not None:
            yield exact, True
        if value and style.fractions and (fraction := _fraction(value)):
            yield fraction, True
        for digits in range(ROUNDED_DIGITS, 0, -1):
            yield rounded_text(value, digits), False
    else:
        least, most = (0, style.decimals) if style.kind == "decimals" else (1, style.digits)
        for count in range(most, least - 1, -1):
            shorter = replace(style, decimals=count, digits=count)
            yield _styled(value, shorter), count == most or value == round(value)


def signed(text: str) -> str:
    """Return `text` with a real minus sign.

    >>> signed("-2")
    '−2'
    """
    return text.replace("-", "−")


def power_of(size: float) -> int:
    """Return in which power of ten numbers up to `size` are written, so that digits are seen.

    >>> power_of(0.004), power_of(0.5), power_of(2_500_000), power_of(0)
    (-3, 0, 6, 0)
    """
    if size == 0 or LEAST_UNIT <= size < MOST_UNIT:
        return 0
    return math.floor(math.log10(size))


def power_text(power: int) -> str:
    """Return the factor that goes with numbers in units of ten to the `power`.

    >>> power_text(-3), power_text(0)
    (' · 10⁻³', '')
    """
    return f" · 10{str(power).translate(RAISED)}" if power else ""


def equals_text(
    value: float, style: NumberFormat = AUTOMATIC, *, exact: float | None = None
) -> str:
    """Return `value` after an equals sign, a wavy one when it had to be rounded.

    `exact` is what was computed, where `value` is what is shown of it.

    >>> equals_text(-2), equals_text(math.pi), equals_text(0, exact=5.6e-17)
    ('= −2', '≈ 3.142', '≈ 0')
    """
    hidden = exact is not None and exact != value
    sign = "≈" if hidden or exact_text(value, style) is None else "="
    return f"{sign} {signed(number_text(value, style))}"


def factor(text: str) -> str:
    """Return `text` in brackets when it is negative or a fraction, as a factor is written.

    >>> factor("-2"), factor("3")
    ('(-2)', '3')
    """
    return f"({text})" if text.startswith("-") or "/" in text else text

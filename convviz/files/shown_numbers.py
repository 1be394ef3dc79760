"""Whether what a spreadsheet shows in a cell can be the number in it, rounded; a date cannot."""

import re
from collections.abc import Iterator

SHOWN = re.compile(
    r"\D*(?:(?P<whole>\d+)\s+)?(?P<part>\d+)/(?P<parts>\d+)\D*"
    r"|[^\d.,]*(?P<digits>[.,]?\d(?:[\d.,'’\s]*\d)?)[.,]?(?:[eE](?P<power>[-+]?\d{1,3}))?(?P<unit>\D*)"
)
SCALES = {"%": 100, "‰": 1000}
SLACK = 1 + 1e-9


def may_show(seen: str, exact: float) -> bool:
    """Whether `seen` is the number, whatever its digits, point, grouping, sign and unit.

    >>> may_show("0.33", 1 / 3), may_show("13 %", 0.125), may_show("1.234,5 €", 1234.5)
    (True, True, True)
    >>> may_show("5.1", 45296), may_show("Jan 5", 45296), may_show("1:30 PM", 0.5625)
    (False, False, False)
    """
    found = SHOWN.fullmatch(seen)
    if found is None:
        return False
    return any(
        abs(abs(exact) - value) <= half_a_digit * SLACK for value, half_a_digit in _readings(found)
    )


def _readings(found: re.Match[str]) -> Iterator[tuple[float, float]]:
    """Each value that can be meant, with half a unit of its last digit."""
    if found["parts"]:
        parts = int(found["parts"])
        yield int(found["whole"] or 0) + int(found["part"]) / max(parts, 1), 0.5 / max(parts, 1)
        return
    scale = 10.0 ** int(found["power"] or 0) / SCALES.get(found["unit"].strip()[:1], 1)
    for point in ".,":
        whole, *decimals = re.sub(rf"[^\d{point}]", "", found["digits"]).split(point)
        if len(decimals) == 1:
            digits = decimals[0]
            yield float(f"{whole or 0}.{digits}") * scale, 0.5 * 10.0 ** -len(digits) * scale
        else:
            yield float(whole + "".join(decimals)) * scale, 0.5 * scale

"""Signs that group the thousands of numbers: taken away where that is certain, else refused."""

import re

from convviz.files.errors import LiteralError, shown

GROUPED = tuple(
    (re.compile(rf"[-+(]?[0-9]{{1,3}}(?:\{group}[0-9]{{3}})+\{point}[0-9]+\)?"), group)
    for group, point in (".,", ",.")
)  # 1.234,5 and 1,234.5
GERMAN = GROUPED[0][0]


def ungrouped(rows: list[list[str]]) -> list[list[str]]:
    """Cells without the signs that group thousands, where a cell proves that they do.

    >>> ungrouped([["1,234.5", "2.5"]])
    [['1234.5', '2.5']]
    """
    for kind, group in GROUPED:
        with_both = (cell for row in rows for cell in row if "," in cell and "." in cell)
        proof = next((cell for cell in with_both if kind.fullmatch(cell.strip())), None)
        if proof is None:
            continue
        either = re.compile(rf"\s*[-+(]?[1-9][0-9]{{0,2}}\{group}[0-9]{{3}}\)?\s*")
        if doubtful := next((cell for row in rows for cell in row if either.fullmatch(cell)), None):
            raise LiteralError(
                f"{shown(doubtful)} beside {shown(proof)} may have decimals or thousands; "
                "write numbers without thousands separators"
            )
        return [
            [cell.replace(group, "") if kind.fullmatch(cell.strip()) else cell for cell in row]
            for row in rows
        ]
    return rows

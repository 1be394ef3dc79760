"""Numbers as a person types them into a field of the window: of one number, never of a table."""

from PySide6.QtCore import QLocale

from convviz.files.cell_kinds import THOUSANDS
from convviz.files.errors import LiteralError, shown
from convviz.files.literals import parse_number


def writes_decimal_commas() -> bool:
    """Return whether the person's language writes 0,5 for 1/2."""
    return QLocale().decimalPoint() == ","


def parse_typed(text: str) -> float:
    """Return the number in a field, where a comma can only be a decimal one.

    Unless the person writes decimal points: then 1,234 may be 1234. An equals sign may go before
    it, as in spreadsheets: =pi, where P alone is a key. Raises LiteralError.
    """
    number = text.strip().removeprefix("=")
    if THOUSANDS.fullmatch(number) and not writes_decimal_commas():
        raise LiteralError(f"{shown(number)} may be {number.replace(',', '')} or a decimal number")
    return parse_number(number, decimal_comma=True)

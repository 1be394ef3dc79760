"""What the text of a cell is: a number in some way of writing it, or what only looks like one."""

import re
from collections.abc import Mapping
from types import MappingProxyType

DIGITS = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"
PLAIN = re.compile(rf"[-+]?{DIGITS}")
FRACTION = re.compile(rf"[-+]?{DIGITS}\s*/\s*{DIGITS}")
DECIMAL_COMMA = re.compile(r"[-+]?[0-9]*,[0-9]+(?:[eE][-+]?[0-9]+)?")
THOUSANDS = re.compile(r"\(?[-+]?[1-9][0-9]{0,2},[0-9]{3}\)?")
TRUTHS: Mapping[str, float] = MappingProxyType(
    {"True": 1.0, "TRUE": 1.0, "False": 0.0, "FALSE": 0.0}
)

BRACKETED = re.compile(r"\(\s*-?\s*([0-9.,]+(?:[eE][-+]?[0-9]+)?)\s*\)")  # of accountants
DOUBTFUL_BRACKETS = re.compile(r"\(\s*[+(][-+(\s]*[0-9.,]+[)\s]*\)")
OPERATION = re.compile(r"[-+*/·×^().0-9\s]*[0-9)]\s*[-+*/·×^][-+*/·×^().0-9\s]*")
DATE = re.compile(
    r"[0-9]{4}([-/])[0-9]{1,2}\1[0-9]{1,2}(?:[T ][0-9]{1,2}:[0-9:.]+)?"
    r"|[0-9]{1,2}([-/.])[0-9]{1,2}\2[0-9]{2}([0-9]{2})?"
    r"|[0-9]{4}-[0-9]{1,2}"
)
TIME = re.compile(r"-?[0-9]{1,4}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?(\s*[AaPp]\.?[Mm]\.?)?")
AMOUNT = r"[-+(]*[0-9.,' ]+\)?"
CURRENCY = r"(?:[$€£¥₹]|EUR|USD|CHF|GBP)"
PERCENTAGE = re.compile(rf"{AMOUNT}\s*%\s*\)?")
MONEY = re.compile(rf"[-+(]*{CURRENCY}\s*{AMOUNT}|{AMOUNT}\s*{CURRENCY}\s*\)?")
SHEET_ERROR = re.compile(r"#(?:N/A|NV|[A-ZÀ-Ü0/]+[!?])")
DATED = (
    (DATE, "looks like a date, not a number"),
    (TIME, "looks like a time, not a number"),
)
NO_NUMBERS = (
    *DATED,
    (PERCENTAGE, "is a percentage; write 0.5 for 50 %"),
    (MONEY, "is an amount of money; write the number alone"),
    (SHEET_ERROR, "is an error of a spreadsheet, not a number"),
    (DOUBTFUL_BRACKETS, "may be negative, as brackets mean in spreadsheets; write it without them"),
)
NOT_FINITE = re.compile(r"[-+]?(nan|inf|infinity)", re.IGNORECASE)
MISSING = ("NA", "N/A", "n/a", "NaT", "None", "null", "NULL", "nil")


def normalized(text: str) -> str:
    """The text of a cell with a plain minus sign, also where brackets mean one.

    >>> normalized(" −2 "), normalized("(5.00)"), normalized("(-5)"), normalized("(1+2)")
    ('-2', '-5.00', '-5', '(1+2)')
    """
    cell = text.strip().replace("−", "-")
    bracketed = BRACKETED.fullmatch(cell)
    if bracketed is None:
        return cell
    number = bracketed[1]
    return f"-{number}" if number.strip("0.,") else number


def could_be_name(text: str) -> bool:
    """Whether a column may be called so; not where it is, or lacks, a value.

    >>> [could_be_name(text) for text in ("x1", "µm (mean)", "50%", "nan", "1,234", "3 kg")]
    [True, True, False, False, False, False]
    """
    name = text.strip()
    first = next(filter(str.isalnum, name), "")
    return (
        first.isalpha()
        and name not in (*MISSING, *TRUTHS)
        and not any(kind.fullmatch(name) for kind in (NOT_FINITE, MONEY, SHEET_ERROR))
    )

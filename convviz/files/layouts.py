"""Which characters end the cells and the rows of a table, decided from its text alone."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from convviz.files.cell_kinds import SHEET_ERROR, THOUSANDS, could_be_name
from convviz.files.errors import LiteralError

NUMBER_STARTS = tuple("0123456789.+-−(")
DECLARED = re.compile(r"\"?sep=(\\t|\t|[^\w\s])\"?", re.IGNORECASE)
COMMENT_SIGNS = ("#", "%")  # numpy.savetxt and MATLAB begin notes so


@dataclass(frozen=True)
class Layout:
    """How rows and cells follow each other; a `separator` of None stands for blanks."""

    separator: str | None
    decimal_comma: bool = False
    semicolon_ends_row: bool = False
    is_declared: bool = False  # by a first line of its own: sep=;


def derive_layout(lines: list[str], *, from_file: bool, decimal_comma: bool) -> Layout:
    """The layout of lines that all hold cells.

    ============================= ===================================================
    1,0,-1;2,0,-2                 a kernel as typed: `;` ends rows
    0,5;1,25 on several lines     a spreadsheet's CSV where commas are decimal
    0,5<tab>1,25                  a spreadsheet's clipboard, likewise
    1,2,3                         commas end cells
    1 2 3                         blanks end cells
    ============================= ===================================================

    Commas are taken as decimal only where something else ends the cells.
    """
    if declared := DECLARED.fullmatch(lines[0].strip(" \r")) if lines else None:
        return _declared_layout(lines[1:], declared[1].replace("\\t", "\t"), decimal_comma)
    if any(";" in line for line in lines):
        return _with_semicolons(lines, from_file=from_file, decimal_comma=decimal_comma)
    if any("\t" in line.strip() for line in lines):
        return tabbed_layout(lines, decimal_comma=decimal_comma)
    return Layout("," if any("," in line for line in lines) else None)


def holds_cells(line: str) -> bool:
    return bool(line.strip()) and not is_comment(line)


def is_comment(line: str) -> bool:
    stripped = line.strip()
    return stripped.startswith(COMMENT_SIGNS) and not SHEET_ERROR.match(stripped)


def _declared_layout(lines: list[str], separator: str, decimal_comma: bool) -> Layout:
    if separator == "\t":
        return replace(tabbed_layout(lines, decimal_comma=decimal_comma), is_declared=True)
    commas = separator != "," and any("," in line for line in lines)
    return Layout(separator, decimal_comma=commas, is_declared=True)


def _with_semicolons(lines: list[str], *, from_file: bool, decimal_comma: bool) -> Layout:
    commas = any("," in line for line in lines)
    if _semicolons_end_rows(lines, from_file=from_file, decimal_comma=decimal_comma):
        return Layout("," if commas else None, semicolon_ends_row=True)
    return Layout(";", decimal_comma=commas)


def _semicolons_end_rows(lines: list[str], *, from_file: bool, decimal_comma: bool) -> bool:
    """Whether `;` is what it is on the command line, not what it is in a spreadsheet's file."""
    if not any(";" in line.strip().rstrip("; ") for line in lines):
        return True
    if any(_holds_several_numbers(part) for line in lines for part in line.split(";")):
        return True
    if len(lines) > 1 or decimal_comma:
        return False
    if from_file and all(part.count(",") == 1 for part in lines[0].strip("; ").split(";")):
        raise LiteralError(
            "rows of 2 numbers, or numbers with decimal commas? "
            "Write each row on a line of its own, or decimal points",
            "line 1",
        )
    return not from_file


def _holds_several_numbers(part: str) -> bool:
    several = part.count(",") > 1 or len(part.split(maxsplit=1)) > 1
    return several and part.lstrip().startswith(NUMBER_STARTS)


def tabbed_layout(lines: list[str], *, decimal_comma: bool) -> Layout:
    """The layout of lines whose cells end at tabs, be it one cell in each."""
    cells = (line.split("\t") for line in lines if "," in line)
    return Layout("\t", decimal_comma=has_decimal_commas(cells, decimal_comma=decimal_comma))


def has_decimal_commas(rows: Iterable[list[str]], *, decimal_comma: bool) -> bool:
    """Whether commas within cells are decimal ones; raises LiteralError where that is open."""
    with_comma = [
        cell.strip() for row in rows for cell in row if "," in cell and not could_be_name(cell)
    ]
    if with_comma and not decimal_comma and all(map(THOUSANDS.fullmatch, with_comma)):
        raise LiteralError(
            f"'{with_comma[0]}' may be a decimal comma or thousands; write a decimal point"
        )
    return bool(with_comma)

"""Blocks of numbers from the clipboard: an HTML table of a spreadsheet, or text of any kind."""

import json
import re
from html.parser import HTMLParser

import numpy as np
from numpy.typing import NDArray

from convviz.engine.geometry import counted
from convviz.files.cells import MAX_CELLS
from convviz.files.errors import LiteralError, shown
from convviz.files.expressions import DATE, DECIMAL_COMMA, PLAIN, TIME
from convviz.files.layouts import COMMENT_SIGNS, THOUSANDS, Layout, holds_cells
from convviz.files.literals import parse_array
from convviz.files.nested import is_nested
from convviz.files.tables import Table, parse_rows, split_lines, split_rows

MAX_CHARACTERS = 32 * 2**20
CELLS = ("td", "th")
PRECISE = ("sdval", "x:num")  # in which LibreOffice and old Excel give what they show rounded
GOOGLE = "data-sheets-value"  # {"1": 3, "3": 0.3333333333333333}, where 3 says that it is a number
GROUPED = tuple(
    (re.compile(rf"[-+]?[0-9]{{1,3}}(?:\{group}[0-9]{{3}})+\{point}[0-9]+"), group)
    for group, point in (".,", ",.")
)  # 1.234,5 and 1,234.5

Cells = list[list[str]]


def parse_pasted(text: str, html: str = "", *, decimal_comma: bool = False) -> Table:
    """The block (rows, columns) in what was copied elsewhere, and what was assumed.

    The cells of an HTML table are known, so it goes before the text; where it holds other things
    than numbers, the text counts. "1.234" is never 1234; `decimal_comma` says that the person
    writes 0,5 for 1/2. Cells that a spreadsheet has empty are 0. Raises LiteralError.
    """
    if len(text) + len(html) > MAX_CHARACTERS:
        raise LiteralError(f"it has more than {MAX_CHARACTERS // 2**20} MiB of text; take a part")
    if rows := _table_rows(html):
        try:
            return _parse_cells(rows, decimal_comma=decimal_comma)
        except LiteralError:
            doubtful = any(THOUSANDS.fullmatch(cell) for row in rows for cell in row)
            if doubtful or not text.strip():
                raise
    if known := _tabbed_rows(text) or _decimal_column(text, decimal_comma=decimal_comma):
        return _parse_cells(known, decimal_comma=decimal_comma)
    block = _block(parse_array(text, decimal_comma=decimal_comma))
    return Table(block, tuple(_doubts(text, block)))


def _doubts(text: str, block: NDArray[np.float64]) -> list[str]:
    """Return what could have been meant otherwise."""
    number = text.strip()
    if block.shape == (1, 2) and DECIMAL_COMMA.fullmatch(number):
        return [f"{shown(number)} was taken as two cells: write a decimal point for one number"]
    return []


def _parse_cells(rows: Cells, *, decimal_comma: bool) -> Table:
    """The numbers of cells of a spreadsheet, 0 where they are empty or rows are short."""
    width = max(map(len, rows))
    if len(rows) * width > MAX_CELLS:
        raise LiteralError(f"it has more than {MAX_CELLS:,} cells; take a part of it")
    full = [row + [""] * (width - len(row)) for row in rows]
    empty = sum(not cell.strip() for row in full for cell in row)
    if empty == len(full) * width:
        raise LiteralError("there are no numbers in it")
    filled = [[cell if cell.strip() else "0" for cell in row] for row in _ungrouped(full)]
    block = parse_rows(filled, decimal_comma=decimal_comma)
    notice = f"{counted(empty, 'empty cell')} of the clipboard became 0"
    return Table(block, (notice,) if empty else ())


def _ungrouped(rows: Cells) -> Cells:
    """Return cells without the signs that group thousands, where a cell proves that they do."""
    for kind, group in GROUPED:
        proof = next((cell for row in rows for cell in row if kind.fullmatch(cell.strip())), None)
        if proof is None:
            continue
        either = re.compile(rf"\s*[-+]?[1-9][0-9]{{0,2}}\{group}[0-9]{{3}}\s*")
        if doubtful := next((cell for row in rows for cell in row if either.fullmatch(cell)), None):
            raise LiteralError(
                f"{shown(doubtful)} beside {shown(proof)} may have decimals or thousands; "
                "copy numbers without thousands separators"
            )
        return [
            [cell.replace(group, "") if kind.fullmatch(cell.strip()) else cell for cell in row]
            for row in rows
        ]
    return rows


def _tabbed_rows(text: str) -> Cells | None:
    """Return the cells of text in which tabs end them, as spreadsheets copy it; else None."""
    if "\t" not in text.strip(" \r\n") or is_nested(text):
        return None
    lines = split_lines(text)
    while lines and not lines[-1]:
        lines.pop()
    if any(";" in line for line in lines):
        return None
    numbered = [
        line for line in enumerate(lines, start=1) if not line[1].lstrip().startswith(COMMENT_SIGNS)
    ]
    rows = [row.cells for row in split_rows(numbered, Layout("\t"))]
    only_indents = any(len(cell.split()) > 1 for cells in rows for cell in cells)
    return None if only_indents else rows


def _decimal_column(text: str, *, decimal_comma: bool) -> Cells | None:
    """Return a column of numbers with decimal commas, as a spreadsheet copies one; else None."""
    if "," not in text or is_nested(text):
        return None
    lines = [line.strip() for line in split_lines(text) if holds_cells(line)]
    if all(GROUPED[0][0].fullmatch(line) for line in lines):
        return [[line] for line in lines]
    numbers = decimal_comma and all(map(_is_german_number, lines))
    return [[line] for line in lines] if numbers else None


def _is_german_number(text: str) -> bool:
    return any(kind.fullmatch(text) for kind in (DECIMAL_COMMA, PLAIN, GROUPED[0][0]))


def _block(array: NDArray[np.float64]) -> NDArray[np.float64]:
    while array.ndim > 2 and len(array) == 1:
        array = array[0]
    if array.ndim > 2:
        shape = " × ".join(map(str, array.shape))
        raise LiteralError(f"it is an array of {shape}; copy one with rows and columns")
    return np.atleast_2d(array)


def _table_rows(html: str) -> Cells:
    """Return the texts of the cells of the first table, row by row."""
    if "<t" not in html.lower():
        return []
    reader = _TableReader()
    reader.feed(html)
    reader.close()
    return [row for row in reader.rows if row]


class _TableReader(HTMLParser):
    """Gathers the cells of the first table; all else is passed over."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: Cells = []
        self.count = 0
        self._exact: str | None = None
        self._in_cell = self._done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._done:
            return
        if tag == "tr":
            self._end_cell()
            self.rows.append([])
        elif tag in CELLS and self.rows:
            self._end_cell()
            self._begin_cell(dict(attrs))

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        self.count += 1
        if self.count > MAX_CELLS:
            raise LiteralError(f"it has more than {MAX_CELLS:,} cells; take a part of it")
        if any((attributes.get(name) or "1") != "1" for name in ("rowspan", "colspan")):
            raise LiteralError("it has merged cells; split them, and copy again")
        self.rows[-1].append("")
        self._in_cell, self._exact = True, _exact_number(attributes)

    def _end_cell(self) -> None:
        """Let the exact number stand for what is shown, unless that is a date or time."""
        if self._in_cell and self._exact:
            seen = self.rows[-1][-1]
            is_date = DATE.fullmatch(seen) or TIME.fullmatch(seen)
            self.rows[-1][-1] = seen if is_date else self._exact
        self._in_cell = False

    def handle_endtag(self, tag: str) -> None:
        if tag in (*CELLS, "tr", "table"):
            self._end_cell()
        self._done = self._done or tag == "table"

    def handle_data(self, data: str) -> None:
        if self._in_cell and not self._done:
            self.rows[-1][-1] += data.replace("\xa0", " ").strip()


def _exact_number(attributes: dict[str, str | None]) -> str | None:
    """Return the number that a spreadsheet gives with a cell, written so that it has no groups."""
    given = next((attributes[name] for name in PRECISE if attributes.get(name)), None)
    found = given or _google_number(attributes.get(GOOGLE) or "")
    return f"{found}e0" if found and PLAIN.fullmatch(found) and "e" not in found.lower() else found


def _google_number(value: str) -> str | None:
    try:
        found = json.loads(value) if value else None
    except (ValueError, RecursionError):
        return None
    number = found.get("3") if isinstance(found, dict) and found.get("1") == 3 else None
    return repr(number) if isinstance(number, (int, float)) else None

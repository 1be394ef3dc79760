"""Blocks of numbers from the clipboard: an HTML table of a spreadsheet, or text of any kind."""

from html.parser import HTMLParser

import numpy as np
from numpy.typing import NDArray

from convviz.files.cells import MAX_CELLS
from convviz.files.errors import LiteralError
from convviz.files.expressions import DECIMAL_COMMA, PLAIN
from convviz.files.layouts import THOUSANDS, holds_cells
from convviz.files.literals import parse_array
from convviz.files.nested import is_nested
from convviz.files.tables import parse_rows, split_lines

MAX_CHARACTERS = 32 * 2**20
CELLS = ("td", "th")
PRECISE = "sdval"  # in which LibreOffice gives a number that it shows rounded


def parse_pasted(text: str, html: str = "", *, decimal_comma: bool = False) -> NDArray[np.float64]:
    """The block (rows, columns) in what was copied elsewhere.

    The cells of an HTML table are known, so it goes before the text; where it holds other things
    than numbers, the text counts. "1.234" is never 1234; `decimal_comma` says that the person
    writes 0,5 for 1/2. Raises LiteralError.
    """
    if len(text) + len(html) > MAX_CHARACTERS:
        raise LiteralError(f"it has more than {MAX_CHARACTERS // 2**20} MiB of text; take a part")
    if rows := _table_rows(html):
        try:
            return parse_rows(rows, decimal_comma=decimal_comma)
        except LiteralError:
            doubtful = any(THOUSANDS.fullmatch(cell) for row in rows for cell in row)
            if doubtful or not text.strip():
                raise
    if decimal_comma and (column := _decimal_column(text)):
        return parse_rows(column, decimal_comma=True)
    return _block(parse_array(text, decimal_comma=decimal_comma))


def _decimal_column(text: str) -> list[list[str]] | None:
    """Return a column of numbers with decimal commas, as a spreadsheet copies one; else None."""
    if "," not in text or is_nested(text):
        return None
    lines = [line.strip() for line in split_lines(text) if holds_cells(line)]
    numbers = all(DECIMAL_COMMA.fullmatch(line) or PLAIN.fullmatch(line) for line in lines)
    return [[line] for line in lines] if numbers else None


def _block(array: NDArray[np.float64]) -> NDArray[np.float64]:
    while array.ndim > 2 and len(array) == 1:
        array = array[0]
    if array.ndim > 2:
        shape = " × ".join(map(str, array.shape))
        raise LiteralError(f"it is an array of {shape}; copy one with rows and columns")
    return np.atleast_2d(array)


def _table_rows(html: str) -> list[list[str]]:
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
        self.rows: list[list[str]] = []
        self.count = 0
        self._in_cell = self._exact = self._done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._done:
            return
        if tag == "tr":
            self.rows.append([])
            self._in_cell = False
        elif tag in CELLS and self.rows:
            self.count += 1
            if self.count > MAX_CELLS:
                raise LiteralError(f"it has more than {MAX_CELLS:,} cells; take a part of it")
            precise = dict(attrs).get(PRECISE)
            self.rows[-1].append(precise or "")
            self._in_cell, self._exact = True, bool(precise)

    def handle_endtag(self, tag: str) -> None:
        if tag in (*CELLS, "tr"):
            self._in_cell = False
        self._done = self._done or tag == "table"

    def handle_data(self, data: str) -> None:
        if self._in_cell and not self._exact and not self._done:
            self.rows[-1][-1] += data.replace("\xa0", " ").strip()

"""Blocks of numbers from the clipboard: an HTML table of a spreadsheet, or text of any kind."""

import numpy as np
from numpy.typing import NDArray

from convviz.engine.geometry import counted
from convviz.files.cell_kinds import DECIMAL_COMMA, PLAIN, THOUSANDS
from convviz.files.cells import MAX_CELLS, CellReader
from convviz.files.errors import LiteralError, shown
from convviz.files.expressions import parse_plain_number
from convviz.files.grouped import GERMAN
from convviz.files.html_tables import read_table
from convviz.files.layouts import Layout, holds_cells, is_comment
from convviz.files.literals import parse_array
from convviz.files.nested import is_nested
from convviz.files.table_rows import Places, Row, filled
from convviz.files.tables import Table, parse_known, split_lines, split_rows

MAX_CHARACTERS = 32 * 2**20

Cells = list[list[str]]


def parse_pasted(text: str, html: str = "", *, decimal_comma: bool = False) -> Table:
    """The block (rows, columns) in what was copied elsewhere, and what was assumed.

    The cells of an HTML table are known, so it goes before the text; where it holds other things
    than numbers, the text counts. "1.234" is never 1234; `decimal_comma` says that the person
    writes 0,5 for 1/2. Cells that a spreadsheet has empty are 0. Raises LiteralError.
    """
    if len(text) + len(html) > MAX_CHARACTERS:
        raise LiteralError(f"it has more than {MAX_CHARACTERS // 2**20} MiB of text; take a part")
    rows, has_others = read_table(html)
    if rows:
        try:
            table = _parse_cells(rows, decimal_comma=decimal_comma)
            others = ("only the first table of the clipboard was taken",) if has_others else ()
            return Table(table.array, table.notices + others)
        except LiteralError:
            doubtful = any(THOUSANDS.fullmatch(cell) for row in rows for cell in row)
            if doubtful or not text.strip():
                raise
    if known := _tabbed_rows(text) or _decimal_column(text, decimal_comma=decimal_comma):
        return _parse_cells(known, decimal_comma=decimal_comma)
    array = parse_array(text, decimal_comma=decimal_comma, parse=parse_plain_number)
    block = _block(array)
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
    full, empty = filled([Row(number, row) for number, row in enumerate(rows, start=1)])
    block = parse_known(full, Places(), CellReader(parse_plain_number, decimal_comma))
    notice = f"{counted(empty, 'empty cell')} of the clipboard became 0"
    return Table(block, (notice,) if empty else ())


def _tabbed_rows(text: str) -> Cells | None:
    """Return the cells of text in which tabs end them, as spreadsheets copy it; else None."""
    if "\t" not in text.strip(" \r\n") or is_nested(text):
        return None
    lines = split_lines(text)
    while lines and not lines[-1]:
        lines.pop()
    if any(";" in line for line in lines):
        return None
    numbered = [line for line in enumerate(lines, start=1) if not is_comment(line[1])]
    rows = [row.cells for row in split_rows(numbered, Layout("\t"))]
    only_indents = any(len(cell.split()) > 1 for cells in rows for cell in cells)
    return None if only_indents else rows


def _decimal_column(text: str, *, decimal_comma: bool) -> Cells | None:
    """Return a column of numbers with decimal commas, as a spreadsheet copies one; else None."""
    if "," not in text or is_nested(text):
        return None
    lines = [line.strip() for line in split_lines(text) if holds_cells(line)]
    if all(GERMAN.fullmatch(line) for line in lines):
        return [[line] for line in lines]
    numbers = decimal_comma and all(map(_is_german_number, lines))
    return [[line] for line in lines] if numbers else None


def _is_german_number(text: str) -> bool:
    return any(kind.fullmatch(text) for kind in (DECIMAL_COMMA, PLAIN, GERMAN))


def _block(array: NDArray[np.float64]) -> NDArray[np.float64]:
    while array.ndim > 2 and len(array) == 1:
        array = array[0]
    if array.ndim > 2:
        shape = " × ".join(map(str, array.shape))
        raise LiteralError(f"it is an array of {shape}; copy one with rows and columns")
    return np.atleast_2d(array)

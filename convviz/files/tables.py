"""Rows and columns of numbers as text: CSV, TSV, blanks, kernels as typed."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from convviz.files.cells import MAX_CELLS, CellReader, check_cell_count
from convviz.files.errors import LiteralError, one_line
from convviz.files.expressions import parse_number, parse_plain_number
from convviz.files.layouts import Layout, derive_layout, holds_cells, tabbed_layout

MOST_NAMES = 10_000
SHOWN_NAMES = 60

Line = tuple[int, str]

LINE_BREAK = re.compile(r"\r{0,3}\n|\r")


@dataclass(frozen=True, eq=False)
class Table:
    """`array` (rows, columns), and what the reader should tell."""

    array: NDArray[np.float64]
    notices: tuple[str, ...] = ()


class Row(NamedTuple):
    number: int
    cells: list[str]


def parse_table(text: str, *, from_file: bool = False, decimal_comma: bool = False) -> Table:
    """The numbers of a table; errors name the line (or row) and the column, counted in cells.

    A table from a file may begin with a line of column names, and its cells are plain numbers or
    fractions; a table that was typed or pasted may hold expressions. Raises LiteralError.
    """
    check_cell_count(text.count("\n") + text.count("\r"))
    lines = [line for line in enumerate(split_lines(text), start=1) if holds_cells(line[1])]
    layout = derive_layout(
        [line for _, line in lines], from_file=from_file, decimal_comma=decimal_comma
    )
    check_cell_count(_separator_count(text, layout))
    if layout.semicolon_ends_row:
        lines = list(enumerate(_split_at_semicolons(lines), start=1))
    if not lines:
        raise LiteralError("there are no numbers in it")
    cells = CellReader(parse_plain_number if from_file else parse_number, layout.decimal_comma)
    plain = _plain_rectangle([line for _, line in lines], layout, cells)
    if plain is not None:
        return Table(plain)
    rows = list(split_rows(lines, layout))
    if from_file and _begins_with_names(rows, cells):
        names = one_line(", ".join(cell.strip() for cell in rows[0].cells))
        notice = f"line {rows[0].number} is taken as column names: {names[:SHOWN_NAMES]}"
        return Table(_rectangle(rows[1:], layout, cells), (notice,))
    return Table(_rectangle(rows, layout, cells))


def parse_rows(rows: list[list[str]], *, decimal_comma: bool = False) -> NDArray[np.float64]:
    """The numbers of rows whose cells are known, as in a spreadsheet. Raises LiteralError."""
    if not any(rows):
        raise LiteralError("there are no numbers in it")
    check_cell_count(sum(map(len, rows)))
    layout = tabbed_layout(["\t".join(row) for row in rows], decimal_comma=decimal_comma)
    cells = CellReader(parse_number, layout.decimal_comma)
    return _rectangle([Row(number, row) for number, row in enumerate(rows, start=1)], layout, cells)


def split_lines(text: str) -> list[str]:
    return LINE_BREAK.split(text) if "\r" in text else text.split("\n")


def _split_at_semicolons(lines: list[Line]) -> list[str]:
    return [part for _, line in lines for part in line.split(";") if part.strip()]


def split_rows(lines: list[Line], layout: Layout) -> Iterator[Row]:
    if layout.separator and any('"' in line for _, line in lines):
        yield from _quoted_rows(lines, layout.separator)
        return
    for number, line in lines:
        yield Row(number, line.strip(" ").split(layout.separator))


def _quoted_rows(lines: list[Line], separator: str) -> Iterator[Row]:
    """A cell in quotes may hold separators and line breaks, as spreadsheets write them."""
    reader = csv.reader((line + "\n" for _, line in lines), delimiter=separator)
    first = 0
    try:
        for cells in reader:
            yield Row(lines[first][0], cells)
            first = reader.line_num
    except csv.Error as error:
        raise LiteralError(str(error), f"line {lines[first][0]}") from None


def _begins_with_names(rows: list[Row], cells: CellReader) -> bool:
    first, *others = rows[:2]
    return (
        bool(others)
        and len(first.cells) == len(others[0].cells) <= MOST_NAMES
        and all(cell.strip() and not cells.is_number(cell) for cell in first.cells)
    )


def _plain_rectangle(
    lines: list[str], layout: Layout, cells: CellReader
) -> NDArray[np.float64] | None:
    """The whole table at once, five times faster than by rows, if all of it is plain."""
    separator = layout.separator
    widths = {len(line.split()) if separator is None else line.count(separator) for line in lines}
    if len(widths) > 1:
        return None
    flat = cells.plain_numbers((separator or " ").join(lines).split(separator))
    return None if flat is None else np.array(flat, dtype=np.float64).reshape(len(lines), -1)


def _rectangle(rows: list[Row], layout: Layout, cells: CellReader) -> NDArray[np.float64]:
    values, width = [], len(rows[0].cells)
    for row in rows:
        values.append(cells.numbers(row.cells, partial(_cell_place, layout, row)))
        if len(row.cells) != width:
            count = "1 number" if len(row.cells) == 1 else f"{len(row.cells)} numbers"
            reason = f"{count}, but {_row_place(layout, rows[0])} has {width}"
            raise LiteralError(reason, _row_place(layout, row))
    return np.array(values, dtype=np.float64)


def _row_place(layout: Layout, row: Row) -> str:
    return f"{'row' if layout.semicolon_ends_row else 'line'} {row.number}"


def _cell_place(layout: Layout, row: Row, index: int) -> str:
    return f"{_row_place(layout, row)}, column {index + 1}"


def _separator_count(text: str, layout: Layout) -> int:
    """About the number of cells, found without splitting them."""
    if layout.separator is None:
        blanks = islice(re.finditer(r"\S\s", text), MAX_CELLS + 1)
        return sum(1 for _ in blanks) + layout.semicolon_ends_row * text.count(";")
    ends = {layout.separator, "\n", "\r"} | ({";"} if layout.semicolon_ends_row else set())
    return sum(map(text.count, ends))

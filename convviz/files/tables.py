"""Rows and columns of numbers as text: CSV, TSV, blanks, kernels as typed."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from convviz.files.cells import BATCH, MAX_CELLS, CellReader, ParseNumber, check_cell_count
from convviz.files.errors import LiteralError
from convviz.files.expressions import parse_number
from convviz.files.grouped import ungrouped
from convviz.files.layouts import Layout, derive_layout, has_decimal_commas, holds_cells
from convviz.files.table_rows import Named, Places, Row, has_labels, rectangle, split_names

Line = tuple[int, str]

LINE_BREAK = re.compile(r"\r{0,3}\n|\r")


@dataclass(frozen=True, eq=False)
class Table:
    """`array` (rows, columns), and what the reader should tell."""

    array: NDArray[np.float64]
    notices: tuple[str, ...] = ()


def parse_table(
    text: str,
    *,
    from_file: bool = False,
    decimal_comma: bool = False,
    parse: ParseNumber = parse_number,
) -> Table:
    """The numbers of a table; errors name the line (or row) and the column, counted in cells.

    A table from a file may begin with a line of column names. `parse` says what a cell may hold:
    any expression where it was typed, see `parse_plain_number` for others. Raises LiteralError.
    """
    check_cell_count(text.count("\n") + text.count("\r"))
    lines = [line for line in enumerate(split_lines(text), start=1) if holds_cells(line[1])]
    layout = derive_layout(
        [line for _, line in lines], from_file=from_file, decimal_comma=decimal_comma
    )
    check_cell_count(_separator_count(text, layout))
    if layout.is_declared:
        lines = lines[1:]
    if layout.separator and (from_file or len(lines) > 1):
        lines = _without_empty_ends(lines, layout.separator)
    if layout.semicolon_ends_row:
        lines = list(enumerate(_split_at_semicolons(lines), start=1))
    if not lines:
        raise LiteralError("there are no numbers in it")
    cells = CellReader(parse, layout.decimal_comma)
    plain = _plain_rectangle([line for _, line in lines], layout, cells)
    if plain is not None:
        return Table(plain)
    return _table_of_rows(lines, layout, cells, from_file=from_file)


def _table_of_rows(
    lines: list[Line], layout: Layout, cells: CellReader, *, from_file: bool
) -> Table:
    places = Places("row" if layout.semicolon_ends_row else "line")
    is_quoted = _has_quotes(lines, layout)
    head = list(split_rows(lines if is_quoted else lines[:2], layout))
    if from_file and has_labels(head):
        head = list(split_rows(lines, layout))
    named = split_names(head, cells, places) if from_file else Named(head)
    if is_quoted:
        return Table(parse_known(named.rows, places, cells), named.notices)
    if len(head) == len(lines):
        return Table(rectangle(named.rows, places, cells), named.notices)
    body = lines[len(head) - len(named.rows) :]
    return Table(_in_batches(body, layout, places, cells), named.notices)


def _in_batches(
    lines: list[Line], layout: Layout, places: Places, cells: CellReader
) -> NDArray[np.float64]:
    """The numbers of lines, of which a batch is read at once where all of it is plain."""
    first = next(split_rows(lines, layout))
    parts = []
    for start in range(0, len(lines), BATCH):
        batch = lines[start : start + BATCH]
        part = _plain_rectangle([line for _, line in batch], layout, cells)
        if part is None or part.shape[1] != len(first.cells):
            part = rectangle(list(split_rows(batch, layout)), places, cells, first)
        parts.append(part)
    return np.concatenate(parts)


def parse_known(rows: list[Row], places: Places, cells: CellReader) -> NDArray[np.float64]:
    """The numbers of rows whose cells are known, as in a spreadsheet. Raises LiteralError.

    Commas within them are decimal ones, or group thousands where that is certain.
    """
    texts = ungrouped([row.cells for row in rows])
    commas = has_decimal_commas(texts, decimal_comma=cells.decimal_comma)
    known = [row._replace(cells=text) for row, text in zip(rows, texts, strict=True)]
    return rectangle(known, places, replace(cells, decimal_comma=commas))


def split_lines(text: str) -> list[str]:
    return LINE_BREAK.split(text) if "\r" in text else text.split("\n")


def _without_empty_ends(lines: list[Line], separator: str) -> list[Line]:
    """Lines without the rows and columns at the end that hold nothing but separators."""
    while lines and not lines[-1][1].strip(f" {separator}"):
        lines = lines[:-1]
    while lines and all(line.rstrip(" ").endswith(separator) for _, line in lines):
        lines = [(number, line.rstrip(" ").removesuffix(separator)) for number, line in lines]
    return lines


def _split_at_semicolons(lines: list[Line]) -> list[str]:
    return [part for _, line in lines for part in line.split(";") if part.strip()]


def split_rows(lines: list[Line], layout: Layout) -> Iterator[Row]:
    if layout.separator and _has_quotes(lines, layout):
        yield from _quoted_rows(lines, layout.separator)
        return
    for number, line in lines:
        yield Row(number, line.strip(" ").split(layout.separator))


def _has_quotes(lines: list[Line], layout: Layout) -> bool:
    return layout.separator is not None and any('"' in line for _, line in lines)


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


def _separator_count(text: str, layout: Layout) -> int:
    """About the number of cells, found without splitting them."""
    if layout.separator is None:
        blanks = islice(re.finditer(r"\S\s", text), MAX_CELLS + 1)
        return sum(1 for _ in blanks) + layout.semicolon_ends_row * text.count(";")
    ends = {layout.separator, "\n", "\r"} | ({";"} if layout.semicolon_ends_row else set())
    return sum(map(text.count, ends))

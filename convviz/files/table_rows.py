"""Rows of cells, of which the first may name the columns, and the first column the rows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from convviz.files.cell_kinds import could_be_name
from convviz.files.cells import BATCH, CellReader
from convviz.files.errors import LiteralError, one_line

MOST_NAMES = 10_000
SHOWN_NAMES = 60


class Row(NamedTuple):
    """Cells, and where they are: the number of their line, and of the column of the first."""

    number: int
    cells: list[str]
    first_column: int = 1


@dataclass(frozen=True)
class Places:
    """How messages name rows and columns."""

    row: str = "line"
    column_name: Callable[[int], str] = str

    def of_row(self, row: Row) -> str:
        return f"{self.row} {row.number}"

    def of_cell(self, row: Row, index: int) -> str:
        return f"{self.of_row(row)}, column {self.column_name(row.first_column + index)}"


@dataclass(frozen=True)
class Named:
    """Rows without those names, and what is told of these."""

    rows: list[Row]
    notices: tuple[str, ...] = ()


def split_names(rows: list[Row], cells: CellReader, places: Places) -> Named:
    """The rows of a table without the names of its columns and, as pandas writes them, of its rows.

    A first row that holds a number, or what stands where one is missing, is no row of names.
    """
    first, *others = rows[:2]
    labelled = has_labels(rows)
    if not others or not len(first.cells) == len(others[0].cells) <= MOST_NAMES:
        return Named(rows)
    if labelled and _are_counted([row.cells for row in rows]):
        return _without_labels(Named(rows[1:]), places)
    if not _are_names(first.cells, cells):
        return Named(rows)
    names = one_line(", ".join(cell.strip() for cell in first.cells if cell.strip()))
    notice = f"{places.of_row(first)} is taken as column names: {names[:SHOWN_NAMES]}"
    named = Named(rows[1:], (notice,))
    return _without_labels(named, places) if labelled else named


def has_labels(rows: list[Row]) -> bool:
    """Whether the first column has no name, as where pandas names the rows."""
    return len(rows[0].cells) > 1 and not rows[0].cells[0].strip()


def _are_names(first: list[str], cells: CellReader) -> bool:
    filled = [cell for cell in first if cell.strip()]
    return bool(filled) and all(
        could_be_name(cell) and not cells.is_number(cell) for cell in filled
    )


def _are_counted(rows: list[list[str]]) -> bool:
    """Whether rows and columns are numbered from 0, as pandas does where they have no names."""
    columns = [cell.strip() for cell in rows[0][1:]]
    labels = [cells[0].strip() if cells else "" for cells in rows[1:]]
    return all(found == list(map(str, range(len(found)))) for found in (columns, labels))


def _without_labels(named: Named, places: Places) -> Named:
    column = places.column_name(named.rows[0].first_column)
    rows = [Row(row.number, row.cells[1:], row.first_column + 1) for row in named.rows]
    notice = f"column {column}, which has no name, is taken as names of the rows"
    return replace(named, rows=rows, notices=(*named.notices, notice))


def filled(rows: list[Row]) -> tuple[list[Row], int]:
    """Equally long rows, in which a cell that a spreadsheet has empty is 0, and how many those are.

    Raises LiteralError where all are empty.
    """
    width = max(len(row.cells) for row in rows)
    full = [row.cells + [""] * (width - len(row.cells)) for row in rows]
    empty = sum(not cell.strip() for cells in full for cell in cells)
    if empty == len(full) * width:
        raise LiteralError("there are no numbers in it")
    zeros = [[cell if cell.strip() else "0" for cell in cells] for cells in full]
    return [row._replace(cells=cells) for row, cells in zip(rows, zeros, strict=True)], empty


def rectangle(
    rows: list[Row], places: Places, cells: CellReader, first: Row | None = None
) -> NDArray[np.float64]:
    """The numbers of rows as long as `first`, else the first of them; raises LiteralError."""
    first = first or rows[0]
    width = len(first.cells)
    values: list[float] = []
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        plain = _plain_numbers(batch, width, cells)
        values.extend(_by_rows(batch, first, places, cells) if plain is None else plain)
    return np.array(values, dtype=np.float64).reshape(len(rows), width)


def _plain_numbers(rows: list[Row], width: int, cells: CellReader) -> list[float] | None:
    """The numbers of many rows at once, which is five times faster, if all of them are plain."""
    if any(len(row.cells) != width for row in rows):
        return None
    return cells.plain_numbers(list(chain.from_iterable(row.cells for row in rows)))


def _by_rows(rows: list[Row], first: Row, places: Places, cells: CellReader) -> list[float]:
    values: list[float] = []
    for row in rows:
        values += cells.numbers(row.cells, partial(places.of_cell, row))
        if len(row.cells) != len(first.cells):
            count = "1 number" if len(row.cells) == 1 else f"{len(row.cells)} numbers"
            reason = f"{count}, but {places.of_row(first)} has {len(first.cells)}"
            raise LiteralError(reason, places.of_row(row))
    return values

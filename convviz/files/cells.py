"""Cells of text to numbers: fast where they are plain, one by one where they are not."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from convviz.files.errors import LiteralError
from convviz.files.expressions import is_number_alone, parse_number

MAX_CELLS = 1_000_000
BATCH = 1_000
MAX_EXPRESSIONS = 50_000


class ParseNumber(Protocol):
    def __call__(self, text: str, *, decimal_comma: bool = ...) -> float: ...


@dataclass
class CellReader:
    """Counts the expressions among the cells, since these take 50 times longer than numbers."""

    parse: ParseNumber = parse_number
    decimal_comma: bool = False
    expressions: int = 0

    def numbers(self, cells: Sequence[str], place: Callable[[int], str]) -> list[float]:
        """The numbers in `cells`; `place(index)` names the cell that is none."""
        numbers: list[float] = []
        for start in range(0, len(cells), BATCH):
            batch = cells[start : start + BATCH]
            plain = self.plain_numbers(batch)
            if plain is None:
                places = enumerate(batch, start)
                plain = [self._number(cell, index, place) for index, cell in places]
            numbers += plain
        return numbers

    def is_number(self, cell: str) -> bool:
        try:
            self.parse(cell, decimal_comma=self.decimal_comma)
        except LiteralError:
            return False
        return True

    def plain_numbers(self, cells: Sequence[str]) -> list[float] | None:
        """The numbers in `cells` if none needs a closer look, else None.

        float() alone would also take 1_000, nan and the digits of every script.
        """
        joined = "".join(cells)
        if "_" in joined or not joined.isascii():
            return None
        if self.decimal_comma:
            cells = [cell.replace(",", ".") for cell in cells]
        try:
            numbers = list(map(float, cells))
        except ValueError:
            return None
        return numbers if all(map(math.isfinite, numbers)) else None

    def _number(self, cell: str, index: int, place: Callable[[int], str]) -> float:
        self.expressions += not is_number_alone(cell)
        if self.expressions > MAX_EXPRESSIONS:
            raise LiteralError(
                f"more than {MAX_EXPRESSIONS:,} cells are expressions; write numbers"
            )
        try:
            return self.parse(cell, decimal_comma=self.decimal_comma)
        except LiteralError as error:
            raise LiteralError(error.reason, place(index)) from None


def check_cell_count(count: int) -> None:
    if count > MAX_CELLS:
        raise LiteralError(f"it has more than {MAX_CELLS:,} cells; take a part of it")

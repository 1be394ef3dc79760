"""Computes the formulas of a workbook from its file, and knows nothing of how they were made.

It reads what spreadsheets read: references, products, sums, comparisons, and some functions.
"""

import io
import math
import re

import openpyxl
from openpyxl.utils import range_boundaries

MOST_ARGUMENTS = 255  # that Excel takes
TOKEN = re.compile(
    r"\s*(?:(?P<range>(?:'[^']+'!)?\$?[A-Z]+\$?[0-9]+(?::\$?[A-Z]+\$?[0-9]+)?)"
    r"|(?P<name>[A-Z]+)|(?P<number>[0-9.]+(?:[eE][-+]?[0-9]+)?)|(?P<sign>>=|[-+*/(),>]))"
)


class Workbook:
    """The numbers of a workbook by sheet; formulas are computed when they are asked for."""

    def __init__(self, data):
        self.book = openpyxl.load_workbook(io.BytesIO(data))
        self._known = {}

    def value(self, sheet, row, column):
        key = sheet, row, column
        if key not in self._known:
            entry = self.book[sheet].cell(row, column).value
            is_formula = isinstance(entry, str) and entry.startswith("=")
            self._known[key] = _Formula(self, sheet, entry[1:]).all() if is_formula else entry
        return self._known[key]


class _Formula:
    def __init__(self, book, sheet, text):
        self.book, self.sheet, self.tokens = book, sheet, []
        position = 0
        while position < len(text):
            match = TOKEN.match(text, position)
            assert match, f"{text[position:]!r} is no part of a formula"
            self.tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()
        self.tokens.append(("end", ""))

    def all(self):
        value = self.comparison()
        assert self.tokens == [("end", "")], self.tokens
        return value

    def take(self, *texts):
        if self.tokens[0][1] in texts:
            return self.tokens.pop(0)[1]
        return None

    def comparison(self):
        left = self.sum()
        match self.take(">=", ">"):
            case ">=":
                return left >= self.sum()
            case ">":
                return left > self.sum()
        return left

    def sum(self):
        value = self.product()
        while sign := self.take("+", "-"):
            value = value + self.product() if sign == "+" else value - self.product()
        return value

    def product(self):
        value = self.factor()
        while sign := self.take("*", "/"):
            value = value * self.factor() if sign == "*" else value / self.factor()
        return value

    def factor(self):
        if self.take("-"):
            return -self.factor()
        kind, text = self.tokens.pop(0)
        if kind == "number":
            return float(text)
        if kind == "range":
            (found,) = self.cells(text)
            return found or 0.0
        if kind == "name":
            return self.function(text)
        assert text == "(", text
        value = self.comparison()
        assert self.take(")")
        return value

    def function(self, name):
        assert self.take("(")
        if self.take(")"):
            return FUNCTIONS[name]()
        arguments = [self.argument()]
        while self.take(","):
            arguments.append(self.argument())
        assert self.take(")")
        assert len(arguments) <= MOST_ARGUMENTS, f"{name} of {len(arguments)} arguments"
        return FUNCTIONS[name](*arguments)

    def argument(self):
        """A range is the list of its cells, anything else one value."""
        (kind, text), (_, after) = self.tokens[:2]
        if kind == "range" and after in (",", ")"):
            self.tokens.pop(0)
            return self.cells(text)
        return self.comparison()

    def cells(self, text):
        place, _, cells = text.rpartition("!")
        left, top, right, bottom = range_boundaries(cells.replace("$", ""))
        sheet = place.strip("'") or self.sheet
        return [
            self.book.value(sheet, row, column)
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        ]


def _numbers(arguments):
    """Empty cells do not count."""
    lists = (each if isinstance(each, list) else [each] for each in arguments)
    return [number for each in lists for number in each if number is not None]


def _one(value):
    (only,) = value if isinstance(value, list) else (value,)
    return only or 0.0


def _product_of_cells(first, second):
    return math.fsum((a or 0) * (b or 0) for a, b in zip(first, second, strict=True))


FUNCTIONS = {
    "SUMPRODUCT": _product_of_cells,
    "MAX": lambda *arguments: max(_numbers(arguments)),
    "AVERAGE": lambda *arguments: math.fsum(n := _numbers(arguments)) / len(n),
    "IF": lambda test, yes, no: _one(yes) if test else _one(no),
    "EXP": lambda x: math.exp(min(_one(x), 700.0)),  # too large only where IF does not look
    "TANH": lambda x: math.tanh(_one(x)),
    "MIN": lambda *arguments: min(_numbers(arguments)),
    "ABS": lambda x: abs(_one(x)),
    "LN": lambda x: math.log(_one(x)),
    "SQRT": lambda x: math.sqrt(_one(x)),
    "PI": lambda: math.pi,
    "NORMSDIST": lambda x: math.erfc(-_one(x) / math.sqrt(2)) / 2,
}

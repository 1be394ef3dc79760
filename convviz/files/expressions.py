"""Numbers as people type them into a cell: 0.5, -1e-3, 1/9, sqrt(2)/2, 2^3. Never eval."""

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from convviz.files.cell_kinds import (
    DECIMAL_COMMA,
    DIGITS,
    FRACTION,
    NO_NUMBERS,
    NOT_FINITE,
    OPERATION,
    PLAIN,
    TRUTHS,
    normalized,
)
from convviz.files.errors import LiteralError, shown

MAX_LENGTH = 200
MAX_DEPTH = 32

CONSTANTS: Mapping[str, float] = MappingProxyType({"pi": math.pi, "π": math.pi, "e": math.e})
FUNCTIONS: Mapping[str, Callable[[float], float]] = MappingProxyType(
    {
        "sqrt": math.sqrt,
        "exp": math.exp,
        "log": math.log,
        "ln": math.log,
        "sin": math.sin,
        "cos": math.cos,
        "tan": math.tan,
        "abs": abs,
    }
)
PRODUCTS: Mapping[str, Callable[[float, float], float]] = MappingProxyType(
    {"*": operator.mul, "·": operator.mul, "×": operator.mul, "/": operator.truediv}
)
SUMS: Mapping[str, Callable[[float, float], float]] = MappingProxyType(
    {"+": operator.add, "-": operator.sub}
)
POWERS = ("^", "**")

NAMES = re.compile(r"[a-zA-Zπ]+")
TOKEN = re.compile(rf"\s*({DIGITS}|[a-zA-Zπ]+|\*\*|[-+*/·×^()])")


def parse_number(text: str, *, decimal_comma: bool = False) -> float:
    """The finite value of a number or an expression.

    "1.234" is always 1.234. Brackets around a number alone mean minus, as in spreadsheets: "(5)" is
    -5. `decimal_comma` also takes "0,5", as a person types it whose language writes numbers so.
    Raises LiteralError.
    """
    cell = normalized(text)
    if PLAIN.fullmatch(cell):
        return _finite(float(cell), text)
    if decimal_comma and DECIMAL_COMMA.fullmatch(cell):
        return _finite(float(cell.replace(",", ".")), text)
    if cell in TRUTHS:
        return TRUTHS[cell]
    _check_is_expression(cell, text)
    return _evaluate(cell, text)


def parse_plain_number(text: str, *, decimal_comma: bool = False) -> float:
    """The finite value of what a cell of a table may hold, be it pasted or in a file.

    That is a number, a fraction such as 1/9, or what can only be meant as an expression: sqrt(2)/2.
    Tables hold dates, ranges and telephone numbers too, and as sums these would become numbers that
    nobody wrote. Raises LiteralError.
    """
    cell = normalized(text)
    if is_number_alone(cell) or FRACTION.fullmatch(cell) or _calls_function(cell):
        return parse_number(text, decimal_comma=decimal_comma)
    _check_is_expression(cell, text)
    if OPERATION.fullmatch(cell):
        raise LiteralError(f"{shown(text.strip())} may be a sum, a date or a range; write a number")
    raise _not_a_number(text)


def is_number_alone(text: str) -> bool:
    """Whether a cell holds one number, or the comma that is a decimal one for some."""
    cell = normalized(text)
    return any(kind.fullmatch(cell) for kind in (PLAIN, DECIMAL_COMMA)) or cell in TRUTHS


def _calls_function(cell: str) -> bool:
    names = NAMES.findall(cell)
    return cell not in names and any(name in FUNCTIONS or name in ("pi", "π") for name in names)


def _check_is_expression(cell: str, text: str) -> None:
    if not cell:
        raise LiteralError("the cell is empty; write 0 for zero")
    if NOT_FINITE.fullmatch(cell):
        raise _not_finite(text)
    if len(cell) > MAX_LENGTH:
        raise LiteralError(f"{shown(text)} is longer than {MAX_LENGTH} characters")
    for kind, words in NO_NUMBERS:
        if kind.fullmatch(cell):
            raise LiteralError(f"{shown(text)} {words}")


def _evaluate(cell: str, text: str) -> float:
    expression = _Expression(text, _tokens(cell, text))
    try:
        value = expression.sum()
    except ZeroDivisionError:
        raise LiteralError(f"{shown(text)} divides by zero") from None
    except OverflowError:
        raise _not_finite(text) from None
    except LiteralError:
        raise
    except ValueError:  # sqrt(-1), log(0), (-1)^0.5
        raise LiteralError(f"{shown(text)} has no real value") from None
    if expression.tokens:
        raise _not_a_number(text)
    return _finite(value, text)


def _tokens(cell: str, text: str) -> list[str]:
    tokens, position = [], 0
    while position < len(cell):
        match = TOKEN.match(cell, position)
        if match is None:
            raise _not_a_number(text)
        tokens.append(match[1])
        position = match.end()
    return tokens


@dataclass
class _Expression:
    """Recursive descent; each method takes its part off the front of `tokens`."""

    text: str
    tokens: list[str]
    depth: int = field(default=0)

    def sum(self) -> float:
        value = self.product()
        while self.next_is(*SUMS):
            value = SUMS[self.tokens.pop(0)](value, self.product())
        return value

    def product(self) -> float:
        value = self.signed()
        while self.next_is(*PRODUCTS):
            value = PRODUCTS[self.tokens.pop(0)](value, self.signed())
        return value

    def signed(self) -> float:
        """-2^2 is -(2^2), as in mathematics and Python."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise LiteralError(f"{shown(self.text)} is nested deeper than {MAX_DEPTH} levels")
        if self.next_is("-", "+"):
            value = -self.signed() if self.tokens.pop(0) == "-" else self.signed()
        else:
            value = self.power()
        self.depth -= 1
        return value

    def power(self) -> float:
        base = self.atom()
        if not self.next_is(*POWERS):
            return base
        self.tokens.pop(0)
        return math.pow(base, self.signed())

    def atom(self) -> float:
        token = self.tokens.pop(0) if self.tokens else ""
        if token == "(":
            return self.closed()
        if token in FUNCTIONS and self.next_is("("):
            self.tokens.pop(0)
            return FUNCTIONS[token](self.closed())
        if token in CONSTANTS:
            return CONSTANTS[token]
        if PLAIN.fullmatch(token):
            return _finite(float(token), self.text)
        raise _not_a_number(self.text)

    def closed(self) -> float:
        value = self.sum()
        if not self.next_is(")"):
            raise LiteralError(f"{shown(self.text)} lacks a closing parenthesis")
        self.tokens.pop(0)
        return value

    def next_is(self, *tokens: str) -> bool:
        return bool(self.tokens) and self.tokens[0] in tokens


def _finite(value: float, text: str) -> float:
    if not math.isfinite(value):
        raise _not_finite(text)
    return value


def _not_finite(text: str) -> LiteralError:
    return LiteralError(f"{shown(text.strip())} is not a finite number")


def _not_a_number(text: str) -> LiteralError:
    return LiteralError(f"{shown(text.strip())} is not a number")

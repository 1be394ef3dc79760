"""Arrays in brackets: JSON, Python and NumPy, torch, MATLAB."""

import json
import math
import re
from functools import partial
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from convviz.files.cells import CellReader, ParseNumber, check_cell_count
from convviz.files.errors import LiteralError, shown
from convviz.files.expressions import parse_number
from convviz.files.source import MAX_RANK

MAX_LEVELS = 64
NUMPY_LINE_WIDTH = 75
LONGEST_OPENING = 2_000

NAME = r"(?:(?:\w[\w ]*(?:\[\w*\])*\s*)?=\s*)?"  # k = or float k[3][3] =
CALL = r"(?:\w+\.)*(?:array|asarray|tensor|Tensor|Array|DeviceArray|matrix|Parameter)\s*\(\s*"
SETTING = r"\w+\s*=\s*(?:<[^<>]*>|[\w.:'\"]+(?:\([\w.:, ]*\))?|[\[(][\w,'\" ]*[\])])"
OPENING = re.compile(
    rf"\s*(?:Parameter containing:\s*|<tf\.\w+[^<>\[]*?numpy=\s*)?{NAME}"
    rf"(?:{CALL}(?:{SETTING},\s*)*)*(?=\[)"
)
CLOSING = re.compile(rf"(?:\s*,\s*{SETTING})*\s*,?\s*[)>]*\s*[;,]?\s*")
OTHER_BRACKETS = (
    (re.compile(rf"\s*{NAME}(?=\{{)"), str.maketrans("{}", "[]")),  # of C
    (
        re.compile(rf"\s*{NAME}(?=[(\[]\s*\([^()\[\],]*,[^()\[\]]*\))"),  # of Python's tuples
        str.maketrans("()", "[]"),
    ),
)
UNSIGNED = re.compile(r"\(\s*[0-9.,]+(?:[eE][-+]?[0-9]+)?\s*\)")
PARTS = re.compile(r"[\[\]]|[^\[\]]+")

Nested = list[Any]  # of floats, or of lists that are Nested


def is_nested(text: str) -> bool:
    text = _in_square_brackets(text[:LONGEST_OPENING])
    return OPENING.match(text) is not None


def _in_square_brackets(text: str) -> str:
    for beginning, square in OTHER_BRACKETS:
        if beginning.match(text[:LONGEST_OPENING]):
            return text.translate(square)
    return text


def parse_nested(text: str, parse: ParseNumber = parse_number) -> NDArray[np.float64]:
    """The array in brackets, of 1 to 4 dimensions; errors name the line and the character.

    Takes what json.dumps, NumPy's str and repr, torch, JAX, TensorFlow, Paddle and MATLAB print,
    and lists of C and Mathematica, with expressions as numbers. Raises LiteralError.
    """
    check_cell_count(text.count(","))
    if "..." in text:
        raise LiteralError(
            "NumPy left numbers out of it (...); print it after "
            "numpy.set_printoptions(threshold=sys.maxsize)"
        )
    text = _in_square_brackets(text)
    opening = OPENING.match(text[:LONGEST_OPENING])
    if opening is None:
        raise LiteralError("an array begins with [")
    return array_of(_Brackets(text, parse).read(opening.end()))


def parse_json(text: str) -> NDArray[np.float64]:
    """The array in a JSON list of numbers or of lists; strict, as the standard has it."""
    check_cell_count(text.count(","))
    _check_levels(text)
    try:
        nested = json.loads(text, parse_int=float, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise LiteralError(f"this is not JSON: {error.msg}", place) from None
    if not isinstance(nested, list):
        raise LiteralError(f"it holds {json_kind(nested)}, not a list of rows of numbers")
    return array_of(nested)


def array_of(nested: Nested) -> NDArray[np.float64]:
    """A list of floats, or of equally long lists of them and so on, as an array."""
    shape = _shape(nested)
    if len(shape) > MAX_RANK:
        raise LiteralError(
            f"its brackets are nested {len(shape)} deep; at most {MAX_RANK} are read"
        )
    return np.array(nested, dtype=np.float64)


def _shape(nested: Nested) -> tuple[int, ...]:
    kinds = set(map(type, nested))
    if not kinds:
        raise LiteralError("there are no numbers in it, or in a part of it")
    if kinds == {float}:
        if not all(map(math.isfinite, nested)):
            raise LiteralError("a number in it is too large")
        return (len(nested),)
    if kinds != {list}:
        _refuse_parts(nested)
    shapes = [_shape(part) for part in nested]
    _check_equal(shapes)
    return (len(nested), *shapes[0])


def _check_equal(shapes: list[tuple[int, ...]]) -> None:
    for row, shape in enumerate(shapes, start=1):
        if shape != shapes[0]:
            raise LiteralError(
                f"row {row} has {_numbers(shape)}, but row 1 has {_sizes(shapes[0])}"
            )


def _numbers(shape: tuple[int, ...]) -> str:
    return "1 number" if shape == (1,) else f"{_sizes(shape)} numbers"


def _sizes(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape))


def _refuse_parts(nested: Nested) -> NoReturn:
    for count, part in enumerate(nested, start=1):
        if not isinstance(part, float | list):
            raise LiteralError(f"it holds {json_kind(part)} in place {count} of a list")
    raise LiteralError("numbers and lists are mixed in one list")


def json_kind(value: object) -> str:
    """Say what a value of JSON is, as messages do."""
    match value:
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case str():
            return f"the text {shown(value)}"
        case dict():
            return "an object"
        case list():
            return "a list"
        case _:
            return "a single number"


def refuse_constant(constant: str) -> NoReturn:
    """Refuse the NaN and Infinity that json.loads takes and the standard does not."""
    raise LiteralError(f"{constant} is not a finite number")


def _check_levels(text: str) -> None:
    """json.loads recurses; brackets within strings count too, but no string is wanted here."""
    signs = np.frombuffer(text.encode(errors="replace"), dtype=np.uint8)
    opened = np.isin(signs, (ord("["), ord("{"))).astype(np.int8)
    closed = np.isin(signs, (ord("]"), ord("}"))).astype(np.int8)
    if len(signs) and np.cumsum(opened - closed, dtype=np.int32).max() > MAX_LEVELS:
        raise LiteralError(f"its brackets are nested deeper than {MAX_LEVELS} levels")


def _parse_in_brackets(parse: ParseNumber, text: str, *, decimal_comma: bool = False) -> float:
    if UNSIGNED.fullmatch(text.strip()):
        raise LiteralError(f"{shown(text)} is negative in spreadsheets, not in code; write a sign")
    return parse(text, decimal_comma=decimal_comma)


class _Brackets:
    """Reads from one bracket to the one that closes it, run of numbers by run of numbers."""

    def __init__(self, text: str, parse: ParseNumber) -> None:
        self.text = text
        self.cells = CellReader(partial(_parse_in_brackets, parse))
        self.count = 0

    def read(self, start: int) -> Nested:
        levels: list[Nested] = [[]]
        for part in PARTS.finditer(self.text, start):
            match part[0]:
                case "[":
                    inner: Nested = []
                    levels[-1].append(inner)
                    levels.append(inner)
                    if len(levels) > MAX_RANK + 1:
                        reason = f"brackets are nested deeper than {MAX_RANK} levels"
                        raise LiteralError(reason, self.place(part.start()))
                case "]":
                    closed = levels.pop()
                    if len(levels) == 1:
                        self.check_end(part.end())
                        return closed
                case run:
                    start = part.start()
                    if levels[-1] and run.lstrip().startswith(","):  # between two lists
                        start, run = start + run.index(",") + 1, run.lstrip()[1:]
                    levels[-1].extend(self.values(run, start, depth=len(levels) - 1))
        raise LiteralError("a closing ] is missing", self.place(len(self.text)))

    def values(self, run: str, start: int, *, depth: int) -> Nested:
        """The floats of a run between brackets, or the rows of a MATLAB matrix."""
        if not run.strip():
            return []
        rows = split_matrix(run) if depth == 1 else [run]
        numbers = []
        for row in rows:
            numbers.append(self.row(row, start))
            start += len(row) + 1
        return numbers[0] if len(rows) == 1 else [row for row in numbers if row]

    def row(self, row: str, start: int) -> list[float]:
        cells = row.split(",") if "," in row else row.split()
        if cells and not cells[-1].strip():
            cells.pop()
        self.count += len(cells)
        check_cell_count(self.count)
        return self.cells.numbers(cells, lambda index: self.cell_place(cells[: index + 1], start))

    def cell_place(self, cells: list[str], position: int) -> str:
        for cell in cells[:-1]:
            position = self.text.index(cell, position) + len(cell) + 1
        position = self.text.index(cells[-1], position)
        return self.place(position + len(cells[-1]) - len(cells[-1].lstrip()))

    def place(self, position: int) -> str:
        line_start = self.text.rfind("\n", 0, position) + 1
        line = self.text.count("\n", 0, position) + 1
        return f"line {line}, column {position - line_start + 1}"

    def check_end(self, position: int) -> None:
        if not CLOSING.fullmatch(self.text, position):
            rest = self.text[position:].strip()
            raise LiteralError(f"{shown(rest)} follows the last bracket", self.place(position))


def split_matrix(run: str) -> list[str]:
    """The rows of `1 0; 2 3`, or of lines; one row where NumPy wrapped a long one.

    Commas at the ends of lines join them, as in JSON. MATLAB ends a row with the line, while NumPy
    fills a line of 75 characters before it goes on in the next.
    """
    if ";" in run:
        return re.split("[;\n]", run)
    lines = run.split("\n")
    filled = [line.rstrip() for line in lines if line.strip()]
    if any(line.endswith(",") for line in filled[:-1]) or _numpy_wrapped(filled):
        return [run]
    return lines if len(filled) > 1 else [run]


def _numpy_wrapped(lines: list[str]) -> bool:
    width = max(map(len, ["[" + lines[0], *lines[1:]]))
    cell = max(len(cell) for line in lines for cell in line.split())
    return NUMPY_LINE_WIDTH - len(" ]") - cell <= width <= NUMPY_LINE_WIDTH

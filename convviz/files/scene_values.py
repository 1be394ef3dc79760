"""The kinds of values in scene files: how each is read, and its JSON Schema."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from math import isfinite
from typing import Any

import numpy as np

from convviz.engine.padding import PADDING_MODES, PADDING_RULES, Array
from convviz.engine.poolings import POOLINGS
from convviz.engine.problems import LayerError
from convviz.engine.settings import frozen_array
from convviz.files.errors import LiteralError, one_line, shown
from convviz.files.nested import array_of, json_kind

Json = dict[str, Any]
LARGEST_WHOLE = 2**31 - 1
LONGEST_NAME = 1000
DTYPES = ("float32", "float64")
PLAIN_KEY = re.compile(r"[a-z_0-9]{1,40}")


@dataclass(frozen=True, eq=False)
class Value:
    """How a value is read at a place such as "layers[0].stride", and its schema."""

    read: Callable[[Any, str], Any]
    schema: Json


def fields_of(value: object, place: str, known: Collection[str], *needed: str) -> Json:
    """Return an object whose fields are all known, with those that must be there."""
    if not isinstance(value, dict):
        raise LiteralError(f"it holds {json_kind(value)}, an object is needed", place)
    for name in value:
        if name not in known:
            raise LiteralError(
                f"{shown(name)} is not known here; take it out, or write one of {', '.join(known)}",
                place,
            )
    for name in needed:
        if name not in value:
            raise LiteralError("it is missing; add it", inner(place, name))
    return value


def inner(place: str, name: str) -> str:
    """Return the place of a field of the object at `place`."""
    field = name if PLAIN_KEY.fullmatch(name) else shown(name)
    return f"{place}.{field}" if place else field


def unique_fields(pairs: list[tuple[str, Any]]) -> Json:
    """Return the object of JSON that has these fields; raises LiteralError for one there twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(name for name, _ in pairs).most_common(1)[0][0]
        raise LiteralError("it is there twice; take one out", inner("", twice))
    return found


@contextmanager
def at(place: str) -> Iterator[None]:
    """Say where in the file it was that something does not fit."""
    try:
        yield
    except LiteralError as error:
        if error.place:
            raise
        raise LiteralError(error.reason, place) from None
    except LayerError as error:
        raise LiteralError(f"{error}; correct it", place) from None


def read_flag(value: object, place: str) -> bool:
    """Read true or false."""
    if not isinstance(value, bool):
        raise LiteralError(f"it holds {json_kind(value)}; write true or false", place)
    return value


def read_number(value: object, place: str) -> float:
    """Read a finite number."""
    if not isinstance(value, float):
        raise LiteralError(f"it holds {json_kind(value)}; write a number", place)
    if not isfinite(value):
        raise LiteralError("the number is too large; write a smaller one", place)
    return value


def read_whole(value: object, place: str) -> int:
    """Read a whole number from 0."""
    number = read_number(value, place)
    if not (number.is_integer() and 0 <= number <= LARGEST_WHOLE):
        raise LiteralError(f"{number:g} is no whole number from 0 to {LARGEST_WHOLE:,}", place)
    return int(number)


def read_list(value: object, place: str) -> list[Any]:
    """Read a list of whatever."""
    if not isinstance(value, list):
        raise LiteralError(f"it holds {json_kind(value)}; write a list", place)
    return value


def read_wholes(value: object, place: str) -> int | tuple[int, ...]:
    """Read a whole number, or a list of them."""
    if not isinstance(value, list):
        return read_whole(value, place)
    return tuple(read_whole(entry, f"{place}[{n}]") for n, entry in enumerate(value))


def read_padding(value: object, place: str) -> object:
    """Read the name of a rule, or cells: one number, one per axis, or (before, after) per axis."""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        return read_whole(value, place)
    return tuple(read_wholes(entry, f"{place}[{n}]") for n, entry in enumerate(value))


def read_text(value: object, place: str) -> str:
    """Read a name as it can be shown in a line."""
    if not isinstance(value, str):
        raise LiteralError(f"it holds {json_kind(value)}; write a text", place)
    if len(value) > LONGEST_NAME:
        raise LiteralError(f"it has {len(value):,} characters; shorten it", place)
    return one_line(value)


def read_array(value: object, place: str) -> Array:
    """Read an object with the type of its numbers and the numbers, in lists of lists."""
    found = fields_of(value, place, ("dtype", "values"), "values")
    dtype = found.get("dtype", DTYPES[-1])
    if dtype not in DTYPES:
        raise LiteralError(f"write one of {', '.join(DTYPES)}", f"{place}.dtype")
    with at(f"{place}.values"), np.errstate(over="ignore"):
        values = found["values"]
        if isinstance(values, np.ndarray):  # it stood beside the scene
            return frozen_array(values)
        numbers = array_of(read_list(values, f"{place}.values"))
        return frozen_array(numbers.astype(dtype, copy=False))


def read_array_or_none(value: object, place: str) -> Array | None:
    """Read an array, or null."""
    return None if value is None else read_array(value, place)


def one_of(names: Collection[str]) -> Value:
    """Return a value that is one of `names`."""

    def read(value: object, place: str) -> str:
        if not isinstance(value, str) or value not in names:
            what = shown(value) if isinstance(value, str) else json_kind(value)
            raise LiteralError(f"{what} is none of {', '.join(names)}; write one of these", place)
        return value

    return Value(read, {"enum": list(names)})


_WHOLE: Json = {"type": "integer", "minimum": 0, "maximum": LARGEST_WHOLE}
_WHOLES: Json = {
    "anyOf": [_WHOLE, {"type": "array", "items": _WHOLE, "minItems": 1, "maxItems": 2}]
}
_NESTED: Json = {
    "type": "array",
    "minItems": 1,
    "items": {"anyOf": [{"type": "number"}, {"$ref": "#/$defs/nested"}]},
}
DEFINITIONS: Json = {"nested": _NESTED}
_ARRAY: Json = {
    "type": "object",
    "properties": {"dtype": {"enum": list(DTYPES)}, "values": {"$ref": "#/$defs/nested"}},
    "required": ["values"],
    "additionalProperties": False,
}
_PADDING: Json = {
    "anyOf": [
        {"enum": list(PADDING_RULES)},
        _WHOLE,
        {"type": "array", "items": _WHOLES, "minItems": 1, "maxItems": 2},
    ]
}

FLAG = Value(read_flag, {"type": "boolean"})
NUMBER = Value(read_number, {"type": "number"})
WHOLE = Value(read_whole, _WHOLE)
WHOLE_OR_NONE = Value(
    lambda value, place: None if value is None else read_whole(value, place),
    {"anyOf": [{"type": "null"}, _WHOLE]},
)
WHOLES = Value(read_wholes, _WHOLES)
TEXT = Value(read_text, {"type": "string", "maxLength": LONGEST_NAME})
ARRAY = Value(read_array, _ARRAY)
ARRAY_OR_NONE = Value(read_array_or_none, {"anyOf": [{"type": "null"}, _ARRAY]})

# A setting of a layer, by its name -> what it holds
SETTINGS: Mapping[str, Value] = {
    "weight": ARRAY,
    "bias": ARRAY_OR_NONE,
    "kernel_size": WHOLES,
    "stride": WHOLES,
    "padding": Value(read_padding, _PADDING),
    "padding_mode": one_of(PADDING_MODES),
    "padding_value": NUMBER,
    "output_padding": WHOLES,
    "dilation": WHOLES,
    "groups": WHOLE,
    "flip": FLAG,
    "kind": one_of(POOLINGS),
    "ceil_mode": FLAG,
    "count_include_pad": FLAG,
}

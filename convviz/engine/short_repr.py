"""Records with arrays in them, as one short line where Python prints them."""

from collections.abc import Iterator
from dataclasses import fields
from inspect import signature
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MOST_NUMBERS = 16  # that are written out
MOST_CHARACTERS = 120


def short_repr(record: "DataclassInstance") -> str:
    """Return a record as one would write it, with large arrays by their shape, without defaults.

    >>> from convviz.engine.conv_layer import Conv
    >>> Conv(np.ones((64, 3, 7, 7)), np.zeros(64), stride=2)
    Conv(weight=<64x3x7x7 float64>, bias=<64 float64>, stride=(2, 2))
    """
    return f"{type(record).__name__}({', '.join(_settings(record))})"


def _settings(record: "DataclassInstance") -> Iterator[str]:
    given = signature(type(record)).parameters
    for field in fields(record):
        value = getattr(record, field.name)
        default = given[field.name].default if field.name in given else field.default
        if field.repr and not _is_default(value, default):
            yield f"{field.name}={_short(value)}"


def _is_default(value: object, default: object) -> bool:
    """Return whether `value` is `default`, or has it along every axis."""
    match value:
        case np.ndarray():
            return False
        case tuple():
            return value == default or all(_is_default(part, default) for part in value)
        case _:
            return type(value) is type(default) and value == default


def _short(value: object) -> str:
    match value:
        case np.ndarray() if value.size > MOST_NUMBERS:
            return f"<{'x'.join(map(str, value.shape))} {value.dtype}>"
        case np.ndarray():
            return f"array({value.tolist()})"
        case _:
            text = repr(value)
            return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"

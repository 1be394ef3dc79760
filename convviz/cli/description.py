"""What was computed, as the part of JSON that `compute` and `trace` share."""

import json
from typing import Any

from convviz.cli.operands import Operand
from convviz.cli.specs import kind_named
from convviz.cli.task import Task
from convviz.engine.layers import Activation, Conv, ConvTranspose, Layer, Pool, Shape
from convviz.model.stacking import kind_of

Json = dict[str, Any]
EXACT_INTEGERS = 2**53  # beyond it not every whole number is a float


def description(task: Task) -> Json:
    """Return the input and every layer."""
    document = task.document
    layers = zip(document.layers, task.kernels, document.shapes, strict=False)
    return {
        "input": {"name": task.source.name, "shape": document.image.shape[task.bare :]},
        "layers": [_described(*parts) for parts in layers],
    }


def _described(layer: Layer, kernel: Operand | None, shape: Shape) -> Json:
    """Return the kind of a layer, its kernel or window, its settings, and what it makes."""
    kind = kind_of(layer)
    found: Json = {"kind": kind}
    if kernel is not None:
        found["kernel"] = {"name": kernel.name, "shape": kernel.array.shape}
    if isinstance(layer, Pool):
        found["kernel_size"] = layer.kernel_size
    if isinstance(layer, Activation):
        found |= layer.settings
    else:
        found |= {name: _setting(layer, name, shape) for name in kind_named(kind).settings}
    return {**found, "output_shape": layer.output_shape(shape)}


def _setting(layer: Layer, name: str, shape: Shape) -> object:
    """Return a setting as JSON; padding always in cells (before, after) per axis."""
    value = getattr(layer, name)
    match name:
        case "padding" if isinstance(layer, ConvTranspose):
            return [(cells, cells) for cells in layer.padding]
        case "padding" if isinstance(layer, Conv | Pool):
            return layer.amounts(shape[1:])
        case "bias":
            return None if value is None else [plain_number(b) for b in value]
        case "padding_value":
            return plain_number(value)
        case _:
            return value


def plain_number(value: float) -> int | float:
    """Return `value` as an int when it is whole, as JSON and CSV write it.

    >>> plain_number(-0.0), plain_number(0.2)
    (0, 0.2)
    """
    number = float(value)
    return int(number) if number.is_integer() and abs(number) < EXACT_INTEGERS else number


def json_text(value: Json) -> str:
    """Return strict JSON in one line."""
    return json.dumps(value, allow_nan=False, ensure_ascii=False)

"""What was computed, as the part of JSON that `compute` and `trace` share."""

import json
from typing import Any

from convviz.cli.operands import Operand
from convviz.cli.task import Task

Json = dict[str, Any]
EXACT_INTEGERS = 2**53  # beyond it not every whole number is a float


def description(task: Task) -> Json:
    """Return input, kernel and layer; padding is given in cells (before, after) per axis."""
    conv, image = task.conv, task.document.image
    return {
        "input": _named(task.source, image.shape[task.bare :]),
        "kernel": _named(task.kernel, conv.weight.shape[2 * task.bare :]),
        "layer": {
            "stride": conv.stride,
            "padding": conv.amounts(image.shape[1:]),
            "padding_mode": conv.padding_mode,
            "padding_value": plain_number(conv.padding_value),
            "dilation": conv.dilation,
            "groups": conv.groups,
            "bias": None if conv.bias is None else [plain_number(b) for b in conv.bias],
            "flip": conv.flip,
            "activation": task.activation.name,
        },
    }


def _named(operand: Operand, shape: tuple[int, ...]) -> Json:
    return {"name": operand.name, "shape": shape}


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

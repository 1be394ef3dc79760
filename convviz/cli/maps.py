"""The feature map as numbers, as text, and as the bytes of a file."""

import io
import sys
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from convviz.cli.description import EXACT_INTEGERS, description, json_text, plain_number
from convviz.cli.failures import DataFailure
from convviz.cli.task import Task
from convviz.engine.convolve import settled
from convviz.engine.padding import Array


def feature_map(task: Task) -> Array:
    """Return what the layer makes, without the axis for channels where there was none."""
    return _activated(task, task.sums) + 0.0  # -0 becomes 0


def whole_map(task: Task) -> Array | None:
    """Return the feature map as integers when all that goes into it is whole, and it is too.

    Sums of whole numbers are whole, whatever the last bits of a Fourier transform say.
    """
    sums = np.rint(task.sums)
    maps = _activated(task, sums)
    parts = (task.padded, task.conv.weight, _bias(task), maps)
    exact = bool(np.abs(sums).max() < EXACT_INTEGERS)
    return maps.astype(np.int64) if exact and all(map(_is_whole, parts)) else None


def _bias(task: Task) -> Array:
    return np.zeros(1) if task.conv.bias is None else task.conv.bias


def _is_whole(values: Array) -> bool:
    return np.array_equal(values, np.rint(values))


def _activated(task: Task, sums: Array) -> Array:
    maps = task.activation.function.apply(sums)
    only: Array = maps[0] if task.bare and len(maps) == 1 else maps
    return only


def map_text(task: Task) -> str:
    """Return the feature map as NumPy prints it, complete, each row on one line.

    What only the rounding of terms has left is printed as 0, or NumPy would write all of it with
    exponents.
    """
    values = whole_map(task)
    if values is None:
        values = _activated(task, settled(task.conv, task.padded, task.sums)) + 0.0
    return np.array2string(values, threshold=sys.maxsize, max_line_width=sys.maxsize)


def map_json(task: Task) -> str:
    """Return what was computed, with the shape and the values, as JSON."""
    values = whole_map(task)
    if values is None:
        values = feature_map(task)
    return json_text({**description(task), "shape": values.shape, "values": values.tolist()})


def _npy(values: Array) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def _table(values: Array, *, separator: str) -> bytes:
    if values.ndim > 2:
        raise DataFailure(
            f"a table holds one feature map, and here are {len(values)}: choose a .npy file"
        )
    lines = (separator.join(map(str, map(plain_number, row))) for row in np.atleast_2d(values))
    return "".join(f"{line}\n" for line in lines).encode("ascii")


WRITERS: Mapping[str, Callable[[Array], bytes]] = {
    ".npy": _npy,
    ".csv": partial(_table, separator=","),
    ".tsv": partial(_table, separator="\t"),
}

"""Large arrays of scenes: they follow the text as bytes, in scene files and in what is kept.

Such a file is a line of JSON that says what comes, then the scene as JSON, then the arrays one
after the other: little-endian, rows last, none padded. In the text {"beside": 0} stands for the
first of them. Nothing is read that the file is too short for.
"""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

import numpy as np

from convviz.engine.padding import Array
from convviz.files.errors import LiteralError, Refusal
from convviz.files.scene_values import DTYPES
from convviz.model.memory import lacking

MOST_INSIDE = 4096  # numbers of an array that need not stand beside its scene
LONGEST_LABEL = 2**20  # bytes
BESIDE = "beside"


def taken_out(value: object, arrays: list[Array]) -> Any:  # noqa: ANN401
    """Return a scene without its large arrays, which are added to `arrays`."""
    match value:
        case dict():
            return {name: taken_out(part, arrays) for name, part in value.items()}
        case list():
            return [taken_out(part, arrays) for part in value]
        case np.ndarray() if value.size > MOST_INSIDE:
            arrays.append(value)
            return {BESIDE: len(arrays) - 1}
        case _:
            return value


def put_back(value: object, arrays: tuple[Array, ...]) -> Any:  # noqa: ANN401
    """Return a scene with the arrays that `taken_out` took; raises LiteralError."""
    match value:
        case {"beside": number, **others} if not others:
            if number not in range(len(arrays)):
                raise LiteralError(f"the file has {len(arrays)} arrays beside it", BESIDE)
            return arrays[int(number)]
        case dict():
            return {name: put_back(part, arrays) for name, part in value.items()}
        case list() if value and not isinstance(value[0], float):
            return [put_back(part, arrays) for part in value]
        case _:
            return value


def in_one_file(
    label: Mapping[str, Any], scene: bytes, arrays: tuple[Array, ...]
) -> Iterator[bytes | memoryview]:
    """Yield what a file holds, piece by piece; `label` is what else its first line says."""
    shapes = [(array.dtype.name, array.shape) for array in arrays]
    whole = {**label, "scene": len(scene), "arrays": shapes}
    yield f"{json.dumps(whole)}\n".encode()
    yield scene
    for array in arrays:
        stored = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        yield stored.data.cast("B")


def label_of(stream: BinaryIO) -> dict[str, Any] | None:
    """Return what the first line says, None where it is no such line."""
    try:
        label = json.loads(stream.readline(LONGEST_LABEL))
    except (ValueError, RecursionError):
        return None
    return label if isinstance(label, dict) and "arrays" in label else None


def parts_of(stream: BinaryIO, label: Mapping[str, Any]) -> tuple[bytes, tuple[Array, ...]]:
    """Return the scene and its arrays, which follow the first line; raises Refusal."""
    scene = _exactly(stream, label["scene"])
    if lack := lacking(2 * _rest(stream)):
        raise Refusal(f"{lack}; close other programs")
    arrays = tuple(_array(stream, *described) for described in label["arrays"])
    if stream.read(1):
        raise Refusal("something follows its end")
    return scene, arrays


def _array(stream: BinaryIO, name: str, shape: list[int]) -> Array:
    if name not in DTYPES:
        raise Refusal("it holds numbers of a kind that there is not")
    dtype = np.dtype(name).newbyteorder("<")
    data = _exactly(stream, int(np.prod(shape, dtype=object)) * dtype.itemsize)
    return np.frombuffer(data, dtype).reshape(shape)


def _exactly(stream: BinaryIO, count: int) -> bytes:
    if not 0 <= count <= _rest(stream):
        raise Refusal("it is cut short")
    return stream.read(count)


def _rest(stream: BinaryIO) -> int:
    here = stream.tell()
    end = stream.seek(0, os.SEEK_END)
    stream.seek(here)
    return end - here

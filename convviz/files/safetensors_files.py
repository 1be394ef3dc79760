"""safetensors: a header in JSON, then numbers; all of the header is checked before one is read.

The library of that name takes headers that name an array twice, and has no BF16 for NumPy.
Source: https://github.com/huggingface/safetensors, "Format".
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from convviz.files.errors import Refusal, shown
from convviz.files.nested import json_kind, refuse_constant
from convviz.files.numpy_files import MAX_ARRAY_BYTES, ArrayEntry, rounding
from convviz.files.scene_values import unique_fields
from convviz.files.source import MAX_RANK, Loaded, Source

MAX_HEADER_BYTES = 2**20
LENGTH_BYTES = 8
METADATA = "__metadata__"
LISTED = 8
LARGEST_SIZE = 2**48
DIGITS = re.compile(r"([0-9]{1,9})")

DTYPES: Mapping[str, str] = {
    "F64": "<f8",
    "F32": "<f4",
    "F16": "<f2",
    "BF16": "<u2",  # the upper half of an F32
    "I64": "<i8",
    "I32": "<i4",
    "I16": "<i2",
    "I8": "<i1",
    "U64": "<u8",
    "U32": "<u4",
    "U16": "<u2",
    "U8": "<u1",
    "BOOL": "|b1",
}


@dataclass(frozen=True)
class Tensor:
    """One array as the header describes it; `start` and `end` are places in the file."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


def list_safetensors(source: Source) -> tuple[ArrayEntry, ...]:
    """The arrays of the file, sorted by name with numbers by their value."""
    tensors = sorted(_header(source.stream).values(), key=_natural)
    return tuple(ArrayEntry(t.name, t.shape, t.dtype) for t in tensors)


def read_safetensors(source: Source) -> Loaded:
    """The one array of the file, or the one that `source.array_name` asks for."""
    tensors = _header(source.stream)
    array = _values(source.stream, _chosen(tensors, source.array_name))
    return Loaded(array, rounding(array))


def declared_format(source: Source) -> str:
    """Return what the file says that its arrays are written for: "pt", "mlx"; "" without a word."""
    format_named = _fields(source.stream).get(METADATA, {}).get("format")
    return format_named if isinstance(format_named, str) else ""


def unreadable(dtype: str) -> str:
    """Say why numbers of this type are not read; "" where they are."""
    return "" if dtype in DTYPES else f"its numbers are {shown(dtype)}, which convviz does not read"


def number_kind(dtype: str) -> str:
    """Return NumPy's letter for a kind of numbers, called as safetensors or NumPy does.

    >>> number_kind("I8"), number_kind("BF16"), number_kind("float32"), number_kind("F8_E4M3")
    ('i', 'f', 'f', '')
    """
    if dtype == "BF16":
        return "f"
    try:
        return np.dtype(DTYPES.get(dtype, dtype)).kind
    except TypeError:
        return ""


def _natural(tensor: Tensor) -> list[tuple[int, str]]:
    parts = DIGITS.split(tensor.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]


def _chosen(tensors: Mapping[str, Tensor], name: str | None) -> Tensor:
    if name is None and len(tensors) == 1:
        return next(iter(tensors.values()))
    if name is not None and name in tensors:
        return tensors[name]
    found = sorted(tensors.values(), key=_natural)
    more = f" and {len(found) - LISTED} more" if len(found) > LISTED else ""
    listed = ", ".join(str(ArrayEntry(t.name, t.shape, t.dtype)) for t in found[:LISTED]) + more
    if name is None:
        raise Refusal(f"it holds {len(tensors)} arrays, choose one by its name: {listed}")
    raise Refusal(f"it holds no array {shown(name)}; it holds {listed}")


def _header(stream: BinaryIO) -> dict[str, Tensor]:
    fields = _fields(stream)
    fields.pop(METADATA, {})
    begin = stream.tell()
    room = stream.seek(0, os.SEEK_END) - begin
    tensors = {name: _tensor(name, fields[name], begin, room) for name in fields}
    if not tensors:
        raise Refusal("it holds no array")
    return tensors


def _fields(stream: BinaryIO) -> dict[str, Any]:
    """Return the header as it stands; the numbers begin where the stream is left."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    length = int.from_bytes(stream.read(LENGTH_BYTES), "little")
    if length > MAX_HEADER_BYTES:
        most = MAX_HEADER_BYTES // 2**20
        raise Refusal(f"its header would have {length:,} bytes; at most {most} MiB are read")
    if LENGTH_BYTES + length > size:
        raise Refusal(f"it is cut short: {size:,} bytes, of which {length:,} would be its header")
    fields = _parsed(stream.read(length))
    metadata = fields.get(METADATA, {})
    if not isinstance(metadata, dict):
        raise Refusal(f"its {METADATA} is {json_kind(metadata)}, not an object")
    return fields


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        header = json.loads(
            data.decode(), parse_constant=refuse_constant, object_pairs_hook=unique_fields
        )
    except json.JSONDecodeError as error:
        raise Refusal(f"its header is not JSON: {error.msg} at byte {error.pos}") from None
    except RecursionError:
        raise Refusal("its header is nested too deep") from None
    if not isinstance(header, dict):
        raise Refusal(f"its header is {json_kind(header)}, not an object")
    return header


def _tensor(name: str, value: object, begin: int, room: int) -> Tensor:
    """Return an array of the header, whose place and length agree with its shape."""
    match value:
        case {"dtype": str(dtype), "shape": list(shape), "data_offsets": [start, end]}:
            pass
        case _:
            raise Refusal(f"its header lacks dtype, shape or data_offsets of {shown(name)}")
    if not all(type(n) is int and 0 <= n <= LARGEST_SIZE for n in (*shape, start, end)):
        raise Refusal(f"the shape or the place of {shown(name)} is not made of whole numbers")
    if not start <= end <= room:
        raise Refusal(
            f"{shown(name)} lies outside the file: bytes {start:,} to {end:,} of {room:,}; "
            "it is cut short or damaged"
        )
    if dtype in DTYPES:
        wanted = prod(shape) * np.dtype(DTYPES[dtype]).itemsize
        if wanted != end - start:
            sizes = "×".join(map(str, shape))
            raise Refusal(
                f"{shown(name)} has {end - start:,} bytes, {sizes} numbers of {dtype} "
                f"have {wanted:,}"
            )
    return Tensor(name, dtype, tuple(shape), begin + start, begin + end)


def _values(stream: BinaryIO, tensor: Tensor) -> NDArray[Any]:
    if reason := unreadable(tensor.dtype):
        raise Refusal(f"{shown(tensor.name)}: {reason}; save it as F32")
    if 0 in tensor.shape:
        raise Refusal(f"{shown(tensor.name)} is empty: its shape is {tensor.shape}")
    if len(tensor.shape) > MAX_RANK:
        raise Refusal(f"it has {len(tensor.shape)} dimensions; convviz reads 1 to {MAX_RANK}")
    if prod(tensor.shape) * 8 > MAX_ARRAY_BYTES:
        limit = MAX_ARRAY_BYTES // 8
        raise Refusal(f"it holds {prod(tensor.shape):,} numbers; at most {limit:,} are read")
    stream.seek(tensor.start)
    data = stream.read(tensor.end - tensor.start)
    if len(data) < tensor.end - tensor.start:
        raise Refusal("it was cut short while it was read")
    numbers: NDArray[Any] = np.frombuffer(data, DTYPES[tensor.dtype])
    if tensor.dtype == "BF16":
        numbers = (numbers.astype("<u4") << 16).view("<f4")
    return numbers.reshape(tensor.shape or (1,))

"""Files of weights for the tests, written by hand: safetensors as its format says."""

import json
import struct

import numpy as np

CODES = {
    "float64": "F64",
    "float32": "F32",
    "float16": "F16",
    "int64": "I64",
    "int8": "I8",
    "uint8": "U8",
}
TORCH = {"format": "pt"}


def numbers(*shape, seed=0, dtype=np.float32):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def safetensors(header, data=b""):
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def saved(arrays, metadata=TORCH):
    """The bytes of a safetensors file that holds these arrays."""
    header, data = ({"__metadata__": metadata} if metadata else {}), b""
    for name, array in arrays.items():
        array = np.ascontiguousarray(array)
        places = [len(data), len(data) + array.nbytes]
        header[name] = {
            "dtype": CODES[array.dtype.name],
            "shape": array.shape,
            "data_offsets": places,
        }
        data += array.tobytes()
    return safetensors(header, data)


def one(dtype="F32", shape=(1, 1, 2, 2), places=(0, 16), **more):
    """The header of one array."""
    return {"a.weight": {"dtype": dtype, "shape": shape, "data_offsets": places, **more}}

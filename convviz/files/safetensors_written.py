"""Arrays as a safetensors file: a header in JSON, then the numbers, little-endian.

Source: https://github.com/huggingface/safetensors, "Format".
"""

import json
from collections.abc import Mapping

import numpy as np

from convviz.engine.padding import Array
from convviz.files.safetensors_files import DTYPES, LENGTH_BYTES, METADATA

ALIGNED = 8  # bytes: the header is filled with spaces until the numbers begin at a multiple
NAMES = {dtype: name for name, dtype in DTYPES.items() if name != "BF16"}


def safetensors_bytes(arrays: Mapping[str, Array]) -> bytes:
    """Return a file that holds `arrays` by their names, each to the last bit.

    >>> safetensors_bytes({"w": np.zeros(1)})[8:79]
    b'{"__metadata__":{"format":"pt"},"w":{"dtype":"F64","shape":[1],"data_of'
    """
    header: dict[str, object] = {METADATA: {"format": "pt"}}
    parts, at = [], 0
    for name, array in arrays.items():
        dtype = array.dtype.newbyteorder("<")
        parts.append(np.ascontiguousarray(array, dtype).tobytes())
        end = at + len(parts[-1])
        header[name] = {
            "dtype": NAMES[dtype.str],
            "shape": list(array.shape),
            "data_offsets": [at, end],
        }
        at = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNED)
    return b"".join((len(text).to_bytes(LENGTH_BYTES, "little"), text, *parts))

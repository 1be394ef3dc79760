"""Layers as a safetensors file, whose names are those of a torch.nn.Sequential of the layers.

Source: https://github.com/huggingface/safetensors, "Format".
"""

import json
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from convviz.engine.layers import KernelLayer, Layer
from convviz.engine.padding import Array
from convviz.files.safetensors_files import LENGTH_BYTES, METADATA

CODES: Mapping[str, str] = {"float32": "F32", "float64": "F64"}
ALIGNED = 8  # bytes


def safetensors_bytes(layers: Sequence[Layer]) -> bytes:
    """Return the weights and biases of a stack: 0.weight, 0.bias, 3.weight...

    Numbers stand for places in the stack, so that torch.nn.Sequential takes them with
    load_state_dict. A flipped convolution, which torch has not, is written as torch would have it.
    """
    header: dict[str, object] = {METADATA: {"format": "pt"}}
    parts: list[bytes] = []
    begin = 0
    for name, array in _named_arrays(layers):
        parts.append(np.ascontiguousarray(array, array.dtype.newbyteorder("<")).tobytes())
        end = begin + len(parts[-1])
        header[name] = {
            "dtype": CODES[array.dtype.name],
            "shape": array.shape,
            "data_offsets": (begin, end),
        }
        begin = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNED)
    return b"".join((len(text).to_bytes(LENGTH_BYTES, "little"), text, *parts))


def _named_arrays(layers: Sequence[Layer]) -> Iterator[tuple[str, Array]]:
    for number, layer in enumerate(layers):
        if not isinstance(layer, KernelLayer):
            continue
        flips = getattr(layer, "flip", False)
        axes = tuple(range(2, layer.weight.ndim))
        yield f"{number}.weight", np.flip(layer.weight, axes) if flips else layer.weight
        if layer.bias is not None:
            yield f"{number}.bias", layer.bias

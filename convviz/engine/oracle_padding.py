"""How other libraries pad, by what they document: a second opinion asks nothing of our geometry.

Sources: TensorFlow, "Notes on padding" of tf.nn (SAME); ONNX, auto_pad of Conv; numpy.convolve
(full); Keras, padding of Conv1D (causal); numpy.pad.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeVar

import numpy as np

from convviz.engine.layers import Conv, Shape
from convviz.engine.padding import Amounts, Array
from convviz.engine.problems import NotInLibrary

Known = TypeVar("Known")
NumpyMode = Literal["constant", "reflect", "symmetric", "edge", "wrap"]

NUMPY_MODES: Mapping[str, NumpyMode] = {
    "zeros": "constant",
    "constant": "constant",
    "reflect": "reflect",
    "symmetric": "symmetric",
    "replicate": "edge",
    "circular": "wrap",
}


def looked_up(table: Mapping[str, Known], name: str) -> Known:
    """Return an entry of a library's own table; raise NotInLibrary where it has none."""
    if name not in table:
        raise NotInLibrary(name)
    return table[name]


def _around(size: int, span: int, stride: int) -> int:
    """Return all zeros of SAME, as TensorFlow counts them."""
    return max(span - (size % stride or stride), 0)


def _more_after(size: int, span: int, stride: int) -> tuple[int, int]:
    zeros = _around(size, span, stride)
    return zeros // 2, -(-zeros // 2)


def _more_before(size: int, span: int, stride: int) -> tuple[int, int]:
    zeros = _around(size, span, stride)
    return -(-zeros // 2), zeros // 2


RULES: Mapping[str, Callable[[int, int, int], tuple[int, int]]] = {
    "valid": lambda _size, _span, _stride: (0, 0),
    "full": lambda _size, span, _stride: (span - 1, span - 1),
    "same_upper": _more_after,
    "same_lower": _more_before,
    "causal": lambda _size, span, _stride: (span - 1, 0),
}


def plain_rule(layer: Conv) -> str:
    """Return the rule of a layer, "same" by the home of its operation; "" for cells of its own."""
    if not isinstance(layer.padding, str):
        return ""
    home = "same_lower" if layer.flip else "same_upper"  # SciPy convolves, torch correlates
    return home if layer.padding == "same" else layer.padding


def spans(layer: Conv) -> tuple[int, ...]:
    """Return the cells from the first to the last under the kernel, per axis."""
    sizes = zip(layer.weight.shape[2:], layer.dilation, strict=True)
    return tuple(cells + (cells - 1) * (pitch - 1) for cells, pitch in sizes)


def amounts(layer: Conv, spatial: Shape) -> Amounts:
    """Return the cells (before, after) that other libraries put around an input, per axis.

    >>> amounts(Conv(np.ones((1, 1, 4)), padding="same", stride=2), (7,))
    ((1, 2),)
    """
    if not isinstance(layer.padding, str):
        return layer.padding
    rule = looked_up(RULES, plain_rule(layer))
    sizes = zip(spatial, spans(layer), layer.stride, strict=True)
    return tuple(rule(*each) for each in sizes)


def padded_by_numpy(layer: Conv, image: Array) -> Array:
    """Return `image` (channels, *spatial) padded by numpy.pad.

    >>> padded_by_numpy(Conv([[[1.0]]], padding=1, padding_mode="replicate"), np.array([[1.0, 2]]))
    array([[1., 1., 2., 2.]])
    """
    mode = looked_up(NUMPY_MODES, layer.padding_mode)
    settings: dict[str, Any] = {}
    if layer.padding_mode == "constant":
        settings["constant_values"] = layer.padding_value
    return np.pad(image, ((0, 0), *amounts(layer, image.shape[1:])), mode=mode, **settings)

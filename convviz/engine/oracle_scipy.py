"""The maps of layers by scipy.ndimage, one pair of channels after the other."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf, log2, sqrt
from typing import assert_never

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal, special

from convviz.engine.geometry import PerAxis
from convviz.engine.layers import Activation, Conv, ConvTranspose, KernelLayer, Layer, Pool
from convviz.engine.oracle_padding import padded_by_numpy
from convviz.engine.padding import Array
from convviz.engine.problems import NotInLibrary

MOST_OFFSETS = 10_000_000  # cells of a window times weights: a table that ndimage makes


def maps(layer: Layer, image: Array) -> Array:
    """Return the maps (out_channels, *spatial) that SciPy makes of `image`, in float64.

    The layer must fit.

    Examples
    --------
    >>> maps(Conv([[[1.0, 10.0]]], padding=1), np.array([[1.0, 2.0]]))
    array([[10., 21.,  2.]])
    """
    pixels = image.astype(np.float64)
    match layer:
        case Conv():
            return _convolved(layer, padded_by_numpy(layer, pixels))
        case ConvTranspose():
            return _transposed(layer, pixels)
        case Pool():
            return np.stack([_pooled(layer, plane) for plane in pixels])
        case Activation():
            return _activated(layer, pixels)
        case _:
            assert_never(layer)


def _convolved(layer: Conv, image: Array) -> Array:
    inputs, outputs = layer.weight.shape[1], layer.out_channels // layer.groups
    picked = tuple(slice(None, None, step) for step in layer.stride)
    made = []
    for number, kernels in enumerate(layer.weight):
        first = number // outputs * inputs
        pairs = zip(image[first : first + inputs], kernels, strict=True)
        sums = _added(_slid(*pair, layer.dilation, flip=layer.flip) for pair in pairs)
        made.append(sums[picked])
    return _with_bias(layer, made)


def _transposed(layer: ConvTranspose, image: Array) -> Array:
    """Convolve the image with zeros between and around its cells, then cut the padding off."""
    spans = [d * (k - 1) for d, k in zip(layer.dilation, layer.kernel_size, strict=True)]
    around = [(span, span + more) for span, more in zip(spans, layer.output_padding, strict=True)]
    spread = np.stack([np.pad(_spread(plane, layer.stride), around) for plane in image])
    cut = tuple(slice(cells, -cells or None) for cells in layer.padding)
    inputs = layer.in_channels // layer.groups
    made = []
    for number in range(layer.out_channels):
        group, output = divmod(number, layer.weight.shape[1])
        taken = slice(group * inputs, (group + 1) * inputs)
        pairs = zip(spread[taken], layer.weight[taken, output], strict=True)
        made.append(_added(_slid(*pair, layer.dilation, flip=True) for pair in pairs)[cut])
    return _with_bias(layer, made)


def _added(sums: Iterable[Array]) -> Array:
    total: Array = np.sum(list(sums), axis=0)
    return total


def _with_bias(layer: KernelLayer, sums: list[Array]) -> Array:
    bias = np.zeros(layer.out_channels) if layer.bias is None else layer.bias
    return np.stack([cells + number for cells, number in zip(sums, bias, strict=True)])


def _spread(array: Array, steps: PerAxis) -> Array:
    """Return `array` with zeros between its cells."""
    spread = np.zeros([(n - 1) * step + 1 for n, step in zip(array.shape, steps, strict=True)])
    spread[tuple(slice(None, None, step) for step in steps)] = array
    return spread


def _slid(plane: Array, kernel: Array, dilation: PerAxis, *, flip: bool) -> Array:
    """Return the sums at all places where the kernel lies on `plane` as a whole."""
    spread = _spread(kernel, dilation)
    if spread.size * kernel.size > MOST_OFFSETS:
        return (signal.convolve if flip else signal.correlate)(plane, spread, "valid", "direct")
    least = float(np.abs(kernel[kernel != 0]).min(initial=np.inf))
    scale = 2.0 ** int(log2(least)) if least < inf else 1.0  # ndimage leaves out what is < 2e-16
    slide = ndimage.convolve if flip else ndimage.correlate
    sums = slide(plane, spread / scale, mode="constant") * scale
    middles = [(n - 1) // 2 if flip else n // 2 for n in spread.shape]
    sizes = zip(middles, plane.shape, spread.shape, strict=True)
    whole: Array = sums[tuple(slice(middle, middle + w - n + 1) for middle, w, n in sizes)]
    return whole


def _pooled(pool: Pool, plane: Array) -> Array:
    match pool.kind:
        case "max":
            return _largest(pool, plane)
        case "avg":
            return _means(pool, plane)
        case _:
            assert_never(pool.kind)


def _largest(pool: Pool, plane: Array) -> Array:
    window = _spread(np.ones(pool.kernel_size), pool.dilation) > 0
    room = _with_room(pool, plane, -inf, -inf)
    found = ndimage.maximum_filter(room, footprint=window, mode="constant", cval=-inf)
    largest: Array = found[_middles(pool, plane.shape)]
    return largest


def _means(pool: Pool, plane: Array) -> Array:
    counted = _with_room(pool, np.ones_like(plane), float(pool.count_include_pad))
    sums, counts = (_box_sums(cells, pool) for cells in (_with_room(pool, plane), counted))
    middles = _middles(pool, plane.shape)
    means: Array = sums[middles] / counts[middles]
    return means


def _box_sums(plane: Array, pool: Pool) -> Array:
    for axis, cells in enumerate(pool.kernel_size):
        plane = ndimage.correlate1d(plane, np.ones(cells), axis, mode="constant")
    return plane


def _with_room(pool: Pool, plane: Array, fill: float = 0.0, beyond: float = 0.0) -> Array:
    """Return `plane` padded, and after that room for a window that hangs over."""
    around = [(cells, cells) for cells in pool.padding]
    room = [(0, span) for span in _spans(pool)]
    return np.pad(np.pad(plane, around, constant_values=fill), room, constant_values=beyond)


def _spans(pool: Pool) -> PerAxis:
    return tuple(d * (k - 1) + 1 for d, k in zip(pool.dilation, pool.kernel_size, strict=True))


def _middles(pool: Pool, sizes: PerAxis) -> tuple[NDArray[np.intp], ...]:
    """Return where the middles of the windows lie in the padded plane, by torch's rules."""
    along = []
    for size, span, stride, padding in zip(
        sizes, _spans(pool), pool.stride, pool.padding, strict=True
    ):
        last = size + 2 * padding - span
        if pool.ceil_mode:
            last = min(last + stride - 1, size + padding - 1)
        along.append(np.array(range(0, last + 1, stride)) + span // 2)
    return np.ix_(*along)


# Activations by other formulas than those that are checked


def _bent(image: Array, weight: Sequence[float]) -> Array:
    """Return the positive part and, channel by channel, the weighted negative part."""
    weights = np.resize(weight, len(image)).reshape(-1, *[1] * (image.ndim - 1))
    made: Array = np.clip(image, 0, None) + weights * np.clip(image, None, 0)
    return made


def _times_normal(image: Array, approximate: str) -> Array:
    """Return x times the normal distribution, or what tanh makes of it."""
    near = np.clip(image, -99, 99)
    if approximate == "tanh":
        share = 0.5 + 0.5 * np.tanh(sqrt(2 / np.pi) * (near + 0.044715 * near**3))
    else:
        share = special.ndtr(near)
    made: Array = image * share
    return made


def _even(image: Array) -> Array:
    """Return tanh: 2 expit(2 x) - 1 would lose the digits of small x."""
    left = special.expm1(-2 * np.abs(image))
    sizes: Array = -left / (left + 2)
    return np.copysign(sizes, image)


def _log_of_sum(image: Array, beta: float, threshold: float) -> Array:
    with np.errstate(over="ignore"):
        scaled = image * beta
    near = np.minimum(scaled, 700.0)
    made: Array = np.where(scaled > threshold, image, -special.log_expit(-near) / beta)
    return made


ACTIVATIONS: Mapping[str, Callable[..., Array]] = {
    "none": lambda image: image,
    "relu": lambda image: np.clip(image, 0, None),
    "leaky_relu": lambda image, negative_slope: _bent(image, [negative_slope]),
    "prelu": _bent,
    "elu": lambda image, alpha: (
        np.clip(image, 0, None) + alpha * special.expm1(np.clip(image, None, 0))
    ),
    "relu6": lambda image: np.clip(image, 0, 6),
    "gelu": _times_normal,
    "silu": lambda image: image * special.expit(image),
    "hardswish": lambda image: image * np.clip(image / 6 + 0.5, 0, 1),
    "sigmoid": special.expit,
    "hardsigmoid": lambda image, alpha, beta: np.maximum(np.minimum(image * alpha + beta, 1), 0),
    "tanh": _even,
    "softplus": _log_of_sum,
}


def _activated(activation: Activation, image: Array) -> Array:
    if activation.name not in ACTIVATIONS:
        raise NotInLibrary(activation.name)
    return ACTIVATIONS[activation.name](image, **activation.settings)

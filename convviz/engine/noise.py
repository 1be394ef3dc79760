"""Rounding noise in maps: each cell is held against the sizes of its own terms."""

from dataclasses import replace
from math import prod
from typing import TypeVar, assert_never

import numpy as np

from convviz.engine.convolve import TILE_CELLS, correlate_padded
from convviz.engine.layers import Activation, Conv, ConvTranspose, Layer, Pool
from convviz.engine.network import apply_layer
from convviz.engine.padding import Array
from convviz.engine.pooling import apply_pool
from convviz.engine.rounding import denoised, is_whole, largest_whole

Kernel = TypeVar("Kernel", Conv, ConvTranspose)


def term_count(layer: Layer) -> int:
    """Return how many numbers a cell is made from.

    >>> term_count(Conv(np.ones((4, 2, 3, 3)))), term_count(Pool("avg", 2))
    (18, 4)
    """
    match layer:
        case Conv():
            return int(layer.weight[0].size)
        case ConvTranspose():
            return layer.in_channels // layer.groups * prod(layer.kernel_size)
        case Pool():
            return prod(layer.kernel_size)
        case Activation():
            return 1
        case _:
            assert_never(layer)


def sum_sizes(layer: Layer, image: Array) -> Array:
    """Return, for each cell that `layer` makes of `image`, the sum of the sizes of its terms.

    What is no sum has its own size: the largest of a window, and what an activation makes, which
    as steeply as that changes follows the rounding of its cell, and of parts that cancel out.

    Examples
    --------
    >>> sum_sizes(Conv([[[1.0, -1.0]]], [0.5]), np.array([[3.0, 3.0]]))
    array([[6.5]])
    """
    match layer:
        case Conv():
            whole = replace(without_signs(layer), padding_value=abs(layer.padding_value))
            return apply_layer(whole, np.abs(image))
        case ConvTranspose():
            return apply_layer(without_signs(layer), np.abs(image))
        case Pool():
            if layer.pooling.adds:
                return apply_pool(layer, np.abs(image))
            return np.abs(apply_pool(layer, image))
        case Activation():
            made: Array = np.abs(apply_layer(layer, image)) * (1 + np.abs(image))
            return made + layer.parts(image)
        case _:
            assert_never(layer)


def without_signs(layer: Kernel) -> Kernel:
    """Return `layer` with the sizes of its weights and biases."""
    bias = None if layer.bias is None else np.abs(layer.bias)
    return replace(layer, weight=np.abs(layer.weight), bias=bias)


def denoised_conv(conv: Conv, padded: Array, sums: Array, shown: Array | None = None) -> Array:
    """Return the feature maps `sums` of `conv` with 0 for rounding noise, for showing.

    Parameters
    ----------
    padded : array (in_channels, *places), what the windows read
    shown : array like it, where that is shown with 0 for noise; what this leaves out is noise too

    Returns
    -------
    array
        `sums` itself where there is no noise.

    Examples
    --------
    >>> conv = Conv([[[1.0, 1.0, 1.0]]])
    >>> padded = np.array([[0.1, 0.2, -0.3]])
    >>> denoised_conv(conv, padded, correlate_padded(conv, padded))
    array([[0.]])
    """
    unsigned = without_signs(conv)
    bias = 0.0 if unsigned.bias is None else float(unsigned.bias.max())
    per_map = unsigned.weight.reshape(conv.out_channels, -1).sum(axis=1)
    largest = _size(padded) * float(per_map.max()) + bias
    if shown is None and not _holds_candidates(sums, largest, term_count(conv)):
        return sums
    sizes = correlate_padded(unsigned, np.abs(padded))
    terms = (padded, conv.weight, np.zeros(1) if conv.bias is None else conv.bias)
    if shown is None and all(map(is_whole, terms)) and sizes.max() < largest_whole(sums.dtype):
        return sums  # exact, however much cancels out
    lost = None
    if shown is not None:
        lost = correlate_padded(replace(unsigned, bias=None), np.abs(padded - shown))
    return _shown(sums, sizes, term_count(conv), lost)


def denoised_means(pool: Pool, image: Array, means: Array, shown: Array | None = None) -> Array:
    """Return the means that `pool` makes of `image` with 0 for rounding noise, for showing.

    >>> pool, image = Pool("avg", (3,)), np.array([[0.1, 0.2, -0.3]])
    >>> denoised_means(pool, image, apply_pool(pool, image))
    array([[0.]])
    """
    if shown is None and not _holds_candidates(means, _size(image), term_count(pool)):
        return means
    sizes = apply_pool(pool, np.abs(image))
    lost = None if shown is None else apply_pool(pool, np.abs(image - shown))
    return _shown(means, sizes, term_count(pool), lost)


def _shown(sums: Array, sizes: Array, terms: int, lost: Array | None) -> Array:
    """Return sums without noise, the same object where there is none."""
    found = denoised(sums, sizes, terms, 0.0 if lost is None else lost)
    return sums if np.array_equal(found, sums) else found


def _size(array: Array) -> float:
    return float(max(array.max(), -array.min()))


def _holds_candidates(sums: Array, largest: float, terms: int) -> bool:
    """Return whether noise may be among `sums`, looked for in parts that stay in the cache."""
    flat = sums.reshape(-1)
    parts = (flat[start : start + TILE_CELLS] for start in range(0, flat.size, TILE_CELLS))
    return any(bool(np.any(denoised(part, largest, terms) != part)) for part in parts)

"""Pooling: the largest cell or the mean of each window, with every option of PyTorch."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from convviz.engine.batches import of_each
from convviz.engine.geometry import PerAxis
from convviz.engine.padding import VALUED, Array, pad
from convviz.engine.pool_layer import Pool
from convviz.engine.problems import LayerError, Shape, times
from convviz.engine.settings import checked_numbers, computed


def padded_for_pooling(pool: Pool, image: Array) -> Array:
    """Return `image` with cells around it that change nothing, the overhang of ceil_mode too."""
    widths = tuple((a.before, a.after + a.overhang) for a in pool.axes(image.shape[1:]))
    return pad(image, widths, VALUED, pool.pooling.neutral)


def pool_windows(pool: Pool, padded: Array, spatial: Shape) -> NDArray[Any]:
    """Return a view (channels, *out, *kernel) of every window of an image padded already."""
    axes = pool.axes(spatial)
    windows = sliding_window_view(
        padded, tuple(a.span for a in axes), tuple(range(1, pool.rank + 1))
    )
    steps = tuple(slice(None, (a.out - 1) * a.stride + 1, a.stride) for a in axes)
    inside = tuple(slice(None, None, a.dilation) for a in axes)
    return windows[(slice(None), *steps, *inside)]


def divisors(pool: Pool, spatial: Shape) -> NDArray[np.int64]:
    """Return by how many cells each window's sum is divided, of shape (*out); 1 where it is not.

    Examples
    --------
    >>> divisors(Pool("avg", 3, stride=1, padding=1, count_include_pad=False, rank=1), (4,))
    array([2, 3, 3, 2])
    """
    result = np.ones((1,) * pool.rank, np.int64)
    if not pool.pooling.divides:
        return np.broadcast_to(result, tuple(axis.out for axis in pool.axes(spatial)))
    for number, axis in enumerate(pool.axes(spatial)):
        starts = np.array(range(0, axis.out * axis.stride, axis.stride))
        low, high = (
            (0, axis.padded) if pool.count_include_pad else (axis.before, axis.before + axis.size)
        )
        counts = np.minimum(starts + axis.span, high) - np.maximum(starts, low)
        along = [1] * pool.rank
        along[number] = -1
        result = result * counts.reshape(along)
    return result


def apply_pool(pool: Pool, image: Array) -> Array:
    """Return the pooled channels (channels, *out) of `image` (channels, *spatial).

    Raises
    ------
    LayerError
        When the layer does not fit the image.
    """
    if problem := pool.problem(image.shape):
        raise LayerError(problem.sentence)
    windows = pool_windows(pool, padded_for_pooling(pool, image), image.shape[1:])
    return reduced(pool, windows, image.shape[1:])


def reduced(pool: Pool, windows: Array, spatial: Shape) -> Array:
    """Return what becomes of windows (..., *kernel) of an image with the shape `spatial`."""
    total = pool.pooling.reduce.reduce(windows, axis=tuple(range(-pool.rank, 0)))
    made: Array = pool.pooling.ended(total, divisors(pool, spatial))
    return made.astype(windows.dtype, copy=False)


def max_pool(
    image: ArrayLike,
    kernel_size: int | PerAxis,
    *,
    stride: int | PerAxis | None = None,
    padding: int | PerAxis = 0,
    dilation: int | PerAxis = 1,
    ceil_mode: bool = False,
) -> Array:
    """Return the largest cell of each window, as torch's max_pool2d.

    Parameters
    ----------
    image : array (channels, *spatial) or (*spatial), or a batch (batch, channels, *spatial)
    kernel_size : cells of the window, one number or one per axis; one number is for all axes of an
        image of 1 or 2 axes, (cells,) is for (channels, samples) and a batch of these
    stride, padding, dilation, ceil_mode : see `Pool`

    Raises
    ------
    LayerError
        When the layer cannot be, does not fit the image, or makes numbers too large to be held.

    Examples
    --------
    >>> max_pool(np.arange(16.0).reshape(4, 4), 2)
    array([[ 5.,  7.],
           [13., 15.]])
    """
    return _pooled(
        image,
        lambda rank: Pool(
            "max",
            kernel_size,
            stride=stride,
            padding=padding,
            dilation=dilation,
            ceil_mode=ceil_mode,
            rank=rank,
        ),
    )


def avg_pool(
    image: ArrayLike,
    kernel_size: int | PerAxis,
    *,
    stride: int | PerAxis | None = None,
    padding: int | PerAxis = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Array:
    """Return the mean of each window, as torch's avg_pool2d.

    Parameters, shapes and errors are those of `max_pool`.

    Examples
    --------
    >>> avg_pool([1, 1, 1, 1], 3, stride=1, padding=1, count_include_pad=False)
    array([1., 1., 1., 1.])
    """
    return _pooled(
        image,
        lambda rank: Pool(
            "avg",
            kernel_size,
            stride=stride,
            padding=padding,
            ceil_mode=ceil_mode,
            count_include_pad=count_include_pad,
            rank=rank,
        ),
    )


def _pooled(image: ArrayLike, pool_of: Callable[[int], Pool]) -> Array:
    pixels = checked_numbers(image)
    pool = pool_of(max(min(pixels.ndim, 2), 1))
    if not 1 <= pixels.ndim <= pool.rank + 2:
        raise LayerError(
            "an image has the shape (channels, *spatial) or (*spatial), or (batch, channels, "
            f"*spatial), not {times(pixels.shape)}"
        )
    bare = pixels.ndim <= pool.rank
    result = of_each(
        lambda one: computed(lambda: apply_pool(pool, one)),
        pixels[None] if bare else pixels,
        pool.rank,
    )
    return result[0] if bare else result

"""Convolution of whole images: sizes as torch, ways of computing chosen by the amount of work."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import ArrayLike, NDArray

from convviz.engine.batches import of_each
from convviz.engine.conv_layer import Conv
from convviz.engine.fourier import correlate_by_fourier
from convviz.engine.geometry import PerAxis
from convviz.engine.padding import ZEROS, Array, pad
from convviz.engine.problems import LayerError
from convviz.engine.settings import Padding, checked_numbers, computed

# What stays in the cache while all taps pass. With more cells OpenBLAS starts threads, which wait
# for each other where other programs use the cores: 57 ms, at worst 1,000, instead of 0.6.
TILE_CELLS = 10_000
PATCH_BYTES = 1 << 19
LEAST_WINDOWS = 1 << 12  # fewer at a time would make many small products of matrices
FEW_TERMS = 200_000  # below this, loading a BLAS wrapper costs more than it saves
MOST_TAPS = 400  # beyond these the Fourier way is faster, at the price of the last bits


def conv(
    image: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: int | PerAxis = 1,
    padding: int | PerAxis | Padding = 0,
    padding_mode: str = ZEROS,
    padding_value: float = 0.0,
    dilation: int | PerAxis = 1,
    groups: int = 1,
    flip: bool = False,
) -> Array:
    """Convolve an image with a kernel: torch's Conv2d, or the flipped operation of SciPy.

    Parameters
    ----------
    image : array (in_channels, *spatial), or (*spatial): then one channel, and the result of one
        output channel comes back without a channel axis; or a batch (batch, in_channels, *spatial)
    weight : array (out_channels, in_channels/groups, *kernel), or (*kernel)
    bias : array (out_channels,), or one number
    stride, padding, padding_mode, padding_value, dilation, groups, flip : see `Conv`

    Tensors of torch and arrays of other libraries will do, on whichever device they are.

    Returns
    -------
    array (out_channels, *spatial), or (*spatial), or (batch, out_channels, *spatial)
        float32 when image and weight both are, else float64.

    Raises
    ------
    LayerError
        When the layer cannot be, does not fit the image, or makes numbers that are too large to be
        held; the message has the numbers.

    Examples
    --------
    >>> image = np.arange(9.0).reshape(3, 3)
    >>> conv(image, [[1, 0], [1, 0]], flip=True)
    array([[ 5.,  7.],
           [11., 13.]])
    >>> conv([1, 2, 3], [4, 5, 6], padding="full", flip=True)
    array([ 4., 13., 28., 27., 18.])
    """
    pixels, weights, bare = with_channels(image, weight)
    layer = Conv(
        weights,
        bias,
        stride=stride,
        padding=padding,
        padding_mode=padding_mode,
        padding_value=padding_value,
        dilation=dilation,
        groups=groups,
        flip=flip,
    )
    result = of_each(lambda one: computed(lambda: apply_conv(layer, one)), pixels, layer.rank)
    return result[0] if bare and len(result) == 1 else result


def with_channels(image: ArrayLike, weight: ArrayLike) -> tuple[Array, Array, bool]:
    """Return image (in_channels, *spatial), weight (out, in/groups, *kernel), image was bare.

    A batch (batch, in_channels, *spatial) stays one.

    Raises
    ------
    LayerError
        When the numbers of axes do not belong together.

    Examples
    --------
    >>> pixels, weights, bare = with_channels(np.ones((5, 5)), np.ones((3, 3)))
    >>> pixels.shape, weights.shape, bare
    ((1, 5, 5), (1, 1, 3, 3), True)
    """
    pixels, weights = checked_numbers(image), checked_numbers(weight)
    if weights.ndim == pixels.ndim and weights.ndim in (1, 2):
        return pixels[None], weights[None, None], True
    extra = weights.ndim - pixels.ndim
    if extra not in (0, 1, 2) or not pixels.ndim:
        raise LayerError(
            f"an image with {pixels.ndim} axes and a weight with {weights.ndim} do not belong "
            "together: give (channels, *spatial) with (out, in, *kernel), or both without channels"
        )
    return pixels[None] if extra == 2 else pixels, weights, extra == 2


def apply_conv(layer: Conv, image: Array) -> Array:
    """Return the feature maps (out_channels, *spatial) of `image` (in_channels, *spatial).

    Raises
    ------
    LayerError
        When the layer does not fit the image.
    """
    if problem := layer.problem(image.shape):
        raise LayerError(problem.sentence)
    return correlate_padded(layer, padded_image(layer, image))


def padded_image(layer: Conv, image: Array) -> Array:
    """Return `image` with the layer's padding around it."""
    amounts = layer.amounts(image.shape[1:])
    precise = image.astype(np.result_type(image, layer.weight), copy=False)
    return pad(precise, amounts, layer.padding_mode, layer.padding_value)


def correlate_padded(layer: Conv, padded: Array) -> Array:
    """Return the feature maps of an image that has its padding already."""
    dtype = np.result_type(padded, layer.weight)
    planes = _as_planes(padded.astype(dtype, copy=False), layer.rank)
    weight = _as_planes(layer.applied_weight().astype(dtype, copy=False), layer.rank)
    stride, dilation = _inside(layer.stride, planes), _inside(layer.dilation, planes)
    rows, cols = (
        (size - d * (k - 1) - 1) // s + 1
        for size, k, s, d in zip(
            planes.shape[-2:], weight.shape[-2:], stride, dilation, strict=True
        )
    )
    out = np.empty((layer.out_channels, rows, cols), dtype)
    inputs, outputs = weight.shape[1], layer.out_channels // layer.groups
    for group in range(layer.groups):
        source = planes[group * inputs : (group + 1) * inputs]
        target = slice(group * outputs, (group + 1) * outputs)
        _correlate(source, weight[target], stride, dilation, out[target])
    if layer.bias is not None:
        out += layer.bias[:, None, None].astype(dtype, copy=False)
    return out if layer.rank == 2 else out[:, 0]


def _as_planes(array: Array, rank: int) -> Array:
    """Give one spatial axis a second one of one row: rank 1 is rank 2 with one row."""
    return array if rank == 2 else array[..., None, :]


def _inside(values: PerAxis, planes: Array) -> tuple[int, int]:
    """Give one axis a second one; beyond the plane's size no value means more than that size."""
    rows, cols = planes.shape[-2:]
    down, across = (1, *values)[-2:]
    return min(down, rows), min(across, cols)


def _correlate(
    planes: Array, weight: Array, stride: tuple[int, int], dilation: tuple[int, int], out: Array
) -> None:
    taps = np.count_nonzero(weight)
    work = out[0].size * weight.size
    one_to_one = weight.shape[:2] == (1, 1) and stride == (1, 1)
    if one_to_one and work > FEW_TERMS and dilation == (1, 1) and taps > MOST_TAPS:
        correlate_by_fourier(planes[0], weight[0, 0], out[0], _added_up)
    elif one_to_one and work > FEW_TERMS:
        _flat_rows(np.ascontiguousarray(planes[0]), weight[0, 0], dilation, out[0])
    else:
        _patches(planes, weight, stride, dilation, out)


def _added_up(plane: Array, kernel: Array, out: Array) -> None:
    _flat_rows(np.ascontiguousarray(plane), kernel, (1, 1), out)


def _flat_rows(plane: Array, kernel: Array, dilation: tuple[int, int], out: Array) -> None:
    """Correlate the plane as one flat row: a shifted, scaled copy per tap; wrapped columns go.

    Tiles of whole rows, or parts of one long row, stay in the cache while all taps pass.
    """
    from scipy.linalg import blas

    axpy = blas.saxpy if plane.dtype == np.float32 else blas.daxpy
    width, (rows, cols) = plane.shape[1], out.shape
    taps = [
        (float(kernel[i, j]), i * dilation[0] * width + j * dilation[1])
        for i, j in np.ndindex(kernel.shape)
        if kernel[i, j]
    ]
    tall, wide = max(TILE_CELLS // width, 1), cols if width <= TILE_CELLS else TILE_CELLS
    flat, total = plane.reshape(-1), np.empty(tall * width, plane.dtype)
    for top, height in _blocks(rows, tall):
        for left, breadth in _blocks(cols, wide):
            start, count = top * width + left, (height - 1) * width + breadth
            total[:count] = 0
            for value, shift in taps:
                axpy(flat, total, count, value, start + shift)  # keywords take as long as the sum
            out[top : top + height, left : left + breadth] = total[: height * width].reshape(
                height, width
            )[:, :breadth]


def _blocks(length: int, size: int) -> Iterator[tuple[int, int]]:
    for start in range(0, length, size):
        yield start, min(size, length - start)


def _patches(
    planes: Array, weight: Array, stride: tuple[int, int], dilation: tuple[int, int], out: Array
) -> None:
    """Lay windows out as columns, some at a time, and multiply matrices."""
    patches = _windows(planes, weight.shape[2:], stride, dilation, out.shape[1:])
    matrix = np.ascontiguousarray(weight).reshape(len(weight), -1)  # BLAS takes no mirrored one
    rows, cols = out.shape[1:]
    room = PATCH_BYTES // (matrix.shape[1] * planes.itemsize)
    wide = min(cols, max(room, LEAST_WINDOWS))
    for top, height in _blocks(rows, max(room // wide, 1)):
        for left, breadth in _blocks(cols, wide):
            place = (..., slice(top, top + height), slice(left, left + breadth))
            columns = patches[place].reshape(matrix.shape[1], -1)
            out[place] = (matrix @ columns).reshape(len(weight), height, breadth)


def _windows(
    planes: Array,
    kernel: tuple[int, ...],
    stride: tuple[int, int],
    dilation: tuple[int, int],
    shape: tuple[int, ...],
) -> NDArray[Any]:
    """View planes (channels, rows, cols) as windows (channels, *kernel, *out)."""
    plane, row, col = planes.strides
    return as_strided(
        planes,
        (len(planes), *kernel, *shape),
        (plane, dilation[0] * row, dilation[1] * col, stride[0] * row, stride[1] * col),
        writeable=False,
    )

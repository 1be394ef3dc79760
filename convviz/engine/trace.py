"""What stands behind one output cell, and what one input cell or one weight takes part in."""

from dataclasses import dataclass
from math import prod
from typing import Unpack

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.convolve import padded_image, with_channels
from convviz.engine.geometry import PerAxis, per_axis
from convviz.engine.layers import Conv, ConvSettings, LayerError
from convviz.engine.padding import Array, padding_sources


@dataclass(frozen=True, eq=False)
class Trace:
    """The dot product behind one output cell.

    Attributes
    ----------
    at : place of the output cell, one index per spatial axis, from 0
    channel : the output channel
    window : array (in_channels/groups, *kernel), the input cells under the kernel
    weight : array of that shape, the weights that meet them (reversed when the layer flips)
    inside : array of that shape, False where the cell is padding
    bias : the number added to the sum
    start : place of the window's first cell in the image; negative in the padding
    """

    at: PerAxis
    channel: int
    window: Array
    weight: Array
    inside: Array
    bias: float
    start: PerAxis

    @property
    def products(self) -> Array:
        """Each input cell times its weight."""
        return self.window * self.weight

    @property
    def partial_sums(self) -> Array:
        """The running sum of the products, channel by channel, each in raster order."""
        return np.cumsum(self.products).reshape(self.window.shape)

    @property
    def total(self) -> float:
        """The dot product without the bias: the last partial sum."""
        return float(self.partial_sums.flat[-1])

    @property
    def value(self) -> float:
        """The output cell: the dot product plus the bias."""
        return self.total + self.bias


def trace(
    image: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    at: int | PerAxis,
    channel: int = 0,
    **settings: Unpack[ConvSettings],
) -> Trace:
    """Return every term behind one output cell of `conv` called with the same settings.

    Parameters
    ----------
    at : the output cell, one index per spatial axis, from 0
    channel : the output channel, from 0
    image, weight, bias, settings : as for `conv`

    Raises
    ------
    LayerError
        When the layer does not fit the image, or there is no such output cell.

    Examples
    --------
    >>> found = trace(np.eye(3), np.ones((2, 2)), at=(0, 1))
    >>> found.products[0]
    array([[0., 0.],
           [1., 0.]])
    >>> found.value
    1.0
    """
    pixels, weights, _ = with_channels(image, weight)
    layer = Conv(weights, bias, **settings)
    if problem := layer.problem(pixels.shape):
        raise LayerError(problem.sentence)
    place = checked_place(layer, pixels.shape, at, channel)
    return trace_padded(layer, padded_image(layer, pixels), pixels.shape, place, channel)


def trace_padded(
    layer: Conv, padded: Array, shape: tuple[int, ...], at: PerAxis, channel: int = 0
) -> Trace:
    """Return the trace of one output cell from an image that has its padding already.

    `shape` is that of the image without padding.
    """
    axes = layer.axes(shape[1:])
    per_group = layer.weight.shape[1]
    first = channel // (layer.out_channels // layer.groups) * per_group
    window = tuple(
        slice(index * a.stride, index * a.stride + a.span, a.dilation)
        for index, a in zip(at, axes, strict=True)
    )
    inside = np.ones((1,) * layer.rank, bool)
    for number, (index, a) in enumerate(zip(at, axes, strict=True)):
        cells = np.array(a.reads(index)) - a.before
        along = [1] * layer.rank
        along[number] = -1
        inside = inside & ((cells >= 0) & (cells < a.size)).reshape(along)
    cells = padded[(slice(first, first + per_group), *window)]
    return Trace(
        at=at,
        channel=channel,
        window=cells,
        weight=layer.applied_weight()[channel],
        inside=np.broadcast_to(inside, cells.shape),
        bias=0.0 if layer.bias is None else float(layer.bias[channel]),
        start=tuple(index * a.stride - a.before for index, a in zip(at, axes, strict=True)),
    )


def checked_place(layer: Conv, shape: tuple[int, ...], at: int | PerAxis, channel: int) -> PerAxis:
    """Return `at` as one index per axis of the feature map of an image of `shape`.

    Raises
    ------
    LayerError
        When there is no such output cell or channel.
    """
    try:
        place = per_axis(at, layer.rank, "the place")
    except ValueError as error:
        raise LayerError(str(error)) from None
    channels, *sizes = layer.output_shape(shape)
    if not 0 <= channel < channels:
        raise LayerError(f"there is no output channel {channel}: they go from 0 to {channels - 1}")
    for index, size in zip(place, sizes, strict=True):
        if not 0 <= index < size:
            raise LayerError(
                f"there is no output cell {','.join(map(str, place))}: "
                f"the feature map has {' × '.join(map(str, sizes))} cells, counted from 0"
            )
    return place


@dataclass(frozen=True)
class Uses:
    """The windows that read one input cell, as a product of places per axis.

    `outputs` and `weights` hold, per spatial axis, the output indices and the offsets in the
    applied kernel that belong to them, pair by pair.
    """

    outputs: tuple[PerAxis, ...]
    weights: tuple[PerAxis, ...]

    @property
    def count(self) -> int:
        """How many (output cell, weight) pairs use the input cell, per output channel."""
        return prod(len(indices) for indices in self.outputs)


def uses(layer: Conv, shape: tuple[int, ...], cell: PerAxis) -> Uses:
    """Return which output cells the input cell `cell` feeds, copies of it in the padding included.

    `shape` is the image's (in_channels, *spatial); `cell` has one index per spatial axis.

    Examples
    --------
    >>> centre = uses(Conv(np.ones((1, 1, 3, 3))), (1, 7, 7), (3, 3))
    >>> centre.count, centre.outputs
    (9, ((1, 2, 3), (1, 2, 3)))
    >>> uses(Conv(np.ones((1, 1, 3, 3))), (1, 7, 7), (0, 0)).count
    1
    """
    found = []
    for axis, index in zip(layer.axes(shape[1:]), cell, strict=True):
        sources = padding_sources(axis.size, (axis.before, axis.after), layer.padding_mode)
        copies = np.flatnonzero(sources == index)
        found.append([pair for place in copies for pair in axis.users(int(place))])
    return Uses(
        outputs=tuple(tuple(output for output, _ in pairs) for pairs in found),
        weights=tuple(tuple(offset for _, offset in pairs) for pairs in found),
    )


def cells_of_weight(layer: Conv, shape: tuple[int, ...], offset: PerAxis) -> tuple[PerAxis, ...]:
    """Return, per spatial axis, the padded cells that one weight of the applied kernel multiplies.

    Examples
    --------
    >>> cells_of_weight(Conv(np.ones((1, 1, 3, 3)), stride=2), (1, 7, 7), (0, 2))
    ((0, 2, 4), (2, 4, 6))
    """
    return tuple(
        axis.reached_by(weight) for axis, weight in zip(layer.axes(shape[1:]), offset, strict=True)
    )

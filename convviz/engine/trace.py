"""What stands behind one output cell, for every kind of layer."""

from dataclasses import dataclass
from typing import Unpack, assert_never

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convviz.engine.batches import only_one
from convviz.engine.convolve import with_channels
from convviz.engine.geometry import PerAxis, per_axis
from convviz.engine.layers import (
    Activation,
    Conv,
    ConvSettings,
    ConvTranspose,
    KernelLayer,
    Layer,
    LayerError,
    Pool,
)
from convviz.engine.padding import Array
from convviz.engine.pooling import divisors
from convviz.engine.poolings import Pooling
from convviz.engine.settings import checked_numbers, computed
from convviz.engine.short_repr import record_repr
from convviz.engine.torch_layers import is_module, only_layer
from convviz.engine.transposed import as_conv
from convviz.engine.windows import Windows, windows_of


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
    places : per spatial axis, which row, column or sample of the image each offset of the kernel
        meets: beyond the image in its padding, -1 for the zeros that a transposed one puts between
    channels : the input channels that the window holds
    """

    at: PerAxis
    channel: int
    window: Array
    weight: Array
    inside: Array
    bias: float
    places: tuple[PerAxis, ...]
    channels: range

    __repr__ = record_repr

    @property
    def products(self) -> Array:
        """Each input cell times its weight."""
        return self.window * self.weight

    @property
    def channel_sums(self) -> Array:
        """The sum of the products of each input channel (in_channels/groups,)."""
        sums: Array = self.products.sum(axis=tuple(range(1, self.window.ndim)))
        return sums

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


@dataclass(frozen=True, eq=False)
class PoolTrace:
    """The window behind one cell of a pooling layer.

    Attributes
    ----------
    at : place of the output cell, one index per spatial axis, from 0
    channel : the channel
    pooling : what becomes of the cells
    window : array (*kernel), the cells under the window; -inf in the padding of "max"
    inside : array (*kernel), False where the cell is padding
    places : per spatial axis, which row, column or sample of the image each offset meets
    divisor : by how many cells the sum is divided, where it is
    """

    at: PerAxis
    channel: int
    pooling: Pooling
    window: Array
    inside: NDArray[np.bool_]
    places: tuple[PerAxis, ...]
    divisor: int

    __repr__ = record_repr

    @property
    def chosen(self) -> int | None:
        """Where the cell that is taken stands in raster order: the first of several like it."""
        chosen = self.pooling.chosen
        return None if chosen is None else int(chosen(self.window.ravel()))

    @property
    def partial(self) -> Array:
        """The cell that is taken so far, or the sum so far, in raster order."""
        partial: Array = self.pooling.reduce.accumulate(self.window.ravel())
        return partial

    @property
    def value(self) -> float:
        """The output cell."""
        return float(self.pooling.ended(self.partial[-1], self.divisor))


@dataclass(frozen=True, eq=False)
class ActivationTrace:
    """One cell and what an activation makes of it."""

    at: PerAxis
    channel: int
    activation: Activation
    cell: float
    value: float


AnyTrace = Trace | PoolTrace | ActivationTrace


def trace(
    image: ArrayLike,
    weight: ArrayLike | KernelLayer,
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
    image, weight, bias, settings : as for `conv`; or for `weight` a layer that has them all:
        Conv, ConvTranspose, or one of torch such as nn.Conv2d

    Raises
    ------
    LayerError
        When the layer does not fit the image, there is no such output cell, or its number is too
        large to be held.

    Examples
    --------
    >>> found = trace(np.eye(3), np.ones((2, 2)), at=(0, 1))
    >>> found.products[0]
    array([[0., 0.],
           [1., 0.]])
    >>> found.value
    1.0
    """
    if isinstance(weight, KernelLayer) or is_module(weight):
        layer, images = _given_layer(weight, bias, settings), checked_numbers(image)
        images = images[None] if images.ndim == layer.rank else images
    else:
        images, weights, _ = with_channels(image, weight)
        layer = Conv(weights, bias, **settings)
    pixels = only_one(images, layer.rank, "a trace")
    if problem := layer.problem(pixels.shape):
        raise LayerError(problem.sentence)
    place = checked_place(layer, pixels.shape, at, channel)
    found = trace_windows(layer, windows_of(layer, pixels), place, channel)
    assert isinstance(found, Trace)
    computed(lambda: np.array(found.value))
    return found


def _given_layer(value: object, bias: object, settings: ConvSettings) -> KernelLayer:
    layer = only_layer(value)
    if not isinstance(layer, KernelLayer):
        raise LayerError(f"a trace is of a layer with a kernel, not of {layer!r}")
    if bias is not None or settings:
        raise LayerError("the layer has its bias and settings: leave them out")
    return layer


def trace_windows(layer: Layer, windows: Windows, at: PerAxis, channel: int = 0) -> AnyTrace:
    """Return the trace of one output cell of any layer from its input as its windows read it.

    Examples
    --------
    >>> pool = Pool("max", 2)
    >>> trace_windows(pool, windows_of(pool, np.arange(4.0).reshape(1, 2, 2)), (0, 0)).value
    3.0
    """
    match layer:
        case Conv():
            return _trace_conv(layer, windows, at, channel, _around(windows, at))
        case ConvTranspose():
            return _trace_conv(as_conv(layer), windows, at, channel, _own_places(windows, at))
        case Pool():
            return PoolTrace(
                at=at,
                channel=channel,
                pooling=layer.pooling,
                window=windows.window(at)[channel],
                inside=windows.inside(at),
                places=_around(windows, at),
                divisor=int(divisors(layer, windows.image_sizes)[at]),
            )
        case Activation():
            cell = float(windows.cells[(channel, *at)])
            own = layer.for_channel(channel)
            value = float(own.apply(np.array(cell)))
            return ActivationTrace(at, channel, own, cell, value)
        case _:
            assert_never(layer)


def _trace_conv(
    layer: Conv, windows: Windows, at: PerAxis, channel: int, places: tuple[PerAxis, ...]
) -> Trace:
    seen = layer.channels_seen(channel)
    cells = windows.window(at)[seen.start : seen.stop]
    return Trace(
        at=at,
        channel=channel,
        window=cells,
        weight=layer.applied_weight()[channel],
        inside=np.broadcast_to(windows.inside(at), cells.shape),
        bias=0.0 if layer.bias is None else float(layer.bias[channel]),
        places=places,
        channels=seen,
    )


def _around(windows: Windows, at: PerAxis) -> tuple[PerAxis, ...]:
    """Return, per axis, where each offset of the kernel lies in the image or beside it."""
    return tuple(
        tuple(place - axis.before for place in axis.reads(index))
        for axis, index in zip(windows.axes, at, strict=True)
    )


def _own_places(windows: Windows, at: PerAxis) -> tuple[PerAxis, ...]:
    """Return, per axis, whose cell each offset of the kernel meets; -1 where no one's."""
    return tuple(
        tuple(int(own[place]) for place in axis.reads(index))
        for axis, own, index in zip(windows.axes, windows.own, at, strict=True)
    )


def checked_place(layer: Layer, shape: tuple[int, ...], at: int | PerAxis, channel: int) -> PerAxis:
    """Return `at` as one index per axis of the feature map of an image of `shape`.

    Raises
    ------
    LayerError
        When there is no such output cell or channel.
    """
    try:
        place = per_axis(at, len(shape) - 1, "the place")
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

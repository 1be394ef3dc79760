"""Gradients: how a loss changes with a layer's weight, its bias and its image.

All kinds of layers read windows, so what they pass back goes one way: into the cells under each
window, and from there to the cells of the image that these are copies of.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike

from convviz.engine.batches import EMPTY, is_batch
from convviz.engine.geometry import PerAxis
from convviz.engine.layers import (
    Activation,
    Conv,
    ConvTranspose,
    KernelLayer,
    Layer,
    LayerError,
    Pool,
)
from convviz.engine.padding import Array
from convviz.engine.pooling import divisors, reduced
from convviz.engine.problems import times
from convviz.engine.settings import checked_numbers, computed, frozen_array
from convviz.engine.short_repr import record_repr
from convviz.engine.torch_layers import only_layer
from convviz.engine.transposed import as_conv
from convviz.engine.windows import Windows, windows_of

MOST_COLUMNS = 1 << 22  # numbers: windows of a large image are laid out some rows at a time


@dataclass(frozen=True, eq=False)
class Gradients:
    """How a loss changes with what a layer computes from, each in the shape of what it belongs to.

    `weight` and `bias` are None where the layer has none.
    """

    image: Array
    weight: Array | None = None
    bias: Array | None = None

    __repr__ = record_repr


def gradients(layer: Layer, image: ArrayLike, error: ArrayLike) -> Gradients:
    """Return how a loss changes with the image, the weight and the bias of a layer.

    Parameters
    ----------
    layer : Conv, ConvTranspose, Pool or Activation; or a layer of torch, such as nn.Conv2d
    image : array (in_channels, *spatial), or (*spatial) for one channel; or a batch
        (batch, in_channels, *spatial): weight and bias then have the sum over its images
    error : array (out_channels, *out): how the loss changes with each cell that the layer makes;
        for half the sum of squares that is output - target. (*out) will do for one channel,
        (batch, out_channels, *out) is needed for a batch

    Returns
    -------
    Gradients
        Read-only arrays. At a tie, max pooling passes all to the first of the largest cells, and
        ReLU nothing at 0, as torch does.

    Raises
    ------
    LayerError
        When the layer does not fit the image, `error` is not what it makes of it, or a gradient is
        too large to be held.

    Examples
    --------
    >>> found = gradients(Conv([[[[1, 0], [2, 0]]]]), np.arange(9.0).reshape(3, 3), np.eye(2))
    >>> found.weight[0, 0]
    array([[ 4.,  6.],
           [10., 12.]])
    >>> found.image
    array([[1., 0., 0.],
           [2., 1., 0.],
           [0., 2., 0.]])
    """
    given = only_layer(layer)
    pixels, passed_back = checked_numbers(image), checked_numbers(error)
    batch = _as_batch(given, pixels)
    if problem := given.problem(batch.shape[1:]):
        raise LayerError(problem.sentence)
    expected = given.output_shape(batch.shape[1:])
    if pixels is batch:
        fitting = [(len(batch), *expected)]
    else:
        fitting = [expected, expected[1:] if expected[:1] == (1,) else expected]
    if passed_back.shape not in fitting:
        raise LayerError(
            f"the error has the shape {times(passed_back.shape)}, the layer makes "
            f"{times(fitting[0])}"
        )
    return _of_batch(LayerPass(given, batch), passed_back.reshape(-1, *expected), pixels.shape)


def _as_batch(layer: Layer, pixels: Array) -> Array:
    """Return (batch, in_channels, *spatial); of an activation, all axes are those of one image."""
    if isinstance(layer, Activation):
        return pixels[None]
    if is_batch(pixels, layer.rank):
        if not len(pixels):
            raise LayerError(EMPTY)
        return pixels
    return pixels[None, None] if pixels.ndim <= layer.rank else pixels[None]


def _of_batch(passed: "LayerPass", error: Array, shape: tuple[int, ...]) -> Gradients:
    image = frozen_array(computed(lambda: passed.image_gradient(error)).reshape(shape))
    if not isinstance(passed.layer, KernelLayer):
        return Gradients(image)
    weight = frozen_array(computed(lambda: passed.weight_gradient(error)))
    if passed.layer.bias is None:
        return Gradients(image, weight)
    return Gradients(image, weight, frozen_array(computed(lambda: bias_gradient(error))))


def bias_gradient(error: Array) -> Array:
    """Return the gradient of a bias (out_channels,) for an error (batch, out_channels, *out).

    >>> bias_gradient(np.ones((2, 3, 4, 4)))
    array([32., 32., 32.])
    """
    total: Array = error.sum(axis=(0, *range(2, error.ndim)))
    return total


@dataclass(frozen=True, eq=False)
class LayerPass:
    """A batch of images on its way through a layer, and what comes back.

    Parameters
    ----------
    layer : a layer that fits the images
    batch : array (batch, in_channels, *spatial)

    Examples
    --------
    >>> passed = LayerPass(Pool("max", 2), np.arange(4.0).reshape(1, 1, 2, 2))
    >>> passed.output
    array([[[[3.]]]])
    >>> passed.image_gradient(np.full((1, 1, 1, 1), 5.0))
    array([[[[0., 0.],
             [0., 5.]]]])
    """

    layer: Layer
    batch: Array

    @cached_property
    def output(self) -> Array:
        """What the layer makes: (batch, out_channels, *out)."""
        match self.layer:
            case Activation():
                return self.layer.apply(self.batch, axis=1)
            case Pool():
                return self._channels_apart(self._pooled)
        return self._correlated

    def image_gradient(self, error: Array) -> Array:
        """Return the gradient (batch, in_channels, *spatial) for an error like `output`."""
        match self.layer:
            case Activation():
                through: Array = error * self.layer.derivative(self.batch, axis=1)
                return through
            case Pool():
                parts = self._pooled_back(error.reshape(-1, *self._windows.sizes))
            case _:
                parts = self._correlated_back(error)
        cells = np.zeros_like(self._windows.cells)
        for tap, part in parts:
            cells[(slice(None), *tap)] += part
        return self._channels_apart(_to_the_image(self._windows, cells))

    def weight_gradient(self, error: Array) -> Array:
        """Return the gradient of the weight, in its shape, for an error like `output`."""
        first, *rest = (
            self._by_group(error[:, :, rows]) @ np.swapaxes(self._columns(rows), 1, 2)
            for rows in self._rows
        )
        weight = sum(rest, first).reshape(self._conv.weight.shape)
        if self._conv.flip:
            weight = np.flip(weight, tuple(range(2, weight.ndim)))
        return _like_the_transposed(self.layer, weight)

    @cached_property
    def _windows(self) -> Windows:
        """How all images are read, as channels of one."""
        return windows_of(self.layer, self.batch.reshape(-1, *self.batch.shape[2:]))

    @cached_property
    def _view(self) -> Array:
        """All windows: (batch * in_channels, *out, *kernel)."""
        axes, cells = self._windows.axes, self._windows.cells
        spans = tuple(a.span for a in axes)
        every = sliding_window_view(cells, spans, tuple(range(1, cells.ndim)))
        steps = tuple(slice(None, (a.out - 1) * a.stride + 1, a.stride) for a in axes)
        inside = tuple(slice(None, None, a.dilation) for a in axes)
        return every[(slice(None), *steps, *inside)]

    @cached_property
    def _conv(self) -> Conv:
        """The convolution that reads the windows of a layer with a kernel."""
        assert isinstance(self.layer, KernelLayer)
        return as_conv(self.layer) if isinstance(self.layer, ConvTranspose) else self.layer

    @cached_property
    def _matrices(self) -> Array:
        """The weight as it meets the windows: (groups, out_channels/groups, numbers)."""
        weight, groups = self._conv.applied_weight(), self._conv.groups
        return np.ascontiguousarray(weight).reshape(groups, len(weight) // groups, -1)

    @cached_property
    def _rows(self) -> tuple[slice, ...]:
        """Parts of the first output axis whose windows fit into memory together."""
        sizes, kernel = self._windows.sizes, self._conv.kernel_size
        each = max(len(self._windows.cells) * prod(kernel) * prod(sizes[1:]), 1)
        count = max(MOST_COLUMNS // each, 1)
        return tuple(slice(top, top + count) for top in range(0, sizes[0], count))

    def _columns(self, rows: slice) -> Array:
        """Lay windows out as columns: (groups, numbers, batch * windows)."""
        rank = len(self._windows.sizes)
        part = self._view[:, rows]
        apart = part.reshape(len(self.batch), -1, *part.shape[1:])
        axes = (1, *range(2 + rank, 2 + 2 * rank), 0, *range(2, 2 + rank))
        return apart.transpose(axes).reshape(self._conv.groups, self._matrices.shape[2], -1)

    def _by_group(self, maps: Array) -> Array:
        """Return maps (batch, out_channels, *out) as (groups, out_channels/groups, cells)."""
        groups = self._conv.groups
        return np.swapaxes(maps, 0, 1).reshape(groups, maps.shape[1] // groups, -1)

    def _channels_apart(self, folded: Array) -> Array:
        return folded.reshape(len(self.batch), -1, *folded.shape[1:])

    @property
    def _correlated(self) -> Array:
        outputs, sizes = self._conv.out_channels, self._windows.sizes
        parts = [
            (self._matrices @ self._columns(rows)).reshape(outputs, len(self.batch), -1, *sizes[1:])
            for rows in self._rows
        ]
        maps = np.swapaxes(parts[0] if len(parts) == 1 else np.concatenate(parts, axis=2), 0, 1)
        if self._conv.bias is None:
            return np.ascontiguousarray(maps)
        return maps + self._conv.bias.reshape(-1, *[1] * len(sizes))

    def _correlated_back(self, error: Array) -> Iterator[tuple[tuple[slice, ...], Array]]:
        kernel, sizes = self._conv.kernel_size, self._windows.sizes
        for rows in self._rows:
            columns = np.swapaxes(self._matrices, 1, 2) @ self._by_group(error[:, :, rows])
            apart = columns.reshape(-1, *kernel, len(error), len(range(sizes[0])[rows]), *sizes[1:])
            for offset in np.ndindex(kernel):
                part = np.swapaxes(apart[(slice(None), *offset)], 0, 1)
                yield self._tap(offset, rows), part.reshape(-1, *part.shape[2:])

    @cached_property
    def _chosen(self) -> Array | None:
        """Which cell of each window is taken: (batch * channels, *out); None where all count."""
        assert isinstance(self.layer, Pool)
        if (chosen := self.layer.pooling.chosen) is None:
            return None
        return chosen(self._view.reshape(*self._view.shape[: 1 + len(self._windows.sizes)], -1))

    @property
    def _pooled(self) -> Array:
        assert isinstance(self.layer, Pool)
        return reduced(self.layer, self._view, self.batch.shape[2:])

    def _pooled_back(self, error: Array) -> Iterator[tuple[tuple[slice, ...], Array]]:
        assert isinstance(self.layer, Pool)
        rows, chosen = slice(0, self._windows.sizes[0]), self._chosen
        share = self.layer.pooling.ended(error, divisors(self.layer, self.batch.shape[2:]))
        for number, offset in enumerate(np.ndindex(self.layer.kernel_size)):
            taken = share if chosen is None else np.where(chosen == number, share, 0)
            yield self._tap(offset, rows), taken

    def _tap(self, offset: PerAxis, rows: slice) -> tuple[slice, ...]:
        """Return the cells that `offset` in the kernel meets over the windows of `rows`."""
        taps = []
        for number, (axis, start) in enumerate(zip(self._windows.axes, offset, strict=True)):
            windows = range(axis.out)[rows] if number == 0 else range(axis.out)
            low = start * axis.dilation + windows.start * axis.stride
            taps.append(slice(low, low + (len(windows) - 1) * axis.stride + 1, axis.stride))
        return tuple(taps)


def _to_the_image(windows: Windows, cells: Array) -> Array:
    """Add what copies of a cell have got to the cell: the adjoint of padding and spreading."""
    result = cells
    for number, size in enumerate(windows.image_sizes, start=1):
        own, sources = windows.own[number - 1], windows.sources[number - 1]
        moved = np.moveaxis(result, number, 0)
        back = np.zeros((size, *moved.shape[1:]), moved.dtype)
        back[own[own >= 0]] = moved[own >= 0]
        beside = np.flatnonzero(own < 0)
        sources.part(beside).add_back(moved[beside], back)
        result = np.moveaxis(back, 0, number)
    return result


def _like_the_transposed(layer: Layer, weight: Array) -> Array:
    """Return what `as_conv` made of a weight, or its gradient, as the layer has it."""
    if not isinstance(layer, ConvTranspose):
        return weight
    by_group = weight.reshape(layer.groups, layer.weight.shape[1], -1, *layer.kernel_size)
    return np.swapaxes(by_group, 1, 2).reshape(layer.weight.shape)

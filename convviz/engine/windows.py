"""How a layer of any kind reads its input: the cells under its windows, and whose they are."""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import assert_never

import numpy as np
from numpy.typing import NDArray

from convviz.engine.convolve import padded_image
from convviz.engine.geometry import Axis, PerAxis
from convviz.engine.layers import Activation, Conv, ConvTranspose, Layer, Pool
from convviz.engine.padding import Array, padding_sources
from convviz.engine.pooling import padded_for_pooling
from convviz.engine.sources import Indices, Sources
from convviz.engine.transposed import spread_amounts, spread_image, spread_sources


@dataclass(frozen=True, eq=False)
class Windows:
    """An image as the windows of a layer read it.

    Attributes
    ----------
    cells : array (in_channels, *places): the image with its padding, and for a transposed
        convolution with the zeros that its stride puts between the cells
    axes : the geometry of the windows over `cells`, per spatial axis
    own : per axis, which cell of the image a place holds; -1 where it holds none of its own
    sources : per axis, which cells of the image a place is made of: its own, or in the padding
        copies and blends
    image_sizes : cells of the image per axis

    Examples
    --------
    >>> windows = windows_of(Pool("max", 2), np.array([[[1.0, 2.0], [3.0, 4.0]]]))
    >>> windows.axes[0].out
    1
    """

    cells: Array
    axes: tuple[Axis, ...]
    own: tuple[Indices, ...]
    sources: tuple[Sources, ...]
    image_sizes: PerAxis

    def reached_by(self, offset: PerAxis) -> tuple[PerAxis, ...]:
        """Return, per axis, the places that the weight at `offset` multiplies over all windows.

        Examples
        --------
        >>> layer = Conv(np.ones((1, 1, 3, 3)), stride=2)
        >>> windows_of(layer, np.ones((1, 7, 7))).reached_by((0, 2))
        ((0, 2, 4), (2, 4, 6))
        """
        return tuple(
            axis.reached_by(weight) for axis, weight in zip(self.axes, offset, strict=True)
        )

    @cached_property
    def sizes(self) -> PerAxis:
        """Output cells per axis."""
        return tuple(axis.out for axis in self.axes)

    def place(self, cell: PerAxis) -> PerAxis | None:
        """Return where a cell of the image lies among `cells`; None when it was cut off."""
        found = [np.flatnonzero(own == index) for own, index in zip(self.own, cell, strict=True)]
        return tuple(int(places[0]) for places in found) if all(map(len, found)) else None

    def cell(self, place: PerAxis) -> PerAxis | None:
        """Return the cell of the image at a place; None in the padding and between cells."""
        found = tuple(int(own[index]) for own, index in zip(self.own, place, strict=True))
        return found if min(found) >= 0 else None

    def inside(self, at: PerAxis) -> NDArray[np.bool_]:
        """Return which cells (*kernel) of the window at `at` are the image's own."""
        result = np.ones((1,) * len(self.axes), bool)
        for number, (axis, own, index) in enumerate(zip(self.axes, self.own, at, strict=True)):
            along = [1] * len(self.axes)
            along[number] = -1
            result = result & (own[list(axis.reads(index))] >= 0).reshape(along)
        return result

    def window(self, at: PerAxis) -> Array:
        """Return the cells (in_channels, *kernel) of the window at `at`."""
        inside = tuple(
            slice(index * a.stride, index * a.stride + a.span, a.dilation)
            for index, a in zip(at, self.axes, strict=True)
        )
        return self.cells[(slice(None), *inside)]

    def read_for(self, outputs: tuple[PerAxis, ...]) -> tuple[PerAxis, ...]:
        """Return, per axis, which cells of the image the windows at `outputs` (per axis) hold.

        Examples
        --------
        >>> windows_of(Conv(np.ones((1, 1, 3)), padding=1), np.ones((1, 5))).read_for(((0, 3),))
        ((0, 1, 2, 3, 4),)
        """
        return tuple(
            sources.cells_of(place for index in indices for place in axis.reads(index))
            for axis, sources, indices in zip(self.axes, self.sources, outputs, strict=True)
        )

    def uses(self, cell: PerAxis) -> "Uses":
        """Return which output cells a cell of the image feeds, copies in the padding included."""
        found = []
        for axis, sources, index in zip(self.axes, self.sources, cell, strict=True):
            places = sources.places_of(index)
            found.append([pair for place in places for pair in axis.users(int(place))])
        return Uses(
            outputs=tuple(tuple(output for output, _ in pairs) for pairs in found),
            weights=tuple(tuple(offset for _, offset in pairs) for pairs in found),
        )

    def use_counts(self) -> NDArray[np.int64]:
        """Return how often each cell of the image is used, per output channel: (*spatial).

        Examples
        --------
        >>> counts = windows_of(Conv(np.ones((1, 1, 3, 3))), np.ones((1, 7, 7))).use_counts()
        >>> int(counts[0, 0]), int(counts[0, 3]), int(counts[3, 3])
        (1, 3, 9)
        """
        per_axis = []
        for axis, sources, size in zip(self.axes, self.sources, self.image_sizes, strict=True):
            readers = np.array([len(axis.users(place)) for place in range(len(sources.cells))])
            place, term = np.nonzero(sources.cells >= 0)
            counts = np.bincount(sources.cells[place, term], readers[place], size)
            per_axis.append(counts.astype(np.int64))
        return _outer(per_axis)

    def place_counts(self) -> NDArray[np.int64]:
        """Return how many windows read each of `cells`, padding included: (*places).

        Examples
        --------
        >>> conv = Conv(np.ones((1, 1, 3)), padding=1)
        >>> windows_of(conv, np.ones((1, 4))).place_counts()
        array([1, 2, 3, 3, 2, 1])
        """
        return _outer(
            [
                np.array([len(axis.users(place)) for place in range(len(own))], np.int64)
                for axis, own in zip(self.axes, self.own, strict=True)
            ]
        )

    @property
    def has_copies(self) -> bool:
        """Whether padding holds copies of cells of the image."""
        return any(
            bool(sources.known[own < 0].any())
            for sources, own in zip(self.sources, self.own, strict=True)
        )

    def overlap_counts(self) -> NDArray[np.int64]:
        """Return from how many cells of the image each output cell is made: (*out).

        For a transposed convolution this is the checkerboard of Odena et al., "Deconvolution and
        Checkerboard Artifacts" (2016).
        """
        return _outer(
            [
                np.array(
                    [
                        np.count_nonzero(own[list(axis.reads(index))] >= 0)
                        for index in range(axis.out)
                    ],
                    np.int64,
                )
                for axis, own in zip(self.axes, self.own, strict=True)
            ]
        )


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


def windows_of(layer: Layer, image: Array) -> Windows:
    """Return how `layer` reads `image` (in_channels, *spatial), which must fit it."""
    spatial = image.shape[1:]
    match layer:
        case Conv():
            axes = layer.axes(spatial)
            sources = tuple(
                padding_sources(a.size, (a.before, a.after), layer.padding_mode) for a in axes
            )
            return Windows(padded_image(layer, image), axes, _own(axes), sources, spatial)
        case Pool():
            axes = layer.axes(spatial)
            own = _own(axes)
            return Windows(padded_for_pooling(layer, image), axes, own, _copied(own), spatial)
        case Activation():
            axes = tuple(Axis(size, 1) for size in spatial)
            own = _own(axes)
            return Windows(image, axes, own, _copied(own), spatial)
        case ConvTranspose():
            return _spread_windows(layer, image)
        case _:
            assert_never(layer)


def _own(axes: tuple[Axis, ...]) -> tuple[Indices, ...]:
    """Return the image's cells in their places, with -1 for padding and what hangs over."""
    return tuple(
        np.pad(np.arange(a.size), (a.before, a.after + a.overhang), constant_values=-1)
        for a in axes
    )


def _copied(own: tuple[Indices, ...]) -> tuple[Sources, ...]:
    return tuple(map(Sources.copied, own))


def _spread_windows(layer: ConvTranspose, image: Array) -> Windows:
    spatial = image.shape[1:]
    own = spread_sources(layer, spatial)
    axes = tuple(
        _spread_axis(len(places), kernel, dilation, around)
        for places, kernel, dilation, around in zip(
            own, layer.kernel_size, layer.dilation, spread_amounts(layer), strict=True
        )
    )
    return Windows(spread_image(layer, image), axes, own, _copied(own), spatial)


def _spread_axis(padded: int, kernel: int, dilation: int, around: tuple[int, int]) -> Axis:
    before = min(max(around[0], 0), padded)
    after = min(max(around[1], 0), padded - before)
    return Axis(padded - before - after, kernel, 1, dilation, before, after)


def _outer(counts: list[NDArray[np.int64]]) -> NDArray[np.int64]:
    result = counts[0]
    for more in counts[1:]:
        result = np.multiply.outer(result, more)
    return result

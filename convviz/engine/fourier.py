"""Correlation with large kernels by transforms of tiles, wherever these are as exact as sums.

The rounding error of a transform is spread over all of its cells, so that beside large ones it can
drown a small one. Therefore each tile is judged by itself, and each of its cells by the sizes of
its own terms: where the error of the tile could exceed that of adding these terms up, they are
added up.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from convviz.engine.padding import Array
from convviz.engine.rounding import is_whole, largest_whole

Tile = tuple[slice, slice]
Direct = Callable[[Array, Array, Array], None]  # plane, kernel, out

# The error of any cell in units of eps |tile| |kernel|, Euclidean norms: at most 1 was measured, on
# noise, waves, spots and constants in tiles of 64 x 64 to 1 x 4096.
TRANSFORM_ERROR = 4
LEAST_SIDE = 128
LARGEST_WHOLE_ERROR = 0.25
SINGLE_EPS = float(np.finfo(np.float32).eps)


def correlate_by_fourier(plane: Array, kernel: Array, out: Array, direct: Direct) -> None:
    """Correlate a plane (rows, cols) with a kernel (rows, cols) into `out`, valid places only.

    No cell is further from its exact sum than n (eps / 2) times the sum of the sizes of its n
    terms, which bounds the error of adding them up one by one. Sums of whole numbers that can be
    held are exact.

    Parameters
    ----------
    out : array (rows, cols) that is filled
    direct : what adds up the terms of a plane and a kernel, into an array, one by one

    Examples
    --------
    >>> from scipy.signal import correlate2d
    >>> out = np.empty((2, 2))
    >>> add_up = lambda plane, kernel, out: np.copyto(out, correlate2d(plane, kernel, "valid"))
    >>> correlate_by_fourier(np.diag([1e20, 3.0, 4.0]), np.ones((2, 2)), out, add_up)
    >>> float(out[1, 1])
    7.0
    """
    transforms = Transforms(kernel, _block(plane, kernel))
    whole = is_whole(plane) and is_whole(kernel)
    for tile in _tiles(out.shape, transforms.step):
        read = _read_by(tile, kernel.shape)
        _fill(plane[read], transforms, out[tile], direct, whole=whole)


@dataclass(frozen=True, eq=False)
class Transforms:
    """A kernel (rows, cols), and what tiles of `block` cells are multiplied with."""

    kernel: Array
    block: tuple[int, int]

    @property
    def step(self) -> tuple[int, int]:
        """The outputs that a tile has, per axis."""
        rows, cols = (b - k + 1 for b, k in zip(self.block, self.kernel.shape, strict=True))
        return rows, cols

    def valid(self, shape: tuple[int, ...]) -> Tile:
        """Return where, in what a transform gives back, the outputs of that shape lie."""
        rows, cols = (
            slice(k - 1, k - 1 + o) for k, o in zip(self.kernel.shape, shape, strict=True)
        )
        return rows, cols

    @cached_property
    def exponent(self) -> int:
        """The power of two by which the kernel is divided, so that its sizes stay below 1."""
        return exponent_of(self.kernel)

    @cached_property
    def scaled(self) -> Array:
        """The kernel divided by it."""
        scaled: Array = np.ldexp(self.kernel, -self.exponent)
        return scaled

    @cached_property
    def norm(self) -> float:
        """The Euclidean norm of the scaled kernel."""
        return norm_of(self.scaled)

    @cached_property
    def taps(self) -> int:
        """The terms of a sum."""
        return int(np.count_nonzero(self.kernel))

    @cached_property
    def spectrum(self) -> NDArray[np.complexfloating]:
        """The transform of the scaled kernel."""
        return self._transformed(self.scaled)

    @cached_property
    def sizes_spectrum(self) -> NDArray[np.complexfloating]:
        """The same of the sizes of its weights, in single precision."""
        return self._transformed(np.abs(self.scaled).astype(np.float32))

    def _transformed(self, kernel: Array) -> NDArray[np.complexfloating]:
        from scipy import fft

        spectrum: NDArray[np.complexfloating] = fft.rfft2(kernel[::-1, ::-1], self.block)
        return spectrum

    def sums(
        self, tile: NDArray[np.complexfloating], kernel: NDArray[np.complexfloating], shape: Tile
    ) -> Array:
        """Return the correlation of what has these two transforms."""
        from scipy import fft

        whole: Array = fft.irfft2(tile * kernel, self.block)
        return whole[shape]


def exponent_of(array: Array) -> int:
    """Return the power of two above the sizes of all numbers of an array.

    >>> exponent_of(np.array([0.5, -3.0]))
    2
    """
    return int(np.frexp(max(array.max(), -array.min()))[1])


def norm_of(array: Array) -> float:
    """Return the Euclidean norm; not by BLAS, whose threads wait for each other on busy machines.

    >>> norm_of(np.array([3.0, 4.0]))
    5.0
    """
    return float(np.sqrt(np.square(array, dtype=np.float64).sum()))


def _block(plane: Array, kernel: Array) -> tuple[int, int]:
    """Return the cells of a tile, per axis: long beside the kernel, and quick to transform."""
    from scipy.fft import next_fast_len

    times = 8 if len(plane) == 1 else 4
    rows, cols = (
        next_fast_len(min(size, max(times * cells, LEAST_SIDE)), real=True)
        for size, cells in zip(plane.shape, kernel.shape, strict=True)
    )
    return rows, cols


def _tiles(shape: tuple[int, ...], step: tuple[int, int]) -> Iterator[Tile]:
    for top in range(0, shape[0], step[0]):
        for left in range(0, shape[1], step[1]):
            yield slice(top, top + step[0]), slice(left, left + step[1])


def _read_by(tile: Tile, kernel: tuple[int, ...]) -> Tile:
    rows, cols = (
        slice(part.start, part.stop + cells - 1) for part, cells in zip(tile, kernel, strict=True)
    )
    return rows, cols


def _fill(cells: Array, transforms: Transforms, out: Array, direct: Direct, *, whole: bool) -> None:
    """Fill the outputs `out` of one tile, whose windows read `cells`."""
    from scipy import fft

    if not cells.any():
        out[...] = 0
        return
    exponent = exponent_of(cells)
    scaled = np.ldexp(cells, -exponent)
    shape = transforms.valid(out.shape)
    norm = transforms.norm * norm_of(scaled)
    spectrum = fft.rfft2(scaled, transforms.block)
    found = transforms.sums(spectrum, transforms.spectrum, shape)
    sizes = _sizes(scaled, spectrum, found, transforms, shape)
    back = exponent + transforms.exponent
    with np.errstate(over="ignore", under="ignore"):
        out[...] = np.ldexp(found, back)
        error = np.ldexp(TRANSFORM_ERROR * norm * float(np.finfo(cells.dtype).eps), back)
        largest = np.ldexp(float(sizes.max()), back)
    if whole and error < LARGEST_WHOLE_ERROR:
        np.rint(out, out=out)
    elif whole and largest < 1.01 * largest_whole(cells.dtype):
        direct(cells, transforms.kernel, out)
    else:
        # E = TRANSFORM_ERROR eps norm <= taps (eps / 2) (sizes - what single precision loses)
        enough = TRANSFORM_ERROR * (2 / transforms.taps + SINGLE_EPS) * norm
        _add_up_again(cells, transforms.kernel, out, sizes < enough, direct)


def _sizes(
    scaled: Array,
    spectrum: NDArray[np.complexfloating],
    found: Array,
    transforms: Transforms,
    shape: Tile,
) -> Array:
    """Return the sums of the sizes of the terms: `found` itself where there are no signs."""
    from scipy import fft

    unsigned = bool(scaled.min() >= 0)
    if unsigned and transforms.kernel.min() >= 0:
        return found
    of_sizes = (
        spectrum if unsigned else fft.rfft2(np.abs(scaled).astype(np.float32), transforms.block)
    )
    single = of_sizes.astype(np.complex64, copy=False)
    return transforms.sums(single, transforms.sizes_spectrum, shape)


def _add_up_again(
    cells: Array, kernel: Array, out: Array, doubtful: NDArray[np.bool_], direct: Direct
) -> None:
    """Add up the block around the doubtful cells; what lies over zeros alone is 0."""
    if not doubtful.any():
        return
    empty = _sees_nothing(cells, kernel.shape)
    out[empty] = 0
    doubtful &= ~empty
    if not doubtful.any():
        return
    block = tuple(
        slice(int(held[0]), int(held[-1]) + 1)
        for held in (np.flatnonzero(doubtful.any(axis=axis)) for axis in (1, 0))
    )
    direct(cells[_read_by((block[0], block[1]), kernel.shape)], kernel, out[block])


def _sees_nothing(cells: Array, kernel: tuple[int, ...]) -> NDArray[np.bool_]:
    """Return where all cells under a window are 0."""
    counts = np.pad((cells != 0).astype(np.int64), ((1, 0), (1, 0))).cumsum(0).cumsum(1)
    down, across = kernel
    corners = counts[down:] - counts[:-down]
    nothing: NDArray[np.bool_] = corners[:, across:] == corners[:, :-across]
    return nothing

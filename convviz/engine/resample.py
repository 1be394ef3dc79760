"""Images at another number of rows and columns."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray


def scale_to(image: NDArray[Any], rows: int, columns: int, *, method: str = "area") -> NDArray[Any]:
    """(..., rows, columns) at another size, by one of SCALINGS.

    "area" averages what falls into each new cell, in parts where a cell is cut, so that a constant
    image stays constant and the mean stays the mean. "nearest" takes the middle of it, so that no
    new value arises.
    """
    if rows < 1 or columns < 1:
        raise ValueError(f"an image cannot have {rows} rows and {columns} columns")
    return SCALINGS[method](image, rows, columns)


def scale_down(image: NDArray[Any], side: int) -> NDArray[Any]:
    """(..., rows, columns) with `side` cells on the longer side, each the mean of its area.

    A smaller image stays as it is. Whole numbers, unless they are only 0 and 1, stay whole, so
    that they can be read and multiplied in the head.
    """
    if max(image.shape[-2:]) <= side:
        return image
    scaled = scale_to(image, *scaled_size((image.shape[-2], image.shape[-1]), side))
    whole = image.max() > 1 and np.array_equal(image, image.round())
    return scaled.round() if whole else scaled


def scaled_size(shape: tuple[int, int], side: int) -> tuple[int, int]:
    """Rows and columns when the longer of them becomes `side`."""
    rows, columns = (max(round(size * side / max(shape)), 1) for size in shape)
    return rows, columns


def _area(image: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    by_rows = _averaged(image, rows, -2)
    return _averaged(by_rows, columns, -1).astype(np.result_type(image, np.float32))


def _averaged(image: NDArray[Any], count: int, axis: int) -> NDArray[np.float64]:
    """Averages along an axis: whole cells between the new borders, and parts of those under them.

    Nothing is as large as the image but the image.
    """
    size = image.shape[axis]
    borders = np.arange(count + 1) * size / count
    cells = np.minimum(borders.astype(np.intp), size - 1)
    along = [1] * image.ndim
    along[axis] = -1
    sums = np.add.reduceat(image, cells, axis=axis, dtype=np.float64)
    sums = np.take(sums, range(count), axis=axis)  # the last goes from the last border to the end
    sums *= (np.diff(cells) > 0).reshape(along)  # where two borders cut one cell, reduceat takes it
    parts = (borders - cells).reshape(along) * np.take(image, cells, axis=axis)
    averages: NDArray[np.float64] = (sums + np.diff(parts, axis=axis)) * (count / size)
    return averages


def _nearest(image: NDArray[Any], rows: int, columns: int) -> NDArray[Any]:
    return image[..., _middles(image.shape[-2], rows)[:, None], _middles(image.shape[-1], columns)]


def _middles(size: int, count: int) -> NDArray[np.int64]:
    return (2 * np.arange(count) + 1) * size // (2 * count)


SCALINGS: Mapping[str, Callable[[NDArray[Any], int, int], NDArray[Any]]] = MappingProxyType(
    {"area": _area, "nearest": _nearest}
)

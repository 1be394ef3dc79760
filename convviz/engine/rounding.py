"""Rounding: how far a sum of floats can be from the exact one, and when it is shown as 0.

Every cell is judged by its own terms, never by the largest cell of its map:

- The error of adding n terms one by one is at most n u times the sum of their sizes, without their
  signs; u = eps / 2 is half of what a float can tell (2.2e-16, or 1.2e-7 for float32). Every way
  of computing keeps to that bound, cell by cell.
- **Rounding noise** is a sum that is not larger than that error: 0.1 + 0.2 - 0.3 leaves 5.6e-17.
- Noise is shown as 0 on the screen and in numbers printed as text, and it is said: by a wavy equals
  sign, or by a line beside the text. Never in numbers for programs: files, JSON, Python and what
  the next layer reads have what was computed.
"""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from convviz.engine.padding import Array

MORE_ROUNDINGS = 4  # of both factors, of the bias, of the result


def rounding_error(sizes: ArrayLike, terms: int, dtype: DTypeLike) -> Array:
    """Return how far sums of floats can be from the exact ones.

    Parameters
    ----------
    sizes : array, the sums of the terms without their signs
    terms : how many terms a sum has
    dtype : the kind of float in which they are added

    Examples
    --------
    >>> rounding_error([1.0], 9, np.float64)
    array([1.44328993e-15])
    """
    info = np.finfo(dtype)
    unit = float(info.eps) / 2
    with np.errstate(over="ignore"):
        error: Array = (terms + MORE_ROUNDINGS) * (
            unit * np.asarray(sizes, np.float64) + float(info.smallest_subnormal)
        )
    return error


def denoised(sums: ArrayLike, sizes: ArrayLike, terms: int, lost: ArrayLike = 0.0) -> Array:
    """Return `sums` with 0 where they are rounding noise, for showing.

    Parameters
    ----------
    sums : array
    sizes : array of that shape, the sums of the terms without their signs
    terms : how many terms a sum has
    lost : array of that shape, what noise in the terms, which is shown as 0, adds

    Examples
    --------
    >>> denoised([0.1 + 0.2 - 0.3, 0.1 + 0.2], [0.6, 0.3], 3)
    array([0. , 0.3])
    """
    found = np.asarray(sums)
    noise = rounding_error(sizes, terms, found.dtype) + lost
    return np.where((np.abs(found) <= noise) & np.isfinite(noise), found.dtype.type(0), found)


def is_whole(values: Array) -> bool:
    """Return whether all numbers are whole.

    >>> is_whole(np.array([1.0, -2.0])), is_whole(np.array([0.5]))
    (True, False)
    """
    return np.array_equal(values, np.rint(values))


def largest_whole(dtype: DTypeLike) -> float:
    """Return below which size floats hold every whole number, and sums of such are exact.

    >>> largest_whole(np.float64) == 2**53
    True
    """
    return float(2.0 ** (np.finfo(dtype).nmant + 1))

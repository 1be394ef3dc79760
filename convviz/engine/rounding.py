"""Rounding: how far a sum of floats can be from the exact one, and when it is shown as 0.

Every cell is judged by its own terms, never by the largest cell of its map:

- The error of adding n terms one by one is at most n u times the sum of their sizes, without their
  signs; u = eps / 2 is half of what a float can tell (2.2e-16, or 1.2e-7 for float32). Every way
  of computing keeps to that bound, cell by cell.
- **Rounding noise** is a sum that is not larger than NOISE_EPS eps times the sum of the sizes of
  its terms: 0.1 + 0.2 - 0.3 leaves 5.6e-17, which no term has.
- Noise is shown as 0 on the screen and where numbers are printed as text for people, and it is said: by
  a wavy equals sign in an equation, by a line beside printed text. Never in numbers for programs:
  files, JSON, Python, and what the next layer reads have what was computed.
"""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from convviz.engine.padding import Array

NOISE_EPS = 4


def denoised(sums: ArrayLike, sizes: ArrayLike, lost: ArrayLike = 0.0) -> Array:
    """Return `sums` with 0 where they are rounding noise, for showing.

    Parameters
    ----------
    sums : array
    sizes : array of that shape, the sums of the terms without their signs
    lost : array of that shape, what noise in the terms themselves can bring about

    Examples
    --------
    >>> denoised([0.1 + 0.2 - 0.3, 0.1 + 0.2], [0.6, 0.3])
    array([0. , 0.3])
    """
    found = np.asarray(sums)
    noise = NOISE_EPS * np.finfo(found.dtype).eps * np.asarray(sizes) + lost
    return np.where((np.abs(found) <= noise) & np.isfinite(noise), found.dtype.type(0), found)


def error_bound(sizes: ArrayLike, terms: int, dtype: DTypeLike) -> Array:
    """Return how far two ways of adding up can be from each other, each within its bound.

    Parameters
    ----------
    sizes : array, the sums of the terms without their signs
    terms : how many terms a sum has
    dtype : the kind of float in which they are added

    Examples
    --------
    >>> error_bound([1.0], 9, np.float64)
    array([2.88657986e-15])
    """
    info = np.finfo(dtype)
    roundings = terms + 4  # a bias, and both factors and the result held as such floats
    with np.errstate(over="ignore"):
        bound: Array = roundings * (
            float(info.eps) * np.asarray(sizes, np.float64) + float(info.smallest_subnormal)
        )
    return bound


def is_whole(values: Array) -> bool:
    """Return whether all numbers are whole.

    >>> is_whole(np.array([1.0, -2.0])), is_whole(np.array([0.5]))
    (True, False)
    """
    return np.array_equal(values, np.rint(values))


def largest_whole(dtype: DTypeLike) -> float:
    """Return up to which size floats hold every whole number, and sums of such are exact.

    >>> largest_whole(np.float64) == 2**53
    True
    """
    return float(2.0 ** (np.finfo(dtype).nmant + 1))

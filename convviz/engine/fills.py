"""FILLS: what a block of cells can be filled with, or turned into, as data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from convviz.engine.padding import Array

DIGITS = 2  # of random numbers, so that they can be read


@dataclass(frozen=True)
class Fill:
    """A fill by name; `function` takes a block (rows, columns) and a seed.

    One that `turns` makes a block of columns by rows.
    """

    name: str
    title: str
    summary: str
    function: Callable[[Array, int], Array]
    turns: bool = False


def uniform(block: Array, seed: int) -> Array:
    """Return numbers drawn from 0 to 1, the same for the same seed."""
    return np.random.default_rng(seed).random(block.shape).round(DIGITS)


def normal(block: Array, seed: int) -> Array:
    """Return numbers drawn around 0 with deviation 1, the same for the same seed."""
    return np.random.default_rng(seed).normal(size=block.shape).round(DIGITS)


def integers(block: Array, seed: int) -> Array:
    """Return whole numbers drawn from 0 to 9, the same for the same seed."""
    return np.random.default_rng(seed).integers(0, 10, block.shape).astype(np.float64)


def gradient(block: Array, _seed: int = 0) -> Array:
    """Return numbers that rise from the first cell, 0, to the last.

    >>> gradient(np.zeros((2, 3)))
    array([[0., 1., 2.],
           [1., 2., 3.]])
    """
    rows, columns = (np.arange(size, dtype=np.float64) for size in block.shape)
    rising: Array = rows[:, None] + columns
    return rising


def checkerboard(block: Array, _seed: int = 0) -> Array:
    """Return ones and zeros in turn.

    >>> checkerboard(np.zeros((2, 3)))
    array([[1., 0., 1.],
           [0., 1., 0.]])
    """
    return 1 - gradient(block) % 2


def inverted(block: Array, _seed: int = 0) -> Array:
    """Return dark for light: the largest number plus the smallest, minus each.

    >>> inverted(np.array([[0.0, 1.0, 5.0]]))
    array([[5., 4., 0.]])
    """
    turned: Array = block.max() - block + block.min()
    return turned


def half_turned(block: Array, _seed: int = 0) -> Array:
    """Return the block turned by 180°."""
    return np.flip(block)


def mirrored(block: Array, _seed: int = 0) -> Array:
    """Return left for right."""
    return np.fliplr(block)


def upside_down(block: Array, _seed: int = 0) -> Array:
    """Return top for bottom."""
    return np.flipud(block)


def quarter_turned(block: Array, _seed: int = 0) -> Array:
    """Return the block turned by 90° clockwise, rows by columns becoming columns by rows.

    >>> quarter_turned(np.array([[1.0, 2.0, 3.0]])).tolist()
    [[1.0], [2.0], [3.0]]
    """
    return np.rot90(block, -1, axes=(-2, -1))


def cleared(block: Array, _seed: int = 0) -> Array:
    """Return zeros."""
    return np.zeros_like(block)


def from_0_to_1(block: Array, _seed: int = 0) -> Array:
    """Return numbers scaled so that the smallest is 0 and the largest 1; equal ones stay.

    >>> from_0_to_1(np.array([[2.0, 3.0, 6.0]]))
    array([[0.  , 0.25, 1.  ]])
    """
    low, reach = block.min() / 2, block.max() / 2 - block.min() / 2  # halves do not overflow
    return (block / 2 - low) / reach if reach else block


FILLS = {
    fill.name: fill
    for fill in (
        Fill("uniform", "Random 0 to 1", "Numbers from 0 to 1, all as likely", uniform),
        Fill("normal", "Random normal", "Numbers around 0 with deviation 1", normal),
        Fill("integers", "Random digits", "Whole numbers from 0 to 9", integers),
        Fill("gradient", "Gradient", "Numbers that rise to the right and down", gradient),
        Fill("checkerboard", "Checkerboard", "Ones and zeros in turn", checkerboard),
        Fill("clear", "Zeros", "0 in every cell", cleared),
        Fill("invert", "Invert", "Dark for light: largest + smallest − each", inverted),
        Fill("turn", "Turn by 90°", "Turned by 90° clockwise", quarter_turned, turns=True),
        Fill("half-turn", "Turn by 180°", "Turned by 180°", half_turned),
        Fill("mirror", "Mirror left-right", "Left for right", mirrored),
        Fill("flip", "Mirror up-down", "Top for bottom", upside_down),
        Fill("scale", "Scale to 0..1", "The smallest number becomes 0, the largest 1", from_0_to_1),
    )
}

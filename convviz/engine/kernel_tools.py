"""KERNEL_CHANGES: what can be done to a kernel, as data; and the two vectors it may be made of."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm, log10, prod
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.padding import Array
from convviz.engine.problems import LayerError, Shape
from convviz.engine.settings import checked_numbers, finite

TOLERANCE = 1e-9  # of the largest singular value: what lies below it is rounding
EXACT = 1e-12  # of the largest weight of a vector: nearer than this is whole
LARGEST_WHOLE = 1000


@dataclass(frozen=True)
class KernelChange:
    """A change of a kernel (*kernel) by name; a turn leaves a kernel of one axis as it is."""

    name: str
    title: str
    summary: str
    function: Callable[[Array], Array]


def normalised(kernel: ArrayLike) -> Array:
    """Return `kernel` (*kernel) divided by its sum; by the sum of the sizes where its sum is 0.

    Examples
    --------
    >>> normalised([1, 3]), normalised([1, 0, -1])
    (array([0.25, 0.75]), array([ 0.5,  0. , -0.5]))
    """
    weights = checked_numbers(kernel)
    scale, total = _scaled_divisor(weights)
    return weights / scale / total


def normalising_divisor(kernel: ArrayLike) -> float:
    """Return by what `normalised` divides `kernel` (*kernel).

    Examples
    --------
    >>> normalising_divisor([1, 3]), normalising_divisor([1, -1]), normalising_divisor([0, 0])
    (4.0, 2.0, 1.0)
    """
    scale, total = _scaled_divisor(checked_numbers(kernel))
    return scale * total


def _scaled_divisor(weights: Array) -> tuple[float, float]:
    """Return a power of 2 with which no sum overflows, and the divisor in it."""
    if not weights.any():
        return 1.0, 1.0
    scale = _power_of_two(weights)
    total, sizes = float((weights / scale).sum()), float(np.abs(weights / scale).sum())
    return scale, total if abs(total) > TOLERANCE * sizes else sizes


def _power_of_two(weights: Array) -> float:
    """Return the power of 2 next to the largest weight: dividing by it rounds nothing."""
    return float(2.0 ** np.frexp(np.abs(weights).max())[1].clip(-1000, 1000))


def divided(kernel: ArrayLike, divisor: float) -> Array:
    """Return `kernel` (*kernel) divided by `divisor`.

    Raises
    ------
    LayerError
        When the divisor is 0 or no finite number, or so small that a weight has no end.

    Examples
    --------
    >>> divided([[1, 2, 1]], 4)
    array([[0.25, 0.5 , 0.25]])
    """
    number = finite(divisor, "the divisor")
    if number == 0:
        raise LayerError("a kernel cannot be divided by 0")
    with np.errstate(over="ignore"):
        return checked_numbers(checked_numbers(kernel) / number)


def random_kernel(shape: Shape, seed: int) -> Array:
    """Return weights, the same for the same seed, of a kernel (*kernel) or of all kernels.

    They are uniform in ±1/sqrt(n), as torch draws them, where n weights make one output cell,
    rounded to 2 decimals; to more where n is above 100.

    Parameters
    ----------
    shape : (*kernel), or (out_channels, in_channels/groups, *kernel)
    seed : whole number from 0

    Examples
    --------
    >>> random_kernel((2, 2), 0)
    array([[ 0.14, -0.23],
           [-0.46, -0.48]])
    """
    bound = float(prod(shape[1:] if len(shape) > 2 else shape) ** -0.5)
    drawn = np.random.default_rng(seed).uniform(-bound, bound, shape)
    rounded: Array = np.round(drawn, max(2, 1 - int(np.floor(log10(bound))))) + 0.0  # no -0.0
    return rounded


def kernel_rank(kernel: ArrayLike) -> int:
    """Return how many products of a column and a row make up `kernel` (rows, columns).

    >>> kernel_rank(np.eye(3)), kernel_rank(np.ones((3, 3))), kernel_rank(np.zeros((3, 3)))
    (3, 1, 0)
    """
    sizes = np.linalg.svd(np.atleast_2d(checked_numbers(kernel)), compute_uv=False)
    return int(np.count_nonzero(sizes > TOLERANCE * sizes[0]))


class Factors(NamedTuple):
    """Vectors (rows,) and (columns,) whose outer product is a kernel."""

    column: Array
    row: Array


def separated(kernel: ArrayLike) -> Factors | None:
    """Return the column and the row whose product is `kernel` (rows, columns), None unless rank 1.

    Each is of whole numbers where that is possible; what remains stands in the column.

    Examples
    --------
    >>> separated([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
    Factors(column=array([1., 2., 1.]), row=array([-1.,  0.,  1.]))
    >>> separated(np.eye(2)) is None
    True
    """
    weights = checked_numbers(kernel).astype(np.float64)
    if weights.ndim != 2 or kernel_rank(weights) != 1:
        return None
    i, j = np.unravel_index(int(np.abs(weights).argmax()), weights.shape)
    row, column = _wholes(weights[i] / weights[i, j]), _wholes(weights[:, j] / weights[i, j])
    if row is None and column is not None:
        row = weights[i] / column[i]
    else:
        row = weights[i] if row is None else row
        column = weights[:, j] / row[j]
    sign = _sign(column, row)
    return Factors(_tidy(sign * column), _tidy(sign * row))


def _wholes(ratios: Array) -> Array | None:
    """Return the smallest whole numbers that stand in these ratios, None where none do."""
    parts = [Fraction(ratio).limit_denominator(LARGEST_WHOLE) for ratio in ratios.tolist()]
    least = lcm(*(part.denominator for part in parts))
    wholes = np.array([float(part * least) for part in parts])
    exact = np.abs(wholes / least - ratios).max() <= EXACT
    return wholes if least <= LARGEST_WHOLE and exact else None


def _sign(column: Array, row: Array) -> float:
    """Return the sign with which the row adds up to more than 0, else the column."""
    for vector in (row, column):
        if abs(vector.sum()) > TOLERANCE * np.abs(vector).sum():
            return float(np.sign(vector.sum()))
    return float(np.sign(row[np.flatnonzero(row)[0]]))


def _tidy(vector: Array) -> Array:
    """Return `vector` with whole numbers where rounding alone makes the difference; no -0.0."""
    near = np.round(vector)
    whole = np.abs(near - vector).max() <= EXACT * np.abs(vector).max()
    return (near if whole else vector) + 0.0


def _turned(quarters: int) -> Callable[[Array], Array]:
    return lambda kernel: np.rot90(kernel, quarters) if kernel.ndim == 2 else kernel


def _upside_down(kernel: Array) -> Array:
    return np.flip(kernel, 0) if kernel.ndim == 2 else kernel


def _mirrored(kernel: Array) -> Array:
    return np.flip(kernel, -1)


def _negated(kernel: Array) -> Array:
    opposite: Array = 0.0 - kernel  # -kernel would make -0.0 of 0.0
    return opposite


KERNEL_CHANGES = {
    change.name: change
    for change in (
        KernelChange(
            "flip-horizontally", "Flip horizontally", "Left becomes right: mirrored.", _mirrored
        ),
        KernelChange(
            "flip-vertically", "Flip vertically", "The top row becomes the last.", _upside_down
        ),
        KernelChange("rotate-left", "Rotate left", "A quarter turn against the clock.", _turned(1)),
        KernelChange("rotate-right", "Rotate right", "A quarter turn with the clock.", _turned(-1)),
        KernelChange(
            "transpose", "Transpose", "Rows become columns: what was x becomes y.", np.transpose
        ),
        KernelChange(
            "negate", "Negate", "Every weight with the other sign: light becomes dark.", _negated
        ),
        KernelChange("double", "Double", "Every weight times 2.", lambda k: divided(k, 0.5)),
        KernelChange("halve", "Halve", "Every weight divided by 2.", lambda k: divided(k, 2)),
        KernelChange(
            "normalise",
            "Normalise",
            "Divided by the sum of the weights, so that flat areas keep their value; by the sum of "
            "their absolute values where the sum is 0.",
            normalised,
        ),
    )
}

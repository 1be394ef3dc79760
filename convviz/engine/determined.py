"""What images determine of a kernel, and how large a step of gradient descent may be."""

from dataclasses import dataclass
from functools import cached_property
from math import inf

import numpy as np

from convviz.engine.geometry import PerAxis, counted
from convviz.engine.kernel_tools import TOLERANCE
from convviz.engine.padding import Array
from convviz.engine.settings import frozen_array


@dataclass(frozen=True, eq=False)
class Determined:
    """What windows determine of the kernel (in_channels, *kernel) that slides over them.

    Parameters
    ----------
    columns : array (numbers, windows): the cells that each number of the kernel meets, in the
        order of the kernel; a last row of ones where a bias is learnt too
    shape : (in_channels, *kernel)

    Examples
    --------
    >>> stripes = Determined(np.array([[1.0, 2.0, 1.0], [1.0, 2.0, 1.0]]), (1, 2))
    >>> stripes.rank, stripes.kernels[0]
    (1, array([[-1.,  1.]]))
    """

    columns: Array
    shape: PerAxis

    @property
    def numbers(self) -> int:
        """How many numbers are looked for, the bias included."""
        return len(self.columns)

    @cached_property
    def _values_and_directions(self) -> tuple[Array, Array]:
        small = np.linalg.qr(self.columns.T, mode="r")  # as many rows as numbers, at most
        _, values, directions = np.linalg.svd(small)
        return values, directions

    @property
    def largest_singular_value(self) -> float:
        """The largest singular value of the windows as a matrix (im2col)."""
        return float(self._values_and_directions[0].max(initial=0))

    @property
    def rank(self) -> int:
        """How many of the numbers the windows determine."""
        values = self._values_and_directions[0]
        return int(np.count_nonzero(values > TOLERANCE * values.max(initial=0)))

    @property
    def is_complete(self) -> bool:
        """Whether the windows determine all of the kernel."""
        return self.rank == self.numbers

    @cached_property
    def directions(self) -> Array:
        """What can be added to kernel and bias without any effect: (directions, numbers).

        The whole numbers, as far as possible, of a row echelon form: each changes few weights.
        """
        _, directions = self._values_and_directions
        return frozen_array(_sparse(directions[self.rank :]))

    @property
    def kernels(self) -> Array:
        """What can be added to a kernel without any effect: (directions, in_channels, *kernel)."""
        cells = int(np.prod(self.shape))
        return self.directions[:, :cells].reshape(-1, *self.shape)

    def bound(self, slope: float = 1.0, weight_decay: float = 0.0) -> float:
        """Return the learning rate above which gradient descent on the mean squared error diverges.

        N / sigma^2 for N windows, sigma their largest singular value; less with an activation
        steeper than 1 or with weight decay. Infinite where nothing depends on the kernel.

        Examples
        --------
        >>> round(Determined(np.array([[1.0, 2.0]]), (1, 1)).bound(), 9)
        0.4
        """
        sigma, count = self.largest_singular_value * slope, self.columns.shape[1]
        curvature = 2 * sigma * sigma / count + weight_decay
        return 2 / curvature if curvature else inf

    @property
    def sentence(self) -> str:
        """What the input determines, in one sentence."""
        numbers = counted(self.numbers, "number")
        if self.is_complete:
            return (
                f"the input determines all {numbers}"
                if self.numbers > 1
                else ("the input determines the one number")
            )
        free = counted(self.numbers - self.rank, "direction")
        return (
            f"the input determines {self.rank} of {numbers}: in {free} the kernel can change "
            "without any effect on the map"
        )


def _sparse(basis: Array) -> Array:
    """Return vectors that span the same as rows of `basis`, each with few numbers that are not 0.

    >>> _sparse(np.array([[2.0, 2.0, 0.0], [1.0, 0.0, 1.0]]))
    array([[1., 1., 0.],
           [1., 0., 1.]])
    """
    rows, done = basis.copy(), 0
    for column in reversed(range(rows.shape[1])):
        if done == len(rows):
            break
        pivot = done + int(np.abs(rows[done:, column]).argmax())
        if abs(rows[pivot, column]) < TOLERANCE:
            continue
        rows[[done, pivot]] = rows[[pivot, done]]
        rows[done] /= rows[done, column]
        others = np.arange(len(rows)) != done
        rows[others] -= rows[others, column, None] * rows[done]
        done += 1
    near = np.round(rows, 9)
    tidy: Array = np.where(np.abs(near - rows) < TOLERANCE, near, rows)[::-1] + 0.0
    return tidy

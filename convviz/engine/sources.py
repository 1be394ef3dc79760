"""Which cells of an axis the places along it are made of: themselves, copies, or blends."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from convviz.engine.geometry import PerAxis

Indices = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Sources:
    """Of which cells of an axis each place along it is the weighted sum.

    Attributes
    ----------
    cells : array (places, terms), the cells; -1 where there is none
    weights : array (places, terms), what each is multiplied by; 0 where there is none

    Examples
    --------
    >>> half = Sources(np.array([[-1], [0], [1]]), np.array([[0.0], [0.5], [1.0]]))
    >>> half.of(1), half.made_from(np.array([6.0, 8.0]), 0)
    (((0, 0.5),), array([0., 3., 8.]))
    """

    cells: Indices
    weights: NDArray[np.float64]

    @classmethod
    def copied(cls, cells: Indices) -> Self:
        """Return sources of places that each hold one cell; -1 stands for none.

        >>> Sources.copied(np.array([-1, 0, 1, 1])).places_of(1)
        array([2, 3])
        """
        return cls(cells[:, None], (cells >= 0).astype(np.float64)[:, None])

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which places are made of cells at all: (places,)."""
        known: NDArray[np.bool_] = np.logical_or.reduce(self.cells >= 0, axis=1)
        return known

    @cached_property
    def copies(self) -> bool:
        """Whether each place holds one cell as it is, or none."""
        return self.cells.shape[1] == 1 and bool(np.all(self.weights == (self.cells >= 0)))

    def part(self, places: slice | Indices) -> "Sources":
        """Return the sources of some places."""
        return Sources(self.cells[places], self.weights[places])

    def of(self, place: int) -> tuple[tuple[int, float], ...]:
        """Return the cells that a place is made of, each with its weight."""
        pairs = zip(self.cells[place].tolist(), self.weights[place].tolist(), strict=True)
        return tuple(pair for pair in pairs if pair[0] >= 0)

    def cells_of(self, places: Iterable[int]) -> PerAxis:
        """Return all cells that some places are made of, in order.

        >>> Sources.copied(np.array([1, 0, 1, -1])).cells_of((0, 2, 3))
        (1,)
        """
        held = self.cells[list(places)]
        return tuple(np.unique(held[held >= 0]).tolist())

    def places_of(self, cell: int) -> Indices:
        """Return the places that a cell is part of."""
        return np.flatnonzero((self.cells == cell).any(axis=1))

    def places_within(self, cells: range) -> Indices:
        """Return the places that any of `cells`, neighbours, is part of."""
        held = (self.cells >= cells.start) & (self.cells < cells.stop)
        return np.flatnonzero(held.any(axis=1))

    def made_from(self, array: NDArray[Any], axis: int, fill: float = 0.0) -> NDArray[Any]:
        """Return `array` with the places instead of its cells along `axis`; unknown ones `fill`."""
        moved = np.moveaxis(array, axis, 0)
        if self.copies:
            made = moved[self.cells[:, 0]]
        else:
            weights = self._along(moved.ndim).astype(np.result_type(array, np.float32))
            terms = range(self.cells.shape[1])
            made = np.sum([moved[self.cells[:, n]] * weights[n] for n in terms], axis=0)
        made[~self.known] = fill
        return np.moveaxis(made, 0, axis)

    def add_back(self, values: NDArray[Any], onto: NDArray[Any]) -> None:
        """Add what places (places, ...) have got to their cells `onto` (cells, ...).

        This is the adjoint of `made_from` along the first axis.
        """
        weights = self._along(values.ndim)
        for number in range(self.cells.shape[1]):
            cells = self.cells[:, number]
            known = cells >= 0
            np.add.at(onto, cells[known], (values * weights[number])[known])

    def _along(self, axes: int) -> NDArray[np.float64]:
        """Return the weights (terms, places, 1, ...) for arrays with so many axes."""
        return self.weights.T.reshape(*self.weights.T.shape, *[1] * (axes - 1))

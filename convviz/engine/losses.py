"""LOSSES: how far a prediction is from its target, as one number, as data."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from convviz.engine.padding import Array


@dataclass(frozen=True)
class Loss:
    """A mean over the cells of an error, prediction - target, and its slope in each of them."""

    name: str
    title: str
    formula: str
    summary: str
    value: Callable[[Array], float]
    slope: Callable[[Array], Array]


def mean_squared(error: Array) -> float:
    """Return the mean of the squares.

    >>> mean_squared(np.array([1.0, -3.0]))
    5.0
    """
    return float((error * error).mean())


def mean_absolute(error: Array) -> float:
    """Return the mean without signs.

    >>> mean_absolute(np.array([1.0, -3.0]))
    2.0
    """
    return float(np.abs(error).mean())


LOSSES = {
    loss.name: loss
    for loss in (
        Loss(
            "mse",
            "Mean squared error",
            "mean of (prediction − target)²",
            "Large errors count most; the gradient fades as the errors do, so it settles.",
            mean_squared,
            lambda error: 2 / error.size * error,
        ),
        Loss(
            "l1",
            "Mean absolute error",
            "mean of |prediction − target|",
            "Errors count as they are, so outliers pull less; the gradient does not fade, so the "
            "kernel hovers around the target.",
            mean_absolute,
            lambda error: np.sign(error) / error.size,
        ),
    )
}

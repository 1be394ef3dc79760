"""ACTIVATIONS: functions applied to each cell of a feature map, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
LEAK = 0.01


@dataclass(frozen=True)
class ActivationFunction:
    """A function of one cell, its derivative, and how it is written."""

    name: str
    title: str
    formula: str
    apply: Callable[[Array], Array]
    derivative: Callable[[Array], Array]


def _identity(x: Array) -> Array:
    return x


def _relu(x: Array) -> Array:
    positive: Array = np.maximum(x, 0)
    return positive


def _leaky_relu(x: Array) -> Array:
    return np.where(x > 0, x, LEAK * x)


def _sigmoid(x: Array) -> Array:
    decay = np.exp(-np.abs(x))
    squashed: Array = np.where(x >= 0, 1, decay) / (1 + decay)
    return squashed


def _step(x: Array) -> Array:
    return (x > 0).astype(x.dtype)


ACTIVATIONS = {
    a.name: a
    for a in (
        ActivationFunction("none", "none", "x", _identity, np.ones_like),
        ActivationFunction("relu", "ReLU", "max(0, x)", _relu, _step),
        ActivationFunction(
            "leaky_relu",
            "leaky ReLU",
            f"x if x > 0, else {LEAK} x",
            _leaky_relu,
            lambda x: np.where(x > 0, 1.0, LEAK).astype(x.dtype),
        ),
        ActivationFunction(
            "sigmoid",
            "sigmoid",
            "1 / (1 + e^(-x))",
            _sigmoid,
            lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
        ),
        ActivationFunction("tanh", "tanh", "tanh x", np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    )
}

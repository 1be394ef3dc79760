"""Activations as graphs of ONNX, for ONNX Runtime to compute."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from convviz.engine.layers import Activation
from convviz.engine.padding import Array
from convviz.engine.problems import NotInLibrary

LEAST_THRESHOLD = 16.0  # beyond it ln(1 + e^x) is x in float32: ONNX has no threshold


@dataclass(frozen=True, eq=False)
class Node:
    """An operator, what it reads (the image, constants, what nodes make) and what it makes."""

    operator: str
    inputs: tuple[str, ...] = ("image",)
    output: str = "maps"
    attributes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes that make "maps" of "image", and their constants."""

    nodes: tuple[Node, ...]
    constants: Mapping[str, Array] = field(default_factory=dict)


def _one(operator: str, **attributes: float | str) -> Graph:
    return Graph((Node(operator, attributes=attributes),))


def _weighted(shape: tuple[int, ...], weight: Sequence[float]) -> Graph:
    slope = np.reshape(weight, (-1, *[1] * (len(shape) - 1)))
    return Graph((Node("PRelu", ("image", "slope")),), {"slope": slope})


def _within(low: float, high: float) -> Graph:
    constants = {"low": np.array(low), "high": np.array(high)}
    return Graph((Node("Clip", ("image", "low", "high")),), constants)


def _gated(_shape: tuple[int, ...]) -> Graph:
    return Graph((Node("Sigmoid", output="gate"), Node("Mul", ("image", "gate"))))


def _softplus(_shape: tuple[int, ...], beta: float, threshold: float) -> Graph:
    if threshold < LEAST_THRESHOLD:
        raise NotInLibrary("a threshold of Softplus")
    return Graph(
        (
            Node("Mul", ("image", "beta"), "scaled"),
            Node("Softplus", ("scaled",), "smooth"),
            Node("Div", ("smooth", "beta")),
        ),
        {"beta": np.array(beta)},
    )


ACTIVATIONS: Mapping[str, Callable[..., Graph]] = {
    "none": lambda _: _one("Identity"),
    "relu": lambda _: _one("Relu"),
    "leaky_relu": lambda _, negative_slope: _one("LeakyRelu", alpha=negative_slope),
    "prelu": _weighted,
    "elu": lambda _, alpha: _one("Elu", alpha=alpha),
    "relu6": lambda _: _within(0.0, 6.0),
    "gelu": lambda _, approximate: _one("Gelu", approximate=approximate),
    "silu": _gated,
    "hardswish": lambda _: _one("HardSwish"),
    "sigmoid": lambda _: _one("Sigmoid"),
    "hardsigmoid": lambda _, alpha, beta: _one("HardSigmoid", alpha=alpha, beta=beta),
    "tanh": lambda _: _one("Tanh"),
    "softplus": _softplus,
}


def activation_graph(activation: Activation, shape: tuple[int, ...]) -> Graph:
    """Return an activation of an image of `shape` (channels, *spatial).

    Raises
    ------
    NotInLibrary
        When ONNX has no such activation.
    """
    if activation.name not in ACTIVATIONS:
        raise NotInLibrary(activation.name)
    return ACTIVATIONS[activation.name](shape, **activation.settings)

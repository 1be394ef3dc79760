"""Layers of every kind: frozen settings, sizes, and the sentence that says what does not fit."""

from dataclasses import dataclass

from convviz.engine.activations import ACTIVATIONS, ActivationFunction
from convviz.engine.conv_layer import Conv, ConvSettings
from convviz.engine.pool_layer import Pool
from convviz.engine.problems import Fix, LayerError, Problem, Shape
from convviz.engine.settings import named
from convviz.engine.transpose_layer import ConvTranspose

__all__ = [
    "Activation",
    "Conv",
    "ConvSettings",
    "ConvTranspose",
    "Fix",
    "KernelLayer",
    "Layer",
    "LayerError",
    "Pool",
    "Problem",
    "Shape",
]


@dataclass(frozen=True)
class Activation:
    """An activation layer: one function of ACTIVATIONS for every cell.

    >>> Activation("relu").function.formula
    'max(0, x)'
    """

    name: str = "relu"

    def __post_init__(self) -> None:
        named(self.name, ACTIVATIONS, "activation")

    def __repr__(self) -> str:
        """Return its name."""
        return f"Activation({self.name})"

    @property
    def function(self) -> ActivationFunction:
        """The function, its derivative and its formula."""
        return ACTIVATIONS[self.name]

    def output_shape(self, shape: Shape) -> Shape:
        """Return `shape`: cells keep their places."""
        return shape

    def problem(self, _shape: Shape) -> Problem | None:
        """Return None: an activation fits every input."""
        return None


KernelLayer = Conv | ConvTranspose
Layer = KernelLayer | Pool | Activation

"""OPTIMIZERS: what a gradient changes, by torch's rules and words."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from convviz.engine.padding import Array
from convviz.engine.problems import LayerError
from convviz.engine.settings import finite, named

Moments = tuple[Array, ...]  # what an optimizer remembers, each in the shape of the weights


@dataclass(frozen=True)
class Optimizer:
    """A rule by name; `settings` are those of `Descent` that it goes by, besides weight_decay.

    `step` takes the settings, the gradient, what was remembered and the number of the step from 1,
    and returns what is added to the weights, for a learning rate of 1, and what is remembered.
    """

    name: str
    title: str
    summary: str
    settings: tuple[str, ...]
    remembered: int
    step: Callable[["Descent", Array, Moments, int], tuple[Array, Moments]]


def _plain(
    _settings: "Descent", gradient: Array, _moments: Moments, _number: int
) -> tuple[Array, Moments]:
    return -gradient, ()


def _heavy(
    settings: "Descent", gradient: Array, moments: Moments, _number: int
) -> tuple[Array, Moments]:
    velocity = settings.momentum * moments[0] + gradient
    return -velocity, (velocity,)


def _adam(
    settings: "Descent", gradient: Array, moments: Moments, number: int
) -> tuple[Array, Moments]:
    (first, second), (mean, square) = settings.betas, moments
    mean = first * mean + (1 - first) * gradient
    square = second * square + (1 - second) * (gradient * gradient)
    size = np.sqrt(square / (1 - second**number)) + settings.eps
    return -(mean / (1 - first**number)) / size, (mean, square)


OPTIMIZERS = {
    optimizer.name: optimizer
    for optimizer in (
        Optimizer(
            "sgd",
            "Gradient descent",
            "Each weight goes against its gradient, times the learning rate.",
            (),
            0,
            _plain,
        ),
        Optimizer(
            "momentum",
            "Momentum",
            "Steps keep going: each is the gradient plus a part of the step before, as a ball "
            "rolls through a valley.",
            ("momentum",),
            1,
            _heavy,
        ),
        Optimizer(
            "adam",
            "Adam",
            "Each weight has a step of its own: its mean gradient divided by its usual size, so "
            "that none moves by much more than the learning rate.",
            ("betas", "eps"),
            2,
            _adam,
        ),
    )
}


@dataclass(frozen=True)
class Descent:
    """How weights go down a loss.

    Parameters
    ----------
    optimizer : a name in OPTIMIZERS
    lr : the learning rate, above 0; None lets whoever uses it choose
    momentum : from 0 to below 1: what stays of the step before ("momentum" only)
    betas : from 0 to below 1: what stays of the mean gradient and of its mean square ("adam" only)
    eps : from 0: added to the size that "adam" divides by
    weight_decay : from 0: times each weight, added to its gradient

    Raises
    ------
    LayerError
        When a setting cannot be.

    Examples
    --------
    >>> Descent(lr=0.5).step(np.array([3.0]), np.array([2.0]), (), 1)
    (array([-1.]), ())
    """

    optimizer: str = "sgd"
    lr: float | None = None
    momentum: float = 0.9
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0

    def __post_init__(self) -> None:
        named(self.optimizer, OPTIMIZERS, "optimizer")
        if self.lr is not None and finite(self.lr, "lr") <= 0:
            raise LayerError(f"lr must be above 0, not {self.lr:g}")
        if not isinstance(self.betas, tuple) or len(self.betas) != 2:
            raise LayerError(f"betas are two numbers, not {self.betas!r}")
        for name, part in (("momentum", self.momentum), *(("betas", beta) for beta in self.betas)):
            if not 0 <= finite(part, name) < 1:
                raise LayerError(f"{name} must be from 0 to below 1, not {part}")
        for name, least in (("eps", self.eps), ("weight_decay", self.weight_decay)):
            if finite(least, name) < 0:
                raise LayerError(f"{name} must be 0 or more, not {least}")

    @property
    def rule(self) -> Optimizer:
        """The entry of OPTIMIZERS."""
        return OPTIMIZERS[self.optimizer]

    def start(self, weights: Array) -> Moments:
        """Return what is remembered before the first step of `weights`."""
        return tuple(np.zeros_like(weights) for _ in range(self.rule.remembered))

    def step(
        self, weights: Array, gradient: Array, moments: Moments, number: int
    ) -> tuple[Array, Moments]:
        """Return what step `number`, from 1, adds to `weights`, and what it remembers."""
        if self.weight_decay:
            gradient = gradient + self.weight_decay * weights
        change, moments = self.rule.step(self, gradient, moments, number)
        return (1.0 if self.lr is None else self.lr) * change, moments

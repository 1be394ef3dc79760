"""Learning: how a kernel is learnt from the image; Learner: where one looks at that."""

from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import cast, get_type_hints

import numpy as np

from convviz.engine.activation_layer import activation_of
from convviz.engine.conv_layer import Conv, ConvSettings
from convviz.engine.descent import Descent
from convviz.engine.geometry import PerAxis
from convviz.engine.kernels import KERNELS
from convviz.engine.learn_settings import FIRST_KERNELS, STEPS
from convviz.engine.learning import check_kernel_size
from convviz.engine.losses import LOSSES
from convviz.engine.padding import ZEROS, Array
from convviz.engine.problems import LayerError
from convviz.engine.settings import Padding, finite, named

OWN = "own"
FIRSTS = (*FIRST_KERNELS, OWN)
MOST_STEPS = 100_000
MOST_IMAGES = 8  # from which one kernel is learnt
LARGEST_SIZE = 15  # cells a side of a kernel that is looked for
# Panes with numbers of their own, and the field of Learning that has them
GRIDS = MappingProxyType({"target": "target", "first": "first"})
# Settings of the layer whose kernel is learnt; it has no groups
GEOMETRY = tuple(name for name in get_type_hints(ConvSettings) if name != "groups")


@dataclass(frozen=True, eq=False)
class Learning:
    """What is learnt, and how; words are torch's.

    Attributes
    ----------
    hidden : the preset whose kernel makes the target, or "own", which is `kernel`
    kernel : numbers of a hidden kernel, (*kernel) or (out_channels, in_channels, *kernel)
    target : a map of one's own, (*out) or (out_channels, *out); nothing is hidden then
    more : images (*spatial) from which it is learnt too, besides that of the document
    kernel_size : numbers per axis of the kernel that is looked for, with a map of one's own
    initial : "uniform", "zeros", or "own", which is `first`, in a shape as `kernel`
    lr : the learning rate; None takes one that suits the image
    steps : how many updates there are
    """

    hidden: str = "sobel-x"
    kernel: Array | None = None
    target: Array | None = None
    more: tuple[Array, ...] = ()
    kernel_size: PerAxis = (3, 3)
    initial: str = "uniform"
    first: Array | None = None
    bias: bool = False
    activation: str = "none"
    loss: str = "mse"
    optimizer: str = Descent.optimizer
    lr: float | None = Descent.lr
    momentum: float = Descent.momentum
    betas: tuple[float, float] = Descent.betas
    eps: float = Descent.eps
    weight_decay: float = Descent.weight_decay
    noise: float = 0.0
    seed: int = 0
    steps: int = STEPS
    stride: int | PerAxis = 1
    padding: int | PerAxis | Padding = 0
    padding_mode: str = ZEROS
    padding_value: float = 0.0
    dilation: int | PerAxis = 1
    flip: bool = False

    def __post_init__(self) -> None:
        check_kernel_size(self.kernel_size)
        _ = self.descent, self.layer(self.kernel_size)  # which say what they cannot be
        named(self.initial, dict.fromkeys(FIRSTS), "first kernel")
        named(self.hidden, {**KERNELS, OWN: None}, "kernel")
        activation_of(self.activation)  # which says what it cannot be
        named(self.loss, LOSSES, "loss")
        if finite(self.noise, "noise") < 0:
            raise LayerError(f"noise must be 0 or more, not {self.noise:g}")
        if self.hidden == OWN and self.kernel is None and self.target is None:
            raise LayerError("the hidden kernel of your own has no numbers")
        if not 0 <= self.steps <= MOST_STEPS:
            raise LayerError(f"there can be 0 to {MOST_STEPS:,} steps, not {self.steps:,}")
        if len(self.more) >= MOST_IMAGES:
            raise LayerError(f"a kernel is learnt from {MOST_IMAGES} images at most")
        if self.more and self.target is not None:
            raise LayerError(
                "a map of your own belongs to one image: "
                "let a hidden kernel make the targets of several"
            )

    @property
    def arrays(self) -> tuple[Array, ...]:
        """The numbers that it holds."""
        own = (self.kernel, self.target, self.first, *self.more)
        return tuple(array for array in own if array is not None)

    @property
    def descent(self) -> Descent:
        """The optimizer with its settings."""
        return Descent(**{field.name: getattr(self, field.name) for field in fields(Descent)})

    @property
    def geometry(self) -> ConvSettings:
        """The settings of the layer whose kernel is learnt."""
        return cast("ConvSettings", {name: getattr(self, name) for name in GEOMETRY})

    def layer(self, kernel_size: PerAxis) -> Conv:
        """Return the layer with a kernel of that size, of zeros."""
        return Conv(np.zeros((1, 1, *kernel_size)), **self.geometry)


LEARNING = Learning()


@dataclass(frozen=True)
class Learner:
    """Which update is shown, how far it has come, and of which image (from 0).

    `term` is None where all of the update is shown; else 0 is forward, the last one the update,
    and between them is the gradient: as a whole, or term by term that of `weight` (row, column).
    `revealed` shows the hidden kernel, `log` draws the loss on a logarithmic axis.
    """

    step: int = 0
    term: int | None = None
    weight: tuple[int, int] | None = None
    revealed: bool = False
    log: bool = True
    image: int = 0


LOOKING = Learner()

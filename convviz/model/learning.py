"""Learning: how a kernel is learnt from the image; Learner: where one looks at that."""

from dataclasses import dataclass
from types import MappingProxyType

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.descent import Descent
from convviz.engine.kernels import KERNELS
from convviz.engine.learn_settings import FIRST_KERNELS, STEPS
from convviz.engine.losses import LOSSES
from convviz.engine.padding import Array
from convviz.engine.problems import LayerError
from convviz.engine.settings import finite, named

OWN = "own"
FIRSTS = (*FIRST_KERNELS, OWN)
MOST_STEPS = 5_000
LARGEST_SIZE = 15  # cells a side of a kernel that is looked for
# Panes with numbers of their own, and the field of Learning that has them
GRIDS = MappingProxyType({"target": "target", "first": "first"})


@dataclass(frozen=True, eq=False)
class Learning:
    """What is learnt, and how; words are torch's.

    Attributes
    ----------
    hidden : the preset whose kernel makes the target, where there is no `target`
    target : a map (rows, columns) of one's own
    kernel_size : rows and columns of the kernel that is looked for, with a map of one's own
    initial : "uniform", "zeros", or "own", which is `first` (rows, columns)
    lr : the learning rate; None takes one that suits the image
    steps : how many updates there are
    """

    hidden: str = "sobel-x"
    target: Array | None = None
    kernel_size: tuple[int, int] = (3, 3)
    initial: str = "uniform"
    first: Array | None = None
    activation: str = "none"
    loss: str = "mse"
    optimizer: str = "sgd"
    lr: float | None = None
    momentum: float = Descent.momentum
    weight_decay: float = 0.0
    noise: float = 0.0
    seed: int = 0
    steps: int = STEPS

    def __post_init__(self) -> None:
        _ = self.descent  # which says what it cannot be
        named(self.initial, dict.fromkeys(FIRSTS), "first kernel")
        named(self.hidden, KERNELS, "kernel")
        named(self.activation, ACTIVATIONS, "activation")
        named(self.loss, LOSSES, "loss")
        if finite(self.noise, "noise") < 0:
            raise LayerError(f"noise must be 0 or more, not {self.noise:g}")
        if not 0 <= self.steps <= MOST_STEPS:
            raise LayerError(f"there can be 0 to {MOST_STEPS:,} steps, not {self.steps:,}")

    @property
    def arrays(self) -> tuple[Array, ...]:
        """The numbers that it holds."""
        return tuple(array for array in (self.target, self.first) if array is not None)

    @property
    def descent(self) -> Descent:
        """The optimizer with its settings."""
        return Descent(self.optimizer, self.lr, self.momentum, weight_decay=self.weight_decay)


LEARNING = Learning()


@dataclass(frozen=True)
class Learner:
    """Which update is shown, and how far it has come.

    `term` is None where all of the update is shown; else 0 is forward, the last one the update,
    and between them is the gradient: as a whole, or term by term that of `weight` (row, column).
    `revealed` shows the hidden kernel, `log` draws the loss on a logarithmic axis.
    """

    step: int = 0
    term: int | None = None
    weight: tuple[int, int] | None = None
    revealed: bool = False
    log: bool = True


LOOKING = Learner()

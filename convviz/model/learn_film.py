"""What a frame of a training shows: maps, kernels and the loss, as data that painters read."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from math import floor, log10

import numpy as np

from convviz.engine.geometry import counted
from convviz.engine.learn_task import LearnState, LearnTask
from convviz.engine.padding import Array
from convviz.model.equation import Role
from convviz.model.numbers import rounded_text, signed
from convviz.model.scene import Cells, Scale, scale_of

LEAST_LOSS = 1e-300  # what a loss of 0 counts as, where there are no logarithms
DIGITS, MOST_DECIMALS = 3, 6


@dataclass(frozen=True, eq=False)
class LearnCard:
    """A grid with its title, what is to be known of it, and the role that gives its colour.

    `decimals` are those of its numbers, the same in all frames, so that they do not jump.
    """

    title: str
    detail: str
    role: Role
    cells: Cells
    decimals: int = 2


@dataclass(frozen=True, eq=False)
class LossCurve:
    """The loss before each update and at the end, and which of them is the present one."""

    losses: Array
    at: int


@dataclass(frozen=True, eq=False)
class LearnFrame:
    """One state of a training: a line above, maps and the loss, below them kernels."""

    title: str
    detail: str
    maps: tuple[LearnCard, ...]
    loss: LossCurve
    kernels: tuple[LearnCard, ...]


@dataclass(frozen=True, eq=False)
class LearnFilm:
    """A training as frames: all maps of all frames have one scale, kernels another, gradients too.

    The states are computed anew when they are asked for, the same as before: a long training
    of a large image would not fit into memory.

    Attributes
    ----------
    image : what the image is called
    hidden : the kernel that made the target, None where nobody knows it
    """

    task: LearnTask
    image: str
    hidden: Array | None = None

    @cached_property
    def losses(self) -> Array:
        """The loss of each state."""
        return np.array([state.loss for state in self.task.states()])

    @property
    def last_step(self) -> int:
        """How many updates there are, fewer than wanted where it diverges."""
        return len(self.losses) - 1

    def steps(self, every: int) -> tuple[int, ...]:
        """Return each `every`-th step from the first one on, and the last.

        >>> from convviz.engine.learning import learn_task
        >>> LearnFilm(learn_task([1, 2, 4], [3, 6], (2,), steps=5), "signal").steps(2)
        (0, 2, 4, 5)
        """
        return (*range(0, self.last_step, every), self.last_step)

    def frames(self, every: int) -> Iterator[LearnFrame]:
        """Yield the frames of `steps`."""
        wanted = set(self.steps(every))
        return (self.frame(state) for state in self.task.states() if state.step in wanted)

    def frame(self, state: LearnState) -> LearnFrame:
        """Return what is shown of a state."""
        return LearnFrame(
            f"{self.image}: update {state.step} of {self.last_step}",
            self._facts(state),
            (
                self._map("Target", "", "output", self.task.targets[0]),
                self._map("Prediction", "", "input", state.predictions[0]),
                self._map("Error", "prediction − target", "plain", state.errors[0]),
            ),
            LossCurve(self.losses, state.step),
            tuple(self._kernels(state)),
        )

    def _facts(self, state: LearnState) -> str:
        bound = self.task.bound
        stable = "" if bound is None else f", stable up to {signed(rounded_text(bound, DIGITS))}"
        numbers = counted(self.task.determined.numbers, "number")
        facts = [
            f"{self.task.descent.rule.title}, learning rate {_rate(self.task)}{stable}",
            f"the input determines {self.task.determined.rank} of {numbers}",
        ]
        if self.hidden is not None:
            facts.append(f"{signed(rounded_text(state.distance(self.hidden), DIGITS))} off")
        return " · ".join(facts)

    def _kernels(self, state: LearnState) -> Iterator[LearnCard]:
        yield self._kernel("Kernel", "", "kernel", state.kernel)
        yield self._gradient(state.gradient)
        yield self._kernel("Next kernel", self._rule, "kernel", state.kernel + state.change)
        if self.hidden is not None:
            yield self._kernel("Hidden kernel", "", "output", self.hidden)

    @property
    def _rule(self) -> str:
        if self.task.descent.optimizer == "sgd" and not self.task.descent.weight_decay:
            return f"kernel − {_rate(self.task)} × gradient"
        return f"one step of {self.task.descent.rule.title}"

    def _map(self, title: str, detail: str, role: Role, maps: Array) -> LearnCard:
        values = np.atleast_2d(maps[0])
        size = " × ".join(map(str, values.shape))
        return LearnCard(title, detail or size, role, Cells(values, self._map_scale))

    def _kernel(self, title: str, detail: str, role: Role, weight: Array) -> LearnCard:
        channels = weight.shape[1]
        beside = f"{channels} channels side by side" if channels > 1 else ""
        return _card(title, detail or beside, role, weight, self._kernel_scale)

    def _gradient(self, weight: Array) -> LearnCard:
        return _card("Gradient", "of the loss", "plain", weight, self._gradient_scale)

    @cached_property
    def _map_scale(self) -> Scale:
        return scale_of(self.task.targets[0], signed=True)

    @cached_property
    def _kernel_scale(self) -> Scale:
        ends = [self.task.first.kernel] if self.hidden is None else [self.hidden]
        return scale_of(np.concatenate([*ends, self.task.first.kernel]), signed=True)

    @cached_property
    def _gradient_scale(self) -> Scale:
        return scale_of(self.task.first.gradient, signed=True)


def _rate(task: LearnTask) -> str:
    return signed(rounded_text(task.learning_rate, DIGITS))


def _card(title: str, detail: str, role: Role, weight: Array, scale: Scale) -> LearnCard:
    """Return the kernels of the first output channel, beside each other."""
    values = np.atleast_2d(np.concatenate([*weight[0]], axis=-1))
    decimals = min(max(DIGITS - 1 - floor(log10(scale.high)), 0), MOST_DECIMALS)
    return LearnCard(title, detail, role, Cells(values, scale), decimals)


def log_losses(curve: LossCurve) -> tuple[Array, int, int]:
    """Return logarithms of the losses, and the powers of ten below and above all of them.

    >>> log_losses(LossCurve(np.array([20.0, 0.05]), 0))[1:]
    (-2, 2)
    """
    positive = curve.losses[curve.losses > 0]
    least = float(positive.min(initial=1.0)) if positive.size else LEAST_LOSS
    logs = np.log10(np.maximum(curve.losses, least))
    low, high = int(np.floor(logs.min())), int(np.ceil(logs.max()))
    return logs, low, max(high, low + 1)

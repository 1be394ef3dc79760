"""LearnTask: what a kernel is learnt from; LearnState: one step of it, with all its numbers.

The same seed gives the same bytes everywhere: sums run over arrays in a fixed order, where a
product of matrices would leave the order to the library and the machine.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from math import isfinite, prod, sqrt

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.descent import Descent, Moments
from convviz.engine.determined import Determined
from convviz.engine.geometry import counted
from convviz.engine.layers import Activation, Conv
from convviz.engine.losses import Loss
from convviz.engine.padding import Array
from convviz.engine.settings import frozen_array
from convviz.engine.short_repr import record_repr
from convviz.engine.windows import windows_of

DIVERGED = 1e12  # times the loss at the start
LARGEST = 1e100  # change of a weight; its square is finite
NEAR = 0.9  # of the largest stable learning rate
FOUND = 1e-6  # how far off a weight may be


@dataclass(frozen=True, eq=False)
class StepNumbers:
    """All numbers of one step: weights (out_channels, numbers), maps (out_channels, cells).

    With a bias the last of `numbers` is the bias. `moments` is what the optimizer remembers from
    the steps before, `next_moments` with this one.
    """

    weights: Array
    sums: Array
    predicted: Array
    error: Array
    slope: Array
    gradient: Array
    change: Array
    moments: Moments
    next_moments: Moments

    __repr__ = record_repr


@dataclass(frozen=True, eq=False)
class LearnState:
    """Where learning stands after `step` updates, and the update that comes next.

    A step has three parts, and a state all that they compute: forward (`sums`, `predictions`,
    `errors`, `loss`), gradient (`slopes`, `gradient`) and update (`change`). The kernel of the next
    state is `kernel` + `change`. Maps are tuples, one (out_channels, *out) for each image.

    Attributes
    ----------
    task : what is learnt from
    step : updates so far
    loss : the mean over all cells of all maps
    flat : the same numbers without the shapes
    """

    task: "LearnTask"
    step: int
    loss: float
    flat: StepNumbers

    def __repr__(self) -> str:
        """Return where it stands, without the numbers."""
        sizes = ",".join(map(str, self.task.layer.weight.shape))
        return f"LearnState(step={self.step}, loss={self.loss:.6g}, kernel=[{sizes}])"

    @property
    def kernel(self) -> Array:
        """The weight (out_channels, in_channels, *kernel)."""
        return self.task.as_kernel(self.flat.weights)

    @property
    def bias(self) -> Array | None:
        """The bias (out_channels,), None where none is learnt."""
        return self.task.as_bias(self.flat.weights)

    @property
    def layer(self) -> Conv:
        """The layer with the kernel and bias of this state."""
        return replace(self.task.layer, weight=self.kernel, bias=self.bias)

    @property
    def sums(self) -> tuple[Array, ...]:
        """What the layer makes, before the activation."""
        return self.task.as_maps(self.flat.sums)

    @property
    def predictions(self) -> tuple[Array, ...]:
        """What is compared with the targets."""
        return self.task.as_maps(self.flat.predicted)

    @property
    def errors(self) -> tuple[Array, ...]:
        """Prediction - target."""
        return self.task.as_maps(self.flat.error)

    @property
    def slopes(self) -> tuple[Array, ...]:
        """How the loss changes with each of the sums: what each window's cells are weighed with."""
        return self.task.as_maps(self.flat.slope)

    @property
    def gradient(self) -> Array:
        """How the loss changes with each weight: (out_channels, in_channels, *kernel).

        That is the sum, over all windows, of the cell under the weight times the slope.
        """
        return self.task.as_kernel(self.flat.gradient)

    @property
    def bias_gradient(self) -> Array | None:
        """How the loss changes with the bias: (out_channels,)."""
        return self.task.as_bias(self.flat.gradient)

    @property
    def change(self) -> Array:
        """What the update adds to the kernel: (out_channels, in_channels, *kernel)."""
        return self.task.as_kernel(self.flat.change)

    @property
    def bias_change(self) -> Array | None:
        """What the update adds to the bias: (out_channels,)."""
        return self.task.as_bias(self.flat.change)

    @property
    def learning_rate(self) -> float:
        """How far a step goes."""
        return self.task.learning_rate

    @property
    def has_diverged(self) -> bool:
        """Whether the loss or the change has grown so far that there is no next state."""
        too_far = np.abs(self.flat.change).max() >= LARGEST
        return bool(too_far) or self.loss > self.task.largest_loss

    @property
    def is_dead(self) -> bool:
        """Whether all sums of some channel are where an activation as ReLU is flat for good."""
        activation = self.task.activation
        if not activation.function.flat:
            return False
        return bool((activation.derivative(self.flat.sums) == 0).all(axis=1).any())

    @property
    def warning(self) -> str | None:
        """What goes wrong, in a sentence with a way out; None where nothing does."""
        if self.has_diverged:
            bound = self.task.bound
            told = "" if bound is None else f", and up to {bound:.3g} is stable"
            return (
                f"it diverges: at step {self.step} the loss is {self.loss:.3g}; "
                f"the learning rate is {self.learning_rate:.4g}{told}: choose a smaller one"
            )
        if self.is_dead:
            return (
                f"the {self.task.activation.title} is dead: {self.task.activation.function.flat}, "
                "so nothing is learnt: begin with another seed or kernel"
            )
        return None

    def distance(self, kernel: ArrayLike) -> float:
        """Return by how much the weight that is farthest off differs from the one in `kernel`."""
        return float(np.abs(self.kernel - np.reshape(kernel, self.kernel.shape)).max())


@dataclass(frozen=True, eq=False)
class LearnTask:
    """Images, the maps that are wanted of them, and how the kernel between is looked for.

    `learn_task` makes one of what a person gives.

    Attributes
    ----------
    images : arrays (in_channels, *spatial), one or more
    targets : arrays (out_channels, *out), with their noise, one for each image
    layer : the layer with the first kernel and, where it is learnt, the first bias
    descent : the optimizer with its settings and the learning rate that was asked for
    noise : the deviation of what was added to the targets
    """

    images: tuple[Array, ...]
    targets: tuple[Array, ...]
    layer: Conv
    activation: Activation
    loss: Loss
    descent: Descent
    steps: int
    noise: float = 0.0

    __repr__ = record_repr

    @property
    def is_biased(self) -> bool:
        """Whether a bias is learnt too."""
        return self.layer.bias is not None

    @cached_property
    def determined(self) -> Determined:
        """What the images determine of the kernel."""
        return Determined(self.columns, self.layer.weight.shape[1:])

    @cached_property
    def columns(self) -> Array:
        """The cells that each weight meets over all windows of all images: (numbers, windows).

        In the order of the kernel; with a bias a last row of ones.
        """
        found = np.concatenate([window_columns(self.layer, image) for image in self.images], axis=1)
        if self.is_biased:
            found = np.concatenate([found, np.ones((1, found.shape[1]))])
        return frozen_array(found)

    @cached_property
    def bound(self) -> float | None:
        """The largest stable learning rate, exact without an activation; None where there is none.

        That is so for the absolute error, whose gradient does not fade, for Adam, whose steps have
        the size of the learning rate, and for images that are 0 everywhere.
        """
        if self.loss.name != "mse" or self.descent.optimizer == "adam":
            return None
        bound = self.determined.bound(self.activation.steepest, self.descent.weight_decay)
        if self.descent.optimizer == "momentum":
            bound *= 1 + self.descent.momentum
        return bound if isfinite(bound) else None

    @cached_property
    def learning_rate(self) -> float:
        """What was asked for, else what suits the images, in two digits."""
        return self.descent.lr or float(f"{self._suitable_rate():.1e}")

    def _suitable_rate(self) -> float:
        if self.descent.optimizer == "adam":
            return 0.1
        if self.bound is not None:
            kept = self.descent.momentum if self.descent.optimizer == "momentum" else 0
            return NEAR * self.bound / (1 + kept)
        sigma = self.determined.largest_singular_value
        return 0.03 * sqrt(self.columns.shape[1]) / sigma if sigma else 1.0

    @cached_property
    def largest_loss(self) -> float:
        """Beyond it a run counts as diverged."""
        return DIVERGED * max(self.first.loss, 1.0)

    @cached_property
    def first(self) -> LearnState:
        """The state before the first update."""
        weights = self.layer.weight.reshape(self.layer.out_channels, -1)
        if self.layer.bias is not None:
            weights = np.concatenate([weights, self.layer.bias[:, None]], axis=1)
        return self.state(0, weights, self._descent.start(weights))

    def after(self, state: LearnState) -> LearnState:
        """Return the state after the update of `state`."""
        weights = state.flat.weights + state.flat.change
        return self.state(state.step + 1, weights, state.flat.next_moments)

    def states(self) -> Iterator[LearnState]:
        """Yield the state before each update and the last one; fewer when the run diverges."""
        state = self.first
        yield state
        while state.step < self.steps and not state.has_diverged:
            state = self.after(state)
            yield state

    def as_kernel(self, weights: Array) -> Array:
        """Return weights (out_channels, numbers) in the shape of the layer's weight."""
        cells = weights[:, :-1] if self.is_biased else weights
        return frozen_array(cells.reshape(self.layer.weight.shape))

    def as_bias(self, weights: Array) -> Array | None:
        """Return the bias among weights (out_channels, numbers)."""
        return frozen_array(weights[:, -1]) if self.is_biased else None

    def as_maps(self, cells: Array) -> tuple[Array, ...]:
        """Return (channels, cells) as one array of maps (channels, *out) for each image."""
        ends = np.cumsum([target[0].size for target in self.targets])[:-1]
        parts = zip(np.split(cells, ends, axis=1), self.targets, strict=True)
        return tuple(frozen_array(part.reshape(-1, *t.shape[1:])) for part, t in parts)

    @cached_property
    def _wanted(self) -> Array:
        return np.concatenate([t.reshape(len(t), -1) for t in self.targets], axis=1)

    @cached_property
    def _descent(self) -> Descent:
        return replace(self.descent, lr=self.learning_rate)

    @np.errstate(over="ignore", invalid="ignore")  # a run that diverges ends with such numbers
    def state(self, step: int, weights: Array, moments: Moments) -> LearnState:
        """Return the state with `weights` (out_channels, numbers) after `step` updates.

        `moments` is what the optimizer remembers from them.
        """
        sums = ordered_sums(weights, self.columns)
        predicted = self.activation.apply(sums)
        error = predicted - self._wanted
        slope = self.loss.slope(error)
        if self.activation.name != "none":
            slope = slope * self.activation.derivative(sums)
        gradient = np.stack([(self.columns * row).sum(axis=1) for row in slope])
        change, following = self._descent.step(weights, gradient, moments, step + 1)
        change = change.clip(-LARGEST, LARGEST)
        arrays = (weights, sums, predicted, error, slope, gradient, change)
        for array in (*arrays, *following):
            array.flags.writeable = False
        return LearnState(
            self, step, self.loss.value(error), StepNumbers(*arrays, moments, following)
        )


def conclusion(state: LearnState, hidden: ArrayLike | None = None) -> str:
    """Return how a run ended, in one sentence; `hidden` is the kernel that made the target.

    >>> from convviz.engine.learning import learn_task
    >>> conclusion(learn_task([1, 2, 4], [3, 6], (2,), initial=[1, 1]).first, [1, 1])
    'the kernel is found: its weights are at most 0 off, the loss is 0'
    """
    if state.warning:
        return state.warning
    loss = f"the loss is {state.loss:.2g}"
    if hidden is None:
        return f"after {counted(state.step, 'step')} {loss}"
    off = state.distance(hidden)
    how_far = f"its weights are at most {off:.2g} off, {loss}"
    if off <= FOUND:
        return f"the kernel is found: {how_far}"
    return f"the kernel is not found: {how_far}; {_why_not(state.task)}"


def _why_not(task: LearnTask) -> str:
    if not task.determined.is_complete:
        return task.determined.sentence
    if task.noise:
        return "the target has noise, which no kernel makes"
    if task.descent.weight_decay:
        return "weight decay pulls it towards 0"
    if task.loss.name == "l1":
        return (
            "with this loss the steps do not get smaller: more of them may bring it nearer, and "
            "once it goes to and fro, a smaller learning rate"
        )
    return "more steps may bring it nearer"


def ordered_sums(weights: Array, columns: Array) -> Array:
    """Return the dot products (out_channels, windows) of weights (out_channels, numbers).

    A sum over the first axis adds row by row, whatever the machine.

    >>> ordered_sums(np.array([[1.0, 10.0]]), np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[31., 42.]])
    """
    return np.stack([(row[:, None] * columns).sum(axis=0) for row in weights])


def window_columns(layer: Conv, image: Array) -> Array:
    """Return the cells (numbers, windows) that each weight meets, in the order of the kernel."""
    windows = windows_of(layer, image)
    columns = np.stack(
        [
            windows.cells[np.ix_(range(len(image)), *windows.reached_by(offset))]
            for offset in np.ndindex(layer.kernel_size)
        ],
        axis=1,
    ).reshape(len(image), prod(layer.kernel_size), -1)
    in_order = columns[:, ::-1] if layer.flip else columns
    return in_order.reshape(-1, columns.shape[2])

"""Train a small network on labelled images: mini-batches, and a frozen state after each.

The last layer is dense: a convolution whose kernel covers the whole map and leaves one cell for
each class. So all layers are those that can be stepped through, and nothing else is trained.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import NDArray

from convviz.engine.activation_layer import activation_of
from convviz.engine.descent import Descent, Moments
from convviz.engine.geometry import counted
from convviz.engine.gradients import LayerPass, bias_gradient
from convviz.engine.image_sets import ImageSet, Labels
from convviz.engine.judged import Judged, softmax
from convviz.engine.layers import Activation, Conv, KernelLayer, Layer, LayerError, Pool, Shape
from convviz.engine.network import Network
from convviz.engine.padding import Array
from convviz.engine.poolings import POOLINGS
from convviz.engine.problems import times
from convviz.engine.settings import frozen_array, named, whole_from

EPOCHS = 20
BATCH = 32
HELD_BACK = 4  # one of so many images is not trained on
RATE = 0.01  # with which Adam neither crawls nor jumps here
JUDGED_AT_ONCE = 256  # images


def small_network(
    shape: Shape,
    classes: int,
    *,
    kernels: int = 8,
    kernel_size: int = 3,
    activation: str | Activation = "relu",
    pool: str = "max",
    seed: int = 0,
) -> tuple[Layer, ...]:
    """Return convolution, activation, pooling and a dense layer, with random weights.

    Weights and biases are uniform in ±1/sqrt(fan_in), as torch draws them.

    Parameters
    ----------
    shape : (channels, rows, columns) of an image
    classes : how many classes there are
    kernels, kernel_size : of the convolution, which pads so that maps keep their size
    activation : a name in ACTIVATIONS, with settings "leaky_relu:negative_slope=0.2", or a layer
    pool : a name in POOLINGS; its window is 2 x 2
    seed : whole number from 0

    Examples
    --------
    >>> layers = small_network((1, 8, 8), 10)
    >>> [getattr(layer, "kernel_size", None) for layer in layers]
    [(3, 3), None, (2, 2), (4, 4)]
    """
    rng = np.random.default_rng(whole_from(seed, "the seed"))
    counts = whole_from(kernels, "kernels", 1), whole_from(classes, "classes", 2)
    size = whole_from(kernel_size, "kernel_size", 1)
    first = _drawn(rng, (counts[0], shape[0], size, size), padding="same")
    pooling = Pool(POOLINGS[named(pool, POOLINGS, "pooling")].name, 2)
    function = activation_of(activation)
    for layer in (first, function, pooling):
        if problem := layer.problem(shape):
            raise LayerError(problem.sentence)
        shape = layer.output_shape(shape)
    return first, function, pooling, _drawn(rng, (counts[1], *shape))


def _drawn(rng: np.random.Generator, shape: Shape, padding: str = "valid") -> Conv:
    bound = prod(shape[1:]) ** -0.5
    weight, bias = rng.uniform(-bound, bound, shape), rng.uniform(-bound, bound, shape[0])
    return Conv(weight, bias, padding=padding)


def judge(layers: Sequence[Layer], images: Array, labels: Labels) -> Judged:
    """Return what a network says of images (images, channels, rows, columns)."""
    parts = (images[at : at + JUDGED_AT_ONCE] for at in range(0, len(images), JUDGED_AT_ONCE))
    shares = [softmax(_scores(_passes(layers, part))) for part in parts]
    return Judged(frozen_array(np.concatenate(shares)), labels)


def _passes(layers: Sequence[Layer], batch: Array) -> list[LayerPass]:
    passes: list[LayerPass] = []
    for layer in layers:
        passes.append(LayerPass(layer, batch))
        batch = passes[-1].output
    return passes


def _scores(passes: Sequence[LayerPass]) -> Array:
    made = passes[-1].output
    return made.reshape(len(made), -1)


def network_gradients(
    layers: Sequence[Layer], batch: Array, labels: Labels
) -> tuple[float, tuple[Array, ...]]:
    """Return the mean cross entropy of a batch, and how it changes with all weights and biases.

    Parameters
    ----------
    layers : layers that make (classes, 1, 1) of each image
    batch : array (images, channels, rows, columns)
    labels : which class each image is of (images,)

    Returns
    -------
    The loss, and weight and bias of each layer that has them, from the first layer to the last.
    """
    passes = _passes(layers, batch)
    judged = Judged(softmax(_scores(passes)), labels)
    right = np.eye(judged.probabilities.shape[1])[labels]
    error = ((judged.probabilities - right) / len(labels)).reshape(passes[-1].output.shape)
    found: list[Array] = []
    for passed in reversed(passes):
        if isinstance(passed.layer, KernelLayer):
            if passed.layer.bias is not None:
                found.append(bias_gradient(error))
            found.append(passed.weight_gradient(error))
        if passed is not passes[0]:
            error = passed.image_gradient(error)
    return judged.loss, tuple(reversed(found))


@dataclass(frozen=True, eq=False)
class TrainState:
    """A network after some batches.

    Attributes
    ----------
    task : what it is trained on
    step : batches so far, of all epochs
    loss : the mean cross entropy of the last batch, before it changed anything; None at first
    layers : the network
    moments : what the optimizer remembers, for each weight and bias
    """

    task: "TrainTask"
    step: int
    loss: float | None
    layers: tuple[Layer, ...]
    moments: tuple[Moments, ...]

    @property
    def epoch(self) -> int:
        """How often all images have been seen."""
        return self.step // self.task.batches

    @property
    def batch(self) -> int:
        """How many batches of the epoch at work have been seen."""
        return self.step % self.task.batches

    @property
    def is_last(self) -> bool:
        """Whether the training has come to its end."""
        return self.step >= self.task.steps

    @property
    def network(self) -> Network:
        """The layers as one function of an image."""
        return Network(self.layers)

    @cached_property
    def judged(self) -> Judged:
        """What the network says of the images that are held back; computed when first asked."""
        return judge(self.layers, self.task.held_back_images, self.task.held_back_labels)

    @property
    def accuracy(self) -> float:
        """The share of the images held back that are judged right."""
        return self.judged.accuracy


@dataclass(frozen=True, eq=False)
class TrainTask:
    """What a network is trained on, and how. `train_task` checks it.

    Attributes
    ----------
    images : labelled images; one of four is held back
    layers : the network to begin with
    seed : of the choice of images that are held back and of the order of the others
    """

    images: ImageSet
    layers: tuple[Layer, ...]
    descent: Descent = field(default_factory=lambda: Descent("adam"))
    batch_size: int = BATCH
    epochs: int = EPOCHS
    seed: int = 0

    @cached_property
    def _shuffled(self) -> NDArray[np.int64]:
        return np.random.default_rng([self.seed, 0]).permutation(len(self.images.labels))

    @cached_property
    def held_back(self) -> NDArray[np.int64]:
        """Which images are not trained on, in their order."""
        return np.sort(self._shuffled[: len(self._shuffled) // HELD_BACK])

    @cached_property
    def trained_on(self) -> NDArray[np.int64]:
        """Which images are trained on, in their order."""
        return np.sort(self._shuffled[len(self._shuffled) // HELD_BACK :])

    @cached_property
    def held_back_images(self) -> Array:
        """The images that are not trained on: (images, channels, rows, columns)."""
        return frozen_array(self.images.images[self.held_back])

    @cached_property
    def held_back_labels(self) -> Labels:
        """What they are: (images,)."""
        return self.images.labels[self.held_back]

    @property
    def batches(self) -> int:
        """How many batches an epoch has."""
        return -(-len(self.trained_on) // self.batch_size)

    @property
    def steps(self) -> int:
        """How many batches there are in all."""
        return self.batches * self.epochs

    @cached_property
    def first(self) -> TrainState:
        """The state before the first batch."""
        moments = tuple(self._descent.start(array) for array in _numbers(self.layers))
        return TrainState(self, 0, None, self.layers, moments)

    def after(self, state: TrainState) -> TrainState:
        """Return the state after one more batch.

        Raises
        ------
        LayerError
            When a weight becomes infinite, since the learning rate is too large.
        """
        order = np.random.default_rng([self.seed, 1, state.epoch]).permutation(self.trained_on)
        chosen = order[state.batch * self.batch_size :][: self.batch_size]
        with np.errstate(over="ignore", invalid="ignore"):
            loss, gradients = network_gradients(
                state.layers, self.images.images[chosen], self.images.labels[chosen]
            )
            layers, moments = self._stepped(state, gradients)
        return TrainState(self, state.step + 1, loss, layers, moments)

    def _stepped(
        self, state: TrainState, gradients: tuple[Array, ...]
    ) -> tuple[tuple[Layer, ...], tuple[Moments, ...]]:
        changed, moments = [], []
        for array, gradient, remembered in zip(
            _numbers(state.layers), gradients, state.moments, strict=True
        ):
            change, kept = self._descent.step(array, gradient, remembered, state.step + 1)
            changed.append(array + change)
            moments.append(kept)
        if not all(np.isfinite(array).all() for array in changed):
            raise LayerError(
                f"it diverges at step {state.step + 1}: the learning rate is "
                f"{self._descent.lr:g}: choose a smaller one"
            )
        return _with_numbers(state.layers, changed), tuple(moments)

    def states(self) -> Iterator[TrainState]:
        """Yield the state before each batch and the last one; raises as `after` does."""
        state = self.first
        yield state
        while not state.is_last:
            state = self.after(state)
            yield state

    @cached_property
    def _descent(self) -> Descent:
        return replace(self.descent, lr=self.descent.lr or RATE)


def train_task(
    images: ImageSet,
    layers: Sequence[Layer] | None = None,
    *,
    descent: Descent | None = None,
    batch_size: int = BATCH,
    epochs: int = EPOCHS,
    seed: int = 0,
) -> TrainTask:
    """Return the training of a network on labelled images.

    Parameters
    ----------
    images : such as `IMAGE_SETS` makes
    layers : layers that make one cell for each class of an image; None takes `small_network`
    descent : the optimizer; Adam without one
    batch_size : images for each update
    epochs : how often all images are seen
    seed : whole number from 0: of the first weights, the images held back, and the order

    Raises
    ------
    LayerError
        When a layer does not fit, or the last does not make one cell for each class.

    Examples
    --------
    >>> from convviz.engine.image_sets import bars_and_corners
    >>> *_, last = train_task(bars_and_corners(), epochs=10).states()
    >>> last.epoch, last.judged.confusion.shape, last.accuracy > 0.9
    (10, (6, 6), True)
    """
    whole_from(seed, "the seed")
    shape = images.images.shape[1:]
    chosen = small_network(shape, len(images.classes), seed=seed) if layers is None else layers
    if len(images.labels) < HELD_BACK:
        raise LayerError(f"{counted(len(images.labels), 'image')} are too few to hold some back")
    _check(chosen, shape, len(images.classes))
    return TrainTask(
        images,
        tuple(chosen),
        descent or Descent("adam"),
        whole_from(batch_size, "batch_size", 1),
        whole_from(epochs, "epochs"),
        seed,
    )


def _check(layers: Sequence[Layer], shape: Shape, classes: int) -> None:
    for number, layer in enumerate(layers, start=1):
        if problem := layer.problem(shape):
            raise LayerError(f"layer {number}: {problem.sentence}")
        shape = layer.output_shape(shape)
    if shape != (classes, 1, 1):
        raise LayerError(
            f"the last layer makes {times(shape)}, one cell for each of "
            f"{counted(classes, 'class', 'classes')} is needed: {times((classes, 1, 1))}"
        )


def _numbers(layers: Sequence[Layer]) -> list[Array]:
    """Return weight and bias of each layer that has them."""
    kernels = [layer for layer in layers if isinstance(layer, KernelLayer)]
    pairs = [(layer.weight, layer.bias) for layer in kernels]
    return [array for pair in pairs for array in pair if array is not None]


def _with_numbers(layers: Sequence[Layer], numbers: Sequence[Array]) -> tuple[Layer, ...]:
    """Return the layers with other weights and biases, in the order of `_numbers`."""
    left, changed = iter(numbers), []
    for layer in layers:
        if isinstance(layer, KernelLayer):
            weight = next(left)
            bias = None if layer.bias is None else next(left)
            layer = replace(layer, weight=weight, bias=bias)
        changed.append(layer)
    return tuple(changed)


def weight_arrays(layers: Sequence[Layer]) -> dict[str, Array]:
    """Return weights and biases by the names that torch gives them: conv.weight, fc.bias.

    The last layer is `fc`, whose weight (classes, cells) is that of torch's Linear after Flatten.

    Parameters
    ----------
    layers : such as `small_network` makes: one convolution, and a dense layer at the end

    Examples
    --------
    >>> found = weight_arrays(small_network((1, 8, 8), 10))
    >>> {name: array.shape for name, array in found.items()}
    {'conv.weight': (8, 1, 3, 3), 'conv.bias': (8,), 'fc.weight': (10, 128), 'fc.bias': (10,)}
    """
    first, last = (layer for layer in layers if isinstance(layer, Conv))
    assert first.bias is not None
    assert last.bias is not None
    return {
        "conv.weight": first.weight,
        "conv.bias": first.bias,
        "fc.weight": last.weight.reshape(len(last.weight), -1),
        "fc.bias": last.bias,
    }

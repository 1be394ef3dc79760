"""Run: all updates of a kernel that is learnt, derived from a document; a state for each."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod

import numpy as np

from convviz.engine.descent import Moments
from convviz.engine.geometry import PerAxis
from convviz.engine.kernels import KERNELS
from convviz.engine.learn_task import LearnState, LearnTask
from convviz.engine.learning import learn_task, targets_of
from convviz.engine.padding import Array
from convviz.engine.problems import LayerError, times
from convviz.engine.settings import frozen_array
from convviz.engine.windows import Windows, windows_of
from convviz.model.document import Document
from convviz.model.learning import MOST_IMAGES, OWN, Learning

Shape = tuple[int, int]
MOST_WORK = 2e8  # products of all updates: those of a second
BESIDES = 15_000  # products in whose time an update does all else
ALWAYS = 3  # updates that are made however large the image is
KEPT = 16  # states


@dataclass(frozen=True, eq=False)
class Run:
    """What is small of every update: weights (out_channels, numbers), moments and losses.

    `hidden` is the kernel (rows, columns) that made the target. `asked` is how many updates there
    should be: there are fewer when the run diverges or the image is very large.
    """

    task: LearnTask
    weights: tuple[Array, ...]
    moments: tuple[Moments, ...]
    losses: Array
    hidden: Array | None
    asked: int

    @property
    def last(self) -> int:
        """The number of the last state, which is how many updates were made."""
        return len(self.weights) - 1

    @property
    def size(self) -> Shape:
        """Rows and columns of the kernel."""
        rows, columns = self.task.layer.weight.shape[2:]
        return rows, columns

    @property
    def map_sizes(self) -> tuple[Shape, ...]:
        """Rows and columns of the target of each image."""
        return tuple((t.shape[1], t.shape[2]) for t in self.task.targets)

    def kernel(self, step: int) -> Array:
        """Return the kernel (rows, columns) after `step` updates."""
        kernel: Array = self.task.as_kernel(self.weights[step])[0, 0]
        return kernel

    def bias(self, step: int) -> float | None:
        """Return the bias after `step` updates; None where none is learnt."""
        bias = self.task.as_bias(self.weights[step])
        return None if bias is None else float(bias[0])

    def windows_at(self, weight: Shape) -> tuple[int, ...]:
        """Return the windows, over all images, in which a weight meets a cell that is not 0.

        Where it meets none there is one all the same, so that there is something to show.
        """
        return _windows_at(self, weight)

    def cells_at(self, weight: Shape) -> Array:
        """Return the cell (windows,) that a weight (row, column) meets in each window."""
        cells: Array = self.task.columns[weight[0] * self.size[1] + weight[1]]
        return cells

    def place_of(self, window: int) -> tuple[int, Shape]:
        """Return in which image a window is, and at which row and column of its map."""
        for image, (rows, columns) in enumerate(self.map_sizes):
            if window < rows * columns:
                row, column = divmod(window, columns)
                return image, (row, column)
            window -= rows * columns
        raise IndexError("there is no such window")

    def windows(self, image: int) -> Windows:
        """Return one of the images as the layer reads it."""
        return _windows(self, image)

    def state(self, step: int) -> LearnState:
        """Return the state after `step` updates."""
        return _state(self, step)


@lru_cache(maxsize=KEPT)
def _state(run: Run, step: int) -> LearnState:
    return run.task.state(step, run.weights[step], run.moments[step])


@lru_cache(maxsize=4)
def _windows_at(run: Run, weight: Shape) -> tuple[int, ...]:
    return tuple(np.flatnonzero(run.cells_at(weight)).tolist()) or (0,)


@lru_cache(maxsize=MOST_IMAGES)
def _windows(run: Run, image: int) -> Windows:
    return windows_of(run.task.layer, run.task.images[image])


@lru_cache(maxsize=4)
def grey_image(document: Document) -> Array:
    """Return the image (rows, columns) that is learnt from: the mean of all channels."""
    image = document.image
    with np.errstate(over="ignore", invalid="ignore"):
        grey = image.mean(axis=0, dtype=np.float64)
    if not np.isfinite(grey).all():
        grey = (image / len(image)).sum(axis=0)
    return frozen_array(grey)


def learnt_images(document: Document) -> tuple[Array, ...]:
    """Return all images (rows, columns) that are learnt from, that of the document first."""
    return (grey_image(document), *document.learning.more)


@lru_cache(maxsize=2)
def run_of(document: Document) -> Run | str:
    """Return what becomes of the kernel, or why it cannot be learnt, in a sentence."""
    try:
        return _run(document)
    except LayerError as error:
        return str(error)


def _run(document: Document) -> Run:
    learning = document.learning
    task = task_of(learning, learnt_images(document))
    state, most = task.first, _affordable(task)
    weights, moments, losses = [state.flat.weights], [state.flat.moments], [state.loss]
    while state.step < most and not state.has_diverged:
        state = task.after(state)
        weights.append(state.flat.weights)
        moments.append(state.flat.moments)
        losses.append(state.loss)
    made = frozen_array(np.array(losses))
    hidden = hidden_kernel(learning)
    return Run(task, tuple(weights), tuple(moments), made, hidden, learning.steps)


def _affordable(task: LearnTask) -> int:
    """Return how many updates are made: of a very large image fewer, lest one has to wait."""
    return min(task.steps, max(int(MOST_WORK / (prod(task.columns.shape) + BESIDES)), ALWAYS))


def task_of(learning: Learning, images: Sequence[Array]) -> LearnTask:
    """Return what is learnt from `images`, (channels, *spatial) or (*spatial) each.

    Raises
    ------
    LayerError
        When images, target and settings do not belong together.
    """
    return learn_task(
        list(images),
        _targets(learning, images),
        kernel_size(learning),
        initial=_first(learning),
        activation=learning.activation,
        bias=learning.bias,
        loss=learning.loss,
        descent=learning.descent,
        noise=learning.noise,
        seed=learning.seed,
        steps=learning.steps,
        **learning.geometry,
    )


def hidden_kernel(learning: Learning) -> Array | None:
    """Return the kernel that makes the target; None where that is a map of one's own."""
    if learning.target is not None:
        return None
    own = learning.kernel if learning.hidden == OWN else None
    return frozen_array(KERNELS[learning.hidden].kernel if own is None else own)


def kernel_size(learning: Learning) -> PerAxis:
    """Return rows and columns of the kernel that is looked for."""
    hidden = hidden_kernel(learning)
    if hidden is None:
        return learning.kernel_size
    return hidden.shape[2:] if hidden.ndim > 2 else hidden.shape


def _targets(learning: Learning, images: Sequence[Array]) -> tuple[Array, ...]:
    hidden = hidden_kernel(learning)
    if hidden is not None:
        return targets_of(list(images), hidden, learning.activation, **learning.geometry)
    assert learning.target is not None
    rank = len(learning.kernel_size)
    wanted = map_size(learning, images[0].shape[-rank:])
    if min(wanted) > 0 and learning.target.shape[-rank:] != wanted:
        raise LayerError(
            f"the target has {times(learning.target.shape)} cells, of this image the kernel makes "
            f"{times(wanted)}: choose a kernel that makes the target, or another image"
        )
    return (learning.target,)


def map_size(learning: Learning, image: PerAxis) -> PerAxis:
    """Return rows and columns of the map that the kernel makes of an image of that shape.

    They are 0 or less where the kernel does not fit into it.
    """
    return tuple(axis.out for axis in learning.layer(kernel_size(learning)).axes(image))


def _first(learning: Learning) -> str | Array:
    if learning.initial != OWN:
        return learning.initial
    wanted = kernel_size(learning)
    if learning.first is None or learning.first.shape[-len(wanted) :] != wanted:
        raise LayerError(
            f"the first kernel of your own has not {times(wanted)} numbers: "
            "choose another first kernel"
        )
    return learning.first

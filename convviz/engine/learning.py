"""Learn a kernel by gradient descent: what a person gives, checked, as a task and its states."""

from collections.abc import Iterator, Sequence
from math import isfinite, prod
from typing import Unpack, cast

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.activation_layer import Activation, activation_of
from convviz.engine.batches import EMPTY, is_batch
from convviz.engine.descent import Descent
from convviz.engine.foreign_arrays import holds_axes
from convviz.engine.geometry import PerAxis, counted
from convviz.engine.kernel_tools import random_kernel
from convviz.engine.layers import Conv, ConvSettings
from convviz.engine.learn_settings import FIRST_KERNELS, STEPS
from convviz.engine.learn_task import LearnState, LearnTask, ordered_sums, window_columns
from convviz.engine.losses import LOSSES
from convviz.engine.padding import Array
from convviz.engine.problems import LayerError, Shape, times
from convviz.engine.settings import RANKS, checked_numbers, finite, frozen_array, named, whole_from

MOST_CELLS = 1 << 24  # numbers under all windows together: 128 MB


class LearnOptions(ConvSettings, total=False):
    """What `learn_kernel` takes besides the optimizer's settings, which it says."""

    initial: str | ArrayLike
    activation: str | Activation
    bias: bool
    loss: str
    noise: float
    seed: int
    steps: int


def learn_kernel(
    image: ArrayLike | Sequence[Array],
    target: ArrayLike | Sequence[Array],
    kernel_size: int | PerAxis = 3,
    *,
    optimizer: str = "sgd",
    lr: float | None = None,
    momentum: float = 0.9,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
    weight_decay: float = 0.0,
    **options: Unpack[LearnOptions],
) -> Iterator[LearnState]:
    """Look for the kernel that makes a map of an image, by gradient descent.

    Parameters
    ----------
    image : array (in_channels, *spatial) or (*spatial); or a list of such arrays, or a batch
        (batch, in_channels, *spatial)
    target : the map that is wanted of it, (out_channels, *out) or (*out); or a list or batch
    kernel_size : one number for all axes, or one per axis; (cells,) is for (channels, samples)
    initial : the first kernel: "uniform" in ±1/sqrt(numbers), as torch draws it, rounded to be
        read, which is usual; "zeros"; or an array (out_channels, in_channels, *kernel) or (*kernel)
    activation : between the layer and the target, as `activation_of` reads it: "none"
    bias : whether a bias is learnt too, which begins at 0: False
    loss : a name in LOSSES: "mse"
    optimizer, momentum, betas, eps, weight_decay : see `Descent`
    lr : the learning rate; None takes 0.9 of the largest stable one
    noise : deviation of normal numbers that are added to the target: 0
    seed : whole number from 0, for the first kernel and the noise: 0
    steps : how many updates there are: 500
    geometry : stride, padding, padding_mode, padding_value, dilation, flip: see `Conv`

    Returns
    -------
    iterator of LearnState
        The state before each update and the last one: `steps` + 1, fewer when it diverges.

    Raises
    ------
    LayerError
        At once when image, target and layer do not belong together, or a setting cannot be.

    Examples
    --------
    >>> from convviz.engine.convolve import conv
    >>> image = [[0, 1, 0, 0], [1, 1, 0, 1], [0, 1, 1, 0], [1, 0, 0, 0]]
    >>> *_, last = learn_kernel(image, conv(image, [[1, 2], [3, 4]]), 2)
    >>> last.kernel[0, 0].round(6)
    array([[1., 2.],
           [3., 4.]])
    >>> last.step, last.loss < 1e-10
    (500, True)
    """
    descent = Descent(optimizer, lr, momentum, betas, eps, weight_decay)
    return learn_task(image, target, kernel_size, descent=descent, **options).states()


def learn_task(
    image: ArrayLike | Sequence[Array],
    target: ArrayLike | Sequence[Array],
    kernel_size: int | PerAxis = 3,
    *,
    initial: str | ArrayLike = "uniform",
    activation: str | Activation = "none",
    bias: bool = False,
    loss: str = "mse",
    descent: Descent | None = None,
    noise: float = 0.0,
    seed: int = 0,
    steps: int = STEPS,
    **geometry: Unpack[ConvSettings],
) -> LearnTask:
    """Return what `learn_kernel` goes through, with all that can be known before the first step.

    Parameters and errors are those of `learn_kernel`; `descent` holds those of the optimizer.

    Examples
    --------
    >>> task = learn_task(np.ones((5, 5)), np.ones((3, 3)))
    >>> task.determined.sentence
    'the input determines 1 of 9 numbers: in 8 directions the kernel can change without any effect \
on the map'
    >>> task.learning_rate, round(task.bound, 9)
    (0.1, 0.111111111)
    """
    _check_ungrouped(geometry)
    given = _several(image)
    begin = initial if isinstance(initial, str) else checked_numbers(initial)
    rank = _rank(given[0], kernel_size if isinstance(begin, str) else begin)
    pixels = tuple(frozen_array(_with_channel(one, rank)) for one in _out_of_batches(given, rank))
    targets = _out_of_batches(_several(target), rank)
    wanted = tuple(_with_channel(one, rank) for one in targets)
    if len(wanted) != len(pixels):
        raise LayerError(
            f"there are {counted(len(pixels), 'image')} and {counted(len(wanted), 'target')}: "
            "each image needs its own"
        )
    seeded, deviation = whole_from(seed, "the seed"), _deviation(noise)
    shape = (len(wanted[0]), len(pixels[0]), *_sizes(kernel_size, rank))
    check_kernel_size(shape)
    first = _first_kernel(begin, seeded, shape)
    layer = Conv(first, np.zeros(len(first)) if bias else None, **geometry)
    _check(layer, pixels, wanted)
    function = activation_of(activation)
    if problem := function.problem((len(first),)):
        raise LayerError(problem.sentence)
    task = LearnTask(
        pixels,
        _with_noise(wanted, deviation, seeded),
        layer,
        function,
        LOSSES[named(loss, LOSSES, "loss")],
        descent or Descent(),
        whole_from(steps, "the number of steps"),
        deviation,
    )
    if not isfinite(task.first.loss):
        raise LayerError("the numbers are so large that the loss would be infinite")
    return task


def targets_of(
    image: ArrayLike | Sequence[Array],
    kernel: ArrayLike,
    activation: str | Activation = "none",
    **geometry: Unpack[ConvSettings],
) -> tuple[Array, ...]:
    """Return the maps that a hidden kernel makes of each image, to learn the kernel from.

    Parameters are those of `learn_kernel`.

    Examples
    --------
    >>> targets_of([1, 2, 3], [1, 1])
    (array([[3., 5.]]),)
    """
    _check_ungrouped(geometry)
    given = _several(image)
    weights = checked_numbers(kernel)
    rank = _rank(given[0], weights)
    pixels = [_with_channel(one, rank) for one in _out_of_batches(given, rank)]
    layer = Conv(_as_weight(weights, (1, len(pixels[0]))), **geometry)
    function = activation_of(activation)
    with np.errstate(over="ignore", invalid="ignore"):
        maps = [function.apply(_map(layer, one)) for one in pixels]
    if not all(np.isfinite(one).all() for one in maps):
        raise LayerError("the numbers are so large that the target would be infinite")
    return tuple(map(frozen_array, maps))


def _map(layer: Conv, image: Array) -> Array:
    """Return what the layer makes, by the sums with which it is learnt, to the last bit."""
    if problem := layer.problem(image.shape):
        raise LayerError(problem.sentence)
    _check_cells(_window_cells(layer, image.shape))
    weights = layer.weight.reshape(layer.out_channels, -1)
    sums = ordered_sums(weights, window_columns(layer, image))
    return sums.reshape(layer.output_shape(image.shape))


def _check_ungrouped(geometry: ConvSettings) -> None:
    if geometry.get("groups", 1) != 1:
        raise LayerError("a kernel is learnt for all channels together: groups must be 1")


def _several(given: ArrayLike | Sequence[Array]) -> tuple[Array, ...]:
    """Return arrays: a list of arrays or tensors is several, all else is one."""
    if isinstance(given, (list, tuple)) and given and all(map(holds_axes, given)):
        return tuple(checked_numbers(one) for one in given)
    return (checked_numbers(cast("ArrayLike", given)),)


def _out_of_batches(given: tuple[Array, ...], rank: int) -> tuple[Array, ...]:
    """Return all images one by one."""
    if any(is_batch(one, rank) and not len(one) for one in given):
        raise LayerError(EMPTY)
    return tuple(image for one in given for image in (one if is_batch(one, rank) else [one]))


def _rank(image: Array, kernel: int | PerAxis | Array) -> int:
    """Return how many spatial axes there are, by the kernel or its size where they tell."""
    if isinstance(kernel, np.ndarray):
        rank = kernel.ndim - 2 if kernel.ndim > 2 else kernel.ndim
    else:
        rank = len(kernel) if isinstance(kernel, (tuple, list)) else min(image.ndim, 2)
    if rank not in RANKS or image.ndim - rank not in (0, 1, 2):
        raise LayerError(
            f"the image has {counted(image.ndim, 'axis', 'axes')}, a kernel of "
            f"{counted(rank, 'axis', 'axes')} needs as many, or one more for channels"
        )
    return rank


def _with_channel(array: Array, rank: int) -> Array:
    whole = array[None] if array.ndim == rank else array
    if whole.ndim != rank + 1 or not whole.size:
        raise LayerError(
            f"with a kernel of {counted(rank, 'axis', 'axes')} images and targets have the shape "
            f"(channels, *spatial), not {times(array.shape)}"
        )
    return whole.astype(np.float64, copy=False)


def _sizes(kernel_size: int | PerAxis, rank: int) -> PerAxis:
    sizes = tuple(kernel_size) if isinstance(kernel_size, (tuple, list)) else (kernel_size,) * rank
    return tuple(whole_from(size, "kernel_size", 1) for size in sizes)


def _first_kernel(initial: str | Array, seed: int, shape: PerAxis) -> Array:
    if not isinstance(initial, str):
        return _as_weight(initial, shape)
    named(initial, FIRST_KERNELS, "first kernel")
    return np.zeros(shape) if initial == "zeros" else random_kernel(shape, seed)


def _as_weight(kernel: Array, shape: PerAxis) -> Array:
    """Return a kernel (*kernel) with axes for channels, as often as there are channels."""
    if kernel.ndim > 2:
        return kernel
    return np.broadcast_to(kernel, (*shape[:2], *kernel.shape))


def _deviation(noise: float) -> float:
    if finite(noise, "noise") < 0:
        raise LayerError(f"noise must be 0 or more, not {noise}")
    return float(noise)


def _with_noise(targets: tuple[Array, ...], deviation: float, seed: int) -> tuple[Array, ...]:
    if not deviation:
        return tuple(map(frozen_array, targets))
    rng = np.random.default_rng([seed, 1])  # apart from the first kernel's
    with np.errstate(over="ignore", invalid="ignore"):
        noisy = [t + deviation * rng.standard_normal(t.shape) for t in targets]
    if not all(np.isfinite(target).all() for target in noisy):
        raise LayerError(f"noise of {deviation:g} makes numbers too large to be held: lower it")
    return tuple(map(frozen_array, noisy))


def _check(layer: Conv, images: tuple[Array, ...], targets: tuple[Array, ...]) -> None:
    cells = 0.0
    for image, target in zip(images, targets, strict=True):
        if problem := layer.problem(image.shape):
            raise LayerError(problem.sentence)
        made = layer.output_shape(image.shape)
        if made != target.shape:
            raise LayerError(
                f"the target has the shape {times(target.shape)}, the layer makes {times(made)}"
            )
        cells += _window_cells(layer, image.shape)
    _check_cells(cells)


def _window_cells(layer: Conv, shape: Shape) -> float:
    """Return how many cells all windows hold together."""
    return float(prod(layer.output_shape(shape)[1:])) * prod(layer.weight.shape[1:])


def _check_cells(cells: float) -> None:
    if cells > MOST_CELLS:
        raise LayerError(
            f"the windows would hold {cells:,.0f} cells, {MOST_CELLS:,} are allowed: "
            "take a smaller image, kernel or padding"
        )


def check_kernel_size(sizes: Sequence[int]) -> None:
    """Refuse a kernel of more numbers than can be learnt, before any memory is taken for it.

    Raises
    ------
    LayerError
        When the kernel has more than MOST_CELLS numbers.

    Examples
    --------
    >>> check_kernel_size((3, 3))
    """
    if (count := prod(sizes)) > MOST_CELLS:
        raise LayerError(
            f"the kernel would have {count:,} numbers, {MOST_CELLS:,} are allowed: "
            "take a smaller kernel"
        )

"""A stack of layers: results, shapes, costs, and which cells of the image a late cell sees."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import prod
from typing import assert_never

from numpy.typing import ArrayLike

from convviz.engine.batches import of_each
from convviz.engine.convolve import apply_conv
from convviz.engine.geometry import PerAxis
from convviz.engine.layers import (
    Activation,
    Conv,
    ConvTranspose,
    Layer,
    LayerError,
    Pool,
    Shape,
)
from convviz.engine.padding import Array
from convviz.engine.pooling import apply_pool
from convviz.engine.settings import RANKS, checked_numbers, computed
from convviz.engine.torch_layers import is_module, layers_in
from convviz.engine.transposed import apply_conv_transpose, spread_amounts
from convviz.engine.windows import Windows

SHOWN_LAYERS = 4


def apply_layer(layer: Layer, image: Array) -> Array:
    """Return what `layer` makes of `image` (in_channels, *spatial).

    >>> import numpy as np
    >>> apply_layer(Activation("relu"), np.array([[-1.0, 2.0]]))
    array([[0., 2.]])
    """
    match layer:
        case Conv():
            return apply_conv(layer, image)
        case ConvTranspose():
            return apply_conv_transpose(layer, image)
        case Pool():
            return apply_pool(layer, image)
        case Activation():
            return layer.apply(image)
        case _:
            assert_never(layer)


@dataclass(frozen=True, eq=False)
class Cost:
    """What a layer needs: `parameters` are numbers to learn, `multiply_adds` are per image."""

    parameters: int
    multiply_adds: int


def layer_cost(layer: Layer, shape: Shape) -> Cost:
    """Return what `layer` needs for an image of `shape` (in_channels, *spatial).

    Examples
    --------
    >>> import numpy as np
    >>> layer_cost(Conv(np.ones((8, 3, 3, 3)), np.zeros(8)), (3, 24, 24))
    Cost(parameters=224, multiply_adds=104544)
    """
    match layer:
        case Conv():
            cells = prod(layer.output_shape(shape)[1:])
        case ConvTranspose():
            cells = prod(shape[1:])
        case Activation():
            return Cost(layer.parameters, 0)
        case Pool():
            return Cost(0, 0)
        case _:
            assert_never(layer)
    bias = 0 if layer.bias is None else layer.bias.size
    return Cost(layer.weight.size + bias, layer.weight.size * cells)


@dataclass(frozen=True)
class Field:
    """The receptive field of a layer's cells along one axis, as if the image had no border.

    Attributes
    ----------
    size : cells of the image from the first to the last one that a cell depends on; dilation may
        leave out some between. Behind a transposed convolution neighbours see more and less by
        turns, and `size` is what none of them exceeds
    jump : by how many cells of the image the field moves from one cell to the next
    start : the middle of the first cell's field, on average over those turns; the first cell of
        the image has its middle at 0
    """

    size: int
    jump: Fraction
    start: Fraction


@dataclass(frozen=True)
class _Step:
    """One axis of a layer: windows of `span` with a `stride` over an input spread by `spread`."""

    span: int
    before: int
    stride: int = 1
    spread: int = 1


def receptive_field(layers: Sequence[Layer], spatial: Shape) -> tuple[Field, ...]:
    """Return the receptive field of the last layer's cells, per spatial axis.

    Source: ``start += ((K_eff - 1) / 2 - L) jump; jump *= S`` from the first layer to the last, and
    ``size = (size - 1) S + K_eff`` from the last to the first. A transposed convolution divides
    both by its stride.

    Examples
    --------
    >>> import numpy as np
    >>> layers = (Conv(np.ones((1, 1, 3, 3)), padding=1), Pool("max", 2))
    >>> field = receptive_field(layers, (8, 8))[0]
    >>> field.size, int(field.jump), float(field.start)
    (4, 2, 0.5)
    """
    steps: list[tuple[_Step, ...]] = []
    shape: Shape = (1, *spatial)
    for layer in layers:
        if not isinstance(layer, Activation):
            steps.append(_steps(layer, shape[1:]))
        shape = (1, *layer.output_shape(shape)[1:])
    return tuple(_field([step[axis] for step in steps]) for axis in range(len(spatial)))


def _steps(layer: Conv | ConvTranspose | Pool, spatial: Shape) -> tuple[_Step, ...]:
    if isinstance(layer, ConvTranspose):
        return tuple(
            _Step(d * (k - 1) + 1, before, spread=s)
            for d, k, s, (before, _) in zip(
                layer.dilation, layer.kernel_size, layer.stride, spread_amounts(layer), strict=True
            )
        )
    return tuple(_Step(a.span, a.before, a.stride) for a in layer.axes(spatial))


def _field(steps: Sequence[_Step]) -> Field:
    size, jump, start = 1, Fraction(1), Fraction(0)
    for step in reversed(steps):
        size = ((size - 1) * step.stride + step.span - 1) // step.spread + 1
    for step in steps:
        jump /= step.spread
        start += (Fraction(step.span - 1, 2) - step.before) * jump
        jump *= step.stride
    return Field(size, jump, start)


def cells_seen(stages: Sequence[Windows], at: PerAxis) -> tuple[PerAxis, ...]:
    """Return which cells of the image the cell `at` of the last layer depends on, per axis.

    `stages` are the windows through which each layer reads what the one before it makes. Cells
    that padding copies or blends count.

    Examples
    --------
    >>> import numpy as np
    >>> from convviz.engine.windows import windows_of
    >>> image = np.ones((1, 8))
    >>> stages = (windows_of(Conv(np.ones((1, 1, 3)), padding=1), image),
    ...           windows_of(Pool("max", (2,)), image))
    >>> cells_seen(stages, (0,)), cells_seen(stages, (1,))
    (((0, 1, 2),), ((1, 2, 3, 4),))
    """
    seen: tuple[PerAxis, ...] = tuple((index,) for index in at)
    for windows in reversed(stages):
        seen = windows.read_for(seen)
    return seen


class Network:
    """Layers one after the other; calling it with an image gives the last one's result.

    Parameters
    ----------
    layers : Conv, ConvTranspose, Pool and Activation, in the order in which the image meets them;
        layers of torch may stand among them, and a torch model such as nn.Sequential for all.
        Their numbers are copied

    Raises
    ------
    LayerError
        When something is no layer, or a layer does not fit what the one before it makes: the
        message says which, counted from 1.

    Examples
    --------
    >>> import numpy as np
    >>> network = Network([Conv(np.ones((1, 1, 3, 3))), Activation("relu"), Pool("max", 2)])
    >>> network(np.ones((6, 6))).shape
    (1, 2, 2)
    >>> network
    Network(Conv(1 -> 1, 3x3), Activation('relu'), Pool(max, 2x2))
    """

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.layers = tuple(_flat(layers))

    def __len__(self) -> int:
        """Return how many layers there are."""
        return len(self.layers)

    def __getitem__(self, number: int) -> Layer:
        """Return a layer, counted from 0."""
        return self.layers[number]

    def __repr__(self) -> str:
        """Return its layers, or how many there are."""
        shown = ", ".join(map(repr, self.layers[:SHOWN_LAYERS]))
        many = len(self) > SHOWN_LAYERS
        return f"Network({len(self)} layers, {shown}, ...)" if many else f"Network({shown})"

    def __call__(self, image: ArrayLike) -> Array:
        """Return (channels, *spatial) for an image (channels, *spatial), or (*spatial) of one.

        A batch (batch, channels, *spatial) comes back as one.
        """
        pixels = checked_numbers(image)
        rank = self.rank
        if rank is None:  # activations alone: a batch of images is what has four axes
            return of_each(self._result, pixels, max(RANKS))
        return of_each(self._result, pixels[None] if pixels.ndim <= rank else pixels, rank)

    def _result(self, image: Array) -> Array:
        for number, layer in enumerate(self.layers, start=1):
            if problem := layer.problem(image.shape):
                raise LayerError(f"layer {number}: {problem.sentence}")
            image = computed(partial(apply_layer, layer, image))
        return image

    @property
    def rank(self) -> int | None:
        """How many spatial axes there are, by the first layer that has a kernel; None without."""
        ranks = (layer.rank for layer in self.layers if not isinstance(layer, Activation))
        return next(ranks, None)


def _flat(layers: object) -> Iterator[Layer]:
    """Yield layers; those of torch become ours."""
    if is_module(layers):
        yield from layers_in(layers)
        return
    if not isinstance(layers, (list, tuple)):
        raise LayerError(f"a network is a list of layers, not {type(layers).__name__}")
    for number, layer in enumerate(layers, start=1):
        if isinstance(layer, Layer):
            yield layer
        elif is_module(layer):
            yield from _named(number, layer)
        else:
            raise LayerError(f"layer {number} is no layer but {layer!r}")


def _named(number: int, module: object) -> tuple[Layer, ...]:
    try:
        return layers_in(module)
    except LayerError as error:
        raise LayerError(f"layer {number}: {error}") from None

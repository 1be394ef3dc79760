"""Document: an image and the layers that it passes through; what a scene file holds."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property, lru_cache
from math import prod
from typing import assert_never

import numpy as np

from convviz.engine.convolve import correlate_padded
from convviz.engine.geometry import counted
from convviz.engine.inputs import INPUTS
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import (
    Activation,
    Conv,
    ConvTranspose,
    KernelLayer,
    Layer,
    Pool,
    Problem,
    Shape,
)
from convviz.engine.network import apply_layer
from convviz.engine.noise import denoised_conv, denoised_means
from convviz.engine.padding import Array
from convviz.engine.problems import each
from convviz.engine.transposed import as_conv
from convviz.engine.windows import Windows, windows_of
from convviz.model.learning import LEARNING, Learning
from convviz.model.memory import lacking
from convviz.model.numbers import rounded_text

CELL_BYTES = 16  # a number, and another while it is made
SHOWN_BYTES = 64  # of each cell of a map that is painted: measured, with as much again


@dataclass(frozen=True, eq=False)
class Document:
    """An image (in_channels, *spatial) with a name, and a tuple of layers.

    `disabled` holds the indices of layers that the image skips. `learning` is how a kernel is
    learnt from the image.
    """

    image: Array
    image_name: str
    layers: tuple[Layer, ...]
    disabled: frozenset[int] = frozenset()
    learning: Learning = LEARNING

    @property
    def rank(self) -> int:
        """How many spatial axes there are."""
        return self.image.ndim - 1

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape before each layer and after the last; it ends where a layer does not fit."""
        shapes = [self.image.shape]
        for index, layer in enumerate(self.layers):
            if layer.problem(shapes[-1]):
                break
            skipped = index in self.disabled
            shapes.append(shapes[-1] if skipped else layer.output_shape(shapes[-1]))
        return tuple(shapes)

    @property
    def stack(self) -> tuple[tuple[Layer, bool], ...]:
        """Every layer, and whether it is disabled."""
        return tuple((layer, n in self.disabled) for n, layer in enumerate(self.layers))

    def with_stack(self, stack: Iterable[tuple[Layer, bool]]) -> "Document":
        """Return the document with other layers, each disabled or not."""
        pairs = tuple(stack)
        disabled = frozenset(n for n, (_, skipped) in enumerate(pairs) if skipped)
        return replace(self, layers=tuple(layer for layer, _ in pairs), disabled=disabled)

    def made(self, index: int) -> Shape:
        """Return the shape that the layer at `index` makes, disabled or not."""
        if index in self.disabled:
            return self.layers[index].output_shape(self.shapes[index])
        return self.shapes[index + 1]

    @cached_property
    def problem(self) -> "LayerProblem | None":
        """The first layer that does not fit, and why."""
        index = len(self.shapes) - 1
        if index == len(self.layers):
            return self._lack_of_memory() or self._overflow()
        problem = self.layers[index].problem(self.shapes[index])
        assert problem is not None
        return LayerProblem(index, problem)

    def _lack_of_memory(self) -> "LayerProblem | None":
        """Return the layer with the largest output when there is not room to compute and show."""
        cells = [prod(shape) for shape in self.shapes]
        largest = max(prod(shape[1:]) for shape in self.shapes)
        lack = lacking(CELL_BYTES * sum(cells) + SHOWN_BYTES * largest)
        if not lack or not self.layers:
            return None
        sentence = f"the image is too large for {counted(len(self.layers), 'layer')}: {lack}"
        index = cells.index(max(cells[1:]), 1) - 1
        return LayerProblem(index, Problem("image", f"{sentence}; crop it, or scale it down"))

    def _overflow(self) -> "LayerProblem | None":
        """Return the first layer whose sums could pass the largest number that there is."""
        dtype, largest = self.image.dtype, float(max(self.image.max(), -self.image.min()))
        for index, layer in enumerate(self.layers):
            conv = convolution(layer)
            if conv is not None:
                dtype = np.result_type(dtype, conv.weight)
                largest = most = _largest_sum(conv, largest)
            elif isinstance(layer, Pool) and layer.pooling.adds:
                most = largest * prod(layer.kernel_size)  # before it is divided
            elif isinstance(layer, Activation) and _largest_made(layer, largest) > largest:
                largest = most = _largest_made(layer, largest)
            else:
                continue
            limit = float(np.finfo(dtype).max)
            if most >= limit:
                end = rounded_text(limit, 2)
                sentence = f"the numbers are too large: sums of them could pass {end}"
                return LayerProblem(index, Problem("weight", sentence))
        return None

    def activation(self, index: int) -> Activation:
        """Return the activation right after the layer at `index`, "none" where there is none.

        An activation stands for itself: what follows it is not shown with it.
        """
        after = self.activation_index(index)
        following = None if after in (None, index) else self.layers[after]
        return following if isinstance(following, Activation) else Activation("none")

    def activation_index(self, index: int) -> int | None:
        """Return where the activation of the layer at `index` is: itself, or the one after it."""
        if isinstance(self.layers[index], Activation):
            return index
        after = (n for n in range(index + 1, len(self.layers)) if n not in self.disabled)
        following = next(after, index)
        return following if isinstance(self.layers[following], Activation) else None

    @cached_property
    def image_title(self) -> str:
        """The image's name, marked when a preset's cells were changed."""
        preset = next((p for p in INPUTS.values() if p.title == self.image_name), None)
        if preset is None or np.array_equal(
            np.atleast_2d(preset.image), np.atleast_2d(self.image[0])
        ):
            return self.image_name
        return f"{self.image_name}, edited"


@lru_cache(maxsize=64)
def convolution(layer: Layer) -> Conv | None:
    """Return the convolution that a layer is or can be seen as, None where it is none."""
    match layer:
        case Conv():
            return layer
        case ConvTranspose():
            return as_conv(layer)
        case _:
            return None


def flips(layer: KernelLayer) -> bool:
    """Return whether a layer lays its kernel turned around upon the input, as convolution does.

    A transposed convolution does: each stamp of the kernel meets the output from the other side.
    """
    match layer:
        case Conv():
            return layer.flip
        case ConvTranspose():
            return True
        case _:
            assert_never(layer)


def _largest_sum(conv: Conv, largest: float) -> float:
    """Return what no output cell exceeds when no input cell exceeds `largest` or 1."""
    weights = np.abs(conv.weight.astype(np.float64).reshape(conv.out_channels, -1))
    with np.errstate(over="ignore"):
        most = float(weights.sum(axis=1).max())
    bias = 0.0 if conv.bias is None else float(np.abs(conv.bias).max())
    return max(largest, abs(conv.padding_value), 1.0) * most + bias


def _largest_made(activation: Activation, largest: float) -> float:
    """Return what no cell exceeds that an activation makes of cells up to `largest`."""
    at_zero = float(np.abs(activation.for_channel(0).apply(np.zeros(1)))[0])
    return max(largest, largest * activation.steepest + at_zero)


def same_document(one: Document, other: Document) -> bool:
    """Return whether two documents hold the same numbers and settings."""
    return (
        one.image_name == other.image_name
        and _same(one.image, other.image)
        and one.disabled == other.disabled
        and len(one.layers) == len(other.layers)
        and all(map(_same_settings, one.layers, other.layers))
        and _same_settings(one.learning, other.learning)
    )


@lru_cache(maxsize=2)
def differ(one: Document, other: Document) -> bool:
    """Return whether two documents differ; asked with every step, so cached by identity."""
    return not same_document(one, other)


def _same_settings(one: Layer | Learning, other: Layer | Learning) -> bool:
    return type(one) is type(other) and all(
        _same(getattr(one, setting.name), getattr(other, setting.name)) for setting in fields(one)
    )


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one is other or (one.dtype == other.dtype and np.array_equal(one, other))
    if isinstance(one, tuple) and isinstance(other, tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    return type(one) is type(other) and one == other


@dataclass(frozen=True, eq=False)
class LayerProblem:
    """Which layer does not fit its input, and why."""

    index: int
    problem: Problem


@dataclass(frozen=True, eq=False)
class Computation:
    """What a layer reads and makes.

    `image` (in_channels, *spatial) is its input, `windows` how it is read, `conv` the convolution
    that the layer is or can be seen as; `sums` what the layer makes, `maps` the same after the
    activation that follows.
    """

    image: Array
    windows: Windows
    conv: Conv | None
    sums: Array
    maps: Array


class Results:
    """What the layers of a document make, each computed when it is first asked for.

    `of` has the numbers as they were computed, for files, programs and the layers that follow;
    `shown` has 0 where they are rounding noise, for the screen. Both are the same object where
    there is none.
    """

    def __init__(self, document: Document) -> None:
        self._document = document
        self._known: dict[int, Computation] = {}
        self._shown: dict[int, Computation] = {}

    def entering(self, index: int) -> Array:
        """Return what comes to the layer at `index`; after the last, what the stack makes."""
        before = self._before(index)
        return self._document.image if before is None else self.of(before).sums

    def entering_shown(self, index: int) -> Array:
        """Return the same as it is shown."""
        before = self._before(index)
        return self._document.image if before is None else self.shown(before).sums

    def of(self, index: int) -> Computation:
        """Return what the layer at `index` reads and makes."""
        for earlier in range(index + 1):
            if earlier not in self._known and (earlier == index or not self._skips(earlier)):
                self._known[earlier] = self._computed(earlier)
        return self._known[index]

    def shown(self, index: int) -> Computation:
        """Return what the layer at `index` reads and makes, as it is shown."""
        for earlier in range(index + 1):
            if earlier not in self._shown and (earlier == index or not self._skips(earlier)):
                self._shown[earlier] = self._denoised(earlier)
        return self._shown[index]

    def adopt(self, index: int, computation: Computation, shown: Computation) -> None:
        """Take what the layer at `index` reads and makes from someone who knows it."""
        self._known[index], self._shown[index] = computation, shown

    def _before(self, index: int) -> int | None:
        """Return the layer whose result comes to the one at `index`, None for the image."""
        return next((n for n in reversed(range(index)) if not self._skips(n)), None)

    def _skips(self, index: int) -> bool:
        return index in self._document.disabled

    def _computed(self, index: int) -> Computation:
        layer, image = self._document.layers[index], self.entering(index)
        windows, conv = windows_of(layer, image), convolution(layer)
        sums = apply_layer(layer, image) if conv is None else correlate_padded(conv, windows.cells)
        return Computation(image, windows, conv, sums, self._activated(index, sums))

    def _denoised(self, index: int) -> Computation:
        made, image = self.of(index), self.entering_shown(index)
        layer, windows = self._document.layers[index], made.windows
        same = image is made.image
        if not same:
            windows = windows_of(layer, image)
        if made.conv is not None:
            cells = None if same else windows.cells
            sums = denoised_conv(made.conv, made.windows.cells, made.sums, cells)
        elif isinstance(layer, Pool) and layer.pooling.adds:
            sums = denoised_means(layer, made.image, made.sums, None if same else image)
        else:
            sums = made.sums if same else apply_layer(layer, image)
        if same and sums is made.sums:
            return made
        return Computation(image, windows, made.conv, sums, self._activated(index, sums))

    def _activated(self, index: int, sums: Array) -> Array:
        activation = self._document.activation(index)
        return sums if activation.name == "none" else apply_layer(activation, sums)


@lru_cache(maxsize=2)
def results(document: Document) -> Results:
    """Return the results of the document; cached by its identity."""
    return Results(document)


def compute(document: Document, index: int) -> Computation:
    """Return what the layer at `index` reads and makes."""
    return results(document).of(index)


def compute_shown(document: Document, index: int) -> Computation:
    """Return what the layer at `index` reads and makes, with 0 for rounding noise."""
    return results(document).shown(index)


def layer_title(layer: Layer) -> str:
    """Return the kind of a layer and its size.

    >>> layer_title(Pool("max", 2)), layer_title(Activation("relu"))
    ('MaxPool 2', 'ReLU')
    """
    match layer:
        case Activation():
            return layer.title
        case Pool():
            return f"{layer.pooling.short} {each(layer.kernel_size)}"
        case _:
            kind = "Conv" if isinstance(layer, Conv) else "ConvT"
            return f"{kind} {'×'.join(map(str, layer.kernel_size))}"


def kernel_of(layer: KernelLayer, channel: int, source: int) -> tuple[int, int]:
    """Return where, in the weight, the kernel from input channel `source` to `channel` stands."""
    if isinstance(layer, Conv):
        return channel, source - layer.channels_seen(channel).start
    return source, channel % int(layer.weight.shape[1])


def bias_of(layer: KernelLayer) -> Array:
    """Return the bias (out_channels,) of a layer: zeros where it has none."""
    return np.zeros(layer.out_channels) if layer.bias is None else layer.bias


def kernel_title(layer: Layer, channel: int = 0, source: int = 0) -> str:
    """Return what the layer does, by the name of its kernel where that is a preset."""
    if not isinstance(layer, KernelLayer):
        return layer_title(layer)
    preset = kernel_preset(layer, channel, source)
    return KERNELS[preset].title if preset else "Own kernel"


@lru_cache(maxsize=64)
def kernel_preset(layer: KernelLayer, channel: int = 0, source: int = 0) -> str | None:
    """Return the key of the preset that a kernel equals, None where there is none."""
    kernel = layer.weight[kernel_of(layer, channel, source)]
    return next((p.name for p in KERNELS.values() if np.array_equal(p.kernel, kernel)), None)


def default_signals() -> Document:
    """Return the lecture's [1, 2, 3, 4, 5] and [10, 9, 8], in full."""
    preset = INPUTS["1-to-5"]
    layer = Conv(KERNELS["10-9-8"].kernel[None, None], [0.0], padding="full", flip=True)
    return Document(preset.image[None], preset.title, (layer,))


def default_document() -> Document:
    """Return the letter H under Sobel x, convolved with the lecture's 'same'."""
    preset = INPUTS["letter-h"]
    layer = Conv(KERNELS["sobel-x"].kernel[None, None], [0.0], padding="same", flip=True)
    return Document(preset.image[None], preset.title, (layer,))

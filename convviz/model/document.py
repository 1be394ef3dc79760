"""Document: an image and the layers that it passes through; what a scene file holds."""

from dataclasses import dataclass, fields
from functools import cached_property, lru_cache

import numpy as np

from convviz.engine.convolve import apply_layer, correlate_padded, padded_image, settled
from convviz.engine.inputs import INPUTS
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Activation, Conv, Layer, LayerError, Problem, Shape
from convviz.engine.padding import Array
from convviz.model.numbers import rounded_text


@dataclass(frozen=True, eq=False)
class Document:
    """An image (in_channels, *spatial) with a name, and a tuple of layers."""

    image: Array
    image_name: str
    layers: tuple[Layer, ...]

    @cached_property
    def shapes(self) -> tuple[Shape, ...]:
        """The shape before each layer and after the last; it ends where a layer does not fit."""
        shapes = [self.image.shape]
        for layer in self.layers:
            if layer.problem(shapes[-1]):
                break
            shapes.append(layer.output_shape(shapes[-1]))
        return tuple(shapes)

    @cached_property
    def problem(self) -> "LayerProblem | None":
        """The first layer that does not fit, and why."""
        index = len(self.shapes) - 1
        if index == len(self.layers):
            return self._overflow()
        problem = self.layers[index].problem(self.shapes[index])
        assert problem is not None
        return LayerProblem(index, problem)

    def _overflow(self) -> "LayerProblem | None":
        """Return the first layer whose sums could pass the largest number that there is."""
        dtype, largest = self.image.dtype, float(max(self.image.max(), -self.image.min()))
        for index, layer in enumerate(self.layers):
            if not isinstance(layer, Conv):
                continue
            dtype = np.result_type(dtype, layer.weight)
            largest = _largest_sum(layer, largest)
            limit = float(np.finfo(dtype).max)
            if largest >= limit:
                end = rounded_text(limit, 2)
                sentence = f"the numbers are too large: sums of them could pass {end}"
                return LayerProblem(index, Problem("weight", sentence))
        return None

    def conv(self, index: int) -> Conv:
        """Return the convolution at `index`."""
        layer = self.layers[index]
        assert isinstance(layer, Conv)
        return layer

    def activation(self, index: int) -> Activation:
        """Return the activation right after the layer at `index`, "none" where there is none."""
        after = self.layers[index + 1 : index + 2]
        return after[0] if after and isinstance(after[0], Activation) else Activation("none")

    @cached_property
    def image_title(self) -> str:
        """The image's name, marked when a preset's cells were changed."""
        preset = next((p for p in INPUTS.values() if p.title == self.image_name), None)
        if preset is None or np.array_equal(
            np.atleast_2d(preset.image), np.atleast_2d(self.image[0])
        ):
            return self.image_name
        return f"{self.image_name}, edited"


def _largest_sum(conv: Conv, largest: float) -> float:
    """Return what no output cell exceeds when no input cell exceeds `largest` or 1."""
    weights = np.abs(conv.weight.astype(np.float64).reshape(conv.out_channels, -1))
    with np.errstate(over="ignore"):
        most = float(weights.sum(axis=1).max())
    bias = 0.0 if conv.bias is None else float(np.abs(conv.bias).max())
    return max(largest, abs(conv.padding_value), 1.0) * most + bias


def same_document(one: Document, other: Document) -> bool:
    """Return whether two documents hold the same numbers and settings."""
    return (
        one.image_name == other.image_name
        and _same(one.image, other.image)
        and len(one.layers) == len(other.layers)
        and all(map(_same_layer, one.layers, other.layers))
    )


def _same_layer(one: Layer, other: Layer) -> bool:
    return type(one) is type(other) and all(
        _same(getattr(one, setting.name), getattr(other, setting.name)) for setting in fields(one)
    )


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return one is other or (one.dtype == other.dtype and np.array_equal(one, other))
    return type(one) is type(other) and one == other


@dataclass(frozen=True, eq=False)
class LayerProblem:
    """Which layer does not fit its input, and why."""

    index: int
    problem: Problem


@dataclass(frozen=True, eq=False)
class Computation:
    """What the focused layer reads and makes.

    `image` (in_channels, *spatial) is its input, `padded` the same with padding, `sums` the dot
    products with bias, `maps` the feature maps after the activation that follows.
    """

    image: Array
    padded: Array
    sums: Array
    maps: Array


@lru_cache(maxsize=2)
def compute(document: Document, index: int) -> Computation:
    """Return what the convolution at `index` reads and makes; cached by the document's identity."""
    image = document.image
    for layer in document.layers[:index]:
        image = apply_layer(layer, image)
    conv = document.conv(index)
    padded = padded_image(conv, image)
    sums = settled(conv, padded, correlate_padded(conv, padded))
    return Computation(image, padded, sums, apply_layer(document.activation(index), sums))


def kernel_title(conv: Conv) -> str:
    """Return the name of the preset that a one-channel kernel equals, or "Own kernel"."""
    preset = kernel_preset(conv)
    return KERNELS[preset].title if preset else "Own kernel"


@lru_cache(maxsize=64)
def kernel_preset(conv: Conv) -> str | None:
    """Return the key of the preset that the kernel equals, None where there is none."""
    if conv.weight.shape[:2] != (1, 1):
        return None
    kernel = conv.weight[0, 0]
    return next((p.name for p in KERNELS.values() if np.array_equal(p.kernel, kernel)), None)


def checked_document(document: Document) -> Document:
    """Return `document` when every layer fits.

    Raises
    ------
    LayerError
        With the sentence of the first layer that does not.
    """
    if document.problem:
        raise LayerError(document.problem.problem.sentence)
    return document


def default_document() -> Document:
    """Return the letter H under Sobel x, convolved with the lecture's 'same'."""
    preset = INPUTS["letter-h"]
    layer = Conv(KERNELS["sobel-x"].kernel[None, None], [0.0], padding="same", flip=True)
    return Document(preset.image[None], preset.title, (layer,))

"""Document: an image and the layers that it passes through; what a scene file holds."""

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from convviz.engine.convolve import apply_layer, correlate_padded, padded_image
from convviz.engine.inputs import INPUTS
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Activation, Conv, Layer, LayerError, Problem, Shape
from convviz.engine.padding import Array


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
            return None
        problem = self.layers[index].problem(self.shapes[index])
        assert problem is not None
        return LayerProblem(index, problem)

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
        if preset is None or np.array_equal(preset.image, self.image[0]):
            return self.image_name
        return f"{self.image_name}, edited"


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
    sums = correlate_padded(conv, padded)
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

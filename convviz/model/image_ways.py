"""Ways out by another image: when the first kernel takes other channels, or memory is lacking."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import islice
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np

from convviz.engine.inputs import INPUTS
from convviz.engine.layers import Conv, Fix, KernelLayer, Problem, Shape
from convviz.engine.padding import Array
from convviz.engine.problems import LARGEST_PADDED, times
from convviz.engine.resample import scale_down, scaled_size
from convviz.engine.settings import frozen_array, resized_axis
from convviz.model.document import Document

NOTHING: Mapping[str, Any] = MappingProxyType({})
SIDES = (2048, 1024, 512, 256, 128, 64)  # cells of the longer side
SCALES_OFFERED = 2
LISTED = 8  # samples that name a signal
LINE = 2  # axes of a signal: channels and samples
RANDOM_SIDE = 32  # cells at most
SEED = 0


@dataclass(frozen=True, eq=False)
class ImageFix(Fix):
    """A change of the image that makes the layers fit; the image is made when it is chosen."""

    make: Callable[[Array], Array] = np.array
    name: str = ""

    def image_changes(self, document: Document) -> dict[str, Any]:
        """Return what becomes of the image and its name."""
        image = frozen_array(self.make(document.image))
        return {"image": image, "image_name": self.name or document.image_name}


@dataclass(frozen=True, eq=False)
class SwapFix(ImageFix):
    """Let the signal slide over the longer kernel, as NumPy does."""

    index: int = 0

    def image_changes(self, document: Document) -> dict[str, Any]:
        """Return the two signals in each other's place."""
        layer, samples = document.layers[self.index], document.image
        assert isinstance(layer, Conv)
        swapped = replace(layer, weight=samples[None])
        layers = (*document.layers[: self.index], swapped, *document.layers[self.index + 1 :])
        return {
            "image": frozen_array(layer.weight[0]),
            "image_name": signal_name(layer.weight[0, 0]),
            "layers": layers,
        }


def signal_name(samples: Array) -> str:
    """Return what a signal is called that was typed.

    >>> signal_name(np.array([4.0, 5.5]))
    '[4, 5.5]'
    """
    text = ", ".join(f"{value:g}" for value in samples[:LISTED].tolist())
    return f"[{text}]" if len(samples) <= LISTED else "Own signal"


def example_image(layer: KernelLayer) -> tuple[Array, str]:
    """Return an image with as many axes as a layer has, and its name: one that fits if any does."""
    presets = [preset for preset in INPUTS.values() if preset.image.ndim == layer.rank]
    fitting = (one for one in presets if not layer.problem((layer.in_channels, *one.image.shape)))
    chosen = next(fitting, presets[0])
    image = frozen_array(chosen.image[None])
    drawn = _random(layer, image.shape, layer.in_channels)
    if layer.problem(image.shape) and drawn:
        return frozen_array(drawn[0].make(image)), drawn[0].name
    return image, chosen.title


@lru_cache(maxsize=2)
def problem_with_ways(document: Document) -> Problem | None:
    """Return why a document does not fit, with ways out by another image put first."""
    found = document.problem
    if found is None:
        return None
    all_fit = len(document.shapes) > len(document.layers)
    fixes = _scaled(document) if all_fit else _image_fixes(document, found.index)
    return replace(found.problem, fixes=(*fixes, *found.problem.fixes)) if fixes else found.problem


def _scaled(document: Document) -> tuple[ImageFix, ...]:
    """Return the ways to a smaller image, where that is what lets all layers be computed."""
    if document.problem is None or document.problem.problem.setting != "image":
        return ()
    found = (fix for side in SIDES if (fix := _scaled_to(side, document)))
    return tuple(islice(found, SCALES_OFFERED))


def _scaled_to(side: int, document: Document) -> ImageFix | None:
    channels, *spatial = document.image.shape
    if len(spatial) != 2 or max(spatial) <= side:
        return None
    rows, columns = scaled_size((spatial[0], spatial[1]), side)
    smaller = np.broadcast_to(document.image.max(), (channels, rows, columns))
    if replace(document, image=smaller).problem:
        return None
    return ImageFix(f"scale it down to {rows} × {columns}", NOTHING, partial(scale_down, side=side))


def _image_fixes(document: Document, index: int) -> tuple[ImageFix, ...]:
    layer, image = document.layers[index], document.image
    before = (n for n in range(index) if n not in document.disabled)
    if not isinstance(layer, KernelLayer) or layer.rank != image.ndim - 1:
        return ()
    if any(isinstance(document.layers[n], KernelLayer) for n in before):
        return ()
    have, want = len(image), layer.in_channels
    if have == want:
        return _swapped(layer, image.shape, index)
    return (*_adapted(layer, image.shape, want), *_random(layer, image.shape, want))


def _swapped(layer: KernelLayer, shape: Shape, index: int) -> tuple[ImageFix, ...]:
    """Return the way that NumPy goes where the second of two signals is the longer one."""
    if not isinstance(layer, Conv) or layer.weight.shape[:-1] != (1, 1) or len(shape) != LINE:
        return ()
    plain = layer.stride == layer.dilation == (1,)
    if not plain or layer.amounts(shape[1:]) != ((0, 0),) or layer.weight.shape[-1] <= shape[-1]:
        return ()
    if replace(layer, weight=np.ones((1, *shape))).problem(layer.weight.shape[1:]):
        return ()
    turned = "" if layer.flip else "; it turns the result round, too"
    return (SwapFix(f"swap the two, as NumPy does{turned}", NOTHING, index=index),)


def _adapted(layer: KernelLayer, shape: Shape, want: int) -> tuple[ImageFix, ...]:
    """Return the way that keeps the image, where it leads out and there is room for it."""
    have, shape = shape[0], (want, *shape[1:])
    if prod(shape) > LARGEST_PADDED or layer.problem(shape):
        return ()
    if want == 1:
        return (ImageFix(f"mean of its {have} channels", NOTHING, _mean),)
    if have == 1:
        label = f"repeat the image {want} times"
    elif have < want:
        label = f"repeat them up to {want}"
    else:
        label = f"take its first {want} channels"
    return (ImageFix(label, NOTHING, lambda image: resized_axis(image, 0, want)),)


def _mean(image: Array) -> Array:
    mean: Array = image.mean(axis=0, keepdims=True)
    return mean


def _random(layer: KernelLayer, shape: Shape, want: int) -> tuple[ImageFix, ...]:
    """Return the way to an image of another size, which need not be like this one."""
    small = tuple(min(size, RANDOM_SIDE) for size in shape[1:])
    sizes = (small, (RANDOM_SIDE,) * len(small), (2 * RANDOM_SIDE,) * len(small))
    fitting = next(((want, *size) for size in sizes if not layer.problem((want, *size))), None)
    if fitting is None:
        return ()
    label = f"noise of {times(fitting)}"
    return (ImageFix(label, NOTHING, partial(_drawn, fitting), "Noise"),)


def _drawn(shape: Shape, _image: Array) -> Array:
    return np.random.default_rng(SEED).random(shape)

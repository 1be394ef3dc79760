"""The maps of layers by torch, which is imported when it is asked."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, assert_never

import numpy as np

from convviz.engine.layers import Activation, Conv, ConvTranspose, KernelLayer, Layer, Pool
from convviz.engine.oracle_scipy import padded
from convviz.engine.padding import PADDING_MODES, Array
from convviz.engine.problems import LARGEST_PADDED, NotInLibrary


def maps(layer: Layer, image: Array) -> Array:
    """Return the maps (out_channels, *spatial) that torch makes of `image`, in float64.

    The layer must fit.

    Raises
    ------
    ImportError
        When torch is not installed.
    NotInLibrary
        When torch has no such layer.
    """
    torch, pixels = import_module("torch"), image.astype(np.float64)
    match layer:
        case Conv():
            return _convolved(torch, layer, pixels)
        case ConvTranspose():
            names = ("stride", "padding", "output_padding", "dilation", "groups")
            spread = getattr(torch.nn.functional, f"conv_transpose{layer.rank}d")
            return _made(spread(*_tensors(torch, pixels, layer), **_settings(layer, *names)))
        case Pool():
            own = "dilation" if layer.kind == "max" else "count_include_pad"
            names = ("kernel_size", "stride", "padding", "ceil_mode", own)
            slide = getattr(torch.nn.functional, f"{layer.kind}_pool{layer.rank}d")
            return _made(slide(torch.tensor(pixels)[None], **_settings(layer, *names)))
        case Activation():
            return _activated(torch, layer, pixels)
        case _:
            assert_never(layer)


def _made(batch: Sequence[Any]) -> Array:
    made: Array = batch[0].numpy()
    return made


def _convolved(torch: ModuleType, layer: Conv, image: Array) -> Array:
    batch, weight, bias = _tensors(torch, image, layer)
    sides = [cells for pair in reversed(layer.amounts(image.shape[1:])) for cells in pair]
    mode = PADDING_MODES[layer.padding_mode].torch
    if mode is None:
        batch = torch.tensor(padded(layer, image))[None]
    elif mode == "zeros":
        batch = torch.nn.functional.pad(batch, sides)
    else:
        batch = torch.nn.functional.pad(batch, sides, mode=mode)
    if layer.flip:
        weight = weight.flip(tuple(range(2, weight.ndim)))
    slide = getattr(torch.nn.functional, f"conv{layer.rank}d")
    return _made(slide(batch, weight, bias, **_settings(layer, "stride", "dilation", "groups")))


def _tensors(torch: ModuleType, image: Array, layer: KernelLayer) -> tuple[Any, Any, Any | None]:
    """Return a batch of the image alone, the weight and the bias."""
    bias = None if layer.bias is None else torch.tensor(layer.bias.astype(np.float64))
    return torch.tensor(image)[None], torch.tensor(layer.weight.astype(np.float64)), bias


def _settings(layer: Layer, *names: str) -> dict[str, Any]:
    """Return settings as torch takes them; beyond any image no number means more than that."""
    settings = {name: getattr(layer, name) for name in names}
    for name in settings.keys() & {"stride", "dilation"}:
        settings[name] = tuple(min(cells, LARGEST_PADDED) for cells in settings[name])
    return settings


# By the name of an activation, what torch.nn.functional has for it, or a formula in torch's words
ACTIVATIONS: Mapping[str, Callable[..., Any]] = {
    "none": lambda _, x: x.clone(),
    "relu": lambda f, x: f.relu(x),
    "leaky_relu": lambda f, x, negative_slope: f.leaky_relu(x, negative_slope=negative_slope),
    "prelu": lambda f, x, weight: f.prelu(x, x.new_tensor(weight)),
    "elu": lambda f, x, alpha: f.elu(x, alpha=alpha),
    "relu6": lambda f, x: f.relu6(x),
    "gelu": lambda f, x, approximate: f.gelu(x, approximate=approximate),
    "silu": lambda f, x: f.silu(x),
    "hardswish": lambda f, x: f.hardswish(x),
    "sigmoid": lambda _, x: x.sigmoid(),
    "hardsigmoid": lambda f, x, alpha, beta: f.hardtanh(alpha * x + beta, 0.0, 1.0),
    "tanh": lambda _, x: x.tanh(),
    "softplus": lambda f, x, beta, threshold: f.softplus(x, beta=beta, threshold=threshold),
}


def _activated(torch: ModuleType, activation: Activation, image: Array) -> Array:
    if activation.name not in ACTIVATIONS:
        raise NotInLibrary(activation.name)
    function = ACTIVATIONS[activation.name]
    return _made(function(torch.nn.functional, torch.tensor(image)[None], **activation.settings))

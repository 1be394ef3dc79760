"""The maps of layers by torch, which is imported when it is asked."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any, assert_never

import numpy as np

from convviz.engine.layers import Activation, Conv, ConvTranspose, KernelLayer, Layer, Pool
from convviz.engine.oracle_padding import amounts, looked_up, padded_by_numpy, plain_rule, spans
from convviz.engine.padding import Array
from convviz.engine.problems import LARGEST_PADDED, NotInLibrary

# A padding mode -> what torch.nn.functional.pad calls it, None where numpy.pad has to make it
PAD_MODES: Mapping[str, str | None] = {
    "zeros": "constant",
    "constant": "constant",
    "reflect": "reflect",
    "symmetric": None,
    "replicate": "replicate",
    "circular": "circular",
}


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
            return _pooled(torch, layer, pixels)
        case Activation():
            return _activated(torch, layer, pixels)
        case _:
            assert_never(layer)


def _made(batch: Sequence[Any]) -> Array:
    made: Array = batch[0].numpy()
    return made


def _convolved(torch: ModuleType, layer: Conv, image: Array) -> Array:
    batch, weight, bias = _tensors(torch, image, layer)
    if layer.flip:
        weight = weight.flip(tuple(range(2, weight.ndim)))
    slide = getattr(torch.nn.functional, f"conv{layer.rank}d")
    settings = _settings(layer, "stride", "dilation", "groups")
    if rule := _rule(layer):
        return _made(slide(batch, weight, bias, padding=rule, **settings))
    padded = torch.tensor(_padded(torch, layer, image))[None]
    return _made(slide(padded, weight, bias, **settings))


def _rule(layer: Conv) -> str | None:
    """Return the padding of torch's own that a layer has, None where torch has none or warns."""
    rule = plain_rule(layer)
    if rule == "valid":
        return rule
    halves = rule in ("same_upper", "same_lower") and all(span % 2 for span in spans(layer))
    return "same" if halves and layer.padding_mode == "zeros" and set(layer.stride) == {1} else None


def _padded(torch: ModuleType, layer: Conv, image: Array) -> Array:
    """Return `image` with its padding, by numpy.pad where torch has no such mode."""
    mode = looked_up(PAD_MODES, layer.padding_mode)
    if mode is None:
        return padded_by_numpy(layer, image)
    sides = [cells for pair in reversed(amounts(layer, image.shape[1:])) for cells in pair]
    value = layer.padding_value if layer.padding_mode == "constant" else None
    batch = torch.tensor(image)[None]
    return _made(torch.nn.functional.pad(batch, sides, mode=mode, value=value))


def _pooled(torch: ModuleType, pool: Pool, image: Array) -> Array:
    batch = torch.tensor(image)[None]
    shared = _settings(pool, "kernel_size", "stride", "padding", "ceil_mode")
    match pool.kind:
        case "max":
            slide = getattr(torch.nn.functional, f"max_pool{pool.rank}d")
            return _made(slide(batch, **shared, **_settings(pool, "dilation")))
        case "avg":
            slide = getattr(torch.nn.functional, f"avg_pool{pool.rank}d")
            return _made(slide(batch, **shared, count_include_pad=pool.count_include_pad))
        case _:
            assert_never(pool.kind)


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

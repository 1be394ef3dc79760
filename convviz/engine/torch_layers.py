"""Layers of torch as layers of convviz; torch is not imported: who has its layers has done so."""

import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.foreign_arrays import as_numpy
from convviz.engine.layers import Activation, Conv, ConvTranspose, Layer, LayerError, Pool

Module = Any  # of torch.nn, which mypy must not follow
Make = Callable[[Module], Layer]


def is_module(value: object) -> bool:
    """Return whether it is a layer or a model of torch.

    >>> is_module("relu")
    False
    """
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.nn.Module)


def only_layer(value: object) -> Layer:
    """Return a layer of convviz, or one of torch as such.

    Raises
    ------
    LayerError
        When it is none, or a model of several.

    Examples
    --------
    >>> only_layer(Activation("relu"))
    Activation('relu')
    """
    if isinstance(value, Layer):
        return value
    if not is_module(value):
        raise LayerError(f"a layer is needed, not {type(value).__name__}")
    layers = layers_in(value)
    if len(layers) != 1:
        raise LayerError(f"one layer is needed, not a model of {len(layers)}: give model[0]")
    return layers[0]


def layers_in(module: Module, place: str = "") -> tuple[Layer, ...]:
    """Return a layer of torch, or all those of a model that calls one after the other.

    The numbers are copied: training the model on does not change the layers.

    Parameters
    ----------
    module : torch.nn.Module, as `is_module` tells
    place : how its model calls it, "" for the model itself

    Raises
    ------
    LayerError
        When one of them is a layer that convviz does not have, or computes in a way of its own; it
        says which.
    """
    return tuple(_layers(getattr(module, "_orig_mod", module), place))  # compiled by torch or not


def _layers(module: Module, place: str) -> Iterator[Layer]:
    nn = sys.modules["torch"].nn
    try:
        if isinstance(module, (nn.Sequential, nn.ModuleList)):
            _check_plain(module, nn.Sequential if isinstance(module, nn.Sequential) else nn.Module)
            parts = list(module.named_children())
        else:
            parts = []
            yield _layer(module, nn)
    except LayerError as error:
        raise LayerError(f"module {place}: {error}" if place else str(error)) from None
    for name, part in parts:
        yield from layers_in(part, f"{place}.{name}" if place else name)


def _layer(module: Module, nn: Any) -> Layer:  # noqa: ANN401
    known = next((name for name in MADE if isinstance(module, getattr(nn, name))), None)
    if known is None:
        own = type(module)
        name = f"{own.__module__}.{own.__name__}" if own.__name__ in MADE else own.__name__
        raise LayerError(
            f"{name} is not one of the layers that convviz has ({', '.join(MADE)}); "
            "give such layers in a list or Sequential"
        )
    if isinstance(module, nn.modules.lazy.LazyModuleMixin):
        raise LayerError(f"{type(module).__name__} has no weight yet: call it with an image once")
    _check_plain(module, getattr(nn, known))
    return MADE[known](module)


def _check_plain(module: Module, kind: Any) -> None:  # noqa: ANN401
    """Refuse what would compute something else than a layer of that kind with these numbers."""
    name = type(module).__name__
    methods = [method for method in ("forward", "_conv_forward") if hasattr(kind, method)]
    if any(m in vars(module) or getattr(type(module), m) is not getattr(kind, m) for m in methods):
        raise LayerError(f"{name} has a forward of its own: give the plain layers that it calls")
    if module._forward_pre_hooks:  # noqa: SLF001
        raise LayerError(
            f"hooks change {name} before it runs: make its weight plain, as "
            "torch.nn.utils.remove_weight_norm or prune.remove does, or remove the hooks"
        )
    if module._forward_hooks:  # noqa: SLF001
        warnings.warn(f"the forward hooks of {name} are not run", stacklevel=2)


def _conv(module: Module) -> Conv:
    return Conv(
        module.weight,
        module.bias,
        stride=module.stride,
        padding=module.padding,
        padding_mode=module.padding_mode,
        dilation=module.dilation,
        groups=module.groups,
    )


def _transposed(module: Module) -> ConvTranspose:
    return ConvTranspose(
        module.weight,
        module.bias,
        stride=module.stride,
        padding=module.padding,
        output_padding=module.output_padding,
        dilation=module.dilation,
        groups=module.groups,
    )


def _max(module: Module, rank: int) -> Pool:
    return Pool(
        "max",
        module.kernel_size,
        stride=module.stride,
        padding=module.padding,
        dilation=module.dilation,
        ceil_mode=module.ceil_mode,
        rank=rank,
    )


def _avg(module: Module, rank: int) -> Pool:
    if getattr(module, "divisor_override", None) is not None:
        raise LayerError("AvgPool2d with a divisor_override is not a mean: leave that out")
    return Pool(
        "avg",
        module.kernel_size,
        stride=module.stride,
        padding=module.padding,
        ceil_mode=module.ceil_mode,
        count_include_pad=module.count_include_pad,
        rank=rank,
    )


def _normalized(module: Module, rank: int) -> Conv:
    """Return a batch normalization: a kernel of one weight for each channel, and a bias."""
    name = type(module).__name__
    if module.training or module.running_var is None:
        raise LayerError(f"{name} goes by the statistics of each batch: call eval() on the model")
    mean, variance = as_numpy(module.running_mean), as_numpy(module.running_var)
    scale, shift = (None if p is None else as_numpy(p) for p in (module.weight, module.bias))
    factor = (1.0 if scale is None else scale) / np.sqrt(variance.astype(np.float64) + module.eps)
    bias = (0.0 if shift is None else shift) - mean * factor
    dtype = variance.dtype
    weight = factor.astype(dtype).reshape(-1, *[1] * (rank + 1))
    return Conv(weight, bias.astype(dtype), groups=len(factor))


def _dropped_out(module: Module) -> Activation:
    if module.training and module.p:
        raise LayerError(f"{type(module).__name__} is random while training: call eval() first")
    return Activation("none")


def _activation(module: Module, name: str) -> Activation:
    """Return an activation with the settings that its module has, which have torch's names."""
    names = (setting.name for setting in ACTIVATIONS[name].settings)
    given = {setting: getattr(module, setting) for setting in names if hasattr(module, setting)}
    if "weight" in given:
        given["weight"] = tuple(as_numpy(given["weight"]).ravel().tolist())
    return Activation(name, **given)


# A class of torch.nn -> what makes a layer of it
MADE: Mapping[str, Make] = {
    "Conv1d": _conv,
    "Conv2d": _conv,
    "ConvTranspose1d": _transposed,
    "ConvTranspose2d": _transposed,
    "MaxPool1d": partial(_max, rank=1),
    "MaxPool2d": partial(_max, rank=2),
    "AvgPool1d": partial(_avg, rank=1),
    "AvgPool2d": partial(_avg, rank=2),
    "BatchNorm1d": partial(_normalized, rank=1),
    "BatchNorm2d": partial(_normalized, rank=2),
    **{kind.torch: partial(_activation, name=kind.name) for kind in ACTIVATIONS.values()},
    "Dropout": _dropped_out,
    "Dropout1d": _dropped_out,
    "Dropout2d": _dropped_out,
}

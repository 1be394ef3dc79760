"""Modules of torch as layers, without importing torch: nn.Conv2d, or a Sequential of such."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from convviz.engine.activations import LEAK
from convviz.engine.conv_layer import Conv
from convviz.engine.layers import Activation, Layer
from convviz.engine.pool_layer import Pool
from convviz.engine.problems import LayerError
from convviz.engine.transpose_layer import ConvTranspose

Module = Any  # of torch, which is not imported


def _conv(module: Module) -> Layer:
    return Conv(
        module.weight,
        module.bias,
        stride=module.stride,
        padding=module.padding,
        padding_mode=module.padding_mode,
        dilation=module.dilation,
        groups=module.groups,
    )


def _conv_transpose(module: Module) -> Layer:
    return ConvTranspose(
        module.weight,
        module.bias,
        stride=module.stride,
        padding=module.padding,
        output_padding=module.output_padding,
        dilation=module.dilation,
        groups=module.groups,
    )


def _max_pool(module: Module) -> Layer:
    return Pool(
        "max",
        module.kernel_size,
        stride=module.stride,
        padding=module.padding,
        dilation=module.dilation,
        ceil_mode=module.ceil_mode,
        rank=_rank(module),
    )


def _avg_pool(module: Module) -> Layer:
    if getattr(module, "divisor_override", None):
        raise LayerError("its divisor_override is not computed")
    return Pool(
        "avg",
        module.kernel_size,
        stride=module.stride,
        padding=module.padding,
        ceil_mode=module.ceil_mode,
        count_include_pad=module.count_include_pad,
        rank=_rank(module),
    )


def _leaky_relu(module: Module) -> Layer:
    if module.negative_slope != LEAK:
        raise LayerError(f"its negative_slope is {module.negative_slope:g}, convviz has {LEAK}")
    return Activation("leaky_relu")


LAYERS: Mapping[str, Callable[[Module], Layer]] = MappingProxyType(
    {
        "Conv1d": _conv,
        "Conv2d": _conv,
        "ConvTranspose1d": _conv_transpose,
        "ConvTranspose2d": _conv_transpose,
        "MaxPool1d": _max_pool,
        "MaxPool2d": _max_pool,
        "AvgPool1d": _avg_pool,
        "AvgPool2d": _avg_pool,
        "ReLU": lambda _: Activation("relu"),
        "LeakyReLU": _leaky_relu,
        "Sigmoid": lambda _: Activation("sigmoid"),
        "Tanh": lambda _: Activation("tanh"),
    }
)
CHANGE_NOTHING = frozenset(  # once a network is trained
    {"Identity", "Dropout", "Dropout1d", "Dropout2d", "AlphaDropout", "FeatureAlphaDropout"}
)


def is_module(value: object) -> bool:
    """Return whether `value` is a module of torch."""
    return any(kind.__module__ == "torch.nn.modules.module" for kind in type(value).__mro__)


def layers_in(module: Module) -> tuple[Layer, ...]:
    """Return what a module computes as layers; a Sequential's one after the other.

    Raises
    ------
    LayerError
        When it is of a kind that convviz does not compute, which the message names.
    """
    return tuple(_layers(module))


def layer_in(module: Module) -> Layer:
    """Return the one layer that a module is.

    Raises
    ------
    LayerError
        When it is none or several, or of a kind that convviz does not compute.
    """
    layers = layers_in(module)
    if len(layers) != 1:
        raise LayerError(f"{_name(module)} is {len(layers)} layers; give one of them")
    return layers[0]


def _layers(module: Module) -> Iterator[Layer]:
    name = _name(module)
    if name == "Sequential":
        for part in module:
            yield from _layers(part)
    elif name in LAYERS:
        try:
            yield LAYERS[name](module)
        except LayerError as error:
            raise LayerError(f"torch's {name}: {error}") from None
    elif name.startswith("BatchNorm"):
        raise LayerError(
            f"torch's {name} is not computed; fold it into the convolution before it: "
            "torch.nn.utils.fuse_conv_bn_eval(conv, norm)"
        )
    elif name not in CHANGE_NOTHING:
        known = ", ".join(LAYERS)
        raise LayerError(f"torch's {name} is not computed; convviz takes {known} and Sequential")


def _name(module: Module) -> str:
    """Return the name of the class of torch that a module is of, or is derived from."""
    kinds = (kind for kind in type(module).__mro__ if kind.__module__.startswith("torch.nn."))
    return next(kinds).__name__


def _rank(module: Module) -> int:
    return int(_name(module)[-2])

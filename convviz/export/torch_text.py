"""Layers as torch would have them, in a line of Python."""

from convviz.engine.activation_settings import Value
from convviz.engine.layers import Activation, Conv, ConvTranspose, Layer, Pool, Shape
from convviz.engine.padding import PADDING_MODES, ZEROS, PaddingMode


def torch_text(layer: Layer, shape: Shape) -> str:
    """Return `layer` for an image of `shape` (in_channels, *spatial), as torch writes it.

    >>> torch_text(Pool("max", 2), (1, 8, 8))
    'torch.nn.MaxPool2d((2, 2), stride=(2, 2))'
    """
    match layer:
        case Activation():
            return _activation_text(layer)
        case Pool():
            if layer.pooling.torch is None:
                return f"{layer.pooling.title}, which torch does not have"
            kind = f"{layer.pooling.torch}{layer.rank}d"
            return f"torch.nn.{kind}({layer.kernel_size}, {_settings(layer)})"
        case ConvTranspose():
            return f"torch.nn.ConvTranspose{layer.rank}d({_sizes(layer)}{_comma(_settings(layer))})"
        case _:
            return _conv_text(layer, shape)


def _activation_text(layer: Activation) -> str:
    function, changed = layer.function, layer.changed_settings
    if changed and function.torch_lambda:
        return function.torch_lambda.format_map(dict(layer.settings))
    arguments = ", ".join(_argument(name, value) for name, value in changed.items())
    return f"torch.nn.{function.torch}({arguments})"


def _argument(name: str, value: Value) -> str:
    """Return an argument; weights are numbers that torch's class holds, begun all alike."""
    if not isinstance(value, tuple):
        return f"{name}={value!r}"
    return f"init={value[0]!r}" if len(value) == 1 else f"num_parameters={len(value)}"


def _comma(settings: str) -> str:
    return f", {settings}" if settings else ""


def _sizes(layer: Conv | ConvTranspose) -> str:
    return f"{layer.in_channels}, {layer.out_channels}, {layer.kernel_size}"


def _settings(layer: Conv | ConvTranspose | Pool) -> str:
    """Return what differs from the default; a pooling always tells its stride."""
    one, zero = (1,) * layer.rank, (0,) * layer.rank
    usual = {"stride": one, "padding": zero, "output_padding": zero, "dilation": one, "groups": 1}
    usual |= {"ceil_mode": False, "count_include_pad": True}
    given = {name: getattr(layer, name, value) for name, value in usual.items()}
    if isinstance(layer, Conv):
        del given["padding"]  # torch writes it otherwise
    told = [
        f"{name}={value}"
        for name, value in given.items()
        if value != usual[name] or (name == "stride" and isinstance(layer, Pool))
    ]
    if not isinstance(layer, Pool) and layer.bias is None:
        told.append("bias=False")
    return ", ".join(told)


def _conv_text(layer: Conv, shape: Shape) -> str:
    amounts = layer.amounts(shape[1:])
    mode = PADDING_MODES[layer.padding_mode]
    even = mode.torch is not None and all(before == after for before, after in amounts)
    padding, first = "", ""
    if even and any(before for before, _ in amounts):
        padding = f"padding={tuple(before for before, _ in amounts)}"
        padding += "" if mode.name == ZEROS else f", padding_mode={mode.torch!r}"
    elif not even and any(map(any, amounts)):
        first = _pad_text(layer, amounts, mode)
    words = ", ".join(text for text in (padding, _settings(layer)) if text)
    flipped = ", weight flipped" if layer.flip else ""
    return f"{first}torch.nn.Conv{layer.rank}d({_sizes(layer)}{_comma(words)}){flipped}"


def _pad_text(layer: Conv, amounts: tuple[tuple[int, int], ...], mode: PaddingMode) -> str:
    widths = tuple(cells for pair in reversed(amounts) for cells in pair)
    if mode.torch_pad is None:
        return f"padded by {widths}, {mode.summary}, then "
    value = f", value={layer.padding_value!r}" if mode.takes_value else ""
    return f"torch.nn.functional.pad(image, {widths}, {mode.torch_pad!r}{value}), then "

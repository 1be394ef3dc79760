"""Layers as they are typed: the first one by options, each further one by a SPEC."""

import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from convviz.cli import parameters
from convviz.cli.parameters import Parse, WholeNumbers, did_you_mean, name_in
from convviz.files.errors import shown
from convviz.files.expressions import parse_number

if TYPE_CHECKING:
    from convviz.engine.layers import Layer

IN_FILE = re.compile(r".*\.(safetensors|onnx|npz)(:.+)?", re.IGNORECASE | re.DOTALL)
LAYOUT = "layout"
WINDOW = 2  # cells a side of a pooling window, where none is given


def padding_rules() -> Iterable[str]:
    from convviz.engine.padding import PADDING_RULES

    return PADDING_RULES


def padding_modes() -> Iterable[str]:
    from convviz.engine.padding import PADDING_MODES

    return PADDING_MODES


def mode_with_value() -> str:
    from convviz.engine.padding import VALUED

    return VALUED


def numpy_modes() -> Iterable[str]:
    from convviz.engine.numpy_modes import MODES

    return MODES


def layouts() -> Iterable[str]:
    from convviz.files.kernel_layouts import LAYOUTS

    return LAYOUTS


def activations() -> Iterable[str]:
    from convviz.engine.activations import ACTIVATIONS

    return ACTIVATIONS


def poolings() -> Iterable[str]:
    from convviz.engine.poolings import POOLINGS

    return POOLINGS


def kinds() -> Iterable[str]:
    """Return what a SPEC may begin with."""
    return (*KINDS, *poolings(), *(name for name in activations() if name != "none"))


def activation_spec(text: str) -> str:
    """Return an activation with its settings as `activation_of` reads it.

    >>> activation_spec("Leaky-ReLU:negative_slope=1/5")
    'leaky_relu:negative_slope=0.2'
    """
    from convviz.engine.activation_layer import activation_of

    name, colon, settings = text.partition(":")
    return activation_of(f"{name_in(activations)(name)}{colon}{settings}", parse_number).spec


def activation_layer(spec: str, *, by_options: bool = False) -> "LayerSpec":
    """Return the layer that the text of an activation describes."""
    from convviz.engine.activation_layer import activation_of

    found = activation_of(spec)
    return LayerSpec(found.name, settings=found.changed_settings, by_options=by_options)


@dataclass(frozen=True)
class Kind:
    """A kind of layer: in a sentence, what stands after its name, and its settings."""

    title: str
    operand: str
    settings: tuple[str, ...]


KINDS = {
    "conv": Kind(
        "a convolution",
        "KERNEL",
        (
            "stride",
            "padding",
            "padding_mode",
            "padding_value",
            "dilation",
            "groups",
            "bias",
            "flip",
        ),
    ),
    "transpose": Kind(
        "a transposed convolution",
        "KERNEL",
        ("stride", "padding", "output_padding", "dilation", "groups", "bias"),
    ),
}


def kind_named(name: str) -> Kind:
    """Return the kind of layer with a kernel or a window that has a name in `kinds`.

    >>> kind_named("max").title
    'max pooling'
    """
    from convviz.engine.poolings import POOLINGS

    if pooling := POOLINGS.get(name):
        return Kind(pooling.title.lower(), "WINDOW", pooling.settings)
    return KINDS[name]


PARSERS: Mapping[str, Parse[Any]] = {
    "stride": parameters.per_axis(1),
    "padding": parameters.padding(name_in(padding_rules)),
    "padding_mode": name_in(padding_modes),
    "padding_value": parse_number,
    "output_padding": parameters.per_axis(0),
    "dilation": parameters.per_axis(1),
    "groups": parameters.whole(1),
    "bias": parameters.per_channel,
    "flip": parameters.truth,
    "ceil_mode": parameters.truth,
    "count_include_pad": parameters.truth,
}
FLAGS = tuple(name for name, parse in PARSERS.items() if parse is parameters.truth)


class SettingError(ValueError):
    """A setting that a kind of layer does not take: its name, and why."""

    def __init__(self, setting: str, reason: str) -> None:
        super().__init__(f"{setting}: {reason}")
        self.setting = setting
        self.reason = reason


@dataclass(frozen=True)
class LayerSpec:
    """One layer as it was typed: a key of `kinds`, KERNEL or window, and settings for the engine.

    `by_options` says that it was typed as options, not as a SPEC; `layer` is one of --model,
    `mode` the padding as NumPy has it, which depends on how long the signal is, and `layout` the
    order of axes that KERNEL is stored in, where it was said.
    """

    kind: str
    kernel: str | None = None
    window: int | WholeNumbers = WINDOW
    settings: Mapping[str, Any] = field(default_factory=dict)
    by_options: bool = False
    layer: "Layer | None" = None
    mode: str | None = None
    layout: str | None = None

    def spelled(self, setting: str, text: str) -> str:
        """Return a setting as it is typed for this layer.

        >>> LayerSpec("conv").spelled("padding_mode", "zeros")
        'padding_mode=zeros'
        >>> LayerSpec("max", by_options=True).spelled("kernel_size", "3")
        '--window 3'
        """
        if self.by_options and self.kind in activations():
            return f"--activation {self.kind}:{setting}={text}"
        if self.by_options:
            return f"{option_name(setting)} {text}"
        return f"{self.kind} {text}" if setting == "kernel_size" else f"{setting}={text}"


def option_name(setting: str) -> str:
    """Return the option that gives a setting to the first layer."""
    return "--window" if setting == "kernel_size" else f"--{setting.replace('_', '-')}"


def checked_settings(
    kind: str, settings: Mapping[str, Any], *, by_options: bool
) -> Mapping[str, Any]:
    """Return settings as keywords of the layer.

    Raises
    ------
    SettingError
        When a layer of that kind has no such setting, or not with such a value.
    """
    known = kind_named(kind)
    for name in settings:
        if name not in known.settings:
            raise SettingError(name, _none_such(known, name, by_options=by_options))
    given = dict(settings)
    if "padding" in given and kind != "conv":
        try:
            given["padding"] = parameters.cells_per_side(given["padding"])
        except ValueError as error:
            raise SettingError("padding", f"{known.title} {error}") from None
    if "padding_value" in given:
        valued = mode_with_value()
        mode = given.setdefault("padding_mode", valued)
        if mode != valued:
            wanted = LayerSpec(kind, by_options=by_options).spelled("padding_mode", valued)
            reason = f"the mode {mode} brings values of its own; choose {wanted}"
            raise SettingError("padding_value", reason)
    return given


def _none_such(known: Kind, setting: str, *, by_options: bool) -> str:
    if setting == "output_padding" and known is KINDS["conv"]:
        wanted = "give --transpose" if by_options else "write: transpose KERNEL"
        return f"a convolution has none, a transposed one has: {wanted}"
    names = [option_name(name) if by_options else name for name in known.settings]
    has = f"it has {', '.join(names)}" if names else "nor any other setting"
    return f"{known.title} has none; {has}"


def parse_spec(text: str) -> LayerSpec:
    """Return the layer that a SPEC such as "conv sobel-x stride=2 flip" describes.

    >>> parse_spec("max 3 stride=1").settings
    {'stride': 1}
    """
    try:
        return _spec(_words(text))
    except ValueError as error:
        raise ValueError(f"{shown(text)}: {error}") from None


def _words(text: str) -> list[str]:
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("a quotation is not closed") from None
    if not words:
        raise ValueError(f"it names no layer: begin with {', '.join(kinds())}")
    return words


def _spec(words: list[str]) -> LayerSpec:
    if IN_FILE.fullmatch(words[0]):
        words = ["conv", *words]  # or what else the file says that it is
    if _plain(words[0].partition(":")[0]) in activations():
        return _activation(words)
    kind, rest = name_in(kinds)(words[0]), words[1:]
    operand = rest.pop(0) if rest and not _is_setting(rest[0]) else None
    layout, rest = _layout(rest, kind)
    settings = checked_settings(kind, _settings(rest, kind), by_options=False)
    if kind_named(kind).operand == "KERNEL":
        if operand is None:
            raise ValueError(f"{kind} lacks its KERNEL, as in: {kind} sobel-x")
        return LayerSpec(kind, operand, settings=settings, layout=layout)
    window = WINDOW if operand is None else parameters.per_axis(1)(operand)
    return LayerSpec(kind, window=window, settings=settings)


def _activation(words: list[str]) -> LayerSpec:
    """Return an activation; its settings stand behind it, or behind a colon."""
    name, _, settings = words[0].partition(":")
    given = [*filter(None, [settings]), *words[1:]]
    name = name_in(kinds)(name)
    return activation_layer(activation_spec(f"{name}:{','.join(given)}" if given else name))


def _is_setting(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return _plain(name) in ((*PARSERS, LAYOUT) if equals else FLAGS)


def _layout(words: list[str], kind: str) -> tuple[str | None, list[str]]:
    """Return the order of axes that is asked for, and the other words."""
    given = [word.partition("=")[2] for word in words if _plain(word.partition("=")[0]) == LAYOUT]
    if given and kind_named(kind).operand != "KERNEL":
        raise ValueError(f"{LAYOUT} is that of a KERNEL, which {kind} has not")
    if len(given) > 1:
        raise ValueError(f"{LAYOUT} is given twice")
    others = [word for word in words if _plain(word.partition("=")[0]) != LAYOUT]
    return (name_in(layouts)(given[0]) if given else None), others


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")


def _settings(words: Iterable[str], kind: str) -> dict[str, Any]:
    settings: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        name = _plain(name)
        if name not in PARSERS:
            raise ValueError(_unknown(word, name, kind))
        if not equals and name not in FLAGS:
            raise ValueError(f"{name} lacks its value, as in: {name}=1")
        if name in settings:
            raise ValueError(f"{name} is given twice")
        try:
            settings[name] = PARSERS[name](value) if equals else True
        except ValueError as error:
            raise SettingError(name, str(error)) from None
    return settings


def _unknown(word: str, name: str, kind: str) -> str:
    known = kind_named(kind)
    hint = did_you_mean(name, known.settings)
    return f"{word!r} is no setting of {known.title}, which has {', '.join(known.settings)}{hint}"

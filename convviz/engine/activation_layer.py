"""Activation: a layer that applies one function of ACTIVATIONS to every cell, with its settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np

from convviz.engine.activation_function import ActivationFunction, Array
from convviz.engine.activation_settings import (
    Number,
    Setting,
    Value,
    shown_value,
)
from convviz.engine.activations import ACTIVATIONS
from convviz.engine.geometry import counted
from convviz.engine.problems import Fix, LayerError, Problem, Shape
from convviz.engine.settings import named


@dataclass(frozen=True, init=False, repr=False)
class Activation:
    """An activation layer as torch has it: one function of ACTIVATIONS for every cell.

    Settings are torch's words, given by keyword; what is left out is as torch has it.

    Raises
    ------
    LayerError
        When there is no such activation or setting, or a setting cannot be.

    Examples
    --------
    >>> Activation("leaky_relu", negative_slope=0.2).formula
    'x if x > 0, else 0.2 x'
    >>> Activation("prelu", weight=(0.25, 0.1)).apply(np.array([[-1.0], [-1.0]]))
    array([[-0.25],
           [-0.1 ]])
    """

    name: str
    values: tuple[Value, ...] = field(init=False)

    def __init__(self, name: str = "relu", **settings: float | str | Sequence[float]) -> None:
        function = ACTIVATIONS[named(name, ACTIVATIONS, "activation")]
        known = {setting.name: setting for setting in function.settings}
        for given in settings:
            if given not in known:
                raise LayerError(_no_setting(function, given))
        values = tuple(s.checked(settings.get(s.name, s.default)) for s in function.settings)
        object.__setattr__(self, "name", name)
        object.__setattr__(self, "values", values)

    @property
    def function(self) -> ActivationFunction:
        """The function with its derivative, and all that is known of it."""
        return ACTIVATIONS[self.name]

    @property
    def title(self) -> str:
        """What people call it."""
        return self.function.title

    @property
    def settings(self) -> Mapping[str, Value]:
        """Its settings by name."""
        names = (setting.name for setting in self.function.settings)
        return MappingProxyType(dict(zip(names, self.values, strict=True)))

    @property
    def changed_settings(self) -> Mapping[str, Value]:
        """The settings that are not as they are at first."""
        usual = self.function.defaults
        found = {name: value for name, value in self.settings.items() if value != usual[name]}
        return MappingProxyType(found)

    @property
    def formula(self) -> str:
        """What a cell x becomes."""
        words = {name: shown_value(value) for name, value in self.settings.items()}
        return self.function.words(words)

    @property
    def spec(self) -> str:
        """The activation in a word, as it is typed and kept; `activation_of` reads it.

        >>> Activation("softplus", beta=2, threshold=10).spec
        'softplus:beta=2,threshold=10'
        """
        changed = (f"{name}={_exact(value)}" for name, value in self.changed_settings.items())
        return ":".join(filter(None, (self.name, ",".join(changed))))

    @property
    def parameters(self) -> int:
        """How many numbers are learnt, in training: the weights of PReLU."""
        return sum(len(value) for value in self.values if isinstance(value, tuple))

    @property
    def steepest(self) -> float:
        """The largest size of its derivative."""
        return float(self.function.steepest(**self.settings))

    def apply(self, cells: Array, axis: int = 0) -> Array:
        """Return what the cells become; `axis` is that of the channels."""
        return self.function.apply(cells, **self._along(cells, axis))

    def derivative(self, cells: Array, axis: int = 0) -> Array:
        """Return how steeply each cell changes, as torch has it at a kink."""
        return self.function.derivative(cells, **self._along(cells, axis))

    def parts(self, cells: Array) -> Array:
        """Return how large the parts are that cancel out where it is computed otherwise."""
        if self.function.parts is None:
            return np.zeros_like(cells)
        return self.function.parts(cells, **self._along(cells, 0))

    def for_channel(self, channel: int) -> "Activation":
        """Return it as it is for a cell of one channel."""
        own = {s.name: s.of_channel(v, channel) for s, v in self._pairs()}  # type: ignore[arg-type]
        return self if own == dict(self.settings) else Activation(self.name, **own)

    def with_settings(self, **changes: float | str | Sequence[float]) -> "Activation":
        """Return it with some settings changed."""
        return Activation(self.name, **{**self.settings, **changes})

    def output_shape(self, shape: Shape) -> Shape:
        """Return `shape`: cells keep their places."""
        return shape

    def problem(self, shape: Shape) -> Problem | None:
        """Return what does not fit: numbers for each channel, of which there are others."""
        for setting, value in self._pairs():
            if isinstance(value, tuple) and len(value) not in (1, shape[0]):
                return _wrong_count(self, setting, value, shape[0])
        return None

    def __repr__(self) -> str:
        given = (f"{name}={value!r}" for name, value in self.changed_settings.items())
        return f"Activation({', '.join([repr(self.name), *given])})"

    def _pairs(self) -> tuple[tuple[Setting, Value], ...]:
        return tuple(zip(self.function.settings, self.values, strict=True))

    def _along(self, cells: Array, axis: int) -> dict[str, Any]:
        return {
            setting.name: setting.along(value, cells, axis)  # type: ignore[arg-type]
            for setting, value in self._pairs()
        }


def activation_of(spec: "str | Activation", number: Number = float) -> Activation:
    """Return the activation that a text such as "leaky_relu:negative_slope=0.2" names.

    `number` reads its numbers.

    Raises
    ------
    LayerError
        When there is none such, or a setting cannot be.

    Examples
    --------
    >>> activation_of("prelu:weight=0.25,0.1")
    Activation('prelu', weight=(0.25, 0.1))
    """
    if isinstance(spec, Activation):
        return spec
    name, _, rest = spec.partition(":") if isinstance(spec, str) else (spec, "", "")
    function = ACTIVATIONS[named(name, ACTIVATIONS, "activation")]
    settings = {setting.name: setting for setting in function.settings}
    found: dict[str, Any] = {}
    for given, text in _assignments(rest):
        if given not in settings:
            raise LayerError(_no_setting(function, given))
        if given in found:
            raise LayerError(f"{given} is given twice")
        found[given] = read_setting(settings[given], text, number)
    return Activation(name, **found)


def read_setting(setting: Setting, text: str, number: Number = float) -> Value:
    """Return a setting as it is typed; raises LayerError."""
    try:
        return setting.parsed(text, number)
    except LayerError:
        raise
    except ValueError as error:
        reason = f"{text!r} is no number" if number is float else str(error)
        raise LayerError(f"{setting.name}: {reason}") from None


def _assignments(text: str) -> list[tuple[str, str]]:
    """Return names and values; a part without "=" belongs to the value before.

    >>> _assignments("weight=0.25,0.1,beta=2")
    [('weight', '0.25,0.1'), ('beta', '2')]
    """
    found: list[tuple[str, str]] = []
    for part in text.split(",") if text else ():
        name, equals, value = part.partition("=")
        if equals or not found:
            found.append((name.strip().lower().replace("-", "_"), value.strip()))
        else:
            found[-1] = (found[-1][0], f"{found[-1][1]},{part.strip()}")
    return found


def _exact(value: Value) -> str:
    """Return a setting with all its digits."""
    match value:
        case str():
            return value
        case tuple():
            return ",".join(repr(n).removesuffix(".0") for n in value)
        case _:
            return repr(value).removesuffix(".0")


def _no_setting(function: ActivationFunction, given: str) -> str:
    names = [setting.name for setting in function.settings]
    if not names:
        return f"{function.title} has no settings: leave {given} out"
    return f"{function.title} has no setting {given}: it has {', '.join(names)}"


def _wrong_count(
    layer: Activation, setting: Setting, value: tuple[float, ...], channels: int
) -> Problem:
    word = setting.title.lower()
    several = tuple(value[number % len(value)] for number in range(channels))
    fixes = (
        Fix(f"take one {word} for all channels", {setting.name: value[:1]}),
        Fix(f"take {counted(channels, word)}, one for each channel", {setting.name: several}),
    )
    return Problem(
        setting.name,
        f"{layer.title} has {counted(len(value), word)}, the image has "
        f"{counted(channels, 'channel')}",
        fixes[: min(channels, 2)],
    )

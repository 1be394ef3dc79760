"""Settings of activations: what each may be, how it is written, and where it belongs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from convviz.engine.padding import Array
from convviz.engine.problems import LayerError
from convviz.engine.settings import finite

LARGEST = 1e30  # of a setting: its products with float32 cells are finite
Value = float | str | tuple[float, ...]
Number = Callable[[str], float]


def shown_number(value: float) -> str:
    """Return a number in short where that is exact, else with all its digits.

    >>> shown_number(1.0), shown_number(1 / 6), shown_number(0.1 + 0.2)
    ('1', '1/6', '0.30000000000000004')
    """
    short = f"{value:g}"
    if float(short) == value:
        return short
    below = next((n for n in range(2, 13) if round(value * n) / n == value), 0)
    return f"{round(value * below)}/{below}" if below else repr(value)


def shown_value(value: Value) -> str:
    """Return a setting as it is typed and shown.

    >>> shown_value((0.25, 0.1)), shown_value("tanh")
    ('0.25,0.1', 'tanh')
    """
    match value:
        case str():
            return value
        case tuple():
            return ",".join(map(shown_number, value))
        case _:
            return shown_number(value)


@dataclass(frozen=True)
class NumberSetting:
    """One number from `least` to `most`; `summary` is what it does, in a sentence."""

    name: str
    title: str
    summary: str
    default: float
    least: float = -LARGEST
    most: float = LARGEST
    step: float = 0.1

    def checked(self, value: object) -> float:
        """Return the number; raises LayerError when there is none, or it is out of range."""
        number = _number(value, self.name)
        if not self.least <= number <= self.most:
            raise LayerError(
                f"{self.name} must be from {self.least:g} to {self.most:g}, not {number:g}"
            )
        return number

    def parsed(self, text: str, number: Number = float) -> float:
        """Return the number in a text; raises ValueError."""
        return self.checked(number(text))

    def along(self, value: float, _cells: Array, _axis: int) -> float:
        """Return the number: all cells share it."""
        return value

    def of_channel(self, value: float, _channel: int) -> float:
        """Return the number: all channels share it."""
        return value


@dataclass(frozen=True)
class ChoiceSetting:
    """One of `names`, with what each is."""

    name: str
    title: str
    summary: str
    default: str
    names: tuple[tuple[str, str], ...]

    def checked(self, value: object) -> str:
        """Return the name; raises LayerError when it is none of `names`."""
        known = [name for name, _ in self.names]
        if not isinstance(value, str) or value not in known:
            raise LayerError(f"{self.name} must be one of {', '.join(known)}, not {value!r}")
        return value

    def parsed(self, text: str, _number: Number = float) -> str:
        """Return the name in a text; raises LayerError."""
        return self.checked(text)

    def along(self, value: str, _cells: Array, _axis: int) -> str:
        """Return the name."""
        return value

    def of_channel(self, value: str, _channel: int) -> str:
        """Return the name."""
        return value


@dataclass(frozen=True)
class ChannelSetting:
    """One number for all channels, or one for each, as a tuple."""

    name: str
    title: str
    summary: str
    default: tuple[float, ...]

    def checked(self, value: object) -> tuple[float, ...]:
        """Return the numbers; raises LayerError when there are none, or too large ones."""
        numbers = tuple(_number(number, self.name) for number in _several(value))
        if not numbers:
            raise LayerError(f"{self.name} must be one number, or one for each channel, not none")
        if max(map(abs, numbers)) > LARGEST:
            raise LayerError(f"{self.name} must be from {-LARGEST:g} to {LARGEST:g}")
        return numbers

    def parsed(self, text: str, number: Number = float) -> tuple[float, ...]:
        """Return the numbers in a text, between commas; raises ValueError."""
        return self.checked([number(part) for part in text.split(",")])

    def along(self, value: tuple[float, ...], cells: Array, axis: int) -> float | Array:
        """Return one number, or an array that lies along the axis of channels of `cells`."""
        if len(value) == 1:
            return value[0]
        return np.array(value, cells.dtype).reshape(-1, *[1] * (cells.ndim - axis - 1))

    def of_channel(self, value: tuple[float, ...], channel: int) -> tuple[float, ...]:
        """Return the number of one channel."""
        return value if len(value) == 1 else value[channel : channel + 1]


Setting = NumberSetting | ChoiceSetting | ChannelSetting


def _several(value: object) -> Sequence[object]:
    """Return the entries of a list, a tuple or an array; anything else is one."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    return value if isinstance(value, (tuple, list)) else (value,)


def _number(value: object, name: str) -> float:
    if isinstance(value, (bool, str)):
        raise LayerError(f"{name} must be a number, not {value!r}")
    return finite(value, name)  # type: ignore[arg-type]  # which says so of what is none

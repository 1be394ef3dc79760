"""ActivationFunction: what a record of ACTIVATIONS holds.

Functions are sound for cells of any size, in their precision, and at a kink a slope is torch's.
Settings are numbers, or arrays that lie along the cells.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from convviz.engine.activation_settings import Setting, Value, shown_value

Array = NDArray[Any]
Words = Mapping[str, str]  # the settings as they are written; "x" is the cell in formulas
WIDEST_CURVE = 6.0


@dataclass(frozen=True)
class OnnxOperator:
    """What ONNX calls an activation.

    `attributes` has, by their names there, our settings and ONNX's defaults; `inputs` the settings
    that are further inputs. `limits` are what such inputs must hold. `gates` says that the
    activation is x times what the operator makes.
    """

    name: str
    attributes: Mapping[str, tuple[str, float | str]] = field(default_factory=dict)
    inputs: tuple[str, ...] = ()
    limits: tuple[float, ...] = ()
    gates: bool = False


@dataclass(frozen=True)
class ActivationFunction:
    """A function of one cell, its derivative, and how it is written.

    Functions take the cells, and the settings by their names.

    Attributes
    ----------
    name, title : the key, and what people call it
    words : the formula for people
    apply, derivative : at a kink the derivative is torch's
    steepest : the largest size of the derivative
    sheet : the formula of spreadsheets, in which x stands for the cell
    torch : the class in torch.nn, whose arguments are the settings
    torch_lambda : Python for settings that the class does not take
    onnx : the operator of ONNX
    settings : what can be chosen
    parts : how large the parts are that cancel out when it is computed otherwise: what is lost is
        the rounding of these
    flat : where the derivative is 0, in words; "" where it is so nowhere
    curve : how far out there is something to see
    """

    name: str
    title: str
    words: Callable[[Words], str]
    apply: Callable[..., Array]
    derivative: Callable[..., Array]
    steepest: Callable[..., float]
    sheet: Callable[[Words], str]
    torch: str
    onnx: OnnxOperator
    torch_lambda: str = ""
    settings: tuple[Setting, ...] = ()
    parts: Callable[..., Array] | None = None
    flat: str = ""
    curve: float = WIDEST_CURVE

    @property
    def formula(self) -> str:
        """The formula with the settings as they are at first."""
        return self.words({s.name: shown_value(s.default) for s in self.settings})

    @property
    def summary(self) -> str:
        """The formula, and the settings as they are typed."""
        usual = (f"{s.name}={shown_value(s.default)}" for s in self.settings)
        return f"{self.formula}  ({', '.join(usual)})" if self.settings else self.formula

    @property
    def defaults(self) -> dict[str, Value]:
        """The settings as they are at first."""
        return {setting.name: setting.default for setting in self.settings}


def text(template: str) -> Callable[[Words], str]:
    """Return a function of the settings that fills them into `template`."""
    return lambda words: template.format_map(words)


def constant(slope: float) -> Callable[..., float]:
    """Return the function of any settings that is `slope`."""
    return lambda **_: slope

"""ACTIVATIONS: functions applied to each cell of a feature map, with all that is true of them.

Whoever adds one adds a record here; `tests/test_activations_everywhere.py` walks it through every
place that has to know it, and the libraries that check maps (`engine/oracle_*.py`) have formulas
of their own.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.engine import curves
from convviz.engine.activation_settings import (
    ChannelSetting,
    ChoiceSetting,
    NumberSetting,
    Setting,
    Value,
    shown_value,
)

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


def _text(template: str) -> Callable[[Words], str]:
    return lambda words: template.format_map(words)


def _constant(slope: float) -> Callable[..., float]:
    return lambda **_: slope


def _elu_words(words: Words) -> str:
    factor = "" if words["alpha"] == "1" else f"{words['alpha']} "
    return f"x if x > 0, else {factor}(e^x - 1)"


def _softplus_words(words: Words) -> str:
    beta, threshold = words["beta"], words["threshold"]
    if beta == "1":
        return f"ln(1 + e^x), x where x > {threshold}"
    return f"ln(1 + e^({beta} x)) / {beta}, x where {beta} x > {threshold}"


def _weighted_words(words: Words) -> str:
    weights = words["weight"].split(",")
    if len(weights) == 1:
        return f"x if x > 0, else {weights[0]} x"
    listed = ", ".join(weights[:3]) + (" …" if len(weights) > 3 else "")
    return f"x if x > 0, else w x; w by channel: {listed}"


GELU_WORDS = {
    "none": "x Φ(x), Φ the normal distribution",
    "tanh": "x / 2 (1 + tanh(√(2/π) (x + 0.044715 x³)))",
}
GELU_SHEETS = {
    "none": "{x}*NORMSDIST({x})",
    "tanh": ("IF(ABS({x})>50,MAX(0,{x}),{x}/2*(1+TANH(SQRT(2/PI())*({x}+0.044715*{x}*{x}*{x}))))"),
}
SIGMOID_SHEET = "IF({x}>=0,1/(1+EXP(-{x})),EXP({x})/(1+EXP({x})))"

ACTIVATIONS = {
    a.name: a
    for a in (
        ActivationFunction(
            "none",
            "none",
            words=_text("x"),
            apply=curves.identity,
            derivative=np.ones_like,
            steepest=_constant(1),
            sheet=_text("{x}"),
            torch="Identity",
            onnx=OnnxOperator("Identity"),
        ),
        ActivationFunction(
            "relu",
            "ReLU",
            words=_text("max(0, x)"),
            apply=curves.relu,
            derivative=curves.step,
            steepest=_constant(1),
            sheet=_text("MAX(0,{x})"),
            torch="ReLU",
            onnx=OnnxOperator("Relu"),
            flat="all sums are 0 or less",
        ),
        ActivationFunction(
            "leaky_relu",
            "leaky ReLU",
            words=_text("x if x > 0, else {negative_slope} x"),
            apply=curves.leaky,
            derivative=curves.leaky_slope,
            steepest=lambda negative_slope: max(1.0, abs(negative_slope)),
            sheet=_text("IF({x}>0,{x},{negative_slope}*{x})"),
            torch="LeakyReLU",
            onnx=OnnxOperator("LeakyRelu", {"alpha": ("negative_slope", 0.01)}),
            settings=(
                NumberSetting(
                    "negative_slope",
                    "Negative slope",
                    "What negative cells are multiplied by",
                    0.01,
                    step=0.01,
                ),
            ),
        ),
        ActivationFunction(
            "prelu",
            "PReLU",
            words=_weighted_words,
            apply=lambda x, weight: curves.leaky(x, weight),
            derivative=lambda x, weight: curves.leaky_slope(x, weight),
            steepest=lambda weight: max(1.0, *map(abs, weight)),
            sheet=_text("IF({x}>0,{x},{weight}*{x})"),
            torch="PReLU",
            onnx=OnnxOperator("PRelu", inputs=("weight",)),
            settings=(
                ChannelSetting(
                    "weight",
                    "Weight",
                    "What negative cells are multiplied by: learnt, one for all channels or one "
                    "for each",
                    (0.25,),
                ),
            ),
        ),
        ActivationFunction(
            "elu",
            "ELU",
            words=_elu_words,
            apply=curves.elu,
            derivative=curves.elu_slope,
            steepest=lambda alpha: max(1.0, abs(alpha)),
            sheet=_text("IF({x}>0,{x},{alpha}*(EXP({x})-1))"),
            torch="ELU",
            onnx=OnnxOperator("Elu", {"alpha": ("alpha", 1.0)}),
            settings=(
                NumberSetting("alpha", "Alpha", "Minus what far negative cells become", 1.0),
            ),
            parts=lambda x, alpha: np.where(x > 0, 0, abs(alpha)),
        ),
        ActivationFunction(
            "relu6",
            "ReLU6",
            words=_text("min(max(0, x), 6)"),
            apply=curves.relu6,
            derivative=curves.relu6_slope,
            steepest=_constant(1),
            sheet=_text("MIN(6,MAX(0,{x}))"),
            torch="ReLU6",
            onnx=OnnxOperator("Clip", limits=(0.0, 6.0)),
            flat="no sum lies between 0 and 6",
            curve=9.0,
        ),
        ActivationFunction(
            "gelu",
            "GELU",
            words=lambda words: GELU_WORDS[words["approximate"]],
            apply=curves.gelu,
            derivative=curves.gelu_slope,
            steepest=lambda approximate: curves.GELU_STEEPEST[approximate],
            sheet=lambda words: GELU_SHEETS[words["approximate"]].format_map(words),
            torch="GELU",
            onnx=OnnxOperator("Gelu", {"approximate": ("approximate", "none")}),
            settings=(
                ChoiceSetting(
                    "approximate",
                    "Formula",
                    "The normal distribution itself, or tanh in its place",
                    "none",
                    (("none", "exact"), ("tanh", "by tanh")),
                ),
            ),
            parts=lambda x, **_: np.abs(x),
        ),
        ActivationFunction(
            "silu",
            "SiLU",
            words=_text("x / (1 + e^(-x))"),
            apply=curves.silu,
            derivative=curves.silu_slope,
            steepest=_constant(curves.SILU_STEEPEST),
            sheet=_text(f"{{x}}*{SIGMOID_SHEET}"),
            torch="SiLU",
            onnx=OnnxOperator("Sigmoid", gates=True),
            parts=np.abs,
        ),
        ActivationFunction(
            "hardswish",
            "Hardswish",
            words=_text("x min(max(0, x + 3), 6) / 6"),
            apply=curves.hardswish,
            derivative=curves.hardswish_slope,
            steepest=_constant(1.5),
            sheet=_text("{x}*(MIN(6,MAX(0,{x}+3))/6)"),
            torch="Hardswish",
            onnx=OnnxOperator("HardSwish"),
            parts=np.abs,
            flat="all sums are -3 or less",
        ),
        ActivationFunction(
            "sigmoid",
            "sigmoid",
            words=_text("1 / (1 + e^(-x))"),
            apply=curves.sigmoid,
            derivative=curves.sigmoid_slope,
            steepest=_constant(0.25),
            sheet=_text(SIGMOID_SHEET),
            torch="Sigmoid",
            onnx=OnnxOperator("Sigmoid"),
        ),
        ActivationFunction(
            "hardsigmoid",
            "Hardsigmoid",
            words=_text("min(max(0, {alpha} x + {beta}), 1)"),
            apply=curves.hardsigmoid,
            derivative=curves.hardsigmoid_slope,
            steepest=lambda alpha, **_: abs(alpha),
            sheet=_text("MIN(1,MAX(0,{alpha}*{x}+{beta}))"),
            torch="Hardsigmoid",
            torch_lambda="lambda x: torch.clamp({alpha} * x + {beta}, 0, 1)",
            onnx=OnnxOperator("HardSigmoid", {"alpha": ("alpha", 0.2), "beta": ("beta", 0.5)}),
            settings=(
                NumberSetting(
                    "alpha",
                    "Alpha",
                    "How steep it is: 1/6 in PyTorch, 0.2 in Keras 2 and ONNX",
                    1 / 6,
                    step=0.05,
                ),
                NumberSetting("beta", "Beta", "What it is at 0", 0.5),
            ),
            parts=lambda x, alpha, beta: np.minimum(
                np.abs(alpha * x) + abs(beta), 1 + 2 * abs(beta)
            ),
            flat="no sum lies where it is neither 0 nor 1",
        ),
        ActivationFunction(
            "tanh",
            "tanh",
            words=_text("tanh x"),
            apply=np.tanh,
            derivative=curves.tanh_slope,
            steepest=_constant(1),
            sheet=_text("TANH({x})"),
            torch="Tanh",
            onnx=OnnxOperator("Tanh"),
        ),
        ActivationFunction(
            "softplus",
            "Softplus",
            words=_softplus_words,
            apply=curves.softplus,
            derivative=curves.softplus_slope,
            steepest=_constant(1),
            sheet=_text(
                "IF({beta}*{x}>{threshold},{x},"
                "(MAX(0,{beta}*{x})+LN(1+EXP(-ABS({beta}*{x}))))/{beta})"
            ),
            torch="Softplus",
            onnx=OnnxOperator("Softplus"),
            settings=(
                NumberSetting(
                    "beta",
                    "Beta",
                    "How sharply it bends: larger is nearer to ReLU",
                    1.0,
                    least=1 / 1e30,
                ),
                NumberSetting(
                    "threshold",
                    "Threshold",
                    "Cells that are larger, times beta, stay as they are",
                    20.0,
                    step=1.0,
                ),
            ),
            parts=lambda x, beta, **_: np.full_like(x, 1 / beta),
        ),
    )
}

"""Activations that are x times a gate, which opens from 0 to 1: GELU, SiLU, Hardswish."""

from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.engine.activation_function import ActivationFunction, OnnxOperator, constant, text
from convviz.engine.activation_settings import ChoiceSetting
from convviz.engine.squashers import SIGMOID_SHEET, sigmoid, sigmoid_slope

Array = NDArray[Any]
FAR = 50.0  # beyond it a normal distribution is 0 or 1, and its density 0, in every float
CUBIC = 0.044715
SILU_STEEPEST = 1.0998393201288632  # at 2.399357
GELU_STEEPEST = {"none": 1.128904145185155, "tanh": 1.1289930686587717}  # at 1.4142, 1.4185
GELU_WORDS = {
    "none": "x Φ(x), Φ the normal distribution",
    "tanh": "x / 2 (1 + tanh(√(2/π) (x + 0.044715 x³)))",
}
GELU_SHEETS = {
    "none": "{x}*NORMSDIST({x})",
    "tanh": ("IF(ABS({x})>50,MAX(0,{x}),{x}/2*(1+TANH(SQRT(2/PI())*({x}+0.044715*{x}*{x}*{x}))))"),
}


def gelu(x: Array, approximate: str) -> Array:
    """Return x times the normal distribution, or what tanh makes of it."""
    made: Array = x * _normal(np.clip(x, -FAR, FAR), approximate)
    return made


def gelu_slope(x: Array, approximate: str) -> Array:
    """Return the slope of GELU."""
    near = np.clip(x, -FAR, FAR)
    normal = _normal(near, approximate)
    if approximate == "none":
        density = np.exp(-near * near / 2) / sqrt(2 * pi)
    else:
        density = sqrt(8 / pi) * (1 + 3 * CUBIC * near * near) * sigmoid_slope(_bent(near))
    slope: Array = normal + near * density
    return slope


def _normal(x: Array, approximate: str) -> Array:
    """Return the normal distribution up to x; (1 + tanh u) / 2 is the sigmoid of 2 u."""
    if approximate == "tanh":
        return sigmoid(_bent(x))
    from scipy.special import erfc  # not loaded by those who need no GELU

    normal: Array = erfc(-x / sqrt(2)) / 2
    return normal


def _bent(x: Array) -> Array:
    bent: Array = sqrt(8 / pi) * (x + CUBIC * x * x * x)
    return bent


def silu(x: Array) -> Array:
    """Return x / (1 + e^-x)."""
    made: Array = x * sigmoid(x)
    return made


def silu_slope(x: Array) -> Array:
    """Return the slope of SiLU."""
    near = np.clip(x, -1000, 1000)
    slope: Array = sigmoid(x) * (1 + near * sigmoid(-x))
    return slope


def hardswish(x: Array) -> Array:
    """Return x times what rises from 0 at -3 to 1 at 3."""
    made: Array = x * (np.clip(x + 3, 0, 6) / 6)
    return made


def hardswish_slope(x: Array) -> Array:
    """Return the slope of Hardswish, as torch has it at -3 and 3."""
    near = np.clip(x, -4, 4)
    return np.where(x <= -3, 0, np.where(x < 3, near / 3 + 0.5, 1)).astype(x.dtype)


GATES = (
    ActivationFunction(
        "gelu",
        "GELU",
        words=lambda words: GELU_WORDS[words["approximate"]],
        apply=gelu,
        derivative=gelu_slope,
        steepest=lambda approximate: GELU_STEEPEST[approximate],
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
        words=text("x / (1 + e^(-x))"),
        apply=silu,
        derivative=silu_slope,
        steepest=constant(SILU_STEEPEST),
        sheet=text(f"{{x}}*{SIGMOID_SHEET}"),
        torch="SiLU",
        onnx=OnnxOperator("Sigmoid", gates=True),
        parts=np.abs,
    ),
    ActivationFunction(
        "hardswish",
        "Hardswish",
        words=text("x min(max(0, x + 3), 6) / 6"),
        apply=hardswish,
        derivative=hardswish_slope,
        steepest=constant(1.5),
        sheet=text("{x}*(MIN(6,MAX(0,{x}+3))/6)"),
        torch="Hardswish",
        onnx=OnnxOperator("HardSwish"),
        parts=np.abs,
        flat="all sums are -3 or less",
    ),
)

"""Activations that bend towards a limit, and Softplus, whose slope does."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.engine.activation_function import (
    ActivationFunction,
    OnnxOperator,
    Words,
    constant,
    text,
)
from convviz.engine.activation_settings import NumberSetting

Array = NDArray[Any]
SIGMOID_SHEET = "IF({x}>=0,1/(1+EXP(-{x})),EXP({x})/(1+EXP({x})))"


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + e^-x)."""
    decay = np.exp(-np.abs(x))
    squashed: Array = np.where(x >= 0, 1, decay) / (1 + decay)
    return squashed


def sigmoid_slope(x: Array) -> Array:
    """Return the slope of sigmoid."""
    return sigmoid(x) * sigmoid(-x)


def hardsigmoid(x: Array, alpha: float, beta: float) -> Array:
    """Return alpha x + beta within 0 and 1."""
    return np.clip(alpha * x + beta, 0, 1)


def hardsigmoid_slope(x: Array, alpha: float, beta: float) -> Array:
    """Return alpha between the kinks, 0 at and beyond them."""
    low, high = (-beta / alpha, (1 - beta) / alpha) if alpha else (0.0, 0.0)
    inside = (x > min(low, high)) & (x < max(low, high))
    return np.where(inside, alpha, 0).astype(x.dtype)


def tanh_slope(x: Array) -> Array:
    """Return the slope of tanh."""
    slope: Array = 1 - np.tanh(x) ** 2
    return slope


def softplus(x: Array, beta: float, threshold: float) -> Array:
    """Return ln(1 + e^(beta x)) / beta, x itself beyond the threshold."""
    with np.errstate(over="ignore"):
        scaled = beta * x
    smooth = np.logaddexp(0, np.where(scaled > threshold, 0, scaled)) / beta
    return np.where(scaled > threshold, x, smooth).astype(x.dtype)


def softplus_slope(x: Array, beta: float, threshold: float) -> Array:
    """Return the slope of Softplus: 1 beyond the threshold."""
    with np.errstate(over="ignore"):
        scaled = beta * x
    return np.where(scaled > threshold, 1, sigmoid(scaled)).astype(x.dtype)


def _softplus_words(words: Words) -> str:
    beta, threshold = words["beta"], words["threshold"]
    if beta == "1":
        return f"ln(1 + e^x), x where x > {threshold}"
    return f"ln(1 + e^({beta} x)) / {beta}, x where {beta} x > {threshold}"


SQUASHERS = (
    ActivationFunction(
        "sigmoid",
        "sigmoid",
        words=text("1 / (1 + e^(-x))"),
        apply=sigmoid,
        derivative=sigmoid_slope,
        steepest=constant(0.25),
        sheet=text(SIGMOID_SHEET),
        torch="Sigmoid",
        onnx=OnnxOperator("Sigmoid"),
    ),
    ActivationFunction(
        "hardsigmoid",
        "Hardsigmoid",
        words=text("min(max(0, {alpha} x + {beta}), 1)"),
        apply=hardsigmoid,
        derivative=hardsigmoid_slope,
        steepest=lambda alpha, **_: abs(alpha),
        sheet=text("MIN(1,MAX(0,{alpha}*{x}+{beta}))"),
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
        parts=lambda x, alpha, beta: np.minimum(np.abs(alpha * x) + abs(beta), 1 + 2 * abs(beta)),
        flat="no sum lies where it is neither 0 nor 1",
    ),
    ActivationFunction(
        "tanh",
        "tanh",
        words=text("tanh x"),
        apply=np.tanh,
        derivative=tanh_slope,
        steepest=constant(1),
        sheet=text("TANH({x})"),
        torch="Tanh",
        onnx=OnnxOperator("Tanh"),
    ),
    ActivationFunction(
        "softplus",
        "Softplus",
        words=_softplus_words,
        apply=softplus,
        derivative=softplus_slope,
        steepest=constant(1),
        sheet=text(
            "IF({beta}*{x}>{threshold},{x},(MAX(0,{beta}*{x})+LN(1+EXP(-ABS({beta}*{x}))))/{beta})"
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

"""Activations that keep positive cells: ReLU and those that bend what is negative."""

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
from convviz.engine.activation_settings import ChannelSetting, NumberSetting

Array = NDArray[Any]


def identity(x: Array) -> Array:
    """Return the cells."""
    return x


def relu(x: Array) -> Array:
    """Return what is positive."""
    positive: Array = np.maximum(x, 0)
    return positive


def step(x: Array) -> Array:
    """Return the slope of ReLU: 0 at 0."""
    return (x > 0).astype(x.dtype)


def leaky(x: Array, negative_slope: float | Array) -> Array:
    """Return the cells, negative ones times a slope."""
    return x * np.where(x > 0, 1, np.asarray(negative_slope, x.dtype))


def leaky_slope(x: Array, negative_slope: float | Array) -> Array:
    """Return 1 or the slope, which it is at 0."""
    return np.where(x > 0, 1, np.asarray(negative_slope)).astype(x.dtype)


def elu(x: Array, alpha: float) -> Array:
    """Return the cells, negative ones bent towards -alpha."""
    return np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


def elu_slope(x: Array, alpha: float) -> Array:
    """Return the slope of ELU: alpha at 0."""
    return np.where(x > 0, 1, alpha * np.exp(np.minimum(x, 0))).astype(x.dtype)


def relu6(x: Array) -> Array:
    """Return the cells within 0 and 6."""
    bounded: Array = np.minimum(np.maximum(x, 0), 6)
    return bounded


def relu6_slope(x: Array) -> Array:
    """Return the slope of ReLU6: 0 at 0 and at 6."""
    return ((x > 0) & (x < 6)).astype(x.dtype)


def _elu_words(words: Words) -> str:
    factor = "" if words["alpha"] == "1" else f"{words['alpha']} "
    return f"x if x > 0, else {factor}(e^x - 1)"


def _weighted_words(words: Words) -> str:
    weights = words["weight"].split(",")
    if len(weights) == 1:
        return f"x if x > 0, else {weights[0]} x"
    listed = ", ".join(weights[:3]) + (" …" if len(weights) > 3 else "")
    return f"x if x > 0, else w x; w by channel: {listed}"


RECTIFIERS = (
    ActivationFunction(
        "none",
        "none",
        words=text("x"),
        apply=identity,
        derivative=np.ones_like,
        steepest=constant(1),
        sheet=text("{x}"),
        torch="Identity",
        onnx=OnnxOperator("Identity"),
    ),
    ActivationFunction(
        "relu",
        "ReLU",
        words=text("max(0, x)"),
        apply=relu,
        derivative=step,
        steepest=constant(1),
        sheet=text("MAX(0,{x})"),
        torch="ReLU",
        onnx=OnnxOperator("Relu"),
        flat="all sums are 0 or less",
    ),
    ActivationFunction(
        "leaky_relu",
        "leaky ReLU",
        words=text("x if x > 0, else {negative_slope} x"),
        apply=leaky,
        derivative=leaky_slope,
        steepest=lambda negative_slope: max(1.0, abs(negative_slope)),
        sheet=text("IF({x}>0,{x},{negative_slope}*{x})"),
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
        apply=lambda x, weight: leaky(x, weight),
        derivative=lambda x, weight: leaky_slope(x, weight),
        steepest=lambda weight: max(1.0, *map(abs, weight)),
        sheet=text("IF({x}>0,{x},{weight}*{x})"),
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
        apply=elu,
        derivative=elu_slope,
        steepest=lambda alpha: max(1.0, abs(alpha)),
        sheet=text("IF({x}>0,{x},{alpha}*(EXP({x})-1))"),
        torch="ELU",
        onnx=OnnxOperator("Elu", {"alpha": ("alpha", 1.0)}),
        settings=(NumberSetting("alpha", "Alpha", "Minus what far negative cells become", 1.0),),
        parts=lambda x, alpha: np.where(x > 0, 0, abs(alpha)),
    ),
    ActivationFunction(
        "relu6",
        "ReLU6",
        words=text("min(max(0, x), 6)"),
        apply=relu6,
        derivative=relu6_slope,
        steepest=constant(1),
        sheet=text("MIN(6,MAX(0,{x}))"),
        torch="ReLU6",
        onnx=OnnxOperator("Clip", limits=(0.0, 6.0)),
        flat="no sum lies between 0 and 6",
        curve=9.0,
    ),
)

"""The functions of ACTIVATIONS and their slopes, sound for cells of any size, in their precision.

At a kink a slope is torch's. Settings are numbers, or arrays that lie along the cells.
"""

from math import pi, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
FAR = 50.0  # beyond it a normal distribution is 0 or 1, and its density 0, in every float
CUBIC = 0.044715
SILU_STEEPEST = 1.0998393201288632  # at 2.399357
GELU_STEEPEST = {"none": 1.128904145185155, "tanh": 1.1289930686587717}  # at 1.4142, 1.4185


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


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + e^-x)."""
    decay = np.exp(-np.abs(x))
    squashed: Array = np.where(x >= 0, 1, decay) / (1 + decay)
    return squashed


def sigmoid_slope(x: Array) -> Array:
    """Return the slope of sigmoid."""
    return sigmoid(x) * sigmoid(-x)


def tanh_slope(x: Array) -> Array:
    """Return the slope of tanh."""
    slope: Array = 1 - np.tanh(x) ** 2
    return slope


def hardsigmoid(x: Array, alpha: float, beta: float) -> Array:
    """Return alpha x + beta within 0 and 1."""
    return np.clip(alpha * x + beta, 0, 1)


def hardsigmoid_slope(x: Array, alpha: float, beta: float) -> Array:
    """Return alpha between the kinks, 0 at and beyond them."""
    low, high = (-beta / alpha, (1 - beta) / alpha) if alpha else (0.0, 0.0)
    inside = (x > min(low, high)) & (x < max(low, high))
    return np.where(inside, alpha, 0).astype(x.dtype)


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
    from scipy.special import erfc  # takes 0.1 s to load

    normal: Array = erfc(-x / sqrt(2)) / 2
    return normal


def _bent(x: Array) -> Array:
    bent: Array = sqrt(8 / pi) * (x + CUBIC * x * x * x)
    return bent

"""Activations of every kind and setting, and cells at which they bend."""

import numpy as np

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.layers import Activation

CASES = {
    activation.spec: activation
    for activation in (
        *map(Activation, ACTIVATIONS),
        Activation("leaky_relu", negative_slope=0.2),
        Activation("leaky_relu", negative_slope=-1.5),
        Activation("leaky_relu", negative_slope=0),
        Activation("prelu", weight=0.125),
        Activation("prelu", weight=(0.25, -0.5, 3)),
        Activation("elu", alpha=0.3),
        Activation("elu", alpha=-2),
        Activation("gelu", approximate="tanh"),
        Activation("hardsigmoid", alpha=0.2),
        Activation("hardsigmoid", alpha=-2, beta=0.25),
        Activation("hardsigmoid", alpha=0, beta=0.5),
        Activation("softplus", beta=4),
        Activation("softplus", beta=0.5, threshold=3),
        Activation("softplus", beta=2, threshold=-1),
    )
}
KINKS = (0.0, 3.0, -3.0, 6.0, 20.0)
CELLS = np.array([*np.linspace(-7, 7, 55), *KINKS, 1e-8, -1e-8, 30, -30]).reshape(1, 8, 8)
IMAGE = np.concatenate([CELLS, -CELLS + 0.5, CELLS * 3])  # (3, 8, 8), a channel for each weight
FAR = np.array([1e3, -1e3, 1e18, -1e18, 1e30, -1e30, 5e-324, 0.0]).reshape(1, 1, 8)

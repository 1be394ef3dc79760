"""Layers of every kind: frozen settings, sizes, and the sentence that says what does not fit."""

from convviz.engine.activation_layer import Activation
from convviz.engine.conv_layer import Conv, ConvSettings
from convviz.engine.pool_layer import Pool
from convviz.engine.problems import Fix, LayerError, Problem, Shape
from convviz.engine.transpose_layer import ConvTranspose

__all__ = [
    "Activation",
    "Conv",
    "ConvSettings",
    "ConvTranspose",
    "Fix",
    "KernelLayer",
    "Layer",
    "LayerError",
    "Pool",
    "Problem",
    "Shape",
]


KernelLayer = Conv | ConvTranspose
Layer = KernelLayer | Pool | Activation

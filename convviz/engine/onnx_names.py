"""What ONNX calls the layers: for those who write its models and those who read them."""

from typing import Any

from convviz.engine.activations import LEAK

ACTIVATION_OPERATORS: dict[str, tuple[str, dict[str, Any]]] = {
    "none": ("Identity", {}),
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": LEAK}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
}

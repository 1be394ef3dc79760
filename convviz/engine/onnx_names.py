"""What ONNX calls the layers: for those who write its models and those who read them."""

from convviz.engine.pool_layer import Kind

POOL_OPERATORS: dict[Kind, str] = {"max": "MaxPool", "avg": "AveragePool"}

"""The maps of layers by ONNX Runtime, which with onnx is imported when it is asked."""

from importlib import import_module
from operator import ge
from types import ModuleType
from typing import Any, assert_never

import numpy as np

from convviz.engine.layers import Activation, Conv, ConvTranspose, Layer, Pool
from convviz.engine.onnx_names import POOL_OPERATORS
from convviz.engine.oracle_onnx_activations import Graph, Node, activation_graph
from convviz.engine.oracle_scipy import padded
from convviz.engine.padding import Array
from convviz.engine.problems import LARGEST_PADDED, NotInLibrary

OPSET, IR_VERSION = 20, 9  # ONNX 1.15, of 2023: the first with Gelu
MOST_SIZE = 1e18  # of numbers whose products float32 holds


def maps(layer: Layer, image: Array) -> Array:
    """Return the maps (out_channels, *spatial) that ONNX Runtime makes of `image`, in float32.

    The layer must fit. numpy.pad makes the padding of a convolution, which ONNX has of zeros alone.

    Raises
    ------
    ImportError
        When onnxruntime is not installed, or onnx, which writes the model.
    NotInLibrary
        When ONNX has no such layer, or float32 no such numbers.
    """
    _check_range(image, *_constants(layer).values())
    graph = _graph(layer, image.shape)
    onnx, runtime = import_module("onnx"), import_module("onnxruntime")
    cells = padded(layer, image) if isinstance(layer, Conv) else image
    batch = cells[None].astype(np.float32)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    model = _model(onnx, graph, batch.ndim)
    session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    result: Array = session.run(None, {"image": batch})[0][0]
    return result


def _check_range(*arrays: Array) -> None:
    """Refuse numbers whose products float32 could not hold."""
    if max(float(np.abs(array).max(initial=0.0)) for array in arrays) > MOST_SIZE:
        raise NotInLibrary("numbers that are too large for float32")


def _graph(layer: Layer, shape: tuple[int, ...]) -> Graph:
    """Return the nodes that a layer is, for an image of `shape` (channels, *spatial)."""
    if isinstance(layer, Activation):
        return activation_graph(layer, shape)
    operator, attributes = _operator(layer)
    constants = _constants(layer)
    return Graph((Node(operator, ("image", *constants), attributes=attributes),), constants)


def _model(onnx: ModuleType, drawn: Graph, axes: int) -> bytes:
    """Return a model that makes "maps" of "image", both with `axes` axes."""
    helper = onnx.helper
    constants = [
        onnx.numpy_helper.from_array(array.astype(np.float32), name)
        for name, array in drawn.constants.items()
    ]
    nodes = [
        helper.make_node(node.operator, node.inputs, [node.output], **node.attributes)
        for node in drawn.nodes
    ]
    image, maps = (
        helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, [None] * axes)
        for name in ("image", "maps")
    )
    graph = helper.make_graph(nodes, "layer", [image], [maps], constants)
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    written: bytes = model.SerializeToString()
    return written


def _constants(layer: Layer) -> dict[str, Array]:
    match layer:
        case Conv():
            spatial = tuple(range(2, layer.weight.ndim))
            weight = np.flip(layer.weight, spatial) if layer.flip else layer.weight
        case ConvTranspose():
            weight = layer.weight
        case _:
            return {}
    return {"weight": weight} if layer.bias is None else {"weight": weight, "bias": layer.bias}


def _operator(layer: Conv | ConvTranspose | Pool) -> tuple[str, dict[str, Any]]:
    """Return the operator of ONNX and its attributes."""
    match layer:
        case Conv():
            return "Conv", {**_steps(layer), "group": layer.groups}
        case ConvTranspose():
            return "ConvTranspose", _transposed(layer)
        case Pool():
            return _pooling(layer)
        case _:
            assert_never(layer)


def _transposed(layer: ConvTranspose) -> dict[str, Any]:
    if any(map(ge, layer.output_padding, layer.stride)):
        raise NotInLibrary("ONNX Runtime takes no output_padding from the stride on")
    return {
        **_steps(layer),
        "group": layer.groups,
        "pads": layer.padding * 2,
        "output_padding": layer.output_padding,
    }


def _pooling(pool: Pool) -> tuple[str, dict[str, Any]]:
    attributes = {
        **_steps(pool),
        "kernel_shape": pool.kernel_size,
        "pads": pool.padding * 2,
        "ceil_mode": int(pool.ceil_mode),
    }
    if pool.kind == "avg":
        attributes["count_include_pad"] = int(pool.count_include_pad)
    return POOL_OPERATORS[pool.kind], attributes


def _steps(layer: Conv | ConvTranspose | Pool) -> dict[str, Any]:
    """Return stride and dilation; beyond any image no number means more than that."""
    return {
        "strides": [min(cells, LARGEST_PADDED) for cells in layer.stride],
        "dilations": [min(cells, LARGEST_PADDED) for cells in layer.dilation],
    }

"""The maps of layers by ONNX Runtime, which with onnx is imported when it is asked."""

from collections.abc import Mapping
from importlib import import_module
from operator import ge
from types import ModuleType
from typing import Any, assert_never

import numpy as np

from convviz.engine.layers import Activation, Conv, ConvTranspose, Layer, Pool, Shape
from convviz.engine.oracle_onnx_activations import Graph, Node, activation_graph
from convviz.engine.oracle_padding import amounts, looked_up, padded_by_numpy, plain_rule
from convviz.engine.padding import Array
from convviz.engine.problems import LARGEST_PADDED, NotInLibrary

OPSET, IR_VERSION = 20, 9  # ONNX 1.15, of 2023: the first with Gelu
AUTO_PADS = {"valid": "VALID", "same_upper": "SAME_UPPER", "same_lower": "SAME_LOWER"}
# A padding mode -> that of the operator Pad, None where numpy.pad has to make it
PAD_MODES: Mapping[str, str | None] = {
    "zeros": "constant",
    "constant": "constant",
    "reflect": "reflect",
    "symmetric": None,
    "replicate": "edge",
    "circular": "wrap",
}
MOST_SIZE = 1e18  # of numbers whose products float32 holds


def maps(layer: Layer, image: Array) -> Array:
    """Return the maps (out_channels, *spatial) that ONNX Runtime makes of `image`, in float32.

    The layer must fit. Padding is that of its operators, auto_pad and pads of Conv or a Pad before
    it; numpy.pad makes what ONNX does not have.

    Raises
    ------
    ImportError
        When onnxruntime is not installed, or onnx, which writes the model.
    NotInLibrary
        When ONNX has no such layer, or float32 no such numbers.
    """
    _check_range(image, *_constants(layer).values())
    graph = _graph(layer, image.shape)  # before onnx is imported: it may be no layer of ONNX's
    onnx, runtime = import_module("onnx"), import_module("onnxruntime")
    batch = _entering(layer, image)[None].astype(np.float32)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = 1
    model = _model(onnx, graph, len(image.shape) + 1)
    session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    result: Array = session.run(None, {"image": batch})[0][0]
    return result


def _check_range(*arrays: Array) -> None:
    """Refuse numbers whose products float32 could not hold."""
    if max(float(np.abs(array).max(initial=0.0)) for array in arrays) > MOST_SIZE:
        raise NotInLibrary("numbers that are too large for float32")


def _entering(layer: Layer, image: Array) -> Array:
    """Return what the model reads: padded already where ONNX has no such mode."""
    if isinstance(layer, Conv) and looked_up(PAD_MODES, layer.padding_mode) is None:
        return padded_by_numpy(layer, image)
    return image


def _graph(layer: Layer, shape: tuple[int, ...]) -> Graph:
    """Return the nodes that a layer is, for an image of `shape` (channels, *spatial)."""
    if isinstance(layer, Activation):
        return activation_graph(layer, shape)
    spatial = shape[1:]
    operator, attributes = _operator(layer, spatial)
    weights, pads = _constants(layer), _pads_before(layer, spatial)
    before = tuple(
        Node("Pad", ("image", *values), "padded", {"mode": mode}) for mode, values in pads.items()
    )
    read = "padded" if before else "image"
    made = Node(operator, (read, *weights), attributes=attributes)
    stored = {name: array for values in pads.values() for name, array in values.items()}
    return Graph((*before, made), {**weights, **stored})


def _model(onnx: ModuleType, drawn: Graph, axes: int) -> bytes:
    """Return a model that makes "maps" of "image", both with `axes` axes."""
    helper = onnx.helper
    constants = [
        onnx.numpy_helper.from_array(
            array.astype(np.float32) if array.dtype.kind == "f" else array, name
        )
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


def _pads_before(layer: Layer, spatial: Shape) -> dict[str, dict[str, Array]]:
    """Return the mode of the Pad before a convolution with its constants; empty without one."""
    if not isinstance(layer, Conv) or layer.padding_mode == "zeros":
        return {}
    mode = looked_up(PAD_MODES, layer.padding_mode)
    if mode is None:
        return {}
    before, after = zip((0, 0), (0, 0), *amounts(layer, spatial), strict=True)
    fill = np.array(layer.padding_value if layer.padding_mode == "constant" else 0.0)
    _check_range(fill)
    pads = np.array((*before, *after), np.int64)
    return {mode: {"pads": pads, "fill": fill.astype(np.float32)}}


def _conv_pads(layer: Conv, spatial: Shape) -> dict[str, Any]:
    """Return how Conv itself pads: by a rule of ONNX where there is one, else by cells."""
    if layer.padding_mode != "zeros":
        return {}
    if (auto := AUTO_PADS.get(plain_rule(layer))) and set(layer.dilation) == {1}:
        return {"auto_pad": auto}  # ONNX Runtime refuses it with dilation
    before, after = zip(*amounts(layer, spatial), strict=True)
    return {"pads": (*before, *after)}


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


def _operator(layer: Conv | ConvTranspose | Pool, spatial: Shape) -> tuple[str, dict[str, Any]]:
    """Return the operator of ONNX and its attributes."""
    match layer:
        case Conv():
            return "Conv", {
                **_steps(layer),
                "group": layer.groups,
                **_conv_pads(layer, spatial),
            }
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
    match pool.kind:
        case "max":
            return "MaxPool", attributes
        case "avg":
            return "AveragePool", {
                **attributes,
                "count_include_pad": int(pool.count_include_pad),
            }
        case _:
            assert_never(pool.kind)


def _steps(layer: Conv | ConvTranspose | Pool) -> dict[str, Any]:
    """Return stride and dilation; beyond any image no number means more than that."""
    return {
        "strides": [min(cells, LARGEST_PADDED) for cells in layer.stride],
        "dilations": [min(cells, LARGEST_PADDED) for cells in layer.dilation],
    }

"""ONNX models for the tests: nodes after each other, written as exporters write them."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

OPSET = 19


def numbers(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def chain(*steps, axes=4, constants=False, opset=OPSET):
    """The bytes of a model whose nodes follow each other: (operator, attributes, *weights).

    `constants` writes weights as nodes, not as initializers.
    """
    nodes, stored, present = [], [], "image"
    for number, (operator, attributes, *weights) in enumerate(steps):
        names = []
        for what, array in zip(("weight", "bias"), weights, strict=False):
            tensor = numpy_helper.from_array(np.asarray(array), f"layer{number}.{what}")
            names.append(tensor.name)
            if constants:
                nodes.append(helper.make_node("Constant", [], [tensor.name], value=tensor))
            else:
                stored.append(tensor)
        made = f"made{number}"
        nodes.append(helper.make_node(operator, [present, *names], [made], **attributes))
        present = made
    return model(nodes, stored, present, axes=axes, opset=opset)


def model(nodes, stored, output, *, axes=4, opset=OPSET):
    image, made = (
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * axes)
        for name in ("image", output)
    )
    graph = helper.make_graph(nodes, "graph", [image], [made], stored)
    whole = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    return whole.SerializeToString()


def run(written, image):
    """What ONNX Runtime makes of an image (channels, *spatial)."""
    import onnxruntime

    session = onnxruntime.InferenceSession(written, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: image[None].astype(np.float32)})[0][0]

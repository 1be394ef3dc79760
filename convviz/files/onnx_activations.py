"""What nodes of ONNX are as activations, by the operators that ACTIVATIONS name.

Source: https://onnx.ai/onnx/operators
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from convviz.engine.activation_function import ActivationFunction
from convviz.engine.activation_layer import Activation
from convviz.engine.activations import ACTIVATIONS
from convviz.engine.padding import Array
from convviz.files.errors import Refusal, shown
from convviz.files.onnx_graph import Graph, Node, numbers_in

OPERATORS = {a.onnx.name: a for a in ACTIVATIONS.values() if not a.onnx.gates}
TIMES_X = "{} times its input"  # the operator of two nodes that are read as one
GATES = {TIMES_X.format(a.onnx.name): a for a in ACTIVATIONS.values() if a.onnx.gates}


def function_of(operator: str) -> ActivationFunction | None:
    """Return what an operator is, one of GATES included; None where it is no activation."""
    return {**OPERATORS, **GATES}.get(operator)


def activation_at(graph: Graph, node: Node, rank: int | None) -> Activation:
    """Return the activation that a node is; raises Refusal and LayerError.

    `rank` is how many spatial axes there are, None where that is not known.
    """
    function = function_of(node.operator)
    if function is None:
        raise Refusal("there is no such layer here")
    further = [_stored(graph, name) for name in node.inputs[1:]]
    _check_limits(function, node.attributes, further)
    settings: dict[str, Any] = {
        setting: _plain(node.attributes.get(attribute, usual), function.defaults[setting])
        for attribute, (setting, usual) in function.onnx.attributes.items()
    }
    for setting, numbers in zip(function.onnx.inputs, further, strict=False):
        settings[setting] = _by_channel(numbers, rank)
    if len(further) < len(function.onnx.inputs):
        raise Refusal(f"it lacks its {function.onnx.inputs[len(further)]}")
    return Activation(function.name, **settings)


def _stored(graph: Graph, name: str) -> Array | None:
    if not name:
        return None
    if name not in graph.stored:
        raise Refusal(f"its input {shown(name)} is computed by the graph, not stored")
    return numbers_in(graph, graph.stored[name])


def _check_limits(
    function: ActivationFunction, attributes: Mapping[str, Any], further: Sequence[Array | None]
) -> None:
    """Refuse numbers within which an operator clips when they are others than those here."""
    wanted = function.onnx.limits
    if not wanted:
        return
    given = [attributes.get("min"), attributes.get("max")]
    for number, array in enumerate(further[:2]):
        given[number] = given[number] if array is None else float(array.ravel()[0])
    if tuple(given) != wanted:
        has, needs = (
            " and ".join("nothing" if n is None else f"{n:g}" for n in ends)
            for ends in (given, wanted)
        )
        raise Refusal(f"it clips to {has}; {function.title} clips to {needs}")


def _plain(value: float | str, usual: object) -> float | str:
    """Return an attribute, which ONNX holds in float32, as the number that was typed."""
    if isinstance(value, str):
        return value
    if isinstance(usual, float) and np.float32(usual) == np.float32(value):
        return usual
    return float(str(np.float32(value)))


def _by_channel(slopes: Array | None, rank: int | None) -> tuple[float, ...]:
    """Return slopes of a shape as (channels, 1, 1): one for each channel, or one number."""
    if slopes is None:
        raise Refusal("it lacks its slopes")
    if slopes.size == 1:
        return (float(slopes.ravel()[0]),)
    channels, *spatial = slopes.shape[1:] if slopes.shape[0] == 1 else slopes.shape
    if slopes.size != channels or len(spatial) != (rank or len(spatial)) or not spatial:
        sizes = " × ".join(map(str, slopes.shape))
        raise Refusal(f"its slopes have the shape {sizes}: they are not one for each channel")
    return tuple(map(float, slopes.ravel()))

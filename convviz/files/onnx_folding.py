"""Nodes behind a convolution that scale its maps or add to them: they go into weight and bias.

Many exporters write the bias as Add, and a batch normalization as a node of its own. Source:
https://onnx.ai/onnx/operators; y = scale (x - mean) / sqrt(var + epsilon) + B.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.files.onnx_graph import Graph, Node, numbers_in

Numbers = NDArray[Any]
EPSILON = 1e-5


@dataclass(frozen=True, eq=False)
class Maps:
    """The feature maps that a convolution makes, and how their numbers are called just now."""

    name: str
    channels: int
    rank: int
    transposed: bool = False


Affine = tuple[Numbers, Numbers]  # times, plus: one for each channel
Fold = Callable[[Graph, Node, Maps], Affine]


def nodes_behind(graph: Graph, maps: Maps) -> tuple[Node, ...]:
    """Return the nodes that can go into weight and bias, in their order."""
    found: list[Node] = []
    while (following := _only_reader(graph, maps.name)) and _folds(graph, following, maps):
        found.append(following)
        maps = replace(maps, name=following.outputs[0])
    return tuple(found)


def left_behind(graph: Graph, node: Node, folded: tuple[Node, ...]) -> Node | None:
    """Return a bias or a normalization right behind the last of them that could not go into it."""
    last = folded[-1] if folded else node
    readers = graph.readers(last.outputs[0]) if last.outputs else ()
    return next((n for n in readers if n.operator in FOLDS and _has_numbers(graph, n)), None)


def folded(
    graph: Graph, nodes: tuple[Node, ...], maps: Maps, weight: Numbers, bias: Numbers | None
) -> tuple[Numbers, Numbers | None]:
    """Return weight and bias after `nodes`, which read `maps` first; raises Refusal."""
    if not nodes:
        return weight, bias
    scaled = weight.astype(np.float64)
    added = np.zeros(maps.channels) if bias is None else bias.astype(np.float64)
    for node in nodes:
        times, plus = FOLDS[node.operator](graph, node, maps)
        scaled = scaled * _along_outputs(times, maps, scaled)
        added = added * times + plus
        maps = replace(maps, name=node.outputs[0])
    return scaled.astype(weight.dtype), added.astype(weight.dtype)


def _along_outputs(times: Numbers, maps: Maps, weight: Numbers) -> Numbers:
    """Return a factor for each output channel with the axes of the weight.

    A transposed convolution has its output channels within the groups of its input channels.
    """
    after = (1,) * maps.rank
    if not maps.transposed:
        return times.reshape(-1, 1, *after)
    groups = maps.channels // weight.shape[1]
    rows = times.reshape(groups, weight.shape[1])
    return np.repeat(rows, weight.shape[0] // groups, axis=0).reshape(*weight.shape[:2], *after)


def _only_reader(graph: Graph, name: str) -> Node | None:
    readers = graph.readers(name)
    return readers[0] if len(readers) == 1 and name not in graph.outputs else None


def _folds(graph: Graph, node: Node, maps: Maps) -> bool:
    if node.operator not in FOLDS or not node.outputs:
        return False
    if node.operator == "BatchNormalization":
        return _normalizes(graph, node, maps)
    other = _other(node, maps)
    return other in graph.stored and _is_per_channel(tuple(graph.stored[other].dims), maps)


def _normalizes(graph: Graph, node: Node, maps: Maps) -> bool:
    stored = [graph.stored.get(name) for name in node.inputs[1:5]]
    sized = all(t is not None and tuple(t.dims) == (maps.channels,) for t in stored)
    inference = not node.attributes.get("training_mode", 0) and len(node.outputs) == 1
    return sized and len(stored) == 4 and inference and node.inputs[0] == maps.name


def _has_numbers(graph: Graph, node: Node) -> bool:
    return any(name in graph.stored for name in node.inputs)


def _other(node: Node, maps: Maps) -> str:
    """Return what else than the maps a node of two inputs reads, "" where they are both."""
    others = [name for name in node.inputs if name != maps.name]
    return others[0] if len(others) == 1 and len(node.inputs) == 2 else ""


def _is_per_channel(dims: tuple[int, ...], maps: Maps) -> bool:
    """Return whether numbers of this shape are the same all over a map, as NumPy broadcasts."""
    if len(dims) > maps.rank + 2:
        return False
    whole = (1,) * (maps.rank + 2 - len(dims)) + dims
    return whole[1] in (1, maps.channels) and {whole[0], *whole[2:]} == {1}


def _numbers(graph: Graph, name: str, maps: Maps) -> Numbers:
    values = numbers_in(graph, graph.stored[name]).astype(np.float64).ravel()
    return np.broadcast_to(values, maps.channels)


def _ones(maps: Maps) -> Numbers:
    return np.ones(maps.channels)


def _add(graph: Graph, node: Node, maps: Maps) -> Affine:
    return _ones(maps), _numbers(graph, _other(node, maps), maps)


def _subtract(graph: Graph, node: Node, maps: Maps) -> Affine:
    sign = 1.0 if node.inputs[0] == maps.name else -1.0
    return sign * _ones(maps), -sign * _numbers(graph, _other(node, maps), maps)


def _multiply(graph: Graph, node: Node, maps: Maps) -> Affine:
    return _numbers(graph, _other(node, maps), maps), 0 * _ones(maps)


def _normalize(graph: Graph, node: Node, maps: Maps) -> Affine:
    scale, shift, mean, variance = (_numbers(graph, name, maps) for name in node.inputs[1:5])
    times = scale / np.sqrt(variance + node.attributes.get("epsilon", EPSILON))
    return times, shift - mean * times


FOLDS: Mapping[str, Fold] = {
    "Add": _add,
    "Sub": _subtract,
    "Mul": _multiply,
    "BatchNormalization": _normalize,
}

"""ONNX: layers with their settings, and the stack that a graph begins with.

onnx parses; nothing is run, and no other file is opened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module
from math import prod
from types import MappingProxyType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.engine.layers import Layer, LayerError
from convviz.files.errors import MissingPackage, Refusal, one_line
from convviz.files.numpy_files import MAX_ARRAY_BYTES
from convviz.files.onnx_nodes import (
    KERNELS,
    SKIPPED,
    conv_settings,
    plain_layer,
    transpose_settings,
)
from convviz.files.source import Source
from convviz.files.weight_entries import RANKS, WeightEntry, kernel_kind

DOMAINS = ("", "ai.onnx")
NUMBERS = ("FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16")
SETTINGS = {"Conv": conv_settings, "ConvTranspose": transpose_settings}
NAMED_PARTS = (".weight", "/weight", "_weight", ".kernel")


@dataclass(frozen=True, eq=False)
class Node:
    """One node: its operator, its attributes as plain values, its inputs and outputs by name."""

    name: str
    operator: str
    attributes: Mapping[str, Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    @property
    def title(self) -> str:
        """What it is called in messages."""
        return one_line(f"{self.operator} {self.name}".strip())


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes in their order, stored numbers by name, and the inputs that images come in by."""

    onnx: ModuleType
    nodes: tuple[Node, ...]
    stored: Mapping[str, Any]  # TensorProto
    inputs: tuple[str, ...]

    def named(self) -> Iterator[tuple[str, Node]]:
        """Yield the nodes that have weights; convolutions are named by these."""
        taken: set[str] = set()
        for node in filter(self._is_layer, self.nodes):
            name = _unlike(_own_name(node), taken)
            taken.add(name)
            yield name, node

    def find(self, name: str) -> Node | None:
        """Return the node with a name, None where there is none."""
        return next((node for called, node in self.named() if called == name), None)

    def _is_layer(self, node: Node) -> bool:
        return node.operator in KERNELS or any(name in self.stored for name in node.inputs[1:])


@dataclass(frozen=True, eq=False)
class Stack:
    """The layers that a graph begins with; `rest` says what ends them, "" when they are all."""

    layers: tuple[Layer, ...]
    rest: str = ""


def read_graph(source: Source) -> Graph:
    """The graph of a model; raises Refusal, MissingPackage, and what onnx raises."""
    try:
        onnx = import_module("onnx")
    except ImportError:
        raise MissingPackage("onnx", "to read ONNX files") from None
    model = onnx.load_model_from_string(source.stream.read())
    nodes = tuple(_node(onnx, node) for node in model.graph.node)
    stored = {_plain(tensor.name): tensor for tensor in model.graph.initializer}
    for node in nodes:
        if node.operator == "Constant" and node.outputs and "value" in node.attributes:
            stored[node.outputs[0]] = node.attributes["value"]
    for node in nodes:  # a name for numbers that have one already
        if node.operator == "Identity" and node.inputs[:1] and node.inputs[0] in stored:
            stored.setdefault(node.outputs[0], stored[node.inputs[0]])
    computing = tuple(
        node
        for node in nodes
        if node.operator != "Constant" and not (node.outputs and node.outputs[0] in stored)
    )
    named = (_plain(value.name) for value in model.graph.input)
    inputs = tuple(name for name in named if name not in stored)
    return Graph(onnx, computing, MappingProxyType(stored), inputs)


def _node(onnx: ModuleType, node: Any) -> Node:  # noqa: ANN401
    attributes = {
        _plain(a.name): _plain(onnx.helper.get_attribute_value(a)) for a in node.attribute
    }
    operator, domain = _plain(node.op_type), _plain(node.domain)
    return Node(
        _plain(node.name),
        operator if domain in DOMAINS else f"{domain}.{operator}",
        MappingProxyType(attributes),
        tuple(map(_plain, node.input)),
        tuple(map(_plain, node.output)),
    )


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return a value as Python has it: text for bytes, a tuple for what repeats.

    Names that are no UTF-8 come as bytes, too.
    """
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return tuple(value) if isinstance(value, list) or hasattr(value, "append") else value


def _own_name(node: Node) -> str:
    weight = node.inputs[1] if node.operator in KERNELS and len(node.inputs) > 1 else ""
    if weight and not (weight.startswith("onnx::") and node.name):  # torch's, after folding
        for part in NAMED_PARTS:
            weight = weight.removesuffix(part)
        return weight
    return node.name or (node.outputs[0] if node.outputs else "") or node.operator


def _unlike(name: str, taken: set[str]) -> str:
    if name not in taken:
        return name
    return next(other for n in range(2, len(taken) + 3) if (other := f"{name} {n}") not in taken)


# Entries


def graph_entries(graph: Graph) -> tuple[WeightEntry, ...]:
    """The layers of a graph that have weights, and those that cannot be taken over."""
    return tuple(_entry(graph, name, node) for name, node in graph.named())


def _entry(graph: Graph, name: str, node: Node) -> WeightEntry:
    if node.operator not in KERNELS:
        shapes = (tuple(graph.stored[n].dims) for n in node.inputs[1:] if n in graph.stored)
        refusal = "no kernel slides in it"
        return WeightEntry(name, node.operator, max(shapes, key=prod), refusal=refusal)
    weight = graph.stored.get(node.inputs[1]) if len(node.inputs) > 1 else None
    shape = () if weight is None else tuple(weight.dims)
    transposed = node.operator == "ConvTranspose"
    kind = kernel_kind(len(shape), transposed) if len(shape) in RANKS else node.operator
    entry = WeightEntry(name, kind, shape, len(node.inputs) > 2, transposed)
    try:
        _check_stored(graph, node)
        return replace(entry, settings=MappingProxyType(_settings(node, shape)))
    except Refusal as error:
        return replace(entry, refusal=str(error))


def _settings(node: Node, shape: tuple[int, ...]) -> dict[str, Any]:
    if len(shape) not in (3, 4):
        raise Refusal("convviz has kernels of one and two axes")
    return SETTINGS[node.operator](node.attributes, shape[2:])


def _check_stored(graph: Graph, node: Node) -> None:
    """Refuse a convolution whose numbers are not all in the file."""
    for name, what in zip(node.inputs[1:3], ("weights", "bias"), strict=False):
        if not name:
            continue
        if name not in graph.stored:
            raise Refusal(f"its {what} are computed by the graph, not stored")
        _check_tensor(graph, graph.stored[name])


def _check_tensor(graph: Graph, tensor: Any) -> None:  # noqa: ANN401
    """Refuse numbers that are elsewhere, of another kind, or not as many as their shape says."""
    kinds = graph.onnx.TensorProto
    if tensor.data_location == kinds.EXTERNAL or tensor.external_data:
        raise Refusal("its numbers are in another file; save the model with them inside")
    known = {kinds.DataType.Value(name): name for name in NUMBERS}
    if tensor.data_type not in known:
        names = {number: name for name, number in kinds.DataType.items()}
        kind = names.get(tensor.data_type, f"of type {tensor.data_type}")
        raise Refusal(f"its numbers are {kind}, which convviz does not read")
    sizes = " × ".join(map(str, tensor.dims))
    if not all(size > 0 for size in tensor.dims) or prod(tensor.dims) * 8 > MAX_ARRAY_BYTES:
        raise Refusal(f"its shape is {sizes or 'empty'}, which cannot be read")
    kind = known[tensor.data_type]
    have = _number_count(tensor, kind)
    if have != prod(tensor.dims):
        raise Refusal(f"it has {have:,.12g} numbers, its shape {sizes} needs {prod(tensor.dims):,}")


def _number_count(tensor: Any, kind: str) -> float:  # noqa: ANN401
    size = {"DOUBLE": 8, "FLOAT": 4}.get(kind, 2)
    if tensor.HasField("raw_data"):
        return len(tensor.raw_data) / size
    fields = {"DOUBLE": tensor.double_data, "FLOAT": tensor.float_data}
    return len(fields.get(kind, tensor.int32_data))


def numbers_of(graph: Graph, node: Node) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Weight and bias of a convolution, which is checked; BF16 is widened."""
    _check_stored(graph, node)
    found = [_array(graph, graph.stored[name]) for name in node.inputs[1:3] if name]
    return found[0], found[1] if len(found) > 1 else None


def _array(graph: Graph, tensor: Any) -> NDArray[Any]:  # noqa: ANN401
    array: NDArray[Any] = graph.onnx.numpy_helper.to_array(tensor)
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float32)


# The stack


def stack_of(graph: Graph) -> Stack:
    """The layers from the input on, up to the first thing that cannot be taken over."""
    if len(graph.inputs) != 1:
        return Stack((), f"the graph has {len(graph.inputs)} inputs, a stack has one")
    layers: list[Layer] = []
    for node in _chain(graph):
        if isinstance(node, str):
            return Stack(tuple(layers), node)
        if node.operator in SKIPPED and not _trains(node):
            continue
        try:
            layers.append(_layer(graph, node))
        except (Refusal, LayerError) as error:
            return Stack(tuple(layers), f"{node.title}: {error}")
        if len({layer.rank for layer in layers if hasattr(layer, "rank")}) > 1:
            return Stack(tuple(layers[:-1]), f"{node.title}: it has other axes than those before")
    return Stack(tuple(layers))


def _chain(graph: Graph) -> Iterator[Node | str]:
    """Yield nodes as the image meets them; at last a sentence where the way ends or forks."""
    readers: dict[str, list[Node]] = {}
    for node in graph.nodes:
        for name in dict.fromkeys(node.inputs):
            readers.setdefault(name, []).append(node)
    present, met = graph.inputs[0], 0
    while following := readers.get(present):
        if len(following) > 1:
            yield f"the graph forks into {' and '.join(node.title for node in following[:4])}"
            return
        node = following[0]
        if not node.inputs or node.inputs[0] != present or not node.outputs:
            yield f"{node.title}: the image is not its first input"
            return
        yield node
        present, met = node.outputs[0], met + 1
        if met > len(graph.nodes):
            yield "the graph turns in a circle"
            return


def _trains(node: Node) -> bool:
    """Whether a Dropout may drop something: only one that is said to be training."""
    return node.operator == "Dropout" and len(node.inputs) > 2 and bool(node.inputs[2])


def _layer(graph: Graph, node: Node) -> Layer:
    if node.operator not in KERNELS:
        return plain_layer(node.operator, node.attributes)
    entry = _entry(graph, node.name, node)
    if entry.refusal:
        raise Refusal(entry.refusal)
    weight, bias = numbers_of(graph, node)
    return entry.made(weight, bias, transpose=bool(entry.transposed))

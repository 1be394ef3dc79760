"""The graph of an ONNX file: nodes, stored numbers, and what reads what.

onnx parses; nothing is run, and no other file is opened.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from math import prod
from types import MappingProxyType, ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.files.errors import MissingPackage, Refusal, one_line
from convviz.files.numpy_files import MAX_ARRAY_BYTES
from convviz.files.onnx_nodes import KERNELS
from convviz.files.source import Source

DOMAINS = ("", "ai.onnx")
NUMBERS = ("FLOAT", "DOUBLE", "FLOAT16", "BFLOAT16")
NAMED_PARTS = (".weight", "/weight", "_weight", ".kernel")


@dataclass(frozen=True, eq=False)
class Node:
    """One node: its operator, its attributes as plain values, its inputs and outputs by name.

    `captured` are names that graphs inside it, as those of If, may read; `convolves` says that
    there are convolutions in these.
    """

    name: str
    operator: str
    attributes: Mapping[str, Any]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    captured: tuple[str, ...] = ()
    convolves: bool = False

    @property
    def title(self) -> str:
        """What it is called in messages."""
        return one_line(f"{self.operator} {self.name}".strip())


@dataclass(frozen=True, eq=False)
class Graph:
    """Nodes in their order, stored numbers by name, and where images come in and results go out."""

    onnx: ModuleType
    nodes: tuple[Node, ...]
    stored: Mapping[str, Any]  # TensorProto
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]

    def readers(self, name: str) -> tuple[Node, ...]:
        """Return the nodes that read a result, of those that lead to an output of the graph."""
        return self._readers.get(name, ())

    def maker(self, name: str) -> Node | None:
        """Return the node that makes a result, None where nothing does."""
        return self._makers.get(name)

    @cached_property
    def _makers(self) -> Mapping[str, Node]:
        return {name: node for node in self.nodes for name in node.outputs if name}

    @cached_property
    def _readers(self) -> Mapping[str, tuple[Node, ...]]:
        leading = self._leading_out
        readers: dict[str, list[Node]] = {}
        for node in self.nodes:
            for name in dict.fromkeys((*node.inputs, *node.captured)) if node in leading else ():
                readers.setdefault(name, []).append(node)
        return {name: tuple(nodes) for name, nodes in readers.items()}

    @property
    def _leading_out(self) -> frozenset[Node]:
        found: set[Node] = set()
        wanted = list(self.outputs)
        while wanted:
            node = self.maker(wanted.pop())
            if node is not None and node not in found:
                found.add(node)
                wanted += (*node.inputs, *node.captured)
        return frozenset(found)

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
        if node.operator in KERNELS or node.convolves:
            return True
        return any(name in self.stored for name in node.inputs[1:])


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
    outputs = tuple(_plain(value.name) for value in model.graph.output)
    return Graph(onnx, computing, MappingProxyType(stored), inputs, outputs)


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
        tuple(_plain(name) for inner in _inside(node) for name in inner.input),
        any(inner.op_type in KERNELS for inner in _inside(node)),
    )


def _inside(node: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield the nodes of the graphs in a node, and those in these."""
    graphs = [graph for a in node.attribute for graph in (a.g, *a.graphs) if graph.node]
    for inner in (inner for graph in graphs for inner in graph.node):
        yield inner
        yield from _inside(inner)


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


def check_tensor(graph: Graph, tensor: Any) -> None:  # noqa: ANN401
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


def numbers_in(graph: Graph, tensor: Any) -> NDArray[Any]:  # noqa: ANN401
    """Return stored numbers, BF16 widened; raises Refusal."""
    check_tensor(graph, tensor)
    array: NDArray[Any] = graph.onnx.numpy_helper.to_array(tensor)
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float32)

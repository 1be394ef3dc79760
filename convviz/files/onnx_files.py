"""ONNX: layers with their settings, and the stack that a graph begins with."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np

from convviz.engine.layers import Activation, KernelLayer, Layer, LayerError
from convviz.engine.problems import times
from convviz.files.errors import Refusal, shown
from convviz.files.onnx_activations import activation_at
from convviz.files.onnx_folding import Maps, folded, left_behind, nodes_behind
from convviz.files.onnx_graph import Graph, Node, check_tensor, numbers_in, read_graph
from convviz.files.onnx_nodes import (
    KERNELS,
    POOLS,
    SKIPPED,
    conv_settings,
    leading_zeros,
    pool_of,
    transpose_settings,
)
from convviz.files.onnx_patterns import mish_of, one_node
from convviz.files.weight_entries import RANKS, WeightEntry, kernel_kind

__all__ = ["Graph", "Stack", "graph_entries", "layer_at", "read_graph", "stack_of"]

SETTINGS = {"Conv": conv_settings, "ConvTranspose": transpose_settings}


@dataclass(frozen=True, eq=False)
class Stack:
    """The layers that a graph begins with; `rest` says what ends them, "" when they are all.

    `notes` says of layers what looks other than in the graph, though it makes the same numbers.
    """

    layers: tuple[Layer, ...]
    rest: str = ""
    notes: tuple[str, ...] = ()


# Entries

WITHOUT_KERNEL = "no kernel slides in it"


def graph_entries(graph: Graph) -> tuple[WeightEntry, ...]:
    """The layers of a graph that have weights, and those that cannot be taken over."""
    named = tuple(graph.named())
    entries = tuple(_entry(graph, name, node) for name, node in named)
    inside = {
        other: f"it is part of {shown(entry.name)}"
        for entry, (_, node) in zip(entries, named, strict=True)
        if entry.is_kernel and entry.taken
        for other in _behind(graph, node)
    }
    return tuple(
        replace(entry, refusal=inside.get(node, entry.refusal))
        for entry, (_, node) in zip(entries, named, strict=True)
    )


def _entry(graph: Graph, name: str, node: Node) -> WeightEntry:
    if node.convolves:
        kind = f"Conv in {node.operator}"
        return WeightEntry(name, kind, (), refusal="branches and loops of a graph are not read")
    if node.operator not in KERNELS:
        shapes = (tuple(graph.stored[n].dims) for n in node.inputs[1:] if n in graph.stored)
        return WeightEntry(name, node.operator, max(shapes, key=prod), refusal=WITHOUT_KERNEL)
    shape = _weight_shape(graph, node)
    transposed = node.operator == "ConvTranspose"
    kind = kernel_kind(len(shape), transposed) if len(shape) in RANKS else node.operator
    entry = WeightEntry(name, kind, shape, len(node.inputs) > 2, transposed)
    try:
        _check_stored(graph, node)
        settings = MappingProxyType(_settings(node, shape))
        behind = _behind(graph, node)
        for other in behind:
            _check_stored(graph, other)
    except Refusal as error:
        return replace(entry, refusal=str(error))
    shifts = entry.bias or any(other.operator != "Mul" for other in behind)
    return replace(entry, settings=settings, bias=shifts, note=_note(graph, node, shape, behind))


def _weight_shape(graph: Graph, node: Node) -> tuple[int, ...]:
    weight = graph.stored.get(node.inputs[1]) if len(node.inputs) > 1 else None
    return () if weight is None else tuple(weight.dims)


def _behind(graph: Graph, node: Node) -> tuple[Node, ...]:
    """Return the nodes that go into the weight and the bias of a convolution."""
    shape = _weight_shape(graph, node)
    if len(shape) not in (3, 4):
        return ()
    return nodes_behind(graph, _maps_of(node, shape))


def _maps_of(node: Node, shape: tuple[int, ...]) -> Maps:
    groups = node.attributes.get("group", 1)
    transposed = node.operator == "ConvTranspose"
    channels = shape[1] * groups if transposed else shape[0]
    name = node.outputs[0] if node.outputs else ""
    return Maps(name, channels, len(shape) - 2, transposed)


def _note(graph: Graph, node: Node, shape: tuple[int, ...], behind: tuple[Node, ...]) -> str:
    """Say what else than its own numbers is in a layer, and what of it is left behind."""
    left = left_behind(graph, node, behind)
    sentences = (
        f"{' and '.join(other.title for other in behind)} behind it went into its weight and bias"
        if behind
        else "",
        f"{left.title} behind it is left behind" if left else "",
        _enlarged(node, shape),
    )
    return "; ".join(filter(None, sentences))


def _enlarged(node: Node, shape: tuple[int, ...]) -> str:
    """Say that a kernel is larger than in the graph, "" where it is not."""
    before = leading_zeros(node.attributes, shape[2:]) if node.operator == "ConvTranspose" else ()
    if not any(before):
        return ""
    zeros = f"{times(before)} zeros were put before its kernel"
    return f"{zeros}, since less is cut off before than after"


def _settings(node: Node, shape: tuple[int, ...]) -> dict[str, Any]:
    if len(shape) not in (3, 4):
        raise Refusal("convviz has kernels of one and two axes")
    return SETTINGS[node.operator](node.attributes, shape[2:])


def _check_stored(graph: Graph, node: Node) -> None:
    """Refuse a node whose numbers are not all in the file."""
    kernel = node.operator in KERNELS
    what = ("weights", "bias") if kernel else ("numbers",) * 4
    for name, called in zip(node.inputs[1:], what, strict=False):
        if name in graph.stored:
            check_tensor(graph, graph.stored[name])
        elif name and kernel:
            maker = graph.maker(name)
            by = f" ({maker.title})" if maker else ""
            raise Refusal(f"its {called} are computed by the graph{by}, not stored")


def layer_at(graph: Graph, name: str, node: Node) -> KernelLayer:
    """Return the convolution that a node is; raises Refusal and LayerError."""
    entry = _entry(graph, name, node)
    if entry.refusal:
        raise Refusal(entry.refusal)
    found = [numbers_in(graph, graph.stored[name]) for name in node.inputs[1:3] if name]
    weight, bias = found[0], found[1] if len(found) > 1 else None
    maps = _maps_of(node, weight.shape)
    weight, bias = folded(graph, _behind(graph, node), maps, weight, bias)
    if node.operator == "ConvTranspose":
        zeros = leading_zeros(node.attributes, weight.shape[2:])
        weight = np.pad(weight, ((0, 0), (0, 0), *((count, 0) for count in zeros)))
    return entry.made(weight, bias)


# The stack


def stack_of(graph: Graph) -> Stack:
    """The layers from the input on, up to the first thing that cannot be taken over."""
    if len(graph.inputs) != 1:
        return Stack((), f"the graph has {len(graph.inputs)} inputs, a stack has one")
    layers: list[Layer] = []
    notes: list[str] = []
    kernels = (node for node in graph.nodes if node.operator in KERNELS)
    inside = frozenset(other for node in kernels for other in _behind(graph, node))
    for node in _chain(graph, inside):
        if isinstance(node, str):
            return Stack(tuple(layers), node, tuple(notes))
        if node in inside or (node.operator in SKIPPED and not _trains(node)):
            continue
        try:
            layers.append(_layer(graph, node, _rank(layers)))
        except (Refusal, LayerError) as error:
            return Stack(tuple(layers), f"{node.title}: {error}", tuple(notes))
        if len({layer.rank for layer in layers if hasattr(layer, "rank")}) > 1:
            reason = f"{node.title}: it has other axes than those before"
            return Stack(tuple(layers[:-1]), reason, tuple(notes))
        if enlarged := _enlarged(node, _weight_shape(graph, node)):
            notes.append(f"{node.title}: {enlarged}")
    return Stack(tuple(layers), notes=tuple(notes))


def _chain(graph: Graph, inside: frozenset[Node]) -> Iterator[Node | str]:
    """Yield nodes as the image meets them; at last a sentence where the way ends or forks.

    Those `inside` of convolutions may read the maps as any of their inputs.
    """
    present, met = graph.inputs[0], 0
    while present not in graph.outputs:
        following = graph.readers(present)
        if one := one_node(graph, present):
            following = (one,)
        if end := _end(graph, present, following, inside, met):
            yield end
            return
        yield following[0]
        present, met = following[0].outputs[0], met + 1
    if len(graph.outputs) > 1:
        yield f"the graph has {len(graph.outputs)} outputs, a stack has one"


def _end(
    graph: Graph, present: str, following: tuple[Node, ...], inside: frozenset[Node], met: int
) -> str:
    """Say why the image cannot go on from `present`, "" where it can."""
    if not following:
        return "the image does not lead to the output of the graph"
    if len(following) > 1:
        return (
            mish_of(graph, present)
            or f"the graph forks into {' and '.join(node.title for node in following[:4])}"
        )
    node = following[0]
    if (node.inputs[:1] != (present,) and node not in inside) or not node.outputs:
        return f"{node.title}: the image is not its first input"
    return "the graph turns in a circle" if met > len(graph.nodes) else ""


def _trains(node: Node) -> bool:
    """Whether a Dropout may drop something: only one that is said to be training."""
    return node.operator == "Dropout" and len(node.inputs) > 2 and bool(node.inputs[2])


def _layer(graph: Graph, node: Node, rank: int | None) -> Layer:
    if node.operator in KERNELS:
        return layer_at(graph, node.name, node)
    if node.operator in POOLS:
        return pool_of(node.operator, node.attributes)
    return activation_at(graph, node, rank)


def _rank(layers: list[Layer]) -> int | None:
    """Return how many spatial axes there are, None before the first kernel or window."""
    ranks = (layer.rank for layer in layers if not isinstance(layer, Activation))
    return next(ranks, None)

"""GELU as exporters write it where ONNX has none yet: x / 2 (1 + erf(x / sqrt(2))) in nodes."""

from math import isclose, sqrt

from convviz.files.onnx_graph import Graph, Node, numbers_in

ROUNDED = 1e-3  # half precision


def gelu_of(graph: Graph, name: str) -> Node | None:
    """Return one node for those that make GELU of the result `name`, None where there are none."""
    readers = graph.readers(name)
    if len(readers) != 2:
        return None
    for scaled, other in (readers, readers[::-1]):
        shifted = _shifted_erf(graph, scaled)
        last = shifted and _halved_product(graph, name, shifted, other)
        if last:
            return Node(last.name, "Gelu", {}, (name,), last.outputs)
    return None


def _shifted_erf(graph: Graph, scaled: Node) -> Node | None:
    """Return the node that makes 1 + erf(x / sqrt(2)), which begins with `scaled`."""
    if not (_is(graph, scaled, "Div", sqrt(2)) or _is(graph, scaled, "Mul", sqrt(0.5))):
        return None
    erf = _only(graph, scaled)
    shifted = erf and erf.operator == "Erf" and _only(graph, erf)
    return shifted if shifted and _is(graph, shifted, "Add", 1.0) else None


def _halved_product(graph: Graph, name: str, shifted: Node, other: Node) -> Node | None:
    """Return the last node: x is multiplied with what is shifted, and halved before or after."""
    product = _only(graph, shifted)
    if product is None or product.operator != "Mul":
        return None
    if product is other and sorted(product.inputs) == sorted((name, shifted.outputs[0])):
        half = _only(graph, product)
        return half if half and _is(graph, half, "Mul", 0.5) else None
    halved = _is(graph, other, "Mul", 0.5) and _only(graph, other) is product
    return product if halved else None


def _only(graph: Graph, node: Node) -> Node | None:
    """Return the one node that reads what `node` makes."""
    readers = graph.readers(node.outputs[0]) if node.outputs else ()
    alone = len(readers) == 1 and node.outputs[0] not in graph.outputs
    return readers[0] if alone else None


def _is(graph: Graph, node: Node, operator: str, number: float) -> bool:
    """Return whether a node does something with a stored number; what is divided comes first."""
    stored = [name for name in node.inputs if name in graph.stored]
    if node.operator != operator or len(node.inputs) != 2 or len(stored) != 1:
        return False
    if operator == "Div" and node.inputs[1] not in graph.stored:
        return False
    numbers = numbers_in(graph, graph.stored[stored[0]])
    return numbers.size == 1 and isclose(float(numbers.ravel()[0]), number, rel_tol=ROUNDED)

"""Nodes that together are one activation, as exporters write those that ONNX has not, or had not.

SiLU is Sigmoid times its input, Hardswish was HardSigmoid times its input, GELU was
x / 2 (1 + erf(x / sqrt(2))).
"""

from math import isclose, sqrt

from convviz.files.onnx_activations import GATES, TIMES_X
from convviz.files.onnx_graph import Graph, Node, numbers_in

ROUNDED = 1e-3  # half precision
TORCHS_HARDSIGMOID = {"alpha": 1 / 6, "beta": 0.5}
ONNX_HARDSIGMOID = {"alpha": 0.2, "beta": 0.5}
MISH = "x tanh(ln(1 + e^x)) is Mish, which is no activation here"


def one_node(graph: Graph, name: str) -> Node | None:
    """Return one node for those that make an activation of the result `name`, None without."""
    return _gated(graph, name) or _gelu(graph, name)


def mish_of(graph: Graph, name: str) -> str:
    """Return a sentence where nodes make Mish of the result `name`, "" where they do not."""
    softplus = next((node for node in graph.readers(name) if node.operator == "Softplus"), None)
    tanh = softplus and _only(graph, softplus)
    product = tanh and tanh.operator == "Tanh" and _only(graph, tanh)
    return MISH if product and product.operator == "Mul" and name in product.inputs else ""


def _gated(graph: Graph, name: str) -> Node | None:
    """Return one node for the two that make x f(x) of the result `name`."""
    readers = graph.readers(name)
    for gate, product in (readers, readers[::-1]) if len(readers) == 2 else ():
        operator = _gating(gate)
        alone = product.operator == "Mul" and _only(graph, gate) is product
        if operator and alone and sorted(product.inputs) == sorted((name, gate.outputs[0])):
            return Node(product.name, operator, {}, (name,), product.outputs)
    return None


def _gating(gate: Node) -> str:
    """Return the operator of x f(x), f being what a node does; "" where there is none."""
    if TIMES_X.format(gate.operator) in GATES:
        return TIMES_X.format(gate.operator)
    slopes = {name: gate.attributes.get(name, n) for name, n in ONNX_HARDSIGMOID.items()}
    torchs = all(isclose(slopes[n], TORCHS_HARDSIGMOID[n], rel_tol=1e-6) for n in slopes)
    return "HardSwish" if gate.operator == "HardSigmoid" and torchs else ""


def _gelu(graph: Graph, name: str) -> Node | None:
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

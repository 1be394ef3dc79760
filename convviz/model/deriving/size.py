"""The output size of a layer with its numbers, and what the layer costs."""

from math import prod

from convviz.engine.layers import Activation, ConvTranspose, Layer, Pool
from convviz.engine.network import layer_cost
from convviz.engine.problems import times
from convviz.model.document import Computation
from convviz.model.scene import SizeScene
from convviz.model.size_text import size_formula, size_notes, transposed_notes, transposed_size

SLIDING = "W_out = ⌊(W_in − F + 2P) / S⌋ + 1"
SPREADING = "W_out = (W_in − 1)·S − 2P + F + P_out"
CEILED = "W_out = ⌈(W_in − F + 2P) / S⌉ + 1"


def size_scene(layer: Layer, computation: Computation) -> SizeScene:
    """Return the formula of the output size with the numbers of `layer` in it."""
    image, maps = computation.image, computation.maps
    size, cost = times(maps.shape[1:]), _cost(layer, computation)
    if isinstance(layer, Activation):
        return SizeScene("W_out = W_in", (), f"feature map {size}", (), cost)
    if isinstance(layer, ConvTranspose):
        lines, notes = transposed_size(layer, image.shape[1:]), transposed_notes(layer)
        return SizeScene(SPREADING, lines, f"feature map {size}", notes, cost)
    axes = layer.axes(image.shape[1:])
    same = f"= {axes[0].out}   " if len(set(axes)) == 1 else ""
    ceiled = isinstance(layer, Pool) and layer.ceil_mode
    return SizeScene(
        CEILED if ceiled else SLIDING,
        size_formula(axes),
        f"{same}feature map {size}",
        size_notes(axes),
        cost,
    )


def _cost(layer: Layer, computation: Computation) -> str:
    shape, maps = computation.image.shape, computation.maps
    cells, cost = prod(maps.shape[1:]), layer_cost(layer, shape)
    steps = f"{cells:,} {'step' if cells == 1 else 'steps'}"
    if isinstance(layer, ConvTranspose):
        stamps = prod(shape[1:])
        return f"{steps}, or {stamps:,} stamps of {prod(layer.kernel_size):,} products"
    if computation.conv is None:
        each = "" if isinstance(layer, Activation) else f" · {prod(_kernel(layer)):,} cells each"
        return f"{steps}{each}"
    products = int(computation.conv.weight[0].size)
    noun = "product" if products == 1 else "products"
    text = f"{steps} · {products:,} {noun} each"
    if shape[0] == maps.shape[0] == 1:
        return text
    return f"{text}\n{cost.parameters:,} parameters · {cost.multiply_adds:,} multiply-adds"


def _kernel(layer: Layer) -> tuple[int, ...]:
    return () if isinstance(layer, Activation) else layer.kernel_size

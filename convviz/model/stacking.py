"""Changes of the stack: its layers, and the channels of the layer in focus."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Activation, Conv, ConvTranspose, KernelLayer, Layer, Pool, Shape
from convviz.engine.padding import Array
from convviz.engine.poolings import POOLINGS, Kind
from convviz.engine.settings import frozen_array, resized_axis
from convviz.model.changes import changed, give_up, inside, set_layer, with_layer
from convviz.model.document import Document, layer_title
from convviz.model.session import Choice, Message, Playhead, Session
from convviz.model.transitions import choose_channel


@dataclass(frozen=True)
class LayerKind:
    """A kind of layer that can be added: its key, title, summary, and what is added at first."""

    name: str
    title: str
    summary: str
    make: Callable[[Shape], Layer]


def _same_in_each(kernel: Array, shape: Shape) -> Array:
    """Return a weight (channels, 1, *kernel): each channel gets `kernel`, for itself."""
    return np.broadcast_to(kernel, (shape[0], 1, *kernel.shape))


def _kernel(name: str, shape: Shape) -> Array:
    kernel = KERNELS[name].kernel
    return kernel if len(shape) == kernel.ndim + 1 else kernel.sum(axis=0)


def _conv(shape: Shape) -> Layer:
    kernel = _kernel("identity", shape)
    weight = np.broadcast_to(kernel, (1, shape[0], *kernel.shape))
    return Conv(weight, padding="same")


def _transposed(shape: Shape) -> Layer:
    ones = np.ones((3,) * (len(shape) - 1))
    return ConvTranspose(_same_in_each(ones, shape), stride=2, padding=1, groups=shape[0])


def _pool(kind: Kind) -> Callable[[Shape], Layer]:
    return lambda shape: Pool(kind, tuple(min(2, size) for size in shape[1:]))


def _activation(name: str) -> Callable[[Shape], Layer]:
    return lambda _: Activation(name)


LAYER_KINDS = {
    kind.name: kind
    for kind in (
        LayerKind("conv", "Convolution", "a kernel slides over the image", _conv),
        LayerKind(
            "transpose",
            "Transposed convolution",
            "each cell stamps the kernel: the image grows",
            _transposed,
        ),
        *(
            LayerKind(p.name, p.title, f"{p.summary} of each window", _pool(p.name))
            for p in POOLINGS.values()
        ),
        *(
            LayerKind(name, f"{function.title} activation", function.formula, _activation(name))
            for name, function in ACTIVATIONS.items()
            if name != "none"
        ),
    )
}


def kind_of(layer: Layer) -> str:
    """Return the key of a layer's kind.

    >>> kind_of(Pool("avg", 2)), kind_of(Activation("relu"))
    ('avg', 'relu')
    """
    match layer:
        case Conv():
            return "conv"
        case ConvTranspose():
            return "transpose"
        case Pool():
            return layer.kind
        case Activation():
            return layer.name


def focus_layer(session: Session, index: int) -> Session:
    """Show the layer at `index`, from its first step."""
    if len(session.edited.layers) != len(session.document.layers):
        return _first_mend(session)
    index = min(max(index, 0), len(session.document.layers) - 1)
    if index == session.layer:
        return session
    focused = replace(
        session, layer=index, source=0, pin=None, hover=None, selection=None, playhead=Playhead()
    )
    if session.stroke is not None:  # it belongs to the layer that was shown
        focused = replace(focused, stroke=None, history=session.history.closed())
    return replace(focused, playback=replace(session.playback, playing=False))


def next_layer(session: Session) -> Session:
    """Show the layer after."""
    return focus_layer(session, session.layer + 1)


def previous_layer(session: Session) -> Session:
    """Show the layer before."""
    return focus_layer(session, session.layer - 1)


def _restacked(session: Session, document: Document, name: str, focus: int) -> Session:
    """Take on a stack, with the layer at `focus` shown; one that does not fit is an attempt."""
    shown = changed(session, document, name)
    if shown.attempt is not None:
        return shown
    focused = replace(shown, layer=focus, source=0, pin=None, hover=None, selection=None)
    return inside(focused, replace(focused, playhead=Playhead()))


def add_layer(session: Session, kind: str) -> Session:
    """Put a layer of one of LAYER_KINDS after the one in focus and its activation, and show it."""
    return _added(session, kind, place_after(session))


def place_after(session: Session) -> int:
    """Return the place in the stack after the layer in focus and its activation."""
    document = session.document
    fused = document.activation(session.layer).name != "none"
    after = session.layer + 1
    while fused and not isinstance(document.layers[after - 1], Activation):
        after += 1
    return after


def append_layer(session: Session, kind: str) -> Session:
    """Put a layer of one of LAYER_KINDS at the end of the stack, and show it."""
    return _added(session, kind, len(session.document.layers))


def _added(session: Session, kind: str, index: int) -> Session:
    layer = LAYER_KINDS[kind].make(session.document.shapes[index])
    return insert_layer(session, layer, index, f"Add {layer_title(layer)}")


def insert_layer(session: Session, layer: Layer, index: int, name: str) -> Session:
    """Put a layer into the stack at `index`, and show it."""
    if session.attempt:
        return _first_mend(session)
    document = session.document
    stack = (*document.stack[:index], (layer, False), *document.stack[index:])
    return _restacked(session, document.with_stack(stack), name, index)


def _first_mend(session: Session) -> Session:
    """Leave the stack alone while something in it does not fit, and say so."""
    sentence = session.problem.sentence if session.problem else ""
    text = f"First mend what does not fit, or take it back: {sentence}."
    return replace(session, message=Message(text, choices=(Choice("Take it back", "undo"),)))


def set_kind(session: Session, kind: str) -> Session:
    """Make the layer in focus one of another kind; a kernel is kept where both have one."""
    document, index = session.edited, session.layer
    layer = document.layers[index]
    if kind_of(layer) == kind:
        return session
    shape = session.document.shapes[index]
    other = _converted(layer, kind) or LAYER_KINDS[kind].make(shape)
    shown = changed(session, with_layer(document, index, other), LAYER_KINDS[kind].title)
    return shown if shown.attempt else replace(shown, playhead=Playhead(), source=0, pin=None)


def _converted(layer: Layer, kind: str) -> Layer | None:
    """Return a layer of another kind with the same kernels or the same window."""
    if isinstance(layer, Pool) and (pooling := POOLINGS.get(kind)):
        dilation = layer.dilation if pooling.dilates else (1,) * layer.rank
        return replace(layer, kind=pooling.name, dilation=dilation)
    if isinstance(layer, Conv) and kind == "transpose" and layer.groups == 1:
        weight = frozen_array(np.swapaxes(layer.weight, 0, 1))
        return ConvTranspose(weight, layer.bias, stride=layer.stride, dilation=layer.dilation)
    if isinstance(layer, ConvTranspose) and kind == "conv" and layer.groups == 1:
        weight = frozen_array(np.swapaxes(layer.weight, 0, 1))
        return Conv(weight, layer.bias, stride=layer.stride, dilation=layer.dilation)
    return None


def remove_layer(session: Session) -> Session:
    """Take the layer in focus out of the stack; the last one stays."""
    if session.attempt:
        return _first_mend(session)
    document, index = session.edited, session.layer
    if len(document.layers) == 1:
        text = "A stack has at least one layer: add another before you remove this one."
        return replace(session, message=Message(text))
    stack = (*document.stack[:index], *document.stack[index + 1 :])
    name = f"Remove {layer_title(document.layers[index])}"
    return _restacked(session, document.with_stack(stack), name, max(index - 1, 0))


def duplicate_layer(session: Session) -> Session:
    """Put a copy of the layer in focus after it."""
    if session.attempt:
        return _first_mend(session)
    document, index = session.edited, session.layer
    stack = (*document.stack[: index + 1], *document.stack[index:])
    name = f"Duplicate {layer_title(document.layers[index])}"
    return _restacked(session, document.with_stack(stack), name, index + 1)


def move_layer(session: Session, index: int, to: int) -> Session:
    """Move the layer at `index` to the place `to`."""
    if session.attempt:
        return _first_mend(session)
    document = session.edited
    to = min(max(to, 0), len(document.layers) - 1)
    if to == index:
        return session
    rest = (*document.stack[:index], *document.stack[index + 1 :])
    stack = (*rest[:to], document.stack[index], *rest[to:])
    name = f"Move {layer_title(document.layers[index])}"
    return _restacked(session, document.with_stack(stack), name, to)


def move_earlier(session: Session) -> Session:
    """Move the layer in focus one place towards the image."""
    return move_layer(session, session.layer, session.layer - 1)


def move_later(session: Session) -> Session:
    """Move the layer in focus one place towards the end."""
    return move_layer(session, session.layer, session.layer + 1)


def toggle_layer(session: Session) -> Session:
    """Let the image skip the layer in focus, or pass it again."""
    if session.attempt:
        return _first_mend(session)
    document, index = session.edited, session.layer
    disabled = document.disabled ^ {index}
    verb = "Disable" if index in disabled else "Enable"
    name = f"{verb} {layer_title(document.layers[index])}"
    return changed(session, replace(document, disabled=disabled), name)


def add_output_channel(session: Session) -> Session:
    """Add a feature map whose kernels are zeros; with groups, one to each group."""
    return _with_channel(session, "Add output channel", copy=False)


def duplicate_output_channel(session: Session) -> Session:
    """Add a feature map with the kernels of the one in focus; with groups, one to each group."""
    return _with_channel(session, "Duplicate output channel", copy=True)


def _with_channel(session: Session, name: str, *, copy: bool) -> Session:
    session = give_up(session)
    layer = session.focus
    if not isinstance(layer, KernelLayer):
        return session
    each = layer.out_channels // layer.groups
    group, within = divmod(session.channel, each)

    def longer(by_group: Array) -> Array:
        added = by_group[:, within : within + 1]
        return np.concatenate([by_group, added if copy else np.zeros_like(added)], axis=1)

    shown = set_layer(session, name, **_regrouped(layer, longer))
    if shown.attempt:
        return shown
    return choose_channel(shown, group * (each + 1) + each)


def _regrouped(layer: KernelLayer, change: Callable[[Array], Array]) -> dict[str, Array | None]:
    """Return weight and bias after a change of arrays (groups, out_channels/groups, ...)."""
    bias = None if layer.bias is None else change(layer.bias.reshape(layer.groups, -1)).ravel()
    if isinstance(layer, Conv):
        kernels = layer.weight.reshape(layer.groups, -1, *layer.weight.shape[1:])
        weight = change(kernels).reshape(-1, *layer.weight.shape[1:])
    else:
        weight = change(layer.weight)
    return {"weight": frozen_array(weight), "bias": None if bias is None else frozen_array(bias)}


def remove_output_channel(session: Session) -> Session:
    """Take the feature map in focus away; with groups, one of each group."""
    session = give_up(session)
    layer = session.focus
    if not isinstance(layer, KernelLayer):
        return session
    each = layer.out_channels // layer.groups
    if each == 1:
        text = "Each group makes at least one feature map: this is its last."
        return replace(session, message=Message(text))
    gone = session.channel % each
    changes = _regrouped(layer, lambda by_group: np.delete(by_group, gone, axis=1))
    return set_layer(session, "Remove output channel", **changes)


def set_output_channels(session: Session, count: int) -> Session:
    """Make `count` feature maps: kernels are cut off at the end, or begun again from the first."""
    layer = session.edited.layers[session.layer]
    if not isinstance(layer, KernelLayer) or count == layer.out_channels:
        return session
    transposed = isinstance(layer, ConvTranspose)
    along = max(count // layer.groups, 1) if transposed else count
    changes = {"weight": resized_axis(layer.weight, 1 if transposed else 0, along)}
    if layer.bias is not None:
        made = along * layer.groups if transposed else along
        changes["bias"] = resized_axis(layer.bias, 0, made)
    return set_layer(session, "Output channels", "output channels", **changes)

"""The impulse test: a single 1 in the input brings the kernel out, or as much as a layer lets."""

from dataclasses import replace
from math import prod

import numpy as np

from convviz.engine.geometry import PerAxis
from convviz.engine.layers import Conv, ConvTranspose, KernelLayer
from convviz.engine.problems import each
from convviz.engine.windows import Windows
from convviz.model.changes import set_image
from convviz.model.document import bias_of, compute
from convviz.model.session import Choice, Message, Session


def impulse_test(session: Session) -> Session:
    """Put a single 1 into the channel that is shown, and say what of the kernel comes out."""
    if session.layer > 0 or not isinstance(session.focus, KernelLayer):
        return session  # what is in the input comes to the first layer alone
    sizes = tuple(2 * size + 1 for size in session.kernel_size)
    middle = tuple(size // 2 for size in sizes)
    image = np.zeros((session.document.image.shape[0], *sizes))
    image[(session.shown_source, *middle)] = 1
    shown = set_image(session, image, "Single 1")
    if shown.attempt is not None or not isinstance(shown.focus, KernelLayer):
        return shown  # a kind that did not fit before may fit the new image
    message = Message(_told(shown, middle), choices=(Choice("Undo", "undo"),))
    return replace(shown, view=replace(shown.view, whole_map=True), message=message)


def _told(session: Session, middle: PerAxis) -> str:
    layer = session.focus
    assert isinstance(layer, KernelLayer)
    windows = compute(session.document, session.layer).windows
    met = [len(set(weights)) for weights in windows.uses(middle).weights]
    count, whole = prod(met), prod(layer.kernel_size)
    told = [_what(layer, count, whole), *_added(session, layer, windows)]
    if windows.uses(middle).count > count:
        told.append("The padding copies the 1, and with it what comes out.")
    return " ".join(told)


def _what(layer: KernelLayer, count: int, whole: int) -> str:
    mirrored = isinstance(layer, Conv) and not layer.flip
    what = "its mirror image" if mirrored else "the kernel itself"
    why = "cross-correlation does not flip it" if mirrored else "convolution flips it twice"
    if isinstance(layer, ConvTranspose):
        why = "each cell stamps it"
    told = f"A single 1 in the input: {what} comes out, since {why}"
    if max(layer.dilation) > 1 and count > 1:
        told += f"; dilation {each(layer.dilation)} spreads it"
    if count == whole:
        return f"{told}."
    return f"{told}, but only {count} of its {whole} weights: {_lost(layer)}."


def _lost(layer: KernelLayer) -> str:
    """Say where the other weights are, and how they come back."""
    if isinstance(layer, Conv) and max(layer.stride) > 1:
        return f"stride {each(layer.stride)} passes over the others; choose 1 to see all"
    if isinstance(layer, ConvTranspose):
        return "its padding cuts the others off; choose 0 to see all"
    return "the map ends before the others; choose full padding to see all"


def _added(session: Session, layer: KernelLayer, windows: Windows) -> list[str]:
    """Say what else is in the map that is shown."""
    told = []
    if bias_of(layer)[session.channel]:
        told.append("The bias is added to every cell.")
    if _holds_constant(layer) and any((own < 0).any() for own in windows.own):
        told.append("The constant in the padding adds to what its windows give.")
    activation = session.document.activation(session.layer)
    if activation.name != "none":
        told.append(f"What is shown has gone through {activation.function.title}.")
    return told


def _holds_constant(layer: KernelLayer) -> bool:
    """Return whether the layer pads with a number that is not 0."""
    return isinstance(layer, Conv) and layer.padding_mode == "constant" and layer.padding_value != 0

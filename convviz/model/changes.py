"""Every change of the document by name: pure functions (Session, ...) -> Session."""

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.inputs import INPUTS
from convviz.engine.kernel_tools import KERNEL_CHANGES, divided, random_kernel
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Activation, Conv, Fix, KernelLayer, Layer, Shape
from convviz.engine.padding import Array
from convviz.engine.settings import Padding, frozen_array, resized_kernel
from convviz.model.cell_checks import check_cell
from convviz.model.document import Document, bias_of, kernel_of, same_document
from convviz.model.history import Change, History
from convviz.model.image_ways import ImageFix
from convviz.model.pages import on_page
from convviz.model.session import (
    Cell,
    Choice,
    Message,
    PaneName,
    Playhead,
    Selection,
    Session,
    Target,
)
from convviz.model.transitions import start_turn

GIVEN_UP = Message("The setting that did not fit was taken back, since something else was changed")


def changed(session: Session, document: Document, name: str, merge: str | None = None) -> Session:
    """Take `document` on when every layer fits; otherwise keep it as an attempt.

    A document of signals, or of images, belongs to the page of those.
    """
    session = on_page(session, document.rank)
    if document.problem:
        return replace(session, attempt=document, playback=replace(session.playback, playing=False))
    if same_document(document, session.document):
        return withdraw(session)
    alone = session.attempt is None  # else settings that did not fit come with this change
    history = session.history.push(name, session.document, merge, joins=alone)
    return _with_document(replace(session, history=history), document)


def _with_document(session: Session, document: Document) -> Session:
    """Put `document` in place, and bring what points into it back inside."""
    layer = min(session.layer, len(document.layers) - 1)
    next_session = replace(
        session,
        document=document,
        attempt=None,
        hover=None,
        layer=layer,
        message=session.message if session.message is GIVEN_UP else None,  # else of what was before
        stroke=None,
    )
    if next_session.output_size != session.output_size:
        next_session = replace(next_session, pin=None)
    if document.image.shape != session.document.image.shape:
        next_session = replace(next_session, view=replace(session.view, zooms=MappingProxyType({})))
    return inside(next_session, session)


def inside(session: Session, before: Session) -> Session:
    """Bring playhead, source, pin and selection of `session` to where there are cells.

    The playhead stays on the map that it was on `before`, or goes to the last.
    """
    last, term = session.cell_count - 1, before.playhead.term
    walk, cell = divmod(before.playhead.step, before.cell_count)
    walk = min(walk, session.walk_count // session.cell_count - 1)
    step = Playhead(walk * session.cell_count + min(cell, last))
    source = min(session.source, session.document.shapes[session.layer][0] - 1)
    moved = replace(session, playhead=step, source=source)
    return replace(
        moved,
        pin=_if_there(moved, moved.pin),
        selection=_still_selected(moved),
        playhead=replace(step, term=None if term is None else min(term, moved.walk_stages - 1)),
    )


def _if_there(session: Session, target: Target | None) -> Target | None:
    """Let go of a cell that its pane no longer has."""
    if target is None:
        return None
    rows, columns = session.size_of(target.pane)
    return target if target.cell[0] < rows and target.cell[1] < columns else None


def _still_selected(session: Session) -> Selection | None:
    """Let go of a selection whose cursor has no cell any more, and of what else is gone."""
    selection = session.selection
    if selection is None or not _if_there(session, Target(selection.pane, selection.cursor)):
        return None
    anchor = selection.anchor and session.nearest(selection.pane, selection.anchor)
    end = session.nearest(selection.pane, selection.end)
    return replace(selection, end=end, anchor=anchor, reach=None)


def open_document(session: Session, document: Document) -> Session:
    """Begin anew with `document`: nothing to undo, nothing playing; the other page stays."""
    session = on_page(session, document.rank)
    playback, view = replace(session.playback, playing=False), session.view
    return Session(
        document,
        view=replace(view, zooms=MappingProxyType({})),
        playback=playback,
        saved=document,
        recent=session.recent,
        offer=session.offer,
        habits=session.habits,
        aside=session.aside,
    )


def set_image(session: Session, image: ArrayLike, name: str, change: str | None = None) -> Session:
    """Show another image (rows, columns), a signal (samples), or (in_channels, *spatial).

    It is looked at from its first step. A first layer that takes another number of channels is
    made to take those of the image, and a message says so. `change` is what undo calls it.
    """
    array = frozen_array(image)
    bare = array.ndim in (1, session.rank)
    shown = frozen_array(array[None]) if bare else array
    return _show_image(session, shown, name, change or f"Input {name}")


def _show_image(session: Session, image: Array, name: str, change: str) -> Session:
    session = on_page(session, image.ndim - 1)
    document = replace(session.edited, image=image, image_name=name)
    document, note = taking_channels(document)
    shown = changed(session, document, change)
    if shown.document is session.document:
        return shown
    return replace(shown, selection=None, playhead=Playhead(), message=note or shown.message)


def taking_channels(document: Document) -> tuple[Document, Message | None]:
    """Let the first layer with a kernel take the channels of the image; say so when it did not."""
    number = next(
        (n for n, layer in enumerate(document.layers) if isinstance(layer, KernelLayer)), None
    )
    channels = len(document.image)
    layer = None if number is None else document.layers[number]
    if number is None or not isinstance(layer, KernelLayer):
        return document, None
    if layer.in_channels == channels or layer.rank != document.image.ndim - 1:
        return document, None
    groups = layer.groups if channels % layer.groups == 0 else 1
    document = with_layer(document, number, replace(layer, **layer.taking(channels, groups)))
    if channels == 1:
        text = "The image has 1 channel: the kernel keeps its first one"
        return document, Message(text, choices=(Choice("Undo", "undo"),))
    choices = (Choice("One map for each channel (depthwise)", "depthwise"), Choice("Undo", "undo"))
    text = f"The image has {channels} channels: the kernel has a copy for each, and they add up."
    return document, Message(text, choices=choices if isinstance(layer, Conv) else choices[1:])


def set_input_preset(session: Session, name: str) -> Session:
    """Show one of INPUTS."""
    preset = INPUTS[name]
    image = frozen_array(preset.image[None])
    return _show_image(session, image, preset.title, f"Input {preset.title}")


def with_layer(document: Document, index: int, layer: Layer) -> Document:
    """Return `document` with another layer at `index`."""
    layers = (*document.layers[:index], layer, *document.layers[index + 1 :])
    return replace(document, layers=layers)


def set_layer(
    session: Session,
    name: str,
    merge: str | None = None,
    /,
    **changes: Any,  # noqa: ANN401
) -> Session:
    """Change settings of the layer in focus, under a name for undo.

    Changes of the same settings with the same `merge` one after the other are one step: an arrow
    that is held, a drag.
    """
    layer = replace(session.edited.layers[session.layer], **changes)
    key = f"{merge}: {', '.join(changes)} of layer {session.layer}" if merge else None
    return changed(session, with_layer(session.edited, session.layer, layer), name, key)


def _shown_place(session: Session, layer: KernelLayer) -> tuple[int, int]:
    """Return where in the weight of `layer`, as edited, the shown kernel stands.

    Settings that do not fit may leave fewer channels than are shown: then the nearest.
    """
    focus, place = session.focus, (0, 0)
    if isinstance(focus, KernelLayer) and type(focus) is type(layer):
        place = kernel_of(focus, session.channel, session.shown_source)
    return min(place[0], layer.weight.shape[0] - 1), min(place[1], layer.weight.shape[1] - 1)


def edited_kernel(session: Session) -> Array | None:
    """Return the kernel (*kernel) between the shown channels, as its settings say."""
    layer = session.edited.layers[session.layer]
    if not isinstance(layer, KernelLayer):
        return None
    kernel: Array = layer.weight[_shown_place(session, layer)]
    return kernel


def set_kernel(session: Session, kernel: ArrayLike, name: str = "Kernel") -> Session:
    """Put another kernel (*kernel) between the shown channels; the others get its size."""
    layer = session.edited.layers[session.layer]
    if not isinstance(layer, KernelLayer):
        return session
    numbers = frozen_array(kernel)
    weight = np.array(resized_kernel(layer.weight, numbers.shape))
    weight[_shown_place(session, layer)] = numbers
    return set_layer(session, name, weight=frozen_array(weight))


def set_kernel_preset(session: Session, name: str) -> Session:
    """Convolve with one of KERNELS."""
    return set_kernel(session, KERNELS[name].kernel, f"Kernel {KERNELS[name].title}")


def change_kernel(session: Session, name: str) -> Session:
    """Turn, mirror, scale the shown kernel as one of KERNEL_CHANGES says."""
    kernel = edited_kernel(session)
    if kernel is None:
        return session
    change = KERNEL_CHANGES[name]
    return set_kernel(session, change.function(kernel), change.title)


def scale_kernel(session: Session, divisor: float, offset: float) -> Session:
    """Divide the weights of the shown kernel, and let `offset` be the bias of its feature map."""
    session = withdraw(session)
    layer = session.focus
    if not isinstance(layer, KernelLayer):
        return session
    place = kernel_of(layer, session.channel, session.shown_source)
    weight = np.array(layer.weight)
    weight[place] = divided(weight[place], divisor)
    bias = np.array(bias_of(layer))
    bias[session.channel] = offset
    settings = {"weight": frozen_array(weight), "bias": frozen_array(bias)}
    return set_layer(session, "Divide and offset", **settings)


def randomise_kernel(session: Session, seed: int) -> Session:
    """Draw new weights for all kernels of the layer, the same for the same seed."""
    layer = session.edited.layers[session.layer]
    if not isinstance(layer, KernelLayer):
        return session
    weight = random_kernel(layer.weight.shape, seed)
    return set_layer(session, "Random kernel", weight=frozen_array(weight))


def set_kernel_size(session: Session, size: tuple[int, ...]) -> Session:
    """Cut the kernel, or put zeros around it, to `size` cells per axis; or resize the window."""
    layer = session.edited.layers[session.layer]
    if isinstance(layer, KernelLayer):
        weight = resized_kernel(layer.weight, size)
        return set_layer(session, "Kernel size", "kernel size", weight=weight)
    return set_layer(session, "Window size", "kernel size", kernel_size=size)


def set_stride(session: Session, stride: tuple[int, ...]) -> Session:
    """Move the window by `stride` cells per axis."""
    return set_layer(session, "Stride", "stride", stride=stride)


def set_dilation(session: Session, dilation: tuple[int, ...]) -> Session:
    """Spread the kernel: `dilation` cells from one weight to the next."""
    return set_layer(session, "Dilation", "dilation", dilation=dilation)


def set_padding(session: Session, padding: Padding) -> Session:
    """Pad by a rule's name or by amounts (before, after) per axis."""
    return set_layer(session, "Padding", "padding", padding=padding)


def set_padding_mode(session: Session, mode: str) -> Session:
    """Fill padding as a name in PADDING_MODES says."""
    return set_layer(session, "Fill", padding_mode=mode)


def set_padding_value(session: Session, value: float) -> Session:
    """Fill padding of mode "constant" with `value`."""
    return set_layer(session, "Fill value", "fill value", padding_value=value)


def set_flip(session: Session, flip: bool) -> Session:
    """Choose convolution (True) or cross-correlation (False); the kernel is seen to turn."""
    shown = set_layer(session, "Convolution" if flip else "Cross-correlation", flip=flip)
    return shown if shown.document is session.document else start_turn(shown)


def set_bias(session: Session, bias: float) -> Session:
    """Add `bias` to every dot product of the channel in focus."""
    layer = session.edited.layers[session.layer]
    if not isinstance(layer, KernelLayer):
        return session
    values = np.array(bias_of(layer))
    values[min(session.channel, layer.out_channels - 1)] = bias
    return set_layer(session, "Bias", f"bias {session.channel}", bias=values)


def set_output_padding(session: Session, cells: tuple[int, ...]) -> Session:
    """Extend the output of a transposed convolution at its end."""
    return set_layer(session, "Output padding", "output padding", output_padding=cells)


def set_ceil_mode(session: Session, ceil_mode: bool) -> Session:
    """Let the last pooling window reach beyond the padding, or not."""
    return set_layer(session, "Ceil mode", ceil_mode=ceil_mode)


def set_count_include_pad(session: Session, count: bool) -> Session:
    """Let the mean count padding cells, or not."""
    return set_layer(session, "Count padding", count_include_pad=count)


def reaching(session: Session) -> Shape:
    """Return the shape of what comes to the layer in focus, as the settings say if they fit."""
    shapes, index = session.edited.shapes, session.layer
    return shapes[index] if index < len(shapes) else session.document.shapes[index]


def set_groups(session: Session, groups: int) -> Session:
    """Divide the channels into groups that do not mix; weights are kept as far as they fit."""
    layer = session.edited.layers[session.layer]
    if not isinstance(layer, KernelLayer):
        return session
    inputs = reaching(session)[0]
    return set_layer(session, "Groups", "groups", **layer.taking(inputs, groups))


def depthwise(session: Session) -> Session:
    """Give each input channel a kernel and a map of its own: groups = channels."""
    layer = session.edited.layers[session.layer]
    if not isinstance(layer, Conv):
        return session
    inputs = reaching(session)[0]
    outputs = max(inputs, layer.out_channels // inputs * inputs)
    weight = frozen_array(np.resize(layer.weight[:, :1], (outputs, 1, *layer.kernel_size)))
    bias = None if layer.bias is None else frozen_array(np.resize(layer.bias, outputs))
    return set_layer(session, "Depthwise", weight=weight, bias=bias, groups=inputs)


def set_activation(session: Session, name: str) -> Session:
    """Put an activation right after the layer in focus, in place of one that is there.

    An activation in focus becomes another one itself.
    """
    document, index = session.edited, session.layer
    focus = document.layers[index]
    if name == (focus if isinstance(focus, Activation) else document.activation(index)).name:
        return session
    if isinstance(focus, Activation):
        return changed(session, with_layer(document, index, Activation(name)), "Activation")
    before, rest = document.stack[: index + 1], document.stack[index + 1 :]
    if rest and isinstance(rest[0][0], Activation):
        rest = rest[1:]
    added = () if name == "none" else ((Activation(name), False),)
    return changed(session, document.with_stack((*before, *added, *rest)), "Activation")


def set_cell(
    session: Session, pane: PaneName, cell: Cell, value: float, merge: str | None = None
) -> Session:
    """Write a number into a cell of the input, the kernel or the bias as they are shown.

    A setting that does not fit is not shown: it is taken back.

    Raises
    ------
    LayerError
        When there is no such cell, or the layer before makes it.
    """
    session = give_up(session)
    check_cell(session, pane, cell)
    name = f"{pane.capitalize()} cell {cell[0]}, {cell[1]}"
    if pane == "input":
        image = _with_cell(session.edited.image, (session.shown_source,), cell, value)
        return changed(session, replace(session.edited, image=image), name, merge)
    layer = session.focus
    if not isinstance(layer, KernelLayer):
        return session
    if pane == "bias":
        bias = _with_cell(bias_of(layer), (), cell, value)
        return set_layer(session, f"Bias of map {cell[1] + 1}", merge, bias=bias)
    place = kernel_of(layer, session.channel, session.shown_source)
    weight = _with_cell(layer.weight, place, cell, value)
    return set_layer(session, name, merge, weight=weight)


def pull_cell(session: Session, pane: PaneName, cell: Cell, value: float, step: float) -> Session:
    """Write the multiple of `step` that is nearest to `value` into a cell; pulls are one change."""
    even = float(f"{round(value / step) * step:.12g}")
    return set_cell(session, pane, cell, even, merge=f"pull {pane} {cell}")


def even_step(least: float) -> float:
    """Return 1, 2 or 5 times a power of ten, the first that is not less.

    >>> even_step(0.07), even_step(3)
    (0.1, 5.0)
    """
    power = 10.0 ** np.floor(np.log10(least))
    return float(next(times * power for times in (1, 2, 5, 10) if times * power >= least))


def close_change(session: Session) -> Session:
    """Let no other change join the last one."""
    return replace(session, history=session.history.closed())


def _with_cell(array: Array, leading: tuple[int, ...], cell: Cell, value: float) -> Array:
    """Return `array` with one cell changed; a signal's cell is one of a single row."""
    changed = np.array(array)
    changed[(*leading, *cell[len(leading) + 2 - array.ndim :])] = value
    return frozen_array(changed)


def apply_fix(session: Session, fix: Fix) -> Session:
    """Mend what does not fit, in the layer that it is of or in the image."""
    document = session.edited
    name = fix.label[:1].upper() + fix.label[1:]
    if isinstance(fix, ImageFix):
        other = replace(document, **fix.image_changes(document))
        return changed(replace(session, playhead=Playhead()), other, name)
    index = document.problem.index if document.problem else session.layer
    layer = replace(document.layers[index], **fix.changes)
    return changed(session, with_layer(document, index, layer), name)


def withdraw(session: Session) -> Session:
    """Take the setting that does not fit back."""
    return replace(session, attempt=None) if session.attempt else session


def give_up(session: Session) -> Session:
    """Take a setting that does not fit back since something else is changed, and say so."""
    return replace(session, attempt=None, message=GIVEN_UP) if session.attempt else session


def undo(session: Session) -> Session:
    """Take the last change of the document back; a setting that does not fit goes first."""
    if session.attempt:
        return withdraw(session)
    if not session.history.past:
        return session
    return _stepped(session, *session.history.undo(session.document))


def redo(session: Session) -> Session:
    """Do the change again that was undone last."""
    if not session.history.future:
        return session
    return _stepped(session, *session.history.redo(session.document))


def _stepped(session: Session, change: Change, history: History) -> Session:
    """Go to the other side of a change; one that was no work leads to what is none, either."""
    unsaved = change.brought and session.file is None
    saved = change.document if unsaved else session.saved
    return _with_document(replace(session, history=history, saved=saved), change.document)


def go_in_history(session: Session, count: int) -> Session:
    """Go to where the first `count` changes are done, and no other, in one go."""
    session = withdraw(session)
    while len(session.history.past) > max(count, 0):
        session = undo(session)
    while len(session.history.past) < count and session.history.future:
        session = redo(session)
    return session

"""Every change by name: pure functions (Session, ...) -> Session."""

from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.inputs import INPUTS
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import (
    Activation,
    Conv,
    Fix,
    Padding,
    frozen_array,
    resized_kernel,
)
from convviz.engine.padding import Array
from convviz.model.document import Document, kernel_title, same_document
from convviz.model.session import (
    SPEEDS,
    Cell,
    Message,
    PaneName,
    Playback,
    Playhead,
    Session,
    Target,
    Zoom,
)

Transition = Callable[..., Session]
LARGEST_ZOOM = 4096.0


# The document


def _changed(session: Session, document: Document, name: str, merge: str | None = None) -> Session:
    """Take `document` on when every layer fits; otherwise keep it as an attempt."""
    if document.problem:
        return replace(session, attempt=document, playback=_paused(session))
    if same_document(document, session.document):
        return withdraw(session)
    alone = session.attempt is None  # else settings that did not fit come with this change
    history = session.history.push(name, session.document, merge, joins=alone)
    return _with_document(replace(session, history=history), document)


def _with_document(session: Session, document: Document) -> Session:
    """Put `document` in place, and bring what points into it back inside."""
    same_map = document.shapes[session.layer + 1] == session.document.shapes[session.layer + 1]
    next_session = replace(session, document=document, attempt=None, hover=None)
    if not same_map:
        next_session = replace(next_session, pin=None)
    if document.image is not session.document.image:
        next_session = replace(next_session, message=None)  # what it offered was for the old one
    if document.image.shape != session.document.image.shape:
        next_session = replace(
            next_session, selection=None, view=replace(session.view, zooms=MappingProxyType({}))
        )
    last = next_session.step_count - 1
    term = session.playhead.term
    return replace(
        next_session,
        pin=_if_there(next_session, next_session.pin),
        selection=_if_there(next_session, next_session.selection),
        playhead=Playhead(
            min(session.playhead.step, last),
            None if term is None else min(term, next_session.stage_count - 1),
        ),
    )


def _if_there(session: Session, target: Target | None) -> Target | None:
    """Let go of a cell that its pane no longer has."""
    if target is None:
        return None
    shapes, index = session.document.shapes, session.layer
    sizes = {"input": shapes[index][1:], "output": shapes[index + 1][1:]}
    rows, columns = _as_rows(sizes.get(target.pane, session.conv.kernel_size))
    return target if target.cell[0] < rows and target.cell[1] < columns else None


def _as_rows(shape: tuple[int, ...]) -> Cell:
    return (1, shape[0]) if len(shape) == 1 else (shape[-2], shape[-1])


def open_document(session: Session, document: Document) -> Session:
    """Begin anew with `document`: nothing to undo, nothing playing."""
    fresh = Session(document, view=session.view, playback=_paused(session))
    return replace(fresh, view=replace(session.view, zooms=MappingProxyType({})))


def set_image(session: Session, image: ArrayLike, name: str) -> Session:
    """Show another image (rows, columns), a signal (samples), or (in_channels, *spatial).

    It is looked at from its first step.
    """
    array = frozen_array(image)
    if array.ndim in (1, session.conv.rank):
        array = frozen_array(array[None])
    document = replace(session.edited, image=array, image_name=name)
    shown = _changed(session, document, f"Input {name}")
    if shown.document is session.document:
        return shown
    return replace(shown, selection=None, playhead=Playhead())


def set_input_preset(session: Session, name: str) -> Session:
    """Show one of INPUTS."""
    preset = INPUTS[name]
    return set_image(session, preset.image, preset.title)


def _set_layer(
    session: Session,
    name: str,
    merge: str | None = None,
    /,
    **changes: Any,  # noqa: ANN401
) -> Session:
    document = session.edited
    layer = replace(document.conv(session.layer), **changes)
    layers = (*document.layers[: session.layer], layer, *document.layers[session.layer + 1 :])
    return _changed(session, replace(document, layers=layers), name, merge)


def set_kernel(session: Session, kernel: ArrayLike) -> Session:
    """Convolve with another kernel (*kernel) of one channel."""
    weight = frozen_array(np.asarray(kernel)[None, None])
    return _set_layer(session, f"Kernel {kernel_title(Conv(weight))}", weight=weight)


def set_kernel_preset(session: Session, name: str) -> Session:
    """Convolve with one of KERNELS."""
    return set_kernel(session, KERNELS[name].kernel)


def set_kernel_size(session: Session, size: tuple[int, ...]) -> Session:
    """Cut the kernel, or put zeros around it, to `size` cells per axis."""
    weight = resized_kernel(_edited_conv(session).weight, size)
    return _set_layer(session, "Kernel size", "kernel size", weight=weight)


def set_stride(session: Session, stride: tuple[int, ...]) -> Session:
    """Move the window by `stride` cells per axis."""
    return _set_layer(session, "Stride", "stride", stride=stride)


def set_dilation(session: Session, dilation: tuple[int, ...]) -> Session:
    """Spread the kernel: `dilation` cells from one weight to the next."""
    return _set_layer(session, "Dilation", "dilation", dilation=dilation)


def set_padding(session: Session, padding: Padding) -> Session:
    """Pad by a rule's name or by amounts (before, after) per axis."""
    return _set_layer(session, "Padding", "padding", padding=padding)


def set_padding_mode(session: Session, mode: str) -> Session:
    """Fill padding as a name in PADDING_MODES says."""
    return _set_layer(session, "Fill", padding_mode=mode)


def set_padding_value(session: Session, value: float) -> Session:
    """Fill padding of mode "constant" with `value`."""
    return _set_layer(session, "Fill value", "fill value", padding_value=value)


def set_flip(session: Session, flip: bool) -> Session:
    """Choose convolution (True) or cross-correlation (False)."""
    return _set_layer(session, "Convolution" if flip else "Cross-correlation", flip=flip)


def set_bias(session: Session, bias: float) -> Session:
    """Add `bias` to every dot product of the channel in focus."""
    conv = _edited_conv(session)
    values = np.zeros(conv.out_channels) if conv.bias is None else np.array(conv.bias)
    values[session.channel] = bias
    return _set_layer(session, "Bias", "bias", bias=values)


def set_activation(session: Session, name: str) -> Session:
    """Put an activation right after the layer in focus, in place of one that is there."""
    document, after = session.edited, session.layer + 1
    rest = document.layers[after:]
    rest = rest[1:] if rest and isinstance(rest[0], Activation) else rest
    added = () if name == "none" else (Activation(name),)
    layers = (*document.layers[:after], *added, *rest)
    return _changed(session, replace(document, layers=layers), "Activation")


def set_cell(session: Session, pane: PaneName, cell: Cell, value: float) -> Session:
    """Write a number into a cell of the input or the kernel as they are shown.

    A setting that does not fit is not shown: it is taken back.
    """
    session = withdraw(session)
    name = f"{pane.capitalize()} cell {cell[0]}, {cell[1]}"
    if pane == "input":
        image = _with_cell(session.edited.image, (0,), cell, value)
        return _changed(session, replace(session.edited, image=image), name)
    weight = _with_cell(_edited_conv(session).weight, (session.channel, 0), cell, value)
    return _set_layer(session, name, weight=weight)


def _with_cell(array: Array, leading: tuple[int, ...], cell: Cell, value: float) -> Array:
    """Return `array` with one cell changed; a signal's cell is one of a single row."""
    changed = np.array(array)
    changed[(*leading, *cell[len(leading) + 2 - array.ndim :])] = value
    return frozen_array(changed)


def apply_fix(session: Session, fix: Fix) -> Session:
    """Mend the setting that does not fit."""
    return _set_layer(session, fix.label.capitalize(), **fix.changes)


def withdraw(session: Session) -> Session:
    """Take the setting that does not fit back."""
    return replace(session, attempt=None) if session.attempt else session


def undo(session: Session) -> Session:
    """Take the last change of the document back; a setting that does not fit goes first."""
    if session.attempt:
        return withdraw(session)
    if not session.history.past:
        return session
    document, history = session.history.undo(session.document)
    return _with_document(replace(session, history=history), document)


def redo(session: Session) -> Session:
    """Do the change again that was undone last."""
    if not session.history.future:
        return session
    document, history = session.history.redo(session.document)
    return _with_document(replace(session, history=history), document)


def _edited_conv(session: Session) -> Conv:
    return session.edited.conv(session.layer)


# The playhead


def seek(session: Session, step: int, term: int | None = None) -> Session:
    """Show output cell number `step`, from 0; outside the map, the nearest end."""
    inside = min(max(step, 0), session.step_count - 1)
    return replace(session, playhead=Playhead(inside, term), pin=None, hover=None)


def seek_cell(session: Session, row: int, column: int) -> Session:
    """Show the output cell at `row` and `column`."""
    rows, columns = session.output_size
    return seek(
        session, session.step_at((min(max(row, 0), rows - 1), min(max(column, 0), columns - 1)))
    )


def seek_fraction(session: Session, fraction: float) -> Session:
    """Show the output cell at `fraction` (0..1) of the way."""
    return seek(session, round(fraction * (session.step_count - 1)))


def first(session: Session) -> Session:
    """Go to the first output cell."""
    return seek(session, 0)


def last(session: Session) -> Session:
    """Go to the last output cell."""
    return seek(session, session.step_count - 1)


def advance(session: Session, steps: int = 1) -> Session:
    """Go `steps` output cells on; from an output cell that is pinned, from there."""
    return seek(session, session.cursor.step + steps)


def back(session: Session) -> Session:
    """Go to the output cell before."""
    return advance(session, -1)


def next_row(session: Session) -> Session:
    """Go one row of output cells down."""
    return _by_rows(session, 1)


def previous_row(session: Session) -> Session:
    """Go one row of output cells up."""
    return _by_rows(session, -1)


def _by_rows(session: Session, rows: int) -> Session:
    row, column = session.cell_at(session.cursor.step)
    return seek_cell(session, row + rows, column)


def next_term(session: Session, terms: int = 1) -> Session:
    """Form the next product; after the last stage of a dot product comes the next output cell.

    From a dot product that is shown whole, begin with its first product.
    """
    step, term = session.cursor.step, session.cursor.term
    count = session.stage_count
    if term is None:
        start = 0 if terms > 0 else count - 1
        place = step * count + start + terms - (1 if terms > 0 else -1)
    else:
        place = step * count + term + terms
    place = min(max(place, 0), session.step_count * count - 1)
    return seek(session, *divmod(place, count))


def previous_term(session: Session) -> Session:
    """Take the last product back."""
    return next_term(session, -1)


# Playback


def _paused(session: Session) -> Playback:
    return replace(session.playback, playing=False)


def pause(session: Session) -> Session:
    """Stop at the step that is shown."""
    return replace(session, playback=_paused(session))


def _play(session: Session, direction: int) -> Session:
    """Play forwards (1) or backwards (-1); from the far end, begin at the other."""
    session = seek(session, session.cursor.step, session.cursor.term)
    if not session.playback.loop and _at_end(session, direction):
        session = first(session) if direction > 0 else last(session)
        if session.playback.by_terms:
            session = seek(session, session.playhead.step, 0 if direction > 0 else None)
    playback = replace(session.playback, playing=True, direction=direction)
    return replace(session, playback=playback)


def play_forwards(session: Session) -> Session:
    """Play, each step after the other."""
    return _play(session, 1)


def play_backwards(session: Session) -> Session:
    """Play, each step before the other."""
    return _play(session, -1)


def toggle_playing(session: Session) -> Session:
    """Play when paused, pause when playing."""
    return (
        pause(session) if session.playback.playing else _play(session, session.playback.direction)
    )


def tick(session: Session, count: int = 1) -> Session:
    """Move the playhead by `count` steps (or terms) as playback does: loop or stop at the end.

    What is looked at in the input and the kernel stays; an output cell does not hold time up.
    """
    playback = replace(session.playback, stride=count)
    moved = _ticked(replace(session, playback=playback, hover=None, pin=None), count)
    return replace(moved, hover=_beside_output(session.hover), pin=_beside_output(session.pin))


def _beside_output(target: Target | None) -> Target | None:
    return None if target and target.pane == "output" else target


def _ticked(session: Session, count: int) -> Session:
    playback = session.playback
    if _at_end(session, playback.direction):
        if not playback.loop:
            return pause(session)
        return first(session) if playback.direction > 0 else last(session)
    if playback.by_terms:
        return next_term(session, count * playback.direction)
    if playback.loop:
        return seek(
            session, (session.playhead.step + count * playback.direction) % session.step_count
        )
    return advance(session, count * playback.direction)


def _at_end(session: Session, direction: int) -> bool:
    step, term = session.playhead.step, session.playhead.term
    if direction < 0:
        return step == 0 and (term in (0, None))
    return step == session.step_count - 1 and term in (session.stage_count - 1, None)


def set_speed(session: Session, speed: float) -> Session:
    """Play at `speed` steps (or terms) per second."""
    return replace(session, playback=replace(session.playback, speed=speed))


def faster(session: Session) -> Session:
    """Take the next higher speed."""
    higher = [speed for speed in SPEEDS if speed > session.playback.speed]
    return set_speed(session, higher[0]) if higher else session


def slower(session: Session) -> Session:
    """Take the next lower speed."""
    lower = [speed for speed in SPEEDS if speed < session.playback.speed]
    return set_speed(session, lower[-1]) if lower else session


def set_loop(session: Session, loop: bool) -> Session:
    """Begin again after the last step, or stop there."""
    return replace(session, playback=replace(session.playback, loop=loop))


def set_by_terms(session: Session, by_terms: bool) -> Session:
    """Play product by product, or output cell by output cell."""
    return replace(session, playback=replace(session.playback, by_terms=by_terms))


# Looking


def hover(session: Session, target: Target | None) -> Session:
    """Look at the cell under the mouse, or at none."""
    return session if target == session.hover else replace(session, hover=target)


def pin(session: Session, target: Target | None) -> Session:
    """Hold the view on `target`, or let go where it is held; the playhead follows to an output."""
    if target is None or target == session.pin:
        return unpin(session)
    if target.pane == "output":
        session = seek(session, session.step_at(target.cell))
    return replace(session, pin=target)


def toggle_pin(session: Session) -> Session:
    """Hold the view on what is under the mouse, or on the present step; or let go."""
    if session.pin:
        return unpin(session)
    return pin(session, session.hover or Target("output", session.cell_at(session.playhead.step)))


def unpin(session: Session) -> Session:
    """Let go of what is pinned."""
    return replace(session, pin=None)


def escape(session: Session) -> Session:
    """Leave, one after the other: message, pin, selection; stop playing."""
    if session.message:
        return dismiss(session)
    if session.pin:
        return unpin(session)
    return replace(pause(session), selection=None)


def select(session: Session, target: Target | None) -> Session:
    """Put the cell cursor on a cell of the input or the kernel."""
    return replace(session, selection=target)


def set_theme(session: Session, theme: str) -> Session:
    """Choose "system", "dark" or "light"."""
    return replace(session, view=replace(session.view, theme=theme))


def set_whole_map(session: Session, whole_map: bool) -> Session:
    """Show all output cells, or just those up to the playhead."""
    return replace(session, view=replace(session.view, whole_map=whole_map))


def set_histograms(session: Session, histograms: bool) -> Session:
    """Show or hide the histograms below the panes."""
    return replace(session, view=replace(session.view, histograms=histograms))


def set_layout(session: Session, columns: tuple[float, float, float], strip: float) -> Session:
    """Divide the width among the panes, and the height between them and the dot product."""
    return replace(session, view=replace(session.view, columns=columns, strip=strip))


def zoom(session: Session, pane: PaneName, zoomed: Zoom) -> Session:
    """Draw a pane's grid larger around a point; a factor of 1 fits it whole."""
    factor = min(max(zoomed.factor, 1.0), LARGEST_ZOOM)
    zooms = {**session.view.zooms, pane: replace(zoomed, factor=factor)}
    return replace(session, view=replace(session.view, zooms=MappingProxyType(zooms)))


def fit(session: Session) -> Session:
    """Draw every grid whole."""
    return replace(session, view=replace(session.view, zooms=MappingProxyType({})))


def show_message(session: Session, message: Message) -> Session:
    """Show a strip with a sentence."""
    return replace(session, message=message)


def dismiss(session: Session) -> Session:
    """Take the strip away."""
    return replace(session, message=None)

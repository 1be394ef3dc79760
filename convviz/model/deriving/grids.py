"""The grids of input and feature map, with the thumbnails of their channels."""

import numpy as np

from convviz.engine.convolve import correlate_padded
from convviz.engine.layers import ConvTranspose
from convviz.engine.noise import denoised_conv
from convviz.engine.problems import times
from convviz.engine.transposed import spread_image
from convviz.model.cell_changes import read_only
from convviz.model.deriving.marks import brushed, marked
from convviz.model.deriving.step import Step, is_unfinished, whole_map, window_places
from convviz.model.deriving.still import MOST_PICTURES, as_plane, cell_set, one_cell, zoom_of
from convviz.model.document import (
    Document,
    compute_shown,
    convolution,
)
from convviz.model.lately import lately
from convviz.model.scene import (
    NO_THUMBNAILS,
    Cells,
    CellSet,
    GridScene,
    Thumbnail,
    Thumbnails,
    scale_of,
)
from convviz.model.session import Session, Target


def input_grid(step: Step) -> GridScene:
    session, cells = step.session, step.still.inputs[step.source]
    stamping = cells.place(step.cell) if session.stamping else None
    return GridScene(
        pane="input",
        title="Input" if session.layer == 0 else f"Input of layer {session.layer + 1}",
        detail=_input_detail(step, cells),
        cells=cells,
        window=None if session.stamping else window_places(step),
        lit=_input_lit(step, cells),
        current=stamping,
        selected=marked(session, "input", cells),
        brush=brushed(session, "input", cells),
        zoom=zoom_of(session, "input"),
        read_only=read_only(session, "input"),
        thumbnails=_input_thumbnails(step),
    )


def _input_lit(step: Step, cells: Cells) -> CellSet | None:
    target, session = step.session.target, step.session
    windows = step.computation.windows
    if session.paints and target and target.pane != "output":
        return None  # the brush shows where the mouse is, on cells that are seen as they are
    if target and target.pane == "kernel":
        return cell_set(windows.reached_by(_applied(session, target)))
    if target and target.pane == "input":
        place = cells.place(target.cell)
        return one_cell(place) if place and not session.stamping else None
    if target and target.pane == "output" and session.stamping:
        reads = (
            axis.reads(index) for axis, index in zip(step.still.axes, target.cell, strict=True)
        )
        rows, columns = (
            tuple(int(own[place]) for place in places if own[place] >= 0)
            for places, own in zip(reads, step.still.own, strict=True)
        )
        return CellSet(rows, columns)
    if step.lit_cell is None or session.stamping:
        return None
    places = tuple(
        axis.reads(i)[k]
        for axis, i, k in zip(step.still.axes, step.cell, step.lit_cell, strict=True)
    )
    inside = all(place < end for place, end in zip(places, cells.shape, strict=True))
    return one_cell((places[0], places[1])) if inside else None


def _applied(session: Session, target: Target) -> tuple[int, ...]:
    """Return where the weight in the kernel as set stands in the kernel as it slides."""
    offset = target.cell[2 - session.rank :]
    if session.conv is None or not session.conv.flip:
        return offset
    return tuple(size - 1 - place for size, place in zip(session.kernel_size, offset, strict=True))


def _input_detail(step: Step, cells: Cells) -> str:
    rows, columns = cells.image_shape
    several = len(step.still.inputs)
    name = f"{step.still.names[step.source]} of {several} · " if several > 1 else ""
    size = f"{name}{rows} × {columns}"
    if step.session.view.use_counts and not isinstance(step.session.focus, ConvTranspose):
        copies = " with its copies" if step.still.computation.windows.has_copies else ""
        return f"{size} · how often each cell{copies} is used"
    (above, below), (before, after) = cells.padding
    sides = (above, below, before, after)
    if cells.spread:
        size += "  spread by zeros"
    if not any(sides):
        return size
    if len(set(sides)) == 1:
        return f"{size}  +{above} padding"
    marks = (f"{mark}{count}" for mark, count in zip("↑↓←→", sides, strict=True) if count)
    return f"{size}  +{' '.join(marks)} padding"


@lately(4)  # of input and feature map, each with another channel chosen
def _thumbnails(
    _of: Document, cells: tuple[Cells, ...], names: tuple[str, ...], chosen: int, seen: range
) -> Thumbnails:
    if len(cells) == 1:
        return NO_THUMBNAILS
    return Thumbnails(
        tuple(
            Thumbnail(names[n], cells[n], n, n, chosen=n == chosen, seen=n in seen)
            for n in around(chosen, len(cells), MOST_PICTURES)
        )
    )


def around(place: int, count: int, most: int) -> range:
    """Return at most `most` of `count` places, `place` among them.

    >>> around(7, 9, 3), around(1, 2, 3)
    (range(6, 9), range(0, 2))
    """
    first = min(max(place - most // 2, 0), max(count - most, 0))
    return range(first, min(first + most, count))


def _input_thumbnails(step: Step) -> Thumbnails:
    still = step.still
    session = step.session
    return _thumbnails(session.document, still.inputs, still.names, step.source, session.sources)


def _output_thumbnails(step: Step) -> Thumbnails:
    outputs = step.still.outputs
    names = tuple(str(number + 1) for number in range(len(outputs)))
    document = step.session.document
    return _thumbnails(document, outputs, names, step.channel, range(len(outputs)))


def output_grid(step: Step) -> GridScene:
    session = step.session
    target, head = session.target, session.playhead
    whole = session.view.whole_map or (session.paints and not session.playback.playing)
    lit = None
    if session.stamping:
        lit = step.stamped()
    elif target and target.pane == "input":
        lit = step.stamped(target.cell)
    revealed = head.step % session.cell_count + (not is_unfinished(session, head))
    return GridScene(
        pane="output",
        title="Feature map",
        detail=_output_detail(step),
        cells=_stamped_cells(step) if session.stamping and not whole else whole_map(step),
        revealed=None if whole or session.stamping else revealed,
        lit=lit,
        current=None if session.stamping else step.cell,
        pending=is_unfinished(session, session.cursor) and not session.stamping,
        zoom=zoom_of(session, "output"),
        read_only="cells of the feature map are computed",
        thumbnails=_output_thumbnails(step),
    )


def _output_detail(step: Step) -> str:
    cells, session = whole_map(step), step.session
    several = session.output_count
    name = f"{step.channel + 1} of {several} · " if several > 1 else ""
    size = f"{name}{times(cells.shape)}"
    if session.view.use_counts and isinstance(session.focus, ConvTranspose):
        return f"{size} · stamps per cell"
    after = step.activation
    return size if after.name == "none" else f"{size} · after {after.title}"


def _stamped_cells(step: Step) -> Cells:
    """Return the output as far as the stamps have come, before the activation."""
    session = step.session
    if session.view.use_counts:
        return whole_map(step)
    return _stamps_until(session.document, session.layer, session.cursor.step, step.channel)


@lately(4)
def _stamps_until(document: Document, index: int, step: int, channel: int) -> Cells:
    computation = compute_shown(document, index)
    layer, image = document.layers[index], computation.image
    assert isinstance(layer, ConvTranspose)
    conv = convolution(layer)
    assert conv is not None
    sources = conv.channels_seen(channel)
    cells = int(np.prod(image.shape[1:]))
    done, rest = divmod(step, cells)
    done %= len(sources)
    stamped = np.zeros_like(image)
    for number, source in enumerate(sources):
        count = cells if number < done else rest + 1 if number == done else 0
        stamped[source].reshape(-1)[:count] = image[source].reshape(-1)[:count]
    spread = spread_image(layer, stamped)
    made = denoised_conv(conv, spread, correlate_padded(conv, spread))
    return Cells(as_plane(made[channel]), scale_of(computation.sums))

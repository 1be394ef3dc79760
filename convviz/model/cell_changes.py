"""Changes of blocks of cells of input, kernel and bias, as in a spreadsheet: pure functions.

They act on the selection of the session; where there is none, or where cells cannot be changed,
a message says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import wraps
from types import MappingProxyType
from typing import Concatenate, ParamSpec

import numpy as np

from convviz.engine.fills import FILLS
from convviz.engine.layers import Activation, KernelLayer, Pool
from convviz.engine.padding import Array
from convviz.engine.problems import times
from convviz.engine.settings import frozen_array
from convviz.model.cell_checks import check_cell
from convviz.model.changes import (
    changed,
    give_up,
    set_cell,
    set_image,
    set_kernel,
    set_layer,
    withdraw,
)
from convviz.model.document import bias_of, kernel_of
from convviz.model.image_ways import signal_name
from convviz.model.learn_changes import learnt_array, why_fixed, with_learnt
from convviz.model.learning import GRIDS
from convviz.model.session import (
    Cell,
    Choice,
    Message,
    PaneName,
    Selection,
    Session,
    all_between,
    one_selected,
)
from convviz.model.transitions import COUNTING, show_message

LARGEST_KERNEL = MappingProxyType({1: 2000, 2: 31})  # cells a side, by the number of axes
LINES = ("row", "column")
NOTHING_SELECTED = "Click on a cell of the input or the kernel first"
ORIGIN = (0, 0)
SERIES_FROM = 3  # lines: two that begin it, and one that goes on
ONE_EACH = "Each feature map has one bias: Channels in the panel says how many there are"
FIXED = {  # grids whose size something else says
    "bias": ONE_EACH,
    "target": "The target is as large as the map that the kernel makes of the image",
    "first": "The panel says how large the kernel is",
}
NOISE = 1e-14  # of a number: nearer than this to a short decimal is that

Options = ParamSpec("Options")


@dataclass(frozen=True, eq=False)
class Block:
    """Numbers (rows, columns) that belong into a grid from the cell `corner` on."""

    pane: PaneName
    corner: Cell
    values: Array


def read_only(session: Session, pane: PaneName) -> str:
    """Return why the cells of a pane cannot be changed, "" where they can."""
    if pane in GRIDS:
        return why_fixed(session, pane)
    if pane == "input":
        if session.learns:
            return "choose Convolve 2-D to type into the image"
        if session.view.use_counts:
            return f"these are counts: uncheck View ▸ {COUNTING} to type values"
        if session.layer > 0:
            return (
                "layers before this one make these cells: choose the first layer to type into them"
            )
        return ""
    if isinstance(session.focus, Pool):
        return "a pooling window has no weights to type"
    if isinstance(session.focus, Activation):
        return "an activation has no weights to type"
    return ""


def is_in_sight(session: Session, pane: PaneName) -> bool:
    """Return whether the cells of a pane are on the screen: the bias is in the panel."""
    if session.learns:
        return pane in GRIDS
    return pane == "bias" or session.view.workspace in ("convolve", "signals")


def is_row(session: Session, pane: PaneName) -> bool:
    """Return whether a pane's cells are one row and no more: a signal, or the bias."""
    return session.rank == 1 or pane == "bias"


def refusal(session: Session) -> str:
    """Return why what is selected cannot be changed, "" where it can."""
    selection = session.selection
    if selection is None or not is_in_sight(session, selection.pane):
        return NOTHING_SELECTED
    reason = read_only(session, selection.pane)
    return reason[:1].upper() + reason[1:]


def _of_selection(
    change: Callable[Concatenate[Session, Selection, Options], Session],
) -> Callable[Concatenate[Session, Options], Session]:
    """Let a change have the selection; say why not, where nothing can be changed.

    Settings that do not fit are not shown: they are taken back.
    """

    @wraps(change)
    def checked(session: Session, /, *args: Options.args, **kwargs: Options.kwargs) -> Session:
        reason = refusal(session)
        if reason:
            return show_message(session, Message(reason))
        assert session.selection is not None
        return change(give_up(session), session.selection, *args, **kwargs)

    return checked


# Arrays: the image, or the weight of the layer in focus


def array_of(session: Session, pane: PaneName) -> tuple[Array, tuple[int, ...]]:
    """Return the array that holds the cells of a pane, and where in it the shown ones are."""
    if pane == "input":
        return session.document.image, (session.shown_source,)
    if pane in GRIDS:
        return learnt_array(session, pane), ()
    layer = session.focus
    assert isinstance(layer, KernelLayer)
    if pane == "bias":
        return bias_of(layer), ()
    return layer.weight, kernel_of(layer, session.channel, session.shown_source)


def with_array(session: Session, pane: PaneName, array: Array, name: str) -> Session:
    if not np.isfinite(array).all():
        return show_message(session, Message("The numbers would become too large", "error"))
    numbers = frozen_array(array)
    if pane == "input":
        return changed(session, replace(session.document, image=numbers), name)
    if pane in GRIDS:
        return with_learnt(session, pane, numbers, name)
    if pane == "bias":
        return set_layer(session, name, bias=numbers)
    return set_layer(session, name, weight=numbers)


def cells_of(session: Session, selection: Selection) -> Array:
    """Return the numbers (rows, columns) that are selected."""
    array, place = array_of(session, selection.pane)
    return np.atleast_2d(array[place])[np.ix_(selection.rows, selection.columns)]


def _written(array: Array, place: tuple[int, ...], corner: Cell, values: Array) -> Array:
    """Return `array` with `values` in the cells from `corner` on, as far as there are cells."""
    with np.errstate(over="ignore"):
        fits = bool(np.isfinite(values.astype(array.dtype)).all())
    written = np.array(array, dtype=array.dtype if fits else np.float64)
    plane = np.atleast_2d(written[place])
    target = plane[corner[0] :, corner[1] :][: values.shape[0], : values.shape[1]]
    target[...] = values[: target.shape[0], : target.shape[1]]
    return written


def _write(session: Session, block: Block, name: str) -> Session:
    array, place = array_of(session, block.pane)
    written = _written(array, place, block.corner, block.values)
    return with_array(session, block.pane, written, name)


def _select(session: Session, pane: PaneName, rows: range, columns: range) -> Session:
    """Select a block, as far as it is there."""
    height, width = session.size_of(pane)
    inside = (
        range(rows.start, min(rows.stop, height)),
        range(columns.start, min(columns.stop, width)),
    )
    if session.attempt or not all(inside):
        return session
    return replace(session, selection=all_between(pane, *inside))


def _cells_text(selection: Selection) -> str:
    if selection.pane == "bias":
        maps = [selection.columns[0] + 1, selection.columns[-1] + 1]
        many = maps[0] != maps[1]
        return f"bias of maps {maps[0]} to {maps[1]}" if many else f"bias of map {maps[0]}"
    if selection.shape == (1, 1):
        return f"{selection.pane} cell {selection.cursor[0]}, {selection.cursor[1]}"
    return f"{times(selection.shape)} cells of the {selection.pane}"


# Numbers


@_of_selection
def fill(session: Session, selection: Selection, value: float, verb: str = "Fill") -> Session:
    """Write one number into every cell that is selected."""
    block = Block(selection.pane, selection.corner, np.full(selection.shape, value))
    return _write(session, block, f"{verb} {_cells_text(selection)}")


@_of_selection
def fill_with_cursor(session: Session, selection: Selection) -> Session:
    """Write the number of the cursor's cell into every cell that is selected."""
    row, column = selection.cursor
    value = cells_of(session, selection)[row - selection.rows[0], column - selection.columns[0]]
    return fill(session, float(value))


def clear(session: Session) -> Session:
    """Write zeros into every cell that is selected."""
    return fill(session, 0.0, "Clear")


def cut(session: Session) -> Session:
    """Write zeros where what was selected has been copied."""
    return fill(session, 0.0, "Cut")


@_of_selection
def copy_along(session: Session, selection: Selection, axis: int) -> Session:
    """Repeat the first row (axis 0) or column (axis 1) that is selected in all the others.

    Where only one is selected, the one before it is copied into it.
    """
    lines = (selection.rows, selection.columns)[axis]
    start = lines.start if len(lines) > 1 else max(lines.start - 1, 0)
    first = range(start, start + 1)
    source = (first, selection.columns) if axis == 0 else (selection.rows, first)
    numbers = cells_of(session, all_between(selection.pane, *source))
    values = np.repeat(numbers, len(lines), axis=axis)
    way = ("down", "right")[axis]
    name = f"Fill {_cells_text(selection)} {way}"
    return _write(session, Block(selection.pane, selection.corner, values), name)


@_of_selection
def fill_to_reach(session: Session, selection: Selection) -> Session:
    """Fill as far as the fill handle was dragged, and select all of it.

    Two or more numbers in equal steps go on in these steps; others are repeated.
    """
    rows, columns = selection.stretched
    axis = 0 if len(rows) > len(selection.rows) else 1
    length = (len(rows), len(columns))[axis]
    if (len(rows), len(columns)) == selection.shape:
        return replace(session, selection=replace(selection, reach=None))
    with np.errstate(all="ignore"):
        values = continued(cells_of(session, selection), length, axis)
    way = ("down", "right")[axis]
    block = Block(selection.pane, selection.corner, values)
    filled = _write(session, block, f"Fill {_cells_text(selection)} {way}")
    return _select(filled, selection.pane, rows, columns)


def continued(values: Array, length: int, axis: int) -> Array:
    """Return `values` (rows, columns) made `length` long: in equal steps, or repeated.

    >>> continued(np.array([[1.0, 2.0], [5.0, 0.0]]), 4, 1)
    array([[  1.,   2.,   3.,   4.],
           [  5.,   0.,  -5., -10.]])
    """
    lines = np.moveaxis(values, axis, 1)
    made = np.array([_continued_line(line, length) for line in lines])
    return np.moveaxis(made, 1, axis)


def _continued_line(line: Array, length: int) -> Array:
    if len(line) > 1:
        steps = np.diff(line)
        if np.allclose(steps, steps[0], rtol=1e-9, atol=1e-12 * float(np.abs(line).max())):
            more = line[0] + steps[0] * np.arange(len(line), length)
            return np.concatenate([line, [_short(number) for number in more]])
    return np.resize(line, length)


def _short(number: float) -> float:
    """Return the short decimal that `number` is but for rounding: 0.3, not 0.30000000000000004."""
    short = float(f"{number:.12g}")
    return short if abs(short - number) <= NOISE * abs(number) else float(number)


# Blocks from outside


@_of_selection
def paste(session: Session, selection: Selection, values: Array) -> Session:
    """Write numbers (rows, columns) from the first selected cell on; one number fills all cells.

    Where there is no room for all of them, ask what to do.
    """
    if values.size == 1:
        return fill(session, float(values.flat[0]), "Paste into")
    if is_row(session, selection.pane) and values.shape[1] == 1:
        values = values.T
    block = Block(selection.pane, selection.corner, values)
    if wanted_size(session, block) == session.size_of(block.pane) and fits(session, block):
        return paste_fitting(session, block)
    return show_message(session, _offer(session, block))


def paste_as_input(session: Session, values: Array) -> Session:
    """Let numbers (rows, columns) be the input; one number alone needs a cell that it is for."""
    if values.size == 1:
        return show_message(session, Message(NOTHING_SELECTED))
    if session.rank == 1 and min(values.shape) > 1:
        return show_message(session, Message("A signal has one row"))
    size = times(values.shape)
    image = values.ravel() if session.rank == 1 else values
    clear = replace(withdraw(session), message=None)
    pasted = set_image(clear, image, "Pasted grid", f"Paste {size} as the input")
    text = (
        f"The {size} cells of the clipboard are the input. To change a part, click on a cell first"
    )
    if pasted.attempt is not None:
        return pasted
    return show_message(pasted, pasted.message or Message(text))


def fits(session: Session, block: Block) -> bool:
    """Return whether a grid has room for all of `block`."""
    size = session.size_of(block.pane)
    ends = (c + n for c, n in zip(block.corner, block.values.shape, strict=True))
    return all(end <= have for end, have in zip(ends, size, strict=True))


def wanted_size(session: Session, block: Block) -> Cell:
    """Return the rows and columns that a grid needs for all of `block`; a signal stays one row."""
    rows, columns = (
        max(have, first + count)
        for have, first, count in zip(
            session.size_of(block.pane), block.corner, block.values.shape, strict=True
        )
    )
    if block.pane in FIXED:
        return session.size_of(block.pane)
    return (1 if session.rank == 1 else rows), columns


def _offer(session: Session, block: Block) -> Message:
    size, wanted = session.size_of(block.pane), wanted_size(session, block)
    room = size[0] - block.corner[0], size[1] - block.corner[1]
    text = (
        f"The clipboard has {times(block.values.shape)} cells, from row {block.corner[0]}, "
        f"column {block.corner[1]} on there is room for {times(room)}."
    )
    larger = Choice(f"Enlarge the {block.pane} to {times(wanted)}", "paste-enlarging", block)
    part = Choice("Paste what fits", "paste-fitting", block)
    enough = block.pane == "input" or max(wanted) <= LARGEST_KERNEL[session.rank]
    return Message(text, choices=(larger, part) if wanted != size and enough else (part,))


def type_samples(session: Session, pane: str, samples: Array) -> Session:
    """Let `samples` be all of a signal: of the "input", or of the "kernel"."""
    if pane == "input":
        return set_image(session, samples, signal_name(samples), "Type a signal")
    if len(samples) > LARGEST_KERNEL[1]:
        text = f"The second signal has at most {LARGEST_KERNEL[1]:,} samples; swap the two"
        return show_message(session, Message(text))
    return set_kernel(session, samples, "Type a kernel")


def paste_fitting(session: Session, block: Block) -> Session:
    """Write as much of `block` as there are cells for, and select it."""
    if reason := read_only(session, block.pane):
        return show_message(session, Message(reason[:1].upper() + reason[1:]))
    height, width = session.size_of(block.pane)
    row, column = block.corner
    values = block.values[: max(height - row, 0), : max(width - column, 0)]
    if not values.size:
        return show_message(session, Message(f"The {block.pane} has no such cells any more"))
    session, name = give_up(session), f"Paste {times(values.shape)} into {block.pane}"
    pasted = _write(session, replace(block, values=values), name)
    rows, columns = range(row, row + values.shape[0]), range(column, column + values.shape[1])
    return _select(pasted, block.pane, rows, columns)


def paste_enlarging(session: Session, block: Block) -> Session:
    """Add rows and columns of zeros to a grid until `block` has room, and write it."""
    if read_only(session, block.pane):
        return paste_fitting(session, block)
    session = give_up(session)
    array, place = array_of(session, block.pane)
    wanted, have = wanted_size(session, block), session.size_of(block.pane)
    more = [(0, end - now) for end, now in zip(wanted, have, strict=True)]
    spatial = more[2 - session.rank :]
    larger = np.pad(array, [(0, 0)] * (array.ndim - session.rank) + spatial)
    written = _written(larger, place, block.corner, block.values)
    name = f"Paste {times(block.values.shape)} into {block.pane}"
    pasted = with_array(session, block.pane, written, name)
    lines = (range(c, c + n) for c, n in zip(block.corner, block.values.shape, strict=True))
    return _select(pasted, block.pane, *lines)


def type_into(session: Session, pane: PaneName, cell: Cell, value: float) -> Session:
    """Write a number into a cell of any grid that can be typed into, as it is shown.

    Raises LayerError as `set_cell` does.
    """
    if pane not in GRIDS:
        return set_cell(session, pane, cell, value)
    check_cell(session, pane, cell)
    numbers = _written(learnt_array(session, pane), (), cell, np.array([[value]]))
    return with_learnt(session, pane, numbers, f"{pane.capitalize()} cell {cell[0]}, {cell[1]}")


# Rows and columns


def _counted(count: int, axis: int) -> str:
    return LINES[axis] if count == 1 else f"{count} {LINES[axis]}s"


@_of_selection
def insert(session: Session, selection: Selection, axis: int, after: bool) -> Session:
    """Put as many rows (axis 0) or columns (axis 1) of zeros as are selected before or after them.

    All channels get them, so that they keep one size.
    """
    if selection.pane in FIXED:
        return show_message(session, Message(FIXED[selection.pane]))
    if session.rank == 1 and axis == 0:
        return show_message(session, Message("A signal has one row"))
    lines, size = (selection.rows, selection.columns)[axis], session.size_of(selection.pane)[axis]
    if selection.pane == "kernel" and size + len(lines) > LARGEST_KERNEL[session.rank]:
        text = f"A kernel has at most {LARGEST_KERNEL[session.rank]:,} {LINES[axis]}s"
        return show_message(session, Message(text))
    array, _ = array_of(session, selection.pane)
    place = lines.stop if after else lines.start
    larger = np.insert(array, [place] * len(lines), 0, axis=array.ndim - 2 + axis)
    name = f"Insert {_counted(len(lines), axis)} into {selection.pane}"
    made = with_array(session, selection.pane, larger, name)
    new = range(place, place + len(lines))
    return _select(made, selection.pane, *_along(selection, axis, new))


@_of_selection
def delete(session: Session, selection: Selection, axis: int) -> Session:
    """Take the selected rows (axis 0) or columns (axis 1) out of all channels; one must stay."""
    if selection.pane in FIXED:
        return show_message(session, Message(FIXED[selection.pane]))
    lines, size = (selection.rows, selection.columns)[axis], session.size_of(selection.pane)[axis]
    if len(lines) == size:
        text = f"One {LINES[axis]} of the {selection.pane} must stay"
        return show_message(session, Message(text))
    array, _ = array_of(session, selection.pane)
    smaller = np.delete(array, lines, axis=array.ndim - 2 + axis)
    name = f"Delete {_counted(len(lines), axis)} of {selection.pane}"
    made = with_array(session, selection.pane, smaller, name)
    last = min(lines.start, size - len(lines) - 1)
    return _select(made, selection.pane, *_along(selection, axis, range(last, last + 1)))


def _along(selection: Selection, axis: int, lines: range) -> tuple[range, range]:
    return (lines, selection.columns) if axis == 0 else (selection.rows, lines)


# Fills


def fillable(session: Session) -> str:
    """Return why nothing can be filled, "" where cells can: without a selection, the input's."""
    return refusal(_with_selection(session))


def _with_selection(session: Session) -> Session:
    return (
        session if session.selection else replace(session, selection=one_selected("input", ORIGIN))
    )


def fill_by(session: Session, name: str) -> Session:
    """Fill what is selected as one of FILLS says; all of the grid where that is one cell or none.

    Random numbers are the same after the same number of changes.
    """
    filled = _fill_by(_with_selection(session), name)
    return filled if session.selection else replace(filled, selection=None)


@_of_selection
def _fill_by(session: Session, selection: Selection, name: str) -> Session:
    size = session.size_of(selection.pane)
    if selection.shape == (1, 1):
        selection = all_between(selection.pane, *map(range, size))
    made, (rows, columns) = FILLS[name], selection.shape
    if made.turns and rows != columns:
        return _turned(session, selection, name)
    numbers = cells_of(session, selection).astype(np.float64)
    with np.errstate(all="ignore"):
        values = made.function(numbers, len(session.history.past))
    block = Block(selection.pane, selection.corner, values)
    return _write(session, block, f"{made.title}: {_cells_text(selection)}")


def _turned(session: Session, selection: Selection, name: str) -> Session:
    """Turn a whole grid that is no square: in all channels, so that they keep one size."""
    if session.rank == 1:
        return show_message(session, Message("A signal has one row: it cannot be turned by 90°"))
    if selection.shape != session.size_of(selection.pane):
        text = f"{times(selection.shape)} cells cannot be turned in place: select a square, or all"
        return show_message(session, Message(text))
    array, _ = array_of(session, selection.pane)
    title = f"{FILLS[name].title}: {selection.pane}"
    return with_array(session, selection.pane, FILLS[name].function(array, 0), title)


@_of_selection
def continue_series(session: Session, selection: Selection, axis: int) -> Session:
    """Let the first two selected rows (axis 0) or columns (axis 1) go on through the others.

    Their numbers go on in equal steps, as by the fill handle.
    """
    lines = (selection.rows, selection.columns)[axis]
    if len(lines) < SERIES_FROM:
        text = f"Select three {LINES[axis]}s or more: the first two begin the series"
        return show_message(session, Message(text))
    first = cells_of(session, selection)[_along_axis(axis, slice(2))]
    with np.errstate(all="ignore"):
        values = continued(first, len(lines), axis)
    name = f"Series of {_cells_text(selection)} {('down', 'right')[axis]}"
    return _write(session, Block(selection.pane, selection.corner, values), name)


def _along_axis(axis: int, part: slice) -> tuple[slice, slice]:
    return (part, slice(None)) if axis == 0 else (slice(None), part)

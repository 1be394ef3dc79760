"""Painting on the cells of input and kernel: tools as a table, strokes as pure functions.

A stroke changes the document with every move; all of it is one step for undo.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.engine.padding import Array
from convviz.engine.settings import frozen_array
from convviz.model import transitions
from convviz.model.cell_changes import array_of, read_only, with_array
from convviz.model.changes import changed, give_up, set_layer
from convviz.model.document import Document
from convviz.model.learn_changes import with_learnt
from convviz.model.learning import GRIDS
from convviz.model.repainting import Box, follow, follows
from convviz.model.session import Cell, Message, PaneName, Session, Stroke, Target
from convviz.model.transitions import show_message

LARGEST_BRUSH = 5  # cells a side
JOINED = "stroke"

Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Shape:
    """Cells of a grid: those of a block whose first one is `corner`, where `mask` is True."""

    corner: Cell
    mask: Mask

    @property
    def box(self) -> Box:
        """Rows and columns of the block."""
        (row, column), (rows, columns) = self.corner, self.mask.shape
        return range(row, row + rows), range(column, column + columns)

    def inside(self, size: Cell) -> "Shape":
        """Return what of it lies in a grid of `size` rows and columns."""
        parts = [
            slice(max(-first, 0), max(end - first, 0))
            for first, end in zip(self.corner, size, strict=True)
        ]
        row, column = (max(first, 0) for first in self.corner)
        return Shape((row, column), self.mask[parts[0], parts[1]])

    def cells(self) -> list[Cell]:
        """Return its cells, row by row."""
        row, column = self.corner
        return [(row + r, column + c) for r, c in np.argwhere(self.mask).tolist()]


def brush_cells(cell: Cell, size: int) -> Shape:
    """Return the square of `size` x `size` cells around `cell`.

    >>> brush_cells((4, 4), 2).cells()
    [(4, 4), (4, 5), (5, 4), (5, 5)]
    """
    before = (size - 1) // 2
    return Shape((cell[0] - before, cell[1] - before), np.ones((size, size), bool))


def line_cells(start: Cell, end: Cell, size: int = 1) -> Shape:
    """Return the cells of a straight line without gaps, as Bresenham's, drawn by a square brush.

    >>> line_cells((0, 0), (1, 3)).cells()
    [(0, 0), (0, 1), (1, 2), (1, 3)]
    """
    corner = min(start[0], end[0]), min(start[1], end[1])
    down, right = end[0] - start[0], end[1] - start[1]
    count = max(abs(down), abs(right), 1)
    along = np.arange(count + 1)
    rows = start[0] - corner[0] + (2 * along * down + count) // (2 * count)
    columns = start[1] - corner[1] + (2 * along * right + count) // (2 * count)
    mask = np.zeros((abs(down) + size, abs(right) + size), bool)
    for r, c in np.ndindex(size, size):
        mask[rows + r, columns + c] = True
    before = (size - 1) // 2
    return Shape((corner[0] - before, corner[1] - before), mask)


def box_cells(start: Cell, end: Cell, _size: int = 1) -> Shape:
    """Return every cell of the rectangle between two corners."""
    corner = min(start[0], end[0]), min(start[1], end[1])
    size = abs(end[0] - start[0]) + 1, abs(end[1] - start[1]) + 1
    return Shape(corner, np.ones(size, bool))


def frame_cells(start: Cell, end: Cell, size: int = 1) -> Shape:
    """Return the sides of the rectangle between two corners, `size` cells thick, inwards.

    >>> frame_cells((0, 0), (2, 2)).mask.astype(int)
    array([[1, 1, 1],
           [1, 0, 1],
           [1, 1, 1]])
    """
    whole = box_cells(start, end)
    whole.mask[size:-size, size:-size] = False
    return whole


def flood_cells(values: Array, cell: Cell) -> Shape:
    """Return the cells that hang together with `cell`, side by side, and hold the same number.

    >>> flood_cells(np.array([[1, 0], [0, 1], [1, 1]]), (1, 1)).cells()
    [(1, 1), (2, 0), (2, 1)]
    """
    from scipy.ndimage import label  # takes 0.2 s to load: at the first fill

    areas, _ = label(values == values[cell])
    flooded: Mask = areas == areas[cell]
    rows, columns = (np.flatnonzero(flooded.any(axis)) for axis in (1, 0))
    block = flooded[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Shape((int(rows[0]), int(columns[0])), block)


@dataclass(frozen=True)
class Tool:
    """A tool by name; `shape` makes its cells from (start, end, size).

    What is `dragged` is drawn anew from its start with each move; else each move adds to it. Of
    what is `wide` the size can be chosen.
    """

    name: str
    title: str
    summary: str
    shape: Callable[[Cell, Cell, int], Shape] | None = None
    dragged: bool = False
    wide: bool = False


TOOLS = {
    tool.name: tool
    for tool in (
        Tool("select", "Arrow", "Select cells and look at steps: nothing is painted"),
        Tool("pencil", "Pencil", "Paint a number into cells", line_cells, wide=True),
        Tool("eraser", "Eraser", "Paint 0 into cells", line_cells, wide=True),
        Tool("line", "Line", "Draw a straight line", line_cells, dragged=True, wide=True),
        Tool(
            "rectangle",
            "Rectangle",
            "Draw the sides of a rectangle",
            frame_cells,
            dragged=True,
            wide=True,
        ),
        Tool("box", "Filled rectangle", "Fill a rectangle", box_cells, dragged=True),
        Tool("fill", "Fill", "Fill all cells with the same number that hang together"),
        Tool("pick", "Eyedropper", "Take the number of a cell to paint with"),
    )
}


# Choosing


def _with_brush(session: Session, **changes: Any) -> Session:  # noqa: ANN401
    brush = replace(session.view.brush, **changes)
    return replace(session, view=replace(session.view, brush=brush))


def choose_tool(session: Session, name: str) -> Session:
    """Let drags do what one of TOOLS does; what is pinned is let go while it paints."""
    chosen = _with_brush(cancel(session), tool=name)
    return chosen if name == "select" else transitions.unpin(chosen)


def put_down(session: Session) -> Session:
    """Take the arrow, with what has been painted so far."""
    return _with_brush(finish(session), tool="select") if session.paints else session


def set_value(session: Session, value: float) -> Session:
    """Paint with `value`."""
    return _with_brush(session, value=value)


def set_size(session: Session, size: int) -> Session:
    """Paint `size` x `size` cells at once, at most 5 x 5."""
    return _with_brush(session, size=min(max(size, 1), LARGEST_BRUSH))


def grow_brush(session: Session, by: int) -> Session:
    """Paint by so many cells more a side."""
    return set_size(session, session.view.brush.size + by)


def value_of(session: Session) -> float:
    """Return the number to paint with: the one chosen, else the largest of the image, or 1."""
    value = session.view.brush.value
    return _brightest(session.document) if value is None else value


@lru_cache(maxsize=1)
def _brightest(document: Document) -> float:
    return float(document.image.max(initial=0)) or 1.0


def pick(session: Session, pane: PaneName, cell: Cell) -> Session:
    """Take the number of a cell to paint with; an eyedropper gives way to the pencil."""
    rows, columns = session.size_of(pane)
    if read_only(session, pane) or not (0 <= cell[0] < rows and 0 <= cell[1] < columns):
        return session
    array, place = array_of(session, pane)
    picked = set_value(session, float(np.atleast_2d(array[place])[cell]))
    return choose_tool(picked, "pencil") if session.view.brush.tool == "pick" else picked


# Painting


def begin(session: Session, pane: PaneName, cell: Cell) -> Session:
    """Put the chosen tool down on a cell; one beside the grid paints once it comes in."""
    tool, session = TOOLS[session.view.brush.tool], give_up(cancel(session))
    if reason := read_only(session, pane):
        return show_message(session, Message(reason[:1].upper() + reason[1:]))
    if tool.name == "pick":
        return pick(session, pane, cell)
    if tool.name == "fill":
        return _flood(session, pane, cell)
    session = set_value(session, value_of(session))
    stroke = Stroke(
        pane,
        session.layer,
        array_of(session, pane)[1],
        tool.name,
        cell,
        cell,
        session.document,
        session.history,
    )
    closed = replace(session, stroke=stroke, history=session.history.closed())
    return _painted(_with_cursor(closed, pane, cell), stroke, cell)


def move(session: Session, cell: Cell) -> Session:
    """Paint on to another cell; in another layer the stroke has come to its end."""
    stroke = session.stroke
    if stroke is None or cell == stroke.end:
        return session
    if session.layer != stroke.layer:
        return finish(session)
    return _painted(session, stroke, cell)


def finish(session: Session) -> Session:
    """Lift the tool: what was painted is one step for undo.

    The map, which followed in parts, is then computed as a whole.
    """
    if session.stroke is None:
        return session
    stroke = session.stroke
    done = replace(session, stroke=None, history=session.history.closed())
    done = _with_cursor(done, stroke.pane, stroke.end)
    if done.document is stroke.before or not follows(done.document):
        return done
    return replace(done, document=replace(done.document))


def _with_cursor(session: Session, pane: PaneName, cell: Cell) -> Session:
    """Put the cell cursor where the tool is, so that keys go on from there."""
    return transitions.select(session, Target(pane, cell))


def cancel(session: Session) -> Session:
    """Take back what the stroke has painted so far."""
    stroke = session.stroke
    if stroke is None:
        return session
    return replace(session, stroke=None, document=stroke.before, history=stroke.history)


def press(session: Session) -> Session:
    """Do at the cell cursor what the mouse does: paint there, or begin a shape, or end it."""
    selection = session.selection
    if selection is None or not session.paints:
        return session
    if session.stroke is not None:
        return finish(move(session, selection.cursor))
    begun = begin(session, selection.pane, selection.cursor)
    return begun if TOOLS[session.view.brush.tool].dragged else finish(begun)


def step(session: Session, down: int, right: int) -> Session:
    """Move the cell cursor; a line or rectangle that was begun follows it."""
    moved = transitions.hover(transitions.step(session, down, right), None)
    return move(moved, moved.selection.cursor) if moved.selection else moved


def escape(session: Session) -> Session:
    """Leave, one after the other: the stroke, the message, the tool, then what else there is."""
    if session.stroke:
        return cancel(session)
    if session.message is None and session.paints:
        return choose_tool(session, "select")
    return transitions.escape(session)


def brush_shape(session: Session, pane: PaneName) -> Shape | None:
    """Return the cells that the tool would paint where the mouse or the cell cursor is."""
    cell = _brush_at(session, pane)
    if cell is None or not session.paints or read_only(session, pane):
        return None
    tool, size = TOOLS[session.view.brush.tool], session.view.brush.size
    return brush_cells(cell, size if tool.wide else 1).inside(session.size_of(pane))


def _brush_at(session: Session, pane: PaneName) -> Cell | None:
    stroke, hover, selection = session.stroke, session.hover, session.selection
    if stroke:
        return stroke.end if stroke.pane == pane else None
    if hover:
        return hover.cell if hover.pane == pane else None
    return selection.cursor if selection and selection.pane == pane else None


def _painted(session: Session, stroke: Stroke, cell: Cell) -> Session:
    """Change the document as the stroke does when it comes to `cell`."""
    tool, size = TOOLS[stroke.tool], session.view.brush.size
    assert tool.shape is not None
    value = 0.0 if tool.name == "eraser" else value_of(session)
    numbers = _taking(array_of(session, stroke.pane)[0], value)
    plane = np.atleast_2d(numbers[stroke.place])
    grid = plane.shape[0], plane.shape[1]
    shape = tool.shape(stroke.start if tool.dragged else stroke.end, cell, size).inside(grid)
    box = shape.box
    if tool.dragged:
        last = tool.shape(stroke.start, stroke.end, size).inside(grid).box
        whole = array_of(replace(session, document=stroke.before), stroke.pane)[0]
        plane[_slices(last)] = np.atleast_2d(whole[stroke.place])[_slices(last)]
        box = _around(last, box)
    plane[_slices(shape.box)][shape.mask] = value
    painted = _with_numbers(session, stroke, numbers, box)
    return replace(painted, stroke=replace(stroke, end=cell))


def _taking(array: Array, value: float) -> Array:
    """Return a copy of `array` that can hold `value`."""
    with np.errstate(over="ignore"):
        fits = bool(np.isfinite(array.dtype.type(value)))
    return np.array(array, dtype=array.dtype if fits else np.float64)


def _with_numbers(session: Session, stroke: Stroke, numbers: Array, box: Box) -> Session:
    """Show the numbers, which differ in `box` at most; the stroke stays one step for undo."""
    numbers.flags.writeable = False
    name, before = TOOLS[stroke.tool].title, session.document
    if stroke.pane == "kernel":
        painted = set_layer(session, name, JOINED, weight=frozen_array(numbers))
    elif stroke.pane in GRIDS:
        painted = with_learnt(session, stroke.pane, numbers, name, JOINED)
    else:
        document = replace(before, image=frozen_array(numbers))
        painted = changed(session, document, name, JOINED)
        if painted.document is document:
            follow(before, document, stroke.layer, stroke.place[0], box)
    if painted.attempt is None:
        return painted
    return show_message(session, Message("The numbers would become too large", "error"))


def _flood(session: Session, pane: PaneName, cell: Cell) -> Session:
    rows, columns = session.size_of(pane)
    if not (0 <= cell[0] < rows and 0 <= cell[1] < columns):
        return session
    value, (array, place) = value_of(session), array_of(session, pane)
    numbers = _taking(array, value)
    plane = np.atleast_2d(numbers[place])
    shape = flood_cells(plane, cell)
    plane[_slices(shape.box)][shape.mask] = value
    return with_array(set_value(session, value), pane, numbers, TOOLS["fill"].title)


def _slices(box: Box) -> tuple[slice, slice]:
    rows, columns = box
    return slice(rows.start, rows.stop), slice(columns.start, columns.stop)


def _around(one: Box, other: Box) -> Box:
    """Return the smallest block with both; an empty one takes no part."""
    if not all(one) or not all(other):
        return other if all(other) else one
    rows, columns = (
        range(min(a.start, b.start), max(a.stop, b.stop)) for a, b in zip(one, other, strict=True)
    )
    return rows, columns

"""Scene: all that is shown of a session, derived by one pure function."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from convviz.engine.geometry import Axis
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Activation, Conv
from convviz.engine.padding import Array
from convviz.engine.trace import Trace, cells_of_weight, trace_padded, uses
from convviz.model.document import Computation, Document, compute, kernel_preset, kernel_title
from convviz.model.equation import (
    Equation,
    Line,
    equation,
    place_text,
    sentence,
    size_formula,
    size_notes,
)
from convviz.model.numbers import NOISE, equals_text, number_text, signed
from convviz.model.session import FITTED, Cell, PaneName, Playhead, Session, Target, Zoom


@dataclass(frozen=True)
class Scale:
    """Which value has which colour: "grey" from low to high, or "signed" around 0."""

    kind: Literal["grey", "signed"]
    low: float
    high: float


def scale_of(values: Array, *, signed: bool | None = None, limit: float | None = None) -> Scale:
    """Return grey from 0 for unsigned values, else a scale centred on 0.

    >>> scale_of(np.array([0, 4])), scale_of(np.array([-2, 1]))
    (Scale(kind='grey', low=0.0, high=4.0), Scale(kind='signed', low=-2.0, high=2.0))
    """
    low, high = float(values.min()), float(values.max())
    if signed is None:
        signed = low < 0
    largest = (max(-low, high) if limit is None else limit) or 1.0
    return Scale("signed" if signed else "grey", -largest if signed else 0.0, largest)


@dataclass(frozen=True, eq=False)
class Cells:
    """What of a grid stays while the playhead moves; painters cache by its identity.

    `values` (rows, columns) includes padding: `padding` cells (before, after) per axis, and
    `unread` cells at the end of each axis that no window reaches.
    """

    values: Array
    scale: Scale
    padding: tuple[tuple[int, int], tuple[int, int]] = ((0, 0), (0, 0))
    unread: tuple[int, int] = (0, 0)

    @property
    def shape(self) -> Cell:
        """Rows and columns, padding included."""
        return self.values.shape[0], self.values.shape[1]


@dataclass(frozen=True)
class CellSet:
    """Every cell whose row is among `rows` and whose column is among `columns`."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class GridScene:
    """One grid: its cells, how many of them are known, and what is marked in it.

    `revealed` counts the cells in raster order that are shown; the others are dots. `window` is
    outlined, `lit` cells are marked, `current` is the cell of the present step, `selected` the
    cell cursor. Places include the padding.
    """

    pane: PaneName
    title: str
    detail: str
    cells: Cells
    revealed: int | None = None
    window: CellSet | None = None
    lit: CellSet | None = None
    current: Cell | None = None
    pending: bool = False
    selected: Cell | None = None
    zoom: Zoom = FITTED


@dataclass(frozen=True, eq=False)
class KernelScene:
    """The kernel as set, the kernel as it slides where that differs, and what its sum tells."""

    grid: GridScene
    flipped: GridScene | None
    facts: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class DotProductScene:
    """The dot product of the present step: window ⊙ kernel = products, and the equation."""

    title: str
    detail: str
    name: str
    window: GridScene
    weight: GridScene
    products: GridScene
    equation: Equation


@dataclass(frozen=True, eq=False)
class SizeScene:
    """The output size with its numbers, and what it costs."""

    lines: tuple[Line, ...]
    result: str
    notes: tuple[str, ...]
    cost: str


@dataclass(frozen=True, eq=False)
class Scene:
    """All that is shown."""

    title: str
    caption: str
    input: GridScene
    kernel: KernelScene
    output: GridScene
    dot: DotProductScene
    size: SizeScene
    step: int
    step_count: int
    place: str
    sentence: str
    status: str


@dataclass(frozen=True, eq=False)
class _Still:
    """What stays while the playhead moves."""

    computation: Computation
    axes: tuple[Axis, Axis]
    input: Cells
    kernel: Cells
    applied: Cells
    output: Cells
    products: Scale
    facts: tuple[str, ...]
    size: SizeScene
    title: str
    caption: str


def derive_scene(session: Session) -> Scene:
    """Return what `session` shows."""
    still = _still(session.document, session.layer, session.channel)
    conv, rank = session.conv, session.conv.rank
    cursor = session.cursor
    cell = session.cell_at(cursor.step)
    found = trace_padded(
        conv,
        still.computation.padded,
        still.computation.image.shape,
        cell[2 - rank :],
        session.channel,
    )
    activation = session.document.activation(session.layer)
    place = place_text(cell, rank)
    return Scene(
        title=still.title,
        caption=still.caption,
        input=_input_grid(session, still, cell),
        kernel=_kernel_scene(session, still),
        output=_output_grid(session, still, cell),
        dot=_dot_product(session, still, found, activation, place),
        size=still.size,
        step=cursor.step,
        step_count=session.step_count,
        place=place,
        sentence=sentence(found, activation, place),
        status=_status(session, still),
    )


@lru_cache(maxsize=2)
def _still(document: Document, layer: int, channel: int) -> _Still:
    conv, computation = document.conv(layer), compute(document, layer)
    axes = _two(conv.axes(computation.image.shape[1:]), Axis(1, 1))
    rows, columns = axes
    kernel, applied = conv.weight[channel, 0], conv.applied_weight()[channel, 0]
    scale, preset = scale_of(kernel, signed=True), kernel_preset(conv)
    largest = scale.high * float(np.abs(computation.padded).max(initial=0))
    return _Still(
        computation=computation,
        axes=axes,
        input=Cells(
            _plane(computation.padded[0]),
            scale_of(computation.padded),
            ((rows.before, rows.after), (columns.before, columns.after)),
            (rows.unread, columns.unread),
        ),
        kernel=Cells(_plane(kernel), scale),
        applied=Cells(_plane(applied), scale),
        output=Cells(_plane(computation.maps[channel]), scale_of(computation.maps)),
        products=scale_of(kernel, signed=True, limit=largest),
        facts=kernel_facts(kernel),
        size=_size_scene(conv, computation),
        title=f"{document.image_title} {'∗' if conv.flip else '⋆'} {kernel_title(conv)}",
        caption=KERNELS[preset].summary if preset else "",
    )


def _two(axes: tuple[Axis, ...], first: Axis) -> tuple[Axis, Axis]:
    return (first, axes[0]) if len(axes) == 1 else (axes[0], axes[1])


def _plane(array: Array) -> Array:
    """Show a signal as a grid of one row."""
    return array if array.ndim == 2 else array[None]


def kernel_facts(kernel: Array) -> tuple[str, ...]:
    """Return the sum of the weights, and what it does to flat areas.

    >>> kernel_facts(np.array([[1.0, -1.0]]))
    ('Σ weights = 0', 'flat areas vanish')
    """
    total, noise = float(kernel.sum()), NOISE * float(np.abs(kernel).sum())
    text = f"Σ weights {equals_text(0.0 if abs(total) <= noise else total)}"
    if abs(total) <= noise:
        return text, "flat areas vanish"
    if abs(total - 1) <= noise:
        return text, "flat areas stay"
    return text, f"flat areas × {signed(number_text(total))}"


def _size_scene(conv: Conv, computation: Computation) -> SizeScene:
    axes = conv.axes(computation.image.shape[1:])
    size = " × ".join(str(axis.out) for axis in axes)
    steps, products = int(computation.maps[0].size), int(conv.weight[0].size)
    each = "product" if products == 1 else "products"
    return SizeScene(
        lines=size_formula(axes),
        result=f"= {axes[0].out}   feature map {size}"
        if len(set(axes)) == 1
        else f"feature map {size}",
        notes=size_notes(axes),
        cost=f"{steps:,} {'step' if steps == 1 else 'steps'} · {products:,} {each} each",
    )


def _zoom(session: Session, pane: str) -> Zoom:
    return session.view.zooms.get(pane, FITTED)


def _input_grid(session: Session, still: _Still, cell: Cell) -> GridScene:
    rows, columns = still.axes
    lit = _lit_term_place(session, still, cell)
    target, selection = session.target, session.selection
    if target and target.pane == "kernel":
        places = cells_of_weight(
            session.conv, still.computation.image.shape, _applied(session, target)
        )
        lit = CellSet(*((0,), *places)[-2:])
    elif target and target.pane == "input":
        lit = _one(_padded(still, target.cell))
    return GridScene(
        pane="input",
        title="Input",
        detail=_input_detail(still),
        cells=still.input,
        window=CellSet(rows.reads(cell[0]), columns.reads(cell[1])),
        lit=lit,
        selected=_padded(still, selection.cell)
        if selection and selection.pane == "input"
        else None,
        zoom=_zoom(session, "input"),
    )


def _input_detail(still: _Still) -> str:
    rows, columns = still.axes
    size = f"{rows.size} × {columns.size}"
    if not any((rows.before, rows.after, columns.before, columns.after)):
        return size
    if len({rows.before, rows.after, columns.before, columns.after}) == 1:
        return f"{size}  +{rows.before} padding"
    sides = (rows.before, rows.after, columns.before, columns.after)
    marks = (f"{mark}{cells}" for mark, cells in zip("↑↓←→", sides, strict=True) if cells)
    return f"{size}  +{' '.join(marks)} padding"


def _one(cell: Cell) -> CellSet:
    return CellSet((cell[0],), (cell[1],))


def _padded(still: _Still, cell: Cell) -> Cell:
    """Return the place of an image cell in the padded input."""
    rows, columns = still.axes
    return cell[0] + rows.before, cell[1] + columns.before


def _applied(session: Session, target: Target) -> tuple[int, ...]:
    """Return where the weight in the kernel as set stands in the kernel as it slides."""
    conv = session.conv
    offset = target.cell[2 - conv.rank :]
    if not conv.flip:
        return offset
    return tuple(size - 1 - place for size, place in zip(conv.kernel_size, offset, strict=True))


def _lit_term(session: Session) -> int | None:
    """Return the term that is being formed, or that the mouse is on in the dot product."""
    target = session.target
    if target and target.pane in ("window", "weight", "products"):
        return target.cell[0] * int(session.conv.kernel_size[-1]) + target.cell[1]
    term = session.cursor.term
    return term if term is not None and term < session.term_count else None


def _term_cell(session: Session, term: int) -> Cell:
    row, column = divmod(term, int(session.conv.kernel_size[-1]))
    return row, column


def _lit_term_place(session: Session, still: _Still, cell: Cell) -> CellSet | None:
    term = _lit_term(session)
    if term is None:
        return None
    row, column = _term_cell(session, term)
    rows, columns = still.axes
    return _one((rows.reads(cell[0])[row], columns.reads(cell[1])[column]))


def _kernel_scene(session: Session, still: _Still) -> KernelScene:
    conv, term, selection = session.conv, _lit_term(session), session.selection
    rows, columns = still.kernel.shape
    lit = None
    if term is not None:
        row, column = _term_cell(session, term)
        lit = _one((rows - 1 - row, columns - 1 - column) if conv.flip else (row, column))
    elif session.target and session.target.pane == "kernel":
        lit = _one(session.target.cell)
    grid = GridScene(
        pane="kernel",
        title="Kernel",
        detail=f"{rows} × {columns}",
        cells=still.kernel,
        lit=lit,
        selected=selection.cell if selection and selection.pane == "kernel" else None,
        zoom=_zoom(session, "kernel"),
    )
    flipped = None
    if conv.flip:
        symmetric = np.array_equal(still.kernel.values, still.applied.values)
        caption = "flipped: the same" if symmetric else "flipped as it slides"
        flipped = GridScene("weight", caption, "", still.applied, lit=_turned(lit, still.kernel))
    return KernelScene(grid, flipped, still.facts)


def _turned(lit: CellSet | None, cells: Cells) -> CellSet | None:
    """Return the lit weights where they stand in the kernel turned by 180°."""
    if lit is None:
        return None
    rows, columns = cells.shape
    return CellSet(
        tuple(rows - 1 - row for row in lit.rows),
        tuple(columns - 1 - column for column in lit.columns),
    )


def _output_grid(session: Session, still: _Still, cell: Cell) -> GridScene:
    target, whole, head = session.target, session.view.whole_map, session.playhead
    lit = None
    if target and target.pane == "input":
        found = uses(
            session.conv, still.computation.image.shape, target.cell[2 - session.conv.rank :]
        )
        lit = CellSet(*((0,), *found.outputs)[-2:])
    return GridScene(
        pane="output",
        title="Feature map",
        detail=" × ".join(map(str, still.output.shape)),
        cells=still.output,
        revealed=None if whole else head.step + (not _unfinished(session, head)),
        lit=lit,
        current=cell,
        pending=_unfinished(session, session.cursor),
        zoom=_zoom(session, "output"),
    )


def _unfinished(session: Session, head: Playhead) -> bool:
    return head.term is not None and head.term < session.stage_count - 1


def _dot_product(
    session: Session, still: _Still, found: Trace, activation: Activation, place: str
) -> DotProductScene:
    term, lit = session.cursor.term, _lit_term(session)
    mark = None if lit is None else _one(_term_cell(session, lit))
    formed = None if term is None else min(term + 1, session.term_count)

    def grid(pane: PaneName, title: str, cells: Cells, revealed: int | None = None) -> GridScene:
        return GridScene(pane, title, "", cells, revealed=revealed, lit=mark)

    step = f"step {session.cursor.step + 1:,} of {session.step_count:,}"
    formed_of = "" if term is None else f" · product {formed} of {session.term_count}"
    return DotProductScene(
        title=f"Dot product at {place}",
        detail=step + formed_of,
        name=still.title,
        window=grid("window", "window", Cells(_plane(found.window[0]), still.input.scale)),
        weight=grid("weight", "kernel (flipped)" if session.conv.flip else "kernel", still.applied),
        products=grid(
            "products", "products", Cells(_plane(found.products[0]), still.products), formed
        ),
        equation=equation(found, activation, term, place),
    )


def _status(session: Session, still: _Still) -> str:
    """Return what is under the mouse, or pinned: place, value, and what it takes part in."""
    target, rank = session.target, session.conv.rank
    if target is None:
        return ""
    place = place_text(target.cell, rank)
    pinned = " · pinned" if session.pin else ""
    if target.pane == "input":
        value = still.input.values[_padded(still, target.cell)]
        count = uses(session.conv, still.computation.image.shape, target.cell[2 - rank :]).count
        times = "once" if count == 1 else f"{count} times"
        return f"input {place} {equals_text(value)}, used {times}{pinned}"
    if target.pane == "kernel":
        value = still.kernel.values[target.cell]
        cells = f"{session.step_count:,} {'cell' if session.step_count == 1 else 'cells'}"
        return f"weight {place} {equals_text(value)}, multiplies {cells}{pinned}"
    if target.pane == "output":
        value = still.output.values[target.cell]
        return f"feature map {place} {equals_text(value)}{pinned}"
    return f"{target.pane} {place}{pinned}"

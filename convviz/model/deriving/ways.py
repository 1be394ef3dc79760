"""The same sum three ways: a table of products, shifted copies, a matrix times a vector."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from convviz.engine.geometry import Axis
from convviz.engine.padding import Array
from convviz.model.deriving.step import Step
from convviz.model.deriving.still import still_kernel, still_layer
from convviz.model.document import Document, compute_shown
from convviz.model.numbers import NumberFormat, number_text, signed
from convviz.model.scene import Cells, GridScene, scale_of
from convviz.model.session import Cell
from convviz.model.signals import MOST_TAPS, Mask, WaysScene

MOST = MOST_TAPS  # cells a side
CAPTIONS = {
    "slide": "Every product once: those of one diagonal add up to one output value.",
    "copies": "Each sample brings a copy of b, as large as itself: the columns add up.",
    "matrix": "Each row holds b, one place further: row times column is one output value.",
}


@dataclass(frozen=True, eq=False)
class StillWays:
    """What of a table stays while the playhead moves over its `page` of output values.

    `places` are the padded samples that have a column or row of their own, by their number in it.
    """

    page: range
    places: dict[int, int]
    table: Cells
    blank: Mask | None
    samples: Cells
    sums: Cells
    rows: tuple[str, ...]
    columns: tuple[str, ...]


def ways_scene(step: Step, axis: Axis) -> WaysScene | None:
    """Return the present sum in the way that is chosen; None where no table has the room."""
    session, at = step.session, step.cell[1]
    if session.conv is None or axis.span > MOST:
        return None
    way = session.view.way
    still = _still_ways(
        *(session.document, session.layer, step.channel, step.source, way),
        *(_page(at, axis), step.number - at * axis.stride, session.view.numbered_from),
        session.view.numbers,
    )
    reads = list(enumerate(axis.reads(at)))
    taps = {n: _cell(still, way, at, place, n, axis, flip=session.conv.flip) for n, place in reads}
    lit = tuple(cell for cell in taps.values() if cell)
    term = None if step.lit_term is None else taps.get(step.lit_term)
    revealed = None if session.view.whole_map else max(at + 1 - still.page.start, 0)
    pending = step.term is not None and step.term < session.stage_count - 1
    return WaysScene(
        way=way,
        table=GridScene("weight", "", "", still.table),
        rows=still.rows,
        columns=still.columns,
        lit=lit,
        term=term,
        blank=still.blank,
        beside=GridScene("window", "", "", still.samples) if way == "matrix" else None,
        sums=GridScene(
            *("output", "", "", still.sums),
            revealed=revealed if revealed is None or not pending else revealed - 1,
            current=(at - still.page.start, 0) if way == "matrix" else (0, at - still.page.start),
            pending=pending,
        ),
        caption=CAPTIONS[way],
    )


def _page(at: int, axis: Axis) -> range:
    """Return the output values of the table that has the one at `at`.

    >>> _page(60, Axis(size=202, kernel=3))
    range(35, 81)
    """
    most = (MOST - axis.span) // axis.stride + 1
    if axis.out <= most:
        return range(axis.out)
    half = max(most // 2, 1)
    start = min(max(at // half * half - half // 2, 0), axis.out - most)
    return range(start, start + most)


def _cell(
    still: StillWays, way: str, at: int, place: int, tap: int, axis: Axis, *, flip: bool
) -> Cell | None:
    """Return the cell of the table in which a product stands, None where it has none."""
    number = still.places.get(place)
    if number is None:
        return None
    if way == "slide":
        return axis.kernel - 1 - tap if flip else tap, number
    row = at - still.page.start
    return (number, row) if way == "copies" else (row, number)


@lru_cache(maxsize=16)
def _still_ways(
    document: Document,
    index: int,
    channel: int,
    source: int,
    way: str,
    page: range,
    offset: int,
    first: int,
    style: NumberFormat,
) -> StillWays:
    """Return the table of a page; `offset` + n x stride is what output value n is called."""
    computation, kernel = (
        compute_shown(document, index),
        still_kernel(document, index, channel, source),
    )
    windows, axis = computation.windows, computation.windows.axes[-1]
    samples, weights = windows.cells[source], kernel.applied.values[0]
    reads = np.array([axis.reads(number) for number in page])
    there = np.unique(reads)
    there = there[windows.sources[-1].known[there] | (samples[there] != 0)]
    places = {int(place): number for number, place in enumerate(there)}
    shown = samples[there]
    table, blank = _table(way, shown, kernel.kernel.values[0], weights, reads, places)
    image = still_layer(document, index, use_counts=False, stamping=False)
    sums = image.outputs[channel].values[0, page.start : page.stop]
    tall = way == "matrix"
    names = tuple(_index(number * axis.stride + offset) for number in page)
    samples_named = tuple(_index(int(place) - axis.before + first) for place in there)
    heads = {
        "slide": (_numbers(kernel.kernel.values[0], style), _numbers(shown, style)),
        "copies": (_numbers(shown, style), names),
        "matrix": (names, samples_named),
    }
    scale = kernel.kernel.scale if tall else scale_of(table, signed=True)
    return StillWays(
        *(page, places, Cells(table, scale), blank),
        Cells(shown[:, None], image.scale),
        Cells(sums[:, None] if tall else sums[None], image.outputs[channel].scale),
        *heads[way],
    )


def _table(
    way: str, samples: Array, kernel: Array, weights: Array, reads: Array, places: dict[int, int]
) -> tuple[Array, Mask | None]:
    """Return the numbers of a table, and which of its cells hold none."""
    if way == "slide":
        return np.outer(kernel, samples), None
    table = np.zeros((len(reads), len(samples)))
    blank = np.ones(table.shape, bool)
    for row, places_read in enumerate(reads.tolist()):
        for weight, place in zip(weights, places_read, strict=True):
            if (number := places.get(place)) is not None:
                table[row, number], blank[row, number] = weight, False
    if way == "matrix":
        return table, blank
    return (table * samples).T, blank.T


def _numbers(values: Array, style: NumberFormat) -> tuple[str, ...]:
    return tuple(signed(number_text(float(value), style)) for value in values)


def _index(number: int) -> str:
    return signed(str(number))

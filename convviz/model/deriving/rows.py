"""The input channels of the present step, each with its partial sum."""

import numpy as np

from convviz.engine.trace import ActivationTrace, PoolTrace, Trace
from convviz.model.deriving.step import Step, window_places
from convviz.model.deriving.still import as_plane, one_cell, still_kernel
from convviz.model.equation import Numbers
from convviz.model.layer_equations import pooled
from convviz.model.numbers import number_text, signed
from convviz.model.scene import (
    ROWS,
    Cells,
    ChannelRow,
    GridScene,
)


def channel_rows(step: Step) -> tuple[ChannelRow, ...]:
    """Return the rows of the input channels around the one that is shown."""
    sources = step.session.sources
    first = min(max(step.shown.index - ROWS // 2, 0), max(len(sources) - ROWS, 0))
    return tuple(_row(step, sources[n], n) for n in range(first, min(first + ROWS, len(sources))))


def _row(step: Step, source: int, number: int) -> ChannelRow:
    session, still = step.session, step.still
    lit = source == step.source
    mark = one_cell(step.lit_cell) if lit and step.lit_cell is not None else None
    image = GridScene(
        "input",
        "",
        "",
        still.inputs[source],
        window=None if session.stamping else window_places(step),
        current=still.inputs[source].place(step.cell) if session.stamping else None,
    )
    window, weight = _row_window(step, source), None
    if session.conv is not None:
        kernel = still_kernel(
            session.document, session.layer, step.channel, source, session.view.numbers
        )
        cells = kernel.kernel if session.stamping else kernel.applied
        weight = GridScene("weight", "", "", cells, lit=mark)
    return ChannelRow(
        source=source,
        label=still.names[source],
        image=image,
        window=GridScene("window", "", "", window, lit=mark),
        weight=weight,
        result=_row_result(step, number),
        lit=lit and len(session.sources) > 1,
    )


def _row_window(step: Step, source: int) -> Cells:
    scale = step.still.scale
    at = step.cell[2 - step.session.rank :]
    if step.session.stamping:
        value = float(step.computation.image[(source, *at)])
        return Cells(np.full(step.kernel.kernel.shape, value), scale)
    return Cells(as_plane(step.computation.windows.window(at)[source]), scale)


def _row_result(step: Step, number: int) -> str:
    """Return the partial sum of an input channel, "" while it is not complete."""
    trace, term, style = step.trace, step.term, step.session.view.numbers
    if isinstance(trace, Trace):
        done = term is None or term + 1 >= (number + 1) * step.session.kernel_cells
        return signed(Numbers(style).total(trace.products[number].ravel())) if done else ""
    if isinstance(trace, (PoolTrace, ActivationTrace)):
        done = term is None or term + 1 >= step.session.stage_count
        value = pooled(Numbers(style), trace) if isinstance(trace, PoolTrace) else trace.value
        return signed(number_text(value, style)) if done else ""
    return ""

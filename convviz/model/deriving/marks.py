"""What is selected of a grid, by the places of its cells, and what that adds up to."""

import numpy as np

from convviz.engine.problems import times
from convviz.model.numbers import AUTOMATIC, NumberFormat, equals_text
from convviz.model.painting import brush_shape
from convviz.model.scene import Cells, CellSet, GridScene, Marked
from convviz.model.session import PaneName, Session


def marked(session: Session, pane: PaneName, cells: Cells) -> Marked | None:
    """Return the places of the cells that are selected; None where none of them is to be seen."""
    selection = session.selection
    if selection is None or selection.pane != pane:
        return None
    if session.paints and selection.shape == (1, 1):
        return None  # the brush shows where the cell cursor is
    cursor = cells.place(selection.cursor)
    if cursor is None:
        return None
    return Marked(
        _places(cells, selection.rows, selection.columns),
        cursor,
        _places(cells, *selection.stretched),
    )


def brushed(session: Session, pane: PaneName, cells: Cells) -> CellSet | None:
    """Return the places of the cells that the tool would paint; None where that is elsewhere."""
    shape = brush_shape(session, pane)
    if shape is None or not all(shape.box):
        return None
    found = _places(cells, *shape.box)
    return found if found.rows and found.columns else None


def _places(cells: Cells, rows: range, columns: range) -> CellSet:
    if cells.own is None:
        return CellSet(tuple(rows), tuple(columns))
    found = (
        np.flatnonzero((own >= wanted.start) & (own < wanted.stop)).tolist()
        for own, wanted in zip(cells.own, (rows, columns), strict=True)
    )
    return CellSet(*map(tuple, found))


def selection_text(grids: tuple[GridScene, ...], style: NumberFormat = AUTOMATIC) -> str:
    """Return size, sum and mean of the cells that are selected, "" for one cell or none."""
    found = next((values for grid in grids if (values := grid.selected_values) is not None), None)
    if found is None or found.size < 2:
        return ""
    numbers = found.astype(np.float64)
    with np.errstate(over="ignore"):
        total, mean = float(numbers.sum()), float((numbers / numbers.size).sum())
    added = f"sum {equals_text(total, style)}" if np.isfinite(total) else "a sum that is too large"
    return f"{times(found.shape)} cells selected: {added}, mean {equals_text(mean, style)}"

"""Which cells a number can be written into."""

from convviz.engine.layers import LayerError
from convviz.model.learning import GRIDS
from convviz.model.session import Cell, PaneName, Session

TYPED = ("input", "kernel", "bias", *GRIDS)


def check_cell(session: Session, pane: PaneName, cell: Cell) -> None:
    """Refuse a cell that is not there, or that is computed.

    Raises
    ------
    LayerError
        With the sentence that says why.
    """
    if pane not in TYPED:
        raise LayerError(f"{pane} is computed; numbers can be written into {', '.join(TYPED)}")
    if pane == "input" and session.layer > 0:
        raise LayerError(
            f"layer {session.layer} makes the cells that layer {session.layer + 1} reads: choose "
            "the first layer to write into the image"
        )
    if session.nearest(pane, cell) != tuple(cell):
        rows, columns = session.size_of(pane)
        raise LayerError(
            f"there is no cell {cell[0]}, {cell[1]}: the {pane} has {rows} × {columns} cells, "
            "counted from 0"
        )

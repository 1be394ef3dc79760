"""What an example looks like at a glance: a window and its output cell, or layer after layer."""

from dataclasses import dataclass

import numpy as np

from convviz.engine.layers import Activation
from convviz.model.deriving.still import as_plane
from convviz.model.document import Document, Results
from convviz.model.scene import Cells, CellSet, GridScene, scale_of

MOST_CHANNELS = 4  # of each layer
Stage = tuple[Cells, ...]


@dataclass(frozen=True, eq=False)
class Preview:
    """Input and feature map of a single layer, or the channels after the image and each layer."""

    grids: tuple[GridScene, ...] = ()
    stages: tuple[Stage, ...] = ()


def preview_of(document: Document) -> Preview:
    """Return what an example looks like; nothing of it is kept."""
    channels = max(shape[0] for shape in document.shapes)
    if len(document.layers) == 1 and channels == 1:
        return Preview(grids=_grids(document))
    found = Results(document)
    made = [document.image, *(found.shown(n).sums for n in range(len(document.layers)))]
    shown = [True, *(not isinstance(layer, Activation) for layer in document.layers)]
    stages = []
    for array, is_shown in zip(made, shown, strict=True):
        if is_shown:
            scale = scale_of(array)
            planes = array[:MOST_CHANNELS]
            stages.append(tuple(Cells(as_plane(plane), scale) for plane in planes))
    return Preview(stages=tuple(stages))


def _grids(document: Document) -> tuple[GridScene, ...]:
    """Return the padded input with a window in it, and the feature map with its cell."""
    computation = Results(document).shown(0)
    windows, maps = computation.windows, as_plane(computation.maps[0])
    at = tuple(size // 2 for size in computation.maps.shape[1:])
    pairs = list(zip(windows.axes, at, windows.cells.shape[1:], strict=True))
    read = [tuple(place for place in axis.reads(n) if place < end) for axis, n, end in pairs]
    *above, across = windows.own
    own = (above[0] if above else np.zeros(1, np.intp), across)
    image = Cells(as_plane(windows.cells[0]), scale_of(computation.image), own)
    rows, columns = read if len(read) == 2 else ((0,), read[0])
    row, column = at if len(at) == 2 else (0, at[0])
    return (
        GridScene("input", "", "", image, window=CellSet(rows, columns)),
        GridScene("output", "", "", Cells(maps, scale_of(maps)), current=(row, column)),
    )

"""The kernel as set and as it slides, a pooling window, the curve of an activation."""

from functools import lru_cache

import numpy as np

from convviz.engine.layers import Activation, KernelLayer, Layer, Pool
from convviz.engine.network import apply_layer
from convviz.engine.trace import ActivationTrace
from convviz.model.cell_changes import read_only
from convviz.model.deriving.grids import around
from convviz.model.deriving.marks import brushed, marked
from convviz.model.deriving.step import Step
from convviz.model.deriving.still import MOST_PICTURES, kernel_cells, one_cell, zoom_of
from convviz.model.document import Document, bias_of, convolution
from convviz.model.lately import lately
from convviz.model.scene import (
    NO_THUMBNAILS,
    Cells,
    CellSet,
    CurveScene,
    GridScene,
    KernelScene,
    Thumbnail,
    Thumbnails,
    scale_of,
)
from convviz.model.session import Session


def kernel_scene(step: Step) -> KernelScene:
    session, kernel = step.session, step.kernel
    layer = session.focus
    lit = _kernel_lit(step)
    rows, columns = kernel.kernel.shape
    grid = GridScene(
        pane="kernel",
        title=_kernel_pane_title(layer),
        detail=_kernel_detail(step, rows, columns),
        cells=kernel.kernel,
        lit=lit,
        selected=marked(session, "kernel", kernel.kernel),
        brush=brushed(session, "kernel", kernel.kernel),
        zoom=zoom_of(session, "kernel"),
        read_only=read_only(session, "kernel"),
    )
    return KernelScene(
        grid,
        _flipped(step, lit),
        kernel.facts,
        word=layer.pooling.word if isinstance(layer, Pool) else "",
        curve=_curve(step),
        thumbnails=_kernel_thumbnails(layer, step.still.names, step.channel, step.source),
        turn=session.turn,
        bias=_bias(session),
    )


def _bias(session: Session) -> GridScene | None:
    if not isinstance(session.focus, KernelLayer) or session.output_count == 1:
        return None
    cells = _bias_cells(session.document, session.layer)
    return GridScene(
        pane="bias",
        title="Bias",
        detail="",
        cells=cells,
        current=(0, session.channel),
        selected=marked(session, "bias", cells),
    )


@lately(16)
def _bias_cells(document: Document, index: int) -> Cells:
    layer = document.layers[index]
    assert isinstance(layer, KernelLayer)
    values = bias_of(layer)[None]
    return Cells(values, scale_of(values, signed=True))


def _kernel_pane_title(layer: Layer) -> str:
    match layer:
        case Pool():
            return "Window"
        case Activation():
            return layer.title
        case _:
            return "Kernel"


def _kernel_detail(step: Step, rows: int, columns: int) -> str:
    if isinstance(step.session.focus, Activation):
        return ""
    names = step.still.names
    if step.session.conv is None or (len(names) == 1 and step.session.output_count == 1):
        return f"{rows} × {columns}"
    return f"{names[step.source]} → {step.channel + 1}"


def _kernel_lit(step: Step) -> CellSet | None:
    """Return the weight that is lit in the kernel as set."""
    session, cell = step.session, step.lit_cell
    if cell is not None and session.conv is not None:
        rows, columns = step.kernel.kernel.shape
        turned = session.conv.flip and not session.stamping
        return one_cell((rows - 1 - cell[0], columns - 1 - cell[1]) if turned else cell)
    if cell is not None and isinstance(session.focus, Pool):
        return one_cell(cell)
    if session.target and session.target.pane == "kernel":
        return one_cell(session.target.cell)
    return None


def _flipped(step: Step, lit: CellSet | None) -> GridScene | None:
    conv = step.session.conv
    if conv is None or not conv.flip or step.session.stamping:
        return None
    kernel, applied = step.kernel.kernel, step.kernel.applied
    same = np.array_equal(kernel.values, applied.values)
    caption = "flipped: the same" if same else "flipped as it slides"
    return GridScene("weight", caption, "", applied, lit=_turned(lit, kernel))


def _turned(lit: CellSet | None, cells: Cells) -> CellSet | None:
    """Return the lit weights where they stand in the kernel turned by 180°."""
    if lit is None:
        return None
    rows, columns = cells.shape
    return CellSet(
        tuple(rows - 1 - row for row in lit.rows),
        tuple(columns - 1 - column for column in lit.columns),
    )


def _curve(step: Step) -> CurveScene | None:
    if not isinstance(step.trace, ActivationTrace):
        return None
    activation = step.trace.activation
    largest = min(float(np.abs(step.computation.image).max()), activation.function.curve)
    reach = max(largest, abs(step.trace.cell), 1.0)
    x = np.linspace(-1, 1, 121) * reach
    y = apply_layer(activation, x)
    return CurveScene(x, y, (step.trace.cell, step.trace.value), activation.formula)


@lru_cache(maxsize=16)
def _kernel_thumbnails(
    layer: Layer, names: tuple[str, ...], channel: int, source: int
) -> Thumbnails:
    """Return the kernels of all pairs of output and input channels, row by row."""
    conv = convolution(layer)
    if conv is None or conv.weight.shape[:2] == (1, 1):
        return NO_THUMBNAILS
    columns = int(conv.weight.shape[1])
    rows = around(channel, conv.out_channels, max(MOST_PICTURES // columns, 1))
    return Thumbnails(
        tuple(
            Thumbnail(
                label=f"{names[i]} → {o + 1}",
                cells=kernel_cells(layer, o, i)[0],
                channel=o,
                source=i,
                chosen=(o, i) == (channel, source),
                seen=o == channel,
            )
            for o in rows
            for i in conv.channels_seen(o)
        ),
        columns=columns,
    )

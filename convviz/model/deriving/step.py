"""The present step: its cell, the trace behind it, and what is lit."""

import numpy as np

from convviz.engine.layers import KernelLayer
from convviz.engine.padding import Array
from convviz.engine.trace import AnyTrace, PoolTrace, trace_windows
from convviz.model.deriving.still import StillKernel, StillLayer, cell_set
from convviz.model.document import Computation, bias_of, compute
from convviz.model.equation import (
    Shown,
    place_text,
)
from convviz.model.scene import (
    Cells,
    CellSet,
)
from convviz.model.session import Cell, Playhead, Session


class Step:
    """What the parts of a scene share: the present cell and the trace behind it."""

    def __init__(self, session: Session, still: StillLayer, kernel: StillKernel) -> None:
        self.session, self.still, self.kernel = session, still, kernel
        self.cell = session.cell_at(session.cursor.step)
        self.computation = still.computation
        self.channel, self.source = session.channel, session.shown_source
        self.activation = session.document.activation(session.layer).for_channel(session.channel)
        self.term = session.cursor.term
        self.place = place_text(self.cell, session.rank)
        if session.view.workspace == "signals":
            self.place = f"n = {self.number}"
        self.trace = None if session.stamping else self._traced()

    def _traced(self) -> AnyTrace:
        session = self.session
        at = self.cell[2 - session.rank :]
        return trace_windows(session.focus, self.computation.windows, at, self.channel)

    @property
    def noisy(self) -> bool:
        """Whether rounding noise in the window is shown as 0."""
        exact, shown = self.exact.windows, self.computation.windows
        if exact is shown or self.session.stamping:
            return False
        at, conv = self.cell[2 - self.session.rank :], self.session.conv
        read = range(self.channel, self.channel + 1)
        if conv is not None:
            read = conv.channels_seen(self.channel)
        kept = slice(read.start, read.stop)
        return not np.array_equal(exact.window(at)[kept], shown.window(at)[kept])

    @property
    def exact(self) -> Computation:
        """What the layer reads and makes as it was computed."""
        return compute(self.session.document, self.session.layer)

    @property
    def meeting(self) -> int:
        """The sample of a signal that the first of the other signal meets; negative before it."""
        axis, conv = self.still.axes[1], self.session.conv
        last = axis.span - 1 if conv is not None and conv.flip else 0
        return self.cell[1] * axis.stride + last - axis.before

    @property
    def number(self) -> int:
        """The n of the present output value (a ∗ b)_n."""
        return self.number_of(self.cell[1])

    def number_of(self, output: int) -> int:
        """Return the n of an output value, which is counted from 0."""
        first, conv = self.session.view.numbered_from, self.session.conv
        met = self.meeting + (output - self.cell[1]) * self.still.axes[1].stride
        if conv is None:
            return met + first
        dilation = conv.dilation[-1]
        return met + first * (1 + dilation if conv.flip else 1 - dilation)

    @property
    def input_cell(self) -> float:
        """The value of the input cell that stamps."""
        at = self.cell[2 - self.session.rank :]
        return float(self.computation.image[(self.source, *at)])

    def stamped(self, cell: Cell | None = None) -> CellSet:
        """Return the output cells that an input cell feeds."""
        place = (cell or self.cell)[2 - self.session.rank :]
        return cell_set(self.computation.windows.uses(place).outputs)

    @property
    def kernel_bias(self) -> Array | None:
        """The biases of all feature maps."""
        focus = self.session.focus
        return bias_of(focus) if isinstance(focus, KernelLayer) else None

    @property
    def shown(self) -> Shown:
        """Which input channel of the dot product is written out."""
        sources = self.session.sources
        names = tuple(self.still.names[source] for source in sources)
        return Shown(sources.index(self.source), names)

    @property
    def lit_term(self) -> int | None:
        """The term within the shown kernel that is formed, or that the mouse is on."""
        target = self.session.target
        if target and target.pane in ("window", "weight", "products"):
            return target.cell[0] * self.columns + target.cell[1]
        if self.term is None or self.term >= self.session.term_count:
            return self._chosen() if self.term is None else None
        return self.term % self.session.kernel_cells

    def _chosen(self) -> int | None:
        """Return the cell that pooling takes, where it takes one."""
        return self.trace.chosen if isinstance(self.trace, PoolTrace) else None

    @property
    def columns(self) -> int:
        """Columns of the kernel."""
        return int(self.session.kernel_size[-1])

    @property
    def lit_cell(self) -> Cell | None:
        """Where the lit term stands in the window."""
        return None if self.lit_term is None else divmod(self.lit_term, self.columns)


def window_places(step: Step) -> CellSet:
    """Return the places under the window; what hangs over the end in ceil mode is left out."""
    ends = step.still.inputs[step.source].shape
    rows, columns = (
        tuple(place for place in axis.reads(index) if place < end)
        for axis, index, end in zip(step.still.axes, step.cell, ends, strict=True)
    )
    return CellSet(rows, columns)


def whole_map(step: Step) -> Cells:
    return step.still.outputs[step.channel]


def is_unfinished(session: Session, head: Playhead) -> bool:
    return head.term is not None and head.term < session.stage_count - 1

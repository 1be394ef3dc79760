"""Scene: all that is shown of a session, as frozen data that painters read."""

from dataclasses import dataclass
from functools import cached_property
from math import isfinite
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from convviz.engine.padding import Array
from convviz.engine.settings import finite_range
from convviz.model.equation import Equation, Line
from convviz.model.session import FITTED, Cell, PaneName, Zoom

if TYPE_CHECKING:
    from convviz.model.learn_scene import LearnScene
    from convviz.model.signals import SignalScene

Indices = NDArray[np.intp]
LARGE = float(np.finfo(np.float32).max) / 2


@dataclass(frozen=True)
class Scale:
    """Which value has which colour: "grey" from low to high, or "signed" around 0."""

    kind: Literal["grey", "signed"]
    low: float
    high: float

    def shares(self, values: Array) -> Array:
        """Return where values lie from low (0) to high (1)."""
        if values.dtype == np.float32 and self.high > LARGE:
            values = values.astype(np.float64)  # in which the extent is finite
        found: Array = share_of(values, self.low, self.high)
        return found


def share_of(value: Any, low: float, high: float) -> Any:  # noqa: ANN401
    """Return where a number, or each of an array, lies from low (0) to high (1).

    The largest and the smallest number that there are have an extent beyond all numbers.

    >>> share_of(3.0, 2.0, 4.0), share_of(1e308, -1e308, 1e308)
    (0.5, 1.0)
    """
    if isfinite(high - low):
        return (value - low) / (high - low)
    return (value / 2 - low / 2) / (high / 2 - low / 2)


def scale_of(values: Array, *, signed: bool | None = None, limit: float | None = None) -> Scale:
    """Return grey from 0 for unsigned values, else a scale centred on 0.

    >>> scale_of(np.array([0, 4])), scale_of(np.array([-2, 1]))
    (Scale(kind='grey', low=0.0, high=4.0), Scale(kind='signed', low=-2.0, high=2.0))
    """
    low, high = finite_range(values)  # without the padding of max pooling
    if signed is None:
        signed = low < 0
    largest = (max(-low, high) if limit is None else limit) or 1.0
    return Scale("signed" if signed else "grey", -largest if signed else 0.0, largest)


@dataclass(frozen=True, eq=False)
class Cells:
    """What of a grid stays while the playhead moves; painters cache by its identity.

    `values` (rows, columns) includes padding. `own` has, per axis, the row or column of the image
    that a place holds, -1 for padding and for zeros between cells; None where all are its own.
    `unread` cells at the end of each axis are reached by no window. Numbers are written in units
    of ten to the `power`.
    """

    values: Array
    scale: Scale
    own: tuple[Indices, Indices] | None = None
    unread: tuple[int, int] = (0, 0)
    power: int = 0

    @property
    def shape(self) -> Cell:
        """Rows and columns, padding included."""
        return self.values.shape[0], self.values.shape[1]

    @cached_property
    def padding(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Padding cells (before, after) per axis."""
        if self.own is None:
            return ((0, 0), (0, 0))
        rows, columns = (_ends(own) for own in self.own)
        return rows, columns

    @property
    def spread(self) -> bool:
        """Whether zeros lie between the cells of the image."""
        return self.own is not None and any(
            bool((own[before : len(own) - after] < 0).any())
            for own, (before, after) in zip(self.own, self.padding, strict=True)
        )

    @cached_property
    def image_shape(self) -> Cell:
        """Rows and columns of the image itself."""
        if self.own is None:
            return self.shape
        rows, columns = (int(own.max(initial=-1)) + 1 for own in self.own)
        return rows, columns

    def image_cell(self, place: Cell) -> Cell | None:
        """Return the cell of the image at a place; None in the padding and between cells."""
        if self.own is None:
            return place
        row, column = int(self.own[0][place[0]]), int(self.own[1][place[1]])
        return (row, column) if min(row, column) >= 0 else None

    def place(self, cell: Cell) -> Cell | None:
        """Return where a cell of the image lies; None when it was cut off."""
        if self.own is None:
            return cell
        rows, columns = (
            np.flatnonzero(own == index) for own, index in zip(self.own, cell, strict=True)
        )
        return (int(rows[0]), int(columns[0])) if len(rows) and len(columns) else None


def _ends(own: Indices) -> tuple[int, int]:
    there = np.flatnonzero(own >= 0)
    if not len(there):
        return len(own), 0
    return int(there[0]), len(own) - 1 - int(there[-1])


@dataclass(frozen=True)
class CellSet:
    """Every cell whose row is among `rows` and whose column is among `columns`."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]


@dataclass(frozen=True)
class Marked:
    """The places that are selected, the one that is typed into, and what a fill would take in."""

    cells: CellSet
    cursor: Cell
    stretched: CellSet

    @property
    def size(self) -> Cell:
        """How many rows and columns are selected."""
        return len(self.cells.rows), len(self.cells.columns)


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """A small picture of a channel or a kernel, which is chosen by a click.

    `channel` is that of the output and `source` that of the input, where it is of one.
    """

    label: str
    cells: Cells
    channel: int
    source: int
    chosen: bool = False
    seen: bool = True


@dataclass(frozen=True, eq=False)
class Thumbnails:
    """Pictures of all channels, or of all kernels: rows of output channels by input channels.

    `columns` is how many belong in a row (0: as many as fit).
    """

    items: tuple[Thumbnail, ...]
    columns: int = 0


NO_THUMBNAILS = Thumbnails(())


@dataclass(frozen=True, eq=False)
class GridScene:
    """One grid: its cells, how many of them are known, and what is marked in it.

    `revealed` counts the cells in raster order that are shown; the others are dots. `window` is
    outlined, `lit` cells are marked, `current` is the cell of the present step, `selected` what
    is selected, `brush` what a tool would paint. Places include the padding. `read_only` says why
    cells cannot be typed into, if so. `thumbnails` are those of all channels of the input or the
    feature map.
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
    selected: Marked | None = None
    brush: CellSet | None = None
    zoom: Zoom = FITTED
    read_only: str = ""
    thumbnails: Thumbnails = NO_THUMBNAILS

    @property
    def selected_values(self) -> Array | None:
        """The numbers (rows, columns) of the cells that are selected."""
        if self.selected is None:
            return None
        cells = self.selected.cells
        values: Array = self.cells.values[np.ix_(cells.rows, cells.columns)]
        return values


@dataclass(frozen=True, eq=False)
class CurveScene:
    """An activation's curve through points (x, y), and where the present value is on it."""

    x: Array
    y: Array
    at: tuple[float, float]
    formula: str


@dataclass(frozen=True, eq=False)
class KernelScene:
    """The kernel as set, the kernel as it slides where that differs, and what its sum tells.

    A pooling window has no weights: `word` is what it does with its cells ("max"). An activation
    has a `curve`. `turn` (0..1) is how far the flip has come that is being shown. `bias` has the
    biases of all feature maps in a row, where there are several.
    """

    grid: GridScene
    flipped: GridScene | None
    facts: tuple[str, ...]
    word: str = ""
    curve: CurveScene | None = None
    thumbnails: Thumbnails = NO_THUMBNAILS
    turn: float = 1.0
    bias: GridScene | None = None

    @property
    def weighted(self) -> bool:
        """Whether there are weights, as neither pooling nor activations have."""
        return not self.word and self.curve is None


@dataclass(frozen=True, eq=False)
class DotProductScene:
    """The dot product of the present step: window ⊙ kernel = products, and the equation.

    `weight` and `products` are None where nothing is multiplied; `sign` stands before the equation.
    """

    title: str
    detail: str
    name: str
    window: GridScene
    weight: GridScene | None
    products: GridScene | None
    equation: Equation
    sign: str = "Σ"


@dataclass(frozen=True, eq=False)
class ChannelRow:
    """One input channel of the present step: its image, window ⊙ kernel, and the partial sum.

    `result` is empty while the channel's turn is to come; `lit` marks the one that is shown.
    """

    source: int
    label: str
    image: GridScene
    window: GridScene
    weight: GridScene | None
    result: str
    lit: bool = False


@dataclass(frozen=True, eq=False)
class CardScene:
    """A layer in the strip of the stack: what it is, the shape after it, and a picture."""

    title: str
    shape: str
    note: str
    cells: Cells
    focused: bool = False
    disabled: bool = False
    tip: str = ""
    problem: bool = False


@dataclass(frozen=True, eq=False)
class StackScene:
    """The image and every layer as cards; `field` is what the present cell sees of the image.

    `lines` are its size, jump and start with their arithmetic, `totals` what all layers cost.
    """

    cards: tuple[CardScene, ...]
    field: CellSet | None
    lines: tuple[str, ...]
    totals: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class SizeScene:
    """The output size with its numbers, and what it costs."""

    formula: str
    lines: tuple[Line, ...]
    result: str
    notes: tuple[str, ...]
    cost: str


@dataclass(frozen=True, eq=False)
class Scene:
    """All that is shown.

    `workspace` is one of WORKSPACES: "convolve" shows `dot`, "signals" `signals`, "layers" shows
    `stack` and `rows`, "learn" `learn`.
    `counter` says which step it is, where that is no output cell.
    `rows` are at most ROWS of `row_count` input channels, around the one that is shown.
    """

    title: str
    caption: str
    workspace: str
    input: GridScene
    kernel: KernelScene
    output: GridScene
    dot: DotProductScene
    stack: StackScene | None
    rows: tuple[ChannelRow, ...]
    row_count: int
    size: SizeScene
    step: int
    step_count: int
    place: str
    sentence: str
    status: str
    signals: "SignalScene | None" = None
    learn: "LearnScene | None" = None
    counter: str = ""

    @property
    def inputs(self) -> Thumbnails:
        """Pictures of all input channels."""
        return self.input.thumbnails

    @property
    def outputs(self) -> Thumbnails:
        """Pictures of all feature maps."""
        return self.output.thumbnails


ROWS = 3

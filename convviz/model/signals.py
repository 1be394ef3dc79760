"""SignalScene: what the workspace of signals shows, as frozen data that painters read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from convviz.engine.settings import Padding
from convviz.model.equation import Equation, Line, Term, Token
from convviz.model.scene import GridScene
from convviz.model.session import Cell, Zoom

MOST_TAPS = 48  # samples of b for which a table has room
NO_WEIGHTS = "This layer multiplies by no second signal: there are no products for a table."
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Lane:
    """One row of stems: a grid of one row whose first cell stands at `start` on the common axis.

    Position 0 of the axis is the first sample of the signal; those before it are padding.
    `bounds` are the least and the largest value that it may have to show, 0 among them.
    """

    grid: GridScene
    start: int
    bounds: tuple[float, float]

    @property
    def stop(self) -> int:
        """The position after its last cell."""
        return self.start + self.grid.cells.shape[1]


@dataclass(frozen=True, eq=False)
class WaysScene:
    """The same sum as a table of products, of shifted copies, or as a matrix.

    `rows` and `columns` head the table. `lit` cells belong to the present output value, `term`
    is the one that is being formed; cells of `blank` are left out. `beside` is the column that a
    matrix multiplies, `sums` are the output values: below the table, or beside a matrix.
    """

    way: str
    table: GridScene
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    lit: tuple[Cell, ...]
    term: Cell | None
    blank: Mask | None
    beside: GridScene | None
    sums: GridScene
    caption: str


@dataclass(frozen=True)
class Mode:
    """A mode of NumPy: its name, how many output values it makes, and whether it is on.

    `padding` is what makes a layer do so. `note` says what NumPy does to get there.
    """

    name: str
    count: int
    padding: Padding
    chosen: bool
    note: str


@dataclass(frozen=True, eq=False)
class SumScene:
    """The present output value as a formula: by symbols, by names, by numbers."""

    title: str
    detail: str
    symbols: Line
    equation: Equation
    note: str

    @property
    def text(self) -> str:
        """All of it in plain words, for screen readers."""
        lines = (
            self.symbols,
            _joined(self.equation.names),
            _joined(self.equation.terms),
            self.equation.sums,
            self.equation.result,
        )
        words = (" ".join(token.text.strip() for token in line) for line in lines if line)
        return ". ".join((self.title, *words, *([self.note] if self.note else [])))


@dataclass(frozen=True, eq=False)
class SignalScene:
    """Two signals and what becomes of them, on one axis from `start` to before `stop`.

    `lanes` are the signal, the other one as it slides (or what the window holds), the products,
    and the output. The output value stands at `at`, its number is `number`; numbers of samples
    begin with `first`. `window` are the positions that are read, `lit` the one in turn. `way` is
    one of WAYS; `ways` is None where no table has the room. `modes` are the paddings of NumPy.
    `turn` (0..1) is how far the flip has come that is being shown. While it `follows`, the present
    value stays in view where `zoom` shows a part of the axis. As `curves` samples are joined.
    `name` is that of the output, by the sign of the operation, and `detail` says it in a word.
    """

    start: int
    stop: int
    lanes: tuple[Lane, ...]
    window: tuple[int, ...]
    lit: int | None
    at: int
    number: int
    first: int
    turn: float
    zoom: Zoom
    follows: bool
    curves: bool
    sum: SumScene
    way: str
    ways: WaysScene | None
    modes: tuple[Mode, ...]
    name: str
    detail: str

    @property
    def caption(self) -> str:
        """What the table shows, or why there is none; what NumPy swaps goes before it."""
        swapped = next((mode.note for mode in self.modes if mode.chosen and mode.note), "")
        return swapped or (self.ways.caption if self.ways else self._no_table())

    def _no_table(self) -> str:
        sliding = self.lanes[1].grid
        if sliding.pane != "kernel":
            return NO_WEIGHTS
        reach = f"b reaches over {sliding.cells.shape[1]:,} samples"
        return f"{reach}, a table has room for {MOST_TAPS}. Type a shorter b to see one."

    @property
    def offset(self) -> int:
        """What is added to the position of an output value to name it."""
        return self.number - self.at


def _joined(terms: tuple[Term, ...]) -> Line:
    plus = Token("+")
    return tuple(token for term in terms for token in (plus, *term.tokens))[1:]

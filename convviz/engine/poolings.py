"""The kinds of pooling: one record each, with all that is true of it alone.

Other libraries that check ours have tables of their own, in `oracle_*.py`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Kind = Literal["max", "avg"]  # of POOLINGS, in order: where code branches, mypy knows them all


@dataclass(frozen=True)
class Pooling:
    """What becomes of the cells of a window: one of them is taken, or they are added up.

    Attributes
    ----------
    title, short : what a layer is called in a list of kinds, and before its size
    summary : what is made of a window
    reduce : the function of two cells that goes through a window
    neutral : what padding holds, so that it changes nothing
    chosen : of windows (..., cells) flat, which cell is taken: (...); None where all are added
    divides : whether the sum is divided by the number of cells; then count_include_pad applies
    dilates : whether there is a dilation
    fact : what is made of the window, before its size or its cells
    found, so_far : what the number is called at the end, and on the way
    word, sign : the same as a word in the window, and between window and number
    column, mark : the same as a name in tables and JSON, and that of the cell taken
    sheet : the function of spreadsheets; it passes over empty cells
    onnx, torch : the operator of ONNX, and the class of torch without its "2d"; None for none
    """

    name: Kind
    title: str
    short: str
    summary: str
    reduce: np.ufunc
    neutral: float
    chosen: Callable[[Array], Array] | None
    divides: bool
    dilates: bool
    fact: str
    found: str
    so_far: str
    word: str
    sign: str
    column: str
    mark: str
    sheet: str
    onnx: str | None
    torch: str | None

    @property
    def adds(self) -> bool:
        """Whether all cells of a window are added, so that rounding plays a part."""
        return self.chosen is None

    @property
    def settings(self) -> tuple[str, ...]:
        """The settings of a layer besides its window."""
        own = ("dilation",) * self.dilates, ("count_include_pad",) * self.divides
        return "stride", "padding", *own[0], "ceil_mode", *own[1]

    def ended(self, total: Any, divisor: Any) -> Any:  # noqa: ANN401
        """Return what becomes of reduced cells, or of an error that goes back to all of them.

        >>> POOLINGS["avg"].ended(6.0, 4), POOLINGS["max"].ended(6.0, 4)
        (1.5, 6.0)
        """
        return total / divisor if self.divides else total


POOLINGS: Mapping[str, Pooling] = {
    pooling.name: pooling
    for pooling in (
        Pooling(
            name="max",
            title="Max pooling",
            short="MaxPool",
            summary="the largest cell",
            reduce=np.maximum,
            neutral=-np.inf,
            chosen=lambda windows: windows.argmax(axis=-1),
            divides=False,
            dilates=True,
            fact="the largest of",
            found="Largest cell",
            so_far="the largest",
            word="max",
            sign="max",
            column="max",
            mark="largest",
            sheet="MAX",
            onnx="MaxPool",
            torch="MaxPool",
        ),
        Pooling(
            name="avg",
            title="Average pooling",
            short="AvgPool",
            summary="the mean",
            reduce=np.add,
            neutral=0.0,
            chosen=None,
            divides=True,
            dilates=False,
            fact="the mean of",
            found="Mean",
            so_far="their sum",
            word="mean",
            sign="Σ",
            column="sum",
            mark="",
            sheet="AVERAGE",
            onnx="AveragePool",
            torch="AvgPool",
        ),
    )
}

"""A row of what was measured, and how it is printed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benches.effort import milliseconds, percentile_95

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

HEADINGS = ("what", "convviz", "peer", "", "ratio", "aim")
WIDTHS = (45, 14, 14, 33, 6, 0)


@dataclass(frozen=True)
class Row:
    """Milliseconds, or frames per second, of convviz and of a peer; and what we aim at."""

    what: str
    ours: float
    peer: float = math.nan
    peer_name: str = ""
    rate: bool = False
    times: float | None = None
    under: float | None = None
    unit: str = "ms"

    @property
    def ratio(self) -> float:
        return self.ours / self.peer if self.rate else self.peer / self.ours

    def cells(self, judged: bool = True) -> tuple[str, ...]:
        unit = "frames/s" if self.rate else self.unit
        ours = f"{self.ours:,.3g} {unit}"
        aim = self._aim(judged)
        if math.isnan(self.ratio):
            return self.what, ours, "", self.peer_name, "", aim
        peer = f"{self.peer:,.3g} {unit}"
        return self.what, ours, peer, self.peer_name, f"{self.ratio:.1f}x", aim

    def _aim(self, judged: bool) -> str:
        if self.under is not None:
            aim, reached = f"under {self.under:g} {self.unit}", self.ours < self.under
        elif self.times is not None and not math.isnan(self.ratio):
            aim, reached = f"{self.times:g}x", self.ratio >= self.times
        else:
            return ""
        return f"{aim}: {'reached' if reached else 'MISSED'}" if judged else aim


def step_rows(
    what: str, times: Mapping[str, Sequence[float]], peer: str = "", under: float = 4
) -> Iterator[Row]:
    late = {name: percentile_95(found) for name, found in times.items()}
    median = milliseconds(times, "peer")
    yield Row(f"{what}: median", milliseconds(times, "ours"), median, peer)
    yield Row(
        f"{what}: 95th percentile", late["ours"], late.get("peer", math.nan), peer, under=under
    )


def print_line(cells: Sequence[str]) -> None:
    line = "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    print(line.rstrip(), flush=True)

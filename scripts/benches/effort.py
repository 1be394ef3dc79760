"""How often each piece of work is repeated, and how it is timed beside the others."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from importlib.util import find_spec
from time import perf_counter, sleep
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Work = Callable[[], list[float]]  # seconds of each repetition

REST = 0.02  # seconds in which threads of the one before stop turning


@dataclass(frozen=True)
class Effort:
    """How much is measured: `steps` in a row before the other's turn, sides of large pictures."""

    thorough: bool
    steps: int
    settle: float  # seconds
    large: int  # rows and columns
    strokes: tuple[int, ...]
    convolutions: tuple[tuple[int, int], ...]  # sizes of image and kernel
    updates: int

    def rounds(self, most: int) -> int:
        return most if self.thorough else 1


FULL = Effort(
    thorough=True,
    steps=64,
    settle=1.0,
    large=4096,
    strokes=(512, 2048),
    convolutions=((512, 3), (2048, 7)),
    updates=2000,
)
QUICK = Effort(
    thorough=False,
    steps=8,
    settle=0.1,
    large=1024,
    strokes=(512,),
    convolutions=((512, 3),),
    updates=200,
)


def interleaved(
    works: Mapping[str, Work], rounds: int, rest: float = 0.0
) -> dict[str, list[float]]:
    """Return all times of each work: one after the other, `rounds` times, after one for warmth.

    `rest` seconds before each let threads of the one before stop turning.
    """
    times: dict[str, list[float]] = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            sleep(rest)
            found = work()
            if number:
                times[name] += found
    return times


def timed(work: Callable[[], object]) -> Work:
    def run() -> list[float]:
        begin = perf_counter()
        work()
        return [perf_counter() - begin]

    return run


def milliseconds(times: Mapping[str, Sequence[float]], name: str) -> float:
    """Return the median, NaN for what was not measured."""
    return statistics.median(times.get(name, [float("nan")])) * 1e3


def percentile_95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] * 1e3


def installed(module: str) -> bool:
    return find_spec(module) is not None


def peer_name(module: str, name: str) -> str:
    return f"{module} {name}" if installed(module) else f"{module} is not installed"

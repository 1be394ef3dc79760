"""Measure convviz beside what its users have: python scripts/bench.py [--quick] [--only NAME]

Runs where convviz is installed with the extras bench and fast. Times differ between machines; the
ratios are taken in one run, each round measuring one after the other. With --quick everything runs
once, on smaller pictures, and no time is judged. The exit code is 1 when a benchmark fails.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import traceback
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

import environment
from benches.effort import FULL, QUICK, installed
from benches.engine import bench_conv, bench_learn
from benches.frames import bench_frames
from benches.large import bench_large
from benches.rows import HEADINGS, print_line
from benches.signals import bench_signals
from benches.start import bench_start
from benches.steps import bench_image, bench_stack, bench_step, bench_stroke
from environment import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from benches.effort import Effort
    from benches.rows import Row

    Bench = Callable[[Effort], Iterator[Row]]

PACKAGES = ("PySide6-Essentials", "numpy", "scipy", "isal", "pyqtgraph", "matplotlib", "torch")
BENCHES: Mapping[str, Bench] = {
    "step": bench_step,
    "image": bench_image,
    "stroke": bench_stroke,
    "large": bench_large,
    "stack": bench_stack,
    "frames": bench_frames,
    "conv": bench_conv,
    "signals": bench_signals,
    "learn": bench_learn,
    "start": bench_start,
}


def measure(benches: Mapping[str, Bench], names: Iterable[str], effort: Effort) -> list[str]:
    """Print the rows of each benchmark, and return the names of those that failed."""
    return [name for name in names if not _rows_printed(name, benches[name], effort)]


def _rows_printed(name: str, bench: Bench, effort: Effort) -> bool:
    try:
        for row in bench(effort):
            print_line(row.cells(judged=effort.thorough))
    except SetupError as error:
        print(f"{name} was not measured: {error}", flush=True)
    except Exception:
        print(f"{name} failed:\n{traceback.format_exc()}", flush=True)
    else:
        return True
    return False


def machine() -> str:
    packages = (f"{name} {_version(name)}" for name in PACKAGES)
    core_type = os.environ.get("OPENBLAS_CORETYPE", "not set")
    python = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}"
    screen = os.environ.get("QT_QPA_PLATFORM") or os.environ.get("DISPLAY", "of the system")
    return f"{python}, {', '.join(packages)}, OPENBLAS_CORETYPE {core_type}, screen {screen}"


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "is not installed"


def choose_screen() -> None:
    """Without a display Qt paints into memory."""
    displays = ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY")
    if sys.platform == "linux" and not any(os.environ.get(name) for name in displays):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Measure convviz beside what its users have.")
    parser.add_argument("--quick", action="store_true", help="run all once, judge no time")
    parser.add_argument("--only", action="append", choices=BENCHES, help="may be given repeatedly")
    options = parser.parse_args(arguments)
    if not installed("convviz"):
        raise SetupError(
            f"convviz is not installed for {sys.executable}: start scripts/run.py once, then"
            "  .venv/bin/python -m pip install -e .[bench,fast]  and  .venv/bin/python"
            " scripts/bench.py"
        )
    choose_screen()
    print(machine(), flush=True)
    print_line(HEADINGS)
    failed = measure(BENCHES, options.only or BENCHES, QUICK if options.quick else FULL)
    if failed:
        environment.tell(f"These benchmarks failed: {', '.join(failed)}")
    return int(bool(failed))


if __name__ == "__main__":
    environment.run_main(main)

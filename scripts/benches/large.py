"""A large picture: opened in a process of its own, then stepped through and moved over."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from environment import SetupError

from benches.effort import interleaved
from benches.rows import Row, step_rows
from benches.window import shown_window, window_steps, window_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

    from benches.effort import Effort
    from benches.window import ShownWindow

OPEN_LARGE = """
import resource, sys
from pathlib import Path
from time import perf_counter
from PySide6.QtWidgets import QApplication
from convviz.render.fonts import load_fonts
from convviz.ui.app import close_window, make_window

application = QApplication(["convviz"])
application.setStyle("Fusion")
load_fonts()
window = make_window()
window.resize(1280, 800)
window.show()
end = perf_counter() + float(sys.argv[2])
while perf_counter() < end:
    application.processEvents()
begin = perf_counter()
window.open_path(Path(sys.argv[1]))
application.processEvents()
application.sync()
seconds = perf_counter() - begin
print(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
close_window(window)
"""


def bench_large(effort: Effort) -> Iterator[Row]:
    from PIL import Image

    side, pixels = effort.large, striped_noise(effort.large)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.png"
        Image.fromarray(pixels).save(path)
        found = [_open_large(path, 2 * effort.settle) for _ in range(effort.rounds(5))]
    what = f"grey PNG of {side} x {side}"
    seconds, megabytes = (statistics.median(values) for values in zip(*found, strict=True))
    yield Row(f"{what}: opened and painted", seconds * 1e3, under=1500)
    yield Row(f"{what}: most memory", megabytes, under=1000, unit="MB")
    yield from _in_large(what, pixels.astype(float), effort)


def striped_noise(side: int) -> NDArray[np.uint8]:
    import numpy as np

    rows, columns = np.mgrid[:side, :side]
    noise = np.random.default_rng(0).integers(0, 16, (side, side))
    return ((rows + columns) // 36 + noise).astype(np.uint8)


def _open_large(path: Path, settle: float) -> tuple[float, float]:
    command = [sys.executable, "-c", OPEN_LARGE, str(path), str(settle)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(f"a large picture did not open: {done.stderr.strip()}")
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)


def _in_large(what: str, image: NDArray[np.float64], effort: Effort) -> Iterator[Row]:
    from convviz.model.changes import set_image
    from convviz.model.session import new_session

    session, rounds = set_image(new_session(), image, "noise"), effort.rounds(16)
    with shown_window(session, effort.settle) as window:
        step = partial(window_steps, window, image.size // 2, effort.steps)
        steps = interleaved({"ours": step}, rounds)
        pans = interleaved({"ours": partial(_pans, window, effort.steps)}, rounds)
    yield from step_rows(f"step, {what}", steps)
    yield from step_rows(f"pan, {what}", pans, under=33)


def _pans(shown: ShownWindow, count: int) -> list[float]:
    """Move over the picture while it is drawn twelve times as large, as a drag does."""
    places = [0.3 + 0.005 * number for number in range(count)]
    return window_views(shown, [(12, place, place) for place in places])

"""How long a person waits for the window, and for a command."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from environment import SetupError

from benches.effort import installed, interleaved, milliseconds, peer_name
from benches.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benches.effort import Effort, Work

FIRST_PAINT = """
import sys
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from convviz.ui import app

class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            watched.removeEventFilter(self)
            painted = QEvent(QEvent.Type.User)
            QCoreApplication.postEvent(self, painted, Qt.EventPriority.HighEventPriority.value)
        return False

    def customEvent(self, event):
        print("painted", flush=True)
        QCoreApplication.quit()

def watched_window(*arguments, make=app.make_window):
    window = make(*arguments)
    window.stage.dot.installEventFilter(first)
    return window

first = FirstPaint()
app.make_window = watched_window
sys.exit(app.run())
"""

MATPLOTLIB_WINDOW = """
import matplotlib
matplotlib.use("QtAgg")
import matplotlib.pyplot as plt

def tell(event):
    print("painted", flush=True)
    plt.close("all")

figure, panes = plt.subplots(1, 3)
for pane in panes:
    pane.imshow([[0, 1], [1, 0]])
figure.canvas.mpl_connect("draw_event", tell)
plt.show()
"""

SCIPY_SCRIPT = """
import numpy as np
from scipy.signal import correlate2d
print(correlate2d(np.eye(16), np.ones((3, 3)), mode="same"))
"""
COMPUTE = ("-m", "convviz", "compute", "letter-h", "-k", "sobel-x")


def bench_start(effort: Effort) -> Iterator[Row]:
    rounds = effort.rounds(7)
    works: dict[str, Work] = {"ours": partial(_until_painted, FIRST_PAINT)}
    name = peer_name("matplotlib", "pyplot, three panes")
    if os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        name = "matplotlib opens no window without a display"
    elif installed("matplotlib"):
        works["peer"] = partial(_until_painted, MATPLOTLIB_WINDOW)
    times = interleaved(works, rounds)
    painted, peer = milliseconds(times, "ours"), milliseconds(times, "peer")
    yield Row("start, until the window is painted", painted, peer, name, under=1000)
    works = {
        "ours": partial(_until_ended, *COMPUTE),
        "peer": partial(_until_ended, "-c", SCIPY_SCRIPT),
    }
    times = interleaved(works, rounds)
    ours, peer = milliseconds(times, "ours"), milliseconds(times, "peer")
    yield Row("convviz compute, from start to end", ours, peer, "script with correlate2d")


def _until_painted(program: str) -> list[float]:
    begin = perf_counter()
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
        assert child.stdout is not None
        told = child.stdout.readline()
        took = perf_counter() - begin
        _, errors = child.communicate()
    if not told or child.returncode:
        said = errors.decode(errors="replace").strip()
        raise SetupError(f"a window did not open and close as it should: {said}")
    return [took]


def _until_ended(*arguments: str) -> list[float]:
    begin = perf_counter()
    done = subprocess.run([sys.executable, *arguments], capture_output=True, check=False)
    took = perf_counter() - begin
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise SetupError(f"a program did not end as it should: {said}")
    return [took]

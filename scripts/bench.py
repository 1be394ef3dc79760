"""Measure convviz beside what its users have: python scripts/bench.py [--quick] [--only NAME]

Runs where convviz is installed with the extras bench and fast. Times differ between machines; the
ratios are taken in one run, each round measuring one after the other.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter, sleep
from typing import TYPE_CHECKING, NamedTuple
from unittest.mock import patch

import environment
from environment import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray
    from peers import PyqtgraphScene
    from PySide6.QtWidgets import QApplication  # noqa: TID251

    from convviz.model.session import Session
    from convviz.ui.main_window import MainWindow
    from convviz.ui.store import Store

    Work = Callable[[], list[float]]  # seconds of each repetition

PACKAGES = ("PySide6-Essentials", "numpy", "scipy", "isal", "pyqtgraph", "matplotlib", "torch")
WINDOW = (1280, 800)
FRAME = (1280, 720)
BLOCK = 64  # steps in a row before the other's turn
FIRST_STEP = 100  # the window is in the middle of the picture


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

    @property
    def cells(self) -> tuple[str, ...]:
        unit = "frames/s" if self.rate else self.unit
        ours = f"{self.ours:,.3g} {unit}"
        if math.isnan(self.ratio):
            return self.what, ours, "", self.peer_name, "", self._aim
        peer = f"{self.peer:,.3g} {unit}"
        return self.what, ours, peer, self.peer_name, f"{self.ratio:.1f}x", self._aim

    @property
    def _aim(self) -> str:
        if self.under is not None:
            return f"under {self.under:g} {self.unit}: {_verdict(self.ours < self.under)}"
        if self.times is not None and not math.isnan(self.ratio):
            return f"{self.times:g}x: {_verdict(self.ratio >= self.times)}"
        return ""


def _verdict(reached: bool) -> str:
    return "reached" if reached else "MISSED"


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


def milliseconds(times: Mapping[str, list[float]], name: str) -> float:
    """Return the median, NaN for what was not measured."""
    return statistics.median(times.get(name, [math.nan])) * 1e3


def percentile_95(times: Sequence[float]) -> float:
    return statistics.quantiles(times, n=20)[-1] * 1e3


def installed(module: str) -> bool:
    return find_spec(module) is not None


def large_session(side: int = 512) -> Session:
    import numpy as np

    from convviz.model.changes import set_image
    from convviz.model.session import new_session

    image = np.random.default_rng(0).integers(0, 256, (side, side)).astype(float)
    return set_image(new_session(), image, "noise")


def bench_step(quick: bool) -> Iterator[Row]:
    from peers import PyqtgraphScene, moments

    from convviz.model.session import new_session

    session = new_session()
    with shown_window(session) as window:
        steps = moments(session, range(FIRST_STEP, FIRST_STEP + BLOCK))
        peer = PyqtgraphScene(session, steps, WINDOW)
        _settle()
        works = {
            "ours": partial(_window_steps, window, FIRST_STEP),
            "peer": partial(_peer_steps, peer),
        }
        times = interleaved(works, 4 if quick else 16)
        peer.close()
        _settle()
    yield from _step_rows("step, letter H of 16 x 16", times, "pyqtgraph, three grids, equation")


def bench_image(quick: bool) -> Iterator[Row]:
    with shown_window(large_session()) as window:
        works = {"ours": partial(_window_steps, window, 131_200)}
        times = interleaved(works, 4 if quick else 16)
    yield from _step_rows("step, image of 512 x 512", times)


def bench_stroke(quick: bool) -> Iterator[Row]:
    for side, under in ((512, 16), (2048, 60)):
        with shown_window(large_session(side)) as window:
            works = {"ours": partial(_window_stroke, window, side)}
            times = interleaved(works, 1 if quick else 4)
        what = f"a move of the pencil, {side} x {side}: median"
        yield Row(what, milliseconds(times, "ours"), under=under)


LARGE = 4096  # rows and columns
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
end = perf_counter() + 2
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


def bench_large(quick: bool) -> Iterator[Row]:
    import numpy as np
    from PIL import Image

    rows, columns = np.mgrid[:LARGE, :LARGE]
    noise = np.random.default_rng(0).integers(0, 16, (LARGE, LARGE))
    pixels = ((rows + columns) // 36 + noise).astype(np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "large.png"
        Image.fromarray(pixels).save(path)
        found = [_open_large(path) for _ in range(2 if quick else 5)]
    what = f"grey PNG of {LARGE} x {LARGE}"
    seconds, megabytes = (statistics.median(values) for values in zip(*found, strict=True))
    yield Row(f"{what}: opened and painted", seconds * 1e3, under=1500)
    yield Row(f"{what}: most memory", megabytes, under=1000, unit="MB")
    yield from _in_large(what, pixels.astype(float), 4 if quick else 16)


def _open_large(path: Path) -> tuple[float, float]:
    command = [sys.executable, "-c", OPEN_LARGE, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(done.stderr.strip().splitlines()[-1])
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)


def _in_large(what: str, image: NDArray[np.float64], rounds: int) -> Iterator[Row]:
    from convviz.model.changes import set_image
    from convviz.model.session import new_session

    with shown_window(set_image(new_session(), image, "noise")) as window:
        steps = interleaved({"ours": partial(_window_steps, window, LARGE * LARGE // 2)}, rounds)
        pans = interleaved({"ours": partial(_pans, window)}, rounds)
    yield from _step_rows(f"step, {what}", steps)
    yield from _step_rows(f"pan, {what}", pans, under=33)


def _pans(shown: ShownWindow) -> list[float]:
    """Move over the picture while it is drawn twelve times as large, as a drag does."""
    from convviz.model.session import Zoom
    from convviz.model.transitions import zoom

    application, places = _application(), [0.3 + 0.005 * number for number in range(BLOCK)]
    moves = [partial(zoom, pane="input", zoomed=Zoom(12, place, place)) for place in places]
    return [_step_time(application, shown.store, move) for move in moves]


def stack_session(workspace: str) -> Session:
    """Return a colour image of 32 x 32 under 8 kernels, an activation and a pooling."""
    import numpy as np

    from convviz.engine.layers import Activation, Conv, Pool
    from convviz.model.document import Document
    from convviz.model.pages import show_workspace
    from convviz.model.session import Session

    rng = np.random.default_rng(0)
    weight = rng.normal(size=(8, 3, 3, 3)).round(2)
    layers = (Conv(weight, np.full(8, 0.1), padding=1), Activation("relu"), Pool("max", 2))
    document = Document(rng.random((3, 32, 32)).round(2), "noise", layers)
    return show_workspace(Session(document), workspace)


def bench_stack(quick: bool) -> Iterator[Row]:
    for workspace in ("convolve", "layers"):
        with shown_window(stack_session(workspace)) as window:
            works = {"ours": partial(_window_steps, window, 500)}
            times = interleaved(works, 4 if quick else 16)
        yield from _step_rows(f"step, 3 x 32 x 32 to 8, {workspace}", times, under=8)


def _step_rows(
    what: str, times: Mapping[str, list[float]], peer: str = "", under: float = 4
) -> Iterator[Row]:
    late = {name: percentile_95(found) for name, found in times.items()}
    median = milliseconds(times, "peer")
    yield Row(f"{what}: median", milliseconds(times, "ours"), median, peer)
    yield Row(
        f"{what}: 95th percentile", late["ours"], late.get("peer", math.nan), peer, under=under
    )


def _application() -> QApplication:
    from PySide6.QtWidgets import QApplication  # noqa: TID251

    from convviz.render.fonts import load_fonts

    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)
    application.setStyle("Fusion")
    load_fonts()
    return application


class ShownWindow(NamedTuple):
    window: MainWindow
    store: Store


@contextmanager
def shown_window(session: Session) -> Iterator[ShownWindow]:
    from convviz.ui.app import close_window
    from convviz.ui.main_window import MainWindow
    from convviz.ui.player import Player
    from convviz.ui.store import Store

    _application()
    store = Store(session)
    player = Player(store)
    window = MainWindow(store, player)
    player.setParent(window)
    store.setParent(window)
    window.resize(*WINDOW)
    window.show()
    _settle()
    if not window.stage.has_histograms:
        raise SetupError("the window was not painted, so its steps cannot be measured")
    yield ShownWindow(window, store)
    close_window(window)


def _settle() -> None:
    application, end = _application(), perf_counter() + 1.0
    while perf_counter() < end:
        application.processEvents()


def _window_steps(shown: ShownWindow, first: int) -> list[float]:
    """Step as a key press does: transition, scene, pixels."""
    from convviz.model import transitions

    application = _application()
    shown.store.apply(transitions.seek, first)
    application.processEvents()
    return [_step_time(application, shown.store, transitions.advance) for _ in range(BLOCK)]


def _window_stroke(shown: ShownWindow, side: int) -> list[float]:
    """Paint along a circle as the mouse does."""
    from convviz.model import painting

    application, half = _application(), side // 2
    shown.store.apply(painting.choose_tool, "pencil")
    shown.store.apply(painting.begin, "input", (half, half))
    times = []
    for number in range(BLOCK):
        cell = tuple(round(half + side / 3 * f(number / 9)) for f in (math.sin, math.cos))
        times.append(_step_time(application, shown.store, painting.move, cell))
    shown.store.apply(painting.finish)
    return times


def _step_time(
    application: QApplication, store: Store, step: Callable[..., Session], *arguments: object
) -> float:
    begin = perf_counter()
    store.apply(step, *arguments)
    application.processEvents()
    application.sync()
    return perf_counter() - begin


def _peer_steps(peer: PyqtgraphScene) -> list[float]:
    application, times = _application(), []
    peer.clear()
    application.processEvents()
    for moment in peer.steps:
        begin = perf_counter()
        peer.show(moment)
        application.processEvents()
        application.sync()
        times.append(perf_counter() - begin)
    return times


def bench_frames(quick: bool) -> Iterator[Row]:
    from peers import MatplotlibFrames

    from convviz.export.png import CODECS, FASTEST
    from convviz.model.session import new_session

    session = new_session()
    with tempfile.TemporaryDirectory() as folder:
        works: dict[str, Work] = {
            codec: partial(_our_frames, session, Path(folder), codec) for codec in CODECS
        }
        if installed("matplotlib"):
            peer = MatplotlibFrames(session, Path(folder), 4 if quick else 8, FRAME)
            works["matplotlib"] = peer.write
        times = interleaved(works, 2 if quick else 5)
    rates = {name: 1 / statistics.median(seconds) for name, seconds in times.items()}
    for codec in CODECS:
        what = f"256 frames of {FRAME[0]} x {FRAME[1]} as PNG, {codec}"
        rate, aim = rates.get("matplotlib", math.nan), 30 if codec == FASTEST else None
        yield Row(what, rates[codec], rate, _peer("matplotlib", "savefig"), rate=True, times=aim)


def _our_frames(session: Session, folder: Path, codec: str) -> list[float]:
    from convviz.export.frames import FrameOptions, frame_paths, write_frames
    from convviz.export.png import PngEncoder
    from convviz.render.theme import DARK

    steps = range(session.step_count)
    with (
        tempfile.TemporaryDirectory(dir=folder) as inner,
        patch.dict(PngEncoder.__init__.__kwdefaults__, codec=codec),
    ):
        paths = frame_paths(session, Path(inner), "letter-h", steps)
        begin = perf_counter()
        for _ in write_frames(session, paths, steps, FrameOptions(*FRAME, 1, DARK)):
            pass
        return [(perf_counter() - begin) / len(paths)]


CONVOLUTIONS = ((512, 3), (2048, 7))
REST = 0.02  # seconds


def bench_conv(quick: bool) -> Iterator[Row]:
    for size, kernel in CONVOLUTIONS:
        for dtype in ("float64", "float32"):
            yield from _conv_rows(size, kernel, dtype, (5 if quick else 30) if size < 1000 else 4)


def _conv_rows(size: int, kernel: int, dtype: str, rounds: int) -> Iterator[Row]:
    import numpy as np
    from scipy.signal import correlate2d

    from convviz.engine.convolve import conv

    rng = np.random.default_rng(0)
    image = rng.random((size, size)).astype(dtype)
    weight = rng.standard_normal((kernel, kernel)).astype(dtype)
    ours = timed(partial(conv, image, weight))
    works = {"ours": ours, "peer": timed(partial(correlate2d, image, weight, mode="valid"))}
    times = interleaved(works, rounds)
    what = f"conv, {size} x {size} with {kernel} x {kernel}, {dtype}"
    medians = milliseconds(times, "ours"), milliseconds(times, "peer")
    aim = 5 if dtype == "float64" else None
    yield Row(what, *medians, "scipy.signal.correlate2d", times=aim)
    if not installed("torch"):
        return
    times = interleaved({"ours": ours, "peer": timed(_torch_conv(image, weight))}, rounds, REST)
    medians = milliseconds(times, "ours"), milliseconds(times, "peer")
    yield Row(what, *medians, "torch conv2d")


def _torch_conv(image: NDArray[np.float64], weight: NDArray[np.float64]) -> Callable[[], object]:
    import torch

    tensors = (torch.from_numpy(array)[None, None] for array in (image, weight))
    return partial(torch.nn.functional.conv2d, *tensors)


SAMPLES, TAPS = 1_000_000, 101


def signals_session() -> Session:
    """Return a long signal under a long moving average, in the workspace of signals."""
    import numpy as np

    from convviz.engine.layers import Conv
    from convviz.model.document import Document
    from convviz.model.pages import show_workspace
    from convviz.model.session import Session, new_session

    signal = np.random.default_rng(0).normal(size=(1, SAMPLES))
    layer = Conv(np.full((1, 1, TAPS), 1 / TAPS), padding="same", flip=True)
    opened = show_workspace(new_session(), "signals")
    document = Document(signal, "noise", (layer,))
    return Session(document, aside=opened.aside, view=opened.view)


def bench_signals(quick: bool) -> Iterator[Row]:
    import numpy as np
    from scipy.signal import oaconvolve

    from convviz.engine.convolve import conv

    rng = np.random.default_rng(0)
    signal, taps = rng.normal(size=SAMPLES), rng.normal(size=TAPS)
    ours = timed(partial(conv, signal, taps, padding="same", flip=True))
    what, rounds = f"{SAMPLES:,} samples with {TAPS} taps", 3 if quick else 15
    for name, peer in (("numpy.convolve", np.convolve), ("scipy.signal.oaconvolve", oaconvolve)):
        works = {"ours": ours, "peer": timed(partial(peer, signal, taps, mode="same"))}
        times = interleaved(works, rounds, REST)
        yield Row(what, milliseconds(times, "ours"), milliseconds(times, "peer"), name, under=100)
    rounds = 2 if quick else 6
    with shown_window(signals_session()) as window:
        steps = interleaved({"ours": partial(_window_steps, window, SAMPLES // 2)}, rounds)
        pans = interleaved({"ours": partial(_signal_pans, window, SAMPLES / 250)}, rounds)
        zooms = interleaved({"ours": partial(_signal_zooms, window)}, rounds)
    yield from _step_rows(f"step, {SAMPLES:,} samples", steps, under=16)
    yield from _step_rows(f"pan, {SAMPLES:,} samples", pans, under=33)
    yield from _step_rows(f"zoom, {SAMPLES:,} samples", zooms, under=33)


def _signal_pans(shown: ShownWindow, scale: float) -> list[float]:
    places = [0.3 + 5e-7 * number for number in range(BLOCK)]
    return _signal_views(shown, [(scale, place) for place in places])


def _signal_zooms(shown: ShownWindow) -> list[float]:
    scales = [(SAMPLES / 250) ** (number / BLOCK) for number in range(BLOCK)]
    return _signal_views(shown, [(scale, 0.5) for scale in scales])


def _signal_views(shown: ShownWindow, views: Sequence[tuple[float, float]]) -> list[float]:
    from convviz.model.session import Zoom
    from convviz.model.transitions import zoom

    application = _application()
    moves = [partial(zoom, pane="input", zoomed=Zoom(scale, 0.5, x)) for scale, x in views]
    return [_step_time(application, shown.store, move) for move in moves]


UPDATES = 2000


def bench_learn(quick: bool) -> Iterator[Row]:
    import numpy as np

    from convviz.engine.kernels import KERNELS
    from convviz.engine.learning import learn_kernel, targets_of

    image = np.random.default_rng(0).random((16, 16))
    (target,) = targets_of(image, KERNELS["sobel-x"].kernel)
    works = {"ours": timed(lambda: [*learn_kernel(image, target, lr=0.1, steps=UPDATES)])}
    if installed("torch"):
        works["peer"] = timed(_torch_descent(image, target))
    times = interleaved(works, 2 if quick else 7, REST)
    medians = milliseconds(times, "ours"), milliseconds(times, "peer")
    what = f"{UPDATES:,} updates of 3 x 3 on 16 x 16"
    yield Row(what, *medians, _peer("torch", "autograd, SGD"), under=500)


def _torch_descent(image: NDArray[np.float64], target: NDArray[np.float64]) -> Callable[[], object]:
    import torch

    batch, wanted = torch.tensor(image)[None, None], torch.tensor(target)[None]

    def descend() -> None:
        weight = torch.zeros(1, 1, 3, 3, dtype=torch.float64, requires_grad=True)
        optimizer = torch.optim.SGD([weight], lr=0.1)
        for _ in range(UPDATES):
            made = torch.nn.functional.conv2d(batch, weight)
            loss = torch.nn.functional.mse_loss(made, wanted)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return descend


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

def watched_window(file, *_, make=app.make_window):
    window = make(file)
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


def bench_start(quick: bool) -> Iterator[Row]:
    rounds = 2 if quick else 7
    works: dict[str, Work] = {"ours": partial(_until_painted, FIRST_PAINT)}
    name = _peer("matplotlib", "pyplot, three panes")
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
    if not told:
        raise SetupError(f"a window did not open: {errors.decode(errors='replace').strip()}")
    return [took]


def _until_ended(*arguments: str) -> list[float]:
    begin = perf_counter()
    done = subprocess.run([sys.executable, *arguments], capture_output=True, check=False)
    took = perf_counter() - begin
    if done.returncode:
        raise SetupError(done.stderr.decode(errors="replace").strip().splitlines()[-1])
    return [took]


BENCHES = {
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
HEADINGS = ("what", "convviz", "peer", "", "ratio", "aim")
WIDTHS = (45, 14, 14, 33, 6, 0)


def _peer(module: str, name: str) -> str:
    return f"{module} {name}" if installed(module) else f"{module} is not installed"


def print_line(cells: Sequence[str]) -> None:
    line = "  ".join(cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    print(line.rstrip(), flush=True)


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
    parser.add_argument("--quick", action="store_true", help="repeat less: rough figures")
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
    for name in options.only or BENCHES:
        try:
            for row in BENCHES[name](options.quick):
                print_line(row.cells)
        except SetupError as error:
            print(f"{name} was not measured: {error}", flush=True)
    return 0


if __name__ == "__main__":
    environment.run_main(main)

"""A long signal: its convolution, and the steps, pans and zooms of its workspace."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from benches.effort import REST, interleaved, milliseconds, timed
from benches.rows import Row, step_rows
from benches.window import shown_window, window_steps, window_views

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benches.effort import Effort
    from benches.window import ShownWindow
    from convviz.model.session import Session

SAMPLES, TAPS = 1_000_000, 101
CLOSE = SAMPLES / 250  # times as large: 250 samples are in sight


def bench_signals(effort: Effort) -> Iterator[Row]:
    yield from _convolved(effort)
    rounds, count = effort.rounds(6), effort.steps
    with shown_window(signals_session(), effort.settle) as window:
        step = partial(window_steps, window, SAMPLES // 2, count)
        steps = interleaved({"ours": step}, rounds)
        pans = interleaved({"ours": partial(_pans, window, count)}, rounds)
        zooms = interleaved({"ours": partial(_zooms, window, count)}, rounds)
    yield from step_rows(f"step, {SAMPLES:,} samples", steps, under=16)
    yield from step_rows(f"pan, {SAMPLES:,} samples", pans, under=33)
    yield from step_rows(f"zoom, {SAMPLES:,} samples", zooms, under=33)


def _convolved(effort: Effort) -> Iterator[Row]:
    import numpy as np
    from scipy.signal import oaconvolve

    from convviz.engine.convolve import conv

    rng = np.random.default_rng(0)
    signal, taps = rng.normal(size=SAMPLES), rng.normal(size=TAPS)
    ours = timed(partial(conv, signal, taps, padding="same", flip=True))
    what = f"{SAMPLES:,} samples with {TAPS} taps"
    for name, peer in (("numpy.convolve", np.convolve), ("scipy.signal.oaconvolve", oaconvolve)):
        works = {"ours": ours, "peer": timed(partial(peer, signal, taps, mode="same"))}
        times = interleaved(works, effort.rounds(15), REST)
        yield Row(what, milliseconds(times, "ours"), milliseconds(times, "peer"), name, under=100)


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


def _pans(shown: ShownWindow, count: int) -> list[float]:
    places = [0.3 + 5e-7 * number for number in range(count)]
    return window_views(shown, [(CLOSE, 0.5, place) for place in places])


def _zooms(shown: ShownWindow, count: int) -> list[float]:
    scales = [CLOSE ** (number / count) for number in range(count)]
    return window_views(shown, [(scale, 0.5, 0.5) for scale in scales])

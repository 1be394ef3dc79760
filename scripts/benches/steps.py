"""Steps of the window and moves of the pencil, as a key press and a drag make them."""

from __future__ import annotations

import math
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING

from benches.effort import interleaved, milliseconds
from benches.rows import Row, step_rows
from benches.window import (
    WINDOW,
    application,
    change_times,
    settle,
    shown_window,
    window_steps,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benches.effort import Effort
    from benches.peers import PyqtgraphScene
    from benches.window import ShownWindow
    from convviz.model.session import Session

FIRST_STEP = 100  # the window is in the middle of the picture


def bench_step(effort: Effort) -> Iterator[Row]:
    from benches.peers import PyqtgraphScene, moments
    from convviz.model.session import new_session

    session = new_session()
    with shown_window(session, effort.settle) as window:
        steps = moments(session, range(FIRST_STEP, FIRST_STEP + effort.steps))
        peer = PyqtgraphScene(session, steps, WINDOW)
        settle(effort.settle)
        works = {
            "ours": partial(window_steps, window, FIRST_STEP, effort.steps),
            "peer": partial(_peer_steps, peer),
        }
        times = interleaved(works, effort.rounds(16))
        peer.close()
        settle(effort.settle)
    yield from step_rows("step, letter H of 16 x 16", times, "pyqtgraph, three grids, equation")


def _peer_steps(peer: PyqtgraphScene) -> list[float]:
    shown, times = application(), []
    peer.clear()
    shown.processEvents()
    for moment in peer.steps:
        begin = perf_counter()
        peer.show(moment)
        shown.processEvents()
        shown.sync()
        times.append(perf_counter() - begin)
    return times


def bench_image(effort: Effort) -> Iterator[Row]:
    with shown_window(noise_session(512), effort.settle) as window:
        works = {"ours": partial(window_steps, window, 131_200, effort.steps)}
        times = interleaved(works, effort.rounds(16))
    yield from step_rows("step, image of 512 x 512", times)


def noise_session(side: int) -> Session:
    import numpy as np

    from convviz.model.changes import set_image
    from convviz.model.session import new_session

    image = np.random.default_rng(0).integers(0, 256, (side, side)).astype(float)
    return set_image(new_session(), image, "noise")


def bench_stack(effort: Effort) -> Iterator[Row]:
    for workspace in ("convolve", "layers"):
        with shown_window(stack_session(workspace), effort.settle) as window:
            works = {"ours": partial(window_steps, window, 500, effort.steps)}
            times = interleaved(works, effort.rounds(16))
        yield from step_rows(f"step, 3 x 32 x 32 to 8, {workspace}", times, under=8)


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


STROKE_LIMITS = {512: 16, 2048: 60}  # rows and columns -> milliseconds


def bench_stroke(effort: Effort) -> Iterator[Row]:
    for side in effort.strokes:
        with shown_window(noise_session(side), effort.settle) as window:
            works = {"ours": partial(_stroke, window, side, effort.steps)}
            times = interleaved(works, effort.rounds(4))
        what = f"a move of the pencil, {side} x {side}: median"
        yield Row(what, milliseconds(times, "ours"), under=STROKE_LIMITS[side])


def _stroke(shown: ShownWindow, side: int, count: int) -> list[float]:
    """Paint along a circle as the mouse does."""
    from convviz.model import painting

    shown.store.apply(painting.choose_tool, "pencil")
    shown.store.apply(painting.begin, "input", (side // 2, side // 2))
    times = change_times(shown, [_move_on_circle(side, number) for number in range(count)])
    shown.store.apply(painting.finish)
    return times


def _move_on_circle(side: int, number: int) -> Callable[[Session], Session]:
    from convviz.model import painting

    row, column = (round(side / 2 + side / 3 * f(number / 9)) for f in (math.sin, math.cos))
    return partial(painting.move, cell=(row, column))

"""Frames written as PNG, beside figures saved by matplotlib."""

from __future__ import annotations

import math
import statistics
import tempfile
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING
from unittest.mock import patch

from benches.effort import installed, interleaved, peer_name
from benches.rows import Row
from benches.window import application

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benches.effort import Effort, Work
    from convviz.model.session import Session

FRAME = (1280, 720)
EACH_STEP = 16  # of this many is written by a quick run


def bench_frames(effort: Effort) -> Iterator[Row]:
    from benches.peers import MatplotlibFrames
    from convviz.export.png import CODECS, FASTEST
    from convviz.model.session import new_session

    application()  # what writes frames makes one of its own, in which no window can be shown
    session = new_session()
    steps = range(0, session.step_count, 1 if effort.thorough else EACH_STEP)
    with tempfile.TemporaryDirectory() as folder:
        works: dict[str, Work] = {
            codec: partial(_our_frames, session, Path(folder), codec, steps) for codec in CODECS
        }
        if installed("matplotlib"):
            peer = MatplotlibFrames(session, Path(folder), effort.rounds(8), FRAME)
            works["matplotlib"] = peer.write
        times = interleaved(works, effort.rounds(5))
    rates = {name: 1 / statistics.median(seconds) for name, seconds in times.items()}
    for codec in CODECS:
        what = f"{len(steps)} frames of {FRAME[0]} x {FRAME[1]} as PNG, {codec}"
        rate, aim = rates.get("matplotlib", math.nan), 30 if codec == FASTEST else None
        peer_said = peer_name("matplotlib", "savefig")
        yield Row(what, rates[codec], rate, peer_said, rate=True, times=aim)


def _our_frames(session: Session, folder: Path, codec: str, steps: range) -> list[float]:
    from convviz.export.frames import FrameOptions, frame_paths, write_frames
    from convviz.export.png import PngEncoder
    from convviz.render.theme import DARK

    with (
        tempfile.TemporaryDirectory(dir=folder) as inner,
        patch.dict(PngEncoder.__init__.__kwdefaults__, codec=codec),
    ):
        paths = frame_paths(session, Path(inner), "letter-h", steps)
        begin = perf_counter()
        for _ in write_frames(session, paths, steps, FrameOptions(*FRAME, 1, DARK)):
            pass
        return [(perf_counter() - begin) / len(paths)]

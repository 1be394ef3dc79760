"""Frames of a training, written until the end or until someone stops it."""

from pathlib import Path

from convviz.cli.film import film_paths, learning_session, shoot
from convviz.cli.learning import Told
from convviz.export.frames import FrameOptions


def film_learning(
    learning: Told, folder: Path, every: int, options: FrameOptions, *, force: bool
) -> int:
    """Write the frames of a training; returns 0, or the exit code of the signal that ended it.

    Raises
    ------
    DataFailure, WriteError
        When files are in the way and not to be overwritten, or one cannot be written.
    """
    session = learning_session(learning.document)
    last = session.step_count - 1
    steps = sorted({*range(0, last + 1, every), last})
    paths = film_paths(session, folder, learning.source.name, steps, force=force)
    return shoot(session, paths, steps, options)

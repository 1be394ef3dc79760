"""Frames of a training, written until the end or until someone stops it."""

from pathlib import Path

from convviz.cli.film import let_write, make_room
from convviz.cli.learning import Learning
from convviz.export.frames import FrameOptions, frame_stem
from convviz.export.learn_frames import learn_frame_paths, write_learn_frames
from convviz.model.learn_film import LearnFilm


def film_learning(
    learning: Learning, folder: Path, every: int, options: FrameOptions, *, force: bool
) -> int:
    """Write the frames of a training; returns 0, or the exit code of the signal that ended it.

    Raises
    ------
    DataFailure, WriteError
        When files are in the way and not to be overwritten, or one cannot be written.
    """
    film = LearnFilm(learning.task, learning.source.title, learning.hidden)
    paths = learn_frame_paths(film, folder, frame_stem(learning.source.name), every)
    make_room(folder, paths, force=force)
    return let_write(write_learn_frames(film, paths, every, options), paths)

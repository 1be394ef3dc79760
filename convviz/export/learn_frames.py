"""Frames of a training as PNG files."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QSize

from convviz import __version__
from convviz.export.frames import WAIT_EVERY, FrameOptions
from convviz.export.png import PngEncoder
from convviz.files.atomic import atomic_write, make_durable
from convviz.model.learn_film import LearnFilm
from convviz.render.film_painter import learn_image


def learn_frame_paths(film: LearnFilm, folder: Path, stem: str, every: int) -> list[Path]:
    """Return where the frames of each `every`-th state and the last one go, by their updates."""
    last = film.last_step
    return [folder / update_name(stem, step, last) for step in film.steps(every)]


def update_name(stem: str, step: int, last: int) -> str:
    """Return the name of a frame after `step` updates of `last`.

    >>> update_name("letter-h", 10, 500)
    'letter-h_update-0010.png'
    """
    return f"{stem}_update-{step:0{max(4, len(str(last)))}d}.png"


def write_learn_frames(
    film: LearnFilm, paths: Sequence[Path], every: int, options: FrameOptions
) -> Iterator[int]:
    """Write each `every`-th state and the last one to its path, and yield how many are done.

    Each file is whole or not there; stopping between two frames leaves those that are written.

    Raises
    ------
    WriteError
        When a file cannot be written.
    """
    size = QSize(options.width, options.height)
    pixels = size * options.scale
    words = {"Software": f"convviz {__version__}", "Title": f"{film.image}: a kernel is learnt"}
    encoder = PngEncoder(pixels.width(), pixels.height(), text=words)
    waiting: list[Path] = []
    pairs = zip(paths, film.frames(every), strict=True)
    for done, (path, frame) in enumerate(pairs, start=1):
        image = learn_image(frame, size, options.scale, options.theme)
        atomic_write(path, encoder.encode(memoryview(image.constBits())), durable=False)
        waiting.append(path)
        if done % WAIT_EVERY == 0 or done == len(paths):
            make_durable(kept for kept in waiting if kept.exists())
            waiting.clear()
        yield done

"""Frames of a scene, and of all its steps, as PNG files."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QImage, QPainter, QRegion, QTransform

from convviz import __version__
from convviz.export.png import PngEncoder
from convviz.files.atomic import atomic_write, make_durable
from convviz.files.errors import one_line
from convviz.files.source import is_there
from convviz.model.derive import derive_scene
from convviz.model.painting import put_down
from convviz.model.session import Session
from convviz.model.transitions import seek
from convviz.render.frame import FramePainter
from convviz.render.theme import Theme

LEAST_SIZE = (640, 480)  # pixels
LARGEST_SIDE = 16_384  # pixels
LARGEST_PIXELS = 64_000_000
WAIT_EVERY = 32  # frames


class ExportError(ValueError):
    """Frames that cannot be made: one sentence with the reason and the way out."""


@dataclass(frozen=True)
class FrameOptions:
    """Width and height in pixels of the layout, device pixels to each, and the colours."""

    width: int
    height: int
    scale: float
    theme: Theme

    def __post_init__(self) -> None:
        wide, high = self.width * self.scale, self.height * self.scale
        if self.width < LEAST_SIZE[0] or self.height < LEAST_SIZE[1]:
            raise ExportError(
                f"a frame of {self.width} x {self.height} is too small to be read: "
                f"make it {LEAST_SIZE[0]} x {LEAST_SIZE[1]} or larger"
            )
        if max(wide, high) > LARGEST_SIDE or wide * high > LARGEST_PIXELS:
            raise ExportError(
                f"a frame of {wide:.0f} x {high:.0f} pixels is too large: "
                f"at most {LARGEST_PIXELS:,} pixels, {LARGEST_SIDE:,} a side"
            )


def frame_stem(title: str) -> str:
    """Return a file name for a title: letters, digits and hyphens.

    >>> frame_stem("Letter H")
    'letter-h'
    """
    words = re.findall(r"\w+", title.lower())
    return "-".join(words)[:60] or "scene"


def frame_name(session: Session, stem: str, step: int) -> str:
    """Return the name of the frame of `step` (from 0): steps count from 1, updates from 0.

    >>> from convviz.model.session import new_session
    >>> frame_name(new_session(), "letter-h", 0)
    'letter-h_step-0001.png'
    """
    digits = max(4, len(str(session.step_count)))
    word, number = ("update", step) if session.learns else ("step", step + 1)
    return f"{stem}_{word}-{number:0{digits}d}.png"


def frame_paths(session: Session, folder: Path, stem: str, steps: Sequence[int]) -> list[Path]:
    """Return where the frames of `steps` (from 0) go."""
    return [folder / frame_name(session, stem, step) for step in steps]


def check_free(paths: Sequence[Path]) -> None:
    """Refuse to write over files that are there.

    Raises
    ------
    ExportError
        With the first file that is in the way.
    """
    taken = [path for path in paths if is_there(path) or path.is_symlink()]
    if taken:
        others = f" and {len(taken) - 1} more" if len(taken) > 1 else ""
        raise ExportError(
            f"{one_line(str(taken[0]))} is there already{others}: "
            "overwrite, or choose another folder"
        )


class FilmEncoder:
    """Scenes to PNG, one after the other; only what changed is painted and compressed again."""

    def __init__(self, session: Session, options: FrameOptions) -> None:
        size = QSize(options.width, options.height)
        self._painter = FramePainter(session.view, size, options.scale, options.theme)
        pixels = size * options.scale
        self._pixels = QImage(pixels, QImage.Format.Format_RGB888)
        self._scale = options.scale
        words = {"Software": f"convviz {__version__}", "Title": derive_scene(session).title}
        self._encoder = PngEncoder(pixels.width(), pixels.height(), text=words)

    def encode(self, session: Session) -> bytes:
        """Return the frame of `session` as a PNG file."""
        image, region = self._painter.paint(derive_scene(session))
        changed = QTransform.fromScale(self._scale, self._scale).map(region)
        image.setDevicePixelRatio(1)
        with QPainter(self._pixels) as painter:
            painter.setClipRegion(changed)
            painter.drawImage(0, 0, image)
        image.setDevicePixelRatio(self._scale)
        rows = [(rect.top(), rect.bottom() + 1) for rect in _rects(changed)]
        return self._encoder.encode(memoryview(self._pixels.constBits()), changed_rows=rows)


def _rects(region: QRegion) -> list[QRect]:
    return list(cast("Iterable[QRect]", region))  # PySide6's annotations leave iteration out


def write_frames(
    session: Session, paths: Sequence[Path], steps: Sequence[int], options: FrameOptions
) -> Iterator[int]:
    """Write the frame of each step (from 0) to its path, and yield how many are done.

    Each file is whole or not there; stopping between two frames leaves those that are written.
    The disk is waited for once in a while, which it takes far better than a wait for every frame.
    A tool for painting, which shows the whole map, is put down.

    Raises
    ------
    WriteError
        When a file cannot be written.
    """
    session = put_down(session)
    encoder = FilmEncoder(session, options)
    waiting: list[Path] = []
    for done, (path, step) in enumerate(zip(paths, steps, strict=True), start=1):
        atomic_write(path, encoder.encode(seek(session, step)), durable=False)
        waiting.append(path)
        if done % WAIT_EVERY == 0 or done == len(paths):
            make_durable(kept for kept in waiting if kept.exists())
            waiting.clear()
        yield done


def write_frame(session: Session, path: Path, options: FrameOptions) -> None:
    """Write what `session` shows, as it is: hovered, pinned, in the middle of a dot product."""
    atomic_write(path, FilmEncoder(session, options).encode(session))


def frame_image(session: Session, options: FrameOptions) -> QImage:
    """Return what `session` shows as an image."""
    size = QSize(options.width, options.height)
    painter = FramePainter(session.view, size, options.scale, options.theme)
    return painter.paint(derive_scene(session))[0]

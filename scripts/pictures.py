"""Make the README's pictures from the program itself: python scripts/pictures.py [--check]

With --check nothing is written: it tells which pictures the program would paint differently now.
--only NAME.png leaves the others as they are.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
from importlib.util import find_spec
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import environment
from environment import ROOT, SetupError, tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from PIL.Image import Image
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QApplication  # noqa: TID251

    from convviz.model.session import Session

FOLDER = ROOT / "resources" / "pictures"
WINDOW = (1280, 800)
FRAME = (1120, 700)
LARGEST_FILM = 600_000  # bytes
STEP, PRODUCT, RESULT, END = 300, 340, 1600, 1400  # milliseconds
COLOURS = 256
TOLERANCE = 12  # of 255: a pixel further off is another one
OTHER_PIXELS = 0.002  # of all, at most
PATIENCE = 20.0  # seconds


def use_no_screen() -> None:
    """Paint into memory, one pixel to a pixel, whatever the desktop says."""
    for name in [name for name in os.environ if name.startswith("QT_")]:
        del os.environ[name]
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


def application() -> QApplication:
    from PySide6.QtWidgets import QApplication  # noqa: TID251

    from convviz.render.fonts import load_fonts

    found = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(found, QApplication)
    found.setStyle("Fusion")
    load_fonts()
    return found


def window_picture(session: Session, theme: str) -> bytes:
    """Return the window showing `session`, with its histograms where it has them."""
    from convviz.model.transitions import set_theme
    from convviz.ui.app import close_window
    from convviz.ui.main_window import MainWindow
    from convviz.ui.player import Player
    from convviz.ui.store import Store

    qt = application()
    store = Store(set_theme(session, theme))
    player = Player(store)
    window = MainWindow(store, player)
    player.setParent(window)
    store.setParent(window)
    window.resize(*WINDOW)
    window.show()
    until = monotonic() + PATIENCE
    while not window.stage.has_histograms and monotonic() < until:
        qt.processEvents()
    qt.processEvents()
    picture = as_pillow(window.grab().toImage())
    close_window(window)
    return png(picture)


def opening(theme: str) -> bytes:
    """Return the window as it opens."""
    from convviz.model.session import new_session

    return window_picture(new_session(), theme)


def channels(theme: str) -> bytes:
    """Return the window in the middle of a layer with three input channels."""
    from convviz.model.examples import open_example
    from convviz.model.session import new_session
    from convviz.model.transitions import choose_channel, seek

    session = open_example(new_session(), "cs231n-two-filters")
    return window_picture(seek(choose_channel(session, 1), 13, 14), theme)


def signals(theme: str) -> bytes:
    """Return the window in the middle of a sum of the lecture's signals."""
    from convviz.model.examples import open_example
    from convviz.model.session import new_session
    from convviz.model.transitions import seek

    session = open_example(new_session(), "full-signal")
    return window_picture(seek(session, 3, 1), theme)


def learning(theme: str) -> bytes:
    """Return the window on the way to a hidden kernel, with a gradient explained."""
    from convviz.model.pages import show_workspace
    from convviz.model.session import new_session
    from convviz.model.transitions import explain_weight, seek

    session = seek(show_workspace(new_session(), "learn"), 5)
    return window_picture(explain_weight(session, (1, 0)), theme)


def as_pillow(image: QImage) -> Image:
    from PIL.Image import frombytes
    from PySide6.QtGui import QImage as Picture

    plain = image.convertToFormat(Picture.Format.Format_RGB888)
    size = plain.width(), plain.height()
    return frombytes("RGB", size, plain.constBits(), "raw", "RGB", plain.bytesPerLine())


def png(picture: Image) -> bytes:
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return file.getvalue()


def story() -> Iterator[tuple[Session, int]]:
    """Yield sessions, each with its milliseconds: along the bar of the H, once by products."""
    from convviz.model.session import new_session
    from convviz.model.transitions import seek

    session = new_session()
    begin, pause, end = (session.step_at(cell) for cell in ((7, 1), (7, 4), (8, 8)))
    for step in range(begin, pause):
        yield seek(session, step), STEP
    for term in range(session.term_count):
        yield seek(session, pause, term), PRODUCT
    yield seek(session, pause), RESULT
    for step in range(pause + 1, end):
        yield seek(session, step), STEP
    yield seek(session, end), END


def film() -> bytes:
    """Return the story as a GIF with one palette for all frames."""
    from convviz.export.frames import FrameOptions, frame_image
    from convviz.render.theme import DARK

    options = FrameOptions(*FRAME, 1, DARK)
    told = list(story())
    frames = [as_pillow(frame_image(session, options)) for session, _ in told]
    return gif(frames, [duration for _, duration in told])


def gif(frames: Sequence[Image], durations: Sequence[int]) -> bytes:
    """Return a GIF; Pillow stores of each frame only what differs from the one before."""
    from PIL.Image import Dither, Quantize

    several = stacked(frames[:: len(frames) // 6])
    palette = several.quantize(COLOURS, method=Quantize.MAXCOVERAGE, kmeans=3)
    first, *others = (frame.quantize(palette=palette, dither=Dither.NONE) for frame in frames)
    file = io.BytesIO()
    first.save(
        file, "GIF", save_all=True, append_images=others, duration=durations, loop=0, disposal=1
    )
    return file.getvalue()


def stacked(frames: Sequence[Image]) -> Image:
    """Return all frames below each other: what one palette has to serve."""
    from PIL.Image import new

    width, height = frames[0].size
    whole = new("RGB", (width, height * len(frames)))
    for number, frame in enumerate(frames):
        whole.paste(frame, (0, number * height))
    return whole


PICTURES: dict[str, Callable[[], bytes]] = {
    "window-dark.png": lambda: opening("dark"),
    "window-light.png": lambda: opening("light"),
    "channels-dark.png": lambda: channels("dark"),
    "signals-light.png": lambda: signals("light"),
    "learn-dark.png": lambda: learning("dark"),
    "convviz.gif": film,
}


def difference(old: bytes, new: bytes) -> str:
    """Return in words how two pictures, or films, differ; nothing when hardly."""
    import numpy as np
    from PIL import ImageSequence
    from PIL.Image import open as open_picture

    with open_picture(io.BytesIO(old)) as before, open_picture(io.BytesIO(new)) as after:
        films = [
            [
                np.asarray(frame.convert("RGB"), np.int16)
                for frame in ImageSequence.Iterator(picture)
            ]
            for picture in (before, after)
        ]
    if len(films[0]) != len(films[1]):
        return f"it has {len(films[0])} frames instead of {len(films[1])}"
    for number, (was, now) in enumerate(zip(*films, strict=True), start=1):
        if was.shape != now.shape:
            return (
                f"it is {was.shape[1]} x {was.shape[0]} instead of {now.shape[1]} x {now.shape[0]}"
            )
        share = float((np.abs(was - now).max(axis=2) > TOLERANCE).mean())
        if share > OTHER_PIXELS:
            return f"in frame {number} {share:.1%} of the pixels differ"
    return ""


def check(made: dict[str, bytes]) -> int:
    """Tell which pictures are not what the program paints now."""
    wrong = 0
    for name, data in made.items():
        path = FOLDER / name
        words = difference(path.read_bytes(), data) if path.exists() else "it is not there"
        print(f"{path.relative_to(ROOT)}: {words or 'as painted now'}")
        wrong += bool(words)
    if wrong:
        tell("Make them anew with  python scripts/pictures.py")
    return int(bool(wrong))


def write(made: dict[str, bytes]) -> int:
    from convviz.files.atomic import atomic_write

    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        atomic_write(FOLDER / name, data)
        print(f"{Path('resources/pictures') / name}: {len(data):,} bytes")
    return 0


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Make the README's pictures.")
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 if they differ")
    parser.add_argument("--only", action="append", choices=PICTURES, help="leave the others alone")
    options = parser.parse_args(arguments)
    if find_spec("convviz") is None:
        raise SetupError(
            f"convviz is not installed for {sys.executable}: start scripts/run.py once"
        )
    use_no_screen()
    made = {name: PICTURES[name]() for name in options.only or PICTURES}
    if len(made.get("convviz.gif", b"")) > LARGEST_FILM:
        raise SetupError(f"convviz.gif would have more than {LARGEST_FILM:,} bytes")
    return check(made) if options.check else write(made)


if __name__ == "__main__":
    environment.run_main(main)

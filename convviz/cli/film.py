"""Frames of every step, written until the end or until someone stops it."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TextIO, cast

import click

from convviz.cli.failures import DataFailure
from convviz.cli.interrupts import held_signals
from convviz.cli.streams import Terminal, note
from convviz.cli.task import Task
from convviz.export.frames import (
    ExportError,
    FrameOptions,
    check_free,
    frame_paths,
    frame_stem,
    write_frames,
)
from convviz.files.atomic import write_failure
from convviz.model.colours import Colours
from convviz.model.document import Document
from convviz.model.examples import workspace_for
from convviz.model.learn_run import run_of
from convviz.model.numbers import AUTOMATIC, NumberFormat
from convviz.model.pages import show_workspace
from convviz.model.preferences import set_colours, set_numbers
from convviz.model.session import Session, new_session
from convviz.render.theme import THEMES

MANY = 10_000  # frames: some 300 MB


def frame_options(size: tuple[int, int], scale: float, theme: str) -> FrameOptions:
    """Return how frames look.

    Raises
    ------
    click.BadParameter
        When they would be too small or too large.
    """
    try:
        return FrameOptions(*size, scale, THEMES[theme])
    except ExportError as error:
        raise click.BadParameter(str(error), param_hint="'--size' or '--scale'") from None


def learning_session(document: Document) -> Session:
    """Return the session whose steps are the updates of a kernel that is learnt from the image.

    Raises
    ------
    DataFailure
        When there is nothing to learn from.
    """
    found = run_of(document)
    if isinstance(found, str):
        raise DataFailure(found)
    return show_workspace(new_session(document), "learn")


def film_session(task: Task) -> Session:
    """Return the session whose steps are filmed: those of the layer in focus, map after map."""
    session = new_session(task.document)
    view = replace(session.view, workspace=workspace_for(task.document))
    return replace(session, layer=task.focus, view=view)


def with_look(session: Session, unsigned: str, signed: str, decimals: int | None) -> Session:
    """Return a session whose values have these colour maps, and numbers so many decimals."""
    numbers = AUTOMATIC if decimals is None else NumberFormat("decimals", decimals)
    return set_colours(set_numbers(session, numbers), Colours(unsigned, signed))


def chosen_steps(bounds: tuple[int | None, int | None] | None, count: int) -> range:
    """Return steps, from 0, for bounds that count from 1 and belong to the range.

    Raises
    ------
    click.BadParameter
        When there are no such steps.

    >>> chosen_steps((2, 3), 9), chosen_steps((8, None), 9), chosen_steps(None, 9)
    (range(1, 3), range(7, 9), range(0, 9))
    """
    low, high = bounds or (None, None)
    first, last = 1 if low is None else low, count if high is None else high
    if not 1 <= first <= last <= count:
        raise click.BadParameter(
            f"{first}:{last} is no range of steps: they go from 1 to {count}",
            param_hint="'--steps'",
        )
    return range(first - 1, last)


def film_paths(
    session: Session, folder: Path, name: str, steps: Sequence[int], *, force: bool
) -> list[Path]:
    """Return where the frames go; the folder is there then.

    Raises
    ------
    DataFailure, WriteError
        When files are in the way and not to be overwritten, or the folder cannot be made.
    """
    paths = frame_paths(session, folder, frame_stem(name), steps)
    make_room(folder, paths, force=force)
    return paths


def make_room(folder: Path, paths: Sequence[Path], *, force: bool) -> None:
    """Make the folder if need be, and refuse to overwrite frames without `force`.

    Raises
    ------
    DataFailure, WriteError
        When files are in the way and not to be overwritten, or the folder cannot be made.
    """
    try:
        if not force:
            check_free(paths)
        folder.mkdir(parents=True, exist_ok=True)
    except ExportError as error:
        raise DataFailure(f"{error} (--force overwrites)") from None
    except FileExistsError:
        raise DataFailure(f"{folder} is a file: choose a folder for the frames") from None
    except OSError as error:
        raise write_failure(folder, error) from None


def shoot(
    session: Session, paths: Sequence[Path], steps: Sequence[int], options: FrameOptions
) -> int:
    """Write the frames of `steps` as `let_write` does."""
    return let_write(write_frames(session, paths, steps, options), paths)


def let_write(written: Iterable[int], paths: Sequence[Path]) -> int:
    """Go through `written` frames; Ctrl+C and other ends come after the frame at work.

    Returns 0, or the exit code that belongs to the signal.
    """
    if len(paths) > MANY:
        note(f"{len(paths):,} frames: --steps or --max-side make fewer")
    done = 0
    with held_signals() as caught, _progress(len(paths)) as advance:
        for done in written:  # noqa: B007
            advance(1)
            if caught:
                break
    frames = "1 frame" if len(paths) == 1 else f"{len(paths):,} frames"
    stopped = f"stopped after {done:,} of " if caught else ""
    note(f"{stopped}{frames} in {paths[0].parent}")
    return 128 + caught[0] if caught else 0


@contextmanager
def _progress(count: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on standard error where that is a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(
        length=count, file=cast("TextIO", Terminal(sys.stderr)), label="Frames"
    ) as bar:
        yield bar.update

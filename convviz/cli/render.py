"""convviz render: the steps of a scene as PNG files."""

from collections.abc import Iterable
from pathlib import Path
from typing import Unpack

import click

from convviz.cli import parameters
from convviz.cli.folders import frames_folder
from convviz.cli.layer_options import LayerParameters, focus_option, layer_command
from convviz.cli.parameters import NamesOption, name_in, parsed
from convviz.cli.surroundings import loading_qt

EPILOG = """\b
Examples:
  convviz render -o frames/
  convviz render letter-h -k sobel-x --padding same --flip -o frames/ --steps 1:16
  convviz render photo.png -k outline --max-side 24 -o slides/ --theme light
  convviz render overlaps -o frames/ --steps 1:11
  convviz render lenet --focus 3 -o frames/ --steps :36
  convviz render letter-h --learn -o frames/ --steps :40
  convviz render 1,2,3 -k 1,1 --transpose --stride 2 -o frames/
  convviz render 1-to-5 -k 10-9-8 --mode full -o frames/
"""


def _themes() -> Iterable[str]:
    from convviz.model.session import THEMES

    return [theme for theme in THEMES if theme != "system"]


def _unsigned_maps() -> Iterable[str]:
    from convviz.model.colours import UNSIGNED_MAPS

    return UNSIGNED_MAPS


def _signed_maps() -> Iterable[str]:
    from convviz.model.colours import SIGNED_MAPS

    return SIGNED_MAPS


@layer_command("render", summary="Write a PNG file for each step.", epilog=EPILOG, required=False)
@focus_option
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="FOLDER",
    required=True,
    callback=parsed(frames_folder),
    help="The folder of the frames; it is made if need be. A name like that of a file, such as "
    "x.gif, is refused: x.gif/ is a folder.",
)
@click.option(
    "--steps",
    metavar="A:B",
    callback=parsed(parameters.steps),
    help="From frame A up to and with frame B, counted from 1 as their names are: 1:10, 5: or 3.  "
    "[default: all]",
)
@click.option(
    "--size",
    metavar="WIDTHxHEIGHT",
    default="1280x720",
    show_default=True,
    callback=parsed(parameters.size),
    help="Of the layout, in pixels.",
)
@click.option(
    "--scale",
    metavar="NUMBER",
    default="1",
    show_default=True,
    callback=parsed(parameters.scale),
    help="Pixels of the frame for each pixel of the layout: 2 makes 2560x1440 of 1280x720.",
)
@click.option(
    "--theme",
    cls=NamesOption,
    names=_themes,
    metavar="NAME",
    default="dark",
    show_default=True,
    callback=parsed(name_in(_themes)),
    help="NAMES.",
)
@click.option(
    "--unsigned",
    cls=NamesOption,
    names=_unsigned_maps,
    metavar="NAME",
    default="grey",
    show_default=True,
    callback=parsed(name_in(_unsigned_maps)),
    help="Colours of values from 0 up: NAMES.",
)
@click.option(
    "--signed",
    cls=NamesOption,
    names=_signed_maps,
    metavar="NAME",
    default="blue_red",
    show_default=True,
    callback=parsed(name_in(_signed_maps)),
    help="Colours of values of both signs: NAMES.",
)
@click.option(
    "--decimals",
    type=click.IntRange(0, 6),
    help="Write all numbers with so many decimals.  [default: exact where that is short]",
)
@click.option(
    "--learn",
    "learns",
    is_flag=True,
    help="Film how a kernel is learnt from INPUT: a frame for each update, as a scene says.",
)
@click.option("--force", is_flag=True, help="Overwrite frames that are there.")
def command(
    folder: Path,
    steps: tuple[int | None, int | None] | None,
    size: tuple[int, int],
    scale: float,
    theme: str,
    unsigned: str,
    signed: str,
    decimals: int | None,
    focus: int | None,
    *,
    learns: bool,
    force: bool,
    **layer: Unpack[LayerParameters],
) -> int:
    """Write a PNG file for each step of KERNEL across INPUT: letter-h_step-0001.png, and so on.

    Without KERNEL, --pool and --layer it slides the kernel that the window opens with, settings
    included, over a signal [10, 9, 8]; without INPUT, over the letter H. Of several feature
    maps one follows the other.
    """
    with loading_qt():
        from convviz.cli.film import (
            chosen_steps,
            film_paths,
            film_session,
            frame_options,
            learning_session,
            shoot,
            with_look,
        )
    from convviz.cli.task import read_task

    options = frame_options(size, scale, theme)
    task = read_task(layer, focus=focus, opening=True)
    filmed = learning_session(task.document) if learns else film_session(task)
    session = with_look(filmed, unsigned, signed, decimals)
    chosen = chosen_steps(steps, session.step_count)
    paths = film_paths(session, folder, task.source.name, chosen, force=force)
    return shoot(session, paths, chosen, options)

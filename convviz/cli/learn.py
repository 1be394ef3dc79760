"""convviz learn: gradient descent finds the kernel that makes a map."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Unpack

import click

from convviz.cli import parameters
from convviz.cli.folders import frames_folder
from convviz.cli.layer_options import LayerCommand
from convviz.cli.learn_parameters import LearnParameters
from convviz.cli.options import Decorator, activation, named, padding, setting
from convviz.cli.parameters import name_in, parsed
from convviz.cli.specs import padding_modes
from convviz.cli.streams import deliver
from convviz.cli.surroundings import loading_qt
from convviz.files.expressions import parse_number

EVERY = 10  # updates from frame to frame
SIZE = (1280, 720)

EPILOG = """\b
INPUT and KERNEL may be
  a name   letter-h, sobel-x: `convviz list` shows all
  a file   an image, .npy, .csv, .tsv, .txt, .json, .xlsx, .wav, .npz, ARCHIVE.npz:NAME
  numbers  "1,0,-1;2,0,-2;1,0,-1" or "[[1/9, 1/9], [1/9, 1/9]]"
  -        standard input

\b
Examples:
  convviz learn letter-h --target-kernel sobel-x
  convviz learn letter-h --target-kernel blur --padding same --flip --json
  convviz learn letter-h --target-kernel sobel-x --lr 4
  convviz learn letter-h --target-kernel outline --optimizer adam --activation relu
  convviz learn photo.png --max-side 32 --target edges.npy --kernel-size 3 --padding same
  convviz learn letter-h --target-kernel sobel-x -o frames/ --every 5 --steps 100
  convviz learn "1,2,4,1,0,3" --target "3,6,5,1,3" --kernel-size 2

\b
JSON:
  {"input": {"name", "shape"}, "kernel", "bias", "loss", "steps",
   "learning_rate", "bound", "rank", "numbers", "diverged", "distance",
   "first": {"kernel", "loss"}, "conclusion"}
bound is the largest stable learning rate, null where there is none; rank says how
many of the numbers of the kernel the input determines; distance is that of the
weight that is farthest off, null with --target.
"""


def _losses() -> Iterable[str]:
    from convviz.engine.losses import LOSSES

    return LOSSES


def _optimizers() -> Iterable[str]:
    from convviz.engine.descent import OPTIMIZERS

    return OPTIMIZERS


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(map(parse_number, text.split(",")))


def _themes() -> Iterable[str]:
    from convviz.model.session import THEMES

    return [theme for theme in THEMES if theme != "system"]


def _number(name: str, help_: str) -> Decorator:
    return click.option(name, metavar="NUMBER", callback=parsed(parse_number), help=help_)


OPTIONS: tuple[Decorator, ...] = (
    click.argument("source", metavar="INPUT"),
    click.option(
        "--target-kernel", metavar="KERNEL", help="The hidden kernel that makes the target."
    ),
    click.option("--target", metavar="MAP", help="The target itself: a file or numbers."),
    click.option(
        "--kernel-size",
        metavar="N[,N]",
        callback=parsed(parameters.per_axis(1)),
        help="With --target: rows and columns of the kernel.  [default: 3]",
    ),
    click.option(
        "--steps",
        metavar="N",
        callback=parsed(parameters.whole(0)),
        help="How many updates there are.  [default: 500]",
    ),
    click.option(
        "--seed",
        metavar="N",
        default="0",
        show_default=True,
        callback=parsed(parameters.whole(0)),
        help="Of the first kernel and the noise: the same seed, the same run.",
    ),
    _number("--lr", "The learning rate.  [default: 0.9 of the largest stable one]"),
    named("--optimizer", _optimizers, "How a gradient becomes a step: NAMES.  [default: sgd]"),
    named("--loss", _losses, "What is made small: NAMES.  [default: mse]"),
    click.option(
        "--initial",
        metavar="uniform|zeros|KERNEL",
        help="The first kernel: random as torch draws it, zeros, or your own.  [default: uniform]",
    ),
    _number("--noise", "Deviation of random numbers added to the target.  [default: 0]"),
    _number("--momentum", "With --optimizer momentum: what stays of a step.  [default: 0.9]"),
    click.option(
        "--betas",
        metavar="NUMBER,NUMBER",
        callback=parsed(_numbers),
        help="With --optimizer adam: what stays of its means.  [default: 0.9,0.999]",
    ),
    _number("--eps", "With --optimizer adam: added to what it divides by.  [default: 1e-8]"),
    _number("--weight-decay", "Pulls every weight towards 0.  [default: 0]"),
    click.option("--bias", is_flag=True, help="Learn a bias too; it begins at 0."),
    activation("Between the layer and the target: NAMES; settings as in compute."),
    setting("--stride", "N[,N]", "Cells from window to window.  [default: 1]"),
    padding("A rule (NAMES), or cells as in compute.  [default: 0]"),
    named("--padding-mode", padding_modes, "What padding holds: NAMES.  [default: zeros]"),
    setting("--padding-value", "NUMBER", "Fill padding with this value."),
    setting("--dilation", "N[,N]", "Cells from weight to weight.  [default: 1]"),
    click.option(
        "--flip/--no-flip", default=None, help="Convolve, or cross-correlate.  [default: no-flip]"
    ),
    click.option(
        "--channels",
        metavar="grey|all",
        callback=parsed(name_in(lambda: ("grey", "all"))),
        help="Take a colour image in grey, or with a channel for each colour.  [default: grey]",
    ),
    click.option(
        "--max-side",
        metavar="N",
        callback=parsed(parameters.whole(1)),
        help="Scale a larger image down to N cells on its longer side.",
    ),
)


def _with_options(function: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(OPTIONS):
        function = option(function)
    return function


@click.command(
    "learn", cls=LayerCommand, short_help="Learn the kernel behind a feature map.", epilog=EPILOG
)
@_with_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON with all digits.")
@click.option(
    "-o",
    "--output",
    "folder",
    metavar="FOLDER",
    callback=parsed(frames_folder),
    help="Write frames of the training as PNG into a folder, too; it is made if need be.",
)
@click.option(
    "--every",
    metavar="N",
    callback=parsed(parameters.whole(1)),
    help="With -o: a frame for every Nth update, and for the last.  [default: 10]",
)
@click.option(
    "--size",
    metavar="WIDTHxHEIGHT",
    callback=parsed(parameters.size),
    help="With -o: of the layout, in pixels.  [default: 1280x720]",
)
@click.option(
    "--scale",
    metavar="NUMBER",
    callback=parsed(parameters.scale),
    help="With -o: pixels of the frame for each pixel of the layout.  [default: 1]",
)
@named("--theme", _themes, "With -o: NAMES.  [default: dark]")
@click.option("--force", is_flag=True, help="With -o: overwrite frames that are there.")
def command(
    folder: Path | None,
    every: int | None,
    size: tuple[int, int] | None,
    scale: float | None,
    theme: str | None,
    *,
    force: bool,
    as_json: bool,
    **given: Unpack[LearnParameters],
) -> int:
    """Look for the kernel that makes the target of INPUT, by gradient descent.

    The target is what a hidden kernel makes (--target-kernel), or any map (--target). It says how
    large a learning rate is stable, and how much of the kernel the input can determine at all.
    """
    if (given["target_kernel"] is None) == (given["target"] is None):
        raise click.UsageError("give a target: either --target-kernel or --target")
    if given["target"] is None and given["kernel_size"] is not None:
        raise click.UsageError("--kernel-size is that of --target-kernel: leave it out")
    _check_frames(folder, (every, size, scale, theme, force or None))
    from convviz.cli.learning import check_drawn, learn_json, learn_text, read_learning

    learning = read_learning(given)
    if folder is not None:
        check_drawn(learning)
    deliver(learn_json(learning) if as_json else learn_text(learning))
    if folder is None:
        return 0
    with loading_qt():
        from convviz.cli.film import frame_options
        from convviz.cli.learn_film import film_learning

    options = frame_options(size or SIZE, scale or 1.0, theme or "dark")
    return film_learning(learning, folder, every or EVERY, options, force=force)


def _check_frames(folder: Path | None, chosen: tuple[object, ...]) -> None:
    """Refuse options of frames where none are written."""
    names = ("--every", "--size", "--scale", "--theme", "--force")
    given = [name for name, value in zip(names, chosen, strict=True) if value is not None]
    if folder is None and given:
        raise click.UsageError(f"{given[0]} is of frames: say where they go with -o FOLDER")

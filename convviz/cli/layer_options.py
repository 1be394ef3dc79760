"""The image, the kernel and the settings of the layer: the same for every command."""

import re
from collections.abc import Callable, Iterable
from typing import Any, TypedDict, get_type_hints

import click

from convviz.cli import parameters
from convviz.cli.parameters import NamesOption, Padding, WholeNumbers, parsed
from convviz.files.expressions import parse_number

OPERANDS = """\b
INPUT and KERNEL may be
  a name   letter-h, sobel-x: `convviz list` shows all
  a file   an image, .npy, .csv, .tsv, .txt, .json; .npz, or ARCHIVE.npz:NAME
  numbers  "1,0,-1;2,0,-2;1,0,-1" or "[[1/9, 1/9], [1/9, 1/9]]"
  -        standard input
A kernel of several channels is an array (out, in/groups, rows, columns).
A colour image becomes grey unless the kernel takes 3 channels.
Rows and columns count from 0.
"""

NEGATIVE = re.compile(r"-[0-9.][-+0-9.,;/eE ]*")


class LayerCommand(click.Command):
    """A command whose INPUT may begin with a negative number, which else would be an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(
            ctx, [f" {word}" if NEGATIVE.fullmatch(word) else word for word in args]
        )


class Settings(TypedDict):
    """The options that `Conv` takes as they are; None where one was not given."""

    stride: int | WholeNumbers | None
    padding: Padding | None
    padding_mode: str | None
    padding_value: float | None
    dilation: int | WholeNumbers | None
    groups: int | None
    bias: float | tuple[float, ...] | None
    flip: bool | None


class LayerParameters(Settings):
    """All that the commands share."""

    source: str | None
    kernel: str | None
    max_side: int | None
    activation: str | None


SETTINGS = tuple(get_type_hints(Settings))


def _rules() -> Iterable[str]:
    from convviz.engine.padding import PADDING_RULES

    return PADDING_RULES


def _modes() -> Iterable[str]:
    from convviz.engine.padding import PADDING_MODES

    return PADDING_MODES


def _activations() -> Iterable[str]:
    from convviz.engine.activations import ACTIVATIONS

    return ACTIVATIONS


LAYER_OPTIONS = (
    click.option(
        "--stride",
        metavar="N[,N]",
        callback=parsed(parameters.per_axis),
        help="Cells from window to window: 2, or 2,1 for rows and columns.  [default: 1]",
    ),
    click.option(
        "--padding",
        cls=NamesOption,
        names=_rules,
        metavar="RULE|CELLS",
        callback=parsed(parameters.padding(parameters.name_in(_rules))),
        help="A rule (NAMES), or cells: 1, or 1,2 for rows and columns, or 1:2,0:1 for before and "
        "after on each axis.  [default: 0]",
    ),
    click.option(
        "--padding-mode",
        cls=NamesOption,
        names=_modes,
        metavar="MODE",
        callback=parsed(parameters.name_in(_modes)),
        help="What padding holds: NAMES.  [default: zeros]",
    ),
    click.option(
        "--padding-value",
        metavar="NUMBER",
        callback=parsed(parse_number),
        help="Fill padding with this value; the mode is then constant.",
    ),
    click.option(
        "--dilation",
        metavar="N[,N]",
        callback=parsed(parameters.per_axis),
        help="Cells from weight to weight.  [default: 1]",
    ),
    click.option(
        "--groups",
        metavar="N",
        type=click.IntRange(min=1),
        help="Groups of channels that do not mix.  [default: 1]",
    ),
    click.option(
        "--bias",
        metavar="NUMBER[,NUMBER]...",
        callback=parsed(parameters.per_channel),
        help="Added to every dot product: one number, or one for each output channel.",
    ),
    click.option(
        "--flip/--no-flip",
        default=None,
        help="Convolve, as SciPy and NumPy do, or cross-correlate, as torch does.  "
        "[default: no-flip]",
    ),
    click.option(
        "--activation",
        cls=NamesOption,
        names=_activations,
        metavar="NAME",
        callback=parsed(parameters.name_in(_activations)),
        help="Applied to every cell of the feature map: NAMES.  [default: none]",
    ),
    click.option(
        "--max-side",
        metavar="N",
        type=click.IntRange(min=1),
        help="Scale a larger image down to N cells on its longer side.",
    ),
)


def layer_command(
    name: str, *, summary: str, epilog: str, required: bool = True
) -> Callable[[Callable[..., Any]], click.Command]:
    """Return a decorator that makes a command with INPUT, KERNEL and the options of the layer.

    The function takes them as LayerParameters. `summary` stands in the list of commands, `epilog`
    below what INPUT and KERNEL may be; `required` says whether these must be given.
    """

    def decorate(function: Callable[..., Any]) -> click.Command:
        for parameter in reversed((*_operands(required), *LAYER_OPTIONS)):
            function = parameter(function)
        words = {"short_help": summary, "epilog": f"{OPERANDS}\n{epilog}"}
        return click.command(name, cls=LayerCommand, **words)(function)

    return decorate


def _operands(required: bool) -> tuple[Callable[[Callable[..., Any]], Callable[..., Any]], ...]:
    source = "INPUT" if required else "[INPUT]"
    slides = "What slides across INPUT."
    return (
        click.argument("source", metavar=source, required=required),
        click.option("-k", "--kernel", metavar="KERNEL", required=required, help=slides),
    )


def given_settings(given: LayerParameters) -> dict[str, Any]:
    """Return the settings that were given, as keywords of `Conv`.

    Raises
    ------
    click.BadParameter
        When a value is given for padding that has none.
    """
    settings = {
        name: value for name, value in given.items() if name in SETTINGS and value is not None
    }
    if "padding_value" not in settings:
        return settings
    mode = settings.setdefault("padding_mode", "constant")
    if mode != "constant":
        raise click.BadParameter(
            f"the mode {mode} brings values of its own; choose --padding-mode constant",
            param_hint="'--padding-value'",
        )
    return settings

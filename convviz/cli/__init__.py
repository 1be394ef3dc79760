"""The command line. Each command imports what it needs when it runs: help comes at once."""

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from io import TextIOWrapper

import click

from convviz import __version__
from convviz.cli import compute, learn, listing, render, trace, window
from convviz.cli.failures import tell_failure
from convviz.cli.interrupts import terminated_by_exit
from convviz.cli.streams import ClosedOutput

EPILOG = """\b
Examples:
  convviz letter-h
  convviz lenet
  convviz compute letter-h -k blur --padding same --flip
  convviz compute photo.png -k sobel-x --max-side 64 -o edges.npy
  convviz trace letter-h -k sobel-x --padding same --at 7,4
  convviz render letter-h -k "1,0,-1;2,0,-2;1,0,-1" --steps 1:50 -o frames/
  convviz compute gradient --pool max
  convviz compute digit-7 -k sobel-x --layer relu --layer "max 2"
  convviz compute photo.png -k resnet18.safetensors:conv1 --stride 2
  convviz learn letter-h --target-kernel sobel-x
  convviz list

\b
Exit codes:
  0  done
  1  an unexpected failure
  2  wrong usage
  3  something around convviz is missing: a display, a library, a package
  4  data that cannot be taken, a file that cannot be written
"""


class CommandOrFile(click.Group):
    """A group whose first argument may be a file instead of a command: `open` then has it."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        first = args[0]
        if first in self.commands:
            return super().resolve_command(ctx, args)
        meant = get_close_matches(first, self.commands, 1, cutoff=0.75)
        if meant and not os.path.exists(first):  # noqa: PTH110  # Path.exists raises if denied
            ctx.fail(f"there is no command {first!r}: did you mean {meant[0]}?")
        return window.command.name, window.command, args


@click.group(
    cls=CommandOrFile,
    invoke_without_command=True,
    subcommand_metavar="[FILE | COMMAND [ARGS]...]",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 90},
    epilog=EPILOG,
)
@click.version_option(__version__, prog_name="convviz", message="%(prog)s %(version)s")
@click.pass_context
def program(context: click.Context) -> int | None:
    """See every multiplication of a convolution layer.

    Without a command it opens the window, with FILE (a scene, an image, an array, weights of a
    trained network, or the name of an input or example that `convviz list` shows) or with the
    letter H.
    """
    return None if context.invoked_subcommand else context.invoke(window.command)


for command in (
    window.command,
    compute.command,
    trace.command,
    render.command,
    learn.command,
    listing.command,
):
    program.add_command(command)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    # Threads of OpenBLAS gain little on small tiles, and stall beside other programs.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal that knows no × is no failure
    if sys.stdout is None:
        sys.stdout = ClosedOutput()
    try:
        with terminated_by_exit():
            code = program.main(arguments, prog_name="convviz", standalone_mode=False)
    except Exception as error:
        return tell_failure(error)
    return int(code or 0)

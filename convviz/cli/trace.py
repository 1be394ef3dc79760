"""convviz trace: every term behind one output cell."""

from typing import Unpack

import click

from convviz.cli import parameters
from convviz.cli.layer_options import LayerParameters, focus_option, layer_command
from convviz.cli.parameters import WholeNumbers, parsed
from convviz.cli.streams import deliver

EPILOG = """\b
Examples:
  convviz trace letter-h -k sobel-x --padding same --flip --at 7,4
  convviz trace 1-to-5 -k 10-9-8 --mode full --at 3
  convviz trace letter-h -k blur --at 0,0 --bias 0.5 --activation relu --json
  convviz trace count-3x3 -k 1,2 --transpose --stride 2 --at 2,2
  convviz trace gradient --pool max --window 3 --at 0,1
  convviz trace cs231n-two-filters --at 2,0 --channel 1
  convviz trace letter-h -k blur --layer "max 2" --focus 1 --at 3,3

\b
JSON:
  {"input", "layers" as of compute, "focus", "at", "channel", ...
   of a kernel:       "terms": [{"channel", "place", "inside", "cell",
                      "weight", "product", "sum"}], "sum", "bias",
WINDOWS
   of an activation:  "cell",
   ... "value", "output"}
A place that is not inside is padding; null is a zero that a transposed
convolution puts between cells, or the padding of max pooling, minus infinity.
"sum" and "max" in a list run up to their cell; value is what the layer makes,
output what an activation right after makes of it.
"""


@layer_command("trace", summary="List the terms behind one output cell.", epilog=EPILOG)
@focus_option
@click.option(
    "--at",
    required=True,
    metavar="ROW,COLUMN",
    callback=parsed(parameters.whole_numbers(0)),
    help="The output cell; of a signal, SAMPLE.",
)
@click.option(
    "--channel",
    default="0",
    show_default=True,
    metavar="N",
    callback=parsed(parameters.whole(0)),
    help="The output channel.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON with all digits.")
def command(
    at: WholeNumbers,
    channel: int,
    focus: int | None,
    *,
    as_json: bool,
    **layer: Unpack[LayerParameters],
) -> None:
    """List the terms behind one output cell: input cell, weight, product, and the sum so far.

    Weights stand as they meet the window: reversed with --flip and with --transpose.
    """
    from convviz.cli.task import read_task
    from convviz.cli.terms import trace_json, trace_task, trace_text
    from convviz.engine.layers import LayerError

    task = read_task(layer, focus=focus)
    try:
        trace = trace_task(task, at, channel)
    except LayerError as error:
        raise click.BadParameter(str(error), param_hint="'--at' or '--channel'") from None
    deliver(trace_json(task, trace) if as_json else trace_text(task, trace))

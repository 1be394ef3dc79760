"""convviz trace: every term behind one output cell."""

from typing import Unpack

import click

from convviz.cli import parameters
from convviz.cli.layer_options import LayerParameters, layer_command
from convviz.cli.parameters import WholeNumbers, parsed
from convviz.cli.streams import deliver

EPILOG = """\b
Examples:
  convviz trace letter-h -k sobel-x --padding same --flip --at 7,4
  convviz trace 1-to-5 -k 10-9-8 --padding full --flip --at 3
  convviz trace letter-h -k blur --at 0,0 --bias 0.5 --activation relu --json

\b
JSON:
  {"input", "kernel", "layer" as of compute, "at", "channel",
   "terms": [{"channel", "place", "inside", "cell", "weight", "product", "sum"}],
   "sum", "bias", "value", "output"}
A place that is not inside is padding; value is the sum with the bias, output
what the activation makes of it.
"""


@layer_command("trace", summary="List the terms behind one output cell.", epilog=EPILOG)
@click.option(
    "--at",
    required=True,
    metavar="ROW,COLUMN",
    callback=parsed(parameters.whole_numbers(0)),
    help="The output cell; of a signal, SAMPLE.",
)
@click.option(
    "--channel", default=0, show_default=True, metavar="N", type=int, help="The output channel."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON with all digits.")
def command(
    at: WholeNumbers, channel: int, *, as_json: bool, **layer: Unpack[LayerParameters]
) -> None:
    """List the terms behind one output cell: input cell, weight, product, and the sum so far.

    Weights stand as they meet the window: reversed with --flip.
    """
    from convviz.cli.task import read_task
    from convviz.cli.terms import trace_json, trace_task, trace_text
    from convviz.engine.layers import LayerError

    task = read_task(layer)
    try:
        trace = trace_task(task, at, channel)
    except LayerError as error:
        raise click.BadParameter(str(error), param_hint="'--at' or '--channel'") from None
    deliver(trace_json(task, trace) if as_json else trace_text(task, trace))

"""convviz compute: the feature map as text, JSON or a file."""

from collections.abc import Iterable
from pathlib import Path
from typing import Unpack

import click

from convviz.cli.failures import DataFailure
from convviz.cli.layer_options import LayerParameters, layer_command
from convviz.cli.parameters import NamesOption, parsed
from convviz.cli.streams import deliver, note

EPILOG = """\b
Examples:
  convviz compute letter-h -k vertical-line --padding same --flip
  convviz compute "1,2,3" -k "4,5,6,7" --mode same
  convviz compute photo.jpg -k gaussian-5 --padding-mode reflect -o soft.npy
  convviz compute - -k laplacian-4 --json < grid.csv
  convviz compute "1,2;3,4" -k "1,1;1,1" --transpose --stride 2
  convviz compute gradient --pool avg --window 3 --stride 1
  convviz compute digit-7 -k sobel-x --layer relu --layer "max 2" -o small.csv
  convviz compute lenet --json
  convviz compute letter-h -k blur --padding same -o blur.xlsx

\b
JSON:
  {"input": {"name", "shape"},
   "layers": [{"kind", "kernel": {"name", "shape"} or "kernel_size",
               its settings, "output_shape"}],
   "shape", "values"}
"output_shape" is (channels, rows, columns); padding is given in cells (before,
after) for each axis.
"""


def _suffixes() -> Iterable[str]:
    from convviz.cli.maps import WRITERS

    return WRITERS


def _output(text: str) -> Path:
    path, suffixes = Path(text), tuple(_suffixes())
    if path.suffix.lower() not in suffixes:
        raise ValueError(f"{text!r} ends in none of {', '.join(suffixes)}")
    return path


@layer_command("compute", summary="Print the feature map, or write it to a file.", epilog=EPILOG)
@click.option(
    "-o",
    "--output",
    cls=NamesOption,
    names=_suffixes,
    metavar="OUT",
    callback=parsed(_output),
    help="Write all digits to a file instead (NAMES); .xlsx has all layers, as formulas.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON with all digits.")
@click.option("--force", is_flag=True, help="Overwrite OUT.")
def command(
    output: Path | None, *, as_json: bool, force: bool, **layer: Unpack[LayerParameters]
) -> None:
    """Print the feature map of INPUT under KERNEL as NumPy prints arrays.

    Of more than 10,000 numbers only the corners are printed: -o and --json give all of them.
    With several layers it is what the last one makes. Whole numbers are printed as such when
    input, kernels and biases are whole, and the sums exact. What is only the rounding of sums is
    printed as 0, and a line on standard error says so; --json and files have what was computed.
    """
    if as_json and output:
        raise click.UsageError("--json goes to standard output: leave out -o")
    if output:
        _write(layer, output, force=force)
    else:
        _print(layer, as_json=as_json)


def _print(layer: LayerParameters, *, as_json: bool) -> None:
    from convviz.cli.maps import map_json, map_text, noise_note
    from convviz.cli.task import read_task

    task = read_task(layer)
    if as_json:
        deliver(map_json(task))
        return
    deliver(map_text(task))
    if sentence := noise_note(task):
        note(sentence)


def _write(layer: LayerParameters, output: Path, *, force: bool) -> None:
    from convviz.cli.maps import file_bytes
    from convviz.cli.task import read_task
    from convviz.files.atomic import atomic_write
    from convviz.files.source import is_there

    if not force and (is_there(output) or output.is_symlink()):
        raise DataFailure(f"{output} is there already: --force overwrites it")
    atomic_write(output, file_bytes(read_task(layer), output.suffix.lower()))

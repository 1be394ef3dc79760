"""convviz list: the names that other commands know."""

import json
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from convviz.cli.parameters import FilledCommand
from convviz.cli.streams import deliver, note

if TYPE_CHECKING:
    from convviz.files.weight_entries import WeightEntry

UNBROKEN = 1000  # characters: a line for each name, as grep likes it
LONGEST_NAME = 36  # characters; beyond, what follows stands on a line of its own


class Listed(Protocol):
    """What tables hold."""

    @property
    def name(self) -> str: ...
    @property
    def summary(self) -> str: ...


Entry = dict[str, Any]


@click.command(
    "list",
    cls=FilledCommand,
    short_help="List names of inputs, kernels, settings; or layers of weights.",
)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of scene files instead.")
def command(file: Path | None, *, as_json: bool, schema: bool) -> None:
    """List inputs, examples, kernels, layers, and the names that settings may have.

    With FILE, list the layers of trained weights in it: safetensors, .npz or .onnx.
    """
    if file is not None and schema:
        raise click.UsageError("--schema is of scene files: leave FILE out")
    if file is not None:
        _list_weights(file, as_json=as_json)
        return
    if schema:
        from convviz.files.scene_schema import scene_schema

        deliver(json.dumps(scene_schema(), indent=2))
        return
    tables = dict(_tables())
    if as_json:
        deliver(json.dumps(tables, ensure_ascii=False))
        return
    formatter = click.HelpFormatter(width=None if sys.stdout.isatty() else UNBROKEN)
    for title, entries in tables.items():
        with formatter.section(title.replace("_", " ").capitalize()):
            rows = [(entry["name"], _text(entry)) for entry in entries]
            formatter.write_dl(rows, col_max=LONGEST_NAME)
    deliver(formatter.getvalue().strip("\n"))


def _list_weights(file: Path, *, as_json: bool) -> None:
    from convviz.engine.geometry import counted
    from convviz.files.errors import one_line
    from convviz.files.weight_entries import settings_text
    from convviz.files.weights import read_weights

    weights = read_weights(file)
    entries = weights.entries
    if as_json:
        layers = [{f.name: getattr(entry, f.name) for f in fields(entry)} for entry in entries]
        deliver(json.dumps({"layers": layers}, ensure_ascii=False, default=dict))
        return
    if not entries and weights.stack is not None:
        count = counted(len(weights.stack.layers), "layer")
        note(f"{file}: no layer has weights; its graph is a stack of {count}: take it by --model")
    widths = [max(map(len, column)) for column in zip(*map(_columns, entries), strict=True)]
    for entry in entries:
        cells = zip(_columns(entry), widths, strict=True)
        line = "  ".join(cell.ljust(width) for cell, width in cells)
        said = (
            entry.refusal
            or entry.question
            or "; ".join(filter(None, (settings_text(entry), entry.note)))
        )
        deliver(one_line(f"{line}  {said}".rstrip()))


def _columns(entry: "WeightEntry") -> tuple[str, ...]:
    size = " × ".join(map(str, entry.shape))
    return entry.name, entry.kind, size, "bias" if entry.bias else ""


def _text(entry: Entry) -> str:
    size = " × ".join(map(str, entry.get("shape", ())))
    used_by = f"({entry['used_by']})" if "used_by" in entry else ""
    return "  ".join(part for part in (size and size.ljust(7), entry["summary"], used_by) if part)


def _tables() -> Iterator[tuple[str, list[Entry]]]:
    from convviz.engine.activations import ACTIVATIONS
    from convviz.engine.descent import OPTIMIZERS
    from convviz.engine.inputs import INPUTS
    from convviz.engine.kernels import KERNELS
    from convviz.engine.losses import LOSSES
    from convviz.engine.padding import PADDING_MODES, PADDING_RULES
    from convviz.model.examples import EXAMPLES
    from convviz.model.stacking import LAYER_KINDS

    yield "inputs", [_entry(p, shape=p.image.shape) for p in INPUTS.values()]
    yield "examples", [_entry(e, title=e.title, source=e.source) for e in EXAMPLES.values()]
    yield "kernels", [_entry(p, shape=p.kernel.shape) for p in KERNELS.values()]
    yield "layers", [_entry(kind) for kind in LAYER_KINDS.values()]
    yield "padding_rules", [_entry(rule, used_by=rule.used_by) for rule in PADDING_RULES.values()]
    yield "padding_modes", [_entry(mode) for mode in PADDING_MODES.values()]
    yield "activations", [_entry(a, settings=a.defaults) for a in ACTIVATIONS.values()]
    yield "losses", [_entry(loss) for loss in LOSSES.values()]
    yield "optimizers", [_entry(optimizer) for optimizer in OPTIMIZERS.values()]


def _entry(listed: Listed, **more: object) -> Entry:
    return {"name": listed.name, **more, "summary": listed.summary}

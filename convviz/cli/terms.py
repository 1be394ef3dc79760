"""What stands behind one output cell, as a table and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import product
from math import isfinite
from typing import assert_never

import numpy as np

from convviz.cli.assembly import checked_finite
from convviz.cli.description import Json, description, json_text, plain_number
from convviz.cli.task import Task
from convviz.engine.geometry import PerAxis
from convviz.engine.layers import Conv, ConvTranspose
from convviz.engine.poolings import Pooling
from convviz.engine.trace import (
    ActivationTrace,
    AnyTrace,
    PoolTrace,
    Trace,
    checked_place,
    trace_windows,
)
from convviz.engine.windows import windows_of
from convviz.model.document import layer_title, results
from convviz.model.numbers import exact_text

HEADINGS = ("place", "cell", "weight", "product", "sum")


@dataclass(frozen=True)
class Term:
    """One product: an input cell times the weight that meets it, and the sum so far.

    `place` is None at the zeros that a transposed convolution puts between cells.
    """

    channel: int
    place: PerAxis | None
    inside: bool
    cell: float
    weight: float
    product: float
    sum: float


@dataclass(frozen=True)
class Pooled:
    """One cell of a pooling window, and the cell taken or the sum up to it."""

    place: PerAxis
    inside: bool
    cell: float
    so_far: float
    chosen: bool


def trace_task(task: Task, at: PerAxis, channel: int) -> AnyTrace:
    """Return what stands behind one output cell of the layer in focus.

    Raises
    ------
    LayerError, DataFailure
        When there is no such cell, or its number becomes too large.
    """
    place = checked_place(task.layer, task.document.shapes[task.focus], at, channel)
    with np.errstate(all="ignore"):
        entering = results(task.document).entering(task.focus)
        trace = trace_windows(task.layer, windows_of(task.layer, entering), place, channel)
        checked_finite(np.array(trace.value))
    return trace


def _terms(task: Task, trace: Trace) -> Iterator[Term]:
    arrays = (trace.inside, trace.window, trace.weight, trace.products, trace.partial_sums)
    columns = zip(*(array.ravel().tolist() for array in arrays), strict=True)
    between = isinstance(task.layer, ConvTranspose)
    for (channel, *place), (inside, *numbers) in zip(
        product(trace.channels, *trace.places), columns, strict=True
    ):
        yield Term(channel, None if between and not inside else tuple(place), inside, *numbers)


def _pooled(trace: PoolTrace) -> Iterator[Pooled]:
    columns = (array.ravel().tolist() for array in (trace.inside, trace.window, trace.partial))
    rows = zip(product(*trace.places), *columns, strict=True)
    for number, (place, inside, cell, so_far) in enumerate(rows):
        yield Pooled(place, inside, cell, so_far, number == trace.chosen)


def _ends(trace: AnyTrace) -> Mapping[str, float]:
    """Return what is made of the terms, by name and in order."""
    match trace:
        case Trace():
            return {"sum": trace.total, "bias": trace.bias, "value": trace.value}
        case PoolTrace():
            if not trace.pooling.divides:
                return {"value": trace.value}
            total = float(trace.partial[-1])
            return {"sum": total, "divisor": trace.divisor, "value": trace.value}
        case ActivationTrace():
            return {"cell": trace.cell, "value": trace.value}
        case _:
            assert_never(trace)


def _output(task: Task, trace: AnyTrace) -> float:
    return float(task.activation.for_channel(trace.channel).apply(np.array(trace.value)))


def trace_text(task: Task, trace: AnyTrace) -> str:
    """Return a table of the terms, and what is made of them."""
    ends = {**_ends(trace)}
    if task.activation.name != "none":
        ends[task.activation.name] = _output(task, trace)
    tables = (list(_table(task, trace)), [(name, number_text(end)) for name, end in ends.items()])
    lines = ["\n".join(aligned(table)) for table in tables if table]
    return "\n\n".join([_heading(task, trace), *lines])


def _heading(task: Task, trace: AnyTrace) -> str:
    count = len(task.document.layers) - (task.activation.name != "none")
    layer = f", layer {task.focus + 1} of {len(task.document.layers)}," if count > 1 else ""
    several = task.document.made(task.focus)[0] > 1
    place = f"{','.join(map(str, trace.at))}{f', channel {trace.channel}' if several else ''}"
    return f"{task.source.name}{layer} under {_slides(task)}: output cell {place}"


def _slides(task: Task) -> str:
    """Return what slides over the input of the layer in focus."""
    kernel, layer = task.kernels[task.focus], task.layer
    if kernel is None:
        return layer_title(layer)
    if isinstance(layer, ConvTranspose):
        return f"{kernel.name}, transposed"
    return f"{kernel.name}, reversed" if isinstance(layer, Conv) and layer.flip else kernel.name


def _table(task: Task, trace: AnyTrace) -> Iterator[tuple[str, ...]]:
    """Yield a row for each term, which begins with the channel where there are several."""
    match trace:
        case Trace():
            several = task.document.shapes[task.focus][0] > 1
            beside = "zero" if isinstance(task.layer, ConvTranspose) else "padding"
            yield ("channel", *HEADINGS) if several else HEADINGS
            for term in _terms(task, trace):
                place = _place(term.place if term.inside else None, beside)
                numbers = map(number_text, (term.cell, term.weight, term.product, term.sum))
                yield (*(str(term.channel),) * several, place, *numbers)
        case PoolTrace():
            yield ("place", "cell", trace.pooling.column, "")
            for cell in _pooled(trace):
                place = _place(cell.place if cell.inside else None, "padding")
                marked = trace.pooling.mark if cell.chosen else ""
                yield (place, number_text(cell.cell), number_text(cell.so_far), marked)


def _place(place: PerAxis | None, beside: str) -> str:
    return beside if place is None else ",".join(map(str, place))


def number_text(value: float) -> str:
    """Return a short decimal or fraction where `value` is one, else all its digits.

    >>> number_text(0.1 + 0.2), number_text(1 / 9), number_text(2**0.5)
    ('0.3', '1/9', '1.4142135623730951')
    """
    return exact_text(value) or repr(value)


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows of cells as lines: the first column to the left, all others to the right.

    >>> aligned([("sum", "12"), ("bias", "0.5")])
    ['sum    12', 'bias  0.5']
    """
    first, *others = (max(map(len, column)) for column in zip(*rows, strict=True))
    return [
        "  ".join((row[0].ljust(first), *map(str.rjust, row[1:], others))).rstrip() for row in rows
    ]


def trace_json(task: Task, trace: AnyTrace) -> str:
    """Return the same as JSON, with all digits."""
    return json_text(
        {
            **description(task),
            "focus": task.focus + 1,
            "at": trace.at,
            "channel": trace.channel,
            **_listed(task, trace),
            **{name: plain_number(value) for name, value in _ends(trace).items()},
            "output": plain_number(_output(task, trace)),
        }
    )


def _listed(task: Task, trace: AnyTrace) -> Json:
    """Return the terms of a dot product, or the cells of a pooling window."""
    match trace:
        case Trace():
            return {"terms": [_plain(asdict(term)) for term in _terms(task, trace)]}
        case PoolTrace():
            return {"cells": [_plain(_cell(cell, trace.pooling)) for cell in _pooled(trace)]}
        case ActivationTrace():
            return {}
        case _:
            assert_never(trace)


def _cell(cell: Pooled, pooling: Pooling) -> Json:
    found: Json = {"place": cell.place, "inside": cell.inside, "cell": cell.cell}
    found[pooling.column] = cell.so_far
    return found if pooling.adds else {**found, pooling.mark: cell.chosen}


def _plain(values: Json) -> Json:
    """Return numbers as JSON has them; the minus infinity around max pooling is null."""
    return {
        name: (plain_number(value) if isfinite(value) else None)
        if isinstance(value, float)
        else value
        for name, value in values.items()
    }

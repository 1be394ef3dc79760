"""The terms behind one output cell, as a table and as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import product

import numpy as np

from convviz.cli.description import description, json_text, plain_number
from convviz.cli.task import Task, checked_finite
from convviz.engine.geometry import PerAxis
from convviz.engine.layers import Conv
from convviz.engine.trace import Trace, checked_place, trace_padded
from convviz.model.numbers import exact_text

HEADINGS = ("place", "cell", "weight", "product", "sum")


@dataclass(frozen=True)
class Term:
    """One product: an input cell times the weight that meets it, and the sum so far."""

    channel: int
    place: PerAxis
    inside: bool
    cell: float
    weight: float
    product: float
    sum: float


def trace_task(task: Task, at: PerAxis, channel: int) -> Trace:
    """Return the dot product behind one output cell.

    Raises
    ------
    LayerError, DataFailure
        When there is no such cell, or its number becomes too large.
    """
    shape = task.document.image.shape
    place = checked_place(task.conv, shape, at, channel)
    trace = trace_padded(task.conv, task.padded, shape, place, channel)
    with np.errstate(all="ignore"):
        checked_finite(trace.partial_sums)
    return trace


def _terms(task: Task, trace: Trace) -> Iterator[Term]:
    arrays = (trace.inside, trace.window, trace.weight, trace.products, trace.partial_sums)
    columns = (array.ravel().tolist() for array in arrays)
    for place, values in zip(_places(task.conv, trace), zip(*columns, strict=True), strict=True):
        yield Term(*place, *values)


def _places(conv: Conv, trace: Trace) -> Iterator[tuple[int, PerAxis]]:
    """Yield the input channel of each term, and the place in the image, or beside it."""
    channels, *kernel = trace.window.shape
    first = trace.channel // (conv.out_channels // conv.groups) * channels
    for channel, *offsets in product(range(first, first + channels), *map(range, kernel)):
        axes = zip(trace.start, offsets, conv.dilation, strict=True)
        yield channel, tuple(start + offset * dilation for start, offset, dilation in axes)


def _activated(task: Task, trace: Trace) -> float:
    return float(task.activation.function.apply(np.array(trace.value)))


def trace_text(task: Task, trace: Trace) -> str:
    """Return a table of the terms, and what is made of their sum."""
    ends = {"sum": trace.total, "bias": trace.bias, "value": trace.value}
    if task.activation.name != "none":
        ends[task.activation.name] = _activated(task, trace)
    lines = (
        _heading(task, trace),
        "",
        *aligned(list(_table(task, trace))),
        "",
        *aligned([(name, number_text(value)) for name, value in ends.items()]),
    )
    return "\n".join(lines)


def _heading(task: Task, trace: Trace) -> str:
    channel = f", channel {trace.channel}" if task.conv.out_channels > 1 else ""
    flipped = ", reversed" if task.conv.flip else ""
    place = ",".join(map(str, trace.at))
    return f"{task.source.name} under {task.kernel.name}{flipped}: output cell {place}{channel}"


def _table(task: Task, trace: Trace) -> Iterator[tuple[str, ...]]:
    """Yield a row for each term, which begins with the channel where there are several."""
    several = task.conv.in_channels > 1
    yield ("channel", *HEADINGS) if several else HEADINGS
    for term in _terms(task, trace):
        place = ",".join(map(str, term.place)) if term.inside else "padding"
        numbers = map(number_text, (term.cell, term.weight, term.product, term.sum))
        yield (*(str(term.channel),) * several, place, *numbers)


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
    return ["  ".join((row[0].ljust(first), *map(str.rjust, row[1:], others))) for row in rows]


def trace_json(task: Task, trace: Trace) -> str:
    """Return the same as JSON, with all digits."""
    ends = {"sum": trace.total, "bias": trace.bias, "value": trace.value}
    return json_text(
        {
            **description(task),
            "at": trace.at,
            "channel": trace.channel,
            "terms": [_plain(term) for term in _terms(task, trace)],
            **{name: plain_number(value) for name, value in ends.items()},
            "output": plain_number(_activated(task, trace)),
        }
    )


def _plain(term: Term) -> dict[str, object]:
    return {
        name: plain_number(value) if isinstance(value, float) else value
        for name, value in asdict(term).items()
    }

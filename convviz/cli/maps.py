"""The feature map as numbers, as text, and as the bytes of a file."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from convviz.cli.assembly import checked_finite
from convviz.cli.description import description, json_text
from convviz.cli.failures import DataFailure
from convviz.cli.streams import note
from convviz.cli.task import Task
from convviz.engine.geometry import counted
from convviz.engine.layers import Conv, KernelLayer, Layer
from convviz.engine.noise import sum_sizes
from convviz.engine.padding import Array
from convviz.engine.problems import times
from convviz.engine.rounding import is_whole, largest_whole
from convviz.export.map_files import MAP_WRITERS
from convviz.export.spreadsheet import SPREADSHEET_SUFFIX, spreadsheet_bytes
from convviz.files.errors import Refusal
from convviz.model.document import Computation, results

LONGEST = 10_000  # numbers that are printed one by one


def feature_map(task: Task) -> Array:
    """Return what the layers make, without the axis for channels where there was none.

    Raises
    ------
    DataFailure
        When a number becomes too large.
    """
    made = results(task.document)
    with np.errstate(all="ignore"):
        for index in range(len(task.document.layers)):
            checked_finite(made.of(index).sums)
    return _bare(task, made.entering(len(task.document.layers)))


def whole_map(task: Task) -> Array | None:
    """Return the feature map as integers when it is whole, and exact, as is all before it.

    Sums of whole numbers are exact while the sizes of their terms do not add up to more than floats
    can count to.
    """
    found = feature_map(task)
    made = results(task.document)
    layers = enumerate(task.document.layers)
    exact = all(_is_exact(layer, made.of(index)) for index, layer in layers)
    return found.astype(np.int64) if exact and is_whole(found) else None


def _is_exact(layer: Layer, computation: Computation) -> bool:
    """Return whether what `layer` makes of its input is whole, without rounding."""
    if not all(map(is_whole, (computation.image, computation.sums, *_numbers(layer)))):
        return False
    largest = float(sum_sizes(layer, computation.image).max())
    return largest < largest_whole(computation.sums.dtype)


def _numbers(layer: Layer) -> tuple[Array, ...]:
    """Return the numbers of a layer that go into sums."""
    if not isinstance(layer, KernelLayer):
        return ()
    bias = np.zeros(1) if layer.bias is None else layer.bias
    filled = layer.padding_value if isinstance(layer, Conv) else 0.0
    return layer.weight, bias, np.array(filled)


def _bare(task: Task, maps: Array) -> Array:
    only: Array = maps[0] if task.bare and len(maps) == 1 else maps
    return only + 0.0  # -0 becomes 0


def map_text(task: Task) -> str:
    """Return the feature map as NumPy prints it, each row on one line.

    Rounding noise is printed as 0, or NumPy would write all of it with exponents; `noise_note`
    says so. Up to LONGEST numbers are printed, of more only the corners, and that is said.
    """
    values = whole_map(task)
    if values is None:
        values = _bare(task, results(task.document).entering_shown(len(task.document.layers)))
    if values.size > LONGEST:
        cells = times(values.shape)
        note(f"{cells} numbers are printed in short: -o map.npy has all of them, --json prints all")
    return np.array2string(values, threshold=LONGEST, max_line_width=sys.maxsize)


def noise_note(task: Task) -> str:
    """Return the sentence about what `map_text` prints as 0, "" where that is nothing."""
    made, last = results(task.document), len(task.document.layers)
    exact, shown = made.entering(last), made.entering_shown(last)
    count = int(np.count_nonzero(exact != shown))
    if not count:
        return ""
    verb, it = ("is", "it") if count == 1 else ("are", "them")
    numbers = counted(count, "number")
    return f"{numbers} {verb} rounding noise and printed as 0: --json has {it}"


def map_json(task: Task) -> Iterator[str]:
    """Yield what was computed, with the shape and the values, as parts of JSON in one line."""
    values = whole_map(task)
    if values is None:
        values = feature_map(task)
    yield json_text({**description(task), "shape": values.shape}).removesuffix("}")
    yield ', "values": '
    yield from _json_parts(values)
    yield "}"


def _json_parts(values: Array) -> Iterator[str]:
    """Yield nested lists, row by row: the text of a large map takes ten times its memory."""
    if values.ndim <= 1:
        yield json.dumps(values.tolist(), allow_nan=False)
        return
    yield "["
    for index, part in enumerate(values):
        yield ", " if index else ""
        yield from _json_parts(part)
    yield "]"


def _numbers_of(write: Callable[[Array], bytes], task: Task) -> bytes:
    return write(feature_map(task))


def _spreadsheet(task: Task) -> bytes:
    return spreadsheet_bytes(task.document)


WRITERS: Mapping[str, Callable[[Task], bytes]] = {
    **{suffix: partial(_numbers_of, write) for suffix, write in MAP_WRITERS.items()},
    SPREADSHEET_SUFFIX: _spreadsheet,
}


def file_bytes(task: Task, suffix: str) -> bytes:
    """Return the file with `suffix`, of WRITERS, that holds what the layers make.

    Raises
    ------
    DataFailure
        When a file of that kind cannot hold it.
    """
    try:
        return WRITERS[suffix](task)
    except Refusal as error:
        raise DataFailure(str(error)) from None

"""The feature map as numbers, as text, and as the bytes of a file."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np

from convviz.cli.assembly import checked_finite
from convviz.cli.description import EXACT_INTEGERS, description, json_text
from convviz.cli.failures import DataFailure, EnvironmentFailure
from convviz.cli.streams import note
from convviz.cli.task import Task
from convviz.engine.layers import Conv, KernelLayer, Layer
from convviz.engine.network import apply_layer
from convviz.engine.padding import Array
from convviz.engine.problems import times
from convviz.export.map_files import MAP_WRITERS
from convviz.export.spreadsheet import SPREADSHEET_SUFFIX, MissingLibrary, spreadsheet_bytes
from convviz.files.errors import Refusal
from convviz.model.document import results

LONGEST = 10_000  # numbers that are printed one by one


def feature_map(task: Task) -> Array:
    """Return what the layers make, without the axis for channels where there was none.

    Raises
    ------
    DataFailure
        When a number becomes too large.
    """
    values = task.document.image
    with np.errstate(all="ignore"):
        for layer in task.document.layers:
            values = checked_finite(apply_layer(layer, values))
    return _shown(task, values)


def whole_map(task: Task) -> Array | None:
    """Return the feature map as integers when all that goes into it is whole, and it is too.

    Sums of whole numbers are whole, whatever the last bits of a Fourier transform say.
    """
    values: Array | None = task.document.image
    with np.errstate(all="ignore"):
        for layer in task.document.layers:
            values = None if values is None else _whole_values(layer, values)
    return None if values is None else _shown(task, values).astype(np.int64)


def _whole_values(layer: Layer, values: Array) -> Array | None:
    """Return what `layer` makes of whole numbers, None when it is not whole."""
    if not all(map(_is_whole, (values, *_numbers(layer)))):
        return None
    made = apply_layer(layer, values)
    if isinstance(layer, KernelLayer):
        made = np.rint(made)
    exact = bool(np.abs(made).max() < EXACT_INTEGERS)
    return made if exact and _is_whole(made) else None


def _numbers(layer: Layer) -> tuple[Array, ...]:
    """Return the numbers of a layer that go into sums."""
    if not isinstance(layer, KernelLayer):
        return ()
    bias = np.zeros(1) if layer.bias is None else layer.bias
    filled = layer.padding_value if isinstance(layer, Conv) else 0.0
    return layer.weight, bias, np.array(filled)


def _is_whole(values: Array) -> bool:
    return np.array_equal(values, np.rint(values))


def _shown(task: Task, maps: Array) -> Array:
    only: Array = maps[0] if task.bare and len(maps) == 1 else maps
    return only + 0.0  # -0 becomes 0


def map_text(task: Task) -> str:
    """Return the feature map as NumPy prints it, each row on one line.

    Up to LONGEST cells are printed, of more only the corners, and that is said. What only the
    rounding of terms has left is printed as 0, or NumPy would write all of it with exponents.
    """
    values = whole_map(task)
    if values is None:
        with np.errstate(all="ignore"):
            made = results(task.document).entering(len(task.document.layers))
        values = _shown(task, checked_finite(made))
    if values.size > LONGEST:
        cells = times(values.shape)
        note(f"{cells} numbers are printed in short: -o map.npy has all of them, --json prints all")
    return np.array2string(values, threshold=LONGEST, max_line_width=sys.maxsize)


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
    try:
        return spreadsheet_bytes(task.document)
    except MissingLibrary as error:
        raise EnvironmentFailure(str(error)) from None


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
    EnvironmentFailure
        When the library that writes it is missing.
    """
    try:
        return WRITERS[suffix](task)
    except Refusal as error:
        raise DataFailure(str(error)) from None

"""Feature maps as files of numbers, by the suffix of their name."""

import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from convviz.engine.padding import Array
from convviz.files.errors import Refusal
from convviz.files.written import number_text_of


def _npy(values: Array) -> bytes:
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


def _table(values: Array, *, separator: str) -> bytes:
    if values.ndim > 2:
        raise Refusal(
            f"a table holds one feature map, and here are {len(values)}: choose a .npy file"
        )
    return separated(np.atleast_2d(values), separator)


def separated(values: Array, separator: str, heads: Sequence[str] = ()) -> bytes:
    """Return `values` (rows, columns) with all digits, under a row of words where there are any."""
    lines = (separator.join(map(number_text_of, row)) for row in values.tolist())
    above = [separator.join(heads)] if heads else []
    return "".join(f"{line}\n" for line in (*above, *lines)).encode("ascii")


# Suffix -> the bytes of a map (rows, columns) or, as NPY, of maps (channels, *spatial), all digits
MAP_WRITERS: Mapping[str, Callable[[Array], bytes]] = {
    ".npy": _npy,
    ".csv": partial(_table, separator=","),
    ".tsv": partial(_table, separator="\t"),
}

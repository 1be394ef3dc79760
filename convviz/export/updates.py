"""All updates of a kernel that is learnt, as a table of numbers."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from convviz.export.map_files import separated
from convviz.files.errors import Refusal, one_line
from convviz.model.learn_run import Run

UPDATES_SEPARATORS: Mapping[str, str] = {".csv": ",", ".tsv": "\t"}


def updates_bytes(run: Run, path: Path) -> bytes:
    """Return a row for each state (update, loss, weights, bias) as the file `path` holds them.

    Raises
    ------
    Refusal
        When the name has none of the suffixes of UPDATES_SEPARATORS.
    """
    separator = UPDATES_SEPARATORS.get(path.suffix.lower())
    if separator is None:
        kinds = ", ".join(UPDATES_SEPARATORS)
        raise Refusal(f"{one_line(path.name)} ends in none of {kinds}: choose one of them")
    names = [f"weight_{row}_{column}" for row, column in np.ndindex(run.size)]
    names += ["bias"] * run.task.is_biased
    weights = np.array([weights[0] for weights in run.weights])
    states = np.arange(len(weights))
    table = np.column_stack([states, run.losses, weights])
    return separated(table, separator, ["update", "loss", *names])

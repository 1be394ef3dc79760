"""What is under the mouse, in words."""

import numpy as np

from convviz.engine.layers import ConvTranspose
from convviz.model.deriving.step import Step, whole_map
from convviz.model.deriving.still import as_plane
from convviz.model.equation import (
    place_text,
)
from convviz.model.numbers import equals_text
from convviz.model.session import Target
from convviz.model.signal_text import subscript


def status_of(step: Step) -> str:
    """Return what is under the mouse, or pinned: place, value, and what it takes part in."""
    session, target, rank = step.session, step.session.target, step.session.rank
    if target is None:
        return ""
    name = _name(step, target)
    style = session.view.numbers
    pinned = " · pinned" if session.pin else ""
    if target.pane == "input":
        at = target.cell[2 - rank :]
        value = float(step.computation.image[(step.source, *at)])
        count = step.computation.windows.uses(at).count
        uses = "once" if count == 1 else f"{count} times"
        exact = float(step.exact.image[(step.source, *at)])
        return f"{name} {equals_text(value, style, exact=exact)}, used {uses}{pinned}"
    if target.pane == "kernel" and session.conv is not None:
        value = float(step.kernel.kernel.values[target.cell])
        count = int(np.prod(step.computation.windows.sizes))
        cells = f"{count:,} {'cell' if count == 1 else 'cells'}"
        return f"{name} {equals_text(value, style)}, multiplies {cells}{pinned}"
    if target.pane == "output":
        value = float(whole_map(step).values[target.cell])
        return f"{name} {equals_text(value, style, exact=_computed(step, target))}{pinned}"
    if target.pane == "bias" and step.kernel_bias is not None:
        value = float(step.kernel_bias[target.cell[1]])
        return f"bias of map {target.cell[1] + 1} {equals_text(value, style)}"
    return f"{name}{pinned}"


def _computed(step: Step, target: Target) -> float | None:
    """Return what was computed for a cell of the feature map, None where counts are shown."""
    if step.session.view.use_counts and isinstance(step.session.focus, ConvTranspose):
        return None
    return float(as_plane(step.exact.maps[step.channel])[target.cell])


NAMES = {"kernel": "weight", "output": "feature map"}
LETTERS = {"input": "a", "kernel": "b"}


def _name(step: Step, target: Target) -> str:
    """Return what a cell is called: a sample by its index, where signals are shown."""
    session, column = step.session, target.cell[1]
    if session.view.workspace == "signals":
        if target.pane in LETTERS:
            return f"{LETTERS[target.pane]}{subscript(column + session.view.numbered_from)}"
        if target.pane == "output":
            return f"n = {step.number_of(column)}"
    place = place_text(target.cell, session.rank)
    return f"{NAMES.get(target.pane, target.pane)} {place}"

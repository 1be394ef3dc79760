"""What the browser of weights says about each layer of a file, as text."""

from dataclasses import dataclass

from convviz.engine.geometry import counted
from convviz.engine.problems import times
from convviz.files.errors import one_line
from convviz.files.weight_entries import WeightEntry, settings_text
from convviz.files.weights import Weights
from convviz.model.cell_changes import LARGEST_KERNEL
from convviz.model.origin import COLOURS
from convviz.model.session import Session

COLUMNS = ("Layer", "Kind", "Weight", "Bias", "Settings")
NOT_TOLD = "not in the file"
LONGEST_LABEL = 60  # characters
SET_THEM = "the file tells neither stride nor padding; set them at the left."


@dataclass(frozen=True)
class Row:
    """One layer: a text for each of COLUMNS, and why it cannot be taken over."""

    entry: WeightEntry
    texts: tuple[str, ...]
    refusal: str


def label(entry: WeightEntry) -> str:
    """Return the name of a layer in one line that is not too long for a menu."""
    name = one_line(entry.name)
    return name if len(name) <= LONGEST_LABEL else f"…{name[1 - LONGEST_LABEL :]}"


def row_of(entry: WeightEntry) -> Row:
    """Return how a layer is listed."""
    refusal = entry.refusal or _too_large(entry)
    bias = "yes" if entry.bias else "no"
    told = refusal or settings_text(entry) or NOT_TOLD
    return Row(
        entry, (one_line(entry.name), one_line(entry.kind), times(entry.shape), bias, told), refusal
    )


def _too_large(entry: WeightEntry) -> str:
    size = entry.shape[2:]
    most = LARGEST_KERNEL.get(len(size), 0)
    if max(size, default=0) <= most:
        return ""
    return f"its kernel has {times(size)} cells, at most {most:,} a side are shown"


def summary(weights: Weights, rows: tuple[Row, ...]) -> str:
    """Return how many layers there are."""
    taken = sum(not row.refusal for row in rows)
    others = len(rows) - taken
    more = f", {others} without (grey)" if others else ""
    return f"{one_line(weights.path.name)}: {counted(taken, 'layer')} with kernels{more}"


def fit_sentence(entry: WeightEntry, session: Session, *, transpose: bool) -> str:
    """Say in numbers whether what comes to the layer in focus has the channels that are taken."""
    have = session.document.shapes[session.layer][0]
    if len(entry.shape) - 2 != session.rank:
        axes = "one axis" if len(entry.shape) == 3 else "two axes"
        return f"Its kernels have {axes}: an example input with as many comes with it."
    groups = int(entry.settings.get("groups", 1))
    want = entry.shape[0] if transpose else entry.shape[1] * groups
    if want == have:
        return f"It takes {counted(want, 'channel')}, as many as there are."
    if want == COLOURS and session.layer == 0 and session.origin.taking.channels == "grey":
        return f"It takes {COLOURS} channels: the colours of the image, which is shown in grey."
    what = "the image" if session.layer == 0 else "what comes to the layer in focus"
    return f"It takes {counted(want, 'channel')}, {what} has {have}: ways out are offered."


def told(row: Row, refusal: str) -> str:
    """Return what the file says of a layer besides its numbers, or why it cannot be taken over."""
    if refusal:
        return f"Cannot be taken over: {refusal}."
    if row.texts[-1] == NOT_TOLD:
        return "The file tells no stride, padding, dilation or groups: set them afterwards."
    return f"The file says: {row.texts[-1]}."


def stack_sentence(weights: Weights) -> tuple[str, int]:
    """Return what can be opened as a stack, and how many layers it has; 0 where none can."""
    stack = weights.stack
    if stack is None:
        return "", 0
    count = len(stack.layers)
    large = [
        size
        for size in (getattr(layer, "kernel_size", (0,)) for layer in stack.layers)
        if max(size) > LARGEST_KERNEL[len(size)]
    ]
    if large:
        return f"Its kernels have more than {LARGEST_KERNEL[len(large[0])]:,} cells a side.", 0
    if not count:
        return f"No stack: {stack.rest}.", 0
    if stack.rest:
        return f"The first {counted(count, 'layer')} make a stack; then {stack.rest}.", count
    return f"The whole graph is a stack of {counted(count, 'layer')}.", count

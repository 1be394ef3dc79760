"""What the browser of weights says about each layer of a file, as text."""

from dataclasses import dataclass

from convviz.engine.geometry import counted
from convviz.engine.layers import KernelLayer
from convviz.engine.problems import times
from convviz.files.errors import one_line
from convviz.files.kernel_layouts import LAYOUTS
from convviz.files.weight_entries import WeightEntry, settings_text
from convviz.files.weights import Weights
from convviz.model.cell_changes import LARGEST_KERNEL
from convviz.model.origin import COLOURS
from convviz.model.session import Session

COLUMNS = ("Layer", "Kind", "Weight", "Bias", "Settings")
ASK = "Choose the order of its axes"
NOT_TOLD = "not in the file"
LONGEST_LABEL = 60  # characters
SET_THEM = "the file tells neither stride nor padding; set them at the left."


@dataclass(frozen=True)
class Row:
    """One layer: a text for each of COLUMNS, why it cannot be taken over, what the file tells."""

    entry: WeightEntry
    texts: tuple[str, ...]
    refusal: str
    settings: str = ""


def label(entry: WeightEntry) -> str:
    """Return the name of a layer in one line that is not too long for a menu."""
    name = one_line(entry.name)
    return name if len(name) <= LONGEST_LABEL else f"…{name[1 - LONGEST_LABEL :]}"


def row_of(entry: WeightEntry) -> Row:
    """Return how a layer is listed."""
    known = entry.is_kernel and not entry.question
    refusal = entry.refusal or (too_large(entry.shape[2:]) if known else "")
    bias = "yes" if entry.bias else "no"
    told = settings_text(entry)
    said = refusal or entry.question or "; ".join(filter(None, (told or NOT_TOLD, entry.note)))
    texts = (one_line(entry.name), one_line(entry.kind), times(entry.shape), bias, one_line(said))
    return Row(entry, texts, refusal, told)


def too_large(size: tuple[int, ...]) -> str:
    """Say why a kernel of `size` is not shown, "" where it is."""
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


def fit_sentence(layer: KernelLayer, session: Session) -> str:
    """Say in numbers whether what comes to the layer in focus has the channels that are taken."""
    have, want = session.document.shapes[session.layer][0], layer.in_channels
    if layer.rank != session.rank:
        axes = "one axis" if layer.rank == 1 else "two axes"
        return f"Its kernels have {axes}: an example input with as many comes with it."
    if want == have:
        return f"It takes {counted(want, 'channel')}, as many as there are."
    if want == COLOURS and session.layer == 0 and session.origin.taking.channels == "grey":
        return f"It takes {COLOURS} channels: the colours of the image, which is shown in grey."
    what = "the image" if session.layer == 0 else "what comes to the layer in focus"
    return f"It takes {counted(want, 'channel')}, {what} has {have}: ways out are offered."


def told(row: Row, refusal: str) -> str:
    """Return what the file says of a layer besides its numbers, or why it cannot be taken over."""
    if refusal and refusal == row.entry.question:
        return "The file does not tell the order of its axes: choose it."
    if refusal:
        return f"Cannot be taken over: {refusal}."
    if not row.entry.settings:
        said = "The file tells no stride, padding, dilation or groups: set them afterwards."
    else:
        said = f"The file says: {row.settings}."
    return f"{said} {_sentence(row.entry.note)}".rstrip()


def _sentence(note: str) -> str:
    return f"{note[:1].upper()}{note[1:]}." if note else ""


def choices_of(entry: WeightEntry) -> tuple[tuple[str, str, str], ...]:
    """Return the orders of axes to choose from as (key, text, tool tip); first the question."""
    rank = len(entry.shape) - 2
    ways = tuple((name, LAYOUTS[name].title(rank), "") for name in entry.layouts)
    return (("", ASK, entry.question), *ways) if entry.question else ways


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

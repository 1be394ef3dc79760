"""What every padding rule does to the layer in focus, and how the maps of two rules differ."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from convviz.engine.convolve import correlate_padded, padded_image
from convviz.engine.geometry import counted
from convviz.engine.layers import Conv, Problem, Shape
from convviz.engine.noise import denoised_conv
from convviz.engine.padding import PADDING_RULES, Amounts, Array, PaddingMode, pad
from convviz.engine.problems import each, times
from convviz.model.document import layer_title, results
from convviz.model.numbers import exact_text, number_text
from convviz.model.session import Session

OWN = "own amounts"
LARGEST_COMPARED = 4_000_000  # cells: more would hold the window up
HALVED = ("same", "same_upper", "same_lower")  # they differ where the total is odd


@dataclass(frozen=True, eq=False)
class RuleRow:
    """One rule for the layer in focus: its amounts (before, after) per axis, and what comes out.

    `problem` says why it does not fit, else it is empty.
    """

    name: str
    summary: str
    used_by: str
    amounts: Amounts
    output: str
    problem: str
    chosen: bool

    @property
    def sides(self) -> str:
        """The amounts with an arrow for each side."""
        marks = "↑↓←→"[-2 * len(self.amounts) :]
        cells = (cells for pair in self.amounts for cells in pair)
        return " ".join(f"{mark}{count}" for mark, count in zip(marks, cells, strict=True))


@dataclass(frozen=True, eq=False)
class RuleTable:
    """All rules for one layer; `reason` says why there are none."""

    title: str
    rows: tuple[RuleRow, ...]
    spatial: Shape
    reason: str = ""


@dataclass(frozen=True, eq=False)
class Comparison:
    """The maps of two rules, None where there is none, which cells differ, and a sentence."""

    maps: tuple[Array | None, Array | None]
    differs: Array | None
    sentence: str


def edited_conv(session: Session) -> tuple[Conv, Shape] | None:
    """Return the convolution in focus as its settings say, and the shape that it reads."""
    layer, shapes = session.edited.layers[session.layer], session.edited.shapes
    if not isinstance(layer, Conv) or session.layer >= len(shapes):
        return None
    shape = shapes[session.layer]
    return (layer, shape) if len(shape) == layer.rank + 1 else None


def rule_table(session: Session) -> RuleTable:
    """Return what each of PADDING_RULES, and the layer's own amounts, do to the layer in focus."""
    found = edited_conv(session)
    if found is None:
        layer = session.edited.layers[session.layer]
        text = "Padding rules belong to convolutions: choose a layer that is one."
        return RuleTable(layer_title(layer), (), (), text)
    conv, shape = found
    where = f"Layer {session.layer + 1}, " if len(session.edited.layers) > 1 else ""
    title = (
        f"{where}{layer_title(conv)}, stride {each(conv.stride)}, dilation "
        f"{each(conv.dilation)}, over an input of {times(shape[1:])}"
    )
    rows = [
        _row(conv, shape, rule.name, rule.summary, rule.used_by) for rule in PADDING_RULES.values()
    ]
    own = _row(conv, shape, OWN, "a number of cells for each side", "PyTorch padding=…, ONNX pads")
    return RuleTable(title, (*rows, own), shape[1:])


def padding_of(conv: Conv, name: str, spatial: Shape) -> str | Amounts:
    """Return the padding that a row stands for: a rule's name, or the amounts as they are."""
    return conv.amounts(spatial) if name == OWN else name


def _row(conv: Conv, shape: Shape, name: str, summary: str, used_by: str) -> RuleRow:
    ruled = replace(conv, padding=padding_of(conv, name, shape[1:]))
    problem = ruled.problem(shape)
    return RuleRow(
        name=name,
        summary=summary,
        used_by=used_by,
        amounts=ruled.amounts(shape[1:]),
        output="" if problem else times(ruled.output_shape(shape)[1:]),
        problem=_sentence(problem),
        chosen=conv.padding == name or (name == OWN and not isinstance(conv.padding, str)),
    )


def _sentence(problem: Problem | None) -> str:
    return problem.sentence if problem else ""


def compare_rules(session: Session, one: str, other: str) -> Comparison:
    """Return the shown feature map under two rules, and where the two differ."""
    found = edited_conv(session)
    if found is None:
        return Comparison((None, None), None, "There is no convolution to compare.")
    conv, shape = found
    if int(np.prod(shape)) > LARGEST_COMPARED:
        text = f"The input has {int(np.prod(shape)):,} cells: scale it down to compare."
        return Comparison((None, None), None, text)
    names = (one, other)
    layers = [replace(conv, padding=padding_of(conv, name, shape[1:])) for name in names]
    image = results(session.edited).entering_shown(session.layer)
    channel = min(session.channel, conv.out_channels - 1)
    first, second = (_map(layer, image, channel) for layer in layers)
    if first is None or second is None:
        problems = zip(names, (_sentence(layer.problem(shape)) for layer in layers), strict=True)
        misfits = "; ".join(f"{name} does not fit: {text}" for name, text in problems if text)
        return Comparison((first, second), None, f"{misfits}.")
    alike = len({layer.amounts(shape[1:]) for layer in layers}) == 1
    return _compared(names, first, second, _why(conv, names, alike=alike))


def _map(layer: Conv, image: Array, channel: int) -> Array | None:
    """Return one feature map (rows, columns), None where the rule does not fit."""
    if layer.problem(image.shape):
        return None
    padded = padded_image(layer, image)
    cells: Array = denoised_conv(layer, padded, correlate_padded(layer, padded))[channel]
    return cells if cells.ndim == 2 else cells[None]


def _compared(names: tuple[str, str], one: Array, other: Array, why: str) -> Comparison:
    """Return which cells of two maps differ; `why` says why none might."""
    pair, maps = f"{names[0]} and {names[1]}", (one, other)
    if one.shape != other.shape:
        sizes = f"{names[0]} gives {times(one.shape)}, {names[1]} gives {times(other.shape)}"
        return Comparison(maps, None, f"{sizes}: no cell stands beside its own.")
    differs = ~np.isclose(one, other, rtol=1e-9, atol=1e-12)
    if not differs.any():
        return Comparison(maps, differs, f"{pair} give the same map here, {why}.")
    largest = float(np.abs(one - other).max())
    about = "about " if exact_text(largest) is None else ""
    text = (
        f"{pair} differ in {int(differs.sum()):,} of {counted(differs.size, 'cell')}; "
        f"the largest difference is {about}{number_text(largest)}."
    )
    return Comparison(maps, differs, text)


def _why(conv: Conv, names: Iterable[str], *, alike: bool) -> str:
    """Return why two rules may give the same map."""
    if not alike:
        return "though they pad differently"
    if all(name in HALVED for name in names) and all(size % 2 for size in conv.kernel_size):
        return "since the kernel is odd"
    return "since they pad alike"


def filled(mode: PaddingMode) -> str:
    """Return [1 2 3 4] with two cells of a mode on each side.

    >>> from convviz.engine.padding import PADDING_MODES
    >>> filled(PADDING_MODES["reflect"])
    '3 2 [1 2 3 4] 3 2'
    """
    if mode.takes_value:
        return "c c [1 2 3 4] c c"
    cells = [number_text(cell) for cell in pad(np.arange(1.0, 5), ((2, 2),), mode.name).tolist()]
    return f"{' '.join(cells[:2])} [1 2 3 4] {' '.join(cells[-2:])}"

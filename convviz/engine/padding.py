"""Padding: how many cells (PADDING_RULES) and what they hold (PADDING_MODES)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.engine.geometry import Axis
from convviz.engine.sources import Indices, Sources

Array = NDArray[Any]
Amounts = tuple[tuple[int, int], ...]


ZEROS = "zeros"  # the mode of a layer that names none
VALUED = "constant"  # the mode that takes a value

Amount = tuple[int, int]
MadeOf = Callable[[Indices, int, Amount], Sources]


@dataclass(frozen=True)
class PaddingMode:
    """What padding cells hold, with the names that others give it.

    Attributes
    ----------
    made_of : the sources of places beside an axis, of which -1 is the one before it; how many cells
        the axis has and what is padded (before, after) come with them
    torch, torch_pad : what the layers of torch call it, and torch.nn.functional.pad; None where
        there is no such mode
    numpy, ndimage : what numpy.pad and scipy.ndimage call it
    short_by : the input must be this much wider than the padding; None for any width
    takes_value : whether a layer's padding_value is what the cells hold
    way_out : how the mode is offered where another one needs a wider input; "" when it is not
    """

    name: str
    summary: str
    made_of: MadeOf
    torch: str | None
    torch_pad: str | None
    numpy: str
    ndimage: str
    short_by: int | None = None
    takes_value: bool = False
    way_out: str = ""

    def widest(self, size: int) -> int | None:
        """Return the largest padding that an input of `size` cells allows, None for any."""
        return None if self.short_by is None else size - self.short_by


def _copied(rule: Callable[[Indices, int], Indices]) -> MadeOf:
    """Return what makes each place a copy of one cell."""
    return lambda places, size, _: Sources.copied(rule(places, size))


def _none(places: Indices, _size: int) -> Indices:
    return np.full_like(places, -1)


def _mirrored(places: Indices, size: int) -> Indices:
    period = max(2 * size - 2, 1)
    there = places % period
    return np.minimum(there, period - there)


def _mirrored_with_border(places: Indices, size: int) -> Indices:
    there = places % (2 * size)
    return np.minimum(there, 2 * size - 1 - there)


def _border(places: Indices, size: int) -> Indices:
    return np.clip(places, 0, size - 1)


def _opposite(places: Indices, size: int) -> Indices:
    return places % size


PADDING_MODES = {
    mode.name: mode
    for mode in (
        PaddingMode(
            ZEROS,
            "zeros around the input",
            _copied(_none),
            torch="zeros",
            torch_pad="constant",
            numpy="constant",
            ndimage="grid-constant",
            way_out="fill with zeros",
        ),
        PaddingMode(
            VALUED,
            "a chosen value",
            _copied(_none),
            torch=None,
            torch_pad="constant",
            numpy="constant",
            ndimage="grid-constant",
            takes_value=True,
        ),
        PaddingMode(
            "reflect",
            "mirrored at the border cell",
            _copied(_mirrored),
            torch="reflect",
            torch_pad="reflect",
            numpy="reflect",
            ndimage="mirror",
            short_by=1,
        ),
        PaddingMode(
            "symmetric",
            "mirrored with the border cell",
            _copied(_mirrored_with_border),
            torch=None,
            torch_pad=None,
            numpy="symmetric",
            ndimage="reflect",
            short_by=0,
        ),
        PaddingMode(
            "replicate",
            "the border cell again",
            _copied(_border),
            torch="replicate",
            torch_pad="replicate",
            numpy="edge",
            ndimage="nearest",
            way_out="repeat the border cell",
        ),
        PaddingMode(
            "circular",
            "the opposite side",
            _copied(_opposite),
            torch="circular",
            torch_pad="circular",
            numpy="wrap",
            ndimage="grid-wrap",
            short_by=0,
        ),
    )
}


@dataclass(frozen=True)
class PaddingRule:
    """How many padding cells a named rule puts before and after the input."""

    name: str
    summary: str
    used_by: str
    amounts: Callable[[Axis, bool], tuple[int, int]]


def _same_total(axis: Axis) -> int:
    out = -(-axis.size // axis.stride)
    return max((out - 1) * axis.stride + axis.span - axis.size, 0)


def _valid(_axis: Axis, _flip: bool) -> tuple[int, int]:
    return 0, 0


def _full(axis: Axis, _flip: bool) -> tuple[int, int]:
    return axis.span - 1, axis.span - 1


def _same_upper(axis: Axis, _flip: bool) -> tuple[int, int]:
    total = _same_total(axis)
    return total // 2, total - total // 2


def _same_lower(axis: Axis, _flip: bool) -> tuple[int, int]:
    total = _same_total(axis)
    return total - total // 2, total // 2


def _same(axis: Axis, flip: bool) -> tuple[int, int]:
    return _same_lower(axis, flip) if flip else _same_upper(axis, flip)


def _causal(axis: Axis, _flip: bool) -> tuple[int, int]:
    return axis.span - 1, 0


PADDING_RULES = {
    rule.name: rule
    for rule in (
        PaddingRule("valid", "none: only whole windows", "all", _valid),
        PaddingRule(
            "same", "as the operation's home does it", "SciPy if flipped, else torch", _same
        ),
        PaddingRule("full", "every overlap, however small", "NumPy, SciPy", _full),
        PaddingRule(
            "same_upper",
            "output as large as input / stride; an odd cell at the end",
            "TensorFlow, Keras, JAX, ONNX SAME_UPPER, PyTorch",
            _same_upper,
        ),
        PaddingRule(
            "same_lower",
            "output as large as input / stride; an odd cell at the start",
            "ONNX SAME_LOWER; NumPy, SciPy at stride 1",
            _same_lower,
        ),
        PaddingRule("causal", "all before: no look into the future", "Keras Conv1D", _causal),
    )
}


def pad(image: Array, amounts: Amounts, mode: str = ZEROS, value: float = 0.0) -> Array:
    """Return `image` with cells added around its last ``len(amounts)`` axes.

    Parameters
    ----------
    image : array (..., *spatial)
    amounts : (before, after) per spatial axis, in cells
    mode : a name in PADDING_MODES
    value : what the cells hold in a mode that takes a value

    Examples
    --------
    >>> pad(np.array([1, 2, 3, 4]), ((2, 2),), "reflect")
    array([3, 2, 1, 2, 3, 4, 3, 2])
    """
    if not any(before or after for before, after in amounts):
        return image
    lead, record = image.ndim - len(amounts), PADDING_MODES[mode]
    sizes = image.shape[lead:]
    sides = [_sides(record, *each) for each in zip(sizes, amounts, strict=True)]
    copies = all(side.copies for pair in sides for side in pair)
    dtype = image.dtype if copies else np.result_type(image, np.float32)
    shape = [n + before + after for n, (before, after) in zip(sizes, amounts, strict=True)]
    padded: Array = np.empty((*image.shape[:lead], *shape), dtype)
    own = [slice(None)] * lead
    own += [slice(before, before + n) for n, (before, _) in zip(sizes, amounts, strict=True)]
    padded[tuple(own)] = image
    for axis, pair in enumerate(sides, lead):
        _fill_sides(padded, own, axis, pair, value if record.takes_value else 0.0)
    return padded


def _fill_sides(
    padded: Array, own: list[slice], axis: int, sides: tuple[Sources, Sources], fill: float
) -> None:
    """Fill the cells before and after the image along one axis; earlier axes have theirs."""
    earlier = (slice(None),) * axis
    along = padded[(*earlier, slice(None), *own[axis + 1 :])]
    image = along[(*earlier, own[axis])]
    ends = slice(own[axis].start), slice(own[axis].stop, None)
    for end, sources in zip(ends, sides, strict=True):
        some = sources.known.any()
        along[(*earlier, end)] = sources.made_from(image, axis, fill) if some else fill


@lru_cache(maxsize=64)
def _sides(mode: PaddingMode, size: int, amount: Amount) -> tuple[Sources, Sources]:
    """Return the sources of the cells before an axis of `size` cells, and of those after it."""
    before, after = np.arange(-amount[0], 0), np.arange(size, size + amount[1])
    return mode.made_of(before, size, amount), mode.made_of(after, size, amount)


def padding_sources(size: int, amount: Amount, mode: str) -> Sources:
    """Return of which cells of the input each padded cell of one axis is made, and how much.

    Examples
    --------
    >>> padding_sources(3, (1, 2), "circular").cells[:, 0]
    array([2, 0, 1, 2, 0, 1])
    >>> padding_sources(3, (1, 0), "zeros").cells[:, 0]
    array([-1,  0,  1,  2])
    """
    before, after = _sides(PADDING_MODES[mode], size, amount)
    start, stop = amount[0], amount[0] + size
    cells = np.full((stop + amount[1], before.cells.shape[1]), -1)
    weights = np.zeros(cells.shape)
    cells[start:stop, 0], weights[start:stop, 0] = np.arange(size), 1.0
    cells[:start], weights[:start] = before.cells, before.weights
    cells[stop:], weights[stop:] = after.cells, after.weights
    return Sources(cells, weights)

"""Padding: how many cells (PADDING_RULES) and what they hold (PADDING_MODES)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convviz.engine.geometry import Axis

Array = NDArray[Any]
Amounts = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class PaddingMode:
    """What padding cells hold, with the names that others give it."""

    name: str
    summary: str
    numpy_mode: Literal["constant", "reflect", "symmetric", "edge", "wrap"]
    torch: str | None
    ndimage: str
    short_by: int | None  # the input must be this much wider than the padding; None: any width

    def widest(self, size: int) -> int | None:
        """Return the largest padding that an input of `size` cells allows, None for any."""
        return None if self.short_by is None else size - self.short_by


PADDING_MODES = {
    mode.name: mode
    for mode in (
        PaddingMode("zeros", "zeros around the input", "constant", "zeros", "grid-constant", None),
        PaddingMode("constant", "a chosen value", "constant", None, "grid-constant", None),
        PaddingMode("reflect", "mirrored at the border cell", "reflect", "reflect", "mirror", 1),
        PaddingMode("symmetric", "mirrored with the border cell", "symmetric", None, "reflect", 0),
        PaddingMode("replicate", "the border cell again", "edge", "replicate", "nearest", None),
        PaddingMode("circular", "the opposite side", "wrap", "circular", "grid-wrap", 0),
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


def pad(image: Array, amounts: Amounts, mode: str = "zeros", value: float = 0.0) -> Array:
    """Return `image` with cells added around its last ``len(amounts)`` axes.

    Parameters
    ----------
    image : array (..., *spatial)
    amounts : (before, after) per spatial axis, in cells
    mode : a name in PADDING_MODES
    value : what the cells hold in mode "constant"

    Examples
    --------
    >>> pad(np.array([1, 2, 3, 4]), ((2, 2),), "reflect")
    array([3, 2, 1, 2, 3, 4, 3, 2])
    """
    if not any(before or after for before, after in amounts):
        return image
    widths = [(0, 0)] * (image.ndim - len(amounts)) + list(amounts)
    chosen = PADDING_MODES[mode].numpy_mode
    if chosen == "constant":
        fill = value if mode == "constant" else 0
        return np.pad(image, widths, mode="constant", constant_values=fill)
    return np.pad(image, widths, mode=chosen)


def padding_sources(size: int, amount: tuple[int, int], mode: str) -> NDArray[np.intp]:
    """Return for each padded cell of one axis the input cell it copies, -1 where it copies none.

    Examples
    --------
    >>> padding_sources(3, (1, 2), "circular")
    array([2, 0, 1, 2, 0, 1])
    >>> padding_sources(3, (1, 0), "zeros")
    array([-1,  0,  1,  2])
    """
    cells = np.arange(size)
    if PADDING_MODES[mode].numpy_mode == "constant":
        return pad(cells, (amount,), "constant", -1)
    return pad(cells, (amount,), mode)

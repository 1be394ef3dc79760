"""Layers: frozen settings, and the sentence that says what makes one invalid."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import isfinite
from typing import Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.activations import ACTIVATIONS, ActivationFunction
from convviz.engine.geometry import Axis, PerAxis, counted, per_axis, whole
from convviz.engine.padding import PADDING_MODES, PADDING_RULES, Amounts, Array

Padding = str | Amounts
Shape = tuple[int, ...]

RANKS = (1, 2)
LARGEST_PADDED = 64_000_000  # cells; beyond it a typing slip takes all memory


class LayerError(ValueError):
    """A layer that cannot be, or that does not fit its input: one sentence with the numbers."""


@dataclass(frozen=True, eq=False)
class Fix:
    """A change of a layer that makes it fit, offered by name."""

    label: str
    changes: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Problem:
    """Why a layer does not fit its input: the setting to blame, the sentence, the ways out."""

    setting: str
    sentence: str
    fixes: tuple[Fix, ...] = ()


def checked_numbers(values: ArrayLike) -> Array:
    """Return `values` as finite float64, or as float32 where they are; copied only if need be.

    Raises
    ------
    LayerError
        When `values` are not real numbers, or not all finite.

    Examples
    --------
    >>> checked_numbers([1, 2])
    array([1., 2.])
    """
    try:
        array = np.asarray(values)
    except ValueError:
        raise LayerError("the numbers form no grid: some rows are longer than others") from None
    if array.dtype.kind not in "biuf":
        raise LayerError(f"real numbers are needed, not {array.dtype}")
    numbers = array.astype(np.float32 if array.dtype == np.float32 else np.float64, copy=False)
    if not np.isfinite(numbers).all():
        raise LayerError("all numbers must be finite: there is an infinity or a NaN")
    return numbers


def frozen_array(values: ArrayLike) -> Array:
    """Return `values` as a read-only array of their own; one that is frozen already stays itself.

    Identity then means "unchanged", which is what caches go by.

    Examples
    --------
    >>> frozen_array([1, 2]).flags.writeable
    False
    """
    numbers = checked_numbers(values)
    if numbers is values and _is_frozen(numbers):
        return numbers
    copy = np.array(numbers, order="C")
    copy.flags.writeable = False
    return copy


class ConvSettings(TypedDict, total=False):
    """The settings of a convolution layer besides weight and bias, as `Conv` takes them."""

    stride: int | PerAxis
    padding: int | PerAxis | Padding
    padding_mode: str
    padding_value: float
    dilation: int | PerAxis
    groups: int
    flip: bool


@dataclass(frozen=True, eq=False, init=False)
class Conv:
    """A convolution layer as torch has it, or flipped as the lecture, NumPy and SciPy have it.

    Parameters
    ----------
    weight : array (out_channels, in_channels/groups, *kernel)
    bias : array (out_channels,) or None
    stride, dilation : whole numbers from 1, one or one per axis
    padding : cells, as one number, one per axis or (before, after) per axis; or the name of a rule
        in PADDING_RULES
    padding_mode : a name in PADDING_MODES
    padding_value : what padding holds in mode "constant"
    groups : groups of channels that do not mix
    flip : True for convolution, False for cross-correlation (torch's Conv2d)

    Raises
    ------
    LayerError
        When a setting cannot be, whatever the input: stride 0, an unknown name, wrong lengths.

    Examples
    --------
    >>> blur = Conv(np.full((1, 1, 3, 3), 1 / 9), padding="same")
    >>> blur.output_shape((1, 16, 16))
    (1, 16, 16)
    """

    weight: Array
    bias: Array | None
    stride: PerAxis
    padding: Padding
    padding_mode: str
    padding_value: float
    dilation: PerAxis
    groups: int
    flip: bool

    def __init__(
        self,
        weight: ArrayLike,
        bias: ArrayLike | None = None,
        *,
        stride: int | PerAxis = 1,
        padding: int | PerAxis | Padding = 0,
        padding_mode: str = "zeros",
        padding_value: float = 0.0,
        dilation: int | PerAxis = 1,
        groups: int = 1,
        flip: bool = False,
    ) -> None:
        put = partial(object.__setattr__, self)
        put("weight", _checked_weight(weight))
        put("bias", None if bias is None else self._checked_bias(bias))
        put("stride", self._positive(stride, "stride"))
        put("padding", normal_padding(padding, self.rank))
        put("padding_mode", _named(padding_mode, PADDING_MODES, "padding mode"))
        put("padding_value", _finite(padding_value, "the padding value"))
        put("dilation", self._positive(dilation, "dilation"))
        put("groups", self._checked_groups(groups))
        put("flip", bool(flip))

    def _checked_bias(self, values: ArrayLike) -> Array:
        bias = checked_numbers(values)
        if bias.ndim == 0:
            bias = np.full(self.out_channels, bias)
        if bias.shape != (self.out_channels,):
            raise LayerError(
                f"bias has the shape {_times(bias.shape)}, the weight has "
                f"{counted(self.out_channels, 'output channel')}"
            )
        return frozen_array(bias)

    def _positive(self, value: int | PerAxis, name: str) -> PerAxis:
        try:
            values = per_axis(value, self.rank, name)
        except ValueError as error:
            raise LayerError(str(error)) from None
        if min(values) < 1:
            raise LayerError(f"{name} must be 1 or more, not {min(values)}")
        return values

    def _checked_groups(self, value: object) -> int:
        try:
            groups = whole(value)
        except TypeError:
            raise LayerError(f"groups must be a whole number, not {value!r}") from None
        if groups < 1:
            raise LayerError(f"groups must be 1 or more, not {groups}")
        if self.out_channels % groups:
            raise LayerError(
                f"{groups} groups do not divide {counted(self.out_channels, 'output channel')} "
                "evenly"
            )
        return groups

    @property
    def rank(self) -> int:
        """How many spatial axes there are."""
        return self.weight.ndim - 2

    @property
    def kernel_size(self) -> PerAxis:
        """Cells of the kernel per axis."""
        return self.weight.shape[2:]

    @property
    def out_channels(self) -> int:
        """How many feature maps come out."""
        return int(self.weight.shape[0])

    @property
    def in_channels(self) -> int:
        """How many channels the image must have."""
        return int(self.weight.shape[1]) * self.groups

    def axes(self, spatial: Shape) -> tuple[Axis, ...]:
        """Return the geometry per axis for an image whose spatial shape is `spatial`."""
        bare = tuple(
            Axis(*sizes)
            for sizes in zip(spatial, self.kernel_size, self.stride, self.dilation, strict=True)
        )
        if isinstance(self.padding, str):
            rule = PADDING_RULES[self.padding].amounts
            amounts = tuple(rule(axis, self.flip) for axis in bare)
        else:
            amounts = normal_amounts(self.padding, self.rank)
        return tuple(
            replace(axis, before=before, after=after)
            for axis, (before, after) in zip(bare, amounts, strict=True)
        )

    def amounts(self, spatial: Shape) -> Amounts:
        """Return the padding cells (before, after) per axis."""
        return tuple((axis.before, axis.after) for axis in self.axes(spatial))

    def output_shape(self, shape: Shape) -> Shape:
        """Return (out_channels, *spatial) for an image of `shape` (in_channels, *spatial)."""
        return (self.out_channels, *(axis.out for axis in self.axes(shape[1:])))

    def applied_weight(self) -> Array:
        """Return the weight as it meets the window: reversed on every spatial axis when flipped."""
        return np.flip(self.weight, tuple(range(2, self.weight.ndim))) if self.flip else self.weight

    def problem(self, shape: Shape) -> Problem | None:
        """Return why the layer does not fit an image of `shape` (in_channels, *spatial), or None.

        Examples
        --------
        >>> Conv(np.ones((1, 1, 3, 3)), dilation=3).problem((1, 5, 5)).sentence
        'the kernel spans 7 cells after dilation 3, the padded input has 5'
        """
        problem = _first_problem(self, shape)
        if problem is None:
            return None
        ways_out = tuple(
            fix
            for fix in problem.fixes
            if _first_problem(replace(self, **fix.changes), shape) is None
        )
        return replace(problem, fixes=ways_out)


@dataclass(frozen=True)
class Activation:
    """An activation layer: one function of ACTIVATIONS for every cell.

    >>> Activation("relu").function.formula
    'max(0, x)'
    """

    name: str = "relu"

    def __post_init__(self) -> None:
        _named(self.name, ACTIVATIONS, "activation")

    @property
    def function(self) -> ActivationFunction:
        """The function, its derivative and its formula."""
        return ACTIVATIONS[self.name]

    def output_shape(self, shape: Shape) -> Shape:
        """Return `shape`: cells keep their places."""
        return shape

    def problem(self, _shape: Shape) -> Problem | None:
        """Return None: an activation fits every input."""
        return None


Layer = Conv | Activation


def normal_amounts(padding: object, rank: int) -> Amounts:
    """Return padding cells as (before, after) per axis.

    Raises
    ------
    LayerError
        When an amount is negative or not whole, or there are not 1 or `rank` of them.

    Examples
    --------
    >>> normal_amounts((1, (0, 2)), 2)
    ((1, 1), (0, 2))
    """
    entries = tuple(padding) if isinstance(padding, (tuple, list)) else (padding,) * rank
    if len(entries) != rank:
        raise LayerError(
            f"padding has {counted(len(entries), 'amount')}, "
            f"the kernel has {counted(rank, 'axis', 'axes')}"
        )
    try:
        amounts = tuple(_pair(entry) for entry in entries)
    except (TypeError, ValueError):
        raise LayerError(
            f"padding must be whole numbers, one per axis or (before, after), not {padding!r}"
        ) from None
    if min(min(pair) for pair in amounts) < 0:
        raise LayerError("padding must not be negative")
    return amounts


def normal_padding(padding: int | PerAxis | Padding, rank: int) -> Padding:
    """Return the name of a rule, or cells as (before, after) per axis."""
    if not isinstance(padding, str):
        return normal_amounts(padding, rank)
    return _named(padding, PADDING_RULES, "padding rule")


def resized_kernel(weight: Array, size: PerAxis) -> Array:
    """Return `weight` cut or padded with zeros around its middle to the kernel `size`.

    >>> resized_kernel(np.ones((1, 1, 3)), (1,)).shape
    (1, 1, 1)
    """
    result = weight
    for axis, cells in enumerate(size, start=2):
        extra = cells - result.shape[axis]
        before = abs(extra) // 2
        if extra < 0:
            result = np.take(result, range(before, before + cells), axis=axis)
        else:
            widths = [(0, 0)] * result.ndim
            widths[axis] = (before, extra - before)
            result = np.pad(result, widths)
    return result


def _is_frozen(array: Array) -> bool:
    own = array.base is None and not array.flags.writeable and array.flags.c_contiguous
    return own and array.dtype in (np.float32, np.float64)


def _pair(entry: object) -> tuple[int, int]:
    if isinstance(entry, (tuple, list)):
        before, after = entry
        return whole(before), whole(after)
    return whole(entry), whole(entry)


def _times(shape: Shape) -> str:
    return " × ".join(map(str, shape)) or "a single number"


def _named(name: str, table: Mapping[str, object], what: str) -> str:
    if not isinstance(name, str) or name not in table:
        raise LayerError(f"{name!r} is no {what}: choose one of {', '.join(table)}")
    return name


def _finite(value: float, name: str) -> float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise LayerError(f"{name} must be a number, not {value!r}") from None
    if not isfinite(number):
        raise LayerError(f"{name} must be finite, not {value}")
    return number


def _checked_weight(values: ArrayLike) -> Array:
    weight = frozen_array(values)
    if weight.ndim - 2 not in RANKS or 0 in weight.shape:
        raise LayerError(
            "weight needs the shape (out_channels, in_channels/groups, *kernel) with a kernel of "
            f"one or two axes, not {_times(weight.shape)}"
        )
    return weight


def _first_problem(conv: Conv, shape: Shape) -> Problem | None:
    """Return the first problem, with every way out that might help."""
    for find in (_channel_problem, _memory_problem, _mode_problem, _span_problem):
        if problem := find(conv, shape):
            return problem
    return None


def _channel_problem(conv: Conv, shape: Shape) -> Problem | None:
    if len(shape) - 1 != conv.rank:
        return Problem(
            "image",
            f"the image has {counted(len(shape) - 1, 'spatial axis', 'spatial axes')}, "
            f"the kernel has {conv.rank}",
        )
    if 0 in shape:
        return Problem("image", f"the image is empty: its shape is {_times(shape)}")
    if shape[0] != conv.in_channels:
        groups = f" ({conv.weight.shape[1]} in each of {conv.groups} groups)"
        return Problem(
            "weight",
            f"the weight takes {counted(conv.in_channels, 'input channel')}"
            f"{groups if conv.groups > 1 else ''}, the image has {shape[0]}",
        )
    return None


def _memory_problem(conv: Conv, shape: Shape) -> Problem | None:
    cells = shape[0]
    for axis in conv.axes(shape[1:]):
        cells *= axis.padded
    if cells <= LARGEST_PADDED:
        return None
    return Problem(
        "padding",
        f"the padded input would have {cells:,} cells, {LARGEST_PADDED:,} are allowed",
        (
            Fix("no padding", {"padding": "valid"}),
            Fix("reduce dilation to 1", {"dilation": (1,) * conv.rank}),
        ),
    )


def _mode_problem(conv: Conv, shape: Shape) -> Problem | None:
    mode = PADDING_MODES[conv.padding_mode]
    for axis in conv.axes(shape[1:]):
        widest, wanted = mode.widest(axis.size), max(axis.before, axis.after)
        if widest is None or wanted <= widest:
            continue
        most = min(mode.widest(a.size) or 0 for a in conv.axes(shape[1:]))
        less = tuple((min(a.before, most), min(a.after, most)) for a in conv.axes(shape[1:]))
        return Problem(
            "padding_mode",
            f"{mode.name} can pad an input of {counted(axis.size, 'cell')} by at most {widest}, "
            f"the padding is {wanted}",
            (
                Fix("fill with zeros", {"padding_mode": "zeros"}),
                Fix("repeat the border cell", {"padding_mode": "replicate"}),
                Fix(f"pad by {most} at most", {"padding": less}),
            ),
        )
    return None


def _span_problem(conv: Conv, shape: Shape) -> Problem | None:
    axes = conv.axes(shape[1:])
    short = [axis for axis in axes if not axis.fits]
    if not short:
        return None
    axis = short[0]
    dilated = f" after dilation {axis.dilation}" if axis.dilation > 1 else ""
    return Problem(
        "dilation" if axis.dilation > 1 else "kernel_size",
        f"the kernel spans {axis.span} cells{dilated}, the padded input has {axis.padded}",
        _span_fixes(conv, axes),
    )


def _span_fixes(conv: Conv, axes: tuple[Axis, ...]) -> tuple[Fix, ...]:
    dilation = tuple(
        a.dilation if a.fits else max((a.padded - 1) // max(a.kernel - 1, 1), 1) for a in axes
    )
    more = tuple(-(-max(a.span - a.padded, 0) // 2) for a in axes)
    padded = tuple((a.before + m, a.after + m) for a, m in zip(axes, more, strict=True))
    size = tuple(a.kernel if a.fits else max((a.padded - 1) // a.dilation + 1, 1) for a in axes)
    fixes = (
        Fix(f"reduce dilation to {_each(dilation)}", {"dilation": dilation}),
        Fix(f"pad by {_each(tuple(max(pair) for pair in padded))}", {"padding": padded}),
        Fix(
            f"reduce the kernel to {_times(size)}",
            {"weight": resized_kernel(conv.weight, size)},
        ),
    )
    return fixes if dilation != conv.dilation else fixes[1:]


def _each(values: PerAxis) -> str:
    return str(values[0]) if len(set(values)) == 1 else _times(values)

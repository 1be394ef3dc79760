"""Conv: a convolution layer, and what makes it not fit an image."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import gcd
from typing import Any, TypedDict

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.geometry import Axis, PerAxis, counted
from convviz.engine.padding import PADDING_MODES, PADDING_RULES, ZEROS, Amounts, Array
from convviz.engine.problems import (
    LARGEST_PADDED,
    Fix,
    Problem,
    Shape,
    each,
    times,
    with_ways_out,
    wrong_rank,
)
from convviz.engine.settings import (
    Padding,
    checked_bias,
    checked_groups,
    checked_weight,
    finite,
    named,
    normal_amounts,
    normal_padding,
    positive_per_axis,
    resized_axis,
    resized_kernel,
    truth,
)
from convviz.engine.short_repr import kernel_text, layer_repr

PLAIN: Mapping[str, object] = {
    "stride": 1,
    "padding": 0,
    "padding_mode": "zeros",
    "padding_value": 0.0,
    "dilation": 1,
    "groups": 1,
    "flip": False,
    "bias": None,
}


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
    padding_value : what padding holds in a mode that takes a value, "constant"
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
        padding_mode: str = ZEROS,
        padding_value: float = 0.0,
        dilation: int | PerAxis = 1,
        groups: int = 1,
        flip: bool = False,
    ) -> None:
        put = partial(object.__setattr__, self)
        put("weight", checked_weight(weight, "(out_channels, in_channels/groups, *kernel)"))
        put("bias", None if bias is None else checked_bias(bias, self.out_channels))
        put("stride", positive_per_axis(stride, self.rank, "stride"))
        put("padding", normal_padding(padding, self.rank))
        put("padding_mode", named(padding_mode, PADDING_MODES, "padding mode"))
        put("padding_value", finite(padding_value, "the padding value"))
        put("dilation", positive_per_axis(dilation, self.rank, "dilation"))
        put("groups", checked_groups(groups))
        put("flip", truth(flip, "flip"))

    def __repr__(self) -> str:
        """Return its channels, its kernel and what is not as usual, without the numbers."""
        channels = f"{self.in_channels} -> {self.out_channels}"
        return layer_repr(self, f"{channels}, {kernel_text(self.kernel_size)}", PLAIN)

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

    def channels_seen(self, channel: int) -> range:
        """Return the input channels that output channel `channel` is made of.

        >>> Conv(np.ones((4, 1, 3, 3)), groups=2).channels_seen(3)
        range(1, 2)
        """
        each = int(self.weight.shape[1])
        first = channel // (self.out_channels // self.groups) * each
        return range(first, first + each)

    def taking(self, inputs: int, groups: int | None = None) -> dict[str, Any]:
        """Return the changes with which the layer takes `inputs` channels in `groups` groups.

        >>> Conv(np.ones((2, 1, 3, 3))).taking(4, 2)["weight"].shape
        (2, 2, 3, 3)
        """
        shared = groups or self.groups
        weight = resized_axis(self.weight, 1, max(inputs // shared, 1))
        return {"weight": weight, "groups": shared}

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
        return with_ways_out(self, shape, _first_problem)


def _first_problem(conv: Conv, shape: Shape) -> Problem | None:
    """Return the first problem, with every way out that might help."""
    for find in (_channel_problem, _memory_problem, _mode_problem, _span_problem):
        if problem := find(conv, shape):
            return problem
    return None


def _channel_problem(conv: Conv, shape: Shape) -> Problem | None:
    if problem := wrong_rank(shape, conv.rank, "kernel"):
        return problem
    if conv.out_channels % conv.groups or shape[0] % conv.groups:
        uneven = " and ".join(
            counted(count, f"{side} channel")
            for count, side in ((shape[0], "input"), (conv.out_channels, "output"))
            if count % conv.groups
        )
        return Problem(
            "groups",
            f"{conv.groups} groups do not divide {uneven} evenly",
            _group_fixes(conv, shape[0]),
        )
    if shape[0] != conv.in_channels:
        groups = f" ({conv.weight.shape[1]} in each of {conv.groups} groups)"
        return Problem(
            "weight",
            f"the weight takes {counted(conv.in_channels, 'input channel')}"
            f"{groups if conv.groups > 1 else ''}, the image has {shape[0]}",
            (
                *_grouped(conv, shape[0]),
                Fix(f"take {counted(shape[0], 'input channel')}", conv.taking(shape[0])),
            ),
        )
    return None


def _grouped(conv: Conv, inputs: int) -> tuple[Fix, ...]:
    """Return the fix that leaves all weights alone: so many groups that the channels suffice."""
    groups, left = divmod(inputs, int(conv.weight.shape[1]))
    fits = not left and groups > 1 and conv.out_channels % groups == 0
    return (Fix(counted(groups, "group"), {"groups": groups}),) if fits else ()


def _group_fixes(conv: Conv, inputs: int) -> tuple[Fix, ...]:
    common = gcd(conv.out_channels, inputs)
    divisors = [g for g in range(1, common + 1) if common % g == 0]
    near = sorted(divisors, key=lambda g: abs(g - conv.groups))[:2]
    fewer = tuple(Fix(counted(g, "group"), conv.taking(inputs, g)) for g in near)
    if inputs % conv.groups:
        return fewer
    outputs = -(-conv.out_channels // conv.groups) * conv.groups
    more = {"weight": resized_axis(conv.taking(inputs)["weight"], 0, outputs)}
    if conv.bias is not None:
        more["bias"] = resized_axis(conv.bias, 0, outputs)
    return (*fewer, Fix(f"make {counted(outputs, 'output channel')}", more))


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
        offered = [m for m in PADDING_MODES.values() if m.way_out]
        most = min(mode.widest(a.size) or 0 for a in conv.axes(shape[1:]))
        less = tuple((min(a.before, most), min(a.after, most)) for a in conv.axes(shape[1:]))
        return Problem(
            "padding_mode",
            f"{mode.name} can pad an input of {counted(axis.size, 'cell')} by at most {widest}, "
            f"the padding is {wanted}",
            (
                *(Fix(m.way_out, {"padding_mode": m.name}) for m in offered),
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
        Fix(f"reduce dilation to {each(dilation)}", {"dilation": dilation}),
        Fix(f"pad by {each(tuple(max(pair) for pair in padded))}", {"padding": padded}),
        Fix(
            f"reduce the kernel to {times(size)}",
            {"weight": resized_kernel(conv.weight, size)},
        ),
    )
    return fixes if dilation != conv.dilation else fixes[1:]

"""ConvTranspose: a transposed convolution layer, and what makes it not fit an image."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

from numpy.typing import ArrayLike

from convviz.engine.geometry import PerAxis, counted
from convviz.engine.padding import Array
from convviz.engine.problems import (
    LARGEST_PADDED,
    Fix,
    Problem,
    Shape,
    each,
    with_ways_out,
    wrong_rank,
)
from convviz.engine.settings import (
    checked_bias,
    checked_groups,
    checked_weight,
    positive_per_axis,
    resized_axis,
    whole_per_axis,
)
from convviz.engine.short_repr import kernel_text, layer_repr

PLAIN: Mapping[str, object] = {
    "stride": 1,
    "padding": 0,
    "output_padding": 0,
    "dilation": 1,
    "groups": 1,
    "bias": None,
}


@dataclass(frozen=True, eq=False, init=False)
class ConvTranspose:
    """A transposed convolution as torch's ConvTranspose2d.

    Parameters
    ----------
    weight : array (in_channels, out_channels/groups, *kernel)
    bias : array (out_channels,) or None
    stride, dilation : whole numbers from 1, one or one per axis
    padding : cells cut off on both sides of the output
    output_padding : cells added at the end of the output; less than stride or dilation
    groups : groups of channels that do not mix

    Examples
    --------
    >>> import numpy as np
    >>> up = ConvTranspose(np.ones((1, 1, 3, 3)), stride=2)
    >>> up.output_shape((1, 4, 4))
    (1, 9, 9)
    """

    weight: Array
    bias: Array | None
    stride: PerAxis
    padding: PerAxis
    output_padding: PerAxis
    dilation: PerAxis
    groups: int

    def __init__(
        self,
        weight: ArrayLike,
        bias: ArrayLike | None = None,
        *,
        stride: int | PerAxis = 1,
        padding: int | PerAxis = 0,
        output_padding: int | PerAxis = 0,
        dilation: int | PerAxis = 1,
        groups: int = 1,
    ) -> None:
        put = partial(object.__setattr__, self)
        put("weight", checked_weight(weight, "(in_channels, out_channels/groups, *kernel)"))
        put("stride", positive_per_axis(stride, self.rank, "stride"))
        put("padding", whole_per_axis(padding, self.rank, "padding"))
        put("output_padding", whole_per_axis(output_padding, self.rank, "output_padding"))
        put("dilation", positive_per_axis(dilation, self.rank, "dilation"))
        put("groups", checked_groups(groups))
        put("bias", None if bias is None else checked_bias(bias, self.out_channels))

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
    def in_channels(self) -> int:
        """How many channels the image must have."""
        return int(self.weight.shape[0])

    @property
    def out_channels(self) -> int:
        """How many feature maps come out."""
        return int(self.weight.shape[1]) * self.groups

    def taking(self, inputs: int, groups: int | None = None) -> dict[str, Any]:
        """Return the changes with which the layer takes `inputs` channels in `groups` groups.

        It makes as many feature maps as before where the groups divide them; with more groups than
        channels before, as many as there were in one group.
        """
        shared = groups or self.groups
        outputs = self.out_channels if self.groups <= self.in_channels else self.weight.shape[1]
        each = max(outputs // shared, 1)
        weight = resized_axis(resized_axis(self.weight, 0, inputs), 1, each)
        changes = {"weight": weight, "groups": shared}
        if self.bias is not None:
            changes["bias"] = resized_axis(self.bias, 0, each * shared)
        return changes

    def output_shape(self, shape: Shape) -> Shape:
        """Return (out_channels, *spatial) for an image of `shape` (in_channels, *spatial)."""
        sizes = (
            (w - 1) * s - 2 * p + d * (k - 1) + op + 1
            for w, s, p, d, k, op in zip(
                shape[1:],
                self.stride,
                self.padding,
                self.dilation,
                self.kernel_size,
                self.output_padding,
                strict=True,
            )
        )
        return (self.out_channels, *sizes)

    def problem(self, shape: Shape) -> Problem | None:
        """Return why the layer does not fit an image of `shape` (in_channels, *spatial), or None.

        Examples
        --------
        >>> import numpy as np
        >>> ConvTranspose(np.ones((1, 1, 3)), output_padding=1).problem((1, 5)).sentence
        'output_padding 1 must be smaller than the stride 1 or the dilation 1'
        """
        return with_ways_out(self, shape, _first_problem)


def _first_problem(layer: ConvTranspose, shape: Shape) -> Problem | None:
    for find in (_channel_problem, _output_padding_problem, _vanishing_problem, _memory_problem):
        if problem := find(layer, shape):
            return problem
    return None


def _channel_problem(layer: ConvTranspose, shape: Shape) -> Problem | None:
    if problem := wrong_rank(shape, layer.rank, "kernel"):
        return problem
    if shape[0] != layer.in_channels:
        return Problem(
            "weight",
            f"the weight takes {counted(layer.in_channels, 'input channel')}, "
            f"the image has {shape[0]}",
            (Fix(f"take {counted(shape[0], 'input channel')}", layer.taking(shape[0])),),
        )
    if shape[0] % layer.groups:
        divisors = [g for g in range(1, shape[0] + 1) if shape[0] % g == 0]
        near = sorted(divisors, key=lambda g: abs(g - layer.groups))[:2]
        return Problem(
            "groups",
            f"{layer.groups} groups do not divide {counted(shape[0], 'input channel')} evenly",
            tuple(Fix(counted(g, "group"), layer.taking(shape[0], g)) for g in near),
        )
    return None


def _output_padding_problem(layer: ConvTranspose, _shape: Shape) -> Problem | None:
    axes = tuple(zip(layer.output_padding, layer.stride, layer.dilation, strict=True))
    wrong = [axis for axis in axes if axis[0] >= max(axis[1:])]
    if not wrong:
        return None
    op, stride, dilation = wrong[0]
    less = tuple(min(o, max(s, d) - 1) for o, s, d in axes)
    more = tuple(s if o < max(s, d) else o + 1 for o, s, d in axes)
    return Problem(
        "output_padding",
        f"output_padding {op} must be smaller than the stride {stride} or the dilation {dilation}",
        (
            Fix(f"reduce output_padding to {each(less)}", {"output_padding": less}),
            Fix(f"raise the stride to {each(more)}", {"stride": more}),
        ),
    )


def _vanishing_problem(layer: ConvTranspose, shape: Shape) -> Problem | None:
    sizes = layer.output_shape(shape)[1:]
    if min(sizes) >= 1:
        return None
    less = tuple(
        p if size >= 1 else max(p - (2 - size) // 2, 0)
        for p, size in zip(layer.padding, sizes, strict=True)
    )
    size, padding = next((n, p) for n, p in zip(sizes, layer.padding, strict=True) if n < 1)
    return Problem(
        "padding",
        f"padding {padding} cuts {2 * padding} cells off an output of {size + 2 * padding}: "
        "none would be left",
        (Fix(f"reduce padding to {each(less)}", {"padding": less}),),
    )


def _memory_problem(layer: ConvTranspose, shape: Shape) -> Problem | None:
    sizes = layer.output_shape(shape)[1:]
    spans = (d * (k - 1) for k, d in zip(layer.kernel_size, layer.dilation, strict=True))
    spread = prod(size + span for size, span in zip(sizes, spans, strict=True))
    cells = max(spread * layer.in_channels, prod(sizes) * layer.out_channels)
    if cells <= LARGEST_PADDED:
        return None
    ones, zeros = (1,) * layer.rank, (0,) * layer.rank
    return Problem(
        "stride" if max(layer.stride) > 1 else "dilation",
        f"the layer would need {cells:,} cells, {LARGEST_PADDED:,} are allowed",
        (
            Fix("stride 1", {"stride": ones, "output_padding": zeros}),
            Fix("no dilation", {"dilation": ones, "output_padding": zeros}),
        ),
    )

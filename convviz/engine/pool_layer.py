"""Pool: a pooling layer, and what makes it not fit an image."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from math import prod

from convviz.engine.geometry import Axis, PerAxis, counted
from convviz.engine.padding import Amounts
from convviz.engine.poolings import POOLINGS, Kind, Pooling
from convviz.engine.problems import (
    LARGEST_PADDED,
    Fix,
    LayerError,
    Problem,
    Shape,
    each,
    with_ways_out,
    wrong_rank,
)
from convviz.engine.settings import RANKS, named, positive_per_axis, truth, whole_per_axis
from convviz.engine.short_repr import kernel_text, layer_repr

PLAIN: Mapping[str, object] = {
    "padding": 0,
    "dilation": 1,
    "ceil_mode": False,
    "count_include_pad": True,
}


@dataclass(frozen=True, init=False)
class Pool:
    """A pooling layer as torch has it: `kind` is a name in POOLINGS, "max" or "avg".

    Parameters
    ----------
    kernel_size, stride, dilation : whole numbers from 1, one per axis; stride defaults
        to the kernel
    padding : cells on both sides, per axis: at most half of the kernel, dilated or not
    ceil_mode : whether a last window may reach beyond the padding
    count_include_pad : whether the mean counts padding cells ("avg" only)

    A "max" window that would hold padding alone is a problem here; torch's result is -inf there.

    Raises
    ------
    LayerError
        When a setting cannot be, whatever the input.

    Examples
    --------
    >>> Pool("max", (2, 2)).output_shape((8, 24, 24))
    (8, 12, 12)
    """

    kind: Kind
    kernel_size: PerAxis
    stride: PerAxis
    padding: PerAxis
    dilation: PerAxis
    ceil_mode: bool
    count_include_pad: bool

    def __init__(
        self,
        kind: Kind,
        kernel_size: int | PerAxis,
        *,
        stride: int | PerAxis | None = None,
        padding: int | PerAxis = 0,
        dilation: int | PerAxis = 1,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        rank: int = 2,
    ) -> None:
        put = partial(object.__setattr__, self)
        axes = len(kernel_size) if isinstance(kernel_size, (tuple, list)) else rank
        if axes not in RANKS:
            raise LayerError(f"a pooling window has one or two axes, not {axes}")
        put("kind", named(kind, POOLINGS, "pooling"))
        put("kernel_size", positive_per_axis(kernel_size, axes, "kernel_size"))
        put("stride", positive_per_axis(self._or_kernel(stride), axes, "stride"))
        put("padding", whole_per_axis(padding, axes, "padding"))
        put("dilation", positive_per_axis(dilation, axes, "dilation"))
        put("ceil_mode", truth(ceil_mode, "ceil_mode"))
        put("count_include_pad", truth(count_include_pad, "count_include_pad"))
        if not self.pooling.dilates and set(self.dilation) != {1}:
            raise LayerError(f"{self.pooling.title.lower()} has no dilation")

    def _or_kernel(self, stride: int | PerAxis | None) -> int | PerAxis:
        return self.kernel_size if stride is None else stride

    def __repr__(self) -> str:
        """Return its kind, its window and what is not as usual."""
        plain = {"stride": self.kernel_size, **PLAIN}
        return layer_repr(self, f"{self.kind}, {kernel_text(self.kernel_size)}", plain)

    @property
    def pooling(self) -> Pooling:
        """What becomes of the cells of a window."""
        return POOLINGS[self.kind]

    @property
    def rank(self) -> int:
        """How many spatial axes there are."""
        return len(self.kernel_size)

    def axes(self, spatial: Shape) -> tuple[Axis, ...]:
        """Return the geometry per axis for an image whose spatial shape is `spatial`."""
        return tuple(
            Axis(size, kernel, stride, dilation, padding, padding, self.ceil_mode)
            for size, kernel, stride, dilation, padding in zip(
                spatial, self.kernel_size, self.stride, self.dilation, self.padding, strict=True
            )
        )

    def amounts(self, spatial: Shape) -> Amounts:
        """Return the padding cells (before, after) per axis."""
        return tuple((axis.before, axis.after) for axis in self.axes(spatial))

    def output_shape(self, shape: Shape) -> Shape:
        """Return (channels, *spatial) for an image of `shape` (channels, *spatial)."""
        return (shape[0], *(axis.out for axis in self.axes(shape[1:])))

    def problem(self, shape: Shape) -> Problem | None:
        """Return why the layer does not fit an image of `shape` (channels, *spatial), or None.

        Examples
        --------
        >>> Pool("max", (2, 2), padding=2).problem((1, 8, 8)).sentence
        'padding 2 is more than half of the 2 cells of the pooling window'
        """
        return with_ways_out(self, shape, _first_problem)


def _first_problem(pool: Pool, shape: Shape) -> Problem | None:
    if problem := wrong_rank(shape, pool.rank, "pooling"):
        return problem
    for axis in pool.axes(shape[1:]):
        if axis.before > axis.kernel // 2:
            return _padding_problem(pool, axis)
        if not axis.fits:
            return _span_problem(pool, axis, shape)
    return _memory_problem(pool, shape) or _blind_problem(pool, shape)


def _padding_problem(pool: Pool, axis: Axis) -> Problem:
    less = tuple(min(p, k // 2) for p, k in zip(pool.padding, pool.kernel_size, strict=True))
    larger = tuple(max(k, 2 * p) for k, p in zip(pool.kernel_size, pool.padding, strict=True))
    return Problem(
        "padding",
        f"padding {axis.before} is more than half of the {counted(axis.kernel, 'cell')} of the "
        "pooling window",
        (
            Fix(f"reduce padding to {each(less)}", {"padding": less}),
            Fix(f"enlarge the window to {each(larger)}", {"kernel_size": larger}),
        ),
    )


def _span_problem(pool: Pool, axis: Axis, shape: Shape) -> Problem:
    rooms = [a.padded for a in pool.axes(shape[1:])]
    sizes = tuple(
        max(min(k, (room - 1) // d + 1), 1)
        for k, d, room in zip(pool.kernel_size, pool.dilation, rooms, strict=True)
    )
    halves = tuple(min(p, k // 2) for p, k in zip(pool.padding, sizes, strict=True))
    ones = (1,) * pool.rank
    return Problem(
        "kernel_size",
        f"the pooling window spans {axis.span} cells, the padded input has {axis.padded}",
        (
            Fix("no dilation", {"dilation": ones}),
            Fix(f"reduce the window to {each(sizes)}", {"kernel_size": sizes, "padding": halves}),
        ),
    )


def _memory_problem(pool: Pool, shape: Shape) -> Problem | None:
    axes = pool.axes(shape[1:])
    cells = shape[0] * prod(a.padded + a.overhang for a in axes)
    if cells <= LARGEST_PADDED:
        return None
    sizes = tuple(min(k, w) for k, w in zip(pool.kernel_size, shape[1:], strict=True))
    halves = tuple(min(p, k // 2) for p, k in zip(pool.padding, sizes, strict=True))
    return Problem(
        "kernel_size",
        f"the padded input would have {cells:,} cells, {LARGEST_PADDED:,} are allowed",
        (
            Fix(f"reduce the window to {each(sizes)}", {"kernel_size": sizes, "padding": halves}),
            Fix("no dilation", {"dilation": (1,) * pool.rank}),
        ),
    )


def _blind_problem(pool: Pool, shape: Shape) -> Problem | None:
    """Return the problem of a window whose cells all lie in the padding on both sides."""
    blind = next((axis for axis in pool.axes(shape[1:]) if _passes_over_all(axis)), None)
    if blind is None:
        return None
    return Problem(
        "dilation",
        f"a window would hold nothing but padding: dilation {blind.dilation} passes over "
        f"{counted(blind.size, 'cell')} of the input",
        (
            Fix("no dilation", {"dilation": (1,) * pool.rank}),
            Fix("no padding", {"padding": (0,) * pool.rank}),
        ),
    )


def _passes_over_all(axis: Axis) -> bool:
    starts = range(0, min(axis.before, axis.out * axis.stride), axis.stride)
    return axis.dilation > axis.size and any(
        (start - axis.before) % axis.dilation >= axis.size for start in starts
    )

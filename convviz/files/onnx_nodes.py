"""What nodes of ONNX are as layers: settings by the operators' attributes, with their defaults.

Source: https://onnx.ai/onnx/operators; its defaults are not always torch's: pooling has stride 1,
and average pooling does not count padding.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from convviz.engine.geometry import PerAxis
from convviz.engine.layers import Pool
from convviz.engine.poolings import POOLINGS
from convviz.files.errors import Refusal, shown

Attributes = Mapping[str, Any]
Amounts = tuple[tuple[int, int], ...]

POOLS = {pooling.onnx: pooling for pooling in POOLINGS.values() if pooling.onnx}
SKIPPED = ("Identity", "Dropout")
KERNELS = ("Conv", "ConvTranspose")
SAME = {"SAME_UPPER": "same_upper", "SAME_LOWER": "same_lower"}


@dataclass(frozen=True)
class Window:
    """What convolutions and poolings have in common, per axis; `pads` is None by `auto_pad`."""

    size: PerAxis
    stride: PerAxis
    dilation: PerAxis
    auto_pad: str
    pads: Amounts

    @property
    def span(self) -> PerAxis:
        """Cells from the first to the last under the window."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.size, self.dilation, strict=True))


def window_of(attributes: Attributes, size: PerAxis) -> Window:
    """Return the window of a node whose kernel has `size` cells; raises Refusal."""
    axes = len(size)
    given = _whole(attributes, "kernel_shape", axes, size)
    if given != size:
        raise Refusal(f"its kernel_shape {list(given)} is not that of its weight, {list(size)}")
    auto_pad = attributes.get("auto_pad", "NOTSET")
    if auto_pad not in ("NOTSET", "VALID", *SAME):
        raise Refusal(f"its auto_pad is {shown(str(auto_pad))}, which ONNX does not know")
    pads = _whole(attributes, "pads", 2 * axes, (0,) * (2 * axes))
    if auto_pad != "NOTSET":
        pads = (0,) * (2 * axes)
    if min(pads) < 0:
        raise Refusal("its pads are negative: they cut cells off")
    ones = (1,) * axes
    return Window(
        size,
        _whole(attributes, "strides", axes, ones),
        _whole(attributes, "dilations", axes, ones),
        auto_pad,
        tuple(zip(pads[:axes], pads[axes:], strict=True)),
    )


def _whole(attributes: Attributes, name: str, count: int, default: PerAxis) -> PerAxis:
    values = attributes.get(name, default)
    if not isinstance(values, (list, tuple)) or not all(type(n) is int for n in values):
        raise Refusal(f"its {name} are no whole numbers")
    if len(values) != count:
        raise Refusal(f"its {name} are {len(values)} numbers, {count} are needed")
    return tuple(values)


def conv_settings(attributes: Attributes, size: PerAxis) -> dict[str, Any]:
    """Return the keywords of a Conv besides weight and bias; raises Refusal."""
    window = window_of(attributes, size)
    return {
        "stride": window.stride,
        "padding": SAME.get(window.auto_pad, window.pads),
        "dilation": window.dilation,
        "groups": attributes.get("group", 1),
    }


def transpose_settings(attributes: Attributes, size: PerAxis) -> dict[str, Any]:
    """Return the keywords of a ConvTranspose besides weight and bias; raises Refusal.

    What is cut off more before than after is output_padding by another name; where more is cut off
    after, `leading_zeros` have to be put before the kernel.
    """
    window = window_of(attributes, size)
    if attributes.get("output_shape"):
        raise Refusal("its output_shape is fixed: it belongs to one size of image alone")
    pads, ends = _cut_off(attributes, window)
    moved = [z * d for z, d in zip(_zeros(ends, window.dilation), window.dilation, strict=True)]
    return {
        "stride": window.stride,
        "padding": tuple(before + m for (before, _), m in zip(pads, moved, strict=True)),
        "output_padding": tuple(end + m for end, m in zip(ends, moved, strict=True)),
        "dilation": window.dilation,
        "groups": attributes.get("group", 1),
    }


def leading_zeros(attributes: Attributes, size: PerAxis) -> PerAxis:
    """Return how many zeros go before the kernel of a ConvTranspose, per axis; raises Refusal.

    Each moves the output by a cell, so that as much can be cut off before as after.
    """
    window = window_of(attributes, size)
    return _zeros(_cut_off(attributes, window)[1], window.dilation)


def _zeros(ends: PerAxis, dilation: PerAxis) -> PerAxis:
    return tuple(max(-(end // d), 0) for end, d in zip(ends, dilation, strict=True))


def _cut_off(attributes: Attributes, window: Window) -> tuple[Amounts, PerAxis]:
    """Return what is cut off, and by how many cells the end is longer than the beginning."""
    axes = len(window.size)
    more = _whole(attributes, "output_padding", axes, (0,) * axes)
    pads = _transposed_pads(window, more)
    return pads, tuple(m + before - after for m, (before, after) in zip(more, pads, strict=True))


def _transposed_pads(window: Window, more: PerAxis) -> Amounts:
    """Return what is cut off; by `auto_pad` so much that the output is stride times the input."""
    if window.auto_pad not in SAME:
        return window.pads
    totals = [m + k - s for m, k, s in zip(more, window.span, window.stride, strict=True)]
    if min(totals) < 0:
        raise Refusal(f"its stride is larger than its kernel, with auto_pad {window.auto_pad}")
    halves = ((total // 2, total - total // 2) for total in totals)
    upper = window.auto_pad == "SAME_UPPER"
    return tuple((less, rest) if upper else (rest, less) for less, rest in halves)


def pool_of(operator: str, attributes: Attributes) -> Pool:
    """Return MaxPool or AveragePool as a layer; raises Refusal and LayerError."""
    size = attributes.get("kernel_shape")
    if not isinstance(size, (list, tuple)) or not size:
        raise Refusal("it lacks its kernel_shape")
    window = window_of(attributes, tuple(size))
    pooling = POOLS[operator]
    counts = pooling.divides and bool(attributes.get("count_include_pad", 0))
    padding, ceil_mode = _pool_padding(window, bool(attributes.get("ceil_mode", 0)), counts)
    return Pool(
        pooling.name,
        window.size,
        stride=window.stride,
        padding=padding,
        dilation=window.dilation,
        ceil_mode=ceil_mode,
        count_include_pad=counts or not pooling.divides,
    )


def _pool_padding(window: Window, ceil_mode: bool, counts: bool) -> tuple[PerAxis, bool]:
    """Return padding, alike on both sides, and whether a last window may reach beyond it."""
    if window.auto_pad in SAME:
        return _same_padding(window, counts)
    starts = tuple(before for before, _ in window.pads)
    if all(before == after for before, after in window.pads):
        return starts, ceil_mode
    if not (ceil_mode or counts) and all(map(_hangs_over, window.pads, window.span, window.stride)):
        return starts, True
    before, after = next(pair for pair in window.pads if pair[0] != pair[1])
    raise Refusal(f"it pads {before} before and {after} after: convviz pools pad alike")


def _hangs_over(pads: tuple[int, int], span: int, stride: int) -> bool:
    """Return whether padding after the image is what a last window reaches beyond by ceil_mode.

    ceil((n + 2p - k) / s) is floor((n + 2p + s - 1 - k) / s).
    """
    before, after = pads
    return after == before + stride - 1 < span


def _same_padding(window: Window, counts: bool) -> tuple[PerAxis, bool]:
    """Return the padding of `auto_pad` where it is the same for every size of image.

    `counts` says that padding counts as cells, which those beyond the padding do not.
    """
    if set(window.stride) == {1} and all(span % 2 for span in window.span):
        return tuple(span // 2 for span in window.span), False
    lone_cell = all(k == 2 and s > 1 for k, s in zip(window.span, window.stride, strict=True))
    if window.auto_pad == "SAME_UPPER" and lone_cell and not counts:  # one cell after, or none
        return (0,) * len(window.size), True
    raise Refusal(f"its auto_pad {window.auto_pad} pads by the size of the image; write out pads")

"""Seeded layers over every setting, and what they make of images by other means than ours."""

from dataclasses import dataclass, field
from itertools import product
from math import ceil

import numpy as np
from scipy import signal

STRIDES = {1: (1, 2, 3), 2: (1, 2, (3, 1))}
DILATIONS = {1: (1, 2, 3), 2: (1, 2, (1, 3))}
PADDINGS = {
    1: ("valid", "same", "full", "same_upper", "same_lower", "causal", 1, ((0, 2),)),
    2: ("valid", "same", "full", "same_upper", "same_lower", "causal", 1, ((2, 0), (1, 3))),
}
CHANNELS = ((1, 1, 1), (4, 2, 2), (3, 6, 3))  # in, out, groups: plain, grouped, depthwise
MODES = ("zeros", "constant", "reflect", "symmetric", "replicate", "circular")


@dataclass(frozen=True)
class Case:
    image: np.ndarray
    weight: np.ndarray
    bias: np.ndarray | None
    settings: dict = field(default_factory=dict)

    @property
    def rank(self):
        return self.image.ndim - 1

    def each(self, name):
        value = self.settings[name]
        return value if isinstance(value, tuple) else (value,) * self.rank

    @property
    def spans(self):
        sizes = zip(self.weight.shape[2:], self.each("dilation"), strict=True)
        return tuple(d * (k - 1) + 1 for k, d in sizes)

    @property
    def amounts(self):
        padding, sizes = self.settings["padding"], self.image.shape[1:]
        if isinstance(padding, int):
            return ((padding, padding),) * self.rank
        if isinstance(padding, tuple):
            return padding
        axes = zip(sizes, self.spans, self.each("stride"), strict=True)
        return tuple(amounts_of_rule(padding, *axis, self.settings["flip"]) for axis in axes)

    @property
    def is_possible(self):
        """Whether every window and every padding cell has something to stand on."""
        axes = list(zip(self.image.shape[1:], self.spans, self.amounts, strict=True))
        if any(size + sum(amounts) < span for size, span, amounts in axes):
            return False
        short = {"reflect": 1, "symmetric": 0, "circular": 0}.get(self.settings["padding_mode"])
        return short is None or all(max(amounts) <= size - short for size, _, amounts in axes)


def amounts_of_rule(rule, size, span, stride, flip):
    total = max((ceil(size / stride) - 1) * stride + span - size, 0)
    less, more = total // 2, total - total // 2
    return {
        "valid": (0, 0),
        "full": (span - 1, span - 1),
        "causal": (span - 1, 0),
        "same_upper": (less, more),
        "same_lower": (more, less),
        "same": (more, less) if flip else (less, more),
    }[rule]


def cases(rank, mode, dtype=np.float64):
    """Yield a seeded case for every stride, padding, dilation, channels and flip."""
    rng = np.random.default_rng([rank, MODES.index(mode)])
    for stride, padding, dilation, channels, flip in product(
        STRIDES[rank], PADDINGS[rank], DILATIONS[rank], CHANNELS, (False, True)
    ):
        inputs, outputs, groups = channels
        image = rng.normal(size=(inputs, *rng.integers(6, 11, rank)))
        weight = rng.normal(size=(outputs, inputs // groups, *rng.integers(1, 5, rank)))
        bias = rng.normal(size=outputs) if rng.random() < 0.5 else None
        settings = {
            "stride": stride,
            "padding": padding,
            "padding_mode": mode,
            "padding_value": float(rng.normal()) if mode == "constant" else 0.0,
            "dilation": dilation,
            "groups": groups,
            "flip": flip,
        }
        yield Case(
            image.astype(dtype),
            weight.astype(dtype),
            None if bias is None else bias.astype(dtype),
            settings,
        )


def source(place, size, mode):
    """Return the input cell that the cell at `place` (negative: before the input) copies."""
    if 0 <= place < size or mode in ("zeros", "constant"):
        return place if 0 <= place < size else None
    if mode == "replicate":
        return min(max(place, 0), size - 1)
    if mode == "circular":
        return place % size
    period = 2 * size - 2 if mode == "reflect" else 2 * size
    folded = place % max(period, 1)
    if folded < size:
        return folded
    return period - folded if mode == "reflect" else period - 1 - folded


def padded_by_formula(image, amounts, mode, value=0.0):
    """Pad the spatial axes cell by cell, each axis by its formula."""
    for axis, (before, after) in enumerate(amounts, start=1):
        size = image.shape[axis]
        outside = np.full_like(image.take([0], axis), value if mode == "constant" else 0)
        sources = [source(place, size, mode) for place in range(-before, size + after)]
        slabs = [outside if s is None else image.take([s], axis) for s in sources]
        image = np.concatenate(slabs, axis)
    return image


def dilated(kernel, dilation):
    """Put the zeros between the weights that dilation leaves out."""
    spread = np.zeros([d * (k - 1) + 1 for k, d in zip(kernel.shape, dilation, strict=True)])
    spread[tuple(slice(None, None, d) for d in dilation)] = kernel
    return spread


def by_scipy(case):
    """Return the feature maps by scipy.signal, one pair of channels after the other."""
    image, weight = case.image.astype(float), case.weight.astype(float)
    bias = np.zeros(len(weight)) if case.bias is None else case.bias.astype(float)
    return np.stack(
        [_map_by_scipy(case, image, weight, number) + bias[number] for number in range(len(weight))]
    )


def rounding(case):
    """Return how much rounding may change each output cell: some units of its largest sum."""
    size = by_scipy(
        Case(
            np.abs(case.image),
            np.abs(case.weight),
            None if case.bias is None else np.abs(case.bias),
            {**case.settings, "padding_value": abs(case.settings["padding_value"])},
        )
    )
    return 8 * np.finfo(case.image.dtype).eps * size


def _map_by_scipy(case, image, weight, number):
    settings = case.settings
    padded = padded_by_formula(
        image, case.amounts, settings["padding_mode"], settings["padding_value"]
    )
    per_group = weight.shape[1]
    first = number // (len(weight) // settings["groups"]) * per_group
    slide = signal.convolve if settings["flip"] else signal.correlate
    spread = [dilated(kernel, case.each("dilation")) for kernel in weight[number]]
    maps = [
        slide(padded[first + i], spread[i], "valid", "direct")  # "auto" blurs the last bits
        for i in range(per_group)
    ]
    steps = tuple(slice(None, None, s) for s in case.each("stride"))
    return np.sum(maps, axis=0)[steps]

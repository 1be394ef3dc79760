"""Seeded layers of every kind, possible or not, and what torch makes of them."""

from dataclasses import dataclass, field

import numpy as np

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.engine.padding import PADDING_MODES
from convviz.engine.poolings import POOLINGS

CONV_MODES = [name for name, mode in PADDING_MODES.items() if mode.torch]
KINDS = ("conv", "transposed", *POOLINGS)
REFUSED = "refused"


@dataclass(frozen=True)
class LayerCase:
    """A layer as plain settings: nothing says whether it can be, or fits its image."""

    kind: str
    settings: dict = field(default_factory=dict)
    weight: np.ndarray | None = None
    bias: np.ndarray | None = None

    def ours(self):
        match self.kind:
            case "conv":
                return Conv(self.weight, self.bias, **self.settings)
            case "transposed":
                return ConvTranspose(self.weight, self.bias, **self.settings)
            case kind if kind in POOLINGS:
                return Pool(kind, **self.settings)
            case _:
                return Activation(self.kind)

    def theirs(self, torch, image):
        """Return what torch makes of the tensor `image` (channels, *spatial)."""
        functions, rank = torch.nn.functional, image.ndim - 1
        if self.kind in POOLINGS:
            slide = getattr(functions, f"{self.kind}_pool{rank}d")
            return slide(image[None], **self.settings)[0]
        if self.weight is None:
            return getattr(torch, self.kind)(image)
        weight = torch.tensor(self.weight)
        bias = None if self.bias is None else torch.tensor(self.bias)
        if self.kind == "transposed":
            spread = getattr(functions, f"conv_transpose{rank}d")
            return spread(image[None], weight, bias, **self.settings)[0]
        settings = dict(self.settings)
        sides = [cells for cells in reversed(settings.pop("padding")) for _ in "lr"]
        mode = {"zeros": "constant"}.get(settings["padding_mode"], settings["padding_mode"])
        padded = functions.pad(image[None], sides, mode=mode)
        del settings["padding_mode"]
        return getattr(functions, f"conv{rank}d")(padded, weight, bias, **settings)[0]


def outcome(refusal, make, *arguments):
    """Return the array that `make` makes of `arguments`, REFUSED where it raises `refusal`."""
    try:
        return np.asarray(make(*arguments))
    except refusal:
        return REFUSED


def whole_numbers(rng, *shape):
    """Return small whole numbers, of which sums are exact, whatever their order."""
    return rng.integers(-9, 10, shape).astype(float)


def per_axis(rng, rank, low, high):
    return tuple(int(n) for n in rng.integers(low, high + 1, rank))


def random_image(rng, rank=None):
    rank = rank or int(rng.integers(1, 3))
    return whole_numbers(rng, int(rng.integers(1, 5)), *per_axis(rng, rank, 1, 9))


def random_layer(rng, kind, shape, *, slip=0.1, dtype=float):
    """Return a case for an image of `shape`; a `slip` of them have channels that do not fit."""
    if kind in POOLINGS:
        return _pooling(rng, kind, len(shape) - 1)
    if kind in KINDS:
        return _with_weight(rng, kind, shape, slip, dtype)
    return LayerCase(kind)


def _pooling(rng, kind, rank):
    kernel = per_axis(rng, rank, 1, 4)
    own = {"dilation": per_axis(rng, rank, 1, 3)} if POOLINGS[kind].dilates else {}
    if POOLINGS[kind].divides:
        own["count_include_pad"] = bool(rng.integers(2))
    return LayerCase(
        kind,
        {
            "kernel_size": kernel,
            "stride": per_axis(rng, rank, 1, 4) if rng.random() < 0.8 else None,
            "padding": tuple(
                int(rng.integers(0, k // 2 + 1 + (rng.random() < 0.1))) for k in kernel
            ),
            "ceil_mode": bool(rng.integers(2)),
            **own,
        },
    )


def _with_weight(rng, kind, shape, slip, dtype):
    rank, inputs = len(shape) - 1, shape[0]
    groups = int(rng.choice([g for g in range(1, inputs + 1) if inputs % g == 0]))
    outputs = int(rng.integers(1, 3))
    if rng.random() < slip:
        inputs, groups = inputs + int(rng.integers(2)), groups + int(rng.integers(2))
    kernel = per_axis(rng, rank, 1, 4)
    each = max(inputs // groups, 1)
    channels = (outputs * groups, each) if kind == "conv" else (inputs, outputs)
    settings = {
        "stride": per_axis(rng, rank, 1, 4),
        "padding": per_axis(rng, rank, 0, 3),
        "dilation": per_axis(rng, rank, 1, 3),
        "groups": groups,
    }
    if kind == "conv":
        settings["padding_mode"] = str(rng.choice(CONV_MODES))
    else:
        settings["output_padding"] = per_axis(rng, rank, 0, 2)
    bias = whole_numbers(rng, outputs * groups).astype(dtype) if rng.random() < 0.5 else None
    weight = whole_numbers(rng, *channels, *kernel).astype(dtype)
    return LayerCase(kind, settings, weight, bias)

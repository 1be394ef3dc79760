"""Layers in arrays with names, as torch's state_dict, Keras and Flax save them.

x.weight and x.bias are one layer. The file tells neither stride, padding, dilation nor groups.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from convviz.files.errors import shown
from convviz.files.numpy_files import ArrayEntry
from convviz.files.weight_entries import NOTHING, WeightEntry, kernel_kind

WEIGHT, BIAS, KERNEL = "weight", "bias", "kernel"
STATISTICS = ("running_mean", "running_var", "num_batches_tracked", "moving_mean")
DERIVED = {
    "weight_g": "a weight normalization",
    "weight_v": "a weight normalization",
    "weight_orig": "a pruning or a spectral normalization",
    "weight_mask": "a pruning",
    "original0": "a parametrization",
    "original1": "a parametrization",
}
PART = re.compile(
    rf"(?P<module>.*?)(?:^|[./])(?P<part>{'|'.join((WEIGHT, BIAS, KERNEL, *STATISTICS, *DERIVED))})"
    r"(?::0)?",
    re.DOTALL,
)
WITHOUT_KERNEL = "no kernel slides in it"
AXES = {
    1: ("Vector", WITHOUT_KERNEL),
    2: ("Linear", WITHOUT_KERNEL),
    5: ("Conv 3-D", "convviz has kernels of one and two axes"),
}


@dataclass(frozen=True)
class Found:
    """The arrays of one layer by the part that they are; `weight` is the one it is named by."""

    name: str
    parts: Mapping[str, ArrayEntry]

    @property
    def weight(self) -> ArrayEntry | None:
        """Its weight, None where there are other parts alone."""
        return self.parts.get(WEIGHT) or self.parts.get(KERNEL)

    @property
    def last_axes_are_channels(self) -> bool:
        """Whether the weight is (*kernel, in, out), as Keras and Flax have it."""
        return WEIGHT not in self.parts


def layers_in(arrays: Iterable[ArrayEntry]) -> dict[str, Found]:
    """Return the layers by name, in the order of their first arrays."""
    found: dict[str, dict[str, ArrayEntry]] = {}
    for array in arrays:
        match = PART.fullmatch(array.name)
        module, part = (match["module"], match["part"]) if match else (array.name, WEIGHT)
        if part == KERNEL and not module:
            part = WEIGHT  # a kernel by itself, not one of Keras or Flax
        found.setdefault(module, {}).setdefault(part, array)
    layers = (Found(module or WEIGHT, MappingProxyType(found[module])) for module in found)
    return {layer.name: layer for layer in layers}


def entry_of(found: Found, unreadable: str) -> WeightEntry:
    """Return what a layer is; `unreadable` says why its numbers are not read, or ""."""
    weight, bias = found.weight, found.parts.get(BIAS)
    if weight is None:
        return _part_alone(found)
    shape = _torch_shape(weight.shape, found)
    entry = WeightEntry(found.name, "", shape, bias is not None)
    if any(part in found.parts for part in STATISTICS):
        return replace(entry, kind="BatchNorm", refusal=WITHOUT_KERNEL)
    if len(shape) not in (3, 4):
        kind, refusal = AXES.get(len(shape), ("Array", f"a weight has no {len(shape)} axes"))
        return replace(entry, kind=kind, refusal=refusal)
    if 0 in shape:
        return replace(entry, kind=kernel_kind(len(shape), None), refusal="it is empty")
    told = _with_bias(entry, bias)
    return replace(told, refusal=unreadable or told.refusal)


def _part_alone(found: Found) -> WeightEntry:
    part, array = next(iter(found.parts.items()))
    if part in DERIVED:
        refusal = f"it is part of {DERIVED[part]}; remove that from the model and save it again"
        return WeightEntry(found.name, "Part", array.shape, refusal=refusal)
    kind = "Bias" if part == BIAS else "BatchNorm"
    return WeightEntry(found.name, kind, array.shape, refusal=WITHOUT_KERNEL)


def _with_bias(entry: WeightEntry, bias: ArrayEntry | None) -> WeightEntry:
    """Return the entry as the kind of convolution that goes with its bias."""
    axes, count = len(entry.shape), 0 if bias is None else int(np.prod(bias.shape))
    either = (
        count == entry.shape[0] and count % entry.shape[1] == 0
    )  # groups, as of a depthwise one
    if bias is None or either:
        return replace(entry, kind=kernel_kind(axes, None), transposed=None)
    if count == entry.shape[0]:
        return replace(entry, kind=kernel_kind(axes, False))
    if count % entry.shape[1] == 0 and entry.shape[0] % (count // entry.shape[1]) == 0:
        groups = count // entry.shape[1]
        settings = NOTHING if groups == 1 else MappingProxyType({"groups": groups})
        kind = kernel_kind(axes, True)
        return replace(entry, kind=kind, transposed=True, settings=settings)
    sizes = " × ".join(map(str, entry.shape))
    refusal = f"{shown(bias.name)} has {count} numbers, which do not belong to {sizes} weights"
    return replace(entry, kind=kernel_kind(axes, None), refusal=refusal)


def _torch_shape(shape: tuple[int, ...], found: Found) -> tuple[int, ...]:
    if not found.last_axes_are_channels or len(shape) < 2:
        return shape
    return (shape[-1], shape[-2], *shape[:-2])


def torch_order(weight: NDArray[np.floating], found: Found) -> NDArray[np.floating]:
    """Return a weight as torch has it: both axes of channels, then the kernel."""
    return np.moveaxis(weight, (-1, -2), (0, 1)) if found.last_axes_are_channels else weight

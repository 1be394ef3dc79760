"""What the layers of a state dict are, and the layers that are made of their numbers."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from math import prod
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from convviz.engine.conv_layer import Conv
from convviz.engine.layers import KernelLayer
from convviz.engine.transpose_layer import ConvTranspose
from convviz.files.errors import Refusal, shown
from convviz.files.kernel_layouts import LAYOUTS, KernelLayout
from convviz.files.layout_clues import Clues, Told
from convviz.files.numpy_files import ArrayEntry
from convviz.files.safetensors_files import number_kind
from convviz.files.state_dicts import BIAS, DERIVED, SCALE, ZERO, Found, norm_behind
from convviz.files.weight_entries import NOTHING, PART, WeightEntry, kernel_kind

Numbers = NDArray[np.floating]

WITHOUT_KERNEL = "no kernel slides in it"
AXES = {
    1: ("Vector", WITHOUT_KERNEL),
    2: ("Linear", WITHOUT_KERNEL),
    5: ("Conv 3-D", "convviz has kernels of one and two axes"),
}
MADE_BY: tuple[tuple[str, str], ...] = (
    ("weight_g", "a weight normalization"),
    ("weight_mask", "a pruning"),
    ("weight_u", "a spectral normalization"),
    ("weight_orig", "a pruning or a spectral normalization"),
    ("_u", "a spectral normalization"),
    ("original1", "a parametrization, as of weight normalization"),
    ("original", "a parametrization"),
    ("weight_v", "a weight normalization"),
)
WHOLE = "biu"  # kinds of numbers that stand for others where a scale lies beside them


def entry_of(found: Found, clues: Clues, unreadable: str) -> WeightEntry:
    """Return what a layer is; `unreadable` says why its numbers are not read, or ""."""
    derived = {part: array for part, array in found.parts.items() if part.startswith(DERIVED)}
    if derived:
        return _made_when_run(found, derived)
    weight = found.weight
    if weight is None:
        return _part_alone(found)
    shape = weight.shape
    entry = WeightEntry(found.name, "", shape, BIAS in found.parts)
    if found.is_batch_norm:
        return replace(entry, kind="BatchNorm", refusal=WITHOUT_KERNEL)
    if len(shape) not in (3, 4):
        kind, refusal = AXES.get(len(shape), ("Array", f"a weight has no {len(shape)} axes"))
        return replace(entry, kind=kind, refusal=refusal)
    if 0 in shape:
        return replace(entry, kind=kernel_kind(len(shape), None), refusal="it is empty")
    return _kernel_entry(entry, found, clues, unreadable)


def _made_when_run(found: Found, derived: Mapping[str, ArrayEntry]) -> WeightEntry:
    parts = " ".join(derived)
    reason = next(reason for part, reason in MADE_BY if part in parts)
    refusal = f"it is part of {reason}; remove that from the model and save it again"
    shape = max((array.shape for array in derived.values()), key=lambda shape: (len(shape), shape))
    return WeightEntry(found.name, PART, shape, BIAS in found.parts, refusal=refusal)


def _part_alone(found: Found) -> WeightEntry:
    kinds = (
        (found.is_batch_norm, "BatchNorm"),
        (found.is_norm, "Norm"),
        (BIAS in found.parts, "Bias"),
    )
    kind = next((kind for applies, kind in kinds if applies), "Vector")
    array = next(iter(found.parts.values()))
    return WeightEntry(found.name, kind, array.shape, refusal=WITHOUT_KERNEL)


def _kernel_entry(entry: WeightEntry, found: Found, clues: Clues, unreadable: str) -> WeightEntry:
    told, stored = clues.told(found), entry.shape
    groups = told.first.groups(stored, _outputs(found))
    sized = replace(
        entry,
        kind=kernel_kind(len(stored), told.transposed),
        shape=told.first.torch_shape(stored),
        transposed=told.transposed,
        settings=MappingProxyType({"groups": groups}) if groups > 1 else NOTHING,
        layouts=told.layouts,
        note=told.note,
    )
    refusal = unreadable or _bias_trouble(found, told) or _scale_trouble(found, told.first)
    if refusal:
        return replace(sized, refusal=refusal)
    if not told.sure:
        return replace(
            sized, shape=stored, settings=NOTHING, question=_question(told, len(stored) - 2)
        )
    return replace(sized, note="; ".join(filter(None, (told.note, *_notes(found, clues)))))


def _outputs(found: Found) -> int | None:
    bias = found.parts.get(BIAS)
    return None if bias is None else prod(bias.shape)


def _bias_trouble(found: Found, told: Told) -> str:
    return f"{shown(found.parts[BIAS].name)} {told.refusal}" if told.refusal else ""


def _question(told: Told, rank: int) -> str:
    """Ask for the order of axes, in the words of the command line."""
    ways = (f"{name} ({LAYOUTS[name].axes_of(rank)})" for name in told.layouts)
    return f"the file does not tell the order of its axes; choose the layout: {', '.join(ways)}"


def _notes(found: Found, clues: Clues) -> tuple[str, ...]:
    scale, norm = _scale(found), norm_behind(found, clues.layers)
    scaled = f"its whole numbers are multiplied by {shown(scale.name)}" if scale else ""
    left = f"the batch normalization {shown(norm.name)} behind it is left behind" if norm else ""
    return scaled, left


# Whole numbers with a scale


def _scale(found: Found) -> ArrayEntry | None:
    """Return the scale of a weight of whole numbers, None where there is none."""
    weight, scale = found.weight, found.parts.get(SCALE)
    if weight is None or scale is None:
        return None
    return scale if number_kind(weight.dtype) in WHOLE else None


def _scale_trouble(found: Found, layout: KernelLayout) -> str:
    scale, weight = _scale(found), found.weight
    if scale is None or weight is None or _scale_shape(scale.shape, weight.shape, layout):
        return ""
    sizes = " × ".join(map(str, scale.shape))
    return (
        f"its whole numbers have a scale, {shown(scale.name)}, of {sizes} numbers, which is "
        "neither one nor one for each output channel; save the model in floating point"
    )


def _scale_shape(
    scale: tuple[int, ...], weight: tuple[int, ...], layout: KernelLayout
) -> tuple[int, ...] | None:
    """Return the shape with which a scale is multiplied with stored numbers, None without one."""
    one_each = [1] * len(weight)
    one_each[layout.out] = weight[layout.out]
    if prod(scale) == 1:
        return (1,) * len(weight)
    if prod(scale) == prod(one_each) and (len(scale) == 1 or list(scale) == one_each):
        return tuple(one_each)
    return None


# Layers


def layer_of(
    found: Found, layout: KernelLayout, numbers: Callable[[ArrayEntry], Numbers]
) -> KernelLayer:
    """Return the layer whose numbers are stored in `layout`; raises Refusal and LayerError."""
    weight, bias = found.weight, found.parts.get(BIAS)
    assert weight is not None
    if trouble := _scale_trouble(found, layout):
        raise Refusal(trouble)
    stored = _scaled(found, layout, numbers(weight), numbers)
    added = None if bias is None else numbers(bias).ravel()
    if added is not None and not layout.fits(weight.shape, added.size):
        sizes = " × ".join(map(str, layout.torch_shape(weight.shape)))
        raise Refusal(f"its bias has {added.size} numbers, which do not belong to {sizes} weights")
    kind = ConvTranspose if layout.transposed else Conv
    make = partial(kind, layout.in_torch_order(stored), added)
    return make(groups=layout.groups(weight.shape, None if added is None else added.size))


def _scaled(
    found: Found,
    layout: KernelLayout,
    stored: Numbers,
    numbers: Callable[[ArrayEntry], Numbers],
) -> Numbers:
    scale, zero = _scale(found), found.parts.get(ZERO)
    if scale is None:
        return stored

    def spread(array: ArrayEntry) -> Numbers:
        shape = _scale_shape(array.shape, stored.shape, layout)
        if shape is None:
            raise Refusal(f"{shown(array.name)} has as many numbers as nothing of its weight")
        return numbers(array).reshape(shape)

    return (stored - (spread(zero) if zero else 0.0)) * spread(scale)

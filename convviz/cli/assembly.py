"""An image and layers, made to fit each other's axes, as a document."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import repeat
from typing import Any

import numpy as np

from convviz.cli.failures import DataFailure
from convviz.cli.modes import as_numpy
from convviz.cli.operands import Operand, layer_operand, read_kernel
from convviz.cli.parameters import padding_text, per_axis_text
from convviz.cli.specs import LayerSpec, checked_settings
from convviz.cli.streams import note
from convviz.engine.activation_settings import shown_value
from convviz.engine.geometry import counted
from convviz.engine.layers import (
    Activation,
    Conv,
    ConvTranspose,
    Fix,
    KernelLayer,
    Layer,
    LayerError,
    Pool,
    Problem,
)
from convviz.engine.padding import Array
from convviz.engine.poolings import POOLINGS
from convviz.engine.problems import times
from convviz.engine.resample import scale_down
from convviz.engine.settings import TOO_LARGE, frozen_array
from convviz.files.errors import FileError, NeedsPackage
from convviz.files.images import to_grey
from convviz.model.changes import taking_channels
from convviz.model.document import Document
from convviz.model.origin import guessed_axes
from convviz.model.stacking import kind_of

Kernels = tuple[Operand | None, ...]
COLOURS = 3

# What a fix changes -> its value as typed
FIX_TEXTS: Mapping[str, Callable[[Any], str]] = {
    "kernel_size": per_axis_text,
    "stride": per_axis_text,
    "padding": padding_text,
    "padding_mode": str,
    "output_padding": per_axis_text,
    "dilation": per_axis_text,
    "groups": str,
}


def assembled(
    source: Operand, specs: Sequence[LayerSpec], *, channels: str | None, max_side: int | None
) -> tuple[Document, Kernels, bool]:
    """Return a document, the kernels as it uses them, and whether the image had no channels.

    `channels` is "grey", "all", or None: then a colour image becomes grey for a kernel of one.

    Raises
    ------
    DataFailure
        When a kernel cannot be read, or something does not fit.
    """
    several = any(not spec.by_options for spec in specs)
    places = [f"layer {number}: " if several else "" for number in range(1, len(specs) + 1)]
    found = [_read(spec, place) for spec, place in zip(specs, places, strict=True)]
    specs = [_as_in_file(*parts) for parts in zip(specs, found, places, strict=True)]
    rank = _rank(source, specs, found)
    kernels = tuple(kernel and _along_axes(kernel, rank) for kernel in found)
    single = _single(
        source,
        _along_axes(source, rank).array,
        rank,
        specs,
        kernels,
        all_channels=channels == "all",
    )
    planes = _channels_first(source, single, specs, kernels)
    if channels != "all":
        planes = _greyed(source, planes, specs, kernels, asked=channels == "grey")
    image, bare = _with_channel(_scaled(source, planes, rank, max_side), rank, kernels)
    specs = [
        as_numpy(spec, kernel, image, rank) for spec, kernel in zip(specs, kernels, strict=True)
    ]
    layers = map(_layer, specs, kernels, repeat(rank), places)
    document = Document(frozen_array(image), source.title, tuple(layers))
    if channels == "all":
        document, kernels = _taking_all(document, kernels)
    if unfit := document.problem:
        ways = _with_ways_out(unfit.problem, specs[unfit.index], document.layers[unfit.index])
        raise DataFailure(f"{places[unfit.index]}{ways}")
    return document, kernels, bare


def checked_finite(values: Array) -> Array:
    """Return `values` when all of them are numbers.

    Raises
    ------
    DataFailure
        When not.
    """
    if not np.isfinite(values).all():
        raise DataFailure(TOO_LARGE)
    return values


@contextmanager
def _failing_at(place: str) -> Iterator[None]:
    """Say where it was that something failed."""
    try:
        yield
    except NeedsPackage:
        raise
    except (DataFailure, FileError, LayerError) as error:
        raise DataFailure(f"{place}{error}") from error


def _read(spec: LayerSpec, place: str) -> Operand | None:
    if isinstance(spec.layer, KernelLayer):
        return layer_operand(spec.kernel or "kernel", spec.layer)
    with _failing_at(place):
        if spec.kernel is None:
            return None
        return read_kernel(spec.kernel, transpose=spec.kind == "transpose", layout=spec.layout)


def _as_in_file(spec: LayerSpec, kernel: Operand | None, place: str) -> LayerSpec:
    """Return the layer as one of the kind that its file says it is."""
    if kernel is None or kernel.layer is None or kind_of(kernel.layer) == spec.kind:
        return spec
    kind = kind_of(kernel.layer)
    if spec.kind == "transpose":
        raise DataFailure(f"{place}{kernel.name} is a convolution, not a transposed one")
    try:
        settings = checked_settings(kind, spec.settings, by_options=spec.by_options)
    except ValueError as error:
        raise DataFailure(f"{place}{error}") from None
    return replace(spec, kind=kind, settings=settings)


def _rank(source: Operand, specs: Sequence[LayerSpec], kernels: Sequence[Operand | None]) -> int:
    """Return how many spatial axes there are: the first kernel or window says so, or the image."""
    first = next((kernel for kernel in kernels if kernel), None)
    if first is not None:
        signals = source.may_be_signal and first.may_be_signal
        return 1 if signals or first.array.ndim in (1, 3) else 2
    sizes = (spec.window for spec in specs if isinstance(spec.window, tuple))
    return 1 if source.may_be_signal and next(sizes, None) is None else 2


def _along_axes(operand: Operand, rank: int) -> Operand:
    """Return the operand as a signal where it may be one and signals are needed."""
    if rank == 2 or not operand.may_be_signal:
        return operand
    return replace(operand, array=operand.array.ravel())


def _single(
    source: Operand,
    images: Array,
    rank: int,
    specs: Sequence[LayerSpec],
    kernels: Sequence[Operand | None],
    *,
    all_channels: bool,
) -> Array:
    """Return the first image of a batch, as the window does, and say so."""
    first = next(((s, k) for s, k in zip(specs, kernels, strict=True) if k), None)
    planes = images.ndim == 3 and rank == 2 and guessed_axes(images.shape) == "nhw"
    of_one_channel = planes and first is not None and _channels(*first) == 1 and not all_channels
    if images.ndim != rank + 2 and not of_one_channel:
        return images
    count, what = len(images), "signal" if rank == 1 else "image"
    said = f"{what} 1 of {count:,}" if count > 1 else f"the only {what} of a batch"
    note(f"{source.title}: {said} is taken")
    image: Array = images[0]
    return image


def _channels_first(
    source: Operand, image: Array, specs: Sequence[LayerSpec], kernels: Sequence[Operand | None]
) -> Array:
    """Return an image that looks like (rows, columns, channels) with its channels first."""
    if image.ndim != 3 or guessed_axes(image.shape) != "hwc":
        return image
    first = next(((s, k) for s, k in zip(specs, kernels, strict=True) if k), None)
    if first is not None and _channels(*first) in (None, len(image)):
        return image
    note(f"{source.title}: its last axis is taken as {counted(image.shape[-1], 'channel')}")
    return np.moveaxis(image, -1, 0)


def _greyed(
    source: Operand,
    image: Array,
    specs: Sequence[LayerSpec],
    kernels: Sequence[Operand | None],
    *,
    asked: bool,
) -> Array:
    """Return a colour image as grey when that was asked, or the first kernel takes one channel.

    A grey one is colour for the kernel of a trained network that takes three.
    """
    first = next(((s, k) for s, k in zip(specs, kernels, strict=True) if k), None)
    if image.ndim == 2 and first and first[1].layer is not None and _channels(*first) == COLOURS:
        note(f"{source.title}: it is grey; each of {COLOURS} channels is the same")
        return np.repeat(image[None], COLOURS, axis=0)
    if image.ndim != 3 or len(image) not in (1, COLOURS):
        return image
    if not asked and (first is None or _channels(*first) != 1):
        return image
    if len(image) == COLOURS and not asked:
        note(f"{source.title}: its 3 channels are taken as one of grey")
    return to_grey(image)


def _taking_all(document: Document, kernels: Kernels) -> tuple[Document, Kernels]:
    """Give the first kernel, when it takes one channel, a copy for each channel of the image."""
    number = next((n for n, kernel in enumerate(kernels) if kernel), None)
    layer = None if number is None else document.layers[number]
    if number is None or not isinstance(layer, KernelLayer) or layer.in_channels != 1:
        return document, kernels
    taking, said = taking_channels(document)
    layer, kernel = taking.layers[number], kernels[number]
    if said is None or kernel is None or not isinstance(layer, KernelLayer):
        return document, kernels
    copied = replace(kernel, array=layer.weight)
    return taking, (*kernels[:number], copied, *kernels[number + 1 :])


def _channels(spec: LayerSpec, kernel: Operand) -> int | None:
    """Return how many channels a kernel takes; None for one of signals."""
    weight = kernel.array
    if kernel.layer is not None and "groups" not in spec.settings:
        return kernel.layer.in_channels if kernel.layer.rank == 2 else None
    if weight.ndim not in (2, 4):
        return None
    if weight.ndim == 2:
        return 1
    inputs = weight.shape[1] * spec.settings.get("groups", 1)
    return len(weight) if spec.kind == "transpose" else int(inputs)


def _scaled(source: Operand, image: Array, rank: int, side: int | None) -> Array:
    """Return the image with at most `side` cells a side; a signal is an image of one row."""
    rows = image if rank == 2 else image[..., None, :]
    if side is None or rows.ndim < 2 or max(rows.shape[-2:]) <= side:
        return image
    with np.errstate(all="ignore"):
        scaled = checked_finite(scale_down(rows, side))
    sizes = (" × ".join(map(str, shape[-rank:])) for shape in (rows.shape, scaled.shape))
    note(f"{source.title}: {' cells scaled down to '.join(sizes)}")
    return scaled if rank == 2 else scaled[..., 0, :]


def _with_channel(image: Array, rank: int, kernels: Sequence[Operand | None]) -> tuple[Array, bool]:
    """Return the image (in_channels, *spatial), and whether it had no axis for channels.

    Raises
    ------
    DataFailure
        When the image and the first kernel do not belong together.
    """
    first = next((kernel.array for kernel in kernels if kernel), None)
    extra = image.ndim - rank
    signal_kernel = rank == 1 and first is not None and first.ndim == 1
    if extra not in (0, 1) or (extra == 1 and signal_kernel):
        kernel = "one pooling window" if first is None else f"a kernel with {first.ndim}"
        raise DataFailure(
            f"an image with {counted(image.ndim, 'axis', 'axes')} and {kernel} do not belong "
            "together: give (channels, *spatial) with (out, in, *kernel), or both without channels"
        )
    return (image, False) if extra else (image[None], True)


def _layer(spec: LayerSpec, kernel: Operand | None, rank: int, place: str) -> Layer:
    with _failing_at(place):
        if kernel is not None and kernel.layer is not None:
            return replace(kernel.layer, **spec.settings)
        if spec.layer is not None:
            return spec.layer
        if kernel is not None:
            make = Conv if spec.kind == "conv" else ConvTranspose
            return make(_weight(kernel.array, rank), **spec.settings)
        if spec.kind in POOLINGS:
            return Pool(POOLINGS[spec.kind].name, spec.window, rank=rank, **spec.settings)
        return Activation(spec.kind, **spec.settings)


def _weight(kernel: Array, rank: int) -> Array:
    """Return a weight with both axes for channels."""
    if kernel.ndim == rank:
        return kernel[None, None]
    if kernel.ndim == rank + 2:
        return kernel
    what = "a signal" if rank == 1 else "an image"
    raise DataFailure(
        f"a kernel with {counted(kernel.ndim, 'axis', 'axes')} and {what} do not belong together: "
        f"give (out, in/groups, {'samples' if rank == 1 else 'rows, columns'}), "
        f"or {'samples' if rank == 1 else '(rows, columns)'} alone"
    )


def _with_ways_out(problem: Problem, spec: LayerSpec, layer: Layer) -> str:
    ways = " or ".join(_way_out(fix, spec, layer) for fix in problem.fixes)
    return "; ".join((problem.sentence, ways)).rstrip("; ")


def _way_out(fix: Fix, spec: LayerSpec, layer: Layer) -> str:
    if isinstance(layer, Activation):
        settings = (spec.spelled(name, shown_value(value)) for name, value in fix.changes.items())
        return f"{fix.label} ({' '.join(settings)})"
    typed = [
        spec.spelled(name, text(fix.changes[name]))
        for name, text in FIX_TEXTS.items()
        if name in fix.changes and fix.changes[name] != getattr(layer, name)
    ]
    weight = fix.changes.get("weight")
    if weight is not None and weight.shape[:2] != getattr(layer, "weight", weight).shape[:2]:
        typed = [f"a KERNEL of {times(weight.shape)}{',' if typed else ''}", *typed]
    return f"{fix.label} ({' '.join(typed)})" if typed else fix.label

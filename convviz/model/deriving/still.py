"""What of a layer stays while the playhead moves: cells, kernels, names, facts."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

import numpy as np

from convviz.engine.geometry import Axis
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Activation, ConvTranspose, KernelLayer, Layer, Pool
from convviz.engine.padding import Array
from convviz.engine.problems import times
from convviz.engine.settings import finite_range
from convviz.engine.windows import Windows
from convviz.model.deriving.facts import kernel_facts, symmetry_facts
from convviz.model.deriving.size import size_scene
from convviz.model.document import (
    Computation,
    Document,
    compute_shown,
    convolution,
    flips,
    kernel_of,
    kernel_preset,
    kernel_title,
    layer_title,
)
from convviz.model.lately import lately
from convviz.model.numbers import AUTOMATIC, NumberFormat
from convviz.model.scene import (
    Cells,
    CellSet,
    Indices,
    Scale,
    SizeScene,
    scale_of,
)
from convviz.model.session import FITTED, Cell, Session, Zoom

T = TypeVar("T")
COLOURS = ("R", "G", "B")
MOST_PICTURES = 1024  # of channels or kernels that are shown at once


@dataclass(frozen=True, eq=False)
class StillLayer:
    """What stays while the playhead moves over all channels of a layer."""

    computation: Computation
    axes: tuple[Axis, Axis]
    own: tuple[Indices, Indices]
    scale: Scale
    names: tuple[str, ...]
    inputs: tuple[Cells, ...]
    outputs: tuple[Cells, ...]
    size: SizeScene


@dataclass(frozen=True, eq=False)
class StillKernel:
    """What stays while the playhead moves over one output channel from one input channel."""

    kernel: Cells
    applied: Cells
    products: Scale
    facts: tuple[str, ...]
    title: str
    caption: str


@lately(4)
def still_layer(document: Document, index: int, use_counts: bool, stamping: bool) -> StillLayer:
    """Return what stays of a layer; cells that stamp are shown without zeros between them."""
    computation = compute_shown(document, index)
    windows = computation.windows
    axes, own = _two(windows.axes, Axis(1, 1)), _two(windows.own, np.zeros(1, np.intp))
    rows, columns = axes
    layer = document.layers[index]
    scale, made = scale_of(computation.image), scale_of(computation.maps)
    inputs = tuple(
        Cells(as_plane(plane), scale, own, (rows.unread, columns.unread)) for plane in windows.cells
    )
    if stamping:
        inputs = tuple(Cells(as_plane(plane), scale) for plane in computation.image)
    outputs = tuple(Cells(as_plane(plane), made) for plane in computation.maps)
    if use_counts and isinstance(layer, ConvTranspose):
        counts = as_plane(windows.overlap_counts())
        outputs = (Cells(counts, scale_of(counts)),) * len(outputs)
    elif use_counts:
        counts = _counts(layer, windows, own)
        inputs = (Cells(counts, scale_of(counts), own, inputs[0].unread),) * len(inputs)
    return StillLayer(
        computation=computation,
        axes=axes,
        own=own,
        scale=scale,
        names=channel_names(computation.image, first=index == 0),
        inputs=inputs,
        outputs=outputs,
        size=size_scene(layer, computation),
    )


def _counts(layer: Layer, windows: Windows, own: tuple[Indices, Indices]) -> Array:
    """Return how often the cells are used in their places, those of padding each for itself."""
    counts = as_plane(windows.use_counts())
    placed = counts[np.ix_(*(np.maximum(axis, 0) for axis in own))]
    padding = as_plane(windows.place_counts()) if _uses_padding(layer) else 0
    return np.where(np.logical_or.outer(own[0] < 0, own[1] < 0), padding, placed)


def _uses_padding(layer: Layer) -> bool:
    """Return whether padding takes part in what a window gives: no maximum is found in it."""
    return not isinstance(layer, Pool) or (layer.kind == "avg" and layer.count_include_pad)


def channel_names(image: Array, *, first: bool) -> tuple[str, ...]:
    if first and len(image) == len(COLOURS):
        return COLOURS
    return tuple(str(number + 1) for number in range(len(image)))


@lately(64)
def still_kernel(
    document: Document, index: int, channel: int, source: int, style: NumberFormat = AUTOMATIC
) -> StillKernel:
    layer, computation = document.layers[index], compute_shown(document, index)
    names = channel_names(computation.image, first=index == 0)
    cells, applied = kernel_cells(layer, channel, source)
    low, high = finite_range(computation.windows.cells)
    largest = cells.scale.high * max(-low, high)
    several = f", {names[source]} → {channel + 1}" if len(names) > 1 and computation.conv else ""
    return StillKernel(
        kernel=cells,
        applied=applied,
        products=scale_of(cells.values, signed=True, limit=largest),
        facts=_facts(layer, cells.values, style),
        title=f"{_before(document, index)} {_title(layer, channel, source)}{several}",
        caption=_caption(layer, channel, source),
    )


def _before(document: Document, index: int) -> str:
    layer = document.layers[index]
    conv = convolution(layer)
    sign = "→" if conv is None else "∗" if conv.flip else "⋆"
    passed = [layer_title(earlier) for earlier in document.layers[:index]]
    return " → ".join((document.image_title, *passed)) + f" {sign}"


def _title(layer: Layer, channel: int, source: int) -> str:
    return kernel_title(layer, channel, source)


def _caption(layer: Layer, channel: int, source: int) -> str:
    """Return what to look for when a known kernel slides."""
    if isinstance(layer, (Pool, Activation)):
        return ""
    preset = kernel_preset(layer, channel, source)
    return KERNELS[preset].look_for(flip=flips(layer)) if preset else ""


@lru_cache(maxsize=2 * MOST_PICTURES)
def kernel_cells(layer: Layer, channel: int, source: int) -> tuple[Cells, Cells]:
    """Return the kernel as set and as it slides; a window without weights has zeros."""
    if isinstance(layer, (Pool, Activation)):
        size = layer.kernel_size if isinstance(layer, Pool) else (1, 1)
        cells = Cells(as_plane(np.zeros(size)), Scale("signed", -1, 1))
        return cells, cells
    kernel = layer.weight[kernel_of(layer, channel, source)]
    scale = _weight_scale(layer)
    flips = isinstance(layer, ConvTranspose) or layer.flip
    return Cells(as_plane(kernel), scale), Cells(
        as_plane(np.flip(kernel) if flips else kernel), scale
    )


@lru_cache(maxsize=16)
def _weight_scale(layer: KernelLayer) -> Scale:
    """Return the scale of all kernels of a layer, of which there may be a quarter of a million."""
    return scale_of(layer.weight, signed=True)


def _facts(layer: Layer, kernel: Array, style: NumberFormat) -> tuple[str, ...]:
    match layer:
        case Pool():
            size = times(layer.kernel_size)
            return (f"{layer.pooling.fact} {size}", f"stride {times(layer.stride)}")
        case Activation():
            return (layer.formula,)
        case ConvTranspose():
            return kernel_facts(kernel, style)
        case _:
            shown = () if layer.flip else symmetry_facts(kernel)  # else its caption says so
            return (*kernel_facts(kernel, style), *shown)


def _two(axes: tuple[T, ...], first: T) -> tuple[T, T]:
    return (first, axes[0]) if len(axes) == 1 else (axes[0], axes[1])


def as_plane(array: Array) -> Array:
    """Show a signal as a grid of one row."""
    return array if array.ndim == 2 else array[None]


def one_cell(cell: Cell) -> CellSet:
    return CellSet((cell[0],), (cell[1],))


def cell_set(places: tuple[tuple[int, ...], ...]) -> CellSet:
    return CellSet(*((0,), *(tuple(dict.fromkeys(axis)) for axis in places))[-2:])


def zoom_of(session: Session, pane: str) -> Zoom:
    return session.view.zooms.get(pane, FITTED)

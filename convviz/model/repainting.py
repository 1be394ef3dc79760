"""What a layer makes when few cells of its image have changed: only what they feed is computed."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from convviz.engine.convolve import correlate_padded
from convviz.engine.geometry import Axis
from convviz.engine.network import apply_layer
from convviz.engine.noise import denoised_conv
from convviz.engine.padding import Array
from convviz.model.document import Computation, Document, results

Box = tuple[range, range]  # rows, columns
FOLLOWED_FROM = 65_536  # cells of an image; below these, all of it is computed as quickly


def follows(document: Document) -> bool:
    """Return whether an image is so large that its map follows a stroke in parts."""
    return document.image.size >= FOLLOWED_FROM


def follow(before: Document, after: Document, index: int, channel: int, box: Box) -> None:
    """Let what the first layer makes of `after` be known from what it makes of `before`.

    Their images differ in `box` of a channel at most. Results agree with those that are computed
    anew but for their last bits, since sums of few cells are formed in another order.
    """
    if not follows(after) or index > 0 or not all(box):
        return
    known = results(before)
    change = _change(known.of(0), after, channel, box[3 - after.image.ndim :])
    if change is not None:
        exact, shown = known.of(0), known.shown(0)
        made = _repainted(exact, after, change, change.sums)
        alike = shown is exact and change.shown is change.sums
        results(after).adopt(
            0, made, made if alike else _repainted(shown, after, change, change.shown)
        )


@dataclass(frozen=True, eq=False)
class _Change:
    """What the windows read anew, and what `fed`, the cells that read it, become."""

    cells: Array
    fed: tuple[slice, ...]
    sums: Array
    shown: Array


def _change(
    known: Computation, after: Document, channel: int, box: tuple[range, ...]
) -> _Change | None:
    conv, windows = known.conv, known.windows
    if conv is None or known.sums.dtype != np.result_type(after.image, conv.weight):
        return None
    sources = windows.sources
    places = [axis.places_within(wanted) for axis, wanted in zip(sources, box, strict=True)]
    cells, anew = np.array(windows.cells), after.image[channel]
    for number, (axis, there) in enumerate(zip(sources, places, strict=True)):
        anew = axis.part(there).made_from(anew, number)
    cells[channel][np.ix_(*places)] = anew
    read, fed = _fed(windows.axes, places)
    if not known.sums[fed].size:
        return _Change(cells, fed, known.sums[fed], known.sums[fed])
    sums = correlate_padded(conv, cells[read])
    return _Change(cells, fed, sums, denoised_conv(conv, cells[read], sums))


def _repainted(known: Computation, after: Document, change: _Change, part: Array) -> Computation:
    """Return `known` with `part` where the change feeds it."""
    windows = replace(known.windows, cells=change.cells)
    if not part.size:
        return replace(known, image=after.image, windows=windows)
    sums, activation = np.array(known.sums), after.activation(0)
    sums[change.fed] = part
    maps = sums
    if activation.name != "none":
        maps = np.array(known.maps)
        maps[change.fed] = apply_layer(activation, part)
    return Computation(after.image, windows, known.conv, sums, maps)


def _fed(
    axes: tuple[Axis, ...], places: list[NDArray[np.intp]]
) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """Return the block of outputs that read one of `places`, and before it the block they read."""
    read, fed = [slice(None)], [slice(None)]
    for axis, there in zip(axes, places, strict=True):
        first = max(-(-(int(there[0]) - axis.span + 1) // axis.stride), 0) if len(there) else 0
        stop = min(int(there[-1]) // axis.stride + 1, axis.out) if len(there) else 0
        stop = max(stop, first)
        fed.append(slice(first, stop))
        read.append(slice(first * axis.stride, (stop - 1) * axis.stride + axis.span))
    return tuple(read), tuple(fed)

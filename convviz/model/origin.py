"""Where the input comes from, and what of it is taken: an image of a batch, a crop, a scale."""

from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np

from convviz.engine.padding import Array

Crop = tuple[int, int, int, int]  # top, left, rows, columns
Size = tuple[int, int]  # rows, columns

COLOURS = 3
MOST_CHANNELS = 64  # beyond, a first axis is one of images
LARGEST_SIDE = 100_000
LARGEST_SIZE = 20_000_000  # cells

# What the axes of an array are, by letters -> in words
AXES = MappingProxyType(
    {
        "w": "samples",
        "cw": "channels, samples",
        "hw": "rows, columns",
        "chw": "channels, rows, columns",
        "hwc": "rows, columns, channels",
        "nhw": "images, rows, columns",
        "nchw": "images, channels, rows, columns",
        "nhwc": "images, rows, columns, channels",
    }
)


@dataclass(frozen=True)
class Taking:
    """What is taken of an array, in this order.

    `axes` says what its axes are, by a name in AXES, and `image` which of a batch is meant, from 0.
    `channels` is "all", "grey", or the number of one. `crop` is cut out and scaled to `size` by the
    `method`; with `unit`, values are divided by the largest that there can be.
    """

    axes: str
    crop: Crop
    size: Size
    image: int = 0
    channels: str = "all"
    method: str = "area"
    unit: bool = False

    @property
    def cell_count(self) -> int:
        """How many cells a channel of the result has."""
        return self.size[0] * self.size[1]


@dataclass(frozen=True, eq=False)
class Origin:
    """The array from which the input was taken, and how.

    `white` is the largest value that its cells can have, None where there is none. `opened` is the
    image that it was first shown as, by `first`; `made` is the image that `taking` made.
    """

    array: Array
    name: str
    white: int | None
    first: Taking
    opened: Array
    taking: Taking
    made: Array

    def of(self, image: Array) -> "Origin | None":
        """Return the origin as it was when it made `image`; None when it did not make it."""
        if image is self.made:
            return self
        return replace(self, taking=self.first, made=image) if image is self.opened else None


def origin_of_image(image: Array, name: str) -> Origin:
    """Return the origin of an image (channels, *spatial) that is its own."""
    taking = whole(image.shape, "chw" if image.ndim == COLOURS else "cw")
    return Origin(image, name, None, taking, image, taking, image)


def guessed_axes(shape: tuple[int, ...]) -> str:
    """Return what the axes of an array are, most likely.

    >>> guessed_axes((28, 28, 3)), guessed_axes((3, 28, 28)), guessed_axes((10000, 28, 28))
    ('hwc', 'chw', 'nhw')
    """
    few = (1, COLOURS, 4)
    match len(shape):
        case 1:
            return "w"
        case 2:
            return "hw"
        case 3 if shape[-1] in few and shape[0] not in few:
            return "hwc"
        case 3:
            return "chw" if shape[0] <= MOST_CHANNELS else "nhw"
        case _:
            return "nhwc" if shape[-1] in few and shape[1] not in few else "nchw"


def axes_choices(taking: Taking) -> tuple[str, ...]:
    """Return what the axes of the array may be."""
    return tuple(axes for axes in AXES if len(axes) == len(taking.axes) and "h" in axes)


def sizes_of(shape: tuple[int, ...], axes: str) -> tuple[int, int, int, int]:
    """Return how many images, channels, rows and columns an array has."""
    lengths = dict(zip(axes, shape, strict=True))
    images, channels, rows, columns = (lengths.get(letter, 1) for letter in "nchw")
    return images, channels, rows, columns


def planes(array: Array, taking: Taking) -> Array:
    """Return the image (channels, rows, columns) that is meant, all of it, as a view."""
    axes = taking.axes
    if axes[0] == "n":
        array, axes = array[taking.image], axes[1:]
    if axes[-1] == "c":
        array, axes = np.moveaxis(array, -1, 0), "chw"
    if axes[0] != "c":
        array = array[None]
    return array[:, None] if "h" not in axes else array


def whole(shape: tuple[int, ...], axes: str = "") -> Taking:
    """Return the taking of all of an array, or of the first of its images."""
    axes = axes or guessed_axes(shape)
    _, _, rows, columns = sizes_of(shape, axes)
    return Taking(axes, (0, 0, rows, columns), (rows, columns))


def with_axes(taking: Taking, shape: tuple[int, ...], axes: str) -> Taking:
    """Return the taking of all of an array whose axes are others."""
    other = whole(shape, axes)
    return replace(other, method=taking.method, unit=taking.unit)


def with_crop(taking: Taking, crop: Crop, room: Size) -> Taking:
    """Return `taking` with another crop, moved and cut to what a picture of size `room` has.

    What is shown cell by cell stays so; else the longer side of the result stays as long.
    """
    top, left = (min(max(at, 0), size - 1) for at, size in zip(crop, room, strict=False))
    rows = min(max(crop[2], 1), room[0] - top)
    columns = min(max(crop[3], 1), room[1] - left)
    unscaled = taking.size == taking.crop[2:]
    cropped = replace(taking, crop=(top, left, rows, columns), size=(rows, columns))
    return cropped if unscaled else with_side(cropped, max(taking.size))


@dataclass(frozen=True)
class Grip:
    """What of a crop is held: an edge (-1 before, 1 after) per axis, all of it, or nothing."""

    rows: int = 0
    columns: int = 0
    inside: bool = False


def grip_at(crop: Crop, room: Size, point: tuple[float, float], reach: float) -> Grip:
    """Return what of a crop is at a point (row, column), edges as far as `reach` cells."""
    top, left, rows, columns = crop
    ends = ((top, top + rows), (left, left + columns))
    near = all(
        low - reach <= at <= high + reach for at, (low, high) in zip(point, ends, strict=True)
    )
    if not near:
        return Grip()
    edges = tuple(
        -1 if abs(at - low) <= reach else int(abs(at - high) <= reach)
        for at, (low, high) in zip(point, ends, strict=True)
    )
    within = not any(edges) and (rows, columns) != room
    return Grip(edges[0], edges[1], within)


def dragged(
    crop: Crop, grip: Grip, start: tuple[float, float], point: tuple[float, float], room: Size
) -> Crop:
    """Return the crop once what was held at `start` has come to `point`; nothing held draws one."""
    (top, rows), (left, columns) = (
        _dragged(
            (crop[n], crop[n + 2]), (grip.rows, grip.columns)[n], grip, start[n], point[n], end
        )
        for n, end in enumerate(room)
    )
    return top, left, rows, columns


def _dragged(span: Size, edge: int, grip: Grip, start: float, point: float, room: int) -> Size:
    """Return first cell and length along one axis."""
    first, length = span
    if grip.inside:
        return min(max(first + round(point - start), 0), room - length), length
    if not (grip.rows or grip.columns):
        low, high = sorted((round(start), round(point)))
    elif edge:
        low, high = (round(point), first + length) if edge < 0 else (first, round(point))
        low, high = (
            min(low, high - 1) if edge < 0 else low,
            max(high, low + 1) if edge > 0 else high,
        )
    else:
        return span
    low = min(max(low, 0), room - 1)
    return low, max(min(high, room) - low, 1)


def with_side(taking: Taking, side: int) -> Taking:
    """Return `taking` whose result has `side` cells on its longer side."""
    rows, columns = taking.crop[2:]
    longer = max(rows, columns)
    size = (max(round(rows * side / longer), 1), max(round(columns * side / longer), 1))
    return replace(taking, size=size)


def with_size(taking: Taking, size: Size, *, linked: bool) -> Taking:
    """Return `taking` with another size; `linked` to the crop, the other side follows the one."""
    rows, columns = (max(side, 1) for side in size)
    _, _, height, width = taking.crop
    if linked and rows != taking.size[0]:
        columns = max(round(rows * width / height), 1)
    elif linked:
        rows = max(round(columns * height / width), 1)
    return replace(taking, size=(min(rows, LARGEST_SIDE), min(columns, LARGEST_SIDE)))


def channel_choices(channels: int) -> tuple[tuple[str, str], ...]:
    """Return what can be taken of so many channels: (name, text)."""
    if channels == 1:
        return (("all", "1 channel"),)
    names = ("Red", "Green", "Blue") if channels == COLOURS else ()
    grey = (("grey", "Grey"),) if channels == COLOURS else ()
    everything = ("all", "Red, green, blue" if names else f"All {channels}")
    singles = (
        (str(n), f"{names[n]} alone" if names else f"Channel {n + 1} alone")
        for n in range(channels)
    )
    return (everything, *grey, *singles)


def made_channels(taking: Taking, channels: int) -> int:
    """Return how many channels the result has."""
    return channels if taking.channels == "all" else 1


def result_text(taking: Taking, channels: int) -> str:
    """Return what the result will be.

    >>> result_text(Taking("hwc", (0, 0, 8, 8), (96, 128)), 3)
    '96 × 128 cells, 3 channels'
    """
    made = made_channels(taking, channels)
    return f"{taking.size[0]:,} × {taking.size[1]:,} cells, {made} channel{'s' * (made > 1)}"

"""What is taken of an array, as cells: one image of it, in colour or grey, cropped and scaled."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from convviz.engine.resample import scale_to
from convviz.files.images import to_grey
from convviz.model.origin import Taking, planes

PREVIEW_CELLS = 250_000


def taken(array: NDArray[Any], taking: Taking, white: int | None = None) -> NDArray[Any]:
    """Return the image (channels, rows, columns) that `taking` makes of an array.

    Whole numbers, unless they are only 0 and 1, stay whole when areas are averaged, so that they
    can be read and multiplied in the head. With `unit`, `white` becomes 1.
    """
    top, left, rows, columns = taking.crop
    image = planes(array, taking)[:, top : top + rows, left : left + columns]
    chosen = _channels(image, taking.channels)
    if taking.size != (rows, columns):
        scaled = scale_to(chosen, *taking.size, method=taking.method)
        chosen = scaled.round() if taking.method == "area" and _is_whole(chosen) else scaled
    return chosen / white if taking.unit and white else chosen


def preview(array: NDArray[Any], taking: Taking, white: int | None = None) -> NDArray[Any]:
    """Return about what `taking` makes, of every so manieth cell where there are very many."""
    _, _, rows, columns = taking.crop
    most = max(rows * columns, taking.cell_count)
    step = int(np.ceil((most / PREVIEW_CELLS) ** 0.5))
    if step == 1:
        return taken(array, taking, white)
    thin = planes(array, taking)[:, ::step, ::step]
    top, left = taking.crop[0] // step, taking.crop[1] // step
    crop = (top, left, max(rows // step, 1), max(columns // step, 1))
    limit = int(PREVIEW_CELLS**0.5)
    shrunk = max(max(taking.size) / limit, 1)
    height, width = (max(round(side / shrunk), 1) for side in taking.size)
    return taken(thin, replace(taking, axes="chw", crop=crop, size=(height, width)), white)


def _channels(image: NDArray[Any], channels: str) -> NDArray[Any]:
    if channels == "all":
        return image
    if channels == "grey":
        return to_grey(image)[None]
    number = int(channels)
    return image[number : number + 1]


def _is_whole(image: NDArray[Any]) -> bool:
    return bool(image.max() > 1) and np.array_equal(image, image.round())

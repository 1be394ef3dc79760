"""An image as a picture, without grid or numbers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from convviz.model.origin import COLOURS
from convviz.model.scene import scale_of
from convviz.render.theme import Theme, cell_colours


def colour_image(colours: NDArray[np.uint8]) -> QImage:
    """Return colours (rows, columns, 3) as an image with memory of its own."""
    height, width, _ = colours.shape
    data = np.ascontiguousarray(colours)
    return QImage(data.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def picture_of(image: NDArray[Any], theme: Theme) -> QImage:
    """Return an image (channels, rows, columns) in its colours; the first channel of other ones."""
    scale = scale_of(image)
    if len(image) == COLOURS and scale.kind == "grey":
        shares = np.moveaxis(image, 0, -1) * (255 / scale.high)
        return colour_image(shares.round().astype(np.uint8))
    return colour_image(cell_colours(image[0], scale, theme))

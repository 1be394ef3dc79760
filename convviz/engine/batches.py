"""Batches of images (images, channels, *spatial), as torch has them."""

from collections.abc import Callable

import numpy as np

from convviz.engine.padding import Array
from convviz.engine.problems import LayerError


def is_batch(pixels: Array, rank: int) -> bool:
    """Return whether `pixels` is (images, channels, *spatial) for `rank` spatial axes."""
    return pixels.ndim == rank + 2


def each_image(make: Callable[[Array], Array], pixels: Array, rank: int) -> Array:
    """Return what `make` makes of an image, or of each image of a batch.

    Raises
    ------
    LayerError
        When the batch is empty.

    Examples
    --------
    >>> each_image(lambda image: image + 1, np.zeros((2, 1, 3)), rank=1).shape
    (2, 1, 3)
    """
    if not is_batch(pixels, rank):
        return make(pixels)
    if not len(pixels):
        raise LayerError("the batch holds no image")
    return np.stack([make(image) for image in pixels])


def one_image(pixels: Array, rank: int) -> Array:
    """Return an image, or the only one of a batch.

    Raises
    ------
    LayerError
        When the batch does not hold exactly one.

    Examples
    --------
    >>> one_image(np.zeros((1, 3, 8, 8)), rank=2).shape
    (3, 8, 8)
    """
    if not is_batch(pixels, rank):
        return pixels
    if len(pixels) != 1:
        raise LayerError(f"it is a batch of {len(pixels)} images: give one of them, such as [0]")
    image: Array = pixels[0]
    return image

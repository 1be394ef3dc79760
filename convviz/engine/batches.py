"""Batches of images (batch, channels, *spatial), as torch takes them."""

from collections.abc import Callable

import numpy as np

from convviz.engine.padding import Array
from convviz.engine.problems import LayerError

EMPTY = "the batch is empty: it has no image"


def of_each(compute: Callable[[Array], Array], images: Array, rank: int) -> Array:
    """Return what `compute` makes of one image, or of each of a batch, as a batch.

    Parameters
    ----------
    images : array (channels, *spatial) or (batch, channels, *spatial)
    rank : how many spatial axes there are

    Examples
    --------
    >>> of_each(lambda image: 2 * image, np.ones((2, 1, 3)), 1).shape
    (2, 1, 3)
    """
    if not is_batch(images, rank):
        return compute(images)
    if not len(images):
        raise LayerError(EMPTY)
    return np.stack([compute(image) for image in images])


def only_one(images: Array, rank: int, what: str) -> Array:
    """Return one image (channels, *spatial), the only one where it is a batch.

    Examples
    --------
    >>> only_one(np.ones((1, 3, 5, 5)), 2, "a trace").shape
    (3, 5, 5)
    """
    if not is_batch(images, rank):
        return images
    if len(images) != 1:
        raise LayerError(
            f"{what} is of one image, the batch has {len(images)}: give one of them, image[0]"
        )
    image: Array = images[0]
    return image


def is_batch(images: Array, rank: int) -> bool:
    """Return whether there is an axis for the images of a batch.

    >>> is_batch(np.ones((1, 3, 5, 5)), 2)
    True
    """
    return images.ndim == rank + 2

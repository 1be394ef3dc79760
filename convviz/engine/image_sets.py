"""IMAGE_SETS: labelled images to train a small network on."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from numpy.typing import NDArray

from convviz.engine.padding import Array
from convviz.engine.settings import frozen_array, whole_from

Labels = NDArray[np.int64]

SIDE = 8
COUNT = 800  # images of bars and corners
LEAST, MOST = 4, 7  # cells of a bar
FAINTEST = 0.6
NOISE = 0.1


class MissingImages(Exception):
    """Images that come with a package that is not installed: one sentence with the way out."""


@dataclass(frozen=True, eq=False)
class ImageSet:
    """Images (images, channels, rows, columns) from 0 to 1, and of which class each is.

    `labels` (images,) count into `classes`, which are written as people read them.
    """

    name: str
    classes: tuple[str, ...]
    images: Array
    labels: Labels


@dataclass(frozen=True)
class ImageSource:
    """Where labelled images come from; `load` takes a seed, which some have no use for.

    It raises MissingImages where `package` is needed and not installed.
    """

    name: str
    title: str
    summary: str
    load: Callable[[int], ImageSet]
    package: str | None = None


CORNERS = {"┌": (0, 0), "┐": (0, -1), "└": (-1, 0), "┘": (-1, -1)}  # row and column of the strokes
BAR_NAMES = ("│", "─", *CORNERS)


def bars_and_corners(seed: int = 0, count: int = COUNT) -> ImageSet:
    """Return images of upright and flat bars and of corners, at random places, with noise.

    Parameters
    ----------
    seed : whole number from 0; the same makes the same images
    count : how many images there are, of each class as many but for one

    Examples
    --------
    >>> found = bars_and_corners()
    >>> found.images.shape, found.classes
    ((800, 1, 8, 8), ('│', '─', '┌', '┐', '└', '┘'))
    """
    rng = np.random.default_rng(whole_from(seed, "the seed"))
    labels = rng.permutation(np.arange(count) % len(BAR_NAMES))
    clean = np.stack([_drawn(BAR_NAMES[label], rng) for label in labels])
    noisy = clean + NOISE * rng.standard_normal(clean.shape)
    images = frozen_array(noisy.clip(0, 1)[:, None].round(2))
    return ImageSet("bars", BAR_NAMES, images, _frozen_labels(labels))


def _drawn(name: str, rng: np.random.Generator) -> Array:
    high, wide = (int(size) for size in rng.integers(LEAST, MOST + 1, 2))
    high, wide = (high if name != "─" else 1), (wide if name != "│" else 1)
    top, left = int(rng.integers(SIDE - high + 1)), int(rng.integers(SIDE - wide + 1))
    image = np.zeros((SIDE, SIDE))
    box = image[top : top + high, left : left + wide]
    row, column = CORNERS.get(name, (0, 0))
    box[row] = box[:, column] = rng.uniform(FAINTEST, 1)
    return image


def digits(_seed: int = 0) -> ImageSet:
    """Return the 1,797 handwritten digits of 8 x 8 cells that come with scikit-learn.

    Source: E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits" (1998), UCI.

    Raises
    ------
    MissingImages
        When scikit-learn is not installed.
    """
    try:
        found = import_module("sklearn.datasets").load_digits()
    except ImportError:
        raise MissingImages(
            "the handwritten digits come with scikit-learn, which is not installed: "
            "pip install scikit-learn"
        ) from None
    images = frozen_array(found.images[:, None] / found.images.max())
    names = tuple(map(str, found.target_names))
    return ImageSet("digits", names, images, _frozen_labels(found.target))


def _frozen_labels(labels: NDArray[np.integer]) -> Labels:
    own = np.array(labels, np.int64)
    own.flags.writeable = False
    return own


IMAGE_SETS = {
    source.name: source
    for source in (
        ImageSource(
            "bars",
            "Bars and corners",
            "Upright and flat bars and four corners, drawn by chance: what edge kernels tell.",
            bars_and_corners,
        ),
        ImageSource(
            "digits",
            "Handwritten digits",
            "1,797 digits of 8 × 8 cells, which come with scikit-learn.",
            digits,
            "scikit-learn",
        ),
    )
}

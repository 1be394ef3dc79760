"""What a network says of images, beside what is right."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from convviz.engine.image_sets import Labels
from convviz.engine.padding import Array


@dataclass(frozen=True, eq=False)
class Judged:
    """What a network says of images.

    Attributes
    ----------
    probabilities : (images, classes), each row adds up to 1
    labels : what is right (images,)
    """

    probabilities: Array
    labels: Labels

    @cached_property
    def guesses(self) -> Labels:
        """The most likely class of each image (images,)."""
        found: Labels = self.probabilities.argmax(axis=1)
        return found

    @property
    def accuracy(self) -> float:
        """The share of images that are judged right."""
        return float((self.guesses == self.labels).mean())

    @property
    def loss(self) -> float:
        """The mean cross entropy: of -log(probability of the right class)."""
        right = self.probabilities[np.arange(len(self.labels)), self.labels]
        return float(-np.log(np.maximum(right, np.finfo(float).tiny)).mean())

    @property
    def confusion(self) -> NDArray[np.int64]:
        """How many images of class row were taken for class column."""
        classes = self.probabilities.shape[1]
        pairs = self.labels * classes + self.guesses
        return np.bincount(pairs, minlength=classes**2).reshape(classes, classes)

    @property
    def wrong(self) -> tuple[int, ...]:
        """Which images were judged wrongly, those first of which it was most sure."""
        places = np.flatnonzero(self.guesses != self.labels)
        sure = self.probabilities[places, self.guesses[places]]
        return tuple(int(place) for place in places[np.argsort(-sure, kind="stable")])


def softmax(scores: Array) -> Array:
    """Return probabilities (images, classes) of scores (images, classes).

    >>> softmax(np.array([[0.0, 0.0]]))
    array([[0.5, 0.5]])
    """
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    shares: Array = powers / powers.sum(axis=1, keepdims=True)
    return shares

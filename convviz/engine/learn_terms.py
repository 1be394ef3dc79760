"""The gradient of one weight, term by term: the cells that it meets times the slopes."""

from dataclasses import dataclass

import numpy as np

from convviz.engine.geometry import PerAxis
from convviz.engine.learn_task import LearnState
from convviz.engine.padding import Array
from convviz.engine.problems import LayerError
from convviz.engine.settings import frozen_array


@dataclass(frozen=True, eq=False)
class GradientTerms:
    """What adds up to the gradient of one weight, as maps (*out), one for each image.

    Attributes
    ----------
    cells : the cell of the padded image that the weight meets in each window; 1 for a bias
    slopes : how the loss changes with the sum of that window
    products : cells times slopes, cell by cell
    total : the gradient, the sum of all products
    """

    cells: tuple[Array, ...]
    slopes: tuple[Array, ...]
    products: tuple[Array, ...]
    total: float

    @property
    def partial_sums(self) -> Array:
        """The sum so far after each product, in raster order, image after image: (windows,)."""
        flat = np.concatenate([product.ravel() for product in self.products])
        return np.cumsum(flat)


def gradient_terms(state: LearnState, weight: PerAxis | None, channel: int = 0) -> GradientTerms:
    """Return the terms of the gradient of a weight, or of the bias.

    Parameters
    ----------
    state : a state of learning
    weight : (in_channel, *place in the kernel), None for the bias
    channel : the output channel

    Raises
    ------
    LayerError
        When there is no such weight.

    Examples
    --------
    >>> from convviz.engine.learning import learn_task
    >>> state = learn_task([1, 2, 4], [3, 6], (2,), initial=[1, 0]).first
    >>> terms = gradient_terms(state, (0, 1))
    >>> terms.cells, terms.slopes, terms.total
    ((array([2., 4.]),), (array([-2., -4.]),), -20.0)
    """
    task = state.task
    shape = task.layer.weight.shape
    if weight is None:
        known, number = task.is_biased, task.determined.numbers - 1
    else:
        places = zip(weight, shape[1:], strict=False)
        known = len(weight) == len(shape) - 1 and all(0 <= at < size for at, size in places)
        number = int(np.ravel_multi_index(weight, shape[1:])) if known else 0
    if not known or not 0 <= channel < shape[0]:
        named = "bias" if weight is None else f"weight {weight}"
        raise LayerError(f"there is no {named} of output channel {channel}")
    cells = tuple(maps[0] for maps in task.as_maps(task.columns[number][None]))
    slopes = tuple(maps[channel] for maps in state.slopes)
    products = tuple(frozen_array(cell * slope) for cell, slope in zip(cells, slopes, strict=True))
    return GradientTerms(cells, slopes, products, float(state.flat.gradient[channel, number]))

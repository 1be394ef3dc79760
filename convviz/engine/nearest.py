"""Which kernels made by hand a learnt one is like."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.kernels import KERNELS, KernelPreset
from convviz.engine.padding import Array
from convviz.engine.problems import LayerError, times
from convviz.engine.settings import RANKS, checked_numbers, resized_kernel

ALIKE = 1e-9  # differences of correlations that are rounding


@dataclass(frozen=True, eq=False)
class Likeness:
    """A preset, and its correlation with a kernel: 1 the same but for its size, -1 its negative.

    The correlation is the cosine of the angle between both: their dot product divided by the
    lengths of both. `kernel` is the preset in the size of the kernel.
    """

    preset: KernelPreset
    correlation: float
    kernel: Array


def nearest_presets(kernel: ArrayLike, count: int = 3) -> tuple[Likeness, ...]:
    """Return the presets that are most like `kernel`, or its negative, the nearest first.

    Smaller presets are compared with zeros around them.

    Parameters
    ----------
    kernel : array (*kernel)
    count : how many presets, at most

    Raises
    ------
    LayerError
        When `kernel` has not one or two axes.

    Examples
    --------
    >>> nearest = nearest_presets([[-1, 0, 1.1], [-2, 0, 2], [-1, 0, 1]])
    >>> nearest[0].preset.name, round(nearest[0].correlation, 3)
    ('sobel-x', 1.0)
    >>> round(nearest_presets([[1, 0, -1]] * 3)[0].correlation, 3)
    -1.0
    """
    weights = checked_numbers(kernel)
    if weights.ndim not in RANKS or not weights.size:
        raise LayerError(f"a kernel has one or two axes, not the shape {times(weights.shape)}")
    found = [_likeness(preset, weights) for preset in KERNELS.values() if _fits(preset, weights)]
    found.sort(key=lambda likeness: -round(abs(likeness.correlation) / ALIKE))
    return tuple(found[:count])


def _fits(preset: KernelPreset, kernel: Array) -> bool:
    sizes = zip(preset.kernel.shape, kernel.shape, strict=False)
    return preset.kernel.ndim == kernel.ndim and all(small <= size for small, size in sizes)


def _likeness(preset: KernelPreset, kernel: Array) -> Likeness:
    sized = resized_kernel(preset.kernel[None, None], kernel.shape)[0, 0]
    lengths = float(np.linalg.norm(kernel) * np.linalg.norm(sized))
    return Likeness(preset, float((kernel * sized).sum()) / lengths if lengths else 0.0, sized)

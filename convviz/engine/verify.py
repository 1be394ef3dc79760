"""A second opinion: how far a map is from what SciPy, torch or ONNX Runtime make.

None of them computes with our engine, and each is imported when it is first asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from math import inf

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.layers import Activation, KernelLayer, Layer, LayerError
from convviz.engine.noise import sum_sizes, term_count
from convviz.engine.padding import Array
from convviz.engine.problems import NotInLibrary
from convviz.engine.rounding import rounding_error
from convviz.engine.settings import checked_numbers


@dataclass(frozen=True)
class Library:
    """Another library: the modules that it takes, and ours that asks it."""

    name: str
    title: str
    modules: tuple[str, ...]
    asked_by: str  # a module with maps(layer, image)
    precision: type[np.floating] = np.float64


LIBRARIES = {
    library.name: library
    for library in (
        Library("scipy", "SciPy", ("scipy",), "convviz.engine.oracle_scipy"),
        Library("torch", "PyTorch", ("torch",), "convviz.engine.oracle_torch"),
        Library(
            "onnxruntime",
            "ONNX Runtime",
            ("onnxruntime", "onnx"),
            "convviz.engine.oracle_onnx",
            np.float32,
        ),
    )
}


@dataclass(frozen=True)
class Verdict:
    """How far a map is from what another library makes.

    Attributes
    ----------
    library : a name in LIBRARIES
    difference : the largest absolute difference of a cell, of a wrong one where there are any;
        infinite when the shapes differ, or a cell is no number
    cells : how many cells the library has made
    wrong : how many cells differ by more than the rounding of their own terms
    """

    library: str
    difference: float
    cells: int
    wrong: int = 0

    @property
    def agrees(self) -> bool:
        """Whether no cell differs by more than rounding."""
        return self.wrong == 0


def available_libraries() -> tuple[str, ...]:
    """Return which of LIBRARIES are installed, without importing any.

    >>> "scipy" in available_libraries()
    True
    """
    return tuple(
        library.name for library in LIBRARIES.values() if all(map(find_spec, library.modules))
    )


def verify(
    layer: Layer, image: ArrayLike, found: ArrayLike, libraries: Sequence[str] = ("scipy",)
) -> tuple[Verdict, ...]:
    """Return how far `found` is from what each library makes of `image`.

    SciPy and torch compute in float64, ONNX Runtime in float32. Each cell may differ by the
    rounding of its own terms (`convviz.engine.rounding`): by some 1e-16 or some 1e-7 of the sum of
    their sizes, however large other cells are. A library that is not installed, or has no such
    layer, is left out.

    Parameters
    ----------
    image : array (in_channels, *spatial)
    found : array (out_channels, *spatial), what `layer` is said to make of `image`
    libraries : names in LIBRARIES

    Raises
    ------
    LayerError
        When the layer does not fit the image, or a name is not in LIBRARIES.

    Examples
    --------
    >>> from convviz.engine.layers import Pool
    >>> verify(Pool("max", 3), np.arange(9.0).reshape(1, 3, 3), [[[8.5]]])
    (Verdict(library='scipy', difference=0.5, cells=1, wrong=1),)
    """
    pixels, cells = checked_numbers(image), np.asarray(found)
    if problem := layer.problem(pixels.shape):
        raise LayerError(problem.sentence)
    verdicts = []
    for name in libraries:
        expected = _asked(name, layer, pixels)
        if expected is not None:
            verdicts.append(_compared(name, layer, pixels, cells, expected))
    return tuple(verdicts)


def _asked(name: str, layer: Layer, image: Array) -> Array | None:
    """Return what a library makes, None where it cannot be asked."""
    if name not in LIBRARIES:
        raise LayerError(f"{name!r} is no library: choose one of {', '.join(LIBRARIES)}")
    try:
        made: Array = import_module(LIBRARIES[name].asked_by).maps(layer, image)
    except (ImportError, NotInLibrary):
        return None
    return made


def _compared(name: str, layer: Layer, image: Array, found: Array, expected: Array) -> Verdict:
    if found.shape != expected.shape:
        return Verdict(name, inf, expected.size, wrong=expected.size)
    with np.errstate(invalid="ignore", over="ignore"):
        gaps = np.where(found == expected, 0.0, np.abs(found.astype(np.float64) - expected))
        gaps[np.isnan(gaps)] = inf
        wrong = gaps > _allowed(name, layer, image, found)
    count = int(np.count_nonzero(wrong))
    largest = gaps[wrong].max() if count else gaps.max(initial=0.0)
    return Verdict(name, float(largest), expected.size, count)


def _allowed(name: str, layer: Layer, image: Array, found: Array) -> Array:
    """Return by how much the rounding of its terms lets each cell differ."""
    ours = np.float32 if found.dtype == np.float32 else np.float64
    theirs = LIBRARIES[name].precision
    sizes = sum_sizes(layer, image.astype(np.float64))
    if isinstance(layer, Activation) and theirs == np.float32:
        sizes = np.maximum(sizes, 1.0)  # some sigmoids are approximated
    terms = term_count(layer)
    allowed: Array = rounding_error(sizes, terms, ours) + rounding_error(sizes, terms, theirs)
    allowed += _flushed(layer, image, terms, theirs)
    return np.where(np.isfinite(allowed), allowed, 0.0)  # an infinite cell of ours excuses nothing


def _flushed(layer: Layer, image: Array, terms: int, precision: type[np.floating]) -> float:
    """Return what sums lose when numbers below the normal ones of a kind of float become 0."""
    weights = layer.weight if isinstance(layer, KernelLayer) else np.ones(1)
    largest = max(float(np.abs(array).max(initial=1.0)) for array in (image, weights))
    return 2 * terms * float(np.finfo(precision).tiny) * largest

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

from convviz.engine.layers import Layer, LayerError
from convviz.engine.padding import Array
from convviz.engine.problems import NotInLibrary
from convviz.engine.settings import checked_numbers


@dataclass(frozen=True)
class Library:
    """Another library: the modules that it takes, and ours that asks it."""

    name: str
    title: str
    modules: tuple[str, ...]
    asked_by: str  # a module with maps(layer, image)


LIBRARIES = {
    library.name: library
    for library in (
        Library("scipy", "SciPy", ("scipy",), "convviz.engine.oracle_scipy"),
        Library("torch", "PyTorch", ("torch",), "convviz.engine.oracle_torch"),
        Library(
            "onnxruntime", "ONNX Runtime", ("onnxruntime", "onnx"), "convviz.engine.oracle_onnx"
        ),
    )
}


@dataclass(frozen=True)
class Verdict:
    """How far a map is from what another library makes.

    Attributes
    ----------
    library : a name in LIBRARIES
    difference : the largest absolute difference of a cell; infinite when the shapes differ
    cells : how many cells the library has made
    """

    library: str
    difference: float
    cells: int


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

    SciPy and torch compute in float64, ONNX Runtime in float32: differences of rounding, some
    1e-15 or some 1e-7 of the sum of the terms' sizes, are no errors. A library that is not
    installed, or has no such layer, is left out.

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
    (Verdict(library='scipy', difference=0.5, cells=1),)
    """
    pixels, cells = checked_numbers(image), np.asarray(found)
    if problem := layer.problem(pixels.shape):
        raise LayerError(problem.sentence)
    verdicts = []
    for name in libraries:
        expected = _asked(name, layer, pixels)
        if expected is not None:
            verdicts.append(Verdict(name, _difference(cells, expected), expected.size))
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


def _difference(found: Array, expected: Array) -> float:
    if found.shape != expected.shape:
        return inf
    with np.errstate(invalid="ignore", over="ignore"):
        gaps = np.where(found == expected, 0.0, np.abs(found - expected))
    largest = float(gaps.max())
    return largest if largest >= 0 else inf  # a NaN is neither

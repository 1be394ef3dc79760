"""What the second opinion on a map says: the same but for rounding, or by how much it differs."""

from math import isinf

import numpy as np

from convviz.engine.padding import Array
from convviz.engine.verify import LIBRARIES, Verdict
from convviz.model.document import Computation

SLACK = 64  # times the precision of the numbers: rounding of long sums
SINGLE = ("onnxruntime",)  # libraries that compute in float32


def tolerance(verdict: Verdict, computation: Computation) -> float:
    """Return what rounding alone may do: it grows with the sizes of the terms of a sum."""
    single = computation.sums.dtype == np.float32 or verdict.library in SINGLE
    precision = float(np.finfo(np.float32 if single else np.float64).eps)
    return SLACK * precision * max(_largest_sum(computation), 1e-300)


def _largest_sum(computation: Computation) -> float:
    """Return the sum of the sizes of the terms that no cell exceeds."""
    largest, conv = _size(computation.image), computation.conv
    if conv is None:
        return max(largest, _size(computation.sums))
    weights = np.abs(conv.weight.astype(np.float64)).reshape(conv.out_channels, -1)
    bias = 0.0 if conv.bias is None else _size(conv.bias)
    return max(largest, abs(conv.padding_value)) * float(weights.sum(axis=1).max()) + bias


def _size(array: Array) -> float:
    return float(np.abs(array).max(initial=0.0))


def agrees(verdict: Verdict, computation: Computation) -> bool:
    """Return whether a library makes the same map, but for rounding."""
    return verdict.difference <= tolerance(verdict, computation)


def short_verdict(verdict: Verdict, computation: Computation) -> str:
    """Return the verdict in a few words with its mark."""
    title = LIBRARIES[verdict.library].title
    if not agrees(verdict, computation):
        by = "in shape" if isinf(verdict.difference) else f"by {_rounded(verdict.difference)}"
        return f"✗ {title} differs {by}"
    if verdict.difference == 0:
        return f"✓ {title}: the same"
    return f"✓ {title}: same to {_rounded(verdict.difference)}"


def full_verdict(verdict: Verdict, computation: Computation) -> str:
    """Return the verdict with how many cells were compared."""
    cells = f"{verdict.cells:,} {'cell' if verdict.cells == 1 else 'cells'}"
    return f"{short_verdict(verdict, computation)} ({cells})"


def _rounded(value: float) -> str:
    """Return a difference with one digit, as one compares such numbers.

    >>> _rounded(4.44e-16), _rounded(0.5)
    ('4e-16', '0.5')
    """
    return f"{value:.1g}".replace("e-0", "e-")


def report(asked: tuple[str, ...], verdicts: tuple[Verdict, ...], computation: Computation) -> str:
    """Return a line for each library that was asked."""
    found = {verdict.library: full_verdict(verdict, computation) for verdict in verdicts}
    return "\n".join(
        found.get(name, f"{LIBRARIES[name].title} does not compute such a layer") for name in asked
    )

"""The modes of numpy.convolve and numpy.correlate as padding, whichever operand is longer."""

from typing import Literal

Mode = Literal["full", "same", "valid"]
MODES: tuple[Mode, ...] = ("full", "same", "valid")


def mode_padding(size: int, kernel: int, mode: str, *, flip: bool) -> tuple[int, int]:
    """Return the zeros (before, after) a signal of `size` with which a layer does as NumPy.

    NumPy swaps its operands when the second is longer, and turns what numpy.correlate makes of them
    round again: "same" has as many values as the longer one, "valid" those for which the shorter
    lies within the longer. With these zeros around the signal nothing needs to be swapped.

    Parameters
    ----------
    size, kernel : samples of the first operand and of the second
    mode : one of MODES
    flip : True as numpy.convolve, False as numpy.correlate

    Source: ``_pyarray_correlate`` in NumPy's multiarraymodule.c.

    Examples
    --------
    >>> mode_padding(5, 3, "same", flip=True), mode_padding(3, 4, "valid", flip=True)
    ((1, 1), (1, 1))
    """
    shorter, longer = sorted((size, kernel))
    if mode == "full":
        return kernel - 1, kernel - 1
    if mode == "valid":
        return max(kernel - size, 0), max(kernel - size, 0)
    swapped = kernel > size
    skipped = shorter // 2 if swapped and not flip else (shorter - 1) // 2  # values of "full"
    before = kernel - 1 - skipped
    return before, longer - 1 + kernel - size - before

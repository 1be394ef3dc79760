"""Settings as layers keep them: checked, one per axis, read-only."""

from collections.abc import Callable, Mapping
from math import isfinite
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.foreign_arrays import as_numpy
from convviz.engine.geometry import PerAxis, counted, per_axis, whole
from convviz.engine.padding import PADDING_RULES, Amounts, Array
from convviz.engine.problems import LARGEST_PADDED, LayerError, times

Padding = str | Amounts

RANKS = (1, 2)
Name = TypeVar("Name", bound=str)


def checked_numbers(values: ArrayLike) -> Array:
    """Return `values` as finite float64, or as float32 where they are; copied only if need be.

    Arrays and tensors of other libraries will do: see `as_numpy`.

    Raises
    ------
    LayerError
        When `values` are not real numbers, or not all finite.

    Examples
    --------
    >>> checked_numbers([1, 2])
    array([1., 2.])
    """
    array = as_numpy(values)
    if hasattr(values, "weight"):
        raise LayerError(
            f"{type(values).__name__} is a layer, numbers are needed: give its weight, or call "
            "Network([layer])(image)"
        )
    if array.dtype.kind not in "biuf":
        raise LayerError(f"real numbers are needed, not {array.dtype}")
    numbers = array.astype(np.float32 if array.dtype == np.float32 else np.float64, copy=False)
    if not np.isfinite(numbers).all():
        raise LayerError("all numbers must be finite: there is an infinity or a NaN")
    return numbers


TOO_LARGE = "the numbers become too large to be held: divide them"


def computed(make: Callable[[], Array]) -> Array:
    """Return what `make` makes of finite numbers.

    Raises
    ------
    LayerError
        When some of it is larger than the largest float.

    Examples
    --------
    >>> computed(lambda: np.array([1e308]) + 1e307)
    array([1.1e+308])
    """
    with np.errstate(over="ignore", invalid="ignore"):
        made = make()
    if not np.isfinite(made).all():
        raise LayerError(TOO_LARGE)
    return made


def truth(value: object, name: str) -> bool:
    """Return True or False, and refuse what Python would only take for it, such as "no".

    >>> truth(np.bool_(1), "flip")
    True
    """
    if not isinstance(value, (bool, np.bool_, int, np.integer)):
        raise LayerError(f"{name} must be True or False, not {value!r}")
    return bool(value)


def frozen_array(values: ArrayLike) -> Array:
    """Return `values` as a read-only array of their own; one that is frozen already stays itself.

    Identity then means "unchanged", which is what caches go by.

    Examples
    --------
    >>> frozen_array([1, 2]).flags.writeable
    False
    """
    numbers = checked_numbers(values)
    if numbers is values and _is_frozen(numbers):
        return numbers
    copy = np.array(numbers, order="C")
    copy.flags.writeable = False
    return copy


def finite_range(values: Array) -> tuple[float, float]:
    """Return the least and the largest finite number of an array, and 0 where that is beyond.

    Examples
    --------
    >>> finite_range(np.array([2.0, 3.0, -np.inf]))
    (0.0, 3.0)
    """
    low, high = float(values.min(initial=0)), float(values.max(initial=0))
    if not isfinite(low - high):
        finite = values[np.isfinite(values)]
        low, high = float(finite.min(initial=0)), float(finite.max(initial=0))
    return low, high


def checked_weight(values: ArrayLike, axes: str) -> Array:
    """Return a weight with one or two spatial axes; `axes` names the shape that is needed."""
    weight = frozen_array(values)
    if weight.ndim - 2 not in RANKS or 0 in weight.shape:
        raise LayerError(
            f"weight needs the shape {axes} with a kernel of one or two axes, "
            f"not {times(weight.shape)}"
        )
    return weight


def checked_bias(values: ArrayLike, channels: int) -> Array:
    """Return a bias for each of `channels` output channels; one number is for all of them."""
    bias = checked_numbers(values)
    if channels > LARGEST_PADDED:
        raise LayerError(f"the layer would have {channels:,} output channels: too many for a bias")
    if bias.ndim == 0:
        bias = np.full(channels, bias)
    if bias.shape != (channels,):
        raise LayerError(
            f"bias has the shape {times(bias.shape)}, the weight has "
            f"{counted(channels, 'output channel')}"
        )
    return frozen_array(bias)


def checked_groups(value: object) -> int:
    """Return how many groups there are; whether they divide the channels is a layer's problem."""
    return whole_from(value, "groups", 1)


def whole_per_axis(value: int | PerAxis, rank: int, name: str, least: int = 0) -> PerAxis:
    """Return `least` or more, per axis."""
    try:
        values = per_axis(value, rank, name)
    except ValueError as error:
        raise LayerError(str(error)) from None
    if min(values) < least:
        raise LayerError(f"{name} must be {least} or more, not {min(values)}")
    return values


def positive_per_axis(value: int | PerAxis, rank: int, name: str) -> PerAxis:
    """Return 1 or more, per axis.

    >>> positive_per_axis(2, 2, "stride")
    (2, 2)
    """
    return whole_per_axis(value, rank, name, 1)


def normal_amounts(padding: object, rank: int) -> Amounts:
    """Return padding cells as (before, after) per axis.

    Raises
    ------
    LayerError
        When an amount is negative or not whole, or there are not 1 or `rank` of them.

    Examples
    --------
    >>> normal_amounts((1, (0, 2)), 2)
    ((1, 1), (0, 2))
    """
    entries = tuple(padding) if isinstance(padding, (tuple, list)) else (padding,) * rank
    if len(entries) != rank:
        raise LayerError(
            f"padding has {counted(len(entries), 'amount')}, "
            f"the kernel has {counted(rank, 'axis', 'axes')}"
        )
    try:
        amounts = tuple(_pair(entry) for entry in entries)
    except (TypeError, ValueError):
        raise LayerError(
            f"padding must be whole numbers, one per axis or (before, after), not {padding!r}"
        ) from None
    if min(min(pair) for pair in amounts) < 0:
        raise LayerError("padding must not be negative")
    return amounts


def normal_padding(padding: int | PerAxis | Padding, rank: int) -> Padding:
    """Return the name of a rule, or cells as (before, after) per axis."""
    if not isinstance(padding, str):
        return normal_amounts(padding, rank)
    return named(padding, PADDING_RULES, "padding rule")


def resized_kernel(weight: Array, size: PerAxis) -> Array:
    """Return `weight` cut or padded with zeros around its middle to the kernel `size`.

    >>> resized_kernel(np.ones((1, 1, 3)), (1,)).shape
    (1, 1, 1)
    """
    result = weight
    for axis, cells in enumerate(size, start=2):
        extra = cells - result.shape[axis]
        before = abs(extra) // 2
        if extra < 0:
            result = np.take(result, range(before, before + cells), axis=axis)
        else:
            widths = [(0, 0)] * result.ndim
            widths[axis] = (before, extra - before)
            result = np.pad(result, widths)
    return result


def resized_axis(array: Array, axis: int, length: int) -> Array:
    """Return `array` with `length` entries along `axis`: cut, or begun again from the first.

    >>> resized_axis(np.array([1.0, 2.0]), 0, 3)
    array([1., 2., 1.])
    """
    have = array.shape[axis]
    return array if have == length else np.take(array, np.arange(length) % have, axis=axis)


def _is_frozen(array: Array) -> bool:
    """Return whether nobody can write into an array; one that shows all of another counts too."""
    owner = array if array.base is None else array.base
    whole = isinstance(owner, np.ndarray) and owner.base is None and owner.nbytes == array.nbytes
    writeable = array.flags.writeable or (whole and owner.flags.writeable)
    own = whole and not writeable and array.flags.c_contiguous
    return own and array.dtype in (np.float32, np.float64)


def _pair(entry: object) -> tuple[int, int]:
    if isinstance(entry, (tuple, list)):
        before, after = entry
        return whole(before), whole(after)
    return whole(entry), whole(entry)


def named(name: Name, table: Mapping[Name, object], what: str) -> Name:
    """Return `name` when it is in `table`."""
    if not isinstance(name, str) or name not in table:
        raise LayerError(f"{name!r} is no {what}: choose one of {', '.join(table)}")
    return name


def whole_from(value: object, name: str, least: int = 0) -> int:
    """Return a whole number of at least `least`.

    >>> whole_from(3, "the seed")
    3
    """
    try:
        number = whole(value)
    except TypeError:
        raise LayerError(f"{name} must be a whole number, not {value!r}") from None
    if number < least:
        raise LayerError(f"{name} must be {least} or more, not {number}")
    return number


def finite(value: float, name: str) -> float:
    """Return a number that is neither infinite nor NaN."""
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        raise LayerError(f"{name} must be a number, not {value!r}") from None
    if not isfinite(number):
        raise LayerError(f"{name} must be finite, not {value}")
    return number

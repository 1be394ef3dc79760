"""Why a layer cannot be or does not fit: sentences with numbers, and the ways out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, TypeVar

from convviz.engine.geometry import PerAxis, counted
from convviz.engine.short_repr import record_repr

Shape = tuple[int, ...]
LARGEST_PADDED = 64_000_000  # cells; beyond it a typing slip takes all memory
MOST_STEPS = 6  # changes that together make one way out


class LayerError(ValueError):
    """A layer that cannot be, or that does not fit its input: one sentence with the numbers."""


class NotInLibrary(Exception):
    """A layer that a library has no equivalent of, so that it cannot be asked."""


@dataclass(frozen=True, eq=False)
class Fix:
    """A change of a layer that makes it fit, offered by name."""

    label: str
    changes: Mapping[str, Any]

    __repr__ = record_repr


@dataclass(frozen=True, eq=False)
class Problem:
    """Why a layer does not fit its input: the setting to blame, the sentence, the ways out."""

    setting: str
    sentence: str
    fixes: tuple[Fix, ...] = ()


Kind = TypeVar("Kind", bound=Any)


def with_ways_out(
    layer: Kind, shape: Shape, find: Callable[[Kind, Shape], Problem | None]
) -> Problem | None:
    """Return what `find` finds wrong with `layer`, with those fixes alone that really mend it.

    Where no single change does, each goes on with the first that mends what is left.
    """
    problem = find(layer, shape)
    if problem is None:
        return None
    return replace(problem, fixes=tuple(_ways_out(layer, shape, find, problem, MOST_STEPS)))


def _ways_out(
    layer: Kind,
    shape: Shape,
    find: Callable[[Kind, Shape], Problem | None],
    problem: Problem,
    steps: int,
) -> Iterator[Fix]:
    """Yield the fixes that mend all; where there is none, those that do with more steps."""
    mended = [(fix, replace(layer, **fix.changes)) for fix in problem.fixes]
    left = [(fix, changed, find(changed, shape)) for fix, changed in mended]
    whole = [fix for fix, _, other in left if other is None]
    yield from whole
    if whole or steps == 1:
        return
    for fix, changed, other in left:
        if other is None or other.sentence == problem.sentence:
            continue
        for way in islice(_ways_out(changed, shape, find, other, steps - 1), 1):
            yield Fix(f"{fix.label}, {way.label}", {**fix.changes, **way.changes})


def times(shape: Shape) -> str:
    """Return a shape as people write it.

    >>> times((3, 5))
    '3 × 5'
    """
    return " × ".join(map(str, shape)) or "a single number"


def wrong_rank(shape: Shape, rank: int, what: str) -> Problem | None:
    """Return the problem of an image of `shape` (channels, *spatial) that has not `rank` axes.

    >>> wrong_rank((1, 5), 2, "kernel").sentence
    'the image has 1 spatial axis, the kernel has 2'
    """
    axes = max(len(shape) - 1, 0)
    if axes != rank:
        many = counted(axes, "spatial axis", "spatial axes")
        return Problem("image", f"the image has {many}, the {what} has {rank}")
    if 0 in shape:
        return Problem("image", f"the image is empty: its shape is {times(shape)}")
    return None


def each(values: PerAxis) -> str:
    """Return one number where all axes have the same, else all of them.

    >>> each((2, 2)), each((1, 2))
    ('2', '1 × 2')
    """
    return str(values[0]) if len(set(values)) == 1 else times(values)

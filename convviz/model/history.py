"""Undo and redo: documents as they were, with the name of each change."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np

from convviz.engine.padding import Array
from convviz.model.document import Document

DEPTH = 200
LARGEST_BYTES = 256 * 2**20


@dataclass(frozen=True, eq=False)
class Change:
    """A change by name, and the document on its other side.

    `brought` tells that neither side held unsaved work: an input was chosen, an image opened.
    """

    name: str
    document: Document
    merge: str | None = None
    brought: bool = False


@dataclass(frozen=True, eq=False)
class History:
    """What can be undone (newest last) and done again (next last)."""

    past: tuple[Change, ...] = ()
    future: tuple[Change, ...] = ()

    def push(
        self, name: str, before: Document, merge: str | None = None, *, joins: bool = True
    ) -> "History":
        """Return the history after a change; one with the `merge` key of the last joins it."""
        last = self.past[-1].merge if joins and self.past and not self.future else None
        if merge and merge == last:
            return replace(self, past=(*self.past[:-1], replace(self.past[-1], name=name)))
        return History(_bounded((*self.past, Change(name, before, merge))))

    @property
    def names(self) -> tuple[str, ...]:
        """Every change by name, the oldest first: those done, then those undone."""
        return tuple(change.name for change in (*self.past, *reversed(self.future)))

    def closed(self) -> "History":
        """Return the history with a last change that no other joins."""
        if not self.past:
            return self
        return replace(self, past=(*self.past[:-1], replace(self.past[-1], merge=None)))

    def marked_brought(self) -> "History":
        """Return the history with a last change that is no work."""
        if not self.past:
            return self
        return replace(self, past=(*self.past[:-1], replace(self.past[-1], brought=True)))

    def undo(self, now: Document) -> "tuple[Change, History]":
        """Return what leads before the last change, and the history from there."""
        *past, change = self.past
        back = Change(change.name, now, brought=change.brought)
        return change, History(tuple(past), (*self.future, back))

    def redo(self, now: Document) -> "tuple[Change, History]":
        """Return what leads after the change that was undone last, and the history from there."""
        *future, change = self.future
        back = Change(change.name, now, brought=change.brought)
        return change, History((*self.past, back), tuple(future))


def _bounded(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Keep the newest changes that depth and bytes allow; an array that they share counts once.

    The newest one is always kept.
    """
    kept: list[Change] = []
    seen: dict[int, int] = {}
    for change in reversed(changes[-DEPTH:]):
        seen |= {id(array): array.nbytes for array in _arrays(change.document)}
        if kept and sum(seen.values()) > LARGEST_BYTES:
            break
        kept.append(change)
    return tuple(reversed(kept))


def _arrays(document: Document) -> Iterator[Array]:
    """Yield the image and what the layers and the settings of learning hold."""
    yield document.image
    yield from document.learning.arrays
    for layer in document.layers:
        for setting in fields(layer):
            value = getattr(layer, setting.name)
            if isinstance(value, np.ndarray):
                yield value

"""A cache for what is derived from documents: it lets go of all that older ones made."""

from collections.abc import Callable
from functools import lru_cache, partial, wraps
from typing import Concatenate, ParamSpec, TypeVar

from convviz.model.document import Document

LATELY = 2  # documents: the present one, and the one before a change or an undo

Arguments = ParamSpec("Arguments")
Made = TypeVar("Made")
OfDocument = Callable[Concatenate[Document, Arguments], Made]


def lately(
    maxsize: int,
) -> Callable[[OfDocument[Arguments, Made]], OfDocument[Arguments, Made]]:
    """Keep up to `maxsize` results of a function for each of the documents asked for last.

    One cache over all of them would keep every image in memory that was edited lately.
    """

    def decorate(function: OfDocument[Arguments, Made]) -> OfDocument[Arguments, Made]:
        @lru_cache(maxsize=LATELY)
        def known(document: Document) -> Callable[..., Made]:
            return lru_cache(maxsize=maxsize)(partial(function, document))

        @wraps(function)
        def cached(
            document: Document, /, *args: Arguments.args, **kwargs: Arguments.kwargs
        ) -> Made:
            return known(document)(*args, **kwargs)

        return cached

    return decorate

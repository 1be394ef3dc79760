"""Which changes of the session interrupt a person who is typing into a cell or a field."""

from collections.abc import Mapping
from dataclasses import fields
from types import MappingProxyType
from typing import TYPE_CHECKING

from convviz.model.learning import Learner
from convviz.model.session import Session, View

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

# Time, the mouse, messages, and how numbers look; `view` and `learner` are compared part by part.
# Every other field interrupts, one that is added later, too. So does the theme: with another style
# sheet Qt's number fields write their value again, over what is typed.
HARMLESS: Mapping[type, frozenset[str]] = MappingProxyType(
    {
        Session: frozenset(
            {"turn", "playhead", "hover", "playback", "message", "recent", "offer"}
            | {"view", "learner"}
        ),
        View: frozenset({"zooms", "columns", "strip", "numbers", "colours"}),
        Learner: frozenset({"step", "term", "log"}),
    }
)


def interrupts_typing(before: Session, after: Session) -> bool:
    """Return whether `after` may lack the cell or the field that is being typed into.

    A step of playback does not interrupt, another workspace or document does.
    """
    return (
        _differs(before, after)
        or _differs(before.view, after.view)
        or _differs(before.learner, after.learner)
    )


def _differs(before: "DataclassInstance", after: "DataclassInstance") -> bool:
    names = (field.name for field in fields(before))
    counted = (name for name in names if name not in HARMLESS[type(before)])
    return any(getattr(before, name) is not getattr(after, name) for name in counted)

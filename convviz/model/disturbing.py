"""Which changes of the session take away what a person may be typing into."""

from dataclasses import fields
from types import MappingProxyType

from convviz.model.session import Session

# What moves by itself or beside the grids and fields: time, the mouse, and what the program says.
# Everything else counts, a field that is added to Session later, too.
BESIDE_TYPING: MappingProxyType[str, frozenset[str]] = MappingProxyType(
    {
        "": frozenset({"turn", "playhead", "hover", "playback", "message", "recent", "offer"}),
        "view": frozenset({"zooms", "columns", "strip", "theme", "numbers", "colours"}),
        "learner": frozenset({"step", "term", "log"}),
    }
)


def disturbs_typing(before: Session, after: Session) -> bool:
    """Return whether `after` may no longer have the cell or field that is typed into.

    A step of playback does not, another workspace or document does.
    """
    return bool(_changed(before, after, "", but={"view", "learner"})) or any(
        _changed(getattr(before, part), getattr(after, part), part) for part in ("view", "learner")
    )


def _changed(before: object, after: object, part: str, but: set[str] | None = None) -> list[str]:
    if before is after:
        return []
    names = {field.name for field in fields(before)} - BESIDE_TYPING[part] - (but or set())  # type: ignore[arg-type]
    return [name for name in names if getattr(before, name) is not getattr(after, name)]

"""Where a scene looks: its layer, step and view, written and read."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from types import MappingProxyType
from typing import get_args

from convviz.files.errors import LiteralError
from convviz.files.scene_values import (
    FLAG,
    NUMBER,
    WHOLE,
    WHOLE_OR_NONE,
    Json,
    Value,
    fields_of,
    inner,
    one_of,
)
from convviz.model.pages import RANKS, workspace_of
from convviz.model.session import (
    WAYS,
    WORKSPACES,
    Page,
    PaneName,
    Playhead,
    Session,
    View,
    Zoom,
)
from convviz.model.transitions import LARGEST_ZOOM, seek

NOT_ZOOMED = ("bias", "first", "gradient")
PANES = tuple(pane for pane in get_args(PaneName) if pane not in NOT_ZOOMED)


def _zero_or_one(value: object, place: str) -> int:
    number = WHOLE.read(value, place)
    if number > 1:
        raise LiteralError("write 0 or 1", place)
    return int(number)


PLACE: Mapping[str, Value] = {
    "layer": WHOLE,
    "source": WHOLE,
    "scatter": FLAG,
    "step": WHOLE,
    "term": WHOLE_OR_NONE,
}
VIEW: Mapping[str, Value] = {
    "workspace": one_of(WORKSPACES),
    **PLACE,
    "whole_map": FLAG,
    "use_counts": FLAG,
    "numbered_from": Value(_zero_or_one, {"enum": [0, 1]}),
    "way": one_of(WAYS),
    "curves": FLAG,
}
ZOOM: Mapping[str, Value] = {field.name: NUMBER for field in fields(Zoom)}


def view_fields(session: Session) -> Json:
    """Return how a session is looked at, as a field of a scene."""
    view = session.view
    return {
        "workspace": view.workspace,
        **place_fields(session),
        "whole_map": view.whole_map,
        "use_counts": view.use_counts,
        "numbered_from": view.numbered_from,
        "way": view.way,
        "curves": view.curves,
        "zooms": {pane: asdict(view.zooms[pane]) for pane in PANES if pane in view.zooms},
    }


def place_fields(page: Session | Page) -> Json:
    """Return where the playhead of a page stands."""
    return {
        "layer": page.layer,
        "source": page.source,
        "scatter": page.scatter,
        "step": page.playhead.step,
        "term": page.playhead.term,
    }


def viewed(session: Session, value: object, within: str = "") -> Session:
    """Look at a session as `value` says; a layer, channel or step beyond the last is the last."""
    place, kinds = f"{within}view", PLACE if within else VIEW
    given = fields_of(value, place, tuple(kinds) if within else (*kinds, "zooms"))
    found = {
        name: kind.read(given[name], f"{place}.{name}")
        for name, kind in kinds.items()
        if name in given
    }
    view = {name: found[name] for name in found if name in View.__dataclass_fields__}
    if RANKS.get(view.get("workspace", "convolve"), session.rank) != session.rank:
        view["workspace"] = workspace_of(session.rank)
    zooms = MappingProxyType(_zooms(given.get("zooms", {})))
    workspace = view.pop("workspace", session.view.workspace)
    layer = min(found.get("layer", 0), len(session.document.layers) - 1)
    looked = replace(
        session,
        layer=layer,
        scatter=found.get("scatter", False),
        source=min(found.get("source", 0), session.document.shapes[layer][0] - 1),
        view=replace(session.view, zooms=zooms, **view),
    )
    sought = seek(looked, found.get("step", 0), found.get("term"))
    seen = replace(sought.view, workspace=workspace)
    return replace(sought, playhead=_existing(sought), view=seen)


def _existing(session: Session) -> Playhead:
    """Return the playhead at a stage that its step has."""
    term = session.playhead.term
    return replace(
        session.playhead, term=None if term is None else min(term, session.walk_stages - 1)
    )


def _zooms(value: object) -> dict[str, Zoom]:
    return {
        pane: _zoom(zoom, inner("view.zooms", pane))
        for pane, zoom in fields_of(value, "view.zooms", PANES).items()
    }


def _zoom(value: object, place: str) -> Zoom:
    given = fields_of(value, place, tuple(ZOOM))
    zoom = Zoom(**{name: ZOOM[name].read(given[name], f"{place}.{name}") for name in given})
    if not 1 <= zoom.factor <= LARGEST_ZOOM:
        raise LiteralError(f"write a number from 1 to {LARGEST_ZOOM:g}", f"{place}.factor")
    if not (0 <= zoom.row <= 1 and 0 <= zoom.column <= 1):
        raise LiteralError("row and column go from 0 to 1; correct them", place)
    return zoom

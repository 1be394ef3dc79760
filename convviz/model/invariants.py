"""What holds of every session: whatever looks at a document looks at something that it has."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType

from convviz.model.pages import RANKS, session_of
from convviz.model.session import Cell, PaneName, Selection, Session, Target

Rules = Mapping[str, Callable[[Session], bool]]


def _fits_or_is_an_attempt(session: Session) -> bool:
    return session.attempt is None or session.attempt.problem is not None


def _has_a_term(session: Session) -> bool:
    return session.playhead.term is None or 0 <= session.playhead.term < session.walk_stages


def _head_is_inside(session: Session) -> bool:
    step, term = session.head.step, session.head.term
    return 0 <= step < session.step_count and (term is None or 0 <= term < session.stage_count)


def _has(session: Session, pane: PaneName, *cells: Cell | None) -> bool:
    return all(cell is None or session.nearest(pane, cell) == cell for cell in cells)


def _has_target(session: Session, target: Target | None) -> bool:
    """Return whether a cell is there; where a kernel is learnt, panes show what the run has."""
    return target is None or session.learns or _has(session, target.pane, target.cell)


def _has_selection(session: Session, selection: Selection | None) -> bool:
    if selection is None:
        return True
    cells = (selection.cursor, selection.end, selection.reach, selection.anchor)
    return _has(session, selection.pane, *cells)


# In the order in which they are asked: each may rely on those before it.
OF_A_PAGE: Rules = MappingProxyType(
    {
        "the document does not fit": lambda page: page.document.problem is None,
        "what was saved belongs to the other page": lambda page: (
            page.saved is None or page.saved.rank == page.rank
        ),
        "there is no such layer": lambda page: 0 <= page.layer < len(page.document.layers),
        "there is no such input channel": lambda page: (
            0 <= page.source < page.document.shapes[page.layer][0]
        ),
        "there is no such step": lambda page: 0 <= page.playhead.step < page.walk_count,
        "its step has no such term": _has_a_term,
        "its history belongs to the other page": lambda page: all(
            change.document.rank == page.rank
            for change in (*page.history.past, *page.history.future)
        ),
    }
)
OF_A_SESSION: Rules = MappingProxyType(
    {
        "both pages have the same number of axes": lambda session: (
            session.aside is None or session.aside.document.rank != session.rank
        ),
        "the workspace shows the other page": lambda session: (
            RANKS.get(session.view.workspace, session.rank) == session.rank
        ),
        "a document that fits is an attempt": _fits_or_is_an_attempt,
        "the attempt has no such layer": lambda session: session.layer < len(session.edited.layers),
        "the transport is beyond the last step": _head_is_inside,
        "there is no such cell under the mouse": lambda session: _has_target(
            session, session.hover
        ),
        "there is no such cell to be pinned": lambda session: _has_target(session, session.pin),
        "there are no such cells to be selected": lambda session: _has_selection(
            session, session.selection
        ),
        "what is painted is of another layer": lambda session: (
            session.stroke is None or session.stroke.layer == session.layer
        ),
        "the kernel is turned beyond its flip": lambda session: 0 <= session.turn <= 1,
    }
)


def broken_invariants(session: Session) -> tuple[str, ...]:
    """Return what does not hold of a session, in sentences; nothing where all holds.

    Each part says the first thing that is wrong with it: what comes after may follow from that.

    >>> from dataclasses import replace
    >>> from convviz.model.session import new_session
    >>> broken_invariants(new_session())
    ()
    >>> broken_invariants(replace(new_session(), layer=2))
    ('the open page: there is no such layer',)
    """
    return tuple(_broken(session))


def _broken(session: Session) -> Iterator[str]:
    yield from (f"the page aside: {text}" for text in _aside(session))
    broken = [f"the open page: {text}" for text in _first(OF_A_PAGE, session)]
    yield from broken or _first(OF_A_SESSION, session)


def _aside(session: Session) -> list[str]:
    return [] if session.aside is None else _first(OF_A_PAGE, session_of(session.aside))


def _first(rules: Rules, session: Session) -> list[str]:
    return list(islice((text for text, holds in rules.items() if not holds(session)), 1))

"""Pages: images and signals have a document each, with a history and a playhead of its own."""

from dataclasses import fields, replace
from types import MappingProxyType

from convviz.model.document import Document, default_document, default_signals, same_document
from convviz.model.session import Page, Session

RANKS = MappingProxyType(
    {"convolve": 2, "signals": 1, "learn": 2}
)  # of workspaces; others show either
FIRST = MappingProxyType({1: default_signals, 2: default_document})


def show_workspace(session: Session, workspace: str) -> Session:
    """Show one of WORKSPACES, with the page that belongs to it."""
    turned = on_page(session, RANKS.get(workspace, session.rank))
    shown = replace(turned, view=replace(turned.view, workspace=workspace))
    return shown if shown.learns == session.learns else _looking_anew(shown)


def _looking_anew(session: Session) -> Session:
    """Let go of what belongs to the cells of another workspace, and of time."""
    paused = replace(session.playback, playing=False)
    return replace(session, hover=None, pin=None, selection=None, playback=paused)


def page_of(session: Session) -> Page:
    """Return the open page of a session, to be laid aside."""
    return Page(**{part.name: getattr(session, part.name) for part in fields(Page)})


def session_of(page: Page) -> Session:
    """Return a session that has `page` open, and no other."""
    return Session(**{part.name: getattr(page, part.name) for part in fields(Page)})


def on_page(session: Session, rank: int) -> Session:
    """Return the session with the page of signals (1) or images (2) open, as it was left."""
    if session.rank == rank:
        return session
    page = session.aside or first_page(rank)
    taken = {part.name: getattr(page, part.name) for part in fields(Page)}
    name = session.view.workspace
    if name in RANKS:
        name = workspace_of(rank)
    return replace(
        session,
        **taken,
        aside=page_of(session),
        attempt=None,
        stroke=None,
        hover=None,
        pin=None,
        selection=None,
        message=None,
        turn=1.0,
        playback=replace(session.playback, playing=False),
        view=replace(session.view, workspace=name, zooms=MappingProxyType({})),
    )


def workspace_of(rank: int) -> str:
    """Return the workspace of signals (1) or images (2)."""
    return next(name for name, shown in RANKS.items() if shown == rank)


def first_page(rank: int) -> Page:
    """Return the page of signals (1) or images (2) with which the program opens."""
    document = FIRST[rank]()
    return Page(document, saved=document)


def is_first(document: Document) -> bool:
    """Return whether a document is as that of a first page."""
    return same_document(document, FIRST[document.rank]())

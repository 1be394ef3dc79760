"""Pages: images and signals have a document each, with a history and a playhead of its own."""

from dataclasses import fields, replace
from types import MappingProxyType

from convviz.model.document import default_document, default_signals
from convviz.model.session import Page, Session

RANKS = {"convolve": 2, "signals": 1}  # what a workspace shows; others show either


def show_workspace(session: Session, workspace: str) -> Session:
    """Show one of WORKSPACES, with the page that belongs to it."""
    turned = session if RANKS.get(workspace, session.rank) == session.rank else turn_page(session)
    return replace(turned, view=replace(turned.view, workspace=workspace))


def turn_page(session: Session) -> Session:
    """Lay the document aside and take up the other one, as it was left."""
    page = session.aside or _first_page(session.rank)
    kept = {part.name: getattr(session, part.name) for part in fields(Page)}
    taken = {part.name: getattr(page, part.name) for part in fields(Page)}
    return replace(
        session,
        **taken,
        aside=Page(**kept),
        attempt=None,
        hover=None,
        pin=None,
        selection=None,
        message=None,
        turn=1.0,
        playback=replace(session.playback, playing=False),
        view=replace(session.view, zooms=MappingProxyType({})),
    )


def _first_page(rank: int) -> Page:
    document = default_signals() if rank == 2 else default_document()
    return Page(document, saved=document)


def fitting_workspace(session: Session) -> Session:
    """Show the document where it can be seen: signals among signals, images among images."""
    wanted = RANKS.get(session.view.workspace)
    if wanted in (None, session.rank):
        return session
    name = next(name for name, rank in RANKS.items() if rank == session.rank)
    return replace(session, view=replace(session.view, workspace=name))

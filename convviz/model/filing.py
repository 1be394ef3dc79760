"""What opening and saving scenes does to the session: pure functions (Session, ...) -> Session."""

from dataclasses import replace
from pathlib import Path

from convviz.model.changes import changed, set_input_preset
from convviz.model.document import Document
from convviz.model.pages import on_page, page_of, session_of
from convviz.model.session import Session, new_session

REVERT = "Revert"


def new_scene(session: Session) -> Session:
    """Begin anew with the scene that the program opens with."""
    return _begun(session, new_session())


def open_scene(session: Session, scene: Session, file: Path) -> Session:
    """Begin anew with what was read from a scene file."""
    return remembered(replace(_begun(session, scene), file=file, saved=scene.document), file)


def _begun(session: Session, scene: Session) -> Session:
    """Return `scene` in the window as it is: its look, layout and speed stay."""
    now = session.view
    view = replace(
        scene.view,
        theme=now.theme,
        numbers=now.numbers,
        colours=now.colours,
        history=now.history,
        histograms=now.histograms,
        columns=now.columns,
        strip=now.strip,
    )
    playback = replace(session.playback, playing=False)
    return replace(
        scene,
        view=view,
        playback=playback,
        recent=session.recent,
        offer=session.offer,
        habits=session.habits,
    )


def recover(session: Session, scene: Session, name: Path) -> Session:
    """Go on with work that no file has; `name` is what it is to be saved as, unless another is."""
    return replace(_begun(session, scene), saved=None, recovered=name)


def mark_saved(session: Session, document: Document, file: Path) -> Session:
    """Remember that `file` holds `document`, to which undo leads back."""
    history = session.history.closed()
    marked = replace(session, saved=document, file=file, recovered=None, history=history)
    if marked.aside:
        marked = replace(marked, aside=replace(marked.aside, saved=marked.aside.document))
    return remembered(marked, file)


def remembered(session: Session, file: Path) -> Session:
    """Put a file first among those that were opened or saved last."""
    others = [other for other in session.recent if other != file]
    return replace(session, recent=(file, *others)[: session.habits.most_recent])


def revert(session: Session) -> Session:
    """Go back to the scene as it was saved, on both pages; undo leads back here, on each."""
    back = _reverted(session)
    if back.aside is None:
        return back
    other = _reverted(session_of(back.aside))
    unchanged = other.document is back.aside.document
    return back if unchanged else replace(back, aside=page_of(other))


def _reverted(session: Session) -> Session:
    return session if session.saved is None else changed(session, session.saved, REVERT)


def brought_in(before: Session, after: Session) -> Session:
    """Let what came out of a file or an example count as saved, unless there was work to save."""
    if before.is_modified:
        saved = on_page(before, after.rank).saved
        return replace(after, saved=saved, recovered=before.recovered)
    if after.file or after.document is before.document:
        return after
    return replace(after, saved=after.document, history=after.history.marked_brought())


def choose_input(session: Session, name: str) -> Session:
    """Show one of INPUTS; that alone is no work that could be lost."""
    return brought_in(session, set_input_preset(session, name))

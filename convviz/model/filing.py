"""What opening and saving scenes does to the session: pure functions (Session, ...) -> Session."""

from dataclasses import replace
from pathlib import Path

from convviz.model.changes import changed, set_input_preset
from convviz.model.document import Document
from convviz.model.pages import on_page, page_of, session_of
from convviz.model.session import Session, new_session

REVERT = "Revert"
OTHERS = {1: "images", 2: "signals"}  # what the page aside is of, by the axes of the shown one


def new_scene(session: Session) -> Session:
    """Begin anew with the scene that the program opens with."""
    return _begun(session, new_session())


def open_scene(session: Session, scene: Session, file: Path) -> Session:
    """Begin anew with what was read from a scene file, on both pages."""
    aside = scene.aside and replace(scene.aside, file=file)
    begun = replace(_begun(session, scene), file=file, saved=scene.document, aside=aside)
    return remembered(begun, file)


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
    """Go on with work that no file has; `name` is what it is to be saved as, unless another is.

    A page aside that was never saved is such work, too.
    """
    aside = scene.aside
    if aside and aside.saved is None:
        other = name.with_stem(f"{name.stem}-{OTHERS[scene.rank]}")
        aside = replace(aside, recovered=other)
    return replace(_begun(session, scene), saved=None, recovered=name, aside=aside, together=False)


def bound_for(session: Session, file: Path) -> Session:
    """Return the session as it is to be saved: both pages, if the one aside has that file."""
    if session.aside is None or session.aside.file != file:
        return session
    return replace(session, file=file, together=True)


def mark_saved(session: Session, document: Document, file: Path) -> Session:
    """Remember that `file` holds `document`, to which undo leads back.

    The page aside is as unsaved as it was, unless the two share a file.
    """
    session = bound_for(session, file)
    history = session.history.closed()
    marked = replace(session, saved=document, file=file, recovered=None, history=history)
    if session.shares_file and session.aside:
        aside = replace(session.aside, saved=session.aside.document, file=file, recovered=None)
        marked = replace(marked, aside=aside)
    return remembered(marked, file)


def remembered(session: Session, file: Path) -> Session:
    """Put a file first among those that were opened or saved last."""
    others = [other for other in session.recent if other != file]
    return replace(session, recent=(file, *others)[: session.habits.most_recent])


def revert(session: Session) -> Session:
    """Go back to the scene as it was saved; undo leads back here.

    So does the page aside, where it is in the same file, or both are in none.
    """
    back = _reverted(session)
    if back.aside is None or back.aside.file != back.file:
        return back
    other = _reverted(session_of(back.aside))
    unchanged = other.document is back.aside.document
    return back if unchanged else replace(back, aside=page_of(other))


def _reverted(session: Session) -> Session:
    return session if session.saved is None else changed(session, session.saved, REVERT)


def brought_in(before: Session, after: Session) -> Session:
    """Let what came out of a file or an example count as saved, unless there was work to save."""
    page = page_of(on_page(before, after.rank))
    if page.is_modified:
        return replace(after, saved=page.saved, recovered=page.recovered)
    if after.file or after.document is before.document:
        return after
    return replace(after, saved=after.document, history=after.history.marked_brought())


def choose_input(session: Session, name: str) -> Session:
    """Show one of INPUTS; that alone is no work that could be lost."""
    return brought_in(session, set_input_preset(session, name))

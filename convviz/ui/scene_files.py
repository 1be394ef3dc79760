"""SceneFiles: new, open, save; and no unsaved work goes without a question."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from convviz.files.atomic import WriteError, atomic_write
from convviz.files.checked_scenes import checked_scene_bytes
from convviz.files.errors import FileError, Refusal, one_line
from convviz.files.scenes import SCENE_SUFFIX, read_scene
from convviz.files.source import Stamp, stamp
from convviz.model import filing, transitions
from convviz.model.derive import derive_scene
from convviz.model.pages import on_page, page_of
from convviz.model.scene import Scene
from convviz.model.session import Choice, Message, Session
from convviz.ui import dialogs
from convviz.ui.store import Store

if TYPE_CHECKING:
    from convviz.ui.main_window import MainWindow

OVERWRITE = Choice("Overwrite it", "overwrite")
ELSEWHERE = Choice("Save as…", "save-as")
NOT_IN_NAMES = str.maketrans(dict.fromkeys('/\\:*?"<>|', "-"))


class SceneFiles(QObject):
    """What the File menu does with scenes; `folder` is where dialogs begin."""

    def __init__(self, store: Store, window: "MainWindow") -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self._known: dict[Path, Stamp | None] = {}  # of files as they were read or written here

    def new(self) -> None:
        """Begin anew, once unsaved changes are saved or discarded."""
        if self.may_leave():
            self._store.apply(filing.new_scene)

    def open(self, path: Path) -> None:
        """Open the scene in a file, or say why not and keep what is shown."""
        read = stamp(path)
        try:
            scene = read_scene(path)
        except FileError as error:
            self._tell(str(error))
            return
        if self.may_leave():
            self._known[path.absolute()] = read
            self._store.apply(filing.open_scene, scene, path.absolute())

    def save(self) -> bool:
        """Save into the file of the scene, or ask for one; return whether it was saved.

        A file that another window or program has written since is not overwritten unasked.
        """
        file = self._store.session.file
        if file is None:
            return self.save_as()
        if stamp(file) in (None, self._known.get(file)):
            return self._write(file)
        text = f"{one_line(file.name)} was changed elsewhere since it was opened or saved here."
        message = Message(text, "error", (OVERWRITE, ELSEWHERE))
        self._store.apply(transitions.show_message, message)
        return False

    def overwrite(self) -> None:
        """Save into the file of the scene, whatever it holds by now."""
        if file := self._store.session.file:
            self._write(file)

    def save_as(self) -> bool:
        """Ask for a file and save into it; return whether it was saved."""
        path = dialogs.ask_save_scene(self._window, self.suggested)
        return path is not None and self._write(path.absolute())

    @property
    def suggested(self) -> Path:
        """The file that the scene would be saved as, in a folder that is there."""
        known = self.meant
        return known if known.parent.is_dir() else self._window.export.open_folder / known.name

    @property
    def meant(self) -> Path:
        """The file that the scene would be saved as; no disk is asked, which could take long."""
        session = self._store.session
        known = session.file or session.recovered
        return known or self._window.export.open_folder / suggested_name(session)

    def may_leave(self) -> bool:
        """Return whether all may go: each page is saved, or the person saves or discards it."""
        self._store.finish_typing()
        first = self._store.session.rank
        return self._page_may_leave(first) and self._page_may_leave(3 - first)

    def _page_may_leave(self, rank: int) -> bool:
        """Show the page of signals (1) or images (2) and ask about it, if it holds work."""
        page = on_page(self._store.session, rank)
        if not (page_of(page).is_modified or page.attempt is not None):
            return True
        self._store.apply(on_page, rank)
        session = self._store.session
        name = scene_name(session, derive_scene(session))
        match dialogs.ask_unsaved(self._window, name, unfit=session.attempt is not None):
            case "save":
                return self.save()
            case "discard":
                return True
            case _:
                return False

    def _write(self, path: Path) -> bool:
        session = self._store.session
        try:
            atomic_write(
                path, checked_scene_bytes(filing.bound_for(session, path)), follow_links=True
            )
        except WriteError as error:
            self._tell(str(error))
            return False
        except Refusal as error:
            self._tell(f"cannot write {one_line(str(path))}: {error}")
            return False
        self._window.export.folder = path.parent
        self._known[path] = stamp(path)
        self._store.apply(filing.mark_saved, session.document, path)
        if session.attempt is not None:
            self._tell(f"{one_line(path.name)} is saved without the setting that does not fit")
        return True

    def _tell(self, text: str) -> None:
        self._store.apply(transitions.show_message, Message(text, "error"))


def scene_name(session: Session, scene: Scene) -> str:
    """Return what a session is called: as its file, or as what it shows."""
    known = session.file or session.recovered
    return one_line(known.stem) if known else scene.title


def suggested_name(session: Session) -> str:
    """Return a file name for a scene that has none."""
    return f"{session.document.image_name.translate(NOT_IN_NAMES)}{SCENE_SUFFIX}"

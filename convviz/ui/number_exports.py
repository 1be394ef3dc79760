"""NumberExports: a map or the updates as a file of numbers, and everything as a spreadsheet."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from convviz.engine.geometry import counted
from convviz.engine.problems import times
from convviz.export.frames import frame_stem
from convviz.export.map_files import MAP_WRITERS
from convviz.export.spreadsheet import SPREADSHEET_SUFFIX, spreadsheet_bytes
from convviz.export.updates import UPDATES_SEPARATORS, updates_bytes
from convviz.files.atomic import WriteError, atomic_write
from convviz.files.errors import Refusal, one_line
from convviz.model import transitions
from convviz.model.document import compute
from convviz.model.session import Choice, Message, Session
from convviz.ui import dialogs
from convviz.ui.store import Store

if TYPE_CHECKING:
    from convviz.ui.main_window import MainWindow


class NumberExports:
    """Asks where to, writes, and says what was written or why not."""

    def __init__(self, store: Store, window: "MainWindow") -> None:
        self._store, self._window = store, window

    def export_map(self) -> None:
        """Write the map that is shown as a table, or all maps of the layer as NPY."""
        session = self._store.session
        suggested = self._suggested(session, "_map", next(iter(filter(_is_table, MAP_WRITERS))))
        path = dialogs.ask_save_map(self._window, suggested)
        if path is not None:
            self._write(path, lambda: map_bytes(session, path), map_words(session, path))

    def export_updates(self) -> None:
        """Write loss and weights after every update as a table."""
        session = self._store.session
        suggested = self._suggested(session, "_updates", next(iter(UPDATES_SEPARATORS)))
        path = dialogs.ask_save_updates(self._window, suggested)
        if path is not None and (run := session.run) is not None:
            words = f"loss and weights after each of {counted(run.last, 'update')}"
            self._write(path, lambda: updates_bytes(run, path), words)

    def export_spreadsheet(self) -> None:
        """Write image and layers as sheets with formulas."""
        session = self._store.session
        suggested = self._suggested(session, "", SPREADSHEET_SUFFIX)
        path = dialogs.ask_save_spreadsheet(self._window, suggested)
        if path is not None:
            self._write(path, lambda: spreadsheet_bytes(session.document), "its cells are formulas")

    def _suggested(self, session: Session, addition: str, suffix: str) -> Path:
        stem = frame_stem(session.document.image_name)
        return self._window.export.folder / f"{stem}{addition}{suffix}"

    def _write(self, path: Path, make: Callable[[], bytes], words: str) -> None:
        try:
            atomic_write(path, make())
        except (Refusal, WriteError) as error:
            self._tell(Message(f"{error}", "error"))
            return
        self._window.export.folder = path.parent
        folder = Choice("Show in folder", "show-folder", str(path.parent))
        self._tell(Message(f"Exported {one_line(path.name)}: {words}", choices=(folder,)))

    def _tell(self, message: Message) -> None:
        self._store.apply(transitions.show_message, message)


def _is_table(suffix: str) -> bool:
    return suffix != ".npy"  # which holds all maps


def map_bytes(session: Session, path: Path) -> bytes:
    """Return the maps of the layer in focus as the file `path` holds them.

    Raises
    ------
    Refusal
        When the name has none of the suffixes of MAP_WRITERS.
    """
    suffix = path.suffix.lower()
    if suffix not in MAP_WRITERS:
        raise Refusal(
            f"{one_line(path.name)} ends in none of {', '.join(MAP_WRITERS)}: choose one of them"
        )
    maps = compute(session.document, session.layer).maps
    alone = _is_table(suffix) or maps.shape[:-1] == (1,)  # a signal, as NumPy has it
    return MAP_WRITERS[suffix](maps[session.channel] if alone else maps)


def map_words(session: Session, path: Path) -> str:
    """Say what of the maps is in the file."""
    maps = compute(session.document, session.layer).maps
    if maps.shape[:-1] == (1,):
        return counted(maps.size, "sample")
    if len(maps) == 1 or not _is_table(path.suffix.lower()):
        return f"{times(maps.shape)} cells"
    return f"feature map {session.channel} of {len(maps)}, {times(maps.shape[1:])} cells"

"""Runner: runs commands by name, and what the choices of messages ask for."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject, Qt, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication

from convviz import __version__
from convviz.files.scenes import is_scene
from convviz.files.weights import holds_weights
from convviz.model import cell_changes, transitions
from convviz.model.derive import derive_scene
from convviz.model.session import Choice, Message, Session
from convviz.render.theme import Theme
from convviz.ui import dialogs
from convviz.ui.archive_panel import several_arrays
from convviz.ui.clipboard import copied_to_open, copy_cells, paste_cells
from convviz.ui.commands import COMMANDS
from convviz.ui.gallery_window import GalleryWindow
from convviz.ui.incoming import files_in, others_in, picture_in, refusal_in
from convviz.ui.learn_files import open_another, open_target
from convviz.ui.number_exports import NumberExports
from convviz.ui.open_file import scale_input, show_bytes, show_file, take_channels
from convviz.ui.padding_window import PaddingWindow
from convviz.ui.pane import ZOOM_PER_NOTCH, Pane
from convviz.ui.settings_window import SettingsWindow
from convviz.ui.shortcuts_window import ShortcutsWindow
from convviz.ui.store import Store
from convviz.ui.training_window import TrainingWindow
from convviz.ui.weights_files import WeightsFiles

if TYPE_CHECKING:
    from collections.abc import Callable

    from convviz.ui.main_window import MainWindow


PASTES = {
    "paste-enlarging": cell_changes.paste_enlarging,
    "paste-fitting": cell_changes.paste_fitting,
}


class Runner(QObject):
    """Transitions go to the store; what is none, such as opening a file, is done here."""

    def __init__(self, store: Store, window: "MainWindow") -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self._shortcuts: ShortcutsWindow | None = None
        self.padding: PaddingWindow | None = None
        self.weights = WeightsFiles(store, window)
        self.settings: SettingsWindow | None = None
        self.gallery: GalleryWindow | None = None
        self.training: TrainingWindow | None = None
        self._own: dict[str, Callable[[], None]] = {
            "new": window.scenes.new,
            "open": self._open,
            "open-target": self._open_target,
            "learn-from-file": self._open_another,
            "weights": self.weights.ask,
            "examples": self._show_gallery,
            "save": self._save,
            "save-as": self._save_as,
            "export": self._export,
            "export-map": self._export_map,
            "export-updates": self._export_updates,
            "export-spreadsheet": self._export_spreadsheet,
            "quit": self._quit,
            "cut": self._cut,
            "copy": self._copy,
            "paste": self._paste,
            "copy-frame": self._copy_frame,
            "copy-sentence": self._copy_sentence,
            "zoom-in": self._zoom_in,
            "zoom-out": self._zoom_out,
            "full-screen": self._toggle_full_screen,
            "crop": self._open_crop,
            "go-to": self._open_go_to,
            "scale-kernel": self._open_scaling,
            "random-kernel": self._open_drawing,
            "padding-rules": self._show_padding,
            "train": self._show_training,
            "settings": self._show_settings,
            "shortcuts": self._show_shortcuts,
            "about": self._show_about,
        }

    def run_sender(self) -> None:
        """Run the command of the action that was triggered."""
        action = self.sender()
        if isinstance(action, QAction):
            self.run(str(action.data()))

    def run(self, name: str) -> None:
        """Run a command by name, after committing an open field where the store does not."""
        command = COMMANDS[name]
        if name == "escape" and self._store.session.stroke is None and self._close_strips():
            return
        if command.transition is not None:
            if command.apply(self._store.session) is self._store.session:
                self._store.finish_typing()  # what changes nothing may change what was typed
            self._store.apply(command.apply)
        else:
            self._store.finish_typing()
            self._own[name]()

    def run_choice(self, choice: Choice) -> None:
        """Do what a button of a message says."""
        match choice.command:
            case "scale":
                self._store.apply(scale_input, choice.argument)
            case "channels":
                self._store.apply(take_channels, choice.argument)
            case "paste-enlarging" | "paste-fitting":
                self._store.apply(transitions.dismiss)
                self._store.apply(PASTES[choice.command], choice.argument)
            case "export-all":
                self._store.apply(transitions.dismiss)
                self._window.export.start_many()
            case "overwrite":
                self._store.apply(transitions.dismiss)
                self._window.scenes.overwrite()
            case "recovery":
                self._window.recovery.answer(str(choice.argument))
            case "show-folder":
                folder = Path(str(choice.argument)).absolute()
                QDesktopServices.openUrl(QUrl.fromEncoded(folder.as_uri().encode()))
            case name:
                self._store.apply(transitions.dismiss)
                self.run(name)

    def open_path(self, path: Path, array: str | None = None) -> None:
        """Open the scene, image or array in a file, or list its weights; or say why not.

        `array` is which one of an NPZ file; without it the person chooses among several.
        """
        self._window.export.folder = path.parent
        self._window.archive.hide()
        if is_scene(path):
            self._window.scenes.open(path)
        elif array is None and holds_weights(path):
            self.weights.open(path)
        elif array is None and (entries := several_arrays(path)):
            self._store.apply(transitions.dismiss)
            self._window.archive.open(path, entries)
        else:
            self._store.apply(show_file, path, array)

    def open_incoming(self, data: QMimeData, name: str) -> None:
        """Open the first file or the picture that another program hands over, or say why not."""
        if files := files_in(data):
            self.open_path(files[0])
            if others := others_in(data):
                self._store.apply(transitions.add_message, Message(others))
        elif picture := picture_in(data):
            self._window.archive.hide()
            self._store.apply(show_bytes, picture, name)
        else:
            self._store.apply(transitions.show_message, Message(refusal_in(data), "error"))

    def focus_next_pane(self) -> None:
        """Give the keyboard to the pane after the one that has it."""
        panes = [pane for pane in self._window.stage.panes if pane.isVisible()]
        if not panes:
            return
        focused = [number for number, pane in enumerate(panes) if pane.hasFocus()]
        following = (focused[0] + 1) % len(panes) if focused else 0
        panes[following].setFocus(Qt.FocusReason.TabFocusReason)

    def _close_strips(self) -> bool:
        """Let Esc close the strip that is open."""
        for strip in (*self._window.closable, self._window.crop):
            if strip.isVisible():
                strip.hide()
                return True
        if self._window.isFullScreen():
            self._window.showNormal()
            return True
        return False

    def _quit(self) -> None:
        self._window.close()

    def _open(self) -> None:
        path = dialogs.ask_open(self._window, self._window.export.open_folder)
        if path is not None:
            self.open_path(path)

    def _open_target(self) -> None:
        path = dialogs.ask_open(self._window, self._window.export.open_folder)
        if path is not None:
            self._store.apply(open_target, path)

    def _open_another(self) -> None:
        path = dialogs.ask_open(self._window, self._window.export.open_folder)
        if path is not None:
            self._store.apply(open_another, path)

    def _save(self) -> None:
        self._window.scenes.save()

    def _save_as(self) -> None:
        self._window.scenes.save_as()

    def _export(self) -> None:
        self._window.export.open()

    def _export_map(self) -> None:
        NumberExports(self._store, self._window).export_map()

    def _export_updates(self) -> None:
        NumberExports(self._store, self._window).export_updates()

    def _export_spreadsheet(self) -> None:
        NumberExports(self._store, self._window).export_spreadsheet()

    def _cut(self) -> None:
        if copy_cells(self._store.session):
            self._store.apply(cell_changes.cut)

    def _copy(self) -> None:
        if not copy_cells(self._store.session):
            self._copy_frame()

    def _paste(self) -> None:
        data = copied_to_open()
        if data is None:
            self._store.apply(paste_cells)
        else:
            self.open_incoming(data, "Pasted picture")

    def _copy_frame(self) -> None:
        self._window.export.copy_frame()

    def _copy_sentence(self) -> None:
        QGuiApplication.clipboard().setText(derive_scene(self._store.session).sentence)
        self._note("The dot product is in the clipboard as text")

    def _zoom_in(self) -> None:
        self._zoomed_pane().zoom_by(ZOOM_PER_NOTCH)

    def _zoom_out(self) -> None:
        self._zoomed_pane().zoom_by(1 / ZOOM_PER_NOTCH)

    def _zoomed_pane(self) -> Pane:
        """Return the pane with the keyboard or under the mouse, else the first."""
        grids = self._window.stage.zoomed
        chosen = [pane for pane in grids if pane.hasFocus()]
        chosen += [pane for pane in grids if pane.underMouse()]
        return chosen[0] if chosen else grids[0]

    def _toggle_full_screen(self) -> None:
        if self._window.isFullScreen():
            self._window.showNormal()
        else:
            self._window.showFullScreen()

    def _open_crop(self) -> None:
        self._window.archive.hide()
        self._window.crop.open(self._store.session, self._window.theme)

    def _open_go_to(self) -> None:
        self._window.kernel_strip.hide()
        self._window.go_to.open()

    def _open_scaling(self) -> None:
        self._window.go_to.hide()
        self._window.kernel_strip.open_scaling(self._window.theme)

    def _open_drawing(self) -> None:
        self._window.go_to.hide()
        self._window.kernel_strip.open_drawing(self._window.theme)

    def _show_padding(self) -> None:
        if self.padding is None:
            self.padding = PaddingWindow(self._store, self._window)
        self.padding.open(self._window.theme)

    def _show_training(self) -> None:
        if self.training is None:
            self.training = TrainingWindow(self._store, self._window)
        self.training.open(self._window.theme)

    def stop(self) -> None:
        """End what runs in the windows beside the main one."""
        if self.training is not None:
            self.training.stop()

    def _show_gallery(self) -> None:
        if self.gallery is None:
            self.gallery = GalleryWindow(self._store, self._window)
        self.gallery.open(self._window.theme)

    def _show_settings(self) -> None:
        if self.settings is None:
            self.settings = SettingsWindow(self._store, self._window)
        self.settings.open(self._window.theme)

    def show_session(self, session: Session, theme: Theme) -> None:
        """Let the windows beside the main one follow the session."""
        for beside in (self.padding, self.settings, self.weights.browser):
            if beside is not None:
                beside.show_session(session, theme)
        for dressed in (self.gallery, self.training):
            if dressed is not None:
                dressed.show_theme(theme)

    def _show_shortcuts(self) -> None:
        if self._shortcuts is None:
            self._shortcuts = ShortcutsWindow(self._window)
        self._shortcuts.come_forward()

    def _show_about(self) -> None:
        self._note(
            f"convviz {__version__} — see every multiplication of a convolution layer. MIT License."
        )

    def _note(self, text: str) -> None:
        self._store.apply(transitions.show_message, Message(text))

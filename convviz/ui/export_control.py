"""ExportControl: from what is chosen in the panel to files, with progress and an end."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QGuiApplication

from convviz.export.frames import (
    LEAST_SIZE,
    ExportError,
    FrameOptions,
    check_free,
    frame_image,
    frame_name,
    frame_paths,
    frame_stem,
    write_frame,
    write_frames,
)
from convviz.files.atomic import WriteError
from convviz.files.errors import one_line
from convviz.model import transitions
from convviz.model.session import Choice, Message, Session
from convviz.ui import dialogs
from convviz.ui.export_panel import ExportJob, ExportPanel
from convviz.ui.message_strip import ProgressStrip
from convviz.ui.store import Store

if TYPE_CHECKING:
    from convviz.ui.main_window import MainWindow

MANY_FRAMES = 5_000  # more are written only when asked for twice


class ExportControl(QObject):
    """Owns the panel, the progress strip and the job that runs, of which there is one at most."""

    def __init__(self, store: Store, window: "MainWindow") -> None:
        super().__init__(window)
        self._store, self._window = store, window
        recent = store.session.recent
        self.folder = recent[0].parent if recent else Path.home()  # the last one used
        self.job: ExportJob | None = None
        self.panel = ExportPanel()
        self.progress = ProgressStrip(self.cancel)
        self.panel.chosen.connect(self.start)

    @property
    def open_folder(self) -> Path:
        """Where files are looked for: in the folder that a person set, else the last one used."""
        return self._store.session.habits.open_folder or self.folder

    @property
    def export_folder(self) -> Path:
        """Where frames go, likewise."""
        return self._store.session.habits.export_folder or self.folder

    def open(self) -> None:
        """Show what can be chosen."""
        self.panel.open(self._store.session, self._window.theme)

    @property
    def screen_size(self) -> QSize:
        """The size of the scene on the screen, or the least of a frame where that is larger."""
        return self._window.frame_size.expandedTo(QSize(*LEAST_SIZE))

    @property
    def screen_options(self) -> FrameOptions:
        """A frame as it is on the screen."""
        size = self.screen_size
        return FrameOptions(size.width(), size.height(), 1, self._window.theme)

    def copy_frame(self) -> None:
        """Put the scene into the clipboard as a picture."""
        try:
            image = frame_image(self._store.session, self.screen_options)
        except ExportError as error:
            self._tell(Message(f"{error}", "error"))
            return
        QGuiApplication.clipboard().setImage(image)
        size = f"{image.width()} × {image.height()}"
        self._tell(Message(f"The frame is in the clipboard as a picture of {size}"))

    def start(self) -> None:
        """Write what is chosen, or ask once more when that is much."""
        self._start(agreed=False)

    def start_many(self) -> None:
        """Write what is chosen, however much it is."""
        self._start(agreed=True)

    def cancel(self) -> None:
        """Stop after the frame that is being written."""
        if self.job:
            self.job.cancel()

    def _start(self, *, agreed: bool) -> None:
        session = self._store.session
        try:
            options = self.panel.options(self.screen_size, self._window.theme)
            if self.panel.single:
                self._write_one(session, options)
            else:
                self._write_many(session, options, agreed)
        except (ExportError, WriteError) as error:
            self._tell(Message(f"{error}", "error"))

    def _write_one(self, session: Session, options: FrameOptions) -> None:
        stem = frame_stem(session.document.image_name)
        name = frame_name(session, stem, session.cursor.step)
        path = dialogs.ask_save_png(self._window, self.export_folder / name)
        if path is None:
            return
        self.folder = path.parent
        write_frame(session, path, options)
        self.panel.hide()
        self._tell(Message(f"Exported {one_line(path.name)}", choices=(_show_folder(path.parent),)))

    def _write_many(self, session: Session, options: FrameOptions, agreed: bool) -> None:
        if self.job is not None:
            raise ExportError("an export is still running: wait for it, or cancel it")
        folder = dialogs.ask_folder(self._window, self.export_folder)
        if folder is None:
            return
        self.folder = folder
        steps = self.panel.steps(session)
        paths = frame_paths(session, folder, frame_stem(session.document.image_name), steps)
        if not self.panel.overwrite.isChecked():
            check_free(paths)
        if len(paths) > MANY_FRAMES and not agreed:
            self._ask_for_many(len(paths))
            return
        self.panel.hide()
        self.job = ExportJob(write_frames(session, paths, steps, options), paths, self)
        self.job.progressed.connect(self.progress.show_progress)
        self.job.ended.connect(self._end)
        self.progress.show_progress(0, len(paths), None)
        self.progress.show()

    def _ask_for_many(self, count: int) -> None:
        choice = Choice(f"Write {count:,} frames", "export-all")
        text = f"These are {count:,} frames: they take long, and much space. A range can be chosen."
        self._tell(Message(text, choices=(choice,)))

    def _end(self, written: int, error: OSError | None) -> None:
        job, self.job = self.job, None
        self.progress.hide()
        if job is None:
            return
        total, folder = len(job.paths), job.paths[0].parent
        job.deleteLater()
        choices = (_show_folder(folder),)
        frames = f"{written:,} {'frame' if written == 1 else 'frames'}"
        if error is not None:
            self.panel.show()
            text = f"{error} ({frames} of {total:,} were written)"
            self._tell(Message(text, "error", choices))
        elif written < total:
            text = f"Cancelled: {frames} of {total:,} were written, each whole"
            self._tell(Message(text, choices=choices))
        else:
            self._tell(Message(f"Exported {frames} to {one_line(str(folder))}", choices=choices))

    def _tell(self, message: Message) -> None:
        self._store.apply(transitions.show_message, message)


def _show_folder(folder: Path) -> Choice:
    return Choice("Show in folder", "show-folder", str(folder))

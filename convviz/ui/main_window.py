"""MainWindow: session -> scene -> panes, and the commands that are no transitions."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt, QUrl
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QAction,
    QActionGroup,
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from convviz import __version__
from convviz.export.frames import (
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
from convviz.model import transitions
from convviz.model.numbers import signed
from convviz.model.scene import Scene, derive_scene
from convviz.model.session import Choice, Message, Session
from convviz.render.frame import MARGIN
from convviz.render.theme import Theme
from convviz.ui import dialogs
from convviz.ui.commands import COMMANDS, TENTHS, Command
from convviz.ui.export_panel import ExportJob, ExportPanel
from convviz.ui.failures import Failures
from convviz.ui.go_to_strip import GoToStrip
from convviz.ui.layer_panel import LayerPanel
from convviz.ui.message_strip import MessageStrip, ProgressStrip
from convviz.ui.open_file import scale_choices, scale_input, show_file
from convviz.ui.own_keys import OwnKeys
from convviz.ui.pane import ZOOM_PER_NOTCH, Pane
from convviz.ui.player import Player
from convviz.ui.shortcuts_window import ShortcutsWindow
from convviz.ui.stage import Stage
from convviz.ui.store import Store
from convviz.ui.style import palette, style_sheet, theme_of
from convviz.ui.transport_bar import TransportBar

FIRST_SIZE = QSize(1280, 800)
LEAST_SIZE = QSize(1216, 680)
SPACING = 10
MANY_FRAMES = 5_000  # more are written only when asked for twice


class MainWindow(QMainWindow):
    """Panel at the left, the scene in the middle, the transport below it."""

    def __init__(self, store: Store, player: Player) -> None:
        super().__init__()
        self._store, self._player = store, player
        self.failures = Failures(store, self)
        self._theme: Theme | None = None
        self._scene: Scene | None = None
        self._spoken = ""
        self._acted: tuple[object, ...] = ()
        self._folder = Path.home()
        self.job: ExportJob | None = None
        self._shortcuts: ShortcutsWindow | None = None
        self.actions_by_name = {name: self._action(c) for name, c in COMMANDS.items()}
        self.stage = Stage(store)
        self.panel = LayerPanel(store)
        self.transport = TransportBar(store, self.actions_by_name)
        self.message = MessageStrip(store, self._run_choice)
        self.progress = ProgressStrip(self._cancel_export)
        self.export_panel = ExportPanel()
        self.go_to = GoToStrip(store)
        self.status = QLabel()
        self._lay_out()
        self._connect()
        self.show_session(store.session)

    # Building

    def _lay_out(self) -> None:
        centre = QWidget()
        centre.setObjectName("centre")
        column = QVBoxLayout()
        column.setContentsMargins(14, 12, 14, 8)
        column.setSpacing(SPACING)
        for widget in (self.message, self.progress, self.go_to):
            column.addWidget(widget)
        column.addWidget(self.stage, 1)
        column.addWidget(self.export_panel)
        column.addWidget(self.transport)
        row = QHBoxLayout(centre)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.panel)
        row.addLayout(column, 1)
        self.setCentralWidget(centre)
        self._make_menus()
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setAccessibleDescription("Present step")  # its name is what it says
        self.status.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.status.setContentsMargins(14, 0, 8, 3)
        self.statusBar().addWidget(self.status, 1)
        self.statusBar().setSizeGripEnabled(False)
        self._keys = OwnKeys(self)
        self._keys.adopt(centre)
        self.setAcceptDrops(True)
        self.setAnimated(False)  # an animation of the layout per step otherwise
        self.setMinimumSize(LEAST_SIZE)
        self.resize(FIRST_SIZE)

    def _action(self, command: Command) -> QAction:
        action = QAction(command.text, self)
        action.setShortcuts([QKeySequence(key) for key in command.keys])
        action.setCheckable(command.checked is not None)
        tip = command.tip or command.text.replace("&", "").rstrip("…")
        action.setToolTip(tip)
        action.setStatusTip("")
        action.setData(command.name)
        action.triggered.connect(self._run_sender)
        return action

    def _make_menus(self) -> None:
        menus: dict[str, QMenu] = {}
        groups: dict[str, QActionGroup] = {}
        for command in COMMANDS.values():
            menu = menus.get(command.menu) or QMenu(command.menu, self)
            menus[command.menu] = menu
            if command.separated:
                menu.addSeparator()
            action = self.actions_by_name[command.name]
            menu.addAction(action)
            if command.group:
                group = groups.setdefault(command.group, QActionGroup(self))
                group.addAction(action)
        for menu in menus.values():
            self.menuBar().addMenu(menu)
        for key, fraction in TENTHS:
            tenth = QAction(self)
            tenth.setShortcut(QKeySequence(key))
            tenth.setData(fraction)
            tenth.triggered.connect(self._seek_tenth)
            self.addAction(tenth)
        next_pane = QAction("Next pane", self)
        next_pane.setShortcut(QKeySequence("F6"))
        next_pane.triggered.connect(self._focus_next_pane)
        self.addAction(next_pane)

    def _connect(self) -> None:
        self._store.changed.connect(self.show_session)
        self.panel.open.clicked.connect(self.actions_by_name["open"].trigger)
        self.panel.resize_input.clicked.connect(self._offer_scaling)
        self.export_panel.chosen.connect(self._export_chosen)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)

    def pane_menu(self, pane: Pane) -> QMenu:
        """Return the context menu of a pane: actions of the menus."""
        menu = QMenu(self)
        names = ("pin", "fit", "zoom-in", "zoom-out", "", "copy-frame", "copy-sentence", "export")
        for name in names:
            if name:
                menu.addAction(self.actions_by_name[name])
            else:
                menu.addSeparator()
        menu.setAccessibleName(f"{pane.title} menu")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu

    # Showing

    def show_session(self, session: Session) -> None:
        """Show `session`: the one way from state to screen."""
        self._player.render(session)
        theme = theme_of(session.view.theme)
        if theme is not self._theme:
            self._theme = theme
            self._dress(theme)
        self.message.show_message(session.message, theme)  # even when something below fails
        scene = self._scene = derive_scene(session)
        self.stage.render_scene(session, scene, theme)
        self.panel.show_session(session, scene, theme)
        self.transport.show_session(session, scene, theme)
        self.status.setText(scene.status or signed(scene.sentence))
        title = f"{scene.title} — convviz"
        if title != self.windowTitle():
            self.setWindowTitle(title)
        self._show_actions(session)
        self._announce(session, scene)

    def _dress(self, theme: Theme) -> None:
        QApplication.setPalette(palette(theme))
        self.setStyleSheet(style_sheet(theme))

    def _show_actions(self, session: Session) -> None:
        state = (
            session.document,
            session.attempt,
            session.history,
            session.view,
            session.pin,
            session.playback,
        )
        if state == self._acted:
            return
        self._acted = state
        for name, command in COMMANDS.items():
            action = self.actions_by_name[name]
            if command.checked is not None:
                action.setChecked(command.checked(session))
            if command.enabled is not None:
                action.setEnabled(command.enabled(session))
        past, future = session.history.past, session.history.future
        undo = "the setting" if session.attempt else past[-1].name if past else ""
        redo = future[-1].name if future else ""
        for name, verb, change in (("undo", "&Undo", undo), ("redo", "&Redo", redo)):
            text = f"{verb} {change.replace('&', '&&')}"  # a file may be called R&D
            self.actions_by_name[name].setText(text.rstrip())

    def _announce(self, session: Session, scene: Scene) -> None:
        """Tell screen readers the present step, except while playing."""
        if session.playback.playing or scene.sentence == self._spoken:
            return
        self._spoken = scene.sentence
        self.stage.dot.setAccessibleDescription(scene.sentence)
        if QAccessible.isActive():
            event = QAccessibleEvent(self.stage.dot, QAccessible.Event.DescriptionChanged)
            QAccessible.updateAccessibility(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.actions_by_name["full-screen"].setText(
                "Leave f&ull screen" if self.isFullScreen() else "F&ull screen"
            )

    def _scheme_changed(self) -> None:
        self.show_session(self._store.session)

    # Commands

    def _run_sender(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.run(str(action.data()))

    def run(self, name: str) -> None:
        """Run a command by name."""
        command = COMMANDS[name]
        if name == "escape" and self._close_strips():
            return
        if command.transition is not None:
            self._store.apply(command.transition, *command.arguments)
        else:
            self._own_commands()[name]()

    def _own_commands(self) -> dict[str, Callable[[], None]]:
        return {
            "open": self._open,
            "export": self._open_export,
            "quit": self._quit,
            "copy-frame": self._copy_frame,
            "copy-sentence": self._copy_sentence,
            "zoom-in": self._zoom_in,
            "zoom-out": self._zoom_out,
            "full-screen": self._toggle_full_screen,
            "go-to": self.go_to.open,
            "shortcuts": self._show_shortcuts,
            "about": self._show_about,
        }

    def _close_strips(self) -> bool:
        """Let Esc close the strip that is open."""
        for strip in (self.go_to, self.export_panel):
            if strip.isVisible():
                strip.hide()
                return True
        if self.isFullScreen():
            self.showNormal()
            return True
        return False

    def _run_choice(self, choice: Choice) -> None:
        match choice.command:
            case "scale":
                self._store.apply(scale_input, choice.argument)
            case "export-all":
                self._store.apply(transitions.dismiss)
                self._export_chosen(agreed=True)
            case "show-folder":
                QDesktopServices.openUrl(QUrl.fromLocalFile(str(choice.argument)))
            case name:
                self._store.apply(transitions.dismiss)
                self.run(name)

    def _quit(self) -> None:
        self.close()

    def _open(self) -> None:
        path = dialogs.ask_open(self, self._folder)
        if path is not None:
            self.open_path(path)

    def open_path(self, path: Path) -> None:
        """Show the image or array in a file, or say why not."""
        self._folder = path.parent
        self._store.apply(show_file, path)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        urls = [url for url in event.mimeData().urls() if url.isLocalFile()]
        if urls:
            self.open_path(Path(urls[0].toLocalFile()))

    def _offer_scaling(self) -> None:
        rows, columns = self._store.session.document.image.shape[-2:]
        choices = scale_choices(rows, columns)
        offer = "Scale it to" if choices else "It is small enough to read every number."
        text = f"The input has {rows} × {columns} cells. {offer}"
        self._store.apply(transitions.show_message, Message(text, choices=choices))

    def _seek_tenth(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._store.apply(transitions.seek_fraction, action.data())

    def _focus_next_pane(self) -> None:
        panes = self.stage.panes
        focused = [number for number, pane in enumerate(panes) if pane.hasFocus()]
        following = (focused[0] + 1) % len(panes) if focused else 0
        panes[following].setFocus(Qt.FocusReason.TabFocusReason)

    def _zoom_in(self) -> None:
        self._zoomed_pane().zoom_by(ZOOM_PER_NOTCH)

    def _zoom_out(self) -> None:
        self._zoomed_pane().zoom_by(1 / ZOOM_PER_NOTCH)

    def _zoomed_pane(self) -> Pane:
        """Return the pane with the keyboard or under the mouse, else the input's."""
        chosen = [p for p in self.stage.panes[:3] if p.hasFocus()]
        chosen += [p for p in self.stage.panes[:3] if p.underMouse()]
        return chosen[0] if chosen else self.stage.input

    def _toggle_full_screen(self) -> None:
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def _show_shortcuts(self) -> None:
        if self._shortcuts is None:
            self._shortcuts = ShortcutsWindow(self)
        self._shortcuts.show()
        self._shortcuts.raise_()

    def _show_about(self) -> None:
        text = (
            f"convviz {__version__} — see every multiplication of a convolution layer. MIT License."
        )
        self._store.apply(transitions.show_message, Message(text))

    # Export

    @property
    def frame_size(self) -> QSize:
        """The size of a frame whose panes are those on the screen."""
        stage = self.stage.size()
        strips = (self.message, self.progress, self.go_to, self.export_panel)
        taken = sum(strip.height() + SPACING for strip in strips if strip.isVisible())
        height = stage.height() + taken - self.stage.footer
        return QSize(stage.width() + 2 * MARGIN, height + 2 * MARGIN)

    def _frame_options(self) -> FrameOptions:
        theme = theme_of(self._store.session.view.theme)
        return FrameOptions(self.frame_size.width(), self.frame_size.height(), 1, theme)

    def _copy_frame(self) -> None:
        image = frame_image(self._store.session, self._frame_options())
        QGuiApplication.clipboard().setImage(image)
        size = f"{image.width()} × {image.height()}"
        self._note(f"The frame is in the clipboard as a picture of {size}")

    def _copy_sentence(self) -> None:
        if self._scene:
            QGuiApplication.clipboard().setText(self._scene.sentence)
            self._note("The dot product is in the clipboard as text")

    def _note(self, text: str, tone: str = "note", choices: tuple[Choice, ...] = ()) -> None:
        message = Message(text, "error" if tone == "error" else "note", choices)
        self._store.apply(transitions.show_message, message)

    def _open_export(self) -> None:
        self.export_panel.open(self._store.session, theme_of(self._store.session.view.theme))

    def _export_chosen(self, *, agreed: bool = False) -> None:
        session = self._store.session
        try:
            options = self.export_panel.options(self.frame_size, theme_of(session.view.theme))
            if self.export_panel.single:
                self._export_one(session, options)
            else:
                self._export_many(session, options, agreed)
        except (ExportError, WriteError) as error:
            self._note(f"{error}", "error")

    def _export_one(self, session: Session, options: FrameOptions) -> None:
        stem = frame_stem(session.document.image_name)
        name = frame_name(stem, session.cursor.step + 1, session.step_count)
        path = dialogs.ask_save_png(self, self._folder / name)
        if path is None:
            return
        self._folder = path.parent
        write_frame(session, path, options)
        self.export_panel.hide()
        self._note(f"Exported {path.name}", choices=(_show_folder(path.parent),))

    def _export_many(self, session: Session, options: FrameOptions, agreed: bool) -> None:
        if self.job is not None:
            raise ExportError("an export is still running: wait for it, or cancel it")
        folder = dialogs.ask_folder(self, self._folder)
        if folder is None:
            return
        self._folder = folder
        steps = self.export_panel.steps(session)
        paths = frame_paths(session, folder, frame_stem(session.document.image_name), steps)
        if not self.export_panel.overwrite.isChecked():
            check_free(paths)
        if len(paths) > MANY_FRAMES and not agreed:
            self._ask_for_many(len(paths))
            return
        self.export_panel.hide()
        self.job = ExportJob(write_frames(session, paths, steps, options), paths, self)
        self.job.progressed.connect(self.progress.show_progress)
        self.job.ended.connect(self._export_ended)
        self.progress.show_progress(0, len(paths), None)
        self.progress.show()

    def _ask_for_many(self, count: int) -> None:
        choice = Choice(f"Write {count:,} frames", "export-all")
        text = f"These are {count:,} frames: they take long, and much space. A range can be chosen."
        self._note(text, choices=(choice,))

    def _cancel_export(self) -> None:
        if self.job:
            self.job.cancel()

    def _export_ended(self, written: int, error: OSError | None) -> None:
        job, self.job = self.job, None
        self.progress.hide()
        if job is None:
            return
        total, folder = len(job.paths), job.paths[0].parent
        job.deleteLater()
        choices = (_show_folder(folder),)
        frames = f"{written:,} {'frame' if written == 1 else 'frames'}"
        if error is not None:
            self.export_panel.show()
            self._note(f"{error} ({frames} of {total:,} were written)", "error", choices)
        elif written < total:
            self._note(
                f"Cancelled: {frames} of {total:,} were written, each whole", choices=choices
            )
        else:
            self._note(f"Exported {frames} to {folder}", choices=choices)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._cancel_export()
        self._store.apply(transitions.pause)
        super().closeEvent(event)


def _show_folder(folder: Path) -> Choice:
    return Choice("Show in folder", "show-folder", str(folder))

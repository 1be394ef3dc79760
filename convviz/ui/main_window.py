"""MainWindow: session -> scene -> panes, and the commands that are no transitions."""

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeySequence,
)
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from convviz.model import transitions
from convviz.model.derive import derive_scene
from convviz.model.numbers import signed
from convviz.model.preferences import clear_recent
from convviz.model.scene import Scene
from convviz.model.session import Message, Session
from convviz.render.frame import MARGIN
from convviz.render.theme import Theme
from convviz.ui.archive_panel import ArchivePanel
from convviz.ui.cell_commands import CELL_MENU
from convviz.ui.commands import TENTHS
from convviz.ui.crop_panel import CropPanel
from convviz.ui.editable_pane import EditablePane
from convviz.ui.export_control import ExportControl
from convviz.ui.export_panel import ExportJob
from convviz.ui.failures import Failures
from convviz.ui.go_to_strip import GoToStrip
from convviz.ui.history_list import HistoryList
from convviz.ui.incoming import is_of_use
from convviz.ui.kernel_strip import KernelStrip
from convviz.ui.layer_panel import LayerPanel
from convviz.ui.learn_commands import FROM
from convviz.ui.menus import make_actions, make_menus, show_actions
from convviz.ui.message_strip import MessageStrip, Strip
from convviz.ui.own_keys import OwnKeys
from convviz.ui.paint_strip import PaintStrip
from convviz.ui.pane import Pane
from convviz.ui.player import Player
from convviz.ui.recent_menu import RecentMenu
from convviz.ui.recovery import Recovery
from convviz.ui.runner import Runner
from convviz.ui.scene_files import SceneFiles, scene_name
from convviz.ui.screen_room import ScreenRoom
from convviz.ui.short_label import ShortLabel
from convviz.ui.stage import Stage
from convviz.ui.store import Store
from convviz.ui.style import look_of, palette, style_sheet
from convviz.ui.transport_bar import TransportBar
from convviz.ui.typing_fields import finish_typing
from convviz.ui.verify_badge import VerifyBadge
from convviz.ui.workspace_tabs import WorkspaceTabs

FIRST_SIZE = QSize(1280, 800)
LEAST_SIZE = QSize(1216, 680)
WIDER = 64  # pixels that the transport needs beside the history
SPACING = 10
LATER = "Not now: the next start offers it again"


class MainWindow(QMainWindow):
    """Panel at the left, the scene in the middle, the transport below it."""

    def __init__(self, store: Store, player: Player) -> None:
        super().__init__()
        self._store, self._player = store, player
        self._theme: Theme | None = None
        self._scene: Scene | None = None
        self._shown: Session | None = None  # the last one that was shown without a failure
        self._spoken = ""
        self._acted: tuple[object, ...] = ()
        self.leaving = False  # without a question: it was asked, or nobody is there to answer
        self.scenes = SceneFiles(store, self)
        self.recovery = Recovery(store, self)
        self.failures = Failures(store, self.recovery, self)
        self.runner = Runner(store, self)
        self.actions_by_name = make_actions(self, self.runner.run_sender)
        self.tabs = WorkspaceTabs(store)
        self.paint = PaintStrip(store, self.actions_by_name)
        self.stage = Stage(store)
        self.panel = LayerPanel(store)
        self.history = HistoryList(store)
        self.transport = TransportBar(store, self.actions_by_name)
        self.message = MessageStrip(self.runner.run_choice, self._dismiss)
        self.offer = MessageStrip(self.runner.run_choice, self.recovery.put_off, LATER)
        self.export = ExportControl(store, self)
        self.export_panel, self.progress = self.export.panel, self.export.progress
        self.go_to, self.kernel_strip = GoToStrip(store), KernelStrip(store)
        self.archive, self.crop = ArchivePanel(), CropPanel(store)
        self.status = ShortLabel()
        self.verify = VerifyBadge(store)
        self._lay_out()
        self._connect()
        store.notify()

    @property
    def strips(self) -> tuple[Strip, ...]:
        """What takes room from the scene while it shows, from top to bottom."""
        return self.offer, self.message, self.progress, *self.closable

    @property
    def closable(self) -> tuple[Strip, ...]:
        """The strips that Esc closes."""
        return self.go_to, self.kernel_strip, self.archive, self.export_panel

    # Building

    def _lay_out(self) -> None:
        centre = QWidget()
        centre.setObjectName("centre")
        column = QVBoxLayout()
        column.setContentsMargins(14, 8, 14, 8)
        column.setSpacing(SPACING)
        column.addLayout(self._top())
        for strip in self.strips[:-1]:
            column.addWidget(strip)
        column.addWidget(self.stage, 1)
        column.addWidget(self.crop, 1)
        column.addWidget(self.export_panel)
        column.addWidget(self.transport)
        row = QHBoxLayout(centre)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.panel)
        row.addLayout(column, 1)
        row.addWidget(self.history)
        self.setCentralWidget(centre)
        make_menus(self, self.actions_by_name)
        self._add_recent()
        self._add_keys()
        self._lay_out_status()
        self._keys = OwnKeys(self)
        for widget in (centre, self.statusBar()):
            self._keys.adopt(widget)
        self.setAcceptDrops(True)
        self.setAnimated(False)  # an animation of the layout per step otherwise
        self.room = ScreenRoom(self, FIRST_SIZE)

    def _top(self) -> QHBoxLayout:
        """Return the row above the scene: workspaces, and tools to paint with."""
        row = QHBoxLayout()
        row.addWidget(self.tabs)
        row.addStretch(1)
        row.addWidget(self.paint)
        return row

    def _add_recent(self) -> None:
        """Put the menu of recent files below Open."""
        self.recent = RecentMenu(self, self.open_path, self._forget_recent, self._tell)
        menu = self.menuBar().actions()[0].menu()
        assert isinstance(menu, QMenu)
        below = menu.actions().index(self.actions_by_name["open"]) + 1
        menu.insertMenu(menu.actions()[below], self.recent)

    def _lay_out_status(self) -> None:
        self.status.setAccessibleDescription("Present step")  # its name is what it says
        self.status.setContentsMargins(0, 0, 8, 3)
        self.statusBar().addWidget(self.status, 1)
        self.statusBar().addPermanentWidget(self.recovery.keeper.mark)
        self.statusBar().addPermanentWidget(self.verify)
        self.statusBar().setSizeGripEnabled(False)

    def _add_keys(self) -> None:
        for key, fraction in TENTHS:
            tenth = QAction(self)
            tenth.setShortcut(QKeySequence(key))
            tenth.setData(fraction)
            tenth.triggered.connect(self._seek_tenth)
            self.addAction(tenth)
        next_pane = QAction("Next pane", self)
        next_pane.setShortcut(QKeySequence("F6"))
        next_pane.triggered.connect(self.runner.focus_next_pane)
        self.addAction(next_pane)

    def _connect(self) -> None:
        self._store.changed.connect(self.show_session)
        self._store.finish_typing = finish_typing
        self.panel.learning.images.take_actions(
            action for name, action in self.actions_by_name.items() if name.startswith(FROM)
        )
        for button, name in (
            (self.panel.open, "open"),
            (self.panel.learning.open, "open-target"),
            (self.panel.resize_input, "crop"),
            (self.panel.rules, "padding-rules"),
            (self.panel.examples, "examples"),
        ):
            button.clicked.connect(self.actions_by_name[name].trigger)
        self.archive.chosen.connect(self.runner.open_path)
        self.crop.opened.connect(self.stage.setHidden)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._scheme_changed)

    def pane_menu(self, pane: Pane) -> QMenu:
        """Return the context menu of a pane: actions of the menus."""
        menu = QMenu(self)
        cells = CELL_MENU if isinstance(pane, EditablePane) else ()
        names = (
            *cells,
            "pin",
            "fit",
            "zoom-in",
            "zoom-out",
            "",
            "copy-frame",
            "copy-sentence",
            "export",
        )
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
        """Show `session`: the one way from state to screen; undone if it fails."""
        try:
            self._show_parts(session)
        except Exception:
            self.verify.withhold()
            if self._shown is not None:
                before, self._shown = self._shown, None  # once: that may fail as well
                self._store.apply(transitions.restore, before)
            raise
        self._shown = session

    def _show_parts(self, session: Session) -> None:
        self._player.render(session)
        theme = self.theme
        if self._theme is None or theme.name != self._theme.name:
            self._dress(theme)
        self._theme = theme
        self.offer.show_message(session.offer, theme)
        self.message.show_message(session.message, theme)  # even when something below fails
        scene = self._scene = derive_scene(session)
        self.tabs.show_session(session)
        self.paint.show_session(session, theme)
        self.stage.render_scene(session, scene, theme)
        self.panel.show_session(session, scene, theme)
        self.history.show_session(session, theme)
        self.room.set_least(LEAST_SIZE + QSize(WIDER if session.view.history else 0, 0))
        self.transport.show_session(session, scene, theme)
        self.verify.show_session(session)
        self.verify.setHidden(session.learns)  # it is about the map of another workspace
        self.crop.show_session(session, theme)
        self.runner.show_session(session, theme)
        self.status.show_text(scene.status or signed(scene.sentence))
        self._show_title(scene_name(session, scene))
        self.setWindowModified(not session.is_saved)
        self.recent.show_session(session)
        self._show_actions(session)
        self._announce(session, scene)

    def _show_title(self, name: str) -> None:
        title = f"{name.replace('[*]', '[*][*]')}[*] — convviz"  # Qt puts the mark of changes there
        if title != self.windowTitle():
            self.setWindowTitle(title)

    def _dress(self, theme: Theme) -> None:
        QApplication.setPalette(palette(theme))
        self.setStyleSheet(style_sheet(theme))

    def _show_actions(self, session: Session) -> None:
        learner = session.learner
        state = (
            *(session.document, session.attempt, session.history, session.layer),
            *(session.view, session.pin, session.playback, session.scatter, session.selection),
            *(session.file, session.saved, session.aside),
            *(learner.revealed, learner.log, learner.image, learner.step > 0),
        )
        if state != self._acted:
            self._acted = state
            show_actions(session, self.actions_by_name)

    def _announce(self, session: Session, scene: Scene) -> None:
        """Tell screen readers the present step, except while playing."""
        if session.playback.playing or scene.sentence == self._spoken:
            return
        self._spoken = scene.sentence
        teller = self.stage.teller
        teller.setAccessibleDescription(scene.sentence)
        if QAccessible.isActive():
            event = QAccessibleEvent(teller, QAccessible.Event.DescriptionChanged)
            QAccessible.updateAccessibility(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.WindowStateChange:
            self.actions_by_name["full-screen"].setText(
                "Leave f&ull screen" if self.isFullScreen() else "F&ull screen"
            )

    def _scheme_changed(self) -> None:
        self._store.finish_typing()  # another style sheet would undo it
        self._store.notify()

    # Commands

    def run(self, name: str) -> None:
        """Run a command by name."""
        self.runner.run(name)

    def open_path(self, path: Path, array: str | None = None) -> None:
        """Open the scene, or show the image or array, in a file; or say why not."""
        self.runner.open_path(path, array)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if is_of_use(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        self.runner.open_incoming(event.mimeData(), "Dropped picture")

    def _forget_recent(self) -> None:
        self._store.apply(clear_recent)

    def _tell(self, message: Message) -> None:
        self._store.apply(transitions.show_message, message)

    def _dismiss(self) -> None:
        self._store.apply(transitions.dismiss)

    def _seek_tenth(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self._store.apply(transitions.seek_fraction, action.data())

    # Frames

    @property
    def theme(self) -> Theme:
        """The colours of the window."""
        return look_of(self._store.session.view)

    @property
    def job(self) -> ExportJob | None:
        """The export that is running."""
        return self.export.job

    @property
    def frame_size(self) -> QSize:
        """The size of a frame whose panes are those on the screen."""
        stage = self.stage.size()
        taken = sum(strip.height() + SPACING for strip in self.strips if strip.isVisible())
        height = stage.height() + taken - self.stage.footer
        return QSize(stage.width() + 2 * MARGIN, height + 2 * MARGIN)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._store.finish_typing()
        if not (self.leaving or self.scenes.may_leave()):
            event.ignore()
            return
        self.recovery.end(by_person=not self.leaving)
        self.leaving = True
        self.export.cancel()
        self.verify.stop()
        self.runner.stop()
        self._store.apply(transitions.pause)
        super().closeEvent(event)

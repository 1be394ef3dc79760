"""The composition root: Store, Player and MainWindow, connected; then Qt's loop."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType

os.environ.setdefault("PYQTGRAPH_QT_LIB", "PySide6")

import shiboken6
from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

from convviz import __version__
from convviz.engine.inputs import INPUTS
from convviz.files.places import runs_paths
from convviz.files.read import array_in
from convviz.files.settings import settings_path
from convviz.model.examples import EXAMPLES, open_example
from convviz.model.filing import choose_input
from convviz.model.session import new_session
from convviz.render.fonts import load_fonts
from convviz.resource_files import resource
from convviz.ui.main_window import MainWindow
from convviz.ui.player import Player
from convviz.ui.remembering import Remembering
from convviz.ui.store import Store

WAKE = 200  # milliseconds: how often Python may notice Ctrl+C under Qt's loop


def make_window(file: str | None = None, settings: Path | None = None, *runs: Path) -> MainWindow:
    """Return the window, showing `file` or the letter H.

    `file` is the name of an input or of an example, else the path of a scene, an image or an array.
    Theme and recent files are remembered in the file `settings`, and what a crash would take is
    kept in the first of the folders `runs` that takes it.
    """
    store = Store(new_session())
    if settings is not None:
        Remembering(store, settings)
    player = Player(store)
    window = MainWindow(store, player)
    player.setParent(window)
    store.setParent(window)
    if runs:
        window.recovery.begin(*runs)
    if file in INPUTS:
        store.apply(choose_input, file)
    elif file in EXAMPLES:
        store.apply(open_example, file)
    elif file is not None:
        window.open_path(*array_in(file))
    return window


def run(file: str | None = None) -> int:
    """Show the window until it is closed; return the exit code."""
    application = QApplication(sys.argv[:1])
    application.setApplicationName("convviz")
    application.setApplicationVersion(__version__)
    application.setDesktopFileName("convviz")
    application.setStyle("Fusion")
    application.setWindowIcon(QIcon(str(resource("icons", "convviz.svg"))))
    load_fonts()
    window = make_window(file, settings_path(), *runs_paths())
    window.failures.install()
    application.commitDataRequest.connect(window.recovery.keep_now)  # a logout asks nobody
    stop = Stop(window)
    window.show()
    code = application.exec()  # ends, too, when the screen is gone
    stop.timer.stop()
    close_window(window)
    return stop.code or code


def close_window(window: MainWindow) -> None:
    """Destroy the window while Qt still runs: what pyqtgraph leaves for the end can crash."""
    window.recovery.end(by_person=False)  # as it was ended before where a person closed it
    window.failures.uninstall()
    window.leaving = True
    window.close()
    shiboken6.delete(window)


def ending_signals() -> list[signal.Signals]:
    """Return the signals that end the program: SIGHUP, too, unless nohup keeps it away."""
    found = [signal.SIGINT, signal.SIGTERM]
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        found.append(signal.SIGHUP)
    return found


class Stop:
    """Signals close the window, whose work is kept; the exit code tells which one came."""

    def __init__(self, window: MainWindow) -> None:
        self.code = 0
        self._window = window
        self.timer = QTimer()
        self.timer.timeout.connect(self._wake)
        self.timer.start(WAKE)
        for number in ending_signals():
            signal.signal(number, self._received)

    def _wake(self) -> None:
        """Give Python a turn, in which it runs handlers of signals; close when one came.

        Not in the handler, which may run in the middle of painting.
        """
        if not self.code:
            return
        self._window.leaving = True  # whoever sent the signal waits for no answer
        if (question := QApplication.activeModalWidget()) is not None:
            question.close()  # the window closes at the next turn, not from within its own closing
        elif self._window.close():
            self.timer.stop()

    def _received(self, number: int, _frame: FrameType | None) -> None:
        self.code = 128 + number

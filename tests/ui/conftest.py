"""Windows for the tests: opened as the program does, closed and deleted after each test."""

import os
from functools import partial
from pathlib import Path

import pytest
import shiboken6
from person import Clock, Person, delete_what_waits
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication

from convviz.model.invariants import broken_invariants
from convviz.model.session import new_session
from convviz.render.fonts import load_fonts
from convviz.ui import dialogs
from convviz.ui.app import make_window
from convviz.ui.main_window import MainWindow
from convviz.ui.player import Player
from convviz.ui.stage import Stage
from convviz.ui.store import Store

collect_ignore = ["conftest.py"]  # doctests want one module of a name, and this is the third
PATIENCE = 120_000  # milliseconds
HERE = Path(__file__).parent


def pytest_collection_finish():
    """Begin with an application that can have widgets: the first one of a process stays."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if QApplication.instance() is None:
        QApplication(["convviz"])


def pytest_collection_modifyitems(items):
    """Ignore what Qt's offscreen platform says of itself, seen with menus and second windows."""
    ignored = pytest.mark.qt_log_ignore(r"This plugin does not support ")
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(ignored)


@pytest.fixture
def qtbot(qtbot):
    """Wait for what must come as long as it takes on a busy machine."""
    qtbot.waitUntil = partial(qtbot.waitUntil, timeout=PATIENCE)
    return qtbot


@pytest.fixture(autouse=True)
def application(qapp):
    """Look as the program does, and leave no widget that is about to be deleted."""
    assert isinstance(qapp, QApplication)
    qapp.setStyle("Fusion")
    load_fonts()
    yield qapp
    delete_what_waits()


@pytest.fixture(autouse=True)
def all_that_is_looked_at_is_there(monkeypatch):
    """Fail as soon as a session looks at something that its document does not have."""
    apply = Store.apply

    def checked(store, transition, *arguments):
        apply(store, transition, *arguments)
        broken = broken_invariants(store.session)
        assert not broken, f"after {transition.__name__}: {', '.join(broken)}"

    monkeypatch.setattr(Store, "apply", checked)


@pytest.fixture
def histograms():
    """Ask for this to see them: loading them takes as long as all else of a window."""


@pytest.fixture(autouse=True)
def questions(monkeypatch):
    """Answer what becomes of unsaved changes: "discard", unless a test puts another answer."""
    asked = Questions()
    monkeypatch.setattr(dialogs, "ask_unsaved", asked)
    return asked


class Questions:
    """Keeps the names of the scenes that were asked about."""

    def __init__(self):
        self.names, self.answer = [], "discard"

    def __call__(self, _parent, name, **_more):
        self.names.append(name)
        return self.answer


@pytest.fixture
def open_window(qtbot, monkeypatch, request):
    """Return a function that opens a window as the program does, and closes all at the end."""
    opened = []
    wanted = "histograms" in request.fixturenames
    if not wanted:
        monkeypatch.setattr(Stage, "load_histograms", lambda _stage: None)

    def show(make):
        QCursor.setPos(4000, 4000)  # else the window may open under the mouse of another test
        window = make()
        opened.append(window)
        window.resize(1280, 800)
        window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        qtbot.waitUntil(lambda: window.stage.has_histograms or not wanted)
        return window

    yield show
    for window in opened:
        if shiboken6.isValid(window):
            window.close()
            shiboken6.delete(window)


@pytest.fixture
def person(open_window):
    """A person at a window that shows the letter H, with a clock that only they turn."""
    clock = Clock()

    def make():
        store = Store(new_session())
        player = Player(store, clock)
        window = MainWindow(store, player)
        player.setParent(window)
        store.setParent(window)
        return window

    return Person(open_window(make), clock)


@pytest.fixture
def person_with(open_window):
    """Return a function that opens the window with a file, as the command line does."""
    return lambda file: Person(open_window(lambda: make_window(str(file))), Clock())

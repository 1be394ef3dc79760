"""What all tests share: no screen unless asked for, nothing left running behind a test."""

import os
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

USUAL_SCREEN = Path(__file__).parent / "screens.json"  # Qt's own has 800 pixels a side
PATIENCE = 2.0  # seconds in which a thread that was told to stop may end


def pytest_addoption(parser):
    parser.addoption("--headed", action="store_true", help="show the windows of the tests")


def pytest_configure(config):
    if config.getoption("--headed") or os.environ.get("QT_QPA_PLATFORM") == "xcb":
        return
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={USUAL_SCREEN}"


@pytest.fixture(scope="session")
def torch():
    """PyTorch, the second opinion, where it is installed."""
    return pytest.importorskip("torch")


@pytest.fixture(scope="session", autouse=True)
def no_real_settings(tmp_path_factory):
    """Keep the settings of whoever runs the tests out of them, and the tests out of these."""
    with pytest.MonkeyPatch.context() as patches:
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "APPDATA", "LOCALAPPDATA"):
            patches.setenv(name, str(tmp_path_factory.mktemp("settings")))
        yield


@pytest.fixture(scope="session", autouse=True)
def widgets_come_first(qapp):
    """Make the application of widgets, which one that was made for frames cannot become."""
    return qapp


@pytest.fixture(scope="session", autouse=True)
def no_program_is_deaf():
    """Let programs that tests start heed signals, though nohup or a shell's & made these deaf."""
    for name in ("SIGINT", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


@pytest.fixture(autouse=True)
def nothing_stays_behind():
    """Fail a test that leaves a window, a running timer or a thread, naming who began it."""
    threads = threading.enumerate()
    windows = top_level_widgets()
    with pytest.MonkeyPatch.context() as patches:
        begun = recorded_starts(patches)
        yield
    wait_for_pool()
    left = [
        *(f"the window {widget!r} is left" for widget in new_widgets(windows)),
        *(f"a timer is running, started {place}" for place in running_timers(begun)),
        *(f"{thread!r} is running{place}" for thread, place in running_threads(threads, begun)),
    ]
    assert not left, "\n".join(left)


@pytest.fixture
def convviz_does(capsys):
    """Return a function that runs the command line in this process."""
    from ended import Ended

    from convviz.cli import main

    def run(*arguments):
        code = main([str(argument) for argument in arguments])
        return Ended(code, *capsys.readouterr())

    return run


def loaded(module):
    """Return a module that something has imported already: tests without Qt do not load it."""
    return sys.modules.get(module)


def recorded_starts(patches):
    """Return a list that gets (object, where) for each timer and thread started from now on."""
    begun = []
    for owner in (threading.Thread, *qt_classes("QTimer", "QThread")):
        patches.setattr(owner, "start", recording(owner.start, begun))
    return begun


def qt_classes(*names):
    core = loaded("PySide6.QtCore")
    return [getattr(core, name) for name in names] if core else []


def recording(start, begun):
    def recorded(self, *arguments, **options):
        caller = sys._getframe(1)
        begun.append((self, f"in {caller.f_code.co_filename}:{caller.f_lineno}"))
        return start(self, *arguments, **options)

    return recorded


def top_level_widgets():
    widgets = loaded("PySide6.QtWidgets")
    if widgets is None or widgets.QApplication.instance() is None:
        return []
    core = loaded("PySide6.QtCore")
    core.QCoreApplication.sendPostedEvents(None, core.QEvent.Type.DeferredDelete)
    return widgets.QApplication.topLevelWidgets()


def new_widgets(before):
    """Return the windows that came, but for those Qt makes and keeps for itself."""
    known = {id(widget) for widget in before}
    return [
        widget
        for widget in top_level_widgets()
        if id(widget) not in known and widget.metaObject().className() != "QTipLabel"
    ]


def running_timers(begun):
    timers, shiboken = qt_classes("QTimer"), loaded("shiboken6")
    places = Counter(
        place
        for started, place in begun
        if timers
        and isinstance(started, timers[0])
        and shiboken.isValid(started)
        and started.isActive()
    )
    return [f"{place} ({times} times)" if times > 1 else place for place, times in places.items()]


def wait_for_pool():
    for pool in qt_classes("QThreadPool"):
        pool.globalInstance().waitForDone(int(1000 * PATIENCE))


def running_threads(before, begun):
    """Return the threads of Python and of Qt that outlive the test, and who began them."""
    places = {id(thread): f", started {place}" for thread, place in begun}
    until = time.monotonic() + PATIENCE
    for thread in threading.enumerate():
        if thread not in before:
            thread.join(max(until - time.monotonic(), 0))
    still = [t for t in threading.enumerate() if t not in before]
    still += [t for t, _ in begun if not isinstance(t, threading.Thread) and is_running(t)]
    return [(thread, places.get(id(thread), "")) for thread in still]


def is_running(thread):
    kinds = tuple(qt_classes("QThread"))
    return isinstance(thread, kinds) and loaded("shiboken6").isValid(thread) and thread.isRunning()

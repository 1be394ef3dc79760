"""What fails anywhere is told once, in the window, and the program goes on."""

import platform
import threading
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer, qCritical, qInstallMessageHandler, qWarning
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from convviz import __version__
from convviz.files import places
from convviz.files.recovery import read_work
from convviz.files.reports import without_folders
from convviz.model import changes, transitions
from convviz.ui import main_window, recovery
from convviz.ui.report_window import ReportWindow


@pytest.fixture
def installed(person, monkeypatch, tmp_path):
    """The program's own hooks, in place of those that fail a test."""
    for name in ("sys.excepthook", "sys.unraisablehook", "threading.excepthook"):
        monkeypatch.setattr(name, None)
    before = qInstallMessageHandler(None)
    person.window.recovery.begin(tmp_path / "runs")
    person.window.failures.install()
    yield person
    qInstallMessageHandler(before)


def report(person):
    return person.window.recovery.run.text


def told(person):
    """Return the message once all has happened that was about to."""
    for _ in range(5):  # paint, fail, queue, tell, lay out
        QApplication.processEvents()
    return person.message_text


def explode():
    raise ValueError("boom")


SENTENCE = "Something went wrong that should not (ValueError: boom)."


def test_a_failure_in_a_timer_is_told_and_stops_playing(installed):
    installed.key("Space")
    QTimer.singleShot(0, explode)
    assert told(installed) == SENTENCE
    assert not installed.session.playback.playing
    assert installed.window.message.property("tone") == "error"


def test_however_often_it_fails_there_is_one_message(installed):
    for _ in range(5):
        QTimer.singleShot(0, explode)
    assert told(installed).startswith(SENTENCE)
    installed.key("Escape")
    QTimer.singleShot(0, explode)
    assert told(installed) is None


def test_a_lack_of_memory_is_told_as_what_it_is(installed):
    def take_all():
        raise MemoryError("Unable to allocate 9 GiB")

    QTimer.singleShot(0, take_all)
    assert told(installed) == (
        "There is not enough memory for this. Scale the image down, or take layers out."
    )


def test_another_failure_is_another_message(installed):
    QTimer.singleShot(0, explode)
    assert told(installed)
    QTimer.singleShot(0, lambda: [][3])
    assert "IndexError" in told(installed)


def test_a_failure_while_a_change_is_shown_is_told_after_it(installed, monkeypatch):
    def fail(*_arguments):
        raise ValueError("boom")

    monkeypatch.setattr(installed.window.transport, "show_session", fail)
    installed.apply(transitions.advance)
    assert told(installed).startswith(SENTENCE)
    assert installed.session.playhead.step == 7 * 16 + 4  # what cannot be shown is not done


def test_even_when_no_scene_can_be_derived_the_message_shows(installed, monkeypatch):
    def fail(_session):
        raise ValueError("boom")

    monkeypatch.setattr(main_window, "derive_scene", fail)
    installed.apply(transitions.advance)
    assert told(installed).startswith(SENTENCE)


@pytest.mark.parametrize("error", [ValueError("boom"), None], ids=["in Python", "in C"])
@pytest.mark.parametrize("where", ["pane_painter", "dot_painter"])
def test_a_failure_in_painting_does_not_take_the_program_with_it(
    installed, monkeypatch, where, error
):
    def fail(*_arguments):
        if error:
            raise error
        return [][3]

    with monkeypatch.context() as patches:
        patches.setattr(f"convviz.render.{where}.paint_cells", fail)
        installed.apply(changes.set_input_preset, "count-3x3")
        assert told(installed).startswith("Something went wrong")
    installed.key("Escape")
    installed.apply(changes.set_input_preset, "letter-h")
    assert installed.picture(installed.stage.input).any()


def test_a_failure_in_a_thread_is_told(installed, qtbot):
    thread = threading.Thread(target=explode)
    thread.start()
    thread.join()
    qtbot.waitUntil(lambda: installed.message_text is not None)
    assert installed.message_text.startswith(SENTENCE)


def test_ctrl_c_is_no_failure(installed):
    installed.window.failures._caught(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert told(installed) is None


def test_in_a_test_a_failure_in_a_slot_fails_the_test(person, qtbot):
    with qtbot.captureExceptions() as found:
        QTimer.singleShot(0, explode)
        QApplication.processEvents()
    assert [str(error) for _, error, _ in found] == ["boom"]
    assert person.message_text is None


class Grumpy:
    def __del__(self):
        raise ValueError("boom")


def test_a_failure_while_something_is_destroyed_is_told(installed):
    Grumpy()
    assert told(installed) == SENTENCE


def numbered(number):
    raise ValueError(f"boom {number}")


def test_a_place_that_fails_in_new_words_each_time_is_told_of_once(installed):
    for number in range(50):
        QTimer.singleShot(0, partial(numbered, number))
    assert "(ValueError: boom 0)" in told(installed)
    installed.key("Escape")
    QTimer.singleShot(0, partial(numbered, 99))
    assert told(installed) is None
    assert report(installed).count("ValueError: boom") == 1


def test_the_report_tells_where_it_failed_and_what_ran(installed):
    QTimer.singleShot(0, explode)
    told(installed)
    first, *rest = report(installed).splitlines()
    assert first.startswith(f"convviz {__version__}, Python {platform.python_version()}, PySide6 ")
    assert rest[-1] == "ValueError: boom"
    assert any('File "test_failures.py"' in line and "in explode" in line for line in rest)


def test_the_report_has_nothing_of_the_person(installed, tmp_path):
    path = tmp_path / "secret.png"

    def fail():
        try:
            path.read_bytes()
        except OSError as error:
            raise ValueError(f"“{path.stem}” is not in {path}") from error

    QTimer.singleShot(0, fail)
    assert "secret" in told(installed)
    assert "secret" not in report(installed)
    assert str(tmp_path) not in report(installed)
    assert str(Path.home()) not in report(installed)
    assert "FileNotFoundError" in report(installed)


@pytest.mark.usefixtures("installed")
def test_what_qt_finds_grave_is_in_the_report(installed, capsys):
    qCritical("the sky is falling on '/home/ada'")
    assert "Qt: the sky is falling on …" in report(installed)
    assert "the sky is falling" in capsys.readouterr().err
    qWarning("a cloud")
    assert "a cloud" not in report(installed)
    assert "a cloud" in capsys.readouterr().err


def test_the_report_can_be_looked_at_and_copied(installed, monkeypatch, tmp_path):
    monkeypatch.setattr(recovery, "report_path", lambda: tmp_path / "log" / "convviz.log")
    QTimer.singleShot(0, explode)
    told(installed)
    installed.press(button(installed.window.message, "Show the report"))
    (window,) = installed.window.findChildren(ReportWindow)
    assert window.isVisible()
    assert window.text.toPlainText() == without_folders(report(installed))
    assert window.place.text() == f"Also in {tmp_path / 'log' / 'convviz.log'}"
    assert "boom" in (tmp_path / "log" / "convviz.log").read_text()
    QTest.mouseClick(window.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == window.text.toPlainText()
    QTest.keyClick(window.text, "W", Qt.KeyboardModifier.ControlModifier)
    assert not window.isVisible()
    assert installed.window.isVisible()


def button(strip, text):
    (found,) = (b for b in strip.findChildren(QPushButton) if b.text() == text and b.isVisible())
    return found


def test_work_is_kept_at_once_when_something_fails(installed):
    installed.apply(changes.set_stride, (2, 2))
    assert not installed.window.recovery.run.work.exists()
    QTimer.singleShot(0, explode)
    told(installed)
    session, _ = read_work(installed.window.recovery.run.work)
    assert session.document.layers[0].stride == (2, 2)


@pytest.mark.parametrize(
    "text", ["The X11 connection broke: I/O error (code 1)", "The Wayland connection broke."]
)
def test_work_is_kept_at_once_when_qt_says_that_the_screen_is_gone(installed, text):
    """Xlib ends the program right after this, and Qt does on Wayland."""
    installed.apply(changes.set_stride, (2, 2))
    qWarning(text)
    assert installed.window.recovery.run.work.exists()


def test_when_work_cannot_be_kept_the_failure_is_told_all_the_same(installed, monkeypatch):
    def fail(*_arguments, **_options):
        raise RuntimeError("no ink")

    monkeypatch.setattr(places, "keep_work", fail)
    installed.apply(changes.set_stride, (2, 2))
    QTimer.singleShot(0, explode)
    assert told(installed)
    assert "ValueError: boom" in report(installed)
    assert "RuntimeError: no ink" in report(installed)


def test_without_a_place_for_the_report_the_program_starts_all_the_same(person, tmp_path, capsys):
    (tmp_path / "a file").write_text("")
    person.window.recovery.begin(tmp_path / "a file" / "runs")
    assert person.message_text.startswith("Unsaved work would be lost in a crash: cannot write ")
    person.window.recovery.report("boom")
    assert "boom" in capsys.readouterr().err

"""What fails anywhere is told once, in the window, and the program goes on."""

import logging
import threading

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from convviz.model import changes, transitions
from convviz.ui import failures, main_window
from convviz.ui.failures import log_path, start_log


@pytest.fixture
def installed(person, monkeypatch, caplog):
    """The program's own hooks, in place of those that fail a test."""
    monkeypatch.setattr("sys.excepthook", None)
    monkeypatch.setattr("threading.excepthook", None)
    caplog.set_level(logging.CRITICAL, "convviz")
    person.window.failures.install()
    return person


def told(person):
    """Return the message once all has happened that was about to."""
    for _ in range(5):  # paint, fail, queue, tell, lay out
        QApplication.processEvents()
    return person.message_text


def explode():
    raise ValueError("boom")


SENTENCE = "Something went wrong that should not (ValueError: boom). Details are in "


def test_a_failure_in_a_timer_is_told_and_stops_playing(installed):
    installed.key("Space")
    QTimer.singleShot(0, explode)
    assert told(installed) == f"{SENTENCE}{log_path()}"
    assert not installed.session.playback.playing
    assert installed.window.message.property("tone") == "error"


def test_however_often_it_fails_there_is_one_message(installed):
    for _ in range(5):
        QTimer.singleShot(0, explode)
    assert told(installed).startswith(SENTENCE)
    installed.key("Escape")
    QTimer.singleShot(0, explode)
    assert told(installed) is None


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
    assert installed.session.playhead.step == 7 * 16 + 5


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


def test_the_log_holds_the_details(tmp_path, monkeypatch):
    monkeypatch.setattr(failures, "log_path", lambda: tmp_path / "logs" / "convviz.log")
    monkeypatch.setattr(failures.faulthandler, "enable", lambda _file: None)
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    file = start_log()
    try:
        raise ValueError("boom")
    except ValueError as error:
        logging.getLogger("convviz").error("Not expected", exc_info=error)
    for handler in root.handlers:
        handler.close()
    file.close()
    text = (tmp_path / "logs" / "convviz.log").read_text()
    assert "ERROR Not expected" in text
    assert "ValueError: boom" in text


def test_without_a_place_for_the_log_the_program_starts_all_the_same(tmp_path, monkeypatch):
    (tmp_path / "a file").write_text("")
    monkeypatch.setattr(failures, "log_path", lambda: tmp_path / "a file" / "convviz.log")
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    assert start_log() is None

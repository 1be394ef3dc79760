"""No work is lost: kept while it is unsaved, offered once after a crash, gone when answered."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from person import Clock, Person
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QPushButton, QToolButton

from convviz.files import places
from convviz.files.atomic import WriteError
from convviz.files.errors import Refusal
from convviz.files.recovery import Run, begin_run, keep_work, lost_runs, read_work
from convviz.files.reports import report_path
from convviz.files.scenes import read_scene, scene_bytes
from convviz.model import changes, filing
from convviz.model.examples import show_example
from convviz.model.session import new_session
from convviz.ui import dialogs, keeping, recovery
from convviz.ui.app import make_window
from convviz.ui.report_window import ReportWindow

ROOT = Path(__file__).parents[2]
EDGES = "edges.convviz"
SOON = 20.0  # seconds that a program on a busy machine may take
FAILED = '\nFatal Python error: Segmentation fault\n  File "/home/ada/convviz/ui/app.py", line 3\n'


@pytest.fixture
def runs(tmp_path):
    return tmp_path / "runs"


@pytest.fixture
def start(open_window, runs):
    """Return a function that starts the program, perhaps with a file."""
    return lambda file=None: Person(open_window(lambda: make_window(file, None, runs)), Clock())


@pytest.fixture
def lost(runs, tmp_path):
    """Return a function that leaves what a killed run leaves."""

    def leave(name=EDGES, stride=2, failed="", minutes_ago=3):
        run = begin_run(runs, "convviz 1")
        if name is not None:
            session = changes.set_stride(new_session(), (stride, stride))
            keep_work(run.work, session, tmp_path / name)
        run.report.write(failed.encode())
        run.close()
        for path in (run.path, run.work):
            if path.exists():
                os.utime(path, (time.time() - 60 * minutes_ago - 5,) * 2)
        return run

    return leave


@pytest.fixture(autouse=True)
def logs(monkeypatch, tmp_path):
    """Keep reports of the tests out of those of whoever runs them."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "state"))


def offered(person):
    """Return the sentence of what is offered, None where nothing is."""
    strip = person.window.offer
    return strip._text.text() if strip.isVisible() else None


def answers(person):
    """Return the buttons of what is offered, by their text."""
    QCoreApplication.processEvents()  # those of a second offer show with the next event
    found = person.window.offer.findChildren(QPushButton)
    return {button.text(): button for button in found if button.isVisible()}


def answer(person, text):
    person.press(answers(person)[text])


def put_off(person):
    (cross,) = person.window.offer.findChildren(QToolButton)
    person.press(cross)


def names(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def ring(person):
    """Let the seconds pass after which work is kept."""
    person.window.recovery.keeper.timer.stop()
    person.window.recovery.keeper.timer.timeout.emit()


def keep(person, qtbot):
    """Let the seconds pass after which work is kept, and wait for the disk."""
    ring(person)
    qtbot.waitUntil(lambda: person.window.recovery.keeper._keeping is None)


def kept(person):
    """Return the work that is kept, None where there is none."""
    work = person.window.recovery.run.work
    return read_work(work) if work.exists() else None


class TestKeeping:
    def test_what_was_only_looked_at_is_not_kept(self, start, runs):
        person = start()
        person.key("Right")
        person.apply(show_example, "lenet")
        assert not person.window.recovery.keeper.timer.isActive()
        assert [name for name in names(runs) if name.endswith(".work")] == []

    def test_unsaved_work_is_kept_within_30_seconds(self, start, qtbot):
        person = start()
        person.apply(changes.set_stride, (2, 2))
        timer = person.window.recovery.keeper.timer
        assert timer.isActive()
        assert timer.interval() <= 30_000
        keep(person, qtbot)
        session, file = kept(person)
        assert session.document.layers[0].stride == (2, 2)
        assert file.name == "Letter H.convviz"
        assert not timer.isActive()

    def test_going_on_does_not_put_it_off(self, start):
        person = start()
        person.apply(changes.set_stride, (2, 2))
        timer = person.window.recovery.keeper.timer
        before = timer.remainingTime()
        person.apply(changes.set_stride, (3, 3))
        person.key("Right")
        assert 0 < timer.remainingTime() <= before

    def test_a_later_change_is_kept_too(self, start, qtbot):
        person = start()
        for stride in (2, 3):
            person.apply(changes.set_stride, (stride, stride))
            keep(person, qtbot)
            assert kept(person)[0].document.layers[0].stride == (stride, stride)

    def test_what_is_changed_while_it_is_written_is_kept_after_it(self, start, qtbot, monkeypatch):
        person, go_on = start(), threading.Event()

        def slow(*arguments, **options):
            assert go_on.wait(SOON)
            keep_work(*arguments, **options)

        monkeypatch.setattr(places, "keep_work", slow)
        person.apply(changes.set_stride, (2, 2))
        ring(person)
        person.apply(changes.set_stride, (3, 3))
        assert person.session.document.layers[0].stride == (3, 3)  # the window does not wait
        go_on.set()
        qtbot.waitUntil(person.window.recovery.keeper.timer.isActive)
        keep(person, qtbot)
        assert kept(person)[0].document.layers[0].stride == (3, 3)

    @pytest.mark.parametrize("way", ["undo", "save", "new"])
    def test_what_is_saved_taken_back_or_discarded_is_kept_no_longer(
        self, start, qtbot, monkeypatch, tmp_path, way
    ):
        monkeypatch.setattr(dialogs, "ask_save_scene", lambda *_: tmp_path / "mine.convviz")
        person = start()
        person.apply(changes.set_stride, (2, 2))
        keep(person, qtbot)
        assert kept(person)
        person.window.run(way)
        assert kept(person) is None
        assert not person.window.recovery.keeper.timer.isActive()

    def test_saved_while_it_is_written_it_is_gone_after_it(self, start, qtbot, monkeypatch):
        person, go_on = start(), threading.Event()

        def slow(*arguments, **options):
            assert go_on.wait(SOON)
            keep_work(*arguments, **options)

        monkeypatch.setattr(places, "keep_work", slow)
        person.apply(changes.set_stride, (2, 2))
        ring(person)
        person.window.run("undo")
        go_on.set()
        qtbot.waitUntil(lambda: person.window.recovery.keeper._keeping is None)
        assert kept(person) is None

    @pytest.mark.parametrize("worked", [False, True])
    def test_a_window_that_is_closed_leaves_nothing(self, start, runs, qtbot, worked):
        person = start()
        if worked:
            person.apply(changes.set_stride, (2, 2))
            keep(person, qtbot)
        person.window.close()  # and discards
        assert names(runs) == []

    def test_closed_while_it_is_written_it_leaves_nothing_either(self, start, runs):
        person = start()
        person.apply(changes.set_stride, (2, 2))
        ring(person)
        person.window.close()
        assert names(runs) == []

    def test_where_it_cannot_be_kept_that_is_said_once_and_tried_again(
        self, start, qtbot, monkeypatch, runs
    ):
        def fail(*_arguments, **_options):
            raise WriteError(28, "cannot write there: no space left on the device", "there")

        person = start()
        with monkeypatch.context() as patches:
            patches.setattr(places, "keep_work", fail)
            person.apply(changes.set_stride, (2, 2))
            keep(person, qtbot)
            assert person.message_text == (
                "Unsaved work would be lost in a crash: "
                "cannot write there: no space left on the device"
            )
            person.key("Escape")
            keep(person, qtbot)
            assert person.message_text is None
        keep(person, qtbot)
        assert kept(person)
        assert [name for name in names(runs) if name.endswith(".tmp")] == []

    def test_a_window_that_takes_long_to_keep_rests_longer_but_never_too_long(self, start):
        person = start()
        run = person.window.recovery.run
        done = keeping.Keeping(person.session.document, lambda: run, run)
        for seconds, rest in ((0.01, 2.0), (1.0, 10.0), (60.0, 25.0)):
            done.seconds = seconds
            person.window.recovery.keeper._keeping = done
            person.window.recovery.keeper._finish(done)
            person.apply(changes.set_stride, (2, 2))
            assert person.window.recovery.keeper.timer.interval() == 1000 * rest
            person.window.run("undo")

    def test_a_large_image_is_kept_without_holding_the_window(self, start, qtbot, monkeypatch):
        person = start()
        disk_is_ready, go = threading.Event(), keeping.Keeping.go

        def go_slowly(self):
            assert disk_is_ready.wait(60)
            go(self)

        monkeypatch.setattr(keeping.Keeping, "go", go_slowly)
        image = np.random.default_rng(0).random((2048, 2048))
        person.apply(changes.set_image, image, "large")
        ring(person)
        assert person.window.recovery.keeper._keeping is not None
        disk_is_ready.set()
        qtbot.waitUntil(lambda: person.window.recovery.keeper._keeping is None)
        assert np.array_equal(kept(person)[0].document.image[0], image)


class TestOffering:
    def test_a_first_start_offers_nothing(self, start):
        person = start()
        assert offered(person) is None
        assert person.message_text is None

    def test_lost_work_is_offered_in_the_window(self, start, lost):
        lost()
        person = start()
        assert offered(person) == (
            "convviz ended unexpectedly 3 minutes ago. Its work on “edges” was kept:"
        )
        assert list(answers(person)) == ["Open it", "Discard"]
        assert person.title == "Letter H ∗ Sobel x — convviz"

    def test_it_opens_untitled_and_modified_with_its_old_name(
        self, start, lost, runs, monkeypatch, tmp_path
    ):
        suggested = []
        monkeypatch.setattr(dialogs, "ask_save_scene", lambda _, path: suggested.append(path))
        lost()
        person = start()
        answer(person, "Open it")
        assert offered(person) is None
        assert person.title == "edges* — convviz"
        assert person.session.file is None
        assert person.session.document.layers[0].stride == (2, 2)
        person.key("Ctrl+S")
        assert suggested == [tmp_path / EDGES]
        assert person.title == "edges* — convviz"
        assert len(lost_runs(runs)) == 0

    def test_a_folder_that_is_gone_is_not_suggested(self, start, lost):
        lost("gone/edges.convviz")
        person = start()
        answer(person, "Open it")
        assert person.window.scenes.suggested == person.window.export.folder / EDGES

    def test_saved_it_is_a_scene_as_any_other(self, start, lost, runs, monkeypatch, tmp_path):
        monkeypatch.setattr(dialogs, "ask_save_scene", lambda _, path: path)
        lost()
        person = start()
        answer(person, "Open it")
        person.key("Ctrl+S")
        assert person.title == "edges — convviz"
        assert read_scene(tmp_path / EDGES).document.layers[0].stride == (2, 2)
        person.window.close()
        assert names(runs) == []

    def test_opened_and_not_saved_it_is_asked_about(self, start, lost, questions, runs):
        lost()
        person = start()
        answer(person, "Open it")
        questions.answer = "cancel"
        person.window.close()
        assert questions.names == ["edges"]
        assert person.window.isVisible()
        questions.answer = "discard"
        person.window.close()
        assert names(runs) == []

    def test_opened_and_killed_it_is_offered_again(self, start, lost, runs):
        lost()
        person = start()
        answer(person, "Open it")
        kill(person)
        again = start()
        assert "Its work on “edges” was kept:" in offered(again)
        assert len(work_of(runs)) == 1

    def test_killed_before_an_answer_it_is_offered_again(self, start, lost):
        lost()
        person = start()
        kill(person)
        assert "Its work on “edges” was kept:" in offered(start())

    def test_two_windows_do_not_offer_the_same(self, start, lost):
        lost()
        assert offered(start())
        assert offered(start()) is None

    def test_what_another_window_is_at_work_with_is_not_offered(self, start, qtbot):
        one = start()
        one.apply(changes.set_stride, (2, 2))
        keep(one, qtbot)
        assert offered(start()) is None
        assert kept(one)

    def test_discarded_it_is_gone(self, start, lost, runs):
        lost()
        person = start()
        answer(person, "Discard")
        assert offered(person) == "The work on “edges” is discarded."
        put_off(person)
        assert offered(person) is None
        assert work_of(runs) == []
        assert person.title == "Letter H ∗ Sobel x — convviz"

    def test_discarded_it_is_gone_once_the_window_is_closed(self, start, lost, runs):
        lost()
        person = start()
        answer(person, "Discard")
        person.window.close()
        assert work_of(runs) == []

    def test_discarded_by_mistake_it_can_be_brought_back(self, start, lost):
        lost()
        person = start()
        answer(person, "Discard")
        answer(person, "Bring back “edges”")
        answer(person, "Open it")
        assert person.title == "edges* — convviz"

    def test_discarded_it_is_offered_again_when_the_program_does_not_come_to_its_end(
        self, start, lost
    ):
        lost()
        person = start()
        answer(person, "Discard")
        person.window.recovery.end(by_person=False)
        assert "Its work on “edges” was kept" in offered(start())

    def test_put_off_it_is_offered_at_the_next_start(self, start, lost):
        lost()
        person = start()
        put_off(person)
        assert offered(person) is None
        person.window.close()
        assert offered(start())

    @pytest.mark.parametrize("way", ["edit", "escape", "new", "open", "example"])
    def test_it_stays_until_it_is_answered(self, start, lost, tmp_path, way):
        (tmp_path / "a.convviz").write_bytes(scene_bytes(new_session()))
        lost()
        person = start()
        match way:
            case "edit":
                person.apply(changes.set_stride, (3, 3))
            case "escape":
                person.key("Escape", "Escape")
            case "new":
                person.window.run("new")
            case "open":
                person.window.open_path(tmp_path / "a.convviz")
            case "example":
                person.apply(show_example, "lenet")
        assert offered(person)

    def test_several_come_one_after_the_other_newest_first(self, start, lost):
        for hours in (2, 1, 3):
            lost(f"{hours}.convviz", minutes_ago=60 * hours)
        person = start()
        assert offered(person).startswith("convviz ended unexpectedly 1 hour ago. Its work on “1”")
        answer(person, "Discard")
        assert "2 hours ago. Its work on “2”" in offered(person)
        answer(person, "Open it")
        assert "3 hours ago. Its work on “3”" in offered(person)
        assert person.title == "2* — convviz"

    def test_work_in_the_window_is_not_replaced_without_a_question(self, start, lost, questions):
        lost()
        person = start()
        person.apply(changes.set_stride, (5, 5))
        questions.answer = "cancel"
        answer(person, "Open it")
        assert person.session.document.layers[0].stride == (5, 5)
        assert offered(person)
        questions.answer = "discard"
        answer(person, "Open it")
        assert person.session.document.layers[0].stride == (2, 2)

    def test_the_theme_and_a_file_from_the_command_line_stay(self, start, lost):
        lost()
        person = start("digit-7")
        assert person.title == "Digit 7 ∗ Sobel x — convviz"
        assert offered(person)

    def test_an_input_beside_recovered_work_takes_no_star_away(self, start, lost):
        lost()
        person = start()
        answer(person, "Open it")
        person.apply(filing.choose_input, "digit-7")
        assert person.window.isWindowModified()
        person.apply(show_example, "lenet")
        assert person.window.isWindowModified()
        assert person.window.scenes.suggested.name == EDGES


class TestDamaged:
    def test_at_the_start_it_says_so_and_is_set_aside(self, start, lost):
        run = lost()
        run.work.write_bytes(b"?")
        person = start()
        aside = run.work.with_suffix(".damaged")
        assert offered(person) == (
            "convviz ended unexpectedly just now, and what it kept is damaged: "
            f"it does not begin as kept work does; it is set aside as {aside}"
        )
        assert aside.read_bytes() == b"?"
        assert answers(person) == {}
        put_off(person)
        person.window.close()
        assert offered(start()) is None
        assert aside.exists()

    def test_found_while_opening_it_says_so_and_what_is_shown_stays(self, start, lost):
        run = lost()
        run.work.write_bytes(run.work.read_bytes()[:-5])
        person = start()
        answer(person, "Open it")
        aside = run.work.with_suffix(".damaged")
        assert person.message_text == (
            f"The work on “edges” is damaged: it is cut short; it is set aside as {aside}"
        )
        assert person.title == "Letter H ∗ Sobel x — convviz"
        assert offered(person) is None
        assert aside.exists()

    @pytest.mark.skipif(os.name == "nt", reason="Windows has no pipes among its files")
    def test_a_pipe_in_its_place_does_not_hold_the_start(self, start, lost):
        os.mkfifo(lost(None, failed=FAILED).work)
        assert "what it kept is damaged: it is no ordinary file" in offered(start())

    def test_removed_before_it_is_opened_it_is_said_to_be_gone(self, start, lost):
        run = lost()
        person = start()
        run.work.unlink()
        answer(person, "Open it")
        assert person.message_text == "The work that was kept is gone: somebody removed it"
        assert offered(person) is None


class TestReports:
    def test_a_crash_without_work_offers_its_report_once(self, start, lost, runs):
        lost(None, failed=FAILED)
        person = start()
        assert offered(person) == "convviz ended unexpectedly 3 minutes ago."
        answer(person, "Show the report")
        (window,) = person.window.findChildren(ReportWindow)
        assert window.text.toPlainText() == f"convviz 1\n{FAILED}".replace("/home/ada/", "")
        assert report_path().read_text() == window.text.toPlainText()
        assert offered(person) is None
        person.window.close()
        assert names(runs) == []
        assert offered(start()) is None

    def test_closed_unseen_it_is_gone_too(self, start, lost, runs):
        lost(None, failed=FAILED)
        person = start()
        put_off(person)
        person.window.close()
        assert names(runs) == []

    def test_work_and_report_are_one_message(self, start, lost):
        lost(failed=FAILED)
        person = start()
        assert list(answers(person)) == ["Open it", "Discard", "Show the report"]
        answer(person, "Show the report")
        assert "was kept" in offered(person)
        answer(person, "Open it")
        assert offered(person) is None

    def test_where_the_report_cannot_be_written_it_is_shown_all_the_same(
        self, start, lost, tmp_path
    ):
        (tmp_path / "state").write_text("in the way")
        lost(None, failed=FAILED)
        person = start()
        answer(person, "Show the report")
        (window,) = person.window.findChildren(ReportWindow)
        assert "Segmentation fault" in window.text.toPlainText()
        assert window.place.text().startswith("cannot write ")

    def test_a_run_that_failed_and_was_closed_leaves_its_last_report(self, start, runs):
        person = start()
        person.window.recovery.report("ValueError: boom")
        person.window.close()
        assert names(runs) == []
        assert "ValueError: boom" in report_path().read_text()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "just now"), (59, "just now"), (60, "1 minute ago"), (-5, "just now"),
     (7199, "1 hour ago"), (86_400, "1 day ago"), (86_400 * 40, "40 days ago")],
)  # fmt: skip
def test_it_is_said_how_long_ago_it_was(seconds, text):
    assert recovery.ago(seconds) == text


def test_a_chosen_input_is_no_work_and_undo_of_it_is_none_either(start):
    person = start()
    person.choose(person.panel.source, "Digit 7")
    assert person.title == "Digit 7 ∗ Sobel x — convviz"
    person.key("Ctrl+Z")
    assert person.title == "Letter H ∗ Sobel x — convviz"
    person.key("Ctrl+Shift+Z")
    assert person.title == "Digit 7 ∗ Sobel x — convviz"
    person.apply(changes.set_stride, (2, 2))
    person.choose(person.panel.source, "Letter H")
    assert person.window.isWindowModified()
    person.key("Ctrl+Z")
    assert person.window.isWindowModified()
    person.key("Ctrl+Z")
    assert not person.window.isWindowModified()


def work_of(folder):
    return [name for name in names(folder) if name.endswith(".work")]


def kill(person):
    """End the run as the system ends that of a killed process: its files are let go of."""
    lost, keeper = person.window.recovery._lost, person.window.recovery.keeper
    keeper.join()
    for timer in (keeper.timer, keeper.watch):
        timer.stop()
    keeping.faulthandler.disable()
    for run in (keeper.run, *lost):
        run.close()
    keeper.run, keeper._places = None, None
    lost.clear()
    person.window.leaving = True
    person.window.close()


# In a process of its own

PROGRAM = """
import faulthandler
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication
from convviz.model import changes
from convviz.ui import app, keeping
import convviz.ui.main_window
keeping.KEEP_AFTER = float(sys.argv[1])
make = app.make_window

def edited(file, settings, *_):
    window = make(file, settings, *map(Path, sys.argv[2].split()))

    def edit():
        window._store.apply(changes.set_stride, (2, 2))
        print("edited", flush=True)
        match sys.argv[3:]:
            case ["crash"]:
                window.recovery.keep_now()
                faulthandler._sigsegv()
            case ["logout"]:
                QGuiApplication.instance().commitDataRequest.emit(None)

    QTimer.singleShot(0, edit)
    return window

app.make_window = edited
sys.exit(app.run())
"""


@pytest.fixture
def program(runs, tmp_path):
    """Return a function that starts a program in which someone edits, and waits for that."""
    started = []

    def begin(keep_after, *crash):
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONPATH": str(ROOT),
            "HOME": str(tmp_path / "home"),
        }
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(keep_after), str(runs), *crash],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "edited\n", process.stderr.read()
        return process

    yield begin
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def wait_for_work(folder):
    until = time.monotonic() + SOON
    while not work_of(folder):
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_after_kill_9_the_next_start_offers_one_recovery(program, start, runs):
    process = program(keep_after=0.3)
    edited = time.time()
    wait_for_work(runs)
    process.kill()
    assert process.wait(SOON) == -signal.SIGKILL
    (name,) = work_of(runs)
    assert (runs / name).stat().st_mtime - edited < 30
    person = start()
    assert offered(person) == (
        "convviz ended unexpectedly just now. Its work on “Letter H” was kept:"
    )
    assert offered(start()) is None
    answer(person, "Open it")
    assert person.title == "Letter H* — convviz"
    assert person.session.document.layers[0].stride == (2, 2)
    assert person.window.scenes.suggested.name == "Letter H.convviz"
    assert offered(person) is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
@pytest.mark.parametrize(("number", "code"), [("SIGTERM", 143), ("SIGINT", 130), ("SIGHUP", 129)])
def test_a_signal_ends_it_soon_and_the_work_is_offered(program, start, runs, number, code):
    process = program(keep_after=1000)  # so that only the end can have kept it
    process.send_signal(getattr(signal, number))
    assert process.wait(SOON) == code  # within 2 s, as tests/test_window_on_screen.py sees
    assert said_by(process) == []
    assert [name for name in names(runs) if name.endswith(".tmp")] == []
    person = start()
    assert "Its work on “Letter H” was kept:" in offered(person)
    assert list(answers(person)) == ["Open it", "Discard"]


def test_a_signal_without_work_leaves_nothing(start, runs):
    person = start()
    person.window.leaving = True
    person.window.close()
    assert names(runs) == []


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
@pytest.mark.parametrize("is_kept", [False, True], ids=["not yet kept", "kept"])
def test_a_signal_after_the_folder_was_removed_leaves_the_work(program, start, runs, is_kept):
    process = program(keep_after=0.1 if is_kept else 1000)
    if is_kept:
        wait_for_work(runs)
    shutil.rmtree(runs)
    process.terminate()
    assert process.wait(SOON) == 128 + signal.SIGTERM
    assert said_by(process) == []
    assert "Its work on “Letter H” was kept:" in offered(start())


@pytest.mark.skipif(os.name == "nt", reason="Windows has no signals")
def test_where_no_place_takes_the_work_the_end_says_so(program, runs):
    process = program(1000)
    shutil.rmtree(runs)
    runs.write_text("in the way")
    process.terminate()
    assert process.wait(SOON) == 128 + signal.SIGTERM
    (line,) = said_by(process)
    assert line.startswith("convviz: the unsaved work on “Letter H” is lost: cannot write ")
    assert line.endswith("a part of the path is not a folder; choose another folder")


def said_by(process):
    """Return the lines on standard error, without what Qt's offscreen platform says of itself."""
    lines = process.stderr.read().splitlines()
    return [line for line in lines if "This plugin does not support" not in line]


def test_a_logout_keeps_the_work_and_closes_nothing(program, start, runs):
    process = program(1000, "logout")
    wait_for_work(runs)
    assert process.poll() is None
    process.kill()
    process.wait(SOON)
    assert "Its work on “Letter H” was kept:" in offered(start())


@pytest.mark.parametrize("way", ["folder", "report", "work"])
def test_what_is_removed_meanwhile_is_made_anew(start, runs, qtbot, way):
    person = start()
    person.apply(changes.set_stride, (2, 2))
    keep(person, qtbot)
    remove(person.window.recovery.run, way)
    look(person, qtbot)
    assert not person.window.recovery.keeper.mark.isVisible()
    assert len(names(runs)) == 2
    kill(person)
    assert "Its work on “Letter H” was kept:" in offered(start())


def test_a_folder_that_is_removed_before_there_is_work_is_made_anew(start, runs, qtbot):
    person = start()
    shutil.rmtree(runs)
    look(person, qtbot)
    assert names(runs) == [person.window.recovery.run.path.name]
    person.window.close()
    assert names(runs) == []


def remove(run, way):
    match way:
        case "folder":
            shutil.rmtree(run.path.parent)
        case "report":
            run.path.unlink()
        case "work":
            run.work.unlink()


def look(person, qtbot):
    """Let the seconds pass after which the program looks for what it kept."""
    keeper = person.window.recovery.keeper
    keeper.watch.timeout.emit()
    qtbot.waitUntil(lambda: keeper._keeping is None)


class TestMark:
    """In the status bar, for as long as work is not kept."""

    @pytest.fixture
    def in_the_way(self, runs):
        """A file where the folder of the runs should be."""
        runs.write_text("in the way")
        return runs

    def test_it_is_hidden_while_all_is_well(self, start, qtbot):
        person = start()
        person.apply(changes.set_stride, (2, 2))
        keep(person, qtbot)
        assert not mark(person).isVisible()

    @pytest.mark.usefixtures("in_the_way")
    def test_it_outlasts_messages_and_says_why_to_all(self, start, qtbot):
        person = start()
        person.apply(changes.set_stride, (2, 2))
        person.key("Escape")
        person.window.open_path(Path("gone.png"))
        keep(person, qtbot)
        assert "gone.png" in person.message_text
        assert mark(person).isVisible()
        assert mark(person).text() == "✗ Work not kept"
        assert "a part of the path is not a folder" in mark(person).toolTip()
        assert "a part of the path is not a folder" in mark(person).accessibleName()

    def test_it_goes_when_the_place_is_there_again(self, start, qtbot, in_the_way):
        person = start()
        assert mark(person).isVisible()
        in_the_way.unlink()
        look(person, qtbot)
        assert not mark(person).isVisible()
        assert [name.partition(".")[2] for name in names(in_the_way)] == ["report"]

    def test_the_work_is_kept_as_soon_as_it_can_be(self, start, qtbot, in_the_way):
        person = start()
        person.apply(changes.set_stride, (2, 2))
        keep(person, qtbot)
        assert person.window.recovery.keeper.timer.isActive()
        in_the_way.unlink()
        keep(person, qtbot)
        assert not mark(person).isVisible()
        assert kept(person)

    @pytest.mark.parametrize("is_there", [False, True])
    def test_a_click_tries_at_once(self, start, qtbot, in_the_way, is_there):
        person = start()
        person.apply(changes.set_stride, (2, 2))
        person.key("Escape")
        if is_there:
            in_the_way.unlink()
        person.press(mark(person))
        qtbot.waitUntil(lambda: person.window.recovery.keeper._keeping is None)
        assert mark(person).isVisible() == (not is_there)
        assert bool(person.message_text) == (not is_there)

    def test_it_goes_when_nothing_is_unsaved_any_more(self, start, qtbot, runs, monkeypatch):
        def fail(*_arguments, **_options):
            raise WriteError(28, "cannot write there: no space left on the device", "there")

        monkeypatch.setattr(places, "keep_work", fail)
        person = start()
        person.apply(changes.set_stride, (2, 2))
        keep(person, qtbot)
        assert mark(person).isVisible()
        person.window.run("undo")
        assert not mark(person).isVisible()
        assert len(names(runs)) == 1

    def test_markup_in_a_path_is_shown_as_it_is(self, open_window, tmp_path):
        (tmp_path / "a<img>").write_text("")
        folder = tmp_path / "a<img>" / "runs"
        person = Person(open_window(lambda: make_window(None, None, folder)), Clock())
        assert "a&lt;img&gt;" in mark(person).toolTip()

    def test_work_that_could_not_be_opened_again_is_told_of(self, start, qtbot, monkeypatch):
        def refuse(*_arguments, **_options):
            raise Refusal("the scene could not be opened again")

        person = start()
        monkeypatch.setattr(places, "keep_work", refuse)
        person.apply(changes.set_stride, (2, 2))
        keep(person, qtbot)
        assert "the scene could not be opened again" in mark(person).toolTip()


def mark(person):
    return person.window.recovery.keeper.mark


class TestSecondPlace:
    @pytest.fixture
    def second(self, tmp_path):
        return tmp_path / "second"

    @pytest.fixture
    def start_with_two(self, open_window, runs, second):
        return lambda: Person(open_window(lambda: make_window(None, None, runs, second)), Clock())

    def test_it_has_the_work_where_the_first_takes_none(self, start_with_two, runs, second, qtbot):
        runs.write_text("in the way")
        person = start_with_two()
        person.apply(changes.set_stride, (2, 2))
        keep(person, qtbot)
        assert person.message_text is None
        assert not mark(person).isVisible()
        assert len(work_of(second)) == 1
        kill(person)
        runs.unlink()
        again = start_with_two()
        assert "Its work on “Letter H” was kept:" in offered(again)
        answer(again, "Open it")
        assert again.session.document.layers[0].stride == (2, 2)
        again.window.close()
        assert names(runs) == names(second) == []

    def test_older_work_in_the_first_goes_when_the_second_has_it(
        self, start_with_two, runs, second, qtbot, monkeypatch
    ):
        def fail_in_first(path, *arguments, **options):
            if path.parent == runs:
                raise WriteError(28, "cannot write there: no space left on the device", "there")
            keep_work(path, *arguments, **options)

        person = start_with_two()
        person.apply(changes.set_stride, (2, 2))
        keep(person, qtbot)
        with monkeypatch.context() as patches:
            patches.setattr(places, "keep_work", fail_in_first)
            person.apply(changes.set_stride, (3, 3))
            keep(person, qtbot)
        assert names(runs) == []
        assert len(work_of(second)) == 1
        kill(person)
        again = start_with_two()
        answer(again, "Open it")
        assert again.session.document.layers[0].stride == (3, 3)
        assert offered(again) is None

    def test_from_another_disk_it_is_taken_over_too(
        self, start_with_two, runs, second, tmp_path, monkeypatch
    ):
        def refuse(run, _other):
            raise WriteError(18, "cannot write there: this is another disk", str(run.work))

        lost = begin_run(second, "convviz 1")
        session = changes.set_stride(new_session(), (2, 2))
        keep_work(lost.work, session, tmp_path / EDGES)
        lost.close()
        monkeypatch.setattr(Run, "adopt_work", refuse)
        person = start_with_two()
        answer(person, "Open it")
        assert kept(person)[0].document.layers[0].stride == (2, 2)
        assert names(second) == []
        assert len(work_of(runs)) == 1


def test_a_crash_leaves_its_report(program, start):
    assert program(1000, "crash").wait(SOON) != 0
    person = start()
    assert list(answers(person)) == ["Open it", "Discard", "Show the report"]
    answer(person, "Show the report")
    (window,) = person.window.findChildren(ReportWindow)
    text = window.text.toPlainText()
    assert "Segmentation fault" in text
    assert 'File "convviz/ui/app.py"' in text
    assert str(ROOT) not in text

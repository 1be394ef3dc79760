"""File > Open recent: never waits for a disk, and shows names of any length and any bytes."""

import os
import shutil
import threading
from pathlib import Path

import pytest
from PySide6.QtGui import QAction

from convviz.files.scenes import read_scene, scene_bytes
from convviz.files.settings import read_settings
from convviz.model import changes, filing
from convviz.model.session import new_session
from convviz.ui import dialogs, looking
from convviz.ui.app import make_window
from convviz.ui.looking import Looking

KEPT = Path(__file__).parent.parent / "files" / "scenes"
TABLE = b"1,2,3\n4,5,6\n7,8,9\n"
BYTES = b"caf\xe9.csv"  # latin-1
LONG = "L" * 120 + "M" * 120 + ".csv"


class SilentDisk:
    """A disk on which looking for some files takes until it is connected again."""

    def __init__(self, monkeypatch, *names):
        self.connected = threading.Event()
        self._names = names
        self.asked = []
        real = looking.is_there

        def is_there(path):
            if path.name in names:
                self.asked.append(path.name)
                assert self.connected.wait(60)
            return real(path)

        monkeypatch.setattr(looking, "is_there", is_there)


@pytest.fixture
def silent_disk(monkeypatch):
    made = []

    def make(*names):
        made.append(SilentDisk(monkeypatch, *names))
        return made[-1]

    yield make
    for disk in made:
        disk.connected.set()


@pytest.fixture
def files(person, tmp_path):
    """Three files, that were opened: c.csv the last."""
    for name in ("a.csv", "b.csv", "c.csv"):
        (tmp_path / name).write_bytes(TABLE)
        person.window.open_path(tmp_path / name)
    return tmp_path


def entries(person):
    """Return what the menu shows: (text, whether it can be chosen)."""
    listed = person.window.recent.actions()[: len(person.session.recent)]
    return [(action.text(), action.isEnabled()) for action in listed]


def test_the_menu_opens_though_a_disk_does_not_answer(person, files, silent_disk, qtbot):
    (files / "a.csv").unlink()
    disk = silent_disk("b.csv")
    menu = person.window.recent
    menu.aboutToShow.emit()
    assert entries(person)[1] == ("b.csv", True)
    qtbot.waitUntil(lambda: entries(person)[2] == ("a.csv", False))
    for _ in range(3):
        menu.aboutToHide.emit()
        menu.aboutToShow.emit()
    assert disk.asked == ["b.csv"]  # and not again while no answer came
    (files / "b.csv").unlink()
    disk.connected.set()
    qtbot.waitUntil(lambda: entries(person)[1] == ("b.csv", False))
    qtbot.waitUntil(lambda: not menu._timer.isActive())


@pytest.mark.usefixtures("files")
def test_choosing_a_file_of_a_silent_disk_says_so_and_opens_it_later(person, silent_disk):
    disk = silent_disk("b.csv")
    person.window.recent.actions()[1].trigger()
    assert person.message_text == (
        "b.csv: its disk does not answer; open it again once that is connected"
    )
    assert person.title.startswith("c ")
    disk.connected.set()
    person.window.recent.actions()[1].trigger()
    assert person.title.startswith("b ")


def test_the_end_does_not_wait_for_a_silent_disk(silent_disk):
    disk = silent_disk("x")
    found = Looking()
    found.ask([Path("x")])
    assert found.found(Path("x")) is None
    assert all(thread.daemon for thread in found._threads.values())
    disk.connected.set()
    assert found.found(Path("x"), 10) is False


def test_work_is_kept_under_a_name_whose_disk_is_silent(person, tmp_path, monkeypatch):
    file = Path(shutil.copy(KEPT / "a-signal.convviz", tmp_path / "far.convviz"))
    person.window.open_path(file)
    monkeypatch.setattr(Path, "is_dir", lambda _path: pytest.fail("the disk was asked"))
    assert person.window.recovery.keeper._meant() == file


# Names


@pytest.fixture
def odd(tmp_path):
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + BYTES))
    path.write_bytes(TABLE)
    return path


def test_a_file_whose_name_is_no_text_is_shown_remembered_and_opened_again(
    person_with, odd, qtbot, tmp_path
):
    person = person_with(tmp_path / "gone.csv")
    person.window.open_path(odd)
    assert person.title == r"caf\xe9 ∗ Sobel x — convviz"
    menu = person.window.recent
    menu.aboutToShow.emit()
    qtbot.waitUntil(lambda: not menu._timer.isActive())
    assert entries(person) == [(r"caf\xe9.csv", True)]
    assert menu.actions()[0].toolTip().endswith(r"/caf\xe9.csv")
    person.apply(filing.choose_input, "letter-h")
    menu.actions()[0].trigger()
    assert person.session.document.image.shape == (1, 3, 3)


def test_it_is_there_the_next_time(open_window, odd, tmp_path):
    settings = tmp_path / "settings.json"
    window = open_window(lambda: make_window(None, settings))
    window.open_path(odd)
    assert read_settings(settings)[0].recent == (odd,)
    again = open_window(lambda: make_window(None, settings))
    assert again.recent.actions()[0].text() == r"caf\xe9.csv"
    again.recent.actions()[0].trigger()
    assert again.windowTitle().startswith(r"caf\xe9 ")


def test_errors_call_it_by_that_name(person, odd):
    odd.write_bytes(b"1,x")
    person.window.open_path(odd)
    assert person.message_text.partition(": ")[0].endswith(r"/caf\xe9.csv")


def test_a_scene_made_of_it_is_saved_and_opened(person, odd, tmp_path, monkeypatch):
    person.window.open_path(odd)
    target = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.convviz"))
    monkeypatch.setattr(dialogs, "ask_save_scene", lambda *_: target)
    person.window.run("save")
    assert read_scene(target).document.image_name == r"caf\xe9"
    assert person.title == r"\xff\xfe — convviz"
    person.apply(changes.set_stride, (2, 2))
    assert person.title == r"\xff\xfe* — convviz"
    assert person.window.scenes.suggested == target


def test_the_work_on_it_is_kept(open_window, tmp_path):
    runs = tmp_path / "runs"
    scene = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.convviz"))
    scene.write_bytes(scene_bytes(new_session()))
    window = open_window(lambda: make_window(None, None, runs))
    window.open_path(scene)
    window._store.apply(changes.set_stride, (2, 2))
    window.leaving = True
    window.close()
    again = open_window(lambda: make_window(None, None, runs))
    assert r"Its work on “\xff” was kept" in again.offer._text.text()
    again.recovery.answer("open")
    assert again._store.session.recovered == scene
    again.leaving = True


def test_a_folder_that_is_no_text_is_shown_in_the_file_manager(person, monkeypatch):
    shown = []
    monkeypatch.setattr(
        "convviz.ui.runner.QDesktopServices.openUrl",
        lambda url: shown.append(url.toEncoded().data()),
    )
    folder = os.fsdecode(b"/tmp/a b/\xff")
    person.window.runner.run_choice(_choice("show-folder", folder))
    assert shown == [b"file:///tmp/a%20b/%FF"]


def _choice(command, argument):
    from convviz.model.session import Choice

    return Choice("Show in folder", command, argument)


# Long names


@pytest.fixture
def long_named(person, tmp_path):
    """A person who opened a file whose name is as long as names can be."""
    (tmp_path / LONG).write_bytes(TABLE)
    person.window.open_path(tmp_path / LONG)
    return person


def test_a_long_name_loses_its_middle_in_the_menu_and_is_whole_in_the_tip(long_named):
    menu = long_named.window.recent
    action = menu.actions()[0]
    assert menu.sizeHint().width() < 700
    assert action.text().startswith("LLLL")
    assert action.text().endswith("MMMM.csv")
    assert action.toolTip().replace("\n", "").endswith(LONG)
    assert max(map(len, action.toolTip().split("\n"))) <= 100


def test_it_makes_neither_the_window_nor_any_menu_wide(long_named):
    long_named.window.open_path(Path("/nowhere") / LONG)
    assert long_named.message_text.startswith("/nowhere/LLLL")
    window = long_named.window
    assert window.width() == 1280
    assert window.centralWidget().minimumSizeHint().width() <= 1280
    assert window.message.width() < 1280
    texts = [action.text() for action in window.findChildren(QAction)]
    assert max(map(len, texts)) < 100
    assert LONG in window.message._text.toolTip().replace("\n", "")
    assert LONG[:-4] in window.actions_by_name["undo"].toolTip().replace("\n", "")

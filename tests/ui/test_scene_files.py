"""Scenes: saved, opened, reverted; and no unsaved work goes without a question."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from person import Clock, Person
from PIL import Image
from PySide6.QtCore import QUrl
from test_opening_files import drop

from convviz.files import checked_scenes
from convviz.files.scenes import read_scene, scene_bytes
from convviz.model import changes, pages, stacking, transitions
from convviz.model.examples import show_example
from convviz.model.session import new_session
from convviz.ui import dialogs
from convviz.ui.app import make_window

PATIENCE = 10  # seconds
KEPT = Path(__file__).parents[1] / "files" / "scenes"


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Answer where to save with tmp_path/mine.convviz; keep what was suggested."""
    suggested = []

    def ask(_parent, path):
        suggested.append(path)
        return tmp_path / "mine.convviz"

    monkeypatch.setattr(dialogs, "ask_save_scene", ask)
    return suggested


@pytest.fixture
def mine(tmp_path):
    return tmp_path / "mine.convviz"


@pytest.fixture
def every_kind(tmp_path):
    return Path(shutil.copy(KEPT / "every-kind-of-layer.convviz", tmp_path))


def test_what_is_saved_is_opened_again(person, asked, mine):
    person.apply(changes.set_stride, (2, 2))
    person.apply(transitions.seek, 5)
    person.window.run("save")
    assert [path.name for path in asked] == ["Letter H.convviz"]
    person.window.run("new")
    assert person.session.document.shapes[-1] == (1, 16, 16)
    assert person.title == "Letter H ∗ Sobel x — convviz"
    person.window.open_path(mine)
    assert person.session.document.shapes[-1] == (1, 8, 8)
    assert person.session.playhead.step == 5
    assert person.title == "mine — convviz"
    assert not person.session.history.past


def test_the_title_marks_what_is_not_saved(person, asked):
    assert not person.window.isWindowModified()
    person.apply(changes.set_stride, (2, 2))
    assert person.title == "Letter H ∗ Sobel x* — convviz"
    person.key("Ctrl+S")
    assert person.title == "mine — convviz"
    person.apply(changes.set_stride, (1, 1))
    assert person.title == "mine* — convviz"
    person.apply(changes.undo)
    assert person.title == "mine — convviz"
    person.apply(changes.undo)
    assert person.title == "mine* — convviz"
    assert len(asked) == 1


def test_moving_on_is_no_change(person):
    person.key("Right")
    person.apply(pages.show_workspace, "layers")
    assert not person.window.isWindowModified()


def test_save_writes_into_the_same_file_without_asking(person, asked, mine):
    person.window.run("save")
    person.apply(changes.set_stride, (2, 2))
    person.key("Ctrl+S")
    assert len(asked) == 1
    assert read_scene(mine).document.layers[0].stride == (2, 2)


def test_save_as_suggests_the_file_that_there_is(person, asked, every_kind):
    person.window.open_path(every_kind)
    person.key("Ctrl+Shift+S")
    assert asked == [every_kind]
    assert person.title == "mine — convviz"


def test_a_name_that_cannot_be_a_file_is_not_suggested(person, asked):
    person.apply(changes.set_image, np.ones((4, 4)), 'a/b: "c"?')
    person.window.run("save")
    assert asked[0].name == "a-b- -c--.convviz"


def test_a_file_with_a_star_in_brackets_keeps_its_name(person, every_kind):
    path = every_kind.rename(every_kind.with_name("a[*]b.convviz"))
    person.window.open_path(path)
    assert person.window.windowTitle() == "a[*][*]b[*] — convviz"


def test_revert_goes_back_to_what_is_saved_and_undo_leads_back(person, every_kind):
    revert = person.window.actions_by_name["revert"]
    assert not revert.isEnabled()
    person.window.open_path(every_kind)
    assert not revert.isEnabled()
    person.apply(stacking.focus_layer, 0)
    before = person.session.document.image
    person.apply(changes.set_cell, "input", (0, 0), 7)
    assert revert.isEnabled()
    revert.trigger()
    assert person.session.document.image is before
    assert not person.window.isWindowModified()
    person.key("Ctrl+Z")
    assert person.window.isWindowModified()


@pytest.mark.usefixtures("asked")
@pytest.mark.parametrize("way", ["new", "open", "close"])
@pytest.mark.parametrize("answer", ["save", "discard", "cancel"])
def test_unsaved_changes_go_only_when_the_person_says_so(
    person, questions, mine, every_kind, way, answer
):
    person.apply(changes.set_cell, "input", (0, 0), 7)
    edited = person.session.document
    questions.answer = answer
    match way:
        case "new":
            person.key("Ctrl+N")
        case "open":
            person.window.open_path(every_kind)
        case "close":
            person.window.close()
    assert questions.names == ["Letter H, edited ∗ Sobel x"]
    stays = answer == "cancel" or way == "close"
    assert (person.session.document is edited) is stays
    assert person.window.isVisible() is (answer == "cancel" or way != "close")
    assert mine.exists() is (answer == "save")
    if answer == "save":
        assert read_scene(mine).document.image[0, 0, 0] == 7


@pytest.fixture
def working_on_both(person):
    """Work on signals, then on images, which are shown."""
    person.apply(pages.show_workspace, "signals")
    person.apply(changes.set_cell, "input", (0, 0), 5.0)
    person.apply(pages.show_workspace, "convolve")
    person.apply(changes.set_cell, "input", (0, 0), 7.0)


@pytest.mark.usefixtures("working_on_both")
@pytest.mark.parametrize("way", ["new", "close"])
def test_each_page_is_asked_about_while_it_is_shown(person, monkeypatch, way):
    shown = []

    def answer(_parent, name, **_more):
        shown.append((name, person.session.rank))
        return "discard"

    monkeypatch.setattr(dialogs, "ask_unsaved", answer)
    if way == "new":
        person.key("Ctrl+N")
    else:
        person.window.close()
    assert [rank for _, rank in shown] == [2, 1]
    assert shown[0][0] == "Letter H, edited ∗ Sobel x"
    assert shown[1][0] != shown[0][0]


@pytest.mark.usefixtures("working_on_both", "asked")
def test_who_saves_the_shown_page_is_still_asked_about_the_other(person, questions, mine):
    person.key("Ctrl+S")
    assert not person.window.isWindowModified()
    assert read_scene(mine).aside is None
    questions.answer = "cancel"
    person.window.close()
    assert person.window.isVisible()
    assert len(questions.names) == 1
    assert person.session.rank == 1
    assert person.window.isWindowModified()
    assert person.session.document.image[0, 0] == 5
    person.apply(pages.show_workspace, "convolve")
    assert person.session.file == mine


@pytest.mark.usefixtures("working_on_both")
def test_each_page_is_saved_into_a_file_of_its_own(person, monkeypatch, tmp_path):
    files = [tmp_path / "images.convviz", tmp_path / "signals.convviz"]
    asked = iter(files)
    monkeypatch.setattr(dialogs, "ask_save_scene", lambda *_: next(asked))
    person.key("Ctrl+S")
    person.apply(pages.show_workspace, "signals")
    person.key("Ctrl+S")
    assert [read_scene(file).rank for file in files] == [2, 1]
    person.apply(pages.show_workspace, "convolve")
    person.apply(changes.set_cell, "input", (1, 1), 9.0)
    person.key("Ctrl+S")
    assert read_scene(files[0]).document.image[0, 1, 1] == 9
    assert read_scene(files[1]).document.image[0, 0] == 5
    person.window.close()
    assert not person.window.isVisible()


def test_who_saves_and_then_does_not_choose_a_file_keeps_the_window(person, questions, monkeypatch):
    monkeypatch.setattr(dialogs, "ask_save_scene", lambda *_: None)
    person.apply(changes.set_stride, (2, 2))
    questions.answer = "save"
    person.window.close()
    assert person.window.isVisible()
    assert person.window.isWindowModified()


def test_what_was_only_looked_at_is_not_asked_about(person, questions, tmp_path):
    picture = tmp_path / "picture.png"
    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(picture)
    person.window.open_path(picture)
    person.apply(show_example, "lenet")
    person.window.run("new")
    person.window.close()
    assert questions.names == []


def test_work_before_an_example_is_still_asked_about(person, questions):
    person.apply(changes.set_stride, (2, 2))
    person.apply(show_example, "lenet")
    assert person.window.isWindowModified()
    person.window.close()
    assert len(questions.names) == 1


def test_an_example_is_not_saved_over_the_scene_that_was_open(person, asked, every_kind):
    before = every_kind.read_bytes()
    person.window.open_path(every_kind)
    person.apply(show_example, "lenet")
    person.key("Ctrl+S")
    assert len(asked) == 1
    assert every_kind.read_bytes() == before


def test_a_picture_in_an_open_scene_is_a_change_of_it(person, every_kind, tmp_path):
    picture = tmp_path / "picture.png"
    Image.fromarray(np.full((12, 12, 3), 50, np.uint8)).save(picture)
    person.window.open_path(every_kind)
    person.window.open_path(picture)
    assert person.title == "every-kind-of-layer* — convviz"


def test_a_scene_can_be_dropped_on_the_window(person, every_kind):
    assert drop(person, QUrl.fromLocalFile(str(every_kind)))
    assert person.title == "every-kind-of-layer — convviz"
    assert person.session.view.workspace == "layers"


def test_a_scene_can_be_given_at_the_start(person_with, every_kind):
    person = person_with(every_kind)
    assert person.title == "every-kind-of-layer — convviz"
    assert not person.window.isWindowModified()


def test_the_theme_and_the_layout_of_the_window_stay(person, every_kind):
    person.apply(transitions.set_theme, "light")
    person.apply(transitions.set_layout, (0.3, 0.3, 0.4), 0.25)
    person.window.open_path(every_kind)
    view = person.session.view
    assert (view.theme, view.columns, view.strip) == ("light", (0.3, 0.3, 0.4), 0.25)


def test_a_broken_scene_says_why_and_nothing_changes(person, questions, mine):
    mine.write_text('{"format": "convviz scene", "version": 99}')
    person.apply(changes.set_stride, (2, 2))
    before = person.session.document
    person.window.open_path(mine)
    assert person.session.document is before
    assert person.message_text.endswith(
        "mine.convviz: version: the scene is of version 99, this convviz reads up to 1; "
        "open it with a newer convviz"
    )
    assert questions.names == []


def test_a_folder_that_is_not_there_is_named_and_the_change_stays(person, monkeypatch, tmp_path):
    gone = tmp_path / "gone" / "mine.convviz"
    monkeypatch.setattr(dialogs, "ask_save_scene", lambda *_: gone)
    person.apply(changes.set_stride, (2, 2))
    person.window.run("save")
    assert "the folder does not exist; create it or choose another folder" in person.message_text
    assert person.window.isWindowModified()
    assert person.session.file is None


def test_what_could_not_be_opened_again_does_not_replace_the_file(person, monkeypatch, tmp_path):
    file = tmp_path / "mine.convviz"
    monkeypatch.setattr(dialogs, "ask_save_scene", lambda *_: file)
    person.window.run("save")
    before = file.read_bytes()
    person.apply(changes.set_stride, (2, 2))
    monkeypatch.setattr(checked_scenes, "scene_bytes", with_a_view_that_is_not_there)
    person.window.run("save")
    assert person.message_text == (
        f"cannot write {file}: the scene could not be opened again "
        "(view.way: 'spiral' is none of slide, copies, matrix); undo the last change and save again"
    )
    assert file.read_bytes() == before
    assert person.window.isWindowModified()


def with_a_view_that_is_not_there(session):
    return scene_bytes(session).replace(b'"way": "slide"', b'"way": "spiral"')


# What is remembered


def recent(person):
    menu = person.window.recent
    menu.aboutToShow.emit()
    answers = [menu._looking.found(path, PATIENCE) for path in person.session.recent]
    assert None not in answers
    menu._timer.timeout.emit()
    menu.aboutToHide.emit()
    return [(action.text(), action.isEnabled()) for action in menu.actions()[: len(answers)]]


@pytest.fixture
def person_again(open_window, tmp_path):
    """Return a function that opens the window with the settings of the last time."""
    path = tmp_path / "settings" / "settings.json"
    return lambda: Person(open_window(lambda: make_window(None, path)), Clock())


def test_recent_files_are_in_the_menu_newest_first(person, every_kind, tmp_path):
    assert not person.window.recent.isEnabled()
    other = Path(shutil.copy(KEPT / "a-signal.convviz", tmp_path / "R&D.convviz"))
    for path in (every_kind, other, every_kind):
        person.window.open_path(path)
    assert recent(person) == [("every-kind-of-layer.convviz", True), ("R&&D.convviz", True)]
    person.window.recent.actions()[1].trigger()
    assert person.title == "R&D — convviz"


def test_those_that_are_gone_are_grey(person, every_kind):
    person.window.open_path(every_kind)
    every_kind.unlink()
    assert recent(person) == [("every-kind-of-layer.convviz", False)]


def test_what_could_not_be_opened_is_not_remembered(person, tmp_path):
    for name in ("broken.png", "broken.convviz"):
        (tmp_path / name).write_text("?")
        person.window.open_path(tmp_path / name)
    person.window.open_path(tmp_path / "gone.png")
    assert recent(person) == []


@pytest.mark.usefixtures("asked")
def test_theme_and_recent_files_are_there_the_next_time(person_again):
    person = person_again()
    person.apply(transitions.set_theme, "light")
    person.window.run("save")
    person.window.close()
    again = person_again()
    assert again.session.view.theme == "light"
    assert recent(again) == [("mine.convviz", True)]
    assert again.title == "Letter H ∗ Sobel x — convviz"


def test_two_windows_at_once_remember_what_either_opened(person_again, every_kind, tmp_path):
    other = Path(shutil.copy(KEPT / "a-signal.convviz", tmp_path / "other.convviz"))
    third = Path(shutil.copy(KEPT / "a-signal.convviz", tmp_path / "third.convviz"))
    one, two = person_again(), person_again()
    one.window.open_path(every_kind)
    two.window.open_path(other)
    two.apply(transitions.set_theme, "light")
    one.window.open_path(third)
    last = person_again()
    names = [name for name, _ in recent(last)]
    assert names == ["third.convviz", "other.convviz", "every-kind-of-layer.convviz"]
    assert last.session.view.theme == "light"


def test_settings_that_cannot_be_written_are_told_of_once(person_again, tmp_path):
    (tmp_path / "settings").write_text("in the way")
    person = person_again()
    person.apply(transitions.set_theme, "light")
    assert person.message_text.startswith(
        "Settings and recent files are not remembered: cannot write "
    )
    assert "a part of the path is not a folder" in person.message_text
    person.key("Escape")
    person.apply(transitions.set_theme, "dark")
    assert person.message_text is None


def test_broken_settings_are_told_of_once(person_again, tmp_path):
    (tmp_path / "settings").mkdir()
    (tmp_path / "settings" / "settings.json").write_text("{")
    person = person_again()
    assert "it is now settings.json.broken" in person.message_text
    person.window.close()
    assert person_again().message_text is None


def test_what_another_window_saved_is_not_overwritten_unasked(person_again, tmp_path):
    file = tmp_path / "shared.convviz"
    file.write_bytes(scene_bytes(new_session()))
    one, other = person_again(), person_again()
    for person in (one, other):
        person.window.open_path(file)
    one.apply(changes.set_cell, "input", (0, 0), 7.0)
    one.window.run("save")
    theirs = file.read_bytes()
    other.apply(changes.set_cell, "input", (1, 1), 9.0)
    other.window.run("save")
    assert file.read_bytes() == theirs
    assert other.message_text.startswith("shared.convviz was changed elsewhere")
    assert other.title.startswith("shared*")
    other.press(other.message_button("Overwrite it"))
    assert read_scene(file).document.image[0, 1, 1] == 9
    assert other.message_text is None
    other.apply(changes.set_cell, "input", (1, 1), 8.0)
    other.window.run("save")
    assert read_scene(file).document.image[0, 1, 1] == 8

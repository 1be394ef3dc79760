"""A random walk on a real screen: whatever is done, what is shown, saved and undone stays right.

Each event is a number from which the dice of `act` begin, so that a walk that fails can be walked
again and made shorter: what is printed is the shortest one that was found.
"""

import ctypes
import random
from pathlib import Path

import pytest
from person import delete_what_waits
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from test_endurance import memory
from test_typing import boxes_of
from test_wild_hands import act, assert_all_is_well

from convviz.files.scenes import read_scene, scene_bytes
from convviz.model import changes, filing, transitions
from convviz.model.document import same_document
from convviz.ui import dialogs

pytestmark = pytest.mark.screen
TRIES = 30  # shorter walks that are tried when one fails
EVERY = 50  # events, after which the scene is saved and opened, undone and redone
STAGE = 1_000  # events, after which nothing is left but what the program holds for itself
MOST_GROWTH = 20 * 2**20  # bytes, from the tenth stage on


@pytest.fixture
def undisturbed(person, monkeypatch, tmp_path):
    """A person whose window asks for no file, opens no menu, and saves into a folder of its own."""
    monkeypatch.chdir(tmp_path)
    for ask in (name for name in vars(dialogs) if name.startswith("ask_")):
        if ask != "ask_unsaved":
            monkeypatch.setattr(dialogs, ask, lambda *_: None)
    monkeypatch.setattr("PySide6.QtWidgets.QMenu.popup", lambda *_: None)
    small = QImage(9, 7, QImage.Format.Format_RGB32)
    small.fill(0x308080)
    monkeypatch.setattr("convviz.ui.export_control.frame_image", lambda *_: small)  # to be pasted
    return person


def leave_a_number_behind(person, dice):
    """Type into a field, and leave it to whatever comes next."""
    if boxes := boxes_of(person):
        box = dice.choice(boxes)
        box.setFocus()
        box.selectAll()
        person.type(dice.choice(["2", "3", "1/9", "5x", "0", "-"]))


def go_elsewhere(person, dice):
    """Save, open, revert or begin anew, from whatever workspace is shown."""
    session = person.session
    scene = read_scene(scene_bytes(session))
    person.apply(
        *dice.choice(
            [
                (filing.open_scene, scene, session.file or Path("walk.convviz")),
                (filing.mark_saved, session.document, Path("walk.convviz")),
                (filing.revert,),
                (filing.new_scene,),
            ]
        )
    )


def live(person, event):
    """Do what the number of an event stands for, and look at everything."""
    dice = random.Random(event)
    what = dice.random()
    if what < 0.04:
        leave_a_number_behind(person, dice)
    elif what < 0.05:
        go_elsewhere(person, dice)
    else:
        act(person, dice)
    QApplication.processEvents()
    delete_what_waits()
    if popup := QApplication.activePopupWidget():
        popup.close()
    assert_all_is_well(person)


def assert_it_can_be_saved_and_undone(person):
    person.window._store.finish_typing()  # else the first undo does, which makes one more change
    session = person.session
    data = scene_bytes(session)
    assert scene_bytes(read_scene(data)) == data
    if session.attempt:  # the first undo withdraws it
        person.apply(changes.undo)
    last, count = person.session.document, len(person.session.history.past)
    for _ in range(count):
        person.apply(changes.undo)
    for _ in range(count):
        person.apply(changes.redo)
    assert same_document(person.session.document, last)


def failure_of(person, events):
    """Return what goes wrong on a walk, "" when nothing does."""
    person.apply(filing.new_scene)
    person.apply(transitions.dismiss)
    for number, event in enumerate(events, 1):
        try:
            live(person, event)
            if number % EVERY == 0:
                assert_it_can_be_saved_and_undone(person)
        except Exception as error:  # whatever it is, it is told with its walk
            return f"{type(error).__name__}: {error} after event {number}"
    return ""


def shortest(person, events):
    """Return a shorter walk that fails as well, by leaving out halves, quarters and so on."""
    size, tries = len(events) // 2, 0
    while size and tries < TRIES:
        for start in range(0, len(events), size):
            fewer = events[:start] + events[start + size :]
            tries += 1
            if fewer and failure_of(person, fewer):
                events = fewer
                break
        else:
            size //= 2
    return events


def events_of(seed, first, count):
    numbers = range(first, first + count)
    return [random.Random(seed * 1_000_003 + number).randrange(2**31) for number in numbers]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_walk_breaks_nothing(undisturbed, seed, qtbot):
    assert_it_breaks_nothing(undisturbed, seed, events_of(seed, 0, 300), qtbot)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("seed", range(1, 21))
def test_a_long_walk_breaks_nothing(undisturbed, seed, qtbot):
    assert_it_breaks_nothing(undisturbed, seed, events_of(seed, 0, 5_000), qtbot)


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
def test_a_walk_takes_no_memory_once_everything_was_seen(undisturbed, qtbot):
    held = []
    for first in range(0, 20 * STAGE, STAGE):
        assert_it_breaks_nothing(undisturbed, 1, events_of(1, first, STAGE), qtbot)
        held.append(memory_without_a_history(undisturbed))
    assert max(held[10:]) - held[9] < MOST_GROWTH, held


def memory_without_a_history(person):
    """Return the bytes that are held when nothing can be undone and what is free is given back."""
    person.apply(filing.new_scene)
    QApplication.processEvents()
    delete_what_waits()
    memory()  # collects what is garbage
    ctypes.CDLL(None).malloc_trim(0)
    return memory()


def assert_it_breaks_nothing(undisturbed, seed, events, qtbot):
    with qtbot.captureExceptions() as exceptions:
        failure = failure_of(undisturbed, events)
        if failure:
            walked = events[: int(failure.rsplit(" ", 1)[1])]
            pytest.fail(f"seed {seed}: {failure}; shorter walk: {shortest(undisturbed, walked)}")
    assert not exceptions

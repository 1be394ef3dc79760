"""What a person has made is there until the person gives it up, in whatever state it is."""

import signal

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication, QImage
from PySide6.QtWidgets import QApplication, QMessageBox

from convviz.files.scenes import read_scene
from convviz.model import cell_changes, changes, painting, stacking
from convviz.ui import dialogs
from convviz.ui.app import Stop
from convviz.ui.list_field import ListField


@pytest.fixture
def own_handlers():
    """Put the handlers of signals back that a program under test installs."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def unfit(person):
    """The person has asked for a dilation under which the kernel is larger than the image."""
    person.apply(changes.set_padding, "valid")
    person.apply(changes.set_dilation, (12, 12))
    assert person.session.attempt is not None
    return person


def test_a_cell_being_typed_is_saved_though_a_menu_gave_the_focus_away(
    person, tmp_path, monkeypatch
):
    path = tmp_path / "typed.convviz"
    monkeypatch.setattr(dialogs, "ask_save_scene", lambda *_: path)
    person.click(person.stage.input, (6, 6))
    person.type("52")
    editor = person.focus
    editor.clearFocus()  # as a menu does that is opened by a key
    editor.is_open = True
    editor.show()
    person.stage.kernel.setFocus(Qt.FocusReason.PopupFocusReason)
    person.window.actions_by_name["save-as"].trigger()
    assert read_scene(path).document.image[0, 5, 5] == 52


def test_a_pasted_picture_is_work(person, questions):
    picture = QImage(9, 7, QImage.Format.Format_RGB32)
    picture.fill(0x808080)
    QGuiApplication.clipboard().setImage(picture)
    person.key("Escape", "Ctrl+V")
    assert person.session.document.image.shape == (1, 7, 9)
    assert person.title.startswith("Pasted picture ∗ Sobel x*")
    person.window.close()
    assert questions.names


def test_a_setting_that_does_not_fit_is_asked_about(unfit, questions):
    assert "*" in unfit.title
    questions.answer = "cancel"
    unfit.window.close()
    assert questions.names
    assert unfit.session.attempt is not None


def test_what_is_saved_without_it_is_told(unfit, tmp_path, monkeypatch):
    path = tmp_path / "a.convviz"
    monkeypatch.setattr(dialogs, "ask_save_scene", lambda *_: path)
    unfit.key("Ctrl+S")
    assert unfit.message_text == "a.convviz is saved without the setting that does not fit"
    assert read_scene(path).document.layers[0].dilation == (1, 1)
    assert "*" in unfit.title


@pytest.mark.parametrize(
    "change",
    [
        (changes.set_cell, "input", (2, 3), 5.0),
        (changes.set_cell, "kernel", (0, 0), 5.0),
        (painting.begin, "input", (2, 3)),
    ],
    ids=["a cell", "a weight", "a stroke"],
)
def test_a_change_in_place_of_it_says_so(unfit, change):
    transition, *arguments = change
    if transition is painting.begin:
        unfit.apply(painting.choose_tool, "pencil")
    unfit.apply(transition, *arguments)
    assert unfit.session.attempt is None
    assert "did not fit was taken back" in unfit.message_text


def test_taken_back_by_undo_it_needs_no_words(unfit):
    unfit.key("Ctrl+Z")
    assert unfit.session.attempt is None
    assert unfit.message_text is None


def test_a_pasted_grid_that_does_not_fit_is_not_said_to_be_the_input(person):
    person.apply(changes.set_padding, "valid")
    QGuiApplication.clipboard().setText("11 12\n13 14")
    person.key("Escape", "Ctrl+V")
    assert person.session.attempt is not None
    assert "are the input" not in (person.message_text or "")


def list_field(person):
    person.key("Alt+2")
    return person.window.findChild(ListField)


def test_a_list_with_a_slip_stays_to_be_mended(person):
    field = list_field(person)
    field.setFocus()
    field.selectAll()
    person.type("5, 7, 8x, 9")
    person.key("Return")
    assert field.text() == "5, 7, 8x, 9"
    assert "'8x' is not a number" in person.message_text
    assert "column" not in person.message_text
    field.setText("5, 7, 8, 9")
    person.key("Return")
    assert person.session.document.image.tolist() == [[5, 7, 8, 9]]


def test_a_list_with_a_slip_is_still_there_after_a_look_around(person):
    field = list_field(person)
    field.setFocus()
    field.selectAll()
    person.type("5, 8x")
    person.key("Return", "Alt+3", "Alt+2")
    assert field.text() == "5, 8x"
    person.apply(changes.undo)  # other samples are shown all the same
    person.apply(cell_changes.type_samples, "input", np.array([4.0, 5.0]))
    assert field.text() == "4, 5"


@pytest.mark.usefixtures("own_handlers")
def test_a_signal_ends_the_program_while_it_asks(person, monkeypatch, qtbot):
    monkeypatch.undo()  # the real question
    person.apply(changes.set_cell, "input", (0, 0), 3.0)
    stop = Stop(person.window)
    QApplication.postEvent(person.window, QCloseEvent())
    stop.code = 143
    qtbot.waitUntil(lambda: not person.window.isVisible(), timeout=10_000)
    assert not [box for box in QApplication.topLevelWidgets() if isinstance(box, QMessageBox)]


def test_a_rate_that_is_refused_leaves_its_field(person):
    person.key("Alt+4")
    before = person.panel.learning.rate.value()
    person.fill(person.panel.learning.rate, "-3")
    assert person.message_text
    assert person.panel.learning.rate.value() == before


def test_an_empty_number_is_told_with_its_name(person):
    person.key("Alt+4")
    rate = person.panel.learning.rate
    rate.setFocus()
    rate.selectAll()
    person.key("Delete", "Return")
    assert person.message_text == "Learning rate is empty: type a number such as -1, 0.2 or 1/9"


def test_a_stack_that_is_changed_in_place_of_a_setting_says_so(unfit):
    unfit.apply(stacking.add_layer, "relu")
    assert unfit.session.attempt is None or unfit.message_text

"""The window in which a small network is trained: what a person does and sees."""

import sys
import threading

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QWidget,
)

from convviz.engine.train_settings import TRAIN_SETTINGS
from convviz.files.weights import read_weights
from convviz.model import transitions
from convviz.model.training_run import Plan, advance, begin
from convviz.render.confusion_painter import confusion_geometry
from convviz.render.thumbnails import thumbnail_places
from convviz.ui import dialogs
from convviz.ui.training_views import Drawing
from convviz.ui.training_worker import Job, TrainingWorker

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def rest(qtbot):
    """Return a function that waits until nothing is trained or prepared."""
    return lambda window: qtbot.waitUntil(lambda: window.worker.job is None)


@pytest.fixture
def window(person, rest):
    """The window before the first batch, with two epochs to go."""
    person.key("F7")
    window = person.window.runner.training
    rest(window)
    person.fill(window.fields.numbers["epochs"], "2")
    rest(window)
    return window


def kernels(window):
    return [item.cells.values.tobytes() for item in window.kernels.thumbnails.items]


def click(view, places, number):
    QTest.mouseClick(view, LEFT, pos=places[number].center().toPoint())


def pictures(view):
    return thumbnail_places(view.area, view.thumbnails)


def words(window):
    return [window.progress.text(), window.result.text(), window.said.text()]


def test_f7_opens_it_and_escape_closes_it(person, window):
    assert window.isVisible()
    assert not window.isModal()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()
    assert person.window.isVisible()
    person.window.run("train")
    assert window.isVisible()


def test_it_opens_with_its_first_kernels_and_start_is_what_to_do_next(window):
    assert window.progress.text() == "Epoch 1 of 2 · batch 0 of 19"
    assert len(kernels(window)) == 8
    assert (window.go.text(), window.go.property("accent")) == ("Start", True)
    assert not window.reset.isEnabled()


def test_every_setting_is_there_with_its_sentence(window):
    assert set(window.fields.fields) == set(TRAIN_SETTINGS)
    for name, setting in TRAIN_SETTINGS.items():
        field = window.fields.fields[name]
        assert field.accessibleName() == setting.title
        assert field.accessibleDescription() == setting.summary
        field.setFocus(Qt.FocusReason.TabFocusReason)
        assert window.fields.sentence.text().startswith(f"{setting.title}: {setting.summary}")


def test_it_trains_to_the_end_and_everything_changes(person, window, rest):
    before = kernels(window), person.picture(window.curves), person.picture(window.maps)
    person.press(window.go)
    assert window.go.text() == "Pause"
    rest(window)
    assert window.progress.text() == "All epochs are done: 38 batches"
    assert window.bar.value() == window.bar.maximum()
    assert kernels(window) != before[0]
    assert (person.picture(window.curves) != before[1]).any()
    assert (person.picture(window.maps) != before[2]).any()
    assert window.go.text() == "Start again"
    assert window.step_through.property("accent")


def test_what_comes_while_the_window_is_painting_is_shown_after(qapp, qtbot):
    """The thread may be done before the window has shown the state before."""
    worker, job, seen = TrainingWorker(qapp), Job(Plan()), []

    def paint(shown):
        seen.append(shown.latest)
        if len(seen) == 1:
            worker._tell(job, second)

    first = begin(job.start)
    second = advance(first)
    worker.job = job
    worker.moved.connect(paint)
    worker._tell(job, first)
    qtbot.waitUntil(lambda: job.shown.is_set() and len(seen) == 2)
    assert seen == [first, second]
    worker.deleteLater()


def test_a_step_is_one_batch_and_reset_gives_the_first_kernels_of_the_seed(person, window, rest):
    first = kernels(window)
    person.press(window.one)
    rest(window)
    assert window.progress.text() == "Epoch 1 of 2 · batch 1 of 19"
    assert window.go.text() == "Resume"
    after = kernels(window)
    assert after != first
    person.press(window.reset)
    rest(window)
    assert kernels(window) == first
    person.press(window.one)
    rest(window)
    assert kernels(window) == after


def test_pausing_and_resuming_comes_to_the_same_as_one_go(person, window, rest):
    person.press(window.go)
    rest(window)
    whole = kernels(window), words(window)
    person.press(window.reset)
    rest(window)
    for _ in range(3):
        person.press(window.one)
        rest(window)
    person.choose(window.pace, "4 batches a second")
    person.press(window.go)
    person.press(window.go)
    assert window.go.text() == "Resume"
    rest(window)
    assert window.progress.text() != whole[1][0]
    person.choose(window.pace, "as fast as it goes")
    person.press(window.go)
    rest(window)
    assert (kernels(window), words(window)) == whole


def test_it_stops_at_once_and_no_thread_is_left(person, window):
    person.fill(window.fields.numbers["epochs"], "500")
    person.choose(window.pace, "4 batches a second")
    person.press(window.go)
    window.close()  # which waits for one batch, not for the 40 minutes of all
    assert not [thread for thread in threading.enumerate() if thread.name == "training"]


def test_closing_the_main_window_ends_the_training(person, window):
    person.fill(window.fields.numbers["epochs"], "500")
    person.press(window.go)
    person.window.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "training"]


def test_what_was_closed_while_it_was_prepared_is_prepared_when_it_opens_again(person, rest):
    person.key("F7")
    window = person.window.runner.training
    window.close()
    person.window.run("train")
    rest(window)
    assert len(kernels(window)) == 8


def test_a_setting_begins_anew(person, window, rest):
    person.press(window.go)
    rest(window)
    person.fill(window.fields.numbers["kernels"], "3")
    rest(window)
    assert len(kernels(window)) == 3
    assert window.progress.text() == "Epoch 1 of 2 · batch 0 of 19"
    assert window.fields.sentence.text().startswith("Kernels: ")


def test_without_scikit_learn_one_line_says_how_to_get_the_digits(
    person, window, rest, monkeypatch
):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    person.choose(window.fields.choices["images"], "Handwritten digits")
    rest(window)
    assert window.said.text() == (
        "The handwritten digits come with scikit-learn, which is not installed: "
        "pip install scikit-learn"
    )
    assert not window.step_through.isEnabled()
    assert not window.save.isEnabled()
    person.choose(window.fields.choices["images"], "Bars and corners")
    rest(window)
    assert window.said.text() == ""
    assert window.step_through.isEnabled()


def test_a_rate_that_diverges_is_said_with_the_way_out(person, window, rest):
    person.choose(window.fields.choices["optimizer"], "Gradient descent")
    person.fill(window.fields.numbers["lr"], "1e200")
    rest(window)
    person.press(window.go)
    rest(window)
    assert window.said.text().startswith("It diverges at step ")
    assert window.said.text().endswith("choose a smaller one")


# Looking into it


def test_a_click_on_a_wrong_image_shows_its_maps_and_probabilities(person, window):
    maps = person.picture(window.maps)
    click(window.wrong, pictures(window.wrong), 2)
    wrong = window.wrong.thumbnails.items[2]
    assert wrong.chosen
    right, guess = wrong.label.split(" as ")
    assert window.image_text.text().startswith(f"It is {right}, wrongly judged as {guess}, ")
    assert window.number.value() == wrong.channel + 1
    assert (person.picture(window.maps) != maps).any()
    assert guess in window.shares.accessibleDescription()
    assert window.confusion.accessibleDescription().endswith(f"of class {right} judged as {guess}")


def test_a_click_on_a_count_shows_one_of_its_images(window):
    counts = window.confusion.confusion.counts
    row, column = next(
        (r, c) for r, row in enumerate(counts) for c, n in enumerate(row) if n and r != c
    )
    place = confusion_geometry(window.confusion.area, window.confusion.confusion)
    QTest.mouseClick(window.confusion, LEFT, pos=place.rect(row, column).center().toPoint())
    assert window.confusion.confusion.chosen == (row, column)


def test_a_click_on_a_kernel_compares_it_with_the_hand_made(window):
    before = window.comparison.accessibleDescription()
    click(window.kernels, pictures(window.kernels), 4)
    assert window.compared.text() == "Compare kernel 5 with the hand-made"
    after = window.comparison.accessibleDescription()
    assert after.startswith("Kernel 5 is most like ")
    assert "correlation" in after
    assert after != before


def test_arrow_keys_go_from_picture_to_picture_and_leave_the_main_window_alone(person, window):
    step = person.session.playhead.step
    window.kernels.setFocus()
    QTest.keyClick(window.kernels, Qt.Key.Key_Right)
    QTest.keyClick(window.kernels, Qt.Key.Key_Right)
    assert window.compared.text() == "Compare kernel 3 with the hand-made"
    QTest.keyClick(window.kernels, Qt.Key.Key_Left)
    assert window.compared.text() == "Compare kernel 2 with the hand-made"
    assert person.session.playhead.step == step


def test_space_starts_the_training_and_not_the_scene(person, window, rest):
    window.kernels.setFocus()
    QTest.keyClick(window.kernels, Qt.Key.Key_Space)
    assert not person.session.playback.playing
    rest(window)
    assert window.progress.text() == "All epochs are done: 38 batches"


# Taking it away


def test_step_through_this_layer_takes_it_with_the_image_and_undo_leads_back(person, window):
    document = person.session.document
    click(window.kernels, pictures(window.kernels), 6)
    person.fill(window.number, "12")
    weight = window._run.state.layers[0].weight
    person.press(window.step_through)
    assert not window.isVisible()
    assert person.session.document.layers[0].weight is weight
    assert person.session.channel == 6
    assert person.session.document.image_name.endswith("held-back image 12")
    assert person.message_text.startswith("The layer as trained by now")
    person.press(person.message_button("Undo"))
    assert person.session.document is document


def test_the_message_leads_back_to_the_training_as_it_was(person, window, rest):
    person.press(window.one)
    rest(window)
    person.press(window.step_through)
    person.press(person.message_button("Back to the training"))
    assert window.isVisible()
    assert window.progress.text() == "Epoch 1 of 2 · batch 1 of 19"


def test_the_whole_network_opens_as_a_stack(person, window):
    person.press(window.as_stack)
    kinds = [type(layer).__name__ for layer in person.session.document.layers]
    assert kinds == ["Conv", "Activation", "Pool", "Conv"]


def test_weights_are_saved_where_a_person_says(person, window, monkeypatch, tmp_path):
    path = tmp_path / "mine.safetensors"
    monkeypatch.setattr(dialogs, "ask_save_weights", lambda _parent, _suggested: path)
    person.press(window.save)
    conv = read_weights(path)["conv"]
    assert np.array_equal(conv.weight, window._run.state.layers[0].weight)
    assert window.said.text().startswith("Saved mine.safetensors: conv.weight, conv.bias")
    person.window.open_path(path)
    assert person.window.runner.weights.browser.title.text().startswith("mine.safetensors: 1 layer")


def test_what_cannot_be_written_is_said(person, window, monkeypatch, tmp_path):
    path = tmp_path / "none" / "mine.safetensors"
    monkeypatch.setattr(dialogs, "ask_save_weights", lambda _parent, _suggested: path)
    person.press(window.save)
    assert "the folder does not exist" in window.said.text()


def test_the_window_is_saved_as_a_picture(person, window, monkeypatch, tmp_path):
    path = tmp_path / "mine.png"
    monkeypatch.setattr(dialogs, "ask_save_png", lambda _parent, _suggested: path)
    person.press(window.picture)
    assert QImage(str(path)).size() == window.grab().size()
    assert window.said.text() == "Saved mine.png"


def test_nothing_is_written_when_nobody_chooses_a_file(person, window, monkeypatch):
    monkeypatch.setattr(dialogs, "ask_save_weights", lambda _parent, _suggested: None)
    person.press(window.save)
    assert window.said.text() == ""


# Everyone's window


def test_everything_that_can_be_used_or_is_drawn_has_a_name(window):
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, Drawing)
    for kind in kinds:
        for widget in window.findChildren(kind):
            assert widget.accessibleName() or widget.text(), widget
    for view in window.findChildren(Drawing):
        assert view.accessibleDescription(), view.accessibleName()


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_is_cut_off(person, window, rest, theme, qtbot):
    person.apply(transitions.set_theme, theme)
    person.press(window.go)
    rest(window)
    qtbot.waitUntil(lambda: window.progress.width() >= window.progress.sizeHint().width())
    for label in (*window.findChildren(QLabel), *window.findChildren(QAbstractButton)):
        if label.isVisible() and label is not window.said and label.text():
            wide = label.fontMetrics().horizontalAdvance(label.text())
            wraps = isinstance(label, QLabel) and label.wordWrap()
            assert wraps or wide <= label.width() + 1, label.text()
    views = window.findChildren(Drawing)
    for view in views:
        corner = view.mapTo(window, QPoint(view.width(), view.height()))
        assert window.rect().contains(corner), view.accessibleName()
        assert isinstance(view.parent(), QWidget)
        assert view.parent().rect().contains(view.geometry()), view.accessibleName()

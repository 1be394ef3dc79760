"""The workspace "Learn a kernel" at the window."""

import numpy as np
import pytest
from person import LEFT, PLAIN, pixels
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from convviz.export.frames import FilmEncoder, FrameOptions
from convviz.model import filing, learn_changes, transitions
from convviz.render.learn_layout import film_places, loss_places, update_places
from convviz.render.learn_painter import insight_kernels, insight_lines
from convviz.ui import dialogs


@pytest.fixture
def learner(person):
    """A person at the letter H, whose hidden Sobel x is to be learnt."""
    person.key("Alt+4")
    QApplication.processEvents()
    return person


def pane(person, part):
    return next(pane for pane in person.stage.learn if pane.part == part)


def run(person):
    return pane(person, "film").run


def click(widget, point):
    QTest.mouseClick(widget, LEFT, PLAIN, QPoint(round(point.x()), round(point.y())))


def test_alt_4_shows_the_letter_its_target_and_what_to_do_next(learner):
    assert all(pane.isVisible() for pane in learner.stage.learn)
    assert not learner.stage.input.isVisible()
    section = learner.panel.learning
    assert section.isVisible()
    assert section.run.text() == "Run"
    assert section.hidden.currentText() == "Sobel x · hidden"
    assert learner.step_text == "update 0 / 500"
    learner.key("Alt+1")
    assert not section.isVisible()
    assert learner.stage.input.isVisible()


def test_every_control_and_pane_has_a_name_and_every_setting_its_sentence(learner):
    section = learner.panel.learning
    for part in (*learner.stage.learn, *section.findChildren(QWidget)):
        if part.isVisible() and type(part).__module__.startswith("convviz"):
            assert part.accessibleName(), part
    for name in ("seed", "rate", "momentum", "weight_decay", "noise", "steps"):
        assert len(getattr(section, name).toolTip().split()) > 4, name
    for combo in (section.hidden, section.initial, section.optimizer, section.loss):
        assert combo.toolTip()


def test_keys_go_through_phases_and_updates(learner):
    learner.key(".")
    assert ", forward:" in learner.status_text
    learner.key(".")
    assert ", gradient:" in learner.status_text
    assert learner.transport.place_label.text().startswith("gradient")
    learner.key(".")
    assert ", update:" in learner.status_text
    assert pane(learner, "update").accessibleDescription() == run(learner).sentence
    learner.key("Right", "Right")
    assert learner.step_text == "update 2 / 500"
    learner.key("Left", "End")
    assert learner.step_text == "update 500 / 500"
    learner.key("Home")
    assert learner.step_text == "update 0 / 500"


def test_run_lets_the_kernel_come_and_pause_stops_it(learner):
    section = learner.panel.learning
    learner.press(section.run)
    assert section.run.text() == "Pause"
    learner.wait(2.0)
    assert learner.session.learner.step == 60
    learner.press(section.run)
    learner.wait(2.0)
    assert learner.session.learner.step == 60
    learner.press(section.reset)
    assert learner.session.learner.step == 0


def test_a_click_on_a_gradient_explains_it_and_escape_lets_go(learner):
    update = pane(learner, "update")
    learner.click(update, (1, 0), "gradient")
    assert learner.session.learnt_weight == (1, 0)
    assert pane(learner, "insight").accessibleDescription().startswith("Why this gradient")
    learner.key(".", ".")
    assert "term 1 of" in learner.transport.place_label.text()
    learner.key("Escape")
    assert learner.session.learnt_weight is None
    learner.key("P")
    assert learner.session.learnt_weight == (0, 0)


def test_phases_are_a_click_apart(learner):
    update = pane(learner, "update")
    chips = update_places(update.painted, run(learner).update).chips
    for number, word in enumerate(("forward", "gradient", "update")):
        click(update, chips[number].center())
        assert f", {word}:" in learner.status_text


def test_the_loss_can_be_scrubbed_and_drawn_on_a_linear_axis(learner):
    loss = pane(learner, "loss")
    places = loss_places(loss.painted, run(learner).loss)
    middle = round(places.plot.center().y())
    start = QPoint(round(places.x(100)), middle)
    learner.drag(loss, start, start + QPoint(20, 0), QPoint(round(places.plot.right()), middle))
    assert learner.session.learner.step == 500
    click(loss, places.chips[1].center())
    assert not learner.session.learner.log


def test_the_film_leads_to_its_kernels_and_shows_the_hidden_one_on_request(learner):
    film = pane(learner, "film")
    scene = run(learner).film
    places = film_places(film.painted, scene)
    click(film, places.frames[5].frame.center())
    assert learner.session.learner.step == scene.steps[5]
    before = learner.picture(film)
    click(film, places.hidden.frame.center())
    assert learner.session.learner.revealed
    assert learner.session.learner.step == scene.steps[5]
    assert (learner.picture(film) != before).any()
    assert learner.panel.learning.reveal.text() == "Hide"
    learner.press(learner.panel.learning.reveal)
    assert not learner.session.learner.revealed


def test_a_learning_rate_that_is_too_large_is_told_and_undone(learner):
    section = learner.panel.learning
    learner.fill(section.rate, "9")
    assert section.rate_text.text() == "Stable up to 2.58: 9 is more, it diverges"
    learner.key("End")
    assert "diverges" in run(learner).film.detail
    learner.key("Ctrl+Z")
    assert section.rate.value() == pytest.approx(2.3)
    assert section.rate_text.text() == "Stable up to 2.58"


def test_a_rate_of_ones_own_gives_way_to_one_that_suits(learner):
    section = learner.panel.learning
    assert not section.suits.isVisible()
    learner.fill(section.rate, "0.5")
    learner.press(section.suits)
    assert section.rate.value() == pytest.approx(2.3)


def test_settings_are_chosen_in_the_panel(learner):
    section = learner.panel.learning
    learner.choose(section.optimizer, "Adam")
    learner.choose(section.loss, "Mean absolute")
    learner.choose(section.layer.activation, "ReLU")
    learner.choose(section.initial, "Zeros")
    learning = learner.session.document.learning
    assert (learning.optimizer, learning.loss) == ("adam", "l1")
    assert (learning.activation, learning.initial) == ("relu", "zeros")
    assert learner.title == "Letter H · learn Sobel x* — convviz"


def test_another_hidden_kernel_is_found_too(learner):
    learner.choose(learner.panel.learning.hidden, "Sobel y")
    learner.key("End")
    assert "found" in run(learner).film.detail


def test_the_target_is_typed_and_painted_as_a_map_of_ones_own(learner):
    target = pane(learner, "target")
    learner.click(target, (2, 2))
    learner.type("5")
    learner.key("Return")
    assert learner.session.document.learning.target[2, 2] == 5
    assert learner.panel.learning.hidden.currentText() == "Own map"
    learner.press(learner.window.paint.buttons["pencil"])
    before = len(learner.session.history.past)
    learner.drag(target, *(learner.point(target, (8, column)) for column in (4, 5, 6)))
    painted = learner.session.document.learning.target[8, 4:7]
    assert len(set(painted.tolist())) == 1
    assert len(learner.session.history.past) == before + 1


def test_the_first_kernel_is_typed_at_update_0_only(learner):
    update = pane(learner, "update")
    learner.click(update, (0, 0), "first")
    learner.type("2")
    learner.key("Return")
    assert learner.session.document.learning.first[0, 0] == 2
    assert learner.panel.learning.initial.currentText() == "Own"
    learner.apply(transitions.advance)
    learner.click(update, (0, 0), "first")
    learner.type("3")
    assert learner.session.document.learning.first[0, 0] == 2
    assert "update 0" in learner.message_text


def test_a_target_comes_from_a_file(learner, monkeypatch, tmp_path):
    path = tmp_path / "edges.npy"
    np.save(path, np.eye(14))
    monkeypatch.setattr(dialogs, "ask_open", lambda *_: path)
    learner.press(learner.panel.learning.open)
    np.testing.assert_array_equal(learner.session.document.learning.target, np.eye(14))
    small = tmp_path / "small.npy"
    np.save(small, np.eye(3))
    monkeypatch.setattr(dialogs, "ask_open", lambda *_: small)
    learner.press(learner.panel.learning.open)
    assert "small.npy" in learner.message_text
    assert "14 × 14" in learner.message_text


def test_an_image_that_does_not_fit_the_target_is_told_in_its_pane(learner):
    learner.apply(learn_changes.own_target)
    learner.choose(learner.panel.source, "Random 5")
    shown = pane(learner, "target").shown
    assert shown.run is None
    assert "14 × 14" in shown.problem
    learner.key("Right", ".", "End", "P")  # nothing to go through, and no harm done
    learner.choose(learner.panel.learning.hidden, "Box")
    assert run(learner) is not None


def test_a_frame_is_what_the_window_shows(learner):
    learner.apply(transitions.seek, 7)
    size = learner.window.frame_size
    options = FrameOptions(size.width(), size.height(), 1, learner.window.theme)
    image = FilmEncoder(learner.session, options)
    from convviz.model.derive import derive_scene

    frame, _ = image._painter.paint(derive_scene(learner.session))
    shown = pixels(learner.stage.grab().toImage())
    margin = 14
    inside = pixels(frame)[margin : margin + shown.shape[0], margin : margin + shown.shape[1]]
    assert (np.abs(inside.astype(int) - shown).max(axis=-1) <= 1).mean() > 0.995


def test_leaving_stops_the_run(learner):
    learner.press(learner.panel.learning.run)
    learner.key("Alt+1")
    assert not learner.session.playback.playing


def test_images_are_added_by_the_menu_shown_and_removed(learner, monkeypatch, tmp_path):
    images = learner.panel.learning.images
    assert images.shown.currentText() == "1 of 1"
    assert not images.shown.isEnabled()
    assert not images.drop.isEnabled()
    action = next(a for a in images.add.menu().actions() if a.text() == "Disc")
    action.trigger()
    assert images.shown.currentText() == "2 of 2"
    assert learner.session.document.learning.more[0].shape == (16, 16)
    path = tmp_path / "spots.csv"
    path.write_text("0,1,0,0\n1,0,0,1\n0,0,1,0\n0,1,0,0\n")
    monkeypatch.setattr(dialogs, "ask_open", lambda *_: path)
    next(a for a in images.add.menu().actions() if a.text() == "&Open…").trigger()
    assert images.shown.currentText() == "3 of 3"
    assert run(learner).target.cells.shape == (2, 2)
    learner.press(images.drop)
    assert images.shown.currentText() == "2 of 2"
    images.shown.setCurrentIndex(0)
    images.shown.activated.emit(0)
    assert learner.session.learner.image == 0
    learner.key("Ctrl+Z", "Ctrl+Z", "Ctrl+Z")
    assert images.shown.currentText() == "1 of 1"


def test_the_layer_is_set_in_the_panel(learner):
    layer = learner.panel.learning.layer
    assert not layer.fill.isEnabled()
    for combo, value in ((layer.padding, "same"), (layer.fill, "replicate")):
        combo.setCurrentIndex(combo.findData(value))
        combo.activated.emit(combo.currentIndex())
    layer.stride.setValue(2)
    layer.dilation.setValue(2)
    layer.bias.click()
    layer.flip.click()
    learning = learner.session.document.learning
    assert (learning.padding, learning.padding_mode) == ("same", "replicate")
    assert (learning.stride, learning.dilation) == (2, 2)
    assert learning.bias
    assert learning.flip
    assert run(learner).target.cells.shape == (8, 8)
    assert run(learner).update.note.startswith("bias")


def test_settings_of_an_optimizer_stand_where_it_has_them(learner):
    section = learner.panel.learning
    for optimizer, momentum, betas in (
        ("sgd", False, False),
        ("momentum", True, False),
        ("adam", False, True),
    ):
        learner.apply(learn_changes.set_setting, "optimizer", optimizer)
        assert section.momentum.isVisible() is momentum
        assert section.betas[0].isVisible() is betas
    section.betas[1].setValue(0.9)
    assert learner.session.document.learning.betas == (0.9, 0.9)
    section.betas[1].setValue(1.5)
    assert learner.session.document.learning.betas == (0.9, 0.9)
    assert "betas" in learner.session.message.text.lower()


def test_the_menu_hides_the_kernel_of_convolve_2d_and_reveals_it(learner):
    actions = learner.window.actions_by_name
    actions["learn-hide-kernel"].trigger()
    assert learner.panel.learning.hidden.currentText() == "Own kernel · hidden"
    actions["learn-reveal"].trigger()
    assert run(learner).film.revealed
    actions["learn-own-map"].trigger()
    assert learner.panel.learning.hidden.currentText() == "Own map"
    assert not actions["learn-reveal"].isEnabled()
    learner.key("Alt+1")
    assert not actions["learn-hide-kernel"].isEnabled()


def test_speed_is_in_updates_unless_parts_of_them_are_played(learner):
    transport = learner.transport
    assert transport.speed.currentText() == "4 updates/s"
    assert transport.by_terms.text() == "Parts"
    assert transport._buttons["next"].accessibleName() == "Next update"
    transport.by_terms.click()
    assert transport.speed.currentText() == "4 steps/s"
    transport.by_terms.click()
    learner.key("Alt+1")
    assert transport.speed.currentText() == "4 steps/s"
    assert transport.by_terms.text() == "Products"
    assert transport._buttons["next"].accessibleName() == "Next output cell"


def test_what_is_about_the_map_of_other_workspaces_rests_while_a_kernel_is_learnt(learner):
    actions, verify = learner.window.actions_by_name, learner.window.verify
    elsewhere = ("convolution", "add-relu", "kernel-double", "export-map", "histograms")
    assert not any(actions[name].isEnabled() for name in elsewhere)
    assert not verify.isVisible()
    assert actions["next"].text() == "&Next update"
    learner.key("Alt+1")
    assert all(actions[name].isEnabled() for name in elsewhere)
    assert verify.isVisible()
    assert actions["next"].text() == "&Next output cell"


@pytest.mark.parametrize("size", [(1280, 800), (1100, 640)])
def test_kernels_that_the_image_cannot_tell_stand_below_the_words_about_them(learner, size):
    learner.apply(learn_changes.set_hidden, "sobel-x")
    learner.apply(filing.choose_input, "stripes")
    learner.apply(transitions.set_revealed, True)
    learner.window.resize(*size)
    QApplication.processEvents()
    insight = pane(learner, "insight")
    scene = run(learner).insight
    lines, text_ends = insight_lines(insight.painted, scene)
    assert "change nothing on the map" in lines[0]
    kernels = insight_kernels(insight.painted, scene)
    assert all(kernel.top >= text_ends - 1 for kernel in kernels)
    assert all(kernel.frame.bottom() <= insight.painted.bottom() for kernel in kernels)

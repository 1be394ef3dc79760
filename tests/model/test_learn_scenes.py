"""What the workspace "Learn a kernel" shows: by the scene, which painters draw."""

from dataclasses import replace

import numpy as np
import pytest

from convviz.engine.kernels import KERNELS
from convviz.files.scenes import read_scene, scene_bytes
from convviz.model import changes, learn_changes, pages, transitions
from convviz.model.cell_changes import paste, with_array
from convviz.model.derive import derive_scene
from convviz.model.document import same_document
from convviz.model.learn_run import run_of
from convviz.model.learning import MOST_STEPS
from convviz.model.session import Playhead, Selection, new_session


@pytest.fixture
def session():
    return pages.show_workspace(new_session(), "learn")


def run(session):
    return derive_scene(session).learn.run


def grids(session):
    return {grid.title: grid for grid in run(session).update.grids}


def steps(session, *keys):
    moves = {
        ".": transitions.next_term,
        ",": transitions.previous_term,
        "Right": transitions.advance,
        "Left": transitions.back,
        "End": transitions.last,
        "Home": transitions.first,
    }
    for key in keys:
        session = moves[key](session)
    return session


def chosen(session, name, value):
    return learn_changes.set_setting(session, name, value)


def with_image(session, name):
    return changes.set_input_preset(session, name)


def test_it_begins_with_the_letter_h_and_a_hidden_sobel_x(session):
    scene = run(session)
    assert scene.counter == "update 0 / 500"
    assert scene.target.cells.shape == (14, 14)
    assert scene.film.hidden is not None
    assert not scene.film.revealed
    assert scene.distance > 1


def test_the_run_ends_at_the_hidden_kernel_and_says_so(session):
    scene = run(steps(session, "End"))
    assert scene.film.detail.startswith("The kernel is found")
    np.testing.assert_allclose(scene.kernel.cells.values, KERNELS["sobel-x"].kernel, atol=1e-6)
    assert scene.distance < 1e-6


def test_a_step_goes_forward_then_to_the_gradient_then_to_the_update(session):
    seen = []
    for _ in range(4):
        session = steps(session, ".")
        shown = grids(session)
        seen.append(
            (
                derive_scene(session).place.split(" · ")[0],
                run(session).counter,
                shown["gradient"].revealed,
                shown["new kernel"].revealed,
            )
        )
    assert seen == [
        ("forward", "update 0 / 500", 0, 0),
        ("gradient", "update 0 / 500", None, 0),
        ("update", "update 0 / 500", None, None),
        ("forward", "update 1 / 500", 0, 0),
    ]
    assert steps(session, ",").learner.step == 0


def test_the_new_kernel_is_the_kernel_of_the_next_update(session):
    session = steps(session, "Right")
    before = grids(session)["new kernel"].cells.values
    after = grids(steps(session, "Right"))["kernel"].cells.values
    np.testing.assert_array_equal(before, after)


def test_the_update_is_arithmetic_that_adds_up(session):
    shown = grids(steps(session, "Right", "Right"))
    rate = run(session).rate.rate
    made = shown["kernel"].cells.values - rate * shown["gradient"].cells.values
    np.testing.assert_allclose(made, shown["new kernel"].cells.values, atol=1e-8)
    assert run(session).update.signs == (f"− {rate:g} ×", "=")


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_other_optimizers_show_their_step(session, optimizer):
    shown = grids(steps(chosen(session, "optimizer", optimizer), "Right"))
    made = shown["kernel"].cells.values + shown["step"].cells.values
    np.testing.assert_allclose(made, shown["new kernel"].cells.values, atol=1e-8)


def test_target_prediction_and_error_have_one_scale(session):
    scene = run(steps(session, "Right"))
    assert scene.target.cells.scale == scene.prediction.cells.scale == scene.error.cells.scale
    kernels = {grid.cells.scale for grid in scene.update.grids} | {scene.film.frames[0].scale}
    assert len(kernels) == 1


def test_a_gradient_is_the_sum_of_input_cells_times_errors(session):
    session = transitions.explain_weight(session, (1, 0))
    scene, shown = run(session), grids(session)
    image = derive_scene(session).learn.image
    assert image.window.rows == tuple(range(1, 15))
    assert image.window.columns == tuple(range(14))
    by_hand = (image.cells.values[1:15, 0:14] * scene.error.cells.values).sum() * 2 / 196
    assert shown["gradient"].cells.values[1, 0] == pytest.approx(by_hand, abs=1e-8)
    assert f"{by_hand:.3g}".replace("-", "−") in scene.insight.text
    assert shown["gradient"].lit.rows == (1,)


def test_the_terms_of_a_gradient_come_one_by_one_and_add_up(session):
    session = transitions.explain_weight(steps(session, "."), (1, 0))
    total, seen = 0.0, 0
    while True:
        session = steps(session, ".")
        scene = run(session)
        if scene.update.phase == 2:
            break
        seen += 1
        (place,) = zip(scene.error.lit.rows, scene.error.lit.columns, strict=True)
        image = derive_scene(session).learn.image
        (cell,) = zip(image.lit.rows, image.lit.columns, strict=True)
        assert cell == (place[0] + 1, place[1])
        total += image.cells.values[cell] * scene.error.cells.values[place]
    gradient = grids(session)["gradient"].cells.values[1, 0]
    assert seen == session.stage_count - 2 > 10
    assert total * 2 / 196 == pytest.approx(gradient, abs=1e-8)


def test_above_the_largest_stable_rate_it_warns_diverges_and_stops(session):
    bound = run(session).rate.bound
    above = chosen(session, "lr", bound * 1.5)
    assert run(above).rate.warns
    assert f"Stable up to {bound:.3g}" in run(above).rate.text
    ended = steps(above, "End")
    assert ended.step_count < 501
    assert run(ended).film.warns
    assert "diverges" in run(ended).film.detail
    assert np.isfinite(run(ended).loss.losses).all()
    assert not run(chosen(session, "lr", bound * 0.9)).rate.warns


def test_stripes_do_not_determine_the_kernel_and_show_what_is_free(session):
    session = with_image(session, "stripes")
    scene = run(session)
    assert "3 of 9 directions" in scene.insight.text
    free = scene.insight.kernels[0].cells.values
    moved = with_array(session, "first", run(session).kernel.cells.values + free, "Add")
    np.testing.assert_allclose(
        run(moved).prediction.cells.values, scene.prediction.cells.values, atol=1e-6
    )
    assert "3 of 9" in run(steps(session, "End")).film.detail


def test_a_dead_relu_is_said(session):
    dead = with_array(chosen(session, "activation", "relu"), "first", np.full((3, 3), -5.0), "Own")
    assert "ReLU is dead" in run(dead).film.detail
    assert run(dead).film.warns


def test_typing_into_the_target_makes_it_a_map_of_ones_own_and_undo_leads_back(session):
    cells = run(session).target.cells.values.copy()
    cells[3, 4] = 7
    own = with_array(session, "target", cells, "Type")
    assert run(own).target.cells.values[3, 4] == 7
    assert run(own).film.hidden is None
    back = changes.undo(own)
    assert run(back).film.hidden is not None
    assert same_document(back.document, session.document)


def test_numbers_are_pasted_into_the_target(session):
    selected = replace(session, selection=Selection("target", (2, 3), (2, 3)))
    pasted = paste(selected, np.array([[5.0, 6.0], [7.0, 8.0]]))
    np.testing.assert_array_equal(run(pasted).target.cells.values[2:4, 3:5], [[5, 6], [7, 8]])


def test_a_learnt_kernel_cannot_be_typed_into_but_the_first_one_can(session):
    assert run(session).kernel.read_only == ""
    assert "update 0" in run(steps(session, "Right")).kernel.read_only


def test_a_target_as_large_as_the_image_loses_its_border(session):
    image = np.arange(256.0).reshape(16, 16)
    taken = learn_changes.set_target(session, image, "edges.png")
    np.testing.assert_array_equal(run(taken).target.cells.values, image[1:15, 1:15])


def test_a_target_of_another_size_is_refused_with_the_sizes_that_fit(session):
    refused = learn_changes.set_target(session, np.ones((5, 5)), "small.csv")
    assert refused.document is session.document
    assert "5 × 5" in refused.message.text
    assert "14 × 14" in refused.message.text


def test_another_image_under_ones_own_target_says_why_nothing_is_learnt(session):
    own = learn_changes.own_target(session)
    other = with_image(own, "lecture-5x5")
    scene = derive_scene(other)
    assert scene.learn.run is None
    assert "14 × 14" in scene.learn.problem
    assert scene.sentence == scene.learn.problem
    again = learn_changes.set_hidden(other, "box")
    assert derive_scene(again).learn.run is not None


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("lr", -1.0, "learning rate must be above 0, not -1"),
        ("momentum", 1.0, "momentum"),
        ("noise", -1.0, "noise"),
    ],
)
def test_a_setting_that_cannot_be_is_refused_in_a_sentence(session, name, value, told):
    refused = chosen(session, name, value)
    assert refused.document is session.document
    assert told.lower() in refused.message.text.lower()


def test_the_same_settings_give_the_same_bytes(session):
    one, other = (run_of(replace(session.document)) for _ in range(2))
    assert one is not other
    assert one.losses.tobytes() == other.losses.tobytes()
    assert one.kernel(one.last).tobytes() == other.kernel(other.last).tobytes()


def test_learning_moves_no_playhead_of_the_other_workspaces(session):
    before = session.playhead
    moved = steps(session, "End", "Left", ".")
    moved = transitions.choose_channel(moved, 0)
    assert moved.playhead.step == before.step
    assert pages.show_workspace(moved, "convolve").playhead == Playhead(before.step)


def test_every_update_can_be_shown_and_the_film_finds_each(session):
    scene = run(session).film
    for at in (0, 1, 2, 7, 100, 499, 500):
        film = run(transitions.seek(session, at)).film
        assert film.step_at(film.place) == at
    assert scene.steps[0] == 0
    assert scene.steps[-1] == 500


def test_a_very_large_image_has_fewer_updates_and_says_so(session):
    rng = np.random.default_rng(0)
    document = replace(session.document, image=rng.random((1, 300, 300)))
    large = steps(replace(session, document=document), "End")
    assert 3 <= large.step_count - 1 < 500
    assert "updates, of 500: for more take fewer or smaller images" in run(large).film.detail


def test_a_scene_file_keeps_how_a_kernel_is_learnt_and_where_one_looks(session):
    changed = chosen(chosen(session, "optimizer", "adam"), "steps", 40)
    changed = learn_changes.own_target(changed)
    changed = transitions.set_log_loss(transitions.explain_weight(changed, (2, 1)), False)
    changed = transitions.seek(changed, 12, 3)
    again = read_scene(scene_bytes(changed))
    assert same_document(again.document, changed.document)
    assert again.learner == changed.learner
    assert again.view.workspace == "learn"
    assert derive_scene(again).sentence == derive_scene(changed).sentence


def test_a_scene_in_which_nothing_was_learnt_says_nothing_of_it():
    assert b"learning" not in scene_bytes(new_session())


def test_learning_stays_with_the_image_while_signals_are_shown(session):
    changed = chosen(session, "steps", 40)
    aside = replace(pages.show_workspace(changed, "signals"), together=True)
    assert b"learning" not in scene_bytes(replace(aside, together=False))
    again = pages.show_workspace(read_scene(scene_bytes(aside)), "learn")
    assert again.document.learning.steps == 40


@pytest.mark.parametrize(
    ("field", "told"),
    [
        ('"lr": -1', "lr must be above 0"),
        ('"optimizer": "sdg"', "learning.optimizer"),
        ('"target": {"values": [1, 2]}', "learning.target"),
        (f'"steps": {MOST_STEPS + 1}', "steps"),
        ('"rate": 1', "learning"),
    ],
)
def test_a_scene_file_with_a_wrong_setting_is_refused_by_its_place(session, field, told):
    text = scene_bytes(chosen(session, "steps", 40)).decode()
    with pytest.raises(Exception, match="the scene") as refused:
        read_scene(text.replace('"steps": 40', field).encode())
    assert told in str(refused.value)


def test_small_gradients_are_written_in_a_unit_in_which_they_can_be_read(session):
    gradient = grids(transitions.seek(session, 5))["gradient"].cells
    largest = float(abs(gradient.values).max())
    assert largest < 0.01  # two decimals would be 0.00 or 0.01
    assert gradient.power == -3
    assert 1 <= largest / 10.0**gradient.power < 10

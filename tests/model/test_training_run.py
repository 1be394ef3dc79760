"""A small network while it is trained: what is kept of the run, and what is shown of it."""

from dataclasses import replace

import numpy as np
import pytest

from convviz.engine.layers import Activation
from convviz.engine.problems import LayerError
from convviz.engine.train_settings import TRAIN_SETTINGS
from convviz.model import changes, taking_over, training_scene
from convviz.model.document import compute, compute_shown
from convviz.model.session import new_session
from convviz.model.training_run import JUDGED_EACH_EPOCH, Plan, advance, begin
from convviz.model.training_scene import (
    MOST_POINTS,
    MOST_WRONG,
    Looking,
    conv_of,
    derive_training,
    first_of,
    held_back,
    image_title,
    taken_layer,
)

QUICK = Plan(epochs=2)


def trained(plan=QUICK, steps=10**6):
    run = begin(plan)
    while not run.is_over and steps:
        run, steps = advance(run), steps - 1
    return run


@pytest.fixture(scope="module")
def run():
    return trained()


def kernels(run):
    return conv_of(run).weight.tobytes()


def test_every_setting_has_a_sentence_and_every_sentence_a_setting():
    assert set(TRAIN_SETTINGS) == set(Plan.__dataclass_fields__)
    assert all(setting.summary.endswith(".") for setting in TRAIN_SETTINGS.values())


def test_the_same_plan_makes_the_same_bytes_twice(run):
    again = trained()
    assert kernels(again) == kernels(run)
    assert (again.losses, again.accuracies) == (run.losses, run.accuracies)


def test_another_seed_begins_with_other_kernels_and_the_same_with_the_same():
    assert kernels(begin(QUICK)) == kernels(begin(QUICK))
    assert kernels(begin(QUICK)) != kernels(begin(replace(QUICK, seed=1)))


def test_a_run_has_a_loss_for_each_batch_and_is_judged_a_few_times_an_epoch(run):
    task = run.state.task
    assert len(run.losses) == task.steps == run.state.step
    assert run.accuracies[0] == (0, begin(QUICK).state.accuracy)
    assert run.accuracies[-1] == (task.steps, run.state.accuracy)
    assert len(run.accuracies) >= QUICK.epochs * JUDGED_EACH_EPOCH


def test_what_is_over_stays(run):
    assert advance(run) is run


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"pool": "none"}, "is no pooling"),
        ({"activation": "relux"}, "relux"),
        ({"epochs": -1}, "epochs"),
    ],
)
def test_a_setting_that_cannot_be_is_named(change, sentence):
    with pytest.raises(LayerError, match=sentence):
        begin(replace(QUICK, **change))


def test_a_rate_that_is_too_large_is_told_with_the_way_out():
    with pytest.raises(LayerError, match=r"diverges at step .* choose a smaller one"):
        trained(Plan(optimizer="sgd", lr=1e200))


# What is shown


def test_the_scene_says_how_far_it_has_come(run):
    begun = derive_training(begin(QUICK), Looking())
    assert begun.progress == "Epoch 1 of 2 · batch 0 of 19"
    assert begun.result.endswith("of 200 held-back images are judged right by chance so far")
    assert begun.curves.sentence.startswith("No loss yet")
    midway = derive_training(trained(steps=24), Looking())
    assert midway.progress == "Epoch 2 of 2 · batch 5 of 19"
    assert 0 < midway.done < 1
    over = derive_training(run, Looking())
    assert over.progress == "All epochs are done: 38 batches"
    assert over.done == 1


def test_the_curves_end_where_the_training_is(run):
    curves = derive_training(run, Looking()).curves
    assert curves.losses[-1] == (2.0, pytest.approx(run.losses[-1]))
    assert curves.accuracies[-1] == (2.0, run.state.accuracy)


def test_long_curves_are_means_of_some_batches():
    run = trained(Plan(epochs=6, batch_size=8))
    losses = derive_training(run, Looking()).curves.losses
    width = -(-len(run.losses) // MOST_POINTS)
    assert width > 1
    assert len(losses) <= MOST_POINTS
    assert losses[0][1] == pytest.approx(np.mean(run.losses[:width]))


def test_each_kernel_has_a_picture_and_a_map_and_the_chosen_one_is_marked_in_both(run):
    scene = derive_training(run, Looking(kernel=3))
    for shown in (scene.kernels, scene.maps):
        assert [item.chosen for item in shown.items] == [n == 3 for n in range(8)]
    assert np.array_equal(scene.kernels.items[5].cells.values, conv_of(run).weight[5, 0])


@pytest.mark.parametrize("activation", ["relu", "tanh", "none"])
def test_rounding_noise_is_shown_as_0_as_in_the_main_window(activation, monkeypatch):
    begun = begin(replace(QUICK, activation=activation))
    conv, *others = begun.state.layers
    weight = np.zeros_like(conv.weight)
    weight[:, 0, 0] = 0.1, 0.2, -0.3
    bias = None if conv.bias is None else np.zeros_like(conv.bias)
    layers = (replace(conv, weight=weight, bias=bias), *others)
    run = replace(begun, state=replace(begun.state, layers=layers))
    flat = np.ones_like(held_back(run, 0))
    monkeypatch.setattr(training_scene, "held_back", lambda _run, _image: flat)
    document = taking_over.step_through(new_session(), layers[:2], flat, "flat", 0).document
    computed, shown = compute(document, 0).maps, compute_shown(document, 0).maps
    assert (computed != shown).any()
    maps = [item.cells.values for item in derive_training(run, Looking()).maps.items]
    assert np.array_equal(maps, shown)


def test_maps_are_what_the_layer_makes_of_the_image_after_its_activation(run):
    scene = derive_training(run, Looking(image=7))
    session = taking_over.step_through(
        new_session(), taken_layer(run), held_back(run, 7), image_title(run, 7)
    )
    maps = compute(session.document, 0).maps
    shown = np.stack([item.cells.values for item in scene.maps.items])
    assert np.array_equal(shown, np.maximum(maps, 0)) or np.array_equal(shown, maps)


def test_probabilities_and_words_agree_with_the_judgement(run):
    judged = run.state.judged
    for image in (0, 1, *judged.wrong[:2]):
        scene = derive_training(run, Looking(image=image))
        guess = next(share for share in scene.shares if share.is_guess)
        right = next(share for share in scene.shares if share.is_right)
        word = "rightly" if guess is right else "wrongly"
        assert scene.image_text.startswith(f"It is {right.name}, {word} judged as {guess.name}")
        assert sum(share.share for share in scene.shares) == pytest.approx(1)
        assert max(scene.shares, key=lambda share: share.share) is guess


def test_the_matrix_counts_all_images_and_knows_where_the_chosen_one_is(run):
    image = run.state.judged.wrong[0]
    confusion = derive_training(run, Looking(image=image)).confusion
    assert np.sum(confusion.counts) == 200
    right, guess = confusion.chosen
    assert right != guess
    assert first_of(run, right, guess) == image  # the surest of all wrong ones
    assert "judged as" in confusion.sentence


def test_a_cell_without_images_has_none():
    run = trained(Plan(epochs=20))
    empty = np.argwhere(run.state.judged.confusion == 0)[0]
    assert first_of(run, *map(int, empty)) is None


def test_wrong_images_say_what_they_are_and_what_they_were_taken_for():
    run = begin(QUICK)
    scene = derive_training(run, Looking())
    assert len(scene.wrong.items) == MOST_WRONG
    assert "the 12 surest are shown" in scene.wrong_text
    judged, names = run.state.judged, run.state.task.images.classes
    first = scene.wrong.items[0]
    right, guess = judged.labels[first.channel], judged.guesses[first.channel]
    assert first.label == f"{names[right]} as {names[guess]}"


def test_a_kernel_stands_beside_its_nearest_presets_with_the_correlation(run):
    comparison = derive_training(run, Looking(kernel=2)).comparison
    assert comparison.title == "Compare kernel 3 with the hand-made"
    sizes = [abs(alike.correlation) for alike in comparison.nearest]
    assert sizes == sorted(sizes, reverse=True)
    for alike in comparison.nearest:
        one, other = comparison.kernel.values.ravel(), alike.cells.values.ravel()
        assert alike.correlation == pytest.approx(
            one @ other / np.linalg.norm(one) / np.linalg.norm(other)
        )
        assert alike.title in comparison.sentence


def test_looking_at_what_is_no_longer_there_shows_the_last():
    scene = derive_training(begin(replace(QUICK, kernels=2)), Looking(kernel=7, image=999))
    assert [item.chosen for item in scene.kernels.items] == [False, True]
    assert scene.image.items[0].channel == 199


# Stepping through


def test_the_trained_layer_takes_the_place_of_all_with_its_image_and_undo_leads_back(run):
    session = new_session()
    shown = taking_over.step_through(
        session, taken_layer(run), held_back(run, 4), image_title(run, 4), 5
    )
    assert [type(layer).__name__ for layer in shown.document.layers] == ["Conv", "Activation"]
    assert shown.document.layers[0] is run.state.layers[0]
    assert np.array_equal(shown.document.image, run.state.task.held_back_images[4])
    assert (shown.view.workspace, shown.channel) == ("layers", 5)
    assert [choice.command for choice in shown.message.choices] == ["undo", "train"]
    assert changes.undo(shown).document is session.document


def test_a_layer_without_activation_is_taken_alone():
    run = begin(replace(QUICK, activation="none"))
    assert run.state.layers[1] == Activation("none")
    assert taken_layer(run) == run.state.layers[:1]


def test_the_whole_network_judges_in_the_stack_as_it_did_in_training(run):
    shown = taking_over.step_through(
        new_session(), run.state.layers, held_back(run, 0), image_title(run, 0)
    )
    scores = compute(shown.document, len(shown.document.layers) - 1).maps.ravel()
    assert scores.argmax() == run.state.judged.guesses[0]

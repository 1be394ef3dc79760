"""Layers from a file become part of the document, and what does not fit has ways out."""

import time

import numpy as np
import pytest

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.model import changes, taking_over
from convviz.model.derive import derive_scene
from convviz.model.session import new_session
from convviz.model.stacking import add_layer


def weights(*shape):
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


def labels(session):
    return [fix.label for fix in session.problem.fixes]


def fixed(session, label):
    fix = next(fix for fix in session.problem.fixes if fix.label == label)
    return changes.apply_fix(session, fix)


def test_a_layer_that_fits_takes_the_place_of_the_one_in_focus():
    layer = Conv(weights(4, 1, 5, 5), stride=2)
    session = taking_over.use_layer(new_session(), layer, "conv1", "set the padding.")
    assert session.document.layers == (layer,)
    assert session.playhead.step == 0
    assert session.view.workspace == "layers"
    assert session.message.text == "conv1: set the padding."
    assert session.history.past[-1].name == "Weights conv1"
    assert changes.undo(session).document is new_session().document or (
        changes.undo(session).document.layers[0].weight.shape == (1, 1, 3, 3)
    )


def test_other_channels_than_the_image_has_are_told_in_numbers_with_ways_out():
    layer = Conv(weights(8, 3, 5, 5))
    session = taking_over.use_layer(new_session(), layer, "conv1")
    assert session.problem.sentence == "the weight takes 3 input channels, the image has 1"
    assert labels(session) == [
        "repeat the image 3 times",
        "noise of 3 × 16 × 16",
        "take 1 input channel",
    ]
    assert session.document.layers[0].weight.shape == (1, 1, 3, 3)  # still shown


def test_the_image_repeated_leaves_all_weights_as_they_are():
    layer = Conv(weights(8, 3, 5, 5))
    session = fixed(taking_over.use_layer(new_session(), layer, "a"), "repeat the image 3 times")
    assert session.problem is None
    assert session.document.layers == (layer,)
    letter = new_session().document.image
    assert np.array_equal(session.document.image, np.repeat(letter, 3, axis=0))
    assert session.document.image_name == "Letter H"


def test_random_numbers_are_the_same_each_time():
    layer = Conv(weights(8, 64, 3, 3))
    images = []
    for _ in range(2):
        session = taking_over.use_layer(new_session(), layer, "layer1")
        images.append(fixed(session, "noise of 64 × 16 × 16").document.image)
    assert images[0].shape == (64, 16, 16)
    assert np.array_equal(*images)


@pytest.mark.parametrize(
    ("have", "want", "label"),
    [
        (3, 1, "mean of its 3 channels"),
        (3, 2, "take its first 2 channels"),
        (2, 5, "repeat them up to 5"),
    ],
)
def test_colour_images_are_adapted_too(have, want, label):
    session = changes.set_image(new_session(), np.random.default_rng(1).random((have, 9, 9)), "a")
    session = taking_over.use_layer(session, Conv(weights(2, want, 3, 3)), "b")
    assert labels(session)[0] == label
    mended = fixed(session, label)
    assert mended.problem is None
    assert mended.document.image.shape == (want, 9, 9)


def test_depthwise_weights_get_their_groups():
    session = changes.set_image(new_session(), np.ones((4, 9, 9)), "a")
    session = taking_over.use_layer(session, Conv(weights(8, 1, 3, 3)), "dw")
    mended = fixed(session, "4 groups")
    assert mended.document.layers[0].groups == 4
    assert np.array_equal(mended.document.layers[0].weight, weights(8, 1, 3, 3))


def test_a_kernel_larger_than_the_image_is_offered_an_image_that_it_fits_into():
    session = taking_over.use_layer(new_session(), Conv(weights(1, 3, 21, 21)), "big")
    assert labels(session)[0] == "noise of 3 × 32 × 32"
    assert fixed(session, "noise of 3 × 32 × 32").problem is None


def test_every_way_out_leads_out():
    for layer in (Conv(weights(8, 3, 5, 5)), ConvTranspose(weights(6, 2, 3, 3), groups=2)):
        session = taking_over.use_layer(new_session(), layer, "a")
        assert session.problem.fixes
        for fix in session.problem.fixes:
            assert changes.apply_fix(session, fix).problem is None


def test_signals_bring_an_example_input_with_them():
    layer = Conv(weights(4, 1, 5))
    session = taking_over.use_layer(new_session(), layer, "sound")
    assert session.rank == 1
    assert session.document.layers == (layer,)
    assert session.message.text == "sound: since it has one axis, the input is [1, 2, 3, 4, 5]."
    assert changes.undo(session).document.layers != (layer,)
    several = taking_over.use_layer(new_session(), Conv(weights(4, 8, 9)), "deep")
    assert several.document.image.shape == (8, 12)
    assert several.message.text.endswith("the input is Noise.")


def test_a_layer_is_added_after_the_one_in_focus_and_its_activation():
    first = taking_over.use_layer(new_session(), Conv(weights(4, 1, 3, 3)), "conv1")
    first = changes.set_activation(first, "relu")
    session = taking_over.add_to_stack(first, Conv(weights(2, 4, 3, 3)), "conv2")
    assert [type(layer) for layer in session.document.layers] == [Conv, Activation, Conv]
    assert session.layer == 2
    wrong = taking_over.add_to_stack(session, Conv(weights(1, 7, 3, 3)), "conv3")
    assert wrong.problem.sentence == "the weight takes 7 input channels, the image has 2"
    signal = taking_over.add_to_stack(session, Conv(weights(1, 2, 3)), "sound")
    assert signal.message.text.startswith("sound has one axis, the image two axes")


def test_a_stack_takes_the_place_of_all_layers():
    layers = (Conv(weights(4, 1, 3, 3)), Activation("relu"), Pool("max", 2))
    before = add_layer(new_session(), "max")
    session = taking_over.take_stack(before, layers, "lenet")
    assert session.document.layers == layers
    assert session.layer == 0
    assert changes.undo(session).document.layers == before.document.layers


def test_a_stack_that_does_not_fit_is_shown_from_its_first_layer():
    layers = (Conv(weights(4, 3, 3, 3)), Conv(weights(2, 4, 3, 3)))
    before = add_layer(new_session(), "max")
    session = taking_over.take_stack(before, layers, "net")
    assert session.layer == 0
    mended = fixed(session, "repeat the image 3 times")
    assert mended.document.layers == layers
    assert mended.problem is None


def test_a_layer_of_a_quarter_of_a_million_kernels_is_soon_shown():
    """One scale is for all kernels: to look for it again with each took seven seconds."""
    layer = Conv(np.ones((512, 512, 1, 1), np.float32))
    session = fixed(taking_over.use_layer(new_session(), layer, "deep"), "noise of 512 × 16 × 16")
    start = time.process_time()
    kernels = derive_scene(session).kernel.thumbnails.items
    assert time.process_time() - start < 3
    assert len(kernels) >= 512
    assert all(kernel.cells.scale is kernels[0].cells.scale for kernel in kernels)

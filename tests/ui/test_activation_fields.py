"""The settings of an activation in the panel: typed, stepped, refused, taken back."""

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.layers import Activation, Conv
from convviz.model import activation_changes, changes, stacking, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document, results

KEYS = [(a.name, s.name) for a in ACTIVATIONS.values() for s in a.settings]


def fields(person):
    return person.panel._layer.function


def shown(person):
    """The labels of the settings that are to be seen."""
    return [
        label.accessibleName()
        for label in fields(person)._labelled.values()
        if label.isVisibleTo(person.window)
    ]


@pytest.fixture
def layers(person):
    """A convolution with two maps, PReLU with a weight for each, and a softplus."""
    image = np.arange(-18.0, 18).reshape(1, 6, 6)
    conv = Conv(np.array([[[[1.0]]], [[[-1.0]]]]))
    stack = (conv, Activation("prelu", weight=(0.25, 0.1)), Activation("softplus"))
    person.apply(changes.open_document, Document(image, "Ramp", stack))
    return person


@pytest.mark.parametrize("key", KEYS, ids=":".join)
def test_an_activation_has_a_field_for_each_setting_and_no_other(person, key):
    person.choose(person.panel.kind, "Activation")
    function = ACTIVATIONS[key[0]]
    person.choose(person.panel.activation, function.title)
    assert shown(person) == [setting.title for setting in function.settings]
    field = fields(person).fields[key]
    assert field.accessibleName()
    assert field.toolTip()
    if isinstance(field, QComboBox):
        person.choose(field, "by tanh")
        assert person.session.focus.changed_settings == {key[1]: "tanh"}
    else:
        person.fill(field, "0.75")
        value = person.session.focus.settings[key[1]]
        assert value in (0.75, (0.75,))
    person.key("Ctrl+Z")
    assert person.session.focus == Activation(key[0])


def test_without_settings_there_is_no_field(person):
    assert shown(person) == []
    person.choose(person.panel.activation, "tanh")
    assert shown(person) == []
    assert not fields(person).by_channel.isVisible()


def test_the_activation_after_a_kernel_is_set_where_the_kernel_is(person):
    person.choose(person.panel.activation, "leaky ReLU")
    field = fields(person).fields["leaky_relu", "negative_slope"]
    person.fill(field, "1/5")
    layer = person.session.document.layers[1]
    assert layer == Activation("leaky_relu", negative_slope=0.2)
    assert results(person.session.document).entering(2).min() == pytest.approx(-0.8)
    person.key("Ctrl+Z", "Ctrl+Z")
    assert len(person.session.document.layers) == 1
    person.key("Ctrl+Shift+Z", "Ctrl+Shift+Z")
    assert field.value() == 0.2


def test_steps_with_the_arrows_are_one_change(person):
    person.choose(person.panel.activation, "leaky ReLU")
    field = fields(person).fields["leaky_relu", "negative_slope"]
    field.setFocus()
    person.key("Up", "Up", "Up")
    assert person.session.document.layers[1].settings["negative_slope"] == pytest.approx(0.04)
    person.apply(changes.undo)
    assert person.session.document.layers[1] == Activation("leaky_relu")


def test_what_cannot_be_is_refused_and_the_field_shows_what_is(layers):
    layers.apply(stacking.focus_layer, 2)
    field = fields(layers).fields["softplus", "beta"]
    layers.fill(field, "0")
    assert layers.message_text == "Beta must be from 1e-30 to 1e+30, not 0"
    assert field.value() == 1
    assert layers.session.focus == Activation("softplus")
    layers.fill(field, "two")
    assert "two" in layers.message_text
    assert field.value() == 1


def test_choosing_the_same_activation_again_keeps_its_settings(person):
    person.choose(person.panel.activation, "ELU")
    person.fill(fields(person).fields["elu", "alpha"], "2")
    person.choose(person.panel.activation, "ELU")
    assert person.session.document.layers[1] == Activation("elu", alpha=2)


def test_each_channel_has_its_weight_in_the_field(layers):
    layers.apply(stacking.focus_layer, 1)
    field = fields(layers).fields["prelu", "weight"]
    assert (shown(layers), field.value()) == (["Weight of channel 1"], 0.25)
    layers.apply(transitions.choose_channel, 1)
    assert (shown(layers), field.value()) == (["Weight of channel 2"], 0.1)
    layers.fill(field, "-3")
    assert layers.session.focus == Activation("prelu", weight=(0.25, -3))
    layers.press(fields(layers).by_channel)
    assert layers.session.focus == Activation("prelu", weight=-3)
    assert shown(layers) == ["Weight"]
    layers.press(fields(layers).by_channel)
    assert layers.session.focus == Activation("prelu", weight=(-3, -3))
    layers.key("Ctrl+Z", "Ctrl+Z", "Ctrl+Z")
    assert layers.session.focus == Activation("prelu", weight=(0.25, 0.1))


def test_weights_for_fewer_channels_are_mended_by_a_button(layers):
    layers.apply(stacking.set_output_channels, 3)
    assert layers.problem_text == ("Layer 2, PReLU: PReLU has 2 weights, the image has 3 channels.")
    layers.press(layers.problem_buttons["Take 3 weights, one for each channel"])
    assert layers.session.document.layers[1] == Activation("prelu", weight=(0.25, 0.1, 0.25))
    assert layers.session.document.layers[0].out_channels == 3


def test_the_sentence_uses_the_weight_of_the_channel(layers):
    assert derive_scene(layers.session).sentence.endswith("= -18, PReLU: -4.5")
    layers.apply(transitions.choose_channel, 1)
    layers.key("End")
    assert derive_scene(layers.session).sentence.endswith("= -17, PReLU: -1.7")


def test_a_number_that_cannot_be_set_leaves_a_layer_without_activation_alone(person):
    before = person.session.document
    person.apply(activation_changes.set_by_channel, "weight", True)
    assert person.session.document is before

"""The panel for every kind of layer: its own fields only, and where the layer stands."""

from itertools import pairwise

import numpy as np
import pytest

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.engine.settings import frozen_array
from convviz.model import changes, stacking, transitions
from convviz.model.document import Document

FIELDS = {
    "kernel": lambda p: p.preset,
    "window size": lambda p: p.kernel_size[0],
    "bias": lambda p: p.bias,
    "flip": lambda p: p.convolution,
    "gather": lambda p: p.gather,
    "padding rule": lambda p: p.padding,
    "stride": lambda p: p.stride[0],
    "dilation": lambda p: p.dilation[0],
    "padding": lambda p: p.cells[0],
    "output padding": lambda p: p.output_padding[0],
    "ceil mode": lambda p: p.ceil_mode,
    "count padding": lambda p: p.count_padding,
    "channels": lambda p: p.channels,
    "depthwise": lambda p: p.depthwise,
    "activation": lambda p: p.activation,
}
KINDS = {
    "Convolution": (
        *("kernel", "window size", "bias", "flip", "padding rule", "stride", "dilation"),
        *("channels", "depthwise", "activation"),
    ),
    "Transposed convolution": (
        *("kernel", "window size", "bias", "gather", "stride", "dilation", "padding"),
        *("output padding", "channels", "activation"),
    ),
    "Max pooling": ("window size", "stride", "dilation", "padding", "ceil mode", "activation"),
    "Average pooling": (
        *("window size", "stride", "padding", "ceil mode", "count padding", "activation"),
    ),
    "Activation": ("activation",),
}


@pytest.fixture
def stack(person):
    """Five layers over an image of two channels."""
    dice = np.random.default_rng(0)
    layers = (
        Conv(dice.integers(-2, 3, (4, 2, 3, 3)), [1, 0, 0, 2], padding=1),
        Activation("relu"),
        Pool("max", 2),
        ConvTranspose(np.ones((4, 1, 3, 3)), stride=2, padding=1, groups=4),
        Conv(np.ones((1, 4, 3, 3)), padding="same"),
    )
    image = frozen_array(dice.integers(0, 9, (2, 8, 8)))
    person.apply(changes.open_document, Document(image, "Noise", layers))
    return person


def shown(panel):
    return {name for name, field in FIELDS.items() if field(panel).isVisibleTo(panel.widget())}


@pytest.mark.parametrize("title", KINDS)
def test_a_kind_of_layer_shows_its_own_fields_only(person, title):
    person.choose(person.panel.kind, title[:10])
    assert person.problem_text is None
    assert title.startswith(person.panel.kind.currentText().removesuffix("."))
    assert shown(person.panel) == set(KINDS[title])


@pytest.mark.parametrize("title", KINDS)
def test_sections_leave_no_gaps(person, title):
    """From one visible part of the panel to the next it is never far."""
    person.choose(person.panel.kind, title[:10])
    body = person.panel.widget()
    body.layout().activate()
    parts = [body.layout().itemAt(n).widget() for n in range(body.layout().count())]
    seen = [part for part in parts if part is not None and part.isVisible()]
    ends = [(part.y(), part.y() + part.height()) for part in seen]
    assert all(0 < after[0] - before[1] <= 14 for before, after in pairwise(ends))


@pytest.mark.parametrize("title", KINDS)
def test_undo_brings_the_kind_before_back(person, title):
    person.choose(person.panel.kind, title[:10])
    person.key("Ctrl+Z")
    assert person.panel.kind.currentText() == "Convolution"
    assert person.title == "Letter H ∗ Sobel x — convviz"


def test_max_pooling_becomes_average_pooling_of_the_same_windows(person):
    person.choose(person.panel.kind, "Max")
    person.fill(person.panel.kernel_size[0], "3")
    person.fill(person.panel.stride[1], "1")
    person.choose(person.panel.kind, "Average")
    pool = person.session.focus
    assert (pool.kind, pool.kernel_size, pool.stride) == ("avg", (3, 2), (2, 1))


# What is set, and what that is in the layer

SETTINGS = {
    "pool window": ("Max", lambda p: p.kernel_size[1], "4", "kernel_size", (2, 4)),
    "pool stride": ("Average", lambda p: p.stride[0], "1", "stride", (1, 2)),
    "pool padding": ("Max", lambda p: p.cells[1], "1", "padding", (0, 1)),
    "pool dilation": ("Max", lambda p: p.dilation[0], "3", "dilation", (3, 1)),
    "transposed stride": ("Transposed", lambda p: p.stride[0], "3", "stride", (3, 1)),
    "transposed padding": ("Transposed", lambda p: p.cells[0], "1", "padding", (1, 0)),
    "transposed size": ("Transposed", lambda p: p.kernel_size[0], "2", "kernel_size", (2, 3)),
}


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_a_number_field_changes_the_layer(person, setting):
    kind, field_of, typed, name, value = setting
    person.choose(person.panel.kind, kind)
    person.fill(field_of(person.panel), typed)
    assert getattr(person.session.focus, name) == value
    assert field_of(person.panel).text() == typed
    person.key("Ctrl+Z")
    assert getattr(person.session.focus, name) != value


def test_output_padding_needs_a_stride_and_says_so(person):
    person.choose(person.panel.kind, "Transposed")
    person.fill(person.panel.output_padding[0], "1")
    assert person.problem_text == (
        "Output_padding 1 must be smaller than the stride 1 or the dilation 1."
    )
    person.press(person.problem_buttons["Raise the stride to 2 × 1"])
    assert person.session.focus.stride == (2, 1)
    assert person.session.focus.output_padding == (1, 0)


def test_ceil_mode_and_counting_padding_are_switched(person):
    person.choose(person.panel.kind, "Average")
    person.fill(person.panel.kernel_size[0], "3")
    person.fill(person.panel.cells[0], "1")
    person.press(person.panel.ceil_mode)
    person.press(person.panel.count_padding)
    pool = person.session.focus
    assert pool.ceil_mode
    assert not pool.count_include_pad
    assert person.panel.size_card._formula.text() == "W_out = ⌈(W_in − F + 2P) / S⌉ + 1"
    person.key("Ctrl+Z", "Ctrl+Z")
    assert not person.panel.ceil_mode.isChecked()
    assert person.panel.count_padding.isChecked()


@pytest.mark.parametrize("name", [name for name in ACTIVATIONS if name != "none"])
def test_an_activation_layer_is_any_of_the_functions(person, name):
    person.choose(person.panel.kind, "Activation")
    person.choose(person.panel.activation, ACTIVATIONS[name].title)
    assert person.session.focus == Activation(name)
    assert person.panel.kind.currentText() == "Activation"
    assert len(person.session.document.layers) == 1
    person.choose(person.panel.kind, "Activation")
    assert person.session.focus == Activation(name)


def test_an_activation_has_no_size_to_compute(person):
    person.choose(person.panel.kind, "Activation")
    card = person.panel.size_card
    assert card._formula.text() == "W_out = W_in"
    assert not card._lines.isVisible()
    assert card._result.text() == "feature map 16 × 16"


def test_a_transposed_convolution_is_walked_by_stamps_or_by_dot_products(person):
    person.choose(person.panel.kind, "Transposed")
    person.fill(person.panel.stride[0], "2")
    outputs = person.session.step_count
    person.press(person.panel.scatter)
    assert person.session.scatter
    assert (person.panel.gather.isChecked(), person.panel.scatter.isChecked()) == (False, True)
    assert person.session.step_count == 16 * 16
    assert "stamps" in person.panel.scatter.toolTip()
    assert "dot product" in person.panel.gather.toolTip()
    person.press(person.panel.gather)
    assert person.session.step_count == outputs


# Channels


def test_channels_are_shown_as_in_and_out(stack):
    panel = stack.panel
    assert panel.channels.text() == "2 → 4"
    stack.fill(panel.channels, "3")
    assert stack.problem_text is not None  # the transposed layer takes 4
    stack.press(stack.problem_buttons["Take the setting back"])
    assert panel.channels.text() == "2 → 4"


def test_more_feature_maps_begin_with_the_first_kernels(person):
    person.fill(person.panel.channels, "3")
    assert person.session.output_count == 3
    assert person.step_text == "step 117 / 768"
    assert (person.session.conv.weight[2] == person.session.conv.weight[0]).all()
    assert person.panel.size_card._cost.text() == (
        "256 steps · 9 products each\n30 parameters · 6,912 multiply‑adds"
    )


def test_the_bias_is_that_of_the_map_that_is_shown(stack):
    panel = stack.panel
    assert panel.bias.accessibleName() == "Bias of map 1"
    assert panel.bias.value() == 1
    stack.apply(transitions.choose_channel, 3)
    assert panel.bias.accessibleName() == "Bias of map 4"
    assert panel.bias.value() == 2
    stack.fill(panel.bias, "5")
    assert stack.session.conv.bias.tolist() == [1, 0, 0, 5]


def test_stepping_into_the_next_map_shows_its_bias(stack):
    stack.apply(transitions.seek, 8 * 8 * 3 - 1)
    assert stack.panel.bias.value() == 0
    stack.key("Right")
    assert stack.panel.bias.value() == 2


def test_the_kernel_is_that_between_the_shown_channels(stack):
    stack.apply(transitions.choose_kernel, 2, 1)
    stack.choose(stack.panel.preset, "Sobel y")
    weight = stack.session.conv.weight
    assert weight[2, 1].tolist() == [[-1, -2, -1], [0, 0, 0], [1, 2, 1]]
    stack.apply(transitions.choose_kernel, 2, 0)
    assert stack.panel.preset.currentText() == "Own kernel"


def test_groups_that_do_not_divide_are_refused_with_those_that_do(stack):
    stack.fill(stack.panel.groups, "3")
    assert stack.problem_text == (
        "3 groups do not divide 2 input channels and 4 output channels evenly."
    )
    stack.press(stack.problem_buttons["2 groups"])
    assert stack.session.conv.groups == 2
    assert stack.panel.groups.value() == 2


def test_depthwise_gives_each_channel_a_kernel_of_its_own(stack):
    stack.press(stack.panel.depthwise)
    assert stack.session.conv.groups == 2
    assert stack.session.conv.weight.shape == (4, 1, 3, 3)


def test_there_is_nothing_depthwise_about_a_single_channel(person):
    assert not person.panel.depthwise.isEnabled()


# Where the layer stands


def test_the_first_layer_reads_the_image(stack):
    panel = stack.panel
    assert panel.source.isVisible()
    assert not panel.reads.isVisible()
    assert not panel.previous.isEnabled()
    assert panel.next.isEnabled()


def test_a_later_layer_says_whose_result_it_reads(stack):
    panel = stack.panel
    texts = []
    for _ in range(4):
        stack.press(panel.next)
        texts.append(panel.reads.text().replace("\N{NO-BREAK SPACE}", " "))
    assert texts == [
        "Layer 2 of 5 reads the result of Conv 3×3: 4 × 8 × 8",
        "Layer 3 of 5 reads the result of ReLU: 4 × 8 × 8",
        "Layer 4 of 5 reads the result of MaxPool 2: 4 × 4 × 4",
        "Layer 5 of 5 reads the result of ConvT 3×3: 4 × 7 × 7",
    ]
    assert not panel.source.isVisible()
    assert not panel.next.isEnabled()
    stack.press(panel.previous)
    assert panel.kind.currentText() == "Transposed conv."


def test_a_layer_whose_neighbour_is_skipped_reads_the_one_before(stack):
    stack.apply(stacking.focus_layer, 1)
    stack.window.run("disable-layer")
    assert stack.panel._layer._skipped.isVisible()
    stack.press(stack.panel.next)
    assert "reads the result of Conv" in stack.panel.reads.text()


def test_a_single_layer_has_nowhere_to_go(person):
    assert not person.panel.next.isVisible()
    assert not person.panel.previous.isVisible()


def test_what_does_not_fit_elsewhere_is_named(stack):
    stack.fill(stack.panel.channels, "3")
    assert stack.problem_text == (
        "Layer 4, ConvT 3×3: the weight takes 4 input channels, the image has 3."
    )
    assert next(iter(stack.problem_buttons)).startswith("Take 3 input channels")
    assert stack.panel.kind.currentText() == "Convolution"


@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("layer", range(5))
def test_no_field_is_cut_off(stack, layer, theme):
    stack.apply(transitions.set_theme, theme)
    stack.apply(stacking.focus_layer, layer)
    body = stack.panel.widget()
    assert body.width() <= stack.panel.viewport().width()
    for combo in (stack.panel.kind, stack.panel.preset, stack.panel.activation):
        if combo.isVisible():
            text = combo.fontMetrics().horizontalAdvance(combo.currentText())
            assert text + 30 <= combo.width(), combo.currentText()


# Signals have columns alone


def test_a_signal_has_one_field_for_each_setting(person_with):
    person = person_with("dilated-causal")
    panel = person.panel
    for fields in (panel.stride, panel.dilation, panel.kernel_size):
        assert [field.isVisible() for field in fields] == [False, True]
    person.fill(panel.stride[1], "2")
    assert person.session.focus.stride == (2,)
    person.choose(panel.padding, "amount")
    assert [field.isVisible() for field in panel.amounts] == [False, False, True, True]
    assert person.session.focus.padding == ((1, 0),)
    person.fill(panel.amounts[3], "2")
    assert person.session.focus.padding == ((1, 2),)

"""The panel: every control changes the session, and the session changes every control."""

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.inputs import INPUTS
from convviz.engine.kernels import KERNELS
from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.model import changes

START = 7 * 16 + 4


def entries(combo):
    return [combo.itemData(index) for index in range(combo.count())]


def plain(text):
    """Return the shown text without what colours it."""
    return re.sub("<[^>]*>", "", text)


@pytest.fixture
def panel(person):
    return person.panel


# What there is to choose


def test_every_table_is_offered_whole(panel):
    assert entries(panel.source) == [p.name for p in INPUTS.values() if p.image.ndim == 2]
    assert entries(panel.preset) == [k.name for k in KERNELS.values() if k.kernel.ndim == 2]
    assert entries(panel.padding) == [*PADDING_RULES, "amount"]
    assert entries(panel.fill) == list(PADDING_MODES)
    assert entries(panel.activation) == list(ACTIVATIONS)


def test_every_choice_says_what_to_look_for(panel):
    for combo in (panel.source, panel.preset, panel.padding, panel.fill, panel.activation):
        tips = [combo.itemData(i, Qt.ItemDataRole.ToolTipRole) for i in range(combo.count())]
        assert all(tips)


@pytest.mark.parametrize("name", [p.name for p in INPUTS.values() if p.image.ndim == 2])
def test_an_input_is_shown_when_it_is_chosen(person, name):
    preset = INPUTS[name]
    person.choose(person.panel.source, preset.title)
    assert (person.session.document.image[0] == preset.image).all()
    assert person.title.replace("*", "") == f"{preset.title} ∗ Sobel x — convviz"
    assert person.problem_text is None


@pytest.mark.parametrize("name", [k.name for k in KERNELS.values() if k.kernel.ndim == 2])
def test_a_kernel_is_shown_when_it_is_chosen(person, name):
    preset = KERNELS[name]
    person.choose(person.panel.preset, preset.title)
    assert (person.session.conv.weight[0, 0] == preset.kernel).all()
    assert person.panel.look_for.text() == preset.flipped  # the layer is a convolution
    person.press(person.panel.correlation)
    assert person.panel.look_for.text() == preset.unflipped
    sizes = [field.value() for field in person.panel.kernel_size]
    assert tuple(sizes) == preset.kernel.shape


# Each control: what it is set to, and what that is in the session

SETTINGS = {
    "kernel rows": (lambda p: p.panel.kernel_size[0], "5", lambda s: s.conv.kernel_size, (5, 3)),
    "kernel columns": (lambda p: p.panel.kernel_size[1], "1", lambda s: s.conv.kernel_size, (3, 1)),
    "bias": (lambda p: p.panel.bias, "-1.5", lambda s: float(s.conv.bias[0]), -1.5),
    "stride down": (lambda p: p.panel.stride[0], "2", lambda s: s.conv.stride, (2, 1)),
    "stride across": (lambda p: p.panel.stride[1], "3", lambda s: s.conv.stride, (1, 3)),
    "dilation rows": (lambda p: p.panel.dilation[0], "2", lambda s: s.conv.dilation, (2, 1)),
    "dilation columns": (lambda p: p.panel.dilation[1], "4", lambda s: s.conv.dilation, (1, 4)),
}


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_a_number_field_changes_the_layer_and_undo_the_field(person, setting):
    field_of, typed, value_of, value = setting
    field, before = field_of(person), value_of(person.session)
    shown = field.text()
    person.fill(field, typed)
    assert value_of(person.session) == value
    assert field.text() == typed
    assert not field.hasFocus()
    person.key("Ctrl+Z")
    assert value_of(person.session) == before
    assert field.text() == shown
    person.key("Ctrl+Y")
    assert value_of(person.session) == value
    assert field.text() == typed


def test_arrows_of_a_number_field_change_the_layer_at_once(person):
    field = person.panel.stride[1]
    field.setFocus()
    person.key("Up", "Up", "Down")
    assert person.session.conv.stride == (1, 2)
    assert field.hasFocus()
    person.key("Return")
    assert not field.hasFocus()


def test_what_is_being_typed_changes_nothing_yet(person):
    field = person.panel.stride[1]
    field.setFocus()
    field.selectAll()
    person.type("12")
    assert person.session.conv.stride == (1, 1)
    person.key("Tab")
    assert person.session.conv.stride == (1, 12)


CHOICES = {
    "padding": (lambda p: p.panel.padding, "full", lambda s: s.conv.padding, "full"),
    "fill": (lambda p: p.panel.fill, "circular", lambda s: s.conv.padding_mode, "circular"),
    "activation": (
        lambda p: p.panel.activation,
        "tanh",
        lambda s: s.document.activation(0).name,
        "tanh",
    ),
    "input": (lambda p: p.panel.source, "Disc", lambda s: s.document.image_name, "Disc"),
    "kernel": (
        lambda p: p.panel.preset,
        "Emboss",
        lambda s: s.conv.weight[0, 0].tolist(),
        KERNELS["emboss"].kernel.tolist(),
    ),
}


@pytest.mark.parametrize("choice", CHOICES.values(), ids=CHOICES)
def test_a_choice_changes_the_layer_and_undo_the_choice(person, choice):
    combo_of, text, value_of, value = choice
    combo, before = combo_of(person), value_of(person.session)
    shown = combo.currentText()
    person.choose(combo, text)
    assert value_of(person.session) == value
    assert combo.currentText().startswith(text)
    person.key("Ctrl+Z")
    assert value_of(person.session) == before
    assert combo.currentText() == shown


def test_convolution_and_correlation_are_one_choice(person):
    panel = person.panel
    person.press(panel.correlation)
    assert not person.session.conv.flip
    assert (panel.convolution.isChecked(), panel.correlation.isChecked()) == (False, True)
    assert person.title == "Letter H ⋆ Sobel x* — convviz"
    person.press(panel.correlation)
    assert not person.session.conv.flip
    assert (panel.convolution.isChecked(), panel.correlation.isChecked()) == (False, True)
    person.window.run("convolution")
    assert (panel.convolution.isChecked(), panel.correlation.isChecked()) == (True, False)
    assert person.title == "Letter H ∗ Sobel x — convviz"


def test_amounts_of_padding_show_when_they_are_wanted(person):
    panel = person.panel
    assert not panel.amounts[0].isVisible()
    person.choose(panel.padding, "amount")
    assert panel.amounts[0].isVisible()
    assert person.session.conv.padding == ((1, 1), (1, 1))
    for field, cells in zip(panel.amounts, "3102", strict=True):
        person.fill(field, cells)
    assert person.session.conv.padding == ((3, 1), (0, 2))
    assert person.window._scene.input.detail == "16 × 16  +↑3 ↓1 →2 padding"
    person.choose(panel.padding, "same")
    assert not panel.amounts[0].isVisible()


def test_the_value_of_padding_shows_when_it_is_wanted(person):
    panel = person.panel
    assert not panel.fill_value.isVisible()
    person.choose(panel.fill, "constant")
    assert panel.fill_value.isVisible()
    person.fill(panel.fill_value, "0.5")
    assert person.session.conv.padding_value == 0.5
    assert person.window._scene.input.cells.values[0, 0] == 0.5


def test_the_panel_shows_what_was_changed_elsewhere_without_answering(person):
    """A control that is written to changes nothing itself."""
    told = []
    person.window._store.changed.connect(told.append)
    for transition, *arguments in (
        (changes.set_stride, (2, 3)),
        (changes.set_dilation, (2, 1)),
        (changes.set_kernel_size, (5, 1)),
        (changes.set_bias, 0.25),
        (changes.set_padding, ((2, 2), (4, 4))),
        (changes.set_padding_mode, "constant"),
        (changes.set_padding_value, -2.0),
        (changes.set_activation, "relu"),
        (changes.set_flip, False),
    ):
        person.apply(transition, *arguments)
    assert len(told) == 9
    panel = person.panel
    fields = (*panel.stride, *panel.dilation, *panel.kernel_size, *panel.amounts)
    assert [field.value() for field in fields] == [2, 3, 2, 1, 5, 1, 2, 2, 4, 4]
    assert (panel.bias.text(), panel.fill_value.text()) == ("0.25", "-2")
    combos = (panel.padding, panel.fill, panel.activation)
    assert [combo.currentText() for combo in combos] == ["amount", "constant", "ReLU"]
    assert panel.correlation.isChecked()


def test_a_kernel_of_ones_own_is_called_so(person):
    person.apply(changes.set_cell, "kernel", (0, 0), 7.0)
    assert person.panel.preset.currentText() == "Own kernel"
    assert person.panel.look_for.text() == "Weights of your own."
    person.choose(person.panel.preset, "Own kernel")
    assert person.session.conv.weight[0, 0, 0, 0] == 7
    person.key("Ctrl+Z")
    assert person.panel.preset.currentText() == "Sobel x"


# The size of the output


def test_the_output_size_is_shown_with_its_numbers(person):
    card = person.panel.size_card
    assert plain(card._lines.text()) == "⌊(16 − 3 + 2·1) / 1⌋ + 1"
    assert card._result.text() == "= 16   feature map 16 × 16"
    assert card._cost.text() == "256 steps · 9 products each"


def test_a_rest_of_the_division_is_explained(person):
    person.apply(changes.set_padding, "valid")
    person.apply(changes.set_stride, (2, 2))
    card = person.panel.size_card
    assert plain(card._lines.text()) == "⌊(16 − 3 + 2·0) / 2⌋ + 1"
    assert card._notes.isVisible()
    assert card._notes.text() == "16 − 3 is no multiple of 2: the last cell is never read"


def test_axes_that_differ_have_a_line_each(person):
    person.apply(changes.set_padding, "valid")
    person.apply(changes.set_stride, (1, 2))
    lines = person.panel.size_card._lines
    assert plain(lines.text().replace("<br>", "|")) == (
        "↓ ⌊(16 − 3 + 2·0) / 1⌋ + 1 = 14|→ ⌊(16 − 3 + 2·0) / 2⌋ + 1 = 7"
    )
    assert lines.accessibleName() == plain(lines.text().replace("<br>", "; "))


def test_the_panel_is_wide_enough_for_what_it_says(person):
    """Nothing is cut off at the right: no field wants more room than it has."""
    panel = person.panel
    for transition, *arguments in (
        (changes.set_stride, (1, 2)),
        (changes.set_padding, ((10, 10), (12, 12))),
        (changes.set_padding_mode, "constant"),
    ):
        person.apply(transition, *arguments)
    body = panel.widget()
    assert body.width() <= panel.viewport().width()
    buttons = (panel.open, panel.resize_input, panel.convolution, panel.correlation)
    for button in (*buttons, panel.depthwise, panel.rules):
        text = button.fontMetrics().horizontalAdvance(button.text())
        assert text <= button.width()


# What does not fit


def spoil(person):
    """Ask for a dilation that leaves no room: 9 · (3 − 1) + 1 = 19 cells."""
    person.apply(changes.set_padding, "valid")
    person.fill(person.panel.dilation[0], "9")


def test_an_invalid_setting_keeps_the_picture_and_says_why_in_numbers(person):
    person.apply(changes.set_padding, "valid")
    person.window.setFocus()
    before, document = person.picture(person.stage), person.session.document
    person.fill(person.panel.dilation[0], "9")
    assert not (person.picture(person.stage) != before).any()
    assert person.session.document is document
    assert person.problem_text == (
        "The kernel spans 19 cells after dilation 9, the padded input has 16."
    )
    assert not person.panel.size_card.isVisible()
    assert person.panel.dilation[0].value() == 9


def test_each_button_mends_what_does_not_fit(person):
    spoil(person)
    texts = list(person.problem_buttons)
    assert texts[-1] == "Take the setting back"
    assert len(texts) >= 3
    for text in texts:
        person.press(person.problem_buttons[text])
        assert person.problem_text is None, text
        assert person.panel.size_card.isVisible()
        assert person.session.attempt is None
        shown = [field.value() for field in person.panel.dilation]
        assert tuple(shown) == person.session.conv.dilation
        person.apply(changes.set_padding, "valid")
        person.apply(changes.set_kernel_preset, "sobel-x")
        person.apply(changes.set_dilation, (1, 1))
        spoil(person)


def test_undo_takes_an_invalid_setting_back(person):
    spoil(person)
    assert person.window.actions_by_name["undo"].text() == "&Undo the setting"
    person.key("Ctrl+Z")
    assert person.problem_text is None
    assert person.panel.dilation[0].value() == 1


def test_a_valid_setting_takes_the_place_of_an_invalid_one(person):
    spoil(person)
    person.fill(person.panel.dilation[0], "2")
    assert person.problem_text is None
    assert person.session.conv.dilation == (2, 1)


def test_two_invalid_settings_are_mended_one_after_the_other(person):
    person.apply(changes.set_input_preset, "count-3x3")
    person.apply(changes.set_padding, ((2, 2), (2, 2)))
    person.choose(person.panel.fill, "reflect")
    assert person.problem_text is None
    person.fill(person.panel.amounts[0], "5")
    assert (
        person.problem_text == "Reflect can pad an input of 3 cells by at most 2, the padding is 5."
    )
    person.fill(person.panel.dilation[0], "20")
    assert person.problem_text is not None
    for _ in range(3):
        if person.problem_text is None:
            break
        person.press(next(iter(person.problem_buttons.values())))
    assert person.problem_text is None
    assert person.session.attempt is None


def test_stepping_and_playing_go_on_over_an_invalid_setting(person):
    spoil(person)
    person.key("Right")
    assert person.step_text == f"step {person.session.playhead.step + 1} / 196"
    person.key("Space")
    person.wait(1)
    assert person.session.playback.playing
    assert person.problem_text is not None


def test_the_reason_is_brought_into_view(person, qtbot):
    person.window.resize(person.window.minimumSize())
    spoil(person)
    card = person.panel.problem_card

    def seen():
        top = card.mapTo(person.panel.viewport(), card.rect().topLeft()).y()
        return top >= 0 and top + card.height() <= person.panel.viewport().height() + 2

    qtbot.waitUntil(seen)


def test_the_limits_of_fields_keep_slips_out(person):
    person.fill(person.panel.stride[0], "9999")
    assert person.session.conv.stride[0] <= 64
    person.fill(person.panel.kernel_size[0], "0")
    assert person.session.conv.kernel_size[0] >= 1


def test_the_panel_needs_no_scroll_bar_at_1280_by_800(person):
    assert not person.panel.verticalScrollBar().isVisible()


@pytest.mark.parametrize("text", ["", "abc", "-", "1e999"])
def test_nonsense_in_a_number_field_leaves_a_number(person, text):
    person.fill(person.panel.bias, text)
    float(person.panel.bias.text())
    assert abs(float(person.session.conv.bias[0])) <= 1e6


def test_a_bias_with_many_digits_is_kept_when_its_field_is_only_visited(person):
    person.apply(changes.set_bias, 1 / 3)
    person.panel.bias.setFocus()
    person.key("Tab")
    assert person.session.conv.bias[0] == 1 / 3


def test_a_fractional_bias_reads_as_it_can_be_typed(person):
    person.apply(changes.set_bias, 1 / 3)
    assert person.panel.bias.text() == "1/3"


@pytest.mark.parametrize(
    ("typed", "value"),
    [("1/3", 1 / 3), ("1e-3", 1e-3), ("1e3", 1e3), ("sqrt(2)", 2**0.5), ("-2.5", -2.5)],
)
def test_the_bias_takes_what_cells_take(person, typed, value):
    bias = person.panel.bias
    bias.setFocus()
    bias.selectAll()
    QTest.keyClicks(bias, typed)
    QTest.keyClick(bias, Qt.Key.Key_Return)
    assert person.session.conv.bias.tolist() == [value]
    QTest.keyClick(bias, Qt.Key.Key_Return)
    assert person.session.conv.bias.tolist() == [value]


@pytest.mark.parametrize("typed", ["abc", "2,5,1", "1/0"])
def test_what_is_no_number_is_refused_in_words_and_the_bias_stays(person, typed):
    person.apply(changes.set_bias, 0.5)
    bias = person.panel.bias
    bias.setFocus()
    bias.selectAll()
    QTest.keyClicks(bias, typed)
    QTest.keyClick(bias, Qt.Key.Key_Return)
    assert person.session.conv.bias.tolist() == [0.5]
    assert "type a number such as" in person.session.message.text
    assert bias.text() == "0.5"

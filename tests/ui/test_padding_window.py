"""The window of padding rules: what each does here, how two compare, what they fill in."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel

from convviz.engine.conv_layer import Conv
from convviz.engine.network import apply_layer
from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.model import changes, transitions
from convviz.model.padding_rules import OWN, compare_rules, rule_table


@pytest.fixture
def window(person):
    """The padding window over the letter H, under a kernel of 4 x 4."""
    person.apply(changes.set_kernel_size, (4, 4))
    person.key("F4")
    return person.window.runner.padding


def lines(window):
    return {name: (line.sides.text(), line.output.text()) for name, line in window.lines.items()}


def compare(person, window, one, other):
    person.choose(window.one, one)
    person.choose(window.other, other)
    return window.sentence.text()


def test_f4_and_the_button_beside_the_rule_open_the_window(person):
    person.key("F4")
    window = person.window.runner.padding
    assert window.isVisible()
    assert not window.isModal()
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert not window.isVisible()
    assert person.window.isVisible()
    person.press(person.panel.rules)
    assert window.isVisible()
    QTest.keyClick(window, Qt.Key.Key_W, Qt.KeyboardModifier.ControlModifier)
    assert not window.isVisible()
    assert person.window.isVisible()


def test_every_rule_shows_its_amounts_and_what_comes_out(window):
    assert window.title.text() == "Conv 4×4, stride 1, dilation 1, over an input of 16 × 16"
    assert lines(window) == {
        "valid": ("↑0 ↓0 ←0 →0", "13 × 13"),
        "same": ("↑2 ↓1 ←2 →1", "16 × 16"),
        "full": ("↑3 ↓3 ←3 →3", "19 × 19"),
        "same_upper": ("↑1 ↓2 ←1 →2", "16 × 16"),
        "same_lower": ("↑2 ↓1 ←2 →1", "16 × 16"),
        "causal": ("↑3 ↓0 ←3 →0", "16 × 16"),
        OWN: ("↑2 ↓1 ←2 →1", "16 × 16"),
    }


def test_every_rule_says_who_uses_it(window):
    for name, rule in PADDING_RULES.items():
        assert window.lines[name].used_by.text() == f"used by {rule.used_by}"
        assert window.lines[name].summary.text() == rule.summary


def test_the_rule_in_use_is_marked_and_another_takes_one_click(person, window):
    assert window.lines["same"].use.text() == "In use"
    person.press(window.lines["full"].use)
    assert person.session.conv.padding == "full"
    assert window.lines["full"].use.text() == "In use"
    assert window.lines["same"].use.text() == "Use"
    assert person.panel.padding.currentText() == "full"


def test_own_amounts_are_those_of_the_rule_before(person, window):
    person.press(window.lines[OWN].use)
    assert person.session.conv.padding == ((2, 1), (2, 1))
    assert person.panel.padding.currentText() == "amount"
    assert window.lines[OWN].use.text() == "In use"


def test_the_window_follows_the_session(person, window):
    person.apply(changes.set_kernel_preset, "sobel-x")
    assert window.title.text().startswith("Conv 3×3")
    assert lines(window)["same_upper"] == lines(window)["same_lower"]
    person.apply(changes.set_stride, (2, 1))
    assert "stride 2 × 1" in window.title.text()
    assert lines(window)["valid"] == ("↑0 ↓0 ←0 →0", "7 × 14")
    person.key("Ctrl+Z")
    assert lines(window)["valid"][1] == "14 × 14"


def test_a_rule_that_does_not_fit_says_why(person, window):
    person.apply(changes.set_input_preset, "count-3x3")
    person.apply(changes.set_padding, "same")
    line = window.lines["valid"]
    assert line.output.text() == "does not fit"
    assert line.problem.text() == "the kernel spans 4 cells, the padded input has 3"
    assert line.problem.isVisible()
    assert "does not fit" in line.use.accessibleDescription()


def test_layers_without_rules_say_so(person, window):
    person.window.run("add-max")
    assert window.reason.text() == (
        "Padding rules belong to convolutions: choose a layer that is one."
    )
    assert not any(line.isVisible() for line in window.lines.values())
    person.key("Ctrl+[")
    assert not window.reason.isVisible()
    assert window.lines["valid"].isVisible()


# Two rules side by side


def test_at_first_the_rule_in_use_is_compared_with_another(person, window):
    assert [combo.currentText() for combo in (window.one, window.other)] == ["same", "valid"]
    assert window.sentence.text().startswith("same gives 16 × 16, valid gives 13 × 13")
    person.choose(window.other, "choose")
    assert window.sentence.text() == "Choose two rules to see their feature maps side by side."


def test_maps_that_differ_are_counted_cell_by_cell(person, window):
    sentence = compare(person, window, "same_upper", "same_lower")
    conv, image = person.session.conv, person.session.document.image
    maps = [
        apply_layer(Conv(conv.weight, padding=padding, flip=True), image)[0]
        for padding in (((1, 2), (1, 2)), ((2, 1), (2, 1)))
    ]
    count = int((maps[0] != maps[1]).sum())
    largest = np.abs(maps[0] - maps[1]).max()
    assert sentence == (
        f"same_upper and same_lower differ in {count} of 256 cells; "
        f"the largest difference is {largest:g}."
    )
    views = [person.picture(view) for view in window.maps]
    assert (views[0] != views[1]).any()
    amber = np.array(person.theme.kernel)
    assert all((np.abs(view.astype(int) - amber).max(axis=-1) < 8).any() for view in views)
    assert window.maps[0].accessibleDescription() == f"same_upper. {sentence}"


def test_an_odd_kernel_leaves_nothing_to_differ(person, window):
    person.apply(changes.set_kernel_preset, "sobel-x")
    assert compare(person, window, "same_upper", "same_lower") == (
        "same_upper and same_lower give the same map here, since the kernel is odd."
    )
    assert compare(person, window, "same", "own") == (
        "same and own amounts give the same map here, since they pad alike."
    )


def test_maps_of_different_sizes_have_no_cells_to_compare(person, window):
    assert compare(person, window, "valid", "full") == (
        "valid gives 13 × 13, full gives 19 × 19: no cell stands beside its own."
    )


def test_rules_that_do_not_fit_say_why_they_have_no_map(person, window):
    person.apply(changes.set_input_preset, "count-3x3")
    assert compare(person, window, "valid", "full") == (
        "valid does not fit: the kernel spans 4 cells, the padded input has 3."
    )


def test_what_is_compared_follows_the_session(person, window):
    compare(person, window, "same_upper", "same_lower")
    person.apply(changes.set_input_preset, "disc")
    assert window.sentence.text() != ""
    assert "differ in" in window.sentence.text()
    person.apply(changes.set_image, np.zeros((8, 8)), "Black")
    assert window.sentence.text() == (
        "same_upper and same_lower give the same map here, though they pad differently."
    )


def test_a_later_layer_is_compared_over_what_reaches_it(person):
    person.apply(changes.set_image, np.ones((4, 4)), "Ones")
    person.apply(changes.set_kernel, np.full((1, 1), 10.0))
    person.window.run("add-conv")
    person.apply(changes.set_kernel, np.ones((2, 2)))
    assert rule_table(person.session).title.startswith("Layer 2, Conv 2×2")
    found = compare_rules(person.session, "same_upper", "same_lower")
    assert found.maps[0].tolist()[0] == [40, 40, 40, 20]
    assert found.maps[1].tolist()[0] == [10, 20, 20, 20]


def test_a_large_input_is_not_compared_while_one_waits(person, window):
    person.apply(changes.set_image, np.zeros((2048, 2048)), "Large")
    assert compare(person, window, "same_upper", "same_lower") == (
        "The input has 4,194,304 cells: scale it down to compare."
    )


# What the modes fill in


def test_the_table_of_modes_is_that_of_the_libraries(window):
    table = window.fills
    shown = [
        [table.item(row, column).text() for column in range(table.columnCount())]
        for row in range(table.rowCount())
    ]
    assert shown == [
        ["✓ zeros", "0 0 [1 2 3 4] 0 0", "zeros", "constant", "grid-constant"],
        ["constant", "c c [1 2 3 4] c c", "–", "constant", "grid-constant"],
        ["reflect", "3 2 [1 2 3 4] 3 2", "reflect", "reflect", "mirror"],
        ["symmetric", "2 1 [1 2 3 4] 4 3", "–", "symmetric", "reflect"],
        ["replicate", "1 1 [1 2 3 4] 4 4", "replicate", "edge", "nearest"],
        ["circular", "3 4 [1 2 3 4] 1 2", "circular", "wrap", "grid-wrap"],
    ]


def test_the_mode_in_use_is_marked(person, window):
    person.choose(person.panel.fill, "reflect")
    marked = [window.fills.item(row, 0).text()[0] == "✓" for row in range(len(PADDING_MODES))]
    assert marked == [name == "reflect" for name in PADDING_MODES]


# Everyone's window


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_is_cut_off_and_the_drawings_differ(person, window, theme):
    person.apply(transitions.set_theme, theme)
    pictures = [person.picture(line.drawing).tobytes() for line in window.lines.values()]
    assert len(set(pictures)) >= 4
    for button in window.findChildren(QAbstractButton):
        if button.isVisible():
            assert button.fontMetrics().horizontalAdvance(button.text()) <= button.width()
    for label in window.findChildren(QLabel):
        if label.isVisible() and not label.wordWrap():
            assert label.sizeHint().width() <= label.width() + 1, label.text()


def test_every_control_has_a_name(window):
    controls = [*window.findChildren(QAbstractButton), *window.findChildren(QComboBox)]
    ours = [control for control in controls if not control.objectName().startswith("qt_")]
    unnamed = [c for c in ours if not (c.accessibleName() or getattr(c, "text", str)())]
    assert [c for c in unnamed if c.parent() is not window.fills] == []
    names = [line.use.accessibleName() for line in window.lines.values()]
    assert len(set(names)) == len(names)


def test_space_presses_the_button_that_tab_has_reached(person, window):
    window.lines["full"].use.setFocus(Qt.FocusReason.TabFocusReason)
    person.key("Space")
    assert person.session.conv.padding == "full"
    assert not person.session.playback.playing

"""Wild hands: whatever is pressed, dragged and chosen, the map shown is right and nothing fails."""

import random

import numpy as np
import pytest
from person import LEFT, PLAIN, RIGHT
from PySide6.QtCore import QPoint
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QSpinBox
from scipy import signal

from convviz.engine.padding import pad
from convviz.model import transitions
from convviz.ui import dialogs
from convviz.ui.commands import COMMANDS

KEYS = [
    *("Right", "Left", "Up", "Down", "Home", "End", "PageUp", "PageDown", "Tab", "Backtab"),
    *("Return", "Escape", "Delete", "Backspace", "Space", "F2", "F6"),
    *"0123456789.,-+/()jklpgK<>?sqrt ",
    *("Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+M", "Ctrl+H", "Ctrl+0", "Ctrl++", "Ctrl+-", "Ctrl+A"),
    *("Ctrl+L", "Ctrl+T", "Ctrl+E", "Ctrl+Right", "Ctrl+Up"),
]
LEFT_ALONE = {"quit", "full-screen", "shortcuts", "open"}  # they open windows, or end the test


def anywhere(widget, dice):
    return QPoint(dice.randrange(widget.width()), dice.randrange(widget.height()))


def act(person, dice):
    """Do one thing, anywhere."""
    window, pane = person.window, dice.choice(person.stage.panes)
    point = anywhere(pane, dice)
    acts = {
        "key": lambda: person.key(dice.choice(KEYS)),
        "move": lambda: QTest.mouseMove(pane, point),
        "click": lambda: QTest.mouseClick(pane, dice.choice([LEFT] * 3 + [RIGHT]), PLAIN, point),
        "double click": lambda: QTest.mouseDClick(pane, LEFT, PLAIN, point),
        "drag": lambda: person.drag(
            pane, point, anywhere(pane, dice), anywhere(person.stage, dice)
        ),
        "wheel": lambda: person.wheel(
            dice.choice([pane, person.transport.scrubber]), dice.choice([-2, 1]), point
        ),
        "field": lambda: change_a_field(person, dice),
        "command": lambda: window.run(dice.choice([n for n in COMMANDS if n not in LEFT_ALONE])),
        "button": lambda: press_a_button(person, dice),
    }
    acts[dice.choice([*acts, "key", "key", "move"])]()
    if dice.random() < 0.2:
        person.wait(dice.random())


def press_a_button(person, dice):
    window = person.window
    buttons = [*person.problem_buttons.values(), *window.message._buttons]
    buttons += [window.message._close, window.export_panel._close]
    if seen := [button for button in buttons if button.isVisible()]:
        person.press(dice.choice(seen))


def change_a_field(person, dice):
    fields = [
        field
        for kind in (QComboBox, QSpinBox)
        for field in person.panel.findChildren(kind)
        if field.isVisible()
    ]
    field = dice.choice(fields)
    if isinstance(field, QComboBox):
        index = dice.randrange(field.count())
        field.setCurrentIndex(index)
        field.activated.emit(index)
    elif dice.random() < 0.5:
        field.stepBy(dice.choice([-1, 1, 1, 3]))
    else:
        person.fill(field, dice.choice(["1", "2", "3", "5", "x", ""]))


def right_map(session):
    """Return the feature map as SciPy has it, before the activation."""
    conv, image = session.conv, session.document.image
    padded = pad(image, conv.amounts(image.shape[1:]), conv.padding_mode, conv.padding_value)[0]
    rows, columns = (d * (k - 1) + 1 for d, k in zip(conv.dilation, conv.kernel_size, strict=True))
    spread = np.zeros((rows, columns))
    spread[:: conv.dilation[0], :: conv.dilation[1]] = conv.weight[0, 0]
    flip = signal.convolve2d if conv.flip else signal.correlate2d
    bias = 0.0 if conv.bias is None else conv.bias[0]
    return flip(padded, spread, "valid")[:: conv.stride[0], :: conv.stride[1]] + bias


def assert_all_is_well(person):
    session, scene = person.session, person.window._scene
    assert 0 <= session.playhead.step < session.step_count
    assert person.window._player.timer.isActive() == session.playback.playing
    assert "Something went wrong" not in (person.message_text or "")
    if session.document.activation(0).name == "none":
        expected, shown = right_map(session), scene.output.cells.values
        scale = max(np.abs(expected).max(), 1.0)
        assert np.allclose(shown, expected, rtol=0, atol=1e-9 * scale)
    panel, conv = person.panel, session.edited.conv(session.layer)
    if not any(field.hasFocus() for field in panel.stride):
        assert tuple(field.value() for field in panel.stride) == conv.stride
    assert panel.convolution.isChecked() == conv.flip


@pytest.mark.parametrize(
    ("seed", "count"),
    [
        (1, 1_500),
        (2, 1_500),
        *(
            pytest.param(seed, 10_000, marks=[pytest.mark.slow, pytest.mark.timeout(1200)])
            for seed in range(3, 8)
        ),
    ],
)
def test_nothing_that_hands_can_do_breaks_the_window(person, seed, count, monkeypatch):
    for ask in ("ask_open", "ask_folder", "ask_save_png"):
        monkeypatch.setattr(dialogs, ask, lambda *_: None)
    monkeypatch.setattr("PySide6.QtWidgets.QMenu.popup", lambda *_: None)
    dice = random.Random(seed)
    for number in range(count):
        act(person, dice)
        assert_all_is_well(person)
        if number % 20 == 0:
            QApplication.processEvents()
            if popup := QApplication.activePopupWidget():
                popup.close()
        if number % 100 == 0:
            person.apply(transitions.set_input_preset, "letter-h")
            assert person.picture(person.window).any()
    assert person.window.isVisible()

"""Wild hands: whatever is pressed, dragged and chosen, the map shown is right and nothing fails."""

import random

import numpy as np
import pytest
from person import LEFT, MODIFIERS, PLAIN, RIGHT
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QSpinBox

from convviz.engine.layers import Conv
from convviz.engine.verify import verify
from convviz.model import changes
from convviz.model.document import compute, compute_shown, default_document
from convviz.render.grid_painter import handle_of
from convviz.ui import dialogs
from convviz.ui.commands import COMMANDS
from convviz.ui.learn_commands import has_sense

KEYS = [
    *("Right", "Left", "Up", "Down", "Home", "End", "PageUp", "PageDown", "Tab", "Backtab"),
    *("Return", "Escape", "Delete", "Backspace", "Space", "F2", "F6"),
    *"0123456789.,-+/()jklpgK<>?sqrt ",
    *("Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+M", "Ctrl+H", "Ctrl+0", "Ctrl++", "Ctrl+-", "Ctrl+A"),
    *("Ctrl+L", "Ctrl+T", "Ctrl+E", "Ctrl+Right", "Ctrl+Up"),
    *("Ctrl+C", "Ctrl+X", "Ctrl+V", "Ctrl+D", "Ctrl+R", "Ctrl+Return"),
    *(f"Ctrl+{number}" for number in range(1, 9)),
    *("Shift+Right", "Shift+Down", "Shift+Left", "Shift+Up"),
]
SHIFT = MODIFIERS["Shift"]
# They open windows, or end the test:
LEFT_ALONE = {"quit", "full-screen", "shortcuts", "open", "padding-rules", "train"}


def anywhere(widget, dice):
    return QPoint(dice.randrange(widget.width()), dice.randrange(widget.height()))


def act(person, dice):
    """Do one thing, anywhere."""
    if person.window.crop.isVisible():
        crop(person, dice)
        return
    pane = dice.choice([pane for pane in person.stage.panes if pane.isVisible()])
    point = anywhere(pane, dice)
    acts = {
        "key": lambda: person.key(dice.choice(KEYS)),
        "move": lambda: QTest.mouseMove(pane, point),
        "click": lambda: QTest.mouseClick(pane, dice.choice([LEFT] * 3 + [RIGHT]), PLAIN, point),
        "shift and click": lambda: QTest.mouseClick(pane, LEFT, SHIFT, point),
        "fill handle": lambda: drag_the_fill_handle(person, dice),
        "double click": lambda: QTest.mouseDClick(pane, LEFT, PLAIN, point),
        "drag": lambda: person.drag(
            pane, point, anywhere(pane, dice), anywhere(person.stage, dice)
        ),
        "wheel": lambda: person.wheel(
            dice.choice([pane, person.transport.scrubber]), dice.choice([-2, 1]), point
        ),
        "field": lambda: change_a_field(person, dice),
        "command": lambda: trigger_a_command(person, dice),
        "button": lambda: press_a_button(person, dice),
        "elsewhere": lambda: copy_from_elsewhere(dice),
    }
    acts[dice.choice([*acts, "key", "key", "move"])]()
    if dice.random() < 0.2:
        person.wait(dice.random())


def crop(person, dice):
    """Do one thing in the panel that stands where the scene was, or press a key."""
    panel = person.window.crop
    field = dice.choice(panel.fields)
    combo = dice.choice([panel.axes, panel.method, panel.channels, panel.values])
    acts = {
        "drag": lambda: person.drag(
            panel.view, anywhere(panel.view, dice), anywhere(panel.view, dice)
        ),
        "field": lambda: person.fill(field, dice.choice(["1", "3", "0", "12", "x", "-5"])),
        "combo": lambda: person.choose(combo, combo.itemText(dice.randrange(combo.count()))),
        "size": lambda: person.press(dice.choice([panel.sides[0], panel.unscaled, panel.all])),
        "linked": lambda: panel.linked.toggle(),
        "key": lambda: person.key(dice.choice(KEYS)),
        "apply": lambda: person.press(panel.apply),
        "cancel": lambda: person.press(panel.cancel),
    }
    acts[dice.choice([*acts])]()


def drag_the_fill_handle(person, dice):
    for pane in (person.stage.input, person.stage.kernel):
        geometry = pane.geometry_of(pane.name)
        if pane.isVisible() and geometry and pane.grid.selected:
            handle = handle_of(pane.grid.selected, geometry).center().toPoint()
            person.drag(pane, handle, anywhere(pane, dice))


def copy_from_elsewhere(dice):
    """Another program puts a table, or what is none, into the clipboard."""
    rows, columns = dice.randrange(1, 6), dice.randrange(1, 6)
    cells = [[dice.choice(["1", "-0.5", "1/9", "7"]) for _ in range(columns)] for _ in range(rows)]
    table = "\n".join("\t".join(row) for row in cells)
    QGuiApplication.clipboard().setText(dice.choice([table, table, "words", "[[1, 2], [3, 4]]"]))


def trigger_a_command(person, dice):
    name = dice.choice([name for name in COMMANDS if name not in LEFT_ALONE])
    person.window.actions_by_name[name].trigger()


def press_a_button(person, dice):
    window = person.window
    buttons = [*person.problem_buttons.values(), *window.message._buttons]
    buttons += [window.message._close, window.export_panel._close, window.kernel_strip.apply]
    buttons += [window.kernel_strip.draw, window.kernel_strip.normalise]
    buttons += person.panel.findChildren(QAbstractButton)
    buttons = [b for b in buttons if b not in (person.panel.open, person.panel.rules)]
    if seen := [button for button in buttons if button.isVisible() and button.isEnabled()]:
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


def assert_all_is_well(person):
    session, scene = person.session, person.window._scene
    assert 0 <= session.playhead.step < session.walk_count
    assert 0 <= session.head.step < session.step_count
    assert person.window._player.timer.isActive() == session.playback.playing
    assert "Something went wrong" not in (person.message_text or "")
    assert_the_map_is_right(session, scene)
    assert_the_panel_shows_the_layer(person)
    for name, command in COMMANDS.items():
        action = person.window.actions_by_name[name]
        possible = command.possible(session)
        assert action.isEnabled() == (possible and has_sense(session, command)), name


def assert_the_map_is_right(session, scene):
    """SciPy makes the same map, and it is the one that is shown."""
    made = compute(session.document, session.layer)
    for verdict in verify(session.focus, made.image, made.sums):
        assert verdict.agrees
    if not (session.view.use_counts or session.stamping):  # else counts, or sums so far
        shown = scene.output.cells.values
        maps = compute_shown(session.document, session.layer).maps
        assert np.array_equal(shown, maps[session.channel].reshape(shown.shape))


def assert_the_panel_shows_the_layer(person):
    session, panel = person.session, person.panel
    layer = session.edited.layers[session.layer]
    fields = [field for field in panel.stride if field.isVisibleTo(panel.widget())]
    if fields and not any(field.hasFocus() for field in fields):
        assert tuple(field.value() for field in fields) == layer.stride
    if isinstance(layer, Conv):
        assert panel.convolution.isChecked() == layer.flip


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
    asks = {name for name in vars(dialogs) if name.startswith("ask_")}
    for ask in asks - {"ask_unsaved"}:
        monkeypatch.setattr(dialogs, ask, lambda *_: None)
    monkeypatch.setattr("PySide6.QtWidgets.QMenu.popup", lambda *_: None)
    small = QImage(9, 7, QImage.Format.Format_RGB32)
    small.fill(Qt.GlobalColor.darkCyan)
    monkeypatch.setattr("convviz.ui.export_control.frame_image", lambda *_: small)  # to be pasted
    dice = random.Random(seed)
    for number in range(count):
        act(person, dice)
        assert_all_is_well(person)
        if number % 20 == 0:
            QApplication.processEvents()
            if popup := QApplication.activePopupWidget():
                popup.close()
        if number % 100 == 0:
            person.apply(changes.open_document, default_document())
            assert person.picture(person.window).any()
    assert person.window.isVisible()

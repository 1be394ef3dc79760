"""The keyboard, key by key, as the table in the design has it."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QTableWidget

from convviz.model import transitions
from convviz.model.session import Target
from convviz.ui.commands import COMMANDS
from convviz.ui.menus import plain

START = 7 * 16 + 4  # the opening step, from 0


@pytest.mark.parametrize(
    ("keys", "step"),
    [
        (["Right"], START + 1),
        (["Left"], START - 1),
        (["Ctrl+Right"], START + 1),
        (["Ctrl+Left"], START - 1),
        (["PageDown"], START + 1),
        (["PageUp"], START - 1),
        (["Down"], START + 16),
        (["Up"], START - 16),
        (["Ctrl+Down"], START + 16),
        (["Ctrl+Up"], START - 16),
        (["Home"], 0),
        (["End"], 255),
        (["Ctrl+Home"], 0),
        (["Ctrl+End"], 255),
        (["Home", "Left"], 0),
        (["End", "Right"], 255),
        (["Home", "Up"], 0),
        (["0"], 0),
        (["1"], 26),
        (["5"], 128),
        (["9"], 230),
        (["Right", "Right", "Down", "Left"], START + 17),
    ],
    ids=str,
)
def test_a_key_goes_to_an_output_cell(person, keys, step):
    person.key(*keys)
    assert person.session.playhead.step == step
    assert person.step_text == f"step {step + 1} / 256"
    assert person.transport.scrubber.value() == step
    assert person.status_text.startswith(f"row {step // 16}, column {step % 16}:")


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        (["."], "product 1 of 9"),
        ([".", "."], "product 2 of 9"),
        ([".", ".", ","], "product 1 of 9"),
        ([","], "product 9 of 9"),
        (["."] * 9, "product 9 of 9"),
    ],
    ids=str,
)
def test_stop_and_comma_go_from_product_to_product(person, keys, shown):
    person.key(*keys)
    scene = person.window._scene
    assert scene.dot.detail == f"step {START + 1} of 256 · {shown}"


def test_after_the_last_product_comes_the_next_output_cell(person):
    person.key(*["."] * 10)
    assert person.session.playhead.step == START + 1
    assert person.session.playhead.term == 0
    person.key(",")
    assert (person.session.playhead.step, person.session.playhead.term) == (START, 8)


@pytest.mark.parametrize("key", ["Space", "K"])
def test_space_and_k_play_and_pause(person, key):
    person.key(key)
    assert person.session.playback.playing
    person.wait(0.5)
    person.key(key)
    assert not person.session.playback.playing
    assert person.session.playhead.step == START + 2


@pytest.mark.parametrize(("key", "step"), [("J", START - 2), ("L", START + 2)])
def test_j_and_l_play_backwards_and_forwards(person, key, step):
    person.key(key)
    person.wait(0.5)
    assert person.session.playhead.step == step


@pytest.mark.parametrize(
    ("keys", "speed"), [([">"], "8 steps/s"), (["<"], "2 steps/s"), ([">"] * 30, "1,000 steps/s")]
)
def test_the_angles_play_faster_and_slower(person, keys, speed):
    person.key(*keys)
    assert person.transport.speed.currentText() == speed


def test_the_slowest_speed_is_a_step_in_four_seconds(person):
    person.key(*["<"] * 30)
    assert person.transport.speed.currentText() == "0.25 steps/s"


def test_g_asks_for_a_place_and_goes_there(person):
    person.key("G")
    assert person.focus is person.window.go_to.field
    person.type("42")
    person.key("Return")
    assert person.session.playhead.step == 41
    assert not person.window.go_to.isVisible()
    person.key("G")
    person.type("3,5")
    person.key("Return")
    assert person.session.playhead.step == 3 * 16 + 5


@pytest.mark.parametrize("text", ["0", "257", "16,0", "3,16", "1,2,3", "here", "", "-1", "1.5"])
def test_a_place_that_is_not_there_is_said_to_be_none(person, text):
    person.key("G")
    person.type(text)
    person.key("Return")
    assert person.window.go_to.isVisible()
    assert person.window.go_to._hint.text().startswith("There is no such place")
    assert person.session.playhead.step == START
    person.key("Escape")
    assert not person.window.go_to.isVisible()


def test_p_pins_the_present_step_and_lets_go(person):
    person.leave()
    person.key("P")
    assert person.session.pin == Target("output", (7, 4))
    assert person.status_text == "feature map row 7, column 4 = 2 · pinned"
    person.key("P")
    assert person.session.pin is None


def test_p_pins_what_is_under_the_mouse(person):
    person.hover(person.stage.kernel, (0, 2))
    person.key("P")
    assert person.session.pin == Target("kernel", (0, 2))
    person.leave()
    assert person.status_text.endswith("· pinned")


def test_escape_leaves_one_thing_after_the_other(person):
    person.click(person.stage.input, (8, 6))
    person.window.run("about")
    person.window.run("play")
    person.apply(transitions.pin, Target("input", (7, 5)))
    left = []
    for _ in range(3):
        person.key("Escape")
        now = person.session
        left.append((now.message is None, now.pin is None, not now.playback.playing))
    assert left == [(True, False, False), (True, True, False), (True, True, True)]
    assert person.session.selection is None


def test_escape_closes_the_strip_that_is_open_first(person):
    person.window.run("about")
    person.key("Ctrl+E")
    person.key("G")
    for strip in (person.window.go_to, person.window.export_panel, person.window.message):
        assert strip.isVisible()
        person.key("Escape")
        assert not strip.isVisible()


def test_f11_fills_the_screen_and_escape_leaves_it(person):
    person.key("F11")
    assert person.window.isFullScreen()
    person.key("Escape")
    assert not person.window.isFullScreen()
    person.key("F11", "F11")
    assert not person.window.isFullScreen()


@pytest.mark.parametrize("redo", ["Ctrl+Shift+Z", "Ctrl+Y"])
def test_undo_and_redo(person, redo):
    person.choose(person.panel.source, "1 to 9")
    undo = person.window.actions_by_name["undo"]
    assert undo.text() == "&Undo Input 1 to 9"
    person.key("Ctrl+Z")
    assert person.title.startswith("Letter H")
    assert not undo.isEnabled()
    person.key(redo)
    assert person.title.startswith("1 to 9")
    assert not person.window.actions_by_name["redo"].isEnabled()


def test_ctrl_shift_c_copies_the_frame(person):
    size = person.window.frame_size.toTuple()
    person.key("Ctrl+Shift+C")
    image = QGuiApplication.clipboard().image()
    assert (image.width(), image.height()) == size
    size = f"{image.width()} × {image.height()}"
    assert person.message_text == f"The frame is in the clipboard as a picture of {size}"


def test_ctrl_shift_t_copies_the_dot_product(person):
    person.key("Ctrl+Shift+T")
    text = QGuiApplication.clipboard().text()
    assert text == "row 7, column 4: 1·1 + 1·2 + 1·(-2) + 1·1 = 2"


@pytest.mark.parametrize("larger", ["Ctrl++", "Ctrl+="])
def test_ctrl_plus_and_minus_zoom_and_ctrl_0_fits(person, larger):
    pane = person.stage.input
    cells = [pane.geometry_of("input").cell]
    for key in (larger, larger, "Ctrl+-", "Ctrl+0"):
        person.key(key)
        cells.append(pane.geometry_of("input").cell)
    assert cells[0] == cells[4]
    assert cells[0] < cells[1] == cells[3] < cells[2]


def test_f6_goes_from_pane_to_pane(person):
    visited = []
    for _ in range(5):
        person.key("F6")
        visited.append(person.focus.accessibleName())
    assert visited == ["Input", "Kernel", "Feature map", "Dot product", "Input"]


@pytest.mark.parametrize("key", ["F1", "?"])
def test_f1_and_the_question_mark_list_the_keys(person, key):
    person.key(key)
    windows = [w for w in person.window.children() if getattr(w, "windowTitle", str)()]
    assert [w.windowTitle() for w in windows] == ["Keyboard shortcuts — convviz"]
    windows[0].close()


@pytest.mark.usefixtures("histograms")
def test_ctrl_m_shows_the_whole_map_and_ctrl_h_hides_the_histograms(person):
    before = person.picture(person.stage.output)
    person.key("Ctrl+M")
    assert (person.picture(person.stage.output) != before).any()
    assert person.window._scene.output.revealed is None
    person.key("Ctrl+M")
    assert person.window._scene.output.revealed == START + 1
    person.key("Ctrl+H")
    assert not any(h.isVisible() for h in person.stage._histograms.values())
    person.key("Ctrl+H")
    assert all(h.isVisible() for h in person.stage._histograms.values())


def test_ctrl_l_and_ctrl_t_switch_loop_and_products(person):
    person.key("Ctrl+L", "Ctrl+T")
    assert person.transport.loop.isChecked()
    assert person.transport.by_terms.isChecked()
    person.key("Ctrl+L", "Ctrl+T")
    assert not person.transport.loop.isChecked()
    assert not person.transport.by_terms.isChecked()


@pytest.mark.parametrize("key", ["Ctrl+W", "Ctrl+Q"])
def test_ctrl_w_and_ctrl_q_close_the_window(person, key):
    person.key(key)
    assert not person.window.isVisible()


# Space belongs to playing, whatever was clicked


def buttons(person):
    transport = person.transport
    return [
        *transport._buttons.values(),
        transport.loop,
        transport.by_terms,
        person.panel.convolution,
        person.panel.correlation,
    ]


@pytest.mark.parametrize("number", range(9))
def test_space_after_a_click_on_a_button_plays_and_presses_no_button(person, number):
    button = buttons(person)[number]
    person.press(button)
    person.apply(transitions.pause)
    before = person.session
    person.key("Space")
    assert person.session.playback.playing
    assert person.session.document is before.document
    assert person.session.playback.loop == before.playback.loop
    assert person.session.playback.by_terms == before.playback.by_terms


def test_space_after_a_click_into_a_field_and_on_a_button_plays_too(person):
    person.press(person.panel.stride[0].lineEdit())
    person.key("Ctrl+A")
    person.type("2")
    person.press(person.transport._buttons["first"])
    assert person.session.conv.stride[0] == 2
    person.key("Space")
    assert person.session.playback.playing


@pytest.mark.parametrize("pane", ["input", "kernel", "output", "dot"])
def test_a_click_on_a_pane_leaves_the_field_and_takes_its_number(person, pane):
    person.press(person.panel.stride[0].lineEdit())
    person.key("Ctrl+A")
    person.type("2")
    person.press(getattr(person.stage, pane))
    assert person.session.conv.stride[0] == 2
    person.key("Space")
    assert person.session.playback.playing


def test_tab_and_then_space_presses_the_button(person):
    person.tab_to(person.transport.loop)
    person.key("Space")
    assert person.transport.loop.isChecked()
    assert not person.session.playback.playing
    person.tab_to(person.transport._buttons["next"])
    person.key("Space")
    assert person.session.playhead.step == START + 1
    assert not person.session.playback.playing


def test_arrows_change_the_scrubber_that_tab_has_reached(person):
    person.tab_to(person.transport.scrubber)
    person.key("Right", "Right", "Left")
    assert person.session.playhead.step == START + 1
    person.key("Home")
    assert person.session.playhead.step == 0


def test_all_controls_can_be_reached_by_tab(person):
    person.window.setFocus()
    visited = []
    for _ in range(60):
        person.key("Tab")
        if person.focus in visited:
            break
        visited.append(person.focus)
    names = [widget.accessibleName() or getattr(widget, "text", str)() for widget in visited]
    for wanted in (
        *("Input", "Kernel", "Kernel rows", "Bias", "Convolution", "Padding", "Fill"),
        *(
            "Stride down",
            "Dilation rows",
            "Activation after it",
            "Step",
            "Speed",
            "Loop",
            "Products",
        ),
        *("Play or pause", "Export frames", "Feature map", "Dot product", "Open…"),
    ):
        assert wanted in names


def test_the_pane_with_the_keyboard_shows_a_ring(person):
    for pane in person.stage.panes:
        person.leave()
        person.window.setFocus()
        before = person.picture(pane)
        pane.setFocus()
        ring = person.picture(pane)[2, 30:-30]
        assert (before[2, 30:-30] != ring).any()
        assert (ring == ring[0]).all()


# Single keys rest where they would be typed


@pytest.mark.parametrize("key", ["J", "K", "L", "G", "P", "5", ".", "Home", "<"])
def test_single_keys_rest_in_a_number_field(person, key):
    person.panel.bias.setFocus()
    before = person.session
    person.key(key)
    assert person.session is before
    assert person.focus is person.panel.bias


def test_page_up_and_down_change_the_number_field_that_has_the_keyboard(person):
    person.panel.stride[0].setFocus()
    person.key("PageUp")
    assert person.session.conv.stride[0] == 11
    assert person.session.playhead.step < START
    person.key("PageDown")
    assert person.session.conv.stride[0] == 1


@pytest.mark.parametrize("key", ["J", "K", "L", "G", "P", "Space", ".", "Home", "<", "?"])
def test_single_keys_rest_in_the_field_for_a_place(person, key):
    person.key("G")
    before = person.session
    person.key(key)
    assert person.session is before
    assert person.focus is person.window.go_to.field


@pytest.mark.parametrize("key", ["J", "Space", "G", "P", "5", "Right", "Home", "?", ","])
def test_single_keys_rest_while_a_cell_is_edited(person, key):
    person.click(person.stage.input, (8, 6))
    person.type("1")
    before = person.session
    person.key(key)
    assert person.session is before
    assert person.stage.input._editor.isVisible()


@pytest.mark.parametrize("key", ["Right", "Left", "Up", "Down", "7", "-", "Delete"])
def test_keys_of_a_spreadsheet_are_no_shortcuts_where_the_cell_cursor_is(person, key):
    person.click(person.stage.input, (8, 6))
    step = person.session.playhead.step
    person.key(key)
    assert person.session.playhead.step == step
    assert not person.session.playback.playing


def test_a_combo_box_keeps_up_and_down(person):
    person.tab_to(person.panel.fill)
    person.key("Down")
    assert person.session.playhead.step == START
    assert person.panel.fill.currentText() != "zeros"
    assert person.session.conv.padding_mode == person.panel.fill.currentText()


def test_escape_in_a_number_field_takes_back_what_was_typed(person):
    person.press(person.panel.stride[0].lineEdit())
    person.key("Ctrl+A")
    person.type("3")
    person.key("Escape")
    assert person.session.conv.stride == (1, 1)
    assert person.panel.stride[0].value() == 1
    assert person.panel.stride[0].text() == "1"
    person.key("Right")
    assert person.session.playhead.step == START + 1


def test_every_command_with_a_key_is_in_the_table_of_shortcuts(person):
    person.window.run("shortcuts")
    found = person.window.runner._shortcuts.findChild(QTableWidget)
    texts = {found.item(row, 1).text() for row in range(found.rowCount())}
    assert texts >= {plain(c.text) for c in COMMANDS.values() if c.keys}
    assert {"Layer & channels", "Next layer", "Padding rules…"} <= texts
    found.window().close()

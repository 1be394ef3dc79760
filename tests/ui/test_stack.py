"""The workspace "layers": the strip of the stack, the channel rows and the feature map."""

import numpy as np
import pytest
from person import LEFT, PLAIN, pixels
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent, QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QToolTip

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.export.frames import FrameOptions, frame_image
from convviz.model import pages, stacking, transitions
from convviz.model.document import Document
from convviz.model.session import Session, Target
from convviz.render.frame import MARGIN
from convviz.render.map_painter import map_places, pictures_rect
from convviz.render.stack_layout import picture_rect
from convviz.render.thumbnails import thumbnail_places

IMAGE = np.arange(3 * 64.0).reshape(3, 8, 8) % 11


def weights(made, read, size=3):
    return np.random.default_rng(4).integers(-2, 3, (made, read, size, size)).astype(float)


RGB = Document(
    IMAGE,
    "Colours",
    (
        Conv(weights(4, 3), padding=1),
        Activation("relu"),
        Pool("max", 2),
        Conv(weights(2, 4), padding=1),
    ),
)
GREY = Document(IMAGE[:1], "Grey", (Conv(weights(1, 1), padding=1),))
UPWARDS = Document(
    IMAGE[:2], "Small", (ConvTranspose(weights(2, 3), stride=2, padding=1, output_padding=1),)
)
SIGNAL = Document(
    np.sin(np.arange(40.0))[None].round(1), "Wave", (Conv([[[1.0, 0, -1]]]), Activation("tanh"))
)


def show(person, document, **settings):
    """Show `document` in the workspace "layers"."""
    session = Session(document, view=person.session.view, **settings)
    person.apply(lambda _: pages.show_workspace(session, "layers"))
    QApplication.processEvents()
    return person


@pytest.fixture
def stacked(person):
    """A person at a window in which an image of three channels and four layers have room."""
    person.window.resize(1700, 900)
    return show(person, RGB)


def titles(person):
    return [card.title for card in person.stage.stack.stack.cards[1:]]


def focused(person):
    """Return the layer (from 1) whose card is marked."""
    return [n for n, card in enumerate(person.stage.stack.stack.cards) if card.focused]


def card(person, number):
    return person.stage.stack.places.cards[number].center()


def click_card(person, number, button=LEFT):
    QTest.mouseClick(person.stage.stack, button, PLAIN, card(person, number))


def at_the_strip(person):
    """Let the strip have the keyboard, as Tab gives it."""
    person.stage.stack.setFocus(Qt.FocusReason.TabFocusReason)
    return person


def open_menu():
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, QMenu) and w.isVisible())


def entries(menu):
    return [
        action.text().replace("&", "").partition("\t")[0]
        for action in menu.actions()
        if action.text()
    ]


def choose(menu, text):
    action = next(a for a in menu.actions() if a.text().replace("&", "").startswith(text))
    action.trigger()
    menu.close()


# Workspaces


def test_the_workspace_shows_the_stack_above_the_channels_and_the_feature_map(stacked):
    stage = stacked.stage
    assert [pane.title for pane in stage.panes] == ["Stack of layers", "Channels", "Feature map"]
    assert all(pane.isVisible() for pane in stage.panes)
    for pane in (stage.input, stage.kernel, stage.output, stage.dot):
        assert not pane.isVisible()
    stack, rows, map_ = (pane.geometry() for pane in stage.panes)
    assert 96 <= stack.height() <= 104
    assert stack.bottom() < rows.top() == map_.top()
    assert rows.right() < map_.left()
    assert rows.bottom() == map_.bottom() == stage.height() - 1


def test_the_panes_of_the_other_workspace_come_back_as_they_were(person):
    before = person.picture(person.stage)
    person.apply(pages.show_workspace, "layers")
    assert (person.picture(person.stage) != before).any()
    person.apply(pages.show_workspace, "convolve")
    assert not (person.picture(person.stage) != before).any()


def test_going_to_the_other_workspace_keeps_the_keyboard_in_the_scene(person):
    person.stage.output.setFocus(Qt.FocusReason.TabFocusReason)
    person.apply(pages.show_workspace, "layers")
    assert person.focus is person.stage.map
    person.key("F6")
    assert person.focus is person.stage.stack
    person.apply(pages.show_workspace, "convolve")
    assert person.focus is person.stage.input


def test_a_keyboard_beside_the_scene_stays_there(person):
    person.transport.export.setFocus(Qt.FocusReason.TabFocusReason)
    person.apply(pages.show_workspace, "layers")
    assert person.focus is person.transport.export


@pytest.mark.parametrize("size", [(1216, 680), (1280, 800), (1700, 1000)])
@pytest.mark.parametrize("document", [RGB, GREY, UPWARDS, SIGNAL])
@pytest.mark.parametrize("scatter", [False, True])
def test_the_window_shows_the_pixels_of_a_frame_of_its_size(person, size, document, scatter):
    person.window.resize(*size)
    show(person, document, scatter=scatter)
    for step, term in ((0, None), (5, 2), (30, None)):
        person.apply(transitions.seek, step, term)
        options = FrameOptions(*_frame_size(person), 1, person.theme)
        frame = pixels(frame_image(person.session, options))
        seen = person.picture(person.stage)
        assert not (seen != frame[MARGIN:-MARGIN, MARGIN:-MARGIN]).any()


def _frame_size(person):
    size = person.window.frame_size
    return size.width(), size.height()


def test_what_is_repainted_bit_by_bit_is_what_is_painted_at_once(stacked):
    for keys in (["Right"] * 3, ["Down"], [".", ".", "."], ["Left"], ["9"], ["Home"]):
        stacked.key(*keys)
        QApplication.processEvents()
    options = FrameOptions(*_frame_size(stacked), 1, stacked.theme)
    frame = pixels(frame_image(stacked.session, options))[MARGIN:-MARGIN, MARGIN:-MARGIN]
    assert not (stacked.picture(stacked.stage) != frame).any()


# Choosing


def test_a_click_on_a_card_shows_its_layer(stacked):
    for number in (2, 3, 1):
        click_card(stacked, number)
        assert focused(stacked) == [number]
        assert stacked.session.layer == number - 1


def test_a_click_on_the_image_shows_the_first_layer(stacked):
    click_card(stacked, 3)
    click_card(stacked, 0)
    assert focused(stacked) == [1]


def test_the_arrows_go_from_layer_to_layer_while_the_strip_has_the_keyboard(stacked):
    at_the_strip(stacked).key("Right", "Right")
    assert focused(stacked) == [3]
    stacked.key("Left")
    assert focused(stacked) == [2]
    stacked.key("End")
    assert focused(stacked) == [4]
    stacked.key("Home")
    assert focused(stacked) == [1]
    assert stacked.session.playhead.step == 0


def test_the_arrows_step_when_the_keyboard_is_elsewhere(stacked):
    click_card(stacked, 1)
    stacked.key("Right")
    assert focused(stacked) == [1]
    assert stacked.session.playhead.step == 1


# Changing


def test_alt_and_an_arrow_move_a_layer(stacked):
    click_card(stacked, 2)
    at_the_strip(stacked).key("Alt+Right")
    assert titles(stacked) == ["Conv 3×3", "MaxPool 2", "ReLU", "Conv 3×3"]
    assert focused(stacked) == [3]
    stacked.key("Ctrl+Shift+Left")
    assert titles(stacked) == ["Conv 3×3", "ReLU", "MaxPool 2", "Conv 3×3"]
    assert focused(stacked) == [2]


def test_delete_removes_a_layer_and_ctrl_d_copies_one(stacked):
    click_card(stacked, 2)
    at_the_strip(stacked).key("Delete")
    assert titles(stacked) == ["Conv 3×3", "MaxPool 2", "Conv 3×3"]
    click_card(stacked, 2)
    stacked.key("Ctrl+D")
    assert titles(stacked) == ["Conv 3×3", "MaxPool 2", "MaxPool 2", "Conv 3×3"]


def test_space_skips_a_layer_and_does_not_play(stacked):
    click_card(stacked, 2)
    at_the_strip(stacked).key("Space")
    cards = stacked.stage.stack.stack.cards
    assert (cards[2].disabled, cards[2].note) == (True, "skipped")
    assert not stacked.session.playback.playing
    stacked.key("Space")
    assert not stacked.stage.stack.stack.cards[2].disabled


def test_space_plays_when_the_keyboard_is_elsewhere(stacked):
    click_card(stacked, 2)
    stacked.key("Space")
    assert stacked.session.playback.playing
    assert not stacked.stage.stack.stack.cards[2].disabled


@pytest.mark.parametrize("key", ["Insert", "+"])
def test_a_key_opens_the_menu_of_layers_to_add(stacked, key):
    click_card(stacked, 2)
    at_the_strip(stacked).key(key)
    menu = open_menu()
    assert entries(menu) == [kind.title for kind in stacking.LAYER_KINDS.values()]
    assert [a.toolTip() for a in menu.actions()] == [
        kind.summary for kind in stacking.LAYER_KINDS.values()
    ]
    choose(menu, "Average pooling")
    assert titles(stacked)[2] == "AvgPool 2"
    assert focused(stacked) == [3]


def test_the_add_card_at_the_end_adds_at_the_end(stacked):
    QTest.mouseClick(stacked.stage.stack, LEFT, PLAIN, stacked.stage.stack.places.add.center())
    menu = open_menu()
    choose(menu, "tanh")
    assert titles(stacked)[-1] == "tanh"


def test_a_card_is_dragged_to_another_place(stacked):
    pane, places = stacked.stage.stack, stacked.stage.stack.places
    start, end = card(stacked, 2), card(stacked, 3) + QPoint(40, 0)
    before = stacked.picture(pane)
    QTest.mousePress(pane, LEFT, PLAIN, start)
    QTest.mouseMove(pane, start + QPoint(12, 0))
    QTest.mouseMove(pane, end)
    mark = places.insertion_mark(3).p1().toPoint()
    amber = np.array(stacked.theme.kernel)
    during = stacked.picture(pane)
    assert np.abs(during[mark.y() + 20, mark.x()].astype(int) - amber).max() < 40
    assert (during != before).any()
    assert titles(stacked) == ["Conv 3×3", "ReLU", "MaxPool 2", "Conv 3×3"]
    QTest.mouseRelease(pane, LEFT, PLAIN, end)
    assert titles(stacked) == ["Conv 3×3", "MaxPool 2", "ReLU", "Conv 3×3"]
    assert focused(stacked) == [3]


def test_a_card_let_go_where_it_was_stays(stacked):
    start = card(stacked, 2)
    stacked.drag(stacked.stage.stack, start, start + QPoint(20, 0), start + QPoint(5, 0))
    assert titles(stacked) == ["Conv 3×3", "ReLU", "MaxPool 2", "Conv 3×3"]
    assert not stacked.session.history.past


def test_escape_lets_a_dragged_card_go(stacked):
    pane, start = at_the_strip(stacked).stage.stack, card(stacked, 2)
    QTest.mousePress(pane, LEFT, PLAIN, start)
    QTest.mouseMove(pane, start + QPoint(200, 0))
    stacked.key("Escape")
    QTest.mouseRelease(pane, LEFT, PLAIN, start + QPoint(200, 0))
    assert titles(stacked) == ["Conv 3×3", "ReLU", "MaxPool 2", "Conv 3×3"]


def test_a_card_that_is_held_while_the_stack_changes_is_let_go(stacked):
    pane, start = at_the_strip(stacked).stage.stack, card(stacked, 4)
    QTest.mousePress(pane, LEFT, PLAIN, start)
    QTest.mouseMove(pane, start - QPoint(300, 0))
    click_card(stacked, 4)
    stacked.key("Delete")
    assert stacked.picture(pane).any()
    QTest.mouseRelease(pane, LEFT, PLAIN, start - QPoint(300, 0))
    assert titles(stacked) == ["Conv 3×3", "ReLU", "MaxPool 2"]


def context_menu(person, number, reason=QContextMenuEvent.Reason.Mouse):
    pane, at = person.stage.stack, card(person, number)
    QApplication.sendEvent(pane, QContextMenuEvent(reason, at, pane.mapToGlobal(at)))
    return open_menu()


def test_the_menu_of_a_card_shows_its_layer_and_changes_it(stacked):
    menu = context_menu(stacked, 2)
    assert focused(stacked) == [2]
    assert entries(menu) == [
        "Add after", "Duplicate", "Move earlier", "Move later", "Disable", "Remove",
    ]  # fmt: skip
    choose(menu, "Disable")
    assert stacked.stage.stack.stack.cards[2].disabled
    menu = context_menu(stacked, 2)
    assert "Enable" in entries(menu)
    choose(menu, "Move later")
    assert titles(stacked) == ["Conv 3×3", "MaxPool 2", "ReLU", "Conv 3×3"]


def test_add_after_in_the_menu_of_a_card_adds_there(stacked):
    menu = context_menu(stacked, 3)
    submenu = menu.actions()[0].menu()
    choose(submenu, "sigmoid")
    menu.close()
    assert titles(stacked)[3] == "sigmoid"


def test_the_image_can_only_be_followed_by_a_layer(stacked):
    menu = context_menu(stacked, 0)
    assert entries(menu) == ["Add after"]
    menu.close()


def test_the_keyboard_opens_the_menu_of_the_layer_in_focus(stacked):
    click_card(stacked, 3)
    menu = context_menu(stacked, 0, QContextMenuEvent.Reason.Keyboard)
    assert focused(stacked) == [3]
    assert "Remove" in entries(menu)
    menu.close()


def test_the_only_layer_cannot_be_moved_or_removed(person):
    show(person, GREY)
    menu = context_menu(person, 1)
    allowed = {a.text().replace("&", "").partition("\t")[0]: a.isEnabled() for a in menu.actions()}
    assert not any(allowed[text] for text in ("Move earlier", "Move later", "Remove"))
    assert allowed["Duplicate"]
    menu.close()
    at_the_strip(person).key("Delete")
    assert titles(person) == ["Conv 3×3"]
    assert "at least one layer" in person.message_text


# Seeing


def long_stack(person):
    layers = [Conv(weights(1, 1), padding=1) for _ in range(14)]
    return show(person, Document(IMAGE[:1], "Deep", tuple(layers)))


def in_view(person, number):
    places = person.stage.stack.places
    return places.view.contains(places.cards[number])


def test_the_layer_in_focus_is_in_view_however_it_was_chosen(person):
    at_the_strip(long_stack(person))
    assert in_view(person, 1)
    assert not in_view(person, 14)
    person.key("End")
    assert in_view(person, 14)
    for _ in range(13):
        person.key("Left")
        assert in_view(person, focused(person)[0])
    person.apply(stacking.focus_layer, 9)
    assert in_view(person, 10)
    person.window.resize(1216, 680)
    QApplication.processEvents()
    assert in_view(person, 10)


def test_the_strip_scrolls_with_the_wheel_and_by_a_drag_and_shows_that_there_is_more(person):
    long_stack(person)
    pane = person.stage.stack
    assert pane.places.hidden()[0] == 0
    assert pane.places.hidden()[1] > 5
    before = person.picture(pane)
    person.wheel(pane, -3)
    assert pane.places.hidden()[0] > 0
    assert (person.picture(pane) != before).any()
    person.wheel(pane, 30)
    assert not (person.picture(pane) != before).any()
    image = card(person, 0)
    person.drag(pane, image, image - QPoint(60, 0), image - QPoint(260, 0))
    assert pane.places.hidden()[0] > 0
    assert focused(person) == [1]


def test_the_sign_at_an_end_scrolls_by_a_card(person):
    long_stack(person)
    pane = person.stage.stack
    right = QPoint(pane.places.view.right() - 6, pane.places.view.center().y())
    QTest.mouseClick(pane, LEFT, PLAIN, right)
    assert pane.places.offset == pane.places.step
    assert focused(person) == [1]


def test_the_image_card_outlines_what_the_present_cell_sees(stacked):
    click_card(stacked, 3)
    stacked.apply(transitions.seek, 0)
    pane = stacked.stage.stack
    place = picture_rect(pane.places.cards[0])
    amber = np.array(stacked.theme.kernel)

    def outlined():
        part = stacked.picture(pane)[place.top() : place.bottom(), place.left() : place.right()]
        found = np.argwhere(np.abs(part.astype(int) - amber).max(axis=-1) < 30)
        return found.min(axis=0), found.max(axis=0)

    first = outlined()
    stacked.hover(stacked.stage.map, (3, 3))
    moved = outlined()
    assert (moved[0] > first[0] + 10).all()
    assert (moved[1] > first[1] + 10).all()


def tip_at(person, point):
    pane = person.stage.stack
    QToolTip.hideText()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, point, pane.mapToGlobal(point))
    QApplication.sendEvent(pane, event)
    return QToolTip.text()


def test_cards_tell_in_a_tip_what_they_are(stacked):
    relu = "Layer 2: ReLU, 4 × 8 × 8; each cell x becomes max(0, x)"
    assert tip_at(stacked, card(stacked, 2)) == relu
    assert tip_at(stacked, card(stacked, 0)).startswith("Colours, 3 × 8 × 8")
    assert "Insert" in tip_at(stacked, stacked.stage.stack.places.add.center())
    assert "field 1 + 2 = 3" in tip_at(stacked, stacked.stage.stack.places.facts.center())
    QToolTip.hideText()


def test_the_strip_says_the_whole_stack_in_words(stacked):
    pane = stacked.stage.stack
    assert pane.accessibleName() == "Stack of layers"
    click_card(stacked, 2)
    at_the_strip(stacked).key("Space")
    assert pane.accessibleDescription() == (
        "image 3 × 8 × 8, Conv 3×3: 4 × 8 × 8, ReLU: skipped, MaxPool 2: 4 × 4 × 4, "
        "Conv 3×3: 2 × 4 × 4; layer 2 in focus"
    )


# Channels


def rows_of(person):
    return [row.label for row in person.stage.rows._scene.rows]


def lit_row(person):
    return [row.label for row in person.stage.rows._scene.rows if row.lit]


def in_row(person, number):
    return person.stage.rows.places.rows[number].label.center().toPoint()


def test_a_click_on_a_row_shows_its_channel(stacked):
    rows = stacked.stage.rows
    assert rows_of(stacked) == ["R", "G", "B"]
    for number, label in ((2, "B"), (0, "R"), (1, "G")):
        QTest.mouseClick(rows, LEFT, PLAIN, in_row(stacked, number))
        assert lit_row(stacked) == [label]


def test_the_wheel_goes_through_channels_that_do_not_fit(person):
    show(person, RGB, layer=3)
    assert rows_of(person) == ["1", "2", "3"]
    person.wheel(person.stage.rows, -1)
    person.wheel(person.stage.rows, -1)
    person.wheel(person.stage.rows, -1)
    assert rows_of(person) == ["2", "3", "4"]
    assert lit_row(person) == ["4"]
    person.wheel(person.stage.rows, 1)
    assert lit_row(person) == ["3"]


def test_up_and_down_choose_a_channel_while_the_rows_have_the_keyboard(stacked):
    stacked.stage.rows.setFocus(Qt.FocusReason.TabFocusReason)
    stacked.key("Down")
    assert lit_row(stacked) == ["G"]
    stacked.key("Up")
    assert lit_row(stacked) == ["R"]
    assert stacked.session.playhead.step == 0


def test_up_and_down_step_by_rows_where_there_is_one_channel(person):
    show(person, GREY)
    person.stage.rows.setFocus(Qt.FocusReason.TabFocusReason)
    person.key("Down")
    assert person.session.playhead.step == 8


@pytest.mark.parametrize("grid", ["window", "weight"])
def test_hovering_a_number_lights_its_term(stacked, grid):
    stacked.hover(stacked.stage.rows, (1, 2), grid)
    assert stacked.session.hover == Target(grid, (1, 2))
    for name in ("window", "weight"):
        assert (1, 2) in stacked.outlined(stacked.stage.rows, stacked.theme.kernel, name)


def test_hovering_the_image_of_a_row_shows_the_cells_that_use_it(stacked):
    stacked.hover(stacked.stage.rows, (3, 3), "input")  # with padding of 1
    assert stacked.session.hover == Target("input", (2, 2))
    assert "used 9 times" in stacked.status_text


def test_the_rows_say_the_present_step_in_words_but_not_while_playing(stacked):
    rows = stacked.stage.rows
    stacked.apply(transitions.seek, 9)
    said = rows.accessibleDescription()
    assert said.startswith("row 1, column 1: channel R ")
    stacked.key("Space")
    stacked.wait(0.5)
    assert rows.accessibleDescription() == said
    stacked.key("Space")
    assert rows.accessibleDescription().startswith("row 1, column 3: ")


def test_the_padding_of_a_row_is_no_cell_of_the_input(stacked):
    stacked.hover(stacked.stage.rows, (0, 3), "input")
    assert stacked.session.hover is None


@pytest.mark.parametrize(
    ("document", "layer"), [(RGB, 0), (RGB, 1), (RGB, 2), (GREY, 0), (UPWARDS, 0), (SIGNAL, 0)]
)
@pytest.mark.parametrize("scatter", [False, True])
def test_no_parts_of_a_row_overlap(person, document, layer, scatter):
    show(person, document, layer=layer, scatter=scatter)
    for size in ((1216, 680), (1280, 800)):
        person.window.resize(*size)
        QApplication.processEvents()
        places = person.stage.rows.places
        for row in places.rows:
            parts = [row.image.frame, row.window.frame, row.equals]
            parts += [row.weight.frame] if row.weight else [row.sign]
            parts += [row.stamp.frame if row.stamp else row.result]
            parts.append(places.equation)
            pairs = [(a, b) for n, a in enumerate(parts) for b in parts[n + 1 :]]
            assert not [pair for pair in pairs if pair[0].intersects(pair[1])]
            assert all(person.stage.rows.rect().toRectF().contains(part) for part in parts)


# The feature map


def test_hovering_the_feature_map_shows_that_cell(stacked):
    stacked.hover(stacked.stage.map, (3, 5))
    assert stacked.session.hover == Target("output", (3, 5))
    assert (3, 5) in stacked.outlined(stacked.stage.map, stacked.theme.output)
    assert "row 3, column 5" in stacked.status_text


def test_a_click_on_the_feature_map_pins_a_cell(stacked):
    stacked.click(stacked.stage.map, (3, 5))
    assert stacked.session.pin == Target("output", (3, 5))
    assert stacked.session.playhead.step == 3 * 8 + 5
    stacked.click(stacked.stage.map, (3, 5))
    assert stacked.session.pin is None


def test_the_wheel_zooms_the_feature_map(stacked):
    pane = stacked.stage.map
    before = pane.geometry_of("output").cell
    at = stacked.point(pane, (3, 5))
    stacked.wheel(pane, 3, QPointF(at))
    assert pane.geometry_of("output").cell > before
    assert pane.geometry_of("output").cell_at(QPointF(at)) == (3, 5)


def small_picture(person, part, number):
    """Return the middle of one of all kernels, or of all maps."""
    pane, scene = person.stage.map, person.stage.map._scene
    places = map_places(pane.painted, scene)
    rect, pictures = {
        "kernels": (places.kernels, scene.kernel.thumbnails),
        "maps": (places.maps, scene.outputs),
    }[part]
    return thumbnail_places(pictures_rect(rect), pictures)[number].center().toPoint()


def test_a_click_on_one_of_all_feature_maps_shows_it(stacked):
    pane = stacked.stage.map
    stacked.apply(transitions.seek, 21)
    QTest.mouseClick(pane, LEFT, PLAIN, small_picture(stacked, "maps", 2))
    assert pane._scene.output.detail.startswith("3 of 4")
    assert stacked.session.playhead.step == 2 * 64 + 21
    assert stacked.session.pin is None


def test_a_click_on_one_of_all_kernels_shows_its_map_and_its_channel(stacked):
    QTest.mouseClick(stacked.stage.map, LEFT, PLAIN, small_picture(stacked, "kernels", 3 * 3 + 2))
    assert stacked.stage.map._scene.output.detail.startswith("4 of 4")
    assert lit_row(stacked) == ["B"]


def test_a_click_on_a_kernel_of_a_group_shows_the_channel_that_it_reads(person):
    layer = Conv(weights(4, 1), padding=1, groups=2)
    show(person, Document(IMAGE[:2], "Two", (layer,)))
    QTest.mouseClick(person.stage.map, LEFT, PLAIN, small_picture(person, "kernels", 3))
    assert person.stage.map._scene.output.detail.startswith("4 of 4")
    assert rows_of(person) == ["2"]


def test_small_pictures_tell_in_a_tip_what_they_are_of(stacked):
    pane = stacked.stage.map
    for part, number, text in (("kernels", 4, "Kernel G → 2"), ("maps", 3, "Feature map 4")):
        point = small_picture(stacked, part, number)
        event = QHelpEvent(QHelpEvent.Type.ToolTip, point, pane.mapToGlobal(point))
        QApplication.sendEvent(pane, event)
        assert QToolTip.text() == text
    QToolTip.hideText()


def test_the_mouse_is_a_hand_over_what_can_be_chosen(stacked):
    stage = stacked.stage
    QTest.mouseMove(stage.map, small_picture(stacked, "maps", 1))
    assert stage.map.cursor().shape() == Qt.CursorShape.PointingHandCursor
    stacked.hover(stage.map, (0, 0))
    assert stage.map.cursor().shape() == Qt.CursorShape.ArrowCursor
    QTest.mouseMove(stage.rows, in_row(stacked, 2))
    assert stage.rows.cursor().shape() == Qt.CursorShape.PointingHandCursor
    QTest.mouseMove(stage.stack, card(stacked, 2))
    assert stage.stack.cursor().shape() == Qt.CursorShape.PointingHandCursor


def test_every_pane_has_the_menu_of_panes_where_it_has_none_of_its_own(stacked):
    for pane in (stacked.stage.rows, stacked.stage.map):
        at = pane.rect().center()
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, pane.mapToGlobal(at))
        QApplication.sendEvent(pane, event)
        menu = open_menu()
        assert "Copy frame" in entries(menu)
        menu.close()


def test_playing_moves_the_window_and_reveals_cells(stacked):
    before = stacked.picture(stacked.stage.map), stacked.picture(stacked.stage.rows)
    stacked.key("Space")
    for _ in range(20):
        stacked.wait(0.5)
    stacked.key("Space")
    assert stacked.session.playhead.step == 40
    after = stacked.picture(stacked.stage.map), stacked.picture(stacked.stage.rows)
    assert all((a != b).any() for a, b in zip(before, after, strict=True))


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_theme_colours_every_pane(stacked, theme):
    stacked.window.run(f"theme-{theme}")
    for pane in stacked.stage.panes:
        card_ = stacked.picture(pane)[pane.height() // 2, 4].astype(int)
        assert np.abs(card_ - np.array(stacked.theme.card)).max() <= 2

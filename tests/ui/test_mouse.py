"""The mouse: hover to look, click to hold, drag to scrub, wheel to zoom."""

from dataclasses import replace

import numpy as np
import pytest
from person import LEFT, PLAIN, RIGHT
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.engine.settings import frozen_array
from convviz.model import changes, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document
from convviz.model.session import Playhead, Target
from convviz.render.kernel_painter import kernel_geometry
from convviz.render.pane_painter import thumbnail_area
from convviz.render.thumbnails import thumbnail_places
from convviz.ui.cell_commands import CELL_MENU
from convviz.ui.commands import COMMANDS
from convviz.ui.menus import plain

START = 7 * 16 + 4


def small(person):
    """Show 5 x 5 cells, whose feature map has 5 x 5."""
    person.apply(changes.set_input_preset, "lecture-5x5")
    person.apply(transitions.seek, 12)


def window_cells(row, column, size=3):
    return [(row + r, column + c) for r in range(size) for c in range(size)]


# Hover


def test_hovering_an_output_cell_shows_its_window_and_dot_product(person):
    person.hover(person.stage.output, (3, 12))
    scene = person.window._scene
    assert scene.input.window.rows == (3, 4, 5)
    assert scene.input.window.columns == (12, 13, 14)
    assert scene.dot.title == "Dot product at row 3, column 12"
    assert person.status_text == "feature map row 3, column 12 = 0"
    assert person.session.playhead.step == START
    person.leave()
    assert person.window._scene.dot.title == "Dot product at row 7, column 4"
    assert person.status_text.startswith("row 7, column 4:")


def test_the_window_of_a_hovered_output_cell_is_outlined_in_the_input(person):
    small(person)
    person.leave()
    before = person.picture(person.stage.input)
    person.hover(person.stage.output, (4, 0))
    after = person.picture(person.stage.input)
    geometry = person.stage.input.geometry_of("input")
    amber = np.array(person.theme.kernel)
    for cells, picture in (((2, 2), before), ((4, 0), after)):
        box = geometry.rect(*cells, 3, 3)
        edge = picture[round(box.top()), round(box.left()) + 30 : round(box.right()) - 30]
        assert np.abs(edge.astype(int) - amber).max() < 60


def test_hovering_an_input_cell_marks_all_output_cells_that_use_it(person):
    small(person)
    person.hover(person.stage.input, (3, 3))
    assert person.status_text == "input row 2, column 2 = 1, used 9 times"
    assert sorted(lit_cells(person.window._scene.output)) == window_cells(1, 1)
    assert differing_cells(person, "output") == window_cells(1, 1)


def test_a_corner_of_the_input_is_used_less_often(person):
    small(person)
    person.hover(person.stage.input, (1, 1))
    assert person.status_text == "input row 0, column 0 = 1, used 4 times"
    assert differing_cells(person, "output") == window_cells(0, 0, 2)


def test_padding_is_nothing_to_point_at(person):
    small(person)
    person.hover(person.stage.input, (3, 3))
    person.hover(person.stage.input, (0, 3))
    assert person.session.hover is None


def test_hovering_a_weight_marks_every_input_cell_that_it_multiplies(person):
    small(person)
    person.apply(changes.set_padding, "valid")
    person.hover(person.stage.kernel, (0, 0))
    assert person.status_text == "weight row 0, column 0 = −1, multiplies 9 cells"
    assert sorted(lit_cells(person.window._scene.input)) == window_cells(2, 2)
    assert differing_cells(person, "input") == window_cells(2, 2)


def test_a_weight_of_the_flipped_kernel_is_the_weight_as_set(person):
    person.hover(person.stage.kernel, (0, 2), "weight")
    assert person.session.hover == Target("kernel", (2, 0))


@pytest.mark.parametrize("grid", ["window", "weight", "products"])
def test_hovering_the_dot_product_lights_one_term_everywhere(person, grid):
    person.hover(person.stage.dot, (1, 2), grid)
    scene = person.window._scene
    assert list(lit_cells(scene.dot.window)) == [(1, 2)]
    assert list(lit_cells(scene.dot.products)) == [(1, 2)]
    assert list(lit_cells(scene.input)) == [(8, 6)]
    assert list(lit_cells(scene.kernel.grid)) == [(1, 0)]
    assert person.status_text == f"{grid} row 1, column 2"


def lit_cells(grid):
    return ((row, column) for row in grid.lit.rows for column in grid.lit.columns)


def differing_cells(person, name):
    """Return the cells of a pane whose edges look different from when the mouse is elsewhere."""
    pane = getattr(person.stage, name)
    geometry, hovered = pane.geometry_of(name), person.picture(pane)
    person.leave()
    plain = person.picture(pane)
    return [
        (row, column)
        for row, column in np.ndindex(geometry.rows, geometry.columns)
        if _edge_differs(hovered, plain, geometry.rect(row, column))
    ]


def _edge_differs(one, other, place):
    top, left, side = round(place.top()), round(place.left()), round(place.width())
    differs = (one != other).any(axis=-1)[top : top + side, left : left + side]
    edges = differs[1, 4:-4], differs[-2, 4:-4], differs[4:-4, 1], differs[4:-4, -2]
    return sum(edge.mean() > 0.8 for edge in edges) >= 2  # the window may lie over two of them


def test_the_view_comes_back_when_the_mouse_leaves(person):
    before = person.picture(person.stage)
    person.hover(person.stage.input, (8, 8))
    assert (person.picture(person.stage) != before).any()
    person.leave()
    assert not (person.picture(person.stage) != before).any()


def test_a_message_that_opens_under_the_mouse_is_shown(person):
    """Qt sends enter and leave while the strip is being shown."""
    for point in (QPoint(200, 4), QPoint(200, 30)):
        QTest.mouseMove(person.stage.input, point)
        person.key("Ctrl+Shift+T")
        assert person.message_text == "The dot product is in the clipboard as text"
        QApplication.processEvents()
        person.key("Escape")
        assert person.message_text is None


def test_leaving_a_pane_in_the_middle_of_a_change_is_seen_after_it(person):
    person.hover(person.stage.input, (8, 8))
    seen = []

    def leave_now(session):
        if session.message and not seen:
            seen.append(session)
            person.leave()

    person.window._store.changed.connect(leave_now)
    person.window.run("about")
    assert seen
    assert person.session.hover is None
    assert person.message_text.startswith("convviz")


# Click


def test_a_click_pins_an_output_cell_and_a_second_lets_go(person):
    pane = person.stage.output
    person.click(pane, (3, 2))
    assert person.session.pin == Target("output", (3, 2))
    assert person.session.playhead.step == 3 * 16 + 2
    assert person.status_text == "feature map row 3, column 2 = −1 · pinned"
    person.hover(pane, (9, 9))
    assert person.status_text == "feature map row 3, column 2 = −1 · pinned"
    person.click(pane, (3, 2))
    assert person.session.pin is None


@pytest.mark.parametrize(
    ("name", "cell", "target"),
    [
        ("input", (5, 5), Target("input", (4, 4))),
        ("kernel", (1, 1), Target("kernel", (1, 1))),
    ],
)
def test_a_click_pins_a_cell_and_escape_lets_go(person, name, cell, target):
    person.click(getattr(person.stage, name), cell)
    assert person.session.pin == target
    person.leave()
    assert person.status_text.endswith("· pinned")
    person.key("Escape")
    assert person.session.pin is None


def test_a_click_in_the_dot_product_pins_the_term(person):
    person.click(person.stage.dot, (2, 0), "products")
    assert person.session.pin == Target("products", (2, 0))
    person.click(person.stage.dot, (2, 0), "products")
    assert person.session.pin is None


def test_a_click_beside_the_grid_lets_go(person):
    pane = person.stage.output
    person.click(pane, (3, 2))
    QTest.mouseClick(pane, LEFT, PLAIN, QPoint(4, 4))
    assert person.session.pin is None


def test_stepping_goes_on_from_a_pinned_output_cell(person):
    person.click(person.stage.output, (3, 2))
    person.key("Right")
    assert person.session.playhead.step == 3 * 16 + 3
    assert person.session.pin is None


def test_a_right_click_pins_nothing(person):
    person.click(person.stage.output, (3, 2), button=RIGHT)
    assert person.session.pin is None


def test_every_pane_has_a_menu_whose_actions_are_those_of_the_menus(person):
    for pane in person.stage.panes:
        menu = person.window.pane_menu(pane)
        texts = [action.text().replace("&", "") for action in menu.actions() if action.text()]
        cells = [plain(COMMANDS[name].text) for name in CELL_MENU if name]
        assert texts == [
            *(cells if pane.name in ("input", "kernel") else ()),
            *("Pin", "Fit", "Zoom in", "Zoom out"),
            *("Copy frame", "Copy dot product as text", "Frames as PNG…"),
        ]
        shared = set(person.window.actions_by_name.values())
        assert all(action in shared for action in menu.actions() if action.text())
        menu.close()


def test_the_context_menu_pins_the_cell_under_the_mouse(person):
    person.hover(person.stage.kernel, (2, 2))
    menu = person.window.pane_menu(person.stage.kernel)
    pin = person.window.actions_by_name["pin"]
    assert pin in menu.actions()
    pin.trigger()
    assert person.session.pin == Target("kernel", (2, 2))
    menu.close()


# Drag


def test_dragging_the_window_scrubs(person):
    pane = person.stage.input
    grip = person.point(pane, (8, 5))  # the middle of the window
    stops = [person.point(pane, cell) for cell in ((8, 7), (4, 9))]
    person.drag(pane, grip, *stops)
    assert person.session.cell_at(person.session.playhead.step) == (3, 8)
    assert person.session.pin is None


def test_the_window_stays_on_the_map_however_far_it_is_dragged(person):
    pane = person.stage.input
    person.drag(pane, person.point(pane, (8, 5)), QPoint(-900, -900))
    assert person.session.playhead.step == 0
    person.drag(pane, person.point(pane, (1, 1)), QPoint(3000, 3000))
    assert person.session.playhead.step == 255


def test_dragging_follows_the_stride(person):
    person.apply(changes.set_stride, (2, 3))
    person.apply(transitions.seek, 0)
    pane = person.stage.input
    person.drag(pane, person.point(pane, (1, 1)), person.point(pane, (5, 7)))
    assert person.session.cell_at(person.session.playhead.step) == (2, 2)


def test_a_shaking_hand_still_clicks(person):
    pane = person.stage.output
    point = person.point(pane, (3, 2))
    person.drag(pane, point, point + QPoint(1, 2))
    assert person.session.pin == Target("output", (3, 2))


def test_dragging_a_gap_moves_the_panes_and_a_double_click_brings_them_back(person):
    stage = person.stage
    widths = [pane.width() for pane in stage.panes]
    gap = QPoint(stage.input.geometry().right() + 5, 100)
    person.drag(stage, gap, gap - QPoint(80, 0))
    assert stage.input.width() < widths[0] - 60
    assert stage.output.width() == widths[2]
    strip = QPoint(300, stage.dot.geometry().top() - 5)
    height = stage.dot.height()
    person.drag(stage, strip, strip - QPoint(0, 60))
    assert stage.dot.height() > height + 40
    QTest.mouseDClick(stage, LEFT, PLAIN, QPoint(300, stage.dot.geometry().top() - 5))
    assert [pane.width() for pane in stage.panes] == widths
    assert stage.dot.height() == height


def test_no_pane_can_be_dragged_away(person):
    stage = person.stage
    gap = QPoint(stage.input.geometry().right() + 5, 100)
    strip = QPoint(300, stage.dot.geometry().top() - 5)
    for start, way in ((gap, QPoint(-2000, 0)), (strip, QPoint(0, 2000))):
        person.drag(stage, start, start + way)
        assert all(pane.width() > 60 and pane.height() > 100 for pane in stage.panes)


# The scrubber


def test_the_scrubber_goes_where_it_is_dragged(person):
    scrubber = person.transport.scrubber
    for step in (0, 200, 255):
        scrubber.setSliderDown(True)
        scrubber.setSliderPosition(step)
        assert person.session.playhead.step == step
        assert person.step_text == f"step {step + 1} / 256"
        scrubber.setSliderDown(False)


def test_a_press_and_drag_on_the_scrubber_scrubs(person):
    scrubber = person.transport.scrubber
    person.apply(transitions.first)
    start = QPoint(9, scrubber.height() // 2)
    person.drag(scrubber, start, QPoint(scrubber.width() // 2, start.y()))
    assert 110 < person.session.playhead.step < 146


def test_the_wheel_over_the_scrubber_moves_by_one(person):
    person.wheel(person.transport.scrubber, -1)
    assert person.session.playhead.step == START + 1
    person.wheel(person.transport.scrubber, 1)
    person.wheel(person.transport.scrubber, 1)
    assert person.session.playhead.step == START - 1


# Transport


@pytest.mark.parametrize(
    ("button", "step"),
    [("first", 0), ("previous", START - 1), ("next", START + 1), ("last", 255)],
)
def test_a_button_goes_to_a_step(person, button, step):
    person.press(person.transport._buttons[button])
    assert person.session.playhead.step == step


def test_the_play_button_shows_what_it_would_do(person):
    button = person.transport._buttons["play"]
    before = button.icon().pixmap(24).toImage()
    person.press(button)
    assert button.icon().pixmap(24).toImage() != before
    assert person.session.playback.playing
    person.press(button)
    assert button.icon().pixmap(24).toImage() == before


def test_loop_products_and_speed_show_what_is_set(person):
    person.press(person.transport.loop)
    person.press(person.transport.by_terms)
    person.choose(person.transport.speed, "30 steps/s")
    playback = person.session.playback
    assert (playback.loop, playback.by_terms, playback.speed) == (True, True, 30)
    assert person.transport.loop.isChecked()
    assert person.transport.by_terms.isChecked()


# The wheel


def test_the_wheel_zooms_and_the_cell_under_the_mouse_stays(person):
    pane = person.stage.input
    for cell in ((9, 9), (3, 4), (13, 12)):
        person.window.run("fit")
        point = person.point(pane, cell)
        person.wheel(pane, 2, point)  # until it is larger than its pane, it stays in the middle
        cell = pane.geometry_of("input").cell_at(QPointF(point))
        sizes = []
        for _ in range(6):
            person.wheel(pane, 1, point)
            assert pane.geometry_of("input").cell_at(QPointF(point)) == cell
            sizes.append(pane.geometry_of("input").cell)
        assert sizes == sorted(set(sizes))


@pytest.mark.parametrize("fraction", [0.3, 0.5, 0.8])
def test_zooming_into_a_large_image_keeps_what_is_under_the_mouse(person, fraction):
    person.apply(changes.set_image, np.arange(512.0 * 512).reshape(512, 512) % 255, "Large")
    pane = person.stage.input
    frame = pane.geometry_of("input").frame
    point = (frame.topLeft() + QPointF(frame.width(), frame.height()) * fraction).toPoint()
    person.wheel(pane, 3, point)  # until it is larger than its pane, a grid stays in the middle
    row, column = pane.geometry_of("input").cell_at(QPointF(point))
    for _ in range(15):
        person.wheel(pane, 1, point)
        now = pane.geometry_of("input").cell_at(QPointF(point))
        assert abs(now[0] - row) <= 1
        assert abs(now[1] - column) <= 1
    assert pane.geometry_of("input").cell > 20


def test_zooming_out_ends_where_all_is_seen(person):
    pane = person.stage.input
    fitted = pane.geometry_of("input")
    for notches in (1, 1, 1, -1, -1, -1, -1, -1):
        person.wheel(pane, notches, person.point(pane, (9, 9)))
    assert pane.geometry_of("input") == fitted


def test_the_wheel_changes_one_pane_and_ctrl_0_fits_all(person):
    first = [pane.geometry_of(pane.name).cell for pane in person.stage.panes[:3]]
    person.wheel(person.stage.output, 3)
    zoomed = [pane.geometry_of(pane.name).cell for pane in person.stage.panes[:3]]
    assert [a == b for a, b in zip(first, zoomed, strict=True)] == [True, True, False]
    person.key("Ctrl+0")
    assert [pane.geometry_of(pane.name).cell for pane in person.stage.panes[:3]] == first


def test_a_zoomed_grid_is_moved_by_dragging(person):
    pane = person.stage.output
    person.wheel(pane, 6, person.point(pane, (8, 8)))
    before = pane.geometry_of("output")
    start = QPoint(60, 100)
    person.drag(pane, start, start + QPoint(10, 12), start + QPoint(30, 42))
    after = pane.geometry_of("output")
    assert (after.left - before.left, after.top - before.top) == pytest.approx((30, 42), abs=2)
    assert person.session.pin is None


def test_a_grid_zoomed_at_its_corner_follows_the_mouse_at_once(person):
    pane = person.stage.output
    person.wheel(pane, 8, person.point(pane, (0, 0)))
    before = pane.geometry_of("output")
    start = QPoint(200, 200)
    person.drag(pane, start, start - QPoint(20, 25))
    after = pane.geometry_of("output")
    assert (after.left - before.left, after.top - before.top) == pytest.approx((-20, -25), abs=1)


def test_hovering_finds_the_cell_in_a_zoomed_grid(person):
    pane = person.stage.input
    person.wheel(pane, 5, person.point(pane, (9, 9)))
    person.hover(pane, (9, 9))
    assert person.session.hover == Target("input", (8, 8))


# Playing and looking at once


def test_a_mouse_that_crosses_the_map_does_not_move_what_plays(person):
    person.key("Space")
    person.hover(person.stage.output, (12, 12))
    person.wait(0.25)
    assert person.session.playhead.step == START + 1


# Channels and kernels as small pictures


@pytest.fixture
def stacked(person):
    """Three channels, four maps, ReLU, max pooling, transposed convolution of stride 2."""
    dice = np.random.default_rng(0)
    layers = (
        Conv(dice.integers(-2, 3, (4, 3, 3, 3)), padding=1),
        Activation("relu"),
        Pool("max", 2),
        ConvTranspose(dice.integers(-2, 3, (4, 2, 3, 3)), stride=2, padding=1),
        Conv(dice.integers(-2, 3, (4, 1, 3, 3)), padding=1, groups=2),
    )
    image = frozen_array(dice.integers(0, 9, (3, 8, 8)))
    person.apply(changes.open_document, Document(image, "Noise", layers))
    return person


def focus_on(person, layer):
    person.apply(lambda session: replace(session, layer=layer, playhead=Playhead()))


def small_picture(person, name, number):
    """Return where a small picture is in its pane."""
    pane, scene = getattr(person.stage, name), person.window._scene
    if name == "kernel":
        rect = kernel_geometry(pane.painted, scene.kernel).thumbnails
        thumbnails = scene.kernel.thumbnails
    else:
        rect, thumbnails = thumbnail_area(pane.painted), getattr(scene, name).thumbnails
    return thumbnail_places(rect, thumbnails)[number].center().toPoint()


def click_picture(person, name, number):
    point = small_picture(person, name, number)
    QTest.mouseClick(getattr(person.stage, name), LEFT, PLAIN, point)


def tip_at(person, name, point):
    pane = getattr(person.stage, name)
    event = QHelpEvent(QEvent.Type.ToolTip, point, pane.mapToGlobal(point))
    QApplication.sendEvent(pane, event)
    return QToolTip.text()


def test_a_click_on_a_channel_shows_it_with_its_kernel(stacked):
    click_picture(stacked, "input", 2)
    assert stacked.session.shown_source == 2
    scene = stacked.window._scene
    assert scene.input.detail.startswith("B of 3")
    assert scene.kernel.grid.detail == "B → 1"
    assert scene.dot.window.title == "window B"
    assert stacked.session.pin is None


def test_a_click_on_a_map_shows_the_same_cell_of_it(stacked):
    stacked.apply(transitions.seek, 10)
    click_picture(stacked, "output", 3)
    assert stacked.session.playhead.step == 3 * 64 + 10
    assert stacked.window._scene.output.detail.startswith("4 of 4")
    assert "of map 4" in stacked.window._scene.dot.title


def test_a_click_on_a_kernel_shows_its_map_and_its_channel(stacked):
    for number, (channel, source) in ((7, (2, 1)), (11, (3, 2)), (0, (0, 0))):
        click_picture(stacked, "kernel", number)
        assert (stacked.session.channel, stacked.session.shown_source) == (channel, source)


def test_the_chosen_channel_is_outlined(stacked):
    for number in (1, 2, 0):
        click_picture(stacked, "input", number)
        stacked.leave()
        image, blue = stacked.picture(stacked.stage.input), np.array(stacked.theme.input)
        outlined = []
        for other in range(3):
            point = small_picture(stacked, "input", other)
            above = image[point.y() - 40 : point.y(), point.x()].astype(int)
            outlined.append((np.abs(above - blue).max(axis=-1) < 60).any())
        assert [n for n, seen in enumerate(outlined) if seen] == [number]


def test_a_small_picture_says_what_it_is_of(stacked):
    assert tip_at(stacked, "input", small_picture(stacked, "input", 1)) == "Input channel G"
    assert tip_at(stacked, "output", small_picture(stacked, "output", 2)) == "Feature map 3"
    assert tip_at(stacked, "kernel", small_picture(stacked, "kernel", 5)) == "Kernel B → 2"
    assert stacked.stage.input.pick_at(QPointF(200, 20)) is None


def test_the_mouse_is_a_hand_over_small_pictures_only(stacked):
    pane = stacked.stage.input
    QTest.mouseMove(pane, small_picture(stacked, "input", 1))
    assert pane.cursor().shape() == Qt.CursorShape.PointingHandCursor
    stacked.hover(pane, (4, 4))
    assert pane.cursor().shape() == Qt.CursorShape.ArrowCursor
    assert stacked.session.hover == Target("input", (3, 3))


def test_a_channel_that_the_map_does_not_see_comes_with_one_that_does(stacked):
    focus_on(stacked, 1)
    click_picture(stacked, "input", 2)  # an activation makes map 3 of channel 3
    assert (stacked.session.channel, stacked.session.shown_source) == (2, 2)


def test_of_a_grouped_layer_the_nearest_map_is_shown(stacked):
    focus_on(stacked, 4)
    assert list(stacked.session.sources) == [0]
    assert tip_at(stacked, "input", small_picture(stacked, "input", 1)).endswith("feature map 3")
    click_picture(stacked, "input", 1)
    assert (stacked.session.channel, stacked.session.shown_source) == (2, 1)
    click_picture(stacked, "kernel", 1)
    assert (stacked.session.channel, stacked.session.shown_source) == (1, 0)


def test_a_drag_that_begins_on_a_small_picture_chooses_nothing(stacked):
    point = small_picture(stacked, "input", 2)
    stacked.drag(stacked.stage.input, point, point - QPoint(0, 60))
    assert stacked.session.shown_source == 0


def test_a_single_channel_has_no_small_pictures_to_click(person):
    before = person.session
    QTest.mouseClick(person.stage.input, LEFT, PLAIN, QPoint(40, person.stage.input.height() - 80))
    assert person.session.playhead == before.playhead
    assert person.session.source == 0


# Transposed convolution


def test_the_window_of_a_transposed_convolution_moves_by_one_place(stacked):
    focus_on(stacked, 3)
    pane = stacked.stage.input
    window = stacked.window._scene.input.window
    grip = stacked.point(pane, (window.rows[1], window.columns[1]))
    goal = stacked.point(pane, (window.rows[1] + 3, window.columns[1] + 2))
    stacked.drag(pane, grip, goal)
    assert stacked.session.cell_at(stacked.session.playhead.step) == (3, 2)


def test_dragging_over_the_input_goes_from_stamp_to_stamp(stacked):
    focus_on(stacked, 3)
    stacked.apply(transitions.set_scatter, True)
    pane, cells = stacked.stage.input, stacked.window._scene.input.cells
    places = [cells.place(cell) for cell in ((0, 0), (2, 3))]
    points = [stacked.point(pane, place) for place in places]
    stacked.drag(pane, points[0], points[1])
    assert stacked.session.cell_at(stacked.session.playhead.step) == (2, 3)
    assert stacked.window._scene.input.current == places[1]
    stacked.drag(pane, points[0], points[1] + QPoint(2000, 2000))
    assert stacked.session.cell_at(stacked.session.playhead.step) == (3, 3)


def test_a_click_on_an_input_cell_that_stamps_goes_there(stacked):
    focus_on(stacked, 3)
    stacked.apply(transitions.set_scatter, True)
    pane, cells = stacked.stage.input, stacked.window._scene.input.cells
    stacked.click(pane, cells.place((1, 2)))
    assert stacked.session.cell_at(stacked.session.playhead.step) == (1, 2)
    assert stacked.session.pin == Target("input", (1, 2))
    lit = sorted(lit_cells(stacked.window._scene.output))
    assert lit == window_cells(1, 3)
    assert stacked.status_text.startswith("input row 1, column 2")


def test_a_zero_between_cells_is_nothing_to_point_at(stacked):
    focus_on(stacked, 3)
    pane, cells = stacked.stage.input, stacked.window._scene.input.cells
    row, column = cells.place((1, 1))
    stacked.hover(pane, (row, column))
    assert stacked.session.hover == Target("input", (1, 1))
    stacked.hover(pane, (row, column + 1))
    assert stacked.session.hover is None


def test_hovering_an_output_cell_marks_the_input_cells_that_stamp_it(stacked):
    focus_on(stacked, 3)
    stacked.apply(transitions.set_scatter, True)
    stacked.hover(stacked.stage.output, (3, 3))
    scene = stacked.window._scene
    fed = feeding(stacked, (3, 3))
    assert fed
    assert sorted(lit_cells(scene.input)) == sorted(scene.input.cells.place(cell) for cell in fed)


def feeding(person, output):
    """Return the input cells whose stamp reaches an output cell, by trying each."""
    session = person.session
    found = []
    for cell in np.ndindex(session.input_size):
        at = transitions.seek(session, session.step_at(cell))
        lit = derive_scene(at).output.lit
        if output[0] in lit.rows and output[1] in lit.columns:
            found.append(cell)
    return found

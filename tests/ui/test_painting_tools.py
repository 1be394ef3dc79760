"""Painting with a real mouse and real keys: strokes, shapes, the strip of tools."""

from itertools import pairwise

import numpy as np
import pytest
from person import LEFT, MODIFIERS, PLAIN, RIGHT
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu

from convviz.export.frames import FrameOptions, write_frames
from convviz.model import changes, painting, transitions
from convviz.model.painting import TOOLS
from convviz.model.session import Zoom
from convviz.ui.menus import plain
from convviz.ui.own_keys import OwnKeys


@pytest.fixture
def painter(person):
    """A person with the pencil in the hand, at 8 x 8 zeros under Sobel x."""
    person.apply(changes.set_image, np.zeros((8, 8)), "Blank")
    person.press(person.window.paint.buttons["pencil"])
    return person


def painted(person):
    """Return the cells of the input that are not 0."""
    return [tuple(cell) for cell in np.argwhere(person.session.document.image[0]).tolist()]


def stroke(person, *cells, pane=None):
    pane = pane or person.stage.input
    person.drag(pane, *(person.point(pane, shown(pane, cell)) for cell in cells))


def shown(pane, cell):
    """Return the place of a cell of the image: padding lies around it."""
    cells = pane.grid.cells
    return cells.place(cell) or cell


def undo_text(person):
    return plain(person.window.actions_by_name["undo"].text())


# The mouse


def test_a_drag_paints_without_gaps_and_is_one_step_for_undo(painter):
    step = painter.session.playhead.step
    stroke(painter, (1, 1), (1, 3), (5, 7))
    assert painted(painter) == [(1, 1), (1, 2), (1, 3), (2, 4), (3, 5), (4, 6), (5, 7)]
    assert undo_text(painter) == "Undo Pencil"
    assert painter.session.pin is None
    assert painter.session.playhead.step == step
    assert painter.title.startswith("Blank ∗ Sobel x*")
    painter.key("Ctrl+Z")
    assert painted(painter) == []


def test_the_map_follows_while_the_button_is_held(painter):
    pane, output = painter.stage.input, painter.stage.output
    before = painter.picture(output)
    QTest.mousePress(pane, LEFT, PLAIN, painter.point(pane, shown(pane, (6, 3))))
    began = painter.picture(output)
    QTest.mouseMove(pane, painter.point(pane, shown(pane, (2, 3))))
    assert not np.array_equal(before, began)
    assert not np.array_equal(began, painter.picture(output))
    QTest.mouseRelease(pane, LEFT, PLAIN, painter.point(pane, shown(pane, (2, 3))))


def test_the_window_is_not_moved_and_nothing_is_selected_while_painting(person):
    person.apply(painting.choose_tool, "pencil")
    window = person.window._scene.input.window
    inside = (window.rows[0], window.columns[0])
    pane = person.stage.input
    person.drag(pane, person.point(pane, inside), person.point(pane, (1, 1)))
    assert person.window._scene.input.window == window
    assert person.session.selection.shape == (1, 1)
    assert person.session.document.image[0, 0, 0] == 1


def test_a_zoomed_grid_is_painted_and_not_moved(painter):
    painter.apply(transitions.zoom, "input", Zoom(3.0, 0.5, 0.5))
    stroke(painter, (4, 4), (4, 5))
    assert painted(painter) == [(4, 4), (4, 5)]
    assert painter.session.view.zooms["input"] == Zoom(3.0, 0.5, 0.5)


def test_a_stroke_may_begin_and_end_beside_the_grid(painter):
    pane = painter.stage.input
    left = painter.point(pane, shown(pane, (3, 0))) - QPoint(60, 0)
    painter.drag(pane, left, painter.point(pane, shown(pane, (3, 2))), QPoint(-500, left.y()))
    assert painted(painter) == [(3, 0), (3, 1), (3, 2)]


def test_a_picture_is_painted_where_cells_are_smaller_than_pixels(person):
    person.apply(changes.set_image, np.tile(np.arange(256.0), (900, 4)), "Ramp")
    person.key("Ctrl+2")
    painter, pane = person, person.stage.input
    assert pane.geometry_of("input").cell < 1
    start, stop = pane.rect().center(), pane.rect().center() + QPoint(40, 30)
    changed = painter.session.document.image
    painter.drag(pane, start, stop)
    differ = np.argwhere(painter.session.document.image[0] != changed[0])
    assert np.abs(np.diff(differ, axis=0)).max() <= 2  # neighbours, but for cells that held 255
    assert len(differ) > 40
    assert painter.session.document.image[0][tuple(differ[0])] == 255


def test_the_kernel_is_painted_too(painter):
    stroke(painter, (0, 0), (0, 2), pane=painter.stage.kernel)
    assert painter.session.document.layers[0].weight[0, 0, 0].tolist() == [1, 1, 1]
    assert painter.session.pin is None


def test_a_shape_is_seen_while_it_is_dragged_and_may_shrink_again(painter):
    painter.key("Ctrl+5")
    pane = painter.stage.input
    corner = painter.point(pane, shown(pane, (1, 1)))
    QTest.mousePress(pane, LEFT, PLAIN, corner)
    QTest.mouseMove(pane, painter.point(pane, shown(pane, (6, 6))))
    assert len(painted(painter)) == 20
    end = painter.point(pane, shown(pane, (3, 3)))
    QTest.mouseMove(pane, end)
    QTest.mouseRelease(pane, LEFT, PLAIN, end)
    assert len(painted(painter)) == 8
    assert undo_text(painter) == "Undo Rectangle"


def test_escape_takes_the_stroke_back_and_once_more_the_arrow(painter):
    pane = painter.stage.input
    QTest.mousePress(pane, LEFT, PLAIN, painter.point(pane, shown(pane, (1, 1))))
    QTest.mouseMove(pane, painter.point(pane, shown(pane, (4, 4))))
    painter.key("Escape")
    QTest.mouseMove(pane, painter.point(pane, shown(pane, (6, 1))))
    QTest.mouseRelease(pane, LEFT, PLAIN, painter.point(pane, shown(pane, (6, 1))))
    assert painted(painter) == []
    assert undo_text(painter) == "Undo Input Blank"
    assert painter.session.view.brush.tool == "pencil"
    painter.key("Escape")
    assert painter.session.view.brush.tool == "select"


@pytest.mark.parametrize(("button", "held"), [(RIGHT, PLAIN), (LEFT, MODIFIERS["Alt"])])
def test_the_right_button_or_alt_takes_the_number_of_a_cell(painter, button, held, monkeypatch):
    painter.apply(changes.set_cell, "input", (2, 2), 0.25)
    opened = []
    monkeypatch.setattr("PySide6.QtWidgets.QMenu.popup", lambda *_: opened.append(1))
    pane = painter.stage.input
    point = painter.point(pane, shown(pane, (2, 2)))
    QTest.mouseClick(pane, button, held, point)
    by_mouse = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, pane.mapToGlobal(point))
    QApplication.sendEvent(pane, by_mouse)
    assert painter.window.paint.value.value() == 0.25
    assert painted(painter) == [(2, 2)]
    assert not opened
    stroke(painter, (5, 5), (5, 6))
    assert painter.session.document.image[0, 5, 6] == 0.25


def test_cells_that_are_counted_are_not_painted_and_the_strip_says_why(painter):
    painter.key("Ctrl+U")
    stroke(painter, (1, 1), (2, 2))
    assert painted(painter) == []
    assert painter.message_text.startswith("These are counts")
    painter.hover(painter.stage.input, (4, 4))
    assert painter.stage.input.cursor().shape() == Qt.CursorShape.ForbiddenCursor


def test_the_brush_shows_what_it_would_paint_and_the_arrow_shows_none(painter):
    pane = painter.stage.input
    painter.apply(painting.set_size, 3)
    painter.hover(pane, shown(pane, (4, 4)))
    frame = painter.window._scene.input.brush
    assert (frame.rows, frame.columns) == ((4, 5, 6), (4, 5, 6))  # of places: padding is before
    with_brush = painter.picture(pane)
    assert pane.cursor().shape() == Qt.CursorShape.CrossCursor
    painter.key("Ctrl+1")
    assert painter.window._scene.input.brush is None
    assert pane.cursor().shape() == Qt.CursorShape.ArrowCursor
    assert not np.array_equal(with_brush, painter.picture(pane))


def test_a_double_click_is_two_dots_and_no_editor(painter):
    painter.double_click(painter.stage.input, shown(painter.stage.input, (3, 3)))
    assert painted(painter) == [(3, 3)]
    assert not painter.stage.input._editor.isVisible()


def test_only_the_channel_that_is_shown_is_painted(person):
    person.apply(changes.set_image, np.zeros((3, 8, 8)), "Three")
    person.apply(transitions.choose_source, 1)
    person.key("Ctrl+2")
    stroke(person, (1, 1), (1, 4))
    assert person.session.document.image.sum(axis=(1, 2)).tolist() == [0, 4, 0]


# Keys


def test_all_of_it_goes_by_keys(painter):
    painter.key("Ctrl+1", "Ctrl+2", "F6")
    assert painter.stage.input.hasFocus()
    painter.key("Down", "Space", "Right", "Right", "Space")
    assert painted(painter) == [(1, 0), (1, 2)]
    assert not painter.session.playback.playing
    painter.key("Ctrl+4", "Return", "Down", "Down", "Right", "Right")
    assert painted(painter) == [(1, 0), (1, 2), (2, 3), (3, 4)]
    painter.key("Return", "Down", "Ctrl+3", "Up", "Space")
    assert painted(painter) == [(1, 0), (1, 2), (2, 3)]
    assert undo_text(painter) == "Undo Eraser"


def test_a_line_that_keys_began_is_taken_back_by_escape(painter):
    painter.key("Ctrl+4", "F6", "Space", "Right", "Right")
    assert len(painted(painter)) == 3
    painter.key("Escape")
    assert painted(painter) == []
    painter.key("Right", "Space", "Space")
    assert painted(painter) == [(0, 3)]


def test_with_the_arrow_space_plays_and_return_types(person):
    person.key("F6", "Space")
    assert person.session.playback.playing
    person.key("Space", "Return")
    assert person.stage.input._editor.isVisible()


def test_numbers_are_typed_into_cells_while_a_tool_is_chosen(painter):
    painter.key("F6", "Right")
    painter.type("7")
    painter.key("Return")
    assert painter.session.document.image[0, 0, 1] == 7


# The strip


@pytest.mark.parametrize("name", list(TOOLS))
def test_every_tool_has_a_button_with_its_key_and_the_menu_agrees(person, name):
    strip, action = person.window.paint, person.window.actions_by_name[f"paint-{name}"]
    key = action.shortcut().toString()
    assert strip.buttons[name].toolTip().endswith(f"({key})")
    person.key(key)
    assert [n for n, b in strip.buttons.items() if b.isChecked()] == [name]
    assert action.isChecked()
    person.press(strip.buttons["select"])
    person.press(strip.buttons[name])
    assert person.session.view.brush.tool == name


def test_number_and_size_show_with_a_tool_and_are_typed(painter):
    strip = painter.window.paint
    painter.fill(strip.value, "1/4")
    painter.fill(strip.size_field, "2")
    stroke(painter, (2, 2), (2, 2))
    assert painted(painter) == [(2, 2), (2, 3), (3, 2), (3, 3)]
    assert painter.session.document.image[0, 3, 3] == 0.25
    painter.key("Alt+.")
    assert strip.size_field.value() == 3
    painter.key("Alt+,", "Alt+,", "Alt+,")
    assert strip.size_field.value() == 1
    painter.key("Ctrl+3")
    assert not strip.value.isEnabled()
    painter.key("Ctrl+1")
    assert not strip.value.isVisible()


def test_what_is_no_number_is_refused_in_words(painter):
    painter.fill(painter.window.paint.value, "x")
    assert "x" in painter.message_text
    assert painting.value_of(painter.session) == 1


def test_a_photo_is_painted_with_its_brightest_number_at_first(person):
    person.apply(changes.set_image, np.tile(np.arange(200.0), (8, 1)), "Ramp")
    person.key("Ctrl+2")
    assert person.window.paint.value.text() == "199"


def test_where_nothing_is_to_paint_the_strip_goes_and_comes_back(painter):
    painter.key("Alt+2")
    assert not painter.window.paint.isVisible()
    assert not painter.window.actions_by_name["paint-line"].isEnabled()
    painter.key("Alt+1")
    assert painter.window.paint.isVisible()
    assert painter.session.paints


def test_the_fills_of_the_strip_take_all_of_the_input(painter, monkeypatch):
    opened = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, *_: opened.append(menu))
    strip = painter.window.paint
    painter.press(strip.fills)
    texts = [action.text() for action in opened[0].actions() if action.text()]
    assert texts[:6] == ["Random 0 to 1", "Random normal", "Random digits", "Gradient",
                         "Checkerboard", "Zeros"]  # fmt: skip
    next(a for a in opened[0].actions() if a.text() == "Checkerboard").trigger()
    assert len(painted(painter)) == 32


def test_the_tools_fit_beside_the_tabs_in_the_smallest_window(painter):
    window = painter.window
    window.resize(window.minimumSize())
    QApplication.sendPostedEvents()
    strip = window.paint
    assert strip.geometry().left() > window.tabs.geometry().right()
    assert strip.fills.mapTo(window, strip.fills.rect().topRight()).x() < window.width()
    parts = [strip.value, strip.size_field, *strip.buttons.values(), strip.fills]
    edges = [part.geometry() for part in parts]
    assert all(a.right() < b.left() for a, b in pairwise(edges))


def test_the_controls_of_the_strip_are_reached_by_tab_and_pressed_by_space(painter):
    assert isinstance(painter.window._keys, OwnKeys)
    painter.tab_to(painter.window.paint.buttons["fill"])
    painter.key("Space")
    assert painter.session.view.brush.tool == "fill"
    assert not painter.session.playback.playing


def test_a_button_that_came_up_elsewhere_ends_the_stroke(painter):
    pane = painter.stage.input
    QTest.mousePress(pane, LEFT, PLAIN, painter.point(pane, shown(pane, (1, 1))))
    painter.key("Alt+2")
    QTest.mouseRelease(painter.stage.map, LEFT, PLAIN, QPoint(9, 9))
    painter.key("Alt+1")
    painter.hover(pane, shown(pane, (5, 5)))
    assert painted(painter) == [(1, 1)]
    assert painter.session.stroke is None


def test_frames_of_all_steps_reveal_the_map_whatever_tool_is_chosen(person, tmp_path):
    options = FrameOptions(640, 480, 1, person.theme)
    written = []
    for tool in ("select", "pencil"):
        person.apply(painting.choose_tool, tool)
        path = tmp_path / f"{tool}.png"
        assert list(write_frames(person.session, [path], [20], options)) == [1]
        written.append(path.read_bytes())
    assert written[0] == written[1]

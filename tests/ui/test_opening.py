"""The window as it opens: live, quiet, named, and gone without a trace."""

import gc
import sys
import weakref

import numpy as np
import pytest
import shiboken6
from person import delete_what_waits, pixels
from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QProgressBar,
    QScrollArea,
    QSlider,
    QTableWidget,
    QWidget,
)

from convviz.export.frames import FrameOptions, frame_image
from convviz.model import changes, transitions
from convviz.model.derive import derive_scene
from convviz.model.session import Message, Target, Zoom
from convviz.render.frame import MARGIN
from convviz.render.grid_painter import handle_of
from convviz.ui.app import make_window
from convviz.ui.pane import Pane
from convviz.ui.shortcuts_window import ShortcutsWindow

CONTROLS = (
    QAbstractButton,
    QAbstractSpinBox,
    QComboBox,
    QLineEdit,
    QProgressBar,
    QScrollArea,
    QSlider,
    QTableWidget,
    Pane,
)


def test_the_letter_h_is_there_at_once_and_nothing_plays(person):
    assert person.title == "Letter H ∗ Sobel x — convviz"
    assert person.step_text == "step 117 / 256"
    assert person.status_text == "row 7, column 4: 1·1 + 1·2 + 1·(−2) + 1·1 = 2"
    assert not person.session.playback.playing
    assert not person.window._player.timer.isActive()


def test_the_scene_is_painted_and_not_blank(person):
    for pane in person.stage.panes:
        assert len(np.unique(person.picture(pane).reshape(-1, 3), axis=0)) > 20


@pytest.mark.usefixtures("histograms")
def test_histograms_show_after_the_first_paint(person):
    shown = {name: h.isVisible() for name, h in person.stage._histograms.items()}
    assert shown == {"input": True, "kernel": True, "output": True}


def is_part(widget):
    """Return whether Qt or pyqtgraph made the widget as a part of another, or for its own menus."""
    parts = ("QComboBoxPrivateContainer", "QComboBoxListView", "PlotOptionsTemplate")
    parents = [widget.parent()]
    while parents[-1]:
        parents.append(parents[-1].parent())
    return widget.objectName().startswith("qt_") or any(
        (parent and parent.metaObject().className() in parts) or type(parent) is QMenu
        for parent in parents
    )


def names_of(window):
    """Return (widget, name) for every control and pane, as a screen reader gets it."""
    return [
        (widget, widget.accessibleName() or getattr(widget, "text", str)())
        for widget in window.findChildren(QWidget)
        if isinstance(widget, CONTROLS) and widget.objectName() != "qt_spinbox_lineedit"
        if isinstance(widget, CONTROLS) and not is_part(widget)
    ]


@pytest.mark.usefixtures("histograms")
def test_every_control_and_pane_has_a_name_for_screen_readers(person):
    person.apply(changes.set_dilation, (9, 9))
    person.apply(changes.set_stride, (1, 1))
    person.apply(transitions.show_message, Message("One", choices=()))
    person.window.run("export")
    person.window.run("go-to")
    named = names_of(person.window)
    assert [repr(widget) for widget, name in named if not name.strip()] == []
    assert len(named) > 40


def test_every_visible_label_says_something_to_screen_readers(person):
    labels = [w for w in person.window.findChildren(QLabel) if w.isVisible() and w.text().strip()]
    assert len(labels) >= 20
    read = [
        QAccessible.queryAccessibleInterface(label).text(QAccessible.Text.Name) for label in labels
    ]
    assert all(read)
    assert person.status_text in read


def test_every_action_in_a_menu_has_a_text_and_no_key_does_two_things(person):
    actions = person.window.findChildren(type(person.window.actions_by_name["open"]))
    keys = [key.toString() for action in actions for key in action.shortcuts()]
    assert sorted(keys) == sorted(set(keys))
    assert all(action.text() for action in person.window.actions_by_name.values())
    assert len(person.window.menuBar().actions()) == 8


def test_the_sentence_of_the_step_is_the_description_of_the_dot_product(person):
    sentence = "row 7, column 4: 1·1 + 1·2 + 1·(-2) + 1·1 = 2"
    assert person.stage.dot.accessibleDescription() == sentence
    person.key("Right")
    assert person.stage.dot.accessibleDescription() == derive_scene(person.session).sentence
    assert "row 7, column 5" in person.stage.dot.accessibleDescription()


def test_screen_readers_are_left_in_peace_while_it_plays(person):
    before = person.stage.dot.accessibleDescription()
    person.key("Space")
    person.wait(1)
    assert person.session.playhead.step == 120
    assert person.stage.dot.accessibleDescription() == before
    person.key("Space")
    assert "row 7, column 8" in person.stage.dot.accessibleDescription()


# What is exported is what is seen


def frame_of(person):
    options = FrameOptions(
        person.window.frame_size.width(), person.window.frame_size.height(), 1, person.theme
    )
    return pixels(frame_image(person.session, options))[MARGIN:-MARGIN, MARGIN:-MARGIN]


def where_unlike(seen, frame):
    """Return the rectangle (left, top, right, bottom) in which two pictures differ, or None."""
    assert seen.shape == frame.shape
    rows, columns = np.nonzero((seen != frame).any(axis=-1))
    if not len(rows):
        return None
    return columns.min(), rows.min(), columns.max(), rows.max()


SIGHTS = {
    "opening": (),
    "light": ((transitions.set_theme, "light"),),
    "in the middle of a term": ((transitions.seek, 100, 4),),
    "whole map": ((transitions.set_whole_map, True),),
    "an input cell hovered": ((transitions.hover, Target("input", (7, 7))),),
    "a weight pinned": ((transitions.pin, Target("kernel", (0, 2))),),
    "other panes": ((transitions.set_layout, (0.3, 0.3, 0.4), 0.5),),
    "a tall dot product": ((transitions.set_layout, (0.4, 0.2, 0.4), 0.75),),
    "an image of 301 x 509": (
        (changes.set_image, np.arange(301 * 509.0).reshape(301, 509) % 256, "Stripes"),
        (transitions.seek, 77_777),
    ),
    "an image zoomed in": (
        (changes.set_image, np.arange(301 * 509.0).reshape(301, 509) % 256, "Stripes"),
        (transitions.zoom, "input", Zoom(7.7, 0.41, 0.37)),
        (transitions.zoom, "output", Zoom(31.0, 0.4, 0.4)),
    ),
    "wide padding in small cells": ((changes.set_padding, ((20, 30), (40, 25))),),
    "a small map": ((changes.set_stride, (5, 5)),),
}


@pytest.mark.parametrize("sight", SIGHTS.values(), ids=SIGHTS)
def test_a_frame_of_the_windows_size_is_the_window_pixel_for_pixel(person, sight):
    person.apply(transitions.set_histograms, False)
    for transition, *arguments in sight:
        person.apply(transition, *arguments)
    assert where_unlike(person.picture(person.stage), frame_of(person)) is None


def test_a_frame_has_the_selection_but_not_the_fill_handle(person):
    person.apply(transitions.set_histograms, False)
    pane = person.stage.kernel
    plain = frame_of(person)
    person.apply(transitions.select, Target("kernel", (1, 1)))
    handle = handle_of(pane.grid.selected, pane.geometry_of("kernel")).translated(pane.pos())
    left, top, right, bottom = where_unlike(person.picture(person.stage), frame_of(person))
    assert handle.adjusted(-2, -2, 2, 2).contains(QRectF(left, top, right - left, bottom - top))
    assert where_unlike(plain, frame_of(person))


@pytest.mark.usefixtures("histograms")
@pytest.mark.parametrize("size", [(1216, 680), (1280, 800), (1440, 900)])
@pytest.mark.parametrize("strip", [0.2, 0.33, 0.75])
def test_with_histograms_the_panes_are_those_of_the_frame_above_them(person, size, strip):
    person.window.resize(*size)
    person.apply(transitions.set_layout, (0.425, 0.16, 0.415), strip)
    seen, frame = person.picture(person.stage), frame_of(person)
    footer, layout = person.stage.footer, person.stage.layout_now
    panes = layout.input.height() - 10  # above the rounded corners
    assert footer > 0
    assert where_unlike(seen[:panes], frame[:panes]) is None
    assert where_unlike(seen[layout.dot.top() :], frame[layout.dot.top() - footer :]) is None


def test_stepping_leaves_no_trace_of_what_was_painted_before(person):
    """What the window painted bit by bit is what it paints all at once."""
    person.apply(transitions.set_histograms, False)
    screen = person.window.grab  # paints all of it
    for keys in (["Right"] * 3, ["Down"], [".", ".", "."], ["Left"], ["9"], ["Home"]):
        for key in keys:
            person.key(key)
            QApplication.processEvents()
    assert not (person.picture(person.stage) != frame_of(person)).any()
    assert screen().toImage() == screen().toImage()


# Themes


@pytest.mark.parametrize(("theme", "dark"), [("dark", True), ("light", False)])
def test_a_theme_repaints_all(person, theme, dark):
    person.window.run(f"theme-{theme}")
    picture = person.picture(person.window)
    height, width, _ = picture.shape
    corners = picture[[5, 5, height - 5, height // 2], [5, width - 5, 5, 8]]
    panes = [person.picture(pane)[20, -20] for pane in person.stage.panes]
    brightness = np.array([*corners, *panes]).mean(axis=-1)
    assert (brightness < 60).all() if dark else (brightness > 230).all()
    chosen = [n for n in ("system", "dark", "light") if is_checked(person, f"theme-{n}")]
    assert chosen == [theme]


def is_checked(person, name):
    return person.window.actions_by_name[name].isChecked()


@pytest.mark.usefixtures("histograms")
def test_there_and_back_again_a_theme_looks_the_same(person):
    person.window.run("theme-dark")
    before = person.picture(person.window)
    person.window.run("theme-light")
    assert (person.picture(person.window) != before).mean() > 0.5
    person.window.run("theme-dark")
    assert not (person.picture(person.window) != before).any()


# Going


def test_a_closed_and_deleted_window_is_forgotten_with_all_it_had(qtbot):
    window = make_window()
    window.show()
    wait_for_histograms(window, qtbot)
    window.run("shortcuts")
    window.run("play")
    watched = [
        weakref.ref(thing)
        for thing in (window, window.stage, window.stage.input, window.panel, window._store)
    ]
    window.close()
    shiboken6.delete(window)
    del window
    delete_what_waits()
    gc.collect()
    assert [ref() for ref in watched] == [None] * len(watched)
    assert not [t for t in gc.get_objects() if is_running_timer(t)]
    assert not [w for w in QApplication.topLevelWidgets() if w.isVisible()]


def wait_for_histograms(window, qtbot):
    qtbot.waitUntil(lambda: window.stage.has_histograms)


def is_running_timer(thing):
    kind = type(thing)  # not isinstance: asking torch for a __class__ makes it warn
    return issubclass(kind, QTimer) and shiboken6.isValid(thing) and thing.isActive()


def test_a_window_that_is_closed_while_playing_stops(person):
    person.key("Space")
    assert person.window._player.timer.isActive()
    person.window.close()
    assert not person.window._player.timer.isActive()
    assert not person.session.playback.playing


def test_context_menus_do_not_pile_up(person):
    def menus():
        delete_what_waits()
        return len(person.window.findChildren(type(person.window.menuBar().actions()[0].menu())))

    before = menus()
    for pane in person.stage.panes:
        for _ in range(3):
            menu = person.window.pane_menu(pane)
            menu.popup(pane.mapToGlobal(pane.rect().center()))
            menu.close()
    assert menus() == before


def test_the_window_of_shortcuts_lists_keys_and_closes(person):
    person.window.run("shortcuts")
    found = person.window.findChildren(ShortcutsWindow)
    assert len(found) == 1
    table = found[0].findChild(QTableWidget)
    rows = {table.item(row, 1).text(): table.item(row, 0).text() for row in range(table.rowCount())}
    assert rows["Play or pause"] == "Space, K"
    assert rows["Next pane"] == "F6"
    QTest.keyClick(found[0], Qt.Key.Key_Escape)
    assert not found[0].isVisible()
    person.window.run("shortcuts")
    assert found[0].isVisible()
    assert len(person.window.findChildren(ShortcutsWindow)) == 1
    found[0].close()


def test_void_calls_of_qt_do_not_eat_references_to_none(person):
    """The canary: PySide6 6.12 aborts Python 3.11 after some 5,000 of them (PYSIDE-3474)."""
    label = person.window.status
    before = sys.getrefcount(None)
    for number in range(1000):
        label.setText(str(number))
    assert sys.getrefcount(None) > before - 500


# Room


def overlapping(widgets):
    """Return pairs of widgets that lie over each other."""
    seen = [widget for widget in widgets if widget.isVisible()]
    return [
        (one, other)
        for number, one in enumerate(seen)
        for other in seen[:number]
        if one.geometry().intersects(other.geometry())
    ]


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_nothing_overlaps_or_is_squeezed_in_the_smallest_window(person, theme):
    window = person.window
    window.resize(window.minimumSize())
    window.run(f"theme-{theme}")
    window.run("export")
    person.choose(window.export_panel.which, "frames from")
    window.run("go-to")
    window.run("copy-sentence")
    window.progress.show_progress(3, 256, 75.0)
    window.progress.show()
    for _ in range(5):
        QApplication.processEvents()
    strips = (window.message, window.progress, window.go_to, window.export_panel)
    parts = [*strips, person.stage, person.transport, person.panel]
    assert all(part.isVisible() for part in parts)
    assert overlapping(parts) == []
    centre = window.centralWidget().rect()
    assert all(centre.contains(part.geometry()) for part in parts)
    for bar in (*strips, person.transport):
        children = [child for child in bar.children() if isinstance(child, QWidget)]
        assert overlapping(children) == []
        buttons = [b for b in bar.findChildren(QAbstractButton) if b.isVisible()]
        assert all(button.width() >= button.minimumSizeHint().width() for button in buttons)
    assert overlapping(person.stage.panes) == []


@pytest.mark.parametrize("strip", ["export", "go-to"])
def test_a_strip_that_closes_gives_the_keyboard_back_to_the_scene(person, strip):
    person.window.run(strip)
    assert person.focus is not None
    person.key("Escape")
    person.key("Space")
    assert person.session.playback.playing
    assert person.session.playhead.step == 116


def test_so_does_a_message_that_is_closed_by_keyboard(person):
    person.window.run("about")
    person.tab_to(person.window.message._close)
    person.key("Space")
    assert person.message_text is None
    person.key("Space")
    assert person.session.playback.playing
    assert person.session.playhead.step == 116


def test_so_does_a_place_that_was_gone_to(person):
    person.key("G")
    person.type("9")
    person.key("Return", "Space")
    assert person.session.playback.playing
    assert person.session.playhead.step == 8

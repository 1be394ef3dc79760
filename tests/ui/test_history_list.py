"""The list of changes: what was done, where one is, and a click to go anywhere."""

import pytest
from person import LEFT, PLAIN, QTest
from PySide6.QtCore import Qt

from convviz.model import changes


@pytest.fixture
def lines(person):
    for step, *arguments in (
        (changes.set_kernel_preset, "blur"),
        (changes.set_stride, (2, 2)),
        (changes.set_input_preset, "digit-7"),
    ):
        person.apply(step, *arguments)
    person.key("Ctrl+Alt+Z")
    return person.window.history.list


def texts(lines):
    return [lines.item(row).text().strip("▸ ") for row in range(lines.count())]


def present(lines):
    (row,) = [row for row in range(lines.count()) if lines.item(row).text().startswith("▸")]
    return row


def click(lines, row):
    place = lines.visualItemRect(lines.item(row)).center()
    QTest.mouseClick(lines.viewport(), LEFT, PLAIN, place)


def test_every_change_is_there_by_name_and_the_present_is_marked(lines):
    assert texts(lines) == ["As it was at first", "Kernel Blur (plus)", "Stride", "Input Digit 7"]
    assert present(lines) == 3


def test_a_click_goes_there_in_one_go_and_what_was_undone_is_grey(person, lines):
    click(lines, 1)
    assert present(lines) == 1
    assert person.session.conv.stride == (1, 1)
    assert person.session.document.image_name == "Letter H"
    faint = person.theme.faint
    greys = [lines.item(row).foreground().color().getRgb()[:3] == faint for row in range(4)]
    assert greys == [False, False, True, True]
    click(lines, 3)
    assert person.session.document.image_name == "Digit 7"


def test_by_keys_alone(person, lines):
    lines.setFocus()
    person.key("Up", "Up")
    assert present(lines) == 3
    person.key("Return")
    assert present(lines) == 1
    assert lines.hasFocus()


def test_a_new_change_takes_the_place_of_what_was_undone(person, lines):
    click(lines, 1)
    person.apply(changes.set_padding_mode, "reflect")
    assert texts(lines) == ["As it was at first", "Kernel Blur (plus)", "Fill"]


def test_undo_and_redo_move_the_mark(person, lines):
    person.window.run("undo")
    assert present(lines) == 2
    person.window.run("redo")
    assert present(lines) == 3


def settled_width(person):
    person.window.centralWidget().layout().activate()
    return person.stage.width()


@pytest.mark.usefixtures("lines")
def test_it_goes_as_it_came_and_the_scene_has_the_room_again(person):
    narrow = settled_width(person)
    person.key("Ctrl+Alt+Z")
    assert not person.window.history.isVisible()
    assert not person.window.actions_by_name["history"].isChecked()
    assert settled_width(person) > narrow


def test_names_from_files_are_plain_text(person, lines):
    person.apply(changes.set_image, [[1.0, 2.0], [3.0, 4.0]], "<b>R&D</b>")
    assert texts(lines)[-1] == "Input <b>R&D</b>"
    assert lines.item(lines.count() - 1).flags() & Qt.ItemFlag.ItemIsEnabled


def test_two_hundred_changes_are_listed(person, lines):
    for number in range(230):
        person.apply(changes.set_cell, "input", (0, 0), float(number + 1))
    assert lines.count() == 201
    assert present(lines) == 200

"""The biases of all maps in a row: typed, pasted, filled like cells of a spreadsheet."""

import numpy as np
import pytest
from PySide6.QtGui import QGuiApplication

from convviz.files.scenes import read_scene, scene_bytes
from convviz.model import cell_changes, changes, pages, stacking, transitions
from convviz.model.session import Target, all_between


@pytest.fixture
def six(person):
    person.apply(stacking.set_output_channels, 6)
    person.window.grab()  # so that everything is where it will be
    return person


def biases(person):
    return person.session.focus.bias.tolist()


def pane(person):
    return person.panel._kernel.biases.pane


def test_one_map_has_a_field_and_several_have_a_row(person):
    assert not pane(person).isVisible()
    person.apply(stacking.set_output_channels, 6)
    assert pane(person).isVisible()
    assert pane(person).shape == (1, 6)
    person.apply(changes.undo)
    assert not pane(person).isVisible()


def test_type_into_a_cell_with_an_expression_and_go_on_with_tab(six):
    six.click(pane(six), (0, 1))
    six.type("1/4")
    six.key("Tab")
    six.type("sqrt(4)")
    six.key("Return")
    assert biases(six) == [0, 0.25, 2, 0, 0, 0]
    assert six.window.actions_by_name["undo"].text() == "&Undo Bias of map 3"


def test_arrows_select_shift_extends_and_delete_empties(six):
    for column in range(6):
        six.apply(changes.set_cell, "bias", (0, column), column + 1.0)
    six.click(pane(six), (0, 1))
    six.key("Right", "Shift+Right", "Shift+Right")
    assert "3 cells selected: sum = 12" in six.window.status.text()
    six.key("Delete")
    assert biases(six) == [1, 2, 0, 0, 0, 6]


@pytest.mark.parametrize("text", ["1\t2\t3", "1\n2\n3", "[1, 2, 3]", "1;2;3"])
def test_a_row_or_a_column_of_a_spreadsheet_is_pasted(six, text):
    QGuiApplication.clipboard().setText(text)
    six.click(pane(six), (0, 2))
    six.window.run("paste")
    assert biases(six) == [0, 0, 1, 2, 3, 0]
    assert six.session.selection.shape == (1, 3)


def test_what_does_not_fit_is_offered_in_part_and_never_makes_maps(six):
    QGuiApplication.clipboard().setText("1\t2\t3")
    six.click(pane(six), (0, 4))
    six.window.run("paste")
    labels = [choice.label for choice in six.session.message.choices]
    assert labels == ["Paste what fits"]
    six.window.runner.run_choice(six.session.message.choices[0])
    assert biases(six) == [0, 0, 0, 0, 1, 2]


def test_copy_brings_the_row_into_the_clipboard_in_both_workspaces(six):
    six.apply(changes.set_cell, "bias", (0, 3), 0.1)
    for workspace in ("convolve", "layers"):
        six.apply(pages.show_workspace, workspace)
        six.click(pane(six), (0, 2))
        six.key("Shift+Right")
        six.window.run("copy")
        assert QGuiApplication.clipboard().text() == "0\t0.1\n"


def test_fill_goes_on_in_equal_steps(six):
    six.apply(changes.set_cell, "bias", (0, 1), 0.5)
    six.apply(lambda s: transitions.replace(s, selection=all_between("bias", range(1), range(2))))
    six.apply(transitions.reach, (0, 5))
    six.apply(cell_changes.fill_to_reach)
    assert biases(six) == [0, 0.5, 1, 1.5, 2, 2.5]


@pytest.mark.parametrize("command", ["insert-left", "insert-above", "delete-columns"])
def test_there_is_one_bias_for_each_map_and_that_is_said(six, command):
    six.click(pane(six), (0, 1))
    before = six.session.document
    six.window.run(command)
    assert six.session.document is before
    assert "one bias" in six.session.message.text


def test_the_map_follows(six):
    six.apply(transitions.choose_channel, 2)
    before = six.window._scene.output.cells.values.copy()
    six.apply(changes.set_cell, "bias", (0, 2), 5.0)
    assert np.array_equal(six.window._scene.output.cells.values, before + 5)


def test_the_field_of_the_shown_map_and_its_cell_are_one_number(six):
    six.apply(transitions.choose_channel, 4)
    six.fill(six.panel.bias, "-2")
    assert biases(six)[4] == -2
    assert pane(six).value_at((0, 4)) == -2
    six.apply(changes.set_cell, "bias", (0, 4), 7.0)
    assert six.panel.bias.value() == 7


def test_pointing_at_a_cell_says_whose_bias_it_is(six):
    six.apply(changes.set_cell, "bias", (0, 2), 1 / 9)
    six.leave()
    six.hover(pane(six), (0, 2))
    assert six.window.status.text() == "bias of map 3 = 1/9"


def test_many_maps_scroll_to_the_cell_with_the_cursor(person):
    person.apply(stacking.set_output_channels, 40)
    person.apply(transitions.select, Target("bias", (0, 39)))
    place = pane(person).place_of((0, 39)).center()
    area = person.panel._kernel.biases._area.viewport()
    assert area.rect().contains(pane(person).mapTo(area, place))


def test_a_scene_with_a_selected_bias_saves_as_ever(six):
    six.click(pane(six), (0, 3))
    data = scene_bytes(six.session)
    assert scene_bytes(read_scene(data)) == data
    assert b"selection" not in data


def test_a_pooling_layer_has_none(six):
    six.choose(six.panel.kind, "Max pooling")
    assert not pane(six).isVisible()
    assert six.window._scene.kernel.bias is None

"""The workspace of signals at the window: stems to drag, cells to type into, buttons to press."""

import numpy as np
import pytest
from person import pixels
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from convviz.model import cell_changes, changes, pages, transitions
from convviz.model.document import compute
from convviz.render.signal_layout import stems_places, ways_places
from convviz.ui.list_field import ListField


@pytest.fixture
def listener(person):
    """A person at the lecture's signals, at n = 5."""
    person.apply(pages.show_workspace, "signals")
    person.apply(transitions.seek, 3)
    QApplication.processEvents()
    return person


def places(person):
    pane = person.stage.stems
    return stems_places(pane.painted, pane._scene.signals)


def stem(person, lane, cell):
    """Return where the end of a stem is: lanes from the top, cells as they are shown."""
    pane = person.stage.stems
    place = places(person).lanes[lane]
    value = pane._scene.signals.lanes[lane].grid.cells.values[0, cell]
    return QPoint(round(place.x(cell)), round(place.y(float(value))))


def chip(person, number, row="chips"):
    pane = person.stage.ways
    shown = pane._scene.signals
    found = ways_places(pane.painted, shown.ways, (3, len(shown.modes)))
    return getattr(found, row)[number].center().toPoint()


def test_alt_2_leads_from_images_to_signals_and_alt_1_back(person):
    person.key("Alt+2")
    assert person.stage.stems.isVisible()
    assert person.title.startswith("[1, 2, 3, 4, 5] ∗ [10, 9, 8]")
    person.key("Alt+1")
    assert person.stage.input.isVisible()
    assert person.title.startswith("Letter H")


def test_the_sum_is_read_out_with_its_indices_and_numbers(listener):
    text = listener.stage.sum.accessibleDescription()
    assert text.startswith("The sum at n = 5")
    assert "a₂ · b₃ + a₃ · b₂ + a₄ · b₁" in text
    assert "= 83" in text
    assert listener.status_text == "n = 5: 2·8 + 3·9 + 4·10 = 83"
    assert listener.stage.stems.accessibleDescription() == listener.status_text


def test_known_output_keeps_its_stem_while_the_next_sum_is_formed(listener):
    pane = listener.stage.stems
    listener.apply(transitions.seek, 3, 1)
    QApplication.processEvents()
    painted = pixels(pane.grab().toImage()).astype(int)
    card = painted[3, 3]
    shown = []
    for number in range(5):
        head = stem(listener, 3, number)
        shown.append(bool(np.abs(painted[head.y(), head.x()] - card).max() > 40))
    assert shown == [True, True, True, False, False]


def test_the_transport_tells_n(listener):
    assert listener.transport.place_label.text() == "n = 5"
    listener.key("Right")
    assert listener.transport.place_label.text() == "n = 6"


def test_dragging_a_stem_upwards_makes_its_sample_larger_in_one_change(listener):
    pane = listener.stage.stems
    start = stem(listener, 0, 3)  # two zeros of padding come before
    above = [start - QPoint(0, way) for way in (8, 16, 24)]
    listener.drag(pane, start, *above)
    assert listener.session.document.image[0, 1] > 2
    assert "cell 0, 1" in listener.window.actions_by_name["undo"].text()
    listener.key("Ctrl+Z")
    assert listener.session.document.image.tolist() == [[1, 2, 3, 4, 5]]


def test_two_drags_are_two_changes(listener):
    pane = listener.stage.stems
    for _ in range(2):
        start = stem(listener, 0, 3)
        listener.drag(pane, start, start - QPoint(0, 10), start - QPoint(0, 14))
    listener.key("Ctrl+Z")
    assert listener.session.document.image[0, 1] != 2
    listener.key("Ctrl+Z")
    assert listener.session.document.image[0, 1] == 2


def test_dragging_a_stem_of_b_changes_the_value_it_stands_for(listener):
    start = stem(listener, 1, 0)  # flipped: the last one
    listener.drag(listener.stage.stems, start, start + QPoint(0, 10), start + QPoint(0, 20))
    weight = listener.session.focus.weight.ravel().tolist()
    assert weight[:2] == [10, 9]
    assert weight[2] < 8


def test_a_number_typed_into_a_cell_reaches_the_output_at_once(listener):
    pane = listener.stage.stems
    listener.click(pane, (0, 4), "input")
    listener.type("7")
    listener.key("Return")
    assert listener.session.document.image.tolist() == [[1, 2, 7, 4, 5]]
    assert "2·8 + 7·9 + 4·10 = 119" in listener.stage.stems.accessibleDescription()
    assert listener.status_text.startswith("a₃ = 7, used 3 times")


def test_a_number_typed_into_the_flipped_signal_goes_to_its_own_place(listener):
    listener.click(listener.stage.stems, (0, 0), "kernel")
    listener.type("1")
    listener.key("Return")
    assert listener.session.focus.weight.ravel().tolist() == [10, 9, 1]


def test_dragging_along_the_output_moves_the_playhead(listener):
    pane = listener.stage.stems
    listener.drag(pane, stem(listener, 3, 3), stem(listener, 3, 1), stem(listener, 3, 0))
    assert listener.session.playhead.step == 0


@pytest.mark.parametrize(("number", "way"), [(1, "copies"), (2, "matrix"), (0, "slide")])
def test_the_ways_are_a_click_apart(listener, number, way):
    QTest.mouseClick(listener.stage.ways, *mouse(chip(listener, number)))
    assert listener.session.view.way == way


def mouse(point):
    from person import LEFT, PLAIN

    return LEFT, PLAIN, point


def test_the_modes_of_numpy_are_a_click_apart(listener):
    QTest.mouseClick(listener.stage.ways, *mouse(chip(listener, 1, "modes")))
    assert listener.session.focus.padding == "same"
    assert listener.session.step_count == 5


def test_a_click_on_the_title_numbers_from_zero(listener):
    QTest.mouseClick(listener.stage.sum, *mouse(QPoint(40, 20)))
    assert listener.status_text.startswith("n = 3: ")


def test_the_wheel_shows_less_of_a_long_signal_and_fit_all_of_it(listener):
    listener.choose(listener.panel.source, "Sine plus noise")
    pane = listener.stage.stems
    before = places(listener).cell
    listener.wheel(pane, 4, QPoint(pane.width() // 2, 60))
    assert places(listener).cell > before
    listener.key("Ctrl+0")
    assert places(listener).cell == before


def test_undo_on_one_page_leaves_the_other(listener):
    listener.click(listener.stage.stems, (0, 4), "input")
    listener.type("7")
    listener.key("Return", "Escape", "Escape", "Alt+1")
    assert not listener.window.actions_by_name["undo"].isEnabled()
    listener.key("Alt+2", "Ctrl+Z")
    assert listener.session.document.image.tolist() == [[1, 2, 3, 4, 5]]


def samples_of(person, name):
    fields = person.window.findChildren(ListField)
    return next(field for field in fields if field.accessibleName() == f"Samples of {name}")


def type_list(field, text):
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def test_both_signals_are_typed_as_lists(listener):
    a, b = samples_of(listener, "a"), samples_of(listener, "b")
    assert (a.text(), b.text()) == ("1, 2, 3, 4, 5", "10, 9, 8")
    type_list(a, "[1, 2, 1/2]")
    type_list(b, "4 5 6 7")
    assert listener.session.document.image.tolist() == [[1, 2, 0.5]]
    assert listener.session.conv.weight.tolist() == [[[4, 5, 6, 7]]]
    assert listener.title.startswith("[1, 2, 0.5] ∗")
    listener.stage.stems.setFocus()
    listener.key("Ctrl+Z", "Ctrl+Z")
    assert listener.session.document.image.tolist() == [[1, 2, 3, 4, 5]]


@pytest.mark.parametrize("text", ["1, two", "1, 2; 3, 4", ""])
def test_what_is_no_list_of_numbers_is_said_and_the_signal_stays(listener, text):
    field = samples_of(listener, "a")
    type_list(field, text or " ")
    assert listener.message_text.startswith("Samples of a: ")
    assert field.text().strip() == text  # to be mended
    assert listener.session.document.image.tolist() == [[1, 2, 3, 4, 5]]


def test_a_second_signal_may_have_2000_samples_and_no_more(listener):
    listener.apply(cell_changes.type_samples, "kernel", np.ones(2000))
    assert listener.session.conv.kernel_size == (2000,)
    listener.apply(cell_changes.type_samples, "kernel", np.ones(2001))
    assert listener.session.conv.kernel_size == (2000,)
    assert listener.message_text.startswith("The second signal has at most 2,000 samples")


def test_as_curves_the_overlap_has_an_area_and_no_cells(listener):
    assert all(lane.has_cells for lane in places(listener).lanes)
    stems = listener.stage.stems.grab().toImage()
    listener.key("Ctrl+Alt+U")
    assert not any(lane.has_cells for lane in places(listener).lanes)
    assert all(lane.joined for lane in places(listener).lanes)
    assert listener.stage.stems.grab().toImage() != stems
    assert listener.window.actions_by_name["curves"].isChecked()
    listener.key("Ctrl+Alt+U")
    assert listener.stage.stems.grab().toImage() == stems


def test_the_menu_leads_to_every_way_and_numbering(listener):
    actions = listener.window.actions_by_name
    actions["way-matrix"].trigger()
    actions["number-from-0"].trigger()
    assert (listener.session.view.way, listener.session.view.numbered_from) == ("matrix", 0)
    listener.key("Alt+1")
    assert not actions["way-slide"].isEnabled()


def test_a_longer_b_under_valid_is_swapped_by_one_click(listener):
    listener.apply(cell_changes.type_samples, "input", np.array([1.0, 2, 3]))
    listener.apply(cell_changes.type_samples, "kernel", np.array([1.0]))
    listener.apply(changes.set_padding, "valid")
    listener.apply(cell_changes.type_samples, "kernel", np.array([4.0, 5, 6, 7]))
    assert "does not fit" not in (listener.message_text or "")
    listener.press(listener.problem_buttons["Swap the two, as NumPy does"])
    assert listener.problem_text is None
    assert listener.session.document.image.tolist() == [[4, 5, 6, 7]]
    assert compute(listener.session.document, 0).maps.tolist() == [[28, 34]]

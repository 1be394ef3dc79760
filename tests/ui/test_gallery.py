"""The gallery of examples: pictures, a filter, keys, and the way back."""

import numpy as np
import pytest
from person import LEFT, PLAIN, QTest, pixels
from PySide6.QtCore import Qt

from convviz.model import changes
from convviz.model.examples import EXAMPLES, GROUPS


@pytest.fixture
def gallery(person):
    person.key("Ctrl+Shift+O")
    return person.window.runner.gallery


def make_pictures(gallery):
    while gallery._making.isActive():
        gallery._making.timeout.emit()


def type_filter(gallery, text):
    gallery.filter.clear()
    QTest.keyClicks(gallery.filter, text)


def names(gallery):
    return [card.example.name for card in gallery.shown]


def test_the_first_screen_shows_where_examples_are(person):
    button = person.panel.examples
    assert button.isVisible()
    person.press(button)
    assert person.window.runner.gallery.isVisible()


def test_it_opens_at_once_and_pictures_come_after(person):
    person.window.run("examples")
    gallery = person.window.runner.gallery
    assert all(card.picture is None for card in gallery.cards.values())
    make_pictures(gallery)
    assert all(card.picture is not None for card in gallery.cards.values())
    assert not gallery._making.isActive()


def test_every_example_is_there_in_its_group_with_another_picture(gallery):
    make_pictures(gallery)
    assert sorted(names(gallery)) == sorted(EXAMPLES)
    assert [h.text() for h in gallery.headings.values() if h.isVisible()] == list(GROUPS)
    found = {pixels(card.picture).tobytes() for card in gallery.cards.values()}
    assert len(found) > len(EXAMPLES) - 3  # figures of the same sizes look alike
    assert all(np.ptp(pixels(card.picture)) > 100 for card in gallery.cards.values())


def test_pictures_are_in_the_theme_of_the_window(person, gallery):
    make_pictures(gallery)
    dark = pixels(gallery.cards["lenet"].picture).mean()
    person.window.run("theme-light")
    make_pictures(gallery)
    assert pixels(gallery.cards["lenet"].picture).mean() > dark + 50


def test_the_filter_takes_words_of_title_summary_and_source(gallery):
    type_filter(gallery, "max pool")
    assert names(gallery) == ["max-pooling", "max-pooling-ceil"]
    assert not gallery.headings[GROUPS[0]].isVisible()
    type_filter(gallery, "odena")
    assert names(gallery) == ["overlaps"]
    type_filter(gallery, "nothing like this")
    assert names(gallery) == []
    assert gallery._none.isVisible()
    assert not gallery.open_button.isEnabled()


def test_type_and_enter_opens_the_first_that_is_left(person, gallery):
    type_filter(gallery, "lenet")
    QTest.keyClick(gallery.filter, Qt.Key.Key_Return)
    assert len(person.session.document.layers) == 6
    assert person.session.view.workspace == "layers"
    assert not gallery.isVisible()


def test_arrows_go_from_card_to_card_and_enter_opens(person, gallery):
    QTest.keyClick(gallery.filter, Qt.Key.Key_Down)
    first = gallery.shown[0]
    assert first.is_chosen
    QTest.keyClick(first, Qt.Key.Key_Right)
    second = gallery.shown[1]
    assert second.is_chosen
    assert not first.is_chosen
    QTest.keyClick(second, Qt.Key.Key_Return)
    assert person.session.document.image_name == "Letter H"
    assert person.session.conv.weight[0, 0, 1, 1] == 0.2


def test_down_goes_to_the_card_below_and_up_from_the_first_row_to_the_filter(gallery):
    gallery.layout().activate()
    QTest.keyClick(gallery.filter, Qt.Key.Key_Down)
    QTest.keyClick(gallery.shown[0], Qt.Key.Key_Down)
    below = next(card for card in gallery.shown if card.is_chosen)
    assert below.x() == gallery.shown[0].x()
    assert below.y() > gallery.shown[0].y()
    QTest.keyClick(below, Qt.Key.Key_Up)
    assert gallery.shown[0].is_chosen
    QTest.keyClick(gallery.shown[0], Qt.Key.Key_Up)
    assert gallery.focusWidget() is gallery.filter


def test_a_click_chooses_and_says_where_it_is_from_a_double_click_opens(person, gallery):
    card = gallery.cards["overlaps"]
    gallery.area.ensureWidgetVisible(card)
    QTest.mouseClick(card, LEFT, PLAIN, card.rect().center())
    assert card.is_chosen
    assert "Odena" in gallery.source.text()
    assert person.session.document.image_name == "Letter H"
    QTest.mouseDClick(card, LEFT, PLAIN, card.rect().center())
    assert person.session.document.image_name == "Ones"


def test_the_button_opens_what_is_chosen_and_undo_leads_back(person, gallery):
    person.apply(changes.set_bias, 3.0)
    QTest.mouseClick(gallery.cards["lenet"], LEFT)
    person.press(gallery.open_button)
    assert len(person.session.document.layers) == 6
    assert person.window.actions_by_name["undo"].text() == "&Undo Example A small LeNet"
    assert person.window.isWindowModified()  # what was there before is not lost
    person.window.run("undo")
    assert person.session.conv.bias.tolist() == [3]


def test_esc_closes_it_and_changes_nothing(person, gallery):
    before = person.session.document
    QTest.keyClick(gallery.filter, Qt.Key.Key_Escape)
    assert not gallery.isVisible()
    assert not gallery._making.isActive()
    assert person.session.document is before


def test_every_card_has_a_name_and_a_sentence_for_screen_readers(gallery):
    for card in gallery.cards.values():
        assert card.accessibleName() == card.example.title
        assert card.accessibleDescription() == card.example.summary


@pytest.mark.parametrize("name", ["average-of-noise", "echo-of-a-string", "heartbeats"])
def test_a_long_signal_is_drawn_above_what_it_becomes(gallery, name):
    make_pictures(gallery)
    card = gallery.cards[name]
    picture = pixels(card.picture).astype(int)
    height = len(picture)
    for rows, colour in ((slice(0, height // 2), "input"), (slice(height // 2, None), "output")):
        ink = np.abs(picture[rows] - getattr(card._theme, colour)).max(axis=2) < 40
        assert ink.any(axis=0).mean() > 0.5  # of the columns


@pytest.mark.parametrize("name", ["signal-1-2-3", "echo-of-a-pulse", "heartbeats"])
def test_a_signal_opens_in_the_workspace_of_signals(person, name):
    person.window.run("examples")
    person.window.runner.gallery.cards[name].opened.emit(name)
    assert person.session.view.workspace == "signals"
    assert person.session.document.rank == 1

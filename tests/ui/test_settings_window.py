"""The settings window: each change is seen at once, and is there the next time."""

import json

import numpy as np
import pytest
from person import pixels
from PySide6.QtCore import Qt

from convviz.files.settings import read_settings
from convviz.model.derive import derive_scene
from convviz.ui import dialogs
from convviz.ui.app import make_window


@pytest.fixture
def settings(person):
    person.key("Ctrl+,")
    return person.window.runner.settings


def seen(pane):
    return pixels(pane.grab().toImage())


def is_grey(pane):
    """Return whether the cells of a pane have no colour but that of their frame."""
    geometry = pane.geometry_of(pane.name)
    place = geometry.rect(5, 5).center().toPoint()
    red, green, blue = (int(part) for part in seen(pane)[place.y() + 5, place.x() - 5])
    return max(red, green, blue) - min(red, green, blue) < 8


def test_it_opens_beside_the_window_and_esc_closes_it(person, settings):
    assert settings.isVisible()
    assert not settings.isModal()
    person.window.activateWindow()
    settings.theme.setFocus()
    person.key("Escape")
    assert not settings.isVisible()


def test_a_colour_map_is_seen_in_the_grid_at_once(person, settings):
    assert is_grey(person.stage.input)
    person.choose(settings.unsigned, "Viridis")
    assert not is_grey(person.stage.input)
    assert "viridis" in person.session.view.colours.unsigned


def test_a_signed_map_changes_the_kernel_and_no_map_of_the_list_goes_from_red_to_green(
    person, settings
):
    before = seen(person.stage.kernel)
    for index in range(1, settings.signed.count()):
        person.choose(settings.signed, settings.signed.itemText(index))
        after = seen(person.stage.kernel)
        assert not np.array_equal(before, after)
        before = after


def test_fixed_decimals_reach_equation_status_and_facts(person, settings):
    person.choose(settings.numbers, "Fixed decimals")
    scene = derive_scene(person.session)
    assert scene.sentence.endswith("= 2.00")
    assert scene.kernel.facts[0] == "Σ weights = 0.00"
    assert "1.00" in person.window.status.text()
    settings.decimals.setValue(0)
    assert derive_scene(person.session).sentence.endswith("= 2")


def test_only_the_field_of_the_chosen_format_is_there(person, settings):
    fields = {
        "Exact": settings.fractions,
        "Fixed": settings.decimals,
        "Significant": settings.digits,
    }
    for entry, field in fields.items():
        person.choose(settings.numbers, entry)
        assert [f for f in fields.values() if f.isVisible()] == [field]


def test_without_fractions_a_ninth_is_rounded_and_said_to_be(settings):
    assert "1/9 = 1/9" in settings.sample.text()
    settings.fractions.click()
    assert "1/9 ≈ 0.1111" in settings.sample.text()


def test_the_speed_at_the_start_is_that_of_now_as_well(person, settings):
    person.choose(settings.speed, "16 steps")
    assert person.transport.speed.currentText() == "16 steps/s"


def test_dialogs_begin_in_the_folder_that_was_set(person, settings, monkeypatch, tmp_path):
    asked = []
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: tmp_path)
    person.choose(settings.open_folder, "Choose")
    assert settings.open_folder.currentText() == tmp_path.name
    monkeypatch.setattr(dialogs, "ask_open", lambda _, folder: asked.append(folder))
    person.window.run("open")
    assert asked == [tmp_path]
    person.choose(settings.open_folder, "The last")
    person.window.run("open")
    assert asked[1] != tmp_path


def test_a_folder_that_is_not_chosen_changes_nothing(person, settings, monkeypatch):
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: None)
    person.choose(settings.export_folder, "Choose")
    assert settings.export_folder.currentText() == "The last one used"


def test_reset_brings_everything_back_but_keeps_the_files(person, settings, tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("1,2\n3,4\n")
    person.window.open_path(file)
    person.choose(settings.unsigned, "Magma")
    person.choose(settings.numbers, "Significant")
    person.choose(settings.theme, "Light")
    settings.reset.click()
    view = person.session.view
    assert (view.theme, view.colours.unsigned, view.numbers.kind) == ("system", "grey", "automatic")
    assert person.session.recent == (file,)
    assert settings.unsigned.currentText() == "Grey"


def test_the_list_of_files_can_be_cleared_here_and_in_its_menu(person, settings, tmp_path):
    ways = settings.clear.click, lambda: person.window.recent.actions()[-1].trigger()
    for number, clear in enumerate(ways):
        file = tmp_path / "a.csv"
        file.write_text(f"1,2\n3,{number}\n")
        person.window.open_path(file)
        assert settings.clear.isEnabled()
        clear()
        assert person.session.recent == ()
        assert not settings.clear.isEnabled()
        assert not person.window.recent.isEnabled()


def test_what_was_chosen_is_there_the_next_time(qtbot, tmp_path):
    path = tmp_path / "settings.json"
    window = make_window(settings=path)
    qtbot.addWidget(window)
    window.run("settings")
    settings = window.runner.settings
    for combo, entry in (
        (settings.signed, "vik"),
        (settings.speed, "30"),
        (settings.theme, "light"),
    ):
        combo.setCurrentIndex(combo.findData(entry))
        combo.activated.emit(combo.currentIndex())
    again = make_window(settings=path)
    qtbot.addWidget(again)
    session = again._store.session
    assert session.view.colours.signed == "vik"
    assert session.playback.speed == 30
    assert session.view.theme == "light"
    assert json.loads(path.read_text())["signed"] == "vik"
    assert read_settings(path)[1] is None


def test_an_example_or_a_scene_leaves_colours_and_numbers_alone(person, settings):
    person.choose(settings.signed, "Vik")
    person.choose(settings.numbers, "Fixed decimals")
    person.window.run("new")
    assert person.session.view.colours.signed == "vik"
    assert person.session.view.numbers.kind == "decimals"


def test_controls_have_names(settings):
    for widget in settings.findChildren(type(settings.theme)):
        assert widget.accessibleName()
    assert settings.windowFlags() & Qt.WindowType.Tool

"""The feature map as numbers, and everything as a spreadsheet, from the File menu."""

import numpy as np
import openpyxl
import pytest

from convviz.files.read import read_array
from convviz.model import changes, learn_changes, pages
from convviz.model.document import compute, compute_shown
from convviz.model.examples import open_example
from convviz.ui import dialogs
from convviz.ui.menus import plain


@pytest.fixture
def chooser(person, monkeypatch, tmp_path):
    """A person who answers every dialog with a name in a folder of their own."""

    def choose(name):
        for dialog in ("ask_save_map", "ask_save_updates", "ask_save_spreadsheet"):
            monkeypatch.setattr(
                dialogs, dialog, lambda _parent, _suggested: name and tmp_path / name
            )

    person.choose_file, person.folder = choose, tmp_path
    person.window.export.folder = tmp_path
    return person


def maps(person):
    return compute(person.session.document, person.session.layer).maps


@pytest.mark.parametrize("name", ["map.csv", "map.npy"])
def test_rounding_noise_is_shown_as_0_and_written_as_it_is(chooser, name):
    chooser.apply(changes.set_image, np.array([[0.1, 0.2, -0.3]]), "tenths")
    chooser.apply(changes.set_kernel, np.ones((1, 3)))
    chooser.apply(changes.set_padding, "valid")
    assert compute_shown(chooser.session.document, 0).maps.tolist() == [[[0]]]
    chooser.choose_file(name)
    chooser.window.run("export-map")
    assert read_array(chooser.folder / name).array.ravel().tolist() == [0.1 + 0.2 - 0.3]


@pytest.mark.parametrize("name", ["map.csv", "map.tsv", "map.npy", "map.CSV"])
def test_the_map_that_is_seen_is_written_with_all_its_digits(chooser, name):
    chooser.apply(changes.set_kernel_preset, "blur")
    chooser.choose_file(name)
    chooser.window.run("export-map")
    found = read_array(chooser.folder / name).array
    assert np.array_equal(found.reshape(16, 16), maps(chooser)[0])
    assert chooser.message_text.startswith(f"Exported {name}: ")
    assert chooser.message_button("Show in folder")


def test_a_table_has_the_map_that_is_chosen_and_npy_has_all(chooser):
    chooser.apply(open_example, "lenet")
    chooser.choose_file("one.csv")
    chooser.window.run("export-map")
    assert np.array_equal(read_array(chooser.folder / "one.csv").array, maps(chooser)[0])
    assert "feature map 0 of 6" in chooser.message_text
    chooser.choose_file("all.npy")
    chooser.window.run("export-map")
    assert np.array_equal(np.load(chooser.folder / "all.npy"), maps(chooser))


def test_a_spreadsheet_has_formulas(chooser):
    chooser.choose_file("h.xlsx")
    chooser.window.run("export-spreadsheet")
    book = openpyxl.load_workbook(chooser.folder / "h.xlsx")
    assert book.sheetnames == ["1 Conv 3x3", "About"]
    assert chooser.message_text == "Exported h.xlsx: its cells are formulas"


def test_another_suffix_is_explained_and_nothing_is_written(chooser):
    chooser.choose_file("map.txt")
    chooser.window.run("export-map")
    assert chooser.message_text == "map.txt ends in none of .npy, .csv, .tsv: choose one of them"
    assert not list(chooser.folder.iterdir())


def test_an_image_that_is_too_large_says_so(chooser):
    chooser.apply(changes.set_image, np.zeros((1, 400, 400)), "Large")
    chooser.choose_file("large.xlsx")
    chooser.window.run("export-spreadsheet")
    assert "more than 100,000 cells; scale the input down" in chooser.message_text
    assert not list(chooser.folder.iterdir())


def test_a_dialog_that_is_cancelled_writes_nothing(chooser):
    chooser.choose_file(None)
    for name in ("export-map", "export-spreadsheet"):
        chooser.window.run(name)
    assert chooser.message_text is None
    assert not list(chooser.folder.iterdir())


def test_a_folder_that_is_not_there_says_why(chooser):
    chooser.choose_file("nowhere/map.csv")
    chooser.window.run("export-map")
    assert "the folder does not exist" in chooser.message_text


def test_the_export_menu_begins_with_frames(person):
    file = person.window.menuBar().actions()[0].menu()
    (export,) = [action.menu() for action in file.actions() if plain(action.text()) == "Export"]
    assert [plain(action.text()) for action in export.actions()] == [
        "Frames as PNG…",
        "Feature map as numbers…",
        "Updates as numbers…",
        "Spreadsheet with formulas…",
    ]
    assert export.actions()[0].shortcut().toString() == "Ctrl+E"


@pytest.mark.parametrize("name", ["run.csv", "run.tsv"])
def test_the_updates_of_a_learnt_kernel_are_a_table_that_begins_with_names(chooser, name):
    chooser.apply(pages.show_workspace, "learn")
    chooser.apply(learn_changes.set_setting, "bias", True)
    chooser.choose_file(name)
    chooser.window.run("export-updates")
    run = chooser.session.run
    heads, *lines = (chooser.folder / name).read_text().splitlines()
    separator = "," if name.endswith("csv") else "\t"
    assert heads.split(separator)[:4] == ["update", "loss", "weight_0_0", "weight_0_1"]
    assert heads.split(separator)[-1] == "bias"
    rows = np.array([line.split(separator) for line in lines], float)
    assert np.array_equal(rows[:, 0], np.arange(run.last + 1))
    assert np.array_equal(rows[:, 1], run.losses)
    assert np.array_equal(rows[-1, 2:-1].reshape(3, 3), run.kernel(run.last))
    assert rows[-1, -1] == run.bias(run.last)
    assert chooser.message_text.startswith(f"Exported {name}: loss and weights after each of ")


def test_updates_take_no_other_suffix_and_rest_where_no_kernel_is_learnt(chooser):
    assert not chooser.window.actions_by_name["export-updates"].isEnabled()
    chooser.apply(pages.show_workspace, "learn")
    assert chooser.window.actions_by_name["export-updates"].isEnabled()
    chooser.choose_file("run.npy")
    chooser.window.run("export-updates")
    assert chooser.message_text == "run.npy ends in none of .csv, .tsv: choose one of them"
    assert not list(chooser.folder.iterdir())


@pytest.mark.parametrize(
    "ask", [dialogs.ask_save_map, dialogs.ask_save_updates, dialogs.ask_save_spreadsheet]
)
def test_the_name_that_is_suggested_gives_a_suffix_to_one_without(person, ask, monkeypatch):
    from PySide6.QtWidgets import QFileDialog

    seen = []
    monkeypatch.setattr(QFileDialog, "exec", lambda dialog: seen.append(dialog.defaultSuffix()))
    assert ask(person.window, person.window.export.folder / "h.xlsx") is None
    assert seen == ["xlsx"]

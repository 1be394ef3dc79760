"""Sentences that send a person to a menu name an entry that is there."""

import ast
import re
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMenu

from convviz.model import transitions
from convviz.ui.menus import menu_path, plain

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "convviz").rglob("*.py"))
PAGES = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
ARROW = r"\s*▸\s*"
PATH = re.compile(rf"\b([A-Z]\w+)((?:{ARROW}[A-Z][^▸*\n{{}}]*)+)")


def paths_of_menu(menu, before=""):
    """Yield the path of each entry of a menu, those of menus in it too."""
    for action in menu.actions():
        if action.isSeparator():
            continue
        path = f"{before}{plain(action.text())}"
        yield path
        if isinstance(action.menu(), QMenu):
            yield from paths_of_menu(action.menu(), f"{path} ▸ ")


@pytest.fixture
def paths(person):
    """Return the paths of all entries, as a person reads them."""
    return set(paths_of_menu(person.window.menuBar()))


def sentences(source):
    """Yield the texts in a source."""
    for node in ast.walk(ast.parse(source.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def named_paths(text):
    for found in PATH.finditer(text):
        yield re.sub(ARROW, " ▸ ", found[0])


def is_there(named, paths):
    """Return whether a path begins what is named: the sentence may go on."""
    return any(named == path or re.match(rf"{re.escape(path)}(?!\w)", named) for path in paths
               if path.count("▸") == named.count("▸"))  # fmt: skip


def test_every_entry_that_a_sentence_of_the_program_names_is_there(paths):
    found = [
        (source.name, named)
        for source in SOURCES
        for text in sentences(source)
        for named in named_paths(text)
    ]
    assert found
    assert [each for each in found if not is_there(each[1], paths)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_entry_that_a_page_names_is_there(paths, page):
    text = re.sub(r"\s+", " ", page.read_text(encoding="utf-8"))
    assert [named for named in named_paths(text) if not is_there(named, paths)] == []


def test_a_path_is_made_from_the_command(paths):
    for name in ("disable-layer", "use-counts", "export-map", "weights", "fill-uniform"):
        assert menu_path(name) in paths


def test_the_way_out_of_counts_is_the_entry_that_shows_them(person, paths):
    person.apply(transitions.set_use_counts, True)
    person.click(person.stage.input, (3, 3))
    person.key("7")
    assert person.message_text == (
        f"These are counts: uncheck {menu_path('use-counts')} to type values"
    )
    assert menu_path("use-counts") in paths


def test_a_skipped_layer_tells_where_it_is_enabled(person, paths):
    person.window.run("disable-layer")
    shown = person.panel._layer._skipped.text()
    assert menu_path("disable-layer") in shown
    assert menu_path("disable-layer") in paths


def test_the_tip_of_the_settings_names_the_menu_of_recent_files(person, paths):
    person.window.run("settings")
    tip = person.window.runner.settings.most_recent.toolTip()
    assert any(path in tip for path in paths if path.startswith("File ▸ Open recent"))

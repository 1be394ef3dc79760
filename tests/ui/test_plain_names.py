"""Names from outside that spell markup are shown as they are, wherever they are shown."""

import json

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtGui import Qt as RichText
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QListWidget,
    QMessageBox,
    QTableWidget,
    QToolTip,
    QWidget,
)

from convviz.files.scenes import scene_bytes
from convviz.model import changes, pages, transitions
from convviz.model.session import WORKSPACES, new_session
from convviz.ui import dialogs, plain_text

NAME = "<img src=pix.png> <b>bold</b> R&D"
ESCAPED = "&lt;img src=pix.png&gt; &lt;b&gt;bold&lt;/b&gt; R&amp;D"


def tips(window):
    """Yield every tip of a window: of widgets, actions, and entries of lists, tables and menus."""
    for widget in (window, *window.findChildren(QWidget)):
        yield widget.toolTip()
        match widget:
            case QComboBox():
                for index in range(widget.count()):
                    yield str(widget.itemData(index, Qt.ItemDataRole.ToolTipRole) or "")
            case QListWidget():
                yield from (widget.item(row).toolTip() for row in range(widget.count()))
            case QTableWidget():
                items = (
                    widget.item(row, column)
                    for row in range(widget.rowCount())
                    for column in range(widget.columnCount())
                )
                yield from (item.toolTip() for item in items if item)
    yield from (action.toolTip() for action in window.findChildren(QAction))


def labels(window):
    return window.findChildren(QLabel)


def markup(text):
    """Return whether Qt would read a text as markup with the name's own tags."""
    return RichText.mightBeRichText(text) and ("<img" in text or "<b>" in text)


@pytest.fixture
def named(person_with, tmp_path):
    """Return a person at a scene, in a file, with an array and a change of that name."""
    scene = json.loads(scene_bytes(new_session()))
    scene["image"]["name"] = NAME
    file = tmp_path / "<b>bold<u>.convviz"
    file.write_text(json.dumps(scene))
    person = person_with(file)
    person.apply(changes.set_image, np.ones((5, 5)), f"{NAME} too")
    person.apply(transitions.set_history, True)
    return person


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_no_tip_and_no_label_of_the_window_reads_markup_in_a_name(named, workspace):
    named.apply(pages.show_workspace, workspace)
    found = list(tips(named.window))
    assert any(tip.startswith("<qt>") and "&lt;b&gt;bold" in tip for tip in found)
    assert [tip for tip in found if markup(tip)] == []
    assert [label.text() for label in labels(named.window)
            if label.textFormat() not in (Qt.TextFormat.PlainText, Qt.TextFormat.RichText)
            and label.objectName() != "qt_msgbox_label"] == []  # fmt: skip


def test_the_history_the_input_box_and_the_recent_files_tell_the_name(named):
    listed = named.window.findChild(QListWidget)
    assert listed.item(1).toolTip() == f"<qt>Input {ESCAPED} too</qt>"
    assert listed.item(1).text().endswith(f"Input {NAME} too")
    assert ESCAPED in named.panel.source.toolTip()
    undo = named.window.actions_by_name["undo"]
    assert undo.text() == f"&Undo Input {NAME.replace('&', '&&')} too"


def test_the_table_of_an_archive_tells_the_name(person, tmp_path):
    path = tmp_path / "many.npz"
    np.savez(path, **{"<b>bold<u>": np.ones((3, 3)), "plain": np.ones((3, 3))})
    person.window.open_path(path)
    found = list(tips(person.window))
    assert "<qt>&lt;b&gt;bold&lt;u&gt;</qt>" in found
    assert [tip for tip in found if markup(tip)] == []


def test_a_question_about_a_scene_shows_its_name_as_it_is(person, monkeypatch):
    monkeypatch.undo()
    seen = []

    def answered(box):
        seen.append((box.text(), box.textFormat()))
        return QMessageBox.StandardButton.Discard

    monkeypatch.setattr(QMessageBox, "exec", answered)
    assert dialogs.ask_unsaved(person.window, NAME) == "discard"
    assert seen == [(f"Save the changes to “{NAME}”?", Qt.TextFormat.PlainText)]


def test_a_tip_on_the_screen_says_what_is_written(person):
    for text in (NAME, "2 < 3", "one\ntwo <i>three</i>"):
        plain_text.show_tip(QPoint(10, 10), text, person.window)
        shown = QToolTip.text()
        expected = plain_text.as_tip(text)
        assert shown == expected
        assert not markup(shown)
    QToolTip.hideText()
    QApplication.processEvents()

"""A number that is typed without Enter goes where it was meant, whatever is done next."""

import pytest
from PySide6.QtWidgets import QAbstractSpinBox

from convviz.files.scenes import read_scene
from convviz.model import cell_changes, pages, stacking, transitions
from convviz.model.document import same_document
from convviz.model.session import Message
from convviz.model.transitions import restore, show_message
from convviz.ui import dialogs
from convviz.ui.commands import COMMANDS
from convviz.ui.editable_pane import EditablePane
from convviz.ui.list_field import ListField

OPENS_A_WINDOW = {
    *("quit", "full-screen", "shortcuts", "padding-rules", "train", "settings", "examples"),
    *("weights", "open", "open-target", "learn-from-file", "save", "save-as", "copy-frame"),
}
HIDES_FIELDS = (
    *("workspace-convolve", "workspace-signals", "workspace-layers", "workspace-learn"),
    *("new", "undo", "redo", "escape"),
    "fill-mirror",  # which changes nothing as long as the cell is not typed into
    "add-map",  # which is impossible once there are two groups of one channel
    "theme-light",  # whose style sheet makes number fields write their value again
)
TOUCHED = (cell_changes.type_into, "kernel", (0, 0), 3.0)  # so that there is something to undo
STARTS = {
    "convolve": [(pages.show_workspace, "convolve")],
    "signals": [(pages.show_workspace, "signals")],
    "layers": [(pages.show_workspace, "layers")],
    "learn": [(pages.show_workspace, "learn")],
    "transpose": [(stacking.set_kind, "transpose")],
    "max": [(stacking.set_kind, "max")],
    "avg": [(stacking.set_kind, "avg")],
    "layers of signals": [(pages.show_workspace, "signals"), (pages.show_workspace, "layers")],
}


@pytest.fixture
def quiet(person, monkeypatch):
    """The person's window, in which no file is asked for."""
    for ask in (name for name in vars(dialogs) if name.startswith("ask_")):
        if ask != "ask_unsaved":
            monkeypatch.setattr(dialogs, ask, lambda *_: None)
    return person


def begin(person, start):
    for transition, *arguments in (TOUCHED, *STARTS[start]):
        person.apply(transition, *arguments)
    return person.session


def fields_of(person):
    """Return the names of all number fields and grids that a person can type into."""
    fields = [box.accessibleName() for box in boxes_of(person) if box.isEnabled()]
    return fields + [grid.title for grid in grids_of(person) if not grid.read_only]


def boxes_of(person):
    boxes = [*person.window.findChildren(QAbstractSpinBox), *person.window.findChildren(ListField)]
    return [box for box in boxes if box.isVisible()]


def grids_of(person):
    return [grid for grid in person.window.findChildren(EditablePane) if grid.isVisible()]


def type_into(person, name, text):
    """Select a field or the first cell of a grid, and type, without Enter."""
    grid = next((grid for grid in grids_of(person) if grid.title == name), None)
    if grid is not None:
        person.click(grid, (0, 0), "input" if name == "Signals" else None)
    else:
        box = next(box for box in boxes_of(person) if box.accessibleName() == name)
        box.setFocus()
        box.selectAll()
    person.type(text)


def do(person, command):
    person.window.actions_by_name[command].trigger()
    person.apply(show_message, Message("That is all"))  # nothing waits to be shown


def same(one, other):
    return (
        same_document(one.document, other.document)
        and (one.attempt is None) == (other.attempt is None)
        and one.view.workspace == other.view.workspace
        and (one.aside is None) == (other.aside is None)
        and (one.aside is None or same_document(one.aside.document, other.aside.document))
    )


def keeps_what_does_not_fit(entered, left):
    """Return whether a number that fits nothing is still there, where Enter has it withdrawn.

    A command that changes nothing does not withdraw what is typed after it.
    """
    return left.attempt is not None and same_document(entered.document, left.document)


def assert_enter_makes_no_difference(person, start, name, commands, text="2"):
    """Typing and then a command comes to the same as typing, Enter, and then the command."""
    before = begin(person, start)
    lost = []
    enabled = [c for c in commands if person.window.actions_by_name[c].isEnabled()]
    for command in enabled:
        found = []
        for key in ("Return", ""):
            person.apply(restore, before)
            type_into(person, name, text)
            if key:
                person.key(key)
            do(person, command)
            person.window._store.finish_typing()  # a step of playback leaves it in its field
            found.append(person.session)
            person.apply(restore, before)
        if not (same(*found) or keeps_what_does_not_fit(*found)):
            lost.append(command)
    assert not lost, f"{text} typed into {name} ({start}) is lost by {', '.join(lost)}"


@pytest.mark.parametrize("start", STARTS)
def test_a_number_typed_without_enter_survives_what_hides_its_field(quiet, start):
    before = begin(quiet, start)
    for name in fields_of(quiet):
        assert_enter_makes_no_difference(quiet, start, name, HIDES_FIELDS)
        quiet.apply(restore, before)


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("start", STARTS)
def test_a_number_typed_without_enter_survives_every_command(quiet, start):
    commands = [
        name
        for name, command in COMMANDS.items()
        if name not in OPENS_A_WINDOW and command.transition is not None
    ]
    before = begin(quiet, start)
    for name in fields_of(quiet):
        assert_enter_makes_no_difference(quiet, start, name, commands)
        quiet.apply(restore, before)


def test_a_cell_being_typed_is_taken_over_before_another_workspace_opens(person):
    person.click(person.stage.input, (6, 6))
    person.type("5")
    person.key("Alt+2")
    assert person.session.view.workspace == "signals"
    person.key("Alt+1")
    assert person.session.document.image[0, 5, 5] == 5
    assert person.focus is not person.stage.input._editor


def test_what_is_no_number_is_told_when_another_workspace_opens(person):
    person.click(person.stage.input, (6, 6))
    person.type("5x")
    person.key("Alt+2")
    assert "5x" in person.message_text
    assert all(pane.isVisible() for pane in person.stage.panes)
    assert person.stage.panes[0] is person.stage.stems
    assert not person.stage.input.isVisible()


def test_what_is_being_typed_is_saved_and_asked_about(person, tmp_path, monkeypatch, questions):
    path = tmp_path / "typed.convviz"
    monkeypatch.setattr(dialogs, "ask_save_scene", lambda *_: path)
    person.click(person.stage.input, (6, 6))
    person.type("5")
    person.window.actions_by_name["save-as"].trigger()
    assert read_scene(path).document.image[0, 5, 5] == 5
    person.click(person.stage.input, (6, 7))
    person.type("7")
    questions.answer = "cancel"
    person.window.close()
    assert questions.names == ["typed"]
    assert person.session.document.image[0, 5, 6] == 7


def test_what_is_being_typed_is_kept_when_the_program_is_told_to_end(person):
    person.click(person.stage.input, (6, 6))
    person.type("5")
    person.window.leaving = True  # as a signal does: nobody is asked
    person.window.close()
    assert person.session.document.image[0, 5, 5] == 5


def test_a_change_that_is_asked_for_while_another_is_shown_waits_its_turn(person):
    store, seen = person.window._store, []

    def ask(session):
        if not seen:
            store.apply(transitions.seek, 7)
        seen.append(session.playhead.step)

    store.changed.connect(ask)
    store.apply(transitions.seek, 3)
    assert seen == [3, 7]
    assert person.session.playhead.step == 7
    assert person.step_text.startswith("step 8")


def test_a_change_that_cannot_be_shown_is_not_made(person, monkeypatch, qtbot):
    person.click(person.stage.input, (6, 6))
    before, picture = person.session.document, person.picture(person.stage)
    shown = person.panel.show_session

    def fails_with_a_nine(session, scene, theme):
        shown(session, scene, theme)
        if session.document.image.max() == 9:
            raise ZeroDivisionError

    monkeypatch.setattr(person.panel, "show_session", fails_with_a_nine)
    with qtbot.captureExceptions() as exceptions:
        person.apply(cell_changes.type_into, "input", (0, 0), 9.0)
    assert [kind for kind, *_ in exceptions] == [ZeroDivisionError]
    assert same_document(person.session.document, before)
    assert (person.picture(person.stage) == picture).all()


def test_the_badge_says_nothing_of_a_map_that_could_not_be_shown(person, monkeypatch, qtbot):
    def fails(*_):
        raise ZeroDivisionError

    with monkeypatch.context() as patches, qtbot.captureExceptions():
        patches.setattr(person.stage, "render_scene", fails)
        person.apply(cell_changes.type_into, "input", (0, 0), 9.0)
    assert person.window.verify.text() == "not shown"


def test_playing_does_not_end_what_is_being_typed(person):
    person.click(person.stage.input, (6, 6))
    person.apply(transitions.toggle_playing)
    person.type("1")
    person.wait(0.5)
    assert person.session.playhead.step > 0
    person.type("2")
    person.key("Return")
    assert person.session.document.image[0, 5, 5] == 12

"""Revert, New, Open, Undo, Redo from every workspace and page: what is looked at is there."""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from convviz.files.recovery import keep_work, read_work
from convviz.files.scenes import read_scene, scene_bytes
from convviz.model import changes, filing, pages, stacking, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import same_document
from convviz.model.history import History
from convviz.model.invariants import broken_invariants
from convviz.model.learning import Learner
from convviz.model.session import (
    WORKSPACES,
    Playhead,
    Session,
    Target,
    all_between,
    new_session,
    one_selected,
)

FILE, OTHER = Path("scene.convviz"), Path("other.convviz")


def worked_on(workspace, rank):
    """Return a session with saved and unsaved work on both pages, far from where they begin."""
    session = saved(new_session())
    for page in (rank, 3 - rank, rank):  # the first page is left in the middle of its changes
        session = stacking.focus_layer(pages.on_page(session, page), 0)
        session = changes.set_cell(session, "input", (0, 0), 7.0)
        session = stacking.append_layer(session, "conv")
        session = stacking.set_output_channels(session, 3)
        session = stacking.append_layer(session, "conv")
        session = transitions.choose_kernel(transitions.last(session), 0, 2)
        session = transitions.next_term(transitions.last(session))
        session = transitions.select(session, Target("kernel", (0, 2)))
        session = transitions.pin(session, Target("output", session.nearest("output", (99, 99))))
    return pages.show_workspace(session, workspace)


def saved(session, file=FILE):
    return filing.mark_saved(session, session.document, file)


def opened(session):
    return filing.open_scene(session, new_session(), FILE)


def undone(session):
    while session.history.past:
        session = changes.undo(session)
        assert broken_invariants(session) == ()
    return session


def redone(session):
    session = undone(session)
    while session.history.future:
        session = changes.redo(session)
        assert broken_invariants(session) == ()
    return session


WAYS = {
    "Revert": filing.revert,
    "New": filing.new_scene,
    "Open": opened,
    "Undo": undone,
    "Redo": redone,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(("workspace", "rank"), list(product(WORKSPACES, (1, 2))))
def test_whatever_goes_back_leaves_both_pages_to_be_seen_saved_and_opened(workspace, rank, way):
    session = worked_on(workspace, rank)
    assert broken_invariants(session) == ()
    there = WAYS[way](session)
    for shown in (there, pages.show_workspace(there, "signals"), pages.on_page(there, 2)):
        assert broken_invariants(shown) == ()
        assert derive_scene(shown).sentence
        again = read_scene(scene_bytes(shown))
        assert broken_invariants(again) == ()
        assert scene_bytes(again) == scene_bytes(shown)
        assert scene_bytes(undone(shown))


@pytest.mark.parametrize("rank", [1, 2])
def test_revert_leaves_the_page_aside_which_is_in_another_file_as_it_is(rank):
    session = worked_on("layers", rank)
    shown = saved(pages.on_page(session, 3 - rank), OTHER)
    edited = changes.set_bias(shown, 5.0)
    there = filing.revert(edited)
    assert there.aside is edited.aside
    assert there.is_modified
    assert there.is_saved
    assert same_document(there.document, shown.document)


@pytest.mark.parametrize("rank", [1, 2])
def test_saving_a_page_saves_no_other_and_forgets_none(rank):
    session = worked_on("layers", rank)
    work = session.document
    both = saved(pages.on_page(session, 3 - rank), OTHER)
    assert read_scene(scene_bytes(both)).aside is None
    assert both.is_saved
    assert both.is_modified
    back = pages.on_page(both, rank)
    assert not back.is_saved
    assert back.document is work
    third = Path("third.convviz")
    other = saved(back, third)
    assert not other.is_modified
    assert (other.file, other.aside.file) == (third, OTHER)


def test_a_page_that_is_saved_into_the_file_of_the_other_does_not_take_its_place():
    session = saved(worked_on("layers", 2))
    session = pages.on_page(session, 1)
    assert read_scene(scene_bytes(filing.bound_for(session, OTHER))).aside is None
    again = read_scene(scene_bytes(filing.bound_for(session, FILE)))
    assert same_document(again.aside.document, session.aside.document)
    marked = saved(session)
    assert not marked.is_modified
    assert scene_bytes(marked) == scene_bytes(filing.bound_for(session, FILE))


@pytest.mark.parametrize("rank", [1, 2])
def test_a_scene_that_came_with_both_pages_keeps_both(rank):
    session = replace(worked_on("layers", rank), together=True, file=None)
    session = replace(session, aside=replace(session.aside, file=None))
    there = filing.open_scene(new_session(), read_scene(scene_bytes(session)), FILE)
    assert not there.is_modified
    edited = changes.set_bias(pages.on_page(there, 3 - rank), 5.0)
    assert not pages.on_page(edited, rank).is_saved
    marked = filing.mark_saved(edited, edited.document, FILE)
    assert not marked.is_modified
    again = read_scene(scene_bytes(marked))
    assert same_document(again.document, marked.document)
    assert same_document(again.aside.document, marked.aside.document)


def test_an_image_that_is_opened_instead_leaves_the_file_to_the_other_page():
    session = replace(worked_on("layers", 2), together=True, file=None)
    session = replace(session, aside=replace(session.aside, file=None))
    there = filing.open_scene(new_session(), read_scene(scene_bytes(session)), FILE)
    opened_image = changes.open_document(there, pages.first_page(2).document)
    assert opened_image.file is None
    assert not opened_image.shares_file
    assert opened_image.aside.file == FILE


@pytest.mark.parametrize("rank", [1, 2])
def test_work_that_was_kept_is_unsaved_on_both_pages(rank, tmp_path):
    session = worked_on("layers", rank)
    keep_work(tmp_path / "run.work", session, FILE)
    found, name = read_work(tmp_path / "run.work")
    there = filing.recover(new_session(), found, name)
    assert same_document(there.document, session.document)
    assert same_document(there.aside.document, session.aside.document)
    marked = filing.mark_saved(there, there.document, FILE)
    assert marked.is_saved
    assert marked.is_modified
    other = pages.on_page(marked, 3 - rank)
    assert other.recovered == Path({1: "scene-images.convviz", 2: "scene-signals.convviz"}[rank])


def test_a_page_that_was_only_looked_at_is_no_work_after_a_crash(tmp_path):
    session = filing.choose_input(pages.show_workspace(new_session(), "signals"), "tone")
    session = changes.set_bias(pages.on_page(session, 2), 5.0)
    keep_work(tmp_path / "run.work", session, FILE)
    there = filing.recover(new_session(), *read_work(tmp_path / "run.work"))
    assert there.aside.document.image.size == 2000
    assert not filing.mark_saved(there, there.document, FILE).is_modified


def test_samples_of_another_tab_are_not_in_the_scene_of_an_image():
    session = filing.choose_input(pages.show_workspace(new_session(), "signals"), "tone")
    session = filing.choose_input(pages.on_page(session, 2), "lecture-5x5")
    assert len(scene_bytes(session)) < 2000
    assert b"Plucked" not in scene_bytes(session)


@pytest.mark.parametrize("rank", [1, 2])
def test_revert_goes_back_on_both_pages_of_one_file_and_undo_leads_to_the_work(rank):
    session = worked_on("layers", rank)
    session = replace(session, file=FILE, aside=replace(session.aside, file=FILE))
    work, kept = session.document, session.saved
    session = filing.revert(pages.on_page(session, 3 - rank))
    assert not session.is_modified
    back = pages.on_page(session, rank)
    assert same_document(back.document, kept)
    assert (back.layer, back.playhead.term) == (0, None if rank == 1 else back.playhead.term)
    assert changes.undo(back).document is work


def test_revert_of_what_is_as_it_was_saved_changes_nothing():
    session = saved(pages.show_workspace(new_session(), "signals"))
    assert filing.revert(session) is session


def test_a_signal_chosen_beside_unsaved_images_is_kept_apart_from_them():
    session = changes.set_cell(new_session(), "input", (0, 0), 7.0)
    images = session.saved
    session = filing.choose_input(session, "1-to-5")
    session = filing.choose_input(session, "pulse")
    assert session.is_modified
    assert broken_invariants(session) == ()
    back = filing.revert(session)
    assert back.rank == session.rank
    assert pages.on_page(back, 3 - back.rank).document is images


def test_a_channel_that_the_image_has_no_more_is_not_looked_at():
    session = changes.set_image(new_session(), np.ones((3, 5, 5)), "Colours")
    session = transitions.choose_source(session, 2)
    session = changes.set_image(session, np.ones((5, 5)), "Grey")
    assert session.source == 0
    assert broken_invariants(session) == ()


OPEN, FIRST = "the open page: ", new_session()
BROKEN = {
    f"{OPEN}there is no such layer": {"layer": 1},
    f"{OPEN}there is no such input channel": {"source": 1},
    f"{OPEN}there is no such step": {"playhead": Playhead(256)},
    f"{OPEN}its step has no such term": {"playhead": Playhead(0, 9)},
    f"{OPEN}what was saved belongs to the other page": {
        "saved": pages.first_page(1).document
    },
    f"{OPEN}its history belongs to the other page": {
        "history": History().push("Image", pages.first_page(1).document)
    },
    "the page aside: there is no such layer": {"aside": replace(pages.first_page(1), layer=2)},
    "both pages have the same number of axes": {"aside": pages.first_page(2)},
    "the workspace shows the other page": {"view": replace(FIRST.view, workspace="signals")},
    "a document that fits is an attempt": {"attempt": FIRST.document},
    "there is no such cell under the mouse": {"hover": Target("input", (16, 0))},
    "there is no such cell to be pinned": {"pin": Target("kernel", (0, 3))},
    "there are no such cells to be selected": {"selection": one_selected("input", (0, 16))},
    "the kernel is turned beyond its flip": {"turn": 1.5},
}  # fmt: skip


@pytest.mark.parametrize("text", BROKEN)
def test_what_does_not_hold_is_said(text):
    assert broken_invariants(FIRST) == ()
    assert broken_invariants(replace(FIRST, **BROKEN[text])) == (text,)


def test_a_run_that_became_shorter_is_looked_at_where_it_ends():
    session = replace(pages.show_workspace(FIRST, "learn"), learner=Learner(step=10**6, term=99))
    assert broken_invariants(session) == ()
    assert derive_scene(session).learn.run


def test_a_block_that_reaches_beyond_the_cells_is_broken():
    block = all_between("input", range(15, 17), range(2))
    assert broken_invariants(replace(Session(FIRST.document), selection=block))

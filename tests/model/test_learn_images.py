"""A kernel that is learnt from several images, by layers of every kind."""

from dataclasses import replace

import numpy as np
import pytest

from convviz.engine.inputs import INPUTS
from convviz.files.scenes import read_scene, scene_bytes
from convviz.model import changes, learn_changes, pages, transitions
from convviz.model.changes import undo
from convviz.model.derive import derive_scene
from convviz.model.document import same_document
from convviz.model.learning import MOST_IMAGES
from convviz.model.session import new_session

LAYERS = [
    {"padding": "same"},
    {"padding": "full", "padding_mode": "replicate"},
    {"padding": "same", "padding_mode": "circular", "flip": True},
    {"stride": 2},
    {"stride": 2, "padding": "same_upper", "dilation": 2},
    {"flip": True},
    {"dilation": 3, "flip": True},
]


@pytest.fixture
def session():
    return pages.show_workspace(new_session(), "learn")


def run(session):
    return derive_scene(session).learn.run


def image(session):
    return derive_scene(session).learn.image


def with_image(session, name):
    return learn_changes.add_image(session, INPUTS[name].image, INPUTS[name].title)


def with_layer(session, settings):
    for name, value in settings.items():
        session = learn_changes.set_geometry(session, name, value)
    return session


def test_a_second_image_tells_what_the_first_cannot(session):
    stripes = changes.set_input_preset(session, "stripes")
    assert run(stripes).insight.lines[0].startswith("It determines 3 of 9")
    both = with_image(stripes, "letter-h")
    assert run(both).insight.lines[0].startswith("It determines 9 of 9")
    last = transitions.last(learn_changes.set_setting(both, "steps", 5_000))
    assert run(last).film.detail.startswith("The kernel is found")


def test_an_image_that_is_added_is_shown_with_its_maps(session):
    both = with_image(session, "lecture-5x5")
    assert image(both).detail == "5 × 5 · 2 of 2"
    assert run(both).target.cells.shape == run(both).error.cells.shape == (3, 3)
    first = learn_changes.show_image(both, 0)
    assert image(first).detail == "16 × 16 · 1 of 2"
    assert run(first).target.cells.shape == (14, 14)
    assert run(first).target.cells.scale == run(both).target.cells.scale


def test_images_are_taken_out_and_brought_back(session):
    both = learn_changes.turned_image(session)
    np.testing.assert_array_equal(image(both).cells.values, np.rot90(image(session).cells.values))
    one = learn_changes.drop_image(both)
    assert same_document(one.document, session.document)
    assert learn_changes.drop_image(one) is one
    again = undo(one)
    assert len(again.document.learning.more) == 1


def test_there_is_an_end_to_images(session):
    for _ in range(MOST_IMAGES):
        session = with_image(session, "lecture-5x5")
    assert len(session.document.learning.more) == MOST_IMAGES - 1
    assert session.message.text == "A kernel is learnt from 8 images at most"


def test_a_map_of_your_own_belongs_to_one_image(session):
    refused = learn_changes.own_target(with_image(session, "edge"))
    assert refused.document.learning.target is None
    assert refused.message.text.startswith("A map of your own belongs to one image")
    refused = with_image(learn_changes.own_target(session), "edge")
    assert not refused.document.learning.more
    assert "let a hidden kernel make the targets" in refused.message.text


def test_terms_lead_through_all_images(session):
    session = transitions.explain_weight(with_image(session, "lecture-5x5"), (1, 1))
    session = learn_changes.show_image(session, 0)
    seen = []
    for _ in range(session.stage_count - 2):
        session = transitions.next_term(session)
        seen.append(image(session).detail.rpartition(" · ")[2])
    assert seen[1] == "1 of 2"
    assert seen[-1] == "2 of 2"
    assert seen[1:] == sorted(seen[1:])


@pytest.mark.parametrize("settings", LAYERS)
def test_terms_are_cells_of_the_image_times_errors_and_add_up(session, settings):
    session = changes.set_input_preset(session, "edge")
    session = with_layer(with_image(session, "digit-7"), settings)
    shown = run(session)
    weight = (0, 2)
    gradient = next(grid for grid in shown.update.grids if grid.pane == "gradient")
    session = transitions.explain_weight(session, weight)
    total = 0.0
    for stage in range(1, session.stage_count - 1):
        scene = derive_scene(transitions.seek(session, 0, stage)).learn
        (row,), (column,) = scene.run.error.lit.rows, scene.run.error.lit.columns
        cell = 0.0
        if scene.image.lit is not None:
            (y,), (x,) = scene.image.lit.rows, scene.image.lit.columns
            cell = scene.image.cells.values[y, x]
            assert y in scene.image.window.rows
            assert x in scene.image.window.columns
        total += cell * scene.run.error.cells.values[row, column]
    windows = session.run.task.columns.shape[1]
    assert gradient.cells.values[weight] == pytest.approx(2 / windows * total, abs=1e-8)


@pytest.mark.parametrize("settings", LAYERS)
def test_layers_of_every_kind_find_the_kernel(session, settings):
    session = learn_changes.set_setting(with_image(session, "digit-7"), "steps", 5_000)
    session = with_layer(session, settings)
    last = transitions.last(session)
    assert run(last).film.detail.startswith("The kernel is found")


def test_a_bias_is_learnt_and_told(session):
    session = learn_changes.own_target(session)
    target = session.document.learning.target + 3
    session = learn_changes.with_learnt(session, "target", target, "Three more")
    assert run(session).update.note == ""
    session = learn_changes.set_setting(session, "bias", True)
    assert run(session).update.note.startswith("bias 0 → ")
    session = learn_changes.set_setting(session, "steps", 20_000)
    assert run(transitions.last(session)).update.note == "bias 3 → 3"
    assert run(transitions.seek(session, 0, 0)).update.note == "bias 0"


def test_the_kernel_of_convolve_2d_can_be_hidden(session):
    typed = changes.set_kernel(session, [[1, 2, 3], [0, 5, 0], [7, 0, 9]], "Type a kernel")
    hidden = learn_changes.hide_kernel(typed)
    assert derive_scene(hidden).title == "Letter H · learn a kernel of your own"
    assert hidden.document.learning.hidden == "own"
    last = transitions.last(hidden)
    np.testing.assert_allclose(
        run(last).kernel.cells.values, [[1, 2, 3], [0, 5, 0], [7, 0, 9]], atol=1e-6
    )
    again = changes.set_kernel(hidden, [[1, 0], [0, 1]], "Type a kernel")
    assert run(again).target.cells is not None
    assert again.document.learning.kernel.shape == (3, 3)


def test_a_map_of_your_own_is_cut_to_the_layer(session):
    session = learn_changes.set_geometry(learn_changes.own_target(session), "padding", "same")
    assert session.document.learning.target.shape == (16, 16)
    session = learn_changes.set_geometry(session, "stride", 3)
    assert session.document.learning.target.shape == (6, 6)
    refused = learn_changes.set_geometry(
        learn_changes.set_geometry(session, "padding", "valid"), "dilation", 8
    )
    assert refused.document.learning.dilation == 1
    assert refused.message.text.startswith("The kernel would be larger than the image")


def test_a_map_as_large_as_the_image_fits_with_padding(session):
    session = learn_changes.set_geometry(session, "padding", "same")
    drawn = np.arange(256.0).reshape(16, 16)
    target = learn_changes.set_target(session, drawn, "edges.png").document.learning.target
    np.testing.assert_array_equal(target, drawn)


def test_scenes_keep_images_layer_and_hidden_kernel(session):
    session = with_image(with_image(session, "edge"), "lecture-5x5")
    session = with_layer(learn_changes.hide_kernel(session), LAYERS[4])
    for name, value in (("bias", True), ("betas", (0.8, 0.99)), ("optimizer", "adam")):
        session = learn_changes.set_setting(session, name, value)
    found = read_scene(scene_bytes(session))
    assert same_document(found.document, session.document)
    assert found.learner == replace(session.learner, image=2)
    assert len(found.document.learning.more) == 2


def test_an_image_smaller_than_the_kernel_is_refused_and_the_run_goes_on():
    session = pages.show_workspace(new_session(), "learn")
    refused = learn_changes.add_image(session, np.eye(2), "tiny.csv")
    assert refused.document is session.document
    assert "2 × 2 cells, too few for a kernel of 3 × 3" in refused.message.text
    padded = learn_changes.set_setting(session, "padding", 1)
    assert len(learn_changes.add_image(padded, np.eye(2), "t").document.learning.more) == 1

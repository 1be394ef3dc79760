"""The history: every change by name, any of them in one go, bounded by bytes."""

import gc
import weakref
from itertools import permutations

import numpy as np
import pytest

from convviz.engine.layers import Conv
from convviz.model import changes, history, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document
from convviz.model.session import new_session

MIB = 2**20


def done(*steps):
    session = new_session()
    for step, *arguments in steps:
        session = step(session, *arguments)
    return session


@pytest.fixture
def five():
    return done(
        (changes.set_kernel_preset, "blur"),
        (changes.set_stride, (2, 2)),
        (changes.set_bias, 1.0),
        (changes.set_input_preset, "digit-7"),
        (changes.set_padding_mode, "reflect"),
    )


def documents(session):
    """Return the document before the first change and after each."""
    counts = range(len(session.history.names) + 1)
    return [changes.go_in_history(session, count).document for count in counts]


def test_every_change_is_named_in_order(five):
    assert five.history.names == (
        "Kernel Blur (plus)", "Stride", "Bias", "Input Digit 7", "Fill",
    )  # fmt: skip


def test_the_names_stay_while_the_present_moves(five):
    for count in (2, 5, 0, 3):
        gone = changes.go_in_history(five, count)
        assert gone.history.names == five.history.names
        assert len(gone.history.past) == count


@pytest.mark.parametrize("start", [0, 2, 5])
@pytest.mark.parametrize("count", range(6))
def test_going_there_is_undo_or_redo_until_there(five, start, count):
    at = changes.go_in_history(five, start)
    gone = changes.go_in_history(at, count)
    step = changes.undo if count < start else changes.redo
    for _ in range(abs(count - start)):
        at = step(at)
    assert gone.document is at.document
    assert [c.name for c in gone.history.past] == [c.name for c in at.history.past]


def test_beyond_the_ends_is_the_end(five):
    assert changes.go_in_history(five, 99).document is five.document
    assert changes.go_in_history(five, -3).document is documents(five)[0]


def test_the_playhead_stays_where_it_is():
    session = done((changes.set_kernel_preset, "blur"), (transitions.seek, 40))
    assert changes.go_in_history(session, 0).playhead.step == 40


def test_a_setting_that_does_not_fit_goes_first(five):
    invalid = changes.set_dilation(five, (40, 40))
    assert invalid.attempt is not None
    gone = changes.go_in_history(invalid, 5)
    assert gone.attempt is None
    assert gone.document is five.document


def test_an_arrow_that_is_held_is_one_step_and_another_layer_another():
    session = done(*((changes.set_stride, (n, n)) for n in (2, 3, 4)))
    assert session.history.names == ("Stride",)
    image = np.zeros((1, 12, 12))
    two = Document(image, "Two", (Conv(np.ones((2, 1, 2, 2))), Conv(np.ones((1, 2, 2, 2)))))
    session = new_session(two)
    session = changes.set_stride(session, (2, 2))
    session = transitions.replace(session, layer=1)
    session = changes.set_stride(session, (2, 2))
    assert session.history.names == ("Stride", "Stride")


FIELDS = {
    changes.set_stride: ((2, 2), (3, 3)),
    changes.set_dilation: ((2, 2), (3, 3)),
    changes.set_padding: ((2, 2), (3, 3)),
    changes.set_kernel_size: ((2, 2), (3, 4)),
    changes.set_bias: (2.0, 3.0),
    changes.set_padding_value: (2.0, 3.0),
}


@pytest.mark.parametrize(("one", "other"), list(permutations(FIELDS, 2)))
def test_changes_of_different_fields_are_different_steps(one, other):
    start = new_session(Document(np.zeros((1, 20, 20)), "One", (Conv(np.ones((1, 1, 3, 3))),)))
    session = start
    for step, number in ((one, 0), (other, 0), (one, 1), (one, 0), (other, 1), (other, 0)):
        session = step(session, FIELDS[step][number])
    assert len(session.history.past) == 4
    for _ in range(4):
        session = changes.undo(session)
    assert session.document is start.document


def test_the_bias_of_another_map_is_another_step():
    session = new_session(Document(np.zeros((1, 4, 4)), "Maps", (Conv(np.ones((2, 1, 2, 2))),)))
    session = changes.set_bias(changes.set_bias(session, 1.0), 2.0)
    session = changes.set_bias(transitions.choose_channel(session, 1), 3.0)
    assert session.history.names == ("Bias", "Bias")


def held(session):
    """Return the bytes of all arrays that undo and redo hold, each once."""
    arrays = {
        id(array): array
        for change in (*session.history.past, *session.history.future)
        for array in history._arrays(change.document)
    }
    return sum(array.nbytes for array in arrays.values())


def test_large_images_leave_no_more_behind_than_the_limit():
    session = new_session()
    for number in range(6):
        image = np.full((4096, 4096), number, np.float32)  # 64 MiB
        session = changes.set_image(session, image, f"Image {number}")
        assert held(session) <= history.LARGEST_BYTES
    assert len(session.history.past) == 3  # and a few weights
    assert changes.undo(session).document.image[0, 0, 0] == 4


def test_an_image_that_many_steps_share_counts_once():
    session = changes.set_image(new_session(), np.ones((4096, 4096), np.float32), "Ones")
    for number in range(50):
        session = changes.set_kernel_preset(session, ("blur", "sobel-x")[number % 2])
    assert len(session.history.past) == 51
    assert held(session) < 65 * MIB


def test_large_weights_count_as_well():
    weight = np.zeros((256, 512, 7, 7))  # 49 MiB
    session = new_session(Document(np.ones((512, 7, 7)), "Deep", (Conv(weight),)))
    for seed in range(7):
        session = changes.randomise_kernel(session, seed)
    assert len(session.history.past) == 5
    assert held(session) <= history.LARGEST_BYTES


def test_what_was_derived_of_older_images_is_let_go():
    session, gone = new_session(), []
    for number in range(5):
        session = changes.set_image(session, np.full((64, 64), number), f"Image {number}")
        scene = derive_scene(session)
        gone.append([weakref.ref(cells) for cells in (scene.input.cells, scene.output.cells)])
        del scene
    gc.collect()
    assert [[ref() is None for ref in refs] for refs in gone[:3]] == [[True, True]] * 3

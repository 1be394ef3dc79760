"""Frames of a training: one scale for all maps, one for all kernels, the same in all frames."""

import numpy as np
import pytest
from looks import pixels
from PySide6.QtCore import QSize

import convviz
from convviz.engine.descent import Descent
from convviz.engine.learning import learn_task, targets_of
from convviz.model.learn_film import LearnFilm
from convviz.render.film_painter import learn_image
from convviz.render.theme import DARK, LIGHT

LETTER_H = convviz.INPUTS["letter-h"].image
SOBEL = convviz.KERNELS["sobel-x"].kernel[None, None]
SIZE = QSize(1280, 720)


def film_of(image, hidden, name="Letter H", **settings):
    (target,) = targets_of([image], hidden)
    return LearnFilm(learn_task([image], [target], hidden.shape[2:], **settings), name, hidden)


@pytest.fixture(scope="module")
def film():
    return film_of(LETTER_H, SOBEL, steps=100)


@pytest.mark.parametrize(("theme", "number"), [(DARK, 1), (LIGHT, 10)])
def test_a_frame_looks_as_it_did(golden, film, theme, number):
    frame = [*film.frames(10)][number]
    golden(learn_image(frame, SIZE, 1, theme), f"learning-{theme.name}")


def test_every_tenth_update_and_the_last_have_a_frame(film):
    assert film.steps(30) == (0, 30, 60, 90, 100)
    titles = [frame.title for frame in film.frames(30)]
    assert titles[0] == "Letter H: update 0 of 100"
    assert titles[-1] == "Letter H: update 100 of 100"
    assert [frame.loss.at for frame in film.frames(30)] == [0, 30, 60, 90, 100]


def test_numbers_mean_the_same_in_all_frames(film):
    scales = {}
    for frame in film.frames(50):
        for card in (*frame.maps, *frame.kernels):
            scales.setdefault(card.title, set()).add(card.cells.scale)
    assert {len(found) for found in scales.values()} == {1}
    assert scales["Target"] == scales["Prediction"] == scales["Error"]
    assert scales["Kernel"] == scales["Next kernel"] == scales["Hidden kernel"]
    assert [(s.kind, s.low, s.high) for s in scales["Kernel"]] == [("signed", -2, 2)]


def test_numbers_have_as_many_decimals_as_they_need(film):
    decimals = {card.title: card.decimals for card in next(film.frames(1)).kernels}
    assert decimals == {"Kernel": 2, "Gradient": 3, "Next kernel": 2, "Hidden kernel": 2}
    large = next(film_of(255 * LETTER_H[None], SOBEL, steps=1).frames(1))
    assert {card.title: card.decimals for card in large.kernels}["Gradient"] == 0


def test_the_next_kernel_is_the_kernel_of_the_next_frame(film):
    before, after, *_ = film.frames(1)
    cards = {card.title: card.cells.values for card in before.kernels}
    assert np.array_equal(cards["Next kernel"], after.kernels[0].cells.values)
    assert np.allclose(cards["Next kernel"], cards["Kernel"] - 2.3 * cards["Gradient"])
    assert cards["Hidden kernel"].tolist() == SOBEL[0, 0].tolist()


def test_it_says_what_is_known(film):
    detail = next(film.frames(1)).detail
    assert detail == (
        "Gradient descent, learning rate 2.3, stable up to 2.58 · "
        "the input determines 9 of 9 numbers · 1.72 off"
    )


RNG = np.random.default_rng(0)


@pytest.mark.parametrize(
    "film",
    [
        film_of(RNG.random((1, 30)), RNG.random((1, 1, 4)), steps=20),
        film_of(RNG.random((3, 40, 12)), RNG.random((1, 3, 3, 3)), steps=20),
        film_of(LETTER_H[None], SOBEL, descent=Descent(lr=40.0)),
        film_of(LETTER_H[None], SOBEL, initial=SOBEL, steps=0),
        film_of(np.zeros((1, 8, 8)), SOBEL, steps=3),
        LearnFilm(learn_task(LETTER_H, LETTER_H, padding=1, steps=3), "Letter H"),
    ],
    ids=["signal", "colours", "diverging", "found", "empty", "without hidden kernel"],
)
def test_whatever_is_learnt_can_be_painted_at_every_size(film):
    *_, frame = film.frames(5)
    for size, scale in ((QSize(640, 480), 1), (QSize(1920, 1080), 2)):
        image = learn_image(frame, size, scale, DARK)
        assert (image.width(), image.height()) == (size.width() * scale, size.height() * scale)
        assert len(np.unique(pixels(image) @ (1 << 16, 1 << 8, 1))) > 20

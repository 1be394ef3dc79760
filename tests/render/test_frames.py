"""Frames: what a scene looks like, and that a frame is the same however it came about."""

import random
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from PySide6.QtCore import QSize

from convviz.engine.layers import Activation, Conv
from convviz.export.frames import FrameOptions, frame_image
from convviz.model import changes, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document
from convviz.model.session import Target, Zoom, new_session
from convviz.render.frame import FramePainter
from convviz.render.theme import DARK, LIGHT, THEMES

WIDTH, HEIGHT = 1280, 720


def after(*changes, session=None):
    """Return the session that the program opens with after `changes`: (transition, ...)."""
    return reduce(
        lambda now, change: change[0](now, *change[1:]), changes, session or new_session()
    )


def frame_of(session, theme=DARK, scale=1.0):
    return frame_image(session, FrameOptions(WIDTH, HEIGHT, scale, theme))


def waves(rows, columns):
    """Return a smooth picture with all greys."""
    row, column = np.mgrid[:rows, :columns]
    return np.round(127.5 + 127.5 * np.sin(row / 23) * np.cos(column / 31))


def signal_session():
    layer = Conv(np.array([[[10.0, 9.0, 8.0]]]), padding="full", flip=True)
    return new_session(Document(np.arange(1.0, 6)[None], "[1, 2, 3, 4, 5]", (layer,)), step=2)


C, T = changes, transitions
SCENES = {
    "opening-dark": lambda: (new_session(), DARK),
    "opening-light": lambda: (new_session(), LIGHT),
    "in-the-middle-of-a-dot-product": lambda: (
        after((C.set_bias, -1.5), (C.set_activation, "relu"), (T.seek, 116, 4)),
        DARK,
    ),
    "at-the-bias": lambda: (
        after((C.set_bias, -1.5), (C.set_activation, "relu"), (T.seek, 116, 9)),
        LIGHT,
    ),
    "stride-and-dilation-with-unread-cells": lambda: (
        after(
            (C.set_padding, "valid"),
            (C.set_stride, (3, 2)),
            (C.set_dilation, (2, 2)),
            (C.set_input_preset, "digit-7"),
            (T.seek, 8),
        ),
        DARK,
    ),
    "reflected-padding": lambda: (
        after(
            (C.set_input_preset, "gradient"),
            (C.set_padding, ((3, 3), (2, 2))),
            (C.set_padding_mode, "reflect"),
            (C.set_kernel_preset, "sharpen"),
            (T.seek, 40),
        ),
        LIGHT,
    ),
    "image-of-512-zoomed-out": lambda: (
        after((C.set_image, waves(512, 512), "Waves"), (T.seek, 140_000)),
        DARK,
    ),
    "image-of-512-zoomed-in": lambda: (
        after(
            (C.set_image, waves(512, 512), "Waves"),
            (T.seek, 140_000),
            (T.zoom, "input", Zoom(32.0, 273 / 512, 224 / 512)),
            (T.zoom, "output", Zoom(9.0, 273 / 512, 224 / 512)),
        ),
        DARK,
    ),
    "a-signal": lambda: (signal_session(), DARK),
    "hovered-and-selected": lambda: (
        after((T.select, Target("input", (8, 6))), (T.hover, Target("input", (7, 4)))),
        LIGHT,
    ),
}


@pytest.mark.parametrize("name", SCENES)
def test_a_frame_looks_as_it_did_when_it_was_approved(name, golden):
    session, theme = SCENES[name]()
    golden(frame_of(session, theme), name)


# A film paints only what changed. Nobody may be able to tell.

GRIDS = ("input", "kernel", "output")
IMAGES = (waves(9, 14), waves(30, 30), -waves(4, 40), waves(300, 200), np.eye(12))


def random_target(session, dice):
    pane = dice.choice(["input", "kernel", "output", "window", "weight", "products"])
    sizes = {
        "input": session.document.image.shape[-2:],
        "output": session.output_size,
    }
    rows, columns = sizes.get(pane, session.conv.kernel_size)
    return Target(pane, (dice.randrange(rows), dice.randrange(columns)))


def random_change(session, dice):
    """Return the session after something that a person may do."""
    few, any_target = dice.randint(1, 3), random_target(session, dice)
    steps = dice.randrange(session.step_count)
    moves = [
        (T.advance, few),
        (T.back,),
        (T.next_row,),
        (T.next_term, few),
        (T.previous_term,),
        (T.seek, steps),
        (T.seek, steps, dice.randrange(session.stage_count)),
        (T.hover, any_target),
        (T.hover, None),
        (T.pin, any_target),
        (T.unpin,),
        (T.set_whole_map, dice.random() < 0.5),
    ]
    looks = [
        (T.zoom, dice.choice(GRIDS), Zoom(1.25**few, dice.random(), dice.random())),
        (T.fit,),
        (C.undo,),
        (C.redo,),
    ]
    edits = [
        (C.set_flip, dice.random() < 0.5),
        (C.set_bias, dice.choice([0.0, 0.5, -3.0])),
        (C.set_activation, dice.choice(["none", "relu", "tanh"])),
        (C.set_kernel_preset, dice.choice(["box", "laplacian-4", "gaussian-5", "sobel-x"])),
        (C.set_padding, dice.choice(["same", "valid", "full"])),
        (C.set_padding_mode, dice.choice(["zeros", "replicate"])),
        (C.set_stride, (few, dice.randint(1, 2))),
        (C.set_dilation, (dice.randint(1, 2), few)),
        (C.set_kernel_size, (dice.randint(1, 5), dice.randint(1, 5))),
        (C.set_image, dice.choice(IMAGES), f"Image {few}"),
    ]
    if any_target.pane in ("input", "kernel"):
        edits.append((C.set_cell, any_target.pane, any_target.cell, dice.uniform(-9, 9)))
        looks.append((T.select, any_target))
    kind = dice.choices([moves, looks, edits], [6, 2, 2])[0]
    changed = after(dice.choice(kind), session=session)
    return C.withdraw(changed) if changed.attempt else changed


@pytest.mark.parametrize(("seed", "scale"), [(0, 1.0), (1, 1.0), (2, 2.0), (3, 1.5)])
def test_a_frame_in_a_film_is_the_frame_painted_alone_byte_for_byte(seed, scale):
    dice = random.Random(seed)
    session, theme, size = new_session(), dice.choice([DARK, LIGHT]), QSize(800, 560)
    film = FramePainter(session.view, size, scale, theme)
    walk = [session]
    for _ in range(100 if scale == 1 else 40):
        walk.append(random_change(walk[-1], dice))
    for before, session in pairwise(walk):
        scene = derive_scene(session)
        image, _ = film.paint(scene)
        alone, _ = FramePainter(session.view, size, scale, theme).paint(scene)
        assert bytes(image.constBits()) == bytes(alone.constBits()), (before, session)


def test_a_frame_says_which_pixels_it_painted_anew():
    session = new_session()
    film = FramePainter(session.view, QSize(WIDTH, HEIGHT), 1.0, DARK)
    before = film.paint(derive_scene(session))[0].copy()
    image, region = film.paint(derive_scene(T.advance(session)))
    outside = [
        (x, y)
        for x in range(0, WIDTH, 3)
        for y in range(0, HEIGHT, 3)
        if before.pixel(x, y) != image.pixel(x, y)
        if not any(rect.contains(x, y) for rect in region)
    ]
    assert not outside
    assert not region.isEmpty()


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_scale_two_shows_the_same_scene_with_twice_the_pixels(theme):
    small, large = frame_of(new_session(), theme), frame_of(new_session(), theme, 2.0)
    assert (large.width(), large.height()) == (2 * small.width(), 2 * small.height())
    halved = large.scaled(small.size())
    places = [(x, y) for x in range(20, WIDTH, 40) for y in range(20, HEIGHT, 40)]
    alike = sum(
        abs(halved.pixelColor(*place).lightness() - small.pixelColor(*place).lightness()) < 16
        for place in places
    )
    assert alike > 0.9 * len(places)


def test_an_activation_shows_as_a_stage_of_its_own():
    plain = after((C.set_bias, -4.0), (C.set_activation, "relu"))
    shown = [derive_scene(T.seek(plain, 116, stage)) for stage in (8, 9, 10)]
    results = ["".join(token.text for token in scene.dot.equation.result) for scene in shown]
    assert results == [
        "= 2after all 9 products",
        "= 2+ bias −4= −2",
        "= 2+ bias −4= −2→ ReLU →0→ row 7, column 4",
    ]
    assert isinstance(plain.document.layers[1], Activation)

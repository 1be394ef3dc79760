"""The workspace "layers": what it looks like, and that its films repaint all that changes."""

import random
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from looks import pixels
from PySide6.QtCore import QRect, QSize

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.export.frames import FrameOptions, frame_image
from convviz.model import changes, pages, stacking, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document
from convviz.model.session import Session, Target, Zoom
from convviz.render.frame import FramePainter, layers_of
from convviz.render.geometry import layers_layout
from convviz.render.map_painter import map_places
from convviz.render.rows_layout import rows_places
from convviz.render.stack_layout import stack_places
from convviz.render.theme import DARK, LIGHT

WIDTH, HEIGHT = 1280, 720
C, T = changes, transitions


def blobs(channels, rows, columns):
    """Return smooth pictures (channels, rows, columns) with values from 0 to 1."""
    row, column = np.mgrid[:rows, :columns]
    return np.stack(
        [
            np.clip(
                np.cos((row / rows - 0.4 - 0.1 * n) * 6) * np.cos((column / columns - 0.5) * 6),
                0,
                1,
            ).round(1)
            for n in range(channels)
        ]
    )


def weights(made, read, *size):
    return np.random.default_rng(4).integers(-2, 3, (made, read, *size)) / 2


def layered(document, layer=0, step=0, term=None, **settings):
    session = Session(document, layer=layer, **settings)
    return T.seek(pages.show_workspace(session, "layers"), step, term)


NET = Document(
    blobs(3, 24, 24),
    "Blobs",
    (
        Conv(weights(8, 3, 3, 3), np.linspace(-0.4, 0.3, 8).round(1), padding=1),
        Activation("relu"),
        Pool("max", 2),
        Conv(weights(16, 8, 3, 3), padding=1),
        Activation("tanh"),
    ),
)
UPWARDS = Document(
    (blobs(2, 5, 5) * 9).round(),
    "Small",
    (ConvTranspose(2 * weights(2, 3, 3, 3), stride=2, padding=1, output_padding=1),),
)
SIGNAL = Document(
    np.sin(np.arange(40) / 3).round(1)[None],
    "Wave",
    (Conv([[[1.0, 0, -1]]], padding=1), Activation("tanh"), Pool("avg", (2,))),
)
GREY = Document(blobs(1, 16, 16), "Grey", (Conv(weights(1, 1, 3, 3), padding=1, flip=True),))
MANY = Document(
    (np.sin(np.arange(64 * 81.0)).reshape(64, 9, 9) * 9).round(),
    "Many",
    (Conv(weights(64, 64, 3, 3), padding=1),),
)
HERE = 576 + 9 * 24 + 15  # row 9, column 15 of the second map

SCENES = {
    "layers-rgb-dark": lambda: (layered(NET, 0, HERE), DARK),
    "layers-rgb-light": lambda: (layered(NET, 0, HERE), LIGHT),
    "layers-rgb-in-the-second-channel": lambda: (layered(NET, 0, HERE, 13), DARK),
    "layers-pooling-dark": lambda: (layered(NET, 2, 144 + 40), DARK),
    "layers-pooling-light": lambda: (layered(NET, 2, 144 + 40, 2), LIGHT),
    "layers-activation-dark": lambda: (layered(NET, 4, 144 + 40), DARK),
    "layers-activation-light": lambda: (layered(NET, 1, HERE), LIGHT),
    "layers-transposed-dark": lambda: (layered(UPWARDS, 0, 37), DARK),
    "layers-transposed-light": lambda: (layered(UPWARDS, 0, 12, 3, scatter=True), LIGHT),
    "layers-eight-channels": lambda: (layered(NET, 3, 5 * 144 + 40, 30), DARK),
    "layers-sixty-four-channels": lambda: (layered(MANY, 0, 30 * 81 + 40), LIGHT),
    "layers-signal": lambda: (layered(SIGNAL, 0, 12), DARK),
    "layers-skipped": lambda: (stacking.toggle_layer(layered(NET, 1, HERE)), DARK),
}


def frame_of(session, theme=DARK, size=(WIDTH, HEIGHT)):
    return frame_image(session, FrameOptions(*size, 1.0, theme))


@pytest.mark.parametrize("name", SCENES)
def test_the_layers_look_as_they_did_when_they_were_approved(name, golden):
    session, theme = SCENES[name]()
    golden(frame_of(session, theme), name)


# Where things are

SIZES = [(640, 480), (1000, 600), (1280, 720), (1920, 1080)]
KERNELS = [(1, 1), (3, 3), (5, 5), (1, 11), (11, 1), (11, 11)]


def stacked_on(image, kernel):
    """Return a stack on an image with a kernel, and a pooling."""
    size = kernel[-(image.ndim - 1) :]
    weight = weights(2, len(image), *size)
    pool = Pool("max", tuple(min(2, extent) for extent in image.shape[1:]))
    return Document(image, "Image", (Conv(weight, padding="same"), pool, Activation("relu")))


IMAGES = {
    "grey": blobs(1, 16, 16),
    "two channels": blobs(2, 9, 9),
    "colours": blobs(3, 12, 12),
    "seven channels": blobs(7, 12, 12),
    "tiny": blobs(3, 3, 3),
    "large": blobs(3, 512, 512),
    "wide": blobs(1, 20, 200),
    "tall": blobs(2, 200, 20),
    "signal": SIGNAL.image,
    "signals": blobs(5, 6, 40)[:, 3],
}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("image", IMAGES.values(), ids=IMAGES)
def test_nothing_overlaps_and_nothing_leaves_its_card(size, kernel, image):
    document = stacked_on(image, kernel)
    for layer in range(3):
        scene = derive_scene(layered(document, layer, 3))
        layout = layers_of(scene, QSize(*size))
        _check_rows(scene, layout.rows)
        _check_map(scene, layout.map)


def _check_rows(scene, rect):
    places = rows_places(rect, scene)
    assert len(places.rows) == len(scene.rows) == min(scene.row_count, 3)
    for above, below in pairwise(places.rows):
        assert above.band.bottom() < below.band.top()
    for row in places.rows:
        parts = [row.image.frame, row.window.frame, row.equals, row.result]
        parts += [row.weight.frame] if row.weight else [row.sign]
        assert disjoint([*parts, places.equation])
        assert not [part for part in parts if not row.band.toRectF().contains(part)]
        assert rect.contains(row.band)
    assert rect.toRectF().contains(places.equation)
    assert places.equation.height() >= 40
    assert places.equation.width() >= 200


def _check_map(scene, rect):
    places = map_places(rect, scene)
    parts = [places.grid.frame]
    parts += [part.toRectF() for part in (places.kernels, places.maps) if part]
    assert disjoint(parts)
    assert all(rect.toRectF().contains(part) for part in parts)
    across = places.grid.frame.width() / rect.width()
    down = places.grid.frame.height() / rect.height()
    assert max(across, down) > 0.33 or places.grid.cell >= 60


def disjoint(parts):
    pairs = ((a, b) for n, a in enumerate(parts) for b in parts[n + 1 :])
    return not any(a.intersects(b) for a, b in pairs)


@pytest.mark.parametrize("width", [640, 920, 1252, 1900])
@pytest.mark.parametrize("count", [1, 2, 5, 12])
def test_the_strip_shows_the_layer_in_focus_and_keeps_clear_of_what_follows(width, count):
    document = Document(
        blobs(1, 8, 8), "Grey", tuple(Conv(weights(1, 1, 3, 3), padding=1) for _ in range(count))
    )
    rect = layers_layout(width, 600).stack
    for layer in range(count):
        scene = derive_scene(layered(document, layer)).stack
        places = stack_places(rect, scene)
        assert places.view.contains(places.cards[layer + 1])
        assert places.cards[0].right() < places.view.left()
        assert places.view.right() < places.add.left()
        assert places.add.right() < places.facts.left()
        left, right = places.hidden()
        assert (left > 0) == (places.offset > 0)
        assert (right > 0) == (places.offset < places.most)


def test_every_part_of_the_strip_keeps_its_height():
    for width in (640, 1252):
        assert 96 <= layers_layout(width, 700).stack.height() <= 104


# Films

SESSIONS = (
    lambda: layered(NET, 0, 40),
    lambda: layered(NET, 2, 40),
    lambda: layered(NET, 3, 40),
    lambda: layered(NET, 4, 40),
    lambda: layered(UPWARDS, 0, 12),
    lambda: layered(UPWARDS, 0, 12, scatter=True),
    lambda: layered(SIGNAL, 0, 12),
    lambda: layered(MANY, 0, 12),
)
PANES = ("input", "output", "window", "weight", "products", "kernel")


def random_target(session, dice):
    pane = dice.choice(PANES)
    rows, columns = {
        "input": session.input_size,
        "output": session.output_size,
    }.get(pane, (1, *session.kernel_size)[-2:])
    return Target(pane, (dice.randrange(rows), dice.randrange(columns)))


def random_change(session, dice):
    """Return the session after something that a person may do."""
    few, target = dice.randint(1, 3), random_target(session, dice)
    moves = [
        (T.advance, few),
        (T.back,),
        (T.next_row,),
        (T.next_term, few),
        (T.previous_term,),
        (T.seek, dice.randrange(session.step_count)),
        (T.seek, session.cursor.step, dice.randrange(session.stage_count)),
        (T.hover, target),
        (T.hover, None),
        (T.pin, target),
        (T.unpin,),
    ]
    looks = [
        (T.choose_source, dice.randrange(8)),
        (T.choose_channel, dice.randrange(8)),
        (T.set_whole_map, dice.random() < 0.5),
        (T.zoom, "output", Zoom(1.25**few, dice.random(), dice.random())),
        (T.fit,),
        (pages.show_workspace, dice.choice(["layers", "layers", "layers", "convolve"])),
        (T.set_scatter, dice.random() < 0.5),
    ]
    edits = [
        (stacking.focus_layer, dice.randrange(len(session.document.layers))),
        (stacking.toggle_layer,),
        (stacking.add_layer, dice.choice(list(stacking.LAYER_KINDS))),
        (stacking.remove_layer,),
        (stacking.move_later,),
        (C.undo,),
        (C.redo,),
    ]
    kind = dice.choices([moves, looks, edits], [6, 3, 1])[0]
    changed = reduce(lambda now, step: step[0](now, *step[1:]), [dice.choice(kind)], session)
    return C.withdraw(changed) if changed.attempt else changed


@pytest.mark.parametrize("seed", range(len(SESSIONS)))
@pytest.mark.parametrize("scale", [1.0, 2.0, 1.5])
def test_a_frame_in_a_film_is_the_frame_painted_alone_byte_for_byte(seed, scale):
    dice = random.Random(seed)
    session, size = SESSIONS[seed](), QSize(800, 560)
    theme = dice.choice([DARK, LIGHT])
    film = FramePainter(session.view, size, scale, theme)
    for _ in range(60 if scale == 1 else 12):
        before, session = session, random_change(session, dice)
        scene = derive_scene(session)
        image, _ = film.paint(scene)
        alone, _ = FramePainter(session.view, size, scale, theme).paint(scene)
        assert bytes(image.constBits()) == bytes(alone.constBits()), (before, session)


def test_a_step_repaints_little_of_a_frame():
    session = layered(NET, 0, HERE)
    film = FramePainter(session.view, QSize(WIDTH, HEIGHT), 1.0, DARK)
    before = pixels(film.paint(derive_scene(session))[0])
    image, region = film.paint(derive_scene(T.advance(session)))
    differs = (pixels(image) != before).any(axis=-1)
    painted = np.zeros_like(differs)
    for rect in region:
        part = QRect(rect) & QRect(0, 0, WIDTH, HEIGHT)
        painted[part.top() : part.bottom() + 1, part.left() : part.right() + 1] = True
    assert differs.any()
    assert not (differs & ~painted).any()
    assert painted.mean() < 0.2


def test_cells_that_are_not_computed_yet_are_not_shown():
    session = layered(NET, 0, HERE)
    scene = derive_scene(session)
    layout = layers_of(scene, QSize(WIDTH - 28, HEIGHT - 28)).moved(14)
    geometry = map_places(layout.map, scene).grid
    half, whole = (pixels(frame_of(T.set_whole_map(session, shown))) for shown in (False, True))
    known, unknown = geometry.rect(3, 3).toRect(), geometry.rect(20, 3).toRect()
    for place, is_shown in ((known, True), (unknown, False)):
        area = np.s_[place.top() : place.bottom() + 1, place.left() : place.right() + 1]
        assert (half[area] == whole[area]).all() == is_shown

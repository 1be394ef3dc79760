"""Panes of every kind of layer in the workspace "convolve", with thumbnails of their channels."""

import random
from itertools import pairwise

import numpy as np
import pytest
from looks import pixels
from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtGui import QImage, QPainter

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.engine.settings import frozen_array
from convviz.export.frames import FrameOptions, frame_image
from convviz.model import changes, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document
from convviz.model.scene import Cells
from convviz.model.session import Session, Target
from convviz.render.cell_painter import paint_cells
from convviz.render.dot_painter import dot_geometry, paint_dot_product
from convviz.render.frame import HINTS, FramePainter
from convviz.render.geometry import fit_grid
from convviz.render.grid_painter import moved
from convviz.render.kernel_painter import kernel_geometry, paint_kernel_pane
from convviz.render.pane_painter import (
    HEADER,
    grid_geometry,
    legend_bar,
    paint_grid_pane,
    thumbnail_area,
)
from convviz.render.pictures import Pictures
from convviz.render.theme import DARK, LIGHT, THEMES, qcolor
from convviz.render.thumbnails import thumbnail_places

T = transitions
DICE = np.random.default_rng(0)
IMAGE = frozen_array(DICE.integers(0, 9, (3, 8, 8)))
NET = Document(
    IMAGE,
    "Noise",
    (
        Conv(DICE.integers(-2, 3, (4, 3, 3, 3)), [1, 0, 0, 2], padding=1),
        Activation("relu"),
        Pool("max", 3, stride=2, padding=1, ceil_mode=True),
        ConvTranspose(DICE.integers(-2, 3, (4, 2, 3, 3)), stride=2, padding=1, output_padding=1),
        Pool("avg", 2),
        Activation("tanh"),
    ),
)
CONV, RELU, MAX, UP, MEAN, TANH = range(6)


def at(layer, step=0, term=None, document=NET):
    return T.seek(Session(document, layer=layer), step, term)


def alone(kernel, channels=1, **settings):
    """Return a document with one convolution by the same kernel everywhere."""
    made, read = settings.pop("made", 1), settings.pop("read", channels)
    weight = np.broadcast_to(kernel, (made, read, *np.shape(kernel)))
    image = DICE.integers(0, 9, (channels, *(2 * size + 4 for size in np.shape(kernel))))
    return Document(frozen_array(image), "Noise", (Conv(frozen_array(weight), **settings),))


SCENES = {
    "rgb": (at(CONV, 27), DARK),
    "rgb-in-the-second-channel": (at(CONV, 27, 12), LIGHT),
    "relu": (at(RELU, 9), LIGHT),
    "max-pooling": (at(MAX, 6), DARK),
    "mean-pooling": (at(MEAN, 6), LIGHT),
    "transposed-gathers": (at(UP, 30), DARK),
    "transposed-stamps": (T.seek(T.set_scatter(at(UP), True), 7), LIGHT),
    "depthwise": (
        at(0, 100, None, alone(np.eye(3) - 1, 3, made=6, read=1, groups=3, flip=True)),
        DARK,
    ),
}


@pytest.mark.parametrize("name", SCENES)
def test_the_panes_of_a_layer_look_as_they_did_when_they_were_approved(name, golden):
    session, theme = SCENES[name]
    golden(frame_image(session, FrameOptions(1280, 720, 1, theme)), f"panes-{name}")


def painted(paint, size, theme=DARK):
    image = QImage(QSize(*size), QImage.Format.Format_RGB32)
    image.fill(qcolor(theme.background))
    with QPainter(image) as painter:
        painter.setRenderHints(HINTS)
        paint(painter)
    return pixels(image)


def kernel_pane(session, size=(160, 400), theme=DARK):
    scene = derive_scene(session).kernel
    rect = QRect(0, 0, *size)
    image = painted(lambda p: paint_kernel_pane(p, rect, scene, theme, Pictures()), size, theme)
    return image, kernel_geometry(rect, scene)


def crop(image, place):
    box = place.toRect() if isinstance(place, QRectF) else place
    return image[box.top() : box.top() + box.height(), box.left() : box.left() + box.width()]


def ink(part, colour, by=40):
    """Return how many pixels have nearly a colour."""
    return int(np.count_nonzero(np.abs(part.astype(int) - np.array(colour)).max(axis=-1) <= by))


# Input and feature map


@pytest.mark.parametrize("size", [(380, 412), (300, 260), (520, 600), (200, 180)])
def test_thumbnails_stand_between_the_grid_and_the_legend(size):
    scene, rect = derive_scene(at(CONV)), QRect(0, 0, *size)
    for grid in (scene.input, scene.output):
        strip = thumbnail_area(rect)
        assert QRectF(rect).contains(grid_geometry(rect, grid).frame)
        assert grid_geometry(rect, grid).frame.bottom() < strip.top()
        places = [place for place in thumbnail_places(strip, grid.thumbnails) if place]
        assert len(places) == len(grid.thumbnails.items)
        assert max(place.bottom() for place in places) < legend_bar(rect, grid.cells.scale).top()


def test_a_grid_without_thumbnails_has_all_the_room():
    rect = QRect(0, 0, 380, 412)
    one = derive_scene(at(0, document=alone(np.ones((3, 3)), padding=1))).input
    several = derive_scene(at(CONV)).input
    assert not one.thumbnails.items
    assert grid_geometry(rect, one).area.bottom() > thumbnail_area(rect).bottom()
    assert grid_geometry(rect, several).area.bottom() < thumbnail_area(rect).top()


def test_another_channel_is_painted_anew_with_its_outline():
    before, after = (derive_scene(T.choose_source(at(CONV), n)).input for n in (0, 2))
    rect = QRect(0, 0, 380, 412)
    assert moved(before, after, grid_geometry(rect, after)) is None
    image = painted(lambda p: paint_grid_pane(p, rect, after, DARK, Pictures()), (380, 412))
    edges = [
        ink(crop(image, place.adjusted(3, -4, -3, 0)), DARK.input) > 20
        for place in thumbnail_places(thumbnail_area(rect), after.thumbnails)
    ]
    assert edges == [False, False, True]


def test_a_step_on_the_same_channels_repaints_no_thumbnail():
    before, after = (derive_scene(at(CONV, step)) for step in (4, 5))
    rect = QRect(0, 0, 380, 412)
    for one, other in ((before.input, after.input), (before.output, after.output)):
        changed = moved(one, other, grid_geometry(rect, other))
        assert changed
        assert not any(part.intersects(thumbnail_area(rect)) for part in changed)


# The kernel's pane

KERNELS = {
    "1 x 1": alone(np.full((1, 1), 2.0)),
    "31 x 31": alone(np.ones((31, 31))),
    "1 x 31": alone(np.arange(31.0)[None]),
    "31 x 1, flipped": alone(np.arange(31.0)[:, None], flip=True),
    "31 x 31, flipped": alone(DICE.normal(size=(31, 31)), flip=True),
    "separable": alone(np.outer([1, 2, 1], [-1, 0, 1])),
    "separable, flipped": alone(np.outer([1, 2, 1], [-1, 0, 1]), flip=True),
    "7 x 7, symmetric": alone(np.ones((7, 7))),
    "many maps": alone(np.eye(3), 8, made=32),
    "many maps, flipped": alone(np.eye(5), 8, made=32, flip=True),
    "64 channels": alone(np.eye(3), 64, made=4, flip=True),
    "depthwise": alone(np.eye(3), 6, made=6, read=1, groups=6, flip=True),
}
LAYERS = {"rgb": CONV, "relu": RELU, "max": MAX, "transposed": UP, "mean": MEAN, "tanh": TANH}
SHOWN = {
    **{name: at(0, document=document) for name, document in KERNELS.items()},
    **{name: at(layer) for name, layer in LAYERS.items()},
}
SIZES = [(150, 412), (200, 330), (160, 560), (130, 240), (90, 180)]


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("name", SHOWN)
def test_the_parts_of_the_kernel_pane_never_overlap_and_stay_inside(name, size):
    scene, rect = derive_scene(SHOWN[name]).kernel, QRect(0, 0, *size)
    places = kernel_geometry(rect, scene)
    parts = [places.curve if scene.curve else places.kernel.frame]
    if places.flipped:
        parts += [places.caption, places.flipped.frame]
    parts += [places.facts] if places.lines else []
    parts += [QRectF(places.thumbnails)] if places.thumbnails.isValid() else []
    for one, other in pairwise(parts):
        assert one.bottom() <= other.top() + 2, (one, other)
    assert parts[0].top() >= HEADER
    assert parts[-1].bottom() <= legend_bar(rect, scene.grid.cells.scale).top()
    assert all(rect.left() <= part.left() and part.right() <= rect.right() for part in parts)


@pytest.mark.parametrize("name", SHOWN)
def test_what_is_painted_in_the_kernel_pane_stays_on_its_card(name):
    image, _ = kernel_pane(SHOWN[name], (150, 412))
    below = image[-6:-3, 8:-8]
    assert (below == np.array(DARK.card)).all()
    for side in (image[20:-20, 2:4], image[20:-20, -4:-2]):
        assert (side == np.array(DARK.card)).all()


@pytest.mark.parametrize("name", ["1 x 1", "separable", "rgb", "max", "transposed"])
def test_facts_are_whole_lines_and_the_last_ones_leave_first(name):
    scene = derive_scene(SHOWN[name]).kernel
    seen = []
    for height in range(600, 150, -30):
        lines = kernel_geometry(QRect(0, 0, 160, height), scene).lines
        words = " ".join(lines)
        assert " ".join(scene.facts).startswith(words)
        assert any(words == " ".join(scene.facts[:n]) for n in range(len(scene.facts) + 1))
        seen.append(len(lines))
    assert seen == sorted(seen, reverse=True)
    assert seen[0] >= len(scene.facts)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
@pytest.mark.parametrize(("layer", "word"), [(MAX, "max"), (MEAN, "mean")])
def test_a_pooling_window_has_no_numbers_but_a_word(layer, word, theme):
    scene = derive_scene(at(layer)).kernel
    assert scene.word == word
    image, places = kernel_pane(at(layer, 0, 0), theme=theme)
    middle = places.kernel.frame.center()
    wordy = crop(image, QRectF(middle.x() - 24, middle.y() - 10, 48, 20))
    assert ink(wordy, theme.kernel) > 60
    assert ink(image, theme.negative, 8) + ink(image, theme.positive, 8) == 0  # nor a legend


def test_the_cell_that_max_pooling_takes_is_marked_in_the_window():
    session = at(MAX, 6)
    scene = derive_scene(session)
    (cell,) = zip(scene.kernel.grid.lit.rows, scene.kernel.grid.lit.columns, strict=True)
    image, places = kernel_pane(session)
    plain, _ = kernel_pane(T.seek(session, 6, 100))
    top = places.kernel.rect(*cell).adjusted(8, -1, -8, 2)
    assert ink(crop(image, top), DARK.kernel) > ink(crop(plain, top), DARK.kernel)
    window = dot_geometry(QRect(0, 0, 900, 200), scene.dot).window
    strip = dot_strip(session)
    assert ink(crop(strip, window.rect(*cell).adjusted(8, -1, -8, 2)), DARK.kernel) > 20


@pytest.mark.parametrize("layer", [RELU, TANH])
@pytest.mark.parametrize("step", [0, 7, 24])
def test_an_activation_shows_its_curve_and_the_present_point_on_it(layer, step):
    session = at(layer, step)
    curve = derive_scene(session).kernel.curve
    image, places = kernel_pane(session)
    box = places.curve
    assert ink(crop(image, box), DARK.kernel) > 100
    columns = np.nonzero(np.abs(image.astype(int) - DARK.output).max(axis=-1) <= 12)[1]
    near = np.abs(columns - across(curve, box)) <= 6
    assert np.count_nonzero(near) > 30  # the point is round and green, the dashes are thin
    x, y = curve.at
    assert np.interp(x, curve.x, curve.y) == pytest.approx(y, abs=0.2)


def across(curve, box):
    left, right = curve.x[0], curve.x[-1]
    return box.left() + (curve.at[0] - left) / (right - left) * box.width()


def test_the_point_moves_along_the_curve_from_step_to_step():
    first, second = (kernel_pane(at(RELU, step))[0] for step in (0, 1))
    assert (first != second).any()


# The kernel turns


@pytest.fixture
def flipped():
    session = Session(alone(np.arange(1.0, 10).reshape(3, 3)))
    return T.turn(changes.set_flip(session, True), 1.0)


def lower_grid(session):
    image, places = kernel_pane(session)
    return crop(image, places.flipped.frame)


def test_at_the_end_of_its_turn_the_kernel_is_the_flipped_one(flipped):
    turned = T.turn(flipped, 0.9999999)
    assert ink_difference(lower_grid(turned), lower_grid(flipped)) < 0.2


def test_at_the_beginning_of_its_turn_the_kernel_is_as_set(flipped):
    image, places = kernel_pane(T.turn(flipped, 0.0))
    lower = crop(image, places.flipped.frame)
    still = derive_scene(T.turn(changes.set_flip(flipped, False), 1.0)).kernel.grid.cells
    assert ink_difference(lower, cells_at(still, places.flipped)) < 0.02


def test_halfway_through_its_turn_the_kernel_is_mirrored_left_to_right(flipped):
    image, places = kernel_pane(T.turn(flipped, 0.5))
    lower = crop(image, places.flipped.frame)
    cells = derive_scene(flipped).kernel.grid.cells
    mirrored = Cells(cells.values[:, ::-1], cells.scale)
    assert ink_difference(lower, cells_at(mirrored, places.flipped)) < 0.02


@pytest.mark.parametrize(("progress", "across", "down"), [(0.25, 0.1, 1), (0.75, 1, 0.1)])
def test_in_between_the_kernel_is_seen_from_its_edge(flipped, progress, across, down):
    image, places = kernel_pane(T.turn(flipped, progress))
    lower = crop(image, places.flipped.frame)
    coloured = np.abs(lower.astype(int) - DARK.card).max(axis=-1) > 20
    high, wide = coloured.any(axis=1).mean(), coloured.any(axis=0).mean()
    assert (wide < 0.3) == (across < 1)
    assert (high < 0.3) == (down < 1)


def cells_at(cells, geometry):
    """Return the pixels of cells alone, where the flipped kernel lies."""
    size = geometry.area.right() + 20, geometry.area.bottom() + 20

    def paint(painter):
        painter.fillRect(0, 0, *size, qcolor(DARK.card))
        paint_cells(painter, cells, geometry, DARK)

    return crop(painted(paint, size), geometry.frame)


def ink_difference(one, other):
    """Return the share of pixels that look different."""
    return np.mean(np.abs(one.astype(int) - other).max(axis=-1) > 24)


# The dot product


def dot_strip(session, size=(900, 200), theme=DARK):
    scene, rect = derive_scene(session).dot, QRect(0, 0, *size)
    return painted(lambda p: paint_dot_product(p, rect, scene, theme, Pictures()), size, theme)


@pytest.mark.parametrize("size", [(900, 200), (700, 150), (1400, 320)], ids=str)
@pytest.mark.parametrize("name", SHOWN)
def test_the_dot_product_of_every_layer_stays_on_its_card(name, size):
    session = SHOWN[name]
    for term in (None, 0, session.term_count - 1):
        rows = dot_strip(T.seek(session, session.step_count // 2, term), size)
        right, below = rows[20:-20, -14:-3], rows[-10:-3, 20:-20]
        assert (right == np.array(DARK.card)).all()
        assert (below == np.array(DARK.card)).all()


@pytest.mark.parametrize(("layer", "grids"), [(CONV, 3), (MAX, 1), (MEAN, 1), (RELU, 1), (UP, 3)])
def test_only_what_multiplies_has_weights_and_products(layer, grids):
    places = dot_geometry(QRect(0, 0, 900, 200), derive_scene(at(layer)).dot)
    found = [grid for grid in (places.window, places.weight, places.products) if grid]
    assert len(found) == grids
    assert max(grid.frame.right() for grid in found) < places.equation.left() - 20


@pytest.mark.parametrize("layer", [MAX, MEAN, RELU])
def test_no_sign_reaches_into_a_grid_or_the_equation(layer):
    scene = derive_scene(at(layer)).dot
    places, image = dot_geometry(QRect(0, 0, 900, 200), scene), dot_strip(at(layer))
    frame = places.window.frame
    for x in (frame.right() + 3, places.equation.left() - 3):
        column = image[int(frame.top()) : int(frame.bottom()), int(x)]
        assert (column == np.array(DARK.card)).all()


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_the_partial_sums_of_all_channels_have_a_line_of_their_own(theme):
    counts = [lines_of_text(at(0, 27, document=d), theme) for d in (NET, ONE)]
    assert counts == [4, 3]


ONE = Document(IMAGE[:1], "Noise", (Conv(NET.layers[0].weight[:1, :1], padding=1),))


def lines_of_text(session, theme):
    """Return how many lines the equation has where there is room for each in one."""
    size = (2400, 320)
    place = dot_geometry(QRect(0, 0, *size), derive_scene(session).dot).equation
    part = crop(dot_strip(session, size, theme), place)
    rows = (np.abs(part.astype(int) - theme.card).max(axis=-1) > 60).any(axis=1)
    return int(np.count_nonzero(np.diff(np.concatenate(([0], rows.astype(int)))) == 1))


def test_the_partial_sum_of_the_shown_channel_is_blue_and_those_to_come_are_dots():
    equation = derive_scene(at(CONV, 27, 12)).dot.equation
    assert [(t.text, t.role) for t in equation.channels if t.role != "dim"][1] == ("…", "input")
    done = derive_scene(at(CONV, 27)).dot.equation
    assert "…" not in [token.text for token in done.channels]


# Films


def random_change(session, dice):
    """Return the session after something that a person may do to a stack."""
    steps = dice.randrange(session.step_count)
    rows, columns = session.output_size
    cell = dice.randrange(rows), dice.randrange(columns)
    change = dice.choice(
        [
            lambda s: T.advance(s),
            lambda s: T.next_term(s, dice.randint(1, 9)),
            lambda s: T.seek(s, steps),
            lambda s: T.choose_source(s, dice.randrange(4)),
            lambda s: T.choose_channel(s, dice.randrange(4)),
            lambda s: T.set_scatter(s, dice.random() < 0.5),
            lambda s: T.hover(s, Target("output", cell)),
            lambda s: T.hover(s, Target("input", (0, 0))),
            lambda s: T.hover(s, Target("window", (0, 0))),
            lambda s: T.set_whole_map(s, dice.random() < 0.5),
            lambda s: T.turn(s, dice.choice([0.0, 0.3, 0.8, 1.0])),
            lambda s: T.seek(Session(NET, layer=dice.randrange(6), view=s.view), 0),
        ]
    )
    return change(session)


@pytest.mark.parametrize(("seed", "scale"), [(0, 1.0), (1, 1.0), (2, 2.0)])
def test_a_frame_of_any_layer_in_a_film_is_the_frame_painted_alone(seed, scale):
    dice = random.Random(seed)
    walk = [Session(NET)]
    for _ in range(120 if scale == 1 else 40):
        walk.append(random_change(walk[-1], dice))
    film = FramePainter(walk[0].view, QSize(800, 560), scale, DARK)
    for before, session in pairwise(walk):
        scene = derive_scene(session)
        image, _ = film.paint(scene)
        alone_, _ = FramePainter(session.view, QSize(800, 560), scale, DARK).paint(scene)
        assert bytes(image.constBits()) == bytes(alone_.constBits()), (before, session)


def test_a_point_on_a_cell_is_on_the_same_cell_for_eye_and_mouse():
    """The grid that is painted above the thumbnails is the one that is pointed at."""
    rect, grid = QRect(0, 0, 380, 412), derive_scene(at(CONV)).input
    geometry = grid_geometry(rect, grid)
    image = painted(lambda p: paint_grid_pane(p, rect, grid, DARK, Pictures()), (380, 412))
    brightest = np.unravel_index(grid.cells.values.argmax(), grid.cells.shape)
    centre = geometry.rect(*brightest).center()
    assert geometry.cell_at(QPointF(centre)) == tuple(brightest)
    corner = geometry.rect(*brightest).topLeft() + QPointF(4, 4)
    assert ink(image[int(corner.y())][None, int(corner.x())][None], DARK.high, 6) == 1
    assert geometry == fit_grid(geometry.area, grid.cells.shape, 64.0)

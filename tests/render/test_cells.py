"""Cells: their numbers can be read and stay inside, and what is no number looks like none."""

import numpy as np
import pytest
from looks import pixels
from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QImage, QPainter

from convviz.engine.layers import Conv
from convviz.export.frames import FrameOptions, frame_image
from convviz.model import changes, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document
from convviz.model.scene import Cells, CellSet, GridScene, Scale, scale_of
from convviz.model.session import Target, View, new_session
from convviz.render.cell_painter import cell_texts, paint_cells
from convviz.render.dot_painter import MARK, paint_dot_product
from convviz.render.frame import HINTS
from convviz.render.frame import MARGIN as EDGE
from convviz.render.geometry import fit_grid, stage_layout
from convviz.render.grid_painter import paint_marks
from convviz.render.kernel_painter import kernel_geometry
from convviz.render.pane_painter import MARGIN, grid_geometry
from convviz.render.pictures import Pictures
from convviz.render.theme import DARK, LIGHT, THEMES, luminance, qcolor

BOTH_THEMES = pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)


def painted(paint, size, theme, scale=1):
    """Return the pixels of what `paint` paints on a card."""
    image = QImage(QSize(*size) * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    image.fill(qcolor(theme.card))
    painter = QPainter(image)
    painter.setRenderHints(HINTS)
    paint(painter)
    painter.end()
    return pixels(image)


def painted_cells(cells, theme, cell, scale=1):
    """Return the pixels of every cell (rows, columns, height, width, 3), `cell` pixels a side."""
    rows, columns = cells.shape
    area = QRect(0, 0, columns * cell, rows * cell)
    geometry = fit_grid(area, cells.shape, float(cell))
    assert geometry.cell == cell
    image = painted(
        lambda p: paint_cells(p, cells, geometry, theme),
        (area.width(), area.height()),
        theme,
        scale,
    )
    side = cell * scale
    return image.reshape(rows, side, columns, side, 3).swapaxes(1, 2)


def contrast(one, other):
    """Return the contrast of WCAG 2.2 between two colours, from 1 to 21."""
    bright, dark = sorted(
        (float(luminance(np.array(colour))) + 0.05 for colour in (one, other)), reverse=True
    )
    return bright / dark


def ink_and_paper(cell):
    """Return the colour of a cell, and that of its number, as their pixels have them."""
    side = len(cell)
    inner = cell[side // 6 : -side // 6, side // 6 : -side // 6].reshape(-1, 3)
    colours, counts = np.unique(inner, axis=0, return_counts=True)
    paper = colours[counts.argmax()]
    inks = colours[counts >= 20]
    return inks[np.argmax([contrast(ink, paper) for ink in inks])], paper


@BOTH_THEMES
@pytest.mark.parametrize("kind", ["grey", "signed"])
def test_every_number_stands_out_from_its_cell_by_4_5_to_1(kind, theme):
    low = 0.0 if kind == "grey" else -8.0
    values = np.linspace(low, 8, 108).reshape(9, 12)
    values[0, 0] = 0
    cells = painted_cells(Cells(values, Scale(kind, low, 8.0)), theme, 40, scale=3)
    found = {
        values[place]: contrast(*ink_and_paper(cells[place])) for place in np.ndindex(values.shape)
    }
    assert {value: ratio for value, ratio in found.items() if ratio < 4.5} == {}


@BOTH_THEMES
def test_numbers_in_the_padding_stand_out_too(theme):
    values = np.arange(9.0).reshape(3, 3)
    border = Cells(values, scale_of(values), (np.array([-1, 0, -1]),) * 2)
    cells = painted_cells(border, theme, 40, scale=4)
    ratios = [contrast(*ink_and_paper(cells[place])) for place in np.ndindex(3, 3)]
    assert min(ratios) >= 4.5


@BOTH_THEMES
@pytest.mark.parametrize("role", ["text", "dim", "input", "kernel", "output", "error"])
def test_words_stand_out_from_every_surface(role, theme):
    ink = getattr(theme, role)
    assert min(contrast(ink, paper) for paper in (theme.background, theme.card)) >= 4.5


@BOTH_THEMES
def test_buttons_in_the_colour_of_a_role_can_be_read(theme):
    assert contrast(theme.on_accent, theme.output) >= 4.5
    assert contrast(theme.text, theme.control) >= 4.5


@BOTH_THEMES
@pytest.mark.parametrize("kind", ["grey", "signed"])
def test_numbers_stand_out_where_cells_are_lit_too(kind, theme):
    low = 0.0 if kind == "grey" else -8.0
    values = np.linspace(low, 8, 70).reshape(7, 10)
    lit = CellSet(tuple(range(7)), tuple(range(10)))
    grid = GridScene("output", "", "", Cells(values, Scale(kind, low, 8.0)), lit=lit)
    geometry = fit_grid(QRect(0, 0, 400, 280), values.shape, 40.0)

    def paint(painter):
        paint_cells(painter, grid.cells, geometry, theme)
        paint_marks(painter, grid, geometry, theme)

    cells = painted(paint, (400, 280), theme, 3).reshape(7, 120, 10, 120, 3).swapaxes(1, 2)
    ratios = [contrast(*ink_and_paper(cells[place])) for place in np.ndindex(values.shape)]
    assert min(ratios) >= 4.5


@BOTH_THEMES
@pytest.mark.parametrize("role", ["input", "kernel", "dim"])
def test_words_of_the_product_being_formed_stand_out_from_its_mark(role, theme):
    veil = (1 - MARK) * np.array(theme.card) + MARK * np.array(theme.kernel)
    assert contrast(getattr(theme, role), veil) >= 4.5


AWKWARD = {
    "whole": np.array([[-8.0, 0, 7], [12, -345, 6789]]),
    "a billion": np.array([[1e9, -1e9, 123456789.5]]),
    "a billionth": np.array([[1e-9, -1e-9, 2.5e-9]]),
    "both at once": np.array([[1e9, 1e-9, -1e-9]]),
    "irrational": np.array([[np.pi, -np.pi, -np.e / 1000], [0.1234567, -1234.5678, 1e5 / 3]]),
    "fractions": np.array([[1 / 9, -2 / 3, 255 / 256]]),
    "negative only": -(np.arange(1.0, 7).reshape(2, 3) ** 4),
    "all equal": np.full((2, 2), -0.866025),
    "all zero": np.zeros((2, 2)),
    "huge": np.array([[1e300, -1e300, 1e-300]]),
}


@pytest.mark.parametrize("cell", [14, 15, 18, 22, 30, 44, 64])
@pytest.mark.parametrize("values", AWKWARD.values(), ids=AWKWARD)
def test_numbers_do_not_leave_their_cells(values, cell):
    cells = painted_cells(Cells(values, scale_of(values)), DARK, cell)
    border = np.concatenate(
        [cells[:, :, 0], cells[:, :, -1], cells[:, :, :, 0], cells[:, :, :, -1]], axis=2
    )
    assert (border == np.array(DARK.card)).all()


@pytest.mark.parametrize("cell", [30, 44, 64])
@pytest.mark.parametrize("name", ["whole", "irrational", "fractions", "negative only"])
def test_no_cell_large_enough_for_its_number_is_empty(name, cell):
    values = AWKWARD[name]
    cells = painted_cells(Cells(values, scale_of(values)), DARK, cell)
    inks = [
        np.unique(cells[place][4:-4, 4:-4].reshape(-1, 3), axis=0)
        for place in np.ndindex(values.shape)
    ]
    assert all(len(colours) > 1 for colours in inks)


def unlike(one, other):
    """Return the share of pixels that differ between two cells so much that one sees it."""
    return np.mean(np.abs(one.astype(int) - other).max(axis=-1) > 16)


@BOTH_THEMES
@pytest.mark.parametrize("cell", [5, 8, 12, 20, 40])
def test_zeros_padding_and_unread_cells_look_different(cell, theme):
    # one column of padding zeros, four of zeros, two of zeros that no window reads
    cells = Cells(
        np.zeros((4, 7)), Scale("grey", 0.0, 1.0), (np.arange(4), np.arange(-1, 6)), (0, 2)
    )
    looks = painted_cells(cells, theme, cell)
    padding, plain, unread = looks[:, 0], looks[:, 3], looks[:, 5]
    assert unlike(padding, plain) > 0.05
    assert unlike(unread, plain) > 0.05
    assert unlike(padding, unread) > 0.05


SPREAD = np.array([-1, 0, -1, 1, -1, 2, -1])  # a cell, a zero, a cell, and padding around


@BOTH_THEMES
@pytest.mark.parametrize("cell", [5, 8, 12, 20, 40])
def test_zeros_between_cells_look_like_neither_padding_nor_cells(cell, theme):
    cells = Cells(np.zeros((7, 7)), Scale("grey", 0.0, 1.0), (SPREAD, SPREAD))
    assert cells.spread
    looks = painted_cells(cells, theme, cell)
    own, between, padding = looks[3, 3], looks[3, 2], looks[3, 0]
    assert unlike(between, own) > 0.05
    assert unlike(between, padding) > 0.05
    assert not (looks[2, 2] != between).any()
    assert not (looks[2, 5] != between).any()


@BOTH_THEMES
def test_zeros_between_cells_have_a_dot_and_no_number(theme):
    cells = Cells(np.zeros((7, 7)), Scale("grey", 0.0, 1.0), (SPREAD, SPREAD))
    between = painted_cells(cells, theme, 40)[3, 2]
    inked = np.abs(between.astype(int) - between[8, 8]).max(axis=-1) > 40
    rows, columns = np.nonzero(inked[4:-4, 4:-4])
    assert len(rows)
    assert max(np.ptp(rows), np.ptp(columns)) <= 6
    assert abs(rows.mean() + 4 - 19.5) < 1
    assert abs(columns.mean() + 4 - 19.5) < 1


@BOTH_THEMES
@pytest.mark.parametrize("cell", [3, 5, 12, 14, 20, 40])
@pytest.mark.parametrize("padded", [True, False])
def test_minus_infinity_is_painted_without_harm(padded, cell, theme):
    values = np.array([[-np.inf, 3.0], [-np.inf, -2.5]])
    own = (np.array([0, 1]), np.array([-1, 0])) if padded else None
    looks = painted_cells(Cells(values, scale_of(values), own), theme, cell)
    assert (looks[0, 0] == looks[1, 0]).all() or padded
    if cell == 40:
        ink, paper = ink_and_paper(
            painted_cells(Cells(values, scale_of(values), own), theme, 40, 4)[0, 0]
        )
        assert contrast(ink, paper) >= 4.5


def test_minus_infinity_has_a_sign_of_its_own():
    texts, _ = cell_texts(np.array([[-np.inf, 12.0]]), 20)
    assert texts == [["−∞", "12"]]
    assert cell_texts(np.array([[-np.inf, 12345.0]]), 14)[0][0][0] in ("−∞", "")


@BOTH_THEMES
def test_padding_zeros_and_unread_zeros_stand_apart_in_the_window_of_a_whole_scene(theme):
    session = changes.set_input_preset(new_session(), "impulse")
    session = changes.set_padding(session, ((1, 0), (1, 0)))
    session = changes.set_stride(session, (3, 3))
    scene = derive_scene(session)
    assert scene.input.cells.unread == (2, 2)
    places = grid_geometry(QRect(0, 0, 500, 440), scene.input)
    image = painted(lambda p: paint_cells(p, scene.input.cells, places, theme), (500, 440), theme)
    padding, plain, unread = (crop(image, places.rect(*cell)) for cell in ((0, 5), (2, 2), (7, 2)))
    assert min(unlike(padding, plain), unlike(unread, plain), unlike(padding, unread)) > 0.02


def crop(image, place):
    left, top, side = round(place.left()), round(place.top()), round(place.width())
    return image[top : top + side, left : left + side]


# How many output cells are known


def shown_output_cells(session, theme=DARK):
    """Return which output cells of the frame hold a number: (rows, columns) of bool."""
    options = FrameOptions(1280, 720, 1, theme)
    image = pixels(frame_image(session, options))
    scene = derive_scene(session)
    geometry = output_geometry(scene)
    whole = pixels(frame_image(transitions.set_whole_map(session, True), options))
    rows, columns = scene.output.cells.shape
    return np.array(
        [
            [
                unlike(*(inner(picture, geometry, row, column) for picture in (image, whole))) == 0
                for column in range(columns)
            ]
            for row in range(rows)
        ]
    )


def output_geometry(scene):
    layout = stage_layout(1280 - 2 * EDGE, 720 - 2 * EDGE, View().columns, View().strip)
    return grid_geometry(layout.output.translated(EDGE, EDGE), scene.output)


def inner(image, geometry, row, column):
    """Return the middle of a cell, where no outline reaches."""
    return crop(image, geometry.rect(row, column).adjusted(5, 5, -5, -5))


@pytest.mark.parametrize("step", [0, 1, 4, 11, 23, 24])
def test_as_many_output_cells_are_shown_as_steps_are_done(step):
    session = changes.set_input_preset(new_session(), "random-5x5")
    shown = shown_output_cells(transitions.seek(session, step))
    assert shown.ravel().tolist() == [number <= step for number in range(25)]


def test_an_output_cell_whose_dot_product_is_not_finished_is_a_question_mark():
    session = changes.set_input_preset(new_session(), "random-5x5")
    assert np.count_nonzero(shown_output_cells(transitions.seek(session, 7, 3))) == 7
    assert np.count_nonzero(shown_output_cells(transitions.seek(session, 7, 8))) == 8


def test_a_hovered_output_cell_shows_its_number_before_its_turn():
    session = changes.set_input_preset(new_session(), "random-5x5")
    session = transitions.hover(transitions.seek(session, 3), Target("output", (4, 4)))
    shown = shown_output_cells(session)
    assert shown[4, 4]
    assert np.count_nonzero(shown) == 5


# Whatever is fed to it, a scene can be painted


def document(image, kernel, **settings):
    return Document(np.asarray(image)[None], "Anything", (Conv(kernel[None, None], **settings),))


RANDOM = np.random.default_rng(7)
DOCUMENTS = {
    "1 x 200": document(np.arange(200.0)[None], np.ones((1, 3)), padding="same"),
    "200 x 1": document(np.arange(200.0)[:, None], np.ones((3, 1)), padding="same"),
    "1 x 1": document(np.ones((1, 1)), np.ones((1, 1))),
    "a kernel of 1 x 1": document(np.eye(6), np.full((1, 1), -2.0)),
    "a kernel of 31 x 31": document(
        RANDOM.normal(size=(40, 40)), RANDOM.normal(size=(31, 31)), padding="same"
    ),
    "a kernel of 1 x 31": document(RANDOM.normal(size=(9, 40)), RANDOM.normal(size=(1, 31))),
    "a billion": document(np.full((5, 5), 1e9), np.full((3, 3), 1e9)),
    "a billionth": document(np.full((5, 5), 1e-9), np.full((3, 3), 1e-9)),
    "mixed sizes": document(10.0 ** np.arange(-12, 13).reshape(5, 5), RANDOM.normal(size=(2, 3))),
    "negative only": document(-np.ones((5, 5)) * 3, np.ones((3, 3))),
    "all equal": document(np.full((5, 5), 0.3), np.full((3, 3), 1 / 9)),
    "all zero": document(np.zeros((5, 5)), np.zeros((3, 3))),
    "float32": document(RANDOM.normal(size=(5, 5)).astype(np.float32), np.ones((3, 3))),
    "512 x 512": document(RANDOM.normal(size=(512, 512)), np.ones((3, 3)), padding="full"),
    "2000 x 3": document(RANDOM.normal(size=(2000, 3)), np.ones((2, 2)), stride=(7, 1)),
    "no second kernel": document(np.eye(5), np.eye(3), flip=False),
    "wide padding": document(np.eye(3), np.ones((3, 3)), padding=30, padding_mode="replicate"),
}


@pytest.mark.parametrize("size", [(640, 480), (1280, 720), (700, 1400)])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_any_scene_can_be_painted(name, size):
    session = new_session(DOCUMENTS[name])
    for step in (0, session.step_count // 2, session.step_count - 1):
        for term in (None, 0, session.stage_count - 1):
            image = frame_image(
                transitions.seek(session, step, term), FrameOptions(*size, 1, LIGHT)
            )
            assert (image.width(), image.height()) == size


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_dot_product_stays_on_its_card(name):
    session, card = new_session(DOCUMENTS[name]), QRect(0, 0, 1200, 230)
    for step in (0, session.step_count - 1):
        scene = derive_scene(transitions.seek(session, step))
        rows = painted(
            lambda p, dot=scene.dot: paint_dot_product(p, card, dot, DARK, Pictures()),
            (1200, 230),
            DARK,
        )
        right, below = rows[20:-20, -MARGIN + 2 : -3], rows[-MARGIN + 6 : -3, 20:-20]
        assert (right == np.array(DARK.card)).all()
        assert (below == np.array(DARK.card)).all()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_grids_lie_inside_their_panes_and_apart(name):
    scene = derive_scene(new_session(DOCUMENTS[name]))
    pane = QRect(0, 0, 210, 460)
    places = kernel_geometry(pane, scene.kernel)
    kernels = [places.kernel.frame] + ([places.flipped.frame] if places.flipped else [])
    assert all(QRectF(pane).contains(frame) for frame in kernels)
    assert not (places.flipped and kernels[0].intersects(kernels[1]))
    for grid in (scene.input, scene.output):
        assert QRectF(pane).contains(grid_geometry(pane, grid).frame)


def test_a_number_with_decimals_does_not_look_whole_where_there_is_room():
    texts, size = cell_texts(np.array([[1000.5, 0.5]]), 60)
    assert texts == [["1000.5", "0.5"]]
    assert size >= 11
    assert cell_texts(np.array([[1000.5, 0.5]]), 30)[0] == [["1000", "0.5"]]

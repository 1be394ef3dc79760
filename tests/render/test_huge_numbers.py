"""Numbers near the largest that there are: every workspace paints them, each in its colour."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QRectF, QSize

from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.model import pages, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document
from convviz.model.scene import scale_of
from convviz.model.session import WAYS, Session
from convviz.render import curve_painter
from convviz.render.frame import FramePainter
from convviz.render.theme import DARK, cell_colours

IMAGE = [[1e308, -1e308, 0], [5e307, 1e307, -5e307], [0, 1e308, 1]]
SIGNAL = [1e308, -1e308, 0, 5e307, 1]
HALF = [[0.5]]


def image(*layers, scale=1.0, dtype=np.float64):
    cells = (np.array([IMAGE]) * scale).astype(dtype)
    return Session(Document(cells, "Huge", layers))


def signal(*layers):
    return pages.show_workspace(Session(Document(np.array([SIGNAL]), "Huge", layers)), "signals")


def shown(session, workspace):
    return pages.show_workspace(session, workspace)


KERNEL, TAPS = np.array([[HALF]]), np.array([[[0.5, -0.25]]])
SCENES = {
    "convolve": image(Conv(KERNEL)),
    "padded": image(Conv(np.full((1, 1, 2, 2), 0.2), padding="full", flip=True)),
    "float32": image(Conv(KERNEL.astype(np.float32)), scale=3e-270, dtype=np.float32),
    "layers": shown(image(Conv(KERNEL), Activation("tanh"), Pool("max", 2)), "layers"),
    "activation": image(Activation("leaky_relu")),
    "transposed": transitions.set_scatter(image(ConvTranspose(KERNEL, stride=2)), True),
    "learn": shown(image(Conv(KERNEL)), "learn"),
    "colours": shown(Session(Document(np.array([IMAGE] * 3), "Huge", (Pool("max", 2),))), "learn"),
    **{way: transitions.set_way(signal(Conv(TAPS)), way) for way in WAYS},
    "curves": transitions.set_curves(signal(Conv(TAPS)), True),
}


@pytest.mark.parametrize("name", SCENES)
def test_the_largest_numbers_are_painted_without_a_warning(name):
    session = SCENES[name]
    painter = FramePainter(session.view, QSize(1100, 700), 1.0, DARK)
    for step in (0, session.step_count // 2, session.step_count - 1):
        scene = derive_scene(transitions.seek(session, step, 0))
        picture, _ = painter.paint(scene)
        assert not picture.isNull()
        assert "nan" not in scene.sentence
        assert "inf " not in scene.sentence


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_each_has_a_colour_of_its_own(dtype):
    largest = np.finfo(dtype).max
    values = np.array([-1, -0.5, 0, 0.5, 1], dtype) * largest
    colours = cell_colours(values, scale_of(values), DARK)
    small = cell_colours(values / largest, scale_of(values / largest), DARK)
    assert colours.tolist() == small.tolist()


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.float64])
def test_counts_have_colours_too(dtype):
    counts = np.array([0, 2, 4], dtype)
    assert scale_of(counts).shares(counts).tolist() == [0, 0.5, 1]


def test_what_is_too_large_to_be_learnt_from_says_so():
    scene = derive_scene(SCENES["learn"])
    assert scene.learn.run is None
    assert "so large" in scene.learn.problem
    smaller = replace(SCENES["learn"].document, image=np.array([IMAGE]) * 1e-300)
    assert derive_scene(shown(Session(smaller), "learn")).learn.run


def test_a_curve_of_the_largest_numbers_lies_in_its_pane():
    scene = derive_scene(SCENES["activation"])
    axes = curve_painter._Axes(QRectF(0, 0, 100, 100), scene.kernel.curve)
    pairs = zip(scene.kernel.curve.x.tolist(), scene.kernel.curve.y.tolist(), strict=True)
    points = [axes.point(x, y) for x, y in pairs]
    assert all(0 <= point.x() <= 100 and 0 <= point.y() <= 100 for point in points)

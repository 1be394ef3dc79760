"""Learn a kernel: what its panes paint can be painted, wherever weights and windows lie."""

import itertools

import numpy as np
import pytest
from PySide6.QtCore import QSize

from convviz.engine.layers import Conv
from convviz.model import pages, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document
from convviz.model.learning import Learning
from convviz.model.session import Session
from convviz.render.frame import FramePainter
from convviz.render.theme import DARK


def dot(**settings):
    """Return a session that learns a 3 by 3 kernel from an image of one cell."""
    learning = Learning(steps=2, **settings)
    layers = (Conv(np.ones((1, 1, 1, 1))),)
    document = Document(np.ones((1, 1, 1)), "Dot", layers, learning=learning)
    return pages.show_workspace(Session(document), "learn")


@pytest.mark.parametrize("settings", [
    {"padding": "same"},
    {"padding": "full"},
    {"padding": "same", "flip": True},
    {"padding": "same", "padding_mode": "replicate"},
    {"padding": ((3, 3), (0, 4)), "padding_mode": "constant", "padding_value": 2.0},
], ids=str)  # fmt: skip
def test_a_weight_that_meets_only_padding_is_explained_and_painted(settings):
    session = dot(**settings)
    painter = FramePainter(session.view, QSize(900, 600), 1.0, DARK)
    for weight in itertools.product(range(3), range(3)):
        explained = transitions.explain_weight(session, weight)
        for term in (None, 1):
            scene = derive_scene(transitions.seek(explained, 1, term))
            assert scene.learn.run.insight.detail == f"row {weight[0]}, column {weight[1]}"
            image, _ = painter.paint(scene)
            assert not image.isNull()


def test_padding_is_not_marked_on_the_image_and_the_cell_that_a_weight_meets_is():
    session = dot(padding="same")
    corner = derive_scene(transitions.explain_weight(session, (0, 0))).learn.image
    assert corner.window is None
    middle = derive_scene(transitions.explain_weight(session, (1, 1))).learn.image
    assert (middle.window.rows, middle.window.columns) == ((0,), (0,))

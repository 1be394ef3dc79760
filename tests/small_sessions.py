"""Sessions small enough to count on one's fingers."""

import numpy as np

from convviz.engine.layers import Activation, Conv
from convviz.model.document import Document
from convviz.model.session import Playhead, Session, Target


def document(image=(3, 4), kernel=(1, 1), *, bias=None, activation="none", **settings):
    """Return a document; shapes become counted cells 1, 2, 3 ... and weights of 1."""
    cells = counted(image) if isinstance(image, tuple) else np.asarray(image, float)
    weight = np.ones(kernel) if isinstance(kernel, tuple) else np.asarray(kernel, float)
    layers = [Conv(weight[None, None], bias, **settings)]
    if activation != "none":
        layers.append(Activation(activation))
    return Document(cells[None], "Cells", tuple(layers))


def session(image=(3, 4), kernel=(1, 1), *, step=0, term=None, **settings):
    return Session(document(image, kernel, **settings), playhead=Playhead(step, term))


def counted(shape):
    return np.arange(1.0, 1 + np.prod(shape)).reshape(shape)


def at(pane, row, column):
    return Target(pane, (row, column))

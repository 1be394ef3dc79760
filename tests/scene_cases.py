"""Random sessions: every kind of layer, signals and images, both types of numbers."""

from dataclasses import replace

import numpy as np
from hypothesis import assume
from hypothesis import strategies as st

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.engine.settings import frozen_array
from convviz.model import pages, transitions
from convviz.model.document import Document
from convviz.model.pages import workspace_of
from convviz.model.session import WAYS, Page, Playhead, Session, Zoom

SIZES = st.integers(1, 3)
PARTS = st.floats(0, 1)
NUMBERS = st.one_of(
    st.integers(-9, 9).map(float),
    st.floats(-1e6, 1e6, width=32),
    st.sampled_from([-0.0, 0.1, 1 / 3, 5e-324, 1e-300, 123456789.123456789]),
)


@st.composite
def arrays(draw, shape):
    """Finite numbers, float32 or float64."""
    count = int(np.prod(shape))
    numbers = np.array(draw(st.lists(NUMBERS, min_size=count, max_size=count))).reshape(shape)
    return frozen_array(numbers.astype(draw(st.sampled_from(["float32", "float64"]))))


def per_axis(rank, numbers=SIZES):
    return st.tuples(*[numbers] * rank)


@st.composite
def convs(draw, channels, rank):
    groups = draw(st.sampled_from([g for g in (1, 2, 3) if channels % g == 0]))
    out = groups * draw(st.integers(1, 2))
    amounts = st.integers(0, 2)
    padding = st.one_of(
        st.sampled_from(list(PADDING_RULES)), per_axis(rank, st.tuples(amounts, amounts))
    )
    return Conv(
        draw(arrays((out, channels // groups, *draw(per_axis(rank))))),
        draw(st.none() | arrays((out,))),
        stride=draw(per_axis(rank)),
        padding=draw(padding),
        padding_mode=draw(st.sampled_from(list(PADDING_MODES))),
        padding_value=draw(NUMBERS),
        dilation=draw(per_axis(rank)),
        groups=groups,
        flip=draw(st.booleans()),
    )


@st.composite
def transposed(draw, channels, rank):
    groups = draw(st.sampled_from([g for g in (1, 2, 3) if channels % g == 0]))
    out = draw(st.integers(1, 2))
    stride = draw(per_axis(rank))
    return ConvTranspose(
        draw(arrays((channels, out, *draw(per_axis(rank))))),
        draw(st.none() | arrays((out * groups,))),
        stride=stride,
        padding=draw(per_axis(rank, st.integers(0, 1))),
        output_padding=tuple(draw(st.integers(0, size - 1)) for size in stride),
        dilation=draw(per_axis(rank)),
        groups=groups,
    )


@st.composite
def pools(draw, _channels, rank):
    kind = draw(st.sampled_from(["max", "avg"]))
    return Pool(
        kind,
        draw(per_axis(rank)),
        stride=draw(per_axis(rank)),
        padding=draw(per_axis(rank, st.integers(0, 1))),
        dilation=draw(per_axis(rank)) if kind == "max" else 1,
        ceil_mode=draw(st.booleans()),
        count_include_pad=draw(st.booleans()),
        rank=rank,
    )


@st.composite
def activations(draw, _channels, _rank):
    return Activation(draw(st.sampled_from(list(ACTIVATIONS))))


@st.composite
def documents(draw):
    rank = draw(st.sampled_from([1, 2]))
    shape = (draw(st.integers(1, 3)), *draw(per_axis(rank, st.integers(2, 6))))
    document = Document(draw(arrays(shape)), draw(st.text(max_size=12)), ())
    for _ in range(draw(st.integers(1, 4))):
        make = draw(st.sampled_from([convs, transposed, pools, activations]))
        layer = draw(make(document.shapes[-1][0], rank))
        longer = document.with_stack((*document.stack, (layer, draw(st.booleans()))))
        if longer.problem is None:
            document = longer
    assume(document.layers)
    return document


@st.composite
def sessions(draw):
    """Return a session that looks somewhere."""
    document = draw(documents())
    now = Session(document, layer=draw(st.integers(0, len(document.layers) - 1)))
    now = pages.show_workspace(now, draw(st.sampled_from([workspace_of(now.rank), "layers"])))
    if draw(st.booleans()):
        first = pages.first_page(3 - now.rank).document
        image = first.image + draw(st.integers(0, 3))
        now = replace(now, aside=Page(replace(first, image=image), playhead=Playhead(2)))
    for name, argument in (
        ("set_scatter", st.booleans()),
        ("set_way", st.sampled_from(WAYS)),
        ("set_numbering", st.integers(0, 1)),
        ("set_whole_map", st.booleans()),
        ("set_use_counts", st.booleans()),
        ("seek", st.integers(0, 50)),
        ("next_term", st.integers(0, 5)),
        ("choose_source", st.integers(0, 2)),
    ):
        now = getattr(transitions, name)(now, draw(argument))
    for pane in draw(st.sets(st.sampled_from(["input", "output", "weight"]))):
        now = transitions.zoom(
            now, pane, Zoom(draw(st.floats(1, transitions.LARGEST_ZOOM)), draw(PARTS), draw(PARTS))
        )
    return now

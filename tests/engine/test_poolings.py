"""Whatever has to know a kind of pooling knows every kind of the table, and by its record."""

from dataclasses import fields
from typing import get_args

import numpy as np
import pytest

from convviz.engine.gradients import gradients
from convviz.engine.layers import Activation, Pool
from convviz.engine.network import apply_layer
from convviz.engine.poolings import POOLINGS, Kind
from convviz.engine.trace import trace_windows
from convviz.engine.verify import available_libraries, verify
from convviz.engine.windows import windows_of
from convviz.files.onnx_nodes import pool_of
from convviz.model import stacking
from convviz.model.document import layer_title
from convviz.model.layer_equations import pool_equation, pool_sentence
from convviz.model.session import new_session


@pytest.fixture(params=POOLINGS)
def kind(request):
    return request.param


@pytest.fixture(
    params=[{}, {"padding": 1}, {"padding": 1, "stride": 2, "ceil_mode": True}], ids=str
)
def pool(request, kind):
    return Pool(kind, 3, **request.param)


def image():
    return np.random.default_rng(5).normal(size=(2, 7, 8))


def test_the_type_of_kinds_has_those_of_the_table():
    assert get_args(Kind) == tuple(POOLINGS)
    assert [pooling.name for pooling in POOLINGS.values()] == list(POOLINGS)


@pytest.mark.parametrize("field", ["title", "short", "summary", "fact", "found", "word", "sheet"])
def test_no_two_kinds_share_a_word(field):
    assert len({getattr(pooling, field) for pooling in POOLINGS.values()}) == len(POOLINGS)


def test_every_word_is_told_but_the_mark_of_a_cell_where_none_is_taken(kind):
    pooling = POOLINGS[kind]
    words = {field.name: getattr(pooling, field.name) for field in fields(pooling)}
    untold = {name for name, word in words.items() if word == ""}
    assert untold == ({"mark"} if pooling.adds else set())


def test_padding_changes_nothing(kind):
    pooling = POOLINGS[kind]
    numbers = np.array([-1e300, -2.0, 0.0, 3.0, 1e300])
    assert pooling.reduce(numbers, pooling.neutral).tolist() == numbers.tolist()


def test_the_cell_that_is_taken_is_what_the_window_becomes(kind):
    pooling = POOLINGS[kind]
    windows = np.random.default_rng(1).normal(size=(50, 9))
    if pooling.chosen is not None:
        taken = np.take_along_axis(windows, pooling.chosen(windows)[:, None], 1)[:, 0]
        assert taken.tolist() == pooling.reduce.reduce(windows, axis=1).tolist()


def test_the_gradient_is_that_of_small_changes(pool):
    pixels = image()
    error = np.random.default_rng(6).normal(size=pool.output_shape(pixels.shape))
    found = gradients(pool, pixels, error).image
    for place in np.ndindex(pixels.shape):
        nudge = np.zeros(pixels.shape)
        nudge[place] = 1e-6
        change = apply_layer(pool, pixels + nudge) - apply_layer(pool, pixels - nudge)
        assert found[place] == pytest.approx((change * error).sum() / 2e-6, abs=1e-8)


def test_every_trace_ends_in_its_cell(pool):
    windows, made = windows_of(pool, image()), apply_layer(pool, image())
    for channel, *at in np.ndindex(made.shape):
        found = trace_windows(pool, windows, tuple(at), channel)
        assert found.value == pytest.approx(made[channel, *at], rel=1e-14)
        if found.chosen is not None:
            assert found.window.ravel()[found.chosen] == found.value


def test_every_library_computes_it_that_has_it_by_its_record(pool):
    known = {"scipy": True, "torch": pool.pooling.torch, "onnxruntime": pool.pooling.onnx}
    found = verify(pool, image(), apply_layer(pool, image()), available_libraries())
    assert all(verdict.agrees for verdict in found)
    assert {v.library for v in found} >= {n for n in available_libraries() if known[n]}


def test_onnx_is_read_by_the_name_in_the_record(kind):
    operator = POOLINGS[kind].onnx
    if operator:
        assert pool_of(operator, {"kernel_shape": [2, 3]}).kind == kind


def test_a_layer_of_the_window_can_become_it(kind):
    session = new_session()
    for other in (*POOLINGS, "conv"):
        before = stacking.set_kind(session, other)
        after = stacking.set_kind(before, kind)
        assert after.focus.kind == kind
        assert layer_title(after.focus).startswith(POOLINGS[kind].short)


def test_equations_say_what_becomes_of_the_window(kind):
    layer = Pool(kind, 2)
    pixels = np.array([[[3.0, 8.0], [1.0, 4.0]]])
    found = trace_windows(layer, windows_of(layer, pixels), (0, 0))
    none, made = Activation("none"), f"{apply_layer(layer, pixels)[0, 0, 0]:g}"
    assert pool_sentence(found, none, "y").endswith(f"= {made}")
    equation = pool_equation(found, none, None, "y")
    assert equation.sums[0].text == POOLINGS[kind].so_far
    assert any(made in token.text for token in equation.result)
    assert [term.lit for term in equation.terms].count(True) == (not POOLINGS[kind].adds)

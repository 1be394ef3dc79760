"""A padding mode that blends cells: values, gradients, traces and use counts follow its record."""

import numpy as np
import pytest

from convviz.engine.gradients import gradients
from convviz.engine.layers import Conv
from convviz.engine.network import apply_layer
from convviz.engine.padding import PADDING_MODES, PaddingMode, pad, padding_sources
from convviz.engine.sources import Sources
from convviz.engine.trace import trace_windows
from convviz.engine.windows import windows_of

AMOUNTS = ((2, 1), (0, 3))


def to_zero(places, size, amount):
    """Fall in equal steps from the border cell to 0, as linear_ramp of numpy.pad does."""
    before, after = amount
    steps = np.where(places < 0, (before + places) / max(before, 1), 0.0)
    steps = np.where(places >= size, (after - places + size - 1) / max(after, 1), steps)
    cells = np.where(steps > 0, np.clip(places, 0, size - 1), -1)
    return Sources(cells[:, None], steps[:, None])


def mean(places, size, _amount):
    """Hold the mean of all cells, as numpy.pad does in its mode of that name."""
    cells = np.tile(np.arange(size), (len(places), 1))
    return Sources(cells, np.full(cells.shape, 1 / size))


BLENDS = {"linear_ramp": to_zero, "mean": mean}


@pytest.fixture(params=BLENDS)
def mode(request, monkeypatch):
    """A mode that blends, in the table of modes."""
    name = request.param
    record = PaddingMode(name, "blended", BLENDS[name], None, None, name, "none")
    monkeypatch.setitem(PADDING_MODES, name, record)
    return name


def layer(mode, **settings):
    weight = np.random.default_rng(1).normal(size=(2, 1, 3, 2))
    return Conv(weight, padding=AMOUNTS, padding_mode=mode, **settings)


def image():
    return np.random.default_rng(2).normal(size=(1, 4, 5))


def test_it_pads_as_numpy_does(mode):
    expected = np.pad(image(), ((0, 0), *AMOUNTS), mode=mode)
    assert pad(image(), AMOUNTS, mode) == pytest.approx(expected, abs=1e-15)


def test_whole_numbers_become_fractions_and_single_precision_stays(mode):
    whole = np.array([1, 2, 4])
    expected = np.pad(whole.astype(float), (2, 2), mode=mode)
    assert pad(whole, ((2, 2),), mode) == pytest.approx(expected)
    assert pad(whole.astype(np.float32), ((2, 2),), mode).dtype == np.float32


def test_its_gradient_is_that_of_small_changes(mode):
    conv, cells = layer(mode, stride=(2, 1), flip=True), image()
    error = np.random.default_rng(3).normal(size=conv.output_shape(cells.shape))
    found = gradients(conv, cells, error).image
    for place in np.ndindex(cells.shape):
        nudge = np.zeros(cells.shape)
        nudge[place] = 0.5  # the layer is linear
        change = apply_layer(conv, cells + nudge) - apply_layer(conv, cells - nudge)
        assert found[place] == pytest.approx(float((change * error).sum()), abs=1e-12)


def test_every_trace_adds_up_to_its_cell(mode):
    conv, cells = layer(mode), image()
    windows, made = windows_of(conv, cells), apply_layer(conv, cells)
    for channel, *at in np.ndindex(made.shape):
        found = trace_windows(conv, windows, tuple(at), channel)
        assert found.value == pytest.approx(made[channel, *at], abs=1e-14)


def test_a_cell_is_used_wherever_its_change_shows(mode):
    ones = Conv(np.ones((1, 1, 3, 2)), padding=AMOUNTS, padding_mode=mode)
    cells = image()
    windows = windows_of(ones, cells)
    for cell in np.ndindex(cells.shape[1:]):
        nudged = cells.copy()
        nudged[0, *cell] += 1
        changed = np.argwhere(apply_layer(ones, nudged)[0] != apply_layer(ones, cells)[0])
        uses = windows.uses(cell)
        used = {(row, column) for row in uses.outputs[0] for column in uses.outputs[1]}
        assert used == set(map(tuple, changed.tolist()))
        assert windows.use_counts()[cell] == uses.count
        for at in used:
            seen = windows.read_for(tuple((index,) for index in at))
            assert all(index in axis for index, axis in zip(cell, seen, strict=True))


@pytest.mark.parametrize("name", PADDING_MODES)
def test_sources_and_weights_make_what_padding_holds(name):
    samples = np.array([3.0, -1.0, 4.0, 1.5])
    sources = padding_sources(4, (3, 2), name)
    made = [sum(weight * samples[cell] for cell, weight in sources.of(n)) for n in range(9)]
    filled = np.where(sources.known, made, 7.0 if PADDING_MODES[name].takes_value else 0.0)
    assert pad(samples, ((3, 2),), name, 7.0).tolist() == filled.tolist()

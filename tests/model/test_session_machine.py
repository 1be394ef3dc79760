"""Whatever a person does, in whatever order: what is shown is right, and undo leads back."""

from pathlib import Path

import numpy as np
import pytest
from conv_cases import Case, by_scipy
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from small_sessions import at, document

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.convolve import apply_conv
from convviz.engine.inputs import INPUTS
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Activation
from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.model import changes, filing, transitions
from convviz.model.derive import derive_scene
from convviz.model.history import DEPTH
from convviz.model.invariants import broken_invariants
from convviz.model.pages import on_page, show_workspace
from convviz.model.session import Playhead, Session, Zoom, new_session

FILE = Path("scene.convviz")
MOVES = (
    "advance", "back", "first", "last", "next_row", "previous_row", "next_term", "previous_term",
    "tick", "toggle_playing", "play_backwards", "play_forwards", "pause", "toggle_pin", "unpin",
    "escape", "faster", "slower", "fit", "dismiss",
)  # fmt: skip
PANES = ("input", "kernel", "output", "window", "weight", "products")
values = st.one_of(st.integers(-9, 9).map(float), st.floats(-1e6, 1e6), st.just(0.1))
seeds = st.integers(0, 2**16)


def named(name):
    """Return the transition or change called `name`."""
    return getattr(changes, name, None) or getattr(transitions, name)


class People(RuleBasedStateMachine):
    """A session in the hands of someone who tries everything."""

    @initialize(start=st.sampled_from(["program", "small", "signal"]))
    def open(self, start):
        if start == "program":
            self.now = new_session()
        elif start == "small":
            self.now = Session(document((5, 6), (2, 3), flip=True), playhead=Playhead(3))
        else:
            signal = Session(document((9,), (3,), padding="same"))
            self.now = show_workspace(signal, "signals")
        self.first, self.changes = self.now.document, 0

    def do(self, name, *arguments):
        before = self.now
        self.now = named(name)(before, *arguments)
        if self.now.history is not before.history:
            self.changes += 1
            assert self.now.attempt is None
            assert self.now.history.future == ()
        else:
            assert self.now.document is before.document

    def per_axis(self, numbers):
        return tuple(numbers[: self.now.conv.rank])

    # What changes the document

    @rule(name=st.sampled_from(list(INPUTS)))
    def input_preset(self, name):
        self.do("set_input_preset", name)

    @rule(shape=st.tuples(*[st.integers(1, 12)] * 2), seed=seeds)
    def image(self, shape, seed):
        cells = np.random.default_rng(seed).normal(size=self.per_axis(shape)).round(2)
        self.do("set_image", cells, "own")

    @rule(name=st.sampled_from(list(KERNELS)))
    def kernel_preset(self, name):
        if KERNELS[name].kernel.ndim == self.now.conv.rank:
            self.do("set_kernel_preset", name)

    @rule(name=st.sampled_from(["set_stride", "set_dilation", "set_kernel_size"]),
          numbers=st.tuples(*[st.integers(1, 7)] * 2))  # fmt: skip
    def knob(self, name, numbers):
        self.do(name, self.per_axis(numbers))

    @rule(padding=st.one_of(st.sampled_from(list(PADDING_RULES)),
                            st.tuples(*[st.tuples(*[st.integers(0, 9)] * 2)] * 2)))  # fmt: skip
    def padding(self, padding):
        self.do("set_padding", padding if isinstance(padding, str) else self.per_axis(padding))

    @rule(mode=st.sampled_from(list(PADDING_MODES)))
    def mode(self, mode):
        self.do("set_padding_mode", mode)

    @rule(name=st.sampled_from(["set_bias", "set_padding_value"]), value=values)
    def number(self, name, value):
        self.do(name, value)

    @rule(flip=st.booleans())
    def flip(self, flip):
        self.do("set_flip", flip)

    @rule(name=st.sampled_from(list(ACTIVATIONS)))
    def activation(self, name):
        self.do("set_activation", name)

    @rule(pane=st.sampled_from(["input", "kernel"]), seed=seeds, value=values)
    def cell(self, pane, seed, value):
        cell = self.some_cell(pane, seed)
        self.do("set_cell", pane, cell, value)
        scene = derive_scene(self.now)
        grid = scene.input if pane == "input" else scene.kernel.grid
        (above, _), (before, _) = grid.cells.padding
        assert grid.cells.values[cell[0] + above, cell[1] + before] == value

    @precondition(lambda self: self.now.problem and self.now.problem.fixes)
    @rule(number=st.integers(0, 3))
    def mend(self, number):
        fixes = self.now.problem.fixes
        self.do("apply_fix", fixes[number % len(fixes)])
        assert self.now.problem is None

    @rule()
    def withdraw(self):
        self.do("withdraw")
        assert self.now.problem is None

    @rule(times=st.integers(1, 4))
    def undo_and_redo(self, times):
        self.now = changes.withdraw(self.now)
        document, count = self.now.document, len(self.now.history.past)
        seen = []
        for _ in range(min(times, count)):
            self.now = changes.undo(self.now)
            seen.append(self.now.document)
            self.shown_is_right()
        for expected in [*reversed(seen[:-1]), document] if seen else []:
            self.now = changes.redo(self.now)
            assert self.now.document is expected
        assert len(self.now.history.past) == count

    @rule()
    def undo(self):
        self.now = changes.undo(self.now)

    @rule()
    def save(self):
        self.now = filing.mark_saved(self.now, self.now.document, FILE)

    @rule()
    def revert(self):
        before = self.now
        self.now = filing.revert(before)
        self.changes += self.now.history is not before.history

    @rule(rank=st.sampled_from([1, 2]))
    def other_page(self, rank):
        self.now = on_page(self.now, rank)

    # What does not

    @rule(name=st.sampled_from(MOVES))
    def move(self, name):
        document, history = self.now.document, self.now.history
        self.now = named(name)(self.now)
        assert self.now.document is document
        assert self.now.history is history

    @rule(step=st.integers(-5, 400))
    def seek(self, step):
        self.now = transitions.seek(self.now, step)
        assert self.now.playhead.step == min(max(step, 0), self.now.step_count - 1)

    @rule(how=st.sampled_from(["hover", "pin", "select"]), pane=st.sampled_from(PANES), seed=seeds)
    def look(self, how, pane, seed):
        if how == "select" and pane not in ("input", "kernel"):
            return
        self.now = getattr(transitions, how)(self.now, at(pane, *self.some_cell(pane, seed)))

    @rule(loop=st.booleans(), by_terms=st.booleans(), count=st.integers(1, 40))
    def play(self, loop, by_terms, count):
        self.now = transitions.set_by_terms(transitions.set_loop(self.now, loop), by_terms)
        self.now = transitions.tick(self.now, count)

    @rule(factor=st.floats(0.1, 1e4))
    def zoom(self, factor):
        self.now = transitions.zoom(self.now, "input", Zoom(factor))

    def some_cell(self, pane, seed):
        scene = derive_scene(self.now)
        rows, columns = {
            "output": scene.output.cells.shape,
            "input": (1, *self.now.document.image.shape[1:])[-2:],
        }.get(pane, scene.kernel.grid.cells.shape)
        return seed % rows, seed // 7 % columns

    # What always holds

    @invariant()
    def the_document_fits(self):
        assert self.now.document.problem is None
        assert (self.now.attempt is None) == (self.now.problem is None)

    @invariant()
    def what_is_looked_at_is_there(self):
        assert broken_invariants(self.now) == ()

    @invariant()
    def shown_is_right(self):
        """The map is SciPy's, the number of the step is the map's, and every text can be made."""
        scene, now = derive_scene(self.now), self.now
        conv, image = now.conv, now.document.image
        activation = now.document.activation(0).apply
        expected = activation(by_scipy(case_of(conv, image))[0])
        shown = scene.output.cells.values
        scale = 1 + np.abs(image).max() * np.abs(conv.weight).sum() + abs(conv.padding_value) * 1e2
        assert shown == pytest.approx(expected.reshape(shown.shape), abs=1e-12 * scale)
        ours = activation(apply_conv(conv, image))[0].reshape(shown.shape)
        assert shown == pytest.approx(ours, abs=1e-14 * scale)
        assert (scene.step, scene.step_count) == (now.cursor.step, shown.size)
        bias = 0.0 if conv.bias is None else conv.bias[0]
        traced = activation(np.array(scene.dot.products.cells.values.sum() + bias))
        assert shown[scene.output.current] == pytest.approx(float(traced), abs=1e-12 * scale)
        assert scene.sentence.startswith(scene.place)
        assert scene.input.cells.values.shape == scene.input.cells.shape

    def teardown(self):
        """Everything that was done can be taken back, if it is not too long ago."""
        if not hasattr(self, "now") or self.changes > DEPTH:
            return
        self.now = on_page(self.now, self.first.rank)
        while self.now.history.past or self.now.attempt:
            self.now = changes.undo(self.now)
        assert self.now.document is self.first


def case_of(conv, image):
    names = ("stride", "padding", "padding_mode", "padding_value", "dilation", "groups", "flip")
    return Case(image, conv.weight, conv.bias, {name: getattr(conv, name) for name in names})


QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much]
TestPeople = People.TestCase
TestPeople.settings = settings(
    max_examples=60,
    stateful_step_count=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=QUIET,
)


class ManyPeople(People):
    """The same, for longer and each time otherwise."""


@pytest.mark.slow
class TestManyPeople(ManyPeople.TestCase):
    settings = settings(
        max_examples=1500,
        stateful_step_count=80,
        deadline=None,
        database=None,
        suppress_health_check=QUIET,
    )


def test_the_activation_after_the_layer_is_the_one_that_is_compared():
    stack = document((4, 4), (2, 2), activation="tanh")
    assert stack.activation(0) == Activation("tanh")

"""A stack of layers in the hands of someone who tries everything: nothing breaks."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from convviz.engine.kernel_tools import KERNEL_CHANGES
from convviz.engine.layers import Activation, Conv, ConvTranspose, Pool
from convviz.engine.network import Network
from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.model import changes, filing, impulse, pages, stacking, transitions
from convviz.model.derive import derive_scene
from convviz.model.document import Document, results
from convviz.model.invariants import broken_invariants
from convviz.model.pages import on_page
from convviz.model.session import WORKSPACES, Session, Target

RESTACK = (
    "remove_layer", "duplicate_layer", "move_earlier", "move_later", "toggle_layer",
    "add_output_channel", "duplicate_output_channel", "remove_output_channel",
)  # fmt: skip
LOOK = (
    "next_layer", "previous_layer", "next_channel", "previous_channel", "next_source",
    "previous_source", "advance", "back", "next_term", "previous_term", "next_row", "tick",
    "toggle_pin", "first", "last", "play_forwards",
)  # fmt: skip
KNOBS = ("set_stride", "set_dilation", "set_kernel_size", "set_output_padding", "set_padding")
SETTINGS_OF = {
    Conv: {"set_stride", "set_dilation", "set_kernel_size", "set_padding"},
    ConvTranspose: {"set_stride", "set_dilation", "set_kernel_size", "set_padding",
                    "set_output_padding"},
    Pool: {"set_stride", "set_kernel_size", "set_padding"},
    Activation: set(),
}  # fmt: skip
MOST_CELLS = 40_000
FILE = Path("scene.convviz")


def start_layers():
    rng = np.random.default_rng(0)
    weight = rng.integers(-2, 3, (2, 3, 3, 3))
    up = rng.integers(-2, 3, (2, 1, 2, 2))
    return (
        Conv(weight, [1, -1], padding=1),
        Activation("relu"),
        Pool("max", 2, ceil_mode=True),
        ConvTranspose(up, stride=2, padding=1),
    )


class Builders(RuleBasedStateMachine):
    """Someone who builds a network."""

    @initialize(rank=st.sampled_from([1, 2]), focus=st.integers(0, 3))
    def open(self, rank, focus):
        image = np.random.default_rng(1).integers(0, 9, (3, 6, 5)[: rank + 1]).astype(float)
        layers = start_layers() if rank == 2 else (Conv(np.ones((2, 3, 2))), Pool("avg", 2, rank=1))
        document = Document(image, "random", layers)
        self.now = Session(document, layer=min(focus, len(layers) - 1))
        self.now = pages.show_workspace(self.now, pages.workspace_of(rank))
        self.first = document

    def do(self, module, name, *arguments):
        before = self.now
        after = getattr(module, name)(before, *arguments)
        if after.document is not before.document and self.is_large(after):
            return
        self.now = after
        if after.history is before.history:
            assert after.document is before.document
        else:
            assert after.attempt is None
            assert after.history.past[-1].name

    def is_large(self, session):
        return max(np.prod(shape) for shape in session.document.shapes) > MOST_CELLS

    @rule(name=st.sampled_from(RESTACK))
    def restack(self, name):
        self.do(stacking, name)

    @precondition(lambda self: len(self.now.edited.layers) < 8)
    @rule(kind=st.sampled_from(list(stacking.LAYER_KINDS)))
    def add(self, kind):
        self.do(stacking, "add_layer", kind)

    @rule(kind=st.sampled_from(list(stacking.LAYER_KINDS)))
    def make_it(self, kind):
        self.do(stacking, "set_kind", kind)

    @rule(index=st.integers(-1, 9), to=st.integers(-1, 9))
    def move(self, index, to):
        layers = len(self.now.edited.layers)
        self.do(stacking, "move_layer", index % layers, to)

    @rule(name=st.sampled_from(KNOBS), numbers=st.tuples(*[st.integers(0, 4)] * 2))
    def knob(self, name, numbers):
        layer = self.now.edited.layers[self.now.layer]
        if name not in SETTINGS_OF[type(layer)]:
            return
        least = 0 if "padding" in name else 1
        values = tuple(max(n, least) for n in numbers[: self.now.rank])
        self.do(changes, name, values)

    @rule(groups=st.integers(1, 4))
    def groups(self, groups):
        self.do(changes, "set_groups", groups)

    @rule(count=st.integers(1, 5))
    def outputs(self, count):
        self.do(stacking, "set_output_channels", count)

    @rule()
    def depthwise(self):
        self.do(changes, "depthwise")

    @rule()
    def impulse(self):
        self.do(impulse, "impulse_test")

    @rule(change=st.sampled_from(list(KERNEL_CHANGES)))
    def turn_kernel(self, change):
        self.do(changes, "change_kernel", change)

    @rule(seed=st.integers(0, 5))
    def random_kernel(self, seed):
        self.do(changes, "randomise_kernel", seed)

    @rule(channels=st.integers(1, 4), side=st.integers(1, 7), seed=st.integers(0, 9))
    def image(self, channels, side, seed):
        shape = (channels, side, side + 1)[: self.now.rank + 1]
        self.do(changes, "set_image", np.random.default_rng(seed).integers(-3, 9, shape), "other")

    @rule(rule_=st.sampled_from(list(PADDING_RULES)), mode=st.sampled_from(list(PADDING_MODES)))
    def padding(self, rule_, mode):
        if isinstance(self.now.edited.layers[self.now.layer], Conv):
            self.do(changes, "set_padding", rule_)
            self.do(changes, "set_padding_mode", mode)

    @rule(value=st.integers(-9, 9), seed=st.integers(0, 99))
    def cell(self, value, seed):
        pane = "input" if self.now.layer == 0 and seed % 2 else "kernel"
        if pane == "kernel" and self.now.conv is None:
            return
        rows, columns = derive_scene(changes.withdraw(self.now)).kernel.grid.cells.shape
        if pane == "input":
            rows, columns = self.now.input_size
        self.do(changes, "set_cell", pane, (seed % rows, seed % columns), float(value))

    @precondition(lambda self: self.now.problem and self.now.problem.fixes)
    @rule(number=st.integers(0, 3))
    def mend(self, number):
        """A way out mends its layer; another may be next in line."""
        before = self.now.edited.problem
        fix = before.problem.fixes[number % len(before.problem.fixes)]
        after = changes.apply_fix(self.now, fix)
        assert after.edited.problem is None or after.edited.problem.index > before.index
        self.now = changes.withdraw(after) if self.is_large(after) else after

    @rule(times=st.integers(1, 3))
    def undo(self, times):
        for _ in range(times):
            self.now = changes.undo(self.now)

    @rule()
    def redo(self):
        self.now = changes.redo(changes.withdraw(self.now))

    @rule()
    def save(self):
        self.now = filing.mark_saved(self.now, self.now.document, FILE)

    @rule()
    def revert(self):
        self.now = filing.revert(self.now)

    @rule(name=st.sampled_from(LOOK))
    def look(self, name):
        document = self.now.document
        module = stacking if name.endswith("_layer") else transitions
        self.now = getattr(module, name)(self.now)
        assert self.now.document is document

    @rule(step=st.integers(0, 400), term=st.one_of(st.none(), st.integers(0, 30)))
    def seek(self, step, term):
        last = self.now.stage_count - 1
        self.now = transitions.seek(self.now, step, None if term is None else min(term, last))

    @rule(channel=st.integers(0, 5), source=st.integers(0, 5))
    def kernel(self, channel, source):
        self.now = transitions.choose_kernel(self.now, channel, source)

    @rule(workspace=st.sampled_from(WORKSPACES), scatter=st.booleans(), counts=st.booleans())
    def view(self, workspace, scatter, counts):
        self.now = pages.show_workspace(self.now, workspace)
        self.now = transitions.set_scatter(self.now, scatter)
        self.now = transitions.set_use_counts(self.now, counts)

    @rule(pane=st.sampled_from(["input", "kernel", "output", "window"]), seed=st.integers(0, 999))
    def hover(self, pane, seed):
        sizes = {"input": self.now.input_size, "output": self.now.output_size}
        rows, columns = sizes.get(pane, (1, *self.now.kernel_size)[-2:])
        self.now = transitions.hover(self.now, Target(pane, (seed % rows, seed % columns)))

    @invariant()
    def the_document_fits(self):
        assert self.now.document.problem is None
        assert (self.now.attempt is None) == (self.now.problem is None)

    @invariant()
    def everything_is_inside(self):
        now = self.now
        assert broken_invariants(now) == ()
        assert 0 <= now.channel < now.output_count
        assert now.shown_source in now.sources

    @invariant()
    def every_scene_can_be_shown_and_is_right(self):
        scene, now = derive_scene(self.now), self.now
        assert scene.sentence
        assert scene.title
        if not now.view.use_counts and not now.stamping:
            after = Network([now.focus, now.document.activation(now.layer)])
            image = results(now.document).entering(now.layer)
            expected = after(image)[now.channel]
            shown = scene.output.cells.values
            scale = 1e-11 * (1 + np.abs(expected).max())
            assert shown == pytest.approx(expected.reshape(shown.shape), abs=scale)
        if scene.stack:
            assert len(scene.stack.cards) == len(now.edited.layers) + 1
            field = scene.stack.field
            assert field is None or (field.rows and field.columns)

    def teardown(self):
        if not hasattr(self, "now"):
            return
        self.now = on_page(self.now, self.first.rank)
        while self.now.history.past or self.now.attempt:
            self.now = changes.undo(self.now)
        assert self.now.document is self.first


TestBuilders = Builders.TestCase
TestBuilders.pytestmark = [pytest.mark.timeout(600)]  # for busy machines
TestBuilders.settings = settings(
    max_examples=60,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

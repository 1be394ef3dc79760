"""Were a rule of ours wrong, each library would say so: none of them asks our geometry."""

from dataclasses import replace

import numpy as np
import pytest

from convviz.engine import oracle_onnx, oracle_padding, oracle_torch, pooling, transposed
from convviz.engine.geometry import Axis
from convviz.engine.layers import Conv, ConvTranspose, Pool
from convviz.engine.network import apply_layer
from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.engine.verify import LIBRARIES, available_libraries, verify
from convviz.model.verdicts import short_verdict

OUT = Axis.out.fget


@pytest.fixture(params=LIBRARIES)
def library(request):
    """A library that is installed; others are skipped."""
    if request.param not in available_libraries():
        pytest.skip(f"{request.param} is not installed")
    return request.param


def image(*shape):
    return np.random.default_rng(8).normal(size=shape)


def verdict(layer, pixels, library):
    with np.errstate(all="ignore"):
        (found,) = verify(layer, pixels, apply_layer(layer, pixels), (library,))
    return found


def conv(*kernel, **settings):
    return Conv(np.random.default_rng(9).normal(size=(1, 1, *kernel)), **settings)


def with_amounts(monkeypatch, name, amounts):
    monkeypatch.setitem(PADDING_RULES, name, replace(PADDING_RULES[name], amounts=amounts))


RIGHT = {name: rule.amounts for name, rule in PADDING_RULES.items()}


def other_side(name):
    return lambda axis, flip: RIGHT[name](axis, flip)[::-1]


def one_more(name):
    return lambda axis, flip: (RIGHT[name](axis, flip)[0] + 1, RIGHT[name](axis, flip)[1])


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("name", ["same", "same_upper", "same_lower", "causal"])
@pytest.mark.parametrize("settings", [{}, {"dilation": 3}, {"stride": 2}], ids=str)
def test_the_extra_cell_on_the_wrong_side_is_found(monkeypatch, library, name, settings, flip):
    layer = conv(3, 2, padding=name, flip=flip, **settings)
    pixels = image(1, 12, 10)
    assert verdict(layer, pixels, library).agrees
    with_amounts(monkeypatch, name, other_side(name))
    found = verdict(layer, pixels, library)
    assert found.wrong > 0
    assert short_verdict(found).startswith(f"✗ {LIBRARIES[library].title} differs by ")


@pytest.mark.parametrize("name", PADDING_RULES)
def test_a_cell_too_many_is_found(monkeypatch, library, name):
    layer, pixels = conv(3, 3, padding=name), image(1, 6, 7)
    assert verdict(layer, pixels, library).agrees
    with_amounts(monkeypatch, name, one_more(name))
    assert short_verdict(verdict(layer, pixels, library)).endswith("differs in shape")


SWAPPED = [
    ("reflect", "symmetric"),
    ("symmetric", "reflect"),
    ("replicate", "reflect"),
    ("circular", "replicate"),
    ("zeros", "replicate"),
    ("constant", "circular"),
]


@pytest.mark.parametrize(("mode", "other"), SWAPPED)
def test_padding_that_holds_the_wrong_cells_is_found(monkeypatch, library, mode, other):
    layer = conv(3, 3, padding=((2, 1), (0, 2)), padding_mode=mode, padding_value=0.5)
    pixels = image(1, 6, 7)
    assert verdict(layer, pixels, library).agrees
    wrong = replace(PADDING_MODES[mode], made_of=PADDING_MODES[other].made_of)
    monkeypatch.setitem(PADDING_MODES, mode, wrong)
    assert verdict(layer, pixels, library).wrong > 0


def test_each_mode_is_mistaken_for_another_one_above():
    assert {mode for mode, _ in SWAPPED} == set(PADDING_MODES)


@pytest.mark.parametrize("kind", ["max", "avg"])
@pytest.mark.parametrize("wrong", [-1, 1])
def test_a_window_too_few_or_too_many_by_ceil_mode_is_found(monkeypatch, library, kind, wrong):
    layer, pixels = Pool(kind, 3, stride=2, ceil_mode=True), image(2, 8, 8)
    assert verdict(layer, pixels, library).agrees
    monkeypatch.setattr(Axis, "out", property(lambda axis: OUT(axis) + wrong * axis.ceil))
    assert short_verdict(verdict(layer, pixels, library)).endswith("differs in shape")


def test_a_window_that_begins_beyond_the_input_is_found(monkeypatch, library):
    layer, pixels = Pool("max", 2, stride=3, padding=1, ceil_mode=True), image(1, 5, 5)
    assert verdict(layer, pixels, library).agrees
    rounded_up = property(lambda axis: -(-(axis.padded - axis.span) // axis.stride) + 1)
    monkeypatch.setattr(Axis, "out", rounded_up)
    assert short_verdict(verdict(layer, pixels, library)).endswith("differs in shape")


def test_means_by_the_wrong_number_of_cells_are_found(monkeypatch, library):
    layer = Pool("avg", 3, stride=2, padding=1, count_include_pad=False)
    pixels = image(1, 6, 6)
    assert verdict(layer, pixels, library).agrees
    right = pooling.divisors
    counting = replace(layer, count_include_pad=True)
    monkeypatch.setattr(pooling, "divisors", lambda _, spatial: right(counting, spatial))
    assert verdict(layer, pixels, library).wrong == 5  # of 9: those that reach into the padding


def test_a_transposed_convolution_that_cuts_off_the_wrong_end_is_found(monkeypatch, library):
    weight = np.random.default_rng(9).normal(size=(1, 1, 4))
    layer = ConvTranspose(weight, stride=2, padding=1, output_padding=1)
    pixels = image(1, 5)
    assert verdict(layer, pixels, library).agrees
    right = transposed.spread_amounts
    swapped = lambda layer: tuple(pair[::-1] for pair in right(layer))  # noqa: E731
    monkeypatch.setattr(transposed, "spread_amounts", swapped)
    assert verdict(layer, pixels, library).wrong > 0


@pytest.mark.parametrize(
    "table", [oracle_padding.NUMPY_MODES, oracle_torch.PAD_MODES, oracle_onnx.PAD_MODES]
)
def test_every_padding_mode_stands_in_the_tables_of_each_library(table):
    assert list(table) == list(PADDING_MODES)


def test_every_padding_rule_is_computed_by_other_libraries_too():
    assert {*oracle_padding.RULES, "same"} == set(PADDING_RULES)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("name", PADDING_RULES)
def test_the_rules_of_other_libraries_are_ours(name, flip):
    for size in range(1, 10):
        for kernel, stride, dilation in np.ndindex(4, 4, 3):
            layer = Conv(
                np.ones((1, 1, kernel + 1)),
                padding=name,
                flip=flip,
                stride=stride + 1,
                dilation=dilation + 1,
            )
            assert oracle_padding.amounts(layer, (size,)) == layer.amounts((size,)), layer

"""What is wrong with a layer of any kind: a sentence with numbers, and ways out that lead out."""

import re
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from convviz.engine.layers import Conv, ConvTranspose, LayerError, Pool
from convviz.engine.network import apply_layer
from convviz.engine.padding import PADDING_MODES, PADDING_RULES

CASES = 3_000
TRANSPOSED_AXES = (
    "weight needs the shape (in_channels, out_channels/groups, *kernel) "
    "with a kernel of one or two axes"
)
FAR = (100, 5_000, 70_000_000, 10**18)


def numbers(rng, rank, low, high, far=0.05):
    return tuple(
        int(rng.choice(FAR)) if rng.random() < far else int(rng.integers(low, high + 1))
        for _ in range(rank)
    )


def channels(rng, inputs):
    """Return input channels and groups of a weight: those of the image, or any."""
    if rng.random() < 0.6:
        return inputs, 1
    return int(rng.integers(1, 9)), int(rng.choice([1, 2, 3, 4, 5, 6, 8, 12, 10**9]))


def random_conv(rng, rank, inputs):
    taken, groups = channels(rng, inputs)
    sides = [
        tuple(zip(numbers(rng, rank, 0, 8), numbers(rng, rank, 0, 8), strict=True)),
        str(rng.choice(list(PADDING_RULES))),
    ]
    outputs = int(rng.integers(1, 9))
    return Conv(
        np.ones((outputs, taken, *rng.integers(1, 6, rank))),
        np.ones(outputs) if rng.random() < 0.5 else None,
        stride=numbers(rng, rank, 1, 4),
        padding=sides[rng.integers(2)],
        padding_mode=str(rng.choice(list(PADDING_MODES))),
        dilation=numbers(rng, rank, 1, 6),
        groups=groups,
        flip=bool(rng.integers(2)),
    )


def random_transposed(rng, rank, inputs):
    taken, groups = channels(rng, inputs)
    return ConvTranspose(
        np.ones((taken, rng.integers(1, 4), *rng.integers(1, 6, rank))),
        stride=numbers(rng, rank, 1, 4),
        padding=numbers(rng, rank, 0, 8),
        output_padding=numbers(rng, rank, 0, 3),
        dilation=numbers(rng, rank, 1, 5),
        groups=groups,
    )


def random_pool(rng, rank, _inputs):
    kind = str(rng.choice(["max", "avg"]))
    return Pool(
        kind,
        numbers(rng, rank, 1, 8),
        stride=numbers(rng, rank, 1, 5) if rng.random() < 0.7 else None,
        padding=numbers(rng, rank, 0, 5),
        dilation=numbers(rng, rank, 1, 5) if kind == "max" else 1,
        ceil_mode=bool(rng.integers(2)),
    )


@pytest.mark.parametrize(
    ("random_layer", "settings"),
    [
        (random_conv, {"weight", "groups", "padding", "padding_mode", "dilation", "kernel_size"}),
        (
            random_transposed,
            {"weight", "groups", "output_padding", "padding", "stride", "dilation"},
        ),
        (random_pool, {"padding", "kernel_size", "dilation"}),
    ],
    ids=["conv", "transposed", "pool"],
)
def test_every_problem_has_a_way_out_and_every_way_out_leads_out(random_layer, settings):
    rng = np.random.default_rng(50)
    blamed = Counter()
    for _ in range(CASES):
        rank = int(rng.integers(1, 3))
        shape = (int(rng.choice([1, 2, 3, 4, 6, 8])), *(int(n) for n in rng.integers(1, 10, rank)))
        layer = random_layer(rng, rank, shape[0])
        problem = layer.problem(shape)
        if problem is None:
            assert_computes(layer, shape)
            continue
        blamed[problem.setting] += 1
        assert problem.fixes, (layer, shape, problem.sentence)
        assert re.search(r"\d", problem.sentence)
        labels = [fix.label for fix in problem.fixes]
        assert len(set(labels)) == len(labels)
        for fix in problem.fixes:
            mended = replace(layer, **fix.changes)
            assert mended.problem(shape) is None, (layer, shape, fix.label)
            assert_computes(mended, shape)
    assert set(blamed) == settings


def assert_computes(layer, shape):
    sizes = layer.output_shape(shape)
    assert min(sizes) >= 1
    if np.prod(sizes) < 1e4 and is_small(layer, shape):
        assert apply_layer(layer, np.ones(shape)).shape == sizes


def is_small(layer, shape):
    """Return whether applying takes no time: fewer windows times cells than a million."""
    if isinstance(layer, ConvTranspose):
        return max(*layer.dilation, *layer.stride, *layer.padding) < 50
    axes = layer.axes(shape[1:])
    return all(axis.padded + axis.overhang < 200 for axis in axes)


def transposed(*shape, **settings):
    return ConvTranspose(np.ones(shape), **settings)


@pytest.mark.parametrize(
    ("layer", "shape", "setting", "sentence", "fixes"),
    [
        (transposed(1, 1, 3, output_padding=1), (1, 5), "output_padding",
         "output_padding 1 must be smaller than the stride 1 or the dilation 1",
         ["reduce output_padding to 0", "raise the stride to 2"]),
        (transposed(1, 1, 3, 3, stride=2, output_padding=(1, 2)), (1, 5, 5), "output_padding",
         "output_padding 2 must be smaller than the stride 2 or the dilation 1",
         ["reduce output_padding to 1", "raise the stride to 2 × 3"]),
        (transposed(1, 1, 3, padding=4), (1, 5), "padding",
         "padding 4 cuts 8 cells off an output of 7: none would be left",
         ["reduce padding to 3"]),
        (transposed(2, 1, 3, 3), (3, 5, 5), "weight",
         "the weight takes 2 input channels, the image has 3", ["take 3 input channels"]),
        (transposed(6, 1, 3, 3, groups=2, bias=[1, 2]), (3, 5, 5), "weight",
         "the weight takes 6 input channels, the image has 3",
         ["take 3 input channels, 1 group"]),
        (transposed(4, 1, 3, 3, groups=3), (4, 5, 5), "groups",
         "3 groups do not divide 4 input channels evenly", ["2 groups", "4 groups"]),
        (transposed(1, 1, 3, 3, stride=5000), (1, 5, 5), "stride",
         "the layer would need 400,200,025 cells, 64,000,000 are allowed", ["stride 1"]),
        (transposed(1, 1, 3, 3, dilation=5000, padding=5000), (1, 5, 5), "dilation",
         "the layer would need 100,100,025 cells, 64,000,000 are allowed",
         ["no dilation, reduce padding to 3"]),
        (transposed(1, 1, 3, 3), (1, 5), "image",
         "the image has 1 spatial axis, the kernel has 2", []),
        (transposed(1, 1, 3), (1, 0), "image", "the image is empty: its shape is 1 × 0", []),
        (Pool("max", 2, padding=2), (1, 5, 5), "padding",
         "padding 2 is more than half of the 2 cells of the pooling window",
         ["reduce padding to 1", "enlarge the window to 4"]),
        (Pool("avg", (3,), padding=2), (1, 5), "padding",
         "padding 2 is more than half of the 3 cells of the pooling window",
         ["reduce padding to 1", "enlarge the window to 4"]),
        (Pool("max", 9), (1, 5, 5), "kernel_size",
         "the pooling window spans 9 cells, the padded input has 5",
         ["reduce the window to 5"]),
        (Pool("max", 3, dilation=4), (1, 5, 5), "kernel_size",
         "the pooling window spans 9 cells, the padded input has 5",
         ["no dilation", "reduce the window to 2"]),
        (Pool("max", (2,), dilation=6, padding=1, stride=1), (1, 5), "dilation",
         "a window would hold nothing but padding: dilation 6 passes over 5 cells of the input",
         ["no dilation"]),
        (Pool("avg", (10**9,), padding=5 * 10**8), (1, 5), "kernel_size",
         "the padded input would have 1,000,000,005 cells, 64,000,000 are allowed",
         ["reduce the window to 5"]),
        (Pool("max", 10**9, ceil_mode=True), (1, 5, 5), "kernel_size",
         "the padded input would have 1,000,000,000,000,000,000 cells, 64,000,000 are allowed",
         ["reduce the window to 5"]),
        (Pool("max", 2), (3, 5), "image", "the image has 1 spatial axis, the pooling has 2", []),
        (Pool("max", 2), (), "image", "the image has 0 spatial axes, the pooling has 2", []),
        (Pool("max", 2), (1, 0, 5), "image", "the image is empty: its shape is 1 × 0 × 5", []),
    ],
    ids=str,
)  # fmt: skip
def test_what_does_not_fit_says_why_and_what_would(layer, shape, setting, sentence, fixes):
    problem = layer.problem(shape)
    assert (problem.setting, problem.sentence) == (setting, sentence)
    assert [fix.label for fix in problem.fixes] == fixes


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Pool("mean", 2), "'mean' is no pooling: choose one of max, avg"),
        (lambda: Pool(["max"], 2), "['max'] is no pooling: choose one of max, avg"),
        (lambda: Pool("max", 0), "kernel_size must be 1 or more, not 0"),
        (lambda: Pool("max", "a"), "kernel_size must be a whole number per axis, not 'a'"),
        (lambda: Pool("max", None), "kernel_size must be a whole number per axis, not None"),
        (lambda: Pool("max", 2.0), "kernel_size must be a whole number per axis, not 2.0"),
        (lambda: Pool("max", (2, 2, 2)), "a pooling window has one or two axes, not 3"),
        (lambda: Pool("max", ()), "a pooling window has one or two axes, not 0"),
        (lambda: Pool("max", 2, stride=0), "stride must be 1 or more, not 0"),
        (lambda: Pool("max", 2, stride=(2, 0)), "stride must be 1 or more, not 0"),
        (lambda: Pool("max", 2, stride=()), "stride has 0 numbers, the kernel has 2 axes"),
        (lambda: Pool("max", 2, padding=-1), "padding must be 0 or more, not -1"),
        (lambda: Pool("max", 2, padding=((0, 1), (0, 1))),
         "padding must be a whole number per axis, not ((0, 1), (0, 1))"),
        (lambda: Pool("max", 2, padding="same"),
         "padding must be a whole number per axis, not 'same'"),
        (lambda: Pool("max", 2, dilation=0), "dilation must be 1 or more, not 0"),
        (lambda: Pool("avg", 2, dilation=2), "average pooling has no dilation"),
        (lambda: transposed(1, 1, 3, stride=0), "stride must be 1 or more, not 0"),
        (lambda: transposed(1, 1, 3, padding=-1), "padding must be 0 or more, not -1"),
        (lambda: transposed(1, 1, 3, padding=((0, 1),)),
         "padding must be a whole number per axis, not ((0, 1),)"),
        (lambda: transposed(1, 1, 3, output_padding=-1),
         "output_padding must be 0 or more, not -1"),
        (lambda: transposed(1, 1, 3, groups=0), "groups must be 1 or more, not 0"),
        (lambda: transposed(2, 2, 3, groups=2, bias=[1, 2]),
         "bias has the shape 2, the weight has 4 output channels"),
        (lambda: transposed(1, 1, 3, groups=10**9, bias=0),
         "the layer would have 1,000,000,000 output channels: too many for a bias"),
        (lambda: transposed(1, 3), f"{TRANSPOSED_AXES}, not 1 × 3"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused_in_one_sentence(make, sentence):
    with pytest.raises(LayerError) as caught:
        make()
    assert str(caught.value) == sentence

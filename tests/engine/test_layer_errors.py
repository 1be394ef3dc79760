"""Each setting that cannot be says so in numbers, and each way out that is offered is one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.convolve import conv
from convviz.engine.layers import Activation, Conv, LayerError
from convviz.engine.padding import PADDING_MODES, PADDING_RULES

MODES = "zeros, constant, reflect, symmetric, replicate, circular"
WHOLE_CELLS = "padding must be whole numbers, one per axis or (before, after)"
RULES = "valid, same, full, same_upper, same_lower, causal"
PAIR = np.ones((2, 1, 3, 3))  # two kernels of 3 x 3 for one channel


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"stride": 0}, "stride must be 1 or more, not 0"),
        ({"stride": (2, -1)}, "stride must be 1 or more, not -1"),
        ({"stride": 1.5}, "stride must be a whole number per axis, not 1.5"),
        ({"stride": True}, "stride must be a whole number per axis, not True"),
        ({"stride": "2"}, "stride must be a whole number per axis, not '2'"),
        ({"stride": None}, "stride must be a whole number per axis, not None"),
        ({"stride": (1, 2, 3)}, "stride has 3 numbers, the kernel has 2 axes"),
        ({"stride": (1,)}, "stride has 1 number, the kernel has 2 axes"),
        ({"dilation": 0}, "dilation must be 1 or more, not 0"),
        ({"dilation": (1.0, 2)}, "dilation must be a whole number per axis, not (1.0, 2)"),
        ({"dilation": ()}, "dilation has 0 numbers, the kernel has 2 axes"),
        ({"padding": -1}, "padding must not be negative"),
        ({"padding": ((0, 1), (2, -1))}, "padding must not be negative"),
        ({"padding": 0.5}, f"{WHOLE_CELLS}, not 0.5"),
        ({"padding": ((1, 2, 3), 0)}, f"{WHOLE_CELLS}, not ((1, 2, 3), 0)"),
        ({"padding": None}, f"{WHOLE_CELLS}, not None"),
        ({"padding": (1, 2, 3)}, "padding has 3 amounts, the kernel has 2 axes"),
        ({"padding": ((1, 2),)}, "padding has 1 amount, the kernel has 2 axes"),
        ({"padding": "SAME"}, f"'SAME' is no padding rule: choose one of {RULES}"),
        ({"padding_mode": "mirror"}, f"'mirror' is no padding mode: choose one of {MODES}"),
        ({"padding_mode": None}, f"None is no padding mode: choose one of {MODES}"),
        ({"padding_mode": ["zeros"]}, f"['zeros'] is no padding mode: choose one of {MODES}"),
        ({"padding_value": float("nan")}, "the padding value must be finite, not nan"),
        ({"padding_value": float("inf")}, "the padding value must be finite, not inf"),
        ({"padding_value": None}, "the padding value must be a number, not None"),
        ({"padding_value": "x"}, "the padding value must be a number, not 'x'"),
        ({"padding_value": 1j}, "the padding value must be a number, not 1j"),
        ({"groups": 0}, "groups must be 1 or more, not 0"),
        ({"groups": 1.0}, "groups must be a whole number, not 1.0"),
        ({"bias": [1, 2, 3]}, "bias has the shape 3, the weight has 2 output channels"),
        ({"bias": [[1, 2]]}, "bias has the shape 1 × 2, the weight has 2 output channels"),
        ({"bias": []}, "bias has the shape 0, the weight has 2 output channels"),
        ({"bias": [1j, 2]}, "real numbers are needed, not complex128"),
        ({"bias": [np.nan, 2]}, "all numbers must be finite: there is an infinity or a NaN"),
    ],
    ids=str,
)
def test_a_setting_that_cannot_be_is_refused_in_one_sentence(changes, sentence):
    with pytest.raises(LayerError) as caught:
        Conv(PAIR, **changes)
    assert str(caught.value) == sentence


@pytest.mark.parametrize(
    ("shape", "shown"),
    [
        ((3, 3), "3 × 3"),
        ((), "a single number"),
        ((1, 1, 0), "1 × 1 × 0"),
        ((1, 1, 3, 3, 3), "1 × 1 × 3 × 3 × 3"),
    ],
    ids=str,
)
def test_a_weight_of_the_wrong_shape_is_refused(shape, shown):
    with pytest.raises(LayerError) as caught:
        Conv(np.ones(shape))
    assert str(caught.value) == (
        "weight needs the shape (out_channels, in_channels/groups, *kernel) with a kernel of one or"
        f" two axes, not {shown}"
    )


def test_an_activation_that_there_is_not_is_refused():
    with pytest.raises(LayerError) as caught:
        Activation("swoosh")
    assert str(caught.value) == (
        f"'swoosh' is no activation: choose one of {', '.join(ACTIVATIONS)}"
    )
    assert Activation("tanh").problem((1, 2, 3)) is None


@pytest.mark.parametrize(
    ("weight", "changes", "shape", "setting", "sentence", "fixes"),
    [
        ((1, 1, 3, 3), {}, (1, 2, 5), "kernel_size",
         "the kernel spans 3 cells, the padded input has 2",
         ["pad by 1 × 0", "reduce the kernel to 2 × 3"]),
        ((1, 1, 3, 3), {"dilation": 3}, (1, 5, 5), "dilation",
         "the kernel spans 7 cells after dilation 3, the padded input has 5",
         ["reduce dilation to 2", "pad by 1", "reduce the kernel to 2 × 2"]),
        ((1, 1, 3, 3), {"dilation": 4}, (1, 6, 6), "dilation",
         "the kernel spans 9 cells after dilation 4, the padded input has 6",
         ["reduce dilation to 2", "pad by 2", "reduce the kernel to 2 × 2"]),
        ((1, 1, 3, 3), {"dilation": (1, 4), "padding": 1}, (1, 9, 5), "dilation",
         "the kernel spans 9 cells after dilation 4, the padded input has 7",
         ["reduce dilation to 1 × 3", "pad by 1 × 2", "reduce the kernel to 3 × 2"]),
        ((1, 1, 5), {"dilation": 2}, (1, 3), "dilation",
         "the kernel spans 9 cells after dilation 2, the padded input has 3",
         ["pad by 3", "reduce the kernel to 2"]),
        ((1, 1, 3, 3), {"dilation": 5000}, (1, 5, 5), "dilation",
         "the kernel spans 10001 cells after dilation 5000, the padded input has 5",
         ["reduce dilation to 2", "reduce the kernel to 1 × 1"]),
        ((1, 1, 3), {"padding": 4, "padding_mode": "reflect"}, (1, 4), "padding_mode",
         "reflect can pad an input of 4 cells by at most 3, the padding is 4",
         ["fill with zeros", "repeat the border cell", "pad by 3 at most"]),
        ((1, 1, 3), {"padding": 5, "padding_mode": "symmetric"}, (1, 4), "padding_mode",
         "symmetric can pad an input of 4 cells by at most 4, the padding is 5",
         ["fill with zeros", "repeat the border cell", "pad by 4 at most"]),
        ((1, 1, 3, 3), {"padding": ((0, 0), (0, 9)), "padding_mode": "circular"}, (1, 6, 8),
         "padding_mode", "circular can pad an input of 8 cells by at most 8, the padding is 9",
         ["fill with zeros", "repeat the border cell", "pad by 6 at most"]),
        ((1, 1, 5), {"padding": "full", "padding_mode": "reflect"}, (1, 1), "padding_mode",
         "reflect can pad an input of 1 cell by at most 0, the padding is 4",
         ["fill with zeros", "repeat the border cell"]),
        ((1, 1, 3, 3), {"padding": 5000}, (1, 16, 16), "padding",
         "the padded input would have 100,320,256 cells, 64,000,000 are allowed", ["no padding"]),
        ((1, 1, 3, 3), {"padding": "full", "dilation": 5000}, (1, 16, 16), "padding",
         "the padded input would have 400,640,256 cells, 64,000,000 are allowed",
         ["reduce dilation to 1"]),
        ((1, 2, 3, 3), {}, (3, 5, 5), "weight",
         "the weight takes 2 input channels, the image has 3", ["take 3 input channels"]),
        ((1, 1, 3, 3), {}, (3, 5, 5), "weight",
         "the weight takes 1 input channel, the image has 3", ["take 3 input channels"]),
        ((1, 3, 3, 3), {}, (1, 5, 5), "weight",
         "the weight takes 3 input channels, the image has 1", ["take 1 input channel"]),
        ((4, 2, 3, 3), {"groups": 2}, (6, 5, 5), "weight",
         "the weight takes 4 input channels (2 in each of 2 groups), the image has 6",
         ["take 6 input channels"]),
        ((4, 2, 3, 3), {"groups": 2}, (3, 5, 5), "groups",
         "2 groups do not divide 3 input channels evenly", ["1 group"]),
        ((2, 1, 3, 3), {"groups": 3}, (4, 5, 5), "groups",
         "3 groups do not divide 4 input channels and 2 output channels evenly",
         ["2 groups", "1 group"]),
        ((8, 1, 3, 3), {"groups": 6}, (6, 5, 5), "groups",
         "6 groups do not divide 8 output channels evenly",
         ["2 groups", "1 group", "make 12 output channels"]),
        ((6, 1, 3, 3), {"groups": 4, "bias": np.zeros(6)}, (8, 5, 5), "groups",
         "4 groups do not divide 6 output channels evenly",
         ["2 groups", "1 group", "make 8 output channels"]),
        ((1, 2, 3, 3), {"dilation": 3}, (3, 5, 5), "weight",
         "the weight takes 2 input channels, the image has 3",
         ["take 3 input channels, reduce dilation to 2"]),
        ((4, 1, 7), {"groups": 3, "padding": 3, "padding_mode": "reflect"}, (3, 2), "groups",
         "3 groups do not divide 4 output channels evenly",
         ["1 group, fill with zeros", "make 6 output channels, fill with zeros"]),
        ((1, 1, 3, 3), {}, (1, 5), "image",
         "the image has 1 spatial axis, the kernel has 2", []),
        ((1, 1, 3), {}, (1, 5, 5), "image",
         "the image has 2 spatial axes, the kernel has 1", []),
        ((1, 1, 3, 3), {}, (1, 0, 5), "image", "the image is empty: its shape is 1 × 0 × 5", []),
    ],
    ids=str,
)  # fmt: skip
def test_a_layer_that_does_not_fit_says_why_and_what_would(
    weight, changes, shape, setting, sentence, fixes
):
    problem = Conv(np.ones(weight), **changes).problem(shape)
    assert (problem.setting, problem.sentence) == (setting, sentence)
    assert [fix.label for fix in problem.fixes] == fixes


def test_conv_raises_the_sentence_of_the_problem():
    with pytest.raises(LayerError) as caught:
        conv(np.ones((2, 5)), np.ones((3, 3)))
    assert str(caught.value) == "the kernel spans 3 cells, the padded input has 2"


@pytest.mark.parametrize(
    ("image", "weight", "axes"),
    [((2, 5, 5), (3, 3), (3, 2)), ((), (3,), None), ((5, 5), (1, 1, 1, 3, 3), (2, 5))],
    ids=str,
)
def test_an_image_and_a_weight_that_do_not_belong_together_are_refused(image, weight, axes):
    with pytest.raises(LayerError) as caught:
        conv(np.ones(image), np.ones(weight))
    if axes:
        assert str(caught.value) == (
            f"an image with {axes[0]} axes and a weight with {axes[1]} do not belong together: "
            "give (channels, *spatial) with (out, in, *kernel), or both without channels"
        )


@st.composite
def layers_and_shapes(draw):
    """Draw layers of which many span too far, pad too far for their mode, or pad without end."""
    rank = draw(st.sampled_from([1, 2]))
    amount = st.one_of(st.integers(0, 12), st.sampled_from([5_000, 70_000_000]))
    padding = draw(
        st.one_of(
            st.sampled_from(list(PADDING_RULES)),
            amount,
            st.tuples(*[st.tuples(amount, amount)] * rank),
        )
    )
    far = st.one_of(st.integers(1, 9), st.sampled_from([500, 40_000_000]))
    layer = Conv(
        np.ones((1, 1, *draw(st.tuples(*[st.integers(1, 6)] * rank)))),
        stride=draw(st.tuples(*[st.integers(1, 4)] * rank)),
        dilation=draw(st.tuples(*[far] * rank)),
        padding=padding,
        padding_mode=draw(st.sampled_from(list(PADDING_MODES))),
        flip=draw(st.booleans()),
    )
    return layer, (1, *draw(st.tuples(*[st.integers(1, 12)] * rank)))


@settings(max_examples=400, deadline=None, derandomize=True, database=None)
@given(layers_and_shapes())
def test_every_way_out_makes_a_layer_that_computes(case):
    layer, shape = case
    problem = layer.problem(shape)
    if problem and problem.setting in ("kernel_size", "dilation"):
        assert problem.fixes[-1].label.startswith("reduce the kernel to")
        if replace(layer, dilation=1).problem(shape) is None:
            assert problem.fixes[0].label.startswith("reduce dilation to")
    for fix in problem.fixes if problem else ():
        mended = replace(layer, **fix.changes)
        assert mended.problem(shape) is None
        sizes = mended.output_shape(shape)
        assert min(sizes) >= 1
        if np.prod(sizes) < 1e6 and all(sum(pair) < 1e4 for pair in mended.amounts(shape[1:])):
            assert apply(mended, shape).shape == sizes


def apply(layer, shape):
    options = {
        name: getattr(layer, name)
        for name in ("stride", "padding", "padding_mode", "dilation", "flip")
    }
    return conv(np.ones(shape), layer.weight, **options)


@settings(max_examples=200, deadline=None, derandomize=True, database=None)
@given(layers_and_shapes())
def test_a_layer_without_a_problem_computes(case):
    layer, shape = case
    small = all(sum(pair) < 1e3 for pair in layer.amounts(shape[1:]))
    if small and layer.problem(shape) is None:
        assert apply(layer, shape).shape == layer.output_shape(shape)


@pytest.mark.slow
@settings(max_examples=5_000, deadline=None, database=None)
@given(layers_and_shapes())
def test_many_more_ways_out_lead_out(case):
    layer, shape = case
    problem = layer.problem(shape)
    for fix in problem.fixes if problem else ():
        assert replace(layer, **fix.changes).problem(shape) is None

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from layer_cases import whole_numbers

from convviz.engine.convolve import conv
from convviz.engine.layers import Activation, Conv
from convviz.engine.network import apply_layer
from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.engine.transposed import conv_transpose

whole = st.integers(-9, 9).map(float)
quick = settings(deadline=None, max_examples=80, derandomize=True, database=None)


@st.composite
def small_layers(draw):
    """Draw (image, weight, settings) of whole numbers: sums of these are exact."""
    rank = draw(st.sampled_from([1, 2]))
    sizes = st.tuples(*[st.integers(3, 7)] * rank)
    groups, inputs, outputs = draw(st.sampled_from([(1, 1, 1), (1, 2, 3), (2, 4, 2), (3, 3, 3)]))
    kernel = draw(st.tuples(*[st.integers(1, 3)] * rank))
    image = draw(arrays(float, (inputs, *draw(sizes)), elements=whole))
    weight = draw(arrays(float, (outputs, inputs // groups, *kernel), elements=whole))
    return (
        image,
        weight,
        {
            "stride": draw(st.tuples(*[st.integers(1, 3)] * rank)),
            "padding": draw(st.sampled_from(["valid", "same", "same_upper", "same_lower"])),
            "padding_mode": draw(st.sampled_from(list(PADDING_MODES))),
            "groups": groups,
            "flip": draw(st.booleans()),
        },
    )


@quick
@given(small_layers(), whole, whole)
def test_a_mixture_of_images_gives_the_mixture_of_their_maps(layer, left, right):
    image, weight, options = layer
    other = np.roll(image[..., ::-1], 1) + 2
    mixed = conv(left * image + right * other, weight, **options)
    apart = left * conv(image, weight, **options) + right * conv(other, weight, **options)
    assert np.array_equal(mixed, apart)


@quick
@given(small_layers(), whole, whole)
def test_a_mixture_of_kernels_gives_the_mixture_of_their_maps(layer, left, right):
    image, weight, options = layer
    other = np.roll(weight, 1) + 1
    mixed = conv(image, left * weight + right * other, **options)
    apart = left * conv(image, weight, **options) + right * conv(image, other, **options)
    assert np.array_equal(mixed, apart)


@quick
@given(small_layers())
def test_a_bias_is_added_to_every_cell_of_its_map(layer):
    image, weight, options = layer
    bias = np.arange(1.0, len(weight) + 1)
    without = conv(image, weight, **options)
    column = bias.reshape(-1, *[1] * (image.ndim - 1))
    assert np.array_equal(conv(image, weight, bias, **options), without + column)
    assert np.array_equal(conv(image, weight, 5, **options), without + 5)


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("kernel", [(3, 3), (2, 4), (1, 5)])
def test_an_impulse_prints_the_kernel_or_its_mirror_image(kernel, flip):
    weight = np.random.default_rng(1).normal(size=kernel)
    image = np.zeros((9, 9))
    image[4, 4] = 1
    found = conv(image, weight, flip=flip)
    rows, columns = (slice(4 - k + 1, 4 + 1) for k in kernel)
    assert np.array_equal(found[rows, columns], weight if flip else weight[::-1, ::-1])
    assert np.count_nonzero(found) == weight.size


@pytest.mark.parametrize("mode", [m for m in PADDING_MODES if m not in ("zeros", "constant")])
@pytest.mark.parametrize("rule", PADDING_RULES)
def test_a_flat_image_stays_flat_where_padding_goes_on_with_it(rule, mode):
    weight = np.random.default_rng(2).normal(size=(3, 3))
    found = conv(np.full((6, 7), 2.0), weight, padding=rule, padding_mode=mode)
    assert found == pytest.approx(np.full(found.shape, 2 * weight.sum()), abs=1e-14)


@pytest.mark.parametrize("value", [0.0, 2.0, -1.5])
def test_padding_of_the_same_value_leaves_a_flat_image_flat(value):
    layer = {"padding": "full", "padding_mode": "constant", "padding_value": value}
    found = conv(np.full((5, 5), value), np.ones((2, 3)), **layer)
    assert np.array_equal(found, np.full((6, 7), 6 * value))


@pytest.mark.parametrize("shift", [(1, 0), (0, 2), (2, 1)])
@pytest.mark.parametrize("dilation", [1, 2])
def test_a_shifted_image_gives_the_shifted_map_inside(shift, dilation):
    rng = np.random.default_rng(3)
    image, weight = rng.normal(size=(12, 13)), rng.normal(size=(3, 2))
    moved = np.roll(image, shift, (0, 1))
    here, there = (conv(i, weight, dilation=dilation) for i in (image, moved))
    down, right = shift
    assert np.array_equal(there[down:, right:], here[: len(here) - down, : here.shape[1] - right])


@pytest.mark.parametrize("padding", ["valid", "same_upper", 1])
def test_a_stride_picks_cells_of_the_map_with_stride_1(padding):
    rng = np.random.default_rng(4)
    image, weight = rng.normal(size=(9, 11)), rng.normal(size=(3, 3))
    amounts = Conv(weight[None, None], stride=(2, 3), padding=padding).amounts(image.shape)
    whole_map = conv(image, weight, padding=amounts)
    found = conv(image, weight, padding=amounts, stride=(2, 3))
    assert found == pytest.approx(whole_map[::2, ::3], abs=1e-14)


def test_groups_are_layers_side_by_side():
    rng = np.random.default_rng(5)
    image, weight = rng.normal(size=(4, 6, 6)), rng.normal(size=(6, 2, 3, 3))
    halves = [conv(image[:2], weight[:3]), conv(image[2:], weight[3:])]
    assert np.array_equal(conv(image, weight, groups=2), np.concatenate(halves))


@pytest.mark.parametrize("stride", [1, 2])
def test_a_mirrored_kernel_that_is_flipped_is_the_kernel(stride):
    rng = np.random.default_rng(6)
    image, weight = rng.normal(size=(6, 7)), rng.normal(size=(2, 3))
    flipped = conv(image, weight[::-1, ::-1], stride=stride, flip=True)
    assert np.array_equal(flipped, conv(image, weight, stride=stride))


def test_one_row_is_a_signal():
    rng = np.random.default_rng(7)
    samples, kernel = rng.normal(size=9), rng.normal(size=4)
    for rule in PADDING_RULES:
        row = conv(samples[None], kernel[None], padding=rule, dilation=(1, 2), flip=True)
        alone = conv(samples, kernel, padding=rule, dilation=2, flip=True)
        assert row[0] == pytest.approx(alone, abs=1e-14)


def test_a_stack_of_layers_is_one_after_the_other():
    image = np.random.default_rng(8).normal(size=(1, 8, 8))
    first, second = Conv(np.ones((2, 1, 3, 3))), Conv(np.ones((1, 2, 2, 2)), [1.0], stride=2)
    found = image
    for layer in (first, Activation("relu"), second):
        shape = layer.output_shape(found.shape)
        found = apply_layer(layer, found)
        assert found.shape == shape
    by_hand = np.maximum(conv(image, first.weight), 0)
    assert np.array_equal(found, conv(by_hand, second.weight, [1.0], stride=2))


def test_what_comes_out_of_a_convolution_goes_back_through_the_transposed_one():
    """Check <conv(x), y> == <x, conv_transpose(y)> for 300 layers, to the last bit."""
    rng = np.random.default_rng(21)
    for _ in range(300):
        rank = int(rng.integers(1, 3))
        stride, dilation, padding, kernel = (
            tuple(int(n) for n in rng.integers(low, high, rank))
            for low, high in ((1, 4), (1, 4), (0, 4), (1, 4))
        )
        spans = [d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True)]
        least = [max(span - 2 * p, 1) for span, p in zip(spans, padding, strict=True)]
        groups, inputs, outputs = rng.integers(1, 4, 3)
        x = whole_numbers(rng, inputs * groups, *(n + rng.integers(0, 6) for n in least))
        weight = whole_numbers(rng, outputs * groups, inputs, *kernel)
        shared = {"stride": stride, "dilation": dilation, "padding": padding, "groups": int(groups)}
        made = conv(x, weight, **shared)
        y = whole_numbers(rng, *made.shape)
        unread = tuple(axis.remainder for axis in Conv(weight, **shared).axes(x.shape[1:]))
        back = conv_transpose(y, weight, output_padding=unread, **shared)
        assert back.shape == x.shape
        assert (made * y).sum() == (x * back).sum()

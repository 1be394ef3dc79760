"""Which numbers go in, which come out, and what is refused before memory is taken."""

import tracemalloc

import numpy as np
import pytest

from convviz.engine.convolve import conv
from convviz.engine.inputs import INPUTS
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Conv, LayerError
from convviz.engine.pooling import avg_pool, max_pool
from convviz.engine.settings import checked_numbers, frozen_array
from convviz.engine.trace import trace
from convviz.engine.transposed import conv_transpose

SINGLE, DOUBLE = np.float32, np.float64
NOT_FINITE = "all numbers must be finite: there is an infinity or a NaN"


@pytest.mark.parametrize(
    ("image", "weight", "result"),
    [
        (SINGLE, SINGLE, SINGLE),
        (SINGLE, DOUBLE, DOUBLE),
        (DOUBLE, SINGLE, DOUBLE),
        (DOUBLE, DOUBLE, DOUBLE),
        (np.uint8, SINGLE, DOUBLE),
        (np.int64, np.int8, DOUBLE),
        (bool, bool, DOUBLE),
        (np.float16, SINGLE, DOUBLE),
        (">f8", "<f8", DOUBLE),
        (">i2", "u4", DOUBLE),
    ],
)
@pytest.mark.parametrize("settings", [{}, {"padding": 1, "stride": 2}, {"flip": True}], ids=str)
def test_results_are_single_only_when_image_and_weight_are(image, weight, result, settings):
    found = conv(np.ones((4, 4), image), np.ones((2, 2), weight), **settings)
    assert found.dtype == result
    assert found.dtype.isnative


def test_a_bias_does_not_widen_the_result():
    single = np.ones((2, 4, 4), SINGLE), np.ones((3, 2, 2, 2), SINGLE)
    assert conv(*single, np.ones(3)).dtype == SINGLE


def test_small_whole_numbers_do_not_wrap_around():
    assert conv(np.full((3, 3), 200, np.uint8), np.ones((3, 3), np.uint8)).item() == 1800
    assert conv(np.full((2, 2), -100, np.int8), np.full((2, 2), 100, np.int8)).item() == -40_000
    assert conv(np.ones((2, 2), bool), np.ones((2, 2), bool)).item() == 4


def test_the_padding_value_of_a_mixed_layer_is_not_rounded():
    image = np.zeros((1, 1), SINGLE)
    layer = {"padding": 1, "padding_mode": "constant", "padding_value": 0.1}
    assert conv(image, np.array([[1.0, 0], [0, 0]]), **layer)[0, 0] == 0.1


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ([[1j, 2], [3, 4]], "real numbers are needed, not complex128"),
        (np.array([[1, None]], object), "real numbers are needed, not object"),
        ([["1", "2"]], "real numbers are needed, not <U1"),
        (np.array([["2020-01-01"]], "M8[D]"), "real numbers are needed, not datetime64[D]"),
        ([[10**400, 1]], "real numbers are needed, not object"),
        ([[np.nan, 1]], NOT_FINITE),
        ([[np.inf, 1]], NOT_FINITE),
        (np.array([[-np.inf]], SINGLE), NOT_FINITE),
        ([[1, 2], [3]], "the numbers form no grid: some rows are longer than others"),
    ],
    ids=str,
)
@pytest.mark.parametrize("where", ["image", "weight"])
def test_what_are_no_finite_real_numbers_is_refused(values, sentence, where):
    arguments = {"image": np.ones((3, 3)), "weight": np.ones((1, 1)), where: values}
    for refuses in (lambda: conv(**arguments), lambda: trace(**arguments, at=(0, 0))):
        with pytest.raises(LayerError) as caught:
            refuses()
        assert str(caught.value) == sentence


def test_numbers_that_are_frozen_already_are_checked_too():
    values = np.full((1, 1, 2, 2), np.nan)
    values.flags.writeable = False
    with pytest.raises(LayerError, match="must be finite"):
        frozen_array(values)
    with pytest.raises(LayerError, match="must be finite"):
        Conv(values)


def test_weight_and_bias_of_a_layer_are_copies_that_nobody_can_write():
    weight, bias = np.ones((1, 1, 2, 2)), np.zeros(1)
    layer = Conv(weight, bias)
    weight[:] = bias[:] = 7
    assert layer.weight.sum() == 4
    assert layer.bias.sum() == 0
    for array in (layer.weight, layer.bias, *(p.image for p in INPUTS.values())):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    for preset in KERNELS.values():
        assert not preset.kernel.flags.writeable


def test_a_frozen_array_stays_itself_and_a_view_becomes_its_own():
    frozen = frozen_array([1.0, 2, 3])
    assert frozen_array(frozen) is frozen
    view = frozen[1:]
    assert frozen_array(view) is not view
    base = np.arange(4.0)
    looked_at = base.view()
    looked_at.flags.writeable = False
    kept = frozen_array(looked_at)
    base[0] = 9
    assert kept.tolist() == [0, 1, 2, 3]


def test_what_is_given_is_left_as_it_was():
    rng = np.random.default_rng(0)
    image, weight, bias = rng.normal(size=(2, 9, 9)), rng.normal(size=(2, 2, 3, 3)), np.ones(2)
    before = [array.copy() for array in (image, weight, bias)]
    conv(image, weight, bias, padding="same", flip=True)
    trace(image, weight, bias, at=(1, 1), padding=2)
    for array, copy in zip((image, weight, bias), before, strict=True):
        assert np.array_equal(array, copy)
        assert array.flags.writeable


def test_numbers_are_copied_only_if_need_be():
    values = np.ones((2, 2))
    assert checked_numbers(values) is values
    assert checked_numbers(np.ones(2, np.int8)).dtype == DOUBLE


@pytest.mark.parametrize(
    ("shape", "settings"),
    [
        ((16, 16), {"padding": 10**6}),
        ((16, 16), {"padding": 10**30}),
        ((16, 16), {"padding": ((0, 10**9), (0, 0))}),
        ((16, 16), {"padding": 10**6, "padding_mode": "circular"}),
        ((16, 16), {"padding": 10**6, "padding_mode": "reflect"}),
        ((16, 16), {"padding": "full", "dilation": 10**7}),
        ((16, 16), {"padding": "causal", "dilation": 10**7}),
        ((16, 16), {"padding": "same", "dilation": 10**7}),
        ((16,), {"padding": 10**9}),
        ((16, 16), {"dilation": 10**30}),
    ],
    ids=str,
)
def test_a_slip_of_the_finger_is_refused_before_memory_is_taken(shape, settings):
    image, kernel = np.ones(shape), np.ones((3,) * len(shape))
    tracemalloc.start()
    try:
        with pytest.raises(LayerError):
            conv(image, kernel, **settings)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


@pytest.mark.parametrize("settings", [{"stride": 10**30}, {"stride": (2, 10**30)}], ids=str)
def test_a_stride_beyond_the_image_leaves_one_window(settings):
    assert conv(np.ones((5, 5)), np.ones((3, 3)), **settings)[0, 0] == 9
    assert trace(np.ones((5, 5)), np.ones((3, 3)), at=(0, 0), **settings).value == 9


def test_dilation_of_a_single_weight_changes_nothing():
    image = np.arange(9.0).reshape(3, 3)
    assert np.array_equal(conv(image, [[2]], dilation=10**30), 2 * image)


def test_patches_of_a_long_signal_take_little_memory():
    samples, weight = np.ones((8, 200_000)), np.ones((4, 8, 9))
    tracemalloc.start()
    try:
        conv(samples, weight)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * samples.nbytes


BEYOND = {
    "conv": lambda: conv([1e308] * 3, [1, 1, 1]),
    "conv, single": lambda: conv(np.float32([3e38] * 3), np.float32([1, 1, 1])),
    "conv, both signs": lambda: conv([1e308] * 4, [9, 9, -9, -9]),
    "conv, bias": lambda: conv([1e308], [1], 1e308),
    "conv, two axes": lambda: conv([[1e308, 1e308]], [[1, 1]], padding="same"),
    "conv_transpose": lambda: conv_transpose([1e308] * 3, [1, 1, 1]),
    "avg_pool": lambda: avg_pool([1e308] * 4, 2),
}


@pytest.mark.parametrize("compute", BEYOND.values(), ids=BEYOND)
def test_a_sum_that_no_number_can_hold_is_refused_and_not_infinite(compute):
    with pytest.raises(LayerError, match="the numbers become too large to be held: divide them"):
        compute()


def test_the_largest_numbers_are_computed():
    assert conv([1e308, 0.0], [1, 1]).tolist() == [1e308]
    assert max_pool([1e308] * 4, 2).tolist() == [1e308, 1e308]

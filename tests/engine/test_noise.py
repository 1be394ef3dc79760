"""What is left of a sum that cancels out: rounding, not a number."""

import numpy as np
import pytest
from conv_cases import cases

from convviz.engine.convolve import correlate_padded, padded_image
from convviz.engine.layers import Conv, Pool
from convviz.engine.network import apply_layer
from convviz.engine.noise import denoised_conv, denoised_means
from convviz.engine.rounding import denoised

TENTHS = [[-0.1, -0.1, -0.1], [-0.1, 0.8, -0.1], [-0.1, -0.1, -0.1]]


def maps(image, layer):
    padded = padded_image(layer, image)
    return correlate_padded(layer, padded), padded


@pytest.mark.parametrize(
    ("terms", "left"),
    [
        ([0.1, 0.2, -0.3], 0),
        ([0.1] * 8 + [-0.8], 0),
        ([1e8, 1e-9, -1e8], 0),
        ([1.0, 1e-10, -1.0], 1e-10),
        ([1e-30], 1e-30),
        ([0.1, 0.2], 0.1 + 0.2),
    ],
)
def test_what_is_less_than_the_rounding_of_the_terms_is_nothing(terms, left):
    found = denoised(sum(terms), sum(map(abs, terms)), len(terms))
    assert float(found) == pytest.approx(left, rel=1e-6, abs=0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("bias", [None, [0.25]])
def test_a_map_of_sums_that_cancel_out_is_its_bias(dtype, bias):
    layer = Conv(np.array(TENTHS, dtype)[None, None], bias)
    sums, padded = maps(np.full((1, 6, 6), 0.7, dtype), layer)
    found = denoised_conv(layer, padded, sums)
    assert found.dtype == dtype
    if bias is None:
        assert sums.any()
        assert not found.any()
    else:
        assert found == pytest.approx(np.full((1, 4, 4), 0.25))


def test_cells_are_judged_by_their_own_terms():
    image = np.ones((1, 3, 9))
    image[0, :, :3] = 1e25
    layer = Conv(np.array([[[[0.1, 0.2, -0.2]]]]))
    sums, padded = maps(image, layer)
    assert denoised_conv(layer, padded, sums)[0, 0, 3:] == pytest.approx(np.full(4, 0.1))


@pytest.mark.parametrize("rank", [1, 2])
def test_ordinary_maps_stay_as_they_are(rank):
    for case in filter(lambda case: case.is_possible, cases(rank, "zeros")):
        layer = Conv(case.weight, case.bias, **case.settings)
        sums, padded = maps(case.image, layer)
        assert np.array_equal(denoised_conv(layer, padded, sums), sums)


def test_a_map_without_candidates_is_given_back_itself():
    layer = Conv(np.ones((1, 1, 2, 2)))
    sums, padded = maps(np.ones((1, 4, 4)), layer)
    assert denoised_conv(layer, padded, sums) is sums


def test_what_is_too_large_to_be_a_number_is_not_called_nothing():
    found = denoised([np.inf, -np.inf, 1.0], [np.inf, np.inf, np.inf], 3)
    assert found.tolist() == [np.inf, -np.inf, 1.0]


def test_a_mean_of_numbers_that_cancel_out_is_nothing():
    pool, image = Pool("avg", (3,)), np.array([[0.1, 0.2, -0.3, 0.1, 0.2, 0.3]])
    means = apply_layer(pool, image)
    assert means[0, 0] != 0
    assert denoised_means(pool, image, means).tolist() == [[0, means[0, 1]]]


def test_what_is_left_of_whole_numbers_is_exact_however_much_cancels_out():
    layer = Conv(np.ones((1, 1, 3)))
    sums, padded = maps(np.array([[1e15, 1.0, -1e15, 2.0, 3.0]]), layer)
    assert denoised_conv(layer, padded, sums) is sums
    assert sums[0, 0] == 1


def test_noise_that_is_read_as_nothing_leaves_nothing():
    layer = Conv(np.array([[[1.0, 1.0]]]))
    padded = np.array([[5.6e-17, 5.6e-17, 1.0]])
    shown = np.array([[0.0, 0.0, 1.0]])
    sums = correlate_padded(layer, padded)
    assert denoised_conv(layer, padded, sums).tolist() == sums.tolist()
    assert denoised_conv(layer, padded, sums, shown).tolist() == [[0, 1]]

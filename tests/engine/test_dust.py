"""What is left of a sum that cancels out: rounding, not a number."""

import numpy as np
import pytest
from conv_cases import cases

from convviz.engine.convolve import correlate_padded, padded_image, settled, without_dust
from convviz.engine.layers import Conv

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
    found = without_dust(sum(terms), sum(map(abs, terms)))
    assert float(found) == pytest.approx(left, rel=1e-6, abs=0)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("bias", [None, [0.25]])
def test_a_map_of_sums_that_cancel_out_is_its_bias(dtype, bias):
    layer = Conv(np.array(TENTHS, dtype)[None, None], bias)
    sums, padded = maps(np.full((1, 6, 6), 0.7, dtype), layer)
    found = settled(layer, padded, sums)
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
    assert settled(layer, padded, sums)[0, 0, 3:] == pytest.approx(np.full(4, 0.1))


@pytest.mark.parametrize("rank", [1, 2])
def test_ordinary_maps_stay_as_they_are(rank):
    for case in filter(lambda case: case.is_possible, cases(rank, "zeros")):
        layer = Conv(case.weight, case.bias, **case.settings)
        sums, padded = maps(case.image, layer)
        assert np.array_equal(settled(layer, padded, sums), sums)


def test_a_map_without_suspects_is_given_back_itself():
    layer = Conv(np.ones((1, 1, 2, 2)))
    sums, padded = maps(np.ones((1, 4, 4)), layer)
    assert settled(layer, padded, sums) is sums


def test_what_is_too_large_to_be_a_number_is_not_called_nothing():
    found = without_dust([np.inf, -np.inf, 1.0], [np.inf, np.inf, np.inf])
    assert found.tolist() == [np.inf, -np.inf, 1.0]

import numpy as np
import pytest
from conv_cases import MODES, by_scipy, cases, padded_by_formula, rounding
from scipy import ndimage, signal

from convviz.engine.convolve import conv
from convviz.engine.layers import LayerError
from convviz.engine.padding import PADDING_MODES, pad


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("rank", [1, 2])
def test_every_setting_makes_the_map_that_scipy_makes(rank, mode, dtype):
    compared, refused, differing = 0, 0, []
    for case in cases(rank, mode, dtype):
        if not case.is_possible:
            with pytest.raises(LayerError):
                conv(case.image, case.weight, case.bias, **case.settings)
            refused += 1
            continue
        found, expected = conv(case.image, case.weight, case.bias, **case.settings), by_scipy(case)
        assert (found.dtype, found.shape) == (dtype, expected.shape)
        compared += 1
        if (np.abs(found - expected) > rounding(case)).any():
            differing.append(case)
    assert differing == []
    assert compared >= 300, f"{compared} compared, {refused} refused"


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 2), (3, 4), (5, 2), (4, 1)])
def test_same_is_what_ndimage_makes_of_the_borders(kernel, mode):
    rng = np.random.default_rng(5)
    image, weight = rng.normal(size=(7, 8)), rng.normal(size=kernel)
    settings = {"mode": PADDING_MODES[mode].ndimage, "cval": 0.5 if mode == "constant" else 0.0}
    found = conv(image, weight, padding="same_lower", padding_mode=mode, padding_value=0.5)
    assert found == pytest.approx(ndimage.correlate(image, weight, **settings), abs=1e-13)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("flip", [False, True])
def test_same_in_one_dimension_is_what_ndimage_makes_of_the_borders(flip, mode):
    rng = np.random.default_rng(6)
    samples, kernel = rng.normal(size=9), rng.normal(size=5)
    slide = ndimage.convolve1d if flip else ndimage.correlate1d
    settings = {"mode": PADDING_MODES[mode].ndimage, "cval": -2.0 if mode == "constant" else 0.0}
    found = conv(samples, kernel, padding="same", padding_mode=mode, padding_value=-2.0, flip=flip)
    assert found == pytest.approx(slide(samples, kernel, **settings), abs=1e-13)


@pytest.mark.parametrize("rule", ["full", "same", "valid"])
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 2), (3, 2), (4, 5)])
@pytest.mark.parametrize("image", [(6, 7), (5, 9)])
def test_flipped_rules_are_those_of_convolve2d(image, kernel, rule):
    rng = np.random.default_rng(7)
    image, kernel = rng.normal(size=image), rng.normal(size=kernel)
    found = conv(image, kernel, padding=rule, flip=True)
    assert found == pytest.approx(signal.convolve2d(image, kernel, mode=rule), abs=1e-13)


@pytest.mark.parametrize(
    ("ours", "theirs"), [("zeros", "fill"), ("symmetric", "symm"), ("circular", "wrap")]
)
def test_modes_are_the_boundaries_of_convolve2d(ours, theirs):
    rng = np.random.default_rng(8)
    image, kernel = rng.normal(size=(6, 7)), rng.normal(size=(3, 4))
    found = conv(image, kernel, padding="same", padding_mode=ours, flip=True)
    expected = signal.convolve2d(image, kernel, mode="same", boundary=theirs)
    assert found == pytest.approx(expected, abs=1e-13)


@pytest.mark.parametrize("mode", MODES)
def test_padding_is_that_of_the_formula_and_of_numpy(mode):
    rng = np.random.default_rng(9)
    theirs = PADDING_MODES[mode].numpy
    for _ in range(60):
        image = rng.normal(size=(2, *rng.integers(1, 7, 2)))
        widest = [PADDING_MODES[mode].widest(size) for size in image.shape[1:]]
        amounts = tuple(
            tuple(int(a) for a in rng.integers(0, (6 if most is None else most) + 1, 2))
            for most in widest
        )
        padded = pad(image, amounts, mode, 7.0)
        assert np.array_equal(padded, padded_by_formula(image, amounts, mode, 7.0))
        fill = {"constant_values": 7.0 if mode == "constant" else 0.0}
        options = fill if theirs == "constant" else {}
        assert np.array_equal(padded, np.pad(image, ((0, 0), *amounts), mode=theirs, **options))

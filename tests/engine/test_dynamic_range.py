"""Numbers over twelve decades in one image: every cell is as exact as adding up its own terms."""

from fractions import Fraction
from math import fsum

import numpy as np
import pytest
from scipy import signal

from convviz.engine import convolve
from convviz.engine.convolve import conv
from convviz.engine.gradients import LayerPass, gradients
from convviz.engine.layers import Conv, ConvTranspose
from convviz.engine.network import apply_layer
from convviz.engine.trace import trace
from convviz.engine.transposed import conv_transpose
from convviz.engine.windows import windows_of

DECADES = 12
WAYS = {  # thresholds of work that send every layer one way
    "patches": {"FEW_TERMS": 1 << 60},
    "flat rows": {"FEW_TERMS": 0, "MOST_TAPS": 1 << 60},
    "transforms": {"FEW_TERMS": 0, "MOST_TAPS": 0},
}


def noise(rng, shape):
    """Numbers of all sizes, side by side."""
    return rng.normal(size=shape) * 10.0 ** rng.uniform(-DECADES, 0, shape)


def spot(rng, shape):
    """One huge number among ordinary ones."""
    image = rng.normal(size=shape)
    image.flat[rng.integers(image.size)] *= 10.0**DECADES
    return image


def halves(rng, shape):
    """Small numbers at the left of large ones."""
    small = np.arange(shape[-1]) < shape[-1] // 2
    return rng.normal(size=shape) * np.where(small, 10.0**-DECADES, 1)


def slope(rng, shape):
    """Sizes that grow from edge to edge, all positive."""
    return (1 + rng.random(shape)) * 10.0 ** np.linspace(-DECADES, 0, shape[-1])


def sparse(rng, shape):
    """Zeros with a few numbers of all sizes among them."""
    return noise(rng, shape) * (rng.random(shape) < 0.01)


def gauss(_rng, shape):
    """Weights that fall off by many decades, as those of a blur."""
    sides = [np.exp(-20 * np.linspace(-1, 1, n) ** 2) if n > 1 else np.ones(1) for n in shape]
    return np.multiply.outer(*sides) if len(sides) == 2 else sides[0]


def plain(rng, shape):
    return rng.normal(size=shape)


IMAGES = (noise, spot, halves, slope, sparse)


def assert_within_bounds(found, image, kernel, rng):
    """Hold cells against exact sums of the floats; n u (sum of sizes) bounds adding n up."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    small = np.abs(found).ravel().argsort()[:6]
    for index in {*small.tolist(), *rng.integers(found.size, size=6).tolist()}:
        at = np.unravel_index(index, found.shape)
        pairs = zip(windows[at].ravel().tolist(), kernel.ravel().tolist(), strict=True)
        exact = sum((Fraction(a) * Fraction(b) for a, b in pairs), Fraction(0))
        sizes = fsum(np.abs(windows[at].astype(float) * kernel.astype(float)).ravel().tolist())
        bound = (kernel.size + 1) * float(np.finfo(found.dtype).eps) / 2 * sizes
        assert abs(Fraction(float(found[at])) - exact) <= bound, (at, found[at], float(exact))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("side", [3, 8, 21, 41])
@pytest.mark.parametrize("make", IMAGES)
def test_every_way_keeps_to_the_bound_of_each_cell(monkeypatch, make, side, way, dtype):
    for name, value in WAYS[way].items():
        monkeypatch.setattr(convolve, name, value)
    rng = np.random.default_rng([side, IMAGES.index(make)])
    image = make(rng, (side + 120, side + 130)).astype(dtype)
    for weights in (plain, gauss):
        kernel = weights(rng, (side, side)).astype(dtype)
        assert_within_bounds(conv(image, kernel), image, kernel, rng)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", IMAGES)
def test_so_does_every_way_of_a_signal(monkeypatch, make, way, dtype):
    for name, value in WAYS[way].items():
        monkeypatch.setattr(convolve, name, value)
    rng = np.random.default_rng(IMAGES.index(make))
    samples = make(rng, (20_000,)).astype(dtype)
    for kernel in (plain(rng, (501,)).astype(dtype), gauss(rng, (41,)).astype(dtype)):
        assert_within_bounds(conv(samples, kernel), samples, kernel, rng)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_large_images_go_by_transforms_of_their_own_accord(dtype):
    rng = np.random.default_rng(5)
    image, kernel = spot(rng, (300, 310)).astype(dtype), plain(rng, (25, 25)).astype(dtype)
    assert_within_bounds(conv(image, kernel), image, kernel, rng)


def test_small_values_beside_a_hot_pixel_are_no_zeros():
    rng = np.random.default_rng(0)
    image = rng.normal(0, 0.5, (200, 200)).astype(np.float32)
    image[50, 50] = 60_000
    blur = np.outer(signal.windows.gaussian(25, 4), signal.windows.gaussian(25, 4))
    blur = (blur / blur.sum()).astype(np.float32)
    found = conv(image, blur, padding="same")
    assert np.count_nonzero(found == 0) == 0
    at = (150, 150)
    assert found[at] == pytest.approx(trace(image, blur, at=at, padding="same").value, rel=1e-4)


def test_441_ones_add_up_to_441_beside_the_largest_of_numbers():
    image = np.zeros((64, 64))
    image[5, 5], image[40:, 40:] = 1e20, 1
    assert conv(image, np.ones((21, 21)), padding="same")[50, 50] == 441


@pytest.mark.parametrize("largest", [1, 10**6, 10**15, 2**52])
@pytest.mark.parametrize("side", [3, 21, 41])
def test_sums_of_whole_numbers_are_exact_as_long_as_floats_can_count_so_far(largest, side):
    rng = np.random.default_rng(side)
    image = rng.integers(0, 3, (100, 100))
    image[5, 5] = largest
    expected = signal.correlate2d(image, np.ones((side, side), int), "same")
    assert np.array_equal(conv(image, np.ones((side, side)), padding="same_lower"), expected)


@pytest.mark.parametrize("sign", [1, -1])
def test_so_are_signed_ones_and_those_in_single_precision(sign):
    rng = np.random.default_rng(6)
    image, kernel = rng.integers(0, 50, (200, 200)), sign * rng.integers(-3, 4, (31, 31))
    found = conv(image.astype(np.float32), kernel.astype(np.float32))
    assert found.dtype == np.float32
    assert np.array_equal(found, signal.correlate2d(image, kernel, "valid"))


@pytest.mark.parametrize("scale", [1e-300, 1e-160, 1e160, 1e290])
def test_the_scale_of_an_image_does_not_matter(scale):
    rng = np.random.default_rng(7)
    image, kernel = rng.normal(size=(150, 150)), rng.normal(size=(29, 29))
    expected = conv(image, kernel)
    assert conv(image * scale, kernel) / scale == pytest.approx(expected, abs=1e-11)


def test_a_transposed_convolution_keeps_small_cells_too():
    rng = np.random.default_rng(8)
    image, kernel = spot(rng, (120, 120)), plain(rng, (25, 25))
    found = conv_transpose(image, kernel)
    padded = np.pad(image, 24)
    assert_within_bounds(found, padded, np.ascontiguousarray(kernel[::-1, ::-1]), rng)


def test_gradients_keep_to_the_bound_of_each_cell():
    rng = np.random.default_rng(9)
    image, kernel = spot(rng, (40, 40)), plain(rng, (21, 21))
    error = halves(rng, (20, 20))
    found = gradients(Conv(kernel[None, None]), image, error[None])
    assert_within_bounds(found.weight[0, 0], image, error, rng)
    spread = np.pad(error, 20)
    assert_within_bounds(found.image, spread, np.ascontiguousarray(kernel[::-1, ::-1]), rng)


def test_learning_computes_the_same_forward_pass():
    rng = np.random.default_rng(10)
    image, kernel = spot(rng, (60, 60)), plain(rng, (25, 25))
    found = LayerPass(Conv(kernel[None, None]), image[None, None]).output[0, 0]
    assert_within_bounds(found, image, kernel, rng)


def test_dilated_strided_and_grouped_layers_keep_small_cells():
    rng = np.random.default_rng(11)
    image = np.stack([spot(rng, (70, 70)), halves(rng, (70, 70))])
    weight = rng.normal(size=(2, 1, 11, 11))
    found = apply_layer(Conv(weight, stride=2, dilation=2, groups=2), image)
    for channel in range(2):
        spread = np.zeros((21, 21))
        spread[::2, ::2] = weight[channel, 0]
        windows = np.lib.stride_tricks.sliding_window_view(image[channel], spread.shape)[::2, ::2]
        sizes = np.abs(windows * spread).sum(axis=(2, 3))
        exact = (windows.astype(np.longdouble) * spread).sum(axis=(2, 3))
        bound = 122 * np.finfo(float).eps / 2 * sizes
        assert (np.abs(found[channel] - exact) <= bound).all()


def test_a_transposed_one_reads_the_windows_of_its_spread_image():
    rng = np.random.default_rng(12)
    layer = ConvTranspose(rng.normal(size=(1, 1, 23, 23)), stride=2)
    image = slope(rng, (60, 60))[None]
    cells = windows_of(layer, image).cells[0]
    kernel = np.ascontiguousarray(layer.weight[0, 0, ::-1, ::-1])
    assert_within_bounds(apply_layer(layer, image)[0], cells, kernel, rng)

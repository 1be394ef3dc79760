"""Small and large work goes different ways: each must be taken, and each gives the same numbers."""

import numpy as np
import pytest
from scipy import signal

from convviz.engine import convolve
from convviz.engine.convolve import conv
from convviz.engine.trace import trace

WAYS = ("_flat_rows", "_patches", "correlate_by_fourier")


@pytest.fixture
def taken(monkeypatch):
    """Names of the ways taken, and behind "_blocks" how many blocks there were each time."""
    seen = dict.fromkeys(WAYS, 0) | {"_blocks": []}

    def counting(name, way):
        def counted(*arguments):
            seen[name] += 1
            return way(*arguments)

        return counted

    def listing(length, size):
        found = list(blocks(length, size))
        seen["_blocks"].append(len(found))
        return iter(found)

    for name in WAYS:
        monkeypatch.setattr(convolve, name, counting(name, getattr(convolve, name)))
    blocks = convolve._blocks
    monkeypatch.setattr(convolve, "_blocks", listing)
    return seen


def random(*shape, dtype=np.float64, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def only(taken, way):
    return {name for name in WAYS if taken[name]} == {way}


@pytest.mark.parametrize(
    ("image", "kernel", "way", "blocks"),
    [
        ((20, 20), (3, 3), "_patches", 1),
        ((500, 300), (3, 3), "_flat_rows", 3),
        ((300, 500), (7, 5), "_flat_rows", 3),
        ((2, 90_000), (1, 9), "_flat_rows", 2),
        ((90, 90), (21, 21), "correlate_by_fourier", 0),
        ((31, 400), (31, 31), "correlate_by_fourier", 0),
    ],
    ids=str,
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_one_channel_goes_the_way_of_its_size(taken, image, kernel, way, blocks, dtype):
    image, kernel = random(*image, dtype=dtype), random(*kernel, dtype=dtype, seed=1)
    found = conv(image, kernel)
    assert only(taken, way)
    if dtype == np.float64:
        assert max(taken["_blocks"], default=0) >= blocks
    expected = signal.correlate(image.astype(float), kernel.astype(float), "valid", "direct")
    assert found.dtype == dtype
    assert np.abs(found - expected).max() < 100 * kernel.size**0.5 * np.finfo(dtype).eps


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "settings",
    [{"stride": 2}, {"stride": (1, 3), "dilation": (2, 1)}, {"groups": 2}, {}],
    ids=str,
)
def test_channels_and_strides_go_as_patches_in_several_blocks(taken, settings, dtype):
    groups = settings.get("groups", 1)
    image = random(4, 330, 320, dtype=dtype)
    weight = random(6, 4 // groups, 3, 2, dtype=dtype, seed=1)
    found = conv(image, weight, **settings)
    assert only(taken, "_patches")
    assert max(taken["_blocks"]) >= 3
    assert np.abs(found - slowly(image, weight, **settings)).max() < 500 * np.finfo(dtype).eps


def slowly(image, weight, *, stride=1, dilation=1, groups=1):
    down, across = stride if isinstance(stride, tuple) else (stride, stride)
    spread = dilation if isinstance(dilation, tuple) else (dilation, dilation)
    inputs, each = weight.shape[1], len(weight) // groups
    rows, cols = (d * (k - 1) + 1 for d, k in zip(spread, weight.shape[2:], strict=True))
    windows = np.lib.stride_tricks.sliding_window_view(
        image.astype(float), (rows, cols), axis=(1, 2)
    )
    windows = windows[:, ::down, ::across, :: spread[0], :: spread[1]]
    maps = [
        np.einsum("irckl,ikl->rc", windows[o // each * inputs : (o // each + 1) * inputs], kernel)
        for o, kernel in enumerate(weight.astype(float))
    ]
    return np.stack(maps)


def test_depthwise_channels_each_go_as_flat_rows(taken):
    image, weight = random(3, 200, 210), random(3, 1, 3, 3, seed=1)
    found = conv(image, weight, padding=1, groups=3)
    assert taken["_flat_rows"] == 3
    for channel in range(3):
        alone = conv(image[channel], weight[channel, 0], padding=1)
        assert np.array_equal(found[channel], alone)


@pytest.mark.parametrize("stride", [1, 2])
def test_a_signal_goes_as_one_long_row_in_parts(taken, stride):
    samples, kernel = random(300_000), random(31, seed=1)
    found = conv(samples, kernel, stride=stride, padding=15)
    assert only(taken, "_flat_rows" if stride == 1 else "_patches")
    assert max(taken["_blocks"]) >= 3
    expected = np.convolve(samples, kernel[::-1], "same")[::stride]
    assert found == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("block", [8, 24, 64, 200, 1 << 12])
@pytest.mark.parametrize("dilation", [1, 2, (3, 1)])
@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 4), (1, 5)])
def test_flat_rows_of_any_tile_are_the_patches(monkeypatch, taken, kernel, dilation, block):
    image, kernel = random(13, 17), random(*kernel, seed=1)
    by_patches = conv(image, kernel, dilation=dilation)
    assert only(taken, "_patches")
    monkeypatch.setattr(convolve, "FEW_TERMS", 0)
    monkeypatch.setattr(convolve, "TILE_CELLS", block)
    by_rows = conv(image, kernel, dilation=dilation)
    assert taken["_flat_rows"] == 1
    assert by_rows == pytest.approx(by_patches, abs=1e-14)


@pytest.mark.parametrize(("room", "windows"), [(1, 1), (200, 3), (2000, 7), (1 << 19, 4096)])
@pytest.mark.parametrize("stride", [1, 2, (3, 1)])
def test_patches_of_any_block_give_the_same_numbers(monkeypatch, taken, stride, room, windows):
    image, weight = random(2, 12, 17), random(3, 2, 2, 3, seed=1)
    whole = conv(image, weight, stride=stride)
    monkeypatch.setattr(convolve, "PATCH_BYTES", room)
    monkeypatch.setattr(convolve, "LEAST_WINDOWS", windows)
    assert conv(image, weight, stride=stride) == pytest.approx(whole, abs=1e-14)
    assert only(taken, "_patches")


def test_a_plane_without_weights_is_zero_on_every_way(monkeypatch):
    for few in (0, 1 << 60):
        monkeypatch.setattr(convolve, "FEW_TERMS", few)
        assert not conv(random(6, 6), np.zeros((3, 3))).any()


def test_zeros_around_a_small_kernel_do_not_make_it_large(taken):
    """A kernel that was enlarged with zeros keeps its exact sums."""
    image, kernel = random(90, 90), np.pad(random(3, 3, seed=1), 14)
    found = conv(image, kernel)
    assert only(taken, "_flat_rows")
    assert found == pytest.approx(conv(image[14:-14, 14:-14], kernel[14:-14, 14:-14]), abs=1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("scale", [1e-20, 1.0, 1e12])
def test_the_fourier_way_leaves_no_noise_where_nothing_is(taken, scale, dtype):
    rng = np.random.default_rng(3)
    image = np.zeros((120, 120), dtype)
    image[50:60, 40:43] = image[20, 90] = scale
    kernel = rng.integers(-3, 4, (25, 25)).astype(dtype)
    found = conv(image, kernel)
    assert taken["correlate_by_fourier"]
    expected = signal.correlate(image.astype(float), kernel.astype(float), "valid", "direct")
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    assert not found[~windows.any(axis=(2, 3))].any()
    assert np.array_equal(np.round(found / scale), np.round(expected / scale))


def test_a_small_sum_survives_the_fourier_way(taken):
    image, kernel = random(90, 90), random(25, 25, seed=1)
    image[40:70, 40:70] *= 1e-9
    found = conv(image, kernel)
    assert taken["correlate_by_fourier"]
    at = (42, 42)
    assert found[at] == pytest.approx(trace(image, kernel, at=at).value, rel=1e-11)


@pytest.mark.parametrize("layout", ["reversed", "transposed", "every other", "read-only"])
@pytest.mark.parametrize("few", [0, 1 << 60], ids=["flat rows", "patches"])
def test_an_image_of_any_layout_in_memory_is_read_right(monkeypatch, layout, few):
    monkeypatch.setattr(convolve, "FEW_TERMS", few)
    views = {
        "reversed": random(20, 21)[::-1, ::-1],
        "transposed": random(21, 20).T,
        "every other": random(40, 42)[::2, ::2],
        "read-only": np.broadcast_to(random(21), (20, 21)),
    }
    image = views[layout]
    kernel = random(3, 4, seed=1)
    assert conv(image, kernel) == pytest.approx(conv(image.copy(), kernel), abs=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(400))
def test_large_random_layers_agree_with_scipy(seed):
    rng = np.random.default_rng(seed)
    dtype = rng.choice([np.float64, np.float32])
    shape, kernel = rng.integers(40, 700, 2), rng.integers(1, 40, 2)
    kernel = np.minimum(kernel, shape)
    image = random(*shape, dtype=dtype, seed=seed)
    weight = random(*kernel, dtype=dtype, seed=seed + 1)
    stride = int(rng.choice([1, 1, 2]))
    expected = signal.fftconvolve(image.astype(float), weight[::-1, ::-1].astype(float), "valid")[
        ::stride, ::stride
    ]
    bound = 200 * np.finfo(dtype).eps * weight.size**0.5 * 5
    assert np.abs(conv(image, weight, stride=stride) - expected).max() < bound

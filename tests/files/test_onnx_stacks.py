"""A sequential ONNX graph as a stack: its result is that of ONNX Runtime."""

import numpy as np
import pytest

import convviz

pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from onnx_models import chain, numbers, run

from convviz.files.weights import read_weights

SIZES = ((9, 9), (8, 11), (12, 7))


def stack_in(path, written):
    path.write_bytes(written)
    return read_weights(path).stack


def assert_equal(written, path, channels, spatial):
    stack = stack_in(path, written)
    assert stack.rest == ""
    image = numbers(channels, *spatial, seed=1)
    expected = run(written, image)
    found = convviz.Network(stack.layers)(image)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=2e-6)


CONVS = {
    "plain": {},
    "strides": {"strides": [2, 3]},
    "pads": {"pads": [1, 0, 2, 1]},
    "dilations": {"dilations": [2, 1], "pads": [2, 2, 2, 2]},
    "valid": {"auto_pad": "VALID"},
    "same upper": {"auto_pad": "SAME_UPPER"},
    "same lower": {"auto_pad": "SAME_LOWER"},
    "same upper, strided": {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
    "same lower, strided": {"auto_pad": "SAME_LOWER", "strides": [3, 2]},
    "kernel_shape": {"kernel_shape": [3, 2]},
}


@pytest.mark.parametrize("spatial", SIZES)
@pytest.mark.parametrize("attributes", CONVS.values(), ids=CONVS)
def test_a_convolution_has_its_settings_from_the_file(tmp_path, attributes, spatial):
    written = chain(("Conv", attributes, numbers(4, 3, 3, 2), numbers(4)))
    assert_equal(written, tmp_path / "net.onnx", 3, spatial)


def test_groups_a_missing_bias_and_signals_go_too(tmp_path):
    grouped = chain(("Conv", {"group": 2}, numbers(6, 2, 3, 3)))
    assert_equal(grouped, tmp_path / "net.onnx", 4, (7, 7))
    signal = chain(("Conv", {"pads": [1, 2]}, numbers(2, 1, 4), numbers(2)), axes=3)
    assert_equal(signal, tmp_path / "net.onnx", 1, (15,))


TRANSPOSED = {
    "plain": {},
    "strides": {"strides": [2, 3]},
    "pads": {"strides": [2, 2], "pads": [1, 1, 1, 1]},
    "output_padding": {"strides": [2, 2], "pads": [1, 1, 1, 1], "output_padding": [1, 1]},
    "more cut off before": {"strides": [2, 2], "pads": [2, 1, 1, 1]},
    "dilations": {"dilations": [2, 2]},
    "valid": {"auto_pad": "VALID", "strides": [2, 2]},
    "same upper": {"auto_pad": "SAME_UPPER", "strides": [1, 1]},
    "same lower": {"auto_pad": "SAME_LOWER", "strides": [2, 2]},
    "groups": {"group": 2, "strides": [2, 1]},
}


@pytest.mark.parametrize("attributes", TRANSPOSED.values(), ids=TRANSPOSED)
def test_a_transposed_convolution_has_its_settings_from_the_file(tmp_path, attributes):
    outputs = 3 * attributes.get("group", 1)
    written = chain(("ConvTranspose", attributes, numbers(4, 3, 3, 3), numbers(outputs)))
    assert_equal(written, tmp_path / "net.onnx", 4, (5, 6))


POOLS = {
    "plain": {"kernel_shape": [2, 3]},
    "strides": {"kernel_shape": [2, 2], "strides": [2, 2]},
    "pads": {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]},
    "ceil_mode": {"kernel_shape": [3, 3], "strides": [2, 2], "ceil_mode": 1},
    "ceil_mode, pads": {
        "kernel_shape": [3, 3],
        "strides": [2, 2],
        "pads": [1, 1, 1, 1],
        "ceil_mode": 1,
    },
    "ceil_mode, far strides": {"kernel_shape": [2, 2], "strides": [4, 3], "ceil_mode": 1},
    "same upper": {"kernel_shape": [2, 2], "strides": [2, 2], "auto_pad": "SAME_UPPER"},
    "same upper, stride 1": {"kernel_shape": [3, 3], "auto_pad": "SAME_UPPER"},
    "same lower, stride 1": {"kernel_shape": [3, 5], "auto_pad": "SAME_LOWER"},
    "valid": {"kernel_shape": [3, 3], "strides": [3, 3], "auto_pad": "VALID"},
}


@pytest.mark.parametrize("spatial", SIZES)
@pytest.mark.parametrize("counted", [0, 1])
@pytest.mark.parametrize("attributes", POOLS.values(), ids=POOLS)
def test_pooling_has_its_settings_from_the_file(tmp_path, attributes, counted, spatial):
    mixed = ("Conv", {}, numbers(2, 2, 1, 1))
    assert_equal(chain(mixed, ("MaxPool", attributes)), tmp_path / "net.onnx", 2, spatial)
    if attributes.get("auto_pad") == "SAME_UPPER" and "strides" in attributes:
        counted = 0
    mean = {**attributes, "count_include_pad": counted}
    assert_equal(chain(mixed, ("AveragePool", mean)), tmp_path / "net.onnx", 2, spatial)

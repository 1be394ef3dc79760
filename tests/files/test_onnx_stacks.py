"""A sequential ONNX graph as a stack: its result is that of ONNX Runtime."""

import sys

import numpy as np
import pytest

import convviz
from convviz.engine.activation_layer import activation_of
from convviz.files.errors import NeedsPackage
from convviz.files.weights import read_weights

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from onnx_models import chain, helper, model, numbers, numpy_helper, run  # noqa: E402

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


SLOPES = numbers(3, seed=5)
ACTIVATIONS = {
    "LeakyRelu of its own slope": (("LeakyRelu", {"alpha": 0.2}), "leaky_relu:negative_slope=0.2"),
    "LeakyRelu as ONNX has it": (("LeakyRelu", {}), "leaky_relu"),
    "Elu": (("Elu", {"alpha": 0.7}), "elu:alpha=0.7"),
    "HardSigmoid as ONNX has it": (("HardSigmoid", {}), "hardsigmoid:alpha=0.2"),
    "HardSigmoid as torch writes it": (("HardSigmoid", {"alpha": 1 / 6}), "hardsigmoid"),
    "Gelu": (("Gelu", {}), "gelu"),
    "Gelu by tanh": (("Gelu", {"approximate": "tanh"}), "gelu:approximate=tanh"),
    "Clip": (("Clip", {}, np.float32(0), np.float32(6)), "relu6"),
    "PRelu of one slope": (("PRelu", {}, np.float32([0.125])), "prelu:weight=0.125"),
    "PRelu of one slope in all axes": (
        ("PRelu", {}, np.full((1, 1, 1), 0.5, np.float32)),
        "prelu:weight=0.5",
    ),
}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_has_its_settings_from_the_file(tmp_path, name):
    node, spec = ACTIVATIONS[name]
    written = chain(("Conv", {}, numbers(3, 2, 2, 2)), node, opset=20)
    assert stack_in(tmp_path / "net.onnx", written).layers[1] == activation_of(spec)
    assert_equal(written, tmp_path / "net.onnx", 2, (6, 7))


@pytest.mark.parametrize("shape", [(3, 1, 1), (1, 3, 1, 1)])
def test_prelu_has_a_slope_for_each_channel(tmp_path, shape):
    written = chain(("Conv", {}, numbers(3, 2, 2, 2)), ("PRelu", {}, SLOPES.reshape(shape)))
    (_, layer) = stack_in(tmp_path / "net.onnx", written).layers
    assert layer.settings["weight"] == tuple(map(float, SLOPES))
    assert_equal(written, tmp_path / "net.onnx", 2, (6, 7))


def test_prelu_of_signals_has_a_slope_for_each_channel(tmp_path):
    written = chain(("Conv", {}, numbers(3, 1, 4)), ("PRelu", {}, SLOPES.reshape(3, 1)), axes=3)
    assert_equal(written, tmp_path / "net.onnx", 1, (15,))


def test_clip_of_an_old_file_has_its_limits_as_attributes(tmp_path):
    written = chain(("Conv", {}, numbers(1, 1, 2, 2)), ("Clip", {"min": 0.0, "max": 6.0}), opset=6)
    stack = stack_in(tmp_path / "net.onnx", written)
    assert (stack.layers[1:], stack.rest) == ((activation_of("relu6"),), "")


def gated(second, *more, output="out"):
    """A convolution, a sigmoid of it, and `second`, a node of both."""
    weight = numpy_helper.from_array(numbers(1, 1, 3, 3), "a.weight")
    nodes = [
        helper.make_node("Conv", ["image", "a.weight"], ["a"], "first"),
        helper.make_node("Sigmoid", ["a"], ["gate"], "gate"),
        helper.make_node(second, ["a", "gate"], ["out"], "second"),
        *more,
    ]
    return model(nodes, [weight], output)


def test_a_sigmoid_times_its_input_is_silu(tmp_path):
    pool = helper.make_node("MaxPool", ["out"], ["small"], kernel_shape=[2, 2])
    written = gated("Mul", pool, output="small")
    names = [
        getattr(layer, "name", "") for layer in stack_in(tmp_path / "net.onnx", written).layers
    ]
    assert names == ["", "silu", ""]
    assert_equal(written, tmp_path / "net.onnx", 1, (8, 9))


@pytest.mark.parametrize(
    "written",
    [
        gated("Add"),
        gated("Mul", helper.make_node("Add", ["gate", "out"], ["more"]), output="more"),
        gated("Mul", helper.make_node("Add", ["a", "out"], ["more"]), output="more"),
    ],
    ids=["plus its input", "and the sigmoid goes on", "and its input goes on"],
)
def test_a_sigmoid_that_is_no_silu_forks(tmp_path, written):
    stack = stack_in(tmp_path / "net.onnx", written)
    assert len(stack.layers) == 1
    assert stack.rest.startswith("the graph forks into Sigmoid gate and ")


@pytest.mark.parametrize(
    ("attributes", "rest"),
    [
        ({"alpha": 1 / 6, "beta": 0.5}, ""),
        ({}, "the graph forks into HardSigmoid gate and Mul second"),
    ],
)
def test_torchs_hardsigmoid_times_its_input_is_hardswish(tmp_path, attributes, rest):
    weight = numpy_helper.from_array(numbers(1, 1, 3, 3), "a.weight")
    nodes = [
        helper.make_node("Conv", ["image", "a.weight"], ["a"], "first"),
        helper.make_node("HardSigmoid", ["a"], ["gate"], "gate", **attributes),
        helper.make_node("Mul", ["a", "gate"], ["out"], "second"),
    ]
    written = model(nodes, [weight], "out")
    assert stack_in(tmp_path / "net.onnx", written).rest == rest
    if not rest:
        assert_equal(written, tmp_path / "net.onnx", 1, (8, 9))


def test_mish_in_nodes_is_refused_by_its_name(tmp_path):
    weight = numpy_helper.from_array(numbers(1, 1, 3, 3), "a.weight")
    nodes = [
        helper.make_node("Conv", ["image", "a.weight"], ["a"]),
        helper.make_node("Softplus", ["a"], ["soft"]),
        helper.make_node("Tanh", ["soft"], ["gate"]),
        helper.make_node("Mul", ["a", "gate"], ["out"]),
    ]
    stack = stack_in(tmp_path / "net.onnx", model(nodes, [weight], "out"))
    assert stack.rest == "x tanh(ln(1 + e^x)) is Mish, which is no activation here"


def gelu_in_nodes(*, before, half=0.5, root=2**0.5, output="out"):
    """GELU as exporters write it, halved `before` the product or after it."""
    numbers_of = {"a.weight": numbers(1, 1, 3, 3), "root": root, "one": 1.0, "half": half}
    stored = [numpy_helper.from_array(np.float32(n), name) for name, n in numbers_of.items()]
    nodes = [
        helper.make_node("Conv", ["image", "a.weight"], ["a"], "first"),
        helper.make_node("Div", ["a", "root"], ["scaled"], "scale"),
        helper.make_node("Erf", ["scaled"], ["erf"]),
        helper.make_node("Add", ["erf", "one"], ["shifted"]),
    ]
    if before:
        nodes.append(helper.make_node("Mul", ["a", "half"], ["halved"], "halve"))
        nodes.append(helper.make_node("Mul", ["halved", "shifted"], ["out"]))
    else:
        nodes.append(helper.make_node("Mul", ["a", "shifted"], ["product"], "halve"))
        nodes.append(helper.make_node("Mul", ["product", "half"], ["out"]))
    return model(nodes, stored, output)


@pytest.mark.parametrize("before", [False, True])
def test_nodes_that_make_gelu_are_one_layer(tmp_path, before):
    written = gelu_in_nodes(before=before)
    assert stack_in(tmp_path / "net.onnx", written).layers[1] == activation_of("gelu")
    assert_equal(written, tmp_path / "net.onnx", 1, (8, 9))


@pytest.mark.parametrize("before", [False, True])
@pytest.mark.parametrize("other", [{"half": 0.6}, {"root": 1.5}, {"output": "shifted"}], ids=str)
def test_nodes_that_make_something_like_gelu_are_not_taken_for_it(tmp_path, before, other):
    stack = stack_in(tmp_path / "net.onnx", gelu_in_nodes(before=before, **other))
    assert len(stack.layers) == 1
    assert stack.rest


def lenet(**how):
    return chain(
        ("Conv", {"pads": [2, 2, 2, 2]}, numbers(6, 1, 5, 5), numbers(6)),
        ("Tanh", {}),
        ("Identity", {}),
        ("AveragePool", {"kernel_shape": [2, 2], "strides": [2, 2]}),
        ("Dropout", {}),
        ("Conv", {}, numbers(8, 6, 3, 3), numbers(8)),
        ("LeakyRelu", {"alpha": 0.01}),
        ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2], "ceil_mode": 1}),
        ("ConvTranspose", {"strides": [2, 2]}, numbers(8, 2, 2, 2)),
        ("Sigmoid", {}),
        **how,
    )


@pytest.mark.parametrize("constants", [False, True])
def test_a_sequential_graph_is_the_whole_stack(tmp_path, constants):
    """Weights are initializers, or nodes; Identity and Dropout are passed over."""
    path = tmp_path / "net.onnx"
    assert_equal(lenet(constants=constants), path, 1, (15, 17))
    kinds = [type(layer).__name__ for layer in read_weights(path).stack.layers]
    assert kinds == [
        *("Conv", "Activation", "Pool", "Conv", "Activation", "Pool"),
        *("ConvTranspose", "Activation"),
    ]


def test_layers_are_listed_by_the_names_of_their_weights(tmp_path):
    path = tmp_path / "net.onnx"
    path.write_bytes(lenet())
    weights = read_weights(path)
    assert list(weights) == ["layer0", "layer5", "layer8"]
    assert weights.entries[0].settings["padding"] == ((2, 2), (2, 2))
    assert weights["layer8"].stride == (2, 2)
    assert np.array_equal(weights["layer0"].weight, numbers(6, 1, 5, 5))


CONV = ("Conv", {}, numbers(2, 2, 3, 3))
RESTS = {
    "Flatten: there is no such layer here": [CONV, ("Relu", {}), ("Flatten", {})],
    "Mish: there is no such layer here": [CONV, ("Mish", {})],
    "Clip: it clips to -1 and 1; ReLU6 clips to 0 and 6": [
        CONV,
        ("Clip", {}, np.float32(-1), np.float32(1)),
    ],
    "Clip: it clips to 0 and nothing; ReLU6 clips to 0 and 6": [CONV, ("Clip", {}, np.float32(0))],
    "PRelu: its slopes have the shape 2: they are not one for each channel": [
        CONV,
        ("PRelu", {}, numbers(2)),
    ],
    "PRelu: its slopes have the shape 2 × 1: they are not one for each channel": [
        CONV,
        ("PRelu", {}, numbers(2, 1)),
    ],
    "PRelu: its slopes have the shape 2 × 3 × 1: they are not one for each channel": [
        CONV,
        ("PRelu", {}, numbers(2, 3, 1)),
    ],
    "MaxPool: it pads 0 before and 1 after: convviz pools pad alike": [
        CONV,
        ("MaxPool", {"kernel_shape": [2, 2], "pads": [0, 0, 1, 1]}),
    ],
    "MaxPool: its auto_pad SAME_UPPER pads by the size of the image; write out pads": [
        CONV,
        ("MaxPool", {"kernel_shape": [3, 3], "strides": [2, 2], "auto_pad": "SAME_UPPER"}),
    ],
    "AveragePool: average pooling has no dilation": [
        CONV,
        ("AveragePool", {"kernel_shape": [2, 2], "dilations": [2, 2]}),
    ],
    "ConvTranspose: its output_shape is fixed: it belongs to one size of image alone": [
        CONV,
        ("ConvTranspose", {"output_shape": [9, 9]}, numbers(2, 1, 3, 3)),
    ],
    "Conv: its pads are negative: they cut cells off": [
        CONV,
        ("Conv", {"pads": [-1, 0, 0, 0]}, numbers(2, 2, 3, 3)),
    ],
}


@pytest.mark.parametrize("rest", RESTS)
def test_the_stack_ends_at_what_cannot_be_taken_over_and_names_it(tmp_path, rest):
    stack = stack_in(tmp_path / "net.onnx", chain(*RESTS[rest]))
    assert stack.rest == rest
    assert len(stack.layers) >= 1


def test_a_graph_that_forks_ends_there(tmp_path):
    weight = numpy_helper.from_array(numbers(1, 1, 3, 3), "a.weight")
    nodes = [
        helper.make_node("Conv", ["image", "a.weight"], ["a"], "first"),
        helper.make_node("Relu", ["a"], ["b"], "one"),
        helper.make_node("Tanh", ["a"], ["c"], "other"),
        helper.make_node("Add", ["b", "c"], ["d"]),
    ]
    stack = stack_in(tmp_path / "net.onnx", model(nodes, [weight], "d"))
    assert stack.rest == "the graph forks into Relu one and Tanh other"
    assert len(stack.layers) == 1


def tampered(change):
    """A model whose one convolution has numbers as `change` leaves them."""
    whole = onnx.load_model_from_string(chain(("Conv", {}, numbers(2, 1, 3, 3))))
    change(whole.graph.initializer[0])
    return whole.SerializeToString()


def elsewhere(tensor):
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="/etc/hostname")
    tensor.ClearField("raw_data")


TAMPERED = {
    "its numbers are in another file; save the model with them inside": elsewhere,
    "it has 9 numbers, its shape 2 × 1 × 3 × 3 needs 18": lambda t: setattr(
        t, "raw_data", t.raw_data[:36]
    ),
    "its numbers are INT8, which convviz does not read": lambda t: setattr(t, "data_type", 3),
    "its shape is 2 × 1 × -3 × -3, which cannot be read": lambda t: t.dims.__setitem__(
        slice(2, 4), [-3, -3]
    ),
}


@pytest.mark.parametrize("reason", TAMPERED)
def test_numbers_that_are_not_there_are_not_taken(tmp_path, reason):
    path = tmp_path / "net.onnx"
    path.write_bytes(tampered(TAMPERED[reason]))
    weights = read_weights(path)
    assert weights.entries[0].refusal == reason
    assert list(weights) == []
    assert weights.stack.layers == ()


def test_without_onnx_it_says_how_to_install_it(tmp_path, monkeypatch):
    (tmp_path / "net.onnx").write_bytes(lenet())
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(NeedsPackage, match="to read ONNX files the package onnx is needed; ins"):
        read_weights(tmp_path / "net.onnx")

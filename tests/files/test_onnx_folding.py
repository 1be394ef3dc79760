"""What stands behind a convolution of a graph: biases, normalizations, dead ends."""

import numpy as np
import pytest

import convviz
from convviz.files.errors import FileError
from convviz.files.weights import read_weights

onnx = pytest.importorskip("onnx", reason="onnx is not installed")
pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")

from onnx_models import chain, helper, model, numbers, numpy_helper, run  # noqa: E402

IMAGE = numbers(2, 9, 8, seed=9)
CONV = ("Conv", {"pads": [1, 1, 1, 1]}, numbers(4, 2, 3, 3))


def positive(*shape, seed):
    return np.abs(numbers(*shape, seed=seed)) + 0.5


def norm(count, seed=20):
    """The inputs of a batch normalization: scale, B, mean, var."""
    scale, shift, mean = (numbers(count, seed=seed + n) for n in range(3))
    return scale, shift, mean, positive(count, seed=seed + 3)


def stack_in(tmp_path, written):
    path = tmp_path / "net.onnx"
    path.write_bytes(written)
    return read_weights(path)


def graph(nodes, stored, output="made", **how):
    tensors = [numpy_helper.from_array(np.asarray(array), name) for name, array in stored.items()]
    return model([helper.make_node(*node[:3], **node[3]) for node in nodes], tensors, output, **how)


def behind(operator, *arrays, conv="Conv", weight=CONV[2], first=True, **attributes):
    """A convolution and one node behind it, which reads its maps first, or last."""
    stored = {"w.weight": weight} | {f"n{n}": array for n, array in enumerate(arrays)}
    names = list(stored)[1:]
    inputs = ["mid", *names] if first else [*names, "mid"]
    nodes = [
        (conv, ["image", "w.weight"], ["mid"], {"name": "conv"}),
        (operator, inputs, ["made"], {"name": "behind", **attributes}),
    ]
    return graph(nodes, stored)


FOLDED = {
    "a bias as 1xCx1x1": behind("Add", numbers(1, 4, 1, 1, seed=1)),
    "a bias as Cx1x1": behind("Add", numbers(4, 1, 1, seed=1)),
    "a bias before the maps": behind("Add", numbers(1, 4, 1, 1, seed=1), first=False),
    "one number": behind("Add", np.float32(0.75)),
    "a bias taken off": behind("Sub", numbers(4, 1, 1, seed=1)),
    "maps taken off a bias": behind("Sub", numbers(4, 1, 1, seed=1), first=False),
    "a factor for each map": behind("Mul", numbers(1, 4, 1, 1, seed=1)),
    "a normalization": behind("BatchNormalization", *norm(4)),
    "a normalization with epsilon": behind("BatchNormalization", *norm(4), epsilon=0.1),
    "a transposed one": behind(
        "BatchNormalization", *norm(3), conv="ConvTranspose", weight=numbers(2, 3, 3, 3)
    ),
    "a transposed one with a bias": behind(
        "Add", numbers(1, 3, 1, 1), conv="ConvTranspose", weight=numbers(2, 3, 3, 3)
    ),
}


@pytest.mark.parametrize("what", FOLDED)
def test_a_bias_or_a_normalization_behind_goes_into_the_convolution(tmp_path, what):
    weights = stack_in(tmp_path, FOLDED[what])
    expected = run(FOLDED[what], IMAGE)
    assert weights.stack.rest == ""
    for layers in (weights.stack.layers, [weights["w"]]):
        found = convviz.Network(layers)(IMAGE)
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    entry = weights.entry("w")
    assert entry.note.endswith("behind behind it went into its weight and bias")
    assert entry.bias == ("factor" not in what)


def test_grouped_transposed_convolutions_are_normalized_group_by_group(tmp_path):
    stored = dict(zip(["w", "s", "b", "m", "v"], [numbers(4, 3, 3, 3), *norm(6)], strict=True))
    nodes = [
        ("ConvTranspose", ["image", "w"], ["mid"], {"group": 2, "strides": [2, 2]}),
        ("BatchNormalization", ["mid", "s", "b", "m", "v"], ["made"], {}),
    ]
    written, image = graph(nodes, stored), numbers(4, 5, 6, seed=3)
    found = convviz.Network(stack_in(tmp_path, written).stack.layers)(image)
    np.testing.assert_allclose(found, run(written, image), rtol=1e-4, atol=1e-5)


def test_a_bias_a_normalization_and_a_factor_go_in_one_after_the_other(tmp_path):
    stored = {"w": CONV[2], "add": numbers(1, 4, 1, 1), "times": numbers(4, 1, 1, seed=5)}
    stored |= dict(zip("sbmv", norm(4), strict=True))
    nodes = [
        ("Conv", ["image", "w"], ["a"], {}),
        ("Add", ["a", "add"], ["b_"], {"name": "bias"}),
        ("BatchNormalization", ["b_", "s", "b", "m", "v"], ["c"], {"name": "bn"}),
        ("Mul", ["times", "c"], ["d"], {"name": "gain"}),
        ("Relu", ["d"], ["made"], {}),
    ]
    written = graph(nodes, stored)
    weights = stack_in(tmp_path, written)
    found = convviz.Network(weights.stack.layers)(IMAGE)
    np.testing.assert_allclose(found, run(written, IMAGE), rtol=1e-4, atol=1e-5)
    assert [type(layer).__name__ for layer in weights.stack.layers] == ["Conv", "Activation"]
    note = "Add bias and BatchNormalization bn and Mul gain behind it went into its weight and bias"
    assert weights.entry("w").note == note
    reasons = {e.refusal for e in weights.entries if e.kind != "Conv 2-D"}
    assert reasons == {"it is part of 'w'"}


LEFT = {
    "numbers for each cell": behind("Add", numbers(1, 4, 7, 6)),
    "numbers along the columns": behind("Add", numbers(6)),
    "numbers for each row": behind("Mul", numbers(1, 1, 7, 1)),
}


@pytest.mark.parametrize("what", LEFT)
def test_what_cannot_go_into_a_convolution_is_named(tmp_path, what):
    weights = stack_in(tmp_path, LEFT[what])
    assert weights.entry("w").note.endswith(" behind behind it is left behind")
    assert np.array_equal(weights["w"].weight, CONV[2])
    assert weights["w"].bias is None
    assert "behind: there is no such layer here" in weights.stack.rest


def test_maps_that_something_else_reads_too_keep_their_normalization(tmp_path):
    stored = {"w": CONV[2], **dict(zip("sbmv", norm(4), strict=True))}
    nodes = [
        ("Conv", ["image", "w"], ["a"], {}),
        ("BatchNormalization", ["a", "s", "b", "m", "v"], ["c"], {"name": "bn"}),
        ("Add", ["a", "c"], ["made"], {}),
    ]
    weights = stack_in(tmp_path, graph(nodes, stored))
    assert weights.entry("w").note == "BatchNormalization bn behind it is left behind"
    assert weights["w"].bias is None


# Where a graph ends


def dead_end(*names):
    """A convolution `made` with dead ends behind it."""
    nodes = [("Conv", ["image", "w"], ["made"], {"name": "conv"})]
    nodes += [(name, ["made"], [f"dead{n}"], {"name": name}) for n, name in enumerate(names)]
    return graph(nodes, {"w": CONV[2]})


@pytest.mark.parametrize("names", [["Relu"], ["Relu", "Tanh"], ["Flatten"], ["Sigmoid", "Flatten"]])
def test_a_graph_ends_at_its_output_whatever_stands_behind_it(tmp_path, names):
    written = dead_end(*names)
    stack = stack_in(tmp_path, written).stack
    assert stack.rest == ""
    found = convviz.Network(stack.layers)(IMAGE)
    np.testing.assert_allclose(found, run(written, IMAGE), rtol=1e-5, atol=1e-5)


def test_a_dead_end_in_the_middle_is_no_fork(tmp_path):
    nodes = [
        ("Conv", ["image", "w"], ["a"], {}),
        ("Tanh", ["a"], ["dead"], {}),
        ("Relu", ["a"], ["made"], {}),
    ]
    written = graph(nodes, {"w": CONV[2]})
    stack = stack_in(tmp_path, written).stack
    assert (len(stack.layers), stack.rest) == (2, "")


def test_a_normalization_behind_the_output_is_no_part_of_it(tmp_path):
    stored = {"w": CONV[2], **dict(zip("sbmv", norm(4), strict=True))}
    nodes = [
        ("Conv", ["image", "w"], ["made"], {}),
        ("BatchNormalization", ["made", "s", "b", "m", "v"], ["dead"], {}),
    ]
    written = graph(nodes, stored)
    found = convviz.Network(stack_in(tmp_path, written).stack.layers)(IMAGE)
    np.testing.assert_allclose(found, run(written, IMAGE), rtol=1e-5, atol=1e-5)


def test_two_outputs_end_the_stack_at_the_first_and_say_so(tmp_path):
    whole = onnx.load_model_from_string(dead_end("Relu"))
    whole.graph.output.append(helper.make_tensor_value_info("dead0", 1, [None] * 4))
    stack = stack_in(tmp_path, whole.SerializeToString()).stack
    assert len(stack.layers) == 1
    assert stack.rest == "the graph has 2 outputs, a stack has one"


def test_an_output_that_does_not_come_from_the_image_is_told(tmp_path):
    nodes = [("Conv", ["image", "w"], ["a"], {}), ("Relu", ["w"], ["made"], {})]
    stack = stack_in(tmp_path, graph(nodes, {"w": CONV[2]})).stack
    assert stack.layers == ()
    assert stack.rest == "the image does not lead to the output of the graph"


def test_an_output_of_indices_is_not_taken_for_the_maxima(tmp_path):
    nodes = [("MaxPool", ["image"], ["a", "made"], {"kernel_shape": [2, 2]})]
    with_conv = [("Conv", ["image", "w"], ["b"], {}), *nodes]
    stack = stack_in(tmp_path, graph(with_conv, {"w": CONV[2]})).stack
    assert stack.rest == "the image does not lead to the output of the graph"


# Graphs of pools, and padding that is not alike


POOLS = {
    "max": ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2]}),
    "mean": ("AveragePool", {"kernel_shape": [3, 2]}),
    "two after the other": ("MaxPool", {"kernel_shape": [2, 2]}),
    "one more after, 2 by 2": (
        *("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2], "pads": [0, 0, 1, 1]}),
    ),
    "one more after, 3 by 3": (
        *("MaxPool", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [0, 0, 1, 1]}),
    ),
    "two more after": (
        *("MaxPool", {"kernel_shape": [5, 5], "strides": [3, 3], "pads": [1, 1, 3, 3]}),
    ),
    "one more after on one axis": (
        *("MaxPool", {"kernel_shape": [3, 3], "strides": [2, 1], "pads": [0, 1, 1, 1]}),
    ),
    "means with one more after": (
        *("AveragePool", {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [0, 0, 1, 1]}),
    ),
}


@pytest.mark.parametrize("spatial", [(9, 8), (10, 11), (7, 12)])
@pytest.mark.parametrize("what", POOLS)
def test_a_graph_of_pools_alone_is_a_stack(tmp_path, what, spatial):
    steps = [POOLS[what]] * (2 if what.startswith("two after") else 1)
    written, image = chain(*steps), numbers(2, *spatial, seed=2)
    weights = stack_in(tmp_path, written)
    assert weights.entries == ()
    assert weights.stack.rest == ""
    found = convviz.Network(weights.stack.layers)(image)
    np.testing.assert_allclose(found, run(written, image), rtol=1e-5, atol=1e-6)


CUT = {
    "same upper, stride 2": {"auto_pad": "SAME_UPPER", "strides": [2, 2]},
    "same upper, stride 2 and 1": {"auto_pad": "SAME_UPPER", "strides": [2, 1]},
    "one more cut off after": {"strides": [2, 2], "pads": [0, 0, 1, 1]},
    "two more cut off after": {"strides": [2, 2], "pads": [0, 1, 2, 1]},
    "with dilation": {"strides": [2, 2], "dilations": [2, 2], "pads": [0, 0, 1, 1]},
    "more than the dilation": {"strides": [3, 3], "dilations": [2, 1], "pads": [0, 0, 3, 2]},
    "groups": {"strides": [2, 2], "pads": [0, 0, 1, 1], "group": 2},
}


@pytest.mark.parametrize("what", CUT)
def test_a_transposed_convolution_may_cut_off_more_after_than_before(tmp_path, what):
    written = chain(("ConvTranspose", CUT[what], numbers(4, 3, 3, 3)))
    image = numbers(4, 5, 6, seed=1)
    weights = stack_in(tmp_path, written)
    expected = run(written, image)
    for layers in (weights.stack.layers, [weights["layer0"]]):
        found = convviz.Network(layers)(image)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-5)
    assert "zeros were put before its kernel" in weights.entry("layer0").note
    (said,) = weights.stack.notes
    assert said.startswith("ConvTranspose: ")
    assert "zeros were put before its kernel, since less is cut off before than after" in said


def test_only_a_kernel_that_became_larger_is_told_of(tmp_path):
    plain = ("ConvTranspose", {"strides": [2, 2], "pads": [1, 1, 0, 0]}, numbers(4, 4, 3, 3))
    cut = ("ConvTranspose", {"strides": [2, 2], "pads": [0, 0, 1, 1]}, numbers(4, 3, 3, 3))
    assert stack_in(tmp_path, chain(plain, ("Relu", {}))).stack.notes == ()
    assert len(stack_in(tmp_path, chain(plain, cut, plain[:2])).stack.notes) == 1


def test_layers_inside_of_an_if_are_no_layers_here_and_that_is_said(tmp_path):
    branch = helper.make_graph(
        [helper.make_node("Conv", ["image", "w"], ["b"])],
        "branch",
        [],
        [helper.make_tensor_value_info("b", 1, None)],
        [numpy_helper.from_array(CONV[2], "w")],
    )
    yes = numpy_helper.from_array(np.array(True), "yes")
    node = helper.make_node("If", ["yes"], ["made"], then_branch=branch, else_branch=branch)
    (tmp_path / "net.onnx").write_bytes(model([node], [yes], "made"))
    with pytest.raises(FileError, match="weights: Conv in If 'made': branches and loops"):
        read_weights(tmp_path / "net.onnx")


def test_maps_that_a_branch_inside_of_a_node_reads_are_not_folded(tmp_path):
    branch = helper.make_graph(
        [helper.make_node("Relu", ["a"], ["b"])],
        "branch",
        [],
        [helper.make_tensor_value_info("b", 1, None)],
    )
    stored = {"w": CONV[2], "add": numbers(1, 4, 1, 1), "yes": np.array(True)}
    nodes = [
        ("Conv", ["image", "w"], ["a"], {}),
        ("Add", ["a", "add"], ["c"], {"name": "bias"}),
        ("If", ["yes"], ["d"], {"then_branch": branch, "else_branch": branch}),
        ("Add", ["c", "d"], ["made"], {}),
    ]
    weights = stack_in(tmp_path, graph(nodes, stored))
    assert weights["w"].bias is None
    assert weights.entry("w").note == "Add bias behind it is left behind"

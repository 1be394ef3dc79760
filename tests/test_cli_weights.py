"""Layers of trained weights on the command line, and in Python."""

import dataclasses
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from weight_files import numbers, saved

import convviz

LETTER_H = convviz.INPUTS["letter-h"].image
NETWORK = {
    "conv1.weight": numbers(2, 3, 5, 5, dtype=np.float64),
    "conv1.bias": numbers(2, dtype=np.float64),
    "grey.weight": numbers(4, 1, 3, 3, dtype=np.float64),
    "up.weight": numbers(4, 2, 3, 3, dtype=np.float64),
    "up.bias": numbers(2, dtype=np.float64),
    "fc.weight": numbers(10, 4),
}


@pytest.fixture(autouse=True)
def in_a_folder_with_weights(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "net.safetensors").write_bytes(saved(NETWORK))


def values(ended):
    assert ended.code == 0, ended.err
    return np.array(json.loads(ended.out)["values"])


def test_a_layer_of_a_file_is_a_kernel_with_its_bias(convviz_does):
    kernel = "net.safetensors:grey"
    found = values(convviz_does("compute", "letter-h", "-k", kernel, "--stride", "2", "--json"))
    expected = convviz.Conv(NETWORK["grey.weight"], stride=2)
    np.testing.assert_allclose(found, convviz.Network([expected])(LETTER_H), atol=1e-12)


def test_a_grey_image_is_colour_for_a_layer_that_takes_three_channels(convviz_does):
    ended = convviz_does("compute", "letter-h", "-k", "net.safetensors:conv1", "--json")
    layer = convviz.Conv(NETWORK["conv1.weight"], NETWORK["conv1.bias"])
    expected = convviz.Network([layer])(np.stack([LETTER_H] * 3))
    np.testing.assert_allclose(values(ended), expected, atol=1e-12)
    assert ended.err == "convviz: Letter H: it is grey; each of 3 channels is the same\n"


@pytest.mark.parametrize(
    "spec", ["net.safetensors:up stride=2", "transpose net.safetensors:up stride=2"]
)
def test_a_layer_is_a_spec_and_of_the_kind_that_the_file_says(convviz_does, spec):
    ended = convviz_does(
        "compute", "letter-h", "-k", "net.safetensors:grey", "--layer", spec, "--json"
    )
    layers = [
        convviz.Conv(NETWORK["grey.weight"]),
        convviz.ConvTranspose(NETWORK["up.weight"], NETWORK["up.bias"], stride=2),
    ]
    np.testing.assert_allclose(values(ended), convviz.Network(layers)(LETTER_H), atol=1e-11)
    assert [layer["kind"] for layer in json.loads(ended.out)["layers"]] == ["conv", "transpose"]


def test_an_array_of_an_archive_keeps_its_own_name(convviz_does, tmp_path):
    np.savez(tmp_path / "net.npz", **NETWORK)
    whole = convviz_does("compute", "letter-h", "-k", "net.npz:conv1", "--json")
    array = convviz_does("compute", "letter-h", "-k", "net.npz:grey.weight", "--json")
    assert json.loads(whole.out)["layers"][0]["bias"] == NETWORK["conv1.bias"].tolist()
    assert json.loads(array.out)["layers"][0]["bias"] is None


def test_a_file_with_the_whole_name_comes_first_and_parts_may_hold_colons(convviz_does, tmp_path):
    (tmp_path / "a:b.safetensors").write_bytes(saved({"x:y.weight": numbers(1, 1, 1, 1)}))
    named = convviz_does("compute", "1,2;3,4", "-k", "a:b.safetensors:x:y", "--json")
    assert named.code == 0
    np.save(tmp_path / "kernel.npy", np.ones((1, 1)))
    (tmp_path / "kernel.npy").rename("net.safetensors:grey")
    found = convviz_does("compute", "1,2;3,4", "-k", "net.safetensors:grey")
    assert found.out == "[[1 2]\n [3 4]]\n"


ERRORS = [
    (
        ("-k", "net.safetensors"),
        4,
        "net.safetensors: it holds 3 layers, choose one: conv1 (2×3×5×5), grey (4×1×3×3), up",
    ),
    (("-k", "net.safetensors:fc"), 4, "net.safetensors: 'fc', Linear: no kernel slides in it"),
    (("-k", "net.safetensors:no"), 4, "net.safetensors: it holds no layer 'no'; it holds conv1"),
    (("-k", "gone.safetensors:conv1"), 4, "gone.safetensors: there is no such file"),
    (
        ("--layer", "net.safetensors:up padding=same"),
        4,
        "layer 1: padding: a transposed convolution has no padding rules",
    ),
    (("--model", "net.safetensors"), 4, "net.safetensors: only ONNX files hold a model; give one"),
    (("--model", "a.onnx", "-k", "1"), 2, "'-k' / '--kernel': --model brings its layers"),
    (("--model", "a.onnx", "--stride", "2"), 2, "--stride: --model brings its layers"),
]


@pytest.mark.parametrize(("arguments", "code", "reason"), ERRORS)
def test_what_is_wrong_is_said_in_one_line(convviz_does, arguments, code, reason):
    ended = convviz_does("compute", "letter-h", *arguments)
    assert (ended.code, ended.out, ended.err.count("\n")) == (code, "", 1)
    assert reason in ended.err


def test_weights_are_no_image(convviz_does):
    ended = convviz_does("compute", "net.safetensors", "-k", "blur")
    assert ended.code == 4
    assert ended.err.startswith("convviz: net.safetensors: it holds 6 arrays, choose one")


def test_list_names_the_layers_of_a_file(convviz_does):
    ended = convviz_does("list", "net.safetensors")
    lines = [line.split() for line in ended.out.splitlines()]
    assert [line[0] for line in lines] == ["conv1", "fc", "grey", "up"]
    assert ended.out.splitlines()[1].endswith("no kernel slides in it")
    found = json.loads(convviz_does("list", "net.safetensors", "--json").out)["layers"]
    assert found[0] == {
        "name": "conv1",
        "kind": "Conv 2-D",
        "shape": [2, 3, 5, 5],
        "bias": True,
        "transposed": False,
        "settings": {},
        "refusal": "",
        "layouts": ["oihw"],
        "question": "",
        "note": "",
    }
    assert convviz_does("list", "gone.onnx").code == 4
    assert convviz_does("list", "net.safetensors", "--schema").code == 2


@pytest.fixture
def model(tmp_path):
    pytest.importorskip("onnx", reason="onnx is not installed")
    from onnx_models import chain

    conv = ("Conv", {"pads": [1, 1, 1, 1], "strides": [2, 2]}, numbers(4, 1, 3, 3), numbers(4))
    pool = ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2]})
    last = ("Conv", {}, numbers(2, 4, 1, 1))
    (tmp_path / "net.onnx").write_bytes(chain(conv, ("Relu", {}), pool, last))
    (tmp_path / "part.onnx").write_bytes(chain(conv, ("Relu", {}), ("Flatten", {})))


@pytest.mark.usefixtures("model")
def test_a_layer_of_a_graph_brings_its_settings_and_options_outrank_them(convviz_does):
    kernel = "net.onnx:layer0"
    found = json.loads(convviz_does("compute", "letter-h", "-k", kernel, "--json").out)
    assert found["layers"][0]["stride"] == [2, 2]
    assert found["layers"][0]["padding"] == [[1, 1], [1, 1]]
    ended = convviz_does("compute", "letter-h", "-k", kernel, "--stride", "1", "--json")
    assert json.loads(ended.out)["shape"] == [4, 16, 16]


@pytest.mark.usefixtures("model")
def test_a_model_is_all_layers_of_a_file(convviz_does):
    from onnx_models import run

    found = values(convviz_does("compute", "letter-h", "--model", "net.onnx", "--json"))
    expected = run(Path("net.onnx").read_bytes(), LETTER_H[None])
    np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)
    longer = convviz_does("compute", "letter-h", "--model", "net.onnx", "--layer", "relu", "--json")
    np.testing.assert_allclose(values(longer), np.maximum(expected, 0), rtol=2e-5, atol=1e-6)
    traced = convviz_does("trace", "letter-h", "--model", "net.onnx", "--focus", "1", "--at", "0,0")
    assert traced.code == 0


@pytest.mark.usefixtures("model")
def test_a_model_that_cannot_be_taken_over_whole_says_where_it_ends(convviz_does):
    ended = convviz_does("compute", "letter-h", "--model", "part.onnx", "--json")
    assert json.loads(ended.out)["shape"] == [4, 8, 8]
    reason = "part.onnx: its first 2 layers are taken; then Flatten: there is no such layer here"
    assert ended.err == f"convviz: {reason}\n"


@pytest.mark.usefixtures("model")
def test_without_onnx_the_exit_code_says_that_something_is_missing(convviz_does, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    ended = convviz_does("list", "net.onnx")
    assert ended.code == 3
    assert "the package onnx is needed; install it: " in ended.err
    assert ended.err.endswith("-m pip install onnx\n")


def test_in_python_a_file_is_a_mapping_of_layers():
    weights = convviz.read_weights("net.safetensors")
    assert {name: layer.weight.shape for name, layer in weights.items()} == {
        "conv1": (2, 3, 5, 5),
        "grey": (4, 1, 3, 3),
        "up": (4, 2, 3, 3),
    }
    layer = dataclasses.replace(weights["grey"], stride=2, padding=1)
    assert convviz.Network([layer])(LETTER_H).shape == (4, 8, 8)


@pytest.mark.parametrize("shape", [(8, 1, 4, 4), (8, 4, 3, 3)])
def test_a_grouped_layer_with_as_many_maps_as_channels_is_read_as_transposed_when_asked(
    convviz_does, tmp_path, shape
):
    torch = pytest.importorskip("torch")
    weight, bias = numbers(*shape), numbers(8, seed=1)
    (tmp_path / "up.safetensors").write_bytes(saved({"up.weight": weight, "up.bias": bias}))
    image = numbers(8, 5, 6, seed=2)
    np.save("image.npy", image)
    options = ("--transpose", "--stride", "2", "--padding", "1", "--json")
    found = values(convviz_does("compute", "image.npy", "-k", "up.safetensors:up", *options))
    expected = torch.nn.functional.conv_transpose2d(
        *map(torch.tensor, (image, weight, bias)), stride=2, padding=1, groups=8 // shape[1]
    )
    np.testing.assert_allclose(found, expected.numpy(), rtol=1e-4, atol=1e-5)


def test_a_setting_of_transposed_layers_alone_tells_how_to_ask_for_one(convviz_does):
    ended = convviz_does("compute", "letter-h", "-k", "net.safetensors:up", "--output-padding", "1")
    assert "a convolution has none, a transposed one has: give --transpose" in ended.err


def test_what_is_wrong_with_the_kernels_file_is_not_laid_on_the_image(convviz_does):
    np.save("image.npy", numbers(3, 9, 9))
    ended = convviz_does("compute", "image.npy", "-k", "net.safetensors:conv")
    assert ended.code == 4
    assert ended.err.startswith("convviz: net.safetensors: it holds no layer 'conv'")


def test_a_weight_asked_for_by_its_own_name_comes_without_its_bias_and_says_so(convviz_does):
    np.save("image.npy", numbers(3, 9, 9))
    ended = convviz_does("compute", "image.npy", "-k", "net.safetensors:conv1.weight", "--json")
    expected = convviz.Conv(NETWORK["conv1.weight"])
    assert np.allclose(values(ended), convviz.Network([expected])(np.load("image.npy")))
    assert ended.err == (
        "convviz: net.safetensors: conv1.weight is taken without conv1.bias; conv1 has both\n"
    )


def test_an_archive_of_layers_is_listed_by_its_layers(convviz_does):
    np.savez("net.npz", **NETWORK)
    ended = convviz_does("compute", "letter-h", "-k", "net.npz")
    assert "net.npz: it holds 3 layers, choose one: conv1 (2×3×5×5)" in ended.err


@pytest.mark.parametrize("name", ["net.bin", "net"])
def test_weights_are_known_by_what_they_begin_with(convviz_does, name):
    Path("net.safetensors").rename(name)
    found = values(convviz_does("compute", "letter-h", "-k", f"{name}:grey", "--json"))
    assert np.allclose(found, convviz.Network([convviz.Conv(NETWORK["grey.weight"])])(LETTER_H))


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "arguments", ["list net.pt", "compute letter-h -k net.pt:conv1", "compute letter-h -k net.pt"]
)
def test_a_checkpoint_of_torch_is_not_read_and_says_how_to_save_it(convviz_does, zipped, arguments):
    torch = pytest.importorskip("torch")
    state = {"conv1.weight": torch.ones(1, 1, 3, 3)}
    torch.save(state, "net.pt", _use_new_zipfile_serialization=zipped)
    ended = convviz_does(*arguments.split())
    assert ended.code == 4
    assert ended.err.startswith("convviz: net.pt: it is a file of torch.save")
    assert "torch.load(sys.argv[1], 'cpu', weights_only=True)" in ended.err


@pytest.mark.parametrize("count", [1, 2])
def test_of_a_batch_the_first_image_is_taken_as_in_the_window(convviz_does, count):
    batch = numbers(count, 3, 9, 8)
    np.save("batch.npy", batch)
    ended = convviz_does("compute", "batch.npy", "-k", "net.safetensors:conv1", "--json")
    layer = convviz.Conv(NETWORK["conv1.weight"], NETWORK["conv1.bias"])
    assert np.allclose(values(ended), convviz.Network([layer])(batch[0]))
    said = "image 1 of 2" if count == 2 else "the only image of a batch"
    assert ended.err == f"convviz: batch: {said} is taken\n"


def test_of_many_grey_images_the_first_is_taken_for_a_kernel_of_one_channel(convviz_does):
    images = numbers(100, 9, 8)
    np.save("images.npy", images)
    ended = convviz_does("compute", "images.npy", "-k", "net.safetensors:grey", "--json")
    layer = convviz.Conv(NETWORK["grey.weight"])
    assert np.allclose(values(ended), convviz.Network([layer])(images[:1]))
    pooled = convviz_does("compute", "images.npy", "--pool", "max", "--json")
    assert values(pooled).shape == (100, 4, 4)  # as in torch: an array of channels

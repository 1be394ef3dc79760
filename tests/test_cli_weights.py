"""Layers of trained weights on the command line, and in Python."""

import dataclasses
import json
import pickle
import shlex
import subprocess
import sys
import warnings
import zipfile
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


# Orders of axes


def test_an_order_of_axes_that_is_not_known_is_asked_for_and_said(convviz_does):
    stored = numbers(3, 3, 2, 40)
    Path("odd.safetensors").write_bytes(saved({"w.weight": stored}))
    np.save("image.npy", numbers(2, 9, 9))
    asked = convviz_does("compute", "image.npy", "-k", "odd.safetensors:w")
    assert (asked.code, asked.err.count("\n")) == (4, 1)
    assert "choose the layout: hwio (rows, columns, in, out), oihw (out, in, rows" in asked.err
    layer = convviz.Conv(np.moveaxis(stored, (-1, -2), (0, 1)))
    expected = convviz.Network([layer])(np.load("image.npy"))
    for how in (
        ("-k", "odd.safetensors:w", "--layout", "hwio"),
        ("--layer", "odd.safetensors:w layout=hwio"),
        ("--layer", "conv odd.safetensors:w.weight layout=HWIO stride=1"),
    ):
        found = values(convviz_does("compute", "image.npy", *how, "--json"))
        np.testing.assert_allclose(found, expected, atol=1e-5)
    assert "w  Conv 2-D  3 × 3 × 2 × 40" in convviz_does("list", "odd.safetensors").out


def test_an_array_in_a_file_of_its_own_may_be_in_another_order(convviz_does):
    stored = numbers(3, 3, 1, 40)
    np.save("kernel.npy", stored)
    said = convviz_does("compute", "letter-h", "-k", "kernel.npy", "--layout", "hwio", "--json")
    layer = convviz.Conv(np.moveaxis(stored, (-1, -2), (0, 1)))
    np.testing.assert_allclose(values(said), convviz.Network([layer])(LETTER_H), atol=1e-5)
    hinted = convviz_does("compute", "letter-h", "-k", "kernel.npy")
    hint = "taken as out, in, rows, columns; if they are rows, columns, in, out, say --layout hwio"
    assert hint in hinted.err


def test_a_weight_of_keras_asked_for_by_its_own_name_is_in_the_order_of_keras(convviz_does):
    stored = numbers(3, 3, 1, 4)
    np.savez("net.npz", **{"conv2d/kernel": stored, "conv2d/bias": numbers(4)})
    found = values(convviz_does("compute", "letter-h", "-k", "net.npz:conv2d/kernel", "--json"))
    layer = convviz.Conv(np.moveaxis(stored, (-1, -2), (0, 1)))
    np.testing.assert_allclose(found, convviz.Network([layer])(LETTER_H), atol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "code", "reason"),
    [
        (("--pool", "max", "--layout", "hwio"), 2, "--layout is that of KERNEL"),
        (("-k", "blur", "--strict"), 2, "--strict is that of --model"),
        (("-k", "blur", "--layout", "hwio"), 4, "layout hwio: the kernel has 2 axes"),
        (("-k", "blur", "--layout", "nhwc"), 2, "nhwc"),
        (("--layer", "max 2 layout=hwio"), 2, "layout is that of a KERNEL, which max has not"),
        (
            ("--layer", "conv blur layout=hwio layout=oihw"),
            *(2, "layout is given twice"),
        ),
        (
            ("-k", "net.safetensors:up", "--transpose", "--layout", "oihw"),
            *(4, "layout oihw is that of a convolution; transposed ones have iohw"),
        ),
    ],
)
def test_an_order_that_cannot_be_is_refused_in_one_line(convviz_does, arguments, code, reason):
    ended = convviz_does("compute", "letter-h", *arguments)
    assert (ended.code, ended.out, ended.err.count("\n")) == (code, "", 1)
    assert reason in ended.err


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("command", ["compute", "trace", "render"])
def test_strict_ends_with_4_unless_all_of_the_graph_is_taken(convviz_does, command):
    more = {"compute": (), "trace": ("--at", "0,0"), "render": ("-o", "frames")}[command]
    ended = convviz_does(command, "letter-h", "--model", "part.onnx", "--strict", *more)
    assert (ended.code, ended.out) == (4, "")
    assert "part.onnx: --strict: its first 2 layers are taken alone; then Flatten" in ended.err
    assert not Path("frames").exists()
    assert convviz_does("compute", "letter-h", "--model", "net.onnx", "--strict").code == 0


def test_a_kernel_of_a_model_that_became_larger_is_told_of(convviz_does):
    onnx_models = pytest.importorskip("onnx_models", reason="onnx is not installed")
    cut = ("ConvTranspose", {"strides": [2, 2], "pads": [0, 0, 1, 1]}, numbers(1, 1, 3, 3))
    Path("up.onnx").write_bytes(onnx_models.chain(cut))
    ended = convviz_does("compute", "letter-h", "--model", "up.onnx", "--strict")
    assert ended.code == 0
    assert ended.err == (
        "convviz: up.onnx: ConvTranspose: 1 × 1 zeros were put before its kernel, since less is "
        "cut off before than after\n"
    )


def test_what_else_went_into_a_layer_is_said(convviz_does):
    onnx_models = pytest.importorskip("onnx_models", reason="onnx is not installed")
    conv = ("Conv", {}, numbers(4, 1, 3, 3))
    Path("net.onnx").write_bytes(onnx_models.chain(conv, ("Add", {}, numbers(1, 4, 1, 1))))
    ended = convviz_does("compute", "letter-h", "-k", "net.onnx:layer0")
    assert ended.err == ("convviz: net.onnx: layer0: Add behind it went into its weight and bias\n")
    listed = convviz_does("list", "net.onnx").out.splitlines()
    note = "Add behind it went into its weight and bias"
    assert listed[0].endswith(f"bias  stride 1 · padding 0; {note}")
    assert listed[1].endswith("it is part of 'layer0'")


def test_a_graph_of_pools_alone_is_computed_and_listed(convviz_does):
    onnx_models = pytest.importorskip("onnx_models", reason="onnx is not installed")
    pool = ("MaxPool", {"kernel_shape": [2, 2], "strides": [2, 2]})
    Path("pool.onnx").write_bytes(onnx_models.chain(pool))
    found = values(convviz_does("compute", "letter-h", "--model", "pool.onnx", "--json"))
    assert np.array_equal(found, convviz.Network([convviz.Pool("max", 2)])(LETTER_H)[0])
    listed = convviz_does("list", "pool.onnx")
    assert (listed.code, listed.out) == (0, "")
    assert "no layer has weights; its graph is a stack of 1 layer: take it by --model" in listed.err


# Models of other programs


def _archive(*names):
    def write(path):
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, b"...")

    return write


def _bytes(data):
    return lambda path: path.write_bytes(data)


FOREIGN = {
    "net.tflite": (
        *(_bytes(b"\x1c\0\0\0TFL3" + bytes(40)), "a TensorFlow Lite model"),
        "tf2onnx.convert --tflite net.tflite --output net.onnx",
    ),
    "net.keras": (
        *(_archive("config.json", "model.weights.h5"), "a Keras 3 model"),
        "h5py.File(z.ZipFile(f).open('model.weights.h5')",
    ),
    "net.h5": (_bytes(b"\x89HDF\r\n\x1a\n" + bytes(40)), "an HDF5 file", "h5py.File("),
    "net.pt": (
        *(_archive("net/data.pkl", "net/constants.pkl", "net/code/a.py"), "a TorchScript program"),
        "torch.jit.load(sys.argv[1], 'cpu').state_dict()",
    ),
    "net.pth": (
        *(_archive("net/data.pkl", "net/data/0"), "a file of torch.save"),
        "weights_only=True",
    ),
    "net.pdparams": (
        _bytes(pickle.dumps({"a": 1}, 2)),
        *("a file of paddle.save", "paddle.load(sys.argv[1])"),
    ),
    "net.pkl": (_bytes(pickle.dumps({"a": 1}, 4)), "a pickle of Python objects", "if torch wrote"),
    "net.msgpack": (_bytes(b"\x81\xa1a\x01"), "a Flax checkpoint", "msgpack_restore"),
    "saved_model.pb": (_bytes(b"\x08\x01\x12"), "a TensorFlow graph", "--saved-model ."),
    "net.safetensors.index.json": (
        _bytes(b'{"metadata": {}, "weight_map": {"a": "net-1.safetensors", "b": "net-2.st"}}'),
        *("the index of a model", "in other files; open net-1.safetensors, net-2.st"),
    ),
}


@pytest.mark.parametrize("name", FOREIGN)
@pytest.mark.parametrize("command", ["list", "compute letter-h -k", "compute"])
def test_models_of_other_programs_are_called_by_what_they_are_with_a_way(
    convviz_does, name, command
):
    write, what, way = FOREIGN[name]
    write(Path(name))
    more = ["-k", "blur"] if command == "compute" else []
    ended = convviz_does(*command.split(), name, *more)
    assert (ended.code, ended.out, ended.err.count("\n")) == (4, "", 1)
    assert ended.err.startswith(f"convviz: {name}: it is {what}")
    assert way in ended.err


@pytest.mark.parametrize("how", ["zipped", "legacy", "within a checkpoint", "TorchScript"])
def test_the_command_that_is_named_makes_a_file_that_opens(convviz_does, how):
    torch = pytest.importorskip("torch")
    pytest.importorskip("safetensors", reason="safetensors is not installed")
    layer = torch.nn.Conv2d(1, 2, 3).to(memory_format=torch.channels_last)
    if how == "TorchScript":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # people still have such files
            torch.jit.trace(layer, torch.zeros(1, 1, 5, 5)).save("net.pt")
    else:
        state = layer.state_dict()
        held = {"state_dict": state, "epoch": 3} if how == "within a checkpoint" else state
        torch.save(held, "net.pt", _use_new_zipfile_serialization=how != "legacy")
    said = convviz_does("list", "net.pt").err
    _, _, line = said.partition("convert it: python ")
    made = subprocess.run([sys.executable, *shlex.split(line)], check=False, capture_output=True)
    assert made.returncode == 0, made.stderr
    found = convviz.read_weights("net.pt.safetensors")["weight"]
    assert np.array_equal(found.weight, layer.weight.detach().numpy())
    assert np.array_equal(found.bias, layer.bias.detach().numpy())

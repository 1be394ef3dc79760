"""Weights that convviz writes: torch and safetensors read them back to the last bit."""

import numpy as np
import pytest

from convviz.cli import main
from convviz.engine.network import Network
from convviz.engine.training import small_network, softmax, weight_arrays
from convviz.files.safetensors_files import read_safetensors
from convviz.files.safetensors_written import safetensors_bytes
from convviz.files.source import Source
from convviz.files.weights import read_weights

LAYERS = small_network((1, 8, 8), 10, kernels=4, seed=3)
ARRAYS = weight_arrays(LAYERS)


@pytest.fixture
def path(tmp_path):
    (tmp_path / "trained.safetensors").write_bytes(safetensors_bytes(ARRAYS))
    return tmp_path / "trained.safetensors"


def read_back(path, name):
    with path.open("rb") as stream:
        return read_safetensors(Source(stream, name)).array


def test_the_library_reads_the_same_numbers(path):
    library = pytest.importorskip("safetensors.numpy")
    found = library.load_file(path)
    assert sorted(found) == sorted(ARRAYS)
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype
        assert np.array_equal(found[name], array)


def test_torch_judges_with_them_as_convviz_does(torch, path):
    library = pytest.importorskip("safetensors.torch")
    net = torch.nn.Sequential()
    net.add_module("conv", torch.nn.Conv2d(1, 4, 3, padding="same"))
    net.add_module("relu", torch.nn.ReLU())
    net.add_module("pool", torch.nn.MaxPool2d(2))
    net.add_module("flatten", torch.nn.Flatten())
    net.add_module("fc", torch.nn.Linear(64, 10))
    net.double().load_state_dict(library.load_file(path))
    image = np.random.default_rng(0).random((1, 8, 8))
    ours = softmax(Network(LAYERS)(image).reshape(1, -1))
    with torch.no_grad():
        theirs = torch.softmax(net(torch.from_numpy(image[None])), dim=1).numpy()
    assert np.allclose(ours, theirs, atol=1e-12)


def test_convviz_reads_them_back_equal(path):
    for name, array in ARRAYS.items():
        assert np.array_equal(read_back(path, name), array)
    conv = read_weights(path)["conv"]
    assert np.array_equal(conv.weight, LAYERS[0].weight)
    assert np.array_equal(conv.bias, LAYERS[0].bias)


def test_the_command_line_lists_and_uses_them(path, capsys):
    assert main(["list", str(path)]) == 0
    assert "conv" in capsys.readouterr().out
    assert main(["compute", "digit-7", "-k", f"{path}:conv", "--padding", "same", "--json"]) == 0


def test_the_numbers_begin_at_a_multiple_of_eight_and_the_same_arrays_make_the_same_bytes():
    data = safetensors_bytes(ARRAYS)
    assert int.from_bytes(data[:8], "little") % 8 == 0
    assert data == safetensors_bytes(ARRAYS)


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<i4", "|b1"])
def test_other_kinds_of_numbers_and_byte_orders_come_back(tmp_path, dtype):
    array = np.array([[0, 1], [1, 0]], dtype)
    (tmp_path / "a.safetensors").write_bytes(safetensors_bytes({"a": array}))
    assert np.array_equal(read_back(tmp_path / "a.safetensors", "a"), array)

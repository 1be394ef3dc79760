"""Weights of trained networks: what a file holds is listed, and each layer is read alone."""

import dataclasses
import doctest
import json
import struct

import numpy as np
import pytest
from weight_files import numbers, one, safetensors, saved

import convviz
from convviz.files import weights as module
from convviz.files.errors import FileError
from convviz.files.safetensors_files import MAX_HEADER_BYTES
from convviz.files.weights import holds_weights, read_weights

NETWORK = {
    "conv1.bias": numbers(4, seed=1),
    "conv1.weight": numbers(4, 3, 5, 5),
    "bn1.weight": numbers(4),
    "bn1.bias": numbers(4),
    "bn1.running_mean": numbers(4),
    "bn1.running_var": numbers(4),
    "bn1.num_batches_tracked": np.array(7),
    "up.weight": numbers(4, 2, 3, 3),
    "up.bias": numbers(2),
    "sound.weight": numbers(2, 1, 9),
    "volume.weight": numbers(2, 1, 3, 3, 3),
    "fc.weight": numbers(10, 4),
    "fc.bias": numbers(10),
    "norm.weight_v": numbers(4, 3, 3, 3),
}
LISTED = [
    ("bn1", "BatchNorm", (4,), True, "no kernel slides in it"),
    ("conv1", "Conv 2-D", (4, 3, 5, 5), True, ""),
    ("fc", "Linear", (10, 4), True, "no kernel slides in it"),
    (
        "norm",
        "Part",
        (4, 3, 3, 3),
        False,
        "it is part of a weight normalization; remove that from the model and save it again",
    ),
    ("sound", "Conv 1-D", (2, 1, 9), False, ""),
    ("up", "ConvTranspose 2-D", (4, 2, 3, 3), True, ""),
    ("volume", "Conv 3-D", (2, 1, 3, 3, 3), False, "convviz has kernels of one and two axes"),
]


@pytest.fixture
def write(tmp_path):
    def written(data, name="model.safetensors"):
        path = tmp_path / name
        path.write_bytes(data)
        return path

    return written


@pytest.fixture
def network(write):
    return read_weights(write(saved(NETWORK)))


def listed(weights):
    return [(e.name, e.kind, e.shape, e.bias, e.refusal) for e in weights.entries]


def refused(path):
    with pytest.raises(FileError) as failure:
        read_weights(path)
    assert str(failure.value).startswith(f"{path}: ")
    return failure.value.reason


def test_every_layer_is_listed_with_its_reason_when_it_cannot_be_taken_over(network):
    assert listed(network) == LISTED
    assert list(network) == ["conv1", "sound", "up"]


def test_an_archive_of_numpy_lists_the_same_layers_in_its_own_order(tmp_path):
    np.savez(tmp_path / "model.npz", **NETWORK)
    weights = read_weights(tmp_path / "model.npz")
    assert sorted(listed(weights)) == LISTED
    assert list(weights) == ["conv1", "up", "sound"]
    assert np.array_equal(weights["conv1"].weight, NETWORK["conv1.weight"])


def test_a_layer_has_its_weight_and_its_bias_and_torchs_defaults(network):
    layer = network["conv1"]
    assert np.array_equal(layer.weight, NETWORK["conv1.weight"])
    assert np.array_equal(layer.bias, NETWORK["conv1.bias"])
    assert layer.weight.dtype == np.float32
    assert (layer.stride, layer.padding, layer.groups, layer.flip) == ((1, 1), ((0, 0),) * 2, 1, 0)
    assert dataclasses.replace(layer, stride=2).stride == (2, 2)


def test_a_bias_tells_which_convolution_is_transposed_and_else_the_person_does(network):
    assert isinstance(network["up"], convviz.ConvTranspose)
    assert isinstance(network.layer("sound"), convviz.Conv)
    assert isinstance(network.layer("sound", transpose=True), convviz.ConvTranspose)


def test_a_bias_tells_the_groups_of_a_transposed_convolution(write):
    grouped = {"up.weight": numbers(4, 3, 2, 2), "up.bias": numbers(6)}
    assert read_weights(write(saved(grouped)))["up"].groups == 2


def test_numbers_in_names_are_sorted_as_numbers(write):
    arrays = {f"features.{n}.weight": numbers(1, 1, 3, 3) for n in (10, 2, 0)}
    assert list(read_weights(write(saved(arrays)))) == ["features.0", "features.2", "features.10"]


@pytest.mark.parametrize("name", ["conv/kernel", "conv/kernel:0", "params.conv.kernel"])
def test_a_kernel_of_keras_or_flax_has_its_channels_last(tmp_path, name):
    kernel = numbers(5, 3, 2, 4)  # rows, columns, in, out
    np.savez(tmp_path / "keras.npz", **{name: kernel, "dense/kernel": numbers(3, 2)})
    (layer,) = read_weights(tmp_path / "keras.npz").values()
    assert layer.weight.shape == (4, 2, 5, 3)
    assert layer.weight[3, 1, 4, 2] == kernel[4, 2, 1, 3]


def test_bf16_is_widened_and_f16_is_exact(write):
    halves = struct.pack("<4H", 0x3F80, 0xC000, 0x3E80, 0x0000)  # 1, -2, 0.25, 0
    layer = read_weights(write(safetensors(one("BF16", places=[0, 8]), halves)))["a"]
    assert layer.weight.ravel().tolist() == [1, -2, 0.25, 0]
    exact = numbers(1, 1, 2, 2, dtype=np.float16)
    layer = read_weights(write(saved({"a.weight": exact})))["a"]
    assert np.array_equal(layer.weight, exact.astype(np.float64))


def test_numbers_of_a_layer_are_read_when_it_is_asked_for_and_no_others(write):
    header = {
        "a.weight": {"dtype": "F32", "shape": [1, 1, 2, 2], "data_offsets": [0, 16]},
        "b.weight": {"dtype": "F32", "shape": [1, 1, 2, 2], "data_offsets": [16, 32]},
    }
    data = np.float32([1, 2, 3, 4]).tobytes() + np.float32([np.nan] * 4).tobytes()
    weights = read_weights(write(safetensors(header, data)))
    assert weights["a"].weight.sum() == 10
    with pytest.raises(FileError, match="holds NaN or infinity"):
        weights["b"]


def test_a_name_that_is_not_there_is_told_with_those_that_are(network):
    with pytest.raises(KeyError):
        network["conv7"]
    with pytest.raises(FileError, match=r"no layer 'conv7'; it holds conv1 \(4×3×5×5\), sound"):
        network.layer("conv7")
    with pytest.raises(FileError, match="'fc', Linear: no kernel slides in it"):
        network.layer("fc")
    with pytest.raises(FileError, match="it holds 3 layers, choose one: conv1"):
        network.layer()


DAMAGED = {
    "": "the file is empty; choose another",
    "two of one name": 'a.weight": it is there twice',
    "a header of more than 1 MiB": "its header would have 1,048,577 bytes; at most 1 MiB are read",
    "a header that is not all there": "it is cut short: 12 bytes, of which 99 would be its header",
    "a header that is no JSON": "its header is not JSON",
    "a header that is a list": "its header is a list, not an object",
    "a header nested deep": "its header is nested too deep",
    "nothing in it": "it holds no array",
    "no dtype": "its header lacks dtype, shape or data_offsets of 'a.weight'",
    "a shape of halves": "is not made of whole numbers",
    "a negative shape": "is not made of whole numbers",
    "more than the file has": "'a.weight' lies outside the file: bytes 0 to 16 of 8",
    "a place that ends before it begins": "'a.weight' lies outside the file",
    "too few bytes": "'a.weight' has 8 bytes, 1×1×2×2 numbers of F32 have 16",
}
FILES = {
    "": b"",
    "two of one name": safetensors(
        b'{"a.weight":{"dtype":"F32","shape":[1,1,1,1],"data_offsets":[0,4]},'
        b'"a.weight":{"dtype":"F32","shape":[1,1,1,1],"data_offsets":[0,4]}}',
        bytes(4),
    ),
    "a header of more than 1 MiB": safetensors(b"{" + b" " * MAX_HEADER_BYTES),
    "a header that is not all there": struct.pack("<Q", 99) + b'{"a"',
    "a header that is no JSON": safetensors(b'{"a": nonsense}'),
    "a header that is a list": safetensors([1]),
    "a header nested deep": safetensors(b"[" * 500_000),
    "nothing in it": safetensors({"__metadata__": {"a": "b"}}),
    "no dtype": safetensors({"a.weight": {"shape": [1]}}),
    "a shape of halves": safetensors(one(shape=[1, 1, 2, 2.5]), bytes(16)),
    "a negative shape": safetensors(one(shape=[1, 1, -2, -2]), bytes(16)),
    "more than the file has": safetensors(one(), bytes(8)),
    "a place that ends before it begins": safetensors(one(places=[16, 0]), bytes(16)),
    "too few bytes": safetensors(one(places=[0, 8]), bytes(16)),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_damaged_file_says_in_one_line_what_is_wrong(write, what):
    reason = refused(write(FILES[what]))
    assert DAMAGED[what].removeprefix('a.weight": ') in reason
    assert reason.isprintable()


def test_a_dtype_that_is_not_read_is_named_and_the_others_are_read(write):
    header = {
        "a.weight": {"dtype": "F8_E4M3", "shape": [1, 1, 2, 2], "data_offsets": [0, 4]},
        "b.weight": {"dtype": "F32", "shape": [1, 1, 1, 1], "data_offsets": [4, 8]},
    }
    weights = read_weights(write(safetensors(header, bytes(8))))
    assert list(weights) == ["b"]
    assert weights.entries[0].refusal == "its numbers are 'F8_E4M3', which convviz does not read"


def test_a_file_without_convolutions_says_what_it_holds_instead(write):
    dense = {name: NETWORK[name] for name in NETWORK if name.startswith(("fc", "bn1"))}
    reason = refused(write(saved(dense)))
    assert reason == "it holds no convolution weights; its layers are BatchNorm, Linear"


def test_names_from_a_file_are_shown_in_one_line(write):
    weights = read_weights(write(saved({"a\n\x1b[31m.weight": numbers(1, 1, 2, 2)})))
    with pytest.raises(FileError) as failure:
        weights.layer("b")
    assert str(failure.value).isprintable()


def test_objects_in_an_archive_are_refused_and_never_unpickled(tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    objects = np.empty((1, 1, 1, 1), object)
    objects[0, 0, 0, 0] = Trap()
    np.savez(tmp_path / "trap.npz", **{"a.weight": objects, "b.weight": numbers(1, 1, 2, 2)})
    weights = read_weights(tmp_path / "trap.npz")
    assert list(weights) == ["b"]
    assert "Python objects" in weights.entries[0].refusal
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("arrays", "expected"),
    [
        ({"image": numbers(3, 20, 20)}, False),
        ({"image": numbers(1, 3, 20, 20)}, False),
        ({"x": numbers(8, 8), "y": numbers(8)}, False),
        ({"conv.weight": numbers(4, 3, 3, 3)}, True),
        ({"sound.weight": numbers(4, 3, 3)}, True),
        ({"w": numbers(4, 3, 3, 3), "b": numbers(4)}, True),
    ],
)
def test_an_archive_is_taken_for_weights_when_it_holds_some(tmp_path, arrays, expected):
    np.savez(tmp_path / "some.npz", **arrays)
    assert holds_weights(tmp_path / "some.npz") is expected


def test_what_torch_saved_computes_as_in_torch(tmp_path):
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    layer = torch.nn.Conv2d(3, 6, (3, 5), stride=(2, 1), padding=2, dilation=2, groups=3)
    up = torch.nn.ConvTranspose2d(6, 4, 3, stride=2, bias=True)
    state = {f"net.0.{name}": array.detach() for name, array in layer.state_dict().items()}
    state |= {f"net.1.{name}": array.detach() for name, array in up.state_dict().items()}
    path = tmp_path / "torch.safetensors"
    path.write_bytes(saved({name: array.numpy() for name, array in state.items()}))
    weights = read_weights(path)
    image = torch.rand(3, 20, 21, dtype=torch.float64)
    for double, tolerance in ((True, 1e-12), (False, 1e-5)):
        pixels = image if double else image.float()
        model = torch.nn.Sequential(layer, up).to(pixels.dtype)
        expected = model(pixels[None])[0].detach().numpy()
        mine = convviz.Network(
            [
                dataclasses.replace(
                    weights["net.0"], stride=(2, 1), padding=2, dilation=2, groups=3
                ),
                dataclasses.replace(weights["net.1"], stride=2),
            ]
        )
        assert np.abs(mine(pixels.numpy()) - expected).max() < tolerance


def test_the_library_reads_what_we_take_for_its_format(tmp_path):
    load = pytest.importorskip("safetensors.numpy", reason="safetensors is not installed")
    found = load.load(saved({"a.weight": numbers(2, 1, 3, 3), "a.bias": numbers(2)}))
    assert np.array_equal(found["a.weight"], numbers(2, 1, 3, 3))
    load.save_file(found, tmp_path / "theirs.safetensors")
    (layer,) = read_weights(tmp_path / "theirs.safetensors").values()
    assert np.array_equal(layer.weight, found["a.weight"])


def test_a_large_file_costs_no_more_than_the_layer_that_is_read(tmp_path):
    """Holes of a sparse file stand for gigabytes of other layers."""
    size = 3 * 2**30
    header = {
        "a.weight": {"dtype": "F32", "shape": [1, 1, 2, 2], "data_offsets": [size, size + 16]},
        "b.weight": {"dtype": "F32", "shape": [size // 4], "data_offsets": [0, size]},
    }
    text = json.dumps(header).encode()
    path = tmp_path / "large.safetensors"
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.seek(8 + len(text) + size)
        file.write(np.float32([1, 2, 3, 4]).tobytes())
    assert read_weights(path)["a"].weight.sum() == 10


def test_the_example_of_the_docstring_works():
    found = doctest.testmod(module)
    assert (found.failed, found.attempted > 0) == (0, True)


@pytest.mark.parametrize(
    "images",
    [
        np.zeros((9, 28, 28, 1), np.uint8),
        np.zeros((9, 28, 28, 1), np.float32),
        np.zeros((9, 3, 32, 32), np.float32),
        np.zeros((9, 3, 8, 8), np.uint8),
    ],
)
def test_the_images_of_a_data_set_are_no_weights(tmp_path, images):
    np.savez(tmp_path / "set.npz", x_train=images, y_train=np.arange(9))
    assert not holds_weights(tmp_path / "set.npz")

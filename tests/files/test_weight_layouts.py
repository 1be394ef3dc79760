"""Orders of axes: each library's files come back as the layers that it computes."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from weight_files import numbers, saved
from weight_libraries import LIBRARIES

import convviz
from convviz.files.errors import FileError
from convviz.files.kernel_layouts import LAYOUTS
from convviz.files.weights import read_weights

THEIRS = Path(__file__).parent / "weights"


@pytest.fixture
def written(tmp_path):
    def write(arrays, metadata=None, *, npz=False):
        path = tmp_path / ("net.npz" if npz else "net.safetensors")
        if npz:
            np.savez(path, **arrays)
        else:
            path.write_bytes(saved(arrays, metadata))
        return read_weights(path)

    return write


@pytest.mark.parametrize("library", LIBRARIES)
def test_layers_of_every_library_come_back_in_torchs_order(written, library):
    metadata, arrays, expected = LIBRARIES[library]
    weights = written(arrays, metadata, npz=metadata is None)
    assert sorted(weights) == sorted(expected)
    for name, (weight, bias, groups) in expected.items():
        layer = weights[name]
        assert np.array_equal(layer.weight, weight), name
        assert layer.bias is None if bias is None else np.array_equal(layer.bias, bias), name
        assert layer.groups == groups, name
        assert isinstance(layer, convviz.ConvTranspose) == (bias is not None and len(bias) == 6)


def test_depthwise_kernels_compute_as_in_keras():
    image = np.load(THEIRS / "keras-x.npy")
    for name, truth in (("keras-depthwise", "keras-y"), ("keras-depthwise-bias", "keras-y-bias")):
        (layer,) = read_weights(THEIRS / f"{name}.npz").values()
        made = convviz.Network([layer])(image)
        np.testing.assert_allclose(made, np.load(THEIRS / f"{truth}.npy"), rtol=1e-5, atol=1e-5)


def test_layers_compute_as_in_flax():
    truth, weights = np.load(THEIRS / "flax-truth.npz"), read_weights(THEIRS / "flax.npz")
    up = dataclasses.replace(weights["ConvTranspose_0"], stride=2)
    np.testing.assert_allclose(convviz.Network([up])(truth["b"]), truth["c"], atol=1e-4)
    first = convviz.Network([weights["Conv_0"]])(truth["x"])
    np.testing.assert_allclose(first, truth["a"], atol=1e-4)
    each = dataclasses.replace(weights["Conv_1"], groups=8)
    np.testing.assert_allclose(convviz.Network([each])(truth["a"]), truth["b"], atol=1e-4)


def test_a_file_that_says_mlx_is_read_as_mlx():
    layer = read_weights(THEIRS / "mlx.safetensors")["conv"]
    expected = np.moveaxis(np.load(THEIRS / "mlx-weight.npy"), -1, 1)
    assert layer.weight.shape == (4, 2, 3, 3)
    assert np.array_equal(layer.weight, expected)


# What cannot be known is asked for

ASKED = {
    "a kernel of 64 x 64": ("w.weight", (3, 3, 64, 64), None, ["hwio", "oihw", "iohw"]),
    "so even in a file of torch": (
        *("w.weight", (3, 3, 64, 64), {"format": "pt"}),
        ["hwio", "oihw", "iohw"],
    ),
    "an array without a library's name": ("w", (3, 3, 4, 8), None, ["hwio", "oihw", "iohw"]),
    "seven by seven on colours": ("w.weight", (7, 7, 3, 64), None, ["hwio", "oihw", "iohw"]),
    "square in the middle": ("w.weight", (16, 3, 3, 8), None, ["ohwi", "oihw", "iohw"]),
    "one cell in the middle": ("w.weight", (64, 1, 1, 32), None, ["ohwi", "oihw", "iohw"]),
    "a long signal": ("w.weight", (3, 64, 64), None, ["hwio", "oihw", "iohw"]),
    "depthwise, or one map": ("layer/kernel", (3, 3, 4, 1), None, ["hwio", "hwim"]),
    "transposed, of Keras or Flax": (
        *("net/deconv/kernel", (3, 3, 4, 8), None),
        ["hwoi", "hwio-transpose"],
    ),
}


@pytest.mark.parametrize("what", ASKED)
def test_what_the_file_does_not_tell_is_asked_for(written, what):
    name, shape, metadata, layouts = ASKED[what]
    weights = written({name: numbers(*shape)}, metadata)
    (entry,) = weights.entries
    assert [n for n in entry.layouts if n in layouts] == layouts
    assert list(weights) == []
    with pytest.raises(FileError, match="the file does not tell the order of its axes; choose"):
        weights.layer(entry.name)
    for layout in layouts:
        layer = weights.layer(entry.name, layout=layout)
        assert layer.weight.size == np.prod(shape)


SURE = {
    "patches of a transformer": ("w.weight", (768, 3, 16, 16), None, (768, 3, 16, 16)),
    "large patches": ("w.weight", (1024, 3, 32, 32), None, (1024, 3, 32, 32)),
    "a kernel of one row": ("w.weight", (192, 192, 7, 1), None, (192, 192, 7, 1)),
    "a filter of sound": ("w.weight", (64, 1, 80), None, (64, 1, 80)),
    "a small one": ("w.weight", (8, 4, 3, 3), None, (8, 4, 3, 3)),
    "one of depthwise of one channel": ("dw/kernel", (3, 3, 1, 8), None, (8, 1, 3, 3)),
    "dw in its name": ("block/conv_dw_1/kernel", (3, 3, 4, 1), None, (4, 1, 3, 3)),
}


@pytest.mark.parametrize("what", SURE)
def test_what_is_as_usual_is_not_asked_for(written, what):
    name, shape, metadata, expected = SURE[what]
    weights = written({name: numbers(*shape)}, metadata)
    assert weights.entries[0].shape == expected
    assert len(weights) == 1


def test_one_odd_layer_makes_the_others_of_its_file_uncertain(written):
    weights = written({"a.weight": numbers(32, 3, 3, 3), "b.weight": numbers(16, 3, 3, 32)})
    assert list(weights) == []
    assert weights.layer("a", layout="ohwi").weight.shape == (32, 3, 3, 3)
    assert weights.layer("b", layout="ohwi").weight.shape == (16, 32, 3, 3)


def test_a_bias_that_fits_another_order_alone_leads_to_the_question(written):
    arrays = {"a.weight": numbers(3, 3, 4, 64), "a.bias": numbers(64)}
    weights = written(arrays)
    assert weights.entries[0].layouts == ("hwio",)
    assert weights.layer("a", layout="hwio").weight.shape == (64, 4, 3, 3)
    assert "its bias has 64 numbers, which do not belong" in _reason(weights, "a", layout="oihw")


def test_an_order_is_refused_where_it_cannot_be(written):
    weights = written({"a.weight": numbers(4, 2, 3, 3)})
    assert "there is no layout 'x'; choose one of oihw" in _reason(weights, "a", layout="x")
    reason = _reason(weights, "a", layout="oihw", transpose=True)
    assert reason.startswith("layout oihw is that of a convolution; transposed ones have iohw")
    assert weights.layer("a", layout="iohw").in_channels == 4


def _reason(weights, name, **how):
    with pytest.raises(FileError) as failure:
        weights.layer(name, **how)
    assert str(failure.value).isprintable()
    return failure.value.reason


# A batch normalization beside tells which axis is that of the outputs


def norm(name, count):
    parts = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{part}": np.ones(count, np.float32) for part in parts}


@pytest.mark.parametrize(
    ("layer", "behind", "transposed"),
    [
        ("net.0", "net.1", True),
        ("up1", "bn1", None),
        ("up", "bn", True),
        ("deconv1", "bn1", True),
        ("dec.up_conv_transpose", "dec.up_bn", True),
        ("denselayer.conv1", "denselayer.norm1", None),
    ],
)
def test_the_normalization_behind_tells_a_transposed_convolution(
    written, layer, behind, transposed
):
    weights = written({f"{layer}.weight": numbers(8, 4, 3, 3), **norm(behind, 4)}, {"format": "pt"})
    entry = weights.entry(layer)
    assert entry.transposed is transposed
    if transposed is None and "conv" in layer:  # it may be normalized before
        assert "may be transposed" in entry.note


def test_a_normalization_that_stays_behind_is_named(written):
    arrays = {"conv1.weight": numbers(8, 4, 3, 3), **norm("bn1", 8)}
    note = written(arrays, {"format": "pt"}).entry("conv1").note
    assert note == "the batch normalization 'bn1' behind it is left behind"


# Weights that are made when the model runs


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        (("bias", "weight_g", "weight_v"), "a weight normalization"),
        (("weight_orig", "weight_u", "weight_v"), "a spectral normalization"),
        (("weight_orig", "weight_mask"), "a pruning"),
        (("parametrizations.weight.original",), "a parametrization"),
        (
            ("parametrizations.weight.original", "parametrizations.weight.0._u"),
            "a spectral normalization",
        ),
        (
            ("parametrizations.weight.original0", "parametrizations.weight.original1"),
            "a parametrization, as of weight normalization",
        ),
        (("weight", "weight_u"), "a spectral normalization"),
    ],
)
@pytest.mark.parametrize("module", ["", "conv."])
def test_parts_of_a_weight_are_not_offered_as_the_weight(written, parts, reason, module):
    shapes = {"weight_u": (4,), "bias": (4,), "parametrizations.weight.0._u": (4,)}
    arrays = {f"{module}{part}": numbers(*shapes.get(part, (4, 2, 3, 3))) for part in parts}
    weights = written({**arrays, "other.weight": numbers(1, 1, 3, 3)})
    assert list(weights) == ["other"]
    refused = next(entry for entry in weights.entries if entry.kind == "Part")
    assert (
        refused.refusal == f"it is part of {reason}; remove that from the model and save it again"
    )


def test_torchs_own_parametrizations_are_refused(written):
    torch = pytest.importorskip("torch")
    normed = torch.nn.utils.parametrizations.spectral_norm(torch.nn.Conv2d(1, 2, 3))
    state = {f"conv.{name}": array.numpy() for name, array in normed.state_dict().items()}
    weights = written({**state, "other.weight": numbers(1, 1, 3, 3)})
    assert list(weights) == ["other"]
    assert "spectral normalization" in weights.entries[0].refusal


# Whole numbers with a scale

SCALES = {
    "one": ("scale", (1,)),
    "one without axes": ("weight_scale", ()),
    "one for each map": ("weight.scale", (4,)),
    "with the axes of the weight": ("scales", (4, 1, 1, 1)),
}


@pytest.mark.parametrize("what", SCALES)
@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_whole_numbers_are_multiplied_by_their_scale(written, what, dtype):
    called, shape = SCALES[what]
    whole = np.arange(4 * 2 * 9).reshape(4, 2, 3, 3).astype(dtype)
    scale = np.abs(numbers(*shape)) if shape else np.float32(0.25)
    weights = written({"a.weight": whole, f"a.{called}": np.asarray(scale)})
    spread = np.asarray(scale, np.float64).reshape(-1, 1, 1, 1)
    np.testing.assert_allclose(weights["a"].weight, whole * spread, rtol=1e-15)
    assert f"multiplied by 'a.{called}'" in weights.entry("a").note


def test_a_zero_point_is_taken_off_before(written):
    whole = np.arange(18).reshape(2, 1, 3, 3).astype(np.uint8)
    arrays = {"a.scale": np.float32([0.5, 2]), "a.zero_point": np.uint8([9, 1])}
    weights = written({"a.weight": whole, **arrays})
    expected = (whole - np.float64([9, 1]).reshape(2, 1, 1, 1)) * [[[[0.5]]], [[[2]]]]
    assert np.array_equal(weights["a"].weight, expected)


def test_a_scale_that_belongs_to_nothing_is_refused_by_name(written):
    weights = written({"a.weight": np.ones((4, 2, 3, 3), np.int8), "a.scale": numbers(3)})
    assert weights.entries[0].refusal.startswith("its whole numbers have a scale, 'a.scale', of 3")


def test_whole_numbers_without_a_scale_are_a_kernel(written):
    weights = written({"a.weight": np.ones((1, 1, 3, 3), np.int8)})
    assert weights["a"].weight.sum() == 9


def test_numbers_that_are_none_are_told_with_the_layer():
    weights = read_weights(THEIRS / "nan.safetensors")
    with pytest.raises(FileError, match=r"'conv\.weight': it holds NaN or infinity, first at"):
        weights["conv"]
    assert weights["conv2"].weight.shape == (4, 4, 3, 3)


def test_the_readme_lists_every_layout():
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    _, _, table = readme.partition("| library | stored as")
    table = table.partition("\n\n")[0]
    assert all(f"`{name}`" in table for name in LAYOUTS)
    assert all(layout.axes in table or layout.mirrored for layout in LAYOUTS.values())

"""The second opinion agrees with a right map, and says by how much a wrong one is wrong."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from layer_cases import KINDS, random_image, random_layer

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.layers import Activation, Conv, ConvTranspose, LayerError, Pool
from convviz.engine.network import apply_layer
from convviz.engine.noise import sum_sizes
from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.engine.verify import LIBRARIES, Verdict, available_libraries, verify

ROOT = Path(__file__).parents[2]
PRECISION = {"scipy": 1e-13, "torch": 1e-13, "onnxruntime": 1e-5}


@pytest.fixture(params=LIBRARIES)
def library(request):
    """A library that is installed; others are skipped."""
    if request.param not in available_libraries():
        pytest.skip(f"{request.param} is not installed")
    if request.param == "torch":
        request.getfixturevalue("torch").set_num_threads(1)
    return request.param


def is_unknown(layer, library):
    """Return whether it is a transposed convolution that ONNX Runtime refuses."""
    return (
        library == "onnxruntime"
        and isinstance(layer, ConvTranspose)
        and any(o >= s for o, s in zip(layer.output_padding, layer.stride, strict=True))
    )


def assert_agrees(layer, image, library):
    found = apply_layer(layer, image)
    if is_unknown(layer, library):
        assert verify(layer, image, found, (library,)) == ()
        return
    (verdict,) = verify(layer, image, found, (library,))
    assert verdict.cells == found.size
    assert verdict.agrees, (layer, verdict)
    assert verdict.difference <= PRECISION[library] * max(np.abs(found).max(), 1), (layer, verdict)


@pytest.mark.parametrize("kind", KINDS)
def test_it_agrees_with_layers_of_every_kind(library, kind):
    rng = np.random.default_rng([60, KINDS.index(kind)])
    agreed = 0
    while agreed < 200:
        image = random_image(rng) + rng.random()
        layer = random_layer(rng, kind, image.shape, slip=0).ours()
        if layer.problem(image.shape) is None:
            assert_agrees(layer, image, library)
            agreed += 1


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("mode", PADDING_MODES)
@pytest.mark.parametrize("padding", [*PADDING_RULES, ((2, 1), (0, 3))])
def test_it_agrees_with_every_padding_and_with_both_ways_round(library, padding, mode, flip):
    rng = np.random.default_rng(61)
    layer = Conv(
        rng.normal(size=(4, 2, 3, 4)),
        rng.normal(size=4),
        stride=(2, 1),
        padding=padding,
        padding_mode=mode,
        padding_value=0.7,
        groups=2,
        flip=flip,
    )
    assert_agrees(layer, rng.normal(size=(4, 6, 7)), library)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_it_agrees_with_every_activation(library, name):
    cells = np.concatenate([np.linspace(-6, 6, 49), [0, 1e-8, -1e-8, 700, -700]])
    assert_agrees(Activation(name), cells.reshape(1, 6, 9), library)


@pytest.mark.parametrize(
    ("layer", "size"),
    [
        (Conv(np.ones((1, 1, 3)), stride=10**30), 9),
        (Conv(np.ones((1, 1, 1)), dilation=10**30), 9),
        (Pool("max", (3,), stride=10**18), 9),
        (Pool("avg", (4,), stride=4, ceil_mode=True), 9),
        (Pool("max", (3,), ceil_mode=True, stride=2, padding=1, dilation=2), 6),
        (ConvTranspose(np.ones((1, 1, 3)), stride=10**30), 1),
        (ConvTranspose(np.ones((1, 1, 1)), padding=5, dilation=10, output_padding=9), 3),
        (ConvTranspose(np.ones((1, 1, 3)), padding=2, stride=2, output_padding=1), 3),
        (Conv(np.random.default_rng(0).normal(size=(1, 1, 81)), dilation=40), 4_000),
        (Conv(np.full((1, 1, 3), 1e-300)), 9),
        (Conv(np.array([[[1.0, 1e-17, -1.0]]])), 9),
        (Conv(np.zeros((1, 1, 3))), 9),
    ],
    ids=str,
)
def test_it_agrees_with_settings_at_the_edge_of_what_can_be(library, layer, size):
    assert_agrees(layer, np.arange(1.0, size + 1)[None], library)


@pytest.mark.parametrize(
    "layer",
    [
        Conv(np.ones((2, 1, 3, 3)), padding="same"),
        ConvTranspose(np.ones((1, 2, 2, 2)), stride=2),
        Pool("max", 2),
        Pool("avg", 2, stride=1),
        Activation("tanh"),
    ],
    ids=str,
)
def test_a_wrong_cell_is_reported_with_its_size(library, layer):
    image = np.arange(36.0).reshape(1, 6, 6)
    found = apply_layer(layer, image).copy()
    found[-1, 1, 2] += 0.125
    (verdict,) = verify(layer, image, found, [library])
    assert verdict.library == library
    assert verdict.difference == pytest.approx(0.125, rel=1e-3)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_cell_that_is_no_number_differs_without_end(wrong):
    found = np.ones((1, 2, 2))
    found[0, 1, 1] = wrong
    assert verify(Pool("avg", 1), np.ones((1, 2, 2)), found) == (
        Verdict("scipy", np.inf, 4, wrong=1),
    )


def test_a_map_of_another_shape_differs_without_end():
    (verdict,) = verify(Pool("max", 2), np.ones((1, 4, 4)), np.ones((1, 2, 3)))
    assert (verdict.difference, verdict.cells) == (np.inf, 4)


LAYERS = [
    Conv(np.random.default_rng(63).normal(size=(2, 1, 5, 5))),
    Conv(np.random.default_rng(63).normal(size=(1, 1, 3, 3)), [0.5], padding="same"),
    ConvTranspose(np.random.default_rng(63).normal(size=(1, 1, 3, 3)), stride=2),
    Pool("avg", 3),
    Pool("max", 3),
    Activation("tanh"),
]


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_one_cell_that_is_wrong_by_a_billionth_of_its_terms_is_another_map(library, layer):
    part = 1e-9 if PRECISION[library] < 1e-9 else 1e-3  # of a cell in single precision
    image = np.random.default_rng(64).normal(size=(1, 12, 12))
    found, sizes = apply_layer(layer, image).copy(), sum_sizes(layer, image)
    assert verify(layer, image, found, [library])[0].agrees
    for sign in (1, -1):
        wrong = found.copy()
        wrong[-1, 2, 3] += sign * part * sizes[-1, 2, 3]
        (verdict,) = verify(layer, image, wrong, [library])
        assert (verdict.agrees, verdict.wrong) == (False, 1), layer


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_one_cell_that_is_wrong_by_rounding_is_the_same_map(library, layer):
    image = np.random.default_rng(64).normal(size=(1, 12, 12))
    found = apply_layer(layer, image).copy()
    found[-1, 2, 3] += 1e-16 * sum_sizes(layer, image)[-1, 2, 3]
    assert verify(layer, image, found, [library])[0].agrees


def test_the_least_numbers_are_told_apart():
    layer, image = Conv(np.full((1, 1, 3), 1e-300)), np.ones((1, 9))
    found = apply_layer(layer, image).copy()
    assert verify(layer, image, found)[0].agrees
    found[0, 4] *= 1.01
    assert verify(layer, image, found)[0].wrong == 1


@pytest.mark.parametrize(
    "layer",
    [
        Conv(np.ones((1, 1, 3, 3))),
        Conv(np.ones((1, 1, 3, 3)), [0.5], padding=1, padding_mode="replicate"),
        ConvTranspose(np.ones((1, 1, 3, 3)), stride=2),
        Pool("avg", 2),
        Pool("max", 2),
        Activation("tanh"),
        Activation("relu"),
    ],
    ids=str,
)
def test_a_wrong_small_cell_beside_a_huge_one_is_found(library, layer):
    image = np.random.default_rng(65).random((1, 12, 12))
    image[0, 0, 0] = 1e12
    found = apply_layer(layer, image).copy()
    assert_agrees(layer, image, library)
    found[0, -1, -1] += 0.01
    (verdict,) = verify(layer, image, found, [library])
    assert verdict.wrong == 1
    assert verdict.difference == pytest.approx(0.01, rel=1e-3)


def test_a_small_cell_that_was_wiped_is_found_in_a_large_map(library):
    rng = np.random.default_rng(66)
    image = rng.random((1, 60, 60))
    image[0, 5, 5] = 1e15
    layer = Conv(np.full((1, 1, 25, 25), 0.1))
    found = apply_layer(layer, image).copy()
    assert verify(layer, image, found, [library])[0].agrees
    found[0, -1, -1] = 0
    assert verify(layer, image, found, [library])[0].wrong == 1


def test_weights_of_any_size_are_added_by_scipy():
    layer = Conv(np.array([[[1e20, 1.0]]]))
    image = np.array([[0.0, 5.0, 0.0, 7.0]])
    (verdict,) = verify(layer, image, apply_layer(layer, image))
    assert verdict.difference == 0


def test_scipy_is_asked_for_the_sums_even_of_very_large_kernels():
    rng = np.random.default_rng(67)
    image, layer = rng.random((1, 80, 80)), Conv(rng.random((1, 1, 61, 61)))
    image[0, 0, 0] = 1e15
    assert verify(layer, image, apply_layer(layer, image))[0].agrees


def test_numbers_beyond_single_precision_are_not_called_different():
    image = np.full((1, 4, 4), 1e200)
    layer = Conv(np.ones((1, 1, 2, 2)))
    found = verify(layer, image, apply_layer(layer, image), available_libraries())
    assert all(verdict.agrees for verdict in found)
    assert "onnxruntime" not in {verdict.library for verdict in found}


def test_a_map_in_single_precision_is_right_to_single_precision():
    rng = np.random.default_rng(62)
    image = rng.normal(size=(2, 9, 9)).astype(np.float32)
    layer = Conv(rng.normal(size=(1, 2, 3, 3)).astype(np.float32))
    (verdict,) = verify(layer, image, apply_layer(layer, image))
    assert 0 < verdict.difference < 1e-5


def test_verdicts_come_in_the_order_of_the_libraries_asked():
    installed = available_libraries()
    image = np.ones((1, 3, 3))
    found = verify(Pool("max", 3), image, np.ones((1, 1, 1)), installed[::-1])
    assert [verdict.library for verdict in found] == list(installed[::-1])
    assert verify(Pool("max", 3), image, np.ones((1, 1, 1)), ()) == ()


def test_a_library_that_is_not_installed_is_left_out():
    missing = [name for name in LIBRARIES if name not in available_libraries()]
    assert verify(Pool("max", 1), np.ones((1, 2, 2)), np.ones((1, 2, 2)), missing) == ()
    assert ("torch" in available_libraries()) == (find_spec("torch") is not None)


def test_what_cannot_be_verified_is_refused():
    with pytest.raises(LayerError, match="'keras' is no library: choose one of scipy, torch, onnx"):
        verify(Pool("max", 1), np.ones((1, 2, 2)), np.ones((1, 2, 2)), ["keras"])
    with pytest.raises(LayerError, match="spans 3 cells, the padded input has 2"):
        verify(Pool("max", 3), np.ones((1, 2, 2)), np.ones((1, 1, 1)))


def test_no_library_is_imported_before_it_is_asked():
    code = (
        "import sys, convviz.engine.verify as v; v.available_libraries(); "
        "print({'scipy', 'torch', 'onnx', 'onnxruntime'} & set(sys.modules))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "set()"

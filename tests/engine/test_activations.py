"""Activations: what they make, how steep they are, and which settings they take."""

import warnings

import numpy as np
import pytest
from activation_cases import CASES, FAR, IMAGE

from convviz.engine import oracle_onnx_activations, oracle_scipy, oracle_torch
from convviz.engine.activation_layer import activation_of
from convviz.engine.activations import ACTIVATIONS
from convviz.engine.gradients import LayerPass
from convviz.engine.layers import Activation, LayerError
from convviz.engine.learning import learn_task
from convviz.engine.training import small_network
from convviz.engine.verify import available_libraries, verify
from convviz.model.document import Document

SPECS = list(CASES)
POINTS = IMAGE.astype(float)


@pytest.mark.parametrize(
    ("spec", "cells", "expected"),
    [
        ("none", [-2, 0, 3], [-2, 0, 3]),
        ("relu", [-2, 0, 3], [0, 0, 3]),
        ("leaky_relu", [-2, 0, 3], [-0.02, 0, 3]),
        ("leaky_relu:negative_slope=0.2", [-2, 0, 3], [-0.4, 0, 3]),
        ("prelu", [-2, 0, 3], [-0.5, 0, 3]),
        ("elu:alpha=2", [-np.inf, 0, 3], [-2, 0, 3]),
        ("relu6", [-2, 5, 7], [0, 5, 6]),
        ("sigmoid", [-np.inf, 0, np.inf], [0, 0.5, 1]),
        ("hardsigmoid", [-3, 0, 3], [0, 0.5, 1]),
        ("hardsigmoid:alpha=0.25", [-2, 1, 9], [0, 0.75, 1]),
        ("hardswish", [-3, 0, 3], [0, 0, 3]),
        ("tanh", [-np.inf, 0, np.inf], [-1, 0, 1]),
        ("softplus:threshold=1", [2, 3], [2, 3]),
    ],
)
def test_activations_do_what_their_formula_says(spec, cells, expected):
    made = activation_of(spec).apply(np.array([cells], float))
    assert made[0] == pytest.approx(expected, abs=1e-15)


def test_every_library_that_checks_maps_has_a_formula_of_its_own():
    for oracle in (oracle_scipy, oracle_torch, oracle_onnx_activations):
        assert set(oracle.ACTIVATIONS) == set(ACTIVATIONS)


def torchs(torch, activation, image):
    cells = torch.tensor(image[None], dtype=torch.float64, requires_grad=True)
    made = oracle_torch.ACTIVATIONS[activation.name](
        torch.nn.functional, cells, **activation.settings
    )
    made.sum().backward()
    return made.detach().numpy()[0], cells.grad.numpy()[0]


@pytest.mark.parametrize("spec", SPECS)
def test_values_and_slopes_are_torchs(torch, spec):
    """At kinks, too; what cancels out there is lost to the rounding of its parts."""
    activation = CASES[spec]
    values, slopes = torchs(torch, activation, POINTS)
    lost = 1e-15 * (1 + np.abs(POINTS))
    assert np.all(np.abs(activation.apply(POINTS) - values) <= 1e-14 * np.abs(values) + lost)
    assert activation.derivative(POINTS) == pytest.approx(slopes, rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("spec", SPECS)
def test_slopes_are_those_of_finite_differences(spec):
    activation, step = CASES[spec], 1e-5
    below, here, above = (activation.apply(POINTS + way * step) for way in (-1, 0, 1))
    rise = (above - below) / (2 * step)
    smooth = np.abs(above - 2 * here + below) / step < 9e-6 * (1 + activation.steepest)
    assert smooth.mean() > 0.8
    assert activation.derivative(POINTS)[smooth] == pytest.approx(rise[smooth], abs=3e-6)


@pytest.mark.parametrize("spec", SPECS)
def test_the_steepest_slope_is_that_of_a_dense_numeric_derivative(spec):
    activation = CASES[spec]
    x = np.linspace(-30, 30, 600_001)[None] + np.zeros((3, 1))
    rises = np.abs(np.diff(activation.apply(x)) / np.diff(x))
    jump = activation.name == "softplus" and activation.settings["threshold"] < 15
    steepest = np.sort(rises, axis=None)[-4] if jump else rises.max()
    assert activation.steepest == pytest.approx(steepest, rel=1e-4, abs=1e-9)
    assert np.abs(activation.derivative(x)).max() <= activation.steepest * (1 + 1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("spec", SPECS)
def test_cells_keep_their_places_and_their_precision(spec, dtype):
    cells = np.linspace(-9, 9, 12, dtype=dtype).reshape(3, 4)
    before = cells.copy()
    for result in (CASES[spec].apply(cells), CASES[spec].derivative(cells)):
        assert (result.shape, result.dtype) == ((3, 4), dtype)
    assert np.array_equal(cells, before)


@pytest.mark.parametrize("spec", SPECS)
def test_in_single_precision_they_are_right_to_single_precision(spec):
    activation, cells = CASES[spec], IMAGE.astype(np.float32)
    exact = activation.apply(cells.astype(np.float64))
    parts = np.abs(exact) * (1 + np.abs(cells)) + activation.parts(cells.astype(np.float64))
    assert np.all(np.abs(activation.apply(cells) - exact) <= 1e-6 * (parts + 1e-30))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("spec", SPECS)
def test_cells_of_any_size_make_finite_numbers_without_a_warning(spec, dtype):
    activation = CASES[spec]
    cells = np.concatenate([FAR] * 3).astype(dtype)
    if dtype == np.float64:
        cells = np.concatenate([cells, cells * 1e270], axis=1)
    with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise", divide="raise"):
        warnings.simplefilter("error")
        made, slopes = activation.apply(cells), activation.derivative(cells)
    assert np.isfinite(made).all()
    assert np.isfinite(slopes).all()
    assert np.abs(slopes).max() <= activation.steepest * (1 + 1e-6)


@pytest.mark.parametrize("library", available_libraries())
@pytest.mark.parametrize("spec", SPECS)
def test_other_libraries_make_the_same_and_find_what_is_wrong(spec, library):
    if library == "onnxruntime" and CASES[spec].settings.get("threshold", 20) < 16:
        pytest.skip("ONNX has no threshold")
    made = CASES[spec].apply(IMAGE).copy()
    (verdict,) = verify(CASES[spec], IMAGE, made, [library])
    assert verdict.agrees, verdict
    made[1, 2, 3] += 1e-3 if library == "onnxruntime" else 1e-9 * (1 + abs(made[1, 2, 3]))
    assert verify(CASES[spec], IMAGE, made, [library])[0].wrong == 1


# Settings


def test_settings_are_kept_and_compared():
    leaky = Activation("leaky_relu", negative_slope=0.2)
    assert leaky == Activation("leaky_relu", negative_slope=0.2)
    assert leaky != Activation("leaky_relu")
    assert len({leaky, Activation("leaky_relu", negative_slope=0.2), Activation("relu")}) == 2
    assert leaky.settings["negative_slope"] == 0.2
    with pytest.raises(AttributeError):
        leaky.name = "relu"


@pytest.mark.parametrize(
    ("activation", "text"),
    [
        (Activation(), "Activation('relu')"),
        (Activation("leaky_relu"), "Activation('leaky_relu')"),
        (Activation("elu", alpha=2), "Activation('elu', alpha=2.0)"),
        (Activation("prelu", weight=(0.25, 0.1)), "Activation('prelu', weight=(0.25, 0.1))"),
        (Activation("prelu", weight=np.array([1, 2])), "Activation('prelu', weight=(1.0, 2.0))"),
        (Activation("gelu", approximate="tanh"), "Activation('gelu', approximate='tanh')"),
    ],
)  # fmt: skip
def test_it_is_written_as_it_was_made(activation, text):
    assert repr(activation) == text
    assert eval(text) == activation


@pytest.mark.parametrize("spec", SPECS)
def test_its_text_brings_it_back_to_the_last_digit(spec):
    assert activation_of(spec) == CASES[spec]
    assert activation_of(CASES[spec]) is CASES[spec]
    assert activation_of(Activation("elu", alpha=0.1 + 0.2).spec).settings["alpha"] == 0.1 + 0.2


@pytest.mark.parametrize(
    ("name", "settings", "reason"),
    [
        ("swoosh", {}, "'swoosh' is no activation: choose one of none, relu"),
        ("relu", {"alpha": 1}, "ReLU has no settings: leave alpha out"),
        ("leaky_relu", {"alpha": 1}, "leaky ReLU has no setting alpha: it has negative_slope"),
        ("leaky_relu", {"negative_slope": np.nan}, "negative_slope must be finite, not nan"),
        ("leaky_relu", {"negative_slope": "1"}, "negative_slope must be a number, not '1'"),
        ("leaky_relu", {"negative_slope": (1, 2)}, r"negative_slope must be a number, not \(1, 2"),
        ("elu", {"alpha": 1e31}, r"alpha must be from -1e\+30 to 1e\+30, not 1e\+31"),
        ("softplus", {"beta": 0}, r"beta must be from 1e-30 to 1e\+30, not 0"),
        ("softplus", {"beta": -1}, "beta must be from 1e-30"),
        ("softplus", {"threshold": np.inf}, "threshold must be finite, not inf"),
        ("prelu", {"weight": ()}, "weight must be one number, or one for each channel, not none"),
        ("prelu", {"weight": (0.1, np.inf)}, "weight must be finite, not inf"),
        ("prelu", {"weight": [[0.1]]}, r"weight must be a number, not \[0.1\]"),
        ("prelu", {"weight": np.ones((2, 2))}, r"weight must be a number, not \[1.0, 1.0\]"),
        ("prelu", {"weight": 1e31}, "weight must be from -1e"),
        ("prelu", {"weight": None}, "weight must be a number, not None"),
        ("gelu", {"approximate": "erf"}, "approximate must be one of none, tanh, not 'erf'"),
        ("gelu", {"approximate": True}, "approximate must be one of none, tanh, not True"),
        ("elu", {"alpha": True}, "alpha must be a number, not True"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(name, settings, reason):
    with pytest.raises(LayerError, match=reason) as refused:
        Activation(name, **settings)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("leaky_relu:slope=1", "leaky ReLU has no setting slope: it has negative_slope"),
        ("leaky_relu:negative_slope", "negative_slope: '' is no number"),
        ("leaky_relu:negative_slope=x", "negative_slope: 'x' is no number"),
        ("elu:alpha=1,alpha=2", "alpha is given twice"),
        ("relu:1", "ReLU has no settings: leave 1 out"),
        (7, "7 is no activation"),
        ("", "'' is no activation"),
    ],
)
def test_a_text_that_names_none_is_refused_in_a_line(spec, reason):
    with pytest.raises(LayerError, match=reason):
        activation_of(spec)


# One weight for each channel


def test_prelu_weighs_each_channel_in_images_and_in_batches():
    activation = Activation("prelu", weight=(0.5, 2))
    image = -np.ones((2, 2, 3))
    assert activation.apply(image)[:, 0, 0].tolist() == [-0.5, -2]
    assert activation.derivative(image)[:, 1, 2].tolist() == [0.5, 2]
    batch = LayerPass(activation, np.stack([image, image, 2 * image]))
    assert batch.output[2, :, 0, 0].tolist() == [-1, -4]
    assert batch.image_gradient(np.ones((3, 2, 2, 3)))[2, :, 1, 1].tolist() == [0.5, 2]
    assert activation.for_channel(1) == Activation("prelu", weight=2)


def test_weights_for_other_channels_do_not_fit_and_there_are_two_ways_out():
    activation = Activation("prelu", weight=(0.5, 2))
    assert activation.problem((2, 4, 4)) is None
    assert Activation("prelu", weight=0.5).problem((7, 4, 4)) is None
    problem = activation.problem((3, 4, 4))
    assert problem.setting == "weight"
    assert problem.sentence == "PReLU has 2 weights, the image has 3 channels"
    assert [(fix.label, fix.changes["weight"]) for fix in problem.fixes] == [
        ("take one weight for all channels", (0.5,)),
        ("take 3 weights, one for each channel", (0.5, 2, 0.5)),
    ]
    for fix in problem.fixes:
        assert activation.with_settings(**fix.changes).problem((3, 4, 4)) is None


def test_the_formula_has_the_settings_in_it():
    formulas = {spec: activation.formula for spec, activation in CASES.items()}
    assert formulas["leaky_relu"] == "x if x > 0, else 0.01 x"
    assert formulas["leaky_relu:negative_slope=0.2"] == "x if x > 0, else 0.2 x"
    assert formulas["elu"] == "x if x > 0, else (e^x - 1)"
    assert formulas["hardsigmoid"] == "min(max(0, 1/6 x + 0.5), 1)"
    assert formulas["prelu:weight=0.25,-0.5,3"] == (
        "x if x > 0, else w x; w by channel: 0.25, -0.5, 3"
    )
    assert Activation("prelu", weight=tuple(range(9))).formula.endswith("0, 1, 2 …")


# Learning, and numbers that are too large


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ("relu", "the ReLU is dead: all sums are 0 or less, so nothing is learnt"),
        ("relu6", "the ReLU6 is dead: no sum lies between 0 and 6, so nothing is learnt"),
        ("hardswish", "the Hardswish is dead: all sums are -3 or less, so nothing is learnt"),
        ("hardsigmoid", "the Hardsigmoid is dead: no sum lies where it is neither 0 nor 1"),
        ("leaky_relu", None),
        ("sigmoid", None),
        ("elu", None),
    ],
)
def test_an_activation_that_is_flat_at_all_sums_is_dead(spec, reason):
    task = learn_task(np.full(9, 5.0), np.ones(7), 3, initial=-np.ones(3), activation=spec)
    warning = task.first.warning
    assert (warning is None) if reason is None else warning.startswith(reason)


def test_weights_for_other_channels_are_refused_by_learning_and_training():
    with pytest.raises(LayerError, match="PReLU has 2 weights, the image has 1 channel"):
        learn_task(np.ones(9), np.ones(7), 3, activation="prelu:weight=1,2")
    with pytest.raises(LayerError, match="PReLU has 2 weights, the image has 8 channels"):
        small_network((1, 8, 8), 2, activation=Activation("prelu", weight=(1, 2)))


def test_a_slope_that_makes_too_large_numbers_is_told():
    image = np.full((1, 2, 2), -1e300)
    steep = Document(image, "Large", (Activation("leaky_relu", negative_slope=1e20),))
    assert "the numbers are too large" in steep.problem.problem.sentence
    assert Document(image, "Large", (Activation("leaky_relu"),)).problem is None

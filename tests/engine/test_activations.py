import numpy as np
import pytest
from scipy.special import expit

from convviz.engine.activations import ACTIVATIONS, LEAK

POINTS = np.concatenate([np.linspace(-6, 6, 49), [1e-8, -1e-8, 30, -30]])
NAMES = list(ACTIVATIONS)


@pytest.mark.parametrize(
    ("name", "cells", "expected"),
    [
        ("none", [-2, 0, 3], [-2, 0, 3]),
        ("relu", [-2, 0, 3], [0, 0, 3]),
        ("leaky_relu", [-2, 0, 3], [-0.02, 0, 3]),
        ("sigmoid", [-np.inf, 0, np.inf], [0, 0.5, 1]),
        ("tanh", [-np.inf, 0, np.inf], [-1, 0, 1]),
    ],
)
def test_activations_do_what_their_formula_says(name, cells, expected):
    assert ACTIVATIONS[name].apply(np.array(cells, float)).tolist() == expected


def test_there_is_no_other_activation():
    assert NAMES == ["none", "relu", "leaky_relu", "sigmoid", "tanh"]


def test_sigmoid_is_scipys_and_never_overflows():
    cells = np.array([*POINTS, -1000.0, 1000.0, -710.0, 710.0])
    assert ACTIVATIONS["sigmoid"].apply(cells) == pytest.approx(expit(cells), rel=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_values_and_slopes_are_torchs(torch, name):
    functions = {
        "none": lambda x: x * 1,
        "relu": torch.relu,
        "leaky_relu": lambda x: torch.nn.functional.leaky_relu(x, LEAK),
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
    }
    cells = torch.tensor([*POINTS, 0.0], dtype=torch.float64, requires_grad=True)
    theirs = functions[name](cells)
    theirs.sum().backward()
    ours = ACTIVATIONS[name]
    assert ours.apply(cells.detach().numpy()) == pytest.approx(theirs.detach().numpy(), rel=1e-14)
    slopes = ours.derivative(cells.detach().numpy())
    assert slopes == pytest.approx(cells.grad.numpy(), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", NAMES)
def test_slopes_are_those_of_finite_differences(name):
    function, step = ACTIVATIONS[name], 1e-5
    cells = POINTS[np.abs(POINTS) > 2 * step]
    rise = (function.apply(cells + step) - function.apply(cells - step)) / (2 * step)
    assert function.derivative(cells) == pytest.approx(rise, abs=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", NAMES)
def test_cells_keep_their_places_and_their_precision(name, dtype):
    cells = np.linspace(-1, 1, 12, dtype=dtype).reshape(3, 4)
    before = cells.copy()
    for result in (ACTIVATIONS[name].apply(cells), ACTIVATIONS[name].derivative(cells)):
        assert (result.shape, result.dtype) == ((3, 4), dtype)
    assert np.array_equal(cells, before)

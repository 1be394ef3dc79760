"""Every kind of layer, and stacks of them, make what torch makes, and refuse what torch refuses."""

from itertools import product

import numpy as np
import pytest
from layer_cases import KINDS, REFUSED, outcome, random_image, random_layer

from convviz.engine.layers import Conv, ConvTranspose, LayerError, Pool
from convviz.engine.network import Network, apply_layer

CASES = 1_500
STACKS = 1_500
ACTIVATIONS = ("relu", "sigmoid", "tanh")


@pytest.fixture(autouse=True)
def one_thread(torch):
    torch.set_num_threads(1)


def applied(case, image):
    return apply_layer(case.ours(), image)


def same(found, expected):
    if isinstance(found, str) or isinstance(expected, str):
        return found is expected
    close = np.allclose(found, expected, rtol=1e-14 if found.dtype == float else 1e-6, atol=0)
    return found.shape == expected.shape and found.dtype == expected.dtype and close


def by_torch(torch, case, image):
    """Return what torch makes; REFUSED also where it makes nothing, or -inf of padding alone."""
    found = outcome(RuntimeError, case.theirs, torch, torch.tensor(image))
    if found is REFUSED or found.size == 0 or not np.isfinite(found).all():
        return REFUSED
    return found


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("kind", KINDS)
def test_a_layer_makes_what_torch_makes_and_refuses_what_torch_refuses(torch, kind, dtype):
    rng = np.random.default_rng([KINDS.index(kind), np.dtype(dtype).itemsize])
    refused, differing = 0, []
    for _ in range(CASES):
        image = random_image(rng).astype(dtype)
        case = random_layer(rng, kind, image.shape, dtype=dtype)
        found = outcome(LayerError, applied, case, image)
        expected = by_torch(torch, case, image)
        refused += expected is REFUSED
        if not same(found, expected):
            differing.append((case, image.shape, found, expected))
    assert differing == []
    assert CASES / 20 < refused < CASES / 2


def test_a_stack_makes_what_torch_makes_and_names_the_layer_that_torch_refuses(torch):
    rng = np.random.default_rng(20)
    refused, differing = 0, []
    for _ in range(STACKS):
        image = random_image(rng)
        cases, expected = random_stack(torch, rng, image)
        network = Network([case.ours() for case in cases])
        if expected is REFUSED:
            refused += 1
            with pytest.raises(LayerError, match=rf"^layer {len(cases)}: "):
                network(image)
            continue
        found = network(image)
        assert found.shape == expected.shape
        if np.abs(found - expected).max() > 1e-12 * max(np.abs(expected).max(), 1):
            differing.append((cases, image.shape))
    assert differing == []
    assert STACKS / 20 < refused < STACKS / 2


def random_stack(torch, rng, image):
    """Return 2 to 5 layers, fewer where torch refuses the last, and what torch makes of `image`."""
    cases, found = [], image
    for _ in range(rng.integers(2, 6)):
        kind = str(rng.choice((*KINDS, *ACTIVATIONS)))
        cases.append(random_layer(rng, kind, found.shape, slip=0.02))
        found = by_torch(torch, cases[-1], found)
        if found is REFUSED:
            break
    return cases, found


def formula(kind, size, kernel, stride, padding, dilation, extra):
    """Return the output size by the formulas of torch's documentation."""
    span = dilation * (kernel - 1) + 1
    if kind == "transposed":
        return (size - 1) * stride - 2 * padding + span + extra
    room = size + 2 * padding - span
    if not extra:
        return room // stride + 1
    rounded_up = -(-room // stride) + 1
    return rounded_up - ((rounded_up - 1) * stride >= size + padding)


def measured(torch, kind, size, kernel, stride, padding, dilation, extra):
    image, weight = torch.ones(1, size), torch.ones(1, 1, kernel)
    functions = torch.nn.functional
    if kind == "conv":
        return functions.conv1d(image, weight, None, stride, padding, dilation)
    if kind == "transposed":
        settings = {"stride": stride, "padding": padding, "output_padding": extra}
        return functions.conv_transpose1d(image, weight, dilation=dilation, **settings)
    if kind == "max":
        return functions.max_pool1d(image, kernel, stride, padding, dilation, bool(extra))
    return functions.avg_pool1d(image, kernel, stride, padding, bool(extra))


def layer_of(kind, kernel, stride, padding, dilation, extra):
    shared = {"stride": stride, "padding": padding, "dilation": dilation}
    match kind:
        case "conv":
            return Conv(np.ones((1, 1, kernel)), **shared)
        case "transposed":
            return ConvTranspose(np.ones((1, 1, kernel)), output_padding=extra, **shared)
        case _:
            return Pool(kind, (kernel,), ceil_mode=bool(extra), **shared)


@pytest.mark.parametrize("kind", KINDS)
def test_sizes_are_those_of_torch_on_a_whole_grid(torch, kind):
    extras = {"conv": (0,), "transposed": (0, 1, 2)}.get(kind, (0, 1))
    dilations = (1,) if kind == "avg" else (1, 2, 3)
    grid = product(range(1, 9), (1, 2, 3, 4), (1, 2, 3, 4), (0, 1, 2), dilations, extras)
    fitting = 0
    for size, *settings in grid:
        layer = layer_of(kind, *settings)
        theirs = outcome(RuntimeError, measured, torch, kind, size, *settings)
        if theirs is REFUSED or theirs.size == 0:
            assert layer.problem((1, size)), settings
        elif np.isfinite(theirs).all():
            fitting += 1
            assert layer.problem((1, size)) is None, settings
            sizes = theirs.shape[-1], formula(kind, size, *settings)
            assert layer.output_shape((1, size)) == (1, sizes[0]) == (1, sizes[1]), settings
    assert fitting > 400


def test_a_window_of_padding_alone_is_refused_where_torch_makes_minus_infinity(torch):
    pool = Pool("max", (2,), stride=1, padding=1, dilation=3)
    made = torch.nn.functional.max_pool1d(torch.ones(1, 2), 2, 1, 1, 3)
    assert made.tolist() == [[-np.inf]]
    assert pool.problem((1, 2)).sentence == (
        "a window would hold nothing but padding: dilation 3 passes over 2 cells of the input"
    )
    assert pool.problem((1, 3)) is None

"""Gradients are those of torch.autograd, of finite differences, and of the adjoint identity."""

from itertools import islice, product

import numpy as np
import pytest
from conv_cases import MODES, cases, source
from layer_cases import KINDS, random_image, random_layer

import convviz
from convviz.engine import gradients as module
from convviz.engine.gradients import LayerPass, gradients
from convviz.engine.layers import Activation, Conv, ConvTranspose, LayerError, Pool
from convviz.engine.network import apply_layer

CASES = 800
EVERY = 9  # of the cases of a convolution: some 500 remain
SMOOTH = ("leaky_relu", "sigmoid", "tanh")


def error_for(rng, output):
    return rng.integers(-9, 10, output.shape).astype(float)


def autograd(torch, output, error, *leaves):
    """Return how <output, error> changes with each leaf."""
    found = torch.autograd.grad(output, leaves, torch.tensor(error))
    return [gradient.numpy() for gradient in found]


def close(found, expected):
    size = max(np.abs(expected).max(initial=0), 1)
    return found.shape == expected.shape and np.abs(found - expected).max(initial=0) < 1e-12 * size


def fitting_layers(seed, kinds, count):
    """Yield `count` layers of these kinds, each with an image that it fits."""
    rng = np.random.default_rng(seed)
    while count:
        image = random_image(rng)
        case = random_layer(rng, str(rng.choice(kinds)), image.shape, slip=0)
        try:
            layer = case.ours()
        except LayerError:
            continue
        if layer.problem(image.shape) is None:
            count -= 1
            yield rng, case, layer, image


def test_layers_of_every_kind_pass_back_what_torch_does(torch, monkeypatch):
    differing = []
    for rng, case, layer, image in fitting_layers(1, (*KINDS, "relu", "sigmoid", "tanh"), CASES):
        leaves = {id(case.weight): case.weight, id(case.bias): case.bias}
        leaves = {
            key: torch.tensor(array, requires_grad=True)
            for key, array in leaves.items()
            if array is not None
        }
        pixels = torch.tensor(image, requires_grad=True)
        with monkeypatch.context() as patch:  # so that the case takes leaves for its arrays
            patch.setattr(torch, "tensor", lambda array, leaves=leaves: leaves[id(array)])
            output = case.theirs(torch, pixels)
        error = error_for(rng, output)
        expected = autograd(torch, output, error, pixels, *leaves.values())
        found = gradients(layer, image, error)
        ours = [part for part in (found.image, found.weight, found.bias) if part is not None]
        if len(ours) != len(expected) or not all(map(close, ours, expected)):
            differing.append((case, image.shape))
    assert differing == []


def padded_by_torch(torch, case, image):
    """Pad a tensor cell by cell, so that autograd follows each copy."""
    mode, value = case.settings["padding_mode"], case.settings["padding_value"]
    for axis, (before, after) in enumerate(case.amounts, start=1):
        size = image.shape[axis]
        sources = [source(place, size, mode) for place in range(-before, size + after)]
        outside = torch.full_like(image.narrow(axis, 0, 1), value if mode == "constant" else 0.0)
        slabs = [outside if s is None else image.narrow(axis, s, 1) for s in sources]
        image = torch.cat(slabs, axis)
    return image


def convolved_by_torch(torch, case, image, weight):
    rank = case.rank
    kernel = weight.flip(tuple(range(2, rank + 2))) if case.settings["flip"] else weight
    slide = getattr(torch.nn.functional, f"conv{rank}d")
    names = ("stride", "dilation", "groups")
    settings = {name: case.settings[name] for name in names}
    return slide(padded_by_torch(torch, case, image)[None], kernel, **settings)[0]


def possible_cases(rank, mode):
    return (case for case in islice(cases(rank, mode), 0, None, EVERY) if case.is_possible)


@pytest.mark.parametrize(("rank", "mode"), [*product((1, 2), MODES)])
def test_every_padding_rule_and_mode_passes_back_to_the_cells_it_copied(torch, rank, mode):
    rng, seen = np.random.default_rng(rank), 0
    for case in possible_cases(rank, mode):
        image = torch.tensor(case.image, requires_grad=True)
        weight = torch.tensor(case.weight, requires_grad=True)
        output = convolved_by_torch(torch, case, image, weight)
        error = error_for(rng, output)
        found = gradients(Conv(case.weight, **case.settings), case.image, error)
        expected = autograd(torch, output, error, image, weight)
        assert close(found.image, expected[0]), case.settings
        assert close(found.weight, expected[1]), case.settings
        seen += 1
    assert seen > 20


def slope(function, values, direction, step=1e-5):
    return (function(values + step * direction) - function(values - step * direction)) / (2 * step)


@pytest.mark.parametrize("kind", ["conv", "transposed", "avg", "max", *SMOOTH])
def test_gradients_are_the_slopes_that_small_changes_show(kind):
    for rng, case, layer, image in fitting_layers(2, (kind,), 50):
        steps = rng.permutation(image.size).reshape(image.shape) + 0.5  # no ties, no kinks
        smooth = image + steps / image.size / 2
        error = error_for(rng, apply_layer(layer, smooth))
        found = gradients(layer, smooth, error)

        def loss(pixels, layer=layer, error=error):
            return (apply_layer(layer, pixels) * error).sum()

        toward = rng.normal(size=image.shape)
        expected = (found.image * toward).sum()
        assert slope(loss, smooth, toward) == pytest.approx(expected, rel=1e-6, abs=1e-5)
        if found.weight is None:
            continue
        toward = rng.normal(size=found.weight.shape)

        def of_weight(weight, case=case, image=smooth, error=error):
            changed = type(layer)(weight, case.bias, **case.settings)  # noqa: B023
            return (apply_layer(changed, image) * error).sum()

        expected = (found.weight * toward).sum()
        assert slope(of_weight, layer.weight, toward) == pytest.approx(expected, rel=1e-6, abs=1e-5)


@pytest.mark.parametrize("mode", MODES)
def test_small_changes_show_the_slopes_of_convolutions_in_every_padding_mode(mode):
    rng = np.random.default_rng(5)
    for case in islice(possible_cases(2, mode), 12):
        layer = Conv(case.weight, **case.settings)
        output = apply_layer(layer, case.image)
        error = error_for(rng, output)
        found = gradients(layer, case.image, error)
        toward = rng.normal(size=case.image.shape)

        def loss(pixels, layer=layer, error=error):
            return (apply_layer(layer, pixels) * error).sum()

        expected = (found.image * toward).sum()
        assert slope(loss, case.image, toward) == pytest.approx(expected, rel=1e-6, abs=1e-5)


def test_the_image_gradient_of_a_convolution_is_its_transposed_convolution():
    rng = np.random.default_rng(0)
    image, weight = rng.normal(size=(2, 9, 8)), rng.normal(size=(3, 2, 3, 2))
    layer = Conv(weight, stride=2, padding=1)
    output = apply_layer(layer, image)
    back = apply_layer(ConvTranspose(weight, stride=2, padding=1, output_padding=0), output)
    found = gradients(layer, image, output).image
    assert np.allclose(found[:, : back.shape[1], : back.shape[2]], back, rtol=1e-13)
    assert (output * output).sum() == pytest.approx((found * image).sum())


def test_a_batch_is_its_images_one_after_the_other():
    for rng, _, layer, image in fitting_layers(3, (*KINDS, "relu"), 100):
        batch = np.stack([image, rng.permuted(image), -image])
        passed = LayerPass(layer, batch)
        assert np.allclose(passed.output, [apply_layer(layer, one) for one in batch], rtol=1e-13)
        error = error_for(rng, passed.output)
        alone = [gradients(layer, *pair) for pair in zip(batch, error, strict=True)]
        assert np.allclose(passed.image_gradient(error), [found.image for found in alone])
        if alone[0].weight is not None:
            expected = sum(found.weight for found in alone)
            assert np.allclose(passed.weight_gradient(error), expected, rtol=1e-12)


def test_a_large_image_is_taken_in_parts_that_make_the_same(monkeypatch):
    rng = np.random.default_rng(4)
    layer = Conv(rng.normal(size=(2, 3, 3, 2)), [1, 2], stride=(2, 1), dilation=(1, 2), padding=2)
    batch = rng.normal(size=(2, 3, 11, 9))
    whole = LayerPass(layer, batch)
    error = error_for(rng, whole.output)
    expected = whole.output, whole.weight_gradient(error), whole.image_gradient(error)
    monkeypatch.setattr(module, "MOST_COLUMNS", 1)
    parts = LayerPass(layer, batch)
    found = parts.output, parts.weight_gradient(error), parts.image_gradient(error)
    assert all(map(close, found, expected))


def test_a_signal_and_an_image_need_no_axis_for_channels():
    found = convviz.gradients(convviz.Conv([[[1, 2]]], 0), [1, 2, 3], [1, 10])
    assert found.weight.tolist() == [[[21, 32]]]
    assert found.bias.tolist() == [11]
    assert found.image.tolist() == [1, 12, 20]
    relu = convviz.gradients(Activation("relu"), [-1, 0, 2], [5, 5, 5])
    assert relu.image.tolist() == [0, 0, 5]
    assert relu.weight is relu.bias is None


def test_what_comes_back_cannot_be_overwritten():
    found = gradients(Conv(np.ones((1, 1, 2, 2)), 1), np.ones((3, 3)), np.ones((2, 2)))
    for array in (found.image, found.weight, found.bias):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_single_precision_stays_single():
    layer = Conv(np.ones((1, 1, 2, 2), np.float32), np.ones(1, np.float32))
    found = gradients(layer, np.ones((3, 3), np.float32), np.ones((2, 2), np.float32))
    assert {found.image.dtype, found.weight.dtype, found.bias.dtype} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("layer", "image", "error", "sentence"),
    [
        (
            Conv(np.ones((1, 1, 3, 3))),
            np.ones((5, 5)),
            np.ones((5, 5)),
            "the error has the shape 5 × 5, the layer makes 1 × 3 × 3",
        ),
        (
            Conv(np.ones((1, 1, 3, 3))),
            np.ones((2, 2)),
            np.ones((1, 1)),
            "the kernel spans 3 cells, the padded input has 2",
        ),
        (
            Pool("max", 2),
            np.ones((2, 2)),
            [[np.nan]],
            "all numbers must be finite: there is an infinity or a NaN",
        ),
    ],
)
def test_what_does_not_belong_together_is_refused_with_the_numbers(layer, image, error, sentence):
    with pytest.raises(LayerError) as caught:
        gradients(layer, image, error)
    assert str(caught.value) == sentence

"""A small network learns bars, corners and digits, by torch's gradients, the same for one seed."""

import sys
from itertools import islice
from time import perf_counter

import numpy as np
import pytest

from convviz.engine.descent import Descent
from convviz.engine.image_sets import IMAGE_SETS, MissingImages, bars_and_corners
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Activation, Conv, ConvTranspose, LayerError, Pool
from convviz.engine.nearest import nearest_presets
from convviz.engine.training import network_gradients, small_network, train_task


def last(states):
    *_, state = states
    return state


def weights_of(state):
    kernels = [layer for layer in state.layers if isinstance(layer, Conv)]
    return b"".join(layer.weight.tobytes() + layer.bias.tobytes() for layer in kernels)


def by_torch(torch, network, batch, labels):
    """Return cross entropy and gradients by torch.autograd."""
    conv, _, pool, dense = network
    leaves = [
        torch.tensor(array, requires_grad=True)
        for layer in (conv, dense)
        for array in (layer.weight, layer.bias)
    ]
    functions = torch.nn.functional
    maps = functions.relu(functions.conv2d(torch.tensor(batch), *leaves[:2], padding="same"))
    pooled = getattr(functions, f"{pool.kind}_pool2d")(maps, 2)
    scores = functions.conv2d(pooled, *leaves[2:]).flatten(1)
    loss = functions.cross_entropy(scores, torch.tensor(labels))
    return loss.item(), [found.numpy() for found in torch.autograd.grad(loss, leaves)]


@pytest.mark.parametrize("pool", ["max", "avg"])
@pytest.mark.parametrize("seed", range(5))
def test_the_gradients_of_a_whole_network_are_those_of_torch(torch, pool, seed):
    rng = np.random.default_rng(seed)
    network = small_network((2, 8, 6), 5, kernels=4, pool=pool, seed=seed)
    batch, labels = rng.random((7, 2, 8, 6)), rng.integers(0, 5, 7)
    loss, found = network_gradients(network, batch, labels)
    expected_loss, expected = by_torch(torch, network, batch, labels)
    assert loss == pytest.approx(expected_loss, rel=1e-12)
    for ours, theirs in zip(found, expected, strict=True):
        assert np.allclose(ours, theirs, rtol=1e-10, atol=1e-14)


def test_a_stack_of_every_kind_of_layer_learns():
    rng = np.random.default_rng(0)
    layers = (
        Conv(rng.normal(size=(4, 1, 3, 3)) / 3, np.zeros(4), padding=1, padding_mode="reflect"),
        Activation("tanh"),
        Pool("avg", 2),
        ConvTranspose(rng.normal(size=(4, 2, 2, 2)) / 4, stride=2, groups=2),
        Activation("leaky_relu"),
        Conv(rng.normal(size=(6, 4, 8, 8)) / 16),
    )
    task = train_task(bars_and_corners(), layers, epochs=6, descent=Descent("adam", 0.01))
    assert task.first.accuracy < 0.4
    assert last(task.states()).accuracy > 0.7


def test_bars_and_corners_are_told_apart_within_seconds():
    begin = perf_counter()
    task = train_task(bars_and_corners())
    state = last(task.states())
    assert perf_counter() - begin < 10
    assert state.accuracy >= 0.97
    assert (state.epoch, state.batch, state.step) == (20, 0, task.steps)
    assert task.first.accuracy < 0.4


def test_digits_held_back_are_judged_right_in_more_than_95_of_100_cases():
    pytest.importorskip("sklearn")
    images = IMAGE_SETS["digits"].load(0)
    begin = perf_counter()
    state = last(train_task(images).states())
    assert perf_counter() - begin < 60
    assert state.accuracy >= 0.95
    assert images.images.shape == (1797, 1, 8, 8)
    assert (images.images.min(), images.images.max()) == (0, 1)


def test_what_is_judged_wrong_can_be_looked_at():
    state = last(train_task(bars_and_corners(count=200), epochs=2).states())
    judged = state.judged
    assert judged.confusion.sum() == len(state.task.held_back) == 50
    assert judged.confusion.trace() == 50 - len(judged.wrong)
    assert judged.accuracy == judged.confusion.trace() / 50
    assert judged.wrong
    for place in judged.wrong:
        image, label = state.task.held_back_images[place], state.task.held_back_labels[place]
        assert state.network(image).argmax() == judged.guesses[place] != label
    surest = [judged.probabilities[place].max() for place in judged.wrong]
    assert surest == sorted(surest, reverse=True)


def test_no_image_is_trained_on_that_is_held_back():
    task = train_task(bars_and_corners(count=100), seed=3)
    assert sorted([*task.held_back, *task.trained_on]) == [*range(100)]
    other = train_task(bars_and_corners(count=100), seed=4)
    assert not np.array_equal(task.held_back, other.held_back)


def test_the_same_seed_makes_the_same_bytes_and_any_state_can_go_on():
    task, again = (train_task(bars_and_corners(count=120), epochs=2, seed=5) for _ in range(2))
    states = [*task.states()]
    assert [weights_of(state) for state in states] == [*map(weights_of, again.states())]
    assert weights_of(task.after(states[3])) == weights_of(states[4])
    assert len(states) == task.steps + 1 == 7
    assert [state.epoch for state in states] == [0, 0, 0, 1, 1, 1, 2]


def test_a_network_that_is_trained_can_be_stepped_through():
    state = next(islice(train_task(bars_and_corners(count=60)).states(), 2, None))
    conv, _, _, dense = state.layers
    assert state.network(state.task.held_back_images[0]).shape == (6, 1, 1)
    assert (conv.output_shape((1, 8, 8)), dense.kernel_size) == ((8, 8, 8), (4, 4))
    assert not conv.weight.flags.writeable


def test_a_rate_that_is_too_large_is_said():
    images = bars_and_corners(count=60)
    with pytest.raises(LayerError, match=r"it diverges at step [0-9]+: .* choose a smaller one"):
        last(train_task(images, descent=Descent("sgd", 1e200)).states())


@pytest.mark.parametrize(
    ("layers", "sentence"),
    [
        (
            [Conv(np.ones((2, 1, 3, 3)))],
            "the last layer makes 2 × 6 × 6, one cell for each of 6 classes is needed: 6 × 1 × 1",
        ),
        (
            [Pool("max", 2), Conv(np.ones((2, 1, 5, 5)))],
            "layer 2: the kernel spans 5 cells, the padded input has 4",
        ),
    ],
)
def test_layers_that_cannot_tell_the_classes_are_refused(layers, sentence):
    with pytest.raises(LayerError) as caught:
        train_task(bars_and_corners(count=60), layers)
    assert str(caught.value) == sentence


def test_without_scikit_learn_a_line_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    with pytest.raises(MissingImages, match="pip install scikit-learn"):
        IMAGE_SETS["digits"].load(0)


def test_the_same_seed_draws_the_same_bars():
    one, same, other = (bars_and_corners(seed, 30) for seed in (1, 1, 2))
    assert np.array_equal(one.images, same.images)
    assert not np.array_equal(one.images, other.images)
    assert np.bincount(one.labels).tolist() == [5] * 6


@pytest.mark.parametrize("name", ["sobel-x", "sobel-y", "emboss", "gaussian-3", "identity"])
@pytest.mark.parametrize("size", [1, -0.01])
def test_a_kernel_made_by_hand_is_nearest_to_itself_in_any_size_and_sign(name, size):
    first, second, _ = nearest_presets(size * KERNELS[name].kernel)
    assert first.preset.name == name
    assert first.correlation == pytest.approx(np.sign(size))
    assert abs(second.correlation) < 1


def test_a_small_preset_is_compared_with_zeros_around_it():
    large = np.pad(KERNELS["sobel-x"].kernel, 1)
    found = nearest_presets(large)[0]
    assert (found.preset.name, found.kernel.shape) == ("sobel-x", (5, 5))
    assert nearest_presets([1, 0, -1], 1)[0].preset.kernel.ndim == 1
    assert {likeness.correlation for likeness in nearest_presets(np.zeros((3, 3)))} == {0}


def test_trained_kernels_of_bars_look_like_kernels_made_by_hand():
    state = last(train_task(bars_and_corners()).states())
    likeness = [abs(nearest_presets(kernel[0])[0].correlation) for kernel in state.layers[0].weight]
    assert np.median(likeness) > 0.6

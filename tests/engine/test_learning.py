"""A kernel is learnt: from the lecture's letter H, by torch's rules, the same for the same seed."""

from hashlib import sha256
from itertools import islice, pairwise

import numpy as np
import pytest

import convviz
from convviz.engine.activations import ACTIVATIONS
from convviz.engine.descent import OPTIMIZERS, Descent
from convviz.engine.gradients import gradients
from convviz.engine.layers import Activation, LayerError
from convviz.engine.learn_settings import FIRST_KERNELS, LEARN_SETTINGS
from convviz.engine.learn_task import conclusion
from convviz.engine.learning import LearnOptions, learn_kernel, learn_task, targets_of
from convviz.engine.losses import LOSSES

LETTER_H = convviz.INPUTS["letter-h"].image
SOBEL = convviz.KERNELS["sobel-x"].kernel
LECTURE = ("identity", "blur", "vertical-line", "horizontal-line")
MAP = convviz.conv(LETTER_H, SOBEL)
STRIPES = np.tile([0.0, 1.0, 1.0, 0.0], (16, 4))


def last(states):
    *_, state = states
    return state


@pytest.mark.parametrize("geometry", [{}, {"padding": "same", "flip": True}])
@pytest.mark.parametrize("name", LECTURE)
def test_the_letter_h_gives_each_kernel_of_the_lecture_back_from_ten_seeds(name, geometry):
    kernel = convviz.KERNELS[name].kernel
    (target,) = targets_of(LETTER_H, kernel, **geometry)
    for seed in range(10):
        state = last(learn_kernel(LETTER_H, target, seed=seed, **geometry))
        assert state.distance(kernel) < 1e-6
        assert state.loss < 1e-10
        assert conclusion(state, kernel).startswith("the kernel is found: ")


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_finds_sobel_at_its_defaults(optimizer):
    (target,) = targets_of(LETTER_H, SOBEL)
    assert last(learn_kernel(LETTER_H, target, optimizer=optimizer)).distance(SOBEL) < 1e-6


def test_vertical_stripes_do_not_give_it_back_and_it_is_said_why():
    (target,) = targets_of(STRIPES, SOBEL)
    state = last(learn_kernel(STRIPES, target))
    assert state.loss < 1e-10
    assert state.distance(SOBEL) > 0.1
    assert conclusion(state, SOBEL).endswith(
        "the input determines 3 of 9 numbers: in 6 directions the kernel can change without any "
        "effect on the map"
    )


@pytest.mark.parametrize(
    ("image", "rank"), [(LETTER_H, 9), (STRIPES, 3), (np.ones((16, 16)), 1), (np.zeros((9, 9)), 0)]
)
def test_the_rank_of_the_windows_says_how_much_of_a_kernel_the_input_determines(image, rank):
    determined = learn_task(image, convviz.conv(image, SOBEL)).determined
    assert determined.rank == rank
    assert determined.kernels.shape == (9 - rank, 1, 3, 3)
    for kernel in determined.kernels:
        assert kernel.any()
        assert np.abs(convviz.conv(image, kernel[0])).max() < 1e-12
    assert np.linalg.matrix_rank(determined.kernels.reshape(-1, 9)) == 9 - rank if rank < 9 else 1


def test_what_stripes_leave_open_is_said_in_whole_numbers():
    kernels = learn_task(STRIPES, convviz.conv(STRIPES, SOBEL)).determined.kernels
    assert set(kernels.ravel()) == {-1, 0, 1}
    assert {int(np.abs(kernel).sum()) for kernel in kernels} == {2}


def test_the_largest_stable_learning_rate_of_the_letter_h_is_that_of_the_design():
    task = learn_task(LETTER_H, convviz.conv(LETTER_H, SOBEL))
    assert round(task.bound, 2) == 2.58
    assert task.learning_rate == 2.3


@pytest.mark.parametrize("optimizer", ["sgd", "momentum"])
@pytest.mark.parametrize("settings", [{}, {"bias": True}, {"weight_decay": 0.5}])
def test_just_below_the_bound_the_loss_falls_and_just_above_it_diverges(optimizer, settings):
    (target,) = targets_of(LETTER_H, SOBEL)
    decay = {key: value for key, value in settings.items() if key == "weight_decay"}
    bound = learn_task(
        LETTER_H, target, bias="bias" in settings, descent=Descent(optimizer, **decay)
    ).bound
    shared = {"optimizer": optimizer, "steps": 4000, "seed": 3, **settings}
    below = last(learn_kernel(LETTER_H, target, lr=0.99 * bound, **shared))
    above = last(learn_kernel(LETTER_H, target, lr=1.02 * bound, **shared))
    assert below.step == 4000
    assert below.loss < 1
    assert above.has_diverged
    assert np.isfinite(above.kernel).all()
    assert above.step < 4000
    assert f"at step {above.step} the loss is" in above.warning
    assert f"and up to {bound:.3g} is stable: choose a smaller one" in above.warning


def test_a_rate_beyond_all_measure_ends_before_infinity():
    for lr, step in ((1e80, 1), (1e120, 0), (1.7e308, 0)):
        *_, state = learn_kernel(LETTER_H, convviz.conv(LETTER_H, SOBEL), lr=lr)
        assert (state.has_diverged, state.step) == (True, step)
        for array in (state.kernel, state.change, *state.predictions):
            assert np.isfinite(array).all()
    with pytest.raises(LayerError, match="so large that the loss would be infinite"):
        learn_kernel(LETTER_H, convviz.conv(LETTER_H, SOBEL * 1e200))


CASES = [
    {},
    {"stride": 2},
    {"padding": "same", "flip": True},
    {"padding": 2, "padding_mode": "reflect", "dilation": 2},
    {"padding": ((0, 2), (1, 0)), "padding_mode": "constant", "padding_value": 3.0},
]


@pytest.mark.parametrize("geometry", CASES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_a_state_holds_the_gradient_of_the_layer_itself(geometry, activation, loss):
    rng = np.random.default_rng(0)
    images = [rng.normal(size=(2, 9, 8)), rng.normal(size=(2, 7, 10))]
    targets = targets_of(images, rng.normal(size=(3, 2, 3, 2)), activation, **geometry)
    task = learn_task(
        images, [*targets], (3, 2), bias=True, activation=activation, loss=loss, **geometry
    )
    state = next(islice(task.states(), 3, None))
    found = [
        gradients(state.layer, image, slope)
        for image, slope in zip(images, state.slopes, strict=True)
    ]
    assert np.allclose(state.gradient, sum(one.weight for one in found), rtol=1e-11, atol=1e-13)
    assert np.allclose(state.bias_gradient, sum(one.bias for one in found), rtol=1e-11, atol=1e-13)
    for image, sums, made, error, target in zip(
        images, state.sums, state.predictions, state.errors, targets, strict=True
    ):
        network = convviz.Network([state.layer, Activation(activation)])
        assert np.allclose(sums, convviz.Network([state.layer])(image), rtol=1e-12)
        assert np.allclose(made, network(image), rtol=1e-12)
        assert np.allclose(error, made - target, rtol=1e-12)


def by_torch(torch, start, image, target, steps, activation, loss, make):
    weight = torch.tensor(start.copy(), requires_grad=True)
    bias = torch.zeros(len(start), dtype=torch.float64, requires_grad=True)
    optimizer = make([weight, bias])
    functions = torch.nn.functional
    for _ in range(steps):
        made = activation(functions.conv2d(torch.tensor(image)[None, None], weight, bias)[0])
        found = {"mse": functions.mse_loss, "l1": functions.l1_loss}[loss](
            made, torch.tensor(target)
        )
        optimizer.zero_grad()
        found.backward()
        optimizer.step()
    return weight.detach().numpy(), bias.detach().numpy()


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("decay", [0.0, 0.02])
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_optimizers_and_losses_go_the_way_of_torchs(torch, optimizer, decay, loss):
    makers = {
        "sgd": lambda p: torch.optim.SGD(p, lr=0.1, weight_decay=decay),
        "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.8, weight_decay=decay),
        "adam": lambda p: torch.optim.Adam(
            p, lr=0.1, betas=(0.8, 0.99), eps=1e-3, weight_decay=decay
        ),
    }
    image = np.random.default_rng(1).normal(size=(9, 9))
    (target,) = targets_of(image, SOBEL, "sigmoid")
    settings = {"momentum": 0.8, "betas": (0.8, 0.99), "eps": 1e-3, "weight_decay": decay}
    shared = {"optimizer": optimizer, "loss": loss, "activation": "sigmoid", "bias": True}
    *_, state = learn_kernel(image, target, lr=0.1, steps=20, **shared, **settings)
    start = learn_task(image, target).first.kernel
    expected = by_torch(torch, start, image, target, 20, torch.sigmoid, loss, makers[optimizer])
    assert np.allclose(state.kernel, expected[0], rtol=1e-9)
    assert np.allclose(state.bias, expected[1], rtol=1e-9)


def test_each_state_is_the_one_before_and_its_change_and_cannot_be_overwritten():
    states = [*learn_kernel(LETTER_H, convviz.conv(LETTER_H, SOBEL), steps=5, bias=True)]
    assert [state.step for state in states] == [0, 1, 2, 3, 4, 5]
    for before, after in pairwise(states):
        assert np.array_equal(after.kernel, before.kernel + before.change)
        assert np.array_equal(after.bias, before.bias + before.bias_change)
        assert after.loss < before.loss
    state = states[2]
    for array in (state.kernel, state.gradient, state.flat.weights, *state.flat.moments):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    assert state.task.after(state).flat.weights.tobytes() == states[3].flat.weights.tobytes()


DIGESTS = {
    "sgd": "055033941efa2d8814b15acc4b8ff5931286907432dea2511b570af1f97895a6",
    "momentum": "c748531b418de3b06e87101470f94067635efc6276f981ac4c6880d8b9be65d7",
    "adam": "56dbe8bb00fd4e994bdd994d7e300ac607fd9350585f10f7c31a36544317785f",
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_the_same_seed_makes_the_same_bytes_on_every_machine(optimizer):
    """The sums run in a fixed order, so neither Python nor NumPy nor its libraries matter."""
    image = np.random.default_rng(7).random((3, 20, 20))
    (target,) = targets_of(image, np.arange(27.0).reshape(1, 3, 3, 3) - 13, "relu", stride=2)

    def digest():
        states = learn_kernel(
            image,
            target,
            activation="relu",
            bias=True,
            optimizer=optimizer,
            seed=5,
            noise=0.1,
            weight_decay=0.001,
            steps=300,
            stride=2,
        )
        return sha256(b"".join(state.flat.weights.tobytes() for state in states)).hexdigest()

    assert digest() == digest() == DIGESTS[optimizer]


def test_another_seed_begins_elsewhere_and_has_other_noise():
    target = convviz.conv(LETTER_H, SOBEL)
    one, other = (learn_task(LETTER_H, target, seed=seed, noise=0.5) for seed in (0, 1))
    assert not np.array_equal(one.first.kernel, other.first.kernel)
    assert not np.array_equal(one.targets[0], other.targets[0])
    assert np.abs(one.first.kernel).max() <= 1 / 3
    assert abs(np.std(one.targets[0] - target) - 0.5) < 0.1


def test_noise_leaves_a_loss_that_is_its_variance():
    target = convviz.conv(LETTER_H, SOBEL)
    state = last(learn_kernel(LETTER_H, target, noise=0.1))
    assert 0.005 < state.loss < 0.015
    assert conclusion(state, SOBEL).endswith("the target has noise, which no kernel makes")


def test_the_first_kernel_can_be_zeros_or_ones_own():
    target = convviz.conv(LETTER_H, SOBEL)
    assert not learn_task(LETTER_H, target, initial="zeros").first.kernel.any()
    own = learn_task(LETTER_H, target, initial=SOBEL)
    assert own.first.loss == 0
    assert own.first.kernel[0, 0].tolist() == SOBEL.tolist()
    assert conclusion(own.first) == "after 0 steps the loss is 0"


def test_a_relu_that_lets_nothing_through_is_said_to_be_dead():
    (target,) = targets_of(LETTER_H, SOBEL, "relu")
    state = last(learn_kernel(LETTER_H, target, activation="relu", initial=-np.ones((3, 3))))
    assert state.is_dead
    assert not state.gradient.any()
    assert conclusion(state, SOBEL).startswith("the ReLU is dead: all sums are 0 or less")
    alive = last(learn_kernel(LETTER_H, target, activation="relu"))
    assert not alive.is_dead
    assert alive.loss < 1e-4


def test_a_signal_is_learnt_from_too():
    found = last(learn_kernel([0, 1, 0, 2, 5, 1, 1], [1, 2, 9, 19, 13, 4], 2))
    assert found.kernel.round(6).tolist() == [[[2, 1]]] or found.loss > 1e-3


def test_several_images_determine_what_one_of_them_does_not():
    images = [STRIPES, STRIPES.T]
    targets = [*targets_of(images, SOBEL)]
    alone = learn_task(images[0], targets[0]).determined.rank
    together = learn_task(images, targets)
    assert (alone, together.determined.rank) == (3, 5)
    assert len(together.first.predictions) == 2
    assert together.first.errors[1].shape == (1, 14, 14)


@pytest.mark.parametrize(
    ("arguments", "settings", "sentence"),
    [
        (
            (LETTER_H, np.ones((3, 3))),
            {},
            "the target has the shape 1 × 3 × 3, the layer makes 1 × 14 × 14",
        ),
        (
            (np.ones((2, 2)), np.ones((1, 1))),
            {},
            "the kernel spans 3 cells, the padded input has 2",
        ),
        (
            ([LETTER_H, LETTER_H], [LETTER_H]),
            {},
            "there are 2 images and 1 target: each image needs its own",
        ),
        (
            ([[1, 2], [3]], MAP),
            {},
            "the numbers form no grid: some rows are longer than others",
        ),
        (("H", MAP), {}, "real numbers are needed, not <U1"),
        (
            (LETTER_H, np.ones((2, 2, 2, 14, 14))),
            {},
            (
                "with a kernel of 2 axes images and targets have the shape (channels, *spatial), "
                "not 2 × 2 × 2 × 14 × 14"
            ),
        ),
        (
            (np.ones((2, 2, 2, 2, 2)), MAP),
            {},
            "the image has 5 axes, a kernel of 2 axes needs as many, or one more for channels",
        ),
        ((LETTER_H, MAP), {"lr": 0}, "lr must be above 0, not 0"),
        (
            (LETTER_H, MAP),
            {"momentum": 1},
            "momentum must be from 0 to below 1, not 1",
        ),
        ((LETTER_H, MAP), {"loss": "l2"}, "'l2' is no loss: choose one of mse, l1"),
        (
            (LETTER_H, MAP),
            {"optimizer": "lion"},
            "'lion' is no optimizer: choose one of sgd, momentum, adam",
        ),
        ((LETTER_H, MAP), {"noise": -1}, "noise must be 0 or more, not -1"),
        ((LETTER_H, MAP), {"seed": -1}, "the seed must be 0 or more, not -1"),
        (
            (LETTER_H, MAP),
            {"steps": 1.5},
            "the number of steps must be a whole number, not 1.5",
        ),
        (
            (LETTER_H, MAP),
            {"groups": 2},
            "a kernel is learnt for all channels together: groups must be 1",
        ),
        (
            (LETTER_H, MAP),
            {"initial": "ones"},
            "'ones' is no first kernel: choose one of uniform, zeros",
        ),
        (
            (LETTER_H, MAP),
            {"betas": (0.9,)},
            "betas are two numbers, not (0.9,)",
        ),
    ],
)
def test_what_cannot_be_is_refused_at_once_in_one_sentence(arguments, settings, sentence):
    with pytest.raises(LayerError) as caught:
        learn_kernel(*arguments, **settings)
    assert str(caught.value) == sentence


def test_every_setting_of_learn_kernel_says_what_it_does_in_one_sentence():
    from inspect import signature
    from typing import get_type_hints

    named = {*signature(learn_kernel).parameters} - {"image", "target", "options"}
    others = {*get_type_hints(LearnOptions)} - {"groups"}  # which is refused
    assert named | others == {*LEARN_SETTINGS}
    summaries = [setting.summary for setting in LEARN_SETTINGS.values()]
    summaries += [choice.summary for table in (LOSSES, OPTIMIZERS) for choice in table.values()]
    for summary in (*summaries, *FIRST_KERNELS.values()):
        assert summary.endswith(".")
        assert ". " not in summary


def test_small_steps_of_the_absolute_error_are_told_to_go_on():
    (target,) = targets_of(LETTER_H, SOBEL, "none")
    short = last(learn_kernel(LETTER_H, target, loss="l1", steps=100))
    assert "more of them may bring it nearer" in conclusion(short, SOBEL)

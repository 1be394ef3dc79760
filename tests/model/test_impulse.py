"""The impulse test says what of the kernel comes out, and no more."""

import re

import numpy as np
import pytest

from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Activation, Conv, ConvTranspose
from convviz.engine.network import apply_layer
from convviz.model.document import Document
from convviz.model.impulse import impulse_test
from convviz.model.session import Session
from convviz.model.transitions import choose_channel

WEIGHTS = np.arange(1.0, 10).reshape(1, 1, 3, 3)
WHOLE = (
    "A single 1 in the input: its mirror image comes out, since cross-correlation does not flip it"
)


def impulse_on(*layers, channels=1, channel=0):
    document = Document(np.ones((channels, 8, 8)), "image", layers)
    return impulse_test(choose_channel(Session(document), channel))


def said(session):
    return session.message.text


def distinct_weights(session):
    """Return how many weights of the kernel stand in the map: the kernel's are 1 to 9."""
    layer, bias = session.focus, session.focus.bias
    made = apply_layer(layer, session.document.image)[0] - (0 if bias is None else bias[0])
    return len(set(np.unique(made.round(9))) & set(range(1, 10)))


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, f"{WHOLE}."),
        ({"padding": "same"}, f"{WHOLE}."),
        ({"padding": "full"}, f"{WHOLE}."),
        ({"padding": 1, "padding_mode": "reflect"}, f"{WHOLE}."),
        ({"bias": [0.5]}, f"{WHOLE}. The bias is added to every cell."),
        ({"bias": [0.0]}, f"{WHOLE}."),
        ({"dilation": 2, "padding": "same"}, f"{WHOLE}; dilation 2 spreads it."),
        (
            {"stride": 2, "padding": 1},
            (
                f"{WHOLE}, but only 4 of its 9 weights: "
                "stride 2 passes over the others; choose 1 to see all."
            ),
        ),
        (
            {"stride": (1, 2)},
            (
                f"{WHOLE}, but only 3 of its 9 weights: "
                "stride 1 × 2 passes over the others; choose 1 to see all."
            ),
        ),
        (
            {"stride": 3, "bias": [2.0]},
            (
                f"{WHOLE}, but only 1 of its 9 weights: stride 3 passes over the others; "
                "choose 1 to see all. The bias is added to every cell."
            ),
        ),
        (
            {"dilation": 3},
            (
                f"{WHOLE}, but only 1 of its 9 weights: "
                "the map ends before the others; choose full padding to see all."
            ),
        ),
        (
            {"padding": 1, "padding_mode": "constant", "padding_value": 7.0},
            f"{WHOLE}. The constant in the padding adds to what its windows give.",
        ),
    ],
    ids=str,
)
def test_the_sentence_tells_how_much_comes_out(settings, text):
    found = impulse_on(Conv(WEIGHTS, **settings))
    assert said(found) == text
    if "constant" not in text:
        counted = re.search(r"only (\d) of", text)
        assert distinct_weights(found) == (int(counted[1]) if counted else 9)


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("padding", [0, 1, 2, 5])
@pytest.mark.parametrize("flip", [False, True])
def test_the_number_of_weights_is_that_in_the_map(stride, dilation, padding, flip):
    layer = Conv(WEIGHTS, stride=stride, dilation=dilation, padding=padding, flip=flip)
    found = impulse_on(layer)
    counted = re.search(r"only (\d) of its 9", said(found))
    assert distinct_weights(found) == (int(counted[1]) if counted else 9)


def test_convolution_gives_the_kernel_itself():
    assert said(impulse_on(Conv(WEIGHTS, flip=True))) == (
        "A single 1 in the input: the kernel itself comes out, since convolution flips it twice."
    )


def test_a_transposed_convolution_stamps_it_at_any_stride_and_padding_cuts_it():
    stamp = "A single 1 in the input: the kernel itself comes out, since each cell stamps it"
    assert said(impulse_on(ConvTranspose(WEIGHTS, stride=2))) == f"{stamp}."
    assert said(impulse_on(ConvTranspose(WEIGHTS, stride=1, padding=4))) == (
        f"{stamp}, but only 1 of its 9 weights: "
        "its padding cuts the others off; choose 0 to see all."
    )


def test_an_activation_and_copies_are_told():
    told = said(impulse_on(Conv(-WEIGHTS), Activation("relu")))
    assert told == f"{WHOLE}. What is shown has gone through ReLU."
    told = said(impulse_on(Conv(WEIGHTS, padding=5, padding_mode="circular")))
    assert told == f"{WHOLE}. The padding copies the 1, and with it what comes out."


def test_the_1_is_in_a_channel_that_the_shown_map_reads():
    weight = np.stack([WEIGHTS[0], 10 * WEIGHTS[0]])
    found = impulse_on(Conv(weight, groups=2), channels=2, channel=1)
    assert found.document.image[1].sum() == 1
    assert apply_layer(found.focus, found.document.image)[1].max() == 90


@pytest.mark.parametrize("padding", ["same", "valid", "full"])
def test_identity_claims_only_what_holds(padding):
    kernel = KERNELS["identity"]
    assert kernel.summary.endswith("with padding same, stride 1, bias 0 the map is the input.")
    image = np.arange(36.0).reshape(1, 6, 6)
    made = apply_layer(Conv(kernel.kernel[None, None], padding=padding), image)
    assert (made.shape == image.shape and np.array_equal(made, image)) is (padding == "same")

import numpy as np
import pytest
from conv_cases import MODES, cases, rounding

from convviz.engine.convolve import conv
from convviz.engine.padding import PADDING_MODES

SHARED_MODES = [mode for mode in MODES if PADDING_MODES[mode].torch or mode == "constant"]


@pytest.fixture(autouse=True)
def one_thread(torch):
    torch.set_num_threads(1)


def by_torch(torch, case):
    """Pad as torch does, mirror the weight where the layer flips, and correlate."""
    settings = case.settings
    tensors = torch.tensor(case.image)[None], torch.tensor(case.weight)
    image, weight = tensors
    if settings["flip"]:
        weight = weight.flip(tuple(range(2, weight.ndim)))
    mode = PADDING_MODES[settings["padding_mode"]].torch
    sides = [cells for amounts in reversed(case.amounts) for cells in amounts]
    if mode in (None, "zeros"):
        image = torch.nn.functional.pad(image, sides, value=settings["padding_value"])
    else:
        image = torch.nn.functional.pad(image, sides, mode=mode)
    slide = torch.nn.functional.conv1d if case.rank == 1 else torch.nn.functional.conv2d
    return slide(
        image,
        weight,
        None if case.bias is None else torch.tensor(case.bias),
        stride=settings["stride"],
        dilation=settings["dilation"],
        groups=settings["groups"],
    )[0].numpy()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("mode", SHARED_MODES)
@pytest.mark.parametrize("rank", [1, 2])
def test_every_setting_makes_the_map_that_torch_makes(torch, rank, mode, dtype):
    compared, differing = 0, []
    for case in filter(lambda case: case.is_possible, cases(rank, mode, dtype)):
        found, expected = (
            conv(case.image, case.weight, case.bias, **case.settings),
            by_torch(torch, case),
        )
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        compared += 1
        if (np.abs(found - expected) > rounding(case)).any():
            differing.append(case)
    assert differing == []
    assert compared >= 300


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")  # torch says it copies
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("kernel", [(1, 1), (2, 2), (3, 3), (4, 4), (3, 2), (2, 5)])
def test_same_pads_where_torch_pads(torch, kernel, dilation):
    rng = np.random.default_rng(10)
    image, weight = rng.normal(size=(2, 7, 9)), rng.normal(size=(3, 2, *kernel))
    expected = torch.nn.functional.conv2d(
        torch.tensor(image)[None], torch.tensor(weight), padding="same", dilation=dilation
    )
    found = conv(image, weight, padding="same", dilation=dilation)
    assert found == pytest.approx(expected[0].numpy(), abs=1e-13)


@pytest.mark.parametrize("mode", ["zeros", "reflect", "replicate", "circular"])
@pytest.mark.parametrize("padding", ["valid", "same", 1, (2, 1)])
def test_a_layer_of_torch_and_ours_with_its_settings_agree(torch, padding, mode):
    torch.manual_seed(11)
    theirs = torch.nn.Conv2d(
        4, 6, (3, 3), padding=padding, padding_mode=mode, groups=2, dilation=(1, 2)
    ).double()
    image = torch.randn(4, 8, 9, dtype=torch.float64)
    found = conv(
        image.numpy(),
        theirs.weight.detach().numpy(),
        theirs.bias.detach().numpy(),
        padding=padding,
        padding_mode=mode,
        groups=2,
        dilation=(1, 2),
    )
    assert found == pytest.approx(theirs(image).detach().numpy(), abs=1e-13)

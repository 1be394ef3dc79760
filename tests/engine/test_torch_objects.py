"""Tensors and modules of torch are taken as they are, and so are batches."""

import numpy as np
import pytest

import convviz
from convviz.engine.problems import LayerError

IMAGES = np.random.default_rng(3).normal(size=(2, 3, 9, 8))


@pytest.fixture
def tensors(torch):
    """Return images, and a convolution of torch whose weights want gradients."""
    torch.manual_seed(0)
    return torch.tensor(IMAGES), torch.nn.Conv2d(3, 4, 3, stride=2, padding=1, dtype=torch.float64)


def test_tensors_that_want_gradients_are_numbers(tensors):
    images, module = tensors
    found = convviz.conv(images[0], module.weight, module.bias, stride=2, padding=1)
    np.testing.assert_allclose(found, module(images)[0].detach().numpy(), atol=1e-12)


@pytest.mark.parametrize("kind", ["bfloat16", "float16", "float32", "int8", "bool"])
def test_every_real_number_type_of_torch_is_read_to_its_last_bit(torch, kind):
    numbers = torch.tensor([[0.1, -2.5], [1.0, 3.0]]).to(getattr(torch, kind))
    found = convviz.conv(numbers, [[1.0]])
    assert found.tolist() == numbers.to(torch.float64).tolist()


def test_sparse_conjugated_and_negated_views_are_read(torch):
    numbers = torch.tensor([[0.0, 2.0], [3.0, 0.0]])
    assert convviz.conv(numbers.to_sparse(), [[1.0]]).tolist() == numbers.tolist()
    imaginary = torch.view_as_complex(torch.ones(2, 2, 2)).conj().imag
    assert convviz.conv(imaginary, [[1.0]]).tolist() == [[-1, -1], [-1, -1]]


def test_what_holds_no_numbers_is_refused_in_one_line(torch):
    with pytest.raises(LayerError, match=r"a torch\.Tensor: Cannot copy out of meta tensor"):
        convviz.conv(torch.ones(3, 3, device="meta"), [[1.0]])
    with pytest.raises(LayerError, match="real numbers are needed, not complex64"):
        convviz.conv(torch.ones(3, 3, dtype=torch.complex64), [[1.0]])


def modules(torch):
    nn = torch.nn
    return {
        "Conv2d": nn.Conv2d(3, 6, (3, 2), stride=(2, 1), padding=(1, 2), groups=3),
        "Conv2d, same": nn.Conv2d(3, 2, 3, padding="same", dilation=2),
        "Conv2d, valid": nn.Conv2d(3, 2, 3, padding="valid", bias=False),
        "Conv2d, reflect": nn.Conv2d(3, 2, 3, padding=1, padding_mode="reflect"),
        "Conv2d, replicate": nn.Conv2d(3, 2, 3, padding=2, padding_mode="replicate"),
        "Conv2d, circular": nn.Conv2d(3, 2, 3, padding=1, padding_mode="circular"),
        "ConvTranspose2d": nn.ConvTranspose2d(3, 2, 3, stride=2, padding=1, output_padding=1),
        "MaxPool2d": nn.MaxPool2d(3, stride=2, padding=1, dilation=2, ceil_mode=True),
        "AvgPool2d": nn.AvgPool2d(2, padding=1, count_include_pad=False),
        "ReLU": nn.ReLU(),
        "LeakyReLU": nn.LeakyReLU(),
        "Sigmoid": nn.Sigmoid(),
        "Tanh": nn.Tanh(),
        "Sequential": nn.Sequential(
            nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Sequential(nn.MaxPool2d(2), nn.Dropout(0.5)).eval()
        ),
    }


def test_modules_of_torch_are_layers(torch):
    for name, module in modules(torch).items():
        expected = module.double().eval()(torch.tensor(IMAGES)).detach().numpy()
        found = convviz.Network(module)(torch.tensor(IMAGES))
        np.testing.assert_allclose(found, expected, atol=1e-12, err_msg=name)


def test_modules_of_signals_are_layers(torch):
    nn = torch.nn
    signal = torch.tensor(IMAGES[0, :, 0])
    for module in (
        nn.Conv1d(3, 2, 3, padding=1),
        nn.ConvTranspose1d(3, 2, 3, stride=2),
        nn.MaxPool1d(2),
        nn.AvgPool1d(3, stride=1),
    ):
        expected = module.double()(signal).detach().numpy()
        np.testing.assert_allclose(convviz.Network([module])(signal), expected, atol=1e-12)


def test_a_class_derived_from_a_module_is_that_module(torch):
    class Mine(torch.nn.Conv2d):
        pass

    mine = Mine(1, 1, 2, dtype=torch.float64)
    image = IMAGES[0, :1]
    expected = mine(torch.tensor(image)).detach().numpy()
    np.testing.assert_allclose(convviz.Network([mine])(image), expected, atol=1e-12)


def test_modules_that_are_no_layers_here_are_named_with_a_way_out(torch):
    nn = torch.nn
    for module, said in (
        (nn.Linear(3, 2), "layer 2: torch's Linear is not computed; convviz takes Conv1d, Conv2d"),
        (
            nn.BatchNorm2d(3),
            r"layer 2: torch's BatchNorm2d is not computed; fold it .*fuse_conv_bn",
        ),
        (nn.AvgPool2d(2, divisor_override=3), "AvgPool2d: its divisor_override is not computed"),
        (nn.Conv2d(1, 1, 3, padding_mode="zeros").to("meta"), "torch's Conv2d: the numbers cannot"),
    ):
        with pytest.raises(LayerError, match=said):
            convviz.Network([nn.ReLU(), module])


def test_one_cell_of_a_module_is_traced(tensors):
    images, module = tensors
    found = convviz.trace(images[1:], module, at=(2, 1), channel=3)
    assert found.value == pytest.approx(module(images)[1, 3, 2, 1].item(), abs=1e-12)


def test_a_layer_brings_its_own_settings_to_a_trace():
    layer = convviz.Conv(np.ones((1, 1, 2, 2)), stride=2)
    assert convviz.trace(np.ones((4, 4)), layer, at=(1, 1)).value == 4
    with pytest.raises(LayerError, match="a layer brings its own bias and settings"):
        convviz.trace(np.ones((4, 4)), layer, at=(1, 1), stride=1)
    with pytest.raises(LayerError, match="cells of a convolution are traced, not of Pool"):
        convviz.trace(np.ones((4, 4)), convviz.Pool("max", 2), at=(0, 0))


def test_gradients_of_a_module(torch, tensors):
    images, module = tensors
    made = module(images[:1])
    made.backward(torch.ones_like(made))
    found = convviz.gradients(module, images[:1], np.ones(made.shape))
    np.testing.assert_allclose(found.weight, module.weight.grad.numpy(), atol=1e-12)


def test_a_batch_gives_a_batch(torch):
    functional, rng = torch.nn.functional, np.random.default_rng(1)
    weight, turned = rng.normal(size=(4, 3, 3, 3)), rng.normal(size=(3, 2, 3, 3))
    images = torch.tensor(IMAGES)
    for found, expected in (
        (convviz.conv(IMAGES, weight), functional.conv2d(images, torch.tensor(weight))),
        (
            convviz.conv_transpose(IMAGES, turned, stride=2),
            functional.conv_transpose2d(images, torch.tensor(turned), stride=2),
        ),
        (convviz.max_pool(IMAGES, 2), functional.max_pool2d(images, 2)),
        (convviz.avg_pool(IMAGES, 2), functional.avg_pool2d(images, 2)),
        (
            convviz.Network([convviz.Conv(weight)])(IMAGES),
            functional.conv2d(images, torch.tensor(weight)),
        ),
    ):
        np.testing.assert_allclose(found, expected.numpy(), atol=1e-12)


def test_where_one_image_is_needed_a_batch_of_two_is_refused():
    with pytest.raises(
        LayerError, match=r"it is a batch of 2 images: give one of them, such as \[0\]"
    ):
        convviz.trace(IMAGES, np.ones((1, 3, 2, 2)), at=(0, 0))
    with pytest.raises(LayerError, match="the batch holds no image"):
        convviz.conv(IMAGES[:0], np.ones((1, 3, 2, 2)))


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (
            lambda: convviz.Conv(np.ones((64, 3, 7, 7)), np.zeros(64), stride=2),
            "Conv(weight=<64x3x7x7 float64>, bias=<64 float64>, stride=(2, 2))",
        ),
        (lambda: convviz.Conv([[[[1, 0.5]]]]), "Conv(weight=array([[[[1.0, 0.5]]]]))"),
        (lambda: convviz.INPUTS["letter-h"], "image=<16x16 float64>)"),
        (
            lambda: convviz.Network([convviz.Conv(np.ones((8, 3, 5, 5))), convviz.Activation()]),
            "Network([Conv(weight=<8x3x5x5 float64>), Activation(name='relu')])",
        ),
    ],
)
def test_records_are_printed_in_short(record, text):
    assert text in repr(record())


def test_a_trace_through_many_channels_is_printed_in_short():
    found = convviz.trace(np.ones((64, 20, 20)), np.ones((1, 64, 15, 15)), at=(0, 0))
    assert len(repr(found)) < 400

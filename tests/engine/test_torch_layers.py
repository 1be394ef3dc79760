"""Layers and tensors of torch, taken as they are."""

from itertools import count

import numpy as np
import pytest
from numpy.testing import assert_allclose

import convviz

torch = pytest.importorskip("torch")
nn = torch.nn
SEEDS = count()


def image(*shape, dtype=torch.float64):
    return torch.randn(shape, generator=torch.Generator().manual_seed(next(SEEDS)), dtype=dtype)


def in_double(module):
    """Return a module with random numbers for all that it has, so that each of them matters."""
    module = module.double().eval()
    with torch.no_grad():
        for tensor in (*module.parameters(), *module.buffers()):
            if tensor.is_floating_point():
                tensor.copy_(torch.rand_like(tensor) + 0.1)
    return module


# Tensors

X, W = image(2, 7, 6, dtype=torch.float32), image(4, 2, 3, 3, dtype=torch.float32)
EXPECTED = nn.functional.conv2d(X[None], W)[0].numpy()


@pytest.mark.parametrize(
    "given",
    [
        lambda x: x.clone().requires_grad_(),
        nn.Parameter,
        lambda x: x.clone().requires_grad_() * 1.0,  # one with a history
        lambda x: x.to_sparse(),
        lambda x: torch._neg_view(-x),
        lambda x: x.permute(2, 1, 0).contiguous().permute(2, 1, 0),
        lambda x: [channel.requires_grad_() for channel in x.clone()],
        lambda x: x.double(),
        torch.Tensor.to_mkldnn,
    ],
)
def test_a_tensor_is_taken_as_the_numbers_that_it_holds(given):
    for found in (convviz.conv(given(X), W), convviz.Network([convviz.Conv(W)])(given(X))):
        assert_allclose(found, EXPECTED, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "dtype", [torch.bfloat16, torch.float16, torch.float8_e4m3fn, torch.float8_e5m2, torch.int8]
)
def test_a_tensor_of_short_numbers_is_widened(dtype):
    small = torch.tensor([[1.0, -2.0], [0.0, 4.0]]).to(dtype)
    found = convviz.conv(small, torch.tensor([[2.0]]).to(dtype))
    assert found.dtype == np.float64
    assert found.tolist() == [[2, -4], [0, 8]]


def test_every_function_takes_parameters():
    x, w = X.clone().requires_grad_(), nn.Parameter(W)
    bias = nn.Parameter(torch.arange(4.0))
    assert convviz.conv(x, w, bias).shape == (4, 5, 4)
    assert convviz.conv_transpose(x, w[:2]).shape == (2, 9, 8)
    assert convviz.max_pool(x, 2).shape == convviz.avg_pool(x, 2).shape == (2, 3, 3)
    traced = convviz.trace(x, w, bias, at=(1, 2), channel=3)
    assert traced.value == pytest.approx(EXPECTED[3, 1, 2] + 3, rel=1e-4)
    target = nn.functional.conv2d(x[None], w)[0]
    assert next(convviz.learn_kernel(x, target, initial=w)).loss < 1e-9


def test_a_layer_does_not_change_with_the_tensor_that_it_came_from():
    weight = nn.Parameter(W.clone())
    layer = convviz.Conv(weight)
    with torch.no_grad():
        weight.zero_()
    assert np.array_equal(layer.weight, W.numpy())


def test_a_list_of_tensors_is_several_images_to_learn_from():
    state = next(convviz.learn_kernel([X[0], X[1]], [X[0, :5, :4], X[1, :5, :4]]))
    assert [one.shape for one in state.task.images] == [(1, 7, 6)] * 2


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (X.to("meta"), "the tensor is on torch's meta device, which holds no numbers"),
        (X.to(torch.complex64), "real numbers are needed, not complex64"),
        (X.to(torch.complex64).conj(), "real numbers are needed, not complex64"),
        (torch.tensor([[float("nan")]]), "all numbers must be finite: there is an infinity"),
        (nn.LazyConv2d(4, 3).weight, "this UninitializedParameter does not hand out its numbers"),
        (torch.nested.nested_tensor([[1.0], [1.0, 2.0]], layout=torch.jagged),
         "this NestedTensor does not hand out its numbers ("),
        (nn.Conv2d(2, 4, 3), "Conv2d is a layer, numbers are needed: give its weight, or call"),
    ],
)  # fmt: skip
def test_a_tensor_without_real_numbers_is_refused_in_one_line(given, sentence):
    with pytest.raises(convviz.LayerError) as caught:
        convviz.conv(given, W)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


# Layers


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.Conv2d(2, 4, 3), (2, 8, 9)),
        (nn.Conv2d(2, 4, (3, 2), 2, (1, 0), (1, 2), bias=False), (2, 8, 9)),
        (nn.Conv2d(2, 6, 4, padding="same", padding_mode="reflect", groups=2), (2, 8, 9)),
        (nn.Conv2d(2, 2, 3, padding=2, padding_mode="circular"), (2, 8, 9)),
        (nn.Conv2d(2, 2, 2, padding="valid", dilation=3), (2, 8, 9)),
        (nn.Conv1d(2, 4, 4, padding="same", dilation=3), (2, 15)),
        (nn.Conv1d(2, 4, 3, 2, padding=1, padding_mode="replicate"), (2, 15)),
        (nn.ConvTranspose2d(2, 4, 3, 2, 1, 1), (2, 8, 9)),
        (nn.ConvTranspose2d(2, 4, 3, groups=2, dilation=2, bias=False), (2, 8, 9)),
        (nn.ConvTranspose1d(2, 4, 3, 3, output_padding=2), (2, 8)),
        (nn.MaxPool2d(3, 2, 1, ceil_mode=True), (2, 8, 9)),
        (nn.MaxPool2d((2, 3), dilation=2), (2, 8, 9)),
        (nn.MaxPool1d(2), (2, 9)),
        (nn.AvgPool2d(3, padding=1, count_include_pad=False, ceil_mode=True), (2, 8, 9)),
        (nn.AvgPool1d(3, 1), (2, 9)),
        (nn.BatchNorm2d(2), (2, 8, 9)),
        (nn.BatchNorm2d(2, affine=False, eps=0.1), (2, 8, 9)),
        (nn.BatchNorm1d(2), (2, 9)),
        (nn.ReLU(), (2, 8, 9)),
        (nn.LeakyReLU(0.2), (2, 8, 9)),
        (nn.PReLU(3), (3, 8, 9)),
        (nn.ELU(0.7), (2, 8, 9)),
        (nn.ReLU6(), (2, 8, 9)),
        (nn.GELU(approximate="tanh"), (2, 8, 9)),
        (nn.SiLU(), (2, 8, 9)),
        (nn.Hardswish(), (2, 8, 9)),
        (nn.Hardsigmoid(), (2, 8, 9)),
        (nn.Softplus(beta=2.0), (2, 8, 9)),
        (nn.Sigmoid(), (2, 8, 9)),
        (nn.Tanh(), (2, 8, 9)),
        (nn.Identity(), (2, 8, 9)),
        (nn.Dropout2d(), (2, 8, 9)),
        (nn.utils.parametrizations.weight_norm(nn.Conv2d(2, 4, 3)), (2, 8, 9)),
        (nn.Sequential(nn.Conv2d(2, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2)),
         (2, 8, 9)),
        (nn.Sequential(nn.Sequential(nn.Conv1d(2, 3, 3), nn.Tanh()), nn.ConvTranspose1d(3, 1, 2)),
         (2, 9)),
    ],
    ids=str,
)  # fmt: skip
def test_a_layer_of_torch_computes_what_torch_does(module, shape):
    module = in_double(module)
    batch = image(3, *shape)
    expected = module(batch).detach().numpy()
    assert_allclose(convviz.Network(module)(batch), expected, rtol=1e-9, atol=1e-12)
    assert_allclose(convviz.Network([module])(batch[0]), expected[0], rtol=1e-9, atol=1e-12)


def test_a_layer_of_single_precision_stays_one():
    module = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2)).eval()
    assert convviz.Network(module)(torch.ones(1, 1, 5, 5)).dtype == np.float32


def test_layers_of_torch_and_of_convviz_follow_each_other():
    module = in_double(nn.Conv2d(1, 2, 3))
    network = convviz.Network(
        [module, convviz.Activation("relu"), nn.ModuleList([nn.MaxPool2d(2)])]
    )
    assert repr(network) == "Network(Conv(1 -> 2, 3x3, bias), Activation('relu'), Pool(max, 2x2))"
    x = image(1, 8, 8)
    assert_allclose(network(x), nn.functional.max_pool2d(module(x).relu(), 2).detach())


@pytest.mark.parametrize(
    "module",
    [
        nn.Conv2d(2, 4, 3, 2, 1),
        nn.ConvTranspose2d(2, 4, 3, 2),
        nn.MaxPool2d(2),
        nn.AvgPool2d(3, padding=1),
        nn.Tanh(),
    ],
)
def test_the_gradients_of_a_layer_of_torch_are_those_of_torch(module):
    module, x = in_double(module), image(3, 2, 8, 9).requires_grad_()
    made = module(x)
    error = image(*made.shape)
    made.backward(error)
    found = convviz.gradients(module, x, error)
    assert_allclose(found.image, x.grad)
    for name, parameter in module.named_parameters():
        assert_allclose(getattr(found, name), parameter.grad)


class Own(nn.Conv2d):
    def forward(self, x):
        return 2 * super().forward(x)


class Backwards(nn.Sequential):
    def forward(self, x):
        for part in reversed(self):
            x = part(x)
        return x


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 3)


def patched():
    module = nn.Conv2d(1, 1, 3)
    module.forward = lambda x: x
    return module


def pruned():
    from torch.nn.utils import prune

    return prune.l1_unstructured(nn.Conv2d(1, 1, 3), "weight", 0.5)


HAVE = "is not one of the layers that convviz has (Conv1d, Conv2d,"
OWN = "has a forward of its own: give the plain layers that it calls"


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: nn.Linear(4, 2), f"Linear {HAVE}"),
        (lambda: nn.Conv3d(1, 1, 3), f"Conv3d {HAVE}"),
        (Model, f"Model {HAVE}"),
        (nn.Mish, f"Mish {HAVE}"),
        (lambda: nn.AdaptiveAvgPool2d(1), f"AdaptiveAvgPool2d {HAVE}"),
        (lambda: Own(1, 1, 3), f"Own {OWN}"),
        (patched, f"Conv2d {OWN}"),
        (lambda: Backwards(nn.ReLU()), f"Backwards {OWN}"),
        (pruned, "hooks change Conv2d before it runs: make its weight plain"),
        (lambda: nn.LazyConv2d(4, 3), "LazyConv2d has no weight yet: call it with an image once"),
        (lambda: nn.BatchNorm2d(2), "BatchNorm2d goes by the statistics of each batch: call eval("),
        (lambda: nn.BatchNorm2d(2, track_running_stats=False).eval(),
         "BatchNorm2d goes by the statistics of each batch"),
        (nn.Dropout, "Dropout is random while training: call eval() first"),
        (lambda: nn.AvgPool2d(2, divisor_override=3), "AvgPool2d with a divisor_override is not a"),
        (lambda: nn.Sequential(nn.ReLU(), nn.Sequential(nn.Tanh(), nn.Mish())),
         f"module 1.1: Mish {HAVE}"),
        (lambda: [nn.ReLU(), nn.Sequential(nn.Mish())], f"layer 2: module 0: Mish {HAVE}"),
        (lambda: [nn.ReLU(), nn.Mish()], f"layer 2: Mish {HAVE}"),
    ],
)  # fmt: skip
def test_what_would_compute_something_else_is_refused_in_one_line(make, sentence):
    with pytest.raises(convviz.LayerError) as caught:
        convviz.Network(make())
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "module",
    [
        nn.Conv2d(2, 4, 3, 2, 1),
        nn.Conv2d(2, 4, (3, 2), groups=2, padding_mode="reflect", padding="same"),
        nn.Conv1d(2, 4, 3, dilation=2),
        nn.ConvTranspose2d(2, 4, 3, 2, 1, bias=False),
        nn.Sequential(nn.BatchNorm2d(2)),
    ],
)
def test_a_trace_of_a_layer_of_torch_adds_up_to_what_torch_makes(module):
    module = in_double(module)
    x = image(1, 2, 8) if isinstance(module, nn.Conv1d) else image(1, 2, 8, 9)
    made = module(x)[0].detach()
    at = (1, 2)[: x.ndim - 2]
    found = convviz.trace(x, module, at=at, channel=1)
    assert found.value == pytest.approx(float(made[(1, *at)]))
    ours = convviz.Network([module])[0]
    assert convviz.trace(x[0], ours, at=at, channel=1).value == found.value


@pytest.mark.parametrize(
    ("arguments", "settings", "sentence"),
    [
        ((nn.MaxPool2d(2),), {}, "a trace is of a layer with a kernel, not of Pool(max, 2x2)"),
        ((nn.Conv2d(2, 4, 3),), {"stride": 2}, "the layer has its bias and settings: leave them"),
        ((nn.Conv2d(2, 4, 3), 1.0), {}, "the layer has its bias and settings: leave them out"),
        ((nn.Conv2d(3, 4, 3),), {}, "the weight takes 3 input channels, the image has 2"),
        ((nn.Conv1d(2, 4, 3),), {}, "a trace is of one image, the batch has 2: give one"),
        ((nn.Sequential(nn.ReLU(), nn.ReLU()),), {}, "one layer is needed, not a model of 2"),
    ],
)
def test_a_trace_of_a_layer_is_refused_in_one_line(arguments, settings, sentence):
    with pytest.raises(convviz.LayerError) as caught:
        convviz.trace(image(2, 8, 9), *arguments, at=0, **settings)
    assert str(caught.value).startswith(sentence)


def test_gradients_are_those_of_one_layer():
    model = nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU())
    with pytest.raises(convviz.LayerError, match="one layer is needed, not a model of 2: give mod"):
        convviz.gradients(model, torch.ones(5, 5), torch.ones(3, 3))


def test_a_hook_that_is_not_run_is_told():
    module = nn.Conv2d(1, 1, 3)
    module.register_forward_hook(lambda *_: None)
    with pytest.warns(UserWarning, match="the forward hooks of Conv2d are not run"):
        convviz.Network([module])

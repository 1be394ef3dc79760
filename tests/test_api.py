"""What `import convviz` offers to a Python program."""

import inspect
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import convviz

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("numpy", "scipy", "PIL", "PySide6", "pyqtgraph")
LETTER_H = convviz.INPUTS["letter-h"].image
BLUR = convviz.KERNELS["blur"].kernel


def run_python(code):
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return found.stdout.split()


@pytest.mark.parametrize("module", ["convviz", "convviz.cli", "convviz.__main__"])
def test_importing_loads_nothing_heavy(module):
    code = f"import sys, {module}; print(*sys.modules)"
    assert not {name.partition(".")[0] for name in run_python(code)}.intersection(HEAVY)


def test_the_engine_is_loaded_on_first_use_and_qt_never():
    code = "import sys, convviz; convviz.conv([1, 2], [1]); print(*sys.modules)"
    loaded = {name.partition(".")[0] for name in run_python(code)}
    assert "numpy" in loaded
    assert not loaded & {"PySide6", "pyqtgraph", "click"}


@pytest.mark.parametrize("name", convviz.__all__)
def test_every_public_name_is_there_and_documented(name):
    value = getattr(convviz, name)
    assert name in dir(convviz)
    assert name == "__version__" or value.__doc__


def test_a_name_that_is_not_public_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'convolve2d'"):
        convviz.convolve2d  # noqa: B018
    assert not hasattr(convviz, "numpy")


def test_a_public_name_can_be_imported_and_is_always_the_same():
    from convviz import Conv, conv

    assert conv is convviz.conv
    assert Conv is convviz.Conv


def test_the_lectures_feature_map_takes_one_call():
    from scipy.signal import convolve2d

    found = convviz.conv(LETTER_H, BLUR, padding="same", flip=True)
    np.testing.assert_allclose(found, convolve2d(LETTER_H, BLUR, mode="same"), atol=1e-15)


def test_a_trace_adds_up_to_the_cell_of_the_feature_map():
    settings = {"padding": "same", "flip": True}
    found = convviz.trace(LETTER_H, BLUR, 0.5, at=(7, 4), **settings)
    assert isinstance(found, convviz.Trace)
    assert found.value == pytest.approx(convviz.conv(LETTER_H, BLUR, 0.5, **settings)[7, 4])
    assert found.total == found.partial_sums.flat[-1]


def test_a_layer_that_does_not_fit_is_a_layer_error_with_the_numbers():
    with pytest.raises(convviz.LayerError, match="spans 5 cells, the padded input has 3"):
        convviz.conv(np.ones((3, 3)), np.ones((5, 5)))


def test_a_wrong_activation_names_the_right_ones():
    assert convviz.Activation("relu").apply(np.array([-1.0, 2.0])).tolist() == [0, 2]
    with pytest.raises(convviz.LayerError, match="leaky_relu, prelu"):
        convviz.Activation("rely")


def test_a_stack_is_called_like_a_function():
    network = convviz.Network(
        [
            convviz.Conv(np.ones((2, 1, 3, 3)), padding="same"),
            convviz.Activation("relu"),
            convviz.Pool("max", 2),
            convviz.ConvTranspose(np.ones((2, 1, 2, 2)), stride=2),
        ]
    )
    found = network(LETTER_H)
    assert found.shape == (1, 16, 16)
    summed = convviz.conv(LETTER_H, np.ones((3, 3)), padding="same")
    assert np.array_equal(found[0], 2 * np.kron(convviz.max_pool(summed, 2), np.ones((2, 2))))


GRID = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (lambda: convviz.conv_transpose([1, 2], [1, 10, 100], stride=2), [1, 10, 102, 20, 200]),
        (lambda: convviz.conv_transpose([1, 2], [1, 10, 100], 5, padding=1), [17, 125]),
        (lambda: convviz.conv_transpose([1], [1, 2, 3], stride=2, padding=1, output_padding=1),
         [2, 3]),
        (lambda: convviz.conv_transpose([1, 2], [1, 10], dilation=2), [1, 2, 10, 20]),
        (lambda: convviz.conv_transpose([[1], [2]], [[[1, 10]], [[100, 1000]]], groups=2),
         [[1, 10], [200, 2000]]),
        (lambda: convviz.conv_transpose([[2]], [[1, 2], [3, 4]]), [[2, 4], [6, 8]]),
        (lambda: convviz.conv_transpose([[2]], [[[[1, 2]], [[3, 4]]]]), [[[2, 4]], [[6, 8]]]),
        (lambda: convviz.max_pool(GRID, 2), [[5]]),
        (lambda: convviz.max_pool(GRID, 2, stride=1), [[5, 6], [8, 9]]),
        (lambda: convviz.max_pool(GRID, 2, ceil_mode=True), [[5, 6], [8, 9]]),
        (lambda: convviz.max_pool(GRID, [3, 1]), [[7, 8, 9]]),
        (lambda: convviz.max_pool(GRID, 2, dilation=2), [[9]]),
        (lambda: convviz.max_pool(GRID, 2, padding=1), [[1, 3], [7, 9]]),
        (lambda: convviz.max_pool([3, 1, 4, 1, 5], 2), [3, 4]),
        (lambda: convviz.max_pool(GRID, (3,)), [[3], [6], [9]]),
        (lambda: convviz.max_pool([GRID, GRID], 3), [[[9]], [[9]]]),
        (lambda: convviz.avg_pool(GRID, 3), [[5]]),
        (lambda: convviz.avg_pool([1, 1, 1, 1], 3, stride=1, padding=1), [2 / 3, 1, 1, 2 / 3]),
        (lambda: convviz.avg_pool([1, 1], 2, padding=1, count_include_pad=False), [1, 1]),
        (lambda: convviz.avg_pool([1, 2, 3], 2, ceil_mode=True), [1.5, 3]),
        (lambda: convviz.Network([])([1, 2]), [1, 2]),
        (lambda: convviz.Network([convviz.Pool("max", (2,))])([1, 2]), [[2]]),
    ],
)  # fmt: skip
def test_layers_without_channels_are_functions_of_arrays(found, expected):
    result = found()
    assert result.tolist() == expected
    assert result.dtype == float


SHARED = "image, kernel_size, *, stride=None, padding=0"
SIGNATURES = {
    "conv_transpose": "image, weight, bias=None, *, stride=1, padding=0, output_padding=0, "
    "dilation=1, groups=1",
    "max_pool": f"{SHARED}, dilation=1, ceil_mode=False",
    "avg_pool": f"{SHARED}, ceil_mode=False, count_include_pad=True",
    "Network": "layers",
}


@pytest.mark.parametrize(("name", "signature"), SIGNATURES.items())
def test_public_functions_take(name, signature):
    taken = inspect.signature(getattr(convviz, name))
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in taken.parameters.values()]
    assert str(inspect.Signature(bare)) == f"({signature})"


PAIR = [[1, 2], [3, 4]]
NOT_FINITE = "all numbers must be finite: there is an infinity or a NaN"
RAGGED = "the numbers form no grid: some rows are longer than others"
TOGETHER = "do not belong together: give (channels, *spatial) with (in, out, *kernel), or both"
WHOLE = "must be a whole number per axis, not"
NO_PAIRS = f"padding {WHOLE} ((0, 1), (0, 1))"


@pytest.mark.parametrize("pool", [convviz.max_pool, convviz.avg_pool])
@pytest.mark.parametrize(
    ("image", "arguments", "sentence"),
    [
        (PAIR, {"kernel_size": "a"}, f"kernel_size {WHOLE} 'a'"),
        (PAIR, {"kernel_size": None}, f"kernel_size {WHOLE} None"),
        (PAIR, {"kernel_size": 1.5}, f"kernel_size {WHOLE} 1.5"),
        (PAIR, {"kernel_size": True}, f"kernel_size {WHOLE} True"),
        (PAIR, {"kernel_size": 0}, "kernel_size must be 1 or more, not 0"),
        (PAIR, {"kernel_size": (2, -1)}, "kernel_size must be 1 or more, not -1"),
        (PAIR, {"kernel_size": (1, 1, 1)}, "a pooling window has one or two axes, not 3"),
        (PAIR, {"kernel_size": 3}, "the pooling window spans 3 cells, the padded input has 2"),
        (PAIR, {"kernel_size": 2, "stride": 0}, "stride must be 1 or more, not 0"),
        (PAIR, {"kernel_size": 2, "stride": "2"}, f"stride {WHOLE} '2'"),
        (PAIR, {"kernel_size": 2, "stride": (1, 1, 1)}, "stride has 3 numbers, the kernel has 2"),
        (PAIR, {"kernel_size": 2, "padding": -1}, "padding must be 0 or more, not -1"),
        (PAIR, {"kernel_size": 2, "padding": ((0, 1), (0, 1))}, NO_PAIRS),
        (PAIR, {"kernel_size": 2, "padding": 2}, "padding 2 is more than half of the 2 cells"),
        ("image", {"kernel_size": 2}, "real numbers are needed, not <U5"),
        (None, {"kernel_size": 2}, "real numbers are needed, not object"),
        ([[1], [2, 3]], {"kernel_size": 1}, RAGGED),
        ([[np.nan]], {"kernel_size": 1}, NOT_FINITE),
        (5, {"kernel_size": 1}, "an image has the shape (channels, *spatial) or (*spatial), or ("),
        ([[[[PAIR]]]], {"kernel_size": 1}, "an image has the shape (channels, *spatial) or"),
        (np.ones((0, 3)), {"kernel_size": 1}, "the image is empty: its shape is 1 × 0 × 3"),
        ([1, 2], {"kernel_size": (1, 1)}, "the image has 1 spatial axis, the pooling has 2"),
    ],
)  # fmt: skip
def test_pooling_refuses_in_one_sentence(pool, image, arguments, sentence):
    with pytest.raises(convviz.LayerError) as caught:
        pool(image, **arguments)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("image", "weight", "settings", "sentence"),
    [
        (PAIR, PAIR, {"stride": 0}, "stride must be 1 or more, not 0"),
        (PAIR, PAIR, {"stride": None}, f"stride {WHOLE} None"),
        (PAIR, PAIR, {"padding": -1}, "padding must be 0 or more, not -1"),
        (PAIR, PAIR, {"padding": "same"}, f"padding {WHOLE} 'same'"),
        (PAIR, PAIR, {"padding": ((0, 1), (0, 1))}, NO_PAIRS),
        (PAIR, PAIR, {"padding": 2}, "padding 2 cuts 4 cells off an output of 3: none would be"),
        (PAIR, PAIR, {"output_padding": 1}, "output_padding 1 must be smaller than the stride 1"),
        (PAIR, PAIR, {"output_padding": "x"}, f"output_padding {WHOLE} 'x'"),
        (PAIR, PAIR, {"dilation": (1, 1, 1)}, "dilation has 3 numbers, the kernel has 2 axes"),
        (PAIR, PAIR, {"groups": 2}, "2 groups do not divide 1 input channel evenly"),
        (PAIR, PAIR, {"groups": 1.0}, "groups must be a whole number, not 1.0"),
        (PAIR, PAIR, {"bias": [1, 2]}, "bias has the shape 2, the weight has 1 output channel"),
        (PAIR, PAIR, {"bias": "b"}, "real numbers are needed, not <U1"),
        (PAIR, "kernel", {}, "real numbers are needed, not <U6"),
        (PAIR, None, {}, "real numbers are needed, not object"),
        ([[1], [2, 3]], PAIR, {}, RAGGED),
        (PAIR, [[np.inf]], {}, NOT_FINITE),
        ([1, 2], PAIR, {}, "weight needs the shape (in_channels, out_channels/groups, *kernel)"),
        (5, 5, {}, f"an image with 0 axes and a weight with 0 {TOGETHER}"),
        ([PAIR], [PAIR], {}, "the weight takes 1 input channel, the image has 2"),
        ([[[PAIR]]], [[PAIR]], {}, f"an image with 5 axes and a weight with 4 {TOGETHER}"),
        ([PAIR], PAIR, {}, f"an image with 3 axes and a weight with 2 {TOGETHER}"),
        ([PAIR, PAIR], [[PAIR]], {}, "the weight takes 1 input channel, the image has 2"),
        (PAIR, np.ones((0, 2)), {}, "weight needs the shape"),
        (np.ones((0, 2)), PAIR, {}, "the image is empty: its shape is 1 × 0 × 2"),
    ],
)  # fmt: skip
def test_a_transposed_convolution_refuses_in_one_sentence(image, weight, settings, sentence):
    with pytest.raises(convviz.LayerError) as caught:
        convviz.conv_transpose(image, weight, **settings)
    assert str(caught.value).startswith(sentence)


@pytest.mark.parametrize(
    ("layers", "image", "sentence"),
    [
        ("layers", PAIR, "a network is a list of layers, not str"),
        (None, PAIR, "a network is a list of layers, not NoneType"),
        (convviz.Pool("max", 2), PAIR, "a network is a list of layers, not Pool"),
        ([convviz.Pool("max", 2), "relu"], PAIR, "layer 2 is no layer but 'relu'"),
        ([convviz.Conv], PAIR, "layer 1 is no layer but"),
        ([convviz.Pool("max", 2)] * 2, PAIR, "layer 2: the pooling window spans 2 cells, the"),
        ([convviz.Pool("max", 2)], [1, 2], "layer 1: the image has 1 spatial axis, the pool"),
        ([convviz.Pool("max", 2)], 5, "layer 1: the image has 0 spatial axes, the pooling has 2"),
        ([convviz.Pool("max", 2)], [[[PAIR]]], "layer 1: the image has 4 spatial axes"),
        ([convviz.Pool("max", 1)], [["a"]], "real numbers are needed, not <U1"),
        ([convviz.Pool("max", 1)], [[np.nan]], NOT_FINITE),
        ([convviz.Pool("max", 1)], [[1], [1, 2]], RAGGED),
        ([convviz.Conv(np.ones((1, 2, 1, 1)))], PAIR, "layer 1: the weight takes 2 input channels"),
    ],
)  # fmt: skip
def test_a_network_refuses_in_one_sentence_that_names_the_layer(layers, image, sentence):
    with pytest.raises(convviz.LayerError) as caught:
        convviz.Network(layers)(image)
    assert str(caught.value).startswith(sentence)


def test_the_version_is_that_of_the_package():
    from importlib.metadata import PackageNotFoundError, version

    try:
        assert convviz.__version__ == version("convviz")
    except PackageNotFoundError:
        pytest.skip("convviz is not installed")


@pytest.mark.parametrize(
    "make",
    [
        lambda: convviz.conv([[1e308, 1e308]], [[1, 1]]),
        lambda: convviz.conv(np.full(3, 3e38, np.float32), np.ones(2, np.float32)),
        lambda: convviz.conv([[1e308, -1e308]], [[1e10, 1e10]]),
        lambda: convviz.conv_transpose([1e308, 1e308], [1, 1]),
        lambda: convviz.avg_pool([1e308, 1e308], 2),
        lambda: convviz.trace([[1e308, 1e308]], [[1, 1]], at=(0, 0)),
        lambda: convviz.Network([convviz.Conv([[[1.0, 1.0]]])])([1e308, 1e308]),
        lambda: convviz.gradients(convviz.Conv([[[1e308]]]), [1.0, 1.0], [10.0, 10.0]),
    ],
)
def test_numbers_that_become_too_large_are_refused(make):
    with pytest.raises(convviz.LayerError, match="too large to be held: divide them"):
        make()

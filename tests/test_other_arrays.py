"""Numbers that come from other libraries, and batches of images."""

import subprocess
import sys
from collections import OrderedDict
from pathlib import Path

import numpy as np
import pytest
from numpy.testing import assert_allclose

import convviz
from convviz.files.errors import FileError

ROOT = Path(__file__).resolve().parent.parent
IMAGE = np.arange(36.0).reshape(6, 6)
KERNEL = np.array([[1.0, 2.0], [-1.0, 0.5]])
MAP = convviz.conv(IMAGE, KERNEL)
RNG = np.random.default_rng(0)


class ByArray:
    """As arrays of JAX, TensorFlow, pandas and xarray hand out their numbers."""

    def __init__(self, array):
        self.array, self.shape = array, array.shape

    def __array__(self, dtype=None, copy=None):
        return np.array(self.array, dtype=dtype)


class ByDlpack:
    """As libraries do that know DLPack alone."""

    def __init__(self, array):
        self.array, self.shape = array, array.shape

    def __dlpack__(self, **given):
        return self.array.__dlpack__(**given)

    def __dlpack_device__(self):
        return self.array.__dlpack_device__()


class OnItsDevice:
    """As CuPy does, which never copies to the host unasked."""

    shape = (6, 6)

    def __array__(self, dtype=None, copy=None):
        raise TypeError("Implicit conversion to a NumPy array is not allowed.\nUse get().")


@pytest.mark.parametrize("wrapped", [ByArray, ByDlpack])
@pytest.mark.parametrize(
    "compute",
    [
        lambda image: convviz.conv(image, KERNEL),
        lambda image: convviz.conv(IMAGE, KERNEL) * (convviz.max_pool(image, 6) == 35),
        lambda image: convviz.Network([convviz.Conv(KERNEL[None, None])])(image)[0],
        lambda image: convviz.conv([image], KERNEL[None, None])[0],
        lambda image: convviz.conv(KERNEL, KERNEL) * 0 + convviz.conv(image, KERNEL),
    ],
)
def test_arrays_of_other_libraries_are_taken(wrapped, compute):
    assert np.array_equal(compute(wrapped(IMAGE)), MAP)


def test_a_list_of_foreign_arrays_is_several_images_to_learn_from():
    images, targets = [ByArray(IMAGE), ByArray(IMAGE.T)], [ByArray(MAP), ByArray(MAP)]
    state = next(convviz.learn_kernel(images, targets, 2))
    assert [image.shape for image in state.task.images] == [(1, 6, 6)] * 2


def test_numbers_that_numpy_has_no_type_for_are_widened():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    for kind in (ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2):
        small = np.array([[1, 2], [-4, 0.5]]).astype(kind)
        found = convviz.conv(small, [[1.0]])
        assert found.dtype == np.float64
        assert found.tolist() == [[1, 2], [-4, 0.5]]


MASKED = np.ma.masked_equal([[1.0, 2.0], [3.0, -999.0]], -999.0)


@pytest.mark.parametrize(
    ("image", "sentence"),
    [
        (OnItsDevice(), ("this OnItsDevice does not hand out its numbers (Implicit conversion to a "
         "NumPy array is not allowed): copy them into a NumPy array")),
        (MASKED, "some numbers are masked: fill them, as in array.filled(0)"),
        (convviz.Conv([[[1.0]]]), ("Conv is a layer, numbers are needed: give its weight, or call "
         "Network([layer])(image)")),
        (np.zeros(3, "V2"), "real numbers are needed, not |V2"),
        (np.zeros(3, [("a", float)]), "real numbers are needed, not [('a', '<f8')]"),
    ],
)  # fmt: skip
def test_what_hands_out_no_numbers_is_refused_in_one_line(image, sentence):
    with pytest.raises(convviz.LayerError) as caught:
        convviz.conv(image, KERNEL)
    assert str(caught.value) == sentence


def test_a_masked_array_without_masked_numbers_is_one_like_others():
    assert convviz.conv(np.ma.array(IMAGE), KERNEL).tolist() == MAP.tolist()


# Batches

BATCH = RNG.integers(-4, 5, (3, 2, 6, 7)).astype(float)
WEIGHT = RNG.integers(-4, 5, (4, 2, 3, 2)).astype(float)
SIGNALS = RNG.integers(-4, 5, (3, 2, 9)).astype(float)


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("compute", "images"),
    [
        (lambda x: convviz.conv(x, WEIGHT, stride=2, padding=1), BATCH),
        (lambda x: convviz.conv(x, WEIGHT[..., 0]), SIGNALS),
        (lambda x: convviz.conv_transpose(x, WEIGHT.swapaxes(0, 1)), BATCH),
        (lambda x: convviz.conv_transpose(x, WEIGHT.swapaxes(0, 1)[..., 0]), SIGNALS),
        (lambda x: convviz.max_pool(x, 2), BATCH),
        (lambda x: convviz.avg_pool(x, 2, padding=1), BATCH),
        (lambda x: convviz.avg_pool(x, (2,)), SIGNALS),
        (convviz.Network([convviz.Conv(WEIGHT), convviz.Pool("max", 2)]), BATCH),
        (convviz.Network([convviz.Conv(WEIGHT[..., 0]), convviz.Activation()]), SIGNALS),
    ],
)
def test_a_batch_comes_back_as_a_batch(compute, images, count):
    found = compute(images[:count])
    assert np.array_equal(found, np.stack([compute(image) for image in images[:count]]))


def test_the_gradients_of_a_batch_are_summed_over_its_images_as_in_torch():
    layer = convviz.Conv(WEIGHT, np.zeros(4), stride=2)
    error = RNG.integers(-4, 5, (3, *layer.output_shape(BATCH.shape[1:]))).astype(float)
    found = convviz.gradients(layer, BATCH, error)
    each = [convviz.gradients(layer, *pair) for pair in zip(BATCH, error, strict=True)]
    assert np.array_equal(found.image, np.stack([one.image for one in each]))
    assert_allclose(found.weight, sum(one.weight for one in each))
    assert_allclose(found.bias, sum(one.bias for one in each))


def test_a_kernel_is_learnt_from_a_batch_as_from_a_list():
    maps = convviz.conv(BATCH, WEIGHT)
    batch = next(convviz.learn_kernel(BATCH, maps, (3, 2)))
    listed = next(convviz.learn_kernel(list(BATCH), list(maps), (3, 2)))
    assert len(batch.task.images) == 3
    assert batch.loss == listed.loss


def test_a_trace_is_that_of_the_only_image_of_a_batch():
    found = convviz.trace(BATCH[:1], WEIGHT, at=(1, 2), channel=3)
    assert found.value == convviz.conv(BATCH[0], WEIGHT)[3, 1, 2]


@pytest.mark.parametrize(
    ("compute", "sentence"),
    [
        (lambda: convviz.trace(BATCH, WEIGHT, at=(0, 0)),
         "a trace is of one image, the batch has 3: give one of them, image[0]"),
        (lambda: convviz.conv(BATCH[:0], WEIGHT), "the batch is empty: it has no image"),
        (lambda: convviz.max_pool(BATCH[:0], 2), "the batch is empty: it has no image"),
        (lambda: convviz.gradients(convviz.Conv(WEIGHT), BATCH[:0], BATCH[:0]),
         "the batch is empty: it has no image"),
        (lambda: convviz.gradients(convviz.Conv(WEIGHT), BATCH, np.ones((2, 4, 4, 6))),
         "the error has the shape 2 × 4 × 4 × 6, the layer makes 3 × 4 × 4 × 6"),
        (lambda: convviz.conv(BATCH, WEIGHT[:, :1]),
         "the weight takes 1 input channel, the image has 2"),
        (lambda: next(convviz.learn_kernel(BATCH[:0], BATCH[:0])),
         "the batch is empty: it has no image"),
        (lambda: convviz.gradients("relu", BATCH, BATCH), "a layer is needed, not str"),
    ],
)  # fmt: skip
def test_batches_are_refused_in_one_line(compute, sentence):
    with pytest.raises(convviz.LayerError) as caught:
        compute()
    assert str(caught.value) == sentence


def test_gradients_of_a_single_number_through_an_activation():
    assert convviz.gradients(convviz.Activation("relu"), 3.0, 2.0).image == 2.0


# Reprs


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (convviz.Conv(np.ones((64, 3, 7, 7))), "Conv(3 -> 64, 7x7)"),
        (convviz.Conv(np.ones((4, 1, 3, 5)), 1, stride=2, padding=(1, 2), groups=2, flip=True),
         "Conv(2 -> 4, 3x5, stride 2, padding ((1, 1), (2, 2)), groups 2, flip, bias)"),
        (convviz.Conv(np.ones((1, 1, 9)), padding="same", padding_mode="reflect", dilation=3),
         "Conv(1 -> 1, 9, padding same, padding_mode reflect, dilation 3)"),
        (convviz.ConvTranspose(np.ones((64, 8, 2, 2)), stride=(2, 1), output_padding=(1, 0)),
         "ConvTranspose(64 -> 8, 2x2, stride (2, 1), output_padding (1, 0))"),
        (convviz.Pool("max", 2), "Pool(max, 2x2)"),
        (convviz.Pool("avg", 3, stride=1, ceil_mode=True, count_include_pad=False),
         "Pool(avg, 3x3, stride 1, ceil_mode, no count_include_pad)"),
        (convviz.Activation("relu"), "Activation('relu')"),
        (convviz.Network([convviz.Pool("max", 2)] * 7),
         "Network(7 layers, Pool(max, 2x2), Pool(max, 2x2), Pool(max, 2x2), Pool(max, 2x2), ...)"),
    ],
)  # fmt: skip
def test_a_layer_says_what_it_is_without_its_numbers(record, text):
    assert repr(record) == text


def a_weights_file(folder):
    np.savez(folder / "net.npz", **{f"conv{n}.weight": np.ones((4, 3, 5, 7)) for n in range(40)})
    return convviz.read_weights(folder / "net.npz")


@pytest.mark.parametrize(
    "make",
    [
        lambda _: convviz.gradients(convviz.Conv(WEIGHT, 0), BATCH, np.ones((3, 4, 4, 6))),
        lambda _: convviz.trace(BATCH[0], WEIGHT, at=(0, 0)),
        lambda _: next(convviz.learn_kernel(IMAGE, MAP, 2)),
        lambda _: next(convviz.learn_kernel(IMAGE, MAP, 2)).task.layer,
        lambda _: convviz.INPUTS["tone"],
        lambda _: convviz.KERNELS["gaussian-5"] if "gaussian-5" in convviz.KERNELS
        else convviz.KERNELS["blur"],
        lambda _: convviz.Conv(WEIGHT).problem((9, 9, 9)),
        a_weights_file,
    ],
)  # fmt: skip
def test_a_record_is_printed_in_one_short_line(make, tmp_path):
    text = repr(make(tmp_path))
    assert "\n" not in text
    assert len(text) < 320


def test_a_network_is_counted_and_indexed():
    network = convviz.Network([convviz.Pool("max", 2), convviz.Activation("tanh")])
    assert len(network) == 2
    assert network[1] is network.layers[1]


def test_weights_of_a_model_in_memory_are_called_by_what_they_are():
    with pytest.raises(FileError, match="OrderedDict: this is not the name of a file; layers in"):
        convviz.read_weights(OrderedDict())


def test_nothing_of_it_imports_torch():
    code = (
        "import sys, convviz, numpy as np\n"
        "net = convviz.Network([convviz.Conv(np.ones((1, 1, 3, 3))), convviz.Activation()])\n"
        "net(np.ones((2, 1, 6, 6)))\n"
        "convviz.gradients(net[0], np.ones((6, 6)), np.ones((4, 4)))\n"
        "next(convviz.learn_kernel(np.ones((6, 6)), np.ones((4, 4))))\n"
        "try: convviz.Network('x')\n"
        "except convviz.LayerError: pass\n"
        "print(*sys.modules)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert not {"torch", "jax", "tensorflow"} & set(found.stdout.split())


# JAX itself, where it is installed


def test_arrays_of_jax_are_taken():
    jnp = pytest.importorskip("jax.numpy")
    image, kernel = jnp.asarray(IMAGE, "bfloat16"), jnp.asarray(KERNEL)
    assert np.array_equal(convviz.conv(image, kernel), MAP)
    assert np.array_equal(
        convviz.conv([image, image], jnp.asarray([KERNEL, KERNEL])[None]), [2 * MAP]
    )

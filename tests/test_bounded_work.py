"""What a small file or a short command asks for is refused before any memory is taken for it."""

import io
import tracemalloc
import zipfile
from contextlib import contextmanager

import numpy as np
import pytest
from PySide6.QtCore import QRect

import convviz
from convviz.engine.problems import LayerError
from convviz.files.errors import FileError
from convviz.files.read import list_arrays, read_array
from convviz.model.learning import Learning
from convviz.model.scene import Cells
from convviz.render.stack_painter import _picture_geometry

MEGABYTE = 2**20


@contextmanager
def at_most(megabytes):
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < megabytes * MEGABYTE
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("method", "name"), [(zipfile.ZIP_BZIP2, "bzip2"), (zipfile.ZIP_LZMA, "LZMA")]
)
def test_an_archive_that_unpacks_without_bound_is_refused(tmp_path, method, name):
    path, packed = tmp_path / "a.npz", io.BytesIO()
    np.save(packed, np.ones((3, 3)))
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.npy", packed.getvalue() + bytes(64 * MEGABYTE))
    for read in (read_array, list_arrays):
        with at_most(8), pytest.raises(FileError, match=f"'a.npy' is packed by {name}"):
            read(path)


@pytest.mark.parametrize("size", [(20_000, 20_000), (2**31 - 1, 1)])
def test_a_kernel_of_any_size_is_refused_before_it_is_made(convviz_does, size):
    image, target = np.ones((8, 8)), np.ones((2, 2))
    with at_most(8):
        with pytest.raises(LayerError, match="the kernel would have"):
            convviz.learn_kernel(image, target, kernel_size=size)
        with pytest.raises(LayerError, match="the kernel would have"):
            Learning(kernel_size=size)
    ended = convviz_does(
        "learn", "letter-h", "--target", "1,1;1,1", "--kernel-size", f"{size[0]},{size[1]}"
    )
    assert ended.code == 4
    assert ended.err.startswith("convviz: --kernel-size: the kernel would have")


def test_a_wide_padding_is_refused_before_the_windows_are_laid_out(convviz_does):
    with at_most(64):
        ended = convviz_does(
            *("learn", "letter-h", "--target-kernel", "blur", "--padding", "0,1000000")
        )
    assert ended.code == 4
    assert "the windows would hold" in ended.err


def test_noise_that_no_number_can_hold_is_told_by_its_name(convviz_does):
    ended = convviz_does("learn", "letter-h", "--target-kernel", "blur", "--noise", "1e308")
    assert ended.err == "convviz: noise of 1e+308 makes numbers too large to be held: lower it\n"


def test_the_picture_of_a_long_row_takes_no_memory():
    row = np.random.default_rng(0).random((1, 300_000))
    with at_most(8):
        shown, _ = _picture_geometry(Cells(row, (0.0, 1.0)), QRect(0, 0, 64, 64))
    assert shown.shape == (100_000, 300_000)
    assert (shown.values[::50_000] == row).all()


@pytest.mark.parametrize("word", ["no", None, 0.5])
def test_what_python_would_take_for_true_is_refused(word):
    for make in (
        lambda: convviz.conv(np.ones((3, 3)), np.ones((2, 2)), flip=word),
        lambda: convviz.Pool("max", 2, ceil_mode=word),
        lambda: convviz.Pool("avg", 2, count_include_pad=word),
    ):
        with pytest.raises(LayerError, match="must be True or False"):
            make()

"""How TIFF files are packed and predicted, and which of them are refused by what they hold."""

import lzma
import shlex
import subprocess
import sys
import time
import zlib

import numpy as np
import pytest
from PIL import Image
from tiff_files import directory, numbers, tags, write_tiff

from convviz.files.errors import FileError
from convviz.files.read import read_array

ROWS, COLUMNS = 6, 8
ORDERS = ("<", ">")


@pytest.fixture
def tiff(tmp_path):
    return lambda array, **options: write_tiff(tmp_path / "a.tif", array, **options)


METHODS = {"tiff_lzw": 5, "tiff_adobe_deflate": 8, "packbits": 32773, "zstd": 50000}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("kind", ["u2", "i4", "f4"])
@pytest.mark.parametrize("is_predicted", [False, True])
def test_what_libtiff_packs_is_unpacked(tmp_path, method, kind, is_predicted):
    """Packed by Pillow's libtiff: numbers alone, which say where a predictor was left out."""
    predictor = 1 if not is_predicted else 3 if kind == "f4" else 2
    array = (np.arange(1200) * 31.5).reshape(40, 30).astype(kind)
    options = {"compression": method, "tiffinfo": {317: predictor, 278: 7}}
    Image.fromarray(array).save(tmp_path / "a.tif", **options)
    with Image.open(tmp_path / "a.tif") as image:
        assert image.tag_v2[259] == METHODS[method]
        assert image.tag_v2.get(317, 1) == predictor or method == "packbits"
    np.testing.assert_array_equal(read_array(tmp_path / "a.tif").array, array)


@pytest.mark.parametrize("kind", ["u1", "u2", "f8"])
@pytest.mark.parametrize("method", ["lzma", "deflate"])
@pytest.mark.parametrize("photometric", ["minisblack", "rgb"])
def test_what_only_python_unpacks_is_read(tiff, kind, method, photometric):
    array = numbers(kind, ROWS, COLUMNS, *((3,) if photometric == "rgb" else ()))
    path = tiff(array, photometric=photometric, compression=method, rowsperstrip=4)
    expected = tiff_values(array) if photometric == "rgb" else array
    np.testing.assert_array_equal(read_array(path).array, expected)


def tiff_values(colours):
    eight = colours // 256 if colours.dtype == np.uint16 else colours
    return np.moveaxis(eight, -1, 0)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", ["u1", "u2", "u4", "i2", "u8"])
@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("planes", [1, 2])
def test_differences_of_whole_numbers_are_summed(tmp_path, order, kind, samples, planes):
    """Predictor 2 of the TIFF 6.0 specification, section 14, written down here a second time."""
    array = numbers(kind, 5, 7, samples)
    steps = np.diff(array, axis=1, prepend=array.dtype.type(0)).astype(f"{order}{kind}")
    parts = [steps] if planes == 1 else [steps[..., n] for n in range(samples)]
    data = [zlib.compress(part.tobytes()) for part in parts]
    found = tags(7, 5, 8 * array.itemsize, samples=samples, planes=planes, method=8, predictor=2)
    found |= {262: [1], 339: [2 if kind[0] == "i" else 1]}
    (tmp_path / "a.tif").write_bytes(directory(order, found, data))
    expected = np.moveaxis(array, -1, 0) if samples > 1 else array[..., 0]
    np.testing.assert_array_equal(read_array(tmp_path / "a.tif").array, expected.astype(float))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", ["f2", "f4", "f8"])
@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("planes", [1, 2])
def test_differences_of_bytes_of_floats_are_summed(tmp_path, order, kind, samples, planes):
    """Predictor 3 of Adobe's Technical Note 3, written down here a second time."""
    array = numbers(kind, 5, 7, samples)
    parts = [array] if planes == 1 else [array[..., n : n + 1] for n in range(samples)]
    data = [zlib.compress(b"".join(float_row(row) for row in part)) for part in parts]
    found = tags(7, 5, 8 * array.itemsize, samples=samples, planes=planes, method=8, predictor=3)
    (tmp_path / "a.tif").write_bytes(directory(order, found | {262: [1], 339: [3]}, data))
    expected = np.moveaxis(array, -1, 0) if samples > 1 else array[..., 0]
    np.testing.assert_array_equal(read_array(tmp_path / "a.tif").array, expected)


def float_row(row):
    """The first bytes of all numbers, then the second ones; each less the one a pixel before."""
    big = row.astype(row.dtype.newbyteorder(">")).tobytes()
    mixed = b"".join(big[n :: row.itemsize] for n in range(row.itemsize))
    depth = row.shape[1]
    before = bytes(depth) + mixed
    return bytes((now - then) % 256 for now, then in zip(mixed, before, strict=False))


NPY = "convert it: python -m pip install tifffile imagecodecs, then python -c"
REFUSED = {
    "complex numbers": ({"kind": 6, "bits": 64}, "it holds complex numbers"),
    "floats of 24 bits": ({"kind": 3, "bits": 24}, "it holds floats of 24 bits"),
    "whole numbers of 24 bits": ({"bits": 24}, "it holds whole numbers of 24 bits"),
    "signed ones of 4 bits": ({"kind": 2, "bits": 4}, "it holds signed whole numbers of 4 bits"),
    "samples of two kinds": (
        {"samples": 2, "kind": [1, 3], "bits": 32},
        "the samples of a pixel are of several kinds or sizes",
    ),
    "a palette of 16 bits": (
        {"photometric": 3, "bits": 16},
        "it has a palette in whole numbers of 16 bits",
    ),
    "CMYK of floats": (
        {"photometric": 5, "samples": 4, "kind": 3, "bits": 32},
        "it has CMYK colours in floats of 32 bits",
    ),
    "LAB of 16 bits": (
        {"photometric": 8, "samples": 3, "bits": 16},
        "it has LAB colours in whole numbers of 16 bits",
    ),
    "YCbCr of 16 bits": (
        {"photometric": 6, "samples": 3, "bits": 16},
        "it has YCbCr colours in whole numbers of 16 bits",
    ),
    "YCbCr in planes": (
        {"photometric": 6, "samples": 3, "bits": 8, "planes": 2},
        "it has YCbCr colours in planes",
    ),
    "two samples of three colours": (
        {"photometric": 2, "samples": 2, "bits": 8},
        "it has 2 samples a pixel, which are too few for its colours",
    ),
    "a mosaic": ({"photometric": 32803, "bits": 16}, "it holds the mosaic of a camera's sensor"),
    "an unknown photometric": (
        {"photometric": 77, "bits": 8},
        "it holds colours of the unknown kind 77",
    ),
    "JPEG 2000": ({"method": 34712, "bits": 8}, "it is compressed by the method 34712"),
    "LERC": ({"method": 34887, "kind": 3, "bits": 32}, "it is compressed by the method 34887"),
    "an unknown predictor": (
        {"method": 8, "predictor": 9, "bits": 8},
        "it was predicted by the method 9",
    ),
}


@pytest.mark.parametrize(("holds", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_right_is_refused_by_its_name(tmp_path, holds, reason):
    (tmp_path / "a.tif").write_bytes(directory("<", tags(7, 5, **holds), [bytes(3000)]))
    with pytest.raises(FileError) as error:
        read_array(tmp_path / "a.tif")
    assert error.value.reason.startswith(f"{reason}, which convviz does not read; {NPY}")
    assert error.value.reason.endswith(str(tmp_path / "a.tif"))


@pytest.mark.parametrize("kind", [6, 3])
def test_the_way_out_of_a_refusal_makes_an_array(tmp_path, kind):
    """As a person pastes it; only the tests' own tifffile is called, which needs no codecs here."""
    holds = {"photometric": 32803, "kind": kind, "bits": 64, "samples": 1}
    (tmp_path / "it's.tif").write_bytes(directory("<", tags(7, 5, **holds), [bytes(280)]))
    with pytest.raises(FileError) as error:
        read_array(tmp_path / "it's.tif")
    python, *arguments = shlex.split(error.value.reason.split(", then ")[1])
    subprocess.run([sys.executable, *arguments], check=True, timeout=60)
    assert python == "python"
    assert np.load(tmp_path / "it's.tif.npy").shape == (5, 7)


@pytest.mark.parametrize("kind", ["u4", "f8"])
@pytest.mark.parametrize("compression", [None, "deflate", "lzma"])
def test_numbers_that_are_cut_short_are_damaged(tmp_path, kind, compression):
    whole = numbers(kind, 40, 40)
    packs = {None: bytes, "deflate": zlib.compress, "lzma": lzma.compress}
    method = {None: 1, "deflate": 8, "lzma": 34925}[compression]
    data = packs[compression](whole.tobytes())
    found = tags(40, 40, 8 * whole.itemsize, photometric=1, method=method)
    found |= {339: [3 if kind == "f8" else 1]}
    (tmp_path / "a.tif").write_bytes(directory("<", found, [data]))
    np.testing.assert_array_equal(read_array(tmp_path / "a.tif").array, whole)
    (tmp_path / "a.tif").write_bytes(directory("<", found, [data[: len(data) // 2]]))
    with pytest.raises(FileError, match="it is damaged, or not a TIFF image"):
        read_array(tmp_path / "a.tif")


def test_strips_without_end_are_refused_soon(tmp_path):
    count = 150_000
    found = tags(1, count, 32, photometric=1) | {278: [1]}
    (tmp_path / "a.tif").write_bytes(directory("<", found, [b"abcd"] * count))
    start = time.process_time()
    with pytest.raises(FileError, match="it is made of more parts than pictures are"):
        read_array(tmp_path / "a.tif")
    assert time.process_time() - start < 2

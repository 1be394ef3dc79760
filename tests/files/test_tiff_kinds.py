"""Every kind of TIFF file is read as tifffile reads it, or refused by what it holds."""

import lzma
import shlex
import struct
import subprocess
import sys
import warnings
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from convviz.files.errors import FileError
from convviz.files.read import read_array

ROWS, COLUMNS = 6, 8
UNSIGNED = ("u1", "u2", "u4", "u8")
KINDS = (*UNSIGNED, "i1", "i2", "i4", "i8", "f2", "f4", "f8")
ORDERS = ("<", ">")
WHITES = {"u1": 255, "u2": 65535}
MANY = "what its pixels hold beside their colours is left out"
NO_END = "in it 0 is white, which these numbers have no end for: they are as they are"
ON_WHITE = "its transparent parts are laid over white"
COARSE = "colours of 16 bits are read as 8 bits"
NO_ALPHA = "its transparency is left out"


def numbers(kind, *shape):
    """Numbers over all of the range that this kind has, the smallest and the largest of all too."""
    random = np.random.default_rng(0)
    dtype = np.dtype(kind)
    if dtype.kind == "f":
        return random.normal(size=shape).astype(dtype)
    limits = np.iinfo(dtype)
    found = random.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    found.flat[:2] = limits.min, limits.max
    return found


@pytest.fixture
def tiff(tmp_path):
    def write(array, **options):
        path = tmp_path / "a.tif"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # tifffile warns of kinds that are rarely seen
            tifffile.imwrite(path, array, metadata=None, **options)
        return path

    return write


def black_is_zero(array):
    return np.iinfo(array.dtype).max - array if array.dtype.kind == "u" else array


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("photometric", ["minisblack", "miniswhite"])
@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("block", [{}, {"rowsperstrip": 4}, {"tile": (16, 16)}], ids=str)
def test_numbers_of_every_kind_are_as_tifffile_reads_them(
    tiff, order, kind, photometric, compression, block
):
    path = tiff(
        numbers(kind, ROWS, COLUMNS),
        byteorder=order,
        photometric=photometric,
        compression=compression,
        **block,
    )
    found, expected = read_array(path), tifffile.imread(path)
    from_white = photometric == "miniswhite"
    expected = black_is_zero(expected) if from_white else expected
    np.testing.assert_array_equal(found.array, expected.astype(found.array.dtype))
    assert found.white == WHITES.get(kind)
    assert (NO_END in found.notices) == (from_white and kind[0] != "u")


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("channels", [2, 5])
def test_samples_that_are_no_colours_are_channels(tiff, order, kind, planar, channels):
    array = numbers(kind, channels, ROWS, COLUMNS)
    stored = array if planar == "separate" else np.moveaxis(array, 0, -1)
    path = tiff(
        stored,
        byteorder=order,
        photometric="minisblack",
        planarconfig=planar,
        extrasamples=["unspecified"] * (channels - 1),
    )
    found = read_array(path)
    np.testing.assert_array_equal(found.array, array.astype(found.array.dtype))


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("extras", [(), ("unspecified",), ("unspecified", "unspecified")])
def test_colours_of_every_kind_lie_in_three_channels(
    tiff, order, kind, planar, compression, extras
):
    array = numbers(kind, 3 + len(extras), ROWS, COLUMNS)
    stored = array if planar == "separate" else np.moveaxis(array, 0, -1)
    path = tiff(
        stored,
        byteorder=order,
        photometric="rgb",
        planarconfig=planar,
        compression=compression,
        extrasamples=extras,
        rowsperstrip=4,
    )
    found = read_array(path)
    expected = array[:3] // 256 if kind == "u2" else array[:3]
    np.testing.assert_array_equal(found.array, expected.astype(found.array.dtype))
    assert found.white == (255 if kind in WHITES else None)
    assert (COARSE in found.notices) == (kind == "u2")
    assert (MANY in found.notices) == bool(extras)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("kind", WHITES)
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("photometric", ["minisblack", "rgb"])
@pytest.mark.parametrize("alpha", ["unassalpha", "assocalpha"])
def test_transparent_samples_lie_on_white(tiff, order, kind, planar, photometric, alpha):
    white, channels = WHITES[kind], 2 if photometric == "minisblack" else 4
    array = numbers(kind, channels, ROWS, COLUMNS)
    if alpha == "assocalpha":
        array[:-1] = np.minimum(array[:-1], array[-1])  # what is multiplied by it already
    stored = array if planar == "separate" else np.moveaxis(array, 0, -1)
    path = tiff(
        stored,
        byteorder=order,
        photometric=photometric,
        planarconfig=planar,
        extrasamples=[alpha],
    )
    found = read_array(path)
    colours, opacity = array[:-1].astype(float), array[-1] / white
    parts = colours if alpha == "assocalpha" else colours * opacity
    expected = (parts + white * (1 - opacity)) * (found.white / white)
    expected = expected[0] if channels == 2 else expected
    assert np.abs(found.array - expected).max() <= (1 if found.white == 65535 else 3)
    assert ON_WHITE in found.notices


@pytest.mark.parametrize("kind", ["u4", "i2", "f4", "f8"])
def test_transparency_of_numbers_without_a_white_is_left_out(tiff, kind):
    array = numbers(kind, 2, ROWS, COLUMNS)
    path = tiff(
        array, photometric="minisblack", planarconfig="separate", extrasamples=["unassalpha"]
    )
    found = read_array(path)
    np.testing.assert_array_equal(found.array, array[0])
    assert NO_ALPHA in found.notices


@pytest.mark.parametrize("kind", WHITES)
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("order", ORDERS)
def test_cmyk_in_planes_is_cmyk_in_pixels(tiff, kind, planar, order):
    array = numbers(kind, 4, ROWS, COLUMNS)
    stored = array if planar == "separate" else np.moveaxis(array, 0, -1)
    path = tiff(stored, photometric="separated", planarconfig=planar, byteorder=order)
    eight = np.moveaxis(array if kind == "u1" else array // 256, 0, -1).astype(np.uint8)
    picture = Image.frombytes("CMYK", (COLUMNS, ROWS), eight.tobytes()).convert("RGB")
    np.testing.assert_array_equal(read_array(path).array, np.moveaxis(np.asarray(picture), -1, 0))


def directory(order, tags, data):
    """A TIFF file of one directory; `tags` give lists of numbers, the offsets are filled in."""
    tags = {**tags, 273: [8 + sum(map(len, data[:n])) for n in range(len(data))]}
    tags[279] = [*map(len, data)]
    end = 8 + sum(map(len, data))
    tables, entries = b"", b""
    for tag, values in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(values)}I", *values)
        entries += struct.pack(f"{order}HHI", tag, 4, len(values))
        entries += packed if len(values) == 1 else struct.pack(f"{order}I", end + len(tables))
        tables += packed if len(values) > 1 else b""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", end + len(tables))
    count = struct.pack(f"{order}H", len(tags))
    return b"".join((head, *data, tables, count, entries, bytes(4)))


def tags(columns, rows, bits, **others):
    names = {"photometric": 262, "samples": 277, "planes": 284, "fill": 266, "kind": 339}
    names |= {"method": 259, "extras": 338, "predictor": 317, "palette": 320, "turned": 274}
    found = {256: [columns], 257: [rows], 258: [bits], 278: [rows]}
    return found | {names[name]: np.atleast_1d(value).tolist() for name, value in others.items()}


def packed(array, bits):
    """Rows of samples of so many bits, each row filled up to whole bytes."""
    ones = (array[..., None] >> np.arange(bits)[::-1]) & 1
    return np.packbits(ones.reshape(len(array), -1).astype(np.uint8), axis=1).tobytes()


def reversed_bits(data):
    return bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("bits", range(1, 17))
@pytest.mark.parametrize("from_white", [False, True])
@pytest.mark.parametrize("fill", [1, 2])
@pytest.mark.parametrize("planes", [1, 2])
def test_grey_of_any_number_of_bits(tmp_path, order, bits, from_white, fill, planes):
    array = np.random.default_rng(0).integers(0, 2**bits, (5, 7))
    data = array.astype(f"{order}u2").tobytes() if bits == 16 else packed(array, bits)
    data = reversed_bits(data) if fill == 2 else data
    found = tags(7, 5, bits, photometric=1 - from_white, fill=fill, planes=planes)
    (tmp_path / "a.tif").write_bytes(directory(order, found, [data]))
    file = read_array(tmp_path / "a.tif")
    white = 2**bits - 1
    step = {2: 85, 4: 17}.get(bits, 1)
    np.testing.assert_array_equal(file.array, step * (white - array if from_white else array))
    assert file.white == (None if bits == 1 else step * white)


@pytest.mark.parametrize("samples", [1, 3])
def test_what_is_not_said_of_colours_is_taken_as_libtiff_does(tmp_path, samples):
    array = numbers("u1", 5, 7, samples)
    found = tags(7, 5, 8, samples=samples)
    (tmp_path / "a.tif").write_bytes(directory("<", found, [array.tobytes()]))
    expected = array[..., 0] if samples == 1 else np.moveaxis(array, -1, 0)
    np.testing.assert_array_equal(read_array(tmp_path / "a.tif").array, expected)


@pytest.mark.parametrize("bits", [1, 2, 4, 8])
@pytest.mark.parametrize("planes", [1, 2])
def test_a_palette_in_planes_gives_its_colours(tmp_path, bits, planes):
    array = np.random.default_rng(0).integers(0, 2**bits, (5, 7))
    palette = np.random.default_rng(1).integers(0, 256, (3, 2**bits))
    found = tags(7, 5, bits, photometric=3, planes=planes, palette=(palette * 257).ravel())
    (tmp_path / "a.tif").write_bytes(directory("<", found, [packed(array, bits)]))
    np.testing.assert_array_equal(read_array(tmp_path / "a.tif").array, palette[:, array])


@pytest.mark.parametrize("planes", [1, 2])
def test_lab_in_planes_has_the_same_colours(tmp_path, planes):
    array = numbers("u1", 5, 7, 3)
    data = [array.tobytes()] if planes == 1 else [array[..., n].tobytes() for n in range(3)]
    found = tags(7, 5, 8, photometric=8, samples=3, planes=planes)
    (tmp_path / "a.tif").write_bytes(directory("<", found, data))
    Image.frombytes("LAB", (7, 5), array.tobytes(), "raw", "LAB").save(tmp_path / "b.tif")
    assert read_array(tmp_path / "a.tif").array.shape == (3, 5, 7)
    np.testing.assert_array_equal(
        read_array(tmp_path / "a.tif").array, read_array(tmp_path / "b.tif").array
    )


@pytest.mark.parametrize("turned", range(1, 9))
def test_numbers_stand_as_pictures_do(tiff, turned):
    array = numbers("u1", ROWS, COLUMNS)
    orientation = [(274, "H", 1, turned, True)]
    upright = read_array(tiff(array, photometric="minisblack", extratags=orientation)).array
    wide = tiff(array.astype("f8"), photometric="minisblack", extratags=orientation)
    np.testing.assert_array_equal(read_array(wide).array, upright)


@pytest.mark.parametrize("kind", ["u4", "f8"])
def test_the_first_of_several_images_is_told(tiff, kind):
    path = tiff(numbers(kind, 3, ROWS, COLUMNS), photometric="minisblack")
    assert read_array(path).notices == ("the first of several frames",)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("big", [False, True])
def test_large_files_have_offsets_of_64_bits(tiff, order, big):
    array = numbers("f8", ROWS, COLUMNS)
    path = tiff(array, photometric="minisblack", byteorder=order, bigtiff=big)
    np.testing.assert_array_equal(read_array(path).array, array)


def test_whole_numbers_of_64_bits_say_that_they_are_rounded(tiff):
    path = tiff(numbers("u8", ROWS, COLUMNS), photometric="minisblack")
    assert read_array(path).notices == ("integers beyond 2^53 are rounded",)


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

"""Every kind of TIFF file is read as tifffile reads it, or refused by what it holds."""

import numpy as np
import pytest
import tifffile
from PIL import Image
from tiff_files import directory, numbers, packed, reversed_bits, tags, write_tiff

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


@pytest.fixture
def tiff(tmp_path):
    return lambda array, **options: write_tiff(tmp_path / "a.tif", array, **options)


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

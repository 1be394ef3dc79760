"""Images keep their values, stand upright, and lie on white."""

import sys
import threading

import numpy as np
import pytest
from PIL import Image, ImageOps

from convviz.engine.resample import SCALINGS, scale_to
from convviz.files.errors import FileError
from convviz.files.images import MAX_PIXELS, to_grey
from convviz.files.read import read_array

GREY = np.array([[0, 1, 128], [254, 255, 77]], dtype=np.uint8)
COLOUR = np.stack([GREY, GREY.T.reshape(2, 3), GREY[::-1]], axis=-1)
DEEP = GREY.astype(np.uint16) * 257
FLOATS = GREY.astype(np.float32) / 7 - 3


@pytest.fixture
def saved(tmp_path):
    def save(image, name, **options):
        path = tmp_path / name
        image.save(path, **options)
        return path

    return save


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "gif", "pgm"])
def test_grey_of_8_bits_keeps_its_values(saved, suffix):
    file = read_array(saved(Image.fromarray(GREY), f"a.{suffix}"))
    assert file.array.dtype == np.float64
    np.testing.assert_array_equal(file.array, GREY)
    assert file.notices == ()


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "ppm"])
def test_colours_keep_their_values_as_three_channels(saved, suffix):
    file = read_array(saved(Image.fromarray(COLOUR), f"a.{suffix}"))
    np.testing.assert_array_equal(file.array, np.moveaxis(COLOUR, -1, 0))


@pytest.mark.parametrize("suffix", ["jpg", "webp"])
def test_lossy_formats_come_close(saved, suffix):
    smooth = np.linspace(0, 255, 64 * 64).reshape(64, 64).astype(np.uint8)
    image = Image.merge("RGB", [Image.fromarray(smooth)] * 3)
    file = read_array(saved(image, f"a.{suffix}", quality=95))
    assert file.array.shape == (3, 64, 64)
    assert abs(file.array - smooth).mean() < 2


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_grey_of_16_bits_keeps_its_values(saved, suffix):
    file = read_array(saved(Image.fromarray(DEEP), f"a.{suffix}"))
    np.testing.assert_array_equal(file.array, DEEP)


def test_floats_stay_floats_of_32_bits(saved):
    file = read_array(saved(Image.fromarray(FLOATS), "a.tif"))
    assert file.array.dtype == np.float32
    np.testing.assert_array_equal(file.array, FLOATS)


def test_whole_numbers_of_32_bits_keep_their_values(saved):
    wide = GREY.astype(np.int32) * 100_000 - 5
    np.testing.assert_array_equal(read_array(saved(Image.fromarray(wide), "a.tif")).array, wide)


def test_floats_that_are_no_numbers_are_refused(saved):
    with pytest.raises(FileError, match=r"it holds NaN or infinity, first at \[0, 1\]"):
        read_array(saved(Image.fromarray(np.array([[1, np.nan]], np.float32)), "a.tif"))


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "gif", "pbm"])
def test_black_and_white_of_1_bit_is_0_and_1(saved, suffix):
    image = Image.fromarray(GREY > 100)
    if suffix == "gif":
        image = image.convert("L").point(lambda value: value // 255)
    np.testing.assert_array_equal(read_array(saved(image, f"a.{suffix}")).array, GREY > 100)


def test_a_palette_gives_its_colours(saved):
    image = Image.new("P", (2, 1))
    image.putpalette([10, 20, 30, 40, 50, 60])
    image.putdata([0, 1])
    assert read_array(saved(image, "a.png")).array.tolist() == [[[10, 40]], [[20, 50]], [[30, 60]]]


def test_a_palette_of_greys_gives_a_grey_image(saved):
    image = Image.new("P", (2, 1))
    image.putpalette([10, 10, 10, 40, 40, 40, 1, 2, 3])
    image.putdata([0, 1])
    assert read_array(saved(image, "a.png")).array.tolist() == [[10, 40]]


def test_cmyk_is_shown_as_it_looks(saved):
    image = Image.new("CMYK", (1, 1), (255, 0, 0, 0))
    assert read_array(saved(image, "a.tif")).array.ravel().tolist() == [0, 255, 255]


def test_lab_is_shown_as_it_looks(saved):
    image = Image.new("LAB", (1, 1), (0, 128, 128))
    assert read_array(saved(image, "a.tif")).array.max() < 3


WHITE = ("its transparent parts are laid over white",)
TRANSPARENT = {
    "RGBA": (Image.new("RGBA", (1, 1), (0, 0, 0, 0)), {}, [255, 255, 255], WHITE),
    "half": (Image.new("RGBA", (1, 1), (0, 100, 0, 128)), {}, [127, 177, 127], WHITE),
    "opaque": (Image.new("RGBA", (1, 1), (9, 8, 7, 255)), {}, [9, 8, 7], ()),
    "LA": (Image.new("LA", (1, 1), (0, 0)), {}, [255], WHITE),
    "LA, opaque": (Image.new("LA", (1, 1), (7, 255)), {}, [7], ()),
    "a grey is transparent": (Image.new("L", (1, 1), 9), {"transparency": 9}, [255], WHITE),
    "another grey is": (Image.new("L", (1, 1), 9), {"transparency": 8}, [9], ()),
    "black of 1 bit": (Image.new("1", (1, 1), 0), {"transparency": 0}, [1], WHITE),
    "16 bits": (Image.new("I;16", (1, 1), 9), {"transparency": 9}, [65535], WHITE),
    "a colour": (
        Image.new("RGB", (1, 1), (1, 2, 3)),
        {"transparency": (1, 2, 3)},
        [255] * 3,
        WHITE,
    ),
    "palette": (Image.new("P", (1, 1), 0), {"transparency": 0}, [255], WHITE),
}


@pytest.mark.parametrize(
    ("image", "options", "expected", "notices"), TRANSPARENT.values(), ids=TRANSPARENT
)
def test_transparent_parts_lie_on_white(saved, image, options, expected, notices):
    file = read_array(saved(image, "a.png", **options))
    assert file.array.ravel().tolist() == expected
    assert file.notices == notices


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("suffix", ["png", "tif", "webp"])
def test_the_orientation_of_a_camera_is_honoured(saved, orientation, suffix):
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if suffix == "webp" else {}
    path = saved(Image.fromarray(COLOUR), f"a.{suffix}", exif=exif, **options)
    turned = np.asarray(ImageOps.exif_transpose(Image.open(path)))
    np.testing.assert_array_equal(read_array(path).array, np.moveaxis(turned, -1, 0))
    assert (read_array(path).array.shape == (3, 3, 2)) == (orientation >= 5)


@pytest.mark.parametrize("suffix", ["gif", "png", "webp", "tif"])
def test_the_first_frame_of_several_is_read_and_told(saved, suffix):
    frames = [Image.new("L", (4, 3), value) for value in (0, 100, 200)]
    path = saved(frames[0], f"a.{suffix}", save_all=True, append_images=frames[1:])
    file = read_array(path)
    assert file.notices == ("the first of several frames",)
    assert file.array.max() == 0
    assert file.array.shape[-2:] == (3, 4)


def test_too_many_pixels_are_refused_before_they_are_decoded(saved):
    path = saved(Image.new("1", (5000, MAX_PIXELS // 5000 + 1)), "a.png")
    with pytest.raises(FileError) as error:
        read_array(path)
    assert error.value.reason == "it has more than 20 million pixels; scale it down first"


def test_a_decompression_bomb_is_refused(saved):
    path = saved(Image.new("1", (20_000, 20_000)), "a.png")
    with pytest.raises(FileError, match="it has more than 20 million pixels"):
        read_array(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "gif", "tif", "bmp", "webp"])
def test_a_file_that_is_cut_short_is_refused(saved, suffix):
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    path = saved(Image.fromarray(noise), f"a.{suffix}")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(FileError) as error:
        read_array(path)
    assert str(error.value).startswith(f"{path}: it is damaged, or not a")
    assert str(error.value).endswith(f"; save it again as {'TIFF' if suffix == 'tif' else 'PNG'}")


def test_a_wrong_checksum_of_pixels_is_noticed(saved):
    path = saved(Image.fromarray(GREY), "a.png")
    data = bytearray(path.read_bytes())
    data[data.index(b"IEND") - 5] ^= 1
    path.write_bytes(data)
    with pytest.raises(FileError):
        read_array(path)


def test_a_damaged_tiff_prints_nothing(saved, capfd):
    path = saved(Image.fromarray(COLOUR), "a.tif", compression="tiff_lzw")
    path.write_bytes(path.read_bytes().replace(b"\x80", b"\xff"))
    with pytest.raises(FileError):
        read_array(path)
    sys.stderr.write("still here")
    assert capfd.readouterr() == ("", "still here")


def test_images_are_read_in_threads(saved):
    path = saved(Image.fromarray(COLOUR), "a.tif")
    read = []
    threads = [threading.Thread(target=lambda: read.append(read_array(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all((file.array == read[0].array).all() for file in read)
    assert len(read) == 8


def test_grey_is_pillows_grey_within_one():
    colours = np.random.default_rng(0).integers(0, 256, (50, 50, 3), dtype=np.uint8)
    ours = to_grey(np.moveaxis(colours, -1, 0).astype(float))
    assert abs(ours - np.asarray(Image.fromarray(colours).convert("L"))).max() < 1


def test_grey_is_not_rounded_and_white_stays_white():
    assert to_grey(np.array([1.0, 0, 0]).reshape(3, 1, 1)) == 0.299
    assert to_grey(np.full((3, 1, 1), 255.0)) == pytest.approx(255, abs=1e-12)
    assert to_grey(np.ones((3, 2, 2), np.float32)).dtype == np.float32


@pytest.mark.parametrize("shape", [(2, 3), (1, 2, 3), (3, 2, 3)])
def test_grey_has_rows_and_columns(shape):
    assert to_grey(np.ones(shape)).shape == (2, 3)


@pytest.mark.parametrize("shape", [(5,), (2, 4, 4), (4, 4, 3), (1, 3, 4, 4)])
def test_what_is_no_image_has_no_grey(shape):
    with pytest.raises(ValueError, match="neither 1 nor 3 channels"):
        to_grey(np.ones(shape))


def test_area_averages_whole_cells():
    image = np.arange(24.0).reshape(4, 6)
    np.testing.assert_array_equal(scale_to(image, 2, 3), [[3.5, 5.5, 7.5], [15.5, 17.5, 19.5]])


def test_area_averages_parts_of_cells():
    np.testing.assert_allclose(scale_to(np.array([[0.0, 3.0, 6.0]]), 1, 2), [[1, 5]])
    np.testing.assert_allclose(scale_to(np.array([[0.0, 3.0]]), 1, 3), [[0, 1.5, 3]])


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (7, 11), (14, 22), (30, 9)])
def test_area_keeps_the_mean_and_nearest_the_values(size):
    image = np.random.default_rng(0).normal(size=(3, 14, 11))
    averaged, picked = scale_to(image, *size), scale_to(image, *size, method="nearest")
    assert averaged.shape == picked.shape == (3, *size)
    np.testing.assert_allclose(averaged.mean(axis=(1, 2)), image.mean(axis=(1, 2)))
    assert np.isin(picked, image).all()


@pytest.mark.parametrize("method", SCALINGS)
def test_the_same_size_is_the_same_image(method):
    np.testing.assert_allclose(scale_to(FLOATS, 2, 3, method=method), FLOATS, rtol=1e-6)
    assert scale_to(FLOATS, 1, 2, method=method).dtype == np.float32


def test_nearest_agrees_with_pillow():
    image = np.random.default_rng(0).integers(0, 256, (17, 23)).astype(np.uint8)
    pillow = np.asarray(Image.fromarray(image).resize((9, 5), Image.Resampling.NEAREST))
    np.testing.assert_array_equal(scale_to(image, 5, 9, method="nearest"), pillow)


def test_an_image_has_at_least_one_cell():
    with pytest.raises(ValueError, match="cannot have 0 rows and 5 columns"):
        scale_to(GREY, 0, 5)


@pytest.mark.parametrize(
    ("pixels", "suffix", "white"),
    [
        (GREY, "png", 255),
        (COLOUR, "png", 255),
        (DEEP, "png", 65535),
        (DEEP, "tif", 65535),
        (FLOATS, "tif", None),
        (GREY > 100, "png", None),
    ],
    ids=str,
)
def test_the_white_of_a_picture_is_known_by_its_bits(saved, pixels, suffix, white):
    assert read_array(saved(Image.fromarray(pixels), f"a.{suffix}")).white == white


@pytest.mark.parametrize(
    ("mode", "suffix"),
    [
        *(("P", "png"), ("LA", "png"), ("RGBA", "png"), ("CMYK", "jpg"), ("YCbCr", "jpg")),
        *((mode, "tif") for mode in ("P", "LA", "PA", "RGBA", "CMYK", "YCbCr")),
    ],
)
def test_every_mode_looks_as_pillow_shows_it_on_white(saved, mode, suffix):
    colours = np.random.default_rng(1).integers(0, 256, (9, 11, 3), dtype=np.uint8)
    path = saved(Image.fromarray(colours).convert(mode), f"a.{suffix}")
    with Image.open(path) as image:
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image.convert("RGBA"))
        expected = np.moveaxis(np.asarray(paper.convert("RGB")), -1, 0)
    array = read_array(path).array
    np.testing.assert_array_equal(array, expected if array.ndim == 3 else expected[0])

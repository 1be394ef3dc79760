"""AVIF is read; pictures of other kinds are called by what they are, with a way that works."""

import io
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, features

from convviz.files.errors import FileError
from convviz.files.read import find_format, read_array

PICTURES = Path(__file__).parent / "pictures"
COLOURS = np.random.default_rng(0).integers(0, 256, (24, 16, 3), dtype=np.uint8)


def encoded(kind, mode="RGB", **options):
    data = io.BytesIO()
    Image.fromarray(COLOURS).convert(mode).save(data, kind, **options)
    return data.getvalue()


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA"])
def test_avif_is_as_pillow_shows_it(tmp_path, mode):
    data = encoded("AVIF", mode, quality=90)
    (tmp_path / "a.avif").write_bytes(data)
    file = read_array(tmp_path / "a.avif")
    pixels = np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))
    shown = np.moveaxis(pixels, -1, 0) if mode != "L" else pixels[..., 0]
    np.testing.assert_array_equal(file.array, shown)
    assert file.notices == ()
    assert file.white == 255


def test_transparent_avif_lies_on_white(tmp_path):
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    image.save(tmp_path / "a.avif", quality=100)
    file = read_array(tmp_path / "a.avif")
    assert file.array.min() == 255
    assert file.notices == ("its transparent parts are laid over white",)


@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_avif_of_a_camera_stands_upright(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    (tmp_path / "a.avif").write_bytes(encoded("AVIF", exif=exif))
    turned = (3, 24, 16) if orientation == 3 else (3, 16, 24)
    assert read_array(tmp_path / "a.avif").array.shape == turned


def test_the_first_frame_of_avif_is_told(tmp_path):
    frames = [Image.new("RGB", (16, 16), (value, 0, 0)) for value in (0, 100)]
    frames[0].save(tmp_path / "a.avif", save_all=True, append_images=frames[1:])
    assert read_array(tmp_path / "a.avif").notices == ("the first of several frames",)


@pytest.mark.parametrize(("name", "bits"), [("colours-of-10-bits", 10), ("grey-of-10-bits", 10)])
def test_avif_of_more_bits_says_that_it_loses_them(name, bits):
    assert (
        f"colours of {bits} bits are read as 8 bits"
        in read_array(PICTURES / f"{name}.avif").notices
    )


def test_avif_of_12_bits_says_that_it_loses_them():
    file = read_array(PICTURES / "colours-of-12-bits.avif")
    assert file.notices == ("colours of 12 bits are read as 8 bits",)


@pytest.mark.parametrize(
    "brands", [b"avif\0\0\0\0avifmif1", b"mif1\0\0\0\0mif1avif", b"avis\0\0\0\0"]
)
def test_every_brand_of_avif_is_avif(brands):
    assert find_format(b"\0\0\0\x1cftyp" + brands, ".jpg").name == "an AVIF image"


def test_avif_that_is_cut_short_is_damaged(tmp_path):
    data = encoded("AVIF")
    (tmp_path / "a.avif").write_bytes(data[: len(data) // 2])
    with pytest.raises(FileError, match="it is damaged, or not an AVIF image"):
        read_array(tmp_path / "a.avif")


def test_a_pillow_without_avif_says_how_to_get_one(monkeypatch):
    monkeypatch.setattr(features, "check", lambda name: name != "avif")
    with pytest.raises(FileError, match="this Pillow reads no AVIF; python -m pip install --up"):
        read_array(PICTURES / "colours-of-10-bits.avif")


NAMED = {
    "a HEIC picture, as phones take": [
        b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
        b"\0\0\0\x18ftypheix\0\0\0\0mif1heix",
        b"\0\0\0\x18ftyphevc\0\0\0\0hevcmsf1",
        b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic",
        b"\0\0\0\x18ftypmsf1\0\0\0\0msf1hevc",
    ],
    "a JPEG XL picture": [b"\xff\x0a\0\0", b"\0\0\0\x0cJXL \r\n\x87\n"],
    "a JPEG 2000 picture": [b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51\0\0"],
    "a Photoshop document": [b"8BPS\0\1"],
    "a QOI picture": [b"qoif\0\0\0\1"],
    "a Windows icon": [b"\0\0\1\0\1\0", b"\0\0\2\0\1\0"],
}


@pytest.mark.parametrize(
    ("name", "head"), [(name, head) for name, heads in NAMED.items() for head in heads]
)
@pytest.mark.parametrize("suffix", [".heic", ".jpg", ".png", ""])
def test_other_pictures_are_called_by_what_they_are(tmp_path, name, head, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(head + bytes(100))
    with pytest.raises(FileError) as error:
        read_array(path)
    assert error.value.reason.startswith(f"it is {name}; convert it: python -")
    assert error.value.reason.endswith(str(path))


@pytest.mark.parametrize("name", ["photo.heic", "picture.jxl"])
def test_the_way_out_names_its_package(name):
    with pytest.raises(
        FileError, match=r"convert it: python -m pip install pillow-.*, then python"
    ):
        read_array(PICTURES / name)


@pytest.mark.parametrize(
    ("kind", "suffix"), [("JPEG2000", "jp2"), ("JPEG2000", "j2k"), ("ICO", "ico"), ("TGA", "tga")]
)
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_what_the_way_out_makes_is_read(tmp_path, kind, suffix, mode):
    path = tmp_path / f"it's.{suffix}"
    path.write_bytes(encoded(kind, mode))
    with pytest.raises(FileError) as error:
        read_array(path)
    _, *arguments = shlex.split(error.value.reason.split("convert it: ")[1])
    subprocess.run([sys.executable, *arguments], check=True, timeout=60)
    with Image.open(path) as image:
        assert read_array(f"{path}.tif").array.shape[-2:] == image.size[::-1]

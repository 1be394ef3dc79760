"""Every kind of PNG file, by the tables of its specification; BMP, GIF and WebP by their bits."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from convviz.files.read import read_array

ROWS, COLUMNS = 5, 9
GREY, COLOURS, PALETTE, GREY_ALPHA, COLOURS_ALPHA = 0, 2, 3, 4, 6
SAMPLES = {GREY: 1, COLOURS: 3, PALETTE: 1, GREY_ALPHA: 2, COLOURS_ALPHA: 4}
KINDS = [
    *((GREY, bits) for bits in (1, 2, 4, 8, 16)),
    *((PALETTE, bits) for bits in (1, 2, 4, 8)),
    *((kind, bits) for kind in (COLOURS, GREY_ALPHA, COLOURS_ALPHA) for bits in (8, 16)),
]
COARSE = "colours of 16 bits are read as 8 bits"
ON_WHITE = "its transparent parts are laid over white"


def chunk(name, content):
    check = struct.pack(">I", zlib.crc32(name + content))
    return struct.pack(">I", len(content)) + name + content + check


def png(array, kind, bits, before=b""):
    """A PNG file of samples (rows, columns, samples), written by its specification."""
    rows, columns, _ = array.shape
    if bits == 16:
        lines = [row.astype(">u2").tobytes() for row in array]
    else:
        ones = (array.reshape(rows, -1, 1) >> np.arange(bits)[::-1]) & 1
        packed = np.packbits(ones.reshape(rows, -1).astype(np.uint8), axis=1)
        lines = [row.tobytes() for row in packed]
    header = struct.pack(">IIBBBBB", columns, rows, bits, kind, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + line for line in lines))
    parts = chunk(b"IHDR", header), before, chunk(b"IDAT", pixels), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def samples(kind, bits):
    return np.random.default_rng(0).integers(0, 2**bits, (ROWS, COLUMNS, SAMPLES[kind]))


def palette(bits):
    colours = np.random.default_rng(1).integers(0, 256, (2**bits, 3))
    return colours, chunk(b"PLTE", colours.astype(np.uint8).tobytes())


@pytest.fixture
def read(tmp_path):
    def read_bytes(data):
        (tmp_path / "a.png").write_bytes(data)
        return read_array(tmp_path / "a.png")

    return read_bytes


@pytest.mark.parametrize(("kind", "bits"), KINDS)
def test_every_kind_has_the_numbers_of_the_specification(read, kind, bits):
    array = samples(kind, bits)
    if kind in (GREY_ALPHA, COLOURS_ALPHA):
        array[..., -1] = 2**bits - 1
    colours, table = palette(bits) if kind == PALETTE else (None, b"")
    file = read(png(array, kind, bits, table))
    if kind == PALETTE:
        expected = np.moveaxis(colours[array[..., 0]], -1, 0)
    elif kind in (GREY, GREY_ALPHA):
        expected = array[..., 0] * {2: 85, 4: 17}.get(bits, 1)
    else:
        expected = np.moveaxis(array[..., :3], -1, 0)
    is_coarse = bits == 16 and kind != GREY
    np.testing.assert_array_equal(file.array, expected // 256 if is_coarse else expected)
    assert file.notices == ((COARSE,) if is_coarse else ())
    assert file.white == {1: None, 16: 65535}.get(bits if kind == GREY else 8, 255)


@pytest.mark.parametrize("bits", [1, 2, 4, 8, 16])
def test_the_one_transparent_grey_is_white(read, bits):
    array = samples(GREY, bits)
    chosen = int(array[0, 0, 0])
    file = read(png(array, GREY, bits, chunk(b"tRNS", struct.pack(">H", chosen))))
    step, white = {2: 85, 4: 17}.get(bits, 1), {1: 1, 16: 65535}.get(bits, 255)
    expected = np.where(array == chosen, white, array * step)[..., 0]
    np.testing.assert_array_equal(file.array, expected)
    assert file.notices == (ON_WHITE,)


def test_the_one_transparent_colour_of_8_bits_is_white(read):
    array = samples(COLOURS, 8)
    file = read(png(array, COLOURS, 8, chunk(b"tRNS", struct.pack(">3H", *array[1, 2]))))
    assert file.array[:, 1, 2].tolist() == [255] * 3
    assert file.array[:, 0, 0].tolist() == array[0, 0].tolist()
    assert file.notices == (ON_WHITE,)


@pytest.mark.parametrize("chosen", [(5, 6, 7), (1280, 1536, 1792), (0, 0, 0), (65535, 0, 65535)])
def test_a_transparent_colour_of_16_bits_makes_no_other_one_transparent(read, chosen):
    """Its upper bytes alone are those of other colours, and itself it may be none of 8 bits."""
    array = np.array([[[5, 6, 7], [1280, 1536, 1792], [1281, 1537, 1793], [0, 1, 2]]])
    file = read(png(array, COLOURS, 16, chunk(b"tRNS", struct.pack(">3H", *chosen))))
    np.testing.assert_array_equal(file.array, np.moveaxis(array // 256, -1, 0))
    assert file.notices == ("its transparency is left out", COARSE)


@pytest.mark.parametrize("kind", [GREY_ALPHA, COLOURS_ALPHA])
@pytest.mark.parametrize("bits", [8, 16])
def test_transparency_of_each_pixel_is_laid_over_white(read, kind, bits):
    array, white = samples(kind, bits), 2**bits - 1
    file = read(png(array, kind, bits))
    colours, opacity = array[..., :-1], array[..., -1:] / white
    shown = (colours * opacity + white * (1 - opacity)) * (255 / white)
    expected = shown[..., 0] if kind == GREY_ALPHA else np.moveaxis(shown, -1, 0)
    assert np.abs(file.array - expected).max() <= 1 + (bits == 16)
    assert ON_WHITE in file.notices


def bitmap(bits, rows, table=b"", masks=b""):
    """A BMP file with its rows from top to bottom."""
    header = struct.pack(
        "<IiiHHIIiiII", 40, COLUMNS, -ROWS, 1, bits, 3 if masks else 0, 0, 0, 0, 0, 0
    )
    before = header + masks + table
    head = b"BM" + struct.pack("<IHHI", 14 + len(before) + len(rows), 0, 0, 14 + len(before))
    return head + before + rows


@pytest.mark.parametrize("bits", [24, 32])
def test_bitmaps_have_blue_first(read, bits):
    array = np.random.default_rng(0).integers(0, 256, (ROWS, COLUMNS, bits // 8), dtype=np.uint8)
    lines = b"".join(row.tobytes() + bytes(-row.size % 4) for row in array)
    expected = np.moveaxis(array[..., 2::-1], -1, 0)
    np.testing.assert_array_equal(read(bitmap(bits, lines)).array, expected)


@pytest.mark.parametrize("green", [5, 6])
def test_bitmaps_of_16_bits_have_5_or_6_bits_a_colour(read, green):
    array = np.random.default_rng(0).integers(0, 2 ** (10 + green), (ROWS, COLUMNS), dtype="<u2")
    lines = b"".join(row.tobytes() + bytes(-row.nbytes % 4) for row in array)
    widths, places = (5, green, 5), (5 + green, 5, 0)
    masks = [(2**wide - 1) << at for wide, at in zip(widths, places, strict=True)]
    file = read(bitmap(16, lines, masks=struct.pack("<3I", *masks)))
    for band, (wide, at) in enumerate(zip(widths, places, strict=True)):
        levels = (array >> at) & (2**wide - 1)
        np.testing.assert_allclose(file.array[band], levels * 255 / (2**wide - 1), atol=1)


@pytest.mark.parametrize(
    ("mode", "kind", "options"),
    [
        ("L", "GIF", {}),
        ("L", "BMP", {}),
        ("RGB", "WEBP", {"lossless": True}),
        ("RGBA", "WEBP", {"lossless": True, "exact": True}),
        ("L", "TIFF", {}),
        ("1", "TIFF", {"compression": "group4"}),
        ("CMYK", "JPEG", {"quality": 100}),
        ("L", "JPEG", {"quality": 100}),
    ],
)
def test_other_kinds_look_as_pillow_shows_them_on_white(read, mode, kind, options):
    pixels = np.random.default_rng(0).integers(0, 256, (ROWS, COLUMNS, 3), dtype=np.uint8)
    data = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(data, kind, **options)
    with Image.open(data) as image:
        paper = Image.new("RGBA", image.size, "white")
        paper.alpha_composite(image.convert("RGBA"))
    shown = np.moveaxis(np.asarray(paper.convert("RGB")), -1, 0)
    array = read(data.getvalue()).array
    shown = shown // 255 if mode == "1" else shown
    np.testing.assert_array_equal(array, shown if array.ndim == 3 else shown[0])

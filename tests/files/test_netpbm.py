"""PBM, PGM, PPM, PAM and PFM files hold the numbers that are written in them."""

import time

import numpy as np
import pytest
from PIL import Image

from convviz.files.errors import FileError
from convviz.files.read import read_array


@pytest.fixture
def read(tmp_path):
    def read_bytes(data, name="a.pnm"):
        (tmp_path / name).write_bytes(data)
        return read_array(tmp_path / name)

    return read_bytes


PLAIN = {
    "bits, where 1 is black": (b"P1\n3 2\n0 1 0\n1 1 1\n", [[1, 0, 1], [0, 0, 0]], None),
    "bits without gaps": (b"P1 3 2 010111", [[1, 0, 1], [0, 0, 0]], None),
    "levels up to 9, as typed": (b"P2\n3 1\n9\n0 4 9\n", [[0, 4, 9]], 9),
    "levels up to 15": (b"P2 # feep\n# two\n3 1 15\n0 7 15", [[0, 7, 15]], 15),
    "levels of 8 bits": (b"P2 3 1 255\n0 7 255", [[0, 7, 255]], 255),
    "levels of 10 bits": (b"P2 3 1 1023\n0 7 1023", [[0, 7, 1023]], 1023),
    "levels of 16 bits": (b"P2 3 1 65535\n0 7 65535", [[0, 7, 65535]], 65535),
    "levels with a comment": (b"P2 3 1 9\n0 #1 2\n4 9", [[0, 4, 9]], 9),
    "0 and 1": (b"P2 3 1 1\n0 1 1", [[0, 1, 1]], None),
    "colours": (b"P3 1 1 100\n0 7 100", [[[0]], [[7]], [[100]]], 100),
    "colours of 16 bits": (b"P3 1 1 65535\n0 7 65535", [[[0]], [[7]], [[65535]]], 65535),
}
BINARY = {
    "bits": (b"P4\n9 2\n\x80\x80\x7f\0", [[0, *[1] * 7, 0], [1, *[0] * 7, 1]], None),
    "levels of 8 bits": (b"P5\n3 1\n255\n\0\x07\xff", [[0, 7, 255]], 255),
    "levels of 7 bits": (b"P5\n3 1\n100\n\0\x07\x64", [[0, 7, 100]], 100),
    "levels of 10 bits": (b"P5\n2 1\n1023\n\0\x07\x03\xff", [[7, 1023]], 1023),
    "levels of 16 bits": (b"P5\n2 1\n65535\n\0\x07\x03\xff", [[7, 1023]], 65535),
    "levels that begin with a gap": (b"P5\n2 1\n255\n \n", [[32, 10]], 255),
    "colours": (b"P6 1 1 255\n\0\x07\xff", [[[0]], [[7]], [[255]]], 255),
    "colours of 16 bits": (
        b"P6 1 1 65535\n\0\0\x80\x07\x03\xff",
        [[[0]], [[32775]], [[1023]]],
        65535,
    ),
}


def pam(depth, maxval, name, data, columns=1):
    names = f"WIDTH {columns}\nHEIGHT 1\nDEPTH {depth}\nMAXVAL {maxval}\n# more\n"
    return f"P7\n{names}{name and f'TUPLTYPE {name}'}\nENDHDR\n".encode() + data


PAM = {
    "black and white": (pam(1, 1, "BLACKANDWHITE", b"\0\1", 2), [[0, 1]], None),
    "grey": (pam(1, 255, "GRAYSCALE", b"\0\7", 2), [[0, 7]], 255),
    "grey of 12 bits": (pam(1, 4095, "GRAYSCALE", b"\x0f\xff\0\7", 2), [[4095, 7]], 4095),
    "grey, opaque": (pam(2, 255, "GRAYSCALE_ALPHA", b"\7\xff"), [[7]], 255),
    "colours": (pam(3, 255, "RGB", b"\0\7\xff"), [[[0]], [[7]], [[255]]], 255),
    "colours, opaque": (pam(4, 255, "RGB_ALPHA", b"\0\7\x09\xff"), [[[0]], [[7]], [[9]]], 255),
    "channels": (pam(5, 255, "BANDS", b"\1\2\3\4\5"), [[[n]] for n in range(1, 6)], 255),
    "no name": (pam(2, 255, "", b"\1\2"), [[[1]], [[2]]], 255),
}


@pytest.mark.parametrize(
    ("data", "expected", "white"),
    [*PLAIN.values(), *BINARY.values(), *PAM.values()],
    ids=[*PLAIN, *BINARY, *PAM],
)
def test_numbers_are_those_in_the_file(read, data, expected, white):
    file = read(data)
    assert file.array.tolist() == expected
    assert file.white == white
    assert file.notices == ()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (pam(2, 255, "GRAYSCALE_ALPHA", b"\7\0"), [[255]]),
        (pam(2, 65535, "GRAYSCALE_ALPHA", b"\0\7\0\0"), [[65535]]),
        (pam(2, 1, "BLACKANDWHITE_ALPHA", b"\0\0"), [[1]]),
        (pam(4, 255, "RGB_ALPHA", b"\0\7\x09\0"), [[[255]]] * 3),
        (pam(4, 100, "RGB_ALPHA", b"\0\x64\x32\x32"), [[[50]], [[100]], [[75]]]),
    ],
)
def test_transparent_parts_lie_on_white(read, data, expected):
    file = read(data)
    assert file.array.tolist() == expected
    assert file.notices == ("its transparent parts are laid over white",)


@pytest.mark.parametrize("scale", [b"-1.0", b"1", b"+2.5", b"-1e0", b"-0.003906"])
@pytest.mark.parametrize(("magic", "channels"), [(b"Pf", 1), (b"PF", 3)])
def test_floats_lie_from_bottom_to_top(read, scale, magic, channels):
    array = np.arange(6.0 * channels).reshape(3, 2, channels) / 7
    order = "<f4" if float(scale) < 0 else ">f4"
    data = magic + b"\n2 3\n" + scale + b"\n" + array[::-1].astype(order).tobytes()
    file = read(data, "a.pfm")
    expected = np.moveaxis(array, -1, 0) if channels == 3 else array[..., 0]
    np.testing.assert_array_equal(file.array, expected.astype(np.float32))
    assert file.white is None


@pytest.mark.parametrize("mode", ["1", "L", "RGB", "I;16", "F"])
def test_what_pillow_writes_is_read(tmp_path, mode):
    array = np.random.default_rng(0).integers(0, 256, (5, 9, 3), dtype=np.uint8)
    image = Image.fromarray(array).convert(mode if mode != "I;16" else "L")
    if mode == "I;16":
        image = Image.fromarray(array[..., 0].astype(np.uint16) * 257)
    image.save(tmp_path / "b.pnm", format="PPM")
    pixels = np.asarray(image)
    expected = np.moveaxis(pixels, -1, 0) if pixels.ndim == 3 else pixels
    np.testing.assert_array_equal(read_array(tmp_path / "b.pnm").array, expected)


@pytest.mark.parametrize("data", [b"P5\n1 1\n255\n\1", pam(1, 255, "GRAYSCALE", b"\1")])
def test_the_first_of_several_pictures_is_told(read, data):
    assert read(data * 2).notices == ("the first of several frames",)


DAMAGED = {
    "cut short": b"P5\n3 1\n255\n\0\7",
    "cut short, plain": b"P2\n3 1\n255\n0 7",
    "one number, plain": b"P2\n3 1\n255\n0 ",
    "no numbers, plain": b"P2\n3 1\n255\n",
    "cut short, bits": b"P1\n3 1\n01",
    "cut short, floats": b"Pf\n3 1\n-1\n" + bytes(11),
    "words": b"P2\n3 1\n255\n0 seven 9",
    "twos among bits": b"P1\n3 1\n012",
    "negative": b"P2\n3 1\n255\n0 -7 9",
    "larger than the largest": b"P2\n3 1\n9\n0 7 10",
    "bytes larger than the largest": b"P5\n3 1\n9\n\0\7\x0a",
    "no largest": b"P2\n3 1\n0\n0 0 0",
    "a largest beyond 16 bits": b"P2\n3 1\n65536\n0 0 0",
    "no pixels": b"P2\n0 1\n9\n",
    "a header alone": b"P5\n3 1\n",
    "no depth": b"P7\nWIDTH 1\nHEIGHT 1\nMAXVAL 9\nENDHDR\n\1",
    "negative sizes": b"P7\nWIDTH -1\nHEIGHT -1\nDEPTH 1\nMAXVAL 9\nENDHDR\n\1",
    "no end of the header": b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 1\nMAXVAL 9\n\1",
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_what_is_damaged_says_so(read, data):
    with pytest.raises(FileError, match=r"it is damaged, or not a PPM image.*; save it again as"):
        read(data)


@pytest.mark.parametrize(
    "data",
    [
        b"P5\n100000 100000\n255\n",
        b"P2\n20000001 1\n255\n",
        b"P1\n999999999 999999999\n",
        b"PF\n100000 100000\n-1\n",
        pam(4, 255, "RGB_ALPHA", b"", 30_000_000),
    ],
)
def test_more_pixels_than_are_taken_are_refused_by_their_header(read, data):
    with pytest.raises(FileError, match="it has more than 20 million pixels"):
        read(data)


def test_channels_without_end_are_refused(read):
    with pytest.raises(FileError, match="it has more than 67,108,864 samples"):
        read(pam(999_999_999, 255, "", b""))


@pytest.mark.parametrize("header", [b"P5\n" + b"# \n" * 100_000, b"P7\n" + b"WIDTH 1\n" * 50_000])
def test_headers_without_end_are_refused_soon(read, header):
    start = time.process_time()
    with pytest.raises(FileError, match="it is made of more parts than pictures are"):
        read(header)
    assert time.process_time() - start < 1


@pytest.mark.parametrize("head", ["P1\tP2\n1\t2\n", "P1 P2 P3\n1 2 3\n", "Pf Pg\n1 2\n"])
def test_a_table_whose_columns_have_such_names_is_a_table(read, head):
    assert read(head.encode(), "a.tsv").array.tolist()[-1][:2] == [1, 2]

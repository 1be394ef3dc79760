"""Small files that claim to be huge are answered at once, in little memory."""

import io
import re
import struct
import time
import tracemalloc
import zipfile
import zlib

import numpy as np
import pytest
from PIL import Image

from convviz.files.errors import FileError
from convviz.files.read import list_arrays, read_array, read_piped

SECONDS = 2  # of the processor: several times what it takes, a small part of what it took
BYTES = 64 * 2**20
MANY_PARTS = "it is made of more parts than pictures are; save it again as PNG"


def read(path):
    """The array and the notices, or the reason, found in little time."""
    start = time.process_time()
    outcome = outcome_of(path)
    assert time.process_time() - start < SECONDS
    return outcome


def outcome_of(path):
    try:
        found = read_array(path)
    except FileError as error:
        return error.reason
    return found.array.tolist(), found.notices


def read_in_little_memory(path):
    tracemalloc.start()
    outcome = outcome_of(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < BYTES
    return outcome


@pytest.fixture(autouse=True)
def libraries_are_loaded(tmp_path):
    """No clock runs while they are."""
    (tmp_path / "other.png").write_bytes(png())
    read_array(tmp_path / "other.png")


def chunk(name, content):
    return (
        struct.pack(">I", len(content))
        + name
        + content
        + struct.pack(">I", zlib.crc32(name + content))
    )


def png(before=b"", between=b"", after=b""):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\1\2\0\3\4"))
    end = chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + before + between + pixels + after + end


GIF_FRAME = b"\x2c" + struct.pack("<HHHHB", 0, 0, 1, 1, 0) + b"\x02\x02\x44\x01\x00"


def gif(frames=1, comments=0):
    head = b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes([0, 0, 0, 255, 255, 255])
    return head + b"\x21\xfe\x01a\0" * comments + GIF_FRAME * frames + b"\x3b"


def directory(entries, following=0):
    """A directory of a TIFF file: (tag, type, count, value) each, and where the next one is."""
    packed = b"".join(struct.pack("<HHII", *entry) for entry in entries)
    return struct.pack("<H", len(entries)) + packed + struct.pack("<I", following)


ONE_PIXEL = [(tag, 4, 1, 1) for tag in (256, 257, 259, 262, 277, 278, 279)]
ONE_PIXEL = sorted([*ONE_PIXEL, (258, 4, 1, 8), (273, 4, 1, 8)])


def tiff_of_pages(pages):
    size = len(directory(ONE_PIXEL))
    starts = [12 + size * (page + 1) for page in range(pages - 1)] + [0]
    ifds = b"".join(directory(ONE_PIXEL, start) for start in starts)
    return b"II*\0" + struct.pack("<I", 12) + b"\x80\0\0\0" + ifds


def tiff_of_tags(tags, size):
    """Every tag claims the same large part of the file."""
    more = [(40_000 + number, 1, size, 8) for number in range(tags)]
    head = b"II*\0" + struct.pack("<I", 8 + size) + b"\x80" * size
    return head + directory([*ONE_PIXEL, *more])


def npy(header_size, version=2):
    width = {1: "<H", 2: "<I", 3: "<I"}[version]
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack(width, header_size)


def archive(member, size):
    """An NPZ file whose array begins with `member`, followed by `size` zeros."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.npy", member + bytes(size))
    return made.getvalue()


@pytest.mark.parametrize("pages", [2, 50_000])
def test_pages_of_a_tiff_file_are_not_counted(tmp_path, pages):
    (tmp_path / "a.tif").write_bytes(tiff_of_pages(pages))
    assert read(tmp_path / "a.tif") == ([[128]], ("the first of several frames",))


@pytest.mark.parametrize("frames", [2, 300_000])
def test_frames_of_a_gif_file_are_not_counted(tmp_path, frames):
    (tmp_path / "a.gif").write_bytes(gif(frames))
    values, notices = read(tmp_path / "a.gif")
    assert np.shape(values) == (1, 1)
    assert notices == ("the first of several frames",)


@pytest.mark.parametrize("data", [png(), gif(), tiff_of_pages(1)], ids=["PNG", "GIF", "TIFF"])
def test_of_a_single_frame_nothing_is_told(tmp_path, data):
    (tmp_path / "a.png").write_bytes(data)
    assert read(tmp_path / "a.png")[1] == ()


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("name", [b"juNk", b"tEXt", b"IDAT"])
def test_a_png_file_of_chunks_without_end_is_refused(tmp_path, place, name):
    content = b"a\0b" if name == b"tEXt" else b""
    (tmp_path / "a.png").write_bytes(png(**{place: chunk(name, content) * 130_000}))
    assert read(tmp_path / "a.png") == MANY_PARTS


def test_a_png_file_of_many_chunks_is_read(tmp_path):
    (tmp_path / "a.png").write_bytes(png(before=chunk(b"juNk", b"") * 10_000))
    assert read(tmp_path / "a.png")[0] == [[1, 2], [3, 4]]


def test_a_gif_file_of_comments_without_end_is_refused(tmp_path):
    (tmp_path / "a.gif").write_bytes(gif(comments=400_000))
    assert read(tmp_path / "a.gif") == MANY_PARTS


def test_a_tiff_file_whose_tags_claim_it_over_and_over_is_not_read_so_often(tmp_path):
    (tmp_path / "a.tif").write_bytes(tiff_of_tags(2_000, 2**20))
    assert read_in_little_memory(tmp_path / "a.tif") == MANY_PARTS


def test_a_comment_of_a_ppm_file_without_end_is_refused(tmp_path):
    (tmp_path / "a.pgm").write_bytes(b"P5\n#" + b"a" * 400_000 + b"\n1 1 255\na")
    assert read(tmp_path / "a.pgm") == MANY_PARTS


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("claimed", [10_001, 60_000, 2_000_000_000])
def test_a_header_that_claims_to_be_long_is_not_read(tmp_path, version, claimed):
    claimed = min(claimed, 65_535) if version == 1 else claimed
    reason = f"its header has {claimed:,} bytes; at most 10,000 are read"
    (tmp_path / "a.npy").write_bytes(npy(claimed, version) + b" " * 100_000)
    assert read_in_little_memory(tmp_path / "a.npy") == reason
    (tmp_path / "a.npz").write_bytes(archive(npy(claimed, version), 128 * 2**20))
    assert read_in_little_memory(tmp_path / "a.npz") == reason
    (entry,) = list_arrays(tmp_path / "a.npz")
    assert reason in entry.problem


def test_an_archive_whose_contents_are_without_end_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as file:
        for number in range(150):
            file.writestr(f"{'a' * 60_000}{number}.npy", b"")
    assert "it holds more than 10,000 arrays, or names" in read(tmp_path / "a.npz")


def test_what_is_piped_is_bounded_alike():
    with pytest.raises(FileError, match="made of more parts than pictures are"):
        read_piped(gif(comments=400_000), "standard input")
    assert read_piped(png(), "standard input").array.tolist() == [[1, 2], [3, 4]]


@pytest.mark.parametrize("sign", [";", ",", "\n", "\t", " ", '"', "["])
def test_text_of_one_sign_without_end_is_refused_soon(tmp_path, sign):
    (tmp_path / "a.csv").write_text(sign * 2**23)
    assert isinstance(read(tmp_path / "a.csv"), str)


def test_a_table_of_columns_without_end_is_refused_soon(tmp_path):
    (tmp_path / "a.csv").write_text("1," * 2**23 + "1")
    assert "it has more than 1,000,000 cells" in read(tmp_path / "a.csv")


def progressive(scans, size=64, before=b"", after=b""):
    """A JPEG file with its last scan as often as is needed to have so many."""
    made = io.BytesIO()
    Image.new("L", (size, size), 128).save(made, "JPEG", progressive=True)
    data = made.getvalue()
    starts = [found.start() for found in re.finditer(b"\xff\xda", data)]
    more = data[starts[-1] : -2] * (scans - len(starts))
    return data[:2] + before + data[2:-2] + more + b"\xff\xd9" + after


SCANS = b"\xff\xda\0\4\0\0" * 100


@pytest.mark.parametrize("scans", [6, 10, 64])
def test_a_progressive_jpeg_of_some_scans_is_read(tmp_path, scans):
    (tmp_path / "a.jpg").write_bytes(progressive(scans))
    values, notices = read(tmp_path / "a.jpg")
    assert np.shape(values) == (64, 64)
    assert notices == ()


@pytest.mark.parametrize(("scans", "size"), [(65, 8), (65, 4_400), (100_000, 4_400)])
def test_a_progressive_jpeg_of_scans_without_end_is_refused(tmp_path, scans, size):
    (tmp_path / "a.jpg").write_bytes(progressive(scans, size))
    start = time.process_time()
    reason = outcome_of(tmp_path / "a.jpg")
    assert time.process_time() - start < SECONDS
    assert reason == "it is made of more than 64 scans; save it again, not progressive"


@pytest.mark.parametrize(
    "parts",
    [
        {"before": b"\xff\xe1" + struct.pack(">H", 2 + len(SCANS)) + SCANS},
        {"before": b"\xff\xe2" + struct.pack(">H", 2 + len(SCANS)) + SCANS},
        {"before": b"\xff\xfe" + struct.pack(">H", 2 + len(SCANS)) + SCANS},
        {"after": SCANS},
        {"after": progressive(60) * 2},
    ],
    ids=["a thumbnail", "a profile", "a comment", "a film after it", "pictures after it"],
)
def test_scans_of_what_lies_beside_a_jpeg_are_not_counted(tmp_path, parts):
    (tmp_path / "a.jpg").write_bytes(progressive(10, **parts))
    assert np.shape(read(tmp_path / "a.jpg")[0]) == (64, 64)


def test_a_jpeg_file_of_comments_without_end_is_refused(tmp_path):
    (tmp_path / "a.jpg").write_bytes(progressive(10, before=b"\xff\xfe\0\2" * 300_000))
    assert read(tmp_path / "a.jpg") == MANY_PARTS

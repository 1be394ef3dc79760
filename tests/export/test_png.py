import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QColor, QImage

from convviz.export.png import (
    BAND_ROWS,
    CODECS,
    SIGNATURE,
    Codec,
    PngEncoder,
    adler32_combine,
)

SIZES = [(1, 1), (1, 40), (40, 1), (37, 16), (64, 17), (101, 33), (320, 180)]


@pytest.fixture(params=["zlib", "isal"])
def codec(request):
    if request.param not in CODECS:
        pytest.skip("isal is not installed")
    return request.param


def random_picture(width, height):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def flat_picture(width, height):
    return np.full((height, width, 3), (27, 30, 39), np.uint8)


def gradient_picture(width, height):
    columns = np.linspace(0, 255, width)
    return np.tile(columns[None, :, None], (height, 1, 3)).astype(np.uint8)


def film(width, height, length=24):
    """A square that wanders over a grid, as a kernel does, and a line that grows below it."""
    frames = []
    for step in range(length):
        frame = flat_picture(width, height)
        frame[::8] = frame[:, ::8] = 90
        top, left = divmod(16 * step, max(width - 20, 1))
        frame[8 * top : 8 * top + 20, left : left + 20] = (255, 182, 72)
        frame[-3:-1, : 4 * step] = (47, 212, 154)
        frames.append(frame)
    return frames


def decoded(png):
    with Image.open(io.BytesIO(png)) as picture:
        assert (picture.format, picture.mode) == ("PNG", "RGB")
        return np.asarray(picture)


def crc32(data):
    """The checksum of ISO 3309, bit by bit: nothing shared with the encoder."""
    remainder = 0xFFFFFFFF
    for byte in data:
        remainder ^= byte
        for _ in range(8):
            remainder = remainder >> 1 ^ (0xEDB88320 if remainder & 1 else 0)
    return remainder ^ 0xFFFFFFFF


def chunks(png):
    assert png.startswith(SIGNATURE)
    found, at = [], len(SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack_from(">I4s", png, at)
        data = png[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", png, at + 8 + length)
        assert checksum == crc32(kind + data), kind
        found.append((kind, data))
        at += 12 + length
    return found


class TestPixels:
    @pytest.mark.parametrize("size", SIZES, ids=str)
    @pytest.mark.parametrize("picture", [random_picture, flat_picture, gradient_picture])
    def test_a_picture_comes_back_as_it_went_in(self, codec, picture, size):
        pixels = picture(*size)
        np.testing.assert_array_equal(
            decoded(PngEncoder(*size, codec=codec).encode(pixels)), pixels
        )

    def test_every_frame_of_a_film_comes_back_as_it_went_in(self, codec):
        encoder = PngEncoder(160, 93, codec=codec)
        for frame in film(160, 93):
            np.testing.assert_array_equal(decoded(encoder.encode(frame)), frame)

    def test_a_film_of_noise_comes_back_as_it_went_in(self, codec):
        encoder = PngEncoder(61, 47, codec=codec)
        noise = np.random.default_rng(1)
        frame = random_picture(61, 47)
        for _ in range(40):
            top, left = noise.integers(0, 47), noise.integers(0, 61)
            frame[top : top + 9, left : left + 9] = noise.integers(0, 256, 3)
            np.testing.assert_array_equal(decoded(encoder.encode(frame)), frame)

    @pytest.mark.parametrize("width", [5, 6, 7, 8])
    def test_the_memory_of_a_qt_image_is_read_without_its_padding(self, codec, width):
        image = QImage(width, 21, QImage.Format.Format_RGB888)
        image.fill(QColor(1, 2, 3))
        image.setPixelColor(width - 1, 20, QColor(200, 100, 50))
        pixels = decoded(PngEncoder(width, 21, codec=codec).encode(image.constBits()))
        assert pixels.shape == (21, width, 3)
        assert pixels[0, 0].tolist() == [1, 2, 3]
        assert pixels[20, width - 1].tolist() == [200, 100, 50]

    def test_all_shapes_of_the_same_pixels_give_the_same_file(self, codec):
        pixels = random_picture(5, 18)
        padded = np.zeros((18, 16), np.uint8)
        padded[:, :15] = pixels.reshape(18, 15)
        files = {
            PngEncoder(5, 18, codec=codec).encode(rgb)
            for rgb in (pixels, padded, padded[:, :15], padded.ravel(), padded.tobytes())
        }
        mirrored = np.ascontiguousarray(pixels[:, ::-1])[:, ::-1]
        assert files == {PngEncoder(5, 18, codec=codec).encode(mirrored)}

    def test_a_frame_is_kept_by_value_and_may_be_painted_over(self, codec):
        encoder = PngEncoder(40, 40, codec=codec)
        canvas = random_picture(40, 40)
        encoder.encode(canvas)
        canvas[10:12] = 7
        np.testing.assert_array_equal(decoded(encoder.encode(canvas)), canvas)


class TestSameBytes:
    def test_a_frame_of_a_film_is_the_file_that_it_would_be_alone(self, codec):
        encoder = PngEncoder(320, 180, codec=codec)
        for frame in film(320, 180):
            assert encoder.encode(frame) == PngEncoder(320, 180, codec=codec).encode(frame)

    def test_a_film_played_backwards_has_the_same_frames(self, codec):
        forwards, backwards = (PngEncoder(160, 93, codec=codec) for _ in range(2))
        frames = film(160, 93)
        files = [forwards.encode(frame) for frame in frames]
        assert [backwards.encode(frame) for frame in reversed(frames)] == files[::-1]

    def test_a_frame_that_did_not_change_is_the_same_file(self, codec):
        encoder = PngEncoder(101, 33, codec=codec)
        frame = random_picture(101, 33)
        assert encoder.encode(frame) == encoder.encode(frame.copy())

    def test_the_codecs_agree_on_the_pixels(self):
        frame = random_picture(64, 64)
        pictures = [decoded(PngEncoder(64, 64, codec=name).encode(frame)) for name in CODECS]
        assert all((picture == frame).all() for picture in pictures)


class TestChangedRows:
    def test_hints_give_the_same_files(self, codec):
        told, untold = (PngEncoder(160, 93, codec=codec) for _ in range(2))
        before = None
        for frame in film(160, 93):
            rows = range(93) if before is None else np.flatnonzero((frame != before).any((1, 2)))
            hints = ((row, row + 1) for row in rows)
            assert told.encode(frame, changed_rows=hints) == untold.encode(frame)
            before = frame

    def test_the_first_frame_is_encoded_whole_whatever_the_hint(self, codec):
        frame = random_picture(20, 50)
        png = PngEncoder(20, 50, codec=codec).encode(frame, changed_rows=[])
        np.testing.assert_array_equal(decoded(png), frame)

    @pytest.mark.parametrize(
        "hint",
        [
            [(17, 18)],
            [(0, 50)],
            [(-5, 60)],
            [(-9, -3), (16, 18), (50, 90)],
            [(18, 18), (17, 19)],
            [(17, 18), (17, 18), (0, 1)],
        ],
        ids=str,
    )
    def test_wide_and_overlapping_hints_are_fine(self, codec, hint):
        encoder = PngEncoder(20, 50, codec=codec)
        frame = random_picture(20, 50)
        encoder.encode(frame)
        frame[17] = 0
        np.testing.assert_array_equal(decoded(encoder.encode(frame, changed_rows=hint)), frame)

    def test_a_hint_that_names_no_row_is_believed(self, codec):
        encoder = PngEncoder(20, 50, codec=codec)
        first = encoder.encode(random_picture(20, 50))
        assert encoder.encode(flat_picture(20, 50), changed_rows=[]) == first


class TestWork:
    @pytest.fixture
    def compressed_rows(self, monkeypatch):
        """How many rows went to the compressor since the list was last cleared."""
        rows = []
        compress = PngEncoder._compressed

        def counting(encoder, band):
            rows.append(len(band))
            return compress(encoder, band)

        monkeypatch.setattr(PngEncoder, "_compressed", counting)
        return rows

    def test_only_bands_that_changed_are_compressed_again(self, compressed_rows):
        encoder = PngEncoder(30, 100)
        frame = random_picture(30, 100)
        encoder.encode(frame)
        assert compressed_rows == [BAND_ROWS] * 6 + [4]
        compressed_rows.clear()
        frame[15:17, 3] += 1
        frame[99, 29, 2] += 1
        encoder.encode(frame)
        assert compressed_rows == [BAND_ROWS, BAND_ROWS, 4]

    def test_a_band_that_is_repainted_alike_is_not_compressed_again(self, compressed_rows):
        encoder = PngEncoder(30, 100)
        frame = random_picture(30, 100)
        encoder.encode(frame)
        compressed_rows.clear()
        encoder.encode(frame.copy(), changed_rows=[(0, 100)])
        assert compressed_rows == []

    def test_a_frame_that_was_interrupted_does_not_spoil_the_next(self, monkeypatch):
        encoder = PngEncoder(30, 40)
        encoder.encode(flat_picture(30, 40))
        frame = random_picture(30, 40)

        def interrupt(*_):
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(encoder, "_compressed", interrupt)
            with pytest.raises(KeyboardInterrupt):
                encoder.encode(frame)
        np.testing.assert_array_equal(decoded(encoder.encode(frame, changed_rows=[])), frame)

    def test_isal_is_called_where_equal_input_gives_equal_output(self):
        for name in set(CODECS) - {"zlib"}:
            assert CODECS[name] == Codec(CODECS[name].library, 0, zlib.Z_FIXED)


class TestFileFormat:
    def test_chunks_are_whole_and_in_order(self, codec):
        encoder = PngEncoder(
            37, 35, text={"Title": "H", "Author": "é"}, pixels_per_metre=2835, codec=codec
        )
        kinds = [kind for kind, _ in chunks(encoder.encode(random_picture(37, 35)))]
        assert kinds == [b"IHDR", b"pHYs", b"tEXt", b"iTXt", b"IDAT", b"IEND"]

    def test_the_data_are_one_zlib_stream_of_unfiltered_rows(self, codec):
        encoder = PngEncoder(37, 35, codec=codec)
        encoder.encode(flat_picture(37, 35))
        frame = random_picture(37, 35)
        data = dict(chunks(encoder.encode(frame)))[b"IDAT"]
        rows = np.frombuffer(zlib.decompress(data), np.uint8).reshape(35, 1 + 37 * 3)
        assert not rows[:, 0].any()
        np.testing.assert_array_equal(rows[:, 1:].reshape(frame.shape), frame)

    @pytest.mark.parametrize(
        "text",
        [
            {"Title": "Letter H under Sobel x", "Software": "convviz 0.1.0"},
            {"Description": "two\nlines", "Comment": ""},
            {"Title": "Größe 3 × 3, Σ weights = 0 − 0, 畳み込み"},
            {"Écriture": "é", "x" * 79: "the longest keyword"},
        ],
        ids=str,
    )
    def test_texts_are_read_back(self, text):
        png = PngEncoder(3, 3, text=text).encode(flat_picture(3, 3))
        with Image.open(io.BytesIO(png)) as picture:
            assert picture.text == text

    @pytest.mark.parametrize("keyword", ["", " x", "x ", "a  b", "a\nb", "ключ", "x" * 80, "a\0b"])
    def test_what_is_no_keyword_is_refused(self, keyword):
        with pytest.raises(ValueError, match="is no PNG keyword"):
            PngEncoder(3, 3, text={keyword: "text"})

    def test_a_text_with_a_null_is_refused(self):
        with pytest.raises(ValueError, match="the text of 'Title' holds a null character"):
            PngEncoder(3, 3, text={"Title": "a\0b"})

    def test_the_resolution_is_read_back(self):
        png = PngEncoder(3, 3, pixels_per_metre=11811).encode(flat_picture(3, 3))
        with Image.open(io.BytesIO(png)) as picture:
            assert picture.info["dpi"] == pytest.approx((300, 300), abs=0.01)

    @pytest.mark.parametrize("resolution", [0, -1, 2**31])
    def test_an_impossible_resolution_is_refused(self, resolution):
        with pytest.raises(ValueError, match="pixels per metre cannot be stored"):
            PngEncoder(3, 3, pixels_per_metre=resolution)

    @pytest.mark.parametrize("size", [(0, 3), (3, 0), (-1, 3), (2**31, 1)], ids=str)
    def test_an_impossible_size_is_refused(self, size):
        with pytest.raises(ValueError, match="pixels cannot be encoded"):
            PngEncoder(*size)

    @pytest.mark.parametrize(
        "frame",
        [
            np.zeros((6, 4, 3), np.uint8),
            np.zeros((4, 6, 4), np.uint8),
            np.zeros((4, 6), np.uint8),
            np.zeros((4, 6, 3), np.float64),
            bytes(4 * 6 * 3 - 1),
            QImage(6, 4, QImage.Format.Format_RGB32).constBits(),
        ],
        ids=["transposed", "four channels", "grey", "float", "short", "RGB32"],
    )
    def test_a_frame_of_another_shape_is_refused(self, frame):
        with pytest.raises(ValueError, match=r"a frame is uint8 of shape \(4, 6, 3\), not "):
            PngEncoder(6, 4).encode(frame)


@pytest.mark.parametrize("lengths", [(0, 0), (0, 5), (5, 0), (1, 1), (70_000, 3), (3, 70_000)])
def test_checksums_of_parts_combine_to_that_of_the_whole(lengths):
    first, second = (np.random.default_rng(n).bytes(n) for n in lengths)
    combined = adler32_combine(zlib.adler32(first), zlib.adler32(second), len(second))
    assert combined == zlib.adler32(first + second)

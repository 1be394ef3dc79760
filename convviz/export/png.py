"""PNG for films: a frame costs only what changed since the frame before.

Rows are compressed in bands of 16, each a deflate block that ends with a full flush, so the band
of one frame serves in the next for as long as its pixels stay. Any decoder reads the result
(RFC 1950, RFC 1951, https://www.w3.org/TR/png-3/).

The bytes of a frame depend on its pixels and the codec, never on the frames before it. Rows are
not filtered: on grids and text `Up` costs 10 % of time for 7 % of size, `Sub` costs both.
"""

import re
import struct
import zlib
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import NamedTuple

import numpy as np
import numpy.typing as npt


class Codec(NamedTuple):
    """A library with the interface of zlib, and how to call it."""

    library: ModuleType
    level: int
    strategy: int


CODECS = {"zlib": Codec(zlib, level=1, strategy=zlib.Z_DEFAULT_STRATEGY)}
try:
    from isal import isal_zlib
except ImportError:
    pass
else:
    # Levels 1 and 2 of ISA-L 2.32 seed a hash with the address of their state, so that equal bands
    # differ by a byte once in some 100,000 (tmp2 under .write_first_byte in
    # igzip_icf_body_h1_gr_bt.asm). Level 0 does not, and with fixed codes (isal 1.9) it is twice
    # as fast for bytes as many as zlib's.
    CODECS["isal"] = Codec(isal_zlib, level=0, strategy=isal_zlib.Z_FIXED)
FASTEST = "isal" if "isal" in CODECS else "zlib"

SIGNATURE = b"\x89PNG\r\n\x1a\n"
BAND_ROWS = 16
LONGEST = 2**31 - 1

_EIGHT_BIT_RGB = bytes((8, 2, 0, 0, 0))  # depth, colour type; deflate, filters by row, no interlace
_PER_METRE = 1
_ZLIB_HEADER = b"\x78\x01"
_LAST_BLOCK = b"\x03\x00"  # empty
_ADLER_MODULUS = 65521
_KEYWORD = re.compile("[!-~¡-ÿ]+(?: [!-~¡-ÿ]+)*")

Pixels = npt.NDArray[np.uint8]


class _Band(NamedTuple):
    deflated: bytes
    adler: int
    length: int


class PngEncoder:
    """Encodes the frames of one film, in any order.

    Parameters
    ----------
    width, height
        Of every frame, in pixels.
    text
        Keywords and texts to store in every frame, such as `{"Title": "Letter H"}`.
    pixels_per_metre
        The resolution for print: 300 dpi is 11811.
    codec
        One of `CODECS`. The pixels are the same, the bytes are not.
    """

    def __init__(
        self,
        width: int,
        height: int,
        *,
        text: Mapping[str, str] | None = None,
        pixels_per_metre: int | None = None,
        codec: str = FASTEST,
    ) -> None:
        if not (0 < width <= LONGEST and 0 < height <= LONGEST):
            raise ValueError(f"a picture of {width} × {height} pixels cannot be encoded")
        self._width = width
        self._head = _head(width, height, text or {}, pixels_per_metre)
        self._codec = CODECS[codec]
        self._rows = np.zeros((height, 1 + 3 * width), np.uint8)  # a row begins with its filter: 0
        self._bands: list[_Band | None] = [None] * len(range(0, height, BAND_ROWS))

    def encode(
        self,
        rgb: Pixels | memoryview | bytes,
        *,
        changed_rows: Iterable[tuple[int, int]] | None = None,
    ) -> bytes:
        """Return the file of one frame.

        Parameters
        ----------
        rgb
            Shape (height, width, 3), or the memory of a QImage in Format_RGB888, whose rows are
            padded to a multiple of 4 bytes.
        changed_rows
            Half-open ranges outside of which no row differs from the frame encoded last. This is
            believed. Without it all rows are compared.
        """
        pixels = self._pixel_rows(rgb)
        try:
            for index in self._suspects(changed_rows):
                self._refresh(index, pixels)
        except BaseException:  # hints of later frames count on what was not reached
            self._bands = [None] * len(self._bands)
            raise
        return b"".join((self._head, self._image_data(), _chunk(b"IEND", b"")))

    def _pixel_rows(self, rgb: Pixels | memoryview | bytes) -> Pixels:
        height, row_bytes = len(self._rows), 3 * self._width
        pixels = rgb if isinstance(rgb, np.ndarray) else np.frombuffer(rgb, np.uint8)
        if pixels.dtype == np.uint8:
            if pixels.shape == (height, self._width, 3):
                return pixels.reshape(height, row_bytes)
            padded_bytes = (row_bytes + 3) // 4 * 4
            for stride in (row_bytes, padded_bytes):
                if pixels.shape in {(height, stride), (height * stride,)}:
                    return pixels.reshape(height, stride)[:, :row_bytes]
        raise ValueError(
            f"a frame is uint8 of shape ({height}, {self._width}, 3), not {pixels.dtype} of shape "
            f"{pixels.shape}"
        )

    def _suspects(self, changed_rows: Iterable[tuple[int, int]] | None) -> Iterable[int]:
        every = range(len(self._bands))
        if changed_rows is None:
            return every
        touched = {index for index in every if self._bands[index] is None}
        for top, bottom in changed_rows:
            touched.update(every[max(top, 0) // BAND_ROWS : -(-max(bottom, 0) // BAND_ROWS)])
        return touched

    def _refresh(self, index: int, pixels: Pixels) -> None:
        span = slice(index * BAND_ROWS, (index + 1) * BAND_ROWS)
        rows, new = self._rows[span], pixels[span]
        kept = rows[:, 1:]
        if self._bands[index] is not None and not (new != kept).any():
            return
        kept[...] = new
        self._bands[index] = self._compressed(rows)

    def _compressed(self, rows: Pixels) -> _Band:
        library, level, strategy = self._codec
        deflate = library.compressobj(
            level, library.DEFLATED, -library.MAX_WBITS, library.DEF_MEM_LEVEL, strategy
        )
        deflated = deflate.compress(rows) + deflate.flush(library.Z_FULL_FLUSH)
        return _Band(deflated, library.adler32(rows), rows.nbytes)

    def _image_data(self) -> bytes:
        bands = [band for band in self._bands if band is not None]
        adler = 1
        for band in bands:
            adler = adler32_combine(adler, band.adler, band.length)
        deflated = (band.deflated for band in bands)
        data = b"".join((_ZLIB_HEADER, *deflated, _LAST_BLOCK, struct.pack(">I", adler)))
        return _chunk(b"IDAT", data, self._codec.library)


def adler32_combine(first: int, second: int, second_length: int) -> int:
    """Return the Adler-32 of two byte strings in a row from their own.

    >>> adler32_combine(zlib.adler32(b"conv"), zlib.adler32(b"viz"), 3) == zlib.adler32(b"convviz")
    True
    """
    low = (first & 0xFFFF) + (second & 0xFFFF) - 1
    high = (first >> 16) + (second >> 16) + second_length * ((first & 0xFFFF) - 1)
    return high % _ADLER_MODULUS << 16 | low % _ADLER_MODULUS


def _head(width: int, height: int, text: Mapping[str, str], pixels_per_metre: int | None) -> bytes:
    chunks = [SIGNATURE, _chunk(b"IHDR", struct.pack(">II", width, height) + _EIGHT_BIT_RGB)]
    if pixels_per_metre is not None:
        if not 0 < pixels_per_metre <= LONGEST:
            raise ValueError(f"{pixels_per_metre} pixels per metre cannot be stored")
        resolution = struct.pack(">IIB", pixels_per_metre, pixels_per_metre, _PER_METRE)
        chunks.append(_chunk(b"pHYs", resolution))
    chunks += [_text_chunk(keyword, words) for keyword, words in text.items()]
    return b"".join(chunks)


def _text_chunk(keyword: str, words: str) -> bytes:
    if len(keyword) > 79 or not _KEYWORD.fullmatch(keyword):
        raise ValueError(f"{keyword!r} is no PNG keyword: 1 to 79 Latin letters, single spaces")
    if "\0" in words:
        raise ValueError(f"the text of {keyword!r} holds a null character")
    name = keyword.encode("latin-1")
    if words.isascii():
        return _chunk(b"tEXt", name + b"\0" + words.encode("ascii"))
    plain, no_language, no_translation = b"\0\0", b"\0", b"\0"
    return _chunk(
        b"iTXt", name + b"\0" + plain + no_language + no_translation + words.encode("utf-8")
    )


def _chunk(kind: bytes, data: bytes, library: ModuleType = zlib) -> bytes:
    checksum = library.crc32(data, library.crc32(kind))
    return b"".join((struct.pack(">I", len(data)), kind, data, struct.pack(">I", checksum)))

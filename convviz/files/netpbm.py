"""PBM, PGM, PPM, PAM and PFM files, whose numbers are read as they stand in them.

| in the file                 | in the array                                                   |
| --------------------------- | -------------------------------------------------------------- |
| PBM, PAM of black and white | 0 (black) and 1, (rows, columns)                               |
| PGM, PPM, PAM               | 0 to MAXVAL, (rows, columns) or (channels, rows, columns)      |
| PFM                         | floats, (rows, columns) or (3, rows, columns), its scale aside |

The formats: https://netpbm.sourceforge.net/doc and https://www.pauldebevec.com/Research/HDR/PFM.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from convviz.files.errors import Refusal
from convviz.files.images import (
    SEVERAL_FRAMES,
    TOO_MANY_PARTS,
    TRANSPARENCY_NOTICE,
    check_pixel_count,
    over_white,
)
from convviz.files.source import Loaded, Source
from convviz.model.memory import lacking

MAX_HEADER_BYTES = 65_536
MAX_CELLS = 64 * 2**20
MAX_SAMPLE_TEXT = 16  # characters, of which five are digits
BYTES_A_CHARACTER = 6  # a digit and a gap become a number of 8 bytes
GAP = rb"(?:\s|#[^\n\r]*[\n\r])+"
NUMBER = rb"(\d{1,9})"
FRACTION = rb"([+-]?[\d.]{1,20}(?:[eE][+-]?\d{1,3})?)"
WITHOUT_MAXVAL = re.compile(rb"P[14]" + (GAP + NUMBER) * 2 + rb"\s")
WITH_MAXVAL = re.compile(rb"P[2356]" + (GAP + NUMBER) * 3 + rb"\s")
WITH_SCALE = re.compile(rb"P[fF]" + (GAP + NUMBER) * 2 + GAP + FRACTION + rb"\r?\s")
WITH_NAMES = re.compile(rb"P7\s.*?^ENDHDR[ \t\r]*\n", re.DOTALL | re.MULTILINE)
FIELD = re.compile(rb"^(WIDTH|HEIGHT|DEPTH|MAXVAL|TUPLTYPE)[ \t]+(\S+)", re.MULTILINE)
LARGEST = 65_535


@dataclass(frozen=True)
class Header:
    """What a file says of its samples; `maxval` is 0 where they are floats."""

    rows: int
    columns: int
    channels: int
    maxval: int
    dtype: str
    has_alpha: bool = False

    @property
    def count(self) -> int:
        """How many samples there are."""
        return self.rows * self.columns * self.channels


def read_netpbm(source: Source) -> Loaded:
    """The first picture of the file; any error where it is damaged or cut short."""
    stream = source.stream
    head = stream.read(MAX_HEADER_BYTES)
    magic = head[:2]
    parse, read = KINDS[magic]
    header, size = parse(head)
    _check(header)
    stream.seek(size)
    samples = read(stream, header)
    if header.maxval and samples.max() > header.maxval:
        raise ValueError(f"a sample is larger than {header.maxval}, which it says is the largest")
    several = magic not in PLAIN and stream.read(2) == magic
    return _loaded(samples, header, (SEVERAL_FRAMES,) if several else ())


def _loaded(samples: NDArray[Any], header: Header, notices: tuple[str, ...]) -> Loaded:
    if header.has_alpha:
        alpha = samples[..., -1:]
        notices += (TRANSPARENCY_NOTICE,) if alpha.min() < header.maxval else ()
        samples = over_white(samples[..., :-1], alpha, header.maxval)
    several = samples.shape[-1] > 1
    array = np.moveaxis(samples, -1, 0) if several else samples[..., 0]
    return Loaded(array, notices, header.maxval if header.maxval > 1 else None)


def _check(header: Header) -> None:
    if min(header.rows, header.columns, header.channels) < 1 or header.maxval > LARGEST:
        raise ValueError("it has no pixels, or larger samples than there can be")
    check_pixel_count(header.rows * header.columns)
    if header.count > MAX_CELLS:
        raise Refusal(f"it has more than {MAX_CELLS:,} samples; scale it down first")


def _matched(pattern: re.Pattern[bytes], head: bytes) -> re.Match[bytes]:
    found = pattern.match(head)
    if not found and len(head) == MAX_HEADER_BYTES:
        raise Refusal(TOO_MANY_PARTS)
    if not found:
        raise ValueError("its header is not complete")
    return found


def _bits(head: bytes) -> tuple[Header, int]:
    found = _matched(WITHOUT_MAXVAL, head)
    columns, rows = map(int, found.groups())
    return Header(rows, columns, 1, 1, "u1"), found.end()


def _levels(head: bytes) -> tuple[Header, int]:
    found = _matched(WITH_MAXVAL, head)
    columns, rows, maxval = map(int, found.groups())
    channels = 3 if head[:2] in (b"P3", b"P6") else 1
    return Header(rows, columns, channels, maxval, _dtype(maxval)), found.end()


def _dtype(maxval: int) -> str:
    if maxval < 1:
        raise ValueError("its largest sample is not above 0")
    return "u1" if maxval < 256 else ">u2"


def _floats(head: bytes) -> tuple[Header, int]:
    found = _matched(WITH_SCALE, head)
    columns, rows, scale = int(found[1]), int(found[2]), float(found[3])
    channels = 3 if head[:2] == b"PF" else 1
    return Header(rows, columns, channels, 0, "<f4" if scale < 0 else ">f4"), found.end()


def _named(head: bytes) -> tuple[Header, int]:
    found = _matched(WITH_NAMES, head)
    fields = dict(FIELD.findall(found[0]))
    try:
        columns, rows, channels, maxval = (int(fields[name]) for name in NAMES)
    except KeyError as error:
        raise ValueError(f"its header has no {error.args[0].decode()}") from None
    has_alpha = fields.get(b"TUPLTYPE", b"").endswith(b"_ALPHA") and channels > 1
    return Header(rows, columns, channels, maxval, _dtype(maxval), has_alpha), found.end()


def _read_samples(stream: BinaryIO, header: Header) -> NDArray[Any]:
    size = header.count * np.dtype(header.dtype).itemsize
    data = stream.read(size)
    if len(data) < size:
        raise ValueError(f"{size - len(data):,} bytes are missing at its end")
    samples = np.frombuffer(data, header.dtype)
    return samples.reshape(header.rows, header.columns, header.channels)


def _read_upwards(stream: BinaryIO, header: Header) -> NDArray[Any]:
    return _read_samples(stream, header)[::-1]


def _read_bits(stream: BinaryIO, header: Header) -> NDArray[Any]:
    width = -(-header.columns // 8)
    packed = _read_samples(stream, Header(header.rows, width, 1, 1, "u1"))[..., 0]
    return 1 - np.unpackbits(packed, axis=1, count=header.columns)[..., None]


def _read_plain(stream: BinaryIO, header: Header) -> NDArray[Any]:
    text = stream.read(header.count * MAX_SAMPLE_TEXT + MAX_HEADER_BYTES)
    if lack := lacking(len(text) * BYTES_A_CHARACTER):
        raise Refusal(f"{lack}; scale it down first")
    # WORKAROUND: asked for more numbers than there are, NumPy 2.4 makes some up
    found = np.fromstring(re.sub(rb"#[^\n\r]*", b"", text), np.int64, sep=" ")[: header.count]
    if len(found) < header.count or found.min() < 0:
        raise ValueError(f"of {header.count:,} samples {len(found):,} are there")
    return found.reshape(header.rows, header.columns, header.channels)


def _read_plain_bits(stream: BinaryIO, header: Header) -> NDArray[Any]:
    """Zeros and ones, which need nothing between them."""
    text = re.sub(rb"#[^\n\r]*|\s", b"", stream.read())[: header.count]
    if len(text) < header.count or not set(text) <= set(b"01"):
        raise ValueError(f"it has not {header.count:,} zeros and ones")
    return 49 - np.frombuffer(text, np.uint8).reshape(header.rows, header.columns, 1)


NAMES = (b"WIDTH", b"HEIGHT", b"DEPTH", b"MAXVAL")
PLAIN = (b"P1", b"P2", b"P3")
Parser = Callable[[bytes], tuple[Header, int]]
Reader = Callable[[BinaryIO, Header], NDArray[Any]]
KINDS: dict[bytes, tuple[Parser, Reader]] = {
    b"P1": (_bits, _read_plain_bits),
    b"P2": (_levels, _read_plain),
    b"P3": (_levels, _read_plain),
    b"P4": (_bits, _read_bits),
    b"P5": (_levels, _read_samples),
    b"P6": (_levels, _read_samples),
    b"P7": (_named, _read_samples),
    b"Pf": (_floats, _read_upwards),
    b"PF": (_floats, _read_upwards),
}

"""WAV files as signals: their chunks are walked, and no more than ten seconds are read."""

import struct
from dataclasses import dataclass
from os import SEEK_END
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from convviz.files.errors import Refusal
from convviz.files.source import Loaded, Source

LONGEST = 10  # seconds
MOST_RATE = 384_000  # samples per second
MOST_CHUNKS = 10_000
FORMAT_BYTES = 40  # of the longest header of samples that there is
FIRST_CHUNK = 12
UNKNOWN_LENGTH = 0x7FFF_0000  # from here on streams write what they do not know yet

PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE
COMPRESSED = {
    2: "ADPCM",
    6: "ALAW",
    7: "MULAW",
    0x11: "IMA ADPCM",
    0x31: "GSM 6.10",
    0x50: "MPEG",
    0x55: "MP3",
}
# Coding and bytes of a sample -> the numbers in the file; of 3 bytes once a fourth is put before
NUMBERS = {
    (PCM, 1): "u1",
    (PCM, 2): "i2",
    (PCM, 3): "i4",
    (PCM, 4): "i4",
    (PCM, 8): "i8",
    (FLOAT, 4): "f4",
    (FLOAT, 8): "f8",
}

DAMAGED = "it is damaged, or not a WAV file; save it again as WAV"
INCOMPLETE = "it lacks its header, or its samples; save it again as WAV"


@dataclass(frozen=True)
class Samples:
    """How samples lie in the file; `order` is "<" or ">", as struct has it."""

    coding: int
    channels: int
    rate: int
    width: int
    order: str

    @property
    def frame(self) -> int:
        """The bytes of one sample of each channel."""
        return self.width * self.channels


def read_wav(source: Source) -> Loaded:
    """Read a WAV file of 8, 16, 24 or 32 bits, or floats: one channel, its first ten seconds.

    Integers become numbers from -1 to 1. A file that breaks off, or was written as a stream and
    does not tell its length, is read to its end.
    """
    samples, there, notice = _find(source.stream)
    count = there // samples.frame
    if count == 0:
        raise Refusal("it holds no samples; choose another")
    notices = [f"{samples.rate:,} samples per second"]
    if samples.channels > 1:
        notices.append(f"the first of {samples.channels} channels")
    if notice:
        notices.append(notice)
    if count > LONGEST * samples.rate:
        notices.append(f"the first {LONGEST} of {count / samples.rate:.1f} seconds")
    data = source.stream.read(min(count, LONGEST * samples.rate) * samples.frame)
    return Loaded(_unit(_first_channel(data, samples)), tuple(notices))


def _find(stream: BinaryIO) -> tuple[Samples, int, str]:
    """Go to the first sample; return how they lie, how many bytes there are, and what to tell."""
    order = {b"RIFF": "<", b"RIFX": ">"}.get(stream.read(4))
    head = stream.read(FIRST_CHUNK - 4)
    if order is None or head[4:] != b"WAVE":
        raise Refusal(DAMAGED)
    (claimed,) = struct.unpack(order + "I", head[:4])
    samples = None
    for _ in range(MOST_CHUNKS):
        name = stream.read(8)
        if len(name) < 8:
            break
        (size,) = struct.unpack(order + "I", name[4:])
        if name[:4] == b"data" and samples:
            ends = claimed + 8 <= stream.tell() or claimed >= UNKNOWN_LENGTH
            return samples, *_extent(stream, size, told=size > 0 or not ends)
        after = stream.tell() + size + size % 2
        if name[:4] == b"fmt ":
            samples = _samples(stream.read(min(size, FORMAT_BYTES)), order)
        stream.seek(after)
    raise Refusal(INCOMPLETE)


def _extent(stream: BinaryIO, size: int, *, told: bool) -> tuple[int, str]:
    """Return the bytes of samples that are there, and what to tell when these are not `size`."""
    start = stream.tell()
    there = stream.seek(0, SEEK_END) - start
    stream.seek(start)
    if there and (not told or UNKNOWN_LENGTH <= size != there):
        return there, "its header does not tell its length, so it is read to its end"
    if there < size:
        return there, "it breaks off before the end that it tells of"
    return size, ""


def _samples(header: bytes, order: str) -> Samples:
    if len(header) < 16:
        raise Refusal(INCOMPLETE)
    coding, channels, rate, _, frame, bits = struct.unpack(order + "HHIIHH", header[:16])
    if coding == EXTENSIBLE and len(header) == FORMAT_BYTES:
        (coding,) = struct.unpack(order + "H", header[24:26])  # the GUID begins with it
    if channels == 0:
        raise Refusal(INCOMPLETE)
    if not 0 < rate <= MOST_RATE:
        raise Refusal(f"it has {rate:,} samples per second; save it again with 44,100")
    if coding not in (PCM, FLOAT):
        how = COMPRESSED.get(coding, f"coding {coding}")
        raise Refusal(f"its samples are compressed ({how}); save it again as PCM")
    samples = Samples(coding, channels, rate, frame // channels, order)
    if samples.frame != frame or (coding, samples.width) not in NUMBERS:
        raise Refusal(
            f"its samples of {bits} bits, {frame} bytes for {channels} channels, are not read; "
            "save it again with 16 bits"
        )
    return samples


def _first_channel(data: bytes, samples: Samples) -> NDArray[Any]:
    dtype = np.dtype(samples.order + NUMBERS[samples.coding, samples.width])
    channels = np.frombuffer(data, np.uint8).reshape(-1, samples.channels, samples.width)
    first = channels[:, 0]
    if samples.width < dtype.itemsize:
        before = samples.order == "<"
        first = np.pad(first, [(0, 0), (1, 0) if before else (0, 1)])  # the least of four bytes
    return np.ascontiguousarray(first).view(dtype)[:, 0]


def _unit(samples: NDArray[Any]) -> NDArray[Any]:
    """Return samples from -1 to 1; those of 8 bits are unsigned, around 128."""
    if samples.dtype.kind == "f":
        return samples.astype(samples.dtype.newbyteorder("="))
    if samples.dtype == np.uint8:
        return (samples.astype(np.float64) - 128) / 128
    return samples.astype(np.float64) / 2.0 ** (8 * samples.dtype.itemsize - 1)

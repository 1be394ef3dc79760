"""The samples of a TIFF file as they lie in it, whatever their kind, size and planes.

Pillow's libtiff unpacks the bytes, which are handed to it as grey pixels; what they mean is no
matter of it, so that it cannot mistake them.
"""

import io
import struct
from collections.abc import Iterator
from itertools import accumulate, groupby, islice
from math import ceil
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from convviz.files.errors import Refusal
from convviz.files.images import TOO_MANY_PARTS
from convviz.files.tiff_layout import BLACK_IS_ZERO, LZMA, NONE, Layout
from convviz.model.memory import lacking

MAX_BYTES = 256 * 2**20  # of all samples, as for NumPy arrays
MOST_BLOCKS = 100_000
MAX_BLOCK_BYTES = 2**26  # less than what Pillow takes for a bomb
LARGEST_OF_GROUP = 2**23  # bytes that are unpacked at once, where blocks are small
LZMA_BYTES = 2**27  # of memory
HEAD_BYTES, LONG = 8, 4  # of a TIFF file; the type of its numbers of 32 bits
DIFFERENCES, FLOAT_DIFFERENCES = 2, 3


def read_samples(stream: BinaryIO, layout: Layout) -> NDArray[Any]:
    """Return the samples (rows, columns, samples) in the byte order of this machine.

    Packed samples of 1 to 15 bits are whole numbers of 8 or 16. Raises Refusal where there are too
    many, and any error where the file ends before its last sample.
    """
    _check_size(layout)
    depth = 1 if layout.planes else layout.samples
    samples = np.empty((*layout.shape, layout.samples), layout.dtype)
    rows, columns = layout.block
    down, across = ceil(layout.shape[0] / rows), ceil(layout.shape[1] / columns)
    blocks = _blocks(stream, layout, down * across * layout.samples // depth)
    for number, block in enumerate(blocks):
        plane, place = divmod(number, down * across)
        top, left = rows * (place // across), columns * (place % across)
        there = samples[top : top + rows, left : left + columns, plane : plane + depth]
        there[...] = block[: there.shape[0], : there.shape[1]]
    return samples


def _check_size(layout: Layout) -> None:
    cells = layout.shape[0] * layout.shape[1] * layout.samples
    if cells * layout.dtype.itemsize > MAX_BYTES:
        raise Refusal(f"its samples take more than {MAX_BYTES // 2**20} MiB; scale it down first")
    if lack := lacking(cells * (2 * layout.dtype.itemsize + 16)):
        raise Refusal(f"{lack}; scale it down first")
    is_by_libtiff = layout.compression not in (NONE, LZMA)
    if is_by_libtiff and _block_bytes(layout) > MAX_BLOCK_BYTES:
        limit = MAX_BLOCK_BYTES // 2**20
        raise Refusal(f"one of its strips has more than {limit} MiB; save it in smaller ones")


def _row_bytes(layout: Layout) -> int:
    """How many bytes a row of a block takes."""
    depth = 1 if layout.planes else layout.samples
    return ceil(layout.block[1] * depth * layout.bits / 8)


def _block_bytes(layout: Layout) -> int:
    return layout.block[0] * _row_bytes(layout)


def _blocks(stream: BinaryIO, layout: Layout, count: int) -> Iterator[NDArray[Any]]:
    """Yield the samples (rows, columns, samples) of each strip or tile; the last may be short."""
    if count > MOST_BLOCKS:
        raise Refusal(TOO_MANY_PARTS)
    if len(layout.offsets) < count:
        raise ValueError(f"of {count} strips or tiles {len(layout.offsets)} are there")
    unpacked = _stored(stream, layout) if layout.compression == NONE else _packed(stream, layout)
    for _, data in zip(range(count), unpacked, strict=False):
        yield _summed(_as_samples(data, layout), layout)


def _stored(stream: BinaryIO, layout: Layout) -> Iterator[NDArray[np.uint8]]:
    for number, offset in enumerate(layout.offsets):
        stream.seek(offset)
        size = _rows_of(number, layout) * _row_bytes(layout)
        data = stream.read(size)
        if len(data) < size:
            raise ValueError("it ends before its last pixel")
        found = np.frombuffer(data, np.uint8)
        if layout.fill_order == 2:
            found = np.packbits(np.unpackbits(found[:, None], axis=1)[:, ::-1])
        yield found.reshape(-1, _row_bytes(layout))


def _rows_of(number: int, layout: Layout) -> int:
    """How many rows the block of that number has: a last strip is short, a last tile is not."""
    rows, columns = layout.block
    down = ceil(layout.shape[0] / rows)
    is_strip = columns == layout.shape[1]
    is_last = number % down == down - 1
    return layout.shape[0] - rows * (down - 1) if is_strip and is_last else rows


def _packed(stream: BinaryIO, layout: Layout) -> Iterator[NDArray[np.uint8]]:
    if len(layout.counts) < len(layout.offsets):
        raise ValueError("it does not say how long its strips or tiles are")
    places = enumerate(zip(layout.offsets, layout.counts, strict=False))
    largest = max(LARGEST_OF_GROUP // _block_bytes(layout), 1)
    for rows, alike in groupby(places, lambda place: _rows_of(place[0], layout)):
        while group := [_part(stream, *place) for _, place in islice(alike, largest)]:
            unpack = _by_lzma if layout.compression == LZMA else _by_libtiff
            yield from unpack(group, rows, layout)


def _part(stream: BinaryIO, offset: int, count: int) -> bytes:
    stream.seek(offset)
    return stream.read(count)


def _by_lzma(parts: list[bytes], rows: int, layout: Layout) -> list[NDArray[np.uint8]]:
    """The bytes of blocks, which the libtiff in Pillow's wheels cannot unpack."""
    from lzma import LZMADecompressor

    size = rows * _row_bytes(layout)
    unpacked = (LZMADecompressor(memlimit=LZMA_BYTES).decompress(part, size) for part in parts)
    return [np.frombuffer(data, np.uint8).reshape(rows, -1) for data in unpacked]


def _by_libtiff(parts: list[bytes], rows: int, layout: Layout) -> list[NDArray[np.uint8]]:
    """The bytes of blocks, by Pillow's libtiff, to which they are strips of a grey picture."""
    from PIL import Image

    with Image.open(io.BytesIO(_as_grey(parts, rows, layout)), formats=("TIFF",)) as image:
        image.load()
        return np.split(np.asarray(image), len(parts))


def _as_grey(parts: list[bytes], rows: int, layout: Layout) -> bytes:
    """A TIFF file of grey pixels of 8 bits, of which each part is a strip."""
    numbers = {
        256: [_row_bytes(layout)],
        257: [rows * len(parts)],
        258: [8],
        259: [layout.compression],
        262: [BLACK_IS_ZERO],
        266: [layout.fill_order],
        273: [*accumulate(map(len, parts[:-1]), initial=HEAD_BYTES)],
        277: [1],
        278: [rows],
        279: [*map(len, parts)],
    }
    end = HEAD_BYTES + sum(map(len, parts))
    tables, entries = b"", b""
    for tag, values in numbers.items():
        packed = struct.pack(f"<{len(values)}I", *values)
        where = end + len(tables)
        entries += struct.pack("<HHI", tag, LONG, len(values))
        entries += packed if len(values) == 1 else struct.pack("<I", where)
        tables += packed if len(values) > 1 else b""
    directory = struct.pack("<H", len(numbers)) + entries + bytes(4)
    return b"".join((b"II*\0", struct.pack("<I", end + len(tables)), *parts, tables, directory))


def _as_samples(data: NDArray[np.uint8], layout: Layout) -> NDArray[Any]:
    """(rows, bytes) -> (rows, columns, samples), in the byte order of this machine."""
    depth = 1 if layout.planes else layout.samples
    count = layout.block[1] * depth
    if layout.predictor == FLOAT_DIFFERENCES:
        data = _bytes_of_floats(data, layout, depth)
    if layout.bits % 8:
        samples = _unpacked_bits(data, layout, count)
    else:
        order = ">" if layout.predictor == FLOAT_DIFFERENCES else layout.order
        read = np.ascontiguousarray(data).view(layout.dtype.newbyteorder(order))
        samples = read.astype(layout.dtype)
    return samples.reshape(len(data), layout.block[1], depth)


def _unpacked_bits(data: NDArray[np.uint8], layout: Layout, count: int) -> NDArray[Any]:
    bits = np.unpackbits(data, axis=1, count=count * layout.bits)
    samples = np.zeros((len(data), count), layout.dtype)
    for bit in range(layout.bits):
        samples = samples << 1 | bits[:, bit :: layout.bits]
    return samples


def _bytes_of_floats(data: NDArray[np.uint8], layout: Layout, depth: int) -> NDArray[np.uint8]:
    """Undo the predictor 3: differences of bytes, the first bytes of all numbers at first.

    After Adobe Photoshop TIFF Technical Note 3, of 2005.
    """
    rows, size = len(data), layout.dtype.itemsize
    sums = np.cumsum(data.reshape(rows, -1, depth), axis=1, dtype=np.uint8)
    return sums.reshape(rows, size, -1).swapaxes(1, 2).reshape(rows, -1)


def _summed(samples: NDArray[Any], layout: Layout) -> NDArray[Any]:
    """Undo the predictor 2, by which a sample is told from the one to its left."""
    if layout.predictor != DIFFERENCES or layout.bits % 8:
        return samples
    whole = np.dtype(f"u{samples.itemsize}")
    return np.cumsum(samples.view(whole), axis=1, dtype=whole).view(samples.dtype)

"""TIFF files written by hand, as the specification says, and numbers to put in them."""

import struct
import warnings
from itertools import accumulate

import numpy as np
import tifffile


def numbers(kind, *shape):
    """Numbers over all of the range that this kind has, the smallest and the largest of all too."""
    random = np.random.default_rng(0)
    dtype = np.dtype(kind)
    if dtype.kind == "f":
        return random.normal(size=shape).astype(dtype)
    limits = np.iinfo(dtype)
    found = random.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    found.flat[:2] = limits.min, limits.max
    return found


def directory(order, tags, data):
    """A TIFF file of one directory; `tags` give lists of numbers, the offsets are filled in."""
    sizes = [*map(len, data)]
    *offsets, end = accumulate(sizes, initial=8)
    tags = {**tags, 273: offsets, 279: sizes}
    tables, entries = b"", b""
    for tag, values in sorted(tags.items()):
        packed = struct.pack(f"{order}{len(values)}I", *values)
        entries += struct.pack(f"{order}HHI", tag, 4, len(values))
        entries += packed if len(values) == 1 else struct.pack(f"{order}I", end + len(tables))
        tables += packed if len(values) > 1 else b""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", end + len(tables))
    count = struct.pack(f"{order}H", len(tags))
    return b"".join((head, *data, tables, count, entries, bytes(4)))


def tags(columns, rows, bits, **others):
    names = {"photometric": 262, "samples": 277, "planes": 284, "fill": 266, "kind": 339}
    names |= {"method": 259, "extras": 338, "predictor": 317, "palette": 320, "turned": 274}
    found = {256: [columns], 257: [rows], 258: [bits], 278: [rows]}
    return found | {names[name]: np.atleast_1d(value).tolist() for name, value in others.items()}


def packed(array, bits):
    """Rows of samples of so many bits, each row filled up to whole bytes."""
    ones = (array[..., None] >> np.arange(bits)[::-1]) & 1
    return np.packbits(ones.reshape(len(array), -1).astype(np.uint8), axis=1).tobytes()


def reversed_bits(data):
    return bytes(int(f"{byte:08b}"[::-1], 2) for byte in data)


def write_tiff(path, array, **options):
    """Let tifffile write what it can."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tifffile warns of kinds that are rarely seen
        tifffile.imwrite(path, array, metadata=None, **options)
    return path

"""NPY and NPZ: the header is checked before memory is taken, and nothing is unpickled."""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import IO, Any, BinaryIO, cast

import numpy as np
from numpy.lib import format as npy_format
from numpy.typing import NDArray

from convviz.files.bounded import BoundedReads
from convviz.files.errors import Refusal, one_line, shown
from convviz.files.foreign_models import refuse_archive
from convviz.files.source import MAX_RANK, Loaded, Source
from convviz.model.memory import lacking

MAX_HEADER_BYTES = 10_000
MAX_CONTENTS_BYTES = 4 * 2**20  # where a ZIP file lists its members
MAX_ARRAY_BYTES = 256 * 2**20
MAX_MEMBERS = 10_000
UNPACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # which unpack within bounds
PACKERS = {zipfile.ZIP_BZIP2: "bzip2, a method", zipfile.ZIP_LZMA: "LZMA, a method"}
REPACK = "pack it again with numpy.savez_compressed, or as an ordinary ZIP file"
NUMBER_BYTES = 24  # as it is in the file, as a float, and while one becomes the other
SHOWN_CAUSE = 160
LISTED = 8
SUFFIX = ".npy"
EXACT_INTEGERS = 2**53
WHITES = {"u1": 255, "u2": 65535}

# Version -> how many bytes hold the length of the header, and what reads both
HEADER_READERS = {
    (1, 0): (2, npy_format.read_array_header_1_0),
    (2, 0): (4, npy_format.read_array_header_2_0),
    (3, 0): (4, npy_format.read_array_header_2_0),  # differs in the names of fields only
}

NUMBERS = {
    "b": "0 and 1",
    "u": "whole numbers, none negative",
    "i": "whole numbers",
    "f": "real numbers",
}
KINDS = {
    "O": "Python objects",
    "c": "complex numbers",
    "M": "dates",
    "m": "durations",
    "S": "bytes",
    "U": "text",
    "V": "records",
    "T": "text",
}


@dataclass(frozen=True)
class ArrayEntry:
    """One array of a file as its header describes it; `problem` says why it cannot be read."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    problem: str = ""

    def __str__(self) -> str:
        return f"{one_line(self.name)} ({'×'.join(map(str, self.shape)) or 'one number'})"

    @property
    def kind(self) -> str:
        """What it holds, in words.

        >>> ArrayEntry("a", (2, 2), "float32").kind, ArrayEntry("b", (), "<U4").kind
        ('real numbers, 32 bits', 'text')
        """
        try:
            dtype = np.dtype(self.dtype)
        except TypeError:
            return "unknown"
        kind = NUMBERS.get(dtype.kind)
        if kind is None:
            return KINDS.get(dtype.kind, str(dtype))
        return f"{kind}, {8 * dtype.itemsize} bits" if dtype.kind != "b" else kind


@dataclass(frozen=True)
class Header:
    shape: tuple[int, ...]
    fortran_order: bool
    dtype: np.dtype[Any]

    @property
    def byte_count(self) -> int:
        return prod(self.shape) * self.dtype.itemsize


def read_npy(source: Source) -> Loaded:
    return _as_loaded(_read_values(source.stream, _read_header(source.stream)))


def read_npz(source: Source) -> Loaded:
    """The one array of the file, or the one that `source.array_name` asks for."""
    with open_archive(source.stream) as archive:
        member = _choose(archive, source.array_name)
        with archive.open(member) as stream:
            return _as_loaded(_read_values(stream, _read_header(stream)))


def _as_loaded(array: NDArray[Any]) -> Loaded:
    return Loaded(array, rounding(array), WHITES.get(array.dtype.str[1:]))


def list_npz(source: Source) -> tuple[ArrayEntry, ...]:
    with open_archive(source.stream) as archive:
        return tuple(_entries(archive))


def open_archive(stream: BinaryIO) -> zipfile.ZipFile:
    """Open a ZIP file whose contents, which are read at once, are no longer than they may be."""
    reason = f"it holds more than {MAX_MEMBERS:,} arrays, or names of arrays without end"
    bounded = BoundedReads(stream, reason, reads=MAX_MEMBERS, bytes_=MAX_CONTENTS_BYTES)
    archive = zipfile.ZipFile(cast("BinaryIO", bounded))
    if packed := next((m for m in archive.infolist() if m.compress_type not in UNPACKED), None):
        name = PACKERS.get(packed.compress_type, "a method")
        raise Refusal(f"{shown(packed.filename)} is packed by {name} that is not read; {REPACK}")
    archive.fp = stream
    return archive


def _choose(archive: zipfile.ZipFile, name: str | None) -> zipfile.ZipInfo:
    members = {_array_name(member): member for member in _members(archive)}
    if not members:
        raise Refusal("this archive holds no NumPy array")
    if name is None and len(members) == 1:
        return next(iter(members.values()))
    if name in members:
        return members[name]
    listed = _listing(archive)
    if name is None:
        raise Refusal(f"it holds {len(members)} arrays, choose one by its name: {listed}")
    raise Refusal(f"it holds no array {one_line(name)!r}; it holds {listed}")


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    members = [member for member in archive.infolist() if member.filename.endswith(SUFFIX)]
    if not members and archive.fp is not None:
        refuse_archive(archive.namelist(), Source(cast("BinaryIO", archive.fp)))
    if len(members) > MAX_MEMBERS:
        raise Refusal(f"it holds more than {MAX_MEMBERS:,} arrays")
    if len({member.filename for member in members}) < len(members):
        raise Refusal("it holds two arrays of one name")
    return members


def _array_name(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(SUFFIX)


def _entries(archive: zipfile.ZipFile) -> Iterator[ArrayEntry]:
    for member in _members(archive):
        yield _entry(archive, member)


def _entry(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> ArrayEntry:
    name = _array_name(member)
    try:
        with archive.open(member) as stream:
            header = _read_header(stream)
    except Exception as error:  # whatever zipfile and NumPy stumble over
        return ArrayEntry(name, (), "", f"it is damaged ({one_line(str(error))[:SHOWN_CAUSE]})")
    try:
        _check(header)
    except Refusal as error:
        return ArrayEntry(name, header.shape, str(header.dtype), str(error))
    return ArrayEntry(name, header.shape, str(header.dtype))


def _listing(archive: zipfile.ZipFile) -> str:
    """The first names, with their shapes where these can be read."""
    members = _members(archive)
    more = f" and {len(members) - LISTED} more" if len(members) > LISTED else ""
    entries = (_entry(archive, member) for member in members[:LISTED])
    return ", ".join(str(e) if e.dtype else one_line(e.name) for e in entries) + more


def _read_header(stream: IO[bytes]) -> Header:
    version = npy_format.read_magic(stream)
    if version not in HEADER_READERS:
        raise Refusal(f"NPY version {version[0]}.{version[1]} is newer than convviz knows")
    width, read_header = HEADER_READERS[version]
    header = io.BytesIO(_header_bytes(stream, width))
    return Header(*read_header(header, max_header_size=MAX_HEADER_BYTES))


def _header_bytes(stream: IO[bytes], width: int) -> bytes:
    """Return the length of the header and the header: NumPy would read all that it claims to be."""
    length = stream.read(width)
    claimed = int.from_bytes(length, "little")
    if claimed > MAX_HEADER_BYTES:
        raise Refusal(f"its header has {claimed:,} bytes; at most {MAX_HEADER_BYTES:,} are read")
    return length + stream.read(claimed)


def _read_values(stream: IO[bytes], header: Header) -> NDArray[Any]:
    _check(header)
    data = stream.read(header.byte_count)
    if len(data) < header.byte_count:
        raise Refusal(f"it is cut short: {len(data):,} of {header.byte_count:,} bytes of numbers")
    values: NDArray[Any] = np.frombuffer(data, header.dtype)
    if header.fortran_order:
        return values.reshape(header.shape[::-1]).T
    return values.reshape(header.shape)


def _check(header: Header) -> None:
    if header.dtype.kind not in "biuf":
        kind = KINDS.get(header.dtype.kind, str(header.dtype))
        raise Refusal(f"it holds {kind}; convviz reads whole and real numbers")
    if not 1 <= len(header.shape) <= MAX_RANK:
        raise Refusal(f"it has {len(header.shape)} dimensions; convviz reads 1 to {MAX_RANK}")
    if not all(size > 0 for size in header.shape):
        raise Refusal(f"it is empty: its shape is {header.shape}")
    if prod(header.shape) * 8 > MAX_ARRAY_BYTES:
        limit = MAX_ARRAY_BYTES // 8
        raise Refusal(f"it holds {prod(header.shape):,} numbers; at most {limit:,} are read")
    if lack := lacking(NUMBER_BYTES * prod(header.shape)):
        raise Refusal(f"{lack}; take a part of it")


def rounding(array: NDArray[Any]) -> tuple[str, ...]:
    if array.dtype.kind not in "iu" or array.dtype.itemsize < 8:
        return ()
    exact = array.min() >= -EXACT_INTEGERS and array.max() <= EXACT_INTEGERS
    return () if exact else ("integers beyond 2^53 are rounded",)

"""The boundary through which all data from outside comes in: an array, or one FileError."""

import io
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from convviz.files.audio import read_wav
from convviz.files.avif import read_avif
from convviz.files.errors import (
    TOO_LITTLE,
    FileError,
    MissingPackage,
    NeedsPackage,
    Refusal,
    one_line,
)
from convviz.files.foreign_images import find_foreign_image
from convviz.files.foreign_models import find_foreign, refuse_index
from convviz.files.images import read_image
from convviz.files.jpeg import read_jpeg
from convviz.files.literals import parse_array
from convviz.files.netpbm import read_netpbm
from convviz.files.numpy_files import ArrayEntry, list_npz, read_npy, read_npz
from convviz.files.safetensors_files import list_safetensors, read_safetensors
from convviz.files.source import MAX_FILE_BYTES, MAX_RANK, Loaded, Source, is_there, open_regular
from convviz.files.spreadsheets import REMEDY as SHEET_REMEDY
from convviz.files.spreadsheets import read_xlsx
from convviz.files.text_files import (
    MAX_JSON_BYTES,
    is_text,
    read_json,
    read_text,
    read_typed,
)
from convviz.files.tiff_images import read_tiff

HEAD_BYTES = 64
SHOWN_CAUSE = 160

IMAGE_REMEDY = "save it again as PNG"
TIFF_REMEDY = "save it again as TIFF"  # PNG holds no floats
AUDIO_REMEDY = "save it again as WAV, not compressed"
NUMPY_REMEDY = "save it again with NumPy"

TEXT_REMEDY = "save it again as plain text"
TABLE_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".dat")
NOTHING = rb"(?!)"
LARGEST_OF_PARTS = 64 * 2**30  # bytes of a file of which one array is read


_process_wide = threading.Lock()  # filters of warnings and descriptor 2 belong to all threads


@dataclass(frozen=True)
class Format:
    """A kind of file. What a file begins with decides; its suffix does where that says nothing."""

    name: str
    beginning: bytes  # a regular expression
    suffixes: tuple[str, ...]
    read: Callable[[Source], Loaded]
    remedy: str = IMAGE_REMEDY
    list_arrays: Callable[[Source], tuple[ArrayEntry, ...]] | None = None  # where it has several
    largest: int = MAX_FILE_BYTES


def _refuse_model(_source: Source) -> Loaded:
    raise Refusal("it holds layers, no image; take them by File ▸ Weights… or with -k")


def _read_json(source: Source) -> Loaded:
    _refuse_index(source)
    return read_json(source)


def _refuse_index(source: Source) -> None:
    refuse_index(source.stream.read(MAX_JSON_BYTES))
    source.stream.seek(0)


def _read_unknown(source: Source) -> Loaded:
    """A file of no known suffix: a table, if it is text at all."""
    if not is_text(source):
        *kinds, last = (kind.suffixes[0][1:].upper() for kind in FORMATS if _is_read(kind))
        raise Refusal(f"files of this kind are not read; save it as {', '.join(kinds)} or {last}")
    return read_text(source)


FORMATS = (
    Format("a PNG image", rb"\x89PNG", (".png", ".apng"), read_image),
    Format("a JPEG image", rb"\xff\xd8\xff", (".jpg", ".jpeg", ".jpe"), read_jpeg),
    Format("a BMP image", rb"BM", (".bmp", ".dib"), read_image),
    Format("a GIF image", rb"GIF8", (".gif",), read_image),
    Format("a TIFF image", rb"II[*+]\0|MM\0[*+]", (".tif", ".tiff"), read_tiff, TIFF_REMEDY),
    Format("a WebP image", rb"RIFF....WEBP", (".webp",), read_image),
    Format(
        "an AVIF image", rb".{4}ftyp(?:avi[fs]|m[is]f1.{4}(?:.{4})*?avi[fs])", (".avif",), read_avif
    ),
    Format("a WAV file", rb"RIFF....WAVE|RIFX....WAVE", (".wav",), read_wav, AUDIO_REMEDY),
    Format(
        "a PPM image",
        rb"P[1-6]\s+[\d#]|P7\s|P[fF]\s+\d",
        (".ppm", ".pgm", ".pbm", ".pnm", ".pam", ".pfm"),
        read_netpbm,
        "save it again as PPM or PAM",
    ),
    Format("a NumPy array", rb"\x93NUMPY", (".npy",), read_npy, NUMPY_REMEDY),
    Format(
        "a NumPy archive",
        rb"PK\x03\x04|PK\x05\x06",
        (".npz",),
        read_npz,
        NUMPY_REMEDY,
        list_arrays=list_npz,
    ),
    Format(
        "a safetensors file",
        rb".{6}\0\0\{",
        (".safetensors",),
        read_safetensors,
        "save it again with safetensors",
        list_arrays=list_safetensors,
        largest=LARGEST_OF_PARTS,
    ),
    Format("a spreadsheet", rb"PK\x03\x04", (".xlsx", ".xlsm"), read_xlsx, SHEET_REMEDY),
    Format("an ONNX model", NOTHING, (".onnx",), _refuse_model, "export it again"),
    Format("a JSON list", NOTHING, (".json",), _read_json, TEXT_REMEDY),
    Format("a table of numbers", NOTHING, TABLE_SUFFIXES, read_text, TEXT_REMEDY),
)
UNKNOWN = Format("a table of numbers", NOTHING, (), _read_unknown, TEXT_REMEDY)
TYPED = Format("numbers", NOTHING, (), read_typed, "type it again")
ARCHIVE = next(kind for kind in FORMATS if kind.read is read_npz)
TENSORS = next(kind for kind in FORMATS if kind.read is read_safetensors)
MODEL = next(kind for kind in FORMATS if kind.read is _refuse_model)
SUFFIXES = tuple(suffix for kind in FORMATS for suffix in kind.suffixes)


def _is_read(kind: Format) -> bool:
    return kind.read is not _refuse_model


@dataclass(frozen=True, eq=False)
class ArrayFile:
    """What a file holds.

    `array` is read-only and finite, float32 if the file is and else float64: (rows, columns) for
    a grey image or a table, (3, rows, columns) for a colour image, and 1 to 4 dimensions as they
    are for an array. `notices` are sentences for the person about what is not as in the file;
    `white` is the largest value that a cell can have, 255 for 8 bits, None where there is none.
    `is_table` says that it was written as rows of numbers, which cannot tell a signal from an
    image of one row.
    """

    name: str
    array: NDArray[np.floating[Any]]
    notices: tuple[str, ...] = ()
    white: int | None = None
    is_table: bool = False

    @property
    def is_signal(self) -> bool:
        """Whether it is samples in a row, or in a column."""
        return self.array.ndim == 1 or (self.is_table and 1 in self.array.shape)


def read_array(path: Path | str, *, name: str | None = None) -> ArrayFile:
    """Read an image, a NumPy array or a table of numbers; `name` chooses one array of an NPZ file.

    Raises FileError, and nothing else, whatever the file holds.
    """
    path = Path(path)
    with boundary(path), open_any(path) as stream:
        kind = _format_of(stream, path)
        if name is not None and kind.list_arrays is None:
            raise Refusal("it holds one array, which has no name")
        loaded = _loaded(kind, Source(stream, name))
    title = path.stem if name is None else f"{path.stem} {name}"
    return _array_file(title, kind, loaded)


def array_in(text: str) -> tuple[Path, str | None]:
    """Return the file and the array in it that `ARCHIVE.npz:NAME` means, or the file alone.

    >>> array_in("maps.npz:a/b")[1], array_in("maps.npz")[1]
    ('a/b', None)
    """
    archive, _, name = text.rpartition(":")
    if not archive.lower().endswith(".npz") or is_there(Path(text)):
        return Path(text), None
    return Path(archive), name


def _array_file(name: str, kind: Format, loaded: Loaded) -> ArrayFile:
    is_table = kind.read in (read_text, read_xlsx, _read_unknown, read_typed)
    return ArrayFile(one_line(name), loaded.array, loaded.notices, loaded.white, is_table)


def read_text_array(text: str, name: str, *, decimal_comma: bool = False) -> ArrayFile:
    """The array in a text from standard input or the clipboard, which errors call `name`."""
    with boundary(name):
        array = _gated(parse_array(text, decimal_comma=decimal_comma))
    return ArrayFile(one_line(name), array)


def read_piped(data: bytes, name: str) -> ArrayFile:
    """The array in what another program hands over: one line is read as typed, more as a file.

    Raises FileError, which calls it `name`, and nothing else.
    """
    kind = find_format(data[:HEAD_BYTES], "")
    typed = kind is UNKNOWN and b"\n" not in data.strip()
    with boundary(name):
        if len(data) > MAX_FILE_BYTES:
            raise Refusal(f"at most {MAX_FILE_BYTES // 2**20} MiB are read")
        loaded = _loaded(TYPED if typed else kind, Source(io.BytesIO(data)))
    return _array_file(name, kind, loaded)


def list_arrays(path: Path | str) -> tuple[ArrayEntry, ...]:
    """The arrays in an NPZ or safetensors file, from their headers; raises FileError."""
    path = Path(path)
    with boundary(path), open_any(path) as stream:
        kind = _format_of(stream, path)
        if kind.read is _read_json:
            _refuse_index(Source(stream))
        if kind.list_arrays is None:
            raise Refusal(f"it is {kind.name}, which holds no arrays with names")
        with reading(kind):
            return kind.list_arrays(Source(stream))


def open_any(path: Path) -> BinaryIO:
    """Open a file that is no larger than those of its suffix may be; raises Refusal."""
    suffix = path.suffix.lower()
    largest = next((kind.largest for kind in FORMATS if suffix in kind.suffixes), MAX_FILE_BYTES)
    return open_regular(path, largest)


def format_in(path: Path) -> Format:
    """What a file is by what it begins with, else by its suffix; where there is none, by that."""
    try:
        with open_any(path) as stream:
            head = stream.read(HEAD_BYTES)
    except (Refusal, OSError):
        head = b""
    return find_format(head, path.suffix)


def _format_of(stream: BinaryIO, path: Path) -> Format:
    head = stream.read(HEAD_BYTES)
    if not head:
        raise Refusal("the file is empty; choose another")
    stream.seek(0)
    return find_format(head, path.suffix)


def find_format(head: bytes, suffix: str) -> Format:
    """The format of a file that begins with `head`; text of any suffix is taken as a table."""
    begun = [kind for kind in FORMATS if re.match(kind.beginning, head, re.DOTALL)]
    if begun:
        return next((kind for kind in begun if suffix.lower() in kind.suffixes), begun[0])
    if foreign := find_foreign(head, suffix) or find_foreign_image(head, suffix):
        refuse = foreign.refuse
        return Format(foreign.name, foreign.beginning, (), refuse, list_arrays=refuse)
    for kind in FORMATS:
        if suffix.lower() in kind.suffixes:
            return kind
    return UNKNOWN


def _loaded(kind: Format, source: Source) -> Loaded:
    with reading(kind):
        loaded = kind.read(source)
        return Loaded(_gated(loaded.array), loaded.notices, loaded.white)


def _gated(array: NDArray[Any]) -> NDArray[np.floating[Any]]:
    """What every array must be, from whichever reader: real, finite, of 1 to 4 dimensions."""
    if not 1 <= array.ndim <= MAX_RANK or array.size == 0:
        raise Refusal(f"its shape is {array.shape}; convviz reads 1 to {MAX_RANK} dimensions")
    single = array.dtype.kind == "f" and array.dtype.itemsize == 4
    dtype = np.float32 if single else np.float64
    with np.errstate(all="ignore"):
        floats: NDArray[np.floating[Any]] = np.ascontiguousarray(array, dtype=dtype)
    if not np.isfinite(floats).all():
        first = np.argwhere(~np.isfinite(floats))[0]
        place = ", ".join(map(str, first))
        raise Refusal(f"it holds NaN or infinity, first at [{place}]; replace these by numbers")
    floats.flags.writeable = False
    return floats


@contextmanager
def boundary(file: Path | str) -> Iterator[None]:
    """Turn whatever is raised into a FileError that names `file`."""
    try:
        yield
    except FileError:
        raise
    except MissingPackage as error:
        raise NeedsPackage(file, str(error)) from None
    except Refusal as error:
        raise FileError(file, str(error)) from None
    except MemoryError:
        raise FileError(file, TOO_LITTLE) from None
    except Exception as error:
        raise FileError(file, f"it cannot be read ({_cause(error)})") from error


@contextmanager
def reading(kind: Format) -> Iterator[None]:
    """Whatever a library raises means that the file is damaged; what it warns of is no news."""
    try:
        with _process_wide, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (Refusal, MemoryError):
        raise
    except Exception as error:
        reason = f"it is damaged, or not {kind.name} ({_cause(error)}); {kind.remedy}"
        raise Refusal(reason) from error


def _cause(error: Exception) -> str:
    return one_line(str(error) or type(error).__name__)[:SHOWN_CAUSE]

"""Files of every kind that convviz reads, written by the libraries that people write them with."""

import io
import os
import pickle
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import convviz
from convviz.files.errors import FileError
from convviz.files.read import (
    FORMATS,
    SUFFIXES,
    find_format,
    list_arrays,
    read_array,
    read_text_array,
)

ROOT = Path(convviz.__file__).parents[1]

TEXTS = {
    "a.csv": ("1,2\n3,4\n", [[1, 2], [3, 4]]),
    "b.csv": ("0,5;1,25\n2;3\n", [[0.5, 1.25], [2, 3]]),
    "one-row.csv": ("0,5;1;2,25\n", [[0.5, 1, 2.25]]),
    "c.tsv": ("1\t2\n3\t4\n", [[1, 2], [3, 4]]),
    "d.txt": ("1 2\n3 4\n", [[1, 2], [3, 4]]),
    "kernel.txt": ("1,0,-1;2,0,-2;1,0,-1", [[1, 0, -1], [2, 0, -2], [1, 0, -1]]),
    "ninths.txt": ("1/9 -1/9", [[1 / 9, -1 / 9]]),
    "e.json": ("[[1, 2], [3, 4.5]]", [[1, 2], [3, 4.5]]),
    "flat.json": ("[1, 2, 3]", [1, 2, 3]),
    "f.txt": ("[[1. 2.]\n [3. 4.]]", [[1, 2], [3, 4]]),
    "no-suffix": ("1,2", [[1, 2]]),
    "strange.suffix": ("1,2", [[1, 2]]),
    "UPPER.JSON": ("[1]", [1]),
    "blank-lines.csv": ("\n1,2\n\n3,4\n\n", [[1, 2], [3, 4]]),
    "notes.txt": ("# by numpy.savetxt\n1.5e+00 2.5e+00\n", [[1.5, 2.5]]),
}


@pytest.mark.parametrize(("name", "text", "expected"), [(n, *t) for n, t in TEXTS.items()])
def test_text_is_read_as_numbers(tmp_path, name, text, expected):
    path = tmp_path / name
    path.write_text(text)
    file = read_array(path)
    assert file.array.tolist() == expected
    assert file.name == path.stem
    assert file.notices == ()


def test_column_names_may_stand_over_decimal_commas(tmp_path):
    (tmp_path / "a.csv").write_text('"x, cm";y\n0,5;1\n')
    assert read_array(tmp_path / "a.csv").array.tolist() == [[0.5, 1]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_column_names_are_left_out_and_told(tmp_path, encoding):
    path = tmp_path / "a.csv"
    path.write_text("Größe,b\n1,2\n3,4\n", encoding=encoding)
    file = read_array(path)
    assert file.array.tolist() == [[1, 2], [3, 4]]
    assert file.notices == ("line 1 is taken as column names: Größe, b",)


UNKNOWN = (
    "files of this kind are not read; save it as PNG, JPG, BMP, GIF, TIF, WEBP, AVIF, WAV, PPM, "
    "NPY, NPZ, SAFETENSORS, XLSX, JSON or CSV"
)
TWO_WAYS = (
    "line 1: rows of 2 numbers, or numbers with decimal commas? "
    "Write each row on a line of its own, or decimal points"
)
BAD_TEXTS = {
    "text.csv": ("1,2\n3,abc\n", "line 2, column 2: 'abc' is not a number"),
    "words.csv": ("hello\n", "line 1, column 1: 'hello' is not a number"),
    "ragged.csv": ("1,2,3\n4,5\n", "line 2: 2 numbers, but line 1 has 3"),
    "dates.csv": (
        "06/30/2000,5\n",
        "line 1, column 1: '06/30/2000' looks like a date, not a number",
    ),
    "phones.txt": (
        "555-1234 5\n",
        "line 1, column 1: '555-1234' may be a sum, a date or a range; write a number",
    ),
    "sums.txt": (
        "1+1 5\n",
        "line 1, column 1: '1+1' may be a sum, a date or a range; write a number",
    ),
    "nan.csv": ("1,NaN\n", "line 1, column 2: 'NaN' is not a finite number"),
    "two-ways.csv": (
        "0,5;1,5\n",
        TWO_WAYS,
    ),
    "binary.csv": ("1,\x002", "line 1, column 3: the character 0 is not text"),
    "binary.xyz": (
        "\x1f\x00\x03",
        UNKNOWN,
    ),
    "empty.csv": ("", "the file is empty; choose another"),
    "blank.csv": ("\n\n", "there are no numbers in it"),
    "names.csv": ("a,b\n", "line 1, column 1: 'a' is not a number"),
    "nan.json": ("[NaN]", "NaN is not a finite number"),
    "huge.json": ("[1e400]", "a number in it is too large"),
    "comma.json": ("[1 2]", "line 1, column 4: this is not JSON: Expecting ',' delimiter"),
    "object.json": ('{"a": 1}', "it holds an object, not a list of rows of numbers"),
    "true.json": ("[1, true]", "it holds true in place 2 of a list"),
    "text.json": ('[["1"]]', "it holds the text '1' in place 1 of a list"),
    "deep.json": ("[" * 100 + "]" * 100, "its brackets are nested deeper than 64 levels"),
    "five.json": ("[[[[[1]]]]]", "its brackets are nested 5 deep; at most 4 are read"),
    "ragged.json": ("[[1, 2], [3]]", "row 2 has 1 number, but row 1 has 2"),
    "fake.png": (
        "hello",
        "it is damaged, or not a PNG image (no image begins like this); save it again as PNG",
    ),
}


@pytest.mark.parametrize(("name", "text", "reason"), [(n, *t) for n, t in BAD_TEXTS.items()])
def test_a_bad_text_is_refused_in_one_line(tmp_path, name, text, reason):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(FileError) as error:
        read_array(path)
    assert str(error.value) == f"{path}: {reason}"


@pytest.mark.parametrize("dtype", ["bool", "int8", ">i2", "uint64", "f2", "f4", ">f4", "f8", "g"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_numpy_arrays_keep_their_numbers(tmp_path, dtype, order):
    array = np.array([[1, 0, 2], [3, 1, 0]], dtype=dtype, order=order)
    np.save(tmp_path / "a.npy", array)
    file = read_array(tmp_path / "a.npy")
    np.testing.assert_array_equal(file.array, array)
    assert file.array.dtype == (np.float32 if "f4" in dtype else np.float64)
    assert file.array.flags.c_contiguous


@pytest.mark.parametrize("shape", [(3,), (2, 3), (3, 2, 2), (2, 3, 2, 1)])
def test_numpy_arrays_keep_their_dimensions(tmp_path, shape):
    np.save(tmp_path / "a.npy", np.ones(shape))
    assert read_array(tmp_path / "a.npy").array.shape == shape


BAD_ARRAYS = {
    "objects": (np.array([None, {}]), "it holds Python objects; convviz reads whole and real"),
    "complex": (np.array([1j]), "it holds complex numbers; convviz reads whole and real numbers"),
    "dates": (np.array(["2020-01-01"], dtype="M8[D]"), "it holds dates; convviz reads"),
    "text": (np.array(["a"]), "it holds text; convviz reads"),
    "records": (np.zeros(2, dtype=[("a", "f4")]), "it holds records; convviz reads"),
    "one number": (np.array(1.0), "it has 0 dimensions; convviz reads 1 to 4"),
    "five dimensions": (np.ones((1,) * 5), "it has 5 dimensions; convviz reads 1 to 4"),
    "empty": (np.ones((0, 3)), "it is empty: its shape is (0, 3)"),
    "NaN": (np.array([[1, np.nan]]), "it holds NaN or infinity, first at [0, 1]; replace these"),
    "too large": (
        np.array([1e4000], dtype="g") if np.finfo("g").max > 1e308 else np.array([np.inf]),
        "it holds NaN or infinity",
    ),
}


@pytest.mark.parametrize(("array", "reason"), BAD_ARRAYS.values(), ids=BAD_ARRAYS)
def test_an_array_of_another_kind_is_refused_by_its_name(tmp_path, array, reason):
    path = tmp_path / "a.npy"
    np.save(path, array)
    with pytest.raises(FileError) as error:
        read_array(path)
    assert str(error.value).startswith(f"{path}: {reason}")


def test_integers_that_float64_cannot_hold_are_told(tmp_path):
    np.save(tmp_path / "a.npy", np.array([2**53 + 1, 1]))
    assert read_array(tmp_path / "a.npy").notices == ("integers beyond 2^53 are rounded",)
    np.save(tmp_path / "a.npy", np.array([2**53, -(2**53)]))
    assert read_array(tmp_path / "a.npy").notices == ()


def test_an_array_of_python_2_opens_without_a_warning(tmp_path):
    header = "{'descr': '<f8', 'fortran_order': False, 'shape': (2L,), }"
    (tmp_path / "a.npy").write_bytes(_npy(header) + np.array([1.0, 2.0]).tobytes())
    assert read_array(tmp_path / "a.npy").array.tolist() == [1, 2]


def test_an_archive_opens_if_it_holds_one_array(tmp_path):
    np.savez(tmp_path / "a.npz", kernel=np.eye(3))
    file = read_array(tmp_path / "a.npz")
    assert file.name == "a"
    np.testing.assert_array_equal(file.array, np.eye(3))


def test_an_archive_of_several_arrays_asks_for_a_name(tmp_path):
    path = tmp_path / "weights.npz"
    np.savez_compressed(path, conv1=np.ones((2, 3)), bias=np.ones(2), **{"a/b": np.array("x")})
    with pytest.raises(FileError) as error:
        read_array(path)
    listing = "conv1 (2×3), bias (2), a/b (one number)"
    assert error.value.reason == f"it holds 3 arrays, choose one by its name: {listing}"
    with pytest.raises(FileError) as error:
        read_array(path, name="conv2")
    assert error.value.reason == f"it holds no array 'conv2'; it holds {listing}"
    assert read_array(path, name="bias").name == "weights bias"
    assert read_array(path, name="bias").array.tolist() == [1, 1]
    assert [(a.name, a.shape, a.dtype) for a in list_arrays(path)] == [
        ("conv1", (2, 3), "float64"),
        ("bias", (2,), "float64"),
        ("a/b", (), "<U1"),
    ]


def test_an_archive_without_arrays_says_so(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(FileError, match="holds no NumPy array"):
        read_array(path)


def test_only_an_archive_has_names(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("1,2")
    with pytest.raises(FileError, match="it holds one array, which has no name"):
        read_array(path, name="a")


def test_what_a_file_begins_with_decides_before_its_suffix(tmp_path):
    np.save(tmp_path / "a.npy", np.eye(2))
    renamed = (tmp_path / "a.npy").rename(tmp_path / "a.png")
    np.testing.assert_array_equal(read_array(renamed).array, np.eye(2))


def test_the_table_of_formats_finds_every_suffix():
    for kind in FORMATS:
        for suffix in kind.suffixes:
            assert find_format(b"", suffix.upper()) is kind
    assert len(set(SUFFIXES)) == len(SUFFIXES)


def test_what_comes_back_cannot_be_changed(tmp_path):
    (tmp_path / "a.csv").write_text("1,2")
    file = read_array(tmp_path / "a.csv")
    with pytest.raises(ValueError, match="read-only"):
        file.array[0, 0] = 5
    with pytest.raises(AttributeError):
        file.name = "b"  # type: ignore[misc]


def test_text_from_elsewhere_is_read_under_its_name():
    file = read_text_array("1,0;0,sqrt(2)", "standard input")
    assert file.array.tolist() == [[1, 0], [0, 2**0.5]]
    assert file.name == "standard input"
    assert not file.array.flags.writeable
    with pytest.raises(FileError) as error:
        read_text_array("1,x", "standard input")
    assert str(error.value) == "standard input: line 1, column 2: 'x' is not a number"


def _missing(path: Path) -> None:
    pass


def _broken_link(path: Path) -> None:
    path.symlink_to("nowhere")


def _looped_link(path: Path) -> None:
    path.symlink_to(path.name)


NOT_FILES = {
    "there is no such file; check its name and folder": _missing,
    "this is a folder; choose a file in it": Path.mkdir,
    "this is a pipe, not a file; the command line reads it as -": os.mkfifo,
    "there is no such file; check its name and folder ": _broken_link,
    "this link leads back to itself": _looped_link,
}


@pytest.mark.skipif(os.name != "posix", reason="pipes and links")
@pytest.mark.parametrize(("reason", "make"), NOT_FILES.items())
@pytest.mark.parametrize("suffix", [".png", ".csv", ".npy"])
def test_only_regular_files_are_opened(tmp_path, reason, make, suffix):
    path = tmp_path / f"a{suffix}"
    make(path)
    with pytest.raises(FileError) as error:
        read_array(path)
    assert str(error.value) == f"{path}: {reason.strip()}"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/dev/zero", "this is a device; choose a file"),
        ("/etc/passwd/a.csv", "there is no such file; a part of its folder's name is a file"),
        ("a" * 5000, "this name is longer than names of files can be"),
        ("a\0b.png", "there is no such file; its name holds a zero byte"),
        ("", "this is a folder; choose a file in it"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="devices")
def test_strange_paths_have_their_sentence(path, reason):
    with pytest.raises(FileError) as error:
        read_array(path)
    assert error.value.reason == reason


def test_a_name_cannot_break_the_line():
    with pytest.raises(FileError) as error:
        read_array("a\nb\x1b[31m\u202ec.png")
    assert str(error.value).startswith(r"a\nb\x1b[31m\u202ec.png: ")


def test_an_error_survives_the_way_between_processes():
    error = FileError(Path("a.png"), "it is damaged")
    assert str(pickle.loads(pickle.dumps(error))) == "a.png: it is damaged"


def test_sizes_are_refused_before_memory_is_taken(tmp_path):
    sparse = tmp_path / "a.csv"
    with sparse.open("wb") as stream:
        stream.truncate(300 * 2**20)
    with pytest.raises(FileError, match="it has 300 MiB; at most 256 MiB are read"):
        read_array(sparse)
    with sparse.open("wb") as stream:
        stream.write(b" " * 33 * 2**20)
    with pytest.raises(FileError, match="more than 32 MiB of text"):
        read_array(sparse)
    listed = tmp_path / "a.json"
    listed.write_text("[" + " " * 11 * 2**20 + "1]")
    with pytest.raises(FileError, match="more than 10 MiB of text"):
        read_array(listed)


def _npy(header: str) -> bytes:
    data = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(data).to_bytes(2, "little") + data


NPY_HEADERS = {
    "more than memory": (
        "{'descr': '<f8', 'fortran_order': False, 'shape': (99999, 99999)}",
        "it holds 9,999,800,001 numbers; at most 33,554,432 are read",
    ),
    "cut short": (
        "{'descr': '<f8', 'fortran_order': False, 'shape': (5, 5)}",
        "it is cut short: 0 of 200 bytes of numbers",
    ),
    "negative": (
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-5, 5)}",
        "it is empty: its shape is (-5, 5)",
    ),
    "no dictionary": ("[1]", "it is damaged, or not a NumPy array"),
    "code": ("__import__('os').abort()", "it is damaged, or not a NumPy array"),
    "deep": ("(" * 5000, "it is damaged, or not a NumPy array"),
    "long": (
        "{'descr': '<f8', 'fortran_order': False, 'shape': (5,)}" + " " * 20000,
        "its header has 20,056 bytes; at most 10,000 are read",
    ),
}


@pytest.mark.parametrize(("header", "reason"), NPY_HEADERS.values(), ids=NPY_HEADERS)
def test_a_header_of_numpy_is_looked_through_first(tmp_path, header, reason):
    (tmp_path / "a.npy").write_bytes(_npy(header))
    with pytest.raises(FileError) as error:
        read_array(tmp_path / "a.npy")
    assert error.value.reason.startswith(reason)


def test_an_archive_that_unpacks_to_more_than_memory_is_refused(tmp_path):
    path = tmp_path / "bomb.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        header = "{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000,)}"
        with archive.open("a.npy", "w", force_zip64=True) as member:
            member.write(_npy(header))
            member.write(bytes(100 * 2**20))
    with pytest.raises(FileError, match="it holds 1,000,000,000 numbers"):
        read_array(path)


def test_nothing_is_unpickled(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (Path(tmp_path / "exploded").touch, ())

    np.save(tmp_path / "a.npy", np.array([Bomb()]), allow_pickle=True)
    (tmp_path / "b.npy").write_bytes(pickle.dumps(Bomb()))
    buffer = io.BytesIO()
    np.savez(buffer, a=np.array([Bomb()]))
    (tmp_path / "c.npz").write_bytes(buffer.getvalue())
    for name in ("a.npy", "b.npy", "c.npz"):
        with pytest.raises(FileError):
            read_array(tmp_path / name)
    assert not (tmp_path / "exploded").exists()


def test_the_reader_is_imported_without_pillow_and_scipy():
    code = (
        "import sys, convviz.files.read as read;"
        "loaded = {name.partition('.')[0] for name in sys.modules};"
        "assert 'numpy' in loaded;"
        "assert not loaded & {'PIL', 'scipy', 'PySide6'}, loaded"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)

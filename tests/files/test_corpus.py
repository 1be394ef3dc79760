"""Files that others made, good and bad, with what should happen to each in MANIFEST.tsv."""

import csv
import re
import time
from pathlib import Path

import numpy as np
import pytest

import convviz
from convviz.files.errors import FileError
from convviz.files.images import to_grey
from convviz.files.read import list_arrays, read_array

CORPUS = Path(convviz.__file__).parents[2] / "shared" / "corpus"
MANIFEST = CORPUS / "MANIFEST.tsv"
NOT_READ_HERE = "onnx/"  # weights

SECONDS = 1

# The manifest takes JSON files for projects. As lists of numbers these are arrays of one number.
LISTS_OF_NUMBERS = {
    "nst/i_number_double_huge_neg_exp": 0.0,  # 123.456e-789: the nearest number
    "nst/i_number_too_big_neg_int": -123123123123123123123123123123.0,
    "nst/i_number_too_big_pos_int": 100000000000000000000.0,
    "nst/y_array_with_1_and_newline": 1.0,
    "nst/y_array_with_leading_space": 1.0,
    "nst/y_array_with_trailing_space": 2.0,
    "nst/y_number_after_space": 4.0,
    "nst/y_number_double_close_to_zero": -1e-78,
    "nst/y_number_minus_zero": 0.0,
    "nst/y_number_negative_int": -123.0,
    "nst/y_number_negative_one": -1.0,
    "nst/y_number_negative_zero": 0.0,
    "nst/y_number_real_capital_e_pos_exp": 1e2,
    "nst_transform/number_-9223372036854775808": -9223372036854775808.0,
    "nst_transform/number_1.0": 1.0,
    "nst_transform/number_10000000000000000999": 10000000000000000999.0,
}

# No line can be named in what is no text
PACKED = {f"csv/readr/eol-cr.txt.{suffix}" for suffix in ("gz", "xz", "zip")}

# What the tables hold that open
TABLES = {
    "csv/csv_spectrum/simple.csv": [[1, 2, 3]],
    "csv/csv_spectrum/simple_crlf.csv": [[1, 2, 3]],
    "csv/datatable/issue_1087_utf8_bom.csv": [[1, 2, 3]],
    "csv/datatable/issue_1330_fread.txt": [[1, 1], [2, 2], [3, 3], [4, 4], [5, 5]],
    "csv/datatable/fread_blank3.txt": [[1, 2, 3]] * 5,
    "csv/readr/fwf-trailing.txt": [[123, 123], [123, 123]],
    "csv/readr/sample_text.txt": [[123]],
}


def rows():
    if not MANIFEST.exists():
        return
    with MANIFEST.open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream, delimiter="\t", quoting=csv.QUOTE_NONE):
            if not row["file"].startswith(NOT_READ_HERE):
                yield pytest.param(row["file"], row["expected"], row["why"], id=row["file"])


def _read(name):
    """The file or its error, found in time and without a word on the terminal."""
    start = time.process_time()
    try:
        outcome = read_array(CORPUS / name)
    except FileError as error:
        outcome = error
    assert time.process_time() - start < SECONDS
    return outcome


def shape_on_screen(expected, why):
    """The manifest has the size as stored; a camera held upright turns it."""
    width, height = map(int, re.match(r"open (\d+)x(\d+)", expected).groups())
    return (width, height) if re.search("EXIF orientation [5-8]", why) else (height, width)


@pytest.mark.parametrize(("name", "expected", "why"), [*rows()])
def test_every_file_opens_or_says_why_not(name, expected, why, capfd):
    outcome = _read(name)
    assert capfd.readouterr() == ("", "")
    if isinstance(outcome, FileError):
        assert str(outcome).startswith(f"{CORPUS / name}: ")
        assert str(outcome).isprintable()
        assert len(outcome.reason) < 400
    else:
        assert np.isfinite(outcome.array).all()
        assert outcome.array.dtype in (np.float32, np.float64)
        assert not outcome.array.flags.writeable
    _check(name, expected, why, outcome)


def _check(name, expected, why, outcome):
    if name.removeprefix("json/").removesuffix(".json") in LISTS_OF_NUMBERS:
        number = LISTS_OF_NUMBERS[name.removeprefix("json/").removesuffix(".json")]
        assert outcome.array.tolist() == [number]
    elif name.startswith("csv/") and name.endswith((".csv", ".txt")):
        _check_table(name, outcome)
    elif name in PACKED or expected.startswith("error"):
        assert isinstance(outcome, FileError)
    elif match := re.match(r"open shape (\(.*\))", expected):
        assert str(outcome.array.shape) == match[1]
    elif expected.startswith("open ") and expected[5].isdigit():
        assert outcome.array.shape[-2:] == shape_on_screen(expected, why)
        assert ("first frame" in why) == any("frame" in notice for notice in outcome.notices)


def _check_table(name, outcome):
    if isinstance(outcome, FileError):
        assert name not in TABLES
        assert re.match(r"(line|row) \d+, column \d+: ", outcome.reason)
    else:
        assert outcome.array.tolist() == TABLES[name]


@pytest.mark.skipif(not MANIFEST.exists(), reason="no corpus here")
def test_what_was_tried_is_the_whole_corpus():
    names = [row.values[0] for row in rows()]
    assert len(names) == 650
    assert {f"json/{name}.json" for name in LISTS_OF_NUMBERS} <= set(names)
    assert PACKED | set(TABLES) <= set(names)


@pytest.mark.skipif(not MANIFEST.exists(), reason="no corpus here")
@pytest.mark.parametrize("name", sorted((CORPUS / "npy" / "skimage").glob("*.npz")), ids=str)
def test_every_array_of_an_archive_opens_by_its_name(name):
    for entry in list_arrays(name):
        assert read_array(name, name=entry.name).array.shape == entry.shape


@pytest.mark.skipif(not MANIFEST.exists(), reason="no corpus here")
@pytest.mark.parametrize("way", ["Landscape", "Portrait"])
def test_a_picture_looks_the_same_however_the_camera_was_held(way):
    photos = sorted((CORPUS / "jpeg" / "exif_orientation").glob(f"{way}_*.jpg"))
    first, *others = (to_grey(read_array(photo).array) for photo in photos)
    for other in others:
        assert abs(first - other).mean() < 4

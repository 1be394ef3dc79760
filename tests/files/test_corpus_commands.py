"""Files that others made, on the command line: `convviz compute FILE -k identity`."""

import re
import subprocess
import sys
import time

import numpy as np
import pytest
from test_corpus import CORPUS, MANIFEST, TABLES, rows, shape_on_screen

from convviz.cli import main
from convviz.files.errors import FileError
from convviz.files.scenes import read_scene

SECONDS = 1
BYTES = 500 * 2**20
ARGUMENTS = ("-k", "identity", "--padding", "same", "--channels", "grey")

# Run as a program of its own: what it says, and the most memory that it took
MEASURED = """
import sys, time
from pathlib import Path
from convviz.cli import main
code = main(sys.argv[1:])
status = Path("/proc/self/status").read_text()  # getrusage has what the parent took, too
peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
print(f"{peak} {time.process_time()}", file=sys.stderr)
sys.exit(code)
"""

NEVER_OPENS = ("error",)
MANY = [*rows()]
SAMPLE = MANY[::40]


def assert_one_line_that_names(path, text):
    assert re.fullmatch(r"convviz: [^\n]+\n", text), text
    assert str(path) in text
    assert "Traceback" not in text
    assert "unexpected " not in text.replace(str(path), "")


def stated_shape(name, expected, why):
    """Rows and columns that the manifest states, None where it states none."""
    if name in TABLES:
        return len(TABLES[name]), len(TABLES[name][0])
    if match := re.match(r"open shape \((\d+), (\d+)\)", expected):
        return int(match[1]), int(match[2])
    if expected.startswith("open ") and expected[5].isdigit():
        return shape_on_screen(expected, why)
    return None


@pytest.mark.parametrize(("name", "expected", "why"), MANY)
def test_every_file_is_computed_or_one_line_says_why_not(name, expected, why, capsys, tmp_path):
    made = tmp_path / "map.npy"
    start = time.process_time()
    code = main(["compute", str(CORPUS / name), *ARGUMENTS, "-o", str(made)])
    assert time.process_time() - start < SECONDS
    out, err = capsys.readouterr()
    assert code in (0, 4)
    assert out == ""
    shape = stated_shape(name, expected, why)
    if code:
        assert not made.exists()
        assert shape is None
        assert_one_line_that_names(CORPUS / name, err.splitlines(keepends=True)[-1])
        return
    assert not expected.startswith(NEVER_OPENS)
    assert shape is None or np.load(made).shape[-2:] == shape


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is told in /proc")
@pytest.mark.parametrize(("name", "expected", "why"), SAMPLE)
def test_a_process_of_its_own_takes_little_time_and_memory(name, expected, why):
    ended = subprocess.run(
        [sys.executable, "-c", MEASURED, "compute", str(CORPUS / name), *ARGUMENTS],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode in (0, 4), (expected, why)
    *said, measured = ended.stderr.splitlines()
    peak, seconds = measured.split()
    assert float(seconds) < SECONDS
    assert int(peak) < BYTES
    assert not any("Traceback" in line for line in said)


@pytest.mark.parametrize(
    "path", sorted((CORPUS / "json").rglob("*.json")), ids=lambda path: path.stem
)
def test_no_json_file_is_a_scene_and_one_line_says_why(path):
    with pytest.raises(FileError) as error:
        read_scene(path)
    assert str(error.value).startswith(f"{path}: ")
    assert str(error.value).isprintable()
    assert len(error.value.reason) < 400


@pytest.mark.skipif(not MANIFEST.exists(), reason="no corpus here")
def test_files_that_open_and_files_that_do_not_were_tried():
    stated = [row.values for row in MANY if stated_shape(*row.values)]
    assert len(stated) > 250
    assert len([row for row in MANY if row.values[1].startswith(NEVER_OPENS)]) > 100

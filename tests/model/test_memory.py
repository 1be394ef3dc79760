"""What needs more memory than there is is refused in one line, before it is begun."""

import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from convviz.cli import main
from convviz.files.errors import FileError
from convviz.files.read import read_array
from convviz.model import changes, memory
from convviz.model.memory import free_bytes, lacking
from convviz.model.session import new_session

MIB = 2**20


@pytest.fixture
def machine_with(monkeypatch):
    """Pretend that so many bytes are free."""

    def set_free(count):
        monkeypatch.setattr(memory, "MEASURES", (lambda: iter([count + memory.KEPT]),))

    return set_free


def test_this_machine_tells_how_much_is_free():
    free = free_bytes()
    assert free is None or 0 < free < 2**50


def test_the_least_of_what_is_told_counts(monkeypatch):
    measures = (lambda: iter([900 * MIB]), lambda: iter([]), lambda: iter([500 * MIB]))
    monkeypatch.setattr(memory, "MEASURES", measures)
    assert free_bytes() == 500 * MIB - memory.KEPT


def test_where_nothing_is_known_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "MEASURES", ())
    assert free_bytes() is None
    assert lacking(2**60) == ""


def test_what_is_small_is_not_refused(machine_with):
    machine_with(0)
    assert lacking(memory.SMALL) == ""
    assert lacking(memory.SMALL + 1) == "it needs 67 MB of memory, and 0 MB are free"


@pytest.mark.parametrize(
    ("lines", "free"),
    [
        ("MemTotal: 9 kB\nMemAvailable:    1000 kB\n", [1024_000]),
        ("MemTotal: 9 kB\n", []),
        ("", []),
    ],
)
def test_the_machine_is_asked_as_linux_tells(monkeypatch, tmp_path, lines, free):
    (tmp_path / "meminfo").write_text(lines)
    monkeypatch.setattr(memory, "MEMINFO", tmp_path / "meminfo")
    assert list(memory.of_machine()) == free


@pytest.mark.parametrize(("limit", "free"), [("1000\n", [600]), ("max\n", [])])
def test_a_container_is_asked_too(monkeypatch, tmp_path, limit, free):
    (tmp_path / "memory.max").write_text(limit)
    (tmp_path / "memory.current").write_text("400\n")
    monkeypatch.setattr(memory, "GROUP", tmp_path)
    assert list(memory.of_group()) == free


def test_an_image_with_its_maps_is_refused_when_there_is_no_room(machine_with):
    machine_with(100 * MIB)
    session = new_session()
    now = changes.set_image(session, np.zeros((3000, 1000)), "large")
    assert now.document is session.document
    assert now.problem.sentence == (
        "the image is too large for 1 layer: it needs 288 MB of memory, and 105 MB are free; "
        "crop it, or scale it down"
    )


def test_an_image_without_room_can_be_scaled_down_to_what_fits(machine_with):
    machine_with(100 * MIB)
    refused = changes.set_image(new_session(), np.ones((3000, 1000)), "large")
    assert [fix.label for fix in refused.problem.fixes] == [
        "scale it down to 1024 × 341",
        "scale it down to 512 × 171",
    ]
    for fix, rows in zip(refused.problem.fixes, (1024, 512), strict=True):
        mended = changes.apply_fix(refused, fix)
        assert mended.problem is None
        assert mended.document.image.shape[1] == rows
        assert mended.document.image_name == "large"
        np.testing.assert_allclose(mended.document.image, 1)


def test_layers_that_leave_no_room_offer_a_smaller_image(machine_with):
    machine_with(1000 * MIB)
    session = changes.set_image(new_session(), np.ones((3000, 1000)), "large")
    machine_with(100 * MIB)
    refused = changes.set_padding_mode(session, "reflect")
    labels = [fix.label for fix in refused.problem.fixes]
    assert labels[0] == "scale it down to 1024 × 341"


def test_a_signal_without_room_is_not_scaled(machine_with):
    machine_with(0)
    assert changes.set_image(new_session(), np.ones((1, 60)), "b").document.image.shape == (
        1,
        1,
        60,
    )


def test_numbers_that_are_too_large_are_not_mended_by_a_scale():
    refused = changes.set_image(new_session(), np.full((300, 300), 1e308), "large")
    assert refused.problem.fixes == ()


def test_the_same_image_is_taken_where_there_is_room(machine_with):
    machine_with(1000 * MIB)
    now = changes.set_image(new_session(), np.zeros((3000, 1000)), "large")
    assert now.document.image.shape == (1, 3000, 1000)
    assert now.problem is None


def test_a_picture_is_refused_before_its_pixels_are_read(machine_with, tmp_path):
    machine_with(100 * MIB)
    path = tmp_path / "large.png"
    Image.new("L", (3000, 2000)).save(path)
    with pytest.raises(FileError) as error:
        read_array(path)
    assert error.value.reason == (
        "it needs 240 MB of memory, and 105 MB are free; scale it down first"
    )


def test_an_array_is_refused_before_its_numbers_are_read(machine_with, tmp_path):
    machine_with(100 * MIB)
    for name, save in (("a.npy", np.save), ("a.npz", np.savez_compressed)):
        save(tmp_path / name, np.zeros((3000, 2000), np.uint8))
        with pytest.raises(FileError, match="it needs 144 MB of memory, and 105 MB are free"):
            read_array(tmp_path / name)


@pytest.mark.parametrize("way", [(), ("--json",), ("-o", "map.npy")])
def test_the_command_line_says_so_in_one_line(machine_with, tmp_path, monkeypatch, capsys, way):
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", np.zeros((2000, 1000)))
    machine_with(100 * MIB)
    assert main(["compute", "a.npy", "-k", "blur", *way]) == 4
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("convviz: a.npy: the image is too large for 1 layer: it needs 192 MB")
    assert err.count("\n") == 1
    assert not (tmp_path / "map.npy").exists()


def bomb(width, height):
    """A grey PNG file of zeros, in a few kilobytes."""

    def chunk(name, content):
        check = struct.pack(">I", zlib.crc32(name + content))
        return struct.pack(">I", len(content)) + name + content + check

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes((width + 1) * height), 9)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + parts


UNDER_A_LIMIT = """
import resource, sys
size = int(sys.argv[1]) * 2**20
resource.setrlimit(resource.RLIMIT_AS, (size, size))
from convviz.cli import main
sys.exit(main(["compute", sys.argv[2], "-k", "blur"]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="memory is limited by setrlimit")
@pytest.mark.parametrize("limit", [300, 600, 900, 1200, 1600, 2000])
def test_under_any_limit_of_memory_there_is_a_map_or_one_line(tmp_path, limit):
    path = tmp_path / "large.png"
    path.write_bytes(bomb(5000, 3800))
    ended = subprocess.run(
        [sys.executable, "-c", UNDER_A_LIMIT, str(limit), str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    *_, last = ended.stderr.splitlines()
    assert "Traceback" not in ended.stderr
    assert ended.returncode in (0, 4), ended.stderr
    assert (ended.returncode == 0) == bool(ended.stdout)
    if ended.returncode == 4:
        assert "memory" in last
        assert str(path) in last

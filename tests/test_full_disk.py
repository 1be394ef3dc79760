"""On a full or read-only disk a file is the old one or the new one, and one line says why."""

from pathlib import Path

import numpy as np
import pytest
from small_disks import KIB, fill, remount, room, small_disk

from convviz.cli import main
from convviz.export.frames import FrameOptions, write_frames
from convviz.files.atomic import WriteError, atomic_write
from convviz.files.read import read_array
from convviz.files.recovery import begin_run, keep_work, read_work
from convviz.files.scenes import read_scene, scene_bytes
from convviz.files.settings import Settings, read_settings, write_settings
from convviz.model import changes
from convviz.model.session import new_session
from convviz.render.theme import DARK

FREE = (0, 1, 4, 16, 64)  # KiB
FULL = "no space left on the device; free some space or choose another folder"
READ_ONLY = "the disk is read-only; choose a folder that you may write to"


def a_session(side):
    return changes.set_image(new_session(), np.random.default_rng(side).random((side, side)), "own")


def save_scene(path, side):
    atomic_write(path, scene_bytes(a_session(side)), follow_links=True)


def save_settings(path, side):
    write_settings(path, Settings("dark", tuple(Path(f"/{n:0{side}}") for n in range(9))))


def keep(path, side):
    keep_work(path, a_session(side), Path("own.convviz"))


def write_film(path, scale):
    list(write_frames(a_session(20), [path], [0], FrameOptions(640, 480, scale, DARK)))


def read_picture(path):
    assert read_array(path).array.size > 100


def compute_on_the_command_line(path, side):
    """Let the command line write an array; raise what it says on standard error."""
    source = f"{path.parent.parent / 'source'}-{side}.npy"
    np.save(source, np.random.default_rng(side).random((side, side)))
    if main(["compute", source, "-k", "identity", "-o", str(path), "--force"]):
        raise WriteError(0, "said on standard error", str(path))


# What is written -> how, how it is read, and its sizes when small and when large
WAYS = {
    "a.convviz": (save_scene, read_scene, 8, 200),
    "settings.json": (save_settings, lambda path: read_settings(path), 4, 9000),
    "run.work": (keep, read_work, 8, 200),
    "frame.png": (write_film, read_picture, 1, 4),
    "map.npy": (compute_on_the_command_line, read_array, 8, 200),
}


@pytest.fixture
def disk(tmp_path):
    """A disk of 1 MB, all free."""
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder, "size=1m"):
        yield folder


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("free", FREE)
@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("is_large", [False, True], ids=["small", "large"])
@pytest.mark.parametrize("is_there", [False, True], ids=["new", "there"])
def test_it_is_the_old_one_or_the_new_one(disk, capsys, free, name, is_large, is_there):
    write, read, small, large = WAYS[name]
    path = disk / name
    if is_there:
        write(path, small)
    before = path.read_bytes() if is_there else None
    fill(disk, free * KIB)
    left, told = room(disk), None
    try:
        write(path, large if is_large else small)
    except WriteError as error:
        told = capsys.readouterr().err.removeprefix("convviz: ").strip() or str(error)
    capsys.readouterr()
    if told is None:
        read(path)
        assert not (is_large and free < 64)
    else:
        assert told == f"cannot write {path}: {FULL}"
        assert (path.read_bytes() if path.exists() else None) == before
        assert room(disk) == left
        assert is_large or free < 64
    assert {other.name for other in disk.iterdir()} <= {name, "ballast"}


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("name", WAYS)
def test_on_a_read_only_disk_too(disk, capsys, name):
    write, _, small, large = WAYS[name]
    path = disk / name
    write(path, small)
    before = path.read_bytes()
    remount(disk, "ro")
    try:
        with pytest.raises(WriteError) as raised:
            write(path, large)
    finally:
        remount(disk, "rw")
    told = capsys.readouterr().err.removeprefix("convviz: ").strip() or str(raised.value)
    assert told == f"cannot write {path}: {READ_ONLY}"
    assert path.read_bytes() == before
    assert [other.name for other in disk.iterdir()] == [name]


def test_without_room_for_a_report_there_is_no_half_of_one(disk):
    fill(disk, 0)
    with pytest.raises(WriteError, match=FULL):
        begin_run(disk / "runs", "convviz 1")
    assert [path.name for path in disk.rglob("*") if path.is_file()] == ["ballast"]

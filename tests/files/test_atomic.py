import errno
import os
import pickle
import random
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from small_disks import KIB, is_root, small_disk

from convviz.files.atomic import (
    LEFTOVER,
    WriteError,
    atomic_file,
    atomic_write,
    make_durable,
    remove_leftovers,
    write_failure,
)

ROOT = Path(__file__).parents[2]
OLD = b"the old file, whole"
NEW = b"the new file, whole, and a little longer"
NOBODY = 65534

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has neither modes nor pipes")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def write(path, pieces=(NEW,), then=lambda: None):
    """Write a file in pieces, and let something happen before it is done."""
    with atomic_file(path) as file:
        for piece in pieces:
            file.write(piece)
        then()


@pytest.fixture
def old_file(tmp_path):
    path = tmp_path / "frame.png"
    path.write_bytes(OLD)
    return path


@contextmanager
def umask(mask):
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


@contextmanager
def ordinary_user():
    """Root may write anywhere: be nobody for a while."""
    if not is_root():
        yield
        return
    os.setresuid(NOBODY, NOBODY, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def users_folder():
    """A folder of the ordinary user; those of tmp_path are closed to anyone but their owner."""
    folder = Path(tempfile.mkdtemp())
    if is_root():
        os.chown(folder, NOBODY, NOBODY)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


def in_another_process(expression):
    """Return what an expression is worth in another process."""
    program = f"from pathlib import Path\nfrom convviz.files.atomic import *\nprint({expression})"
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return run.stdout.strip()


class TestWriting:
    @pytest.mark.parametrize("data", [b"", NEW, bytearray(NEW), memoryview(NEW), bytes(300_000)])
    def test_a_new_file_holds_the_data_and_nothing_else_is_left(self, tmp_path, data):
        atomic_write(tmp_path / "frame.png", data)
        assert (tmp_path / "frame.png").read_bytes() == bytes(data)
        assert names(tmp_path) == ["frame.png"]

    def test_an_old_file_is_replaced(self, old_file):
        atomic_write(old_file, NEW)
        assert old_file.read_bytes() == NEW
        assert names(old_file.parent) == ["frame.png"]

    def test_until_the_block_ends_the_old_file_is_seen(self, old_file):
        with atomic_file(old_file) as file:
            file.write(NEW)
            file.flush()
            assert old_file.read_bytes() == OLD
        assert old_file.read_bytes() == NEW

    def test_a_program_may_write_by_the_path_of_the_temporary_file(self, old_file):
        with atomic_file(old_file) as file, Path(file.name).open("wb") as other:
            other.write(NEW)
        assert old_file.read_bytes() == NEW

    def test_a_writer_may_go_back_and_complete_the_header(self, tmp_path):
        with atomic_file(tmp_path / "film.gif") as file:
            file.write(b"????" + NEW)
            file.seek(0)
            file.write(b"size")
        assert (tmp_path / "film.gif").read_bytes() == b"size" + NEW

    def test_a_relative_path_is_meant_from_where_the_block_began(self, tmp_path, monkeypatch):
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path)
        with atomic_file(Path("frame.png")) as file:
            monkeypatch.chdir(tmp_path / "elsewhere")
            file.write(NEW)
        assert names(tmp_path) == ["elsewhere", "frame.png"]

    def test_the_longest_name_that_a_folder_takes_can_be_written(self, tmp_path):
        path = tmp_path / ("n" * 251 + ".png")
        atomic_write(path, NEW)
        assert path.read_bytes() == NEW

    def test_of_many_writers_at_once_one_wins_whole(self, tmp_path):
        path = tmp_path / "frame.png"
        contents = [bytes([value]) * 100_000 for value in range(16)]
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda data: atomic_write(path, data, durable=False), contents))
        assert path.read_bytes() in contents
        assert names(tmp_path) == ["frame.png"]


class TestDurability:
    @pytest.fixture
    def synced(self, old_file, monkeypatch):
        """What was waited for, and which file stood under the name at that time."""
        seen = []
        fsync = os.fsync

        def watched(descriptor):
            is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
            seen.append(("folder" if is_folder else "file", old_file.read_bytes()))
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", watched)
        return seen

    @posix
    def test_the_disk_has_the_data_before_the_name_and_then_the_name(self, old_file, synced):
        atomic_write(old_file, NEW)
        assert synced == [("file", OLD), ("folder", NEW)]

    @posix
    def test_the_frames_of_a_film_can_be_waited_for_together(self, old_file, synced):
        frames = [old_file, old_file.with_name("frame2.png")]
        for frame in frames:
            atomic_write(frame, NEW, durable=False)
        assert synced == []
        make_durable(frames)
        assert [kind for kind, _ in synced] == ["file", "file", "folder"]


@posix
class TestModes:
    @pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
    def test_a_new_file_gets_the_mode_that_the_umask_leaves(self, tmp_path, mask, mode):
        with umask(mask):
            atomic_write(tmp_path / "frame.png", NEW)
        assert stat.S_IMODE((tmp_path / "frame.png").stat().st_mode) == mode

    @pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
    def test_an_old_file_keeps_its_mode_whatever_the_umask(self, old_file, mode):
        old_file.chmod(mode)
        with umask(0o077):
            atomic_write(old_file, NEW)
        assert stat.S_IMODE(old_file.stat().st_mode) == mode

    def test_a_private_file_is_private_from_the_first_byte(self, old_file):
        old_file.chmod(0o600)
        with umask(0), atomic_file(old_file) as file:
            assert stat.S_IMODE(Path(file.name).stat().st_mode) == 0o600

    @pytest.mark.skipif(not is_root(), reason="only root may give files away")
    def test_a_file_that_root_saves_stays_its_owners(self, old_file):
        os.chown(old_file, NOBODY, NOBODY)
        atomic_write(old_file, NEW)
        assert (old_file.stat().st_uid, old_file.stat().st_gid) == (NOBODY, NOBODY)


@posix
class TestLinks:
    @pytest.fixture
    def link(self, old_file):
        (old_file.parent / "links").mkdir()
        link = old_file.parent / "links" / "link.png"
        link.symlink_to("../frame.png")
        return link

    def test_an_export_replaces_a_link_and_spares_the_file_behind_it(self, link, old_file):
        atomic_write(link, NEW)
        assert not link.is_symlink()
        assert (link.read_bytes(), old_file.read_bytes()) == (NEW, OLD)

    def test_a_scene_is_saved_into_the_file_behind_the_link(self, link, old_file):
        old_file.chmod(0o640)
        atomic_write(link, NEW, follow_links=True)
        assert link.is_symlink()
        assert old_file.read_bytes() == NEW
        assert stat.S_IMODE(old_file.stat().st_mode) == 0o640
        assert names(link.parent) == ["link.png"]
        assert names(old_file.parent) == ["frame.png", "links"]

    def test_a_link_to_nothing_is_replaced(self, link, old_file):
        old_file.unlink()
        atomic_write(link, NEW)
        assert not link.is_symlink()
        assert not old_file.exists()

    def test_the_file_that_a_link_promises_is_made(self, link, old_file):
        old_file.unlink()
        atomic_write(link, NEW, follow_links=True)
        assert link.is_symlink()
        assert old_file.read_bytes() == NEW

    @pytest.mark.parametrize("follow_links", [False, True])
    def test_links_in_a_circle_are_refused(self, tmp_path, follow_links):
        (tmp_path / "a").symlink_to("b")
        (tmp_path / "b").symlink_to("a")
        with pytest.raises(WriteError, match="its symbolic links lead in a circle"):
            atomic_write(tmp_path / "a", NEW, follow_links=follow_links)
        assert names(tmp_path) == ["a", "b"]


class TestFailures:
    @pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, MemoryError])
    def test_an_exception_leaves_the_old_file_and_no_other(self, old_file, error):
        def fail():
            raise error

        with pytest.raises(error):
            write(old_file, then=fail)
        assert old_file.read_bytes() == OLD
        assert names(old_file.parent) == ["frame.png"]

    def test_an_exception_makes_no_new_file(self, tmp_path):
        with pytest.raises(ZeroDivisionError):
            write(tmp_path / "frame.png", [bytes(100_000), NEW], then=lambda: 1 / 0)
        assert names(tmp_path) == []

    def test_a_failure_elsewhere_in_the_block_is_not_blamed_on_the_file(self, old_file):
        missing = old_file.with_name("missing.npy")
        with pytest.raises(FileNotFoundError) as raised, atomic_file(old_file) as file:
            file.write(missing.read_bytes())
        assert not isinstance(raised.value, WriteError)
        assert raised.value.filename == str(missing)

    def test_a_missing_folder_is_named(self, tmp_path):
        path = tmp_path / "gone" / "frame.png"
        with pytest.raises(WriteError) as raised:
            atomic_write(path, NEW)
        assert str(raised.value) == (
            f"cannot write {path}: the folder does not exist; create it or choose another folder"
        )
        assert raised.value.errno == errno.ENOENT
        assert raised.value.filename == str(path)

    @posix
    def test_a_folder_that_vanishes_in_the_middle_is_named(self, tmp_path):
        folder = tmp_path / "stick"
        folder.mkdir()
        with pytest.raises(WriteError, match=r"frame\.png: the folder does not exist"):
            write(folder / "frame.png", then=lambda: shutil.rmtree(folder))
        assert names(tmp_path) == []

    def test_a_file_in_the_place_of_the_folder_is_named(self, old_file):
        with pytest.raises(WriteError, match="cannot write"):
            atomic_write(old_file / "frame.png", NEW)
        assert old_file.read_bytes() == OLD

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            pytest.param("n" * 300, "the name is too long; choose a shorter one", marks=posix),
            ("a\0b", "a character that file names cannot hold; choose another name"),
        ],
    )
    def test_an_impossible_name_is_refused_with_its_reason(self, tmp_path, name, reason):
        with pytest.raises(WriteError, match=reason):
            atomic_write(tmp_path / name, NEW)
        assert names(tmp_path) == []

    @posix
    def test_a_write_protected_file_is_spared(self, users_folder):
        path = users_folder / "frame.png"
        path.write_bytes(OLD)
        path.chmod(0o444)
        with ordinary_user(), pytest.raises(WriteError, match="the file is write-protected"):
            atomic_write(path, NEW)
        assert path.read_bytes() == OLD
        assert names(users_folder) == ["frame.png"]

    @posix
    def test_a_read_only_folder_is_named(self, users_folder):
        users_folder.chmod(0o555)
        with ordinary_user(), pytest.raises(WriteError) as raised:
            atomic_write(users_folder / "frame.png", NEW)
        assert str(raised.value) == (
            f"cannot write {users_folder / 'frame.png'}: permission denied; "
            "choose a folder that you may write to"
        )

    def test_a_read_only_disk_is_named(self, tmp_path):
        with (
            small_disk(tmp_path, "size=64k,ro"),
            pytest.raises(WriteError, match="the disk is read-only; choose a folder"),
        ):
            atomic_write(tmp_path / "frame.png", NEW)

    @posix
    def test_a_limit_on_the_size_of_files_leaves_the_old_file(self, old_file):
        import resource

        _, hard = limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (64 * KIB, hard))
        try:
            with pytest.raises(WriteError, match="the file is larger than this disk or a limit"):
                atomic_write(old_file, bytes(100 * KIB))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert old_file.read_bytes() == OLD
        assert names(old_file.parent) == ["frame.png"]

    @pytest.mark.parametrize("free", [0, 4, 16, 64])
    @pytest.mark.parametrize("piece", [1000, 512 * KIB], ids=["in pieces", "at once"])
    def test_a_full_disk_leaves_the_old_file_and_the_space(self, tmp_path, free, piece):
        path = tmp_path / "frame.png"
        with small_disk(tmp_path, "size=256k"):
            path.write_bytes(OLD)
            room = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
            (tmp_path / "ballast").write_bytes(bytes(room - free * KIB))
            with pytest.raises(WriteError) as raised:
                write(path, [bytes(piece)] * (512 * KIB // piece))
            assert str(raised.value) == (
                f"cannot write {path}: no space left on the device; "
                "free some space or choose another folder"
            )
            assert path.read_bytes() == OLD
            assert names(tmp_path) == ["ballast", "frame.png"]
            assert os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize == free * KIB


class TestWhatIsNoFile:
    def test_a_folder_is_refused(self, tmp_path):
        (tmp_path / "frame.png").mkdir()
        with pytest.raises(WriteError, match=r"frame\.png: it is a folder; choose another name"):
            atomic_write(tmp_path / "frame.png", NEW)
        assert names(tmp_path) == ["frame.png"]

    @posix
    def test_a_pipe_is_refused_and_not_waited_for(self, tmp_path):
        os.mkfifo(tmp_path / "frame.png")
        with pytest.raises(WriteError, match="it is a pipe"):
            atomic_write(tmp_path / "frame.png", NEW)
        assert (tmp_path / "frame.png").is_fifo()

    @posix
    def test_a_socket_is_refused(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)  # a socket's path must be short
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("frame.png")
            with pytest.raises(WriteError, match="it is a socket"):
                atomic_write(Path("frame.png"), NEW)

    @posix
    @pytest.mark.parametrize(("target", "kind"), [("/dev/null", "a device"), ("/", "a folder")])
    def test_a_link_to_what_is_no_file_is_not_replaced(self, tmp_path, target, kind):
        link = tmp_path / "frame.png"
        link.symlink_to(target)
        with pytest.raises(WriteError, match=f"it is {kind}"):
            atomic_write(link, NEW)
        assert link.is_symlink()


class TestSentences:
    @pytest.mark.parametrize(
        ("number", "ending"),
        [
            (errno.ENOSPC, "no space left on the device; free some space or choose another folder"),
            (errno.EACCES, "permission denied; choose a folder that you may write to"),
            (errno.EROFS, "the disk is read-only; choose a folder that you may write to"),
            (errno.ENXIO, f"{os.strerror(errno.ENXIO).lower()}; choose another folder"),
        ],
    )
    def test_a_failure_is_the_path_the_reason_and_the_way_out(self, number, ending):
        failure = write_failure(Path("y.png"), OSError(number, "as the system says it"))
        assert str(failure) == f"cannot write y.png: {ending}"
        assert failure.errno == number

    def test_a_wild_name_stays_one_plain_line(self):
        failure = write_failure(Path("a\nb\x1b[31m\udc80é.png"), OSError(errno.EIO, ""))
        assert str(failure).startswith(r"cannot write a\nb\x1b[31m\x80é.png: the disk reports")

    def test_a_failure_comes_back_whole_from_another_process(self):
        failure = write_failure(Path("y.png"), OSError(errno.ENOSPC, ""))
        returned = pickle.loads(pickle.dumps(failure))
        assert (str(returned), returned.errno) == (str(failure), errno.ENOSPC)
        assert isinstance(returned, WriteError)


class TestLeftovers:
    @pytest.fixture
    def leftover(self, tmp_path):
        with atomic_file(tmp_path / "frame.png") as file:
            name = file.name
        leftover = Path(name)
        leftover.write_bytes(b"half a fr")
        return leftover

    def test_it_is_removed_and_counted(self, leftover):
        assert remove_leftovers(leftover.parent) == 1
        assert names(leftover.parent) == ["frame.png"]

    def test_the_next_writer_removes_it(self, leftover):
        atomic_write(leftover.parent / "other.png", NEW)
        assert names(leftover.parent) == ["frame.png", "other.png"]

    def test_a_film_removes_it_once_it_is_whole(self, leftover):
        frame = leftover.parent / "frame.png"
        atomic_write(frame, NEW, durable=False)
        assert leftover.exists()
        make_durable([frame])
        assert names(leftover.parent) == ["frame.png"]

    @posix
    def test_what_someone_is_at_work_with_stays(self, old_file):
        with atomic_file(old_file) as file:
            file.write(NEW)
            assert remove_leftovers(old_file.parent) == 0
            assert in_another_process(f"remove_leftovers(Path({str(old_file.parent)!r}))") == "0"
        assert old_file.read_bytes() == NEW

    @posix
    def test_it_is_spared_until_it_has_its_name(self, old_file, monkeypatch):
        replace = Path.replace

        def watched(path, target):
            assert remove_leftovers(path.parent) == 0
            return replace(path, target)

        monkeypatch.setattr(Path, "replace", watched)
        atomic_write(old_file, NEW)
        assert old_file.read_bytes() == NEW

    @pytest.mark.parametrize("name", ["notes.tmp", ".convviz.tmp", ".convviz-notes.tmp"])
    def test_files_with_other_names_stay(self, tmp_path, name):
        (tmp_path / name).write_bytes(OLD)
        assert remove_leftovers(tmp_path) == 0
        assert names(tmp_path) == [name]


class TestKilled:
    """A process that is killed at any moment leaves the old file or the new one."""

    WRITER = """
import sys
from pathlib import Path
from convviz.files.atomic import atomic_write
contents = [bytes([value]) * size for value, size in ((1, 900_000), (2, 300_000))]
print("ready", flush=True)
while True:
    for data in contents:
        atomic_write(Path(sys.argv[1]), data)
"""

    def kill_writer(self, path, moment):
        command = [sys.executable, "-c", self.WRITER, str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as writer:
            writer.stdout.readline()
            time.sleep(moment)
            writer.kill()

    def survive_kills(self, folder, times):
        path = folder / "scene.json"
        whole = [OLD, b"\1" * 900_000, b"\2" * 300_000]
        path.write_bytes(OLD)
        moments = random.Random(0)
        leftovers = []
        for _ in range(times):
            self.kill_writer(path, moments.uniform(0, 0.02))
            assert path.read_bytes() in whole
            leftovers += [name for name in names(folder) if name != "scene.json"]
        assert leftovers, "no kill came in mid-save: the test shows nothing"
        assert all(LEFTOVER.fullmatch(name) for name in leftovers)
        atomic_write(path, NEW)
        assert names(folder) == ["scene.json"]

    def test_the_file_survives_15_kills(self, tmp_path):
        self.survive_kills(tmp_path, 15)

    @pytest.mark.slow
    def test_the_file_survives_200_kills(self, tmp_path):
        self.survive_kills(tmp_path, 200)

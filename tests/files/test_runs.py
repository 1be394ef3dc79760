"""What a run of the program leaves when it is killed, and that nobody else takes it."""

import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from convviz.files.atomic import WriteError
from convviz.files.errors import FileError, Refusal
from convviz.files.places import runs_paths
from convviz.files.recovery import (
    begin_run,
    keep_work,
    lost_runs,
    read_work,
    work_name,
)
from convviz.files.reports import described, without_names
from convviz.files.source import is_there
from convviz.model import changes
from convviz.model.document import same_document
from convviz.model.examples import EXAMPLES, open_example
from convviz.model.session import Session, new_session

ROOT = Path(__file__).parents[2]
EDGES = Path("/home/ada/edges.convviz")
WHAT = "convviz 1"
posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no flock")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def worked():
    return changes.set_stride(new_session(), (2, 2))


@pytest.fixture
def run(tmp_path):
    """A run that is going on."""
    begun = begin_run(tmp_path, WHAT)
    yield begun
    begun.close()


@pytest.fixture
def lost(tmp_path):
    """Return a function that leaves what a killed run leaves, and gives its path."""

    def leave(session=None, file=EDGES, failed="", seconds_ago=0.0):
        run = begin_run(tmp_path, WHAT)
        if session is not None:
            keep_work(run.work, session, file)
        run.report.write(failed.encode())
        run.close()
        for path in (run.path, run.work):
            if path.exists():
                os.utime(path, (time.time() - seconds_ago,) * 2)
        return run.path

    return leave


# Work


@pytest.mark.parametrize("name", EXAMPLES)
def test_what_is_kept_is_read_again(tmp_path, name):
    session = open_example(new_session(), name)
    keep_work(tmp_path / "kept", session, EDGES)
    again, file = read_work(tmp_path / "kept")
    assert same_document(again.document, session.document)
    assert file == EDGES
    assert work_name(tmp_path / "kept") == EDGES


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_large_image_is_kept_to_the_last_bit(tmp_path, dtype):
    image = np.random.default_rng(0).normal(size=(3, 300, 200)).astype(dtype)
    session = changes.set_image(new_session(), image, "noise")
    keep_work(tmp_path / "kept", session, Path("noise.convviz"))
    again = read_work(tmp_path / "kept")[0].document.image
    assert again.dtype == dtype
    assert np.array_equal(again, image)
    assert not again.flags.writeable
    assert (tmp_path / "kept").stat().st_size < image.nbytes + 10_000


def test_an_image_that_no_scene_file_may_hold_is_kept(tmp_path):
    image = np.full((4096, 4096), 1 / 3)
    keep_work(tmp_path / "kept", changes.set_image(new_session(), image, "vast"), EDGES)
    assert read_work(tmp_path / "kept")[0].document.image.shape == (1, 4096, 4096)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda _: b"", "it does not begin as kept work does"),
        (lambda _: b"{}\n", "it does not begin as kept work does"),
        (lambda _: b"[" * 60_000, "it does not begin as kept work does"),
        (lambda data: data[:-1], "it is cut short"),
        (lambda data: data + b"x", "something follows its end"),
        (lambda data: data.replace(b'"float64"', b'"object"', 1), "numbers of a kind that there"),
        (lambda data: data.replace(b"edges.convviz", b"\\u0000"), "what it is called"),
        (lambda data: data[:-8] + b"\xff" * 8, "NaN|finite"),
    ],
)
def test_damaged_work_says_so_in_one_line(tmp_path, damage, reason):
    path = tmp_path / "kept"
    keep_work(path, changes.set_image(new_session(), np.ones((80, 80)), "ones"), EDGES)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(FileError, match=reason) as raised:
        read_work(path)
    assert str(raised.value).isprintable()


def test_any_damage_gives_a_session_or_one_line(tmp_path):
    dice, path = random.Random(5), tmp_path / "kept"
    keep_work(path, changes.set_image(new_session(), np.ones((80, 80)), "ones"), EDGES)
    whole = path.read_bytes()
    for _ in range(300):
        data = bytearray(whole)
        for _ in range(dice.choice((1, 3, 9))):
            data[dice.randrange(min(len(data), 3000))] = dice.randrange(256)
        path.write_bytes(data)
        assert what_it_gives(path)


def what_it_gives(path):
    """Return whether a file is read, or refused in one line."""
    try:
        return isinstance(read_work(path)[0], Session)
    except FileError as error:
        return str(error).isprintable()


def test_what_could_not_be_opened_again_does_not_replace_what_is_kept(tmp_path):
    path = tmp_path / "kept"
    keep_work(path, worked(), EDGES)
    before = path.read_bytes()
    unreadable = replace(worked(), view=replace(worked().view, way="spiral"))
    with pytest.raises(Refusal, match=r"opened again \(view.way: 'spiral' is none of .*\); undo"):
        keep_work(path, unreadable, EDGES)
    assert path.read_bytes() == before
    assert names(tmp_path) == ["kept"]


# Runs


def test_they_are_where_the_system_has_such_things(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path))
    assert runs_paths()[0] == tmp_path / "convviz" / "runs"


@posix
def test_what_is_kept_is_for_nobody_else(tmp_path):
    run = begin_run(tmp_path / "new" / "runs", WHAT)
    keep_work(run.work, worked(), EDGES)
    run.close()
    assert mode(tmp_path / "new" / "runs") == 0o700
    assert mode(run.path) == mode(run.work) == 0o600


@posix
def test_what_others_could_read_they_can_no_longer(tmp_path, lost):
    """Earlier versions kept work as files that anybody may read."""
    lost(worked()).with_suffix(".work").chmod(0o644)
    tmp_path.chmod(0o755)
    run = begin_run(tmp_path, WHAT)
    (found,) = lost_runs(tmp_path)
    run.adopt_work(found)
    assert mode(tmp_path) == 0o700
    assert mode(run.work) == 0o600
    found.remove()
    run.remove()


def mode(path):
    return path.stat().st_mode & 0o777


@posix
@pytest.mark.parametrize("put", ["mkfifo", "mkdir"])
def test_what_is_no_file_in_the_place_of_work_is_named_and_nobody_waits_for_it(tmp_path, lost, put):
    getattr(os, put)(lost(failed="\nboom\n").with_suffix(".work"))
    (found,) = lost_runs(tmp_path)
    for read in (work_name, read_work):
        with pytest.raises(FileError, match="it is no ordinary file"):
            read(found.work)
    assert not is_there(found.set_work_aside().with_suffix(".work"))
    found.remove()


def test_a_run_that_ends_well_leaves_nothing(tmp_path):
    run = begin_run(tmp_path, WHAT)
    keep_work(run.work, worked(), EDGES)
    run.remove()
    assert names(tmp_path) == []


def test_a_lost_run_has_its_work(tmp_path, lost):
    lost(worked(), seconds_ago=180)
    (found,) = lost_runs(tmp_path)
    assert same_document(read_work(found.work)[0].document, worked().document)
    assert time.time() - found.ended == pytest.approx(180, abs=5)
    assert not found.has_failed
    found.remove()
    assert names(tmp_path) == []


def test_they_come_newest_first(tmp_path, lost):
    for hours in (2, 1, 3):
        lost(worked(), Path(f"{hours}.convviz"), seconds_ago=3600 * hours)
    found = lost_runs(tmp_path)
    assert [work_name(run.work).stem for run in found] == ["1", "2", "3"]
    for run in found:
        run.close()


def test_a_run_that_left_neither_work_nor_a_failure_is_forgotten(tmp_path, lost):
    lost()
    assert lost_runs(tmp_path) == ()
    assert names(tmp_path) == []


def test_a_run_that_failed_without_work_is_found_for_its_report(tmp_path, lost):
    lost(failed="\nFatal Python error: Segmentation fault\n")
    (found,) = lost_runs(tmp_path)
    assert found.has_failed
    assert "Segmentation fault" in found.text
    found.close()


@posix
@pytest.mark.usefixtures("run")
def test_a_run_that_goes_on_is_not_lost(tmp_path, run):
    keep_work(run.work, worked(), EDGES)
    assert lost_runs(tmp_path) == ()
    assert seen_by_another_process(tmp_path) == 0
    assert run.work.exists()


@posix
def test_what_one_window_offers_no_other_does_until_it_is_put_off(tmp_path, lost):
    lost(worked())
    (found,) = lost_runs(tmp_path)
    assert lost_runs(tmp_path) == ()
    assert seen_by_another_process(tmp_path) == 0
    found.close()
    assert seen_by_another_process(tmp_path) == 1


def seen_by_another_process(folder):
    program = (
        "import sys; from pathlib import Path; from convviz.files.recovery import lost_runs\n"
        "print(len(lost_runs(Path(sys.argv[1]))))"
    )
    command = [sys.executable, "-c", program, str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return int(run.stdout)


@posix
def test_another_process_with_the_number_of_the_killed_hides_nothing(tmp_path, lost):
    """Nothing is known by a process number, which this very process could have."""
    path = lost(worked())
    path.write_text(f"{WHAT}, {os.getpid()}\n")
    (found,) = lost_runs(tmp_path)
    found.close()


@posix
def test_links_and_folders_among_the_runs_are_left_alone(tmp_path):
    (tmp_path / "victim").write_text("a\nb\n")
    (tmp_path / "run-0.report").symlink_to("victim")
    (tmp_path / "run-1.report").mkdir()
    os.mkfifo(tmp_path / "run-2.report")
    assert lost_runs(tmp_path) == ()
    assert len(names(tmp_path)) == 4


def test_work_is_taken_over_without_a_copy(tmp_path, lost, run):
    lost(worked())
    (found,) = lost_runs(tmp_path)
    inode = found.work.stat().st_ino
    run.adopt_work(found)
    found.remove()
    assert run.work.stat().st_ino == inode
    assert names(tmp_path) == sorted((run.path.name, run.work.name))


def test_a_folder_that_cannot_be_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(WriteError, match="a part of the path is not a folder"):
        begin_run(tmp_path / "file" / "runs", WHAT)


def test_a_folder_that_is_not_there_has_no_lost_runs(tmp_path):
    assert lost_runs(tmp_path / "missing") == ()


# Killed

WORKER = """
import sys
from pathlib import Path
from convviz.files.recovery import begin_run, keep_work
from convviz.model import changes
from convviz.model.session import new_session
run = begin_run(Path(sys.argv[1]), "convviz 1")
print("ready", flush=True)
while True:
    for size in range(1, 9):
        session = changes.set_kernel_size(new_session(), (size, 1))
        keep_work(run.work, session, Path("a.convviz"))
"""


def kill_keepers(folder, times):
    dice = random.Random(7)
    for _ in range(times):
        command = [sys.executable, "-c", WORKER, str(folder)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as worker:
            assert worker.stdout.readline() == b"ready\n"
            time.sleep(dice.uniform(0.005, 0.03))
            worker.kill()
        for run in lost_runs(folder):  # none where not even the first work was written
            read_work(run.work)
            run.remove()
    begin_run(folder, WHAT).remove()
    assert names(folder) == []


def test_kept_work_is_whole_after_8_kills(tmp_path):
    kill_keepers(tmp_path, 8)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_kept_work_is_whole_after_200_kills(tmp_path):
    kill_keepers(tmp_path, 200)


SAVER = """
import sys
from pathlib import Path
from convviz.files.atomic import atomic_write
from convviz.files.scenes import scene_bytes
from convviz.model import changes
from convviz.model.session import new_session
scenes = [scene_bytes(changes.set_stride(new_session(), (n, n))) for n in (1, 2)]
print("ready", flush=True)
while True:
    for scene in scenes:
        atomic_write(Path(sys.argv[1]), scene, follow_links=True)
"""


def kill_savers(folder, times):
    from convviz.files.atomic import atomic_write
    from convviz.files.scenes import read_scene, scene_bytes

    path, dice = folder / "mine.convviz", random.Random(11)
    atomic_write(path, scene_bytes(new_session()))
    left = False
    for _ in range(times):
        command = [sys.executable, "-c", SAVER, str(path)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as saver:
            assert saver.stdout.readline() == b"ready\n"
            time.sleep(dice.uniform(0, 0.02))
            saver.kill()
        assert read_scene(path).document.layers[0].stride in ((1, 1), (2, 2))
        left = left or len(names(folder)) > 1
    atomic_write(path, scene_bytes(new_session()))
    assert names(folder) == ["mine.convviz"]
    return left


def test_a_scene_is_whole_after_8_kills_in_mid_save(tmp_path):
    kill_savers(tmp_path, 8)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_scene_is_whole_after_200_kills_in_mid_save(tmp_path):
    assert kill_savers(tmp_path, 200), "no kill came in mid-save: the test shows nothing"


# Reports


def raised(first, then):
    """Return an error that came of another."""
    try:
        raise then from first
    except type(then) as error:
        return error


def test_a_report_leads_from_the_first_failure_to_the_last():
    text = described(raised(KeyError("Ada"), RuntimeError("no room for (3, 4)")))
    first, last = text.split("\nwhich led to\n")
    assert first == "KeyError: …"
    assert "test_runs.py" in last
    assert last.endswith("\nRuntimeError: no room for (3, 4)")


def test_errors_that_lead_in_a_circle_have_an_end():
    one, other = ValueError("one"), ValueError("other")
    one.__cause__, other.__cause__ = other, one
    assert described(one).endswith("ValueError: one")


def test_names_of_the_program_stay_and_those_of_a_person_go():
    assert described(AttributeError("no attribute 'image'")) == (
        "AttributeError: no attribute 'image'"
    )
    assert described(ValueError("no image 'Ada'")) == "ValueError: no image …"
    assert without_names(r"C:\Users\Ada\x.png is “mine”") == "… is …"


def test_a_report_names_no_folder_of_a_module_that_fails_to_load():
    error = ImportError("cannot import name 'x' from 'y' (/home/ada/y.py)")
    assert described(error) == "ImportError: cannot import name 'x' from 'y' …"


def test_an_apostrophe_hides_no_name_from_the_report():
    assert described(ValueError("can't read 'Ada's thesis'")) == "ValueError: can't read …"

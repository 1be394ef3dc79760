"""Where the first folder takes no work the second does, and a vanished one is made anew."""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from small_disks import is_root

from convviz.files import places
from convviz.files.atomic import WriteError
from convviz.files.places import Places, runs_paths
from convviz.files.recovery import begin_run, keep_work, lost_runs, read_work
from convviz.model import changes
from convviz.model.session import new_session

EDGES = Path("/home/ada/edges.convviz")
WHAT = "convviz 1"
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no owners like these")


@pytest.fixture
def first(tmp_path):
    return tmp_path / "first"


@pytest.fixture
def second(tmp_path):
    return tmp_path / "second"


@pytest.fixture
def both(first, second):
    return Places((first, second), WHAT)


@pytest.fixture
def keep(both):
    """Return a function that keeps work with a stride, and closes the runs at the end."""
    begun = []

    def kept(run=None, stride=2):
        session = changes.set_stride(new_session(), (stride, stride))
        begun.extend((run, both.keep(run, session, EDGES)))
        return begun[-1]

    yield kept
    for run in filter(None, begun):
        run.close()


def stride_in(run):
    return read_work(run.work)[0].document.layers[0].stride[0]


def test_the_first_is_used_while_it_can_be(both, first, keep):
    run = both.begin()
    assert run.path.parent == first
    assert keep(run) is run
    assert stride_in(run) == 2


def test_a_file_in_the_way_of_the_first_leads_to_the_second(both, first, second, keep):
    first.write_text("")
    assert keep().path.parent == second
    run = both.begin()
    assert run.path.parent == second
    run.close()


@pytest.mark.parametrize("way", ["folder", "report"])
def test_a_run_that_vanished_begins_anew(both, first, keep, way):
    run = both.begin()
    keep(run, 2)
    if way == "folder":
        shutil.rmtree(first)
    else:
        run.path.unlink()
    again = keep(run, 3)
    assert again is not run
    assert again.path.parent == first
    assert stride_in(again) == 3


@posix
def test_a_pipe_in_the_place_of_work_leads_to_another_run(both, keep):
    run = both.begin()
    os.mkfifo(run.work)
    again = keep(run)
    assert not run.has_work
    assert again.has_work


def test_where_none_takes_it_the_first_says_why(both, first, second, tmp_path):
    first.write_text("")
    second.write_text("")
    with pytest.raises(WriteError, match=rf"^cannot write {tmp_path}/first/run-.*not a folder"):
        both.begin()
    with pytest.raises(WriteError, match=rf"^cannot write {tmp_path}/first/run-.*not a folder"):
        both.keep(None, new_session(), EDGES)


def test_a_run_that_could_not_keep_its_work_leaves_nothing(both, first, second, monkeypatch):
    def fail(path, *_arguments, **_options):
        raise WriteError(28, f"cannot write {path}: no space left on the device", str(path))

    monkeypatch.setattr(places, "keep_work", fail)
    with pytest.raises(WriteError, match="no space left"):
        both.keep(None, new_session(), EDGES)
    assert list(first.iterdir()) == list(second.iterdir()) == []


def test_what_was_lost_in_either_is_found_newest_first(both, first, second):
    for age, folder in enumerate((second, first)):
        run = begin_run(folder, WHAT)
        keep_work(run.work, new_session(), EDGES)
        run.close()
        for path in (run.path, run.work):
            os.utime(path, (1e9 - age, 1e9 - age))
    found = both.lost()
    assert [run.path.parent for run in found] == [second, first]
    for run in found:
        run.close()


def test_the_second_is_the_temporary_folder_of_this_user(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert runs_paths()[1].parent == tmp_path
    assert runs_paths()[1].name.startswith("convviz-")


def test_a_system_without_one_has_one_place(monkeypatch):
    def fail():
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", fail)
    assert len(runs_paths()) == 1


@posix
@pytest.mark.parametrize("way", ["a link", "another's folder"])
def test_what_someone_else_put_into_a_folder_for_all_is_not_used(tmp_path, way):
    shared, theirs = tmp_path / "shared", tmp_path / "shared" / "convviz-0"
    shared.mkdir()
    shared.chmod(0o1777)
    if way == "a link":
        (tmp_path / "elsewhere").mkdir()
        theirs.symlink_to(tmp_path / "elsewhere")
    else:
        if not is_root():
            pytest.skip("only root can give a folder away")
        theirs.mkdir()
        os.chown(theirs, 12345, 12345)
    (theirs / "run-0.report").write_text("convviz 1\nboom\n")
    with pytest.raises(WriteError, match="permission denied"):
        begin_run(theirs, WHAT)
    assert lost_runs(theirs) == ()
    assert [path.name for path in theirs.iterdir()] == ["run-0.report"]

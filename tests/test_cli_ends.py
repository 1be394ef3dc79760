"""How the command line ends when something around it does: streams, terminals, signals, shells."""

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from convviz.cli.interrupts import terminated_by_exit
from convviz.cli.surroundings import loading_qt

ROOT = Path(__file__).resolve().parent.parent
PYTHON = (sys.executable, "-m", "convviz")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
PATIENCE = 30  # seconds

LONG_RENDER = ("render", "gradient", "-k", "[[1]]", "--padding", "40", "-o", "frames")
LONG_LEARNING = (
    "learn",
    "letter-h",
    "--target-kernel",
    "blur",
    "--lr",
    "1e-9",
    "--steps",
    "9999999",
)
SAID = {signal.SIGTERM: "terminated", signal.SIGHUP: "the terminal was closed"}


@pytest.fixture(autouse=True)
def in_an_empty_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)


# Standard output


@pytest.mark.parametrize(
    "arguments",
    [
        ("compute", "1,2", "-k", "1"),
        ("compute", "1,2", "-k", "1", "--json"),
        ("trace", "1,2", "-k", "1", "--at", "0"),
        ("learn", "letter-h", "--target-kernel", "blur", "--steps", "1"),
        ("list",),
        ("list", "--json"),
        ("--help",),
        ("--version",),
        ("compute", "--help"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_printed_is_a_failure(arguments):
    ended = subprocess.run(
        ["sh", "-c", '"$@" >&-', "sh", *PYTHON, *arguments],
        stderr=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert (ended.returncode, ended.stderr) == (4, "convviz: standard output: it is closed\n")


def test_a_file_is_written_without_a_standard_output():
    command = ["sh", "-c", '"$@" >&-', "sh", *PYTHON, "compute", "1,2", "-k", "1", "-o", "a.npy"]
    subprocess.run(command, env=ENVIRONMENT, check=True)
    assert np.load("a.npy").tolist() == [1, 2]


def test_a_closed_standard_error_hides_no_failure():
    command = ["sh", "-c", '"$@" 2>&-', "sh", *PYTHON, "compute", "1,2", "-k", "nothing"]
    assert subprocess.run(command, env=ENVIRONMENT, check=False).returncode == 4


# Signals


def started(*arguments, **options):
    return subprocess.Popen([*PYTHON, *arguments], env=ENVIRONMENT, text=True, **options)


def wait_for_frames(folder):
    until = time.monotonic() + PATIENCE
    while len(list(Path(folder).glob("*"))) < 3 and time.monotonic() < until:
        time.sleep(0.02)


def wait_until_it_listens(process):
    """Wait until the program handles SIGHUP: before, it would end by it like any other."""
    status, hangup = Path(f"/proc/{process.pid}/status"), 1 << (signal.SIGHUP - 1)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        caught = next(line for line in status.read_text().splitlines() if "SigCgt" in line)
        if int(caught.split()[1], 16) & hangup:
            return
        time.sleep(0.02)


@pytest.mark.parametrize("number", SAID)
def test_render_says_where_it_stopped(number):
    process = started(*LONG_RENDER, stderr=subprocess.PIPE)
    wait_for_frames("frames")
    process.send_signal(number)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number
    done = len(list(Path("frames").iterdir()))
    assert told == f"convviz: stopped after {done} of 8,100 frames in frames\n"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs /proc")
@pytest.mark.parametrize("number", SAID)
def test_learn_says_that_it_was_stopped(number):
    process = started(*LONG_LEARNING, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wait_until_it_listens(process)
    process.send_signal(number)
    out, told = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out) == (128 + number, "")
    assert told == f"convviz: {SAID[number]}\n"


def test_under_nohup_a_closed_terminal_stops_nothing():
    process = started(
        *LONG_RENDER,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )
    wait_for_frames("frames")
    process.send_signal(signal.SIGHUP)
    process.send_signal(signal.SIGTERM)
    _, told = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGTERM
    assert "stopped after" in told


def test_a_terminal_that_goes_away_leaves_whole_frames_and_its_exit_code():
    master, terminal = pty.openpty()
    process = started(*LONG_RENDER, stderr=terminal, stdin=terminal, start_new_session=True)
    os.close(terminal)
    wait_for_frames("frames")
    os.close(master)  # from here on the progress bar cannot be written
    process.send_signal(signal.SIGHUP)
    assert process.wait(PATIENCE) == 128 + signal.SIGHUP
    frames = list(Path("frames").iterdir())
    assert len(frames) >= 3
    assert all(frame.suffix == ".png" for frame in frames)


# Words that a shell makes of variables that are not set


@pytest.mark.parametrize(
    ("arguments", "what"),
    [
        (("compute", "", "-k", "1"), "INPUT"),
        (("compute", "1,2", "-k", ""), "-k / --kernel"),
        (("compute", "1,2", "--kernel="), "-k / --kernel"),
        (("compute", "1,2", "-k", "1", "-o", ""), "-o / --output"),
        (("compute", "1,2", "-k", "1", "--layer", "relu", "--layer", ""), "--layer"),
        (("trace", "", "-k", "1", "--at", "0"), "INPUT"),
        (("render", "1,2", "-k", "1", "-o", ""), "-o / --output"),
        (("learn", "", "--target-kernel", "blur"), "INPUT"),
        (("learn", "letter-h", "--target", ""), "--target"),
        (("learn", "letter-h", "--target-kernel", "blur", "--initial", ""), "--initial"),
        (("list", ""), "FILE"),
        (("open", ""), "FILE"),
        (("",), "FILE"),
    ],
)
def test_an_empty_word_is_named(convviz_does, arguments, what):
    ended = convviz_does(*arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"convviz: {what} is empty: is a variable of the shell not set?")
    assert ended.err.count("\n") == 1
    assert not list(Path().iterdir())


# Maps that are too long to be read


def test_ten_thousand_numbers_are_printed_one_by_one(convviz_does):
    np.save("a.npy", np.arange(10_000).reshape(100, 100))
    ended = convviz_does("compute", "a.npy", "-k", "[[1]]")
    assert ended.err == ""
    assert ended.out.count("\n") == 100
    assert len(ended.out.replace("[", "").replace("]", "").split()) == 10_000


@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_of_more_numbers_the_corners_are_printed_and_it_says_how_to_get_all(convviz_does, dtype):
    values = np.arange(101 * 100, dtype=dtype).reshape(101, 100) / (1 if dtype == np.int64 else 4)
    np.save("a.npy", values)
    ended = convviz_does("compute", "a.npy", "-k", "[[1]]")
    assert ended.code == 0
    assert ended.out == np.array2string(values.astype(dtype), max_line_width=10_000) + "\n"
    assert "..." in ended.out
    assert ended.err == (
        "convviz: 101 × 100 numbers are printed in short: -o map.npy has all of them, "
        "--json prints all\n"
    )


@pytest.mark.parametrize("shape", [(7,), (3, 4), (3, 9, 8), (1, 20_000), (101, 100)])
def test_json_holds_all_numbers_as_one_line(convviz_does, shape):
    values = np.random.default_rng(0).normal(size=shape)
    np.save("a.npy", values)
    kernel = "1" if len(shape) == 1 else "[[1]]"
    ended = convviz_does("compute", "a.npy", "-k", kernel, "--json", "--channels", "all")
    assert ended.err == ""
    assert ended.out.count("\n") == 1
    told = json.loads(ended.out)
    assert list(told) == ["input", "layers", "shape", "values"]
    assert np.shape(told["values"]) == tuple(told["shape"])
    if len(shape) < 3:
        assert told["values"] == values.tolist()


@pytest.mark.parametrize(
    ("number", "raised"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)]
)
def test_a_signal_waits_until_qt_is_imported(number, raised):
    imported = []

    def run():
        with terminated_by_exit(), loading_qt():
            signal.raise_signal(number)
            imported.append("Qt")

    with pytest.raises(raised):
        run()
    assert imported == ["Qt"]

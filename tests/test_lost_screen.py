"""The X server dies under the window: what a person typed is there at the next start."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from shutil import which

import pytest
from x_screen import wait_until, x_server

pytestmark = [
    pytest.mark.screen,
    pytest.mark.skipif(which("Xvfb") is None, reason="this needs an X server of its own"),
]
ROOT = Path(__file__).parent.parent
SOON = 20.0  # seconds that a program on a busy machine may take

PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from convviz.model import changes
from convviz.ui import app, keeping
import convviz.ui.main_window
keeping.KEEP_AFTER = float(sys.argv[1])
make = app.make_window

def edited(*arguments):
    window = make(*arguments)

    def act():
        for deed in sys.argv[2:]:
            match deed:
                case "edit":
                    window._store.apply(changes.set_stride, (2, 2))
                case "ask":
                    QTimer.singleShot(0, window.close)
                case "menu":
                    QTimer.singleShot(0, lambda: window.pane_menu(window.stage.input).exec())
                case "play":
                    window.run("play")
                case "offer":
                    print(window.offer._text.text(), flush=True)
        print("done", flush=True)

    QTimer.singleShot(0, act)
    return window

app.make_window = edited
sys.exit(app.run())
"""


class Home:
    """A person's home, and the programs that they start there."""

    def __init__(self, folder):
        self.folder = folder
        self.runs = folder / "state" / "convviz" / "runs"
        self.started = []

    def start(self, display, keep_after, *deeds):
        """Start the program on a screen; return it once it did all deeds."""
        environment = {
            **os.environ,
            "QT_QPA_PLATFORM": "xcb",
            "DISPLAY": display,
            "HOME": str(self.folder),
            "TMPDIR": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "PYTHONPATH": str(ROOT),
        }
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(keep_after), *deeds],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.started.append(process)
        return process

    def offered(self, display):
        """Start the program anew, and return what it offers."""
        process = self.start(display, 1000, "offer")
        said = process.stdout.readline()
        process.terminate()
        process.communicate(timeout=SOON)
        return said

    def kept(self):
        return list(self.runs.glob("*.work"))


@pytest.fixture
def home(tmp_path):
    found = Home(tmp_path)
    yield found
    for process in found.started:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.mark.parametrize(
    ("keep_after", "doing"), [(0.1, "edit"), (1000, "play"), (1000, "ask"), (1000, "menu")]
)
def test_work_is_offered_after_the_x_server_was_killed(home, keep_after, doing):
    with x_server() as (server, display):
        process = home.start(display, keep_after, "edit", doing)
        assert process.stdout.readline() == "done\n", process.stderr.read()
        if keep_after < 1:
            wait_until(home.kept, SOON)
        server.send_signal(signal.SIGKILL)
        assert process.wait(SOON) != 0
    with x_server() as (_, display):
        assert "Its work on “Letter H” was kept:" in home.offered(display)

"""The window on screens that are small, fine, or gone: all of it stays within reach."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QRect, QSize

from convviz.ui import screen_room
from convviz.ui.main_window import LEAST_SIZE
from convviz.ui.screen_room import FRAME, placed

ROOT = Path(__file__).parent.parent.parent
BIG, SMALL = QRect(0, 0, 1920, 1080), QRect(0, 0, 1024, 600)
RIGHT_OF_BIG, ABOVE = QRect(1920, 0, 2560, 1440), QRect(0, -1080, 1920, 1080)
BARRED = QRect(64, 30, 1302, 738)  # bars of the desktop at the left and above

PROGRAM = """
import json, sys
from PySide6.QtWidgets import QApplication
from convviz.render.fonts import load_fonts
from convviz.ui.app import close_window, make_window
from convviz.ui.tool_window import ToolWindow

application = QApplication(["convviz"])
application.setStyle("Fusion")
load_fonts()
window = make_window()
window.show()
for name in sys.argv[1:]:
    window.run(name)
application.processEvents()
bar = window.transport
inner = window.centralWidget().rect()
shown = [bar.export, *bar._buttons.values(), bar.scrubber]
print(json.dumps({
    "screen": application.primaryScreen().availableGeometry().size().toTuple(),
    "window": window.size().toTuple(),
    "least": window.minimumSize().toTuple(),
    "tools": [tool.size().toTuple() for tool in window.findChildren(ToolWindow)],
    "bar": all(inner.contains(part.geometry()) for part in (bar, window.stage, window.panel)),
    "whole": all(b.width() >= b.minimumSizeHint().width() for b in shown),
    "inside": all(bar.rect().contains(b.mapTo(bar, b.rect().bottomRight())) for b in shown),
}))
close_window(window)
"""


def on_screen(folder, width, height, dpr=1.0):
    """Return what the program does on a screen of so many logical pixels."""
    screen = {"name": "s", "x": 0, "y": 0, "width": width, "height": height, "dpr": dpr}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96}
    config = folder / "screen.json"
    config.write_text(json.dumps({"screens": [screen]}))
    tools = ("padding-rules", "train", "examples", "shortcuts", "settings")
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM, *tools],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "QT_QPA_PLATFORM": f"offscreen:configfile={config}",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ended.stdout)


@pytest.mark.parametrize(
    ("width", "height", "dpr"),
    [(1366, 768, 1), (1280, 720, 1.5), (1024, 768, 1), (1024, 600, 1), (800, 600, 2)],
)
def test_the_first_windows_are_whole_on_a_small_screen(tmp_path, width, height, dpr):
    found = on_screen(tmp_path, width, height, dpr)
    room = (width - FRAME.left() - FRAME.right(), height - FRAME.top() - FRAME.bottom())
    for size in (found["window"], found["least"], *found["tools"]):
        assert size[0] <= room[0]
        assert size[1] <= room[1]
    assert len(found["tools"]) == 5
    assert found["bar"]
    assert found["whole"]
    assert found["inside"]


def test_a_large_screen_has_the_usual_window(person):
    assert person.window.size() == QSize(1280, 800)
    assert person.window.minimumSize() == LEAST_SIZE


@pytest.mark.parametrize(
    ("wanted", "areas", "where"),
    [
        (QRect(100, 100, 1280, 800), [BIG], (100, 100, 1280, 800)),
        (QRect(100, 100, 1280, 800), [SMALL], (8, 36, 1008, 556)),
        (QRect(2500, 200, 1280, 800), [BIG, RIGHT_OF_BIG], (2500, 200, 1280, 800)),
        (QRect(2500, 200, 1280, 800), [BIG], (632, 200, 1280, 800)),
        (QRect(100, -900, 1280, 800), [BIG, ABOVE], (100, -900, 1280, 800)),
        (QRect(100, -900, 1280, 800), [BIG], (100, 36, 1280, 800)),
        (QRect(-700, 950, 1280, 800), [BIG], (8, 272, 1280, 800)),
        (QRect(0, 0, 1280, 800), [BARRED], (72, 66, 1280, 694)),
        (QRect(1800, 100, 1280, 800), [BIG, RIGHT_OF_BIG], (1928, 100, 1280, 800)),
        (QRect(9999, 9999, 4000, 3000), [SMALL, BIG], (8, 36, 1008, 556)),
    ],
)
def test_a_window_goes_to_a_screen_that_is_there(wanted, areas, where):
    assert placed(wanted, areas).getRect() == where


def test_the_window_comes_back_when_its_screen_is_unplugged(person, monkeypatch):
    window = person.window
    window.move(2600, 300)
    monkeypatch.setattr(screen_room, "free_areas", lambda: [BARRED])
    window.room.adapt()
    assert BARRED.contains(window.geometry())


def test_a_window_that_fills_the_screen_is_left_to_the_desktop(person, monkeypatch):
    person.window.showMaximized()
    before = person.window.geometry()
    monkeypatch.setattr(screen_room, "free_areas", lambda: [SMALL])
    person.window.room.adapt()
    assert person.window.geometry() == before

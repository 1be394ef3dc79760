"""The program as a person uses it: started as a command, driven by real keys and a real mouse."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QGuiApplication
from x_screen import RIGHT_BUTTON, WHEEL_DOWN, WHEEL_UP, Screen, wait_until

from convviz.export.frames import FrameOptions, frame_image
from convviz.model import changes, transitions
from convviz.model.session import FITTED, new_session
from convviz.render.theme import DARK

ON_X = bool(os.environ.get("DISPLAY")) and os.environ.get("QT_QPA_PLATFORM") == "xcb"
pytestmark = [
    pytest.mark.screen,
    pytest.mark.skipif(not ON_X, reason="scripts/test.py runs these on a screen of their own"),
]
OPENING = "Letter H ∗ Sobel x — convviz"
ROOT = Path(__file__).parent.parent
LEAST_BUTTON = 20  # pixels of height
LEAST_FRAME = 600  # pixels of width
QUICKLY = 2.0  # seconds in which the program must be gone


@pytest.fixture(scope="module")
def connection():
    """One connection for all: a server whose last one is closed begins anew."""
    found = Screen(os.environ["DISPLAY"])
    yield found
    found.close()


@pytest.fixture
def screen(connection, qapp):
    assert qapp.platformName() == "xcb"  # without one, painting would begin another offscreen
    connection.move(connection.width - 1, connection.height - 1)
    return connection


class Program:
    """convviz in a process of its own, and what can be seen and done from outside."""

    def __init__(self, screen, home, *arguments):
        self.screen, self.home = screen, home
        self.runs = home / "state" / "convviz" / "runs"
        environment = {
            **os.environ,
            "HOME": str(home),
            "TMPDIR": str(home),
            "XDG_STATE_HOME": str(home / "state"),
            "XDG_CONFIG_HOME": str(home / "config"),
            "PYTHONPATH": str(ROOT),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "convviz", *arguments],
            env=environment,
            cwd=home,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def title(self):
        titles = [title for title in self.screen.windows() if title.endswith("— convviz")]
        return titles[0] if titles else None

    @property
    def place(self):
        return next(
            place for title, place in self.screen.windows().items() if title.endswith("— convviz")
        )

    def wait_for(self, title, seconds=20):
        def shown():
            assert self.process.poll() is None, self.process.stderr.read()
            return self.title == title

        wait_until(shown, seconds, why=f"{self.title} instead of {title}")

    def wait_until_it_stands(self, times=1):
        """Wait until the screen was the same 0.3 seconds ago, `times` times in a row."""
        last = [self.screen.picture()]

        def stands():
            last.append(self.screen.picture())
            return len(last) > times and all(
                np.array_equal(last[-1], p) for p in last[-times - 1 :]
            )

        wait_until(stands, every=0.3)

    def take_the_keyboard(self):
        """Click where nothing is: without a window manager a window waits for that."""
        left, top, _, height = self.place
        self.screen.click(left + 6, top + height - 30)
        time.sleep(0.3)

    def picture(self):
        left, top, width, height = self.place
        return self.screen.picture()[top : top + height, left : left + width]

    def buttons(self, colour):
        """Return the middles of what is filled with a colour, from top to bottom."""
        filled = (self.picture() == np.array(colour)).all(axis=-1)
        left, top, _, _ = self.place
        found = []
        for first, after in _runs(filled.sum(axis=1) > 20):
            if after - first >= LEAST_BUTTON:
                columns = np.flatnonzero(filled[first + 3])
                found.append((left + int(columns.mean()), top + (first + after) // 2))
        return found

    def press_first_answer(self):
        """Press the first button of the strip that offers work: its frame is as blue as inputs."""
        framed = (self.picture() == np.array(DARK.input)).all(axis=-1).sum(axis=1)
        top, bottom = np.flatnonzero(framed > LEAST_FRAME)[[0, -1]]
        middle = self.picture()[(top + bottom) // 2 - 9]  # above the letters
        filled = (middle == np.array(DARK.control)).all(axis=-1)
        filled[: len(filled) // 3] = False  # those are of the panel at the left
        first, after = _runs(filled)[0]
        left, upper, _, _ = self.place
        self.screen.click(left + (first + after) // 2, upper + (top + bottom) // 2)

    def ended(self, seconds=QUICKLY):
        """Return the exit code, which must be there soon."""
        return self.process.wait(seconds)


def _runs(flags):
    """Return (first, after the last) of each row of neighbours that are true."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], flags.astype(int), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


@pytest.fixture
def start(screen, tmp_path):
    """Return a function that starts the program; what still runs at the end is killed."""
    started = []

    def begin(*arguments, title=OPENING):
        program = Program(screen, tmp_path, *arguments)
        started.append(program)
        program.wait_for(title)
        program.wait_until_it_stands(3)  # importing what draws histograms takes a while
        program.take_the_keyboard()
        program.wait_until_it_stands()
        return program

    yield begin
    for program in started:
        if program.process.poll() is None:
            program.process.kill()
        program.process.wait()
        program.process.stderr.close()


def test_a_person_plays_steps_edits_exports_and_quits(start, screen, tmp_path):
    program = start()
    opening = program.picture()
    screen.key("Space")
    wait_until(lambda: (program.picture() != opening).mean() > 0.001)
    screen.key("Space")
    program.wait_until_it_stands()

    screen.key("Home")
    screen.key(*["Right"] * 3)
    program.wait_until_it_stands()
    screen.click(*first_weight(program))
    screen.type("1/4")
    screen.key("Return")
    program.wait_for("Letter H ∗ Own kernel* — convviz")
    screen.key("Escape", "Escape")

    screen.key("Ctrl+E")
    choose_where(program)
    wait_until(lambda: "Export this frame" in screen.windows())
    program.wait_until_it_stands()
    screen.key("Return")
    path = tmp_path / "letter-h_step-0004.png"
    wait_until(path.exists)
    program.take_the_keyboard()
    screen.key("Ctrl+Q")
    wait_until(lambda: "Unsaved changes" in screen.windows())
    program.wait_until_it_stands()
    screen.key("Tab", "Space")  # Discard
    assert program.ended() == 0
    assert program.process.stderr.read() == ""

    exported = np.asarray(Image.open(path))
    session = transitions.seek(new_session(), 3)
    session = changes.set_cell(session, "kernel", (0, 0), 0.25)
    assert not (exported != frame_like(exported, session)).any()


def choose_where(program):
    """Click on the upper one of the two green buttons: that of the export panel."""
    wait_until(lambda: len(program.buttons(DARK.output)) == 2)
    program.wait_until_it_stands()
    program.screen.click(*program.buttons(DARK.output)[0])


def frame_like(picture, session):
    """Return the frame of a session in the size of a picture."""
    height, width, _ = picture.shape
    image = frame_image(session, FrameOptions(width, height, 1, DARK))
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(height, width, 4)
    return rows[..., 2::-1].copy()


def first_weight(program):
    """Return where the upper left weight is: above the bluest cell of the kernel, the -2."""
    left, top, width, _ = program.place
    pane = np.s_[width // 2 : width * 2 // 3]
    blue = (program.picture()[:, pane] == np.array(DARK.negative)).all(axis=-1)
    first, after = next(run for run in _runs(blue.sum(axis=1) > 12) if run[1] - run[0] > 12)
    column = int(np.flatnonzero(blue[first + 6]).mean())
    return left + width // 2 + column, top + first - (after - first) // 2


def test_a_picture_can_be_given_on_the_command_line(start, tmp_path):
    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(tmp_path / "mine.png")
    program = start(str(tmp_path / "mine.png"), title="mine ∗ Sobel x — convviz")
    program.screen.key("Ctrl+W")
    assert program.ended() == 0


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "Ctrl+C"]
)
@pytest.mark.parametrize("doing", ["nothing", "playing", "exporting", "asking for a file"])
def test_a_signal_ends_the_program_whatever_it_does(start, screen, tmp_path, doing, number, code):
    program = start()
    match doing:
        case "playing":
            screen.key("Space")
        case "exporting":
            begin_export(program)
        case "asking for a file":
            screen.key("Ctrl+O")
            wait_until(lambda: any("Open a scene" in title for title in screen.windows()))
    program.process.send_signal(number)
    assert program.ended() == code
    assert program.process.stderr.read() == ""
    assert_whole_pictures(tmp_path)


def accept(program, title):
    """Press Return in a dialog; without a window manager it gets the keyboard by a click."""
    screen = program.screen
    wait_until(lambda: title in screen.windows())
    program.wait_until_it_stands()
    left, top, _, _ = screen.windows()[title]
    screen.click(left + 4, top + 4)
    screen.key("Return")


def begin_export(program):
    """Choose all frames, and the folder that is offered; wait for the first."""
    screen = program.screen
    screen.key("Ctrl+E", "Down")
    choose_where(program)
    accept(program, "Export frames into")
    wait_until(lambda: list(program.home.glob("*.png")))


def assert_whole_pictures(folder):
    for path in folder.iterdir():
        if path.is_file():
            assert path.suffix == ".png", f"{path} is left"
            Image.open(path).load()


def test_closing_the_window_in_the_middle_of_an_export_ends_the_program(start, screen, tmp_path):
    program = start()
    begin_export(program)
    program.take_the_keyboard()
    screen.key("Ctrl+Q")
    assert program.ended() == 0
    assert 0 < len(list(tmp_path.glob("*.png"))) < 256
    assert_whole_pictures(tmp_path)


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 143)], ids=["kill -9", "SIGTERM"]
)
def test_what_was_typed_before_a_kill_is_offered_once_at_the_next_start(
    start, screen, number, code
):
    program = start()
    screen.click(*first_weight(program))
    screen.type("1/4")
    screen.key("Return")
    program.wait_for("Letter H ∗ Own kernel* — convviz")
    typed = time.time()
    if number == signal.SIGKILL:
        wait_until(lambda: list(program.runs.glob("*.work")), 30)
        (work,) = program.runs.glob("*.work")
        assert work.stat().st_mtime - typed < 30
    program.process.send_signal(number)
    assert program.ended() == code
    assert program.process.stderr.read() == ""

    again = start()
    assert len(list(again.runs.glob("*.work"))) == 1
    again.press_first_answer()
    again.wait_for("Letter H* — convviz")
    screen.key("Ctrl+S")
    accept(again, "Save the scene")
    again.wait_for("Letter H — convviz")
    assert (again.home / "Letter H.convviz").exists()
    again.take_the_keyboard()
    screen.key("Ctrl+Q")
    assert again.ended() == 0
    assert list(again.runs.iterdir()) == []


def test_the_program_ends_with_0_time_after_time(start, screen):
    """What Qt and pyqtgraph leave for the end must not crash."""
    for keys in ([], ["Space"], ["?"]):
        program = start()
        screen.key(*keys)
        time.sleep(0.2)
        if keys == ["?"]:
            assert "Keyboard shortcuts — convviz" in screen.windows()
        screen.key("Ctrl+Q")
        assert program.ended() == 0
        assert program.process.stderr.read() == ""


# The same window in this process, so that the session can be looked at too


@pytest.fixture
def window(qtbot, qapp):
    import shiboken6

    from convviz.render.fonts import load_fonts
    from convviz.ui.app import make_window

    qapp.setStyle("Fusion")
    load_fonts()
    made = make_window()
    made.show()
    qtbot.waitUntil(lambda: made.stage.has_histograms)
    qtbot.waitExposed(made)
    yield made
    made.leaving = True
    made.close()
    shiboken6.delete(made)


@pytest.fixture
def hand(window, screen, qtbot):
    return Hand(window, screen, qtbot)


class Hand:
    """Acts on the screen, and lets the window answer."""

    def __init__(self, window, screen, qtbot):
        self.window, self.screen, self._qtbot = window, screen, qtbot
        self.click_at(window.statusBar(), 5, 5)
        qtbot.waitUntil(window.isActiveWindow)

    @property
    def session(self):
        return self.window._store.session

    def sees(self, true):
        """Wait until something can be seen."""
        self._qtbot.waitUntil(true, timeout=5000)

    def at(self, widget, x, y):
        point = widget.mapToGlobal(widget.rect().topLeft())
        return point.x() + x, point.y() + y

    def cell(self, pane, cell):
        point = pane.geometry_of(pane.name).rect(*cell).center()
        return self.at(pane, point.x(), point.y())

    def click_at(self, widget, x, y):
        self.screen.click(*self.at(widget, x, y))

    def press(self, button):
        self.click_at(button, button.width() // 2, button.height() // 2)

    def key(self, *names):
        self.screen.key(*names)


def test_real_keys_do_what_the_table_says(hand):
    for keys, true in (
        (["Right"], lambda s: s.playhead.step == 117),
        ([">"], lambda s: s.playback.speed == 8),
        (["<", "<"], lambda s: s.playback.speed == 2),
        (["."], lambda s: s.playhead.term == 0),
        ([","], lambda s: s.playhead.term == 8),
        (["PageDown"], lambda s: s.playhead.step == 117),
        (["5"], lambda s: s.playhead.step == 128),
        (["End"], lambda s: s.playhead.step == 255),
        (["Ctrl+="], lambda s: s.view.zooms.get("input", FITTED).factor > 1),
        (["Ctrl++"], lambda s: s.view.zooms.get("input", FITTED).factor > 1.5),
        (["Ctrl+0"], lambda s: not s.view.zooms),
        (["Ctrl+Shift+C"], lambda s: s.message and "clipboard" in s.message.text),
        (["Escape"], lambda s: s.message is None),
        (["J"], lambda s: s.playback.direction == -1 and s.playback.playing),
        (["Space"], lambda s: not s.playback.playing),
    ):
        hand.key(*keys)
        hand.sees(lambda true=true: true(hand.session))


def test_space_plays_after_a_click_and_presses_after_tab(hand):
    transport = hand.window.transport
    hand.press(transport.loop)
    hand.sees(lambda: hand.session.playback.loop)
    hand.key("Space")
    hand.sees(lambda: hand.session.playback.playing)
    hand.key("Space")
    hand.sees(lambda: not hand.session.playback.playing)
    assert hand.session.playback.loop
    for _ in range(60):
        if transport.loop.hasFocus():
            break
        focused = hand.window.focusWidget()
        hand.key("Tab")
        hand.sees(lambda before=focused: hand.window.focusWidget() is not before)
    hand.key("Space")
    hand.sees(lambda: not hand.session.playback.loop)
    assert not hand.session.playback.playing


def test_hover_click_and_wheel(hand):
    output = hand.window.stage.output
    hand.screen.move(*hand.cell(output, (3, 2)))
    hand.sees(lambda: hand.window.status.text() == "feature map row 3, column 2 = −1")
    hand.screen.click(*hand.cell(output, (3, 2)))
    hand.sees(lambda: hand.window.status.text().endswith("· pinned"))
    hand.key("Escape")
    hand.sees(lambda: hand.session.pin is None)
    size = output.geometry_of("output").cell
    hand.screen.click(*hand.cell(output, (3, 2)), button=WHEEL_UP)
    hand.sees(lambda: output.geometry_of("output").cell > size)
    hand.screen.click(*hand.cell(output, (3, 2)), button=WHEEL_DOWN)
    hand.sees(lambda: output.geometry_of("output").cell == size)


def test_dragging_the_window_over_the_input(hand):
    pane = hand.window.stage.input
    hand.screen.drag(hand.cell(pane, (8, 5)), hand.cell(pane, (4, 9)))
    hand.sees(lambda: hand.session.cell_at(hand.session.playhead.step) == (3, 8))
    assert hand.session.pin is None


def test_dragging_the_scrubber(hand):
    scrubber = hand.window.transport.scrubber
    hand.key("Home")
    hand.sees(lambda: hand.session.playhead.step == 0)
    middle = scrubber.height() // 2
    hand.screen.drag(hand.at(scrubber, 9, middle), hand.at(scrubber, scrubber.width() - 9, middle))
    hand.sees(lambda: hand.session.playhead.step == 255)


def test_typing_into_a_cell_and_cancelling(hand):
    pane = hand.window.stage.input
    hand.screen.click(*hand.cell(pane, (1, 1)))
    hand.sees(lambda: hand.session.selection)
    hand.screen.type("-0.5")
    hand.key("Tab")
    hand.sees(lambda: hand.session.document.image[0, 0, 0] == -0.5)
    hand.screen.type("77")
    hand.sees(lambda: pane._editor.text() == "77")
    hand.key("Escape")
    hand.sees(lambda: not pane._editor.isVisible())
    assert hand.session.document.image[0, 0, 1] == 0
    hand.screen.type("3")
    hand.press(hand.window.panel.bias)
    hand.sees(lambda: hand.session.document.image[0, 0, 1] == 3)
    hand.sees(hand.window.panel.bias.hasFocus)


def test_a_choice_from_the_list_of_a_combo_box(hand):
    fill = hand.window.panel.fill
    hand.press(fill)
    hand.sees(lambda: fill.view().isVisible())
    hand.key("Down", "Return")
    hand.sees(lambda: hand.session.conv.padding_mode == fill.itemData(1))
    hand.key("Space")
    hand.sees(lambda: hand.session.playback.playing)


def test_the_context_menu_pins_the_cell_that_was_clicked(hand):
    output = hand.window.stage.output
    place = hand.cell(output, (5, 4))
    hand.screen.click(*place, button=RIGHT_BUTTON)
    hand.key("Down", "Return")
    hand.sees(lambda: hand.session.pin is not None)
    assert hand.session.pin.cell == (5, 4)


@pytest.mark.parametrize("height", [3, 25])
def test_a_message_may_open_under_the_mouse(hand, height):
    """Qt sends leave and enter then, in the middle of showing it."""
    hand.screen.move(*hand.at(hand.window.stage.input, 200, height))
    hand.key("Ctrl+Shift+T")
    hand.sees(lambda: hand.window.message.isVisible())
    hand.sees(lambda: hand.window.message._text.text().startswith("The dot product"))
    hand.screen.move(*hand.at(hand.window.message, 200, 10))
    hand.key("Escape")
    hand.sees(lambda: not hand.window.message.isVisible())
    hand.key("Right")
    hand.sees(lambda: hand.session.playhead.step == 117)


def test_a_message_is_closed_with_the_mouse_and_the_mouse_goes_on(hand):
    hand.key("Ctrl+Shift+T")
    hand.sees(lambda: hand.window.message.isVisible())
    hand.press(hand.window.message._close)
    hand.sees(lambda: not hand.window.message.isVisible())
    hand.screen.move(*hand.cell(hand.window.stage.output, (2, 2)))
    hand.sees(lambda: "row 2, column 2" in hand.window.status.text())


def test_what_the_screen_shows_is_what_a_frame_shows(hand):
    """Painted bit by bit, step by step; seen through the X server."""
    hand.key("Ctrl+H")
    for key in ("Right", "Right", "Down", ".", ".", "Left", "9", "Up"):
        hand.key(key)
    hand.screen.move(hand.screen.width - 1, hand.screen.height - 1)
    hand.sees(lambda: hand.session.playhead.step == 214)
    stage = hand.window.stage
    left, top = hand.at(stage, 0, 0)

    def same():
        seen = hand.screen.picture()[top : top + stage.height(), left : left + stage.width()]
        size = hand.window.frame_size
        image = frame_image(hand.session, FrameOptions(size.width(), size.height(), 1, DARK))
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(size.height(), -1, 4)
        return np.array_equal(seen, rows[14:-14, 14:-14, 2::-1])

    hand.sees(same)


# The clipboard, shared with another program

OTHER_PROGRAM = (sys.executable, str(Path(__file__).with_name("other_program.py")))


def read_by_another(qtbot):
    """Return what another program finds in the clipboard; the window answers it meanwhile."""
    other = subprocess.Popen([*OTHER_PROGRAM, "read"], stdout=subprocess.PIPE, text=True)
    qtbot.waitUntil(lambda: other.poll() is not None, timeout=20_000)
    with other.stdout:
        return json.load(other.stdout)


@pytest.fixture
def offer():
    """Return a function that lets another program put a text and a table into the clipboard."""
    others = []

    def offer(text, html=""):
        command = [*OTHER_PROGRAM, "offer", text, html]
        other = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        others.append(other)
        assert other.stdout.readline() == "offered\n"

    yield offer
    for other in others:
        other.kill()
        other.wait()
        other.stdout.close()


def test_cells_that_were_copied_arrive_in_another_program(hand, qtbot):
    kernel = hand.window.stage.kernel
    hand.screen.click(*hand.cell(kernel, (0, 0)))
    hand.sees(lambda: hand.session.selection is not None)
    hand.key("Ctrl+A", "Ctrl+C")
    hand.sees(lambda: hand.session.selection.shape == (3, 3))
    qtbot.waitUntil(lambda: QGuiApplication.clipboard().mimeData().hasHtml(), timeout=5000)
    found = read_by_another(qtbot)
    rows = hand.session.focus.weight[0, 0].astype(int).tolist()
    assert found["text"] == "".join("\t".join(map(str, row)) + "\n" for row in rows)
    assert "<td>-2</td>" in found["html"]


LIBRE_OFFICE = """<table><tr><td sdval="0.33">0,33</td><td sdval="1234.5">1.234,50 €</td></tr>
<tr><td></td><td>-2</td></tr></table>"""


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("0,33\t1.234,5\r\n\t-2\r\n", ""),
        (
            "0,33\t1.234,5\n\t-2",
            LIBRE_OFFICE,
        ),
    ],
)
def test_cells_of_another_program_are_pasted(hand, offer, text, html):
    offer(text, html)
    hand.screen.click(*hand.cell(hand.window.stage.input, (3, 4)))
    hand.sees(lambda: hand.session.selection is not None)
    hand.key("Ctrl+V")
    hand.sees(lambda: hand.session.selection.shape == (2, 2))
    selected = hand.session.selection
    block = hand.session.document.image[0][np.ix_(selected.rows, selected.columns)]
    assert block.tolist() == [[0.33, 1234.5], [0, -2]]
    assert hand.session.message.text == "1 empty cell of the clipboard became 0"


def test_a_stroke_with_the_pencil_is_seen_while_the_button_is_down(hand):
    pane, output = hand.window.stage.input, hand.window.stage.output
    hand.key("Ctrl+2")
    hand.sees(lambda: hand.window.paint.value.isVisible())
    beside = hand.cell(output, (3, 4))  # left of the line, where Sobel x finds an edge

    def colour():
        return hand.screen.picture()[int(beside[1]) - 6, int(beside[0]) - 6].tolist()

    before = colour()
    hand.screen.move(*hand.cell(pane, (2, 6)))
    hand.screen.press()
    hand.screen.move(*hand.cell(pane, (6, 6)))
    hand.sees(lambda: hand.session.document.image[0, 1:6, 5].all())
    hand.sees(lambda: colour() != before)
    hand.sees(lambda: hand.session.stroke is not None)
    hand.screen.release()
    hand.sees(lambda: hand.session.stroke is None)
    assert [change.name for change in hand.session.history.past] == ["Pencil"]
    hand.key("Escape", "Ctrl+Z")
    hand.sees(lambda: not hand.session.document.image[0, 1].any())
    assert hand.session.view.brush.tool == "select"


COPY_PICTURE = """
import sys
from PySide6.QtGui import QGuiApplication, QImage
application = QGuiApplication(sys.argv)
application.clipboard().setImage(QImage(sys.argv[1]))
print("copied", flush=True)
application.exec()
"""


def test_a_picture_that_another_program_copied_is_pasted_and_cropped(hand, tmp_path):
    pixels = np.arange(30 * 20, dtype=np.uint8).reshape(30, 20)
    Image.fromarray(pixels).save(tmp_path / "copied.png")
    command = [sys.executable, "-c", COPY_PICTURE, str(tmp_path / "copied.png")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "copied\n"
        hand.key("Ctrl+V")
        hand.sees(lambda: hand.session.document.image.shape == (1, 30, 20))
        other.terminate()
    assert (hand.session.document.image[0] == pixels).all()
    hand.press(hand.window.panel.resize_input)
    hand.sees(hand.window.crop.isVisible)
    view = hand.window.crop.view
    kept = view.rect_of((10, 5, 20, 10))
    start, end = kept.topLeft().toPoint(), kept.bottomRight().toPoint()
    hand.screen.drag(hand.at(view, start.x(), start.y()), hand.at(view, end.x(), end.y() - 1))
    hand.sees(lambda: hand.window.crop.rows.value() < 30)
    hand.press(hand.window.crop.apply)
    hand.sees(lambda: hand.session.document.image.shape != (1, 30, 20))
    _, rows, columns = hand.session.document.image.shape
    assert abs(rows - 20) <= 1
    assert abs(columns - 10) <= 1

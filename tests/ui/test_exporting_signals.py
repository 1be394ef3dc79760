"""What goes out of the workspace of signals: frames as they are seen, numbers, a spreadsheet."""

import re

import numpy as np
import openpyxl
import pytest
from person import pixels
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication

from convviz.export.frames import FrameOptions, frame_image
from convviz.export.torch_text import torch_text
from convviz.files.read import read_array
from convviz.model import transitions
from convviz.model.document import compute
from convviz.model.examples import open_example
from convviz.render.theme import THEMES
from convviz.ui import dialogs

NUMBERS = [4, 13, 28, 27, 18]  # numpy.convolve([1, 2, 3], [4, 5, 6])
SIGNALS = ("signal-1-2-3", "average-of-noise", "heartbeats")


@pytest.fixture
def exporter(person, tmp_path, monkeypatch):
    """A person at [1, 2, 3] and [4, 5, 6], who answers every dialog with a folder or a name."""
    person.apply(open_example, "signal-1-2-3")
    person.folder = tmp_path / "out"
    person.folder.mkdir()
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: person.folder)
    monkeypatch.setattr(dialogs, "ask_save_png", lambda *_: person.folder / "frame.png")
    for dialog in ("ask_save_map", "ask_save_spreadsheet"):
        monkeypatch.setattr(dialogs, dialog, lambda *_: person.folder / person.name)
    return person


def picture(path):
    image = QImage(str(path))
    assert not image.isNull(), f"{path} is no whole picture"
    return pixels(image)


def panel(person):
    return person.window.export_panel


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("theme", THEMES)
def test_a_frame_is_what_the_window_shows(exporter, name, theme):
    exporter.apply(open_example, name)
    exporter.apply(transitions.set_theme, theme)
    exporter.apply(transitions.seek, 2, 1)
    exporter.leave()
    exporter.key("Ctrl+E")
    exporter.choose(panel(exporter).frame, "as in the window")
    panel(exporter).hide()
    exporter.key("Ctrl+H")
    exporter.window.centralWidget().layout().activate()
    QApplication.processEvents()
    seen = exporter.picture(exporter.stage)
    panel(exporter).show()
    exporter.press(panel(exporter).start)
    made = picture(exporter.folder / "frame.png")[14:-14, 14:-14]
    assert not (made != seen).any()
    assert made.std() > 5
    assert exporter.message_text == "Exported frame.png"


@pytest.mark.parametrize("theme", THEMES)
def test_each_frame_of_a_film_is_its_step(exporter, qtbot, theme):
    exporter.apply(transitions.set_theme, theme)
    exporter.key("Ctrl+E")
    exporter.choose(panel(exporter).frame, "1024")
    exporter.choose(panel(exporter).which, "all frames")
    exporter.press(panel(exporter).start)
    qtbot.waitUntil(lambda: exporter.window.job is None, timeout=20_000)
    paths = sorted(exporter.folder.iterdir())
    assert [path.name for path in paths] == [f"1-2-3_step-000{n}.png" for n in range(1, 6)]
    options = FrameOptions(1024, 768, 1, THEMES[theme])
    frames = [picture(path) for path in paths]
    for step, frame in enumerate(frames):
        alone = pixels(frame_image(transitions.seek(exporter.session, step), options))
        assert not (frame != alone).any()
    assert len({frame.tobytes() for frame in frames}) == 5


def test_the_frame_goes_into_the_clipboard(exporter):
    exporter.window.run("copy-frame")
    copied = pixels(QApplication.clipboard().image())
    shown = frame_image(exporter.session, exporter.window.export.screen_options)
    assert not (copied != pixels(shown)).any()


@pytest.mark.parametrize("name", ["map.csv", "map.tsv", "map.npy"])
def test_the_output_is_written_as_a_signal_that_opens_again(exporter, name):
    exporter.name = name
    exporter.window.run("export-map")
    found = read_array(exporter.folder / name)
    assert found.is_signal
    assert found.array.ravel().tolist() == NUMBERS
    assert exporter.message_text == f"Exported {name}: 5 samples"


def test_numpy_reads_the_output_as_its_own_convolve_makes_it(exporter):
    exporter.name = "map.npy"
    exporter.window.run("export-map")
    assert np.array_equal(np.load(exporter.folder / "map.npy"), np.convolve([1, 2, 3], [4, 5, 6]))


def test_a_spreadsheet_has_both_signals_and_formulas(exporter):
    exporter.name = "signals.xlsx"
    exporter.window.run("export-spreadsheet")
    book = openpyxl.load_workbook(exporter.folder / "signals.xlsx")
    sheet = book[book.sheetnames[0]]
    cells = [cell.value for row in sheet.iter_rows() for cell in row]
    assert {1, 2, 3, 4, 5, 6} <= {value for value in cells if isinstance(value, int | float)}
    formulas = [value for value in cells if isinstance(value, str) and value.startswith("=")]
    assert len(formulas) >= 5
    assert any("Conv1d(1, 1, (3,), padding=(2,)" in str(value) for value in cells)


@pytest.mark.parametrize("name", ["full-signal", *SIGNALS, "echo-of-a-string"])
def test_the_line_for_torch_makes_the_same_signal(person, name):
    torch = pytest.importorskip("torch")
    person.apply(open_example, name)
    document = person.session.document
    (layer,) = document.layers
    text = torch_text(layer, document.shapes[0])
    image = torch.tensor(document.image)
    padded, then, made = text.rpartition(", then ")
    if then:
        image = eval(padded, {"torch": torch, "image": image})
    module = eval(made.removesuffix(", weight flipped"), {"torch": torch}).double()
    weight = layer.weight[..., ::-1] if "flipped" in text else layer.weight
    module.weight.data = torch.tensor(weight.copy())
    if layer.bias is None:
        assert re.search("bias=False", text)
    found = module(image[None]).detach().numpy()[0, 0]
    np.testing.assert_allclose(found, compute(document, 0).maps[0], atol=1e-12)

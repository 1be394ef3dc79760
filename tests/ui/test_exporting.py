"""The export panel: one frame, all, some; refused, cancelled, interrupted, never torn."""

import shutil

import numpy as np
import pytest
from person import pixels
from PySide6.QtCore import QSize
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from convviz.export.frames import FrameOptions, frame_image
from convviz.model import changes, transitions
from convviz.render.theme import DARK, LIGHT
from convviz.ui import dialogs
from convviz.ui.main_window import MainWindow

NAME = "5-5-of-the-animation_step-{:04d}.png"


@pytest.fixture
def exporter(person, tmp_path, monkeypatch):
    """25 frames of 5 x 5 cells, and a folder to write into."""
    folder = tmp_path / "frames"
    folder.mkdir()
    person.folder = folder
    person.apply(changes.set_input_preset, "lecture-5x5")
    person.apply(transitions.seek, 7)
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: folder)
    person.key("Ctrl+E")
    person.choose(person.window.export_panel.frame, "1024")
    return person


def panel(person):
    return person.window.export_panel


def start(person):
    person.press(panel(person).start)


def finish(person, qtbot):
    qtbot.waitUntil(lambda: person.window.job is None, timeout=20_000)
    QApplication.processEvents()


def names(person):
    return sorted(path.name for path in person.folder.iterdir())


def picture(path):
    image = QImage(str(path))
    assert not image.isNull(), f"{path} is no whole picture"
    return pixels(image)


def expected(person, step, theme=DARK, size=(1024, 768), scale=1.0):
    session = transitions.seek(person.session, step)
    return pixels(frame_image(session, FrameOptions(*size, scale, theme)))


def test_ctrl_e_opens_the_panel_and_escape_closes_it(person):
    person.key("Ctrl+E")
    assert panel(person).isVisible()
    assert person.focus is panel(person).which
    person.key("Escape")
    assert not panel(person).isVisible()
    person.press(person.transport.export)
    assert panel(person).isVisible()
    person.press(panel(person)._close)
    assert not panel(person).isVisible()


@pytest.mark.parametrize("size", [(300, 200), (1280, 380), (640, 479)])
def test_a_window_smaller_than_a_frame_is_copied_as_the_smallest_frame(person, monkeypatch, size):
    monkeypatch.setattr(MainWindow, "frame_size", QSize(*size))
    person.window.run("copy-frame")
    copied = QApplication.clipboard().image().size()
    assert (copied.width(), copied.height()) == (max(size[0], 640), max(size[1], 480))
    assert person.message_text.startswith("The frame is in the clipboard")


def test_a_frame_that_is_too_large_to_be_copied_is_said(person, monkeypatch):
    monkeypatch.setattr(MainWindow, "frame_size", QSize(20_000, 700))
    person.window.run("copy-frame")
    assert "too large" in person.message_text


def test_only_what_matters_is_asked(person):
    person.key("Ctrl+E")
    shown = []
    for which in ("this frame", "all frames", "frames from, to"):
        person.choose(panel(person).which, which)
        shown.append((panel(person).first.isVisible(), panel(person).overwrite.isVisible()))
    assert shown == [(False, False), (False, True), (True, True)]
    assert (panel(person).first.value(), panel(person).last.value()) == (1, 256)


def test_this_frame_is_written_as_it_is_seen(exporter, monkeypatch):
    asked = []

    def ask(_window, suggested):
        asked.append(suggested.name)
        return exporter.folder / "mine.png"

    monkeypatch.setattr(dialogs, "ask_save_png", ask)
    exporter.choose(panel(exporter).frame, "as in the window")
    exporter.leave()
    exporter.key("Ctrl+H")
    panel(exporter).hide()
    exporter.window.centralWidget().layout().activate()
    seen = exporter.picture(exporter.stage)
    panel(exporter).show()
    start(exporter)
    assert asked == [NAME.format(8)]
    assert not (picture(exporter.folder / "mine.png")[14:-14, 14:-14] != seen).any()
    assert exporter.message_text == "Exported mine.png"
    assert exporter.message_button("Show in folder")
    assert not panel(exporter).isVisible()


def test_all_frames_are_written_in_order_and_each_is_its_step(exporter, qtbot):
    exporter.choose(panel(exporter).which, "all frames")
    start(exporter)
    assert exporter.window.progress.isVisible()
    finish(exporter, qtbot)
    assert names(exporter) == [NAME.format(number) for number in range(1, 26)]
    for step in (0, 12, 24):
        frame = picture(exporter.folder / NAME.format(step + 1))
        assert not (frame != expected(exporter, step)).any()
    assert exporter.message_text == f"Exported 25 frames to {exporter.folder}"
    assert not exporter.window.progress.isVisible()


def test_a_range_is_written_whichever_end_is_first(exporter, qtbot):
    exporter.choose(panel(exporter).which, "frames from")
    panel(exporter).first.setValue(9)
    panel(exporter).last.setValue(7)
    start(exporter)
    finish(exporter, qtbot)
    assert names(exporter) == [NAME.format(number) for number in (7, 8, 9)]
    assert exporter.message_text == f"Exported 3 frames to {exporter.folder}"


@pytest.mark.parametrize(
    ("scale", "theme", "size"),
    [("2 ×", "light", (2048, 1536)), ("1 ×", "dark", (1024, 768))],
)
def test_scale_and_theme_are_those_chosen(exporter, qtbot, scale, theme, size):
    exporter.choose(panel(exporter).scale, scale)
    exporter.choose(panel(exporter).theme, theme)
    exporter.choose(panel(exporter).which, "frames from")
    panel(exporter).last.setValue(1)
    start(exporter)
    finish(exporter, qtbot)
    frame = picture(exporter.folder / NAME.format(1))
    assert frame.shape == (size[1], size[0], 3)
    colours = {"light": LIGHT, "dark": DARK}[theme]
    assert not (frame != expected(exporter, 0, colours, scale=float(scale[0]))).any()


def test_what_is_pinned_or_hovered_is_in_no_frame_of_a_film(exporter, qtbot):
    exporter.click(exporter.stage.output, (2, 2))
    exporter.choose(panel(exporter).which, "frames from")
    panel(exporter).last.setValue(2)
    start(exporter)
    finish(exporter, qtbot)
    frame = picture(exporter.folder / NAME.format(1))
    assert not (frame != expected(exporter, 0)).any()


# Refused


def test_nothing_is_written_over_without_being_asked_to(exporter, qtbot):
    exporter.choose(panel(exporter).which, "frames from")
    panel(exporter).last.setValue(3)
    taken = exporter.folder / NAME.format(2)
    taken.write_bytes(b"mine")
    start(exporter)
    assert exporter.window.job is None
    assert exporter.message_text == (
        f"{taken} is there already: overwrite, or choose another folder"
    )
    assert names(exporter) == [taken.name]
    assert taken.read_bytes() == b"mine"
    assert panel(exporter).isVisible()
    panel(exporter).overwrite.setChecked(True)
    start(exporter)
    finish(exporter, qtbot)
    assert len(names(exporter)) == 3
    assert picture(taken).shape == (768, 1024, 3)


def test_a_folder_dialog_that_is_cancelled_writes_nothing(exporter, monkeypatch):
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: None)
    exporter.choose(panel(exporter).which, "all frames")
    start(exporter)
    assert exporter.window.job is None
    assert panel(exporter).isVisible()
    assert names(exporter) == []


def test_a_file_dialog_that_is_cancelled_writes_nothing(exporter, monkeypatch):
    monkeypatch.setattr(dialogs, "ask_save_png", lambda *_: None)
    start(exporter)
    assert panel(exporter).isVisible()
    assert exporter.message_text is None


def test_a_frame_that_is_too_large_says_so(exporter):
    exporter.choose(panel(exporter).which, "all frames")
    exporter.choose(panel(exporter).frame, "3840")
    exporter.choose(panel(exporter).scale, "3 ×")
    start(exporter)
    assert exporter.message_text == (
        "a frame of 11520 x 6480 pixels is too large: at most 64,000,000 pixels, 16,384 a side"
    )
    assert names(exporter) == []


def test_a_second_export_waits_for_the_first(exporter, qtbot):
    exporter.choose(panel(exporter).which, "all frames")
    start(exporter)
    exporter.key("Ctrl+E")
    start(exporter)
    assert exporter.message_text == "an export is still running: wait for it, or cancel it"
    finish(exporter, qtbot)
    assert len(names(exporter)) == 25


def test_a_folder_that_cannot_be_written_says_why(exporter, monkeypatch, qtbot):
    gone = exporter.folder / "gone"
    monkeypatch.setattr(dialogs, "ask_folder", lambda *_: gone)
    monkeypatch.setattr(dialogs, "ask_save_png", lambda *_: gone / "frame.png")
    start(exporter)
    assert str(gone) in exporter.message_text
    assert exporter.window.message.property("tone") == "error"
    exporter.choose(panel(exporter).which, "all frames")
    start(exporter)
    finish(exporter, qtbot)
    assert str(gone) in exporter.message_text
    assert "(0 frames of 25 were written)" in exporter.message_text


# Interrupted


def slice_of_work(person):
    """Let the export write for a moment, as the event loop does between two events."""
    person.window.job.timer.timeout.emit()


def whole_pictures(person):
    return [picture(person.folder / name).shape for name in names(person)]


def test_cancel_stops_at_once_and_leaves_whole_pictures_only(exporter):
    exporter.choose(panel(exporter).which, "all frames")
    start(exporter)
    slice_of_work(exporter)
    exporter.press(exporter.window.progress.cancel)
    assert exporter.window.job is None
    count = len(names(exporter))
    assert 0 < count < 25
    assert whole_pictures(exporter) == [(768, 1024, 3)] * count
    assert exporter.message_text.startswith(f"Cancelled: {count} frame")
    assert "of 25 were written" in exporter.message_text
    QApplication.processEvents()
    assert len(names(exporter)) == count


def test_a_folder_that_vanishes_in_the_middle_ends_the_export_with_a_sentence(exporter, qtbot):
    exporter.choose(panel(exporter).which, "all frames")
    start(exporter)
    slice_of_work(exporter)
    shutil.rmtree(exporter.folder)
    finish(exporter, qtbot)
    assert str(exporter.folder) in exporter.message_text
    assert "of 25 were written)" in exporter.message_text
    assert exporter.window.message.property("tone") == "error"
    assert not exporter.window.progress.isVisible()


def test_closing_the_window_in_the_middle_of_an_export_ends_it(exporter):
    exporter.choose(panel(exporter).which, "all frames")
    start(exporter)
    job = exporter.window.job
    slice_of_work(exporter)
    exporter.window.close()
    assert not job.timer.isActive()
    assert exporter.window.job is None
    count = len(names(exporter))
    assert whole_pictures(exporter) == [(768, 1024, 3)] * count


def test_the_window_can_be_used_while_it_exports_what_was_chosen(exporter, qtbot):
    exporter.choose(panel(exporter).which, "all frames")
    session = exporter.session
    start(exporter)
    slice_of_work(exporter)
    exporter.key("Home")
    exporter.choose(exporter.panel.source, "Letter H")
    slice_of_work(exporter)
    finish(exporter, qtbot)
    assert exporter.title.startswith("Letter H")
    assert len(names(exporter)) == 25
    last = transitions.seek(session, 24)
    frame = pixels(frame_image(last, FrameOptions(1024, 768, 1, DARK)))
    assert not (picture(exporter.folder / NAME.format(25)) != frame).any()


def test_progress_says_how_far_it_is_and_how_long_it_takes(exporter):
    strip = exporter.window.progress
    strip.show_progress(0, 196, None)
    assert strip._text.text() == "Exporting frame 1 of 196"
    strip.show_progress(99, 196, 75.0)
    assert strip._text.text() == "Exporting frame 100 of 196 · 1 min 15 s left"
    strip.show_progress(195, 196, 0.2)
    assert strip._text.text() == "Exporting frame 196 of 196 · under a second left"
    assert (strip._bar.value(), strip._bar.maximum()) == (195, 196)


def test_an_export_panel_that_stays_open_follows_a_smaller_map(exporter, qtbot):
    exporter.choose(panel(exporter).which, "frames from")
    exporter.choose(exporter.panel.source, "1 to 9")
    start(exporter)
    finish(exporter, qtbot)
    assert len(names(exporter)) == 9


# The dialogs themselves


@pytest.mark.parametrize(
    ("chosen", "path"),
    [("/f/frame", "frame.png"), ("/f/frame.png", "frame.png"), ("/f/a.b.PNG", "a.b.PNG")],
)
def test_a_name_without_png_gets_it(monkeypatch, chosen, path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (chosen, ""))
    assert dialogs.ask_save_png(None, "x").name == path


def test_dialogs_that_are_cancelled_return_none(monkeypatch):
    for name, answer in (
        ("getSaveFileName", ("", "")),
        ("getOpenFileName", ("", "")),
        ("getExistingDirectory", ""),
    ):
        monkeypatch.setattr(QFileDialog, name, lambda *_, answer=answer: answer)
    asked = (dialogs.ask_save_png, dialogs.ask_open, dialogs.ask_folder)
    assert [ask(None, "x") for ask in asked] == [None, None, None]


def test_copied_frames_are_exported_frames(exporter):
    exporter.key("Escape")
    options = exporter.window.export.screen_options
    exporter.key("Ctrl+Shift+C")
    copied = pixels(QApplication.clipboard().image())
    assert np.array_equal(copied, pixels(frame_image(exporter.session, options)))

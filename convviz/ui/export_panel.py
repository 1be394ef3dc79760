"""ExportPanel: which frames, how large, in which colours; and the job that writes them."""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QSize, QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QPushButton,
    QToolButton,
)

from convviz.export.frames import FrameOptions
from convviz.model.session import Session
from convviz.render.theme import THEMES, Theme
from convviz.ui.fields import choice, labelled, whole_number
from convviz.ui.message_strip import Strip
from convviz.ui.plain_text import set_tip
from convviz.ui.style import icon

SIZES = (
    ("window", "as in the window"),
    ("1280x720x1", "1280 × 720"),
    ("1280x720x1.5", "1920 × 1080"),
    ("1024x768x1", "1024 × 768"),
    ("1280x720x3", "3840 × 2160"),
)
SCALES = (("1", "1 ×"), ("2", "2 ×"), ("3", "3 ×"))
WHICH = (("one", "this frame"), ("all", "all frames"), ("some", "frames from, to"))
SLICE_SECONDS = 0.012  # of painting at a time, so that the window stays alive


class ExportPanel(Strip):
    """The choices; `chosen` tells that the person wants the files."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("export")
        self.setAccessibleName("Export frames")
        self.which = choice((key, text, "") for key, text in WHICH)
        self.first = whole_number(1, 1, "First frame")
        self.last = whole_number(1, 1, "Last frame")
        self.frame = choice((key, text, "") for key, text in SIZES)
        self.scale = choice(
            (key, text, "Pixels for each pixel of the layout") for key, text in SCALES
        )
        self.theme = choice((("", "as in the window", ""), *((name, name, "") for name in THEMES)))
        self.overwrite = QCheckBox("Overwrite")
        self.overwrite.setAccessibleName("Overwrite")
        set_tip(self.overwrite, "Write over frames that are in the folder already")
        self.start = QPushButton("Choose where…")
        self.start.setProperty("accent", True)
        self.start.setAccessibleName("Choose where to export")
        set_tip(self.start, "Choose a file or a folder, and write")
        self.start.clicked.connect(self.chosen)
        self._close = QToolButton()
        self._close.setObjectName("plain")
        self._close.setAccessibleName("Close")
        set_tip(self._close, "Close without exporting (Esc)")
        self._close.clicked.connect(self.hide)
        self.which.currentIndexChanged.connect(self._show_range)
        self._range = labelled("From, to", self.first, self.last)
        self._range.setMinimumWidth(124)  # or the fields would shrink to nothing
        self.scale.setMinimumContentsLength(3)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 10, 10)
        row.setSpacing(10)
        for widget, share in (
            (labelled("PNG", self.which), 3),
            (self._range, 3),
            (labelled("Size", self.frame), 3),
            (labelled("Scale", self.scale), 2),
            (labelled("Theme", self.theme), 3),
            (labelled(" ", self.overwrite), 0),
            (labelled(" ", self.start), 0),
            (self._close, 0),
        ):
            row.addWidget(widget, share)
        self._show_range()
        self.hide()

    def open(self, session: Session, theme: Theme) -> None:
        """Show the panel for `session`."""
        self._close.setIcon(icon("close", theme.dim))
        for box in (self.first, self.last):
            box.setMaximum(session.step_count)
        self.last.setValue(session.step_count)
        self.show()
        self.which.setFocus()

    @property
    def single(self) -> bool:
        """Whether the present frame alone is wanted."""
        return str(self.which.currentData()) == "one"

    def steps(self, session: Session) -> range:
        """Return the steps, from 0, whose frames are wanted."""
        if str(self.which.currentData()) == "all":
            return range(session.step_count)
        low, high = sorted((self.first.value(), self.last.value()))
        return range(min(low, session.step_count) - 1, min(high, session.step_count))

    def options(self, window: QSize, theme: Theme) -> FrameOptions:
        """Return size, scale and colours; `window` is the size of the scene on the screen."""
        size = str(self.frame.currentData())
        chosen = f"{window.width()}x{window.height()}x1" if size == "window" else size
        width, height, larger = (float(number) for number in chosen.split("x"))
        colours = THEMES.get(str(self.theme.currentData()), theme)
        return FrameOptions(
            int(width), int(height), larger * float(self.scale.currentData()), colours
        )

    def _show_range(self) -> None:
        self._range.setVisible(str(self.which.currentData()) == "some")
        self.overwrite.setVisible(not self.single)


class ExportJob(QObject):
    """Writes frames a few at a time between events; stops within a frame."""

    progressed = Signal(int, int, object)
    ended = Signal(int, object)  # frames written; the error, or None

    def __init__(
        self,
        frames: Iterator[int],
        paths: Sequence[Path],
        parent: QObject,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        super().__init__(parent)
        self._frames, self.paths, self._clock = frames, paths, clock
        self._done, self._start = 0, clock()
        self.timer = QTimer(self)
        self.timer.timeout.connect(self._work)
        self.timer.start(0)

    def cancel(self) -> None:
        """Stop after the frame that is being written."""
        self._end(None)

    def _work(self) -> None:
        until = self._clock() + SLICE_SECONDS
        try:
            while self._clock() < until:
                self._done = next(self._frames)
        except StopIteration:
            self._end(None)
            return
        except OSError as error:
            self._end(error)
            return
        spent = self._clock() - self._start
        left = spent / self._done * (len(self.paths) - self._done)
        self.progressed.emit(self._done, len(self.paths), left if spent > 0.5 else None)

    def _end(self, error: OSError | None) -> None:
        if self.timer.isActive():
            self.timer.stop()
            self.ended.emit(self._done, error)

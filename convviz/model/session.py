"""Session: everything that the program knows, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Literal

from convviz.engine.layers import Conv, Problem
from convviz.model.document import Document, default_document
from convviz.model.equation import stages_after_sum
from convviz.model.history import History

PaneName = Literal["input", "kernel", "output", "window", "weight", "products"]
Cell = tuple[int, int]  # row, column; a signal is one row

SPEEDS = (0.25, 0.5, 1, 2, 4, 8, 16, 30, 60, 125, 250, 500, 1000)  # steps per second
THEMES = ("system", "dark", "light")


@dataclass(frozen=True)
class Playhead:
    """The step that playback shows, and how far its dot product has come (None: all of it)."""

    step: int = 0
    term: int | None = None


@dataclass(frozen=True)
class Playback:
    """Whether and how the playhead moves by itself; speed in steps (or terms) per second."""

    playing: bool = False
    speed: float = 4
    loop: bool = False
    direction: int = 1  # or -1
    by_terms: bool = False
    stride: int = 1  # steps that the last tick took at once: more than one when time is short


@dataclass(frozen=True)
class Target:
    """A cell of a pane under the mouse, or pinned."""

    pane: PaneName
    cell: Cell


@dataclass(frozen=True)
class Zoom:
    """How much larger than fitted a grid is drawn, and which point (0..1) is in the middle."""

    factor: float = 1.0
    row: float = 0.5
    column: float = 0.5


FITTED = Zoom()


@dataclass(frozen=True)
class Choice:
    """A button of a message: what it says, the command it runs, and with what."""

    label: str
    command: str
    argument: object = None


@dataclass(frozen=True)
class Message:
    """A strip in the window: a sentence, and what can be done about it."""

    text: str
    tone: Literal["note", "error"] = "note"
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class View:
    """How the scene is looked at."""

    theme: str = "system"
    whole_map: bool = False
    histograms: bool = True
    zooms: Mapping[str, Zoom] = field(default_factory=lambda: MappingProxyType({}))
    columns: tuple[float, float, float] = (0.425, 0.16, 0.415)
    strip: float = 0.31  # the dot product's share of the height


@dataclass(frozen=True, eq=False)
class Session:
    """The document, where its author looks, and what was done to it.

    `attempt` is a document with a setting that does not fit: the last valid one stays in
    `document` and on the screen until the setting is mended or withdrawn.
    """

    document: Document
    attempt: Document | None = None
    layer: int = 0
    channel: int = 0
    playhead: Playhead = Playhead()
    hover: Target | None = None
    pin: Target | None = None
    selection: Target | None = None
    playback: Playback = Playback()
    view: View = View()
    history: History = field(default_factory=History)
    message: Message | None = None

    @property
    def edited(self) -> Document:
        """The document as its settings say, valid or not."""
        return self.attempt or self.document

    @property
    def problem(self) -> Problem | None:
        """Why the settings do not fit, or None."""
        found = self.attempt and self.attempt.problem
        return found.problem if found else None

    @property
    def conv(self) -> Conv:
        """The convolution in focus."""
        return self.document.conv(self.layer)

    @property
    def output_size(self) -> Cell:
        """Rows and columns of the feature map."""
        sizes = self.document.shapes[self.layer + 1][1:]
        return (1, sizes[0]) if len(sizes) == 1 else (sizes[0], sizes[1])

    @property
    def step_count(self) -> int:
        """How many output cells there are."""
        rows, columns = self.output_size
        return rows * columns

    @property
    def stage_count(self) -> int:
        """How many stages a dot product has: its terms, then bias and activation where they are."""
        bias = 0.0 if self.conv.bias is None else float(self.conv.bias[self.channel])
        after = stages_after_sum(bias, self.document.activation(self.layer))
        return self.term_count + len(after)

    @property
    def term_count(self) -> int:
        """How many products are added up for one output cell."""
        return int(self.conv.weight[0].size)

    @property
    def target(self) -> Target | None:
        """The cell that is looked at: pinned, or under the mouse."""
        return self.pin or self.hover

    @property
    def cursor(self) -> Playhead:
        """The step that is shown: that of the output cell looked at, else the playhead's."""
        if self.target and self.target.pane == "output":
            step = self.step_at(self.target.cell)
            if step != self.playhead.step:
                return Playhead(step)
        return self.playhead

    def step_at(self, cell: Cell) -> int:
        """Return the step that makes the output cell."""
        return cell[0] * self.output_size[1] + cell[1]

    def cell_at(self, step: int) -> Cell:
        """Return the output cell that `step` makes."""
        row, column = divmod(step, self.output_size[1])
        return row, column


def new_session(document: Document | None = None, *, step: int = 0) -> Session:
    """Return a session for `document`, or for the one that the program opens with."""
    if document is not None:
        return Session(document, playhead=Playhead(step))
    session = Session(default_document())
    opening = Playhead(session.step_at((7, 4)))
    return replace(session, playhead=opening)

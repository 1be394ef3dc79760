"""Session: everything that the program knows, frozen."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from math import prod
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from convviz.engine.layers import Activation, Conv, ConvTranspose, Layer, Pool, Problem
from convviz.model.colours import USUAL_COLOURS, Colours
from convviz.model.document import Document, convolution, default_document, differ
from convviz.model.equation import stages_after_sum
from convviz.model.history import History
from convviz.model.image_ways import problem_with_ways
from convviz.model.learn_run import Run, run_of
from convviz.model.learning import GRIDS, LOOKING, Learner
from convviz.model.numbers import AUTOMATIC, NumberFormat
from convviz.model.origin import Origin, origin_of_image

PaneName = Literal[
    "input",
    "kernel",
    "output",
    "window",
    "weight",
    "products",
    "bias",
    "target",
    "prediction",
    "error",
    "first",
    "gradient",
]
Cell = tuple[int, int]  # row, column; a signal is one row

SPEEDS = (0.25, 0.5, 1, 2, 4, 8, 16, 30, 60, 125, 250, 500, 1000)  # steps per second
THEMES = ("system", "dark", "light")
MOST_RECENT, LIMIT_OF_RECENT = 10, 30  # files
WORKSPACES = ("convolve", "signals", "layers", "learn")
PAINTED = ("convolve", "learn")  # workspaces whose cells can be painted
WAYS = ("slide", "copies", "matrix")  # of looking at the sum of a convolution of signals


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
class Selection:
    """A rectangle of cells of a grid: from the cursor, which is typed into, to another corner.

    `reach` is the cell to which the fill handle is being dragged, `anchor` the corner where the
    cursor was before it walked through the block.
    """

    pane: PaneName
    cursor: Cell
    end: Cell
    reach: Cell | None = None
    anchor: Cell | None = None

    @property
    def rows(self) -> range:
        """The rows that it has."""
        return _between((self.anchor or self.cursor)[0], self.end[0])

    @property
    def columns(self) -> range:
        """The columns that it has."""
        return _between((self.anchor or self.cursor)[1], self.end[1])

    @property
    def shape(self) -> Cell:
        """How many rows and columns there are."""
        return len(self.rows), len(self.columns)

    @property
    def corner(self) -> Cell:
        """The first cell."""
        return self.rows.start, self.columns.start

    @property
    def stretched(self) -> tuple[range, range]:
        """Rows and columns with those that the fill handle takes in: below, or to the right."""
        rows, columns = self.rows, self.columns
        if self.reach is None:
            return rows, columns
        down, right = self.reach[0] + 1 - rows.stop, self.reach[1] + 1 - columns.stop
        if max(down, right) <= 0:
            return rows, columns
        if down >= right:
            return range(rows.start, rows.stop + down), columns
        return rows, range(columns.start, columns.stop + right)

    def has(self, cell: Cell) -> bool:
        """Return whether `cell` is in it."""
        return cell[0] in self.rows and cell[1] in self.columns


def _between(one: int, other: int) -> range:
    return range(min(one, other), max(one, other) + 1)


def one_selected(pane: PaneName, cell: Cell) -> Selection:
    """Return a selection of one cell."""
    return Selection(pane, cell, cell)


def all_between(pane: PaneName, rows: range, columns: range) -> Selection:
    """Return the selection of a block, with the cursor in its first cell.

    >>> all_between("input", range(2), range(1, 4)).shape
    (2, 3)
    """
    return Selection(pane, (rows[0], columns[0]), (rows[-1], columns[-1]))


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
class Brush:
    """What a drag on a grid of numbers does: one of TOOLS, its number, and how wide it paints.

    `value` is None until a number is chosen: then the largest number of the image is painted.
    """

    tool: str = "select"
    value: float | None = None
    size: int = 1


@dataclass(frozen=True, eq=False)
class Stroke:
    """What is being painted: from cell `start` to cell `end` upon `before`, by a tool of TOOLS.

    The cells may lie beside the grid. `layer` is the one in focus, `place` the channel of its
    image or the kernel in its weight. `history` is as it was before.
    """

    pane: PaneName
    layer: int
    place: tuple[int, ...]
    tool: str
    start: Cell
    end: Cell
    before: Document
    history: History


@dataclass(frozen=True)
class View:
    """How the scene is looked at.

    Samples of signals are numbered from `numbered_from` (1 or 0), `way` is one of WAYS,
    `curves` joins them as if there were others between.
    """

    theme: str = "system"
    numbers: NumberFormat = AUTOMATIC
    colours: Colours = USUAL_COLOURS
    workspace: str = "convolve"
    use_counts: bool = False
    whole_map: bool = False
    histograms: bool = True
    history: bool = False
    brush: Brush = Brush()
    zooms: Mapping[str, Zoom] = field(default_factory=lambda: MappingProxyType({}))
    columns: tuple[float, float, float] = (0.425, 0.16, 0.415)
    strip: float = 0.31  # the dot product's share of the height
    numbered_from: int = 1
    way: str = "slide"
    curves: bool = False


@dataclass(frozen=True, eq=False)
class Page:
    """The document of another workspace, as it was left: signals have their own, and a file."""

    document: Document
    layer: int = 0
    source: int = 0
    scatter: bool = False
    playhead: Playhead = Playhead()
    history: History = field(default_factory=History)
    file: Path | None = None
    saved: Document | None = None
    recovered: Path | None = None

    @property
    def is_modified(self) -> bool:
        """Whether it holds work that no file has."""
        return _is_work(self)


@dataclass(frozen=True)
class Habits:
    """What a person is used to: the speed at the start, folders (None: the last used), files."""

    speed: float = Playback.speed
    open_folder: Path | None = None
    export_folder: Path | None = None
    most_recent: int = MOST_RECENT


@dataclass(frozen=True, eq=False)
class Session:
    """The document, where its author looks, and what was done to it.

    `attempt` is a document with a setting that does not fit: the last valid one stays in
    `document` and on the screen until the setting is mended or withdrawn. `layer` is the one in
    focus, `source` the input channel that is looked at while no other is being summed. `scatter`
    walks a transposed convolution by its input cells, each of which stamps the kernel. `turn`
    (0..1) is how far the flip of the kernel has come that is being shown. `file` is the scene file
    of the document, `saved` the document as it was when it was opened, saved or begun. `recovered`
    is the file that work of a lost run is to be saved as, until it is. `recent` are the files that
    were opened or saved last, newest first. `offer` tells of a lost run until it is answered.
    `source_array` is from what the input was taken, for as long as it is the one that is shown.
    `aside` is the page that is not shown: that of signals, or that of images. It has a file of its
    own, but for scenes of earlier versions, which hold both pages: these stay `together`.
    `learner` is where one looks at how a kernel is learnt from the image.
    """

    document: Document
    attempt: Document | None = None
    layer: int = 0
    source: int = 0
    scatter: bool = False
    turn: float = 1.0
    playhead: Playhead = Playhead()
    hover: Target | None = None
    pin: Target | None = None
    selection: Selection | None = None
    stroke: Stroke | None = None
    playback: Playback = Playback()
    view: View = View()
    history: History = field(default_factory=History)
    message: Message | None = None
    file: Path | None = None
    saved: Document | None = None
    recovered: Path | None = None
    recent: tuple[Path, ...] = ()
    offer: Message | None = None
    source_array: Origin | None = None
    habits: Habits = Habits()
    aside: Page | None = None
    together: bool = False
    learner: Learner = LOOKING

    @property
    def learns(self) -> bool:
        """Whether the workspace is shown in which a kernel is learnt: steps are its updates."""
        return self.view.workspace == "learn"

    @property
    def run(self) -> Run | None:
        """What becomes of the kernel that is learnt; None where it cannot be."""
        found = run_of(self.document)
        return found if isinstance(found, Run) else None

    @property
    def learnt_weight(self) -> Cell | None:
        """The weight whose gradient is explained."""
        run, weight = self.run, self.learner.weight
        if run is None or weight is None:
            return None
        return weight if weight[0] < run.size[0] and weight[1] < run.size[1] else None

    @property
    def head(self) -> Playhead:
        """Where the transport stands: at an output cell, or at an update of the learnt kernel."""
        if not self.learns:
            return self.playhead
        step, term = min(self.learner.step, self.step_count - 1), self.learner.term
        return Playhead(step, None if term is None else min(term, self.stage_count - 1))

    @property
    def origin(self) -> Origin:
        """From what the shown input was taken, and how: when nothing else is known, from itself."""
        image = self.document.image
        known = self.source_array and self.source_array.of(image)
        return known or origin_of_image(image, self.document.image_name)

    @property
    def paints(self) -> bool:
        """Whether a tool other than the arrow is chosen, where there are cells to paint."""
        return self.view.brush.tool != "select" and self.view.workspace in PAINTED

    @property
    def is_modified(self) -> bool:
        """Whether a page holds work that no file has, a setting that does not fit included."""
        return _is_work(self) or self.aside_is_modified

    @property
    def is_saved(self) -> bool:
        """Whether nothing would be added to the file of the shown page if it were saved now."""
        return not (_is_work(self) or (self.shares_file and self.aside_is_modified))

    @property
    def shares_file(self) -> bool:
        """Whether a file holds, or would hold, both pages."""
        return self.together and self.aside is not None and self.aside.file == self.file

    @property
    def aside_is_modified(self) -> bool:
        """Whether the page that is not shown holds work that no file has."""
        return self.aside is not None and self.aside.is_modified

    @property
    def edited(self) -> Document:
        """The document as its settings say, valid or not."""
        return self.attempt or self.document

    @property
    def problem(self) -> Problem | None:
        """Why the settings do not fit, or None."""
        return problem_with_ways(self.attempt) if self.attempt else None

    @property
    def focus(self) -> Layer:
        """The layer in focus."""
        return self.document.layers[self.layer]

    @cached_property
    def conv(self) -> Conv | None:
        """The convolution that the layer in focus is or can be seen as."""
        return convolution(self.focus)

    @property
    def rank(self) -> int:
        """How many spatial axes there are."""
        return self.document.rank

    @property
    def stamping(self) -> bool:
        """Whether steps are input cells that stamp the kernel; those of signals never do."""
        return self.scatter and self.rank == 2 and isinstance(self.focus, ConvTranspose)

    @property
    def kernel_size(self) -> tuple[int, ...]:
        """Cells of the window per axis."""
        return (1,) * self.rank if isinstance(self.focus, Activation) else self.focus.kernel_size

    @property
    def output_size(self) -> Cell:
        """Rows and columns of the feature map."""
        return as_rows(self.document.made(self.layer)[1:])

    @property
    def input_size(self) -> Cell:
        """Rows and columns of what the layer in focus reads."""
        return as_rows(self.document.shapes[self.layer][1:])

    def size_of(self, pane: PaneName) -> Cell:
        """Return rows and columns of a pane's grid, without padding."""
        sizes = {
            "input": self.input_size,
            "output": self.output_size,
            "bias": (1, self.output_count),
            **(self._learnt_sizes if pane in GRIDS else {}),
        }
        return sizes.get(pane, as_rows(self.kernel_size))

    @property
    def _learnt_sizes(self) -> dict[str, Cell]:
        run = self.run
        return (
            {"target": run.map_sizes[0], "first": run.size} if run else dict.fromkeys(GRIDS, (1, 1))
        )

    def nearest(self, pane: PaneName, cell: Cell) -> Cell:
        """Return the cell of a pane's grid that is nearest to `cell`."""
        rows, columns = self.size_of(pane)
        return min(max(cell[0], 0), rows - 1), min(max(cell[1], 0), columns - 1)

    @property
    def walked(self) -> Cell:
        """Rows and columns of the grid that the playhead walks, once for each map."""
        return self.input_size if self.stamping else self.output_size

    @property
    def walked_pane(self) -> PaneName:
        """The pane whose cells are steps."""
        return "input" if self.stamping else "output"

    @property
    def cell_count(self) -> int:
        """How many cells the playhead walks for one map."""
        rows, columns = self.walked
        return rows * columns

    @property
    def output_count(self) -> int:
        """How many feature maps the layer in focus makes."""
        return self.document.made(self.layer)[0]

    @property
    def step_count(self) -> int:
        """How many steps there are: output cells of all maps, stamps, or states of learning."""
        if self.learns:
            return self.run.last + 1 if self.run else 1
        return self.walk_count

    @property
    def walk_count(self) -> int:
        """How many steps the playhead walks: output cells of all maps, or stamps."""
        inputs = len(self.sources_of(0)) if self.stamping else 1
        return self.output_count * inputs * self.cell_count

    def sources_of(self, channel: int) -> range:
        """Return the input channels that output channel `channel` is made of."""
        return self.conv.channels_seen(channel) if self.conv else range(channel, channel + 1)

    @property
    def channel(self) -> int:
        """The output channel of the present step."""
        walks = self.playhead.step // self.cell_count
        return walks // len(self.sources_of(0)) if self.stamping else walks

    @property
    def sources(self) -> range:
        """The input channels that the present output channel is made of."""
        return self.sources_of(self.channel)

    @property
    def shown_source(self) -> int:
        """The input channel that is shown: the one being summed, or the one looked at."""
        sources, term = self.sources, self.cursor.term
        if self.stamping:
            return sources[self.playhead.step // self.cell_count % len(sources)]
        if term is not None and self.conv:
            return sources[min(term // self.kernel_cells, len(sources) - 1)]
        return self.source if self.source in sources else sources[0]

    @property
    def kernel_cells(self) -> int:
        """How many cells a window has in one channel."""
        return prod(self.kernel_size)

    @property
    def term_count(self) -> int:
        """How many products (or cells of a pooling window) make one step."""
        several = self.conv is not None and not self.stamping
        return self.kernel_cells * (len(self.sources) if several else 1)

    @property
    def stages(self) -> tuple[str, ...]:
        """What comes after the terms of a step."""
        if self.stamping or isinstance(self.focus, Activation):
            return ()
        activation = self.document.activation(self.layer)
        if isinstance(self.focus, Pool):
            return stages_after_sum(1, 0.0, activation, divided=self.focus.pooling.divides)
        bias = self.conv.bias if self.conv else None
        added = 0.0 if bias is None else float(bias[self.channel])
        return stages_after_sum(len(self.sources), added, activation)

    @property
    def stage_count(self) -> int:
        """How many stages a step has: its terms, then what comes after them.

        An update has forward, gradient (with the terms of a weight, if one is chosen) and update.
        """
        if not self.learns:
            return self.walk_stages
        run, weight = self.run, self.learnt_weight
        return 3 if run is None or weight is None else len(run.windows_at(weight)) + 2

    @property
    def walk_stages(self) -> int:
        """How many stages a step of the walk has."""
        return self.term_count + len(self.stages)

    @property
    def target(self) -> Target | None:
        """The cell that is looked at: pinned, or under the mouse."""
        return self.pin or self.hover

    @property
    def cursor(self) -> Playhead:
        """The step that is shown: that of the walked cell looked at, else the playhead's."""
        if self.learns:
            return self.head
        if self.target and self.target.pane == self.walked_pane:
            step = self.step_at(self.target.cell)
            if step != self.playhead.step:
                return Playhead(step)
        return self.playhead

    def step_at(self, cell: Cell) -> int:
        """Return the step at a cell of the walked grid, for the present channels."""
        walk = self.playhead.step // self.cell_count
        return walk * self.cell_count + cell[0] * self.walked[1] + cell[1]

    def cell_at(self, step: int) -> Cell:
        """Return the cell of the walked grid at which `step` is."""
        row, column = divmod(step % self.cell_count, self.walked[1])
        return row, column


def _is_work(page: Page | Session) -> bool:
    unsaved = page.saved is not None and differ(page.document, page.saved)
    unfit = isinstance(page, Session) and page.attempt is not None
    return unsaved or unfit or page.recovered is not None


def as_rows(sizes: tuple[int, ...]) -> Cell:
    """Return rows and columns of a grid; a signal is one row."""
    return (1, sizes[0]) if len(sizes) == 1 else (sizes[-2], sizes[-1])


def new_session(document: Document | None = None, *, step: int = 0) -> Session:
    """Return a session for `document`, or for the one that the program opens with."""
    if document is not None:
        return Session(document, playhead=Playhead(step), saved=document)
    document = default_document()
    session = Session(document, saved=document)
    opening = Playhead(session.step_at((7, 4)))
    return replace(session, playhead=opening)

"""Where the parts of the workspace of signals lie: stems, the sum, the same sum as a table."""

from dataclasses import dataclass, replace

from PySide6.QtCore import QRect, QRectF

from convviz.model.scene import share_of
from convviz.model.session import Zoom
from convviz.model.signals import Lane, SignalScene, WaysScene
from convviz.model.transitions import LARGEST_ZOOM
from convviz.render.geometry import GAP, GridGeometry, fit_grid
from convviz.render.pane_painter import HEADER, MARGIN

STEMS_SHARE = 0.61  # of the width
SUM_SHARE = 0.45  # of the height
LABEL_WIDTH = 108
LARGEST_CELL = 44.0
CELLS_FROM = 12.0  # pixels a sample needs for a cell of its own
STEMS_FROM = 4.0  # pixels a sample needs for a stem: more are drawn as a line
INDEX_HEIGHT = 16
HEAD_ROOM = 12  # pixels above the highest stem
LANE_GAP = 8
WHOLE_FROM = 6
FOLLOWED = 0.45  # of the width: how far from the middle the present value may be while playing
CHIP_HEIGHT = 26
CHIP_GAP = 8
TABLE_CELL = 34.0
CAPTION_HEIGHT = 32


@dataclass(frozen=True)
class SignalsLayout:
    """Where the panes of the workspace "signals" lie on the screen or in a frame."""

    stems: QRect
    sum: QRect
    ways: QRect

    def moved(self, by: int) -> "SignalsLayout":
        """Return the layout `by` pixels to the right and down."""
        rects = (self.stems, self.sum, self.ways)
        return SignalsLayout(*(rect.translated(by, by) for rect in rects))


def signals_layout(width: int, height: int) -> SignalsLayout:
    """Divide `width` x `height` pixels: the stems beside the sum and the table below that."""
    left = round((width - GAP) * STEMS_SHARE)
    top = round((height - GAP) * SUM_SHARE)
    right = max(width - left - GAP, 1)
    return SignalsLayout(
        stems=QRect(0, 0, left, height),
        sum=QRect(left + GAP, 0, right, top),
        ways=QRect(left + GAP, top + GAP, right, max(height - top - GAP, 1)),
    )


@dataclass(frozen=True)
class LanePlace:
    """Where a lane lies: its name, its stems, its cells below them, the numbers of its samples.

    `plot` is as wide as the axis; without room for cells `cells` has no height that is painted.
    `low` and `high` are the values at the ends of `plot`. Samples are `joined` to a line where they
    are too many for stems, or are meant as a curve.
    """

    label: QRectF
    plot: QRectF
    cells: GridGeometry
    indices: QRectF
    low: float
    high: float
    has_cells: bool
    joined: bool

    def y(self, value: float) -> float:
        """Return where a value stands."""
        share: float = share_of(value, self.low, self.high)
        return self.plot.bottom() - share * self.plot.height()

    def value(self, y: float) -> float:
        """Return the value that stands at `y`."""
        share = (self.plot.bottom() - y) / self.plot.height()
        return self.low * (1 - share) + self.high * share

    def x(self, cell: float) -> float:
        """Return where the stem of a cell stands."""
        return self.cells.left + (cell + 0.5) * self.cells.cell

    @property
    def shown(self) -> range:
        """The cells that are in view."""
        left, right = self.plot.left() - self.cells.left, self.plot.right() - self.cells.left
        first = max(int(left // self.cells.cell), 0)
        return range(first, max(min(int(right // self.cells.cell) + 1, self.cells.columns), first))

    @property
    def at_origin(self) -> "LanePlace":
        """The same with the first cell in view at the left edge, and its stems at the top."""
        start = -self.shown.start * self.cells.cell
        plot = self.plot.translated(start - self.cells.left, -self.plot.top())
        return replace(self, plot=plot, cells=replace(self.cells, left=start))

    @property
    def area(self) -> QRectF:
        """All that belongs to its samples."""
        return self.plot.united(self.indices)


@dataclass(frozen=True)
class StemsPlaces:
    """Where the lanes lie; a position of the axis is `cell` pixels wide, the first at `left`."""

    lanes: tuple[LanePlace, ...]
    left: float
    cell: float
    start: int

    def x(self, position: float) -> float:
        """Return the left edge of a position of the axis."""
        return self.left + (position - self.start) * self.cell


def stems_places(rect: QRect, scene: SignalScene) -> StemsPlaces:
    """Lay the lanes out from top to bottom, on one axis."""
    inner = rect.adjusted(MARGIN, MARGIN - 4, -MARGIN, -8)
    axis = QRectF(inner.x() + LABEL_WIDTH, 0, max(inner.width() - LABEL_WIDTH, 1), 0)
    cell = _sample_width(axis.width(), scene)
    left = axis.left() + _scrolled(axis.width(), cell, scene)
    has_cells = cell >= CELLS_FROM and not scene.curves
    indexed = [number in (0, len(scene.lanes) - 1) for number in range(len(scene.lanes))]
    below = [(cell if has_cells else 0.0) + INDEX_HEIGHT * named for named in indexed]
    gaps = LANE_GAP * (len(scene.lanes) - 1)
    high = max((inner.height() - sum(below) - gaps) / len(scene.lanes), 1.0)
    places, top = [], float(inner.y())
    for lane, taken in zip(scene.lanes, below, strict=True):
        room = QRectF(axis.left(), top, axis.width(), high)
        start = left + (lane.start - scene.start) * cell
        place = _lane(lane, room, taken, cell, start, has_cells=has_cells)
        places.append(replace(place, joined=cell < STEMS_FROM or scene.curves))
        top += high + taken + LANE_GAP
    return StemsPlaces(tuple(places), left, cell, scene.start)


def _sample_width(width: float, scene: SignalScene) -> float:
    """Return the pixels of a sample: as many as fit, times what it is zoomed in by."""
    whole = width / (scene.stop - scene.start)
    fitted = whole if scene.curves else min(whole, LARGEST_CELL)
    cell = min(fitted * scene.zoom.factor, max(LARGEST_CELL, fitted))
    return float(int(cell)) if cell >= WHOLE_FROM else cell


def _scrolled(width: float, cell: float, scene: SignalScene) -> float:
    """Return how far the axis begins right of its area: left of it when it is zoomed in."""
    length = (scene.stop - scene.start) * cell
    if length <= width:
        return 0.0
    middle = scene.zoom.column * length
    at = (scene.at - scene.start + 0.5) * cell
    if scene.follows and not abs(at - middle) < width * FOLLOWED:
        middle = at
    return -min(max(middle - width / 2, 0.0), length - width)


def zoomed_axis(
    places: StemsPlaces, scene: SignalScene, zoom: Zoom, x: float, times: float
) -> Zoom:
    """Return the zoom after scaling by `times` so that what lies at `x` stays there."""
    width = places.lanes[0].plot.width()
    wanted = replace(zoom, factor=min(max(zoom.factor * times, 1.0), LARGEST_ZOOM))
    cell = _sample_width(width, replace(scene, zoom=wanted))
    sample = (x - places.left) / places.cell
    middle = sample * cell - (x - places.lanes[0].plot.center().x())
    length = (scene.stop - scene.start) * cell
    return replace(wanted, column=min(max(middle / length, 0.0), 1.0))


def _lane(
    lane: Lane, room: QRectF, below: float, cell: float, start: float, *, has_cells: bool
) -> LanePlace:
    top, height = (room.bottom(), cell) if has_cells else (room.top(), room.height())
    area = QRectF(room.left(), top, room.width(), height).toRect()
    low, high = lane.bounds
    left = room.left() - LABEL_WIDTH
    return LanePlace(
        label=QRectF(left, room.top(), LABEL_WIDTH - 8, room.height() + below),
        plot=room.adjusted(0, HEAD_ROOM, 0, -4),
        cells=GridGeometry(1, lane.grid.cells.shape[1], cell, start, top, area),
        indices=QRectF(
            room.left(), room.bottom() + (cell if has_cells else 0), room.width(), INDEX_HEIGHT
        ),
        low=low,
        high=high,
        has_cells=has_cells,
        joined=False,
    )


@dataclass(frozen=True)
class WaysPlaces:
    """Where the table lies, what heads it, what stands beside it, and the output values."""

    chips: tuple[QRectF, ...]
    table: GridGeometry
    beside: GridGeometry | None
    sums: GridGeometry
    caption: QRectF
    modes: tuple[QRectF, ...]


def chips(rect: QRect, top: float, count: int) -> tuple[QRectF, ...]:
    """Return where as many buttons lie in a row as wide as a pane."""
    if not count:
        return ()
    inner = rect.width() - 2 * MARGIN
    width = min((inner - (count - 1) * CHIP_GAP) / count, 132)
    return tuple(
        QRectF(rect.x() + MARGIN + n * (width + CHIP_GAP), top, width, CHIP_HEIGHT)
        for n in range(count)
    )


def ways_places(rect: QRect, scene: WaysScene | None, counts: tuple[int, int]) -> WaysPlaces:
    """Lay the table out below the buttons of the ways, and above those of the modes."""
    ways = chips(rect, rect.y() + HEADER, counts[0])
    modes = chips(rect, rect.bottom() - CHIP_HEIGHT - 12, counts[1])
    top = ways[0].bottom() + 6
    foot = modes[0].top() if modes else rect.bottom() - 6
    caption = QRectF(
        rect.x() + MARGIN,
        foot - CAPTION_HEIGHT - 6,
        rect.width() - 2 * MARGIN,
        CAPTION_HEIGHT,
    )
    room = QRectF(caption.x(), top, caption.width(), max(caption.top() - top - 4, 1)).toRect()
    if scene is None:
        nothing = fit_grid(room, (1, 1), TABLE_CELL)
        return WaysPlaces(ways, nothing, None, nothing, _first_lines(room), modes)
    rows, columns = scene.table.cells.shape
    if scene.beside is not None:
        return _matrix(ways, room, caption, modes, rows, columns)
    count = scene.sums.cells.shape[1]
    across = max(columns, count if scene.way == "slide" else columns)
    cell = _cell(room, across + 1.2, rows + 2.4)
    table = GridGeometry(rows, columns, cell, room.x() + 1.2 * cell, room.y() + cell, room)
    below = table.top + rows * cell + 0.4 * cell
    left = table.left if scene.way == "copies" else float(room.x()) + 1.2 * cell
    sums = GridGeometry(1, count, cell, left, below, room)
    return WaysPlaces(ways, table, None, sums, caption, modes)


def _first_lines(room: QRect) -> QRectF:
    return QRectF(room.x(), room.y(), room.width(), min(2 * CAPTION_HEIGHT, room.height()))


def _matrix(
    ways: tuple[QRectF, ...],
    room: QRect,
    caption: QRectF,
    modes: tuple[QRectF, ...],
    rows: int,
    columns: int,
) -> WaysPlaces:
    cell = _cell(room, columns + 1.2 + 2 + 2, max(rows, columns) + 1)
    table = GridGeometry(rows, columns, cell, room.x() + 1.2 * cell, room.y() + cell, room)
    right = table.left + columns * cell
    beside = GridGeometry(columns, 1, cell, right + cell, room.y() + cell, room)
    sums = GridGeometry(rows, 1, cell, right + 3 * cell, room.y() + cell, room)
    return WaysPlaces(ways, table, beside, sums, caption, modes)


def _cell(room: QRect, across: float, down: float) -> float:
    cell = min(room.width() / across, room.height() / down, TABLE_CELL)
    return float(int(cell)) if cell >= WHOLE_FROM else max(cell, 0.5)

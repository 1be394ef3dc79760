"""Where a grid's cells lie in its area, and which cell lies under a point."""

import math
from dataclasses import dataclass
from functools import cached_property

from PySide6.QtCore import QPointF, QRect, QRectF

from convviz.model.scene import CellSet
from convviz.model.session import FITTED, Cell, Zoom
from convviz.model.transitions import LARGEST_ZOOM

WHOLE_PIXELS_FROM = 6  # cells this large have a whole number of pixels, so that gaps are even


@dataclass(frozen=True)
class GridGeometry:
    """A grid of `rows` x `columns` square cells of `cell` pixels inside `area`.

    `left` and `top` are the corner of the first cell; they lie outside `area` when zoomed in.
    """

    rows: int
    columns: int
    cell: float
    left: float
    top: float
    area: QRect

    def rect(self, row: int, column: int, rows: int = 1, columns: int = 1) -> QRectF:
        """Return the pixels of a block of cells."""
        return QRectF(
            self.left + column * self.cell,
            self.top + row * self.cell,
            columns * self.cell,
            rows * self.cell,
        )

    def bounds(self, cells: CellSet) -> QRectF:
        """Return the pixels from the first to the last of `cells`."""
        row, column = min(cells.rows), min(cells.columns)
        height, width = max(cells.rows) - row + 1, max(cells.columns) - column + 1
        return self.rect(row, column, height, width)

    @cached_property
    def frame(self) -> QRectF:
        """The pixels of the whole grid, inside `area`."""
        whole = self.rect(0, 0, self.rows, self.columns)
        return whole.intersected(QRectF(self.area))

    def cell_at(self, point: QPointF) -> Cell | None:
        """Return the cell under a point, None beside the grid."""
        if not self.frame.contains(point):
            return None
        row = int((point.y() - self.top) // self.cell)
        column = int((point.x() - self.left) // self.cell)
        return min(max(row, 0), self.rows - 1), min(max(column, 0), self.columns - 1)

    @cached_property
    def visible(self) -> tuple[int, int, int, int]:
        """The first row, the row after the last, and likewise columns, that show in `area`."""
        frame = self.frame
        top = max(math.floor((frame.top() - self.top) / self.cell), 0)
        left = max(math.floor((frame.left() - self.left) / self.cell), 0)
        bottom = min(math.ceil((frame.bottom() - self.top) / self.cell), self.rows)
        right = min(math.ceil((frame.right() - self.left) / self.cell), self.columns)
        return top, max(bottom, top), left, max(right, left)


def fit_grid(
    area: QRect, shape: Cell, largest: float, zoom: Zoom = FITTED, *, middle: bool = True
) -> GridGeometry:
    """Lay a grid out in `area`: as large as fits, at most `largest` pixels a cell, then zoomed."""
    rows, columns = shape
    fitted = min(area.width() / columns, area.height() / rows, largest)
    if fitted >= WHOLE_PIXELS_FROM:
        fitted = math.floor(fitted)
    cell = max(fitted * zoom.factor, 0.001)
    if zoom.factor > 1 and cell >= WHOLE_PIXELS_FROM:
        cell = math.floor(cell)
    left = _start(area.x(), area.width(), columns * cell, zoom.column)
    top = _start(area.y(), area.height(), rows * cell, zoom.row)
    if not middle and rows * cell <= area.height():
        top = area.y()
    return GridGeometry(rows, columns, cell, _nearest(left), _nearest(top), area)


def _nearest(value: float) -> int:
    """Round halves up; `round` takes them to even numbers, now a pixel up and now one down."""
    return math.floor(value + 0.5)


def _start(origin: int, room: int, length: float, point: float) -> float:
    """Return where a line of cells begins: in the middle if it fits, else with `point` there."""
    if length <= room:
        return origin + (room - length) / 2
    return origin + min(max(room / 2 - point * length, room - length), 0)


def zoomed_at(
    geometry: GridGeometry, zoom: Zoom, point: QPointF, times: float, largest: float
) -> Zoom:
    """Return the zoom after scaling by `times` so that what lies under `point` stays there.

    `largest` is that of `fit_grid`, which may take a little less to get whole pixels.
    """
    factor = min(max(zoom.factor * times, 1.0), LARGEST_ZOOM)
    shape = geometry.rows, geometry.columns
    grows = fit_grid(geometry.area, shape, largest, Zoom(factor)).cell / geometry.cell
    area = QRectF(geometry.area).center()

    def middle(at: float, start: float, length: float, centre: float) -> float:
        return ((at - start) * grows - (at - centre)) / (length * grows)

    width, height = geometry.columns * geometry.cell, geometry.rows * geometry.cell
    return Zoom(
        factor,
        _unit(middle(point.y(), geometry.top, height, area.y())),
        _unit(middle(point.x(), geometry.left, width, area.x())),
    )


def panned(geometry: GridGeometry, zoom: Zoom, by: QPointF) -> Zoom:
    """Return the zoom after dragging the grid by some pixels."""
    width, height = geometry.columns * geometry.cell, geometry.rows * geometry.cell
    shown = QRectF(geometry.area).center() - QPointF(geometry.left, geometry.top) - by
    return Zoom(zoom.factor, _unit(shown.y() / height), _unit(shown.x() / width))


def _unit(value: float) -> float:
    return min(max(value, 0.0), 1.0)


@dataclass(frozen=True)
class StageLayout:
    """Where the panes of the workspace "convolve" lie on the screen or in a frame."""

    input: QRect
    kernel: QRect
    output: QRect
    dot: QRect

    def moved(self, by: int) -> "StageLayout":
        """Return the layout `by` pixels to the right and down."""
        rects = (self.input, self.kernel, self.output, self.dot)
        return StageLayout(*(rect.translated(by, by) for rect in rects))


@dataclass(frozen=True)
class LayersLayout:
    """Where the panes of the workspace "layers" lie on the screen or in a frame."""

    stack: QRect
    rows: QRect
    map: QRect

    def moved(self, by: int) -> "LayersLayout":
        """Return the layout `by` pixels to the right and down."""
        rects = (self.stack, self.rows, self.map)
        return LayersLayout(*(rect.translated(by, by) for rect in rects))


GAP = 11
LEAST_STRIP, LEAST_PANES = 150, 180
STACK_HEIGHT = 100
ROWS_SHARE = 0.56  # of the width
WIDE_ROWS_SHARE = 0.6  # of the height


def stage_layout(
    width: int,
    height: int,
    columns: tuple[float, float, float],
    strip: float,
    footer: int = 0,
) -> StageLayout:
    """Divide `width` x `height` pixels: three panes above the dot product.

    `columns` and `strip` are shares of the width and the height; `footer` pixels below each pane
    are left free for what only the window shows.
    """
    high = height - footer
    dot = min(max(round(high * strip), LEAST_STRIP), max(high - LEAST_PANES, 1))
    panes = max(high - dot - GAP, 1)
    room, total = width - 2 * GAP, sum(columns)
    first = round(room * columns[0] / total)
    second = round(room * columns[1] / total)
    third = max(room - first - second, 1)
    return StageLayout(
        input=QRect(0, 0, first, panes),
        kernel=QRect(first + GAP, 0, second, panes),
        output=QRect(first + second + 2 * GAP, 0, third, panes),
        dot=QRect(0, panes + footer + GAP, width, dot),
    )


def layers_layout(width: int, height: int, *, wide: bool = False) -> LayersLayout:
    """Divide `width` x `height` pixels: the stack above the channel rows and the feature map.

    Those lie beside each other; where images are `wide`, one above the other.
    """
    top = STACK_HEIGHT + GAP
    below = max(height - top, 1)
    stack = QRect(0, 0, width, STACK_HEIGHT)
    if wide:
        rows = round((below - GAP) * WIDE_ROWS_SHARE)
        return LayersLayout(
            stack=stack,
            rows=QRect(0, top, width, rows),
            map=QRect(0, top + rows + GAP, width, max(below - rows - GAP, 1)),
        )
    rows = round((width - GAP) * ROWS_SHARE)
    return LayersLayout(
        stack=stack,
        rows=QRect(0, top, rows, below),
        map=QRect(rows + GAP, top, max(width - rows - GAP, 1), below),
    )

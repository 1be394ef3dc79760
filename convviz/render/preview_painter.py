"""Previews of examples: small grids with the marks that they have in the window."""

from math import ceil

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from convviz.engine.padding import Array
from convviz.model.deriving.preview import Preview, Stage
from convviz.model.scene import GridScene, share_of
from convviz.render.cell_painter import paint_cells, paint_picture
from convviz.render.geometry import GridGeometry
from convviz.render.grid_painter import paint_marks
from convviz.render.pictures import painted
from convviz.render.theme import Theme, qcolor

MARGIN, ARROW, GAP = 10, 20, 3
LARGEST_CELL = 20.0  # pixels
SMALLEST_CELL = 12.0  # of a signal: more samples are stems, and then a curve
STEMS_FROM, DOT = 3.0, 1.5  # pixels a stem needs, and half of its end
WIDE = 3  # columns for each row from which stages lie below each other


def preview_image(preview: Preview, size: QSize, ratio: float, theme: Theme) -> QImage:
    """Return the picture of an example, `ratio` device pixels to a pixel."""
    rect = QRect(0, 0, size.width(), size.height())

    def paint(painter: QPainter) -> None:
        if preview.grids:
            _paint_grids(painter, rect, preview.grids, theme)
        else:
            _paint_stages(painter, rect.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN), preview, theme)

    return painted(rect, ratio, theme.background, paint)


def _paint_grids(
    painter: QPainter, rect: QRect, grids: tuple[GridScene, ...], theme: Theme
) -> None:
    """Paint grids in cells of one size, with an arrow between: beside each other, or below."""
    shapes = [grid.cells.shape for grid in grids]
    upright = all(columns >= WIDE * rows for rows, columns in shapes)
    along = [rows if upright else columns for rows, columns in shapes]
    across = max(columns if upright else rows for rows, columns in shapes)
    room = (rect.height(), rect.width()) if upright else (rect.width(), rect.height())
    cell = min(
        (room[0] - 2 * MARGIN - ARROW * (len(grids) - 1)) / sum(along),
        (room[1] - 2 * MARGIN) / across,
        LARGEST_CELL,
    )
    if cell < SMALLEST_CELL and all(rows == 1 for rows, _ in shapes):
        _paint_signals(painter, rect, grids, theme)
        return
    cell = float(int(cell)) if cell > GAP else cell
    at = (room[0] - sum(along) * cell - ARROW * (len(grids) - 1)) / 2
    for number, (grid, (rows, columns)) in enumerate(zip(grids, shapes, strict=True)):
        if number:
            _paint_arrow(painter, rect, at - ARROW / 2, theme, down=upright)
        left, top = (rect.width() - columns * cell) / 2, (rect.height() - rows * cell) / 2
        left, top = (left, at) if upright else (at, top)
        geometry = GridGeometry(rows, columns, cell, float(int(left)), float(int(top)), rect)
        paint_cells(painter, grid.cells, geometry, theme)
        paint_marks(painter, grid, geometry, theme)
        at += (rows if upright else columns) * cell + ARROW


def _paint_signals(
    painter: QPainter, rect: QRect, grids: tuple[GridScene, ...], theme: Theme
) -> None:
    """Paint what a long signal is and becomes, below each other."""
    high = (rect.height() - 2 * MARGIN - ARROW) / 2
    longest = max(grid.cells.shape[1] for grid in grids)
    cell = (rect.width() - 2 * MARGIN) / longest
    for number, (grid, colour) in enumerate(zip(grids, (theme.input, theme.output), strict=True)):
        values = grid.cells.values[0]
        wide = len(values) * cell
        left, top = (rect.width() - wide) / 2, MARGIN + number * (high + ARROW)
        painter.setPen(QPen(qcolor(colour), 1.2))
        _paint_samples(painter, QRectF(left, top, wide, high), values)
    _paint_arrow(painter, rect, rect.height() / 2, theme, down=True)


def _paint_samples(painter: QPainter, place: QRectF, values: Array) -> None:
    """Paint stems from zero, or a curve where there are too many for them."""
    low, high = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    low, high = (low, high) if low < high else (0.0, 1.0)
    cell = place.width() / len(values)
    zero = place.bottom() - share_of(0.0, low, high) * place.height()
    tips = [
        QPointF(place.left() + (n + 0.5) * cell, place.bottom() - share * place.height())
        for n, share in enumerate(share_of(values, low, high).tolist())
    ]
    if cell < STEMS_FROM:
        painter.drawPolyline(tips)
        return
    for tip in tips:
        painter.drawLine(QPointF(tip.x(), zero), tip)
        painter.drawEllipse(tip, DOT, DOT)


def _paint_stages(painter: QPainter, rect: QRect, preview: Preview, theme: Theme) -> None:
    """Paint the channels after each layer, from left to right; signals from top to bottom."""
    stages = preview.stages
    rows, columns = stages[0][0].shape
    if columns >= WIDE * rows:
        high = rect.height() // len(stages)
        for number, stage in enumerate(stages):
            place = QRect(rect.x(), rect.y() + number * high, rect.width(), high - GAP)
            paint_picture(painter, place, stage[0], theme)
        return
    wide = (rect.width() - ARROW * (len(stages) - 1)) // len(stages)
    for number, stage in enumerate(stages):
        left = rect.x() + number * (wide + ARROW)
        if number:
            _paint_arrow(painter, rect, left - ARROW / 2, theme, down=False)
        _paint_channels(painter, QRect(left, rect.y(), wide, rect.height()), stage, theme)


def _paint_channels(painter: QPainter, rect: QRect, stage: Stage, theme: Theme) -> None:
    """Paint the channels of a stage below each other, or in two columns, which are larger."""
    count = len(stage)
    columns = 2 if count > 2 and rect.width() > rect.height() / count * 2 else 1
    rows = ceil(count / columns)
    side = min((rect.width() - GAP * (columns - 1)) // columns, (rect.height() + GAP) // rows - GAP)
    left = rect.x() + (rect.width() - columns * (side + GAP) + GAP) // 2
    top = rect.y() + (rect.height() - rows * (side + GAP) + GAP) // 2
    for number, cells in enumerate(stage):
        row, column = divmod(number, columns)
        place = QRect(left + column * (side + GAP), top + row * (side + GAP), side, side)
        paint_picture(painter, place, cells, theme)


def _paint_arrow(painter: QPainter, rect: QRect, at: float, theme: Theme, *, down: bool) -> None:
    """Paint an arrow in the middle of the other axis, around `at`."""
    middle = QPointF(rect.center().x() + 1, at) if down else QPointF(at, rect.center().y() + 1)
    along, beside = (QPointF(0, 5), QPointF(3, 0)) if down else (QPointF(5, 0), QPointF(0, 3))
    painter.setPen(QPen(qcolor(theme.dim), 1.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    tip = middle + along
    painter.drawLine(middle - along, tip)
    for side in (beside, -beside):
        painter.drawLine(tip, tip - along * 0.6 + side)

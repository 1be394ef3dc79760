"""Small pictures of the window of padding rules: where cells are added, and which cells differ."""

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.engine.layers import Shape
from convviz.engine.padding import Amounts, Array
from convviz.model.numbers import fitting_text, signed
from convviz.model.scene import Scale
from convviz.render.fonts import font
from convviz.render.theme import DARK, Theme, cell_colours, dark_text, qcolor

INSIDE, AROUND = 6, 4  # cells of the input, and of padding on a side, that are drawn at most
SMALLEST_TEXT, SMALLEST_MARK, LARGEST_CELL = 20, 6, 34  # pixels of a cell


class RuleDrawing(QWidget):
    """The input as a block of cells with the padding around it; an uneven surplus is filled."""

    def __init__(self) -> None:
        super().__init__()
        self._amounts: Amounts = ()
        self._spatial: Shape = ()
        self._theme: Theme = DARK
        self.setFixedSize(QSize(62, 58))
        self.setAccessibleName("Where the padding goes")

    def show_amounts(self, amounts: Amounts, spatial: Shape, theme: Theme) -> None:
        """Draw padding (before, after) per axis around an input of `spatial` cells."""
        self._amounts, self._spatial, self._theme = amounts, spatial, theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._amounts:
            return
        rows, columns = (
            _axis(pair, size)
            for pair, size in zip(
                ((0, 0), *self._amounts)[-2:], (1, *self._spatial)[-2:], strict=True
            )
        )
        cell = int(min(self.width() / len(columns), self.height() / len(rows), 9))
        left = (self.width() - cell * len(columns)) // 2
        top = (self.height() - cell * len(rows)) // 2
        with QPainter(self) as painter:
            for row, down in enumerate(rows):
                for column, across in enumerate(columns):
                    place = QRect(left + column * cell, top + row * cell, cell - 1, cell - 1)
                    _paint_cell(painter, place, max(down, across), self._theme)


def _axis(pair: tuple[int, int], size: int) -> list[int]:
    """Return, along one axis, 0 for a cell of the input, 1 for padding, 2 for its surplus."""
    before, after = (min(cells, AROUND) for cells in pair)
    even = min(before, after)
    return [
        *[2] * (before - even),
        *[1] * even,
        *[0] * min(size, INSIDE),
        *[1] * even,
        *[2] * (after - even),
    ]


def _paint_cell(painter: QPainter, place: QRect, kind: int, theme: Theme) -> None:
    if kind == 0:
        painter.fillRect(place, qcolor(theme.dim, 0.45))
        return
    colour = theme.input if kind == 1 else theme.kernel
    if kind == 2:
        painter.fillRect(place, qcolor(colour, 0.85))
    painter.setPen(QPen(qcolor(colour), 1))
    painter.drawRect(place.adjusted(0, 0, -1, -1))


class MapView(QWidget):
    """A feature map whose cells are marked where they differ from another map."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._cells: Array | None = None
        self._differs: Array | None = None
        self._scale = Scale("grey", 0, 1)
        self._theme: Theme = DARK
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(150, 120)

    def show_map(
        self, cells: Array | None, differs: Array | None, scale: Scale, theme: Theme
    ) -> None:
        """Show cells (rows, columns), or nothing."""
        self._cells, self._differs, self._scale, self._theme = cells, differs, scale, theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._cells is None:
            return
        rows, columns = self._cells.shape
        cell = min(self.width() / columns, self.height() / rows, LARGEST_CELL)
        cell = float(int(cell)) if cell >= SMALLEST_MARK else cell
        left, top = (self.width() - cell * columns) / 2, (self.height() - cell * rows) / 2
        with QPainter(self) as painter:
            whole = QRectF(left, top, cell * columns, cell * rows)
            painter.drawImage(whole, _picture(cell_colours(self._cells, self._scale, self._theme)))
            if cell >= SMALLEST_MARK:
                self._paint_cells(painter, whole.topLeft(), cell)
            elif self._differs is not None:
                painter.drawImage(whole, _veil(self._differs, self._theme))

    def _paint_cells(self, painter: QPainter, corner: QPointF, cell: float) -> None:
        assert self._cells is not None
        gap = QPen(qcolor(self._theme.card), 1)
        for (row, column), value in np.ndenumerate(self._cells):
            place = QRectF(corner.x() + column * cell, corner.y() + row * cell, cell, cell)
            painter.setPen(gap)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(place)
            if cell >= SMALLEST_TEXT:
                self._paint_number(painter, place, float(value))
            if self._differs is not None and self._differs[row, column]:
                _mark(painter, place, self._theme)

    def _paint_number(self, painter: QPainter, place: QRectF, value: float) -> None:
        colours = cell_colours(np.array(value), self._scale, self._theme)
        painter.setPen(Qt.GlobalColor.black if dark_text(colours) else Qt.GlobalColor.white)
        painter.setFont(font(11, mono=True))
        text = signed(fitting_text(value, int(place.width() / 7), self._theme.numbers))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _mark(painter: QPainter, place: QRectF, theme: Theme) -> None:
    """Outline a cell and fill its corner: never by colour alone."""
    painter.setPen(QPen(qcolor(theme.kernel), 2))
    painter.drawRect(place.adjusted(1.5, 1.5, -1.5, -1.5))
    side = min(place.width() / 3, 7)
    corner = place.topLeft() + QPointF(1, 1)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.kernel))
    painter.drawPolygon(QPolygonF([corner, corner + QPointF(side, 0), corner + QPointF(0, side)]))


def _picture(colours: Array) -> QImage:
    rgb = np.ascontiguousarray(colours, np.uint8)
    height, width, _ = rgb.shape
    return QImage(rgb.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def _veil(differs: Array, theme: Theme) -> QImage:
    """Return a picture that is see-through but for the cells that differ."""
    height, width = differs.shape
    veil = np.zeros((height, width, 4), np.uint8)
    veil[differs] = (*theme.kernel, 200)
    return QImage(veil.data, width, height, 4 * width, QImage.Format.Format_RGBA8888).copy()

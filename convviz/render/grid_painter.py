"""What moves above the kept picture of a grid: revealed cells, the window, marks."""

from functools import lru_cache

from PySide6.QtCore import QLineF, QPoint, QPointF, QRect, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPen

from convviz.model.scene import CellSet, GridScene, Marked
from convviz.model.session import Cell
from convviz.render.cell_painter import NUMBERS_FROM, paint_cells, paint_dots
from convviz.render.fonts import font
from convviz.render.geometry import GridGeometry
from convviz.render.theme import Colour, Theme, qcolor

GLOW = 6  # pixels that outlines reach beyond their cells
MOST_MARKS = 1_200  # cells marked one by one; more are marked as one area
REACH = 5  # pixels that an outline's picture has around the outline
LARGEST_PICTURE = 1024
CORNERS_FROM = 16
HANDLE = 9  # pixels
LEAST_OUTLINE = 7  # pixels: a window on a large image stays visible


def paint_revealed(
    painter: QPainter, picture: QImage, corner: QPoint, grid: GridScene, geometry: GridGeometry
) -> None:
    """Copy the cells that are known from `picture`, whose first pixel lies at `corner`."""
    blocks = revealed_blocks(geometry, grid.revealed or 0)
    if grid.current and not grid.pending:
        blocks.append(geometry.rect(*grid.current))
    for block in blocks:
        part = block.intersected(geometry.frame).toAlignedRect()
        if not part.isEmpty():
            ratio = picture.devicePixelRatio()
            origin = QPointF(part.topLeft() - corner) * ratio
            source = QRectF(origin, QSizeF(part.size()) * ratio)
            painter.drawImage(QRectF(part), picture, source)


def revealed_blocks(geometry: GridGeometry, count: int) -> list[QRectF]:
    """Return the pixels of the first `count` cells in raster order: whole rows, then a part."""
    rows, rest = divmod(min(count, geometry.rows * geometry.columns), geometry.columns)
    blocks = [geometry.rect(0, 0, rows, geometry.columns)] if rows else []
    return blocks + ([geometry.rect(rows, 0, 1, rest)] if rest else [])


def paint_marks(painter: QPainter, grid: GridScene, geometry: GridGeometry, theme: Theme) -> None:
    """Paint what is marked: lit cells, the window, the present output cell, the cell cursor."""
    zoomed = grid.zoom.factor > 1
    if zoomed:
        painter.save()
        reach = geometry.area.adjusted(-GLOW, -GLOW, GLOW, GLOW)
        painter.setClipRect(reach, Qt.ClipOperation.IntersectClip)
    _paint_each_mark(painter, grid, geometry, theme)
    if zoomed:
        painter.restore()


def _paint_each_mark(
    painter: QPainter, grid: GridScene, geometry: GridGeometry, theme: Theme
) -> None:
    if grid.lit:
        _paint_lit(painter, grid.lit, geometry, theme)
    if grid.window:
        _paint_window(painter, grid.window, geometry, theme)
    if grid.current:
        _paint_current(painter, grid, grid.current, geometry, theme)
    if grid.selected:
        _paint_selection(painter, grid.selected, geometry, theme)


def paint_grips(
    painter: QPainter, grid: GridScene, geometry: GridGeometry, theme: Theme, *, painting: bool
) -> None:
    """Paint what belongs to the hand, and to no frame: the fill handle, or a tool's brush."""
    painter.save()
    painter.setClipRect(geometry.area.adjusted(-GLOW, -GLOW, GLOW, GLOW))
    if grid.selected and not grid.read_only and not painting:
        _paint_handle(painter, handle_of(grid.selected, geometry), theme)
    if grid.brush:
        _paint_brush(painter, geometry.bounds(grid.brush), theme)
    painter.restore()


def _paint_selection(
    painter: QPainter, selected: Marked, geometry: GridGeometry, theme: Theme
) -> None:
    """Frame the block, its cells and the cursor; show how far a fill would go."""
    cursor = geometry.rect(*selected.cursor)
    if selected.size == (1, 1):
        outline(painter, cursor, theme.input, glow=False, dashed=True)
    else:
        _paint_each_selected(painter, selected, geometry, theme)
        inset = min(geometry.cell / 6, 2)
        inner = cursor.adjusted(inset, inset, -inset, -inset)
        for place in (geometry.bounds(selected.cells), inner):
            _paint_on_any(painter, place, theme)
    if selected.stretched != selected.cells:
        outline(painter, geometry.bounds(selected.stretched), theme.input, dashed=True)


def _paint_brush(painter: QPainter, place: QRectF, theme: Theme) -> None:
    """Frame what a tool would paint, visible where a cell is a pixel or less."""
    grow = max(LEAST_OUTLINE - place.width(), 0) / 2
    _paint_on_any(painter, place.adjusted(-grow, -grow, grow, grow), theme)


def _paint_on_any(painter: QPainter, place: QRectF, theme: Theme) -> None:
    """Draw a frame that stands out from dark and light cells alike."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, thickness in ((theme.card, 4.5), (theme.input, 2.5)):
        painter.setPen(QPen(qcolor(colour), thickness))
        painter.drawRoundedRect(place, 2, 2)


def _paint_each_selected(
    painter: QPainter, selected: Marked, geometry: GridGeometry, theme: Theme
) -> None:
    """Leave numbers as they are: a veil over them would take their contrast."""
    cells = selected.cells
    if geometry.cell < NUMBERS_FROM or len(cells.rows) * len(cells.columns) > MOST_MARKS:
        veil = geometry.bounds(cells).intersected(geometry.frame)
        painter.fillRect(veil, qcolor(theme.input, 0.3))
        return
    painter.setPen(QPen(qcolor(theme.input), 2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for row in cells.rows:
        for column in cells.columns:
            painter.drawRect(geometry.rect(row, column))


def handle_of(selected: Marked, geometry: GridGeometry) -> QRectF:
    """Return the pixels of the fill handle, at the last corner of what is selected."""
    corner = geometry.bounds(selected.cells).bottomRight()
    return QRectF(corner.x() - HANDLE / 2, corner.y() - HANDLE / 2, HANDLE, HANDLE)


def _paint_handle(painter: QPainter, handle: QRectF, theme: Theme) -> None:
    painter.setPen(QPen(qcolor(theme.card), 1.5))
    painter.setBrush(qcolor(theme.input))
    painter.drawRect(handle)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_lit(painter: QPainter, lit: CellSet, geometry: GridGeometry, theme: Theme) -> None:
    count = len(lit.rows) * len(lit.columns)
    if not count:
        return
    if count == 1:
        outline(painter, geometry.rect(lit.rows[0], lit.columns[0]), theme.kernel)
        return
    numbered = geometry.cell >= NUMBERS_FROM  # and would be hard to read under a veil
    pen = QPen(qcolor(theme.kernel, 0.9), 2 if numbered else 1.5)
    painter.setPen(pen if geometry.cell > 5 else Qt.PenStyle.NoPen)
    painter.setBrush(Qt.BrushStyle.NoBrush if numbered else qcolor(theme.kernel, 0.3))
    if count > MOST_MARKS:
        painter.drawRect(geometry.bounds(lit).intersected(geometry.frame))
    else:
        for row in lit.rows:
            for column in lit.columns:
                painter.drawRoundedRect(geometry.rect(row, column).adjusted(1, 1, -1, -1), 2, 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_window(painter: QPainter, window: CellSet, geometry: GridGeometry, theme: Theme) -> None:
    bounds = geometry.bounds(window)
    spread = len(window.rows) * geometry.cell < bounds.height() - 1 or (
        len(window.columns) * geometry.cell < bounds.width() - 1
    )
    if spread and geometry.cell > 4:
        painter.setPen(QPen(qcolor(theme.kernel, 0.9), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for row in window.rows:
            for column in window.columns:
                painter.drawRoundedRect(geometry.rect(row, column).adjusted(1, 1, -1, -1), 2, 2)
    outline(painter, bounds, theme.kernel, corners=True)


def _paint_current(
    painter: QPainter, grid: GridScene, cell: Cell, geometry: GridGeometry, theme: Theme
) -> None:
    place = geometry.rect(*cell)
    if grid.pending and geometry.cell >= 12:
        painter.setPen(qcolor(theme.output))
        painter.setFont(font(int(min(geometry.cell * 0.6, 20)), bold=True))
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, "?")
    outline(painter, place, theme.output)


def outline(
    painter: QPainter,
    rect: QRectF,
    colour: Colour,
    *,
    glow: bool = True,
    dashed: bool = False,
    corners: bool = False,
) -> None:
    """Draw a rounded frame around cells, by default with a glow; small ones are made visible."""
    grow = max(LEAST_OUTLINE - rect.width(), 0) / 2
    box = rect.adjusted(-grow, -grow, grow, grow).toRect()
    ratio = painter.device().devicePixelRatioF()
    if max(box.width(), box.height()) > LARGEST_PICTURE:
        painter.save()
        painter.translate(box.topLeft() - QPoint(REACH, REACH))
        _paint_outline(painter, box.width(), box.height(), colour, glow, dashed, corners)
        painter.restore()
        return
    picture = _outline_picture(box.width(), box.height(), colour, glow, dashed, corners, ratio)
    painter.drawImage(box.topLeft() - QPoint(REACH, REACH), picture)


@lru_cache(maxsize=64)
def _outline_picture(  # stroking rounded frames anew takes longer than all else in a step
    width: int,
    height: int,
    colour: Colour,
    glow: bool,
    dashed: bool,
    corners: bool,
    ratio: float,
) -> QImage:
    size = QSize(width + 2 * REACH, height + 2 * REACH) * ratio
    picture = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_outline(painter, width, height, colour, glow, dashed, corners)
    return picture


def _paint_outline(
    painter: QPainter,
    width: int,
    height: int,
    colour: Colour,
    glow: bool,
    dashed: bool,
    corners: bool,
) -> None:
    rect = QRectF(REACH, REACH, width, height)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for thickness, alpha in ((6, 0.16), (4, 0.22)) if glow else ():
        painter.setPen(QPen(qcolor(colour, alpha), thickness))
        painter.drawRoundedRect(rect, 3, 3)
    style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
    painter.setPen(QPen(qcolor(colour), 2, style))
    painter.drawRoundedRect(rect, 3, 3)
    if corners and width > CORNERS_FROM:
        _paint_corners(painter, rect, colour)


def _paint_corners(painter: QPainter, rect: QRectF, colour: Colour) -> None:
    """Mark the corners, so that the window shows without its colour too."""
    arm = min(rect.width(), rect.height()) * 0.16
    painter.setPen(QPen(qcolor(colour), 3.5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
    for x, inwards in ((rect.left(), arm), (rect.right(), -arm)):
        for y, down in ((rect.top(), arm), (rect.bottom(), -arm)):
            painter.drawLine(QLineF(x, y, x + inwards, y))
            painter.drawLine(QLineF(x, y, x, y + down))


def moved(old: GridScene, new: GridScene, geometry: GridGeometry) -> list[QRect] | None:
    """Return the pixels that differ between two scenes of a grid; None when all may differ."""
    if old.cells is not new.cells or old.zoom != new.zoom:
        return None
    if (old.title, old.detail, old.thumbnails) != (new.title, new.detail, new.thumbnails):
        return None
    changed: list[QRectF] = []
    for before, after in ((old.window, new.window), (old.lit, new.lit), (old.brush, new.brush)):
        if before != after:
            changed += [geometry.bounds(s) for s in (before, after) if s and s.rows and s.columns]
    for was, now in (((old.current, old.pending), (new.current, new.pending)),):
        if was != now:
            changed += [geometry.rect(*cell) for cell, _ in (was, now) if cell]
    if old.selected != new.selected or old.read_only != new.read_only:
        marked = (selected for selected in (old.selected, new.selected) if selected)
        changed += [geometry.bounds(selected.stretched) for selected in marked]
    changed += _newly_revealed(old.revealed, new.revealed, geometry)
    reach = GLOW + LEAST_OUTLINE // 2
    return [rect.adjusted(-reach, -reach, reach, reach).toAlignedRect() for rect in changed]


def _newly_revealed(old: int | None, new: int | None, geometry: GridGeometry) -> list[QRectF]:
    if old == new:
        return []
    if old is None or new is None:
        return [geometry.frame]
    first, last = sorted((old, new))
    top, bottom = first // geometry.columns, (last - 1) // geometry.columns
    if top == bottom:
        column = first % geometry.columns
        return [geometry.rect(top, column, 1, last - first)]
    return [geometry.rect(top, 0, bottom - top + 1, geometry.columns)]


def paint_known(painter: QPainter, grid: GridScene, geometry: GridGeometry, theme: Theme) -> None:
    """Paint the cells that are known; the others are dots."""
    if grid.revealed is None:
        paint_cells(painter, grid.cells, geometry, theme)
        return
    paint_dots(painter, geometry, theme)
    for block in revealed_blocks(geometry, grid.revealed):
        painter.save()
        painter.setClipRect(block)
        paint_cells(painter, grid.cells, geometry, theme)
        painter.restore()

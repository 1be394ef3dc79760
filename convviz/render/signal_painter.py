"""The workspace of signals: stems on one axis, the sum, and the same sum as a table."""

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from convviz.engine.padding import Array
from convviz.model.numbers import signed
from convviz.model.scene import Cells, GridScene
from convviz.model.signals import Lane, SignalScene, WaysScene
from convviz.render.cell_painter import paint_cells, paint_dots
from convviz.render.dot_painter import paint_equation
from convviz.render.fonts import font
from convviz.render.geometry import GridGeometry
from convviz.render.grid_painter import outline, paint_marks, revealed_blocks
from convviz.render.pane_painter import (
    HEADER,
    MARGIN,
    SMALL_SIZE,
    paint_card,
    paint_title,
)
from convviz.render.pictures import Pictures, transparent
from convviz.render.signal_layout import (
    STEMS_FROM,
    LanePlace,
    StemsPlaces,
    WaysPlaces,
    stems_places,
    ways_places,
)
from convviz.render.theme import Colour, Theme, qcolor

NAME_SIZE, INDEX_SIZE = 15, 11
BAND = 0.1  # how much of the kernel's colour lies behind what is read
STEM, DOT = 3.0, 6.0  # pixels
PAST = 0.55  # how strong output values are that came before, and padding
FILL, LINE = 0.2, 1.3  # of many samples: how strong their area is, how wide their line
CURRENT = 4.0  # pixels of the present output value among many
REACH = 8  # pixels that heads and lines reach beyond their lane
JOINT = Qt.ClipOperation.IntersectClip
WAY_TITLES = {"slide": "Flip and slide", "copies": "Shifted copies", "matrix": "Matrix"}


def _colour(grid: GridScene, theme: Theme) -> Colour:
    names = {"input": theme.input, "kernel": theme.kernel, "output": theme.output}
    return names.get(grid.pane, theme.text)


def paint_stems(
    painter: QPainter, rect: QRect, scene: SignalScene, theme: Theme, pictures: Pictures
) -> None:
    """Paint both signals, the products and the output, with the window across them."""
    paint_card(painter, rect, theme)
    places = stems_places(rect, scene)
    for number, (lane, place) in enumerate(zip(scene.lanes, places.lanes, strict=True)):
        _paint_label(painter, place, *_label(scene, number), _colour(lane.grid, theme), theme)
    painter.save()
    seen = places.lanes[0].plot
    if places.left < seen.left():
        painter.setClipRect(QRectF(seen.left(), rect.top(), seen.width(), rect.height()), JOINT)
    _paint_band(painter, scene, places, theme)
    for lane, place in zip(scene.lanes, places.lanes, strict=True):
        painter.setPen(QPen(qcolor(theme.border), 1))
        zero = place.y(0)
        painter.drawLine(QLineF(place.plot.left(), zero, place.plot.right(), zero))
        _paint_lane(painter, scene, lane, place, theme, pictures)
    _paint_indices(painter, scene, places, theme)
    _paint_drop(painter, scene, places, theme)
    painter.restore()


def _label(scene: SignalScene, number: int) -> tuple[str, str]:
    lane = scene.lanes[number].grid
    number_text = signed(str(scene.number))
    return {
        "input": ("a", "signal"),
        "kernel": (lane.title, f"slid to n = {number_text}"),
        "window": ("window", f"at n = {number_text}"),
        "products": ("products", "one by one"),
        "output": ("a ∗ b", "output"),
    }[lane.pane]


def _paint_label(
    painter: QPainter, place: LanePlace, name: str, detail: str, colour: Colour, theme: Theme
) -> None:
    painter.setFont(font(NAME_SIZE, bold=True))
    painter.setPen(qcolor(colour))
    top = place.label.adjusted(0, 2, 0, 0)
    painter.drawText(top, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, name)
    painter.setFont(font(SMALL_SIZE))
    painter.setPen(qcolor(theme.dim))
    painter.drawText(
        top.adjusted(0, 22, 0, 0), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, detail
    )


def _paint_band(painter: QPainter, scene: SignalScene, places: StemsPlaces, theme: Theme) -> None:
    """Paint what is read as a band across all lanes but the output."""
    left = places.x(scene.window[0])
    width = places.x(scene.window[-1] + 1) - left
    top, bottom = places.lanes[0].plot.top() - 8, places.lanes[-2].cells
    end = bottom.top + (
        bottom.cell if places.lanes[-2].has_cells else places.lanes[-2].plot.height()
    )
    painter.fillRect(QRectF(left, top, width, end - top + 3), qcolor(theme.kernel, BAND))


def _paint_lane(
    painter: QPainter,
    scene: SignalScene,
    lane: Lane,
    place: LanePlace,
    theme: Theme,
    pictures: Pictures,
) -> None:
    grid, colour = lane.grid, _colour(lane.grid, theme)
    if grid.pane == "kernel" and scene.turn < 1:
        _paint_turning(painter, grid, place, scene.turn, colour, theme)
        return
    if grid.pane == "products":
        _paint_samples(painter, grid.cells, place, colour, theme, shown=grid.revealed)
    else:
        _paint_kept(painter, grid, place, colour, theme, pictures)
    if place.has_cells:
        _paint_cells(painter, grid, place.cells, theme)
        paint_marks(painter, grid, place.cells, theme)


def _paint_kept(
    painter: QPainter,
    grid: GridScene,
    place: LanePlace,
    colour: Colour,
    theme: Theme,
    pictures: Pictures,
) -> None:
    """Paint a lane from a picture that stays while the playhead moves, as far as it is known."""
    is_output = grid.pane == "output"
    ratio = painter.device().devicePixelRatioF()
    local, shown = place.at_origin, place.shown
    width = round(len(shown) * local.cells.cell + 2 * REACH)
    area = QRect(-REACH, -REACH, width, round(local.plot.height()) + 2 * REACH)

    def still() -> QImage:
        strength = PAST if is_output else 1.0
        return transparent(
            area, ratio, lambda p: _paint_samples(p, grid.cells, local, colour, theme, strength)
        )

    ends = (place.low, place.high)
    key = (grid.cells, shown, local.cells.cell, area.getRect(), ends, theme.name, ratio)
    left = place.cells.left + shown.start * place.cells.cell
    corner = QPointF(left - REACH, place.plot.top() - REACH)
    painter.save()
    if grid.revealed is not None:
        known = max(grid.revealed - 1 if is_output else grid.revealed, 0) - shown.start
        size = QSizeF(known * place.cells.cell + REACH, area.height())
        painter.setClipRect(QRectF(corner, size), JOINT)
    painter.drawImage(corner, pictures.get(key, still))
    painter.restore()
    if is_output and grid.current and not grid.pending:
        number = grid.current[1]
        _paint_stem(painter, grid.cells, number, place, colour, theme, least=CURRENT)


def _paint_cells(painter: QPainter, grid: GridScene, geometry: GridGeometry, theme: Theme) -> None:
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


def _paint_samples(
    painter: QPainter,
    cells: Cells,
    place: LanePlace,
    colour: Colour,
    theme: Theme,
    strength: float = 1.0,
    *,
    shown: int | None = None,
) -> None:
    """Paint a stem for each sample, or a line where they are too many for that."""
    seen = place.shown
    last = seen.stop if shown is None else min(shown, seen.stop)
    if place.cells.cell < STEMS_FROM:
        values = cells.values[0, seen.start : last]
        begun = place.cells.left + seen.start * place.cells.cell
        _paint_line(painter, values, place, begun, colour)
        return
    for number in range(seen.start, last):
        _paint_stem(painter, cells, number, place, colour, theme, strength)


def _paint_stem(
    painter: QPainter,
    cells: Cells,
    number: int,
    place: LanePlace,
    colour: Colour,
    theme: Theme,
    strength: float = 1.0,
    *,
    least: float = 0.0,
) -> None:
    """Paint one sample: hollow in the padding, nothing between samples; `least` pixels wide."""
    value = float(cells.values[0, number])
    outside = cells.own is not None and cells.own[1][number] < 0
    if outside and not value:
        return
    size = max(min(DOT, place.cells.cell * 0.3), least)
    strength = PAST if outside else strength
    at = QPointF(place.x(number), place.y(value))
    painter.setPen(QPen(qcolor(colour, strength), min(STEM, size)))
    painter.drawLine(QLineF(at.x(), place.y(0), at.x(), at.y()))
    _paint_head(painter, at, size, colour, theme, strength, hollow=outside)


def _paint_head(
    painter: QPainter,
    at: QPointF,
    size: float,
    colour: Colour,
    theme: Theme,
    strength: float,
    *,
    hollow: bool,
) -> None:
    painter.setPen(QPen(qcolor(colour, strength), 1.5) if hollow else Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.card) if hollow else _over_card(colour, theme, strength))
    painter.drawEllipse(at, size, size)


@lru_cache(maxsize=64)
def _over_card(colour: Colour, theme: Theme, strength: float) -> QColor:
    mixed = tuple(
        round(c * strength + k * (1 - strength)) for c, k in zip(colour, theme.card, strict=True)
    )
    return qcolor((mixed[0], mixed[1], mixed[2]))


def _paint_turning(
    painter: QPainter, grid: GridScene, place: LanePlace, turn: float, colour: Colour, theme: Theme
) -> None:
    """Paint the samples on their way to the other side: each on an arc around the middle."""
    eased = turn * turn * (3 - 2 * turn)
    values = grid.cells.values[0]
    last = len(values) - 1
    size = min(DOT, place.cells.cell * 0.3)
    painter.setFont(font(SMALL_SIZE, mono=True))
    for number, value in enumerate(values.tolist()):
        x = place.x(last - number + (2 * number - last) * eased)
        at = QPointF(x, place.y(value))
        painter.setPen(QPen(qcolor(colour), min(STEM, size)))
        painter.drawLine(QLineF(x, place.y(0), x, at.y()))
        _paint_head(painter, at, size, colour, theme, 1.0, hollow=False)


def _paint_line(
    painter: QPainter, values: Array, place: LanePlace, left: float, colour: Colour
) -> None:
    """Paint many samples as a line above a filled area: the least and largest in each pixel."""
    if not len(values):
        return
    places, low, high = _thinned(values, place.cells.cell)
    xs = (left + (places + 0.5) * place.cells.cell).tolist()
    lows, highs = ([place.y(value) for value in ends.tolist()] for ends in (low, high))
    points = [QPointF(x, y) for pair in zip(xs, lows, highs, strict=True) for x, y in _both(*pair)]
    zero = place.y(0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(colour, FILL))
    painter.drawPolygon(QPolygonF([QPointF(xs[0], zero), *points, QPointF(xs[-1], zero)]))
    painter.setPen(QPen(qcolor(colour), LINE))
    painter.drawPolyline(QPolygonF(points))


def _both(x: float, low: float, high: float) -> tuple[tuple[float, float], ...]:
    return ((x, high),) if low == high else ((x, low), (x, high))


def _thinned(values: Array, cell: float) -> tuple[Array, Array, Array]:
    """Return positions, and the least and the largest value from each to the next."""
    step = int(1 / cell)
    if step < 2:
        return np.arange(len(values)), values, values
    starts = np.arange(0, len(values), step)
    return starts, np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)


def _paint_indices(
    painter: QPainter, scene: SignalScene, places: StemsPlaces, theme: Theme
) -> None:
    """Write the numbers of the samples below the signal, and those of the output below that."""
    painter.setFont(font(INDEX_SIZE, mono=True))
    width = QFontMetricsF(painter.font()).horizontalAdvance("0")
    for number, offset in ((0, scene.first), (len(scene.lanes) - 1, scene.offset)):
        lane, place = scene.lanes[number], places.lanes[number]
        longest = max(len(str(lane.start + offset)), len(str(lane.stop + offset)))
        every = _every((longest + 1.5) * width / places.cell)
        current = lane.grid.current[1] if number and lane.grid.current else None
        first = lane.start + offset
        seen = place.shown
        begun = seen.start + (-first - seen.start) % every
        wanted = range(begun, seen.stop, every)
        near = every * 0.9 if every > 1 else 0.5
        shown = [cell for cell in wanted if current is None or abs(cell - current) >= near]
        at = [] if current is None or current not in seen else [current]
        for cell in (*shown, *at):
            outside = lane.grid.cells.image_cell((0, cell)) is None
            if outside and number:
                continue
            colour = theme.output if cell == current else theme.faint if outside else theme.dim
            painter.setPen(qcolor(colour))
            box = QRectF(place.x(cell) - 40, place.indices.top(), 80, place.indices.height())
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, signed(str(first + cell)))


def _every(least: float) -> int:
    """Return 1, 2, 5, 10, 20 …: the first that is not less.

    >>> _every(0.4), _every(3.1), _every(60)
    (1, 5, 100)
    """
    step = 1
    while True:
        for times in (1, 2, 5):
            if step * times >= least:
                return step * times
        step *= 10


def _paint_drop(painter: QPainter, scene: SignalScene, places: StemsPlaces, theme: Theme) -> None:
    """Draw a dashed line from the products to the output value that they make."""
    above, below = places.lanes[-2], places.lanes[-1]
    x = places.x(scene.at) + places.cell / 2
    current = scene.lanes[-1].grid.current
    if current is None:
        return
    value = (
        0.0 if scene.lanes[-1].grid.pending else float(scene.lanes[-1].grid.cells.values[current])
    )
    top = above.cells.top + (above.cells.cell if above.has_cells else above.plot.height()) + 4
    painter.setPen(QPen(qcolor(theme.kernel, 0.7), 1, Qt.PenStyle.DashLine))
    painter.drawLine(QLineF(x, top, x, below.y(value) - DOT - 3))


def paint_sum(painter: QPainter, rect: QRect, scene: SignalScene, theme: Theme) -> None:
    """Paint the present output value by symbols, by names and by numbers."""
    paint_card(painter, rect, theme)
    shown = scene.sum
    paint_title(painter, rect, shown.title, shown.detail, theme.text, theme)
    painter.setFont(font(16, mono=True))
    x, y = float(rect.x() + MARGIN), rect.y() + HEADER + 18
    step = QFontMetricsF(painter.font()).horizontalAdvance("0")
    for token in shown.symbols:
        painter.setPen(qcolor(theme.role(token.role)))
        painter.drawText(QPointF(x, y), token.text)
        x += step * len(token.text)
    top = y + 14 if shown.symbols else rect.y() + HEADER
    note = 22 if shown.note else 6
    place = QRectF(rect.x() + MARGIN, top, rect.width() - 2 * MARGIN, rect.bottom() - top - note)
    paint_equation(painter, place, shown.equation, theme)
    if shown.note:
        painter.setFont(font(SMALL_SIZE))
        painter.setPen(qcolor(theme.dim))
        foot = QRectF(rect.x() + MARGIN, rect.bottom() - 28, rect.width() - 2 * MARGIN, 20)
        text = QFontMetricsF(painter.font()).elidedText(
            shown.note, Qt.TextElideMode.ElideRight, foot.width()
        )
        painter.drawText(foot, Qt.AlignmentFlag.AlignVCenter, text)


def paint_ways(painter: QPainter, rect: QRect, scene: SignalScene, theme: Theme) -> None:
    """Paint the same sum as a table, with a button for each way and each mode."""
    paint_card(painter, rect, theme)
    paint_title(painter, rect, "The same sum, three ways", "", theme.text, theme)
    shown = scene.ways
    places = ways_places(rect, shown, (len(WAY_TITLES), len(scene.modes)))
    for (name, text), place in zip(WAY_TITLES.items(), places.chips, strict=True):
        _paint_chip(painter, place, text, theme, chosen=scene.way == name)
    for mode, place in zip(scene.modes, places.modes, strict=True):
        _paint_chip(painter, place, f"{mode.name}  {mode.count or '–'}", theme, chosen=mode.chosen)
    painter.setFont(font(SMALL_SIZE))
    painter.setPen(qcolor(theme.dim))
    wrapped = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(places.caption, wrapped, scene.caption)
    if shown:
        _paint_table(painter, shown, places, theme)


def _paint_chip(painter: QPainter, place: QRectF, text: str, theme: Theme, *, chosen: bool) -> None:
    painter.setPen(QPen(qcolor(theme.text), 1.2) if chosen else Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.control))
    painter.drawRoundedRect(place, 6, 6)
    painter.setFont(font(SMALL_SIZE, bold=chosen))
    painter.setPen(qcolor(theme.text if chosen else theme.dim))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _paint_table(painter: QPainter, scene: WaysScene, places: WaysPlaces, theme: Theme) -> None:
    paint_cells(painter, scene.table.cells, places.table, theme)
    if scene.blank is not None:
        for row, column in np.argwhere(scene.blank).tolist():
            painter.fillRect(places.table.rect(row, column), qcolor(theme.card))
    heads = {
        "slide": (theme.kernel, theme.input),
        "copies": (theme.input, theme.dim),
        "matrix": (theme.dim, theme.dim),
    }[scene.way]
    _paint_heads(painter, scene, places, heads)
    for cell in scene.lit:
        outline(painter, places.table.rect(*cell), theme.kernel, glow=cell == scene.term)
    if places.beside and scene.beside:
        paint_cells(painter, scene.beside.cells, places.beside, theme)
        _sign(painter, places.table, places.beside, "·", theme)
        _sign(painter, places.beside, places.sums, "=", theme)
    _paint_sums(painter, scene.sums, places.sums, theme)


def _sign(
    painter: QPainter, left: GridGeometry, right: GridGeometry, sign: str, theme: Theme
) -> None:
    x = left.left + left.columns * left.cell
    painter.setFont(font(16))
    painter.setPen(qcolor(theme.dim))
    box = QRectF(x, left.top, right.left - x, left.cell)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, sign)


def _paint_sums(painter: QPainter, grid: GridScene, geometry: GridGeometry, theme: Theme) -> None:
    _paint_cells(painter, grid, geometry, theme)
    if grid.current:
        outline(painter, geometry.rect(*grid.current), theme.output)


def _paint_heads(
    painter: QPainter, scene: WaysScene, places: WaysPlaces, colours: tuple[Colour, Colour]
) -> None:
    table = places.table
    size = int(min(table.cell * 0.42, 13))
    if size < 7:
        return
    painter.setFont(font(size, mono=True))
    painter.setPen(qcolor(colours[0]))
    for row, text in enumerate(scene.rows):
        box = QRectF(
            table.left - 1.2 * table.cell, table.rect(row, 0).top(), 1.1 * table.cell, table.cell
        )
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    painter.setPen(qcolor(colours[1]))
    for column, text in enumerate(scene.columns):
        box = table.rect(0, column).translated(0, -table.cell)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

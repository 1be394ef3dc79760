"""The workspace of signals: stems on one axis, and the sum behind one output value."""

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from convviz.model.numbers import number_text, signed
from convviz.model.scene import Cells, GridScene
from convviz.model.signals import Lane, SignalScene
from convviz.render.dot_painter import paint_equation
from convviz.render.fonts import font
from convviz.render.grid_painter import paint_known, paint_marks
from convviz.render.joined_painter import LINE, paint_joined
from convviz.render.pane_painter import (
    HEADER,
    MARGIN,
    SMALL_SIZE,
    paint_card,
    paint_title,
)
from convviz.render.pictures import Pictures, transparent
from convviz.render.signal_layout import (
    LanePlace,
    StemsPlaces,
    stems_places,
)
from convviz.render.theme import Colour, Theme, qcolor

NAME_SIZE, INDEX_SIZE = 15, 11
BAND = 0.1  # how much of the kernel's colour lies behind what is read
STEM, DOT = 3.0, 6.0  # pixels
PAST = 0.55  # how strong output values are that came before, and padding
OVERLAP = 0.45  # how strong the area below the products is
MOST_BEHIND = 4000  # samples of a signal that is drawn behind its products
CURRENT = 4.0  # pixels of the present output value among many
REACH = 8  # pixels that heads and lines reach beyond their lane
JOINT = Qt.ClipOperation.IntersectClip


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
        said = _label(scene, number, joined=place.joined)
        _paint_label(painter, place, *said, _colour(lane.grid, theme), theme)
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
    _paint_drop(painter, scene, places, theme)
    painter.restore()
    _paint_indices(painter, scene, places, theme)


def _label(scene: SignalScene, number: int, *, joined: bool) -> tuple[str, str]:
    lane = scene.lanes[number].grid
    number_text = signed(str(scene.number))
    if joined and lane.pane == "products":
        return "a · b", f"area {signed(_area(lane))}"
    return {
        "input": ("a", "signal"),
        "kernel": (lane.title, f"slid to n = {number_text}"),
        "window": ("window", f"at n = {number_text}"),
        "products": ("products", "one by one"),
        "output": (scene.name, scene.detail),
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
    if grid.pane == "products" and place.joined:
        _paint_overlap(painter, scene, lane, place, theme)
    elif grid.pane == "products":
        _paint_samples(painter, grid.cells, place, colour, theme, shown=grid.revealed)
    else:
        _paint_kept(painter, grid, place, colour, theme, pictures)
    if place.has_cells:
        paint_known(painter, grid, place.cells, theme)
        paint_marks(painter, grid, place.cells, theme)


def _area(grid: GridScene) -> str:
    """Return the sum of the products that are formed: what their area is, a sample being 1 wide."""
    return number_text(float(grid.cells.values[0, : grid.revealed].sum()))


def _paint_overlap(
    painter: QPainter, scene: SignalScene, lane: Lane, place: LanePlace, theme: Theme
) -> None:
    """Paint the area below the products, and behind it both signals, each as high as the lane."""
    highest = max(abs(place.low), abs(place.high))
    for other, colour in zip(scene.lanes[:2], (theme.input, theme.kernel), strict=True):
        values = other.grid.cells.values[0]
        if len(values) <= MOST_BEHIND and scene.turn >= 1:
            left = place.cells.left + (other.start - lane.start) * place.cells.cell
            scaled = values / max(map(abs, other.bounds)) * highest
            paint_joined(painter, scaled, place, left, colour, fill=0.0, strength=PAST)
    formed = lane.grid.cells.values[0, : lane.grid.revealed]
    paint_joined(painter, formed, place, place.cells.left, theme.output, fill=OVERLAP)


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
    key = (
        grid.cells,
        shown,
        place.joined,
        local.cells.cell,
        area.getRect(),
        ends,
        theme.name,
        ratio,
    )
    left = place.cells.left + shown.start * place.cells.cell
    corner = QPointF(left - REACH, place.plot.top() - REACH)
    painter.save()
    if grid.revealed is not None:
        present = (0.5 if place.joined else 1) if is_output and not grid.pending else 0
        known = max(grid.revealed - present, 0) - shown.start
        size = QSizeF(known * place.cells.cell + REACH, area.height())
        painter.setClipRect(QRectF(corner, size), JOINT)
    painter.drawImage(corner, pictures.get(key, still))
    painter.restore()
    if is_output and grid.current and not grid.pending:
        number = grid.current[1]
        _paint_stem(painter, grid.cells, number, place, colour, theme, least=CURRENT)


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
    if place.joined:
        values = cells.values[0, seen.start : last]
        begun = place.cells.left + seen.start * place.cells.cell
        paint_joined(painter, values, place, begun, colour)
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
    if place.joined:
        spread = np.arange(last + 1)
        xs = place.x(0) + (last - spread + (2 * spread - last) * eased) * place.cells.cell
        points = zip(xs.tolist(), values.tolist(), strict=True)
        painter.setPen(QPen(qcolor(colour), LINE))
        painter.drawPolyline(QPolygonF([QPointF(x, place.y(value)) for x, value in points]))
        return
    size = min(DOT, place.cells.cell * 0.3)
    painter.setFont(font(SMALL_SIZE, mono=True))
    for number, value in enumerate(values.tolist()):
        x = place.x(last - number + (2 * number - last) * eased)
        at = QPointF(x, place.y(value))
        painter.setPen(QPen(qcolor(colour), min(STEM, size)))
        painter.drawLine(QLineF(x, place.y(0), x, at.y()))
        _paint_head(painter, at, size, colour, theme, 1.0, hollow=False)


def _paint_indices(
    painter: QPainter, scene: SignalScene, places: StemsPlaces, theme: Theme
) -> None:
    """Write the numbers of the samples below the signal, and those of the output below that."""
    painter.setFont(font(INDEX_SIZE, mono=True))
    width = QFontMetricsF(painter.font()).horizontalAdvance("0")
    plot = places.lanes[0].plot
    room = plot.adjusted(-MARGIN / 2, 0, MARGIN / 2, 0)  # whose labels are not cut
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
            text = signed(str(first + cell))
            across = len(text) * width
            box = QRectF(
                place.x(cell) - across / 2, place.indices.top(), across, place.indices.height()
            )
            if room.left() <= box.left() and box.right() <= room.right():
                painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


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

"""The workspace "Learn a kernel": maps, one update as arithmetic, why, loss, and film."""

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from convviz.engine.padding import Array
from convviz.model.learn_scene import (
    PHASES,
    FilmScene,
    InsightScene,
    LossScene,
    UpdateScene,
)
from convviz.model.numbers import power_text, rounded_text, signed
from convviz.model.scene import GridScene
from convviz.render.cell_painter import paint_cells, paint_dots
from convviz.render.dot_painter import paint_equation
from convviz.render.fonts import font
from convviz.render.geometry import GridGeometry
from convviz.render.grid_painter import outline, paint_marks
from convviz.render.learn_layout import (
    LossPlaces,
    film_places,
    loss_places,
    small_kernels,
    update_places,
)
from convviz.render.pane_painter import (
    HEADER,
    LEGEND_SIZE,
    MARGIN,
    SMALL_SIZE,
    frame_grid,
    paint_card,
    paint_title,
    pane_colour,
)
from convviz.render.pictures import Pictures, transparent
from convviz.render.theme import Colour, Theme, qcolor

SIGN_SIZE, SYMBOL_SIZE = 15, 15
LINE_HEIGHT = 17
SMALL_AREA, LEAST_AREA = 78, 34  # pixels of height for kernels that are told of
LINE_GAP = 5
LOWEST = -30  # power of ten on the axis of the loss
MOST_POINTS = 1_200  # of a curve
TO_COME = 0.35  # how strong the curve is of updates that are not made yet
POINT = 5.0
LOSS_CHIPS = ("log", "linear")


def paint_chip(
    painter: QPainter, place: QRectF, text: str, colour: Colour, theme: Theme, *, chosen: bool
) -> None:
    """Paint a button of a pane, with an edge in `colour` where it is chosen."""
    painter.setPen(QPen(qcolor(colour), 1.4) if chosen else Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.control))
    painter.drawRoundedRect(place, 6, 6)
    painter.setFont(font(SMALL_SIZE, bold=chosen))
    painter.setPen(qcolor(theme.text if chosen else theme.dim))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def paint_problem(painter: QPainter, rect: QRect, title: str, text: str, theme: Theme) -> None:
    """Paint a pane that has nothing to show, with the sentence that says why."""
    paint_card(painter, rect, theme)
    paint_title(painter, rect, title, "", theme.error, theme)
    _paint_lines(painter, _inner(rect), (text,), theme.text)


def paint_update(painter: QPainter, rect: QRect, scene: UpdateScene, theme: Theme) -> None:
    """Paint one update as arithmetic, and the phases that it has."""
    paint_card(painter, rect, theme)
    paint_title(painter, rect, scene.title, scene.formula, theme.text, theme)
    places = update_places(rect, scene)
    for grid, geometry in zip(scene.grids, places.grids, strict=True):
        _paint_weights(painter, grid, geometry, theme)
    painter.setFont(font(SIGN_SIZE, mono=True))
    painter.setPen(qcolor(theme.dim))
    for sign, place in zip(scene.signs, places.signs, strict=True):
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, sign)
    for number, place in enumerate(places.chips):
        chosen = scene.phase in (number, None)
        text = f"{number + 1} {PHASES[number]}"
        colour = theme.kernel if scene.phase == number else theme.border
        paint_chip(painter, place, text, colour, theme, chosen=chosen)
    painter.setFont(font(SMALL_SIZE, mono=True))
    painter.setPen(qcolor(theme.kernel))
    beside = places.chips[-1].adjusted(0, 0, rect.right() - MARGIN - places.chips[-1].right(), 0)
    painter.drawText(
        beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, scene.note
    )


def _paint_weights(
    painter: QPainter, grid: GridScene, geometry: GridGeometry, theme: Theme
) -> None:
    colour = pane_colour(grid.pane, theme)
    painter.setFont(font(SMALL_SIZE))
    painter.setPen(qcolor(colour))
    name = QRectF(geometry.left, geometry.top - 20, geometry.frame.width() + 40, 16)
    text = f"{grid.title}{power_text(grid.cells.power)}"
    painter.drawText(name, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
    if grid.revealed == 0:
        paint_dots(painter, geometry, theme)
    else:
        paint_cells(painter, grid.cells, geometry, theme)
    frame_grid(painter, geometry, colour)
    paint_marks(painter, grid, geometry, theme)


def _inner(rect: QRect) -> QRectF:
    return QRectF(rect.adjusted(MARGIN, HEADER, -MARGIN, -10))


def _paint_lines(painter: QPainter, place: QRectF, lines: tuple[str, ...], colour: Colour) -> None:
    """Write lines that wrap."""
    painter.setFont(font(SMALL_SIZE))
    painter.setPen(qcolor(colour))
    top = place.top()
    for line in lines:
        room = QRectF(place.left(), top, place.width(), max(place.bottom() - top, 1))
        painter.drawText(room, int(Qt.TextFlag.TextWordWrap), line)
        top += _lines_height(place.width(), (line,))


def _lines_height(width: float, lines: tuple[str, ...]) -> float:
    """Return how high lines are that wrap, and the gaps below them."""
    metrics, room = QFontMetricsF(font(SMALL_SIZE)), QRectF(0, 0, width, 10_000)
    flags = int(Qt.TextFlag.TextWordWrap)
    return sum(metrics.boundingRect(room, flags, line).height() + LINE_GAP for line in lines)


def insight_lines(rect: QRect, scene: InsightScene) -> tuple[tuple[str, ...], float]:
    """Return the lines of an insight, as many as leave room for its kernels, and where they end."""
    inner = _inner(rect)
    room = inner.height() - _hint_height(scene) - (LEAST_AREA if scene.kernels else 0)
    count = len(scene.lines)
    while count > 1 and _lines_height(inner.width(), scene.lines[:count]) > room:
        count -= 1
    lines = scene.lines[:count]
    return lines, inner.top() + _lines_height(inner.width(), lines)


def _hint_height(scene: InsightScene) -> float:
    return LINE_HEIGHT + 4 if scene.hint else 0


def insight_kernels(rect: QRect, scene: InsightScene) -> tuple[GridGeometry, ...]:
    """Return where the kernels of an insight lie: between its lines and its hint."""
    inner = _inner(rect)
    _, top = insight_lines(rect, scene)
    high = max(min(SMALL_AREA, inner.bottom() - _hint_height(scene) - top), 1.0)
    return small_kernels(QRectF(inner.left(), top, inner.width(), high), scene)


def paint_insight(painter: QPainter, rect: QRect, scene: InsightScene, theme: Theme) -> None:
    """Paint why a gradient is what it is, or what the image can teach."""
    paint_card(painter, rect, theme)
    paint_title(painter, rect, scene.title, scene.detail, theme.text, theme)
    inner = _inner(rect)
    if scene.equation:
        _paint_symbols(painter, inner, scene, theme)
        room = inner.adjusted(0, 26, 0, -_hint_height(scene))
        paint_equation(painter, room, scene.equation, theme)
    else:
        _paint_lines(painter, inner, insight_lines(rect, scene)[0], theme.text)
    for kernel, place in zip(scene.kernels, insight_kernels(rect, scene), strict=True):
        paint_cells(painter, kernel.cells, place, theme)
        if kernel.label:
            frame_grid(painter, place, theme.output)
    if scene.hint:
        painter.setFont(font(SMALL_SIZE))
        painter.setPen(qcolor(theme.dim))
        below = QRectF(inner.left(), inner.bottom() - LINE_HEIGHT, inner.width(), LINE_HEIGHT)
        metrics = QFontMetricsF(painter.font())
        text = metrics.elidedText(scene.hint, Qt.TextElideMode.ElideRight, below.width())
        painter.drawText(below, Qt.AlignmentFlag.AlignVCenter, text)


def _paint_symbols(painter: QPainter, inner: QRectF, scene: InsightScene, theme: Theme) -> None:
    painter.setFont(font(SYMBOL_SIZE, mono=True))
    metrics = QFontMetricsF(painter.font())
    x, y = inner.left(), inner.top() + SYMBOL_SIZE
    for token in scene.symbols:
        painter.setPen(qcolor(theme.role(token.role)))
        painter.drawText(QPointF(x, y), token.text)
        x += metrics.horizontalAdvance(token.text)


# Loss


def paint_loss(
    painter: QPainter, rect: QRect, scene: LossScene, theme: Theme, pictures: Pictures
) -> None:
    """Paint the curve of the loss, what is past of it stronger, with the playhead on it."""
    paint_card(painter, rect, theme)
    paint_title(painter, rect, "Loss", scene.detail, theme.text, theme)
    places, axis = loss_places(rect, scene), _axis(scene)
    _paint_axis(painter, rect, places, axis, scene.log, theme)
    area = places.plot.adjusted(-4, -6, 6, 6).toAlignedRect()
    ratio = painter.device().devicePixelRatioF()

    def curve(colour: Colour, strength: float) -> QImage:
        def paint(painter: QPainter) -> None:
            painter.setPen(QPen(qcolor(colour, strength), 2))
            painter.drawPolyline(_curve(scene, places, axis))

        key = (id(scene.losses), scene.log, area.getRect(), colour, strength, ratio)
        return pictures.get(key, lambda: transparent(area, ratio, paint))

    painter.drawImage(area.topLeft(), curve(theme.dim, TO_COME))
    at = _at(scene, places, axis, scene.at)
    painter.save()
    past = QRectF(area.left(), area.top(), at.x() - area.left(), area.height())
    painter.setClipRect(past, Qt.ClipOperation.IntersectClip)
    painter.drawImage(area.topLeft(), curve(theme.kernel, 1.0))
    painter.restore()
    painter.setPen(QPen(qcolor(theme.kernel, 0.5), 1, Qt.PenStyle.DashLine))
    painter.drawLine(QLineF(at.x(), places.plot.top(), at.x(), places.plot.bottom()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.kernel))
    painter.drawEllipse(at, POINT, POINT)
    for text, place in zip(LOSS_CHIPS, places.chips, strict=True):
        paint_chip(
            painter, place, text, theme.text, theme, chosen=scene.log == (text == LOSS_CHIPS[0])
        )


def _axis(scene: LossScene) -> tuple[float, float]:
    """Return the values at the bottom and at the top: powers of ten, on a logarithmic axis."""
    if not scene.log:
        return 0.0, float(scene.losses.max()) or 1.0
    least = 10.0**LOWEST
    low = float(np.floor(np.log10(max(scene.losses.min(), least))))
    high = float(np.ceil(np.log10(max(scene.losses.max(), least))))
    return low, low + max(2.0 * np.ceil((high - low) / 2), 2.0)  # so that the middle is one, too


def _at(scene: LossScene, places: LossPlaces, axis: tuple[float, float], step: int) -> QPointF:
    value = float(_heights(scene.losses[step : step + 1], scene.log, axis)[0])
    return QPointF(places.x(step), places.plot.bottom() - value * places.plot.height())


def _heights(losses: Array, log: bool, axis: tuple[float, float]) -> Array:
    shown = np.log10(losses.clip(10.0**LOWEST)) if log else losses
    heights: Array = (shown - axis[0]) / (axis[1] - axis[0])
    return heights


def _curve(scene: LossScene, places: LossPlaces, axis: tuple[float, float]) -> QPolygonF:
    every = -(-len(scene.losses) // MOST_POINTS)
    steps = np.arange(0, len(scene.losses), every)
    heights = _heights(scene.losses[::every], scene.log, axis)
    bottom, high = places.plot.bottom(), places.plot.height()
    return QPolygonF(
        [
            QPointF(places.x(step), bottom - value * high)
            for step, value in zip(steps.tolist(), heights.tolist(), strict=True)
        ]
    )


def _paint_axis(
    painter: QPainter,
    rect: QRect,
    places: LossPlaces,
    axis: tuple[float, float],
    log: bool,
    theme: Theme,
) -> None:
    plot = places.plot
    painter.setFont(font(LEGEND_SIZE, mono=True))
    flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for share in (0.0, 0.5, 1.0):
        y = plot.bottom() - share * plot.height()
        painter.setPen(QPen(qcolor(theme.border), 1))
        painter.drawLine(QLineF(plot.left(), y, plot.right(), y))
        painter.setPen(qcolor(theme.dim))
        text = _tick(axis, share, log)
        painter.drawText(QRectF(rect.x() + 4, y - 8, plot.left() - rect.x() - 9, 16), flags, text)
    below = QRectF(plot.left(), plot.bottom() + 3, plot.width(), 15)
    painter.drawText(below, Qt.AlignmentFlag.AlignLeft, "0")
    painter.drawText(below, Qt.AlignmentFlag.AlignRight, f"{places.last:,}")


def _tick(axis: tuple[float, float], share: float, log: bool) -> str:
    value = axis[0] + share * (axis[1] - axis[0])
    return signed(f"1e{value:.0f}" if log else rounded_text(value, 2))


# Film


def paint_film(
    painter: QPainter, rect: QRect, scene: FilmScene, theme: Theme, pictures: Pictures
) -> None:
    """Paint the kernel over time, with a mark where the present update is."""
    paint_card(painter, rect, theme)
    _paint_film_title(painter, rect, scene, theme)
    places, ratio = film_places(rect, scene), painter.device().devicePixelRatioF()
    area = rect.adjusted(2, HEADER - 4, -2, -2)

    def paint(painter: QPainter) -> None:
        for cells, place in zip(scene.frames, places.frames, strict=True):
            paint_cells(painter, cells, place, theme, numbers=False)
        painter.setFont(font(LEGEND_SIZE, mono=True))
        painter.setPen(qcolor(theme.dim))
        for step, place in zip(scene.steps, places.frames, strict=True):
            _paint_below(painter, place, f"{step:,}")

    key = (id(scene.frames), area.getRect(), theme, ratio)
    painter.drawImage(area.topLeft(), pictures.get(key, lambda: transparent(area, ratio, paint)))
    _paint_present(painter, scene, places.frames, places.x(scene.place), theme)
    if scene.hidden and places.hidden:
        if scene.revealed:
            paint_cells(painter, scene.hidden, places.hidden, theme, numbers=False)
        else:
            _paint_question(painter, places.hidden, theme)
        frame_grid(painter, places.hidden, theme.output)
        painter.setFont(font(LEGEND_SIZE, mono=True))
        painter.setPen(qcolor(theme.output))
        _paint_below(painter, places.hidden, "hidden")


def _paint_film_title(painter: QPainter, rect: QRect, scene: FilmScene, theme: Theme) -> None:
    title = "The kernel over time"
    paint_title(painter, rect, title, "" if scene.warns else scene.detail, theme.text, theme)
    if scene.warns:
        used = QFontMetricsF(font(15, bold=True)).horizontalAdvance(title) + 12
        place = QRectF(rect.x() + MARGIN + used, rect.y() + 11, rect.width() - used - 32, 22)
        painter.setFont(font(13))
        painter.setPen(qcolor(theme.error))
        metrics = QFontMetricsF(painter.font())
        text = metrics.elidedText(scene.detail, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)


def _paint_question(painter: QPainter, place: GridGeometry, theme: Theme) -> None:
    painter.setFont(font(SIGN_SIZE + 3, bold=True))
    painter.setPen(qcolor(theme.output))
    painter.drawText(place.frame, Qt.AlignmentFlag.AlignCenter, "?")


def _paint_below(painter: QPainter, place: GridGeometry, text: str) -> None:
    below = QRectF(place.frame.center().x() - 40, place.frame.bottom() + 4, 80, 15)
    painter.drawText(below, Qt.AlignmentFlag.AlignCenter, text)


def _paint_present(
    painter: QPainter,
    scene: FilmScene,
    frames: tuple[GridGeometry, ...],
    x: float,
    theme: Theme,
) -> None:
    """Frame the kernel of the present update; between two frames, point there."""
    if scene.at in scene.steps:
        place = frames[scene.steps.index(scene.at)].frame.adjusted(-3, -3, 3, 3)
        outline(painter, place, theme.kernel)
        return
    top = frames[0].frame
    painter.setPen(QPen(qcolor(theme.kernel), 2.5))
    painter.drawLine(QLineF(x, top.top() - 4, x, top.bottom() + 4))

"""The pane of a kernel: as set, as it slides, and facts; a pooling window; a curve."""

import math
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from convviz.model.scene import Cells, KernelScene, Thumbnails
from convviz.model.session import Cell, Zoom
from convviz.render.cell_painter import paint_cells
from convviz.render.curve_painter import paint_curve
from convviz.render.fonts import font
from convviz.render.geometry import GridGeometry, fit_grid
from convviz.render.grid_painter import paint_marks
from convviz.render.pane_painter import (
    LARGEST_CELL,
    MARGIN,
    SMALL_SIZE,
    frame_grid,
    grid_area,
    paint_card,
    paint_legend,
    paint_title,
)
from convviz.render.pictures import Pictures, painted
from convviz.render.theme import Theme, qcolor
from convviz.render.thumbnails import height_for, paint_thumbnails, thumbnail_places

LARGEST_FLIPPED = 26.0
FLIPPED = 0.6  # times a cell of the kernel as set
CAPTION, ABOVE_CAPTION = 24, 6
FACT, ABOVE_FACTS = 21, 12
FACTS_SHARE = 0.34  # of the height, at most, for the facts of a kernel
LEAST_CELL = 28  # pixels that a weight keeps beside the facts
KERNELS_SHARE, KERNEL_SIDE, ABOVE_KERNELS = 0.34, 28, 10  # of the height, for all kernels
CURVE_HEIGHT = 1.1  # times its width
WORD_SIZE, LEAST_WORD, LEAST_SIZE = 22, 13, 9
BOLD_CHARACTER = 0.8  # width of a bold letter with its share of what is free, in its height


@dataclass(frozen=True)
class KernelGeometry:
    """Where the parts of a kernel's pane lie; `lines` are the facts that there is room for."""

    kernel: GridGeometry
    flipped: GridGeometry | None
    caption: QRectF
    facts: QRectF
    lines: tuple[str, ...]
    thumbnails: QRect
    curve: QRectF


def kernel_geometry(rect: QRect, scene: KernelScene) -> KernelGeometry:
    """Lay the kernel's pane out from top to bottom."""
    grid = scene.grid
    return _laid_out(
        rect.getRect(),
        grid.cells.shape,
        grid.zoom,
        scene.facts,
        scene.thumbnails,
        scene.flipped is not None,
        scene.curve is not None,
    )


@lru_cache(maxsize=32)
def _laid_out(
    pane: tuple[int, int, int, int],
    shape: Cell,
    zoom: Zoom,
    facts: tuple[str, ...],
    thumbnails: Thumbnails,
    flips: bool,
    curved: bool,
) -> KernelGeometry:
    area = grid_area(QRect(*pane))
    strip = _strip(area, thumbnails)
    if strip.isValid():
        area = area.adjusted(0, 0, 0, -strip.height() - ABOVE_KERNELS)
    lines = _lines(area, shape, facts, flips=flips)
    room = max(area.height() - FACT * len(lines) - 10, 1)
    high = math.ceil(_cell(area, shape, room, flips=flips) * shape[0]) if flips else room
    upper = QRect(area.x(), area.y(), area.width(), max(high, 1))
    kernel = fit_grid(upper, shape, LARGEST_CELL["kernel"], zoom, middle=False)
    curve = QRectF(area.x(), area.y(), area.width(), min(area.width() * CURVE_HEIGHT, room))
    below = curve.bottom() if curved else kernel.frame.bottom()
    caption = QRectF(
        area.x() - MARGIN + 4, below + ABOVE_CAPTION, area.width() + 2 * MARGIN - 8, CAPTION
    )
    flipped = None
    if flips:
        top = math.floor(caption.bottom())
        bottom = area.bottom() - FACT * len(lines) - 8
        lower = QRect(area.x(), top, area.width(), max(bottom - top, 1))
        flipped = fit_grid(lower, shape, LARGEST_FLIPPED, middle=False)
        below = flipped.frame.bottom()
    return KernelGeometry(
        kernel=kernel,
        flipped=flipped,
        caption=caption,
        facts=QRectF(area.x() - 8, below + ABOVE_FACTS, area.width() + 16, FACT * len(lines)),
        lines=lines,
        thumbnails=strip,
        curve=curve,
    )


def _strip(area: QRect, thumbnails: Thumbnails) -> QRect:
    """Return where the pictures of all kernels lie: at the bottom, in the middle."""
    if not thumbnails.items:
        return QRect()
    most = round(area.height() * KERNELS_SHARE)
    height = min(height_for(area.width(), thumbnails, KERNEL_SIDE), most)
    strip = QRect(area.x(), area.bottom() + 1 - height, area.width(), height)
    right = max(place.right() for place in thumbnail_places(strip, thumbnails))
    spare = max(strip.right() + 1 - round(right), 0) if right else 0
    return strip.adjusted(spare // 2, 0, spare // 2 - spare, 0)


def _cell(area: QRect, shape: Cell, room: int, *, flips: bool) -> float:
    """Return how large weights are in so much height, with those of the flipped kernel below."""
    rows, columns = shape
    below, share = (CAPTION + ABOVE_CAPTION, 1 + FLIPPED) if flips else (0, 1.0)
    return min((room - below) / (rows * share), area.width() / columns, LARGEST_CELL["kernel"])


def _lines(area: QRect, shape: Cell, facts: tuple[str, ...], *, flips: bool) -> tuple[str, ...]:
    """Return the facts, wrapped, without the last ones where there is no room for them."""
    least = min(LEAST_CELL, area.width() / shape[1])
    for count in range(len(facts), 0, -1):
        lines = tuple(line for fact in facts[:count] for line in _wrapped(fact, area.width() + 16))
        room = area.height() - FACT * len(lines) - 10
        few = FACT * len(lines) <= max(area.height() * FACTS_SHARE, FACT)
        if few and _cell(area, shape, room, flips=flips) >= least:
            return lines
    return ()


def _wrapped(text: str, width: float) -> list[str]:
    """Break a text between its words where it is too wide."""
    metrics = QFontMetricsF(font(SMALL_SIZE))
    lines = [""]
    for word in text.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and metrics.horizontalAdvance(longer) > width:
            lines.append(word)
        else:
            lines[-1] = longer
    return [_elided(line, width) for line in lines]


def _elided(text: str, width: float) -> str:
    metrics = QFontMetricsF(font(SMALL_SIZE))
    return metrics.elidedText(text, Qt.TextElideMode.ElideRight, width)


def paint_kernel_pane(
    painter: QPainter, rect: QRect, scene: KernelScene, theme: Theme, pictures: Pictures
) -> None:
    """Paint the pane of the kernel: kept pictures, then what moves."""
    places = kernel_geometry(rect, scene)
    ratio = painter.device().devicePixelRatioF()
    turning = scene.turn < 1
    key = (
        *(scene.grid.cells, scene.grid.title, scene.grid.detail, scene.word, scene.thumbnails),
        *(scene.flipped and (scene.flipped.cells, scene.flipped.title), turning),
        *(places.kernel, places.lines, rect.getRect(), theme, ratio),
    )
    still = pictures.get(
        key,
        lambda: painted(
            rect,
            ratio,
            theme.background,
            lambda p: _paint_still(p, rect, scene, theme, pictures),
        ),
    )
    painter.drawImage(rect.topLeft(), still)
    if scene.curve:
        paint_curve(painter, places.curve, scene.curve, theme)
        return
    paint_marks(painter, scene.grid, places.kernel, theme)
    if scene.flipped and places.flipped:
        if turning:
            _paint_turning(painter, scene, places.flipped, theme)
        else:
            paint_marks(painter, scene.flipped, places.flipped, theme)


def _paint_still(
    painter: QPainter, rect: QRect, scene: KernelScene, theme: Theme, pictures: Pictures
) -> None:
    places = kernel_geometry(rect, scene)
    paint_card(painter, rect, theme)
    paint_title(painter, rect, scene.grid.title, scene.grid.detail, theme.kernel, theme)
    if scene.word:
        _paint_word(painter, scene.word, places.kernel, theme)
    elif not scene.curve:
        paint_legend(painter, rect, scene.grid.cells.scale, theme)
        paint_cells(painter, scene.grid.cells, places.kernel, theme)
        frame_grid(painter, places.kernel, theme.kernel)
    lines = [(places.facts.translated(0, n * FACT), line) for n, line in enumerate(places.lines)]
    if scene.flipped and places.flipped:
        if scene.turn >= 1:
            paint_cells(painter, scene.flipped.cells, places.flipped, theme)
        lines.append((places.caption, _elided(scene.flipped.title, places.caption.width())))
    painter.setFont(font(SMALL_SIZE))
    painter.setPen(qcolor(theme.dim))
    for place, text in lines:
        line = QRectF(place.x(), place.y(), place.width(), FACT)
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, text)
    paint_thumbnails(painter, places.thumbnails, scene.thumbnails, theme, pictures, theme.kernel)


def _paint_word(painter: QPainter, word: str, geometry: GridGeometry, theme: Theme) -> None:
    """Paint a pooling window: cells without weights, and what becomes of theirs."""
    painter.setPen(QPen(qcolor(theme.kernel, 0.45), 1))
    painter.setBrush(qcolor(theme.kernel, 0.07))
    for row in range(geometry.rows):
        for column in range(geometry.columns):
            painter.drawRoundedRect(geometry.rect(row, column).adjusted(1.5, 1.5, -1.5, -1.5), 3, 3)
    frame_grid(painter, geometry, theme.kernel)
    frame, size = geometry.frame, _word_size(word, geometry)
    used = font(size, bold=True)
    wide = QFontMetricsF(used).horizontalAdvance(word) + size * 0.4
    paper = QRectF(0, 0, min(wide, frame.width()), min(size * 1.4, frame.height()))
    paper.moveCenter(frame.center())
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.card))  # lines between cells would cross the word
    painter.drawRoundedRect(paper, 5, 5)
    painter.setFont(used)
    painter.setPen(qcolor(theme.kernel))
    painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, word)


def _word_size(word: str, geometry: GridGeometry) -> int:
    """Return the size in which a word fits into the cell in the middle, or else into the grid."""
    across = BOLD_CHARACTER * len(word)
    if geometry.rows % 2 and geometry.columns % 2 and geometry.cell / across >= LEAST_WORD:
        return int(geometry.cell / across)
    frame = geometry.frame
    fits = min(frame.width() / across, frame.height() * 0.6)
    return int(max(min(WORD_SIZE, fits), LEAST_SIZE))


def _paint_turning(
    painter: QPainter, scene: KernelScene, geometry: GridGeometry, theme: Theme
) -> None:
    """Paint the kernel on its way to being flipped: left to right, then top to bottom."""
    across, down = min(scene.turn * 2, 1.0), max(scene.turn * 2 - 1, 0.0)
    centre = geometry.frame.center()
    values = scene.grid.cells.values
    values = values[:, ::-1] if across > 0.5 else values
    values = values[::-1] if down > 0.5 else values
    painter.save()
    painter.translate(centre)
    painter.scale(_seen(across), _seen(down))
    painter.translate(-centre)
    paint_cells(painter, Cells(values, scene.grid.cells.scale), geometry, theme)
    painter.restore()


def _seen(turned: float) -> float:
    """Return how wide a card looks that is turned around from 0 to 1: a line in the middle."""
    return max(abs(math.cos(math.pi * turned)), 0.02)

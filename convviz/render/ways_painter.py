"""The same sum as a table, with a button for each way and each mode."""

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from convviz.model.scene import GridScene
from convviz.model.signals import SignalScene, WaysScene
from convviz.render.cell_painter import paint_cells
from convviz.render.fonts import font
from convviz.render.geometry import GridGeometry
from convviz.render.grid_painter import outline, paint_known
from convviz.render.pane_painter import SMALL_SIZE, paint_card, paint_title
from convviz.render.signal_layout import WaysPlaces, ways_places
from convviz.render.theme import Colour, Theme, qcolor

LEAST_SIZE = 7
WAY_TITLES = {"slide": "Flip and slide", "copies": "Shifted copies", "matrix": "Matrix"}


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
    painter.setFont(_fitting(text, place.width() - 8, bold=chosen))
    painter.setPen(qcolor(theme.text if chosen else theme.dim))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _fitting(text: str, room: float, *, bold: bool) -> QFont:
    """Return the font of a button, smaller where its text has no room, but readable."""
    usual = font(SMALL_SIZE, bold=bold)
    wide = QFontMetricsF(usual).horizontalAdvance(text)
    if wide <= room:
        return usual
    return font(max(int(SMALL_SIZE * room / wide), LEAST_SIZE), bold=bold)


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
    paint_known(painter, grid, geometry, theme)
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

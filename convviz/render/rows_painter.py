"""Channel rows: per input channel its image, window ⊙ kernel, and what it adds to the sum."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QImage, QPainter, QPen, QRegion

from convviz.model.scene import Cells, ChannelRow, GridScene, Scene
from convviz.render.cell_painter import paint_cells, paint_dots
from convviz.render.curve_painter import paint_curve
from convviz.render.dot_painter import paint_equation
from convviz.render.fonts import font
from convviz.render.geometry import GridGeometry, fit_grid
from convviz.render.grid_painter import GLOW, moved, paint_marks, revealed_blocks
from convviz.render.pane_painter import (
    HEADER,
    MARGIN,
    SMALL_SIZE,
    frame_grid,
    paint_card,
    paint_title,
)
from convviz.render.pictures import Pictures, painted
from convviz.render.rows_layout import (
    BAR,
    CAPTION,
    LEAST_GAP,
    RESULT_WIDTH,
    RowPlaces,
    RowsPlaces,
    kind_of_rows,
    measures,
    rows_places,
)
from convviz.render.sum_painter import paint_sum, tint
from convviz.render.theme import Colour, Theme, qcolor

LABEL_SIZE, SIGN_SIZE, WORD_SIZE = 15, 22, 15
WINDOW_NAMES = {"curve": "x", "stamp": "input cell"}
RESULT_SIZES = (17, 16, 15, 14, 13, 12, 11, 10)
CURVE_AIR = 10  # pixels around a curve
WAITING = 0.35  # opacity of channels that a stamp is not from


def rows_changes(old: Scene, new: Scene, rect: QRect) -> list[QRect]:
    """Return the pixels of the channel rows that differ between two scenes."""
    if not old.rows or not new.rows or _cells_key(old) != _cells_key(new):
        return [rect]
    places = rows_places(rect, new)
    changed: list[QRect] = []
    for place, before, after in zip(places.rows, old.rows, new.rows, strict=True):
        changed += _row_changes(place, before, after)
    if _title(old) != _title(new):
        changed.append(QRect(rect.x(), rect.y(), rect.width(), HEADER))
    if old.dot is not new.dot:
        changed.append(_equation_rect(places))
    return changed


def _equation_rect(places: RowsPlaces) -> QRect:
    return places.equation.toAlignedRect().adjusted(-4, -3, 4, 10)


def _row_changes(place: RowPlaces, old: ChannelRow, new: ChannelRow) -> list[QRect]:
    if old.lit != new.lit:
        return [place.band.adjusted(-GLOW, -GLOW, GLOW, GLOW)]
    found = moved(old.image, new.image, place.image)
    changed = [place.band] if found is None else found
    changed.append(_around(place.window))
    if place.weight and old.weight and new.weight and old.weight.lit != new.weight.lit:
        changed.append(_around(place.weight))
    if old.result != new.result:
        changed.append(place.result.toAlignedRect().adjusted(-2, -2, 2, 2))
    if place.stamp or not place.weight:
        changed.append(QRect(place.sign.toAlignedRect()))
        changed.append(place.result.toAlignedRect().united(_around(place.stamp or place.window)))
    return changed


def _around(geometry: GridGeometry) -> QRect:
    return geometry.frame.adjusted(-GLOW, -GLOW, GLOW, GLOW).toAlignedRect()


def _title(scene: Scene) -> tuple[str, str]:
    """Return the title, and how many channels there are and where the present cell is."""
    labels = [row.label for row in scene.rows]
    if scene.row_count > 1:
        name = "Channels"
    else:
        name = f"Channel {labels[0]}" if scene.inputs.items else "Channel"
    shown = f"{len(labels)} of {scene.row_count:,} shown"
    parts = [shown] if scene.row_count > len(labels) else []
    return name, " · ".join((*parts, scene.place, scene.dot.detail.rpartition(" · ")[2]))


def _cells_key(scene: Scene) -> tuple[object, ...]:
    """Return what stays while the playhead moves."""
    return _still_key(scene), tuple(row.image.cells for row in scene.rows)


def _still_key(scene: Scene) -> tuple[object, ...]:
    return (
        measures(scene),
        tuple(row.label for row in scene.rows),
        tuple(row.weight and row.weight.cells for row in scene.rows),
        scene.row_count,
        scene.kernel.word,
        scene.dot.weight.title if scene.dot.weight else "",
    )


def paint_rows(
    painter: QPainter, rect: QRect, scene: Scene, theme: Theme, pictures: Pictures
) -> None:
    """Paint the rows: kept pictures of what stays, then windows, marks, results and the sum."""
    if not scene.rows:
        paint_card(painter, rect, theme)
        return
    places = rows_places(rect, scene)
    ratio = painter.device().devicePixelRatioF()
    key = (_still_key(scene), rect.getRect(), theme, ratio)
    still = pictures.get(
        key,
        lambda: painted(
            rect, ratio, theme.background, lambda p: _paint_still(p, rect, scene, places, theme)
        ),
    )
    painter.drawImage(rect.topLeft(), still)
    paint_title(painter, rect, *_title(scene), theme.input, theme)
    for place, row in zip(places.rows, scene.rows, strict=True):
        _paint_row(painter, place, row, scene, theme, pictures)
    if scene.dot.equation.channels:
        paint_sum(painter, places.equation, scene, theme)
    else:
        painter.save()
        painter.setClipRect(_equation_rect(places), Qt.ClipOperation.IntersectClip)
        paint_equation(painter, places.equation, scene.dot.equation, theme)
        painter.restore()


def _paint_still(
    painter: QPainter, rect: QRect, scene: Scene, places: RowsPlaces, theme: Theme
) -> None:
    paint_card(painter, rect, theme)
    used = font(SMALL_SIZE)
    painter.setFont(used)
    metrics = QFontMetricsF(used)
    for caption, place, colour in _captions(scene, places.rows[0], theme):
        painter.setPen(qcolor(colour))
        text = metrics.elidedText(caption, Qt.TextElideMode.ElideRight, place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)
    painter.setPen(QPen(qcolor(theme.border), 1))
    sums = places.equation
    if sums.top() > places.rows[-1].band.bottom():
        above = sums.top() - 4
        painter.drawLine(QPointF(rect.x() + MARGIN, above), QPointF(rect.right() - MARGIN, above))
    else:
        before = sums.left() - MARGIN
        painter.drawLine(QPointF(before, sums.top()), QPointF(before, sums.bottom()))


def _captions(scene: Scene, first: RowPlaces, theme: Theme) -> list[tuple[str, QRectF, Colour]]:
    """Return what stands above the parts of the first row."""
    kind, window, image = kind_of_rows(scene), first.window.frame, first.image.frame
    several = scene.row_count > 1  # and the row in turn lies on a band
    top = (first.band.top() if several else window.top()) - CAPTION
    over_image = top if several else image.top() - CAPTION

    def above(left: float, right: float, y: float = top) -> QRectF:
        return QRectF(left, y, right - left, CAPTION - 3)

    end = first.weight.frame.left() if first.weight else first.equals.left()
    captions = [
        (
            "image",
            above(image.left(), image.right() + LEAST_GAP, over_image),
            theme.input,
        ),
        (WINDOW_NAMES.get(kind, "window"), above(window.left(), end - 4), theme.input),
    ]
    last = first.stamp.frame.left() if first.stamp else first.result.left()
    if first.weight and scene.dot.weight:
        place = above(first.weight.frame.left(), last - 4)
        captions.append((scene.dot.weight.title, place, theme.kernel))
    one = "sum" if scene.row_count == 1 else "partial sum"
    word = {"weights": one, "stamp": "stamp"}.get(kind, "result")
    captions.append((word, above(last, last + RESULT_WIDTH), theme.output))
    return captions


def _paint_sign(painter: QPainter, place: QRectF, text: str, colour: Colour, size: int) -> None:
    painter.setFont(font(size))
    painter.setPen(qcolor(colour))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _paint_row(
    painter: QPainter,
    place: RowPlaces,
    row: ChannelRow,
    scene: Scene,
    theme: Theme,
    pictures: Pictures,
) -> None:
    colour = tint(row.label, theme)
    if row.lit:
        _paint_band(painter, place.band, theme.kernel, theme)
    if place.label.width():
        painter.setFont(font(LABEL_SIZE, bold=True))
        painter.setPen(qcolor(colour))
        painter.drawText(place.label, Qt.AlignmentFlag.AlignVCenter, row.label)
    waits = place.stamp is not None and scene.row_count > 1 and not row.lit
    painter.setOpacity(WAITING if waits else 1.0)
    _paint_grids(painter, place, row, theme, pictures)
    _paint_signs(painter, place, scene, theme)
    painter.setOpacity(1.0)
    if place.stamp is None:
        _paint_result(painter, place.result, row, colour, theme)
    elif not waits and scene.dot.products:
        _paint_stamp(painter, scene.dot.products, place.stamp, theme)


def _paint_grids(
    painter: QPainter, place: RowPlaces, row: ChannelRow, theme: Theme, pictures: Pictures
) -> None:
    _paint_kept(painter, row.image.cells, place.image, theme, pictures)
    paint_marks(painter, row.image, place.image, theme)
    paint_cells(painter, row.window.cells, place.window, theme)
    frame_grid(painter, place.window, theme.input)
    paint_marks(painter, row.window, place.window, theme)
    if row.weight and place.weight:
        _paint_kept(painter, row.weight.cells, place.weight, theme, pictures)
        frame_grid(painter, place.weight, theme.kernel)
        paint_marks(painter, row.weight, place.weight, theme)


def _paint_signs(painter: QPainter, place: RowPlaces, scene: Scene, theme: Theme) -> None:
    """Paint what is done with the window: a product, a pooling, or an activation."""
    kernel = scene.kernel
    _paint_sign(painter, place.equals, "=", theme.dim, SIGN_SIZE)
    if place.weight:
        _paint_sign(painter, place.sign, "⊙", theme.dim, SIGN_SIZE)
    elif kernel.curve:
        paint_curve(painter, _square(place.sign), kernel.curve, theme)
    else:
        _paint_sign(painter, place.sign, f"→ {kernel.word}", theme.kernel, WORD_SIZE)


def _square(place: QRectF) -> QRectF:
    """Return the square in the middle of a place, with some air."""
    side = min(place.width(), place.height()) - 2 * CURVE_AIR
    square = QRectF(0, 0, side, side)
    square.moveCenter(place.center())
    return square


def _paint_band(painter: QPainter, band: QRect, colour: Colour, theme: Theme) -> None:
    """Mark the row whose turn it is."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor(theme.control, 0.55))
    painter.drawRoundedRect(QRectF(band), 6, 6)
    painter.setBrush(qcolor(colour))
    bar = QRectF(band.x(), band.y() + 6, BAR, band.height() - 12)
    painter.drawRoundedRect(bar, BAR / 2, BAR / 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_kept(
    painter: QPainter, cells: Cells, geometry: GridGeometry, theme: Theme, pictures: Pictures
) -> None:
    """Paint cells that stay while the playhead moves."""
    ratio = painter.device().devicePixelRatioF()
    area = geometry.frame.toAlignedRect()
    here = fit_grid(QRect(0, 0, area.width(), area.height()), cells.shape, geometry.cell)
    key = (cells, here, theme, ratio)
    picture = pictures.get(
        key, lambda: _transparent(area.size(), ratio, lambda p: paint_cells(p, cells, here, theme))
    )
    painter.drawImage(area.topLeft(), picture)


def _transparent(size: QSize, ratio: float, paint: Callable[[QPainter], None]) -> QImage:
    picture = QImage(size * ratio, QImage.Format.Format_ARGB32_Premultiplied)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        painter.setRenderHints(
            QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing
        )
        paint(painter)
    return picture


def _paint_result(
    painter: QPainter, box: QRectF, row: ChannelRow, colour: Colour, theme: Theme
) -> None:
    """Paint what the channel adds; an empty box with dots while that is not known."""
    known = bool(row.result)
    pen = QPen(qcolor(colour if known else theme.faint), 1.5)
    pen.setStyle(Qt.PenStyle.SolidLine if known else Qt.PenStyle.DashLine)
    painter.setPen(pen)
    painter.setBrush(qcolor(theme.control) if known else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box, 7, 7)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    text = row.result or "…"
    painter.setFont(font(_fitting_size(text, box.width() - 8), mono=True, bold=known))
    painter.setPen(qcolor(colour if known else theme.dim))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _fitting_size(text: str, width: float) -> int:
    """Return the largest of the sizes in which a number fits."""
    for size in RESULT_SIZES:
        if QFontMetricsF(font(size, mono=True, bold=True)).horizontalAdvance(text) <= width:
            return size
    return RESULT_SIZES[-1]


def _paint_stamp(
    painter: QPainter, products: GridScene, geometry: GridGeometry, theme: Theme
) -> None:
    """Paint the products that are added to the output, as far as they are formed."""
    painter.save()
    if products.revealed is not None:
        paint_dots(painter, geometry, theme)
        region = QRegion()
        for block in revealed_blocks(geometry, products.revealed):
            region += block.toRect()
        painter.setClipRegion(region, Qt.ClipOperation.IntersectClip)
    paint_cells(painter, products.cells, geometry, theme)
    painter.restore()
    frame_grid(painter, geometry, theme.output)
    paint_marks(painter, products, geometry, theme)

"""Thumbnails: small pictures of channels in rows, or of kernels in a grid; one is chosen."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from convviz.model.scene import Thumbnail, Thumbnails
from convviz.render.cell_painter import paint_picture
from convviz.render.fonts import font
from convviz.render.grid_painter import outline
from convviz.render.pictures import Pictures, painted
from convviz.render.theme import Colour, Theme, qcolor

GAP, KERNEL_GAP = 6, 4
LEAST, MOST = 18, 120  # pixels of a channel's side
LEAST_KERNEL, MOST_KERNEL = 8, 64
LEAST_SHOWN = 6  # smaller ones show nothing
LABEL_SIZE, LABEL = 11, 15
LABELLED_FROM, LABELLED_GRID = 20, 14  # pixels that a picture has beside its label
BESIDE = 20  # pixels for the numbers of rows
COUNT_WIDTH, COUNT_HEIGHT = 34, 15  # for "+12" at the ends of what is shown
SEVERAL_FROM = 2 * (COUNT_HEIGHT + LEAST) + GAP  # pixels of height in which some rows are left out
VEIL = {True: 0.4, False: 0.65}  # over what is not seen: kernels of other maps, other channels
ARROW = " → "


@dataclass(frozen=True)
class _Layout:
    """Which rows and columns of the arrangement are shown, and where.

    `labels` stand "under" each picture, "around" the whole grid (R G B above, 1 2 3 at the left),
    "beside" its rows, or nowhere.
    """

    side: int
    count: int
    columns: int
    rows: range
    across: range
    left: int
    top: int
    pitch: tuple[int, int]
    gap: int
    labels: str

    @property
    def row_count(self) -> int:
        """How many rows the whole arrangement has."""
        return ceil(self.count / self.columns)

    def place(self, number: int) -> QRect:
        """Return where a picture lies; nowhere when it is not shown."""
        row, column = divmod(number, self.columns)
        if row not in self.rows or column not in self.across:
            return QRect()
        x = self.left + (column - self.across.start) * self.pitch[0]
        y = self.top + (row - self.rows.start) * self.pitch[1]
        return QRect(x, y, self.side, self.side)


def thumbnail_places(rect: QRect, thumbnails: Thumbnails) -> tuple[QRectF, ...]:
    """Return where the picture of each item lies; empty for those that there is no room for."""
    layout = _layout_of(rect, thumbnails)
    if layout is None:
        return (QRectF(),) * len(thumbnails.items)
    return tuple(QRectF(layout.place(n)) for n in range(len(thumbnails.items)))


def thumbnail_at(rect: QRect, thumbnails: Thumbnails, point: QPointF) -> int | None:
    """Return the number of the item under `point`; its label and half of a gap belong to it."""
    layout = _layout_of(rect, thumbnails)
    if layout is None or not QRectF(rect).adjusted(-2, -2, 2, 2).contains(point):
        return None
    column = (
        int((point.x() - layout.left + layout.gap / 2) // layout.pitch[0]) + layout.across.start
    )
    row = int((point.y() - layout.top + layout.gap / 2) // layout.pitch[1]) + layout.rows.start
    number = row * layout.columns + column
    there = row in layout.rows and column in layout.across and number < len(thumbnails.items)
    return number if there else None


def height_for(width: int, thumbnails: Thumbnails, side: int) -> int:
    """Return the height in which all items fit into `width`, with pictures of `side` pixels."""
    count = len(thumbnails.items)
    if _is_grid(thumbnails):
        columns = thumbnails.columns
        wide = (width - BESIDE + KERNEL_GAP) // columns - KERNEL_GAP
        pitch = min(max(wide, LEAST_KERNEL), side) + KERNEL_GAP
        return ceil(count / columns) * pitch - KERNEL_GAP + LABEL
    columns = max((width + GAP) // (side + GAP), 1)
    return ceil(count / columns) * (side + GAP + LABEL) - GAP


def chosen_number(thumbnails: Thumbnails) -> int | None:
    """Return the number of the item that is chosen."""
    return next((n for n, item in enumerate(thumbnails.items) if item.chosen), None)


def _layout_of(rect: QRect, thumbnails: Thumbnails) -> _Layout | None:
    items = thumbnails.items
    if not items:
        return None
    grid = _is_grid(thumbnails)
    names = _sources(thumbnails) if grid else tuple(_short(thumbnails, item) for item in items)
    return _laid_out(
        rect.getRect(),
        len(items),
        thumbnails.columns if grid else 0,
        chosen_number(thumbnails) or 0,
        QFontMetricsF(font(LABEL_SIZE)).horizontalAdvance(max(names, key=len)) if names else 0,
    )


def _is_grid(thumbnails: Thumbnails) -> bool:
    """Return whether there are several rows of several kernels; one row or column flows."""
    return 1 < thumbnails.columns < len(thumbnails.items)


def _sources(thumbnails: Thumbnails) -> tuple[str, ...]:
    """Return what the columns of a grid are of; nothing when that differs from row to row."""
    items, columns = thumbnails.items, thumbnails.columns
    names = tuple(item.label.partition(ARROW)[0] for item in items[:columns])
    same = all(
        item.label.startswith(f"{names[n % columns]}{ARROW}") for n, item in enumerate(items)
    )
    return names if same else ()


def _short(thumbnails: Thumbnails, item: Thumbnail) -> str:
    """Return the label of a picture: of a row or column of kernels, the channel that differs."""
    source, _, made = item.label.partition(ARROW)
    return made if thumbnails.columns == 1 and made else source


@lru_cache(maxsize=64)
def _laid_out(
    area: tuple[int, int, int, int], count: int, columns: int, chosen: int, label: float
) -> _Layout | None:
    rect = QRect(*area)
    arrange = _flow if columns == 0 else _grid
    layout = arrange(rect, (count, columns), chosen, label)
    return layout if layout.side >= LEAST_SHOWN else None


def _flow(rect: QRect, counts: tuple[int, int], chosen: int, label: float) -> _Layout:
    """Arrange pictures in as few rows as make them largest, with their labels below."""
    count = counts[0]
    for under in (LABEL, 0):
        columns, side = _best(rect, count, under)
        unlabelled = under and (side < LABELLED_FROM or label > side + GAP)
        if side >= LEAST and not unlabelled:
            labels = "under" if under else ""
            return _arranged(rect, (count, columns), chosen, (LEAST, MOST), labels)
    if rect.height() >= SEVERAL_FROM:
        columns = max((rect.width() + GAP) // (LEAST + GAP), 1)
        return _arranged(rect, (count, columns), chosen, (LEAST, MOST), "")
    high = rect.height() - LABEL
    if high >= LABELLED_FROM and label <= high + GAP:
        return _arranged(rect, (count, count), chosen, (high, high), "under")
    side = min(rect.height(), 2 * LEAST)
    return _arranged(rect, (count, count), chosen, (side, side), "")


def _best(rect: QRect, count: int, label: int) -> tuple[int, int]:
    """Return how many in a row make the pictures largest, and how large they are then."""
    found = (count, 0)
    for rows in range(1, count + 1):
        columns = ceil(count / rows)
        high = (rect.height() + GAP) // rows - GAP - label
        side = min((rect.width() + GAP) // columns - GAP, high)
        if side > found[1]:
            found = columns, side
        if high < found[1]:
            break
    return found


def _grid(rect: QRect, counts: tuple[int, int], chosen: int, label: float) -> _Layout:
    """Arrange kernels: a row for each output channel, a column for each input channel."""
    sizes = LEAST_KERNEL, MOST_KERNEL
    if rect.width() < 4 * BESIDE:
        return _arranged(rect, counts, chosen, sizes, "")
    inner = rect.adjusted(BESIDE, 0, 0, 0)
    if label:
        around = _arranged(inner.adjusted(0, LABEL, 0, 0), counts, chosen, sizes, "around")
        if around.side >= LABELLED_GRID and label <= around.pitch[0]:
            return around
    return _arranged(inner, counts, chosen, sizes, "beside")


def _arranged(
    rect: QRect, counts: tuple[int, int], chosen: int, sizes: tuple[int, int], labels: str
) -> _Layout:
    """Show as much of so many pictures in so many columns as fits, around the chosen one."""
    count, columns = counts
    gap = KERNEL_GAP if sizes[0] == LEAST_KERNEL else GAP
    under, total = LABEL if labels == "under" else 0, ceil(count / columns)
    row, column = divmod(chosen, columns)
    rows = _shown(total, rect.height() + gap, sizes[0] + under + gap, COUNT_HEIGHT, row)
    across = _shown(columns, rect.width() + gap, sizes[0] + gap, COUNT_WIDTH, column)
    above = COUNT_HEIGHT if len(rows) < total else 0
    before = COUNT_WIDTH if len(across) < columns else 0
    side = min(
        (rect.width() - 2 * before + gap) // len(across) - gap,
        (rect.height() - 2 * above + gap) // len(rows) - gap - under,
        sizes[1],
    )
    return _Layout(
        side=side,
        count=count,
        columns=columns,
        rows=rows,
        across=across,
        left=rect.x() + before,
        top=rect.y() + above,
        pitch=(side + gap, side + gap + under),
        gap=gap,
        labels=labels,
    )


def _shown(total: int, room: int, pitch: int, ends: int, at: int) -> range:
    """Return which of `total` lines are shown in `room`: those around line `at`."""
    if total * pitch <= room:
        return range(total)
    fits = min(max((room - 2 * ends) // pitch, 1), total)
    first = min(max(at - fits // 2, 0), total - fits)
    return range(first, first + fits)


def paint_thumbnails(
    painter: QPainter,
    rect: QRect,
    thumbnails: Thumbnails,
    theme: Theme,
    pictures: Pictures,
    colour: Colour,
) -> None:
    """Paint all pictures that there is room for, and outline the chosen one in `colour`."""
    layout = _layout_of(rect, thumbnails)
    if layout is None:
        return
    shown = [(layout.place(number), item) for number, item in enumerate(thumbnails.items)]
    shown = [(place, item) for place, item in shown if not place.isEmpty()]
    ratio = painter.device().devicePixelRatioF()
    pictured = tuple((item.cells, item.label) for _, item in shown)
    still = pictures.get(
        ("thumbnails", pictured, rect.getRect(), layout, theme, ratio),
        lambda: painted(
            rect, ratio, theme.card, lambda p: _paint_still(p, rect, thumbnails, layout, theme)
        ),
    )
    painter.drawImage(rect.topLeft(), still)
    veil = qcolor(theme.card, VEIL[thumbnails.columns > 0])
    for place, item in shown:
        if item.chosen:
            _paint_chosen(painter, place, layout, _short(thumbnails, item), theme, colour)
        elif not item.seen:
            painter.fillRect(place.adjusted(-1, -1, 1, 1), veil)


def _paint_still(
    painter: QPainter, rect: QRect, thumbnails: Thumbnails, layout: _Layout, theme: Theme
) -> None:
    painter.setFont(font(LABEL_SIZE))
    for number, item in enumerate(thumbnails.items):
        place = layout.place(number)
        if place.isEmpty():
            continue
        paint_picture(painter, place, item.cells, theme)
        painter.setPen(qcolor(theme.dim))
        for label, text in _labels(rect, thumbnails, layout, number):
            painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)
    for label, text in _counts(layout, grid=_is_grid(thumbnails)):
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)


def _labels(
    rect: QRect, thumbnails: Thumbnails, layout: _Layout, number: int
) -> Iterator[tuple[QRect, str]]:
    """Yield the labels that stand at a picture, and where."""
    item, place = thumbnails.items[number], layout.place(number)
    if layout.labels == "under":
        yield _under(place, layout), _short(thumbnails, item)
        return
    source, _, made = item.label.partition(ARROW)
    row, column = divmod(number, layout.columns)
    if layout.labels and column == layout.across.start:
        left = rect.x() if layout.across.start else layout.left - BESIDE
        yield QRect(left, place.y(), BESIDE - 4, place.height()), made
    if layout.labels == "around" and row == layout.rows.start:
        yield QRect(place.x() - layout.gap // 2, rect.y(), layout.pitch[0], LABEL - 2), source


def _under(place: QRect, layout: _Layout) -> QRect:
    return QRect(place.x() - layout.gap // 2, place.bottom() + 3, layout.pitch[0], LABEL - 2)


def _counts(layout: _Layout, *, grid: bool) -> Iterator[tuple[QRect, str]]:
    """Yield how many there are before and after those that are shown, and where to say it.

    Of a grid it is rows and columns that are counted, else pictures.
    """
    rows, across = layout.rows, layout.across
    wide = len(across) * layout.pitch[0] - layout.gap
    high = len(rows) * layout.pitch[1] - layout.gap
    left, top = layout.left, layout.top
    hidden = rows.start, layout.row_count - rows.stop
    if not grid:
        hidden = rows.start * layout.columns, layout.count - rows.stop * layout.columns
    for count, y in zip(hidden, (top - COUNT_HEIGHT, top + high), strict=True):
        if count > 0:
            yield QRect(left, y, wide, COUNT_HEIGHT), f"+{count}"
    hidden = across.start, layout.columns - across.stop
    for count, x in zip(hidden, (left - COUNT_WIDTH, left + wide), strict=True):
        if count > 0:
            yield QRect(x, top, COUNT_WIDTH, layout.side), f"+{count}"


def _paint_chosen(
    painter: QPainter, place: QRect, layout: _Layout, text: str, theme: Theme, colour: Colour
) -> None:
    if layout.labels == "under":
        label = _under(place, layout)
        painter.fillRect(label, qcolor(theme.card))
        painter.setFont(font(LABEL_SIZE, bold=True))
        painter.setPen(qcolor(colour))
        painter.drawText(label, Qt.AlignmentFlag.AlignCenter, text)
    outline(painter, QRectF(place).adjusted(-2, -2, 2, 2), colour, glow=False)

"""Where the parts of the channel rows lie."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from PySide6.QtCore import QRect, QRectF

from convviz.model.scene import Scene
from convviz.model.session import Cell
from convviz.render.geometry import GridGeometry, fit_grid
from convviz.render.pane_painter import HEADER, MARGIN

Kind = Literal["weights", "pool", "curve", "stamp"]

CAPTION = 19
LABEL_WIDTH = 26
BAND = 5  # pixels around a row's pictures
BAR = 3  # pixels of the bar at the left of the row in turn
LARGEST_CELL, LARGEST_IMAGE_CELL = 54.0, 40.0
SIGN_WIDTH: dict[Kind, int] = {"weights": 34, "pool": 78, "curve": 240, "stamp": 34}
CURVE_SHARE, SIGN_SHARE = 0.45, 0.25  # of a row's width beside its image, at most
EQUALS_WIDTH = 30
RESULT_WIDTH, MOST_RESULT, RESULT_HEIGHT = 84, 120, 36
LEAST_GAP, MOST_GAP = 16, 44  # pixels between an image and its window
MOST_HEIGHT = {1: 290, 2: 220, 3: 190}  # pixels of a row where there are so many
IMAGE_SHARE, WIDE_IMAGE_SHARE = 0.29, 0.5  # of the width
ONE_IMAGE_SHARE: dict[Kind, float] = {"weights": 0.28, "pool": 0.34, "curve": 0.3, "stamp": 0.29}
LEAST_SUM, MOST_SUM_SHARE = 50, 0.26  # of the height
SUM_HEIGHT, LONG_SUM_HEIGHT, TERMS_HEIGHT = 66, 96, 104
FEW_TOKENS = 8  # of the sum of three channels
TERMS_SHARE = 0.3  # of the height, for the equation of a single row
WIDE = 4.0  # an image wider than so many times its height lies above the window
ROOMY = 560  # pixels: rows with less width keep wide images small
WIDE_SHARE, WIDE_PART = 0.42, 0.46  # of a row's height, for such an image; of its width, below
MOST_WIDE_HEIGHT = 220


@dataclass(frozen=True)
class RowPlaces:
    """Where the parts of a row lie; `sign` holds ⊙, the word of a pooling, or a curve."""

    band: QRect
    label: QRectF
    image: GridGeometry
    window: GridGeometry
    sign: QRectF
    weight: GridGeometry | None
    equals: QRectF
    result: QRectF
    stamp: GridGeometry | None


@dataclass(frozen=True)
class RowsPlaces:
    """Where the rows lie, and below them the sum."""

    rows: tuple[RowPlaces, ...]
    equation: QRectF


def rows_places(rect: QRect, scene: Scene) -> RowsPlaces:
    """Lay the rows out from top to bottom; the sum takes what they leave."""
    return _laid_out(rect.getRect(), *measures(scene))


def measures(scene: Scene) -> tuple[int, Cell, Cell, Kind, bool, int]:
    """Return what the layout depends on."""
    first = scene.rows[0]
    return (
        len(scene.rows),
        first.image.cells.shape,
        first.window.cells.shape,
        kind_of_rows(scene),
        bool(scene.inputs.items),
        len(scene.dot.equation.channels),
    )


def kind_of_rows(scene: Scene) -> Kind:
    """Return what the layer does with its windows."""
    first = scene.rows[0]
    if first.weight is None:
        return "curve" if scene.kernel.curve else "pool"
    return "weights" if first.image.window else "stamp"


@lru_cache(maxsize=32)
def _laid_out(
    area: tuple[int, int, int, int],
    count: int,
    image: Cell,
    window: Cell,
    kind: Kind,
    labelled: bool,
    summed: int,
) -> RowsPlaces:
    inner = QRect(*area).adjusted(MARGIN, HEADER + CAPTION, -MARGIN, -12)
    if count == 1 and image[1] >= WIDE * image[0] and inner.width() >= ROOMY:
        return _one_wide(inner, image, window, kind, labelled=labelled)
    below = _sum_height(inner.height(), summed)
    height = max(min((inner.height() - below) // count, MOST_HEIGHT[min(count, 3)]), 24)
    rows = tuple(
        _row(
            QRect(inner.x(), inner.y() + n * height, inner.width(), height),
            image,
            window,
            kind,
            labelled=labelled,
            alone=count == 1,
        )
        for n in range(count)
    )
    top = inner.y() + count * height + 8
    equation = QRectF(inner.x() + 4, top, inner.width() - 8, inner.bottom() - top)
    return RowsPlaces(rows, equation)


def _one_wide(inner: QRect, image: Cell, window: Cell, kind: Kind, *, labelled: bool) -> RowsPlaces:
    """Lay out one row with a wide image: below that the row's other parts, and the sum beside."""
    place = QRect(inner.x(), inner.y(), inner.width(), min(inner.height(), MOST_WIDE_HEIGHT))
    label = LABEL_WIDTH if labelled else 0
    above = place.adjusted(BAND + BAR + label, 1, -BAND, 0)
    above.setHeight(round(place.height() * WIDE_SHARE))
    shown = fit_grid(above, image, LARGEST_IMAGE_CELL, middle=False)
    top = round(shown.frame.bottom()) + CAPTION + 8
    below = QRect(above.x(), top, round(above.width() * WIDE_PART), place.bottom() - top)
    left = below.right() + 2 * MARGIN
    equation = QRectF(left, top - CAPTION, place.right() - left, place.bottom() - top + CAPTION)
    return RowsPlaces((_parts(place, shown, below, window, kind, 0, label),), equation)


def _sum_height(height: int, summed: int) -> int:
    if not summed:
        return min(max(TERMS_HEIGHT, round(height * TERMS_SHARE)), height // 2)
    wanted = SUM_HEIGHT if summed <= FEW_TOKENS else LONG_SUM_HEIGHT
    return min(wanted, max(LEAST_SUM, round(height * MOST_SUM_SHARE)))


def _row(
    place: QRect, image: Cell, window: Cell, kind: Kind, *, labelled: bool, alone: bool
) -> RowPlaces:
    inner = place.adjusted(BAND + BAR, BAND, -BAND, -BAND)
    label = LABEL_WIDTH if labelled else 0
    rest = inner.adjusted(label, 0, 0, 0)
    share = ONE_IMAGE_SHARE[kind] if alone else IMAGE_SHARE
    if image[1] >= WIDE * image[0] and inner.width() >= ROOMY:
        share = WIDE_IMAGE_SHARE
    wide = min(rest.height() * image[1] / image[0], inner.width() * share)
    picture = QRect(rest.x(), rest.y(), max(int(wide), 1), rest.height())
    rest.setLeft(picture.right() + 1)
    shown = fit_grid(picture, image, LARGEST_IMAGE_CELL)
    return _parts(place, shown, rest, window, kind, LEAST_GAP, label)


def _parts(
    place: QRect,
    image: GridGeometry,
    rest: QRect,
    window: Cell,
    kind: Kind,
    gap: int,
    label: int,
) -> RowPlaces:
    """Lay the parts of a row out in `rest`, `gap` pixels from its image."""
    spans = _spans(rest, window, kind, gap)
    return RowPlaces(
        band=place.adjusted(0, 1, 0, -1),
        label=QRectF(place.x() + BAND + BAR, image.frame.y(), label, image.frame.height()),
        image=image,
        window=fit_grid(spans["window"], window, LARGEST_CELL),
        sign=QRectF(spans["sign"]),
        weight=fit_grid(spans["weight"], window, LARGEST_CELL) if "weight" in spans else None,
        equals=QRectF(spans["equals"]),
        result=_box(spans["result"]),
        stamp=fit_grid(spans["result"], window, LARGEST_CELL) if kind == "stamp" else None,
    )


def _spans(rest: QRect, window: Cell, kind: Kind, gap: int) -> dict[str, QRect]:
    """Divide a row's width after its image: the grids take what they can use, then the gaps."""
    rows, columns = window
    grids = {"weights": 2, "pool": 1, "curve": 1, "stamp": 3}[kind]
    result = 0 if kind == "stamp" else min(RESULT_WIDTH, rest.width() // 3)
    share = CURVE_SHARE if kind == "curve" else SIGN_SHARE
    sign = min(SIGN_WIDTH[kind], int(rest.width() * share))
    equals = min(EQUALS_WIDTH, rest.width() // 10)
    room = rest.width() - gap - sign - equals - result
    side = min(room / grids / columns, rest.height() / rows, LARGEST_CELL)
    side = max(int(side) if side >= 1 else side, 0.1)
    width = max(int(side * columns), 1)
    spare = max(room - grids * width, 0)
    wider = min(spare // 3, MOST_RESULT - result) if result else 0
    first = gap + min((spare - wider) // 2, MOST_GAP - LEAST_GAP) if gap else 0
    parts = [("", first), ("window", width), ("sign", sign)]
    parts += [("weight", width)] if grids > 1 else []
    parts += [("equals", equals), ("result", width if kind == "stamp" else result + wider)]
    spans, x = {}, rest.x()
    for name, taken in parts:
        spans[name] = QRect(x, rest.y(), taken, rest.height())
        x += taken
    return spans


def _box(span: QRect) -> QRectF:
    height = min(RESULT_HEIGHT, span.height())
    return QRectF(span.x() + 2, span.center().y() - height / 2 + 0.5, span.width() - 4, height)

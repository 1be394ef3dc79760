"""Where the parts of the workspace "Learn a kernel" lie."""

from dataclasses import dataclass
from itertools import accumulate

from PySide6.QtCore import QPointF, QRect, QRectF

from convviz.model.learn_scene import FilmScene, InsightScene, LossScene, UpdateScene
from convviz.render.geometry import GAP, GridGeometry
from convviz.render.pane_painter import HEADER, LEGEND, MARGIN

MAPS_SHARE, FILM_SHARE = 0.46, 0.18  # of the height
MOST_FILM = 150
UPDATE_SHARE, INSIGHT_SHARE = 0.47, 0.31  # of the width
LARGEST_WEIGHT = 52.0  # pixels of a cell of a kernel
SIGN = 30.0  # pixels for + and =
LETTER = 8.5  # pixels of a letter of a longer sign
NAME = 20  # pixels above a grid for its name
CHIP_WIDTH, CHIP_HEIGHT, CHIP_GAP = 78, 22, 6
PHASES = 3
SCALES = 2  # of the loss
FRAME_GAP = 10.0
HIDDEN_GAP = 26.0
NUMBERS = 18  # pixels below the frames
AXIS = 44.0  # pixels beside the loss for its numbers


@dataclass(frozen=True)
class LearnLayout:
    """Where the panes of the workspace "learn" lie on the screen or in a frame."""

    image: QRect
    target: QRect
    prediction: QRect
    error: QRect
    update: QRect
    insight: QRect
    loss: QRect
    film: QRect

    @property
    def rects(self) -> tuple[QRect, ...]:
        """All of them, in reading order."""
        maps = (self.image, self.target, self.prediction, self.error)
        return (*maps, self.update, self.insight, self.loss, self.film)

    def moved(self, by: int) -> "LearnLayout":
        """Return the layout `by` pixels to the right and down."""
        return LearnLayout(*(rect.translated(by, by) for rect in self.rects))


def learn_layout(width: int, height: int) -> LearnLayout:
    """Divide `width` x `height` pixels: maps above, the update below, then the film."""
    maps = round((height - 2 * GAP) * MAPS_SHARE)
    film = min(round((height - 2 * GAP) * FILM_SHARE), MOST_FILM)
    middle = max(height - maps - film - 2 * GAP, 1)
    tops = (0, maps + GAP, maps + middle + 2 * GAP)
    above = _columns(width, (0.25, 0.25, 0.25, 0.25))
    below = _columns(width, (UPDATE_SHARE, INSIGHT_SHARE, 1 - UPDATE_SHARE - INSIGHT_SHARE))
    image, target, prediction, error = (QRect(left, tops[0], wide, maps) for left, wide in above)
    update, insight, loss = (QRect(left, tops[1], wide, middle) for left, wide in below)
    end = QRect(0, tops[2], width, max(height - tops[2], 1))
    return LearnLayout(image, target, prediction, error, update, insight, loss, end)


def _columns(width: int, shares: tuple[float, ...]) -> list[tuple[int, int]]:
    room = width - GAP * (len(shares) - 1)
    ends = [round(room * share) for share in accumulate(shares)]
    starts = [0, *ends[:-1]]
    return [
        (start + GAP * n, max(end - start, 1))
        for n, (start, end) in enumerate(zip(starts, ends, strict=True))
    ]


@dataclass(frozen=True)
class UpdatePlaces:
    """Where the grids of an update lie, the signs between them, and the phases to choose."""

    grids: tuple[GridGeometry, ...]
    signs: tuple[QRectF, ...]
    chips: tuple[QRectF, ...]


def update_places(rect: QRect, scene: UpdateScene) -> UpdatePlaces:
    """Lay the grids of an update out in a row below its title."""
    area = rect.adjusted(MARGIN, HEADER + NAME, -MARGIN, -CHIP_HEIGHT - 20)
    rows, columns = scene.grids[0].cells.shape
    widths = [max(SIGN, len(sign) * LETTER + 14) for sign in scene.signs]
    room = (area.width() - sum(widths)) / (columns * len(scene.grids))
    cell = max(float(int(min(room, area.height() / rows, LARGEST_WEIGHT))), 2.0)
    used = cell * columns * len(scene.grids) + sum(widths)
    left = area.x() + max((area.width() - used) / 2, 0)
    top = area.y() + max((area.height() - cell * rows) / 2, 0)
    grids, signs = [], []
    for number in range(len(scene.grids)):
        start = round(left)
        box = QRectF(start, round(top), cell * columns, cell * rows)
        grids.append(GridGeometry(rows, columns, cell, start, round(top), box.toRect()))
        left += cell * columns
        if number < len(widths):
            signs.append(QRectF(left, top, widths[number], cell * rows))
            left += widths[number]
    row = QPointF(rect.x() + MARGIN, rect.bottom() - CHIP_HEIGHT - 11)
    return UpdatePlaces(tuple(grids), tuple(signs), _chips(row, PHASES))


def _chips(at: QPointF, count: int, width: float = CHIP_WIDTH) -> tuple[QRectF, ...]:
    return tuple(
        QRectF(at.x() + n * (width + CHIP_GAP), at.y(), width, CHIP_HEIGHT) for n in range(count)
    )


@dataclass(frozen=True)
class LossPlaces:
    """Where the curve of the loss lies, and the two scales to choose."""

    plot: QRectF
    chips: tuple[QRectF, ...]
    last: int

    def x(self, step: float) -> float:
        """Return where a number of updates stands."""
        return self.plot.left() + step / max(self.last, 1) * self.plot.width()

    def step_at(self, x: float) -> int:
        """Return the number of updates at `x`."""
        share = (x - self.plot.left()) / self.plot.width()
        return round(min(max(share, 0.0), 1.0) * self.last)


def loss_places(rect: QRect, scene: LossScene) -> LossPlaces:
    """Lay the curve of the loss out below its title."""
    width = 56.0
    row = QPointF(
        rect.right() - MARGIN - SCALES * width - CHIP_GAP, rect.bottom() - CHIP_HEIGHT - 11
    )
    plot = QRectF(
        rect.x() + AXIS,
        rect.y() + HEADER + 8,
        max(rect.width() - AXIS - MARGIN, 1),
        max(row.y() - rect.y() - HEADER - 26, 1),
    )
    return LossPlaces(plot, _chips(row, SCALES, width), len(scene.losses) - 1)


@dataclass(frozen=True)
class FilmPlaces:
    """Where the kernels of the film lie, and the hidden one."""

    frames: tuple[GridGeometry, ...]
    hidden: GridGeometry | None

    def place_at(self, x: float) -> float:
        """Return the place among the frames at `x`: 0 is the middle of the first."""
        if len(self.frames) == 1:
            return 0.0
        pitch = self.frames[1].left - self.frames[0].left
        return (x - self.frames[0].frame.center().x()) / pitch

    def x(self, place: float) -> float:
        """Return where a place among the frames is."""
        first = self.frames[0].frame.center().x()
        if len(self.frames) == 1:
            return first
        return first + place * (self.frames[1].left - self.frames[0].left)


def film_places(rect: QRect, scene: FilmScene) -> FilmPlaces:
    """Lay the kernels out from left to right, below the title."""
    area = rect.adjusted(MARGIN, HEADER, -MARGIN, -NUMBERS - 8)
    rows, columns = scene.frames[0].shape
    count = len(scene.frames) + 1  # the hidden one has its place even while it is hidden
    room = (area.width() - FRAME_GAP * (count - 2) - HIDDEN_GAP) / (count * columns)
    cell = max(min(room, area.height() / rows), 0.5)
    cell = float(int(cell)) if cell >= 6 else cell
    pitch = (area.width() - HIDDEN_GAP + FRAME_GAP) / count
    top = area.y() + round((area.height() - cell * rows) / 2)

    def place(left: float) -> GridGeometry:
        box = QRect(round(left), top, round(cell * columns), round(cell * rows))
        return GridGeometry(rows, columns, cell, round(left), top, box)

    frames = tuple(place(area.x() + n * pitch) for n in range(len(scene.frames)))
    end = area.right() + 1 - cell * columns
    return FilmPlaces(frames, place(end) if scene.hidden is not None else None)


def small_kernels(rect: QRectF, scene: InsightScene) -> tuple[GridGeometry, ...]:
    """Lay the kernels that are told of out in a row, with room for their names below."""
    if not scene.kernels:
        return ()
    rows, columns = scene.kernels[0].cells.shape
    count = max(len(scene.kernels), 2)
    room = (rect.width() - 12 * (count - 1)) / (count * columns)
    cell = max(min(room, (rect.height() - LEGEND / 2) / rows, 34.0), 1.0)
    cell = float(int(cell)) if cell >= 6 else cell
    return tuple(
        GridGeometry(
            rows,
            columns,
            cell,
            round(rect.x() + n * (cell * columns + 12)),
            round(rect.y()),
            QRectF(
                round(rect.x() + n * (cell * columns + 12)),
                round(rect.y()),
                cell * columns,
                cell * rows,
            ).toRect(),
        )
        for n in range(len(scene.kernels))
    )

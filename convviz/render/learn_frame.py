"""The panes of the workspace "learn" as parts of a frame."""

from collections.abc import Callable
from functools import lru_cache

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter, QRegion

from convviz.model.learn_scene import LearnScene, RunScene
from convviz.model.scene import Cells, GridScene, Scene
from convviz.render.learn_layout import LearnLayout
from convviz.render.learn_painter import (
    paint_film,
    paint_insight,
    paint_loss,
    paint_problem,
    paint_update,
)
from convviz.render.pane_painter import grid_geometry, paint_card, paint_grid_pane
from convviz.render.pictures import Pictures
from convviz.render.theme import Theme, with_decimals

MAPS = ("target", "prediction", "error")
DECIMALS_FROM = 30  # pixels of a cell
LEARN_PANES = ("image", "target", "prediction", "error", "update", "insight", "loss", "film")
PaintPane = Callable[[QPainter, QRect, RunScene, Theme, Pictures], None]


PAINTERS: dict[str, PaintPane] = {
    "update": lambda p, rect, run, theme, _: paint_update(
        p, rect, run.update, with_decimals(theme)
    ),
    "insight": lambda p, rect, run, theme, _: paint_insight(p, rect, run.insight, theme),
    "loss": lambda p, rect, run, theme, kept: paint_loss(p, rect, run.loss, theme, kept),
    "film": lambda p, rect, run, theme, kept: paint_film(p, rect, run.film, theme, kept),
}


def paint_learn_pane(
    painter: QPainter, rect: QRect, name: str, scene: LearnScene, theme: Theme, kept: Pictures
) -> None:
    """Paint one of LEARN_PANES; where nothing can be learnt, all but the image are empty."""
    if name == "image":
        paint_grid_pane(painter, rect, scene.image, theme, kept)
    elif scene.run is not None and name in MAPS:
        _paint_map(painter, rect, getattr(scene.run, name), theme, kept)
    elif scene.run is not None:
        PAINTERS[name](painter, rect, scene.run, theme, kept)
    elif name == "target":
        paint_problem(painter, rect, "Target", scene.problem, theme)
    else:
        paint_card(painter, rect, theme)


def _paint_map(
    painter: QPainter, rect: QRect, grid: GridScene, theme: Theme, kept: Pictures
) -> None:
    """Paint a map with two decimals, or, in small cells, with numbers only where all are whole."""
    whole = _are_whole(grid.cells)
    large = grid_geometry(rect, grid).cell >= DECIMALS_FROM
    look = theme if whole else with_decimals(theme)
    paint_grid_pane(painter, rect, grid, look, kept, numbers=whole or large)


@lru_cache(maxsize=32)
def _are_whole(cells: Cells) -> bool:
    return bool((cells.values == cells.values.round()).all())


def learn_parts(
    painter: QPainter, scene: Scene, at: LearnLayout, theme: Theme, kept: dict[str, Pictures]
) -> tuple[tuple[QRect, Callable[[QRect], None]], ...]:
    """Return each pane with what paints it."""
    shown = scene.learn
    if shown is None:
        return ()

    def part(name: str) -> Callable[[QRect], None]:
        return lambda rect: paint_learn_pane(painter, rect, name, shown, theme, kept[name])

    return tuple((rect, part(name)) for name, rect in zip(LEARN_PANES, at.rects, strict=True))


def learn_changes(old: Scene, new: Scene, at: LearnLayout) -> QRegion:
    """Return the pixels that differ between two frames: with a step all but image and target."""
    region = QRegion()
    before, after = old.learn, new.learn
    if before is None or after is None or before.run is None or after.run is None:
        return QRegion(QRect(at.image.topLeft(), at.film.bottomRight()))
    for name, rect in zip(LEARN_PANES, at.rects, strict=True):
        if name == "image":
            same = _look(before) == _look(after)
        else:
            same = name == "target" and before.run.target.cells is after.run.target.cells
        if not same:
            region += rect
    return region


def _look(scene: LearnScene) -> tuple[object, ...]:
    return scene.image.cells, scene.image.window, scene.image.lit, scene.image.zoom

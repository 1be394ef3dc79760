"""What the users of convviz have without it: the scene in pyqtgraph, and as matplotlib frames.

Both show less than convviz: no flipped kernel, no curve, no legends, no controls, and with
pyqtgraph no grids of the dot product.
"""

from __future__ import annotations

from itertools import cycle
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from convviz.model.scene import Scene
    from convviz.model.session import Session

Grid = NDArray[np.float64]


class Moment(NamedTuple):
    """The window's row, column, height and width; the output cell; the dot product."""

    window: tuple[int, int, int, int]
    cell: tuple[int, int]
    value: float
    factors: tuple[Grid, Grid, Grid]
    sentence: str


def moments(session: Session, steps: Sequence[int]) -> list[Moment]:
    from convviz.model.derive import derive_scene
    from convviz.model.transitions import seek

    return [_moment(derive_scene(seek(session, step))) for step in steps]


def _moment(scene: Scene) -> Moment:
    lit, cell = scene.input.window, scene.output.current
    assert lit is not None
    assert cell is not None
    place = lit.rows[0], lit.columns[0], len(lit.rows), len(lit.columns)
    dot, value = scene.dot, float(scene.output.cells.values[cell])
    assert dot.weight is not None
    assert dot.products is not None
    window, weight, products = (g.cells.values for g in (dot.window, dot.weight, dot.products))
    return Moment(place, cell, value, (window, weight, products), scene.sentence)


def grids(session: Session) -> list[Grid]:
    from convviz.model.derive import derive_scene

    scene = derive_scene(session)
    return [grid.cells.values for grid in (scene.input, scene.kernel.grid, scene.output)]


class PyqtgraphScene:
    """Three images with a TextItem per number, the window's outline, the equation in a label."""

    def __init__(self, session: Session, steps: list[Moment], size: tuple[int, int]) -> None:
        import pyqtgraph as pg
        from PySide6.QtWidgets import QGraphicsRectItem, QLabel, QVBoxLayout, QWidget  # noqa: TID251

        self.steps = steps
        arrays = grids(session)
        self._map = arrays[2] * 0.0
        self._widget, self._label = QWidget(), QLabel()
        view = pg.GraphicsLayoutWidget()
        column = QVBoxLayout(self._widget)
        column.addWidget(view, 1)
        column.addWidget(self._label)
        items = [self._pane(view, number, array) for number, array in enumerate(arrays)]
        self._image, self._texts = items[2]
        self._window = QGraphicsRectItem(0, 0, 1, 1)
        self._window.setPen(pg.mkPen("orange", width=2))
        view.getItem(0, 0).addItem(self._window)
        self.clear()
        self._widget.resize(*size)
        self._widget.show()

    def _pane(self, view: Any, number: int, array: Grid) -> Any:  # noqa: ANN401
        import pyqtgraph as pg

        plot = view.addPlot(row=0, col=number)
        plot.setAspectLocked()
        plot.invertY()
        plot.hideAxis("left")
        plot.hideAxis("bottom")
        image = pg.ImageItem(array, axisOrder="row-major")
        plot.addItem(image)
        texts = {}
        for (row, column), value in np.ndenumerate(array):
            text = texts[row, column] = pg.TextItem(f"{value:g}", "gray", anchor=(0.5, 0.5))
            text.setPos(column + 0.5, row + 0.5)
            plot.addItem(text)
        return image, texts

    def clear(self) -> None:
        self._map[...] = 0
        for text in self._texts.values():
            text.setText("")
        self._image.setImage(self._map, autoLevels=False, levels=(-4, 4))

    def show(self, moment: Moment) -> None:
        self._map[moment.cell] = moment.value
        self._image.setImage(self._map, autoLevels=False)
        self._texts[moment.cell].setText(f"{moment.value:g}")
        row, column, height, width = moment.window
        self._window.setRect(column, row, width, height)
        self._label.setText(moment.sentence)

    def close(self) -> None:
        self._widget.close()
        self._widget.deleteLater()


class MatplotlibPane:
    """An image with its numbers, made once."""

    def __init__(self, axes: Axes, array: Grid) -> None:
        self.axes = axes
        self._shown = array.copy()
        self._image = axes.imshow(array)
        axes.set_axis_off()
        self._texts = {
            (row, column): axes.text(column, row, f"{value:g}", ha="center", va="center")
            for (row, column), value in np.ndenumerate(array)
        }

    def show(self, array: Grid) -> None:
        """Change what differs."""
        for cell in map(tuple, np.argwhere(array != self._shown)):
            self._texts[cell].set_text("" if np.isnan(array[cell]) else f"{array[cell]:g}")
        self._shown = array.copy()
        self._image.set_data(array)


class MatplotlibFrames:
    """Input, kernel and feature map, below them the dot product; a step changes what differs.

    Frames from all over the film are written, since one takes longer the more numbers it has.
    """

    def __init__(self, session: Session, folder: Path, count: int, size: tuple[int, int]) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
        from matplotlib.patches import Rectangle

        self._folder, self._count = folder, count
        self._steps = moments(session, range(session.step_count))
        self._written = cycle(range(0, session.step_count, 37))
        self._figure = Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100)
        FigureCanvasAgg(self._figure)
        places = self._figure.subplots(2, 3, height_ratios=(2, 1)).ravel()
        arrays = (*grids(session), *self._steps[0].factors)
        panes = [MatplotlibPane(*pair) for pair in zip(places, arrays, strict=True)]
        self._output, self._factors = panes[2], panes[3:]
        self._window = Rectangle((0, 0), 3, 3, fill=False, ec="orange", lw=2)
        panes[0].axes.add_patch(self._window)
        self._equation = self._figure.text(0.5, 0.05, "", ha="center")

    def write(self) -> list[float]:
        return [self._write(next(self._written)) for _ in range(self._count)]

    def _write(self, step: int) -> float:
        moment, begin = self._steps[step], perf_counter()
        self._output.show(self._known(step))
        for pane, array in zip(self._factors, moment.factors, strict=True):
            pane.show(array)
        self._window.set_xy((moment.window[1] - 0.5, moment.window[0] - 0.5))
        self._equation.set_text(moment.sentence)
        self._figure.savefig(self._folder / f"matplotlib-{step}.png")
        return perf_counter() - begin

    def _known(self, step: int) -> Grid:
        rows, columns = self._steps[-1].cell
        known = np.full((rows + 1, columns + 1), np.nan)
        for _, cell, value, *_ in self._steps[: step + 1]:
            known[cell] = value
        return known

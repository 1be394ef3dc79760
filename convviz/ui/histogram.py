"""Histogram: how often each value occurs in a pane, above its colour bar."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QLinearGradient
from PySide6.QtWidgets import QWidget

from convviz.model.scene import Cells
from convviz.render.theme import Theme, qcolor, ramp

BINS = 41
MOST_SAMPLES = 500_000


class Histogram(pg.PlotWidget):  # type: ignore[misc]
    """Bars over the values of a grid, on the scale of its colours."""

    def __init__(self, name: str, parent: QWidget) -> None:
        super().__init__(parent=parent, background=None, enableMenu=False)
        menu = self.plotItem.ctrlMenu  # which pyqtgraph leaves behind when the window is gone
        menu.setParent(self, menu.windowFlags())
        self.setStyleSheet("background: transparent")
        self._shown: tuple[Cells, Theme] | None = None
        self.setAccessibleName(f"Histogram of the {name} values")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFrameShape(pg.PlotWidget.Shape.NoFrame)
        self.plotItem.hideButtons()
        self.plotItem.setContentsMargins(0, 0, 0, 0)
        for side in ("left", "bottom"):
            self.plotItem.hideAxis(side)
        self.plotItem.setMouseEnabled(False, False)
        self._curve = self.plotItem.plot(stepMode="center", x=[0, 1], y=[0], fillLevel=0)

    def show_cells(self, cells: Cells, theme: Theme, place: QRect) -> None:
        """Show the values of `cells`; nothing happens when they are those shown already."""
        self.setGeometry(place)
        if self._shown == (cells, theme):
            return
        self._shown = cells, theme
        scale = cells.scale
        values = cells.values.ravel()
        values = values[:: max(len(values) // MOST_SAMPLES, 1)]
        counts, edges = np.histogram(scale.shares(values), BINS, (0, 1))
        height = np.sqrt(counts)  # so that rare values show beside a flat background
        self._curve.setData(x=edges, y=height)
        self._curve.setPen(pg.mkPen(qcolor(theme.dim, 0.6), width=1))
        self._curve.setBrush(_gradient(cells, theme))
        self.plotItem.setXRange(0, 1, padding=0)
        self.plotItem.setYRange(0, max(float(height.max()), 1.0), padding=0)
        share = (int(counts.argmax()) + 0.5) / BINS
        common = scale.low * (1 - share) + scale.high * share
        self.setAccessibleDescription(f"{values.size} values, most of them near {common:.3g}")


def _gradient(cells: Cells, theme: Theme) -> QBrush:
    """Return the colour bar's colours, from left to right."""
    gradient = QLinearGradient(0, 0, 1, 0)
    for place, colour in ramp(cells.scale, theme):
        gradient.setColorAt(place, qcolor(colour, 0.85))
    return QBrush(gradient)

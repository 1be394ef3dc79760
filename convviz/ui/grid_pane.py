"""The panes with grids: input, kernel, feature map; input and kernel can be typed into."""

import numpy as np
from PySide6.QtCore import QPointF, QRect
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from convviz.model import transitions
from convviz.model.scene import Cells, GridScene, Scene, Thumbnail
from convviz.model.session import Cell, PaneName, Target
from convviz.render.geometry import GridGeometry
from convviz.render.grid_painter import moved
from convviz.render.kernel_painter import kernel_geometry, paint_kernel_pane
from convviz.render.pane_painter import grid_geometry, paint_grid_pane, thumbnail_area
from convviz.render.theme import Theme
from convviz.render.thumbnails import thumbnail_at
from convviz.ui.editable_pane import EditablePane
from convviz.ui.pane import Pane, Pick
from convviz.ui.store import Store


class OutputPane(Pane):
    """The feature map."""

    name: PaneName = "output"
    title = "Feature map"

    def changes(self, old: Scene, new: Scene) -> list[QRect]:
        return _changes(self, old.output, new.output, grid_geometry(self.painted, new.output))

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        paint_grid_pane(painter, rect, scene.output, theme, self._pictures)

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        return [("output", grid_geometry(self.painted, scene.output))]

    def pick_at(self, point: QPointF) -> Pick | None:
        """Return the feature map whose small picture lies under a point."""
        item = _thumbnail_at(self, self._scene.output if self._scene else None, point)
        if item is None:
            return None
        return Pick(f"Feature map {item.label}", transitions.choose_channel, (item.channel,))


def _thumbnail_at(pane: Pane, grid: GridScene | None, point: QPointF) -> Thumbnail | None:
    if grid is None:
        return None
    number = thumbnail_at(thumbnail_area(pane.painted), grid.thumbnails, point)
    return None if number is None else grid.thumbnails.items[number]


def _changes(pane: QWidget, old: GridScene, new: GridScene, geometry: GridGeometry) -> list[QRect]:
    found = moved(old, new, geometry)
    return [pane.rect()] if found is None else found


class InputPane(EditablePane):
    """The input with its padding; dragging the window scrubs."""

    name: PaneName = "input"
    title = "Input"

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(store, parent)
        self._grip: Cell | None = None

    @property
    def grid(self) -> GridScene | None:
        return self._scene.input if self._scene else None

    @property
    def _cells(self) -> Cells | None:
        return self._scene.input.cells if self._scene else None

    @property
    def shape(self) -> Cell:
        return self._cells.image_shape if self._cells else (1, 1)

    def value_at(self, cell: Cell) -> float:
        place = self._cells.place(cell) if self._cells else None
        return float(self._cells.values[place]) if self._cells and place else 0.0

    def place_of(self, cell: Cell) -> QRect:
        place = self._cells.place(cell) if self._cells else None
        return super().place_of(place) if place else QRect()

    def target(self, name: PaneName, cell: Cell) -> Target | None:
        """Padding is no cell of the input, nor are zeros between its cells."""
        own = self._cells.image_cell(cell) if self._cells else None
        return Target(name, own) if own else None

    def pick_at(self, point: QPointF) -> Pick | None:
        """Return the input channel whose small picture lies under a point.

        One that the present feature map does not see comes with the nearest map that does.
        """
        item = _thumbnail_at(self, self._scene.input if self._scene else None, point)
        if item is None:
            return None
        tip, number = f"Input channel {item.label}", item.source
        session = self._store.session
        if number in session.sources:
            return Pick(tip, transitions.choose_source, (number,))
        seeing = [c for c in range(session.output_count) if number in session.sources_of(c)]
        if not seeing:
            return None
        channel = min(seeing, key=lambda c: abs(c - session.channel))
        tip += f", seen by feature map {channel + 1}"
        return Pick(tip, transitions.choose_kernel, (channel, number))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        self._grip = self._held(event.position())

    def _held(self, point: QPointF) -> Cell | None:
        """Return which cell of the window the mouse has, None beside the window."""
        geometry, window = self.geometry_of("input"), self._scene and self._scene.input.window
        if geometry is None or not window:
            return None
        cell = geometry.cell_at(point)
        if cell is None or not geometry.bounds(window).contains(point):
            return None
        return cell[0] - window.rows[0], cell[1] - window.columns[0]

    def cell_near(self, point: QPointF) -> Cell:
        row, column = super().cell_near(point)
        return _nearest_cell(self._cells, row, column) if self._cells else (row, column)

    def cell_under(self, point: QPointF) -> Cell:
        row, column = super().cell_near(point)
        cells = self._cells
        if cells is None or cells.own is None:
            return row, column
        if cells.spread:
            return _nearest_cell(cells, row, column)
        first = tuple(int(np.argmax(own >= 0)) for own in cells.own)
        return (
            row - first[0] + int(cells.own[0][first[0]]),
            column - first[1] + int(cells.own[1][first[1]]),
        )

    def selects_from(self, point: QPointF) -> bool:
        beside = self._held(point) is None and not self._store.session.stamping
        return beside and super().selects_from(point)

    def drag(self, start: QPointF, point: QPointF) -> None:
        """Move the window, or go from stamp to stamp; beside them, select, or move what is zoomed.

        With Shift, select wherever it begins.
        """
        geometry, session = self.geometry_of("input"), self._store.session
        if geometry is None:
            return
        row, column = super().cell_near(point)
        if self._hand is not None:
            super().drag(start, point)
        elif self._grip is not None:
            layer = session.conv or session.focus
            strides = (1, *getattr(layer, "stride", (1, 1)))[-2:]
            place = (
                round((row - self._grip[0]) / strides[0]),
                round((column - self._grip[1]) / strides[1]),
            )
            self._store.apply(transitions.seek_cell, *place)
        elif session.stamping and self._cells and geometry.frame.contains(start):
            self._store.apply(transitions.seek_cell, *self.cell_near(point))
        else:
            super().drag(start, point)

    def changes(self, old: Scene, new: Scene) -> list[QRect]:
        return _changes(self, old.input, new.input, grid_geometry(self.painted, new.input))

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        paint_grid_pane(painter, rect, scene.input, theme, self._pictures)
        self.paint_hand(painter, theme)

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        return [("input", grid_geometry(self.painted, scene.input))]


def _nearest_cell(cells: Cells, row: float, column: float) -> Cell:
    """Return the cell of the image that lies nearest to a place."""
    if cells.own is None:
        return int(row), int(column)
    rows, columns = (np.flatnonzero(own >= 0) for own in cells.own)
    nearest = (
        int(own[there[np.abs(there - at).argmin()]])
        for own, there, at in zip(cells.own, (rows, columns), (row, column), strict=True)
    )
    return next(nearest), next(nearest)


def _still(scene: Scene) -> tuple[object, ...]:
    """Return what of the kernel's pane stays while the playhead moves."""
    kernel = scene.kernel
    flipped = kernel.flipped and (kernel.flipped.cells, kernel.flipped.title)
    return kernel.thumbnails, kernel.turn, kernel.word, kernel.facts, flipped


class KernelPane(EditablePane):
    """The kernel as set and as it slides."""

    name: PaneName = "kernel"
    title = "Kernel"

    @property
    def shape(self) -> Cell:
        return self._scene.kernel.grid.cells.shape if self._scene else (1, 1)

    @property
    def grid(self) -> GridScene | None:
        return self._scene.kernel.grid if self._scene else None

    def value_at(self, cell: Cell) -> float:
        return float(self._scene.kernel.grid.cells.values[cell]) if self._scene else 0.0

    def target(self, name: PaneName, cell: Cell) -> Target | None:
        """A weight of the flipped kernel is the same weight as set."""
        if name == "weight":
            rows, columns = self.shape
            cell = rows - 1 - cell[0], columns - 1 - cell[1]
        return Target("kernel", cell)

    def changes(self, old: Scene, new: Scene) -> list[QRect]:
        if _still(old) != _still(new) or new.kernel.curve:
            return [self.rect()]
        places = kernel_geometry(self.painted, new.kernel)
        changed = _changes(self, old.kernel.grid, new.kernel.grid, places.kernel)
        if old.kernel.flipped and new.kernel.flipped and places.flipped:
            changed += _changes(self, old.kernel.flipped, new.kernel.flipped, places.flipped)
        return changed

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        paint_kernel_pane(painter, rect, scene.kernel, theme, self._pictures)
        self.paint_hand(painter, theme)

    def pick_at(self, point: QPointF) -> Pick | None:
        """Return the kernel whose small picture lies under a point."""
        if self._scene is None:
            return None
        kernels = self._scene.kernel.thumbnails
        strip = kernel_geometry(self.painted, self._scene.kernel).thumbnails
        number = thumbnail_at(strip, kernels, point)
        if number is None:
            return None
        item = kernels.items[number]
        tip = f"Kernel {item.label}"
        return Pick(tip, transitions.choose_kernel, (item.channel, item.source))

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        if scene.kernel.curve:
            return []
        places = kernel_geometry(self.painted, scene.kernel)
        found: list[tuple[PaneName, GridGeometry]] = [("kernel", places.kernel)]
        if places.flipped:
            found.append(("weight", places.flipped))
        return found

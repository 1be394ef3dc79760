"""The panes of the workspace of signals: stems, the sum, and the same sum as a table."""

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from convviz.model import changes, transitions
from convviz.model.scene import Cells, GridScene, Scene
from convviz.model.session import WAYS, Cell, PaneName, Target
from convviz.model.signals import SignalScene
from convviz.render.geometry import GridGeometry
from convviz.render.signal_layout import (
    LanePlace,
    StemsPlaces,
    stems_places,
    ways_places,
    zoomed_axis,
)
from convviz.render.signal_painter import paint_stems, paint_sum
from convviz.render.theme import Theme
from convviz.render.ways_painter import WAY_TITLES, paint_ways
from convviz.ui.editable_pane import EditablePane
from convviz.ui.pane import Pane, Pick
from convviz.ui.store import Store

STEPS = 50  # values that a stem can be dragged to over its height
TYPED = ("input", "kernel")  # lanes whose numbers can be changed


class StemsPane(EditablePane):
    """Both signals, their products and the output; stems can be dragged, cells typed into."""

    name: PaneName = "input"
    title = "Signals"

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__(store, parent)
        self._stem: tuple[LanePlace, Target] | None = None
        self._scrubs = False

    @property
    def _signals(self) -> SignalScene | None:
        return self._scene.signals if self._scene else None

    @property
    def _places(self) -> StemsPlaces | None:
        return stems_places(self.painted, self._signals) if self._signals else None

    @property
    def grid(self) -> GridScene | None:
        lanes = self._signals.lanes if self._signals else ()
        return next((lane.grid for lane in lanes if lane.grid.pane == self.name), None)

    @property
    def _cells(self) -> Cells | None:
        return self.grid.cells if self.grid else None

    @property
    def shape(self) -> Cell:
        if self._cells is None or self._cells.own is None:
            return (1, 1)
        return 1, int(self._cells.own[1].max()) + 1

    def value_at(self, cell: Cell) -> float:
        place = self._cells.place(cell) if self._cells else None
        return float(self._cells.values[place]) if self._cells and place else 0.0

    def place_of(self, cell: Cell) -> QRect:
        place = self._cells.place(cell) if self._cells else None
        return super().place_of(place) if place else QRect()

    def cell_near(self, point: QPointF) -> Cell:
        _, column = super().cell_near(point)
        cells = self._cells
        if cells is None or cells.own is None:
            return 0, column
        own = cells.own[1]
        there = [n for n in range(len(own)) if own[n] >= 0]
        return 0, int(own[min(there, key=lambda n: abs(n - column))])

    def render_scene(self, scene: Scene, theme: Theme) -> None:
        selection = self._store.session.selection
        if selection and selection.pane in TYPED:
            self.name = selection.pane
        super().render_scene(scene, theme)
        if not self._store.session.playback.playing:
            self.setAccessibleDescription(scene.sentence)

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        if scene.signals:
            paint_stems(painter, rect, scene.signals, theme, self._pictures)

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        if scene.signals is None:
            return []
        places = stems_places(self.painted, scene.signals)
        return [
            (lane.grid.pane, place.cells)
            for lane, place in zip(scene.signals.lanes, places.lanes, strict=True)
        ]

    def target_at(self, point: QPointF) -> Target | None:
        """Return the sample at a point: its cell, or its stem above that."""
        found = self._sample_at(point)
        return found[1] if found else None

    def _sample_at(self, point: QPointF) -> tuple[LanePlace, Target] | None:
        places, signals = self._places, self._signals
        if places is None or signals is None:
            return None
        for lane, place in zip(signals.lanes, places.lanes, strict=True):
            if not place.area.contains(point):
                continue
            cells = lane.grid.cells
            number = int((point.x() - place.cells.left) // place.cells.cell)
            if not 0 <= number < cells.shape[1]:
                return None
            own = cells.image_cell((0, number))
            return (place, Target(lane.grid.pane, own)) if own else None
        return None

    def zoom_by(self, times: float, point: QPointF | None = None) -> None:
        """Show less of the axis, or more, around `point`, or around its middle."""
        places, signals = self._places, self._signals
        if places is None or signals is None:
            return
        x = point.x() if point else places.lanes[0].plot.center().x()
        zoom = zoomed_axis(places, signals, signals.zoom, x, times)
        self._store.apply(transitions.zoom, "input", zoom)

    def click(self, target: Target | None) -> None:
        if target and target.pane in TYPED:
            self.name = target.pane
        super().click(target)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        found = self._sample_at(event.position())
        if found and found[1].pane in TYPED:
            self.name = found[1].pane
        super().mousePressEvent(event)
        self._stem, self._scrubs = None, False
        if event.button() != Qt.MouseButton.LeftButton or self._hand is not None:
            return
        if found and found[1].pane in TYPED and found[0].plot.contains(event.position()):
            self._stem = found
        else:
            self._scrubs = self._is_on_axis(event.position())

    def _is_on_axis(self, point: QPointF) -> bool:
        places = self._places
        return places is not None and any(place.area.contains(point) for place in places.lanes)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        found = self._sample_at(event.position())
        if found and found[1].pane in TYPED:
            self.name = found[1].pane
        super().mouseDoubleClickEvent(event)

    def drag(self, start: QPointF, point: QPointF) -> None:
        """Move a stem's end, or the window along the axis; from a cell, select."""
        if self._stem is not None:
            self._pull(point)
        elif self._scrubs and self._hand is None:
            self._scrub(point)
        else:
            super().drag(start, point)

    def _pull(self, point: QPointF) -> None:
        assert self._stem is not None
        place, target = self._stem
        if self.grid and self.grid.read_only:
            self._explain()
            return
        step = changes.even_step((place.high - place.low) / STEPS)
        if QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier:
            step = max(round(step), 1)
        self._store.apply(changes.pull_cell, target.pane, target.cell, place.value(point.y()), step)

    def _scrub(self, point: QPointF) -> None:
        places, signals = self._places, self._signals
        if places is None or signals is None:
            return
        place = places.lanes[-1].cells
        pitch = self._store.session.conv.stride[-1] if self._store.session.conv else 1
        number = round(((point.x() - place.left) / place.cell - 0.5) / pitch)
        self._store.apply(transitions.seek, number)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pulled = self._stem is not None and self._dragging
        super().mouseReleaseEvent(event)
        self._stem, self._scrubs = None, False
        if pulled:
            self._store.apply(changes.close_change)

    def tip_at(self, point: QPointF) -> str:
        found = self._sample_at(point)
        if found and found[1].pane in TYPED and found[0].plot.contains(point):
            return "Drag up or down to change this value; with Ctrl to whole numbers"
        return super().tip_at(point)


class SumPane(Pane):
    """The present output value by symbols, names and numbers."""

    name: PaneName = "products"
    title = "Sum"

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        if scene.signals:
            paint_sum(painter, rect, scene.signals, theme)

    def render_scene(self, scene: Scene, theme: Theme) -> None:
        super().render_scene(scene, theme)
        if scene.signals and not self._store.session.playback.playing:
            self.setAccessibleDescription(scene.signals.sum.text)

    def pick_at(self, point: QPointF) -> Pick | None:
        """Return the way of numbering, below the title."""
        if point.y() > 34 or self._signals is None:
            return None
        other = 1 - self._signals.first
        return Pick(f"Number samples from {other}", transitions.set_numbering, (other,))

    @property
    def _signals(self) -> SignalScene | None:
        return self._scene.signals if self._scene else None


class WaysPane(Pane):
    """The same sum as a table, with buttons for the ways and for the modes of NumPy."""

    name: PaneName = "weight"
    title = "The same sum, three ways"

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        if scene.signals:
            paint_ways(painter, rect, scene.signals, theme)

    def render_scene(self, scene: Scene, theme: Theme) -> None:
        super().render_scene(scene, theme)
        shown = scene.signals
        if shown and not self._store.session.playback.playing:
            self.setAccessibleDescription(f"{WAY_TITLES[shown.way]}. {shown.caption}")

    def pick_at(self, point: QPointF) -> Pick | None:
        """Return the way or the mode whose button lies under a point."""
        shown = self._scene.signals if self._scene else None
        if shown is None:
            return None
        places = ways_places(self.painted, shown.ways, (len(WAYS), len(shown.modes)))
        for way, place in zip(WAYS, places.chips, strict=True):
            if place.contains(point):
                return Pick(WAY_TITLES[way], transitions.set_way, (way,))
        for mode, place in zip(shown.modes, places.modes, strict=True):
            if place.contains(point):
                layer = self._store.session.conv
                call = "convolve" if layer and layer.flip else "correlate"
                does = f'numpy.{call}(a, b, "{mode.name}")'
                tip = f"{does}: {mode.count} values. {mode.note}".strip()
                return Pick(tip, changes.set_padding, (mode.padding,))
        return None

"""The panes in which a kernel is learnt: maps, one update, why, loss, and the kernel over time."""

from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from convviz.model import transitions
from convviz.model.learn_scene import PHASE_TIPS, PHASES, LearnScene, RunScene
from convviz.model.scene import GridScene, Scene
from convviz.model.session import Cell, PaneName, Target
from convviz.render.geometry import GridGeometry
from convviz.render.grid_painter import moved
from convviz.render.learn_frame import paint_learn_pane
from convviz.render.learn_layout import film_places, loss_places, update_places
from convviz.render.learn_painter import LOSS_CHIPS
from convviz.render.pane_painter import grid_geometry
from convviz.render.theme import Theme
from convviz.ui.editable_pane import EditablePane
from convviz.ui.pane import Pane, Pick
from convviz.ui.store import Store

GRADIENT_TIP = "Click to see where the gradient of this weight comes from"


class LearnPane(Pane):
    """A pane that shows one of LEARN_PANES; a click holds nothing."""

    part = ""

    @property
    def shown(self) -> LearnScene | None:
        """What the workspace shows."""
        return self._scene.learn if self._scene else None

    @property
    def run(self) -> RunScene | None:
        """What becomes of the kernel; None where it cannot be learnt."""
        return self.shown.run if self.shown else None

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        if scene.learn:
            paint_learn_pane(painter, rect, self.part, scene.learn, theme, self._pictures)

    def click(self, target: Target | None) -> None:
        """Let what is pinned elsewhere be."""


class MapPane(LearnPane):
    """The image, or a map: the prediction, or what it lacks to the target."""

    def grid_in(self, scene: LearnScene) -> GridScene | None:
        """Return the grid that is shown."""
        if self.part == "image":
            return scene.image
        return getattr(scene.run, self.part) if scene.run else None

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        grid = self.grid_in(scene.learn) if scene.learn else None
        return [(grid.pane, grid_geometry(self.painted, grid))] if grid else []

    def changes(self, old: Scene, new: Scene) -> list[QRect]:
        before, after = (self.grid_in(s.learn) if s.learn else None for s in (old, new))
        if before is None or after is None:
            return [self.rect()]
        found = moved(before, after, grid_geometry(self.painted, after))
        return [self.rect()] if found is None else found


class ImagePane(MapPane):
    """The image from which the kernel is learnt."""

    name: PaneName = "input"
    title, part = "Image", "image"


class PredictionPane(MapPane):
    """What the kernel makes of the image."""

    name: PaneName = "prediction"
    title, part = "Prediction", "prediction"


class ErrorPane(MapPane):
    """What the prediction lacks to the target."""

    name: PaneName = "error"
    title, part = "Error", "error"


class TypedPane(LearnPane, EditablePane):
    """A pane with a grid whose cells can be typed, pasted and painted."""

    @property
    def shape(self) -> Cell:
        return self.grid.cells.shape if self.grid else (1, 1)

    def value_at(self, cell: Cell) -> float:
        return float(self.grid.cells.values[cell]) if self.grid else 0.0

    def paint(self, painter: QPainter, rect: QRect, scene: Scene, theme: Theme) -> None:
        super().paint(painter, rect, scene, theme)
        self.paint_hand(painter, theme)


class TargetPane(TypedPane):
    """What the kernel should make."""

    name: PaneName = "target"
    title, part = "Target", "target"

    @property
    def grid(self) -> GridScene | None:
        return self.run.target if self.run else None

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        grid = scene.learn.run.target if scene.learn and scene.learn.run else None
        return [("target", grid_geometry(self.painted, grid))] if grid else []

    def click(self, target: Target | None) -> None:
        """Put the cell cursor there."""
        self._store.apply(transitions.select, target)


class UpdatePane(TypedPane):
    """One update as arithmetic; the first kernel can be typed, a gradient asked for its why."""

    name: PaneName = "first"
    title, part = "Update", "update"

    @property
    def grid(self) -> GridScene | None:
        return self.run.kernel if self.run else None

    def geometries(self, scene: Scene) -> list[tuple[PaneName, GridGeometry]]:
        update = scene.learn.run.update if scene.learn and scene.learn.run else None
        if update is None:
            return []
        places = update_places(self.painted, update).grids
        return [(grid.pane, place) for grid, place in zip(update.grids, places, strict=True)]

    def click(self, target: Target | None) -> None:
        """Explain the gradient there, or put the cell cursor on the weight."""
        if target and target.pane == "gradient":
            self._store.apply(transitions.explain_weight, target.cell)
        elif target and target.pane == self.name:
            self._store.apply(transitions.select, target)

    def pick_at(self, point: QPointF) -> Pick | None:
        """Return the phase whose button lies under a point."""
        if self.run is None:
            return None
        for number, place in enumerate(update_places(self.painted, self.run.update).chips):
            if place.contains(point):
                return Pick(PHASE_TIPS[PHASES[number]], transitions.show_phase, (number,))
        return None

    def tip_at(self, point: QPointF) -> str:
        target = self.target_at(point)
        if target and target.pane == "gradient":
            return GRADIENT_TIP
        return super().tip_at(point)


class InsightPane(LearnPane):
    """Why a gradient is what it is, or what the image can teach."""

    name: PaneName = "gradient"
    title, part = "Why", "insight"

    def render_scene(self, scene: Scene, theme: Theme) -> None:
        super().render_scene(scene, theme)
        if self.run and not self._store.session.playback.playing:
            self.setAccessibleDescription(self.run.insight.text)


class ScrubbedPane(LearnPane):
    """A pane along which the updates lie: a press goes there, a drag goes on."""

    name: PaneName = "gradient"

    def step_at(self, run: RunScene, point: QPointF) -> int:
        """Return the update at a point."""
        raise NotImplementedError

    def _scrub(self, point: QPointF) -> None:
        if self.run is not None:
            self._store.apply(transitions.seek, self.step_at(self.run, point))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        left = event.button() == Qt.MouseButton.LeftButton
        if left and self.pick_at(event.position()) is None:
            self._scrub(event.position())

    def drag(self, start: QPointF, point: QPointF) -> None:
        if self.pick_at(start) is None:
            self._scrub(point)


class LossPane(ScrubbedPane):
    """The loss after every update."""

    title, part = "Loss", "loss"

    def render_scene(self, scene: Scene, theme: Theme) -> None:
        super().render_scene(scene, theme)
        if self.run and not self._store.session.playback.playing:
            self.setAccessibleDescription(f"Loss {self.run.loss.detail}, {self.run.counter}")

    def step_at(self, run: RunScene, point: QPointF) -> int:
        return loss_places(self.painted, run.loss).step_at(point.x())

    def pick_at(self, point: QPointF) -> Pick | None:
        """Return the scale whose button lies under a point."""
        if self.run is None:
            return None
        for number, place in enumerate(loss_places(self.painted, self.run.loss).chips):
            if place.contains(point):
                tip = f"Draw the loss on a {('logarithmic', 'linear')[number]} axis"
                log = LOSS_CHIPS[number] == LOSS_CHIPS[0]
                return Pick(tip, transitions.set_log_loss, (log,))
        return None


class FilmPane(ScrubbedPane):
    """The kernel after some numbers of updates."""

    title, part = "The kernel over time", "film"

    def render_scene(self, scene: Scene, theme: Theme) -> None:
        super().render_scene(scene, theme)
        if self.run and not self._store.session.playback.playing:
            self.setAccessibleDescription(self.run.film.detail)

    def pick_at(self, point: QPointF) -> Pick | None:
        """Return the hidden kernel at a point, to be shown or hidden."""
        film = self.run.film if self.run else None
        hidden = film_places(self.painted, film).hidden if film else None
        if film is None or hidden is None or not hidden.frame.contains(point):
            return None
        tip = "Hide the hidden kernel again" if film.revealed else "Reveal the hidden kernel"
        return Pick(tip, transitions.set_revealed, (not film.revealed,))

    def step_at(self, run: RunScene, point: QPointF) -> int:
        place = film_places(self.painted, run.film).place_at(point.x())
        near = round(place)
        return run.film.step_at(near if abs(place - near) < SNAP else place)


SNAP = 0.3  # of the way between two frames: nearer to one than this is meant to be that


def learn_panes(store: Store, parent: QWidget) -> tuple[Pane, ...]:
    """Return the panes in the order of LEARN_PANES."""
    kinds = (
        *(ImagePane, TargetPane, PredictionPane, ErrorPane),
        *(UpdatePane, InsightPane, LossPane, FilmPane),
    )
    return tuple(kind(store, parent) for kind in kinds)

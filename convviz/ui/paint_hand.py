"""PaintHand: what mouse and keys do on a grid while a tool is chosen."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QKeyEvent, QMouseEvent

from convviz.model import painting
from convviz.model.session import Session
from convviz.render.theme import Theme
from convviz.ui.store import Store
from convviz.ui.style import icon

if TYPE_CHECKING:
    from convviz.ui.editable_pane import EditablePane

PRESSING = {Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter}
# Tools with a picture as cursor, and the pixel of it that points
TIPS = {"fill": (20, 19), "pick": (4, 19)}


class PaintHand:
    """Turns presses and drags on a grid into strokes; it rests while the arrow is chosen."""

    def __init__(self, pane: "EditablePane", store: Store) -> None:
        self._pane, self._store = pane, store
        self._held = False
        self._shown: tuple[str, bool, str] | None = None

    @property
    def _session(self) -> Session:
        return self._store.session

    def press(self, event: QMouseEvent) -> bool:
        """Begin to paint, or take the cell's number; return whether the tool had the press."""
        point = event.position()
        if not self._session.paints or self._pane.pick_at(point):
            return False
        geometry = self._pane.geometry_of(self._pane.name)
        if geometry is None or not geometry.area.contains(point.toPoint()):
            return True
        name, cell = self._pane.name, self._pane.cell_under(point)
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        if event.button() == Qt.MouseButton.RightButton or alt:
            self._store.apply(painting.pick, name, cell)
        elif event.button() == Qt.MouseButton.LeftButton:
            self._held = True
            self._store.apply(painting.begin, name, cell)
        return True

    def move(self, event: QMouseEvent) -> bool:
        """Paint on to a point; return whether the tool is down.

        The button may have come up where the pane did not see it: in another workspace.
        """
        if self._held and not event.buttons() & Qt.MouseButton.LeftButton:
            self._held = False
            self._store.apply(painting.finish)
        if self._held:
            self._store.apply(painting.move, self._pane.cell_under(event.position()))
        return self._held

    def release(self, event: QMouseEvent) -> bool:
        """Lift the tool; return whether it was down."""
        if not self._held or event.button() != Qt.MouseButton.LeftButton:
            return self._held
        self._held = False
        self._store.apply(painting.finish)
        return True

    def has_changed(self) -> bool:
        """Return whether the mouse has another shape since this was asked last."""
        session = self._session
        shown = session.view.brush.tool, session.paints, self._pane.read_only
        changed, self._shown = shown != self._shown, shown
        return changed

    def cursor(self, theme: Theme) -> QCursor | None:
        """Return the shape of the mouse on the grid; None while the arrow is chosen."""
        if not self._session.paints:
            return None
        if self._pane.read_only:
            return QCursor(Qt.CursorShape.ForbiddenCursor)
        tool = self._session.view.brush.tool
        if tool not in TIPS:
            return QCursor(Qt.CursorShape.CrossCursor)
        return QCursor(icon(f"paint-{tool}", theme.kernel).pixmap(24, 24), *TIPS[tool])

    def uses(self, event: QKeyEvent) -> bool:
        """Return whether a key paints at the cell cursor."""
        return self._session.paints and event.key() in PRESSING and not event.modifiers()

"""The menus of the stack: what can be added, and what can be done with a layer."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from convviz.model import stacking
from convviz.model.session import Session
from convviz.ui.plain_text import set_tip
from convviz.ui.store import Store

if TYPE_CHECKING:
    from convviz.model.transitions import Transition

CARD_ACTIONS: tuple[tuple[str, str, Callable[[Session], Session]], ...] = (
    ("D&uplicate", "Ctrl+D", stacking.duplicate_layer),
    ("Move &earlier", "Alt+Left", stacking.move_earlier),
    ("Move &later", "Alt+Right", stacking.move_later),
    ("&Disable", "Space", stacking.toggle_layer),
    ("&Remove", "Delete", stacking.remove_layer),
)


class AddMenu(QMenu):
    """The kinds of layers; the one that is chosen is added after the layer in focus, or last."""

    def __init__(self, store: Store, title: str, parent: QWidget, *, last: bool = False) -> None:
        super().__init__(title, parent)
        self._store = store
        self._change = stacking.append_layer if last else stacking.add_layer
        self.setAccessibleName(title.replace("&", ""))
        self.setToolTipsVisible(True)
        for kind in stacking.LAYER_KINDS.values():
            action = QAction(kind.title, self)
            set_tip(action, kind.summary)
            action.setData(kind.name)
            self.addAction(action)
        self.triggered.connect(self._add)

    def _add(self, action: QAction) -> None:
        self._store.apply(self._change, action.data())


class CardMenu(QMenu):
    """What can be done with the layer in focus; after the image, a layer can be added."""

    def __init__(self, store: Store, parent: QWidget, *, image: bool) -> None:
        super().__init__(parent)
        self._store = store
        self.setAccessibleName("Layer menu")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.addMenu(AddMenu(store, "&Add after", self))
        if not image:
            self.addSeparator()
            self._add_actions(store.session)
        self.triggered.connect(self._change)

    def _add_actions(self, session: Session) -> None:
        last = len(session.document.layers) - 1
        refused: dict[Transition, bool] = {
            stacking.move_earlier: session.layer == 0,
            stacking.move_later: session.layer == last,
            stacking.remove_layer: last == 0,
        }
        for text, keys, transition in CARD_ACTIONS:
            enables = text == "&Disable" and session.layer in session.document.disabled
            action = QAction(f"{'&Enable' if enables else text}\t{keys}", self)
            action.setData(transition)
            action.setEnabled(not refused.get(transition, False))
            self.addAction(action)

    def _change(self, action: QAction) -> None:
        """Run an action of this menu; those of the menu inside it come here too."""
        if action in self.actions() and callable(action.data()):
            self._store.apply(action.data())

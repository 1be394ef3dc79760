"""From which images a kernel is learnt: which is shown, one more, one less."""

from collections.abc import Iterable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from convviz.model import learn_changes
from convviz.model.session import Session
from convviz.ui.fields import choice, offer, show_choice
from convviz.ui.plain_text import set_tip
from convviz.ui.store import Store

SHOWN_TIP = "Which image is shown, with its maps; all of them are learnt from"
ADD_TIP = "Learn from one more image: what one cannot tell of the kernel, another may"
DROP_TIP = "Learn without the added image that is shown"
OWN_MAP_TIP = "A map of your own belongs to one image: let a hidden kernel make the target first"


class LearnImages(QWidget):
    """A row: the image that is shown, and buttons to add one and to take one out."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._count = 0
        self.setAccessibleName("Images to learn from")
        self.shown = choice([])
        self.shown.setAccessibleName("Shown image")
        set_tip(self.shown, SHOWN_TIP)
        self.add = QPushButton("Add")
        self.add.setAccessibleName("Add an image")
        self.drop = QPushButton("Remove")
        self.drop.setAccessibleName("Remove the image")
        set_tip(self.drop, DROP_TIP)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        for widget, share in ((self.shown, 9), (self.add, 7), (self.drop, 8)):
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            row.addWidget(widget, share)
        self.shown.activated.connect(self._show)
        self.drop.clicked.connect(self._drop)

    def take_actions(self, actions: Iterable[QAction]) -> None:
        """Let the button offer these images."""
        menu = QMenu(self)
        menu.setAccessibleName("Another image")
        menu.setToolTipsVisible(True)
        menu.addActions(list(actions))
        self.add.setMenu(menu)

    def show_session(self, session: Session) -> None:
        """Show how many images there are."""
        learning = session.document.learning
        count, number = 1 + len(learning.more), learn_changes.shown_image(session)
        if count != self._count:
            self._count = count
            places = range(1, count + 1)
            offer(self.shown, [(str(n), f"{n} of {count}", SHOWN_TIP) for n in places])
        show_choice(self.shown, str(number + 1))
        self.shown.setEnabled(count > 1)
        own = learning.target is not None
        self.add.setEnabled(not own)
        set_tip(self.add, OWN_MAP_TIP if own else ADD_TIP)
        self.drop.setEnabled(number > 0)

    def _show(self) -> None:
        self._store.apply(learn_changes.show_image, self.shown.currentIndex())

    def _drop(self) -> None:
        self._store.apply(learn_changes.drop_image)

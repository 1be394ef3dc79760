"""VerifyBadge: the shown map computed again by other libraries, in the background."""

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QPushButton

from convviz.engine.layers import Layer
from convviz.engine.network import layer_cost
from convviz.engine.verify import Verdict, available_libraries, verify
from convviz.model import transitions
from convviz.model.document import Computation, Document, compute
from convviz.model.session import Message, Session
from convviz.model.verdicts import report, short_verdict
from convviz.ui.plain_text import set_tip
from convviz.ui.store import Store

QUIET = 300  # milliseconds without a change before the map is checked
LARGEST_UNASKED = 1_000_000  # cells of a map that is checked without being asked
MOST_UNASKED = 300_000_000  # products of one
FIRST = ("scipy",)
TIP = (
    "The map computed again by SciPy: ✓ when each cell is the same within the rounding of its own "
    "sum. Click to ask all libraries that are installed."
)


@dataclass(frozen=True, eq=False)
class Check:
    """One map to be checked, by which libraries, and whether a person asked for it."""

    document: Document
    index: int
    computation: Computation
    libraries: tuple[str, ...]
    asked: bool = False

    @property
    def layer(self) -> Layer:
        """The layer that made the map."""
        return self.document.layers[self.index]

    @property
    def cells(self) -> int:
        """The cells of the larger of the layer's input and its map."""
        return max(self.computation.image.size, self.computation.sums.size)

    @property
    def is_quick(self) -> bool:
        """Whether it takes no longer than one would wait."""
        cost = layer_cost(self.layer, self.computation.image.shape)
        return self.cells <= LARGEST_UNASKED and cost.multiply_adds <= MOST_UNASKED

    def is_for(self, session: Session) -> bool:
        """Return whether the map is the one that is shown."""
        return self.document is session.document and self.index == session.layer


@contextmanager
def garbage_waits() -> Iterator[None]:
    """Collect no garbage meanwhile: in this thread that could destroy a widget, and crash."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


class VerifyBadge(QPushButton):
    """Says in the status bar whether SciPy makes the same map; a click asks all others too."""

    checked = Signal(object, object)  # the Check, its verdicts or what failed

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._shown: tuple[Document, int] | None = None
        self._thread: threading.Thread | None = None
        self._next: Check | None = None
        self.setProperty("badge", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.timer = QTimer(self)
        self.timer.setSingleShot(True)
        self.timer.timeout.connect(self._check_unasked)
        self.checked.connect(self._receive, Qt.ConnectionType.QueuedConnection)
        self.clicked.connect(self._check_all)
        self._say("SciPy …", TIP)

    def show_session(self, session: Session) -> None:
        """Check the map of `session` soon, unless it is the one that was checked."""
        shown = session.document, session.layer
        if self._shown is not None and shown[0] is self._shown[0] and shown[1] == self._shown[1]:
            return
        self._shown, self._next = shown, None
        self._say("SciPy …", TIP)
        self.timer.start(QUIET)

    def withhold(self) -> None:
        """Say nothing of a map that could not be shown, until another one is."""
        self._shown = self._next = None
        self.timer.stop()
        self._say("not shown", "The map could not be shown, so there is nothing to compare")

    def stop(self) -> None:
        """Wait for the check that runs, and begin no other."""
        self.timer.stop()
        self._next = None
        if self._thread is not None:
            self._thread.join()

    def _check_unasked(self) -> None:
        check = self._made(FIRST)
        if not check.is_quick:
            self._say("Check with SciPy", f"{check.cells:,} cells: checked when you click. {TIP}")
            return
        self._begin(check)

    def _check_all(self) -> None:
        self.timer.stop()
        self._say("checking …", "The map is being computed by all libraries that are installed")
        self._begin(self._made(available_libraries(), asked=True))

    def _made(self, libraries: tuple[str, ...], *, asked: bool = False) -> Check:
        session = self._store.session
        document, index = session.document, session.layer
        return Check(document, index, compute(document, index), libraries, asked)

    def _begin(self, check: Check) -> None:
        """Start the check, or have it wait for the one that runs."""
        if self._thread is not None:
            self._next = check
            return
        self._thread = threading.Thread(target=self._run, args=(check,), name="verify")
        self._thread.start()

    def _run(self, check: Check) -> None:
        """In a thread of its own: NumPy and SciPy let the others go on meanwhile."""
        found: tuple[Verdict, ...] | str
        try:
            made = check.computation
            with garbage_waits():
                found = verify(check.layer, made.image, made.sums, check.libraries)
        except Exception as error:  # whatever a library stumbles over is told, and is not ours
            found = f"{type(error).__name__}: {error}"
        with suppress(RuntimeError):  # the window is gone
            self.checked.emit(check, found)

    def _receive(self, check: Check, found: tuple[Verdict, ...] | str) -> None:
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        following, self._next = self._next, None
        if self._shown is not None and check.is_for(self._store.session):
            self._show(check, found)
        if following is not None:
            self._begin(following)

    def _show(self, check: Check, found: tuple[Verdict, ...] | str) -> None:
        """Show what came of a check; one that was asked for has a line for each library."""
        if isinstance(found, str):
            self._say("✗ not checked", f"SciPy could not compute this map ({found})")
            text, tone = self.toolTip(), True
        else:
            tone = not all(verdict.agrees for verdict in found)
            text = report(check.libraries, found)
            first = [short_verdict(verdict) for verdict in found[:1]]
            self._say(first[0] if first else "not checked", TIP)
        self._colour(wrong=tone)
        if check.asked:
            message = Message(text, "error" if tone else "note")
            self._store.apply(transitions.show_message, message)

    def _say(self, text: str, tip: str) -> None:
        self.setText(text)
        set_tip(self, tip)
        self.setAccessibleName(f"Second opinion: {text}")
        self._colour(wrong=False)

    def _colour(self, *, wrong: bool) -> None:
        if self.property("wrong") != wrong:
            self.setProperty("wrong", wrong)
            self.style().polish(self)

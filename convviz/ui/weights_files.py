"""WeightsFiles: opens files of weights, and lets the session take layers over."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from convviz.engine.layers import KernelLayer
from convviz.files.errors import FileError, one_line
from convviz.files.onnx_files import Stack
from convviz.files.weight_entries import WeightEntry
from convviz.files.weights import Weights, read_weights
from convviz.model import filing, taking_over, transitions
from convviz.model.origin import COLOURS
from convviz.model.session import Message, Session
from convviz.model.transitions import Transition
from convviz.ui import dialogs
from convviz.ui.open_file import take_channels
from convviz.ui.store import Store
from convviz.ui.weights_rows import SET_THEM, label
from convviz.ui.weights_window import WeightsWindow

if TYPE_CHECKING:
    from convviz.ui.main_window import MainWindow


def in_colours(
    session: Session, transition: Transition, taken: object, name: str, note: str
) -> Session:
    """Take layers over, and a picture that is shown in grey with its colours where they want them.

    So it is on the command line, too.
    """
    shown = transition(transitions.dismiss(session), taken, name, note)
    first = next((la for la in shown.edited.layers if isinstance(la, KernelLayer)), None)
    greyed = shown.attempt is not None and shown.origin.taking.channels == "grey"
    if not greyed or first is None or first.in_channels != COLOURS:
        return shown
    coloured = take_channels(shown, "all", f"Weights {name}")
    if coloured.attempt is not None:
        return shown
    said = f"{note.rstrip('.;')}; " if note else ""
    text = f"{name}: {said}the image is taken with its {COLOURS} channels."
    return transitions.show_message(coloured, Message(text, choices=taking_over.UNDO))


class WeightsFiles(QObject):
    """The way from a file to its window, and from there into the session."""

    def __init__(self, store: Store, window: "MainWindow") -> None:
        super().__init__(window)
        self._store, self._window = store, window
        self.browser: WeightsWindow | None = None

    def ask(self) -> None:
        """Ask for a file, and list its layers."""
        path = dialogs.ask_weights(self._window, self._window.export.open_folder)
        if path is not None:
            self._window.export.folder = path.parent
            self.open(path)

    def open(self, path: Path) -> None:
        """List the layers in a file, or say why not."""
        try:
            weights = read_weights(path)
            stack = weights.stack
        except FileError as error:
            self._tell(str(error))
            return
        message = self._store.session.message
        if message is not None and message.tone == "error":
            self._store.apply(transitions.dismiss)  # it was of an earlier file
        self._store.apply(filing.remembered, path.absolute())
        if self.browser is None:
            self.browser = WeightsWindow(self._store, self, self._window)
        self.browser.open(weights, stack, self._window.theme)

    def use(self, entry: WeightEntry, layer: KernelLayer) -> None:
        """Put a layer in the place of the one in focus."""
        self._take(taking_over.use_layer, entry, layer)

    def add(self, entry: WeightEntry, layer: KernelLayer) -> None:
        """Put a layer after the one in focus."""
        self._take(taking_over.add_to_stack, entry, layer)

    def _take(self, transition: Transition, entry: WeightEntry, layer: KernelLayer) -> None:
        told = "" if "stride" in entry.settings else SET_THEM
        self._store.apply(in_colours, transition, layer, label(entry), told)

    def take_stack(self, weights: Weights, stack: Stack) -> None:
        """Let the layers that a graph begins with be the stack."""
        ends = [f"here it ends, since {stack.rest}."] if stack.rest else []
        note = " ".join((*ends, *(f"{said}." for said in stack.notes)))
        name = one_line(weights.path.stem)
        self._store.apply(in_colours, taking_over.take_stack, stack.layers, name, note)

    def _tell(self, text: str) -> None:
        self._store.apply(transitions.show_message, Message(text, "error"))

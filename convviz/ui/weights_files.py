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
from convviz.model.session import Message
from convviz.model.transitions import Transition
from convviz.ui import dialogs
from convviz.ui.store import Store
from convviz.ui.weights_rows import SET_THEM, label
from convviz.ui.weights_window import WeightsWindow

if TYPE_CHECKING:
    from convviz.ui.main_window import MainWindow


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
        self._store.apply(filing.remembered, path.absolute())
        if self.browser is None:
            self.browser = WeightsWindow(self._store, self, self._window)
        self.browser.open(weights, stack, self._window.theme)

    def layer(self, weights: Weights, name: str, *, transpose: bool) -> KernelLayer | None:
        """Read one layer, or say why it cannot be read."""
        try:
            return weights.layer(name, transpose=transpose)
        except FileError as error:
            self._tell(str(error))
            return None

    def use(self, entry: WeightEntry, layer: KernelLayer) -> None:
        """Put a layer in the place of the one in focus."""
        self._take(taking_over.use_layer, entry, layer)

    def add(self, entry: WeightEntry, layer: KernelLayer) -> None:
        """Put a layer after the one in focus."""
        self._take(taking_over.add_to_stack, entry, layer)

    def _take(self, transition: Transition, entry: WeightEntry, layer: KernelLayer) -> None:
        told = "" if "stride" in entry.settings else SET_THEM
        self._store.apply(transition, layer, label(entry), told)

    def take_stack(self, weights: Weights, stack: Stack) -> None:
        """Let the layers that a graph begins with be the stack."""
        note = f"here it ends, since {stack.rest}." if stack.rest else ""
        self._store.apply(taking_over.take_stack, stack.layers, one_line(weights.path.stem), note)

    def _tell(self, text: str) -> None:
        self._store.apply(transitions.show_message, Message(text, "error"))

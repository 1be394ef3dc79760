"""What goes into the layer: the image, or the result of the layer before."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QVBoxLayout, QWidget

from convviz.engine.inputs import INPUTS
from convviz.engine.padding import Array
from convviz.engine.problems import times
from convviz.model import cell_changes, filing, stacking, transitions
from convviz.model.document import Document, layer_title
from convviz.model.session import Session
from convviz.render.theme import Theme
from convviz.ui.fields import Heading, beside, choice, dim_label, offer, show_choice
from convviz.ui.list_field import ListField
from convviz.ui.plain_text import plain_label, set_tip
from convviz.ui.store import Store
from convviz.ui.style import icon

SPACING = 5
TITLE_ROOM = 190  # pixels for the name of an image and its size


class InputSection(QWidget):
    """Chooses the image; behind the first layer, says whose result comes in."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._rank = 2
        self.setAccessibleName("Input")
        self.source = choice(_inputs(self._rank))
        self.source.setAccessibleName("Input")
        self.samples = ListField("a")
        self.open = QPushButton("Open…")
        set_tip(self.open, "Open an image (PNG, JPEG, …) or an array (NPY, CSV) (Ctrl+O)")
        self.examples = QPushButton("Examples…")
        set_tip(self.examples, "Scenes to look at: the lecture, networks, … (Ctrl+Shift+O)")
        self.resize_input = QPushButton("Crop…")
        set_tip(self.resize_input, "Take a part of the input, in another size, in colour or grey")
        self.place = plain_label()
        self.place.setProperty("dim", True)
        self.previous = _arrow("Previous layer", "Previous layer (Ctrl+[)")
        self.next = _arrow("Next layer", "Next layer (Ctrl+])")
        self.reads = dim_label()
        self._heading = Heading(
            "Input", lambda theme: theme.input, self.place, self.previous, self.next
        )
        self._buttons = beside(
            self.open, self.examples, self.resize_input, spacing=5, shares=(66, 92, 66)
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        for widget in (self._heading, self.source, self.samples, self._buttons, self.reads):
            column.addWidget(widget)
        self.source.activated.connect(self._choose_input)
        self.samples.entered.connect(self._type)
        self.samples.refused.connect(self._refuse)
        self.previous.clicked.connect(self._go_back)
        self.next.clicked.connect(self._go_on)

    def show_session(self, session: Session, theme: Theme) -> None:
        """Show what the layer in focus reads."""
        document, index = session.edited, session.layer
        last = len(session.document.layers) - 1
        self._heading.show_theme(theme)
        self.place.setText(f"layer {index + 1} of {last + 1}")
        for button, name, there in (
            (self.previous, "back", index > 0),
            (self.next, "on", index < last),
        ):
            button.setIcon(icon(name, theme.text if there else theme.faint, 16))
            button.setEnabled(there)
        parts: tuple[QWidget, ...] = (self.place, self.previous, self.next)
        for part in parts:
            part.setVisible(last > 0)
        for part in (self.source, self._buttons):
            part.setVisible(index == 0)
        self.reads.setVisible(index > 0)
        self.reads.setText(_reads(session.document, index))
        self._show_source(document)
        listed = index == 0 and document.image.ndim == 2 and len(document.image) == 1
        self.samples.setVisible(listed)
        if listed:
            self.samples.show_samples(document.image[0])

    def _show_source(self, document: Document) -> None:
        rank = document.image.ndim - 1
        if rank != self._rank:
            self._rank = rank
            offer(self.source, _inputs(rank))
        title = document.image_title
        preset = next((p.name for p in INPUTS.values() if p.title == title), None)
        shape = _shown_shape(document.image.shape)
        whole = _with_size(title, shape)
        room = TITLE_ROOM - self.source.fontMetrics().horizontalAdvance(whole[len(title) :])
        short = self.source.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, room)
        show_choice(self.source, preset, f"{short}{whole[len(title) :]}")
        if preset is None:
            set_tip(self.source, whole)

    def _choose_input(self) -> None:
        if name := self.source.currentData():
            self._store.apply(filing.choose_input, name)

    def _type(self, samples: Array) -> None:
        self._store.apply(cell_changes.type_samples, "input", samples)

    def _refuse(self, sentence: str) -> None:
        self._store.apply(transitions.refuse, sentence)

    def _go_back(self) -> None:
        self._store.apply(stacking.previous_layer)

    def _go_on(self) -> None:
        self._store.apply(stacking.next_layer)


def _inputs(rank: int) -> list[tuple[str, str, str]]:
    fitting = (preset for preset in INPUTS.values() if preset.image.ndim == rank)
    return [(p.name, _with_size(p.title, p.image.shape), p.summary) for p in fitting]


def _shown_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Leave a single channel out."""
    return shape[1:] if shape[0] == 1 else shape


def _with_size(title: str, shape: tuple[int, ...]) -> str:
    """Return a title with rows and columns, which some have in their name."""
    size = " × ".join(map(str, shape))
    return title if size in title else f"{title}   {size}"


def _reads(document: Document, index: int) -> str:
    """Return which result the layer at `index` reads."""
    before = next((n for n in range(index - 1, -1, -1) if n not in document.disabled), None)
    source = "the image" if before is None else _together(layer_title(document.layers[before]))
    result = source if before is None else f"the result of {source}"
    of = f"Layer {index + 1} of {len(document.layers)}"
    return f"{of} reads {result}: {_together(times(document.shapes[index]))}"


def _together(text: str) -> str:
    """Keep a few words on one line."""
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _arrow(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName("plain")
    button.setFixedSize(22, 22)
    button.setAccessibleName(name)
    set_tip(button, tip)
    return button

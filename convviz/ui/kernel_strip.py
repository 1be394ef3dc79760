"""KernelStrip: divide the shown kernel and add an offset, or draw all kernels anew from a seed."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from convviz.engine.kernel_tools import normalising_divisor
from convviz.engine.layers import LayerError
from convviz.model import changes, transitions
from convviz.model.session import Session
from convviz.render.theme import Theme
from convviz.ui.fields import NumberBox, whole_number
from convviz.ui.message_strip import Strip
from convviz.ui.plain_text import plain_label, set_tip
from convviz.ui.store import Store
from convviz.ui.style import icon

LARGEST_SEED = 2**31 - 1
APPLY = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


def shown_bias(session: Session) -> float:
    """Return the bias of the shown feature map."""
    bias = getattr(session.focus, "bias", None)
    return 0.0 if bias is None else float(bias[session.channel])


class KernelStrip(Strip):
    """Divisor and offset with Normalise, as GIMP has them; or the seed of a random kernel."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._exact: dict[NumberBox, float] = {}
        self.setObjectName("message")
        self.setAccessibleName("Kernel")
        self.divisor = NumberBox("Divisor", "Every weight of the shown kernel is divided by it")
        self.offset = NumberBox("Offset", "The bias: added to every sum of this feature map")
        for field in (self.divisor, self.offset):
            field.refused.connect(self._refuse)
        self.normalise = _button("Normalise", self._normalise)
        set_tip(
            self.normalise,
            "Divide by the sum of the weights, so that flat areas stay; by that of their sizes "
            "where it is 0",
        )
        self.apply = _button("Apply", self._apply)
        self.seed = whole_number(
            0, LARGEST_SEED, "Seed", "The same seed draws the same weights, uniform in ±1/√fan_in"
        )
        self.draw = _button("Draw", self._draw)
        self.another = _button("Another seed", self._draw_another)
        self._hint = plain_label()
        self._close = QToolButton()
        self._close.setObjectName("plain")
        self._close.setAccessibleName("Close")
        set_tip(self._close, "Close (Esc)")
        self._close.clicked.connect(self.hide)
        texts = [plain_label(text) for text in ("Divide by", "offset", "Seed")]
        self._scaling = (
            *(texts[0], self.divisor, texts[1], self.offset, self.normalise, self.apply),
        )
        self._drawing = (texts[2], self.seed, self.draw, self.another)
        self._lay_out()
        self.hide()

    def _lay_out(self) -> None:
        for field in (self.divisor, self.offset, self.seed):
            field.setFixedWidth(110)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 7, 8, 7)
        for widget in (*self._scaling, *self._drawing):
            row.addWidget(widget)
        row.addWidget(self._hint, 1)
        row.addWidget(self._close)

    def open_scaling(self, theme: Theme) -> None:
        """Ask for a divisor and an offset."""
        self._exact = {self.divisor: 1.0, self.offset: shown_bias(self._store.session)}
        for field, number in self._exact.items():
            field.setValue(number)
        self._open(self._scaling, self.divisor, theme)

    def open_drawing(self, theme: Theme) -> None:
        """Ask for a seed."""
        self._open(self._drawing, self.seed, theme)

    def _open(self, wanted: tuple[QWidget, ...], first: QWidget, theme: Theme) -> None:
        self._close.setIcon(icon("close", theme.dim))
        self._hint.clear()
        for widget in (*self._scaling, *self._drawing):
            widget.setVisible(widget in wanted)
        for field in (self.divisor, self.offset, self.seed):
            field.installEventFilter(self)  # once more: Return and Esc come here first
        self.show()
        first.setFocus()
        for box in (self.divisor, self.seed):
            box.selectAll()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let Return apply what the fields say, and Esc close the strip."""
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            return True
        if event.key() in APPLY:
            for field in (self.divisor, self.offset, self.seed):
                field.interpretText()
            (self._draw if watched is self.seed else self._apply)()
            return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        else:
            super().keyPressEvent(event)

    def _refuse(self, sentence: str) -> None:
        self._store.apply(transitions.refuse, sentence)

    def _normalise(self) -> None:
        kernel = changes.edited_kernel(changes.withdraw(self._store.session))
        if kernel is not None:
            self._exact[self.divisor] = normalising_divisor(kernel)
            self.divisor.setValue(self._exact[self.divisor])

    def _apply(self) -> None:
        """Divide by the exact number where the field shows no other: it has six decimals."""
        divisor, offset = (
            self._exact[field] if field.value() == round(self._exact[field], 6) else field.value()
            for field in (self.divisor, self.offset)
        )
        try:
            self._store.apply(changes.scale_kernel, divisor, offset)
        except LayerError as error:
            self._hint.setText(f"This cannot be: {error}")
            return
        self.hide()

    def _draw(self) -> None:
        self._store.apply(changes.randomise_kernel, self.seed.value())
        self._hint.setText(f"Drawn with seed {self.seed.value()}")

    def _draw_another(self) -> None:
        self.seed.setValue((self.seed.value() + 1) % LARGEST_SEED)
        self._draw()


def _button(text: str, slot: Callable[[], None]) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.clicked.connect(slot)
    return button

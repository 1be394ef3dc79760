"""The layer whose kernel is learnt: how its windows lie, and what comes after the sum."""

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.learn_settings import LEARN_SETTINGS
from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.model import learn_changes
from convviz.model.learning import Learning
from convviz.ui.fields import Halves, Labelled, choice, show_choice, show_number, whole_number
from convviz.ui.plain_text import set_tip
from convviz.ui.store import Store

LARGEST = 8  # stride and dilation
VALID = "valid"


class LearnLayer(QWidget):
    """Settings of the layer, each with its sentence."""

    def __init__(self, store: Store, spacing: int) -> None:
        super().__init__()
        self._store = store
        self.setAccessibleName("Layer")
        self.activation = choice((a.name, a.title, a.formula) for a in ACTIVATIONS.values())
        rules = ((r.name, r.name, f"{r.summary} ({r.used_by})") for r in PADDING_RULES.values())
        self.padding = choice(rules)
        self.fill = choice((m.name, m.name, m.summary) for m in PADDING_MODES.values())
        self.stride, self.dilation = (
            whole_number(1, LARGEST, LEARN_SETTINGS[name].title, LEARN_SETTINGS[name].summary)
            for name in ("stride", "dilation")
        )
        self.bias, self.flip = (QCheckBox(LEARN_SETTINGS[name].title) for name in ("bias", "flip"))
        for name, box in (("bias", self.bias), ("flip", self.flip)):
            set_tip(box, LEARN_SETTINGS[name].summary)
            box.setAccessibleName(LEARN_SETTINGS[name].title)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(spacing)
        column.addWidget(
            Halves(
                Labelled("Padding", self.padding),
                Labelled("Fill", self.fill),
                Labelled("Stride", self.stride),
                Labelled("Dilation", self.dilation),
                self.bias,
                self.flip,
            )
        )
        column.addWidget(Labelled("Activation", self.activation))
        self.activation.activated.connect(self._choose_activation)
        self.padding.activated.connect(self._choose_padding)
        self.fill.activated.connect(self._choose_fill)
        self.stride.valueChanged.connect(self._set_stride)
        self.dilation.valueChanged.connect(self._set_dilation)
        self.bias.clicked.connect(self._set_bias)
        self.flip.clicked.connect(self._set_flip)

    def show_learning(self, learning: Learning) -> None:
        """Show the layer."""
        show_choice(self.activation, learning.activation, learning.activation)
        rule = VALID if learning.padding == 0 else learning.padding
        show_choice(self.padding, rule if isinstance(rule, str) else None, f"{learning.padding}")
        show_choice(self.fill, learning.padding_mode)
        self.fill.setEnabled(rule != VALID)
        for field, value in ((self.stride, learning.stride), (self.dilation, learning.dilation)):
            show_number(field, value if isinstance(value, int) else max(value))
        self.bias.setChecked(learning.bias)
        self.flip.setChecked(learning.flip)

    def _choose_activation(self) -> None:
        self._store.apply(learn_changes.set_setting, "activation", self.activation.currentData())

    def _choose_padding(self) -> None:
        self._store.apply(learn_changes.set_geometry, "padding", self.padding.currentData())

    def _choose_fill(self) -> None:
        self._store.apply(learn_changes.set_geometry, "padding_mode", self.fill.currentData())

    def _set_stride(self, cells: int) -> None:
        self._store.apply(learn_changes.set_geometry, "stride", cells)

    def _set_dilation(self, cells: int) -> None:
        self._store.apply(learn_changes.set_geometry, "dilation", cells)

    def _set_bias(self) -> None:
        self._store.apply(learn_changes.set_setting, "bias", self.bias.isChecked())

    def _set_flip(self) -> None:
        self._store.apply(learn_changes.set_geometry, "flip", self.flip.isChecked())

"""The panel at the left: input, kernel, layer, output size."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QPushButton, QScrollArea, QSpinBox, QVBoxLayout, QWidget

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.inputs import INPUTS
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Conv
from convviz.engine.padding import PADDING_MODES, PADDING_RULES
from convviz.model import transitions
from convviz.model.document import kernel_preset
from convviz.model.scene import Scene
from convviz.model.session import Session
from convviz.render.theme import Theme
from convviz.ui.fields import (
    Heading,
    NumberBox,
    beside,
    choice,
    dim_label,
    labelled,
    show_choice,
    show_number,
    whole_number,
)
from convviz.ui.size_card import ProblemCard, SizeCard
from convviz.ui.store import Store

WIDTH = 270
LARGEST_KERNEL, LARGEST_STRIDE, LARGEST_DILATION, LARGEST_PADDING = 31, 64, 64, 512
AMOUNT = "amount"
DESCRIPTION_HEIGHT = 47  # three lines, so that fields stay where they are
AXES = (("rows", "down"), ("columns", "across"))


class LayerPanel(QScrollArea):
    """Shows the document's settings and tells what a person wants changed."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._shown: tuple[object, ...] = ()
        self.setObjectName("panel")
        self.setAccessibleName("Settings")
        self.setFixedWidth(WIDTH)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._make_fields()
        self._connect()
        self.setWidget(self._laid_out())

    def _make_fields(self) -> None:
        planes = (p for p in INPUTS.values() if p.image.ndim == 2)
        self.source = choice(
            (p.name, _with_size(p.title, p.image.shape), p.summary) for p in planes
        )
        self.source.setAccessibleName("Input")
        self.open = QPushButton("Open…")
        self.open.setToolTip("Open an image (PNG, JPEG, …) or an array (NPY, CSV) (Ctrl+O)")
        self.resize_input = QPushButton("Scale…")
        self.resize_input.setToolTip("Scale the input down, so that its numbers can be read")
        kernels = (k for k in KERNELS.values() if k.kernel.ndim == 2)
        self.preset = choice((k.name, k.title, k.summary) for k in kernels)
        self.preset.setAccessibleName("Kernel")
        self.look_for = dim_label()
        self.look_for.setFixedHeight(DESCRIPTION_HEIGHT)
        self.look_for.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.kernel_size = [
            whole_number(1, LARGEST_KERNEL, f"Kernel {name}", f"Kernel size, {name}")
            for name, _ in AXES
        ]
        self.bias = NumberBox("Bias", "A number added to every dot product")
        self.convolution = QPushButton("Convolution")
        self.convolution.setToolTip(
            "The kernel is flipped by 180° before it slides: lecture, SciPy"
        )
        self.correlation = QPushButton("Correlation")
        self.correlation.setToolTip(
            "Cross-correlation: the kernel slides as it is. What deep learning calls a convolution"
        )
        for button in (self.convolution, self.correlation):
            button.setCheckable(True)
            button.setStyleSheet("padding-left: 4px; padding-right: 4px;")
        rules = ((r.name, r.name, f"{r.summary} ({r.used_by})") for r in PADDING_RULES.values())
        amount = (AMOUNT, "amount", "a number of cells on each side")
        self.padding = choice((*rules, amount))
        self.fill = choice((m.name, m.name, m.summary) for m in PADDING_MODES.values())
        self.amounts = [
            whole_number(
                0, LARGEST_PADDING, f"Padding {name}", f"Cells before and after the {name}"
            )
            for name, _ in AXES
        ]
        self.fill_value = NumberBox("Fill value", "What padding cells hold")
        self.stride = [
            whole_number(1, LARGEST_STRIDE, f"Stride {way}", f"Cells that the window moves {way}")
            for _, way in AXES
        ]
        self.dilation = [
            whole_number(1, LARGEST_DILATION, f"Dilation {name}", f"Cells between weights, {name}")
            for name, _ in AXES
        ]
        self.activation = choice((a.name, a.title, a.formula) for a in ACTIVATIONS.values())
        self.size_card = SizeCard()
        self.problem_card = ProblemCard(self._store)

    def _connect(self) -> None:
        self.source.activated.connect(self._choose_input)
        self.preset.activated.connect(self._choose_kernel)
        self.padding.activated.connect(self._choose_padding)
        self.fill.activated.connect(self._choose_fill)
        self.activation.activated.connect(self._choose_activation)
        self.convolution.clicked.connect(self._choose_convolution)
        self.correlation.clicked.connect(self._choose_correlation)
        self.bias.valueChanged.connect(self._change_bias)
        self.fill_value.valueChanged.connect(self._change_fill_value)
        for fields, change in (
            (self.kernel_size, self._change_size),
            (self.amounts, self._change_amounts),
            (self.stride, self._change_stride),
            (self.dilation, self._change_dilation),
        ):
            for field in fields:
                field.valueChanged.connect(change)

    def _laid_out(self) -> QWidget:
        body = QWidget()
        body.setObjectName("panelBody")
        body.setAccessibleName("Settings")
        self._headings = (
            Heading("Input", lambda theme: theme.input),
            Heading("Kernel", lambda theme: theme.kernel),
            Heading("Layer", lambda theme: theme.output),
        )
        self._amounts_field = labelled("Padding ↓ →", *self.amounts)
        self._fill_value_field = labelled("Value", self.fill_value)
        self._own_padding = beside(self._amounts_field, self._fill_value_field)
        column = QVBoxLayout(body)
        column.setContentsMargins(18, 12, 16, 12)
        column.setSpacing(7)
        for widget, space in (
            (self._headings[0], 0),
            (self.source, 0),
            (beside(self.open, self.resize_input), 0),
            (self._headings[1], 8),
            (self.preset, 0),
            (self.look_for, 0),
            (beside(labelled("Size ↓ →", *self.kernel_size), labelled("Bias b", self.bias)), 0),
            (self._headings[2], 8),
            (beside(self.convolution, self.correlation, spacing=4), 0),
            (beside(labelled("Padding", self.padding), labelled("Fill", self.fill)), 0),
            (self._own_padding, 0),
            (
                beside(
                    labelled("Stride ↓ →", *self.stride),
                    labelled("Dilation ↓ →", *self.dilation),
                ),
                0,
            ),
            (labelled("Activation", self.activation), 0),
            (self.problem_card, 6),
            (self.size_card, 6),
        ):
            column.addSpacing(space)
            column.addWidget(widget)
        column.addStretch(1)
        return body

    def show_session(self, session: Session, scene: Scene, theme: Theme) -> None:
        """Show the settings of `session`."""
        shown = (session.edited, session.document, session.attempt, session.layer, theme.name)
        if all(a is b for a, b in zip(shown, self._shown, strict=False)) and self._shown:
            return
        self._shown = shown
        document, conv = session.edited, session.edited.conv(session.layer)
        for heading in self._headings:
            heading.show_theme(theme)
        shape = document.image.shape[1:]
        preset = next((p.name for p in INPUTS.values() if p.title == document.image_title), None)
        show_choice(self.source, preset, _with_size(document.image_title, shape))
        kernel = kernel_preset(conv)
        show_choice(self.preset, kernel, "Own kernel")
        self.look_for.setText(KERNELS[kernel].summary if kernel else "Weights of your own.")
        self._show_conv(session, conv)
        show_choice(self.activation, document.activation(session.layer).name)
        self.problem_card.render_problem(session.problem)
        self.size_card.setVisible(session.problem is None)
        self.size_card.render_size(scene.size, theme)
        if session.problem:
            QTimer.singleShot(0, self._reveal_problem)

    def _reveal_problem(self) -> None:
        self.ensureWidgetVisible(self.problem_card)

    def _show_conv(self, session: Session, conv: Conv) -> None:
        for fields, values in (
            (self.kernel_size, conv.kernel_size),
            (self.stride, conv.stride),
            (self.dilation, conv.dilation),
            (self.amounts, [max(pair) for pair in conv.amounts(session.edited.image.shape[1:])]),
        ):
            pair = (1, values[0]) if len(values) == 1 else values
            for field, value in zip(fields, pair, strict=True):
                show_number(field, value)
        show_number(self.bias, 0.0 if conv.bias is None else float(conv.bias[session.channel]))
        self.convolution.setChecked(conv.flip)
        self.correlation.setChecked(not conv.flip)
        rule = conv.padding if isinstance(conv.padding, str) else AMOUNT
        show_choice(self.padding, rule)
        show_choice(self.fill, conv.padding_mode)
        show_number(self.fill_value, conv.padding_value)
        own = rule == AMOUNT
        self._amounts_field.setVisible(own)
        self._fill_value_field.setVisible(conv.padding_mode == "constant")
        self._own_padding.setVisible(own or conv.padding_mode == "constant")

    def _choose_input(self) -> None:
        if name := self.source.currentData():
            self._store.apply(transitions.set_input_preset, name)

    def _choose_kernel(self) -> None:
        if name := self.preset.currentData():
            self._store.apply(transitions.set_kernel_preset, name)

    def _choose_padding(self) -> None:
        chosen = self.padding.currentData()
        if chosen != AMOUNT:
            self._store.apply(transitions.set_padding, chosen)
            return
        self._change_amounts()

    def _choose_fill(self) -> None:
        self._store.apply(transitions.set_padding_mode, self.fill.currentData())

    def _choose_activation(self) -> None:
        self._store.apply(transitions.set_activation, self.activation.currentData())

    def _choose_convolution(self) -> None:
        self._choose_flip(True)

    def _choose_correlation(self) -> None:
        self._choose_flip(False)

    def _choose_flip(self, flip: bool) -> None:
        self.convolution.setChecked(flip)
        self.correlation.setChecked(not flip)
        self._store.apply(transitions.set_flip, flip)

    def _change_bias(self) -> None:
        self._store.apply(transitions.set_bias, self.bias.value())

    def _change_fill_value(self) -> None:
        self._store.apply(transitions.set_padding_value, self.fill_value.value())

    def _change_size(self) -> None:
        self._store.apply(transitions.set_kernel_size, _values(self.kernel_size))

    def _change_amounts(self) -> None:
        amounts = tuple((cells, cells) for cells in _values(self.amounts))
        self._store.apply(transitions.set_padding, amounts)

    def _change_stride(self) -> None:
        self._store.apply(transitions.set_stride, _values(self.stride))

    def _change_dilation(self) -> None:
        self._store.apply(transitions.set_dilation, _values(self.dilation))


def _values(fields: list[QSpinBox]) -> tuple[int, ...]:
    return tuple(field.value() for field in fields)


def _with_size(title: str, shape: tuple[int, ...]) -> str:
    """Return a title with rows and columns, which some have in their name."""
    size = " × ".join(map(str, shape))
    return title if size in title else f"{title}   {size}"

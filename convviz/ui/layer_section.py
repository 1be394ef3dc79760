"""The kind of the layer in focus and its settings: for each kind, its own fields only."""

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QPushButton, QSpinBox, QVBoxLayout, QWidget

from convviz.engine.layers import Activation, Conv, ConvTranspose, KernelLayer, Layer, Pool
from convviz.engine.poolings import POOLINGS
from convviz.model import changes, stacking, transitions
from convviz.model.session import Session
from convviz.render.theme import Theme
from convviz.ui.activation_fields import ActivationFields
from convviz.ui.fields import (
    Halves,
    Heading,
    Labelled,
    axes_text,
    beside,
    choice,
    dim_label,
    show_choice,
    show_number,
    show_values,
    values,
    whole_number,
)
from convviz.ui.input_section import SPACING
from convviz.ui.kernel_section import AXES
from convviz.ui.menus import menu_path
from convviz.ui.padding_fields import LARGEST_PADDING, PaddingFields
from convviz.ui.plain_text import set_tip
from convviz.ui.store import Store

LARGEST_STRIDE, LARGEST_DILATION, MOST_CHANNELS = 64, 64, 512
WINDOWED = ("conv", "transpose", *POOLINGS)  # every other kind is an activation
SHORT = {"transpose": "Transposed conv."}  # titles that the field is too narrow for
NUMBERS = {
    "stride": "Stride",
    "dilation": "Dilation",
    "padding": "Padding",
    "output_padding": "Output pad",
}
KIND_WIDTH = 150
SCATTER_TIP = (
    "Step by input cells: each multiplies the whole kernel and stamps it into the output, where "
    "stamps that overlap add up"
)
ONLY_GATHERED = "Signals are gathered: the view of shifted copies shows what each sample stamps"
ACTIVATION = "relu"  # what a layer that becomes an activation is at first


class LayerSection(QWidget):
    """Shows what a layer of this kind can be set to."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self.setAccessibleName("Layer")
        self.kind = choice(_kinds())
        self.kind.setAccessibleName("Kind of layer")
        self.kind.setFixedWidth(KIND_WIDTH)
        self._heading = Heading("Layer", lambda theme: theme.output, self.kind)
        self._skipped = dim_label(f"Skipped: the image passes it by ({menu_path('disable-layer')})")
        self._make_ways()
        self._make_numbers()
        self._make_channels()
        self.function = ActivationFields(store, SPACING)
        self.activation = self.function.choice
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        for widget in (
            *(self._heading, self._skipped, self._flips, self._ways, self.pad),
            *(self._halves, self.ceil_mode, self.count_padding, self._channel_row),
            self.function,
        ):
            column.addWidget(widget)
        self._connect()

    def _make_ways(self) -> None:
        self.convolution = _switch(
            "Convolution", "The kernel is flipped by 180° before it slides: lecture, SciPy"
        )
        self.correlation = _switch(
            "Correlation",
            "Cross-correlation: the kernel slides as it is. What deep learning calls a convolution",
        )
        self.gather = _switch(
            "Gather",
            "Step by output cells: each is the dot product of the kernel with the input cells that "
            "reach it, with zeros spread between them",
        )
        self.scatter = _switch("Scatter", SCATTER_TIP)
        self._flips = beside(self.convolution, self.correlation, spacing=4)
        self._ways = beside(self.gather, self.scatter, spacing=4)
        self.pad = PaddingFields(self._store, SPACING)

    def _make_numbers(self) -> None:
        self.stride = _pair(1, LARGEST_STRIDE, "Stride {way}", "Cells that the window moves {way}")
        self.dilation = _pair(
            1, LARGEST_DILATION, "Dilation {name}", "Cells from one weight to the next, {name}"
        )
        self.cells = _pair(0, LARGEST_PADDING, "Padding {name}", "Cells before and after, {name}")
        self.output_padding = _pair(
            0,
            LARGEST_STRIDE,
            "Output padding {name}",
            "Cells added at the end of the output, {name}",
        )
        self._numbers = {
            "stride": Labelled(NUMBERS["stride"], *self.stride),
            "dilation": Labelled(NUMBERS["dilation"], *self.dilation),
            "padding": Labelled(NUMBERS["padding"], *self.cells),
            "output_padding": Labelled(NUMBERS["output_padding"], *self.output_padding),
        }
        self._halves = Halves(*self._numbers.values(), spacing=SPACING)
        self.ceil_mode = QCheckBox("Round the size up (ceil mode)")
        set_tip(self.ceil_mode, "A last window may hang over the end of the input")
        self.count_padding = QCheckBox("Count padding in the mean")
        set_tip(self.count_padding, "Divide by all cells of the window, padding included")

    def _make_channels(self) -> None:
        self.channels = whole_number(
            1, MOST_CHANNELS, "Feature maps", "Channels that come in → feature maps that come out"
        )
        self.groups = whole_number(1, MOST_CHANNELS, "Groups", "Groups of channels that do not mix")
        self.depthwise = QPushButton("Depthwise")
        self.depthwise.setAccessibleName("Depthwise")
        set_tip(
            self.depthwise,
            "A kernel and a map of its own for each input channel: groups = channels",
        )
        self.depthwise.setStyleSheet("padding-left: 2px; padding-right: 2px; font-size: 12px;")
        self._channel_row = beside(
            Labelled("Channels", self.channels),
            Labelled("Groups", self.groups),
            Labelled(" ", self.depthwise),
            shares=(9, 5, 8),
        )

    def _connect(self) -> None:
        for button, slot in (
            (self.convolution, self._choose_convolution),
            (self.correlation, self._choose_correlation),
            (self.gather, self._choose_gather),
            (self.scatter, self._choose_scatter),
            (self.ceil_mode, self._change_ceil_mode),
            (self.count_padding, self._change_count_padding),
            (self.depthwise, self._make_depthwise),
        ):
            button.clicked.connect(slot)
        self.kind.activated.connect(self._choose_kind)
        for fields, change in (
            (self.stride, self._change_stride),
            (self.dilation, self._change_dilation),
            (self.cells, self._change_cells),
            (self.output_padding, self._change_output_padding),
            ([self.channels], self._change_channels),
            ([self.groups], self._change_groups),
        ):
            for field in fields:
                field.valueChanged.connect(change)

    # Showing

    def show_session(self, session: Session, theme: Theme) -> None:
        """Show the layer in focus, as its settings say."""
        layer = session.edited.layers[session.layer]
        self._heading.show_theme(theme)
        kind = stacking.kind_of(layer)
        show_choice(self.kind, kind if kind in WINDOWED else ACTIVATION)
        self._skipped.setVisible(session.layer in session.edited.disabled)
        self._show_kind(layer)
        self._show_numbers(layer)
        self._show_ways(session, layer)
        if isinstance(layer, Conv):
            self.pad.show_conv(layer, changes.reaching(session))
        if isinstance(layer, KernelLayer):
            self._show_channels(layer)
        self.function.show_session(session)

    def _show_kind(self, layer: Layer) -> None:
        """Hide what layers of other kinds are set with."""
        kinds: tuple[tuple[QWidget, bool], ...] = (
            (self._flips, isinstance(layer, Conv)),
            (self.pad, isinstance(layer, Conv)),
            (self._ways, isinstance(layer, ConvTranspose)),
            (self._channel_row, isinstance(layer, KernelLayer)),
            (self.ceil_mode, isinstance(layer, Pool)),
            (self.count_padding, isinstance(layer, Pool) and layer.pooling.divides),
        )
        for widget, belongs in kinds:
            widget.setVisible(belongs)
        self._halves.show_only(*(self._numbers[name] for name in _numbers_of(layer)))

    def _show_numbers(self, layer: Layer) -> None:
        fields = {
            "stride": self.stride,
            "dilation": self.dilation,
            "padding": self.cells,
            "output_padding": self.output_padding,
        }
        for name in _numbers_of(layer):
            numbers = getattr(layer, name)
            show_values(fields[name], numbers)
            self._numbers[name].say(f"{NUMBERS[name]}{axes_text(len(numbers))}")
        if isinstance(layer, Pool):
            self.ceil_mode.setChecked(layer.ceil_mode)
            self.count_padding.setChecked(layer.count_include_pad)

    def _show_ways(self, session: Session, layer: Layer) -> None:
        flip = isinstance(layer, Conv) and layer.flip
        for button, checked in (
            (self.convolution, flip),
            (self.correlation, not flip),
            (self.gather, not session.scatter),
            (self.scatter, session.scatter),
        ):
            button.setChecked(checked)
        gathers = session.view.workspace == "signals"
        self.scatter.setEnabled(not gathers)
        set_tip(self.scatter, ONLY_GATHERED if gathers else SCATTER_TIP)

    def _show_channels(self, layer: KernelLayer) -> None:
        self.channels.setPrefix(f"{layer.in_channels} → ")
        self.channels.setSingleStep(layer.groups)
        show_number(self.channels, layer.out_channels)
        show_number(self.groups, layer.groups)
        self.depthwise.setVisible(isinstance(layer, Conv))
        self.depthwise.setEnabled(layer.in_channels > 1)

    # Changing

    def _choose_kind(self) -> None:
        self._store.apply(_of_kind, self.kind.currentData())

    def _choose_convolution(self) -> None:
        self._choose(True, self.convolution, self.correlation, changes.set_flip)

    def _choose_correlation(self) -> None:
        self._choose(False, self.convolution, self.correlation, changes.set_flip)

    def _choose_scatter(self) -> None:
        self._choose(True, self.scatter, self.gather, transitions.set_scatter)

    def _choose_gather(self) -> None:
        self._choose(False, self.scatter, self.gather, transitions.set_scatter)

    def _choose(
        self,
        chosen: bool,
        one: QPushButton,
        other: QPushButton,
        change: Callable[[Session, bool], Session],
    ) -> None:
        """Make two buttons one choice, whichever was clicked."""
        one.setChecked(chosen)
        other.setChecked(not chosen)
        self._store.apply(change, chosen)

    def _make_depthwise(self) -> None:
        self._store.apply(changes.depthwise)

    def _change_ceil_mode(self) -> None:
        self._store.apply(changes.set_ceil_mode, self.ceil_mode.isChecked())

    def _change_count_padding(self) -> None:
        self._store.apply(changes.set_count_include_pad, self.count_padding.isChecked())

    def _change_stride(self) -> None:
        self._store.apply(changes.set_stride, self._values(self.stride))

    def _change_dilation(self) -> None:
        self._store.apply(changes.set_dilation, self._values(self.dilation))

    def _change_cells(self) -> None:
        self._store.apply(changes.set_padding, self._values(self.cells))

    def _change_output_padding(self) -> None:
        self._store.apply(changes.set_output_padding, self._values(self.output_padding))

    def _change_channels(self) -> None:
        self._store.apply(stacking.set_output_channels, self.channels.value())

    def _change_groups(self) -> None:
        self._store.apply(changes.set_groups, self.groups.value())

    def _values(self, fields: list[QSpinBox]) -> tuple[int, ...]:
        return values(fields, self._store.session.rank)


def _of_kind(session: Session, kind: str) -> Session:
    """Make the layer one of another kind; any activation is an activation already."""
    layer = session.edited.layers[session.layer]
    if kind == ACTIVATION and isinstance(layer, Activation):
        return session
    return stacking.set_kind(session, kind)


def _kinds() -> list[tuple[str, str, str]]:
    kinds = [stacking.LAYER_KINDS[name] for name in WINDOWED]
    activation = (ACTIVATION, "Activation", "Activation: a function of every single cell")
    return [
        *((k.name, SHORT.get(k.name, k.title), f"{k.title}: {k.summary}") for k in kinds),
        activation,
    ]


def _numbers_of(layer: Layer) -> tuple[str, ...]:
    """Return which settings of a layer are whole numbers per axis."""
    match layer:
        case Conv():
            return "stride", "dilation"
        case ConvTranspose():
            return "stride", "dilation", "padding", "output_padding"
        case Pool():
            return ("stride", "padding", *(("dilation",) if layer.pooling.dilates else ()))
        case Activation():
            return ()


def _switch(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setCheckable(True)
    set_tip(button, tip)
    button.setStyleSheet("padding-left: 4px; padding-right: 4px;")
    return button


def _pair(low: int, high: int, name: str, tip: str) -> list[QSpinBox]:
    """Return a field for each axis; `{name}` and `{way}` stand for the axis in both texts."""
    return [
        whole_number(low, high, name.format(name=axis, way=way), tip.format(name=axis, way=way))
        for axis, way in AXES
    ]

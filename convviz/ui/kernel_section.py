"""The kernel between the shown channels, or the window of a pooling layer."""

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Activation, Conv, ConvTranspose, KernelLayer, Pool
from convviz.engine.padding import Array
from convviz.model import cell_changes, changes, transitions
from convviz.model.cell_changes import LARGEST_KERNEL
from convviz.model.document import flips
from convviz.model.scene import Scene
from convviz.model.session import Session
from convviz.render.theme import Theme
from convviz.ui.bias_row import BiasRow
from convviz.ui.fields import (
    Halves,
    Heading,
    Labelled,
    NumberBox,
    axes_text,
    choice,
    dim_label,
    offer,
    show_choice,
    show_number,
    show_values,
    values,
    whole_number,
)
from convviz.ui.input_section import SPACING
from convviz.ui.list_field import ListField
from convviz.ui.plain_text import plain_label
from convviz.ui.store import Store

AXES = (("rows", "down"), ("columns", "across"))
DESCRIPTION_HEIGHT = 47  # three lines, so that fields stay where they are


class KernelSection(QWidget):
    """Preset, size and bias; of a pooling layer the size alone; of an activation nothing."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._rank = 2
        self.setAccessibleName("Kernel")
        self.preset = choice(_kernels(self._rank))
        self.preset.setAccessibleName("Kernel")
        self.samples = ListField("b")
        self.look_for = dim_label()
        self.look_for.setFixedHeight(DESCRIPTION_HEIGHT)
        self.look_for.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.size_fields = [
            whole_number(1, LARGEST_KERNEL[2], f"Kernel {name}", f"Kernel size, {name}")
            for name, _ in AXES
        ]
        self.bias = NumberBox("Bias", "A number added to every dot product")
        self._which = plain_label()
        self._which.setProperty("dim", True)
        self._heading = Heading("Kernel", lambda theme: theme.kernel, self._which)
        self._size = Labelled("Size", *self.size_fields)
        self._bias = Labelled("Bias b", self.bias)
        self._halves = Halves(self._size, self._bias)
        self.biases = BiasRow(store)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        for widget in (
            *(self._heading, self.preset, self.samples, self.look_for),
            *(self._halves, self.biases),
        ):
            column.addWidget(widget)
        self.preset.activated.connect(self._choose_kernel)
        self.samples.entered.connect(self._type)
        self.samples.refused.connect(self._refuse)
        self.bias.valueChanged.connect(self._change_bias)
        self.bias.refused.connect(self._refuse)
        for field in self.size_fields:
            field.valueChanged.connect(self._change_size)

    def show_session(self, session: Session, scene: Scene, theme: Theme) -> None:
        """Show the kernel of the shown channels, as its settings say."""
        layer = session.edited.layers[session.layer]
        self._heading.show_theme(theme)
        self.setVisible(not isinstance(layer, Activation))
        self._which.setText(scene.kernel.grid.detail if len(scene.kernel.thumbnails.items) else "")
        match layer:
            case Conv() | ConvTranspose():
                self._show_kernel(session, layer)
            case Pool():
                self._heading.say("Window")
                self._halves.show_only(self._size)
        kernel = isinstance(layer, KernelLayer)
        self.preset.setVisible(kernel)
        self.samples.setVisible(isinstance(layer, KernelLayer) and layer.rank == 1)
        own = scene.kernel.bias is not None and self.preset.currentData() in ("", None)
        self.look_for.setVisible(kernel and not own)  # its room is for the biases
        if not isinstance(layer, Activation):
            show_values(self.size_fields, layer.kernel_size)
            self._size.say(f"Size{axes_text(layer.rank)}")

    def show_bias(self, scene: Scene, theme: Theme) -> None:
        """Show the biases of all maps, where there are several, and what of them is selected."""
        self.biases.setVisible(scene.kernel.bias is not None)
        if scene.kernel.bias is not None:
            self.biases.render_scene(scene, theme)

    def _show_kernel(self, session: Session, layer: KernelLayer) -> None:
        self._heading.say("Kernel")
        self._halves.show_only(self._size, self._bias)
        if layer.rank != self._rank:
            self._rank = layer.rank
            offer(self.preset, _kernels(layer.rank))
            for field in self.size_fields:
                with QSignalBlocker(field):
                    field.setMaximum(LARGEST_KERNEL[layer.rank])
        kernel = changes.edited_kernel(session)
        assert kernel is not None
        if layer.rank == 1:
            self.samples.show_samples(kernel)
        preset = next((p for p in KERNELS.values() if np.array_equal(p.kernel, kernel)), None)
        show_choice(self.preset, preset.name if preset else None, "Own kernel")
        known = preset and preset.look_for(flip=flips(layer))
        self.look_for.setText(known or "Weights of your own.")
        channel = min(session.channel, layer.out_channels - 1)
        show_number(self.bias, 0.0 if layer.bias is None else float(layer.bias[channel]))
        several = f" of map {channel + 1}" if layer.out_channels > 1 else ""
        self._bias.say(f"Bias{several or ' b'}")
        self.bias.setAccessibleName(f"Bias{several}")

    def _choose_kernel(self) -> None:
        if name := self.preset.currentData():
            self._store.apply(changes.set_kernel_preset, name)

    def _type(self, samples: Array) -> None:
        self._store.apply(cell_changes.type_samples, "kernel", samples)

    def _refuse(self, sentence: str) -> None:
        self._store.apply(transitions.refuse, sentence)

    def _change_bias(self) -> None:
        self._store.apply(changes.set_bias, self.bias.value())

    def _change_size(self) -> None:
        session = self._store.session
        layer = session.edited.layers[session.layer]
        if not isinstance(layer, Activation):
            size = values(self.size_fields, layer.rank)
            self._store.apply(changes.set_kernel_size, size)


def _kernels(rank: int) -> list[tuple[str, str, str]]:
    fitting = (preset for preset in KERNELS.values() if preset.kernel.ndim == rank)
    return [(k.name, k.title, k.summary) for k in fitting]

"""The panel at the left: input, kernel, layer, output size."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from convviz.model.scene import Scene
from convviz.model.session import Session
from convviz.render.theme import Theme
from convviz.ui.input_section import InputSection
from convviz.ui.kernel_section import KernelSection
from convviz.ui.layer_section import LayerSection
from convviz.ui.learn_section import LearnSection
from convviz.ui.size_card import ProblemCard, SizeCard
from convviz.ui.store import Store

WIDTH = 270
BETWEEN, MARGIN = 10, 6  # pixels between two sections, and below the last


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
        self._input, self._kernel = InputSection(store), KernelSection(store)
        self._layer = LayerSection(store)
        self.learning = LearnSection(store)
        self.size_card, self.problem_card = SizeCard(), ProblemCard(store)
        self._name_controls()
        self.setWidget(self._laid_out())
        self.verticalScrollBar().rangeChanged.connect(self._reveal_problem)

    def _name_controls(self) -> None:
        """Let others find the controls, wherever they stand."""
        self.source, self.open = self._input.source, self._input.open
        self.resize_input, self.reads = self._input.resize_input, self._input.reads
        self.examples = self._input.examples
        self.previous, self.next = self._input.previous, self._input.next
        self.preset, self.look_for = self._kernel.preset, self._kernel.look_for
        self.kernel_size, self.bias = self._kernel.size_fields, self._kernel.bias
        layer, pad = self._layer, self._layer.pad
        self.kind, self.activation = layer.kind, layer.activation
        self.convolution, self.correlation = layer.convolution, layer.correlation
        self.gather, self.scatter = layer.gather, layer.scatter
        self.padding, self.fill, self.rules = pad.padding, pad.fill, pad.rules
        self.amounts, self.fill_value = pad.amounts, pad.fill_value
        self.stride, self.dilation = layer.stride, layer.dilation
        self.cells, self.output_padding = layer.cells, layer.output_padding
        self.ceil_mode, self.count_padding = layer.ceil_mode, layer.count_padding
        self.channels, self.groups = layer.channels, layer.groups
        self.depthwise = layer.depthwise

    def _laid_out(self) -> QWidget:
        body = QWidget()
        body.setObjectName("panelBody")
        body.setAccessibleName("Settings")
        column = QVBoxLayout(body)
        column.setContentsMargins(18, 10, 16, MARGIN)
        column.setSpacing(BETWEEN)
        for widget in (
            *(self._input, self.learning, self._kernel, self._layer),
            *(self.problem_card, self.size_card),
        ):
            column.addWidget(widget)
        column.addStretch(1)
        return body

    def show_session(self, session: Session, scene: Scene, theme: Theme) -> None:
        """Show the settings of `session`."""
        self.learning.setVisible(session.learns)
        self.learning.show_session(session, scene, theme)
        self._kernel.show_bias(scene, theme)
        looked_at = (
            session.learns,
            session.layer,
            session.channel,
            session.shown_source,
            session.scatter,
        )
        shown = (session.edited, session.document, session.attempt, looked_at, theme)
        if shown == self._shown:
            return
        self._shown = shown
        self._input.show_session(session, theme)
        self._kernel.show_session(session, scene, theme)
        self._layer.show_session(session, theme)
        self.problem_card.show_session(session)
        self._layer.setHidden(session.learns)
        if session.learns:
            self._kernel.hide()
        self.problem_card.setHidden(session.learns or session.problem is None)
        self.size_card.setVisible(session.problem is None and not session.learns)
        self.size_card.render_size(scene.size, theme)
        if session.problem:
            QTimer.singleShot(0, self._reveal_problem)

    def _reveal_problem(self) -> None:
        """Scroll to what does not fit, and again when there is more to scroll."""
        if self.problem_card.isVisible():
            self.ensureWidgetVisible(self.problem_card, 0, MARGIN)

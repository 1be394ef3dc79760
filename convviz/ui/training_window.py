"""TrainingWindow: a small network is trained on images, and can be looked into meanwhile."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from convviz.engine.geometry import counted
from convviz.engine.layers import Layer
from convviz.engine.training import weight_arrays
from convviz.files.atomic import WriteError, atomic_write
from convviz.files.errors import one_line
from convviz.files.safetensors_written import safetensors_bytes
from convviz.model import taking_over
from convviz.model.training_run import Plan, Run
from convviz.model.training_scene import (
    Looking,
    TrainingScene,
    chosen_image,
    chosen_kernel,
    derive_training,
    first_of,
    held_back,
    image_count,
    image_title,
    taken_layer,
)
from convviz.render.theme import DARK, Theme
from convviz.ui import dialogs
from convviz.ui.fields import choice, dim_label, show_number, whole_number
from convviz.ui.incoming import png_bytes
from convviz.ui.own_keys import OwnKeys
from convviz.ui.plain_text import plain_label, set_tip
from convviz.ui.store import Store
from convviz.ui.style import css
from convviz.ui.tool_window import ToolWindow
from convviz.ui.training_fields import TrainingFields
from convviz.ui.training_views import (
    ARROWS,
    Choosing,
    ComparisonView,
    ConfusionView,
    CurvesView,
    Drawing,
    PicturesView,
    SharesView,
)
from convviz.ui.training_worker import Job, TrainingWorker

if TYPE_CHECKING:
    from convviz.ui.main_window import MainWindow

SIZE = QSize(1200, 730)
PACES = (
    ("0", "as fast as it goes", "The window shows 30 states a second"),
    ("0.03", "30 batches a second", "Slow enough to see each epoch"),
    ("0.25", "4 batches a second", "Slow enough to see each batch"),
)
GO_WIDTH, STEP_WIDTH = 108, 200  # pixels for the longest text, in bold
PACE_LENGTH = 11  # characters
WEIGHTS_NAME, PICTURE_NAME = "trained.safetensors", "training.png"
PREPARING = "The images are being prepared…"


class TrainingWindow(ToolWindow):
    """Settings at the left, what becomes of them at the right; the training runs in a thread."""

    def __init__(self, store: Store, parent: "MainWindow") -> None:
        super().__init__("Train a small network", parent)
        self._store, self._window = store, parent
        self._theme: Theme = DARK
        self._run: Run | None = None
        self._looking = Looking()
        self._scene: TrainingScene | None = None
        self.worker = TrainingWorker(self)
        self.fields = TrainingFields()
        self._make_controls()
        self._make_views()
        self._lay_out()
        self._connect()
        self.resize(SIZE)

    # Building

    def _make_controls(self) -> None:
        self.go, self.one = QPushButton("Start"), QPushButton("Step")
        self.reset = QPushButton("Reset")
        self.pace = choice(PACES)
        self.pace.setAccessibleName("Pace")
        self.pace.setMinimumContentsLength(PACE_LENGTH)
        set_tip(self.pace, "How fast the batches follow one another; can be changed meanwhile")
        self.go.setMinimumWidth(GO_WIDTH)
        set_tip(self.go, "Train to the end, or pause (Space)")
        set_tip(self.one, "Train on one batch")
        set_tip(self.reset, "Go back to the first kernels of this seed")
        self.step_through = QPushButton("Step through this layer")
        self.step_through.setMinimumWidth(STEP_WIDTH)
        set_tip(
            self.step_through,
            "Show the chosen image under the trained convolution in the main window",
        )
        self.as_stack = QPushButton("Open as stack")
        set_tip(
            self.as_stack,
            "Show the chosen image on its way through all trained layers in the main window",
        )
        self.save = QPushButton("Save weights…")
        set_tip(self.save, "Write the trained weights as safetensors, in torch's names")
        self.picture = QPushButton("Save picture…")
        set_tip(self.picture, "Write what this window shows as a PNG image")
        self.progress, self.result, self.said = plain_label(), plain_label(), plain_label()
        self.said.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.said.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.said.setAccessibleDescription("Message of the training")
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress of the training")
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.number = whole_number(
            1, 1, "Held-back image", "Which of the images held back is shown"
        )
        self.image_text = dim_label()
        self.wrong_text = dim_label()
        self.compared = plain_label("Compare with the hand-made")

    def _make_views(self) -> None:
        self.curves, self.comparison = CurvesView(), ComparisonView()
        self.confusion, self.shares = ConfusionView(), SharesView()
        self.kernels = PicturesView(
            "Kernels", QSize(200, 110), "Click a kernel to compare it with those made by hand"
        )
        self.image = PicturesView("The chosen image", QSize(80, 80), "The image that is judged")
        self.maps = PicturesView(
            "Feature maps", QSize(150, 110), "What each kernel makes of the image, after activation"
        )
        self.wrong = PicturesView(
            "Wrongly judged images",
            QSize(150, 110),
            "What they are, and what they were judged as; click one to look at it",
        )

    def _lay_out(self) -> None:
        above = _row(
            (_card("Loss and accuracy", self.curves), 35),
            (_card("Kernels of the convolution", self.kernels), 27),
            (_card(self.compared, self.comparison), 38),
        )
        below = _row(
            (self._image_card(), 54),
            (_card("Confusion matrix", self.confusion), 26),
            (_card("Wrongly judged", self.wrong_text, self.wrong), 20),
        )
        right = QVBoxLayout()
        right.setSpacing(10)
        right.addWidget(self._head())
        right.addLayout(above, 10)
        right.addLayout(below, 13)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 12, 14, 12)
        row.setSpacing(10)
        left = QVBoxLayout()
        left.setSpacing(10)
        left.addWidget(self.fields, 1)
        left.addWidget(self.save)
        left.addWidget(self.picture)
        row.addLayout(left)
        row.addLayout(right, 1)

    def _head(self) -> QFrame:
        card = QFrame()
        card.setObjectName("side")
        card.setAccessibleName("Training")
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for widget in (self.go, self.one, self.reset, self.pace):
            buttons.addWidget(widget)
        buttons.addStretch(1)
        for widget in (self.as_stack, self.step_through):
            buttons.addWidget(widget)
        told = QHBoxLayout()
        told.addWidget(self.progress)
        told.addWidget(self.said, 1)
        told.addWidget(self.result)
        column = QVBoxLayout(card)
        column.setContentsMargins(14, 10, 14, 10)
        column.setSpacing(8)
        column.addLayout(buttons)
        column.addWidget(self.bar)
        column.addLayout(told)
        return card

    def _image_card(self) -> QFrame:
        above = QHBoxLayout()
        above.addWidget(self.number)
        above.addWidget(self.image_text, 1)
        row = _row((self.image, 22), (self.maps, 40), (self.shares, 38))
        card = _card("What it makes of an image it has not seen")
        column = card.layout()
        assert isinstance(column, QVBoxLayout)
        column.addLayout(above)
        column.addLayout(row, 1)
        return card

    def _connect(self) -> None:
        self.worker.moved.connect(self._moved)
        self.worker.ended.connect(self._ended)
        self.fields.planned.connect(self._begin)
        self.go.clicked.connect(self.toggle)
        self.one.clicked.connect(self._step)
        self.reset.clicked.connect(self._reset)
        self.pace.activated.connect(self._change_pace)
        self.kernels.chosen.connect(self._choose_kernel)
        self.maps.chosen.connect(self._choose_kernel)
        self.wrong.chosen.connect(self._choose_image)
        self.number.valueChanged.connect(self._choose_number)
        self.confusion.chosen.connect(self._choose_cell)
        self.step_through.clicked.connect(self._take_layer)
        self.as_stack.clicked.connect(self._take_stack)
        self.save.clicked.connect(self._save)
        self.picture.clicked.connect(self._save_picture)
        self._keys = OwnKeys(self)
        self._keys.adopt(self)
        self.take_closing_keys()

    # Showing

    def open(self, theme: Theme) -> None:
        """Show the window as it was left."""
        self._theme = theme
        self.come_forward()
        self.go.setFocus()
        if self._run is None and self.worker.job is None:  # closed while it was prepared
            self._begin(self.fields.plan)
        self._show()

    def show_theme(self, theme: Theme) -> None:
        """Follow the theme while the window is open."""
        if self.isVisible() and theme is not self._theme:
            self._theme = theme
            self._show()

    def _show(self) -> None:
        """Show the run as far as it has come; without one, why not."""
        self._show_buttons()
        if self._run is None:
            return
        theme, scene = self._theme, derive_training(self._run, self._looking)
        self._scene = scene
        self.progress.setText(scene.progress)
        self.result.setText(scene.result)
        self.bar.setValue(round(1000 * scene.done))
        self.curves.show_curves(scene.curves, theme)
        self.compared.setText(scene.comparison.title)
        self.comparison.show_comparison(scene.comparison, theme)
        self.kernels.show_pictures(scene.kernels, scene.comparison.sentence, theme.kernel, theme)
        self.image.show_pictures(scene.image, scene.image_text, theme.input, theme)
        self.maps.show_pictures(scene.maps, scene.image_text, theme.output, theme)
        self.shares.show_shares(scene.shares, scene.shares_text, theme)
        self.confusion.show_confusion(scene.confusion, theme)
        self.wrong.show_pictures(scene.wrong, scene.wrong_text, theme.input, theme)
        self.image_text.setText(scene.image_text)
        self.wrong_text.setText(scene.wrong_text)
        self.number.setMaximum(image_count(self._run))
        self.number.setSuffix(f" of {image_count(self._run)}")
        show_number(self.number, self._looking.image + 1)

    def _show_buttons(self) -> None:
        run, trains = self._run, self._is_training
        begun = run is not None and not run.is_new
        over = run is not None and run.is_over and not trains
        self.go.setText(_go_text(begun=begun, over=over, trains=trains))
        for button, able in (
            (self.one, run is not None and not over and not trains),
            (self.reset, begun or trains),
            (self.step_through, run is not None),
            (self.number, run is not None),
            (self.as_stack, run is not None),
            (self.save, run is not None),
            (self.picture, run is not None),
        ):
            button.setEnabled(able)
        _accent(self.go, on=not over)
        _accent(self.step_through, on=over)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        colour = self._theme.error if wrong else self._theme.dim
        self.said.setStyleSheet(f"color: {css(colour)};")
        self.said.setText(text)
        set_tip(self.said, text)
        self.result.setVisible(not text)

    # Training

    @property
    def _is_training(self) -> bool:
        job = self.worker.job
        return job is not None and job.trains and not job.stop.is_set()

    def toggle(self) -> None:
        """Start, pause, resume, or start again."""
        if self._is_training:
            self.worker.pause()
        else:
            self._say("")
            run = self._run
            start = self.fields.plan if run is None or run.is_over else run
            self.worker.begin(Job(start, None, float(self.pace.currentData())))
        self._show_buttons()

    def _step(self) -> None:
        if self._run is not None:
            self._say("")
            self.worker.begin(Job(self._run, 1))

    def _reset(self) -> None:
        self._begin(self.fields.plan)

    def _begin(self, plan: Plan) -> None:
        """Prepare what a plan begins with."""
        self._run = None
        self._say(PREPARING)
        self.worker.begin(Job(plan, 0))
        self._show_buttons()

    def _change_pace(self) -> None:
        """Go on at another pace."""
        job = self.worker.job
        if job is not None and job.trains:
            job.pause = float(self.pace.currentData())

    def _moved(self, job: Job) -> None:
        self._run = job.latest
        self._show()

    def _ended(self, job: Job) -> None:
        self._say(job.problem[:1].upper() + job.problem[1:], wrong=True)
        if self._run is None:
            self._blank()
        self._show_buttons()

    def _blank(self) -> None:
        """Show nothing: the images of the plan are not there."""
        for view in self.findChildren(Drawing):
            view.blank(self._theme)
        for label in (self.progress, self.image_text, self.wrong_text):
            label.clear()
        self.bar.setValue(0)

    def stop(self) -> None:
        """Wait for what runs; nothing runs any more."""
        self.worker.stop()
        self._show_buttons()

    def closeEvent(self, event: QCloseEvent) -> None:
        self.stop()
        super().closeEvent(event)

    # Looking

    def _look(self, looking: Looking) -> None:
        self._say("")
        self._looking = looking
        self._show()

    def _choose_kernel(self, kernel: int) -> None:
        self._look(replace(self._looking, kernel=kernel))

    def _choose_image(self, image: int) -> None:
        self._look(replace(self._looking, image=image))

    def _choose_number(self, number: int) -> None:
        self._choose_image(number - 1)

    def _choose_cell(self, right: int, guess: int) -> None:
        image = None if self._run is None else first_of(self._run, right, guess)
        if image is not None:
            self._choose_image(image)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep Space and the arrows of pictures from being shortcuts of the main window."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            arrow = isinstance(watched, Choosing) and Qt.Key(event.key()) in ARROWS
            if not event.modifiers() and (arrow or event.key() == Qt.Key.Key_Space):
                event.accept()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.modifiers():
            self.toggle()
        else:
            super().keyPressEvent(event)

    # Taking away

    def _take_layer(self) -> None:
        """Let the trained convolution be the layer of the main window, over the chosen image."""
        if self._run is not None:
            self._take(taken_layer(self._run))

    def _take_stack(self) -> None:
        """Let all trained layers be the stack of the main window, over the chosen image."""
        if self._run is not None:
            self._take(self._run.state.layers)

    def _take(self, layers: tuple[Layer, ...]) -> None:
        run, looking = self._run, self._looking
        assert run is not None
        self.close()
        image = chosen_image(run, looking)
        self._store.apply(
            taking_over.step_through,
            layers,
            held_back(run, image),
            image_title(run, image),
            chosen_kernel(run, looking),
        )

    def _save(self) -> None:
        if self._run is None:
            return
        arrays = weight_arrays(self._run.state.layers)
        path = dialogs.ask_save_weights(self, self._window.export.folder / WEIGHTS_NAME)
        count = counted(sum(array.size for array in arrays.values()), "number")
        if path is not None and self._write(path, safetensors_bytes(arrays)):
            self._say(f"Saved {one_line(path.name)}: {', '.join(arrays)}, {count} as they are")

    def _save_picture(self) -> None:
        png = png_bytes(self.grab().toImage())  # before the dialog: the training goes on meanwhile
        path = dialogs.ask_save_png(self, self._window.export.folder / PICTURE_NAME)
        if path is not None and self._write(path, png):
            self._say(f"Saved {one_line(path.name)}")

    def _write(self, path: Path, data: bytes) -> bool:
        """Write a file, and go on in its folder; say why not, and return whether it is there."""
        try:
            atomic_write(path, data)
        except WriteError as error:
            self._say(str(error), wrong=True)
            return False
        self._window.export.folder = path.parent
        return True


def _go_text(*, begun: bool, over: bool, trains: bool) -> str:
    if trains:
        return "Pause"
    if over:
        return "Start again"
    return "Resume" if begun else "Start"


def _accent(button: QPushButton, *, on: bool) -> None:
    """Mark what a person most likely wants next."""
    if bool(button.property("accent")) != on:
        button.setProperty("accent", on)
        button.style().polish(button)


def _row(*parts: tuple[QWidget, int]) -> QHBoxLayout:
    """Return widgets side by side that share the width as told, whatever they hold."""
    row = QHBoxLayout()
    row.setSpacing(10)
    for widget, share in parts:
        widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        row.addWidget(widget, share)
    return row


def _card(title: str | QLabel, *widgets: QWidget) -> QFrame:
    card = QFrame()
    card.setObjectName("side")
    heading = plain_label(title) if isinstance(title, str) else title
    card.setAccessibleName(heading.text())
    heading.setStyleSheet("font-weight: bold;")
    column = QVBoxLayout(card)
    column.setContentsMargins(14, 10, 14, 10)
    column.setSpacing(6)
    column.addWidget(heading)
    for widget in widgets:
        column.addWidget(widget, 0 if isinstance(widget, QLabel) else 1)
    return card

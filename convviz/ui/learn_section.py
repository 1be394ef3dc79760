"""How a kernel is learnt: the target, the first kernel, and the way down the loss."""

from collections.abc import Iterable
from itertools import chain

from PySide6.QtWidgets import QComboBox, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from convviz.engine.descent import OPTIMIZERS
from convviz.engine.kernels import KERNELS, KernelPreset
from convviz.engine.learn_settings import FIRST_KERNELS, LEARN_SETTINGS
from convviz.engine.losses import LOSSES
from convviz.model import learn_changes, transitions
from convviz.model.learn_scene import RunScene
from convviz.model.learning import LARGEST_SIZE, MOST_STEPS, OWN, Learning
from convviz.model.numbers import rounded_text
from convviz.model.scene import Scene
from convviz.model.session import Session
from convviz.render.theme import Theme
from convviz.ui.fields import (
    Halves,
    Heading,
    Labelled,
    NumberBox,
    beside,
    choice,
    dim_label,
    show_choice,
    show_number,
    whole_number,
)
from convviz.ui.input_section import SPACING
from convviz.ui.learn_images import LearnImages
from convviz.ui.learn_layer import LearnLayer
from convviz.ui.plain_text import set_tip
from convviz.ui.store import Store

FIRST_TITLES = {"uniform": "Random", "zeros": "Zeros", OWN: "Own"}
BETWEEN = 5  # pixels more before a heading
OWN_FIRST = "Numbers of your own: type into the kernel at update 0."
OWN_KERNEL = "The kernel of Convolve 2-D as it is now: type it there, and let others guess."
MAP = "map"
OWN_MAP = "A map of your own: type, paste or paint into the target."
LARGEST_SEED = 2**31 - 1


def _tip(name: str) -> str:
    return LEARN_SETTINGS[name].summary


class LearnSection(QWidget):
    """Settings of learning, and buttons to go through it."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._shown: tuple[object, ...] = ()
        self.setAccessibleName("Learning")
        self.images, self.layer = LearnImages(store), LearnLayer(store, SPACING)
        self._make_target()
        self._make_first()
        self._make_descent()
        self._make_buttons()
        self._lay_out()
        self._connect()

    def _make_target(self) -> None:
        presets = [(k.name, f"{k.title} · hidden", k.summary) for k in _kernels()]
        self.hidden = choice(
            [*presets, (OWN, "Own kernel · hidden", OWN_KERNEL), (MAP, "Own map", OWN_MAP)]
        )
        self.hidden.setAccessibleName("Target made by")
        self.open = QPushButton("Open…")
        self.open.setAccessibleName("Open a target")
        set_tip(self.open, "Take the target from an image or array file")
        self.reveal = QPushButton("Reveal")
        self.reveal.setCheckable(True)
        self.reveal.setAccessibleName("Reveal the hidden kernel")
        set_tip(self.reveal, "Show the hidden kernel beside the learnt ones")
        self.distance = dim_label()
        self.size_fields = [
            whole_number(1, LARGEST_SIZE, f"Learnt kernel {name}", _tip("kernel_size"))
            for name in ("rows", "columns")
        ]

    def _make_first(self) -> None:
        firsts = ((name, FIRST_TITLES[name], tip) for name, tip in FIRST_KERNELS.items())
        self.initial = choice([*firsts, (OWN, FIRST_TITLES[OWN], OWN_FIRST)])
        self.seed = whole_number(0, LARGEST_SEED, "Seed", _tip("seed"))

    def _make_descent(self) -> None:
        self.optimizer = choice((o.name, o.title, o.summary) for o in OPTIMIZERS.values())
        self.optimizer.setAccessibleName("Optimizer")
        self.rate = NumberBox("Learning rate", _tip("lr"))
        self.suits = QPushButton("Suit")
        self.suits.setProperty("link", True)
        self.suits.setAccessibleName("Take a learning rate that suits the image")
        set_tip(self.suits, "Take the learning rate that suits the image")
        self.rate_text = dim_label()
        self.loss = choice((o.name, o.title, f"{o.formula}: {o.summary}") for o in LOSSES.values())
        self.momentum = NumberBox("Momentum", _tip("momentum"))
        self.betas = [NumberBox(f"Beta {number}", _tip("betas")) for number in (1, 2)]
        self.weight_decay = NumberBox("Weight decay", _tip("weight_decay"))
        self.noise = NumberBox("Noise", _tip("noise"))
        self.steps = whole_number(0, MOST_STEPS, "Steps", _tip("steps"))
        self._choices: dict[str, QComboBox] = {
            "optimizer": self.optimizer,
            "loss": self.loss,
        }
        self._numbers = {
            "lr": self.rate,
            "momentum": self.momentum,
            "weight_decay": self.weight_decay,
            "noise": self.noise,
        }

    def _make_buttons(self) -> None:
        self.step, self.run, self.reset = (QPushButton(text) for text in ("Step", "Run", "Reset"))
        self.run.setProperty("accent", True)
        for button, tip in (
            (self.step, "Forward, gradient, update: one after the other (.)"),
            (self.run, "Let the updates run, or stop them (Space)"),
            (self.reset, "Go back to the first kernel (Home)"),
        ):
            button.setAccessibleName(f"{button.text()} learning")
            set_tip(button, tip)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACING)
        self._headings = (
            Heading("Target", lambda theme: theme.output),
            Heading("First kernel", lambda theme: theme.kernel),
            Heading("Optimizer", lambda theme: theme.error),
            Heading("Layer", lambda theme: theme.input),
        )
        self._size = Labelled("Kernel size", *self.size_fields)
        self.initial.setSizePolicy(  # as high as the field beside it
            QSizePolicy.Policy.Ignored, QSizePolicy.Policy.MinimumExpanding
        )
        rates = Halves(
            Labelled("Learning rate", self.rate, link=self.suits), Labelled("Steps", self.steps)
        )
        self._kept = {
            "momentum": (Labelled("Momentum", self.momentum),),
            "adam": tuple(Labelled(box.accessibleName(), box) for box in self.betas),
        }
        self._always = (Labelled("Weight decay", self.weight_decay), Labelled("Noise", self.noise))
        self._more = Halves(*chain(*self._kept.values()), *self._always)
        first = beside(Labelled("Begin with", self.initial), Labelled("Seed", self.seed), spacing=8)
        groups: tuple[tuple[QWidget, ...], ...] = (
            (self.images, beside(self.step, self.run, self.reset, spacing=6)),
            (self.hidden, beside(self.open, self.reveal, spacing=6), self.distance, self._size),
            (first,),
            (self.optimizer, rates, self.rate_text, Labelled("Loss", self.loss), self._more),
            (self.layer,),
        )
        for heading, group in zip((None, *self._headings), groups, strict=True):
            if heading is not None:
                column.addSpacing(BETWEEN)
                column.addWidget(heading)
            for widget in group:
                column.addWidget(widget)

    def _connect(self) -> None:
        self.hidden.activated.connect(self._choose_hidden)
        self.reveal.clicked.connect(self._reveal)
        self.initial.activated.connect(self._choose_initial)
        self.seed.valueChanged.connect(self._set_seed)
        self.steps.valueChanged.connect(self._set_steps)
        self.suits.clicked.connect(self._suit)
        for combo in self._choices.values():
            combo.activated.connect(self._choose)
        for box in self._numbers.values():
            box.valueChanged.connect(self._set_number)
            box.refused.connect(self._refuse)
        for box in self.betas:
            box.valueChanged.connect(self._set_betas)
            box.refused.connect(self._refuse)
        for field in self.size_fields:
            field.valueChanged.connect(self._set_size)
        self.step.clicked.connect(self._step)
        self.run.clicked.connect(self._run)
        self.reset.clicked.connect(self._reset)

    def show_session(self, session: Session, scene: Scene, theme: Theme) -> None:
        """Show how the kernel of `session` is learnt."""
        if scene.learn is None:
            return
        run, playing = scene.learn.run, session.playback.playing
        self.distance.setText(_distance_text(run))
        shown = (session.document.learning, run and run.rate, session.learner, playing, theme.name)
        looked = (*shown[:2], session.learner.revealed, session.learner.image, *shown[3:])
        if looked == self._shown:
            return
        self._shown = looked
        for heading in self._headings:
            heading.show_theme(theme)
        self.images.show_session(session)
        self.layer.show_learning(session.document.learning)
        self._show_target(session.document.learning, session.learner.revealed)
        self._show_numbers(session.document.learning, run)
        self.run.setText("Pause" if playing else "Run")
        for control in (self.step, self.run, self.reset, self.rate):
            control.setEnabled(run is not None)
        colour = theme.error if run and run.rate.warns else theme.dim
        self.rate_text.setStyleSheet(f"color: rgb{colour};")

    def _show_target(self, learning: Learning, revealed: bool) -> None:
        own = learning.target is not None
        show_choice(self.hidden, MAP if own else learning.hidden)
        self.reveal.setEnabled(not own)
        self.reveal.setChecked(revealed and not own)
        self.reveal.setText("Hide" if revealed and not own else "Reveal")
        self._size.setVisible(own)
        self.distance.setVisible(not own)
        for field, size in zip(self.size_fields, learning.kernel_size, strict=True):
            show_number(field, size)

    def _show_numbers(self, learning: Learning, run: RunScene | None) -> None:
        show_choice(self.initial, learning.initial)
        self.seed.setEnabled(learning.initial == "uniform" or learning.noise > 0)
        show_number(self.seed, learning.seed)
        show_number(self.steps, learning.steps)
        for name, combo in self._choices.items():
            show_choice(combo, getattr(learning, name))
        for name, box in self._numbers.items():
            known = getattr(learning, name)
            if known is None and run:
                known = run.rate.rate
            show_number(box, known or 0.0)
        self.suits.setVisible(learning.lr is not None)
        self.rate_text.setText(run.rate.text if run else "")
        for box, value in zip(self.betas, learning.betas, strict=True):
            show_number(box, value)
        self._more.show_only(*self._kept.get(learning.optimizer, ()), *self._always)

    def _choose_hidden(self) -> None:
        name = self.hidden.currentData()
        if name == MAP:
            self._store.apply(learn_changes.own_target)
        elif name == OWN:
            self._store.apply(learn_changes.hide_kernel)
        else:
            self._store.apply(learn_changes.set_hidden, name)

    def _reveal(self) -> None:
        self._store.apply(transitions.set_revealed, self.reveal.isChecked())

    def _choose_initial(self) -> None:
        self._store.apply(learn_changes.set_initial, self.initial.currentData())

    def _set_seed(self, seed: int) -> None:
        self._store.apply(learn_changes.set_setting, "seed", seed)

    def _set_steps(self, steps: int) -> None:
        self._store.apply(learn_changes.set_setting, "steps", steps)

    def _suit(self) -> None:
        self._store.apply(learn_changes.set_setting, "lr", None)

    def _choose(self) -> None:
        name = next(name for name, combo in self._choices.items() if combo is self.sender())
        self._store.apply(learn_changes.set_setting, name, self._choices[name].currentData())

    def _set_number(self, value: float) -> None:
        name = next(name for name, box in self._numbers.items() if box is self.sender())
        self._shown = ()  # a number that is refused must not stay in its field
        self._numbers[name].lineEdit().setModified(False)
        self._store.apply(learn_changes.set_setting, name, value)

    def _set_betas(self) -> None:
        betas = tuple(box.value() for box in self.betas)
        self._shown = ()
        self._store.apply(learn_changes.set_setting, "betas", betas)

    def _refuse(self, sentence: str) -> None:
        self._store.apply(transitions.refuse, sentence)

    def _set_size(self) -> None:
        rows, columns = (field.value() for field in self.size_fields)
        self._store.apply(learn_changes.set_learnt_size, (rows, columns))

    def _step(self) -> None:
        self._store.apply(transitions.next_term)

    def _run(self) -> None:
        self._store.apply(transitions.run_on)

    def _reset(self) -> None:
        self._store.apply(transitions.pause)
        self._store.apply(transitions.first)


def _kernels() -> Iterable[KernelPreset]:
    return (preset for preset in KERNELS.values() if preset.kernel.ndim == 2)


def _distance_text(run: RunScene | None) -> str:
    if run is None or run.distance is None:
        return ""
    return f"Distance to it: {rounded_text(run.distance, 2)}"

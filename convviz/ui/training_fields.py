"""TrainingFields: the settings of a training, each with its sentence."""

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QVBoxLayout, QWidget

from convviz.engine.activations import ACTIVATIONS
from convviz.engine.descent import OPTIMIZERS
from convviz.engine.image_sets import IMAGE_SETS
from convviz.engine.poolings import POOLINGS
from convviz.engine.train_settings import TRAIN_SETTINGS
from convviz.model.training_run import (
    MOST_BATCH,
    MOST_EPOCHS,
    MOST_KERNEL_SIZE,
    MOST_KERNELS,
    Plan,
)
from convviz.ui.fields import (
    NumberBox,
    beside,
    choice,
    dim_label,
    labelled,
    show_choice,
    show_number,
    whole_number,
)
from convviz.ui.plain_text import plain_label, set_tip

WIDTH, HEIGHT = 252, 32  # pixels; the height of each field, so that labels align
LEAST_RATE, MOST_RATE = 1e-9, 1e300
MOST_SEED = 10**9
LINES = (
    ("images",),
    ("kernels", "kernel_size"),
    ("activation", "pool"),
    ("optimizer", "lr"),
    ("batch_size", "epochs"),
    ("seed",),
)
HINT = "Point at a setting to read what it does. A change begins anew."


def _choices() -> dict[str, QComboBox]:
    return {
        "images": choice((s.name, s.title, s.summary) for s in IMAGE_SETS.values()),
        "activation": choice((a.name, a.title, a.formula) for a in ACTIVATIONS.values()),
        "pool": choice((p.name, p.name, p.summary) for p in POOLINGS.values()),
        "optimizer": choice((o.name, o.title, o.summary) for o in OPTIMIZERS.values()),
    }


def _numbers() -> dict[str, Any]:
    ranges = {
        "kernels": (1, MOST_KERNELS),
        "kernel_size": (1, MOST_KERNEL_SIZE),
        "batch_size": (1, MOST_BATCH),
        "epochs": (1, MOST_EPOCHS),
        "seed": (0, MOST_SEED),
    }
    boxes: dict[str, Any] = {
        name: whole_number(*ends, TRAIN_SETTINGS[name].title) for name, ends in ranges.items()
    }
    rate = NumberBox(TRAIN_SETTINGS["lr"].title)
    rate.setRange(LEAST_RATE, MOST_RATE)
    rate.setSingleStep(0.01)
    return {**boxes, "lr": rate}


class TrainingFields(QFrame):
    """All settings; `planned` has those that a person has changed."""

    planned = Signal(object)  # the Plan

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("side")
        self.setAccessibleName("Settings of the training")
        self.setFixedWidth(WIDTH)
        self.plan = Plan()
        self.choices, self.numbers = _choices(), _numbers()
        self.fields: dict[str, QWidget] = {**self.choices, **self.numbers}
        self.sentence = dim_label(HINT)
        self.sentence.setMinimumHeight(66)
        self._lay_out()
        for combo in self.choices.values():
            combo.activated.connect(self._changed)
        for box in self.numbers.values():
            box.valueChanged.connect(self._changed)
        self.numbers["lr"].refused.connect(self.sentence.setText)
        self.show_plan(self.plan)

    def _lay_out(self) -> None:
        heading = plain_label("A small network")
        heading.setProperty("heading", True)
        about = dim_label("Convolution → activation → pooling → dense: one score for each class.")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(8)
        column.addWidget(heading)
        column.addWidget(about)
        for names in LINES:
            parts = [self._labelled(name) for name in names]
            column.addWidget(parts[0] if len(parts) == 1 else beside(*parts))
        column.addStretch(1)
        column.addWidget(self.sentence)

    def _labelled(self, name: str) -> QWidget:
        """Return a field under its title; pointing at it, or going there, tells its sentence."""
        setting, field = TRAIN_SETTINGS[name], self.fields[name]
        line = labelled(setting.title, field)
        field.setFixedHeight(HEIGHT)
        field.setAccessibleDescription(setting.summary)
        if name not in self.choices:
            set_tip(field, setting.summary)
        for widget in (line, field):
            widget.setProperty("setting", name)
            widget.installEventFilter(self)
        return line

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell the sentence of what is pointed at or has the keyboard."""
        if event.type() in (QEvent.Type.Enter, QEvent.Type.FocusIn):
            self._tell(str(watched.property("setting")))
        elif event.type() == QEvent.Type.Leave and watched not in self.fields.values():
            self.sentence.setText(HINT)
        return False

    def _tell(self, name: str) -> None:
        setting = TRAIN_SETTINGS[name]
        text = f"{setting.title}: {setting.summary}"
        if name in self.choices:
            tip = str(self.choices[name].toolTip())
            text = f"{text}\n{self.choices[name].currentText()}: {tip}" if tip else text
        self.sentence.setText(text)

    def show_plan(self, plan: Plan) -> None:
        """Write the settings into their fields, without telling anyone."""
        self.plan = plan
        for name, combo in self.choices.items():
            show_choice(combo, getattr(plan, name))
        for name, box in self.numbers.items():
            show_number(box, getattr(plan, name))

    def _changed(self) -> None:
        chosen = {name: combo.currentData() for name, combo in self.choices.items()}
        typed = {name: box.value() for name, box in self.numbers.items()}
        before, plan = self.plan, replace(self.plan, **chosen, **typed)
        if plan != before:
            self.show_plan(plan)
            changed = next(n for n in TRAIN_SETTINGS if getattr(plan, n) != getattr(before, n))
            self._tell(changed)
            self.planned.emit(plan)

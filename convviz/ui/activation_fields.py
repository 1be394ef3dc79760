"""Which activation it is, its settings, and its formula where it is in focus."""

from typing import assert_never

from PySide6.QtWidgets import QCheckBox, QComboBox, QVBoxLayout, QWidget

from convviz.engine.activation_settings import (
    ChannelSetting,
    ChoiceSetting,
    NumberSetting,
    Setting,
)
from convviz.engine.activations import ACTIVATIONS
from convviz.engine.layers import Activation
from convviz.model import activation_changes, changes, transitions
from convviz.model.activation_changes import activation_in_focus, place_of
from convviz.model.numbers import signed
from convviz.model.session import Session
from convviz.ui.fields import (
    Halves,
    Labelled,
    NumberBox,
    choice,
    dim_label,
    show_choice,
    show_number,
)
from convviz.ui.plain_text import set_tip
from convviz.ui.store import Store

Key = tuple[str, str]  # of an activation and its setting
BY_CHANNEL = "One for each channel"


class ActivationFields(QWidget):
    """The name of an activation, and below it a field for each of its settings."""

    def __init__(self, store: Store, spacing: int) -> None:
        super().__init__()
        self._store = store
        self.setAccessibleName("Activation")
        self.choice = choice((a.name, a.title, a.formula) for a in ACTIVATIONS.values())
        self._function = Labelled("Activation", self.choice)
        self.choice.setAccessibleName("Activation")
        self._settings: dict[Key, Setting] = {
            (function.name, setting.name): setting
            for function in ACTIVATIONS.values()
            for setting in function.settings
        }
        self.fields = {key: _field(setting) for key, setting in self._settings.items()}
        self._labelled = {
            key: Labelled(self._settings[key].title, field) for key, field in self.fields.items()
        }
        self._halves = Halves(*self._labelled.values(), spacing=spacing)
        self.by_channel = QCheckBox(BY_CHANNEL)
        set_tip(self.by_channel, "Each channel has a number of its own; else one is for all")
        self._formula = dim_label()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(spacing)
        for widget in (self._function, self._halves, self.by_channel, self._formula):
            column.addWidget(widget)
        self._connect()

    def _connect(self) -> None:
        self.choice.activated.connect(self._choose)
        self.by_channel.clicked.connect(self._share)
        for field in self.fields.values():
            if isinstance(field, NumberBox):
                field.valueChanged.connect(self._set_number)
                field.refused.connect(self._refuse)
            else:
                field.activated.connect(self._set_name)

    def show_session(self, session: Session) -> None:
        """Show the activation in focus, or the one right after the layer in focus."""
        activation = activation_in_focus(session)
        alone = isinstance(session.edited.layers[session.layer], Activation)
        self._function.say("Function" if alone else "Activation after it")
        show_choice(self.choice, activation.name)
        self._formula.setText(f"Each cell x becomes {signed(activation.formula)}.")
        self._formula.setVisible(alone)
        self._show_settings(activation, session.channel)

    def _show_settings(self, activation: Activation, channel: int) -> None:
        keys = [(activation.name, setting.name) for setting in activation.function.settings]
        self._halves.show_only(*(self._labelled[key] for key in keys))
        weighs = False
        for key in keys:
            value = activation.settings[key[1]]
            field = self.fields[key]
            if isinstance(value, tuple):
                weighs = True
                self.by_channel.setChecked(len(value) > 1)
                self._labelled[key].say(_title(self._settings[key], value, channel))
                value = value[place_of(value, channel)]
            if isinstance(field, NumberBox):
                assert isinstance(value, float)
                show_number(field, value)
            else:
                show_choice(field, str(value))
        self.by_channel.setVisible(weighs)

    def _key(self) -> Key:
        sender = self.sender()
        return next(key for key, field in self.fields.items() if field is sender)

    def _choose(self) -> None:
        self._store.apply(changes.set_activation, self.choice.currentData())

    def _set_number(self, value: float) -> None:
        key = self._key()
        self._store.apply(activation_changes.set_number, key[1], value)
        field = self.fields[key]
        assert isinstance(field, NumberBox)
        field.lineEdit().setModified(False)  # what was refused gives way to what is
        self.show_session(self._store.session)

    def _set_name(self) -> None:
        key = self._key()
        field = self.fields[key]
        assert isinstance(field, QComboBox)
        self._store.apply(activation_changes.set_setting, key[1], field.currentData())

    def _share(self) -> None:
        name = next(
            setting.name
            for setting in activation_in_focus(self._store.session).function.settings
            if isinstance(setting, ChannelSetting)
        )
        self._store.apply(activation_changes.set_by_channel, name, self.by_channel.isChecked())

    def _refuse(self, sentence: str) -> None:
        self._store.apply(transitions.refuse, sentence)


def _field(setting: Setting) -> NumberBox | QComboBox:
    match setting:
        case NumberSetting():
            box = NumberBox(setting.title, setting.summary)
            box.setSingleStep(setting.step)
            return box
        case ChannelSetting():
            return NumberBox(setting.title, setting.summary)
        case ChoiceSetting():
            combo = choice((name, title, setting.summary) for name, title in setting.names)
            combo.setAccessibleName(setting.title)
            return combo
        case _:
            assert_never(setting)


def _title(setting: Setting, value: tuple[float, ...], channel: int) -> str:
    if len(value) == 1:
        return setting.title
    return f"{setting.title} of channel {place_of(value, channel) + 1}"

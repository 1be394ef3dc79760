"""Transport: play, step, scrub, speed, loop."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction, QFont, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from convviz.model import transitions
from convviz.model.scene import Scene
from convviz.model.session import SPEEDS, Playback, Session
from convviz.render.fonts import MONO
from convviz.render.theme import Theme
from convviz.ui.fields import choice, labelled, show_choice
from convviz.ui.learn_commands import LEARN_TEXTS
from convviz.ui.plain_text import copy_tip, plain_label, set_tip
from convviz.ui.store import Store
from convviz.ui.style import icon

HEIGHT = 76
STEP, UPDATE = "step", "update"  # what speed is counted in
LEARN_TIPS = {  # where steps are updates of a kernel that is learnt
    "first": "Back to the first kernel (Home)",
    "previous": "Previous update (Left)",
    "play": "Play or pause (Space)",
    "next": "Next update (Right); key . goes on by forward, gradient, update",
    "last": "To the end of the run (End)",
}
PARTS_TIP = (
    "Play forward, gradient and update one after the other, and the terms of a gradient that you "
    "clicked (Ctrl+T)"
)
LEAST_WIDTH = 480  # pixels
ROOMS = (920, 860, 770, 660)  # pixels from which there is room for place, Loop, Products, Speed


class Scrubber(QSlider):
    """A slider over all steps; the wheel moves by one, a click goes there."""

    def __init__(self, store: Store) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._store = store
        self.setAccessibleName("Step")
        set_tip(self, "Drag to scrub; the wheel moves by one step")
        self.setMinimumSize(80, 22)
        self.valueChanged.connect(self._seek)

    def wheelEvent(self, event: QWheelEvent) -> None:
        forwards = event.angleDelta().y() < 0
        self._store.apply(transitions.advance, 1 if forwards else -1)
        event.accept()

    def _seek(self, step: int) -> None:
        self._store.apply(transitions.seek, step)


class TransportBar(QFrame):
    """Buttons that run commands, the scrubber, speed and loop."""

    def __init__(self, store: Store, actions: dict[str, QAction]) -> None:
        super().__init__()
        self._store = store
        self._look: tuple[str, bool] | None = None
        self._playback: Playback | None = None
        self.setObjectName("transport")
        self.setAccessibleName("Playback")
        self.setFixedHeight(HEIGHT)
        self._buttons = {
            name: _button(actions[name], name == "play")
            for name in ("first", "previous", "play", "next", "last")
        }
        self.scrubber = Scrubber(store)
        self.step_label, self.place_label = _mono(), _mono()
        self.speed = choice((f"{speed:g}", speed_text(speed), "") for speed in SPEEDS)
        self.speed.activated.connect(self._choose_speed)
        self.loop = _toggle("Loop", actions["loop"])
        self.by_terms = _toggle("Products", actions["by-terms"])
        self.export = QPushButton("Export…")
        self.export.setProperty("accent", True)
        self.export.setAccessibleName("Export frames")
        set_tip(self.export, "Write frames as PNG (Ctrl+E)")
        self.export.clicked.connect(actions["export"].trigger)
        self._learns = False
        self._tips = {name: button.toolTip() for name, button in self._buttons.items()}
        self._tips["by-terms"] = self.by_terms.toolTip()
        self._texts = {name: button.accessibleName() for name, button in self._buttons.items()}
        self._unit = STEP
        self._giving_way: list[QWidget] = []
        self._lay_out()

    def _lay_out(self) -> None:
        labels = QHBoxLayout()
        labels.addWidget(self.step_label)
        labels.addStretch(1)
        labels.addWidget(self.place_label)
        middle = QVBoxLayout()
        middle.setSpacing(4)
        middle.addStretch(1)
        middle.addWidget(self.scrubber)
        middle.addLayout(labels)
        middle.addStretch(1)
        speed = labelled("Speed", self.speed)
        speed.setFixedWidth(142)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 14, 10)
        row.setSpacing(9)
        for step_button in self._buttons.values():
            row.addWidget(step_button)
        row.addSpacing(12)
        row.addLayout(middle, 1)
        row.addSpacing(12)
        row.addWidget(speed)
        for button in (self.by_terms, self.loop, self.export):
            row.addWidget(labelled(" ", button))
        given = (self.loop.parentWidget(), self.by_terms.parentWidget(), speed)
        self._giving_way = [self.place_label, *(each for each in given if each is not None)]

    def minimumSizeHint(self) -> QSize:
        return QSize(LEAST_WIDTH, HEIGHT)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._give_way()

    def _give_way(self) -> None:
        """Show what there is room for; the menu has what is hidden."""
        for widget, least in zip(self._giving_way, ROOMS, strict=True):
            widget.setVisible(self.width() >= least)

    def show_session(self, session: Session, scene: Scene, theme: Theme) -> None:
        """Show where the playhead is, and how it moves."""
        playback = session.playback
        look = (theme.name, playback.playing)
        if look != self._look:
            self._look = look
            for name, button in self._buttons.items():
                shown = "pause" if name == "play" and playback.playing else name
                colour = theme.on_accent if name == "play" else theme.text
                button.setIcon(icon(shown, colour))
        self.scrubber.blockSignals(True)
        self.scrubber.setRange(0, scene.step_count - 1)
        self.scrubber.setPageStep(10 if session.learns else max(session.walked[1], 1))
        self.scrubber.setValue(scene.step)
        self.scrubber.blockSignals(False)
        often = f" · every {playback.stride}th shown" if _skips(session) else ""
        if session.learns != self._learns:
            self._learns = session.learns
            for name, button in self._buttons.items():
                set_tip(button, LEARN_TIPS[name] if session.learns else self._tips[name])
                said = LEARN_TEXTS.get(name) if session.learns else None
                button.setAccessibleName((said or self._texts[name]).replace("&", ""))
            self.by_terms.setText("Parts" if session.learns else "Products")
            self.by_terms.setAccessibleName(self.by_terms.text())
            set_tip(self.by_terms, PARTS_TIP if session.learns else self._tips["by-terms"])
        counter = scene.counter or f"step {scene.step + 1:,} / {scene.step_count:,}"
        self.step_label.setText(f"{counter}{often}")
        self.place_label.setText(scene.place)
        self._show_unit(UPDATE if session.learns and not playback.by_terms else STEP)
        if playback != self._playback:
            self._playback = playback
            show_choice(self.speed, f"{playback.speed:g}")
            self.loop.setChecked(playback.loop)
            self.by_terms.setChecked(playback.by_terms)

    def _show_unit(self, unit: str) -> None:
        if unit != self._unit:
            self._unit = unit
            for index, speed in enumerate(SPEEDS):
                self.speed.setItemText(index, speed_text(speed, unit))

    def _choose_speed(self) -> None:
        self._store.apply(transitions.set_speed, float(self.speed.currentData()))


def _skips(session: Session) -> bool:
    return session.playback.playing and session.playback.stride > 1


def _button(action: QAction, large: bool) -> QToolButton:
    button = QToolButton()
    button.setObjectName("play" if large else "")
    button.setFixedSize(QSize(44, 44) if large else QSize(34, 34))
    button.setIconSize(QSize(24, 24) if large else QSize(20, 20))
    button.setAccessibleName(action.text().replace("&", ""))
    copy_tip(button, action)
    button.clicked.connect(action.trigger)
    return button


def _toggle(text: str, action: QAction) -> QPushButton:
    button = QPushButton(text)
    button.setCheckable(True)
    button.setAccessibleName(text)
    copy_tip(button, action)
    button.clicked.connect(action.trigger)
    return button


def _mono() -> QLabel:
    label = plain_label()
    label.setProperty("dim", True)
    label.setFont(QFont(MONO))
    label.setStyleSheet(f"font-family: '{MONO}';")
    return label


def speed_text(speed: float, unit: str = STEP) -> str:
    """Return a speed in words.

    >>> speed_text(0.5), speed_text(1000), speed_text(1, "update")
    ('0.5 steps/s', '1,000 steps/s', '1 update/s')
    """
    return f"{speed:,g} {unit}{'' if speed == 1 else 's'}/s"

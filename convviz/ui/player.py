"""Player: owns time. A timer runs exactly while the session plays, another while a kernel turns."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QStyle

from convviz.model import transitions
from convviz.model.session import Playback, Session
from convviz.ui.store import Store

SHORTEST_TICK = 16  # milliseconds; more steps per second are taken several at once
TURN_SECONDS = 0.6  # for the flip of a kernel


class Player(QObject):
    """Turns elapsed time into ticks of the session, and into the flip of its kernel."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], float] = time.perf_counter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._clock = clock
        self._pace: tuple[float, int, bool] | None = None
        self._start = 0.0
        self._given = 0
        self.timer = QTimer(self)
        self.timer.setTimerType(Qt.TimerType.PreciseTimer)
        self.timer.timeout.connect(self._tick)
        self._turned = 0.0
        self.turn_timer = QTimer(self)
        self.turn_timer.setInterval(SHORTEST_TICK)
        self.turn_timer.timeout.connect(self._turn)

    def render(self, session: Session) -> None:
        """Make the timers agree with `session`."""
        self._render_turn(session)
        playback = session.playback
        pace = _pace(playback) if playback.playing else None
        if pace == self._pace:
            return
        self._pace = pace
        if pace is None:
            self.timer.stop()
            return
        self._start, self._given = self._clock(), 0
        self.timer.start(max(round(1000 / playback.speed), SHORTEST_TICK))

    def _tick(self) -> None:
        elapsed = self._clock() - self._start
        due = int(elapsed * self._store.session.playback.speed + 1e-3) - self._given
        if due > 0:
            self._given += due
            self._store.apply(transitions.tick, due)

    def _render_turn(self, session: Session) -> None:
        if session.turn >= 1:
            self.turn_timer.stop()
        elif not _moves():
            self._end_turn()
        elif not self.turn_timer.isActive():
            self._turned = self._clock()
            self.turn_timer.start()

    def _turn(self) -> None:
        elapsed = self._clock() - self._turned
        if elapsed > 0:
            self._store.apply(transitions.turn, elapsed / TURN_SECONDS)

    def _end_turn(self) -> None:
        self._store.apply(transitions.turn, 1.0)


def _moves() -> bool:
    """Return whether the desktop lets things move."""
    duration = QStyle.StyleHint.SH_Widget_Animation_Duration
    return QApplication.style().styleHint(duration) > 0


def _pace(playback: Playback) -> tuple[float, int, bool]:
    return playback.speed, playback.direction, playback.by_terms

"""Player: owns time. Its timer runs exactly while the session plays; steps follow the clock."""

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer

from convviz.model import transitions
from convviz.model.session import Playback, Session
from convviz.ui.store import Store

SHORTEST_TICK = 16  # milliseconds; more steps per second are taken several at once


class Player(QObject):
    """Turns elapsed time into ticks of the session."""

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

    def render(self, session: Session) -> None:
        """Make the timer agree with `session`."""
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


def _pace(playback: Playback) -> tuple[float, int, bool]:
    return playback.speed, playback.direction, playback.by_terms

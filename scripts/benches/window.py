"""The window as a person has it before them, and how long one change takes to become pixels."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from functools import cache, partial
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from environment import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from PySide6.QtWidgets import QApplication  # noqa: TID251

    from convviz.model.session import Session
    from convviz.ui.main_window import MainWindow
    from convviz.ui.store import Store

WINDOW = (1280, 800)
LONGEST_WAIT = 20.0  # seconds


@cache
def application() -> QApplication:
    """Return the one application, able to show windows whichever benchmark comes first."""
    from PySide6.QtWidgets import QApplication  # noqa: TID251

    from convviz.render.fonts import load_fonts

    made = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(made, QApplication)
    made.setStyle("Fusion")
    load_fonts()
    return made


class ShownWindow(NamedTuple):
    window: MainWindow
    store: Store


@contextmanager
def shown_window(session: Session, seconds: float) -> Iterator[ShownWindow]:
    """Show `session` and let the window settle for `seconds`, or until it is painted."""
    from convviz.ui.app import close_window
    from convviz.ui.main_window import MainWindow
    from convviz.ui.player import Player
    from convviz.ui.store import Store

    application()
    store = Store(session)
    player = Player(store)
    window = MainWindow(store, player)
    player.setParent(window)
    store.setParent(window)
    try:
        window.resize(*WINDOW)
        window.show()
        settle(seconds)
        _wait_for_paint(window)
        yield ShownWindow(window, store)
    finally:
        close_window(window)


def _wait_for_paint(window: MainWindow) -> None:
    end = perf_counter() + LONGEST_WAIT
    while not window.stage.has_histograms and perf_counter() < end:
        application().processEvents()
    if not window.stage.has_histograms:
        raise SetupError("the window was not painted, so its steps cannot be measured")


def settle(seconds: float) -> None:
    shown, end = application(), perf_counter() + seconds
    while perf_counter() < end:
        shown.processEvents()


def window_steps(shown: ShownWindow, first: int, count: int) -> list[float]:
    """Step `count` times as a key press does: transition, scene, pixels."""
    from convviz.model import transitions

    shown.store.apply(transitions.seek, first)
    application().processEvents()
    return change_times(shown, [transitions.advance] * count)


def window_views(shown: ShownWindow, views: Iterable[tuple[float, float, float]]) -> list[float]:
    """Zoom the input to each scale and centre (row, column), as the wheel and a drag do."""
    from convviz.model.session import Zoom
    from convviz.model.transitions import zoom

    return change_times(shown, [partial(zoom, pane="input", zoomed=Zoom(*view)) for view in views])


def change_times(shown: ShownWindow, changes: Iterable[Callable[..., Session]]) -> list[float]:
    return [_change_time(shown.store, change) for change in changes]


def _change_time(store: Store, change: Callable[..., Session]) -> float:
    shown, begin = application(), perf_counter()
    store.apply(change)
    shown.processEvents()
    shown.sync()
    return perf_counter() - begin

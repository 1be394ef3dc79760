"""Store: the one mutable cell of the program."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from convviz.model.session import Session
from convviz.model.transitions import Transition


class Store(QObject):
    """Holds the session; `apply` changes it by a named transition and tells everyone."""

    changed = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._telling = False
        self._late: list[Callable[[], None]] = []

    @property
    def session(self) -> Session:
        """The session as it is now."""
        return self._session

    def apply(self, transition: Transition, *arguments: object) -> None:
        """Replace the session by what `transition` makes of it."""
        if self._telling:
            raise RuntimeError(f"{transition.__name__} was applied while a change was being shown")
        session = transition(self._session, *arguments)
        if session is self._session:
            return
        self._session = session
        self._telling = True
        try:
            self.changed.emit(session)
        finally:
            self._telling = False
        while self._late and not self._telling:
            self._late.pop(0)()

    def when_shown(self, act: Callable[[], None]) -> None:
        """Run `act` now, or right after the change that is being shown.

        For enter, leave and focus, which Qt also sends while a strip opens or closes.
        """
        if self._telling:
            self._late.append(act)
        else:
            act()

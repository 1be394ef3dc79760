"""Store: the one mutable cell of the program."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from convviz.model.interruptions import interrupts_typing
from convviz.model.session import Session
from convviz.model.transitions import Transition, add_message


class Store(QObject):
    """Holds the session; `apply` changes it by a named transition and tells everyone.

    `finish_typing` commits what a person is typing, and returns whether there was anything. It is
    called before a change that may take the field away, so that the number goes where it was meant.
    """

    changed = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._notifying = False
        self._pending: list[Callable[[], None]] = []
        self.finish_typing: Callable[[], bool] = _nothing_typed

    @property
    def session(self) -> Session:
        """The session as it is now."""
        return self._session

    def apply(self, transition: Transition, *arguments: object) -> None:
        """Replace the session by what `transition` makes of it.

        While a change is being shown it waits for its turn: Qt also calls from within, such as a
        field that loses the focus because it is hidden.
        """
        if self._notifying:
            self._pending.append(partial(self.apply, transition, *arguments))
            return
        session, said = transition(self._session, *arguments), None
        if interrupts_typing(self._session, session):
            before = self._session.message
            if self.finish_typing():
                said = self._session.message if self._session.message is not before else None
                session = transition(self._session, *arguments)
        if said is not None:
            session = add_message(session, said)
        if session is not self._session:
            self._session = session
            self.notify()

    def notify(self) -> None:
        """Tell everyone how the session is now, and then apply what was asked for meanwhile."""
        self._notifying = True
        try:
            self.changed.emit(self._session)
        finally:
            self._notifying = False
        while self._pending and not self._notifying:
            self._pending.pop(0)()

    def when_shown(self, act: Callable[[], None]) -> None:
        """Run `act` now, or right after the change that is being shown.

        For what depends on where things lie by then, such as the cell under the mouse.
        """
        if self._notifying:
            self._pending.append(act)
        else:
            act()


def _nothing_typed() -> bool:
    return False

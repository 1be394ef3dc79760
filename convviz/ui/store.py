"""Store: the one mutable cell of the program."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal

from convviz.model.disturbing import disturbs_typing
from convviz.model.session import Session
from convviz.model.transitions import Transition, tell_as_well


class Store(QObject):
    """Holds the session; `apply` changes it by a named transition and tells everyone.

    `finish_typing` takes over what a person is typing, and returns whether there was anything. It
    is called before a change that takes the field away, so that the number goes where it was meant.
    """

    changed = Signal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._telling = False
        self._late: list[Callable[[], None]] = []
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
        if self._telling:
            self._late.append(partial(self.apply, transition, *arguments))
            return
        session, said = transition(self._session, *arguments), None
        if disturbs_typing(self._session, session):
            before = self._session.message
            if self.finish_typing():
                said = self._session.message if self._session.message is not before else None
                session = transition(self._session, *arguments)
        if said is not None:
            session = tell_as_well(session, said)
        if session is not self._session:
            self._session = session
            self.tell()

    def tell(self) -> None:
        """Tell everyone how the session is now, and then apply what was asked for meanwhile."""
        self._telling = True
        try:
            self.changed.emit(self._session)
        finally:
            self._telling = False
        while self._late and not self._telling:
            self._late.pop(0)()

    def when_shown(self, act: Callable[[], None]) -> None:
        """Run `act` now, or right after the change that is being shown.

        For what depends on where things lie by then, such as the cell under the mouse.
        """
        if self._telling:
            self._late.append(act)
        else:
            act()


def _nothing_typed() -> bool:
    return False

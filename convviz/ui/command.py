"""Command: one action of menus, keys and buttons, as data."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from convviz.model.session import Session
from convviz.model.transitions import Transition


@dataclass(frozen=True)
class Command:
    """One action: a transition with its arguments, or the name of a method of the window.

    `menu` is a path such as "&Layer/&Channels"; a separator stands before what is `separated`.
    Of the actions of a `group` one is checked.
    """

    name: str
    menu: str
    text: str
    keys: tuple[str, ...] = ()
    transition: Transition | None = None
    arguments: tuple[Any, ...] = ()
    checked: Callable[[Session], bool] | None = None
    enabled: Callable[[Session], bool] | None = None
    tip: str = ""
    separated: bool = False
    group: str = ""

    def possible(self, session: Session) -> bool:
        """Whether the command can be given now."""
        return self.enabled is None or self.enabled(session)

    def apply(self, session: Session) -> Session:
        """Return what the transition makes of `session`; itself where that has become impossible.

        A number that was being typed is taken over first, and may be one that does not fit.
        """
        assert self.transition is not None
        return self.transition(session, *self.arguments) if self.possible(session) else session

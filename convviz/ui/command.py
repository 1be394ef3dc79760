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

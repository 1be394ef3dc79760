"""Menus and actions, made from the table of commands."""

from collections.abc import Callable

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from convviz.model.session import Session
from convviz.ui.commands import COMMANDS, Command
from convviz.ui.learn_commands import LEARN_TEXTS, has_sense
from convviz.ui.plain_text import set_tip, shortened


def make_actions(window: QMainWindow, run: Callable[[], None]) -> dict[str, QAction]:
    """Return an action for each command; `run` finds the command's name in its sender's data."""
    actions = {name: _action(window, command) for name, command in COMMANDS.items()}
    groups: dict[str, QActionGroup] = {}
    for name, command in COMMANDS.items():
        if command.group:
            group = groups.setdefault(command.group, QActionGroup(window))
            group.addAction(actions[name])
    for action in actions.values():
        action.triggered.connect(run)
    return actions


def _action(window: QMainWindow, command: Command) -> QAction:
    action = QAction(command.text, window)
    action.setShortcuts([QKeySequence(key) for key in command.keys])
    action.setCheckable(command.checked is not None)
    set_tip(action, command.tip or plain(command.text).rstrip("…"))
    action.setStatusTip("")
    action.setData(command.name)
    return action


def plain(text: str) -> str:
    """Return a menu's text without its mnemonic.

    >>> plain("Save && &close…")
    'Save & close…'
    """
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")


def menu_path(name: str) -> str:
    """Return where in the menus a command is.

    >>> menu_path("export-map")
    'File ▸ Export ▸ Feature map as numbers…'
    """
    command = COMMANDS[name]
    return " ▸ ".join(map(plain, (*command.menu.split("/"), command.text)))


def make_menus(window: QMainWindow, actions: dict[str, QAction]) -> None:
    """Put every action into the menu that its command names, submenus included."""
    menus: dict[str, QMenu] = {}
    for command in COMMANDS.values():
        menu = _menu(window, menus, command)
        if command.separated and not menu.isEmpty():
            menu.addSeparator()
        menu.addAction(actions[command.name])


def _menu(window: QMainWindow, menus: dict[str, QMenu], command: Command) -> QMenu:
    """Return the menu of a command, made with those around it when it is the first of it."""
    path, parent = "", None
    for title in command.menu.split("/"):
        path = f"{path}/{title}"
        if path not in menus:
            menus[path] = _new_menu(window, parent, title, separated=command.separated)
        parent = menus[path]
    assert parent is not None
    return parent


def _new_menu(window: QMainWindow, parent: QMenu | None, title: str, *, separated: bool) -> QMenu:
    menu = QMenu(title, window)
    menu.setToolTipsVisible(True)
    if parent is None:
        window.menuBar().addMenu(menu)
        return menu
    if separated and not parent.isEmpty():
        parent.addSeparator()
    parent.addMenu(menu)
    return menu


def show_actions(session: Session, actions: dict[str, QAction]) -> None:
    """Enable what makes sense now, check what is on, and say what undo and redo would do."""
    for name, command in COMMANDS.items():
        action = actions[name]
        if command.checked is not None:
            action.setChecked(command.checked(session))
        possible = command.possible(session)
        action.setEnabled(possible and has_sense(session, command))
    for name, text in LEARN_TEXTS.items():
        actions[name].setText(text if session.learns else COMMANDS[name].text)
    past, future = session.history.past, session.history.future
    undo = "the setting" if session.attempt else past[-1].name if past else ""
    redo = future[-1].name if future else ""
    for name, verb, change in (("undo", "&Undo", undo), ("redo", "R&edo", redo)):
        text = f"{verb} {shortened(change).replace('&', '&&')}"  # a file may be called R&D
        actions[name].setText(text.rstrip())
        set_tip(actions[name], f"{plain(verb)} {change}".rstrip())

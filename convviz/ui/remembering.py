"""Remembering: what the window begins with, and what it leaves for the next time."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject

from convviz.files.settings import (
    Settings,
    read_settings,
    settings_of,
    with_settings,
    write_settings,
)
from convviz.model.session import Message, Session
from convviz.ui.store import Store


class Remembering(QObject):
    """Keeps the file of settings equal to the session."""

    def __init__(self, store: Store, path: Path) -> None:
        super().__init__(store)
        self._path = path
        self._settings, problem = read_settings(path)
        store.apply(_as_remembered, self._settings, problem)
        store.changed.connect(self._remember)

    def _remember(self, session: Session) -> None:
        settings = settings_of(session)
        if settings != self._settings:
            self._settings = settings
            write_settings(self._path, settings)


def _as_remembered(session: Session, settings: Settings, problem: str | None) -> Session:
    message = Message(problem, "error") if problem else session.message
    return replace(with_settings(session, settings), message=message)

"""Remembering: what the window begins with, and what it leaves for the next time."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject

from convviz.files.atomic import WriteError
from convviz.files.settings import (
    Settings,
    merged,
    read_settings,
    settings_of,
    with_settings,
    write_settings,
)
from convviz.model import transitions
from convviz.model.session import Message, Session
from convviz.ui.store import Store


class Remembering(QObject):
    """Writes into the file of settings what changes in the session, beside what others write."""

    def __init__(self, store: Store, path: Path) -> None:
        super().__init__(store)
        self._store, self._path, self._warned = store, path, False
        self._settings, problem = read_settings(path)
        store.apply(_as_remembered, self._settings, problem)
        store.changed.connect(self._remember)

    def _remember(self, session: Session) -> None:
        settings = settings_of(session)
        if settings == self._settings:
            return
        known, self._settings = self._settings, settings
        try:
            write_settings(self._path, merged(settings, known, read_settings(self._path)[0]))
        except WriteError as error:
            self._warn(f"{error}")

    def _warn(self, text: str) -> None:
        """Say once that nothing is remembered, as soon as something may be said."""
        if not self._warned:
            self._warned = True
            message = Message(f"Settings and recent files are not remembered: {text}", "error")
            self._store.apply(transitions.show_message, message)


def _as_remembered(session: Session, settings: Settings, problem: str | None) -> Session:
    message = Message(problem, "error") if problem else session.message
    return replace(with_settings(session, settings), message=message)

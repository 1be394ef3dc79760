"""Looking: whether files are there, asked in threads, as a disk may take minutes to answer."""

import threading
from collections.abc import Iterable
from pathlib import Path

from convviz.files.source import is_there

AT_ONCE = 0.3  # seconds that a person may wait for an answer


class Looking:
    """Asks for each file in a thread of its own, and never twice at a time.

    The threads are daemons: a disk that never answers must not hold the end of the program.
    """

    def __init__(self) -> None:
        self._threads: dict[Path, threading.Thread] = {}
        self._found: dict[Path, bool] = {}

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return any(thread.is_alive() for thread in self._threads.values())

    def ask(self, paths: Iterable[Path]) -> None:
        """Begin to look whether these files are there."""
        for path in paths:
            before = self._threads.get(path)
            if before is None or not before.is_alive():
                self._found.pop(path, None)
                thread = threading.Thread(target=self._look, args=(path,), daemon=True)
                self._threads[path] = thread
                thread.start()

    def found(self, path: Path, patience: float = 0.0) -> bool | None:
        """Return whether a file is there, None where no answer came within so many seconds."""
        if thread := self._threads.get(path):
            thread.join(patience)
        return self._found.get(path)

    def _look(self, path: Path) -> None:
        self._found[path] = is_there(path)

"""Where on a screen a window may be: all of it, with its frame, where a person can reach it."""

from collections.abc import Sequence

from PySide6.QtCore import QMargins, QObject, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QScreen
from PySide6.QtWidgets import QWidget

FRAME = QMargins(8, 36, 8, 8)  # what window managers put around a window, in logical pixels


def largest_on(area: QRect) -> QSize:
    """Return the size of the largest window that a screen has room for.

    >>> largest_on(QRect(0, 0, 1024, 600)).toTuple()
    (1008, 556)
    """
    return area.marginsRemoved(FRAME).size()


def placed(wanted: QRect, areas: Sequence[QRect]) -> QRect:
    """Return where a window goes that wants a place, which may be of a screen that is gone.

    Parameters
    ----------
    wanted : the window without its frame
    areas : what each screen has free for windows, the first screen first

    Returns
    -------
    QRect
        `wanted`, shrunk and moved no more than it takes to be whole on the screen that shows most
        of it, or on the first where none does.

    Examples
    --------
    >>> placed(QRect(2000, 300, 1280, 800), [QRect(0, 0, 1024, 600)]).getRect()
    (8, 36, 1008, 556)
    """
    room = max(areas, key=lambda area: _shared(wanted, area)).marginsRemoved(FRAME)
    size = wanted.size().boundedTo(room.size())
    left = min(max(wanted.x(), room.x()), room.x() + room.width() - size.width())
    top = min(max(wanted.y(), room.y()), room.y() + room.height() - size.height())
    return QRect(left, top, size.width(), size.height())


def _shared(one: QRect, other: QRect) -> int:
    both = one & other
    return both.width() * both.height() if both.isValid() else 0


def free_areas() -> list[QRect]:
    """Return what each screen has free for windows, in logical pixels."""
    return [screen.availableGeometry() for screen in QGuiApplication.screens()]


def room_of(window: QWidget) -> QSize:
    """Return the size of the largest window that the screen of `window` has room for."""
    return largest_on(window.screen().availableGeometry())


def fit(window: QWidget) -> None:
    """Shrink a window to what its screen has room for, though its parts want more."""
    room = room_of(window)
    least = window.minimumSize()
    if least.boundedTo(room) != least:
        window.setMinimumSize(least.boundedTo(room))
    if window.size().boundedTo(room) != window.size():
        window.resize(window.size().boundedTo(room))


class ScreenRoom(QObject):
    """Keeps a window within its screen at first, and when screens go or change."""

    def __init__(self, window: QWidget, first: QSize) -> None:
        super().__init__(window)
        self._window = window
        self._least = QSize()
        application = QGuiApplication.instance()
        assert isinstance(application, QGuiApplication)
        application.screenAdded.connect(self._watch)
        application.screenRemoved.connect(self.adapt, Qt.ConnectionType.QueuedConnection)
        for screen in QGuiApplication.screens():
            self._watch(screen)
        window.resize(first.boundedTo(room_of(window)))

    def set_least(self, least: QSize) -> None:
        """Let the window be no smaller than `least`, where its screen is as large as that."""
        self._least = least
        self._window.setMinimumSize(least.boundedTo(room_of(self._window)))

    def adapt(self) -> None:
        """Bring the window, whole, to what there is of screens now."""
        self.set_least(self._least)
        if not (self._window.isMaximized() or self._window.isFullScreen()):
            self._window.setGeometry(placed(self._window.geometry(), free_areas()))

    def _watch(self, screen: QScreen) -> None:
        screen.availableGeometryChanged.connect(self.adapt)

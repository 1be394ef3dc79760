"""What Qt needs around it: a screen for a window, and libraries of the system."""

import ctypes
import json
import os
import re
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from convviz.cli.failures import EnvironmentFailure
from convviz.cli.interrupts import held_signals
from convviz.resource_files import resource

SCREENS = {"xcb": "DISPLAY", "wayland": "WAYLAND_DISPLAY", "wayland-egl": "WAYLAND_DISPLAY"}
MISSING = re.compile(r"(lib[\w.+-]+): cannot open shared object file")
WITHOUT_WINDOW = "convviz render, compute and trace work without one"


def debian_packages(purpose: str) -> dict[str, str]:
    """Return what Qt opens for "painting" or an "x11_window", with the package that holds it."""
    table = json.loads(resource("debian-packages.json").read_text(encoding="utf-8"))
    return dict(table[purpose])


@contextmanager
def loading_qt() -> Iterator[None]:
    """Tell which package holds the library without which Qt cannot be imported.

    Ctrl+C waits for the end of the import, in the middle of which PySide6 aborts the process.
    """
    with held_signals() as caught:
        try:
            yield
        except ImportError as error:
            library = MISSING.match(str(error))
            if library is None:
                raise
            raise _lacking([library[1]]) from error
    for number in caught[:1]:
        signal.raise_signal(number)


def check_screen(variables: Mapping[str, str] = os.environ) -> None:
    """Refuse to open a window where Qt would abort the process.

    Raises
    ------
    EnvironmentFailure
        When there is no display, it does not answer, or a library for it is missing.
    """
    asked = {name.partition(":")[0] for name in variables.get("QT_QPA_PLATFORM", "").split(";")}
    if sys.platform != "linux" or not asked <= {"", *SCREENS}:
        return  # offscreen and the like need no display
    shown = [name for name in SCREENS if name in asked or asked == {""}]
    x11, wayland = (
        next((variables.get(SCREENS[name]) for name in shown if name.startswith(kind)), None)
        for kind in ("xcb", "wayland")
    )
    if not (x11 or wayland):
        named = " nor ".join(dict.fromkeys(SCREENS[name] for name in shown))
        raise EnvironmentFailure(
            f"there is no display for a window ({'neither ' if 'nor' in named else 'no '}{named} "
            f"is set); {WITHOUT_WINDOW}"
        )
    if wayland and _wayland_answers(variables):
        return
    if not (x11 and _x_server_answers(x11)):
        named = f"DISPLAY={x11}" if x11 else f"WAYLAND_DISPLAY={wayland}"
        raise EnvironmentFailure(f"no display answers at {named}; {WITHOUT_WINDOW}")
    if missing := [library for library in debian_packages("x11_window") if _load(library) is None]:
        raise _lacking(missing)


def _lacking(libraries: list[str]) -> EnvironmentFailure:
    known = {**debian_packages("painting"), **debian_packages("x11_window")}
    packages = " ".join(known[library] for library in libraries if library in known)
    advice = f"; on Debian and Ubuntu: sudo apt-get install {packages}" if packages else ""
    return EnvironmentFailure(f"this system lacks {', '.join(libraries)}{advice}")


def _load(library: str) -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(library)
    except OSError:
        return None


def _wayland_answers(variables: Mapping[str, str]) -> bool:
    path = Path(variables.get("XDG_RUNTIME_DIR", ""), variables["WAYLAND_DISPLAY"])
    with socket.socket(socket.AF_UNIX) as wayland:
        try:
            wayland.connect(str(path))
        except OSError:
            return False
    return True


def _x_server_answers(display: str) -> bool:
    """Connect as Qt does, with the same library, which knows every kind of address and key."""
    xcb = _load("libxcb.so.1")
    if xcb is None:
        return True  # Qt needs the library too: its import tells
    xcb.xcb_connect.restype = ctypes.c_void_p
    connection = ctypes.c_void_p(xcb.xcb_connect(display.encode(), None))
    failed = bool(xcb.xcb_connection_has_error(connection))
    xcb.xcb_disconnect(connection)
    return not failed

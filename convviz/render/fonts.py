"""Fonts: those that convviz ships, so that frames look the same on every machine."""

import os
import sys
from functools import cache

from PySide6.QtGui import QFont, QFontDatabase, QGuiApplication

from convviz.resource_files import resource

SANS, MONO = "DejaVu Sans", "DejaVu Sans Mono"


def ensure_application() -> None:
    """Start a Qt application without a screen if none runs: painting text needs one."""
    if QGuiApplication.instance() is None:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        _keep.append(QGuiApplication(sys.argv[:1]))
    load_fonts()


_keep: list[QGuiApplication] = []


@cache
def load_fonts() -> None:
    """Make the shipped fonts known to Qt."""
    for path in sorted(resource("fonts").glob("*.ttf")):
        QFontDatabase.addApplicationFont(str(path))


@cache
def font(pixels: int, *, bold: bool = False, mono: bool = False) -> QFont:
    """Return a font of `pixels` height; kept, since making one takes longer than using it."""
    made = QFont(MONO if mono else SANS)
    made.setPixelSize(pixels)
    made.setBold(bold)
    made.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return made

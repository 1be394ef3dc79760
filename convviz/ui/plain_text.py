"""Texts that may hold names from outside: shown as they are, and never as the markup they spell."""

import html
import re
from typing import Protocol

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import Qt as RichText
from PySide6.QtWidgets import QComboBox, QLabel, QToolTip, QWidget

MOST_OF_A_NAME = 64  # characters, in a menu
ENDLESS = re.compile(r"\S{100}(?=\S)")


class Tipped(Protocol):
    """A widget, an action or an item that has a tip."""

    def setToolTip(self, text: str, /) -> None: ...
    def toolTip(self) -> str: ...


def as_tip(text: str) -> str:
    """Return what Qt shows as `text`: a tip that looks like markup would be read as such.

    >>> as_tip("2 < 3"), as_tip("<b>")
    ('2 < 3', '<qt>&lt;b&gt;</qt>')
    """
    text = _in_pieces(text)
    if not RichText.mightBeRichText(text):
        return text
    lines = html.escape(text).replace("\n", "<br>")
    return f"<qt>{lines}</qt>"


def _in_pieces(text: str) -> str:
    """Break what has no spaces: a tip as wide as a long name is cut off by the screen."""
    return ENDLESS.sub(r"\g<0>\n", text)


def shortened(text: str, most: int = MOST_OF_A_NAME) -> str:
    """Return `text` without its middle where it has more characters than `most`.

    >>> shortened("a-very-long-name.csv", 11)
    'a-ver…e.csv'
    """
    kept = most - 1
    return text if len(text) <= most else f"{text[: kept - kept // 2]}…{text[-(kept // 2) :]}"


def set_tip(owner: Tipped, text: str) -> None:
    """Let `owner` have a tip."""
    owner.setToolTip(as_tip(text))


def copy_tip(owner: Tipped, other: Tipped) -> None:
    """Let `owner` have the tip that `other` has."""
    owner.setToolTip(other.toolTip())


def set_entry_tip(combo: QComboBox, index: int, text: str) -> None:
    """Let an entry of a combo box have a tip."""
    combo.setItemData(index, as_tip(text), Qt.ItemDataRole.ToolTipRole)


def take_entry_tip(combo: QComboBox, index: int) -> None:
    """Let a combo box have the tip of one of its entries, or none."""
    combo.setToolTip(str(combo.itemData(index, Qt.ItemDataRole.ToolTipRole) or ""))


def show_tip(place: QPoint, text: str, widget: QWidget, area: QRect | None = None) -> None:
    """Show a tip at a point of the screen for as long as the mouse is in `area` of `widget`."""
    QToolTip.showText(place, as_tip(text), widget, area or QRect())


def plain_label(text: str = "") -> QLabel:
    """Return a label that shows its text as it is."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label

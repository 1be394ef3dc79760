"""SettingsWindow: what a person prefers, applied at once and remembered."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from convviz.model import preferences, transitions
from convviz.model.colours import SIGNED_MAPS, UNSIGNED_MAPS, ColourMap, Colours
from convviz.model.numbers import (
    MOST_DECIMALS,
    MOST_DIGITS,
    NUMBER_KINDS,
    NumberFormat,
    equals_text,
)
from convviz.model.scene import Scale
from convviz.model.session import LIMIT_OF_RECENT, SPEEDS, THEMES, Session
from convviz.model.transitions import Transition
from convviz.render import theme as render_theme
from convviz.render.fonts import MONO
from convviz.render.theme import Theme, cell_colours, dressed
from convviz.ui import dialogs
from convviz.ui.fields import choice, dim_label, offer, show_choice, show_number, whole_number
from convviz.ui.menus import plain
from convviz.ui.own_keys import OwnKeys
from convviz.ui.plain_text import plain_label, set_tip
from convviz.ui.recent_menu import TITLE
from convviz.ui.store import Store
from convviz.ui.tool_window import ToolWindow
from convviz.ui.transport_bar import speed_text

THEME_TITLES = {"system": "As the system", "dark": "Dark", "light": "Light"}
SAMPLES = (("2", 2.0), ("1/9", 1 / 9), ("√2", 2**0.5))
BAR = QSize(72, 14)
WIDTH, LABEL_WIDTH = 500, 150
LAST, ANOTHER = "last", "another"  # folders


class SettingsWindow(ToolWindow):
    """Look, numbers, playback, folders, recent files; each change is seen at once."""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__("Settings", parent)
        self._store = store
        self._shown: tuple[object, ...] = ()
        self._make_look()
        self._make_numbers()
        self._make_habits()
        self._lay_out()
        self._connect()
        self._keys = OwnKeys(self)
        self._keys.adopt(self)
        self.take_closing_keys()
        self.setFixedWidth(WIDTH)

    def _make_look(self) -> None:
        self.theme = choice((name, THEME_TITLES[name], "") for name in THEMES)
        self.unsigned = choice((name, made.title, "") for name, made in UNSIGNED_MAPS.items())
        self.signed = choice((name, made.title, "") for name, made in SIGNED_MAPS.items())
        for combo in (self.unsigned, self.signed):
            combo.setIconSize(BAR)

    def _make_numbers(self) -> None:
        self.numbers = choice((name, title, "") for name, title in NUMBER_KINDS.items())
        self.decimals = whole_number(0, MOST_DECIMALS, "Decimals", "Digits after the point")
        self.digits = whole_number(1, MOST_DIGITS, "Digits", "Digits in all, without leading zeros")
        self.fractions = QCheckBox("Fractions such as 1/9")
        set_tip(self.fractions, "Write 1/9, where 0.1111 would be rounded")
        self.sample = dim_label()
        self.sample.setStyleSheet(f"font-family: '{MONO}';")
        self.sample.setAccessibleName("Numbers as they are written")

    def _make_habits(self) -> None:
        self.speed = choice((f"{speed:g}", speed_text(speed), "") for speed in SPEEDS)
        self.open_folder, self.export_folder = choice(()), choice(())
        self.most_recent = whole_number(
            0, LIMIT_OF_RECENT, "Recent files", f"How many files File ▸ {plain(TITLE)} remembers"
        )
        self.clear = QPushButton("Clear list")
        set_tip(self.clear, "Forget the files that were opened or saved")
        self.reset = QPushButton("Reset to defaults")
        set_tip(self.reset, "All of the above as it was at first; the list of files stays")

    def _lay_out(self) -> None:
        how_many = _side_by_side(self.decimals, self.digits, self.fractions)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 14)
        column.setSpacing(10)
        for card in (
            _card(
                "Look",
                ("Theme", self.theme),
                ("Values from 0 up", self.unsigned),
                ("Values of both signs", self.signed),
            ),
            _card("Numbers", ("Write them", self.numbers), ("", how_many), ("", self.sample)),
            _card("Playback", ("Speed at the start", self.speed)),
            _card(
                "Files",
                ("Open and save in", self.open_folder),
                ("Export into", self.export_folder),
                ("Recent files", _side_by_side(self.most_recent, self.clear)),
            ),
        ):
            column.addWidget(card)
        column.addWidget(self.reset, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)

    def _connect(self) -> None:
        for combo, slot in (
            (self.theme, self._choose_theme),
            (self.unsigned, self._choose_unsigned),
            (self.signed, self._choose_signed),
            (self.numbers, self._choose_numbers),
            (self.speed, self._choose_speed),
            (self.open_folder, self._choose_open_folder),
            (self.export_folder, self._choose_export_folder),
        ):
            combo.activated.connect(slot)
        self.decimals.valueChanged.connect(self._change_decimals)
        self.digits.valueChanged.connect(self._change_digits)
        self.most_recent.valueChanged.connect(self._change_most_recent)
        self.fractions.clicked.connect(self._change_fractions)
        self.clear.clicked.connect(self._clear)
        self.reset.clicked.connect(self._reset)

    # Showing

    def open(self, theme: Theme) -> None:
        """Show the window for the session as it is."""
        self.come_forward()
        self.show_session(self._store.session, theme)

    def show_session(self, session: Session, theme: Theme) -> None:
        """Follow the session while the window is open."""
        view = session.view
        shown = (view.theme, theme, session.habits, bool(session.recent))
        if not self.isVisible() or shown == self._shown:
            return
        self._shown = shown
        show_choice(self.theme, view.theme)
        for combo, maps in ((self.unsigned, UNSIGNED_MAPS), (self.signed, SIGNED_MAPS)):
            _show_bars(combo, maps, theme)
        show_choice(self.unsigned, view.colours.unsigned)
        show_choice(self.signed, view.colours.signed)
        self._show_numbers(view.numbers)
        show_choice(self.speed, f"{session.habits.speed:g}")
        _show_folder(self.open_folder, session.habits.open_folder)
        _show_folder(self.export_folder, session.habits.export_folder)
        show_number(self.most_recent, session.habits.most_recent)
        self.clear.setEnabled(bool(session.recent))

    def _show_numbers(self, numbers: NumberFormat) -> None:
        show_choice(self.numbers, numbers.kind)
        for widget, kind in (
            (self.decimals, "decimals"),
            (self.digits, "digits"),
            (self.fractions, "automatic"),
        ):
            widget.setVisible(numbers.kind == kind)
        show_number(self.decimals, numbers.decimals)
        show_number(self.digits, numbers.digits)
        self.fractions.setChecked(numbers.fractions)
        self.sample.setText(
            "   ".join(f"{name} {equals_text(value, numbers)}" for name, value in SAMPLES)
        )

    # Changing

    def _choose_theme(self) -> None:
        self._store.apply(transitions.set_theme, self.theme.currentData())

    def _choose_unsigned(self) -> None:
        colours = replace(self._store.session.view.colours, unsigned=self.unsigned.currentData())
        self._store.apply(preferences.set_colours, colours)

    def _choose_signed(self) -> None:
        colours = replace(self._store.session.view.colours, signed=self.signed.currentData())
        self._store.apply(preferences.set_colours, colours)

    def _choose_numbers(self) -> None:
        self._write_numbers(kind=str(self.numbers.currentData()))

    def _change_decimals(self) -> None:
        self._write_numbers(decimals=self.decimals.value())

    def _change_digits(self) -> None:
        self._write_numbers(digits=self.digits.value())

    def _change_fractions(self) -> None:
        self._write_numbers(fractions=self.fractions.isChecked())

    def _write_numbers(self, **changes: Any) -> None:  # noqa: ANN401
        before = self._store.session.view.numbers
        self._store.apply(preferences.set_numbers, replace(before, **changes))

    def _choose_speed(self) -> None:
        self._store.apply(preferences.set_first_speed, float(self.speed.currentData()))

    def _choose_open_folder(self) -> None:
        now = self._store.session.habits.open_folder
        self._choose_folder(self.open_folder, now, preferences.set_open_folder)

    def _choose_export_folder(self) -> None:
        now = self._store.session.habits.export_folder
        self._choose_folder(self.export_folder, now, preferences.set_export_folder)

    def _choose_folder(self, combo: QComboBox, now: Path | None, change: Transition) -> None:
        """Take the last one used, keep the one that is set, or ask for another."""
        chosen = combo.currentData()
        if chosen == LAST:
            self._store.apply(change, None)
        elif chosen == ANOTHER:
            folder = dialogs.ask_folder(self, now or Path.home(), "Choose a folder")
            _show_folder(combo, now)  # until the session says otherwise
            if folder is not None:
                self._store.apply(change, folder)

    def _change_most_recent(self) -> None:
        self._store.apply(preferences.set_most_recent, self.most_recent.value())

    def _clear(self) -> None:
        self._store.apply(preferences.clear_recent)

    def _reset(self) -> None:
        self._store.apply(preferences.reset_preferences)


def _side_by_side(*widgets: QWidget) -> QWidget:
    box = QWidget()
    box.setAccessibleName("Row")
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return box


def _card(title: str, *lines: tuple[str, QWidget]) -> QFrame:
    """Return a card of controls, each after what it is called, which it takes its name from."""
    card = QFrame()
    card.setObjectName("card")
    card.setAccessibleName(title)
    heading = plain_label(title)
    heading.setStyleSheet("font-weight: bold;")
    grid = QGridLayout(card)
    grid.setContentsMargins(14, 10, 14, 12)
    grid.setHorizontalSpacing(10)
    grid.setVerticalSpacing(6)
    grid.setColumnMinimumWidth(0, LABEL_WIDTH)
    grid.setColumnStretch(1, 1)
    grid.addWidget(heading, 0, 0, 1, 2)
    for row, (text, widget) in enumerate(lines, start=1):
        label = plain_label(text)
        label.setBuddy(widget)
        if text and not widget.layout():
            widget.setAccessibleName(text)
        grid.addWidget(label, row, 0)
        grid.addWidget(widget, row, 1)
    return card


def _show_bars(combo: QComboBox, maps: Mapping[str, ColourMap], theme: Theme) -> None:
    """Draw beside each name what colours it stands for."""
    for index, name in enumerate(maps):
        combo.setItemIcon(index, _bar(name, maps is SIGNED_MAPS, theme.name))


@lru_cache(maxsize=64)
def _bar(name: str, signed: bool, theme: str) -> QIcon:
    """Return the colours of a map from its lowest value to its highest."""
    colours = replace(Colours(), **{"signed" if signed else "unsigned": name})
    scale = Scale("signed", -1, 1) if signed else Scale("grey", 0, 1)
    values = np.tile(np.linspace(scale.low, scale.high, BAR.width()), (BAR.height(), 1))
    look = dressed(render_theme.THEMES[theme], colours, NumberFormat())
    pixels = np.ascontiguousarray(cell_colours(values, scale, look))
    image = QImage(
        pixels.data, BAR.width(), BAR.height(), 3 * BAR.width(), QImage.Format.Format_RGB888
    )
    return QIcon(QPixmap.fromImage(image.copy()))


def _show_folder(combo: QComboBox, folder: Path | None) -> None:
    """Offer the last folder used, the one that is set, and to choose another."""
    own = [("own", folder.name or str(folder), str(folder))] if folder else []
    entries = [(LAST, "The last one used", ""), *own, (ANOTHER, "Choose a folder…", "")]
    offer(combo, entries)
    show_choice(combo, "own" if folder else LAST)

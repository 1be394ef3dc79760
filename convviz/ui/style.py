"""The look of the widgets: palette and style sheet from a theme, icons in its colours."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from convviz.model.session import View
from convviz.render.fonts import SANS
from convviz.render.theme import THEMES, Colour, Theme, dressed, qcolor
from convviz.resource_files import resource


def theme_of(choice: str) -> Theme:
    """Return the theme by name, or the one that the system asks for."""
    if choice in THEMES:
        return THEMES[choice]
    scheme = QGuiApplication.styleHints().colorScheme()
    return THEMES["light" if scheme == Qt.ColorScheme.Light else "dark"]


def look_of(view: View) -> Theme:
    """Return the theme that a view asks for, with its colours of values and its numbers."""
    return dressed(theme_of(view.theme), view.colours, view.numbers)


def css(colour: Colour, alpha: float = 1.0) -> str:
    """Return a colour as style sheets write it."""
    return f"rgba({colour[0]}, {colour[1]}, {colour[2]}, {alpha})"


@lru_cache(maxsize=128)
def icon(name: str, colour: Colour, size: int = 24) -> QIcon:
    """Return one of our icons in `colour`."""
    text = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    red, green, blue = colour
    drawn = QSvgRenderer(
        QByteArray(text.replace("currentColor", f"rgb({red},{green},{blue})").encode())
    )
    result = QIcon()
    for ratio in (1, 2):
        pixmap = QPixmap(QSize(size, size) * ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        with QPainter(pixmap) as painter:
            drawn.render(painter)
        pixmap.setDevicePixelRatio(ratio)
        result.addPixmap(pixmap)
    return result


def palette(theme: Theme) -> QPalette:
    """Return what Qt's own widgets are to be painted with."""
    made = QPalette()
    role = QPalette.ColorRole
    for which, colour in (
        (role.Window, theme.background),
        (role.WindowText, theme.text),
        (role.Base, theme.control),
        (role.AlternateBase, theme.card),
        (role.Text, theme.text),
        (role.Button, theme.control),
        (role.ButtonText, theme.text),
        (role.ToolTipBase, theme.card),
        (role.ToolTipText, theme.text),
        (role.PlaceholderText, theme.dim),
        (role.Highlight, theme.input),
        (role.HighlightedText, theme.on_accent),
        (role.Link, theme.input),
    ):
        made.setColor(which, qcolor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        made.setColor(QPalette.ColorGroup.Disabled, which, qcolor(theme.faint))
    return made


def style_sheet(theme: Theme) -> str:
    """Return the style sheet of the whole window."""
    image = {way: resource("icons", f"{way}-{theme.name}.svg").as_posix() for way in ("up", "down")}
    return f"""
    * {{ font-family: "{SANS}"; font-size: 13px; }}
    QMainWindow, #centre {{ background: {css(theme.background)}; }}
    QMenuBar {{ background: {css(theme.card)}; color: {css(theme.text)}; padding: 3px 8px; }}
    QMenuBar::item {{ padding: 4px 10px; border-radius: 5px; background: transparent; }}
    QMenuBar::item:selected {{ background: {css(theme.hover)}; }}
    QMenu {{ background: {css(theme.card)}; color: {css(theme.text)};
        border: 1px solid {css(theme.border)}; padding: 5px; }}
    QMenu::item {{ padding: 5px 26px 5px 24px; border-radius: 4px; }}
    QMenu::item:selected {{ background: {css(theme.hover)}; }}
    QMenu::item:disabled {{ color: {css(theme.faint)}; }}
    QMenu::separator {{ height: 1px; background: {css(theme.border)}; margin: 5px 8px; }}
    QStatusBar {{ background: {css(theme.background)}; color: {css(theme.dim)}; }}
    QStatusBar::item {{ border: none; }}
    QStatusBar QLabel {{ padding-left: 10px; }}
    QToolTip {{ background: {css(theme.card)}; color: {css(theme.text)};
        border: 1px solid {css(theme.border)}; padding: 4px; }}
    QLabel {{ color: {css(theme.text)}; background: transparent; }}
    QLabel[dim="true"] {{ color: {css(theme.dim)}; font-size: 12px; }}
    QLabel[heading="true"] {{ font-size: 15px; font-weight: bold; }}
    #panel, #panelBody {{ background: {css(theme.card)}; border: none; }}
    #card {{ background: {css(theme.background)}; border: 1px solid {css(theme.border)};
        border-radius: 8px; }}
    #problem {{ background: {css(theme.error, 0.10)}; border: 1px solid {css(theme.error)};
        border-radius: 8px; }}
    #message {{ background: {css(theme.card)}; border: 1px solid {css(theme.input)};
        border-radius: 8px; }}
    #message[tone="error"] {{ border-color: {css(theme.error)}; }}
    #transport, #export, #side {{ background: {css(theme.card)};
        border: 1px solid {css(theme.border)};
        border-radius: 8px; }}
    QComboBox, QSpinBox, QDoubleSpinBox, QLineEdit {{
        background: {css(theme.control)}; color: {css(theme.text)};
        border: 1px solid {css(theme.control)}; border-radius: 6px; padding: 4px 8px;
        min-height: 20px; selection-background-color: {css(theme.input)};
        selection-color: {css(theme.on_accent)}; }}
    QComboBox:hover, QSpinBox:hover, QDoubleSpinBox:hover {{ background: {css(theme.hover)}; }}
    QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QLineEdit:focus {{
        border-color: {css(theme.input)}; }}
    QComboBox:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled {{ color: {css(theme.faint)}; }}
    QComboBox::drop-down {{ border: none; width: 22px; }}
    QComboBox::down-arrow {{ image: url("{image["down"]}"); width: 14px; height: 14px; }}
    QComboBox QAbstractItemView {{ background: {css(theme.card)}; color: {css(theme.text)};
        border: 1px solid {css(theme.border)}; outline: none; padding: 4px;
        selection-background-color: {css(theme.hover)}; selection-color: {css(theme.text)}; }}
    QSpinBox, QDoubleSpinBox {{ padding-right: 16px; }}
    QSpinBox::up-button, QDoubleSpinBox::up-button {{ border: none; width: 16px;
        background: transparent; subcontrol-position: top right; }}
    QSpinBox::down-button, QDoubleSpinBox::down-button {{ border: none; width: 16px;
        background: transparent; subcontrol-position: bottom right; }}
    QSpinBox::up-arrow, QDoubleSpinBox::up-arrow {{
        image: url("{image["up"]}"); width: 11px; height: 11px; }}
    QSpinBox::down-arrow, QDoubleSpinBox::down-arrow {{
        image: url("{image["down"]}"); width: 11px; height: 11px; }}
    QPushButton {{ background: {css(theme.control)}; color: {css(theme.text)};
        border: 1px solid {css(theme.control)}; border-radius: 6px; padding: 5px 12px;
        min-height: 20px; }}
    QPushButton:hover {{ background: {css(theme.hover)}; border-color: {css(theme.hover)}; }}
    QPushButton:pressed {{ background: {css(theme.border)}; }}
    QPushButton:focus {{ border-color: {css(theme.input)}; }}
    QPushButton:checked {{ background: {css(theme.hover)}; border-color: {css(theme.dim)}; }}
    QPushButton:disabled {{ color: {css(theme.faint)}; }}
    #panel QComboBox, #panel QSpinBox, #panel QDoubleSpinBox,
    #paint QSpinBox, #paint QDoubleSpinBox {{ padding-top: 3px; padding-bottom: 3px; }}
    #panel QPushButton, #paint QPushButton {{ padding: 4px 6px; }}
    QPushButton[accent="true"] {{ background: {css(theme.output)}; color: {css(theme.on_accent)};
        border-color: {css(theme.output)}; font-weight: bold; }}
    QPushButton[accent="true"]:hover {{ background: {css(theme.output, 0.85)}; }}
    QPushButton[accent="true"]:focus {{ border-color: {css(theme.text)}; }}
    QPushButton[accent="true"]:disabled {{ background: {css(theme.control)};
        color: {css(theme.faint)}; border-color: {css(theme.control)}; }}
    #panel QPushButton[link="true"] {{ background: transparent; border: none; border-radius: 3px;
        color: {css(theme.dim)}; padding: 0 2px; min-height: 16px; font-size: 12px;
        text-decoration: underline; }}
    QPushButton[link="true"]:hover, QPushButton[link="true"]:focus {{ color: {css(theme.text)}; }}
    QPushButton[link="true"]:focus {{ background: {css(theme.hover)}; }}
    QPushButton[badge="true"] {{ background: transparent; border: 1px solid transparent;
        color: {css(theme.dim)}; border-radius: 4px; padding: 0 8px; margin: 0 6px 3px 0;
        min-height: 16px; max-height: 18px; font-size: 12px; }}
    QPushButton[badge="true"]:hover {{ background: {css(theme.hover)}; color: {css(theme.text)}; }}
    QPushButton[badge="true"]:focus {{ border-color: {css(theme.input)}; }}
    QPushButton[wrong="true"] {{ color: {css(theme.error)}; }}
    #workspaces {{ background: transparent; }}
    #workspaces::tab {{ background: transparent; color: {css(theme.dim)}; border: 1px solid
        transparent; border-radius: 8px; padding: 6px 7px; margin-right: 1px; }}
    #workspaces::tab:hover {{ color: {css(theme.text)}; background: {css(theme.card)}; }}
    #workspaces::tab:selected {{ background: {css(theme.control)}; color: {css(theme.text)};
        font-weight: bold; }}
    #workspaces:focus::tab:selected {{ border-color: {css(theme.input)}; }}
    QCheckBox {{ color: {css(theme.text)}; spacing: 8px; }}
    QToolButton {{ background: {css(theme.control)}; border: 2px solid {css(theme.control)};
        border-radius: 17px; }}
    QToolButton:hover {{ background: {css(theme.hover)}; border-color: {css(theme.hover)}; }}
    QToolButton:focus {{ border-color: {css(theme.input)}; }}
    QToolButton#play {{ background: {css(theme.kernel)}; border: 2px solid {css(theme.kernel)};
        border-radius: 22px; }}
    QToolButton#play:hover {{ background: {css(theme.kernel, 0.85)}; }}
    QToolButton#play:focus {{ border-color: {css(theme.text)}; }}
    QToolButton#tool {{ background: transparent; border: 1px solid transparent;
        border-radius: 6px; }}
    QToolButton#tool:hover {{ background: {css(theme.hover)}; }}
    QToolButton#tool:checked {{ background: {css(theme.input)}; }}
    QToolButton#tool:focus {{ border-color: {css(theme.text)}; }}
    QToolButton#plain {{ background: transparent; border: 1px solid transparent;
        border-radius: 5px; }}
    QToolButton#plain:hover {{ background: {css(theme.hover)}; }}
    QSlider::groove:horizontal {{ height: 6px; border-radius: 3px;
        background: {css(theme.control)}; }}
    QSlider::sub-page:horizontal {{ height: 6px; border-radius: 3px;
        background: {css(theme.kernel)}; }}
    QSlider::handle:horizontal {{ width: 18px; height: 18px; margin: -6px 0;
        border-radius: 9px; background: {css(theme.kernel)}; }}
    QSlider:focus {{ border: 1px solid {css(theme.input)}; border-radius: 5px; }}
    QProgressBar {{ background: {css(theme.control)}; border: none; border-radius: 4px;
        height: 8px; }}
    QProgressBar::chunk {{ background: {css(theme.output)}; border-radius: 4px; }}
    QScrollBar:vertical {{ background: transparent; width: 9px; }}
    QScrollBar::handle:vertical {{ background: {css(theme.hover)}; border-radius: 4px;
        min-height: 30px; }}
    QScrollBar:horizontal {{ background: transparent; height: 9px; }}
    QScrollBar::handle:horizontal {{ background: {css(theme.hover)}; border-radius: 4px;
        min-width: 30px; }}
    QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
        background: none; width: 0; height: 0; }}
    QListWidget {{ background: transparent; color: {css(theme.text)}; border: none;
        outline: none; }}
    QListWidget::item {{ padding: 4px 2px; border-radius: 4px; }}
    QListWidget::item:hover {{ background: {css(theme.hover)}; }}
    QListWidget::item:selected {{ background: {css(theme.control)}; color: {css(theme.text)}; }}
    QTableWidget {{ background: {css(theme.card)}; color: {css(theme.text)};
        border: 1px solid {css(theme.border)}; gridline-color: {css(theme.border)};
        outline: none; }}
    QTableWidget::item:selected {{ background: {css(theme.input)};
        color: {css(theme.on_accent)}; }}
    QTableWidget::item:disabled {{ color: {css(theme.faint)}; }}
    QHeaderView::section {{ background: {css(theme.control)}; color: {css(theme.text)};
        border: none; padding: 4px; }}
    """

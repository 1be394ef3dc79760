"""PaintStrip: the tools beside the tabs, what they paint with, and fills of whole grids."""

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QToolButton, QWidget

from convviz.model import painting, transitions
from convviz.model.painting import LARGEST_BRUSH, TOOLS
from convviz.model.session import Session
from convviz.render.theme import Theme
from convviz.ui.commands import COMMANDS
from convviz.ui.fields import NumberBox, show_number, whole_number
from convviz.ui.paint_commands import paintable
from convviz.ui.plain_text import copy_tip, set_tip
from convviz.ui.store import Store
from convviz.ui.style import icon

HEIGHT, PICTURE = 30, 20  # pixels


class PaintStrip(QWidget):
    """A row of tools; number and size show while one of them is chosen.

    In a small window it gives way, as the tabs do: the menu has the same.
    """

    def __init__(self, store: Store, actions: dict[str, QAction]) -> None:
        super().__init__()
        self._store, self._actions = store, actions
        self._look: tuple[object, ...] = ()
        self.setObjectName("paint")
        self.setAccessibleName("Paint")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Maximum)
        self.buttons = {name: _tool_button(actions[f"paint-{name}"]) for name in TOOLS}
        self.value = NumberBox("Number to paint", "The number that is painted, such as 1 or 1/9")
        self.value.setFixedWidth(76)
        self.value.setSingleStep(1)
        self.value.valueChanged.connect(self._set_value)
        self.value.refused.connect(self._refuse)
        tip = "Cells that are painted at once, a side (Alt+, and Alt+.)"
        self.size_field = whole_number(1, LARGEST_BRUSH, "Size of the brush", tip)
        self.size_field.setFixedWidth(52)
        self.size_field.valueChanged.connect(self._set_size)
        self.fills = QPushButton("Fill…")
        self.fills.setAccessibleName("Fill with")
        set_tip(self.fills, "Fill, turn or scale the selected cells, or all of the grid")
        self.fills.clicked.connect(self._open_fills)
        self.menu = self._made_menu()
        self._lay_out()

    def _made_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setAccessibleName("Fill with")
        menu.setToolTipsVisible(True)
        for name, command in COMMANDS.items():
            if name.startswith("fill-") and command.menu.endswith("F&ill"):
                if command.separated:
                    menu.addSeparator()
                menu.addAction(self._actions[name])
        return menu

    def _lay_out(self) -> None:
        self._row = QWidget(self)
        self._row.setAccessibleName("Tools")
        row = QHBoxLayout(self._row)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self._options = (self.value, self.size_field)
        for widget in self._options:
            row.addWidget(widget)
            row.addSpacing(2)
        for button in self.buttons.values():
            row.addWidget(button)
        row.addSpacing(6)
        row.addWidget(self.fills)
        for field in (self.value, self.size_field, self.fills):
            field.setFixedHeight(HEIGHT)

    def sizeHint(self) -> QSize:
        return self._row.sizeHint() + QSize(self._hidden_width, 0)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._row.minimumSizeHint().width() + self._hidden_width, 0)

    @property
    def _hidden_width(self) -> int:
        return self.fills.sizeHint().width() if self.fills.isHidden() else 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        whole = self.sizeHint()
        self._row.setVisible(self.height() >= whole.height())
        self.fills.setVisible(self.width() >= whole.width())
        self._row.resize(self.size())

    def show_session(self, session: Session, theme: Theme) -> None:
        """Show which tool is chosen, and what it paints with."""
        self.setVisible(paintable(session))
        brush, value = session.view.brush, painting.value_of(session)
        look = (brush, value, session.paints, theme.name)
        if look == self._look:
            return
        self._look = look
        for name, button in self.buttons.items():
            chosen = name == brush.tool
            button.setChecked(chosen)
            button.setIcon(icon(f"paint-{name}", theme.on_accent if chosen else theme.text))
        for widget in self._options:
            widget.setVisible(session.paints)
        self.updateGeometry()
        tool = TOOLS[brush.tool]
        self.value.setEnabled(tool.name != "eraser")
        self.size_field.setEnabled(tool.wide)
        show_number(self.value, value)
        show_number(self.size_field, brush.size)

    def _set_value(self, value: float) -> None:
        self._store.apply(painting.set_value, value)

    def _set_size(self, size: int) -> None:
        self._store.apply(painting.set_size, size)

    def _refuse(self, sentence: str) -> None:
        self._store.apply(transitions.refuse, sentence)

    def _open_fills(self) -> None:
        self.menu.popup(self.fills.mapToGlobal(QPoint(0, self.fills.height())))


def _tool_button(action: QAction) -> QToolButton:
    button = QToolButton()
    button.setObjectName("tool")
    button.setCheckable(True)
    button.setFixedSize(QSize(HEIGHT, HEIGHT))
    button.setIconSize(QSize(PICTURE, PICTURE))
    button.setAccessibleName(action.text())
    copy_tip(button, action)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(action.trigger)
    return button

"""GalleryWindow: every example with a picture; Enter or a double click opens it."""

from PySide6.QtCore import QEvent, QObject, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from convviz.model.deriving.preview import preview_of
from convviz.model.examples import EXAMPLES, GROUPS, Example, show_example
from convviz.render.fonts import font
from convviz.render.frame import HINTS
from convviz.render.preview_painter import preview_image
from convviz.render.theme import DARK, Theme, qcolor
from convviz.ui.fields import dim_label
from convviz.ui.plain_text import plain_label, set_tip
from convviz.ui.store import Store
from convviz.ui.tool_window import ToolWindow

CARD, PICTURE = QSize(226, 196), QSize(204, 108)
GAP, PAD = 12, 11
TITLE_SIZE, SUMMARY_SIZE = 13, 12
ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
SAID = ", transposed"  # by the heading above
OPENING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
NONE = "No example has these words: try fewer of them, such as “stride” or “pooling”."


class ExampleCard(QWidget):
    """An example: its picture, its title, what to look for."""

    chosen, opened, moved = Signal(str), Signal(str), Signal(int, int)

    def __init__(self, example: Example) -> None:
        super().__init__()
        self.example = example
        self.picture: QImage | None = None
        self._theme: Theme = DARK
        self.is_chosen = False
        self.setFixedSize(CARD)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(example.title)
        self.setAccessibleDescription(example.summary)
        set_tip(self, f"{example.summary} ({example.source})")
        self._words = f"{example.title} {example.summary} {example.source} {example.group}".lower()

    def has_words(self, words: list[str]) -> bool:
        """Return whether all of `words`, in small letters, are in what is said of the example."""
        return all(word in self._words for word in words)

    def show_theme(self, theme: Theme) -> None:
        """Take other colours; the picture is to be made anew."""
        self._theme, self.picture = theme, None
        self.update()

    def make_picture(self) -> None:
        """Paint what the example looks like."""
        preview = preview_of(self.example.make())
        self.picture = preview_image(preview, PICTURE, self.devicePixelRatioF(), self._theme)
        self.update()

    def show_chosen(self, is_chosen: bool) -> None:
        """Mark the card, or take its mark away."""
        if is_chosen != self.is_chosen:
            self.is_chosen = is_chosen
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._theme
        with QPainter(self) as painter:
            painter.setRenderHints(HINTS)
            edge = theme.input if self.is_chosen else theme.border
            painter.setPen(QPen(qcolor(edge), 2 if self.is_chosen else 1))
            painter.setBrush(qcolor(theme.hover if self.underMouse() else theme.card))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -2, -2), 8, 8)
            place = QRect(PAD, PAD, PICTURE.width(), PICTURE.height())
            painter.fillRect(place, qcolor(theme.background))
            if self.picture is not None:
                painter.drawImage(place, self.picture)
            self._paint_words(painter, place)

    def _paint_words(self, painter: QPainter, above: QRect) -> None:
        bold = font(TITLE_SIZE, bold=True)
        title = QRect(above.x(), above.bottom() + 6, above.width(), 20)
        painter.setFont(bold)
        painter.setPen(qcolor(self._theme.text))
        text = QFontMetricsF(bold).elidedText(
            self.example.title.removesuffix(SAID), Qt.TextElideMode.ElideRight, title.width()
        )
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, text)
        painter.setFont(font(SUMMARY_SIZE))
        painter.setPen(qcolor(self._theme.dim))
        below = QRect(above.x(), title.bottom() + 1, above.width(), CARD.height())
        below.setBottom(self.height() - 6)
        painter.setClipRect(below)
        painter.drawText(below, Qt.TextFlag.TextWordWrap, self.example.summary)

    def focusInEvent(self, event: QEvent) -> None:
        self.chosen.emit(self.example.name)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.chosen.emit(self.example.name)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.opened.emit(self.example.name)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in ARROWS:
            self.moved.emit(*ARROWS[key])
        elif key in OPENING:
            self.opened.emit(self.example.name)
        else:
            super().keyPressEvent(event)


class GalleryWindow(ToolWindow):
    """Examples in groups, with a filter; their pictures are made one by one once it is open."""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__("Examples", parent)
        self._store = store
        self._theme: Theme | None = None
        self._chosen = ""
        self._columns = 0
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter: stride, pooling, LeNet …")
        self.filter.setAccessibleName("Filter the examples")
        self.filter.setClearButtonEnabled(True)
        self.cards = {name: ExampleCard(example) for name, example in EXAMPLES.items()}
        self.headings = {group: _heading(group) for group in GROUPS}
        self.source = dim_label()
        self.open_button = QPushButton("Open")
        self.open_button.setProperty("accent", True)
        self.open_button.setAccessibleName("Open the example")
        set_tip(self.open_button, "Undo leads back to what was shown before")
        self._making = QTimer(self)
        self._making.timeout.connect(self._make_next)
        self._lay_out()
        self._connect()
        self.take_closing_keys()
        self.resize(4 * (CARD.width() + GAP) + 50, 680)

    def _lay_out(self) -> None:
        body = QWidget()
        body.setObjectName("centre")
        body.setAccessibleName("Examples")
        self._grid = QGridLayout(body)
        self._grid.setContentsMargins(16, 4, 6, 14)
        self._grid.setSpacing(GAP)
        self._none = dim_label(NONE)
        self.area = QScrollArea()
        self.area.setObjectName("centre")
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setAccessibleName("Examples")
        self.area.setWidget(body)
        above, below = QHBoxLayout(), QHBoxLayout()
        above.setContentsMargins(16, 12, 16, 0)
        above.addWidget(self.filter)
        below.setContentsMargins(16, 0, 16, 12)
        below.addWidget(self.source, 1)
        below.addWidget(self.open_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(above)
        column.addWidget(self._none)
        column.addWidget(self.area, 1)
        column.addLayout(below)
        self._none.setContentsMargins(16, 8, 16, 8)
        self._none.hide()

    def _connect(self) -> None:
        for card in self.cards.values():
            card.chosen.connect(self._choose)
            card.opened.connect(self._open_example)
            card.moved.connect(self._move)
        self.filter.textChanged.connect(self._arrange)
        self.filter.returnPressed.connect(self._open_chosen)
        self.open_button.clicked.connect(self._open_chosen)

    # Showing

    def open(self, theme: Theme) -> None:
        """Show all examples, with the keyboard in the filter."""
        self.come_forward()
        self.filter.setFocus()
        self.filter.selectAll()
        self._arrange()
        self.show_theme(theme)

    def show_theme(self, theme: Theme) -> None:
        """Take the colours of the main window."""
        if theme != self._theme and self.isVisible():
            self._theme = theme
            for card in self.cards.values():
                card.show_theme(theme)
            self._making.start(0)

    def hideEvent(self, event: QEvent) -> None:
        self._making.stop()

    def showEvent(self, event: QEvent) -> None:
        self._making.start(0)

    def _make_next(self) -> None:
        """Paint one picture, of those that are in sight first."""
        waiting = [card for card in self.cards.values() if card.picture is None]
        if not waiting:
            self._making.stop()
            return
        seen = [card for card in waiting if not card.visibleRegion().isEmpty()]
        (seen or waiting)[0].make_picture()

    @property
    def shown(self) -> list[ExampleCard]:
        """The cards that the filter lets through, in order."""
        words = self.filter.text().lower().split()
        return [
            card
            for group in GROUPS
            for card in self.cards.values()
            if card.example.group == group and card.has_words(words)
        ]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._fitting_columns() != self._columns:
            self._arrange()

    def _fitting_columns(self) -> int:
        return max((self.width() - 30) // (CARD.width() + GAP), 1)

    def _arrange(self) -> None:
        """Lay the cards out below the headings of their groups."""
        shown, self._columns = self.shown, self._fitting_columns()
        for widget in (*self.cards.values(), *self.headings.values()):
            self._grid.removeWidget(widget)
            widget.setVisible(False)
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, 0)
        row = 0
        for group in GROUPS:
            cards = [card for card in shown if card.example.group == group]
            if not cards:
                continue
            self._grid.addWidget(self.headings[group], row, 0, 1, self._columns)
            self.headings[group].setVisible(True)
            for number, card in enumerate(cards):
                place = divmod(number, self._columns)
                self._grid.addWidget(card, row + 1 + place[0], place[1])
                card.setVisible(True)
            row += 1 + -(-len(cards) // self._columns)
        self._grid.setRowStretch(row, 1)
        self._grid.setColumnStretch(self._columns, 1)
        self._none.setVisible(not shown)
        names = [card.example.name for card in shown]
        self._choose(self._chosen if self._chosen in names else names[0] if names else "")

    # Choosing

    def _choose(self, name: str) -> None:
        self._chosen = name
        for card in self.cards.values():
            card.show_chosen(card.example.name == name)
        self.open_button.setEnabled(bool(name))
        self.source.setText(f"From: {EXAMPLES[name].source}" if name else "")

    def _move(self, down: int, right: int) -> None:
        """Go to the card beside the chosen one; up and down, to the nearest in the next row."""
        shown = self.shown
        at = next((n for n, c in enumerate(shown) if c.example.name == self._chosen), 0)
        if right:
            to = shown[min(max(at + right, 0), len(shown) - 1)]
        else:
            here = shown[at].pos()
            beyond = [card for card in shown if (card.y() - here.y()) * down > 0]
            if not beyond:
                if down < 0:
                    self.filter.setFocus()
                return
            row = min(abs(card.y() - here.y()) for card in beyond)
            near = [card for card in beyond if abs(card.y() - here.y()) == row]
            to = min(near, key=lambda card: abs(card.x() - here.x()))
        self._choose(to.example.name)
        to.setFocus()
        self.area.ensureWidgetVisible(to, 0, 40)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep keys that go from card to card from being shortcuts of the main window."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            key, on_card = Qt.Key(event.key()), isinstance(watched, ExampleCard)
            if not event.modifiers() and (key in ARROWS or (on_card and key in OPENING)):
                event.accept()
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go down from the filter into the cards."""
        if event.key() == Qt.Key.Key_Down and self.filter.hasFocus() and self.shown:
            self.cards[self._chosen].setFocus()
        else:
            super().keyPressEvent(event)

    def _open_chosen(self) -> None:
        if self._chosen:
            self._open_example(self._chosen)

    def _open_example(self, name: str) -> None:
        self.close()
        self._store.apply(show_example, name)


def _heading(text: str) -> QLabel:
    label = plain_label(text)
    label.setProperty("heading", True)
    label.setContentsMargins(0, 8, 0, 0)
    return label

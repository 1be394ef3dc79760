"""What of a training is drawn: curves, pictures to choose from, a matrix, bars."""

from PySide6.QtCore import QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from convviz.model.scene import NO_THUMBNAILS, Thumbnails
from convviz.model.training_scene import Comparison, Confusion, Curves, Share
from convviz.render.comparison_painter import paint_comparison
from convviz.render.confusion_painter import confusion_cell, paint_confusion
from convviz.render.pictures import Pictures
from convviz.render.progress_painter import paint_progress
from convviz.render.shares_painter import paint_shares
from convviz.render.theme import DARK, Colour, Theme, qcolor
from convviz.render.thumbnails import chosen_number, paint_thumbnails, thumbnail_at
from convviz.ui.plain_text import set_tip

ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (-1, 0),
    Qt.Key.Key_Down: (1, 0),
}
EDGE = 3  # pixels around, for the outline of what is chosen


class Drawing(QWidget):
    """A part of the scene, painted; its words are there for screen readers and as a tip."""

    def __init__(self, name: str, least: QSize) -> None:
        super().__init__()
        self.theme: Theme = DARK
        self._is_blank = True
        self.setAccessibleName(name)
        self.setMinimumSize(least)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    @property
    def area(self) -> QRect:
        """The pixels to paint in."""
        return self.rect().adjusted(EDGE, EDGE, -EDGE, -EDGE)

    def told(self, text: str, theme: Theme) -> None:
        """Say in words what is painted now."""
        self.theme, self._is_blank = theme, False
        if text != self.accessibleDescription():
            self.setAccessibleDescription(text)
        self.update()

    def blank(self, theme: Theme) -> None:
        """Show nothing until there is something again."""
        self.told("", theme)
        self._is_blank = True

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), qcolor(self.theme.card))
            if not self._is_blank:
                self.draw(painter)
            if self.hasFocus():
                painter.setPen(QPen(qcolor(self.theme.input), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def draw(self, painter: QPainter) -> None:
        """Paint in `area`."""


class CurvesView(Drawing):
    """Loss and accuracy."""

    def __init__(self) -> None:
        super().__init__("Loss and accuracy", QSize(240, 140))
        self._curves: Curves | None = None

    def show_curves(self, curves: Curves, theme: Theme) -> None:
        self._curves = curves
        self.told(curves.sentence, theme)

    def draw(self, painter: QPainter) -> None:
        if self._curves is not None:
            paint_progress(painter, QRectF(self.area), self._curves, self.theme)


class ComparisonView(Drawing):
    """A trained kernel and its nearest presets."""

    def __init__(self) -> None:
        super().__init__("Compare with the hand-made", QSize(260, 120))
        self._comparison: Comparison | None = None

    def show_comparison(self, comparison: Comparison, theme: Theme) -> None:
        self._comparison = comparison
        set_tip(self, f"{comparison.sentence}; 1 is the same but for its size, −1 its negative")
        self.told(comparison.sentence, theme)

    def draw(self, painter: QPainter) -> None:
        if self._comparison is not None:
            paint_comparison(painter, self.area, self._comparison, self.theme)


class SharesView(Drawing):
    """How likely each class is."""

    def __init__(self) -> None:
        super().__init__("Probabilities", QSize(150, 110))
        self._shares: tuple[Share, ...] = ()
        set_tip(self, "✓ what it is judged as, rightly; ✗ wrongly, and ◂ what it is")

    def show_shares(self, shares: tuple[Share, ...], text: str, theme: Theme) -> None:
        self._shares = shares
        self.told(text, theme)

    def draw(self, painter: QPainter) -> None:
        paint_shares(painter, QRectF(self.area), self._shares, self.theme)


class Choosing(Drawing):
    """A drawing of which a part is chosen by a click, or by arrow keys."""

    def __init__(self, name: str, least: QSize) -> None:
        super().__init__(name, least)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = ARROWS.get(Qt.Key(event.key()))
        if way is None or event.modifiers():
            super().keyPressEvent(event)
        else:
            self.move_by(*way)

    def move_by(self, down: int, right: int) -> None:
        """Choose what lies beside the chosen part."""


class PicturesView(Choosing):
    """Pictures in rows; one is chosen."""

    chosen = Signal(int)  # the channel of the picture

    def __init__(self, name: str, least: QSize, tip: str) -> None:
        super().__init__(name, least)
        self.thumbnails: Thumbnails = NO_THUMBNAILS
        self._colour: Colour = DARK.input
        self._pictures = Pictures(2)
        set_tip(self, tip)

    def show_pictures(
        self, thumbnails: Thumbnails, text: str, colour: Colour, theme: Theme
    ) -> None:
        """Show pictures, the chosen one outlined in `colour`."""
        self.thumbnails, self._colour = thumbnails, colour
        self.told(text, theme)

    def draw(self, painter: QPainter) -> None:
        paint_thumbnails(
            painter, self.area, self.thumbnails, self.theme, self._pictures, self._colour
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = thumbnail_at(self.area, self.thumbnails, event.position())
        if number is not None:
            self.chosen.emit(self.thumbnails.items[number].channel)

    def move_by(self, down: int, right: int) -> None:
        items = self.thumbnails.items
        at = chosen_number(self.thumbnails)
        to = 0 if at is None else at + down + right
        if 0 <= to < len(items):
            self.chosen.emit(items[to].channel)


class ConfusionView(Choosing):
    """The confusion matrix; a cell is chosen."""

    chosen = Signal(int, int)  # the class, and what it was judged as

    def __init__(self) -> None:
        super().__init__("Confusion matrix", QSize(180, 180))
        self.confusion: Confusion | None = None

    def show_confusion(self, confusion: Confusion, theme: Theme) -> None:
        self.confusion = confusion
        set_tip(self, f"{confusion.sentence}; click a count to see the surest of these images")
        self.told(confusion.sentence, theme)

    def draw(self, painter: QPainter) -> None:
        if self.confusion is not None:
            paint_confusion(painter, self.area, self.confusion, self.theme)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self.confusion is None:
            return
        cell = confusion_cell(self.area, self.confusion, event.position())
        if cell is not None:
            self.chosen.emit(*cell)

    def move_by(self, down: int, right: int) -> None:
        """Go to the next cell in that direction that holds an image."""
        if self.confusion is None:
            return
        counts, (row, column) = self.confusion.counts, self.confusion.chosen
        row, column = row + down, column + right
        while 0 <= row < len(counts) and 0 <= column < len(counts):
            if counts[row][column]:
                self.chosen.emit(row, column)
                return
            row, column = row + down, column + right

"""A person at the window: what hands do with mouse and keys, and what eyes see."""

import numpy as np
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from convviz.ui.style import theme_of

LEFT, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton
PLAIN = Qt.KeyboardModifier.NoModifier
MODIFIERS = {
    "Ctrl": Qt.KeyboardModifier.ControlModifier,
    "Shift": Qt.KeyboardModifier.ShiftModifier,
    "Alt": Qt.KeyboardModifier.AltModifier,
}


def delete_what_waits():
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def pixels(image):
    """Return the red, green and blue of an image (rows, columns, 3)."""
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return rows[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()


class Clock:
    """Time by hand."""

    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


class Person:
    """Does what a person does, and sees what a person sees."""

    def __init__(self, window, clock):
        self.window, self.clock = window, clock

    # What there is

    @property
    def session(self):
        return self.window._store.session

    @property
    def stage(self):
        return self.window.stage

    @property
    def panel(self):
        return self.window.panel

    @property
    def transport(self):
        return self.window.transport

    @property
    def theme(self):
        return theme_of(self.session.view.theme)

    @property
    def focus(self):
        return QApplication.focusWidget()

    def apply(self, transition, *arguments):
        self.window._store.apply(transition, *arguments)

    # Hands

    def key(self, *names):
        """Press keys such as "Right", "Ctrl+Z", "<" one after the other, where the keyboard is."""
        for name in names:
            held, plus, last = name[:-1].rpartition("+")
            last = last + name[-1] if plus else name
            modifiers = PLAIN
            for modifier in held.split("+") if plus else ():
                modifiers |= MODIFIERS[modifier]
            named = getattr(Qt.Key, f"Key_{last}", None)
            QTest.keyClick(self.focus or self.window, last if named is None else named, modifiers)

    def type(self, text):
        for character in text:
            QTest.keyClick(self.focus or self.window, character)

    def press(self, button):
        """Click on a button, or on a field."""
        QTest.mouseClick(button, LEFT)

    def tab_to(self, widget):
        """Go on with Tab until `widget` has the keyboard."""
        for _ in range(200):
            if widget.hasFocus():
                return
            self.key("Tab")
        raise AssertionError(f"Tab never comes to {widget.accessibleName()}")

    def point(self, pane, cell, name=None):
        """Return where a cell is in its pane."""
        return pane.geometry_of(name or pane.name).rect(*cell).center().toPoint()

    def hover(self, pane, cell, name=None):
        QTest.mouseMove(pane, self.point(pane, cell, name))

    def leave(self):
        """Take the mouse where nothing is."""
        QTest.mouseMove(self.window.centralWidget(), QPoint(self.window.panel.width() + 2, 2))

    def click(self, pane, cell, name=None, button=LEFT):
        QTest.mouseClick(pane, button, PLAIN, self.point(pane, cell, name))

    def double_click(self, pane, cell):
        point = self.point(pane, cell)
        QTest.mouseClick(pane, LEFT, PLAIN, point)
        QTest.mouseDClick(pane, LEFT, PLAIN, point)

    def drag(self, widget, start, *stops):
        """Press at a point, move over others, let go at the last."""
        QTest.mousePress(widget, LEFT, PLAIN, start)
        for stop in stops:
            QTest.mouseMove(widget, stop)
        QTest.mouseRelease(widget, LEFT, PLAIN, stops[-1])

    def wheel(self, widget, notches, point=None):
        at = QPointF(point or widget.rect().center())
        event = QWheelEvent(
            at,
            widget.mapToGlobal(at),
            QPoint(),
            QPoint(0, 120 * notches),
            Qt.MouseButton.NoButton,
            PLAIN,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(widget, event)

    def choose(self, combo, text):
        """Pick an entry of a combo box, as a click in its list does."""
        index = next(i for i in range(combo.count()) if combo.itemText(i).startswith(text))
        combo.setCurrentIndex(index)
        combo.activated.emit(index)

    def fill(self, field, text):
        """Type into a number field, and leave it with Return."""
        field.setFocus()
        field.selectAll()
        self.type(text)
        self.key("Return")

    def wait(self, seconds):
        """Let time pass, and the player notice."""
        self.clock.seconds += seconds
        if self.window._player.timer.isActive():
            self.window._player.timer.timeout.emit()

    # Eyes

    def picture(self, widget):
        """Return the pixels (rows, columns, 3) of a widget."""
        return pixels(widget.grab().toImage())

    def outlined(self, pane, colour, name=None):
        """Return the cells of a grid with a line in `colour` along their upper edge."""
        geometry, pixels = pane.geometry_of(name or pane.name), self.picture(pane)
        return [
            (row, column)
            for row in range(geometry.rows)
            for column in range(geometry.columns)
            if _has_line(pixels, geometry.rect(row, column), colour)
        ]

    @property
    def title(self):
        mark = "*" if self.window.isWindowModified() else ""
        return self.window.windowTitle().replace("[*]", mark, 1)

    @property
    def step_text(self):
        return self.transport.step_label.text()

    @property
    def status_text(self):
        return self.window.status.text()

    @property
    def message_text(self):
        """The sentence in the strip, None where there is none."""
        strip = self.window.message
        return strip._text.text() if strip.isVisible() else None

    def message_button(self, text):
        return next(b for b in self.window.message._buttons if b.text().startswith(text))

    @property
    def problem_text(self):
        card = self.panel.problem_card
        return card._sentence.text() if card.isVisibleTo(self.window) else None

    @property
    def problem_buttons(self):
        return {button.text(): button for button in self.panel.problem_card._buttons}


def _has_line(pixels, place, colour):
    top, left, right = round(place.top()), round(place.left()), round(place.right())
    middle = (left + right) // 2
    along = pixels[max(top - 1, 0) : top + 2, middle - 2 : middle + 3].astype(int)
    return bool((np.abs(along - np.array(colour)).max(axis=-1) <= 48).any(axis=0).all())

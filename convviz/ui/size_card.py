"""The output size with its numbers; in its place, what does not fit and what helps."""

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from convviz.engine.layers import Fix, Problem
from convviz.model import changes
from convviz.model.document import layer_title
from convviz.model.equation import Line
from convviz.model.scene import SizeScene
from convviz.model.session import Session
from convviz.render.fonts import MONO
from convviz.render.theme import Theme
from convviz.ui.fields import dim_label
from convviz.ui.message_strip import Strip
from convviz.ui.plain_text import plain_label, set_tip
from convviz.ui.store import Store
from convviz.ui.style import css

SIZES = ((27, 12), (31, 11))  # characters of a line that fit in the pixels of its letters
SMALLEST = 10


class SizeCard(QFrame):
    """The formula of the output size, with the numbers of the layer in focus."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAccessibleName("Output size")
        title = plain_label("Output size")
        title.setStyleSheet("font-weight: bold;")
        self._formula = dim_label()
        set_tip(
            self._formula,
            "W_in: cells of the input, F: cells that the kernel spans, "
            "P: padding on each side, S: stride, P_out: output padding",
        )
        self._lines = QLabel()
        self._lines.setTextFormat(Qt.TextFormat.RichText)
        self._result = plain_label()
        self._notes = dim_label()
        self._cost = dim_label()
        narrow = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._lines.setSizePolicy(narrow)
        self._lines.setWordWrap(True)
        self._formula.setSizePolicy(narrow)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 8, 8)
        column.setSpacing(3)
        for widget in (title, self._formula, self._lines, self._result, self._notes, self._cost):
            column.addWidget(widget)

    def render_size(self, size: SizeScene, theme: Theme) -> None:
        """Show `size`."""
        self._formula.setText(size.formula)
        self._lines.setVisible(bool(size.lines))
        self._lines.setText("<br>".join(_rich(line, theme) for line in size.lines))
        plain = "; ".join("".join(token.text for token in line) for line in size.lines)
        self._lines.setAccessibleName(plain)
        self._result.setText(size.result)
        self._result.setStyleSheet(f"color: {css(theme.output)}; font-weight: bold;")
        self._notes.setText("\n".join(size.notes))
        self._notes.setVisible(bool(size.notes))
        self._cost.setText(size.cost.replace("y-a", "y\N{NON-BREAKING HYPHEN}a"))  # multiply-adds


def _rich(line: Line, theme: Theme) -> str:
    words = (
        f'<span style="color: {css(theme.role(token.role))}">{html.escape(token.text)}</span>'
        for token in line
    )
    length = sum(len(token.text) for token in line)
    size = next((pixels for most, pixels in SIZES if length <= most), SMALLEST)
    return f"<span style=\"font-family: '{MONO}'; font-size: {size}px\">{''.join(words)}</span>"


class ProblemCard(Strip):
    """Why a setting does not fit, in numbers, with a button for each way out."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self._store = store
        self._problem: Problem | None = None
        self.setObjectName("problem")
        self.setAccessibleName("What does not fit")
        title = plain_label("This does not fit")
        title.setStyleSheet("font-weight: bold;")
        self._sentence = plain_label()
        self._sentence.setWordWrap(True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 10, 8)
        self._column.setSpacing(4)
        self._column.addWidget(title)
        self._column.addWidget(self._sentence)
        self._buttons: list[QPushButton] = []

    def show_session(self, session: Session) -> None:
        """Show what does not fit, or hide."""
        problem = session.problem
        self.setVisible(problem is not None)
        if problem is self._problem or problem is None:
            self._problem = problem
            return
        self._problem = problem
        sentence = _sentence_case(f"{_elsewhere(session)}{problem.sentence}")
        self._sentence.setText(sentence)
        self.setAccessibleDescription(sentence)
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        self._buttons = [FixButton(self._store, fix, self) for fix in problem.fixes]
        self._buttons.append(WithdrawButton(self._store, self))
        for button in self._buttons:
            button.setStyleSheet("padding: 1px 8px;")
            self._column.addWidget(button)


def _elsewhere(session: Session) -> str:
    """Return which layer it is that does not fit, unless it is the one in focus."""
    found = session.edited.problem
    if found is None or found.index == session.layer:
        return ""
    return f"layer {found.index + 1}, {layer_title(session.edited.layers[found.index])}: "


def _sentence_case(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


class FixButton(QPushButton):
    """One click that mends the setting."""

    def __init__(self, store: Store, fix: Fix, parent: QWidget) -> None:
        super().__init__(_sentence_case(fix.label)[:-1], parent)
        self._store, self._fix = store, fix
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(fix.label)
        self.clicked.connect(self._mend)

    def _mend(self) -> None:
        self._store.apply(changes.apply_fix, self._fix)


class WithdrawButton(QPushButton):
    """Takes the setting back."""

    def __init__(self, store: Store, parent: QWidget) -> None:
        super().__init__("Take the setting back", parent)
        self._store = store
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName("Take the setting back")
        self.clicked.connect(self._withdraw)

    def _withdraw(self) -> None:
        self._store.apply(changes.withdraw)

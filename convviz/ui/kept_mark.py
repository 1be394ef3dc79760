"""KeptMark: says in the status bar that work is not kept, for as long as that is so."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from convviz.ui.plain_text import set_tip

TEXT = "✗ Work not kept"


class KeptMark(QPushButton):
    """Hidden while all is well; its tip says what is wrong, a click tries again."""

    def __init__(self) -> None:
        super().__init__(TEXT)
        self.setProperty("badge", True)
        self.setProperty("wrong", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.hide()

    def show_reason(self, reason: str | None) -> None:
        """Show that work is not kept, and why; None hides the mark."""
        if reason is not None:
            text = f"{reason}. It is tried again every few seconds; click to try now."
            set_tip(self, text)
            self.setAccessibleName(f"Work not kept: {reason}")
            self.setAccessibleDescription("Tries again to keep it")
        self.setHidden(reason is None)

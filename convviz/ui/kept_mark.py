"""KeptMark: says in the status bar that work is not kept, for as long as that is so."""

import html

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

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
            self.setToolTip(f"<qt>{html.escape(text)}</qt>")  # else markup in a path is taken
            self.setAccessibleName(f"Work not kept: {reason}")
            self.setAccessibleDescription("Tries again to keep it")
        self.setHidden(reason is None)

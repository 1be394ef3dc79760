"""The window that shows a report of a failure, as it may be sent to someone."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from convviz.files.atomic import WriteError
from convviz.render.fonts import MONO
from convviz.ui.plain_text import plain_label, set_tip
from convviz.ui.tool_window import ToolWindow

INTRODUCTION = (
    "What ran, and where it failed. Nothing of your work, your files or your name is in it: "
    "you can send it to whoever can mend it."
)


class ReportWindow(ToolWindow):
    """The text, where its file is, and a button that copies it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Report of a failure", parent)
        introduction = plain_label(INTRODUCTION)
        introduction.setWordWrap(True)
        self.text = QPlainTextEdit()
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.text.setStyleSheet(f'font-family: "{MONO}"; font-size: 12px; border-radius: 8px;')
        self.text.document().setDocumentMargin(10)
        self.text.setAccessibleName("Report")
        self.place = plain_label()
        self.place.setWordWrap(True)
        self.place.setProperty("dim", True)
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = QPushButton("Copy")
        set_tip(self.copy, "Copy the whole report as text")
        self.copy.setAccessibleName("Copy the report")
        self.copy.clicked.connect(self._copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(10)
        column.addWidget(introduction)
        column.addWidget(self.text, 1)
        row = QHBoxLayout()
        row.addWidget(self.place, 1)
        row.addWidget(self.copy)
        column.addLayout(row)
        self.resize(760, 460)
        self.take_closing_keys()

    def open(self, text: str, place: Path | WriteError) -> None:
        """Show a report; `place` is its file, or why it has none."""
        self.text.setPlainText(text)
        self.place.setText(f"{place}" if isinstance(place, WriteError) else f"Also in {place}")
        self.copy.setText("Copy")
        self.come_forward()

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
        self.copy.setText("Copied")

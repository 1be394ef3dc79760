"""Commits what is being typed into a field, before a change takes the field away."""

from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QWidget

from convviz.ui.cell_editor import CellEditor
from convviz.ui.list_field import ListField


def finish_typing() -> bool:
    """Commit what is being typed, or say why not; return whether there was anything.

    Every window is asked: its field keeps the text while another window is in front. An editor of
    a cell may be open without the focus, which a menu took and gave to another widget.
    """
    windows = QApplication.topLevelWidgets()
    editors = {editor for window in windows for editor in window.findChildren(CellEditor)}
    fields = {window.focusWidget() for window in windows} | editors
    finished = [_finish(field) for field in fields if field is not None]  # all of them
    return any(finished)


def _finish(field: QWidget) -> bool:
    match field:
        case CellEditor() if field.is_open:
            field.finish()
        case QAbstractSpinBox() if field.lineEdit().isModified():
            field.lineEdit().setModified(False)
            field.interpretText()
        case ListField() if field.isModified():
            field.finish()
        case _:
            return False
    return True

"""Blocks of cells to and from the clipboard."""

from dataclasses import replace

from PySide6.QtCore import QMimeData, QStringListModel
from PySide6.QtGui import QGuiApplication

from convviz.files.errors import LiteralError
from convviz.files.pasted import parse_pasted
from convviz.files.written import html_table, tab_separated
from convviz.model import cell_changes
from convviz.model.derive import derive_scene
from convviz.model.session import Message, Session
from convviz.model.transitions import show_message
from convviz.ui.incoming import files_in, is_of_use
from convviz.ui.typed import writes_decimal_commas


def copy_cells(session: Session) -> bool:
    """Put the cells that are selected into the clipboard; return whether there are any."""
    scene = derive_scene(session)
    run = scene.learn.run if scene.learn else None
    learnt = (run.target, run.kernel) if run else ()
    for grid in filter(None, (*learnt, scene.input, scene.kernel.grid, scene.kernel.bias)):
        block = grid.selected_values
        if block is not None and cell_changes.is_in_sight(session, grid.pane):
            data = _new_data()
            data.setText(tab_separated(block))
            data.setHtml(html_table(block))
            QGuiApplication.clipboard().setMimeData(data)
            return True
    return False


def _new_data() -> QMimeData:
    """Return data without a format.

    WORKAROUND: one that Python made and the clipboard still holds at exit crashes PySide6 6.11
    (segmentation fault), so let Qt make it.
    """
    model = QStringListModel([""])
    data = model.mimeData([model.index(0)])
    for name in data.formats():
        data.removeFormat(name)
    return data


def copied_to_open() -> QMimeData | None:
    """Return what is in the clipboard where it is files, a link or a picture, but no numbers.

    Spreadsheets add a picture of what was copied.
    """
    data = QGuiApplication.clipboard().mimeData()
    if data is None or not is_of_use(data):
        return None
    numbers = not files_in(data) and data.hasText() and _holds_numbers(data)
    return None if numbers else data


def _holds_numbers(data: QMimeData) -> bool:
    try:
        parse_pasted(data.text(), data.html(), decimal_comma=writes_decimal_commas())
    except LiteralError:
        return False
    return True


def paste_cells(session: Session) -> Session:
    """Write what is in the clipboard into the grid with the selection, or say why not.

    Where nothing is selected, a table becomes the input.
    """
    reason = cell_changes.refusal(session)
    if reason and session.selection is not None:
        return show_message(session, Message(reason))
    data = QGuiApplication.clipboard().mimeData()
    if data is None or not (data.hasText() or data.hasHtml()):
        text = "There are no numbers in the clipboard: copy cells of a spreadsheet, or a list"
        return show_message(session, Message(text))
    try:
        table = parse_pasted(data.text(), data.html(), decimal_comma=writes_decimal_commas())
    except LiteralError as error:
        text = f"What is in the clipboard cannot be pasted: {error}"
        return show_message(session, Message(text, "error"))
    paste = cell_changes.paste_as_input if reason else cell_changes.paste
    return _with_notices(paste(session, table.array), table.notices)


def _with_notices(session: Session, notices: tuple[str, ...]) -> Session:
    """Say what was assumed, before what there is to say already."""
    if not notices:
        return session
    said = session.message or Message("")
    text = ". ".join([*notices, said.text] if said.text else notices)
    return show_message(session, replace(said, text=text))

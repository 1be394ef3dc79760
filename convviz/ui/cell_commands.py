"""CELL_COMMANDS: what can be done with the cells that are selected, as a table."""

from collections.abc import Callable
from functools import partial

from convviz.engine.fills import FILLS
from convviz.model import cell_changes, transitions
from convviz.model.session import Session
from convviz.ui.command import Command

EDIT, LINES, FILL = "&Edit", "&Edit/Rows and colum&ns", "&Edit/F&ill"
CELL_MENU = (
    *("cut", "copy", "paste", "select-all", ""),
    *("insert-above", "insert-below", "delete-rows", ""),
    *("insert-left", "insert-right", "delete-columns", ""),
)  # what the context menu of a grid of cells begins with


def changeable(session: Session) -> bool:
    """Return whether cells that can be changed are selected."""
    return not cell_changes.refusal(session)


def _fillable(session: Session) -> bool:
    return not cell_changes.fillable(session)


def _has_lines(session: Session, axis: int) -> bool:
    return changeable(session) and session.rank > 1 - axis


def _cells_command(
    name: str,
    text: str,
    transition: Callable[..., Session],
    *arguments: int,
    keys: tuple[str, ...],
    tip: str,
) -> Command:
    return Command(name, EDIT, text, keys, transition, arguments, enabled=changeable, tip=tip)


def _line_command(
    name: str, text: str, transition: Callable[..., Session], *arguments: int | bool
) -> Command:
    axis = int(arguments[0])
    return Command(
        name,
        LINES,
        text,
        transition=transition,
        arguments=arguments,
        enabled=partial(_has_lines, axis=axis),
        separated=name == "insert-left",
        tip=f"As many {cell_changes.LINES[axis]}s as are selected, in all channels",
    )


CELL_COMMANDS = (
    Command(
        "cut",
        EDIT,
        "Cu&t",
        ("Ctrl+X",),
        enabled=changeable,
        tip="Put the selected cells into the clipboard, and zeros in their place",
        separated=True,
    ),
    Command(
        "copy",
        EDIT,
        "&Copy",
        ("Ctrl+C",),
        tip="Put the selected cells into the clipboard as a table; without a selection, the frame",
    ),
    Command(
        "paste",
        EDIT,
        "&Paste",
        ("Ctrl+V",),
        tip="Write a table, a list or a number from the clipboard into the selected cells; "
        "without a selection, a table becomes the input",
    ),
    Command("select-all", EDIT, "Select &all cells", ("Ctrl+A",), transitions.select_all),
    _cells_command(
        "fill-down",
        "Fill &down",
        cell_changes.copy_along,
        0,
        keys=("Ctrl+D",),
        tip="Repeat the first selected row in those below it",
    ),
    _cells_command(
        "fill-right",
        "Fill &right",
        cell_changes.copy_along,
        1,
        keys=("Ctrl+R",),
        tip="Repeat the first selected column in those right of it",
    ),
    _cells_command(
        "fill-selection",
        "Fill &selection",
        cell_changes.fill_with_cursor,
        keys=("Ctrl+Return", "Ctrl+Enter"),
        tip="Write the number of the cell with the cursor into every selected cell",
    ),
    _line_command("insert-above", "Insert row &above", cell_changes.insert, 0, False),
    _line_command("insert-below", "Insert row &below", cell_changes.insert, 0, True),
    _line_command("delete-rows", "&Delete row", cell_changes.delete, 0),
    _line_command("insert-left", "Insert column &left", cell_changes.insert, 1, False),
    _line_command("insert-right", "Insert column &right", cell_changes.insert, 1, True),
    _line_command("delete-columns", "Delete &column", cell_changes.delete, 1),
    *(
        Command(
            f"series-{way}",
            FILL,
            f"Series {way}",
            (key,),
            cell_changes.continue_series,
            (axis,),
            enabled=partial(_has_lines, axis=axis),
            tip=f"The first two selected {cell_changes.LINES[axis]}s go on in equal steps "
            f"through the others ({key})",
        )
        for axis, (way, key) in enumerate((("down", "Ctrl+Shift+D"), ("right", "Ctrl+Shift+R")))
    ),
    *(
        Command(
            f"fill-{fill.name}",
            FILL,
            fill.title,
            transition=cell_changes.fill_by,
            arguments=(fill.name,),
            enabled=_fillable,
            tip=f"{fill.summary}: the selected cells, or all of the grid where one or none is",
            separated=fill.name in ("uniform", "invert"),
        )
        for fill in FILLS.values()
    ),
)

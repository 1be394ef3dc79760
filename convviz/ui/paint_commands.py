"""PAINT_COMMANDS: the tools, and how wide they paint, as a table."""

from collections.abc import Callable

from convviz.model import painting
from convviz.model.painting import LARGEST_BRUSH, TOOLS
from convviz.model.session import PAINTED, Session
from convviz.ui.command import Command

PAINT = "&Edit/Paint &with"


def paintable(session: Session) -> bool:
    """Return whether the workspace has cells to paint."""
    return session.view.workspace in PAINTED


def _chosen(tool: str) -> Callable[[Session], bool]:
    return lambda session: session.view.brush.tool == tool


def _grows(session: Session) -> bool:
    return paintable(session) and session.view.brush.size < LARGEST_BRUSH


def _shrinks(session: Session) -> bool:
    return paintable(session) and session.view.brush.size > 1


PAINT_COMMANDS = (
    *(
        Command(
            f"paint-{tool.name}",
            PAINT,
            tool.title,
            (f"Ctrl+{number}",),
            painting.choose_tool,
            (tool.name,),
            checked=_chosen(tool.name),
            enabled=paintable,
            tip=f"{tool.title}: {tool.summary[:1].lower()}{tool.summary[1:]} (Ctrl+{number})",
            group="paint",
        )
        for number, tool in enumerate(TOOLS.values(), start=1)
    ),
    Command(
        "brush-larger",
        PAINT,
        "&Larger brush",
        ("Alt+.",),
        painting.grow_brush,
        (1,),
        enabled=_grows,
        tip="Paint one cell more a side, at most 5 (Alt+.)",
        separated=True,
    ),
    Command(
        "brush-smaller",
        PAINT,
        "&Smaller brush",
        ("Alt+,",),
        painting.grow_brush,
        (-1,),
        enabled=_shrinks,
        tip="Paint one cell less a side (Alt+,)",
    ),
)

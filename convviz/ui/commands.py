"""COMMANDS: what menus, keys and buttons do, as a table."""

from collections.abc import Callable

from convviz.model import changes, filing, pages, transitions
from convviz.model.session import THEMES, WORKSPACES, Session
from convviz.ui.cell_commands import CELL_COMMANDS
from convviz.ui.command import Command
from convviz.ui.layer_commands import KERNEL_COMMANDS, LAYER_COMMANDS
from convviz.ui.learn_commands import LEARN_COMMANDS
from convviz.ui.paint_commands import PAINT_COMMANDS
from convviz.ui.playback_commands import PLAYBACK_COMMANDS, TENTHS
from convviz.ui.signal_commands import SIGNAL_COMMANDS

__all__ = ["COMMANDS", "TENTHS", "WORKSPACE_TITLES", "Command"]

WORKSPACE_TITLES = {
    "convolve": "Convolve 2-D",
    "signals": "Convolve 1-D",
    "layers": "Layer & channels",
    "learn": "Learn a kernel",
}
EXPORT_MENU = "&File/&Export"


def _undoable(session: Session) -> bool:
    return bool(session.history.past or session.attempt)


def _redoable(session: Session) -> bool:
    return bool(session.history.future)


def _revertible(session: Session) -> bool:
    return session.file is not None and not session.is_saved


def _themed(theme: str) -> Callable[[Session], bool]:
    return lambda session: session.view.theme == theme


def _placed(workspace: str) -> Callable[[Session], bool]:
    return lambda session: session.view.workspace == workspace


def toggle_whole_map(session: Session) -> Session:
    """Show every output cell, or those up to the playhead."""
    return transitions.set_whole_map(session, not session.view.whole_map)


def toggle_histograms(session: Session) -> Session:
    """Show or hide the histograms."""
    return transitions.set_histograms(session, not session.view.histograms)


def toggle_history(session: Session) -> Session:
    """Show or hide the list of changes."""
    return transitions.set_history(session, not session.view.history)


def toggle_use_counts(session: Session) -> Session:
    """Show how often cells are used, or their values."""
    return transitions.set_use_counts(session, not session.view.use_counts)


_FILE = (
    Command("new", "&File", "&New", ("Ctrl+N",), tip="Begin anew with the letter H under Sobel x"),
    Command(
        "open", "&File", "&Open…", ("Ctrl+O",), tip="Open a scene, or an image or array as input"
    ),
    Command(
        "weights",
        "&File",
        "&Weights…",
        ("Ctrl+Alt+O",),
        tip="Take layers out of a trained network: safetensors, NPZ, ONNX",
    ),
    Command(
        "examples",
        "&File",
        "E&xamples…",
        ("Ctrl+Shift+O",),
        tip="A gallery of scenes to look at: the lecture, convolution arithmetic, networks",
    ),
    Command(
        "save",
        "&File",
        "&Save",
        ("Ctrl+S",),
        tip="Save image, layers and view as a scene file",
        separated=True,
    ),
    Command(
        "save-as",
        "&File",
        "Save &as…",
        ("Ctrl+Shift+S",),
        tip="Save image, layers and view as another scene file",
    ),
    Command(
        "revert",
        "&File",
        "&Revert",
        transition=filing.revert,
        enabled=_revertible,
        tip="Go back to the scene as it was saved; undo leads back",
    ),
    Command(
        "export",
        EXPORT_MENU,
        "&Frames as PNG…",
        ("Ctrl+E",),
        tip="Write this frame, all frames or some of them as PNG",
        separated=True,
    ),
    Command(
        "export-map",
        EXPORT_MENU,
        "Feature &map as numbers…",
        tip="Write the feature map as CSV or TSV, or all maps of the layer as NPY",
    ),
    Command(
        "export-updates",
        EXPORT_MENU,
        "&Updates as numbers…",
        enabled=lambda session: session.learns and session.run is not None,
        tip="Write loss and weights after every update as CSV or TSV",
    ),
    Command(
        "export-spreadsheet",
        EXPORT_MENU,
        "&Spreadsheet with formulas…",
        tip="Write image and layers as .xlsx: change a cell there, and the feature map follows",
    ),
    Command("quit", "&File", "&Quit", ("Ctrl+Q", "Ctrl+W"), separated=True),
)

_EDIT = (
    Command("undo", "&Edit", "&Undo", ("Ctrl+Z",), changes.undo, enabled=_undoable),
    Command("redo", "&Edit", "R&edo", ("Ctrl+Shift+Z", "Ctrl+Y"), changes.redo, enabled=_redoable),
    Command(
        "history",
        "&Edit",
        "&History",
        ("Ctrl+Alt+Z",),
        toggle_history,
        checked=lambda s: s.view.history,
        tip="A list of every change, to go to any of them",
    ),
    *CELL_COMMANDS,
    *PAINT_COMMANDS,
    Command(
        "crop",
        "&Edit",
        "Cr&op and scale the input…",
        tip="Take a part of the input, in another size, in grey, from 0 to 1",
        separated=True,
    ),
    Command(
        "copy-frame",
        "&Edit",
        "Copy &frame",
        ("Ctrl+Shift+C",),
        tip="Put the scene into the clipboard as a picture",
        separated=True,
    ),
    Command("copy-sentence", "&Edit", "Copy dot product as te&xt", ("Ctrl+Shift+T",)),
    Command(
        "settings",
        "&Edit",
        "Settin&gs…",
        ("Ctrl+,",),
        tip="Theme, how numbers are written, colours, speed, folders, recent files",
        separated=True,
    ),
)

_VIEW = (
    *(
        Command(
            f"workspace-{workspace}",
            "&View",
            WORKSPACE_TITLES[workspace].replace("&", "&&"),
            (f"Alt+{number}",),
            pages.show_workspace,
            (workspace,),
            checked=_placed(workspace),
            group="workspace",
            tip=f"{WORKSPACE_TITLES[workspace]} (Alt+{number})",
        )
        for number, workspace in enumerate(WORKSPACES, start=1)
    ),
    Command("zoom-in", "&View", "Zoom &in", ("Ctrl++", "Ctrl+="), separated=True),
    Command("zoom-out", "&View", "Zoom &out", ("Ctrl+-",)),
    Command("fit", "&View", "&Fit", ("Ctrl+0",), transitions.fit),
    Command(
        "whole-map",
        "&View",
        "Show the &whole feature map",
        ("Ctrl+M",),
        toggle_whole_map,
        checked=lambda s: s.view.whole_map,
        tip="Show every output cell, or only those up to the present step",
        separated=True,
    ),
    Command(
        "use-counts",
        "&View",
        f"&{transitions.COUNTING}",
        ("Ctrl+U",),
        toggle_use_counts,
        checked=lambda s: s.view.use_counts,
        tip="Show in how many windows each cell is, or how many stamps overlap, not its value",
    ),
    Command(
        "histograms",
        "&View",
        "&Histograms",
        ("Ctrl+H",),
        toggle_histograms,
        checked=lambda s: s.view.histograms,
    ),
    *SIGNAL_COMMANDS,
    Command(
        "padding-rules",
        "&View",
        "&Padding rules…",
        ("F4",),
        tip="What each padding rule does here, and how two of them compare",
        separated=True,
    ),
    *(
        Command(
            f"theme-{theme}",
            "&View",
            {"system": "&System theme", "dark": "&Dark", "light": "&Light"}[theme],
            transition=transitions.set_theme,
            arguments=(theme,),
            checked=_themed(theme),
            separated=theme == "system",
            group="theme",
        )
        for theme in THEMES
    ),
    Command("full-screen", "&View", "F&ull screen", ("F11",), separated=True),
)

_HELP = (
    Command("shortcuts", "&Help", "&Keyboard shortcuts", ("?", "F1")),
    Command("about", "&Help", "&About convviz"),
)

COMMANDS = {
    command.name: command
    for command in (
        *(*_FILE, *_EDIT, *_VIEW),
        *(*LAYER_COMMANDS, *KERNEL_COMMANDS, *PLAYBACK_COMMANDS, *LEARN_COMMANDS, *_HELP),
    )
}

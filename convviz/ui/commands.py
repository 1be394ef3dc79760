"""COMMANDS: what menus, keys and buttons do, as a table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from convviz.model import transitions
from convviz.model.session import THEMES, Session
from convviz.model.transitions import Transition


@dataclass(frozen=True)
class Command:
    """One action: a transition with its arguments, or the name of a method of the window."""

    name: str
    menu: str
    text: str
    keys: tuple[str, ...] = ()
    transition: Transition | None = None
    arguments: tuple[Any, ...] = ()
    checked: Callable[[Session], bool] | None = None
    enabled: Callable[[Session], bool] | None = None
    tip: str = ""
    separated: bool = False
    group: str = ""


def _undoable(session: Session) -> bool:
    return bool(session.history.past or session.attempt)


def _redoable(session: Session) -> bool:
    return bool(session.history.future)


def _pinned(session: Session) -> bool:
    return session.pin is not None


def _playing(session: Session) -> bool:
    return session.playback.playing


def _flips(value: bool) -> Callable[[Session], bool]:
    return lambda session: session.edited.conv(session.layer).flip is value


def _themed(theme: str) -> Callable[[Session], bool]:
    return lambda session: session.view.theme == theme


def toggle_loop(session: Session) -> Session:
    """Begin again after the last step, or stop there."""
    return transitions.set_loop(session, not session.playback.loop)


def toggle_by_terms(session: Session) -> Session:
    """Play product by product, or output cell by output cell."""
    return transitions.set_by_terms(session, not session.playback.by_terms)


def toggle_whole_map(session: Session) -> Session:
    """Show every output cell, or those up to the playhead."""
    return transitions.set_whole_map(session, not session.view.whole_map)


def toggle_histograms(session: Session) -> Session:
    """Show or hide the histograms."""
    return transitions.set_histograms(session, not session.view.histograms)


COMMANDS = {
    command.name: command
    for command in (
        Command("open", "&File", "&Open image…", ("Ctrl+O",), tip="Open an image or an array"),
        Command(
            "export",
            "&File",
            "&Export frames…",
            ("Ctrl+E",),
            tip="Write this frame, all frames or some of them as PNG",
            separated=True,
        ),
        Command("quit", "&File", "&Quit", ("Ctrl+Q", "Ctrl+W"), separated=True),
        Command("undo", "&Edit", "&Undo", ("Ctrl+Z",), transitions.undo, enabled=_undoable),
        Command(
            "redo",
            "&Edit",
            "&Redo",
            ("Ctrl+Shift+Z", "Ctrl+Y"),
            transitions.redo,
            enabled=_redoable,
        ),
        Command(
            "copy-frame",
            "&Edit",
            "&Copy frame",
            ("Ctrl+Shift+C",),
            tip="Put the scene into the clipboard as a picture",
            separated=True,
        ),
        Command("copy-sentence", "&Edit", "Copy dot product as &text", ("Ctrl+Shift+T",)),
        Command("zoom-in", "&View", "Zoom &in", ("Ctrl++", "Ctrl+=")),
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
            "histograms",
            "&View",
            "&Histograms",
            ("Ctrl+H",),
            toggle_histograms,
            checked=lambda s: s.view.histograms,
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
        Command(
            "convolution",
            "&Layer",
            "&Convolution (flipped)",
            transition=transitions.set_flip,
            arguments=(True,),
            checked=_flips(True),
            group="flip",
            tip="The kernel is flipped by 180° before it slides: the lecture, NumPy, SciPy",
        ),
        Command(
            "cross-correlation",
            "&Layer",
            "C&ross-correlation",
            transition=transitions.set_flip,
            arguments=(False,),
            checked=_flips(False),
            group="flip",
            tip="The kernel slides as it is: what PyTorch, Keras and ONNX call a convolution",
        ),
        Command(
            "play",
            "&Playback",
            "&Play or pause",
            ("Space", "K"),
            transitions.toggle_playing,
            checked=_playing,
            tip="Play or pause (Space)",
        ),
        Command(
            "play-backwards", "&Playback", "Play &backwards", ("J",), transitions.play_backwards
        ),
        Command("play-forwards", "&Playback", "Play &forwards", ("L",), transitions.play_forwards),
        Command(
            "next",
            "&Playback",
            "&Next output cell",
            ("Right", "Ctrl+Right", "PgDown"),
            transitions.advance,
            tip="Next output cell (Right)",
            separated=True,
        ),
        Command(
            "previous",
            "&Playback",
            "P&revious output cell",
            ("Left", "Ctrl+Left", "PgUp"),
            transitions.back,
            tip="Previous output cell (Left)",
        ),
        Command("next-term", "&Playback", "Next pr&oduct", (".",), transitions.next_term),
        Command(
            "previous-term", "&Playback", "Pre&vious product", (",",), transitions.previous_term
        ),
        Command("next-row", "&Playback", "Next ro&w", ("Down", "Ctrl+Down"), transitions.next_row),
        Command(
            "previous-row",
            "&Playback",
            "Previo&us row",
            ("Up", "Ctrl+Up"),
            transitions.previous_row,
        ),
        Command(
            "first",
            "&Playback",
            "F&irst output cell",
            ("Home", "Ctrl+Home"),
            transitions.first,
            tip="First output cell (Home)",
        ),
        Command(
            "last",
            "&Playback",
            "L&ast output cell",
            ("End", "Ctrl+End"),
            transitions.last,
            tip="Last output cell (End)",
        ),
        Command("go-to", "&Playback", "&Go to…", ("G",), tip="Go to a step, or to row,column"),
        Command("faster", "&Playback", "Fas&ter", (">",), transitions.faster, separated=True),
        Command("slower", "&Playback", "&Slower", ("<",), transitions.slower),
        Command(
            "loop",
            "&Playback",
            "&Loop",
            ("Ctrl+L",),
            toggle_loop,
            checked=lambda s: s.playback.loop,
            tip="Begin again after the last step",
        ),
        Command(
            "by-terms",
            "&Playback",
            "Product by produ&ct",
            ("Ctrl+T",),
            toggle_by_terms,
            checked=lambda s: s.playback.by_terms,
            tip="Play every single product of a dot product",
        ),
        Command(
            "pin",
            "&Playback",
            "Pi&n",
            ("P",),
            transitions.toggle_pin,
            checked=_pinned,
            tip="Hold the view on the cell under the mouse, or on the present step",
            separated=True,
        ),
        Command("escape", "&Playback", "L&et go", ("Esc",), transitions.escape),
        Command("shortcuts", "&Help", "&Keyboard shortcuts", ("?", "F1")),
        Command("about", "&Help", "&About convviz"),
    )
}

# 0..9 jump to tenths of the way.
TENTHS = tuple((str(tenth), tenth / 10) for tenth in range(10))

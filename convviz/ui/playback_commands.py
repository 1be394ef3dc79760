"""Commands that move the playhead, and let it move."""

from convviz.model import painting, transitions
from convviz.model.session import Session
from convviz.ui.command import Command


def toggle_loop(session: Session) -> Session:
    """Begin again after the last step, or stop there."""
    return transitions.set_loop(session, not session.playback.loop)


def toggle_by_terms(session: Session) -> Session:
    """Play product by product, or output cell by output cell."""
    return transitions.set_by_terms(session, not session.playback.by_terms)


def _pinned(session: Session) -> bool:
    return session.pin is not None


def _playing(session: Session) -> bool:
    return session.playback.playing


PLAYBACK_COMMANDS = (
    Command(
        "play",
        "&Playback",
        "&Play or pause",
        ("Space", "K"),
        transitions.toggle_playing,
        checked=_playing,
        tip="Play or pause (Space)",
    ),
    Command("play-backwards", "&Playback", "Play &backwards", ("J",), transitions.play_backwards),
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
    Command("previous-term", "&Playback", "Pre&vious product", (",",), transitions.previous_term),
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
        "Pin",
        ("P",),
        transitions.toggle_pin,
        checked=_pinned,
        tip="Hold the view on the cell under the mouse, or on the present step",
        separated=True,
    ),
    Command("escape", "&Playback", "L&et go", ("Esc",), painting.escape),
)

# 0..9 jump to tenths of the way.
TENTHS = tuple((str(tenth), tenth / 10) for tenth in range(10))

"""Commands about how signals are looked at, as a table."""

from collections.abc import Callable

from convviz.model import transitions
from convviz.model.session import WAYS, Session
from convviz.render.ways_painter import WAY_TITLES
from convviz.ui.command import Command

MENU = "&View/Si&gnals"
WAY_TIPS = {
    "slide": "Turn the second signal round, slide it along the first, multiply, add",
    "copies": "One copy of the second signal for each sample of the first, as large as that",
    "matrix": "A matrix whose rows hold the second signal, times the first",
}


def _shows_signals(session: Session) -> bool:
    return session.view.workspace == "signals"


def _in_way(way: str) -> Callable[[Session], bool]:
    return lambda session: session.view.way == way


def _numbered(first: int) -> Callable[[Session], bool]:
    return lambda session: session.view.numbered_from == first


def toggle_curves(session: Session) -> Session:
    """Draw signals as curves, or as stems."""
    return transitions.set_curves(session, not session.view.curves)


SIGNAL_COMMANDS = (
    *(
        Command(
            *(f"way-{way}", MENU, f"&{WAY_TITLES[way]}"),
            transition=transitions.set_way,
            arguments=(way,),
            checked=_in_way(way),
            enabled=_shows_signals,
            tip=WAY_TIPS[way],
            group="way",
        )
        for way in WAYS
    ),
    *(
        Command(
            *(f"number-from-{first}", MENU, f"Number samples from &{first}"),
            transition=transitions.set_numbering,
            arguments=(first,),
            checked=_numbered(first),
            enabled=_shows_signals,
            tip=tip,
            separated=first == 1,
            group="numbering",
        )
        for first, tip in ((1, "As in mathematics: a₁ is the first"), (0, "As in NumPy: a[0]"))
    ),
    Command(
        *("curves", MENU, "As c&urves"),
        ("Ctrl+Alt+U",),
        toggle_curves,
        checked=lambda s: s.view.curves,
        enabled=_shows_signals,
        tip="Join the samples to curves, and show the area below their product",
        separated=True,
    ),
)

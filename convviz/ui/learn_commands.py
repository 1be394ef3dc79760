"""Commands about what a kernel is learnt from, as a table."""

from collections.abc import Callable

from convviz.engine.inputs import INPUTS
from convviz.model import learn_changes, transitions
from convviz.model.session import Session
from convviz.ui.command import Command

MENU = "Lea&rn"
IMAGES = f"{MENU}/&Another image"
FROM = "learn-from-"  # begins the names of commands that add an image
ELSEWHERE = ("&Layer", "&Kernel")  # menus about the layer that other workspaces show
ELSEWHERE_ONLY = ("export-map", "export-spreadsheet", "whole-map", "use-counts", "histograms")
LEARN_TEXTS = {  # what steps are called where they are updates
    "next": "&Next update",
    "previous": "P&revious update",
    "next-term": "Next part &of the update",
    "previous-term": "Pre&vious part of the update",
    "first": "F&irst kernel",
    "last": "L&ast update",
    "by-terms": "Part by part of ea&ch update",
    "pin": "Explain a gradient",
}


def _learns(session: Session) -> bool:
    return session.learns


def _hides(session: Session) -> bool:
    return session.learns and session.document.learning.target is None


def _shows_another(session: Session) -> bool:
    return session.learns and learn_changes.shown_image(session) > 0


def has_sense(session: Session, command: Command) -> bool:
    """Return whether the workspace shows what `command` is about."""
    elsewhere = command.menu.split("/")[0] in ELSEWHERE or command.name in ELSEWHERE_ONLY
    return not (session.learns and elsewhere)


def toggle_revealed(session: Session) -> Session:
    """Show the hidden kernel, or hide it again."""
    return transitions.set_revealed(session, not session.learner.revealed)


def toggle_log_loss(session: Session) -> Session:
    """Draw the loss on a logarithmic axis, or on a linear one."""
    return transitions.set_log_loss(session, not session.learner.log)


def _from_preset(name: str) -> Callable[[Session], Session]:
    preset = INPUTS[name]
    return lambda session: learn_changes.add_image(session, preset.image, preset.title)


LEARN_COMMANDS = (
    Command(
        *("learn-own-map", MENU, "Target: a &map of your own"),
        transition=learn_changes.own_target,
        enabled=_hides,
        tip="Keep the target as a map to type and paint in; nothing is hidden then",
    ),
    Command(
        *("learn-hide-kernel", MENU, "Target: by the &kernel of Convolve 2-D"),
        transition=learn_changes.hide_kernel,
        enabled=_learns,
        tip="Let the kernel that you typed in Convolve 2-D make the target, and hide it",
    ),
    Command(
        *("open-target", MENU, "&Open a target…"),
        enabled=_learns,
        tip="Take the target of a kernel that is learnt from an image or array",
    ),
    *(
        Command(
            *(f"{FROM}{preset.name}", IMAGES, preset.title),
            transition=_from_preset(preset.name),
            enabled=_hides,
            tip=preset.summary,
        )
        for preset in INPUTS.values()
        if preset.image.ndim == 2
    ),
    Command(
        *(f"{FROM}turned", IMAGES, "This image, &turned"),
        transition=learn_changes.turned_image,
        enabled=_hides,
        tip="Learn from the shown image turned by a quarter, too",
        separated=True,
    ),
    Command(
        *(f"{FROM}file", IMAGES, "&Open…"),
        enabled=_hides,
        tip="Learn from an image or array in a file, too",
    ),
    Command(
        *("learn-drop-image", MENU, "Take this image ou&t"),
        transition=learn_changes.drop_image,
        enabled=_shows_another,
        tip="Learn without the added image that is shown",
    ),
    Command(
        *("learn-reveal", MENU, "Re&veal the hidden kernel"),
        transition=toggle_revealed,
        checked=lambda session: session.learner.revealed,
        enabled=_hides,
        tip="Show the kernel that made the target beside the learnt ones",
        separated=True,
    ),
    Command(
        *("learn-log-loss", MENU, "&Loss on a logarithmic axis"),
        transition=toggle_log_loss,
        checked=lambda session: session.learner.log,
        enabled=_learns,
        tip="Powers of ten are as far apart: a straight line falls by the same share each time",
    ),
    Command(
        *("train", MENU, "Train a &small network…"),
        ("F7",),
        separated=True,
        tip="Watch kernels being learnt from images of bars, corners or digits (F7)",
    ),
)

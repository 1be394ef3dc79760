"""Changes of how a kernel is learnt: pure functions (Session, ...) -> Session."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from convviz.engine.geometry import PerAxis
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import KernelLayer
from convviz.engine.learn_settings import LEARN_SETTINGS
from convviz.engine.padding import Array
from convviz.engine.problems import LayerError, times
from convviz.engine.settings import frozen_array
from convviz.model.changes import changed, give_up
from convviz.model.document import kernel_of
from convviz.model.learn_run import grey_image, kernel_size, learnt_images, map_size
from convviz.model.learning import GRIDS, LARGEST_SIZE, OWN
from convviz.model.pages import on_page
from convviz.model.session import Message, PaneName, Session
from convviz.model.transitions import show_message


def set_learning(
    session: Session,
    name: str,
    merge: str | None = None,
    **settings: Any,  # noqa: ANN401
) -> Session:
    """Learn with other settings; undo calls that `name`. What cannot be is refused in a message."""
    session = on_page(give_up(session), 2)
    document = session.document
    try:
        learning = replace(document.learning, **settings)
    except LayerError as error:
        return show_message(session, Message(_sentence(str(error)), "error"))
    return changed(session, replace(document, learning=learning), name, merge)


def _sentence(text: str) -> str:
    """Return what is refused with the name that a setting has in the window."""
    name, _, rest = text.partition(" ")
    if name in LEARN_SETTINGS:
        return f"{LEARN_SETTINGS[name].title} {rest}"
    return text[:1].upper() + text[1:]


def set_setting(session: Session, name: str, value: object) -> Session:
    """Change one of LEARN_SETTINGS that stands for itself: a name, or a number."""
    return set_learning(session, LEARN_SETTINGS[name].title, f"learn-{name}", **{name: value})


def set_hidden(session: Session, preset: str) -> Session:
    """Let a preset's kernel make the target; a first kernel of another size gives way."""
    return _hide(session, KERNELS[preset].kernel, KERNELS[preset].title, hidden=preset)


def hide_kernel(session: Session) -> Session:
    """Let the kernel of Convolve 2-D, as it is now, make the target."""
    page = on_page(session, 2)
    layer = page.focus
    if not isinstance(layer, KernelLayer):
        text = "There is no kernel to hide: choose a convolution in Convolve 2-D"
        return show_message(session, Message(text, "error"))
    kernel = frozen_array(layer.weight[kernel_of(layer, page.channel, page.shown_source)])
    return _hide(session, kernel, "the kernel of Convolve 2-D", hidden=OWN, kernel=kernel)


def _hide(session: Session, numbers: Array, title: str, **hidden: Any) -> Session:  # noqa: ANN401
    learning = session.document.learning
    initial = learning.initial
    if initial == OWN and (learning.first is None or learning.first.shape != numbers.shape):
        initial = "uniform"
    anew = replace(session, learner=replace(session.learner, revealed=False))
    return set_learning(anew, f"Target made by {title}", target=None, initial=initial, **hidden)


def own_target(session: Session) -> Session:
    """Take the target that is shown as a map of one's own, to type and paint in."""
    run, learning = session.run, session.document.learning
    if run is None or learning.target is not None:
        return session
    made = frozen_array(run.task.targets[0][0])
    size = kernel_size(learning)
    return set_learning(session, "Own target", target=made, kernel_size=size, noise=0.0)


def add_image(session: Session, image: ArrayLike, name: str) -> Session:
    """Learn from one more image (rows, columns), and look at it."""
    numbers, learning = frozen_array(image), session.document.learning
    if min(map_size(learning, numbers.shape)) < 1:
        kernel = times(kernel_size(learning))
        text = f"{name} has {times(numbers.shape)} cells, too few for a kernel of {kernel}: pad it"
        return show_message(session, Message(_sentence(text), "error"))
    more = (*learning.more, numbers)
    added = set_learning(session, f"Learn from {name} too", more=more)
    if added.document is session.document:
        return added
    return show_image(added, len(more))


def turned_image(session: Session) -> Session:
    """Learn from the shown image turned by a quarter, too."""
    shown = learnt_images(session.document)[shown_image(session)]
    return add_image(session, np.rot90(shown), "the image, turned")


def drop_image(session: Session) -> Session:
    """Take the shown image out; the first, which is that of the document, stays."""
    number, learning = shown_image(session), session.document.learning
    if number == 0:
        return session
    more = learning.more[: number - 1] + learning.more[number:]
    return show_image(set_learning(session, "Learn from one image less", more=more), number - 1)


def show_image(session: Session, number: int) -> Session:
    """Look at one of the images, from 0, and at its maps."""
    inside = min(max(number, 0), len(session.document.learning.more))
    return replace(session, learner=replace(session.learner, image=inside), selection=None)


def shown_image(session: Session) -> int:
    """Return the number of the image that is chosen to be shown."""
    return min(session.learner.image, len(session.document.learning.more))


def set_target(session: Session, target: ArrayLike, name: str) -> Session:
    """Let a map (rows, columns) be the target; one as large as the image loses its border.

    One of any other size is refused, with the sizes that fit.
    """
    numbers, learning = frozen_array(target), session.document.learning
    image = grey_image(session.document).shape
    size, wanted = kernel_size(learning), map_size(learning, image)
    if numbers.shape == image and wanted == tuple(
        n - k + 1 for n, k in zip(image, size, strict=True)
    ):
        top, left = (size[0] - 1) // 2, (size[1] - 1) // 2
        numbers = frozen_array(numbers[top : top + wanted[0], left : left + wanted[1]])
    if numbers.shape != wanted:
        text = (
            f"{name} has {times(numbers.shape)} cells: a target has {times(wanted)}, "
            f"or with padding the {times(image)} of the image"
        )
        return show_message(session, Message(text, "error"))
    return set_learning(session, f"Target {name}", target=numbers, kernel_size=size)


def set_learnt_size(session: Session, size: tuple[int, int]) -> Session:
    """Look for a kernel of `size` behind a map of one's own, which is cut or gets zeros."""
    if session.document.learning.target is None:
        return session
    inside = tuple(min(max(n, 1), LARGEST_SIZE) for n in size)
    return _set_layer(session, "kernel_size", kernel_size=inside)


def set_geometry(session: Session, name: str, value: object) -> Session:
    """Change one of GEOMETRY; a map of one's own is cut, or gets zeros."""
    return _set_layer(session, name, **{name: value})


def _set_layer(session: Session, name: str, **settings: Any) -> Session:  # noqa: ANN401
    learning = session.document.learning
    changed_size = settings.get("kernel_size", learning.kernel_size) != learning.kernel_size
    if changed_size and learning.initial == OWN:
        settings["initial"] = "uniform"
    if learning.target is not None:
        try:
            wanted = map_size(replace(learning, **settings), grey_image(session.document).shape)
        except LayerError as error:
            return show_message(session, Message(_sentence(str(error)), "error"))
        if min(wanted) < 1:
            text = "The kernel would be larger than the image: take a smaller one, or pad"
            return show_message(session, Message(text, "error"))
        settings["target"] = _fitted(learning.target, wanted)
    return set_learning(session, LEARN_SETTINGS[name].title, f"learn-{name}", **settings)


def _fitted(target: Array, size: PerAxis) -> Array:
    fitted = np.zeros(size)
    part = tuple(slice(min(have, want)) for have, want in zip(target.shape, size, strict=True))
    fitted[part] = target[part]
    return frozen_array(fitted)


def set_initial(session: Session, initial: str) -> Session:
    """Begin with one of FIRSTS; with one's own, that is the first kernel that is shown."""
    if initial != OWN:
        return set_learning(session, "First kernel", initial=initial)
    run = session.run
    if run is None:
        return session
    return set_learning(session, "Own first kernel", initial=OWN, first=run.kernel(0))


def learnt_array(session: Session, pane: PaneName) -> Array:
    """Return the numbers of the target, or of the first kernel."""
    run = session.run
    assert run is not None
    if pane == "first":
        return run.kernel(0)
    own = session.document.learning.target
    return run.task.targets[0][0] if own is None else own


def with_learnt(
    session: Session, pane: PaneName, array: Array, name: str, merge: str | None = None
) -> Session:
    """Let numbers that were typed or painted be the target, or the first kernel, of one's own."""
    own: dict[str, Any] = {GRIDS[pane]: frozen_array(array)}
    if pane == "first":
        own["initial"] = OWN
    elif session.document.learning.target is None:
        own |= {"kernel_size": kernel_size(session.document.learning), "noise": 0.0}
    return set_learning(session, name, merge, **own)


def why_fixed(session: Session, pane: PaneName) -> str:
    """Return why the target or the first kernel cannot be typed into, "" where it can."""
    if session.run is None:
        return "there is nothing to learn from: choose another target or image"
    if pane == "target" and session.document.learning.more:
        return "a hidden kernel makes the targets of several images: take the others out to type"
    if pane == "first" and session.head.step > 0:
        return "this kernel is learnt: go to update 0 (Home) to type the first one"
    return ""

"""Changes of the settings of an activation: pure functions (Session, ...) -> Session."""

from convviz.engine.activation_settings import Value
from convviz.engine.layers import Activation, LayerError
from convviz.model.changes import changed, reaching, with_layer
from convviz.model.session import Session
from convviz.model.transitions import refuse


def activation_in_focus(session: Session) -> Activation:
    """Return the activation in focus, else the one right after the layer in focus."""
    index = session.edited.activation_index(session.layer)
    found = None if index is None else session.edited.layers[index]
    return found if isinstance(found, Activation) else Activation("none")


def set_number(session: Session, name: str, number: float) -> Session:
    """Change a number of the activation; of several, that of the channel in focus."""
    value = activation_in_focus(session).settings[name]
    if not isinstance(value, tuple):
        return set_setting(session, name, number)
    several = list(value)
    several[place_of(value, session.channel)] = number
    return set_setting(session, name, tuple(several))


def set_setting(session: Session, name: str, value: Value) -> Session:
    """Change a setting of the activation; what cannot be is refused in a message."""
    index, activation = session.edited.activation_index(session.layer), activation_in_focus(session)
    if index is None:
        return session
    title = next(s.title for s in activation.function.settings if s.name == name)
    try:
        other = activation.with_settings(**{name: value})
    except LayerError as error:
        return refuse(session, f"{title}{str(error).removeprefix(name)}")
    key = f"{name} of layer {index}"
    return changed(session, with_layer(session.edited, index, other), title, key)


def set_by_channel(session: Session, name: str, by_channel: bool) -> Session:
    """Give each channel a number of its own, or one to all: that of the channel in focus."""
    value = activation_in_focus(session).settings.get(name)
    if not isinstance(value, tuple):
        return session
    if by_channel:
        count = activated_channels(session)
        return set_setting(session, name, tuple(value[n % len(value)] for n in range(count)))
    return set_setting(session, name, (value[place_of(value, session.channel)],))


def activated_channels(session: Session) -> int:
    """Return how many channels come to the activation."""
    index, shapes = session.edited.activation_index(session.layer), session.edited.shapes
    if index is None or index >= len(shapes):
        return reaching(session)[0]
    return shapes[index][0]


def place_of(value: tuple[float, ...], channel: int) -> int:
    """Return where the number of a channel is; a single one is that of all."""
    return min(channel, len(value) - 1)

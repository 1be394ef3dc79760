"""Layers from a file become part of the document: pure functions (Session, ...) -> Session."""

from dataclasses import replace

from convviz.engine.layers import KernelLayer, Layer
from convviz.engine.padding import Array
from convviz.model.changes import changed, with_layer, withdraw
from convviz.model.document import Document
from convviz.model.image_ways import example_image
from convviz.model.pages import show_workspace
from convviz.model.session import Choice, Message, Playhead, Session
from convviz.model.stacking import insert_layer, place_after
from convviz.model.transitions import choose_channel

UNDO = (Choice("Undo", "undo"),)
LAYERS = {False: "The layer", True: "The layers"}
BACK = Choice("Back to the training", "train")


def use_layer(session: Session, layer: KernelLayer, name: str, note: str = "") -> Session:
    """Put a layer called `name` in the place of the one in focus; `note` is told with it.

    Where the image has another number of axes, an example input takes its place, and the layer is
    the only one. One that does not fit is an attempt, which has ways out.
    """
    session = withdraw(session)
    if layer.rank != session.rank:
        return take_stack(session, (layer,), name, note)
    document = with_layer(session.document, session.layer, layer)
    return _told(_taken(session, document, name, session.layer), name, note)


def add_to_stack(session: Session, layer: KernelLayer, name: str, note: str = "") -> Session:
    """Put a layer after the one in focus and its activation."""
    if layer.rank != session.rank:
        text = f"{name} has {_axes(layer.rank)}, the image {_axes(session.rank)}: "
        return replace(session, message=Message(f"{text}use it as the layer instead."))
    shown = insert_layer(session, layer, place_after(session), f"Add {name}")
    return _told(show_workspace(shown, "layers"), name, note)


def take_stack(session: Session, layers: tuple[Layer, ...], name: str, note: str = "") -> Session:
    """Let the image pass these layers in place of all that there are."""
    session = withdraw(session)
    document = Document(session.document.image, session.document.image_name, layers)
    kernel = next((layer for layer in layers if isinstance(layer, KernelLayer)), None)
    if kernel is not None and kernel.rank != session.rank:
        image, title = example_image(kernel)
        document = replace(document, image=image, image_name=title)
        reason = f"since it has {_axes(kernel.rank)}, the input is {title}."
        note = f"{note[:-1]}; {reason}" if note else reason
    return _told(_taken(session, document, name, 0), name, note)


def step_through(
    session: Session, layers: tuple[Layer, ...], image: Array, title: str, channel: int = 0
) -> Session:
    """Let trained layers and an image (channels, *spatial) take the place of all that there is.

    Feature map `channel` is shown first.
    """
    document = Document(image, title, layers)
    shown = choose_channel(_taken(withdraw(session), document, "of the training", 0), channel)
    text = f"{LAYERS[len(layers) > 2]} as trained by now, over the image “{title}”."
    return replace(shown, message=Message(text, choices=(*UNDO, BACK)))


def _taken(session: Session, document: Document, name: str, focus: int) -> Session:
    shown = changed(session, document, f"Weights {name}")
    if max(len(document.layers), *_channels(document)) > 1:
        shown = show_workspace(shown, "layers")
    if shown.attempt is not None and focus == shown.layer:
        return shown
    return replace(shown, layer=focus, source=0, pin=None, selection=None, playhead=Playhead())


def _channels(document: Document) -> tuple[int, ...]:
    kernels = [layer for layer in document.layers if isinstance(layer, KernelLayer)]
    return (1, *(n for layer in kernels for n in (layer.in_channels, layer.out_channels)))


def _told(session: Session, name: str, note: str) -> Session:
    if session.attempt is not None or not note:
        return session
    return replace(session, message=Message(f"{name}: {note}", choices=UNDO))


def _axes(rank: int) -> str:
    return "one axis" if rank == 1 else "two axes"

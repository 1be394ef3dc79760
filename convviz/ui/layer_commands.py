"""Commands that change the stack, a layer, its channels and its kernel."""

from collections.abc import Callable
from typing import Any

from convviz.engine.kernel_tools import KERNEL_CHANGES
from convviz.engine.layers import Conv, ConvTranspose, KernelLayer, Layer
from convviz.model import changes, stacking, transitions
from convviz.model.impulse import impulse_test
from convviz.model.session import Session
from convviz.ui.command import Command

LAYER, KERNEL = "&Layer", "&Kernel"
ADD, CHANNELS = f"{LAYER}/&Add layer", f"{LAYER}/C&hannels"
APART = {"rotate-left", "negate", "normalise"}  # kernel changes that begin another kind


def _layer(session: Session) -> Layer:
    return session.edited.layers[session.layer]


def _has_kernel(session: Session) -> bool:
    return isinstance(_layer(session), KernelLayer)


def _is_conv(session: Session) -> bool:
    return isinstance(_layer(session), Conv)


def _is_transposed(session: Session) -> bool:
    return isinstance(_layer(session), ConvTranspose)


def _channels_fit(session: Session) -> bool:
    return _has_kernel(session) and session.attempt is None


def _is_several(session: Session) -> bool:
    return len(session.document.layers) > 1


def _is_later(session: Session) -> bool:
    return session.layer > 0


def _is_earlier(session: Session) -> bool:
    return session.layer < len(session.document.layers) - 1


def _has_maps(session: Session) -> bool:
    return session.output_count > 1


def _has_channels(session: Session) -> bool:
    return session.document.shapes[session.layer][0] > 1


def _can_drop_channel(session: Session) -> bool:
    layer = _layer(session)
    return _channels_fit(session) and layer.out_channels > layer.groups  # type: ignore[union-attr]


def _can_be_depthwise(session: Session) -> bool:
    return _is_conv(session) and changes.reaching(session)[0] > 1


def _can_test(session: Session) -> bool:
    return session.layer == 0 and _has_kernel(session)


def _is_skipped(session: Session) -> bool:
    return session.layer in session.edited.disabled


def _flips(value: bool) -> Callable[[Session], bool]:
    return lambda session: getattr(_layer(session), "flip", None) is value


def _scatters(value: bool) -> Callable[[Session], bool]:
    return lambda session: _is_transposed(session) and session.scatter is value


def _can_scatter(session: Session) -> bool:
    return _is_transposed(session) and session.view.workspace != "signals"


def _layer_command(
    name: str,
    text: str,
    transition: Callable[..., Session],
    enabled: Callable[[Session], bool] | None = None,
    *keys: str,
    **more: Any,  # noqa: ANN401
) -> Command:
    menu = more.pop("menu", LAYER)
    return Command(name, menu, text, keys, transition, enabled=enabled, **more)


_ADDING = tuple(
    Command(
        f"add-{kind.name}",
        ADD,
        kind.title,
        transition=stacking.add_layer,
        arguments=(kind.name,),
        tip=f"{kind.title}: {kind.summary}",
    )
    for kind in stacking.LAYER_KINDS.values()
)

_STACK = (
    _layer_command("duplicate-layer", "D&uplicate layer", stacking.duplicate_layer),
    _layer_command("remove-layer", "Re&move layer", stacking.remove_layer, _is_several),
    _layer_command(
        "move-earlier", "Move &earlier", stacking.move_earlier, _is_later, separated=True
    ),
    _layer_command("move-later", "Move &later", stacking.move_later, _is_earlier),
    _layer_command(
        "disable-layer",
        "&Disable layer",
        stacking.toggle_layer,
        checked=_is_skipped,
        tip="Let the image skip the layer in focus",
    ),
    _layer_command(
        "next-layer",
        "&Next layer",
        stacking.next_layer,
        _is_earlier,
        "Ctrl+]",
        "Alt+PgDown",
        separated=True,
        tip="Show the layer after (Ctrl+])",
    ),
    _layer_command(
        "previous-layer",
        "&Previous layer",
        stacking.previous_layer,
        _is_later,
        "Ctrl+[",
        "Alt+PgUp",
        tip="Show the layer before (Ctrl+[)",
    ),
)

_CHANNELS = (
    _layer_command(
        "add-map",
        "&Add a feature map",
        stacking.add_output_channel,
        _channels_fit,
        menu=CHANNELS,
        separated=True,
        tip="Add a feature map whose kernels are zeros",
    ),
    _layer_command(
        "duplicate-map",
        "D&uplicate the feature map",
        stacking.duplicate_output_channel,
        _channels_fit,
        menu=CHANNELS,
        tip="Add a feature map with the kernels of the one that is shown",
    ),
    _layer_command(
        "remove-map",
        "&Remove the feature map",
        stacking.remove_output_channel,
        _can_drop_channel,
        menu=CHANNELS,
        tip="Take the feature map that is shown away",
    ),
    _layer_command(
        "next-map",
        "&Next feature map",
        transitions.next_channel,
        _has_maps,
        "]",
        menu=CHANNELS,
        separated=True,
    ),
    _layer_command(
        "previous-map",
        "&Previous feature map",
        transitions.previous_channel,
        _has_maps,
        "[",
        menu=CHANNELS,
    ),
    _layer_command(
        "next-source",
        "Next &input channel",
        transitions.next_source,
        _has_channels,
        "}",
        menu=CHANNELS,
    ),
    _layer_command(
        "previous-source",
        "Previous input &channel",
        transitions.previous_source,
        _has_channels,
        "{",
        menu=CHANNELS,
    ),
    _layer_command(
        "depthwise",
        "&Depthwise",
        changes.depthwise,
        _can_be_depthwise,
        menu=CHANNELS,
        separated=True,
        tip="A kernel and a map of its own for each input channel: groups = channels",
    ),
)

_WAYS = (
    Command(
        "convolution",
        LAYER,
        "&Convolution (flipped)",
        transition=changes.set_flip,
        arguments=(True,),
        checked=_flips(True),
        enabled=_is_conv,
        group="flip",
        separated=True,
        tip="The kernel is flipped by 180° before it slides: the lecture, NumPy, SciPy",
    ),
    Command(
        "cross-correlation",
        LAYER,
        "C&ross-correlation",
        transition=changes.set_flip,
        arguments=(False,),
        checked=_flips(False),
        enabled=_is_conv,
        group="flip",
        tip="The kernel slides as it is: what PyTorch, Keras and ONNX call a convolution",
    ),
    Command(
        "gather",
        LAYER,
        "&Gather",
        transition=transitions.set_scatter,
        arguments=(False,),
        checked=_scatters(False),
        enabled=_is_transposed,
        group="walk",
        separated=True,
        tip="Walk a transposed convolution by output cells, each a dot product",
    ),
    Command(
        "scatter",
        LAYER,
        "&Scatter",
        transition=transitions.set_scatter,
        arguments=(True,),
        checked=_scatters(True),
        enabled=_can_scatter,
        group="walk",
        tip="Walk a transposed convolution by input cells, each of which stamps the kernel",
    ),
)

_KERNEL = (
    *(
        Command(
            f"kernel-{change.name}",
            KERNEL,
            change.title,
            transition=changes.change_kernel,
            arguments=(change.name,),
            enabled=_has_kernel,
            separated=change.name in APART,
            tip=f"{change.title}: {change.summary}",
        )
        for change in KERNEL_CHANGES.values()
    ),
    Command(
        "scale-kernel",
        KERNEL,
        "&Divide and offset…",
        enabled=_has_kernel,
        tip="Divide the weights by a number, and add an offset to every sum",
    ),
    Command(
        "random-kernel",
        KERNEL,
        "&Random…",
        enabled=_has_kernel,
        separated=True,
        tip="Draw new weights for all kernels of the layer from a seed",
    ),
    Command(
        "impulse-test",
        KERNEL,
        "&Impulse test",
        transition=impulse_test,
        enabled=_can_test,
        tip="Put a single 1 into the input, and see how much of the kernel comes out",
    ),
)

LAYER_COMMANDS = (*_ADDING, *_STACK, *_CHANNELS, *_WAYS)
KERNEL_COMMANDS = _KERNEL

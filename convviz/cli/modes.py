"""--mode: a layer that makes of a signal what numpy.convolve or numpy.correlate does."""

from dataclasses import replace

from convviz.cli.failures import DataFailure
from convviz.cli.operands import Operand
from convviz.cli.specs import LayerSpec
from convviz.cli.streams import note
from convviz.engine.numpy_modes import mode_padding
from convviz.engine.padding import Array


def as_numpy(spec: LayerSpec, kernel: Operand | None, image: Array, rank: int) -> LayerSpec:
    """Return the layer with the zeros that its mode stands for, and tell of a swap.

    Raises
    ------
    DataFailure
        When `image` (channels, *spatial) is no signal.
    """
    if spec.mode is None or kernel is None:
        return spec
    if rank != 1:
        raise DataFailure(
            "--mode is of signals, and INPUT or KERNEL is an image: "
            "give --padding full, same or valid"
        )
    settings = {"flip": False, **spec.settings}
    size, span = image.shape[-1], _span(kernel, settings.get("dilation", 1))
    if span > size:
        note(_swap(size, span, spec.mode, flip=settings["flip"]))
    padding = mode_padding(size, span, spec.mode, flip=settings["flip"])
    return replace(spec, settings={**settings, "padding": (padding,)})


def _span(kernel: Operand, dilation: int | tuple[int, ...]) -> int:
    pitch = dilation if isinstance(dilation, int) else dilation[0]
    return int(kernel.array.shape[-1] - 1) * pitch + 1


def _swap(size: int, span: int, mode: str, *, flip: bool) -> str:
    """Return what NumPy does where the second operand is the longer one, and what comes of it.

    >>> _swap(3, 4, "same", flip=True)
    'the kernel is longer than the input, 4 samples to 3: NumPy swaps them, so same has 4 values'
    """
    longer = f"the kernel is longer than the input, {span:,} samples to {size:,}"
    if mode == "full":
        back = "no value" if flip else "the order alone, and it turns that back"
        return f"{longer}: NumPy swaps them, which changes {back}"
    count = span if mode == "same" else span - size + 1
    values = "1 value" if count == 1 else f"{count:,} values"
    return f"{longer}: NumPy swaps them, so {mode} has {values}"

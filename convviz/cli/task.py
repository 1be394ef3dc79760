"""From what a person typed to a document: an image and layers that fit it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from convviz.cli.failures import DataFailure
from convviz.cli.layer_options import LayerParameters, given_settings
from convviz.cli.operands import (
    INPUT_PRESETS,
    KERNEL_PRESETS,
    Operand,
    read_input,
    read_kernel,
)
from convviz.cli.parameters import padding_text, per_axis_text
from convviz.cli.streams import note
from convviz.engine.convolve import correlate_padded, padded_image, with_channels
from convviz.engine.layers import Activation, Conv, Fix, LayerError, Problem, frozen_array
from convviz.engine.padding import Array
from convviz.files.images import to_grey
from convviz.files.resample import scale_down
from convviz.model.document import Document, default_document, kernel_preset

# What a fix changes -> the option that does so, as typed
FIX_OPTIONS: Mapping[str, Callable[[Any], str]] = {
    "dilation": lambda cells: f"--dilation {per_axis_text(cells)}",
    "padding": lambda cells: f"--padding {cells if cells == 'valid' else padding_text(cells)}",
    "padding_mode": lambda mode: f"--padding-mode {mode}",
}


@dataclass(frozen=True, eq=False)
class Task:
    """A document of one convolution that fits, and what its parts are called.

    `bare` says that neither the image nor the kernel has an axis for channels.
    """

    document: Document
    source: Operand
    kernel: Operand
    bare: bool

    @property
    def conv(self) -> Conv:
        """The convolution."""
        return self.document.conv(0)

    @property
    def activation(self) -> Activation:
        """What comes after it."""
        return self.document.activation(0)

    @cached_property
    def padded(self) -> Array:
        """The image (in_channels, *spatial) with padding."""
        return padded_image(self.conv, self.document.image)

    @cached_property
    def sums(self) -> Array:
        """The dot products (out_channels, *spatial) with bias, before the activation.

        Raises
        ------
        DataFailure
            When one becomes too large.
        """
        with np.errstate(all="ignore"):
            return checked_finite(correlate_padded(self.conv, self.padded))


def checked_finite(values: Array) -> Array:
    """Return `values` when all of them are numbers.

    Raises
    ------
    DataFailure
        When not.
    """
    if not np.isfinite(values).all():
        raise DataFailure("the dot products become too large to be held: scale the numbers down")
    return values


def read_task(given: LayerParameters) -> Task:
    """Return the document of a command line; without a kernel, the layer of the opening scene.

    Raises
    ------
    click.UsageError, FileError, DataFailure
        When options contradict each other, a file cannot be read, or the layer does not fit.
    """
    settings = given_settings(given)
    opening = default_document()
    source = _opening_input(opening) if given["source"] is None else read_input(given["source"])
    kernel = _opening_kernel(opening) if given["kernel"] is None else read_kernel(given["kernel"])
    try:
        image, weight = _together(source, kernel)
        image = _scaled(source, _greyed(source, image, weight, settings), weight, given["max_side"])
        image, weight, bare = with_channels(image, weight)
        base = opening.conv(0) if given["kernel"] is None else Conv(weight)
        layer = replace(base, weight=weight, **settings)
    except LayerError as error:
        raise DataFailure(str(error)) from error
    activation = Activation(given["activation"] or "none")
    layers = (layer, activation) if activation.name != "none" else (layer,)
    document = Document(frozen_array(image), source.title, layers)
    if document.problem:
        raise DataFailure(_with_ways_out(document.problem.problem))
    return Task(document, source, kernel, bare)


def _opening_input(opening: Document) -> Operand:
    return next(p for p in INPUT_PRESETS.values() if p.title == opening.image_name)


def _opening_kernel(opening: Document) -> Operand:
    name = kernel_preset(opening.conv(0))
    assert name is not None
    return KERNEL_PRESETS[name]


def _together(source: Operand, kernel: Operand) -> tuple[Array, Array]:
    """Return both arrays, as signals where both may be."""
    if source.may_be_signal and kernel.may_be_signal:
        return source.array.ravel(), kernel.array.ravel()
    return source.array, kernel.array


def _greyed(source: Operand, image: Array, weight: Array, settings: Mapping[str, Any]) -> Array:
    """Return a colour image as grey when the kernel takes one channel."""
    in_channels = weight.shape[1] * settings.get("groups", 1) if weight.ndim == 4 else 1
    if weight.ndim not in (2, 4) or image.ndim != 3 or in_channels != 1 or len(image) not in (1, 3):
        return image
    if len(image) == 3:
        note(f"{source.title}: its 3 channels are taken as one of grey")
    return to_grey(image)


def _scaled(source: Operand, image: Array, weight: Array, side: int | None) -> Array:
    """Return the image with at most `side` cells a side; a signal is an image of one row."""
    signal = weight.ndim in (1, 3)
    rows = image[..., None, :] if signal else image
    if side is None or image.ndim < 2 - signal or max(rows.shape[-2:]) <= side:
        return image
    scaled = scale_down(rows, side)
    sizes = (" × ".join(map(str, shape[-2 + signal :])) for shape in (rows.shape, scaled.shape))
    note(f"{source.title}: {' cells scaled down to '.join(sizes)}")
    return scaled[..., 0, :] if signal else scaled


def _with_ways_out(problem: Problem) -> str:
    return "; ".join((problem.sentence, " or ".join(map(_way_out, problem.fixes)))).rstrip("; ")


def _way_out(fix: Fix) -> str:
    options = [
        FIX_OPTIONS[name](value) for name, value in fix.changes.items() if name in FIX_OPTIONS
    ]
    return f"{fix.label} ({' '.join(options)})" if options else fix.label

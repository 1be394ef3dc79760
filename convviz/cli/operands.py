"""INPUT and KERNEL: the name of a preset, a file, numbers, or standard input."""

import errno
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from os.path import isfile
from pathlib import Path
from typing import BinaryIO

from convviz.cli.failures import DataFailure
from convviz.cli.parameters import did_you_mean
from convviz.cli.streams import note
from convviz.engine.geometry import counted
from convviz.engine.inputs import INPUTS
from convviz.engine.kernels import KERNELS
from convviz.engine.layers import Conv, ConvTranspose, KernelLayer
from convviz.engine.padding import Array
from convviz.files.errors import FileError, shown
from convviz.files.kernel_layouts import LAYOUTS, KernelLayout, looks_better
from convviz.files.read import (
    ARCHIVE,
    MODEL,
    SUFFIXES,
    TENSORS,
    UNKNOWN,
    ArrayFile,
    array_in,
    find_format,
    format_in,
    list_arrays,
    read_array,
    read_piped,
    read_text_array,
)
from convviz.files.scenes import is_scene, read_scene
from convviz.files.source import MAX_FILE_BYTES
from convviz.files.state_dicts import layers_in
from convviz.files.weights import SUFFIXES as WEIGHTS
from convviz.files.weights import holds_weights, read_weights
from convviz.model.document import Document
from convviz.model.examples import EXAMPLES

STANDARD_INPUT = "standard input"
SEVERAL_NUMBERS = re.compile(r"[,;\[\s]")


@dataclass(frozen=True, eq=False)
class Operand:
    """An array with the name for files and the title for people.

    `is_table` says that it was written as rows of numbers, which cannot tell a signal from an
    image of one row. `layer` is what a file of weights has, with the settings that it tells.
    """

    name: str
    title: str
    array: Array
    is_table: bool = False
    layer: KernelLayer | None = None

    @property
    def may_be_signal(self) -> bool:
        """Whether it is a signal, or a table of one row or one column."""
        return self.array.ndim == 1 or (self.is_table and 1 in self.array.shape)


INPUT_PRESETS = {p.name: Operand(p.name, p.title, p.image) for p in INPUTS.values()}
KERNEL_PRESETS = {p.name: Operand(p.name, p.title, p.kernel) for p in KERNELS.values()}
NAMES = {"input": (*INPUT_PRESETS, *EXAMPLES), "kernel": tuple(KERNEL_PRESETS)}


def read_input(text: str) -> Operand:
    """Return what INPUT stands for; of an example or scene the image alone, and that is said.

    Raises
    ------
    DataFailure, FileError
        When it stands for nothing, or for what cannot be read.
    """
    if brings_layers(text):
        document = EXAMPLES[text].make() if text in EXAMPLES else read_scene(text).document
        note(f"{text}: its image alone is taken, without its layers")
        return image_operand(text, document)
    return _read(text, "input", INPUT_PRESETS)


def brings_layers(text: str) -> bool:
    """Return whether INPUT is an example or a scene, which have layers of their own."""
    return text in EXAMPLES or is_scene(Path(text))


def enabled_layers(text: str, focus: int | None) -> tuple[Document, int | None]:
    """Return a scene without its disabled layers, and the layer (from 1) that it looks at.

    Raises
    ------
    DataFailure, FileError
        When all are disabled, or the scene cannot be read.
    """
    session = read_scene(text)
    document = session.document
    kept = [n for n in range(len(document.layers)) if n not in document.disabled]
    if not kept:
        raise DataFailure(f"{shown(text)}: all its layers are disabled; enable one")
    if document.disabled:
        note(f"{text}: disabled layers are left out")
    looked = kept.index(session.layer) + 1 if session.layer in kept else None
    enabled = document.with_stack((document.layers[n], False) for n in kept)
    return enabled, looked if focus is None else focus


def image_operand(text: str, document: Document) -> Operand:
    """Return the image of a document, without the axis for channels where there is one only."""
    image, name = document.image, Path(text).stem if is_scene(Path(text)) else text
    return Operand(name, document.image_name, image[0] if len(image) == 1 else image)


def read_kernel(text: str, *, transpose: bool = False, layout: str | None = None) -> Operand:
    """Return what KERNEL stands for; raises as `read_input` does.

    A layer of a file of weights comes whole, `transpose` where the file does not say which kind.
    `layout` is the order in which its axes are stored, a key of LAYOUTS.
    """
    file = None if text in KERNEL_PRESETS or text == "-" else _file(text)
    if file is not None and _is_layer(*file):
        path, name = file
        weights = read_weights(path)
        entry = weights.entry(name)
        if entry.note:
            note(f"{path.name}: {entry.name}: {entry.note}")
        layer = weights.layer(entry.name, transpose=transpose, layout=layout)
        return layer_operand(entry.name, layer)
    if file is not None and file[1] and (own := _weight_alone(*file, transpose, layout)):
        return own
    kernel = _read(text, "kernel", KERNEL_PRESETS)
    return _stored_kernel(kernel, LAYOUTS[layout]) if layout else _told_of_axes(kernel, text)


def _weight_alone(
    path: Path, name: str | None, transpose: bool, layout: str | None
) -> Operand | None:
    """Return a weight that was asked for by the name of its array, without its bias; else None."""
    layers = layers_in(list_arrays(path)).values()
    found = next((la for la in layers if la.weight and la.weight.name == name), None)
    if found is None or not found.is_named or found.weight is None:
        return None
    if len(found.weight.shape) not in (3, 4):
        return None
    layer = read_weights(path).layer(found.name, transpose=transpose, layout=layout)
    bias = found.parts.get("bias")
    if bias is not None:
        note(f"{path.name}: {name} is taken without {bias.name}; {found.name} has both")
    return layer_operand(found.weight.name, replace(layer, bias=None))


def _stored_kernel(kernel: Operand, layout: KernelLayout) -> Operand:
    """Return an array as a layer whose axes are stored in an order that was said."""
    if kernel.array.ndim not in (3, 4):
        raise DataFailure(
            f"layout {layout.name}: the kernel has {counted(kernel.array.ndim, 'axis', 'axes')}, "
            f"not those of channels; it is for arrays ({layout.axes})"
        )
    kind = ConvTranspose if layout.transposed else Conv
    groups = layout.groups(kernel.array.shape, None)
    return layer_operand(kernel.name, kind(layout.in_torch_order(kernel.array), groups=groups))


def _told_of_axes(kernel: Operand, text: str) -> Operand:
    """Say how the axes of an array were taken where another order would look more natural."""
    shape, torch = kernel.array.shape, LAYOUTS["oihw"]
    if kernel.array.ndim != 4:
        return kernel
    for other in (LAYOUTS["hwio"], LAYOUTS["ohwi"]):
        if looks_better(other, torch, shape):
            note(
                f"{text}: its axes are taken as {torch.axes}; if they are {other.axes}, "
                f"say --layout {other.name}"
            )
    return kernel


def layer_operand(name: str, layer: KernelLayer) -> Operand:
    """Return a layer as what KERNEL stands for."""
    return Operand(name, name, layer.weight, layer=layer)


def _is_layer(path: Path, name: str | None) -> bool:
    """Return whether a layer is meant, not an array of an archive by its own name."""
    kind = format_in(path)
    if kind not in (TENSORS, MODEL, ARCHIVE):
        return False
    if kind is MODEL:
        return True
    if name is None:
        return kind is TENSORS or holds_weights(path)
    return all(array.name != name for array in list_arrays(path))


def check_input_name(text: str) -> None:
    """Refuse what is neither the name of an input or example nor a file, without reading it."""
    if text not in INPUT_PRESETS and text not in EXAMPLES and not _is_there(array_in(text)[0]):
        raise _nothing(text, "input")


def _read(text: str, role: str, presets: Mapping[str, Operand]) -> Operand:
    if text in presets:
        return presets[text]
    if text == "-":
        return _piped(role)
    file = _file(text)
    return _typed(text, role) if file is None else _from_file(*file)


def _file(text: str) -> tuple[Path, str | None] | None:
    """Return the file that `text` means, and the array or layer in it; None where it means none.

    A file with that whole name comes first; both parts of FILE:NAME may hold colons.
    """
    path = Path(text)
    if _is_there(path) or path.suffix.lower() in SUFFIXES:
        return path, None
    colons = [place for place, character in enumerate(text) if character == ":"]
    parts = [(Path(text[:place]), text[place + 1 :]) for place in colons]
    named = [p for p in parts if p[0].suffix.lower() in WEIGHTS or isfile(p[0])]  # noqa: PTH113
    return next((part for part in named if _is_there(part[0])), named[0] if named else None)


def is_file(text: str) -> bool:
    """Return whether INPUT is a file."""
    return text not in INPUT_PRESETS and text not in EXAMPLES and _file(text) is not None


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        return error.errno != errno.ENAMETOOLONG  # numbers, rather


def _from_file(path: Path, array: str | None) -> Operand:
    found = read_array(path, name=array)
    _tell_notices(found, path.name)
    return Operand(found.name, found.name, found.array, found.is_table)


def _piped(role: str) -> Operand:
    stream: BinaryIO | None = getattr(sys.stdin, "buffer", None)
    if stream is None:
        raise FileError(STANDARD_INPUT, "it is closed")
    data = stream.read(MAX_FILE_BYTES + 1)
    found = read_piped(data, STANDARD_INPUT)
    _tell_notices(found, STANDARD_INPUT)
    return Operand(role, role.capitalize(), found.array, find_format(data, "") is UNKNOWN)


def _typed(text: str, role: str) -> Operand:
    try:
        found = read_text_array(text, f"the {role}")
    except FileError:
        if SEVERAL_NUMBERS.search(text):
            raise
        raise _nothing(text, role) from None
    return Operand(role, role.capitalize(), found.array, is_table=True)


def _nothing(text: str, role: str) -> DataFailure:
    return DataFailure(
        f"{shown(text)} names no {role} and no file{did_you_mean(text, NAMES[role])} "
        "(convviz list shows all names)"
    )


def _tell_notices(found: ArrayFile, name: str) -> None:
    for notice in found.notices:
        note(f"{name}: {notice}")

"""Weights of trained networks: the layers in safetensors, NPZ and ONNX files, each read alone."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from convviz.engine.geometry import counted
from convviz.engine.layers import KernelLayer, LayerError
from convviz.engine.padding import Array
from convviz.engine.pool_layer import Pool
from convviz.files import onnx_files
from convviz.files.errors import FileError, Refusal, shown
from convviz.files.kernel_layouts import LAYOUTS, KernelLayout
from convviz.files.layout_clues import Clues
from convviz.files.numpy_files import KINDS, NUMBERS, ArrayEntry
from convviz.files.read import (
    ARCHIVE,
    MODEL,
    TENSORS,
    boundary,
    format_in,
    list_arrays,
    open_any,
    read_array,
    reading,
)
from convviz.files.safetensors_files import declared_format, number_kind, unreadable
from convviz.files.source import Source
from convviz.files.state_dicts import Found, layers_in
from convviz.files.state_entries import entry_of, layer_of
from convviz.files.weight_entries import WeightEntry

SUFFIXES = (*TENSORS.suffixes, *MODEL.suffixes, *ARCHIVE.suffixes)
LISTED = 8
LARGEST_UNNAMED = 11  # cells a side of kernels that no name tells from images


@dataclass(frozen=True, eq=False)
class Weights(Mapping[str, KernelLayer]):
    """The layers of a file by name; each is read when it is asked for.

    As a mapping it has the convolutions that can be taken over; `entries` are all layers, with
    the reason where one cannot. Where the file does not tell them, stride, padding, dilation and
    groups are torch's defaults: dataclasses.replace(weights["conv1"], stride=2) sets them.

    Attributes
    ----------
    path : Path
    entries : tuple of WeightEntry
    """

    path: Path
    entries: tuple[WeightEntry, ...]
    _found: Mapping[str, Found] | None = None  # None where a graph tells the layers

    def __repr__(self) -> str:
        """Return the file, and how many layers it has."""
        return (
            f"Weights({self.path.name!r}, {counted(len(self.entries), 'layer')}, "
            f"{counted(len(self), 'convolution')})"
        )

    def __getitem__(self, name: str) -> KernelLayer:
        """Read a layer; raises KeyError, and FileError when its numbers cannot be read."""
        if name not in self._names:
            raise KeyError(name)
        return self.layer(name)

    def __iter__(self) -> Iterator[str]:
        """Yield the names of the convolutions that can be taken over."""
        return iter(self._names)

    def __len__(self) -> int:
        """Return how many convolutions can be taken over."""
        return len(self._names)

    @cached_property
    def _names(self) -> dict[str, None]:
        return {entry.name: None for entry in self.entries if entry.taken}

    def entry(self, name: str | None = None) -> WeightEntry:
        """Return the layer called `name`, or the only one that can be taken over.

        Raises
        ------
        FileError
            When there is no such layer, it cannot be taken over, or there are several.
        """
        names = [entry.name for entry in self.entries if not entry.refusal]
        if name is None and len(names) == 1:
            name = names[0]
        if name is None:
            raise FileError(self.path, f"it holds {len(names)} layers, choose one: {self._listed}")
        found = next((entry for entry in self.entries if entry.name == name), None)
        if found is None:
            raise FileError(self.path, f"it holds no layer {shown(name)}; it holds {self._listed}")
        if found.refusal:
            raise FileError(self.path, f"{shown(name)}, {found.kind}: {found.refusal}")
        return found

    def layer(
        self, name: str | None = None, *, transpose: bool = False, layout: str | None = None
    ) -> KernelLayer:
        """Read one layer: Conv, or ConvTranspose where the file says so or `transpose` does.

        `layout` is the order in which the file has its axes, a key of LAYOUTS, where the file does
        not tell it or is not to be believed.

        Raises
        ------
        FileError
            As `entry` does, when the numbers cannot be read, and when the order of axes is not
            known and `layout` does not tell it.
        """
        entry = self.entry(name)
        with _telling(self.path):
            if self._found is None:
                return self._node_layer(entry, layout)
            read_as = _layout(entry, layout, transpose=transpose)
            return layer_of(self._found[entry.name], read_as, self._numbers)

    def _numbers(self, array: ArrayEntry) -> Array:
        try:
            return read_array(self.path, name=array.name).array
        except FileError as error:
            raise FileError(self.path, f"{shown(array.name)}: {error.reason}") from None

    def _node_layer(self, entry: WeightEntry, layout: str | None) -> KernelLayer:
        if layout is not None:
            raise Refusal("the graph tells the order of axes; leave the layout out")
        graph = _graph(self.path)
        node = graph.find(entry.name)
        if node is None:
            raise Refusal("it was changed since it was opened; open it again")
        with reading(MODEL):
            return onnx_files.layer_at(graph, entry.name, node)

    @cached_property
    def stack(self) -> onnx_files.Stack | None:
        """The layers that an ONNX graph begins with; None for files that hold no graph.

        Raises
        ------
        FileError
            When the numbers cannot be read.
        """
        if self._found is not None:
            return None
        with _telling(self.path):
            graph = _graph(self.path)
            with reading(MODEL):
                return onnx_files.stack_of(graph)

    @property
    def _listed(self) -> str:
        entries = [entry for entry in self.entries if not entry.refusal]
        more = f" and {len(entries) - LISTED} more" if len(entries) > LISTED else ""
        return ", ".join(map(_described, entries[:LISTED])) + more


def _described(entry: WeightEntry) -> str:
    return str(ArrayEntry(entry.name, entry.shape, ""))


def _layout(entry: WeightEntry, name: str | None, *, transpose: bool) -> KernelLayout:
    """Return the order of axes that was asked for, else the likeliest; raises Refusal."""
    if name is None and entry.question:
        raise Refusal(f"{shown(entry.name)}, {entry.kind}: {entry.question}")
    if name is None:
        transposed = transpose if entry.transposed is None else entry.transposed
        known = (LAYOUTS[name] for name in entry.layouts)
        return next(layout for layout in known if layout.transposed == transposed)
    if name not in LAYOUTS:
        raise Refusal(f"there is no layout {shown(name)}; choose one of {', '.join(LAYOUTS)}")
    if transpose and not LAYOUTS[name].transposed:
        others = ", ".join(other for other in LAYOUTS if LAYOUTS[other].transposed)
        raise Refusal(f"layout {name} is that of a convolution; transposed ones have {others}")
    return LAYOUTS[name]


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    """Tell of a layer that cannot be in the words of files."""
    with boundary(path):
        try:
            yield
        except LayerError as error:
            raise Refusal(str(error)) from None


def read_weights(path: Path | str) -> Weights:
    """Return the layers of a safetensors, NPZ or ONNX file; their numbers are read later.

    Raises
    ------
    FileError
        When the file cannot be read, or holds no convolution weights; nothing else, whatever the
        file holds. `NeedsPackage` is the FileError of an ONNX file where onnx is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     np.savez(f"{folder}/net.npz", **{"conv1.weight": np.ones((4, 3, 5, 7))})
    ...     weights = read_weights(f"{folder}/net.npz")
    ...     print(list(weights), weights["conv1"].kernel_size)
    ['conv1'] (5, 7)
    """
    if not isinstance(path, (str, Path)):
        what = type(path).__name__
        raise FileError(
            what, "this is not the name of a file; layers in memory are those of Network(model)"
        )
    path = Path(path)
    if path.suffix.lower() in MODEL.suffixes:
        weights = _model_weights(path)
    else:
        weights = _state_weights(path)
    kernels = any(entry.is_kernel and entry.shape for entry in weights.entries)
    if not kernels and not _pools(weights):
        raise FileError(path, f"it holds no convolution weights{_instead(weights)}")
    return weights


def _pools(weights: Weights) -> bool:
    """Return whether a graph without weights is a stack all the same."""
    return weights.stack is not None and any(isinstance(x, Pool) for x in weights.stack.layers)


def _state_weights(path: Path) -> Weights:
    arrays = list_arrays(path)
    with boundary(path):
        clues = Clues(layers_in(arrays), _declared_format(path))
        layers = clues.layers.values()
        entries = tuple(entry_of(layer, clues, _unreadable(layer)) for layer in layers)
    return Weights(path, entries, clues.layers)


def _declared_format(path: Path) -> str:
    if format_in(path) is not TENSORS:
        return ""
    with open_any(path) as stream, reading(TENSORS):
        return declared_format(Source(stream))


def _unreadable(found: Found) -> str:
    """Say why the numbers of a layer cannot be read, "" where they can."""
    arrays = (array for array in (found.weight, found.parts.get("bias")) if array is not None)
    return next(filter(None, (_unreadable_array(array) for array in arrays)), "")


def _unreadable_array(array: ArrayEntry) -> str:
    kind = number_kind(array.dtype)
    if not kind:
        return unreadable(array.dtype)
    return "" if kind in "biuf" else f"it holds {KINDS.get(kind, array.dtype)}"


def _model_weights(path: Path) -> Weights:
    with boundary(path):
        graph = _graph(path)
        with reading(MODEL):
            return Weights(path, onnx_files.graph_entries(graph))


def _graph(path: Path) -> onnx_files.Graph:
    with open_any(path) as stream, reading(MODEL):
        return onnx_files.read_graph(Source(stream))


def _instead(weights: Weights) -> str:
    """Say what there is instead, and why it is none."""
    entries = weights.entries
    if not entries and weights.stack is not None and weights.stack.rest:
        return f"; {weights.stack.rest}"
    refused = next((entry for entry in entries if entry.is_kernel), None)
    if refused is not None:
        return f": {refused.kind} {shown(refused.name)}: {refused.refusal}"
    kinds = list(dict.fromkeys(entry.kind for entry in entries))
    more = " …" if len(kinds) > LISTED else ""
    return f"; its layers are {', '.join(kinds[:LISTED])}{more}" if kinds else ""


def holds_weights(path: Path) -> bool:
    """Return whether a file is to be opened layer by layer, not as an image.

    Files for weights are, and archives of NumPy in which some array is called a weight, or one of
    several has four axes and the size of kernels: images, as in a data set, are larger.
    What cannot be read is none: it is for others to say why.
    """
    kind = format_in(path)
    if kind in (TENSORS, MODEL):
        return True
    if kind is not ARCHIVE:
        return False
    try:
        arrays = list_arrays(path)
    except FileError:
        return False
    kernels = [array for array in arrays if len(array.shape) in (3, 4)]
    named = any(found.weight in kernels and found.name != found.weight.name
                for found in layers_in(arrays).values() if found.weight)  # fmt: skip
    return named or (len(arrays) > 1 and any(map(_may_be_kernels, arrays)))


def _may_be_kernels(array: ArrayEntry) -> bool:
    sizes = array.shape[2:]
    return len(sizes) == 2 and max(sizes) <= LARGEST_UNNAMED and array.kind.startswith(NUMBERS["f"])

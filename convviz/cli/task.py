"""From what a person typed to a document: an image and layers that fit it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields

import click

from convviz.cli.assembly import assembled
from convviz.cli.failures import DataFailure
from convviz.cli.layer_options import LayerParameters, given_options, names_no_layer, specs_of
from convviz.cli.operands import (
    INPUT_PRESETS,
    Operand,
    brings_layers,
    enabled_layers,
    image_operand,
    is_file,
    read_input,
)
from convviz.cli.specs import LayerSpec
from convviz.engine.layers import Activation, Conv, KernelLayer, Layer
from convviz.files.errors import FileError
from convviz.model.document import Document, default_document, default_signals, kernel_preset
from convviz.model.examples import EXAMPLES


@dataclass(frozen=True, eq=False)
class Task:
    """A document that fits, what image and kernels are called, and which layer is in focus.

    `kernels` has an entry for each layer, None for one without a kernel. `bare` says that the
    image had no axis for channels.
    """

    document: Document
    source: Operand
    kernels: tuple[Operand | None, ...]
    bare: bool
    focus: int

    @property
    def layer(self) -> Layer:
        """The layer in focus."""
        return self.document.layers[self.focus]

    @property
    def activation(self) -> Activation:
        """What comes right after it."""
        return self.document.activation(self.focus)


def read_task(given: LayerParameters, *, focus: int | None = None, opening: bool = False) -> Task:
    """Return the document of a command line, with the layer `focus` (from 1) in focus.

    `opening` says that what is left out is as in the scene with which the window opens.

    Raises
    ------
    click.UsageError, FileError, DataFailure
        When options contradict each other, a file cannot be read, or a layer does not fit.
    """
    name = given["source"]
    if name is not None and brings_layers(name) and names_no_layer(given):
        document, focus = _whole(given, name, focus)
        source, bare = image_operand(name, document), len(document.image) == 1
        kernels = tuple(map(_kernel, document.layers))
    else:
        wanted = _opening_input() if name is None else name
        alone = read_input(wanted) if opening and names_no_layer(given) else None
        specs = specs_of(given, _opening_layer(alone) if alone else None)
        source = alone or read_input(wanted)
        with _naming(name):
            document, kernels, bare = assembled(
                source, specs, channels=given["channels"], max_side=given["max_side"]
            )
    return Task(document, source, kernels, bare, _focus(document, focus))


@contextmanager
def _naming(source: str | None) -> Iterator[None]:
    """Say which file it was of which something cannot be made."""
    try:
        yield
    except DataFailure as error:
        of_kernel = isinstance(error.__cause__, FileError)  # which names its own file
        if source is None or of_kernel or not is_file(source):
            raise
        raise DataFailure(f"{source}: {error}") from error


def _whole(given: LayerParameters, name: str, focus: int | None) -> tuple[Document, int | None]:
    """Return an example, or a scene with the layer that it looks at."""
    if options := given_options(given):
        kind = "example" if name in EXAMPLES else "scene"
        raise click.UsageError(
            f"{options[0]}: the {kind} {name} brings its layers; "
            "with KERNEL, --pool or --layer its image alone is taken"
        )
    if name in EXAMPLES:
        return EXAMPLES[name].make(), focus
    return enabled_layers(name, focus)


def _kernel(layer: Layer) -> Operand | None:
    if not isinstance(layer, KernelLayer):
        return None
    if layer.weight.shape[:2] != (1, 1):
        return Operand("kernel", "Kernel", layer.weight)
    return Operand(kernel_preset(layer) or "kernel", "Kernel", layer.weight[0, 0])


def _opening_input() -> str:
    title = default_document().image_name
    return next(preset.name for preset in INPUT_PRESETS.values() if preset.title == title)


def _opening_layer(source: Operand) -> LayerSpec:
    """Return the layer with which the window opens: that of images, or of signals."""
    layer = (default_signals() if source.may_be_signal else default_document()).layers[0]
    assert isinstance(layer, Conv)
    settings = {f.name: getattr(layer, f.name) for f in fields(layer) if f.name != "weight"}
    return LayerSpec("conv", kernel_preset(layer), settings=settings, by_options=True)


def _focus(document: Document, number: int | None) -> int:
    """Return the index of the layer with `number`, else of the last with a kernel or window.

    Raises
    ------
    click.BadParameter
        When there is no such layer.
    """
    count = len(document.layers)
    if number is None:
        kinds = enumerate(document.layers)
        return max((n for n, layer in kinds if not isinstance(layer, Activation)), default=0)
    if number > count:
        raise click.BadParameter(
            f"there is no layer {number}: they go from 1 to {count}", param_hint="'--focus'"
        )
    return number - 1

"""What tells in which order a file has the axes of a layer, from the surest clue to the weakest.

Names of arrays (kernel is Keras' or Flax', weight torch's), the file's own word (`format: mlx`),
the numbers of the bias or of the batch normalization behind, names of layers (dw, transpose), and
last the shape: kernels are square and small.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod

from convviz.files.errors import shown
from convviz.files.kernel_layouts import LAYOUTS, KernelLayout, Shape, looks_better, looks_natural
from convviz.files.state_dicts import (
    BIAS,
    DEPTHWISE,
    KERNEL,
    POINTWISE,
    Found,
    channels_of,
    follows_surely,
    norm_behind,
)

FAMILIES: Mapping[str, tuple[str, ...]] = {
    "torch": ("oihw", "iohw"),
    "keras": ("hwio", "hwim", "hwoi"),
    "flax": ("hwio", "hwio-transpose"),
    "keras or flax": ("hwio", "hwim", "hwoi", "hwio-transpose"),
    "mlx": ("ohwi", "ohwi-transpose"),
}
DECLARED: Mapping[str, str] = {"pt": "torch", "paddle": "torch", "mlx": "mlx"}
BY_PART: Mapping[str, tuple[str, ...]] = {DEPTHWISE: ("hwim",), POINTWISE: ("hwio",)}
OTHERS = ("hwio", "ohwi")  # what `weight` may be where nobody says that it is torch's

IS_TRANSPOSED = re.compile(r"transpose|deconv", re.IGNORECASE)
IS_DEPTHWISE = re.compile(r"(?<![a-z])dw(?![a-z])|depthwise", re.IGNORECASE)
IS_FLAX = re.compile(r"(?:^|[./])(?:params[./]|(?:Conv|ConvTranspose|ConvLocal)_\d+)")
IS_KERAS = re.compile(r"(?:separable_|depthwise_)?conv[12]d(?![a-zA-Z])", re.IGNORECASE)


@dataclass(frozen=True)
class Told:
    """The layouts that a layer may have, the likeliest first.

    `sure` is False where the person is to be asked; `refusal` says why there is none, `note` what
    speaks against the likeliest.
    """

    layouts: tuple[str, ...]
    sure: bool = True
    refusal: str = ""
    note: str = ""

    @property
    def first(self) -> KernelLayout:
        """The layout in which it is shown."""
        return LAYOUTS[self.layouts[0]]

    @property
    def transposed(self) -> bool | None:
        """Whether the convolution is transposed, None where that is not known."""
        kinds = {LAYOUTS[name].transposed for name in self.layouts}
        return kinds.pop() if len(kinds) == 1 else None


@dataclass(frozen=True)
class Clues:
    """What is known of one file: its layers, and what it declares itself to be."""

    layers: Mapping[str, Found]
    declared: str = ""

    def told(self, layer: Found) -> Told:
        """Return the layouts of a layer whose weight has three or four axes."""
        shape = _shape(layer)
        fitting, refusal = self._fitting(layer, shape)
        if refusal:
            return Told(fitting or ("oihw",), not fitting, "" if fitting else refusal)
        named = _as_named(layer.name, fitting)
        better = self._better(layer, shape, named)
        if better:
            return Told((*better, *named), sure=False)
        told = _without_twins(named, shape, sure=not _may_be_depthwise(layer, shape, named))
        return replace(told, note=self._doubt(layer, told))

    def _fitting(self, layer: Found, shape: Shape) -> tuple[tuple[str, ...], str]:
        """Return the layouts of its family that go with its bias, else others and the trouble."""
        family, bias = self._family(layer), layer.parts.get(BIAS)
        if bias is None:
            return self._beside_norm(layer, shape, family), ""
        count = prod(bias.shape)
        fitting = _fit(family, shape, count)
        if fitting:
            return fitting, ""
        sure = family[0] not in FAMILIES["torch"] or self.declared in DECLARED
        others = () if sure else _fit(OTHERS, shape, count)
        sizes = " × ".join(map(str, LAYOUTS[family[0]].torch_shape(shape)))
        return others, f"has {count} numbers, which do not belong to {sizes} weights"

    def _family(self, layer: Found) -> tuple[str, ...]:
        by_part = next((BY_PART[part] for part in BY_PART if part in layer.parts), None)
        if by_part:
            return by_part
        if KERNEL not in layer.parts:
            return FAMILIES[DECLARED.get(self.declared, "torch")]
        if IS_FLAX.search(layer.name) or self.declared == "flax":
            return FAMILIES["flax"]
        keras = IS_KERAS.search(layer.name) or self.declared == "tf"
        return FAMILIES["keras" if keras else "keras or flax"]

    def _beside_norm(self, layer: Found, shape: Shape, family: tuple[str, ...]) -> tuple[str, ...]:
        """Return the layouts that make as many maps as the normalization behind has channels.

        Some networks normalize before they convolve: names alone do not make a layer transposed.
        """
        norm = norm_behind(layer, self.layers)
        fitting = () if norm is None else _fit(family, shape, channels_of(norm))
        if norm is None or not fitting:
            return family
        convolves = any(not LAYOUTS[name].transposed for name in fitting)
        if convolves or follows_surely(layer, norm) or "conv" not in layer.name.lower():
            return fitting
        return family

    def _better(self, layer: Found, shape: Shape, named: tuple[str, ...]) -> tuple[str, ...]:
        """Return layouts of other libraries by which the kernel would look more natural."""
        if named[0] not in FAMILIES["torch"] or KERNEL in layer.parts:
            return ()
        bias = layer.parts.get(BIAS)
        others = OTHERS if bias is None else _fit(OTHERS, shape, prod(bias.shape))
        better = [n for n in others if looks_better(LAYOUTS[n], LAYOUTS[named[0]], shape)]
        if self.declared in DECLARED:
            side = max(LAYOUTS[named[0]].kernel_size(shape))
            return tuple(n for n in better if side > LARGEST_DECLARED)
        odd = self._odd_elsewhere
        return tuple(better) or tuple(
            n for n in others if n in odd and looks_natural(LAYOUTS[n], shape)
        )

    def _doubt(self, layer: Found, told: Told) -> str:
        """Say so where the normalization behind speaks for a transposed one."""
        norm = norm_behind(layer, self.layers)
        if norm is None or told.transposed is not None or BIAS in layer.parts:
            return ""
        fitting = _fit(told.layouts, _shape(layer), channels_of(norm))
        if not fitting or any(not LAYOUTS[name].transposed for name in fitting):
            return ""
        return f"by the {channels_of(norm)} channels of {shown(norm.name)} it may be transposed"

    @cached_property
    def _odd_elsewhere(self) -> frozenset[str]:
        """Layouts of other libraries that suit some layer of the file better than torch's."""
        return _odd_layouts(self.layers.values())


def _may_be_depthwise(layer: Found, shape: Shape, named: tuple[str, ...]) -> bool:
    """Return whether (rows, columns, in, 1) may be a kernel for each channel, or one for all."""
    both = {"hwio", "hwim"} <= set(named)
    return both and BIAS not in layer.parts and shape[-1] == 1 < shape[-2]


LARGEST_DECLARED = 31  # cells a side of kernels that a file may have if it says that it is torch's


def _odd_layouts(layers: Iterable[Found]) -> frozenset[str]:
    torch = LAYOUTS["oihw"]
    shapes = [
        layer.weight.shape
        for layer in layers
        if layer.weight and layer.is_named and KERNEL not in layer.parts
    ]
    kernels = [shape for shape in shapes if len(shape) in (3, 4) and 0 not in shape]
    return frozenset(
        name for name in OTHERS for shape in kernels if looks_better(LAYOUTS[name], torch, shape)
    )


def _shape(layer: Found) -> Shape:
    assert layer.weight is not None
    return layer.weight.shape


def _fit(names: Iterable[str], shape: Shape, outputs: int | None) -> tuple[str, ...]:
    if outputs is None:
        return ()
    return tuple(name for name in names if LAYOUTS[name].fits(shape, outputs))


def _as_named(name: str, layouts: tuple[str, ...]) -> tuple[str, ...]:
    """Return the layouts that the name of a layer allows, all where it allows none."""
    if IS_TRANSPOSED.search(name):
        allowed = tuple(n for n in layouts if LAYOUTS[n].transposed)
    elif IS_DEPTHWISE.search(name):
        allowed = tuple(n for n in layouts if LAYOUTS[n].depthwise)
    elif IS_KERAS.search(name):
        allowed = tuple(n for n in layouts if not LAYOUTS[n].transposed)
    else:
        return layouts
    return allowed or layouts


def _without_twins(layouts: tuple[str, ...], shape: Shape, *, sure: bool) -> Told:
    """Leave out the depthwise layout where it is the same layer; ask between mirrored or not."""
    if "hwio" in layouts and shape[-2] == 1:
        layouts = tuple(name for name in layouts if name != "hwim")
    transposed = [name for name in layouts if LAYOUTS[name].transposed]
    return Told(layouts, sure and not (len(transposed) == len(layouts) > 1))

"""Layers in arrays with names: which arrays belong together, by the names that libraries give.

x.weight and x.bias are one layer. The file tells neither stride, padding nor dilation.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from convviz.files.numpy_files import ArrayEntry

WEIGHT, BIAS, KERNEL, POINTWISE = "weight", "bias", "kernel", "pointwise"
DEPTHWISE, STATISTICS, AFFINE, DERIVED = "depthwise", "statistics", "affine", "derived"
SCALE, ZERO = "scale", "zero point"

# How an array is called by torch, Keras 2 and 3, Flax, TF-slim, Paddle -> what it is of its layer
NAMES: Mapping[str, str] = {
    "weight": WEIGHT,
    "bias": BIAS,
    "kernel": KERNEL,
    "depthwise_kernel": DEPTHWISE,
    "pointwise_kernel": POINTWISE,
    "weights": KERNEL,
    "depthwise_weights": DEPTHWISE,
    "pointwise_weights": POINTWISE,
    "biases": BIAS,
    "w_0": WEIGHT,
    "b_0": BIAS,
    "running_mean": STATISTICS,
    "running_var": STATISTICS,
    "num_batches_tracked": STATISTICS,
    "moving_mean": STATISTICS,
    "moving_variance": STATISTICS,
    "gamma": AFFINE,
    "beta": AFFINE,
    "_mean": STATISTICS,
    "_variance": STATISTICS,
    "w_1": STATISTICS,
    "w_2": STATISTICS,
}
SCALES = ("scale", "scales", "weight_scale", "weight_scales", r"weight\.scale", "kernel_scale")
ZEROS = ("zero_point", "zero_points", "weight_zero_point", r"weight\.zero_point")
UNMADE = (  # parts of which the weight is made when the model runs
    "weight_[gvu]",
    "weight_orig",
    "weight_mask",
    r"parametrizations\.\w+\.(?:original\d*|\d+\..+)",
)
OF_NUMBERS = ("weight", "bias", "kernel")  # of the only layer of a file, these stand alone
PART = re.compile(
    r"(?P<module>.*?)(?:^|[./])(?:"
    rf"(?P<derived>{'|'.join(UNMADE)})|(?P<scale>{'|'.join(SCALES)})|(?P<zero>{'|'.join(ZEROS)})|"
    rf"(?P<named>{'|'.join(NAMES)})|vars/(?P<place>\d+))(?::0)?",
    re.DOTALL,
)
ONE_BY_ONE = "pointwise_kernel"


@dataclass(frozen=True)
class Found:
    """The arrays of one layer by the part that they are; `module` is what their names share."""

    name: str
    parts: Mapping[str, ArrayEntry]
    module: str = ""

    @property
    def weight(self) -> ArrayEntry | None:
        """Its weight, None where there are other parts alone."""
        found = (self.parts.get(part) for part in (WEIGHT, KERNEL, DEPTHWISE, POINTWISE))
        return next(filter(None, found), None)

    @property
    def is_named(self) -> bool:
        """Whether a library's name says what the weight is."""
        return self.weight is None or self.weight.name != self.name

    @property
    def is_batch_norm(self) -> bool:
        """Whether it has the mean and the variance of a batch normalization."""
        return any(part.startswith(STATISTICS) for part in self.parts)

    @property
    def is_norm(self) -> bool:
        """Whether it is a normalization: Flax keeps mean and variance apart from the scale."""
        scaled = self.weight is None and {SCALE, BIAS} <= self.parts.keys()
        return self.is_batch_norm or scaled


def layers_in(arrays: Iterable[ArrayEntry]) -> dict[str, Found]:
    """Return the layers by name, in the order of their first arrays."""
    found: dict[str, dict[str, ArrayEntry]] = {}
    for array in arrays:
        module, part = _module_and_part(array)
        found.setdefault(module, {}).setdefault(part, array)
    layers = [layer for module, parts in found.items() for layer in _layers_of(module, parts)]
    return {layer.name: layer for layer in layers}


def _module_and_part(array: ArrayEntry) -> tuple[str, str]:
    match = PART.fullmatch(array.name)
    if match is None:
        return array.name, WEIGHT
    module = match["module"]
    if match["named"]:
        return _named(array.name, module, match["named"])
    if match["derived"]:
        return module, f"{DERIVED} {match['derived']}"
    if not module:
        return array.name, WEIGHT
    if match["place"]:
        return module, _by_place(int(match["place"]), array, module)
    return module, SCALE if match["scale"] else ZERO


def _named(name: str, module: str, called: str) -> tuple[str, str]:
    part = NAMES[called]
    if not module and called not in OF_NUMBERS:
        return name, WEIGHT
    if not module and part == KERNEL:
        return "", WEIGHT  # a kernel by itself, not one of Keras or Flax
    return module, f"{part} {called}" if part in (STATISTICS, AFFINE) else part


def _by_place(place: int, array: ArrayEntry, module: str) -> str:
    """Return what the array is that Keras 3 saved by its place among those of the layer."""
    if "normalization" in module:
        return f"{STATISTICS} {place}"
    if len(array.shape) == 1:
        return BIAS
    if "separable" in module:
        return (DEPTHWISE, POINTWISE)[min(place, 1)]
    return KERNEL


def _layers_of(module: str, parts: Mapping[str, ArrayEntry]) -> Iterable[Found]:
    """Yield the layer, or both of a separable one: the bias is that of the second."""
    if not {DEPTHWISE, POINTWISE} <= parts.keys():
        yield Found(module or WEIGHT, MappingProxyType(parts), module)
        return
    second = {part: array for part, array in parts.items() if part != DEPTHWISE}
    first = {DEPTHWISE: parts[DEPTHWISE]}
    for name, own in (("depthwise_kernel", first), (ONE_BY_ONE, second)):
        yield Found(f"{module}/{name}", MappingProxyType(own), module)


# The batch normalization behind a convolution

NUMBERED = re.compile(r"(?P<before>.*?)(?P<number>\d+)", re.DOTALL)
CONVS = re.compile(r"conv(?:olution)?(?:[123]d)?(?:_?transpose)?", re.IGNORECASE)
NORMS = ("bn", "norm", "batch_norm", "_batch_norm", "BatchNorm", "batch_normalization")


def norm_behind(layer: Found, layers: Mapping[str, Found]) -> Found | None:
    """Return the batch normalization that follows a layer by their names, None without one.

    net.0 and net.1 follow each other; conv1 and bn1, x and x_bn, x and x/BatchNorm belong together.
    """
    norms = (layers.get(name) for name in _names_of_norm(layer.module or layer.name))
    return next((norm for norm in norms if norm and norm.is_norm), None)


def follows_surely(layer: Found, norm: Found) -> bool:
    """Return whether the names alone say that `norm` comes right after `layer`."""
    before, after = map(NUMBERED.fullmatch, (layer.module, norm.module))
    if before is None or after is None or before["before"] != after["before"]:
        return False
    return int(after["number"]) == int(before["number"]) + 1


def _names_of_norm(module: str) -> Iterable[str]:
    numbered = NUMBERED.fullmatch(module)
    if numbered:
        yield f"{numbered['before']}{int(numbered['number']) + 1}"
    yield from (f"{module}_bn", f"{module}/BatchNorm", f"{module.removesuffix('_conv')}_bn")
    parent = max(module.rfind("."), module.rfind("/")) + 1
    own = module[parent:]
    alone = not any(map(str.isdigit, own))
    for norm in NORMS:
        yield f"{module[:parent]}{CONVS.sub(norm, own)}"
        if alone:
            yield f"{module[:parent]}{norm}"


def channels_of(norm: Found) -> int | None:
    """Return how many channels a normalization has, None where its arrays disagree."""
    counts = {array.shape[0] for array in norm.parts.values() if len(array.shape) == 1}
    return counts.pop() if len(counts) == 1 else None

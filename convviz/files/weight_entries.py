"""What files of weights hold, layer by layer, as their headers say; no number is read for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from convviz.engine.conv_layer import Conv
from convviz.engine.layers import KernelLayer
from convviz.engine.problems import each
from convviz.engine.transpose_layer import ConvTranspose

NOTHING: Mapping[str, Any] = MappingProxyType({})
PLAIN = {"dilation": "1", "groups": "1", "output_padding": "0"}
PART = "Part"
RANKS = {3: "1-D", 4: "2-D", 5: "3-D"}


@dataclass(frozen=True)
class WeightEntry:
    """A layer of a file: what it is, and why it cannot be taken over ("" where it can).

    `shape` is that of its weight, in torch's order of axes, `kind` "Conv 2-D", "Linear" or the
    like. `settings` are keywords of the layer as far as the file has them. `transposed` is None
    where the file does not say whether the convolution is transposed. `layouts` are the orders of
    axes (keys of LAYOUTS) that the numbers may have, the likeliest first, none where a graph tells;
    `question` says why a person must choose among them before it is taken over, and `note` what of
    the file is in the layer, or left behind, that its weight and bias do not show.
    """

    name: str
    kind: str
    shape: tuple[int, ...]
    bias: bool = False
    transposed: bool | None = False
    settings: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    refusal: str = ""
    layouts: tuple[str, ...] = ()
    question: str = ""
    note: str = ""

    @property
    def is_kernel(self) -> bool:
        """Whether it is a convolution of any kind, or a part of one, taken over or not."""
        return self.kind.startswith("Conv") or (self.kind == PART and len(self.shape) in RANKS)

    @property
    def taken(self) -> bool:
        """Whether it can be taken over, without a question first."""
        return not (self.refusal or self.question)

    def made(self, weight: Any, bias: Any) -> KernelLayer:  # noqa: ANN401
        """Return the layer with these numbers and the settings of the file; raises LayerError."""
        kind = ConvTranspose if self.transposed else Conv
        return kind(weight, bias, **self.settings)


def kernel_kind(axes: int, transposed: bool | None) -> str:
    """Return what a layer is whose weight has so many axes.

    >>> kernel_kind(4, False), kernel_kind(3, True)
    ('Conv 2-D', 'ConvTranspose 1-D')
    """
    return f"{'ConvTranspose' if transposed else 'Conv'} {RANKS[axes]}"


def settings_text(entry: WeightEntry) -> str:
    """Return the settings that the file has, "" where it has none; stride and padding always."""
    shown = {name: _value(value) for name, value in entry.settings.items()}
    plain = {name for name in PLAIN if shown.get(name) == PLAIN[name]}
    return " · ".join(f"{name} {text}" for name, text in shown.items() if name not in plain)


def _value(value: object) -> str:
    if not isinstance(value, tuple):
        return str(value)
    if all(isinstance(part, tuple) for part in value):
        return each(tuple(part[0] for part in value)) if _alike(value) else str(value)
    return each(value)


def _alike(pairs: tuple[tuple[int, int], ...]) -> bool:
    return all(before == after for before, after in pairs)

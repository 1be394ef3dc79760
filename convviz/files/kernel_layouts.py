"""In which order libraries store the axes of a kernel, and how torch's order is made of each.

Sources: torch.nn.Conv2d and ConvTranspose2d, paddle.nn.Conv2D; keras.layers.Conv2D,
DepthwiseConv2D, Conv2DTranspose; flax.linen.Conv, ConvTranspose (whose kernel is not mirrored, as
jax.lax.conv_transpose with transpose_kernel=False); mlx.nn.Conv2d, ConvTranspose2d.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

Shape = tuple[int, ...]


@dataclass(frozen=True)
class KernelLayout:
    """An order of axes: where those of channels are; the others are the kernel's, in order.

    `out` and `into` count as NumPy counts axes. `transposed` says that it is the order of a
    transposed convolution, `mirrored` that its kernel is stored turned by 180 degrees, and
    `depthwise` that `out` counts maps for each input channel.
    """

    name: str
    axes: str
    used_by: str
    out: int
    into: int
    transposed: bool = False
    mirrored: bool = False
    depthwise: bool = False

    def axes_of(self, rank: int) -> str:
        """Return the order of axes in words, for kernels of one axis or of two.

        >>> LAYOUTS["hwio"].axes_of(1)
        'samples, in, out'
        """
        return self.axes.replace("rows, columns", "samples") if rank == 1 else self.axes

    def title(self, rank: int) -> str:
        """Return what a person chooses it by."""
        kind = "Transposed convolution" if self.transposed else "Convolution"
        return f"{kind}: {self.axes_of(rank)} ({self.used_by})"

    def kernel_size(self, shape: Shape) -> Shape:
        """Return the cells of the kernel of stored numbers of `shape`.

        >>> LAYOUTS["hwio"].kernel_size((5, 3, 1, 8))
        (5, 3)
        """
        channels = {self.out % len(shape), self.into % len(shape)}
        return tuple(size for axis, size in enumerate(shape) if axis not in channels)

    def torch_shape(self, shape: Shape) -> Shape:
        """Return the shape of the weight in torch's order.

        >>> LAYOUTS["hwim"].torch_shape((3, 3, 4, 2)), LAYOUTS["hwoi"].torch_shape((3, 3, 4, 2))
        ((8, 1, 3, 3), (2, 4, 3, 3))
        """
        out, into = shape[self.out], shape[self.into]
        if self.depthwise:
            return (into * out, 1, *self.kernel_size(shape))
        first = (into, out) if self.transposed else (out, into)
        return (*first, *self.kernel_size(shape))

    def in_torch_order(self, weight: NDArray[Any]) -> NDArray[Any]:
        """Return stored numbers as torch has them: both axes of channels, then the kernel."""
        input_first = self.transposed or self.depthwise
        channels = (self.into, self.out) if input_first else (self.out, self.into)
        moved = np.moveaxis(weight, channels, (0, 1)).reshape(self.torch_shape(weight.shape))
        return np.flip(moved, tuple(range(2, moved.ndim))) if self.mirrored else moved

    def groups(self, shape: Shape, outputs: int | None) -> int:
        """Return the groups of channels as far as shape and output channels tell them."""
        if self.depthwise:
            return shape[self.into]
        told = outputs is not None and self.transposed and self.fits(shape, outputs)
        return outputs // shape[self.out] if told and outputs else 1

    def fits(self, shape: Shape, outputs: int) -> bool:
        """Return whether so many output channels go with a stored shape.

        Groups of a transposed convolution are known to torch and Paddle alone.
        """
        first, second = self.torch_shape(shape)[:2]
        if not self.transposed:
            return outputs == first
        if self.name != "iohw":
            return outputs == second
        return outputs > 0 and outputs % second == 0 and first % (outputs // second) == 0

    def outputs(self, shape: Shape) -> int:
        """Return how many output channels there are, in each group of a transposed convolution."""
        return self.torch_shape(shape)[1 if self.transposed else 0]


_ROWS = (
    KernelLayout("oihw", "out, in, rows, columns", "torch, Paddle", 0, 1),
    KernelLayout("iohw", "in, out, rows, columns", "torch, Paddle", 1, 0, transposed=True),
    KernelLayout("hwio", "rows, columns, in, out", "Keras, TensorFlow, Flax", -1, -2),
    KernelLayout("hwoi", "rows, columns, out, in", "Keras, TensorFlow", -2, -1, transposed=True),
    KernelLayout(
        "hwim", "rows, columns, in, multiplier", "Keras depthwise", -1, -2, depthwise=True
    ),
    KernelLayout(
        "hwio-transpose", "rows, columns, in, out", "Flax", -1, -2, transposed=True, mirrored=True
    ),
    KernelLayout("ohwi", "out, rows, columns, in", "MLX", 0, -1),
    KernelLayout("ohwi-transpose", "out, rows, columns, in", "MLX", 0, -1, transposed=True),
)
LAYOUTS: Mapping[str, KernelLayout] = MappingProxyType({row.name: row for row in _ROWS})

COMMON_SIDE = 16  # cells; larger kernels are rare enough to make sure of the axes


def looks_natural(layout: KernelLayout, shape: Shape) -> bool:
    """Return whether the kernel is square and small, or short, as nearly all are.

    >>> [looks_natural(LAYOUTS[name], (3, 3, 64, 64)) for name in ("oihw", "hwio")]
    [False, True]
    """
    size = layout.kernel_size(shape)
    return len(set(size)) == 1 and size[0] <= COMMON_SIDE


def looks_better(other: KernelLayout, layout: KernelLayout, shape: Shape) -> bool:
    """Return whether `other` makes a natural kernel of what `layout` makes an odd one of.

    A kernel of one cell is better than one that is not square alone.
    """
    if looks_natural(layout, shape) or not looks_natural(other, shape):
        return False
    return prod(other.kernel_size(shape)) > 1 or len(set(layout.kernel_size(shape))) > 1

"""Transposed convolution: each input cell stamps the kernel; the same map as a convolution.

A transposed convolution is the convolution of the input with zeros between its cells, padded by
what the kernel spans, with the kernel reversed. `spread_image` and `as_conv` give these two, so
that whatever shows or traces a convolution shows and traces this one.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from convviz.engine.batches import of_each
from convviz.engine.conv_layer import Conv
from convviz.engine.convolve import correlate_padded
from convviz.engine.geometry import PerAxis
from convviz.engine.padding import Amounts, Array
from convviz.engine.problems import LayerError, Shape
from convviz.engine.settings import RANKS, checked_numbers, computed
from convviz.engine.transpose_layer import ConvTranspose


def spread_image(layer: ConvTranspose, image: Array) -> Array:
    """Return `image` with zeros between and around its cells, or cut where padding cuts more.

    Examples
    --------
    >>> spread_image(ConvTranspose([[[1, 1]]], stride=2), np.array([[1.0, 2.0]]))
    array([[0., 1., 0., 2., 0.]])
    """
    precise = image.astype(np.result_type(image, layer.weight), copy=False)
    ending_in_zero = np.pad(precise, ((0, 0), *[(0, 1)] * layer.rank))  # which -1 then stands for
    spread: Array = ending_in_zero[
        np.ix_(np.arange(len(image)), *spread_sources(layer, image.shape[1:]))
    ]
    return spread


def spread_sources(layer: ConvTranspose, spatial: Shape) -> tuple[NDArray[np.intp], ...]:
    """Return, per axis, which cell of the image each place of the spread image holds; -1 for none.

    Examples
    --------
    >>> spread_sources(ConvTranspose([[[1, 1]]], stride=2), (2,))
    (array([-1,  0, -1,  1, -1]),)
    """
    return tuple(
        _spread_axis(size, stride, before, after)
        for size, stride, (before, after) in zip(
            spatial, layer.stride, spread_amounts(layer), strict=True
        )
    )


def _spread_axis(size: int, stride: int, before: int, after: int) -> NDArray[np.intp]:
    last = before + (size - 1) * stride
    places = np.array(range(before, last + 1, stride))
    sources = np.full(last + 1 + after, -1)
    kept = (places >= 0) & (places < len(sources))
    sources[places[kept]] = np.flatnonzero(kept)
    return sources


def spread_amounts(layer: ConvTranspose) -> Amounts:
    """Return how many zeros lie around the spread image; negative where cells are cut off."""
    return tuple(
        (d * (k - 1) - p, d * (k - 1) - p + op)
        for d, k, p, op in zip(
            layer.dilation, layer.kernel_size, layer.padding, layer.output_padding, strict=True
        )
    )


def as_conv(layer: ConvTranspose) -> Conv:
    """Return the convolution that makes of the spread image what `layer` makes of the image."""
    inputs, outputs = layer.in_channels // layer.groups, layer.weight.shape[1]
    kernel = layer.kernel_size
    by_group = layer.weight.reshape(layer.groups, inputs, outputs, *kernel)
    weight = np.swapaxes(by_group, 1, 2).reshape(layer.out_channels, inputs, *kernel)
    return Conv(weight, layer.bias, dilation=layer.dilation, groups=layer.groups, flip=True)


def apply_conv_transpose(layer: ConvTranspose, image: Array) -> Array:
    """Return the feature maps (out_channels, *spatial) of `image` (in_channels, *spatial).

    Raises
    ------
    LayerError
        When the layer does not fit the image.
    """
    if problem := layer.problem(image.shape):
        raise LayerError(problem.sentence)
    return correlate_padded(as_conv(layer), spread_image(layer, image))


def conv_transpose(
    image: ArrayLike,
    weight: ArrayLike,
    bias: ArrayLike | None = None,
    *,
    stride: int | PerAxis = 1,
    padding: int | PerAxis = 0,
    output_padding: int | PerAxis = 0,
    dilation: int | PerAxis = 1,
    groups: int = 1,
) -> Array:
    """Transpose a convolution: torch's conv_transpose2d; each input cell stamps the kernel.

    Parameters
    ----------
    image : array (in_channels, *spatial), or (*spatial) with a weight (*kernel), or a batch
        (batch, in_channels, *spatial)
    weight : array (in_channels, out_channels/groups, *kernel), or (*kernel)
    bias, stride, padding, output_padding, dilation, groups : see `ConvTranspose`

    Raises
    ------
    LayerError
        When the layer cannot be, does not fit the image, or makes numbers too large to be held.

    Examples
    --------
    >>> conv_transpose([1, 2], [1, 10, 100], stride=2)
    array([  1.,  10., 102.,  20., 200.])
    >>> conv_transpose([1], [1, 2, 3], stride=2, padding=1, output_padding=1)
    array([2., 3.])
    """
    pixels, weights, bare = _with_channels(checked_numbers(image), checked_numbers(weight))
    layer = ConvTranspose(
        weights,
        bias,
        stride=stride,
        padding=padding,
        output_padding=output_padding,
        dilation=dilation,
        groups=groups,
    )
    result = of_each(
        lambda one: computed(lambda: apply_conv_transpose(layer, one)), pixels, layer.rank
    )
    return result[0] if bare and len(result) == 1 else result


def _with_channels(pixels: Array, weights: Array) -> tuple[Array, Array, bool]:
    if pixels.ndim == weights.ndim and pixels.ndim in RANKS:
        return pixels[None], weights[None, None], True
    extra = weights.ndim - pixels.ndim
    if extra not in (0, 1, 2) or not pixels.ndim:
        raise LayerError(
            f"an image with {pixels.ndim} axes and a weight with {weights.ndim} do not belong "
            "together: give (channels, *spatial) with (in, out, *kernel), or both without channels"
        )
    return pixels[None] if extra == 2 else pixels, weights, extra == 2

"""TIFF files whose samples Pillow mistakes or does not know: what they are as numbers or a picture.

| in the file                                | in the array                                     |
| ------------------------------------------ | ------------------------------------------------ |
| grey, whole or float, of any size and sign | as they are; from black to white where it is 0   |
| several samples that are no colours        | as they are, (channels, rows, columns)           |
| red, green, blue of 8 and 16 bits          | 0 to 255, as all pictures have them              |
| red, green, blue of other kinds            | as they are, (3, rows, columns)                  |
| palette, CMYK, LAB                         | red, green, blue of 0 to 255                     |
"""

import shlex
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from convviz.files.errors import Refusal
from convviz.files.images import (
    ALPHA_LEFT_OUT,
    SEVERAL_FRAMES,
    TRANSPARENCY_NOTICE,
    as_loaded,
    bounded,
    check_pixel_count,
    over_white,
    read_image,
    silent_libtiff,
)
from convviz.files.numpy_files import rounding
from convviz.files.source import Loaded, Source
from convviz.files.tiff_layout import (
    ALPHA,
    CMYK,
    GREYS,
    LAB,
    PALETTE,
    PREMULTIPLIED,
    RGB,
    UNKNOWN_EXTRA,
    WHITE_IS_ZERO,
    Layout,
    problem,
    read_layout,
)
from convviz.files.tiff_samples import read_samples

if TYPE_CHECKING:
    from PIL.Image import Image

MORE_LEFT_OUT = "what its pixels hold beside their colours is left out"
COUNTED_FROM_WHITE = "in it 0 is white, which these numbers have no end for: they are as they are"
GREY_STEPS = {2: 85, 4: 17}  # grey of few bits is 0 to 255, as in all other formats

LARGEST_WHITE_BITS = 16

# Orientation -> steps along rows and columns, after these were swapped for those that lie
STEPS = {2: (1, -1), 3: (-1, -1), 4: (-1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1)}
LYING = (5, 6, 7, 8)

# (photometric, what lies beside the colours) -> mode of Pillow
MODES = {
    (RGB, None): "RGB",
    (RGB, ALPHA): "RGBA",
    (RGB, PREMULTIPLIED): "RGBa",
    (PALETTE, None): "P",
    (PALETTE, ALPHA): "PA",
    (CMYK, None): "CMYK",
    (LAB, None): "LAB",
}


def read_tiff(source: Source) -> Loaded:
    """To be called through read.py, as read_image, which reads what Pillow knows."""
    stream = bounded(source.stream)
    layout = read_layout(stream)
    if reason := problem(layout):
        raise Refusal(f"{reason}, which convviz does not read; {_way_out(source.file_name)}")
    if layout.is_read_by_pillow:
        return read_image(source)
    check_pixel_count(layout.shape[0] * layout.shape[1])
    with silent_libtiff():
        samples = _upright(read_samples(stream, layout), layout)
    notices = (SEVERAL_FRAMES if layout.others_follow else "", _left_out(layout))
    if _is_picture(layout):
        return as_loaded(*_picture(samples, layout), notices)
    return _numbers(samples, layout, notices)


def _way_out(file: str) -> str:
    code = (
        "import sys, numpy, tifffile; f = sys.argv[1]; numpy.save(f + '.npy', tifffile.imread(f))"
    )
    packages = "python -m pip install tifffile imagecodecs"
    return f'convert it: {packages}, then python -c "{code}" {shlex.quote(file)}'


def _is_picture(layout: Layout) -> bool:
    """Whether it has colours that Pillow has a mode for."""
    if layout.photometric == RGB:
        return layout.kind == "u" and layout.bits in (8, 16)
    return layout.photometric not in GREYS


def _picture(samples: NDArray[Any], layout: Layout) -> "tuple[Image, str]":
    """Return the colours as Pillow has them, and the raw mode from which they come."""
    from PIL import Image

    alpha = _alpha(layout) if (layout.photometric, _alpha(layout)) in MODES else None
    mode = MODES[layout.photometric, alpha]
    extra = () if alpha is None else (layout.colours + layout.extras.index(alpha),)
    chosen = samples[..., [*range(layout.colours), *extra]]
    raw_mode = mode if layout.bits <= 8 else f"{mode};16L"
    little = chosen.astype(chosen.dtype.newbyteorder("<"))
    size = samples.shape[1], samples.shape[0]
    image = Image.frombytes(mode.upper(), size, little.tobytes(), "raw", raw_mode)
    if layout.photometric == PALETTE:
        image.putpalette((np.reshape(layout.palette, (3, -1)).T // 256).astype(np.uint8).tobytes())
    return image, raw_mode


def _left_out(layout: Layout) -> str:
    """Say what of a pixel is no part of the picture."""
    if UNKNOWN_EXTRA in layout.extras:
        return MORE_LEFT_OUT
    alpha = _alpha(layout)
    is_kept = (layout.photometric, alpha) in MODES if _is_picture(layout) else _has_white(layout)
    return "" if alpha is None or is_kept else ALPHA_LEFT_OUT


def _numbers(samples: NDArray[Any], layout: Layout, notices: tuple[str, ...]) -> Loaded:
    """The samples as they are: (rows, columns), or (channels, rows, columns) of several."""
    numbers = samples[..., : layout.colours]
    if layout.photometric == WHITE_IS_ZERO and layout.kind == "u":
        numbers = numbers.dtype.type(_top(layout)) - numbers
    if _has_white(layout) and _alpha(layout) is not None:
        alpha = samples[..., layout.colours + layout.extras.index(_alpha(layout)), None]
        numbers = _over_white(numbers, alpha, layout)
        notices += (TRANSPARENCY_NOTICE,) if alpha.min() < _top(layout) else ()
    numbers = numbers * numbers.dtype.type(GREY_STEPS.get(layout.bits, 1))
    found = numbers[..., 0] if layout.colours == 1 else np.moveaxis(numbers, -1, 0)
    told = filter(None, (*notices, _white_notice(layout), *rounding(found)))
    return Loaded(found, tuple(told), _white(layout))


def _over_white(numbers: NDArray[Any], alpha: NDArray[Any], layout: Layout) -> NDArray[np.float64]:
    top = _top(layout)
    if _alpha(layout) == PREMULTIPLIED:
        return np.minimum(numbers + (float(top) - alpha), top)
    return over_white(numbers, alpha, top)


def _white_notice(layout: Layout) -> str:
    is_told = layout.photometric == WHITE_IS_ZERO and layout.kind != "u"
    return COUNTED_FROM_WHITE if is_told else ""


def _top(layout: Layout) -> int:
    """The largest number that the bits of a sample can hold."""
    return int(2**layout.bits - 1)


def _has_white(layout: Layout) -> bool:
    return layout.kind == "u" and 1 < layout.bits <= LARGEST_WHITE_BITS


def _white(layout: Layout) -> int | None:
    return _top(layout) * GREY_STEPS.get(layout.bits, 1) if _has_white(layout) else None


def _alpha(layout: Layout) -> int | None:
    """Which kind of transparency it has, None where it has none."""
    return next((extra for extra in layout.extras if extra in (ALPHA, PREMULTIPLIED)), None)


def _upright(samples: NDArray[Any], layout: Layout) -> NDArray[Any]:
    """Samples (rows, columns, samples) as the camera was held."""
    turned = samples.swapaxes(0, 1) if layout.orientation in LYING else samples
    down, right = STEPS.get(layout.orientation, (1, 1))
    return turned[::down, ::right]

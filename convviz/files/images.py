"""Images by Pillow: right side up, all bits that Pillow keeps, transparency laid over white.

| in the file                          | in the array                                  |
| ------------------------------------ | --------------------------------------------- |
| 1 bit                                | 0 and 1, (rows, columns)                      |
| grey of 2, 4, 8 bits; grey palette   | 0 to 255, (rows, columns)                     |
| grey of 16 bits                      | 0 to 65535, (rows, columns)                   |
| grey of 32 bits, whole or float      | as they are, (rows, columns)                  |
| colour, palette, CMYK, LAB           | red, green, blue 0 to 255, (3, rows, columns) |

What Pillow mistakes or does not know is in tiff_images.py and netpbm.py.
"""

import logging
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np
from numpy.typing import NDArray

from convviz.files.bounded import BoundedReads
from convviz.files.errors import Refusal
from convviz.files.source import Loaded, Source
from convviz.model.memory import lacking

if TYPE_CHECKING:
    from PIL.Image import Image
    from PIL.ImageFile import ImageFile

MAX_PIXELS = 20_000_000
TOO_LARGE = f"it has more than {MAX_PIXELS // 10**6} million pixels; scale it down first"

# A picture of 20 million pixels needs 220,000 reads in blocks of 255 bytes, as GIF has them.
MOST_READS = 250_000
MOST_PASSES = 4  # how often the whole file may be read
SMALL = 2**20  # bytes that may be read of any file
TOO_MANY_PARTS = "it is made of more parts than pictures are; save it again as PNG"

PILLOW_FORMATS = ("PNG", "JPEG", "BMP", "GIF", "TIFF", "WEBP", "AVIF")
DEEP_MODES = ("I", "I;16", "I;16L", "I;16B", "I;16N", "F")
WHITES = {
    "1": None,
    "I": None,
    "F": None,
    **dict.fromkeys(("I;16", "I;16L", "I;16B", "I;16N"), 65535),
}
PIXEL_BYTES = 40  # three numbers, and the pixel as Pillow has it, with and without transparency
GREY_RAW_MODES = ("LA", "LA;16B")  # which Pillow may turn into RGBA
GREY_MODES = ("1", "L", "LA")
GREY_STEP = {"L;2": 85, "L;4": 17}
SEVERAL_FRAMES = "the first of several frames"
ALPHA_LEFT_OUT = "its transparency is left out"
TRANSPARENCY_NOTICE = "its transparent parts are laid over white"

# Rec. 601, as Image.convert("L") has it
LUMA = np.array([0.299, 0.587, 0.114])


def read_image(source: Source) -> Loaded:
    """To be called through read.py, which keeps filters of warnings and threads apart."""
    from PIL import Image, UnidentifiedImageError

    logging.getLogger("PIL").setLevel(logging.CRITICAL)
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    stream = bounded(source.stream)
    try:
        with Image.open(stream, formats=PILLOW_FORMATS) as image:
            check_pixel_count(image.width * image.height)
            if image.format == "PNG":
                image.verify()  # checksums of the pixels, which load() does not look at
        stream.seek(0)
        with Image.open(stream, formats=PILLOW_FORMATS) as image:
            return _decode(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refusal(TOO_LARGE) from None
    except UnidentifiedImageError:
        raise ValueError("no image begins like this") from None


def bounded(stream: BinaryIO) -> BinaryIO:
    """Return a stream of which a picture takes no more reads than honest ones do."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(0)
    most = MOST_PASSES * size + SMALL
    return cast("BinaryIO", BoundedReads(stream, TOO_MANY_PARTS, reads=MOST_READS, bytes_=most))


def to_grey(image: NDArray[Any]) -> NDArray[Any]:
    """(3, rows, columns) -> (rows, columns) by the luma of Rec. 601, not rounded.

    (rows, columns) stays as it is, and (1, rows, columns) loses its first axis.
    """
    match image.shape:
        case (_, _):
            return image
        case (1, _, _):
            only: NDArray[Any] = image[0]
            return only
        case (3, _, _):
            weights = LUMA.astype(np.result_type(image, np.float32))
            grey: NDArray[Any] = np.tensordot(weights, image, axes=1)
            return grey
        case _:
            raise ValueError(f"an image of shape {image.shape} has neither 1 nor 3 channels")


def over_white(numbers: NDArray[Any], alpha: NDArray[Any], white: int) -> NDArray[np.float64]:
    """Lay numbers over white; `alpha` is how opaque they are, 0 to `white`. Rounded to whole ones.

    >>> over_white(np.array([0, 100]), np.array([0, 255]), 255)
    array([255., 100.])
    """
    return np.rint(white - (float(white) - numbers) * (alpha / white))


def _decode(image: "ImageFile") -> Loaded:
    raw_mode = _raw_mode(image)
    _load_first_frame(image)
    notices = _frame_notice(image), _turn_upright(image), _without_lost_colour(image, raw_mode)
    return as_loaded(image, raw_mode, notices)


def as_loaded(image: "Image", raw_mode: str, notices: tuple[str, ...]) -> Loaded:
    """Return the values of a picture that lies upright; `raw_mode` is how it lay in its file."""
    array, alpha_notice = _values(image, raw_mode)
    told = (*notices, _depth_notice(image, raw_mode), alpha_notice)
    return Loaded(array, tuple(notice for notice in told if notice), WHITES.get(image.mode, 255))


def check_pixel_count(pixels: int) -> None:
    """Raise Refusal where so many pixels would take too much time, or memory."""
    if pixels > MAX_PIXELS:
        raise Refusal(TOO_LARGE)
    if lack := lacking(PIXEL_BYTES * pixels):
        raise Refusal(f"{lack}; scale it down first")


def _load_first_frame(image: "ImageFile") -> None:
    try:
        with silent_libtiff() if image.format == "TIFF" else nullcontext():
            image.load()
    except SyntaxError:
        if image.tile:
            raise
        image.load()  # the pixels are there: what follows them in an APNG is damaged


def _raw_mode(image: "ImageFile") -> str:
    """How the pixels lie in the file, such as "RGB;16B"; Pillow forgets it when it loads them."""
    if not image.tile:
        return ""
    arguments = image.tile[0].args
    return str(arguments[0] if isinstance(arguments, tuple) and arguments else arguments)


def _without_lost_colour(image: "ImageFile", raw_mode: str) -> str:
    """Forget a transparent colour of 16 bits, which Pillow looks for among colours of 8 bits."""
    is_lost = raw_mode.startswith("RGB;16") and "transparency" in image.info
    if is_lost:
        del image.info["transparency"]
    return ALPHA_LEFT_OUT if is_lost else ""


def _turn_upright(image: "ImageFile") -> str:
    from PIL import ImageOps

    try:
        ImageOps.exif_transpose(image, in_place=True)
    except Exception:  # damaged EXIF data raises whatever the parser stumbles over
        return "its EXIF data is damaged, so that it may lie on its side"
    return ""


def _frame_notice(image: "ImageFile") -> str:
    """Say that more frames follow, without counting them: there may be a million."""
    try:
        several = getattr(image, "is_animated", False)
    except Exception:  # damage after the first frame, which is read already
        return "only the first frame can be read"
    return SEVERAL_FRAMES if several else ""


def _depth_notice(image: "Image", raw_mode: str) -> str:
    if ";16" in raw_mode and image.mode not in DEEP_MODES:
        return "colours of 16 bits are read as 8 bits"
    return ""


def _values(image: "Image", raw_mode: str) -> tuple[NDArray[Any], str]:
    if image.mode in DEEP_MODES:
        return _deep_values(image)
    if image.mode == "LAB":
        image = _from_lab(image)
    grey = image.mode in GREY_MODES or raw_mode in GREY_RAW_MODES or _has_grey_palette(image)
    opaque, notice = _opaque(image, raw_mode)
    array = _channels(opaque, grey=grey)
    return (array // 255 if image.mode == "1" else array), notice


def _deep_values(image: "Image") -> tuple[NDArray[Any], str]:
    array = np.asarray(image)
    transparent = image.info.get("transparency")
    if image.mode.startswith("I;16") and isinstance(transparent, int):
        hidden = array == transparent
        if hidden.any():
            return np.where(hidden, np.uint16(65535), array), TRANSPARENCY_NOTICE
    return array, ""


def _opaque(image: "Image", raw_mode: str) -> tuple["Image", str]:
    """The image in mode RGB or L without transparency, as it looks on paper."""
    from PIL import Image

    if not image.has_transparency_data:
        return _in_mode(image, "L" if image.mode in ("1", "L") else "RGB"), ""
    if raw_mode in GREY_STEP and isinstance(image.info.get("transparency"), int):
        # WORKAROUND: Pillow compares the transparent grey of 2 and 4 bits with greys of 8 bits
        image.info["transparency"] *= GREY_STEP[raw_mode]
    layer = image.convert("RGBA")
    least_alpha, _ = layer.getchannel("A").getextrema()
    if least_alpha == 255:
        return layer.convert("RGB"), ""
    paper = Image.new("RGBA", layer.size, "white")
    paper.alpha_composite(layer)
    return paper.convert("RGB"), TRANSPARENCY_NOTICE


def _in_mode(image: "Image", mode: str) -> "Image":
    return image if image.mode == mode else image.convert(mode)


def _channels(image: "Image", *, grey: bool) -> NDArray[np.float64]:
    if grey:
        return np.asarray(image.getchannel(0), dtype=np.float64)
    array = np.empty((3, image.height, image.width))
    for band in range(3):
        array[band] = np.asarray(image.getchannel(band))
    return array


def _has_grey_palette(image: "Image") -> bool:
    """Whether the colours that the image uses are all grey."""
    if image.mode not in ("P", "PA") or image.palette is None:
        return False
    colours = np.array(image.getpalette("RGB")).reshape(-1, 3)
    used = np.flatnonzero(image.getchannel(0).histogram())
    used = used[used < len(colours)]
    return bool((colours[used] == colours[used, :1]).all())


def _from_lab(image: "Image") -> "Image":
    from PIL import ImageCms

    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, lab, srgb, outputMode="RGB")
    if converted is None:
        raise Refusal("its LAB colours cannot be converted; save it as RGB")
    return converted


@contextmanager
def silent_libtiff() -> Iterator[None]:
    """WORKAROUND: libtiff prints to descriptor 2 from C, several lines for one damaged file."""
    try:
        saved = os.dup(2)
    except OSError:  # started without standard error
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)

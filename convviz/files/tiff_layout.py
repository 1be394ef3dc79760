"""How the pixels of a TIFF file lie in it: its directory, read within bounds before its pixels."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np

if TYPE_CHECKING:
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR, LAB = 0, 1, 2, 3, 5, 6, 8
COLOURS = {WHITE_IS_ZERO: 1, BLACK_IS_ZERO: 1, RGB: 3, PALETTE: 1, CMYK: 4, YCBCR: 3, LAB: 3}
GREYS = (WHITE_IS_ZERO, BLACK_IS_ZERO)
UNKNOWN_EXTRA, PREMULTIPLIED, ALPHA = 0, 1, 2
COREL_ALPHA = 999  # as Corel Draw 10 writes it

# SampleFormat -> the kind of numbers; 4 is "undefined", which libtiff takes for unsigned
KINDS = {1: "u", 2: "i", 3: "f", 4: "u", 5: "c", 6: "c"}
KIND_NAMES = {"u": "whole numbers", "i": "signed whole numbers", "f": "floats", "c": "complex"}
SIZES = {"u": (8, 16, 32, 64), "i": (8, 16, 32, 64), "f": (16, 32, 64)}
PACKED = range(1, 16)  # bits of unsigned samples that need not fill bytes

LARGE_BIG_ENDIAN = b"MM\0+"
NONE, LZMA, CCITT = 1, 34925, (2, 3, 4, 32771)
PREDICTED = (5, 8, 32946, LZMA, 50000)  # LZW, Deflate, Zstandard
PACKS_BYTES = (*PREDICTED, 32773)  # PackBits
PACKS_PIXELS = (*CCITT, 6, 7, 32809, 50001)  # JPEG, ThunderScan, WebP, which Pillow reads

OTHER_PHOTOMETRICS = {
    4: "a mask",
    9: "ICC LAB colours",
    10: "ITU LAB colours",
    32803: "the mosaic of a camera's sensor",
    32844: "logarithms of light",
    32845: "logarithms of light",
    34892: "raw values of a camera's sensor",
    51177: "depths",
}


@dataclass(frozen=True)
class Layout:
    """What the directory of the first image says.

    `kind` is "u", "i", "f" or "c", and `bits` how many a sample has. `extras` say what the samples
    after the colours are. `block` has the rows and columns of a strip or tile, of which `offsets`
    and `counts` tell where they are and how many bytes they take. One is usual that says what its
    colours are, in offsets and by methods that every Pillow knows.
    """

    shape: tuple[int, int]
    photometric: int
    kind: str
    bits: int
    samples: int
    extras: tuple[int, ...]
    planes: bool
    compression: int
    predictor: int
    fill_order: int
    orientation: int
    order: Literal["<", ">"]
    block: tuple[int, int]
    offsets: tuple[int, ...]
    counts: tuple[int, ...]
    palette: tuple[int, ...]
    others_follow: bool
    is_usual: bool

    @property
    def colours(self) -> int:
        """How many samples of a pixel are colours, or numbers of their own."""
        return self.samples - len(self.extras)

    @property
    def dtype(self) -> np.dtype[Any]:
        """What a sample is in memory; of packed ones, what holds it."""
        size = self.bits // 8 if self.bits % 8 == 0 else 1 + (self.bits > 8)
        return np.dtype(f"{self.kind}{size}")

    @property
    def is_read_by_pillow(self) -> bool:
        """Whether Pillow reads it as it is; where samples lie apart it mistakes what they are."""
        if self.compression in PACKS_PIXELS or self.photometric == YCBCR:
            return True
        is_plain = self.is_usual and not self.planes and self.fill_order == 1 and self.kind == "u"
        if not is_plain or self.colours != COLOURS[self.photometric]:
            return False
        return (self.bits, self.photometric, self.extras) in READ_BY_PILLOW


READ_BY_PILLOW = {
    *((bits, photometric, ()) for bits in (1, 2, 4, 8) for photometric in (*GREYS, PALETTE)),
    (8, BLACK_IS_ZERO, (ALPHA,)),
    *((8, photometric, ()) for photometric in (RGB, CMYK, LAB)),
    *((16, photometric, ()) for photometric in (RGB, CMYK)),
    *((bits, RGB, (extra,)) for bits in (8, 16) for extra in (PREMULTIPLIED, ALPHA)),
    (8, PALETTE, (ALPHA,)),
}


def read_layout(stream: BinaryIO) -> Layout:
    """Read the directory of the first image; raises any error where it is damaged."""
    head = stream.read(4)
    return _layout(_directory(stream, head), head)


def _directory(stream: BinaryIO, head: bytes) -> "ImageFileDirectory_v2":
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    # WORKAROUND: Pillow looks for the sign of large files where only little-endian ones have it
    sign = b"II+\0" if b"+" in head else b"II*\0"
    place = stream.read(12 if b"+" in head else 4)
    directory = ImageFileDirectory_v2(sign + place, head[:2])
    stream.seek(directory.next)
    directory.load(stream)
    return directory


class _Tags:
    """Whole numbers of a directory, each of which may be one or many."""

    def __init__(self, directory: "ImageFileDirectory_v2") -> None:
        self.directory = directory

    def all(self, tag: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        found = self.directory.get(tag, default)
        return tuple(map(int, found if isinstance(found, tuple) else (found,)))

    def one(self, tag: int, default: int | None = None) -> int:
        found = self.all(tag, () if default is None else (default,))
        if not found or found[0] < 0:
            raise ValueError(f"tag {tag} is missing or negative")
        return found[0]


def _layout(directory: "ImageFileDirectory_v2", head: bytes) -> Layout:
    tags = _Tags(directory)
    columns, rows = tags.one(256), tags.one(257)
    samples, compression = tags.one(277, 1), tags.one(259, NONE)
    photometric = tags.one(262, _usual_photometric(samples, compression))
    is_tiled = 324 in directory
    side = (tags.one(323), tags.one(322)) if is_tiled else (min(tags.one(278, rows), rows), columns)
    if not min(columns, rows, samples, *side):
        raise ValueError("it has no pixels")
    return Layout(
        shape=(rows, columns),
        photometric=photometric,
        kind=_kind(tags.all(339, (1,))[:samples]),
        bits=_bits(tags.all(258, (1,))[:samples]),
        samples=samples,
        extras=_extras(tags.all(338), photometric, samples),
        planes=tags.one(284, 1) == 2,
        compression=compression,
        predictor=tags.one(317, 1) if compression in PREDICTED else 1,
        fill_order=tags.one(266, 1),
        orientation=tags.one(274, 1),
        order="<" if directory.prefix == b"II" else ">",
        block=side,
        offsets=tags.all(324 if is_tiled else 273),
        counts=tags.all(325 if is_tiled else 279),
        palette=tags.all(320),
        others_follow=bool(directory.next),
        is_usual=262 in directory and compression != LZMA and head != LARGE_BIG_ENDIAN,
    )


def _usual_photometric(samples: int, compression: int) -> int:
    """What libtiff takes an image for that does not say it."""
    if compression in (6, 7):
        return YCBCR
    return WHITE_IS_ZERO if compression in CCITT else RGB if samples >= 3 else BLACK_IS_ZERO


def _kind(formats: tuple[int, ...]) -> str:
    kinds = {KINDS.get(number, "") for number in formats}
    return kinds.pop() if len(kinds) == 1 else ""


def _bits(bits: tuple[int, ...]) -> int:
    return bits[0] if len(set(bits)) == 1 else 0


def _extras(told: tuple[int, ...], photometric: int, samples: int) -> tuple[int, ...]:
    """What the samples after the colours are; grey ones that are not told are channels."""
    if photometric in GREYS:
        return told if len(told) < samples and {PREMULTIPLIED, ALPHA} & {*told} else ()
    count = max(samples - COLOURS.get(photometric, samples), 0)
    if photometric == RGB and not told and count:
        told = (ALPHA,)
    told = tuple(ALPHA if extra == COREL_ALPHA else extra for extra in told)
    return (*told, *(UNKNOWN_EXTRA,) * count)[:count]


def problem(layout: Layout) -> str:
    """Say what it holds that convviz does not read; nothing where it reads all of it."""
    if layout.photometric not in COLOURS:
        other = OTHER_PHOTOMETRICS.get(layout.photometric)
        return f"it holds {other or f'colours of the unknown kind {layout.photometric}'}"
    if layout.compression not in (NONE, *PACKS_BYTES, *PACKS_PIXELS):
        return f"it is compressed by the method {layout.compression}"
    return _problem_of_samples(layout) or _problem_of_colours(layout)


def _problem_of_samples(layout: Layout) -> str:
    if not layout.kind or not layout.bits:
        return "the samples of a pixel are of several kinds or sizes"
    if layout.kind == "c":
        return "it holds complex numbers"
    packed = layout.kind == "u" and layout.bits in PACKED
    if not packed and layout.bits not in SIZES[layout.kind]:
        return f"it holds {KIND_NAMES[layout.kind]} of {layout.bits} bits"
    if layout.predictor not in (1, 2, 3) or (layout.predictor == 3 and layout.kind != "f"):
        return f"it was predicted by the method {layout.predictor}"
    return ""


def _problem_of_colours(layout: Layout) -> str:
    name = {PALETTE: "a palette", CMYK: "CMYK colours", LAB: "LAB colours", YCBCR: "YCbCr colours"}
    wide = {PALETTE: range(1, 9), CMYK: (8, 16), LAB: (8,), YCBCR: (8,)}
    of = f"{KIND_NAMES[layout.kind]} of {layout.bits} bits"
    if layout.photometric in name and (
        layout.kind != "u" or layout.bits not in wide[layout.photometric]
    ):
        return f"it has {name[layout.photometric]} in {of}"
    if layout.photometric == YCBCR and layout.planes and layout.compression == NONE:
        return "it has YCbCr colours in planes"
    if layout.colours < COLOURS[layout.photometric] and layout.compression not in PACKS_PIXELS:
        return f"it has {layout.samples} samples a pixel, which are too few for its colours"
    return ""

"""AVIF pictures, by Pillow, which brings all of them down to 8 bits."""

import re
from dataclasses import replace

from convviz.files.errors import Refusal
from convviz.files.images import read_image
from convviz.files.source import Loaded, Source

BOXES_BYTES = 65_536  # before the pixels
# The third byte of the box av1C: https://aomediacodec.github.io/av1-isobmff, section 2.3
CONFIGURATION = re.compile(rb"av1C..(.)", re.DOTALL)
MORE_THAN_8, OF_12 = 0x40, 0x20


def read_avif(source: Source) -> Loaded:
    """To be called through read.py, as read_image."""
    from PIL import features

    if not features.check("avif"):
        raise Refusal("this Pillow reads no AVIF; python -m pip install --upgrade Pillow")
    head = source.stream.read(BOXES_BYTES)
    loaded = read_image(source)
    bits = _bits(head)
    notice = (f"colours of {bits} bits are read as 8 bits",) if bits > 8 else ()
    return replace(loaded, notices=(*loaded.notices, *notice))


def _bits(head: bytes) -> int:
    flags = [found[0] for found in CONFIGURATION.findall(head)]
    if any(flag & OF_12 for flag in flags):
        return 12
    return 10 if any(flag & MORE_THAN_8 for flag in flags) else 8

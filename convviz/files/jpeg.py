"""JPEG pictures, by Pillow; progressive ones pass over all their pixels as often as they say."""

import re
from collections.abc import Iterator

from convviz.files.errors import Refusal
from convviz.files.images import MOST_READS, TOO_MANY_PARTS, read_image
from convviz.files.source import Loaded, Source

MOST_SCANS = 64  # encoders write 10 at most, of colours; libtiff takes 100
TOO_MANY_SCANS = f"it is made of more than {MOST_SCANS} scans; save it again, not progressive"

# Within a scan, 0xFF stands before 0 where it is a value, and before D0 to D7 at restarts.
MARKER = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
START_OF_IMAGE, END_OF_IMAGE, START_OF_SCAN = 0xD8, 0xD9, 0xDA


def read_jpeg(source: Source) -> Loaded:
    """To be called through read.py, as read_image."""
    scans = 0
    for number, marker in enumerate(_markers(source.stream.read())):
        scans += marker == START_OF_SCAN
        if scans > MOST_SCANS:
            raise Refusal(TOO_MANY_SCANS)
        if number > MOST_READS:
            raise Refusal(TOO_MANY_PARTS)
    return read_image(source)


def _markers(data: bytes) -> Iterator[int]:
    """Yield the markers of the first picture, without those in what is embedded or follows."""
    place = 0
    while found := MARKER.search(data, place):
        marker, place = found[1][0], found.end()
        if marker == END_OF_IMAGE:
            return
        yield marker
        if marker != START_OF_IMAGE:
            place += int.from_bytes(data[place : place + 2])

"""Streams that hand out no more than an honest file needs, to libraries that trust every file."""

from typing import BinaryIO

from convviz.files.errors import Refusal


class BoundedReads:
    """A binary stream of which so many reads and bytes are left, however often it goes back.

    A file of a few bytes can claim a header of 2 GB, or let a reader walk through a million parts.
    When either limit is passed, `read` raises Refusal with `reason`.
    """

    def __init__(self, stream: BinaryIO, reason: str, *, reads: int, bytes_: int) -> None:
        self.stream = stream
        self.reason = reason
        self.reads_left = reads
        self.bytes_left = bytes_
        self.seek, self.tell, self.seekable = stream.seek, stream.tell, stream.seekable
        self.fileno, self.flush = stream.fileno, stream.flush  # which libtiff asks for

    def read(self, size: int = -1) -> bytes:
        """Return the next `size` bytes, or all that follow."""
        wanted = size if 0 <= size <= self.bytes_left else self.bytes_left + 1
        data = self.stream.read(wanted)
        self.reads_left -= 1
        self.bytes_left -= len(data)
        if self.reads_left < 0 or self.bytes_left < 0:
            raise Refusal(self.reason)
        return data

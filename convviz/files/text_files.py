"""CSV, TSV, TXT and JSON files: bytes -> text -> array."""

import codecs
import re

from convviz.files.errors import LiteralError, Refusal
from convviz.files.expressions import parse_plain_number
from convviz.files.literals import parse_array
from convviz.files.nested import is_nested, parse_json, parse_nested
from convviz.files.source import Loaded, Source
from convviz.files.tables import parse_table

MAX_TEXT_BYTES = 32 * 2**20
LOOK_BYTES = 4096
MAX_JSON_BYTES = 10 * 2**20

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
NOT_IN_TEXT = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def read_text(source: Source) -> Loaded:
    """A table of numbers, or an array in brackets."""
    text = decode(_all_bytes(source, MAX_TEXT_BYTES))
    if is_nested(text):
        return Loaded(parse_nested(text, parse_plain_number))
    table = parse_table(text, from_file=True, parse=parse_plain_number)
    return Loaded(table.array, table.notices)


def is_text(source: Source) -> bool:
    """Whether what a file begins with can be text."""
    beginning = source.stream.read(LOOK_BYTES).decode("latin-1")
    source.stream.seek(0)
    return NOT_IN_TEXT.search(beginning) is None


def read_typed(source: Source) -> Loaded:
    """What a person types: rows may end at `;`, cells may hold expressions."""
    return Loaded(parse_array(decode(_all_bytes(source, MAX_TEXT_BYTES))))


def read_json(source: Source) -> Loaded:
    data = _all_bytes(source, MAX_JSON_BYTES).removeprefix(codecs.BOM_UTF8)
    try:
        return Loaded(parse_json(data.decode()))
    except UnicodeDecodeError as error:
        raise LiteralError("these bytes are not UTF-8", _place(data[: error.start])) from None


def decode(data: bytes) -> str:
    """UTF-8, UTF-16 with a mark, or else Latin-1, whose accents can only stand in column names."""
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return data.removeprefix(mark).decode(encoding)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    stray = NOT_IN_TEXT.search(text)
    if stray:
        place = _place(text[: stray.start()].encode())
        raise LiteralError(f"the character {ord(stray[0])} is not text", place)
    return text


def _all_bytes(source: Source, limit: int) -> bytes:
    data = source.stream.read(limit + 1)
    if len(data) > limit:
        raise Refusal(f"it has more than {limit // 2**20} MiB of text; take a part of it")
    return data


def _place(before: bytes) -> str:
    *lines, last = before.split(b"\n")
    return f"line {len(lines) + 1}, column {len(last) + 1}"

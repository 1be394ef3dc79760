"""Spreadsheets (.xlsx): the numbers of the first sheet that is shown, as last computed."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from convviz.engine.geometry import counted
from convviz.files.cells import CellReader
from convviz.files.errors import LiteralError, Refusal, shown
from convviz.files.expressions import parse_plain_number
from convviz.files.numpy_files import open_archive
from convviz.files.source import Loaded, Source
from convviz.files.table_rows import Places, Row, filled, split_names
from convviz.files.tables import parse_known

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

MAX_CELLS = 250_000  # which take openpyxl some two seconds
MAX_TAGS = 3_000_000  # of XML: a cell with a formula has up to eight
MAX_XML_BYTES = 96 * 2**20
CHUNK = 2**20
READ_PARTS = (".xml", ".rels")
UNREAD_FOLDERS = ("xl/media/", "xl/drawings/", "xl/charts/", "xl/pivotCache/", "customXml/")

REMEDY = "save the sheet as CSV"


def read_xlsx(source: Source) -> Loaded:
    """The numbers of a sheet, 0 where cells are empty; raises LiteralError or Refusal.

    Formulas count as what was stored with them, percentages and money as the number in the cell.
    Dates are refused, and a first row of names is left out, as in a text file.
    """
    _check_size(source.stream)
    sheet, notices = _first_sheet(source.stream, data_only=True)
    rows = _trimmed(_rows(sheet))
    places = Places("row", _column_letter)
    _check_formulas(rows, source.stream, places)
    named = split_names(rows, CellReader(parse_plain_number), places)
    full, empty = filled(named.rows)
    block = parse_known(full, places, CellReader(parse_plain_number))
    zeros = (f"{counted(empty, 'empty cell')} became 0",) if empty else ()
    return Loaded(block, (*notices, *named.notices, *zeros))


def _check_size(stream: BinaryIO) -> None:
    """Refuse a file whose parts openpyxl would need much time or memory for."""
    with open_archive(stream) as archive:
        parts = [
            part
            for part in archive.infolist()
            if part.filename.endswith(READ_PARTS) and not part.filename.startswith(UNREAD_FOLDERS)
        ]
        if sum(part.file_size for part in parts) > MAX_XML_BYTES:
            raise Refusal(f"it holds more than {MAX_XML_BYTES // 2**20} MiB of cells; {REMEDY}")
        tags = 0
        for part in parts:
            with archive.open(part) as opened:
                while chunk := opened.read(CHUNK):
                    tags += chunk.count(b"<")
                    if tags > MAX_TAGS:
                        raise Refusal(f"it holds too many cells, styles and texts; {REMEDY}")
    stream.seek(0)


def _first_sheet(stream: BinaryIO, *, data_only: bool) -> tuple["Worksheet", tuple[str, ...]]:
    from openpyxl import load_workbook  # takes long to import

    stream.seek(0)
    book = load_workbook(stream, read_only=True, data_only=data_only, keep_links=False)
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if not sheets:
        raise Refusal("it has no sheet of cells")
    first = sheets[0]
    first.reset_dimensions()  # which files may state wrongly
    title = f"only the first of {len(sheets)} sheets is read: {shown(first.title)}"
    return first, (title,) if len(sheets) > 1 else ()


def _rows(sheet: "Worksheet") -> Iterator[Row]:
    """Rows with the texts of their cells, up to as many cells as are read."""
    count = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        count += max(len(values), 1)
        if count > MAX_CELLS:
            raise LiteralError(f"it has more than {MAX_CELLS:,} cells; {REMEDY}")
        yield Row(number, list(map(_text, values)))


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value)
        case float() | int():
            return repr(value)
        case timedelta():
            minutes, seconds = divmod(round(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
        case _:
            return str(value)


def _trimmed(found: Iterator[Row]) -> list[Row]:
    """Equally long rows, without what is empty around the cells that are not."""
    rows = list(found)
    filled_rows = [index for index, row in enumerate(rows) if any(row.cells)]
    if not filled_rows:
        raise LiteralError("there are no numbers in it")
    rows = rows[filled_rows[0] : filled_rows[-1] + 1]
    left = min(_first_filled(row.cells) for row in rows if any(row.cells))
    width = max(len(row.cells) - _first_filled(row.cells[::-1]) for row in rows if any(row.cells))
    if len(rows) * (width - left) > MAX_CELLS:
        raise LiteralError(f"it has more than {MAX_CELLS:,} cells; {REMEDY}")
    padded = (row.cells[:width] + [""] * (width - len(row.cells)) for row in rows)
    return [
        Row(row.number, cells[left:], left + 1) for row, cells in zip(rows, padded, strict=True)
    ]


def _first_filled(cells: list[str]) -> int:
    return next(index for index, cell in enumerate(cells) if cell)


def _check_formulas(rows: list[Row], stream: BinaryIO, places: Places) -> None:
    """Refuse a formula that was never computed, for its cell seems to be empty."""
    if all(all(row.cells) for row in rows):
        return
    sheet, _ = _first_sheet(stream, data_only=False)
    last = rows[-1].number
    written = list(islice(sheet.iter_rows(values_only=True), rows[0].number - 1, last))
    for row, values in zip(rows, written, strict=True):
        start = row.first_column - 1
        for index, (cell, value) in enumerate(zip(row.cells, values[start:], strict=False)):
            if not cell and value not in (None, ""):
                reason = "its formula has no result in the file; save it in a spreadsheet program"
                raise LiteralError(reason, places.of_cell(row, index))


def _column_letter(column: int) -> str:
    from openpyxl.utils import get_column_letter

    return get_column_letter(column)

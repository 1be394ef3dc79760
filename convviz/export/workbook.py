"""Sheets as the bytes of an .xlsx file: looks, texts that stay texts, the same bytes each time."""

import io
import re
import zipfile
from datetime import datetime

from openpyxl import Workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from convviz import __version__
from convviz.export.sheets import (
    HEADING_ROW,
    Block,
    Entry,
    Sheet,
    check_columns,
    image_line,
    layers_shown,
    sheets_of,
)
from convviz.files.errors import one_line
from convviz.model.document import Document

COLUMN_WIDTH, ROW_HEIGHT = 6.5, 28  # about a square
LONGEST_TEXT = 1000
BEGINNING = datetime(2000, 1, 1)
ZIP_BEGINNING = (1980, 1, 1, 0, 0, 0)
MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")

CENTRED = Alignment(horizontal="center", vertical="center")
THIN = Side(style="thin", color="FFFFFF")
GRID = Border(THIN, THIN, THIN, THIN)
TINTS = {
    "input": ("D6E6F8", "123A66"),
    "padding": ("EDEFF2", "7A828C"),
    "kernel": ("FCE8C4", "6B4300"),
    "output": ("D3EEDD", "0F4D2A"),
}  # role: behind, and the numbers
EXPLANATIONS = (
    ("input", "numbers to type into: the image; on later sheets what the layer before makes"),
    ("kernel", "numbers to type into: kernels, biases, the value in the padding"),
    ("padding", "padding, and kernels as they meet the window: they follow what they copy"),
    ("output", "formulas: what the layer makes of the numbers"),
)
LEGEND_HEADING = "Change a number in a blue or an amber cell: all that depends on it follows."


def workbook_bytes(document: Document) -> bytes:
    """Return an .xlsx file whose formulas recompute the feature maps of `document`, which fits.

    Raises
    ------
    Refusal
        When it would be larger than spreadsheets bear.
    """
    sheets = sheets_of(document)
    check_columns(sheets)
    book = Workbook()
    book.remove(book.worksheets[0])
    for style in _styles():
        book.add_named_style(style)
    for sheet in sheets:
        _write_sheet(book.create_sheet(sheet.name), sheet)
    _write_about(book.create_sheet("About"), document)
    book.properties.title = _text(document.image_title)
    book.properties.creator = f"convviz {__version__}"
    book.properties.created = BEGINNING
    file = io.BytesIO()
    book.save(file)
    return _timeless(file.getvalue())


def _timeless(data: bytes) -> bytes:
    """Return the same archive without the time at which it was made."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            part = old.read(name)
            if name == "docProps/core.xml":
                part = MODIFIED.sub(rb"\g<1>2000-01-01T00:00:00Z", part)
            info = zipfile.ZipInfo(name, ZIP_BEGINNING)
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, part)
    return made.getvalue()


def _styles() -> list[NamedStyle]:
    cells = [
        NamedStyle(
            role,
            font=Font(name="Calibri", size=10, color=ink, italic=role == "padding"),
            fill=PatternFill("solid", fgColor=behind),
            border=GRID,
            alignment=CENTRED,
        )
        for role, (behind, ink) in TINTS.items()
    ]
    strong = [
        NamedStyle(f"{role} heading", font=Font(name="Calibri", size=12, bold=True, color=ink))
        for role, (_, ink) in TINTS.items()
    ]
    faint = NamedStyle("part", font=Font(name="Calibri", size=9, color="5A6270"))
    return [
        *cells,
        *strong,
        faint,
        NamedStyle("page title", font=Font(name="Calibri", size=15, bold=True)),
    ]


def _write_sheet(page: Worksheet, sheet: Sheet) -> None:
    page.sheet_view.showGridLines = False
    page.sheet_format.defaultColWidth = COLUMN_WIDTH
    page.sheet_format.baseColWidth = int(COLUMN_WIDTH)
    _write_text(page, 1, 1, sheet.title, "page title")
    for row, note in enumerate(sheet.notes, start=2):
        _write_text(page, row, 1, note, "part")
    for label in sheet.labels:
        style = f"{label.role} heading" if label.strong else "part"
        _write_text(page, label.row, label.column, label.text, style)
    for block in sheet.blocks:
        _write_block(page, block)
    for column in range(1, sheet.columns + 1):
        page.column_dimensions[get_column_letter(column)].width = COLUMN_WIDTH
    page.freeze_panes = f"A{HEADING_ROW + 1}"
    _fit_paper(page)


def _fit_paper(page: Worksheet) -> None:
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.orientation = "landscape"
    page.page_setup.fitToHeight = 0


def _write_block(page: Worksheet, block: Block) -> None:
    for row, entries in enumerate(block.cells):
        page.row_dimensions[block.row + row].height = ROW_HEIGHT
        for column, entry in enumerate(entries):
            cell = page.cell(block.row + row, block.column + column)
            _write_entry(cell, entry)
            around = block.padding is not None and block.padding[row, column]
            cell.style = "padding" if around else block.role


def _write_entry(cell: Cell | MergedCell, entry: Entry) -> None:
    """Write a number with all its digits, of which openpyxl itself keeps 16, or a formula."""
    if isinstance(entry, float):
        cell.value = repr(entry)
        cell.data_type = "n"
    elif entry is not None:
        cell.value = entry


def _write_text(page: Worksheet, row: int, column: int, text: str, style: str) -> None:
    """Write words, which are no formula whatever they begin with."""
    cell = page.cell(row, column)
    cell.value = _text(text)
    cell.data_type = "s"
    cell.style = style
    cell.quotePrefix = True


def _text(text: str) -> str:
    return one_line(text)[:LONGEST_TEXT]


def _write_about(page: Worksheet, document: Document) -> None:
    page.sheet_view.showGridLines = False
    for letter, width in zip("ABC", (22, 34, 90), strict=True):
        page.column_dimensions[letter].width = width
    _write_text(page, 1, 1, document.image_title, "page title")
    _write_text(page, 2, 1, f"{image_line(document)}. {LEGEND_HEADING}", "part")
    rows: list[tuple[str, str, str]] = [("Layer", "Shapes", "As torch has it")]
    rows += layers_shown(document)
    for row, texts in enumerate(rows, start=4):
        for column, text in enumerate(texts, start=1):
            _write_text(page, row, column, text, "input heading" if row == 4 else "Normal")
    for row, (role, words) in enumerate(EXPLANATIONS, start=5 + len(rows)):
        page.cell(row, 1).style = role
        _write_text(page, row, 2, words, "Normal")
    _fit_paper(page)
    _write_text(
        page, 6 + len(rows) + len(EXPLANATIONS), 1, f"Made by convviz {__version__}", "part"
    )

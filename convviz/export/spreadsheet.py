"""Spreadsheets, where openpyxl is there to write them."""

from convviz.files.errors import Refusal
from convviz.model.document import Document

SPREADSHEET_SUFFIX = ".xlsx"


class MissingLibrary(Refusal):
    """A library that convviz can do without is wanted and not there."""


def spreadsheet_bytes(document: Document) -> bytes:
    """Return an .xlsx file whose formulas recompute what the layers of `document` make.

    Raises
    ------
    MissingLibrary
        When openpyxl is not there.
    Refusal
        When a layer does not fit, or the sheets would be larger than spreadsheets bear.
    """
    if problem := document.problem:
        raise Refusal(f"layer {problem.index + 1}: {problem.problem.sentence}")
    try:
        from convviz.export.workbook import workbook_bytes
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "openpyxl":
            raise
        raise MissingLibrary(
            "spreadsheets are written by openpyxl, which is missing: pip install openpyxl"
        ) from None
    return workbook_bytes(document)

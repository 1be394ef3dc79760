"""Spreadsheets whose formulas recompute what the layers make."""

from convviz.files.errors import Refusal
from convviz.model.document import Document

SPREADSHEET_SUFFIX = ".xlsx"


def spreadsheet_bytes(document: Document) -> bytes:
    """Return an .xlsx file whose formulas recompute what the layers of `document` make.

    Raises
    ------
    Refusal
        When a layer does not fit, or the sheets would be larger than spreadsheets bear.
    """
    if problem := document.problem:
        raise Refusal(f"layer {problem.index + 1}: {problem.problem.sentence}")
    from convviz.export.workbook import workbook_bytes  # openpyxl takes long to import

    return workbook_bytes(document)

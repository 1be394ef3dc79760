"""Spreadsheets as files: what is read of them, and what is refused."""

import datetime
import re
import shutil
import subprocess
import time
import zipfile

import openpyxl
import pytest

from convviz.export.spreadsheet import spreadsheet_bytes
from convviz.files.errors import FileError
from convviz.files.read import read_array, read_piped
from convviz.model.document import default_document


def saved(path, rows, **formats):
    """Write rows into a sheet with number formats by column letter."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for column, form in formats.items():
        for cell in book.active[column]:
            cell.number_format = form
    book.save(path)
    return path


def rewritten(path, member, change):
    """Write a workbook anew with one of its parts changed."""
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    parts[member] = change(parts[member].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, data in parts.items():
            new.writestr(name, data)
    return path


SHEET = "xl/worksheets/sheet1.xml"

SHEETS = {
    "numbers": ([[1, 2.5], [-3, 1 / 3]], [[1, 2.5], [-3, 1 / 3]]),
    "one row": ([[1, 2, 3]], [[1, 2, 3]]),
    "small and large numbers": ([[1e-300, 1.7e308]], [[1e-300, 1.7e308]]),
    "truths": ([[True, False], [0, 1]], [[1, 0], [0, 1]]),
    "texts of numbers": ([["1.5", "(5.00)"], ["1/4", 2]], [[1.5, -5], [0.25, 2]]),
    "texts with decimal commas": ([["0,5", 1]], [[0.5, 1]]),
    "empty rows and columns around": ([[None, None], [None, 1, 2], [None, 3, 4]], [[1, 2], [3, 4]]),
}


@pytest.mark.parametrize(("rows", "expected"), SHEETS.values(), ids=SHEETS)
def test_a_sheet_is_read_as_numbers(tmp_path, rows, expected):
    file = read_array(saved(tmp_path / "a.xlsx", rows))
    assert (file.array.tolist(), file.notices, file.name) == (expected, (), "a")
    assert file.is_table
    assert file.is_signal == (len(expected) == 1)


@pytest.mark.parametrize("form", ["0%", "#,##0.00 €", '0.0 "days"', "0.0E+00", "[Red]0", "# ?/?"])
def test_what_a_format_shows_does_not_change_a_number(tmp_path, form):
    path = saved(tmp_path / "a.xlsx", [[0.125, 1234.5]], A=form, B=form)
    assert read_array(path).array.tolist() == [[0.125, 1234.5]]


def test_empty_cells_are_zeros_and_it_says_so(tmp_path):
    file = read_array(saved(tmp_path / "a.xlsx", [[1, None], [None], [3, 4]]))
    assert file.array.tolist() == [[1, 0], [0, 0], [3, 4]]
    assert file.notices == ("3 empty cells became 0",)


@pytest.mark.parametrize(
    ("rows", "notices"),
    [
        ([["a", "b"], [1, 2], [3, 4]], ("row 1 is taken as column names: a, b",)),
        (
            [[None, "a", "b"], ["x", 1, 2], ["y", 3, 4]],
            (
                "row 1 is taken as column names: a, b",
                "column A, which has no name, is taken as names of the rows",
            ),
        ),
        (
            [[None, 0, 1], [0, 1, 2], [1, 3, 4]],
            ("column A, which has no name, is taken as names of the rows",),
        ),
        (
            [
                [None, "a", "b"],
                [datetime.date(2024, 1, 5), 1, 2],
                [datetime.date(2024, 1, 6), 3, 4],
            ],
            (
                "row 1 is taken as column names: a, b",
                "column A, which has no name, is taken as names of the rows",
            ),
        ),
    ],
)
def test_names_are_left_out_and_told(tmp_path, rows, notices):
    file = read_array(saved(tmp_path / "a.xlsx", rows))
    assert (file.array.tolist(), file.notices) == ([[1, 2], [3, 4]], notices)


def test_the_first_sheet_that_is_shown_is_read_and_it_says_so(tmp_path):
    book = openpyxl.Workbook()
    book.active.sheet_state = "hidden"
    for title in ("Data", "More"):
        book.create_sheet(title).append([len(title)])
    book.save(tmp_path / "a.xlsx")
    file = read_array(tmp_path / "a.xlsx")
    assert (file.array.tolist(), file.notices) == (
        [[4]],
        ("only the first of 2 sheets is read: 'Data'",),
    )


def test_a_formula_counts_as_what_was_stored_with_it(tmp_path):
    path = saved(tmp_path / "a.xlsx", [[2, "=A1*3"]])
    rewritten(path, SHEET, lambda xml: re.sub(r"(</f>)<v ?/?>(</v>)?", r"\1<v>6</v>", xml))
    assert read_array(path).array.tolist() == [[2, 6]]


@pytest.mark.parametrize("hidden_size", ["A1", "A1:A1", "XFD1048576"])
def test_a_size_that_the_file_states_wrongly_is_not_believed(tmp_path, hidden_size):
    path = saved(tmp_path / "a.xlsx", [[1, 2], [3, 4]])
    rewritten(
        path, SHEET, lambda xml: re.sub(r'ref="[A-Z0-9:]+"', f'ref="{hidden_size}"', xml, count=1)
    )
    assert read_array(path).array.tolist() == [[1, 2], [3, 4]]


REFUSED = {
    "a date": (
        [[1, datetime.date(2024, 1, 5)]],
        "row 1, column B: '2024-01-05 00:00:00' looks like a date",
    ),
    "a date with its hour": (
        [[datetime.datetime(2024, 1, 5, 13, 30)]],
        "looks like a date, not a number",
    ),
    "a time": ([[1], [datetime.time(13, 30)]], "row 2, column A: '13:30:00' looks like a time"),
    "a duration": ([[datetime.timedelta(hours=26, minutes=30)]], "'26:30:00' looks like a time"),
    "a negative duration": ([[datetime.timedelta(hours=-1)]], "looks like a time, not a number"),
    "a word": ([[1, 2], [3, "x"]], "row 2, column B: 'x' is not a number"),
    "a word below empty rows": (
        [[], [None, 1], [None, "x"]],
        "row 3, column B: 'x' is not a number",
    ),
    "a sum": ([["3-5", 1]], "row 1, column A: '3-5' may be a sum, a date or a range"),
    "thousands": ([["1,234", 1]], "'1,234' may be a decimal comma or thousands"),
    "an error": ([[1, "#DIV/0!"]], "column B: '#DIV/0!' is an error of a spreadsheet"),
    "errors in the first row": ([["#N/A", "#REF!"], [1, 2]], "'#N/A' is an error of a spreadsheet"),
    "a formula without a result": (
        [[1, 2], [3, "=1+1"]],
        "row 2, column B: its formula has no result in the file; save it in a spreadsheet",
    ),
    "nothing": ([[None]], "there are no numbers in it"),
    "names alone": ([["a", "b"]], "row 1, column A: 'a' is not a number"),
}


@pytest.mark.parametrize(("rows", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_is_no_number_is_refused_with_its_place(tmp_path, rows, reason):
    with pytest.raises(FileError) as refused:
        read_array(saved(tmp_path / "a.xlsx", rows))
    assert reason in str(refused.value)


def test_a_day_that_is_no_date_is_an_error_of_the_spreadsheet(tmp_path):
    path = saved(tmp_path / "a.xlsx", [[-5e9, 1]], A="yyyy-mm-dd")
    with pytest.raises(FileError, match="'#VALUE!' is an error of a spreadsheet"):
        read_array(path)


def test_a_spreadsheet_of_convviz_that_was_never_computed_says_so(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(spreadsheet_bytes(default_document()))
    with pytest.raises(FileError, match=r"row \d+, column [A-Z]+: "):
        read_array(tmp_path / "a.xlsx")


def _sheet(cells):
    return lambda xml: re.sub(
        r"<sheetData.*?(/>|</sheetData>)", f"<sheetData>{cells}</sheetData>", xml
    )


BOMBS = {
    "many cells": (
        '<row r="1">' + "<c><v>1</v></c>" * 300_000 + "</row>",
        "more than 250,000 cells",
    ),
    "few cells far apart": (
        '<row r="1"><c r="A1"><v>1</v></c></row><row r="900000"><c r="A900000"><v>1</v></c></row>',
        "more than 250,000 cells",
    ),
    "rows without end": (
        '<row r="99999999999999"><c><v>1</v></c></row>',
        "more than 250,000 cells",
    ),
    "a cell far to the right": ('<row><c r="XFD1"><v>1</v></c></row>', None),
    "many wide rows": (
        "<row><c><v>1</v></c><c r='XFD1'><v>1</v></c></row>" * 50,
        "more than 250,000",
    ),
    "tags": ("<a/>" * 4_000_000, "it holds too many cells, styles and texts"),
    "bytes": (" " * (97 * 2**20), "it holds more than 96 MiB of cells"),
    "a number of many digits": (f"<row><c><v>{'9' * 9_000}</v></c></row>", "damaged"),
    "infinity": ("<row><c><v>1e999</v></c></row>", "is not a finite number"),
    "no number": ("<row><c><v>nan</v></c></row>", "it is damaged, or not a spreadsheet"),
}


@pytest.mark.parametrize(("cells", "reason"), BOMBS.values(), ids=BOMBS)
def test_a_file_that_claims_to_be_huge_is_refused_soon(tmp_path, cells, reason):
    path = rewritten(saved(tmp_path / "a.xlsx", [[1]]), SHEET, _sheet(cells))
    start = time.process_time()
    if reason is None:
        assert read_array(path).array.tolist() == [[1]]
    else:
        with pytest.raises(FileError, match=reason) as refused:
            read_array(path)
        assert len(str(refused.value)) < 400
    assert time.process_time() - start < 10


def test_names_that_stand_for_others_do_not_multiply(tmp_path):
    """The billion laughs: an entity of entities of entities."""
    entities = "".join(
        f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha" * 500}">' for n in range(9)
    )
    path = saved(tmp_path / "a.xlsx", [[1]])

    def laugh(xml):
        body = re.sub(r"^<\?xml.*?\?>", "", xml)
        return f"<!DOCTYPE worksheet [{entities}]>" + body.replace("<v>1</v>", "<v>&l8;</v>")

    with pytest.raises(FileError, match="it is damaged, or not a spreadsheet"):
        read_array(rewritten(path, SHEET, laugh))


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("a.npz", None, "it is a spreadsheet; convert it: mv .*a.npz .*a.xlsx"),
        (
            "a.xls",
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99,
            "an old Excel workbook, or one with",
        ),
        (
            "a.xlsx",
            b"PK\x03\x04 torn",
            "it is damaged, or not a spreadsheet .*; save the sheet as CSV",
        ),
        ("b.xlsx", b"1,2\n3,4\n", "it is damaged, or not a spreadsheet"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_told(tmp_path, name, data, reason):
    path = tmp_path / name
    book = saved(tmp_path / "book.xlsx", [[1]])
    path.write_bytes(book.read_bytes() if data is None else data)
    with pytest.raises(FileError, match=reason):
        read_array(path)


def test_an_open_document_says_how_it_becomes_a_spreadsheet(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", "<x/>")
    with pytest.raises(FileError, match=r"soffice --headless --convert-to xlsx .*a.ods"):
        read_array(tmp_path / "a.ods")


def test_a_spreadsheet_through_a_pipe_says_what_to_do(tmp_path):
    data = saved(tmp_path / "a.xlsx", [[1]]).read_bytes()
    with pytest.raises(FileError, match="it is a spreadsheet"):
        read_piped(data, "standard input")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_what_libreoffice_saves_is_read(tmp_path):
    (tmp_path / "a.csv").write_text("x,y\n0.333333333333333,-2\n1234.5,1e-9\n")
    command = ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless"]
    command += ["--convert-to", "xlsx", "--outdir", tmp_path, tmp_path / "a.csv"]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    file = read_array(tmp_path / "a.xlsx")
    assert file.array.tolist() == [[0.333333333333333, -2], [1234.5, 1e-9]]
    assert file.notices == ("row 1 is taken as column names: x, y",)

"""Tables in text files, as spreadsheets, pandas and R write them."""

import pytest

from convviz.files.errors import FileError
from convviz.files.read import read_array

SHEETS = {
    "trailing commas": ("1,2,\n3,4,\n", [[1, 2], [3, 4]]),
    "several trailing commas": ("1,2,,,\n3,4,,,\n", [[1, 2], [3, 4]]),
    "trailing semicolons": ("1;2;\n3;4;\n", [[1, 2], [3, 4]]),
    "trailing semicolons and decimal commas": ("0,5;2;\n3;4;\n", [[0.5, 2], [3, 4]]),
    "trailing tabs": ("1\t2\t\n3\t4\t\n", [[1, 2], [3, 4]]),
    "trailing commas and blanks": ("1, 2, \n3, 4, \n", [[1, 2], [3, 4]]),
    "empty rows at the end": ("1,2\n3,4\n,\n,\n", [[1, 2], [3, 4]]),
    "sep=;": ("sep=;\n1;2\n3;4\n", [[1, 2], [3, 4]]),
    "sep=; above one row": ("sep=;\n0,5;1,5\n", [[0.5, 1.5]]),
    "sep=,": ("sep=,\r\n1,2\r\n3,4\r\n", [[1, 2], [3, 4]]),
    "SEP=|": ("SEP=|\n1|2,5\n3|4\n", [[1, 2.5], [3, 4]]),
    "sep of a tab": ("sep=\t\n1\t2\n3\t4\n", [[1, 2], [3, 4]]),
    "sep in quotes": ('"sep=;"\n1;2\n3;4\n', [[1, 2], [3, 4]]),
    "decimal commas in quotes": ('"0,5","1,25"\n"2","3,5"\n', [[0.5, 1.25], [2, 3.5]]),
    "some decimal commas in quotes": ('"0,5",1\n2,"3,25"\n', [[0.5, 1], [2, 3.25]]),
    "three decimals in quotes": ('"1,234","0,5"\n', [[1.234, 0.5]]),
    "thousands in quotes": ('"1,234.5","2.25"\n', [[1234.5, 2.25]]),
    "negative decimals in quotes": ('"(0,5)","-1,25"\n', [[-0.5, -1.25]]),
    "brackets": ("(5.00),1\n2,(3)\n", [[-5, 1], [2, -3]]),
    "truths": ("TRUE,FALSE\n0,1\n", [[1, 0], [0, 1]]),
    "Python's truths": ("True,False\nFalse,True\n", [[1, 0], [0, 1]]),
    "a root": ("1 sqrt(4) 1\n", [[1, 2, 1]]),
}


@pytest.mark.parametrize(("text", "expected"), SHEETS.values(), ids=SHEETS)
def test_what_spreadsheets_write_is_read_without_a_word(tmp_path, text, expected):
    (tmp_path / "a.csv").write_bytes(text.encode())
    file = read_array(tmp_path / "a.csv")
    assert file.array.tolist() == expected
    assert file.notices == ()


ROWS = "column 1, which has no name, is taken as names of the rows"
NAMED = {
    "pandas": (",a,b\n0,1,2\n1,3,4\n", ("line 1 is taken as column names: a, b", ROWS)),
    "pandas without names": (",0,1\n0,1,2\n1,3,4\n", (ROWS,)),
    "a filtered frame of pandas": (
        ",a,b\n3,1,2\n7,3,4\n",
        ("line 1 is taken as column names: a, b", ROWS),
    ),
    "R": ('"","a","b"\n"1",1,2\n"2",3,4\n', ("line 1 is taken as column names: a, b", ROWS)),
    "names of rows": (
        ";a;b\nx 1;1;2\nx 2;3;4\n",
        ("line 1 is taken as column names: a, b", ROWS),
    ),
    "names and trailing commas": (
        "a,b,\n1,2,\n3,4,\n",
        ("line 1 is taken as column names: a, b",),
    ),
    "sep above names": ("sep=;\na;b\n1;2\n3;4\n", ("line 2 is taken as column names: a, b",)),
    "names with signs": ("°C,(m)\n1,2\n3,4\n", ("line 1 is taken as column names: °C, (m)",)),
    "an empty name": (
        "a,,c\n1,2,9\n3,4,9\n",
        ("line 1 is taken as column names: a, c",),
    ),
}


@pytest.mark.parametrize(("text", "notices"), NAMED.values(), ids=NAMED)
def test_names_of_columns_and_rows_are_left_out_and_told(tmp_path, text, notices):
    (tmp_path / "a.csv").write_text(text)
    file = read_array(tmp_path / "a.csv")
    assert file.array[:, :2].tolist() == [[1, 2], [3, 4]]
    assert file.notices == notices


BAD_TABLES = {
    "nan-first.csv": ("nan,nan\n1,2\n", "line 1, column 1: 'nan' is not a finite number"),
    "percent-first.csv": (
        "50%,20%\n1,2\n",
        "line 1, column 1: '50%' is a percentage; write 0.5 for 50 %",
    ),
    "thousands-first.csv": (
        '"1,234","5,678"\n12,34\n',
        "'1,234' may be a decimal comma or thousands; write a decimal point",
    ),
    "money-first.csv": (
        "$1,€2\n1,2\n",
        "line 1, column 1: '$1' is an amount of money; write the number alone",
    ),
    "missing-first.csv": ("NA,NA\n1,2\n", "line 1, column 1: 'NA' is not a number"),
    "null-first.csv": ("null,None\n1,2\n", "line 1, column 1: 'null' is not a number"),
    "infinite-first.csv": ("-inf,inf\n1,2\n", "line 1, column 1: '-inf' is not a finite number"),
    "dash-first.csv": ("-,-\n1,2\n", "line 1, column 1: '-' is not a number"),
    "unit-first.csv": ("3 kg,5 kg\n1,2\n", "line 1, column 1: '3 kg' is not a number"),
    "time-first.csv": (
        "12:30,13:30\n1,2\n",
        "line 1, column 1: '12:30' looks like a time, not a number",
    ),
    "range-first.csv": (
        "3-5,5-7\n1,2\n",
        "line 1, column 1: '3-5' may be a sum, a date or a range; write a number",
    ),
    "error-first.csv": (
        "#N/A,#DIV/0!\n1,2\n",
        "line 1, column 1: '#N/A' is an error of a spreadsheet, not a number",
    ),
    "unnamed-row.csv": (",1,2\n5,3,4\n", "line 1, column 1: the cell is empty; write 0 for zero"),
    "empty-cell.csv": ("1,2,\n3,4,5\n", "line 1, column 3: the cell is empty; write 0 for zero"),
    "separators.csv": (",,\n,,\n", "there are no numbers in it"),
    "sep.csv": ("sep=;\n", "there are no numbers in it"),
    "sep-again.csv": ("sep=;\n1;2\n3;x\n", "line 3, column 2: 'x' is not a number"),
    "quoted-thousands.csv": (
        '"1,234.5","2,345"\n',
        (
            "'2,345' beside '1,234.5' may have decimals or thousands; "
            "write numbers without thousands separators"
        ),
    ),
    "labels.csv": (",a,b\nx,1,2\ny,3,?\n", "line 3, column 3: '?' is not a number"),
}


@pytest.mark.parametrize(("name", "text", "reason"), [(n, *t) for n, t in BAD_TABLES.items()])
def test_a_bad_table_is_refused_with_its_place(tmp_path, name, text, reason):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(FileError) as error:
        read_array(path)
    assert str(error.value) == f"{path}: {reason}"

"""What is pasted: tables of spreadsheets, text of any kind, and what is refused."""

import io
import shutil
import subprocess

import numpy as np
import pytest

from convviz.files import pasted
from convviz.files.errors import LiteralError
from convviz.files.written import html_table, tab_separated


def parse_pasted(*texts, **settings):
    return pasted.parse_pasted(*texts, **settings).array


TWO_BY_TWO = [[1, 2.5], [-3, 4]]


@pytest.mark.parametrize(
    "text",
    [
        "1\t2.5\n-3\t4\n",
        "1\t2.5\r\n-3\t4\r\n",
        "1,2.5\n-3,4",
        "1;2.5\n-3;4",
        "1 2.5\n-3 4",
        "[[1, 2.5], [-3, 4]]",
        "array([[ 1. ,  2.5],\n       [-3. ,  4. ]])",
        "[1 2.5; -3 4]",
        "1,2.5;-3,4",
        "[[[1, 2.5], [-3, 4]]]",
        "1\t5/2\n-3\tsqrt(16)",
        "1\t2,5\n-3\t4",
        "# saved by numpy\n1\t2.5\n-3\t4\n",
        "\t1 2.5\n\t-3 4\n",
    ],
)
def test_text_of_many_kinds_is_the_same_block(text):
    assert parse_pasted(text).tolist() == TWO_BY_TWO


@pytest.mark.parametrize(
    ("text", "comma", "block"),
    [
        ("1.234", False, [[1.234]]),
        ("1.234", True, [[1.234]]),
        ("1.234\t5", True, [[1.234, 5]]),
        ("0,5", True, [[0.5]]),
        ("0,5\n1,25\n3", True, [[0.5], [1.25], [3]]),
        ("0,5", False, [[0, 5]]),
        ("1,2,3", True, [[1, 2, 3]]),
        ("0,5;1,5\n2;3", False, [[0.5, 1.5], [2, 3]]),
        ("1/9", False, [[1 / 9]]),
        ("1,234\t5", True, [[1.234, 5]]),
        ("1.234,5\t0,5\t7", False, [[1234.5, 0.5, 7]]),
        ("1.234,5\t0,5\t7", True, [[1234.5, 0.5, 7]]),
        ("1,234.5\t0.5\t-1,234,567.25", False, [[1234.5, 0.5, -1234567.25]]),
        ("1.234,5", True, [[1234.5]]),
        ("1.234,5\n2.000,0", False, [[1234.5], [2000]]),
        ("1\n2\n3", False, [[1], [2], [3]]),
    ],
)
def test_points_are_decimal_and_commas_where_they_can_only_be_or_the_language_says_so(
    text, comma, block
):
    assert parse_pasted(text, decimal_comma=comma).tolist() == block


LIBRE_OFFICE = """<html><head><style>td { color: red }</style></head><body>
<table cellspacing="0"><colgroup width="85"></colgroup>
<tr><td align="right" sdval="0.333333333333333" sdnum="1031;">0,33</td>
<td align="right" sdval="2" sdnum="1031;">2</td></tr>
<tr><td><b>-1.5</b></td><td>&nbsp;4 </td></tr></table></body></html>"""


def test_a_table_of_a_spreadsheet_comes_with_all_its_digits():
    block = parse_pasted("0,33\t2\n-1.5\t4", LIBRE_OFFICE)
    assert block.tolist() == [[0.333333333333333, 2], [-1.5, 4]]


# As Excel 365 writes it: CF_HTML with a fragment, unquoted attributes, no exact numbers
EXCEL = """<html xmlns:o="urn:schemas-microsoft-com:office:office"
xmlns:x="urn:schemas-microsoft-com:office:excel" xmlns="http://www.w3.org/TR/REC-html40">
<head><meta name=Generator content="Microsoft Excel 15"><style>
<!--table {mso-displayed-decimal-separator:"\\,";} td {padding-top:1px;} --></style></head>
<body link="#0563C1"><table border=0 cellpadding=0 cellspacing=0 width=128>
<!--StartFragment-->
 <col width=64 span=2 style='width:48pt'>
 <tr height=20 style='height:15.0pt'>
  <td height=20 align=right width=64 style='height:15.0pt;width:48pt'>1,5</td>
  <td class=xl65 align=right width=64 style='width:48pt'>-2</td>
 </tr>
 <tr height=20><td height=20></td><td align=right>1.234,25</td></tr>
<!--EndFragment-->
</table></body></html>"""

OLD_EXCEL = (
    """<table x:str><tr><td x:num="0.33333333333333331">0.33</td><td x:num>2</td></tr></table>"""
)

GOOGLE_SHEETS = """<meta charset='utf-8'><google-sheets-html-origin><style type="text/css">
<!--td {border: 1px solid #cccccc;}br {mso-data-placement:same-cell;}--></style>
<table xmlns="http://www.w3.org/1999/xhtml" cellspacing="0" dir="ltr" border="1"
data-sheets-root="1"><colgroup><col width="100"/></colgroup><tbody>
<tr style="height:21px;"><td style="text-align:right;"
data-sheets-value="{&quot;1&quot;:3,&quot;3&quot;:0.3333333333333333}"
data-sheets-numberformat="{&quot;1&quot;:2,&quot;2&quot;:&quot;0.00&quot;}">0.33</td>
<td data-sheets-value="{&quot;1&quot;:3,&quot;3&quot;:0.125}"
data-sheets-numberformat="{&quot;1&quot;:3,&quot;2&quot;:&quot;0%&quot;}">13%</td></tr>
<tr><td data-sheets-value="{&quot;1&quot;:3,&quot;3&quot;:1234}">1,234</td><td>2.5</td></tr>
</tbody></table>"""


@pytest.mark.parametrize(
    ("html", "block"),
    [
        (EXCEL, [[1.5, -2], [0, 1234.25]]),
        (OLD_EXCEL, [[1 / 3, 2]]),
        (GOOGLE_SHEETS, [[1 / 3, 0.125], [1234, 2.5]]),
        (f"Version:1.0\r\nStartHTML:0000000105\r\n{EXCEL}", [[1.5, -2], [0, 1234.25]]),
    ],
    ids=["Excel", "Excel 2003", "Google Sheets", "Excel with its header"],
)
@pytest.mark.parametrize("comma", [False, True])
def test_tables_of_spreadsheets_come_with_the_exact_numbers_where_they_are_given(
    html, block, comma
):
    assert parse_pasted("rounded", html, decimal_comma=comma).tolist() == block


@pytest.mark.parametrize(
    "value", ["", "{", "[]", "3", '{"1":3}', '{"1":3,"3":"x"}', '{"1":2,"2":"7"}', "[" * 10_000]
)
def test_an_odd_value_of_google_is_passed_over(value):
    html = f"<table><tr><td data-sheets-value='{value}'>4</td></tr></table>"
    assert parse_pasted("", html).tolist() == [[4]]


@pytest.mark.parametrize("exact", ['sdval="46349"', "x:num='46349'"])
def test_a_date_is_no_number_though_spreadsheets_count_days(exact):
    html = f"<table><tr><td {exact}>23.11.2026</td></tr></table>"
    with pytest.raises(LiteralError, match=r"'23\.11\.2026' looks like a date"):
        parse_pasted("", html)


ACCOUNTS = {
    "(5.00)\t3.00\n1.00\t(2.50)": [[-5, 3], [1, -2.5]],
    "(1,234.5)\t2": [[-1234.5, 2]],
    "(1.234,5)\t2": [[-1234.5, 2]],
    "(0,5)\t1,5": [[-0.5, 1.5]],
    "(5)": [[-5]],
    "(5) 2\n1 (3)": [[-5, 2], [1, -3]],
}


@pytest.mark.parametrize(("text", "block"), ACCOUNTS.items())
def test_brackets_of_accountants_mean_minus(text, block):
    assert parse_pasted(text).tolist() == block
    if "\t" in text:
        rows = (line.split("\t") for line in text.split("\n"))
        html = "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>" for row in rows)
        assert parse_pasted("", f"<table>{html}</table>").tolist() == block


@pytest.mark.parametrize("text", ["(1,234)\t5", "1,234\t5", "(1,234)\t(5,678)"])
def test_thousands_in_brackets_are_asked_about_too(text):
    with pytest.raises(LiteralError, match="may be a decimal comma or thousands"):
        parse_pasted(text)


@pytest.mark.parametrize("text", ["3-5\t1", "3-5", "1,3-5", "[1, 3-5]", "555-1234 5", "{{3-5}}"])
def test_what_looks_like_a_sum_is_refused_as_in_a_file(text):
    with pytest.raises(LiteralError, match="may be a sum, a date or a range"):
        parse_pasted(text)


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("1\t\n\t4\r\n", ""),
        ("", "<table><tr><td>1</td><td></td></tr><tr><td>&nbsp;</td><td>4</td></tr></table>"),
    ],
)
def test_empty_cells_are_zeros_and_it_says_so(text, html):
    table = pasted.parse_pasted(text, html)
    assert table.array.tolist() == [[1, 0], [0, 4]]
    assert table.notices == ("2 empty cells of the clipboard became 0",)


def test_short_rows_are_filled_with_zeros_and_it_says_so():
    table = pasted.parse_pasted("1\t2\t3\n4\n\n5\t6\n\n")
    assert table.array.tolist() == [[1, 2, 3], [4, 0, 0], [0, 0, 0], [5, 6, 0]]
    assert table.notices == ("6 empty cells of the clipboard became 0",)


def test_merged_cells_are_refused_for_their_places_are_not_known():
    html = "<table><tr><td colspan=2>1</td></tr><tr><td>2</td><td>3</td></tr></table>"
    with pytest.raises(LiteralError, match="it has merged cells; split them, and copy again"):
        parse_pasted("", html)


def test_a_comma_that_could_be_decimal_is_told():
    (notice,) = pasted.parse_pasted("0,5").notices
    assert notice == "'0,5' was taken as two cells: write a decimal point for one number"
    assert pasted.parse_pasted("0,5", decimal_comma=True).notices == ()


def test_a_column_of_a_spreadsheet_is_one_column_whatever_its_commas():
    html = "<table><tr><td>0,5</td></tr><tr><td>1,25</td></tr></table>"
    assert parse_pasted("0,5\n1,25", html).tolist() == [[0.5], [1.25]]


def test_thousands_are_asked_about_not_guessed():
    html = "<table><tr><td>1,234</td></tr></table>"
    with pytest.raises(LiteralError, match="may be a decimal comma or thousands"):
        parse_pasted("1,234", html)


@pytest.mark.parametrize(
    "html", ["<p>1 2</p>", "<table></table>", "<table><tr><td>x = </td></tr></table>", "<<td>"]
)
def test_the_text_counts_where_there_is_no_table_of_numbers(html):
    assert parse_pasted("[1, 2]", html).tolist() == [[1, 2]]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there are no numbers in it"),
        ("  \n ", "there are no numbers in it"),
        ("hello world", "'hello' is not a number"),
        ("1,2,3\n4,5", "2 numbers, but line 1 has 3"),
        ("\t\n\t", "there are no numbers in it"),
        ("1\t50 %", "line 1, column 2: '50 %' is a percentage; write 0.5 for 50 %"),
        ("1\t12,50 €", "'12,50 €' is an amount of money; write the number alone"),
        ("1\t$3.50", "'$3.50' is an amount of money; write the number alone"),
        ("1\t2026-11-23", "'2026-11-23' looks like a date, not a number"),
        ("1\t23.11.2026", "'23.11.2026' looks like a date, not a number"),
        ("1\t20:15", "'20:15' looks like a time, not a number"),
        ("1.234,5\t1.234", "'1.234' beside '1.234,5' may have decimals or thousands"),
        ("1,234.5\t1,234", "'1,234' beside '1,234.5' may have decimals or thousands"),
        ("[[1, 2], [3]]", "row 2 has 1 number, but row 1 has 2"),
        ("[[[1], [2]], [[3], [4]]]", "it is an array of 2 × 2 × 1; copy one with rows and columns"),
        ("1e999", "is not a finite number"),
        ("nan\t1", "is not a finite number"),
        ("__import__('os')", "is not a number"),
    ],
)
@pytest.mark.parametrize("comma", [False, True])
def test_what_is_no_table_is_refused_in_one_line(text, reason, comma):
    with pytest.raises(LiteralError) as refused:
        parse_pasted(text, decimal_comma=comma)
    assert reason in str(refused.value)
    assert "\n" not in str(refused.value)


NUMBERS = np.array([[0.1, 1 / 3, -0.0], [1e300, -5e-324, 123456789.0], [2**0.5, 1e15, 7]])


def test_what_is_copied_can_be_pasted_to_the_last_digit():
    for text, html in (
        (tab_separated(NUMBERS), ""),
        ("", html_table(NUMBERS)),
        (tab_separated(NUMBERS), html_table(NUMBERS)),
    ):
        for comma in (False, True):
            assert np.array_equal(parse_pasted(text, html, decimal_comma=comma), NUMBERS)


def test_numbers_of_float32_come_back_as_they_were():
    block = np.array([[0.1, 2.7182817]], np.float32)
    assert np.array_equal(parse_pasted(tab_separated(block)).astype(np.float32), block)


def test_a_million_cells_are_the_most_that_are_read():
    with pytest.raises(LiteralError, match="more than 1,000,000 cells"):
        parse_pasted("", "<table><tr>" + "<td>1" * 1_000_001)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not installed")
def test_libreoffice_reads_what_is_copied_and_writes_what_can_be_pasted(tmp_path):
    def converted(name, text, kind, *options):
        (tmp_path / name).write_text(text)
        profile = f"-env:UserInstallation=file://{tmp_path}/profile"
        command = ["soffice", profile, "--headless", *options, "--convert-to", kind]
        command += ["--outdir", tmp_path, tmp_path / name]
        subprocess.run(command, check=True, capture_output=True, timeout=100)
        return (tmp_path / name).with_suffix(f".{kind.partition(':')[0]}").read_text()

    block = np.array([[1 / 3, -2], [1234.5, 1e-9]])
    html = converted("table.csv", "0.333333333333333,-2\n1234.5,1e-9\n", "html")
    assert np.allclose(parse_pasted("", html), block, rtol=1e-14, atol=0)
    as_cells = "--infilter=HTML (StarCalc)"
    csv = converted("copied.html", html_table(block), "csv", as_cells)
    assert np.allclose(np.loadtxt(io.StringIO(csv), delimiter=","), block, rtol=1e-9, atol=1e-12)

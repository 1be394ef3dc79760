"""What is pasted: tables of spreadsheets, text of any kind, and what is refused."""

import numpy as np
import pytest

from convviz.files.errors import LiteralError
from convviz.files.pasted import parse_pasted
from convviz.files.written import html_table, tab_separated

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
        ("1\t2\n3", "1 number, but line 1 has 2"),
        ("1\t\n3\t4", "the cell is empty; write 0 for zero"),
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

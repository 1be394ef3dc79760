"""Tables in HTML: dates that look like numbers, numbers that look like others, odd cells."""

import pytest

from convviz.files import pasted
from convviz.files.errors import LiteralError


def parse_pasted(*texts, **settings):
    return pasted.parse_pasted(*texts, **settings).array


def cells(*cells, style=""):
    return f"<style>{style}</style><table><tr>{''.join(cells)}</tr></table>"


def google(shown, number, kind=2):
    value = f"{{&quot;1&quot;:3,&quot;3&quot;:{number}}}"
    form = f"{{&quot;1&quot;:{kind}}}"
    return f'<td data-sheets-value="{value}" data-sheets-numberformat="{form}">{shown}</td>'


def excel(shown, style):
    return cells(
        f"<td class=xl65>{shown}</td>", style=f"<!--td {{}} .xl65 {{color:red; {style}}}-->"
    )


DATES = {
    "Google's day": cells(google("Jan 5", 45296, 5)),
    "Google's hour": cells(google("1:30 PM", 0.5625, 6)),
    "Google's year": cells(google("2024", 45296, 5)),
    "Google's duration": cells(google("26:30:00", 1.104166667, 21)),
    "LibreOffice's day": cells('<td sdval="45296" sdnum="1031;0;D. MMM YY">5. Jan 24</td>'),
    "LibreOffice's short day": cells('<td sdval="45296" sdnum="1031;0;D.M">5.1</td>'),
    "LibreOffice's weekday": cells('<td sdval="45296">Friday</td>'),
    "old Excel's day": cells('<td x:num="45296">5-Jan</td>'),
    "Excel's short day": excel("5.1", 'mso-number-format:"d\\.m";'),
    "Excel's year": excel("2024", "mso-number-format:yyyy;"),
    "Excel's named format": excel("5.1", 'mso-number-format:"Short Date";'),
    "Excel's hours": excel("26", 'mso-number-format:"\\[h\\]";'),
    "Excel's inline style": cells("<td style='mso-number-format:\"d\\/m\"'>5</td>"),
}


@pytest.mark.parametrize("html", DATES.values(), ids=DATES)
@pytest.mark.parametrize("text", ["", "5.1"])
def test_dates_and_times_are_refused_however_they_are_shown(html, text):
    with pytest.raises(LiteralError, match=r"line 1, column 1: .* (date|time)"):
        parse_pasted(text, html)


SHOWN = {
    "1,234.50 €": 1234.5,
    "$ (5.00)": -5,
    "13%": 0.125,
    "1.2E+05": 123456,
    "1 1/3": 4 / 3,
    "3/10": 0.3,
    "-0,33": -1 / 3,
    "12 345,7": 12345.678,
    "3.5 kg": 3.52,
    "TRUE": 1,
    ".5": 0.5,
}


@pytest.mark.parametrize(("shown", "number"), SHOWN.items())
@pytest.mark.parametrize("decimal_comma", [False, True])
def test_a_number_is_exact_however_it_is_shown(shown, number, decimal_comma):
    html = cells(google(shown, number))
    assert parse_pasted("", html, decimal_comma=decimal_comma).tolist() == [[number]]


@pytest.mark.parametrize(
    "style",
    ['"0\\.00"', "Standard", '"\\#\\,\\#\\#0\\.0\\0022 days\\0022"', "Fixed", '"\\@"', "General"],
)
def test_a_format_of_excel_that_is_no_date_is_read(style):
    assert parse_pasted("", excel("1.5", f"mso-number-format:{style};")).tolist() == [[1.5]]


SEVERAL = {
    "1<br>2": "1\\n2",
    "<p>1</p><p>2</p>": "1\\n2",
    "<div>1</div>2": "1\\n2",
    "<b>1</b> <i>2</i>": "1 2",
    "1&nbsp;234": "1 234",
    "10<sup>3</sup>": "10^3",
    "5<sub>2</sub>": "5^2",
    "1 1/3": "1 1/3",
}


@pytest.mark.parametrize(("inside", "shown"), SEVERAL.items())
def test_two_numbers_in_a_cell_are_not_run_together(inside, shown):
    with pytest.raises(LiteralError) as refused:
        parse_pasted("12\t3", cells(f"<td>{inside}</td>", "<td>3</td>"))
    words = "is more than one number; write one in each cell"
    assert str(refused.value) == f"line 1, column 1: '{shown}' {words}"


@pytest.mark.parametrize(
    "inside",
    ["<p>12</p>", "<br>12<br>", "<b>1</b>2", " 12\n ", "<p class=x><span>12</span></p>\n"],
)
def test_one_number_is_read_whatever_stands_around_it(inside):
    assert parse_pasted("", cells(f"<td>{inside}</td>")).tolist() == [[12]]


def test_a_table_within_a_table_is_refused():
    with pytest.raises(LiteralError, match="a table within a table"):
        parse_pasted("1\t2", cells(f"<td>{cells('<td>1</td>')}</td>", "<td>2</td>"))


def test_the_first_of_several_tables_is_taken_and_it_says_so():
    table = pasted.parse_pasted("", "<table></table>" + cells("<td>1</td>") + cells("<td>2</td>"))
    assert table.array.tolist() == [[1]]
    assert table.notices == ("only the first table of the clipboard was taken",)

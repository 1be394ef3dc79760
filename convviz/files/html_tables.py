"""Tables in HTML, as spreadsheets and browsers copy them: the texts of their cells."""

import json
import re
from html.parser import HTMLParser
from typing import NamedTuple

from convviz.files.cell_kinds import DATED, PLAIN, TRUTHS
from convviz.files.cells import MAX_CELLS
from convviz.files.errors import LiteralError, shown
from convviz.files.shown_numbers import may_show

CELLS = ("td", "th")
PRECISE = ("sdval", "x:num")  # in which LibreOffice and old Excel give what they show rounded
GOOGLE = "data-sheets-value"  # {"1": 3, "3": 0.3333333333333333}, where 3 says that it is a number
LINE_ENDS = ("br", "p", "div", "li")
RAISED = ("sup", "sub")
SEVERAL = re.compile(r"[-+0-9.,/]*[0-9][-+0-9.,/]*(?:[\n^ ][-+0-9.,/]*[0-9][-+0-9.,/]*)+")

EXCEL_FORMAT = r"mso-number-format:\s*(\"[^\"{}]*\"|[^;{}\"]*)"
EXCEL_STYLE = re.compile(rf"\.(\w+)\s*\{{[^{{}}]*{EXCEL_FORMAT}")
EXCEL_INLINE = re.compile(EXCEL_FORMAT)
ESCAPED = re.compile(r"\\(0022|.)")
DATED_NAMES = (
    "General Date",
    *(f"{n} {k}" for n in ("Short", "Medium", "Long") for k in ("Date", "Time")),
)
OTHER_NAMES = ("General", "Fixed", "Standard", "Percent", "Scientific", "Currency", "@")


class HtmlTable(NamedTuple):
    """The texts of the cells of a table, row by row; `has_others` says that more tables follow."""

    rows: list[list[str]]
    has_others: bool = False


def read_table(html: str) -> HtmlTable:
    """The first table with cells, or one without rows. Raises LiteralError."""
    if "<t" not in html.lower():
        return HtmlTable([])
    reader = _TableReader(
        dated={name for name, code in EXCEL_STYLE.findall(html) if _is_date(code)}
    )
    reader.feed(html)
    reader.close()
    return HtmlTable([row for row in reader.rows if row], reader.has_others)


class _TableReader(HTMLParser):
    """Gathers the cells of the first table; all else is passed over."""

    def __init__(self, dated: set[str]) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.count = 0
        self.has_others = False
        self._dated = dated
        self._attributes: dict[str, str | None] = {}
        self._in_cell = self._done = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._done:
            self.has_others = self.has_others or tag in CELLS
        elif tag == "tr":
            self._end_cell()
            self.rows.append([])
        elif tag in CELLS and self.rows:
            self._end_cell()
            self._begin_cell(dict(attrs))
        elif self._in_cell:
            self._begin_part(tag)

    def _begin_cell(self, attributes: dict[str, str | None]) -> None:
        self.count += 1
        if self.count > MAX_CELLS:
            raise LiteralError(f"it has more than {MAX_CELLS:,} cells; take a part of it")
        if any((attributes.get(name) or "1") != "1" for name in ("rowspan", "colspan")):
            raise LiteralError("it has merged cells; split them, and copy again")
        self.rows[-1].append("")
        self._in_cell, self._attributes = True, attributes

    def _begin_part(self, tag: str) -> None:
        if tag == "table":
            raise LiteralError("it has a table within a table; copy the cells of one")
        if tag in (*LINE_ENDS, *RAISED):
            self.rows[-1][-1] += "\n" if tag in LINE_ENDS else "^"

    def _end_cell(self) -> None:
        if self._in_cell:
            try:
                seen = _stripped(self.rows[-1][-1])
                self.rows[-1][-1] = _text_of_cell(seen, self._attributes, self._dated)
            except LiteralError as error:
                place = f"line {len(self.rows)}, column {len(self.rows[-1])}"
                raise LiteralError(error.reason, place) from None
        self._in_cell = False

    def handle_endtag(self, tag: str) -> None:
        if self._done:
            return
        if tag in (*CELLS, "tr", "table"):
            self._end_cell()
        elif tag in LINE_ENDS and self._in_cell:
            self.rows[-1][-1] += "\n"
        self._done = tag == "table" and self.count > 0

    def handle_data(self, data: str) -> None:
        if self._in_cell and not self._done:
            self.rows[-1][-1] += re.sub(r"\s+", " ", data)


def _stripped(text: str) -> str:
    if "\n" not in text:
        return text.strip()
    return "\n".join(filter(None, (line.strip() for line in text.split("\n"))))


def _text_of_cell(seen: str, attributes: dict[str, str | None], dated: set[str]) -> str:
    """The exact number where it is given, else what is seen; dates and times are refused."""
    if not attributes:
        return _of_one_number(seen)
    style, classes = attributes.get("style") or "", (attributes.get("class") or "").split()
    codes = EXCEL_INLINE.findall(style)
    if seen and (any(map(_is_date, codes)) or (not codes and not dated.isdisjoint(classes))):
        raise LiteralError(f"{shown(seen)} is a date or time, not a number")
    if exact := _exact_number(attributes):
        return _checked(exact, seen)
    return _of_one_number(seen)


def _of_one_number(seen: str) -> str:
    if SEVERAL.fullmatch(seen):
        raise LiteralError(f"{shown(seen)} is more than one number; write one in each cell")
    return seen


def _checked(exact: str, seen: str) -> str:
    """The exact number, if it is what is seen: dates and times are numbers to a spreadsheet."""
    for kind, words in DATED:
        if kind.fullmatch(seen):
            raise LiteralError(f"{shown(seen)} {words}")
    if seen not in TRUTHS and PLAIN.fullmatch(exact) and not may_show(seen, float(exact)):
        raise LiteralError(
            f"{shown(seen)} stands for {exact.removesuffix('e0')}, as dates and times do; "
            "format the cell as a number, and copy again"
        )
    return exact


def _is_date(excel_format: str) -> bool:
    """Whether Excel shows numbers of this format, as it stands in its style sheet, as dates."""
    code = ESCAPED.sub(lambda sign: '"' if sign[1] == "0022" else sign[1], excel_format.strip())
    code = code.removeprefix('"').removesuffix('"')
    if code in (*DATED_NAMES, *OTHER_NAMES):
        return code in DATED_NAMES
    from openpyxl.styles.numbers import is_date_format  # takes long to import

    return is_date_format(code)


def _exact_number(attributes: dict[str, str | None]) -> str | None:
    """Return the number that a spreadsheet gives with a cell, written so that it has no groups."""
    given = next((attributes[name] for name in PRECISE if attributes.get(name)), None)
    found = given or _google_number(attributes.get(GOOGLE) or "")
    return f"{found}e0" if found and PLAIN.fullmatch(found) and "e" not in found.lower() else found


def _google_number(value: str) -> str | None:
    try:
        found = json.loads(value) if value else None
    except (ValueError, RecursionError):
        return None
    number = found.get("3") if isinstance(found, dict) and found.get("1") == 3 else None
    return repr(number) if isinstance(number, (int, float)) else None

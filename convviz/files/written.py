"""Numbers and blocks of numbers as text that can be read again to the last digit."""

import numpy as np
from numpy.typing import NDArray

WHOLE_UP_TO = 1e15  # larger ones are written with an exponent


def number_text_of(value: float) -> str:
    """The shortest text that is the same number when it is read.

    >>> number_text_of(-2.0), number_text_of(0.1), number_text_of(1e300)
    ('-2', '0.1', '1e+300')
    """
    whole = abs(value) < WHOLE_UP_TO and value == int(value)
    return repr(int(value)) if whole else repr(float(value))


def tab_separated(block: NDArray[np.floating]) -> str:
    """A block (rows, columns) as spreadsheets take it: tabs end cells, line breaks end rows.

    >>> tab_separated(np.array([[1, 0.5], [-2, 3]]))
    '1\\t0.5\\n-2\\t3\\n'
    """
    return "".join("\t".join(map(number_text_of, row)) + "\n" for row in block.tolist())


def html_table(block: NDArray[np.floating]) -> str:
    """A block (rows, columns) as an HTML table, for documents and for spreadsheets."""
    rows = ("".join(f"<td>{number_text_of(value)}</td>" for value in row) for row in block.tolist())
    return f"<table>{''.join(f'<tr>{row}</tr>' for row in rows)}</table>"

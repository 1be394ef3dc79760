"""Arrays as people type or paste them, into the command line, a cell or a grid."""

import numpy as np
from numpy.typing import NDArray

from convviz.files.cells import ParseNumber
from convviz.files.errors import LiteralError
from convviz.files.expressions import parse_number
from convviz.files.nested import is_nested, parse_nested
from convviz.files.tables import parse_table

__all__ = ["LiteralError", "parse_array", "parse_number"]

BYTE_ORDER_MARK = "\ufeff"


def parse_array(
    text: str, *, decimal_comma: bool = False, parse: ParseNumber = parse_number
) -> NDArray[np.float64]:
    """Text -> array: (rows, columns), or of 1 to 4 dimensions where brackets say so.

    ================================ =========================================
    1,0,-1;2,0,-2;1,0,-1             rows end at `;` or at the end of a line
    1/9 1/9 1/9                      blanks, tabs or commas end a number
    0,5;1,25                         on several lines: decimal commas
    [[1, 0], [2, 3]]                 JSON, Python
    array([[1., 0.], [2., 3.]])      NumPy, as printed or as written
    [1 0; 2 3]                       MATLAB
    {{1, 0}, {2, 3}}                 C, Mathematica
    ((1, 0), (2, 3))                 Python
    ================================ =========================================

    `decimal_comma` says that the person writes 0,5 for 1/2: it settles what the text leaves open,
    and never turns "1.234" into 1234. `parse` says what a cell may hold. Raises LiteralError, which
    names line and column.
    """
    text = text.removeprefix(BYTE_ORDER_MARK)
    if is_nested(text):
        return parse_nested(text, parse)
    return parse_table(text, decimal_comma=decimal_comma, parse=parse).array
